"""Moves: who would be answered otherwise by another act, by which clause, and in which direction of harm.

Two tables of determinations of the same cases are laid side by side. A case moves where its answer, its clause or its
new date differs. B gives *more* where it frees or frees earlier; it gives *less* where it holds or holds longer; where
an answer becomes open, or is no longer open, no direction is claimed; nor where the terms of a relief differ and a date
is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clemency.law.act import Act, Grant

#: The directions of a move from A to B, and what each would be if A were the law and B were applied.
DIRECTIONS = {
    "more": "freed by mistake",
    "less": "held by mistake",
    "opened": "cannot be said",
    "settled": "cannot be said",
    "unclear": "cannot be said",
    "same": "none",
}
_SIDES = ("a", "b")
_KEY = ("a_answer", "a_clause", "b_answer", "b_clause", "direction")
_SHOWN = 5
_INVENTED = "synthetic"
_MOVES_THE_END = ("release", "reduce", "release_point", "replace")


@dataclass(frozen=True)
class Side:
    """One of the two acts: the name it is called by, its id and the version of its rules."""

    name: str
    act: str
    version: str


@dataclass(frozen=True)
class Move:
    """Cases that move alike: from which answer by which clause to which, in which direction, with some of them.

    `days` is what B remits more than A, over the cases of which both are known; `days_known` counts those. A case that
    an act does not cover has no day remitted.
    """

    a_answer: str
    a_clause: str
    b_answer: str
    b_clause: str
    direction: str
    cases: int
    days: int
    days_known: int
    examples: tuple[str, ...]

    @property
    def harm(self) -> str:
        """What the move would be if A were the law and B were applied."""
        return DIRECTIONS[self.direction]


@dataclass(frozen=True)
class Comparison:
    """Two acts on one register: how many cases each answer has under either, and every kind of move.

    `flow` has the cases by their answers under A and B, moved or not; `days` what each remits where it is known, and
    of how many covered cases it is not; `moved` one row a case that moves. `synthetic` says that every case bears the
    id of an invented one.
    """

    a: Side
    b: Side
    cases: int
    flow: dict[tuple[str, str], int]
    days: tuple[int, int]
    days_open: tuple[int, int]
    moves: tuple[Move, ...]
    moved: pl.DataFrame
    synthetic: bool

    def by_direction(self) -> dict[str, int]:
        """How many cases move in each direction."""
        found = dict.fromkeys(DIRECTIONS, 0)
        for move in self.moves:
            found[move.direction] += move.cases
        return found

    def as_json(self) -> dict[str, Any]:
        """The comparison as plain data; the cases stand in `moved`, one row each, and are written apart."""
        return {
            "a": vars(self.a),
            "b": vars(self.b),
            "cases": self.cases,
            "moved": self.moved.height,
            "synthetic": self.synthetic,
            "directions": self.by_direction(),
            "flow": [{"a": a, "b": b, "cases": count} for (a, b), count in self.flow.items()],
            "days_remitted": dict(zip(_SIDES, self.days, strict=True)),
            "covered_without_known_days": dict(zip(_SIDES, self.days_open, strict=True)),
            "moves": [{**vars(one), "harm": one.harm, "examples": list(one.examples)} for one in self.moves],
        }


def compared(
    tables: Iterable[tuple[pl.DataFrame, pl.DataFrame]], acts: tuple[Act, Act], names: tuple[str, str]
) -> Comparison:
    """The comparison of two acts from their determinations of the same cases, part by part in the same order.

    >>> from clemency.determine.columns import determine_frame
    >>> from clemency.law.act import load_act
    >>> act, case = load_act("az-2025"), pl.DataFrame({"case_id": ["1"]})
    >>> same = determine_frame(case, act)
    >>> compared([(same, same)], (act, act), ("A", "B")).flow
    {('undetermined', 'undetermined'): 1}
    """
    gathered = [_part(*pair, acts) for pair in tables]
    a, b = (Side(name, act.id, act.version) for name, act in zip(names, acts, strict=True))
    flow = pl.concat([pl.DataFrame(schema=_FLOW), *(one.flow for one in gathered)])
    flow = flow.group_by("a_answer", "b_answer").agg(pl.col("cases").sum())
    flow = flow.sort("cases", "a_answer", "b_answer", descending=[True, False, False])
    moved = pl.concat([pl.DataFrame(schema=_MOVED), *(one.moved for one in gathered)])
    return Comparison(
        a,
        b,
        sum(one.cases for one in gathered),
        {(was, now): count for was, now, count in flow.iter_rows()},
        (sum(one.days[0] for one in gathered), sum(one.days[1] for one in gathered)),
        (sum(one.days_open[0] for one in gathered), sum(one.days_open[1] for one in gathered)),
        tuple(_moves(moved)),
        moved,
        bool(gathered) and all(one.synthetic for one in gathered),
    )


# --- one part -------------------------------------------------------------------------------------------------

_ANSWERS = {f"{side}_{name}": pl.String for side in _SIDES for name in ("answer", "clause")}
_NUMBERS = {
    f"{side}_{name}": kind
    for side in _SIDES
    for name, kind in (("term_end_after", pl.Date), ("days_remitted", pl.Int32))
}
_MOVED: dict[str, Any] = {"case_id": pl.String, **_ANSWERS, "direction": pl.String, **_NUMBERS}
_FLOW: dict[str, Any] = {"a_answer": pl.String, "b_answer": pl.String, "cases": pl.UInt32}


@dataclass(frozen=True)
class _Part:
    cases: int
    flow: pl.DataFrame
    days: tuple[int, int]
    days_open: tuple[int, int]
    moved: pl.DataFrame
    synthetic: bool


def _part(a: pl.DataFrame, b: pl.DataFrame, acts: tuple[Act, Act]) -> _Part:
    """One part of the register under both acts."""
    if not a.get_column("case_id").equals(b.get_column("case_id")):
        raise ValueError("the two tables do not hold the same cases in the same order")
    said = [
        _said(table, act).select(pl.all().name.prefix(f"{side}_"))
        for table, act, side in zip((a, b), acts, _SIDES, strict=True)
    ]
    both = pl.concat([a.select("case_id"), *said], how="horizontal").with_columns(_direction(acts).alias("direction"))
    covered = [both.filter(pl.col(f"{side}_covered")) for side in _SIDES]
    days = [one.get_column(f"{side}_days_remitted") for one, side in zip(covered, _SIDES, strict=True)]
    differ = pl.any_horizontal(
        pl.col(f"a_{name}").ne_missing(pl.col(f"b_{name}"))
        for name in ("answer", "clause", "terms", "term_end_after", "days_remitted")
    )
    flow = both.group_by("a_answer", "b_answer").agg(pl.len().cast(pl.UInt32).alias("cases"))
    return _Part(
        both.height,
        flow,
        (int(days[0].sum() or 0), int(days[1].sum() or 0)),
        (days[0].null_count(), days[1].null_count()),
        both.filter(differ).select(list(_MOVED)),
        a.height > 0 and bool(a.get_column("case_id").str.starts_with(_INVENTED).all()),
    )


def _said(table: pl.DataFrame, act: Act) -> pl.DataFrame:
    """What a table says of each case: the answer and its clause, the terms of the relief, and its dates."""
    terms = {grant.id: _terms(grant, act) for grant in act.grants}
    covered = pl.col("outcome") == "granted"
    relief, outcome = pl.col("relief").cast(pl.String), pl.col("outcome").cast(pl.String)
    return table.select(
        pl.when(covered).then(relief).otherwise(outcome).alias("answer"),
        pl.when(covered)
        .then(pl.col("grant").cast(pl.String))
        .when(outcome == "excluded")
        .then(pl.col("exclusions").cast(pl.String))
        .otherwise(pl.lit(""))
        .fill_null("")
        .alias("clause"),
        pl.when(covered).then(pl.col("grant").cast(pl.String).replace_strict(terms, default="")).alias("terms"),
        covered.alias("covered"),
        "term_end_after",
        pl.when(covered).then("days_remitted").otherwise(pl.lit(None, pl.Int32)).alias("days_remitted"),
    )


def _terms(grant: Grant, act: Act) -> str:
    """The terms of a relief as text; where it moves the end of a term, with the day from which it counts."""
    since = grant.relief.since or act.in_force if grant.relief.kind in _MOVES_THE_END else None
    return repr((sorted(grant.relief.terms().items()), since))


def _ranks(act: Act) -> dict[str, int]:
    """The reliefs from the least favourable, by the order of the act."""
    return {kind: -place for place, kind in enumerate(act.favour)}


def _direction(acts: tuple[Act, Act]) -> pl.Expr:
    """Whether B gives more than A, or less. Reliefs of different kinds are compared by the order that B declares."""
    ranks = _ranks(acts[1])
    covered = {side: pl.col(f"{side}_covered") for side in _SIDES}
    answer = {side: pl.col(f"{side}_answer") for side in _SIDES}
    is_open = {side: answer[side] == "undetermined" for side in _SIDES}
    kind = {side: answer[side].replace_strict(ranks, default=None, return_dtype=pl.Int8) for side in _SIDES}
    later = pl.col("b_term_end_after") > pl.col("a_term_end_after")
    earlier = pl.col("b_term_end_after") < pl.col("a_term_end_after")
    return (
        pl.when(is_open["a"] & is_open["b"])
        .then(pl.lit("same"))
        .when(is_open["b"])
        .then(pl.lit("opened"))
        .when(is_open["a"])
        .then(pl.lit("settled"))
        .when(covered["b"] & ~covered["a"])
        .then(pl.lit("more"))
        .when(covered["a"] & ~covered["b"])
        .then(pl.lit("less"))
        .when(~covered["a"])
        .then(pl.lit("same"))
        .when(earlier)
        .then(pl.lit("more"))
        .when(later)
        .then(pl.lit("less"))
        .when(kind["b"] > kind["a"])
        .then(pl.lit("more"))
        .when(kind["b"] < kind["a"])
        .then(pl.lit("less"))
        .when((pl.col("a_terms") != pl.col("b_terms")) & pl.any_horizontal(later.is_null(), earlier.is_null()))
        .then(pl.lit("unclear"))
        .otherwise(pl.lit("same"))
    )


def _moves(moved: pl.DataFrame) -> Iterator[Move]:
    """Moves that are alike, the gravest direction and the most cases first."""
    if moved.is_empty():
        return
    gives_nothing = [pl.col(f"{side}_answer").is_in(["not_covered", "excluded"]) for side in _SIDES]
    days = [
        pl.when(none).then(0).otherwise(pl.col(f"{side}_days_remitted")).cast(pl.Int64)
        for none, side in zip(gives_nothing, _SIDES, strict=True)
    ]
    order = {name: place for place, name in enumerate(DIRECTIONS)}
    grouped = (
        moved.with_columns((days[1] - days[0]).alias("days"))
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.len().alias("cases"),
            pl.col("days").sum(),
            pl.col("days").count().alias("days_known"),
            pl.col("case_id").head(_SHOWN).alias("examples"),
        )
        .with_columns(pl.col("direction").replace_strict(order, return_dtype=pl.Int8).alias("order"))
        .sort("order", "cases", *_KEY[:4], descending=[False, True, False, False, False, False])
    )
    for row in grouped.drop("order").iter_rows(named=True):
        yield Move(**row | {"examples": tuple(row["examples"])})
