"""An act compiled for whole columns: every leaf as a column expression, every clause as a three-valued one.

Unknown is null, and `and`, `or`, `not` on columns follow Kleene's rules, so a clause's column is true, false or null
as the interpreter's values are true, false or unknown wherever no open value is read twice. Where one is, the plan
says so (`entangled`), and those rows are settled by truth tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from math import ceil
from operator import and_, or_
from typing import Any

import polars as pl

from clemency.determine.determination import relief_ranks
from clemency.determine.reading import shares_served
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import Duration, add, latest_birth_for_age
from clemency.law.rules import (
    AgeOn,
    Among,
    Compare,
    Condition,
    IsKnown,
    IsTrue,
    LawOpen,
    Listed,
    Literal,
    Name,
    Operand,
    Shifted,
)
from clemency.law.vocabulary import CASE_FIELDS, Kind
from clemency.records.layout import COUNT, FACT, OTHER_END

GIVEN_END = "given_end"
Quantified = rules.AnyOffence | rules.EveryOffence


class NotColumnar(ValueError):
    """A rule that has no column form; the interpreter answers it case by case."""


@dataclass(frozen=True)
class Shift:
    """A date column moved by a calendar duration, worked out before the expressions run."""

    name: str
    by: Duration

    @property
    def column(self) -> str:
        """The name of the moved column."""
        return f"{self.name}+{self.by.months}m{self.by.days}d"


def column_of(name: str, act: Act) -> str:
    """The column of the layout that holds a field or fact."""
    return FACT + name if name in act.facts else name


class Plan:
    """What the columnar engine needs of one act."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.shifts: dict[str, Shift] = {}
        self.quantifiers: list[Quantified] = []
        self.served = shares_served(act)
        self._quantifier_index: dict[Condition, int] = {}
        self.exclusions = [self.expression(clause.condition) for clause in act.exclusions]
        self.own = [self.expression(clause.condition) for clause in act.grants]
        self.deciding = len(self.quantifiers)
        self.reservations = [
            None if clause.condition is None else self.expression(clause.condition) for clause in act.reservations
        ]
        place = {clause.id: index for index, clause in enumerate(act.exclusions)}
        self.limits = [[place[limit] for limit in act.limiting[grant.id]] for grant in act.grants]
        ranks = relief_ranks(act)
        self.ranks = [ranks[grant.id] for grant in act.grants]
        self.entangled = [bool(entangled(self.full(index))) for index in range(len(act.grants))]
        self.own_doubts = [self.doubt(grant.condition) for grant in act.grants]
        self.excluding_doubts = [self.doubt(clause.condition) for clause in act.exclusions]
        self._register_shifts()
        self.fields = self._fields()

    def _register_shifts(self) -> None:
        """Offence tests go offence by offence, but the dates of the case that they move are moved before."""
        for test in self.quantifiers:
            for atom in rules.atoms(test.of):
                if any(name.name == "committed_on" or not name.of_offence for name in _names(atom)):
                    self.leaf(atom, of_offence=True)

    def doubt(self, condition: Condition) -> pl.Expr | None:
        """Whether something is open in a row that the condition reads in more ways than Kleene's rules can join."""
        subjects = entangled(condition)
        fields = [
            name
            for name in subjects
            if name in CASE_FIELDS or name in self.act.facts or name == "term" or name in self.served
        ]
        doubts = [pl.col(column_of(name, self.act)).is_null() for name in fields]
        if len(fields) < len(subjects):
            tests = [node for node in rules.walk(condition) if isinstance(node, Quantified)]
            doubts += [pl.col(f"q{self.quantifier(test)}").is_null() for test in tests]
        return pl.any_horizontal(doubts) if doubts else None

    # clauses as expressions

    def full(self, index: int) -> Condition:
        """A grant's condition together with the exclusions that limit it, as one condition."""
        own = self.act.grants[index].condition
        return rules.And((own, *(rules.Not(self.act.exclusions[limit].condition) for limit in self.limits[index])))

    def expression(self, node: Condition) -> pl.Expr:
        """A condition as a column expression: true, false or null."""
        match node:
            case rules.And(of):
                return (
                    reduce(and_, map(self.expression, of), pl.lit(True))
                    if not of
                    else reduce(and_, map(self.expression, of))
                )
            case rules.Or(of):
                return pl.lit(False) if not of else reduce(or_, map(self.expression, of))
            case rules.Not(of):
                return ~self.expression(of)
            case rules.Term(_, of):
                return self.expression(of)
            case rules.AnyOffence() | rules.EveryOffence():
                return pl.col(f"q{self.quantifier(node)}")
        if any(name.name == "term_end" for name in _names(node)):
            return self.of_either_end(node)
        return self.leaf(node, of_offence=False)

    def of_either_end(self, atom: Condition) -> pl.Expr:
        """A leaf about the end of the term: where the given and the computed end differ, known if they agree on it."""
        plain = self.leaf(atom, of_offence=False)
        given, computed = (self.leaf(with_end(atom, name), of_offence=False) for name in (GIVEN_END, OTHER_END))
        return pl.when(pl.col(OTHER_END).is_null()).then(plain).when(given == computed).then(given)

    def quantifier(self, node: Quantified) -> int:
        """The number of a test over offences; equal tests share one."""
        if node not in self._quantifier_index:
            self._quantifier_index[node] = len(self.quantifiers)
            self.quantifiers.append(node)
        return self._quantifier_index[node]

    # leaves as expressions

    def leaf(self, atom: Condition, of_offence: bool) -> pl.Expr:
        """A leaf as a column expression over cases, or over offences with the case's columns beside them."""
        match atom:
            case Compare(op, left, right):
                return self.comparison(op, left, right)
            case Among(operand, values) if operand.type.kind is not Kind.ARTICLE:
                options = [comparable(value, operand) for value in values]
                return self.value(operand).is_in(options)
            case IsTrue(name):
                return self.value(name)
            case IsKnown(Name("worst_category")):
                raise NotColumnar("whether the worst category is known")
            case IsKnown(name):
                return self.value(name).is_not_null()
            case LawOpen():
                return pl.lit(None, pl.Boolean)
        raise NotColumnar(f"{rules.show(atom)} is worked out offence by offence")

    def comparison(self, op: str, left: Operand, right: Operand) -> pl.Expr:
        if isinstance(left, AgeOn):
            return self.age_comparison(op, left, right)
        if isinstance(right, AgeOn):
            return self.age_comparison(rules.OPPOSITE[op], right, left)
        return _COMPARE[op](self.value(left), self.value(right))

    def age_comparison(self, op: str, age: AgeOn, years: Operand) -> pl.Expr:
        """An age is compared by the birthday it names: the person is n when the n-th birthday has come."""
        if not isinstance(years, Literal):
            raise NotColumnar("an age compared with a field")
        number = ceil(years.value)
        if op == "=" and number != years.value:
            return pl.lit(False)
        reached = self.reached(age, number)
        past = self.reached(age, number + 1 if number == years.value else number)
        return {"<": ~reached, "<=": ~past, ">": past, ">=": reached, "=": reached & ~past}[op]

    def reached(self, age: AgeOn, years: int) -> pl.Expr:
        if isinstance(age.day, Literal | Shifted) and not list(rules.names(age.day)):
            day = constant(age.day)
            return pl.col("birth_date") <= latest_birth_for_age(years, day)
        return self.shifted(Name("birth_date", CASE_FIELDS["birth_date"]), Duration(12 * years)) <= self.value(age.day)

    def value(self, operand: Operand) -> pl.Expr:
        match operand:
            case Literal(value):
                return pl.lit(comparable(value, operand))
            case Shifted(base, by):
                return pl.lit(constant(operand)) if isinstance(base, Literal) else self.shifted(base, by)
            case Name(name, _, True):
                return pl.col(name)
            case Name("offence_count"):
                return pl.when(pl.col(COUNT) > 0).then(COUNT)
            case Name(name):
                return pl.col(column_of(name, self.act))
        raise NotColumnar(f"{rules.show(operand)} as a value")

    def shifted(self, base: Operand, by: Duration) -> pl.Expr:
        if not isinstance(base, Name):
            raise NotColumnar(f"{rules.show(base)} moved by {by}")
        shift = Shift(base.name if base.of_offence else column_of(base.name, self.act), by)
        self.shifts[shift.column] = shift
        return pl.col(shift.column)

    # what is read

    def _fields(self) -> frozenset[str]:
        read = {
            name.name
            for condition in self.act.conditions()
            for atom in rules.atoms(condition)
            for operand in rules.operands(atom)
            for name in rules.names(operand)
            if not name.of_offence
        }
        counted = {"term_start", "term_months", "term_days"} if self.served else set()
        plain = read - set(self.served)
        return frozenset({column_of(name, self.act) for name in plain} | {"term_end", OTHER_END} | counted)

    def case_atoms(self) -> list[Condition]:
        """The distinct leaves over cases that decide grants and exclusions."""
        found: dict[Condition, None] = {}
        for index in range(len(self.act.grants)):
            for atom, polarity in signed_leaves(self.full(index)):
                if not isinstance(atom, Quantified) and polarity is not None:
                    found[atom] = None
        return list(found)


