"""An act as one page to read, print and sign: each clause as a sentence, with its number, its examples, its sources.

One HTML file that fetches nothing, in the style of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from clemency.determine.rule_sentences import RuleSentence, clause_sentence, open_sentence, relief_sentence
from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation, translated
from clemency.observe.clause_readings import Example, Expected, examples_by_clause, expected_by_clause
from clemency.observe.document import page
from clemency.observe.words import Words

Clause = Grant | Exclusion | Reservation

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The days that every act may have; any other it names itself.
DAYS = ("adopted", "in_force", "deadline")


@cache
def phrases() -> Mapping[str, Any]:
    """Every phrase of an act's page: a tree with `en`, `az` and `ru` at its leaves."""
    text = files("clemency.observe").joinpath("act_words.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.load(text, _LOADER)  # a safe loader
    return read


def act_phrase(language: str, key: str, **values: str) -> str:
    """A phrase of an act's page by its dotted key, its places filled in.

    >>> act_phrase("en", "rules", version="az-2025@1")
    'Rules az-2025@1'
    """
    node: Any = phrases()
    for step in key.split("."):
        node = node[step]
    return str(node[language]).format(**values)


@dataclass(frozen=True)
class ExampleShown:
    """A worked case in words: what it shows, the answer, and whether somebody has signed it."""

    title: str
    outcome: str
    signed: str
    comment: str
    is_signed: bool


@dataclass(frozen=True)
class ClauseShown:
    """Everything the page says of one clause; what does not apply to it is empty."""

    id: str
    title: str
    who: str
    sentence: RuleSentence
    gives: str
    question: str
    limits: str
    limited: str
    effect: str
    open: str
    expected: str
    caution: str
    examples: tuple[ExampleShown, ...]
    counted: str
    lists: tuple[tuple[str, str], ...]
    note: str
    note_language: str
    sources: tuple[tuple[str, str], ...]
    confidence: str
    rule: str

    @property
    def signed(self) -> list[ExampleShown]:
        """The worked cases that somebody has signed."""
        return [example for example in self.examples if example.is_signed]

    @property
    def unsigned(self) -> list[ExampleShown]:
        """The worked cases that nobody has signed yet."""
        return [example for example in self.examples if not example.is_signed]


@dataclass(frozen=True)
class DayTold:
    """A day of the act: what it is called, when it is, how sure that is, and what it rests on."""

    label: str
    day: str
    sure: str
    sources: tuple[str, ...]
    note: str
    note_language: str


@dataclass(frozen=True)
class Part:
    """One of the three parts of an act: its grants, its exclusions, its questions."""

    id: str
    title: str
    clauses: tuple[ClauseShown, ...]


def act_html(act: Act, language: str) -> str:
    """The act as one HTML file in a language."""
    reader = ClauseReader(act, language)
    parts = (
        Part("grants", reader("grants"), reader.shown(act.grants)),
        Part("exclusions", reader("exclusions"), reader.shown(act.exclusions)),
        Part("reservations", reader("reservations"), reader.shown(act.reservations)),
    )
    return page(
        "act.html",
        act=act,
        language=language,
        title=reader.say.translated(act.title),
        facts=list(reader.facts()),
        days=list(reader.days()),
        parts=[part for part in parts if part.clauses],
        words=Words(language),
        phrase=lambda key, **values: act_phrase(language, key, **values),
    )


class ClauseReader:
    """Puts what belongs to each clause of an act into words."""

    def __init__(self, act: Act, language: str) -> None:
        self.act, self.language, self.say = act, language, Wording(language)
        self.examples = examples_by_clause(act)
        self.expected = expected_by_clause(act)

    def __call__(self, key: str, **values: str) -> str:
        return act_phrase(self.language, key, **values)

    def facts(self) -> Iterator[tuple[str, str]]:
        """What the act decides on, who decides, and what changed it from which day, as far as it says so."""
        if self.act.unit:
            yield self("unit.label"), self.unit()
        if self.act.decided_by:
            yield self("decided_by"), _line(self.say.translated(self.act.decided_by)).rstrip(".") + "."
        for one in self.act.amendments:
            day, title = self.say.day(one.day), _line(self.say.translated(one.title))
            yield self("amended"), self("amendment", day=day, title=title, id=one.id)

    def unit(self) -> str:
        """What the act decides on: each person, each sentence or each offence; empty where it does not say."""
        return self(f"unit.{self.act.unit}") if self.act.unit else ""

    def days(self) -> Iterator[DayTold]:
        """The days of the act: those that every act may have, and those that it names itself."""
        for name, day in self.act.dates.items():
            point = self.act.date_notes.get(name)
            label = self(name) if name in DAYS else name.replace("_", " ")
            if point is None:
                yield DayTold(label, self.say.day(day), "", (), "", self.language)
                continue
            note = translated(point.note)
            yield DayTold(
                label=self.say.translated(translated(point.title)) or label,
                day=self.say.day(day),
                sure=self("confidence", level=self.say(f"confidence.{point.confidence}")),
                sources=(point.source,) if isinstance(point.source, str) else tuple(point.source or ()),
                note=_line(self.say.translated(note)),
                note_language=self.language if self.language in note else "en",
            )

    def shown(self, clauses: Sequence[Clause]) -> tuple[ClauseShown, ...]:
        return tuple(self.clause(clause) for clause in clauses)

    def clause(self, clause: Clause) -> ClauseShown:
        kind = type(clause).__name__.lower()
        sentence = clause_sentence(clause, self.act, self.language) or RuleSentence(self("always"))
        expected = self.expected.get(clause.id)
        limits = () if isinstance(clause, Grant) else clause.limits
        examples = self.examples.get(clause.id, ())
        return ClauseShown(
            id=clause.id,
            title=self.say.translated(clause.title) or clause.id,
            who=self(f"who.{kind}"),
            sentence=sentence,
            gives=relief_sentence(clause, self.language) if isinstance(clause, Grant) else "",
            question=_line(self.say.translated(clause.review)) if isinstance(clause, Reservation) else "",
            limits=self("concerns" if isinstance(clause, Reservation) else "limits"),
            limited=self.limited(limits),
            effect=self.effect(clause),
            open=open_sentence(clause, self.language),
            expected=self.number(expected),
            caution=self("estimate.caution", day=self.say.day(expected.day)) if expected else "",
            examples=tuple(map(self.example, examples)),
            counted=self("examples.counted", n=str(len(examples)), signed=str(sum(map(_is_signed, examples)))),
            lists=tuple(self.lists(clause)),
            note=_line(self.say.translated(clause.note)),
            note_language=self.language if self.language in clause.note else "en",
            sources=tuple((key, self.act.sources.get(key, "")) for key in clause.sources),
            confidence=self("confidence", level=self.say(f"confidence.{clause.confidence}")),
            rule=_line(clause.rule or ""),
        )

    def effect(self, clause: Clause) -> str:
        """The first and the last day on which a clause is in effect, as far as the act names them."""
        days = (("since", clause.since), ("until", clause.until))
        return ", ".join(self(f"effect.{name}", day=self.say.day(day)) for name, day in days if day is not None)

    def number(self, expected: Expected | None) -> str:
        """How many cases a clause is expected to be booked for, with the range of nine draws in ten."""
        if expected is None:
            return ""
        written = Words(self.language).number
        values = {name: written(round(getattr(expected, name))) for name in ("mean", "low", "high")}
        return self("estimate.some", **values)

    def example(self, example: Example) -> ExampleShown:
        """A worked case in words, with its signature."""
        granted = example.outcome == "granted" and example.grant
        outcome = self("outcome.granted_by", grant=example.grant) if granted else self(f"outcome.{example.outcome}")
        signed = self("examples.not_signed")
        if _is_signed(example) and example.signed_on is not None:
            day = self.say.day(example.signed_on)
            signed = self(f"examples.{example.verdict}", by=example.signed_by, day=day)
        comment = self("examples.comment", text=example.comment) if example.comment else ""
        return ExampleShown(example.title, outcome, signed, comment, _is_signed(example))

    def limited(self, limits: Sequence[str]) -> str:
        """The grants that something limits, by their titles."""
        if len(limits) == len(self.act.grants):
            return self("every_grant")
        return "; ".join(
            self.say.translated(grant.title) or grant.id for grant in self.act.grants if grant.id in limits
        )

    def lists(self, clause: Clause) -> Iterator[tuple[str, str]]:
        """The articles that a clause lists, those that are surely on the list apart from the others."""
        if clause.condition is None:
            return
        for atom in rules.atoms(clause.condition):
            if isinstance(atom, rules.Listed):
                for key, articles in (("articles", atom.certain), ("articles_open", atom.uncertain)):
                    if articles:
                        yield self(key), ", ".join(article.rpartition(":")[2] for article in articles)


def _is_signed(example: Example) -> bool:
    return bool(example.signed_by and example.signed_on and example.verdict)


def _line(text: str) -> str:
    return " ".join(text.split())
