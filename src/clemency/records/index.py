"""The index of a register: its engine layout on disk, made once, used by every act.

The index lies beside the register in a folder `<name>.index`, in parts of half a million cases. Its files hold columns
as they lie in memory, so that they are looked at where they are. It is keyed by the content of the register: one that
no longer fits is not used. It gives the same answers as the register itself.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from clemency.law.vocabulary import ValueType
from clemency.records.layout import LIST, PROFILE, Layout, Lists, flag_fields
from clemency.records.quarantine import QuarantinedRow, RegisterError
from clemency.records.record import FieldProblem

PART_ROWS = 500_000
_FORMAT = 3
_BLOCK = 1 << 22
_MANIFEST = "manifest.json"
_ALWAYS = frozenset({"case_id", PROFILE, LIST})
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
        """One part as the engine's layout, with the columns of the cases that are asked for. Its files are not copied.

        Columns of which nothing is known do not lie in the file.
        """
        described = self.manifest["parts"][number]
        cases = _opened(self.folder / f"cases-{number:05}.arrow", None if columns is None else columns | _ALWAYS)
        frame = _frame(cases.drop_columns(["case_id"]))
        frame = frame.with_columns(
            pl.Series(name, [None], getattr(pl, kind)()).new_from_index(0, cases.num_rows)
            for name, kind in described["nothing_known"].items()
            if columns is None or name in columns
        )
        lists = _opened(self.folder / f"lists-{number:05}.arrow").column(0)
        return Layout(
            frame,
            _frame(_opened(self.folder / f"offences-{number:05}.arrow")),
            tuple(described["articles"]),
            tuple(self.manifest["facts"]),
            _frame(_opened(self.folder / f"profiles-{number:05}.arrow")),
            Lists(lists.offsets.to_numpy(), lists.values.to_numpy()),
            cases.column("case_id"),
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
    """The index of a register, if there is one and it fits: whole, of the same content, facts and vocabulary."""
    folder = index_folder(register)
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if manifest.get("made_for") != _made_for(facts):
        return None
    if manifest.get("files") != _files(folder):
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
        manifest |= {"made_for": _made_for(facts), "touched": touched, "content": content, "files": _files(partial)}
        (partial / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Index(folder, manifest)


def _write_parts(
    register: Path, facts: Mapping[str, ValueType], folder: Path, progress: Progress | None
) -> dict[str, Any]:
    from clemency.records.coding import coded
    from clemency.records.row_groups import plain_parts

    parts: list[dict[str, Any]] = []
    aside: list[dict[str, Any]] = []
    packed: tuple[str, ...] = ()
    done = 0
    found = plain_parts(register, facts, PART_ROWS)
    for number in range(found.count):
        read, quarantined = found.read(number)
        layout = coded(read)
        packed = layout.facts
        nothing_known = _write_part(layout, folder, number)
        parts.append({"articles": layout.articles, "cases": layout.cases.height, "nothing_known": nothing_known})
        aside += [row.as_json() for row in quarantined]
        done += layout.cases.height + len(quarantined)
        if progress:
            progress(done, None)
    (folder / "quarantine.json").write_text(json.dumps(aside, ensure_ascii=False, default=str), encoding="utf-8")
    return {"parts": parts, "facts": packed, "cases": sum(part["cases"] for part in parts)}


def _write_part(layout: Layout, folder: Path, number: int) -> dict[str, str]:
    """Write a coded layout; gives the columns of which nothing is known, and their types."""
    assert layout.profiles is not None
    assert layout.lists is not None
    empty = {
        column.name: str(column.dtype) for column in layout.cases.iter_columns() if column.null_count() == column.len()
    }
    cases = _table(layout.cases.drop(empty)).add_column(0, "case_id", layout.case_ids())
    lists = pa.ListArray.from_arrays(
        *(pl.Series(part).to_arrow() for part in (layout.lists.starts, layout.lists.codes))
    )
    tables = {
        "cases": cases,
        "offences": _table(layout.offences),
        "profiles": _table(layout.profiles),
        "lists": pa.table({"offences": lists}),
    }
    for name, table in tables.items():
        _write(table, folder / f"{name}-{number:05}.arrow")
    return empty


def _write(table: pa.Table, path: Path) -> None:
    whole = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_batch(whole[0])


def _table(frame: pl.DataFrame) -> pa.Table:
    """A frame as a table of Arrow, with every repeated text written once."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    for place, field in enumerate(table.schema):
        if pa.types.is_large_string(field.type):
            table = table.set_column(place, field.name, table.column(place).combine_chunks().dictionary_encode())
    return table


def _opened(path: Path, columns: Collection[str] | None = None) -> pa.RecordBatch:
    """The columns of a file, which stay where they are: what is looked at is read, and nothing is turned around."""
    with pa.memory_map(str(path)) as file:
        batch = pa.ipc.open_file(file).get_batch(0)
    return batch if columns is None else batch.select([name for name in batch.schema.names if name in columns])


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.DataFrame(batch)
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _made_for(facts: Mapping[str, ValueType]) -> str:
    described = {
        "format": _FORMAT,
        "facts": {name: [kind.kind.value, *kind.values] for name, kind in facts.items()},
        "flags": {name: [flag.start, flag.bits, *flag.kind.values] for name, flag in flag_fields().items()},
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _files(folder: Path) -> dict[str, int]:
    """The files of an index and their sizes: one that was cut off or taken away makes an index that does not fit."""
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.name != _MANIFEST}


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
