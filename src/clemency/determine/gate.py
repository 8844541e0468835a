"""What can matter for a case, from its flags and its offence tests alone.

What only grants read which the flags have made false cannot matter. Where a grant is closed by an exclusion it matters
only whether its own condition is true, so that a fact not known counts as not true, unless its not being true counts
for the condition.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.plan import Plan, Quantified, signed_leaves
from clemency.determine.value_leaves import LEAVES
from clemency.law import rules
from clemency.law.act import Act, Reservation
from clemency.law.rules import Compare, Condition, Name
from clemency.law.vocabulary import Kind
from clemency.records.layout import flag_fields

Ints = npt.NDArray[Any]
#: Where a condition is certainly true, and where it is not false.
Truth = tuple[Any, Any]
#: What is known of a leaf or an offence test; None where nothing is.
TruthOf = Callable[[Condition], Truth | None]


class Matter:
    """What can matter for each class of cases, by the number of the class: one array a thing.

    Flags, facts (`true`: whether they hold; `unknown`: whether they are known), bits of offence tests, words of leaves,
    and whether it matters what offences leave open.
    """

    def __init__(self, words: int) -> None:
        self.flags, self.true, self.unknown = Growing(np.uint64), Growing(np.uint64), Growing(np.uint64)
        self.tests, self.offences, self.leaves = Growing(np.uint64), Growing(np.uint64), Growing(np.uint64, words)

    def add(self, more: Ints) -> None:
        """Note what can matter for more classes, each a row as `_Read` writes it."""
        alone = (self.flags, self.true, self.unknown, self.tests, self.offences)
        for place, column in enumerate(alone):
            column.add(more[:, place])
        self.leaves.add(more[:, len(alone) :])


class Gate:
    """Puts cases into classes by what can matter for them."""

    def __init__(self, plan: Plan, leaves: list[Condition], bit_of: dict[str, int]) -> None:
        self.plan = plan
        act = plan.act
        of_grants = [(one.limits, one.condition) for one in act.reservations if not general(one, act)]
        reservations = [
            [condition for limits, condition in of_grants if condition is not None and grant.id in limits]
            for grant in act.grants
        ]
        own = [_Read(plan, leaves, [grant.condition], bit_of) for grant in act.grants]
        full = [
            _Read(plan, leaves, [plan.full(index), *reservations[index]], bit_of) for index in range(len(act.grants))
        ]
        excluding = _Read(plan, leaves, [clause.condition for clause in act.exclusions], bit_of)
        self.closing = self._closing()
        self.words = max(-(-len(leaves) // LEAVES), 1)
        self.matter = Matter(self.words)
        self._of_open = np.array([read.of_open(self.words) for read in full], np.uint64)
        self._of_closed = np.array([read.of_closed(self.words) for read in own], np.uint64)
        self._of_all = np.array(excluding.of_closed(self.words), np.uint64)
        self._flags, self._tests, self._alike = WordNumbering(), WordNumbering(), Numbering(2)
        self._live, self._live_by_tests, self._closed = Growing(np.uint64), Growing(np.uint64), Growing(np.uint64)

    def _closing(self) -> list[tuple[int, int]]:
        """Exclusions that are one `any offence` test: the test, and the grants they close."""
        found = []
        for place, clause in enumerate(self.plan.act.exclusions):
            if isinstance(clause.condition, rules.AnyOffence):
                limited = sum(1 << index for index, limits in enumerate(self.plan.limits) if place in limits)
                found.append((self.plan.quantifier(clause.condition), limited))
        return found

    def classes(self, flags: Ints, tests: Ints) -> Ints:
        """The class of each case: grants that its flags and offence tests leave possible, and those that are closed.

        What matters for classes not met before is worked out now; one thread at a time may ask.
        """
        of_flags, fresh = self._flags.number(flags)
        if len(fresh):
            self._live.add(self.possible_by_flags(flags[fresh]))
        of_tests, fresh = self._tests.number(tests)
        if len(fresh):
            self._live_by_tests.add(self.possible_by_tests(tests[fresh]))
            self._closed.add(self.closed(tests[fresh]))
        live = self._live.all[of_flags] & self._live_by_tests.all[of_tests]
        closed = self._closed.all[of_tests]
        classes, fresh = self._alike.number(live, closed)
        if len(fresh):
            self.matter.add(self._mattering(live[fresh], closed[fresh]))
        return classes

    def closed(self, tests: Ints) -> Ints:
        """The grants that an exclusion closes which is one offence test, and true."""
        found = np.zeros(len(tests), np.uint64)
        for test, limited in self.closing:
            found |= (tests >> np.uint64(2 * test) & np.uint64(1)) * np.uint64(limited)
        return found

    def possible_by_flags(self, flags: Ints) -> Ints:
        """The grants whose own condition flags do not make false by themselves."""
        return self._possible(_truth_of_flags(flags), len(flags))

    def possible_by_tests(self, tests: Ints) -> Ints:
        """The grants whose own condition the answers to offence tests do not make false by themselves."""
        return self._possible(self._truth_of_tests(tests), len(tests))

    def _possible(self, truth: TruthOf, height: int) -> Ints:
        found = np.zeros(height, np.uint64)
        for index, grant in enumerate(self.plan.act.grants):
            _, possible = kleene_of(grant.condition, truth)
            found |= possible.astype(np.uint64) << np.uint64(index)
        return found

    def _truth_of_tests(self, tests: Ints) -> TruthOf:
        """What offence tests say, as far as it is settled."""
        places = {test: place for place, test in enumerate(self.plan.quantifiers)}

        def truth(node: Condition) -> Truth | None:
            if not isinstance(node, Quantified):
                return None
            bits = tests >> np.uint64(2 * places[node])
            settled, perhaps = (bits & np.uint64(1)) != 0, (bits & np.uint64(3)) != 0
            return (settled, perhaps) if isinstance(node, rules.AnyOffence) else (~perhaps, ~settled)

        return truth

    def _mattering(self, live: Ints, closed: Ints) -> Ints:
        """What can matter for some classes: what their grants read, and the exclusions."""
        bits = np.arange(len(self._of_open), dtype=np.uint64)
        alive, shut = (((grants[:, None] >> bits) & np.uint64(1)) != 0 for grants in (live, closed))
        found = np.bitwise_or.reduce(np.where((alive & ~shut)[:, :, None], self._of_open, 0), axis=1)
        found |= np.bitwise_or.reduce(np.where((alive & shut)[:, :, None], self._of_closed, 0), axis=1)
        return found | self._of_all


def _truth_of_flags(flags: Ints) -> TruthOf:
    """What leaves that read packed fields say."""
    packed = flag_fields()

    def code(name: str) -> Ints:
        """The value of a field, counted from 1; 0 where it is unknown."""
        return flags >> np.uint64(packed[name].start) & np.uint64((1 << packed[name].bits) - 1)

    def among(name: str, values: Iterable[Any]) -> Truth:
        wanted = np.zeros(1 << packed[name].bits, bool)
        wanted[[1 + packed[name].kind.values.index(value) for value in values]] = True
        found = code(name)
        return wanted[found], wanted[found] | (found == 0)

    def truth(node: Condition) -> Truth | None:
        match node:
            case rules.IsTrue(Name(name)) if name in packed:
                return code(name) == 2, code(name) != 1
            case rules.Among(Name(name, kind), options) if kind.kind is Kind.ENUMERATION and name in packed:
                return among(name, options)
            case Compare("=", Name(name, kind), rules.Literal(one)) if kind.kind is Kind.ENUMERATION and name in packed:
                return among(name, [one])
        return None

    return truth


class _Read:
    """What some conditions read: flags, facts, tests and leaves as bits, and whether tests stand in them plainly.

    A test stands plainly where it is `any offence` and counts for the condition: then only its being true matters for
    the condition's being true. The `telling` facts are those of which it matters whether they are false or not known:
    they count against a condition, stand in an offence test, or it is asked whether they are known.
    """

    def __init__(
        self, plan: Plan, leaves: list[Condition], conditions: list[Condition], bit_of: dict[str, int]
    ) -> None:
        packed, places = flag_fields(), {leaf: place for place, leaf in enumerate(leaves)}
        self.flags, self.facts, self.telling, self.tests, self.leaves = 0, 0, 0, 0, 0
        self.plainly = True
        for condition in conditions:
            for leaf, positive in signed_leaves(condition):
                if isinstance(leaf, Quantified):
                    self.tests |= 1 << plan.quantifier(leaf)
                    self.plainly &= positive and isinstance(leaf, rules.AnyOffence)
                    self.telling |= _facts_of(leaf, bit_of)
                else:
                    self.leaves |= 3 << (2 * places[leaf]) if leaf in places else 0
                    self.flags |= sum({packed[one.name].mask for one in rules.names_read(leaf) if one.name in packed})
                    self.telling |= 0 if positive and isinstance(leaf, rules.IsTrue) else _facts_of(leaf, bit_of)
                self.facts |= _facts_of(leaf, bit_of)

    def of_open(self, words: int) -> list[int]:
        """What can matter where a grant is open: flags, facts, facts of which it matters whether they are known, tests,
        whether it matters what offences leave open, and leaves.
        """
        tests = _doubled(self.tests, 3)
        return [self.flags, self.facts, self.facts | self.telling, tests, int(tests != 0), *self._leaf_words(words)]

    def of_closed(self, words: int) -> list[int]:
        """As `of_open`, where it matters only whether the conditions are true."""
        tests = _doubled(self.tests, 1 if self.plainly else 3)
        return [self.flags, self.facts, self.telling, tests, 0, *self._leaf_words(words)]

    def _leaf_words(self, words: int) -> list[int]:
        return [self.leaves >> (2 * LEAVES * place) & ((1 << 2 * LEAVES) - 1) for place in range(words)]


def _doubled(tests: int, bits: int) -> int:
    """Two bits for each of some tests: 1 for being settled, 2 for being perhaps settled."""
    return sum(bits << (2 * index) for index in range(tests.bit_length()) if tests >> index & 1)


def _facts_of(node: Condition, bit_of: dict[str, int]) -> int:
    """The facts that a leaf or an offence test reads, as bits."""
    names = (name for atom in rules.atoms(node) for name in rules.names_read(atom))
    return functools.reduce(int.__or__, (bit_of.get(name.name, 0) for name in names), 0)


def general(reservation: Reservation, act: Act) -> bool:
    """Whether a reservation is about the case as a whole: it has a condition and limits every grant."""
    return reservation.condition is not None and len(reservation.limits) == len(act.grants)


def kleene_of(node: Condition, truth: TruthOf) -> Truth:
    """Kleene's value of a condition in many rows, where `truth` says what is known of some leaves or offence tests.

    >>> read = rules.parse("first_conviction and birth_date is known", rules.Scope())
    >>> holding = np.array([True, False]), np.array([True, False])
    >>> [found.tolist() for found in kleene_of(read, lambda leaf: holding if leaf == read.of[0] else None)]
    [[False, False], [True, False]]
    """
    known = truth(node)
    if known is not None:
        return known
    match node:
        case rules.And(of):
            return _joined(np.logical_and, [kleene_of(part, truth) for part in of], np.True_)
        case rules.Or(of):
            return _joined(np.logical_or, [kleene_of(part, truth) for part in of], np.False_)
        case rules.Not(of):
            certain, possible = kleene_of(of, truth)
            return ~possible, ~certain
        case rules.Term(_, of):
            return kleene_of(of, truth)
    return np.False_, np.True_


def _joined(join: np.ufunc, parts: list[Truth], none: np.bool_) -> Truth:
    certain = possible = none
    for of_certain, of_possible in parts:
        certain, possible = join(certain, of_certain), join(possible, of_possible)
    return certain, possible
