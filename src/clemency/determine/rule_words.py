"""The words of rules as sentences: single conditions and days, of a person or of a crime, in one language.

The phrases stand in `rule_phrases.yaml`, those for the facts of an act in `phrases.yaml` beside its file; a fact
without a phrase is told by its question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import ceil, floor
from pathlib import Path
from typing import Any

import yaml

from clemency.determine.wording import Wording, year_suffix
from clemency.law import rules
from clemency.law.act import Act, translated
from clemency.law.calendar import Duration
from clemency.law.reliefs import percent
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
from clemency.law.vocabulary import OFFENCE_FIELDS, Kind

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ARTICLES_NAMED = 12
_NEGATED = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@cache
def phrases() -> Mapping[str, Any]:
    """Every phrase of rules as sentences: a tree with `en`, `az` and `ru` at its leaves."""
    text = files("clemency.determine").joinpath("rule_phrases.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.load(text, _LOADER)  # a safe loader
    return read


def fact_phrases(act: Act) -> Mapping[str, Any]:
    """The phrases that an act has for its facts, in `phrases.yaml` beside its file; none where it has no such file."""
    path = act.path.parent / "phrases.yaml" if act.path is not None else None
    return _read_phrases(path, path.stat().st_mtime_ns) if path is not None and path.is_file() else {}


@cache
def _read_phrases(path: Path, written: int) -> Mapping[str, Any]:
    read = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # a safe loader
    found: Mapping[str, Any] = read.get("facts", {})
    return found


def phrase(language: str, key: str) -> str:
    """A phrase by its dotted key, its places open."""
    node: Any = phrases()
    for step in key.split("."):
        node = node[step]
    return str(node[language])


def about_crime(node: Condition) -> bool:
    """Whether a leaf says something of the crime that is looked at."""
    if isinstance(node, Listed):
        return True
    if isinstance(node, Compare) and isinstance(node.left, AgeOn):
        return node.left.day == _COMMITTED
    return any(isinstance(one, Name) and one.of_offence for one in rules.operands(node)[:1])


_COMMITTED = Name("committed_on", OFFENCE_FIELDS["committed_on"], True)


def admitted_by(op: str, value: str, values: Sequence[str]) -> tuple[str, ...]:
    """The values of an ordered enumeration that a comparison admits."""
    place = values.index(value)
    among = {"<": values[:place], "<=": values[: place + 1], ">": values[place + 1 :], ">=": values[place:]}
    return tuple(among.get(op, (value,)))


# --- single conditions ----------------------------------------------------------------------------------------


class Leaves:
    """Single conditions in words, of a person or of a crime."""

    def __init__(self, act: Act, language: str) -> None:
        self.act, self.language, self.say = act, language, Wording(language)
        self.facts = fact_phrases(act)
        self.days = _Days(act, language, self)

    def phrase(self, key: str, **values: str) -> str:
        return phrase(self.language, key).format(**values)

    def has(self, section: str, key: str) -> bool:
        return key in phrases()[section]

    def quoted(self, text: str) -> str:
        return self.phrase("join.quote", text=" ".join(text.split()))

    def asked(self, name: str) -> str:
        """The question for a fact, in quotation marks; its name where it has none."""
        fact = self.act.facts.get(name)
        ask = self.say.translated(fact.ask) if fact is not None else ""
        return self.quoted(ask or name.replace("_", " "))

    def own(self, name: str, key: str) -> str | None:
        """What an act's own phrases say of a fact, if anything."""
        found = self.facts.get(name, {}).get(key)
        return None if found is None else str(found[self.language])

    def noun(self, name: str) -> str:
        """What a field or a fact is called."""
        if name in self.act.facts:
            return self.asked(name)
        share = rules.served_share(name)
        if share is not None:
            return self.say("field.served", share=str(share))
        return self.say(f"field.{name}") if self.say.has(f"field.{name}") else name.replace("_", " ")

    def leaf(self, node: Condition, holds: bool) -> str:
        """A leaf of the tree, or its negation."""
        match node:
            case IsTrue(name):
                return self.truth(name.name, holds)
            case IsKnown(name):
                key = ("crime_yes" if holds else "crime_no") if name.of_offence else ("yes" if holds else "no")
                return self.phrase(f"known.{key}", noun=self.noun(name.name))
            case Among(operand, values):
                return self.among(operand, values, holds)
            case Listed():
                return self.listed(node, holds)
            case LawOpen(item):
                return self.phrase("law_open" if holds else "law_not", text=self.point(item))
            case Compare(op, left, right):
                return self.compared(op if holds else _NEGATED[op], left, right)
        raise TypeError(f"{node!r} is no single condition")

    def truth(self, name: str, holds: bool) -> str:
        key = "yes" if holds else "no"
        own = self.own(name, key)
        if own is not None:
            return own
        if self.has("truth", name):
            return self.phrase(f"truth.{name}.{key}")
        return self.phrase(f"truth.asked.{key}", ask=self.asked(name))

    def serving(self, punishments: tuple[str, ...], suspended: bool | None) -> str:
        """That the punishment is being served: which, and whether it is suspended."""
        how = {None: "", True: "_suspended", False: "_not_suspended"}[suspended]
        if not punishments:
            return self.phrase("serving.suspended")
        if (
            punishments in (("imprisonment",), ("life_imprisonment",))
            and f"{punishments[0]}{how}" in phrases()["serving"]
        ):
            return self.phrase(f"serving.{punishments[0]}{how}")
        return self.phrase(f"serving.other{how}", values=self.listed_values("punishment", punishments))

    # one of several

    def either(self, texts: Sequence[str]) -> str:
        if len(texts) < 3:
            return self.phrase("join.or").join(texts)
        return ", ".join(texts[:-1]) + self.phrase("join.or_last") + texts[-1]

    def value(self, field: str, value: Any) -> str:
        """A value as it stands in the frame of its field."""
        values = phrases()["one_of"].get(field, {}).get("values", {})
        if value in values:
            return str(values[value][self.language])
        own = self.facts.get(field, {}).get("values", {}).get(value)
        return str(own[self.language]) if own else self.quoted(str(value).replace("_", " "))

    def listed_values(self, field: str, values: Sequence[Any]) -> str:
        return self.either([self.value(field, value) for value in values])

    def one_of(self, field: str, every: Sequence[str], named: Sequence[str], holds: bool) -> str:
        """That a value is one of those named, or none of them: by the values that are left where those are few."""
        others = [value for value in every if value not in named]
        only = {**phrases()["one_of"].get(field, {}), **self.facts.get(field, {})}
        one = named[0] if len(named) == 1 else others[0] if len(others) == 1 else ""
        kind = "only" if holds is (len(named) == 1) else "all_but"
        if one and one in only.get(kind, {}):
            return str(only[kind][one][self.language])
        admitted = [value for value in every if (value in named) is holds]
        frame = field if self.has("one_of", field) else "asked"
        ask = self.asked(field) if frame == "asked" else ""
        if not admitted:
            return self.phrase("sentence.never")
        if not holds and len(admitted) > len(named) and "is_not" in phrases()["one_of"][frame]:
            return self.in_frame(frame, "is_not", field, self.listed_values(field, named), ask)
        return self.in_frame(frame, "is", field, self.listed_values(field, admitted), ask)

    def in_frame(self, frame: str, key: str, field: str, values: str, ask: str) -> str:
        own = self.own(field, key)
        if own is not None:
            return own.format(values=values)
        return self.phrase(f"one_of.{frame}.{key}", values=values, ask=ask, noun=self.noun(field))

    def among(self, operand: Operand, values: Sequence[Any], holds: bool) -> str:
        if operand.type.kind is Kind.ARTICLE:
            return self.articles(values, holds)
        if isinstance(operand, Name) and operand.type.kind is Kind.ENUMERATION:
            return self.one_of(operand.name, operand.type.values, values, holds)
        if isinstance(operand, Name) and operand.type.kind is Kind.TEXT:
            return self.text(operand.name, values, holds)
        compared = [self.compared("=" if holds else "!=", operand, Literal(value, operand.type)) for value in values]
        return self.phrase("join.or_each" if holds else "join.and").join(compared)

    def text(self, name: str, values: Sequence[str], holds: bool) -> str:
        frame = "asked" if name in self.act.facts else "text"
        told = self.either([self.quoted(value) for value in values])
        ask = self.asked(name) if frame == "asked" else ""
        return self.in_frame(frame, "is" if holds else "is_not", name, told, ask)

    # crimes

    def articles(self, values: Sequence[str], holds: bool) -> str:
        grouped = self.grouped(values)
        key = ("is" if holds else "is_not") + ("_one" if len(values) == 1 else "")
        return self.phrase(f"article.{key}", articles=", ".join(grouped))

    def grouped(self, articles: Sequence[str]) -> list[str]:
        """Articles of the code, the parts of one article together."""
        by_article: dict[str, list[str]] = {}
        for article in articles:
            number, _, part = article.rpartition(":")[2].partition(".")
            by_article.setdefault(number, []).append(part)
        told = []
        for number, parts in by_article.items():
            if "" in parts or len(parts) == 1:
                told.append(number if "" in parts else f"{number}.{parts[0]}")
            else:
                told.append(self.phrase("article.parts", article=number, parts=", ".join(parts)))
        return told

    def listed(self, node: Listed, holds: bool) -> str:
        title = self.quoted(self.say.translated(self.act.clause(node.exclusion).title) or node.exclusion)
        if not holds:
            return self.phrase("article.not_listed", title=title)
        counted = [
            self.phrase(f"article.{key}", n=", ".join(self.grouped(found)) if self.few(found) else str(len(found)))
            for key, found in (("certain", node.certain), ("uncertain", node.uncertain))
            if found
        ]
        return self.phrase("article.listed_counted", title=title, counted="; ".join(counted))

    def few(self, articles: Sequence[str]) -> bool:
        return len(articles) <= _ARTICLES_NAMED

    def point(self, item: str) -> str:
        """A point of law that is open, in words."""
        kind, _, rest = item.partition(":")
        if kind == "clause":
            return self.phrase("point_open")
        return self.quoted(rest.replace("_", " ") or item)

    # comparisons

    def compared(self, op: str, left: Operand, right: Operand) -> str:
        kind = left.type.kind
        if isinstance(left, AgeOn):
            return self.age(op, left, right)
        if kind is Kind.DATE:
            return self.days.happens(op, left, right)
        if isinstance(left, Name) and isinstance(right, Literal):
            return self.named(op, left, right)
        if kind is Kind.NUMBER and isinstance(left, Name):
            return self.counted(left.name, self.number(op, self.operand(right), f"{self.operand(right)}"))
        return self.phrase(f"against.{op}", left=self.operand(left), right=self.operand(right))

    def named(self, op: str, left: Name, right: Literal) -> str:
        """A field or fact held against a value written in the rule."""
        kind = left.type.kind
        if kind is Kind.DURATION:
            length, than = self.say.length(right.value), self.say.length(right.value, than=True)
            return self.phrase(f"length.{op}", length=length, than=than)
        if kind is Kind.ENUMERATION:
            admitted = admitted_by(op, right.value, left.type.values)
            holds = op != "!="
            return self.one_of(left.name, left.type.values, admitted, holds)
        if kind is Kind.NUMBER:
            if left.name == "offence_count" and (op, right.value) in _MORE_THAN_ONE:
                return self.phrase("more_than_one_crime")
            if left.name == "offence_count" and (op, right.value) in _ONE_ONLY:
                return self.phrase("one_crime")
            return self.counted(left.name, self.number(op, self.figure(right.value), self.figure_from(right.value)))
        return self.text(left.name, (str(right.value),), op == "=")

    def between(self, left: Name, low: float, high: float) -> str:
        """A number from one to another, both counting."""
        return self.counted(left.name, self.phrase("number.between", low=self.figure(low), high=self.figure(high)))

    def counted(self, name: str, value: str) -> str:
        own = self.own(name, "is")
        if own is not None:
            return own.format(value=value)
        if self.has("counted", name):
            return self.phrase(f"counted.{name}", value=value)
        key = "asked" if name in self.act.facts else "other"
        return self.phrase(f"counted.{key}", value=value, ask=self.asked(name), noun=self.noun(name))

    def number(self, op: str, n: str, n_from: str) -> str:
        return self.phrase(f"number.{op}", n=n, n_from=n_from)

    def figure(self, value: float) -> str:
        told = f"{value:g}" if abs(value) < 1e6 else str(value)
        return told if self.language == "en" else told.replace(".", ",")

    def figure_from(self, value: float) -> str:
        """A number as what another is measured from: in Azerbaijani with the ending of its last word."""
        last = abs(value) if float(value).is_integer() else int(f"{value:g}"[-1])
        ending = "dan" if last == 0 or year_suffix(int(last)) in ("cı", "cu") else "dən"
        return f"{self.figure(value)}-{ending}" if self.language == "az" else self.figure(value)

    def age(self, op: str, left: AgeOn, right: Operand) -> str:
        """The age on a day; in completed years "over 60" is the same as 61 or older."""
        if not isinstance(right, Literal) or (op in ("=", "!=") and not float(right.value).is_integer()):
            if isinstance(right, Literal):
                return self.phrase(f"against.{op}", left=self.operand(left), right=self.figure(right.value))
            return self.phrase(f"against.{op}", left=self.operand(left), right=self.operand(right))
        years = {">": floor(right.value) + 1, "<=": floor(right.value) + 1}.get(op, ceil(right.value))
        sign = {">": ">=", "<=": "<"}.get(op, op)
        section = "age_at_crime" if left.day == _COMMITTED else "age"
        than = self.say.count("unit_than.year", years)
        on = self.days.on(left.day)
        return self.phrase(
            f"{section}.{sign}", n=str(years), on=on, years=self.say.count("unit.year", years), years_than=than
        )

    def operand(self, operand: Operand) -> str:
        """An operand by its name, where two of them are held against each other."""
        match operand:
            case AgeOn(day):
                return self.phrase("age_noun", on=self.days.on(day))
            case Name(name):
                return self.noun(name)
            case Literal(value) if isinstance(value, Duration):
                return self.say.length(value)
            case Literal(value) if isinstance(value, int | float):
                return self.figure(value)
        return self.quoted(rules.show(operand).replace("_", " "))


