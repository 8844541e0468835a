"""What the rules give, quantity by quantity: taken from an estimate, or counted on a register.

An estimate gives ranges over what is assumed and not known. On a register a case is `certain` where it is granted and
counted under a clause of the quantity, and no better relief that is still open would move it elsewhere; it is
`possible` where an open fact or an open point of law may bring it there. What keeps cases between the two is counted
with them. A case that several clauses of one relief release stands under the first that is known to.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clemency.law.act import Act, Exclusion, Reservation
from clemency.law.vocabulary import CATEGORIES
from clemency.observe.claims import Quantity
from clemency.observe.qualifiers import Range
from clemency.records.quarantine import QuarantineLog
from clemency.records.register import Register

if TYPE_CHECKING:
    import polars as pl

Clause = TypeVar("Clause", Exclusion, Reservation)
Progress = Callable[[int, int | None], None]


class EstimateFileError(ValueError):
    """An estimate that cannot be read: what is wrong, and what to do."""


@dataclass(frozen=True)
class GivenFigure:
    """What the rules give of one quantity. `inner` and `middle` are there for an estimate only."""

    outer: Range
    inner: Range | None = None
    middle: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        plain: dict[str, Any] = {"low": self.outer.low, "high": self.outer.high}
        if self.inner is not None:
            plain |= {"low50": self.inner.low, "high50": self.inner.high}
        return plain | ({} if self.middle is None else {"middle": self.middle})


@dataclass(frozen=True)
class OpenPoint:
    """Something open that moves what the rules give of a quantity, and by how much.

    On a register `cases` are those it keeps from an answer. In an estimate `at_low` and `at_high` are the results where
    an assumption stands at its `low` and its `high` end, or a question of law has the one answer and the other.
    """

    item: str
    text: str
    cases: int | None = None
    low: str = ""
    high: str = ""
    at_low: float | None = None
    at_high: float | None = None
    reason: str = ""

    @property
    def weight(self) -> float:
        """How much it moves."""
        if self.cases is not None:
            return self.cases
        return abs((self.at_high or 0) - (self.at_low or 0))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True)
class Given:
    """What the rules give, where the figures come from, whether the people in it are invented, and rows left out."""

    source: Literal["estimate", "register"]
    of: str
    synthetic: bool
    cases: int
    figures: Mapping[str, GivenFigure]
    open: Mapping[str, tuple[OpenPoint, ...]] = field(default_factory=dict)
    put_aside: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain data, without the figures, which stand at their quantities."""
        meaning = "certain and possible" if self.source == "register" else "90 percent"
        return {
            "source": self.source,
            "of": self.of,
            "synthetic": self.synthetic,
            "cases": self.cases,
            "rows_put_aside": self.put_aside,
            "low_and_high": meaning,
        }


# --- from an estimate -----------------------------------------------------------------------------------------


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _EstimatedFigure(_Loose):
    by: str
    name: str
    low90: float
    high90: float
    low50: float
    high50: float
    median: float


class _Swing(_Loose):
    assumption: str
    quantity: str
    low: float | bool | str = ""
    high: float | bool | str = ""
    at_low: float
    at_high: float
    reason: str = ""


class _Question(_Loose):
    item: str
    text: str = ""


class _Estimate(_Loose):
    act: str
    draws: int
    seed: int | None = None
    cases: float = 0
    population: dict[str, Any] = Field(default_factory=dict)
    quantities: list[_EstimatedFigure]
    swings: list[_Swing] = Field(default_factory=list)
    readings: list[_Question] = Field(default_factory=list)


