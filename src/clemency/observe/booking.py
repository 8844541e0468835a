"""On which of several grounds a person is counted: as the act says, or in an order drawn anew where no source tells.

A case may meet several grounds for the same relief. Its determination names them all and states one of them; statistics
count one. Where `booking.yaml` beside the population says that the order is not known, an order of the grounds is
drawn, and each case is counted on the first of those that it meets. That moves a case from one line to another and
never changes whether it is covered, its relief or its days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from clemency.determine.coded import Coded
from clemency.law.act import Act
from clemency.law.library import library_path
from clemency.law.readings import Question

Ints = NDArray[np.int64]

FILE = "booking.yaml"
_NONE = 255


@dataclass(frozen=True)
class Ground:
    """A ground on which people are counted: its name, and its clauses by their place in the act."""

    name: str
    clauses: tuple[int, ...]


@dataclass(frozen=True)
class Booking:
    """The grounds of an act among which the order of counting is not known; none where the act's own order holds.

    >>> from clemency.law.act import load_act
    >>> [ground.name for ground in Booking.of(load_act("az-2025")).grounds]
    ['personal', 'minor', 'negligence', 'less_serious', 'serious_first']
    """

    act: Act
    grounds: tuple[Ground, ...]
    reason: str

    @classmethod
    def of(cls, act: Act) -> Booking:
        """What the library says of an act; an act that was changed, or lies elsewhere, is counted in its own order."""
        written = _written(act.jurisdiction, library_path()).get(act.id) if act.jurisdiction and act.path else None
        if written is None:
            return cls(act, (), "")
        grounds = [
            Ground(
                name,
                tuple(
                    place
                    for place, grant in enumerate(act.grants)
                    if any(fnmatchcase(grant.id, pattern) for pattern in patterns)
                ),
            )
            for name, patterns in written["grounds"].items()
        ]
        for ground in grounds:
            if not ground.clauses:
                raise ValueError(f"{FILE}, {act.id}: no clause of the act belongs to the ground {ground.name}.")
        return cls(act, tuple(grounds), written["reason"])

    def questions(self) -> tuple[Question, ...]:
        """At which place each ground stands, as questions that a draw answers: 1 is booked before all others."""
        places = tuple(str(place + 1) for place in range(len(self.grounds)))
        return tuple(
            Question(
                f"booking.{ground.name}",
                {"en": f"At which place is the ground {ground.name} booked where a person meets several?"},
                (),
                places,
                (1 / len(places),) * len(places),
                self.reason,
            )
            for ground in self.grounds
        )

    def alike(self) -> tuple[frozenset[int], ...]:
        """For each clause those that may be counted in its place: of some ground, with the same relief."""
        drawn = {clause for ground in self.grounds for clause in ground.clauses}
        grants = self.act.grants
        return tuple(
            frozenset(other for other in drawn if clause in drawn and grants[other].relief == grants[clause].relief)
            for clause in range(len(grants))
        )

    def drawn(self, rng: np.random.Generator) -> Order:
        """An order of the grounds, and within each of its clauses, every order as likely as another."""
        at = rng.permutation(len(self.grounds))
        clauses = np.arange(len(self.act.grants), dtype=np.float64)
        for ground, place in zip(self.grounds, at, strict=True):
            rows = list(ground.clauses)
            clauses[rows] = len(clauses) * (1 + place) + rng.permutation(len(rows))
        return Order(tuple(at.tolist()), tuple(np.argsort(clauses, kind="stable").tolist()))


@dataclass(frozen=True)
class Order:
    """An order of counting: at which place each ground stands, and the clauses from the first to the last."""

    places: tuple[int, ...]
    clauses: tuple[int, ...]


class Books:
    """Counts kinds of cases in a given order; what it learns about the kinds of an engine is kept."""

    def __init__(self, booking: Booking) -> None:
        self.booking = booking
        self.alike = booking.alike()
        self.kinds: object = None
        self.pair: Ints = np.zeros(0, np.int64)
        self.numbers: dict[tuple[int, int], int] = {}
        self.texts: list[str] = []

    def booked(self, coded: Coded, order: Order, rows: slice) -> NDArray[np.uint8]:
        """The clause on which each of some rows is counted."""
        if not self.booking.grounds:
            return coded.grant[rows]
        self._learn(coded)
        clause_of = np.array([self._first(pair, order.clauses) for pair in self.numbers], np.uint8)
        return clause_of[self.pair[coded.kind[rows]]]

    def _learn(self, coded: Coded) -> None:
        """Number the pairs of true clauses and stated clause that kinds have."""
        kinds = coded.engine.kinds
        if self.kinds is not kinds:
            self.kinds, self.pair, self.numbers = kinds, np.zeros(0, np.int64), {}
        codes, stated = kinds.codes["grants"][len(self.pair) :], kinds.grant[len(self.pair) :]
        fresh = [
            self.numbers.setdefault(pair, len(self.numbers))
            for pair in zip(codes.tolist(), stated.tolist(), strict=True)
        ]
        self.texts = kinds.texts["grants"]
        self.pair = np.concatenate([self.pair, np.array(fresh, np.int64)])

    def _first(self, pair: tuple[int, int], clauses: Sequence[int]) -> int:
        """The first clause of an order that is true and gives the same relief as the stated one."""
        text, stated = pair
        if stated == _NONE:
            return stated
        true, grants = set(self.texts[text].split("; ")), self.booking.act.grants
        for clause in clauses:
            if clause in self.alike[stated] and grants[clause].id in true:
                return clause
        return stated


@cache
def _written(country: str, library: Path) -> Mapping[str, Mapping[str, Any]]:
    path = library / "population" / country / FILE
    if not path.is_file():
        return {}
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
