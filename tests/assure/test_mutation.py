"""Small changes of an act: which its cases notice, and which change no answer at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.assure.examples import cases_in
from clemency.assure.mutation import mutate
from clemency.assure.variations import KINDS, changed_act, settled, variations
from clemency.law.act import Act, library_acts, load_act, parse_act
from clemency.law.library import library_path

ACT = """
id: small
title: Small
dates: {in_force: 2025-01-31}
sources: {S: https://example.org}
grants:
  - {id: one, when: stage = 'serving' and sex = 'female', relief: release, source: S, confidence: high}
  - {id: never, when: stage = 'serving' and stage = 'trial', relief: release, source: S, confidence: high}
"""
SERVING = {"case": {"stage": "serving", "sex": "female"}, "expect": {"outcome": "granted", "grants": ["one"]}}
MALE = {"case": {"stage": "serving", "sex": "male"}, "expect": {"outcome": "not_covered"}}
TRIAL = {"case": {"stage": "trial", "sex": "female"}, "expect": {"outcome": "not_covered"}}
#: One change in so many is tried on each act of the library, another sample for each.
SAMPLE = 61


def small() -> Act:
    return parse_act(ACT)


def places(found, kind: str = "condition") -> list[str]:
    return [one.change.says for one in found.survivors if (one.change.place, one.change.kind) == ("one", kind)]


def test_a_change_that_no_case_notices_comes_with_the_person_who_would_show_it() -> None:
    found = mutate(small(), {"a": SERVING, "b": TRIAL})
    assert places(found) == ["sex = 'female': asked for in vain"]
    assert places(mutate(small(), {"a": SERVING, "b": MALE, "c": TRIAL})) == []


def test_a_case_that_expects_too_little_notices_nothing() -> None:
    blind = {**SERVING, "expect": {"days_remitted": None}}
    assert mutate(small(), {"a": blind}).noticed == 0


def test_a_change_that_turns_no_answer_is_proved_so() -> None:
    found = mutate(small(), {})
    assert "never: never holds" in found.without_effect
    assert found.noticed == 0
    assert found.changes == len(found.survivors) + len(found.without_effect) + len(found.undecided)


def test_every_change_makes_another_act() -> None:
    for name in ("az-2016", "uk-sds40"):
        act = load_act(name)
        found = list(variations(act))
        assert {one.kind for one in found} <= set(KINDS)
        assert len({changed_act(act, one).version for one in found}) == len(found)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_change_is_made_in_one_place_alone(data) -> None:
    act = load_act("az-2016")
    one = data.draw(st.sampled_from(list(variations(act))))
    other = changed_act(act, one)
    before = {clause.id: clause for clause in (*act.grants, *act.exclusions, *act.reservations)}
    after = {clause.id: clause for clause in (*other.grants, *other.exclusions, *other.reservations)}
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    if one.kind == "order":
        assert not changed
        assert [grant.id for grant in act.grants] != [grant.id for grant in other.grants]
    elif not one.place.startswith("terms."):
        assert changed <= {one.place}


def test_settling_the_open_law_twice_changes_nothing_more() -> None:
    act = settled(load_act("az-2025"))
    again = settled(act)
    assert [one.condition for one in again.exclusions] == [one.condition for one in act.exclusions]


@pytest.mark.parametrize("name", library_acts())
def test_the_cases_of_the_library_notice_small_changes(name: str) -> None:
    """A sample of the changes of each act; `clemency act mutate` makes them all."""
    act, cases = load_act(name), cases_in(library_path() / "acts" / name / "cases")
    found = mutate(act, cases, every=SAMPLE, first=len(name) % SAMPLE)
    assert [one.change for one in found.survivors] == []
    assert found.noticed > 0
