"""The conditions of a trace in words: what each asks for, what the record says, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from clemency.determine.determination import FALSE, TRUE, UNKNOWN
from clemency.determine.explanation import Line
from clemency.determine.wording import Wording, read_duration
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation, translated
from clemency.law.calendar import Duration, add, age_on
from clemency.law.rules import Among, Compare, Condition, IsKnown, IsTrue, LawOpen, Listed, Operand
from clemency.law.vocabulary import CATEGORIES, OFFENCE_FIELDS, Kind
from clemency.records.record import CaseRecord

_STATES = {TRUE: "met", FALSE: "not_met", UNKNOWN: "not_known"}
_OPPOSITES = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MANY = 6


class Conditions:
    """Puts the conditions of a trace into words, with the act's tree beside it."""

    def __init__(self, stored: Mapping[str, Any], act: Act, record: CaseRecord, say: Wording) -> None:
        self.stored, self.act, self.record, self.say = stored, act, record, say

    def lines(self, node: Condition | None, trace: Mapping[str, Any], depth: int = 0) -> list[Line]:
        if node is None or rules.show(node) != trace["rule"]:
            return [Line(_STATES[trace["value"]], trace["rule"], self.plain_facts(trace), depth)]
        below, state = trace.get("of", []), _STATES[trace["value"]]
        gravest = _gravest(node)
        if gravest is not None:
            return [self.gravest_line(gravest, trace, state, depth)]
        match node:
            case rules.Term(_, of):
                return self.lines(of, below[0], depth)
            case rules.And(of):
                return list(self.together(of, below, depth))
            case rules.Or(of):
                return self.alternatives(of, below, state, depth)
            case rules.Not(of):
                return self.negated(of, below[0], state, depth)
            case rules.AnyOffence(of) | rules.EveryOffence(of):
                return self.quantified(node, of, trace, state, depth)
        return [Line(state, self.requirement(node), self.fact(node, trace), depth)]

    def together(self, of: Sequence[Condition], below: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Line]:
        """Conditions that all have to be met; two that make a range are one line."""
        pairs = list(zip(of, below, strict=True))
        while pairs:
            (part, child), rest = pairs[0], pairs[1:]
            span = _range(part, rest[0][0]) if rest else None
            if span is None:
                yield from self.lines(part, child, depth)
                pairs = rest
                continue
            left, low, high = span
            words = {"low": self.value(left, low), "high": self.value(left, high)}
            requirement = self.joined(left, self.say("compare.number.between", **words))
            yield Line(_both(child["value"], rest[0][1]["value"]), requirement, self.fact(part, child), depth)
            pairs = rest[1:]

    def alternatives(
        self, of: Sequence[Condition], below: Sequence[Mapping[str, Any]], state: str, depth: int
    ) -> list[Line]:
        """Of alternatives those that decide are shown: the true ones, else the open ones, else all unless many."""
        deciding = {"met": TRUE, "not_known": UNKNOWN, "not_met": FALSE}[state]
        pairs = [(part, child) for part, child in zip(of, below, strict=True) if child["value"] == deciding]
        head = self.say("line.one_of")
        if state == "not_met" and len(pairs) > _MANY:
            return [Line(state, self.say("line.counted", what=head.rstrip(":"), n=len(pairs)), "", depth)]
        lines = [Line(state, head, "", depth)]
        for part, child in pairs:
            inner = self.lines(part, child, depth + 1)
            if len(inner) > 1 and inner[0].depth == inner[1].depth:
                lines.append(Line(_STATES[child["value"]], self.say("line.all_of"), "", depth + 1))
                inner = [Line(line.state, line.condition, line.fact, line.depth + 1) for line in inner]
            lines += inner
        return lines

    def negated(self, of: Condition, trace: Mapping[str, Any], state: str, depth: int) -> list[Line]:
        node = _unnamed(of)
        below = trace["of"][0] if node is not of else trace
        if isinstance(node, rules.ATOMS):
            return [Line(state, self.requirement(node, negated=True), self.fact(node, below), depth)]
        if isinstance(node, rules.AnyOffence) and isinstance(_unnamed(node.of), rules.ATOMS):
            inner = self.requirement(_unnamed(node.of))
            return [
                Line(state, self.say("line.none_of_offences", condition=inner), self.of_offences(node, below), depth)
            ]
        return [Line(state, self.say("line.none_of"), "", depth), *self.lines(of, trace, depth + 1)]

    def quantified(
        self, node: Condition, of: Condition, trace: Mapping[str, Any], state: str, depth: int
    ) -> list[Line]:
        any_crime = isinstance(node, rules.AnyOffence)
        inner = _unnamed(of)
        if isinstance(inner, rules.ATOMS):
            requirement = self.requirement(inner)
            if not isinstance(inner, Listed):
                requirement = self.say("line.any_of" if any_crime else "line.every_of", condition=requirement)
            return [Line(state, requirement, self.of_offences(node, trace), depth)]
        fact = "" if trace.get("of") else self.say("line.no_offence")
        lines = [Line(state, self.say("line.any_crime" if any_crime else "line.every_crime"), fact, depth)]
        for child in trace.get("of", []):
            lines.append(Line(_STATES[child["value"]], f"{self.crime(child.get('offence'))}:", "", depth + 1))
            lines += self.lines(of, child, depth + 2)
        return lines

    def of_offences(self, node: Condition, trace: Mapping[str, Any]) -> str:
        """What was read for each crime."""
        if not trace.get("of"):
            return self.say("line.no_offence")
        inner = _unnamed(rules.children(node)[0])
        crimes: dict[str, list[int | None]] = {}
        for child in trace["of"]:
            crimes.setdefault(self.fact(inner, _leaf(child)), []).append(child.get("offence"))
        return "; ".join(
            self.say("line.of_crime", crime=self.crimes(places), fact=fact) for fact, places in crimes.items()
        )

    def crimes(self, places: Sequence[int | None]) -> str:
        """Several crimes by their articles."""
        offences = self.record.offences or []
        articles = [offences[place].article for place in places if place is not None and place < len(offences)]
        if len(places) > 1 and all(articles):
            return self.say("line.articles", articles=", ".join(dict.fromkeys(filter(None, articles))))
        return ", ".join(dict.fromkeys(self.crime(place) for place in places))

    def gravest_line(self, gravest: tuple[str, Any], trace: Mapping[str, Any], state: str, depth: int) -> Line:
        op, value = gravest
        first = trace["of"][0] if trace.get("of") and trace["of"][0].get("of") else trace
        requirement = self.compared("category", op, self.say(f"word.category.{value}"))
        node = rules.AnyOffence(Compare("=", _CATEGORY, rules.Literal(value, _CATEGORY.type)))
        facts = self.of_offences(node, first)
        return Line(state, self.say("line.gravest", requirement=requirement), facts, depth)

    def crime(self, index: int | None) -> str:
        offences = self.record.offences or []
        if index is None or index >= len(offences):
            return self.say("line.crime", number=1 if index is None else index + 1)
        article = offences[index].article
        return self.say("line.article", article=article) if article else self.say("line.crime", number=index + 1)

    # requirements

    def requirement(self, atom: Condition, negated: bool = False) -> str:
        """What a leaf asks for, such as `stage of the case: serving the sentence`."""
        say = self.say
        match atom:
            case Compare(op, left, right):
                if isinstance(left, rules.Literal) and not isinstance(right, rules.Literal):
                    left, right, op = right, left, rules.OPPOSITE[op]
                return self.joined(left, self.comparison(left, op, right, negated))
            case Among(operand, values):
                words = ", ".join(self.value(operand, value) for value in values)
                key = "value.none_of" if negated else "value.one_of"
                wanted = say(key, values=words) if len(values) > 1 or negated else words
                return self.joined(operand, wanted)
            case IsTrue(name):
                return self.joined(name, say("value.no" if negated else "value.yes"))
            case IsKnown(name):
                return say("line.unknown" if negated else "line.known", label=self.label(name))
            case Listed(exclusion):
                title = say.translated(self.act.clause(exclusion).title)
                return say("line.not_listed" if negated else "line.listed", title=title)
            case LawOpen(item):
                return say("line.law", text=self.law_text(item))
        return rules.show(atom)  # pragma: no cover

    def joined(self, operand: Operand, wanted: str) -> str:
        """A field and what is wanted of it; a question keeps its mark."""
        label = self.label(operand)
        return self.say("line.asked", question=label, answer=wanted) if "?" in label else f"{label}: {wanted}"

    def comparison(self, left: Operand, op: str, right: Operand, negated: bool) -> str:
        if negated:
            op = _OPPOSITES[op]
        if op == "!=":
            return self.say("value.not", value=self.value_of(left, right))
        kind = left.type.kind
        if kind is Kind.DURATION and isinstance(right, rules.Literal):
            return self.say(f"compare.duration.{op}", value=self.value_of(left, right), than=self.than(right.value))
        group = {Kind.DATE: "date", Kind.NUMBER: "number"}.get(kind, "order")
        if isinstance(left, rules.Name) and left.name in ("category", "worst_category"):
            group = "category"
        return self.compared(group, op, self.value_of(left, right))

    def compared(self, group: str, op: str, value: str) -> str:
        return self.say(f"compare.{group}.{op}", value=value)

    def than(self, length: Duration) -> str:
        return self.say.length(length, than=True)

    def value_of(self, left: Operand, right: Operand) -> str:
        """The right side of a comparison, with the arithmetic of a date."""
        match right:
            case rules.Literal(value, _, label) if isinstance(value, date):
                return self.day_named(value, label)
            case rules.Literal(value):
                return self.value(left, value)
            case rules.Shifted(rules.Literal(value, _, label), by) if isinstance(value, date):
                sign = "−" if by.key() < 0 else "+"
                base = self.day_named(value, label, plain=True)
                return self.say(
                    "date.sum", day=self.say.day(add(value, by)), parts=f"{base} {sign} {self.say.length(by)}"
                )
        return self.label(right)

    def day_named(self, day: date, label: str, plain: bool = False) -> str:
        name = self.name_of_day(label)
        if not name:
            return self.say.day(day)
        if plain:
            return self.say("date.named", name=name, day=self.say.day(day))
        return self.say("date.sum", day=self.say.day(day), parts=name)

    def name_of_day(self, label: str) -> str:
        """What a day of the act is called: by its own title, in the words of the house, or by its name."""
        point = self.act.date_notes.get(label)
        if point is not None and point.title is not None:
            return self.say.translated(translated(point.title))
        return self.say(f"day_name.{label}") if self.say.has(f"day_name.{label}") else label.replace("_", " ")

    def label(self, operand: Operand) -> str:
        say = self.say
        match operand:
            case rules.Name(name):
                fact = self.act.facts.get(name)
                if fact is not None:
                    return say.translated(fact.ask) or name
                share = rules.served_share(name)
                if share is not None:
                    return say("field.served", share=str(share))
                return say(f"field.{name}") if say.has(f"field.{name}") else name
            case rules.AgeOn(rules.Literal(value, _, label)):
                return say("field.age_on", day=self.day_named(value, label))
            case rules.AgeOn(rules.Name("committed_on")):
                return say("field.age_at_crime")
            case rules.AgeOn(day):
                return say("field.age_on_field", label=self.label(day))
            case rules.Shifted(base, by):
                return f"{self.label(base)} {'−' if by.key() < 0 else '+'} {say.length(by)}"
        return self.value(operand, operand.value)

    def value(self, operand: Operand, value: Any) -> str:
        """A value in words, by the type of the field it belongs to."""
        if value is None:
            return self.say("value.unknown")
        if isinstance(value, bool):
            return self.say("value.yes" if value else "value.no")
        if isinstance(value, Duration):
            return self.say.length(value)
        if isinstance(value, date):
            return self.say.day(value)
        name = {"worst_category": "category"}.get(getattr(operand, "name", ""), getattr(operand, "name", ""))
        match operand.type.kind:
            case Kind.DATE:
                return self.say.day(date.fromisoformat(str(value)))
            case Kind.DURATION:
                return self.say.length(read_duration(str(value)))
            case Kind.ENUMERATION if self.say.has(f"word.{name}.{value}"):
                return self.say(f"word.{name}.{value}")
        return str(value)

    # facts

    def fact(self, atom: Condition, trace: Mapping[str, Any]) -> str:
        """What the record says, as far as the trace read it."""
        read = trace.get("read", {})
        if isinstance(atom, Listed):
            key = {TRUE: "is_listed", FALSE: "is_not_listed", UNKNOWN: "may_be_listed"}[trace["value"]]
            return self.say(f"line.{key}") if read.get("article") else self.say("value.unknown")
        if isinstance(atom, LawOpen):
            return ""
        shown = [self.operand_fact(operand, read) for operand in rules.operands(atom)]
        return "; ".join(dict.fromkeys(filter(None, shown)))

    def operand_fact(self, operand: Operand, read: Mapping[str, Any]) -> str:
        match operand:
            case rules.AgeOn(day):
                return self.age_fact(day, read)
            case rules.Shifted(base, _):
                return self.operand_fact(base, read)
            case rules.Name(name) if name in read:
                if name == "term_end" and read[name] is None and (two := self.two_ends()):
                    return two
                return self.value(operand, read[name])
        return ""

    def two_ends(self) -> str:
        for found in self.stored.get("contradictions", []):
            if found["field"] == "term_end":
                given, computed = (self.say.day(date.fromisoformat(found[key])) for key in ("given", "computed"))
                return self.say("line.two_values", given=given, computed=computed)
        return ""

    def age_fact(self, day: Operand, read: Mapping[str, Any]) -> str:
        if read.get("birth_date") is None:
            return self.say("line.birth_unknown")
        birth = date.fromisoformat(read["birth_date"])
        names = [name.name for name in rules.names(day)]
        if any(read.get(name) is None for name in names):
            unknown = ", ".join(self.say(f"field.{name}") for name in names if read.get(name) is None)
            return self.say("line.unknown", label=unknown)
        on = _day_of(day, read)
        return self.say("line.born", age=age_on(birth, on), birth=self.say.day(birth)) if on else ""

    def plain_facts(self, trace: Mapping[str, Any]) -> str:
        return ", ".join(
            f"{name} {self.say('value.unknown') if value is None else value}"
            for name, value in trace.get("read", {}).items()
        )

    # law

    def law_text(self, name: str) -> str:
        """A point of law that is open, in words."""
        kind, _, rest = name.partition(":")
        article = rest.rpartition(":")[2]
        if kind == "clause":
            clause = self.clause(rest)
            text = self.say.translated(clause.law_unknown) if isinstance(clause, Grant | Exclusion) else ""
            return text or self.say("missing.other_law", name=name)
        if kind == "listed":
            exclusion = self.clause(rest.partition(":")[0])
            title = self.say.translated(exclusion.title) if exclusion else rest
            if ":" not in rest:
                return self.say("missing.listed_any", title=title)
            return self.say("missing.listed", article=article, title=title)
        if kind in ("category", "guilt"):
            return self.say(f"missing.{kind}", article=article)
        return self.say("missing.other_law", name=name)

    def clause(self, clause_id: str) -> Grant | Exclusion | Reservation | None:
        try:
            return self.act.clause(clause_id)
        except KeyError:
            return None


