"""Compiled loops from the kind of each row to the columns that are written."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from clemency.records.compiled import compiled

Ints = npt.NDArray[Any]


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
def bits_of(kind: Ints, holds: Ints, bits: Ints) -> int:
    """Eight rows a byte, the lowest bit first: whether something holds for the kind of each row; gives how many.

    `kind` int32, `holds` uint8 a kind, `bits` uint8, zero at first.
    """
    found = 0
    for row in range(len(kind)):
        if holds[kind[row]]:
            bits[row >> 3] |= 1 << (row & 7)
            found += 1
    return found
