"""The files of an import given back, with three columns added: the code, what is wrong, and how to mend it.

Workbooks come back as xlsx with the cells in question coloured, tables of text as CSV, objects as JSON Lines. Text that
a spreadsheet would take for a formula is escaped in these spreadsheets and nowhere else; the escape is undone when the
file comes in again.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from clemency.records.files import atomic_path
from clemency.records.imports.detection import NAMES
from clemency.records.imports.tables import BOOLEAN, DAY, NUMBER, OURS, TEXT, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_SIGNS = {name: sign for sign, name in NAMES.items()}
_MOST_ROWS = 1_048_575


def escaped(text: str) -> str:
    """Text that a spreadsheet takes for text, whatever it begins with.

    >>> escaped("=1+1"), escaped("177.2.3")
    ("'=1+1", '177.2.3')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def give_back(tables: list[Table], problems: pl.DataFrame, folder: Path) -> list[Path]:
    """Write each file again into a folder, with what is wrong beside each row. `problems` are those of a report."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    files: dict[Path, list[Table]] = {}
    for table in tables:
        files.setdefault(table.path, []).append(table)
    for path, found in files.items():
        ending = {"sheet": ".xlsx", "text": ".csv"}.get(found[0].form, ".jsonl")
        target = _free(folder / f"{path.stem}.given-back{ending}", written)
        with atomic_path(target) as partial:
            writer = {"sheet": _workbook, "text": _text}.get(found[0].form, _lines)
            writer(partial, found, problems)
        written.append(target)
    return written


def _free(path: Path, taken: list[Path]) -> Path:
    number, free = 1, path
    while free in taken:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


Told = dict[int, tuple[str, str, str, frozenset[str]]]


def _told(table: Table, problems: pl.DataFrame) -> Told:
    """For each row number what is wrong: codes, sentences, mends, and the columns in question."""
    own = problems.filter((pl.col("file") == table.file) & (pl.col("sheet") == table.sheet))
    found: Told = {}
    for (row,), told in own.group_by(["row"], maintain_order=True):
        codes = "; ".join(dict.fromkeys(told["code"]))
        what = "; ".join(
            dict.fromkeys(f"{one['column'] or 'the row'}: {one['what']}" for one in told.iter_rows(named=True))
        )
        mend = "; ".join(dict.fromkeys(text for text in told["mend"] if text))
        found[int(str(row))] = (codes, what, mend, frozenset(told["column"].drop_nulls()))
    return found


def _cells(table: Table) -> Iterator[tuple[int, list[tuple[str | None, int]] | Any]]:
    """Every row with its number: text and kind of each cell, or what stood in a row that could not be read."""
    kinds = [one.kinds.to_list() if one.kinds is not None else None for one in table.columns]
    texts = [one.text.to_list() for one in table.columns]
    broken = {one.row: one.given for one in table.broken}
    rows: dict[int, Any] = {}
    for place, number in enumerate(table.rows.to_list()):
        cells = [(text[place], kind[place] if kind else TEXT) for text, kind in zip(texts, kinds, strict=True)]
        rows[number] = cells
    for number in sorted(rows.keys() | broken.keys()):
        yield number, rows.get(number, broken.get(number))


def _text(path: Path, tables: list[Table], problems: pl.DataFrame) -> None:
    (table,) = tables
    told = _told(table, problems)
    sign = _SIGNS.get(str(table.reading.get("delimiter")), ",")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=sign, lineterminator="\r\n")
        writer.writerow([escaped(one.name) for one in table.columns] + list(OURS))
        for number, cells in _cells(table):
            values = [cell[0] or "" if isinstance(cell, tuple) else str(cell) for cell in cells]
            values += [""] * (len(table.columns) - len(values))
            writer.writerow([escaped(value) for value in values] + list(told.get(number, ("", "", ""))[:3]))


def _workbook(path: Path, tables: list[Table], problems: pl.DataFrame) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    quoted = book.add_format({"quote_prefix": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    wrong = book.add_format({"bg_color": "#ffd6cc"})
    wrong_day = book.add_format({"bg_color": "#ffd6cc", "num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True, "text_wrap": True})
    try:
        for table in tables:
            sheet = book.add_worksheet(table.sheet)
            told = _told(table, problems)
            names = [one.name for one in table.columns]
            for place, name in enumerate([*names, *OURS]):
                sheet.write_string(0, place, name, bold)
            sheet.freeze_panes(1, 0)
            for line, (number, cells) in enumerate(_cells(table), 1):
                said = told.get(number)
                for place, (text, kind) in enumerate(cells):
                    bad = said is not None and names[place] in said[3]
                    _cell(sheet, line, place, text, kind, wrong if bad else None, wrong_day if bad else day, quoted)
                for place, text in enumerate(said[:3] if said else (), len(names)):
                    sheet.write_string(line, place, text)
    finally:
        book.close()


def _cell(sheet: Any, line: int, place: int, text: str | None, kind: int, look: Any, day: Any, quoted: Any) -> None:
    if text is None:
        return
    if kind == NUMBER:
        sheet.write_number(line, place, float(text), look)
    elif kind == BOOLEAN:
        sheet.write_boolean(line, place, text == "true", look)
    elif kind == DAY:
        sheet.write_datetime(line, place, datetime.fromisoformat(text), day)
    else:
        sheet.write_string(line, place, text, look or (quoted if text.startswith(_FORMULA) else None))


def _lines(path: Path, tables: list[Table], problems: pl.DataFrame) -> None:
    (table,) = tables
    told = _told(table, problems)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, cells in _cells(table):
            given: Any = cells
            if isinstance(cells, list):
                pairs = zip(table.columns, cells, strict=True)
                given = {one.name: _value(one.name, cell, table) for one, cell in pairs if cell[0] is not None}
            row = given if isinstance(given, dict) else {"given": given}
            said = told.get(number)
            added = dict(zip(OURS, said[:3], strict=True)) if said else {}
            file.write(json.dumps({**row, **added}, ensure_ascii=False) + "\n")


def _value(name: str, cell: tuple[str | None, int], table: Table) -> Any:
    text, kind = cell
    inside = table.nested is not None and table.nested.columns and table.nested.columns[0].name.startswith(f"{name}.")
    if text is not None and (inside or kind in (NUMBER, BOOLEAN)):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
