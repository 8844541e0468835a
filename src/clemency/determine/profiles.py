"""Profiles: flags and facts of a case as far as an act reads them, and their numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine.key_loops import packed_bits
from clemency.determine.numbering import Growing, Numbering, WordNumbering

Ints = npt.NDArray[Any]
_WORD = 64


class Profiles:
    """The profiles met so far. The bits that are read fit into one word for most acts, which is quickly numbered."""

    def __init__(self, flags: int, facts: int) -> None:
        self._read = np.array([flags, facts, facts], np.uint64)
        self._fits = sum(mask.bit_count() for mask in (flags, facts, facts)) <= _WORD
        self._runs = [np.array(list(runs_of(mask)), np.uint64).reshape(-1, 2) for mask in (flags, facts)]
        self._words, self._rows, self._wide = WordNumbering(), Growing(np.uint64, 3), Numbering(3)
        self._one_at_a_time = threading.Lock()

    @property
    def rows(self) -> Ints:
        """Flags, facts that hold and facts known of each profile, by its number; what no rule reads is left out."""
        return self._rows.all if self._fits else self._wide.rows

    def number(self, flags: Ints, true: Ints, known: Ints) -> Ints:
        """The number of each profile."""
        columns = flags, true, known
        if not self._fits:
            return self._wide.number(*(column & read for column, read in zip(columns, self._read, strict=True)))[0]
        words, start = np.zeros(len(flags), np.uint64), 0
        of_flags, of_facts = self._runs
        for column, runs in ((flags.astype(np.uint64, copy=False), of_flags), (true, of_facts), (known, of_facts)):
            start = packed_bits(column, runs, start, words)
        with self._one_at_a_time:
            number, fresh = self._words.number(words)
            self._rows.add(np.column_stack([column[fresh] for column in columns]).astype(np.uint64) & self._read)
        return number


def runs_of(mask: int) -> Iterator[tuple[int, int]]:
    """The runs of ones in a mask: the first bit of each, and how many there are."""
    bit = 0
    while mask >> bit:
        length = (~(mask >> bit) & ((mask >> bit) + 1)).bit_length() - 1
        if length:
            yield bit, length
        bit += max(length, 1)
