"""What surrounds every page: its language, the ways to the other areas and languages, the edition."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from clemency import __version__
from clemency.determine.wording import Wording
from clemency.law.act import LANGUAGES
from clemency.web.edition import edition
from clemency.web.headers import META_POLICY, META_POLICY_WITH_SCRIPT
from clemency.web.languages import NAMES
from clemency.web.links import AS_FILE, link
from clemency.web.observatory.registry import has

#: The areas, in the order of the menu: the name of the page that opens each, and its label. An area whose page is not
#: there yet is left out.
MENU = (
    ("front", _("At a glance")),
    ("acts", _("Acts")),
    ("claims", _("Claims")),
    ("people", _("People")),
    ("lists", _("Lists")),
    ("history", _("History")),
    ("data", _("Data")),
    ("search", _("Search")),
)


def surroundings(request: Any) -> dict[str, Any]:
    """The context that every template of the site may use."""
    language = getattr(request, "language", "en")
    shown = getattr(request, "shown", {})
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    area = getattr(request, "area", here)
    return {
        "language": language,
        "say": Wording(language),
        "page_name": here,
        "menu": [
            {"name": name, "label": label, "href": link(request, name), "here": name == here, "within": name == area}
            for name, label in MENU
            if has(name)
        ],
        "other_languages": [
            {
                "code": code,
                "name": NAMES[code],
                "here": code == language,
                "href": link(request, here, **{**shown, "language": code}) if here and shown else "",
            }
            for code in LANGUAGES
        ],
        "edition": edition(),
        "version": __version__,
        "meta_policy": META_POLICY if request.META.get(AS_FILE) else "",
        "meta_policy_with_script": META_POLICY_WITH_SCRIPT,
    }
