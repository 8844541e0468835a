"""What a real browser finds: barriers, overflow, keys, requests; wide and narrow, light and dark, three languages."""

from __future__ import annotations

import importlib.resources
from itertools import cycle, product
from typing import Any

import pytest

from tests.web.pages import Address, addresses, each_address_once, each_kind, each_kind_once

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
LOOKS = tuple(product((WIDE, NARROW), ("light", "dark")))
PORTIONS = 4


class Look:
    """A window of one size and colour scheme, which keeps what went wrong while pages were open in it."""

    def __init__(self, browser: Any, site: Any, size: dict[str, int], scheme: str, **more: Any) -> None:
        self.site, self.size, self.scheme = site, size, scheme
        self.context = browser.new_context(viewport=size, color_scheme=scheme, **more)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(f"{self.page.url}: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))
        self.page.on("request", self.asked)

    def asked(self, request: Any) -> None:
        if not request.url.startswith(self.site.as_uri()):
            self.wrong.append(f"{self.page.url} asks for {request.url}")

    def open(self, one: Address) -> Any:
        self.page.goto((self.site / one.file).as_uri())
        return self.page

    def barriers(self, one: Address) -> list[str]:
        """What axe finds, and whether the page is wider than the window."""
        page = self.open(one)
        page.evaluate(AXE)
        found = page.evaluate(BARRIERS, RULES)
        where = f"{one} at {self.size['width']}, {self.scheme}"
        told = [f"{where}: {barrier}" for barrier in found]
        wide = page.evaluate("document.documentElement.scrollWidth")
        return [*told, f"{where}: {wide} pixels wide"] if wide > self.size["width"] else told

    def close(self) -> list[str]:
        """Shut the window; what went wrong in it."""
        self.context.close()
        return self.wrong


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_kind_of_page_has_a_barrier(browser, site, size) -> None:
    """Every kind of page in every language, wide and narrow, light and dark in turns."""
    looks = cycle(Look(browser, site, size, scheme) for scheme in ("light", "dark"))
    opened = [(next(looks), one) for languages in each_kind(site) for one in languages]
    breaches = [barrier for look, one in opened for barrier in look.barriers(one)]
    wrong = [line for look in {id(look): look for look, _ in opened}.values() for line in look.close()]
    assert not [*breaches, *wrong], "\n".join(breaches[:20] + wrong[:10])


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_address_has_a_barrier(browser, site, portion) -> None:
    """Every address there is, each in one look; the looks take turns."""
    looks = [Look(browser, site, size, scheme) for size, scheme in LOOKS]
    breaches: list[str] = []
    for look, one in zip(cycle(looks), each_address_once()[portion::PORTIONS], strict=False):
        breaches += look.barriers(one)
    wrong = [line for look in looks for line in look.close()]
    assert not [*breaches, *wrong], "\n".join(breaches[:20] + wrong[:10])


def test_the_keyboard_reaches_everything(browser, site) -> None:
    """Tab alone comes to every link, in the order in which they are read, with a mark that can be seen."""
    look = Look(browser, site, WIDE, "light")
    breaches = []
    for one in each_kind_once(site):
        page = look.open(one)
        expected = page.evaluate(FOCUSABLE)
        reached, unmarked = [], []
        for _ in range(min(len(expected), 40)):
            page.keyboard.press("Tab")
            place, outline = page.evaluate(FOCUSED)
            reached.append(place)
            if not outline:
                unmarked.append(place)
        if reached != expected[: len(reached)]:
            breaches.append(f"{one}: the keyboard goes {reached[:8]}, the page reads {expected[:8]}")
        breaches += [f"{one}: no mark on {place}" for place in unmarked]
    assert not [*breaches, *look.close()], "\n".join(breaches[:20])


BARRIERS = """async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false});
  const told = node => node.html.slice(0, 160) + ' ' + node.failureSummary;
  return found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3).map(told).join(' | '));
}"""
FOCUSABLE = """() => {
  const all = [...document.querySelectorAll('a[href], summary, input, select, button, textarea, [tabindex="0"]')];
  const seen = all.filter(e => e.checkVisibility({visibilityProperty: true}));
  return seen.map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 30));
}"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [e.tagName + ' ' + e.textContent.trim().slice(0, 30), marked];
}"""


def test_the_skip_link_comes_first_and_leads_to_the_content(browser, site) -> None:
    look = Look(browser, site, WIDE, "light")
    page = look.open(addresses()[0])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert not look.close()


def test_pages_hold_at_four_hundred_percent(browser, site) -> None:
    """A window of 1280 by 1024 at 400 percent is one of 320 by 256; larger text alone must not break it either."""
    look = Look(browser, site, {"width": 320, "height": 256}, "light", device_scale_factor=4)
    breaches = []
    for one in each_kind_once(site):
        page = look.open(one)
        page.evaluate("document.documentElement.classList.add('tried-larger')")
        wide = page.evaluate("document.documentElement.scrollWidth")
        breaches += [f"{one}: {wide} pixels wide"] if wide > 320 else []
    assert not [*breaches, *look.close()], "\n".join(breaches)


def test_text_is_set_in_our_faces(browser, site) -> None:
    """Headings and tables come in the fonts of the site, in all three languages, with every letter in them."""
    look = Look(browser, site, WIDE, "light")
    breaches = []
    for one in each_kind_once(site):
        page = look.open(one)
        page.evaluate("document.fonts.ready")
        loaded = page.evaluate(
            "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
        )
        breaches += [f"{one}: loaded {loaded}"] if not {"Clemency Serif", "Clemency Sans"} <= set(loaded) else []
        failed = page.evaluate("[...document.fonts].filter(f => f.status === 'error').map(f => f.family)")
        breaches += [f"{one}: failed {failed}"] if failed else []
    assert not [*breaches, *look.close()], "\n".join(breaches[:20])


@pytest.mark.parametrize("more", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
def test_pages_stand_in_other_modes(browser, site, more) -> None:
    look = Look(browser, site, WIDE, "light", **more)
    for one in each_kind_once(site):
        page = look.open(one)
        assert page.evaluate("document.querySelector('h1').getBoundingClientRect().height") > 0
    assert not look.close()


def test_a_printed_page_has_the_content_and_no_menu(browser, site) -> None:
    look = Look(browser, site, WIDE, "light")
    page = look.open(next(one for one in addresses() if one.page == "act"))
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.menu')).display") == "none"
    assert page.evaluate("document.querySelector('article').getBoundingClientRect().height") > 1000
    assert not look.close()
