"""Findings as files and tables: Excel, CSV and JSON by the file's ending, and tables for a terminal."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clemency.assure.findings import Findings
from clemency.assure.questions import Question
from clemency.records.files import atomic_path

if TYPE_CHECKING:
    from rich.table import Table

ENDINGS = (".xlsx", ".csv", ".json")
_HEAD = ("code", "severity", "harm", "what", "cases", "seen", "to_do")
_ASKED = ("kind", "name", "settles", "open_in", "ask", "whom")
#: A cell that begins so could be taken for a formula where a CSV is opened as a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHOWN = 12


def write_findings(found: Findings, path: Path) -> None:
    """Write the findings, in the form that the file's ending names, whole or not at all."""
    with atomic_path(path) as partial:
        if path.suffix == ".xlsx":
            _write_excel(found, partial)
        elif path.suffix == ".csv":
            _write_csv(found, partial)
        else:
            partial.write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def rows(found: Findings) -> Iterator[tuple[str, ...]]:
    """One row a finding, gravest kinds first."""
    for code, kind, of_kind in found.by_code():
        for one in of_kind:
            yield code, kind.severity, kind.harm, kind.what, ", ".join(one.cases), one.seen, kind.to_do


def _write_csv(found: Findings, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\r\n")
        writer.writerow(_HEAD)
        writer.writerows([_harmless(cell) for cell in row] for row in rows(found))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write_excel(found: Findings, path: Path) -> None:
    """Two sheets: findings, and what to ask. Every cell is text or a number, never a formula."""
    import xlsxwriter

    asked = ((one.kind, one.name, one.settles, one.open_in, one.ask, one.whom) for one in found.questions)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, head, lines in (("findings", _HEAD, rows(found)), ("questions", _ASKED, asked)):
            _fill(book, name, head, lines)


def _fill(book: Any, name: str, head: Iterable[str], lines: Iterable[Iterable[str | int]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, list(head), bold)
    for number, line in enumerate(lines, start=1):
        for place, cell in enumerate(line):
            (sheet.write_number if isinstance(cell, int) else sheet.write_string)(number, place, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofit()


def tables(found: Findings) -> Iterator[Table]:
    """The findings by kind with their number, the first cases of each, and the questions that settle most."""
    from rich.table import Table

    counted = Table(title=f"{found.cases:,} cases under {found.act}", title_justify="left", box=None, pad_edge=False)
    for name, side in (("number", "right"), ("severity", "left"), ("harm", "left"), ("finding", "left")):
        counted.add_column(name, justify="right" if side == "right" else "left", header_style="dim")
    for code, kind, of_kind in found.by_code():
        counted.add_row(f"{len(of_kind):,}", kind.severity, kind.harm, f"{code}: {kind.what}; {kind.to_do}")
    yield counted
    freed = [one for one in found.near_misses if one.freed]
    if freed:
        missed = Table(title="Near misses", title_justify="left", box=None, pad_edge=False)
        for name in ("would be freed", "exclusion", "entry"):
            missed.add_column(name, header_style="dim")
        for one in freed:
            missed.add_row(f"{one.freed:,}", one.exclusion, one.entry)
        yield missed
    for asked, title in (("fact", "What to ask whom first"), ("law", "Points of law to settle first")):
        questions = [one for one in found.questions if one.kind == asked]
        if questions:
            yield _asked_first(title, questions)


def _asked_first(title: str, questions: list[Question]) -> Table:
    from rich.table import Table

    asked = Table(title=title, title_justify="left", box=None, pad_edge=False)
    asked.add_column("alone settles", justify="right", header_style="dim")
    asked.add_column("open in", justify="right", header_style="dim")
    asked.add_column("question", header_style="dim", ratio=3)
    asked.add_column("where to ask", header_style="dim", ratio=2)
    for one in questions[:_SHOWN]:
        asked.add_row(f"{one.settles:,}", f"{one.open_in:,}", f"{one.ask} ({one.name})", one.whom)
    return asked
