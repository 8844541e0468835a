"""The record as a published schema: Frictionless Table Schemas of the two CSV sheets, in one Data Package.

Made from the record model and the facts that the library's acts ask, so that it cannot say otherwise than they do.
Source: Data Package standard, version 2, https://datapackage.org/.
"""

from __future__ import annotations

from typing import Any

from clemency.law.act import library_acts, load_act
from clemency.law.calendar import EARLIEST, LATEST
from clemency.law.source import SourceErrors
from clemency.law.vocabulary import CASE_FIELDS, IDENTITY_FIELDS, OFFENCE_FIELDS, Kind, ValueType
from clemency.records.record import LONGEST_ARTICLE, LONGEST_ID, MOST_COUNTED, known_facts

_PROFILES = "https://datapackage.org/profiles/2.0"
_LONGEST = {"case_id": LONGEST_ID, "article": LONGEST_ARTICLE}
_TITLES = {
    "case_id": "The case; no two rows have the same one",
    "person_id": "The person, who may have several cases",
    "birth_date": "Date of birth",
    "sex": "Sex as recorded",
    "citizenship": "Citizenship",
    "stage": "Where the case stands",
    "holder": "Institution or body that has the case",
    "punishment": "The main punishment",
    "suspended": "The sentence is suspended",
    "deferred": "The sentence is deferred",
    "foreign_judgment": "A foreign court gave the judgment",
    "institution_type": "Kind of institution",
    "term_months": "Term imposed, in calendar months",
    "term_days": "Days of the term beyond its months",
    "term_start": "First day of the term",
    "term_end": "End of the term",
    "credit_days": "Days in custody that count for the term",
    "judgment_date": "Day of the judgment",
    "first_conviction": "This is the person's first conviction",
    "recidivism": "Recidivism as the court found it",
    "article": "Article of the offence code, such as 177.2.3",
    "committed_on": "Day of the offence",
    "guilt": "Intent or negligence, where the record states it",
    "form": "How far the offence came",
}


def data_package() -> dict[str, Any]:
    """A Data Package with the sheets `cases.csv` and `offences.csv`, joined by the number of the case.

    >>> [resource["name"] for resource in data_package()["resources"]]
    ['cases', 'offences']
    """
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "clemency-register",
        "title": "A register of cases, as Clemency reads it",
        "description": "Missing is unknown. Only the number of the case is needed.",
        "resources": [
            _resource("cases", case_table_schema()),
            _resource("offences", offence_table_schema()),
        ],
    }


def _resource(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": name,
        "path": f"{name}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "header": True},
        "schema": schema,
    }


def case_table_schema() -> dict[str, Any]:
    """The Table Schema of the sheet of cases; each fact has a column of its own."""
    fields = [_field(name, ValueType(Kind.TEXT)) for name in IDENTITY_FIELDS]
    fields += [_field(name, kind, whole=True) for name, kind in CASE_FIELDS.items()]
    asked = _questions()
    for name, kind in known_facts().items():
        fact = _field(f"facts.{name}", kind)
        fields.append(fact | ({"description": asked[name]} if name in asked else {}))
    fields[0]["constraints"] = {"required": True, "unique": True, "minLength": 1, "maxLength": _LONGEST["case_id"]}
    return {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": fields,
        "fieldsMatch": "superset",
        "missingValues": [""],
        "primaryKey": ["case_id"],
    }


def offence_table_schema() -> dict[str, Any]:
    """The Table Schema of the sheet of offences."""
    case_id = _field("case_id", ValueType(Kind.TEXT)) | {"title": "The case that the offence belongs to"}
    case_id["constraints"] = {"required": True, "minLength": 1, "maxLength": _LONGEST["case_id"]}
    own = [_field(name, kind) for name, kind in OFFENCE_FIELDS.items() if name != "category"]
    key = {"fields": ["case_id"], "reference": {"resource": "cases", "fields": ["case_id"]}}
    return {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [case_id, *own],
        "fieldsMatch": "superset",
        "missingValues": [""],
        "foreignKeys": [key],
    }


def _field(name: str, kind: ValueType, whole: bool = False) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name}
    if name in _TITLES:
        field["title"] = _TITLES[name]
    match kind.kind:
        case Kind.DATE:
            limits = {"minimum": EARLIEST.isoformat(), "maximum": LATEST.isoformat()}
            return field | {"type": "date", "format": "default", "constraints": limits}
        case Kind.BOOLEAN:
            return field | {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]}
        case Kind.NUMBER if whole:
            return field | {"type": "integer", "constraints": {"minimum": 0, "maximum": MOST_COUNTED}}
        case Kind.NUMBER:
            return field | {"type": "number"}
        case Kind.ENUMERATION:
            return field | {"type": "string", "constraints": {"enum": list(kind.values)}}
    longest = {"constraints": {"minLength": 1, "maxLength": _LONGEST[name]}} if name in _LONGEST else {}
    return field | {"type": "string"} | longest


def _questions() -> dict[str, str]:
    """What each fact asks, in the words of the last act of the library that asks it."""
    asked: dict[str, str] = {}
    for act_id in library_acts():
        try:
            act = load_act(act_id)
        except SourceErrors:  # an act that does not load is reported where it is used
            continue
        asked |= {name: fact.ask["en"] for name, fact in act.facts.items() if "en" in fact.ask}
    return asked
