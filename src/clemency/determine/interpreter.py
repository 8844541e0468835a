"""The reference interpreter: one case, every clause, every open value. It is the definition the other engines meet.

A clause is true when it is true under every completion of the open values, false when false under every one, and
unknown otherwise. Open values are the facts and fields the record leaves unknown, and the points of law the act or
the offence code leaves open. Each becomes a level of a decision diagram with the cells that the rules can tell apart;
the diagram of a clause then shows its value, and what it still depends on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from clemency.determine import diagram
from clemency.determine.determination import (
    FALSE,
    TRUE,
    UNKNOWN,
    Determination,
    Improvement,
    Missing,
    TermDays,
    booked,
    relief_days,
    relief_ranks,
)
from clemency.determine.diagram import Diagrams
from clemency.determine.reading import by_decisiveness, shares_served
from clemency.law import rules
from clemency.law.act import Act, Grant, Reservation
from clemency.law.calendar import EARLIEST, LATEST, Duration, add, age_on, share_served_on
from clemency.law.codes import MIXED, NOT_FIXED, OffenceCode
from clemency.law.rules import (
    AgeOn,
    Among,
    Compare,
    Condition,
    IsKnown,
    IsTrue,
    LawOpen,
    Listed,
    Literal,
    Name,
    Operand,
    Shifted,
)
from clemency.law.vocabulary import (
    BOOLEAN,
    CASE_FIELDS,
    CATEGORIES,
    DATE,
    DERIVED_FIELDS,
    OFFENCE_FIELDS,
    Kind,
    ValueType,
)
from clemency.records.record import CaseRecord, Offence, computed_term_end, known_facts, read_record, term_imposed

# A diagram is as deep as a case has open values, and is walked by recursion: two hundred offences of which nothing is
# known make a thousand levels.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 30_000))

_ANOTHER_TEXT = "\0another"
_ANOTHER_ARTICLE = "\0another"
_HIGHEST_AGE = 130
_WHOLE_NUMBERS = {name for name, kind in CASE_FIELDS.items() if kind.kind is Kind.NUMBER} | {"offence_count"}


@dataclass(frozen=True, slots=True)
class Open:
    """A value that is not known: what would settle it, and its cells once they have been worked out."""

    key: str
    item: Missing
    type: ValueType
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """One thing that an article left open may turn out to be, as far as any rule can tell."""

    article: str
    category: str
    guilt: str


@dataclass(frozen=True, slots=True)
class OffenceFacts:
    """One offence as the rules see it: each value known, or open."""

    index: int
    article: str | Open | None
    category: str | Open
    guilt: str | Open
    form: str | Open
    committed_on: date | Open
    precise: bool


@dataclass(frozen=True, slots=True)
class TraceNode:
    """The value of one condition for one case, with what was read for it: the source of every explanation."""

    node: Condition
    value: str
    below: tuple[TraceNode, ...] = ()
    read: tuple[tuple[str, Any], ...] = ()
    offence: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data: the rule, its value, the values read, and the conditions below it."""
        plain: dict[str, Any] = {"rule": rules.show(self.node), "value": self.value}
        if self.offence is not None:
            plain["offence"] = self.offence
        if self.read:
            plain["read"] = {name: _plain(value) for name, value in self.read}
        if self.below:
            plain["of"] = [child.as_json() for child in self.below]
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Open):
        return None
    return str(value) if isinstance(value, date | Duration) else value


def determine_case(
    data: Mapping[str, Any] | CaseRecord, act: Act, facts: Mapping[str, ValueType] | None = None
) -> Determination:
    """What the act says for one case.

    >>> from clemency import load_act
    >>> answer = determine_case({"case_id": "1"}, load_act("az-2025"))
    >>> answer.outcome, answer.missing[0].name
    ('undetermined', 'stage')
    """
    record = read_record(data, known_facts(act) if facts is None else facts)
    return Inquiry(record, act).determination()


