"""Contradictions: who printed which, and which figures cannot both be right."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clemency.observe.claims import Claim, claims, quantities, scopes
from clemency.observe.conflicts import Conflict, conflicts, impossible, narrowed_lines
from clemency.observe.qualifiers import QUALIFIERS, Worded, tolerances
from tests.observe.test_sums import claim

ALLOWED = tolerances()


def of(act_id: str, quantity: str) -> Conflict:
    return next(one for one in conflicts(claims(act_id), ALLOWED) if one.quantity == quantity)


def printed(conflict: Conflict) -> dict[str, list[str]]:
    return {telling.said: [one.source_name for one in telling.claims] for telling in conflict.tellings}


def test_over_and_up_to_twenty_thousand_and_who_printed_which() -> None:
    total = of("az-2025", "total")
    assert total.kind == "words"
    assert printed(total)["up to 20,000"] == ["OC Media"]
    assert printed(total)["about 20,000"] == ["Newsbomb citing AZERTAC", "Modern.az"]
    assert len(printed(total)["over 20,000"]) == 6


def test_the_dropped_over_is_told() -> None:
    assert printed(of("az-2025", "released_from_imprisonment"))["5,000"] == ["Express Tribune (AFP) citing Azertag"]


def test_three_projections_of_2021_cannot_all_be_true() -> None:
    assert of("az-2021", "total").kind == "figures"


def test_figures_that_may_all_be_true_are_kept_apart_from_those_that_may_not() -> None:
    kinds = [one.kind for one in conflicts(claims("az-2021"), ALLOWED)]
    assert kinds == sorted(kinds, key=["figures", "words", "loose"].index)
    assert of("az-1996-2003", "total").kind == "loose"


def test_repeating_a_report_is_no_contradiction() -> None:
    reported = [one for one in conflicts(claims("az-2025"), ALLOWED) if not one.planned]
    assert not reported


def test_one_line_printed_for_two_different_parts_of_it() -> None:
    (narrowed,) = narrowed_lines(claims("az-2025"), quantities())
    assert narrowed.wider.claim_id == "c005"
    assert {one.quantity for one in narrowed.narrower} == {"suspended_sentence_lifted", "other_noncustodial_released"}
    assert {one.source_name for one in narrowed.narrower} == {
        "OC Media",
        "Institute for Human Rights (IHR)",
        "Report.az",
    }


def test_the_119_of_january_2022_cannot_be_those_freed() -> None:
    found = impossible(claims("az-2021"), scopes(), quantities())
    assert {(one.kind, one.one.value, one.other.value) for one in found} == {
        ("fell", 1_921, 119),
        ("outgrown", 119, 1_391),
    }
    assert all("misread" in {one.one.caution, one.other.caution} for one in found)


def test_nothing_of_2025_is_impossible() -> None:
    assert not impossible(claims("az-2025"), scopes(), quantities())


def test_a_part_over_its_whole_is_seen_within_one_report() -> None:
    rows = [claim(1, "total", 10), claim(2, "released_from_imprisonment", 11)]
    (found,) = impossible(rows, scopes(), quantities())
    assert (found.kind, found.by) == ("outgrown", 1)
    later = [claim(1, "total", 10), claim(2, "released_from_imprisonment", 11, as_of=date(2026, 1, 8))]
    assert not impossible(later, scopes(), quantities())


# --- laws

words = st.tuples(st.integers(0, 50_000), st.sampled_from(QUALIFIERS))


@given(st.lists(words, min_size=1, max_size=5), st.randoms())
def test_a_contradiction_is_one_whatever_the_order(tellings: list[tuple[int, str]], random) -> None:
    rows = [claim(place, "total", value, qualifier) for place, (value, qualifier) in enumerate(tellings, 1)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert [one.kind for one in conflicts(rows, ALLOWED)] == [one.kind for one in conflicts(shuffled, ALLOWED)]


@given(words, words)
def test_two_tellings_contradict_each_other_where_no_number_meets_both(
    one: tuple[int, str], other: tuple[int, str]
) -> None:
    rows: list[Claim] = [claim(1, "total", *one), claim(2, "total", *other)]
    found = conflicts(rows, ALLOWED)
    assert bool(found) == (one != other)
    if found:
        first, second = (Worded.of(row.value, row.qualifier, ALLOWED).literal for row in rows)
        assert (found[0].kind == "loose") == first.meets(second)
        assert found[0].kind != "figures" or one[0] != other[0]
