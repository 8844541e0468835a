"""An oracle that knows no engine: every completion of a case, each answered by plain two-valued logic.

It lists the open values of a record, gives each a set of values on both sides of everything the act names (found here
anew, not taken from the interpreter), evaluates every clause on every complete case, and reads outcome, relief and
missing facts off the list by their definition. Slow, small and literal; only for records with few unknowns.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import Duration
from clemency.law.vocabulary import CASE_FIELDS, CATEGORIES, CUSTODY_CREDIT, OFFENCE_FIELDS, Kind, ValueType

FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2250, 12, 31)
Item = tuple[str, str, int | None]


class TooMany(Exception):
    """More completions than are worth listing."""


# --- calendar, written again ----------------------------------------------------------------------------------


def later(day: date, months: int, days: int = 0) -> date:
    """A day moved by months, held at the month's end, then by days."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])) + timedelta(days=days)


def age(birth: date, day: date) -> int:
    """Completed years; a birthday of 29 February is held on the 28th where there is no 29th."""
    years = day.year - birth.year
    birthday = 28 if (birth.month, birth.day) == (2, 29) and not calendar.isleap(day.year) else birth.day
    return years - ((day.month, day.day) < (birth.month, birthday))


def length(term: Duration) -> int:
    """A term as it is compared: a month counts as thirty days."""
    return 30 * term.months + term.days


# --- open values ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One open value: its name in a completion, what would settle it, and what it may be."""

    key: str
    item: Item
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Guess:
    """What an article that is not precise may turn out to be."""

    article: str
    category: str
    guilt: str


