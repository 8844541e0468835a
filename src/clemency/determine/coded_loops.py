"""Compiled loops from the kind of each row to the columns that are written."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from clemency.records.compiled import compiled

Ints = npt.NDArray[Any]
NO_GRANT = 255


@compiled
def looked_up(kind: Ints, table: Ints, found: Ints) -> None:
    """The number that a table holds for the kind of each row.

    `kind` and `table` int32; `found` int32, one a row, which is filled.
    """
    for row in range(len(kind)):
        found[row] = table[kind[row]]


@compiled
def as_they_appear(kind: Ints, table: Ints, place: Ints, used: Ints, found: Ints) -> int:
    """As `looked_up`, the numbers of the table numbered anew in the order in which rows bring them up; gives how many.

    `place` int32, -1 for each number of the table at first; `used` int32, filled with the numbers brought up.
    """
    count = 0
    for row in range(len(kind)):
        number = table[kind[row]]
        if place[number] < 0:
            place[number] = count
            used[count] = number
            count += 1
        found[row] = place[number]
    return count


@compiled
def clauses_of(kind: Ints, told: Ints, outcome: Ints, relief: Ints, grant: Ints, bits: Ints) -> int:
    """Outcome, relief and grant of each row from those of its kind, and a bitmap of the rows with a grant.

    `told` uint32 a kind: the outcome in its lowest byte, then relief and grant, which is 255 for none. The others int32
    a row, 0 where there is no grant; `bits` uint8, eight rows a byte, the lowest bit first, zero at first. Gives how
    many rows have a grant.
    """
    found = 0
    for row in range(len(kind)):
        word = told[kind[row]]
        number = word >> 16
        outcome[row] = word & 255
        relief[row] = word >> 8 & 255
        if number == NO_GRANT:
            grant[row] = 0
            continue
        grant[row] = number
        bits[row >> 3] |= 1 << (row & 7)
        found += 1
    return found


@compiled
def moved_ends(
    kind: Ints,
    start: int,
    moves: Ints,
    days: Ints,
    known: Ints,
    in_force: int,
    after: Ints,
    remitted: Ints,
    bits: Ints,
    rows: Ints,
    noted: int,
) -> tuple[int, int]:
    """The end of the term after, and the days remitted, in the rows from `start` on whose ends are `days`.

    `moves` uint8 a kind: 0 where the end is not moved, 1 where it is moved to the day in force if that is earlier, more
    where it is cut; a row that is cut is noted in `rows` and its end left as it is. `known` uint8, none where all ends
    are known. `bits` is a bitmap of the rows with an end. Gives how many have one, and how many are noted so far.
    """
    found = 0
    every = len(known) == 0
    for place in range(len(days)):
        row = start + place
        move = moves[kind[row]]
        if not move or not (every or known[place]):
            after[row] = remitted[row] = 0
            continue
        day = days[place]
        later = min(day, in_force) if move == 1 else day
        after[row], remitted[row] = later, day - later
        bits[row >> 3] |= 1 << (row & 7)
        found += 1
        if move > 1:
            rows[noted] = row
            noted += 1
    return found, noted
