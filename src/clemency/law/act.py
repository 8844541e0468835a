"""The act: clauses, exclusions, reservations, dates and reliefs, as reviewable data.

`ActFile` is the schema of `act.yaml`; `Act` is what the engines read: every rule parsed once into its typed tree.
All problems of a file are found at once, each with its line, column, and what to write instead.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from clemency.law import amending, reliefs, rules
from clemency.law.calendar import Duration
from clemency.law.codes import CodeError, OffenceCode, load_code
from clemency.law.library import library_path
from clemency.law.reliefs import Relief, Unfit
from clemency.law.rules import Condition, RuleErrors, Scope
from clemency.law.source import Problem, Source, SourceErrors, parse_source, read_source
from clemency.law.vocabulary import (
    BOOLEAN,
    CASE_FIELDS,
    CONFIDENCES,
    DATE,
    DERIVED_FIELDS,
    IDENTITY_FIELDS,
    MEASURES,
    NUMBER,
    OFFENCE_FIELDS,
    RELIEFS,
    TEXT,
    Kind,
    ValueType,
)

LANGUAGES = ("en", "az", "ru")
#: Raised when the meaning of rules changes, so that stored determinations show under which meaning they were made.
SEMANTICS = "1"

ClauseId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Translated(_Strict):
    """One text in the languages of the house; English is always there."""

    en: str
    az: str | None = None
    ru: str | None = None


Text = str | Translated


class DatedPoint(_Strict):
    """A day of the act with how sure it is."""

    date: date
    confidence: Literal["high", "medium", "low"] = "high"
    source: str | list[str] | None = None
    note: Text | None = None
    title: Text | None = None


class DatesFile(_Strict):
    """Days on which the act was adopted, takes effect and must have been applied, and further days by their names."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, date | DatedPoint] = Field(init=False)

    in_force: date | DatedPoint
    adopted: date | DatedPoint | None = None
    deadline: date | DatedPoint | None = None


class FactFile(_Strict):
    """A fact that the act asks beyond the standard record."""

    type: Literal["boolean", "number", "text", "date", "enumeration"]
    values: list[str] | None = None
    ordered: bool = False
    ask: Text | None = None
    evidence: Text | None = None
    source: str | list[str] | None = None
    note: Text | None = None


class NoteFile(_Strict):
    """A remark on the act that no rule carries."""

    text: Text
    source: str | list[str] | None = None
    confidence: Literal["high", "medium", "low"] | None = None


class AcknowledgedFile(_Strict):
    """A finding of the check that is meant: which, at which clauses, and why it stays."""

    finding: str
    clauses: list[str] = Field(min_length=1)
    reason: Text


class ClauseFile(_Strict):
    """What every clause carries."""

    id: ClauseId
    title: Text | None = None
    source: str | list[str]
    confidence: Literal["high", "medium", "low"]
    note: Text | None = None
    law_unknown: Text | None = None
    from_: str | None = Field(default=None, alias="from")
    until: str | None = None


class GrantFile(ClauseFile):
    """A clause that grants a relief to who meets its condition."""

    when: str
    relief: Any = Field(
        json_schema_extra={
            "description": "release, end_prosecution, {reduce: 6 months}, {reduce: {fraction: 1/2, of: term}}, "
            "{reduce: {by: conduct_class, table: {excellent: 1/2, good: 1/4}, of: term}}, {replace: fine}, "
            "{release_point: {share: 40%, instead_of: 50%}}, or a list of two steps"
        }
    )
    consent: Literal["accused", "victim", "prosecutor"] | None = None
    after: Text | None = None


class ExclusionFile(ClauseFile):
    """An exclusion decided by facts (`when`), by an offence list, or a reservation for a person (`review`)."""

    limits: Literal["all"] | list[str]
    except_: list[str] = Field(default_factory=list, alias="except")
    when: str | None = None
    offences: list[str] | None = None
    uncertain: list[str] | None = None
    review: Text | None = None


class ReduceOrder(_Strict):
    """Which cuts count as more favourable where they are measured differently, the most favourable first."""

    reduce: list[Literal["term", "rest", "length"]] = Field(min_length=1)


class ActFile(_Strict):
    """The schema of `act.yaml`."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    kind: Literal["amnesty", "pardon", "remission", "early_release"] = "amnesty"
    jurisdiction: str | None = None
    offence_code: str | None = None
    unit: Literal["person", "sentence", "offence"] | None = None
    decided_by: Text | None = None
    dates: DatesFile
    rounding: Literal["down", "up"] = "down"
    month_end: Literal["clamp"] | None = None
    sources: dict[str, str] = Field(default_factory=dict)
    notes: list[NoteFile] = Field(default_factory=list)
    facts: dict[FactName, FactFile] = Field(default_factory=dict)
    terms: dict[FactName, str] = Field(default_factory=dict)
    grants: list[GrantFile] = Field(min_length=1)
    exclusions: list[ExclusionFile] = Field(default_factory=list)
    acknowledged: list[AcknowledgedFile] = Field(default_factory=list)
    book: Literal["first"] = "first"
    favour: list[
        Literal["end_prosecution", "release", "reduce", "replace", "lift_additional", "lift_record", "release_point"]
        | ReduceOrder
    ] = Field(default_factory=lambda: list(RELIEFS))  # type: ignore[arg-type]


# --- what the engines read ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact the act asks: its type and how to ask for it."""

    name: str
    type: ValueType
    ask: Mapping[str, str]
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """A clause that grants a relief; `condition` is its own condition, exclusions stand apart."""

    id: str
    title: Mapping[str, str]
    condition: Condition
    relief: Relief
    sources: tuple[str, ...]
    confidence: str
    note: Mapping[str, str]
    law_unknown: Mapping[str, str]
    rule: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A clause that takes away the grants it limits."""

    id: str
    title: Mapping[str, str]
    condition: Condition
    limits: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str
    note: Mapping[str, str]
    law_unknown: Mapping[str, str]
    rule: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A question that only a person can answer; it never changes the truth of a clause."""

    id: str
    title: Mapping[str, str]
    review: Mapping[str, str]
    condition: Condition | None
    limits: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str
    note: Mapping[str, str]
    rule: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding of the check that the act's authors mean: its name, the clauses it stands at, and their reason."""

    finding: str
    clauses: tuple[str, ...]
    reason: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Amendment:
    """An act that changed this one, and the day from which the change stands."""

    id: str
    title: Mapping[str, str]
    day: date


