"""People come in, serve and leave: the flow behind a stock, fitted to published figures of stocks and of flows.

Entries run along a time line. A *way* is what happens to those who enter: the kind of case, the term, how long until
the sentence is final. From its way and the day of entry follows where a person is on any day: in custody before the
final sentence, serving, or gone (term served, early release, an act or order that freed some). So every published
figure, whether it counts people on a day or in a year, is a sum over ways with known factors, and all are met together
by weighing the ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from clemency.law.calendar_columns import day_number
from clemency.records.balance import Balanced, balanced

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: A term that no calculation outlives, in days: life imprisonment.
WITHOUT_END = 1e6
FAR = 1 << 20
#: Hazards and weights depend on each other; so many times one is worked out from the other.
_ROUNDS, _ROUNDS_NEAR = 3, 2
_NOBODY = 1e-6


@dataclass(frozen=True)
class TimeLine:
    """Entries of a period added up day by day: `entries[i]` have come in before `days[i]`, evenly in between."""

    days: Floats
    entries: Floats

    @classmethod
    def of(cls, bounds: Sequence[float], a_year: Sequence[float]) -> TimeLine:
        """From so many entries a year between one bound and the next."""
        days = np.array(bounds, float)
        return cls(days, np.concatenate([[0.0], np.cumsum(np.diff(days) * np.array(a_year) / 365.2425)]))

    def before(self, day: Floats | float) -> Floats:
        """How many have come in before a day."""
        found: Floats = np.interp(np.asarray(day), self.days, self.entries)
        return found

    def between(self, first: Floats, last: Floats) -> Floats:
        """How many have come in from one day to another; spans that follow each other are looked up once."""
        if len(first) > 1 and np.array_equal(first[1:], last[:-1]):
            return np.diff(self.before(np.concatenate([first, last[-1:]])), axis=0)
        found: Floats = self.before(last) - self.before(first)
        return found

    def day(self, entries: Floats) -> Floats:
        """The day on which so many have come in."""
        return np.interp(entries, self.entries, self.days)


@dataclass(frozen=True)
class Ways:
    """What happens to those who enter: one place a way, times in days from the entry.

    `final` is when the sentence is final and `leave` when the term ends; some leave at `early`. `reach` says which
    releases may free this way (its category of crime).
    """

    final: Floats
    early: Floats
    leave: Floats
    category: Ints
    sentenced: Bools


@dataclass(frozen=True)
class Release:
    """An act or order that freed so many at one time, of those with at most this category and rest."""

    name: str
    on: int
    category: int
    rest_days: float
    freed: float


@dataclass(frozen=True)
class Count:
    """A published figure as a sum over ways: what it counts, when, and of which ways (`among`, all where None).

    `value` is a number of people, or with `share` a part of the same count over the ways `of` (all where None).
    """

    counts: str
    start: int
    end: int
    value: float
    within: float
    among: Bools | None = None
    share: bool = False
    of: Bools | None = None


@dataclass
class Pieces:
    """Spans of the day of entry, a row a span and a column a way, with the share of each span that is still there."""

    first: Floats
    last: Floats
    share: Floats


@dataclass
class Flow:
    """Ways, time lines and releases, with the weights of ways that the figures give: a row a period."""

    ways: Ways
    lines: Sequence[Sequence[TimeLine]]
    line_of: Ints
    early_share: float
    releases: Sequence[Release]
    weights: Floats
    most_freed: float = 1.0
    hazards: list[float] = field(default_factory=list)
    freed: list[float] = field(default_factory=list)
    solved: dict[tuple[int, int], Balanced] = field(default_factory=dict)

    def serving(self, day: int) -> Pieces:
        """When those must have come in who serve a final sentence on a day, and what share of them is left."""
        ways = self.ways
        first, last = day - ways.leave, day - np.minimum(ways.final, ways.leave)
        early = np.clip(day - ways.early, first, last)
        reached = [
            (
                np.minimum(one.on + one.rest_days - ways.leave, one.on - ways.final),
                hazard,
                ways.category <= one.category,
            )
            for one, hazard in zip(self.releases, self.hazards, strict=False)
            if one.on <= day < one.on + one.rest_days
        ]
        cuts = np.sort(
            np.stack([first, early, last, *(np.clip(bound, first, last) for bound, _, _ in reached)]), axis=0
        )
        middle = (cuts[1:] + cuts[:-1]) / 2
        share = np.where(middle < early, 1 - self.early_share, 1.0)
        for bound, hazard, within in reached:
            share *= np.where((middle <= bound) & within, 1 - hazard, 1.0)
        return Pieces(cuts[:-1], cuts[1:], share * ways.sentenced)

    def waiting(self, day: int) -> Pieces:
        """When those must have come in who are held on a day and wait for a final sentence."""
        last = np.full(len(self.ways.final), float(day))
        return Pieces((last - self.ways.final)[None], last[None], np.ones((1, len(last))))

    def entered(self, pieces: Pieces) -> Floats:
        """For each period, span and way the entries that are left, for a weight of one."""
        found = np.zeros((len(self.lines), *pieces.first.shape))
        latest = pieces.last.max()
        for period, lines in enumerate(self.lines):
            for place, line in enumerate(lines):
                if line.days[0] >= latest:  # the period lies after the day: nobody of it is there yet
                    continue
                here = slice(None) if len(lines) == 1 else np.flatnonzero(self.line_of == place)
                found[period][:, here] = line.between(pieces.first[:, here], pieces.last[:, here])
        found *= pieces.share
        return found

    def people(self, counts: str, start: int, end: int) -> Floats:
        """For each period and way the people that a count finds, for a weight of one; `end` is the day after."""
        everyone: Floats = np.ones(len(self.ways.final))
        match counts:
            case "sentenced" | "lighter":
                return self.entered(self.serving(start)).sum(axis=1)
            case "waiting":
                return self.entered(self.waiting(start)).sum(axis=1)
            case "held":
                return self.people("sentenced", start, end) + self.people("waiting", start, end)
            case "entered" | "lighter_entered":
                return self.entered(Pieces((start * everyone)[None], (end * everyone)[None], everyone[None])).sum(
                    axis=1
                )
            case "lighter_registered":
                return self.people("lighter", start, start) + self.people("lighter_entered", start, end)
            case "judged":
                first, last = start - self.ways.final, end - self.ways.final
                return self.entered(Pieces(first[None], last[None], self.ways.sentenced[None].astype(float))).sum(
                    axis=1
                )
            case "left":
                change = self.people("held", end, end) - self.people("held", start, start)
                return self.people("entered", start, end) - change
            case "lighter_left":
                change = self.people("lighter", end, end) - self.people("lighter", start, start)
                return self.people("lighter_entered", start, end) - change
            case _:
                raise ValueError(f"assumptions.yaml counts {counts}, which is not known.")

    def found(self, one: Count) -> float:
        """What the flow gives for a figure: people, or a share."""
        people = self.people(one.counts, one.start, one.end) * self.weights
        chosen = _sum_of(people, one.among)
        return chosen / _sum_of(people, one.of) if one.share else chosen

    def set_hazards(self) -> None:
        """What share of those whom each release may reach it frees, one release after the other."""
        self.hazards, self.freed = [], []
        for one in self.releases:
            there = self.serving(one.on)
            reached = np.minimum(one.on + one.rest_days - self.ways.leave, one.on - self.ways.final)
            within = Pieces(there.first, np.minimum(there.last, reached), there.share)
            within.last = np.maximum(within.last, within.first)
            eligible = (self.entered(within).sum(axis=1) * self.weights)[:, self.ways.category <= one.category].sum()
            self.hazards.append(min(one.freed / max(eligible, _NOBODY), self.most_freed))
            self.freed.append(self.hazards[-1] * eligible)

    def fit(
        self,
        counts: Sequence[Count],
        bounds: Sequence[int],
        stages: Sequence[tuple[int, int]],
        levels: Sequence[Floats | float],
        near: Flow | None = None,
    ) -> None:
        """Weigh the ways until the counts hold, stage by stage; the hazards of releases follow.

        A stage fits the periods from one to another, each of which starts from the weights that the first of them, or
        the one before, came out with, times its level. A flow that is `near`, fitted to the same counts at another
        setting, only saves time.
        """
        start = self.weights[0].copy()
        self.hazards = [0.0] * len(self.releases) if near is None else list(near.hazards)
        first_release = min((one.on for one in self.releases), default=FAR)
        untouched = [place for place, one in enumerate(counts) if one.end <= first_release]
        rows: Floats | None = None
        solved = self.solved = {} if near is None else dict(near.solved)
        rounds = (_ROUNDS if near is None else _ROUNDS_NEAR) if self.releases else 1
        for number in range(rounds):
            if near is None or number:
                self.set_hazards()
            self.weights[:] = start
            rows = self._rows(counts, rows, untouched)
            reached = 0
            for first, end in stages:
                last = min(end, len(self.lines) - 1)
                for period in range(reached + 1, last + 1):
                    self.weights[period] = self.weights[period - 1] * levels[period]
                after = bounds[first] if first else 0
                until = bounds[last + 1] if last + 1 < len(self.lines) else FAR
                told = [place for place, one in enumerate(counts) if after < one.end <= until]
                if told and first <= last:
                    fitted = slice(first, last + 1)
                    found = self._balanced(fitted, rows[told], [counts[p] for p in told], solved.get((first, end)))
                    solved[first, end] = found
                    self.weights[fitted] = found.weights.reshape(self.weights[fitted].shape)
                reached = max(reached, last)
        if self.releases:
            self.set_hazards()

    def _rows(self, counts: Sequence[Count], before: Floats | None, untouched: Sequence[int]) -> Floats:
        """A row a count: what each period and way adds to it, for a weight of one.

        The rows of counts that no release has touched stay as they were before.
        """
        people: dict[tuple[str, int, int], Floats] = {}
        rows = np.empty((len(counts), *self.weights.shape)) if before is None else before
        for place, (row, one) in enumerate(zip(rows, counts, strict=True)):
            if before is not None and place in untouched:
                continue
            key = (one.counts, one.start, one.end)
            if key not in people:
                people[key] = self.people(*key)
            found = people[key]
            row[:] = found if one.among is None else found * one.among
            if one.share:
                row -= one.value * (found if one.of is None else found * one.of)
        return rows

    def _balanced(self, fitted: slice, rows: Floats, counts: Sequence[Count], near: Balanced | None) -> Balanced:
        fixed = self.weights.copy()
        fixed[fitted] = 0
        figures = np.array([0.0 if one.share else one.value for one in counts]) - (rows * fixed).sum(axis=(1, 2))
        table = np.ascontiguousarray(rows[:, fitted]).reshape(len(counts), -1)
        within = np.array([one.within for one in counts])
        return balanced(self.weights[fitted].ravel(), table, figures, within, near)


@dataclass(frozen=True)
class Present:
    """Who is there on a day: cells of a period, a span of entry and a way, with the number of people in each."""

    period: Ints
    way: Ints
    first: Floats
    last: Floats
    added: Floats
    people: float

    @classmethod
    def of(cls, flow: Flow, pieces: Pieces) -> Present:
        """The cells of a flow that hold anybody; spans are in entries on the time line of their period."""
        there = flow.entered(pieces) * flow.weights[:, None, :]
        period, span, way = np.nonzero(there > _NOBODY)
        first, last = np.empty(len(way)), np.empty(len(way))
        for number, lines in enumerate(flow.lines):
            for place, line in enumerate(lines):
                here = (period == number) & (flow.line_of[way] == place)
                first[here] = line.before(pieces.first[span[here], way[here]])
                last[here] = line.before(pieces.last[span[here], way[here]])
        people = there[period, span, way]
        return cls(period, way, first, last, np.cumsum(people), float(people.sum()))

    def draw(self, flow: Flow, rng: np.random.Generator, count: int) -> tuple[Ints, Floats]:
        """Ways and days of entry of so many people, drawn at random."""
        cell = np.searchsorted(self.added, rng.random(count) * self.people, side="right")
        cell = np.minimum(cell, len(self.added) - 1)
        entries = self.first[cell] + rng.random(count) * (self.last[cell] - self.first[cell])
        day = np.empty(count)
        way = self.way[cell]
        for number, lines in enumerate(flow.lines):
            for place, line in enumerate(lines):
                here = (self.period[cell] == number) & (flow.line_of[way] == place)
                day[here] = line.day(entries[here])
        return way, day


def _sum_of(people: Floats, among: Bools | None) -> float:
    return float(people.sum() if among is None else people[:, among].sum())


def whole_year(year: int) -> tuple[int, int]:
    """The first day of a year and the first of the next."""
    return day_number(date(year, 1, 1)), day_number(date(year + 1, 1, 1))
