"""The site as a WSGI application, with its static files."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clemency.web.settings")


def make_application() -> Any:
    """The application that a WSGI server runs."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from whitenoise import WhiteNoise

    from clemency.web.headers import add_to_static_file

    return WhiteNoise(
        get_wsgi_application(),
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        max_age=3600,
        add_headers_function=add_to_static_file,
    )


def __getattr__(name: str) -> Any:
    """`application` is made when a server first asks for it, so that reading this module starts nothing."""
    if name == "application":
        globals()["application"] = make_application()
        return globals()["application"]
    raise AttributeError(name)
