"""An act as a document for its folder: its clauses beside the worked cases that show them, in Markdown.

The text is made from `act.yaml`, `phrases.yaml` and `cases/` and from nothing else, so that it can never say something
else than they do; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clemency.determine.rule_sentences import clause_sentence, open_sentence, relief_sentence
from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import LANGUAGES, Act, Exclusion, Grant, Reservation
from clemency.observe.act_html import act_phrase
from clemency.observe.act_page import effect_text, limits_text
from clemency.observe.clause_readings import Example, examples_by_clause


def act_document(act: Act) -> str:
    """The whole act as a document: dates, facts, clauses, each with source, confidence and the cases that show it."""
    return "\n".join(_Document(act.whole()).lines()).rstrip() + "\n"


class _Document:
    def __init__(self, act: Act) -> None:
        self.act, self.say = act, Wording("en")
        self.cases = examples_by_clause(act)

    def lines(self) -> Iterator[str]:
        act = self.act
        yield from (f"# {self.say.translated(act.title)}", "")
        yield "<!-- Made from act.yaml, phrases.yaml and cases/ by `clemency act document`. Change those, not this. -->"
        yield ""
        yield self.about()
        yield ""
        yield "Information, not legal advice. People in the worked cases are invented."
        yield from self.dates()
        yield from self.facts()
        yield from self.clauses("Grants", act.grants)
        yield from self.clauses("Exclusions", act.exclusions)
        yield from self.clauses("Reservations: for a person to answer before a decision", act.reservations)
        yield from self.general_cases()
        yield from self.notes()
        yield from ("", "## Sources", "")
        yield from (f"- **{key}**: <{url}>" for key, url in act.sources.items())

    def about(self) -> str:
        act = self.act
        told = [f"`{act.id}`", act.kind.replace("_", " ")]
        told += [f"jurisdiction {act.jurisdiction}"] if act.jurisdiction else []
        told += [f"offence code `{act.code.id}`"] if act.code else []
        told += [f"unit of decision: {act.unit}"] if act.unit else []
        about = ", ".join(told) + "."
        if act.decided_by:
            about += f" Decided by: {_line(self.say.translated(act.decided_by)).rstrip('.')}."
        for amendment in act.amendments:
            about += f" Amended by `{amendment.id}` from {self.say.day(amendment.day)}."
        return about

    def dates(self) -> Iterator[str]:
        yield from (
            "",
            "## Dates",
            "",
            "| date | day | confidence | source | note |",
            "| --- | --- | --- | --- | --- |",
        )
        for name, day in self.act.dates.items():
            point = self.act.date_notes.get(name)
            source = point.source if point and point.source else ()
            keys = source if isinstance(source, str) else ", ".join(source)
            note = point.note if point and isinstance(point.note, str) else ""
            confidence = point.confidence if point else ""
            yield f"| {name} | {day.isoformat()} | {confidence} | {keys} | {_cell(note)} |"

    def facts(self) -> Iterator[str]:
        if not self.act.facts:
            return
        yield from ("", "## Facts it asks", "", "| fact | type | question |", "| --- | --- | --- |")
        for fact in self.act.facts.values():
            ask = self.say.translated(fact.ask) if fact.ask else ""
            yield f"| `{fact.name}` | {fact.type.kind.value} | {_cell(ask)} |"

    def clauses(self, title: str, clauses: Sequence[Grant | Exclusion | Reservation]) -> Iterator[str]:
        if not clauses:
            return
        yield from ("", f"## {title}")
        for clause in clauses:
            yield from ("", f"### `{clause.id}`", "", self.say.translated(clause.title), "")
            yield from self.sentences(clause)
            yield from self.clause(clause)
            if clause.since or clause.until:
                yield f"- in effect: {effect_text(clause, self.say)}"
            yield f"- source {', '.join(clause.sources)}, confidence {clause.confidence}"
            if clause.note:
                yield f"- note: {_line(self.say.translated(clause.note))}"
            yield from self.shown(self.cases.get(clause.id, ()))

    def sentences(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        """The clause in words in every language: whom it means, what it gives, what is open."""
        for language in LANGUAGES:
            sentence = clause_sentence(clause, self.act, language)
            told = [sentence.plain()] if sentence else [act_phrase(language, "always")]
            told += [relief_sentence(clause, language)] if isinstance(clause, Grant) else []
            told += [open_sentence(clause, language)]
            yield f"- {language}: {' '.join(filter(None, told))}"

    def clause(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        if isinstance(clause, Reservation):
            yield f"- to answer: {_line(self.say.translated(clause.review))}"
        if clause.rule:
            yield f"- when: `{_line(clause.rule)}`"
        if not isinstance(clause, Grant):
            yield f"- limits: {limits_text(self.act, clause.limits)}"
        if isinstance(clause, Exclusion):
            yield from self.offences(clause)

    def offences(self, clause: Exclusion) -> Iterator[str]:
        for atom in rules.atoms(clause.condition):
            if isinstance(atom, rules.Listed):
                if atom.certain:
                    yield f"- offences on the list: {', '.join(atom.certain)}"
                if atom.uncertain:
                    yield f"- offences that may or may not be on it: {', '.join(atom.uncertain)}"

    def shown(self, cases: Sequence[Example]) -> Iterator[str]:
        for case in cases:
            outcome = case.outcome.replace("_", " ")
            granted = f"{outcome} by `{case.grant}`" if case.grant else outcome
            yield f"- shown by [{case.title}](cases/{case.file}): {granted}; {_signed(case)}"

    def general_cases(self) -> Iterator[str]:
        if "" in self.cases:
            yield from ("", "## Worked cases about no single clause", "")
            yield from self.shown(self.cases[""])

    def notes(self) -> Iterator[str]:
        if self.act.notes:
            yield from ("", "## Notes", "")
            for note in self.act.notes:
                text = note.text if isinstance(note.text, str) else note.text.en
                yield f"- {_line(text)}"


def _signed(case: Example) -> str:
    if not case.signed_by or case.signed_on is None:
        return "not signed yet"
    comment = f" ({case.comment})" if case.comment else ""
    return f"{case.signed_by} signed on {case.signed_on.isoformat()}: {case.verdict}{comment}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
