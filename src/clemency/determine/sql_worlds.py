"""Which open values of a case a query has to try out, and with which values.

A condition put together by Kleene's rules is exact as long as no open value pulls it both ways. So only those values
are tried out that do: fields that two different leaves read, or one leaf both for and against. For each the
interpreter gives the values that the rules can tell apart. A day that is compared with other days of the same case
also takes the days at which those comparisons turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from math import ceil
from typing import Any

from clemency.determine.interpreter import Inquiry, Open, leaves_reading
from clemency.determine.reading import shares_served
from clemency.determine.sql_offences import Quantified
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import Duration
from clemency.law.rules import AgeOn, Compare, Condition, Literal, Name, Operand, Shifted
from clemency.law.vocabulary import CASE_FIELDS, DATE, DERIVED_FIELDS, Kind, ValueType
from clemency.records.record import CaseRecord, Offence

COMMITTED = "committed_on"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison of two days of a case: a day, moved by a duration before it is compared."""

    name: str
    by: Duration


@dataclass(frozen=True, slots=True)
class Anchor:
    """Another day of the case near which an open day turns: which, moved by what; steps more the longer the way."""

    name: str
    moves: tuple[Duration, ...]

    @property
    def steps(self) -> tuple[int, int]:
        """The days about the moved one to try: where months end, a comparison turns up to four days later."""
        return (-1, 4) if len(self.moves) == 1 else (-2, 9)


@dataclass(frozen=True, slots=True)
class Tried:
    """A field of the case that is tried out where it is open: its values, and other days to try."""

    name: str
    type: ValueType
    values: tuple[Any, ...]
    anchors: tuple[Anchor, ...]


class Worlds:
    """What is tried out for one act."""

    def __init__(self, act: Act) -> None:
        self.act = act
        conditions = [grant.condition for grant in act.grants]
        conditions += [rules.Not(exclusion.condition) for exclusion in act.exclusions]
        self._pulls = [_pulls(conditions)]
        reserved = [node for one in act.reservations if one.condition for node in rules.walk(one.condition)]
        self._pulls += [_pulls([node]) for node in reserved if isinstance(node, Quantified)]
        self.links = list(dict.fromkeys(link for one in act.conditions() for link in _links(one)))
        offences = [Offence.model_construct(), Offence.model_construct()]
        self._with_offences = Inquiry(CaseRecord.model_construct(case_id="", offences=offences), act)
        self._without = Inquiry(CaseRecord.model_construct(case_id=""), act)

    @cached_property
    def twice(self) -> frozenset[Any]:
        """Fields, and offence tests, that pull a condition both ways."""
        return frozenset(subject for pulls in self._pulls for subject, seen in pulls.items() if len(seen) > 1)

    @cached_property
    def tried(self) -> tuple[Tried, ...]:
        """The fields of the case that are tried out where they are open."""
        types = {**CASE_FIELDS, **DERIVED_FIELDS, **dict.fromkeys(shares_served(self.act), DATE)}
        types |= {fact.name: fact.type for fact in self.act.facts.values()}
        return tuple(self._tried(name, kind) for name, kind in types.items() if name in self.twice)

    def tests_tried(self, tests: list[Quantified]) -> list[Quantified]:
        """The offence tests that are tried out where no offence is known."""
        return [test for test in tests if test in self._pulls[0] and len(self._pulls[0][test]) > 1]

    @property
    def tries_days_of_offences(self) -> bool:
        """Whether the day of an offence is tried out where it is open."""
        return COMMITTED in self.twice

    @cached_property
    def days_of_offences(self) -> tuple[Any, ...]:
        """The days to try for an open day of an offence."""
        return self._with_offences.cells_of(self._with_offences.offences[0].committed_on)  # type: ignore[arg-type]

    def _tried(self, name: str, kind: ValueType) -> Tried:
        inquiry = self._without if name == "offence_count" else self._with_offences
        value = inquiry.scalars[name]
        assert isinstance(value, Open)
        leaves = leaves_reading(self.act).get(name, ())
        if any(of_offence or {one.name for one in rules.names_read(atom)} != {name} for atom, of_offence in leaves):
            return Tried(name, kind, inquiry.cells_of(value), self.anchors(name))
        seen: dict[tuple[Any, ...], Any] = {}
        for cell in inquiry.cells_of(value):
            answers = tuple(inquiry.holds(atom, None, {name: cell}) for atom, _ in leaves)
            seen.setdefault(answers, cell)
        return Tried(name, kind, tuple(seen.values()), ())

    def anchors(self, name: str) -> tuple[Anchor, ...]:
        """The other days of a case near which an open day turns, directly or by way of the day of an offence."""
        found: dict[Anchor, None] = {}
        for other, move in self._beside(name):
            found[Anchor(other, (move,))] = None
            if other == COMMITTED and name != COMMITTED:
                for third, further in self._beside(COMMITTED):
                    if third not in (name, COMMITTED):
                        found[Anchor(third, (further, move))] = None
        return tuple(found)

    def _beside(self, name: str) -> Iterator[tuple[str, Duration]]:
        """The days that a day is compared with, and by how much they lie apart where the comparison turns."""
        for one, other in self.links:
            if one.name == name:
                yield other.name, other.by + -one.by

    @cached_property
    def groups(self) -> list[list[str]]:
        """Days that hang together through comparisons, where they are three or more."""
        found: list[set[str]] = []
        for one, other in self.links:
            joined = {one.name, other.name}.union(*(group for group in found if {one.name, other.name} & group))
            found = [group for group in found if not group & joined] + [joined]
        return [sorted(group) for group in found if len(group) > 2]

    @cached_property
    def compared_otherwise(self) -> list[str]:
        """Fields that are tried out and compared with another field that is no day."""
        dated = {side.name for link in self.links for side in link}
        found = []
        for one in self.tried:
            for atom, _ in leaves_reading(self.act).get(one.name, ()):
                if len({name.name for name in rules.names_read(atom)}) > 1 and one.name not in dated:
                    found.append(one.name)
        return list(dict.fromkeys(found))

    def open_truth(self, atom: Condition) -> int:
        """The truth of a leaf about one field where that is open: not known, unless no value could change it."""
        if len({(name.name, name.of_offence) for name in rules.names_read(atom)}) != 1:
            return 1
        inquiry = self._without if rules.names_read(atom)[0].name == "offence_count" else self._with_offences
        result, _ = inquiry.examine(atom, inquiry.offences[0] if inquiry.offences else None)
        return {0: 0, 1: 2}.get(result, 1)