def read_estimate(path: Path, act_id: str) -> Given:
    """What the rules give, from a file that `clemency estimate --json` wrote. Raises EstimateFileError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EstimateFileError(f"{path}: is no JSON: {error}; write it with clemency estimate --json") from None
    return estimated(data, act_id, str(path))


def estimated(data: Any, act_id: str, name: str) -> Given:
    """What the rules give, from an estimate as plain data; `name` says where it came from.

    Ranges are rounded outwards to whole cases. Raises EstimateFileError with everything that does not fit.
    """
    try:
        read = _Estimate.model_validate(data)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors()[:10])
        raise EstimateFileError(f"{name}: is no estimate: {told}; write it with clemency estimate --json") from None
    if read.act != act_id:
        raise EstimateFileError(f"{name}: is an estimate of {read.act}, not of {act_id}")
    figures = {
        one.name: GivenFigure(_outwards(one.low90, one.high90), _outwards(one.low50, one.high50), one.median)
        for one in read.quantities
        if one.by == "quantity"
    }
    moved: dict[str, list[OpenPoint]] = {}
    asked = {question.item: question.text for question in read.readings}
    for swing in read.swings:
        point = OpenPoint(
            swing.assumption,
            asked.get(swing.assumption) or swing.assumption,
            low=_end(swing.low),
            high=_end(swing.high),
            at_low=swing.at_low,
            at_high=swing.at_high,
            reason=swing.reason,
        )
        moved.setdefault(swing.quantity, []).append(point)
    synthetic = bool(read.population.get("synthetic", True))
    told = f"{read.draws:,} draws, {read.population.get('source') or 'from an invented population'}"
    found = {quantity: _heaviest(points) for quantity, points in moved.items()}
    return Given("estimate", told, synthetic, round(read.cases), figures, found)


def _end(value: float | bool | str) -> str:
    """An end of an assumption, or an answer, as a reader expects it."""
    if isinstance(value, bool) or value in ("True", "False", "true", "false"):
        return "yes" if value in (True, "True", "true") else "no"
    return f"{value:g}" if isinstance(value, float | int) else value.replace("_", " ")


def _outwards(low: float, high: float) -> Range:
    return Range(max(0, math.floor(low)), math.ceil(high))


def _heaviest(points: Iterable[OpenPoint]) -> tuple[OpenPoint, ...]:
    return tuple(sorted(points, key=lambda point: (-point.weight, point.item)))


# --- counted on a register ------------------------------------------------------------------------------------


def counted(
    register: Register,
    act: Act,
    known: Mapping[str, Quantity],
    log: QuarantineLog,
    progress: Progress = lambda done, total: None,
) -> Given:
    """What the rules give on a register, counted case by case; rows that do not fit go to the log.

    A quantity that a clause feeds counts the cases booked under it. What a quantity may still reach is asked of the
    act with the clauses of that quantity and no other.
    """
    from clemency.determine.columns import determine_frame

    asked = {name: one for name, one in known.items() if one.clauses(act)}
    alone = {one.clauses(act): only(act, one.clauses(act), name) for name, one in asked.items()}
    certain, possible = Counter[str](), Counter[str]()
    points: dict[str, Counter[str]] = {name: Counter() for name in asked}
    cases, invented, done, before = 0, True, 0, log.count
    for batch in register.batches():
        log.add(batch.quarantined)
        answers = determine_frame(batch.frame, act)
        columns = case_columns(batch.frame, act)
        reached = {
            clauses: answers if part is act else determine_frame(batch.frame, part) for clauses, part in alone.items()
        }
        for name, one in asked.items():
            told = _one_quantity(answers, reached[one.clauses(act)], columns, one, act)
            certain[name] += told.certain
            possible[name] += told.possible
            points[name] += told.open
        cases += batch.frame.height
        invented &= bool(batch.frame.get_column("case_id").str.starts_with("synthetic-").all())
        done += batch.frame.height + len(batch.quarantined)
        progress(done, register.total)
    figures = {name: GivenFigure(Range(certain[name], possible[name])) for name in asked}
    found = {
        name: _heaviest(OpenPoint(item, "", cases=count) for item, count in counts.items())
        for name, counts in points.items()
    }
    return Given("register", register.name, invented and cases > 0, cases, figures, found, log.count - before)


@dataclass(frozen=True)
class _Told:
    certain: int
    possible: int
    open: Counter[str]


def _one_quantity(
    answers: pl.DataFrame, reached: pl.DataFrame, columns: pl.DataFrame, one: Quantity, act: Act
) -> _Told:
    import polars as pl

    clauses = one.clauses(act)
    sure, maybe = chosen(columns, one)
    granted = answers.get_column("outcome") == "granted"
    better = answers.get_column("could_improve").cast(pl.String).fill_null("")
    booked = granted & answers.get_column("grant").cast(pl.String).is_in(list(clauses)).fill_null(False)
    away = {text: _needs_elsewhere(text, clauses) for text in better.filter(booked).unique()}
    leaves = booked & better.is_in([text for text, needs in away.items() if needs])
    may = reached.get_column("outcome").cast(pl.String).is_in(["granted", "undetermined"])
    certain = booked & ~leaves & sure
    possible = certain | (booked & maybe) | ((~granted | (better != "")) & may & maybe)
    between = possible & ~certain
    items: Counter[str] = Counter()
    missing = reached.get_column("missing").cast(pl.String).fill_null("")
    for text, other, cases in _counted(missing.filter(between), better.filter(between), leaves.filter(between)):
        needed = {open_item(piece) for piece in text.split("; ") if piece} | away.get(other, set())
        for item in needed:
            items[item] += cases
    return _Told(int(certain.sum()), int(possible.sum()), items)


def _counted(missing: pl.Series, better: pl.Series, leaves: pl.Series) -> Iterator[tuple[str, str, int]]:
    """Each pair of texts with its number of cases; what could be better counts only where it leads elsewhere."""
    import polars as pl

    pairs = pl.DataFrame({"missing": missing, "better": better, "leaves": leaves})
    kept = pairs.with_columns(pl.when("leaves").then("better").otherwise(pl.lit("")).alias("better"))
    yield from kept.group_by("missing", "better", maintain_order=True).len().iter_rows()


def _needs_elsewhere(text: str, clauses: Sequence[str]) -> set[str]:
    """What would have to be known for a case to get a better relief under a clause that is none of these."""
    needs: set[str] = set()
    for better in text.split(" | ") if text else []:
        grant, _, items = better.partition(": ")
        if grant not in clauses:
            needs |= {open_item(item) for item in items.split("; ") if item}
    return needs


def open_item(item: str) -> str:
    """An open point without its place in a case: the fact, the clause, the list that an offence may be on.

    >>> open_item("law:listed:listed_offences:az-cc:234.2"), open_item("fact:offences.guilt@1")
    ('law:listed:listed_offences', 'fact:offences.guilt')
    """
    kind, _, rest = item.partition("@")[0].partition(":")
    pieces = rest.split(":")
    return f"{kind}:{':'.join(pieces[:2])}" if kind == "law" else f"{kind}:{rest}"


def case_columns(frame: pl.DataFrame, act: Act) -> pl.DataFrame:
    """What quantities are limited by: fields of the record as text, and the worst category of a case's offences."""
    import polars as pl

    fields = [
        (pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, pl.String)).alias(name)
        for name in ("case_id", "sex", "punishment", "stage", "institution_type")
    ]
    return frame.select(fields).with_columns(_worst(frame, act))


