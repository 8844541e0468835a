"""Qualifiers: which numbers the words of a figure are true of, and what they usually mean, as laws over all figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.source import SourceErrors
from clemency.observe.qualifiers import (
    QUALIFIERS,
    Qualifier,
    Range,
    Tolerances,
    Worded,
    _read,
    judged,
    literal,
    said,
    tolerances,
    usual,
    whole,
)

ALLOWED = tolerances()
numbers = st.integers(0, 200_000)
qualifiers = st.sampled_from(QUALIFIERS)
percents = st.floats(0, 50)


def exactly(number: int) -> Range:
    return Range(number, number)


@st.composite
def ranges(draw) -> Range:
    low = draw(numbers)
    return Range(low, draw(st.none() | st.integers(low, 300_000)))


# --- the examples that were asked for


@pytest.mark.parametrize(
    ("value", "qualifier", "count", "verdict"),
    [
        (5_000, "over", 5_638, "met"),
        (5_000, "over", 5_000, "below"),
        (5_000, "over", 4_999, "below"),
        (5_000, "over", 50_000, "met"),
        (20_000, "over", 18_355, "below"),
        (4_000, "nearly", 3_800, "met"),
        (4_000, "nearly", 4_200, "met"),
        (4_000, "nearly", 3_799, "below"),
        (4_000, "nearly", 4_201, "above"),
        (20_000, "up_to", 20_000, "met"),
        (20_000, "up_to", 3, "met"),
        (20_000, "up_to", 20_001, "above"),
        (3_846, "exact", 3_846, "met"),
        (3_846, "exact", 3_845, "below"),
    ],
)
def test_a_count_against_words(value: int, qualifier: Qualifier, count: int, verdict: str) -> None:
    assert Worded.of(value, qualifier, ALLOWED).judged(exactly(count)) == verdict


# --- laws


@given(numbers, st.integers(1, 10**6), percents)
def test_over_is_met_by_every_larger_number_whatever_the_tolerance(value: int, more: int, percent: float) -> None:
    assert value + more in literal(value, "over", percent)
    assert value not in literal(value, "over", percent)


@given(numbers, numbers, percents)
def test_up_to_is_met_by_every_number_not_above(value: int, count: int, percent: float) -> None:
    assert (count in literal(value, "up_to", percent)) == (count <= value)


@given(numbers, numbers, percents)
def test_exact_is_met_by_itself_alone(value: int, count: int, percent: float) -> None:
    assert (count in literal(value, "exact", percent)) == (count == value)


@given(numbers, st.integers(0, 200_000), percents)
def test_nearly_goes_as_far_up_as_down(value: int, away: int, percent: float) -> None:
    reach = literal(value, "nearly", percent)
    assert value in reach
    if value - away >= 0:
        assert (value + away in reach) == (value - away in reach)


@given(numbers, qualifiers, percents)
def test_what_words_usually_mean_is_some_of_what_they_are_true_of(
    value: int, qualifier: Qualifier, percent: float
) -> None:
    assert usual(value, qualifier, percent).within(literal(value, qualifier, percent))


@given(numbers, qualifiers, percents, percents)
def test_a_wider_tolerance_never_refutes_more(value: int, qualifier: Qualifier, percent: float, more: float) -> None:
    narrow, wide = sorted((percent, percent + more))
    assert usual(value, qualifier, narrow).within(usual(value, qualifier, wide))
    assert literal(value, qualifier, narrow).within(literal(value, qualifier, wide))


@given(numbers, qualifiers, ranges())
def test_a_verdict_is_that_of_the_numbers_in_the_range(value: int, qualifier: Qualifier, count: Range) -> None:
    true_of = Worded.of(value, qualifier, ALLOWED).literal
    verdict = judged(count, true_of)
    ends = [count.low] if count.high is None else [count.low, count.high]
    if verdict == "met":
        assert all(end in true_of for end in ends)
    elif verdict in ("below", "above"):
        assert not any(end in true_of for end in ends)
        assert (count.apart(true_of) > 0) == (verdict == "above")
    else:
        assert count.meets(true_of)


@given(ranges(), ranges(), st.integers(0, 1000), st.integers(0, 1000))
def test_the_sum_of_numbers_lies_in_the_sum_of_their_ranges(one: Range, other: Range, a: int, b: int) -> None:
    first = min(one.low + a, one.high if one.high is not None else one.low + a)
    second = min(other.low + b, other.high if other.high is not None else other.low + b)
    assert first + second in one + other
    assert one + other == other + one


@given(st.lists(ranges(), max_size=6), st.randoms())
def test_the_order_of_parts_does_not_matter(parts: list[Range], random) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert whole(parts) == whole(shuffled)


@given(ranges(), ranges())
def test_apart_is_the_least_step_between_two_ranges(one: Range, other: Range) -> None:
    apart = one.apart(other)
    assert apart == -other.apart(one)
    assert (apart == 0) == one.meets(other) == other.meets(one)
    if apart:
        moved = Range(other.low + apart, None if other.high is None else other.high + apart) if apart > 0 else None
        if moved is not None:
            assert moved.meets(one)
            assert not Range(other.low, other.high).meets(one)


def test_a_range_holds_something() -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        Range(5, 4)


# --- words and tolerances


def test_figures_in_words() -> None:
    assert [said(20_000, one) for one in QUALIFIERS] == ["20,000", "over 20,000", "about 20,000", "up to 20,000"]


def test_every_tolerance_has_a_range_and_a_reason() -> None:
    for assumed in (ALLOWED.qualifiers.over, ALLOWED.qualifiers.nearly, ALLOWED.qualifiers.up_to):
        assert 0 <= assumed.low <= assumed.value <= assumed.high
        assert len(assumed.reason) > 40
    assert ALLOWED.percent("exact") == 0
    assert isinstance(ALLOWED, Tolerances)


def test_a_value_outside_its_range_is_refused(tmp_path) -> None:
    text = (_file()).read_text(encoding="utf-8").replace("value: 10\n    low: 3", "value: 2\n    low: 3")
    path = tmp_path / "tolerances.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors, match="outside its range"):
        _read(path)


def _file():
    from clemency.law.library import library_path

    return library_path() / "claims" / "az" / "tolerances.yaml"
