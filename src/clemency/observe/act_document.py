"""An act as a document for its folder: its clauses beside the worked cases that show them, in Markdown.

The text is made from `act.yaml` and `cases/` and from nothing else, so that it can never say something else than they
do; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clemency.determine.wording import Wording
from clemency.determine.worked import read_worked_case
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.observe.act_page import limits_text, relief_text


@dataclass(frozen=True)
class _Shown:
    """A worked case: its file, what it shows in words, and the outcome expected."""

    file: str
    title: str
    outcome: str


def act_document(act: Act) -> str:
    """The whole act as a document: dates, facts, clauses, each with source, confidence and the cases that show it."""
    return "\n".join(_Document(act).lines()).rstrip() + "\n"


class _Document:
    def __init__(self, act: Act) -> None:
        self.act, self.say = act, Wording("en")
        self.cases = _cases_by_clause(act)

    def lines(self) -> Iterator[str]:
        act = self.act
        yield from (f"# {self.say.translated(act.title)}", "")
        yield "<!-- Made from act.yaml and cases/ by `clemency act document`. Change those, not this. -->"
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
        return ", ".join(told) + "."

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
            yield from self.clause(clause)
            yield f"- source {', '.join(clause.sources)}, confidence {clause.confidence}"
            if clause.note:
                yield f"- note: {_line(self.say.translated(clause.note))}"
            yield from self.shown(self.cases.get(clause.id, ()))

    def clause(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        if isinstance(clause, Reservation):
            yield f"- to answer: {_line(self.say.translated(clause.review))}"
        if clause.rule:
            yield f"- when: `{_line(clause.rule)}`"
        if isinstance(clause, Grant):
            yield f"- relief: {relief_text(clause, self.say)}"
        else:
            yield f"- limits: {limits_text(self.act, clause.limits)}"
        if isinstance(clause, Exclusion):
            yield from self.offences(clause)
        if not isinstance(clause, Reservation) and clause.law_unknown:
            yield f"- law not known: {_line(self.say.translated(clause.law_unknown))}"

    def offences(self, clause: Exclusion) -> Iterator[str]:
        for atom in rules.atoms(clause.condition):
            if isinstance(atom, rules.Listed):
                if atom.certain:
                    yield f"- offences on the list: {', '.join(atom.certain)}"
                if atom.uncertain:
                    yield f"- offences that may or may not be on it: {', '.join(atom.uncertain)}"

    def shown(self, cases: Sequence[_Shown]) -> Iterator[str]:
        for case in cases:
            yield f"- shown by [{case.title}](cases/{case.file}): {case.outcome}"

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


def _cases_by_clause(act: Act) -> Mapping[str, Sequence[_Shown]]:
    """The worked cases of every clause, by its id; those that name no clause under the empty name."""
    found: dict[str, list[_Shown]] = defaultdict(list)
    folder = act.path.parent / "cases" if act.path else None
    for path in sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []:
        case = read_worked_case(path)
        shown = _Shown(path.name, _line(str(case.get("title") or path.stem)), _expected(case["expect"]))
        for clause in case.get("shows") or ("",):
            found[str(clause)].append(shown)
    return found


def _expected(expect: Mapping[str, Any]) -> str:
    outcome = str(expect.get("outcome", "")).replace("_", " ")
    grant = expect.get("grant")
    return f"{outcome} by `{grant}`" if grant else outcome


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
