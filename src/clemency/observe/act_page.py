"""An act in words for a terminal: dates, facts, grants, exclusions, reservations, each with source and confidence."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from clemency.determine.wording import Wording
from clemency.law.act import Act, DatedPoint, Exclusion, Grant, Reservation
from clemency.law.vocabulary import Kind


def act_page(act: Act, width: int, language: str = "en") -> str:
    """The whole act as text of a given width."""
    return "\n".join(_Page(act, width, Wording(language)).lines()) + "\n"


class _Page:
    def __init__(self, act: Act, width: int, say: Wording) -> None:
        self.act, self.width, self.say = act, max(width, 40), say

    def lines(self) -> Iterator[str]:
        act, say = self.act, self.say
        yield from self.wrapped(f"{say.translated(act.title)} ({act.id})", "")
        about = [act.kind.replace("_", " ")]
        about += [f"jurisdiction {act.jurisdiction}"] if act.jurisdiction else []
        about += [f"offence code {act.code.id}"] if act.code else []
        about += [f"unit of decision: {act.unit}"] if act.unit else []
        yield from self.wrapped(", ".join([*about, f"rules {act.version}"]), "")
        if act.decided_by:
            yield from self.wrapped(f"decided by: {say.translated(act.decided_by)}", "")
        for amendment in act.amendments:
            text = f"amended by {amendment.id} ({say.translated(amendment.title)}) from {say.day(amendment.day)}"
            yield from self.wrapped(text, "")
        yield from self.dates()
        yield from self.facts()
        yield from self.terms()
        yield from ("", f"GRANTS ({len(act.grants)})")
        for grant in act.grants:
            yield from self.grant(grant)
        yield from ("", f"EXCLUSIONS ({len(act.exclusions)})")
        for exclusion in act.exclusions:
            yield from self.exclusion(exclusion)
        yield from ("", f"RESERVATIONS ({len(act.reservations)}), each for a person to answer before a decision")
        for reservation in act.reservations:
            yield from self.reservation(reservation)
        yield from self.notes()
        yield from ("", "SOURCES")
        column = max(map(len, act.sources), default=0) + 2
        yield from (f"  {key:<{column}}{url}" for key, url in act.sources.items())

    def wrapped(self, text: str, indent: str, hang: str | None = None) -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent if hang is None else hang,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def labelled(self, label: str, text: str) -> list[str]:
        return self.wrapped(f"{label}: {text}", "    ", "      ")

    def dates(self) -> Iterator[str]:
        yield from ("", "DATES")
        column = max(10, *map(len, self.act.dates))
        for name, day in self.act.dates.items():
            point = self.act.date_notes.get(name)
            confidence = f", confidence {point.confidence}" if point else ""
            source = f", source {_keys(point)}" if point and point.source else ""
            yield f"  {name:<{column}} {self.say.day(day)}{confidence}{source}"
            if point and isinstance(point.note, str):
                yield from self.wrapped(point.note, " " * (column + 3))

    def facts(self) -> Iterator[str]:
        if not self.act.facts:
            return
        yield from ("", f"FACTS IT ASKS ({len(self.act.facts)})")
        for fact in self.act.facts.values():
            kind = fact.type.kind.value
            if fact.type.kind is Kind.ENUMERATION:
                kind = f"one of {', '.join(fact.type.values)}"
            yield f"  {fact.name} ({kind})"
            if fact.ask:
                yield from self.wrapped(self.say.translated(fact.ask), "    ")

    def terms(self) -> Iterator[str]:
        from clemency.law.rules import show

        if self.act.terms:
            yield from ("", "NAMED CONDITIONS")
            for name, condition in self.act.terms.items():
                yield from self.wrapped(f"{name}: {show(condition)}", "  ", "      ")

    def clause(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        yield ""
        yield from self.wrapped(f"{clause.id} — {self.say.translated(clause.title)}", "  ", "    ")

    def rests_on(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        yield from self.labelled("source", f"{', '.join(clause.sources)}; confidence {clause.confidence}")
        if clause.note:
            yield from self.labelled("note", self.say.translated(clause.note))

    def grant(self, grant: Grant) -> Iterator[str]:
        yield from self.clause(grant)
        yield from self.labelled("when", " ".join(grant.rule.split()))
        yield from self.labelled("relief", relief_text(grant, self.say))
        yield from self.days_in_effect(grant)
        if grant.law_unknown:
            yield from self.labelled("law not known", self.say.translated(grant.law_unknown))
        yield from self.rests_on(grant)

    def days_in_effect(self, clause: Grant | Exclusion | Reservation) -> Iterator[str]:
        if clause.since or clause.until:
            yield from self.labelled("in effect", effect_text(clause, self.say))

    def exclusion(self, clause: Exclusion) -> Iterator[str]:
        from clemency.law import rules

        yield from self.clause(clause)
        yield from self.labelled("limits", limits_text(self.act, clause.limits))
        yield from self.days_in_effect(clause)
        listed = [atom for atom in rules.atoms(clause.condition) if isinstance(atom, rules.Listed)]
        for atom in listed:
            if atom.certain:
                yield from self.labelled("offences on the list", ", ".join(atom.certain))
            if atom.uncertain:
                yield from self.labelled("offences that may or may not be on it", ", ".join(atom.uncertain))
        if not listed:
            yield from self.labelled("when", " ".join(clause.rule.split()))
        if clause.law_unknown:
            yield from self.labelled("law not known", self.say.translated(clause.law_unknown))
        yield from self.rests_on(clause)

    def reservation(self, clause: Reservation) -> Iterator[str]:
        yield from self.clause(clause)
        yield from self.wrapped(self.say.translated(clause.review), "    ")
        if clause.rule:
            yield from self.labelled("when", " ".join(clause.rule.split()))
        yield from self.labelled("concerns", limits_text(self.act, clause.limits))
        yield from self.days_in_effect(clause)
        yield from self.rests_on(clause)

    def notes(self) -> Iterator[str]:
        if self.act.notes:
            yield from ("", "NOTES")
            for note in self.act.notes:
                text = (
                    note.text if isinstance(note.text, str) else getattr(note.text, self.say.language) or note.text.en
                )
                yield from self.wrapped(text, "  · ", "    ")


def relief_text(grant: Grant, say: Wording) -> str:
    """What a grant gives, in words: its relief, whose word it needs, and what it waits for."""
    relief = grant.relief
    text = say.relief(relief.kind, relief.terms())
    return f"{text}; after: {say.translated(relief.after)}" if relief.after else text


def effect_text(clause: Grant | Exclusion | Reservation, say: Wording) -> str:
    """The first and the last day on which a clause is in effect, as far as the act names them."""
    days = [f"from {say.day(clause.since)}"] if clause.since else []
    return " ".join([*days, *([f"until {say.day(clause.until)}"] if clause.until else [])])


def limits_text(act: Act, limits: Sequence[str]) -> str:
    """The grants that an exclusion or a reservation limits, whole groups by their pattern."""
    ids = [grant.id for grant in act.grants]
    if len(limits) == len(ids):
        return "every grant"
    groups = {name.partition(".")[0] for name in limits}
    whole = {group for group in groups if all(name in limits for name in ids if name.partition(".")[0] == group)}
    whole = {group for group in whole if sum(name.startswith(f"{group}.") for name in ids) > 1}
    shown = [f"{name.partition('.')[0]}.*" if name.partition(".")[0] in whole else name for name in limits]
    return ", ".join(dict.fromkeys(shown))


def _keys(point: DatedPoint) -> str:
    return point.source if isinstance(point.source, str) else ", ".join(point.source or ())