class Inquiry:
    """One case under one act, while it is being determined."""

    def __init__(self, record: CaseRecord, act: Act, computed_end: date | None = None) -> None:
        self.record, self.act = record, act
        self.store = Diagrams()
        self.levels: dict[str, int] = {}
        self.open: list[Open] = []
        self.cells: dict[str, tuple[Any, ...]] = {}
        self.memo: dict[tuple[int, int], tuple[int, TraceNode]] = {}
        self.contradictions: list[Mapping[str, Any]] = []
        self.scalars = self._scalars(computed_end)
        self.offences = self._offences()

    # what the record says

    def _scalars(self, computed_end: date | None) -> dict[str, Any]:
        record = self.record
        stated = record.facts or {}
        scalars: dict[str, Any] = {name: getattr(record, name) for name in CASE_FIELDS}
        scalars |= {name: stated.get(name) for name in self.act.facts}
        scalars["term"] = term = term_imposed(record.term_months, record.term_days)
        computed = computed_end or computed_term_end(record.term_start, term, record.credit_days, record.punishment)
        scalars["term_end"] = record.term_end or computed
        if record.term_end and computed and record.term_end != computed:
            self.contradictions.append(
                {"field": "term_end", "given": record.term_end.isoformat(), "computed": computed.isoformat()}
            )
            kind = CASE_FIELDS["term_end"]
            scalars["term_end"] = Open("term_end", Missing("fact", "term_end"), kind, (record.term_end, computed))
        scalars["offence_count"] = len(record.offences) if record.offences else None
        types = {**CASE_FIELDS, **DERIVED_FIELDS, **{fact.name: fact.type for fact in self.act.facts.values()}}
        for name in shares_served(self.act):
            scalars[name] = self._served_on(name, scalars)
        for name, value in scalars.items():
            if value is None:
                item = Missing("fact", {"term": "term_months", "offence_count": "offences"}.get(name, name))
                scalars[name] = Open(name, item, types[name])
        return scalars

    def _served_on(self, name: str, scalars: Mapping[str, Any]) -> date | Open:
        """The day on which a share of the term is served; open where its end, start or length is not known."""
        share, end, start, term = rules.served_share(name), scalars["term_end"], scalars["term_start"], scalars["term"]
        if share is not None and isinstance(end, date) and start is not None and term is not None:
            return share_served_on(start, term, end, share)
        needed = "term_end" if not isinstance(end, date) else "term_start" if start is None else "term_months"
        return Open(name, Missing("fact", needed), DATE)

    def _offences(self) -> tuple[OffenceFacts, ...]:
        offences = self.record.offences or []
        return tuple(self.offence_facts(index, offence) for index, offence in enumerate(offences))

    def offence_facts(self, index: int, offence: Offence) -> OffenceFacts:
        """One offence as the rules see it."""

        def unknown(name: str, values: tuple[Any, ...] = ()) -> Open:
            item = Missing("fact", f"offences.{name}", index)
            return Open(f"offences[{index}].{name}", item, OFFENCE_FIELDS[name], values)

        readings = article_readings(offence.article, self.act)
        article: str | Open | None = offence.article
        category: str | Open
        guilt: str | Open
        precise = readings[0].article == offence.article
        if len({reading.article for reading in readings}) > 1 or (len(readings) > 1 and not precise):
            precise, article = False, unknown("article", readings)
            category, guilt = article, article
        elif not precise:  # whichever part is meant, the rules see the same
            article = readings[0].article if article else None
            category, guilt = readings[0].category, readings[0].guilt
        else:
            category = self._category(offence.article)
            guilt = self._guilt(offence.article, unknown("guilt"))
        return OffenceFacts(
            index,
            article,
            category,
            offence.guilt or guilt,
            offence.form or unknown("form"),
            offence.committed_on or unknown("committed_on"),
            precise,
        )

    def _category(self, article: str | None) -> str | Open:
        categories, key = category_readings(article, self.act.code)
        if len(categories) == 1:
            return categories[0]
        return self._law(f"category:{key}", OFFENCE_FIELDS["category"], categories)

    def _guilt(self, article: str | None, unknown: Open) -> str | Open:
        code = self.act.code
        part = code.part_of(article) if code and article else None
        if part is None or part.guilt == NOT_FIXED:
            return unknown
        if part.guilt == MIXED:
            return self._law(f"guilt:{code.id if code else ''}:{part.key}", unknown.type)
        return part.guilt

    def _law(self, name: str, kind: ValueType, values: tuple[Any, ...] = ()) -> Open:
        return Open(name, Missing("law", name), kind, values or kind.values or (False, True))

    # reading values

    def value(self, operand: Operand, offence: OffenceFacts | None, chosen: Mapping[str, Any]) -> Any:
        """The value of an operand, or the open value it needs first."""
        match operand:
            case Literal(value):
                return value
            case Name(name, _, True):
                return self.of_offence(name, offence, chosen)
            case Name(name):
                return self.settled(self.scalars[name], chosen)
            case Shifted(base, by):
                day = self.value(base, offence, chosen)
                return day if isinstance(day, Open) else add(day, by)
            case AgeOn(day_operand):
                birth = self.settled(self.scalars["birth_date"], chosen)
                if isinstance(birth, Open):
                    return birth
                day = self.value(day_operand, offence, chosen)
                return day if isinstance(day, Open) else age_on(birth, day)

    def of_offence(self, name: str, offence: OffenceFacts | None, chosen: Mapping[str, Any]) -> Any:
        value = self.settled(getattr(offence, name), chosen)
        return getattr(value, name) if isinstance(value, ArticleReading) else value

    def settled(self, value: Any, chosen: Mapping[str, Any]) -> Any:
        return chosen.get(value.key, value) if isinstance(value, Open) else value

    def holds(self, atom: Condition, offence: OffenceFacts | None, chosen: Mapping[str, Any]) -> bool | Open:
        """Whether a leaf holds once some open values are chosen, or the open value it needs next."""
        match atom:
            case Compare(op, left, right):
                return self.compared(op, left, self.value(left, offence, chosen), self.value(right, offence, chosen))
            case Among(operand, values):
                value = self.value(operand, offence, chosen)
                if isinstance(value, Open):
                    return value
                if operand.type.kind is Kind.ARTICLE:
                    return entry_over(self.act.code, value, values) is not None
                return any(_comparable(operand, value) == _comparable(operand, one) for one in values)
            case IsTrue(name):
                return self.value(name, offence, chosen)
            case IsKnown(name):
                return self.known(name, offence)
            case Listed():
                return self.listed(atom, offence, chosen)
            case LawOpen(item):
                law = self._law(item, BOOLEAN)
                return self.settled(law, chosen)
        raise AssertionError(f"{atom} is no leaf")  # pragma: no cover

    def compared(self, op: str, of: Operand, left: Any, right: Any) -> bool | Open:
        if isinstance(left, Open):
            return left
        if isinstance(right, Open):
            return right
        return _COMPARISONS[op](_comparable(of, left), _comparable(of, right))

    def known(self, name: Name, offence: OffenceFacts | None) -> bool:
        if name.name == "worst_category":
            found = [_agreed(one.category) for one in self.offences]
            return CATEGORIES[-1] in found or (bool(found) and not any(isinstance(value, Open) for value in found))
        value = getattr(offence, name.name) if name.of_offence else self.scalars[name.name]
        value = _agreed(value) if name.name == "category" else value
        return not isinstance(value, Open) and value is not None

    def listed(self, atom: Listed, offence: OffenceFacts | None, chosen: Mapping[str, Any]) -> bool | Open:
        article = self.of_offence("article", offence, chosen)
        if isinstance(article, Open):
            return article
        code = self.act.code
        if entry_over(code, article, atom.certain) is not None:
            return True
        entry = entry_over(code, article, atom.uncertain)
        if entry is None:
            return False
        if offence is not None and not offence.precise:
            return self.settled(_doubt(atom.exclusion, offence.index), chosen)
        law = self._law(f"listed:{atom.exclusion}:{code.id if code else ''}:{entry}", BOOLEAN)
        return self.settled(law, chosen)

    # diagrams

    def level(self, value: Open) -> int:
        if value.key not in self.levels:
            for one in (*self.beside(value), value):
                if one.key not in self.levels:
                    self.levels[one.key] = len(self.open)
                    self.open.append(one)
        return self.levels[value.key]

    def beside(self, value: Open) -> Iterator[Open]:
        """The open values of the same offence, after the birth: so ordered the diagrams of many offences stay small."""
        _, found, rest = value.key.partition("offences[")
        if not found:
            return
        if isinstance(self.scalars["birth_date"], Open):
            yield self.scalars["birth_date"]
        offence = self.offences[int(rest.partition("]")[0])]
        if isinstance(offence.article, Open):
            yield offence.article
        if not offence.precise:
            yield from (_doubt(exclusion, offence.index) for exclusion in lists_in_doubt(self.act))
        for own in (offence.guilt, offence.form, offence.committed_on):
            if isinstance(own, Open) and own.key.startswith("offences["):
                yield own

    def leaf(self, atom: Condition, offence: OffenceFacts | None, chosen: Mapping[str, Any]) -> int:
        """The diagram of a leaf: branch on each open value it asks for."""
        answer = self.holds(atom, offence, chosen)
        if not isinstance(answer, Open):
            return diagram.TRUE if answer else diagram.FALSE
        level, cells = self.level(answer), self.cells_of(answer)
        branches = tuple(self.leaf(atom, offence, {**chosen, answer.key: cell}) for cell in cells)
        return self.store.select(level, len(cells), branches)

    def examine(self, node: Condition, offence: OffenceFacts | None = None) -> tuple[int, TraceNode]:
        """The diagram of a condition, with the trace of how it came about."""
        key = (id(node), -1 if offence is None else offence.index)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = self._examine(node, offence)
        return found

    def _examine(self, node: Condition, offence: OffenceFacts | None) -> tuple[int, TraceNode]:
        index = None if offence is None else offence.index
        match node:
            case rules.And(of) | rules.Or(of):
                parts = [self.examine(part, offence) for part in of]
                combine = self.store.every if isinstance(node, rules.And) else self.store.either
                result = combine([part for part, _ in parts])
                return result, TraceNode(node, status(result), tuple(trace for _, trace in parts), offence=index)
            case rules.Not(of):
                inner, trace = self.examine(of, offence)
                result = self.store.negate(inner)
                return result, TraceNode(node, status(result), (trace,), offence=index)
            case rules.Term(_, of):
                result, trace = self.examine(of, offence)
                return result, TraceNode(node, trace.value, (trace,), offence=index)
            case rules.AnyOffence(of) | rules.EveryOffence(of):
                return self.quantified(node, of)
        result = self.leaf(node, offence, {})
        return result, TraceNode(node, status(result), read=tuple(self.read(node, offence)), offence=index)

    def quantified(self, node: Condition, body: Condition) -> tuple[int, TraceNode]:
        if not self.offences:
            nothing_known = Open(f"offences:{rules.show(node)}", Missing("fact", "offences"), BOOLEAN, (False, True))
            result = self.store.choice(self.level(nothing_known), (diagram.FALSE, diagram.TRUE))
            return result, TraceNode(node, UNKNOWN, read=(("offences", None),))
        parts = [self.examine(body, offence) for offence in self.offences]
        combine = self.store.either if isinstance(node, rules.AnyOffence) else self.store.every
        result = combine([part for part, _ in parts])
        return result, TraceNode(node, status(result), tuple(trace for _, trace in parts))

    def read(self, atom: Condition, offence: OffenceFacts | None) -> Iterator[tuple[str, Any]]:
        """The values that a leaf read, for the explanation."""
        if isinstance(atom, Listed):
            yield "article", self.record.offences[offence.index].article if offence and self.record.offences else None
        for operand in rules.operands(atom):
            for name in rules.names(operand):
                if name.of_offence:
                    value = getattr(offence, name.name)
                    yield name.name, None if isinstance(value, Open) else value
                else:
                    value = self.scalars.get(name.name)
                    yield name.name, None if isinstance(value, Open) else value

    # cells of open values

    def cells_of(self, value: Open) -> tuple[Any, ...]:
        found = self.cells.get(value.key)
        if found is None:
            found = self.cells[value.key] = value.values or tuple(self._cells(value))
        return found

    def _cells(self, value: Open) -> list[Any]:
        match value.type.kind:
            case Kind.BOOLEAN:
                return [False, True]
            case Kind.ENUMERATION:
                return list(value.type.values)
            case Kind.DATE:
                return self.day_cells(value)
            case Kind.NUMBER | Kind.DURATION | Kind.TEXT:
                marks, joined = self.marks(value)
                return _cells_around(value, marks, joined)
        raise AssertionError(f"{value.key} has no cells")  # pragma: no cover

    def day_cells(self, value: Open) -> list[date]:
        """One day from each stretch of the calendar; the same in every case where only constants are compared."""
        shared = (self.act.version, value.key)
        if shared in _DAY_CELLS:
            return _DAY_CELLS[shared]
        self.cut_days(value)
        cells = list(self.cells[value.key])
        leaves = leaves_reading(self.act).get(value.key, ())
        if leaves and not any(of_offence or set(_names_of(atom)) != {value.key} for atom, of_offence in leaves):
            _DAY_CELLS[shared] = cells
        return cells

    def reading(self, value: Open) -> Iterator[tuple[Condition, OffenceFacts | None]]:
        """Every leaf of the act that reads an open value, with the offence it is read for."""
        field_name = value.key.rpartition(".")[2]
        for atom, of_offence in leaves_reading(self.act).get(field_name, ()):
            if value.key.startswith("offences["):
                yield atom, self.offences[int(value.key[9 : value.key.index("]")])]
            elif of_offence:
                yield from ((atom, offence) for offence in self.offences)
            else:
                yield atom, None

    def marks(self, value: Open) -> tuple[list[Any], int]:
        """Everything that leaves compare an open value with, and how many open values are compared with each other."""
        joined, to_read = {value.key}, [value]
        marks: list[Any] = []
        while to_read:
            for atom, offence in self.reading(to_read.pop()):
                if isinstance(atom, Among):
                    marks.extend(atom.values)
                    continue
                for operand in rules.operands(atom):
                    other = self.value(operand, offence, {})
                    if not isinstance(other, Open):
                        marks.append(other)
                    elif other.type.kind is Kind.DATE:
                        marks.extend(range(_HIGHEST_AGE))
                    elif other.key not in joined:
                        joined.add(other.key)
                        to_read.append(other)
        return marks, len(joined)

    def cut_days(self, value: Open) -> None:
        """Cut the calendar into stretches within which no leaf changes, for an open day and those it is compared with.

        Where a leaf compares two open days, each turns where the other does; so the days found for one are tried on the
        other, and so on along every chain of open days.
        """
        joined, to_read, leaves = {value.key: value}, [value], []
        while to_read:
            one = to_read.pop()
            for atom, offence in self.reading(one):
                needed = self.holds(atom, offence, {one.key: EARLIEST})
                other = needed if isinstance(needed, Open) else None
                leaves.append((one, atom, offence, other))
                if other is not None and other.type.kind is Kind.DATE and not other.values and other.key not in joined:
                    joined[other.key] = other
                    to_read.append(other)
        days: dict[str, set[date]] = {key: {EARLIEST} for key in joined}
        tried: set[tuple[int, Any]] = set()
        for _ in range(_rounds(leaves, joined)):
            for place, (one, atom, offence, other) in enumerate(leaves):
                for choice in self.choices(other, days):
                    if (place, choice) not in tried:
                        tried.add((place, choice))
                        chosen = {} if other is None else {other.key: choice}
                        days[one.key].update(self.turning_days(one, atom, offence, chosen))
        self.cells.update({key: tuple(sorted(found)) for key, found in days.items()})

    def choices(self, other: Open | None, days: Mapping[str, set[date]]) -> list[Any]:
        """What to try for a second open value of a leaf while the first moves through the calendar."""
        if other is None:
            return [None]
        return sorted(days[other.key]) if other.key in days else list(self.cells_of(other))

    def turning_days(
        self, value: Open, atom: Condition, offence: OffenceFacts | None, chosen: Mapping[str, Any]
    ) -> Iterator[date]:
        """The days on which a leaf changes as the open day moves through the calendar."""
        for ordered in _ordered_forms(atom):

            def at(ordinal: int, leaf: Condition = ordered) -> Any:
                return self.holds(leaf, offence, {**chosen, value.key: date.fromordinal(ordinal)})

            low, high = EARLIEST.toordinal(), LATEST.toordinal()
            first = at(low)
            if isinstance(first, Open) or first == at(high):
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if at(middle) == first else (low, middle)
            yield date.fromordinal(high)

    # the answer

    def determination(self) -> Determination:
        act, store = self.act, self.store
        exclusions = {clause.id: self.examine(clause.condition) for clause in act.exclusions}
        own = {clause.id: self.examine(clause.condition) for clause in act.grants}
        full = {
            grant.id: store.both(
                own[grant.id][0],
                store.every([store.negate(exclusions[limit][0]) for limit in act.limiting[grant.id]]),
            )
            for grant in act.grants
        }
        covered = store.either(list(full.values()))
        outcome = self.outcome(covered, own, exclusions)
        relief_grant = self.relief_grant(full) if outcome == "granted" else None
        relief = relief_grant.relief if relief_grant else None
        served = self.term_days()
        after, remitted = relief_days(relief, served, act.in_force)
        reservations = self.reservations(full)
        return Determination(
            case_id=self.record.case_id,
            act=act.id,
            outcome=outcome,
            relief=relief,
            grant=relief_grant.id if relief_grant else None,
            grants=tuple(grant.id for grant in act.grants if full[grant.id] == diagram.TRUE),
            exclusions=tuple(clause.id for clause in act.exclusions if exclusions[clause.id][0] == diagram.TRUE),
            reservations=tuple(clause.id for clause, _ in reservations),
            missing=self.missing(covered, full) if outcome == "undetermined" else (),
            could_improve=self.improvements(relief_grant, full) if relief_grant else (),
            term_end_before=served.end,
            term_end_after=after,
            days_remitted=remitted,
            rules_version=act.version,
            contradictions=tuple(self.contradictions),
            trace=self.trace(own, full, exclusions, reservations),
        )

    def term_days(self) -> TermDays:
        """The term as reliefs count it, as far as it is known."""
        start, term, end, credit = (
            None if isinstance(value, Open) else value
            for value in (self.scalars[name] for name in ("term_start", "term", "term_end", "credit_days"))
        )
        return TermDays(start, term, end, credit)

    def outcome(
        self, covered: int, own: Mapping[str, tuple[int, TraceNode]], exclusions: Mapping[str, tuple[int, TraceNode]]
    ) -> str:
        if covered == diagram.TRUE:
            return "granted"
        if covered != diagram.FALSE:
            return "undetermined"
        for grant in self.act.grants:
            hit = any(exclusions[limit][0] == diagram.TRUE for limit in self.act.limiting[grant.id])
            if hit and own[grant.id][0] == diagram.TRUE:
                return "excluded"
        return "not_covered"

    def relief_grant(self, full: Mapping[str, int]) -> Grant | None:
        """The grant whose relief is certain whatever the open values are, the most favourable such."""
        ranks = relief_ranks(self.act)
        reached = diagram.FALSE
        for rank in sorted(set(ranks.values())):
            reached = self.store.either([reached, *(full[grant] for grant in ranks if ranks[grant] == rank)])
            if reached == diagram.TRUE:
                certain = {grant for grant in full if full[grant] == diagram.TRUE}
                possible = {grant for grant in full if full[grant] != diagram.FALSE}
                return booked(self.act, certain, rank, ranks) or booked(self.act, possible, rank, ranks)
        return None  # pragma: no cover

    def missing(self, covered: int, full: Mapping[str, int]) -> tuple[Missing, ...]:
        open_grants = {grant for grant, value in full.items() if value not in (diagram.TRUE, diagram.FALSE)}
        return by_decisiveness((self.open[level].item for level in self.store.support(covered)), open_grants, self.act)

    def improvements(self, stated: Grant, full: Mapping[str, int]) -> tuple[Improvement, ...]:
        ranks = relief_ranks(self.act)
        found = []
        for grant in self.act.grants:
            if ranks[grant.id] < ranks[stated.id] and full[grant.id] != diagram.FALSE:
                needs = (self.open[level].item for level in self.store.support(full[grant.id]))
                found.append(Improvement(grant.id, grant.relief, by_decisiveness(needs, {grant.id}, self.act)))
        return tuple(found)

    def reservations(self, full: Mapping[str, int]) -> list[tuple[Reservation, TraceNode | None]]:
        """A reservation is listed where it limits a live grant and its condition, if it has one, is not false.

        One that limits every grant is about the case as a whole: it is listed wherever its condition is not false.
        """
        listed: list[tuple[Reservation, TraceNode | None]] = []
        for clause in self.act.reservations:
            trace = self.examine(clause.condition)[1] if clause.condition is not None else None
            general = clause.condition is not None and len(clause.limits) == len(self.act.grants)
            if (general or any(full[grant] != diagram.FALSE for grant in clause.limits)) and (
                trace is None or kleene(trace) != FALSE
            ):
                listed.append((clause, trace))
        return listed

    def trace(
        self,
        own: Mapping[str, tuple[int, TraceNode]],
        full: Mapping[str, int],
        exclusions: Mapping[str, tuple[int, TraceNode]],
        reservations: list[tuple[Reservation, TraceNode | None]],
    ) -> Mapping[str, Any]:
        def clause(condition: TraceNode, value: int) -> _LazyTrace:
            return _LazyTrace({"own": condition.value, "value": status(value)}, condition)

        return _Trace(
            {
                "grants": {grant.id: clause(own[grant.id][1], full[grant.id]) for grant in self.act.grants},
                "exclusions": {
                    one.id: clause(exclusions[one.id][1], exclusions[one.id][0]) for one in self.act.exclusions
                },
                "reservations": {
                    one.id: _LazyTrace({"value": trace.value if trace else TRUE}, trace) for one, trace in reservations
                },
            }
        )


