"""The explanation: what it says in each language, that it says all of it, and that it reads nothing but the trace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from clemency.determine.determination import TRUE
from clemency.determine.explain import explain
from clemency.determine.interpreter import determine_case, full_trace
from clemency.determine.wording import Wording, phrases, plural, read_duration
from clemency.law.act import LANGUAGES, load_act, parse_act
from clemency.law.calendar import Duration
from clemency.law.library import library_path
from clemency.law.vocabulary import CASE_FIELDS, DERIVED_FIELDS, OFFENCE_FIELDS, RELIEFS, Kind
from clemency.records.record import CaseRecord, known_facts, read_record

ACT = load_act("az-2025")
EXPECTED = yaml.safe_load((Path(__file__).parent / "explained.yaml").read_text(encoding="utf-8"))
CASES = sorted((library_path() / "acts" / "az-2025" / "cases").glob("*.yaml"))


def worked(name: str) -> CaseRecord:
    data = yaml.safe_load((library_path() / "acts" / "az-2025" / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))
    return read_record({"case_id": name, **data["case"]}, known_facts(ACT))


def explained(record: CaseRecord, language: str = "en") -> Any:
    return explain(determine_case(record, ACT), ACT, record, language)


# --- the phrases


def leaves(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if set(node) & set(LANGUAGES):
        yield ".".join(path), node
    else:
        for name, below in node.items():
            yield from leaves(below, (*path, str(name)))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_phrase_is_there_in_every_language() -> None:
    free = {"than", "value", "suffix"}  # a language may need another form of the same thing
    for key, leaf in leaves(phrases()):
        assert set(leaf) == set(LANGUAGES), key
        if isinstance(leaf["en"], str):
            assert all(isinstance(text, str) and text.strip() for text in leaf.values()), key
            assert len({frozenset(places(text) - free) for text in leaf.values()}) == 1, key
        else:
            assert set(leaf["en"]) == set(leaf["az"]) == {"one", "other"}, key
            assert set(leaf["ru"]) == {"one", "few", "many"}, key
            assert all(places(text) == {"n"} for forms in leaf.values() for text in forms.values()), key


def test_every_field_value_and_relief_has_its_word() -> None:
    say = Wording("en")
    for name, kind in {**CASE_FIELDS, **DERIVED_FIELDS, **OFFENCE_FIELDS}.items():
        assert say.has(f"field.{name}"), name
        if kind.kind is Kind.ENUMERATION and name != "worst_category":
            assert all(say.has(f"word.{name}.{value}") for value in kind.values), name
    assert all(say.has(f"ask.{name}") for name in CASE_FIELDS)
    assert all(say.has(f"ask.offences.{name}") for name in OFFENCE_FIELDS if name != "category")
    assert all(say.has(f"relief.{kind}") for kind in RELIEFS)


def test_no_phrase_is_left_unused() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "src" / "clemency").rglob("*.py")
    )
    built = (
        "state",
        "confidence",
        "day_name",
        "field",
        "ask",
        "word",
        "unit",
        "unit_than",
        "compare",
        "relief",
        "date.months",
    )
    for key, _ in leaves(phrases()):
        stem = key.rpartition(".")[0]
        assert key.startswith(built) or key in source or f"{stem}.{{" in source or f"{stem}.granted{{" in source, key
        if stem == "section":
            assert f'"{key.rpartition(".")[2]}"' in source or key in source, key


def test_numbers_days_and_lengths_in_each_language() -> None:
    assert [Wording("ru").days(n) for n in (1, 2, 5, 11, 21)] == ["1 день", "2 дня", "5 дней", "11 дней", "21 день"]
    assert [Wording("az").days(n) for n in (1, 5)] == ["1 gün", "5 gün"]
    assert [Wording("en").days(n) for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    day = date(2026, 12, 20)
    assert [Wording(language).day(day) for language in LANGUAGES] == [
        "20 December 2026",
        "20 dekabr 2026-cı il",
        "20 декабря 2026 года",
    ]
    length = Duration(62, 1)
    assert [Wording(language).length(length, than=True) for language in LANGUAGES] == [
        "5 years 2 months 1 day",
        "5 il 2 ay 1 gündən",
        "5 лет 2 месяцев 1 дня",
    ]
    assert plural("ru", 111) == "many"
    assert read_duration("1 month") == Duration(1)
    with pytest.raises(ValueError, match="no language 'de'"):
        Wording("de")


# --- the explanation


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_worked_case_is_explained_in_every_language(path) -> None:
    record = worked(path.stem)
    answer = determine_case(record, ACT)
    for language in LANGUAGES:
        told = explain(answer, ACT, record, language)
        text = told.text(100)
        assert told.headline in " ".join(text.split())
        assert all(len(line) <= 100 or "http" in line for line in text.splitlines())
        assert not re.search(r"[{}]|None|True|False|'[a-z_]+'", text.replace(record.case_id, "")), text
        assert [grant.id for grant in told.grants] == [grant.id for grant in ACT.grants]
        assert len(told.missing) == len(answer.missing)
        assert len(told.reservations) == len(answer.reservations)
        whole = told.text(100, everything=True)
        assert all(f"  {clause.id} — " in whole for clause in ACT.grants)


def test_what_is_stored_is_enough() -> None:
    record = worked("two-ends-of-the-term")
    answer = determine_case(record, ACT)
    stored = json.loads(json.dumps({**answer.as_json(), "trace": full_trace(answer.trace)}))
    assert explain(stored, ACT, record, "ru") == explain(answer, ACT, record, "ru")
    json.dumps(explain(stored, ACT, record).as_json())


def test_a_determination_without_its_trace_is_not_explained() -> None:
    record = worked("woman")
    with pytest.raises(ValueError, match="stored without its full trace"):
        explain(determine_case(record, ACT).as_json(), ACT, record)


def test_the_words_follow_the_trace_and_nothing_else() -> None:
    """A trace that says otherwise than the record is told as it stands: nothing is worked out a second time."""
    record = worked("woman")
    answer = determine_case(record, ACT)
    stored = {**answer.as_json(), "trace": full_trace(answer.trace)}
    stored["trace"]["grants"]["personal.combatant"] |= {"own": TRUE, "value": TRUE}
    stored["trace"]["grants"]["personal.combatant"]["condition"]["of"][1] |= {
        "value": TRUE,
        "read": {"combatant": True},
    }
    told = next(grant for grant in explain(stored, ACT, record).grants if grant.id == "personal.combatant")
    assert (told.state, told.lines[-1].state, told.lines[-1].fact) == ("applies", "met", "yes")


def test_an_act_that_changed_since_shows_the_rule_as_it_was() -> None:
    text = """