@dataclass(frozen=True)
class Act:
    """An act ready to be applied: every rule parsed, every reference resolved."""

    id: str
    title: Mapping[str, str]
    kind: str
    jurisdiction: str
    code: OffenceCode | None
    dates: Mapping[str, date]
    date_notes: Mapping[str, DatedPoint]
    sources: Mapping[str, str]
    facts: Mapping[str, Fact]
    terms: Mapping[str, Condition]
    grants: tuple[Grant, ...]
    exclusions: tuple[Exclusion, ...]
    reservations: tuple[Reservation, ...]
    favour: tuple[str, ...]
    notes: tuple[NoteFile, ...]
    version: str
    path: Path | None
    limiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acknowledged: tuple[Acknowledged, ...] = ()
    unit: str = ""
    decided_by: Mapping[str, str] = field(default_factory=dict)
    measures: tuple[str, ...] = MEASURES
    amendments: tuple[Amendment, ...] = ()
    editions: tuple[Act, ...] = field(default=(), repr=False, compare=False)

    @property
    def in_force(self) -> date:
        """The reference day of the act's clauses."""
        return self.dates["in_force"]

    def clause(self, clause_id: str) -> Grant | Exclusion | Reservation:
        """A grant, exclusion or reservation by its id."""
        clauses: list[Grant | Exclusion | Reservation] = [*self.grants, *self.exclusions, *self.reservations]
        for clause in clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def as_of(self, day: date) -> Act:
        """The act as it stands on a day: the clauses in effect then, after the amendments made by then.

        >>> load_act("az-2025").as_of(date(2026, 1, 1)).version == load_act("az-2025").version
        True
        """
        return _as_of(self, day)

    def whole(self) -> Act:
        """The act with every clause of its last text, whether in effect or not, as its documentation shows it."""
        return self.editions[-1] if self.editions else self

    def favour_rank(self, relief: Relief) -> tuple[Any, ...]:
        """Place of a relief in the order of favour, the most favourable first; larger cuts come before smaller."""
        return (self.favour.index(relief.kind), *relief.favour(self.measures))

    def every_clause(self) -> list[Grant | Exclusion | Reservation]:
        """Every clause that is in effect on some day: grants, exclusions, reservations, each once by its id."""
        found: dict[str, Grant | Exclusion | Reservation] = {}
        for edition in (*self.editions, self):
            clauses: list[Grant | Exclusion | Reservation]
            clauses = [*edition.grants, *edition.exclusions, *edition.reservations]
            found |= {clause.id: clause for clause in clauses}
        return list(found.values())

    def conditions(self) -> Iterator[Condition]:
        """Every condition of the act: grants, exclusions, reservations."""
        yield from (grant.condition for grant in self.grants)
        yield from (exclusion.condition for exclusion in self.exclusions)
        yield from (clause.condition for clause in self.reservations if clause.condition is not None)

    @cached_property
    def articles_named(self) -> frozenset[str]:
        """Every article that some clause names."""
        return frozenset(article for condition in self.conditions() for article in rules.articles_named(condition))


def translated_plain(text: str | Mapping[str, str]) -> dict[str, str]:
    """A text that is plain, or written out by language, by language."""
    return {"en": text} if isinstance(text, str) else dict(text)


def translated(text: Text | None) -> dict[str, str]:
    """A text in every language it has; plain text counts as English."""
    if text is None:
        return {}
    if isinstance(text, str):
        return {"en": text}
    return {language: value for language in LANGUAGES if (value := getattr(text, language)) is not None}


# --- an act in time ------------------------------------------------------------------------------------------


class NotInForce(ValueError):
    """A day on which nothing of the act is in effect."""


def days_of_change(act: Act) -> tuple[date, ...]:
    """Every day from which the act has another text, the day it takes effect first."""
    days: set[date] = {act.in_force}
    editions = act.editions or (act,)
    ends = [*map(_start, editions[1:]), date.max]
    for edition, following in zip(editions, ends, strict=True):
        clauses: list[Grant | Exclusion | Reservation]
        clauses = [*edition.grants, *edition.exclusions, *edition.reservations]
        found = {_start(edition), *(one.since for one in clauses if one.since)}
        found |= {one.until + timedelta(days=1) for one in clauses if one.until}
        days |= {day for day in found if _start(edition) <= day < following}
    return tuple(sorted(days))


def _as_of(act: Act, day: date) -> Act:
    """The act as it stands on a day. Raises NotInForce where no grant is in effect then."""
    if day < act.in_force:
        raise NotInForce(f"{act.id} is not in force on {day}; it takes effect on {act.in_force}")
    changes = days_of_change(act)
    if len(changes) == 1:
        return act
    stands = max(change for change in changes if change <= day)
    whole = max((edition for edition in act.editions or (act,) if _start(edition) <= day), key=_start)
    found = _in_effect(whole, stands)
    if not found.grants:
        following = [change for change in changes if change > day]
        more = f"; the next change is on {following[0]}" if following else ""
        raise NotInForce(f"no grant of {act.id} is in effect on {day}{more}")
    return replace(found, version=f"{whole.version}:{stands}", editions=act.editions)


def _latest(act: Act) -> Act:
    """The act as it stands after its last change that leaves a grant in effect."""
    for day in reversed(days_of_change(act)):
        try:
            return _as_of(act, day)
        except NotInForce:
            continue
    return act