class _LazyTrace(dict[str, Any]):
    """The values of one clause; the tree of conditions is written out only when it is asked for."""

    def __init__(self, values: Mapping[str, Any], condition: TraceNode | None) -> None:
        super().__init__(values)
        self.condition = condition


class _Trace(dict[str, Any]):
    """All clauses with their values."""


def full_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    """A trace as plain data, with every clause's tree of conditions, values and facts read."""
    return {
        section: {
            clause: {**values, **({"condition": values.condition.as_json()} if values.condition else {})}
            for clause, values in clauses.items()
        }
        for section, clauses in trace.items()
    }


def status(value: int) -> str:
    """The value of a diagram: true, false, or unknown."""
    return TRUE if value == diagram.TRUE else FALSE if value == diagram.FALSE else UNKNOWN


def kleene(trace: TraceNode) -> str:
    """The value of a condition put together from its leaves by Kleene's rules alone.

    Reservations are listed by it: a question that may touch a case is rather asked once too often.
    """
    node = trace.node
    if isinstance(node, rules.Not):
        return {TRUE: FALSE, FALSE: TRUE}.get(kleene(trace.below[0]), UNKNOWN)
    if isinstance(node, rules.Term):
        return kleene(trace.below[0])
    if not isinstance(node, rules.And | rules.Or) or not trace.below:
        return trace.value
    values = {kleene(part) for part in trace.below}
    settling, other = (FALSE, TRUE) if isinstance(node, rules.And) else (TRUE, FALSE)
    return settling if settling in values else UNKNOWN if UNKNOWN in values else other


