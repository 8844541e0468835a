"""Feeds as Atom and JSON Feed: what happened to a person, in a case, to an organisation, with a list.

Ids are tag: URIs made from the names of the data, so they stay when an address or a wording changes. There is no clock:
a feed was updated on the day of the last report. Where a source gives a month only, Atom asks for a day and gets the
first of the month; the text says the month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from clemency.web.languages import capital, day, in_language, said
from clemency.web.links import address, whole_address
from clemency.web.observatory.selectors.people import (
    Moment,
    every_group,
    every_organisation,
    everybody,
    shown_text,
)
from clemency.web.observatory.selectors.watch_lists import every_publisher

#: The project owns no domain. A name under .invalid can never be anybody else's.
_AUTHORITY = "tag:clemency.invalid,2026:az"
FORMS = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json; charset=utf-8"}


@dataclass(frozen=True)
class Entry:
    """One entry: its id, the day, a title, a text, and the source."""

    id: str
    date: str
    title: str
    text: str
    source_name: str
    source_url: str

    @property
    def updated(self) -> str:
        """The day as feeds want it."""
        return at_midnight(self.date)


@dataclass(frozen=True)
class Feed:
    """A feed: its id, title, the page it belongs to, the day of the last report, and its entries, the latest first."""

    id: str
    title: str
    page: str
    values: Mapping[str, str]
    updated: str
    entries: tuple[Entry, ...]


def at_midnight(text: str) -> str:
    """A day or month as the instant that feeds want.

    >>> at_midnight("2025-08"), at_midnight("2025-09-09")
    ('2025-08-01T00:00:00Z', '2025-09-09T00:00:00Z')
    """
    return f"{text if len(text) == 10 else text + '-01'}T00:00:00Z"


def every_feed() -> Iterator[Mapping[str, str]]:
    """The kind and the subject of every feed."""
    for kind, (subjects, _make) in _KINDS.items():
        for subject in subjects():
            yield {"kind": kind, "subject": subject}


def feed_of(kind: str, subject: str, language: str) -> Feed | None:
    """A feed in a language; none where there is no such subject."""
    known = _KINDS.get(kind)
    if known is None or subject not in known[0]():
        return None
    return known[1](subject, language)


# --- which feeds there are --------------------------------------------------------------------------------------


def _of_person(subject: str, language: str) -> Feed:
    person = next(one for one in everybody() if one.case.person_id == subject)
    name = in_language(person.case.names, language)[0]
    state = _status(f"person/{subject}", person.case, language)
    entries = [_entry(one, language) for one in person.moments]
    return _feed(f"person/{subject}", name, "person", {"person": subject}, person.last_report, [*entries, state])


def _of_group(subject: str, language: str) -> Feed:
    group = next(one for one in every_group() if one.id == subject)
    entries = [_entry(one, language) for one in group.moments]
    return _feed(f"group/{subject}", str(group.title), "group", {"group": subject}, group.last_report, entries)


def _of_organisation(subject: str, language: str) -> Feed:
    shown = next(one for one in every_organisation() if one.case.person_id == subject)
    name = in_language(shown.case.names, language)[0]
    entries = [_entry(one, language) for one in shown.moments]
    state = _status(f"organisation/{subject}", shown.case, language)
    title, values = f"{name} ({_('organisation')})", {"organisation": subject}
    return _feed(f"organisation/{subject}", title, "organisation", values, shown.last_report, [*entries, state])


def _of_list(subject: str, language: str) -> Feed:
    shown = next(one for one in every_publisher() if one.publisher.id == subject)
    title = in_language(shown.publisher.title, language)[0]
    entries = []
    for one in shown.lists:
        names = _("Names on the list of %(day)s: %(count)s") % {
            "day": day(one.list.date, language),
            "count": said(one.names.value, one.names.qualifier, language),
        }
        note = in_language(one.note, language)[0]
        place = f"{_AUTHORITY}/list/{subject}/{one.list.date}"
        entries.append(Entry(place, one.list.date, names, note, one.list.source_name, one.list.source_url))
    for each in shown.coverage:
        low, high = each.row.covered_low, each.row.covered_high
        told = _("%(what)s of %(day)s: %(reached)s of %(names)s on the list of %(list)s reached") % {
            "what": capital(str(each.what), language),
            "day": day(each.day, language),
            "reached": str(low) if low == high else f"{low}–{high}",
            "names": said(each.row.list_names, each.row.list_qualifier, language),
            "list": day(each.row.list_date or "", language),
        }
        when = str(each.row.as_of or each.row.date_adopted)
        note = in_language(each.note, language)[0]
        place = f"{_AUTHORITY}/list/{subject}/{each.key}"
        entries.append(Entry(place, when, told, note, each.row.source_name, each.row.source_url))
    return _feed(f"list/{subject}", title, "list", {"list": subject}, shown.last_report, entries)


_KINDS: Mapping[str, tuple[Callable[[], list[str]], Callable[[str, str], Feed]]] = {
    "people": (lambda: [one.case.person_id for one in everybody()], _of_person),
    "groups": (lambda: [one.id for one in every_group()], _of_group),
    "organisations": (lambda: [one.case.person_id for one in every_organisation()], _of_organisation),
    "lists": (lambda: [one.publisher.id for one in every_publisher()], _of_list),
}


def _feed(name: str, title: str, page: str, values: Mapping[str, str], updated: str, entries: list[Entry]) -> Feed:
    newest = tuple(sorted(entries, key=lambda one: (one.date, one.id), reverse=True))
    return Feed(f"{_AUTHORITY}/{name}", title, page, values, at_midnight(updated), newest)


def _status(name: str, case: Any, language: str) -> Entry:
    when = case.status_as_of.isoformat()
    text = in_language(shown_text(case.status), language)[0]
    title = _("Status on %(day)s") % {"day": day(when, language)}
    return Entry(f"{_AUTHORITY}/{name}/status/{when}", when, title, text, "", case.source_url)


def _entry(moment: Moment, language: str) -> Entry:
    names = [in_language(one.names, language)[0] for one in moment.named]
    whom = ", ".join([*names, *filter(None, [in_language(moment.whom, language)[0]])])
    title = f"{day(moment.date, language)}: {moment.title}" + (f" ({whom})" if whom else "")
    place, text = in_language(moment.place, language)[0], in_language(moment.text, language)[0]
    body = ". ".join(capital(one, language) for one in (text, place) if one)
    return Entry(
        f"{_AUTHORITY}/{moment.row.replace('.', '/')}", moment.date, title, body, moment.source_name, moment.source_url
    )


# --- how they are written ---------------------------------------------------------------------------------------


def as_atom(feed: Feed, request: Any, language: str, own: str) -> str:
    """A feed as Atom 1.0."""
    page = whole_address(request, address(feed.page, language=language, **feed.values))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">',
        f"<id>{escape(feed.id)}</id>",
        f"<title>{escape(feed.title)} · Clemency</title>",
        f"<updated>{feed.updated}</updated>",
        "<author><name>Clemency</name></author>",
        "<rights>CC BY 4.0</rights>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(own)}/>',
        f'<link rel="alternate" type="text/html" hreflang="{language}" href={quoteattr(page)}/>',
    ]
    for one in feed.entries:
        lines += [
            "<entry>",
            f"<id>{escape(one.id)}</id>",
            f"<title>{escape(one.title)}</title>",
            f"<updated>{one.updated}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>',
            f'<link rel="via" title={quoteattr(one.source_name or one.source_url)} href={quoteattr(one.source_url)}/>',
            f'<content type="text">{escape(one.text)}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def as_json(feed: Feed, request: Any, language: str, own: str) -> str:
    """A feed as JSON Feed 1.1; a day that no source gives is left out."""
    import json

    page = whole_address(request, address(feed.page, language=language, **feed.values))
    items = []
    for one in feed.entries:
        item = {"id": one.id, "url": page, "external_url": one.source_url, "title": one.title, "content_text": one.text}
        items.append({**item, **({"date_published": one.updated} if len(one.date) == 10 else {})})
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{feed.title} · Clemency",
        "home_page_url": page,
        "feed_url": own,
        "language": language,
        "_clemency": {"id": feed.id, "last_report": feed.updated},
        "items": items,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
