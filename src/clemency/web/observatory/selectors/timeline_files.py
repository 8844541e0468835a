"""Timelines to take away: the picture as a file of its own, and the events it is drawn from as a table."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import translation

from clemency.observe.data_package import Column, TableAbout
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import in_language
from clemency.web.observatory.exports.forms import ENDINGS as FORMS
from clemency.web.observatory.exports.forms import Row, Table, in_form
from clemency.web.observatory.selectors import timeline
from clemency.web.observatory.selectors.people import (
    GroupShown,
    Moment,
    PersonShown,
    Text,
    every_group,
    everybody,
    in_the_order_of,
)
from clemency.web.observatory.selectors.timeline import Timeline

#: What each ending is announced as.
ENDINGS: Mapping[str, str] = {"svg": "image/svg+xml", **FORMS}
_COLUMNS = {
    "row": "name",
    "date": "day_or_month",
    "no_later_than": "yes_no",
    "kind": "name",
    "event": "text",
    "detail": "text",
    "place": "text",
    "people": "list",
    "whole_case": "yes_no",
    "source_name": "text",
    "source_url": "address",
}


@kept_for_the_edition
def subjects() -> Mapping[tuple[str, str], PersonShown | GroupShown]:
    """Everybody and every case with a timeline, by kind and id."""
    people = {("people", one.case.person_id): one for one in everybody() if one.moments}
    groups = {("groups", one.id): one for one in every_group() if one.moments}
    return {**people, **groups}


def timeline_of(shown: PersonShown | GroupShown, language: str) -> Timeline:
    """The timeline of a person or a case."""
    if isinstance(shown, PersonShown):
        return timeline.of_person(shown, language)
    return timeline.of_group(shown, in_the_order_of(shown.people, language), language)


@kept_for_the_edition
def file_of_timeline(kind: str, subject: str, language: str, ending: str) -> bytes:
    """A timeline or its events as a file."""
    shown = subjects()[kind, subject]
    with translation.override(language):
        if ending == "svg":
            return _alone(timeline_of(shown, language), language).encode()
        return in_form(_events(subject, shown.moments, language), ending)


def _alone(drawn: Timeline, language: str) -> str:
    """The picture as a file of its own, with what its marks mean below it."""
    across = 4
    keys = [(188 * (place % across), 24 * (place // across), key) for place, key in enumerate(drawn.keys)]
    legend = drawn.height + 84
    height = legend + 24 * -(-len(keys) // across) + (24 if drawn.custody else 0)
    values = {"timeline": drawn, "language": language, "keys": keys, "legend": legend, "height": height}
    return render_to_string("people/timeline.svg", values)


def _events(subject: str, moments: tuple[Moment, ...], language: str) -> Table:
    columns = tuple(Column(name, kind, "") for name, kind in _COLUMNS.items())
    about = TableAbout(subject, {}, {}, "", ("row",), columns, {}, "", "", (), "")
    return Table(about, tuple(_event(one, language) for one in moments))


def _event(one: Moment, language: str) -> Row:
    def told(text: Text) -> str | None:
        return in_language(text, language)[0] or None

    return {
        "row": one.row,
        "date": one.date or None,
        "no_later_than": one.by,
        "kind": one.kind,
        "event": str(one.title),
        "detail": told(one.text),
        "place": told(one.place),
        "people": [case.names.get(language, case.name_en) for case in one.named],
        "whole_case": one.whole,
        "source_name": one.source_name or None,
        "source_url": one.source_url,
    }
