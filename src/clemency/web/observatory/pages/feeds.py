"""Atom and JSON feeds per person, case, organisation and list, in each language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.law.act import LANGUAGES
from clemency.web.links import whole_address
from clemency.web.observatory.registry import Values, document
from clemency.web.observatory.selectors.feeds import FORMS, as_atom, as_json, every_feed, feed_of
from clemency.web.observatory.shown import hand_over, missing


def each_feed() -> Iterable[Values]:
    """Every feed in every language and form."""
    for language in LANGUAGES:
        for values in every_feed():
            for form in FORMS:
                yield {"language": language, **values, "form": form}


@document("feed", "<language:language>/feeds/<slug:kind>/<slug:subject>.<slug:form>", each_feed)
def feed(request: Any, kind: str, subject: str, form: str) -> Any:
    """One feed."""
    found = feed_of(kind, subject, request.language) if form in FORMS else None
    if found is None:
        raise missing(f"no feed {kind}/{subject}.{form}")
    write = as_atom if form == "atom" else as_json
    own = whole_address(request, request.path)
    return hand_over(write(found, request, request.language, own), FORMS[form])
