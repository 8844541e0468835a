"""Acts of other countries in words: every worked case is explained in each language, in the words of the act."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from clemency.determine.explain import explain
from clemency.determine.interpreter import determine_case
from clemency.law.act import LANGUAGES, Act, library_acts, load_act
from clemency.law.library import library_path
from clemency.records.record import known_facts, read_record

ABROAD = [name for name in library_acts() if load_act(name).jurisdiction != "az"]


def told(act: Act, worked: dict[str, Any], language: str) -> str:
    record = read_record({"case_id": "synthetic-1", **worked["case"]}, known_facts(act))
    return explain(determine_case(record, act), act, record, language).text(200, True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ABROAD)
def test_every_worked_case_is_explained_in_the_words_of_the_act(name: str, language: str) -> None:
    whole = load_act(name)
    for path in sorted((library_path() / "acts" / name / "cases").glob("*.yaml")):
        worked = yaml.safe_load(path.read_text(encoding="utf-8"))
        act = whole.as_of(worked["as_of"]) if "as_of" in worked else whole
        text = told(act, worked, language)
        assert act.title[language] in text
        others = [clause.title["en"] for clause in (*act.grants, *act.exclusions) if language != "en"]
        assert not [title for title in others if title in text], path.name


@pytest.mark.parametrize("name", ABROAD)
def test_titles_questions_and_open_points_stand_in_every_language(name: str) -> None:
    act = load_act(name)
    texts = [act.title, act.decided_by, *(fact.ask for fact in act.facts.values())]
    texts += [fact.evidence for fact in act.facts.values() if fact.evidence]
    texts += [one.title for one in (*act.grants, *act.exclusions, *act.reservations)]
    texts += [one.law_unknown for one in (*act.grants, *act.exclusions) if one.law_unknown]
    texts += [one.review for one in act.reservations]
    assert not [text for text in texts if set(text) != set(LANGUAGES)]
