"""The keys of cases: what leaves say in stretches and row by row, what is listed for the whole case, many parts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.determine import gate, profiles, twigs
from clemency.determine.columns import Engine, engine_for
from clemency.determine.days import first_and_last
from clemency.determine.kinds import KindKeys
from clemency.determine.signatures import Signatures, dated_alone
from clemency.determine.value_leaves import LEAVES, ValueLeaves
from clemency.law import rules
from clemency.law.act import Act, load_act, parse_act
from clemency.law.calendar import EARLIEST, LATEST
from clemency.records.coding import coded
from clemency.records.frames import frame_of
from clemency.records.layout import OTHER_END, Layout, lay_out
from clemency.records.record import known_facts, read_record
from clemency.records.synthesise import synthetic_frame
from tests.conformance.compare import compare_random
from tests.conformance.generate import Generator

GOOD = sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))
NAMED: list[str | Path] = ["az-2025", *GOOD]
ACTS = [act for act in map(load_act, NAMED) if isinstance(engine_for(act), Engine)]
NAMES = [act.id for act in ACTS]


def layout_of(act: Act, seed: int, count: int) -> Layout:
    facts = known_facts(act)
    return lay_out(frame_of([read_record(one, facts) for one in Generator(act, seed).records(count)], facts), facts)


def engine_of(act: Act) -> Engine:
    found = engine_for(act)
    assert isinstance(found, Engine)
    return found


def row_by_row(values: ValueLeaves, cases: pl.DataFrame) -> Any:
    """What the leaves say, each asked of every row."""
    frame = values.with_moved(cases, list(range(len(values.all))))
    found = np.zeros((values.words, cases.height), np.uint64)
    for place, leaf in enumerate(values.all):
        state = frame.select(values.state(leaf)).to_series().to_numpy()
        state = np.broadcast_to(state, cases.height).astype(np.uint64)
        found[place // LEAVES] |= state << np.uint64(2 * (place % LEAVES))
    return found


@pytest.mark.parametrize("act", ACTS, ids=NAMES)
def test_leaves_say_in_stretches_what_they_say_row_by_row(act: Act) -> None:
    layout = layout_of(act, 31, 300)
    values = KindKeys(engine_of(act).plan, Signatures(engine_of(act).plan), layout.facts).values
    assert (values.of(layout.cases) == row_by_row(values, layout.cases)).all()


LEAVES_TRIED = """
id: stretches
title: An invented act of leaves that turn at odd days
dates: {in_force: 2024-02-29}
month_end: clamp
sources: {S: https://example.org/act}
grants:
  - {id: a, when: term_start + 1 months <= 2024-02-29, relief: release, source: S, confidence: high}
  - {id: b, when: term_start - 13 months - 3 days > in_force, relief: release, source: S, confidence: high}
  - {id: c, when: term_start = in_force, relief: release, source: S, confidence: high}
  - {id: d, when: term_start + 1 months = 2025-01-31, relief: release, source: S, confidence: high}
  - {id: e, when: in_force < term_start + 600 months, relief: release, source: S, confidence: high}
  - {id: f, when: age on in_force = 60, relief: release, source: S, confidence: high}
  - {id: g, when: term_start is known, relief: release, source: S, confidence: high}
"""
DAYS = st.dates(EARLIEST, LATEST) | st.dates(date(2023, 12, 1), date(2025, 3, 31))


@given(st.lists(st.none() | DAYS, min_size=1, max_size=12))
def test_a_moved_day_turns_at_the_ends_of_months_and_of_the_calendar(days: list[date | None]) -> None:
    act = parse_act(LEAVES_TRIED)
    plan = engine_of(act).plan
    values = ValueLeaves(plan, [leaf for grant in act.grants for leaf in rules.atoms(grant.condition)])
    none = pl.Series([None] * len(days), dtype=pl.Date)
    columns = {"term_start": pl.Series(days, dtype=pl.Date), "birth_date": pl.Series(days, dtype=pl.Date)}
    cases = pl.DataFrame({**columns, "term_end": none, OTHER_END: none})
    assert not values.row_by_row(cases.schema)
    assert (values.of(cases) == row_by_row(values, cases)).all()
    in_two = pl.concat([cases, cases], rechunk=False)
    assert (values.of(in_two) == row_by_row(values, in_two)).all()


@pytest.mark.parametrize("act", ACTS, ids=NAMES)
def test_tests_of_days_are_those_of_the_first_and_last_day(act: Act) -> None:
    layout = layout_of(act, 37, 300)
    plan = engine_of(act).plan
    keys = KindKeys(plan, Signatures(plan), layout.facts)
    words = np.zeros(layout.cases.height, np.uint64)
    keys.add_dated_tests(layout.cases, words)
    for index, test in enumerate(plan.quantifiers):
        if dated_alone(test):
            settled, possible = first_and_last(test, layout.cases)
            bits = words >> np.uint64(2 * index)
            assert ((bits & np.uint64(1)) != 0).tolist() == settled.tolist()
            assert ((bits & np.uint64(2)) != 0).tolist() == possible.tolist()


@pytest.mark.parametrize("act", ACTS, ids=NAMES)
def test_what_is_listed_for_the_whole_case_is_what_its_conditions_say(act: Act) -> None:
    engine, layout = engine_of(act), layout_of(act, 41, 300)
    keyed = engine.key(layout)
    frame = engine.part(layout.chosen(np.arange(layout.cases.height), keyed.keys.first)).cases
    wanted = np.zeros(layout.cases.height, np.uint64)
    for index, clause in enumerate(act.reservations):
        if clause.condition is not None and gate.general(clause, act):
            listed = frame.select(pl.all_horizontal(engine.plan.expression(clause.condition)).fill_null(True))
            wanted[np.broadcast_to(listed.to_series().to_numpy(), wanted.shape)] |= np.uint64(1 << index)
    assert keyed.keys.listings[keyed.keys.listed].tolist() == wanted.tolist()


@pytest.mark.parametrize("act", ACTS, ids=NAMES)
def test_a_coded_layout_has_the_answers_of_the_plain_one(act: Act) -> None:
    layout = layout_of(act, 43, 400)
    plain, found = (Engine(act).determine(one).frame() for one in (layout, coded(layout)))
    assert found.select(pl.all().cast(pl.String)).equals(plain.select(pl.all().cast(pl.String)))


# --- parts


def answers(engine: Engine, parts: list[Layout]) -> list[pl.DataFrame]:
    return [engine.determine(part).frame().select(pl.all().cast(pl.String)) for part in parts]


def invented(act: Act) -> list[Layout]:
    facts = known_facts(act)
    return [lay_out(synthetic_frame(1_500, seed), facts) for seed in (1, 2, 3, 4)]


def test_parts_keyed_at_the_same_time_have_the_answers_of_parts_keyed_in_turn() -> None:
    act = load_act("az-2025")
    parts = invented(act)
    engine = Engine(act)
    with ThreadPoolExecutor(2) as pool:
        keyed = list(pool.map(engine.key, [*parts, *parts[::-1]]))
    found = [engine.answer(one).frame().select(pl.all().cast(pl.String)) for one in keyed[::-1]]
    wanted = answers(Engine(act), parts)
    for one, other in zip(found, [*wanted, *wanted[::-1]], strict=True):
        assert one.equals(other)


@pytest.mark.parametrize(("module", "name", "bits"), [(twigs, "_LEAF_BITS", 2), (profiles, "_WORD", 40)])
def test_what_has_no_room_in_a_word_gives_the_same_answers(
    module: Any, name: str, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = load_act("az-2025")
    parts = invented(act)[:2]
    wanted = answers(Engine(act), parts)
    monkeypatch.setattr(module, name, bits)
    for one, other in zip(answers(Engine(act), parts), wanted, strict=True):
        assert one.equals(other)


def test_the_same_case_has_the_same_number_in_every_part() -> None:
    act = load_act("az-2025")
    first, second, *_ = invented(act)
    engine = Engine(act)
    before = engine.key(first).keys.number
    engine.key(second)
    assert engine.key(first).keys.number.tolist() == before.tolist()


def test_an_act_of_more_tests_than_half_a_word_holds() -> None:
    grants = "\n".join(
        f"  - {{id: y{year}, when: any offence (committed_on < {year}-06-01), relief: release, "
        "source: S, confidence: high}"
        for year in range(2005, 2025)
    )
    act = parse_act(
        f"""
id: many-tests
title: An invented act of twenty offence tests
dates: {{in_force: 2027-01-15}}
sources: {{S: https://example.org/act}}
grants:
{grants}
"""
    )
    assert len(engine_of(act).plan.quantifiers) == 20
    found = compare_random(act, seed=5, count=300)
    assert found.records == 300
    assert not found.differences, found.report()
