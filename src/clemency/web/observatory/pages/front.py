"""The first page: the latest act at a glance."""

from __future__ import annotations

from typing import Any

from clemency.web.observatory.registry import has, page
from clemency.web.observatory.selectors.acts import act_shown, acts_here
from clemency.web.observatory.selectors.carried_out import carried_out
from clemency.web.observatory.selectors.statements import evidence_that_counts, statements_about
from clemency.web.observatory.shown import show


@page("front", "")
def front(request: Any) -> Any:
    """What was announced, what the rules give, what was reported, who was left out."""
    act = acts_here()[0]
    values = {
        "shown": carried_out(act.id, request.language),
        "rules": act_shown(act.id, request.language),
        "statements": statements_about(act.id),
        "left_out": evidence_that_counts(act.id, "named_cases", "listed_covered"),
        "people": has("people"),
    }
    return show(request, "front/front.html", values)
