"""Pictures of the pages for the documentation: `python -m tests.web.take_pictures`.

They are taken by the browser of the tests, from a site built on the spot.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.web.conftest import FLAGS, NAMES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDE, NARROW = (1120, 860), (360, 860)
#: The picture's name, the page with its question or place, the window, the colour scheme.
PICTURES = (
    ("observatory-front", "en/index.html", WIDE, "light"),
    ("observatory-act", "en/acts/az-2025/index.html#map", WIDE, "light"),
    ("observatory-carried-out", "en/acts/az-2025/carried-out/index.html", WIDE, "light"),
    ("observatory-claim", "en/claims/az-2025/c091/index.html", WIDE, "light"),
    ("observatory-person", "en/people/ulvi-hasanli/index.html#time", WIDE, "light"),
    ("observatory-lists", "en/lists/index.html#reached", WIDE, "light"),
    ("observatory-search", "en/search/index.html?q=Гасанли", WIDE, "light"),
    ("observatory-data", "en/data/index.html", WIDE, "light"),
    ("observatory-phone-az", "az/index.html", NARROW, "light"),
    ("observatory-phone-ru", "ru/history/index.html", NARROW, "dark"),
)


def main() -> None:
    """Build the site and take every picture."""
    from playwright.sync_api import sync_playwright

    from clemency.web.static_site import build

    program = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        build(site)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for name, page, (width, height), scheme in PICTURES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            window = context.new_page()
            window.goto(f"{site.as_uri()}/{page}")
            window.evaluate("document.fonts.ready")
            window.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
