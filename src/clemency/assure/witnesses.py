"""People who show a claim: found by the solver, confirmed by the interpreter, and stripped of all that is not needed.

A model of the solver becomes a case record. It counts only when the interpreter says the same of that record; one that
it does not confirm is set aside, and another is sought. Then every field is left out whose absence changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import z3

from clemency.assure.articles import ArticleClass
from clemency.assure.model import (
    LAW_IS_READ,
    MOST_MODELLED,
    OffenceVariables,
    PersonModel,
    TracedModel,
    offences_needed,
)
from clemency.assure.solver import Unsettled
from clemency.determine import diagram
from clemency.determine.interpreter import Inquiry, category_readings, determine_case, under
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition, Listed
from clemency.law.vocabulary import CASE_FIELDS, CATEGORIES, FORM, GUILT, Kind, ValueType
from clemency.records.record import known_facts, read_record

CASE_ID = "synthetic-1"
_TRIES = 12
#: How hard the solver tries at one question, in its own unit of work, so that every machine answers alike: some five
#: seconds, forty times what the hardest question about an act of the library takes.
_EFFORT = 40_000_000
#: Of the solver's ways with numbers the older one: on acts it is three times as quick.
_SIMPLEX = 2
Plain = dict[str, Any]


@dataclass(frozen=True)
class Witness:
    """A minimal invented person, or several who differ in one value, with the readings of open law that it takes.

    `shown` is what `clemency determine` says of each.
    """

    records: tuple[Plain, ...]
    law: Mapping[str, Any]
    shown: tuple[Plain, ...]

    def as_json(self) -> Plain:
        """Plain data."""
        return {"cases": list(self.records), "law": dict(self.law), "determinations": list(self.shown)}


Asked = Sequence[tuple[PersonModel, Condition]]


class Search:
    """Looks for people under one act."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.needed = offences_needed(act.conditions())
        self.facts = known_facts(act)
        self.person = self.another({})
        self.solver = z3.Solver()
        self.solver.set("rlimit", _EFFORT)
        self.solver.set("arith.solver", _SIMPLEX)
        self._told: dict[int, int] = {}

    @property
    def exact(self) -> bool:
        """Whether what is proved holds for any number of offences."""
        return self.needed <= MOST_MODELLED

    def another(self, apart: Mapping[str, str]) -> PersonModel:
        """Another person, who differs from the first only in the fields named."""
        return PersonModel(self.act, min(self.needed, MOST_MODELLED), apart)

    def find(self, claim: Condition) -> Witness | None:
        """A minimal person of whom a claim is true; none where there is no such person, whatever the open law says."""
        return self.find_all([(self.person, claim)])

    def find_all(self, asked: Asked) -> Witness | None:
        """People of each of whom its claim is true. Raises Unsettled where that cannot be told."""
        formulas = [person.truth(claim).yes for person, claim in asked]
        doubtful = False
        for extra in self._tiers([person for person, _ in asked]):
            self._tell([person for person, _ in asked])
            self.solver.push()
            try:
                self.solver.add(*formulas, *extra)
                found, doubted = self._confirmed(asked)
            finally:
                self.solver.pop()
            if found is not None:
                return found
            doubtful = doubted
        if doubtful:
            raise Unsettled("no person that the solver names is confirmed by the interpreter")
        return None

    def possible(self, claim: Condition) -> bool:
        """Whether there is a person of whom a claim is true, under some reading of the open law."""
        return self.without(claim, ()) is None

    def without(self, claim: Condition, denied: Sequence[Condition]) -> tuple[int, ...] | None:
        """Which of several conditions cannot all be false where a claim is true: as few as will do, by their place.

        Nothing where they can.
        """
        truths = [self.person.truth(one) for one in denied]
        return self._core(self.person.truth(claim).yes, [z3.Not(truth.yes) for truth in truths])

    def needed_beside(
        self, hits: Sequence[tuple[Condition, Sequence[bool]]], denied: Sequence[Condition]
    ) -> tuple[int, ...] | None:
        """Which of several conditions cannot all be false where some hit is true: as few as will do, by their place.

        Each hit says which of the conditions stand beside it; the others do not bear on it.
        """
        truths = [self.person.truth(one) for one in denied]
        marks = [z3.Bool(f"part {place}") for place in range(len(denied))]
        formulas = []
        for hit, beside in hits:
            bearing = [place for place, bears in enumerate(beside) if bears]
            spared = [z3.Implies(marks[place], z3.Not(truths[place].yes)) for place in bearing]
            formulas.append(z3.And(self.person.truth(hit).yes, *spared))
        return self._core(z3.Or(formulas), [z3.BoolVal(True)] * len(denied))

    def together(self, needed: Sequence[Condition]) -> tuple[int, ...] | None:
        """Which of several conditions cannot all be true together: as few as will do. Nothing where they can."""
        return self._core(z3.BoolVal(True), [self.person.truth(one).yes for one in needed])

    def clauses_behind(self, denial: Condition) -> tuple[str, ...]:
        """From which clauses it follows that something cannot be, given what holds of every case record."""
        person = TracedModel(self.act, self.person.count)
        impossible = person.truth(denial).yes
        names = list(person.definitions)
        self._tell([person])
        core = self._core(impossible, [person.definitions[name] for name in names])
        return tuple(names[place] for place in core or ())

    def _core(self, claim: Any, parts: Sequence[Any]) -> tuple[int, ...] | None:
        self._tell([self.person])
        marks = [z3.Bool(f"part {place}") for place in range(len(parts))]
        self.solver.push()
        try:
            self.solver.add(
                claim, LAW_IS_READ, *(z3.Implies(mark, part) for mark, part in zip(marks, parts, strict=True))
            )
            if self._check(marks) == z3.sat:
                return None
            needed = self._least(marks)
        finally:
            self.solver.pop()
        return tuple(place for place, mark in enumerate(marks) if mark in needed)

    def _least(self, marks: list[Any]) -> list[Any]:
        """Parts of which none can be left out; later ones are tried first."""
        core = [str(mark) for mark in self.solver.unsat_core()]
        needed = [mark for mark in marks if str(mark) in core]
        for mark in reversed(list(needed)):
            fewer = [one for one in needed if one is not mark]
            if self._check(fewer) == z3.unsat:
                needed = fewer
        return needed

    def _check(self, assumed: Sequence[Any] = ()) -> Any:
        answer = self.solver.check(*assumed)
        if answer == z3.unknown:
            raise Unsettled(f"the solver gave up ({self.solver.reason_unknown()})")
        return answer

    def _tell(self, people: Sequence[PersonModel]) -> None:
        """Tell the solver what has to hold of everybody, as far as it was not told."""
        for person in people:
            told = self._told.get(id(person), 0)
            self.solver.add(*person.invariants[told:])
            self._told[id(person)] = len(person.invariants)

    def _tiers(self, people: Sequence[PersonModel]) -> Iterator[list[Any]]:
        """First people for whom open law does not matter, ordinary ones before others; then ordinary ones; then any."""
        natural = [one for person in people for one in person.natural]
        settled = [one for person in people for one in person.settled_law]
        yield [*natural, *settled, z3.Not(LAW_IS_READ)]
        yield [*settled, z3.Not(LAW_IS_READ)]
        yield [*natural, *settled, LAW_IS_READ]
        yield [*natural, LAW_IS_READ]
        yield [LAW_IS_READ]

    def _confirmed(self, asked: Asked) -> tuple[Witness | None, bool]:
        doubted = False
        for _ in range(_TRIES):
            if self._check() == z3.unsat:
                return None, doubted
            model = self.solver.model()
            records = [record_of(person, model) for person, _ in asked]
            law = {key: value for person, _ in asked for key, value in law_of(person, model).items()}
            confirmation = Confirmation(self.act, [claim for _, claim in asked], self.facts)
            if confirmation.holds(records, law):
                return confirmation.least(records, law), doubted
            doubted = True
            self.solver.add(z3.Or([variable != value for variable, value in _values(asked, model)]))
        return None, doubted


