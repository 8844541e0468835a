"""The index of a register: its engine layout on disk, made once, used by every act.

The index lies beside the register in a folder `<name>.index`, in parts of half a million cases. It is keyed by the
content of the register: one that no longer fits is not used. It gives the same answers as the register itself.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from clemency.law.vocabulary import ValueType
from clemency.records.layout import Layout, flag_fields
from clemency.records.quarantine import QuarantinedRow, RegisterError
from clemency.records.record import FieldProblem

PART_ROWS = 500_000
_FORMAT = 2
_BLOCK = 1 << 22
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Index:
    """An index that fits its register."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def cases(self) -> int:
        """The number of cases that it holds."""
        return int(self.manifest["cases"])

    @property
    def parts(self) -> int:
        """The number of parts."""
        return len(self.manifest["parts"])

    def part(self, number: int, columns: frozenset[str] | None = None) -> Layout:
        """One part as the engine's layout, with the columns of the cases that are asked for."""
        described = self.manifest["parts"][number]
        path = self.folder / f"cases-{number:05}.parquet"
        wanted = None if columns is None else [name for name in described["columns"] if name in columns]
        return Layout(
            pl.read_parquet(path, columns=wanted),
            pl.read_parquet(self.folder / f"offences-{number:05}.parquet"),
            tuple(described["articles"]),
            tuple(self.manifest["facts"]),
            pl.read_parquet(self.folder / f"profiles-{number:05}.parquet"),
        )

    def quarantined(self) -> list[QuarantinedRow]:
        """The rows of the register that were put aside when the index was made."""
        rows = json.loads((self.folder / "quarantine.json").read_text(encoding="utf-8"))
        return [_quarantined(row) for row in rows]


def _quarantined(row: Mapping[str, Any]) -> QuarantinedRow:
    problems = tuple(FieldProblem(one["field"], one["value"], one["what"], one["mend"]) for one in row["problems"])
    return QuarantinedRow(row["row"], row["case_id"], problems, row["given"])


def index_folder(register: Path) -> Path:
    """Where the index of a register lies."""
    return register.with_name(register.name + ".index")


def find_index(register: Path, facts: Mapping[str, ValueType]) -> Index | None:
    """The index of a register, if there is one and it fits: the same content, the same facts, the same vocabulary."""
    folder = index_folder(register)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if manifest.get("made_for") != _made_for(facts):
        return None
    if manifest.get("touched") != _touched(register) and manifest.get("content") != content_of(register):
        return None
    return Index(folder, manifest)


def write_index(register: Path, facts: Mapping[str, ValueType], progress: Progress | None = None) -> Index:
    """Lay a Parquet register out for the engine; the index appears whole or not at all."""
    if register.suffix != ".parquet":
        raise RegisterError(f"{register}: an index is made for Parquet registers; others are read as they are")
    folder = index_folder(register)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    touched, content = _touched(register), content_of(register)
    partial.mkdir()
    try:
        manifest = _write_parts(register, facts, partial, progress)
        manifest |= {"made_for": _made_for(facts), "touched": touched, "content": content}
        (partial / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Index(folder, manifest)


def _write_parts(
    register: Path, facts: Mapping[str, ValueType], folder: Path, progress: Progress | None
) -> dict[str, Any]:
    from clemency.records.row_groups import plain_parts

    parts: list[dict[str, Any]] = []
    aside: list[dict[str, Any]] = []
    packed: tuple[str, ...] = ()
    done = 0
    found = plain_parts(register, facts, PART_ROWS)
    for number in range(found.count):
        read, quarantined = found.read(number)
        layout = read.coded()
        packed = layout.facts
        assert layout.profiles is not None
        _write(layout.cases, folder / f"cases-{number:05}.parquet")
        _write(layout.profiles, folder / f"profiles-{number:05}.parquet")
        _write(layout.offences, folder / f"offences-{number:05}.parquet")
        parts.append({"columns": layout.cases.columns, "articles": layout.articles, "cases": layout.cases.height})
        aside += [row.as_json() for row in quarantined]
        done += layout.cases.height + len(quarantined)
        if progress:
            progress(done, None)
    (folder / "quarantine.json").write_text(json.dumps(aside, ensure_ascii=False, default=str), encoding="utf-8")
    return {"parts": parts, "facts": packed, "cases": sum(part["cases"] for part in parts)}


def _write(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="lz4", statistics=False, row_group_size=1 << 18)


def _made_for(facts: Mapping[str, ValueType]) -> str:
    described = {
        "format": _FORMAT,
        "facts": {name: [kind.kind.value, *kind.values] for name, kind in facts.items()},
        "flags": {name: [flag.start, flag.bits, *flag.kind.values] for name, flag in flag_fields().items()},
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _touched(register: Path) -> list[int]:
    status = register.stat()
    return [status.st_size, status.st_mtime_ns]


def content_of(register: Path) -> str:
    """The key of a register's content."""
    digest = hashlib.blake2b()
    with register.open("rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()