class Oracle:
    """One act, with everything its rules name."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.conditions = list(act.conditions())
        self.atoms = [atom for condition in self.conditions for atom in rules.atoms(condition)]
        self.named_articles = sorted({entry for atom in self.atoms for entry in _entries(atom)})

    # the values an open field may take

    def field_values(
        self, name: str, kind: ValueType, known_days: set[date], known: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        match kind.kind:
            case Kind.BOOLEAN:
                return (False, True)
            case Kind.ENUMERATION:
                return kind.values
            case Kind.DATE:
                return self.days(known_days)
        compared = [side for atom in self.atoms if name in _names(atom) for side in _sides(atom)]
        written = {side.value for side in compared if isinstance(side, rules.Literal)}
        written |= {
            value
            for atom in self.atoms
            if name in _names(atom) and isinstance(atom, rules.Among)
            for value in atom.values
        }
        beside = {side.name for side in compared if isinstance(side, rules.Name)} - {name}
        written |= {known[other] for other in beside if known.get(other) is not None}
        if kind.kind is Kind.TEXT:
            return (*sorted(written), "another town", "a third town")
        if kind.kind is Kind.DURATION:
            near = {Duration(0, max(0, length(one) + step)) for one in written for step in (-1, 0, 1)}
            return tuple(sorted({Duration(), *near}, key=length))
        steps = (-2, -1, 0, 1, 2) if name in CASE_FIELDS or name == "offence_count" else (-2, -0.25, 0, 0.25, 2)
        lowest = 1 if name == "offence_count" else 0 if name in CASE_FIELDS else -1e9
        return tuple(sorted({max(lowest, one + step) for one in written or {0} for step in steps}))

    def days(self, known: set[date]) -> tuple[date, ...]:
        """Days about every day that a rule can turn on: those written or known, moved by what the rules add."""
        written = {side.value for atom in self.atoms for side in _sides(atom) if isinstance(side, rules.Literal)}
        written |= {value for atom in self.atoms if isinstance(atom, rules.Among) for value in atom.values}
        anchors = {one for one in written if isinstance(one, date)} | set(self.act.dates.values()) | known
        moves = {(0, 0)}
        for atom in self.atoms:
            for by in _shifts(atom):
                moves |= {(by.months, by.days), (-by.months, -by.days)}
            if any(isinstance(side, rules.AgeOn) for side in _sides(atom)):
                for one in _sides(atom):
                    if isinstance(one, rules.Literal) and isinstance(one.value, int):
                        moves |= {(12 * years * sign, 0) for years in (one.value, one.value + 1) for sign in (1, -1)}
        found = {date(1860, 5, 5), date(2240, 5, 5)}
        for anchor in anchors:
            for months, days in moves:
                moved = later(anchor, months, days)
                found |= {moved + timedelta(days=step) for step in (-1, 0, 1)}
        return tuple(sorted(day for day in found if FIRST_DAY <= day <= LAST_DAY))

    def guesses(self, article: str | None) -> list[Guess]:
        """Everything an article may turn out to be: each part it may mean, each sub-item of it that a rule names."""
        code = self.act.code
        if code is None:
            return []
        if article is None:
            meant = [*code.parts, *self.named_articles]
        else:
            exact = [part.key for part in code.parts_meant(article)]
            below = [entry for entry in self.named_articles if entry.startswith(article + ".")]
            meant = [*(exact if len(exact) > 1 else [article]), *below]
        if set(meant) == {article}:
            return []
        found = {}
        for one in meant:
            part = code.part_of(one)
            categories = part.categories if part else CATEGORIES
            guilts = (part.guilt,) if part and part.guilt in ("intent", "negligence") else ("intent", "negligence")
            for category, guilt in product(categories, guilts):
                seen = tuple(self.under(one, entry) for entry in self.named_articles)
                found.setdefault((category, guilt, seen), Guess(one, category, guilt))
        return (
            list(found.values()) if article not in meant or len({guess.article for guess in found.values()}) > 1 else []
        )

    def under(self, article: str, entry: str) -> bool:
        part = self.act.code.part_of(article) if self.act.code else None
        names = {article, *((part.key,) if part else ())}
        return any(name == entry or name.startswith(entry + ".") for name in names)

    # one case

    def answer(self, record: Mapping[str, Any], most: int = 20_000) -> dict[str, Any]:
        """What the definition says of a record, in the fields of a determination that follow from completions."""
        return _Case(self, record, most).answer()


def _sides(atom: Any) -> tuple[Any, ...]:
    """The innermost values of a leaf, and its ages."""
    found = []
    for operand in rules.operands(atom):
        found.append(operand)
        while isinstance(operand, rules.Shifted | rules.AgeOn):
            operand = operand.base if isinstance(operand, rules.Shifted) else operand.day
            found.append(operand)
    return tuple(found)


def _names(atom: Any) -> set[str]:
    return {side.name for side in _sides(atom) if isinstance(side, rules.Name)}


def _shifts(atom: Any) -> list[Duration]:
    return [side.by for side in _sides(atom) if isinstance(side, rules.Shifted)]


def _entries(atom: Any) -> set[str]:
    if isinstance(atom, rules.Listed):
        return {*atom.certain, *atom.uncertain}
    return set(atom.values) if isinstance(atom, rules.Among) and atom.operand.type.kind is Kind.ARTICLE else set()


class _Case:
    def __init__(self, oracle: Oracle, record: Mapping[str, Any], most: int) -> None:
        self.oracle, self.act, self.most = oracle, oracle.act, most
        self.offences = list(record.get("offences") or [])
        self.choices: dict[str, Choice] = {}
        self.known: dict[str, Any] = {name: record.get(name) for name in CASE_FIELDS}
        self.known |= {name: (record.get("facts") or {}).get(name) for name in self.act.facts}
        months, days = record.get("term_months"), record.get("term_days")
        self.known["term"] = None if months is None and days is None else Duration(months or 0, days or 0)
        self.known["offence_count"] = len(self.offences) or None
        self.ends = self._ends()
        self.kinds = {**CASE_FIELDS, "term": rules.DURATION, "offence_count": rules.NUMBER}
        self.kinds |= {name: fact.type for name, fact in self.act.facts.items()}
        shares = {name for atom in oracle.atoms for name in _names(atom) if name.startswith("served ")}
        self.known |= {name: self._served_on(name) for name in shares}
        self.kinds |= dict.fromkeys(shares, rules.DATE)
        self.known_days = {value for value in self.known.values() if isinstance(value, date)} | set(self.ends)
        self.known_days |= {one["committed_on"] for one in self.offences if one.get("committed_on")}
        self.guesses = [oracle.guesses(one.get("article")) for one in self.offences]

    def _served_on(self, name: str) -> date | None:
        """The day on which a share of the term is served: what is left of it, counted back from the end."""
        start, term, end = self.known["term_start"], self.known["term"], self.known["term_end"]
        if start is None or term is None or end is None:
            return None
        top, bottom = (int(part) for part in name.split()[1].split("/"))
        last = later(start, term.months, term.days)
        if term.months * top % bottom == 0 and term.days * top % bottom == 0:
            return end - (last - later(start, term.months * top // bottom, term.days * top // bottom))
        return end - timedelta(days=(last - start).days * (bottom - top) // bottom)

    def _ends(self) -> list[date]:
        start, term, credit = self.known["term_start"], self.known["term"], self.known["credit_days"]
        rate = CUSTODY_CREDIT.get(self.known["punishment"])
        computed = None
        if start and term is not None and credit is not None and rate:
            computed = later(start, term.months, term.days) - timedelta(days=credit * rate)
        ends = list(dict.fromkeys(end for end in (self.known["term_end"], computed) if end))
        self.known["term_end"] = ends[0] if len(ends) == 1 else None
        return ends

    # reading a value under a completion, which notes what was open

    def open(self, key: str, item: Item, values: tuple[Any, ...], chosen: Mapping[str, Any]) -> Any:
        if key not in chosen:
            self.choices.setdefault(key, Choice(key, item, values))
            raise _Needed(key)
        return chosen[key]

    def of_case(self, name: str, chosen: Mapping[str, Any]) -> Any:
        value = self.known[name]
        if value is not None:
            return value
        if name in chosen:
            return chosen[name]
        if name == "term_end" and self.ends:
            return self.open(name, ("fact", name, None), tuple(self.ends), chosen)
        shown = {"term": "term_months", "offence_count": "offences"}.get(name, name)
        if name.startswith("served "):
            needed = {"term_end": "term_end", "term_start": "term_start", "term": "term_months"}
            shown = next(needed[part] for part in needed if self.known[part] is None)
        values = self.oracle.field_values(name, self.kinds[name], self.known_days, self.known)
        return self.open(name, ("fact", shown, None), values, chosen)

    def of_offence(self, name: str, index: int, chosen: Mapping[str, Any]) -> Any:
        offence, guesses = self.offences[index], self.guesses[index]
        if name in ("guilt", "form", "committed_on") and offence.get(name) is not None:
            return offence[name]
        if guesses and name in ("article", "category", "guilt"):
            guess = self.open(f"article {index}", ("fact", "offences.article", index), tuple(guesses), chosen)
            return getattr(guess, name)
        if name == "article":
            return offence.get("article")
        code = self.act.code
        part = code.part_of(offence["article"]) if code and offence.get("article") else None
        if name == "category":
            readings = part.categories if part else CATEGORIES
            law = f"category:{code.id if code else ''}:{part.key if part else offence.get('article')}"
            return readings[0] if len(readings) == 1 else self.open(law, ("law", law, None), tuple(readings), chosen)
        if name == "guilt" and part and part.guilt != "not_fixed":
            law = f"guilt:{code.id if code else ''}:{part.key}"
            return (
                part.guilt
                if part.guilt != "mixed"
                else self.open(law, ("law", law, None), ("intent", "negligence"), chosen)
            )
        if f"{name} {index}" in chosen:
            return chosen[f"{name} {index}"]
        kind = OFFENCE_FIELDS[name]
        values = self.oracle.days(self.known_days) if kind.kind is Kind.DATE else kind.values
        return self.open(f"{name} {index}", ("fact", f"offences.{name}", index), values, chosen)

    def value(self, operand: Any, index: int | None, chosen: Mapping[str, Any]) -> Any:
        if isinstance(operand, rules.Literal):
            return operand.value
        if isinstance(operand, rules.Shifted):
            return later(self.value(operand.base, index, chosen), operand.by.months, operand.by.days)
        if isinstance(operand, rules.AgeOn):
            return age(self.of_case("birth_date", chosen), self.value(operand.day, index, chosen))
        if operand.of_offence:
            assert index is not None
            return self.of_offence(operand.name, index, chosen)
        return self.of_case(operand.name, chosen)

    # two-valued logic

    def true(self, node: Any, index: int | None, chosen: Mapping[str, Any]) -> bool:
        match node:
            case rules.And(of):
                return self.settled(of, index, chosen, False)
            case rules.Or(of):
                return self.settled(of, index, chosen, True)
            case rules.Not(of):
                return not self.true(of, index, chosen)
            case rules.Term(_, of):
                return self.true(of, index, chosen)
            case rules.AnyOffence(of) | rules.EveryOffence(of):
                some = isinstance(node, rules.AnyOffence)
                if not self.offences:
                    return self.open(f"offences {rules.show(node)}", ("fact", "offences", None), (False, True), chosen)
                return self.settled([(of, number) for number in range(len(self.offences))], None, chosen, some)
            case rules.Compare(op, left, right):
                one, two = self.value(left, index, chosen), self.value(right, index, chosen)
                if left.type.kind is Kind.ENUMERATION:
                    one, two = left.type.values.index(one), left.type.values.index(two)
                if isinstance(one, Duration):
                    one, two = length(one), length(two)
                return {"=": one == two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[op]
            case rules.Among(operand, values):
                found = self.value(operand, index, chosen)
                if operand.type.kind is Kind.ARTICLE:
                    return found is not None and any(self.oracle.under(found, entry) for entry in values)
                return found in values
            case rules.IsTrue(name):
                return self.of_case(name.name, chosen)
            case rules.IsKnown(name):
                return self.is_known(name, index)
            case rules.LawOpen(item):
                return self.open(item, ("law", item, None), (False, True), chosen)
            case rules.Listed():
                return self.listed(node, index, chosen)
        raise AssertionError(node)

    def settled(self, parts: Any, index: int | None, chosen: Mapping[str, Any], by: bool) -> bool:
        """And / or: one part settles it; an open part is waited for only when no other part settles."""
        waiting = None
        for part in parts:
            node, number = part if isinstance(part, tuple) else (part, index)
            try:
                if self.true(node, number, chosen) is by:
                    return by
            except _Needed as needed:
                waiting = waiting or needed
        if waiting:
            raise waiting
        return not by

    def is_known(self, name: rules.Name, index: int | None) -> bool:
        if name.name == "worst_category":
            found: list[str | None] = []
            for number, guesses in enumerate(self.guesses):
                guessed = {guess.category for guess in guesses}
                if guesses:
                    found.append(guessed.pop() if len(guessed) == 1 else None)
                    continue
                try:
                    found.append(self.of_offence("category", number, {}))
                except _Needed:
                    found.append(None)
            return CATEGORIES[-1] in found or (bool(found) and None not in found)
        if name.of_offence:
            assert index is not None
            return self.offences[index].get(name.name) is not None
        return self.known[name.name] is not None

    def listed(self, node: rules.Listed, index: int | None, chosen: Mapping[str, Any]) -> bool:
        assert index is not None
        article = self.of_offence("article", index, chosen)
        if article is None:
            return False
        if any(self.oracle.under(article, entry) for entry in node.certain):
            return True
        doubtful = next((entry for entry in node.uncertain if self.oracle.under(article, entry)), None)
        if doubtful is None:
            return False
        code_id = self.act.code.id if self.act.code else ""
        if self.guesses[index]:
            key = law = f"listed:{node.exclusion}"
            key = f"{law} {index}"
        else:
            key = law = f"listed:{node.exclusion}:{code_id}:{doubtful}"
        return self.open(key, ("law", law, None), (False, True), chosen)

    # every completion

    def completions(self) -> Iterator[tuple[dict[str, Any], tuple[bool, ...]]]:
        """Every choice of open values that some clause asks for, with the truth of every clause under it."""
        clauses = [*(one.condition for one in self.act.exclusions), *(one.condition for one in self.act.grants)]
        self._discover(clauses)
        choices = list(self.choices.values())
        count = 1
        for choice in choices:
            count *= len(choice.values)
        if count > self.most:
            raise TooMany(count)
        for values in product(*(choice.values for choice in choices)):
            chosen = {choice.key: value for choice, value in zip(choices, values, strict=True)}
            yield chosen, tuple(self.true(clause, None, chosen) for clause in clauses)

    def _discover(self, clauses: list[Any]) -> None:
        """Ask every clause until nothing new is open; an open value may show only under some values of others."""
        for clause in clauses:
            todo: list[dict[str, Any]] = [{}]
            asked = 0
            while todo:
                chosen, asked = todo.pop(), asked + 1
                if asked > self.most:
                    raise TooMany(asked)
                try:
                    self.true(clause, None, chosen)
                except _Needed as needed:
                    todo.extend({**chosen, needed.key: value} for value in self.choices[needed.key].values)

    # the answer by definition

    def answer(self) -> dict[str, Any]:
        act, cut = self.act, len(self.act.exclusions)
        places = {clause.id: number for number, clause in enumerate(act.exclusions)}
        rows = list(self.completions())
        own = [row[cut:] for _, row in rows]
        excluding = [row[:cut] for _, row in rows]
        full = [
            tuple(
                one[number] and not any(bars[places[limit]] for limit in act.limiting[grant.id])
                for number, grant in enumerate(act.grants)
            )
            for one, bars in zip(own, excluding, strict=True)
        ]
        covered = [any(row) for row in full]
        outcome = self.outcome(covered, own, excluding, places)
        rank = {grant.id: act.favour_rank(grant.relief) for grant in act.grants}
        best = [
            min((rank[grant.id] for number, grant in enumerate(act.grants) if row[number]), default=None)
            for row in full
        ]
        stated = max(one for one in best if one is not None) if outcome == "granted" else None
        always = [grant.id for number, grant in enumerate(act.grants) if all(row[number] for row in full)]
        ever = [grant.id for number, grant in enumerate(act.grants) if any(row[number] for row in full)]
        chosen = [one for one, _ in rows]
        return {
            "outcome": outcome,
            "grant": next((one for one in [*always, *ever] if rank[one] == stated), None) if stated else None,
            "stated": stated,
            "grants": always,
            "exclusions": [one.id for one in act.exclusions if all(bars[places[one.id]] for bars in excluding)],
            "missing": self.deciding(chosen, covered) if outcome == "undetermined" else set(),
            "could_improve": {
                grant.id: self.deciding(chosen, [row[number] for row in full])
                for number, grant in enumerate(act.grants)
                if stated is not None and rank[grant.id] < stated and grant.id in ever
            },
            "completions": list(zip(chosen, covered, best, strict=True)),
        }

    def outcome(self, covered: list[bool], own: Any, excluding: Any, places: Mapping[str, int]) -> str:
        if all(covered):
            return "granted"
        if any(covered):
            return "undetermined"
        for number, grant in enumerate(self.act.grants):
            barred = any(all(bars[places[limit]] for bars in excluding) for limit in self.act.limiting[grant.id])
            if barred and all(row[number] for row in own):
                return "excluded"
        return "not_covered"

    def deciding(self, chosen: list[dict[str, Any]], truths: list[bool]) -> set[Item]:
        """The items of which two completions differ in one alone, and not in truth alike."""
        found = set()
        for choice in self.choices.values():
            seen: dict[Any, bool] = {}
            for one, truth in zip(chosen, truths, strict=True):
                rest = tuple(value for key, value in one.items() if key != choice.key)
                if seen.setdefault(rest, truth) != truth:
                    found.add(choice.item)
                    break
        return found


class _Needed(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
