"""Interpreter and columnar engine give the same answer, field by field: worked cases and random records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.law.act import Act, days_of_change, library_acts, load_act, parse_act
from clemency.law.library import library_path
from tests.conformance.compare import compare, compare_random
from tests.conformance.generate import Generator

CHUNKS, CHUNK = 20, 5_000
GOOD = sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_records_of_the_act_of_2025_have_one_answer(chunk: int) -> None:
    found = compare_random(load_act("az-2025"), seed=20_251_220 + chunk, count=CHUNK)
    assert found.records == CHUNK
    assert not found.differences, found.report()


@pytest.mark.slow
@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_random_records_of_acts_that_try_the_engine_have_one_answer(path: Path) -> None:
    found = compare_random(load_act(path), seed=7, count=1_500)
    assert not found.differences, found.report()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in library_acts() if name != "az-2025"])
def test_random_records_have_one_answer_under_every_act_of_the_library(name: str) -> None:
    act = load_act(name)
    for day in days_of_change(act):
        found = compare_random(act.as_of(day), seed=23, count=600)
        assert not found.differences, found.report()


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(2025, 12, 20), date(2026, 2, 28)], ids=str)
def test_random_records_have_one_answer_in_every_phase_of_an_act(day: date) -> None:
    act = load_act(GOOD[0].parent / "shares-steps-and-phases.yaml").as_of(day)
    found = compare_random(act, seed=19, count=1_500)
    assert not found.differences, found.report()


def worked_cases(act: str) -> Iterator[dict[str, Any]]:
    for path in sorted((library_path() / "acts" / act / "cases").glob("*.yaml")):
        yield {"case_id": path.stem, **yaml.safe_load(path.read_text(encoding="utf-8"))["case"]}


@pytest.mark.parametrize("name", library_acts())
def test_every_worked_case_has_one_answer(name: str) -> None:
    found = compare(worked_cases(name), load_act(name))
    assert found.records
    assert not found.differences, found.report()


@pytest.fixture(scope="module")
def act() -> Act:
    return load_act("az-2025")


def test_the_order_of_the_register_changes_no_answer(act: Act) -> None:
    records = list(Generator(act, 11).records(600))
    found = compare(records[::-1], act)
    assert not found.differences, found.report()


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_registers_of_any_size_have_one_answer(act: Act, size: int) -> None:
    found = compare(Generator(act, 13).records(size), act)
    assert found.records == size
    assert not found.differences, found.report()


def test_random_records_reach_every_outcome_and_every_clause(act: Act) -> None:
    """The comparison is worth something only where the records go everywhere."""
    from clemency.determine.interpreter import determine_case

    outcomes, true, barred = set(), set(), set()
    for record in Generator(act, 17).records(2_500):
        found = determine_case(record, act)
        outcomes.add(found.outcome)
        true |= set(found.grants)
        barred |= set(found.exclusions)
    assert outcomes == {"granted", "excluded", "not_covered", "undetermined"}
    assert true == {grant.id for grant in act.grants if not grant.law_unknown}
    assert {"serious", "especially_serious", "award_stripped"} <= barred


def test_the_same_seed_draws_the_same_people(act: Act) -> None:
    assert list(Generator(act, 3).records(50)) == list(Generator(act, 3).records(50))
    assert list(Generator(act, 3).records(5)) != list(Generator(act, 4).records(5))


def test_an_act_may_ask_more_facts_than_one_number_holds() -> None:
    """The facts of the library come first, so that the last ones of this act stand in columns of their own."""
    facts = "\n".join(f"  fact_{place}: {{type: boolean}}" for place in range(70))
    act = parse_act(
        f"""
id: many-facts
title: An invented act of seventy facts
dates: {{in_force: 2027-01-15}}
sources: {{S: https://example.org/act}}
facts:
{facts}
grants:
  - {{id: first, when: fact_0 and not fact_69, relief: release, source: S, confidence: high}}
  - {{id: last, when: fact_68 or fact_69 is not known, relief: lift_record, source: S, confidence: high}}
exclusions:
  - {{id: closed, limits: [first], when: fact_67 or fact_1, source: S, confidence: high}}
"""
    )
    found = compare_random(act, seed=5, count=600)
    assert found.records == 600
    assert not found.differences, found.report()
