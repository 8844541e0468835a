"""An act as one page: what stands in it, that it fetches nothing, that its headings hold, in each language."""

from __future__ import annotations

import itertools
import re
import shutil
from datetime import date
from pathlib import Path

import html5lib
import pytest

from clemency.cli import run
from clemency.determine.rule_sentences import clause_sentence
from clemency.determine.wording import Wording
from clemency.law.act import LANGUAGES, load_act
from clemency.observe.act_html import ClauseReader, act_html, act_phrase, phrases
from clemency.observe.clause_readings import examples_by_clause, expected_by_clause

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param, act_html(load_act("az-2025"), request.param)


def test_the_page_is_valid_and_fetches_nothing(written: tuple[str, str]) -> None:
    language, page = written
    tree = html5lib.HTMLParser(strict=True).parse(page)
    assert tree.attrib["lang"] == language
    for element in tree.iter():
        fetched = element.tag.removeprefix(NAMESPACE) in ("script", "img", "link", "iframe", "object")
        assert not fetched
        assert "src" not in element.attrib
    assert not re.search(r"url\((?!data:)", page)
    assert "@import" not in page


def test_headings_go_down_one_level_at_a_time_and_every_place_is_named_once(written: tuple[str, str]) -> None:
    tree = html5lib.HTMLParser(strict=True).parse(written[1])
    levels = [int(one.tag[-1]) for one in tree.iter() if re.fullmatch(rf"{re.escape(NAMESPACE)}h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    ids = [one.attrib["id"] for one in tree.iter() if "id" in one.attrib]
    assert len(set(ids)) == len(ids)
    targets = {one.attrib["href"][1:] for one in tree.iter() if one.attrib.get("href", "").startswith("#")}
    assert targets <= set(ids)
    labelled = {one.attrib["aria-labelledby"] for one in tree.iter() if "aria-labelledby" in one.attrib}
    assert labelled <= set(ids)


def test_every_clause_stands_in_it_with_its_sentence(written: tuple[str, str]) -> None:
    language, page = written
    act = load_act("az-2025")
    tree = html5lib.HTMLParser(strict=True).parse(page)
    sections = {one.attrib["id"]: " ".join("".join(one.itertext()).split()) for one in tree.iter(f"{NAMESPACE}section")}
    assert sections.keys() == {f"clause-{clause.id}" for clause in act.every_clause()}
    for clause in act.every_clause():
        sentence = clause_sentence(clause, act, language)
        if sentence is not None and not sentence.lines:
            assert " ".join(sentence.text.split()) in sections[f"clause-{clause.id}"]
        elif sentence is not None:
            assert all(line.text in sections[f"clause-{clause.id}"] for line in sentence.lines)


def test_a_grant_says_how_many_it_is_expected_for_and_on_what() -> None:
    expected = expected_by_clause(load_act("az-2025"))["less_serious.reduce"]
    shown = ClauseReader(load_act("az-2025"), "en").clause(load_act("az-2025").clause("less_serious.reduce"))
    for number in (expected.mean, expected.low, expected.high):
        assert f"{round(number):,}" in shown.expected
    assert "stimate on an invented register, 20 December 2025" in shown.caution


def test_an_act_without_an_estimate_gives_no_number() -> None:
    act = load_act("az-2016")
    assert expected_by_clause(act) == {}
    assert {one.expected for one in ClauseReader(act, "en").shown(act.grants)} == {""}


def lines_of_the_head(name: str, language: str) -> dict[str, str]:
    """What stands under the title of an act: each line by what it is called."""
    tree = html5lib.HTMLParser(strict=True).parse(act_html(load_act(name), language))
    head = next(tree.iter(f"{NAMESPACE}header"))
    texts = [" ".join("".join(one.itertext()).split()) for tag in ("dt", "dd") for one in head.iter(NAMESPACE + tag)]
    half = len(texts) // 2
    return dict(zip(texts[:half], texts[half:], strict=True))


@pytest.mark.parametrize(
    ("language", "label", "day"),
    [
        ("en", "the second phase", "22 October 2024"),
        ("az", "ikinci mərhələ", "22 oktyabr 2024-cü il"),
        ("ru", "второй этап", "22 октября 2024 года"),
    ],
)
def test_a_day_that_the_act_names_itself_stands_in_the_head(language: str, label: str, day: str) -> None:
    told = lines_of_the_head("uk-sds40", language)[label]
    assert told.startswith(f"{day} ({act_phrase(language, 'confidence', level=Wording(language)('confidence.high'))})")
    assert "K1, K2, L1" in told


def test_the_head_says_what_is_decided_on_by_whom_and_what_amended_the_act() -> None:
    head = lines_of_the_head("uk-sds40", "en")
    assert head["What it decides on"] == "each sentence"
    assert head["Decided by"] == "Automatic; the prison works out the day and checks the exclusions."
    assert head["Amended"].startswith("from 16 December 2024: Additions to the schedule")
    assert head["Amended"].endswith("(uk-sds40-2024-12)")
    assert lines_of_the_head("az-2025", "en").keys() == {"Adopted", "In force", "To be applied by"}


def test_a_clause_of_a_later_phase_says_from_which_day_it_is_in_effect() -> None:
    act = load_act("uk-sds40")
    effect = {one.id: one.effect for one in ClauseReader(act, "en").shown(act.grants)}
    assert effect.pop("phase_two.longer") == "from 22 October 2024"
    assert set(effect.values()) == {""}


def test_who_signed_a_case_is_told_and_a_case_nobody_signed_says_so(tmp_path: Path) -> None:
    act = load_act("az-2025")
    assert act.path is not None
    folder = tmp_path / "signed"
    shutil.copytree(act.path.parent, folder)
    signed = next((folder / "cases").glob("award-holder.yaml"))
    text = signed.read_text(encoding="utf-8")
    lines = (
        "signed_by: A. Hüquqşünas\nsigned_on: 2026-02-03\nverdict: disagree\ncomment: The award was of another state.\n"
    )
    signed.write_text(text + lines, encoding="utf-8")
    copied = load_act(folder)
    found = {one.file: one for one in examples_by_clause(copied)["personal.award"]}
    assert found["award-holder.yaml"].signed_on == date(2026, 2, 3)
    shown = ClauseReader(copied, "en").clause(copied.clause("personal.award"))
    told = {one.title: one for one in shown.examples}
    mine = told[found["award-holder.yaml"].title]
    assert mine.signed == "signed by A. Hüquqşünas on 3 February 2026: disagrees"
    assert mine.comment == "Comment: The award was of another state."
    assert {one.signed for one in told.values() if one is not mine} == {"not signed yet"}


def test_the_phrases_of_the_page_are_there_in_every_language() -> None:
    def check(node: object, path: str) -> None:
        assert isinstance(node, dict), path
        if set(node) == set(LANGUAGES):
            assert all(isinstance(text, str) and text for text in node.values()), path
            places = [set(re.findall(r"{(\w+)}", text)) for text in node.values()]
            assert places[0] == places[1] == places[2], path
            return
        for key, below in node.items():
            check(below, f"{path}.{key}")

    check(phrases(), "")


def test_the_command_writes_the_page_to_a_file_and_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "act.html"
    assert run(["act", "show", "az-2016", "--html", "--lang", "az", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert run(["act", "show", "az-2016", "--html", "--lang", "az"]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8") == act_html(load_act("az-2016"), "az")
