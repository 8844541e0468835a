"""A register with its former versions: the file that everybody reads, and beside it a folder that only ever grows.

`register.parquet` holds the cases as they are. `register.parquet.versions/000001/` holds what the first import brought:
each case that was new or changed, with what was typed and where it stood; what was put aside; and a list of the files.
An import is done the moment that `register.parquet` takes its place, and not before: the file names its import, and a
folder that it does not name yet is no part of the register.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet

from clemency.law.vocabulary import ValueType
from clemency.records.files import atomic_path, check_place
from clemency.records.frames import parquet_batches, parquet_schema
from clemency.records.imports.comparing import fitted
from clemency.records.quarantine import RegisterError

_KEY = "clemency.import"
_NUMBERED = re.compile(r"\d{6}")
_VERSIONS, _ASIDE, _LIST = "versions.parquet", "put-aside.jsonl", "import.json"


@dataclass(frozen=True)
class Former:
    """The register as an import finds it: whether it is there, and the number of its last import.

    `adopted` says that the register was there before any import.
    """

    there: bool
    sequence: int
    adopted: bool
    last: Mapping[str, Any]


def versions_folder(register: Path) -> Path:
    """The folder of the versions of a register."""
    return register.with_name(register.name + ".versions")


@contextmanager
def only_writer(register: Path) -> Iterator[None]:
    """One import at a time: a second one into the same register is refused while the first runs."""
    check_place(register)
    folder = versions_folder(register)
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RegisterError(f"another import into {register} is running; wait for it") from None
        yield
    finally:
        if made and [one.name for one in folder.iterdir()] == [".lock"]:
            shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def read_former(register: Path) -> Former:
    """The register as it is. Raises RegisterError where file and folder do not belong together."""
    folder = versions_folder(register)
    known = _numbers(folder)
    if not register.exists():
        if known:
            raise RegisterError(
                f"{register} is missing, and {folder.name} holds its versions; put the register back, or move the "
                "folder away to begin anew"
            )
        return Former(False, 0, False, {})
    if register.suffix.lower() not in (".parquet", ".pq"):
        raise RegisterError(f"{register}: a register of several versions is kept as .parquet")
    parquet_schema(register)
    told = pl.read_parquet_metadata(register).get(_KEY)
    if told is None:
        if known:
            raise RegisterError(
                f"{register} was written by another program since its last import, so that its versions no longer tell "
                f"how it came about; move {folder.name} away to begin anew with the register as it is"
            )
        return Former(True, 0, True, {})
    named = json.loads(told)
    last = _list_of(folder, named, register)
    ahead = [number for number in known if number > named["sequence"]]
    if ahead:
        raise RegisterError(f"{folder.name} holds import {ahead[-1]}, and {register} is older; put the newer one back")
    return Former(True, named["sequence"], False, last)


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return sorted(int(one.name) for one in folder.iterdir() if _NUMBERED.fullmatch(one.name))


def _list_of(folder: Path, named: Mapping[str, Any], register: Path) -> Mapping[str, Any]:
    """The list of the import that the register names, in its folder or in the one that still waits for its name."""
    number = f"{named['sequence']:06}"
    for place in (folder / number, folder / f"{number}.pending"):
        if (place / _LIST).is_file():
            text = (place / _LIST).read_bytes()
            if hashlib.sha256(text).hexdigest() == named["list"]:
                read: Mapping[str, Any] = json.loads(text)
                return read
    raise RegisterError(f"{register} names import {named['sequence']}, and {folder.name} does not hold it; put it back")


def read_cases(register: Path, facts: Mapping[str, ValueType]) -> pl.DataFrame:
    """The cases of a register, with every column of the record. Raises RegisterError where a row does not fit."""
    frames = []
    for batch in parquet_batches(register, None, facts):
        if batch.quarantined:
            row = batch.quarantined[0]
            raise RegisterError(
                f"{register} itself has rows that do not fit (row {row.row}: {row.problems[0]}); mend them first, or "
                "name another register with -o"
            )
        frames.append(fitted(batch.frame, facts))
    return pl.concat(frames)


def settle_pending(register: Path) -> None:
    """Give the folder of a finished import its name, and remove the folders of imports that never came to be."""
    folder = versions_folder(register)
    told = pl.read_parquet_metadata(register).get(_KEY) if register.exists() else None
    named = json.loads(told)["sequence"] if told else 0
    for pending in sorted(folder.glob("*.pending")):
        number = int(pending.name.partition(".")[0])
        if number == named and not (folder / f"{number:06}").exists():
            pending.rename(folder / f"{number:06}")
        else:
            shutil.rmtree(pending)


def write_import(
    register: Path,
    former: Former,
    cases: pl.DataFrame,
    versions: Iterable[pl.DataFrame],
    put_aside: Iterable[str],
    told: Mapping[str, Any],
) -> int:
    """Write one import: first its folder, then the register, which makes it count. Gives its number."""
    settle_pending(register)
    sequence = former.sequence + 1
    folder = versions_folder(register)
    pending = folder / f"{sequence:06}.pending"
    pending.mkdir()
    with atomic_path(pending / _VERSIONS) as partial:
        _write_frames(partial, versions)
    with atomic_path(pending / _ASIDE) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(put_aside)
    whole = {"import": sequence, **told, "sha256": {name: _digest(pending / name) for name in (_VERSIONS, _ASIDE)}}
    text = (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
    with atomic_path(pending / _LIST) as partial:
        partial.write_bytes(text)
    _flush(folder)
    name = json.dumps({"sequence": sequence, "list": hashlib.sha256(text).hexdigest()})
    with atomic_path(register) as partial:
        cases.write_parquet(partial, compression="zstd", metadata={_KEY: name})
    pending.rename(folder / f"{sequence:06}")
    _flush(folder)
    return sequence


def _write_frames(path: Path, frames: Iterable[pl.DataFrame]) -> None:
    writer = None
    try:
        for frame in frames:
            table = frame.to_arrow()
            writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        pl.DataFrame({"case_id": pl.Series([], dtype=pl.String)}).write_parquet(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def last_versions(register: Path, case_ids: pl.Series) -> dict[str, int]:
    """The number of the last version of each case."""
    found: dict[str, int] = {}
    for number in _numbers(versions_folder(register)):
        path = versions_folder(register) / f"{number:06}" / _VERSIONS
        if "version" not in pl.read_parquet_schema(path):
            continue
        rows = pl.scan_parquet(path).select("case_id", "version").filter(pl.col("case_id").is_in(case_ids.implode()))
        for case_id, version in rows.collect().iter_rows():
            found[case_id] = max(found.get(case_id, 0), version)
    return found


def stated_categories(register: Path) -> pl.DataFrame:
    """The category that a file last stated of each case; none without an import.

    Columns `case_id` and `category`; cases of which no file stated one are left out.
    """
    found = [pl.DataFrame(schema={"case_id": pl.String, "category": pl.String})]
    for path in _counted(register):
        if "category" in pl.read_parquet_schema(path):
            found.append(pl.read_parquet(path, columns=["case_id", "category"]))
    return pl.concat(found).drop_nulls("category").unique("case_id", keep="last", maintain_order=True)


def _counted(register: Path) -> Iterator[Path]:
    """The versions of every import that counts, the oldest first."""
    folder = versions_folder(register)
    told = pl.read_parquet_metadata(register).get(_KEY) if folder.is_dir() and register.exists() else None
    last = json.loads(told)["sequence"] if told else 0
    for number in range(1, last + 1):
        place = folder / f"{number:06}"
        yield (place if place.is_dir() else folder / f"{number:06}.pending") / _VERSIONS


def history(register: Path, case_id: str) -> list[dict[str, Any]]:
    """Every version of a case, the oldest first: what changed it, the record, what was typed and where it stood."""
    folder = versions_folder(register)
    if not _numbers(folder):
        raise RegisterError(f"{register} has no versions; it was not brought in by an import")
    found: list[dict[str, Any]] = []
    for number, path in enumerate(_counted(register), 1):
        if "version" not in pl.read_parquet_schema(path):
            continue
        rows = pl.scan_parquet(path).filter(pl.col("case_id") == case_id).collect()
        for row in rows.iter_rows(named=True):
            about = {name: row.pop(name) for name in ("version", "change", "file", "sheet", "rows", "category")}
            typed = json.loads(row.pop("as_typed") or "[]")
            found.append({"import": number, **about, "as_typed": typed, "record": _known(row)})
    return found


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _known(inner) for name, inner in value.items() if inner is not None}
        return {name: inner for name, inner in kept.items() if inner != {}}
    if isinstance(value, list):
        return [_known(one) for one in value]
    return value
