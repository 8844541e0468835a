"""The columnar engine: a register of cases in, a table of determinations out, with reasons and missing facts.

One pass a part: every clause as a three-valued column; the few rows that an open value leaves undecided, or decided
less well than they might be, settled by truth tables (`settle`); what those cannot hold goes to the interpreter, once
for each kind of case. The answers are the interpreter's, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from clemency.determine.cores import Cores
from clemency.determine.days import age_turns, first_and_last, moved_column
from clemency.determine.determination import Determination, Improvement, Missing
from clemency.determine.interpreter import Inquiry
from clemency.determine.kinds import Answers, Heads, Keys, KindKeys, general
from clemency.determine.plan import GIVEN_END, NotColumnar, Plan, plan_for
from clemency.determine.relief_columns import fields_needed, relief_columns, served_columns, term_columns
from clemency.determine.settle import Ints, Part, Reasons, Settled, Settler
from clemency.determine.signatures import Signatures, age_test, by_signature, dated_alone, mixed
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar_columns import add_to, day_number
from clemency.law.vocabulary import OUTCOMES, RELIEFS, ValueType
from clemency.records.layout import (
    COUNT,
    FACT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FIRST_DAY,
    FLAGS,
    LAST_DAY,
    OTHER_END,
    PROFILE,
    UNDATED,
    Layout,
    distinct,
    flag_fields,
    lay_out,
    unpacked_columns,
)
from clemency.records.record import known_facts

_NONE = 255
_OPEN = 2
_MAX_CLAUSES = 64
#: Reliefs that may move the last day of a term, and the one of them that does so with a term of its own only.
_MOVING, _NO_TERM = ("release", "reduce", "release_point", "replace"), ("replace", None)

RESULT_SCHEMA = pl.Schema(
    {
        "case_id": pl.String(),
        "outcome": pl.Enum(OUTCOMES),
        "relief": pl.Enum(RELIEFS),
        "grant": pl.String(),
        "grants": pl.String(),
        "exclusions": pl.String(),
        "reservations": pl.String(),
        "missing": pl.String(),
        "could_improve": pl.String(),
        "term_end_before": pl.Date(),
        "term_end_after": pl.Date(),
        "days_remitted": pl.Int32(),
        "contradiction": pl.String(),
    }
)


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
    first: Ints
    keys: Keys
    general: Ints


class Engine:
    """One act, ready for any number of parts; what it learns about offences and open cases is kept between them."""

    def __init__(self, act: Act) -> None:
        if max(len(act.grants), len(act.exclusions), len(act.reservations)) > _MAX_CLAUSES:
            raise NotColumnar(f"more than {_MAX_CLAUSES} clauses of one kind")
        self.act = act
        self.plan: Plan = plan_for(act)
        self.signatures = Signatures(self.plan)
        self.settler = Settler(self.plan, self.signatures)
        self.reasons = Reasons()
        self.keys: KindKeys | None = None
        self.cores: Cores | None = None
        self.known: pl.DataFrame | None = None
        self.kinds = Kinds()

    # kinds

    def determine(self, layout: Layout) -> Coded:
        """Determine every case of a part, in its order: each kind of case once."""
        return self.answer(self.key(layout))

    def key(self, layout: Layout) -> Keyed:
        """The first half of the work: the key of every row, and the reservations about the case as a whole.

        It touches nothing that `answer` does, but for the signatures, which keep themselves in order; so one part can
        be keyed while another is answered.
        """
        if self.keys is None or self.keys.facts != layout.facts:
            self.keys = KindKeys(self.plan, self.signatures, layout.facts)
            self.cores = Cores(self.plan, self.signatures, layout.facts, self.settler.weight)
            self.known, self.kinds = None, Kinds()
        first = layout.first_offence()
        keys = self.keys.keys(layout, first)
        return Keyed(layout, first, keys, self.general(layout, keys.heads))

    def answer(self, keyed: Keyed) -> Coded:
        """The second half: the kind of every row, new kinds determined."""
        kind = self.kind_of(keyed.layout, keyed.keys, keyed.first)
        return Coded(self, keyed.layout, kind, keyed.general)

    def general(self, layout: Layout, heads: Heads) -> Ints:
        """The reservations about the case as a whole, row by row: listed wherever their condition is not false.

        What flags, facts and offence tests decide is asked once for each of their combinations; only where dates or
        numbers decide as well, the rows are looked at.
        """
        of_heads = np.zeros(len(heads.flags), np.uint64)
        by_row: list[tuple[int, rules.Condition, Ints]] = []
        whole: list[tuple[int, rules.Condition]] = []
        for index, clause in enumerate(self.act.reservations):
            if clause.condition is None or not general(clause, self.act):
                continue
            if self.columns_of(clause.condition) & self.mixed_columns:
                whole.append((index, clause.condition))
                continue
            value = self.of_heads(heads, layout, clause.condition)
            if value is None:
                by_row.append((index, clause.condition, np.ones(len(heads.flags), bool)))
            elif self.only_heads(clause.condition, layout):
                of_heads[value != 0] |= np.uint64(1 << index)
            else:
                of_heads[value == 1] |= np.uint64(1 << index)
                by_row.append((index, clause.condition, value == _OPEN))
        found = of_heads[heads.of_row]
        for index, condition, undecided in by_row:
            rows = np.flatnonzero(undecided[heads.of_row])
            if len(rows):
                expression = pl.all_horizontal(self.plan.expression(condition)).fill_null(True)
                states = self.readable(layout, heads, condition, rows).select(expression).to_series().to_numpy()
                listed = np.broadcast_to(states, rows.shape)
                found[rows[listed]] |= np.uint64(1 << index)
        cases = self.part(layout.chosen(np.arange(len(found)), layout.first_offence())).cases if whole else layout.cases
        for index, condition in whole:
            expression = pl.all_horizontal(self.plan.expression(condition)).fill_null(True)
            states = cases.select(expression).to_series().to_numpy()
            found[np.broadcast_to(states, found.shape)] |= np.uint64(1 << index)
        return found

    @cached_property
    def mixed_columns(self) -> set[str]:
        """The columns of offence tests that are answered offence by offence."""
        return {f"q{index}" for index, test in enumerate(self.plan.quantifiers) if mixed(test)}

    def only_heads(self, condition: rules.Condition, layout: Layout) -> bool:
        """Whether flags, facts and offence tests alone decide a condition."""
        return self.columns_of(condition) <= self.head_columns(layout)

    def columns_of(self, condition: rules.Condition) -> set[str]:
        return set(self.plan.expression(condition).meta.root_names())

    def head_columns(self, layout: Layout) -> set[str]:
        tests = {f"q{index}" for index in range(len(self.plan.quantifiers))}
        return {*flag_fields(), *(FACT + name for name in layout.facts), *tests}

    def of_heads(self, heads: Heads, layout: Layout, condition: rules.Condition) -> Ints | None:
        """A condition for each combination of flags, facts and tests (0 false, 1 true, 2 open), all else not known.

        None where the condition reads nothing of them, or asks whether something is known.
        """
        needed = self.columns_of(condition)
        if not needed & self.head_columns(layout) or any(
            isinstance(leaf, rules.IsKnown) for leaf in rules.atoms(condition)
        ):
            return None
        frame = self.head_frame(heads, layout, needed)
        unknown = [
            pl.lit(None, layout.cases.schema.get(name, pl.Date())).alias(name) for name in needed - set(frame.columns)
        ]
        states = pl.all_horizontal(self.plan.expression(condition)).cast(pl.UInt8).fill_null(_OPEN)
        value = frame.with_columns(unknown).select(states).to_series().to_numpy()
        return np.broadcast_to(value, heads.flags.shape)

    def head_frame(self, heads: Heads, layout: Layout, needed: set[str]) -> pl.DataFrame:
        packed = pl.DataFrame({FLAGS: heads.flags, FACTS_TRUE: heads.true, FACTS_KNOWN: heads.known})
        frame = packed.with_columns(unpacked_columns(layout.facts, needed))
        return frame.with_columns(
            self.test_column(index, heads.tests) for index in range(len(self.plan.quantifiers)) if f"q{index}" in needed
        )

    def readable(self, layout: Layout, heads: Heads, condition: rules.Condition, rows: Ints) -> pl.DataFrame:
        """Some rows with a column for everything that a condition reads: fields, moved dates, offence tests."""
        needed = self.columns_of(condition)
        wanted = {*needed, OTHER_END, *(shift.name for shift in self.plan.shifts.values() if shift.column in needed)}
        if self.plan.served and wanted & set(self.plan.served):
            wanted |= {"term_end", "term_start", "term_months", "term_days"}
        if {"term_end", GIVEN_END} & wanted:
            wanted |= {"term_end"}
        cases = layout.cases.select(name for name in layout.cases.columns if name in wanted)
        cases = cases if len(rows) == cases.height else cases[rows]
        if "term_end" in cases.columns:
            cases = cases.with_columns(
                pl.col("term_end").alias(GIVEN_END),
                pl.when(pl.col(OTHER_END).is_null()).then("term_end").alias("term_end"),
            )
            cases = cases.with_columns(served_columns(cases, self.plan.served))
        of_heads = self.head_frame(heads, layout, needed)
        of_heads = of_heads.select(name for name in of_heads.columns if name in needed)
        if of_heads.width:
            cases = pl.concat([cases, of_heads[heads.of_row[rows]]], how="horizontal")
        return cases.with_columns(
            moved_column(cases.get_column(shift.name), shift.by, shift.column)
            for shift in self.plan.shifts.values()
            if shift.column in needed
        )

    def test_column(self, index: int, tests: Ints) -> pl.Series:
        bits = tests >> np.uint64(2 * index)
        certain, possible = (bits & np.uint64(1)) != 0, (bits & np.uint64(2)) != 0
        truth = certain if isinstance(self.plan.quantifiers[index], rules.AnyOffence) else ~certain
        return pl.Series(f"q{index}", truth).set(pl.Series(possible & ~certain), None)

    def kind_of(self, layout: Layout, keys: Keys, first: Ints) -> Ints:
        """The number of every row's kind; kinds not met before are determined now."""
        frame = pl.DataFrame({f"k{place}": column for place, column in enumerate(keys.columns)})
        names = frame.columns
        kind = np.full(frame.height, -1, np.int64)
        if self.known is not None:
            met = frame.join(self.known, on=names, how="left", maintain_order="left").get_column("kind")
            kind = met.fill_null(-1).to_numpy().copy()
        new = np.flatnonzero((kind < 0) & ~keys.apart[keys.rows])
        if len(new):
            kind[new] = self.kinds_like(layout, keys, new, first)
            fresh = frame[new].with_columns(pl.Series("kind", kind[new], pl.Int64))
            self.known = fresh if self.known is None else pl.concat([self.known, fresh])
        found = kind[keys.of_row]
        alone = np.flatnonzero(keys.apart)
        if len(alone):
            start = self.kinds.add(self.act, self.reasons, self.determined(layout.chosen(alone, first)))
            found[alone] = np.arange(start, start + len(alone))
        return found

    def kinds_like(self, layout: Layout, keys: Keys, new: Ints, first: Ints) -> Ints:
        """The kinds of keys not met before: their cores determined, the answers in their own words."""
        assert self.keys is not None
        assert self.cores is not None
        rows = keys.rows[new]
        seen = self.cores.seen(self.keys, [column[new] for column in keys.columns], keys.matters[new])
        if seen is None:
            start = self.kinds.add(self.act, self.reasons, self.determined(layout.chosen(rows, first)))
            return np.arange(start, start + len(rows))
        core, fresh = self.cores.numbered(seen)
        if len(fresh):
            true, known = layout.facts_of(rows[fresh])
            apart = (seen.told[name][fresh] for name in ("holding", "unknown"))
            stated = self.cores.alike.represented(true, known, *apart)
            answers = self.determined(layout.chosen(rows[fresh], first, stated))
            self.cores.add(answers, self.reasons, seen, fresh)
        kind, added = self.cores.worded(core, seen, len(self.kinds.outcome), self.reasons)
        if added is not None:
            self.kinds.add(self.act, self.reasons, added)
        return kind

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
            for shift in self.plan.shifts.values()
            if shift.name in cases.columns
        )
        signature = self.signatures.of_layout(layout)
        cases = cases.with_columns(self.offence_tests(layout, cases, signature))
        none, no = np.zeros(cases.height, np.uint64), np.zeros(cases.height, bool)
        return Part(layout, cases, none, none, none, no, no, layout.first_offence(), signature)

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
        """Every clause as a column, true, false or null; masks and outcomes from them."""
        height = part.cases.height
        stated, derived = self.clauses
        values = part.cases.lazy().select(stated).with_columns(derived).collect()
        true, live = _masks([values.get_column(f"g{index}") for index in range(len(self.plan.own))], height)
        excluded, _ = _masks([values.get_column(f"e{index}") for index in range(len(self.plan.exclusions))], height)
        grant = self.counted(true)
        part.true, part.unknown, part.excluded = true.copy(), live & ~true, excluded.copy()
        part.hit, part.unclear = (
            np.broadcast_to(values.get_column(name).to_numpy(), (height,)) for name in ("hit", "unclear")
        )
        for name in self.plan.served:  # why such a day is not known differs from row to row; the interpreter says it
            part.unclear = part.unclear | part.cases.get_column(name).is_null().to_numpy()
        outcome = np.where(grant != _NONE, 0, np.where(live != 0, 3, np.where(part.hit, 1, 2))).astype(np.uint8)
        zero = np.zeros(height, np.int64)
        none = zero.astype(np.uint64)
        return Answers(outcome, grant, true, live, excluded, none, zero.copy(), zero.copy(), none.copy())

    @cached_property
    def clauses(self) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """The clauses as expressions (`e` exclusions, `o` own conditions of grants), and what follows from them."""
        plan = self.plan
        stated = [expression.alias(f"e{index}") for index, expression in enumerate(plan.exclusions)]
        stated += [expression.alias(f"o{index}") for index, expression in enumerate(plan.own)]
        stated += [doubt.alias(f"d{index}") for index, doubt in enumerate(plan.excluding_doubts) if doubt is not None]
        stated += [doubt.alias(f"t{index}") for index, doubt in enumerate(plan.own_doubts) if doubt is not None]
        derived = [self.full(index).alias(f"g{index}") for index in range(len(plan.own))]
        for name, parts in (("hit", self.hits()), ("unclear", self.unclear())):
            found = pl.any_horizontal(parts).fill_null(False) if parts else pl.lit(False)
            derived.append(found.alias(name))
        return stated, derived

    def unclear(self) -> list[pl.Expr]:
        """Where an exclusion, or the own condition of an excluded grant, is open to Kleene's rules alone."""
        plan = self.plan
        doubts = [
            pl.col(f"e{index}").is_null() & pl.col(f"d{index}")
            for index, doubt in enumerate(plan.excluding_doubts)
            if doubt is not None
        ]
        return doubts + [
            pl.col(f"o{index}").is_null()
            & pl.col(f"t{index}")
            & pl.any_horizontal([pl.col(f"e{limit}") for limit in plan.limits[index]])
            for index, doubt in enumerate(plan.own_doubts)
            if doubt is not None and plan.limits[index]
        ]

    def full(self, index: int) -> pl.Expr:
        """A grant's own condition, less the exclusions that limit it."""
        return reduce(and_, (~pl.col(f"e{limit}") for limit in self.plan.limits[index]), pl.col(f"o{index}"))

    def hits(self) -> list[pl.Expr]:
        """For each grant whether its own condition and an exclusion that limits it are both true."""
        return [
            pl.col(f"o{index}") & pl.any_horizontal([pl.col(f"e{limit}") for limit in limits])
            for index, limits in enumerate(self.plan.limits)
            if limits
        ]

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
        if OTHER_END in part.cases.columns:
            wanted |= (part.unknown != 0) & part.cases.get_column(OTHER_END).is_not_null().to_numpy()
        rows = np.flatnonzero(wanted & ~part.unclear)
        settled, hard = self.settler.settle(rows, part, self.reasons)
        for one in settled:
            self.write(answers, one)
        self.interpret(part, np.concatenate([hard, np.flatnonzero(part.unclear)]), answers)

    def write(self, answers: Answers, one: Settled) -> None:
        rows = one.rows
        answers.outcome[rows], answers.grant[rows] = one.covered, one.grant
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
        place = {grant.id: index for index, grant in enumerate(self.act.grants)}
        own = [(index, clause) for index, clause in enumerate(self.act.reservations) if not general(clause, self.act)]
        conditions = {
            str(index): condition.fill_null(True).alias(str(index))
            for index, _ in own
            if (condition := self.plan.reservations[index]) is not None
        }
        listed = part.cases.select(pl.all_horizontal(one).alias(name) for name, one in conditions.items())
        for index, clause in own:
            asked = np.ones(part.cases.height, bool)
            if str(index) in conditions:
                asked = np.broadcast_to(listed.get_column(str(index)).to_numpy(), (part.cases.height,))
            limited = np.uint64(sum(1 << place[grant] for grant in clause.limits))
            answers.asked[asked] |= np.uint64(1 << index)
            answers.reservations[asked & ((answers.live & limited) != 0)] |= np.uint64(1 << index)


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
        reasons.number(one.missing),
        reasons.number(tuple((place[better.grant], better.missing) for better in one.could_improve)),
    )