def _agreed(category: str | Open) -> str | Open:
    """The category of an article left open, where everything it may mean has the same one."""
    readings = category.values if isinstance(category, Open) else ()
    found = {reading.category for reading in readings if isinstance(reading, ArticleReading)}
    return found.pop() if len(found) == 1 else category


def _comparable(of: Operand, value: Any) -> Any:
    """Enumerations compare by their order, durations by their length."""
    if of.type.kind is Kind.ENUMERATION:
        return of.type.rank(value)
    return value.key() if isinstance(value, Duration) else value


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def under(code: OffenceCode | None, article: str | None, entry: str) -> bool:
    """Whether an article falls under an entry; an article the code does not know falls under its own name only."""
    if article is None:
        return False
    return code.falls_under(article, entry) if code else article == entry or article.startswith(entry + ".")


def entry_over(code: OffenceCode | None, article: str | None, entries: Iterable[str]) -> str | None:
    """The first of some list entries that an article falls under."""
    if code is None or article is None:
        return next((entry for entry in entries if under(code, article, entry)), None)
    over = code.entries_over(article)
    return next((entry for entry in entries if entry in over), None)


def category_readings(article: str | None, code: OffenceCode | None) -> tuple[tuple[str, ...], str]:
    """The categories that an article part may have, and the key of its entry; all four if the code has no entry."""
    part = code.part_of(article) if code and article else None
    code_id = code.id if code else ""
    return (part.categories, f"{code_id}:{part.key}") if part else (CATEGORIES, f"{code_id}:{article}")


