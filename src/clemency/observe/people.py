"""The published cases: people whose cases were in the press, each answered on nothing but what is public.

A record holds only what the press and watch groups published; all else is unknown. An answer is no finding of guilt.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clemency.determine.determination import TRUE, UNKNOWN, Determination
from clemency.determine.interpreter import determine_case
from clemency.determine.wording import Wording
from clemency.law.act import LANGUAGES, Act
from clemency.law.library import library_path
from clemency.records.record import CaseRecord, known_facts, read_record


@dataclass(frozen=True)
class Turn:
    """What an answer turns on: `granted` by a clause, `open` in some, `closed` by exclusions, or no clause is met."""

    kind: str
    clauses: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonInTheNews:
    """A named person with the record that was made of what is public, and what the act says of that record."""

    names: Mapping[str, str]
    organisation: str
    record: CaseRecord
    determination: Determination
    turn: Turn
    last_report: str
    url: str

    @property
    def name(self) -> str:
        """The name in English."""
        return self.names["en"]


def people_in_the_news(act: Act) -> Iterator[PersonInTheNews]:
    """The published cases, each determined on what is public alone; who was arrested after the act is left out."""
    folder = library_path() / "people" / "az"
    with (folder / "cases.csv").open(encoding="utf-8", newline="") as lines:
        published = {row["person_id"]: row for row in csv.DictReader(lines)}
    facts = known_facts(act)
    with (folder / "records.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = read_record(json.loads(line), facts)
            row = published[record.case_id]
            if row["arrest_date"] > act.in_force.isoformat():
                continue
            answer = determine_case(record, act, facts)
            yield PersonInTheNews(
                names={language: row[f"name_{language}"] or row["name_en"] for language in LANGUAGES},
                organisation=row["organisation"],
                record=record,
                determination=answer,
                turn=turn_of(answer, act),
                last_report=max(row["status_as_of"], row["source_date"]),
                url=row["source_url"],
            )


def turn_of(answer: Determination, act: Act) -> Turn:
    """The clause on which an answer turns."""
    grants: Mapping[str, Any] = answer.trace["grants"]
    if answer.outcome == "granted":
        return Turn("granted", (answer.grant or "",))
    open_ = tuple(name for name, values in grants.items() if values["value"] == UNKNOWN)
    if open_:
        return Turn("open", open_)
    exclusions = {clause.id: clause for clause in act.exclusions}
    for name, values in grants.items():
        if values["own"] in (TRUE, UNKNOWN):
            closing = tuple(one for one in answer.exclusions if name in exclusions[one].limits)
            return Turn("closed", (name,), closing)
    return Turn("unmet")


def deciding(turn: Turn) -> str:
    """The clause on which an answer turns, in neutral words.

    >>> deciding(Turn("open", ("personal.women", "minor.release")))
    'open: clause personal.women and 1 more'
    """
    match turn.kind:
        case "granted":
            return f"clause {turn.clauses[0]}"
        case "open":
            more = f" and {len(turn.clauses) - 1} more" if len(turn.clauses) > 1 else ""
            return f"open: clause {turn.clauses[0]}{more}"
        case "closed":
            return f"not covered by clause {turn.clauses[0]}, which is closed by: {', '.join(turn.exclusions)}"
        case _:
            return "no clause has its condition met"


def missing_first(answer: Determination) -> str:
    """The most decisive thing that is not known."""
    if not answer.missing:
        return ""
    item, say = answer.missing[0], Wording("en")
    name = item.name.removeprefix("offences.")
    label = say(f"field.{name}") if say.has(f"field.{name}") else name.replace("_", " ")
    place = "" if item.offence is None else f" (crime {item.offence + 1})"
    return f"{label}{place}" + (f" and {len(answer.missing) - 1} more" if len(answer.missing) > 1 else "")
