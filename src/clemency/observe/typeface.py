"""The face of charts and report: where its files lie, and how wide a text is in it, so that lines break alike.

Widths are read from the font itself (advance widths, without kerning), never guessed and never asked of the machine.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

FAMILY = "Clemency Sans"
FALLBACK = f"'{FAMILY}', 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
WEIGHTS = {400: "ClemencySans-Regular.ttf", 600: "ClemencySans-SemiBold.ttf"}


def folder() -> Path:
    """The folder with the font files."""
    return Path(str(files("clemency.observe").joinpath("fonts")))


def width(text: str, size: float, weight: int = 400) -> float:
    """How wide a text is, in the unit of the size. A character that the face does not have is an error.

    >>> round(width("Əlilliyi olanlar", 14), 1) < round(width("Əlilliyi olanlar", 14, 600), 1)
    True
    """
    advances = _advances(weight)
    return sum(advances[ord(one)] for one in text) * size


def wrapped(text: str, room: float, size: float, weight: int = 400) -> list[str]:
    """A text in lines that fit into the room; a word longer than the room keeps a line of its own."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width(longer, size, weight) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def missing(text: str) -> set[str]:
    """Characters of a text that the face does not have in every weight."""
    return {one for one in text if any(ord(one) not in _advances(weight) for weight in WEIGHTS)}


@cache
def _advances(weight: int) -> Mapping[int, float]:
    """For each character its advance width in shares of the size."""
    content = (folder() / WEIGHTS[weight]).read_bytes()
    tables = _tables(content)
    units = struct.unpack_from(">H", content, tables["head"] + 18)[0]
    measured = struct.unpack_from(">H", content, tables["hhea"] + 34)[0]
    widths = [struct.unpack_from(">H", content, tables["hmtx"] + 4 * glyph)[0] for glyph in range(measured)]
    return {code: widths[min(glyph, measured - 1)] / units for code, glyph in _glyphs(content, tables["cmap"]).items()}


def _tables(content: bytes) -> dict[str, int]:
    """Where each table of an OpenType file begins."""
    count = struct.unpack_from(">H", content, 4)[0]
    rows = (struct.unpack_from(">4sIII", content, 12 + 16 * row) for row in range(count))
    return {tag.decode("ascii"): offset for tag, _, offset, _ in rows}


def _glyphs(content: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each character, from the table's segments (format 4, which every such file has)."""
    count = struct.unpack_from(">H", content, cmap + 2)[0]
    places = {cmap + struct.unpack_from(">HHI", content, cmap + 4 + 8 * row)[2] for row in range(count)}
    start = next(place for place in sorted(places) if struct.unpack_from(">H", content, place)[0] == 4)
    segments = struct.unpack_from(">H", content, start + 6)[0] // 2

    def column(number: int, kind: str, skip: int) -> tuple[int, ...]:
        return struct.unpack_from(f">{segments}{kind}", content, start + 14 + 2 * segments * number + skip)

    ends, starts, deltas, offsets = column(0, "H", 0), column(1, "H", 2), column(2, "h", 2), column(3, "H", 2)
    found = {}
    for place in range(segments):
        for code in range(starts[place], min(ends[place], 0xFFFE) + 1):
            glyph = code
            if offsets[place]:
                where = start + 16 + 2 * (segments * 3 + place) + offsets[place] + 2 * (code - starts[place])
                glyph = struct.unpack_from(">H", content, where)[0]
                if not glyph:
                    continue
            found[code] = (glyph + deltas[place]) & 0xFFFF
    return found
