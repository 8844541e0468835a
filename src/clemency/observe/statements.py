"""Claims in words, judged: what was said, what speaks for it and against it, and a verdict that keeps what is open.

`statements.yaml` holds each statement with its evidence. Rows it points at must exist; figures come from
`observe.worked_out` and are put into the texts, so that no number is typed. A verdict names the computations it rests
on; where one of them no longer holds, the statement says that its verdict must be read again.
"""

from __future__ import annotations

import datetime
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from pydantic import Field

from clemency.determine.wording import Wording
from clemency.law.act import LANGUAGES, Act, Text, Translated, library_acts, load_act, translated
from clemency.law.library import library_path
from clemency.law.source import Source, SourceErrors
from clemency.observe.library_files import Document, nearest, read_document
from clemency.observe.worked_out import Material, WorkedOut, computations

Standing = Literal["holds", "holds_in_part", "not_established", "does_not_hold"]
Bearing = Literal["for", "against", "context"]
_NO_BREAK = "\u00a0"


class EvidenceFile(Document):
    """One piece of evidence: how it bears on the statement, in words, with what it rests on."""

    bears: Bearing
    text: Text
    compute: str | None = None
    claims: list[str] = Field(default_factory=list)
    history: list[str] = Field(default_factory=list)
    lists: list[str] = Field(default_factory=list)
    events: list[str] = Field(default_factory=list)
    clauses: list[str] = Field(default_factory=list)


