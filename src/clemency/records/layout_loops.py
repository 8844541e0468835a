"""Loops that lay a register out straight from the arrays of its file.

Known values are marked as columnar files mark them: one bit a row, lowest bit first; an empty array means that all are
known. `skipped` is the number of bits before the first row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.records.compiled import compiled
from clemency.records.layout import DAYS_IN_A_COUNTED_MONTH, FAR
from clemency.records.record import MOST_OFFENCES

Ints = npt.NDArray[Any]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@compiled
def add_words(into: Ints, places: Ints, known: Ints, skipped: int, codes: Ints) -> None:
    """Add to each row the code of its word; the words are given by their places in a list, unknown ones add nothing."""
    if len(known) == 0:
        for row in range(len(places)):
            into[row] += codes[places[row]]
    else:
        for row in range(len(places)):
            at = skipped + row
            there = (known[at >> 3] >> (at & 7)) & 1
            into[row] += codes[places[row] * there] * there


@compiled
def add_planes(into: Ints, planes: Ints, tables: Ints) -> None:
    """Add to each row the number that its bits in the planes stand for.

    A plane holds one bit a row. Eight planes at a time are turned into one byte a row, and `tables` says what the byte
    stands for; the numbers of different tables share no bit.
    """
    for group in range(len(tables)):
        table = tables[group]
        for byte in range((len(into) + 7) >> 3):
            word = np.uint64(0)
            for plane in range(8):
                word |= np.uint64(planes[8 * group + plane, byte]) << np.uint64(8 * plane)
            # A square of eight by eight bits is turned by its corners, then by quarters of them, then bit by bit.
            moved = (word ^ (word >> np.uint64(7))) & np.uint64(0x00AA00AA00AA00AA)
            word ^= moved ^ (moved << np.uint64(7))
            moved = (word ^ (word >> np.uint64(14))) & np.uint64(0x0000CCCC0000CCCC)
            word ^= moved ^ (moved << np.uint64(14))
            moved = (word ^ (word >> np.uint64(28))) & np.uint64(0x00000000F0F0F0F0)
            word ^= moved ^ (moved << np.uint64(28))
            for row in range(8 * byte, min(8 * byte + 8, len(into))):
                into[row] |= table[word & np.uint64(255)]
                word >>= np.uint64(8)


@compiled
def add_offences(
    ends: Ints,
    known: Ints,
    skipped: int,
    days: Ints,
    dated: Ints,
    before: int,
    counts: Ints,
    first: Ints,
    last: Ints,
    undated: Ints,
) -> bool:
    """Count the offences of each case and keep its first and last day; false where some list is not as expected.

    `ends[row]` and `ends[row + 1]` bound a case's offences among `days`; the known days are bits from `before` on.
    """
    for row in range(len(counts)):
        start, end = ends[row], ends[row + 1]
        at = skipped + row
        if end - start > MOST_OFFENCES or end < start:
            return False
        if len(known) and not (known[at >> 3] >> (at & 7)) & 1 and end != start:
            return False
        earliest, latest, lacking = np.int32(FAR), np.int32(-FAR), False
        for place in range(start - ends[0], end - ends[0]):
            bit = before + place
            there = len(dated) == 0 or (dated[bit >> 3] >> (bit & 7)) & 1 == 1
            earliest = min(earliest, days[place] if there else np.int32(FAR))
            latest = max(latest, days[place] if there else np.int32(-FAR))
            lacking |= not there
        counts[row], first[row], last[row], undated[row] = end - start, earliest, latest, lacking
    return True


@compiled
def terms(
    flags: Ints,
    start_of_punishment: int,
    mask_of_punishment: int,
    rates: Ints,
    values: tuple[Ints, ...],
    known: tuple[Ints, ...],
    earliest: int,
    tables: tuple[Ints, ...],
    found: tuple[Ints, ...],
    found_known: tuple[Ints, ...],
) -> None:
    """The length of each term, its end, and the computed end where a given one differs.

    `values` and `known` are months, days, first day, days of credit and given end. Adding months is `add_months_to` of
    `law.calendar_columns`, with its `tables` and its first day. What is known is set bit by bit in `found_known`, which
    starts empty.
    """
    months, days, starts, credits, given = values
    months_known, days_known, starts_known, credits_known, given_known = known
    month_of, day_of, month_starts, month_lengths = tables
    length, end, other = found
    length_known, end_known, other_known = found_known
    for row in range(len(flags)):
        byte, bit = row >> 3, np.uint8(1 << (row & 7))
        month_count = months[row] if months_known[byte] & bit else np.int32(0)
        day_count = days[row] if days_known[byte] & bit else np.int32(0)
        has_term = (months_known[byte] | days_known[byte]) & bit
        has_given = given_known[byte] & bit
        length[row] = month_count * DAYS_IN_A_COUNTED_MONTH + day_count
        if has_term:
            length_known[byte] |= bit
        rate = rates[(flags[row] >> np.uint32(start_of_punishment)) & np.uint32(mask_of_punishment)]
        computed = has_term and starts_known[byte] & credits_known[byte] & bit and rate > 0
        ending = np.int32(0)
        if computed:
            place = min(max(starts[row] - earliest, 0), len(month_of) - 1)
            month = min(max(month_of[place] + month_count, 0), len(month_starts) - 1)
            moved = month_starts[month] + min(day_of[place], month_lengths[month]) - 1
            ending = np.int32(moved + day_count - credits[row] * rate)
        other[row] = ending
        end[row] = given[row] if has_given else ending
        if has_given or computed:
            end_known[byte] |= bit
        if has_given and computed and given[row] != ending:
            other_known[byte] |= bit


@compiled
def number_lists(counts: Ints, codes: Ints, slots: Ints, first: Ints, numbers: Ints) -> int:
    """Number the lists of codes as they are met; gives how many there are, and notes the row of each in `first`.

    The lists stand in `codes` one after the other. `slots` are more than there are rows, a power of two, and all -1.
    """
    starts = np.empty(len(counts), np.int32)
    mask, count, at = np.uint64(len(slots) - 1), 0, 0
    for row in range(len(counts)):
        size = counts[row]
        hashed = np.uint64(size)
        for place in range(at, at + size):
            hashed = (hashed ^ np.uint64(codes[place])) * _FACTOR
            hashed ^= hashed >> np.uint64(32)
        slot = hashed & mask
        while slots[slot] >= 0:
            other = slots[slot]
            alike = counts[first[other]] == size
            place = 0
            while alike and place < size:
                alike = codes[starts[other] + place] == codes[at + place]
                place += 1
            if alike:
                break
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot], starts[count], first[count] = count, at, row
            count += 1
        numbers[row] = slots[slot]
        at += size
    return count
