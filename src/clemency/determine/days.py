"""Days in columns: dates moved by a duration, tests of the day of an offence, turning points of an age."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine import key_loops
from clemency.determine.plan import NotColumnar, Quantified, constant
from clemency.determine.signatures import age_test
from clemency.law import rules
from clemency.law.calendar import EARLIEST, LATEST, Duration, latest_birth_for_age
from clemency.law.calendar_columns import FIRST, add_months_to, add_to, calendar_tables, day_number
from clemency.law.rules import AgeOn, Compare, Condition, Literal, Name, Shifted
from clemency.records.layout import FIRST_DAY, LAST_DAY, UNDATED

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
#: Days before and after all that a register may hold.
FAR = 1 << 29


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


@dataclass(frozen=True)
class Piece:
    """A stretch of a column, from a row on: its values (32-bit numbers, or floating ones), and which of them are known.

    `known` has a byte for each value, and none where all are known.
    """

    start: int
    values: Ints
    known: Ints


def pieces(column: pl.Series) -> Iterator[Piece]:
    """A column of numbers or days as the stretches in which it lies in memory; what is as wide is not copied."""
    dtype = np.float64 if column.dtype == pl.Float64 else np.int32
    start = 0
    for chunk in column.to_physical().get_chunks():
        values = chunk.to_arrow()
        bits, data = values.buffers()
        if len(values):
            known = np.zeros(0, np.uint8)
            if values.null_count:
                bitmap = np.frombuffer(bits, np.uint8)
                known = np.unpackbits(bitmap, bitorder="little")[values.offset : values.offset + len(values)]
            held = np.frombuffer(data, values.type.to_pandas_dtype())[values.offset : values.offset + len(values)]
            yield Piece(start, held.astype(dtype, copy=False), known)
        start += len(values)


def _in_one_piece(column: pl.Series) -> Piece:
    return next(pieces(column.rechunk()), Piece(0, np.zeros(0, np.int32), np.zeros(0, np.uint8)))


def last_moved_to(limit: int, by: Duration) -> int:
    """The last day which, moved by a duration, does not lie after a limit: moving keeps the order of days."""
    low, high = -FAR, FAR
    while low < high:
        middle = (low + high + 1) // 2
        if int(add_to(np.array([middle], np.int32), by)[0]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


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


def add_age_test(test: Quantified, cases: pl.DataFrame, settled: np.uint64, perhaps: np.uint64, word: Ints) -> None:
    """Add to a word of each case what a test of the age on the day of the offence says: settled, or perhaps settled."""
    body = test.of
    assert isinstance(body, Compare)
    younger = (body.op in ("<", "<=")) == isinstance(test, rules.AnyOffence)
    years = int(getattr(body.right, "value", 0)) + (body.op in ("<=", ">"))
    births, days = cases.get_column("birth_date"), cases.get_column(FIRST_DAY if younger else LAST_DAY)
    alike = births.chunk_lengths() == days.chunk_lengths()
    both = zip(pieces(births), pieces(days), strict=True) if alike else [(_in_one_piece(births), _in_one_piece(days))]
    for born, day in both:
        words = word[born.start : born.start + len(born.values)]
        given = born.values, born.known, day.values, years, younger, settled, perhaps
        key_loops.birthdays(*given, *calendar_tables(), FIRST, words)


def add_day_test(test: Quantified, cases: pl.DataFrame, settled: np.uint64, word: Ints) -> None:
    """Add to a word of each case where a test of the day of the offence is settled by a known day."""
    column, limits, settles = _stretches_of_days(test)
    for piece in pieces(cases.get_column(column)):
        words = word[piece.start : piece.start + len(piece.values)]
        key_loops.steps(piece.values, piece.known, limits, settles * settled, np.uint64(0), words)


@cache
def _stretches_of_days(test: Quantified) -> tuple[str, Ints, Ints]:
    """The column of days that settles a test of the day of the offence, where it turns, and whether it is settled."""
    body = test.of
    assert isinstance(body, Compare)
    some = isinstance(test, rules.AnyOffence)
    earliest = (body.op in ("<", "<=")) == some
    turn = day_number(constant(body.right))
    by = body.left.by if isinstance(body.left, Shifted) else Duration()
    turns = (min(max(last_moved_to(limit, by), 1 - FAR), FAR - 2) for limit in (turn - 1, turn))
    limits = np.array([-FAR, *sorted(turns), FAR - 1], np.int32)
    settles = np.append(_settled_by_day(body, some, limits, limits), False).astype(np.uint64)
    settles[0] = 0  # there are no known days where the first is the last of all, and the last the first
    turning = [place for place in range(len(limits)) if settles[place] != settles[place + 1]]
    return FIRST_DAY if earliest else LAST_DAY, limits[turning], settles[[*turning, len(limits)]]


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
