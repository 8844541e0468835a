"""A picture: drawn with Altair in a wide and a narrow form, with its data and a text that says the same without seeing.

Everything is placed on a sheet whose width is fixed and whose height follows from what is on it, with the face that
travels with the software. So the same figures give the same bytes on every machine, and nothing is fetched.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clemency.observe import typeface
from clemency.observe.figures import Cited, write_csv
from clemency.records.files import atomic_path

if TYPE_CHECKING:
    import altair

INK, MUTED, RULE, GRID, PAPER = "#1f2933", "#4a5763", "#9aa5b1", "#dfe4ea", "#ffffff"
# Blue and vermilion of Okabe and Ito, darkened where they colour text; no meaning rests on colour alone.
ANNOUNCED, REPORTED = "#b34700", "#1f2933"
RULES_DARK, RULES_MID, RULES_LIGHT = "#00456e", "#4f97c4", "#b5d6ea"
_PNG_SCALE = 3
_VEGA_LITE = "6.4"


@dataclass(frozen=True)
class Layout:
    """How wide a drawing is and how much paper stays around it, in pixels of a screen."""

    name: str
    width: int
    margin: int


WIDE, NARROW = Layout("wide", 744, 28), Layout("narrow", 332, 14)
LAYOUTS = (WIDE, NARROW)


# What lies over what, where it meets: bands and lines, the halo of a text, open diamonds, other marks.
_LEVELS = {"rect": 0, "rule": 0, "line": 0, "area": 0, "text": 1, "diamond": 2, "point": 3}
# Size, weight, colour and side of a text.
_Style = tuple[float, int, str, str]


@dataclass
class Sheet:
    """A sheet that is drawn on from above to below; `y` is how far it has been filled."""

    layout: Layout
    y: float = 0.0
    _texts: dict[_Style, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _layers: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    _drawn: int = 0

    @property
    def width(self) -> int:
        """The width of the sheet."""
        return self.layout.width

    @property
    def narrow(self) -> bool:
        """Whether this is the form for a phone."""
        return self.layout is NARROW

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        weight: int = 400,
        colour: str = INK,
        align: str = "left",
        halo: float = 0,
    ) -> None:
        """One line of text; `y` is its baseline. A halo in the colour of the paper keeps it legible over bands."""
        if halo:
            rows = [{"x": x, "y": y, "text": text}]
            self._add(rows, "text", **_look(size, weight, PAPER, align), stroke=PAPER, strokeWidth=halo)
        self._texts[size, weight, colour, align].append({"x": x, "y": y, "text": text})

    def lines(self, x: float, y: float, texts: Sequence[str], size: float, leading: float, **style: Any) -> float:
        """Lines of text, the first with its baseline at `y`; gives the baseline of the line after the last."""
        for text in texts:
            self.text(x, y, text, size, **style)
            y += leading
        return y

    def bar(self, x: float, x2: float, y: float, height: float, colour: str, **style: Any) -> None:
        """A filled bar whose middle is at `y`."""
        rows = [{"x": x, "x2": x2, "y": y - height / 2, "y2": y + height / 2}]
        self._add(rows, "rect", fill=colour, **style)

    def line(self, x: float, y: float, x2: float, y2: float, colour: str, thick: float = 1, **style: Any) -> None:
        """A straight line."""
        self._add([{"x": x, "y": y, "x2": x2, "y2": y2}], "rule", stroke=colour, strokeWidth=thick, **style)

    def path(self, points: Sequence[tuple[float, float]], colour: str, thick: float = 1.5, **style: Any) -> None:
        """A line through points, in their order."""
        rows = [{"x": x, "y": y, "order": order} for order, (x, y) in enumerate(points)]
        self._add(rows, "line", stroke=colour, strokeWidth=thick, **style)

    def band(self, points: Sequence[tuple[float, float, float]], colour: str, opacity: float) -> None:
        """A band: at each x the height between two edges."""
        rows = [{"x": x, "y": upper, "y2": lower} for x, upper, lower in points]
        self._add(rows, "area", fill=colour, fillOpacity=opacity)

    def mark(self, x: float, y: float, shape: str, colour: str, size: float, fill: str = "") -> None:
        """A mark of a shape; without a fill of its own it is filled in its colour. An edge of paper sets it off."""
        style = {"shape": shape, "size": size, "fill": fill or colour, "stroke": colour if fill else PAPER}
        self._add([{"x": x, "y": y}], "point", **style, strokeWidth=1.8 if fill else 1.2, opacity=1)

    def boxes(self) -> Iterator[tuple[str, float, float, float, float]]:
        """Every text with the box it takes: left, top, right, bottom."""
        for (size, weight, _, align), rows in self._texts.items():
            for row in rows:
                wide = typeface.width(row["text"], size, weight)
                left = row["x"] - wide * {"left": 0, "center": 0.5, "right": 1}[align]
                yield row["text"], left, row["y"] - 0.72 * size, left + wide, row["y"] + 0.2 * size

    def _add(self, rows: list[dict[str, Any]], mark: str, **style: Any) -> None:
        """Shapes of one look make one layer, which lies where its first shape was drawn."""
        if mark in ("line", "area"):
            self._drawn += 1
            rows = [{**row, "shape": self._drawn} for row in rows]
        self._layers.setdefault((mark, json.dumps(style, sort_keys=True)), []).extend(rows)

    def finished(self, title: str, margin: int = 0) -> altair.LayerChart:
        """What was drawn, as one chart of Altair, with a margin of paper around it."""
        import altair as alt

        texts = (("text", _look(*style), rows) for style, rows in self._texts.items())
        shapes = [(mark, json.loads(style), rows) for (mark, style), rows in self._layers.items()]
        shapes.sort(key=lambda shape: _LEVELS.get(shape[1].get("shape", shape[0]), _LEVELS["point"]))
        return (
            alt.layer(*(_layer(mark, style, rows) for mark, style, rows in (*shapes, *texts)))
            .resolve_scale(x="independent", y="independent")
            .properties(
                width=self.width,
                height=round(self.y),
                padding=margin,
                autosize=alt.AutoSizeParams(type="none"),
                background=PAPER,
                description=title,
            )
            .configure(font=typeface.FALLBACK, aria=False)
            .configure_view(stroke=None)
        )


def _layer(mark: str, style: dict[str, Any], rows: list[dict[str, Any]]) -> altair.Chart:
    """Shapes of one look as a layer. Places are pixels of the sheet, so the layer has no scale of its own."""
    import altair as alt

    encoded: dict[str, Any] = {"x": alt.X("x:Q", scale=None, axis=None), "y": alt.Y("y:Q", scale=None, axis=None)}
    more = {"x2": alt.X2("x2:Q"), "y2": alt.Y2("y2:Q"), "text": alt.Text("text:N"), "order": alt.Order("order:Q")}
    encoded |= {name: channel for name, channel in more.items() if name in rows[0]}
    if "shape" in rows[0]:
        encoded["detail"] = alt.Detail("shape:N")
    return getattr(alt.Chart(alt.InlineData(values=rows)), f"mark_{mark}")(**style).encode(**encoded)


def _look(size: float, weight: int, colour: str, align: str) -> dict[str, Any]:
    return {
        "font": typeface.FALLBACK,
        "fontSize": size,
        "fontWeight": weight,
        "fill": colour,
        "align": align,
        "baseline": "alphabetic",
    }


@dataclass(frozen=True)
class Picture:
    """A drawing of figures, with the words around it.

    `labels` gives each figure, by id, the name that the drawing calls it by. `body` draws below the heading and moves
    the sheet's `y` on. `notes` stand below it in small letters: counting unit, day, source, what is invented.
    """

    name: str
    language: str
    title: str
    subtitle: str
    notes: tuple[str, ...]
    alternative: str
    figures: tuple[Cited, ...]
    labels: Mapping[str, str]
    body: Callable[[Sheet], None]
    _kept: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def chart(self, layout: Layout = WIDE) -> altair.LayerChart:
        """The whole picture as a chart of Altair."""
        return self.sheet(layout).finished(self.title, layout.margin)

    def sheet(self, layout: Layout = WIDE) -> Sheet:
        """The whole picture, placed on a sheet."""
        sheet = Sheet(layout)
        size, leading = (17.5, 22) if sheet.narrow else (20, 26)
        heading = typeface.wrapped(self.title, sheet.width, size, 600)
        below = sheet.lines(0, size, heading, size, leading, weight=600)
        told = typeface.wrapped(self.subtitle, sheet.width, 13.5)
        sheet.y = sheet.lines(0, below - 2, told, 13.5, 18, colour=MUTED) - 4
        self.body(sheet)
        sheet.y += 20
        for note in self.notes:
            lines = typeface.wrapped(note, sheet.width, 11.5)
            sheet.y = sheet.lines(0, sheet.y, lines, 11.5, 15, colour=MUTED) + 2
        sheet.y -= 8
        return sheet

    def plain(self, layout: Layout = WIDE) -> altair.LayerChart:
        """The drawing alone, for a page that sets title and notes itself."""
        sheet = Sheet(layout)
        self.body(sheet)
        return sheet.finished(self.title)

    def svg(self, layout: Layout = WIDE) -> str:
        """The whole picture as SVG, with title and text alternative in it."""
        return self._described(self._drawn(layout), layout)

    def plain_svg(self, layout: Layout = WIDE) -> str:
        """The drawing alone as SVG, with title and text alternative in it."""
        return self._described(self._kept_svg(f"plain {layout.name}", lambda: self.plain(layout)), layout)

    def png(self, layout: Layout = WIDE) -> bytes:
        """The whole picture as PNG, three pixels for each of the screen's: enough for print."""
        return _converter().svg_to_png(self._drawn(layout), scale=_PNG_SCALE)

    def _drawn(self, layout: Layout) -> str:
        return self._kept_svg(layout.name, lambda: self.chart(layout))

    def _kept_svg(self, name: str, drawn: Callable[[], altair.LayerChart]) -> str:
        if name not in self._kept:
            self._kept[name] = _drawn(drawn())
        return self._kept[name]

    def csv(self) -> str:
        """The figures as a table."""
        return write_csv(self.figures, self.labels)

    def json(self) -> str:
        """The figures with everything said about them, and the words around the picture."""
        rows = [{"label": self.labels.get(figure.id, ""), **figure.as_json()} for figure in self.figures]
        told = {
            "picture": self.name,
            "language": self.language,
            "title": self.title,
            "subtitle": self.subtitle,
            "notes": list(self.notes),
            "text_alternative": self.alternative,
            "figures": rows,
        }
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": self.alternative}

    def _described(self, svg: str, layout: Layout) -> str:
        """The SVG as one image to those who do not see it, with a name and a description."""
        ids = f"{self.name}-{self.language}-{layout.name}"
        head = f'<title id="t-{ids}">{escape(self.title, quote=False)}</title>'
        head += f'<desc id="d-{ids}">{escape(self.alternative, quote=False)}</desc>'
        opened = re.match(r"<svg [^>]*>", svg)
        if opened is None:
            raise ValueError("the drawing is no SVG")
        root = opened[0].replace('class="marks" ', "").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
        root = root[:-1] + f' role="img" aria-labelledby="t-{ids} d-{ids}" lang="{self.language}">'
        return f"{root}{head}{svg[opened.end() :]}\n"


