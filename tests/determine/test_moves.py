"""Moves between two acts: who moves, in which direction, and what stays true whatever the two acts are."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.determine.coded import RESULT_SCHEMA
from clemency.determine.columns import determine_frame
from clemency.determine.moves import DIRECTIONS, Comparison, compared
from clemency.law.act import Act, load_act, parse_act
from clemency.law.readings import law_items, under_reading
from clemency.records.frames import frame_of
from clemency.records.record import known_facts, read_record
from tests.conformance.generate import Generator, plain

FACTS = known_facts()
DRAFT = """
id: draft
title: An invented draft
dates: {in_force: 2027-01-15}
month_end: clamp
sources: {D: "https://example.org"}
grants:
  - {id: short.release, when: "stage = 'serving' and term_end <= in_force + 6 months", relief: release, source: D, confidence: high}
  - {id: long.cut, when: "stage = 'serving' and term_end > in_force + 6 months", relief: {reduce: 3 months}, source: D, confidence: high}
exclusions:
  - {id: repeat, limits: all, when: "recidivism >= 'dangerous'", source: D, confidence: high}
"""  # fmt: skip  # noqa: E501
SERVING = {"stage": "serving", "term_end": "2029-02-01", "recidivism": "none"}


def on(cases: list[dict[str, Any]], a: Act, b: Act) -> Comparison:
    """Two acts on a few invented people."""
    records = [read_record({"case_id": f"synthetic-{place}", **case}, FACTS) for place, case in enumerate(cases)]
    frame = frame_of(records, FACTS)
    return compared([(determine_frame(frame, a), determine_frame(frame, b))], (a, b), ("A", "B"))


@pytest.mark.parametrize(
    ("case", "change", "direction", "harm"),
    [
        (SERVING | {"term_end": "2027-08-01"}, ("6 months", "9 months"), "more", "freed by mistake"),
        (SERVING | {"term_end": "2027-07-10"}, ("6 months", "3 months"), "less", "held by mistake"),
        (SERVING, ("3 months", "4 months"), "more", "freed by mistake"),
        (SERVING, ("3 months", "2 months"), "less", "held by mistake"),
        (SERVING | {"recidivism": "dangerous"}, ("dangerous", "especially_dangerous"), "more", "freed by mistake"),
        (SERVING | {"recidivism": "simple"}, ("dangerous", "simple"), "less", "held by mistake"),
        (
            SERVING | {"recidivism": None},
            ("recidivism >= 'dangerous'", "stage = 'served'"),
            "settled",
            "cannot be said",
        ),
        (SERVING | {"sex": None}, ("recidivism >= 'dangerous'", "sex = 'male'"), "opened", "cannot be said"),
        (SERVING, ("long.cut", "other.cut"), "same", "none"),
        (SERVING | {"term_end": None}, ("3 months", "4 months"), "unclear", "cannot be said"),
    ],
    ids=["rest", "shorter", "cut", "smaller-cut", "spared", "excluded", "settled", "opened", "clause", "no-date"],
)
def test_a_change_moves_whom_it_touches(
    case: dict[str, Any], change: tuple[str, str], direction: str, harm: str
) -> None:
    first, second = parse_act(DRAFT), parse_act(DRAFT.replace(*change))
    found = on([case], first, second)
    assert [(one.direction, one.harm, one.cases, one.examples) for one in found.moves] == [
        (direction, harm, 1, ("synthetic-0",))
    ]


def test_days_are_counted_where_both_are_known() -> None:
    first, second = parse_act(DRAFT), parse_act(DRAFT.replace("3 months", "4 months"))
    found = on([SERVING, SERVING | {"term_end": "2030-05-31"}, {"stage": "serving"}], first, second)
    more = next(one for one in found.moves if one.direction == "more")
    assert (more.days, more.days_known) == (31 + 28, 2)  # 1 November or 1 October; 28 February or 31 January
    assert found.days[1] - found.days[0] == more.days


def test_a_covered_case_without_dates_is_told_and_not_counted_as_nought() -> None:
    act = parse_act(DRAFT.replace("stage = 'serving' and term_end <= in_force + 6 months", "stage = 'serving'"))
    found = on([{"stage": "serving", "recidivism": "none"}], act, act)
    assert (found.days, found.days_open) == ((0, 0), (1, 1))


def test_the_same_cases_in_another_order_are_refused() -> None:
    act = load_act("az-2025")
    table = determine_frame(pl.DataFrame({"case_id": ["1", "2"]}), act)
    with pytest.raises(ValueError, match="same order"):
        compared([(table, table.reverse())], (act, act), ("A", "B"))


def test_an_empty_register_moves_nobody() -> None:
    act, empty = load_act("az-2025"), pl.DataFrame(schema=RESULT_SCHEMA)
    found = compared([(empty, empty)], (act, act), ("A", "B"))
    assert (found.cases, found.moves, found.flow) == (0, (), {})


READINGS = [load_act("az-2025"), load_act("az-2021"), load_act("az-2016")]
READINGS.append(under_reading(READINGS[0], {item.name: item.answers[-1] for item in law_items(READINGS[0])}))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(READINGS), st.sampled_from(READINGS))
def test_laws_of_a_comparison(seed: int, a: Act, b: Act) -> None:
    """An act against itself moves nobody; turned round, every direction turns; every case is counted once."""
    records = [read_record(plain(one), FACTS) for one in Generator(a, seed).records(40)]
    frame = frame_of(records, FACTS)
    first, second = determine_frame(frame, a), determine_frame(frame, b)
    there = compared([(first, second)], (a, b), ("A", "B"))
    assert compared([(first, first)], (a, a), ("A", "A")).moved.is_empty()
    assert sum(there.flow.values()) == there.cases == 40
    assert sum(one.cases for one in there.moves) == there.moved.height
    assert all(one.harm == DIRECTIONS[one.direction] for one in there.moves)
    halves = [(first.slice(start, 20), second.slice(start, 20)) for start in (0, 20)]
    in_parts = compared(halves, (a, b), ("A", "B"))
    assert in_parts.moves == there.moves
    assert in_parts.flow == there.flow
    if a.favour == b.favour:
        back = compared([(second, first)], (b, a), ("B", "A"))
        turned = {
            "more": "less",
            "less": "more",
            "opened": "settled",
            "settled": "opened",
            "same": "same",
            "unclear": "unclear",
        }
        assert {turned[name]: count for name, count in back.by_direction().items()} == there.by_direction()
        assert {(to, of): count for (of, to), count in back.flow.items()} == there.flow
