"""Published cases under a typed schema: who, which events, what reports disagree on, and each text in three languages.

`cases.csv` has one row a person or organisation, `events.csv` one a dated event, `reports.csv` one a report about a
thing on which reports differ or leave something open. Dates are as precise as the source and no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from clemency.law.act import LANGUAGES
from clemency.law.library import library_path
from clemency.observe.library_files import Address, Cells, Count, Day, DayOrMonth, Row, Words, read_sheet
from clemency.observe.texts import shown_texts

#: What happens in a case, in the order in which a case goes.
EventKind = Literal[
    "arrest",
    "charge",
    "extension",
    "hearing",
    "verdict",
    "appeal",
    "transfer",
    "listed",
    "pardon",
    "amnesty_decision",
    "release",
]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_ARTICLE = re.compile(r"\b\d{3}(?:-\d+)?(?:\.\d+(?:-\d+)?)*\b")
_ASIDE = re.compile(r"\([^)]*\)")
_CUSTODY = ("imprisoned", "on trial, in custody", "remand;")


class Case(Row):
    """One row of `cases.csv`: a person or an organisation as the sources tell of them."""

    person_id: Name
    kind: Literal["person", "organisation"]
    name_az: Words
    name_en: Words
    name_en_variants: str | None
    name_ru: str | None
    organisation: Words
    role: str | None
    case_group: Name
    arrest_date: DayOrMonth | None
    charges: str | None
    court: str | None
    verdict_date: Day | None
    sentence_years: Count | None
    sentence_months: Count | None
    status: Words
    status_as_of: Day
    clemency: str | None
    listed_by: str | None
    source_url: Address
    source_date: Day
    note: str | None

    @property
    def names(self) -> Mapping[str, str]:
        """The name by language, as far as it is known in each."""
        names = {"en": self.name_en, "az": self.name_az, "ru": self.name_ru or ""}
        return {language: name for language, name in names.items() if name}

    @property
    def variants(self) -> tuple[str, ...]:
        """Other spellings met with."""
        return parts(self.name_en_variants)

    @property
    def listers(self) -> tuple[str, ...]:
        """Who lists the person or has a page on the case."""
        return parts(self.listed_by)

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that the published charges name."""
        return articles_in(self.charges or "")

    @property
    def in_custody(self) -> bool:
        """Whether the last report has the person in custody or in prison."""
        return self.status.startswith(_CUSTODY)

    @property
    def last_report(self) -> str:
        """The last day of which this row tells."""
        return max(self.status_as_of, self.source_date).isoformat()


class Event(Row):
    """One row of `events.csv`."""

    date: DayOrMonth
    kind: EventKind
    subject_id: Name | None
    person_or_org: Words
    place_or_court: str | None
    detail: Words
    source_name: Words
    source_url: Address


class RecordNote(Row):
    """One row of `records-notes.csv`: what a record rests on, and what it leaves out."""

    person_id: Name
    name_en: Words
    source_url: Address
    source_date: Day
    status: Words
    status_as_of: Day
    left_out: str | None
    why: str | None

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """What was left out, each with why."""
        return tuple(zip(parts(self.left_out), parts(self.why), strict=True))


class Report(Row):
    """One row of `reports.csv`: one of the reports that stand side by side. `by`: on that day or before it."""

    report_id: Name
    subject_id: Name
    about: Literal["arrest", "charge", "extension", "supporters"]
    date: DayOrMonth | None
    precision: Literal["on", "by"]
    en: Words
    az: Words
    ru: Words
    source_name: str | None
    source_url: Address | None

    @property
    def text(self) -> Mapping[str, str]:
        """What it says."""
        return {language: getattr(self, language) for language in LANGUAGES}