def fact_types(act: Act) -> dict[str, ValueType]:
    """The types of the facts that an act asks."""
    return {name: fact.type for name, fact in act.facts.items()}


class CaseByCase:
    """An act with a rule that has no column form: every case is asked of the interpreter. The answers are the same."""

    def __init__(self, act: Act) -> None:
        if max(len(act.grants), len(act.exclusions), len(act.reservations)) > _MAX_CLAUSES:
            raise ValueError(f"{act.id} has more than {_MAX_CLAUSES} clauses of one kind; no engine holds so many")
        self.act, self.reasons, self.kinds = act, Reasons(), Kinds()

    def determine(self, layout: Layout) -> Coded:
        """Determine every case of a part, in its order."""
        return self.answer(self.key(layout))

    def key(self, layout: Layout) -> Keyed:
        """Nothing is keyed: every case is its own kind."""
        none = np.zeros(layout.cases.height, np.uint64)
        heads = Heads(none, none, none, none, none)
        return Keyed(layout, layout.first_offence(), Keys(none, none, [], none, none != 0, heads), none)

    def answer(self, keyed: Keyed) -> Coded:
        """Ask the interpreter case by case."""
        layout, first = keyed.layout, keyed.first
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
        return Coded(self, layout, np.arange(start, start + len(outcome)), np.zeros(len(outcome), np.uint64))


