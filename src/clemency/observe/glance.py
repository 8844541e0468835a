"""The amnesty of 2025 at a glance: announced, given by the rules, reported carried out; and the people in the news.

What the rules give is counted on an invented register of the country's size, drawn from published figures. It says
what such a population would get, never what a real person got. Claims and people come from the library, each with its
source.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from clemency.determine.determination import TRUE, UNKNOWN, Determination
from clemency.determine.interpreter import determine_case
from clemency.determine.results import Summary
from clemency.determine.wording import Wording
from clemency.law.act import Act, Exclusion, Reservation, load_act
from clemency.law.library import library_path
from clemency.records.record import CaseRecord, known_facts, read_record

ACT = "az-2025"
Clause = TypeVar("Clause", Exclusion, Reservation)
_SEED = 2025


@dataclass(frozen=True)
class Claim:
    """A figure that somebody stated: how many, in which words, up to which day, by whom, where it was read."""

    value: int
    qualifier: str
    as_of: str
    body: str
    source_name: str
    url: str
    note: str


@dataclass(frozen=True)
class Part:
    """One line of the comparison: the clauses it gathers, and the quantities that claims call it by."""

    label: str
    grants: tuple[str, ...]
    announced: tuple[str, ...]
    reported: str


PARTS = (
    Part("People covered in all", ("*",), ("total",), "total"),
    Part(
        "Released from prison",
        (
            "personal.*",
            "minor.*",
            "negligence.release",
            "negligence.serious_release",
            "less_serious.release",
            "serious_first.*",
        ),
        ("released_from_imprisonment",),
        "released_from_imprisonment",
    ),
    Part("Prison term cut by six months", ("*_reduce", "less_serious.reduce"), ("term_reduced",), "term_reduced"),
    Part(
        "Freed from suspended and lighter penalties",
        ("suspended.*", "noncustodial.*", "deferred.*"),
        ("restriction_of_liberty_released", "other_noncustodial_or_suspended_released"),
        "non_custodial_released",
    ),
    Part("Prosecution ended", ("liability.*",), ("criminal_liability_lifted",), "criminal_liability_lifted"),
)


@dataclass(frozen=True)
class Compared:
    """One line of the comparison with its figures: `certain` under the rules, and `possible` at the most."""

    part: Part
    announced: tuple[Claim, ...]
    certain: int
    possible: int
    reported: Claim | None


@dataclass(frozen=True)
class Glance:
    """The comparison, with the size and seed of the invented register it was counted on."""

    act: Act
    cases: int
    seed: int
    lines: tuple[Compared, ...]
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class PersonInTheNews:
    """A named person with the record that was made of what is public, and what the act says of that record."""

    name: str
    organisation: str
    record: CaseRecord
    determination: Determination
    deciding: str
    last_report: str
    url: str


# --- announced, given, reported -------------------------------------------------------------------------------


def glance(folder: Path, progress: Callable[[str], None] = lambda _: None) -> Glance:
    """Draw the invented register into a folder, determine it, and lay the figures beside each other."""
    from clemency.records.synthesise import national_size, synthesise

    act, size = load_act(ACT), national_size()
    progress("drawing an invented register")
    register = folder / "synthetic-az.parquet"
    synthesise(size, _SEED, register)
    progress("determining it")
    booked, possible, outcomes = _counted(register, act)
    claims = read_claims(library_path() / "claims" / "az" / "claims.csv")
    lines = []
    for index, part in enumerate(PARTS):
        announced = tuple(claim for name in part.announced if (claim := _first(claims, "announced", name)))
        lines.append(Compared(part, announced, booked[index], possible[index], _latest(claims, part.reported)))
    return Glance(act, size, _SEED, tuple(lines), outcomes)


def _counted(register: Path, act: Act) -> tuple[list[int], list[int], Counter[str]]:
    """For each part the cases booked under its clauses, and with them those that its clauses may still reach.

    What a part may reach is asked of an act that holds the clauses of that part and no other.
    """
    import polars as pl

    from clemency.determine.columns import determine_frame
    from clemency.records.register import open_register

    alone = [_only(act, part) for part in PARTS]
    booked, possible, outcomes = [0] * len(PARTS), [0] * len(PARTS), Counter[str]()
    for batch in open_register(register, known_facts(act)).batches():
        answers = determine_frame(batch.frame, act)
        outcomes += Summary.of(answers).outcomes
        granted, better = answers.get_column("outcome") == "granted", answers.get_column("could_improve") != ""
        settled = granted & ~better.fill_null(False)
        for index, part in enumerate(alone):
            certain = granted & answers.get_column("grant").cast(pl.String).is_in([grant.id for grant in part.grants])
            reached = determine_frame(batch.frame, part).get_column("outcome").cast(pl.String)
            booked[index] += int(certain.sum())
            possible[index] += int((certain | (~settled & reached.is_in(["granted", "undetermined"]))).sum())
    return booked, possible, outcomes


def _only(act: Act, part: Part) -> Act:
    """The act with the grants of one part alone."""
    grants = tuple(grant for grant in act.grants if any(fnmatchcase(grant.id, one) for one in part.grants))
    if len(grants) == len(act.grants):
        return act
    kept = {grant.id for grant in grants}
    return replace(
        act,
        grants=grants,
        exclusions=_within(act.exclusions, kept),
        reservations=_within(act.reservations, kept),
        limiting={name: limits for name, limits in act.limiting.items() if name in kept},
        version=f"{act.version}, {part.label}",
    )


def _within(clauses: tuple[Clause, ...], kept: set[str]) -> tuple[Clause, ...]:
    """Exclusions or reservations with what they still limit; those that limit nothing fall away."""
    limited = (replace(one, limits=tuple(name for name in one.limits if name in kept)) for one in clauses)
    return tuple(one for one in limited if one.limits)


# --- claims ---------------------------------------------------------------------------------------------------

_Claims = list[tuple[str, str, Claim]]


def read_claims(path: Path, act_id: str = ACT) -> _Claims:
    """The claims about one act: (stage, quantity, claim), in the order of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            (row["stage"], row["quantity"], _claim(row)) for row in csv.DictReader(lines) if row["act_id"] == act_id
        ]


