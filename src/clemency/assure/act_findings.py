"""What the check of an act can find: the kinds of findings, and one finding with its places and its person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from clemency.law.source import Problem

if TYPE_CHECKING:
    from clemency.assure.witnesses import Witness

#: For each kind what it is, and what would end it.
KINDS: dict[str, tuple[str, str]] = {
    "never_applies": ("a clause that can never apply", "drop it, or mend the condition that rules it out"),
    "always_covered": ("a clause that another one always covers", "drop it, or narrow the other one"),
    "never_bites": ("an exclusion that never takes a grant away", "drop it, or widen what it limits"),
    "spares_nobody": ("an exception that spares nobody", "drop it, or mend the condition"),
    "no_order": (
        "grants that give one person different reliefs, with no order between them",
        "make the conditions exclude each other, or give the reliefs an order under favour:",
    ),
    "gap": ("a gap between thresholds that were meant to meet", "let one of the two take the value in: <= or >="),
    "no_register": ("a condition on which no case record can differ", "mend the value, or drop the condition"),
    "article_without_entry": ("an article of which the code has no entry", "add the entry, or name the right article"),
    "article_repealed": ("an article that was repealed", "name the article that took its place as well"),
    "article_renumbered": (
        "an article that was renumbered",
        "name both numbers, or write down the descent in the code",
    ),
    "article_category_changed": (
        "an article that changed its category",
        "say which category counts, and cut the clause at the day of the change",
    ),
    "acknowledged_in_vain": ("an acknowledgement that no finding matches", "drop it, or mend its clauses"),
}


@dataclass(frozen=True)
class Finding:
    """One finding: its kind by code, the clauses, what is so, the places in the file, and a person who shows it."""

    code: str
    clauses: tuple[str, ...]
    says: str
    places: tuple[Problem, ...] = ()
    witness: Witness | None = None
    reason: str | None = None
    as_of: date | None = None

    @property
    def what(self) -> str:
        """The kind of the finding, in words."""
        return KINDS[self.code][0]

    @property
    def to_do(self) -> str:
        """What would end it."""
        return KINDS[self.code][1]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "finding": self.code,
            "clauses": list(self.clauses),
            "what": self.what,
            "says": self.says,
            "to_do": self.to_do,
            "places": [{"line": place.line, "column": place.column, "text": place.excerpt} for place in self.places],
            "witness": self.witness.as_json() if self.witness else None,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "acknowledged": self.reason,
        }
