"""Which edition of the library a page was made from; what selectors worked out is kept as long as it stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from clemency.law.library import library_path

P = ParamSpec("P")
R = TypeVar("R")
Stamp = tuple[tuple[str, int, int], ...]

_LEFT_OUT = {"__pycache__"}


class _Shelf:
    """What was worked out from one state of the library."""

    def __init__(self) -> None:
        self.stamp: Stamp | None = None
        self.kept: dict[Any, Any] = {}

    def refresh(self) -> None:
        stamp = _stamp(library_path())
        if stamp != self.stamp:
            self.stamp, self.kept = stamp, {}


_shelf = _Shelf()


def files_of(library: Path) -> list[Path]:
    """Every file of the library, in the order of their names."""
    return sorted(path for path in library.rglob("*") if path.is_file() and not _LEFT_OUT & set(path.parts))


def _stamp(library: Path) -> Stamp:
    found = ((path, path.stat()) for path in files_of(library))
    return tuple((path.relative_to(library).as_posix(), stat.st_mtime_ns, stat.st_size) for path, stat in found)


def refresh() -> None:
    """Forget what was worked out if a file of the library has changed since."""
    _shelf.refresh()


def kept_for_the_edition(select: Callable[P, R]) -> Callable[P, R]:
    """A selector works out its answer once for each state of the library."""

    @wraps(select)
    def selected(*args: P.args, **kwargs: P.kwargs) -> R:
        if _shelf.stamp is None:
            _shelf.refresh()
        key = (select.__module__, select.__qualname__, args, tuple(sorted(kwargs.items())))
        if key not in _shelf.kept:
            _shelf.kept[key] = select(*args, **kwargs)
        answer: R = _shelf.kept[key]
        return answer

    return selected


@kept_for_the_edition
def edition() -> str:
    """A short name for the content of the library: the same content has the same name everywhere."""
    library, told = library_path(), hashlib.sha256()
    for path in files_of(library):
        told.update(path.relative_to(library).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()[:12]


def edition_of_the_request(respond: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Each request sees one state of the library."""

    def answer(request: Any) -> Any:
        refresh()
        return respond(request)

    return answer
