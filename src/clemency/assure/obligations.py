"""What the examples of an act have to show, and how far a case shows it.

An obligation is met by a case whose answer would be another one were one small thing of the act written differently:
at best the outcome or the relief turns, else what is granted, else the clause alone. Beside these stands everything
that may be unknown: each value that a rule reads, each clause, each point that the sources leave open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from clemency.assure import claims
from clemency.assure.variations import (
    TERMS,
    Clause,
    Variation,
    changed_act,
    changed_rules,
    clauses_of,
    settled,
    variations,
)
from clemency.determine import diagram
from clemency.determine.determination import relief_ranks
from clemency.determine.interpreter import Inquiry
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.law.rules import And, Condition, LawOpen, Not, Or, Term
from clemency.records.record import known_facts, read_record

#: How far a case shows an obligation: the outcome or relief turns, the grants turn, only the clause turns.
OUTCOME, GRANTS, CLAUSE = 1, 2, 3
LEVELS = {OUTCOME: "the outcome turns", GRANTS: "what is granted turns", CLAUSE: "the clause turns"}
Case = Mapping[str, Any]


@dataclass(frozen=True)
class Unknown:
    """Something that may be unknown: a value of the case, whether a clause applies, or a point of law."""

    kind: str
    name: str
    place: str = ""

    @property
    def shows(self) -> str:
        """What an example of it shows."""
        told = {
            "fact": f"without {self.name} the answer is open",
            "clause": "whether it applies is not known",
            "law": "the law leaves it open",
        }
        return told[self.kind]


Obligation = Variation | Unknown


class Obligations:
    """All that the examples of one edition of an act have to show, with the act as if its open law were settled.

    Beside another edition only the clauses that this one has otherwise are to be shown.
    """

    def __init__(self, act: Act, beside: Act | None = None) -> None:
        self.act, self.settled = act, settled(act)
        self.own = frozenset(_own_places(act, beside))
        self.facts = known_facts(act)
        self.ranks = relief_ranks(act)
        self.variations = tuple(one for one in variations(act) if one.place in self.own)
        self.rules = {one: changed_rules(self.settled, one) for one in self.variations}
        self._changed: dict[Variation, Act] = {}
        self.met = {clause.id: claims.met(clause) for clause in clauses_of(self.settled)}
        self.given = {grant.id: self.given_under(grant.id, self.met, self.settled) for grant in act.grants}

    @cached_property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Each value that a rule reads, each clause that may be open, each point of law."""
        read: dict[str, None] = {}
        deciding: list[Clause] = [*self.act.grants, *self.act.exclusions]
        for clause in deciding:
            read |= dict.fromkeys(self.names(clause))
        laws = {
            atom.item: clause.id
            for clause in clauses_of(self.act)
            if clause.condition is not None
            for atom in rules.atoms(clause.condition)
            if isinstance(atom, LawOpen)
        }
        clauses = [one.id for one in clauses_of(self.act) if one.condition is not None and any(self.names(one))]
        return (
            *(Unknown("fact", name) for name in read if _FACTS in self.own),
            *(Unknown("clause", name, name) for name in clauses if name in self.own),
            *(Unknown("law", item, place) for item, place in laws.items() if place in self.own),
        )

    @cached_property
    def all(self) -> tuple[Obligation, ...]:
        """All obligations, in the order of the act."""
        return (*self.variations, *self.unknowns)

    def changed(self, one: Variation) -> Act:
        """The act as it stands, with one small change."""
        if one not in self._changed:
            self._changed[one] = changed_act(self.act, one)
        return self._changed[one]

    def names(self, clause: Clause) -> list[str]:
        """What a record states of all that a clause's own rule reads."""
        return names_stated(clause.condition) if clause.condition is not None else []

    # claims about a person, for the solver

    def given_under(self, grant: str, met: Mapping[str, Condition], act: Act) -> Condition:
        """A grant holds, by conditions of clauses under their ids."""
        return And((met[grant], *(Not(met[limit]) for limit in act.limiting[grant])))

    def goals(self, one: Variation) -> Iterator[tuple[int, tuple[Condition, ...]]]:
        """What has to be true of a person who shows a variation, any one of several; the best way to show it first."""
        if one.kind == "relief":
            yield OUTCOME, (And((self.given[one.grant], *self._none_better(one.grant, self.given))),)
            return
        if one.kind == "order":
            yield GRANTS, (And((self.given[one.place], self.given[one.grant])),)
            return
        other = changed_act(self.settled, one)
        met = {
            clause.id: claims.met(clause) if clause.id in self.rules[one] else self.met[clause.id]
            for clause in clauses_of(other)
        }
        changed = [
            grant.id
            for grant in self.act.grants
            if other.limiting[grant.id] != self.settled.limiting[grant.id]
            or {grant.id, *self.settled.limiting[grant.id]} & self.rules[one].keys()
        ]
        given = self.given | {grant: self.given_under(grant, met, other) for grant in changed}
        turns = {grant: _differ(self.given[grant], given[grant]) for grant in changed}
        if changed:
            alone = [
                And((turns[grant], *self._none_better(grant, self.given), *self._none_better(grant, given)))
                for grant in changed
            ]
            yield OUTCOME, tuple(alone)
            yield GRANTS, tuple(turns.values())
        asked = list(self._asked_otherwise(one, met))
        if asked:
            yield OUTCOME, tuple(asked)
        rules_differ = [_differ(self.met[clause], met[clause]) for clause in self.rules[one]]
        clause = clause_of_place(self.act, one.place)
        if rules_differ and isinstance(clause, Exclusion):
            limited = Or(tuple(self.met[grant] for grant in clause.limits))
            nothing_given = [Not(given) for given in self.given.values()]
            yield CLAUSE, tuple(And((differs, limited, *nothing_given)) for differs in rules_differ)
            yield CLAUSE, tuple(And((differs, limited)) for differs in rules_differ)
        if rules_differ and not self._is_told_only_with_grants(one):
            yield CLAUSE, tuple(rules_differ)

    def _is_told_only_with_grants(self, one: Variation) -> bool:
        """Whether an answer tells nothing of the clauses changed but by the grants that they limit.

        A question is asked only where a grant is in sight, and an exclusion that may not exist is never certain.
        """
        clauses = [self.act.clause(name) for name in self.rules[one]]
        return all(isinstance(clause, Reservation) or _is_open(clause) for clause in clauses)

    def _none_better(self, grant: str, given: Mapping[str, Condition]) -> list[Condition]:
        """No other grant holds that is at least as favourable."""
        return [Not(given[one]) for one in given if one != grant and self.ranks[one] <= self.ranks[grant]]

    def _asked_otherwise(self, one: Variation, met: Mapping[str, Condition]) -> Iterator[Condition]:
        """A question for a person to answer is asked of somebody of whom it would not be asked, or the reverse."""
        for clause in self.act.reservations:
            if clause.id in self.rules[one]:
                live = Or(tuple(self.given[grant] for grant in clause.limits))
                yield And((_differ(self.met[clause.id], met[clause.id]), live))
            elif clause.id == one.place and one.grant:
                others = [Not(self.given[grant]) for grant in clause.limits if grant != one.grant]
                yield And((self.met[clause.id], self.given[one.grant], *others))


