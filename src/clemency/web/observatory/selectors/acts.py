"""An act as its page shows it: clauses in families, what closes them, what is not known, what each rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation, library_acts, load_act, translated
from clemency.law.codes import OffenceCode
from clemency.observe.act_html import ClauseReader, ClauseShown
from clemency.observe.act_page import relief_text
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import capital

Clause = Grant | Exclusion | Reservation
Text = Mapping[str, str]

#: Families of clauses by the first part of their ids.
FAMILIES: Mapping[str, Promise] = {
    "personal": _("Personal groups, released from prison"),
    "minor": _("Crimes of no great public danger"),
    "negligence": _("Crimes through negligence"),
    "less_serious": _("Less serious crimes"),
    "serious_first": _("A serious crime for the first time"),
    "rest": _("Others serving a sentence"),
    "settlement": _("Settlement-type institutions"),
    "suspended": _("Suspended sentences"),
    "noncustodial": _("Lighter penalties"),
    "deferred": _("Deferred sentences"),
    "liability": _("Cases not yet decided by a court"),
    "possession": _("Simple possession"),
    "expanded": _("Possession, attempt and use, after the expansion"),
    "phase_one": _("First phase"),
    "phase_two": _("Second phase"),
    "full": _("Full relief"),
    "road_injury": _("Injury in a road accident"),
    "cut": _("The term is cut"),
    "probation": _("Probation"),
    "penalty": _("People already convicted"),
    "group": _("Personal groups"),
    "pending": _("Cases not yet decided by a court"),
    "release": _("Released from prison or from the rest of a penalty"),
    "life": _("Life imprisonment"),
}


@dataclass(frozen=True)
class Closing:
    """An exclusion as a clause meets it: whether it closes the clause or only may."""

    exclusion: Exclusion
    letter: str
    certain: bool


@dataclass(frozen=True)
class GrantShown:
    """A grant as it reads, what it gives and what closes it."""

    grant: Grant
    read: ClauseShown
    gives: str
    closings: tuple[Closing | None, ...]
    questions: tuple[Reservation, ...]

    @property
    def closed_by(self) -> list[Closing]:
        """The exclusions that limit it."""
        return [closing for closing in self.closings if closing is not None]


@dataclass(frozen=True)
class Family:
    """Grants of one kind."""

    id: str
    title: str | Promise
    grants: tuple[GrantShown, ...]


@dataclass(frozen=True)
class ListedArticle:
    """An article that an exclusion names, with its title in the code and whether it is surely on the list."""

    article: str
    title: str


@dataclass(frozen=True)
class ExclusionShown:
    """An exclusion as it reads, the articles it names and the clauses it closes."""

    exclusion: Exclusion
    letter: str
    read: ClauseShown
    certain: tuple[ListedArticle, ...]
    uncertain: tuple[ListedArticle, ...]
    closes: tuple[str | Promise, ...]
    closes_all: bool

    @property
    def may(self) -> bool:
        """Whether the law leaves open that it closes anything."""
        return bool(self.exclusion.law_unknown) or (bool(self.uncertain) and not self.certain)


@dataclass(frozen=True)
class QuestionShown:
    """A reservation as it reads and what it concerns."""

    reservation: Reservation
    read: ClauseShown
    concerns: tuple[str | Promise, ...]
    concerns_all: bool


@dataclass(frozen=True)
class DayShown:
    """A day of the act with how sure it is."""

    name: str
    title: Text
    day: str
    confidence: str
    sources: tuple[str, ...]
    note: Text


@dataclass(frozen=True)
class SourceShown:
    """A source of the act, with the number of clauses that rest on it."""

    key: str
    url: str
    clauses: int


@dataclass(frozen=True)
class NoteShown:
    """A remark that no rule carries."""

    text: Text
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class ActShown:
    """Everything the page of an act says."""

    act: Act
    unit: str
    days: tuple[DayShown, ...]
    families: tuple[Family, ...]
    exclusions: tuple[ExclusionShown, ...]
    questions: tuple[QuestionShown, ...]
    notes: tuple[NoteShown, ...]
    sources: tuple[SourceShown, ...]

    @property
    def examples(self) -> list[ClauseShown]:
        """The clauses that worked examples show, in the order of the act."""
        read = [one.read for family in self.families for one in family.grants]
        read += [one.read for one in self.exclusions] + [one.read for one in self.questions]
        return [one for one in read if one.examples]

    @property
    def open_grants(self) -> list[GrantShown]:
        """Grants of which it is not known whether or how far they are in the act."""
        return [one for family in self.families for one in family.grants if one.grant.law_unknown]

    @property
    def sure(self) -> Mapping[str, int]:
        """How many clauses there are of each confidence."""
        clauses: list[Clause] = [*self.act.grants, *self.act.exclusions]
        return {level: sum(one.confidence == level for one in clauses) for level in ("high", "medium", "low")}


#: The country whose cases, claims and lists the Observatory watches.
COUNTRY = "az"


@kept_for_the_edition
def every_act() -> tuple[Act, ...]:
    """The acts of the library: those of the country first, in each part the latest first."""
    acts = sorted((load_act(name) for name in library_acts()), key=day_of, reverse=True)
    return tuple(sorted(acts, key=lambda act: act.jurisdiction != COUNTRY))


def acts_here() -> tuple[Act, ...]:
    """The acts of the country, the latest first."""
    return tuple(act for act in every_act() if act.jurisdiction == COUNTRY)


def day_of(act: Act) -> date:
    """The day of an act: of its adoption, or where that is not known, of its entry into force."""
    return act.dates.get("adopted", act.in_force)


@kept_for_the_edition
def act_shown(act_id: str, language: str) -> ActShown:
    """The page of an act in a language; an act that the library does not have is an error."""
    return _Reader(next(act for act in every_act() if act.id == act_id), language).read()


class _Reader:
    def __init__(self, act: Act, language: str) -> None:
        self.act, self.language, self.say = act, language, Wording(language)
        self.reader = ClauseReader(act, language)

    def read(self) -> ActShown:
        act = self.act
        return ActShown(
            act,
            self.reader.unit(),
            tuple(self.days()),
            tuple(self.family(name, members) for name, members in _families(act.grants).items()),
            tuple(self.exclusion(index, one) for index, one in enumerate(act.exclusions)),
            tuple(self.question(one) for one in act.reservations),
            tuple(NoteShown(translated(one.text), _keys(one.source), one.confidence or "") for one in act.notes),
            tuple(self.sources()),
        )

    def days(self) -> list[DayShown]:
        """The days that every act may have, and those that this one names itself by their titles."""
        shown = []
        for name, day in self.act.dates.items():
            point = self.act.date_notes.get(name)
            own = (translated(point.title) if point else {}) or {"en": name.replace("_", " ")}
            title = {language: capital(text, language) for language, text in own.items()}
            if point is None:
                shown.append(DayShown(name, title, day.isoformat(), "", (), {}))
            else:
                note = translated(point.note)
                shown.append(DayShown(name, title, day.isoformat(), point.confidence, _keys(point.source), note))
        return shown

    def family(self, name: str, members: Sequence[Grant]) -> Family:
        return Family(name, FAMILIES.get(name, name.replace("_", " ")), tuple(map(self.grant, members)))

    def grant(self, grant: Grant) -> GrantShown:
        closings = tuple(
            Closing(one, ascii_uppercase[index], _certain(one)) if grant.id in one.limits else None
            for index, one in enumerate(self.act.exclusions)
        )
        questions = tuple(
            one for one in self.act.reservations if grant.id in one.limits and len(one.limits) < len(self.act.grants)
        )
        return GrantShown(grant, self.reader.clause(grant), relief_text(grant, self.say), closings, questions)

    def exclusion(self, index: int, clause: Exclusion) -> ExclusionShown:
        listed = [atom for atom in rules.atoms(clause.condition) if isinstance(atom, rules.Listed)]
        certain = tuple(_article(article, self.act.code) for atom in listed for article in atom.certain)
        uncertain = tuple(_article(article, self.act.code) for atom in listed for article in atom.uncertain)
        closes, every = self.limited(clause.limits)
        return ExclusionShown(
            clause, ascii_uppercase[index], self.reader.clause(clause), certain, uncertain, closes, every
        )

    def question(self, clause: Reservation) -> QuestionShown:
        concerns, every = self.limited(clause.limits)
        return QuestionShown(clause, self.reader.clause(clause), concerns, every)

    def limited(self, limits: Sequence[str]) -> tuple[tuple[str | Promise, ...], bool]:
        """The clauses that something limits, whole families by their title; and whether it is all of them."""
        shown: list[str | Promise] = []
        for name, grants in _families(self.act.grants).items():
            hit = [grant for grant in grants if grant.id in limits]
            if len(hit) == len(grants) > 1:
                shown.append(FAMILIES.get(name, name.replace("_", " ")))
            else:
                shown += [self.say.translated(grant.title) for grant in hit]
        return tuple(shown), len(limits) == len(self.act.grants)

    def sources(self) -> list[SourceShown]:
        clauses: list[Clause] = [*self.act.grants, *self.act.exclusions, *self.act.reservations]
        return [
            SourceShown(key, url, sum(key in one.sources for one in clauses)) for key, url in self.act.sources.items()
        ]


def _families(grants: Sequence[Grant]) -> Mapping[str, Sequence[Grant]]:
    """Clauses by the first part of their ids, in the order in which the act comes to them."""
    found: dict[str, list[Grant]] = {}
    for grant in grants:
        found.setdefault(grant.id.partition(".")[0], []).append(grant)
    return found


def _certain(exclusion: Exclusion) -> bool:
    if exclusion.law_unknown:
        return False
    listed = [atom for atom in rules.atoms(exclusion.condition) if isinstance(atom, rules.Listed)]
    return not listed or any(atom.certain for atom in listed)


def _article(article: str, code: OffenceCode | None) -> ListedArticle:
    number = article.rpartition(":")[2]
    meant = code.parts_meant(number) if code else ()
    return ListedArticle(number, meant[0].title if meant else "")


def _keys(source: str | list[str] | None) -> tuple[str, ...]:
    return (source,) if isinstance(source, str) else tuple(source or ())