FILES = ("svg", "png", "narrow.svg", "narrow.png", "csv", "json", "txt")


def write_picture(picture: Picture, folder: Path) -> list[Path]:
    """Write a picture into a folder: SVG and PNG, wide and narrow, its data as CSV and JSON, its text alternative."""
    made: dict[str, Callable[[], str | bytes]] = {
        "svg": picture.svg,
        "png": picture.png,
        "narrow.svg": lambda: picture.svg(NARROW),
        "narrow.png": lambda: picture.png(NARROW),
        "csv": picture.csv,
        "json": picture.json,
        "txt": lambda: picture.alternative + "\n",
    }
    written = []
    for ending in FILES:
        content = made[ending]()
        path = folder / f"{picture.name}.{ending}"
        with atomic_path(path) as partial:
            partial.write_bytes(content.encode() if isinstance(content, str) else content)
        written.append(path)
    return written


def _drawn(chart: altair.LayerChart) -> str:
    specification = chart.to_dict(validate=False)  # each layer was validated when it was made
    return _tidied(_converter().vegalite_to_svg(specification, vl_version=_VEGA_LITE, allowed_base_urls=[]))


def _tidied(svg: str) -> str:
    """The SVG without what only a program reads, and with the view's own edges open, so that nothing is cut off."""
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    return re.sub(r' class="mark-[^"]*"| class="(?:background|root)"| pointer-events="none"', "", svg)


@cache
def _converter() -> Any:
    """The converter, with the house's face known to it."""
    import vl_convert

    vl_convert.register_font_directory(str(typeface.folder()))
    return vl_convert
