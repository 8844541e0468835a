"""Numbers for rows of whole numbers, given as the rows are first met and kept from then on."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine import key_loops

Ints = npt.NDArray[Any]
_FIRST_ROOM = 1 << 10
#: How many slots there are for each row that the table has room for.
_SLOTS = 2


class Growing:
    """An array that more is added to at its end; what has been handed out stays as it is."""

    def __init__(self, dtype: Any, *width: int) -> None:
        self._room = np.zeros((_FIRST_ROOM, *width), dtype)
        self.count = 0

    @property
    def all(self) -> Ints:
        """All that has been added so far."""
        return self._room[: self.count]

    def add(self, values: Any) -> None:
        """Add more at the end."""
        count = self.count + len(values)
        if count > len(self._room):
            room = np.zeros((max(count, 2 * len(self._room)), *self._room.shape[1:]), self._room.dtype)
            room[: self.count] = self.all
            self._room = room
        self._room[self.count : count] = values
        self.count = count


class Numbering:
    """Rows of `width` whole numbers and their numbers, counted from 0.

    Several threads may ask; one is answered at a time.
    """

    def __init__(self, width: int) -> None:
        self._rows = np.zeros((_FIRST_ROOM, width), np.uint64)
        self._slots = np.full(_SLOTS * _FIRST_ROOM, -1, np.int32)
        self.count = 0
        self._one_at_a_time = threading.Lock()

    @property
    def width(self) -> int:
        """How many whole numbers a row has."""
        return int(self._rows.shape[1])

    @property
    def rows(self) -> Ints:
        """All rows that have a number, by their number."""
        return self._rows[: self.count]

    def number(self, *columns: Ints) -> tuple[Ints, Ints]:
        """The number of each row, and the places of the rows that got a new one, in the order of their numbers.

        The rows are given as columns, which together are as wide as the table.

        >>> table = Numbering(2)
        >>> numbers, fresh = table.number(np.array([7, 8, 7]), np.array([1, 1, 1]))
        >>> numbers.tolist(), fresh.tolist()
        ([0, 1, 0], [0, 1])
        >>> table.number(np.array([8, 8]), np.array([1, 2]))[0].tolist()
        [1, 2]
        """
        asked = np.empty((len(columns[0]), self.width), np.uint64)
        for place, column in enumerate(columns):
            asked[:, place] = column
        numbers, fresh = np.empty(len(asked), np.int32), np.empty(len(asked), np.int64)
        at = met = 0
        with self._one_at_a_time:
            while at < len(asked):
                table = self._slots, self._rows, self.count
                at, self.count, met = key_loops.numbered(asked, at, *table, numbers, fresh, met)
                if self.count == len(self._rows):
                    self._make_room()
        return numbers, fresh[:met]

    def _make_room(self) -> None:
        rows = np.zeros((2 * len(self._rows), self._rows.shape[1]), np.uint64)
        rows[: self.count] = self._rows
        slots = np.full(_SLOTS * len(rows), -1, np.int32)
        key_loops.slots_of(rows, self.count, slots)
        self._rows, self._slots = rows, slots


class WordNumbering:
    """Whole numbers and the numbers of them, counted from 0 as they are first met: as `Numbering`, and quicker."""

    def __init__(self) -> None:
        self._words = np.zeros(_FIRST_ROOM, np.uint64)
        self._bits = (_SLOTS * _FIRST_ROOM - 1).bit_length()
        self._slots = np.zeros((1 << self._bits, 2), np.uint64)
        self.count = 0
        self._one_at_a_time = threading.Lock()

    @property
    def words(self) -> Ints:
        """All words that have a number, by their number."""
        return self._words[: self.count]

    def number(self, words: Ints) -> tuple[Ints, Ints]:
        """The number of each word, and the places of those that got a new one, in the order of their numbers."""
        asked = np.ascontiguousarray(words, np.uint64)
        numbers, fresh = np.empty(len(asked), np.int32), np.empty(len(asked), np.int64)
        at = met = 0
        with self._one_at_a_time:
            while at < len(asked):
                table = self._slots, self._bits, self._words, self.count
                at, self.count, met = key_loops.numbered_words(asked, at, *table, numbers, fresh, met)
                if self.count == len(self._words):
                    self._make_room()
        return numbers, fresh[:met]

    def _make_room(self) -> None:
        words, bits = np.zeros(2 * len(self._words), np.uint64), self._bits + 1
        words[: self.count] = self._words
        slots = np.zeros((1 << bits, 2), np.uint64)
        key_loops.slots_of_words(words, self.count, slots, bits)
        self._words, self._slots, self._bits = words, slots, bits
