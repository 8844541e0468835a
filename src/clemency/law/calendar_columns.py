"""Calendar arithmetic for whole columns: the same rules as `calendar`, looked up in tables of days and months.

Days are counted from 1970-01-01, as columnar files do. Unknown days are carried apart by the caller.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.law.calendar import EARLIEST, LATEST, Duration

Days = npt.NDArray[np.int32]
_EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = EARLIEST.toordinal() - _EPOCH, LATEST.toordinal() - _EPOCH


def day_number(day: date) -> int:
    """A day as columnar files count it."""
    return day.toordinal() - _EPOCH


@cache
def calendar_tables() -> tuple[npt.NDArray[Any], npt.NDArray[Any], Days, npt.NDArray[Any]]:
    """For each day its month (from the first year) and its day of the month; for each month its start and length."""
    years = range(EARLIEST.year, LATEST.year + 1)
    starts = np.array([date(year, month, 1).toordinal() - _EPOCH for year in years for month in range(1, 13)], np.int32)
    lengths = np.diff(np.append(starts, LAST + 1)).astype(np.int32)
    month_of = np.repeat(np.arange(len(starts), dtype=np.int32), lengths)
    day_of = (np.arange(FIRST, LAST + 1, dtype=np.int32) - starts[month_of] + 1).astype(np.int32)
    return month_of, day_of, starts, lengths


def add_months_to(days: Days, months: int | npt.NDArray[Any]) -> Days:
    """Each day plus calendar months, clamped to the end of the month.

    >>> add_months_to(np.array([day_number(date(2025, 8, 31))], np.int32), -6) + _EPOCH == date(2025, 2, 28).toordinal()
    array([ True])
    """
    month_of, day_of, starts, lengths = calendar_tables()
    place = np.clip(days, FIRST, LAST) - FIRST
    month = np.clip(month_of[place] + months, 0, len(starts) - 1)
    return (starts[month] + np.minimum(day_of[place], lengths[month]) - 1).astype(np.int32)


def add_to(days: Days, duration: Duration) -> Days:
    """Each day plus a calendar duration: first the months, clamped, then the days."""
    moved = add_months_to(days, duration.months) if duration.months else days
    return (moved + np.int32(duration.days)).astype(np.int32)


def ages_on(births: Days, days: Days) -> npt.NDArray[np.int32]:
    """Completed years at each day; who was born on 29 February has the birthday on the 28th in a common year."""
    month_of = calendar_tables()[0]
    years = (month_of[np.clip(days, FIRST, LAST) - FIRST] // 12) - (
        month_of[np.clip(births, FIRST, LAST) - FIRST] // 12
    )
    return (years - (add_months_to(births, years * 12) > days)).astype(np.int32)
