"""People, organisations and case groups in the news, and the articles of the code that their charges name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.law.act import LANGUAGES
from clemency.web.observatory.registry import Values, document, page
from clemency.web.observatory.selectors.offences import cited
from clemency.web.observatory.selectors.people import (
    every_group,
    every_organisation,
    everybody,
    in_the_order_of,
    of_the_country,
)
from clemency.web.observatory.selectors.person_rules import acts_asked, answers, rules_for
from clemency.web.observatory.selectors.timeline_files import ENDINGS, file_of_timeline, subjects, timeline_of
from clemency.web.observatory.shown import hand_over, missing, show

#: The files of a timeline with the name of each form.
FORMS = [(ending, ending.upper() if ending != "parquet" else "Parquet") for ending in ENDINGS]


def each_person() -> Iterable[Values]:
    """The id of every person."""
    return ({"person": one.case.person_id} for one in everybody())


def each_group() -> Iterable[Values]:
    """The id of every case group."""
    return ({"group": one.id} for one in every_group())


def each_timeline() -> Iterable[Values]:
    """Every timeline in every language and form."""
    for language in LANGUAGES:
        for kind, subject in subjects():
            for ending in ENDINGS:
                yield {"language": language, "kind": kind, "subject": subject, "ending": ending}


def each_organisation() -> Iterable[Values]:
    """The id of every organisation."""
    return ({"organisation": one.case.person_id} for one in every_organisation())


@page("people", "people/")
def people(request: Any) -> Any:
    """Everybody by case, the organisations, and what happened without a single person."""
    groups = [(one, in_the_order_of(one.people, request.language)) for one in every_group()]
    act = acts_asked()[0]
    values = {
        "groups": groups,
        "organisations": every_organisation(),
        "country": of_the_country(),
        "count": len(everybody()),
        "act": act,
        "outcomes": {name: one.determination.outcome for name, one in answers(act.id).items()},
    }
    return show(request, "people/people.html", values)


@page("offences", "people/offences/")
def offences(request: Any) -> Any:
    """The articles that charges name, as the code has them."""
    shown = [(one, in_the_order_of(one.people, request.language)) for one in cited()]
    return show(request, "people/offences.html", {"offences": shown}, area="people")


@page("group", "people/groups/<slug:group>/", each_group)
def group(request: Any, group: str) -> Any:
    """One case with its people on one time line."""
    shown = next((one for one in every_group() if one.id == group), None)
    if shown is None:
        raise missing(f"no case group {group}")
    members = in_the_order_of(shown.people, request.language)
    drawn = timeline_of(shown, request.language)
    act = acts_asked()[0]
    outcomes = {name: one.determination.outcome for name, one in answers(act.id).items()}
    values = {"shown": shown, "members": members, "timeline": drawn, "act": act, "outcomes": outcomes}
    values["timeline_forms"] = FORMS
    return show(request, "people/group.html", values, area="people")


@page("organisation", "people/organisations/<slug:organisation>/", each_organisation)
def organisation(request: Any, organisation: str) -> Any:
    """One organisation with the people and events tied to it."""
    shown = next((one for one in every_organisation() if one.case.person_id == organisation), None)
    if shown is None:
        raise missing(f"no organisation {organisation}")
    members = in_the_order_of(shown.people, request.language)
    return show(request, "people/organisation.html", {"shown": shown, "members": members}, area="people")


@page("person", "people/<slug:person>/", each_person)
def person(request: Any, person: str) -> Any:
    """One person: what is published, when, by whom, and what the rules give for it."""
    shown = next((one for one in everybody() if one.case.person_id == person), None)
    if shown is None:
        raise missing(f"no person {person}")
    drawn = timeline_of(shown, request.language) if shown.moments else None
    values = {"shown": shown, "timeline": drawn, "rules": rules_for(person, request.language), "timeline_forms": FORMS}
    return show(request, "people/person.html", values, area="people")


@document("timeline", "<language:language>/data/timelines/<str:kind>/<slug:subject>.<str:ending>", each_timeline)
def timeline(request: Any, kind: str, subject: str, ending: str) -> Any:
    """A timeline or its events as a file."""
    if (kind, subject) not in subjects() or ending not in ENDINGS:
        raise missing(f"no timeline {kind}/{subject}.{ending}")
    name = "" if ending == "svg" else f"{subject}-{request.language}.{ending}"
    return hand_over(file_of_timeline(kind, subject, request.language, ending), ENDINGS[ending], name=name)
