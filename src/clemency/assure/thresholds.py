"""Thresholds that clauses set on one value, and the values that fall between two of them.

One clause covers what lies below a threshold, another what lies above it: a rest under a year, a rest over a year.
Where both leave out the threshold itself, who stands exactly on it is covered by neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from clemency.assure import claims
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant
from clemency.law.calendar import Duration, add
from clemency.law.rules import AgeOn, And, Compare, Condition, EveryOffence, Literal, Name, Not, Operand, Or, Shifted
from clemency.law.vocabulary import CASE_FIELDS, Kind

_FLIPPED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Threshold:
    """A bound that a clause sets on a value from above (`upper`) or from below, as it stands in its rule."""

    clause: Grant | Exclusion
    written: Compare
    left: Operand
    op: str
    value: Any

    @property
    def upper(self) -> bool:
        """Whether the clause is met below the bound."""
        return self.op in ("<", "<=")

    @property
    def itself(self) -> bool:
        """Whether the bound itself still counts."""
        return self.op in ("<=", ">=")


@dataclass(frozen=True)
class Gap:
    """Values between an upper bound of one clause and a lower bound of another, to be looked for in a person."""

    below: Threshold
    above: Threshold
    field: str

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses on either side; one if both bounds stand in it."""
        return tuple(dict.fromkeys((self.below.clause.id, self.above.clause.id)))

    @property
    def parts(self) -> tuple[tuple[str, Condition], ...]:
        """The two bounds as they stand, each with its clause."""
        return ((self.below.clause.id, self.below.written), (self.above.clause.id, self.above.written))

    @property
    def says(self) -> str:
        """What falls between."""
        below, above = rules.show(self.below.written), rules.show(self.above.written)
        return f"between {below} ({self.below.clause.id}) and {above} ({self.above.clause.id}) somebody is in neither"

    @property
    def within(self) -> Condition:
        """The value lies in the gap."""
        return _of_offences(And((Not(_bound(self.below)), Not(_bound(self.above)))))

    @property
    def under(self) -> Condition:
        """The value lies below the gap."""
        return _of_offences(_bound(self.below))

    @property
    def over(self) -> Condition:
        """The value lies above the gap."""
        return _of_offences(_bound(self.above))

    def sides(self, act: Act) -> tuple[Condition, Condition]:
        """What each clause does on its side: a grant is given, an exclusion takes a grant away."""
        return _effect(act, self.below.clause), _effect(act, self.above.clause)

    def outcome(self, act: Act) -> Condition:
        """What is so in the gap: nothing is granted; or between two exclusions, a grant they both limit is given."""
        if isinstance(self.below.clause, Grant):
            return Not(claims.granted(act))
        return Or(tuple(claims.given(act, grant) for grant in act.grants if grant.id in self._shared()))

    def _shared(self) -> set[str]:
        sides = [one.clause.limits for one in (self.below, self.above) if isinstance(one.clause, Exclusion)]
        return set.intersection(*map(set, sides))


def gaps(act: Act) -> Iterator[Gap]:
    """Pairs of bounds that were meant to meet and leave something out, among grants and among exclusions."""
    for clauses in (act.grants, act.exclusions):
        found = [one for clause in clauses for one in _thresholds(clause)]
        uppers, lowers = [one for one in found if one.upper], [one for one in found if not one.upper]
        seen: set[tuple[Any, ...]] = set()
        for below, above in product(uppers, lowers):
            field = _moving_field(below.left)
            key = (below.clause.id, above.clause.id, below.written, above.written)
            if (
                field
                and key not in seen
                and rules.show(below.left) == rules.show(above.left)
                and _leaves_out(below, above)
            ):
                seen.add(key)
                yield Gap(below, above, field)


def _leaves_out(below: Threshold, above: Threshold) -> bool:
    """Whether the bounds are one value that neither takes in, or next to each other with something between them."""
    if below.value == above.value:
        return not below.itself and not above.itself
    if not below.value < above.value or not _next_to_each_other(below.left, below.value, above.value):
        return False
    whole = _is_whole(below.left)
    return not (whole and below.itself and above.itself)


def _next_to_each_other(left: Operand, low: Any, high: Any) -> bool:
    if isinstance(low, date):
        return (high - low).days == 1
    if isinstance(low, Duration):
        return bool(high.key() - low.key() == 1)
    return bool(high - low <= 1)


def _is_whole(left: Operand) -> bool:
    if isinstance(left, AgeOn) or left.type.kind in (Kind.DATE, Kind.DURATION, Kind.ENUMERATION):
        return True
    return isinstance(left, Name) and (left.name in CASE_FIELDS or left.name == "offence_count")


def _thresholds(clause: Grant | Exclusion) -> Iterator[Threshold]:
    for written, positive in _comparisons(clause.condition, True):
        value = _constant(written.right)
        if written.op in _FLIPPED and value is not None and _measured(written.left):
            value = written.left.type.rank(value) if written.left.type.kind is Kind.ENUMERATION else value
            yield Threshold(clause, written, written.left, written.op if positive else _FLIPPED[written.op], value)


def _measured(left: Operand) -> bool:
    """A number, a day, a length, or a place in an order that the case states."""
    if left.type.kind is Kind.ENUMERATION:
        return left.type.ordered and isinstance(left, Name) and not left.of_offence
    return left.type.kind in (Kind.NUMBER, Kind.DATE, Kind.DURATION)


def _comparisons(node: Condition, positive: bool) -> Iterator[tuple[Compare, bool]]:
    if isinstance(node, Compare):
        yield node, positive
    for child in rules.children(node):
        yield from _comparisons(child, positive != isinstance(node, Not))


def _constant(operand: Operand) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Shifted) and isinstance(operand.base, Literal):
        return add(operand.base.value, operand.by)
    return None


def _moving_field(left: Operand) -> str:
    """The field that moves a compared value: the birth date for an age, the term in months for a term."""
    if isinstance(left, AgeOn):
        return "birth_date" if _constant(left.day) is not None else ""
    if isinstance(left, Shifted):
        return _moving_field(left.base)
    if isinstance(left, Name):
        moving = {"term": "term_days", "offence_count": ""}
        return "term_end" if rules.served_share(left.name) else moving.get(left.name, left.name)
    return ""


def _bound(threshold: Threshold) -> Condition:
    """The bound alone, without what else its clause asks."""
    return Compare(threshold.op, threshold.left, threshold.written.right)


def _of_offences(condition: Condition) -> Condition:
    names = [name for atom in rules.atoms(condition) for name in rules.names_read(atom)]
    return EveryOffence(condition) if any(name.of_offence for name in names) else condition


def _effect(act: Act, clause: Grant | Exclusion) -> Condition:
    if isinstance(clause, Grant):
        return claims.given(act, clause)
    return Or(tuple(_taken(act, grant, clause) for grant in _limited(act, clause)))


def _taken(act: Act, grant: Grant, by: Exclusion) -> Condition:
    return And((claims.met(grant), claims.met(by)))


def _limited(act: Act, clause: Exclusion) -> Iterable[Grant]:
    return [grant for grant in act.grants if grant.id in clause.limits]
