"""Claims: a number that somebody stated about an amnesty, in which words, up to which day, counting whom, where read.

`claims.csv` has one row a statement as it was read; two sources that repeat one statement are two rows, so rows are
never added up. `history.csv` has the acts and orders since 1995. `quantities.yaml` says what is counted and how
quantities add up, `scopes.yaml` whom a figure counts. Conflicts stay in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from clemency.law.act import Act, Translated, translated
from clemency.law.library import library_path
from clemency.law.source import Source, SourceErrors
from clemency.observe.library_files import (
    Address,
    Cells,
    Count,
    Day,
    DayOrMonth,
    Document,
    Row,
    Words,
    nearest,
    read_document,
    read_sheet,
)
from clemency.observe.qualifiers import Qualifier, said

Stage = Literal["draft", "announced", "adopted", "progress", "final"]
#: What was expected, and what was reported carried out.
PLANNED: tuple[Stage, ...] = ("draft", "announced", "adopted")
REPORTED: tuple[Stage, ...] = ("progress", "final")
Body = Literal["presidency", "parliament", "ministry", "prosecutor", "watch_group"]
SourceType = Literal["pro_government", "independent", "international", "exile"]
#: `misread`: the figure is not the quantity the page names. `misprint`: a word of the page must be wrong.
#: `own_arithmetic`: worked out by the outlet. `reworded`: the outlet names the line otherwise than its source.
#: `act_uncertain`: which act is meant is not sure.
Caution = Literal["misread", "misprint", "own_arithmetic", "reworded", "act_uncertain"]

BODIES = {
    "presidency": "the presidency",
    "parliament": "the parliament",
    "ministry": "the Ministry of Justice",
    "prosecutor": "the Prosecutor General's Office",
    "watch_group": "a watch group",
}


class Claim(Row):
    """One row of `claims.csv`: a figure that somebody stated."""

    claim_id: Annotated[str, StringConstraints(pattern=r"^c\d{3,}$")]
    date: DayOrMonth | None
    act_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    stage: Stage
    quantity: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    value: Count
    qualifier: Qualifier
    as_of: Day | None
    body: Body | None
    source_name: Words
    source_type: SourceType | None
    source_url: Address
    scope: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    caution: Caution | None
    note: str = ""

    @field_validator("note", mode="before")
    @classmethod
    def _no_note(cls, value: Any) -> Any:
        return value or ""

    @property
    def planned(self) -> bool:
        """Whether it says what was expected, and not what was carried out."""
        return self.stage in PLANNED

    @property
    def said(self) -> str:
        """The figure in its words, such as `over 5,000`."""
        return said(self.value, self.qualifier)

    @property
    def who(self) -> str:
        """Who stated it; where nobody is named, the source."""
        return BODIES[self.body] if self.body else self.source_name


class HistoryRow(Row):
    """One row of `history.csv`: an act, several acts together, a pardon order, or a count of acts so far."""

    record_type: Literal["amnesty_act", "amnesty_acts_group", "pardon_order", "running_count"]
    year: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{4})?$")]
    date_adopted: DayOrMonth | None
    occasion: str | None
    initiator: str | None
    planned_total: Count | None
    planned_total_qualifier: Qualifier | None
    planned_released: Count | None
    planned_released_qualifier: Qualifier | None
    actual_total: Count | None
    actual_total_qualifier: Qualifier | None
    actual_released: Count | None
    actual_released_qualifier: Qualifier | None
    political_prisoners_included: str | None
    source_name: Words
    source_url: Address
    note: str | None


HISTORY_FIGURES = ("planned_total", "planned_released", "actual_total", "actual_released")


# --- quantities -----------------------------------------------------------------------------------------------


class SumFile(Document):
    """One way in which a quantity falls into parts."""

    id: str
    parts: list[str] = Field(min_length=1)
    optional: list[str] = Field(default_factory=list)
    open: bool = False
    either: str | None = None


class QuantityFile(Document):
    """One entry of `quantities.yaml`."""

    title: Translated
    parts: list[str] = Field(default_factory=list)
    optional: list[str] = Field(default_factory=list)
    sums: list[SumFile] = Field(default_factory=list)
    within: str | None = None
    grants: dict[str, list[str]] = Field(default_factory=dict)
    where: dict[str, list[str]] = Field(default_factory=dict)
    where_not: dict[str, list[str]] = Field(default_factory=dict)
    unit: Literal["persons", "percent"] = "persons"


@dataclass(frozen=True, slots=True)
class Sum:
    """One way in which a quantity falls into parts; of sums with one `either` a report may use any."""

    id: str
    parts: tuple[str, ...]
    optional: tuple[str, ...] = ()
    open: bool = False
    either: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The parts that must all be there before the sum is checked."""
        return tuple(part for part in self.parts if part not in self.optional)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is counted: its name and titles, how it falls into parts, and the clauses that feed it.

    `parts` are those of the first sum. `where` and `where_not` limit it to some cases of its clauses.
    """

    name: str
    title: Mapping[str, str]
    parts: tuple[str, ...]
    sums: tuple[Sum, ...]
    within: str | None
    where: Mapping[str, tuple[str, ...]]
    where_not: Mapping[str, tuple[str, ...]]
    unit: str
    patterns: Mapping[str, tuple[str, ...]]

    def grants(self, act_id: str) -> tuple[str, ...]:
        """The patterns of an act's grants that feed the quantity; none where its clauses cannot tell."""
        return self.patterns.get(act_id, ())

    def clauses(self, act: Act) -> tuple[str, ...]:
        """The grants of an act that feed the quantity, in the order of the act."""
        patterns = self.grants(act.id)
        return tuple(grant.id for grant in act.grants if any(fnmatchcase(grant.id, one) for one in patterns))


