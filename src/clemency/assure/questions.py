"""What to ask whom: the facts that are most often missing and decide, by how many people each would settle."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from clemency.determine.conditions import Conditions
from clemency.determine.wording import Wording
from clemency.law.act import Act
from clemency.records.record import CaseRecord


@dataclass(frozen=True)
class Question:
    """Something not known of some cases: how many it alone would settle, how many it takes part in, and whom to ask."""

    kind: str
    name: str
    settles: int
    open_in: int
    ask: str
    whom: str

    def as_json(self) -> dict[str, Any]:
        """The question as plain data."""
        return asdict(self)


def questions(frame: pl.DataFrame, act: Act) -> list[Question]:
    """The questions about a register, first the one whose answer alone would settle most cases."""
    from clemency.determine.columns import determine_frame, read_missing

    answers = determine_frame(frame, act).filter(pl.col("outcome") == "undetermined")
    alone, together = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for text, count in answers.group_by("missing").len().iter_rows():
        items = {(item.kind, item.name) for item in read_missing(text)}
        together.update(dict.fromkeys(items, count))
        if len(items) == 1:
            alone.update(dict.fromkeys(items, count))
    ranked = sorted(together, key=lambda item: (-alone[item], -together[item], item))
    return [Question(*item, alone[item], together[item], _ask(act, *item), _whom(act, *item)) for item in ranked]


def _ask(act: Act, kind: str, name: str) -> str:
    """A question as the explanation of a case would put it."""
    words = Conditions({}, act, CaseRecord(case_id="-"), Wording("en"))
    if kind == "law":
        return words.law_text(name)
    fact = act.facts.get(name)
    if fact is not None and fact.ask:
        return words.say.translated(fact.ask)
    return words.say(f"ask.{name}")


def _whom(act: Act, kind: str, name: str) -> str:
    """Where the answer is to be had: the paper that shows a fact, the file of the case, or who made the law."""
    if kind == "law":
        return "those who answer for the act"
    fact = act.facts.get(name)
    if fact is None:
        return "the judgment and the file of the case"
    return Wording("en").translated(fact.evidence) if fact.evidence else "the person, with papers that show it"
