"""What a page is about, for search engines and other programs: schema.org as JSON-LD.

It says nothing that the page does not say, and of people no more than names and where they were read. The block is
data, not a script: no browser runs it. Addresses are relative to the page, as its links are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from clemency.web import languages
from clemency.web.links import link
from clemency.web.observatory.exports.database import LICENCE_URL
from clemency.web.observatory.exports.package import media_type
from clemency.web.observatory.selectors import package, people, pictures, tables
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.claims import every_claim
from clemency.web.observatory.selectors.statements import every_statement

Thing = dict[str, Any]
_MAKER = {"@type": "Organization", "name": "Clemency"}


def linked_data(request: Any) -> dict[str, SafeString]:
    """A block for the head of a page, or nothing where there is nothing to say."""
    match = getattr(request, "resolver_match", None)
    make = _ABOUT.get(match.view_name if match else "")
    if make is None or not getattr(request, "shown", None):
        return {"linked_data": mark_safe("")}
    thing = make(request, {name: value for name, value in request.shown.items() if name != "language"})
    if thing is None:
        return {"linked_data": mark_safe("")}
    told = {"@context": "https://schema.org", "inLanguage": request.language, **thing}
    return {"linked_data": mark_safe(f'<script type="application/ld+json">{_safe(told)}</script>\n')}


def _safe(told: Thing) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps({key: value for key, value in told.items() if value not in (None, "", [])}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _text(request: Any, texts: Mapping[str, str]) -> str:
    return languages.in_language(texts, request.language)[0]


def _site(request: Any, _values: Mapping[str, str]) -> Thing:
    return {
        "@type": "WebSite",
        "name": "Clemency, Observatory",
        "description": _text(request, tables.package().about),
        "publisher": _MAKER,
        "license": LICENCE_URL,
    }


def _catalogue(request: Any, _values: Mapping[str, str]) -> Thing:
    about = tables.package()
    whole = ("datapackage.json", "observatory.db", "entities.ftm.json", package.ARCHIVE)
    return {
        "@type": "Dataset",
        "name": _text(request, about.title),
        "description": _text(request, about.about),
        "keywords": list(about.keywords),
        "version": tables.release().name,
        "license": LICENCE_URL,
        "creator": _MAKER,
        "isAccessibleForFree": True,
        "spatialCoverage": "Azerbaijan",
        "temporalCoverage": "1995/..",
        "distribution": [_download(request, name) for name in whole],
        "hasPart": [
            {
                "@type": "Dataset",
                "name": _text(request, one.about.title),
                "description": _text(request, one.about.about),
                "url": link(request, "table", table=one.name),
                "license": LICENCE_URL,
            }
            for one in tables.every_table()
        ],
    }


def _table(request: Any, values: Mapping[str, str]) -> Thing | None:
    found = next((one for one in tables.every_table() if one.name == values["table"]), None)
    if found is None:
        return None
    return {
        "@type": "Dataset",
        "name": _text(request, found.about.title),
        "description": _text(request, found.about.about),
        "version": tables.release().name,
        "license": LICENCE_URL,
        "creator": _MAKER,
        "isAccessibleForFree": True,
        "isPartOf": {"@type": "Dataset", "name": _text(request, tables.package().title), "url": link(request, "data")},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": one.name, "description": one.about} for one in found.about.columns
        ],
        "distribution": [_download(request, f"{found.name}.{ending}") for ending in ("csv", "json", "parquet")],
    }


def _chart(request: Any, values: Mapping[str, str]) -> Thing | None:
    picture = pictures.charts(request.language).get(values["chart"])
    if picture is None:
        return None
    forms = {ending: link(request, "picture", picture=values["chart"], ending=ending) for ending in pictures.ENDINGS}
    return {
        "@type": "Dataset",
        "name": picture.title,
        "description": picture.alternative,
        "version": tables.release().name,
        "license": LICENCE_URL,
        "creator": _MAKER,
        "image": forms["png"],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": pictures.ENDINGS[ending].partition(";")[0], "contentUrl": href}
            for ending, href in forms.items()
            if ending in ("csv", "json", "parquet")
        ],
    }


def _download(request: Any, name: str) -> Thing:
    return {
        "@type": "DataDownload",
        "name": name,
        "encodingFormat": media_type(name).partition(";")[0],
        "contentUrl": link(request, "package-file", file=name),
    }


def _act(request: Any, values: Mapping[str, str]) -> Thing | None:
    act = next((one for one in every_act() if one.id == values["act"]), None)
    if act is None:
        return None
    days = {name: day.isoformat() for name, day in act.dates.items()}
    return {
        "@type": "Legislation",
        "name": _text(request, act.title),
        "identifier": act.id,
        "legislationDate": days.get("adopted"),
        "legislationDateVersion": days.get("in_force"),
        "legislationJurisdiction": "AZ",
        "legislationPassedBy": {"@type": "GovernmentOrganization", "name": "Milli Majlis"},
        "isBasedOn": list(act.sources.values()),
    }


def _claim(request: Any, values: Mapping[str, str]) -> Thing | None:
    found = next((one for one in every_claim() if one.claim_id == values["claim"]), None)
    if found is None:
        return None
    return {
        "@type": "Claim",
        "identifier": found.claim_id,
        "name": f"{found.quantity}: {found.said}",
        "appearance": _work(found.source_name, found.source_url, found.date),
    }


def _statement(request: Any, values: Mapping[str, str]) -> Thing | None:
    found = next((one for one in every_statement() if one.id == values["statement"]), None)
    if found is None:
        return None
    day = found.date.isoformat() if found.date else None
    return {
        "@type": "Claim",
        "identifier": found.id,
        "name": _text(request, found.said),
        "appearance": _work(found.source_name, found.source_url, day),
    }


def _work(name: str, url: str, day: str | None) -> Thing:
    work = {"@type": "CreativeWork", "publisher": {"@type": "Organization", "name": name}, "url": url}
    return work if day is None else {**work, "datePublished": day}


def _person(request: Any, values: Mapping[str, str]) -> Thing | None:
    return _party(request, "Person", values["person"], (one.case for one in people.everybody()))


def _organisation(request: Any, values: Mapping[str, str]) -> Thing | None:
    cases = (one.case for one in people.every_organisation())
    return _party(request, "Organization", values["organisation"], cases)


def _party(request: Any, kind: str, name: str, cases: Iterable[Any]) -> Thing | None:
    case = next((one for one in cases if one.person_id == name), None)
    if case is None:
        return None
    names = [case.name_en, case.name_az, case.name_ru, *(case.name_en_variants or "").split(";")]
    shown = getattr(case, f"name_{request.language}") or case.name_en
    others = [one.strip() for one in names if one and one.strip() and one.strip() != shown]
    return {
        "@type": kind,
        "identifier": case.person_id,
        "name": shown,
        "alternateName": list(dict.fromkeys(others)),
        "subjectOf": {"@type": "CreativeWork", "url": case.source_url, "datePublished": case.source_date.isoformat()},
    }


_ABOUT: Mapping[str, Callable[[Any, Mapping[str, str]], Thing | None]] = {
    "front": _site,
    "data": _catalogue,
    "table": _table,
    "chart": _chart,
    "act": _act,
    "claim": _claim,
    "statement": _statement,
    "person": _person,
    "organisation": _organisation,
}