_MAIN_SUM = "by relief"


def read_quantities(path: Path) -> Mapping[str, Quantity]:
    """Quantities by name, in the order of the file. Raises SourceErrors with everything that does not fit."""
    read: dict[str, QuantityFile]
    read, source = read_document(path, dict[str, QuantityFile])
    for name, entry in read.items():
        _check_quantity(name, entry, read, source)
    _check_circles(read, source)
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return {name: _quantity(name, entry) for name, entry in read.items()}


def _check_quantity(name: str, entry: QuantityFile, read: Mapping[str, QuantityFile], source: Source) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = [
        ((name, "parts", place), part) for place, part in enumerate(entry.parts)
    ]
    named += [
        ((name, "sums", row, "parts", place), part)
        for row, one in enumerate(entry.sums)
        for place, part in enumerate(one.parts)
    ]
    named += [((name, "within"), entry.within)] if entry.within else []
    for path, other in named:
        if other not in read:
            source.problem(path, f"there is no quantity {other}", nearest(other, read))
    for part in set(entry.optional) - set(entry.parts):
        source.problem((name, "optional"), f"{part} is optional and is no part")
    for row, one in enumerate(entry.sums):
        for part in set(one.optional) - set(one.parts):
            source.problem((name, "sums", row, "optional"), f"{part} is optional and is no part")
    ids = [one.id for one in entry.sums]
    if len(set(ids)) < len(ids) or _MAIN_SUM in ids:
        source.problem((name, "sums"), "two sums of it bear one id")
    if entry.where.keys() & entry.where_not.keys():
        source.problem((name, "where"), "where and where_not name the same field")


def _check_circles(read: Mapping[str, QuantityFile], source: Source) -> None:
    below = {
        name: {part for parts in (entry.parts, *(one.parts for one in entry.sums)) for part in parts}
        for name, entry in read.items()
    }
    for name in read:
        seen: set[str | None] = set()
        waiting = list(below[name])
        while waiting:
            part = waiting.pop()
            if part not in seen:
                seen.add(part)
                waiting += below.get(part, ())
        if name in seen:
            source.problem((name,), f"{name} is a part of itself", at_key=True)


def _quantity(name: str, entry: QuantityFile) -> Quantity:
    main = [Sum(_MAIN_SUM, tuple(entry.parts), tuple(entry.optional))] if entry.parts else []
    more = [Sum(one.id, tuple(one.parts), tuple(one.optional), one.open, one.either) for one in entry.sums]
    return Quantity(
        name=name,
        title=translated(entry.title),
        parts=tuple(entry.parts),
        sums=(*main, *more),
        within=entry.within,
        where={key: tuple(values) for key, values in entry.where.items()},
        where_not={key: tuple(values) for key, values in entry.where_not.items()},
        unit=entry.unit,
        patterns={act: tuple(patterns) for act, patterns in entry.grants.items()},
    )