def _worst(frame: pl.DataFrame, act: Act) -> pl.Series:
    """The worst category of each case, unknown where one of its offences leaves that open."""
    import polars as pl

    if act.code is None or "offences" not in frame.columns:
        return pl.Series("worst_category", [None] * frame.height, pl.String)
    each = frame.select(pl.col("offences").list.eval(pl.element().struct.field("article"))).with_row_index("row")
    flat = each.explode("offences", empty_as_null=True, keep_nulls=True)
    ranks: dict[str, int | None] = {}
    for article in flat.get_column("offences").drop_nulls().unique():
        found = {category for part in act.code.parts_meant(article) for category in part.categories}
        ranks[article] = CATEGORIES.index(found.pop()) if len(found) == 1 else None
    rank = flat.get_column("offences").replace_strict(ranks, default=None, return_dtype=pl.Int8)
    worst = flat.with_columns(rank.alias("rank")).group_by("row", maintain_order=True)
    answer = worst.agg(pl.when(pl.col("rank").is_null().any()).then(None).otherwise(pl.col("rank").max()).alias("r"))
    names = dict(enumerate(CATEGORIES))
    return answer.get_column("r").replace_strict(names, default=None, return_dtype=pl.String).alias("worst_category")


def chosen(columns: pl.DataFrame, one: Quantity) -> tuple[pl.Series, pl.Series]:
    """The cases that a quantity's limits surely let through, and those that they may let through."""
    import polars as pl

    sure = pl.Series([True]).new_from_index(0, columns.height)
    maybe = sure
    for limits, wanted in ((one.where, True), (one.where_not, False)):
        for name, values in limits.items():
            column = columns.get_column(name)
            fits = column.is_in(list(values)) if wanted else ~column.is_in(list(values))
            sure, maybe = sure & fits.fill_null(False), maybe & fits.fill_null(True)
    return sure, maybe


def only(act: Act, grants: Iterable[str], name: str) -> Act:
    """The act with some of its grants alone, and what limits them; `name` tells such acts apart."""
    kept = set(grants)
    if len(kept) == len(act.grants):
        return act
    return replace(
        act,
        grants=tuple(grant for grant in act.grants if grant.id in kept),
        exclusions=_within(act.exclusions, kept),
        reservations=_within(act.reservations, kept),
        limiting={grant: limits for grant, limits in act.limiting.items() if grant in kept},
        version=f"{act.version}, {name}",
    )


def _within(clauses: tuple[Clause, ...], kept: set[str]) -> tuple[Clause, ...]:
    """Exclusions or reservations with what they still limit; those that limit nothing fall away."""
    limited = (replace(one, limits=tuple(name for name in one.limits if name in kept)) for one in clauses)
    return tuple(one for one in limited if one.limits)
