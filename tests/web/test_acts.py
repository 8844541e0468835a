"""The page of an act and that of its worked examples: each clause as it reads, each example with its signature."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree

import html5lib
import pytest

from clemency.determine.rule_sentences import RuleSentence, clause_sentence, relief_sentence
from clemency.law.act import LANGUAGES, Act, Exclusion, Grant, Reservation, load_act
from clemency.observe import typeface
from clemency.observe.clause_readings import examples_by_clause, expected_by_clause
from clemency.web.observatory.selectors.act_maps import file_of_map
from clemency.web.observatory.selectors.acts import FAMILIES, act_shown, every_act
from clemency.web.static_site import start


@cache
def page(place: str) -> dict[str, str]:
    """The texts of a page's elements with an id, by the id; the whole page under the empty one."""
    from django.test import Client

    answer = Client(headers={"host": "localhost"}).get(place)
    assert answer.status_code == 200
    tree = html5lib.HTMLParser(strict=True).parse(answer.content.decode("utf-8"))
    found = {"": " ".join("".join(tree.itertext()).split())}
    named = [one for one in tree.iter() if "id" in one.attrib]
    return found | {one.attrib["id"]: " ".join("".join(one.itertext()).split()) for one in named}


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    start()


def clauses_of(act: Act) -> list[Grant | Exclusion | Reservation]:
    return [*act.grants, *act.exclusions, *act.reservations]


def first_words(sentence: RuleSentence) -> list[str]:
    return [sentence.text, *(line.text for line in sentence.lines)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["az-2025", "uk-sds40"])
def test_every_clause_stands_on_the_page_of_its_act_as_a_sentence(name: str, language: str) -> None:
    act, shown = load_act(name), page(f"/{language}/acts/{name}/")
    for clause in clauses_of(act):
        sentence = clause_sentence(clause, act, language)
        if sentence is not None:
            assert all(" ".join(words.split()) in shown[clause.id] for words in first_words(sentence)), clause.id
    for grant in act.grants:
        assert relief_sentence(grant, language) in shown[grant.id]


def test_the_number_expected_is_said_to_be_an_estimate_on_an_invented_register() -> None:
    shown = page("/en/acts/az-2025/")
    for clause, expected in expected_by_clause(load_act("az-2025")).items():
        assert f"Expected: {round(expected.mean):,} cases" in shown[clause]
        assert "Estimate on an invented register, 20 December 2025" in shown[clause]
    assert "Estimate on an invented register" not in page("/en/acts/az-2016/")[""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_worked_example_stands_on_the_page_of_examples(language: str) -> None:
    shown = page(f"/{language}/acts/az-2025/examples/")
    by_clause = {clause: found for clause, found in examples_by_clause(load_act("az-2025")).items() if clause}
    assert by_clause.keys() <= shown.keys()
    assert all(example.title in shown[""] for found in by_clause.values() for example in found)


PHASES = {
    "en": ("The second phase 22 October 2024", "From 16 December 2024:", "each sentence", "from 22 October 2024."),
    "az": ("İkinci mərhələ 22 oktyabr 2024", "16 dekabr 2024-cü il tarixindən:", "hər bir cəza", "22 oktyabr 2024"),
    "ru": ("Второй этап 22 октября 2024", "С 16 декабря 2024 года:", "каждое наказание", "с 22 октября 2024"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_act_in_phases_says_its_days_its_amendment_and_what_it_decides_on(language: str) -> None:
    act, shown = load_act("uk-sds40"), page(f"/{language}/acts/uk-sds40/")
    whole = {name: text.replace("\N{NO-BREAK SPACE}", " ") for name, text in shown.items()}
    day, amended, unit, effect = PHASES[language]
    assert all(words in whole[""] for words in (day, amended, unit, act.decided_by[language]))
    assert all(one.id in whole[""] and one.title[language] in whole[""] for one in act.amendments)
    in_phases = {one.id for one in clauses_of(act) if effect in whole[one.id]}
    assert in_phases == {one.id for one in clauses_of(act) if one.since or one.until} == {"phase_two.longer"}


def test_every_family_of_clauses_has_a_title_of_its_own() -> None:
    families = {grant.id.partition(".")[0] for act in every_act() for grant in act.grants}
    assert families == FAMILIES.keys()


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_of_every_act_is_a_picture_that_says_what_the_table_says(language: str) -> None:
    for act in every_act():
        shown = act_shown(act.id, language)
        picture = ElementTree.fromstring(file_of_map(act.id, language))
        assert picture.get("lang") == language
        assert picture.findtext(f"{SVG}title") == shown.act.title[language]
        told = picture.findtext(f"{SVG}desc") or ""
        grants = [one for family in shown.families for one in family.grants]
        assert all(f"{one.grant.title[language]}: {one.gives}" in told for one in grants)
        marks = [one for one in picture.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
        closings = [closing for one in grants for closing in one.closed_by]
        assert ["closes" in (one.get("class") or "") for one in marks] == [one.certain for one in closings]
        lines = list(picture.iter(f"{SVG}text"))
        assert all(typeface.missing(line.text or "") == set() for line in lines)
        height = int(picture.get("height") or 0)
        assert all(int(line.get("y") or 0) < height for line in lines)


def test_the_page_of_an_act_leads_to_its_map() -> None:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    assert '"map.svg"' in client.get("/az/acts/ge-2024/").content.decode("utf-8")
    answer = client.get("/az/acts/ge-2024/map.svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content == file_of_map("ge-2024", "az")
    assert client.get("/az/acts/none/map.svg").status_code == 404
