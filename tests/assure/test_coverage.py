"""Coverage of an act by its cases: per clause, per line, and as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from clemency.assure.coverage import percent
from clemency.assure.coverage_page import coverage_text
from clemency.assure.examples import coverage_of
from clemency.cli import run
from clemency.law.act import load_act

ACT = """\
id: small
title: Small
dates: {in_force: 2025-01-31}
sources: {S: https://example.org}
grants:
  - id: one
    when: >-
      stage = 'serving'
      and sex = 'female'
    relief: release
    source: S
    confidence: high
"""
GRANTED = {"case": {"stage": "serving", "sex": "female"}, "expect": {"outcome": "granted"}}
MALE = {"case": {"stage": "serving", "sex": "male"}, "expect": {"outcome": "not_covered"}}
TRIAL = {"case": {"stage": "trial", "sex": "female"}, "expect": {"outcome": "not_covered"}}
OPEN = {"case": {"sex": "female"}, "expect": {"outcome": "undetermined", "missing": {"fact": ["stage"]}}}
OPEN_SEX = {"case": {"stage": "serving"}, "expect": {"outcome": "undetermined", "missing": {"fact": ["sex"]}}}


@pytest.fixture
def act(tmp_path: Path):
    path = tmp_path / "act.yaml"
    path.write_text(ACT, encoding="utf-8")
    return load_act(path)


def test_each_case_adds_what_it_shows(act) -> None:
    cases = {}
    shown = []
    for name, case in (("a", GRANTED), ("b", MALE), ("c", TRIAL), ("d", OPEN), ("e", OPEN_SEX)):
        cases[name] = case
        shown.append(coverage_of(act, cases).met)
    assert shown == sorted(set(shown))
    assert coverage_of(act, cases).unmet == []


def test_a_condition_is_told_at_its_line(act) -> None:
    found = coverage_of(act, {"a": GRANTED, "b": MALE})
    lines = {row.line: (row.met, row.possible) for row in found.lines}
    assert lines[8][0] < lines[8][1]
    assert lines[9][0] == lines[9][1]
    assert any("not met: stage = 'serving'" in one for one in found.unmet)


def test_without_cases_nothing_is_shown(act) -> None:
    found = coverage_of(act, {})
    assert (found.met, found.turns_outcome) == (0, 0)
    assert len(found.unmet) == found.possible > 0
    text = coverage_text(found, found.clauses)
    assert text.count("not shown: ") == found.possible
    assert "(0 %)" in text.splitlines()[-1]


def test_all_is_all() -> None:
    assert percent(999, 1000) == "99 %"
    assert percent(1000, 1000) == "100 %"


def test_the_commands_read_the_cases_beside_the_act(act, capsys) -> None:
    assert run(["act", "coverage", str(act.path)]) == 1
    assert run(["act", "mutate", str(act.path)]) == 1
    assert run(["act", "examples", str(act.path), "-o", str(act.path.parent / "cases")]) == 0
    assert run(["act", "coverage", str(act.path), "--lines"]) == 0
    assert run(["act", "mutate", str(act.path)]) == 0
    assert "(100 %)" in capsys.readouterr().out
