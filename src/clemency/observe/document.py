"""A document of paragraphs, tables and pictures in which every number knows its row.

Written once and set twice: as one HTML file that fetches nothing, and as a tagged PDF. Both are set from the same tree,
so that neither says what the other does not. The same document gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from clemency.observe import typeface
from clemency.observe.figures import Cited
from clemency.observe.pictures import NARROW, WIDE, Picture
from clemency.observe.words import Words


@dataclass(frozen=True)
class Run:
    """A piece of text. `kind` says what it is: plain text, a number with its row, a day, a link, code, a quotation."""

    kind: str
    text: str
    target: str = ""
    value: str = ""


def text(said: str) -> Run:
    """Plain words, without digits that would be a figure."""
    return Run("text", said)


def strong(said: str) -> Run:
    """Words that stand out."""
    return Run("strong", said)


def label(said: str) -> Run:
    """A name of something, which may hold digits of its own: "women's prison No. 4", "reached 60"."""
    return Run("label", said)


def code(said: str) -> Run:
    """An id, a version, a command."""
    return Run("code", said)


def quoted(said: str, language: str = "en") -> Run:
    """Words of the library or of a source, in the language they are kept in."""
    return Run("quote", said, value=language)


def link(said: str, address: str) -> Run:
    """A source by its name, with its address; what is no address of the web is a name only."""
    return Run("link", said, target=address) if address.startswith(("https://", "http://")) else label(said)


Cell = tuple[Run, ...]


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a list, a table, a picture or a box."""

    kind: str
    runs: Cell = ()
    level: int = 0
    id: str = ""
    head: tuple[str, ...] = ()
    right: tuple[bool, ...] = ()
    widths: tuple[float, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    row_ids: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass
class Document:
    """A document while it is written: its blocks, and the figures that its numbers lead to."""

    title: str
    subtitle: str
    words: Words
    day: str
    blocks: list[Block] = field(default_factory=list)
    figures: dict[str, Cited] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language of the document."""
        return self.words.language

    def number(self, figure: Cited, name: str, said: str = "") -> Run:
        """A number, as the language writes it, that leads to its row; `name` says in the row what is counted."""
        known = self.figures.setdefault(figure.id, figure)
        if known != figure:
            raise ValueError(f"two figures bear the id {figure.id}")
        self.labels.setdefault(figure.id, name)
        value = "" if figure.value is None else f"{figure.value:g}"
        return Run("number", said or self.words.figure(figure), target=figure.id, value=value)

    def day_run(self, day: str) -> Run:
        """A day as the language writes it."""
        return Run("day", self.words.short(day), value=day)

    def phrase(self, key: str, /, **values: Run | Cell | str) -> Cell:
        """A phrase with runs in its places; a plain text in a place is a label."""
        found: list[Run] = []
        for literal, name, _, _ in Formatter().parse(self.words.raw(key)):
            if literal:
                found.append(text(literal))
            if name is not None:
                value = values[name]
                found += [label(value)] if isinstance(value, str) else [value] if isinstance(value, Run) else value
        return tuple(found)

    def heading(self, said: str, level: int = 2, id: str = "") -> None:
        """A heading."""
        self.blocks.append(Block("heading", (label(said),), level=level, id=id))

    def paragraph(self, *runs: Run) -> None:
        """A paragraph."""
        self.blocks.append(Block("paragraph", runs))

    def note(self, *runs: Run) -> None:
        """A paragraph in small letters."""
        self.blocks.append(Block("note", runs))

    def box(self, *runs: Run) -> None:
        """A paragraph that must not be overlooked."""
        self.blocks.append(Block("box", runs))

    def bullets(self, items: Sequence[Cell]) -> None:
        """A list."""
        if items:
            self.blocks.append(Block("bullets", rows=tuple((item,) for item in items)))

    def table(
        self,
        caption: str,
        head: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        right: Sequence[int] = (),
        widths: Sequence[float] = (),
        row_ids: Sequence[str] = (),
    ) -> None:
        """A table with a caption; the columns numbered in `right` hold figures, `widths` are shares of the page."""
        self.blocks.append(
            Block(
                "table",
                (label(caption),),
                head=tuple(head),
                right=tuple(place in right for place in range(len(head))),
                widths=tuple(widths) or (1.0,) * len(head),
                rows=tuple(tuple(row) for row in rows),
                row_ids=tuple(row_ids),
            )
        )

    def picture(self, picture: Picture) -> None:
        """A picture, with its notes and its text alternative."""
        for figure in picture.figures:
            self.number(figure, picture.labels[figure.id])
        self.blocks.append(Block("picture", (label(picture.title),), id=f"picture-{picture.name}", picture=picture))

    def runs(self) -> Iterator[Run]:
        """Every run of the document."""
        for block in self.blocks:
            yield from block.runs
            for row in block.rows:
                for cell in row:
                    yield from cell


# --- HTML -----------------------------------------------------------------------------------------------------


def html(document: Document) -> str:
    """The document as one HTML file: style, face and drawings are in it, and nothing is fetched."""
    return page(
        "document.html",
        document=document,
        words=document.words,
        contents=[block for block in document.blocks if block.kind == "heading" and block.level == 2],
        anchor=anchor,
        drawings=lambda picture: {"wide": picture.plain_svg(WIDE), "narrow": picture.plain_svg(NARROW)},
    )


def page(template: str, **values: Any) -> str:
    """A page in the style of the report, with its style and its face inside."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("clemency.observe"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    faces = {
        weight: base64.b64encode((typeface.folder() / name).read_bytes()).decode("ascii")
        for weight, name in typeface.WEIGHTS.items()
    }
    style = _template("document.css")
    made = environment.get_template(template).render(style=style, faces=faces, family=typeface.FALLBACK, **values)
    return made.rstrip() + "\n"