def _pulls(conditions: list[Condition]) -> Mapping[Any, set[tuple[Condition, bool]]]:
    """For each field and offence test the leaves that read it, with whether they count for the condition."""
    found: dict[Any, set[tuple[Condition, bool]]] = {}
    for condition in conditions:
        for node, positive in _signed(condition, True):
            if isinstance(node, Quantified):
                found.setdefault(node, set()).add((node, positive))
                for leaf, way in _signed(node.of, positive):
                    _add(found, leaf, way, in_offence=True)
            else:
                _add(found, node, positive, in_offence=False)
    return found


def _add(found: dict[Any, set[tuple[Condition, bool]]], leaf: Condition, way: bool, in_offence: bool) -> None:
    if isinstance(leaf, rules.IsKnown):
        return
    turns_once = isinstance(leaf, Compare) and leaf.op != "="
    for name in rules.names_read(leaf):
        if name.of_offence and name.name != COMMITTED:
            continue
        pulls = found.setdefault(name.name, set())
        pulls.add((leaf, way))
        if (in_offence or _on_both_sides(leaf)) and not turns_once and not isinstance(leaf, rules.IsTrue):
            pulls.add((leaf, not way))


def _on_both_sides(leaf: Condition) -> bool:
    names = [name.name for name in rules.names_read(leaf)]
    return len(names) > len(set(names))


def _signed(node: Condition, positive: bool) -> Iterator[tuple[Condition, bool]]:
    """Leaves and offence tests, and whether they count for a condition; a range of one field is a single leaf."""
    match node:
        case rules.And((Compare(">=", Name() as low, Literal(start)), Compare("<=", high, Literal(end)))) if (
            low == high
        ):
            yield node.of[0], positive
            if _key(start) > _key(end):
                yield node.of[1], positive
        case rules.Not(of):
            yield from _signed(of, not positive)
        case rules.And(of) | rules.Or(of):
            for part in of:
                yield from _signed(part, positive)
        case rules.Term(_, of):
            yield from _signed(of, positive)
        case _:
            yield node, positive


def _key(value: Any) -> Any:
    return value.key() if isinstance(value, Duration) else value


def _links(condition: Condition) -> Iterator[tuple[Side, Side]]:
    """The comparisons of two days of a case, both ways round."""
    for atom in rules.atoms(condition):
        if isinstance(atom, Compare):
            for left, right in _sides(atom):
                yield from permutations((left, right)) if left.name != right.name else ()


def _sides(atom: Compare) -> Iterator[tuple[Side, Side]]:
    for age, other in ((atom.left, atom.right), (atom.right, atom.left)):
        if isinstance(age, AgeOn) and isinstance(other, Literal):
            day = _side(age.day)
            if day is not None:
                for years in (ceil(other.value), ceil(other.value) + 1):
                    yield Side("birth_date", Duration(12 * years)), day
            return
    left, right = _side(atom.left), _side(atom.right)
    if left is not None and right is not None:
        yield left, right


def _side(operand: Operand) -> Side | None:
    by = Duration()
    while isinstance(operand, Shifted):
        by, operand = by + operand.by, operand.base
    return Side(operand.name, by) if isinstance(operand, Name) and operand.type.kind is Kind.DATE else None
