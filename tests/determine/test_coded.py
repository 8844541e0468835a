"""From kinds to written columns: the loops do what plain Python does, and the table says what the frame says."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.determine.coded import RESULT_SCHEMA
from clemency.determine.coded_loops import as_they_appear, clauses_of, looked_up, moved_ends
from clemency.determine.columns import CaseByCase, Engine, engine_for
from clemency.law.act import load_act
from clemency.records.layout import lay_out
from clemency.records.record import known_facts
from clemency.records.synthesise import synthetic_frame

tables = st.lists(st.integers(0, 9), min_size=1, max_size=12)


@st.composite
def kinds(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    table = draw(tables)
    return draw(st.lists(st.integers(0, len(table) - 1), max_size=40)), table


def numbers(values: list[int]) -> np.ndarray:
    return np.array(values, np.int32)


@given(kinds())
def test_a_number_is_looked_up_for_every_row(given_kinds: tuple[list[int], list[int]]) -> None:
    kind, table = given_kinds
    found = np.full(len(kind), -1, np.int32)
    looked_up(numbers(kind), numbers(table), found)
    assert found.tolist() == [table[one] for one in kind]


@given(kinds())
def test_numbers_are_given_anew_in_the_order_of_the_rows(given_kinds: tuple[list[int], list[int]]) -> None:
    kind, table = given_kinds
    place, used, found = np.full(10, -1, np.int32), np.zeros(10, np.int32), np.zeros(len(kind), np.int32)
    count = as_they_appear(numbers(kind), numbers(table), place, used, found)
    first_seen = list(dict.fromkeys(table[one] for one in kind))
    assert used[:count].tolist() == first_seen
    assert [first_seen[code] for code in found.tolist()] == [table[one] for one in kind]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.just(255) | st.integers(0, 9)), min_size=1), st.data()
)
def test_clauses_are_told_row_by_row(told: list[tuple[int, int, int]], data: st.DataObject) -> None:
    kind = data.draw(st.lists(st.integers(0, len(told) - 1), max_size=40))
    words = np.array([outcome | relief << 8 | grant << 16 for outcome, relief, grant in told], np.uint32)
    outcome, relief, grant = (np.full(len(kind), -1, np.int32) for _ in range(3))
    bits = np.zeros(-(-len(kind) // 8), np.uint8)
    granted = clauses_of(numbers(kind), words, outcome, relief, grant, bits)
    there = [told[one][2] != 255 for one in kind]
    assert granted == sum(there)
    assert np.unpackbits(bits, count=len(kind), bitorder="little").tolist() == there
    assert outcome.tolist() == [told[one][0] for one in kind]
    assert relief.tolist() == [told[one][1] for one in kind]
    assert grant.tolist() == [told[one][2] if here else 0 for one, here in zip(kind, there, strict=True)]


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(-50, 50)), max_size=40), st.integers(0, 40))
def test_ends_are_moved_to_the_day_in_force_and_cuts_are_noted(cases: list[tuple[int, int | None]], cut: int) -> None:
    size, in_force = len(cases), 7
    after, remitted, rows = (np.full(size, -1, np.int32) for _ in range(3))
    bits = np.zeros(-(-size // 8), np.uint8)
    moves = np.array([0, 1, 2, 3], np.uint8)
    granted = noted = 0
    for start, piece in ((0, cases[:cut]), (min(cut, size), cases[cut:])):
        days = [day for _, day in piece]
        known = np.array([day is not None for day in days], np.uint8) if None in days else np.zeros(0, np.uint8)
        told = numbers([kind for kind, _ in cases]), start, moves, numbers([day or 0 for day in days]), known, in_force
        more, noted = moved_ends(*told, after, remitted, bits, rows, noted)
        granted += more
    moved = [kind > 0 and day is not None for kind, day in cases]
    assert granted == sum(moved)
    assert np.unpackbits(bits, count=size, bitorder="little").tolist() == moved
    assert rows[:noted].tolist() == [row for row, (kind, _) in enumerate(cases) if moved[row] and kind > 1]
    wanted = [
        0 if not here else min(day or 0, in_force) if kind == 1 else day
        for here, (kind, day) in zip(moved, cases, strict=True)
    ]
    assert after.tolist() == wanted
    assert [left + fewer for left, fewer in zip(after.tolist(), remitted.tolist(), strict=True)] == [
        (day or 0) if here else 0 for here, (_, day) in zip(moved, cases, strict=True)
    ]


@pytest.mark.parametrize("engine", [Engine, CaseByCase])
def test_the_table_that_is_written_says_what_the_frame_says(engine: type[Engine] | type[CaseByCase]) -> None:
    act = load_act("az-2025")
    coded = engine(act).determine(lay_out(synthetic_frame(300, 8), known_facts(act)))
    table = coded.arrow()
    assert table.schema.names == list(RESULT_SCHEMA)
    written = pl.from_arrow(table)
    assert isinstance(written, pl.DataFrame)
    assert written.select(pl.all().cast(pl.String)).equals(coded.frame().select(pl.all().cast(pl.String)))
    assert {field.name for field in table.schema if not field.nullable} == {
        "case_id",
        "outcome",
        "grants",
        "exclusions",
        "reservations",
        "missing",
        "could_improve",
    }


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_few_rows_can_be_written(rows: int) -> None:
    act = load_act("az-2025")
    table = engine_for(act).determine(lay_out(synthetic_frame(1, 8).head(rows), known_facts(act))).arrow()
    assert table.num_rows == rows
    assert all(len(column) == rows for column in table.columns)
    table.validate(full=True)


def test_what_contradicts_is_told_in_its_row() -> None:
    act = load_act("az-2025")
    frame = synthetic_frame(3, 8).with_columns(
        pl.Series("term_start", [None, date(2024, 1, 1), None]),
        pl.Series("term_end", [None, date(2027, 1, 1), None]),
        pl.Series("term_months", [None, 24, None], pl.Int32),
        pl.Series("term_days", [None, 0, None], pl.Int32),
        pl.Series("credit_days", [None, 0, None], pl.Int32),
        pl.Series("punishment", [None, "imprisonment", None]),
    )
    told = engine_for(act).determine(lay_out(frame, known_facts(act))).arrow().column("contradiction")
    assert told.to_pylist() == [None, "term_end 2027-01-01 computed 2026-01-01", None]
    assert pa.types.is_dictionary(told.type)
