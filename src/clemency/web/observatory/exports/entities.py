"""People, organisations, ties and events as entities of FollowTheMoney, one JSON object a line.

Only what the tables hold. No topic is put on anybody: who lists whom is the statement of the list's publisher, and
stands in the notes with the publisher's name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clemency.observe.cases import parts
from clemency.web.observatory.exports.forms import Row

DATASET = "clemency_observatory"
Entity = dict[str, Any]


def entities(cases: Iterable[Row], events: Iterable[Row]) -> Iterator[Entity]:
    """Every entity: those whom the tables name, the ties between them, then what happened."""
    rows = list(cases)
    known = {str(row["name_en"]): str(row["person_id"]) for row in rows if row["kind"] == "organisation"}
    named = {str(row["person_id"]): row for row in rows}
    for row in rows:
        yield _party(row)
    for row in rows:
        if row["kind"] == "person":
            yield from _ties(row, known)
    for row in events:
        yield _event(row, named)


def as_lines(found: Iterable[Entity]) -> str:
    """Entities, one a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found)


def _party(row: Row) -> Entity:
    person = row["kind"] == "person"
    listed = "; ".join(parts(_text(row["listed_by"])))
    notes = [
        row["note"],
        f"Status as last reported, {row['status_as_of']}: {row['status']}" if row["status"] else None,
        f"Charges as published, no finding of guilt: {row['charges']}" if row["charges"] else None,
        f"Named on lists of: {listed}" if listed else None,
    ]
    return _entity(
        _id(_text(row["person_id"])),
        "Person" if person else "Organization",
        _text(row["name_en"]),
        {
            "name": [row["name_en"], row["name_az"], row["name_ru"]],
            "alias": [name.strip() for name in _text(row["name_en_variants"]).split(";")],
            "position" if person else "summary": [row["role"]],
            "country": ["az"],
            "notes": notes,
            "sourceUrl": [row["source_url"]],
            "modifiedAt": [row["source_date"]],
        },
    )


def _ties(row: Row, known: Mapping[str, str]) -> Iterator[Entity]:
    """A person's tie to each organisation that is in the table too, of no sharper kind than the sources tell."""
    person = _text(row["person_id"])
    for name in re.split(r";\s*", _text(row["organisation"])):
        found = next((known[one] for one in known if name and (one in name or name in one)), None)
        if found is not None:
            yield _entity(
                _id(f"{person}.{found}"),
                "UnknownLink",
                f"{row['name_en']}, {name}",
                {
                    "subject": [_id(person)],
                    "object": [_id(found)],
                    "role": [row["role"]],
                    "summary": [name],
                    "sourceUrl": [row["source_url"]],
                },
            )


def _event(row: Row, named: Mapping[str, Row]) -> Entity:
    told = "|".join(_text(row[name]) for name in ("date", "kind", "person_or_org", "place_or_court", "detail"))
    subject = _text(row["subject_id"])
    return _entity(
        _id(f"event-{hashlib.sha256(told.encode()).hexdigest()[:16]}"),
        "Event",
        f"{row['date']}, {_text(row['kind']).replace('_', ' ')}: {row['person_or_org']}",
        {
            "name": [f"{_text(row['kind']).replace('_', ' ')}: {row['person_or_org']}"],
            "date": [row["date"]],
            "location": [row["place_or_court"]],
            "country": ["az"],
            "involved": [_id(subject)] if subject in named else [],
            "description": [row["detail"]],
            "publisher": [row["source_name"]],
            "sourceUrl": [row["source_url"]],
        },
    )


def _entity(name: str, schema: str, caption: str, properties: Mapping[str, Iterable[Any]]) -> Entity:
    told = {key: [str(value) for value in dict.fromkeys(values) if value] for key, values in properties.items()}
    return {
        "id": name,
        "caption": caption,
        "schema": schema,
        "properties": {key: values for key, values in told.items() if values},
        "datasets": [DATASET],
        "referents": [],
    }


def _id(name: str) -> str:
    return f"clemency-{name}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