class Kinds:
    """The answers of all kinds met so far, coded: outcome, grant, and texts by their number."""

    TEXTS = ("grants", "exclusions", "missing", "could_improve")

    def __init__(self) -> None:
        self.outcome = np.zeros(0, np.uint8)
        self.grant = np.zeros(0, np.uint8)
        self.reservations = np.zeros(0, np.uint64)
        self.codes = {name: np.zeros(0, np.uint32) for name in self.TEXTS}
        self.texts: dict[str, list[str]] = {name: [] for name in self.TEXTS}
        self._numbers: dict[str, dict[Any, int]] = {name: {} for name in self.TEXTS}

    def add(self, act: Act, reasons: Reasons, answers: Answers) -> int:
        """Add the answers of new kinds; gives the number of the first."""
        start = len(self.outcome)
        self.outcome = np.concatenate([self.outcome, answers.outcome])
        self.grant = np.concatenate([self.grant, answers.grant])
        grants, exclusions = [clause.id for clause in act.grants], [clause.id for clause in act.exclusions]
        self.reservations = np.concatenate([self.reservations, answers.reservations])
        self._add("grants", answers.true, lambda mask: _ids_of(mask, grants))
        self._add("exclusions", answers.exclusions, lambda mask: _ids_of(mask, exclusions))
        self._add("missing", answers.missing, lambda number: missing_text(reasons.of[number]))
        self._add("could_improve", answers.improving, lambda number: _improving_text(reasons.of[number], grants))
        return start

    def _add(self, name: str, values: Ints, text: Any) -> None:
        distinct, back = np.unique(values, return_inverse=True)
        numbers, texts = self._numbers[name], self.texts[name]
        codes = np.zeros(len(distinct), np.uint32)
        for place, value in enumerate(distinct.tolist()):
            if value not in numbers:
                numbers[value] = len(texts)
                texts.append(text(value))
            codes[place] = numbers[value]
        self.codes[name] = np.concatenate([self.codes[name], codes[back]])


