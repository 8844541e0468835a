"""The open values of rows as terms: which steps of the clauses read them, at which bits, and by which tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from clemency.determine import settle_loops as loops
from clemency.determine.days import birth_limits
from clemency.determine.plan import Quantified
from clemency.determine.signatures import Signature, Signatures, by_signature
from clemency.law import rules
from clemency.law.rules import AgeOn, Compare, Condition

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
_WORD = 0xFFFFFFFFFFFFFFFF
#: The first words of all tables: a bit as it is; then what is so under neither of two ends, the first, the other, both.
_A_BIT, _ENDS = 0, 1
_FIXED = (0b10, 0, 1, _WORD - 1, _WORD)


class Field(Protocol):
    """A field that may be open: see `settle.OpenField`."""

    @property
    def column(self) -> str: ...
    @property
    def bits(self) -> int: ...
    @property
    def leaves(self) -> Mapping[Condition, int]: ...
    @property
    def moving(self) -> bool: ...


@dataclass(frozen=True)
class Read:
    """What leaves and tests say of rows to be settled, and the turning points of their ages.

    `two` are those with two ends of the term; `given` and `computed` what leaves say of either end.
    """

    leaves: Ints
    tests: Ints
    two: Ints
    given: Bools
    computed: Bools
    limits: Mapping[int, Ints]


class Terms:
    """Makes the terms of rows under one act."""

    def __init__(
        self,
        atoms: Sequence[Condition],
        fields: Sequence[Field],
        reading: Sequence[Sequence[int]],
        tests: Sequence[Quantified],
        signatures: Signatures,
        steps: Mapping[tuple[str, int], int],
    ) -> None:
        self.atoms, self.fields, self.tests, self.signatures = atoms, fields, tests, signatures
        self.leaf_step = [steps["leaf", leaf] for leaf in range(len(atoms))]
        self.test_step = [steps.get(("test", test), -1) for test in range(len(tests))]
        self.leaves = [[leaf for leaf, read in enumerate(reading) if place in read] for place in range(len(fields))]
        self.most_bits = max([loops.IN_WORD, *(one.bits for one in fields)])
        self._fixed = list(_FIXED)
        self._table = {
            (place, leaf): self._table_of(one, atoms[leaf])
            for place, one in enumerate(fields)
            for leaf in self.leaves[place]
        }
        self._constant = [limit for one in fields if one.moving for leaf in one.leaves for limit in birth_limits(leaf)]
        self._known: _Known | None = None

    def _table_of(self, one: Field, leaf: Condition) -> int:
        """Keep the table of a leaf over the codes of its field; gives its place."""
        start = len(self._fixed)
        words = max(1, (1 << one.bits) >> loops.IN_WORD)
        self._fixed += [one.leaves[leaf] >> (64 * word) & _WORD for word in range(words)]
        return start

    def of(self, read: Read, counts: Ints, places: loops.Places) -> tuple[loops.Terms, Ints]:
        """The terms of some rows with so many offences, and what the tests say where none is told of them."""
        made = _Made(self._fixed, self._known_signatures().tables, self.most_bits)
        for place, one in enumerate(self.fields):
            rows = np.flatnonzero((places.start[:, place] >= 0) & (places.in_module[:, place] == 0))
            if len(rows):
                at = places.start[rows, place] + np.where(places.owner[rows, place] >= 0, places.common[rows], 0)
                if one.moving:
                    self._add_births(made, place, rows, at, read, counts)
                else:
                    self._add_field(made, place, rows, at, read)
        self._add_bare(made, places)
        self._add_offences(made, read, places)
        return made.terms(len(counts)), self._closed(made, read)

    def _add_field(self, made: _Made, place: int, rows: Ints, at: Ints, read: Read) -> None:
        """Leaves on an open field. Where two ends are given, the first code is the one, every other code the other."""
        one = self.fields[place]
        two = np.isin(rows, read.two) if one.column == "term_end" and len(read.two) else None
        for leaf in self.leaves[place]:
            table = np.full(len(rows), self._table[place, leaf])
            if two is not None:
                which = np.searchsorted(read.two, rows[two])
                table[two] = _ENDS + read.given[which, leaf] + 2 * read.computed[which, leaf]
            made.add(rows, self.leaf_step[leaf], True, one.bits, at, table)

    def _add_births(self, made: _Made, place: int, rows: Ints, at: Ints, read: Read, counts: Ints) -> None:
        """Leaves and tests on an open date of birth: its codes count the turning points that lie before it."""
        bits = self.fields[place].bits
        limits = [*self._constant, *(limit[rows] for limit in read.limits.values())]
        for leaf in self.leaves[place]:
            atom = self.atoms[leaf]
            reached = [_reached(limit, limits, len(rows)) for limit in birth_limits(atom)]
            made.add(rows, self.leaf_step[leaf], True, bits, at, made.added(_birth_truth(atom, reached)))
        for test, limit in read.limits.items():
            here = np.flatnonzero((read.tests[rows, test] == loops.OPEN) & (counts[rows] > 0))
            reached_ = _reached(limit[rows], limits, len(rows))[here]
            table = made.added(~reached_ if _below(self.tests[test]) else reached_)
            made.add(rows[here], self.test_step[test], _some(self.tests[test]), bits, at[here], table)

    def _add_bare(self, made: _Made, places: loops.Places) -> None:
        """Without offences every test over them is open by itself."""
        for test, step in enumerate(self.test_step):
            rows = np.flatnonzero(places.test_start[:, test] >= 0)
            if len(rows):
                made.add(rows, step, True, 1, places.test_start[rows, test], np.full(len(rows), _A_BIT))

    def _add_offences(self, made: _Made, read: Read, places: loops.Places) -> None:
        """The tests on every open offence: by its signature, or by that of an offence without a day."""
        known = self._known_signatures()
        rows, slot = np.nonzero(np.arange(loops.SLOTS) < places.used[:, None])
        signature = places.slot_signature[rows, slot]
        starts = np.take_along_axis(places.slot_start[rows, slot], known.part[signature], axis=1)
        bits, undated = starts + known.within[signature], signature == self.signatures.undated
        is_open = (read.tests[rows] == loops.OPEN) & (places.test_start[rows] < 0)
        for test, step in enumerate(self.test_step):
            here = np.flatnonzero(is_open[:, test] & (undated != by_signature(self.tests[test])))
            if len(here):
                table = made.of_signatures + signature[here] * len(self.tests) + test
                some, width = _some(self.tests[test]), known.width[signature[here]]
                made.add(rows[here], step, some, width, bits[here], table)

    def _closed(self, made: _Made, read: Read) -> Ints:
        """The tests, those without a term as if no offence were open."""
        tests = read.tests.copy()
        for test, step in enumerate(self.test_step):
            bare = tests[:, test] == loops.OPEN
            for rows in made.rows_of(step):
                bare[rows] = False
            tests[bare, test] = loops.FALSE if _some(self.tests[test]) else loops.TRUE
        return tests

    def _known_signatures(self) -> _Known:
        known = self.signatures.all
        if self._known is None or len(self._known.width) < len(known):
            self._known = _Known.of(known[:], len(self.tests))
        return self._known


@dataclass(frozen=True)
class _Known:
    """Of every signature the tables of all tests, its bits, and for each bit its part and its place within it."""

    tables: Ints
    width: Ints
    part: Ints
    within: Ints

    @classmethod
    def of(cls, signatures: Sequence[Signature], tests: int) -> _Known:
        width = np.zeros(len(signatures), np.int64)
        part, within = np.zeros((2, len(signatures), loops.IN_WORD), np.int64)
        for number, one in enumerate(signatures):
            if not one.too_wide:
                spelled = [(place, bit) for place, part_ in enumerate(one.parts) for bit in range(part_.bits)]
                width[number] = len(spelled)
                for bit, (place, inner) in enumerate(spelled):
                    part[number, bit], within[number, bit] = place, inner
        tables = np.array([one.tables[:tests] for one in signatures], np.uint64).reshape(-1)
        return cls(tables, width, part, within)


class _Made:
    """Terms in the making."""

    def __init__(self, fixed: list[int], of_signatures: Ints, most_bits: int) -> None:
        self._tables = [np.array(fixed, np.uint64), of_signatures]
        self.of_signatures, self._count = len(fixed), len(fixed) + len(of_signatures)
        self._most_bits = most_bits
        self._rows: list[Ints] = []
        self._steps: list[int] = []
        self._parts: list[tuple[Any, Any, Ints, Ints]] = []

    def added(self, tables: Ints) -> Ints:
        """Keep a table of one word for each of some rows; gives their places."""
        self._tables.append(tables)
        self._count += len(tables)
        return np.arange(self._count - len(tables), self._count)

    def add(self, rows: Ints, step: int, some: bool, width: Any, bits: Ints, table: Ints) -> None:
        """Add a term of a step in some rows; `bits` are its first bits, or all of them."""
        if step >= 0:
            self._rows.append(rows)
            self._steps.append(step)
            self._parts.append((some, width, bits, table))

    def rows_of(self, step: int) -> list[Ints]:
        """The rows that have a term of a step."""
        return [rows for rows, one in zip(self._rows, self._steps, strict=True) if one == step]

    def terms(self, height: int) -> loops.Terms:
        """All terms, row by row and in the order of the steps."""
        sizes = [len(rows) for rows in self._rows]
        starts = np.cumsum([0, *sizes])
        total = int(starts[-1])
        row, step = np.zeros(total, np.int64), np.repeat(np.array(self._steps, np.int64), sizes)
        some, width, table = np.zeros((3, total), np.int64)
        bits = np.zeros((total, self._most_bits), np.int64)
        for number, (of_some, of_width, of_bits, of_table) in enumerate(self._parts):
            at = slice(starts[number], starts[number + 1])
            row[at], some[at], width[at], table[at] = self._rows[number], of_some, of_width, of_table
            if of_bits.ndim == 1:
                bits[at] = of_bits[:, None] + np.arange(self._most_bits)
            else:
                bits[at, : of_bits.shape[1]] = of_bits
        order = np.lexsort((step, row))
        first = np.searchsorted(row[order], np.arange(height + 1))
        tables = np.concatenate(self._tables)
        return loops.Terms(first, step[order], some[order], width[order], bits[order], table[order], tables)


def _some(test: Quantified) -> bool:
    return isinstance(test, rules.AnyOffence)


def _reached(limit: Any, limits: Sequence[Any], rows: int) -> Ints:
    """The table of whether a date lies up to a limit: true for all codes up to the limits that lie before it."""
    rank = sum(((other < limit) * np.ones(rows, np.uint64) for other in limits), np.zeros(rows, np.uint64))
    return (np.uint64(2) << rank.astype(np.uint64)) - np.uint64(1)


def _birth_truth(atom: Condition, reached: Sequence[Ints]) -> Ints:
    """From whether the birth lies up to each limit to the truth of a comparison of the age, or of the date itself."""
    op = atom.op if isinstance(atom, Compare) else "="
    if op == "=":
        return reached[0] & ~reached[1]
    aged = isinstance(atom, Compare) and isinstance(atom.left, AgeOn)
    return reached[0] if (op in (">", ">=")) == aged else ~reached[0]


def _below(test: Quantified) -> bool:
    """Whether an offence test asks for an age below a number."""
    return not isinstance(test.of, Compare) or test.of.op in ("<", "<=")