def _own_places(act: Act, beside: Act | None) -> Iterator[str]:
    """The clauses and named conditions that another edition has not, or has otherwise."""
    others = {} if beside is None else {clause.id: clause for clause in clauses_of(beside)}
    there = {grant.id for grant in (beside or act).grants} & {grant.id for grant in act.grants}
    for clause in clauses_of(act):
        other = others.get(clause.id)
        if other is None or _with_limits(other, there) != _with_limits(clause, there):
            yield clause.id
    if beside is None:
        yield from (_FACTS, *(TERMS + name for name in act.terms))


def _is_open(clause: Clause) -> bool:
    """Whether the sources leave open if a clause stands in the act, or all that it lists."""
    atoms = list(rules.atoms(clause.condition)) if clause.condition is not None else []
    return any(isinstance(atom, LawOpen) or (isinstance(atom, rules.Listed) and not atom.certain) for atom in atoms)


def _with_limits(clause: Clause, grants: set[str]) -> Clause:
    """A clause with only those of its limits that two editions have both."""
    if isinstance(clause, Grant):
        return clause
    return replace(clause, limits=tuple(grant for grant in clause.limits if grant in grants))


_FACTS = "facts"


def _differ(one: Condition, other: Condition) -> Condition:
    return Or((And((one, Not(other))), And((Not(one), other))))


def names_stated(condition: Condition) -> list[str]:
    """What a record states of all that a condition reads."""
    atoms = list(rules.atoms(condition))
    found = dict.fromkeys(one for atom in atoms for name in rules.names_read(atom) for one in _recorded(name))
    listed = any(isinstance(atom, rules.Listed) for atom in atoms)
    return [*found, *(["offences.article"] if listed and "offences.article" not in found else [])]


def _recorded(name: rules.Name) -> list[str]:
    """Under which names a record states what a rule reads."""
    if name.of_offence:
        return ["offences.article" if name.name == "category" else f"offences.{name.name}"]
    if rules.served_share(name.name) is not None:
        return ["term_start", "term_months"]
    worked_out = {"term": "term_months", "worst_category": "offences.article", "offence_count": "offences"}
    return [worked_out.get(name.name, name.name)]


