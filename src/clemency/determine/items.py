"""Missing things by number, and lists of them in order: what the most open grants read comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine.determination import Missing

Ints = npt.NDArray[Any]
#: The grants that read a missing thing, as a mask, and its place among those that as many grants read.
Weight = Callable[[Missing], tuple[int, Any]]


class Items:
    """Missing things by number, and lists of them: the most decisive first."""

    def __init__(self, weight: Weight) -> None:
        self._weight = weight
        self._numbers: dict[Missing, int] = {}
        self.all: list[Missing] = []
        self._texts: list[str] = []
        self._masks: list[int] = []
        self._orders: list[Any] = []
        self._places: list[int] = []
        self._weighed = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def number(self, item: Missing) -> int:
        """The number of a missing thing."""
        found = self._numbers.setdefault(item, len(self.all))
        if found == len(self.all):
            mask, order = self._weight(item)
            self.all.append(item)
            self._texts.append(_text(item))
            self._masks.append(mask)
            self._orders.append(order)
        return found

    def ordered(self, items: Iterable[int], open_grants: int) -> tuple[int, ...]:
        """Distinct items, the most decisive first; the grants that are open as a mask."""
        masks, places = self._masks, self._in_order()
        return tuple(
            sorted(set(items), key=lambda item: places[item] - ((masks[item] & open_grants).bit_count() << 32))
        )

    def numbers(self, items: Iterable[Missing]) -> tuple[int, ...]:
        """The numbers of some items, in their order."""
        return tuple(map(self.number, items))

    def text(self, items: Iterable[int]) -> str:
        """Missing things as text that reads back: `fact:term_end; fact:offences.guilt@1; law:category:az-cc:177.1`."""
        return "; ".join([self._texts[item] for item in items])

    def weighed(self) -> tuple[Ints, Ints]:
        """For every item the grants that read it, and its place in the fixed order."""
        if len(self._weighed[0]) < len(self.all):
            self._weighed = np.array(self._masks, np.uint64), np.array(self._in_order(), np.int64)
        return self._weighed

    def _in_order(self) -> list[int]:
        """The place of every item in the fixed order."""
        if len(self._places) < len(self.all):
            places = {order: place for place, order in enumerate(sorted(set(self._orders)))}
            self._places = [places[order] for order in self._orders]
        return self._places


def _text(item: Missing) -> str:
    return f"{item.kind}:{item.name}" + ("" if item.offence is None else f"@{item.offence}")


@dataclass
class Reasons:
    """Lists of missing things, and chains of improvements (grants, each with such a list), by number; 0 is the empty.

    Missing things stand in them by their number among `items`.
    """

    items: Items
    of: list[Any] = field(default_factory=lambda: [()])
    _number: dict[Any, int] = field(default_factory=lambda: {(): 0})

    def number(self, reason: Any) -> int:
        """The number of a list, given out on its first appearance."""
        found = self._number.setdefault(reason, len(self.of))
        if found == len(self.of):
            self.of.append(reason)
        return found

    def add(self, reason: Any) -> int:
        """The number of a list that who asks gives out once only; another may have the same list under another."""
        self.of.append(reason)
        return len(self.of) - 1


def bits(mask: int) -> Iterator[int]:
    """The places of the bits of a mask that are one, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
