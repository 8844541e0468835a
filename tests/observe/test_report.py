"""The report: every number leads to its row, nothing is fetched, it can be read without seeing, always the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from clemency.cli import run
from clemency.law.act import load_act
from clemency.observe.brief import Brief, gather
from clemency.observe.document import Document, anchor, html, label, link, pdf, quoted
from clemency.observe.figures import Cited
from clemency.observe.report import report, write_report
from clemency.observe.words import Words

# Where digits may stand that are no number of the report: in its rows' links, days, ids, sources, quotations, names.
NAMES = {"data", "time", "code", "cite", "q", "span", "svg", "style", "title", "h1"}
VOID = {"meta", "br", "hr", "link", "img", "input", "col"}


@dataclass
class Element:
    """One element of a page: its name, attributes, and what stands in it."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def all(self, name: str, **attributes: str) -> list[Element]:
        return [
            one
            for one in self.walk()
            if one.name == name
            and all(one.attributes.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]


class Reader(HTMLParser):
    """Reads a page into elements; an end without its beginning is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is never closed"
    return reader.root


def loose_digits(element: Element) -> Iterator[str]:
    """Texts with digits that stand nowhere where a reader could check them."""
    for child in element.children:
        if isinstance(child, str):
            if re.search(r"\d", child):
                yield child.strip()
        elif child.name not in NAMES:
            yield from loose_digits(child)


_PAGES: dict[str, tuple[Brief, Document, Element]] = {}


@pytest.fixture
def page(brief: Brief) -> tuple[Brief, Document, Element]:
    """The report in a language, written and read once."""
    language = brief.words.language
    if language not in _PAGES:
        document = report(brief)
        _PAGES[language] = (brief, document, read(html(document)))
    return _PAGES[language]


def test_every_number_leads_to_a_row_that_has_it(page) -> None:
    brief, document, root = page
    rows = {row.attributes["data-id"]: row for row in root.all("tr") if "data-id" in row.attributes}
    assert set(rows) == set(document.figures)
    numbers = root.all("data")
    assert len(numbers) > 200
    for number in numbers:
        name = number.attributes["data-row"]
        figure = document.figures[name]
        ends = (figure.value, figure.low50, figure.high50, figure.low90, figure.high90)
        known = [abs(end) for end in ends if end is not None]
        allowed = {words.number(end) for end in known for words in (brief.words, Words("en"))}
        allowed |= {f"{end:.1f}".replace(".", point) for end in known for point in ".,"}
        said = re.findall(r"\d[\d,.\u00a0]*\d|\d", number.text())
        assert said, name
        assert set(said) <= allowed, f"{name}: {said} is none of {allowed}"
        assert [one.attributes["href"] for one in number.all("a")] == [f"#{anchor(name)}"]
        assert rows[name].attributes["id"] == anchor(name)


def test_no_number_stands_loose(page) -> None:
    _, _, root = page
    body = root.all("body")[0]
    assert not list(loose_digits(body))


def test_every_row_says_unit_source_and_day(page) -> None:
    brief, document, root = page
    units = {brief.words(f"unit.{unit}") for unit in ("people", "cases", "days", "places", "percent", "rows", "draws")}
    for row in root.all("tr"):
        if "data-id" in row.attributes:
            figure = document.figures[row.attributes["data-id"]]
            cells = [cell.text().strip() for cell in row.all("td")]
            assert cells[2] in units
            assert cells[5], figure.id
            assert bool(row.all("cite")) == bool(figure.url)
            assert figure.as_of or figure.kind not in ("announced", "reported") or figure.id.startswith("history.")


def test_the_rows_are_those_of_the_library(english: Brief) -> None:
    document = report(english)
    claims = {claim.claim_id: claim for claim in english.reconciliation.claims}
    found = [name for name in document.figures if re.fullmatch(r"c\d+", name)]
    assert len(found) > 30
    for name in found:
        figure, claim = document.figures[name], claims[name]
        assert (figure.value, figure.qualifier, figure.url) == (claim.value, claim.qualifier, claim.source_url)


def test_the_page_fetches_nothing(page) -> None:
    _, document, root = page
    raw = html(document)
    assert "default-src 'none'" in raw
    assert not root.all("script")
    assert not root.all("link")
    assert not root.all("img")
    assert not root.all("iframe")
    for element in root.walk():
        for key, value in element.attributes.items():
            if "://" in value and key != "xmlns":
                assert (element.name, key) == ("a", "href"), f"<{element.name} {key}={value}>"
            assert key not in ("src", "srcset", "action", "xlink:href")
    style = "".join(element.text() for element in root.all("style"))
    assert set(re.findall(r"url\((\w+:[\w/]+)", style)) == {"data:font/ttf"}
    assert "@import" not in style


def test_links_within_the_page_lead_somewhere_and_ids_are_used_once(page) -> None:
    _, _, root = page
    ids = [element.attributes["id"] for element in root.walk() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for one in root.all("a"):
        if one.attributes["href"].startswith("#"):
            assert one.attributes["href"][1:] in ids
    for element in root.walk():
        for key in ("aria-labelledby", "aria-describedby"):
            assert set(element.attributes.get(key, "").split()) <= set(ids)


def test_the_page_can_be_read_without_seeing(page) -> None:
    brief, document, root = page
    assert root.all("html")[0].attributes["lang"] == brief.words.language
    figures = root.all("figure")
    pictures = [block.picture for block in document.blocks if block.picture is not None]
    assert len(figures) == len(pictures) == 5
    for figure, picture in zip(figures, pictures, strict=True):
        assert picture.alternative in figure.all("details")[0].text()
        drawings = figure.all("svg")
        assert [drawing.attributes["role"] for drawing in drawings] == ["img", "img"]
        for drawing in drawings:
            assert drawing.all("desc")[0].text() == picture.alternative
    levels = [int(element.name[1]) for element in root.walk() if re.fullmatch(r"h\d", element.name)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in root.all("table"):
        assert table.all("caption")[0].text().strip()
        width = len(table.all("th", scope="col"))
        for row in table.all("tbody")[0].all("tr"):
            assert len(row.all("th", scope="row")) == 1
            assert len(row.all("td")) == width - 1


def test_it_says_what_it_is(page) -> None:
    brief, _, root = page
    words, said = brief.words, root.all("body")[0].text()
    assert words("report.not_advice") in said
    assert words("synthetic") in said
    for part in ("short", "rules", "progress", "grounds", "disagreements", "statements", "history", "people", "method"):
        assert words(f"report.part.{part}") in said
    for row in root.all("tr"):
        if row.attributes.get("data-id", "").startswith(("estimate.", "flow.", "swing.")):
            assert words("synthetic") in row.text(), row.attributes["data-id"]


def test_the_same_brief_gives_the_same_bytes(english: Brief) -> None:
    again = Brief(english.act, english.words, english.estimate, english.counted)
    one, two = report(english), report(again)
    assert html(one) == html(two)
    assert pdf(one) == pdf(two)


def test_the_pdf_is_tagged_for_readers_who_do_not_see_it(page) -> None:
    _, document, _ = page
    made = pdf(document)
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid:part" in made
    assert b"/StructTreeRoot" in made
    assert f"/Lang ({document.language})".encode() in made or f"({document.language})".encode() in made


def test_two_figures_cannot_bear_one_id(english: Brief) -> None:
    document = Document("t", "s", Words("en"), "2026-02-19")
    document.number(Cited("c1", "reported", "total", 5), "All")
    with pytest.raises(ValueError, match="two figures bear the id c1"):
        document.number(Cited("c1", "reported", "total", 6), "All")


def test_hostile_text_stays_text() -> None:
    document = Document("<script>", "&", Words("en"), "2026-02-19")
    document.paragraph(link("<u>", "javascript:alert(1)"), label("#strong[x] <y> $z$ \\"), quoted("<q>"))
    root = read(html(document))
    assert not root.all("script")
    assert root.all("h1")[0].text() == "<script>"
    assert not [one for one in root.all("a") if one.attributes["href"].startswith("javascript")]
    assert pdf(document).startswith(b"%PDF-")


def test_an_act_of_which_nobody_said_anything_has_a_report(tmp_path) -> None:
    brief = Brief(load_act("docs/examples/harvest-2027"), Words("en"))
    write_report(brief, tmp_path / "report.html")
    said = read((tmp_path / "report.html").read_text(encoding="utf-8")).all("body")[0].text()
    assert "What does not agree" not in said
    assert "Amnesties since 1995" in said


# --- the command


def test_the_command_refuses_what_it_cannot_write(tmp_path, capsys) -> None:
    assert run(["report", "az-2025", "-o", str(tmp_path / "report.doc")]) == 2
    assert "ends in neither .html nor .pdf" in capsys.readouterr().err
    assert run(["chart", "pie", "--act", "az-2025", "-o", str(tmp_path)]) == 2
    assert "there is no chart 'pie'; there are: relief, progress" in capsys.readouterr().err
    assert run(["chart", "history", "--act", "no-such-act", "-o", str(tmp_path)]) == 2


def test_the_command_draws_one_chart_without_an_estimate(tmp_path, capsys) -> None:
    assert run(["chart", "history", "--act", "az-2025", "--lang", "az", "-o", str(tmp_path / "new")]) == 0
    written = capsys.readouterr().out.splitlines()
    assert [path.rpartition("/")[2].partition(".")[2] for path in written] == [
        "svg",
        "png",
        "narrow.svg",
        "narrow.png",
        "csv",
        "json",
        "txt",
    ]
    assert "Azərbaycanda amnistiyalar" in (tmp_path / "new" / "history.txt").read_text(encoding="utf-8")


def test_the_command_writes_a_report_on_a_given_register(tmp_path, capsys) -> None:
    register = tmp_path / "few.jsonl"
    register.write_text('{"case_id": "synthetic-1", "stage": "serving", "sex": "female"}\n', encoding="utf-8")
    out = tmp_path / "report.pdf"
    command = ["report", "az-2025", "--population", str(register), "--draws", "2", "--lang", "ru", "-o", str(out)]
    assert run(command) == 0
    assert out.read_bytes().startswith(b"%PDF-")
    told = capsys.readouterr().out
    assert "2 draws, seed 1" in told
    assert "few.jsonl" in told


def test_a_report_on_a_given_register_does_not_call_it_invented(tmp_path) -> None:
    register = tmp_path / "few.jsonl"
    register.write_text('{"case_id": "1", "stage": "serving", "sex": "female"}\n', encoding="utf-8")
    document = report(gather(load_act("az-2025"), "en", 2, 1, str(register)))
    said = " ".join(run.text for run in document.runs())
    assert "SYNTHETIC" not in said
    assert "few.jsonl" in said
