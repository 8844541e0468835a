"""An explanation: its parts, and how they are written out as text."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clemency.determine.wording import Wording

#: States of a condition, in the words that `phrases.yaml` translates.
CONDITION_STATES = ("met", "not_met", "not_known")
_SHARED = 3

#: Marks a word for the terminal: gets the name of a state or part and a text, gives back the text to print.
Paint = Callable[[str, str], str]


@dataclass(frozen=True)
class Line:
    """One condition: met, not met or not known, with the fact that was read for it. `depth` is its indentation."""

    state: str
    condition: str
    fact: str = ""
    depth: int = 0


@dataclass(frozen=True)
class ClauseText:
    """One clause in words.

    A grant `applies`, is `possible`, `closed` by an exclusion though its condition is met, `shut` by one whatever its
    open condition turns out to be, or `out`: not met. An exclusion `bars`, `may_bar` or `no_bar`.
    """

    id: str
    title: str
    state: str
    relief: str
    lines: tuple[Line, ...]
    closed_by: tuple[str, ...]
    may_be_closed_by: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Question:
    """Something to be answered: by a fact, by the law, or by a person (a reservation)."""

    name: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class BetterRelief:
    """A grant with a better relief that is still open, and what it needs."""

    grant: str
    text: str
    missing: tuple[Question, ...]


@dataclass(frozen=True)
class Explanation:
    """A determination in words, part by part; `text` writes it out."""

    language: str
    case_id: str
    act: str
    title: str
    outcome: str
    headline: str
    grants: tuple[ClauseText, ...]
    exclusions: tuple[ClauseText, ...]
    dates: tuple[str, ...]
    reservations: tuple[Question, ...]
    missing: tuple[Question, ...]
    could_improve: tuple[BetterRelief, ...]
    change: str
    contradictions: tuple[str, ...]
    sources: Mapping[str, str]
    about: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data, with every clause in full."""
        return asdict(self)

    def text(self, width: int = 100, everything: bool = False, paint: Paint = lambda _, text: text) -> str:
        """The explanation as text; `everything` also writes the clauses that are not met in full."""
        return _Page(self, width, everything, paint).text()


# --- written out ----------------------------------------------------------------------------------------------


