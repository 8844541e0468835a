"""The new day and the days remitted for whole columns: the rules of `determination.relief_days`, row by row at once.

Days are counted as columnar files count them. What is unknown is carried beside the days, as one mask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.law import rules
from clemency.law.calendar import Duration
from clemency.law.calendar_columns import Days, add_months_to, add_to, day_number
from clemency.law.reliefs import Relief

Known = npt.NDArray[np.bool_]
Months = npt.NDArray[np.int32]


@dataclass(frozen=True)
class TermColumns:
    """The terms of some rows as reliefs count them, each part with the rows in which it is known."""

    start: Days
    months: Months
    days: Months
    end: Days
    credit: Months
    start_known: Known
    term_known: Known
    end_known: Known
    credit_known: Known


def fields_needed(relief: Relief) -> frozenset[str]:
    """The fields of a record, beside the end of the term, that a relief counts with."""
    steps = list(relief.steps())
    needed: set[str] = set()
    if any(step.of == "term" or step.kind == "release_point" for step in steps):
        needed |= {"term_start", "term_months", "term_days"}
    if relief.term is not None:
        needed |= {"term_start", "credit_days"}
    return frozenset(needed)


def term_columns(cases: pl.DataFrame, end: pl.Series, rows: npt.NDArray[Any]) -> TermColumns:
    """The terms of some rows; a column that is not there counts as unknown throughout."""

    def read(name: str) -> tuple[Any, Known]:
        if name not in cases.columns:
            return np.zeros(len(rows), np.int32), np.zeros(len(rows), bool)
        column = cases.get_column(name).gather(rows).to_physical()
        return column.fill_null(0).to_numpy().astype(np.int32), column.is_not_null().to_numpy()

    start, start_known = read("term_start")
    months, months_known = read("term_months")
    days, days_known = read("term_days")
    credit, credit_known = read("credit_days")
    last = end.gather(rows).to_physical()
    return TermColumns(
        start,
        months,
        days,
        last.fill_null(0).to_numpy().astype(np.int32),
        credit,
        start_known,
        months_known | days_known,
        last.is_not_null().to_numpy(),
        credit_known,
    )


def relief_columns(relief: Relief, of: TermColumns, in_force: date) -> tuple[Days, Known, Months, Known]:
    """The new last (or release) day where it is known, and the days remitted where they are known."""
    first = np.int32(day_number(relief.since or in_force))
    if relief.term is not None:
        return _term_given(relief, of, relief.since or in_force)
    before, known = of.end, of.end_known
    if relief.kind == "release_point" and relief.fraction is not None and relief.instead_of is not None:
        known = known & of.start_known & of.term_known
        before = of.end - _unserved_beyond(of, relief.instead_of, relief.rounding)
        after = of.end - _unserved_beyond(of, relief.fraction, relief.rounding)
    elif relief.kind == "release":
        after = np.full(len(before), first, np.int32)
    elif relief.kind == "reduce":
        after, counted = _cut(relief, of, int(first))
        known = known & counted
    else:
        known, after = np.zeros(len(before), bool), before
    after = np.minimum(before, np.maximum(first, after)).astype(np.int32)
    return after, known, (before - after).astype(np.int32), known


def served_columns(cases: pl.DataFrame, names: Iterable[str]) -> list[pl.Series]:
    """The days on which shares of the term are served, by their names in rules; unknown where the term is."""
    found = []
    for name in names:
        share = rules.served_share(name)
        assert share is not None
        of = term_columns(cases, cases.get_column("term_end"), np.arange(cases.height))
        day = pl.Series(name, of.end - _unserved_beyond(of, share, "down"))
        known = of.start_known & of.term_known & of.end_known
        found.append(day.set(pl.Series(~known), None).cast(pl.Date))
    return found


def _cut(relief: Relief, of: TermColumns, first: int) -> tuple[Days, Known]:
    sure = np.ones(len(of.end), bool)
    if relief.by is not None:
        return add_to(of.end, -relief.by), sure
    assert relief.fraction is not None
    if relief.of == "rest":
        rest = np.maximum(of.end - first, 0)
        return (of.end - _share_of_days(rest, relief.fraction, relief.rounding)).astype(np.int32), sure
    months, days, whole = _whole_share(of, relief.fraction)
    moved = np.where(months == 0, of.end, add_months_to(of.end, -months)) - days
    length = add_months_to(of.start, of.months) + of.days - of.start
    counted = of.end - _share_of_days(length, relief.fraction, relief.rounding)
    return np.where(whole, moved, counted).astype(np.int32), of.term_known & (whole | of.start_known)


def _unserved_beyond(of: TermColumns, share: Fraction, rounding: str) -> Months:
    last = add_months_to(of.start, of.months) + of.days
    months, days, whole = _whole_share(of, share)
    served = add_months_to(of.start, months) + days
    return np.where(whole, last - served, _share_of_days(last - of.start, 1 - share, rounding)).astype(np.int32)


def _whole_share(of: TermColumns, share: Fraction) -> tuple[Months, Months, Known]:
    """A share of each term in whole months and days, with the rows in which it comes out so."""
    months, days = of.months.astype(np.int64) * share.numerator, of.days.astype(np.int64) * share.numerator
    whole = (months % share.denominator == 0) & (days % share.denominator == 0)
    return (months // share.denominator).astype(np.int32), (days // share.denominator).astype(np.int32), whole


def _share_of_days(days: npt.NDArray[Any], share: Fraction, rounding: str) -> npt.NDArray[np.int64]:
    of = days.astype(np.int64) * share.numerator
    return of // share.denominator if rounding == "down" else -(-of // share.denominator)


def _term_given(relief: Relief, of: TermColumns, first: date) -> tuple[Days, Known, Months, Known]:
    assert relief.term is not None
    known = of.start_known & of.credit_known
    end = (add_to(of.start, relief.term) - of.credit).astype(np.int32)
    if relief.then is not None:
        given = replace(of, **_length(relief.term, len(end)), end=end, end_known=known)
        end, known, _, _ = relief_columns(replace(relief.then, since=first), given, first)
    end = np.maximum(np.int32(day_number(first)), end)
    end = np.where(of.end_known, np.minimum(end, of.end), end).astype(np.int32)
    return end, known, (of.end - end).astype(np.int32), known & of.end_known


def _length(term: Duration, height: int) -> dict[str, Any]:
    return {
        "months": np.full(height, term.months, np.int32),
        "days": np.full(height, term.days, np.int32),
        "term_known": np.ones(height, bool),
    }
