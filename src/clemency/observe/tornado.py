"""What moves an estimate most, as a picture: for each number the assumptions and open law that move it, widest first.

Reads the estimate as plain data (`Estimate.as_json`), so that a stored one can be drawn as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clemency.observe import typeface
from clemency.observe.claims import quantities
from clemency.observe.figures import Cited
from clemency.observe.pictures import GRID, INK, MUTED, RULES_LIGHT, RULES_MID, Picture, Sheet
from clemency.observe.words import Words

#: The quantities drawn, where the estimate moves them.
_DRAWN = ("total", "released_from_imprisonment", "term_reduced")
_BARS = 7
_ROW, _BAR = 40.0, 13.0

Swing = Mapping[str, Any]


def tornado_picture(told: Mapping[str, Any], words: Words) -> Picture:
    """The tornado of an estimate; raises LookupError where it has too few draws to say what moves it."""
    panels = {name: list(found)[:_BARS] for name in _DRAWN if (found := _of(told["swings"], name))}
    if not panels:
        raise LookupError(words("tornado.nothing"))
    title = words("tornado.title")
    counted = words("tornado.subtitle", draws=words.number(told["draws"]), seed=str(told["seed"]))
    figures, labels = [], {}
    for name, swings in panels.items():
        for one in swings:
            for side in ("low", "high"):
                key = f"swing.{name}.{one['assumption']}.{side}"
                value = float(one[f"at_{side}"])
                figures.append(Cited(key, "rules", name, value, unit="cases", synthetic=True, note=one["reason"]))
                labels[key] = f"{_title(name, words)}: {one['assumption']} = {_end(one[side])}"
    said = " ".join(
        words("tornado.said", what=_title(name, words), items=words.listed([_told(one, words) for one in swings]))
        for name, swings in panels.items()
    )

    def body(sheet: Sheet) -> None:
        for name, swings in panels.items():
            _panel(sheet, _title(name, words), swings, words)

    notes = (words("tornado.note", synthetic=words("synthetic")),)
    alternative = f"{title}. {counted}. {said}"
    return Picture("tornado", words.language, title, counted, notes, alternative, tuple(figures), labels, body)


def _of(swings: Sequence[Swing], quantity: str) -> list[Swing]:
    return [one for one in swings if one["quantity"] == quantity]


def _title(quantity: str, words: Words) -> str:
    return words.title(quantities()[quantity].title)


def _end(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _told(one: Swing, words: Words) -> str:
    ends = (words.number(one["at_low"]), words.number(one["at_high"]))
    return words(
        "tornado.item", name=one["assumption"], low=_end(one["low"]), high=_end(one["high"]), from_=ends[0], to=ends[1]
    )


def _panel(sheet: Sheet, title: str, swings: Sequence[Swing], words: Words) -> None:
    """One number: its bars on one line of numbers, each with the ends of the assumption at the side where it leads."""
    values = [float(one[side]) for one in swings for side in ("at_low", "at_high")]
    least, most = min(values), max(values)
    edge = 58.0
    start, end = edge, sheet.width - edge

    def at(value: float) -> float:
        return start + (end - start) * (value - least) / max(most - least, 1e-9)

    y = sheet.y + 34
    sheet.text(0, y, title, 14.5, 600)
    y += 30
    for one in swings:
        low, high = at(float(one["at_low"])), at(float(one["at_high"]))
        left, right = sorted((low, high))
        swapped = low > high
        ends = ("high", "low") if swapped else ("low", "high")
        name = f"{one['assumption']}: {_end(one[ends[0]])} → {_end(one[ends[1]])}"
        for line in typeface.wrapped(name, sheet.width, 12)[:1]:
            sheet.text(0, y, line, 12, 400, MUTED)
        middle = y + 14
        sheet.line(start, middle, end, middle, GRID)
        sheet.bar(left, max(right, left + 1.5), middle, _BAR, RULES_MID if one["kind"] == "assumption" else RULES_LIGHT)
        for place, side, align in ((left - 6, ends[0], "right"), (right + 6, ends[1], "left")):
            sheet.text(place, middle + 4, words.number(one[f"at_{side}"]), 12, 400, INK, align, halo=4)
        y += _ROW
    sheet.y = y - 10