_READINGS: dict[tuple[str, str | None], tuple[ArticleReading, ...]] = {}


def article_readings(article: str | None, act: Act) -> tuple[ArticleReading, ...]:
    """What an article may turn out to be, as far as the act's rules can tell readings apart.

    A precise article has one reading. An article without its part, a part of which the act names a sub-item, and an
    article that is not known at all have several.
    """
    key = (act.version, article)
    found = _READINGS.get(key)
    if found is None:
        found = _READINGS[key] = tuple(_article_readings(article, act))
    return found


def _article_readings(article: str | None, act: Act) -> Iterator[ArticleReading]:
    code, named = act.code, act.articles_named
    below = sorted(entry for entry in named if article is not None and entry.startswith(article + "."))
    meant = [part.key for part in code.parts_meant(article)] if code and article else []
    if article is not None and (len(meant) <= 1 or code is None):
        candidates = [article, *below]
    else:
        parts = meant if article else [*code.parts] if code else [_ANOTHER_ARTICLE]
        candidates = [*parts, *(entry for entry in sorted(named) if article is None or entry in below)]
    if len(candidates) == 1 and article is not None:
        yield ArticleReading(candidates[0], "", "")
        return
    tests = [atom for condition in act.conditions() for atom in rules.atoms(condition) if rules.articles_named(atom)]
    seen: set[tuple[Any, ...]] = set()
    for candidate in candidates:
        categories, _ = category_readings(candidate, code)
        part = code.part_of(candidate) if code else None
        guilts = (part.guilt,) if part and part.guilt in ("intent", "negligence") else ("intent", "negligence")
        marks = tuple(_named_by(code, candidate, atom) for atom in tests)
        for category in categories:
            for guilt in guilts:
                if (category, guilt, marks) not in seen:
                    seen.add((category, guilt, marks))
                    yield ArticleReading(candidate, category, guilt)


