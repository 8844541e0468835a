"""Kinds of cases: rows that no rule of an act can tell apart share a key, and are determined once.

The key packs what the rules can see of a row: its flags and facts as far as they can matter for it, the value of every
leaf that compares a date or a number, what every offence test says, and which of its offences leave something open.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.days import age_turns, birth_limits, first_and_last, moved_column
from clemency.determine.plan import Plan, Quantified, signed_leaves
from clemency.determine.relief_columns import served_columns
from clemency.determine.signatures import Signatures, age_test, by_signature, dated_alone, mixed
from clemency.law import rules
from clemency.law.act import Act, Reservation
from clemency.law.rules import Compare, Condition, Name
from clemency.law.vocabulary import Kind
from clemency.records.layout import (
    COUNT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FLAGS,
    OTHER_END,
    Layout,
    distinct,
    flag_fields,
)

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
OFFENCE_BITS = 10
OFFENCES = 6
_LEAVES = 32
_OPEN = 2
_WORD = 64


@dataclass(frozen=True)
class Keys:
    """The key of every row: its number among the distinct keys of the part, and those as columns of whole numbers.

    `rows` are the first rows with each key, `matters` the facts that can matter for it; `apart` marks rows that are a
    kind of their own; `heads` is what the flags, facts and offence tests of a row say.
    """

    of_row: Ints
    rows: Ints
    columns: list[Ints]
    matters: Ints
    apart: Bools
    heads: Heads


@dataclass(frozen=True)
class Heads:
    """The distinct flags, facts and answers to offence tests of a part, and which each row has."""

    of_row: Ints
    flags: Ints
    true: Ints
    known: Ints
    tests: Ints


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
        self.leaves = self._value_leaves()
        self.flag_mask = self._flag_mask()
        self.gate = _Gate(plan, self.bit_of)
        self.fields: dict[str, Field] = {}
        self.two_ended = [leaf for leaf in self.leaves if any(name.name == "term_end" for name in _names(leaf))]
        self.dated = any(not by_signature(test) for test in plan.quantifiers[: plan.deciding])

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
            if any(name.name not in packed and name.name not in self.bit_of for name in _names(leaf))
        ]

    def _flag_mask(self) -> int:
        packed = flag_fields()
        read = {name.name for leaf in self._all_leaves() for name in _names(leaf)}
        return sum(flag.mask for name, flag in packed.items() if name in read)

    def keys(self, layout: Layout, first: Ints) -> Keys:
        """The keys of a part: numbered by what tells rows apart, and spelled out once for each distinct key."""
        cases, signature = layout.cases, self.signatures.of_codes(layout)
        heads = self.heads(layout, signature, first)
        flags = heads.flags & np.uint32(self.flag_mask)
        classes = self.gate.classes(flags, heads.tests)
        matter = self.gate.matter(self.leaves)
        keep_true, keep_known = matter.true[classes], matter.unknown[classes]
        head = {
            "class": (classes, 16),
            "flags": (flags & matter.flags[classes], sum(flag.bits for flag in flag_fields().values())),
            "holding": (heads.true & keep_true, len(self.facts)),
            "known": ((heads.known & keep_known) | (keep_true & ~keep_known), len(self.facts)),
            "tests": (heads.tests & matter.tests[classes], 2 * len(self.plan.quantifiers)),
        }
        leaves, apart = self.values(cases)
        for word, mask in zip(leaves, matter.leaves, strict=True):
            word &= mask[classes][heads.of_row]
        offences, more = self.offences(layout, signature, first)
        apart |= more
        ages, ends = self.ages(cases), self.two_ends(cases)
        rows = np.flatnonzero(offences | ages | ends)
        reads = matter.offences[classes][heads.of_row[rows]]
        offences[rows] *= reads
        ages[rows] *= reads
        rows = rows[(offences[rows] | ages[rows] | ends[rows]) != 0]
        beside = {"offences": (offences, 64), "ages": (ages, 8), "ends": (ends, 32)}
        of_beside = np.zeros(cases.height, np.int64)
        of_beside[rows] = numbered([column[rows] for column, _ in beside.values() if column.any()] or [rows]) + 1
        of_head = numbered([column for column, _ in head.values()])
        one_word = _one_word(of_head[heads.of_row], of_beside, leaves)
        of_row = numbered([one_word, apart.view(np.uint8)] if apart.any() else [one_word])
        at = first_rows(of_row)
        packer = _Packer()
        for name, (column, bits) in head.items():
            packer.add(name, column[heads.of_row[at]], bits)
        for place, word in enumerate(leaves):
            packer.add(f"leaves {place}", word[at], 2 * min(len(self.leaves) - place * _LEAVES, _LEAVES))
        for name, (column, bits) in beside.items():
            packer.add(name, column[at], bits)
        self.fields = packer.fields
        return Keys(of_row, at, packer.words, keep_true[heads.of_row[at]], apart, heads)

    def heads(self, layout: Layout, signature: Ints, first: Ints) -> Heads:
        """The distinct flags, facts and answers to offence tests, so that all that follows from them is asked once."""
        profile, profiles = layout.profiled()
        of_tests, tests = distinct(self.tests(layout, signature, first))
        of_row, pairs = distinct(profile.astype(np.uint64) * np.uint64(max(len(tests), 1)) + of_tests.astype(np.uint64))
        place, which = np.divmod(pairs.astype(np.int64), max(len(tests), 1))
        flags, true, known = (profiles.get_column(name).to_numpy()[place] for name in (FLAGS, FACTS_TRUE, FACTS_KNOWN))
        return Heads(of_row, flags, true, known, tests[which])

    def field(self, columns: list[Ints], name: str) -> Ints:
        """One of the fields that are packed into the key of some rows."""
        return self.fields[name].of(columns)

    # offences

    def tests(self, layout: Layout, signature: Ints, first: Ints) -> Ints:
        """What the offence tests say: two bits a test, certainly settled and possibly settled."""
        cases = layout.cases
        counts = cases.get_column(COUNT).to_numpy()
        having = np.flatnonzero(counts)
        joined = np.zeros(cases.height, np.uint64)
        if len(having):
            packed = self.signatures.packed()[signature][layout.offence_codes()]
            joined[having] = np.bitwise_or.reduceat(packed, first[having])
        for index, test in enumerate(self.plan.quantifiers):
            if dated_alone(test):
                certain, possible = first_and_last(test, cases)
                bits = certain.view(np.uint8) | (possible.view(np.uint8) << np.uint8(1))
                joined |= bits.astype(np.uint64) << np.uint64(2 * index)
        joined[having] |= np.uint64(
            sum(2 << (2 * index) for index, test in enumerate(self.plan.quantifiers) if mixed(test))
        )
        if len(having) < len(counts):
            joined[counts == 0] = sum(2 << (2 * index) for index in range(len(self.plan.quantifiers)))
        return joined

    def offences(self, layout: Layout, signature: Ints, first: Ints) -> tuple[Ints, Bools]:
        """Which offences, by their place in the case, leave something open."""
        counts = layout.cases.get_column(COUNT).to_numpy()
        apart = np.zeros(len(counts), bool)
        joined = np.zeros(len(counts), np.uint64)
        if not layout.offences.height:
            return joined, apart
        open_code = np.array(
            [2 * (number + 1) if one.open else 0 for number, one in enumerate(self.signatures.all)], np.uint64
        )
        code = open_code[signature][layout.offence_codes()]
        days = layout.offences.get_column("committed_on")
        if self.dated and days.null_count():
            code[days.is_null().arg_true().to_numpy()] |= np.uint64(1)
        somewhere = np.flatnonzero(code)
        if len(somewhere):
            case_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[somewhere]
            place = somewhere - first[case_of]
            apart[case_of[place >= OFFENCES]] = True
            if len(self.signatures.all) * 2 + 2 >= 1 << OFFENCE_BITS:
                apart[case_of] = True
            shifted = code[somewhere] << (np.minimum(place, OFFENCES - 1) * OFFENCE_BITS).astype(np.uint64)
            starts = np.flatnonzero(np.concatenate([[True], np.diff(case_of) != 0]))
            joined[case_of[starts]] = np.bitwise_or.reduceat(shifted, starts)
        if any(mixed(test) for test in self.plan.quantifiers):
            apart |= counts > 0
        return joined, apart

    # dates and numbers

    def values(self, cases: pl.DataFrame) -> tuple[list[Ints], Bools]:
        """Every value leaf as two bits: 0 false, 1 true, 2 open; rows with a leaf of two open sides are apart."""
        apart = np.zeros(cases.height, bool)
        found = [np.zeros(cases.height, np.uint64) for _ in range(-(-len(self.leaves) // _LEAVES))]
        if not self.leaves:
            return found, apart
        frame = self.with_moved(cases)
        states = frame.select(
            pl.all_horizontal(self.plan.leaf(leaf, False)).cast(pl.UInt8).fill_null(_OPEN).alias(str(place))
            for place, leaf in enumerate(self.leaves)
        )
        columns = states.get_columns()
        for start in range(0, len(columns), 4):
            byte = np.zeros(cases.height, np.uint8)
            for place, column in enumerate(columns[start : start + 4]):
                byte |= np.broadcast_to(column.to_numpy(), byte.shape) << np.uint8(2 * place)
            found[start // _LEAVES] |= byte.astype(np.uint64) << np.uint64(2 * (start % _LEAVES))
        for name in self.plan.served:
            apart |= frame.get_column(name).is_null().to_numpy()
        for leaf, column in zip(self.leaves, columns, strict=True):
            if len({name.name for name in _names(leaf)}) > 1:
                apart |= np.broadcast_to(column.to_numpy(), apart.shape) == _OPEN
        return found, apart

    def with_moved(self, cases: pl.DataFrame) -> pl.DataFrame:
        """The columns that the value leaves read, with the moved dates."""
        columns = cases.with_columns(
            pl.when(pl.col(OTHER_END).is_null()).then("term_end").alias("term_end"),
        )
        columns = columns.with_columns(served_columns(columns, self.plan.served))
        needed = {name for leaf in self.leaves for name in self.plan.leaf(leaf, False).meta.root_names()}
        moved = [
            moved_column(columns.get_column(shift.name), shift.by, shift.column)
            for shift in self.plan.shifts.values()
            if shift.column in needed
        ]
        return columns.with_columns(moved)

    def ages(self, cases: pl.DataFrame) -> Ints:
        """Where the birth date is open, how the turning point of each age test lies to those of the leaves."""
        found = np.zeros(cases.height, np.uint64)
        tests = [test for test in self.plan.quantifiers[: self.plan.deciding] if age_test(test)]
        open_rows = np.flatnonzero(cases.get_column("birth_date").is_null().to_numpy())
        if not tests or not len(open_rows):
            return found
        leaves = [leaf for leaf in self.leaves if {name.name for name in _names(leaf)} == {"birth_date"}]
        limits: list[Any] = sorted({limit for leaf in leaves for limit in birth_limits(leaf)})
        limits += [age_turns(test, cases[open_rows]) for test in tests]
        place = 0
        for index, later in enumerate(limits):
            for earlier in limits[:index]:
                if isinstance(later, np.ndarray):
                    order = (earlier < later).astype(np.uint64) | ((earlier == later).astype(np.uint64) << np.uint64(1))
                    found[open_rows] |= order << np.uint64(2 * place)
                    place += 1
        return found

    def two_ends(self, cases: pl.DataFrame) -> Ints:
        """Where the given and the computed end differ, what each leaf about the end says of either."""
        found = np.zeros(cases.height, np.uint64)
        rows = np.flatnonzero(cases.get_column(OTHER_END).is_not_null().to_numpy())
        if not len(rows) or not self.two_ended:
            return found
        both = cases[rows]
        for end, shift in (("term_end", 0), (OTHER_END, 1)):
            frame = both.with_columns(both.get_column(end).alias("term_end"), pl.lit(None, pl.Date).alias(OTHER_END))
            frame = self.with_moved(frame)
            for place, leaf in enumerate(self.two_ended):
                value = frame.select(self.plan.leaf(leaf, False).fill_null(False)).to_series().to_numpy()
                found[rows] |= value.astype(np.uint64) << np.uint64(2 * place + shift)
        found[rows] |= np.uint64(1 << 31)
        return found


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


class _Packer:
    """Packs numbers of known width into as few 64-bit words as they need."""

    def __init__(self) -> None:
        self.words: list[Ints] = []
        self.fields: dict[str, Field] = {}
        self._room = 0

    def add(self, name: str, values: Ints, bits: int) -> None:
        if bits > self._room:
            self.words.append(values.astype(np.uint64))
            self._room = 64
        else:
            self.words[-1] = self.words[-1] | (values.astype(np.uint64) << np.uint64(64 - self._room))
        self.fields[name] = Field(len(self.words) - 1, 64 - self._room, bits)
        self._room -= bits


@dataclass(frozen=True)
class Matter:
    """What can matter for each class of rows: facts (true; not known), leaves, bits of tests, open offences."""

    flags: Ints
    true: Ints
    unknown: Ints
    tests: Ints
    leaves: list[Ints]
    offences: Ints


class _Gate:
    """What can matter for a row, from its flags and its offence tests alone.

    What only grants read which the flags have made false cannot matter. Where a grant is closed by an exclusion it
    matters only whether its own condition is true, so that a fact not known counts as not true, unless its not being
    true counts for the condition.
    """

    def __init__(self, plan: Plan, bit_of: dict[str, int]) -> None:
        self.plan = plan
        act = plan.act
        of_grants = [(one.limits, one.condition) for one in act.reservations if not general(one, act)]
        self.reservations = [
            [condition for limits, condition in of_grants if condition is not None and grant.id in limits]
            for grant in act.grants
        ]
        self.own = [_Read(plan, [grant.condition], bit_of) for grant in act.grants]
        self.full = [
            _Read(plan, [plan.full(index), *self.reservations[index]], bit_of) for index in range(len(act.grants))
        ]
        self.excluding = _Read(plan, [clause.condition for clause in act.exclusions], bit_of)
        self.closing = self._closing()
        self._live: dict[int, int] = {}
        self._class: dict[tuple[int, int], int] = {}
        self._live_by_tests: dict[int, int] = {}
        self._of_code: dict[tuple[int, int], int] = {}
        self._matters: Matter | None = None

    def _closing(self) -> list[tuple[int, int]]:
        """Exclusions that are one `any offence` test: the test, and the grants they close."""
        found = []
        for place, clause in enumerate(self.plan.act.exclusions):
            if isinstance(clause.condition, rules.AnyOffence):
                limited = sum(1 << index for index, limits in enumerate(self.plan.limits) if place in limits)
                found.append((self.plan.quantifier(clause.condition), limited))
        return found

    def classes(self, flags: Ints, tests: Ints) -> Ints:
        """The class of every row: grants that its flags and offence tests leave possible, and those that are closed."""
        of_row = numbered([flags, tests])
        rows = first_rows(of_row)
        known = zip(flags[rows].tolist(), tests[rows].tolist(), strict=True)
        return np.array([self.class_of(one, other) for one, other in known], np.int64)[of_row]

    def class_of(self, flags: int, tests: int) -> int:
        """The number of the class of rows with some flags and answers to the offence tests."""
        code = (flags, tests)
        if code not in self._of_code:
            alike = (self.live(flags) & self.live_by_tests(tests), self.closed(tests))
            self._of_code[code] = self._class.setdefault(alike, len(self._class))
        return self._of_code[code]

    def closed(self, tests: int) -> int:
        """The grants that an exclusion closes which is one offence test, and true."""
        return functools.reduce(int.__or__, (limited for test, limited in self.closing if tests >> (2 * test) & 1), 0)

    def live_by_tests(self, tests: int) -> int:
        """The grants whose own condition the offence tests alone do not make false."""
        if tests not in self._live_by_tests:
            values: dict[Any, Any] = {}
            for index, test in enumerate(self.plan.quantifiers):
                settled, perhaps = tests >> (2 * index) & 1, tests >> (2 * index + 1) & 1
                some = isinstance(test, rules.AnyOffence)
                values[test] = some if settled else None if perhaps else not some
            self._live_by_tests[tests] = self._possible_grants(values)
        return self._live_by_tests[tests]

    def _possible_grants(self, values: dict[Any, Any]) -> int:
        return sum(
            1 << index
            for index, grant in enumerate(self.plan.act.grants)
            if possible_value(grant.condition, values) is not False
        )

    def matter(self, leaves: list[Condition]) -> Matter:
        """What can matter, for every class met so far."""
        if self._matters is not None and len(self._matters.flags) == len(self._class):
            return self._matters
        found = [self._matter(live, closed) for live, closed in self._class]
        self._matters = Matter(
            np.array([self._flags(one[3]) for one in found], np.uint32),
            np.array([one[0] for one in found], np.uint64),
            np.array([one[1] for one in found], np.uint64),
            np.array([one[2] for one in found], np.uint64),
            [
                np.array([_leaf_bits(leaves[start : start + _LEAVES], one[3]) for one in found], np.uint64)
                for start in range(0, len(leaves), _LEAVES)
            ],
            np.array([one[4] for one in found], np.uint64),
        )
        return self._matters

    def _flags(self, leaves: set[Condition]) -> int:
        packed = flag_fields()
        return sum({packed[name.name].mask for leaf in leaves for name in _names(leaf) if name.name in packed})

    def _matter(self, live: int, closed: int) -> tuple[int, int, int, set[Condition], int]:
        true, unknown, offences = self.excluding.facts, self.excluding.telling, 0
        certain, possible = self.excluding.tests, 0
        leaves = self.excluding.leaves
        for index in range(len(self.own)):
            if live >> index & 1:
                is_open = not closed >> index & 1
                read = self.full[index] if is_open else self.own[index]
                true |= read.facts
                unknown |= read.telling
                leaves = leaves | read.leaves
                certain |= read.tests
                possible |= read.tests if is_open or not self.own[index].plainly else 0
                if is_open:
                    unknown |= read.facts
                    offences |= int(read.tests != 0)
        if not self.excluding.plainly:
            possible |= self.excluding.tests
        tests = sum(
            (certain >> index & 1) << (2 * index) | (possible >> index & 1) << (2 * index + 1)
            for index in range(len(self.plan.quantifiers))
        )
        return true, unknown, tests, leaves, offences

    def live(self, flags: int) -> int:
        """The grants whose own condition the flags alone do not make false."""
        if flags not in self._live:
            values: dict[Any, Any] = {}
            for name, flag in flag_fields().items():
                code = flags >> flag.start & ((1 << flag.bits) - 1)
                values[name] = (
                    None if not code else code == 2 if flag.kind.kind is Kind.BOOLEAN else flag.kind.values[code - 1]
                )
            self._live[flags] = self._possible_grants(values)
        return self._live[flags]


def _leaf_bits(leaves: list[Condition], wanted: set[Condition]) -> int:
    return sum(3 << (2 * place) for place, leaf in enumerate(leaves) if leaf in wanted)


class _Read:
    """What some conditions read: facts and tests as bits, leaves, and whether tests stand in them plainly.

    A test stands plainly where it is `any offence` and counts for the condition: then only its being true matters for
    the condition's being true. The `telling` facts are those of which it matters whether they are false or not known:
    they count against a condition, stand in an offence test, or it is asked whether they are known.
    """

    def __init__(self, plan: Plan, conditions: list[Condition], bit_of: dict[str, int]) -> None:
        self.facts, self.telling, self.tests, self.leaves = 0, 0, 0, set[Condition]()
        self.plainly = True
        for condition in conditions:
            for leaf, positive in signed_leaves(condition):
                if isinstance(leaf, Quantified):
                    self.tests |= 1 << plan.quantifier(leaf)
                    self.plainly &= positive and isinstance(leaf, rules.AnyOffence)
                    self.telling |= _facts_of(leaf, bit_of)
                else:
                    self.leaves.add(leaf)
                    self.telling |= 0 if positive and isinstance(leaf, rules.IsTrue) else _facts_of(leaf, bit_of)
                self.facts |= _facts_of(leaf, bit_of)


def _facts_of(node: Condition, bit_of: dict[str, int]) -> int:
    """The facts that a leaf or an offence test reads, as bits."""
    names = (name for atom in rules.atoms(node) for name in _names(atom))
    return functools.reduce(int.__or__, (bit_of.get(name.name, 0) for name in names), 0)


def general(reservation: Reservation, act: Act) -> bool:
    """Whether a reservation is about the case as a whole: it has a condition and limits every grant."""
    return reservation.condition is not None and len(reservation.limits) == len(act.grants)


def possible_value(node: Condition, values: dict[Any, Any]) -> bool | None:
    """Kleene's value of a condition of which only some leaves or offence tests are known."""
    match node:
        case rules.AnyOffence() | rules.EveryOffence():
            return values.get(node)
        case rules.And(of):
            parts = [possible_value(part, values) for part in of]
            return False if False in parts else None if None in parts else True
        case rules.Or(of):
            parts = [possible_value(part, values) for part in of]
            return True if True in parts else None if None in parts else False
        case rules.Not(of):
            inner = possible_value(of, values)
            return None if inner is None else not inner
        case rules.Term(_, of):
            return possible_value(of, values)
        case rules.IsTrue(Name(name)):
            return values.get(name)
        case rules.Among(Name(name, kind), options) if kind.kind is Kind.ENUMERATION:
            value = values.get(name)
            return None if value is None else value in options
        case Compare("=", Name(name, kind), rules.Literal(wanted)) if kind.kind is Kind.ENUMERATION:
            value = values.get(name)
            return None if value is None else value == wanted
    return None


