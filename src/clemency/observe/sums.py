"""Sums that must close: the parts of a figure, taken from one report, add up to it as far as their words allow.

Parts and whole are worded figures, so both are ranges. A sum `closes` when the usual ranges meet; it is `stretched`
when only numbers beyond the usual meaning of the words make it close; it is `apart` when nothing does, with the
difference. Where a report leaves parts out, what it does not break down is the `rest`. Figures are taken from one
source where one has them all; otherwise from several, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from clemency.observe.claims import Claim, Quantity, Sum
from clemency.observe.qualifiers import Range, Tolerances, Worded, whole

Closing = Literal["closes", "stretched", "apart", "rest"]


@dataclass(frozen=True)
class SumCheck:
    """One sum of one report. `difference` is parts less whole, as little as the words allow, 0 where it closes.

    `missing` are parts that nobody told; `rest` is what they hold together, where the sum has the verdict `rest`.
    """

    quantity: str
    sum: Sum
    total: Claim
    parts: tuple[Claim, ...]
    missing: tuple[str, ...]
    verdict: Closing
    difference: int
    added: Range
    rest: Range | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses the figures stand at, the whole's first."""
        return tuple(dict.fromkeys(claim.source_url for claim in (self.total, *self.parts)))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.quantity,
            "sum": self.sum.id,
            "either": self.sum.either,
            "stage": self.total.stage,
            "as_of": self.total.as_of.isoformat() if self.total.as_of else None,
            "scope": self.total.scope,
            "verdict": self.verdict,
            "difference": self.difference,
            "whole": told(self.total),
            "parts": [told(claim) for claim in self.parts],
            "parts_added": self.added.as_json(),
            "missing": list(self.missing),
            "rest": self.rest.as_json() if self.rest else None,
            "sources": list(self.sources),
        }


def told(claim: Claim) -> dict[str, Any]:
    """A claim in short: its id, quantity and words."""
    return {"claim": claim.claim_id, "quantity": claim.quantity, "value": claim.value, "said": claim.said}


def check_sums(of: Iterable[Claim], known: Mapping[str, Quantity], allowed: Tolerances) -> tuple[SumCheck, ...]:
    """Every sum that the claims let one check, in the order of the claims.

    What is marked as misread is left out. The order of rows does not change a verdict; of several figures for one part
    the first of a source is taken.
    """
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in of:
        if claim.caution != "misread":
            groups.setdefault(_report(claim), []).append(claim)
    return tuple(check for group in groups.values() for check in _of_group(group, known, allowed))


def _report(claim: Claim) -> tuple[object, ...]:
    """Claims that speak of one thing: all that was expected of an act; all that one body counted up to one day."""
    if claim.planned:
        return (claim.act_id, "planned")
    return (claim.act_id, claim.stage, claim.as_of, claim.body, claim.scope)


def _of_group(group: Sequence[Claim], known: Mapping[str, Quantity], allowed: Tolerances) -> Iterator[SumCheck]:
    tellings: dict[str, dict[str, Claim]] = {}
    for claim in group:
        tellings.setdefault(claim.source_url, {}).setdefault(claim.quantity, claim)
    for name in dict.fromkeys(claim.quantity for claim in group):
        found: dict[str, list[SumCheck]] = {}
        for one in known[name].sums:
            checks = list(_of_sum(name, one, tellings, group, allowed))
            found.setdefault(one.either or one.id, []).extend(checks)
        yield from _told_apart([check for checks in found.values() for check in _the_ones_meant(checks)])


def _the_ones_meant(checks: list[SumCheck]) -> list[SumCheck]:
    """Of sums that a report may use either of, those that close; all of them where none does."""
    if not any(check.sum.either for check in checks):
        return checks
    return [check for check in checks if check.verdict == "closes"] or checks


def _told_apart(checks: list[SumCheck]) -> Iterator[SumCheck]:
    """A rest is of no interest where another sum breaks the same lines down in full."""
    full = {claim.claim_id for check in checks if check.rest is None for claim in check.parts}
    for check in checks:
        if check.rest is None or not any(claim.claim_id in full for claim in check.parts):
            yield check


def _of_sum(
    name: str, one: Sum, tellings: Mapping[str, Mapping[str, Claim]], group: Sequence[Claim], allowed: Tolerances
) -> Iterator[SumCheck]:
    seen = set()
    for telling in tellings.values():
        if name in telling and all(part in telling for part in one.needed):
            check = _checked(name, one, telling, allowed)
            key = tuple((claim.quantity, claim.said) for claim in (check.total, *check.parts))
            if key not in seen:
                seen.add(key)
                yield check
    if seen:
        return
    joint = _joint(group, name)
    if name in joint and all(part in joint for part in one.needed):
        yield _checked(name, one, joint, allowed)
    elif name in joint and not joint[name].planned and one.optional and any(part in joint for part in one.parts):
        yield _with_rest(name, one, joint, allowed)


def _joint(group: Sequence[Claim], name: str) -> dict[str, Claim]:
    """The first figure for each quantity, whatever source it stands in; not those that an outlet renamed or made."""
    kept = [claim for claim in group if claim.caution not in ("reworded", "own_arithmetic") or claim.quantity == name]
    joint: dict[str, Claim] = {}
    for claim in sorted(kept, key=lambda claim: claim.claim_id):
        joint.setdefault(claim.quantity, claim)
    return joint


def _checked(name: str, one: Sum, telling: Mapping[str, Claim], allowed: Tolerances) -> SumCheck:
    total = telling[name]
    parts = tuple(telling[part] for part in one.parts if part in telling)
    missing = tuple(part for part in one.parts if part not in telling)
    expected, given = _words(total, allowed), [_words(part, allowed) for part in parts]
    usual, wide = whole(part.usual for part in given), whole(part.literal for part in given)
    if one.open:
        difference = max(0, wide.low - expected.literal.high) if expected.literal.high is not None else 0
        verdict: Closing = "apart" if difference else "closes"
        return SumCheck(name, one, total, parts, missing, verdict, difference, usual)
    if usual.meets(expected.usual):
        return SumCheck(name, one, total, parts, missing, "closes", 0, usual)
    difference = wide.apart(expected.literal)
    return SumCheck(name, one, total, parts, missing, "apart" if difference else "stretched", difference, usual)


def _with_rest(name: str, one: Sum, telling: Mapping[str, Claim], allowed: Tolerances) -> SumCheck:
    """A sum of which needed parts were not told: the parts told are not more than the whole, and the rest is left."""
    total = telling[name]
    parts = tuple(telling[part] for part in one.parts if part in telling)
    missing = tuple(part for part in one.parts if part not in telling)
    expected, added = _words(total, allowed).literal, whole(_words(part, allowed).literal for part in parts)
    if expected.high is not None and added.low > expected.high:
        return SumCheck(name, one, total, parts, missing, "apart", added.low - expected.high, added)
    low = 0 if added.high is None else max(0, expected.low - added.high)
    rest = Range(low, None if expected.high is None else expected.high - added.low)
    return SumCheck(name, one, total, parts, missing, "rest", 0, added, rest)


def _words(claim: Claim, allowed: Tolerances) -> Worded:
    return Worded.of(claim.value, claim.qualifier, allowed)