def _named_by(code: OffenceCode | None, article: str, atom: Condition) -> str:
    """How a leaf that names articles sees one of them: named, perhaps named (an uncertain entry), or not."""
    certain = atom.certain if isinstance(atom, Listed) else atom.values if isinstance(atom, Among) else ()
    if entry_over(code, article, certain) is not None:
        return TRUE
    doubtful = isinstance(atom, Listed) and entry_over(code, article, atom.uncertain) is not None
    return UNKNOWN if doubtful else FALSE


def _rounds(leaves: list[tuple[Open, Condition, OffenceFacts | None, Open | None]], joined: Mapping[str, Open]) -> int:
    """One more than the links of the longest chain of open days: no chain passes a day twice, nor leaves the hubs."""
    links = {
        frozenset((one.key, other.key)) for one, _, _, other in leaves if other is not None and other.key in joined
    }
    hubs = 0
    while links:
        hub = max(sorted(joined), key=lambda key: sum(key in link for link in links))
        links = {link for link in links if hub not in link}
        hubs += 1
    return 1 + min(len(joined) - 1, 2 * hubs)


def _doubt(exclusion: str, index: int) -> Open:
    """Which entry of a list is in doubt depends on an article that is open itself: one doubt for the whole list."""
    name = f"listed:{exclusion}"
    return Open(f"{name}:offences[{index}]", Missing("law", name), BOOLEAN, (False, True))


