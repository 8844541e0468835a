"""Where a clause, a named condition or a part of its rule stands in the file of an act."""

from __future__ import annotations

from pathlib import Path

from clemency.law.rules import Condition, Span
from clemency.law.source import Problem, Source, read_source

_SECTIONS = ("grants", "exclusions")


class Places:
    """Finds places in an act's file; an act that has none, or a clause that another file adds, has no place."""

    def __init__(self, path: Path | None) -> None:
        self.source: Source | None = read_source(path) if path is not None else None

    def clause(self, clause_id: str, key: str = "id") -> list[Problem]:
        """Where a clause stands, or one of its keys; a row of a table stands where its clause does."""
        path = self._path(clause_id)
        return [] if path is None or self.source is None else self._at(self.source, (*path, key))

    def part(self, clause_id: str, part: Condition) -> list[Problem]:
        """Where a part of a clause's rule stands."""
        path = self._path(clause_id)
        if path is None or self.source is None or "when" not in self.source.data[path[0]][path[1]]:
            return self.clause(clause_id)
        return self._within(self.source, (*path, "when"), part.span)

    def term(self, name: str, part: Condition) -> list[Problem]:
        """Where a part of a named condition stands."""
        if self.source is None or name not in (self.source.data.get("terms") or {}):
            return []
        return self._within(self.source, ("terms", name), part.span)

    def acknowledged(self, place: int) -> list[Problem]:
        """Where an entry under `acknowledged` stands."""
        return [] if self.source is None else self._at(self.source, ("acknowledged", place))

    def exceptions(self, exclusion_id: str) -> list[tuple[str, list[Problem]]]:
        """What an exclusion spares, as it is written, each with its place."""
        path = self._path(exclusion_id)
        if path is None or self.source is None:
            return []
        written = self.source.data[path[0]][path[1]].get("except") or []
        return [(pattern, self._at(self.source, (*path, "except", place))) for place, pattern in enumerate(written)]

    def _path(self, clause_id: str) -> tuple[str | int, ...] | None:
        if self.source is None:
            return None
        best: tuple[int, tuple[str | int, ...]] | None = None
        for section in _SECTIONS:
            for place, clause in enumerate(self.source.data.get(section) or []):
                written = str(clause["id"])
                if written == clause_id or clause_id.startswith(written + "."):
                    best = max(best or (0, ()), (len(written), (section, place)), key=lambda one: one[0])
        return best[1] if best else None

    def _at(self, source: Source, path: tuple[str | int, ...]) -> list[Problem]:
        source.problem(path, "")
        return [source.problems.pop()]

    def _within(self, source: Source, path: tuple[str | int, ...], span: Span) -> list[Problem]:
        source.rule_problem(path, span, "")
        return [source.problems.pop()]
