"""Small changes of an act: each is a way in which it could have been written wrong.

A case shows a condition, a limit or a boundary when its answer would be another one were just that written differently.
So the same small changes say what the examples of an act have to show, and what its cases notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Relief, Reservation
from clemency.law.calendar import Duration
from clemency.law.rules import (
    AgeOn,
    Among,
    And,
    AnyOffence,
    Compare,
    Condition,
    EveryOffence,
    LawOpen,
    Listed,
    Literal,
    Not,
    Operand,
    Or,
    Shifted,
    Term,
)
from clemency.law.vocabulary import Kind

ALWAYS, NEVER = And(()), Or(())
TERMS = "terms."
#: What a variation changes, and what an example that notices it shows.
KINDS = {
    "clause": "the clause applies, and does not",
    "condition": "each condition alone, met and not met",
    "boundary": "both sides of a boundary",
    "value": "each value that a condition names",
    "offences": "one offence of several",
    "joined": "conditions joined by and, or by or",
    "negated": "a condition that must not hold",
    "list": "each article that a list names",
    "limit": "a grant that a clause limits",
    "exception": "a grant that a clause leaves alone",
    "relief": "the measure of a relief",
    "order": "the order of two grants",
}
Path = tuple[int, ...]
Edit = Callable[[Condition], Condition]
Clause = Grant | Exclusion | Reservation
_Limiting = TypeVar("_Limiting", Exclusion, Reservation)
_DAY, _MONTH = Duration(0, 1), Duration(1)


@dataclass(frozen=True)
class Variation:
    """One small change: of what kind, in which clause or named condition, at which part of its rule, in words."""

    kind: str
    place: str
    says: str
    shows: str
    part: Condition | None = field(default=None, compare=False)
    path: Path = field(default=(), compare=False)
    edit: Edit | None = field(default=None, compare=False, repr=False)
    grant: str = ""
    relief: Relief | None = field(default=None, compare=False, repr=False)

    @property
    def of_rule(self) -> bool:
        """Whether a rule is changed, and not what a clause limits or gives."""
        return self.edit is not None


def clauses_of(act: Act) -> tuple[Clause, ...]:
    """All clauses of an act: grants, exclusions, reservations."""
    return (*act.grants, *act.exclusions, *act.reservations)


def variations(act: Act) -> Iterator[Variation]:
    """Every small change of an act, in the order of its file."""
    for name in _terms_used(act):
        yield from _of_rule(TERMS + name, act.terms[name])
    for clause in clauses_of(act):
        if clause.condition is not None:
            yield from _of_rule(clause.id, clause.condition)
    for exclusion in act.exclusions:
        yield from _of_limits(act, exclusion)
    for reservation in act.reservations:
        yield from _of_limits(act, reservation)
    for grant in act.grants:
        yield from _of_relief(grant)
    for first, second in zip(act.grants, act.grants[1:], strict=False):
        yield Variation(
            "order",
            first.id,
            f"{second.id} stands before {first.id}",
            f"{first.id} and {second.id} hold together, and the first of them is booked",
            grant=second.id,
        )


def _terms_used(act: Act) -> list[str]:
    used = {node.name for one in act.conditions() for node in rules.walk(one) if isinstance(node, Term)}
    return [name for name in act.terms if name in used]


# --- changes of a rule ----------------------------------------------------------------------------------------


def _of_rule(place: str, rule: Condition) -> Iterator[Variation]:
    def change(kind: str, says: str, shows: str, part: Condition, path: Path, edit: Edit) -> Variation:
        return Variation(kind, place, says, shows, part, path, edit)

    yield change("clause", "never holds", "it applies", rule, (), lambda _: NEVER)
    yield change("clause", "always holds", "it does not apply", rule, (), lambda _: ALWAYS)
    leaves = [(path, node) for path, node in _parts(rule, ()) if not isinstance(node, _Inner) and _is_leaf(node)]
    for path, node in leaves if len(leaves) > 1 else ():
        shown = rules.show(node)
        yield change("condition", f"{shown}: asked for in vain", f"not met: {shown}", node, path, lambda _: ALWAYS)
        yield change("condition", f"{shown}: never met", f"met: {shown}", node, path, lambda _: NEVER)
    for path, one in _parts(rule, ()):
        part = one.of if isinstance(one, _Inner) else one
        for kind, says, shows, edit in _changes(part):
            yield change(kind, says, shows, part, path, edit)


def _is_leaf(node: Condition) -> bool:
    """A condition that stands or falls as one: a test, a named condition, one test of the offences."""
    if isinstance(node, AnyOffence | EveryOffence):
        return not isinstance(node.of, And | Or | Not)
    return isinstance(node, (*rules.ATOMS, Term)) and not isinstance(node, LawOpen)


def _parts(node: Condition, path: Path) -> Iterator[tuple[Path, Condition | _Inner]]:
    """Every part of a rule with the way to it; named conditions are not opened, one test of offences is one part."""
    yield path, node
    if not isinstance(node, Term):
        for place, child in enumerate(rules.children(node)):
            below = _parts(child, (*path, place))
            if isinstance(node, AnyOffence | EveryOffence) and _is_leaf(node):
                yield from ((way, part if isinstance(part, _Inner) else _Inner(part)) for way, part in below)
            else:
                yield from below


@dataclass(frozen=True)
class _Inner:
    """The one test within `any offence (...)`: its boundaries count, but it is no condition beside the others."""

    of: Condition


def _changes(node: Condition) -> Iterator[tuple[str, str, str, Edit]]:
    shown = rules.show(node)
    match node:
        case And(of) if len(of) > 1 and not any(isinstance(part, LawOpen) for part in of):
            yield "joined", "or in place of and", f"all are needed: {shown}", lambda one: Or(rules.children(one))
        case Or(of) if len(of) > 1:
            yield "joined", "and in place of or", f"one is enough: {shown}", lambda one: And(rules.children(one))
        case Not(of):
            yield "negated", f"without not: {rules.show(of)}", shown, _only_child
        case AnyOffence(of):
            says, shows = f"every in place of any: {shown}", f"one offence of several is enough: {rules.show(of)}"
            yield "offences", says, shows, lambda one: EveryOffence(_only_child(one))
        case EveryOffence(of):
            says, shows = f"any in place of every: {shown}", f"one offence of several is not enough: {rules.show(of)}"
            yield "offences", says, shows, lambda one: AnyOffence(_only_child(one))
        case Among(operand, values) if len(values) > 1:
            kind = "list" if operand.type.kind is Kind.ARTICLE else "value"
            for value in values:
                yield kind, f"without {value}", f"{rules.show(operand)}: {value}", partial(_without, value=value)
        case Listed(_, certain, uncertain):
            for entry in (*certain, *uncertain):
                yield "list", f"without {entry}", f"article {entry}", partial(_unlisted, entry=entry)
        case Compare():
            yield from _boundaries(node)


def _only_child(node: Condition) -> Condition:
    return rules.children(node)[0]


def _without(node: Condition, *, value: Any) -> Condition:
    assert isinstance(node, Among)
    return replace(node, values=tuple(one for one in node.values if one != value))


def _unlisted(node: Condition, *, entry: str) -> Condition:
    assert isinstance(node, Listed)
    return replace(
        node,
        certain=tuple(one for one in node.certain if one != entry),
        uncertain=tuple(one for one in node.uncertain if one != entry),
    )


def _instead(_: Condition, *, other: Condition) -> Condition:
    return other


_STRICTER = {"<=": "<", ">=": ">", "<": "<=", ">": ">="}
_ON, _BESIDE = "on the boundary", "one step beyond the boundary"


def _boundaries(node: Compare) -> Iterator[tuple[str, str, str, Edit]]:
    """A comparison drawn one step tighter or wider: on the boundary, and next to it, one of them differs."""
    shown = rules.show(node)
    for kind_of, moved in _moves(node):
        yield (
            "boundary",
            f"{rules.show(moved)} in place of {shown}",
            f"{kind_of}: {shown}",
            partial(_instead, other=moved),
        )


def _moves(node: Compare) -> Iterator[tuple[str, Compare]]:
    aged = next((side for side in (node.left, node.right) if isinstance(side, AgeOn)), None)
    if aged is not None:
        for step in (1, -1):
            other = replace(aged, day=_later(aged.day, Duration(0, step)))
            left, right = (other, node.right) if node.left is aged else (node.left, other)
            says = "the birthday falls on the day itself" if step < 0 else "the birthday is one day off"
            yield says, replace(node, left=left, right=right)
        return
    if node.op in _STRICTER:
        yield _ON, replace(node, op=_STRICTER[node.op])
        step = 1 if node.op in ("<=", ">") else -1
        beside = _stepped(node.right, step)
        if beside is not None:
            yield _BESIDE, replace(node, right=beside)
    elif node.right.type.kind in (Kind.NUMBER, Kind.DATE, Kind.DURATION):
        for step in (1, -1):
            beside = _stepped(node.right, step)
            if beside is not None:
                yield ("one step above" if step > 0 else "one step below"), replace(node, right=beside)


def _stepped(operand: Operand, step: int) -> Operand | None:
    """An operand one unit further: a day, a whole number, the next value of an order."""
    kind = operand.type.kind
    if kind is Kind.DATE:
        return _later(operand, Duration(0, step))
    if not isinstance(operand, Literal):
        return None
    if kind is Kind.NUMBER:
        return replace(operand, value=operand.value + step, label="")
    if kind is Kind.DURATION:
        return replace(operand, value=_longer(operand.value, step), label="")
    if kind is Kind.ENUMERATION and operand.type.ordered:
        place = operand.type.rank(operand.value) + step
        return replace(operand, value=operand.type.values[place]) if 0 <= place < len(operand.type.values) else None
    return None


def _later(day: Operand, by: Duration) -> Operand:
    if isinstance(day, Literal) and isinstance(day.value, date):
        return replace(day, value=day.value + timedelta(days=by.days), label="")
    if isinstance(day, Shifted):
        return replace(day, by=day.by + by)
    return Shifted(day, by)


def _longer(length: Duration, days: int) -> Duration:
    """A length some days longer or shorter; a day less than whole months ends within the last of them."""
    if length.days + days >= 0:
        return Duration(length.months, length.days + days)
    return Duration(length.months - 1, length.days + days + 30) if length.months else Duration()


# --- changes of what a clause limits or gives -----------------------------------------------------------------


def _of_limits(act: Act, one: Exclusion | Reservation) -> Iterator[Variation]:
    for grant in act.grants:
        if grant.id not in one.limits:
            says, shows = f"{one.id} limits {grant.id} as well", f"it leaves {grant.id} alone"
            yield Variation("exception", one.id, says, shows, grant=grant.id)
        elif len(one.limits) > 1:
            says, shows = f"{one.id} does not limit {grant.id}", f"it limits {grant.id}"
            yield Variation("limit", one.id, says, shows, grant=grant.id)


def _of_relief(grant: Grant) -> Iterator[Variation]:
    for says, relief in _measures(grant.relief):
        yield Variation("relief", grant.id, says, "the relief to the day", grant=grant.id, relief=relief)


def _measures(relief: Relief) -> Iterator[tuple[str, Relief]]:
    """A relief with each of its measures a little larger and a little smaller."""
    for step in (_DAY, -_DAY, _MONTH, -_MONTH):
        if relief.by is not None and (relief.by + step).key() > 0:
            yield f"{relief.by + step} in place of {relief.by}", replace(relief, by=relief.by + step)
        if relief.term is not None and abs(step.months):
            yield f"{relief.term + step} in place of {relief.term}", replace(relief, term=relief.term + step)
    for part in (Fraction(1, 100), Fraction(-1, 100)):
        if relief.fraction is not None and 0 < relief.fraction + part < 1:
            share = relief.fraction + part
            yield f"{share} in place of {relief.fraction}", replace(relief, fraction=share)
    if relief.then is not None:
        for says, then in _measures(relief.then):
            yield says, replace(relief, then=then)


# --- the act so changed ---------------------------------------------------------------------------------------


def changed_rules(act: Act, variation: Variation) -> dict[str, Condition]:
    """The rules of an act that a variation changes, by clause; a named condition changes all that use it."""
    if variation.edit is None:
        return {}
    if not variation.place.startswith(TERMS):
        rule = act.clause(variation.place).condition
        assert rule is not None
        return {variation.place: _edited(rule, variation.path, variation.edit)}
    name = variation.place.removeprefix(TERMS)
    new = Term(name, _edited(act.terms[name], variation.path, variation.edit))
    rebuilt = {
        clause.id: _with_term(clause.condition, new) for clause in clauses_of(act) if clause.condition is not None
    }
    return {
        clause.id: rebuilt[clause.id] for clause in clauses_of(act) if rebuilt.get(clause.id) is not clause.condition
    }


def changed_act(act: Act, variation: Variation) -> Act:
    """The act with one small change, as an act of its own."""
    rules_of = changed_rules(act, variation)
    grants = tuple(replace(one, condition=rules_of.get(one.id, one.condition)) for one in act.grants)
    exclusions = tuple(replace(one, condition=rules_of.get(one.id, one.condition)) for one in act.exclusions)
    reservations = tuple(replace(one, condition=rules_of.get(one.id, one.condition)) for one in act.reservations)
    if variation.kind in ("limit", "exception"):
        exclusions = tuple(_limits_changed(one, variation, act) for one in exclusions)
        reservations = tuple(_limits_changed(one, variation, act) for one in reservations)
    if variation.relief is not None:
        grants = tuple(replace(one, relief=variation.relief) if one.id == variation.grant else one for one in grants)
    if variation.kind == "order":
        grants = _swapped(grants, variation.place)
    limiting = {grant.id: tuple(one.id for one in exclusions if grant.id in one.limits) for grant in grants}
    mark = f"{variation.kind} {variation.place} {variation.path} {variation.says}"
    return replace(
        act,
        grants=grants,
        exclusions=exclusions,
        reservations=reservations,
        limiting=limiting,
        version=f"{act.version}, but {mark}",
        editions=(),
    )


def _limits_changed(one: _Limiting, variation: Variation, act: Act) -> _Limiting:
    if one.id != variation.place:
        return one
    limited = {*one.limits} ^ {variation.grant}
    return replace(one, limits=tuple(grant.id for grant in act.grants if grant.id in limited))


def _swapped(grants: tuple[Grant, ...], first: str) -> tuple[Grant, ...]:
    place = [grant.id for grant in grants].index(first)
    return (*grants[:place], grants[place + 1], grants[place], *grants[place + 2 :])


def _edited(node: Condition, path: Path, edit: Edit) -> Condition:
    if not path:
        return edit(node)
    below = [
        _edited(child, path[1:], edit) if place == path[0] else child
        for place, child in enumerate(rules.children(node))
    ]
    return _of_children(node, below)


def _with_term(node: Condition, new: Term) -> Condition:
    if isinstance(node, Term) and node.name == new.name:
        return new
    before = rules.children(node)
    below = [_with_term(child, new) for child in before]
    if all(one is other for one, other in zip(before, below, strict=True)):
        return node
    return _of_children(node, below)


def _of_children(node: Condition, below: list[Condition]) -> Condition:
    if isinstance(node, And | Or):
        return replace(node, of=tuple(below))
    assert isinstance(node, Not | AnyOffence | EveryOffence | Term)
    return replace(node, of=below[0])


# --- the act with its open law settled ------------------------------------------------------------------------


def settled(act: Act) -> Act:
    """The act as if everything that its sources leave open stood in it: each perhaps-clause, each perhaps-article."""
    terms = {name: _settled(condition) for name, condition in act.terms.items()}
    known: dict[int, Condition] = {}

    def rule(condition: Condition) -> Condition:
        return known.setdefault(id(condition), _settled(condition))

    return replace(
        act,
        terms=terms,
        grants=tuple(replace(one, condition=rule(one.condition)) for one in act.grants),
        exclusions=tuple(replace(one, condition=rule(one.condition)) for one in act.exclusions),
        reservations=tuple(
            replace(one, condition=None if one.condition is None else rule(one.condition)) for one in act.reservations
        ),
        version=f"{act.version}, its open law settled",
        editions=(),
    )


def _settled(node: Condition) -> Condition:
    if isinstance(node, LawOpen):
        return ALWAYS
    if isinstance(node, Listed):
        return replace(node, certain=(*node.certain, *node.uncertain), uncertain=())
    before = rules.children(node)
    below = [_settled(child) for child in before]
    if all(one is other for one, other in zip(before, below, strict=True)):
        return node
    return _of_children(node, below)
