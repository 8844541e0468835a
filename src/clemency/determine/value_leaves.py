"""Leaves that compare a date or a number: what each says of every case, two bits a leaf, packed into words.

Most leaves compare one column, or one moved by a duration, with constants. Such a leaf says the same of all days
between two at which it turns; so what it says is asked once for each stretch, of the very expression that would be
asked of every row. All other leaves are asked row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, inf, nextafter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine import key_loops
from clemency.determine.days import FAR, last_moved_to, moved_column, pieces
from clemency.determine.plan import Plan, Shift, column_of, comparable, constant
from clemency.determine.relief_columns import served_columns
from clemency.law import rules
from clemency.law.calendar import Duration, latest_birth_for_age
from clemency.law.calendar_columns import day_number
from clemency.law.rules import AgeOn, Among, Compare, Condition, IsKnown, Literal, Name, Operand, Shifted
from clemency.law.vocabulary import Kind
from clemency.records.layout import COUNT, OTHER_END

Ints = npt.NDArray[Any]
LEAVES = 32
OPEN = 2
#: The lower bit of every leaf in a word.
_LOW = np.uint64(sum(1 << 2 * place for place in range(LEAVES)))
_RANGES: dict[Any, tuple[int, int]] = {
    pl.Date: (-FAR, FAR),
    pl.Int32: (-(1 << 31), (1 << 31) - 1),
    pl.UInt16: (0, (1 << 16) - 1),
    pl.UInt8: (0, (1 << 8) - 1),
}


@dataclass(frozen=True)
class Turns:
    """The column that a leaf compares, moved or not, and the constants at which what it says may turn."""

    column: str
    by: Duration | None
    constants: tuple[float, ...]


@dataclass(frozen=True)
class Steps:
    """What some leaves about one column say: `says[n]` of a value above `n` of the limits, `unknown` where it is none.

    `word` is the word of leaves in which they stand, `mask` their bits there.
    """

    column: str
    word: int
    limits: Ints
    says: Ints
    unknown: int
    mask: int


def turns_of(leaf: Condition, plan: Plan) -> Turns | None:
    """Where a leaf turns; nothing for one that reads more than one column, or compares something else."""
    match leaf:
        case IsKnown(Name() as name):
            return _turns(name, [], plan)
        case Among(operand, values) if operand.type.kind is not Kind.ARTICLE:
            return _turns(operand, [comparable(value, operand) for value in values], plan)
        case Compare(_, AgeOn(day), Literal(years)) | Compare(_, Literal(years), AgeOn(day)):
            if list(rules.names(day)):
                return None
            births = [latest_birth_for_age(ceil(years) + more, constant(day)) for more in (0, 1)]
            return Turns("birth_date", None, tuple(day_number(one) for one in births))
        case Compare(_, left, right):
            value, fixed = (right, left) if _fixed(left) else (left, right)
            if isinstance(value, AgeOn) or not _fixed(fixed):
                return None
            return _turns(value, [constant(fixed) if isinstance(fixed, Shifted) else _literal(fixed)], plan)
    return None


def _fixed(operand: Operand) -> bool:
    return not isinstance(operand, AgeOn) and not list(rules.names(operand))


def _literal(operand: Operand) -> object:
    return comparable(operand.value, operand) if isinstance(operand, Literal) else None


def _turns(operand: Operand, constants: list[object], plan: Plan) -> Turns | None:
    by = operand.by if isinstance(operand, Shifted) else None
    name = operand.base if isinstance(operand, Shifted) else operand
    if not isinstance(name, Name) or name.of_offence or name.name in plan.served:
        return None
    counted = [day_number(one) if isinstance(one, date) else one for one in constants]
    numbers = [one for one in counted if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) < len(counted):
        return None
    if name.name == "offence_count":  # a count of none is an unknown one
        return Turns(COUNT, by, (0, *numbers))
    return Turns(column_of(name.name, plan.act), by, tuple(numbers))


class ValueLeaves:
    """Some leaves of an act, each with its place in the words."""

    def __init__(self, plan: Plan, leaves: list[Condition]) -> None:
        self.plan, self.all = plan, leaves
        self.words = max(-(-len(leaves) // LEAVES), 1)
        self.turns = [turns_of(leaf, plan) for leaf in leaves]
        self._steps: dict[tuple[str, Any], list[Steps]] = {}

    def place(self, leaf: Condition) -> int:
        """The place of a leaf."""
        return self.all.index(leaf)

    def of(self, cases: pl.DataFrame) -> Ints:
        """What every leaf says of every case (0 false, 1 true, 2 open), as words: `of(cases)[word, case]`."""
        found = np.zeros((self.words, cases.height), np.uint64)
        schema = cases.schema
        for column in dict.fromkeys(turns.column for turns in self.turns if turns is not None):
            if column in schema:
                self.add_steps(cases.get_column(column), found)
        both = cases.get_column(OTHER_END)
        if both.null_count() < both.len() and "term_end" in schema:
            rows = both.is_not_null().arg_true().to_numpy()
            for one in self.steps("term_end", schema["term_end"]):
                found[one.word, rows] = (found[one.word, rows] & ~np.uint64(one.mask)) | np.uint64(one.unknown)
        apart = self.row_by_row(schema)
        if apart:
            frame = self.with_moved(cases, apart)
            states = frame.select(self.state(self.all[place]).alias(str(place)) for place in apart)
            for place in apart:
                state = np.broadcast_to(states.get_column(str(place)).to_numpy(), cases.height).astype(np.uint64)
                found[place // LEAVES] |= state << np.uint64(2 * (place % LEAVES))
        return found

    def of_each_end(self, cases: pl.DataFrame, leaves: Ints) -> tuple[Ints, Ints]:
        """What the leaves say of cases whose given and computed end differ: of the given one, and of the computed.

        `leaves` are the words in which what is said of the end is open.
        """
        apart = self.row_by_row(cases.schema)
        if any(name.name == "term_end" for place in apart for name in rules.names_read(self.all[place])):
            none = pl.lit(None, pl.Date).alias(OTHER_END)
            given, computed = (
                self.of(cases.with_columns(cases.get_column(end).alias("term_end"), none))
                for end in ("term_end", OTHER_END)
            )
            return given, computed
        steps = self.steps("term_end", cases.schema["term_end"])
        given, computed = leaves.copy(), leaves.copy()
        for found, end in ((given, "term_end"), (computed, OTHER_END)):
            for one in steps:
                found[one.word] &= ~np.uint64(one.mask)
            self.add_steps(cases.get_column(end).alias("term_end"), found)
        return given, computed

    def row_by_row(self, schema: Mapping[str, Any]) -> list[int]:
        """The places of the leaves that are asked of every row, from the columns that there are."""
        return [
            place
            for place, turns in enumerate(self.turns)
            if turns is None or turns.column not in schema or not _stepped(schema[turns.column])
        ]

    def state(self, leaf: Condition) -> pl.Expr:
        """A leaf as a column of 0 false, 1 true, 2 open."""
        return pl.all_horizontal(self.plan.leaf(leaf, False)).cast(pl.UInt8).fill_null(OPEN)

    def with_moved(self, cases: pl.DataFrame, places: list[int]) -> pl.DataFrame:
        """The columns that some leaves read, with the moved dates; an end of which there are two is not known."""
        columns = cases.with_columns(pl.when(pl.col(OTHER_END).is_null()).then("term_end").alias("term_end"))
        columns = columns.with_columns(served_columns(columns, self.plan.served))
        return columns.with_columns(
            moved_column(columns.get_column(shift.name), shift.by, shift.column) for shift in self.shifts(places)
        )

    def shifts(self, places: list[int]) -> Iterator[Shift]:
        """The moved dates that some leaves read."""
        needed = {name for place in places for name in self.plan.leaf(self.all[place], False).meta.root_names()}
        return (shift for shift in self.plan.shifts.values() if shift.column in needed)

    # stretches

    def add_steps(self, values: pl.Series, words: Ints) -> None:
        """Add what all leaves about a column say of its values."""
        every = self.steps(values.name, values.dtype)
        if not every:
            return
        for piece in pieces(values):
            for one in every:
                word = words[one.word, piece.start : piece.start + len(piece.values)]
                told = one.limits, one.says, np.uint64(one.unknown)
                key_loops.steps(piece.values, piece.known, *told, word)

    def steps(self, column: str, dtype: Any) -> list[Steps]:
        """The stretches of one column, word by word."""
        if (column, dtype) not in self._steps:
            places = [place for place, turns in enumerate(self.turns) if turns is not None and turns.column == column]
            words = sorted({place // LEAVES for place in places})
            self._steps[column, dtype] = [
                self._stretches(column, dtype, [place for place in places if place // LEAVES == word])
                for word in words
                if _stepped(dtype)
            ]
        return self._steps[column, dtype]

    def _stretches(self, column: str, dtype: Any, places: list[int]) -> Steps:
        turns = [turns for place in places if (turns := self.turns[place]) is not None]
        limits = sorted({limit for one in turns for limit in _limits(one, dtype)})
        top = inf if dtype == pl.Float64 else _RANGES[dtype][1]
        plain = pl.Int32 if dtype == pl.Date else dtype
        stretches = pl.Series(column, [*limits, top, None], plain).cast(dtype)
        frame = pl.DataFrame(stretches).with_columns(
            moved_column(stretches, shift.by, shift.column) for shift in self.shifts(places) if shift.name == column
        )
        states = frame.select(self.state(self.all[place]).alias(str(place)) for place in places)
        says = np.zeros(len(stretches), np.uint64)
        for place in places:
            state = np.broadcast_to(states.get_column(str(place)).to_numpy(), says.shape).astype(np.uint64)
            says |= state << np.uint64(2 * (place % LEAVES))
        turning = [index for index in range(len(limits)) if says[index] != says[index + 1]]
        kept = np.array([limits[index] for index in turning], np.float64 if dtype == pl.Float64 else np.int32)
        mask = sum(3 << (2 * (place % LEAVES)) for place in places)
        return Steps(column, places[0] // LEAVES, kept, says[[*turning, len(limits)]], int(says[-1]), mask)


def _stepped(dtype: Any) -> bool:
    return dtype == pl.Float64 or dtype in _RANGES


def _limits(turns: Turns, dtype: Any) -> Iterator[float]:
    """The last values of the stretches between which a leaf may turn."""
    for number in turns.constants:
        if dtype == pl.Float64:
            yield from (nextafter(number, -inf), number)
            continue
        low, high = _RANGES[dtype]
        for limit in sorted({floor(number) - 1, floor(number), ceil(number)}):
            last = limit if turns.by is None else last_moved_to(limit, turns.by)
            if low <= last < high:
                yield last


def of_either_end(given: Ints, computed: Ints) -> Ints:
    """What leaves say of cases whose given and computed end differ, where they say the same of both; else open."""
    other = given ^ computed
    differ: Ints = (other | other >> np.uint64(1)) & _LOW
    return (given & ~(differ * np.uint64(3))) | differ << np.uint64(1)