def _law_items(act: Act) -> list[str]:
    found = {
        atom.item
        for condition in act.conditions()
        for atom in rules.atoms(condition)
        if isinstance(atom, rules.LawOpen)
    }
    return sorted(found)


def _values(asked: Asked, model: Any) -> Iterator[tuple[Any, Any]]:
    for person, _ in asked:
        variables = list(person.fields.values())
        variables += [one for offence in person.offences for one in (offence.kind, offence.guilt, offence.form)]
        variables += [offence.committed_on for offence in person.offences]
        yield from ((variable, model.eval(variable, model_completion=True)) for variable in variables)


# --- from the solver to a record ------------------------------------------------------------------------------


def record_of(person: PersonModel, model: Any) -> Plain:
    """A model of the solver as a case record, with every field that the act reads."""
    record: Plain = {"case_id": CASE_ID}
    facts: Plain = {}
    for name, variable in person.fields.items():
        if name == "offence_count" or not _is_stated(person, model, name):
            continue
        value = _value(person, person.types[name], model.eval(variable, model_completion=True))
        (record if name in CASE_FIELDS else facts)[name] = value
    if person.offences and _is_stated(person, model, "offences", "offence_count"):
        record["offences"] = _offences(person, model)
    if facts:
        record["facts"] = facts
    return record


