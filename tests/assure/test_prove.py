"""Questions about an act: proved with the clauses behind the answer, or refuted by a person who runs through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.assure.prove import QuestionError, prove, read_question
from clemency.cli import run
from clemency.determine.interpreter import determine_case
from clemency.law.act import load_act

QUESTIONS = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text(encoding="utf-8"))
ACT = load_act("az-2025")


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["question"])
def test_a_question_is_proved_or_refuted(asked: dict[str, Any]) -> None:
    answer = prove(ACT, asked["question"])
    assert answer.offences is None
    if True in asked:  # YAML reads the bare word true as a value
        assert (answer.true, sorted(answer.clauses)) == (True, sorted(asked[True]))
        return
    assert not answer.true
    (record,), (shown,) = answer.cases, answer.determinations
    told = determine_case(record, ACT).as_json()
    assert {name: told[name] for name in shown} == shown
    if "open_law" in asked:
        assert answer.law
        assert all(item.startswith(asked["open_law"]) for item in answer.law)
    else:
        assert dict(answer.law) == {}
        assert [shown["outcome"]] == asked[False]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("suspended implies grnted", "unknown fact grnted: did you mean granted?"),
        ("a.b implies granted", "'.' cannot stand here"),
        ("granted implies", "the rule ends too early"),
        ("granted implies suspended implies deferred", "a question joins two conditions, not more"),
        ("never granted implies suspended", "never and implies do not go together"),
        ("grant personal.womn implies granted", "the act has no clause personal.womn: did you mean personal.women?"),
        ("grant serious implies granted", "serious is no grant: write exclusion serious or meets serious"),
        ("relief > 'release' implies granted", "relief has no order"),
        ("relief is known implies granted", "relief is compared with = or in (...) only"),
        ("relief = 'releas' implies granted", "relief is never 'releas': did you mean release?"),
    ],
)
def test_a_question_that_cannot_be_read_is_told_with_its_place(text, told) -> None:
    with pytest.raises(QuestionError) as caught:
        read_question(ACT, text)
    assert told in str(caught.value)
    lines = str(caught.value).splitlines()
    assert lines[1] == text
    assert lines[2].strip("^ ") == ""
    assert "^" in lines[2]


def test_the_caret_stands_under_the_word_as_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["act", "prove", "az-2025", "suspended implies grnted"]) == 2
    _, text, carets, *_ = capsys.readouterr().err.splitlines()
    assert text[carets.index("^") : carets.rindex("^") + 1] == "grnted"


def test_a_word_of_a_question_inside_quotes_is_text() -> None:
    assert not prove(ACT, "citizenship = 'never implies' implies granted").true


def test_an_answer_is_plain_data() -> None:
    plain = prove(ACT, "sex = 'female' and serving_prison implies granted").as_json()
    assert plain["true"] is False
    assert plain["counter_example"]["sex"] == "female"
    assert plain["determination"]["outcome"] == "excluded"
    assert plain["follows_from"] == []
