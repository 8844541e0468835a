"""Figures that contradict each other, and who printed which.

Figures for one quantity of one act are laid side by side: all that was expected; and of what was reported, all that
counts the same people up to the same day. Some cannot both be true whatever their words allow; some only differ in
their words. A count carried out cannot fall, and part of the people cannot be more than all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Literal

from clemency.observe.claims import Claim, Quantity, Scopes
from clemency.observe.qualifiers import Qualifier, Tolerances, Worded
from clemency.observe.sums import told

#: `figures`: the numbers differ and no number meets both. `words`: one number, in words that cannot both be true.
#: `loose`: the words or numbers differ, and both may be true.
Kind = Literal["figures", "words", "loose"]


@dataclass(frozen=True)
class Telling:
    """One wording of a figure, and the claims that print it so."""

    value: int
    qualifier: Qualifier
    claims: tuple[Claim, ...]

    @property
    def said(self) -> str:
        """The figure in words."""
        return self.claims[0].said


@dataclass(frozen=True)
class Conflict:
    """One quantity told in several ways; `as_of` and `scope` are given for what was reported carried out."""

    quantity: str
    kind: Kind
    planned: bool
    as_of: date | None
    scope: str | None
    tellings: tuple[Telling, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.quantity,
            "kind": self.kind,
            "stage": "planned" if self.planned else "reported",
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "scope": self.scope,
            "tellings": [
                {
                    "said": telling.said,
                    "value": telling.value,
                    "qualifier": telling.qualifier,
                    "printed_by": [
                        {
                            "claim": claim.claim_id,
                            "date": claim.date,
                            "stage": claim.stage,
                            "scope": claim.scope,
                            "source": claim.source_name,
                            "source_type": claim.source_type,
                            "url": claim.source_url,
                            "caution": claim.caution,
                            "note": claim.note,
                        }
                        for claim in telling.claims
                    ],
                }
                for telling in self.tellings
            ],
        }


def conflicts(of: Iterable[Claim], allowed: Tolerances) -> tuple[Conflict, ...]:
    """Every quantity that is told in more than one way, the sharpest first, then in the order of the claims."""
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in of:
        key = ("planned",) if claim.planned else (claim.as_of, claim.scope)
        groups.setdefault((claim.quantity, *key), []).append(claim)
    found = [one for group in groups.values() if (one := _conflict(group, allowed))]
    return tuple(sorted(found, key=lambda one: ("figures", "words", "loose").index(one.kind)))


def _conflict(group: list[Claim], allowed: Tolerances) -> Conflict | None:
    printed: dict[tuple[int, Qualifier], list[Claim]] = {}
    for claim in group:
        printed.setdefault((claim.value, claim.qualifier), []).append(claim)
    if len(printed) < 2:
        return None
    first = group[0]
    tellings = tuple(Telling(value, qualifier, tuple(by)) for (value, qualifier), by in printed.items())
    planned = first.planned
    return Conflict(
        first.quantity,
        _kind(tellings, allowed),
        planned,
        None if planned else first.as_of,
        None if planned else first.scope,
        tellings,
    )


def _kind(tellings: tuple[Telling, ...], allowed: Tolerances) -> Kind:
    kind: Kind = "loose"
    for one, other in combinations(tellings, 2):
        ranges = [Worded.of(telling.value, telling.qualifier, allowed).literal for telling in (one, other)]
        if ranges[0].meets(ranges[1]):
            continue
        if one.value != other.value:
            return "figures"
        kind = "words"
    return kind


# --- lines that were narrowed ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Narrowed:
    """The figure of a wider line printed for a part of it, as if the other parts were nothing."""

    wider: Claim
    narrower: tuple[Claim, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.wider.quantity,
            "said": self.wider.said,
            "claim": self.wider.claim_id,
            "printed_for": [
                told(claim) | {"source": claim.source_name, "url": claim.source_url} for claim in self.narrower
            ],
        }


def narrowed_lines(of: Iterable[Claim], known: Mapping[str, Quantity]) -> tuple[Narrowed, ...]:
    """Planned figures of a line that some source prints, with the same number, for a part of that line alone."""
    planned = [claim for claim in of if claim.planned]
    found = []
    for name in dict.fromkeys(claim.quantity for claim in planned):
        wider = next(claim for claim in planned if claim.quantity == name)
        same = [claim for claim in planned if claim.quantity in known[name].parts and claim.value == wider.value]
        if len(known[name].parts) > 1 and same:
            found.append(Narrowed(wider, tuple(same)))
    return tuple(found)


# --- counts that cannot be ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Impossible:
    """Two reported figures that cannot both be right: `fell`, a count that fell; `outgrown`, a part over the whole."""

    kind: Literal["fell", "outgrown"]
    one: Claim
    other: Claim
    by: int

    def as_json(self) -> dict[str, Any]:
        """Plain data; `one` is the earlier or wider figure."""
        return {
            "kind": self.kind,
            "quantity": self.other.quantity,
            "by": self.by,
            "figures": [
                told(claim)
                | {
                    "as_of": claim.as_of.isoformat() if claim.as_of else None,
                    "scope": claim.scope,
                    "source": claim.source_name,
                    "url": claim.source_url,
                    "caution": claim.caution,
                    "note": claim.note,
                }
                for claim in (self.one, self.other)
            ],
        }


def impossible(of: Iterable[Claim], counted: Scopes, known: Mapping[str, Quantity]) -> tuple[Impossible, ...]:
    """Reported exact figures that fall with time in one scope, or are larger than a figure that must hold them."""
    dated = [claim for claim in of if not claim.planned and claim.as_of and claim.qualifier == "exact"]
    found: dict[tuple[object, ...], Impossible] = {}
    for one in dated:
        for other in dated:
            kind = _clash(one, other, counted, known)
            if kind:
                key = (kind, one.quantity, other.quantity, one.value, other.value, one.as_of, other.as_of)
                found.setdefault(key, Impossible(kind, one, other, abs(one.value - other.value)))
    return tuple(found.values())


def _clash(
    one: Claim, other: Claim, counted: Scopes, known: Mapping[str, Quantity]
) -> Literal["fell", "outgrown"] | None:
    assert one.as_of is not None
    assert other.as_of is not None
    if one.quantity == other.quantity:
        if one.scope == other.scope and one.as_of < other.as_of and one.value > other.value:
            return "fell"
        wider = counted.holds(one.scope, other.scope) and one.as_of >= other.as_of
        return "outgrown" if wider and other.value > one.value else None
    within = one.quantity == known[other.quantity].within or other.quantity in known[one.quantity].parts
    same = one.scope == other.scope and one.as_of == other.as_of
    return "outgrown" if within and same and other.value > one.value else None
