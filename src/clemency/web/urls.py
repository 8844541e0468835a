"""Addresses of the site, made from the list of pages and documents."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseNotFound
from django.template.loader import render_to_string
from django.urls import path, register_converter
from django.utils import translation

from clemency.law.act import LANGUAGES
from clemency.web.observatory.registry import entries


class LanguageInAddress:
    """The language is the first part of an address."""

    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        """The language as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """The language as it stands."""
        return value


register_converter(LanguageInAddress, "language")

urlpatterns = [path(entry.full_route, entry.view, name=entry.name) for entry in entries()]


def not_found(request: Any, exception: Exception) -> Any:
    """Say that there is no such page, in the language of the address as far as it has one."""
    first = request.path.strip("/").partition("/")[0]
    request.language = first if first in LANGUAGES else "en"
    request.shown = {}
    with translation.override(request.language):
        return HttpResponseNotFound(render_to_string("not-found.html", {}, request))


handler404 = "clemency.web.urls.not_found"
