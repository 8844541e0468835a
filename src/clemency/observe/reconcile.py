"""Announced, ruled, carried out: an act's figures side by side, with every gap, its size and the clause behind it.

Each quantity has what was expected of the act, what the rules give (from an estimate, or counted on a register), what
was reported carried out by which day and in which scope, and, with an office's own decisions, the exact count. Figures
keep their words: a gap is measured against everything the words allow. Nothing here says who is right; it says what can
and what cannot be true together, and what would tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from clemency.law.act import Act, Exclusion, library_acts, load_act
from clemency.law.rules import Listed, atoms
from clemency.observe.claims import REPORTED, Claim, Quantity, Scopes, claims, quantities, scopes
from clemency.observe.conflicts import (
    Conflict,
    Impossible,
    Narrowed,
    conflicts,
    impossible,
    narrowed_lines,
)
from clemency.observe.decisions import Compared
from clemency.observe.given import Given, GivenFigure
from clemency.observe.library_files import nearest
from clemency.observe.qualifiers import Range, Tolerances, Verdict, Worded, judged, tolerances, whole
from clemency.observe.series import Break, Point, Projection, Series, breaks, project, series
from clemency.observe.statements import Statement, statements
from clemency.observe.sums import SumCheck, check_sums, told

Side = Literal["announced", "rules", "reported", "decided"]
_TOLD_FIRST = ("announced", "adopted", "draft")
#: The lines that a reader is shown first, in the order of the announcement.
MAIN = (
    "total",
    "released_from_imprisonment",
    "ground_social_groups",
    "crime_category_minor_released",
    "ground_negligence_upto_5y",
    "ground_less_serious_under_1y_left",
    "ground_serious_first_time_under_6m_left",
    "term_reduced",
    "non_custodial_released",
    "restriction_of_liberty_released",
    "other_noncustodial_or_suspended_released",
    "non_custodial_term_reduced",
    "criminal_liability_lifted",
)


class ReconcileError(ValueError):
    """An act that cannot be reconciled, in a sentence for the person who asked."""


@dataclass(frozen=True)
class Expected:
    """What was expected of a quantity: the claim told first, or the sum of the lines it falls into."""

    claims: tuple[Claim, ...]
    literal: Range
    usual: Range

    @property
    def added(self) -> bool:
        """Whether it is the sum of several lines that were told."""
        return len(self.claims) > 1

    @property
    def said(self) -> str:
        """In its words; the lines of a sum joined."""
        return " + ".join(claim.said for claim in self.claims)

    @property
    def value(self) -> int:
        """The bare number, or the sum of the bare numbers."""
        return sum(claim.value for claim in self.claims)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "said": self.said,
            "stage": self.claims[0].stage,
            "added": self.added,
            "claims": [told(claim) for claim in self.claims],
            "true_of": self.literal.as_json(),
            "usually_means": self.usual.as_json(),
            "source": self.claims[0].source_name,
            "url": self.claims[0].source_url,
        }


@dataclass(frozen=True)
class Gap:
    """One figure held against another. `difference` is how far the first lies above (or, negative, below) the second.

    `beyond`: what was announced is true of it, and it lies further away than the words usually mean. `partial`: the
    first counts fewer people than the second, so that less is no shortfall. `unfinished`: it was counted before the day
    by which the act had to be applied. `as_of` is the day of the first, where it has one.
    """

    one: Side
    other: Side
    verdict: Verdict
    difference: int
    as_of: date | None = None
    scope: str | None = None
    beyond: bool = False
    partial: bool = False
    unfinished: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "of": self.one,
            "against": self.other,
            "verdict": self.verdict,
            "difference": self.difference,
            "beyond": self.beyond,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "scope": self.scope,
            "partial": self.partial,
            "unfinished": self.unfinished,
        }


@dataclass(frozen=True)
class OpenLaw:
    """A point of law that is open and bears on a quantity: the clause it stands in and what is not known of it."""

    kind: Literal["clause", "list", "reservation"]
    id: str
    title: str
    limits: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": self.kind, "id": self.id, "title": self.title, "limits": list(self.limits)}


@dataclass(frozen=True)
class Reported:
    """What was reported of a quantity by one day, in one scope; `decided` is the office's own count by that day."""

    point: Point
    final: bool
    decided: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.point.as_json() | {"final": self.final, "decided_by_then": self.decided}


