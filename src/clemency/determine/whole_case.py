"""Reservations about the case as a whole: listed wherever their condition is not false, whatever the grants.

What flags, facts and offence tests decide is asked once for each of their combinations; where dates or numbers decide
as well, once for each combination of what they say. Only where that does not tell all, the rows are looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.gate import general
from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.plan import Plan, Quantified
from clemency.determine.signatures import mixed
from clemency.determine.value_leaves import LEAVES, OPEN, ValueLeaves
from clemency.law import rules
from clemency.law.rules import Condition
from clemency.records.layout import (
    FACT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FLAGS,
    flag_fields,
    unpacked_columns,
)

Ints = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
#: Whether a condition is certainly true, and whether it is certainly false.
Truth = tuple[Bools, Bools]


class WholeCase:
    """The reservations of one act about the case as a whole.

    Sets of them are masks over the reservations of the act, and have a small number (`code`) each.
    """

    def __init__(self, plan: Plan, facts: tuple[str, ...]) -> None:
        self.plan, self.facts = plan, facts
        self._columns: dict[Condition, set[str]] = {}
        tests = {f"q{index}" for index in range(len(plan.quantifiers))}
        self.of_heads = {*flag_fields(), *(FACT + name for name in facts), *tests}
        together = {f"q{index}" for index, test in enumerate(plan.quantifiers) if mixed(test)}
        about = [
            (index, clause.condition)
            for index, clause in enumerate(plan.act.reservations)
            if clause.condition is not None and general(clause, plan.act)
        ]
        #: Conditions that only whole rows can tell, and the others.
        self.by_row = [(index, one) for index, one in about if self.columns(one) & together or self.entwined(one)]
        self.told = [(index, one) for index, one in about if (index, one) not in self.by_row]
        self.leaves: list[Condition] = list(
            dict.fromkeys(leaf for _, one in self.told for leaf in self.leaves_of(one) if not self.in_head(leaf))
        )
        decided = [leaf for _, one in self.told for leaf in self.leaves_of(one) if self.in_head(leaf)]
        self._tests = [leaf for leaf in decided if isinstance(leaf, Quantified)]
        self._plain = [leaf for leaf in decided if not isinstance(leaf, Quantified)]
        self._profiles, self._states = Numbering(3), Growing(np.uint8, len(self._plain))
        self._heads, self._masks = Numbering(2), WordNumbering()
        self._decided, self._undecided = Growing(np.uint64), Growing(np.uint64)
        self._one_at_a_time = threading.Lock()
        self._masks.number(np.zeros(1, np.uint64))
        self._by_value = {leaf: self._values_of(leaf) for leaf in self._plain if len(self.columns(leaf)) == 1}
        self.reads = self._reads()

    def place_leaves(self, leaves: ValueLeaves) -> None:
        """Take note of where the leaves stand in the words of leaves."""
        self.places = {leaf: leaves.place(leaf) for leaf in self.leaves}
        self._matter = Growing(np.uint64, leaves.words)
        self._combinations, self._of_combination = Numbering(1 + leaves.words), Growing(np.int32)

    def _reads(self) -> tuple[np.uint64, np.uint64, np.uint64]:
        """The bits of flags, facts and offence tests that the conditions read."""
        columns = {name for _, one in self.told for name in self.columns(one)}
        flags = sum(flag.mask for name, flag in flag_fields().items() if name in columns)
        facts = sum(1 << place for place, name in enumerate(self.facts) if FACT + name in columns)
        tests = sum(3 << (2 * index) for index in range(len(self.plan.quantifiers)) if f"q{index}" in columns)
        return np.uint64(flags), np.uint64(facts), np.uint64(tests)

    # what conditions read

    def columns(self, condition: Condition) -> set[str]:
        """The columns that a condition reads."""
        if condition not in self._columns:
            self._columns[condition] = set(self.plan.expression(condition).meta.root_names())
        return self._columns[condition]

    def leaves_of(self, condition: Condition) -> list[Condition]:
        """The leaves of a condition, an offence test counted as one."""
        match condition:
            case rules.And(of) | rules.Or(of):
                return [leaf for part in of for leaf in self.leaves_of(part)]
            case rules.Not(of) | rules.Term(_, of):
                return self.leaves_of(of)
        return [condition]

    def in_head(self, leaf: Condition) -> bool:
        """Whether flags, facts and offence tests decide a leaf."""
        return self.columns(leaf) <= self.of_heads

    def entwined(self, condition: Condition) -> bool:
        """Whether a leaf reads something of the head together with something else."""
        return any(not self.in_head(leaf) and self.columns(leaf) & self.of_heads for leaf in self.leaves_of(condition))

    @property
    def masks(self) -> Ints:
        """The sets of reservations met so far, by their code."""
        return self._masks.words

    # heads

    def heads(self, flags: Ints, true: Ints, known: Ints, tests: Ints) -> Ints:
        """The number of what the conditions read of some heads.

        One thread at a time may ask.
        """
        of_flags, of_facts, of_tests = self.reads
        profiles = flags & of_flags, true & of_facts, known & of_facts
        number, fresh = self._profiles.number(*profiles)
        if len(fresh):
            self._look_at_profiles(self._profiles.rows[number[fresh]])
        number, fresh = self._heads.number(number, tests & of_tests)
        if len(fresh):
            self._look_at_heads(self._heads.rows[number[fresh]])
        return number

    def _look_at_heads(self, heads: Ints) -> None:
        state = self.head_states(heads)
        decided, undecided = np.zeros(len(heads), np.uint64), np.zeros(len(heads), np.uint64)
        matter = np.zeros((len(heads), self._matter.all.shape[1]), np.uint64)
        unknown = np.zeros(len(heads), bool)
        for index, condition in self.told:
            leaves = [leaf for leaf in self.leaves_of(condition) if leaf in self.places]
            true, false = truth(condition, lambda leaf: state.get(leaf, (unknown, unknown)))
            is_open = ~true & ~false if leaves else unknown
            decided[~false & ~is_open] |= np.uint64(1 << index)
            undecided[is_open] |= np.uint64(1 << index)
            for leaf in leaves:
                word, place = divmod(self.places[leaf], LEAVES)
                matter[is_open, word] |= np.uint64(3 << (2 * place))
        self._decided.add(decided)
        self._undecided.add(undecided)
        self._matter.add(matter)

    def head_states(self, heads: Ints) -> dict[Condition, Truth]:
        """What the leaves that flags, facts and offence tests decide are in some heads."""
        profiles, tests = heads.T
        states = self._states.all[profiles]
        found = {leaf: (states[:, place] == 1, states[:, place] == 0) for place, leaf in enumerate(self._plain)}
        return found | {test: self.of_test(test, tests) for test in self._tests}

    def _look_at_profiles(self, profiles: Ints) -> None:
        """Note what the leaves are that flags and facts decide."""
        states = np.zeros((len(profiles), len(self._plain)), np.uint8)
        for place, leaf in enumerate(self._plain):
            states[:, place] = self._of_profiles(leaf, profiles)
        self._states.add(states)

    def _of_profiles(self, leaf: Condition, profiles: Ints) -> Ints:
        """A leaf that flags and facts decide (0 false, 1 true, 2 open): one alone has few values, all asked before."""
        flags, true, known = profiles.T
        if leaf not in self._by_value:
            return self._asked_of(leaf, flags, true, known)
        (name,) = self.columns(leaf)
        flag = flag_fields().get(name)
        if flag is not None:
            return self._by_value[leaf][flags >> np.uint64(flag.start) & np.uint64((1 << flag.bits) - 1)]
        bit = np.uint64(self.facts.index(name.removeprefix(FACT)))
        return self._by_value[leaf][(known >> bit & np.uint64(1)) + (true >> bit & np.uint64(1))]

    def _values_of(self, leaf: Condition) -> Ints:
        """What a leaf makes of each value of the one flag or fact that it reads, from the unknown one on."""
        (name,) = self.columns(leaf)
        flag = flag_fields().get(name)
        none = np.zeros(1 << flag.bits if flag is not None else 3, np.uint64)
        if flag is not None:
            return self._asked_of(leaf, np.arange(len(none), dtype=np.uint64) << np.uint64(flag.start), none, none)
        bit = np.uint64(1 << self.facts.index(name.removeprefix(FACT)))
        return self._asked_of(leaf, none, np.array([0, 0, bit], np.uint64), np.array([0, bit, bit], np.uint64))

    def _asked_of(self, leaf: Condition, flags: Ints, true: Ints, known: Ints) -> Ints:
        frame = pl.DataFrame({FLAGS: flags.astype(np.uint32), FACTS_TRUE: true, FACTS_KNOWN: known})
        state = pl.all_horizontal(self.plan.leaf(leaf, False)).cast(pl.UInt8).fill_null(OPEN)
        asked = frame.with_columns(unpacked_columns(self.facts, self.columns(leaf))).select(state)
        return np.broadcast_to(asked.to_series().to_numpy(), len(flags))

    def of_test(self, test: Quantified, tests: Ints) -> Truth:
        """An offence test, from the answers to all."""
        bits = tests >> np.uint64(2 * self.plan.quantifier(test))
        settled, not_settled = (bits & np.uint64(1)) != 0, (bits & np.uint64(3)) == 0
        return (settled, not_settled) if isinstance(test, rules.AnyOffence) else (not_settled, settled)

    # rows

    def leaves_of_head(self, heads: Ints) -> Ints:
        """The leaves that matter for some heads, as masks for the words of leaves."""
        return self._matter.all[heads]

    def codes(self, heads: Ints, leaves: Ints) -> Ints:
        """The code of some cases, from the numbers of what is read of heads, and the words of leaves."""
        combined = heads, *(leaves & self._matter.all[heads].T)
        with self._one_at_a_time:
            found, fresh = self._combinations.number(*combined)
            if len(fresh):
                masks = self._masks_of(self._combinations.rows[found[fresh]])
                self._of_combination.add(self._masks.number(masks)[0])
            return self._of_combination.all[found]

    def with_rows(self, found: Ints, frame: pl.DataFrame) -> Ints:
        """The codes of cases with what only whole rows can tell."""
        more = self._of_rows(frame, self.by_row)
        masks = self.masks
        return self._masks.number(masks[found] | masks[more])[0]

    def _masks_of(self, combinations: Ints) -> Ints:
        """What is listed for combinations of a head and leaves."""
        heads, leaves = combinations[:, 0], combinations[:, 1:]
        state = self.head_states(self._heads.rows[heads])
        for leaf, place in self.places.items():
            bits = leaves[:, place // LEAVES] >> np.uint64(2 * (place % LEAVES)) & np.uint64(3)
            state[leaf] = bits == 1, bits == 0
        found = self._decided.all[heads]
        for index, condition in self.told:
            _, false = truth(condition, state.__getitem__)
            found[~false] |= self._undecided.all[heads[~false]] & np.uint64(1 << index)
        return found

    def _of_rows(self, frame: pl.DataFrame, conditions: list[tuple[int, Condition]]) -> Ints:
        """The codes of some rows, each looked at by itself."""
        masks = np.zeros(frame.height, np.uint64)
        for index, condition in conditions:
            listed = frame.select(pl.all_horizontal(self.plan.expression(condition)).fill_null(True))
            masks[np.broadcast_to(listed.to_series().to_numpy(), masks.shape)] |= np.uint64(1 << index)
        return self._masks.number(masks)[0]


def truth(condition: Condition, leaf: Callable[[Condition], Truth]) -> Truth:
    """Kleene's value of a condition in some rows: where it is certainly true, and where certainly false."""
    match condition:
        case rules.And(of) if of:
            parts = [truth(part, leaf) for part in of]
            return reduce(np.logical_and, (one for one, _ in parts)), reduce(np.logical_or, (one for _, one in parts))
        case rules.Or(of) if of:
            parts = [truth(part, leaf) for part in of]
            return reduce(np.logical_or, (one for one, _ in parts)), reduce(np.logical_and, (one for _, one in parts))
        case rules.Not(of):
            true, false = truth(of, leaf)
            return false, true
        case rules.Term(_, of):
            return truth(of, leaf)
    return leaf(condition)
