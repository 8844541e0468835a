"""Acts since 1995 and notable pardons: planned and actual, with gaps as gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clemency.observe import brief, charts
from clemency.observe.claims import HISTORY_FIGURES, HistoryRow, history
from clemency.observe.statements import Statement, statements
from clemency.observe.words import Words
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.drawing import Drawing, drawn
from clemency.web.observatory.selectors.acts import acts_here


@dataclass(frozen=True)
class Figure:
    """A figure of the history with the word before it."""

    value: int
    qualifier: str
    row: str


@dataclass(frozen=True)
class RowShown:
    """One act or order: its four figures, each there or not, and the act of the library if it is one."""

    row: HistoryRow
    day: str
    figures: tuple[Figure | None, ...]
    occasion: Mapping[str, str]
    act: str

    @property
    def empty(self) -> bool:
        """Whether no source gives any figure of its own."""
        return not any(self.figures)


@dataclass(frozen=True)
class HistoryShown:
    """What the page shows."""

    picture: Drawing
    acts: tuple[RowShown, ...]
    groups: tuple[RowShown, ...]
    pardons: tuple[RowShown, ...]
    counts: tuple[RowShown, ...]
    statements: tuple[Statement, ...]


@kept_for_the_edition
def history_shown(language: str) -> HistoryShown:
    """Every row by its kind, with the picture of the acts."""
    words = Words(language)
    rows = [_shown(row, words) for row in history()]
    kinds = {
        kind: tuple(one for one in rows if one.row.record_type == kind)
        for kind in ("amnesty_act", "amnesty_acts_group", "pardon_order", "running_count")
    }
    picture = charts.history(brief.past_acts(words), brief.together(words), (words("history.note"),), words)
    return HistoryShown(
        drawn(picture),
        kinds["amnesty_act"],
        kinds["amnesty_acts_group"],
        kinds["pardon_order"],
        kinds["running_count"],
        tuple(one for one in statements() if one.id.startswith(("largest", "thirteen", "sum-of", "first-with"))),
    )


def _shown(row: HistoryRow, words: Words) -> RowShown:
    figures = []
    for name in HISTORY_FIGURES:
        value, qualifier = getattr(row, name), getattr(row, f"{name}_qualifier")
        place = f"history.{row.record_type}.{row.date_adopted or row.year}.{name}"
        figures.append(None if value is None else Figure(value, qualifier or "exact", place))
    key = f"history.occasion.{row.date_adopted}"
    occasion = {words.language: words(key)} if words.has(key) else {"en": row.occasion or ""}
    adopted = {act.dates["adopted"].isoformat(): act.id for act in acts_here() if "adopted" in act.dates}
    act = adopted.get(row.date_adopted or "", "") if row.record_type == "amnesty_act" else ""
    return RowShown(row, row.date_adopted or row.year, tuple(figures), occasion, act)
