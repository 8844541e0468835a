"""Reports put in a row: only figures that count the same people make a series, and only a series is projected.

Reports of different scope stand in different series; between them no line is drawn. Scopes are joined only where
`scopes.yaml` says so and why. A projection needs three reports of one series; it says that the pace of the days left
lies between two ends that `tolerances.yaml` states, all values equally likely, and it is tried on the earlier reports.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from clemency.observe.claims import REPORTED, Claim, Join, Scopes
from clemency.observe.qualifiers import Qualifier, Tolerances, said

_DUST = 1e-9  # what binary fractions leave of a whole number


@dataclass(frozen=True)
class Point:
    """One day's count. `value` is the figure less `taken_out`, the lines that a joined series leaves out."""

    as_of: date
    value: int
    qualifier: Qualifier
    claims: tuple[Claim, ...]
    taken_out: int = 0

    @property
    def claim(self) -> Claim:
        """The claim the figure is taken from; others of the same day repeat it."""
        return self.claims[0]

    @property
    def said(self) -> str:
        """The figure as it was printed."""
        return said(self.claim.value, self.qualifier)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "value": self.value,
            "qualifier": self.qualifier,
            "taken_out": self.taken_out,
            "scope": self.claim.scope,
            "body": self.claim.body,
            "claims": [claim.claim_id for claim in self.claims],
            "source": self.claim.source_name,
            "url": self.claim.source_url,
        }


@dataclass(frozen=True)
class Series:
    """Counts of one quantity in one scope, or in scopes that are joined with a stated reason, by day."""

    quantity: str
    scope: str
    title: str
    join: Join | None
    points: tuple[Point, ...]

    @property
    def last(self) -> Point:
        """The latest report."""
        return self.points[-1]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        join = self.join
        return {
            "quantity": self.quantity,
            "scope": self.scope,
            "title": self.title,
            "joined": {"reason": join.reason, "confidence": join.confidence, "without": list(join.without)}
            if join and len({point.claim.scope for point in self.points}) > 1
            else None,
            "points": [point.as_json() for point in self.points],
        }


def series(of: Iterable[Claim], counted: Scopes) -> tuple[Series, ...]:
    """The reports of each quantity as series, split by scope, each in the order of its days.

    What is marked as misread, and what has no day, stands in no series.
    """
    rows = [claim for claim in of if claim.stage in REPORTED and claim.as_of and claim.caution != "misread"]
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in rows:
        join = counted.join_of(claim.act_id, claim.quantity, claim.scope)
        key = join.title["en"] if join else claim.scope
        groups.setdefault((claim.act_id, claim.quantity, key), []).append(claim)
    made = [_series(group, rows, counted) for group in groups.values()]
    return tuple(sorted(made, key=lambda one: (one.quantity, one.points[0].as_of, one.title)))


def _series(group: list[Claim], rows: Sequence[Claim], counted: Scopes) -> Series:
    first = group[0]
    join = counted.join_of(first.act_id, first.quantity, first.scope)
    by_day: dict[date, list[Claim]] = {}
    for claim in sorted(group, key=lambda claim: (claim.qualifier != "exact", claim.claim_id)):
        assert claim.as_of is not None
        by_day.setdefault(claim.as_of, []).append(claim)
    points = []
    for day in sorted(by_day):
        claim = by_day[day][0]
        out = sum(_line(rows, claim, name) for name in join.without) if join else 0
        same = tuple(one for one in by_day[day] if one.value == claim.value)
        points.append(Point(day, claim.value - out, claim.qualifier, same, out))
    scope = points[0].claim.scope
    title = join.title if join else counted.by_name[scope].title
    return Series(first.quantity, scope, title["en"], join, tuple(points))


def _line(rows: Sequence[Claim], claim: Claim, name: str) -> int:
    """The figure for another line of the same report; a report without that line counts none of it."""
    same = (one for one in rows if (one.act_id, one.quantity) == (claim.act_id, name))
    return next((one.value for one in same if (one.as_of, one.scope) == (claim.as_of, claim.scope)), 0)


@dataclass(frozen=True)
class Break:
    """Two reports of one quantity, one after the other, that do not count the same people."""

    quantity: str
    before: Point
    after: Point
    before_title: str
    after_title: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.quantity,
            "before": {"scope_title": self.before_title} | self.before.as_json(),
            "after": {"scope_title": self.after_title} | self.after.as_json(),
        }