class Coded:
    """Determinations of one part: the kind of every row, and the dates, which differ within a kind."""

    def __init__(self, engine: Engine | CaseByCase, layout: Layout, kind: Ints, general: Ints) -> None:
        self.engine, self.layout, self.kind = engine, layout, kind
        self.reserved = engine.kinds.reservations[kind] | general
        self.grant = engine.kinds.grant[kind]
        self.outcome = engine.kinds.outcome[kind]

    def relief(self) -> Ints:
        """The relief of every row, as its place in the list of reliefs."""
        reliefs = [RELIEFS.index(grant.relief.kind) for grant in self.engine.act.grants]
        return np.array([*reliefs, *([_NONE] * (256 - len(reliefs)))], np.uint8)[self.grant]

    def ends(self) -> tuple[pl.Series, pl.Series, pl.Series]:
        """The end of the term before and after, and the days between; unknown stays unknown."""
        cases, act = self.layout.cases, self.engine.act
        before = cases.get_column("term_end")
        if cases.get_column(OTHER_END).null_count() < cases.height:
            before = cases.select(pl.when(pl.col(OTHER_END).is_null()).then("term_end")).to_series()
        days = before.to_physical().fill_null(0).to_numpy()
        in_force = np.int32(day_number(act.in_force))
        changes = np.zeros(256, bool)
        after = np.minimum(days, in_force)
        for index, grant in enumerate(act.grants):
            changes[index] = grant.relief.kind in ("release", "reduce")
        for by in {grant.relief.by for grant in act.grants if grant.relief.by and grant.relief.since is None}:
            rows = self.granted([grant.relief.by == by and grant.relief.since is None for grant in act.grants])
            cut = add_to(days[rows], -by)
            after[rows] = np.minimum(days[rows], np.maximum(cut, in_force))
        unknown = pl.Series(~changes[self.grant]) | before.is_null()
        left = pl.Series("after", after).set(unknown, None)
        return self.counted_apart(before, left.cast(pl.Date), before.to_physical() - left)

    def granted(self, which: list[bool]) -> Ints:
        """The rows whose counted grant is one of some grants."""
        wanted = np.zeros(256, bool)
        wanted[: len(which)] = which
        return np.flatnonzero(wanted[self.grant])

    def counted_apart(
        self, before: pl.Series, after: pl.Series, remitted: pl.Series
    ) -> tuple[pl.Series, pl.Series, pl.Series]:
        """The same, with the reliefs that count with more than the end of the term, or from another day."""
        act = self.engine.act
        for index, grant in enumerate(act.grants):
            relief = grant.relief
            plain = relief.kind == "release" or relief.by is not None
            if (plain and relief.since is None) or relief.kind not in _MOVING or (relief.kind, relief.term) == _NO_TERM:
                continue
            rows = np.flatnonzero(self.grant == index)
            terms = term_columns(self.layout.cases, before, rows)
            day, known, fewer, counted = relief_columns(relief, terms, act.in_force)
            places = pl.Series(rows, dtype=pl.UInt32)
            after = after.scatter(places, pl.Series(day).set(pl.Series(~known), None).cast(pl.Date))
            remitted = remitted.scatter(places, pl.Series(fewer).set(pl.Series(~counted), None))
        return before, after, remitted

    def texts(self) -> dict[str, tuple[Ints, list[str]]]:
        """For each column of ids the code of every row, and the texts that the codes stand for, those of the part."""
        kinds = self.engine.kinds
        present = np.flatnonzero(np.bincount(self.kind, minlength=1))
        found: dict[str, tuple[Ints, list[str]]] = {}
        for name in Kinds.TEXTS:
            codes, used = distinct(kinds.codes[name][present])
            of_kind = np.zeros(int(present.max(initial=0)) + 1, np.int32)
            of_kind[present] = codes
            texts = kinds.texts[name]
            found[name] = of_kind[self.kind], [texts[number] for number in used.tolist()]
        back, masks = distinct(self.reserved)
        ids = [clause.id for clause in self.engine.act.reservations]
        found["reservations"] = back, [_ids_of(mask, ids) for mask in masks.tolist()]
        return {name: found[name] for name in ("grants", "exclusions", "reservations", "missing", "could_improve")}

    def contradiction(self) -> pl.Series:
        """What contradicts in the record, as text that reads back."""
        other = self.layout.cases.get_column(OTHER_END)
        if other.null_count() == other.len():
            return pl.Series("contradiction", [None], pl.String).new_from_index(0, other.len())
        rows = other.is_not_null().arg_true()
        both = self.layout.cases.select("term_end", OTHER_END)[rows].cast(pl.String)
        told = both.select(pl.format("term_end {} computed {}", "term_end", OTHER_END)).to_series()
        empty = pl.Series("contradiction", [None], pl.String).new_from_index(0, other.len())
        return empty.scatter(rows, told)

    def arrow(self) -> pa.Table:
        """The determinations as a table with every repeated text written once."""
        act = self.engine.act
        before, after, remitted = self.ends()
        granted = self.grant != _NONE
        there = pa.py_buffer(np.packbits(granted, bitorder="little")), int(len(granted) - granted.sum())
        columns: dict[str, Any] = {
            "case_id": self.layout.cases.get_column("case_id").to_arrow(),
            "outcome": _dictionary(self.outcome, OUTCOMES),
            "relief": _dictionary(self.relief(), RELIEFS, there),
            "grant": _dictionary(self.grant, [grant.id for grant in act.grants], there),
        }
        columns |= {name: _dictionary(codes, texts) for name, (codes, texts) in self.texts().items()}
        columns |= {
            "term_end_before": before.to_arrow(),
            "term_end_after": after.to_arrow(),
            "days_remitted": remitted.cast(pl.Int32).to_arrow(),
            "contradiction": self.contradiction().to_arrow().cast(pa.string()),
        }
        return pa.table(columns)

    def frame(self) -> pl.DataFrame:
        """The determinations as a table of texts and dates."""
        before, after, remitted = self.ends()
        ids = [grant.id for grant in self.engine.act.grants]
        texts = {name: pl.Series(of, dtype=pl.String).gather(codes) for name, (codes, of) in self.texts().items()}
        return pl.DataFrame(
            {
                "case_id": self.layout.cases.get_column("case_id"),
                "outcome": _enum(self.outcome, OUTCOMES, RESULT_SCHEMA["outcome"]),
                "relief": _enum(self.relief(), RELIEFS, RESULT_SCHEMA["relief"]),
                "grant": _enum(self.grant, ids, pl.String()),
                **texts,
                "term_end_before": before,
                "term_end_after": after,
                "days_remitted": remitted,
                "contradiction": self.contradiction(),
            }
        )


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


