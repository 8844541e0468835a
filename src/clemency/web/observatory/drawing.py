"""Drawings of the lower floor as part of a page: their colours become classes, so that they follow the page's scheme.

A drawing comes wide and narrow, and the style shows one of them. Its words are text, its title and description are in
it, and its figures stand in a table beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from clemency.observe import pictures
from clemency.observe.figures import Cited
from clemency.observe.pictures import NARROW, WIDE, Picture

_CLASSES = {
    pictures.INK: "ink",
    pictures.MUTED: "muted",
    pictures.RULE: "rule",
    pictures.GRID: "grid",
    pictures.PAPER: "paper",
    pictures.ANNOUNCED: "announced",
    pictures.RULES_DARK: "rules-dark",
    pictures.RULES_MID: "rules-mid",
    pictures.RULES_LIGHT: "rules-light",
    "#e3b04b": "open",
    "#8c96a0": "excluded",
    "#c6ccd2": "outside",
}
_TAG = re.compile(r"<(\w+)((?:\s[^<>]*?)?)(/?)>")
_COLOUR = re.compile(r'\s(fill|stroke)="(#[0-9a-fA-F]{6})"')
_FACE = re.compile(r'\sfont-family="[^"]*"')


@dataclass(frozen=True)
class Drawing:
    """A picture with its drawings, wide and narrow, and the figures it is drawn from."""

    picture: Picture
    wide: SafeString
    narrow: SafeString

    @property
    def rows(self) -> list[tuple[str, Cited]]:
        """Its figures by the name that the drawing calls each."""
        return [(self.picture.labels.get(one.id, ""), one) for one in self.picture.figures]


def drawn(picture: Picture) -> Drawing:
    """A picture ready for a page."""
    return Drawing(picture, themed(picture.plain_svg(WIDE)), themed(picture.plain_svg(NARROW)))


def themed(svg: str) -> SafeString:
    """An SVG whose colours are classes: `fill="#1f2933"` becomes `class="f-ink"`.

    >>> themed('<svg><path fill="#1f2933" stroke="#ffffff" d="M0"/></svg>')
    '<svg><path d="M0" class="f-ink s-paper"/></svg>'
    """
    return mark_safe(_TAG.sub(_themed_tag, svg.strip()))


def _themed_tag(tag: re.Match[str]) -> str:
    name, attributes, end = tag.groups()
    classes = []
    for what, colour in _COLOUR.findall(attributes):
        if colour.lower() not in _CLASSES:
            raise ValueError(f"a drawing uses the colour {colour}, which has no class in the style of the site")
        classes.append(f"{what[0]}-{_CLASSES[colour.lower()]}")
    left = _FACE.sub("", _COLOUR.sub("", attributes))
    if classes:
        left += f' class="{" ".join(classes)}"'
    return f"<{name}{left}{end}>"