def anchor(figure_id: str) -> str:
    """The place of a figure's row in the document."""
    return "row-" + "".join(one if one.isalnum() or one in "-_" else "-" for one in figure_id)


def _template(name: str) -> str:
    return files("clemency.observe").joinpath("templates", name).read_text(encoding="utf-8")


# --- PDF ------------------------------------------------------------------------------------------------------


def pdf(document: Document) -> bytes:
    """The document as a tagged PDF (PDF/UA), set with the house's face and no other."""
    import typst

    with tempfile.TemporaryDirectory(prefix="clemency-") as name:
        folder = Path(name)
        for block in document.blocks:
            if block.picture is not None:
                (folder / f"{block.id}.svg").write_text(block.picture.plain_svg(WIDE), encoding="utf-8")
        (folder / "document.typ").write_text(_template("document.typ"), encoding="utf-8")
        (folder / "document.json").write_text(json.dumps(_tree(document), ensure_ascii=False), encoding="utf-8")
        made: bytes = typst.compile(
            folder / "document.typ",
            font_paths=[typeface.folder()],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    return made


def _tree(document: Document) -> dict[str, Any]:
    """The document as plain data, for the setter of the PDF."""
    year, month, day = (int(part) for part in document.day.split("-"))
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "language": document.language,
        "date": {"year": year, "month": month, "day": day},
        "words": {
            key: document.words.raw(f"report.{key}") for key in ("contents", "page", "text_alternative", "not_advice")
        },
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": block.kind,
        "level": block.level,
        "id": block.id,
        "runs": [_run(run) for run in block.runs],
        "head": list(block.head),
        "right": list(block.right),
        "widths": list(block.widths),
        "rows": [[[_run(run) for run in cell] for cell in row] for row in block.rows],
        "row_ids": [anchor(one) for one in block.row_ids],
    }
    if block.picture is not None:
        told |= {"alternative": block.picture.alternative, "notes": list(block.picture.notes)}
        told["subtitle"] = block.picture.subtitle
    return told


def _run(run: Run) -> Mapping[str, str]:
    target = anchor(run.target) if run.kind == "number" else run.target
    return {"kind": run.kind, "text": run.text, "target": target, "value": run.value}