@dataclass(frozen=True)
class Line:
    """One quantity with everything that is known of it."""

    quantity: Quantity
    expected: Expected | None
    given: GivenFigure | None
    reported: tuple[Reported, ...]
    undated: tuple[Claim, ...]
    decided: int | None
    gaps: tuple[Gap, ...]
    clauses: tuple[str, ...]
    open_law: tuple[OpenLaw, ...]
    rests: tuple[SumCheck, ...] = ()

    @property
    def sides(self) -> int:
        """From how many sides it is known."""
        known = (self.expected, self.given, self.reported or self.undated or None, self.decided)
        return sum(one is not None for one in known)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.quantity.name,
            "title": dict(self.quantity.title),
            "unit": self.quantity.unit,
            "announced": self.expected.as_json() if self.expected else None,
            "rules": self.given.as_json() if self.given else None,
            "reported": [one.as_json() for one in self.reported],
            "reported_without_day": [told(claim) | {"source": claim.source_name} for claim in self.undated],
            "decided": self.decided,
            "gaps": [gap.as_json() for gap in self.gaps],
            "clauses": list(self.clauses),
            "open_law": [one.as_json() for one in self.open_law],
            "left_by_wider_reports": [
                {
                    "as_of": str(rest.total.as_of),
                    "scope": rest.total.scope,
                    "at_most": rest.rest.high,
                    "with": list(rest.missing),
                }
                for rest in self.rests
                if rest.rest
            ],
        }


@dataclass(frozen=True)
class Progress:
    """One series against the deadline: how much of the time and of the announcement was reached, and how it may go on.

    `verdict` holds the projected range against what was announced, where both are there and count the same people.
    """

    series: Series
    days_gone: int | None
    days_in_all: int | None
    expected: Expected | None
    partial: bool
    projection: Projection
    verdict: Verdict | None

    @property
    def share(self) -> float | None:
        """The part of the announced number that was reported."""
        return self.series.last.value / self.expected.value if self.expected and self.expected.value else None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "series": self.series.as_json(),
            "days_gone": self.days_gone,
            "days_in_all": self.days_in_all,
            "share_of_announced": None if self.share is None else round(self.share, 3),
            "partial": self.partial,
            "projection": self.projection.as_json(),
            "projected_against_announced": self.verdict,
        }


