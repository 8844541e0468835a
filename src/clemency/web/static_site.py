"""The site as a folder of files: the same views, each answer written where its address says.

The folder is made beside its place and moved there when it is whole, so nobody sees half a site. Building twice gives
the same bytes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clemency.web.settings")


class SiteError(ValueError):
    """A page that could not be made, or a place that may not be written to."""


@dataclass(frozen=True)
class Made:
    """One file of the site: its path in the folder, and its content."""

    path: str
    content: bytes


def start() -> None:
    """Make the pages ready to be shown."""
    import django

    django.setup()


def addresses() -> list[str]:
    """Every address of the site, in the order of the list of pages."""
    from django.urls import reverse

    from clemency.web.observatory.registry import entries

    return [reverse(entry.name, kwargs=dict(values)) for entry in entries() for values in entry.addresses()]


def file_of(address: str) -> str:
    """The file that holds the answer of an address.

    >>> file_of("/az/acts/"), file_of("/sitemap.xml"), file_of("/")
    ('az/acts/index.html', 'sitemap.xml', 'index.html')
    """
    return address.lstrip("/") + ("index.html" if address.endswith("/") else "")


def made(told: Callable[[int, int], None] = lambda _done, _of: None, site: str = "") -> Iterator[Made]:
    """Every file of the site: pages, documents, and the static files.

    `site` is where the folder will stand, such as `https://example.org/amnesty`; the site map is only written when it
    is known.
    """
    from django.conf import settings
    from django.core.handlers.base import BaseHandler
    from django.test import RequestFactory

    from clemency.web.edition import refresh
    from clemency.web.links import AS_FILE, SITE

    start()
    refresh()
    handler: Any = BaseHandler()
    handler.load_middleware()
    requests = RequestFactory(HTTP_HOST="localhost", **{AS_FILE: True, SITE: site.rstrip("/")})
    every = [address for address in addresses() if site or address != "/sitemap.xml"]
    for done, address in enumerate(every):
        answer = handler.get_response(requests.get(address))
        if answer.status_code != 200:
            raise SiteError(f"{address} answers {answer.status_code}; the site was not written")
        told(done, len(every))
        yield Made(file_of(address), bytes(answer.content))
    root = Path(settings.STATIC_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield Made(f"static/{path.relative_to(root).as_posix()}", path.read_bytes())


_MARK = ".clemency-site"


def build(folder: Path, told: Callable[[int, int], None] = lambda _done, _of: None, site: str = "") -> int:
    """Write the whole site into a folder, in place of an earlier one; the number of files written.

    A folder with anything else in it is left alone.
    """
    folder = folder.absolute()
    if folder.exists() and not folder.is_dir():
        raise SiteError(f"{folder} is a file; name a folder for the site")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise SiteError(f"{folder} holds something else than a site; name an empty folder or one built before")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        count = _write(fresh, made(told, site))
        fresh.chmod(0o755)
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return count


def _write(fresh: Path, files: Iterator[Made]) -> int:
    seen: set[str] = set()
    for one in files:
        if one.path in seen:
            raise SiteError(f"two entries of the list of pages would be written to {one.path}")
        seen.add(one.path)
        path = fresh / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.content)
    (fresh / _MARK).write_text("A site written by clemency; a later one may replace it.\n", encoding="utf-8")
    return len(seen)


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Move the fresh folder to its place; an earlier one is out of the way for a moment and then gone."""
    if not folder.exists():
        fresh.rename(folder)
        return
    before = Path(tempfile.mkdtemp(prefix=f".{folder.name}-before-", dir=folder.parent))
    folder.rename(before / "site")
    try:
        fresh.rename(folder)
    except OSError:
        (before / "site").rename(folder)
        raise
    shutil.rmtree(before, ignore_errors=True)