def _start(edition: Act) -> date:
    return max((amendment.day for amendment in edition.amendments), default=edition.in_force)


def _in_effect(act: Act, day: date) -> Act:
    """The act with only those clauses that are in effect on a day."""

    def stands(clause: Grant | Exclusion | Reservation) -> bool:
        return (clause.since or act.in_force) <= day and (clause.until is None or day <= clause.until)

    grants = tuple(filter(stands, act.grants))
    there = {grant.id for grant in grants}
    exclusions = tuple(replace(one, limits=_among(one.limits, there)) for one in act.exclusions if stands(one))
    reservations = tuple(replace(one, limits=_among(one.limits, there)) for one in act.reservations if stands(one))
    limiting = {grant.id: tuple(one.id for one in exclusions if grant.id in one.limits) for grant in grants}
    return replace(act, grants=grants, exclusions=exclusions, reservations=reservations, limiting=limiting)


def _among(limits: tuple[str, ...], there: set[str]) -> tuple[str, ...]:
    return tuple(grant for grant in limits if grant in there)


# --- loading --------------------------------------------------------------------------------------------------


def load_act(act: str | Path) -> Act:
    """Load an act of the library by its id, or any act by its path; all problems at once if it has any.

    >>> load_act("az-2025").grants[0].id
    'personal.combatant'
    """
    path = find_act(act)
    first = amending.amends(path)
    if first is None:
        return _latest(_amended(path))
    change = amending.read_amending(path)
    found = next((one for one in amending.beside(path) if amending.written_key(one, "id") == first), None)
    if found is None:
        change.source.problem(("amends",), f"no act {first} lies beside this one")
        raise SourceErrors(change.source.file, change.source.problems)
    return _amended(found).as_of(change.day)


def load_act_taking_effect(act: str | Path, day: date) -> Act:
    """The act as it would be had it taken effect on another day; every other day of it stays.

    Raises ValueError for an act that amends another or is amended: the days of the two hang together.

    >>> load_act_taking_effect("az-2025", date(2026, 2, 1)).in_force
    datetime.date(2026, 2, 1)
    """
    path = find_act(act)
    name = amending.written_key(path, "id")
    if amending.amends(path) or any(amending.amends(one) == name for one in amending.beside(path)):
        raise ValueError(
            f"{name} amends another act or is amended; copy its file to try another day of entry into force"
        )
    load_act(act)
    source = read_source(path)
    written = source.data["dates"]["in_force"]
    source.data["dates"]["in_force"] = {**written, "date": day} if isinstance(written, dict) else day
    return _latest(_Compiler(source, path, [source.text, f"in force {day}"]).act())


def _amended(path: Path) -> Act:
    """The act of a file with all its amendments, each from its day."""
    first = amending.written_key(path, "id")
    amended_by = [one for one in amending.beside(path) if amending.amends(one) == first]
    times = tuple((one, one.stat().st_mtime_ns) for one in (path, *amended_by))
    return _load(times)


