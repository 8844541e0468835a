"""The check of an act beyond its form: proofs and changes of law, with what the act acknowledges set against them.

A finding that is meant stands in the act itself, under `acknowledged`, with its clauses and a reason. An
acknowledgement that matches nothing any more is a finding in its turn.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from clemency.assure import claims
from clemency.assure.act_findings import KINDS, Finding
from clemency.assure.law_changes import Change, law_changes
from clemency.assure.places import Places
from clemency.assure.solver import need_solver
from clemency.law.act import Acknowledged, Act, NotInForce, days_of_change

#: Findings that something never happens: they stand where they hold on every day on which the clause is in effect.
_NEVER = ("never_applies", "always_covered", "never_bites", "spares_nobody", "no_register")


@dataclass(frozen=True)
class Checked:
    """What the check of an act found; `offences` is how many of one case the proofs tell apart, none for any number."""

    act: str
    findings: tuple[Finding, ...]
    unproved: tuple[str, ...]
    offences: int | None

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that the act does not acknowledge."""
        return tuple(one for one in self.findings if one.reason is None)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "act": self.act,
            "findings": [one.as_json() for one in self.findings],
            "unproved": list(self.unproved),
            "offences": self.offences,
        }


def check_act(act: Act) -> Checked:
    """Prove an act, and look at the law that it names. Raises SolverMissing where there is no solver.

    >>> from clemency.law.act import load_act
    >>> check_act(load_act("az-2016")).open
    ()
    """
    need_solver()
    from clemency.assure.proof import Proofs, prove_act

    places = Places(act.path)
    proved: dict[date, Proofs] = {}
    texts = _texts(act)
    for day, text in texts.items():
        proved[day] = prove_act(text, places)
    found = [*_over_time(texts, proved), *_of_law(texts, places)]
    offences = [one.offences for one in proved.values() if one.offences is not None]
    unproved = dict.fromkeys(text for one in proved.values() for text in one.unproved)
    return Checked(
        act.id, tuple(_acknowledged(act, found, places)), tuple(unproved), min(offences) if offences else None
    )


def _texts(act: Act) -> dict[date, Act]:
    """The act as it stands on each day on which it changes."""
    texts = {}
    for day in days_of_change(act):
        try:
            texts[day] = act.as_of(day)
        except NotInForce:
            continue
    return texts


def _over_time(texts: dict[date, Act], proved: dict[date, Any]) -> Iterator[Finding]:
    """Each finding once; one that something never happens has to hold for every text that has the clause."""
    told: set[tuple[str, tuple[str, ...]]] = set()
    for day, proofs in proved.items():
        for one in proofs.findings:
            if (one.code, one.clauses) in told:
                continue
            others = [proved[other] for other, text in texts.items() if other != day and _has(text, one.clauses[:1])]
            if one.code in _NEVER and not all(_tells(other.findings, one) for other in others):
                continue
            told.add((one.code, one.clauses))
            yield replace(one, as_of=day) if len(texts) > 1 else one


def _has(text: Act, clauses: tuple[str, ...]) -> bool:
    return {clause.id for clause in claims.clauses(text)}.issuperset(clauses)


def _tells(findings: list[Finding], one: Finding) -> bool:
    return any(other.code == one.code and other.clauses[:1] == one.clauses[:1] for other in findings)


def _of_law(texts: dict[date, Act], places: Places) -> Iterator[Finding]:
    """Each change of law that touches the act as it stands on some day."""
    told: set[Change] = set()
    for day, text in texts.items():
        for change in law_changes(text):
            if change not in told:
                told.add(change)
                found = [place for clause in change.clauses for place in places.clause(clause)]
                since = day if len(texts) > 1 else None
                says = f"{change.article}: {change.says}"
                yield Finding(change.code, change.clauses, says, tuple(found), as_of=since)


def _acknowledged(act: Act, found: list[Finding], places: Places) -> Iterator[Finding]:
    used: set[int] = set()
    for one in found:
        matching = [place for place, entry in enumerate(act.acknowledged) if _matches(entry, one)]
        used.update(matching)
        yield replace(one, reason=act.acknowledged[matching[0]].reason.get("en", "")) if matching else one
    for place, entry in enumerate(act.acknowledged):
        if place not in used:
            says = f"{entry.finding} of {', '.join(entry.clauses)} is acknowledged, and no such finding is there"
            if entry.finding not in KINDS:
                close = difflib.get_close_matches(entry.finding, list(KINDS), n=1, cutoff=0.5)
                says = f"there is no finding {entry.finding}" + (f"; did you mean {close[0]}?" if close else "")
            yield Finding("acknowledged_in_vain", entry.clauses, says, tuple(places.acknowledged(place)))


def _matches(entry: Acknowledged, one: Finding) -> bool:
    return entry.finding == one.code and set(entry.clauses) == set(one.clauses)
