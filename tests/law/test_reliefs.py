"""Reliefs: shares, tables, steps and release points as they are read, told as plain data, and ordered by favour."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clemency.law.act import Act, load_act, parse_act
from clemency.law.calendar import Duration, add, share_of_days, share_served_on, unserved_beyond, whole_share
from clemency.law.reliefs import Relief, percent, read_share

ACTS = Path(__file__).parents[1] / "acts"

SHARES = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000)
TERMS = st.builds(Duration, st.integers(0, 600), st.integers(0, 400))
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@pytest.fixture(scope="module")
def act() -> Act:
    return load_act(ACTS / "good" / "shares-steps-and-phases.yaml")


# shares


@given(SHARES)
def test_a_share_reads_back_as_it_is_written(share: Fraction) -> None:
    assert read_share(str(share)) == share
    assert read_share(percent(share)) == share


@pytest.mark.parametrize(
    "written", ["0/2", "2/2", "3/2", "1/0", "0%", "100%", "half", "1 / 2", "-1/2", 0.5, 1, None, True]
)
def test_what_is_no_share_is_none(written: Any) -> None:
    assert read_share(written) is None


@given(TERMS, SHARES)
def test_a_whole_share_of_a_term_is_that_share_of_its_months_and_days(term: Duration, share: Fraction) -> None:
    whole = whole_share(term, share)
    if whole is None:
        assert (term.months * share).denominator > 1 or (term.days * share).denominator > 1
    else:
        assert (whole.months, whole.days) == (term.months * share, term.days * share)


@given(st.integers(0, 40_000), SHARES)
def test_rounding_leaves_out_less_than_a_day(days: int, share: Fraction) -> None:
    down, up = share_of_days(days, share, "down"), share_of_days(days, share, "up")
    assert down <= days * share <= up < down + 1 + ((days * share).denominator > 1)
    assert share_of_days(days, share, "down") + share_of_days(days, 1 - share, "up") == days


@given(DAYS, TERMS, SHARES, SHARES)
def test_a_larger_share_is_served_later(start: date, term: Duration, one: Fraction, two: Fraction) -> None:
    assume(not any(whole_share(term, share) for share in (one, two)))  # calendar months are not all of one length
    end = add(start, term)
    smaller, larger = sorted((one, two))
    assert start <= share_served_on(start, term, end, smaller) <= share_served_on(start, term, end, larger) <= end


@given(DAYS, TERMS, SHARES, st.integers(0, 200))
def test_credited_days_bring_the_day_of_a_share_forward(
    start: date, term: Duration, share: Fraction, credit: int
) -> None:
    end = add(start, term)
    earlier = date.fromordinal(end.toordinal() - credit)
    moved = share_served_on(start, term, end, share).toordinal() - credit
    assert share_served_on(start, term, earlier, share).toordinal() == moved


def test_half_of_ten_years_is_five_calendar_years() -> None:
    assert share_served_on(date(2020, 2, 29), Duration(120), date(2030, 2, 28), Fraction(1, 2)) == date(2025, 2, 28)
    assert unserved_beyond(date(2020, 2, 29), Duration(120), Fraction(1, 2), "down") == 1826


# reading


def test_a_table_makes_a_grant_of_each_row(act: Act) -> None:
    rows = {grant.id: grant.relief.terms() for grant in act.grants if grant.id.startswith("a.class")}
    assert rows == {
        "a.class.excellent": {"fraction": "1/2", "of": "term"},
        "a.class.very_good": {"fraction": "1/3", "of": "term"},
        "a.class.good": {"fraction": "1/4", "of": "term"},
    }
    assert [grant.title["en"] for grant in act.grants][:2] == ["a.class (excellent)", "a.class (very_good)"]
    assert act.grants[0].rule == "(stage = 'serving' and not ill) and conduct_class = 'excellent'"


def test_limits_reach_a_table_by_its_clause_by_pattern_and_by_row(act: Act) -> None:
    whole = act.as_of(date(2025, 12, 20))
    limiting = {grant: limits for grant, limits in whole.limiting.items() if grant.startswith(("a.", "d."))}
    assert limiting == {
        "a.class.excellent": ("grave", "dangerous"),
        "a.class.very_good": ("grave", "dangerous"),
        "a.class.good": ("dangerous",),
        "d.point": ("grave", "dangerous"),
    }


def test_reliefs_are_told_as_plain_data(act: Act) -> None:
    terms = {grant.id: (grant.relief.kind, grant.relief.terms()) for grant in act.grants}
    assert terms["d.point"] == ("release_point", {"share": "40%", "instead_of": "50%"})
    assert terms["d.point_later"][1]["from"] == "2026-02-28"
    assert terms["b.rest"] == ("reduce", {"fraction": "2/3", "of": "rest"})
    assert terms["e.life.good"] == (
        "replace",
        {
            "to": "imprisonment",
            "term": {"months": 600},
            "then": [{"relief": "reduce", "relief_terms": {"fraction": "1/3", "of": "term"}}],
        },
    )


def test_what_an_act_decides_on_and_who_decides_travels_with_it(act: Act) -> None:
    assert (act.unit, act.decided_by) == ("sentence", {"en": "A court"})
    assert (load_act("az-2025").unit, load_act("az-2025").decided_by) == ("", {})


# favour


def test_larger_cuts_stand_before_smaller_and_measures_in_the_order_of_the_act(act: Act) -> None:
    ordered = sorted(act.grants, key=lambda grant: act.favour_rank(grant.relief))
    assert [grant.id for grant in ordered] == [
        "f.old",
        "d.point",
        "d.point_later",
        "a.class.excellent",
        "a.class.very_good",
        "a.class.good",
        "b.rest",
        "g.later_rest",
        "c.short",
        "e.life_or_long",
        "e.life.good",
        "e.life.excellent",
    ]


def test_of_two_terms_the_shorter_after_its_cut_is_more_favourable(act: Act) -> None:
    thirty = Relief("replace", to="imprisonment", term=Duration(360))
    halved = Relief(
        "replace", to="imprisonment", term=Duration(600), then=Relief("reduce", fraction=Fraction(1, 2), of="term")
    )
    less = Relief("replace", to="imprisonment", term=Duration(600), then=Relief("reduce", by=Duration(60)))
    assert sorted([less, thirty, halved], key=act.favour_rank) == [halved, thirty, less]


def test_only_equal_measures_stand_at_one_place() -> None:
    reliefs = [
        Relief("reduce", by=Duration(6)),
        Relief("reduce", by=Duration(7)),
        Relief("reduce", fraction=Fraction(1, 2), of="term"),
        Relief("reduce", fraction=Fraction(1, 2), of="rest"),
        Relief("reduce", fraction=Fraction(1, 2), of="rest", since=date(2026, 1, 1)),
        Relief("replace", to="fine"),
        Relief("replace", to="life_imprisonment"),
        Relief("replace", to="imprisonment", term=Duration(360)),
        Relief("release_point", fraction=Fraction(2, 5), instead_of=Fraction(1, 2)),
        Relief("release_point", fraction=Fraction(2, 5), instead_of=Fraction(2, 3)),
    ]
    act = load_act("az-2025")
    assert len({act.favour_rank(relief) for relief in reliefs}) == len(reliefs)


def test_one_measure_needs_no_order() -> None:
    text = (ACTS / "bad" / "cuts-without-an-order.yaml").read_text(encoding="utf-8")
    assert parse_act(text + "favour: [{reduce: [length, term]}]\n").measures == ("length", "term", "rest")
    assert parse_act(text.replace("{fraction: 1/2, of: term}", "3 months")).measures == ("term", "rest", "length")