class _Page:
    """Writes an explanation out as text of a given width."""

    def __init__(self, explanation: Explanation, width: int, everything: bool, paint: Paint) -> None:
        self.it, self.width, self.everything, self.paint = explanation, max(width, 40), everything, paint
        self.say = Wording(explanation.language)
        self.column = max(len(self.say(f"state.{state}")) for state in CONDITION_STATES) + 2
        self.out: list[str] = []

    def text(self) -> str:
        it, say = self.it, self.say
        self.paragraph(f"{say('section.case', case=it.case_id)} · {it.title} ({it.act})", style="case")
        self.paragraph(it.headline, style="headline")
        self.clauses([grant for grant in it.grants if grant.state not in ("out", "shut") or self.everything])
        self.exclusions()
        self.bullets("dates", it.dates)
        self.bullets("contradictions", it.contradictions)
        self.questions("reservations", it.reservations)
        self.questions("missing", it.missing)
        self.improvements()
        if it.change:
            self.section("change")
            self.paragraph(it.change, indent="  ")
        if not self.everything:
            self.not_met()
        self.source_list()
        self.section("about")
        for sentence in it.about:
            self.paragraph(sentence, indent="  ")
        return "\n".join(self.out).strip("\n") + "\n"

    def paragraph(self, text: str, indent: str = "", hang: str = "", style: str = "") -> None:
        lines = textwrap.wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=hang or indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.out += [self.paint(style, line) if style else line for line in lines or [""]]

    def section(self, key: str) -> None:
        self.out.append("")
        self.paragraph(self.say(f"section.{key}"), style="section")

    def bullets(self, key: str, sentences: Sequence[str]) -> None:
        if sentences:
            self.section(key)
            for sentence in sentences:
                self.paragraph(sentence, "  · ", "    ")

    def questions(self, key: str, questions: Sequence[Question]) -> None:
        if questions:
            self.section(key)
            for number, question in enumerate(questions, start=1):
                self.question(number, question, "  ")

    def question(self, number: int, question: Question, indent: str) -> None:
        note = f" ({question.note})" if question.note else ""
        mark = f"{indent}{number}. "
        self.paragraph(question.text + note, mark, " " * len(mark))

    def improvements(self) -> None:
        if self.it.could_improve:
            self.section("improve")
            for better in self.it.could_improve:
                self.paragraph(better.text, "  · ", "    ")
                for number, question in enumerate(better.missing, start=1):
                    self.question(number, question, "    ")

    # clauses

    def clauses(self, grants: list[ClauseText]) -> None:
        if not grants:
            return
        order = ["applies", "possible", "closed", "shut", "out"]
        grants = sorted(grants, key=lambda grant: order.index(grant.state))
        self.section("clauses")
        shared = self.shared_lines(grants)
        if shared:
            self.paragraph(f"{self.say('section.common')}:", "  ")
            self.lines(shared)
        for grant in grants:
            self.clause(grant, set(shared))

    def shared_lines(self, grants: Sequence[ClauseText]) -> list[Line]:
        """Conditions that several clauses have in common are written once."""
        counts = Counter(line for grant in grants for line in dict.fromkeys(grant.lines) if _stands_alone(line, grant))
        return [line for line, count in counts.items() if count >= _SHARED]

    def clause(self, clause: ClauseText, shared: set[Line]) -> None:
        self.out.append("")
        say = self.say
        state = say(f"state.{clause.state}")
        relief = f" → {clause.relief}" if clause.relief else ""
        self.paragraph(f"{clause.id} — {clause.title}{relief}: {state}", "  ", "    ", style=clause.state)
        self.lines([line for line in clause.lines if line not in shared])
        for key, names in (("closed_by", clause.closed_by), ("may_close", clause.may_be_closed_by)):
            if names:
                self.paragraph(say(f"line.{key}", exclusions="; ".join(names)), "    ", "      ")
        source = say("line.source", keys=", ".join(clause.sources), confidence=clause.confidence)
        self.paragraph(source, "    ", "      ", style="source")

    def lines(self, lines: Sequence[Line]) -> None:
        for line in lines:
            state = self.say(f"state.{line.state}").ljust(self.column)
            blank = "    " + " " * self.column + "  " * line.depth
            wrapped = textwrap.wrap(
                self.told(line),
                self.width,
                initial_indent=blank,
                subsequent_indent=blank + "  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            first = "    " + self.paint(line.state, state) + wrapped[0][4 + self.column :]
            self.out += [first, *wrapped[1:]]

    def exclusions(self) -> None:
        considered = self.it.exclusions
        if not considered:
            return
        self.section("exclusions")
        for clause in considered:
            if clause.state != "no_bar" or self.everything:
                self.clause(clause, set())
        idle = [f"{clause.id} ({clause.title})" for clause in considered if clause.state == "no_bar"]
        if idle and not self.everything:
            if len(idle) < len(considered):
                self.out.append("")
            self.paragraph(self.say("line.not_apply", exclusions="; ".join(idle)), "  ", "    ")

    def not_met(self) -> None:
        """Clauses that are plainly not met, gathered by the condition that most of them fail."""
        left = [grant for grant in self.it.grants if grant.state == "out"]
        shut = [grant for grant in self.it.grants if grant.state == "shut"]
        if left or shut:
            self.section("not_met")
        for closed_by in dict.fromkeys(grant.closed_by for grant in shut):
            ids = ", ".join(grant.id for grant in shut if grant.closed_by == closed_by)
            reason = self.say("line.shut_by", exclusions="; ".join(closed_by))
            self.paragraph(f"{ids}: {reason}", "  · ", "    ")
        while left and (counts := Counter(line for grant in left for line in dict.fromkeys(_failing(grant)))):
            line = counts.most_common(1)[0][0]
            gathered = [grant for grant in left if line in _failing(grant)]
            ids = ", ".join(grant.id for grant in gathered)
            self.paragraph(f"{ids}: {self.told(line)}", "  · ", "    ")
            left = [grant for grant in left if grant not in gathered]

    def told(self, line: Line) -> str:
        """A condition with its fact, unless that only repeats that it is not known."""
        if not line.fact or (line.state == "not_known" and line.fact == self.say("value.unknown")):
            return line.condition
        return f"{line.condition} · {self.say('line.here', fact=line.fact)}"

    def source_list(self) -> None:
        if self.it.sources:
            self.section("sources")
            column = max(map(len, self.it.sources)) + 2
            self.out += [f"  {key:<{column}}{url}" for key, url in self.it.sources.items()]


def _failing(grant: ClauseText) -> list[Line]:
    return [line for line in grant.lines if line.depth == 0 and line.state == "not_met"]


def _stands_alone(line: Line, grant: ClauseText) -> bool:
    """A line that no indented lines follow, so that it can be told apart from its clause."""
    place = grant.lines.index(line)
    return line.depth == 0 and (place + 1 == len(grant.lines) or grant.lines[place + 1].depth == 0)