_MORE_THAN_ONE = {(">", 1), (">=", 2)}
_ONE_ONLY = {("<=", 1), ("<", 2), ("=", 1)}


class _Days:
    """Days in words: what happens when, held against a day or against a length of time from a day."""

    def __init__(self, act: Act, language: str, leaves: Leaves) -> None:
        self.act, self.language, self.leaves, self.say = act, language, leaves, Wording(language)

    def phrase(self, key: str, **values: str) -> str:
        return phrase(self.language, key).format(**values)

    def happens(self, op: str, left: Operand, right: Operand) -> str:
        when = self.when(op, right)
        match left:
            case Shifted():
                side, length, base = self.shift(left)
                return self.phrase(f"happens.{side}", length=length, since=self.since(base), when=when)
            case Name(name) if rules.served_share(name) is not None:
                return self.phrase("happens.served", share=self.share(rules.served_share(name)), when=when)
            case Name(name) if name in phrases()["happens"]:
                return self.phrase(f"happens.{name}", when=when)
            case Name(name):
                own = self.leaves.own(name, "is")
                if own is not None:
                    return own.format(when=when)
                return self.phrase("happens.asked", ask=self.leaves.asked(name), when=when)
        raise TypeError(f"{left!r} is no day of the record")

    def when(self, op: str, day: Operand) -> str:
        """When something happens, held against a day."""
        if isinstance(day, Shifted):
            side, length, base = self.shift(day)
            than = self.say.length(_size(_last_shift(day)[1]), than=True)
            return self.phrase(f"when.{side}.{op}", length=length, than=than, since=self.since(base))
        return self.phrase(f"when.day.{op}", of=self.form("of", day), on=self.on(day))

    def on(self, day: Operand) -> str:
        return self.form("on", day)

    def since(self, day: Operand) -> str:
        return self.form("since", day)

    def form(self, form: str, day: Operand) -> str:
        """A day in the form that stands after "before" and "after", on its own, or after a length."""
        match day:
            case Literal(value, _, label) if isinstance(value, date):
                return self.written(form, value, label)
            case Shifted():
                side, length, base = self.shift(day)
                return self.phrase(f"day.{side}.{form}", length=length, since=self.since(base))
            case Name(name) if rules.served_share(name) is not None:
                return self.phrase(f"day.served.{form}", share=self.share(rules.served_share(name)))
            case Name(name) if name in phrases()["day"]:
                return self.phrase(f"day.{name}.{form}")
            case Name(name):
                return self.phrase(f"day.asked.{form}", ask=self.leaves.asked(name))
        raise TypeError(f"{day!r} is no day")

    def written(self, form: str, day: date, label: str) -> str:
        told = self.say.day(day)
        point = self.act.date_notes.get(label)
        if point is not None and point.title is not None:
            title = self.say.translated(translated(point.title))
            return self.phrase(f"day.titled.{form}", day=told, title=title)
        if label in ("in_force", "adopted", "deadline"):
            return self.phrase(f"day.{label}.{form}", day=told)
        if label:
            return self.phrase(f"day.titled.{form}", day=told, title=label.replace("_", " "))
        return self.phrase(f"day.plain.{form}", day=told)

    def shift(self, day: Shifted) -> tuple[str, str, Operand]:
        """Whether a day lies after or before another, how far, and that other day."""
        base, by = _last_shift(day)
        return ("before" if by.months < 0 or by.days < 0 else "after", self.say.length(_size(by)), base)

    def share(self, share: Fraction | None) -> str:
        return share_said(share or Fraction(0), self.language)


def _last_shift(day: Shifted) -> tuple[Operand, Duration]:
    """The last step of a shift: months and days that point in different directions are two steps."""
    if day.by.months * day.by.days < 0:
        return Shifted(day.base, Duration(day.by.months)), Duration(0, day.by.days)
    return day.base, day.by


def _size(by: Duration) -> Duration:
    return Duration(abs(by.months), abs(by.days))


def share_said(share: Fraction, language: str) -> str:
    """A share of the term as it is said: half, one third; in hundredths or as a fraction where it has no word."""
    if str(share) in phrases()["share"]:
        return phrase(language, f"share.{share}")
    return share_written(percent(share), language)


def share_written(told: str, language: str) -> str:
    """A share of the term in figures."""
    return phrase(language, "share.percent" if told.endswith("%") else "share.other").format(share=told)
