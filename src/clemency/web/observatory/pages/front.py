"""The first page: the latest act at a glance."""

from __future__ import annotations

from typing import Any

from clemency.web.observatory.registry import has, page
from clemency.web.observatory.selectors.acts import act_shown, every_act
from clemency.web.observatory.selectors.carried_out import carried_out
from clemency.web.observatory.selectors.statements import statements_about
from clemency.web.observatory.shown import show


@page("front", "")
def front(request: Any) -> Any:
    """What was announced, what the rules give, what was reported, who was left out."""
    act = every_act()[0]
    values = {
        "shown": carried_out(act.id, request.language),
        "rules": act_shown(act.id, request.language),
        "statements": statements_about(act.id),
        "people": has("people"),
    }
    return show(request, "front/front.html", values)
