"""Tables of spreadsheets: xlsx, xlsm, xls, xlsb and ods. Formulas are never worked out and macros never run.

Of a formula the value that the spreadsheet stored is read. A cell merged over several rows holds for each of them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from clemency.records.imports.detection import header_row_of
from clemency.records.imports.limits import Limits, check_columns_count, check_package, check_rows
from clemency.records.imports.tables import (
    BOOLEAN,
    DAY,
    ERROR,
    NUMBER,
    TEXT,
    Column,
    Table,
    cleaned,
    headings,
    without_ours,
)
from clemency.records.quarantine import RegisterError

_LOOKED_AT = 60
_GATHERED = 20_000
_KINDS = {bool: BOOLEAN, int: NUMBER, float: NUMBER, date: DAY, datetime: DAY, time: TEXT, timedelta: TEXT, str: TEXT}


@dataclass(frozen=True, slots=True)
class SheetSettings:
    """What a profile or the command says about a workbook: sheets to read and to leave out, row of the heading."""

    sheets: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class LeftSheet:
    """A sheet that holds something and was not read, because nothing told its heading or because it is hidden."""

    name: str
    rows: int
    why: str


def read_workbook(
    path: Path, settings: SheetSettings, known: Collection[str], limits: Limits
) -> tuple[list[Table], list[LeftSheet]]:
    """The tables of a workbook, one a sheet, and the sheets that hold something and were not read."""
    package = _Package(path, limits)
    book = _opened(path)
    missing = [name for name in settings.sheets if name not in book.sheet_names]
    if missing:
        raise RegisterError(f"{path.name} has no sheet {missing[0]}; it has: {', '.join(book.sheet_names)}")
    tables: list[Table] = []
    left: list[LeftSheet] = []
    for place, told in enumerate(book.sheets_metadata):
        if told.name in settings.leave_out or (settings.sheets and told.name not in settings.sheets):
            continue
        if str(told.typ) not in ("SheetTypeEnum.WorkSheet",):
            continue
        sheet = book.get_sheet_by_index(place)
        if not sheet.height:
            continue
        check_rows(sheet.height, f"{path.name}, sheet {told.name}", limits)
        check_columns_count(sheet.width, f"{path.name}, sheet {told.name}", limits)
        if str(told.visible).rsplit(".", 1)[-1] != "Visible" and told.name not in settings.sheets:
            left.append(LeftSheet(told.name, sheet.height, "it is hidden"))
            continue
        heading = _heading(sheet, settings, known)
        if heading is None:
            left.append(LeftSheet(told.name, sheet.height, "none of its first rows has a heading that is known"))
        else:
            tables.append(_Sheet(path, told.name, sheet, heading, package).table())
    return tables, left


def _opened(path: Path) -> Any:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError:
        raise RegisterError(f"{path.name} is protected by a password. Save it without one") from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        told = " ".join(str(error).split())
        if "password" in told.lower() or "encrypt" in told.lower():
            raise RegisterError(f"{path.name} is protected by a password. Save it without one") from None
        raise RegisterError(f"{path.name} cannot be read as a spreadsheet ({told[:120]}). Save it again") from None


def _heading(sheet: Any, settings: SheetSettings, known: Collection[str]) -> int | None:
    if settings.header_row is not None:
        return settings.header_row - 1
    rows = [[str(cell) for cell in row] for row, _ in zip(sheet.iter_rows(), range(_LOOKED_AT), strict=False)]
    return header_row_of(rows, known)


class _Package:
    """What the packed parts of an xlsx say beyond the cells: where dates count from, formulas, cells in error."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        with path.open("rb") as file:
            self.packed = file.read(2) == b"PK"
        self.parts = check_package(path, limits) if self.packed else []
        self.xlsx = "xl/workbook.xml" in self.parts

    @property
    def epoch(self) -> int | None:
        """1900 or 1904, where the workbook says it."""
        if not self.xlsx:
            return None
        with zipfile.ZipFile(self.path) as package:
            told = package.read("xl/workbook.xml")
        return 1904 if re.search(rb'<workbookPr[^>]*\bdate1904="(?:1|true)"', told) else 1900

    def formulas_and_errors(self, sheet: str) -> tuple[int, list[tuple[int, int]]]:
        """How many formulas a sheet has, and the (row, column) of cells in error, both counted from 0."""
        part = self._part_of(sheet) if self.xlsx else None
        if part is None:
            return 0, []
        formulas, found = 0, list[tuple[int, int]]()
        for piece in self._pieces(part):
            formulas += len(re.findall(rb"<f[ >/]", piece))
            for place in re.findall(rb'<c (?=[^>]*\bt="e")[^>]*\br="([A-Z]+\d+)"', piece):
                found.append(_place_of(place.decode()))
        return formulas, found

    def _part_of(self, sheet: str) -> str | None:
        import xml.etree.ElementTree as tree

        with zipfile.ZipFile(self.path) as package:
            try:
                book = _safe_tree(package.read("xl/workbook.xml"), tree)
                links = _safe_tree(package.read("xl/_rels/workbook.xml.rels"), tree)
            except (KeyError, tree.ParseError, zipfile.BadZipFile):
                return None
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for one in book.iter():
            if one.tag.endswith("}sheet") and one.get("name") == sheet:
                linked = next((value for name, value in one.attrib.items() if name.endswith("}id")), None)
                target = targets.get(linked, "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                return part if part in self.parts else None
        return None

    def _pieces(self, part: str) -> Iterator[bytes]:
        """A part in pieces that end with a cell, so that none is cut in two."""
        with zipfile.ZipFile(self.path) as package, package.open(part) as file:
            rest = b""
            while piece := file.read(1 << 22):
                whole = rest + piece
                cut = whole.rfind(b"<c ")
                yield whole[: max(cut, 0)]
                rest = whole[max(cut, 0) :]
            yield rest


def _safe_tree(text: bytes, tree: Any) -> Any:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise RegisterError("the workbook declares entities, as no spreadsheet does; save it again")
    return tree.fromstring(text)


def _place_of(reference: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", reference)
    assert match
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class _Sheet:
    """Gathers the cells of a sheet into columns of text and kinds."""

    def __init__(self, path: Path, name: str, sheet: Any, heading: int, package: _Package) -> None:
        self.path, self.name, self.sheet, self.heading, self.package = path, name, sheet, heading, package
        self.left = sheet.start[1] if sheet.start else 0
        self.formulas, errors = package.formulas_and_errors(name)
        self.errors = {(row, column - self.left) for row, column in errors}
        self.error_rows = {row for row, _ in self.errors}
        self.merged = self._merged()

    def _merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """For each cell inside a merged range of several rows, the cell that holds its value."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for (top, left), (bottom, right) in self.sheet.merged_cell_ranges or []:
            if top > self.heading and left == right and top < bottom and bottom - top < 100_000:
                found |= {(row, left - self.left): (top, left - self.left) for row in range(top + 1, bottom + 1)}
        return found

    def table(self) -> Table:
        """The table under the heading."""
        names: list[str] = []
        rows: list[Sequence[Any]] = []
        numbers: list[int] = []
        pieces: list[list[Column]] = []
        lines: list[pl.Series] = []
        held: dict[tuple[int, int], Any] = {}
        tops = set(self.merged.values())
        empty = count = 0
        for place, row in enumerate(self.sheet.iter_rows()):
            if place <= self.heading:
                if place == self.heading:
                    names = self._names(row)
                continue
            row = self._whole(place, row[: len(names)], tops, held)
            if all(cell == "" for cell in row):
                empty += 1
                continue
            rows.append(row)
            numbers.append(place + 1)
            if len(rows) >= _GATHERED:
                pieces.append(_columns(names, rows))
                lines.append(pl.Series("row", numbers, pl.Int64))
                count += len(rows)
                rows, numbers = [], []
        if not names:
            raise RegisterError(f"{self.path.name}, sheet {self.name} has no row {self.heading + 1} for the heading")
        pieces.append(_columns(names, rows))
        lines.append(pl.Series("row", numbers, pl.Int64))
        reading = {"header_row": self.heading + 1, "lines_above": self.heading, "empty_rows": empty}
        if self.formulas:
            reading["formulas"] = self.formulas
        columns = [_joined([piece[place] for piece in pieces]) for place in range(len(names))]
        columns = [one for one in columns if not (one.name.startswith("(column ") and one.text.is_null().all())]
        return Table(
            self.path, self.name, "sheet", pl.concat(lines), without_ours(columns), reading=reading,
            epoch=self.package.epoch,
        )  # fmt: skip

    def _names(self, row: Sequence[Any]) -> list[str]:
        cells = [_text(cell) or "" for cell in row]
        return [
            name if cell else f"(column {_letters(place + self.left)})"
            for place, (name, cell) in enumerate(zip(headings(cells), cells, strict=True))
        ]

    def _whole(self, place: int, row: list[Any], tops: set[tuple[int, int]], held: dict[Any, Any]) -> list[Any]:
        if self.merged or self.errors:
            for column in range(len(row)):
                here = (place, column)
                if here in tops:
                    held[here] = row[column]
                elif here in self.merged and row[column] == "":
                    row[column] = held.get(self.merged[here], "")
                if place in self.error_rows and here in self.errors:
                    row[column] = _InError()
        return row


class _InError:
    """Stands for a cell that the spreadsheet shows as an error."""


def _letters(place: int) -> str:
    from clemency.records.imports.tables import letters

    return letters(place)


def _columns(names: list[str], rows: list[Sequence[Any]]) -> list[Column]:
    if not rows:
        return [Column(name, pl.Series("", [], pl.String)) for name in names]
    return [_column(name, cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)]


def _column(name: str, cells: Sequence[Any]) -> Column:
    if set(map(type, cells)) == {str}:
        return Column(name, cleaned(pl.Series("", cells, pl.String)))
    kinds = pl.Series("", [ERROR if isinstance(cell, _InError) else _KINDS[type(cell)] for cell in cells], pl.UInt8)
    text = cleaned(pl.Series("", [_text(cell) for cell in cells], pl.String))
    return Column(name, text, None if (kinds == TEXT).all() else kinds)


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, _InError):
        return "#ERROR"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _joined(pieces: list[Column]) -> Column:
    text = pl.concat([piece.text for piece in pieces])
    if all(piece.kinds is None for piece in pieces):
        return Column(pieces[0].name, text)
    plain = [
        pl.repeat(TEXT, len(one.text), dtype=pl.UInt8, eager=True) if one.kinds is None else one.kinds for one in pieces
    ]
    return Column(pieces[0].name, text, pl.concat(plain))
