"""Loops that are compiled: kept on disk, and made anew where what lies there cannot be read."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = """
from typing import NamedTuple

from clemency.records.compiled import compiled


class {kind}(NamedTuple):
    value: int


def given(value):
    return {kind}(value)


@compiled
def doubled(of):
    return of.value * 2
"""


def loaded(path: Path, kind: str) -> ModuleType:
    """A module with a loop over a kind of argument, as a process finds it on disk."""
    path.write_text(SOURCE.format(kind=kind), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_a_loop_is_kept_on_disk(tmp_path: Path) -> None:
    module: Any = loaded(tmp_path / "kept_loops.py", "First")
    assert module.doubled(module.given(4)) == 8
    assert list(tmp_path.rglob("kept_loops.doubled-*.nbc"))


@pytest.mark.parametrize("spoilt", [None, b"", b"not what it was"])
def test_what_cannot_be_read_is_compiled_anew(tmp_path: Path, spoilt: bytes | None) -> None:
    name = f"left_loops_{0 if spoilt is None else len(spoilt) + 1}"
    before: Any = loaded(tmp_path / f"{name}.py", "First")
    assert before.doubled(before.given(4)) == 8
    (index,) = tmp_path.rglob(f"{name}.doubled-*.nbi")
    if spoilt is not None:
        index.write_bytes(spoilt)
    after: Any = loaded(tmp_path / f"{name}.py", "Other_")
    assert after.doubled(after.given(5)) == 10


def test_without_a_place_to_write_a_loop_works_all_the_same() -> None:
    made: dict[str, Any] = {}
    exec("from clemency.records.compiled import compiled\n@compiled\ndef added(a, b):\n    return a + b\n", made)
    assert made["added"](2, 3) == 5
