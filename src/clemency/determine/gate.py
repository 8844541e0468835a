"""What can matter for a case, from its flags and its offence tests alone.

What only grants read which the flags have made false cannot matter. Where a grant is closed by an exclusion it matters
only whether its own condition is true, so that a fact not known counts as not true, unless its not being true counts
for the condition.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
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


class Matter:
    """What can matter for each class of cases, by the number of the class: one array a thing.

    Flags, facts (`true`: whether they hold; `unknown`: whether they are known), bits of offence tests, words of leaves,
    and whether it matters what offences leave open.
    """

    def __init__(self, words: int) -> None:
        self.flags, self.true, self.unknown = Growing(np.uint64), Growing(np.uint64), Growing(np.uint64)
        self.tests, self.offences, self.leaves = Growing(np.uint64), Growing(np.uint64), Growing(np.uint64, words)


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
        self.own = [_Read(plan, leaves, [grant.condition], bit_of) for grant in act.grants]
        self.full = [
            _Read(plan, leaves, [plan.full(index), *reservations[index]], bit_of) for index in range(len(act.grants))
        ]
        self.excluding = _Read(plan, leaves, [clause.condition for clause in act.exclusions], bit_of)
        self.closing = self._closing()
        self.words = max(-(-len(leaves) // LEAVES), 1)
        self.matter = Matter(self.words)
        conditions = [grant.condition for grant in act.grants]
        self._by_flags = _Possible(conditions, [read.flags for read in self.own], _flag_values)
        self._by_tests = _Possible(conditions, [_doubled(read.tests) for read in self.own], self._answers)
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
        self._live.add([self._by_flags.grants(one) for one in flags[fresh].tolist()])
        of_tests, fresh = self._tests.number(tests)
        self._live_by_tests.add([self._by_tests.grants(one) for one in tests[fresh].tolist()])
        self._closed.add([self.closed(one) for one in tests[fresh].tolist()])
        live = self._live.all[of_flags] & self._live_by_tests.all[of_tests]
        closed = self._closed.all[of_tests]
        classes, fresh = self._alike.number(live, closed)
        for one, other in zip(live[fresh].tolist(), closed[fresh].tolist(), strict=True):
            self._add(one, other)
        return classes

    def closed(self, tests: int) -> int:
        """The grants that an exclusion closes which is one offence test, and true."""
        return functools.reduce(int.__or__, (limited for test, limited in self.closing if tests >> (2 * test) & 1), 0)

    def _answers(self, tests: int) -> dict[Any, Any]:
        """What offence tests say, as far as it is settled."""
        found: dict[Any, Any] = {}
        for index, test in enumerate(self.plan.quantifiers):
            settled, perhaps = tests >> (2 * index) & 1, tests >> (2 * index + 1) & 1
            some = isinstance(test, rules.AnyOffence)
            found[test] = some if settled else None if perhaps else not some
        return found

    def _add(self, live: int, closed: int) -> None:
        true, unknown, offences = self.excluding.facts, self.excluding.telling, 0
        certain, possible = self.excluding.tests, 0
        flags, leaves = self.excluding.flags, self.excluding.leaves
        for index in range(len(self.own)):
            if live >> index & 1:
                is_open = not closed >> index & 1
                read = self.full[index] if is_open else self.own[index]
                true |= read.facts
                unknown |= read.telling
                flags, leaves = flags | read.flags, leaves | read.leaves
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
        word = (1 << 2 * LEAVES) - 1
        self.matter.flags.add([flags])
        self.matter.true.add([true])
        self.matter.unknown.add([unknown])
        self.matter.tests.add([tests])
        self.matter.offences.add([offences])
        self.matter.leaves.add([[leaves >> (2 * LEAVES * place) & word for place in range(self.words)]])


class _Possible:
    """The grants whose own condition a word of flags, or of answers to tests, does not make false by itself.

    `read` are the bits that each condition reads: what it makes of them is remembered.
    """

    def __init__(self, conditions: list[Condition], read: list[int], values: Callable[[int], dict[Any, Any]]) -> None:
        self._conditions, self._read, self._values = conditions, read, values
        self._known: list[dict[int, bool]] = [{} for _ in conditions]

    def grants(self, word: int) -> int:
        """The grants that a word leaves possible."""
        found = 0
        for index, (condition, known) in enumerate(zip(self._conditions, self._known, strict=True)):
            read = word & self._read[index]
            if read not in known:
                known[read] = possible_value(condition, self._values(word)) is not False
            found |= known[read] << index
        return found


def _flag_values(flags: int) -> dict[Any, Any]:
    """The values of the packed fields; none where unknown."""
    values: dict[Any, Any] = {}
    for name, flag in flag_fields().items():
        code = flags >> flag.start & ((1 << flag.bits) - 1)
        values[name] = None if not code else code == 2 if flag.kind.kind is Kind.BOOLEAN else flag.kind.values[code - 1]
    return values


def _doubled(tests: int) -> int:
    """Two bits for each of some tests."""
    return sum(3 << (2 * index) for index in range(tests.bit_length()) if tests >> index & 1)


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


def _facts_of(node: Condition, bit_of: dict[str, int]) -> int:
    """The facts that a leaf or an offence test reads, as bits."""
    names = (name for atom in rules.atoms(node) for name in rules.names_read(atom))
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
