"""The columnar engine: a register of cases in, a table of determinations out, with reasons and missing facts.

One pass a part: every clause as a three-valued column; the few rows that an open value leaves undecided, or decided
less well than they might be, settled by truth tables (`settle`); what those cannot hold goes to the interpreter, once
for each kind of case. The answers are the interpreter's, field by field.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.coded import Coded, ids_of
from clemency.determine.cores import Cores
from clemency.determine.days import age_turns, first_and_last, moved_column
from clemency.determine.determination import Determination, Improvement, Missing
from clemency.determine.gate import general
from clemency.determine.interpreter import Inquiry
from clemency.determine.items import Items, Reasons
from clemency.determine.key_loops import met_before
from clemency.determine.kinds import Answers, Keys, KindKeys
from clemency.determine.numbering import Growing, WordNumbering
from clemency.determine.plan import GIVEN_END, NotColumnar, Plan, Shift, plan_for
from clemency.determine.relief_columns import fields_needed, served_columns
from clemency.determine.settle import Ints, Part, Settled, Settler
from clemency.determine.settle_loops import OPEN, TRUE, masks
from clemency.determine.signatures import Signatures, age_test, by_signature, dated_alone
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.vocabulary import OUTCOMES, ValueType
from clemency.records.layout import (
    COUNT,
    FIRST_DAY,
    LAST_DAY,
    OTHER_END,
    PROFILE,
    UNDATED,
    Layout,
    lay_out,
)
from clemency.records.record import known_facts

_NONE = 255
_OPEN = 2
_MAX_CLAUSES = 64


def columns_read(engine: Engine | CaseByCase) -> frozenset[str] | None:
    """The columns of the layout that an act reads, beside those that every act does; none named means all."""
    if isinstance(engine, CaseByCase):
        return None
    plan = engine.plan
    term = {"term_months", "term_days"} if "term" in plan.fields else set()  # the interpreter reads these two
    always = {"case_id", PROFILE, COUNT, FIRST_DAY, LAST_DAY, UNDATED, "birth_date"}
    counted = frozenset[str]().union(*(fields_needed(grant.relief) for grant in engine.act.grants))
    return plan.fields | always | term | counted


@dataclass(frozen=True)
class Keyed:
    """A part with the keys of its rows, ready to be answered."""

    layout: Layout
    keys: Keys


class Engine:
    """One act, ready for any number of parts; what it learns about offences and open cases is kept between them."""

    def __init__(self, act: Act) -> None:
        if max(len(act.grants), len(act.exclusions), len(act.reservations)) > _MAX_CLAUSES:
            raise NotColumnar(f"more than {_MAX_CLAUSES} clauses of one kind")
        self.act = act
        self.plan: Plan = plan_for(act)
        self.signatures = Signatures(self.plan)
        self.settler = Settler(self.plan, self.signatures)
        self.reasons = Reasons(self.settler.items)
        self.keys: KindKeys | None = None
        self.cores: Cores | None = None
        self.known = np.zeros(0, np.int32)
        self.kinds = Kinds()
        self._read = columns_read(self)
        self._one_at_a_time = threading.Lock()

    # kinds

    def determine(self, layout: Layout) -> Coded:
        """Determine every case of a part, in its order: each kind of case once."""
        return self.answer(self.key(layout))

    def key(self, layout: Layout) -> Keyed:
        """The first half of the work: the key of every row, and the reservations about the case as a whole.

        It touches nothing that `answer` does, but for the signatures, which keep themselves in order; so one part can
        be keyed while another is answered.
        """
        with self._one_at_a_time:
            if self.keys is None or self.keys.facts != layout.facts:
                self.keys = KindKeys(self.plan, self.signatures, layout.facts)
                self.cores = Cores(self.plan, self.signatures, layout.facts, self.settler.items)
                self.known, self.kinds = np.zeros(0, np.int32), Kinds()
        return Keyed(
            layout, self.keys.of(layout, lambda rows, first: self.part(self.chosen(layout, rows, first)).cases)
        )

    def answer(self, keyed: Keyed) -> Coded:
        """The second half: the kind of every row, new kinds determined."""
        kind = self.kind_of(keyed.layout, keyed.keys)
        return Coded(self, keyed.layout, kind, keyed.keys.listed, keyed.keys.listings)

    def kind_of(self, layout: Layout, keys: Keys) -> Ints:
        """The number of every row's kind; kinds not met before are determined now."""
        assert self.keys is not None
        if len(self.known) < self.keys.count:
            more = np.full(2 * self.keys.count - len(self.known), -1, np.int32)
            self.known = np.concatenate([self.known, more])
        found, rows = np.empty(len(keys.number), np.int32), np.empty(len(keys.number), np.int32)
        rows = rows[: met_before(keys.number, self.known, found, rows)]
        if len(rows):
            number = keys.number[rows]
            lowest = int(number.min())  # those not met before are the last, or nearly
            first = np.full(int(number.max()) + 1 - lowest, -1, np.int32)
            first[number[::-1] - lowest] = rows[::-1]  # the first row with each number is written last
            new = np.sort(first[first >= 0])
            self.known[keys.number[new]] = self.kinds_like(layout, new, keys)
            found[rows] = self.known[number]
        if len(keys.apart):
            start = self.kinds.add(self.act, self.reasons, self.determined(self.chosen(layout, keys.apart, keys.first)))
            found[keys.apart] = np.arange(start, start + len(keys.apart))
        return found

    def kinds_like(self, layout: Layout, rows: Ints, keys: Keys) -> Ints:
        """The kinds of keys not met before: their cores determined, the answers in their own words."""
        assert self.keys is not None
        assert self.cores is not None
        number, first = keys.number[rows], keys.first
        seen = self.cores.seen(self.keys, self.keys.columns(number), self.keys.matters(number))
        if seen is None:
            start = self.kinds.add(self.act, self.reasons, self.determined(self.chosen(layout, rows, first)))
            return np.arange(start, start + len(rows))
        core, fresh = self.cores.numbered(seen)
        if len(fresh):
            true, known = layout.facts_of(rows[fresh])
            apart = (seen.told[name][fresh] for name in ("holding", "unknown"))
            stated = self.cores.alike.represented(true, known, *apart)
            answers = self.determined(self.chosen(layout, rows[fresh], first, stated))
            self.cores.add(answers, self.reasons, seen, fresh)
        kind, added = self.cores.worded(core, seen, len(self.kinds.outcome), self.reasons)
        if added is not None:
            self.kinds.add(self.act, self.reasons, added)
        return kind

    def chosen(self, layout: Layout, rows: Ints, first: Ints, facts: tuple[Ints, Ints] | None = None) -> Layout:
        """Some rows with all that the act reads in columns of its own."""
        return layout.chosen(rows, first, facts, self._read)

    def determined(self, chosen: Layout) -> Answers:
        """Determine some rows, each by itself."""
        part = self.part(chosen)
        answers = self.kleene(part)
        self.settle(part, answers)
        self.reserve(part, answers)
        return answers

    # one part

    def part(self, layout: Layout) -> Part:
        """Work out the offence tests and the moved dates of some rows."""
        cases = layout.cases.with_columns(
            pl.col("term_end").alias(GIVEN_END),
            pl.when(pl.col(OTHER_END).is_null()).then("term_end").alias("term_end"),
        )
        cases = cases.with_columns(served_columns(cases, self.plan.served))
        cases = cases.with_columns(
            moved_column(cases.get_column(shift.name), shift.by, shift.column)
            for shift in self._moved
            if shift.name in cases.columns
        )
        signature = self.signatures.of_layout(layout)
        cases = cases.with_columns(self.offence_tests(layout, cases, signature))
        return Part.of(layout, cases, self.settler.values(cases), signature)

    @cached_property
    def _moved(self) -> list[Shift]:
        """The dates that are moved in a column of their own: those of tests of the day of an offence alone are not."""
        plan, tests = self.plan, [test for test in self.plan.quantifiers if not by_signature(test)]
        read = [*plan.own, *plan.exclusions, *(one for one in plan.reservations if one is not None)]
        read += [
            plan.leaf(atom, True)
            for test in tests
            if not dated_alone(test)
            for atom in rules.atoms(test.of)
            if any(not name.of_offence or name.name == "committed_on" for name in rules.names_read(atom))
        ]
        columns = {name for expression in read for name in expression.meta.root_names()}
        return [shift for name, shift in plan.shifts.items() if name in columns]

    def offence_tests(self, layout: Layout, cases: pl.DataFrame, signature: Ints) -> list[pl.Series]:
        counts = cases.get_column(COUNT).to_numpy().astype(np.int64)
        having = np.flatnonzero(counts)
        starts = layout.first_offence()[having]
        joined = np.zeros(cases.height, np.uint64)
        if len(having):
            joined[having] = np.bitwise_or.reduceat(self.signatures.packed()[signature], starts)
        columns = []
        for index, test in enumerate(self.plan.quantifiers):
            if by_signature(test):
                bits = joined >> np.uint64(2 * index)
                certain, possible = (bits & np.uint64(1)) != 0, (bits & np.uint64(2)) != 0
            elif dated_alone(test):
                settled, perhaps = first_and_last(test, cases)
                certain, possible = settled != 0, perhaps != 0
            else:
                certain, possible = self.offence_by_offence(layout, cases, test, signature, counts)
            unknown = (counts == 0) | (possible & ~certain)
            truth = certain if isinstance(test, rules.AnyOffence) else ~certain
            columns.append(pl.Series(f"q{index}", truth).set(pl.Series(unknown), None))
            if age_test(test) and index < self.plan.deciding:
                columns.append(pl.Series(f"limit{index}", age_turns(test, cases)))
        return columns

    def offence_by_offence(
        self,
        layout: Layout,
        cases: pl.DataFrame,
        test: rules.AnyOffence | rules.EveryOffence,
        signature: Ints,
        counts: Ints,
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """An offence test that reads dates or fields of the case together with other things."""
        having = np.flatnonzero(counts)
        certain, possible = np.zeros(cases.height, bool), np.zeros(cases.height, bool)
        if not len(having):
            return certain, possible
        body = _Body(self, layout, cases, signature, np.repeat(np.arange(len(counts)), counts))
        value = body.value(test.of)
        if isinstance(test, rules.EveryOffence):
            value = ~value
        starts = layout.first_offence()[having]
        certain[having] = np.logical_or.reduceat(value.fill_null(False).to_numpy(), starts)
        possible[having] = np.logical_or.reduceat(value.fill_null(True).to_numpy(), starts)
        return certain, possible

    # Kleene's rules

    def kleene(self, part: Part) -> Answers:
        """Every clause by Kleene's rules: masks of those that are true or open, and the outcomes from them."""
        height = part.cases.height
        true, live = np.zeros(height, np.uint64), np.zeros(height, np.uint64)
        masks(self.settler.clauses, part.values.steps, true, live, part.excluded, part.hit)
        grant = self.counted(true)
        part.true, part.unknown = true.copy(), live & ~true
        self.doubt(part)
        outcome = np.where(grant != _NONE, 0, np.where(live != 0, 3, np.where(part.hit, 1, 2))).astype(np.uint8)
        zero = np.zeros(height, np.int64)
        none = zero.astype(np.uint64)
        excluded = part.excluded.copy()
        return Answers(outcome, grant, true, live, excluded, none, zero.copy(), zero.copy(), none.copy())

    def doubt(self, part: Part) -> None:
        """Mark where something is open to Kleene's rules alone: an exclusion, or the own condition of a closed grant.

        Why a day on which a share is served is not known differs from row to row; the interpreter says it.
        """
        for name in self.plan.served:
            part.unclear |= part.cases.get_column(name).is_null().to_numpy()
        clauses, steps, doubts = self.settler.clauses, part.values.steps, part.cases.select_seq(self._doubts)
        for index, doubt in enumerate(self.plan.excluding_doubts):
            if doubt is not None:
                open_rows = steps[:, clauses.exclusions[index]] == OPEN
                part.unclear |= open_rows & doubts.get_column(f"exclusion {index}").to_numpy()
        for index, doubt in enumerate(self.plan.own_doubts):
            if doubt is not None:
                open_rows = steps[:, clauses.own[index]] == OPEN
                closing = steps[:, clauses.exclusions[self.plan.limits[index]]]
                closed = open_rows & (closing == TRUE).any(axis=1)
                part.asked[closed & doubts.get_column(f"grant {index}").to_numpy()] |= np.uint64(1 << index)

    @cached_property
    def _doubts(self) -> list[pl.Expr]:
        """Whether something is open that an exclusion or a grant reads in ways that Kleene's rules cannot join."""
        doubts = {f"exclusion {index}": doubt for index, doubt in enumerate(self.plan.excluding_doubts)}
        doubts |= {f"grant {index}": doubt for index, doubt in enumerate(self.plan.own_doubts)}
        return [doubt.alias(name) for name, doubt in doubts.items() if doubt is not None]

    def counted(self, true: Ints) -> Ints:
        """Of the grants that are true, the one counted: the most favourable relief, then the order of the act."""
        grant = np.full(len(true), _NONE, np.uint8)
        for index in sorted(
            range(len(self.plan.ranks)), key=lambda index: (self.plan.ranks[index], index), reverse=True
        ):
            grant[(true & np.uint64(1 << index)) != 0] = index
        return grant

    # exact answers

    def settle(self, part: Part, answers: Answers) -> None:
        """Settle the rows where an open value may change the answer or improve it."""
        plan = self.plan
        ranks = np.array([*plan.ranks, 254], np.uint8)
        stated = ranks[np.where(answers.grant == _NONE, len(plan.ranks), answers.grant)]
        better = np.zeros(256, np.uint64)
        for level in set(ranks.tolist()):
            better[level] = sum(1 << index for index, rank in enumerate(plan.ranks) if rank < level)
        entangled = np.uint64(sum(1 << index for index, mixed in enumerate(plan.entangled) if mixed))
        wanted = (part.unknown & (better[stated] | entangled)) != 0
        wanted |= (part.unknown != 0) & (part.values.two != 0)
        wanted |= part.asked != 0
        rows = np.flatnonzero(wanted & ~part.unclear)
        settled, hard = self.settler.settle(rows, part, self.reasons)
        self.write(answers, settled)
        self.interpret(part, np.concatenate([hard, np.flatnonzero(part.unclear)]), answers)

    def write(self, answers: Answers, one: Settled) -> None:
        rows = one.rows
        answers.outcome[rows], answers.grant[rows] = one.outcome, one.grant
        answers.true[rows], answers.live[rows] = one.true, one.live
        answers.exclusions[rows] = one.exclusions
        answers.missing[rows], answers.improving[rows] = one.missing, one.improving

    def interpret(self, part: Part, rows: Ints, answers: Answers) -> None:
        """Rows that no table holds are answered by the interpreter."""
        for row in rows.tolist():
            record = part.layout.record(row, int(part.first_offence[row]), fact_types(self.act))
            (
                answers.outcome[row],
                answers.grant[row],
                answers.true[row],
                answers.live[row],
                answers.exclusions[row],
                answers.missing[row],
                answers.improving[row],
            ) = self.coded(Inquiry(record, self.act, part.layout.cases.item(row, OTHER_END)).determination())

    def coded(self, one: Determination) -> tuple[Any, ...]:
        return _coded_answer(self.act, one, self.reasons)

    # reservations

    def reserve(self, part: Part, answers: Answers) -> None:
        """List each reservation unless its condition is false, or, without one, where it limits a live grant."""
        limits, conditions = self._own_reservations
        listed = part.cases.select_seq(conditions)
        for index, limited in limits.items():
            asked = np.ones(part.cases.height, bool)
            if str(index) in listed.columns:
                asked = np.broadcast_to(listed.get_column(str(index)).to_numpy(), (part.cases.height,))
            answers.asked[asked] |= np.uint64(1 << index)
            answers.reservations[asked & ((answers.live & limited) != 0)] |= np.uint64(1 << index)

    @cached_property
    def _own_reservations(self) -> tuple[dict[int, Any], list[pl.Expr]]:
        """Reservations about some grants: the grants that each limits, and their conditions, by the number of each."""
        place = {grant.id: 1 << index for index, grant in enumerate(self.act.grants)}
        own = {index: one for index, one in enumerate(self.act.reservations) if not general(one, self.act)}
        limits = {index: np.uint64(sum(place[grant] for grant in one.limits)) for index, one in own.items()}
        conditions = {index: self.plan.reservations[index] for index in own}
        return limits, [
            pl.all_horizontal(condition.fill_null(True)).alias(str(index))
            for index, condition in conditions.items()
            if condition is not None
        ]


def _coded_answer(act: Act, one: Determination, reasons: Reasons) -> tuple[Any, ...]:
    """The interpreter's answer as outcome, grant, masks of grants and exclusions, and numbers of reasons."""
    place = {grant.id: index for index, grant in enumerate(act.grants)}
    excluding = {clause.id: index for index, clause in enumerate(act.exclusions)}
    trace = one.trace["grants"]
    return (
        OUTCOMES.index(one.outcome),
        _NONE if one.grant is None else place[one.grant],
        sum(1 << place[grant] for grant in one.grants),
        sum(1 << place[grant] for grant, clause in trace.items() if clause["value"] != "false"),
        sum(1 << excluding[clause] for clause in one.exclusions),
        reasons.number(reasons.items.numbers(one.missing)),
        reasons.number(
            tuple((place[better.grant], reasons.items.numbers(better.missing)) for better in one.could_improve)
        ),
    )


def fact_types(act: Act) -> dict[str, ValueType]:
    """The types of the facts that an act asks."""
    return {name: fact.type for name, fact in act.facts.items()}


class CaseByCase:
    """An act with a rule that has no column form: every case is asked of the interpreter. The answers are the same."""

    def __init__(self, act: Act) -> None:
        if max(len(act.grants), len(act.exclusions), len(act.reservations)) > _MAX_CLAUSES:
            raise ValueError(f"{act.id} has more than {_MAX_CLAUSES} clauses of one kind; no engine holds so many")
        self.act, self.kinds = act, Kinds()
        self.reasons = Reasons(Items(lambda _: (0, 0)))  # the interpreter has put them in order

    def determine(self, layout: Layout) -> Coded:
        """Determine every case of a part, in its order."""
        return self.answer(self.key(layout))

    def key(self, layout: Layout) -> Keyed:
        """Nothing is keyed: every case is its own kind."""
        none = np.zeros(layout.cases.height, np.int32)
        return Keyed(layout, Keys(none, none, layout.first_offence(), none, np.zeros(1, np.uint64)))

    def answer(self, keyed: Keyed) -> Coded:
        """Ask the interpreter case by case."""
        layout, first = keyed.layout, keyed.keys.first
        plain = layout.chosen(np.arange(layout.cases.height), first)
        places = [clause.id for clause in self.act.reservations]
        types = fact_types(self.act)
        coded, reserved = [], []
        for row in range(plain.cases.height):
            record = plain.record(row, int(first[row]), types)
            answer = Inquiry(record, self.act, plain.cases.item(row, OTHER_END)).determination()
            coded.append(_coded_answer(self.act, answer, self.reasons))
            reserved.append(sum(1 << places.index(clause) for clause in answer.reservations))
        columns = [np.array(column) for column in zip(*coded, strict=True)] or [np.zeros(0, np.int64)] * 7
        outcome, grant, true, live, exclusions, missing, improving = columns
        answers = Answers(
            outcome.astype(np.uint8),
            grant.astype(np.uint8),
            true.astype(np.uint64),
            live.astype(np.uint64),
            exclusions.astype(np.uint64),
            np.array(reserved, np.uint64),
            missing,
            improving,
            np.zeros(len(outcome), np.uint64),
        )
        start = self.kinds.add(self.act, self.reasons, answers)
        kind = np.arange(start, start + len(outcome))
        return Coded(self, layout, kind, keyed.keys.listed, keyed.keys.listings)


class Kinds:
    """The answers of all kinds met so far, coded: outcome, grant, and texts by their number.

    What has been handed out stays as it is when more kinds are added.
    """

    TEXTS = ("grants", "exclusions", "missing", "could_improve")

    def __init__(self) -> None:
        self._outcome, self._grant, self._reservations = Growing(np.uint8), Growing(np.uint8), Growing(np.uint64)
        self._columns = {name: _Texts() for name in self.TEXTS}
        self.texts = {name: column.texts for name, column in self._columns.items()}
        self._hand_out()

    def _hand_out(self) -> None:
        self.outcome, self.grant, self.reservations = self._outcome.all, self._grant.all, self._reservations.all
        self.codes = {name: column.codes.all for name, column in self._columns.items()}

    def add(self, act: Act, reasons: Reasons, answers: Answers) -> int:
        """Add the answers of new kinds; gives the number of the first."""
        start = self._outcome.count
        self._outcome.add(answers.outcome)
        self._grant.add(answers.grant)
        self._reservations.add(answers.reservations)
        grants, exclusions = [clause.id for clause in act.grants], [clause.id for clause in act.exclusions]
        of, items = reasons.of, reasons.items
        self._columns["grants"].add(answers.true, lambda mask: ids_of(mask, grants))
        self._columns["exclusions"].add(answers.exclusions, lambda mask: ids_of(mask, exclusions))
        self._columns["missing"].add(answers.missing, lambda number: items.text(of[number]))
        self._columns["could_improve"].add(answers.improving, lambda number: _improving_text(of[number], grants, items))
        self._hand_out()
        return start


class _Texts:
    """A column of texts that follow from whole numbers: the distinct texts, and the code of each that was added."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.codes = Growing(np.uint32)
        self._places: dict[str, int] = {}
        self._met, self._code = WordNumbering(), Growing(np.uint32)

    def add(self, numbers: Ints, text: Callable[[int], str]) -> None:
        """Add the texts of some numbers, each put together once."""
        met, fresh = self._met.number(numbers)
        self._code.add([self._place(text(number)) for number in numbers[fresh].tolist()])
        self.codes.add(self._code.all[met])

    def _place(self, text: str) -> int:
        """The place of a text among all; each stands there once."""
        place = self._places.setdefault(text, len(self.texts))
        if place == len(self.texts):
            self.texts.append(text)
        return place


class _Body:
    """The body of an offence test over the offences of a part, with fields of the case beside each offence."""

    def __init__(self, engine: Engine, layout: Layout, cases: pl.DataFrame, signature: Ints, case_of: Ints) -> None:
        self.engine, self.layout, self.cases, self.signature, self.case_of = engine, layout, cases, signature, case_of

    def value(self, node: rules.Condition) -> pl.Series:
        match node:
            case rules.And(of) | rules.Or(of):
                parts = [self.value(part) for part in of]
                together = (lambda a, b: a & b) if isinstance(node, rules.And) else (lambda a, b: a | b)
                return reduce(together, parts)
            case rules.Not(of):
                return ~self.value(of)
            case rules.Term(_, of):
                return self.value(of)
        read = [name for operand in rules.operands(node) for name in rules.names(operand)]
        if all(name.of_offence and name.name != "committed_on" for name in read):
            return self.by_signature(node)
        return self.dated(node, read)

    def by_signature(self, node: rules.Condition) -> pl.Series:
        values = self.engine.signatures.leaf_values(node)
        codes = np.array([{"true": 1, "false": 0}.get(value, 2) for value in values], np.int8)[self.signature]
        return pl.Series(codes == 1).set(pl.Series(codes == 2), None)

    def dated(self, node: rules.Condition, read: list[rules.Name]) -> pl.Series:
        columns = [self.layout.offences.get_column("committed_on")]
        wanted = set(self.engine.plan.leaf(node, True).meta.root_names())
        for column in sorted(wanted - {"committed_on"}):
            shift = self.engine.plan.shifts.get(column)
            if shift is not None and shift.name == "committed_on":
                columns.append(moved_column(columns[0], shift.by, shift.column))
            else:
                columns.append(self.cases.get_column(column).gather(self.case_of))
        return pl.DataFrame(columns).select(self.engine.plan.leaf(node, True)).to_series()


def _improving_text(chain: tuple[tuple[int, tuple[int, ...]], ...], grants: list[str], items: Items) -> str:
    """A chain of improvements as text that reads back: `grant: what it needs`."""
    return " | ".join(f"{grants[grant]}: {items.text(needs)}" for grant, needs in chain)


def read_missing(text: str) -> tuple[Missing, ...]:
    """Missing things from their text: `fact:term_end; fact:offences.guilt@1; law:category:az-cc:177.1`."""
    return tuple(_read_item(item) for item in text.split("; ") if item)


def _read_item(text: str) -> Missing:
    kind, _, name = text.partition(":")
    name, _, offence = name.partition("@")
    return Missing(kind, name, int(offence) if offence else None)


# --- doors ----------------------------------------------------------------------------------------------------

_ENGINES: dict[str, Engine | CaseByCase] = {}


def engine_for(act: Act) -> Engine | CaseByCase:
    """The engine of an act, made once: by columns, or case by case where a rule of the act has no column form."""
    if act.version not in _ENGINES:
        try:
            _ENGINES[act.version] = Engine(act)
        except NotColumnar:
            _ENGINES[act.version] = CaseByCase(act)
    return _ENGINES[act.version]


def forget(act: Act) -> None:
    """Drop the engine of an act with all that it has learnt about kinds of cases."""
    _ENGINES.pop(act.version, None)


def determine_frame(frame: pl.DataFrame, act: Act) -> pl.DataFrame:
    """Determine every case of a frame of nested records, in its order.

    >>> from clemency import load_act
    >>> determine_frame(pl.DataFrame({"case_id": ["1"]}), load_act("az-2025")).item(0, "outcome")
    'undetermined'
    """
    return engine_for(act).determine(lay_out(frame, known_facts(act))).frame()


def json_rows(result: pl.DataFrame, act: Act) -> Iterator[dict[str, Any]]:
    """Determinations as plain data, one a row, with the field names of every engine."""
    grants = {grant.id: grant for grant in act.grants}
    for row in result.iter_rows(named=True):
        grant = grants.get(row["grant"])
        yield Determination(
            case_id=row["case_id"],
            act=act.id,
            outcome=row["outcome"],
            relief=grant.relief if grant else None,
            grant=row["grant"],
            grants=_ids(row["grants"]),
            exclusions=_ids(row["exclusions"]),
            reservations=_ids(row["reservations"]),
            missing=read_missing(row["missing"]),
            could_improve=tuple(
                Improvement(name, grants[name].relief, read_missing(needs))
                for name, _, needs in (better.partition(": ") for better in row["could_improve"].split(" | ") if better)
            ),
            term_end_before=row["term_end_before"],
            term_end_after=row["term_end_after"],
            days_remitted=row["days_remitted"],
            rules_version=act.version,
            contradictions=tuple(_contradiction(row["contradiction"])),
        ).as_json()


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split("; ")) if text else ()


def _contradiction(text: str | None) -> Iterator[Mapping[str, Any]]:
    if text:
        field, given, _, computed = text.split(" ")
        yield {"field": field, "given": given, "computed": computed}
