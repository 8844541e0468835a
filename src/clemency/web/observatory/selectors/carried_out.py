"""Announced, ruled, carried out: one act's figures side by side, with pictures and everything that does not agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from clemency.law.act import Act
from clemency.law.library import library_path
from clemency.observe.brief import FREED, RELIEFS, Brief
from clemency.observe.claims import Claim, quantities
from clemency.observe.estimate import Estimate, Interval, LawReading, Spread, Swing
from clemency.observe.reconcile import Gap, Line, Progress, Reconciliation, reconcile
from clemency.observe.words import Words
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.drawing import Drawing, drawn
from clemency.web.observatory.selectors.acts import every_act


@dataclass(frozen=True)
class LineShown:
    """One quantity from every side: what was expected, what the rules give, what was last reported."""

    line: Line
    given: Interval | None
    reported: Claim | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class CarriedOut:
    """Everything that the page of an act's reconciliation shows."""

    act: Act
    estimate: Estimate | None
    lines: tuple[LineShown, ...]
    grounds: tuple[LineShown, ...]
    pictures: dict[str, Drawing]
    progress: tuple[Progress, ...]

    @property
    def line(self) -> dict[str, LineShown]:
        """Its lines by their names."""
        return {one.line.quantity.name: one for one in self.lines}


@kept_for_the_edition
def estimate_of(act_id: str) -> Estimate | None:
    """What the rules give on invented populations, as the library keeps it; nothing where it keeps none."""
    path = library_path() / "estimates" / f"{act_id}.json"
    return estimate_from(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def estimate_from(plain: dict[str, Any]) -> Estimate:
    """An estimate from its plain data."""
    return Estimate(
        **{
            **plain,
            "as_of": date.fromisoformat(plain["as_of"]),
            "quantities": tuple(Interval(**one) for one in plain["quantities"]),
            "swings": tuple(Swing(**one) for one in plain["swings"]),
            "readings": tuple(LawReading(**one | {"points": tuple(one["points"])}) for one in plain["readings"]),
            "spreads": tuple(Spread(**one) for one in plain["spreads"]),
            "notes": tuple(plain["notes"]),
        }
    )


@kept_for_the_edition
def brief_of(act_id: str, language: str) -> Brief:
    """All that is known of an act of the library, in a language."""
    act = next(one for one in every_act() if one.id == act_id)
    return Brief(act, Words(language), estimate_of(act_id))


@kept_for_the_edition
def reconciliation_of(act_id: str) -> Reconciliation:
    """An act's figures reconciled; of an act that the library has no text of, its figures alone."""
    if act_id in {act.id for act in every_act()}:
        return brief_of(act_id, "en").reconciliation
    return reconcile(act_id)


@kept_for_the_edition
def carried_out(act_id: str, language: str) -> CarriedOut:
    """The figures of an act of the library, with pictures in a language."""
    brief, found = brief_of(act_id, language), reconciliation_of(act_id)
    known = {line.quantity.name: line for line in found.lines}
    names = {"relief": brief.comparison, "grounds": brief.grounds, "progress": brief.panels}
    return CarriedOut(
        brief.act,
        brief.estimate,
        tuple(_shown(known[name], brief.estimate) for name in RELIEFS if name in known),
        tuple(_shown(known[name], brief.estimate) for name in quantities()[FREED].parts if name in known),
        {name: drawn(brief.picture(name)) for name, there in names.items() if there and _can_be_drawn(name, brief)},
        tuple(one for one in found.progress if one.series.quantity in RELIEFS),
    )


def _can_be_drawn(name: str, brief: Brief) -> bool:
    return name != "progress" or "deadline" in brief.act.dates


def _shown(line: Line, estimate: Estimate | None) -> LineShown:
    named = [] if estimate is None else [one for one in estimate.quantities if one.by == "quantity"]
    given = next((one for one in named if one.name == line.quantity.name), None)
    told = [*line.undated, *(one.point.claim for one in line.reported)]
    gaps = tuple(gap for gap in line.gaps if gap.other == "announced")
    return LineShown(line, given, told[-1] if told else None, gaps)
