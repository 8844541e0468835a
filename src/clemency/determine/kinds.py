"""Kinds of cases: rows that no rule of an act can tell apart share a key, and are determined once.

The key holds what the rules can see of a row: its flags and facts as far as they can matter for it, the value of every
leaf that compares a date or a number, what every offence test says, and which of its offences leave something open.
Keys have numbers, which they keep from part to part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine import key_loops
from clemency.determine.days import add_age_test, add_day_test, age_turns, birth_limits
from clemency.determine.gate import general
from clemency.determine.heads import Heads
from clemency.determine.numbering import Numbering, WordNumbering
from clemency.determine.plan import Plan, Quantified, signed_leaves
from clemency.determine.signatures import Signatures, age_test, by_signature, dated_alone, mixed
from clemency.determine.value_leaves import LEAVES, OPEN, ValueLeaves, of_either_end
from clemency.determine.whole_case import WholeCase
from clemency.law import rules
from clemency.law.rules import Condition
from clemency.records.layout import (
    COUNT,
    OTHER_END,
    UNDATED,
    Layout,
    flag_fields,
)

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
OFFENCE_BITS = 10
OFFENCES = 6
_WORD = 64
#: How many bits of a key number the gists of heads, and at most how many hold leaves.
_GIST_BITS, _LEAF_BITS = 24, 24


@dataclass(frozen=True)
class Keys:
    """The key of every row: its number, -1 for the rows that are a kind of their own (`apart`).

    `first` is the place of the first offence of each row. `listed` is the code of the reservations about the case as a
    whole that are listed in each row, and `listings` the reservations by their code, as masks.
    """

    number: Ints
    apart: Ints
    first: Ints
    listed: Ints
    listings: Ints


@dataclass
class Answers:
    """Coded answers for one part: masks over clauses in the order of the act, numbers into the list of reasons.

    `asked` are the reservations about some grants whose condition is not false, whatever the grants."""

    outcome: Ints
    grant: Ints
    true: Ints
    live: Ints
    exclusions: Ints
    reservations: Ints
    missing: Ints
    improving: Ints
    asked: Ints


class KindKeys:
    """Makes the keys of one act."""

    def __init__(self, plan: Plan, signatures: Signatures, facts: tuple[str, ...]) -> None:
        self.plan, self.signatures, self.facts = plan, signatures, facts
        self.bit_of = {name: 1 << place for place, name in enumerate(facts)}
        self.whole = WholeCase(plan, facts)
        #: The leaves that tell kinds apart; after them stand those that only decide about the whole case.
        self.leaves = self._value_leaves()
        self.values = ValueLeaves(plan, list(dict.fromkeys([*self.leaves, *self.whole.leaves])))
        self.whole.place_leaves(self.values)
        self.heads = Heads(plan, self.values, self.whole, self.bit_of, self._flag_mask())
        self.two_ended = [
            leaf for leaf in self.leaves if any(name.name == "term_end" for name in rules.names_read(leaf))
        ]
        self.joined = [leaf for leaf in self.leaves if len({name.name for name in rules.names_read(leaf)}) > 1]
        self.age_tests = [test for test in plan.quantifiers[: plan.deciding] if age_test(test)]
        self.limits = self._limits()
        self.dated = any(not by_signature(test) for test in plan.quantifiers[: plan.deciding])
        self.ages_bits = sum(2 * (len(self.limits) + place) for place in range(len(self.age_tests)))
        self.ends_bits = 1 + 2 * len(self.two_ended) if self.two_ended else 0
        self.leaf_bits = min(2 * len(self.leaves), _LEAF_BITS)
        self.keys, self._patterns = WordNumbering(), Numbering(self.values.words)
        #: What offences leave open; and with it what is to be told of open births and of two ends.
        self._open = WordNumbering()
        self._open.number(np.zeros(1, np.uint64))
        self._more = Numbering(1 + _words(self.ages_bits) + _words(self.ends_bits))
        self.packer = self._packer()

    def _all_leaves(self) -> list[Condition]:
        act = self.plan.act
        conditions = [grant.condition for grant in act.grants]
        conditions += [exclusion.condition for exclusion in act.exclusions]
        conditions += [one.condition for one in act.reservations if one.condition is not None and not general(one, act)]
        found = {
            leaf: None
            for condition in conditions
            for leaf, _ in signed_leaves(condition)
            if not isinstance(leaf, Quantified | rules.LawOpen)
        }
        return list(found)

    def _value_leaves(self) -> list[Condition]:
        """Leaves that compare dates, numbers or texts: their value stands in the key, not what they compare."""
        packed = flag_fields()
        return [
            leaf
            for leaf in self._all_leaves()
            if any(name.name not in packed and name.name not in self.bit_of for name in rules.names_read(leaf))
        ]

    def _flag_mask(self) -> int:
        packed = flag_fields()
        read = {name.name for leaf in self._all_leaves() for name in rules.names_read(leaf)}
        return sum(flag.mask for name, flag in packed.items() if name in read)

    def _limits(self) -> list[int]:
        """The birth dates at which a leaf turns."""
        leaves = [leaf for leaf in self.leaves if {name.name for name in rules.names_read(leaf)} == {"birth_date"}]
        return sorted({limit for leaf in leaves for limit in birth_limits(leaf)}) if self.age_tests else []

    def _packer(self) -> Packer:
        packer = Packer()
        packer.add("class", 16)
        packer.add("flags", sum(flag.bits for flag in flag_fields().values()))
        packer.add("holding", len(self.facts))
        packer.add("known", len(self.facts))
        packer.add("tests", 2 * len(self.plan.quantifiers))
        packer.add_words("leaves", 2 * len(self.leaves))
        packer.add("offences", _WORD)
        packer.add_words("ages", self.ages_bits)
        packer.add_words("ends", self.ends_bits)
        return packer

    def of(self, layout: Layout, rows: Callable[[Ints, Ints], pl.DataFrame]) -> Keys:
        """The keys of a part.

        `rows` gives some of its rows, from the places of the first offences, with a column for all that is read.
        """
        cases = layout.cases
        offences = self.offences(layout)
        self.add_dated_tests(cases, offences.tests)
        words = np.empty(cases.height, np.uint64)
        heads = self.heads.of(layout, offences.tests, words)
        leaves = self.values.of(cases)
        apart = self.apart(cases, leaves, offences.apart)
        both_ends = cases.get_column(OTHER_END).is_not_null().arg_true().to_numpy().astype(np.int64)
        each = self.values.of_each_end(cases[both_ends], leaves[:, both_ends]) if len(both_ends) else None
        beside = self.beside(cases, heads, offences, both_ends, each)
        number = self.number(heads, leaves, beside, apart, words)
        if each is not None:
            leaves[:, both_ends] = of_either_end(*each)
        listed = self.whole.codes(heads, self.heads.whole_head.all, leaves, words)
        if self.whole.by_row:
            listed = self.whole.with_rows(listed, rows(np.arange(cases.height), offences.first))
        return Keys(number, np.flatnonzero(apart), offences.first, listed, self.whole.masks)

    @property
    def count(self) -> int:
        """How many keys have been met so far."""
        return self.keys.count

    def number(self, heads: Ints, leaves: Ints, beside: Ints, apart: Ints, keys: Ints) -> Ints:
        """The numbers of keys. A key is one word: cases of which a part has too high a number for it stand apart.

        `keys` is room for a word a case.
        """
        gist, matter = self.heads.gist.all, self.heads.leaves.all
        words = leaves[0]
        if self._by_pattern:
            words = self._patterns.number(*(leaves & matter[gist[heads]].T))[0].astype(np.uint64)
            matter = np.full((len(matter), 1), (1 << _LEAF_BITS) - 1, np.uint64)
            apart |= words >= 1 << _LEAF_BITS
        if self.heads.gists.count > 1 << _GIST_BITS:
            apart |= gist[heads] >= 1 << _GIST_BITS
        room = 1 << (_WORD - _GIST_BITS - self.leaf_bits)
        if 2 * max(self._open.count, self._more.count) > room:
            apart |= beside >= room
        matter = np.ascontiguousarray(matter[:, 0])
        key_loops.key_words(heads, gist, matter, words, beside, _GIST_BITS, self.leaf_bits, keys)
        if not apart.any():
            return self.keys.number(keys)[0]
        found, together = np.full(len(heads), -1, np.int32), np.flatnonzero(apart == 0)
        found[together], _ = self.keys.number(keys[together])
        return found

    # keys taken apart

    def columns(self, numbers: Ints) -> list[Ints]:
        """Some keys as columns of whole numbers, in which each field has its place."""
        keys = self.keys.words[numbers]
        gists = self.heads.gists.rows[self._gist(keys)]
        leaves = (keys & np.uint64((1 << self.leaf_bits) - 1)).reshape(-1, 1)
        if self._by_pattern:
            leaves = self._patterns.rows[leaves[:, 0]]
        beside = self._told_beside(keys >> np.uint64(_GIST_BITS + self.leaf_bits))
        return self.packer.packed([*gists.T, *leaves.T[: _words(2 * len(self.leaves))], *beside.T])

    def _told_beside(self, beside: Ints) -> Ints:
        """What stands in keys beside heads and leaves: even numbers tell of offences alone."""
        found = np.zeros((len(beside), self._more.width), np.uint64)
        number, more = beside >> np.uint64(1), (beside & np.uint64(1)) != 0
        found[~more, 0] = self._open.words[number[~more]]
        found[more] = self._more.rows[number[more]]
        return found

    def matters(self, numbers: Ints) -> Ints:
        """The facts that can matter for some keys."""
        return self.heads.gate.matter.true.all[self.heads.gists.rows[self._gist(self.keys.words[numbers]), 0]]

    def _gist(self, keys: Ints) -> Ints:
        return keys >> np.uint64(self.leaf_bits) & np.uint64((1 << _GIST_BITS) - 1)

    @property
    def _by_pattern(self) -> bool:
        """Whether there are more leaves than a key has room for; then it has the number of their values."""
        return 2 * len(self.leaves) > _LEAF_BITS

    def field(self, columns: list[Ints], name: str) -> Ints:
        """One of the fields that are packed into the key of some rows."""
        return self.fields[name].of(columns)

    @property
    def fields(self) -> dict[str, Field]:
        """Where each field stands in the columns of keys."""
        return self.packer.fields

    # offences

    def offences(self, layout: Layout) -> Offences:
        """What the tests say that read only what an offence is, and which offences leave something open."""
        counts = layout.cases.get_column(COUNT).to_numpy().astype(np.uint32, copy=False)
        codes, undated = np.ascontiguousarray(layout.offence_codes(), np.uint32), self._undated(layout)
        tests, size = self.plan.quantifiers, len(counts)
        none = sum(2 << (2 * index) for index in range(len(tests)))
        some = sum(2 << (2 * index) for index, test in enumerate(tests) if mixed(test))
        says, left = np.empty(size, np.uint64), np.empty(size + 1, np.uint64)
        first, rows, apart = np.empty(size, np.int32), np.empty(size + 1, np.int32), np.zeros(size, np.uint8)
        settings = np.uint64(none), np.uint64(some), OFFENCE_BITS, OFFENCES
        found = says, left, first, rows, apart
        noted, unmet = key_loops.joined_offences(counts, codes, undated, self._of_codes(layout), *settings, *found)
        if unmet:
            self.signatures.of_codes(layout)
            apart[:] = 0
            noted, _ = key_loops.joined_offences(counts, codes, undated, self._of_codes(layout), *settings, *found)
        rows = rows[:noted]
        if len(self.signatures.all) * 2 + 2 >= 1 << OFFENCE_BITS:
            apart[rows] = 1
        if some:
            apart[counts > 0] = 1
        return Offences(says, left[:noted], first, rows, apart)

    def _of_codes(self, layout: Layout) -> Ints:
        """For each code of an offence what the tests make of it, and what it leaves open; all ones if not yet asked."""
        signature = self.signatures.met_codes(layout)
        left = np.where(signature < 0, key_loops.UNMET, self.signatures.open_codes()[signature])
        return np.column_stack([self.signatures.packed()[signature], left])

    def _undated(self, layout: Layout) -> Ints:
        """The places of offences without a day, if the day matters, and a last one that is none."""
        days = layout.offences.get_column("committed_on")
        undated = days.is_null().arg_true().to_numpy() if self.dated and days.null_count() else np.zeros(0, np.int64)
        return np.append(undated, -1)

    def add_dated_tests(self, cases: pl.DataFrame, tests: Ints) -> None:
        """Add what the tests say that read only the day of the offence, or the age on it."""
        dated = [(index, test) for index, test in enumerate(self.plan.quantifiers) if dated_alone(test)]
        for index, test in dated:
            settled, perhaps = np.uint64(3 << (2 * index)), np.uint64(2 << (2 * index))
            if age_test(test):
                add_age_test(test, cases, settled, perhaps, tests)
            else:
                add_day_test(test, cases, settled, tests)
        undated = cases.get_column(UNDATED)
        if dated and undated.any():
            tests[undated.arg_true().to_numpy()] |= np.uint64(sum(2 << (2 * index) for index, _ in dated))

    # dates and numbers

    def apart(self, cases: pl.DataFrame, leaves: Ints, apart: Ints) -> Ints:
        """The rows that are a kind of their own: so are also those in which a leaf of two open sides is open."""
        if self.plan.served:
            moved = self.values.with_moved(cases, [])
            for name in self.plan.served:
                apart |= moved.get_column(name).is_null().to_numpy()
        for leaf in self.joined:
            word, place = divmod(self.values.place(leaf), LEAVES)
            apart |= (leaves[word] >> np.uint64(2 * place) & np.uint64(3)) == OPEN
        return apart

    def beside(
        self, cases: pl.DataFrame, heads: Ints, offences: Offences, ends: Ints, each: tuple[Ints, Ints] | None
    ) -> Ints:
        """What stands in the key beside the head and the leaves, as a number: 0 for nothing."""
        found = np.zeros(cases.height, np.int32)
        gist, reads = self.heads.gist.all, self.heads.reads.all
        asked, words = np.empty(len(offences.rows) + 1, np.int32), np.empty(len(offences.rows) + 1, np.uint64)
        count = key_loops.open_words(offences.rows, offences.open, heads, gist, reads, asked, words)
        found[asked[:count]] = 2 * self._open.number(words[:count])[0]
        births = np.zeros(0, np.int64)
        if self.age_tests and cases.get_column("birth_date").null_count():
            births = cases.get_column("birth_date").is_null().arg_true().to_numpy().astype(np.int64)
            births = births[reads[gist[heads[births]]] != 0]
        ends = ends if self.two_ended else ends[:0]
        rows = np.union1d(births, ends)
        if not len(rows):
            return found
        columns = np.zeros((self._more.width, len(rows)), np.uint64)
        columns[0] = offences.open_in(rows) * reads[gist[heads[rows]]]
        ages, both = columns[1 : 1 + _words(self.ages_bits)], columns[1 + _words(self.ages_bits) :]
        if len(births):
            ages[:, np.searchsorted(rows, births)] = self.ages(cases[births])
        if len(ends) and each is not None:
            both[:, np.searchsorted(rows, ends)] = self.two_ends(*each)
        some = columns[1:].any(axis=0)
        found[rows[some]] = 2 * self._more.number(*columns[:, some])[0] + 1
        return found

    def ages(self, cases: pl.DataFrame) -> Ints:
        """For cases without a birth date, how the turning point of each age test lies to those of the leaves."""
        limits: list[Any] = [*self.limits, *(age_turns(test, cases) for test in self.age_tests)]
        orders = [
            (earlier < later).astype(np.uint64) | ((earlier == later).astype(np.uint64) << np.uint64(1))
            for index, later in enumerate(limits)
            for earlier in limits[:index]
            if isinstance(later, np.ndarray)
        ]
        return _joined(orders, 2, cases.height)

    def two_ends(self, given: Ints, computed: Ints) -> Ints:
        """For cases of which the given and the computed end differ, what each leaf about the end says of either."""
        height = given.shape[1]
        states = [np.ones(height, np.uint64)]
        for leaves in (given, computed):
            for leaf in self.two_ended:
                word, place = divmod(self.values.place(leaf), LEAVES)
                states.append(leaves[word] >> np.uint64(2 * place) & np.uint64(1))
        return _joined(states, 1, height)


@dataclass(frozen=True)
class Offences:
    """What the offences of each case say, and the place of its first offence.

    `rows` are the cases that leave something open, and `open` is what, by place; those marked in `apart` leave too much
    open for a key.
    """

    tests: Ints
    open: Ints
    first: Ints
    rows: Ints
    apart: Ints

    def open_in(self, cases: Ints) -> Ints:
        """What the offences of some cases leave open."""
        if not len(self.rows):
            return np.zeros(len(cases), np.uint64)
        at = np.minimum(np.searchsorted(self.rows, cases), len(self.rows) - 1)
        return np.where(self.rows[at] == cases, self.open[at], np.uint64(0))


@dataclass(frozen=True)
class Field:
    """Where one number stands in the key."""

    word: int
    start: int
    bits: int

    def of(self, columns: list[Ints]) -> Ints:
        """The number in some rows."""
        return (columns[self.word] >> np.uint64(self.start)) & np.uint64((1 << self.bits) - 1)

    def put(self, columns: list[Ints], values: Ints) -> None:
        """Put other values in the place of the number, in new columns."""
        mask = np.uint64(((1 << self.bits) - 1) << self.start)
        columns[self.word] = (columns[self.word] & ~mask) | (values << np.uint64(self.start))


class Packer:
    """Packs numbers of known width into as few 64-bit words as they need."""

    def __init__(self) -> None:
        self.fields: dict[str, Field] = {}
        self._words, self._room = 0, 0

    def add(self, name: str, bits: int) -> None:
        """One more number."""
        if bits > self._room:
            self._words, self._room = self._words + 1, _WORD
        self.fields[name] = Field(self._words - 1, _WORD - self._room, bits)
        self._room -= bits

    def add_words(self, name: str, bits: int) -> None:
        """One more number for each word that some bits need."""
        for word in range(_words(bits)):
            self.add(f"{name} {word}", min(bits - word * _WORD, _WORD))

    def packed(self, columns: list[Ints]) -> list[Ints]:
        """Numbers in the order in which they were added, packed."""
        words = [np.zeros(len(columns[0]), np.uint64) for _ in range(self._words)]
        for field, column in zip(self.fields.values(), columns, strict=True):
            words[field.word] |= column.astype(np.uint64) << np.uint64(field.start)
        return words


def _words(bits: int) -> int:
    """How many words some bits need."""
    return -(-bits // _WORD)


def _joined(columns: list[Ints], bits: int, height: int) -> Ints:
    """Columns of numbers of a few bits side by side in as many words as they need."""
    words = np.zeros((_words(bits * len(columns)), height), np.uint64)
    for place, column in enumerate(columns):
        word, start = divmod(bits * place, _WORD)
        words[word] |= column << np.uint64(start)
    return words
