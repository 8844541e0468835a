"""A comparison of two acts for the eye: a flow picture, and a document with the moves, their harm and their cases.

Reads the comparison as plain data (`Comparison.as_json`), so that a stored one can be shown as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clemency.observe.charts import Node, join
from clemency.observe.document import Cell, Document, code, html, pdf, text
from clemency.observe.figures import Cited
from clemency.observe.pictures import GRID, INK, MUTED, RULES_MID, Picture, Sheet
from clemency.observe.report import figure_rows
from clemency.observe.words import Words
from clemency.records.files import atomic_path

ENDINGS = (".html", ".pdf")
_COLOURS = {"more": RULES_MID, "less": "#d98048", "open": "#e3b04b", "same": GRID}
#: Answers from the most favourable to none.
_ORDER = (
    "end_prosecution", "release", "release_point", "reduce", "replace", "lift_additional", "lift_record",
    "undetermined", "excluded", "not_covered",
)  # fmt: skip
_BARE = ("excluded", "not_covered")
_NODE, _GAP = 9.0, 18.0
_SHOWN = 60

Told = Mapping[str, Any]


def comparison_picture(told: Told, register: str, words: Words) -> Picture:
    """From the answers under one act to those under the other; widths are cases, colour is the direction."""
    synthetic = told["synthetic"]
    pairs = {(one["a"], one["b"]): int(one["cases"]) for one in told["flow"]}
    figures = tuple(
        Cited(f"compare.{a}.{b}", "counted", "cases", cases, unit="cases", source=register, synthetic=synthetic)
        for (a, b), cases in pairs.items()
    )
    names = {f"compare.{a}.{b}": f"{_answer(a, words)} → {_answer(b, words)}" for a, b in pairs}
    title = words("compare.title", a=told["a"]["name"], b=told["b"]["name"])
    count = words("compare.subtitle", moved=words.number(told["moved"]), cases=words.number(told["cases"]))
    said = words.listed([f"{names[one.id]}: {words.number(one.value or 0)}" for one in figures])
    notes = (_origin(register, words, synthetic), words("compare.key"))

    def body(sheet: Sheet) -> None:
        _draw(sheet, pairs, (told["a"]["name"], told["b"]["name"]), words)

    return Picture(
        "comparison", words.language, title, count, notes, f"{title}. {count}. {said}.", figures, names, body
    )


def comparison_page(told: Told, register: str, words: Words, day: str) -> Document:
    """The comparison as a document: what it shows, the picture, and every kind of move with some of its cases."""
    synthetic = told["synthetic"]
    title = words("compare.title", a=told["a"]["name"], b=told["b"]["name"])
    count = words("compare.subtitle", moved=words.number(told["moved"]), cases=words.number(told["cases"]))
    document = Document(title, count, words, day)
    document.box(text(_origin(register, words, synthetic)))
    document.note(text(words("report.not_advice")))
    document.heading(words("compare.part.short"), id="short")
    _directions(document, told, register, synthetic)
    document.picture(comparison_picture(told, register, words))
    document.heading(words("compare.part.moves"), id="moves")
    _moves(document, told, register, synthetic)
    document.heading(words("compare.part.sides"), id="sides")
    rows = [
        [(text(words(f"compare.side.{side}")),), (code(told[side]["name"]),), (code(told[side]["version"]),)]
        for side in "ab"
    ]
    heads = [words(f"compare.head.{name}") for name in ("side", "act", "version")]
    document.table(words("compare.part.sides"), heads, rows, widths=(0.6, 2, 2))
    document.heading(words("report.part.rows"), id="rows")
    figure_rows(document)
    return document


def write_comparison(document: Document, path: Path) -> None:
    """Write the document as HTML or PDF, by the ending of the path."""
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path} ends in neither {' nor '.join(ENDINGS)}")
    content = html(document).encode() if path.suffix == ".html" else pdf(document)
    with atomic_path(path) as partial:
        partial.write_bytes(content)


# --- the document ---------------------------------------------------------------------------------------------


def _origin(register: str, words: Words, synthetic: bool) -> str:
    return words("compare.synthetic" if synthetic else "compare.given", name=register)


def _answer(answer: str, words: Words) -> str:
    return words(f"compare.answer.{answer}")


def _directions(document: Document, told: Told, register: str, synthetic: bool) -> None:
    words = document.words

    def number(name: str, value: int, unit: str, said: str) -> Cell:
        figure = Cited(name, "counted", name, value, unit=unit, source=register, synthetic=synthetic)
        return (document.number(figure, said),)

    rows = [
        [
            (text(words(f"compare.direction.{name}")),),
            number(f"compare.direction.{name}", count, "cases", words(f"compare.direction.{name}")),
            (text(words(f"compare.harm.{name}")),),
        ]
        for name, count in told["directions"].items()
        if count
    ]
    heads = [words(f"compare.head.{name}") for name in ("direction", "cases", "harm")]
    document.table(words("compare.directions"), heads, rows, (1,), (2, 0.7, 2))
    sides = [
        [
            (text(words(f"compare.side.{side}")),),
            number(f"compare.days.{side}", told["days_remitted"][side], "days", words(f"compare.side.{side}")),
            number(
                f"compare.open.{side}", told["covered_without_known_days"][side], "cases", words(f"compare.side.{side}")
            ),
        ]
        for side in "ab"
    ]
    heads = [words(f"compare.head.{name}") for name in ("side", "days", "days_open")]
    document.table(words("compare.days"), heads, sides, (1, 2), (1, 1, 1.6))


def _moves(document: Document, told: Told, register: str, synthetic: bool) -> None:
    words = document.words
    moves = told["moves"]
    if not moves:
        document.paragraph(text(words("compare.nobody")))
        return
    rows = []
    for place, one in enumerate(moves[:_SHOWN], 1):
        cases = Cited(
            f"compare.move.{place}",
            "counted",
            "cases",
            one["cases"],
            unit="cases",
            source=register,
            synthetic=synthetic,
        )
        days = Cited(
            f"compare.move.{place}.days",
            "counted",
            "days",
            one["days"],
            unit="days",
            source=register,
            synthetic=synthetic,
        )
        name = f"{_answer(one['a_answer'], words)} → {_answer(one['b_answer'], words)}"
        rows.append(
            [
                (text(words(f"compare.direction.{one['direction']}")),),
                _said(one, "a", words),
                _said(one, "b", words),
                (document.number(cases, name),),
                (document.number(days, name),) if one["days_known"] else (text("–"),),
                (code(", ".join(one["examples"])),),
            ]
        )
    heads = [words(f"compare.head.{name}") for name in ("direction", "from", "to", "cases", "more_days", "some")]
    document.table(words("compare.moves"), heads, rows, (3, 4), (1.3, 1.6, 1.6, 0.7, 0.8, 2))
    if len(moves) > _SHOWN:
        document.note(text(words("compare.more", n=words.number(len(moves) - _SHOWN))))


def _said(move: Told, side: str, words: Words) -> Cell:
    """The answer of a side, and the clauses it turns on."""
    answer = text(_answer(move[f"{side}_answer"], words))
    clause = move[f"{side}_clause"]
    return (answer, text(" "), code(clause)) if clause else (answer,)


# --- the picture ----------------------------------------------------------------------------------------------


def _draw(sheet: Sheet, pairs: Mapping[tuple[str, str], int], names: tuple[str, str], words: Words) -> None:
    total = sum(pairs.values()) or 1
    top = sheet.y + 34
    room = 380.0
    columns = [_column(pairs, place, room / total, top, words) for place in (0, 1)]
    xs = (0.0, sheet.width - _NODE)
    for (a, b), cases in sorted(pairs.items(), key=lambda item: (_ORDER.index(item[0][0]), _ORDER.index(item[0][1]))):
        ends = (xs[0] + _NODE, xs[1])
        join(sheet, columns[0][a], columns[1][b], cases * room / total, ends, _COLOURS[_direction(a, b)])
    for place, (x, column) in enumerate(zip(xs, columns, strict=True)):
        align = "right" if place else "left"
        sheet.text(
            x + (_NODE if place else 0), top - 12, f"{'AB'[place]}: {names[place]}"[:48], 12.5, 600, MUTED, align
        )
        for node in column.values():
            sheet.bar(x, x + _NODE, node.top + node.height / 2, node.height, INK)
            edge = x - 7 if place else x + _NODE + 7
            middle = node.top + max(node.height, 14) / 2
            sheet.text(edge, middle - 1, node.label, 13, 600, INK, align, halo=3)
            sheet.text(edge, middle + 14, words.number(node.cases), 12.5, 400, INK, align, halo=3)
    sheet.y = max((node.top + max(node.height, 16) for column in columns for node in column.values()), default=top) + 12


def _column(
    pairs: Mapping[tuple[str, str], int], place: int, scale: float, top: float, words: Words
) -> dict[str, Node]:
    found, y = dict[str, Node](), top
    for answer in _ORDER:
        cases = sum(count for pair, count in pairs.items() if pair[place] == answer)
        if cases:
            height = max(cases * scale, 1.5)
            found[answer] = Node(_answer(answer, words), cases, y, height)
            y += max(height, 16) + _GAP
    return found


def _direction(a: str, b: str) -> str:
    """The direction of a band, from the answers at its two ends alone."""
    if a == b or (a in _BARE and b in _BARE):
        return "same"
    if "undetermined" in (a, b):
        return "open"
    return "more" if _ORDER.index(b) < _ORDER.index(a) else "less"