def breaks(of: Sequence[Series]) -> tuple[Break, ...]:
    """Where the scope changes from one report of a quantity to the next: no line is drawn there."""
    found = []
    for name in dict.fromkeys(one.quantity for one in of):
        mine = [
            (point.as_of, place, one, point)
            for place, one in enumerate(of)
            if one.quantity == name
            for point in one.points
        ]
        mine.sort(key=lambda entry: entry[:2])
        for (_, _, one, point), (_, _, other, later) in pairwise(mine):
            if one is not other:
                found.append(Break(name, point, later, one.title, other.title))
    return tuple(found)


# --- how it goes on -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """The method tried on an earlier report: the range it would have given for it, and what was reported."""

    as_of: date
    low90: int
    high90: int
    reported: int

    @property
    def inside(self) -> bool:
        """Whether the report lay within the range."""
        return self.low90 <= self.reported <= self.high90

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "low90": self.low90,
            "high90": self.high90,
            "reported": self.reported,
            "inside": self.inside,
        }


@dataclass(frozen=True)
class Projection:
    """A series carried on to a day. `refused` says why none is made; then there are no numbers."""

    until: date | None
    refused: str = ""
    pace: float = 0.0
    mid: int = 0
    low50: int = 0
    high50: int = 0
    low90: int = 0
    high90: int = 0
    trials: tuple[Trial, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        if self.refused:
            return {"refused": self.refused}
        return {
            "until": self.until.isoformat() if self.until else None,
            "pace_per_day": round(self.pace, 1),
            "mid": self.mid,
            "low50": self.low50,
            "high50": self.high50,
            "low90": self.low90,
            "high90": self.high90,
            "trials": [trial.as_json() for trial in self.trials],
        }


def project(one: Series, until: date | None, allowed: Tolerances) -> Projection:
    """A series carried on to a day, or the reason why it is not.

    The pace between the last two reports, times the days left, times a share that lies anywhere between the stated
    ends; 90 in 100 of these shares give the wide range, 50 in 100 the narrow one. Where the pace was still rising the
    upper end is raised as it last rose, within a stated limit.
    """
    rules = allowed.projection
    if until is None:
        return Projection(None, "the day by which the act had to be applied is not known")
    if len(one.points) < rules.points:
        count = f"{len(one.points)} report" + ("s" if len(one.points) > 1 else "")
        return Projection(until, f"{count} of one scope; {rules.points} are needed")
    if any(point.qualifier != "exact" for point in one.points):
        return Projection(until, "some of its reports are no exact counts")
    if one.last.as_of >= until:
        return Projection(until, "the last report counts up to the deadline or later")
    if one.last.value <= one.points[-2].value:
        return Projection(until, "the count did not grow between the last two reports, so there is no pace to carry on")
    trials = tuple(
        Trial(point.as_of, *_ends(one.points[:place], point.as_of, allowed, 0.9), point.value)
        for place, point in enumerate(one.points)
        if place >= 2 and one.points[place - 1].value > one.points[place - 2].value
    )
    low90, high90 = _ends(one.points, until, allowed, 0.9)
    low50, high50 = _ends(one.points, until, allowed, 0.5)
    mid, _ = _ends(one.points, until, allowed, 0.0)
    return Projection(until, "", _pace(*one.points[-2:]), mid, low50, high50, low90, high90, trials)


def _pace(one: Point, other: Point) -> float:
    return (other.value - one.value) / (other.as_of - one.as_of).days


def _ends(points: Sequence[Point], until: date, allowed: Tolerances, share: float) -> tuple[int, int]:
    """The ends of the range that holds a share of all allowed paces, rounded outwards."""
    rules = allowed.projection
    latest = _pace(*points[-2:])
    before = _pace(*points[-3:-1]) if len(points) > 2 else latest
    rising = min(rules.at_most, max(1.0, latest / before)) if before > 0 else 1.0
    low, high = rules.pace.low, rules.pace.high * rising
    left = (until - points[-1].as_of).days
    near, far = (low + (high - low) * (0.5 - share / 2), low + (high - low) * (0.5 + share / 2))
    last = points[-1].value
    return last + math.floor(latest * left * near + _DUST), last + math.ceil(latest * left * far - _DUST)