def _masks(values: list[pl.Series], height: int) -> tuple[Ints, Ints]:
    """From columns of true, false and null to two masks a row: what is true, and what is not false."""
    true, live = np.zeros(height, np.uint64), np.zeros(height, np.uint64)
    for index, column in enumerate(values):
        if column.len() != height:
            column = column.new_from_index(0, height)
        bit = np.uint64(1 << index)
        rows = column.arg_true().to_numpy()
        true[rows] |= bit
        live[rows] |= bit
        if column.null_count():
            live[column.is_null().arg_true().to_numpy()] |= bit
    return true, live


def _enum(codes: Ints, values: Any, kind: Any) -> pl.Series:
    order = pl.Series(values, dtype=pl.String).cast(kind)
    place = pl.Series(codes.astype(np.uint32))
    return order.gather(place.set(pl.Series(codes == _NONE), None))


def _dictionary(codes: Ints, values: Any, there: tuple[Any, int] | None = None) -> pa.DictionaryArray:
    """Codes and the texts they stand for as a column; `there` is the bitmap of known values and how many are not."""
    known, unknown = there or (None, 0)
    numbers = codes.astype(np.int32, copy=False)
    if unknown:
        numbers = np.where(codes == _NONE, np.int32(0), numbers)
    indices = pa.Array.from_buffers(
        pa.int32(), len(codes), [known if unknown else None, pa.py_buffer(numbers)], unknown
    )
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(values), pa.string()), safe=False)


def _ids_of(mask: int, ids: list[str]) -> str:
    return "; ".join(name for index, name in enumerate(ids) if mask >> index & 1)


def _improving_text(chain: tuple[tuple[int, tuple[Missing, ...]], ...], grants: list[str]) -> str:
    """A chain of improvements as text that reads back: `grant: what it needs`."""
    return " | ".join(f"{grants[grant]}: {missing_text(needs)}" for grant, needs in chain)


def missing_text(items: tuple[Missing, ...]) -> str:
    """Missing things as text that reads back: `fact:term_end; fact:offences.guilt@1; law:category:az-cc:177.1`."""
    return "; ".join(
        f"{item.kind}:{item.name}" + ("" if item.offence is None else f"@{item.offence}") for item in items
    )


def read_missing(text: str) -> tuple[Missing, ...]:
    """Missing things from their text."""
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
