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
from clemency.determine.twigs import Twigs
from clemency.determine.value_leaves import LEAVES, OPEN, ValueLeaves, of_either_end
from clemency.determine.whole_case import WholeCase
from clemency.law import rules
from clemency.law.rules import Condition
from clemency.records.layout import (
    COUNT,
    LIST,
    OTHER_END,
    UNDATED,
    Layout,
    Lists,
    flag_fields,
)

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
OFFENCE_BITS = 10
OFFENCES = 6
_WORD = 64


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
        self.heads = Heads(plan, self.values, self.whole, self.bit_of, self._flag_mask(), self._fact_mask())
        self.twigs = Twigs(self.heads, self.whole, self.values.words, len(self.values.all), len(self.leaves))
        self.two_ended = [
            leaf for leaf in self.leaves if any(name.name == "term_end" for name in rules.names_read(leaf))
        ]
        self.joined = [leaf for leaf in self.leaves if len({name.name for name in rules.names_read(leaf)}) > 1]
        self.age_tests = [test for test in plan.quantifiers[: plan.deciding] if age_test(test)]
        self.dated_tests = [(index, test) for index, test in enumerate(plan.quantifiers) if dated_alone(test)]
        self.mixed_tests = [index for index, test in enumerate(plan.quantifiers) if mixed(test)]
        self.limits = self._limits()
        self.dated = any(not by_signature(test) for test in plan.quantifiers[: plan.deciding])
        self.ages_bits = sum(2 * (len(self.limits) + place) for place in range(len(self.age_tests)))
        self.ends_bits = 1 + 2 * len(self.two_ended) if self.two_ended else 0
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

    def _names_read(self) -> set[str]:
        return {name.name for leaf in self._all_leaves() for name in rules.names_read(leaf)}

    def _flag_mask(self) -> int:
        read = self._names_read()
        return sum(flag.mask for name, flag in flag_fields().items() if name in read)

    def _fact_mask(self) -> int:
        read = self._names_read()
        return sum(bit for name, bit in self.bit_of.items() if name in read)

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
        cases, room = layout.cases, np.empty(layout.cases.height, np.uint64)
        offences = self.offences(layout)
        self.add_dated_tests(cases, offences.tests)
        stems = self.heads.stems(layout, offences.tests, room)
        leaves = self.values.of(cases)
        apart = self.apart(cases, leaves, offences.apart)
        both_ends = cases.get_column(OTHER_END).is_not_null().arg_true().to_numpy().astype(np.int64)
        each = self.values.of_each_end(cases[both_ends], leaves[:, both_ends]) if len(both_ends) else None
        self.add_beside(cases, stems, offences, both_ends, each)
        twigs, told = self.twigs.of(stems, leaves, room)
        number = self.twigs.numbers(twigs, told, offences.beside, room)
        number[apart != 0] = -1
        listed = twigs  # which are not needed any more
        key_loops.exchange(listed, told.listed)
        if each is not None:
            listed[both_ends] = self.whole.codes(self.heads.whole_head.all[stems[both_ends]], of_either_end(*each))
        if self.whole.by_row:
            listed = self.whole.with_rows(listed, rows(np.arange(cases.height), offences.first))
        return Keys(number, np.flatnonzero(apart), offences.first, listed, self.whole.masks)

    @property
    def count(self) -> int:
        """How many keys have been met so far."""
        return self.twigs.keys.count

    # keys taken apart

    def columns(self, numbers: Ints) -> list[Ints]:
        """Some keys as columns of whole numbers, in which each field has its place."""
        gists, leaves, beside = self.twigs.apart(numbers)
        leaves = leaves[:, : _words(2 * len(self.leaves))]
        return self.packer.packed([*self.heads.gists.rows[gists].T, *leaves.T, *self._told_beside(beside).T])

    def _told_beside(self, beside: Ints) -> Ints:
        """What stands in keys beside heads and leaves: even numbers tell of offences alone."""
        found = np.zeros((len(beside), self._more.width), np.uint64)
        number, more = beside >> np.uint64(1), (beside & np.uint64(1)) != 0
        found[~more, 0] = self._open.words[number[~more]]
        found[more] = self._more.rows[number[more]]
        return found

    def matters(self, numbers: Ints) -> Ints:
        """The facts that can matter for some keys."""
        gists, _, _ = self.twigs.apart(numbers)
        return self.heads.gate.matter.true.all[self.heads.gists.rows[gists, 0]]

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
        counts = layout.cases.get_column(COUNT).to_numpy()
        if layout.lists is None:
            codes = np.ascontiguousarray(layout.offence_codes(), np.uint32)
            return self._joined(layout, counts.astype(np.uint32), codes, self._undated(layout))
        lists, none = layout.lists, np.full(1, -1)
        of_list = layout.cases.get_column(LIST).to_numpy()
        told = self._joined(layout, lists.counts.astype(np.uint32), lists.codes, none)
        found = Offences(*(np.empty(len(counts), kind) for kind in (np.uint64, np.int32, np.int32, np.uint8)))
        rows = found.tests, found.first, found.beside, found.apart
        key_loops.of_lists(of_list, counts, told.tests, told.beside, told.apart, *rows)
        undated = self._undated(layout)[:-1]
        if len(undated):
            self._tell_of_undated(layout, lists, found, undated)
        return found

    def _tell_of_undated(self, layout: Layout, lists: Lists, found: Offences, undated: Ints) -> None:
        """Put right what is told of cases some of whose offences have no day: of that their lists tell nothing."""
        rows, place = np.unique(np.searchsorted(found.first, undated, side="right") - 1, return_inverse=True)
        of_list, counts = (layout.cases.get_column(name).to_numpy()[rows] for name in (LIST, COUNT))
        moved = np.cumsum(counts, dtype=np.int64) - counts - found.first[rows]
        codes = _frozen(lists.together(of_list))
        told = self._joined(layout, counts.astype(np.uint32), codes, np.append(undated + moved[place], -1))
        found.beside[rows], found.apart[rows] = told.beside, told.apart

    def _joined(self, layout: Layout, counts: Ints, codes: Ints, undated: Ints) -> Offences:
        """What lists of offences say, which are as long as `counts` says and stand one after the other in `codes`."""
        tests, size = self.plan.quantifiers, len(counts)
        none = sum(2 << (2 * index) for index in range(len(tests)))
        some = sum(2 << (2 * index) for index in self.mixed_tests)
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
        beside = np.zeros(size, np.int32)
        key_loops.put(rows, 2 * self._open.number(left[:noted])[0], beside)
        return Offences(says, beside, first, apart)

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
        for index, test in self.dated_tests:
            settled, perhaps = np.uint64(3 << (2 * index)), np.uint64(2 << (2 * index))
            if age_test(test):
                add_age_test(test, cases, settled, perhaps, tests)
            else:
                add_day_test(test, cases, settled, tests)
        undated = cases.get_column(UNDATED)
        if self.dated_tests and undated.any():
            tests[undated.arg_true().to_numpy()] |= np.uint64(sum(2 << (2 * index) for index, _ in self.dated_tests))

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

    def add_beside(
        self, cases: pl.DataFrame, stems: Ints, offences: Offences, ends: Ints, each: tuple[Ints, Ints] | None
    ) -> None:
        """Put open births, and the two ends of a term, beside what offences leave open."""
        gist, reads = self.heads.gist.all, self.heads.reads.all
        births = np.zeros(0, np.int64)
        if self.age_tests and cases.get_column("birth_date").null_count():
            births = cases.get_column("birth_date").is_null().arg_true().to_numpy().astype(np.int64)
            births = births[reads[gist[stems[births]]] != 0]
        ends = ends if self.two_ended else ends[:0]
        rows = np.union1d(births, ends)
        if not len(rows):
            return
        columns = np.zeros((self._more.width, len(rows)), np.uint64)
        columns[0] = self._open.words[offences.beside[rows] >> 1] * reads[gist[stems[rows]]]
        ages, both = columns[1 : 1 + _words(self.ages_bits)], columns[1 + _words(self.ages_bits) :]
        if len(births):
            ages[:, np.searchsorted(rows, births)] = self.ages(cases[births])
        if len(ends) and each is not None:
            both[:, np.searchsorted(rows, ends)] = self.two_ends(*each)
        some = columns[1:].any(axis=0)
        offences.beside[rows[some]] = 2 * self._more.number(*columns[:, some])[0] + 1

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

    `beside` is the number of what stands in the key beside head and leaves: 0 for nothing, an even number for what
    offences leave open. The cases marked in `apart` leave too much open for a key.
    """

    tests: Ints
    beside: Ints
    first: Ints
    apart: Ints


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


def _frozen(values: Ints) -> Ints:
    """Values that cannot be written to, as those of files are: loops are compiled for both sorts apart."""
    values.flags.writeable = False
    return values


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
