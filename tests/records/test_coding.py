"""A coded layout, as an index keeps it, spells out as the layout it was made of; on disk as in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clemency.law.act import load_act
from clemency.law.vocabulary import CASE_FIELDS, Kind
from clemency.records import index as indexes
from clemency.records.coding import coded
from clemency.records.frames import frame_of
from clemency.records.index import Index, find_index, write_index
from clemency.records.layout import Layout, Lists, lay_out
from clemency.records.layout_loops import number_lists
from clemency.records.record import known_facts, read_record
from clemency.records.row_groups import plain_parts
from clemency.records.synthesise import synthetic_frame
from tests.conformance.generate import Generator

ACT = load_act("az-2025")
FACTS = known_facts(ACT)


def spelled_out(layout: Layout, rows: list[int] | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    places = np.arange(layout.cases.height) if rows is None else np.array(rows, np.int64)
    whole = layout.chosen(places, layout.first_offence())
    texts = pl.Series(whole.articles, dtype=pl.String)
    article = texts.gather(whole.offences.get_column("article")).alias("article")
    offences = whole.offences.with_columns(article).select("article", "committed_on", "guilt", "form")
    ids = pl.Series("case_id", layout.case_ids())[places]
    return whole.cases.select(ids, *sorted(set(whole.cases.columns) - {"list", "profile"})), offences


def assert_same(found: Layout, wanted: Layout, rows: list[int] | None = None) -> None:
    for one, other in zip(spelled_out(found, rows), spelled_out(wanted, rows), strict=True):
        assert_frame_equal(one, other)


LISTS = st.lists(st.lists(st.integers(0, 2), max_size=3), max_size=20)


@given(LISTS)
def test_lists_are_numbered_as_they_are_met(lists: list[list[int]]) -> None:
    counts = np.array([len(one) for one in lists], np.int32)
    codes = np.array([code for one in lists for code in one], np.uint32)
    slots, rows = np.full(64, -1, np.int32), np.zeros(len(lists), np.int32)
    numbers = np.zeros(len(lists), np.uint32)
    count = number_lists(counts, codes, slots, rows, numbers)
    distinct = list(dict.fromkeys(map(tuple, lists)))
    assert numbers.tolist() == [distinct.index(tuple(one)) for one in lists]
    assert rows[:count].tolist() == [lists.index(list(one)) for one in distinct]


@given(LISTS, st.data())
def test_some_lists_stand_together_one_after_the_other(lists: list[list[int]], data: st.DataObject) -> None:
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int32)
    kept = Lists(starts, np.array([code for one in lists for code in one], np.uint32))
    places = data.draw(st.lists(st.integers(0, len(lists) - 1)) if lists else st.just([]))
    assert kept.together(np.array(places, np.uint32)).tolist() == [code for place in places for code in lists[place]]
    assert kept.counts.tolist() == [len(one) for one in lists]


@given(st.integers(0, 1_000), st.lists(st.integers(0, 29), max_size=9))
def test_a_coded_layout_spells_out_as_it_was(seed: int, rows: list[int]) -> None:
    records = [read_record(one, FACTS) for one in Generator(ACT, seed).records(30)]
    layout = lay_out(frame_of(records, FACTS), FACTS)
    found = coded(layout)
    assert found.offence_codes().tolist() == layout.offence_codes().tolist()
    assert_same(found, layout)
    assert_same(found, layout, rows)


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(indexes, "PART_ROWS", 100)
    path = tmp_path / "register.parquet"
    synthetic_frame(250, 3).write_parquet(path, row_group_size=50)
    return path


def parts_of(index: Index, columns: frozenset[str] | None = None) -> list[Layout]:
    return [index.part(number, columns) for number in range(index.parts)]


def test_the_parts_of_an_index_say_what_the_register_says(register: Path) -> None:
    index = write_index(register, FACTS)
    plain = plain_parts(register, FACTS, 100)
    assert index.parts == plain.count == 3
    for number, part in enumerate(parts_of(index)):
        assert_same(part, plain.read(number)[0])


def test_only_the_columns_that_are_asked_for_are_there(register: Path) -> None:
    index = write_index(register, FACTS)
    empty = set(index.manifest["parts"][0]["nothing_known"])
    assert empty
    for part, whole in zip(
        parts_of(index, frozenset({"birth_date", "holder", *list(empty)[:1]})), parts_of(index), strict=True
    ):
        assert set(part.cases.columns) == {"birth_date", "holder", "profile", "list", *list(empty)[:1]}
        assert_frame_equal(part.cases, whole.cases.select(part.cases.columns))
        assert part.case_ids().equals(whole.case_ids())
    texts = {name for name, kind in CASE_FIELDS.items() if kind.kind is Kind.TEXT}
    assert {whole.cases.schema[name] for name in texts} == {pl.String()}


def test_a_register_of_which_every_row_is_put_aside_has_an_index(tmp_path: Path) -> None:
    path = tmp_path / "register.parquet"
    pl.DataFrame({"case_id": ["A"] * 2, "sex": ["?"] * 2}).write_parquet(path)
    index = write_index(path, FACTS)
    assert index.cases == 0
    assert len(index.quarantined()) == 2
    assert [part.case_ids().to_pylist() for part in parts_of(index)] == [[]]
    assert [part.offence_codes().tolist() for part in parts_of(index)] == [[]]


@pytest.mark.parametrize("name", ["cases-00000.arrow", "lists-00001.arrow", "quarantine.json"])
def test_an_index_that_was_cut_off_or_robbed_is_not_used(register: Path, name: str) -> None:
    file = write_index(register, FACTS).folder / name
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert find_index(register, FACTS) is None
    file.unlink()
    assert find_index(register, FACTS) is None
    file.write_bytes(whole)
    assert find_index(register, FACTS) is not None
