"""Each compiled loop of the layout does what a plain one does, and adds months as the calendar does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.calendar import EARLIEST, LATEST
from clemency.law.calendar_columns import FIRST, calendar_tables, day_number
from clemency.law.vocabulary import PUNISHMENT
from clemency.records import layout_loops as loops
from clemency.records.arrow_layout import _RATES
from clemency.records.layout import FAR, flag_fields
from clemency.records.record import MOST_OFFENCES, computed_term_end, term_imposed

_EPOCH = date(1970, 1, 1)


def frozen(values: Any, dtype: Any) -> Any:
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array


def bits(known: list[bool], skipped: int = 0) -> Any:
    return frozen(np.packbits(np.array([*[True] * skipped, *known], np.bool_), bitorder="little"), np.uint8)


def unpacked(of: Any, rows: int) -> list[bool]:
    return np.unpackbits(of, bitorder="little")[:rows].astype(bool).tolist()


@given(st.lists(st.none() | st.integers(0, 3)), st.integers(0, 9), st.integers(0, 1000))
def test_words_are_added(words, skipped, before) -> None:
    codes = [5, 17, 0, 9]
    into = np.full(len(words), before, np.uint32)
    places = frozen([-9 if word is None else word for word in words], np.int32)
    known = bits([word is not None for word in words], skipped) if None in words else frozen([], np.uint8)
    loops.add_words(into, places, known, skipped, frozen(codes, np.uint32))
    assert into.tolist() == [before + (0 if word is None else codes[word]) for word in words]


@given(st.integers(0, 40).flatmap(lambda rows: st.lists(st.lists(st.booleans(), min_size=rows, max_size=rows))))
def test_planes_are_turned_into_numbers(planes) -> None:
    rows = len(planes[0]) if planes else 0
    groups = -(-len(planes) // 8)
    together = np.zeros((8 * groups, -(-rows // 8)), np.uint8)
    for place, plane in enumerate(planes):
        together[place] = np.packbits(np.array(plane, bool), bitorder="little")
    tables = np.arange(256, dtype=np.uint64) << (8 * np.arange(groups, dtype=np.uint64))[:, None]
    into = np.zeros(rows, np.uint64)
    loops.add_planes(into, together, np.ascontiguousarray(tables[:7]))
    expected = [sum(plane[row] << place for place, plane in enumerate(planes[:56])) for row in range(rows)]
    assert into.tolist() == expected


days = st.none() | st.integers(-1000, 1000)
cases = st.lists(st.none() | st.lists(days, max_size=4))


@given(cases, st.integers(0, 9), st.integers(0, 9), st.integers(0, 5))
def test_offences_are_counted_and_dated(cases, skipped, before, start) -> None:
    flat = [day for case in cases for day in case or []]
    ends = frozen(np.cumsum([start, *(len(case or []) for case in cases)]), np.int32)
    counts, undated = np.zeros(len(cases), np.uint16), np.zeros(len(cases), np.bool_)
    first, last = np.zeros(len(cases), np.int32), np.zeros(len(cases), np.int32)
    known = bits([case is not None for case in cases], skipped)
    dated = bits([day is not None for day in flat], before) if None in flat else frozen([], np.uint8)
    values = frozen([99_999 if day is None else day for day in flat], np.int32)
    assert loops.add_offences(ends, known, skipped, values, dated, before, counts, first, last, undated)
    stated = [[day for day in case or [] if day is not None] for case in cases]
    assert counts.tolist() == [len(case or []) for case in cases]
    assert first.tolist() == [min(one, default=FAR) for one in stated]
    assert last.tolist() == [max(one, default=-FAR) for one in stated]
    assert undated.tolist() == [None in (case or []) for case in cases]


def test_lists_that_are_not_as_expected_are_told() -> None:
    def counted(ends: list[int], known: Any) -> bool:
        rows = len(ends) - 1
        words = (np.zeros(rows, dtype) for dtype in (np.uint16, np.int32, np.int32, np.bool_))
        days = frozen(np.zeros(max(ends)), np.int32)
        return loops.add_offences(frozen(ends, np.int32), known, 0, days, frozen([], np.uint8), 0, *words)

    assert counted([0, MOST_OFFENCES], bits([True]))
    assert not counted([0, MOST_OFFENCES + 1], bits([True]))
    assert not counted([2, 1], bits([True]))
    assert not counted([0, 1], bits([False]))


some_days = st.dates(EARLIEST, LATEST) | st.sampled_from([date(2024, 2, 29), date(2023, 8, 31)])
counts = st.integers(0, 700)
terms = st.tuples(
    st.none() | counts,
    st.none() | counts,
    st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)) | st.just(date(2024, 8, 31)),
    st.none() | counts,
    st.none() | some_days,
    st.none() | st.sampled_from(PUNISHMENT.values),
)


@given(st.lists(terms))
def test_terms_end_as_those_of_a_record(given_terms) -> None:
    rows = len(given_terms)
    given = [*zip(*given_terms, strict=True)] if rows else [()] * 6
    known = tuple(bits([value is not None for value in column]) for column in given[:5])
    numbers = [
        [0 if value is None else day_number(value) if isinstance(value, date) else value for value in column]
        for column in given[:5]
    ]
    values = tuple(frozen(column, np.int32) for column in numbers)
    punishment = flag_fields()["punishment"]
    codes = [0 if word is None else PUNISHMENT.values.index(word) + 1 for word in given[5]]
    flags = np.array(codes, np.uint32) << np.uint32(punishment.start)
    found = tuple(np.zeros(rows, np.int32) for _ in range(3))
    states = tuple(np.zeros(-(-rows // 8), np.uint8) for _ in range(3))
    mask = punishment.mask >> punishment.start
    loops.terms(flags, punishment.start, mask, _RATES, values, known, FIRST, calendar_tables(), found, states)
    there = [unpacked(one, rows) for one in states]
    for row, (months, extra, start, credit, stated, word) in enumerate(given_terms):
        term = term_imposed(months, extra)
        end = computed_term_end(start, term, credit, word)
        told = [int(column[row]) if known[row] else None for column, known in zip(found, there, strict=True)]
        differs = stated is not None and end is not None and end != stated
        ends = [_EPOCH + timedelta(day) if day is not None else None for day in told[1:]]
        assert told[0] == (None if term is None else term.months * 30 + term.days)
        assert ends == [end if stated is None else stated, end if differs else None]
