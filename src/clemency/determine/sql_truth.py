"""Rules as SQL: a truth is a number, 0 false, 1 not known, 2 true.

So `and` is the smallest of several numbers, `or` the largest, and `not` two less the number: Kleene's rules without
NULL, which engines do not all read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from sqlglot import exp

from clemency.determine.sql_dates import (
    SQL,
    Dialect,
    both,
    compared,
    either,
    is_null,
    number,
    reckoned,
    text,
    when,
)
from clemency.law import rules
from clemency.law.calendar import Duration, add, latest_birth_for_age
from clemency.law.rules import AgeOn, Among, Compare, Condition, Literal, Name, Operand, Shifted
from clemency.law.vocabulary import DATE, Kind

FALSE, UNKNOWN, TRUE = number(0), number(1), number(2)
Leaf = Callable[[Condition], SQL]


class NotWritten(ValueError):
    """An act that has no form as one query: everything in it that has none, and what to use instead."""

    def __init__(self, *what: str) -> None:
        self.what = what
        have = "has" if len(what) == 1 else "have"
        super().__init__(
            f"{'; '.join(what)} {have} no form in SQL here; use `clemency determine`, which answers every act"
        )


class Truth:
    """Puts conditions together, and writes their leaves over columns that bear the names of fields."""

    def __init__(self, dialect: Dialect, place: Callable[[Name], SQL], open_truth: Callable[[Condition], int]) -> None:
        self.dialect, self.place, self.open_truth = dialect, place, open_truth

    def of(self, node: Condition, stored: Mapping[Condition, SQL], leaf: Leaf) -> SQL:
        """A condition as a number: from columns that hold it or parts of it, and from its other leaves as numbers."""
        if node in stored:
            return stored[node].copy()
        match node:
            case rules.LawOpen():
                return UNKNOWN.copy()
            case rules.And(of):
                return self.every([self.of(part, stored, leaf) for part in of])
            case rules.Or(of):
                return self.either([self.of(part, stored, leaf) for part in of])
            case rules.Not(of):
                return negated(self.of(of, stored, leaf))
            case rules.Term(_, of):
                return self.of(of, stored, leaf)
        return leaf(node)

    def every(self, parts: list[SQL]) -> SQL:
        """True where all are, false where one is false."""
        return self.dialect.least(*parts) if parts else TRUE.copy()

    def either(self, parts: list[SQL]) -> SQL:
        """True where one is, false where all are false."""
        return self.dialect.greatest(*parts) if parts else FALSE.copy()

    def leaf(self, atom: Condition) -> SQL:
        """A leaf over the columns of a row: not known where something that it reads is null."""
        if isinstance(atom, rules.IsTrue):
            value = self.place(atom.name)
            return when((is_null(value), number(self.open_truth(atom))), otherwise=value)
        holds = self.holds(atom)
        unknown = [is_null(self.place(name)) for name in dict.fromkeys(rules.names_read(atom))]
        return when((either(*unknown), number(self.open_truth(atom))), (holds, TRUE), otherwise=FALSE)

    def holds(self, atom: Condition) -> SQL:
        """Whether a leaf holds where everything it reads is known."""
        match atom:
            case Compare(op, AgeOn() as age, right):
                return self.age(op, age, right)
            case Compare(op, left, AgeOn() as age):
                return self.age(rules.OPPOSITE[op], age, left)
            case Compare(op, left, right):
                ranked = op != "=" and left.type.kind is Kind.ENUMERATION
                value = self.rank if ranked else self.value
                return compared(op, value(left), value(right))
            case Among(operand, values) if not isinstance(operand, AgeOn):
                literals = [self.literal(value) for value in values]
                return either(*(compared("=", self.value(operand), one) for one in literals))
        raise NotWritten(f"the rule {rules.show(atom)!r}")

    def age(self, op: str, age: AgeOn, years: Operand) -> SQL:
        """An age is compared by the birthday it names: the person is n when the n-th birthday has come."""
        if not isinstance(years, Literal):
            raise NotWritten(f"an age compared with a field ({rules.show(years)})")
        whole = ceil(years.value)
        reached = self.reached(age, whole)
        past = self.reached(age, whole + 1) if whole == years.value else reached
        if op == "=":
            return both(reached, _no(past)) if whole == years.value else compared("=", number(0), number(1))
        return {"<": _no(reached), "<=": _no(past), ">": past, ">=": reached}[op]

    def reached(self, age: AgeOn, years: int) -> SQL:
        birth = self.place(Name("birth_date", DATE))
        day = constant(age.day)
        if day is not None:
            return compared("<=", birth, self.dialect.day(latest_birth_for_age(years, day)))
        return compared("<=", self.dialect.add_months(birth, number(12 * years)), self.value(age.day))

    def value(self, operand: Operand) -> SQL:
        """An operand where everything it reads is known."""
        match operand:
            case Literal(value):
                return self.literal(value)
            case Shifted(base, by):
                day = constant(operand)
                return self.literal(day) if day is not None else self.dialect.add(self.value(base), by)
            case Name():
                return self.place(operand)
        raise NotWritten(f"the value {rules.show(operand)!r}")

    def rank(self, operand: Operand) -> SQL:
        """The place of an ordered value among those of its list."""
        if isinstance(operand, Literal):
            return number(operand.type.rank(operand.value))
        value, values = self.value(operand), operand.type.values
        branches = [(compared("=", value, text(one)), number(place)) for place, one in enumerate(values)]
        return when(*branches, otherwise=number(len(values)))

    def literal(self, value: Any) -> SQL:
        if isinstance(value, Duration):
            return number(value.key())
        if isinstance(value, str):
            return text(value)
        if isinstance(value, int | float):
            return number(value)
        return self.dialect.day(value)


def constant(operand: Operand) -> Any:
    """A day that no case can change, or None."""
    if isinstance(operand, Shifted):
        base = constant(operand.base)
        return None if base is None else add(base, operand.by)
    return operand.value if isinstance(operand, Literal) else None


def negated(truth: SQL) -> SQL:
    """True where a truth is false, and the other way round."""
    return reckoned("-", number(2), truth)


def _no(condition: SQL) -> SQL:
    return exp.paren(exp.Not(this=condition.copy()))


def known(value: SQL) -> SQL:
    """Whether a column states something, as a truth."""
    return when((is_null(value), FALSE), otherwise=TRUE)


__all__ = ["FALSE", "TRUE", "UNKNOWN", "NotWritten", "Truth", "known", "negated"]
