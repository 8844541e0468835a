"""Days as registers write them: digits in any order, months in words, numbers of a spreadsheet.

Where a column admits day-first and month-first, nothing is guessed: the profile says which. A year of two digits and a
number that counts days from an unknown day are read only when the profile says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from clemency.records.imports.problems import Fault
from clemency.records.imports.readings import Reading
from clemency.records.imports.spelling import all_words, folded, imports_file
from clemency.records.imports.tables import BOOLEAN, DAY, NUMBER

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
_CLOCK = r"(?:[T\s,]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})\s*[-./]\s*(\d{1,2})\s*[-./]\s*(\d{1,2})\.?" + _CLOCK)
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})")
_DIGITS = re.compile(
    r"(\d{1,2})\s*([-./,\s])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})(?P<after>(?:[\s-]*[^\W\d_][^\d:+]*|\.)?)" + _CLOCK
)
_WORDS = re.compile(
    r"(?:(\d{1,2})[\s.,-]*([^\W\d_]{3,})|([^\W\d_]{3,})\.?[\s,-]*(\d{1,2}))[\s.,-]+(\d{4}|\d{2})(?!\d)(.*)"
)
_YEAR_WORD = re.compile(r"(\d{4})[\s.,-]*(?:ci|cı|cu|cü)?\s*il\s*(\d{1,2})\s+([^\W\d_]{3,})", re.IGNORECASE)
_SERIAL = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?")
_PART = re.compile(r"(?:\d{4}|\d{1,2}[./-]\d{4}|[^\W\d_]{3,}\s+\d{4})\s*\D{0,8}")


@dataclass(frozen=True, slots=True)
class DateSettings:
    """How the dates of one column are read; None where nobody has said.

    `order` is day_first or month_first; `century` the first year that two digits may mean, such as 1930; `epoch` the
    year 1900 or 1904 from which a spreadsheet counts days.
    """

    order: str | None = None
    century: int | None = None
    epoch: int | None = None


@cache
def _months() -> dict[str, int]:
    listed: Mapping[int, Any] = imports_file("calendar")["months"]
    return {word: number for number, words in listed.items() for word in all_words(words)}


@cache
def _beside() -> frozenset[str]:
    return all_words(imports_file("calendar")["beside_a_date"]) | {"ci", "cu", "il"}


def orders_shown(texts: Iterable[str]) -> tuple[int, int, int]:
    """How many texts can only be day-first, only month-first, and either.

    >>> orders_shown(["25.12.2025", "01.02.2025", "05.05.2025"])
    (1, 0, 1)
    """
    day = month = either = 0
    for text in texts:
        found = _DIGITS.fullmatch(text)
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            day += 1
        elif second > 12 >= first:
            month += 1
        elif first != second and first <= 12:
            either += 1
    return day, month, either


def read_day(text: str, kind: int, settings: DateSettings) -> Reading:
    """A day.

    >>> day_first = DateSettings(order="day_first")
    >>> [str(read_day(text, 0, day_first).value) for text in ("20.12.2025", "20 dekabr 2025-ci il", "2025-12-20")]
    ['2025-12-20', '2025-12-20', '2025-12-20']
    >>> read_day("31.02.2025", 0, day_first).fault.code
    'no_such_day'
    """
    if kind == BOOLEAN:
        return _no_date()
    if kind in (NUMBER,) or (kind != DAY and _SERIAL.fullmatch(text)):
        return _serial(text, settings)
    for pattern, read in ((_ISO, _iso), (_DIGITS, _digits), (_WORDS, _words), (_YEAR_WORD, _year_first)):
        found = pattern.fullmatch(text)
        if found:
            return read(found, settings)
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _day(int(compact[1] + compact[2]), int(compact[3]), int(compact[4]))
    if _PART.fullmatch(text):
        return Reading(fault=Fault("part_of_a_date", "only a part of the date stands here"))
    return _no_date()


def _no_date() -> Reading:
    return Reading(fault=Fault("no_date", "this is no date that can be read"))


def _day(year: int, month: int, day: int, clock: str | None = None, zone: str | None = None) -> Reading:
    try:
        found = date(year, month, day)
    except ValueError:
        return Reading(fault=Fault("no_such_day", "this is no day of the calendar"))
    if not 1850 <= year <= 2250:
        return Reading(fault=Fault("no_such_day", "the date lies outside 1850 to 2250"))
    midnight = clock is None or not clock.strip("0:.,")
    if zone:
        return Reading(fault=Fault("time_zone", "the time has a zone, so that the day may be another one"))
    if midnight:
        return Reading(found)
    return Reading(found, note=Fault("time_left_out", "a time of day stands beside the date"))


def _iso(found: re.Match[str], settings: DateSettings) -> Reading:
    return _day(int(found[1]), int(found[2]), int(found[3]), found["clock"], found["zone"])


def _digits(found: re.Match[str], settings: DateSettings) -> Reading:
    if not _only_beside(found["after"] or ""):
        return _no_date()
    first, second = int(found[1]), int(found[3])
    order = settings.order
    if order is None:
        order = DAY_FIRST if second <= 12 else MONTH_FIRST
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    if month > 12 >= day:
        said = "day" if order == DAY_FIRST else "month"
        return Reading(fault=Fault("other_order", f"the column is read {said} first, and this date cannot be"))
    return _with_year(found[4], month, day, settings, found["clock"], found["zone"])


def _words(found: re.Match[str], settings: DateSettings) -> Reading:
    day, word = (found[1], found[2]) if found[1] else (found[4], found[3])
    month = _months().get(folded(word))
    if month is None or not _only_beside(found[6]):
        return _no_date()
    return _with_year(found[5], month, int(day), settings)


def _year_first(found: re.Match[str], settings: DateSettings) -> Reading:
    month = _months().get(folded(found[3]))
    return _no_date() if month is None else _day(int(found[1]), month, int(found[2]))


def _with_year(
    year: str, month: int, day: int, settings: DateSettings, clock: str | None = None, zone: str | None = None
) -> Reading:
    if len(year) == 2:
        if settings.century is None:
            return Reading(fault=Fault("two_digit_year", "the year has two digits"))
        whole = settings.century // 100 * 100 + int(year)
        return _day(whole if whole >= settings.century else whole + 100, month, day, clock, zone)
    return _day(int(year), month, day, clock, zone)


def _only_beside(rest: str) -> bool:
    return not rest or all(word in _beside() for word in folded(rest).split() if any(c.isalnum() for c in word))


def _serial(text: str, settings: DateSettings) -> Reading:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return _no_date()
    whole = int(number)
    if len(str(whole)) == 8 and number == whole and _COMPACT.fullmatch(str(whole)):
        found = _COMPACT.fullmatch(str(whole))
        assert found
        return _day(int(found[1] + found[2]), int(found[3]), int(found[4]))
    if 1850 <= number <= 2250 and number == whole:
        return Reading(fault=Fault("part_of_a_date", "only a part of the date stands here"))
    if not 61 <= number < 128_000:
        return _no_date()
    if settings.epoch is None:
        return _no_date()
    start = date(1904, 1, 1) if settings.epoch == 1904 else date(1899, 12, 30)
    note = "serial_read" if number == whole else "time_left_out"
    return Reading(start + timedelta(days=whole), note=Fault(note, f"the number counts days from {settings.epoch}"))


def serials_among(texts: Iterable[str], kinds: Iterable[int]) -> bool:
    """Whether some cell is a number that counts days."""
    for text, kind in zip(texts, kinds, strict=False):
        if kind == DAY or not (kind == NUMBER or _SERIAL.fullmatch(text)):
            continue
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            continue
        if 2250 < number < 128_000:
            return True
    return False
