"""Scores of predictions: their laws, and the cases that say what they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.observe.scores import LEVELS, Coverage, Met, Predicted, interval_score, weighted_interval_score

numbers = st.integers(0, 100_000).map(float)


@st.composite
def predictions(draw: st.DrawFn) -> Predicted:
    low90, low50, median, high50, high90 = sorted(draw(st.lists(numbers, min_size=5, max_size=5)))
    return Predicted(median, low50, high50, low90, high90)


def moved(one: Predicted, by: float, times: float = 1) -> Predicted:
    return Predicted(**{name: value * times + by for name, value in one.as_json().items()})


@given(predictions(), numbers)
def test_no_score_is_below_nothing_and_only_certainty_that_came_true_scores_nothing(
    one: Predicted, came: float
) -> None:
    score = weighted_interval_score(one, came)
    assert score >= 0
    assert (score == 0) == (set(one.as_json().values()) == {came})


@given(predictions(), numbers, numbers, st.integers(1, 50).map(float))
def test_a_score_moves_with_the_unit_and_not_with_the_place(
    one: Predicted, came: float, by: float, times: float
) -> None:
    score = weighted_interval_score(one, came)
    assert weighted_interval_score(moved(one, by), came + by) == pytest.approx(score)
    assert weighted_interval_score(moved(one, 0, times), came * times) == pytest.approx(score * times)


@given(numbers, numbers)
def test_a_median_alone_scores_its_distance(median: float, came: float) -> None:
    one = Predicted(median, median, median, median, median)
    assert weighted_interval_score(one, came) == pytest.approx(abs(median - came))


@given(predictions(), numbers, st.integers(1, 1000).map(float))
def test_a_number_further_from_the_interval_never_scores_better(one: Predicted, came: float, further: float) -> None:
    score = weighted_interval_score(one, came)
    if came >= one.high90:
        assert weighted_interval_score(one, came + further) > score
    if came <= one.low90:
        assert weighted_interval_score(one, came - further) > score


@given(predictions(), numbers)
def test_the_narrower_interval_is_within_the_wider_one(one: Predicted, came: float) -> None:
    assert one.holds(90, came, came) or not one.holds(50, came, came)


@given(predictions(), numbers)
def test_the_interval_score_is_the_width_where_the_interval_holds(one: Predicted, came: float) -> None:
    for level, outside in LEVELS.items():
        low, high = one.interval(level)
        score = interval_score(low, high, outside, came)
        assert (score == high - low) == one.holds(level, came, came)


def test_an_honest_wide_interval_beats_a_sure_one_that_misses() -> None:
    sure, wide = Predicted(100, 98, 102, 95, 105), Predicted(100, 70, 140, 40, 220)
    assert weighted_interval_score(wide, 200) < weighted_interval_score(sure, 200)
    assert weighted_interval_score(sure, 101) < weighted_interval_score(wide, 101)


def test_ends_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="do not stand in order"):
        replace(Predicted(1, 1, 1, 1, 1), low50=2)


# figures in words


def test_over_5000_is_met_by_a_median_of_5638_and_not_by_4000() -> None:
    low, high = 5_001, 5_500
    near = Met.of(Predicted(5_400, 5_200, 5_800, 4_500, 6_500), 5_000, low, high)
    assert (near.error, near.inside[50]) == (0, True)
    beyond = Met.of(Predicted(5_638, 5_600, 5_700, 5_400, 5_900), 5_000, low, high)
    assert (beyond.error, beyond.inside) == (138, {50: False, 90: True})
    below = Met.of(Predicted(4_000, 3_900, 4_100, 3_500, 4_500), 5_000, low, high)
    assert (below.error, below.inside) == (-1_001, {50: False, 90: False})
    assert below.ratio == pytest.approx(0.8)


def test_a_range_without_an_upper_end_is_met_by_all_above_it() -> None:
    one = Met.of(Predicted(9, 8, 10, 7, 11), 5, 6, None)
    assert (one.error, one.inside) == (0, {50: True, 90: True})
    assert one.ratio == pytest.approx(1.8)


def test_the_ratio_to_nothing_is_not_stated() -> None:
    assert Met.of(Predicted(3, 2, 4, 1, 5), 0, 0, 0).ratio is None


def test_coverage_counts_each_level_and_means_the_scores() -> None:
    one = Predicted(10, 8, 12, 5, 15)
    met = [Met.of(one, said, said, said) for said in (10, 14, 30)]
    coverage = Coverage.of(met)
    assert (coverage.figures, coverage.inside) == (3, {50: 1, 90: 2})
    assert coverage.score == pytest.approx(sum(m.score for m in met) / 3)
    assert Coverage.of([]).as_json() == {"figures": 0, "inside_50": 0, "inside_90": 0, "mean_score": None}
