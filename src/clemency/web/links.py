"""Links between pages are relative, so that the site works at any address and as a folder opened in a browser."""

from __future__ import annotations

import posixpath
from typing import Any

from django.urls import reverse

#: Set on requests whose answer becomes a file; a folder then needs the name of the file in it.
AS_FILE = "clemency.as_file"
#: Where the site will stand, for what has to name whole addresses; unknown when it is only a folder.
SITE = "clemency.site"
_FILE_OF_A_FOLDER = "index.html"


def relative(page: str, target: str) -> str:
    """The way from one address of the site to another.

    >>> relative("/az/acts/az-2025/", "/az/claims/")
    '../../claims/'
    >>> relative("/en/", "/static/site.css"), relative("/en/", "/en/"), relative("/", "/ru/")
    ('../static/site.css', './', 'ru/')
    """
    path, mark, fragment = target.partition("#")
    folder = page if page.endswith("/") else posixpath.dirname(page) + "/"
    way = posixpath.relpath(path, folder.rstrip("/") or "/")
    if path.endswith("/"):
        way = "./" if way == "." else way + "/"
    return way + mark + fragment


def relative_to_file(page: str, target: str) -> str:
    """The same way when every page is a file in a folder.

    >>> relative_to_file("/az/acts/az-2025/", "/az/claims/#c001")
    '../../claims/index.html#c001'
    """
    path, mark, fragment = target.partition("#")
    way = relative(page, path)
    if way.endswith("/"):
        way = (way if way != "./" else "") + _FILE_OF_A_FOLDER
    return way + mark + fragment


def link_to(request: Any, target: str) -> str:
    """A link from the page that a request asks for to an address of the site."""
    way = relative_to_file if request.META.get(AS_FILE) else relative
    return way(request.path, target)


def link(request: Any, name: str, fragment: str = "", **values: str) -> str:
    """A link to a page or document by its name; a page keeps the language of the request unless one is given."""
    target = address(name, **{"language": getattr(request, "language", "en"), **values})
    return link_to(request, target + (f"#{fragment}" if fragment else ""))


def address(name: str, **values: str) -> str:
    """The address of a page or document within the site; a document without a language leaves it out."""
    from clemency.web.observatory.registry import takes

    return str(reverse(name, kwargs={key: value for key, value in values.items() if key in takes(name)}))


def whole_address(request: Any, target: str) -> str:
    """An address of the site as the outside world writes it; as it stands within the site when that is not known."""
    if request.META.get(AS_FILE):
        return str(request.META.get(SITE, "")) + target
    return f"{request.scheme}://{request.get_host()}{target}"
