"""People, organisations and case groups in the news: what is published of each, with its source and its day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clemency.observe.cases import Case, Event, PublishedCases, Report, articles_in, split_at_articles
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import in_order

Text = Mapping[str, str]

#: What happens in a case, in the order in which a case goes.
KINDS: Mapping[str, Promise] = {
    "arrest": _("arrest"),
    "charge": _("charge"),
    "extension": _("custody extended"),
    "hearing": _("hearing"),
    "verdict": _("verdict"),
    "appeal": _("appeal"),
    "transfer": _("moved"),
    "listed": _("put on a list"),
    "pardon": _("pardon"),
    "amnesty_decision": _("amnesty"),
    "release": _("release"),
}
#: Case groups by the name that the data uses.
GROUPS: Mapping[str, Promise] = {
    "abzas-media": _("The Abzas Media case"),
    "meydan-tv": _("The Meydan TV case"),
    "toplum-tv": _("The Toplum TV case"),
    "apfp-2025": _("The Popular Front case of 2025"),
}
#: Who is named as listing people, and what that listing is.
LISTERS: Mapping[str, tuple[Promise, Promise]] = {
    "Union for Freedom of Political Prisoners of Azerbaijan": (
        _("Union for Freedom of Political Prisoners of Azerbaijan"),
        _("on its list of political prisoners"),
    ),
    "Front Line Defenders": (_("Front Line Defenders"), _("a page on the case of a rights defender")),
    "CPJ": (_("Committee to Protect Journalists (CPJ)"), _("a list of journalists in prison")),
}
#: What reports differ on.
ABOUT: Mapping[str, Promise] = {
    "arrest": _("Day of the arrest"),
    "charge": _("The charge"),
    "extension": _("Whose custody was extended"),
    "supporters": _("Supporters detained during the hearing"),
}


@dataclass(frozen=True)
class Moment:
    """Something that happened on a day, a month or no later than a day, as one source tells it.

    `row` names the row of the data. `named` are the people it names; `whole` says that it speaks of a case as a whole.
    """

    row: str
    date: str
    kind: str
    text: Text
    place: Text
    named: tuple[Case, ...]
    whom: Text
    whole: bool
    source_name: str
    source_url: str
    by: bool = False

    @property
    def title(self) -> Promise:
        """What kind of thing it is."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Differing:
    """Reports about one thing, side by side."""

    id: str
    about: str | Promise
    subject: Case
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of a text: words, or an article with its place among the offences."""

    text: str
    article: bool

    @property
    def anchor(self) -> str:
        """The place of an article on the page of offences."""
        return f"article-{self.text}"


@dataclass(frozen=True)
class PersonShown:
    """A person with everything published."""

    case: Case
    group: str | Promise
    role: Text
    organisation: Text
    organisations: tuple[Case, ...]
    charges: Text
    court: Text
    status: Text
    clemency: Text
    note: Text
    listers: tuple[tuple[str | Promise, str | Promise], ...]
    moments: tuple[Moment, ...]
    differing: tuple[Differing, ...]
    last_report: str

    @property
    def own(self) -> list[Moment]:
        """What happened to this person by name."""
        return [one for one in self.moments if self.case in one.named]


@dataclass(frozen=True)
class GroupShown:
    """A case with its people."""

    id: str
    title: str | Promise
    people: tuple[PersonShown, ...]
    organisations: tuple[Case, ...]
    moments: tuple[Moment, ...]
    differing: tuple[Differing, ...]
    charges: tuple[Text, ...]
    last_report: str


@dataclass(frozen=True)
class OrganisationShown:
    """An organisation with the people and events that the data ties to it."""

    case: Case
    status: Text
    group: str
    group_title: str | Promise
    people: tuple[PersonShown, ...]
    moments: tuple[Moment, ...]
    last_report: str


@kept_for_the_edition
def published() -> PublishedCases:
    """The published cases."""
    return PublishedCases()


def shown_text(text: str | None) -> Text:
    """A text of the data in each language; one that nobody translated stays English."""
    return published().texts.get(text, {"en": text}) if text else {}


@kept_for_the_edition
def everybody() -> tuple[PersonShown, ...]:
    """Every person, in the order of the data."""
    return tuple(_person(one) for one in published().people)


@kept_for_the_edition
def every_group() -> tuple[GroupShown, ...]:
    """Every case group, in the order of the data."""
    return tuple(_group(name) for name in dict.fromkeys(one.case_group for one in published().people))


@kept_for_the_edition
def every_organisation() -> tuple[OrganisationShown, ...]:
    """Every organisation, in the order of the data."""
    return tuple(_organisation(one) for one in published().organisations)


def in_the_order_of(people: Iterable[PersonShown], language: str) -> list[PersonShown]:
    """People in the order of their names in a language."""
    return sorted(people, key=lambda one: in_order(one.case.names.get(language, one.case.name_en), language))


@kept_for_the_edition
def of_the_country() -> tuple[Moment, ...]:
    """What happened without a single person or case: decisions, lists, pardons."""
    return tuple(_moment(one) for one in published().events if not published().group_of(one))


@kept_for_the_edition
def cited_articles() -> frozenset[str]:
    """The articles that charges name, and those that a text names down to the part."""
    cases = published()
    texts = [one.detail for one in cases.events] + [one.note or "" for one in cases.people]
    charged = {article for one in cases.people for article in one.articles}
    return frozenset(charged | {article for text in texts for article in articles_in(text) if "." in article})


def pieces(text: str) -> list[Piece]:
    """A text with the articles in it set apart; another number of three figures is none."""
    known = cited_articles()
    return [Piece(piece, article and piece in known) for piece, article in split_at_articles(text)]


# --- how each is made -------------------------------------------------------------------------------------------


def _moment(event: Event) -> Moment:
    cases = published()
    named = cases.named_in(event)
    told = hashlib.sha256(f"{event.person_or_org}|{event.source_url}".encode()).hexdigest()[:8]
    whom = shown_text(event.person_or_org) if event.person_or_org in cases.texts else {}
    if "and others" in event.person_or_org:
        whom = shown_text("and others")
    return Moment(
        row=f"event.{event.date}.{event.kind}.{event.subject_id or 'country'}.{told}",
        date=event.date,
        kind=event.kind,
        text=shown_text(event.detail),
        place=shown_text(event.place_or_court),
        named=named,
        whom=whom,
        whole=cases.speaks_of_all(event),
        source_name=event.source_name,
        source_url=event.source_url,
    )


def _person(case: Case) -> PersonShown:
    cases = published()
    moments = [
        _moment(event)
        for event in cases.events
        if cases.group_of(event) == case.case_group and (case in cases.named_in(event) or _concerns(event, case))
    ]
    differing = _differing({case.person_id})
    own = [one for one in moments if case in one.named]
    if case.arrest_date and not any(one.kind == "arrest" for one in own):
        moments.append(_arrest(case))
    not_later = {report.date for one in differing for report in one.reports if report.precision == "by"}
    moments = [replace(one, by=True) if one.kind == "arrest" and one.date in not_later else one for one in moments]
    people = [one.strip() for one in case.organisation.split(";")]
    last = max([case.last_report, *(one.date for one in own)])
    return PersonShown(
        case=case,
        group=GROUPS.get(case.case_group, case.case_group),
        role=shown_text(case.role),
        organisation=shown_text(case.organisation),
        organisations=tuple(one for one in cases.organisations if any(name.startswith(one.name_en) for name in people)),
        charges=shown_text(case.charges),
        court=shown_text(case.court),
        status=shown_text(case.status),
        clemency=shown_text(case.clemency),
        note=shown_text(case.note),
        listers=tuple(LISTERS.get(name, (name, "")) for name in case.listers),
        moments=tuple(sorted(moments, key=lambda one: one.date)),
        differing=differing,
        last_report=last,
    )


def _concerns(event: Event, case: Case) -> bool:
    """Whether an event of the whole case falls after the person came into it."""
    return published().speaks_of_all(event) and bool(case.arrest_date) and event.date >= str(case.arrest_date)[:7]


def _arrest(case: Case) -> Moment:
    """The arrest as the row of the person gives it, where no event names it."""
    return Moment(
        row=f"case.{case.person_id}.arrest_date",
        date=case.arrest_date or "",
        kind="arrest",
        text={},
        place={},
        named=(case,),
        whom={},
        whole=False,
        source_name="",
        source_url=case.source_url,
    )


def _differing(subjects: set[str]) -> tuple[Differing, ...]:
    found: dict[str, list[Report]] = {}
    for report in published().reports:
        if report.subject_id in subjects:
            found.setdefault(report.report_id, []).append(report)
    people = {one.person_id: one for one in published().people}
    return tuple(
        Differing(name, ABOUT[reports[0].about], people[reports[0].subject_id], tuple(reports))
        for name, reports in found.items()
    )


def _group(name: str) -> GroupShown:
    cases = published()
    people = tuple(one for one in everybody() if one.case.case_group == name)
    organisations = tuple(
        one for one in cases.organisations if name == one.case_group or name.startswith(one.case_group + "-")
    )
    moments = [_moment(event) for event in cases.events if cases.group_of(event) == name]
    moments += [one for person in people for one in person.moments if one.row.startswith("case.")]
    by = {one.row: one for person in people for one in person.moments}
    moments = [by.get(one.row, one) for one in moments]
    last = max([*(one.last_report for one in people), *(one.date for one in moments)])
    charges = {one.case.charges: one.charges for one in people if one.case.charges}
    return GroupShown(
        name,
        GROUPS.get(name, name),
        people,
        organisations,
        tuple(sorted(moments, key=lambda one: one.date)),
        _differing({one.case.person_id for one in people}),
        tuple(charges.values()),
        last,
    )


def _organisation(case: Case) -> OrganisationShown:
    cases = published()
    people = tuple(one for one in everybody() if case in one.organisations)
    group = next((one for one in every_group() if case in one.organisations), None)
    moments = tuple(_moment(event) for event in cases.events if event.subject_id == case.person_id)
    return OrganisationShown(
        case,
        shown_text(case.status),
        group.id if group else "",
        group.title if group else "",
        people,
        moments,
        max([case.last_report, *(one.date for one in moments)]),
    )