@dataclass(frozen=True)
class PublishedCases:
    """The published cases of a country."""

    jurisdiction: str = "az"

    @cached_property
    def all(self) -> tuple[Case, ...]:
        """People and organisations, in the order of the file."""
        return read_sheet(self._folder / "cases.csv", Case)

    @cached_property
    def people(self) -> tuple[Case, ...]:
        """The people."""
        return tuple(one for one in self.all if one.kind == "person")

    @cached_property
    def organisations(self) -> tuple[Case, ...]:
        """The organisations."""
        return tuple(one for one in self.all if one.kind == "organisation")

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Events, the earliest first."""
        known = {one.person_id for one in self.all}

        def check(cells: Cells, _: Event | None) -> list[tuple[str, str]]:
            subject = cells["subject_id"]
            return [("subject_id", "is no person_id of cases.csv")] if subject and subject not in known else []

        return tuple(sorted(read_sheet(self._folder / "events.csv", Event, check), key=lambda one: one.date))

    @cached_property
    def notes(self) -> Mapping[str, RecordNote]:
        """What each record rests on, by person."""
        return {one.person_id: one for one in read_sheet(self._folder / "records-notes.csv", RecordNote)}

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """Reports that stand side by side."""
        return read_sheet(self._folder / "reports.csv", Report)

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """How each text of the data is shown in each language."""
        return shown_texts(self._folder / "texts.csv")

    def named_in(self, event: Event) -> tuple[Case, ...]:
        """The people whom an event names, whole or by the last part of their names; not those named in brackets only.

        >>> cases = PublishedCases()
        >>> event = next(one for one in cases.events if one.person_or_org == "Movlamli, Ali, Agha")
        >>> [one.person_id for one in cases.named_in(event)]
        ['fatima-movlamli', 'ulviyya-ali', 'shamshad-agha']
        """
        group = self.group_of(event)
        found: dict[str, Case] = {}
        for text in (event.person_or_org, _ASIDE.sub("", event.detail)):
            for person in sorted(self.people, key=lambda one: text.find(_last(one.name_en))):
                last = person.case_group == group and _has(text, _last(person.name_en))
                if last or person.name_en in text:
                    found.setdefault(person.person_id, person)
        subject = next((one for one in self.people if one.person_id == event.subject_id), None)
        if subject is not None and not found:
            found[subject.person_id] = subject
        return tuple(found.values())

    def speaks_of_all(self, event: Event) -> bool:
        """Whether an event speaks of a case as a whole, naming nobody or only some.

        >>> cases = PublishedCases()
        >>> [one.detail for one in cases.events if cases.speaks_of_all(one) and one.date == "2025-09-09"]
        ['all sentences upheld; judge Zafar Ahmadov']
        """
        people = self.people
        return (
            not any(_has(event.person_or_org, _last(one.name_en)) for one in people) or "others" in event.person_or_org
        )

    def group_of(self, event: Event) -> str:
        """The case group that an event belongs to; none for events of the whole country."""
        subject = next((one for one in self.all if one.person_id == event.subject_id), None)
        if subject is None:
            return ""
        if subject.kind == "person":
            return subject.case_group
        groups = dict.fromkeys(one.case_group for one in self.people)
        name = subject.case_group
        return next((one for one in groups if one == name or one.startswith(name + "-")), "")

    @property
    def _folder(self) -> Path:
        return library_path() / "people" / self.jurisdiction


def parts(text: str | None) -> tuple[str, ...]:
    """The parts of a cell that holds several.

    >>> parts("CPJ; Front Line Defenders"), parts(None)
    (('CPJ', 'Front Line Defenders'), ())
    """
    return tuple(one.strip() for one in (text or "").split(";") if one.strip())


def articles_in(text: str) -> tuple[str, ...]:
    """The articles of the criminal code that a text names, each once.

    >>> articles_in("206.3.2 (Dec 2024-); Aug 2025: 192; 193-1; 213 and others, eight in all")
    ('206.3.2', '192', '193-1', '213')
    """
    return tuple(dict.fromkeys(_ARTICLE.findall(text)))


def split_at_articles(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is an article.

    >>> split_at_articles("charged under 278.1; more")
    [('charged under ', False), ('278.1', True), ('; more', False)]
    """
    pieces, end = [], 0
    for found in _ARTICLE.finditer(text):
        pieces += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


def _last(name: str) -> str:
    return name.rpartition(" ")[2]


def _has(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None
