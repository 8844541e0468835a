"""History: acts since 1995, notable pardons, and the claim that one is the largest."""

from __future__ import annotations

from typing import Any

from clemency.web.observatory.registry import page
from clemency.web.observatory.selectors.history import history_shown
from clemency.web.observatory.shown import show


@page("history", "history/")
def history(request: Any) -> Any:
    """Planned and actual, act by act."""
    return show(request, "history/history.html", {"shown": history_shown(request.language)})