class Standing:
    """One case under an act whose open law is settled: which clauses are met, and what a variation would turn."""

    def __init__(self, case: Case, of: Obligations) -> None:
        self.of = of
        self.inquiry = Inquiry(read_record({"case_id": "-", **case}, of.facts), of.settled)
        self.own = {name: self._value(condition) for name, condition in of.met.items()}
        self.full = {grant.id: self._full(grant.id, self.own, of.settled) for grant in of.act.grants}
        self.answer = self._answer(self.full)

    def _value(self, condition: Condition) -> int:
        return self.inquiry.examine(condition)[0]

    def _full(self, grant: str, own: Mapping[str, int], act: Act) -> int:
        store = self.inquiry.store
        return store.both(own[grant], store.every([store.negate(own[limit]) for limit in act.limiting[grant]]))

    def _answer(self, full: Mapping[str, int]) -> tuple[int, int] | None:
        """Whether some grant holds, and the best relief of those that do; none where that is not known."""
        held = [self.of.ranks[grant] for grant, value in full.items() if value == diagram.TRUE]
        best = min(held, default=-1)
        covered = self.inquiry.store.either(list(full.values()))
        return (covered, best) if covered in (diagram.TRUE, diagram.FALSE) else None

    def level(self, one: Variation) -> int:
        """How far the case shows a variation; 0 where it does not."""
        match one.kind:
            case "relief":
                held = self.full[one.grant] == diagram.TRUE
                return OUTCOME if held and self.answer == (diagram.TRUE, self.of.ranks[one.grant]) else 0
            case "order":
                both = self.full[one.place] == diagram.TRUE == self.full[one.grant]
                return GRANTS if both else 0
            case "limit" | "exception":
                return self._limit(one)
        return self._rule(one)

    def _limit(self, one: Variation) -> int:
        if self.own[one.place] != diagram.TRUE:
            return 0
        clause = self.of.act.clause(one.place)
        if isinstance(clause, Reservation):
            live = [self.full[grant] != diagram.FALSE for grant in clause.limits if grant != one.grant]
            return OUTCOME if self.full[one.grant] == diagram.TRUE and not any(live) else 0
        store, limits = self.inquiry.store, self.of.settled.limiting[one.grant]
        without = [store.negate(self.own[limit]) for limit in limits if limit != one.place]
        if store.both(self.own[one.grant], store.every(without)) != diagram.TRUE:
            return 0
        value = diagram.FALSE if one.kind == "exception" else diagram.TRUE
        return self._turned({**self.full, one.grant: value})

    def _turned(self, full: Mapping[str, int]) -> int:
        turned = [
            grant
            for grant in full
            if full[grant] != self.full[grant] and {full[grant], self.full[grant]} <= {diagram.TRUE, diagram.FALSE}
        ]
        if not turned:
            return 0
        answer = self._answer(full)
        return OUTCOME if answer and self.answer and answer != self.answer else GRANTS

    def _rule(self, one: Variation) -> int:
        decided = (diagram.TRUE, diagram.FALSE)
        turned = {}
        for clause, condition in self.of.rules[one].items():
            value = self._value(condition)
            if value != self.own[clause] and value in decided and self.own[clause] in decided:
                turned[clause] = value
        if not turned:
            return 0
        own = {**self.own, **turned}
        changed = {
            grant.id: self._full(grant.id, own, self.of.settled)
            for grant in self.of.act.grants
            if {grant.id, *self.of.settled.limiting[grant.id]} & turned.keys()
        }
        level = self._turned({**self.full, **changed})
        return OUTCOME if any(self._asked(clause) for clause in turned) else level or CLAUSE

    def _asked(self, clause_id: str) -> bool:
        clause = self.of.act.clause(clause_id)
        if not isinstance(clause, Reservation):
            return False
        general = len(clause.limits) == len(self.of.act.grants)
        return general or any(self.full[grant] != diagram.FALSE for grant in clause.limits)


def clause_of_place(act: Act, place: str) -> Grant | Exclusion | Reservation | None:
    """The clause that an obligation stands at; none for a named condition or a value of the case."""
    return None if not place or place.startswith(TERMS) else act.clause(place)


def using(act: Act, term: str) -> list[str]:
    """The clauses that use a named condition."""
    return [
        clause.id
        for clause in clauses_of(act)
        if clause.condition is not None
        and any(isinstance(node, Term) and node.name == term for node in rules.walk(clause.condition))
    ]
