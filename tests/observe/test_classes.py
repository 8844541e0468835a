"""The class act: a case under any reading of the law and its translation get the same answer, in both engines."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clemency.determine.columns import Engine
from clemency.determine.interpreter import determine_case
from clemency.law.act import Act
from clemency.law.readings import Answer, law_items, under_reading
from clemency.observe.case_columns import Prepared, joined, of_layout
from clemency.observe.classes import ClassAct, translated_record
from clemency.records.frames import frame_of
from clemency.records.layout import Layout, lay_out
from clemency.records.record import known_facts, read_record
from tests.conformance.generate import Generator, Record, plain
from tests.law.test_readings import ACT, LOADED, OPEN, clauses, precise, readings, seeds

ACTS = {"az-2025": ACT, **LOADED}
CLASSES = {name: ClassAct(act) for name, act in ACTS.items()}
COLUMNS = ("outcome", "relief", "grant", "grants", "exclusions", "term_end_before", "term_end_after", "days_remitted")


def whole(reading: dict[str, Answer], act: Act) -> dict[str, Answer]:
    """A reading that leaves nothing open."""
    return {item.name: reading.get(item.name, item.answers[0]) for item in law_items(act)}


def laid_out(records: list[Record], act: Act) -> Layout:
    facts = known_facts(act)
    return lay_out(frame_of([read_record(record, facts) for record in records], facts), facts)


@pytest.mark.parametrize("name", sorted(ACTS))
@given(data=st.data(), seed=seeds)
@settings(max_examples=20, deadline=None)
def test_a_translated_case_has_the_answer_of_the_case_under_the_reading(
    name: str, data: st.DataObject, seed: int
) -> None:
    act, classes = ACTS[name], CLASSES[name]
    reading = whole(data.draw(readings(act)), act)
    read = under_reading(act, reading)
    for record in Generator(act, seed).records(5):
        expected, answer = (
            determine_case(record, read),
            determine_case(translated_record(record, classes, reading), classes.act, known_facts(classes.act)),
        )
        if precise(record, act):
            assert clauses(answer) == clauses(expected), plain(record)
            assert _stated(answer) == _stated(expected), plain(record)
        elif name != "known-and-not-known":  # an article that is not one part of the code stays open
            known = {one: value for one, value in clauses(answer).items() if value != "unknown"}
            assert known.items() <= clauses(expected).items(), plain(record)


def _stated(answer: Any) -> tuple[Any, ...]:
    return (answer.outcome, answer.grant, answer.term_end_after, answer.days_remitted)


@pytest.mark.parametrize("name", sorted(OPEN))
@given(data=st.data(), seed=seeds)
@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_bare_columns_under_a_reading_are_determined_as_the_register_is(
    name: str, data: st.DataObject, seed: int
) -> None:
    act, classes = ACTS[name], CLASSES[name]
    drawn = Generator(act, seed).records(80)
    records = [one for one in drawn if precise(one, act) and not determine_case(one, act).contradictions]
    layout = laid_out(records, act)
    prepared = Prepared(of_layout(layout, act_facts(act)), classes)
    first, second = (whole(data.draw(readings(act)), act) for _ in range(2))
    both = Engine(classes.act).determine(joined([prepared.under(first), prepared.under(second)])).frame()
    expected = pl.concat([Engine(under_reading(act, one)).determine(layout).frame() for one in (first, second)])
    for row, (found, told) in enumerate(
        zip(both.select(COLUMNS).iter_rows(), expected.select(COLUMNS).iter_rows(), strict=True)
    ):
        assert found == told, plain(records[row % len(records)])


def act_facts(act: Act) -> dict[str, Any]:
    return {name: fact.type for name, fact in act.facts.items()}