def find_act(act: str | Path) -> Path:
    """Where an act lies: an id of the library, a folder with `act.yaml`, or the file itself."""
    for candidate in (library_path() / "acts" / str(act), Path(act)):
        if candidate.is_dir() and (candidate / "act.yaml").is_file():
            return candidate / "act.yaml"
        if candidate.is_file():
            return candidate
    known = library_acts()
    close = difflib.get_close_matches(str(act), known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    raise FileNotFoundError(
        f"no act {str(act)!r}: {hint}the library has {', '.join(known) or 'none'}; a path works too"
    )


def library_acts() -> list[str]:
    """The ids of all acts in the library; acts that only amend another are not among them."""
    paths = (library_path() / "acts").glob("*/act.yaml")
    return sorted(path.parent.name for path in paths if amending.amends(path) is None)


@cache
def _load(files: tuple[tuple[Path, int], ...]) -> Act:
    """The act of the first file, amended by the others; the numbers tell when each was written."""
    (path, _), *others = files
    source = read_source(path)
    first = _Compiler(source, path).act()
    changes = sorted((amending.read_amending(one) for one, _ in others), key=lambda one: (one.day, one.id))
    editions, data, texts = [first], source.data, [source.text]
    changed: dict[date, dict[str, str]] = {}
    for change in changes:
        if change.day <= first.in_force:
            what = f"{first.id} takes effect on {first.in_force}, and is changed after that day only"
            change.source.problem(("dates", "in_force"), what)
        merged = amending.merged(data, change, changed.setdefault(change.day, {}))
        if merged.problems:
            raise SourceErrors(merged.file, merged.problems)
        data, texts = merged.data, [*texts, change.source.text]
        made = Amendment(change.id, translated_plain(change.title), change.day)
        whole = replace(_Compiler(merged, path, texts).act(), amendments=(*editions[-1].amendments, made))
        if editions[-1].amendments and editions[-1].amendments[-1].day == change.day:
            editions.pop()
        editions.append(whole)
    editions = [replace(edition, editions=()) for edition in editions]
    return replace(editions[-1], editions=tuple(editions))


def parse_act(text: str, file: str = "act.yaml") -> Act:
    """Load an act from YAML text.

    >>> parse_act("id: x\\ntitle: X", "x.yaml")
    Traceback (most recent call last):
    clemency.law.source.SourceErrors: x.yaml:1:1: the key dates is missing
    ...
    """
    return _latest(_Compiler(parse_source(file, text), None).act())


class _Compiler:
    """Checks one file as a whole and builds the act from it."""

    def __init__(self, source: Source, path: Path | None, texts: Sequence[str] | None = None) -> None:
        self.source, self.path, self.texts = source, path, texts or [source.text]
        self.code: OffenceCode | None = None
        self.uses_months = False
        self.days: Mapping[str, date] = {}
        self.made: Mapping[str, list[str]] = {}

    def fail(self) -> NoReturn:
        # A value that YAML did not read as text has one problem; what follows from it at the same place is not told.
        places = {(one.line, one.column) for one in self.source.problems if _NOT_TEXT in one.what}
        self.source.problems[:] = [
            one for one in self.source.problems if _NOT_TEXT in one.what or (one.line, one.column) not in places
        ]
        raise SourceErrors(self.source.file, self.source.problems)

    def act(self) -> Act:
        if not isinstance(self.source.data, dict):
            self.source.problem((), "an act is a list of keys and values", "begin with id: and title:")
            self.fail()
        data, model = self.source.data, self.validated()
        if model is None:
            mended = _mended(data, self.source)
            if mended is None:
                self.check_rules_anyway(data)
            else:
                self.compiled(mended)
            self.fail()
        act = self.compiled(model)
        if self.source.problems:
            self.fail()
        return replace(act, editions=(act,))

    def validated(self) -> ActFile | None:
        try:
            return ActFile.model_validate(self.source.data)
        except ValidationError as error:
            details = error.errors()
            for detail in details:
                if not (detail["type"] == "string_type" and isinstance(detail["input"], dict) and len(details) > 1):
                    self.schema_problem(detail)
            return None

    def schema_problem(self, detail: Any) -> None:
        path, kind = _real_path(detail["loc"], self.source.data), detail["type"]
        last = str(path[-1]) if path else ""
        value = detail.get("input")
        if path[:1] == ("favour",) and len(path) > 1:
            self.no_favour(path[:2])
        elif last in ("from", "until") and "string" in kind:
            self.source.problem(
                path, f"{last}: {value} is no name of a day", "declare it under dates: and name it here"
            )
        elif kind == "extra_forbidden":
            known = _known_keys(path)
            close = difflib.get_close_matches(last, known, n=1, cutoff=0.6)
            hint = f"did you mean {close[0]}? " if close else ""
            self.source.problem(path, f"unknown key {last}", f"{hint}keys here: {', '.join(known)}", at_key=True)
        elif kind == "missing":
            where = self.clause_name(path)
            self.source.problem(path[:-1], f"{where}the key {last.removesuffix('_')} is missing", _missing_hint(last))
        elif isinstance(value, bool | int | float | date) and ("string" in kind or kind == "model_type"):
            self.unquoted(path, value)
        elif last == "limits":
            self.source.problem(
                path, f"limits cannot be {value!r}", "write all, or a list of grants such as [personal.*]"
            )
        elif path[:1] == ("dates",) and kind in _NO_DAY and not isinstance(value, dict):
            self.source.problem(
                path, f"{last}: {value!r} is no day of the calendar", "write it as 2025-12-20, without quotes"
            )
        elif kind == "too_short":
            self.source.problem(path, f"{last} holds nothing", "write at least one")
        elif kind in ("literal_error", "enum"):
            expected = detail.get("ctx", {}).get("expected", "")
            self.source.problem(path, f"{last} cannot be {value!r}", f"it is one of {expected}")
        elif kind == "string_pattern_mismatch":
            use = "use small letters, digits and _" + (
                "" if path[0] in ("facts", "terms") else ", and dots between words"
            )
            self.source.problem(path, f"{value!r} cannot name this", use, at_key=path[0] in ("facts", "terms"))
        else:
            self.source.problem(path, f"{last or 'this'}: {detail['msg'].lower()}")

    def no_favour(self, path: tuple[str | int, ...]) -> None:
        """An entry of the order of favour that is neither a relief nor an order of cuts, told once."""
        node = self.source.node(path)
        place = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (1, 1)
        if place not in {(one.line, one.column) for one in self.source.problems}:
            written = reliefs.shown(self.source.data["favour"][path[1]])
            order = f"{{reduce: [{', '.join(MEASURES)}]}}"
            write = f"write one of {', '.join(RELIEFS)}, or {order}"
            self.source.problem(path, f"{written} has no place in the order of favour", write)

    def clause_name(self, path: tuple[str | int, ...]) -> str:
        if len(path) >= 2 and path[0] in ("grants", "exclusions") and isinstance(path[1], int):
            entry = self.source.data[path[0]][path[1]]
            if isinstance(entry, dict) and "id" in entry:
                return f"{path[0][:-1]} {self.written_id(path)}: "
        return ""

    def written_id(self, path: tuple[str | int, ...]) -> str:
        """A clause's id as it stands in the file, right or not."""
        node = self.source.node((*path[:2], "id"))
        return str(node.value) if node is not None else ""

    def unquoted(self, path: tuple[str | int, ...], value: Any) -> None:
        node = self.source.node(path)
        written = str(node.value) if node is not None else str(value)
        self.source.problem(
            path,
            f"{written} {_NOT_TEXT}: without quotes YAML reads it as {_yaml_reading(value)}",
            f'write "{written}" in quotes',
        )

    # rules

    def check_rules_anyway(self, data: dict[str, Any]) -> None:
        """Even when the form of a file is wrong, what can be read of its rules is checked with it."""
        scope = self.rough_scope(data)
        for section in ("grants", "exclusions"):
            for index, clause in enumerate(data.get(section) or [] if isinstance(data.get(section), list) else []):
                if isinstance(clause, dict) and isinstance(clause.get("when"), str):
                    self.rule((section, index, "when"), clause["when"], scope)

    def rough_scope(self, data: dict[str, Any]) -> Scope:
        facts = {}
        declared = data.get("facts")
        for name, fact in (declared if isinstance(declared, dict) else {}).items():
            try:
                facts[name] = _fact_type(FactFile.model_validate(fact))
            except ValidationError:
                facts[name] = BOOLEAN
        written = data.get("dates")
        dates = {}
        for name, value in (written if isinstance(written, dict) else {}).items():
            day = value.get("date") if isinstance(value, dict) else value
            if isinstance(day, date):
                dates[name] = day
        for name in _STANDARD_DAYS:
            dates.setdefault(name, date(2000, 1, 1))
        with_code = Scope(facts=facts, dates=dates, code=self.find_code(data.get("offence_code")))
        terms = data.get("terms")
        return self.with_terms(with_code, terms if isinstance(terms, dict) else {})

    def with_terms(self, scope: Scope, terms: Mapping[str, Any]) -> Scope:
        read: dict[str, Condition] = {}
        for name, text in terms.items():
            if isinstance(text, str):
                within = Scope(scope.facts, scope.dates, dict(read), scope.code)
                condition = self.rule(("terms", name), text, within)
                read[name] = condition if condition is not None else rules.Or(())
        return Scope(scope.facts, scope.dates, read, scope.code)

    def rule(self, path: tuple[str | int, ...], text: str, scope: Scope) -> Condition | None:
        try:
            condition = rules.parse(text, scope)
        except RuleErrors as errors:
            for problem in errors.problems:
                self.source.rule_problem(path, problem.span, problem.message, problem.hint)
            return None
        self.uses_months |= _uses_months(condition)
        return condition

    def find_code(self, code_id: Any) -> OffenceCode | None:
        if not isinstance(code_id, str):
            return None
        try:
            return load_code(code_id)
        except CodeError as error:
            self.source.problem(("offence_code",), str(error))
            return None

    # the act as a whole

    def compiled(self, model: ActFile) -> Act:
        self.code = self.find_code(model.offence_code)
        points = self.points(model)
        self.days = dates = {name: point.date for name, point in points.items()}
        self.check_facts(model)
        facts = {name: _fact(name, fact) for name, fact in model.facts.items()}
        scope = Scope({name: fact.type for name, fact in facts.items()}, dates, {}, self.code)
        scope = self.with_terms(scope, model.terms)
        tables = [self.table(index, clause, scope) for index, clause in enumerate(model.grants)]
        self.made = {
            clause.id: [_made_id(clause, row) for row in table.rows]
            for clause, table in zip(model.grants, tables, strict=True)
        }
        self.check_ids(model)
        grants = tuple(
            grant
            for index, (clause, table) in enumerate(zip(model.grants, tables, strict=True))
            for grant in self.grants(index, clause, table, scope, model.rounding)
        )
        self.check_measures(model, grants)
        limits = [self.limits(index, clause) for index, clause in enumerate(model.exclusions)]
        exclusions, reservations = self.exclusions(model, limits, scope)
        self.check_sources(model)
        if self.uses_months and model.month_end is None:
            self.source.problem(
                (),
                "the act counts calendar months and does not say what happens at the end of a month",
                "write month_end: clamp (31 August minus six months is then the last day of February)",
            )
        limiting = {
            grant.id: tuple(exclusion.id for exclusion in exclusions if grant.id in exclusion.limits)
            for grant in grants
        }
        return Act(
            id=model.id,
            title=translated(model.title),
            kind=model.kind,
            jurisdiction=model.jurisdiction or "",
            code=self.code,
            dates=dates,
            date_notes=points,
            sources=dict(model.sources),
            facts=facts,
            terms=dict(scope.terms),
            grants=grants,
            exclusions=exclusions,
            reservations=reservations,
            favour=_favour(model),
            notes=tuple(model.notes),
            version=self.version(model),
            path=self.path,
            limiting=limiting,
            acknowledged=self.acknowledgements(model),
            unit=model.unit or "",
            decided_by=translated(model.decided_by),
            measures=_measures(model),
        )

    def points(self, model: ActFile) -> dict[str, DatedPoint]:
        """Every day that the act names, with how sure it is; a name is no field, fact or term."""
        given = {name: _point(getattr(model.dates, name)) for name in _STANDARD_DAYS}
        further = {name: _point(value) for name, value in (model.dates.model_extra or {}).items()}
        taken = {*CASE_FIELDS, *DERIVED_FIELDS, *OFFENCE_FIELDS, *IDENTITY_FIELDS, *model.facts, *model.terms}
        for name in further:
            close = difflib.get_close_matches(name, _STANDARD_DAYS, n=1, cutoff=0.8)
            if close:
                what, write = f"{name} is nearly {close[0]}", f"write {close[0]}, or another name"
                self.source.problem(("dates", name), what, write, at_key=True)
            elif name in taken:
                self.source.problem(("dates", name), f"{name} names a field, fact or term already", "", at_key=True)
            elif not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                use = "use small letters, digits and _"
                self.source.problem(("dates", name), f"{name!r} cannot name a day", use, at_key=True)
        return {name: point for name, point in (given | further).items() if point is not None}

    def days_in_effect(self, path: tuple[str | int, ...], clause: ClauseFile) -> tuple[date | None, date | None]:
        """The first and the last day on which a clause is in effect, where it names them."""
        since = self.day(clause.from_, (*path, "from"))
        until = self.day(clause.until, (*path, "until"))
        if until is not None and until < (since or self.days["in_force"]):
            what = f"{clause.id} ends on {until}, before it takes effect on {since or self.days['in_force']}"
            self.source.problem((*path, "until"), what)
        return (None if since == self.days["in_force"] else since), until

    def day(self, name: str | None, path: tuple[str | int, ...]) -> date | None:
        if name is None or name in self.days:
            return None if name is None else self.days[name]
        close = difflib.get_close_matches(name, list(self.days), n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}? " if close else ""
        self.source.problem(path, f"no day {name}", f"{hint}declare it under dates:")
        return None

    def check_measures(self, model: ActFile, grants: Iterable[Grant]) -> None:
        """Cuts that are measured differently have an order only where the act gives them one."""
        stated = next((entry.reduce for entry in model.favour if isinstance(entry, ReduceOrder)), [])
        cuts = [(grant, step) for grant in grants for step in grant.relief.steps() if step.kind == "reduce"]
        used = list(dict.fromkeys(step.measure for _, step in cuts))
        left = [measure for measure in used if measure not in stated]
        if len(used) > 1 and left:
            grant = next(grant for grant, step in cuts if step.measure == used[1])
            written = next((name for name, ids in self.made.items() if grant.id in ids), grant.id)
            place = [clause.id for clause in model.grants].index(written)
            order = ", ".join([*stated, *left])
            self.source.problem(
                ("grants", place, "relief"),
                f"some clauses cut by {_MEASURED[used[0]]}, {written} by {_MEASURED[used[1]]}: "
                "which is more favourable depends on the person",
                f"say which counts as more favourable: favour: [{{reduce: [{order}]}}]",
            )

    def acknowledgements(self, model: ActFile) -> tuple[Acknowledged, ...]:
        """What the authors of the act acknowledged; each names clauses that are there."""
        known = [clause.id for clause in (*model.grants, *model.exclusions)]
        for index, one in enumerate(model.acknowledged):
            for place, named in enumerate(one.clauses):
                if named not in known:
                    close = difflib.get_close_matches(named, known, n=1, cutoff=0.5)
                    hint = f"did you mean {close[0]}?" if close else ""
                    self.source.problem(("acknowledged", index, "clauses", place), f"no clause {named}", hint)
        meant = model.acknowledged
        return tuple(Acknowledged(one.finding, tuple(one.clauses), translated(one.reason)) for one in meant)

    def version(self, model: ActFile) -> str:
        digest = hashlib.sha256("\n".join([SEMANTICS, *self.texts]).encode())
        if self.code is not None:
            digest.update(repr(sorted(self.code.parts.items())).encode())
        return f"{model.id}@{digest.hexdigest()[:12]}"

    def check_facts(self, model: ActFile) -> None:
        taken = {*CASE_FIELDS, *DERIVED_FIELDS, *OFFENCE_FIELDS, *IDENTITY_FIELDS, *_STANDARD_DAYS}
        for name, fact in model.facts.items():
            if name in taken:
                self.source.problem(
                    ("facts", name), f"{name} is a field of the standard record already", "", at_key=True
                )
            if fact.type == "enumeration" and not fact.values:
                self.source.problem(("facts", name), f"the enumeration {name} has no values", "write values: [...]")
        for name in model.terms:
            if name in taken or name in model.facts:
                self.source.problem(("terms", name), f"{name} names a field or fact already", "", at_key=True)

    def check_ids(self, model: ActFile) -> None:
        seen: set[str] = set()
        for section, clauses in (("grants", model.grants), ("exclusions", model.exclusions)):
            for index, clause in enumerate(clauses):
                if clause.id in seen:
                    self.source.problem((section, index, "id"), f"two clauses bear the id {clause.id}")
                seen.add(clause.id)
        made = [(written, name) for written, names in self.made.items() for name in names if name != written]
        for written, name in made:
            if name in seen:
                index = [clause.id for clause in model.grants].index(written)
                what = f"a row of {written} bears the id {name} as well, which is a clause already"
                self.source.problem(("grants", index, "relief"), what)

    def check_sources(self, model: ActFile) -> None:
        for section, clauses in (("grants", model.grants), ("exclusions", model.exclusions)):
            for index, clause in enumerate(clauses):
                if not _listed(clause.source):
                    self.source.problem((section, index, "source"), f"{clause.id} names no source")
                for key in _listed(clause.source):
                    if key not in model.sources and key != _PLACEHOLDER:
                        close = difflib.get_close_matches(key, list(model.sources), n=1, cutoff=0.5)
                        hint = f"did you mean {close[0]}? " if close else ""
                        self.source.problem(
                            (section, index, "source"), f"no source {key}", f"{hint}declare it under sources:"
                        )

    def table(self, index: int, clause: GrantFile, scope: Scope) -> reliefs.Table:
        """The rows of a grant's relief, one where it has no table; a row stands for a value of a field or fact."""
        path: tuple[str | int, ...] = ("grants", index, "relief")
        nothing = reliefs.Table(None, (), ())
        try:
            table = reliefs.table_of(clause.relief)
        except Unfit as unfit:
            self.source.problem((*path, *unfit.path), f"{self.written_id(path)}: {unfit.what}", unfit.write)
            return nothing
        if table.by is None:
            return table
        kind = scope.case_names().get(table.by)
        if kind is None or kind.kind is not Kind.ENUMERATION or table.by == "worst_category":
            what = f"{table.by} is no fact or field with a list of values"
            known = [name for name, one in scope.case_names().items() if one.kind is Kind.ENUMERATION]
            close = difflib.get_close_matches(table.by, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else "declare it under facts: with type: enumeration"
            self.source.problem((*path, *table.path), what, hint)
            return nothing
        for row in table.rows:
            if row.value not in kind.values:
                what = f"{table.by} is never {row.value}"
                self.source.problem((*path, *row.path), what, f"it is one of: {', '.join(kind.values)}", at_key=True)
        return table

    def grants(
        self, index: int, clause: GrantFile, table: reliefs.Table, scope: Scope, rounding: str
    ) -> Iterator[Grant]:
        """The grants that a clause makes: one, or one for each row of its table."""
        path: tuple[str | int, ...] = ("grants", index)
        condition = self.rule((*path, "when"), clause.when, scope)
        since, until = self.days_in_effect(path, clause)
        title = translated(clause.title) or {"en": clause.id}
        for row in table.rows:
            relief = self.relief((*path, "relief"), row)
            if condition is None or relief is None:
                continue
            relief = replace(
                relief,
                consent=clause.consent,
                after=translated(clause.after) or None,
                since=since,
                rounding=rounding,
                then=relief.then and replace(relief.then, rounding=rounding),
            )
            kind = scope.case_names().get(table.by or "")
            yield Grant(
                _made_id(clause, row),
                {language: f"{text} ({row.value})" for language, text in title.items()} if row.value else title,
                self.with_open_law(clause, _of_row(condition, table.by, kind, row.value), _made_id(clause, row)),
                relief,
                tuple(_listed(clause.source)),
                clause.confidence,
                translated(clause.note),
                translated(clause.law_unknown),
                f"({clause.when}) and {table.by} = '{row.value}'" if row.value else clause.when,
                since,
                until,
            )

    def with_open_law(self, clause: ClauseFile, condition: Condition, name: str) -> Condition:
        """A clause of which the law is not known is open in law where its condition holds."""
        if clause.law_unknown is None:
            return condition
        return rules.And((condition, rules.LawOpen(f"clause:{name}")))

    def relief(self, path: tuple[str | int, ...], row: reliefs.Row) -> Relief | None:
        try:
            relief = reliefs.read_relief(row.written, _duration)
        except Unfit as unfit:
            at = (*path, *(row.path if row.value else unfit.path))
            self.source.problem(at, f"{self.written_id(path)}: {unfit.what}", unfit.write)
            return None
        for step in relief.steps():
            self.uses_months |= bool(step.by and step.by.months) or step.term is not None
            self.uses_months |= step.of == "term" or step.kind == "release_point"
        return relief

    def limits(self, index: int, clause: ExclusionFile) -> tuple[str, ...]:
        ids = [name for made in self.made.values() for name in made]
        path: tuple[str | int, ...] = ("exclusions", index)
        limited = set(ids) if clause.limits == "all" else self.matching(clause.limits, ids, (*path, "limits"))
        if not clause.limits:
            self.source.problem(
                (*path, "limits"), f"{clause.id} limits nothing", "write all, or grants such as [personal.*]"
            )
        spared = self.matching(clause.except_, sorted(limited), (*path, "except"))
        if limited and limited == spared:
            self.source.problem((*path, "except"), f"{clause.id} spares every grant it limits")
        return tuple(grant for grant in ids if grant in limited - spared)

    def matching(self, patterns: list[str], ids: list[str], path: tuple[str | int, ...]) -> set[str]:
        found: set[str] = set()
        for place, pattern in enumerate(patterns):
            written = self.made.get(pattern, ())
            hits = [grant for grant in ids if fnmatchcase(grant, pattern) or grant in written]
            if not hits:
                close = difflib.get_close_matches(pattern, ids, n=1, cutoff=0.5)
                hint = f"did you mean {close[0]}? " if close else ""
                what = "grant that is limited" if path[-1] == "except" else "grant"
                self.source.problem((*path, place), f"{path[-1]} names {pattern}, and there is no such {what}", hint)
            found.update(hits)
        return found

    def exclusions(
        self, model: ActFile, limits: list[tuple[str, ...]], scope: Scope
    ) -> tuple[tuple[Exclusion, ...], tuple[Reservation, ...]]:
        exclusions: list[Exclusion] = []
        reservations: list[Reservation] = []
        for index, (clause, limited) in enumerate(zip(model.exclusions, limits, strict=True)):
            if clause.review is not None:
                reservations.append(self.reservation(index, clause, limited, scope))
            elif (condition := self.exclusion_condition(index, clause, scope)) is not None:
                since, until = self.days_in_effect(("exclusions", index), clause)
                exclusions.append(
                    Exclusion(
                        clause.id,
                        translated(clause.title) or {"en": clause.id},
                        condition,
                        limited,
                        tuple(_listed(clause.source)),
                        clause.confidence,
                        translated(clause.note),
                        translated(clause.law_unknown),
                        clause.when or "offence list",
                        since,
                        until,
                    )
                )
        return tuple(exclusions), tuple(reservations)

    def reservation(self, index: int, clause: ExclusionFile, limited: tuple[str, ...], scope: Scope) -> Reservation:
        if clause.offences or clause.uncertain or clause.law_unknown:
            self.source.problem(
                ("exclusions", index),
                f"{clause.id} is a reservation (review) and an exclusion at once",
                "make two entries",
            )
        condition = self.rule(("exclusions", index, "when"), clause.when, scope) if clause.when else None
        return Reservation(
            clause.id,
            translated(clause.title) or {"en": clause.id},
            translated(clause.review),
            condition,
            limited,
            tuple(_listed(clause.source)),
            clause.confidence,
            translated(clause.note),
            clause.when or "",
            *self.days_in_effect(("exclusions", index), clause),
        )

    def exclusion_condition(self, index: int, clause: ExclusionFile, scope: Scope) -> Condition | None:
        path: tuple[str | int, ...] = ("exclusions", index)
        listed = clause.offences is not None or clause.uncertain is not None
        if listed == (clause.when is not None):
            self.source.problem(
                path,
                f"{clause.id} says nothing" if not listed else f"{clause.id} has both when and an offence list",
                "give it one of: when, offences and uncertain, review",
            )
            return None
        if clause.when is not None:
            condition = self.rule((*path, "when"), clause.when, scope)
        else:
            certain = self.entries(clause.offences or [], (*path, "offences"))
            uncertain = self.entries(clause.uncertain or [], (*path, "uncertain"))
            if not certain and not uncertain and not self.source.problems:
                self.source.problem(path, f"the offence list of {clause.id} is empty")
            condition = rules.AnyOffence(rules.Listed(clause.id, certain, uncertain))
        return None if condition is None else self.with_open_law(clause, condition, clause.id)

    def entries(self, written: list[str], path: tuple[str | int, ...]) -> tuple[str, ...]:
        entries: list[str] = []
        for place, entry in enumerate(written):
            code_id, _, article = entry.rpartition(":")
            if self.code is None:
                self.source.problem(
                    (*path, place), "an offence list needs an offence code", "write offence_code: az-cc"
                )
                break
            if code_id not in ("", self.code.id):
                self.source.problem((*path, place), f"{entry} is not of the offence code {self.code.id}")
            elif not self.code.knows(article):
                near = self.code.nearest(article)
                self.source.problem(
                    (*path, place),
                    f"the offence code {self.code.id} has no article {article}",
                    f"did you mean {self.code.id}:{near}?" if near else "",
                )
            else:
                entries.append(article)
        return tuple(entries)


_NOT_TEXT = "is not text"
_PLACEHOLDER = "(missing)"
_STAND_INS: dict[str, Any] = {
    "id": "missing",
    "title": _PLACEHOLDER,
    "source": _PLACEHOLDER,
    "confidence": "low",
    "limits": "all",
    "when": "true",
    "relief": "release",
    "type": "boolean",
    "dates": {"in_force": date(2000, 1, 1)},
    "in_force": date(2000, 1, 1),
    "text": _PLACEHOLDER,
    "en": _PLACEHOLDER,
}


def _mended(data: Any, source: Source) -> ActFile | None:
    """The file with what the schema refused replaced, so that the rest of it is checked in the same run."""
    mended = copy.deepcopy(data)
    for _ in range(3):
        try:
            return ActFile.model_validate(mended)
        except ValidationError as error:
            for detail in error.errors():
                _mend(mended, _real_path(detail["loc"], mended), detail, source)
    return None


def _mend(data: Any, path: tuple[str | int, ...], detail: Any, source: Source) -> None:
    if path[:1] == ("favour",):
        data.pop("favour", None)
        return
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1] if path else None
    if isinstance(data, dict) and isinstance(last, str):
        if detail["type"] == "missing" or (detail["type"] == "literal_error" and last in _STAND_INS):
            data[last] = _STAND_INS.get(last, _PLACEHOLDER)
        elif last in ("from", "until"):
            data.pop(last, None)
        elif "string" in detail["type"] and not isinstance(detail["input"], dict | list):
            node = source.node(path)
            data[last] = "mended" if last == "id" else str(node.value if node is not None else detail["input"])
        elif last in data and detail["type"] != "string_type":
            del data[last]
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        node = source.node(path)
        data[last] = str(node.value) if node is not None and not isinstance(data[last], dict | list) else _PLACEHOLDER


def _point(value: date | DatedPoint | None) -> DatedPoint | None:
    return DatedPoint(date=value) if isinstance(value, date) else value


def _fact_type(fact: FactFile) -> ValueType:
    simple = {"boolean": BOOLEAN, "number": NUMBER, "text": TEXT, "date": DATE}
    return simple.get(fact.type) or ValueType(Kind.ENUMERATION, tuple(fact.values or ()), fact.ordered)


def _fact(name: str, fact: FactFile) -> Fact:
    return Fact(name, _fact_type(fact), translated(fact.ask), translated(fact.evidence))


def _listed(source: str | list[str] | None) -> list[str]:
    return [source] if isinstance(source, str) else list(source or ())


def _duration(measure: Any) -> Duration | None:
    try:
        parsed = rules.parse(f"term <= {measure}", Scope())
    except RuleErrors:
        return None
    right = parsed.right if isinstance(parsed, rules.Compare) else None
    return right.value if isinstance(right, rules.Literal) and right.value.key() > 0 else None


def _uses_months(condition: Condition) -> bool:
    for atom in rules.atoms(condition):
        for operand in rules.operands(atom):
            while isinstance(operand, rules.Shifted | rules.AgeOn):
                if isinstance(operand, rules.Shifted) and operand.by.months:
                    return True
                operand = operand.base if isinstance(operand, rules.Shifted) else operand.day
    return False


def _made_id(clause: GrantFile, row: reliefs.Row) -> str:
    return f"{clause.id}.{row.value}" if row.value else clause.id


def _of_row(condition: Condition, by: str | None, kind: ValueType | None, value: str | None) -> Condition:
    """The condition of a clause for one row of its table."""
    if by is None or kind is None:
        return condition
    return rules.And((condition, rules.Compare("=", rules.Name(by, kind), rules.Literal(value, kind))))


def _favour(model: ActFile) -> tuple[str, ...]:
    kinds = ["reduce" if isinstance(entry, ReduceOrder) else entry for entry in model.favour]
    return tuple(dict.fromkeys([*kinds, *RELIEFS]))


def _measures(model: ActFile) -> tuple[str, ...]:
    stated = next((entry.reduce for entry in model.favour if isinstance(entry, ReduceOrder)), [])
    return tuple(dict.fromkeys([*stated, *MEASURES]))


_MEASURED = {"term": "a share of the term", "rest": "a share of the rest", "length": "a length"}
_STANDARD_DAYS = ("adopted", "in_force", "deadline")


def _missing_hint(key: str) -> str:
    if key == "confidence":
        return f"write confidence: with one of {', '.join(CONFIDENCES)}"
    if key == "source":
        return "write source: with keys declared under sources:"
    return ""


_NO_DAY = ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact", "model_type")


def _yaml_reading(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, date):
        return "a date"
    return f"the number {value}"


_MODELS: dict[str, type[BaseModel]] = {
    "grants": GrantFile,
    "exclusions": ExclusionFile,
    "notes": NoteFile,
    "facts": FactFile,
    "acknowledged": AcknowledgedFile,
}


def _known_keys(path: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = ActFile
    if len(path) > 1 and path[0] == "dates":
        model = DatedPoint
    elif len(path) > 2:
        model = _MODELS.get(str(path[0]), ActFile)
        if len(path) > 3:
            model = Translated
    return [info.alias or name for name, info in model.model_fields.items()]


_UNION_STEPS = ("list[", "literal[", "dict[")


def _real_path(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """A validation path without the names of union members, which are no keys of the file."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(data, dict) and isinstance(step, str):
            if step in data:
                data = data[step]
            elif step in ("str", "Translated", "DatedPoint", "date", "[key]") or step.startswith(_UNION_STEPS):
                continue
            else:
                data = None
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif isinstance(step, str) and data is not None:
            continue
        path.append(step)
    return tuple(path)


__all__ = ["Act", "ActFile", "Exclusion", "Fact", "Grant", "Problem", "Relief", "Reservation", "load_act", "parse_act"]
