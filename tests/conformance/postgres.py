"""A throw-away PostgreSQL of the tests' own: a cluster in a temporary folder, on a unix socket, with no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_UNPRIVILEGED = ("postgres", "nobody")


@contextmanager
def cluster() -> Iterator[Path]:
    """Start a PostgreSQL and give the folder of its socket; it is stopped and removed afterwards.

    The server refuses to run as root, so root starts it as another user.
    """
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _user()
    data = home / "data"
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    control = [str(programme("pg_ctl")), "-D", str(data), "-l", str(home / "log"), "-w"]
    settings = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c max_connections=10"
    _run([str(programme("initdb")), "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
    try:
        _run([*control, "-o", settings, "start"], user)
        yield home
    finally:
        _run([*control, "-m", "immediate", "stop"], user, check=False)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(socket: Path) -> Iterator[psycopg.Connection]:
    """A connection to an empty schema of that server, dropped afterwards."""
    with psycopg.connect(f"host={socket} user=tester dbname=postgres", autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
        yield connection


def programme(name: str) -> Path:
    """A programme of PostgreSQL, where the system keeps it."""
    found = shutil.which(name)
    places = [Path(found)] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if not places:
        raise FileNotFoundError(f"no {name}: install PostgreSQL (as root: apt-get install postgresql)")
    return places[0]


def _user() -> pwd.struct_passwd | None:
    """The user who runs the server, where the tests run as root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _run(command: list[str], user: pwd.struct_passwd | None, check: bool = True) -> None:
    as_other = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # The server goes on running and keeps what it was given to write to: a pipe would never end.
    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False, **as_other
        )
        told.seek(0)
        if check and done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {told.read()}")
