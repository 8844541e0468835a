"""The determination: what an act says for one case, with its reasons, its missing facts and the new date.

Outcomes: `granted` (some grant is true), `undetermined` (an open fact or open law can still change the answer),
`excluded` (a grant's own condition is true, and so is an exclusion that limits it), `not_covered` (none of these).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from clemency.law.act import Act, Grant
from clemency.law.calendar import Duration, add, share_of_days, unserved_beyond, whole_share
from clemency.law.reliefs import Relief

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something not known: a fact of the person (which field, of which offence), or a point of law."""

    kind: str
    name: str
    offence: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        plain: dict[str, Any] = {"kind": self.kind, "name": self.name}
        if self.offence is not None:
            plain["offence"] = self.offence
        return plain


@dataclass(frozen=True, slots=True)
class Improvement:
    """A grant with a better relief that is still open, and what it needs."""

    grant: str
    relief: Relief
    missing: tuple[Missing, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "grant": self.grant,
            "relief": self.relief.kind,
            "relief_terms": self.relief.terms(),
            "missing": [item.as_json() for item in self.missing],
        }


@dataclass(frozen=True, slots=True)
class Determination:
    """One case under one act. Lists hold ids in the order of the act; dates are null where they are not known."""

    case_id: str
    act: str
    outcome: str
    relief: Relief | None
    grant: str | None
    grants: tuple[str, ...]
    exclusions: tuple[str, ...]
    reservations: tuple[str, ...]
    missing: tuple[Missing, ...]
    could_improve: tuple[Improvement, ...]
    term_end_before: date | None
    term_end_after: date | None
    days_remitted: int | None
    rules_version: str
    contradictions: tuple[Mapping[str, Any], ...] = ()
    trace: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The determination as plain data, with the field names that every engine writes."""
        return {
            "case_id": self.case_id,
            "act": self.act,
            "outcome": self.outcome,
            "relief": self.relief.kind if self.relief else None,
            "grant": self.grant,
            "grants": list(self.grants),
            "exclusions": list(self.exclusions),
            "reservations": list(self.reservations),
            "missing": [item.as_json() for item in self.missing],
            "could_improve": [improvement.as_json() for improvement in self.could_improve],
            "relief_terms": self.relief.terms() if self.relief else {},
            "term_end_before": _iso(self.term_end_before),
            "term_end_after": _iso(self.term_end_after),
            "days_remitted": self.days_remitted,
            "rules_version": self.rules_version,
            "contradictions": [dict(contradiction) for contradiction in self.contradictions],
            "trace": dict(self.trace),
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(frozen=True, slots=True)
class TermDays:
    """A term as reliefs count it: its first day, its length, its last day, and the days of custody credited to it."""

    start: date | None = None
    term: Duration | None = None
    end: date | None = None
    credit_days: int | None = None


def relief_days(relief: Relief | None, served: TermDays, in_force: date) -> tuple[date | None, int | None]:
    """The new last day of the term (for a release point the new release day), and the days remitted.

    Never before the day from which the relief is given, and never later than the old day. Unknown stays unknown; a
    relief that does not touch the term leaves no new day.

    >>> relief_days(Relief("reduce", by=Duration(6)), TermDays(end=date(2027, 8, 31)), date(2025, 12, 20))
    (datetime.date(2027, 2, 28), 184)
    """
    if relief is None:
        return None, None
    first = relief.since or in_force
    if relief.term is not None:
        return _term_given(relief, served, first)
    before = served.end
    if relief.kind == "release_point" and relief.fraction is not None and relief.instead_of is not None:
        before = _served_on(relief.instead_of, served, relief.rounding)
        after = _served_on(relief.fraction, served, relief.rounding)
    elif relief.kind == "release":
        after = before and first
    elif relief.kind == "reduce":
        after = _cut(relief, served, first)
    else:
        return None, None
    if before is None or after is None:
        return None, None
    after = min(before, max(first, after))
    return after, (before - after).days


def _cut(relief: Relief, served: TermDays, first: date) -> date | None:
    """The last day of a term that is cut, before it is held against the day from which the cut is given."""
    end, term, start = served.end, served.term, served.start
    if end is None:
        return None
    if relief.by is not None:
        return add(end, -relief.by)
    if relief.fraction is None:
        return None
    if relief.of == "rest":
        return end - timedelta(days=share_of_days(max((end - first).days, 0), relief.fraction, relief.rounding))
    whole = whole_share(term, relief.fraction) if term else None
    if whole is not None:
        return add(end, -whole)
    if term is None or start is None:
        return None
    days = (add(start, term) - start).days
    return end - timedelta(days=share_of_days(days, relief.fraction, relief.rounding))


def _served_on(share: Fraction, served: TermDays, rounding: str) -> date | None:
    if served.start is None or served.term is None or served.end is None:
        return None
    return served.end - timedelta(days=unserved_beyond(served.start, served.term, share, rounding))


def _term_given(relief: Relief, served: TermDays, first: date) -> tuple[date | None, int | None]:
    """A punishment replaced by a term: it ends that long after its start, less credit, and then the next step follows.

    A day in custody counts for a day of imprisonment.
    """
    if served.start is None or served.credit_days is None or relief.term is None:
        return None, None
    end = add(served.start, relief.term) - timedelta(days=served.credit_days)
    if relief.then is not None:
        given = TermDays(served.start, relief.term, end, served.credit_days)
        following, _ = relief_days(replace(relief.then, since=first), given, first)
        if following is None:  # pragma: no cover
            return None, None
        end = following
    end = max(first, end)
    if served.end is None:
        return end, None
    end = min(end, served.end)
    return end, (served.end - end).days


def relief_ranks(act: Act) -> dict[str, int]:
    """For each grant the place of its relief in the order of favour, 0 the most favourable."""
    keys = sorted({act.favour_rank(grant.relief) for grant in act.grants})
    return {grant.id: keys.index(act.favour_rank(grant.relief)) for grant in act.grants}


def booked(act: Act, ids: set[str], rank: int, ranks: Mapping[str, int]) -> Grant | None:
    """Of several grants with the stated relief, the first in the order of the act is the one counted."""
    return next((grant for grant in act.grants if grant.id in ids and ranks[grant.id] == rank), None)