_CATEGORY = rules.Name("category", OFFENCE_FIELDS["category"], True)


def _range(low: Condition, high: Condition) -> tuple[Operand, Any, Any] | None:
    """Two comparisons of one number that make a range, if they do."""
    match low, high:
        case Compare(">=", left, rules.Literal(least)), Compare("<=", right, rules.Literal(most)):
            if left == right and left.type.kind is Kind.NUMBER:
                return left, least, most
    return None


def _both(first: str, second: str) -> str:
    values = {first, second}
    return _STATES[FALSE if FALSE in values else UNKNOWN if UNKNOWN in values else TRUE]


def _unnamed(node: Condition) -> Condition:
    """A condition without the name it was given."""
    while isinstance(node, rules.Term):
        node = node.of
    return node


def _leaf(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    """The trace below the names of a condition."""
    while "read" not in trace and len(trace.get("of", [])) == 1:
        trace = trace["of"][0]
    return trace


def _gravest(node: Condition) -> tuple[str, Any] | None:
    """How a test of the gravest crime was written, if the condition is one: the loader spells it out crime by crime."""
    match node:
        case rules.AnyOffence(Compare(">" | ">=" as op, rules.Name("category"), rules.Literal(value))):
            return ("=", value) if op == ">=" and value == CATEGORIES[-1] else (op, value)
        case rules.EveryOffence(Compare("<" | "<=" as op, rules.Name("category"), rules.Literal(value))):
            return ("=", value) if op == "<=" and value == CATEGORIES[0] else (op, value)
        case rules.And((rules.EveryOffence(Compare("<=", _, low)), rules.AnyOffence(Compare(">=", name, high)))):
            if (
                isinstance(name, rules.Name)
                and name.name == "category"
                and low == high
                and isinstance(low, rules.Literal)
            ):
                return ("=", low.value)
    return None


def _day_of(operand: Operand, read: Mapping[str, Any]) -> date | None:
    match operand:
        case rules.Literal(value) if isinstance(value, date):
            return value
        case rules.Name(name) if read.get(name):
            return date.fromisoformat(read[name])
        case rules.Shifted(base, by):
            day = _day_of(base, read)
            return add(day, by) if day else None
    return None
