"""The first door: a choice of languages; and the list of addresses for search engines."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from django.utils import translation
from django.utils.translation import gettext as _

from clemency.law.act import LANGUAGES
from clemency.web.languages import NAMES
from clemency.web.links import link, whole_address
from clemency.web.observatory.registry import document, pages
from clemency.web.observatory.shown import hand_over, show


@document("doors", "")
def doors(request: Any) -> Any:
    """Each language by its own name, with what there is to find."""
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            about = _(
                "What an amnesty promised, what its rules give, what was reported carried out, and who was left out. "
                "Each number with its source."
            )
        found.append(
            {
                "code": language,
                "name": NAMES[language],
                "about": about,
                "href": link(request, "front", language=language),
            }
        )
    return show(request, "doors.html", {"doors": found})


@document("sitemap", "sitemap.xml")
def sitemap(request: Any) -> Any:
    """Every page in every language, as search engines want it."""
    from django.urls import reverse

    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    for one in pages():
        for values in one.addresses():
            lines.append(
                f"<url><loc>{escape(whole_address(request, reverse(one.name, kwargs=dict(values))))}</loc></url>"
            )
    return hand_over("\n".join([*lines, "</urlset>", ""]), "application/xml")
