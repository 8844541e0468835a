"""The act: clauses, exclusions, reservations, dates and reliefs, as reviewable data.

`ActFile` is the schema of `act.yaml`; `Act` is what the engines read: every rule parsed once into its typed tree.
All problems of a file are found at once, each with its line, column, and what to write instead.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from clemency.law import rules
from clemency.law.calendar import Duration
from clemency.law.codes import CodeError, OffenceCode, load_code
from clemency.law.library import library_path
from clemency.law.rules import Condition, RuleErrors, Scope
from clemency.law.source import Problem, Source, SourceErrors, parse_source, read_source
from clemency.law.vocabulary import (
    BOOLEAN,
    CASE_FIELDS,
    CONFIDENCES,
    DATE,
    DERIVED_FIELDS,
    IDENTITY_FIELDS,
    NUMBER,
    OFFENCE_FIELDS,
    PUNISHMENT,
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


class DatesFile(_Strict):
    """Days on which the act was adopted, takes effect and must have been applied."""

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


class GrantFile(ClauseFile):
    """A clause that grants a relief to who meets its condition."""

    when: str
    relief: Any = Field(
        json_schema_extra={"description": "release, end_prosecution, {reduce: 6 months}, {replace: fine}"}
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


class ActFile(_Strict):
    """The schema of `act.yaml`."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    kind: Literal["amnesty", "pardon", "remission", "early_release"] = "amnesty"
    jurisdiction: str | None = None
    offence_code: str | None = None
    dates: DatesFile
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
    ] = Field(default_factory=lambda: list(RELIEFS))  # type: ignore[arg-type]


# --- what the engines read ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relief:
    """What a grant gives: a kind of the closed list, with its measure."""

    kind: str
    by: Duration | None = None
    to: str | None = None
    consent: str | None = None
    after: Mapping[str, str] | None = None

    def terms(self) -> dict[str, Any]:
        """The measure as plain data, such as `{"months": 6}`."""
        terms: dict[str, Any] = {}
        if self.by is not None:
            terms |= {unit: count for unit, count in (("months", self.by.months), ("days", self.by.days)) if count}
        if self.to is not None:
            terms["to"] = self.to
        if self.consent is not None:
            terms["consent"] = self.consent
        if self.after is not None:
            terms["after"] = dict(self.after)
        return terms


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


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding of the check that the act's authors mean: its name, the clauses it stands at, and their reason."""

    finding: str
    clauses: tuple[str, ...]
    reason: Mapping[str, str]


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

    def favour_rank(self, relief: Relief) -> tuple[int, int]:
        """Place of a relief in the order of favour, the most favourable first; longer cuts come before shorter."""
        return (self.favour.index(relief.kind), -relief.by.key() if relief.by else 0)

    def conditions(self) -> Iterator[Condition]:
        """Every condition of the act: grants, exclusions, reservations."""
        yield from (grant.condition for grant in self.grants)
        yield from (exclusion.condition for exclusion in self.exclusions)
        yield from (clause.condition for clause in self.reservations if clause.condition is not None)

    @cached_property
    def articles_named(self) -> frozenset[str]:
        """Every article that some clause names."""
        return frozenset(article for condition in self.conditions() for article in rules.articles_named(condition))


def translated(text: Text | None) -> dict[str, str]:
    """A text in every language it has; plain text counts as English."""
    if text is None:
        return {}
    if isinstance(text, str):
        return {"en": text}
    return {language: value for language in LANGUAGES if (value := getattr(text, language)) is not None}


# --- loading --------------------------------------------------------------------------------------------------


def load_act(act: str | Path) -> Act:
    """Load an act of the library by its id, or any act by its path; all problems at once if it has any.

    >>> load_act("az-2025").grants[0].id
    'personal.combatant'
    """
    path = find_act(act)
    return _load(path, path.stat().st_mtime_ns)


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
    """The ids of all acts in the library."""
    return sorted(path.parent.name for path in (library_path() / "acts").glob("*/act.yaml"))


@cache
def _load(path: Path, _changed: int) -> Act:
    return _Compiler(read_source(path), path).act()


def parse_act(text: str, file: str = "act.yaml") -> Act:
    """Load an act from YAML text.

    >>> parse_act("id: x\\ntitle: X", "x.yaml")
    Traceback (most recent call last):
    clemency.law.source.SourceErrors: x.yaml:1:1: the key dates is missing
    ...
    """
    return _Compiler(parse_source(file, text), None).act()


