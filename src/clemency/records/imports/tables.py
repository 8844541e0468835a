"""A table as it came out of a file: text by column, with the number of every row, and what each cell was.

Every source becomes one of these, so that one reading of dates, words and articles serves them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from clemency.records.imports.problems import Fault
from clemency.records.imports.spelling import UNSEEN, folded

#: What a cell was before it became text: the kind says how far its text may be trusted.
TEXT, NUMBER, DAY, BOOLEAN, ERROR = 0, 1, 2, 3, 4
#: Columns that this program adds to a file it gives back; they are left out when the file comes again.
OURS = ("clemency_code", "clemency_what", "clemency_mend")


@dataclass(frozen=True)
class Column:
    """One column: its heading, its text (null where the cell is empty), and the kinds of its cells.

    `kinds` is None where every cell was text.
    """

    name: str
    text: pl.Series
    kinds: pl.Series | None = None


@dataclass(frozen=True)
class Nested:
    """Offences that stood inside their case: for each the place of its case, and the offences' own columns."""

    parent: pl.Series
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that has no columns to read: its number, why, and what stood there."""

    row: int
    fault: Fault
    given: Any


@dataclass(frozen=True)
class Table:
    """One table of one file."""

    path: Path
    sheet: str
    form: str
    rows: pl.Series
    columns: list[Column]
    nested: Nested | None = None
    broken: list[BrokenRow] = field(default_factory=list)
    #: How the file was read, for the person: encoding, delimiter, row of the heading, lines above it, empty rows.
    reading: dict[str, Any] = field(default_factory=dict)
    #: Which day a number of a spreadsheet counts from; None where the file does not say.
    epoch: int | None = None

    @property
    def file(self) -> str:
        """The name of the file, without its folder."""
        return self.path.name

    @property
    def where(self) -> str:
        """The file, with the sheet where there is one."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file

    @property
    def height(self) -> int:
        """How many rows can be read."""
        return len(self.rows)

    def column(self, name: str) -> Column:
        """A column by its heading."""
        return next(column for column in self.columns if column.name == name)


def cleaned(text: pl.Series) -> pl.Series:
    """Cells without the blanks around them; an empty cell is null.

    >>> cleaned(pl.Series(["\\u00a0177.2 ", " ", None])).to_list()
    ['177.2', None, None]
    """
    cut = text.str.strip_chars(UNSEEN)
    return cut.set(cut == "", None)


def headings(given: Sequence[str]) -> list[str]:
    """Headings made telling and distinct: one without a name is called by its letter, one given twice is numbered.

    >>> headings(["İş №", "", "Tarix", "Tarix"])
    ['İş №', '(column B)', 'Tarix', 'Tarix (2)']
    """
    named: list[str] = []
    for place, name in enumerate(given):
        name = " ".join(name.split()).strip(UNSEEN) or f"(column {letters(place)})"
        count = 1
        fresh = name
        while fresh in named:
            count += 1
            fresh = f"{name} ({count})"
        named.append(fresh)
    return named


def letters(place: int) -> str:
    """The letters of a spreadsheet's column, counted from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    place += 1
    found = ""
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def is_ours(name: str) -> bool:
    """Whether a column is one that this program added when it gave the file back."""
    return folded(name) in {folded(one) for one in OURS}


def without_ours(columns: list[Column]) -> list[Column]:
    """The columns of the file itself. Where ours stood among them, the escapes that came with ours are undone."""
    kept = [column for column in columns if not is_ours(column.name)]
    if len(kept) == len(columns):
        return columns
    escape = r"^'([=+\-@\t\r'])"
    return [Column(re.sub(escape, r"\1", one.name), one.text.str.replace(escape, "${1}"), one.kinds) for one in kept]
