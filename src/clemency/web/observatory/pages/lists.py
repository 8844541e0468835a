"""Watch lists: who publishes them, their sizes, whom acts and pardons reached, and what such a figure can show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.web.observatory.drawing import drawn
from clemency.web.observatory.registry import Values, page
from clemency.web.observatory.selectors.watch_lists import (
    every_coverage,
    every_publisher,
    nobody_by_chance,
    reached_picture,
    same_season,
)
from clemency.web.observatory.shown import missing, show


def each_list() -> Iterable[Values]:
    """The id of every publisher of lists."""
    return ({"list": one.publisher.id} for one in every_publisher())


@page("lists", "lists/")
def lists(request: Any) -> Any:
    """All publishers, all counts, and how to read them."""
    values = {
        "drawing": drawn(reached_picture(request.language)),
        "publishers": every_publisher(),
        "coverage": every_coverage(),
        "season": same_season(),
        "chance": nobody_by_chance(),
    }
    return show(request, "lists/lists.html", values)


@page("list", "lists/<slug:list>/", each_list)
def list_(request: Any, list: str) -> Any:
    """The lists of one publisher."""
    shown = next((one for one in every_publisher() if one.publisher.id == list), None)
    if shown is None:
        raise missing(f"no list {list}")
    return show(request, "lists/list.html", {"shown": shown}, area="lists")
