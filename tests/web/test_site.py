"""The folder of files: valid pages, links that lead somewhere, nothing from elsewhere, the same bytes twice."""

from __future__ import annotations

import gzip
import re
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

from clemency.web.static_site import SiteError, build
from tests.web.pages import XHTML, elements, parsed

LIGHT = 200_000
LOADING = {"link", "img", "script", "iframe", "object", "embed", "video", "audio", "source", "image", "use"}
LANGUAGES = {"en", "az", "ru"}


def told(breaches: list[str]) -> str:
    return "\n".join(breaches[:40])


def test_pages_are_valid_and_say_what_they_are(trees) -> None:
    breaches, titles = [], {}
    for one, tree in trees.items():
        ids = [element.get("id") for element in elements(tree) if element.get("id")]
        breaches += [f"{one}: id {name} stands twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
        title = next(elements(tree, "title")).text or ""
        titles.setdefault((one.language, title), []).append(str(one))
        headings = [element.tag[-1] for element in elements(tree) if re.fullmatch(XHTML + "h[1-6]", element.tag)]
        if headings.count("1") != 1 or headings[0] != "1":
            breaches.append(f"{one}: headings {headings[:4]}; a page has one h1 and begins with it")
        jumps = [pair for pair in pairwise(headings) if int(pair[1]) > int(pair[0]) + 1]
        breaches += [f"{one}: from h{high} to h{low}" for high, low in jumps]
        if next(elements(tree, "html")).get("lang") != one.language:
            breaches.append(f"{one}: the language of the page is not its own")
    breaches += [f"{where}: the same title, {title}" for (_, title), where in titles.items() if len(where) > 1]
    assert not breaches, told(breaches)


def test_every_language_mark_is_a_language_of_the_house(trees) -> None:
    breaches = [
        f"{one}: lang={element.get('lang')}"
        for one, tree in trees.items()
        for element in elements(tree)
        if element.get("lang") is not None and element.get("lang") not in LANGUAGES
    ]
    assert not breaches, told(breaches)


def test_links_lead_somewhere(site, trees) -> None:
    ids = {
        (site / one.file).resolve(): {element.get("id") for element in elements(tree) if element.get("id")}
        for one, tree in trees.items()
    }

    breaches = []
    for one, tree in trees.items():
        here = site / one.file
        for element in elements(tree):
            for name in ("href", "src"):
                target = element.get(name)
                if target is None or urlsplit(target).scheme in ("http", "https", "mailto"):
                    continue
                path, _, fragment = target.partition("#")
                found = (here.parent / unquote(path)).resolve() if path else here
                if not found.is_file():
                    breaches.append(f"{one}: {target} leads nowhere")
                elif fragment and fragment not in ids.get(found, {fragment}):
                    breaches.append(f"{one}: {target} names no place on its page")
    assert not breaches, told(breaches)


def test_every_page_is_reached_from_the_first(site, trees) -> None:
    at = {(site / one.file).resolve(): tree for one, tree in trees.items()}
    first = (site / "index.html").resolve()
    found, to_see = set(), {first}
    while to_see:
        here = to_see.pop()
        found.add(here)
        for element in elements(at[here] if here != first else parsed(here), "a"):
            target = element.get("href", "").partition("#")[0]
            if target and not urlsplit(target).scheme:
                there = (here.parent / unquote(target)).resolve()
                if there.suffix == ".html" and there not in found:
                    to_see.add(there)
    missing = [str(one) for one in trees if (site / one.file).resolve() not in found]
    assert not missing, told(missing)


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(site, trees) -> None:
    breaches = []
    for one, tree in trees.items():
        for element in elements(tree):
            name = element.tag.rpartition("}")[2]
            if name in (
                "link",
                "img",
                "script",
                "iframe",
                "object",
                "embed",
                "video",
                "audio",
                "source",
                "image",
                "use",
            ):
                target = element.get("href") or element.get("src") or ""
                if urlsplit(target).scheme or target.startswith("//"):
                    breaches.append(f"{one}: {name} loads {target}")
            if element.get("style") is not None or any(key.startswith("on") for key in element.attrib):
                breaches.append(f"{one}: {name} carries a style or a script of its own")
            if name == "style" or (name == "script" and not element.get("src") and element.get("type") != _DATA):
                breaches.append(f"{one}: an inline {name}")
    for path in (site / "static").glob("*.css"):
        breaches += [f"{path.name}: {found}" for found in re.findall(r"url\(\"?(?:https?:)?//[^)]*", path.read_text())]
    assert not breaches, told(breaches)


_DATA = "application/ld+json"


def test_links_that_leave_the_site_say_so(trees) -> None:
    breaches = [
        f"{one}: {element.get('href')}"
        for one, tree in trees.items()
        for element in elements(tree, "a")
        if urlsplit(element.get("href", "")).scheme in ("http", "https")
        and not {"external", "noreferrer"} <= set((element.get("rel") or "").split())
    ]
    assert not breaches, told(breaches)


def test_a_page_is_light(site, trees) -> None:
    """The page itself as it lies there, and with style and fonts as a server sends it, text compressed."""
    style = len(gzip.compress((site / "static" / "site.css").read_bytes(), 6))
    fonts = sum(path.stat().st_size for path in (site / "static" / "fonts").glob("*.woff2"))
    latin = sum(path.stat().st_size for path in (site / "static" / "fonts").glob("*latin.woff2"))
    breaches = []
    for one in trees:
        content = (site / one.file).read_bytes()
        sent = len(gzip.compress(content, 6)) + style + (fonts if one.language == "ru" else latin)
        if len(content) > LIGHT or sent > LIGHT:
            breaches.append(f"{one}: {len(content):,} bytes, {sent:,} sent")
    assert not breaches, told(breaches)


def test_building_twice_gives_the_same_bytes(site, tmp_path) -> None:
    build(tmp_path / "again")
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    second = {path.relative_to(tmp_path / "again"): path for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    assert not [str(path) for path in first if second[path].read_bytes() != first[path]]


def test_a_folder_with_something_else_is_left_alone(tmp_path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("mine")
    with pytest.raises(SiteError, match="holds something else"):
        build(tmp_path / "papers")
    assert [path.name for path in tmp_path.rglob("*")] == ["papers", "letter.txt"]


@pytest.fixture
def small(monkeypatch) -> None:
    """A site of two addresses, for what the rest of the pages has no part in."""
    monkeypatch.setattr("clemency.web.static_site.addresses", lambda: ["/az/method/", "/sitemap.xml"])


def test_a_site_takes_the_place_of_an_earlier_one(tmp_path, small) -> None:
    build(tmp_path / "site")
    (tmp_path / "site" / "left-over.html").write_text("old")
    build(tmp_path / "site", site="https://example.org/amnesty/")
    assert not (tmp_path / "site" / "left-over.html").exists()
    assert "<loc>https://example.org/amnesty/az/</loc>" in (tmp_path / "site" / "sitemap.xml").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_broken_page_leaves_the_earlier_site(tmp_path, small, monkeypatch) -> None:
    build(tmp_path / "site")
    before = (tmp_path / "site" / "az" / "method" / "index.html").read_bytes()
    monkeypatch.setattr("clemency.web.static_site.addresses", lambda: ["/en/no-such-page/"])
    with pytest.raises(SiteError, match="answers 404"):
        build(tmp_path / "site")
    assert (tmp_path / "site" / "az" / "method" / "index.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