id: small
title: Small
dates: {in_force: 2025-01-01}
sources: {A: https://example.org}
grants:
  - {id: one, title: One, when: "%s", relief: release, source: A, confidence: high}
"""
    before, after = parse_act(text % "sex = 'female'"), parse_act(text % "suspended")
    record = CaseRecord(case_id="1", sex="female")
    answer = determine_case(record, before)
    told = explain(answer, after, record)
    assert told.grants[0].lines[0].condition == "sex = 'female'"
    assert told.grants[0].lines[0].state == "met"
    assert "The act has changed since this answer was made" in told.text()


@pytest.mark.parametrize(("name", "sentences"), list(EXPECTED["worked"].items()))
def test_what_a_reader_is_told(name, sentences) -> None:
    text = " ".join(explained(worked(name)).text(10_000).split())
    for sentence in sentences:
        assert sentence in text, sentence


def test_plain_russian_and_azerbaijani() -> None:
    record = worked("cut-from-31-august")
    assert explained(record, "ru").headline == (
        "Акт распространяется на это дело. По пункту less_serious.reduce (Менее тяжкое преступление, неотбытая часть "
        "более двенадцати месяцев): срок сокращается на 6 месяцев."
    )
    assert explained(record, "az").headline == (
        "Akt bu işi əhatə edir. less_serious.reduce bəndinə (Az ağır cinayət, cəzanın çəkilməmiş hissəsi on iki aydan "
        "çoxdur) əsasən: cəza müddəti 6 ay azaldılır."
    )
    assert "Azaltmadan sonra: 31 avqust 2027-ci il − 6 ay = 28 fevral 2027-ci il" in explained(record, "az").text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rule", "words"), list(EXPECTED["rules"].items()))
def test_a_rule_in_words(rule, words, language) -> None:
    act = parse_act(f"""
id: small
title: Small
offence_code: az-cc
month_end: clamp
dates: {{in_force: 2025-01-01}}
sources: {{A: https://example.org}}
grants:
  - {{id: one, title: One, when: {json.dumps(rule)}, relief: release, source: A, confidence: high}}
""")
    for case in ({"case_id": "1"}, {"case_id": "1", "sex": "male", "offences": [{"article": "177.1"}, {}]}):
        record = read_record(case, {})
        told = explain(determine_case(record, act), act, record, language)
        assert told.text(80, everything=True)
        if language == "en":
            assert told.grants[0].lines[0].condition == words
