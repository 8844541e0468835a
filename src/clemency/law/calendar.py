"""Calendar arithmetic of sentences: terms in calendar months and years, months that end, ages.

Source: Criminal Code of Azerbaijan Art. 69 (terms in months and years), Code on the Execution of Punishments
Art. 168.2 (a term in months ends on the same day of the last month, or on its last day if there is none).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

EARLIEST = date(1850, 1, 1)
LATEST = date(2250, 12, 31)
_FIRST_MONTH, _LAST_MONTH = EARLIEST.year * 12, LATEST.year * 12 + 11
_DAYS_IN_A_COUNTED_MONTH = 30


@dataclass(frozen=True, slots=True)
class Duration:
    """A calendar duration: months and days that are not mixed into each other.

    Two durations are compared by `key`, thirty days counting as a month; one month and thirty days are as long as each
    other there, and yet not the same duration.

    >>> Duration(60, 1) > Duration(60), Duration(1) == Duration(0, 30)
    (True, False)
    >>> str(Duration(18, 10))
    '18 months 10 days'
    """

    months: int = 0
    days: int = 0

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.months + other.months, self.days + other.days)

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days)

    def key(self) -> int:
        """Length for comparison, in days of thirty-day months."""
        return self.months * _DAYS_IN_A_COUNTED_MONTH + self.days

    def __lt__(self, other: Duration) -> bool:
        return self.key() < other.key()

    def __le__(self, other: Duration) -> bool:
        return self.key() <= other.key()

    def __str__(self) -> str:
        parts = [_count(self.months, "month")] if self.months or not self.days else []
        return " ".join([*parts, _count(self.days, "day")] if self.days else parts)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if abs(number) == 1 else f"{number} {unit}s"


def add_months(day: date, months: int) -> date:
    """A day plus calendar months is the same day of the later month, or that month's last day if it has no such day.

    The calendar runs from 1850 to 2250; what would lie beyond counts in its first or last month.

    >>> add_months(date(2025, 8, 31), -6)
    datetime.date(2025, 2, 28)
    """
    day = min(max(day, EARLIEST), LATEST)
    index = min(max(day.year * 12 + day.month - 1 + months, _FIRST_MONTH), _LAST_MONTH)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(day: date, duration: Duration) -> date:
    """A day plus a duration: first the months, clamped to the month's end, then the days."""
    moved = add_months(day, duration.months) if duration.months else day
    return moved + timedelta(days=duration.days)


def age_on(birth: date, day: date) -> int:
    """Age is the number of birthdays reached; who was born on 29 February has it on the 28th in a common year.

    >>> age_on(date(1964, 2, 29), date(2025, 2, 28))
    61
    """
    years = day.year - birth.year
    return years if add_months(birth, 12 * years) <= day else years - 1


def latest_birth_for_age(age: int, day: date) -> date:
    """The last birth date with which a person has reached an age on a day.

    >>> latest_birth_for_age(60, date(2024, 2, 28)), latest_birth_for_age(61, date(2025, 2, 28))
    (datetime.date(1964, 2, 28), datetime.date(1964, 2, 29))
    """
    birth = add_months(day, -12 * age)
    following = birth + timedelta(days=1)
    return following if age_on(following, day) >= age else birth


def whole_share(term: Duration, share: Fraction) -> Duration | None:
    """A share of a term in calendar months and days, where it comes out in whole ones.

    >>> whole_share(Duration(120), Fraction(1, 2)), whole_share(Duration(10), Fraction(1, 3))
    (Duration(months=60, days=0), None)
    """
    months, days = term.months * share, term.days * share
    if months.denominator == 1 and days.denominator == 1:
        return Duration(int(months), int(days))
    return None


def share_of_days(days: int, share: Fraction, rounding: str) -> int:
    """A share of some days; a part of a day is left out (`down`) or counts as a day (`up`).

    >>> share_of_days(365, Fraction(1, 2), "down"), share_of_days(365, Fraction(1, 2), "up")
    (182, 183)
    """
    return floor(days * share) if rounding == "down" else ceil(days * share)


def unserved_beyond(start: date, term: Duration, share: Fraction, rounding: str) -> int:
    """How many days of a term are left on the day on which a share of it is served.

    In calendar months and days where the share comes out in whole ones, else in days between the first and the last
    day; what is left is then rounded.

    >>> unserved_beyond(date(2024, 1, 1), Duration(12), Fraction(1, 2), "down")
    184
    """
    last = add(start, term)
    whole = whole_share(term, share)
    if whole is not None:
        return (last - add(start, whole)).days
    return share_of_days((last - start).days, 1 - share, rounding)


def share_served_on(start: date, term: Duration, end: date, share: Fraction) -> date:
    """The day on which a share of a term is served; credited days count, since they bring the end forward.

    A part of a day has to be served as a whole one.

    >>> share_served_on(date(2024, 1, 1), Duration(12), date(2024, 12, 22), Fraction(1, 2))
    datetime.date(2024, 6, 21)
    """
    return end - timedelta(days=unserved_beyond(start, term, share, "down"))
