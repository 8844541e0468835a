"""The rule language: text that reads like the law, parsed once into a small typed tree.

The grammar stands on one page in `rule.lark`. Every reader (interpreter, columns, explanation) walks the tree made
here. Problems carry their place in the text, so that the act's loader can draw a caret under it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput

from clemency.law.calendar import Duration
from clemency.law.codes import OffenceCode
from clemency.law.reliefs import read_share
from clemency.law.vocabulary import (
    ARTICLE,
    BOOLEAN,
    CASE_FIELDS,
    CATEGORY,
    DATE,
    DERIVED_FIELDS,
    DURATION,
    NUMBER,
    OFFENCE_FIELDS,
    TEXT,
    Kind,
    ValueType,
)

Span = tuple[int, int]
ORDERED_KINDS = {Kind.NUMBER, Kind.DATE, Kind.DURATION}
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing wrong with a rule: what, where in its text, and what to write instead."""

    message: str
    span: Span
    hint: str = ""


class RuleErrors(ValueError):
    """Everything wrong with one rule."""

    def __init__(self, text: str, problems: list[RuleProblem]) -> None:
        self.text, self.problems = text, problems
        super().__init__("; ".join(problem.message for problem in problems))


# --- the tree -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule; `label` is the name it was written by, such as `in_force`."""

    value: Any
    type: ValueType
    label: str = field(default="", compare=False)
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the case, a fact, or (where `of_offence`) a field of the offence under test."""

    name: str
    type: ValueType
    of_offence: bool = False
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Shifted:
    """A date plus a calendar duration."""

    base: Operand
    by: Duration
    type: ValueType = DATE
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class AgeOn:
    """The age of the person, in completed years, on a date."""

    day: Operand
    type: ValueType = NUMBER
    span: Span = field(default=(0, 0), compare=False)


Operand = Literal | Name | Shifted | AgeOn


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two operands of one type; enumerations compare by their order."""

    op: str
    left: Operand
    right: Operand
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Among:
    """A value is one of several written in the rule; an article is when it falls under one of them."""

    operand: Operand
    values: tuple[Any, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A boolean field or fact holds."""

    name: Name
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class IsKnown:
    """The record states a value for a field or fact."""

    name: Name
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """The offence under test is on an exclusion's offence list; `uncertain` entries may or may not be on it."""

    exclusion: str
    certain: tuple[str, ...]
    uncertain: tuple[str, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class LawOpen:
    """A point of law that the sources leave open: neither true nor false until somebody reads the text."""

    item: str
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """A condition does not hold."""

    of: Condition
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold."""

    of: tuple[Condition, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one condition holds."""

    of: tuple[Condition, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class AnyOffence:
    """At least one offence of the case meets a condition."""

    of: Condition
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class EveryOffence:
    """Every offence of the case meets a condition."""

    of: Condition
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A named condition of the act, used by its name."""

    name: str
    of: Condition
    span: Span = field(default=(0, 0), compare=False)


Condition = Compare | Among | IsTrue | IsKnown | Listed | LawOpen | Not | And | Or | AnyOffence | EveryOffence | Term
Atom = Compare | Among | IsTrue | IsKnown | Listed | LawOpen
ATOMS = (Compare, Among, IsTrue, IsKnown, Listed, LawOpen)


def children(node: Condition) -> tuple[Condition, ...]:
    """The conditions directly below a condition."""
    if isinstance(node, And | Or):
        return node.of
    if isinstance(node, Not | AnyOffence | EveryOffence | Term):
        return (node.of,)
    return ()


def walk(node: Condition) -> Iterator[Condition]:
    """A condition and all conditions below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def atoms(node: Condition) -> Iterator[Atom]:
    """The comparisons and tests at the leaves of a condition."""
    return (leaf for leaf in walk(node) if isinstance(leaf, ATOMS))


def operands(atom: Condition) -> tuple[Operand, ...]:
    """The values that a leaf compares or tests."""
    if isinstance(atom, Compare):
        return (atom.left, atom.right)
    if isinstance(atom, Among):
        return (atom.operand,)
    if isinstance(atom, IsTrue | IsKnown):
        return (atom.name,)
    return ()


def names(operand: Operand) -> Iterator[Name]:
    """The fields that an operand reads."""
    if isinstance(operand, Name):
        yield operand
    elif isinstance(operand, Shifted):
        yield from names(operand.base)
    elif isinstance(operand, AgeOn):
        yield Name("birth_date", DATE)
        yield from names(operand.day)


def names_read(atom: Condition) -> list[Name]:
    """The fields that a leaf reads."""
    return [name for operand in operands(atom) for name in names(operand)]


def served_share(name: str) -> Fraction | None:
    """The share that a name such as `served 1/2 of term` stands for: the day on which it is served; else None.

    >>> served_share("served 2/5 of term"), served_share("term_end")
    (Fraction(2, 5), None)
    """
    if not name.startswith(_SERVED):
        return None
    return Fraction(name.removeprefix(_SERVED).removesuffix(_OF_TERM))


_SERVED, _OF_TERM = "served ", " of term"


def served_name(share: Fraction) -> Name:
    """The day on which a share of the term is served, as a field that a rule may compare."""
    return Name(f"{_SERVED}{share}{_OF_TERM}", DATE)


def articles_named(node: Condition) -> set[str]:
    """Every article that a condition names, in comparisons or in offence lists."""
    named: set[str] = set()
    for atom in atoms(node):
        if isinstance(atom, Among) and atom.operand.type is ARTICLE:
            named.update(atom.values)
        if isinstance(atom, Listed):
            named.update(atom.certain, atom.uncertain)
    return named


# --- text -----------------------------------------------------------------------------------------------------


def show(node: Condition | Operand) -> str:
    """A rule as text again, in the rule language.

    >>> show(parse("worst_category >= 'serious'", Scope()))
    "any offence (category >= 'serious')"
    """
    match node:
        case Literal(value, _, label):
            if label:
                return label
            return _written(value)
        case Name(name):
            return name
        case Shifted(base, by):
            return f"{show(base)}{_steps(by)}"
        case AgeOn(day):
            return f"age on {show(day)}"
        case Compare(op, left, right):
            return f"{show(left)} {op} {show(right)}"
        case Among(operand, (value,)) if operand.type.kind is Kind.ARTICLE:
            return f"{show(operand)} = {_written(value)}"
        case Among(operand, values):
            return f"{show(operand)} in ({', '.join(map(_written, values))})"
        case IsTrue(name):
            return name.name
        case IsKnown(name):
            return f"{name.name} is known"
        case Listed(exclusion):
            return f"on the offence list of {exclusion}"
        case LawOpen(item):
            return f"open in law: {item}"
        case Not(of):
            return f"not {_grouped(of)}"
        case And(of):
            return " and ".join(_grouped(part) for part in of) or "true"
        case Or(of):
            return " or ".join(_grouped(part) for part in of) or "false"
        case AnyOffence(of):
            return f"any offence ({show(of)})"
        case EveryOffence(of):
            return f"every offence ({show(of)})"
        case Term(name):
            return name


def _grouped(node: Condition) -> str:
    return f"({show(node)})" if isinstance(node, And | Or) and node.of else show(node)


def _written(value: Any) -> str:
    if isinstance(value, Duration):
        first = Duration(0, value.days) if value.months <= 0 < value.days else Duration(max(value.months, 0))
        return f"{first}{_steps(value + -first)}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else str(value)


def _steps(by: Duration) -> str:
    """A duration as it is added to a date: months first, then days."""
    parts = [part for part in (Duration(by.months), Duration(0, by.days)) if part.months or part.days]
    return "".join(f" {'-' if part.key() < 0 else '+'} {Duration(abs(part.months), abs(part.days))}" for part in parts)


# --- parsing and types ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule may name: the act's facts, dates and terms, and the offence code whose articles exist."""

    facts: Mapping[str, ValueType] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)
    terms: Mapping[str, Condition] = field(default_factory=dict)
    code: OffenceCode | None = None

    def case_names(self) -> dict[str, ValueType]:
        """Every name that stands for a value of the case."""
        return {**CASE_FIELDS, **DERIVED_FIELDS, **self.facts}


@cache
def _parser() -> Lark:
    grammar = files("clemency.law").joinpath("rule.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse(text: str, scope: Scope) -> Condition:
    """Read a rule and give every part its type; all its problems at once if it has any."""
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise RuleErrors(text, [_syntax_problem(text, error)]) from None
    reader = _Reader(scope)
    condition = reader.condition(tree, in_offence=False)
    if reader.problems:
        raise RuleErrors(text, reader.problems)
    return condition


def _syntax_problem(text: str, error: UnexpectedInput) -> RuleProblem:
    if isinstance(error, UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END":
        return RuleProblem("the rule ends too early", (len(text), len(text) + 1), "finish the condition")
    start = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        return RuleProblem(f"{text[start]!r} cannot stand here", (start, start + 1), _character_hint(text[start]))
    found = str(getattr(error, "token", text[start : start + 1]))
    if text[start - 1 : start + 1] in _DOUBLED_SIGNS:
        start, found = start - 1, text[start - 1 : start + 1]
    hint = _DOUBLED_SIGNS.get(found, "see the rule language in docs/write-an-act.md")
    return RuleProblem(f"{found!r} was not expected here", (start, start + len(found)), hint)


_DOUBLED_SIGNS = {"==": "write = for equality", "=<": "write <=", "=>": "write >=", "<>": "write !="}


def _character_hint(character: str) -> str:
    if character in '"‘’“”':
        return "write text in straight single quotes, such as 'serving'"
    if character.isupper():
        return "names are written in small letters"
    return "see the rule language in docs/write-an-act.md"


class _Reader:
    """Turns the parse tree into the typed tree, collecting problems as it goes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.case_names = scope.case_names()
        self.problems: list[RuleProblem] = []

    def problem(self, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(RuleProblem(message, span, hint))

    # conditions

    def condition(self, tree: Tree[Token], in_offence: bool) -> Condition:
        span = _span(tree)
        parts = tree.children
        match tree.data:
            case "disjunction" | "conjunction":
                read = tuple(self.condition(_tree(part), in_offence) for part in parts)
                return Or(read, span) if tree.data == "disjunction" else And(read, span)
            case "negation":
                return Not(self.condition(_tree(parts[0]), in_offence), span)
            case "any_offence" | "every_offence":
                return self.quantified(tree, in_offence)
            case "comparison":
                left, sign, right = parts
                return self.compare(
                    str(sign), self.operand(_tree(left), in_offence), self.operand(_tree(right), in_offence), span
                )
            case "between":
                value, low, high = (self.operand(_tree(part), in_offence) for part in parts)
                return And((self.compare(">=", value, low, span), self.compare("<=", value, high, span)), span)
            case "among" | "not_among":
                among = self.among(self.operand(_tree(parts[0]), in_offence), _tree(parts[1]), in_offence, span)
                return Not(among, span) if tree.data == "not_among" else among
            case "known" | "not_known":
                known = self.known(self.operand(_tree(parts[0]), in_offence), span)
                return Not(known, span) if tree.data == "not_known" else known
            case "truth":
                return self.truth(_tree(parts[0]), in_offence, span)
        raise AssertionError(f"the grammar has no {tree.data}")  # pragma: no cover

    def quantified(self, tree: Tree[Token], in_offence: bool) -> Condition:
        span = _span(tree)
        word = "any offence" if tree.data == "any_offence" else "every offence"
        if in_offence:
            self.problem(f"'{word}' stands inside another one", span, "test one offence at a time")
        body = self.condition(_tree(tree.children[0]), True)
        if not self.problems and any(isinstance(part, AnyOffence | EveryOffence) for part in walk(body)):
            self.problem(
                "worst_category and named conditions about offences cannot stand inside an offence test",
                span,
                "inside it, write category",
            )
        return AnyOffence(body, span) if tree.data == "any_offence" else EveryOffence(body, span)

    def truth(self, tree: Tree[Token], in_offence: bool, span: Span) -> Condition:
        if tree.data == "name":
            name = str(tree.children[0])
            if name in self.scope.terms:
                return Term(name, self.scope.terms[name], span)
        operand = self.operand(tree, in_offence)
        if isinstance(operand, Name) and operand.type.kind is Kind.BOOLEAN:
            return IsTrue(operand, span)
        if isinstance(operand, Literal) and operand.type.kind is Kind.BOOLEAN:
            return And((), span) if operand.value else Or((), span)
        if operand is not _BROKEN:
            self.problem(
                f"{show(operand)} is {_a(operand.type)}, not a condition",
                span,
                "compare it with something, or ask is known",
            )
        return _NOTHING

    def compare(self, op: str, left: Operand, right: Operand, span: Span) -> Condition:
        if left is _BROKEN or right is _BROKEN:
            return _NOTHING
        left, right = self.adapt(left, right), self.adapt(right, left)
        if left is _BROKEN or right is _BROKEN:
            return _NOTHING
        if not _comparable(left.type, right.type):
            self.problem(
                f"{show(left)} is {_a(left.type)} and {show(right)} is {_a(right.type)}: they cannot be compared",
                span,
                _comparison_hint(left, right),
            )
            return _NOTHING
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right, op = right, left, OPPOSITE[op]
        if isinstance(left, Literal):
            self.problem(f"{show(left)} {op} {show(right)} compares two written values", span, "name a field or a fact")
            return _NOTHING
        if op not in ("=", "!=") and not _has_order(left.type):
            self.problem(f"{show(left)} has no order, so {op} says nothing", span, "use = or != or in (...)")
            return _NOTHING
        return self.comparison(op, left, right, span)

    def comparison(self, op: str, left: Operand, right: Operand, span: Span) -> Condition:
        if op == "!=":
            return Not(self.comparison("=", left, right, span), span)
        worst = [side for side in (left, right) if isinstance(side, Name) and side.name == "worst_category"]
        if worst:
            if left is not worst[0] or not isinstance(right, Literal):
                self.problem("worst_category is compared with a category written in quotes only", span)
                return _NOTHING
            return _worst(op, right, span)
        if left.type.kind is Kind.ARTICLE:
            return Among(left, (cast("Literal", right).value,), span)
        if left.type.kind is Kind.BOOLEAN:
            return self.boolean_comparison(left, right, span)
        return Compare(op, left, right, span)

    def boolean_comparison(self, left: Operand, right: Operand, span: Span) -> Condition:
        if not isinstance(left, Name) or not isinstance(right, Literal):
            self.problem("two facts cannot be compared with each other", span, "write them with and, or, not")
            return _NOTHING
        return IsTrue(left, span) if right.value else Not(IsTrue(left, span), span)

    def adapt(self, operand: Operand, other: Operand) -> Operand:
        """Text in quotes takes the type of what it is compared with."""
        if not isinstance(operand, Literal) or operand.type.kind is not Kind.TEXT:
            return operand
        return self.quoted(operand, other.type, show(other))

    def quoted(self, literal: Literal, wanted: ValueType, of: str) -> Operand:
        value = str(literal.value)
        if wanted.kind is Kind.ENUMERATION and value not in wanted.values:
            self.problem(
                f"{of} is never '{value}'",
                literal.span,
                f"{_nearest(value, wanted.values)}it is one of: {', '.join(wanted.values)}",
            )
            return _BROKEN
        if wanted.kind is Kind.ARTICLE:
            return self.quoted_article(literal, value)
        return replace(literal, type=wanted) if wanted.kind is Kind.ENUMERATION else literal

    def quoted_article(self, literal: Literal, value: str) -> Operand:
        code = self.scope.code
        article = value.removeprefix(f"{code.id}:") if code else value
        if code is not None and not code.knows(article):
            near = code.nearest(article)
            self.problem(
                f"the offence code {code.id} has no article {article}",
                literal.span,
                f"did you mean '{near}'?" if near else "",
            )
            return _BROKEN
        return Literal(article, ARTICLE, span=literal.span)

    def among(self, operand: Operand, values: Tree[Token], in_offence: bool, span: Span) -> Condition:
        items = [self.operand(_tree(part), in_offence) for part in values.children]
        if operand is _BROKEN or _BROKEN in items:
            return _NOTHING
        items = [self.adapt(item, operand) for item in items]
        if _BROKEN in items:
            return _NOTHING
        for item in items:
            if not isinstance(item, Literal):
                self.problem(f"{show(item)} in the list is not a written value", item.span, "write each case with or")
                return _NOTHING
            if not _comparable(operand.type, item.type):
                self.problem(
                    f"{show(operand)} is {_a(operand.type)} and {show(item)} is {_a(item.type)}: "
                    "they cannot be compared",
                    item.span,
                    _comparison_hint(operand, item),
                )
                return _NOTHING
        written = [cast("Literal", item) for item in items]
        if isinstance(operand, Name) and operand.name == "worst_category":
            each = tuple(_worst("=", item, span) for item in written)
            return each[0] if len(each) == 1 else Or(each, span)
        if operand.type.kind is Kind.BOOLEAN:
            self.problem(f"{show(operand)} is true or false, not one of a list", span, "name it alone, or with not")
            return _NOTHING
        return Among(operand, tuple(item.value for item in written), span)

    def known(self, operand: Operand, span: Span) -> Condition:
        if operand is _BROKEN:
            return _NOTHING
        if not isinstance(operand, Name):
            self.problem(f"{show(operand)} is not a field or a fact", span, "ask whether a single field is known")
            return _NOTHING
        return IsKnown(operand, span)

    # operands

    def operand(self, tree: Tree[Token], in_offence: bool) -> Operand:
        span = _span(tree)
        match tree.data:
            case "name":
                return self.name(str(tree.children[0]), in_offence, span)
            case "text":
                return Literal(str(tree.children[0])[1:-1], TEXT, span=span)
            case "number":
                return Literal(_number(str(tree.children[0])), NUMBER, span=span)
            case "true" | "false":
                return Literal(tree.data == "true", BOOLEAN, span=span)
            case "date":
                return self.date(str(tree.children[0]), span)
            case "duration":
                return self.duration(tree, span)
            case "served":
                return self.served(str(tree.children[0]), span)
            case "age_on":
                return self.age_on(_tree(tree.children[0]), in_offence, span)
            case "addition":
                return self.addition(tree, in_offence, span)
        self.problem("a condition stands where a value was expected", span)
        return _BROKEN

    def name(self, name: str, in_offence: bool, span: Span) -> Operand:
        if in_offence and name in OFFENCE_FIELDS:
            return Name(name, OFFENCE_FIELDS[name], True, span)
        if name in self.scope.dates:
            return Literal(self.scope.dates[name], DATE, name, span)
        if name in self.case_names:
            return Name(name, self.case_names[name], False, span)
        if name in OFFENCE_FIELDS:
            self.problem(
                f"{name} belongs to an offence", span, f"write any offence ({name} ...) or every offence (...)"
            )
        elif name in self.scope.terms:
            self.problem(f"{name} is a named condition, not a value", span)
        else:
            self.problem(f"unknown fact {name}", span, self.unknown_hint(name, in_offence))
        return _BROKEN

    def unknown_hint(self, name: str, in_offence: bool) -> str:
        values = {value for kind in (*self.case_names.values(), *OFFENCE_FIELDS.values()) for value in kind.values}
        if name in values:
            return f"write '{name}' in quotes"
        known = [*self.case_names, *self.scope.dates, *self.scope.terms, *(OFFENCE_FIELDS if in_offence else ())]
        return _nearest(name, known) + "declare it under facts: if the act asks for it"

    def date(self, text: str, span: Span) -> Operand:
        try:
            return Literal(date.fromisoformat(text), DATE, span=span)
        except ValueError:
            self.problem(f"{text} is no day of the calendar", span)
            return _BROKEN

    def duration(self, tree: Tree[Token], span: Span) -> Operand:
        number, unit = (str(part) for part in tree.children)
        if not number.isdigit():
            self.problem(f"{number} {unit}: calendar units are counted whole", span, "write 6 months, not 0.5 years")
            return _BROKEN
        count = int(number)
        if unit.startswith("day"):
            return Literal(Duration(0, count), DURATION, span=span)
        return Literal(Duration(count * (12 if unit.startswith("year") else 1)), DURATION, span=span)

    def served(self, text: str, span: Span) -> Operand:
        share = read_share(text)
        if share is None:
            self.problem(f"{text} is no share between nothing and the whole", span, "write served 1/2 of term")
            return _BROKEN
        return replace(served_name(share), span=span)

    def age_on(self, tree: Tree[Token], in_offence: bool, span: Span) -> Operand:
        day = self.operand(tree, in_offence)
        if day is _BROKEN:
            return _BROKEN
        if day.type.kind is not Kind.DATE:
            self.problem(f"{show(day)} is {_a(day.type)}, not a date", span, "write age on a date, such as in_force")
            return _BROKEN
        return AgeOn(day, span=span)

    def addition(self, tree: Tree[Token], in_offence: bool, span: Span) -> Operand:
        result = self.operand(_tree(tree.children[0]), in_offence)
        for sign, part in zip(tree.children[1::2], tree.children[2::2], strict=True):
            added = self.operand(_tree(part), in_offence)
            if result is _BROKEN or added is _BROKEN:
                return _BROKEN
            result = self.sum(result, str(sign), added, span)
        return result

    def sum(self, left: Operand, sign: str, right: Operand, span: Span) -> Operand:
        if not isinstance(right, Literal) or right.type.kind is not Kind.DURATION:
            self.problem(
                f"only a calendar duration can be added or taken away, and {show(right)} is {_a(right.type)}",
                span,
                "write in_force + 12 months",
            )
            return _BROKEN
        by = right.value if sign == "+" else -right.value
        if left.type.kind is Kind.DURATION and isinstance(left, Literal):
            return Literal(left.value + by, DURATION, span=span)
        if left.type.kind is not Kind.DATE:
            self.problem(f"{show(left)} is {_a(left.type)}; a duration is added to a date", span)
            return _BROKEN
        if isinstance(left, Shifted):
            return Shifted(left.base, left.by + by, span=span)
        return Shifted(left, by, span=span)


_BROKEN: Operand = Literal(None, TEXT, span=(-1, -1))
_NOTHING: Condition = Or(())


def _worst(op: str, literal: Literal, span: Span) -> Condition:
    """The worst category is compared offence by offence, so that one offence known to be grave settles it."""
    category = Name("category", CATEGORY, True, span)

    def every(sign: str) -> Condition:
        return EveryOffence(Compare(sign, category, literal, span), span)

    def some(sign: str) -> Condition:
        return AnyOffence(Compare(sign, category, literal, span), span)

    if op in (">", ">="):
        return some(op)
    if op in ("<", "<="):
        return every(op)
    if literal.value == CATEGORY.values[0]:
        return every("<=")
    if literal.value == CATEGORY.values[-1]:
        return some(">=")
    return And((every("<="), some(">=")), span)


def _tree(part: Tree[Token] | Token) -> Tree[Token]:
    return cast("Tree[Token]", part)


def _span(tree: Tree[Token]) -> Span:
    return (getattr(tree.meta, "start_pos", 0), getattr(tree.meta, "end_pos", 0))


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _comparable(left: ValueType, right: ValueType) -> bool:
    if left.kind is Kind.ENUMERATION or right.kind is Kind.ENUMERATION:
        return left.values == right.values
    return left.kind is right.kind


def _has_order(kind: ValueType) -> bool:
    return kind.kind in ORDERED_KINDS or kind.ordered


def _a(kind: ValueType) -> str:
    return {
        Kind.BOOLEAN: "true or false",
        Kind.NUMBER: "a number",
        Kind.TEXT: "text",
        Kind.ENUMERATION: "one of a list",
        Kind.DATE: "a date",
        Kind.DURATION: "a calendar duration",
        Kind.ARTICLE: "an article",
    }[kind.kind]


def _comparison_hint(left: Operand, right: Operand) -> str:
    kinds = {left.type.kind, right.type.kind}
    if kinds == {Kind.DATE, Kind.NUMBER}:
        return "compare a date with a date, such as in_force + 12 months"
    if kinds == {Kind.DATE, Kind.DURATION}:
        return "add the duration to a date: in_force + 12 months"
    if kinds == {Kind.NUMBER, Kind.DURATION}:
        return "a number has no unit; term is a duration, term_months a number"
    if Kind.NUMBER in kinds and kinds & {Kind.ENUMERATION, Kind.TEXT, Kind.ARTICLE}:
        return "write text and articles in quotes"
    return ""


def _nearest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}? " if close else ""
