"""Safe headers: a page loads nothing but its own style, fonts and pictures, and no script at all.

A page that needs a script of ours says so with `script_of_ours`; nothing is ever allowed from another site or inline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SOURCES = {
    "default-src": "'none'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
#: What only a header can say; a `meta` element must leave it out.
_HEADER_ONLY = {"frame-ancestors": "'none'"}
_WITH_SCRIPT = {"script-src": "'self'", "connect-src": "'self'"}

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
}

Respond = Callable[[Any], Any]


def _joined(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


#: The policy of a page without a script, as a header.
POLICY = _joined({**_SOURCES, **_HEADER_ONLY})
#: The policy of a page with a script of ours, as a header.
POLICY_WITH_SCRIPT = _joined({**_SOURCES, **_WITH_SCRIPT, **_HEADER_ONLY})
#: The same two for a `meta` element, for pages that are files.
META_POLICY = _joined(_SOURCES)
META_POLICY_WITH_SCRIPT = _joined({**_SOURCES, **_WITH_SCRIPT})


def safe_headers(respond: Respond) -> Respond:
    """Every answer carries the strict policy and the headers that keep it out of frames and away from sniffing."""

    def answer(request: Any) -> Any:
        response = respond(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        policy = POLICY_WITH_SCRIPT if getattr(response, "runs_script_of_ours", False) else POLICY
        response.headers["Content-Security-Policy"] = policy
        return response

    return answer


def script_of_ours(response: Any) -> Any:
    """Mark an answer whose page loads a script from our own `static` folder."""
    response.runs_script_of_ours = True
    return response


def add_to_static_file(headers: Any, _path: str, _url: str) -> None:
    """Give a static file the same headers as a page."""
    for name, value in {**HEADERS, "Content-Security-Policy": POLICY}.items():
        headers[name] = value