@dataclass(frozen=True)
class Redefined:
    """A line that reports count in two ways: which sum closed on which day."""

    quantity: str
    either: str
    ways: tuple[tuple[date | None, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        ways = [{"as_of": day.isoformat() if day else None, "sum": name} for day, name in self.ways]
        return {"quantity": self.quantity, "either": self.either, "ways": ways}


@dataclass(frozen=True)
class Reconciliation:
    """Everything that can be said of one act's figures."""

    act_id: str
    act: Act | None
    scopes: Scopes
    tolerances: Tolerances
    given: Given | None
    decided: Compared | None
    lines: tuple[Line, ...]
    sums: tuple[SumCheck, ...]
    conflicts: tuple[Conflict, ...]
    narrowed: tuple[Narrowed, ...]
    impossible: tuple[Impossible, ...]
    series: tuple[Series, ...]
    breaks: tuple[Break, ...]
    redefined: tuple[Redefined, ...]
    progress: tuple[Progress, ...]
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]

    def line(self, name: str) -> Line:
        """The line of a quantity."""
        for line in self.lines:
            if line.quantity.name == name:
                return line
        raise KeyError(name)

    @property
    def findings(self) -> int:
        """Sums that do not close, figures that cannot both be true, and counts that cannot be."""
        apart = [check for check in self.sums if check.verdict == "apart"]
        sharp = [conflict for conflict in self.conflicts if conflict.kind != "loose"]
        return len(apart) + len(sharp) + len(self.narrowed) + len(self.impossible)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        act = self.act
        return {
            "act": self.act_id,
            "title": dict(act.title) if act else None,
            "dates": {name: day.isoformat() for name, day in act.dates.items()} if act else {},
            "rules": self.given.as_json() if self.given else None,
            "quantities": [line.as_json() for line in self.lines],
            "open_points": {
                name: [point.as_json() for point in points[:10]] for name, points in self.given.open.items()
            }
            if self.given
            else {},
            "sums": [check.as_json() for check in self.sums],
            "conflicts": [conflict.as_json() for conflict in self.conflicts],
            "narrowed": [one.as_json() for one in self.narrowed],
            "impossible": [one.as_json() for one in self.impossible],
            "series": [one.as_json() for one in self.series],
            "scope_changes": [one.as_json() for one in self.breaks],
            "redefined": [one.as_json() for one in self.redefined],
            "progress": [one.as_json() for one in self.progress],
            "decisions": self.decided.as_json() if self.decided else None,
            "statements": [one.as_json() for one in self.statements],
            "tolerances": self.tolerances.model_dump(),
        }


def act_with_claims(name: str) -> tuple[str, Act | None]:
    """The id of an act and the act itself, which is None where the library has its figures and not its rules.

    Raises ReconcileError where there are no figures of it either.

    >>> act_with_claims("az-2013")
    ('az-2013', None)
    """
    known = sorted({claim.act_id for claim in claims()})
    if name in known and name not in library_acts():
        return name, None
    try:
        act = load_act(name)
    except FileNotFoundError:
        hint = nearest(name, known)
        raise ReconcileError(
            f"no figures of an act {name!r}{'; ' + hint if hint else ''}; there are some of: {', '.join(known)}"
        ) from None
    if act.id not in known:
        raise ReconcileError(f"no figures of {act.id}; there are some of: {', '.join(known)}")
    return act.id, act


def reconcile(
    act_id: str,
    act: Act | None = None,
    given: Given | None = None,
    decided: Compared | None = None,
    of: Sequence[Claim] | None = None,
) -> Reconciliation:
    """An act's figures reconciled. `of` are its claims, those of the library if left out; their order does not matter.

    >>> reconcile("az-2013").line("total").expected.said
    'over 9,000'
    """
    mine = sorted(claims(act_id) if of is None else of, key=lambda claim: claim.claim_id)
    known, counted, allowed = quantities(), scopes(), tolerances()
    narrowed = narrowed_lines(mine, known)
    set_aside = {claim.claim_id for one in narrowed for claim in one.narrower}
    sums = check_sums([claim for claim in mine if claim.claim_id not in set_aside], known, allowed)
    rows = series(mine, counted)
    made = _Lines(mine, known, counted, allowed, act, given, decided, rows, sums)
    lines = tuple(line for name in known if (line := made.line(name)).sides)
    return Reconciliation(
        act_id=act_id,
        act=act,
        scopes=counted,
        tolerances=allowed,
        given=given,
        decided=decided,
        lines=lines,
        sums=sums,
        conflicts=conflicts(mine, allowed),
        narrowed=narrowed,
        impossible=impossible(mine, counted, known),
        series=rows,
        breaks=breaks(rows),
        redefined=_redefined(sums),
        progress=tuple(_progress(one, made, act, allowed) for one in rows),
        statements=statements(act_id),
        claims=tuple(mine),
    )


class _Lines:
    """Makes the line of each quantity."""

    def __init__(
        self,
        of: Sequence[Claim],
        known: Mapping[str, Quantity],
        counted: Scopes,
        allowed: Tolerances,
        act: Act | None,
        given: Given | None,
        decided: Compared | None,
        rows: Sequence[Series],
        sums: Sequence[SumCheck],
    ) -> None:
        self.sums = sums
        self.of, self.known, self.counted, self.allowed = of, known, counted, allowed
        self.act, self.given, self.decided, self.rows = act, given, decided, rows

    def line(self, name: str) -> Line:
        one = self.known[name]
        expected = self.expected(name)
        given = self.given.figures.get(name) if self.given else None
        points = sorted(
            (point for row in self.rows if row.quantity == name for point in row.points),
            key=lambda point: (point.as_of, self.width(point.claim.scope)),
        )
        reported = tuple(
            Reported(point, point.claim.stage == "final", self.decided.by(name, point.as_of) if self.decided else None)
            for point in points
        )
        rest = [claim for claim in self.of if claim.quantity == name and claim.stage in REPORTED and not claim.as_of]
        decided = self.decided.by(name) if self.decided else None
        clauses = one.clauses(self.act) if self.act else ()
        return Line(
            quantity=one,
            expected=expected,
            given=given,
            reported=reported,
            undated=tuple(rest),
            decided=decided,
            gaps=tuple(self.gaps(expected, given, reported, rest, decided)),
            clauses=clauses,
            open_law=open_law(self.act, clauses) if self.act else (),
            rests=tuple(check for check in self.sums if check.verdict == "rest" and name in check.missing),
        )

    def expected(self, name: str) -> Expected | None:
        """The claim told first; without one, the sum of the lines that one source told."""
        first = self.first_told(name)
        if first is not None:
            words = self.words(first)
            return Expected((first,), words.literal, words.usual)
        parts = self.known[name].parts
        lines = [line for part in parts if (line := self.first_told(part))]
        if len(parts) < 2 or len(lines) < len(parts) or len({line.source_url for line in lines}) > 1:
            return None
        figures = [self.words(line) for line in lines]
        return Expected(tuple(lines), whole(one.literal for one in figures), whole(one.usual for one in figures))

    def first_told(self, name: str) -> Claim | None:
        """The announcement before the adoption and a draft; of one stage the presidency's words before others'."""
        fit = [claim for claim in self.of if claim.quantity == name and claim.caution not in ("reworded", "misread")]
        ranked = [claim for claim in fit if claim.stage in _TOLD_FIRST]
        return min(ranked, key=lambda claim: (_TOLD_FIRST.index(claim.stage), claim.body != "presidency"), default=None)

    def words(self, claim: Claim) -> Worded:
        return Worded.of(claim.value, claim.qualifier, self.allowed)

    def width(self, scope: str) -> int:
        """Scopes that hold others come later, so that the last report of a day is the widest."""
        return sum(self.counted.holds(scope, other) for other in self.counted.by_name)

    def gaps(
        self,
        expected: Expected | None,
        given: GivenFigure | None,
        reported: Sequence[Reported],
        undated: Sequence[Claim],
        decided: int | None,
    ) -> Iterable[Gap]:
        if expected and given:
            yield _gap("rules", given.outer, "announced", expected)
        for one in reported[-1:]:
            count = self.words(one.point.claim).literal
            about = {"as_of": one.point.as_of, "scope": one.point.claim.scope}
            partial = self.is_partial(one.point.claim.scope)
            unfinished = not one.final and self.before_deadline(one.point.as_of)
            if expected:
                yield _gap("reported", count, "announced", expected, **about, partial=partial, unfinished=unfinished)
            if given:
                yield _gap("reported", count, "rules", given.outer, **about, partial=partial, unfinished=unfinished)
            if one.decided is not None:
                yield _gap("reported", count, "decided", Range(one.decided, one.decided), **about)
        for claim in undated:
            if expected:
                yield _gap("reported", self.words(claim).literal, "announced", expected, scope=claim.scope)
        if decided is not None:
            exact = Range(decided, decided)
            if expected:
                yield _gap("decided", exact, "announced", expected)
            if given:
                yield _gap("decided", exact, "rules", given.outer)

    def is_partial(self, scope: str) -> bool:
        """Whether a scope surely or perhaps leaves out people whom the act covers."""
        return not self.counted.by_name[scope].plan and scope != "all_bodies"

    def before_deadline(self, day: date) -> bool:
        deadline = self.act.dates.get("deadline") if self.act else None
        return deadline is not None and day < deadline


def _gap(one: Side, count: Range, other: Side, against: Expected | Range, **about: Any) -> Gap:
    if isinstance(against, Range):
        return Gap(one, other, judged(count, against), count.apart(against), **about)
    verdict = judged(count, against.literal)
    beyond = verdict == "met" and not count.meets(against.usual)
    return Gap(one, other, verdict, count.apart(against.literal), beyond=beyond, **about)


def open_law(act: Act, clauses: Sequence[str]) -> tuple[OpenLaw, ...]:
    """What is not known of the law behind some clauses: the clauses themselves, lists known in words, reservations."""
    mine = set(clauses)
    found = [
        OpenLaw("clause", grant.id, grant.title["en"], (grant.id,))
        for grant in act.grants
        if grant.id in mine and grant.law_unknown
    ]
    for exclusion in act.exclusions:
        limits = tuple(name for name in exclusion.limits if name in mine)
        if limits and exclusion.law_unknown:
            found.append(OpenLaw("clause", exclusion.id, exclusion.title["en"], limits))
        elif limits and _is_open_list(exclusion):
            found.append(OpenLaw("list", exclusion.id, exclusion.title["en"], limits))
    for reservation in act.reservations:
        limits = tuple(name for name in reservation.limits if name in mine)
        if limits:
            found.append(OpenLaw("reservation", reservation.id, reservation.title["en"], limits))
    return tuple(found)


def _is_open_list(exclusion: Exclusion) -> bool:
    return any(isinstance(atom, Listed) and atom.uncertain for atom in atoms(exclusion.condition))


def _progress(one: Series, made: _Lines, act: Act | None, allowed: Tolerances) -> Progress:
    deadline = act.dates.get("deadline") if act else None
    in_force = act.dates.get("in_force") if act else None
    expected = made.expected(one.quantity)
    partial = made.is_partial(one.last.claim.scope)
    projection = project(one, deadline, allowed)
    verdict = None
    if expected and not projection.refused:
        verdict = judged(Range(projection.low90, projection.high90), expected.literal)
    return Progress(
        one,
        (one.last.as_of - in_force).days if in_force else None,
        (deadline - in_force).days if deadline and in_force else None,
        expected,
        partial,
        projection,
        verdict,
    )


def _redefined(sums: Sequence[SumCheck]) -> tuple[Redefined, ...]:
    ways: dict[tuple[str, str], list[tuple[date | None, str]]] = {}
    for check in sums:
        if check.sum.either and check.verdict == "closes":
            ways.setdefault((check.quantity, check.sum.either), []).append((check.total.as_of, check.sum.id))
    return tuple(
        Redefined(quantity, either, tuple(sorted(found, key=lambda way: way[0] or date.min)))
        for (quantity, either), found in ways.items()
        if len({name for _, name in found}) > 1
    )
