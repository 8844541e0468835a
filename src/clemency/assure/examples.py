"""Examples of an act: a small set of invented people that shows all that can be shown, as cases a lawyer signs.

The people are found by the solver, each as small as can be: what a case does not state changes nothing of what it
shows. A person whom the solver says cannot be is proved not to be. What the examples show is then held against the
interpreter: a case shows an obligation only where its answer would be another one were the act written differently.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from clemency.assure.coverage import Coverage, Covering, coverage, describe, shows_of, together, unknown_level
from clemency.assure.obligations import (
    CLAUSE,
    OUTCOME,
    Obligation,
    Obligations,
    Standing,
    Unknown,
    clause_of_place,
    names_stated,
)
from clemency.assure.solver import NotModelled, Unsettled, need_solver
from clemency.assure.variations import Variation
from clemency.determine.interpreter import determine_case, under
from clemency.determine.worked import SIGNATURE, each_case, is_signed, read_worked_case
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, NotInForce, Reservation, days_of_change
from clemency.law.rules import And, Condition, Or
from clemency.law.source import Problem, SourceErrors
from clemency.law.vocabulary import CASE_FIELDS
from clemency.records.files import atomic_path
from clemency.records.record import RecordErrors, read_record

need_solver()

from clemency.assure.witnesses import Search  # noqa: E402

PREFIX = "generated-"
_TITLE, _SLUG, _TOLD, _BASES, _PEOPLE, _ROUNDS = 160, 70, 8, 12, 30, 4
Plain = dict[str, Any]
Say = Callable[[str], None]
Cases = Mapping[str, Mapping[str, Any]]


@dataclass
class Example:
    """One generated case: the worked case as plain data, and what it shows that no other case shows as well."""

    worked: Plain
    shows: list[Obligation] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{PREFIX}{self.worked['case']['case_id']}.yaml"


@dataclass
class Examples:
    """The examples that an act still needs beside the cases given, and how much all of them show."""

    examples: list[Example]
    coverage: Coverage


def examples_of(act: Act, given: Cases, say: Say = lambda _: None) -> Examples:
    """The examples that show what the cases given (by name) do not show, of every edition of the act."""
    found: list[Examples] = []
    names: set[str] = set()
    for edition in editions(act, given):
        generator = Generator(edition, say, names)
        generator.run()
        found.append(Examples(generator.made, generator.report()))
    examples = [example for one in found for example in one.examples]
    whole = together(act, (one.coverage for one in found), len(given) + len(examples))
    return Examples(examples, whole)


def coverage_of(act: Act, cases: Cases, say: Say = lambda _: None) -> Coverage:
    """How much of an act its cases show, of all that any person can show."""
    found = []
    for edition in editions(act, cases):
        generator = Generator(edition, say)
        generator.run()
        found.append(generator.report_given())
    return together(act, found, len(cases))


@dataclass(frozen=True)
class Edition:
    """An act as it stands from a day, the cases that ask it, and the last edition, beside which it is shown."""

    act: Act
    cases: Cases
    as_of: date | None = None
    beside: Act | None = None


def editions(act: Act, cases: Cases) -> Iterator[Edition]:
    """The act as it stands last, and before it as it stood from every day on which it changed."""
    asked: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, worked in cases.items():
        standing = act.as_of(worked["as_of"]) if "as_of" in worked else act
        asked.setdefault(standing.version, {})[name] = worked
    yield Edition(act, asked.get(act.version, {}))
    for day in days_of_change(act):
        try:
            earlier = act.as_of(day)
        except NotInForce:
            continue
        if earlier.version != act.version:
            yield Edition(earlier, asked.get(earlier.version, {}), day, act)


class _Wider(Search):
    """A search among people with one offence more than the rules need, so that one of several can differ."""

    def __init__(self, act: Act) -> None:
        super().__init__(act)
        self.needed += 1
        self.person = self.another({})


class Generator:
    """Finds the examples that an act needs beside the cases given, and proves of what there can be none."""

    def __init__(self, edition: Edition, say: Say, names: set[str] | None = None) -> None:
        self.act, self.given, self.say = edition.act, edition.cases, say
        self.as_of = edition.as_of
        self.of = Obligations(edition.act, edition.beside)
        self.covering = Covering(self.of)
        self.search = _Wider(self.of.settled)
        self.best: dict[Obligation, int] = {}
        self.unproved: set[Obligation] = set()
        self.made: list[Example] = []
        self.solved_of_class: dict[Any, tuple[bool, list[tuple[int, Plain]]]] = {}
        self._listed: dict[str, list[Plain]] = {}
        self.titles = {str(worked.get("title")) for worked in self.given.values()}
        self.fixed: dict[Obligation, tuple[int, str]] = {}
        self.names = set() if names is None else names
        self.names |= {name.removeprefix(PREFIX).removesuffix(".yaml") for name in self.given}

    def take_given(self) -> None:
        """See what the cases given show."""
        for place, (name, worked) in enumerate(self.given.items()):
            self.say(f"case {place + 1} of {len(self.given)}")
            self.covering.take(name, worked)
        self.fixed = dict(self.covering.met)

    def run(self) -> None:
        """Find an example of everything that the cases given do not show as well as can be."""
        self.take_given()
        for grant in self.act.grants:
            self.say(f"{grant.id}: questions asked")
            self.asked_of(grant)
        limiting: list[Exclusion | Reservation] = [*self.act.exclusions, *self.act.reservations]
        for one in limiting:
            for kind in ("limit", "exception"):
                self.say(f"{one.id}: {kind}s")
                self.together(one, kind)
        for place, obligation in enumerate(self.of.all):
            self.say(f"{place + 1} of {len(self.of.all)} things to show")
            if self.covering.level(obligation) > OUTCOME:
                self.show(obligation)
        self.month_ends()
        for _ in range(_ROUNDS):
            self.made = self.fewest()
            if not self.look_again():
                break
        self.made = [Example(_with_note(example), example.shows) for example in self.made]

    def look_again(self) -> bool:
        """Among the people kept, look once more for what is not shown as well as might be: whether more was found."""
        everybody = {**self.given, **{example.name: example.worked for example in self.made}}
        self.covering = Covering(self.of)
        for name in sorted(everybody):
            self.covering.take(name, everybody[name])
        before = len(self.made)
        for one in self.of.all:
            if self.covering.level(one) > OUTCOME and (isinstance(one, Unknown) or one in self.unproved):
                self.show(one)
        return len(self.made) > before

    def show(self, one: Obligation) -> None:
        """Find an example of one thing, or the proof that there is none."""
        if isinstance(one, Unknown):
            self.leave_out(one)
        elif one.kind == "list":
            self.article(one)
        else:
            self.solve(one)

    # people that the solver finds

    def asked_of(self, grant: Grant) -> None:
        """One person who has one grant alone, of whom as many questions are asked as can be."""
        others = [rules.Not(given) for name, given in self.of.given.items() if name != grant.id]
        asked = {clause.id for clause in self.act.reservations}
        for _ in range(2):
            left = [
                one
                for one in self.of.variations
                if one.grant == grant.id and one.place in asked and self.covering.level(one) > CLAUSE
            ]
            claim: list[Condition] = [self.of.given[grant.id], *others]
            if not left or not self.can_be(And(tuple(claim))):
                return
            for one in left:
                if self.can_be(And((*claim, self.of.met[one.place]))):
                    claim.append(self.of.met[one.place])
            if not self.found(left[0], And(tuple(claim))):
                return

    def together(self, clause: Exclusion | Reservation, kind: str) -> None:
        """One person with as many grants as can hold together beside a clause, again until none is left to show."""
        for _ in range(len(self.act.grants)):
            left = [
                one
                for one in self.of.variations
                if (one.kind, one.place) == (kind, clause.id) and self.covering.level(one) > CLAUSE
            ]
            if len(left) < 2:
                return
            claim = [self.of.met[clause.id]]
            if kind == "limit" and isinstance(clause, Exclusion):
                for other in self.act.exclusions:
                    freed = And((*claim, rules.Not(self.of.met[other.id])))
                    if other.id != clause.id and self.can_be(freed):
                        claim.append(rules.Not(self.of.met[other.id]))
            taken = []
            for one in left:
                own = self.of.met if kind == "limit" and isinstance(clause, Exclusion) else self.of.given
                if self.can_be(And((*claim, own[one.grant]))):
                    claim.append(own[one.grant])
                    taken.append(one)
            if len(taken) < 2 or not self.found(taken[0], And(tuple(claim))):
                return

    def can_be(self, claim: Condition) -> bool:
        try:
            return self.search.possible(claim)
        except (Unsettled, NotModelled):
            return False

    def solve(self, one: Variation) -> None:
        """The best that any person can show of a variation: the person, or the proof that there is none."""
        for level, goals in self.of.goals(one):
            if level >= self.covering.level(one) or (level > OUTCOME and self.is_open(one)):
                break
            try:
                if self.search.possible(Or(goals)):
                    any(self.found(one, goal) and self.covering.level(one) <= level for goal in goals)
                    if self.covering.level(one) > level:
                        self.unproved.add(one)
            except (Unsettled, NotModelled):
                self.unproved.add(one)
        self.best[one] = self.covering.level(one) if one in self.covering.met else 0
        if one in self.covering.met:
            self.unproved.discard(one)

    def is_open(self, one: Variation) -> bool:
        """Whether a change stands in a grant that may not exist: then it turns the outcome, or nothing that is told."""
        clause = clause_of_place(self.act, one.place)
        return isinstance(clause, Grant) and any(
            isinstance(atom, rules.LawOpen) for atom in rules.atoms(clause.condition)
        )

    def found(self, one: Obligation, claim: Condition) -> bool:
        """A person of whom a claim is true becomes an example, if something is shown by it that was not shown."""
        try:
            witness = self.search.find(claim)
        except (Unsettled, NotModelled):
            return False
        if witness is None:
            return False
        record = {name: value for name, value in witness.records[0].items() if name != "case_id"}
        return self.add(one, with_term(self.ordinary(one, record), self.of))

    def ordinary(self, one: Obligation, record: Plain) -> Plain:
        """A person with ordinary days in place of odd ones, where these show the same."""
        if not isinstance(one, Variation):
            return record
        level, expect = Standing(record, self.of).level(one), expectation(record, self.of)
        for other in _ordinary_days(record, self.act):
            told = {name: value for name, value in expectation(other, self.of).items() if name in _ANSWER}
            same = told == {name: value for name, value in expect.items() if name in _ANSWER}
            if same and Standing(other, self.of).level(one) == level:
                record = other
        return record

    # people made from others

    def leave_out(self, one: Unknown) -> None:
        """What is unknown is shown by a person of whom that one value is left out."""
        clause = clause_of_place(self.act, one.place)
        names = [one.name] if one.kind == "fact" else self.of.names(clause) if clause is not None else []
        chosen: tuple[int, Plain] | None = None
        for case in self.turning_on(one, names) if one.kind != "law" else ():
            for fewer in (without(case, name) for name in names):
                level = unknown_level(one, fewer, self.of) if fewer is not None else 0
                if fewer is not None and level and (chosen is None or level < chosen[0]):
                    chosen = (level, fewer)
            if chosen is not None and chosen[0] == OUTCOME:
                break
        if chosen is not None and chosen[0] < self.covering.level(one):
            self.add(one, chosen[1])
        if one in self.covering.met:
            self.best[one] = self.covering.level(one)
        else:
            self.unproved.add(one)

    def turning_on(self, one: Unknown, names: list[str]) -> list[Plain]:
        """The people whose answer turns on one of some values, by what they show: without it the answer is open."""
        shown: dict[str, int] = {}
        for variation in self.of.variations:
            own = one.kind == "fact" or variation.place == one.place
            if own and variation.part is not None and set(names) & set(names_stated(variation.part)):
                level, name = self.covering.met.get(variation, (CLAUSE, ""))
                shown[name] = min(level, shown.get(name, CLAUSE))
        people = {**self.given, **{example.name: example.worked for example in self.made}}
        ranked = sorted((name for name in shown if name in people), key=lambda name: shown[name])
        return [case for name in ranked[:_PEOPLE] for case in each_case(people[name])[:1]]

    def article(self, one: Variation) -> None:
        """Each article of a list: in place of that of a person whom the list meets, else with a person of its own."""
        entry, written = one.says.removeprefix("without "), _entries(one.part)
        articles = [
            article
            for article in self.precise(entry)
            if not any(under(self.act.code, article, other) for other in written - {entry})
        ]
        for article in articles:
            for case in self.listed(one.place):
                other = with_article(case, article)
                if Standing(other, self.of).level(one) == OUTCOME and self.add(one, other):
                    self.best[one] = OUTCOME
                    return
        solved = [self.article_solved(one, article) for article in articles]
        if not all(solved) and one not in self.covering.met:
            self.unproved.add(one)
        self.best[one] = self.covering.level(one) if one in self.covering.met else 0

    def article_solved(self, one: Variation, article: str) -> bool:
        """Look for a person on whom one article of a list turns something; whether it is settled if there is one."""
        person, test = self.search.person, one.part
        number = next((place for place, kind in enumerate(person.classes) if article in kind.members), None)
        if number is None or not person.offences or test is None:
            return False
        found = self.solved_of_class.get((one.place, one.part, number))
        if found is None:
            first, *others = person.offences
            own = next(test for test in first.named if _same_list(test, one.part))
            self.search.solver.push()
            try:
                self.search.solver.add(first.kind == number, *(other.named[own] == False for other in others))  # noqa: E712
                found = self.search_whole(one)
            finally:
                self.search.solver.pop()
            self.solved_of_class[(one.place, one.part, number)] = found
        settled, people = found
        for level, person_found in people:
            record = self.ordinary(one, with_article(person_found, article))
            if level < self.covering.level(one) and self.add(one, record):
                return True
        return settled

    def search_whole(self, one: Variation) -> tuple[bool, list[tuple[int, Plain]]]:
        """Whether it is settled who shows that a clause applies, and such people, the best first."""
        whole = next(each for each in self.of.variations if (each.kind, each.place) == ("clause", one.place))
        people: list[tuple[int, Plain]] = []
        for level, goals in self.of.goals(whole):
            try:
                witness = self.search.find(Or(goals))
            except (Unsettled, NotModelled):
                return False, people
            if witness is not None:
                record = {name: value for name, value in witness.records[0].items() if name != "case_id"}
                people.append((level, record))
        return True, people

    def listed(self, place: str) -> list[Plain]:
        """The people of one offence whom a clause meets, and who show it best first."""
        if place not in self._listed:
            whole = next(one for one in self.of.variations if (one.kind, one.place) == ("clause", place))
            found: list[tuple[int, int, Plain]] = []
            for case in self.cases():
                of_one = len(case.get("offences") or ()) == 1 and case["offences"][0].get("article")
                if of_one and (level := Standing(case, self.of).level(whole)):
                    found.append((level, len(found), case))
            self._listed[place] = [case for _, _, case in sorted(found, key=lambda one: one[:2])][:_BASES]
        return self._listed[place]

    def precise(self, article: str) -> list[str]:
        """An article, or its parts where it has several."""
        parts = self.act.code.parts_meant(article) if self.act.code else []
        return [article] if len(parts) <= 1 else [part.key for part in parts]

    def cases(self) -> Iterator[Plain]:
        """All cases there are, each by itself, the generated ones first."""
        for worked in (*(example.worked for example in list(self.made)), *self.given.values()):
            yield from (
                {name: value for name, value in case.items() if name != "case_id"} for case in each_case(worked)
            )

    def month_ends(self) -> None:
        """A cut of months from the last day of a long month ends in a shorter one."""
        for grant in self.act.grants:
            if grant.relief.by is None or not grant.relief.by.months or self.clamped(grant.id, self.cases()):
                continue
            for case in self.cases():
                if determine_case({"case_id": "-", **case}, self.act, self.of.facts).grant != grant.id:
                    continue
                clamped = next((one for one in _ends(case, self.act) if self.clamped(grant.id, [one])), None)
                if clamped is not None:
                    measure = next(one for one in self.of.variations if one.grant == one.place == grant.id)
                    self.make(measure, clamped, f"{_title(grant.title, grant.id)}: cut from the end of a month")
                    break

    def clamped(self, grant: str, cases: Iterable[Plain]) -> bool:
        for case in cases:
            if case.get("term_end") is None:
                continue
            answer = determine_case({"case_id": "-", **case}, self.act, self.of.facts)
            before, after = answer.term_end_before, answer.term_end_after
            if answer.grant == grant and before and after and after > self.act.in_force and before.day != after.day:
                return True
        return False

    # examples

    def add(self, one: Obligation, record: Plain) -> bool:
        """A person becomes an example where it shows something better than it was shown before."""
        expect = expectation(record, self.of)
        shown = self.covering.take("", {"case": {"case_id": "-", **record}, "expect": expect})
        if not shown:
            return False
        example = self.make(one if one in shown else shown[0], record)
        example.shows = shown
        for obligation in shown:
            self.covering.met[obligation] = (self.covering.met[obligation][0], example.name)
        return True

    def make(self, one: Obligation, record: Plain, title: str = "") -> Example:
        clause = clause_of_place(self.act, one.place)
        about = _title(clause.title, clause.id) if clause is not None else one.place.partition(".")[2]
        title = title or (f"{self.as_of}, " if self.as_of else "") + _shortened(
            f"{about}: {one.shows}" if about else f"{one.shows[0].upper()}{one.shows[1:]}"
        )
        case = ordered({**record, "case_id": self.named(one)})
        expect = expectation(record, self.of)
        worked: Plain = {
            "title": _unused(title, self.titles),
            "shows": shows_of(self.act, one, expect),
            "synthetic": True,
            **({"as_of": self.as_of} if self.as_of else {}),
            "case": case,
            "expect": expect,
        }
        self.titles.add(str(worked["title"]))
        example = Example(worked)
        self.made.append(example)
        return example

    def named(self, one: Obligation) -> str:
        words = re.sub(r"[^a-z0-9]+", "-", f"{one.place or one.kind} {one.shows}".lower()).strip("-")
        name, number = words[:_SLUG].rstrip("-"), 1
        while name in self.names:
            number += 1
            name = f"{words[:_SLUG].rstrip('-')}-{number}"
        self.names.add(name)
        return name

    # the fewest

    def fewest(self) -> list[Example]:
        """Of the examples made as few as show the same; like ones that differ in an article alone become one."""
        before = {one: level for one, (level, _) in self.fixed.items()}
        wanted = {one: level for one, (level, _) in self.covering.met.items() if before.get(one, level + 1) > level}
        shown: dict[int, set[Obligation]] = {}
        for place, example in enumerate(self.made):
            fresh = Covering(self.of)
            fresh.met = {one: (OUTCOME, "") for one in self.of.all if one not in wanted}
            fresh.take("", example.worked)
            shown[place] = {one for one, level in wanted.items() if fresh.level(one) <= level}
        kept, left = [], set(wanted)
        ends = {place for place, example in enumerate(self.made) if not example.shows}
        while left:
            place = max(shown, key=lambda one: (len(shown[one] & left), -one), default=-1)
            if place < 0 or not shown[place] & left:
                break
            self.made[place].shows = [one for one in self.of.all if one in shown[place] & left]
            left -= shown[place]
            kept.append(place)
        return _joined([self.made[place] for place in sorted({*kept, *ends})])

    def report_given(self) -> Coverage:
        """How much the cases given show of all that can be shown."""
        covering = Covering(self.of)
        covering.met = dict(self.fixed)
        best = self.best | {one: level for one, (level, _) in self.covering.met.items()}
        return coverage(self.act, covering, best, self.unproved - set(self.covering.met), len(self.given))

    def report(self) -> Coverage:
        """How much the cases given and the examples kept show together."""
        covering = Covering(self.of)
        covering.met = dict(self.fixed)
        for example in self.made:
            covering.take(example.name, example.worked)
        return coverage(self.act, covering, self.best, self.unproved, len(self.given) + len(self.made))


# --- records --------------------------------------------------------------------------------------------------


def expectation(record: Mapping[str, Any], of: Obligations) -> Plain:
    """What a worked case expects: all that the act says of a record."""
    answer = determine_case({"case_id": "-", **record}, of.act, of.facts).as_json()
    expect: Plain = {name: answer[name] for name in ("outcome", "relief")}
    if answer["grant"]:
        expect["grant"] = answer["grant"]
    if answer["relief_terms"]:
        expect["relief_terms"] = answer["relief_terms"]
    expect |= {name: answer[name] for name in ("grants", "exclusions", "reservations")}
    if answer["outcome"] == "undetermined":
        kinds = ("fact", "law")
        missing = {kind: sorted({item["name"] for item in answer["missing"] if item["kind"] == kind}) for kind in kinds}
        expect["missing"] = {kind: found for kind, found in missing.items() if found}
    if answer["outcome"] == "granted":
        expect["could_improve"] = [better["grant"] for better in answer["could_improve"]]
    for name in ("term_end_after", "days_remitted"):
        if answer[name] is not None:
            expect[name] = date.fromisoformat(answer[name]) if name == "term_end_after" else answer[name]
    return expect


def with_term(record: Plain, of: Obligations) -> Plain:
    """A record with a term where the relief stated is counted on one; nothing else of the answer changes."""
    answer = determine_case({"case_id": "-", **record}, of.act, of.facts)
    if (
        answer.relief is None
        or answer.term_end_after
        or answer.relief.kind not in ("reduce", "release_point", "replace")
    ):
        return record
    year = of.act.in_force.year
    served = {"term_months": 65, "term_days": 0, "credit_days": 0}
    fills: list[Plain] = [
        {"term_end": f"{year + 2}-08-31"},
        {"punishment": "imprisonment", **served, "term_start": f"{year - 1}-03-01"},
        {"punishment": "imprisonment", **served, "term_start": f"{year - 1}-03-01", "term_months": 200},
        {"term_start": f"{year - 3}-03-01", "credit_days": 0},
    ]
    for fill in fills:
        filled = ordered({**fill, **record})
        other = determine_case({"case_id": "-", **filled}, of.act, of.facts)
        if other.grants == answer.grants and other.grant == answer.grant and other.days_remitted:
            return filled
    return record


def ordered(record: Plain) -> Plain:
    """A record with its fields in their usual order."""
    names = ["case_id", *CASE_FIELDS, "offences", "facts"]
    return {name: record[name] for name in names if name in record}


def with_article(case: Mapping[str, Any], article: str) -> Plain:
    """The case with another article in place of that of its first offence."""
    first, *others = case["offences"]
    return {**case, "offences": [{**first, "article": article}, *others]}


def _entries(test: Condition | None) -> set[str]:
    if isinstance(test, rules.Listed):
        return {*test.certain, *test.uncertain}
    return set(test.values) if isinstance(test, rules.Among) else set()


def _same_list(test: Condition, other: Condition | None) -> bool:
    """Whether two tests are of one list; where the law is settled, what is uncertain of it counts as certain."""
    return type(test) is type(other) and _entries(test) == _entries(other)


def without(case: Mapping[str, Any], name: str) -> Plain | None:
    """A case that does not state one value; none where it does not state it anyway."""
    if name == "offences":
        return {key: value for key, value in case.items() if key != name} if case.get(name) else None
    if name.startswith("offences."):
        key = name.removeprefix("offences.")
        offences = [dict(one) for one in case.get("offences") or ()]
        if not any(one.pop(key, None) is not None for one in offences):
            return None
        return {**case, "offences": offences}
    if case.get(name) is not None:
        return {key: value for key, value in case.items() if key != name}
    facts = dict(case.get("facts") or {})
    if facts.pop(name, None) is None:
        return None
    fewer = {key: value for key, value in case.items() if key != "facts"}
    return {**fewer, "facts": facts} if facts else fewer


_ANSWER = ("outcome", "relief", "grants", "exclusions", "missing")


def _ordinary_days(record: Plain, act: Act) -> Iterator[Plain]:
    """The record with each day that lies far off brought near, one after the other."""
    day = act.in_force
    near = {"term_end": day.replace(year=day.year + 2, month=6, day=15).isoformat()}
    for name, value in near.items():
        if str(record.get(name, "")) > f"{day.year + 20}":
            record = {**record, name: value}
            yield record
    committed = day.replace(year=day.year - 2, month=5, day=10).isoformat()
    offences = [dict(one) for one in record.get("offences", ())]
    for one in offences:
        if str(one.get("committed_on", "9999")) < f"{day.year - 25}":
            one["committed_on"] = committed
            yield {**record, "offences": [dict(each) for each in offences]}


def _ends(case: Plain, act: Act) -> Iterator[Plain]:
    """The case with its term ending on the last day of a month, of several years."""
    for year in range(act.in_force.year, act.in_force.year + 6):
        for month in (8, 12, 10, 5, 3):
            last = calendar.monthrange(year, month)[1]
            yield ordered({**case, "term_end": date(year, month, last).isoformat()})


# --- files ----------------------------------------------------------------------------------------------------


def cases_in(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The worked cases of a folder, by the names of their files. Raises SourceErrors."""
    return {path.name: _case_in(path) for path in sorted(folder.glob("*.yaml"))} if folder.is_dir() else {}


