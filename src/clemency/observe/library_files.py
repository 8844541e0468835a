"""Files of the library read against a schema: every problem of a file at once, with its row or line and its column.

A sheet is a CSV file with one row a thing. A document is a YAML file. Both are described by a pydantic model; unknown
columns and keys are errors, and an empty cell is unknown, never zero.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from clemency.law.source import Source, SourceErrors, read_source

_SHOWN = 60


@dataclass(frozen=True, slots=True, order=True)
class SheetProblem:
    """One cell that does not fit: the line of its row, the column, what stands there, why, and what to write."""

    line: int
    column: str
    what: str
    value: str | None = None
    mend: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the file"
        column = f", column {self.column}" if self.column else ""
        value = "" if self.value is None else f"{_cut(self.value)!r}: "
        mend = f" ({self.mend})" if self.mend else ""
        return f"{place}{column}: {value}{self.what}{mend}"


class SheetErrors(ValueError):
    """Everything that does not fit in one sheet."""

    def __init__(self, file: str, problems: Iterable[SheetProblem]) -> None:
        self.file = file
        self.problems = sorted(set(problems), key=lambda one: (one.line, one.column, one.what))
        super().__init__("\n".join(f"{file}: {problem}" for problem in self.problems))


class Row(BaseModel):
    """What a sheet's rows are made of: texts as they stand in the cells, read strictly."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Document(BaseModel):
    """What a document is made of: values as YAML gives them, read strictly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# --- cells ----------------------------------------------------------------------------------------------------


def _read_day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("is no day; write it as 2025-12-19")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _read_day_or_month(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        return value
    try:
        _read_day(value)
    except ValueError as error:
        raise ValueError(str(error).replace("day;", "day or month;")) from None
    return value


def _read_count(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{1,12}", value):
        hint = "; write it without separators" if re.fullmatch(r"[\d.,  ]+", value) else ""
        raise ValueError(f"is no whole number{hint}")
    return value


def _read_address(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"https?://\S+", value):
        raise ValueError("is no address; write it with http:// or https://")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]
#: A day, or a month where no day is known, as text: `2013-05-07`, `2013-05`.
DayOrMonth = Annotated[str, BeforeValidator(_read_day_or_month)]
Count = Annotated[int, BeforeValidator(_read_count)]
Address = Annotated[str, BeforeValidator(_read_address)]
Words = Annotated[str, StringConstraints(min_length=1)]

R = TypeVar("R", bound=Row)
D = TypeVar("D")


# --- sheets ---------------------------------------------------------------------------------------------------


Cells = Mapping[str, str | None]


def read_sheet(
    path: Path,
    model: type[R],
    check: Callable[[Cells, R | None], Iterable[tuple[str, str]]] = lambda cells, row: (),
) -> tuple[R, ...]:
    """The rows of a sheet, in their order. Raises SheetErrors with every problem of every row.

    `check` gives (column, what is wrong) for what a schema cannot say; a row that does not fit the schema is None.
    """
    read: list[R] = []
    problems: list[SheetProblem] = []
    for line, cells in _rows(path, list(model.model_fields), problems):
        row: R | None = None
        try:
            row = model.model_validate(cells)
            read.append(row)
        except ValidationError as error:
            problems += [_cell_problem(line, detail, cells) for detail in error.errors()]
        problems += [SheetProblem(line, column, what, cells.get(column)) for column, what in check(cells, row)]
    if problems:
        raise SheetErrors(path.name, problems)
    return tuple(read)


def _rows(path: Path, known: list[str], problems: list[SheetProblem]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Each row with the line on which it begins; an empty cell is None."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetErrors(path.name, [SheetProblem(0, "", "is not UTF-8 text", mend="save it as UTF-8")]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = next(reader, [])
        problems += _columns(head, known)
        if problems:
            return
        end = reader.line_num
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not cells:
                continue
            if len(cells) != len(head):
                problems.append(SheetProblem(line, "", f"has {len(cells)} cells and the head {len(head)}"))
                continue
            yield line, {name: cell.strip() or None for name, cell in zip(head, cells, strict=True)}
    except csv.Error as error:
        problems.append(SheetProblem(reader.line_num, "", f"is no CSV: {error}"))


def _columns(head: Sequence[str], known: Sequence[str]) -> Iterator[SheetProblem]:
    for name in known:
        if name not in head:
            yield SheetProblem(1, name, "the column is missing")
    for name in head:
        if name not in known:
            yield SheetProblem(1, name, "unknown column", mend=nearest(name, known))
        if head.count(name) > 1:
            yield SheetProblem(1, name, "the column stands twice")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or nothing.

    >>> nearest("totl", ["total", "women"])
    'did you mean total?'
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def _cell_problem(line: int, detail: Any, cells: Mapping[str, str | None]) -> SheetProblem:
    column = str(detail["loc"][0]) if detail["loc"] else ""
    value = cells.get(column)
    expected = detail.get("ctx", {}).get("expected")
    if value is None and column:
        return SheetProblem(line, column, "is empty")
    if expected:
        words = str(expected).replace("'", "").replace(" or ", ", ")
        return SheetProblem(line, column, f"is none of: {words}", value, nearest(value or "", words.split(", ")))
    if detail["type"] == "string_pattern_mismatch":
        return SheetProblem(line, column, f"does not have the form {detail['ctx']['pattern']}", value)
    told = str(detail["msg"]).removeprefix("Value error, ")
    return SheetProblem(line, column, told, value)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


# --- documents ------------------------------------------------------------------------------------------------


def read_document(path: Path, schema: type[D] | Any) -> tuple[D, Source]:
    """A YAML file as its schema has it, with its source so that more can be said about places in it.

    Raises SourceErrors with every problem that the schema sees.
    """
    source = read_source(path)
    try:
        read: D = TypeAdapter(schema).validate_python(source.data)
    except ValidationError as error:
        for detail in error.errors():
            where, rest = _place(detail["loc"], source)
            source.problem(where, _document_problem(detail, rest), at_key=detail["type"] == "extra_forbidden")
        raise SourceErrors(path.name, source.problems) from None
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return read, source


def _place(loc: tuple[int | str, ...], source: Source) -> tuple[tuple[str | int, ...], str]:
    """The longest leading part of a place that stands in the file, and the key that does not."""
    path: list[str | int] = []
    data: Any = source.data
    for step in loc:
        in_mapping = isinstance(data, Mapping) and step in data
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if not in_mapping and not in_list:
            return tuple(path), str(step)
        data = data[step]
        path.append(step)
    return tuple(path), ""


def _document_problem(detail: Any, rest: str) -> str:
    if detail["type"] == "missing":
        return f"{rest} is missing"
    if detail["type"] == "extra_forbidden":
        return f"unknown key {detail['loc'][-1]}"
    return str(detail["msg"]).removeprefix("Value error, ")
