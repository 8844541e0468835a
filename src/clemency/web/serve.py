"""The live site: a WSGI server that runs until it is told to stop."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

THREADS = 8


def serve(host: str, port: int, hosts: Sequence[str], told: Callable[[str], None]) -> None:
    """Serve the pages at a host and port; `hosts` are further names under which the site answers."""
    os.environ["CLEMENCY_HOSTS"] = ",".join(hosts)
    from waitress.server import create_server

    from clemency.web.wsgi import make_application

    server = create_server(make_application(), host=host, port=port, threads=THREADS, ident=None)
    told(f"http://{host}:{getattr(server, 'effective_port', port)}/")
    try:
        server.run()
    finally:
        server.close()