def _case_in(path: Path) -> Mapping[str, Any]:
    worked = read_worked_case(path)
    try:
        bare = {name: value for name, value in each_case(worked)[0].items() if name != "facts"}
        read_record(bare, {})
    except RecordErrors as error:
        raise SourceErrors(str(path), [Problem(1, 1, str(error))]) from None
    return worked


def write_examples(examples: Iterable[Example], folder: Path) -> list[Path]:
    """Write examples as YAML files; one that a lawyer has signed is never written over."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for example in examples:
        path = folder / example.name
        if path.exists() and is_signed(read_worked_case(path)):
            continue
        with atomic_path(path) as partial:
            partial.write_text(as_yaml(example.worked), encoding="utf-8")
        written.append(path)
    return written


class _Dumper(yaml.SafeDumper):
    """Lists of short values stand in one line, as in the cases written by hand."""


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = all(isinstance(one, str) for one in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


_Dumper.add_representer(list, _list)


def as_yaml(worked: Mapping[str, Any]) -> str:
    """A worked case as a file, with the empty lines in which a lawyer signs."""
    told = _with_days({name: worked[name] for name in worked if name not in SIGNATURE})
    text = yaml.dump(told, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text + "".join(f"{name}:\n" for name in SIGNATURE)


def _with_days(value: Any) -> Any:
    """Days as YAML writes them, without quotes."""
    if isinstance(value, dict):
        return {key: one if key == "relief_terms" else _with_days(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_days(one) for one in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    return value


def _with_note(example: Example) -> Plain:
    told = [describe(one) for one in example.shows]
    more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    worked = dict(example.worked)
    note = {"note": f"Shows {'; '.join(told[:_TOLD])}{more}."} if told else {}
    order = ("title", "shows", "synthetic", "as_of", "case", "each_article", "expect")
    return {**{name: worked[name] for name in order if name in worked}, **note}


def _joined(examples: list[Example]) -> list[Example]:
    """Examples of articles of a list that differ in the article alone become one, with all of them."""
    found: dict[str, Example] = {}
    for example in examples:
        case = example.worked["case"]
        of_list = example.shows and all(isinstance(one, Variation) and one.kind == "list" for one in example.shows)
        offences = case.get("offences") or []
        if not of_list or len(offences) != 1:
            found[f"alone {example.name}"] = example
            continue
        bare = {**case, "case_id": "", "offences": [{**offences[0], "article": ""}]}
        first = found.setdefault(repr((bare, _no_article(example.worked["expect"]))), example)
        if first is not example:
            articles = first.worked.setdefault("each_article", [first.worked["case"]["offences"][0]["article"]])
            articles.append(offences[0]["article"])
            first.shows = [*first.shows, *example.shows]
    for example in found.values():
        if "each_article" in example.worked:
            example.worked["expect"] = _no_article(example.worked["expect"])
            example.worked["title"] = f"{example.worked['title'].partition(': article')[0]}: each of these articles"
    _apart([example.worked for example in found.values()])
    return list(found.values())


def _no_article(expect: Plain) -> Plain:
    """What is expected, without the name of the article that the law leaves open."""
    missing = expect.get("missing")
    if not missing or "law" not in missing:
        return expect
    law = [f"{one.rpartition(':')[0]}:*" if one.startswith("listed:") else one for one in missing["law"]]
    return {**expect, "missing": {**missing, "law": law}}


def _apart(cases: list[Plain]) -> None:
    seen: set[str] = set()
    for worked in cases:
        worked["title"] = _unused(worked["title"], seen)
        seen.add(worked["title"])


def _unused(title: str, taken: set[str]) -> str:
    number, told = 1, title
    while told in taken:
        number += 1
        told = f"{title} ({number})"
    return told


def _shortened(text: str) -> str:
    return text if len(text) <= _TITLE else f"{text[: _TITLE - 3].rstrip()}..."


def _title(title: Mapping[str, str], name: str) -> str:
    return title.get("en") or name