class StatementFile(Document):
    """One entry of `statements.yaml`."""

    id: str
    act: str
    said: Translated
    quoted: bool
    speaker: str
    source_name: str
    source_url: str
    date: datetime.date | None = None
    evidence: list[EvidenceFile] = Field(min_length=1)
    rests_on: list[str]
    standing: Standing
    verdict: Translated


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, its figures in place, and the rows it rests on with the address each was read at."""

    bears: Bearing
    text: Mapping[str, str]
    compute: str | None
    figures: Mapping[str, Any]
    rests_on: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "bears": self.bears,
            "text": dict(self.text),
            "compute": self.compute,
            "figures": dict(self.figures),
            "rests_on": [{"what": what, "url": url} for what, url in self.rests_on],
        }


@dataclass(frozen=True)
class Statement:
    """A claim in words with its evidence and verdict; `read_again` names computations on which it no longer rests."""

    id: str
    act: str
    said: Mapping[str, str]
    quoted: bool
    speaker: str
    source_name: str
    source_url: str
    date: datetime.date | None
    evidence: tuple[Evidence, ...]
    standing: Standing
    verdict: Mapping[str, str]
    read_again: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "act": self.act,
            "said": dict(self.said),
            "quoted": self.quoted,
            "speaker": self.speaker,
            "source": self.source_name,
            "url": self.source_url,
            "date": self.date.isoformat() if self.date else None,
            "evidence": [one.as_json() for one in self.evidence],
            "standing": self.standing,
            "verdict": dict(self.verdict),
            "read_again": list(self.read_again),
        }


def statements(act_id: str | None = None, jurisdiction: str = "az") -> tuple[Statement, ...]:
    """The judged statements of a country, or those about one act, in the order of the file.

    >>> [one.standing for one in statements("az-2025") if one.id == "four-years"]
    ['does_not_hold']
    """
    path = library_path() / "claims" / jurisdiction / "statements.yaml"
    return tuple(one for one in _read(path, jurisdiction) if act_id is None or one.act == act_id)


@cache
def _read(path: Path, jurisdiction: str) -> tuple[Statement, ...]:
    return read_statements(path, Material(jurisdiction))


def read_statements(path: Path, material: Material) -> tuple[Statement, ...]:
    """The statements of a file, judged on some material. Raises SourceErrors with everything that does not fit."""
    read: list[StatementFile]
    read, source = read_document(path, list[StatementFile])
    rows = _Rows(material)
    worked: dict[str, WorkedOut] = {}
    for place, statement in enumerate(read):
        _check(place, statement, rows, source)
        for name in _computed(statement):
            if name in computations() and name not in worked:
                worked[name] = computations()[name](material)
    if len({one.id for one in read}) < len(read):
        source.problem((), "two statements bear one id")
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    figures = {name: one.figures for name, one in worked.items()}
    for place, statement in enumerate(read):
        _check_texts(place, statement, figures, source)
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return tuple(_judged(one, worked, figures, rows) for one in read)


def _computed(statement: StatementFile) -> list[str]:
    named = [one.compute for one in statement.evidence if one.compute]
    return list(dict.fromkeys([*named, *statement.rests_on]))


def _check(place: int, statement: StatementFile, rows: _Rows, source: Source) -> None:
    for row, one in enumerate(statement.evidence):
        if one.compute and one.compute not in computations():
            hint = nearest(one.compute, computations())
            source.problem((place, "evidence", row, "compute"), f"there is no computation {one.compute}", hint)
        for kind in ("claims", "history", "lists", "events", "clauses"):
            for at, name in enumerate(getattr(one, kind)):
                if rows.address(kind, name, statement.act) is None:
                    source.problem((place, "evidence", row, kind, at), f"the library has no {kind} row {name}")
    for row, name in enumerate(statement.rests_on):
        if name not in computations():
            source.problem((place, "rests_on", row), f"there is no computation {name}", nearest(name, computations()))


def _check_texts(place: int, statement: StatementFile, figures: Mapping[str, SimpleNamespace], source: Source) -> None:
    texts = [((place, "evidence", row, "text"), one.text) for row, one in enumerate(statement.evidence)]
    for path, text in [*texts, ((place, "verdict"), statement.verdict)]:
        for language, written in translated(text).items():
            try:
                _filled(written, figures, language)
            except (KeyError, AttributeError, ValueError, IndexError) as error:
                source.problem(path, f"the {language} text names a figure that is not worked out: {error}")


def _judged(
    statement: StatementFile,
    worked: Mapping[str, WorkedOut],
    figures: Mapping[str, SimpleNamespace],
    rows: _Rows,
) -> Statement:
    evidence = tuple(
        Evidence(
            one.bears,
            _in_languages(one.text, figures),
            one.compute,
            worked[one.compute].as_json() if one.compute else {},
            tuple(rows.named(one, statement.act)),
        )
        for one in statement.evidence
    )
    return Statement(
        statement.id,
        statement.act,
        translated(statement.said),
        statement.quoted,
        statement.speaker,
        statement.source_name,
        statement.source_url,
        statement.date,
        evidence,
        statement.standing,
        _in_languages(statement.verdict, figures),
        tuple(name for name in statement.rests_on if not worked[name].holds),
    )


def _in_languages(text: Text, figures: Mapping[str, SimpleNamespace]) -> dict[str, str]:
    return {language: _filled(written, figures, language) for language, written in translated(text).items()}


# --- figures in texts -----------------------------------------------------------------------------------------


class _Places(string.Formatter):
    """Puts figures into a text as its language writes numbers and days."""

    def __init__(self, language: str) -> None:
        assert language in LANGUAGES
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple):
            return ", ".join(self.format_field(one, format_spec) for one in value)
        if isinstance(value, datetime.date):
            return Wording(self.language).day(value)
        written: str = super().format_field(value, format_spec)
        if self.language != "en" and isinstance(value, int | float) and not isinstance(value, bool):
            return written.replace(",", _NO_BREAK).replace(".", ",")
        return written


def _filled(text: str, figures: Mapping[str, SimpleNamespace], language: str) -> str:
    return _Places(language).vformat(text, (), figures)


# --- rows that evidence points at -----------------------------------------------------------------------------


class _Rows:
    """Rows of the library by the short names that evidence uses, each with the address it was read at."""

    def __init__(self, material: Material) -> None:
        self.known: dict[str, dict[str, str]] = {
            "claims": {one.claim_id: one.source_url for one in material.claims},
            "history": {
                f"{row.record_type} {row.date_adopted or row.year}": row.source_url for row in material.history
            },
            "lists": {f"{row.organisation} {row.date}": row.source_url for row in material.lists},
            "events": {f"{row['date']} {row['kind']}": row["source_url"] for row in material.events},
        }
        self.acts: dict[str, Act] = {}

    def address(self, kind: str, name: str, act_id: str) -> str | None:
        """The address of a row, empty where it is a clause; None where there is no such row."""
        if kind != "clauses":
            return self.known[kind].get(name)
        if act_id not in library_acts():
            return None
        act = self.acts.setdefault(act_id, load_act(act_id))
        return "" if name in {clause.id for clause in _clauses(act)} else None

    def named(self, one: EvidenceFile, act_id: str) -> Iterator[tuple[str, str]]:
        """Every row that a piece of evidence points at."""
        for kind, singular in (("claims", "claim"), ("history", "history"), ("lists", "list"), ("events", "event")):
            for name in getattr(one, kind):
                yield f"{singular} {name}", self.known[kind][name]
        yield from ((f"clause {name} of {act_id}", "") for name in one.clauses)


def _clauses(act: Act) -> Iterable[Any]:
    clauses: Sequence[Any] = [*act.grants, *act.exclusions, *act.reservations]
    return clauses
