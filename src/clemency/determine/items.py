"""Missing things by number, and lists of them in order: what the most open grants read comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
        self._masks: list[int] = []
        self._orders: list[Any] = []
        self._places = np.zeros(0, np.int64)

    def number(self, item: Missing) -> int:
        """The number of a missing thing."""
        found = self._numbers.setdefault(item, len(self.all))
        if found == len(self.all):
            mask, order = self._weight(item)
            self.all.append(item)
            self._masks.append(mask)
            self._orders.append(order)
        return found

    def ordered(self, items: Iterable[int], open_grants: int) -> tuple[int, ...]:
        """Distinct items, the most decisive first; the grants that are open as a mask."""
        masks, orders = self._masks, self._orders
        return tuple(sorted(set(items), key=lambda item: (-(masks[item] & open_grants).bit_count(), orders[item])))

    def told(self, items: Iterable[int]) -> tuple[Missing, ...]:
        """The items themselves."""
        return tuple(self.all[item] for item in items)

    def weighed(self) -> tuple[Ints, Ints]:
        """For every item the grants that read it, and its place in the fixed order."""
        if len(self._places) < len(self.all):
            places = {order: place for place, order in enumerate(sorted(set(self._orders)))}
            self._places = np.array([places[order] for order in self._orders], np.int64)
        return np.array(self._masks, np.uint64), self._places


def bits(mask: int) -> Iterator[int]:
    """The places of the bits of a mask that are one, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
