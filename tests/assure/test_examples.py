"""Examples of an act: what they show, that they are few, and that what a lawyer signed stands."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from clemency.assure.examples import cases_in, coverage_of, examples_of, write_examples
from clemency.cli import run
from clemency.determine.worked import disagreements, run_worked_cases
from clemency.law.act import Act, load_act

ACT = """
id: small
title: Small
dates: {in_force: 2025-01-31}
month_end: clamp
offence_code: az-cc
sources: {S: https://example.org}
facts: {veteran: {type: boolean}}
terms:
  in_prison: stage = 'serving' and punishment = 'imprisonment'
grants:
  - {id: veterans, when: in_prison and veteran, relief: release, source: S, confidence: high}
  - id: short
    when: in_prison and term_end <= in_force + 1 month
    relief: release
    source: S
    confidence: high
  - {id: cut, when: in_prison and sex = 'female', relief: {reduce: 6 months}, source: S, confidence: high}
exclusions:
  - {id: young, limits: [veterans], when: age on in_force < 18, source: S, confidence: high}
  - {id: listed, limits: [veterans, cut], offences: ['az-cc:120', 'az-cc:144.2'], source: S, confidence: high}
"""


@pytest.fixture(scope="module")
def act(tmp_path_factory: pytest.TempPathFactory) -> Act:
    path = tmp_path_factory.mktemp("small") / "act.yaml"
    path.write_text(ACT, encoding="utf-8")
    return load_act(path)


@pytest.fixture(scope="module")
def made(act: Act):
    return examples_of(act, {})


def worked(made) -> dict:
    return {example.name: example.worked for example in made.examples}


def test_the_examples_show_everything_that_can_be_shown(act, made) -> None:
    assert made.coverage.unmet == []
    assert made.coverage.unproved == []
    assert made.coverage.met == made.coverage.possible > 50
    assert {row.name for row in made.coverage.clauses} >= {"veterans", "short", "cut", "young", "listed"}


def test_they_are_fewer_than_what_they_show(made) -> None:
    assert len(made.examples) < made.coverage.possible / 2


def test_each_example_has_the_answer_that_it_expects(act, made) -> None:
    for example in made.examples:
        assert disagreements(example.worked, act) == [], example.name


def test_a_boundary_is_shown_to_the_day(act, made) -> None:
    ends = {str(case["case"].get("term_end")) for case in worked(made).values()}
    assert {"2025-02-28", "2025-03-01"} <= ends
    born = {str(case["case"].get("birth_date")) for case in worked(made).values()}
    assert {"2007-01-31", "2007-02-01"} <= born


def test_each_article_of_a_list_is_shown(made) -> None:
    shown = {
        article
        for case in worked(made).values()
        for article in (case.get("each_article") or [one.get("article") for one in case["case"].get("offences", ())])
    }
    assert any(article.startswith("120") for article in shown if article)
    assert any(article.startswith("144.2") for article in shown if article)


def test_a_cut_is_shown_from_the_end_of_a_month(act, made) -> None:
    ends = [case for case in worked(made).values() if case["expect"].get("grant") == "cut"]
    clamped = [
        case
        for case in ends
        if "term_end" in case["case"] and case["expect"]["term_end_after"].day != int(case["case"]["term_end"][-2:])
    ]
    assert clamped


def test_the_same_act_gives_the_same_examples(act, tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        command = [sys.executable, "-m", "clemency.cli", "act", "examples", str(act.path), "-o", str(folder)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    assert len(written[0]) > 10


def test_a_second_run_changes_nothing(act, made, tmp_path: Path) -> None:
    write_examples(made.examples, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = examples_of(act, cases_in(tmp_path))
    assert again.examples == []
    assert again.coverage.unmet == []
    write_examples(again.examples, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_without_one_of_its_cases_something_is_not_shown(act, made) -> None:
    cases = worked(made)
    fewer = dict(list(cases.items())[1:])
    assert coverage_of(act, cases).unmet == []
    assert coverage_of(act, fewer).unmet != []


def test_what_a_lawyer_signed_is_not_written_over(made, tmp_path: Path) -> None:
    first = made.examples[0]
    write_examples([first], tmp_path)
    path = tmp_path / first.name
    signed = path.read_text(encoding="utf-8").replace("signed_by:\n", "signed_by: A. Lawyer\n")
    signed = signed.replace("signed_on:\n", "signed_on: 2025-02-03\n").replace("verdict:\n", "verdict: agree\n")
    path.write_text(signed, encoding="utf-8")
    assert write_examples([first], tmp_path) == []
    assert path.read_text(encoding="utf-8") == signed


@pytest.mark.parametrize(
    ("signature", "told"),
    [
        ({"signed_by": "A. Lawyer", "signed_on": date(2025, 2, 3), "verdict": "agree"}, None),
        (
            {"signed_by": "A. Lawyer", "signed_on": date(2025, 2, 3), "verdict": "disagree", "comment": "Not so."},
            "A. Lawyer disagrees (signed on 2025-02-03): Not so.",
        ),
        ({"verdict": "agree"}, "a verdict is signed"),
        ({"signed_by": "A. Lawyer", "signed_on": date(2025, 2, 3)}, "the case is signed and has no verdict"),
        ({"signed_by": "A. Lawyer", "signed_on": date(2025, 2, 3), "verdict": "yes"}, "'yes' is no verdict"),
    ],
)
def test_a_verdict_is_read_and_disagreement_is_a_finding(made, tmp_path: Path, signature, told) -> None:
    (tmp_path / "act.yaml").write_text(ACT, encoding="utf-8")
    folder = tmp_path / "cases"
    folder.mkdir()
    case = made.examples[0].worked
    text = yaml.safe_dump({**case, **signature}, sort_keys=False)
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    problems = run_worked_cases(load_act(tmp_path / "act.yaml")).problems
    assert [told in problem for problem in problems] == ([] if told is None else [True])


def test_the_command_ends_with_one_where_somebody_disagrees(act, made, tmp_path: Path, capsys) -> None:
    write_examples(made.examples, tmp_path)
    assert run(["act", "examples", str(act.path), "--check", str(tmp_path)]) == 0
    path = tmp_path / made.examples[0].name
    text = path.read_text(encoding="utf-8").replace("signed_by:\n", "signed_by: A. Lawyer\n")
    text = text.replace("signed_on:\n", "signed_on: 2025-02-03\n").replace("verdict:\n", "verdict: disagree\n")
    path.write_text(text, encoding="utf-8")
    assert run(["act", "examples", str(act.path), "--check", str(tmp_path)]) == 1
    assert f"{path.name}: A. Lawyer disagrees (signed on 2025-02-03)" in capsys.readouterr().err


def test_an_article_for_all_is_held_against_each(act, made) -> None:
    listed = next(one.worked for one in made.examples if one.worked["shows"] == ["listed"])
    own = listed["case"]["offences"][0]["article"]
    assert disagreements({**listed, "each_article": [own]}, act) == []
    wrong = {**listed, "each_article": [own, "178.1"]}
    told = disagreements(wrong, act)
    assert told
    assert all(one.startswith("with article 178.1 ") for one in told)
