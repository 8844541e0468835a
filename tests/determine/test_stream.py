"""A register from file to file: the interpreter's settings are as before afterwards, whatever happened."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from clemency.determine import stream
from clemency.law.act import load_act
from clemency.records.quarantine import RegisterError
from clemency.records.synthesise import synthesise

ACT = load_act("az-2025")


@pytest.fixture(params=[True, False], ids=["collecting", "not collecting"])
def settings(request: pytest.FixtureRequest) -> Iterator[tuple[float, bool]]:
    interval = sys.getswitchinterval()
    if not request.param:
        gc.disable()
    sys.setswitchinterval(0.003)
    yield sys.getswitchinterval(), request.param
    sys.setswitchinterval(interval)
    gc.enable()


def test_a_run_leaves_threads_and_collections_as_they_were(settings: tuple[float, bool], tmp_path: Path) -> None:
    synthesise(40, 3, tmp_path / "register.parquet")
    seen: list[tuple[float, bool]] = []
    stream.determine_parquet(
        tmp_path / "register.parquet",
        ACT,
        tmp_path / "out.parquet",
        lambda done, _: seen.append((sys.getswitchinterval(), gc.isenabled())),
    )
    ((interval, collects),) = seen
    assert interval == pytest.approx(0.0005)
    assert not collects
    assert (sys.getswitchinterval(), gc.isenabled()) == settings
    assert pl.read_parquet(tmp_path / "out.parquet").height == 40


def test_a_run_that_fails_leaves_them_too_and_no_file(
    settings: tuple[float, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesise(40, 3, tmp_path / "register.parquet")

    def interrupted(*_: object) -> None:
        raise RegisterError("the disk went away")

    monkeypatch.setattr(stream.Parts, "read", interrupted)
    with pytest.raises(RegisterError, match="the disk went away"):
        stream.determine_parquet(tmp_path / "register.parquet", ACT, tmp_path / "out.parquet")
    assert (sys.getswitchinterval(), gc.isenabled()) == settings
    assert [path.name for path in tmp_path.iterdir()] == ["register.parquet"]


def test_a_disk_that_fails_meanwhile_is_told_of_though_it_is_well_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesise(40, 3, tmp_path / "register.parquet")

    def refused(_: Path) -> None:
        raise OSError("no space left on the disk")

    monkeypatch.setattr(stream, "settle", refused)  # not that of the end, which another module holds
    with pytest.raises(OSError, match="no space left"):
        stream.determine_parquet(tmp_path / "register.parquet", ACT, tmp_path / "out.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["register.parquet"]