def _claim(row: Mapping[str, str]) -> Claim:
    value = int(float(row["value"]))
    where, note = row["source_url"], row["note"]
    return Claim(value, row["qualifier"], row["as_of"], row["body"], row["source_name"], where, note)


def _first(claims: _Claims, stage: str, quantity: str) -> Claim | None:
    return next((claim for found, name, claim in claims if found == stage and name == quantity), None)


def _latest(claims: _Claims, quantity: str) -> Claim | None:
    """The report that counts up to the latest day, with what the same body's reports said of their scope."""
    reported = [claim for stage, name, claim in claims if stage in ("progress", "final") and name == quantity]
    if not reported:
        return None
    latest = max(reported, key=lambda claim: claim.as_of)
    told = [claim.note for claim in reported if claim.body == latest.body and "repeats" not in claim.note]
    return replace(latest, note="; ".join(dict.fromkeys(filter(None, told))))


# --- people ---------------------------------------------------------------------------------------------------


def people_in_the_news(act: Act) -> Iterator[PersonInTheNews]:
    """The published cases, each determined on nothing but what is public."""
    folder = library_path() / "people" / "az"
    with (folder / "cases.csv").open(encoding="utf-8", newline="") as lines:
        published = {row["person_id"]: row for row in csv.DictReader(lines)}
    facts = known_facts(act)
    with (folder / "records.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = read_record(json.loads(line), facts)
            row = published[record.case_id]
            answer = determine_case(record, act, facts)
            last = max(row["status_as_of"], row["source_date"])
            yield PersonInTheNews(
                row["name_en"], row["organisation"], record, answer, deciding(answer, act), last, row["source_url"]
            )


def deciding(answer: Determination, act: Act) -> str:
    """The clause on which an answer turns, in neutral words."""
    grants: Mapping[str, Any] = answer.trace["grants"]
    if answer.outcome == "granted":
        return f"clause {answer.grant}"
    open_ = [name for name, values in grants.items() if values["value"] == UNKNOWN]
    if open_:
        return f"open: clause {open_[0]}" + (f" and {len(open_) - 1} more" if len(open_) > 1 else "")
    exclusions = {clause.id: clause for clause in act.exclusions}
    for name, values in grants.items():
        if values["own"] in (TRUE, UNKNOWN):
            closing = [one for one in answer.exclusions if name in exclusions[one].limits]
            return f"not covered by clause {name}, which is closed by: {', '.join(closing)}"
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


def day_in_words(day: str) -> str:
    """A day as a reader expects it; what is no full day is left as it is.

    >>> day_in_words("2026-02-19"), day_in_words("2026-02")
    ('19 Feb 2026', '2026-02')
    """
    try:
        read = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{read.day} {read:%b %Y}"
