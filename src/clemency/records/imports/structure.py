"""Rows of a table that are no cases: the heading printed again, columns numbered under it, lines of totals.

They are told before any value is read, so that a number of a column is never taken for a value of it.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from clemency.records.imports.mapping import MappedTable
from clemency.records.imports.problems import Fault
from clemency.records.imports.spelling import folded
from clemency.records.imports.tables import Column

_TOTALS = ("cəmi", "yekun", "итого", "всего", "total", "grand total", "ümumi say")


def rows_that_are_no_cases(mapped: MappedTable) -> dict[int, Fault]:
    """The places of such rows, each with what it is."""
    found: dict[int, Fault] = {}
    if mapped.table.form == "objects" or not mapped.table.height:
        return found
    if _numbered(mapped):
        found[0] = Fault("numbered_columns", "the columns are numbered here")
    for place in _headings_again(mapped):
        found[place] = Fault("header_again", "the heading of the table stands here again")
    for place in _totals(mapped):
        found.setdefault(place, Fault("total_row", "this is a line of totals"))
    return found


def without_rows(column: Column, places: list[int]) -> Column:
    """A column with nothing in some of its places."""
    if not places:
        return column
    mask = pl.repeat(False, len(column.text), dtype=pl.Boolean, eager=True).scatter(places, True)
    return replace(column, text=column.text.set(mask, None))


def _numbered(mapped: MappedTable) -> bool:
    """Whether the row right under the heading only counts the columns."""
    columns = mapped.table.columns
    values = [column.text[0] for column in columns]
    return len(columns) >= 3 and values == [str(number) for number in range(1, len(values) + 1)]


def _headings_again(mapped: MappedTable) -> list[int]:
    """Rows in which the case number, or two cells and more, are the heading of their column."""
    same = pl.DataFrame([(one.text == one.name).fill_null(False).alias(one.name) for one in mapped.table.columns])
    count = same.select(pl.sum_horizontal(pl.all())).to_series()
    heading = mapped.heading("case_id")
    own = same.get_column(heading) if heading in same.columns else pl.repeat(False, same.height, eager=True)
    return ((count >= 2) | own).arg_true().to_list()


def _totals(mapped: MappedTable) -> list[int]:
    """Rows that begin with a word for a total, and are otherwise nearly empty or bear no case number."""
    frame = pl.DataFrame([one.text.alias(str(place)) for place, one in enumerate(mapped.table.columns)])
    first = frame.select(pl.coalesce(pl.all())).to_series()
    begins = "|".join(sorted({word[:3] for word in _TOTALS} | {word[:3].upper() for word in _TOTALS} | {
        word[:3].capitalize() for word in _TOTALS}))  # fmt: skip
    likely = first.str.contains(rf"^(?:{begins})").fill_null(False).arg_true()
    words = [folded(word) for word in _TOTALS]
    return [place for place in likely if any(f"{folded(first[place])} ".startswith(f"{word} ") for word in words)]