def entangled(condition: Condition) -> set[str]:
    """What may be open and is read in ways that Kleene's rules cannot put together."""
    directions: dict[str, set[tuple[object, bool]]] = {}
    for atom, positive in _units(condition, True):
        for subject, direction in _subjects(atom, positive):
            directions.setdefault(subject, set()).add(direction)
    return {subject for subject, seen in directions.items() if len(seen) > 1}


def with_end(atom: Condition, name: str) -> Condition:
    """A leaf that reads another column in the place of the end of the term."""
    end = Name(name, CASE_FIELDS["term_end"])

    def exchanged(operand: Operand) -> Operand:
        match operand:
            case Name("term_end"):
                return end
            case Shifted(base, by):
                return Shifted(exchanged(base), by)
            case AgeOn(day):
                return AgeOn(exchanged(day))
        return operand

    match atom:
        case Compare(op, left, right):
            return Compare(op, exchanged(left), exchanged(right))
        case Among(operand, values):
            return Among(exchanged(operand), values)
        case IsKnown():
            return IsKnown(end)
    return atom


def signed_leaves(node: Condition, positive: bool = True) -> Iterator[tuple[Condition, bool]]:
    """The leaves and offence tests of a condition, with whether they count for it or against it."""
    match node:
        case rules.Not(of):
            yield from signed_leaves(of, not positive)
        case rules.And(of) | rules.Or(of):
            for part in of:
                yield from signed_leaves(part, positive)
        case rules.Term(_, of):
            yield from signed_leaves(of, positive)
        case _:
            yield node, positive


