"""Settles the rows that Kleene's rules leave open: exact values of every clause over the completions of a case.

Open values are of two kinds in a row: *common* ones, which several undecided grants read, and *private* ones, which
only one of them reads. Every undecided grant has a truth table over the common bits and its own private bits; grants
are put together over the common bits alone, because functions of separate private values are independent of each
other. So a case with twenty open facts needs no table of a million completions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine import tables
from clemency.determine.days import birth_limits, moved_column
from clemency.determine.determination import Missing
from clemency.determine.interpreter import Inquiry, Open
from clemency.determine.kinds import first_rows, numbered
from clemency.determine.plan import GIVEN_END, Plan, Quantified, column_of, signed_leaves
from clemency.determine.reading import grants_reading, order_of, readers
from clemency.determine.signatures import OpenPart, Signatures, age_test, by_signature, dated_alone
from clemency.determine.tables import ONES, SHAPES, Shape, Words
from clemency.law import rules
from clemency.law.rules import AgeOn, Compare, Condition, LawOpen
from clemency.records.layout import COUNT, OTHER_END, Layout
from clemency.records.record import CaseRecord

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
SLOTS = 6
OFFENCES_UNKNOWN = Missing("fact", "offences")
_CHUNK_WORDS = 1 << 16
_FEW = 32  # rows for which a table of their own shape is not worth its while
_NONE = 255


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
    covered: Ints
    grant: Ints
    true: Ints
    live: Ints
    exclusions: Ints
    missing: Ints
    improving: Ints


@dataclass
class Reasons:
    """Lists of missing things, numbered; number 0 is the empty list."""

    of: list[Any] = field(default_factory=lambda: [()])
    _number: dict[Any, int] = field(default_factory=lambda: {(): 0})

    def number(self, reason: Any) -> int:
        """The number of a list, given out on its first appearance."""
        if reason not in self._number:
            self._number[reason] = len(self.of)
            self.of.append(reason)
        return self._number[reason]


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
        self.levels = sorted(set(plan.ranks))
        self._cache: dict[str, tuple[int, Any]] = {}
        self._laws: dict[str, int] = {}
        self._reason_numbers: dict[tuple[int, ...], int] = {}
        self._item_masks: dict[Missing, tuple[int, Any]] = {}
        self.program = Program(plan, self.atoms)
        self.reading = [[place for place, one in enumerate(self.fields) if atom in one.leaves] for atom in self.atoms]
        self.joined = self._joined_leaves()
        self.signed = [by_signature(test) for test in self.tests]
        self.mixed = [
            index for index, test in enumerate(self.tests) if not self.signed[index] and not dated_alone(test)
        ]
        self.leaf_values = [pl.all_horizontal(plan.leaf(atom, False)) for atom in self.atoms]
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

    def bits_of(self) -> Ints:
        """The open bits of every signature."""
        return self._cached("bits", lambda: np.array([one.bits for one in self.signatures.all] or [0], np.int64))

    def tables_of(self, index: int) -> Words:
        """The table of one offence test for every signature."""
        return self._cached(
            f"tables{index}", lambda: np.array([one.tables[index] for one in self.signatures.all] or [0], np.uint64)
        )

    def is_open(self) -> Bools:
        """Which signatures have open parts."""
        return self._cached("open", lambda: np.array([one.open for one in self.signatures.all], bool))

    def too_wide(self) -> Bools:
        """Which signatures have more open bits than a table holds."""
        return self._cached("wide", lambda: np.array([one.too_wide for one in self.signatures.all], bool))

    def part_bits(self) -> Ints:
        """The bits of each open part of every signature; shape (signatures, most parts)."""
        return self._cached("part bits", lambda: self._of_parts(lambda part: part.bits, 0))

    def part_laws(self) -> Ints:
        """The number of the open point of law of each part, -1 where the part is the offence's own."""
        return self._cached("part laws", lambda: self._of_parts(self._law_number, -1))

    def _law_number(self, part: OpenPart) -> int:
        """Doubts about one list share a number: a list is asked only whether some offence is on it."""
        if not part.shared:
            return -1
        subject, _, rest = part.key.partition(":")
        doubt = f"listed:{rest.partition(':')[0]}" if subject == "listed" else part.key
        return self._laws.setdefault(doubt, len(self._laws))

    def _of_parts(self, value: Callable[[OpenPart], int], empty: int) -> Ints:
        known = list(self.signatures.all)
        most = max((len(one.parts) for one in known), default=0)
        found = np.full((len(known), max(most, 1)), empty, np.int64)
        for number, one in enumerate(known):
            for place, part in enumerate(one.parts):
                found[number, place] = value(part)
        return found

    def _cached(self, name: str, make: Callable[[], Any]) -> Any:
        size, value = self._cache.get(name, (-1, None))
        known = len(self.signatures.all)  # another thread may add to them meanwhile
        if size != known:
            value = make()
            self._cache[name] = (known, value)
        return value

    def with_end(self, end: pl.Series) -> list[pl.Series]:
        """The column of the end of the term and the columns moved from it, for another end."""
        moved = [
            moved_column(end, shift.by, shift.column) for shift in self.plan.shifts.values() if shift.name == "term_end"
        ]
        return [end.alias("term_end"), *moved]

    def moving_place(self) -> int | None:
        """The place of the birth date among the fields, if an offence test compares the age."""
        return next((place for place, one in enumerate(self.fields) if one.moving), None)

    def constant_birth_limits(self) -> list[int]:
        """The birth dates at which leaves turn whatever the case."""
        place = self.moving_place()
        return self._birth_limits(list(self.fields[place].leaves)) if place is not None else []

    def reason(self, row: tuple[int, ...], reasons: Reasons) -> int:
        """The number of a list of missing things, the most decisive first."""
        number = self._reason_numbers.get(row)
        if number is None:
            number = self._reason_numbers[row] = reasons.number(self._items(row))
        return number

    def _items(self, row: tuple[int, ...]) -> tuple[Missing, ...]:
        touched, *slots, open_mask = row
        items: dict[Missing, None] = {}
        place = 0
        while touched:
            if touched & 1:
                item = self.fields[place].item if place < len(self.fields) else OFFENCES_UNKNOWN
                items[item] = None
            touched, place = touched >> 1, place + 1
        for packed in slots:
            if packed:
                for part_place, part in enumerate(self.signatures.all[(packed >> 16) - 1].parts):
                    if packed >> part_place & 1:
                        item = part.item
                        own = None if item.offence is None else packed >> 8 & 0xFF
                        items[item if own is None else Missing(item.kind, item.name, own)] = None
        return self.ordered(items, open_mask)

    def ordered(self, items: Iterable[Missing], open_grants: int) -> tuple[Missing, ...]:
        """Missing things, the most decisive first; the grants that are open as a mask."""
        distinct = dict.fromkeys(items)
        if len(distinct) < 2:
            return tuple(distinct)
        weighed = []
        for item in distinct:
            mask, order = self.weight(item)
            weighed.append((-(mask & open_grants).bit_count(), order, item))
        return tuple(item for _, _, item in sorted(weighed, key=lambda one: one[:2]))

    def weight(self, item: Missing) -> tuple[int, Any]:
        """The grants that read a missing thing, as a mask, and its place among those that as many read."""
        found = self._item_masks.get(item)
        if found is None:
            mask = sum(self.grant_bit[grant] for grant in grants_reading(item, self.by_mark))
            found = self._item_masks[item] = (mask, order_of(item, self.plan.act))
        return found

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

    def settle(self, rows: Ints, part: Part, reasons: Reasons) -> tuple[list[Settled], Ints]:
        """Settle rows of a part; gives the settled ones and the numbers of those left to the interpreter."""
        settled: list[Settled] = []
        view = _View(self, part, rows)
        left = ~view.hard
        for place, shape in enumerate(SHAPES):
            fits = left & (view.common <= shape.common) & (view.most_private <= shape.private)
            chosen = np.flatnonzero(fits)
            if len(chosen) < _FEW and any(shape in other for other in SHAPES[place + 1 :]):
                continue
            chosen = chosen[np.argsort(view.unknown[chosen], kind="stable")]
            left &= ~fits
            for start in range(0, len(chosen), _CHUNK_WORDS // shape.words):
                chunk = chosen[start : start + _CHUNK_WORDS // shape.words]
                settled.append(_Chunk(self, view, chunk, shape).settled(reasons))
        return settled, rows[left | view.hard]


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


@dataclass
class Part:
    """A part of a register with everything the expressions have worked out for it."""

    layout: Layout
    cases: pl.DataFrame
    true: Ints
    unknown: Ints
    excluded: Ints
    hit: Bools
    unclear: Bools
    first_offence: Ints
    offence_signature: Ints


class _View:
    """The open values of some rows: which they are, and at which bit of the tables each begins."""

    def __init__(self, settler: Settler, part: Part, rows: Ints) -> None:
        self.settler, self.part, self.rows = settler, part, rows
        self.cases = part.cases[rows] if len(rows) else part.cases.head(0)
        self.true, self.unknown = part.true[rows], part.unknown[rows]
        self.excluded, self.hit = part.excluded[rows], part.hit[rows]
        self.common = np.zeros(len(rows), np.int64)
        self.private = np.zeros((len(rows), len(settler.plan.ranks)), np.int64)
        self.hard = np.zeros(len(rows), bool)
        self.place_fields()
        self.counts = self.cases.get_column(COUNT).to_numpy().astype(np.int64)
        self.no_offences = self.counts == 0
        self.place_tests()
        self.place_offences()
        self.refuse_joined()
        self.read_leaves()

    def read_leaves(self) -> None:
        """The value of every leaf in every row (false where open), and under both ends where two are given."""
        settler = self.settler
        expressions = [value.fill_null(False).alias(str(place)) for place, value in enumerate(settler.leaf_values)]
        joined = [settler.leaf_values[place].is_null().alias(f"joined {place}") for place in settler.joined]
        found = _booleans(self.cases, [*expressions, *joined])
        self.leaves = found[: len(expressions)]
        for is_open in found[len(expressions) :]:
            self.hard |= is_open
        self.tests = [self.cases.get_column(f"q{index}") for index in range(len(settler.tests))]
        self.test_truth = [column.fill_null(False).to_numpy() for column in self.tests]
        self.test_open = [column.is_null().to_numpy() for column in self.tests]
        self.limits = {
            index: self.cases.get_column(f"limit{index}").to_numpy()
            for index, test in enumerate(settler.tests)
            if age_test(test)
        }
        self.two_ends = np.flatnonzero(self.cases.get_column(OTHER_END).is_not_null().to_numpy())
        both = self.cases[self.two_ends]
        self.of_given, self.of_computed = (
            _booleans(both.with_columns(settler.with_end(both.get_column(column))), expressions)
            for column in (GIVEN_END, OTHER_END)
        )

    def place_fields(self) -> None:
        """A field that one undecided grant alone reads takes private bits of that grant, any other common ones."""
        fields = self.settler.fields
        self.opens = [self.field_open(one) for one in fields]
        self.owner = []
        for one, is_open in zip(fields, self.opens, strict=True):
            reading = self.unknown & np.uint64(one.readers)
            alone = is_open & ((reading & (reading - np.uint64(1))) == 0)
            owner = np.full(len(self.rows), -1, np.int64)
            owner[alone] = np.log2(reading[alone].astype(np.float64)).astype(np.int64)
            self.owner.append(owner)
        self.starts = [np.zeros(len(self.rows), np.int64) for _ in fields]
        placed = self.place_modules()
        for place, one in enumerate(fields):
            owner, left = self.owner[place], self.opens[place] & ~placed[place]
            rows = np.flatnonzero(left & (owner >= 0))
            self.starts[place][rows] = self.private[rows, owner[rows]]
            self.private[rows, owner[rows]] += one.bits
            shared = left & (owner < 0)
            self.starts[place][shared] = self.common[shared]
            self.common += shared * one.bits
        self.most_private = self.private.max(axis=1, initial=0)

    def place_modules(self) -> list[Bools]:
        """Parts joined by `or` that stand for themselves share one private bit of their grant."""
        placed = [np.zeros(len(self.rows), bool) for _ in self.settler.fields]
        bit: dict[tuple[int, int], Ints] = {}
        self.module_bit: dict[int, Ints] = {}
        plan = self.settler.plan
        conditions = {str(module.step): plan.expression(module.condition) for module in self.settler.modules}
        values = _booleans(
            self.cases, [pl.all_horizontal(one).is_null().alias(name) for name, one in conditions.items()]
        )
        is_open = dict(zip(conditions, values, strict=True))
        for module in self.settler.modules:
            mine = [self.opens[place] & (self.owner[place] == module.grant) for place in module.fields]
            some = np.logical_or.reduce(mine)
            if not some.any():
                continue
            strange = np.logical_or.reduce(
                [self.opens[place] & ~own for place, own in zip(module.fields, mine, strict=True)]
            )
            rows = np.flatnonzero(some & ~strange & is_open[str(module.step)])
            start = bit.setdefault((module.grant, module.either), np.full(len(self.rows), -1, np.int64))
            fresh = rows[start[rows] < 0]
            start[fresh] = self.private[fresh, module.grant]
            self.private[fresh, module.grant] += 1
            where = self.module_bit.setdefault(module.step, np.full(len(self.rows), -1, np.int64))
            where[rows] = start[rows]
            for place in module.fields:
                here = rows[self.opens[place][rows]]
                placed[place][here] = True
                self.starts[place][here] = start[here]
        self.in_module = placed
        return placed

    def field_open(self, one: OpenField) -> Bools:
        relevant = (self.unknown & np.uint64(one.readers)) != 0
        if not one.column:
            return relevant
        return relevant & self.cases.get_column(one.column).is_null().to_numpy()

    def place_tests(self) -> None:
        """Without offences every test over them is open by itself."""
        self.test_starts: list[Ints] = []
        self.test_bare: list[Bools] = []
        for readers_ in self.settler.test_readers:
            relevant = self.no_offences & ((self.unknown & np.uint64(readers_)) != 0)
            self.test_bare.append(relevant)
            self.test_starts.append(self.common.copy())
            self.common += relevant

    def place_offences(self) -> None:
        """Open offences take slots; each open part has bits of its own, or those of the same point of law before it."""
        part, settler = self.part, self.settler
        relevant = (self.unknown & np.uint64(settler.offence_readers)) != 0
        shape = (len(self.rows), SLOTS, settler.part_bits().shape[1])
        self.slot_signature = np.full(shape[:2], -1, np.int64)
        self.slot_place = np.zeros(shape[:2], np.int64)
        self.slot_start = np.zeros(shape, np.int64)
        self.slot_law = np.full(shape, -1, np.int64)
        self.used = np.zeros(len(self.rows), np.int64)
        undated = part.layout.offences.get_column("committed_on").is_null().to_numpy()
        dates_matter = settler.signatures.all[settler.signatures.undated].open
        for place in range(int(self.counts.max(initial=0))):
            has = np.flatnonzero(relevant & (self.counts > place))
            at = part.first_offence[self.rows[has]] + place
            self.take_slots(has, part.offence_signature[at], place)
            if dates_matter:
                without = has[undated[at]]
                self.take_slots(without, np.full(len(without), settler.signatures.undated), place)

    def take_slots(self, has: Ints, signature: Ints, place: int) -> None:
        settler = self.settler
        is_open = settler.is_open()[signature]
        has, signature = has[is_open], signature[is_open]
        refused = settler.too_wide()[signature] | (self.used[has] >= SLOTS)
        self.hard[has[refused]] = True
        has, signature = has[~refused], signature[~refused]
        slot = self.used[has]
        self.slot_signature[has, slot] = signature
        self.slot_place[has, slot] = place
        bits, laws = settler.part_bits()[signature], settler.part_laws()[signature]
        for part in range(bits.shape[1]):
            start = self.common[has].copy()
            fresh = bits[:, part] > 0
            again = np.flatnonzero((laws[:, part] >= 0) & (slot > 0))
            if len(again):
                earlier = self.slot_law[has[again]] == laws[again, part, None, None]
                seen = earlier.any(axis=(1, 2))
                first = earlier.reshape(len(again), -1).argmax(axis=1)
                start[again[seen]] = self.slot_start[has[again]].reshape(len(again), -1)[seen, first[seen]]
                fresh[again[seen]] = False
            self.slot_start[has, slot, part] = start
            self.slot_law[has, slot, part] = laws[:, part]
            self.common[has] += np.where(fresh, bits[:, part], 0)
        self.used[has] += 1

    def refuse_joined(self) -> None:
        """Leaves and tests that read two open values together are left to the interpreter."""
        for index in self.settler.mixed:
            self.hard |= self.cases.get_column(f"q{index}").is_null().to_numpy() & ~self.no_offences


def _booleans(frame: pl.DataFrame, expressions: list[pl.Expr]) -> list[Bools]:
    values = frame.select(expressions)
    return [np.broadcast_to(column.to_numpy(), (frame.height,)) for column in values.get_columns()]


class _Chunk:
    """Some rows of one shape, while their clauses are worked out as words."""

    def __init__(self, settler: Settler, view: _View, chosen: Ints, shape: Shape) -> None:
        self.settler, self.view, self.chosen, self.shape = settler, view, chosen, shape
        self.words = shape.words
        self.patterns = tables.bit_patterns(shape.words)
        self.size = len(chosen)
        self.terms: dict[int, tuple[Ints, list[Words]]] = {}
        self.done: dict[int, Words] = {}
        self.unknown = view.unknown[chosen]
        self.undecided = [
            index for index in range(len(settler.plan.ranks)) if (self.unknown & np.uint64(1 << index)).any()
        ]
        self.reading = settler.reading
        self.slots = [self.slot(slot) for slot in range(int(view.used[chosen].max(initial=0)))]

    # words of leaves

    def start(self, place: int, rows: Ints) -> Ints:
        """The first bit of a field in some rows of the chunk."""
        at = self.chosen[rows]
        return self.view.starts[place][at] + np.where(self.view.owner[place][at] >= 0, self.shape.common, 0)

    def field_terms(self, place: int) -> tuple[Ints, list[Words]]:
        """The rows of the chunk in which a field is open, and the completions of each of its codes."""
        if place not in self.terms:
            rows = np.flatnonzero(self.view.opens[place][self.chosen] & ~self.view.in_module[place][self.chosen])
            self.terms[place] = (
                rows,
                tables.minterms(self.start(place, rows), self.settler.fields[place].bits, self.patterns),
            )
        return self.terms[place]

    def known(self, truth: Bools) -> Words:
        word = (truth[self.chosen] * ONES)[:, None]
        return np.repeat(word, self.words, axis=1) if self.words > 1 else word

    def word(self, step: int) -> Words:
        """The word of a step of the program; worked out when an undecided grant of the chunk asks for it."""
        if step not in self.done:
            kind, of = self.settler.program.steps[step]
            word = self.work_out(kind, of)
            bit = self.view.module_bit.get(step)
            if bit is not None:
                place = bit[self.chosen]
                rows = np.flatnonzero(place >= 0)
                word = word.copy()
                word[rows] = self.patterns[place[rows] + self.shape.common]
            self.done[step] = word
        return self.done[step]

    def work_out(self, kind: str, of: Any) -> Words:
        if kind == "leaf":
            return self.leaf(of)
        if kind == "test":
            return self.test(of)
        if kind == "not":
            return ~self.word(of)
        if kind == "same":
            return self.word(of)
        return self.joined(kind, [self.word(part) for part in of])

    def joined(self, kind: str, parts: list[Words]) -> Words:
        result = np.full((self.size, self.words), ONES if kind == "and" else 0, np.uint64)
        for part in parts:
            if kind == "and":
                np.bitwise_and(result, part, out=result)
            else:
                np.bitwise_or(result, part, out=result)
        return result

    def leaf(self, number: int) -> Words:
        atom = self.settler.atoms[number]
        result = self.known(self.view.leaves[number])
        for place in self.reading[number]:
            one = self.settler.fields[place]
            rows, terms = self.field_terms(place)
            if not len(rows):
                continue
            if one.moving:
                result[rows] = self.moving(place, birth_limits(atom), _birth_truth(atom))
            else:
                result[rows] = tables.spread(terms, one.leaves[atom])
            if one.column == "term_end":
                self.either_end(number, result, rows, terms)
        return result

    def either_end(self, number: int, result: Words, rows: Ints, terms: list[Words]) -> None:
        """Where the given and the computed end differ, the first code is the one and every other code the other."""
        view = self.view
        two = np.flatnonzero(np.isin(self.chosen[rows], view.two_ends))
        if not len(two):
            return
        at = np.searchsorted(view.two_ends, self.chosen[rows[two]])
        rest = np.uint64((1 << len(terms)) - 2)
        table = view.of_given[number][at].astype(np.uint64) | (view.of_computed[number][at].astype(np.uint64) * rest)
        result[rows[two]] = tables.spread([term[two] for term in terms], table)

    # words of tests over offences

    def test(self, index: int) -> Words:
        node = self.settler.plan.quantifiers[index]
        result = self.known(self.view.test_truth[index])
        is_open = self.view.test_open[index][self.chosen]
        if not is_open.any():
            return result
        some = isinstance(node, rules.AnyOffence)
        result[is_open] = 0 if some else ONES
        for rows, signature, terms in self.slots:
            here = is_open[rows] & ((signature == self.settler.signatures.undated) != self.settler.signed[index])
            if here.any():
                table = self.settler.tables_of(index)[signature[here]]
                word = tables.spread([term[here] for term in terms], table)
                if some:
                    result[rows[here]] |= word
                else:
                    result[rows[here]] &= word
        self.birth_test(index, is_open, result)
        bare = np.flatnonzero(self.view.test_bare[index][self.chosen])
        result[bare] = self.patterns[self.view.test_starts[index][self.chosen[bare]]]
        return result

    def slot(self, slot: int) -> tuple[Ints, Ints, list[Words]]:
        """The rows with an open offence in a slot, its signature, and the completions of each of its codes."""
        view, settler = self.view, self.settler
        signature = view.slot_signature[self.chosen, slot]
        rows = np.flatnonzero(signature >= 0)
        signature = signature[rows]
        terms: list[Words] = [np.full((len(rows), self.words), ONES)]
        if not len(rows):
            return rows, signature, terms
        bits = settler.part_bits()[signature]
        starts = view.slot_start[self.chosen[rows], slot]
        code_bit = np.cumsum(bits, axis=1) - bits
        for bit in range(int(bits.sum(axis=1).max())):
            inside = (code_bit <= bit) & (bit < code_bit + bits)
            there = inside.any(axis=1)
            part = inside.argmax(axis=1)
            every = np.arange(len(rows))
            place = np.where(there, starts[every, part] + bit - code_bit[every, part], 0)
            one, held = self.patterns[place], there[:, None]
            terms = [np.where(held, term & ~one, term) for term in terms] + [
                np.where(held, term & one, np.uint64(0)) for term in terms
            ]
        return rows, signature, terms

    def birth_test(self, index: int, is_open: Bools, result: Words) -> None:
        """An age test that only the date of birth leaves open."""
        place, node = self.settler.moving_place(), self.settler.plan.quantifiers[index]
        if place is None or not age_test(node):
            return
        rows, _ = self.field_terms(place)
        here = is_open[rows] & ~self.view.no_offences[self.chosen[rows]]
        if here.any():
            limit = self.view.limits[index][self.chosen[rows]]
            word = self.moving(place, [limit], _age_truth(node))[here]
            if isinstance(node, rules.AnyOffence):
                result[rows[here]] |= word
            else:
                result[rows[here]] &= word

    def moving(self, place: int, limits: list[Any], truth: Callable[[list[Words]], Words]) -> Words:
        """Words of a comparison on an open birth date whose turning points differ from case to case."""
        rows, terms = self.field_terms(place)
        constants = self.settler.constant_birth_limits()
        all_limits = [*constants, *(values[self.chosen[rows]] for values in self.view.limits.values())]
        reached = []
        for limit in limits:
            rank = sum(
                ((other < limit) * np.ones(len(rows), np.int64) for other in all_limits), np.zeros(len(rows), np.int64)
            )
            table = (np.uint64(2) << rank.astype(np.uint64)) - np.uint64(1)
            reached.append(tables.spread(terms, table))
        return truth(reached)

    # answers

    def settled(self, reasons: Reasons) -> Settled:
        plan, program, view = self.settler.plan, self.settler.program, self.view
        true, live = view.true[self.chosen].copy(), view.true[self.chosen] | self.unknown
        hit, excluded = view.hit[self.chosen].copy(), view.excluded[self.chosen].copy()
        full: dict[int, Words] = {}
        for index in self.undecided:
            own = self.word(program.own[index])
            excluding = [self.word(program.exclusions[limit]) for limit in plan.limits[index]]
            bit = np.uint64(1 << index)
            decided = (self.unknown & bit) == 0
            word = self.without(own, excluding)
            word[decided] = (((true[decided] & bit) != 0).astype(np.uint64) * ONES)[:, None]
            full[index] = word
            true |= _all_ones(word).astype(np.uint64) * bit
            live = np.bitwise_and(live, ~((~_any_one(word)).astype(np.uint64) * bit))
            for limit, closing in zip(plan.limits[index], excluding, strict=True):
                closed = _all_ones(closing) & ~decided  # elsewhere what is open in the exclusion has no place
                excluded |= closed * np.uint64(1 << limit)
                hit |= closed & _all_ones(own)
        certain, possible, reached = self.together(full, true)
        grant = self.counted(reached, true, live)
        outcome = np.where(reached < _NONE, 0, np.where(_any_one(possible), 3, np.where(hit, 1, 2)))
        missing, improving = self.reasons(full, certain, live & ~true, outcome, reached, reasons)
        return Settled(view.rows[self.chosen], outcome, grant, true, live, excluded, missing, improving)

    def without(self, own: Words, excluding: list[Words]) -> Words:
        result = own.copy()
        for word in excluding:
            np.bitwise_and(result, ~word, out=result)
        return result

    def together(self, full: Mapping[int, Words], true: Ints) -> tuple[Words, Words, Ints]:
        """Over the common completions: where some grant is certain, where possible; the best relief that is certain."""
        plan = self.settler.plan
        certain = np.zeros((self.size, self.words), np.uint64)
        possible = np.zeros((self.size, self.words), np.uint64)
        reached = np.full(self.size, _NONE, np.uint8)
        for level in self.settler.levels:
            of_level = np.uint64(sum(1 << index for index, rank in enumerate(plan.ranks) if rank == level))
            certain[(true & of_level) != 0] = ONES
            for index, word in full.items():
                if plan.ranks[index] == level:
                    certain |= self.shape.for_all(word)
                    possible |= self.shape.for_some(word)
            reached[(reached == _NONE) & _all_ones(certain)] = level
        return certain, possible | certain, reached

    def counted(self, reached: Ints, true: Ints, live: Ints) -> Ints:
        """The grant counted for the relief reached: the first that is true, else the first that is possible."""
        grant = np.full(self.size, _NONE, np.uint8)
        for mask in (live, true):
            for index in reversed(range(len(self.settler.plan.ranks))):
                here = (reached == self.settler.plan.ranks[index]) & ((mask >> np.uint64(index)) & np.uint64(1)).astype(
                    bool
                )
                grant[here] = index
        return grant

    # reasons

    def reasons(
        self, full: Mapping[int, Words], certain: Words, unknown: Ints, outcome: Ints, reached: Ints, reasons: Reasons
    ) -> tuple[Ints, Ints]:
        missing = np.zeros(self.size, np.int64)
        rows = np.flatnonzero(outcome == 3)
        if len(rows):
            missing[rows] = self.numbered(self.keys_together(full, certain, unknown, rows), unknown[rows], reasons)
        better: list[tuple[int, Ints, Ints]] = []
        for index, word in full.items():
            here = np.flatnonzero((outcome == 0) & (reached > self.settler.plan.ranks[index]) & _any_one(word))
            if len(here):
                support = tables.supports(word[here], self.shape.bits)
                own = np.zeros((len(here), len(self.settler.plan.ranks)), np.int64)
                own[:, index] = support >> self.shape.common
                keys = self.keys(here, support & ((1 << self.shape.common) - 1), own)
                alone = np.full(len(here), 1 << index, np.uint64)
                better.append((index, here, self.numbered(keys, alone, reasons)))
        improving = np.zeros(self.size, np.int64)
        for index, here, needs in reversed(better):
            improving[here] = _linked(index, needs, improving[here], reasons)
        return missing, improving

    def keys_together(self, full: Mapping[int, Words], certain: Words, unknown: Ints, rows: Ints) -> Ints:
        """What the outcome depends on: a value counts where no other grant is certain anyway."""
        common = np.zeros(len(rows), np.int64)
        private = np.zeros((len(rows), len(self.settler.plan.ranks)), np.int64)
        for index, word in full.items():
            place = np.flatnonzero((unknown[rows] >> np.uint64(index)) & np.uint64(1))
            if len(place):
                at = rows[place]
                support = tables.supports_unless(word[at], certain[at], self.shape.common, self.shape.bits)
                common[place] |= support & ((1 << self.shape.common) - 1)
                private[place, index] = support >> self.shape.common
        return self.keys(rows, common, private)

    def keys(self, rows: Ints, common: Ints, private: Ints) -> Ints:
        """Fields, offences and open parts as numbers; shape (rows, 1 + SLOTS).

        `common` is the mask of common bits that matter; `private` the masks of each grant's own.
        """
        view, chosen = self.view, self.chosen[rows]
        keys = np.zeros((len(rows), 1 + SLOTS), np.int64)
        every = np.arange(len(rows))
        for place, one in enumerate(self.settler.fields):
            is_open = view.opens[place][chosen]
            if is_open.any():
                owner = view.owner[place][chosen]
                support = np.where(owner >= 0, private[every, owner], common)
                width = np.where(view.in_module[place][chosen], 1, one.bits)
                touched = is_open & ((support >> view.starts[place][chosen]) & ((1 << width) - 1) != 0)
                keys[:, 0] |= touched.astype(np.int64) << place
        if view.no_offences[chosen].any():
            for bare, start in zip(view.test_bare, view.test_starts, strict=True):
                touched = bare[chosen] & ((common >> start[chosen]) & 1 != 0)
                keys[:, 0] |= touched.astype(np.int64) << len(self.settler.fields)
        for slot in range(int(view.used[chosen].max(initial=0))):
            signature = view.slot_signature[chosen, slot]
            there = np.flatnonzero(signature >= 0)
            bits = self.settler.part_bits()[signature[there]]
            starts = view.slot_start[chosen[there], slot]
            inner = np.zeros(len(there), np.int64)
            for part in range(bits.shape[1]):
                inner |= ((common[there] >> starts[:, part]) & ((1 << bits[:, part]) - 1) != 0).astype(np.int64) << part
            packed = ((signature[there] + 1) << 16) | (view.slot_place[chosen[there], slot] << 8) | inner
            keys[there, 1 + slot] = np.where(inner != 0, packed, 0)
        return keys

    def numbered(self, keys: Ints, unknown: Ints, reasons: Reasons) -> Ints:
        """The number of each row's list of missing things."""
        used = [place for place in range(keys.shape[1]) if place == 0 or keys[:, place].any()]
        of_row = numbered([*(keys[:, place] for place in used), unknown])
        rows = first_rows(of_row)
        told = zip(keys[rows].tolist(), unknown[rows].tolist(), strict=True)
        return np.array([self.settler.reason((*key, open_mask), reasons) for key, open_mask in told], np.int64)[of_row]


def _linked(grant: int, needs: Ints, later: Ints, reasons: Reasons) -> Ints:
    """Number the chains of improvements: this grant with its needs, before those of later grants."""
    pairs = needs * (1 << 32) + later
    distinct, back = np.unique(pairs, return_inverse=True)
    numbers = [
        reasons.number(((grant, reasons.of[pair >> 32]), *reasons.of[pair & 0xFFFFFFFF])) for pair in distinct.tolist()
    ]
    return np.array(numbers, np.int64)[back]


def _all_ones(words: Words) -> Bools:
    return np.all(words == ONES, axis=1).astype(bool)


def _any_one(words: Words) -> Bools:
    return np.any(words != 0, axis=1).astype(bool)


def _birth_truth(atom: Condition) -> Callable[[list[Words]], Words]:
    """From whether the birth lies up to each limit to the truth of a comparison of the age, or of the date itself."""
    op = atom.op if isinstance(atom, Compare) else "="
    if op == "=":
        return lambda reached: reached[0] & ~reached[1]
    aged = isinstance(atom, Compare) and isinstance(atom.left, AgeOn)
    if (op in (">", ">=")) == aged:
        return lambda reached: reached[0]
    return lambda reached: ~reached[0]


def _age_truth(test: Quantified) -> Callable[[list[Words]], Words]:
    op = test.of.op if isinstance(test.of, Compare) else "<"
    return (lambda reached: ~reached[0]) if op in ("<", "<=") else (lambda reached: reached[0])
