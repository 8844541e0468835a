"""The published cases: each has a name, a source and an answer, and what the answer turns on is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from clemency.determine.interpreter import determine_case
from clemency.law.act import LANGUAGES, load_act
from clemency.observe.people import Turn, deciding, missing_first, people_in_the_news, turn_of

ACT = load_act("az-2025")
PRISON = {"stage": "serving", "punishment": "imprisonment", "suspended": False}


def test_every_published_person_has_a_name_a_source_and_an_answer() -> None:
    people = list(people_in_the_news(ACT))
    assert len(people) == 36
    assert all(person.organisation and person.url.startswith("http") for person in people)
    assert all(person.names[language] for person in people for language in LANGUAGES)
    assert all(
        bool(missing_first(one.determination)) == (one.determination.outcome == "undetermined") for one in people
    )


def test_who_was_arrested_after_an_act_is_not_answered_under_it() -> None:
    earlier = replace(ACT, dates={**ACT.dates, "in_force": date(2024, 2, 1)})
    names = {person.name for person in people_in_the_news(earlier)}
    assert "Ulvi Hasanli" in names
    assert "Aynur Elgunesh" not in names


@pytest.mark.parametrize(
    ("record", "turn"),
    [
        ({**PRISON, "sex": "female", "offences": [{"article": "178.2"}]}, Turn("granted", ("personal.women",))),
        ({"stage": "served"}, Turn("unmet")),
        (
            {"stage": "trial", "offences": [{"article": "206.3.2"}]},
            Turn("closed", ("liability.personal",), ("serious",)),
        ),
    ],
)
def test_what_an_answer_turns_on(record: dict[str, object], turn: Turn) -> None:
    assert turn_of(determine_case({"case_id": "1", **record}, ACT), ACT) == turn


def test_where_nothing_is_known_many_clauses_are_open() -> None:
    turn = turn_of(determine_case({"case_id": "1"}, ACT), ACT)
    assert turn.kind == "open"
    assert deciding(turn).startswith("open: clause personal.combatant and ")


def test_what_an_answer_turns_on_is_told_in_neutral_words() -> None:
    assert deciding(Turn("granted", ("personal.women",))) == "clause personal.women"
    assert deciding(Turn("unmet")) == "no clause has its condition met"
    assert deciding(Turn("closed", ("minor.release",), ("serious", "listed_offences"))) == (
        "not covered by clause minor.release, which is closed by: serious, listed_offences"
    )