_LISTS: dict[str, tuple[str, ...]] = {}


def lists_in_doubt(act: Act) -> tuple[str, ...]:
    """The exclusions whose offence list has entries that may or may not be on it."""
    if act.version not in _LISTS:
        atoms = [atom for condition in act.conditions() for atom in rules.atoms(condition)]
        _LISTS[act.version] = tuple(atom.exclusion for atom in atoms if isinstance(atom, Listed) and atom.uncertain)
    return _LISTS[act.version]


#: Cells of open days that are the same in every case of an act.
_DAY_CELLS: dict[tuple[str, str], list[date]] = {}


def _names_of(atom: Condition) -> Iterator[str]:
    return (name.name for operand in rules.operands(atom) for name in rules.names(operand))


_LEAVES: dict[str, dict[str, list[tuple[Condition, bool]]]] = {}


def leaves_reading(act: Act) -> Mapping[str, list[tuple[Condition, bool]]]:
    """For each field the leaves of the act that read it, with whether they stand inside an offence test."""
    found = _LEAVES.get(act.version)
    if found is None:
        found = _LEAVES[act.version] = {}
        for condition in act.conditions():
            for atom, of_offence in _leaves(condition, False):
                for name in {name.name for operand in rules.operands(atom) for name in rules.names(operand)}:
                    if (atom, of_offence) not in found.setdefault(name, []):
                        found[name].append((atom, of_offence))
    return found


