"""Days in columns: dates moved by a duration, tests of the day of an offence, turning points of an age."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.plan import NotColumnar, Quantified, constant
from clemency.determine.signatures import age_test
from clemency.law import rules
from clemency.law.calendar import EARLIEST, LATEST, latest_birth_for_age
from clemency.law.calendar_columns import add_months_to, add_to, day_number
from clemency.law.rules import AgeOn, Compare, Condition, Literal, Name, Shifted
from clemency.records.layout import FIRST_DAY, LAST_DAY, UNDATED

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


def birth_limits(leaf: Condition) -> list[int]:
    """The birth dates at which a comparison turns: it is one thing up to and including the day, another after it."""
    if isinstance(leaf, Compare) and isinstance(leaf.left, Name):
        number = day_number(constant(leaf.right))
        return {"<": [number - 1], ">=": [number - 1], "<=": [number], ">": [number], "=": [number, number - 1]}[
            leaf.op
        ]
    if isinstance(leaf, Compare) and isinstance(leaf.left, AgeOn) and isinstance(leaf.right, Literal):
        day = constant(leaf.left.day)
        ages = {"<": (0,), ">=": (0,), "<=": (1,), ">": (1,), "=": (0, 1)}[leaf.op]
        return [day_number(latest_birth_for_age(int(leaf.right.value) + more, day)) for more in ages]
    raise NotColumnar(rules.show(leaf))


def moved_column(days: pl.Series, by: Any, name: str) -> pl.Series:
    """A column of days moved by a calendar duration; unknown stays unknown."""
    moved = pl.Series(name, add_to(days.to_physical().fill_null(0).to_numpy(), by))
    return (moved.set(days.is_null(), None) if days.null_count() else moved).cast(pl.Date)


def first_and_last(test: Quantified, cases: pl.DataFrame) -> tuple[Bools, Bools]:
    """A test of the day of the offence, or the age on it, from the first and last such day of a case.

    Gives whether the test is certainly settled (by an offence that meets `any`, or fails `every`) and possibly.
    """
    body = test.of
    some = isinstance(test, rules.AnyOffence)
    first, last = cases.get_column(FIRST_DAY).to_numpy(), cases.get_column(LAST_DAY).to_numpy()
    undated = cases.get_column(UNDATED).to_numpy()
    assert isinstance(body, Compare)
    if age_test(test):
        births = cases.get_column("birth_date")
        younger = (body.op in ("<", "<=")) == some
        settled = _before_birthday(body, births, first) if younger else ~_before_birthday(body, births, last)
        if births.null_count():
            known = births.is_not_null().to_numpy()
            return settled & known, settled | undated | ~known
        return settled, settled | undated
    settled = _settled_by_day(body, some, first, last)
    return settled, settled | undated


def _before_birthday(body: Compare, births: pl.Series, days: Ints) -> Bools:
    """Whether each day lies before the birthday of an age test; the calendar is asked only about days near it."""
    years = int(getattr(body.right, "value", 0)) + (body.op in ("<=", ">"))
    born = births.to_physical().fill_null(0).to_numpy()
    lived = days - born
    least, most = sorted((365 * years, 366 * years))
    before = lived < least
    near = np.flatnonzero((lived >= least) & (lived <= most))
    before[near] = days[near] < add_months_to(born[near], 12 * years)
    return before


def _settled_by_day(body: Compare, some: bool, first: Ints, last: Ints) -> Bools:
    left = body.left
    by = left.by if isinstance(left, Shifted) else None
    day = day_number(constant(body.right))
    low, high = (first, last) if by is None else (add_to(first, by), add_to(last, by))
    known = first <= last
    meets = {
        "<": (low < day, high < day),
        "<=": (low <= day, high <= day),
        ">": (high > day, low > day),
        ">=": (high >= day, low >= day),
    }[body.op]
    return known & (meets[0] if some else ~meets[1])


def age_turns(test: Quantified, cases: pl.DataFrame) -> Ints:
    """For each case the last birth date with which the person had the age of a test on the deciding offence."""
    body = test.of
    assert isinstance(body, Compare)
    lowest = isinstance(test, rules.AnyOffence) == (body.op in ("<", "<="))
    days = cases.get_column(FIRST_DAY if lowest else LAST_DAY).to_numpy()
    years = int(getattr(body.right, "value", 0)) + (body.op in ("<=", ">"))
    days = np.clip(days, day_number(EARLIEST), day_number(LATEST)).astype(np.int32)
    limit = add_months_to(days, -12 * years)
    following = (limit + 1).astype(np.int32)
    return np.where(add_months_to(following, 12 * years) <= days, following, limit).astype(np.int32)
