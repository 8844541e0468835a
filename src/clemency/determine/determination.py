"""The determination: what an act says for one case, with its reasons, its missing facts and the new date.

Outcomes: `granted` (some grant is true), `undetermined` (an open fact or open law can still change the answer),
`excluded` (a grant's own condition is true, and so is an exclusion that limits it), `not_covered` (none of these).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clemency.law.act import Act, Grant, Relief
from clemency.law.calendar import add

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


def term_end_after(relief: Relief | None, before: date | None, in_force: date) -> date | None:
    """The new last day of the term: for a release the day the act takes effect, for a cut that many months earlier.

    Never before the act takes effect, and never later than the old day. Unknown stays unknown; a relief that does not
    touch the term leaves no new day.

    >>> from clemency.law.calendar import Duration
    >>> term_end_after(Relief("reduce", by=Duration(6)), date(2027, 8, 31), date(2025, 12, 20))
    datetime.date(2027, 2, 28)
    """
    if relief is None or before is None:
        return None
    if relief.kind == "release":
        return min(before, in_force)
    if relief.kind == "reduce" and relief.by is not None:
        return min(before, max(in_force, add(before, -relief.by)))
    return None


def relief_ranks(act: Act) -> dict[str, int]:
    """For each grant the place of its relief in the order of favour, 0 the most favourable."""
    keys = sorted({act.favour_rank(grant.relief) for grant in act.grants})
    return {grant.id: keys.index(act.favour_rank(grant.relief)) for grant in act.grants}


def booked(act: Act, ids: set[str], rank: int, ranks: Mapping[str, int]) -> Grant | None:
    """Of several grants with the stated relief, the first in the order of the act is the one counted."""
    return next((grant for grant in act.grants if grant.id in ids and ranks[grant.id] == rank), None)
