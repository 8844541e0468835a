"""Twigs: stems with their leaves, by their number. All of a key but what stands beside, and what is listed, follows.

Of the many cases of a part few have a twig that was not met before, so that little is left to do for every case.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine import key_loops
from clemency.determine.heads import HALF, Heads
from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.whole_case import WholeCase

Ints = npt.NDArray[Any]
#: At most how many bits of leaves stand beside a number.
_LEAF_BITS = 32
_HALF_MASK = np.uint64((1 << 32) - 1)


class Leafy:
    """Numbers with words of leaves beside them, as one word: the leaves themselves, or the number of a set of them."""

    def __init__(self, words: int, leaves: int) -> None:
        self._one_word = words == 1 and 2 * leaves <= _LEAF_BITS
        self._patterns = Numbering(words)

    def words(self, numbers: Ints, matter: Ints, leaves: Ints, room: Ints) -> Ints:
        """A word for each number and its leaves, as far as they `matter` for it; `room` is what they are put into."""
        if self._one_word:
            key_loops.with_leaves(numbers, np.ascontiguousarray(matter[:, 0]), leaves[0], room)
            return room
        patterns = self._patterns.number(*(leaves & matter[numbers].T))[0]
        return numbers.astype(np.uint64) << HALF | patterns.astype(np.uint64)

    def apart(self, words: Ints) -> tuple[Ints, Ints]:
        """The numbers of some words, and their leaves: a row for each."""
        leaves = words & _HALF_MASK
        return words >> HALF, leaves.reshape(-1, 1) if self._one_word else self._patterns.rows[leaves]


@dataclass(frozen=True)
class Told:
    """What is known of all twigs, by their number.

    The trait of each, whether it matters what offences leave open, the number of its key where nothing stands beside,
    and the code of the reservations about the whole case that are listed.
    """

    trait: Ints
    reads: Ints
    alone: Ints
    listed: Ints


class Twigs:
    """The twigs met so far, and the keys.

    The *trait* of a twig is its gist with the leaves that matter for the gist. A key is a trait and what stands beside.
    """

    def __init__(self, heads: Heads, whole: WholeCase, words: int, leaves: int, leaves_of_kinds: int) -> None:
        self.heads, self.whole = heads, whole
        self._twigs, self._leafy = WordNumbering(), Leafy(words, leaves)
        self._traits, self._leafy_gists = WordNumbering(), Leafy(words, leaves_of_kinds)
        self.keys = WordNumbering()
        self._trait, self._reads, self._alone, self._listed = (Growing(np.int32) for _ in range(4))
        self._one_at_a_time = threading.Lock()

    def of(self, stems: Ints, leaves: Ints, room: Ints) -> tuple[Ints, Told]:
        """The twig of every case; what follows from twigs not met before is worked out now."""
        words = self._leafy.words(stems, self.heads.leaves.all, leaves, room)
        with self._one_at_a_time:
            twigs, fresh = self._twigs.number(words)
            if len(fresh):
                self._look_at(words[fresh])
            return twigs, Told(self._trait.all, self._reads.all, self._alone.all, self._listed.all)

    def _look_at(self, words: Ints) -> None:
        heads, (stems, leaves) = self.heads, self._leafy.apart(words)
        gist, room = heads.gist.all[stems], np.empty(len(words), np.uint64)
        columns = np.ascontiguousarray(leaves.T)
        trait = self._traits.number(self._leafy_gists.words(gist, heads.leaves_of_gist.all, columns, room))[0]
        self._trait.add(trait)
        self._reads.add(heads.reads.all[gist])
        self._alone.add(self.keys.number(trait.astype(np.uint64) << HALF)[0])
        self._listed.add(self.whole.codes(heads.whole_head.all[stems], columns))

    def numbers(self, twigs: Ints, told: Told, beside: Ints, room: Ints) -> Ints:
        """The number of the key of every case, from its twig and what stands beside."""
        number, asked = np.empty(len(twigs), np.int32), np.empty(len(twigs) + 1, np.int32)
        count = key_loops.with_beside(twigs, told.trait, told.reads, beside, told.alone, number, asked, room)
        key_loops.put(asked, self.keys.number(room[:count])[0], number)
        return number

    # keys taken apart

    def apart(self, numbers: Ints) -> tuple[Ints, Ints, Ints]:
        """Gist, leaves (a row for each) and what stands beside of some keys."""
        keys = self.keys.words[numbers]
        gists, leaves = self._leafy_gists.apart(self._traits.words[keys >> HALF])
        return gists, leaves, keys & _HALF_MASK