def _leaves(node: Condition, of_offence: bool) -> Iterator[tuple[Condition, bool]]:
    if isinstance(node, rules.ATOMS):
        yield node, of_offence
    inside = of_offence or isinstance(node, rules.AnyOffence | rules.EveryOffence)
    for child in rules.children(node):
        yield from _leaves(child, inside)


def _ordered_forms(atom: Condition) -> Iterator[Condition]:
    """Leaves that change at most once as a day moves, and together change wherever the given leaf does."""
    if isinstance(atom, Compare):
        for op in {"<": ("<",), ">=": ("<",), "<=": ("<=",), ">": ("<=",)}.get(atom.op, ("<", "<=")):
            yield Compare(op, atom.left, atom.right)
    elif isinstance(atom, Among):
        for value in atom.values:
            yield Compare("<", atom.operand, Literal(value, atom.operand.type))
            yield Compare("<=", atom.operand, Literal(value, atom.operand.type))


def _cells_around(value: Open, written: list[Any], count: int) -> list[Any]:
    """The values that rules name, and from each stretch between them as many as open values are compared there."""
    if value.type.kind is Kind.TEXT:
        return [*dict.fromkeys(written), *(f"{_ANOTHER_TEXT}{number}" for number in range(count))]
    if value.type.kind is Kind.DURATION:
        return sorted({Duration(), *written, *(length + Duration(0, 1) for length in written)})
    marks = sorted(set(written)) or [0]
    if value.key in _WHOLE_NUMBERS:
        lowest = 1 if value.key == "offence_count" else 0
        near = {number + step for number in marks for step in range(-count, count + 1)}
        return sorted({lowest, *(number for number in near if number >= lowest)})
    between = [low + (high - low) * step / (count + 1) for low, high in pairwise(marks) for step in range(1, count + 1)]
    outside = [edge for step in range(1, count + 1) for edge in (marks[0] - step, marks[-1] + step)]
    return sorted({*marks, *between, *outside})
