"""What is counted of a register's answers: by quantity, relief, clause, outcome, category, sex, age, place and days.

Each line of a count is a tally: which grants a case must be booked under, and what its record must say. A case is
counted under the one grant that its determination states, as statistics of an amnesty do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from clemency.determine.coded import Coded
from clemency.law.act import Act
from clemency.law.calendar_columns import day_number
from clemency.law.vocabulary import (
    CASE_FIELDS,
    CATEGORIES,
    CATEGORY,
    INSTITUTION,
    OUTCOMES,
    RELIEFS,
    SEX,
    Kind,
    ValueType,
)
from clemency.observe.case_columns import AGE_BANDS, Bools, CaseColumns, Column, Ints
from clemency.observe.claims import Quantity, quantities

_NONE = 255
#: Who holds a place in prison: a sentence of imprisonment that runs.
_IN_PRISON = {"stage": ("serving",), "punishment": ("imprisonment",), "suspended": ("false",)}
#: A case that is not covered may turn out to be excluded once more is known; one that is granted stays so.
_BOUNDED = ("granted",)
DAYS = ("imprisonment", "imprisonment, released", "imprisonment, term cut")
_AGE_BAND, _WORST = "age_band", "worst_category"
_KINDS: dict[str, ValueType] = {
    **CASE_FIELDS,
    _WORST: CATEGORY,
    _AGE_BAND: ValueType(Kind.ENUMERATION, AGE_BANDS, True),
}


@dataclass(frozen=True)
class Condition:
    """A field of the record has one of some values, by their codes; or, where `spared`, none of them."""

    name: str
    codes: tuple[int, ...]
    spared: bool = False


@dataclass(frozen=True)
class Tally:
    """One line of a count: where it stands, what it counts, and which cases."""

    by: str
    name: str
    unit: str = "cases"
    grants: tuple[int, ...] = ()
    outcome: int | None = None
    where: tuple[Condition, ...] = ()
    days: str = field(default="")


class Tallies:
    """Every line that is counted for an act."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.lines = tuple(_lines(act))
        self._read = {one.name for line in self.lines for one in line.where}
        self._masks = np.zeros((len(self.lines), 256), bool)
        for place, line in enumerate(self.lines):
            self._masks[place, list(line.grants)] = True

    def columns(self, cases: CaseColumns, ranks: NDArray[np.int8]) -> Mapping[str, Column]:
        """The columns that the lines read; `ranks` is the category of each article under the reading in question."""
        found = {name: column for name, column in cases.fields.items() if name in self._read}
        for name, codes in (
            (_AGE_BAND, cases.age_band(day_number(self.act.in_force))),
            (_WORST, cases.worst(ranks)),
        ):
            found[name] = Column(np.maximum(codes, 0), codes >= 0)
        return found

    def count(self, answers: Answers, cases: CaseColumns, ranks: NDArray[np.int8]) -> NDArray[np.float64]:
        """How many cases, or days, fall on each line."""
        booked = np.bincount(answers.grant, minlength=256)
        outcomes = np.bincount(answers.outcome, minlength=len(OUTCOMES))
        granted = np.flatnonzero(answers.outcome == OUTCOMES.index("granted"))
        columns = {name: column[granted] for name, column in self.columns(cases, ranks).items()}
        grant, remitted = answers.grant[granted], answers.remitted[granted]
        holding: dict[Condition, Bools] = {}
        by_clause: dict[tuple[tuple[Condition, ...], str], NDArray[np.float64]] = {}
        found = np.zeros(len(self.lines))
        for place, line in enumerate(self.lines):
            if line.outcome is not None:
                found[place] = outcomes[line.outcome]
            elif not line.where:
                found[place] = booked[self._masks[place]].sum()
            else:
                asked = (line.where, line.unit)
                if asked not in by_clause:
                    rows = np.flatnonzero(_hold(line.where, columns, holding, len(granted)))
                    weights = remitted[rows] if line.unit == "days" else None
                    by_clause[asked] = np.bincount(grant[rows], weights, 256).astype(np.float64)
                found[place] = by_clause[asked][self._masks[place]].sum()
        return found

    def bounds(
        self, reach: Reach, cases: CaseColumns, ranks: NDArray[np.int8]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each line how many cases are certain and how many possible at the most.

        Not a number for days, and for outcomes between which a fact may still decide though nobody is covered by it.
        """
        columns = self.columns(cases, ranks)
        certain, possible = np.full(len(self.lines), np.nan), np.full(len(self.lines), np.nan)
        for place, line in enumerate(self.lines):
            if line.unit == "days":
                continue
            if line.outcome is not None:
                if OUTCOMES[line.outcome] in _BOUNDED:
                    sure = reach.outcome == line.outcome
                    certain[place] = np.count_nonzero(sure)
                    possible[place] = np.count_nonzero(sure | (reach.outcome == OUTCOMES.index("undetermined")))
                continue
            mask = sum(1 << grant for grant in line.grants)
            inside = (reach.grants & np.uint64(mask)) != 0
            only = (reach.grants & ~np.uint64(mask)) == 0
            sure, maybe = inside & only & reach.covered, inside
            for condition in line.where:
                sure = sure & _holds(condition, columns, cases.height)
                maybe = maybe & _may_hold(condition, columns, cases.height)
            certain[place], possible[place] = np.count_nonzero(sure), np.count_nonzero(maybe)
        return certain, possible


@dataclass(frozen=True)
class Answers:
    """What was determined of some cases: the outcome, the grant booked and the days remitted, each by its code."""

    outcome: NDArray[np.uint8]
    grant: NDArray[np.uint8]
    remitted: NDArray[np.float64]

    @classmethod
    def of(cls, coded: Coded) -> Answers:
        """The answers of the engine; a relief that touches no term remits no day."""
        return cls(coded.outcome, coded.grant, coded.ends()[2].fill_null(0).to_numpy().astype(np.float64))

    def __getitem__(self, rows: slice) -> Answers:
        return Answers(self.outcome[rows], self.grant[rows], self.remitted[rows])


@dataclass(frozen=True)
class Reach:
    """For each case the grants that it may be booked under, as a mask, and whether it is surely booked under one."""

    outcome: Ints
    covered: Bools
    grants: NDArray[np.uint64]


def _hold(
    conditions: Sequence[Condition],
    columns: Mapping[str, Column],
    holding: dict[Condition, Bools],
    height: int,
) -> Bools:
    """Where several conditions hold together; each is worked out once and kept in `holding`."""
    for condition in conditions:
        if condition not in holding:
            holding[condition] = _holds(condition, columns, height)
    together: Bools = np.logical_and.reduce([holding[condition] for condition in conditions])
    return together


def _holds(condition: Condition, columns: Mapping[str, Column], height: int) -> Bools:
    column = columns.get(condition.name)
    if column is None:
        return np.full(height, condition.spared)
    among = np.zeros(height, bool)
    for code in condition.codes:
        among |= column.values == code
    return (among ^ condition.spared) & column.there


def _may_hold(condition: Condition, columns: Mapping[str, Column], height: int) -> Bools:
    column = columns.get(condition.name)
    return np.ones(height, bool) if column is None else _holds(condition, columns, height) | column.holes


def _lines(act: Act) -> Iterator[Tally]:
    place = {grant.id: number for number, grant in enumerate(act.grants)}
    every = tuple(place.values())
    for name, quantity in _quantities(act).items():
        grants = tuple(place[clause] for clause in quantity.clauses(act))
        if grants and quantity.unit == "persons":
            yield Tally("quantity", name, grants=grants, where=_where(quantity))
    for relief in RELIEFS:
        grants = tuple(place[grant.id] for grant in act.grants if grant.relief.kind == relief)
        if grants:
            yield Tally("relief", relief, grants=grants)
    for name, number in place.items():
        yield Tally("clause", name, grants=(number,))
    for code, outcome in enumerate(OUTCOMES):
        yield Tally("outcome", outcome, outcome=code)
    for by, kept, names in (
        ("category", _WORST, CATEGORIES),
        ("sex", "sex", SEX.values),
        ("age", _AGE_BAND, AGE_BANDS),
    ):
        for code, name in enumerate(names):
            yield Tally(by, name, grants=every, where=(Condition(kept, (code,)),))
    yield from _places_and_days(act)


def _places_and_days(act: Act) -> Iterator[Tally]:
    released = tuple(number for number, grant in enumerate(act.grants) if grant.relief.kind == "release")
    cut = tuple(number for number, grant in enumerate(act.grants) if grant.relief.kind == "reduce")
    in_prison = tuple(_condition(name, values) for name, values in _IN_PRISON.items())
    for code, name in enumerate(INSTITUTION.values):
        where = (*in_prison, Condition("institution_type", (code,)))
        yield Tally("institution_type", name, "places", released, where=where)
    for name, grants in zip(DAYS, ((*released, *cut), released, cut), strict=True):
        yield Tally("days", name, "days", grants, where=in_prison)


def _quantities(act: Act) -> Mapping[str, Quantity]:
    """What claims about the act's country count; nothing where the library has no claims of it."""
    try:
        return quantities(act.jurisdiction) if act.jurisdiction else {}
    except FileNotFoundError:
        return {}


def _where(quantity: Quantity) -> tuple[Condition, ...]:
    within = [_condition(name, values) for name, values in quantity.where.items()]
    without = [_condition(name, values, spared=True) for name, values in quantity.where_not.items()]
    return (*within, *without)


def _condition(name: str, values: Sequence[str], spared: bool = False) -> Condition:
    kind = _KINDS[name]
    if kind.kind is Kind.BOOLEAN:
        return Condition(name, tuple(int(value == "true") for value in values), spared)
    return Condition(name, tuple(kind.rank(value) for value in values), spared)


def matching(lines: Sequence[Tally], by: str, pattern: str = "*") -> list[int]:
    """The places of the lines of one kind whose name fits a pattern."""
    return [place for place, line in enumerate(lines) if line.by == by and fnmatchcase(line.name, pattern)]