def _units(node: Condition, positive: bool) -> Iterator[tuple[Condition, bool]]:
    """As `signed_leaves`, with a range (from one value to a higher one) as a single leaf: it reads its field once."""
    match node:
        case rules.And((Compare(">=", Name() as low, rules.Literal(start)), Compare("<=", high, rules.Literal(end)))):
            if low == high and low.type.kind in rules.ORDERED_KINDS and _comparable_key(start) <= _comparable_key(end):
                yield node.of[0], positive
                return
            yield from signed_leaves(node, positive)
        case rules.Not(of):
            yield from _units(of, not positive)
        case rules.And(of) | rules.Or(of):
            for part in of:
                yield from _units(part, positive)
        case rules.Term(_, of):
            yield from _units(of, positive)
        case _:
            yield node, positive


def _comparable_key(value: Any) -> Any:
    return value.key() if isinstance(value, Duration) else value


def _subjects(atom: Condition, positive: bool) -> Iterator[tuple[str, tuple[object, bool]]]:
    """What a leaf reads, and in which direction it pulls: equal directions cannot contradict each other."""
    if isinstance(atom, Quantified):
        body = atom.of
        if isinstance(body, Listed):
            yield f"listed:{body.exclusion}", ("listed", positive)
        elif isinstance(body, Compare) and isinstance(body.left, Name) and body.left.name == "category":
            upward = body.op in (">", ">=")
            yield "category", (upward == positive if body.op != "=" else body, True)
        else:
            for inner in rules.atoms(body):
                for operand in rules.operands(inner):
                    for name in rules.names(operand):
                        yield name.name, (atom, positive)
                if isinstance(inner, Listed):
                    yield f"listed:{inner.exclusion}", (atom, positive)
        return
    for operand in rules.operands(atom):
        for name in rules.names(operand):
            yield name.name, (atom, positive)


def _names(atom: Condition) -> list[Name]:
    return [name for operand in rules.operands(atom) for name in rules.names(operand)]


def constant(operand: Operand) -> date:
    """A date that no case can change."""
    if isinstance(operand, Shifted):
        return add(constant(operand.base), operand.by)
    if isinstance(operand, Literal) and isinstance(operand.value, date):
        return operand.value
    raise NotColumnar(f"{rules.show(operand)} is no constant")


def comparable(value: object, operand: Operand) -> object:
    """A constant as the column that it is compared with holds it."""
    if isinstance(value, Duration):
        return value.key()
    if operand.type.kind is Kind.ENUMERATION:
        return operand.type.rank(str(value))
    return value


_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_PLANS: dict[str, Plan] = {}


def plan_for(act: Act) -> Plan:
    """The plan of an act, compiled once."""
    if act.version not in _PLANS:
        _PLANS[act.version] = Plan(act)
    return _PLANS[act.version]
