"""A rule in words without a case: what has to be met, as a list within lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clemency.determine.conditions import Conditions
from clemency.determine.determination import UNKNOWN
from clemency.determine.explanation import Line
from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition
from clemency.records.record import CaseRecord

_STORED: dict[str, Any] = {"contradictions": []}


@dataclass(frozen=True)
class Requirement:
    """One thing that has to be met, with what it is made of."""

    text: str
    parts: tuple[Requirement, ...]


def requirements(condition: Condition, act: Act, language: str) -> tuple[Requirement, ...]:
    """What a condition asks for, in the words that explanations of cases use.

    >>> from clemency.law.act import load_act
    >>> act = load_act("az-2025")
    >>> [one.text for one in requirements(act.clause("personal.combatant").condition, act, "en")][:2]
    ['stage of the case: serving the sentence', 'punishment: imprisonment']
    """
    words = Conditions(_STORED, act, CaseRecord(case_id="none"), Wording(language))
    lines = words.lines(condition, _open(condition))
    return tuple(_nested(lines))


def _open(node: Condition) -> dict[str, Any]:
    """The trace of a condition of which nothing is known."""
    return {"rule": rules.show(node), "value": UNKNOWN, "of": [_open(child) for child in rules.children(node)]}


def _nested(lines: list[Line]) -> Iterator[Requirement]:
    """Lines with their depths, as lists within lists."""
    place = 0
    while place < len(lines):
        line, below = lines[place], place + 1
        while below < len(lines) and lines[below].depth > line.depth:
            below += 1
        yield Requirement(line.condition, tuple(_nested(lines[place + 1 : below])))
        place = below
