"""The numbers by which a code counts sentences: rates, limits and shares, each with its article and its confidence.

They stand in `sentences.yaml` of the offence code; the days on which nobody is released stand in the calendar that it
names. Nothing of either is written in the software.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from clemency.law.codes import CodeError
from clemency.law.library import library_path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _share(value: Any) -> Any:
    return Fraction(value) if isinstance(value, str) else value


Share = Annotated[Fraction, BeforeValidator(_share)]
Confidence = Literal["high", "medium", "low"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Rule(_Strict):
    article: str
    source: tuple[str, ...]
    confidence: Confidence


class Units(_Rule):
    """What one day of imprisonment counts for: days of other punishments, or hours of work."""

    units: dict[str, int]
    hours: dict[str, int]


class Limits(_Rule):
    """The least and the most months of a punishment; none is a limit that was not read."""

    least: int | None
    most: int | None


class Unfinished(_Rule):
    """The share of the maximum that a crime may carry that was prepared or attempted."""

    preparation: Share
    attempt: Share


class Lower(_Rule):
    """Crimes of the lower categories judged together."""

    absorb: bool
    caps: dict[str, int]


class Graver(_Rule):
    """Crimes judged together of which one is graver."""

    absorb: bool
    cap: int


class Together(_Strict):
    """How terms for several crimes become one."""

    lower: Lower
    graver: Graver


class Cap(_Rule):
    """The most months of a total."""

    cap: int


class Suspended(_Rule):
    """The time of probation of a suspended sentence, in months."""

    least: int
    most: int
    lifted_after: Share


class EarlyRelease(_Rule):
    """The share of the term after which conditional early release may be asked for."""

    shares: dict[str, Share]
    recidivist: Share
    minor_shares: dict[str, Share]
    at_least_served: int


class Replacement(_Rule):
    """The share after which the rest may be replaced by a milder punishment."""

    shares: dict[str, Share]
    minor_shares: dict[str, Share]


class Deferral(_Rule):
    """The age of the child until which a sentence is put off."""

    until_age: int


class RecordPeriod(_Rule):
    """For how many months a record stands after the punishment."""

    lighter_penalty: int
    imprisonment: dict[str, int]
    minor: dict[str, int]
    after_amnesty: str


class SentenceRules(_Strict):
    """The schema of `sentences.yaml`."""

    jurisdiction: str
    calendar: str
    sources: dict[str, str]
    one_day_of_imprisonment: Units
    terms: dict[str, Limits]
    minors: dict[str, Limits]
    unfinished: Unfinished
    crimes_together: Together
    sentences_together: Cap
    suspended: Suspended
    early_release: EarlyRelease
    replacement: Replacement
    deferral: Deferral
    record: RecordPeriod
    release: _Rule


@dataclass(frozen=True)
class RestDays:
    """The days on which nobody is released: weekends, and those of a table, as far as the table reaches."""

    weekend: frozenset[int]
    named: dict[date, tuple[str, Confidence]]
    first: date
    last: date

    def reason(self, day: date) -> tuple[str, Confidence] | None:
        """The kind of rest day that a day is, and how sure that is; nothing for a working day."""
        if day in self.named:
            return self.named[day]
        return (_WEEKDAYS[day.weekday()], "high") if day.weekday() in self.weekend else None

    def working_day_by(self, day: date) -> tuple[date, tuple[tuple[date, str, Confidence], ...]]:
        """The day itself, or the last before it that is no rest day, with the rest days passed over."""
        passed = []
        while (rest := self.reason(day)) is not None:
            passed.append((day, *rest))
            day -= timedelta(days=1)
        return day, tuple(passed)

    def holds(self, day: date) -> bool:
        """Whether the table reaches a day."""
        return self.first <= day <= self.last


def counts_sentences(code_id: str) -> bool:
    """Whether the rules by which a code counts sentences are in the library."""
    return _rules_file(code_id).is_file()


def _rules_file(code_id: str) -> Path:
    return library_path() / "codes" / code_id / "sentences.yaml"


@cache
def load_sentence_rules(code_id: str) -> SentenceRules:
    """The rules of an offence code of the library.

    >>> load_sentence_rules("az-cc").sentences_together.cap
    300
    """
    path = _rules_file(code_id)
    if not counts_sentences(code_id):
        raise CodeError(f"the offence code {code_id!r} has no rules for counting sentences: {path.name} is not there")
    try:
        return SentenceRules.model_validate(_read(path))
    except ValidationError as error:
        told = "\n".join(f"  {'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
        raise CodeError(f"{path.name} of {code_id!r} does not fit:\n{told}") from None


@cache
def load_rest_days(calendar_id: str) -> RestDays:
    """The rest days of a calendar of the library.

    >>> load_rest_days("az").working_day_by(date(2025, 12, 31))[0]
    datetime.date(2025, 12, 30)
    """
    folder = library_path() / "calendars" / calendar_id
    about = _read(folder / "calendar.yaml")
    with (folder / about["days"]).open(encoding="utf-8", newline="") as lines:
        named = {
            date.fromisoformat(row["day"]): (row["kind"], _confidence(row["confidence"]))
            for row in csv.DictReader(lines)
        }
    weekend = frozenset(_WEEKDAYS.index(day) for day in about["weekend"])
    return RestDays(weekend, named, about["covers"]["from"], about["covers"]["to"])


def _confidence(text: str) -> Confidence:
    for level in get_args(Confidence):
        if text == level:
            return level
    raise CodeError(f"rest-days.csv: unknown confidence {text!r}; write {', '.join(get_args(Confidence))}")


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # a safe loader
