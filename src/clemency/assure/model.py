"""A person under an act, as terms of a solver: every field has some value, every point of open law some reading.

`PersonModel` turns the typed tree of a rule into a pair of formulas: certainly true, certainly false. The two complete
each other unless a rule asks whether something is known; then what the record leaves out is neither. Days are whole
numbers, and months are counted on them exactly as the calendar of the house does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import z3

from clemency.assure.articles import ArticleClass, article_classes
from clemency.assure.claims import CLAUSE
from clemency.assure.plausible import OLDEST, ORDER, YOUNGEST
from clemency.assure.solver import NotModelled
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import EARLIEST, LATEST, Duration, add, age_on
from clemency.law.rules import (
    AgeOn,
    Among,
    AnyOffence,
    Compare,
    Condition,
    EveryOffence,
    IsKnown,
    IsTrue,
    LawOpen,
    Listed,
    Literal,
    Name,
    Operand,
    Shifted,
)
from clemency.law.vocabulary import (
    ARTICLE,
    CASE_FIELDS,
    CATEGORIES,
    CUSTODY_CREDIT,
    FORM,
    GUILT,
    PUNISHMENT,
    Kind,
    ValueType,
)
from clemency.records.record import MOST_OFFENCES

#: More offences than this are not told apart; what is proved then holds for cases of up to so many.
MOST_MODELLED = 8
MOST_COUNT = 100_000
#: Whether the open law is read some way; where it is not, only what holds under every reading is certain.
LAW_IS_READ = z3.Bool("the open law is read")
_FIRST, _LAST = EARLIEST.toordinal(), LATEST.toordinal()
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Truth(NamedTuple):
    """Where a condition is certainly true, and where it is certainly false."""

    yes: Any
    no: Any


def _plain(formula: Any) -> Truth:
    return Truth(formula, z3.Not(formula))


@dataclass(frozen=True)
class OffenceVariables:
    """The values of one offence: which class its article falls in, and what is open of it."""

    place: int
    kind: Any
    category: Any
    guilt: Any
    form: Any
    committed_on: Any
    named: Mapping[Condition, Any]
    stated: Mapping[str, Any]


class PersonModel:
    """One person under one act. Fields named in `apart` get variables of their own, all others are shared by name.

    So two models of one act with different `apart` are two people who differ in those fields alone.
    """

    def __init__(self, act: Act, offences: int = 1, apart: Mapping[str, str] | None = None) -> None:
        self.act, self.count, self.apart = act, offences, dict(apart or {})
        self.fields: dict[str, Any] = {}
        self.invariants: list[Any] = []
        self.natural: list[Any] = []
        self.asked_known = _asked_known(act)
        self._months: dict[str, tuple[Any, Any]] = {}
        self._moved: dict[tuple[str, Any], Any] = {}
        self._memo: dict[tuple[int, int | None], Truth] = {}
        self._kept: list[Condition] = []
        self.read = _names_read(act)
        self.classes: tuple[ArticleClass, ...] = article_classes(act) if self.reads_offences else ()
        self.texts = _texts(act)
        for name in sorted(name for name in self.read if name in self.types and not name.startswith("offences.")):
            self.field(name)
        self.offences = [self._offence(place) for place in range(offences)] if self.reads_offences else []
        self._order()

    @cached_property
    def types(self) -> dict[str, ValueType]:
        """The fields and facts that a record can state."""
        return {**CASE_FIELDS, **{fact.name: fact.type for fact in self.act.facts.values()}}

    @property
    def reads_offences(self) -> bool:
        """Whether any rule of the act reads offences."""
        return any(name.startswith("offences.") for name in self.read) or "offence_count" in self.read

    # variables

    def _named(self, name: str) -> str:
        return name + self.apart.get(name.rpartition("]")[2].lstrip("."), "")

    def field(self, name: str) -> Any:
        """The variable of a field or fact, made once with the bounds of its type."""
        if name not in self.fields:
            if name not in self.types:
                raise NotModelled(name)
            self.fields[name] = self._variable(name, self.types[name])
        return self.fields[name]

    def _variable(self, name: str, kind: ValueType) -> Any:
        own = self._named(name)
        match kind.kind:
            case Kind.BOOLEAN:
                return z3.Bool(own)
            case Kind.ENUMERATION:
                return self._bounded(own, 0, len(kind.values) - 1)
            case Kind.TEXT:
                return self._bounded(own, 0, len(self.texts) + len(self.types))
            case Kind.DATE:
                return self._bounded(own, _FIRST, _LAST)
            case Kind.NUMBER if name in CASE_FIELDS:
                return self._bounded(own, 0, MOST_COUNT)
            case Kind.NUMBER:
                number = z3.Real(own)
                self.invariants += [number > -(10**12), number < 10**12]
                self.natural += [number >= 0, z3.IsInt(number)]
                return number
        raise NotModelled(name)

    def _bounded(self, name: str, low: int, high: int) -> Any:
        number = z3.Int(name)
        self.invariants += [number >= low, number <= high]
        return number

    def _offence(self, place: int) -> OffenceVariables:
        prefix = f"offences[{place}]"
        kind = self._bounded(self._named(f"{prefix}.article"), 0, len(self.classes) - 1)
        tests = list(self.classes[0].named) if self.classes else []
        one = OffenceVariables(
            place,
            kind,
            self._bounded(self._named(f"{prefix}.category"), 0, len(CATEGORIES) - 1),
            self._bounded(self._named(f"{prefix}.guilt"), 0, len(GUILT.values) - 1),
            self._bounded(self._named(f"{prefix}.form"), 0, len(FORM.values) - 1),
            self._bounded(self._named(f"{prefix}.committed_on"), _FIRST, _LAST),
            {test: z3.Bool(f"{prefix}.named {number}") for number, test in enumerate(tests)},
            {
                name: z3.Bool(self._named(f"{prefix}.{name}") + " stated")
                for name in ("article", "guilt", "form", "committed_on")
                if f"offences.{name}" in self.asked_known
            },
        )
        self.invariants.append(z3.Or([self._of_class(one, number) for number in range(len(self.classes))]))
        self.natural += [one.committed_on <= self.act.in_force.toordinal()]
        self.natural += [one.committed_on >= self.act.in_force.toordinal() - 20 * 366]
        return one

    def _of_class(self, one: OffenceVariables, number: int) -> Any:
        kind = self.classes[number]
        categories = [one.category == CATEGORIES.index(category) for category in kind.categories]
        told = [variable == kind.named[test] for test, variable in one.named.items() if kind.named[test] is not None]
        guilt = [one.guilt == GUILT.values.index(kind.guilt)] if kind.guilt else []
        return z3.And(one.kind == number, z3.Or(categories), *told, *guilt)

    @cached_property
    def settled_law(self) -> list[Any]:
        """That nothing of the person turns on open law but a clause which may not exist."""
        open_classes = [number for number, kind in enumerate(self.classes) if kind.open]
        return [one.kind != number for one in self.offences for number in open_classes]

    def _order(self) -> None:
        """What has to hold of the dates and numbers of any valid record."""
        fields = self.fields
        for first, second in ORDER:
            if first in fields and second in fields:
                self.invariants.append(fields[first] <= fields[second])
        born, in_force = fields.get("birth_date"), self.act.in_force.toordinal()
        if born is not None:
            self.invariants.append(born <= in_force)
            self.invariants.append(born >= add(self.act.in_force, Duration(-12 * OLDEST)).toordinal())
            self.natural.append(born <= add(self.act.in_force, Duration(-12 * (YOUNGEST + 1))).toordinal())
            self.natural.append(born >= add(self.act.in_force, Duration(-12 * 80)).toordinal())
        for one in self.offences:
            if born is not None and "offences.committed_on" in self.read:
                self.invariants.append(self.moved(born, Duration(12 * YOUNGEST)) <= one.committed_on)
            if "judgment_date" in fields:
                self.invariants.append(one.committed_on <= fields["judgment_date"])
        if "term_end" in fields:
            self.natural.append(fields["term_end"] >= in_force)
            self.natural.append(fields["term_end"] <= in_force + 15 * 366)
        for name in ("term_start", "judgment_date"):
            if name in fields:
                self.natural.append(fields[name] <= in_force)
        for name, most in (("term_months", 240), ("term_days", 29), ("credit_days", 700)):
            if name in fields:
                self.natural.append(fields[name] <= most)
        if "term_months" in fields:
            self.natural.append(fields["term_months"] >= 3)
        if {"term_end", "term_start", "term_months", "term_days"} <= fields.keys():
            whole = self.moved(fields["term_start"], fields["term_months"]) + fields["term_days"]
            self.natural += [fields["term_end"] <= whole, fields["term_end"] >= whole - 400]
        self._same_articles()
        self._counted()
        self._computed_end()

    def _same_articles(self) -> None:
        """Two offences under one and the same article read open law the same way."""
        for later in self.offences:
            for earlier in self.offences[: later.place]:
                for number, kind in enumerate(self.classes):
                    if kind.open and kind.member(earlier.place) == kind.member(later.place):
                        same = [earlier.category == later.category]
                        same += [earlier.named[test] == later.named[test] for test in later.named]
                        both = z3.And(earlier.kind == number, later.kind == number)
                        self.invariants.append(z3.Implies(both, z3.And(same)))

    def _counted(self) -> None:
        if "offence_count" not in self.read:
            return
        count = self.fields["offence_count"] = self._bounded(self._named("offence_count"), 1, MOST_OFFENCES)
        self.natural.append(count <= 3)
        for one in self.offences[1:]:
            first = self.offences[0]
            pairs = [(getattr(one, name), getattr(first, name)) for name in ("kind", "category", "guilt", "form")]
            pairs += [(one.committed_on, first.committed_on)]
            pairs += [(one.named[test], first.named[test]) for test in one.named]
            self.invariants.append(z3.Implies(count <= one.place, z3.And([left == right for left, right in pairs])))

    def _computed_end(self) -> None:
        """Where all that an end follows from is read, the end that is stated is the one that follows."""
        fields = self.fields
        if not {"term_end", "term_start", "credit_days", "punishment", "term_months"} <= fields.keys():
            return
        end = self.moved(fields["term_start"], fields["term_months"])
        days = fields.get("term_days", z3.IntVal(0))
        for punishment, rate in CUSTODY_CREDIT.items():
            runs = fields["punishment"] == PUNISHMENT.rank(punishment)
            self.invariants.append(z3.Implies(runs, fields["term_end"] == end + days - rate * fields["credit_days"]))

    # the calendar

    def moved(self, day: Any, by: Duration | Any) -> Any:
        """A day plus months, clamped to the end of the month, plus days; `by` is a duration, or a number of months."""
        months, days = (by.months, by.days) if isinstance(by, Duration) else (by, 0)
        if isinstance(months, int) and months == 0:
            return day + days
        key = (str(day), months if isinstance(months, int) else str(months))
        if key not in self._moved:
            self._moved[key] = self._add_months(day, months)
        return self._moved[key] + days

    def _add_months(self, day: Any, months: Any) -> Any:
        index, of_month = self._civil(day)
        moved = index + months
        first, last = EARLIEST.year * 12, LATEST.year * 12 + 11
        moved = z3.If(moved < first, first, z3.If(moved > last, last, moved))
        year, month = self._year_and_month(moved, f"{day} + {months}")
        length = _month_length(year, month)
        return _first_of_month(year, month) + z3.If(of_month < length, of_month, length) - 1

    def _civil(self, day: Any) -> tuple[Any, Any]:
        """The month of a day, counted from year 0, and its number within the month."""
        key = str(day)
        if key not in self._months:
            index, of_month = z3.Int(f"{key}.month"), z3.Int(f"{key}.day")
            year, month = self._year_and_month(index, key)
            self.invariants += [
                of_month >= 1,
                of_month <= _month_length(year, month),
                day == _first_of_month(year, month) + of_month - 1,
            ]
            self._months[key] = (index, of_month)
        return self._months[key]

    def _year_and_month(self, index: Any, key: str) -> tuple[Any, Any]:
        year, month = z3.Int(f"{key}.y"), z3.Int(f"{key}.m")
        self.invariants += [
            index == 12 * year + month,
            month >= 0,
            month <= 11,
            year >= EARLIEST.year,
            year <= LATEST.year,
        ]
        return year, month

    # conditions

    def truth(self, node: Condition, offence: OffenceVariables | None = None) -> Truth:
        """A condition as formulas. Raises NotModelled where it reads what there is no picture of."""
        key = (id(node), None if offence is None else offence.place)
        if key not in self._memo:
            self._memo[key] = self._truth(node, offence)
            self._kept.append(node)
        return self._memo[key]

    def _truth(self, node: Condition, offence: OffenceVariables | None) -> Truth:
        match node:
            case rules.And(of):
                parts = [self.truth(part, offence) for part in of]
                return Truth(z3.And([part.yes for part in parts]), z3.Or([part.no for part in parts]))
            case rules.Or(of):
                parts = [self.truth(part, offence) for part in of]
                return Truth(z3.Or([part.yes for part in parts]), z3.And([part.no for part in parts]))
            case rules.Not(of):
                inner = self.truth(of, offence)
                return Truth(inner.no, inner.yes)
            case rules.Term(name, of):
                return self._named_condition(name, of, offence)
            case AnyOffence(of):
                parts = [self.truth(of, one) for one in self.offences]
                return self._of_offences(z3.Or([part.yes for part in parts]), z3.And([part.no for part in parts]))
            case EveryOffence(of):
                parts = [self.truth(of, one) for one in self.offences]
                return self._of_offences(z3.And([part.yes for part in parts]), z3.Or([part.no for part in parts]))
            case IsKnown(name):
                return _plain(self._known(name, offence))
            case LawOpen(item):
                read = z3.Bool(f"law:{item}")
                return Truth(z3.And(LAW_IS_READ, read), z3.And(LAW_IS_READ, z3.Not(read)))
        return self._if_stated(self._leaf(node, offence), node, offence)

    def _named_condition(self, name: str, of: Condition, offence: OffenceVariables | None) -> Truth:
        return self.truth(of, offence)

    def _of_offences(self, yes: Any, no: Any) -> Truth:
        if "offence_count" in self.asked_known:
            stated = z3.Bool("offences stated")
            return Truth(z3.And(stated, yes), z3.And(stated, no))
        return Truth(yes, no)

    def _if_stated(self, formula: Any, node: Condition, offence: OffenceVariables | None) -> Truth:
        names = rules.names_read(node)
        names += [Name("article", name.type, True) for name in names if name.name == "category" and name.of_offence]
        if isinstance(node, Listed):
            names.append(Name("article", ARTICLE, True))
        flags = [flag for name in names if (flag := self._stated(name, offence)) is not None]
        if not flags:
            return _plain(formula)
        return Truth(z3.And(*flags, formula), z3.And(*flags, z3.Not(formula)))

    def _stated(self, name: Name, offence: OffenceVariables | None) -> Any:
        """The variable for whether the record states a value, where some rule asks that."""
        if name.of_offence:
            assert offence is not None
            return offence.stated.get(name.name)
        if name.name == "term":
            return self._stated(Name("term_months", name.type), None) if "term" in self.asked_known else None
        if name.name == "offence_count":
            return z3.Bool("offences stated") if "offence_count" in self.asked_known else None
        return z3.Bool(f"{self._named(name.name)} stated") if name.name in self.asked_known else None

    def _known(self, name: Name, offence: OffenceVariables | None) -> Any:
        if name.name == "worst_category":
            each = [self._category_known(one) for one in self.offences]
            gravest = [
                z3.And(known, one.category == len(CATEGORIES) - 1)
                for known, one in zip(each, self.offences, strict=True)
            ]
            return z3.And(z3.Bool("offences stated"), z3.Or(z3.And(each), *gravest))
        if name.of_offence and name.name == "category":
            assert offence is not None
            return self._category_known(offence)
        flag = self._stated(name, offence)
        return z3.BoolVal(True) if flag is None else flag

    def _category_known(self, one: OffenceVariables) -> Any:
        open_classes = [number for number, kind in enumerate(self.classes) if len(kind.categories) > 1]
        return z3.And(one.stated["article"], *(one.kind != number for number in open_classes))

    def _leaf(self, node: Condition, offence: OffenceVariables | None) -> Any:
        match node:
            case Compare(op, left, right):
                return self._compared(op, left, right, offence)
            case Among(operand, _) if operand.type.kind is Kind.ARTICLE:
                assert offence is not None
                return offence.named[node]
            case Among(operand, values):
                each = [self._compared("=", operand, Literal(value, operand.type), offence) for value in values]
                return z3.Or(each)
            case IsTrue(name):
                return self.field(name.name)
            case Listed():
                assert offence is not None
                return offence.named[node]
        raise NotModelled(rules.show(node))  # pragma: no cover

    def _compared(self, op: str, left: Operand, right: Operand, offence: OffenceVariables | None) -> Any:
        constant = _constant(right)
        if constant is None and _constant(left) is not None:
            return self._compared(rules.OPPOSITE[op], right, left, offence)
        day = _only_day(left)
        if constant is not None and day is not None and not isinstance(left, Name):
            return self._turning(op, left, constant, self._day_variable(day, offence))
        if isinstance(left, AgeOn) and isinstance(constant, int | float):
            return self._aged(op, left, constant, offence)
        return _signed(op, self.term(left, offence), self.term(right, offence))

    def _day_variable(self, name: Name, offence: OffenceVariables | None) -> Any:
        return self.term(name, offence)

    def _turning(self, op: str, left: Operand, constant: Any, day: Any) -> Any:
        """A comparison that changes once as one day moves: the day is compared with where it changes."""
        if op == "=":
            return z3.And(self._turning("<=", left, constant, day), z3.Not(self._turning("<", left, constant, day)))
        if op in (">", ">="):
            return z3.Not(self._turning(_OPPOSITE[op], left, constant, day))

        def below(ordinal: int) -> bool:
            return _below(op, _worked_out(left, date.fromordinal(ordinal)), constant)

        low, high = _FIRST, _LAST
        first = below(low)
        if first == below(high):
            return z3.BoolVal(first)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if below(middle) == first else (low, middle)
        return day < high if first else day >= high

    def _aged(self, op: str, age: AgeOn, years: float, offence: OffenceVariables | None) -> Any:
        """An age on a day that varies: the birthday in question lies before that day, or after it."""
        if op == "=":
            at_least, more = self._aged(">=", age, years, offence), self._aged(">", age, years, offence)
            return z3.And(at_least, z3.Not(more))
        number = -int(-years // 1) if op in (">=", "<") else int(years // 1) + 1
        born = self.field("birth_date")
        reached = self.moved(born, Duration(12 * number)) <= self.term(age.day, offence)
        return reached if op in (">", ">=") else z3.Not(reached)

    # values

    def term(self, operand: Operand, offence: OffenceVariables | None) -> Any:
        """The value of an operand: a number, a day as a number, or a place in an order."""
        match operand:
            case Literal(value, kind):
                return self._written(value, kind)
            case Name(name, _, True):
                assert offence is not None
                return getattr(offence, name)
            case Name("term"):
                return 30 * self.field("term_months") + self.field("term_days")
            case Name("offence_count"):
                return self.fields["offence_count"]
            case Name(name) if (share := rules.served_share(name)) is not None:
                return self._served_on(share)
            case Name(name):
                return self.field(name)
            case Shifted(base, by):
                return self.moved(self.term(base, offence), by)
            case AgeOn(day):
                return self._age(self.term(day, offence))
        raise NotModelled(rules.show(operand))  # pragma: no cover

    def _served_on(self, share: Fraction) -> Any:
        """The day on which a share of the term is served: the end, less what is unserved then.

        That is counted in calendar months and days where the share comes out in whole ones, else in days.
        """
        start, end = self.field("term_start"), self.field("term_end")
        months, days = self.field("term_months"), self.field("term_days")
        last = self.moved(start, months) + days
        whole = z3.And(months % share.denominator == 0, days % share.denominator == 0)
        served = self.moved(start, months * share.numerator / share.denominator)
        in_months = last - served - days * share.numerator / share.denominator
        in_days = (last - start) * (share.denominator - share.numerator) / share.denominator
        return end - z3.If(whole, in_months, in_days)

    def _age(self, day: Any) -> Any:
        born, age = self.field("birth_date"), z3.Int(f"{self._named('birth_date')} age on {day}")
        self.invariants += [
            self._add_months(born, 12 * age) <= day,
            self._add_months(born, 12 * (age + 1)) > day,
        ]
        return age

    def _written(self, value: Any, kind: ValueType) -> Any:
        match kind.kind:
            case Kind.ENUMERATION:
                return z3.IntVal(kind.rank(value))
            case Kind.TEXT:
                return z3.IntVal(self.texts.index(value))
            case Kind.DATE:
                return z3.IntVal(value.toordinal())
            case Kind.DURATION:
                return z3.IntVal(value.key())
        exact = Fraction(value)
        return z3.IntVal(int(value)) if exact.denominator == 1 else z3.Q(exact.numerator, exact.denominator)


class TracedModel(PersonModel):
    """A person whose clauses stand behind names, so that a proof can tell which of them it used."""

    def __init__(self, act: Act, offences: int = 1) -> None:
        self.definitions: dict[str, Any] = {}
        super().__init__(act, offences)

    def _named_condition(self, name: str, of: Condition, offence: OffenceVariables | None) -> Truth:
        inner = self.truth(of, offence)
        if not name.startswith(CLAUSE):
            return inner
        yes, no = z3.Bool(f"{name} yes"), z3.Bool(f"{name} no")
        self.invariants.append(z3.Not(z3.And(yes, no)) if self.asked_known else no == z3.Not(yes))
        self.definitions[name.removeprefix(CLAUSE)] = z3.And(yes == inner.yes, no == inner.no)
        return Truth(yes, no)


def _signed(op: str, left: Any, right: Any) -> Any:
    match op:
        case "=":
            return left == right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _below(op: str, value: Any, constant: Any) -> bool:
    return bool(value < constant) if op == "<" else bool(value <= constant)


def _constant(operand: Operand) -> Any:
    """The value of an operand that reads nothing of the case."""
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Shifted) and isinstance(operand.base, Literal):
        return add(operand.base.value, operand.by)
    return None


def _only_day(operand: Operand) -> Name | None:
    """The one day that an operand moves, or counts an age from."""
    if isinstance(operand, Name):
        return operand if operand.type.kind is Kind.DATE else None
    if isinstance(operand, Shifted):
        return _only_day(operand.base)
    if isinstance(operand, AgeOn) and _constant(operand.day) is not None:
        return Name("birth_date", CASE_FIELDS["birth_date"])
    return None


def _worked_out(operand: Operand, day: date) -> Any:
    if isinstance(operand, Shifted):
        return add(_worked_out(operand.base, day), operand.by)
    if isinstance(operand, AgeOn):
        return age_on(day, _constant(operand.day))
    return day


def _month_length(year: Any, month: Any) -> Any:
    long = z3.Or([month == number for number in (0, 2, 4, 6, 7, 9, 11)])
    return z3.If(month == 1, z3.If(_leap(year), 29, 28), z3.If(long, 31, 30))


def _leap(year: Any) -> Any:
    return z3.And(year % 4 == 0, *(year != century for century in _COMMON_CENTURIES))


def _leap_days_before(year: Any) -> Any:
    """Leap days in the years before one, within the calendar of the house; every hundredth year but 2000 has none."""
    passed = [z3.If(year > century, 1, 0) for century in _COMMON_CENTURIES]
    return (year - 1) / 4 - z3.Sum(passed)


_COMMON_CENTURIES = [year for year in range(EARLIEST.year, LATEST.year + 1) if year % 100 == 0 and year % 400]
_LEAP_DAYS_AT_START = date(EARLIEST.year, 1, 1).toordinal() - 1 - 365 * (EARLIEST.year - 1) - (EARLIEST.year - 1) // 4


def _first_of_month(year: Any, month: Any) -> Any:
    days = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    before = z3.IntVal(days[0])
    for number in range(1, 12):
        before = z3.If(month >= number, days[number], before)
    leap = z3.If(z3.And(month > 1, _leap(year)), 1, 0)
    return 365 * (year - 1) + _leap_days_before(year) + _LEAP_DAYS_AT_START + before + leap + 1


def _names_read(act: Act) -> set[str]:
    """Every field that a rule reads, and what it is worked out from."""
    read: set[str] = set()
    for condition in act.conditions():
        for atom in rules.atoms(condition):
            names = rules.names_read(atom)
            read |= {f"offences.{name.name}" if name.of_offence else name.name for name in names}
            if isinstance(atom, Listed):
                read.add("offences.article")
    if any(rules.served_share(name) for name in read):
        read |= {"term_start", "term_end", "term_months", "term_days"}
    if "worst_category" in read:
        read.add("offences.category")
    if "term" in read:
        read |= {"term_months", "term_days"}
    return read


def _asked_known(act: Act) -> set[str]:
    """Fields of which some rule asks whether they are known."""
    asked: set[str] = set()
    for condition in act.conditions():
        for atom in rules.atoms(condition):
            if isinstance(atom, IsKnown):
                asked.add(f"offences.{atom.name.name}" if atom.name.of_offence else atom.name.name)
    if asked & {"worst_category", "offences.category"}:
        asked |= {"offences.article", "offence_count"}
    if "term" in asked:
        asked.add("term_months")
    return asked


def _texts(act: Act) -> list[str]:
    """Every text that a rule of the act names."""
    found: dict[str, None] = {}
    for condition in act.conditions():
        for atom in rules.atoms(condition):
            if isinstance(atom, Compare) and atom.left.type.kind is Kind.TEXT:
                written = [one.value for one in (atom.left, atom.right) if isinstance(one, Literal)]
                found |= dict.fromkeys(written)
            if isinstance(atom, Among) and atom.operand.type.kind is Kind.TEXT:
                found |= dict.fromkeys(atom.values)
    return list(found)


def offences_needed(conditions: Iterable[Condition]) -> int:
    """With how many offences everything that conditions say of offences can come about.

    Each `any offence` that holds, and each `every offence` that does not, needs one offence; the tests of how grave
    the worst offence is share one.
    """
    tests = {
        node
        for condition in conditions
        for node in rules.walk(condition)
        if isinstance(node, AnyOffence | EveryOffence)
    }
    grave = {test for test in tests if _grave(test)}
    return max(1, len(tests - grave) + bool(grave))


def _grave(test: AnyOffence | EveryOffence) -> bool:
    body = test.of
    rising = {AnyOffence: (">", ">="), EveryOffence: ("<", "<=")}[type(test)]
    return (
        isinstance(body, Compare) and body.op in rising and isinstance(body.left, Name) and body.left.name == "category"
    )
