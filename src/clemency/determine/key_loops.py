"""The loops that key cases: rows of whole numbers numbered as they are met, offences joined, days and ages compared.

Which values of a column are known is told by one byte a value; no bytes at all mean that all are. Every loop has a
plain twin among the tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.records.compiled import compiled

Ints = npt.NDArray[Any]
#: What a code says that stands for an offence of which the signature is not known yet.
UNMET = np.uint64((1 << 64) - 1)
_ONE = np.uint64(1)
_BLOCK = 1024
_FACTOR, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


@compiled
def mixed_in(hashed: Any, word: Any) -> Any:
    """A hash with one more word in it."""
    hashed = (hashed ^ word) * _FACTOR
    return hashed ^ (hashed >> _HALF)


@compiled
def slots_of(rows: Ints, count: int, slots: Ints) -> None:
    """Put the first rows of a table into empty slots, each where its hash says, or in the next that is free."""
    mask = np.uint64(len(slots) - 1)
    for number in range(count):
        hashed = np.uint64(0)
        for place in range(rows.shape[1]):
            hashed = mixed_in(hashed, rows[number, place])
        at = hashed & mask
        while slots[at] >= 0:
            at = (at + _ONE) & mask
        slots[at] = number


@compiled
def numbered(asked: Ints, start: int, slots: Ints, rows: Ints, count: int, numbers: Ints, fresh: Ints, met: int) -> Any:
    """The number of each row from `start` on; new ones are added to the table, and their places noted in `fresh`.

    Stops where the table is full. Gives the row at which it stopped, the rows in the table, and the places noted.
    """
    mask = np.uint64(len(slots) - 1)
    width = rows.shape[1]
    for index in range(start, len(asked)):
        hashed = np.uint64(0)
        for place in range(width):
            hashed = mixed_in(hashed, asked[index, place])
        at = hashed & mask
        while slots[at] >= 0:
            same = True
            for place in range(width):
                same &= rows[slots[at], place] == asked[index, place]
            if same:
                break
            at = (at + _ONE) & mask
        if slots[at] < 0:
            if count == len(rows):
                return index, count, met
            slots[at] = count
            for place in range(width):
                rows[count, place] = asked[index, place]
            fresh[met] = index
            count += 1
            met += 1
        numbers[index] = slots[at]
    return len(asked), count, met


@compiled
def slot_of(word: Any, slots: Ints, bits: int) -> Any:
    """The slot of a word: where it stands with its number (counted from 1), or would, if the number there is 0."""
    mask = np.uint64((1 << bits) - 1)
    at = (word * _FACTOR) >> np.uint64(64 - bits)
    while slots[at, 1] and slots[at, 0] != word:
        at = (at + _ONE) & mask
    return at


@compiled
def slots_of_words(words: Ints, count: int, slots: Ints, bits: int) -> None:
    """Put the first words of a table into empty slots."""
    for number in range(count):
        at = slot_of(words[number], slots, bits)
        slots[at, 0], slots[at, 1] = words[number], number + 1


@compiled
def numbered_words(
    asked: Ints,
    start: int,
    slots: Ints,
    bits: int,
    words: Ints,
    count: int,
    numbers: Ints,
    fresh: Ints,
    met: int,
) -> Any:
    """The number of each word from `start` on, as `numbered` gives it for rows.

    Most words are met again and stand in the slot that is looked at first. So that one is looked at for a block of
    rows, without a branch that must be guessed, before the others are looked for.
    """
    shift = np.uint64(64 - bits)
    for begin in range(start, len(asked), _BLOCK):
        end = min(begin + _BLOCK, len(asked))
        for index in range(begin, end):
            at = (asked[index] * _FACTOR) >> shift
            found = np.int32(slots[at, 1]) - np.int32(1)
            numbers[index] = found if slots[at, 0] == asked[index] else np.int32(-1)
        for index in range(begin, end):
            if numbers[index] >= 0:
                continue
            word = asked[index]
            at = slot_of(word, slots, bits)
            if not slots[at, 1]:
                if count == len(words):
                    return index, count, met
                words[count] = word
                fresh[met] = index
                count += 1
                met += 1
                slots[at, 0], slots[at, 1] = word, count
            numbers[index] = slots[at, 1] - _ONE
    return len(asked), count, met


@compiled
def with_leaves(numbers: Ints, matter: Ints, leaves: Ints, words: Ints) -> None:
    """The number of each case and its leaves, as far as they matter for cases of that number, as one word."""
    for index in range(len(numbers)):
        number = numbers[index]
        words[index] = (leaves[index] & matter[number]) | np.uint64(number) << _HALF


@compiled
def with_beside(
    twigs: Ints, traits: Ints, reads: Ints, beside: Ints, alone: Ints, numbers: Ints, asked: Ints, words: Ints
) -> int:
    """The number of the key of each case beside whose trait nothing stands; the others are noted with their keys.

    `traits`, `reads` (1 where what offences leave open matters, else 0) and `alone` are those of twigs. What stands
    beside is even where it tells of offences alone. Gives how many are noted: in `asked` the case, in `words` its key.
    """
    count = 0
    for index in range(len(twigs)):
        twig = twigs[index]
        more = beside[index] * ((beside[index] & 1) | reads[twig])  # no branch, as it could not be guessed
        numbers[index] = alone[twig]
        asked[count] = index
        words[count] = np.uint64(traits[twig]) << _HALF | np.uint64(more)
        count += more != 0
    return count


@compiled
def put(places: Ints, values: Ints, into: Ints) -> None:
    """Put values into their places."""
    for index in range(len(values)):
        into[places[index]] = values[index]


@compiled
def exchange(numbers: Ints, table: Ints) -> None:
    """Put what a table holds for each number into its place."""
    for index in range(len(numbers)):
        numbers[index] = table[numbers[index]]


@compiled
def met_before(numbers: Ints, known: Ints, found: Ints, unmet: Ints) -> int:
    """What is known of each number (-1 for nothing, as for the number -1); gives how many rows have none.

    Those rows are noted in `unmet`, but for the rows with the number -1.
    """
    count = 0
    for index in range(len(numbers)):
        number = numbers[index]
        if number < 0:
            found[index] = -1
            continue
        value = known[number]
        found[index] = value
        if value < 0:
            unmet[count] = index
            count += 1
    return count


@compiled
def joined_offences(
    counts: Ints,
    codes: Ints,
    undated: Ints,
    says: Ints,
    none: Any,
    some: Any,
    width: int,
    most: int,
    joined: Ints,
    opened: Ints,
    first: Ints,
    rows: Ints,
    apart: Ints,
) -> Any:
    """Look at the offences of each case: what their codes say joined by `or`, and what they leave open by place.

    Of each code `says` has both; the offences without a day are `undated`, after which comes a -1. `none` is said of a
    case without offences, `some` of all others. What is open stands `width` bits a place; a case with an open offence
    after the first `most` places is marked in `apart`. Gives how many cases leave something open (noted in `rows`, and
    what in `opened`), and whether some code may not be known yet.
    """
    at, noted, met = 0, 0, 0
    every = np.uint64(0)
    for index in range(len(counts)):
        first[index] = at
        here, left = some if counts[index] else none, np.uint64(0)
        for place in range(counts[index]):
            code = codes[at]
            here |= says[code, 0]
            is_open = says[code, 1]
            every |= is_open
            if at == undated[met]:
                is_open |= _ONE
                met += 1
            left |= is_open << np.uint64(width * min(place, most - 1))
            if place >= most and is_open:
                apart[index] = 1
            at += 1
        joined[index] = here
        rows[noted], opened[noted] = index, left
        noted += left != 0
    return noted, every == UNMET


@compiled
def of_lists(
    lists: Ints,
    counts: Ints,
    said: Ints,
    left: Ints,
    wide: Ints,
    tests: Ints,
    first: Ints,
    beside: Ints,
    apart: Ints,
) -> None:
    """What follows for each case from its list of offences, and the place of its first offence.

    Of each list `said` has what its offences say, `left` the number of what they leave open, and `wide` whether they
    leave too much open for a key.
    """
    at = 0
    for index in range(len(lists)):
        number = lists[index]
        first[index] = at
        at += counts[index]
        tests[index], beside[index], apart[index] = said[number], left[number], wide[number]


@compiled
def steps(values: Ints, known: Ints, limits: Ints, says: Ints, unknown: Any, word: Ints) -> None:
    """Add to a word of each row what is said of its value: `says[n]` where `n` of the limits lie below it.

    The limits are counted limit by limit for a block of rows, so that no row takes a branch.
    """
    above, told = np.empty(_BLOCK, np.uint32), np.append(says, unknown)
    for start in range(0, len(values), _BLOCK):
        size = min(_BLOCK, len(values) - start)
        part = values[start : start + size]
        above[:size] = 0
        for place in range(len(limits)):
            limit = limits[place]
            for index in range(size):
                above[index] += np.uint32(not part[index] <= limit)
        if len(known):
            here, none = known[start : start + size], np.uint32(len(says))
            for index in range(size):
                above[index] = above[index] if here[index] else none
        for index in range(size):
            word[start + index] |= told[above[index]]


@compiled
def birthdays(
    births: Ints,
    known: Ints,
    days: Ints,
    years: int,
    before: bool,
    settled: Any,
    perhaps: Any,
    months: Ints,
    month_days: Ints,
    starts: Ints,
    lengths: Ints,
    earliest: int,
    word: Ints,
) -> None:
    """Add `settled` to a word of each row whose day lies before the birthday of some years, or (not `before`) does not.

    Where the birth is not known, `perhaps` is added. The tables are those of `calendar_columns`.
    """
    some_unknown = len(known) > 0
    least, most = min(365 * years, 366 * years), max(365 * years, 366 * years)
    for index in range(len(days)):
        born, day = births[index], days[index]
        lived = day - born
        young = lived < least
        if least <= lived <= most:
            place = min(max(born - earliest, 0), len(months) - 1)
            month = min(max(months[place] + 12 * years, 0), len(starts) - 1)
            young = day < starts[month] + min(month_days[place], lengths[month]) - 1
        found = settled if young == before else np.uint64(0)
        if some_unknown and not known[index]:
            found = perhaps
        word[index] |= found


@compiled
def packed_bits(values: Ints, runs: Ints, start: int, words: Ints) -> Any:
    """Put runs of the bits of each value side by side into its word, from a bit on; gives the bit after them.

    Of each run `runs` has the first bit and how many there are.
    """
    for place in range(len(runs)):
        first, length = runs[place, 0], runs[place, 1]
        mask, moved = ~np.uint64(0) >> (np.uint64(64) - length), np.uint64(start)
        for index in range(len(values)):
            words[index] |= ((values[index] >> first) & mask) << moved
        start += int(length)
    return start
