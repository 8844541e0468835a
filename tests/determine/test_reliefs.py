"""The new day and the days remitted: by hand for every kind of relief, and the same for whole columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.determine.determination import TermDays, relief_days
from clemency.determine.explain import explain
from clemency.determine.interpreter import determine_case
from clemency.determine.relief_columns import relief_columns, term_columns
from clemency.determine.wording import Wording
from clemency.law.act import load_act
from clemency.law.calendar import Duration, add
from clemency.law.calendar_columns import day_number
from clemency.law.reliefs import Relief
from clemency.records.record import known_facts, read_record

ACT = load_act(Path(__file__).parents[1] / "acts" / "good" / "shares-steps-and-phases.yaml")
IN_FORCE = date(2025, 12, 20)
HALF, POINT = Fraction(1, 2), Fraction(2, 5)
TEN_YEARS = TermDays(date(2020, 1, 31), Duration(120), date(2029, 12, 1), 61)
ODD = TermDays(date(2024, 3, 1), Duration(25), date(2026, 12, 1))

CASES = {
    "half of ten years is five calendar years": (
        Relief("reduce", fraction=HALF, of="term"),
        replace(TEN_YEARS, end=date(2032, 12, 1)),
        (date(2027, 12, 1), 1827),
    ),
    "a cut stops at the day the act takes effect": (
        Relief("reduce", fraction=HALF, of="term"),
        TEN_YEARS,
        (IN_FORCE, 1442),
    ),
    "a seventh of 25 months is counted in days, a part of a day left out": (
        Relief("reduce", fraction=Fraction(1, 7), of="term"),
        ODD,
        (date(2026, 8, 15), 108),
    ),
    "whole months need no start of the term": (
        Relief("reduce", fraction=Fraction(1, 5), of="term"),
        TermDays(term=Duration(25), end=date(2026, 10, 31)),
        (date(2026, 5, 31), 153),
    ),
    "days need the start of the term": (
        Relief("reduce", fraction=HALF, of="term"),
        TermDays(term=Duration(25), end=date(2026, 10, 31)),
        (None, None),
    ),
    "half of the rest": (
        Relief("reduce", fraction=HALF, of="rest"),
        TermDays(end=IN_FORCE + timedelta(days=101)),
        (IN_FORCE + timedelta(days=51), 50),
    ),
    "half of the rest, a part of a day as a day": (
        Relief("reduce", fraction=HALF, of="rest", rounding="up"),
        TermDays(end=IN_FORCE + timedelta(days=101)),
        (IN_FORCE + timedelta(days=50), 51),
    ),
    "the rest is counted from the day of the clause": (
        Relief("reduce", fraction=HALF, of="rest", since=date(2026, 1, 1)),
        TermDays(end=date(2026, 1, 11)),
        (date(2026, 1, 6), 5),
    ),
    "nothing is left to cut": (
        Relief("reduce", fraction=HALF, of="rest"),
        TermDays(end=date(2025, 1, 1)),
        (date(2025, 1, 1), 0),
    ),
    "release on the day of the clause": (
        Relief("release", since=date(2026, 3, 1)),
        TermDays(end=date(2027, 3, 1)),
        (date(2026, 3, 1), 365),
    ),
    "released at 40 instead of 50 in a hundred": (
        Relief("release_point", fraction=POINT, instead_of=HALF),
        TermDays(date(2024, 1, 31), Duration(60), date(2029, 1, 21), 10),
        (date(2026, 1, 21), 181),
    ),
    "the new release day is not before the act": (
        Relief("release_point", fraction=POINT, instead_of=HALF),
        TermDays(date(2023, 9, 1), Duration(60), date(2028, 9, 1), 0),
        (IN_FORCE, 71),
    ),
    "who was to be released already gains nothing": (
        Relief("release_point", fraction=POINT, instead_of=HALF),
        TermDays(date(2020, 1, 1), Duration(24), date(2022, 1, 1), 0),
        (date(2021, 1, 1), 0),
    ),
    "a release point needs the start of the term": (
        Relief("release_point", fraction=POINT, instead_of=HALF),
        TermDays(None, Duration(60), date(2029, 1, 21), 10),
        (None, None),
    ),
    "life becomes fifty years": (
        Relief("replace", to="imprisonment", term=Duration(600)),
        TermDays(start=date(2010, 5, 31), credit_days=30),
        (date(2060, 5, 1), None),
    ),
    "life becomes fifty years, then half of them": (
        Relief("replace", to="imprisonment", term=Duration(600), then=Relief("reduce", fraction=HALF, of="term")),
        TermDays(start=date(2010, 5, 31), credit_days=30),
        (date(2035, 5, 1), None),
    ),
    "credit that is not known leaves the new end unknown": (
        Relief("replace", to="imprisonment", term=Duration(600)),
        TermDays(start=date(2010, 5, 31)),
        (None, None),
    ),
    "a term replaced by a shorter one": (
        Relief("replace", to="imprisonment", term=Duration(120)),
        TermDays(date(2020, 1, 1), Duration(180), date(2035, 1, 1), 0),
        (date(2030, 1, 1), 1826),
    ),
    "a milder kind has no end": (Relief("replace", to="fine"), TEN_YEARS, (None, None)),
    "a record lifted moves no day": (Relief("lift_record"), TEN_YEARS, (None, None)),
    "nothing given": (None, TEN_YEARS, (None, None)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_new_day_counted_by_hand(name: str) -> None:
    relief, served, expected = CASES[name]
    assert relief_days(relief, served, IN_FORCE) == expected


# in words


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ("a.class.good", "the term is cut by 1/4 of its length"),
        ("b.rest", "the unserved rest is cut by 2/3"),
        ("c.short", "the term is cut by 5 months"),
        ("d.point", "release after 40% of the term instead of 50%"),
        ("f.old", "release from the punishment, from 28 February 2026"),
        ("e.life_or_long", "the punishment is replaced by imprisonment for 30 years, from 28 February 2026"),
        (
            "e.life.good",
            "the punishment is replaced by imprisonment for 50 years, then the term is cut by 1/3 of its length",
        ),
    ],
)
def test_a_relief_is_told_in_words(grant: str, words: str) -> None:
    relief = next(one.relief for one in ACT.grants if one.id == grant)
    assert Wording("en").relief(relief.kind, relief.terms()) == words
    others = {Wording(language).relief(relief.kind, relief.terms()) for language in ("az", "ru")}
    assert len(others | {words}) == 3


def explained(grant: str, **stated: object) -> list[str]:
    record = {"case_id": "synthetic-1", "stage": "serving", "recidivism": "none", "sex": "male", **stated}
    answer = determine_case(record, ACT)
    assert answer.grant == grant
    return list(explain(answer, ACT, read_record(record, known_facts(ACT))).dates)


def test_the_dates_of_an_explanation_follow_the_relief() -> None:
    prison = {"punishment": "imprisonment", "birth_date": "1990-01-01", "credit_days": 0}
    young = {**prison, "offences": [{"article": "178.2", "committed_on": "2024-01-01"}]}
    ill = {"facts": {"ill": True, "conduct_class": "none"}}
    well = {"facts": {"ill": False, "conduct_class": "none"}}
    term = {"term_start": "2024-01-31", "term_months": 60}
    rest = explained("b.rest", **young, **ill, **term, first_conviction=False)
    assert rest[-2:] == ["After the cut: 3 January 2027 instead of 31 January 2029", "Remitted: 759 days"]
    point = explained("d.point", **young, **well, **term, first_conviction=True)
    assert point[-2:] == ["Release day under the new share: 31 January 2026", "Remitted: 181 days"]
    life = {"punishment": "life_imprisonment", "term_start": "2010-05-31", "credit_days": 0, **well}
    given = explained("e.life_or_long", **life, birth_date="1990-01-01", offences=young["offences"])
    assert given[-1] == "New end of the term: 31 May 2040"


# the same for columns

DAYS = st.none() | st.dates(date(2000, 1, 1), date(2060, 12, 31))
COUNTS = st.none() | st.integers(0, 400)
SHARES = st.fractions(min_value=Fraction(1, 60), max_value=Fraction(59, 60), max_denominator=60)
LENGTHS = st.builds(Duration, st.integers(0, 60), st.integers(1, 60))
CUTS = st.one_of(
    st.builds(lambda by: Relief("reduce", by=by), LENGTHS),
    st.builds(lambda share, of: Relief("reduce", fraction=share, of=of), SHARES, st.sampled_from(["term", "rest"])),
)
RELIEFS = st.one_of(
    CUTS,
    st.just(Relief("release")),
    st.builds(
        lambda one, two: Relief("release_point", fraction=min(one, two), instead_of=max(one, two)), SHARES, SHARES
    ),
    st.builds(lambda term: Relief("replace", to="imprisonment", term=term), LENGTHS),
    st.builds(
        lambda term, cut: Relief("replace", to="imprisonment", term=term, then=cut),
        LENGTHS,
        CUTS.filter(lambda cut: cut.of != "rest"),
    ),
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    return {
        "term_start": draw(DAYS),
        "term_months": draw(COUNTS),
        "term_days": draw(COUNTS),
        "credit_days": draw(COUNTS),
        "term_end": draw(DAYS),
    }


@given(
    st.lists(rows(), min_size=1, max_size=6),
    RELIEFS,
    st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from(["down", "up"]),
)
def test_columns_count_as_single_cases_do(
    stated: list[dict[str, object]], relief: Relief, since: date | None, rounding: str
) -> None:
    relief = replace(relief, since=since, rounding=rounding)
    frame = pl.DataFrame(
        stated,
        schema={
            "term_start": pl.Date,
            "term_months": pl.Int32,
            "term_days": pl.Int32,
            "credit_days": pl.Int32,
            "term_end": pl.Date,
        },
    )
    terms = term_columns(frame, frame.get_column("term_end"), np.arange(frame.height))
    day, known, fewer, counted = relief_columns(relief, terms, IN_FORCE)
    for place, row in enumerate(stated):
        months, days = row["term_months"], row["term_days"]
        term = None if months is None and days is None else Duration(months or 0, days or 0)  # type: ignore[arg-type]
        served = TermDays(row["term_start"], term, row["term_end"], row["credit_days"])  # type: ignore[arg-type]
        after, remitted = relief_days(relief, served, IN_FORCE)
        assert (day[place] if known[place] else None) == (None if after is None else day_number(after))
        assert (fewer[place] if counted[place] else None) == remitted


@given(RELIEFS, st.dates(date(2010, 1, 1), date(2025, 1, 1)), st.integers(1, 500), st.integers(0, 300))
def test_no_relief_lengthens_a_term_or_reaches_behind_the_act(
    relief: Relief, start: date, months: int, credit: int
) -> None:
    term = Duration(months)
    end = add(start, term) - timedelta(days=credit)
    after, remitted = relief_days(relief, TermDays(start, term, end, credit), IN_FORCE)
    assert after is not None
    assert remitted is not None
    assert after <= max(end, IN_FORCE)
    assert remitted >= 0
    assert after >= min(end, IN_FORCE) or relief.kind == "release_point"
