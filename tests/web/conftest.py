"""The site built once, and a real browser that looks at it."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import html5lib
import pytest

from clemency.records.files import atomic_path
from tests.web.pages import Address, addresses, parsed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clemency.web.settings")

FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of one run share."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@contextmanager
def one_at_a_time(run: Path, name: str) -> Iterator[None]:
    """What the first worker makes, the others find: each waits until the one before is through."""
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def site(run: Path) -> Path:
    """The whole site as a folder of files, built once for a run."""
    from clemency.web.static_site import build

    folder = run / "site"
    with one_at_a_time(run, "site"):
        if not folder.exists():
            build(folder)
    return folder


@pytest.fixture(scope="session")
def trees(run: Path, site: Path) -> dict[Address, Any]:
    """Every page as a tree, read once for a run. What is not valid HTML fails here."""
    kept = run / "trees"
    with one_at_a_time(run, "trees"):
        if not kept.exists():
            read = {one: read_strictly(site / one.file) for one in addresses()}
            with atomic_path(kept) as partial:
                partial.write_bytes(pickle.dumps(read))
    read = pickle.loads(kept.read_bytes())
    broken = [f"{one}: {found}" for one, found in read.items() if isinstance(found, str)]
    assert not broken, "\n".join(broken[:20])
    return read


def read_strictly(path: Path) -> Any:
    """The tree of a page, or what is not valid in it."""
    try:
        return parsed(path)
    except html5lib.html5parser.ParseError as error:
        return str(error)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a screen."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("no Chromium on this machine; `make setup` as root installs it, or install it by hand")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()
