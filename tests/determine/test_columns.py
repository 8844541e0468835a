"""A register gives the same determinations however it is read: as a frame, in parts, from an index, case by case."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from clemency.determine import stream
from clemency.determine.coded import RESULT_SCHEMA
from clemency.determine.columns import CaseByCase, Engine, determine_frame, engine_for, json_rows
from clemency.law.act import load_act
from clemency.records import index as indexes
from clemency.records.index import find_index, index_folder, write_index
from clemency.records.layout import lay_out
from clemency.records.quarantine import RegisterError
from clemency.records.record import known_facts
from clemency.records.synthesise import synthesise, synthetic_frame

CASES, PART = 12_000, 5_000
ACT = load_act("az-2025")
FACTS = known_facts(ACT)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "synthetic.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clemency.records.synthesise._ROW_GROUP", PART // 2)
        synthesise(CASES, 11, path)
    return path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PLAIN_ROWS", PART)
    monkeypatch.setattr(indexes, "PART_ROWS", PART)


def texts(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.all().cast(pl.String))


@pytest.mark.usefixtures("small_parts")
def test_parts_and_index_give_what_the_whole_frame_gives(register: Path, tmp_path: Path) -> None:
    whole = texts(determine_frame(pl.read_parquet(register), ACT))
    stream.determine_parquet(register, ACT, tmp_path / "plain.parquet", index=False)
    assert stream.parts_of(register, ACT, index=False).count == 3
    write_index(register, FACTS)
    assert stream.parts_of(register, ACT).count == 3
    stream.determine_parquet(register, ACT, tmp_path / "indexed.parquet")
    for name in ("plain", "indexed"):
        assert texts(pl.read_parquet(tmp_path / f"{name}.parquet")).equals(whole)


@pytest.mark.usefixtures("small_parts")
def test_the_same_register_gives_the_same_bytes_in_a_new_engine(register: Path, tmp_path: Path) -> None:
    from clemency.determine import columns

    written = []
    for name in ("one", "other"):
        columns.forget(ACT)
        stream.determine_parquet(register, ACT, tmp_path / f"{name}.parquet", index=False)
        written.append((tmp_path / f"{name}.parquet").read_bytes())
    assert written[0] == written[1]


def test_an_index_is_used_only_for_the_register_it_was_made_of(register: Path) -> None:
    write_index(register, FACTS)
    assert find_index(register, FACTS) is not None
    touched = register.stat()
    register.touch()
    assert find_index(register, FACTS) is not None, "the content is the same"
    synthesise(CASES, 12, register)
    assert find_index(register, FACTS) is None
    assert find_index(register, {}) is None
    assert touched.st_size


def test_an_interrupted_index_leaves_nothing_behind(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    before = set(register.parent.iterdir()) - {index_folder(register)}
    monkeypatch.setattr(indexes, "_write", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_index(register, FACTS)
    assert set(register.parent.iterdir()) - {index_folder(register)} == before


def test_an_index_is_made_for_parquet_only(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="made for Parquet"):
        write_index(tmp_path / "register.jsonl", FACTS)


def test_case_by_case_gives_what_columns_give() -> None:
    frame = synthetic_frame(400, 5)
    layout = lay_out(frame, FACTS)
    by_columns, by_case = engine_for(ACT), CaseByCase(ACT)
    assert isinstance(by_columns, Engine)
    assert texts(by_case.determine(layout).frame()).equals(texts(by_columns.determine(layout).frame()))


def test_an_empty_frame_gives_an_empty_table() -> None:
    found = determine_frame(synthetic_frame(10, 5).head(0), ACT)
    assert found.height == 0
    assert list(found.columns) == list(RESULT_SCHEMA)
    assert list(json_rows(found, ACT)) == []
