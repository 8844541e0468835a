"""What tests ask of a page: its elements, its links, where its files lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import html5lib

from clemency.law.act import LANGUAGES
from clemency.web.static_site import file_of, start

XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Address:
    """One address of a page: which page, in which language, where."""

    page: str
    language: str
    address: str

    def __str__(self) -> str:
        return self.address

    @property
    def file(self) -> str:
        """Its file in the folder of the site."""
        return file_of(self.address)


@cache
def addresses() -> tuple[Address, ...]:
    """Every address of every page, in every language."""
    start()
    from django.urls import reverse

    from clemency.web.observatory.registry import pages

    return tuple(
        Address(one.name, values["language"], reverse(one.name, kwargs=dict(values)))
        for one in pages()
        for values in one.addresses()
    )


def each_kind(site: Path) -> list[list[Address]]:
    """For every kind of page its heaviest address, which holds the most that can go wrong, in every language."""
    heaviest: dict[str, tuple[int, str]] = {}
    for one in addresses():
        weight = (site / one.file).stat().st_size
        place = one.address.removeprefix(f"/{one.language}")
        heaviest[one.page] = max(heaviest.get(one.page, (0, "")), (weight, place))
    chosen = {(page, place) for page, (_weight, place) in heaviest.items()}
    kinds: dict[str, list[Address]] = {}
    for one in addresses():
        if (one.page, one.address.removeprefix(f"/{one.language}")) in chosen:
            kinds.setdefault(one.page, []).append(one)
    return list(kinds.values())


def each_kind_once(site: Path) -> list[Address]:
    """Every kind of page at its heaviest, the languages taking turns."""
    return [languages[place % len(languages)] for place, languages in enumerate(each_kind(site))]


def parsed(path: Path) -> Any:
    """A page as a tree; what is not valid HTML is an error."""
    parser = html5lib.HTMLParser(strict=True)
    return parser.parse(path.read_text(encoding="utf-8"))


def elements(tree: Any, name: str = "") -> Iterator[Any]:
    """The elements of a tree, all or those of one name."""
    for element in tree.iter():
        if isinstance(element.tag, str) and (not name or element.tag == XHTML + name):
            yield element


def each_address_once() -> list[Address]:
    """Every address there is; where a page has several, each in one language, the languages taking turns."""
    count = Counter(one.page for one in addresses())
    chosen, turn = [], Counter[str]()
    for one in addresses():
        place = turn[one.page + one.language]
        turn[one.page + one.language] += 1
        if count[one.page] == len(LANGUAGES) or LANGUAGES[place % len(LANGUAGES)] == one.language:
            chosen.append(one)
    return chosen
