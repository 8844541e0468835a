"""Random people under the acts of other countries, on every day on which such an act has another text: one answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clemency.law.act import days_of_change, library_acts, load_act
from tests.conformance.compare import compare, compare_random
from tests.conformance.generate import Generator

TEXTS = [
    pytest.param(name, day, id=f"{name}-{day}")
    for name in library_acts()
    if load_act(name).jurisdiction != "az"
    for day in days_of_change(load_act(name))
]


@pytest.mark.parametrize(("name", "day"), TEXTS)
def test_random_records_have_one_answer(name: str, day: date) -> None:
    found = compare_random(load_act(name).as_of(day), seed=day.toordinal(), count=300)
    assert found.records == 300
    assert not found.differences, found.report()


@pytest.mark.parametrize(("name", "day"), TEXTS)
def test_the_order_of_a_register_changes_no_answer(name: str, day: date) -> None:
    act = load_act(name).as_of(day)
    records: list[dict[str, Any]] = list(Generator(act, 3).records(150))
    found = compare(records[::-1], act)
    assert not found.differences, found.report()