class _Compiler:
    """Checks one file as a whole and builds the act from it."""

    def __init__(self, source: Source, path: Path | None) -> None:
        self.source, self.path = source, path
        self.code: OffenceCode | None = None
        self.uses_months = False

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
        return act

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
        if kind == "extra_forbidden":
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
        for name in ("in_force", "adopted", "deadline"):
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
        points = {name: _point(getattr(model.dates, name)) for name in ("adopted", "in_force", "deadline")}
        points = {name: point for name, point in points.items() if point is not None}
        dates = {name: point.date for name, point in points.items() if point is not None}
        self.check_facts(model)
        facts = {name: _fact(name, fact) for name, fact in model.facts.items()}
        scope = Scope({name: fact.type for name, fact in facts.items()}, dates, {}, self.code)
        scope = self.with_terms(scope, model.terms)
        self.check_ids(model)
        grants = tuple(
            grant for index, clause in enumerate(model.grants) if (grant := self.grant(index, clause, scope))
        )
        limits = [self.limits(index, clause, model) for index, clause in enumerate(model.exclusions)]
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
            date_notes={name: point for name, point in points.items() if point is not None},
            sources=dict(model.sources),
            facts=facts,
            terms=dict(scope.terms),
            grants=grants,
            exclusions=exclusions,
            reservations=reservations,
            favour=(*model.favour, *(kind for kind in RELIEFS if kind not in model.favour)),
            notes=tuple(model.notes),
            version=self.version(model),
            path=self.path,
            limiting=limiting,
            acknowledged=self.acknowledgements(model),
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
        digest = hashlib.sha256(f"{SEMANTICS}\n{self.source.text}".encode())
        if self.code is not None:
            digest.update(repr(sorted(self.code.parts.items())).encode())
        return f"{model.id}@{digest.hexdigest()[:12]}"

    def check_facts(self, model: ActFile) -> None:
        taken = {*CASE_FIELDS, *DERIVED_FIELDS, *OFFENCE_FIELDS, *IDENTITY_FIELDS, "adopted", "in_force", "deadline"}
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

    def grant(self, index: int, clause: GrantFile, scope: Scope) -> Grant | None:
        condition = self.rule(("grants", index, "when"), clause.when, scope)
        relief = self.relief(("grants", index, "relief"), clause)
        if condition is None or relief is None:
            return None
        if clause.law_unknown is not None:
            condition = rules.And((condition, rules.LawOpen(f"clause:{clause.id}")))
        return Grant(
            clause.id,
            translated(clause.title) or {"en": clause.id},
            condition,
            relief,
            tuple(_listed(clause.source)),
            clause.confidence,
            translated(clause.note),
            translated(clause.law_unknown),
            clause.when,
        )

    def relief(self, path: tuple[str | int, ...], clause: GrantFile) -> Relief | None:
        written = clause.relief
        after = translated(clause.after) or None
        if written in ("release", "end_prosecution", "lift_additional", "lift_record"):
            return Relief(written, consent=clause.consent, after=after)
        if isinstance(written, dict) and len(written) == 1:
            kind, measure = next(iter(written.items()))
            if kind == "reduce" and (by := _duration(measure)) is not None:
                self.uses_months |= bool(by.months)
                return Relief("reduce", by=by, consent=clause.consent, after=after)
            if kind == "replace" and measure in PUNISHMENT.values:
                return Relief("replace", to=measure, consent=clause.consent, after=after)
        self.source.problem(path, f"{self.written_id(path)}: no relief fits {_shown(written)}", _relief_hint(written))
        return None

    def limits(self, index: int, clause: ExclusionFile, model: ActFile) -> tuple[str, ...]:
        ids = [grant.id for grant in model.grants]
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
            hits = [grant for grant in ids if fnmatchcase(grant, pattern)]
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
        if condition is not None and clause.law_unknown is not None:
            condition = rules.And((condition, rules.LawOpen(f"clause:{clause.id}")))
        return condition

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
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1] if path else None
    if isinstance(data, dict) and isinstance(last, str):
        if detail["type"] == "missing" or (detail["type"] == "literal_error" and last in _STAND_INS):
            data[last] = _STAND_INS.get(last, _PLACEHOLDER)
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


def _shown(written: Any) -> str:
    if isinstance(written, dict):
        return "{" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}"
    return "nothing" if written is None else repr(written)


def _relief_hint(written: Any) -> str:
    word = next(iter(written), "") if isinstance(written, dict) else str(written)
    if word == "reduce":
        return "write {reduce: 6 months} or {reduce: 90 days}"
    if word == "replace":
        return f"write {{replace: ...}} with one of: {', '.join(PUNISHMENT.values)}"
    if word == "release_point":
        return "this version carries no release point; it carries release and {reduce: 6 months} among others"
    close = difflib.get_close_matches(str(word), RELIEFS, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    return hint + "write release, end_prosecution, lift_record, lift_additional, {reduce: 6 months} or {replace: fine}"


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
        model = DatesFile if len(path) == 2 else DatedPoint
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
