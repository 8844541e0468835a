"""Every page and every document of the Observatory, with all the addresses each has.

Addresses of the live site, the static build, the site map, the check of links and the browser tests all read this one
list. A module of `pages/` adds to it by decorating its views; `AREAS` names the modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

from django.utils import translation

from clemency.law.act import LANGUAGES

AREAS = ("front", "acts", "claims", "people", "lists", "feeds", "history", "data", "search", "method", "doors")

Values = Mapping[str, str]
View = Callable[..., Any]


def once() -> Iterable[Values]:
    """A page with one address."""
    return ({},)


@dataclass(frozen=True)
class Page:
    """A page that people read, at one address a language for each of its values."""

    name: str
    route: str
    view: View
    every: Callable[[], Iterable[Values]]

    @property
    def full_route(self) -> str:
        """The route with the language before it."""
        return f"<language:language>/{self.route}"

    def addresses(self) -> Iterator[Values]:
        """The values of every address, languages included."""
        for values in self.every():
            for language in LANGUAGES:
                yield {"language": language, **values}


@dataclass(frozen=True)
class Document:
    """A file that people or programs take away: data, a feed, a picture, a list of addresses."""

    name: str
    route: str
    view: View
    every: Callable[[], Iterable[Values]]

    @property
    def full_route(self) -> str:
        """The route as it stands."""
        return self.route

    def addresses(self) -> Iterator[Values]:
        """The values of every address."""
        yield from self.every()


Entry = Page | Document
_entries: dict[str, Entry] = {}


def page(name: str, route: str, every: Callable[[], Iterable[Values]] = once) -> Callable[[View], View]:
    """Add a page: its name, its route below the language, and the values of all its addresses."""

    def added(view: View) -> View:
        _add(Page(name, route, _in_its_language(view), every))
        return view

    return added


def document(name: str, route: str, every: Callable[[], Iterable[Values]] = once) -> Callable[[View], View]:
    """Add a document: its name, its whole route, and the values of all its addresses.

    A route may begin with `<language:language>/`; then `every` gives the languages too.
    """

    def added(view: View) -> View:
        _add(Document(name, route, _in_its_language(view), every))
        return view

    return added


def _add(entry: Entry) -> None:
    known = _entries.get(entry.name)
    if known is not None and known.route != entry.route:
        raise ValueError(f"two entries are called {entry.name!r}: {known.route} and {entry.route}")
    _entries[entry.name] = entry


def _in_its_language(view: View) -> View:
    """A view runs in the language of its address, and the request says which."""

    @wraps(view)
    def shown(request: Any, language: str = "en", **values: str) -> Any:
        request.language = language
        request.shown = {"language": language, **values}
        with translation.override(language):
            return view(request, **values)

    return shown


def entries() -> list[Entry]:
    """Every page and document, in the order of the areas."""
    for area in AREAS:
        import_module(f"clemency.web.observatory.pages.{area}")
    return list(_entries.values())


def pages() -> list[Page]:
    """Every page."""
    return [entry for entry in entries() if isinstance(entry, Page)]


def documents() -> list[Document]:
    """Every document."""
    return [entry for entry in entries() if isinstance(entry, Document)]


def has(name: str) -> bool:
    """Whether there is a page or document by this name."""
    return name in {entry.name for entry in entries()}


def takes(name: str) -> frozenset[str]:
    """The values that an address takes."""
    route = next(entry.full_route for entry in entries() if entry.name == name)
    return frozenset(re.findall(r"<(?:\w+:)?(\w+)>", route))
