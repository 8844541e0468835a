"""Truth tables by the million: every clause of a case as one bit for each completion of its open values.

A case with k open bits has 2**k completions. A clause becomes a word of that many bits, `and`, `or`, `not` work on all
completions and all cases at once, and a clause is true when its word is all ones. A clause depends on an open value
when turning that value's bits changes the word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
_IN_WORD = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """The layout of a table: common bits first, then the bits private to one clause."""

    common: int
    private: int

    @property
    def bits(self) -> int:
        """All bits of the table."""
        return self.common + self.private

    @property
    def words(self) -> int:
        """The 64-bit words that a table takes."""
        return 1 << max(0, self.bits - _IN_WORD)

    def __contains__(self, other: Shape) -> bool:
        """Whether a table of another shape fits into this one."""
        return other.common <= self.common and other.private <= self.private

    def for_all(self, words: Words) -> Words:
        """Where a clause holds whatever its private values are; private bits no longer matter."""
        return self._reduced(words, np.bitwise_and)

    def for_some(self, words: Words) -> Words:
        """Where a clause holds for some of its private values."""
        return self._reduced(words, np.bitwise_or)

    def _reduced(self, words: Words, join: np.ufunc) -> Words:
        for bit in range(self.common, self.bits):
            if bit < _IN_WORD:
                low = words & ~_LOW_PATTERNS[bit]
                high = (words & _LOW_PATTERNS[bit]) >> np.uint64(1 << bit)
                low = join(low, high)
                words = low | (low << np.uint64(1 << bit))
            else:
                halves = words.reshape(len(words), -1, 2, 1 << (bit - _IN_WORD))
                joined = join(halves[:, :, 0], halves[:, :, 1])
                words = np.stack([joined, joined], axis=2).reshape(len(words), -1)
        return words


#: The layouts in use, the smallest first; a case that fits none is answered by the interpreter.
SHAPES = (
    Shape(4, 2),
    Shape(6, 4),
    Shape(10, 2),
    Shape(12, 2),
    Shape(4, 10),
    Shape(14, 2),
    Shape(12, 4),
)
MAX_BITS = max(shape.bits for shape in SHAPES)


def _pattern(bit: int) -> int:
    return sum(1 << place for place in range(64) if place >> bit & 1)


_LOW_PATTERNS = np.array([_pattern(bit) for bit in range(_IN_WORD)], np.uint64)


def bit_patterns(words: int) -> Words:
    """For each open bit the word or words that are one where the bit is one; shape (MAX_BITS, words)."""
    patterns = np.zeros((MAX_BITS, words), np.uint64)
    patterns[:_IN_WORD] = _LOW_PATTERNS[:, None]
    for bit in range(_IN_WORD, MAX_BITS):
        patterns[bit] = np.where((np.arange(words) >> (bit - _IN_WORD)) & 1, ONES, np.uint64(0))
    return patterns


def minterms(start: npt.NDArray[np.integer[npt.NBitBase]], bits: int, patterns: Words) -> list[Words]:
    """For each code of an open value of some bits, starting at a place per case, the completions in which it has it."""
    terms = [np.broadcast_to(ONES, (len(start), patterns.shape[1]))]
    for bit in range(bits):
        one = patterns[start + bit]
        terms = [term & ~one for term in terms] + [term & one for term in terms]
    return terms


def spread(terms: list[Words], table: int | Words) -> Words:
    """The word of a condition on one open value, from its table over the codes (one table, or one a case)."""
    result = np.zeros_like(terms[0])
    for code, term in enumerate(terms):
        if isinstance(table, int):
            if table >> code & 1:
                result |= term
        else:
            chosen = ((table >> np.uint64(code)) & np.uint64(1)) * ONES
            result |= term & chosen[:, None]
    return result


def supports(words: Words, bits: int) -> npt.NDArray[np.uint32]:
    """For each case the open bits on which its word depends, as a mask."""
    found = np.zeros(len(words), np.uint32)
    for bit in range(bits):
        if bit < _IN_WORD:
            low = ~_LOW_PATTERNS[bit]
            changed = (((words >> np.uint64(1 << bit)) ^ words) & low).any(axis=1)
        else:
            step = 1 << (bit - _IN_WORD)
            halves = words.reshape(len(words), -1, 2, step)
            changed = (halves[:, :, 0] != halves[:, :, 1]).any(axis=(1, 2))
        found |= changed.astype(np.uint32) << np.uint32(bit)
    return found


def supports_unless(words: Words, settled: Words, common: int, bits: int) -> npt.NDArray[np.uint32]:
    """As `supports`, leaving out completions of the common values in which the answer is settled anyway.

    A common value is left out only where it is settled on both sides of the turn.
    """
    found = np.zeros(len(words), np.uint32)
    for bit in range(bits):
        if bit < _IN_WORD:
            turn = np.uint64(1 << bit)
            changed = ((words >> turn) ^ words) & ~_LOW_PATTERNS[bit]
            open_ = ~(settled & (settled >> turn)) if bit < common else ~settled
            touched = (changed & open_).any(axis=1)
        else:
            shape = (len(words), -1, 2, 1 << (bit - _IN_WORD))
            halves, other = words.reshape(shape), settled.reshape(shape)
            changed = halves[:, :, 0] ^ halves[:, :, 1]
            open_ = ~(other[:, :, 0] & other[:, :, 1]) if bit < common else ~other[:, :, 0]
            touched = (changed & open_).any(axis=(1, 2))
        found |= touched.astype(np.uint32) << np.uint32(bit)
    return found