def numbered(columns: list[Ints]) -> Ints:
    """For each row a number that it shares with the rows that are like it in all columns, from 0 on."""
    found, _ = distinct(columns[0])
    for column in columns[1:]:
        other, others = distinct(column)
        found, _ = distinct(found.astype(np.int64) * max(len(others), 1) + other)
    return found


def _one_word(head: Ints, beside: Ints, leaves: list[Ints]) -> Ints:
    """Numbers and words of leaves as one number a row: side by side where there is room for them."""
    size = int(beside.max(initial=0)) + 1
    found = head.astype(np.uint64) * np.uint64(size) + beside.astype(np.uint64)
    for word in leaves:
        most = int(word.max(initial=0)).bit_length()
        if (int(found.max(initial=0)) + 1).bit_length() + most > _WORD:
            found = numbered([found]).astype(np.uint64)
        if (int(found.max(initial=0)) + 1).bit_length() + most > _WORD:
            word = numbered([word]).astype(np.uint64)
            most = int(word.max(initial=0)).bit_length()
        found = found << np.uint64(most) | word
    return found


def first_rows(numbers: Ints) -> Ints:
    """The first row with each number."""
    found = np.zeros(int(numbers.max(initial=-1)) + 1, np.int64)
    found[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return found


def _names(node: Condition) -> list[Name]:
    return [name for operand in rules.operands(node) for name in rules.names(operand)]
