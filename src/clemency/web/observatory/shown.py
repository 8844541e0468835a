"""How a view answers: a template with its values, or a file to take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render


def show(request: Any, template: str, values: Mapping[str, Any], area: str = "") -> Any:
    """A page made from a template; `area` is the name of the page in the menu that it belongs to."""
    if area:
        request.area = area
    return render(request, template, dict(values))


def hand_over(content: str | bytes, content_type: str, name: str = "") -> Any:
    """A file; with a name, a browser saves it under that name. Anybody may read it from any site."""
    response = HttpResponse(content, content_type=content_type)
    if name:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def missing(what: str) -> Http404:
    """What a view raises when its address names nothing."""
    return Http404(what)
