"""The page of an act and that of its worked examples: each clause as it reads, each example with its signature."""

from __future__ import annotations

from functools import cache

import html5lib
import pytest

from clemency.determine.rule_sentences import RuleSentence, clause_sentence, relief_sentence
from clemency.law.act import LANGUAGES, Act, Exclusion, Grant, Reservation, load_act
from clemency.observe.clause_readings import examples_by_clause, expected_by_clause
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