def _is_stated(person: PersonModel, model: Any, name: str, asked_as: str = "") -> bool:
    if (asked_as or name) not in person.asked_known:
        return True
    flag = z3.Bool(f"{name}{person.apart.get(name, '')} stated")
    return bool(z3.is_true(model.eval(flag, model_completion=True)))


def _value(person: PersonModel, kind: ValueType, value: Any) -> Any:
    match kind.kind:
        case Kind.BOOLEAN:
            return z3.is_true(value)
        case Kind.ENUMERATION:
            return kind.values[value.as_long()]
        case Kind.TEXT:
            place = value.as_long()
            return person.texts[place] if place < len(person.texts) else f"another {place - len(person.texts) + 1}"
        case Kind.DATE:
            return date.fromordinal(value.as_long()).isoformat()
    exact = value.as_fraction() if z3.is_rational_value(value) else value.as_long()
    return int(exact) if int(exact) == exact else float(exact)


def _offences(person: PersonModel, model: Any) -> list[Plain]:
    each = [_offence(person, one, model) for one in person.offences]
    count = person.fields.get("offence_count")
    if count is not None:
        wanted = model.eval(count, model_completion=True).as_long()
        return [*each, *([each[0]] * wanted)][:wanted] if wanted > len(each) else each[:wanted]
    return [one for place, one in enumerate(each) if one not in each[:place]]


def _offence(person: PersonModel, one: OffenceVariables, model: Any) -> Plain:
    def chosen(variable: Any) -> int:
        return int(model.eval(variable, model_completion=True).as_long())

    kind = person.classes[chosen(one.kind)]
    plain: Plain = {"article": kind.member(one.place)}
    if kind.guilt is None and "offences.guilt" in person.read:
        plain["guilt"] = GUILT.values[chosen(one.guilt)]
    if "offences.form" in person.read:
        plain["form"] = FORM.values[chosen(one.form)]
    if "offences.committed_on" in person.read:
        plain["committed_on"] = date.fromordinal(chosen(one.committed_on)).isoformat()
    left_out = [name for name, flag in one.stated.items() if not z3.is_true(model.eval(flag, model_completion=True))]
    return {name: value for name, value in plain.items() if name not in left_out}


def law_of(person: PersonModel, model: Any) -> Plain:
    """How a model of the solver reads the open law: by the names that the interpreter gives to its points."""
    law: Plain = {}
    for item in _law_items(person.act):
        law[item] = bool(z3.is_true(model.eval(z3.Bool(f"law:{item}"), model_completion=True)))
    for one in person.offences:
        kind = person.classes[model.eval(one.kind, model_completion=True).as_long()]
        law |= _law_of_offence(person.act, one, kind, model)
    return law


def _law_of_offence(act: Act, one: OffenceVariables, kind: ArticleClass, model: Any) -> Plain:
    law: Plain = {}
    article = kind.member(one.place)
    if len(kind.categories) > 1:
        category = model.eval(one.category, model_completion=True).as_long()
        law[f"category:{category_readings(article, act.code)[1]}"] = CATEGORIES[category]
    for test, told in kind.named.items():
        if told is None and isinstance(test, Listed):
            entry = next(entry for entry in test.uncertain if under(act.code, article, entry))
            key = f"listed:{test.exclusion}:{act.code.id if act.code else ''}:{entry}"
            law[key] = bool(z3.is_true(model.eval(one.named[test], model_completion=True)))
    return law


# --- what the interpreter says of it --------------------------------------------------------------------------


