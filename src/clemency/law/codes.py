"""Offence codes: articles and their parts, maxima, categories and guilt, with what the sources leave open.

The category of an offence follows the maximum of its article part (Criminal Code of Azerbaijan, note to Art. 15).
Articles are text: `177.2`, `193-1.3`, `234.4-1`. A sub-item such as `177.2.3` falls under its part.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from clemency.law.library import library_path
from clemency.law.vocabulary import CATEGORIES

NOT_FIXED = "not_fixed"
MIXED = "mixed"
#: Articles whose entries are kept; a register may spell more, but then asks for few of them often.
_MOST_KEPT = 10_000


class CodeError(ValueError):
    """An offence code that cannot be read."""


@dataclass(frozen=True, slots=True)
class ArticlePart:
    """One part of an article: the unit that carries a maximum and therefore a category.

    `categories` holds every reading that the sources leave open; one entry means the category is settled.
    `guilt` is `intent`, `negligence`, `mixed` (intent as to the act, negligence as to the result: the code has no
    rule for it) or `not_fixed` (the article does not say).
    """

    key: str
    article: str
    title: str
    guilt: str
    max_imprisonment_months: int | None
    categories: tuple[str, ...]
    confidence: str
    source: str
    valid_from: str = ""
    valid_to: str = ""
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class OffenceCode:
    """An offence code, looked up by article text."""

    id: str
    parts: dict[str, ArticlePart]
    _by_article: dict[str, tuple[ArticlePart, ...]] = field(default_factory=dict, repr=False)
    _over: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def part_of(self, article: str) -> ArticlePart | None:
        """The part under which an article text falls; unknown when it names several parts or none.

        >>> load_code("az-cc").part_of("177.2.3").key
        '177.2'
        >>> load_code("az-cc").part_of("177") is None
        True
        """
        candidates = self.parts_meant(article)
        return candidates[0] if len(candidates) == 1 else None

    def parts_meant(self, article: str) -> tuple[ArticlePart, ...]:
        """All parts that an article text may mean: one when it is precise, several when it leaves the part out."""
        segments = article.split(".")
        for length in range(len(segments), 0, -1):
            key = ".".join(segments[:length])
            if key in self.parts:
                return (self.parts[key],)
        if len(segments) == 1:
            return self._by_article.get(article, ())
        return ()

    def category_of(self, article: str) -> str | None:
        """The category of an article's crimes; unknown where the text names several parts, or sources leave it open.

        >>> load_code("az-cc").category_of("177.2.3"), load_code("az-cc").category_of("177")
        ('less_serious', None)
        """
        part = self.part_of(article)
        return part.categories[0] if part is not None and len(part.categories) == 1 else None

    def with_parts(self, changed: Mapping[str, ArticlePart]) -> OffenceCode:
        """The same code with some of its parts read another way."""
        return _coded(self.id, {**self.parts, **changed})

    def knows(self, article: str) -> bool:
        """Whether the code has an entry for the article, its part or the part of its sub-item."""
        return bool(self.parts_meant(article))

    def nearest(self, article: str) -> str | None:
        """The article key most like a mistyped one."""
        close = difflib.get_close_matches(article, [*self.parts, *self._by_article], n=1, cutoff=0.5)
        return close[0] if close else None

    def falls_under(self, article: str, entry: str) -> bool:
        """An article falls under a list entry when the entry names it, its part or its article, now or in the past.

        >>> code = load_code("az-cc")
        >>> code.falls_under("193-1.3.1", "193-1"), code.falls_under("193-1.3.1", "193")
        (True, False)
        """
        return entry in self.entries_over(article)

    def entries_over(self, article: str) -> frozenset[str]:
        """Every list entry that an article falls under: itself, its part by all its names, and what stands above these.

        >>> sorted(load_code("az-cc").entries_over("193-1.3.1"))
        ['193-1', '193-1.3', '193-1.3.1']
        """
        over = self._over.get(article)
        if over is None:
            part = self.part_of(article)
            names = (article,) if part is None else (article, part.key, *part.predecessors, *part.successors)
            over = frozenset(entry for name in names for entry in _upwards(name))
            if len(self._over) < _MOST_KEPT:
                self._over[article] = over
        return over


@cache
def load_code(code_id: str) -> OffenceCode:
    """Read an offence code of the library by its id, such as `az-cc`."""
    folder = library_path() / "codes" / code_id
    if not (folder / "articles.csv").is_file():
        known = sorted(path.parent.name for path in (library_path() / "codes").glob("*/articles.csv"))
        raise CodeError(f"no offence code {code_id!r} in the library; it has: {', '.join(known) or 'none'}")
    return read_code(code_id, folder / "articles.csv")


def read_code(code_id: str, path: Path) -> OffenceCode:
    """Read an offence code from its table of article parts."""
    with path.open(encoding="utf-8", newline="") as lines:
        parts = {row["part"]: _part(row, path) for row in csv.DictReader(lines)}
    return _coded(code_id, parts)


def _coded(code_id: str, parts: dict[str, ArticlePart]) -> OffenceCode:
    by_article: dict[str, tuple[ArticlePart, ...]] = {}
    for part in parts.values():
        by_article[part.article] = (*by_article.get(part.article, ()), part)
    return OffenceCode(code_id, parts, by_article)


def _part(row: dict[str, str], path: Path) -> ArticlePart:
    categories = tuple(filter(None, row["category"].split("|"))) or CATEGORIES
    strange = [category for category in categories if category not in CATEGORIES]
    if strange:
        raise CodeError(f"{path.name}: part {row['part']}: unknown category {strange[0]!r}")
    maximum = row["max_imprisonment_months"]
    return ArticlePart(
        key=row["part"],
        article=row["article"],
        title=row["title_en"],
        guilt=row["guilt"],
        max_imprisonment_months=int(maximum) if maximum.isdigit() else None,
        categories=categories,
        confidence=row["confidence"],
        source=row["source"],
        valid_from=row.get("valid_from", ""),
        valid_to=row.get("valid_to", ""),
        predecessors=_keys(row.get("predecessors", "")),
        successors=_keys(row.get("successors", "")),
        note=row.get("note", ""),
    )


def _upwards(name: str) -> Iterator[str]:
    """A name, and what it stands below: its parts up to each dot."""
    yield name
    yield from (name[:place] for place, sign in enumerate(name) if sign == ".")


def _keys(text: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in text.split(";") if key.strip())
