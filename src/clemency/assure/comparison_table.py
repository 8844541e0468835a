"""A comparison of two acts as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clemency.determine.moves import Comparison

if TYPE_CHECKING:
    from rich.table import Table

_SHOWN = 25
_DIRECTIONS = {
    "more": "B gives more",
    "less": "B gives less",
    "opened": "becomes open",
    "settled": "no longer open",
    "unclear": "other terms, a date unknown",
    "same": "same effect",
}


def tables(found: Comparison) -> Iterator[Table]:
    """What moves in which direction, and every kind of move with some of its cases."""
    yield _directions(found)
    if found.moves:
        yield _moves(found)


def _directions(found: Comparison) -> Table:
    from rich.table import Table

    mark = "SYNTHETIC: " if found.synthetic else ""
    title = f"A: {found.a.name}\nB: {found.b.name}\n{mark}{found.moved.height:,} of {found.cases:,} cases move"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("cases", justify="right", header_style="dim")
    table.add_column("direction", header_style="dim")
    table.add_column("if A is the law and B is applied", header_style="dim")
    counted = found.by_direction()
    for name, count in counted.items():
        if count:
            table.add_row(
                f"{count:,}", _DIRECTIONS[name], next(one.harm for one in found.moves if one.direction == name)
            )
    table.add_row(f"{found.cases - found.moved.height:,}", "unmoved", "")
    for side, days, without in zip("AB", found.days, found.days_open, strict=True):
        known = f"days remitted under {side}, where the dates are known"
        table.add_row(f"{days:,}", known, f"{without:,} covered cases without known days" if without else "")
    return table


def _moves(found: Comparison) -> Table:
    from rich.table import Table

    left = len(found.moves) - _SHOWN
    caption = f"{left:,} more kinds of moves; -o FILE.json has them all" if left > 0 else None
    table = Table(
        title="Who moves", title_justify="left", caption=caption, caption_justify="left", box=None, pad_edge=False
    )
    for name, side in (
        ("cases", "right"),
        ("days", "right"),
        ("direction", "left"),
        ("from", "left"),
        ("to", "left"),
        ("such as", "left"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left", header_style="dim")
    for one in found.moves[:_SHOWN]:
        days = f"{one.days:+,}" if one.days_known else "–"
        ends = (_said(one.a_answer, one.a_clause), _said(one.b_answer, one.b_clause))
        table.add_row(f"{one.cases:,}", days, _DIRECTIONS[one.direction], *ends, ", ".join(one.examples[:2]))
    return table


def _said(answer: str, clause: str) -> str:
    said = answer.replace("_", " ")
    return f"{said} ({clause})" if clause else said
