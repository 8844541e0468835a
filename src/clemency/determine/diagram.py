"""Decision diagrams over the open values of one case: which answers are still possible, and what they depend on.

A condition with open values is a function of them. Kept as a reduced, ordered diagram it shows at once whether it is
true whatever the answers are, false whatever they are, and exactly which answers can still change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FALSE, TRUE = 0, 1


class Diagrams:
    """A store of shared diagrams; a diagram is a number, 0 is false and 1 is true.

    Levels are open values in a fixed order; each level has as many branches as its value has cells.

    >>> store = Diagrams()
    >>> a, not_a = store.choice(0, (FALSE, TRUE)), store.choice(0, (TRUE, FALSE))
    >>> store.either([a, not_a]) == TRUE, store.support(a)
    (True, frozenset({0}))
    """

    def __init__(self) -> None:
        self._level: list[int] = [1 << 30, 1 << 30]
        self._branches: list[tuple[int, ...]] = [(), ()]
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._both: dict[tuple[int, int], int] = {}
        self._negated: dict[int, int] = {FALSE: TRUE, TRUE: FALSE}
        self._support: dict[int, frozenset[int]] = {FALSE: frozenset(), TRUE: frozenset()}

    def choice(self, level: int, branches: tuple[int, ...]) -> int:
        """The diagram that takes a branch by the cell of one open value; branches lie on later levels."""
        first = branches[0]
        if all(branch == first for branch in branches):
            return first
        key = (level, branches)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self._level)
            self._level.append(level)
            self._branches.append(branches)
        return found

    def select(self, level: int, cells: int, branches: tuple[int, ...]) -> int:
        """As `choice`, for branches that may lie on any level."""
        if all(self._level[branch] > level for branch in branches):
            return self.choice(level, branches)
        parts = []
        for cell, branch in enumerate(branches):
            here = self.choice(level, tuple(TRUE if other == cell else FALSE for other in range(cells)))
            parts.append(self.both(here, branch))
        return self.either(parts)

    def negate(self, diagram: int) -> int:
        """True where the diagram is false."""
        found = self._negated.get(diagram)
        if found is None:
            branches = tuple(self.negate(branch) for branch in self._branches[diagram])
            found = self._negated[diagram] = self.choice(self._level[diagram], branches)
            self._negated[found] = diagram
        return found

    def both(self, left: int, right: int) -> int:
        """True where both are."""
        if left == FALSE or right == FALSE:
            return FALSE
        if left in (TRUE, right):
            return right
        if right == TRUE:
            return left
        key = (left, right) if left < right else (right, left)
        found = self._both.get(key)
        if found is None:
            found = self._both[key] = self._combine(left, right)
        return found

    def _combine(self, left: int, right: int) -> int:
        level = min(self._level[left], self._level[right])
        lefts = self._branches[left] if self._level[left] == level else None
        rights = self._branches[right] if self._level[right] == level else None
        cells = len(lefts if lefts is not None else rights or ())
        return self.choice(
            level,
            tuple(
                self.both(lefts[cell] if lefts is not None else left, rights[cell] if rights is not None else right)
                for cell in range(cells)
            ),
        )

    def every(self, diagrams: Iterable[int]) -> int:
        """True where all are."""
        result = TRUE
        for diagram in diagrams:
            result = self.both(result, diagram)
            if result == FALSE:
                break
        return result

    def either(self, diagrams: Iterable[int]) -> int:
        """True where at least one is."""
        return self.negate(self.every([self.negate(diagram) for diagram in diagrams]))

    def evaluate(self, diagram: int, cells: Mapping[int, int]) -> int:
        """The value of a diagram once the cell of every open value is chosen."""
        while diagram > TRUE:
            diagram = self._branches[diagram][cells[self._level[diagram]]]
        return diagram

    def support(self, diagram: int) -> frozenset[int]:
        """The levels on which the diagram depends: those that can change it for some values of the others."""
        found = self._support.get(diagram)
        if found is None:
            found = frozenset({self._level[diagram]}).union(*map(self.support, self._branches[diagram]))
            self._support[diagram] = found
        return found
