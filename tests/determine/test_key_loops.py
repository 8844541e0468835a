"""Each compiled loop that keys cases gives what a plain one gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clemency.determine import key_loops
from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.profiles import runs_of
from clemency.law.calendar import Duration, add
from clemency.law.calendar_columns import FIRST, LAST, calendar_tables, day_number

WORDS = st.integers(0, 5) | st.integers(0, (1 << 64) - 1)
SMALL = st.integers(0, 7)


def words(values: list[int]) -> Any:
    return np.array(values, np.uint64)


# --- numbers


@given(st.lists(st.lists(st.tuples(SMALL, WORDS), max_size=30), max_size=4))
def test_rows_keep_the_number_under_which_they_were_first_met(parts: list[list[tuple[int, int]]]) -> None:
    table, known = Numbering(2), dict[tuple[int, int], int]()
    for part in parts:
        wanted_fresh = []
        for place, row in enumerate(part):
            if known.setdefault(row, len(known)) == len(known) - 1 and row not in part[:place]:
                wanted_fresh.append(place)
        before = table.count
        numbers, fresh = table.number(words([one for one, _ in part]), words([other for _, other in part]))
        assert numbers.tolist() == [known[row] for row in part]
        assert fresh.tolist() == [place for place in wanted_fresh if known[part[place]] >= before]
    assert [tuple(row) for row in table.rows.tolist()] == list(known)


@given(st.lists(st.lists(WORDS, max_size=30), max_size=4))
def test_words_keep_the_number_under_which_they_were_first_met(parts: list[list[int]]) -> None:
    table, known = WordNumbering(), dict[int, int]()
    for part in parts:
        before = table.count
        numbers, fresh = table.number(words(part))
        for word in part:
            known.setdefault(word, len(known))
        assert numbers.tolist() == [known[word] for word in part]
        assert [part[place] for place in fresh.tolist()] == list(known)[before:]
        assert fresh.tolist() == [part.index(word) for word in list(known)[before:]]
    assert table.words.tolist() == list(known)


def test_tables_make_room_for_more_than_they_were_made_for() -> None:
    many = np.random.default_rng(3).integers(0, 1 << 63, 20_000).astype(np.uint64)
    rows, alone = Numbering(2), WordNumbering()
    for part in (many, many[::-1], many[:7]):
        of_rows, of_words = rows.number(part, ~part)[0], alone.number(part)[0]
        assert (rows.rows[of_rows, 0] == part).all()
        assert (alone.words[of_words] == part).all()
    assert rows.count == alone.count == len(set(many.tolist()))


def test_what_a_growing_array_has_given_out_stays_as_it_is() -> None:
    growing = Growing(np.int32)
    growing.add([1, 2])
    before = growing.all
    growing.add(np.arange(5_000))
    assert before.tolist() == [1, 2]
    assert growing.all.tolist() == [1, 2, *range(5_000)]


@given(st.lists(st.integers(-1, 4), max_size=20))
def test_rows_of_which_nothing_is_known_are_noted(numbers: list[int]) -> None:
    known = np.array([7, -1, 9, -1, 0], np.int32)
    found, unmet = np.zeros(len(numbers), np.int32), np.zeros(len(numbers), np.int32)
    count = key_loops.met_before(np.array(numbers, np.int32), known, found, unmet)
    assert found.tolist() == [-1 if number < 0 else int(known[number]) for number in numbers]
    assert unmet[:count].tolist() == [row for row, number in enumerate(numbers) if number in (1, 3)]


# --- keys


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 255)), max_size=30))
def test_leaves_stand_beside_a_number_as_far_as_they_matter(rows: list[tuple[int, int]]) -> None:
    matter, found = words([0, 3, 255, 0x30]), np.zeros(len(rows), np.uint64)
    numbers = np.array([number for number, _ in rows], np.int32)
    key_loops.with_leaves(numbers, matter, words([leaves for _, leaves in rows]), found)
    assert found.tolist() == [number << 32 | leaves & int(matter[number]) for number, leaves in rows]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=30))
def test_what_stands_beside_a_twig_makes_another_key_if_it_matters(rows: list[tuple[int, int]]) -> None:
    traits, reads, alone = (np.array(of, np.int32) for of in ([5, 6, 5, 7], [0, 1, 1, 0], [50, 60, 50, 70]))
    twigs, beside = (np.array([row[place] for row in rows], np.int32) for place in (0, 1))
    numbers, asked = np.zeros(len(rows), np.int32), np.zeros(len(rows) + 1, np.int32)
    keys = np.zeros(len(rows), np.uint64)
    count = key_loops.with_beside(twigs, traits, reads, beside, alone, numbers, asked, keys)
    wanted = [row for row, (twig, more) in enumerate(rows) if more & 1 or (more and reads[twig])]
    assert asked[:count].tolist() == wanted
    assert keys[:count].tolist() == [int(traits[rows[row][0]]) << 32 | rows[row][1] for row in wanted]
    assert all(numbers[row] == alone[twig] for row, (twig, _) in enumerate(rows) if row not in wanted)


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 99)))
def test_values_are_put_into_their_places(values: dict[int, int]) -> None:
    into = np.full(10, -1, np.int32)
    key_loops.put(np.array([*values], np.int32), np.array([*values.values()], np.int32), into)
    assert into.tolist() == [values.get(place, -1) for place in range(10)]


MASKS = st.integers(0, (1 << 20) - 1)


@given(st.lists(MASKS, max_size=6), MASKS, st.integers(0, 40))
def test_the_bits_of_a_mask_are_put_side_by_side(values: list[int], mask: int, start: int) -> None:
    found, runs = np.zeros(len(values), np.uint64), np.array(list(runs_of(mask)), np.uint64).reshape(-1, 2)
    end = key_loops.packed_bits(words(values), runs, start, found)
    places = [place for place in range(20) if mask >> place & 1]
    assert end == start + len(places)
    assert found.tolist() == [
        sum((value >> place & 1) << (start + at) for at, place in enumerate(places)) for value in values
    ]


def test_a_whole_word_may_be_one_run_of_bits() -> None:
    found, every = np.zeros(1, np.uint64), (1 << 64) - 1
    assert list(runs_of(every)) == [(0, 64)]
    assert key_loops.packed_bits(words([every - 5]), np.array([[0, 64]], np.uint64), 0, found) == 64
    assert found.tolist() == [every - 5]


OFFENCE = st.tuples(st.integers(0, 3), st.booleans())


@given(st.lists(st.lists(OFFENCE, max_size=5), max_size=12))
def test_offences_are_joined_case_by_case(cases: list[list[tuple[int, bool]]]) -> None:
    says = np.array([[1, 0], [6, 2], [8, 4], [0, 0]], np.uint64)
    flat = [one for case in cases for one in case]
    counts = np.array([len(case) for case in cases], np.uint32)
    undated = np.array([*(place for place, (_, dated) in enumerate(flat) if not dated), -1], np.int64)
    size = len(cases)
    joined, opened, apart = np.zeros(size, np.uint64), np.zeros(size + 1, np.uint64), np.zeros(size, np.uint8)
    first, rows = np.zeros(size, np.int32), np.zeros(size + 1, np.int32)
    noted, unmet = key_loops.joined_offences(
        counts,
        np.array([code for code, _ in flat], np.uint32),
        undated,
        says,
        np.uint64(0xF0),
        np.uint64(0x100),
        4,
        3,
        joined,
        opened,
        first,
        rows,
        apart,
    )
    wanted, left, marked = [], [], []
    for case in cases:
        here, open_here, over = 0x100 if case else 0xF0, 0, 0
        for place, (code, dated) in enumerate(case):
            is_open = int(says[code, 1]) | (not dated)
            here |= int(says[code, 0])
            open_here |= is_open << (4 * min(place, 2))
            over |= int(place >= 3 and is_open != 0)
        wanted.append(here)
        left.append(open_here)
        marked.append(over)
    assert joined.tolist() == wanted
    assert opened[:noted].tolist() == [one for one in left if one]
    assert apart.tolist() == marked
    assert rows[:noted].tolist() == [row for row, one in enumerate(left) if one]
    assert first.tolist() == [sum(counts[:row].tolist()) for row in range(size)]
    assert not unmet


def test_a_code_that_is_not_known_yet_is_told() -> None:
    says, nothing = np.array([[0, key_loops.UNMET]], np.uint64), np.zeros(1, np.uint64)
    given_codes = np.ones(1, np.uint32), np.zeros(1, np.uint32), np.array([-1]), says
    found = nothing, np.zeros(2, np.uint64), np.zeros(1, np.int32), np.zeros(2, np.int32), np.zeros(1, np.uint8)
    assert key_loops.joined_offences(*given_codes, np.uint64(0), np.uint64(0), 10, 6, *found)[1]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=20))
def test_what_is_said_of_a_list_is_said_of_every_case_with_it(cases: list[tuple[int, int]]) -> None:
    said, left, wide = words([7, 8, 9]), np.array([0, 2, 4], np.int32), np.array([0, 0, 1], np.uint8)
    lists = np.array([number for number, _ in cases], np.uint32)
    counts = np.array([count for _, count in cases], np.uint16)
    tests, first, beside, apart = (np.zeros(len(cases), kind) for kind in (np.uint64, np.int32, np.int32, np.uint8))
    key_loops.of_lists(lists, counts, said, left, wide, tests, first, beside, apart)
    assert tests.tolist() == said[lists].tolist()
    assert beside.tolist() == left[lists].tolist()
    assert apart.tolist() == wide[lists].tolist()
    assert first.tolist() == [sum(counts[:row].tolist()) for row in range(len(cases))]


# --- days


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.booleans()), max_size=40),
    st.lists(st.integers(-8, 8), max_size=4, unique=True).map(sorted),
    st.booleans(),
    st.sampled_from([np.int32, np.float64]),
)
def test_steps_say_what_stands_between_their_limits(
    rows: list[tuple[int, bool]], limits: list[int], all_known: bool, dtype: Any
) -> None:
    says = words([1 << place for place in range(len(limits) + 1)])
    word = np.full(len(rows), 1 << 40, np.uint64)
    known = np.zeros(0, np.uint8) if all_known else np.array([here for _, here in rows], np.uint8)
    values = np.array([value for value, _ in rows], dtype)
    key_loops.steps(values, known, np.array(limits, dtype), says, np.uint64(1 << 20), word)
    wanted = [
        1 << 40 | (1 << 20 if not (here or all_known) else int(says[sum(value > limit for limit in limits)]))
        for value, here in rows
    ]
    assert word.tolist() == wanted


def test_steps_of_many_rows_are_those_of_each_row() -> None:
    values = np.random.default_rng(5).integers(-50, 50, 5_000).astype(np.int32)
    known = np.random.default_rng(6).integers(0, 2, 5_000).astype(np.uint8)
    limits, says = np.array([-10, 0, 30], np.int32), words([4, 1, 2, 3])
    word = np.zeros(5_000, np.uint64)
    key_loops.steps(values, known, limits, says, np.uint64(9), word)
    assert (word == np.where(known == 1, says[np.searchsorted(limits, values)], 9)).all()


def test_a_value_that_is_no_number_lies_above_all_limits() -> None:
    word = np.zeros(1, np.uint64)
    none = np.zeros(0, np.uint8)
    key_loops.steps(np.array([np.nan]), none, np.array([1.0, 2.0]), words([1, 2, 4]), np.uint64(0), word)
    assert word.tolist() == [4]


BIRTHS = st.dates(date(1925, 1, 1), date(2012, 12, 31)) | st.sampled_from(
    [date(2000, 2, 29), date(1996, 2, 29), date(2000, 3, 1), date(1999, 12, 31)]
)


@given(st.lists(st.tuples(BIRTHS, st.integers(-2, 2), st.booleans()), max_size=15), st.integers(0, 80), st.booleans())
def test_birthdays_are_those_of_the_calendar(rows: list[tuple[date, int, bool]], years: int, before: bool) -> None:
    turns = [add(born, Duration(12 * years)) for born, _, _ in rows]
    days = [day_number(turn) + more for turn, (_, more, _) in zip(turns, rows, strict=True)]
    word = np.zeros(len(rows), np.uint64)
    key_loops.birthdays(
        np.array([day_number(born) for born, _, _ in rows], np.int32),
        np.array([here for _, _, here in rows], np.uint8),
        np.array(days, np.int32),
        years,
        before,
        np.uint64(3),
        np.uint64(2),
        *calendar_tables(),
        FIRST,
        word,
    )
    wanted = [2 if not here else 3 if (more < 0) == before else 0 for _, more, here in rows]
    assert word.tolist() == wanted


def test_days_far_off_stand_for_no_day_at_all() -> None:
    none, far = np.zeros(0, np.uint8), 1 << 29
    for days, before in ((far, True), (-far, False)):
        word = np.zeros(2, np.uint64)
        born = np.array([FIRST, LAST], np.int32)
        given_days = np.full(2, days, np.int32), 18, before, np.uint64(3), np.uint64(2)
        key_loops.birthdays(born, none, *given_days, *calendar_tables(), FIRST, word)
        assert word.tolist() == [0, 0]
