"""Tables of text: values between commas, semicolons, tabs or bars, in any encoding that can be told."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from clemency.records.imports.detection import NAMES, delimiter_of, encoding_of, header_row_of
from clemency.records.imports.limits import Limits, check_columns_count, check_rows
from clemency.records.imports.problems import Fault
from clemency.records.imports.tables import BrokenRow, Column, Table, cleaned, headings, without_ours
from clemency.records.quarantine import RegisterError

LOOKED_AT = 60
_GATHERED = 20_000
_SAMPLE = 1 << 18


@dataclass(frozen=True, slots=True)
class TextSettings:
    """What a profile says about a text file; None leaves it to the guess."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None


def read_text_table(path: Path, settings: TextSettings, known: Collection[str], limits: Limits) -> Table:
    """The table of a text file, row by row with the line on which each begins."""
    encoding = settings.encoding or encoding_of(path)
    first = _first_lines(path, encoding)
    told = first[0].strip().lower() if first else ""
    said = first[0].strip()[4:5] if told.startswith("sep=") else ""
    delimiter = settings.delimiter or said or delimiter_of(first, known, path.name)
    place = _heading(path, encoding, delimiter, settings, known)
    return _Reader(path, encoding, delimiter, place, limits).table()


def _first_lines(path: Path, encoding: str) -> list[str]:
    with _opened(path, encoding) as file:
        try:
            return file.read(_SAMPLE).splitlines(keepends=True)[:LOOKED_AT]
        except (UnicodeError, LookupError) as error:
            raise _not_that(path, encoding, error) from None


def _heading(path: Path, encoding: str, delimiter: str, settings: TextSettings, known: Collection[str]) -> int:
    """The number of the row that is the heading, counted from 0 among the rows of the file."""
    if settings.header_row is not None:
        return settings.header_row - 1
    rows = [row for row, _ in zip(_rows(path, encoding, delimiter), range(LOOKED_AT), strict=False)]
    place = header_row_of([values for _, values in rows], known)
    if place is None:
        raise RegisterError(
            f"{path.name}: none of the first {len(rows)} lines has a heading that is known; say `read: header_row:` "
            "and `columns:` in the profile"
        )
    return place


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    try:
        return path.open("r", encoding=encoding, newline="")
    except LookupError:
        raise RegisterError(f"{path.name}: no encoding is called {encoding}; write utf-8, cp1251 or cp1254") from None


def _not_that(path: Path, encoding: str, error: Exception) -> RegisterError:
    place = f" (byte {error.start + 1:,} of a piece)" if isinstance(error, UnicodeDecodeError) else ""
    return RegisterError(f"{path.name} is not written in {encoding}{place}; say `read: encoding:` in the profile")


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line on which it begins, counted from 1."""
    line = 1
    with _opened(path, encoding) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for values in reader:
                yield line, values
                line = reader.line_num + 1
        except csv.Error as error:
            raise RegisterError(
                f"{path.name}, from line {line}: {_in_words(error)}; look for a quotation mark that is not "
                "closed, or that stands inside a value without being doubled"
            ) from None
        except UnicodeError as error:
            raise _not_that(path, encoding, error) from None


def _in_words(error: csv.Error) -> str:
    told = str(error)
    if "end of data" in told:
        return "a quotation mark is opened and never closed"
    if "limit" in told:
        return "a value has over 131,072 letters"
    return "text stands beside a quotation mark" if "expected after" in told else told


class _Reader:
    """Gathers rows into columns, some thousand at a time."""

    def __init__(self, path: Path, encoding: str, delimiter: str, heading: int, limits: Limits) -> None:
        self.path, self.encoding, self.delimiter, self.heading, self.limits = path, encoding, delimiter, heading, limits
        self.names: list[str] = []
        self.lines: list[pl.Series] = []
        self.pieces: list[list[pl.Series]] = []
        self.broken: list[BrokenRow] = []
        self.empty = self.header_line = 0

    def table(self) -> Table:
        """The whole table."""
        gathered: list[list[str]] = []
        lines: list[int] = []
        for place, (line, values) in enumerate(_rows(self.path, self.encoding, self.delimiter)):
            if place <= self.heading:
                self._above(place, line, values)
            elif fitting := self._fitting(line, values):
                gathered.append(fitting)
                lines.append(line)
                if len(lines) >= _GATHERED:
                    self._gather(gathered, lines)
                    gathered, lines = [], []
        self._gather(gathered, lines)
        if not self.names:
            raise RegisterError(f"{self.path.name} has no line {self.heading + 1}, which should be the heading")
        return self._made()

    def _above(self, place: int, line: int, values: list[str]) -> None:
        if place == self.heading:
            while values and not values[-1].strip():
                values = values[:-1]
            check_columns_count(len(values), self.path.name, self.limits)
            self.names, self.header_line = headings(values), line

    def _fitting(self, line: int, values: list[str]) -> list[str] | None:
        """The values of a row under its headings; a row with too many or too few of them is kept apart."""
        width = len(self.names)
        if not any(map(str.strip, values)):
            self.empty += 1
            return None
        if len(values) > width and not any(map(str.strip, values[width:])):
            values = values[:width]
        if any(len(value) > self.limits.cell for value in values):
            what = f"a value has over {self.limits.cell:,} letters"
            self.broken.append(BrokenRow(line, Fault("wrong_number_of_values", what), [one[:200] for one in values]))
            return None
        if len(values) == width:
            return values
        what = f"the line has {len(values)} values, the heading has {width}"
        self.broken.append(BrokenRow(line, Fault("wrong_number_of_values", what), values))
        return None

    def _gather(self, rows: list[list[str]], lines: list[int]) -> None:
        check_rows(sum(map(len, self.lines)) + len(lines), self.path.name, self.limits)
        if lines:
            self.lines.append(pl.Series("row", lines, pl.Int64))
            self.pieces.append([cleaned(pl.Series("", values, pl.String)) for values in zip(*rows, strict=True)])

    def _made(self) -> Table:
        empty = pl.Series("", [], pl.String)
        columns = [
            Column(name, pl.concat([piece[place] for piece in self.pieces]) if self.pieces else empty)
            for place, name in enumerate(self.names)
        ]
        reading: dict[str, Any] = {"encoding": self.encoding, "delimiter": NAMES.get(self.delimiter, self.delimiter)}
        reading |= {"header_row": self.header_line, "lines_above": self.header_line - 1, "empty_rows": self.empty}
        rows = pl.concat(self.lines) if self.lines else pl.Series("row", [], pl.Int64)
        columns = without_ours(columns)
        return Table(self.path, "", "text", rows, columns, broken=self.broken, reading=reading)
