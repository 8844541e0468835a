"""The site built once, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest

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
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site as a folder of files."""
    from clemency.web.static_site import build

    folder = tmp_path_factory.mktemp("built") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="session")
def trees(site: Path) -> dict[Address, Any]:
    """Every page as a tree. What is not valid HTML fails here."""
    found, broken = {}, []
    for one in addresses():
        try:
            found[one] = parsed(site / one.file)
        except html5lib.html5parser.ParseError as error:
            broken.append(f"{one}: {error}")
    assert not broken, "\n".join(broken[:20])
    return found


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
