"""What a solver can prove wrong with an act: clauses without effect, gaps between thresholds, grants without an order.

A proof is about complete people: every fact has some value, and every point of open law reads one way or another. A
finding that something never happens holds whatever the open law says; one that something can happen names the
readings that it takes. Each comes with an invented person who shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import combinations
from typing import Any

from clemency.assure import claims, thresholds
from clemency.assure.act_findings import Finding
from clemency.assure.model import MOST_MODELLED
from clemency.assure.places import Places
from clemency.assure.solver import NotModelled, Unsettled
from clemency.assure.witnesses import Search, Witness
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.law.rules import And, Condition, Not, Or
from clemency.law.source import Problem


@dataclass
class Proofs:
    """All findings of the proofs about an act, and what could not be proved either way."""

    findings: list[Finding] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    offences: int | None = None


def prove_act(act: Act, places: Places) -> Proofs:
    """Everything that can be proved wrong with an act.

    >>> from clemency.law.act import load_act
    >>> prove_act(load_act("az-2016"), Places(None)).unproved
    []
    """
    prover = _Prover(act, places)
    prover.run()
    proofs = prover.proofs
    proofs.offences = None if prover.search.exact else MOST_MODELLED
    return proofs


class _Prover:
    """Asks one kind of question after the other; a clause that the proofs cannot read is told and left out."""

    def __init__(self, act: Act, places: Places) -> None:
        self.act, self.places = act, places
        self.search = Search(act)
        self.proofs = Proofs()
        self.met_by_nobody: set[str] = set()
        self.dead: set[str] = set()
        self.constant: set[Condition] = set()

    def run(self) -> None:
        self.ask("conditions", self.no_register)
        for clause in claims.clauses(self.act):
            self.ask(clause.id, partial(self.never_applies, clause))
        for grant in self.act.grants:
            self.ask(grant.id, partial(self.covered_grant, grant))
        for exclusion in self.act.exclusions:
            self.ask(exclusion.id, partial(self.effect_of, exclusion))
            self.ask(exclusion.id, partial(self.exceptions_of, exclusion))
        self.ask("favour", self.no_order)
        for gap in thresholds.gaps(self.act):
            self.ask(" and ".join(gap.clauses), partial(self.gap, gap))

    def ask(self, of: str, question: Callable[[], None]) -> None:
        try:
            question()
        except NotModelled as missing:
            self.unproved(f"{of}: the proofs have no picture of {missing}")
        except Unsettled as unsettled:
            self.unproved(f"{of}: {unsettled}")

    def unproved(self, text: str) -> None:
        if text not in self.proofs.unproved:
            self.proofs.unproved.append(text)

    def add(
        self,
        code: str,
        clauses: tuple[str, ...],
        says: str,
        witness: Witness | None,
        places: list[Problem] | None = None,
    ) -> None:
        found = places if places is not None else [place for clause in clauses for place in self.places.clause(clause)]
        self.proofs.findings.append(Finding(code, clauses, says, tuple(found), witness))

    def shown(self, claim: Condition, rather: Condition) -> Witness | None:
        """A person of whom a claim is true, and if there is one, of whom something else is true as well."""
        return self.search.find(And((claim, rather))) or self.search.find(claim)

    # conditions that no record decides

    def no_register(self) -> None:
        """Comparisons that come out the same for every case record that can be."""
        where: dict[Condition, list[tuple[str, Condition]]] = {}
        for name, condition in self.act.terms.items():
            for atom in _own_atoms(condition):
                where.setdefault(atom, []).append((f"terms.{name}", atom))
        for clause in claims.clauses(self.act):
            for atom in _own_atoms(clause.condition) if clause.condition is not None else ():
                where.setdefault(atom, []).append((clause.id, atom))
        for atom, found in where.items():
            self.ask(rules.show(atom), partial(self.same_for_all, atom, found))

    def same_for_all(self, atom: Condition, found: list[tuple[str, Condition]]) -> None:
        if isinstance(atom, rules.LawOpen | rules.Listed | rules.IsKnown):
            return
        wrapped = _of_some_offence(atom)
        can_hold, can_fail = self.search.possible(wrapped), self.search.possible(_of_some_offence(Not(atom)))
        if can_hold and can_fail:
            return
        self.constant.add(atom)
        places = [
            place
            for name, one in found
            for place in (
                self.places.term(name.removeprefix("terms."), one)
                if name.startswith("terms.")
                else self.places.part(name, one)
            )
        ]
        never = (
            f"no case record meets {rules.show(atom)}" if can_fail else f"every case record meets {rules.show(atom)}"
        )
        witness = self.search.find(_of_some_offence(Not(atom)) if can_fail else wrapped)
        self.add("no_register", self.users(found), never, witness, places)

    def users(self, found: list[tuple[str, Condition]]) -> tuple[str, ...]:
        """The clauses that use a condition, by themselves or through a named one."""
        atoms = {atom for _, atom in found}
        return tuple(
            clause.id
            for clause in claims.clauses(self.act)
            if clause.condition is not None and atoms & set(rules.atoms(clause.condition))
        )

    # clauses without effect

    def never_applies(self, clause: claims.Clause) -> None:
        """A clause whose condition nobody meets, or a grant that its exclusions always take away."""
        stands = list(claims.parts(claims.met(clause)))
        needed = [part for part, _ in stands]
        core = self.search.together(needed)
        if core is not None:
            self.dead.add(clause.id)
            self.met_by_nobody.add(clause.id)
            contrary = [needed[place] for place in core]
            if len(contrary) == 1 and set(rules.atoms(contrary[0])) & self.constant:
                return
            written = dict.fromkeys(stands[place][1] for place in core)
            places = [place for part in written for place in self.places.part(clause.id, part)]
            says = f"nobody meets {' and '.join(_bracketed(part) for part in contrary)}"
            rest = [part for part in needed if part is not contrary[-1]]
            nearly = And((*_joined_as_far(self.search, rest), Not(contrary[-1])))
            shown = self.shown(nearly, Not(claims.granted(self.act)))
            self.add("never_applies", (clause.id,), says, shown, places)
        elif isinstance(clause, Grant):
            barring = [claims.met(one) for one in claims.limiting(self.act, clause)]
            core = self.search.without(claims.met(clause), barring)
            if core is not None:
                self.dead.add(clause.id)
                bars = [claims.limiting(self.act, clause)[place] for place in core]
                says = f"whoever meets it is taken out by {_listed([one.id for one in bars])}"
                claim = And((claims.met(clause), Or(tuple(claims.met(one) for one in bars))))
                shown = self.shown(claim, claims.excluded(self.act))
                self.add("never_applies", (clause.id, *(one.id for one in bars)), says, shown)
        elif isinstance(clause, Reservation) and not self.concerns_somebody(clause):
            says = "nobody who meets it can have a grant that it concerns"
            self.add("never_applies", (clause.id,), says, self.search.find(claims.met(clause)))

    def concerns_somebody(self, clause: Reservation) -> bool:
        if clause.condition is not None and len(clause.limits) == len(self.act.grants):
            return True
        live = tuple(claims.given(self.act, grant) for grant in self.act.grants if grant.id in clause.limits)
        return self.search.possible(And((claims.met(clause), Or(live))))

    def covered_grant(self, grant: Grant) -> None:
        """A grant whose every case another grant covers, with a relief at least as favourable."""
        if grant.id in self.dead:
            return
        rank = self.act.favour_rank
        others = [one for one in self.act.grants if one.id != grant.id and self.at_least(one, grant)]
        own = claims.given(self.act, grant)
        core = self.search.without(own, [claims.given(self.act, one) for one in others])
        if core is None:
            return
        by = [others[place] for place in core]
        if len(by) == 1 and self.is_twin(grant, by[0]):
            return
        shown = self.search.find(And((own, Or(tuple(claims.given(self.act, one) for one in by)))))
        says = f"whoever is given it is given {_listed([one.id for one in by], 'or')} as well"
        if any(rank(one.relief) < rank(grant.relief) for one in by):
            says += ", with a more favourable relief"
        self.add("always_covered", (grant.id, *(one.id for one in by)), says, shown)

    def at_least(self, one: Grant, other: Grant) -> bool:
        """One relief is more favourable than another, or the very same; of two without an order neither is."""
        mine, theirs = self.act.favour_rank(one.relief), self.act.favour_rank(other.relief)
        return mine < theirs or (mine == theirs and _terms(one) == _terms(other))

    def is_twin(self, grant: Grant, other: Grant) -> bool:
        """Of two grants that cover the same people with the same relief, the later one is told."""
        ids = [one.id for one in self.act.grants]
        if not self.at_least(grant, other) or ids.index(grant.id) > ids.index(other.id):
            return False
        own = claims.given(self.act, other)
        return self.search.without(own, [claims.given(self.act, grant)]) is not None

    def effect_of(self, exclusion: Exclusion) -> None:
        """An exclusion that never meets a grant, or that others always spare the work."""
        if exclusion.id in self.dead:
            return
        limited = [
            grant for grant in self.act.grants if grant.id in exclusion.limits and grant.id not in self.met_by_nobody
        ]
        hits = Or(tuple(And((claims.met(grant), claims.met(exclusion))) for grant in limited))
        if not self.search.possible(hits):
            says = f"nobody who meets it meets {_listed([grant.id for grant in limited], 'or')}"
            shown = self.search.find(claims.met(exclusion))
            self.add("never_bites", (exclusion.id,), says, shown)
            return
        others = [one for one in self.act.exclusions if one.id != exclusion.id]
        core = self.search.needed_beside(
            [
                (
                    And((claims.met(grant), claims.met(exclusion))),
                    [one.id in self.act.limiting[grant.id] for one in others],
                )
                for grant in limited
            ],
            [claims.met(one) for one in others],
        )
        if core is None:
            return
        by = [others[place] for place in core]
        if len(by) == 1 and self.same_exclusions(exclusion, by[0]):
            return
        shown = self.shown(And((hits, Or(tuple(claims.met(one) for one in by)))), claims.excluded(self.act))
        says = f"every grant that it takes away is taken away by {_listed([one.id for one in by], 'or')} as well"
        self.add("always_covered", (exclusion.id, *(one.id for one in by)), says, shown)

    def same_exclusions(self, exclusion: Exclusion, other: Exclusion) -> bool:
        """Of two exclusions that do the same, the later one is told."""
        ids = [one.id for one in self.act.exclusions]
        if ids.index(exclusion.id) > ids.index(other.id) or exclusion.limits != other.limits:
            return False
        return self.search.without(claims.met(other), [claims.met(exclusion)]) is not None

    def exceptions_of(self, exclusion: Exclusion) -> None:
        """A grant that an exclusion spares, and that it would take from nobody."""
        for pattern, places in self.places.exceptions(exclusion.id):
            spared = [one for one in self.act.grants if fnmatchcase(one.id, pattern) and one.id not in exclusion.limits]
            if not spared or exclusion.id in self.dead:
                continue
            if self.search.possible(
                Or(tuple(And((claims.given(self.act, one), claims.met(exclusion))) for one in spared))
            ):
                continue
            meets = Or(tuple(And((claims.met(one), claims.met(exclusion))) for one in spared))
            if self.search.possible(meets):
                says = f"whoever {exclusion.id} would take {pattern} from loses it to another exclusion anyhow"
                shown = self.shown(meets, claims.excluded(self.act))
            else:
                says = f"nobody who meets {exclusion.id} meets {_listed([one.id for one in spared], 'or')}"
                shown = self.search.find(claims.met(exclusion))
            self.add("spares_nobody", (exclusion.id, *(one.id for one in spared)), says, shown, places)

    # grants against each other

    def no_order(self) -> None:
        """Grants of one rank of favour whose reliefs differ, and which one person can have together."""
        told: dict[frozenset[str], list[tuple[Grant, Grant]]] = {}
        for first, second in combinations(self.act.grants, 2):
            same = self.act.favour_rank(first.relief) == self.act.favour_rank(second.relief)
            kinds = frozenset((repr(_terms(first)), repr(_terms(second))))
            if same and len(kinds) == 2 and self.search.possible(self.both(first, second)):
                told.setdefault(kinds, []).append((first, second))
        for pairs in told.values():
            first, second = pairs[0]
            found = {grant.id for pair in pairs for grant in pair}
            clauses = tuple(grant.id for grant in self.act.grants if grant.id in found)
            says = (
                f"one person can be given {first.id} ({_relief_in_words(first)}) and {second.id} "
                f"({_relief_in_words(second)}); the order of the file decides, not the act"
            )
            self.add("no_order", clauses, says, self.search.find(self.both(first, second)))

    def both(self, first: Grant, second: Grant) -> Condition:
        return And((claims.given(self.act, first), claims.given(self.act, second)))

    def gap(self, gap: thresholds.Gap) -> None:
        """Two people who differ in one value are covered on either side of a third, who is not."""
        low, high = (self.search.another({gap.field: mark}) for mark in ("'", "''"))
        middle = self.search.person
        below, above = gap.sides(self.act)
        between = And((gap.within, gap.outcome(self.act)))
        asked = [(middle, between), (low, And((gap.under, below))), (high, And((gap.over, above)))]
        shown = self.search.find_all(asked)
        if shown is not None:
            places = [place for clause, part in gap.parts for place in self.places.part(clause, part)]
            self.add("gap", gap.clauses, gap.says, shown, places)


def _own_atoms(condition: Condition) -> Iterator[Condition]:
    """The leaves of a rule, without those of the named conditions that it uses."""
    if isinstance(condition, rules.ATOMS):
        yield condition
    if not isinstance(condition, rules.Term):
        for child in rules.children(condition):
            yield from _own_atoms(child)


def _of_some_offence(condition: Condition) -> Condition:
    """A test of one offence becomes a test of a case."""
    of_offence = any(name.of_offence for atom in rules.atoms(condition) for name in rules.names_read(atom))
    return rules.AnyOffence(condition) if of_offence else condition


def _joined_as_far(search: Search, wanted: list[Condition]) -> list[Condition]:
    """As many of several conditions as can hold together, the first ones first."""
    kept: list[Condition] = []
    for condition in wanted:
        if search.possible(And((*kept, condition))):
            kept.append(condition)
    return kept


def _terms(grant: Grant) -> dict[str, Any]:
    return {"kind": grant.relief.kind, **grant.relief.terms()}


def _relief_in_words(grant: Grant) -> str:
    texts = {name: value["en"] for name, value in grant.relief.terms().items() if name == "after"}
    terms = ", ".join(f"{name} {value}" for name, value in {**grant.relief.terms(), **texts}.items())
    return f"{grant.relief.kind}: {terms}" if terms else grant.relief.kind


def _bracketed(part: Condition) -> str:
    text = rules.show(part)
    return f"({text})" if isinstance(part, And | Or) else text


def _listed(ids: list[str], word: str = "and") -> str:
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} {word} {ids[-1]}" if ids else "a grant"
