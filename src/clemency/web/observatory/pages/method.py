"""How the Observatory is made: where numbers come from, what its words mean, how to correct it."""

from __future__ import annotations

from typing import Any

from clemency.web.observatory.registry import page
from clemency.web.observatory.selectors.claim_words import ABOUT_SOURCE_TYPES, SOURCE_TYPES
from clemency.web.observatory.shown import show


@page("method", "method/")
def method(request: Any) -> Any:
    """The ground rules, in words."""
    kinds = [(key, SOURCE_TYPES[key], about) for key, about in ABOUT_SOURCE_TYPES.items()]
    return show(request, "method.html", {"source_kinds": kinds})
