"""Search across everything: a form that the server answers, and an index for where there is no server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from clemency.law.act import LANGUAGES
from clemency.web.headers import script_of_ours
from clemency.web.links import AS_FILE, link_to
from clemency.web.observatory import spelling
from clemency.web.observatory.registry import Values, document, page
from clemency.web.observatory.selectors.search import KINDS, Entry, entries_by_kind, find, for_the_page
from clemency.web.observatory.shown import hand_over, show

_MOST = 60
_LONGEST = 200


def each_language() -> Iterable[Values]:
    """Every language."""
    return ({"language": language} for language in LANGUAGES)


@page("search", "search/")
def search(request: Any) -> Any:
    """What was asked for and what was found; without a question, everything by its kind."""
    asked = "" if request.META.get(AS_FILE) else request.GET.get("q", "")[:_LONGEST].strip()
    found = find(asked, request.language)
    values = {
        "asked": asked,
        "count": len(found),
        "found": [_linked(request, one) for one in found[:_MOST]],
        "most": _MOST,
        "kinds": [
            (kind, KINDS[kind], [_linked(request, one) for one in entries])
            for kind, entries in entries_by_kind(request.language)
            if entries
        ],
    }
    return script_of_ours(show(request, "search/search.html", values))


@document("search-index", "<language:language>/search/index.js", each_language)
def search_index(request: Any) -> Any:
    """The index as a script that only holds data, since a page opened from a folder may read no other file."""
    told = {
        **for_the_page(request.language),
        "groups": spelling.GROUPS,
        "silent": spelling.SILENT,
    }
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("\u2028", " ").replace("\u2029", " ")
    return hand_over(f"const SEARCH_INDEX = {data};\n", "text/javascript; charset=utf-8")


def _linked(request: Any, one: Entry) -> dict[str, Any]:
    href = link_to(request, f"/{request.language}/{one.place}")
    return {"href": href, "title": one.title, "note": one.note, "language": one.language, "kind": KINDS[one.kind]}
