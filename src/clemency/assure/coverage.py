"""How much of an act its cases show: per clause, per line of its file, and what nobody can show.

An obligation counts as met when a case shows it as well as any person can: where the outcome can turn, it has to turn.
What no person can show is proved so and left out of the sum, with the proof named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clemency.assure.obligations import CLAUSE, GRANTS, OUTCOME, Obligation, Obligations, Standing, Unknown, using
from clemency.assure.places import Places
from clemency.assure.variations import TERMS, Variation, clauses_of
from clemency.determine import diagram
from clemency.determine.determination import Determination
from clemency.determine.interpreter import determine_case
from clemency.determine.worked import disagreements, each_case
from clemency.law.act import Act

Worked = Mapping[str, Any]


class Covering:
    """Which cases show which obligations of one edition of an act, of those wanted, as far as they were taken in."""

    def __init__(self, of: Obligations) -> None:
        self.of = of
        self.wanted: tuple[Obligation, ...] = of.all
        self.met: dict[Obligation, tuple[int, str]] = {}

    def level(self, one: Obligation) -> int:
        """How far an obligation is shown; one more than the worst level where it is not."""
        return self.met[one][0] if one in self.met else CLAUSE + 1

    def take(self, name: str, worked: Worked) -> list[Obligation]:
        """Take a worked case in, and tell what it shows that was not shown so well before."""
        found: dict[Obligation, None] = {}
        for case in each_case(worked):
            alone = {"case": case, "expect": worked["expect"]}
            for one, level in self.shown(alone):
                if level < self.level(one) and (isinstance(one, Unknown) or self.noticed(alone, one)):
                    self.met[one] = (level, name)
                    found[one] = None
        return list(found)

    def shown(self, alone: Worked) -> Iterator[tuple[Obligation, int]]:
        """What one case shows, better than it was shown before: each obligation with how far."""
        standing = Standing(alone["case"], self.of)
        left = [one for one in self.wanted if self.level(one) > OUTCOME]
        for one in left:
            if isinstance(one, Variation) and (level := standing.level(one)):
                yield one, level
        open_still = [one for one in left if isinstance(one, Unknown)]
        if open_still:
            answer = determine_case({"case_id": "-", **alone["case"]}, self.of.act, self.of.facts)
            for unknown in open_still:
                level = _clause_open(unknown, standing) or _missing_level(unknown, answer, alone["expect"])
                if level:
                    yield unknown, level

    def noticed(self, alone: Worked, one: Variation) -> bool:
        """Whether what a case expects would no longer hold after a small change of the act."""
        return bool(disagreements(alone, self.of.changed(one)))


def unknown_level(one: Unknown, case: Mapping[str, Any], of: Obligations) -> int:
    """How far a case shows something unknown, if it expects all that the act says of it; 0 where it does not."""
    if one.kind == "clause":
        return _clause_open(one, Standing(case, of))
    return _missing_level(one, determine_case({"case_id": "-", **case}, of.act, of.facts), _EXPECTED)


_EXPECTED = {"missing": (), "could_improve": ()}


def _clause_open(one: Unknown, standing: Standing) -> int:
    return OUTCOME if one.kind == "clause" and standing.own[one.name] not in (diagram.TRUE, diagram.FALSE) else 0


def _missing_level(one: Unknown, answer: Determination, expect: Mapping[str, Any]) -> int:
    missing, own = {(item.kind, item.name) for item in answer.missing}, (one.kind, one.name)
    if own in missing and "missing" in expect:
        return OUTCOME if missing == {own} else GRANTS
    could = {(item.kind, item.name) for better in answer.could_improve for item in better.missing}
    return CLAUSE if own in could and "could_improve" in expect else 0


@dataclass(frozen=True)
class Row:
    """One clause or named condition, or one line of the file: how much of it is shown, of all that can be."""

    name: str
    line: int
    met: int
    possible: int

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "line": self.line, "met": self.met, "possible": self.possible}


@dataclass
class Coverage:
    """The coverage of an act by its cases."""

    act: str
    cases: int
    met: int
    possible: int
    clauses: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    turns_outcome: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "act": self.act,
            "cases": self.cases,
            "met": self.met,
            "possible": self.possible,
            "turns_outcome": self.turns_outcome,
            "clauses": [row.as_json() for row in self.clauses],
            "lines": [row.as_json() for row in self.lines],
            "unmet": self.unmet,
            "cannot_be_shown": self.impossible,
            "unproved": self.unproved,
        }


def together(act: Act, found: Iterable[Coverage], cases: int) -> Coverage:
    """The coverage of an act from that of its editions."""
    whole = Coverage(act.id, cases, 0, 0)
    rows: dict[tuple[bool, str, int], tuple[int, int]] = {}
    for one in found:
        whole.met, whole.possible = whole.met + one.met, whole.possible + one.possible
        whole.turns_outcome += one.turns_outcome
        whole.unmet += one.unmet
        whole.impossible += one.impossible
        whole.unproved += one.unproved
        for of_clause, row in (*((True, row) for row in one.clauses), *((False, row) for row in one.lines)):
            met, possible = rows.get((of_clause, row.name, row.line), (0, 0))
            rows[of_clause, row.name, row.line] = (met + row.met, possible + row.possible)
    for (of_clause, name, line), (met, possible) in rows.items():
        (whole.clauses if of_clause else whole.lines).append(Row(name, line, met, possible))
    whole.lines.sort(key=lambda row: row.line)
    return whole


def percent(met: int, possible: int) -> str:
    """A share in whole percent, rounded down: 100 means all.

    >>> percent(199, 200), percent(0, 0)
    ('99 %', '100 %')
    """
    return f"{100 * met // possible if possible else 100} %"


def coverage(
    act: Act, covering: Covering, best: Mapping[Obligation, int], unproved: Iterable[Obligation], cases: int
) -> Coverage:
    """The coverage of an act: `best` says how well each obligation can be shown at most, 0 for not at all."""
    places = Places(act.path if act.path and Path(act.path).is_file() else None)
    doubtful = set(unproved)
    rows: dict[str, list[tuple[bool, int]]] = {}
    found = Coverage(act.id, cases, 0, 0)
    for one in covering.of.all:
        told = describe(one)
        wanted = best.get(one, OUTCOME)
        if not wanted and one not in doubtful:
            found.impossible.append(told)
            continue
        if one in doubtful and one not in covering.met:
            found.unproved.append(told)
            continue
        met = covering.level(one) <= (wanted or CLAUSE)
        rows.setdefault(_place(one), []).append((met, _line(places, one)))
        found.met += met
        found.possible += 1
        found.turns_outcome += covering.level(one) == OUTCOME
        if not met:
            found.unmet.append(told)
    found.clauses = [
        Row(name, min(line for _, line in of), sum(met for met, _ in of), len(of)) for name, of in rows.items()
    ]
    lines: dict[int, list[bool]] = {}
    for of in rows.values():
        for met, line in of:
            if line:
                lines.setdefault(line, []).append(met)
    found.lines = [Row(f"line {line}", line, sum(of), len(of)) for line, of in sorted(lines.items())]
    return found


def describe(one: Obligation) -> str:
    """An obligation in a line: where it stands, and what an example of it shows."""
    grant = f" {one.grant}" if isinstance(one, Variation) and one.kind in ("relief",) else ""
    changed = f" ({one.says})" if isinstance(one, Variation) and one.kind in ("boundary", "relief") else ""
    return f"{_place(one)}: {one.shows}{grant if grant.strip() not in one.place else ''}{changed}"


def _place(one: Obligation) -> str:
    return one.place or "values that may be unknown"


def _line(places: Places, one: Obligation) -> int:
    if not one.place:
        return 0
    if one.place.startswith(TERMS):
        name = one.place.removeprefix(TERMS)
        problems = places.term(name, one.part) if isinstance(one, Variation) and one.part is not None else []
    elif isinstance(one, Variation) and one.part is not None:
        problems = places.part(one.place, one.part)
    else:
        problems = places.clause(one.place)
    return problems[0].line if problems else 0


def shows_of(act: Act, one: Obligation, answer: Mapping[str, Any]) -> list[str]:
    """The clauses that a case shows: the one that the obligation stands at, and those that apply."""
    known = {clause.id for clause in clauses_of(act)}
    applied = [*answer["grants"], *answer["exclusions"]]
    own = [one.place] if one.place in known else []
    of_term = using(act, one.place.removeprefix(TERMS)) if one.place.startswith(TERMS) else []
    named = [*own, *(clause for clause in of_term if clause in applied), *(applied if not own else [])]
    return list(dict.fromkeys(named or of_term or [act.grants[0].id]))