# --- scopes ---------------------------------------------------------------------------------------------------


class ScopeFile(Document):
    """One way of counting."""

    title: Translated
    plan: bool = False
    within: str | None = None
    note: str = ""


class JoinFile(Document):
    """Scopes whose figures may be put into one series, for the quantities named."""

    acts: list[str] = Field(min_length=1)
    scopes: list[str] = Field(min_length=2)
    quantities: list[str] = Field(min_length=1)
    without: list[str] = Field(default_factory=list)
    title: Translated
    confidence: Literal["high", "medium", "low"]
    reason: str = Field(min_length=1)


class ScopesFile(Document):
    """The schema of `scopes.yaml`."""

    scopes: dict[str, ScopeFile]
    joined: list[JoinFile] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a figure counts; `within` names a wider scope that surely holds it."""

    name: str
    title: Mapping[str, str]
    plan: bool
    within: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Join:
    """Scopes that make one series for some quantities of some acts, and why."""

    acts: tuple[str, ...]
    scopes: tuple[str, ...]
    quantities: tuple[str, ...]
    without: tuple[str, ...]
    title: Mapping[str, str]
    confidence: str
    reason: str


@dataclass(frozen=True)
class Scopes:
    """Every scope by its name, and which may be joined."""

    by_name: Mapping[str, Scope]
    joined: tuple[Join, ...] = field(default=())

    def join_of(self, act_id: str, quantity: str, scope: str) -> Join | None:
        """The join under which a figure falls, if it falls under one."""
        for join in self.joined:
            if act_id in join.acts and quantity in join.quantities and scope in join.scopes:
                return join
        return None

    def holds(self, wider: str, narrower: str) -> bool:
        """Whether everybody in one scope is surely in the other.

        >>> scopes().holds("all_bodies", "one_institution"), scopes().holds("all_bodies", "not_stated")
        (True, False)
        """
        name = self.by_name[narrower].within
        while name is not None:
            if name == wider:
                return True
            name = self.by_name[name].within
        return False


def read_scopes(path: Path, known: Iterable[str]) -> Scopes:
    """Scopes and joins; `known` are the quantities there are. Raises SourceErrors."""
    read: ScopesFile
    read, source = read_document(path, ScopesFile)
    names = set(known)
    for name, scope in read.scopes.items():
        if scope.within is not None and scope.within not in read.scopes:
            source.problem(("scopes", name, "within"), f"there is no scope {scope.within}")
    for place, join in enumerate(read.joined):
        for key, given, there in (
            ("scopes", join.scopes, read.scopes.keys()),
            ("quantities", join.quantities, names),
            ("without", join.without, names),
        ):
            for row, one in enumerate(given):
                if one not in there:
                    source.problem(("joined", place, key, row), f"there is no {key.rstrip('s')} {one}")
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return Scopes(
        {name: Scope(name, translated(one.title), one.plan, one.within, one.note) for name, one in read.scopes.items()},
        tuple(
            Join(
                tuple(one.acts),
                tuple(one.scopes),
                tuple(one.quantities),
                tuple(one.without),
                translated(one.title),
                one.confidence,
                one.reason,
            )
            for one in read.joined
        ),
    )


# --- the library's own ----------------------------------------------------------------------------------------


def read_claims(path: Path, known: Mapping[str, Quantity], counted: Scopes) -> tuple[Claim, ...]:
    """The claims of a file, in its order. Raises SheetErrors with every problem, each with its line and column."""
    seen: set[str | None] = set()

    def check(cells: Cells, claim: Claim | None) -> Iterator[tuple[str, str]]:
        claim_id, quantity, scope = cells["claim_id"], cells["quantity"], cells["scope"]
        if claim_id in seen:
            yield "claim_id", "this id is borne by an earlier row"
        seen.add(claim_id)
        if quantity is not None and quantity not in known:
            yield "quantity", _no_such("quantity of quantities.yaml", quantity, known)
        if scope is not None and scope not in counted.by_name:
            yield "scope", _no_such("scope of scopes.yaml", scope, counted.by_name)
        if claim is not None:
            yield from _at_odds(claim, known, counted)

    return read_sheet(path, Claim, check)


def _no_such(what: str, name: str, known: Iterable[str]) -> str:
    hint = nearest(name, known)
    return f"is no {what}" + (f"; {hint}" if hint else "")


def _at_odds(claim: Claim, known: Mapping[str, Quantity], counted: Scopes) -> Iterator[tuple[str, str]]:
    if claim.quantity in known and known[claim.quantity].unit == "percent" and claim.value > 100:
        yield "value", "is over 100 percent"
    if claim.scope in counted.by_name and counted.by_name[claim.scope].plan and not claim.planned:
        yield "scope", "is the scope of a plan, and the stage is not"
    if claim.as_of and claim.date and claim.date < claim.as_of.isoformat()[: len(claim.date)]:
        yield "as_of", "is later than the day on which it was published"


def read_history(path: Path) -> tuple[HistoryRow, ...]:
    """The acts and orders of a file, in its order. Raises SheetErrors."""

    def check(cells: Cells, _: HistoryRow | None) -> Iterator[tuple[str, str]]:
        for name in HISTORY_FIGURES:
            if (cells[name] is None) != (cells[f"{name}_qualifier"] is None):
                yield f"{name}_qualifier", f"a qualifier belongs to each {name}, and to no empty one"

    return read_sheet(path, HistoryRow, check)


def _folder(jurisdiction: str) -> Path:
    folder = library_path() / "claims" / jurisdiction
    if not folder.is_dir():
        known = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        raise FileNotFoundError(f"no claims of {jurisdiction!r} in the library; it has: {', '.join(known) or 'none'}")
    return folder


def quantities(jurisdiction: str = "az") -> Mapping[str, Quantity]:
    """What a country's claims count, by name.

    >>> quantities()["penitentiary_total"].parts
    ('released_from_imprisonment', 'term_reduced')
    """
    return _quantities(_folder(jurisdiction) / "quantities.yaml")


def scopes(jurisdiction: str = "az") -> Scopes:
    """Whom a country's claims count.

    >>> scopes().by_name["watch_list"].title["en"]
    "people on a watch group's list"
    """
    return _scopes(_folder(jurisdiction))


def claims(
    act_id: str | None = None, stages: Iterable[str] | None = None, jurisdiction: str = "az"
) -> tuple[Claim, ...]:
    """The claims of a country, in the order of the file; of one act or of some stages, if named.

    >>> [claim.said for claim in claims("az-2025", ["announced"])][:3]
    ['over 20,000', 'over 5,000', 'over 3,000']
    """
    wanted = None if stages is None else set(stages)
    return tuple(
        claim
        for claim in _claims(_folder(jurisdiction))
        if (act_id is None or claim.act_id == act_id) and (wanted is None or claim.stage in wanted)
    )


def history(jurisdiction: str = "az") -> tuple[HistoryRow, ...]:
    """The amnesty acts and pardon orders of a country.

    >>> [row.date_adopted for row in history() if row.record_type == "amnesty_act"][-1]
    '2025-12-19'
    """
    return _history(_folder(jurisdiction) / "history.csv")


@cache
def _quantities(path: Path) -> Mapping[str, Quantity]:
    return read_quantities(path)


@cache
def _scopes(folder: Path) -> Scopes:
    return read_scopes(folder / "scopes.yaml", _quantities(folder / "quantities.yaml"))


@cache
def _claims(folder: Path) -> tuple[Claim, ...]:
    return read_claims(folder / "claims.csv", _quantities(folder / "quantities.yaml"), _scopes(folder))


@cache
def _history(path: Path) -> tuple[HistoryRow, ...]:
    return read_history(path)


def first_told(of: Iterable[Claim], stage: str, quantity: str) -> Claim | None:
    """The first claim of a stage about a quantity, in the order of the file."""
    return next((claim for claim in of if claim.stage == stage and claim.quantity == quantity), None)


def last_reported(of: Iterable[Claim], quantity: str) -> Claim | None:
    """The report that counts up to the latest day; of several for one day, the first."""
    dated = [claim for claim in of if claim.stage in REPORTED and claim.quantity == quantity and claim.as_of]
    return max(dated, key=lambda claim: claim.as_of or date.min, default=None)
