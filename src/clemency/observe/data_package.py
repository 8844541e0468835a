"""The data package: which tables the Observatory hands on, in which version, and what each column means.

A table with a file is a sheet of the library as it stands; the others are worked out from the library.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from clemency.law.act import Translated, translated
from clemency.law.library import library_path
from clemency.law.source import SourceErrors
from clemency.observe.library_files import Document, read_document

Kind = Literal["text", "name", "day", "day_or_month", "year_or_years", "whole", "number", "yes_no", "address", "list"]
KINDS = frozenset(get_args(Kind))
Value = str | int | float | bool | list[str] | None


class TableFile(Document):
    """One table of `package.yaml`."""

    file: str | None = None
    key: str | list[str] = Field(default_factory=list)
    counted: str | None = None
    measured: str | None = None
    labelled: list[str] = Field(default_factory=list)
    picture: str | None = None
    refers: dict[str, str] = Field(default_factory=dict)
    title: Translated
    about: Translated
    columns: dict[str, list[str]]


class PackageFile(Document):
    """The schema of `package.yaml`."""

    name: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: Translated
    about: Translated
    keywords: list[str]
    words: dict[str, Translated]
    tables: dict[str, TableFile]


@dataclass(frozen=True)
class Column:
    """A column: its name, the kind of its values, and what it says."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True)
class TableAbout:
    """What is said of a table, without its rows."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    file: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    refers: Mapping[str, str]
    counted: str
    measured: str
    labelled: tuple[str, ...]
    picture: str


@dataclass(frozen=True)
class DataPackage:
    """The package with its tables by name, in the order of the file."""

    name: str
    version: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    keywords: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, TableAbout]


def folder() -> Path:
    """Where the package is described."""
    return library_path() / "package"


def data_package() -> DataPackage:
    """The package of the library. Raises SourceErrors with everything that does not fit."""
    path = folder() / "package.yaml"
    read: PackageFile
    read, source = read_document(path, PackageFile)
    for name, table in read.tables.items():
        for column, told in table.columns.items():
            if len(told) != 2 or told[0] not in KINDS:
                source.problem(("tables", name, "columns", column), "a column is its kind and what it says")
        named = [*_keys(table.key), *table.labelled, *table.refers, *filter(None, (table.counted, table.measured))]
        for column in named:
            if column not in table.columns:
                source.problem(("tables", name), f"{column} is no column of it")
        for other in table.refers.values():
            if other not in read.tables:
                source.problem(("tables", name, "refers"), f"there is no table {other}")
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return DataPackage(
        read.name,
        read.version,
        translated(read.title),
        translated(read.about),
        tuple(read.keywords),
        {word: translated(text) for word, text in read.words.items()},
        {name: _about(name, table) for name, table in read.tables.items()},
    )


def _keys(key: str | Sequence[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


def _about(name: str, table: TableFile) -> TableAbout:
    return TableAbout(
        name,
        translated(table.title),
        translated(table.about),
        table.file or "",
        _keys(table.key),
        tuple(Column(column, kind, about) for column, (kind, about) in table.columns.items()),
        table.refers,
        table.counted or "",
        table.measured or "",
        tuple(table.labelled),
        table.picture or "",
    )


def undescribed(table: TableAbout) -> set[str]:
    """Columns that stand only in the sheet, or only in the description of it."""
    with (library_path() / table.file).open(encoding="utf-8-sig", newline="") as lines:
        return set(next(csv.reader(lines))) ^ {column.name for column in table.columns}


def sheet_rows(table: TableAbout) -> tuple[dict[str, Value], ...]:
    """The rows of a table that is a sheet of the library, each cell as its kind; an empty cell is unknown.

    Columns that the package does not describe are not handed on.
    """
    path = library_path() / table.file
    found = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        for row in reader:
            where = f"{table.file}, line {reader.line_num}"
            found.append({one.name: _value((row.get(one.name) or "").strip(), one, where) for one in table.columns})
    return tuple(found)


_FORMS = {
    "day": r"\d{4}-\d\d-\d\d",
    "day_or_month": r"\d{4}-\d\d(-\d\d)?",
    "year_or_years": r"\d{4}(-\d{4})?",
    "whole": r"-?\d+",
    "number": r"-?\d+(\.\d+)?",
    "yes_no": r"true|false",
    "address": r"https?://\S+",
}


def _value(cell: str, column: Column, where: str) -> Value:
    if not cell:
        return None
    form = _FORMS.get(column.kind)
    if form and not re.fullmatch(form, cell):
        raise ValueError(f"{where}, column {column.name}: {cell!r} is not of the kind {column.kind}")
    match column.kind:
        case "whole":
            return int(cell)
        case "number":
            return float(cell)
        case "yes_no":
            return cell == "true"
        case "list":
            return cell.split("; ")
        case _:
            return cell
