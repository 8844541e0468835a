"""Settles the rows that Kleene's rules leave open: exact values of every clause over the completions of a case.

Open values are of two kinds in a row: *common* ones, which several undecided grants read, and *private* ones, which
only one of them reads. Every undecided grant has a truth table over the common bits and its own private bits; grants
are put together over the common bits alone, because functions of separate private values are independent of each
other. So a case with twenty open facts needs no table of a million completions.

The rows are worked out one by one in compiled loops (`settle_loops`); here stands what these are told of an act, of
its signatures and of the rows, and how their answers are put into lists of missing things.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine import settle_loops as loops
from clemency.determine.days import birth_limits, moved_column
from clemency.determine.determination import Missing
from clemency.determine.interpreter import Inquiry, Open
from clemency.determine.items import Items, Reasons, bits
from clemency.determine.numbering import Growing, Numbering
from clemency.determine.plan import GIVEN_END, Plan, column_of, signed_leaves
from clemency.determine.reading import grants_reading, order_of, readers
from clemency.determine.signatures import OpenPart, Signature, Signatures, age_test, by_signature, dated_alone
from clemency.determine.terms import Read, Terms
from clemency.law import rules
from clemency.law.rules import Condition, LawOpen
from clemency.records.layout import COUNT, OTHER_END, Layout
from clemency.records.record import CaseRecord

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
OFFENCES_UNKNOWN = Missing("fact", "offences")
#: The open bits that a table holds at most; a row with more is left to the interpreter.
MAX_BITS = 21


@dataclass(frozen=True)
class OpenField:
    """A field, fact or clause that may be open: its bits, and the table of every leaf that reads it."""

    item: Missing
    column: str
    bits: int
    leaves: Mapping[Condition, int]
    readers: int
    moving: bool = False


@dataclass
class Settled:
    """Exact answers for some rows: `rows` are their numbers; the others go to the interpreter.

    Masks count grants and exclusions in the order of the act. `missing` and `improving` number `Reasons`.
    """

    rows: Ints
    outcome: Ints
    grant: Ints
    true: Ints
    live: Ints
    exclusions: Ints
    missing: Ints
    improving: Ints


class Settler:
    """What is needed to settle rows of one act; made once."""

    def __init__(self, plan: Plan, signatures: Signatures) -> None:
        self.plan, self.signatures = plan, signatures
        self.atoms = plan.case_atoms()
        self.tests = plan.quantifiers[: plan.deciding]
        self.by_mark = readers(plan.act)
        self.grant_bit = {grant.id: 1 << index for index, grant in enumerate(plan.act.grants)}
        self.fields = self._fields()
        self.offence_readers = self._mask("offences")
        self.test_readers = [
            sum(1 << index for index in range(len(plan.ranks)) if test in set(rules.walk(plan.full(index))))
            for test in self.tests
        ]
        self._offences: loops.Offences | None = None
        self._laws: dict[str, int] = {}
        self._told = Numbering(loops.told_words(len(self.fields)))
        self._reason_of_told = Growing(np.int64)
        self._chains = Numbering(len(plan.ranks))
        self._reason_of_chain = Growing(np.int64)
        self.items = Items(self.weight)
        self._part_items: dict[tuple[int, int], int] = {}
        self.program = Program(plan, self.atoms)
        self.reading = [[place for place, one in enumerate(self.fields) if atom in one.leaves] for atom in self.atoms]
        self.joined = self._joined_leaves()
        self.signed = [by_signature(test) for test in self.tests]
        self.mixed = [
            index for index, test in enumerate(self.tests) if not self.signed[index] and not dated_alone(test)
        ]
        self.modules = self._modules()

    def _mask(self, mark: str) -> int:
        return sum(self.grant_bit[grant] for grant in self.by_mark.get(mark, ()))

    def _fields(self) -> list[OpenField]:
        """Every field that some deciding leaf reads, with the cells that the interpreter tells apart."""
        inquiry = Inquiry(CaseRecord.model_construct(case_id=""), self.plan.act)
        reading: dict[str, list[Condition]] = {}
        for atom in self.atoms:
            if isinstance(atom, LawOpen):
                reading[atom.item] = [atom]
            elif not isinstance(atom, rules.IsKnown):
                for name in {name.name for operand in rules.operands(atom) for name in rules.names(operand)} - {COUNT}:
                    reading.setdefault(name, []).append(atom)
        if any(age_test(test) for test in self.plan.quantifiers[: self.plan.deciding]):
            reading.setdefault("birth_date", [])
        return [self._field(name, leaves, inquiry) for name, leaves in reading.items()]

    def _field(self, name: str, leaves: list[Condition], inquiry: Inquiry) -> OpenField:
        if name.startswith("clause:"):
            return OpenField(Missing("law", name), "", 1, {leaves[0]: 0b10}, self._mask(name))
        value = inquiry.scalars[name]
        column = column_of(name, self.plan.act)
        single = [leaf for leaf in leaves if not self._joined(leaf, inquiry, value)]
        moving = name == "birth_date" and any(age_test(test) for test in self.plan.quantifiers[: self.plan.deciding])
        if moving:
            bits = (len(self._birth_limits(single)) + self._age_tests()).bit_length()
            return OpenField(value.item, column, bits, dict.fromkeys(single, 0), self._mask(value.item.name), True)
        cells = self._distinct(single, inquiry, value)
        bits = max(1, (len(cells) - 1).bit_length())
        codes = [cells[min(code, len(cells) - 1)] for code in range(1 << bits)]
        table = {
            leaf: sum(
                1 << code for code, cell in enumerate(codes) if inquiry.holds(leaf, None, {value.key: cell}) is True
            )
            for leaf in single
        }
        return OpenField(value.item, column, bits, table, self._mask(value.item.name))

    # what the rows ask for again and again

    def offences(self) -> loops.Offences:
        """What the loops are told of the signatures met so far."""
        known = len(self.signatures.all)  # another thread may add to them meanwhile
        if self._offences is None or known != len(self._offences.is_open):
            self._offences = self._offences_of(self.signatures.all[:known])
        return self._offences

    def _offences_of(self, known: list[Signature]) -> loops.Offences:
        most = max(1, *(len(one.parts) for one in known))
        bits, laws = np.zeros((len(known), most), np.int64), np.full((len(known), most), -1, np.int64)
        for number, one in enumerate(known):
            for place, part in enumerate(one.parts):
                bits[number, place], laws[number, place] = part.bits, self._law_number(part)
        return loops.Offences(
            np.array([one.open for one in known], np.uint8),
            np.array([one.too_wide for one in known], np.uint8),
            bits,
            laws,
            self.signatures.undated,
            int(known[self.signatures.undated].open),
        )

    def _law_number(self, part: OpenPart) -> int:
        """Doubts about one list share a number: a list is asked only whether some offence is on it."""
        if not part.shared:
            return -1
        subject, _, rest = part.key.partition(":")
        doubt = f"listed:{rest.partition(':')[0]}" if subject == "listed" else part.key
        return self._laws.setdefault(doubt, len(self._laws))

    def with_end(self, end: pl.Series) -> list[pl.Series]:
        """The column of the end of the term and the columns moved from it, for another end."""
        moved = [
            moved_column(end, shift.by, shift.column) for shift in self.plan.shifts.values() if shift.name == "term_end"
        ]
        return [end.alias("term_end"), *moved]

    def _listed(self, told: list[int]) -> tuple[int, ...]:
        """The missing things of a list as the loops tell it: fields, parts of offences, and the open grants."""
        words = len(told) - 1 - loops.SLOTS
        found = [self._field_items[64 * word + bit] for word, of in enumerate(told[:words]) for bit in bits(of)]
        for packed in filter(None, told[words:-1]):
            found += [self._part_item(packed >> 8, place) for place in bits(packed & 0xFF)]
        return self.items.ordered(found, told[-1])

    @cached_property
    def _field_items(self) -> list[int]:
        return [self.items.number(item) for item in (*(one.item for one in self.fields), OFFENCES_UNKNOWN)]

    def _part_item(self, offence: int, part: int) -> int:
        """The item of an open part of an offence, which is its signature and its place in the case in one number."""
        found = self._part_items.get((offence, part))
        if found is None:
            item = self.signatures.all[(offence >> 8) - 1].parts[part].item
            own = item if item.offence is None else Missing(item.kind, item.name, offence & 0xFF)
            found = self._part_items[offence, part] = self.items.number(own)
        return found

    def weight(self, item: Missing) -> tuple[int, Any]:
        """The grants that read a missing thing, as a mask, and its place among those that as many read."""
        mask = sum(self.grant_bit[grant] for grant in grants_reading(item, self.by_mark))
        return mask, order_of(item, self.plan.act)

    def _joined_leaves(self) -> list[int]:
        """Leaves that read more than one value, so that their table needs another."""
        read = [{name.name for operand in rules.operands(atom) for name in rules.names(operand)} for atom in self.atoms]
        return [place for place, names in enumerate(read) if len(names) > len(self.reading[place])]

    def _age_tests(self) -> int:
        return sum(age_test(test) for test in self.plan.quantifiers[: self.plan.deciding])

    def _birth_limits(self, leaves: list[Condition]) -> list[int]:
        return [limit for leaf in leaves for limit in birth_limits(leaf)]

    def _modules(self) -> list[Module]:
        """Parts of a grant's condition that stand for themselves: no field in them is read elsewhere in the clause."""
        place = {leaf: number for number, one in enumerate(self.fields) for leaf in one.leaves}
        found: list[Module] = []
        for index in range(len(self.plan.ranks)):
            full = self.plan.full(index)
            leaves = [leaf for leaf, _ in signed_leaves(full)]
            for either in (node for node in rules.walk(full) if isinstance(node, rules.Or)):
                for part in either.of:
                    fields = _fields_of(part, place)
                    if fields is None or any(self.fields[one].moving for one in fields):
                        continue
                    inside = [leaf for leaf, _ in signed_leaves(part)]
                    outside = [leaf for leaf in leaves if leaf not in inside]
                    twice = len(leaves) - len(outside) != len(inside)
                    if not twice and not any(place.get(leaf) in fields for leaf in outside):
                        found.append(Module(index, id(either), part, self.program.step(part), fields))
        return found

    def _joined(self, leaf: Condition, inquiry: Inquiry, value: Open) -> bool:
        """Whether a leaf needs another open field as well."""
        cells = inquiry.cells_of(value)
        return any(isinstance(inquiry.holds(leaf, None, {value.key: cell}), Open) for cell in cells)

    def _distinct(self, leaves: list[Condition], inquiry: Inquiry, value: Open) -> list[Any]:
        """One cell for each way in which the leaves can answer, those with fewer true answers first."""
        seen: dict[tuple[Any, ...], Any] = {}
        for cell in inquiry.cells_of(value):
            answers = tuple(inquiry.holds(leaf, None, {value.key: cell}) for leaf in leaves)
            seen.setdefault(answers, cell)
        return [seen[answers] for answers in sorted(seen, key=lambda answers: sum(map(bool, answers)))]

    # what the loops are told of the act

    @cached_property
    def steps(self) -> loops.Steps:
        """The steps of all clauses."""
        numbers = [[of] if isinstance(of, int) else of for _, of in self.program.steps]
        starts = np.cumsum([0, *map(len, numbers)])
        kinds = [_KINDS[kind] for kind, _ in self.program.steps]
        return loops.Steps(_whole(kinds), _whole(starts), _whole([one for of in numbers for one in of]))

    @cached_property
    def clauses(self) -> loops.Clauses:
        """The steps of grants and exclusions, and what limits each grant."""
        limits = self.plan.limits
        starts = np.cumsum([0, *map(len, limits)])
        all_limits = _whole([one for of in limits for one in of])
        own, exclusions = _whole(self.program.own), _whole(self.program.exclusions)
        return loops.Clauses(own, exclusions, _whole(starts), all_limits, _whole(self.plan.ranks))

    @cached_property
    def open_fields(self) -> loops.Fields:
        """What may be open, and the parts of grants that stand for themselves."""
        eithers: dict[tuple[int, int], int] = {}
        numbers = [eithers.setdefault((one.grant, one.either), len(eithers)) for one in self.modules]
        return loops.Fields(
            _masks(one.readers for one in self.fields),
            _whole(one.bits for one in self.fields),
            _whole(one.grant for one in self.modules),
            _whole(numbers),
            _whole(one.step for one in self.modules),
            _whole(np.cumsum([0, *(len(one.fields) for one in self.modules)])),
            _whole(one for module in self.modules for one in module.fields),
        )

    @cached_property
    def terms(self) -> Terms:
        """What makes the open values of rows into terms of leaves and tests."""
        steps = {(kind, of): number for number, (kind, of) in enumerate(self.program.steps) if isinstance(of, int)}
        return Terms(self.atoms, self.fields, self.reading, self.tests, self.signatures, steps)

    # what the loops are told of some rows

    @cached_property
    def _expressions(self) -> list[pl.Expr]:
        """The leaves, the offence tests, the fields that are not known, and whether two ends of the term are given."""
        states = [pl.all_horizontal(self.plan.expression(atom)) for atom in self.atoms]
        states += [pl.col(f"q{index}") for index in range(len(self.tests))]
        found = [one.cast(pl.UInt8).fill_null(loops.OPEN) for one in states]
        found += [(pl.col(one.column).is_null() if one.column else pl.lit(True)).cast(pl.UInt8) for one in self.fields]
        found.append(pl.col(OTHER_END).is_not_null().cast(pl.UInt8))
        return [one.alias(str(place)) for place, one in enumerate(found)]

    def values(self, cases: pl.DataFrame) -> Values:
        """What the rules read in some rows, and from it every step of the clauses by Kleene's rules."""
        read = cases.select_seq(self._expressions).to_numpy()  # few rows: threads cost more than they save
        leaves, tests = len(self.atoms), len(self.tests)
        parts = np.split(read, [leaves, leaves + tests, leaves + tests + len(self.fields)], axis=1)
        states, answers, null, two = (np.ascontiguousarray(part) for part in parts)
        steps = np.zeros((cases.height, len(self.program.steps)), np.uint8)
        loops.kleene(self.steps, states, answers, steps)
        return Values(states, answers, null, two[:, 0], steps)

    @cached_property
    def _ended_columns(self) -> list[str]:
        """The columns that leaves about the end of the term read."""
        read = {name for one in self._of_end[1] for name in one.meta.root_names()}
        return sorted(read | {COUNT, "term_end", GIVEN_END, OTHER_END})

    def _rows(self, rows: Ints, part: Part) -> loops.Rows:
        return loops.Rows(
            part.unknown[rows] | part.asked[rows],
            part.values.null[rows],
            part.values.steps[rows],
            part.first_offence[rows].astype(np.int64),
            part.cases.get_column(COUNT).to_numpy()[rows].astype(np.int64),
            part.offence_signature.astype(np.int64),
            part.layout.offences.get_column("committed_on").is_null().to_numpy(),
        )

    def _read(self, rows: Ints, part: Part) -> Read:
        """What leaves and tests say of some rows, under each end of the term where there are two."""
        values, cases = part.values, part.cases
        leaves, two = values.leaves[rows], np.flatnonzero(values.two[rows])
        given, computed = np.zeros((2, len(two), len(self.atoms)), np.uint8)
        if len(two):
            both = cases.select(self._ended_columns)[rows[two]]
            ends = pl.concat([both.get_column(name) for name in ("term_end", GIVEN_END, OTHER_END)])
            of_ends = np.split(self._leaves_of(pl.concat([both] * 3).with_columns(self.with_end(ends))), 3)
            ended = np.array(self._of_end[0], np.int64)
            leaves[np.ix_(two, ended)], given[:, ended], computed[:, ended] = of_ends
        ages = [index for index, test in enumerate(self.tests) if age_test(test)]
        limits = {index: cases.get_column(f"limit{index}").to_numpy()[rows] for index in ages}
        return Read(leaves, values.tests[rows], two, given == loops.TRUE, computed == loops.TRUE, limits)

    @cached_property
    def _of_end(self) -> tuple[list[int], list[pl.Expr]]:
        """The leaves that read the end of the term: their places, and themselves."""
        ended = [place for place, atom in enumerate(self.atoms) if _reads(atom, "term_end")]
        found = [pl.all_horizontal(self.plan.leaf(self.atoms[place], False)) for place in ended]
        return ended, [
            one.cast(pl.UInt8).fill_null(loops.OPEN).alias(str(place)) for place, one in zip(ended, found, strict=True)
        ]

    def _leaves_of(self, cases: pl.DataFrame) -> Ints:
        """The leaves that read the end of the term, for the end that stands there."""
        return cases.select_seq(pl.col(COUNT).cast(pl.UInt8), *self._of_end[1]).to_numpy()[:, 1:]

    def settle(self, rows: Ints, part: Part, reasons: Reasons) -> tuple[Settled, Ints]:
        """Settle rows of a part; gives the settled ones and the numbers of those left to the interpreter."""
        offences, fields = self.offences(), self.open_fields
        told, read = self._rows(rows, part), self._read(rows, part)
        places = loops.places_for(
            len(rows), len(self.fields), len(self.program.steps), len(self.tests), offences.bits.shape[1]
        )
        loops.place(fields, _masks(self.test_readers), np.uint64(self.offence_readers), offences, told, places)
        self._refuse(read, told.counts, places)
        terms, tests = self.terms.of(read, told.counts, places)
        true, unknown, asked = part.true[rows], part.unknown[rows], part.asked[rows]
        known = loops.Known(true, unknown, asked, part.hit[rows], part.excluded[rows], read.leaves, tests)
        ranks = len(self.plan.ranks)
        most = sum(int(((known.unknown >> np.uint64(grant)) & np.uint64(1)).sum()) for grant in range(ranks))
        found = loops.found_for(len(rows), most + len(rows), ranks)
        count = loops.settle(self.steps, self.clauses, known, places, terms, found)
        told_words = np.zeros((count, loops.told_words(len(self.fields))), np.uint64)
        loops.tell(fields.bits, offences.bits, places, found, count, told_words)
        missing, improving = self._reasons(found, told_words, reasons)
        here = np.flatnonzero(places.hard == 0)
        answers = (found.outcome, found.grant, found.true, found.live, found.excluded, missing, improving)
        return Settled(rows[here], *(answer[here] for answer in answers)), rows[places.hard != 0]

    def _refuse(self, read: Read, counts: Ints, places: loops.Places) -> None:
        """Leaves and tests that read two open values together, and tables that are too wide, go to the interpreter."""
        places.hard[places.common + places.private > MAX_BITS] = 1
        for index in self.mixed:
            places.hard[(read.tests[:, index] == loops.OPEN) & (counts > 0)] = 1
        for place in self.joined:
            places.hard[read.leaves[:, place] == loops.OPEN] = 1
        for place, one in enumerate(self.fields):
            if one.bits > loops.IN_WORD and (one.moving or one.column == "term_end"):
                places.hard[places.start[:, place] >= 0] = 1

    def _reasons(self, found: loops.Found, told: Ints, reasons: Reasons) -> tuple[Ints, Ints]:
        """The numbers of the missing things and of the improvements of every row."""
        numbers, fresh = self._told.number(*told.T)
        self._reason_of_told.add([reasons.add(self._listed(one)) for one in told[fresh].tolist()])
        reason = self._reason_of_told.all[numbers]
        missing = np.where(found.missing < 0, 0, np.append(reason, 0)[found.missing])
        improving = np.zeros(len(missing), np.int64)
        lengths = found.improving_count
        rows = np.flatnonzero(lengths)
        if len(rows):
            lengths = lengths[rows]
            links = np.zeros((len(rows), len(self.plan.ranks)), np.uint64)
            of_row = np.repeat(np.arange(len(rows)), lengths)
            within = np.arange(len(of_row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            at = found.improving_start[rows][of_row] + within
            needs = reason[at].astype(np.uint64)
            links[of_row, within] = (found.improved[at] + 1).astype(np.uint64) << np.uint64(32) | needs
            chains, fresh = self._chains.number(*links.T)
            self._reason_of_chain.add([reasons.number(_chain(row, reasons)) for row in links[fresh].tolist()])
            improving[rows] = self._reason_of_chain.all[chains]
        return missing, improving


def _chain(links: list[int], reasons: Reasons) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """A chain of improvements: each grant with its needs, in the order of the act."""
    return tuple(((link >> 32) - 1, reasons.of[link & 0xFFFFFFFF]) for link in links if link)


@dataclass(frozen=True)
class Module:
    """A part of a grant's condition, one of several joined by `or`, whose fields the clause reads nowhere else.

    Where it is open and its fields are private to the grant, all such parts of one `or` behave as a single yes or no.
    """

    grant: int
    either: int
    condition: Condition
    step: int
    fields: tuple[int, ...]


def _fields_of(part: Condition, place: Mapping[Condition, int]) -> tuple[int, ...] | None:
    """The fields of a leaf, or of leaves joined by one `and`; none for anything deeper."""
    while isinstance(part, rules.Term):
        part = part.of
    leaves = part.of if isinstance(part, rules.And) else (part,)
    bare = [leaf.of if isinstance(leaf, rules.Not) else leaf for leaf in leaves]
    if isinstance(part, rules.Not) or not all(leaf in place for leaf in bare):
        return None
    return tuple(sorted({place[leaf] for leaf in bare}))


class Program:
    """The clauses of an act as a list of steps, each shared step worked out once."""

    def __init__(self, plan: Plan, atoms: list[Condition]) -> None:
        self.steps: list[tuple[str, Any]] = []
        self._known: dict[Condition, int] = {}
        self._place = {atom: place for place, atom in enumerate(atoms)}
        self._plan = plan
        self.exclusions = [self.step(clause.condition) for clause in plan.act.exclusions]
        self.own = [self.step(grant.condition) for grant in plan.act.grants]

    def step(self, node: Condition) -> int:
        """The number of the step that works out a condition."""
        if node not in self._known:
            made = self._make(node)
            self._known[node] = len(self.steps)
            self.steps.append(made)
        return self._known[node]

    def _make(self, node: Condition) -> tuple[str, Any]:
        match node:
            case rules.And(of):
                return "and", [self.step(part) for part in of]
            case rules.Or(of):
                return "or", [self.step(part) for part in of]
            case rules.Not(of):
                return "not", self.step(of)
            case rules.Term(_, of):
                return "same", self.step(of)
            case rules.AnyOffence() | rules.EveryOffence():
                return "test", self._plan.quantifier(node)
        return "leaf", self._place[node]


@dataclass(frozen=True)
class Values:
    """What the rules read in some rows: leaves, offence tests and steps (0 false, 1 true, 2 open), unknown fields.

    `two` marks rows with two different ends of the term.
    """

    leaves: Ints
    tests: Ints
    null: Ints
    two: Ints
    steps: Ints


@dataclass
class Part:
    """A part of a register with everything that has been worked out for it.

    `unknown` are the grants that Kleene's rules leave undecided, `asked` those that an exclusion closes while their
    own condition is open to Kleene's rules alone; `unclear` rows are left to the interpreter.
    """

    layout: Layout
    cases: pl.DataFrame
    values: Values
    first_offence: Ints
    offence_signature: Ints
    true: Ints
    unknown: Ints
    asked: Ints
    excluded: Ints
    hit: Ints
    unclear: Bools

    @classmethod
    def of(cls, layout: Layout, cases: pl.DataFrame, values: Values, signature: Ints) -> Part:
        """Some rows of which no clause is known yet."""
        true, unknown, asked, excluded = (np.zeros(cases.height, np.uint64) for _ in range(4))
        hit, unclear = np.zeros(cases.height, np.uint8), np.zeros(cases.height, bool)
        first = layout.first_offence()
        return cls(layout, cases, values, first, signature, true, unknown, asked, excluded, hit, unclear)


_KINDS = {
    "and": loops.AND,
    "or": loops.OR,
    "not": loops.NOT,
    "same": loops.SAME,
    "leaf": loops.LEAF,
    "test": loops.TEST,
}


def _reads(atom: Condition, name: str) -> bool:
    return any(one.name == name for operand in rules.operands(atom) for one in rules.names(operand))


def _whole(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), np.int64)


def _masks(masks: Iterable[int]) -> Ints:
    return np.array(list(masks), np.uint64)