class Confirmation:
    """Asks the interpreter whether claims are true of records, and strips the records of what is not needed."""

    def __init__(self, act: Act, claims: Sequence[Condition], facts: Mapping[str, ValueType]) -> None:
        self.act, self.claims, self.facts = act, claims, facts

    def holds(self, records: Sequence[Plain], law: Mapping[str, Any]) -> bool:
        """Whether every claim is true of its record, whatever the record leaves out, where the law reads so."""
        return all(self._holds(record, claim, law) for record, claim in zip(records, self.claims, strict=True))

    def _holds(self, record: Plain, claim: Condition, law: Mapping[str, Any]) -> bool:
        inquiry = Inquiry(read_record(record, self.facts), self.act)
        if inquiry.contradictions:
            return False
        found, store = inquiry.examine(claim)[0], inquiry.store
        readings = []
        for level in store.support(found):
            one = inquiry.open[level]
            if one.key in law:
                cells = inquiry.cells_of(one)
                chosen = tuple(diagram.TRUE if cell == law[one.key] else diagram.FALSE for cell in cells)
                readings.append(store.choice(level, chosen))
        return store.either([store.negate(store.every(readings)), found]) == diagram.TRUE

    def decides(self, record: Plain) -> bool:
        """Whether the answer about a record waits for nothing."""
        return determine_case(record, self.act, self.facts).outcome != "undetermined"

    def least(self, records: Sequence[Plain], law: Mapping[str, Any]) -> Witness:
        """The records with every field left out that the claims do without, and the readings of law they need.

        Where the whole record decides a case, what is left of it does.
        """
        records, needed = list(records), dict(law)
        for item in law:
            fewer_items = {key: value for key, value in needed.items() if key != item}
            if self.holds(records, fewer_items):
                needed = fewer_items
        decided = [self.decides(record) for record in records]
        for leave_out in self._removals(records):
            fewer = [leave_out(record) for record in records]
            if fewer == records or not self.holds(fewer, needed):
                continue
            if all(self.decides(record) for record, was in zip(fewer, decided, strict=True) if was):
                records = fewer
        shown = tuple(shown_of(record, self.act, self.facts) for record in records)
        return Witness(tuple(records), needed, shown)

    def _removals(self, records: Sequence[Plain]) -> Iterator[Any]:
        read = {name.name for claim in self.claims for atom in rules.atoms(claim) for name in rules.names_read(atom)}
        fields = list(dict.fromkeys(name for record in records for name in record if name not in ("case_id", "facts")))
        facts = list(dict.fromkeys(name for record in records for name in record.get("facts", {})))
        unread = {name for name in (*fields, *facts) if name not in read and name != "offences"}
        yield lambda record: _without(record, unread)
        for name in (*facts, *fields):
            yield lambda record, name=name: _without(record, {name})
        places = max((len(record.get("offences", ())) for record in records), default=0)
        for place in reversed(range(places)):
            yield lambda record, place=place: _without_offence(record, place)
        for place in reversed(range(places)):
            for name in ("form", "committed_on", "guilt", *self._articles_do_not_matter()):
                yield lambda record, place=place, name=name: _without_of_offence(record, place, name)

    def _articles_do_not_matter(self) -> tuple[str, ...]:
        """An offence keeps its article where any rule of the act looks at articles or what follows from them."""
        atoms = [atom for condition in self.act.conditions() for atom in rules.atoms(condition)]
        told = {name.name for atom in atoms for name in rules.names_read(atom) if name.of_offence}
        listed = any(isinstance(atom, Listed) for atom in atoms)
        return () if listed or told & {"article", "category", "guilt"} else ("article",)


def _without(record: Plain, left_out: set[str]) -> Plain:
    kept = {name: value for name, value in record.items() if name not in left_out}
    if "facts" in kept:
        kept["facts"] = {name: value for name, value in kept["facts"].items() if name not in left_out}
        if not kept["facts"]:
            del kept["facts"]
    return kept


def _without_offence(record: Plain, place: int) -> Plain:
    offences = record.get("offences", [])
    if place >= len(offences) or len(offences) == 1:
        return record
    return {**record, "offences": [*offences[:place], *offences[place + 1 :]]}


def _without_of_offence(record: Plain, place: int, name: str) -> Plain:
    offences = list(record.get("offences", []))
    if place >= len(offences) or name not in offences[place]:
        return record
    offences[place] = {key: value for key, value in offences[place].items() if key != name}
    return {**record, "offences": offences}


def shown_of(record: Plain, act: Act, facts: Mapping[str, ValueType]) -> Plain:
    """What the determination of a record says, as far as a reader of a finding looks at it."""
    answer = determine_case(record, act, facts).as_json()
    told = ("outcome", "relief", "relief_terms", "grant", "grants", "exclusions", "reservations", "missing")
    return {name: answer[name] for name in told if answer[name]}
