"""The order of counting: drawn where no source tells it, and never more than a matter of lines."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.act import load_act
from clemency.law.library import library_path
from clemency.observe.booking import Booking
from clemency.observe.claims import quantities

ACT = load_act("az-2025")
BOOKING = Booking.of(ACT)


def test_the_grounds_of_2025_are_those_that_people_are_counted_on() -> None:
    parts = [quantities("az")[name] for name in quantities("az")["released_from_imprisonment"].parts]
    told = [{ACT.grants[place].id for place in ground.clauses} for ground in BOOKING.grounds]
    for part in parts:
        clauses = set(part.clauses(ACT))
        assert sum(bool(clauses & ground) for ground in told) in (1, 2), part.name
    assert set().union(*told) >= {clause for part in parts for clause in part.clauses(ACT)}


@given(st.integers(0, 2**32 - 1))
def test_an_order_names_every_clause_once_and_keeps_a_ground_together(seed: int) -> None:
    order = BOOKING.drawn(np.random.default_rng(seed))
    assert sorted(order.clauses) == list(range(len(ACT.grants)))
    assert sorted(order.places) == list(range(len(BOOKING.grounds)))
    at = {clause: place for place, clause in enumerate(order.clauses)}
    for ground in BOOKING.grounds:
        places = sorted(at[clause] for clause in ground.clauses)
        assert places == list(range(places[0], places[0] + len(places)))
    starts = [min(at[clause] for clause in ground.clauses) for ground in BOOKING.grounds]
    assert np.argsort(np.argsort(starts)).tolist() == list(order.places)


def test_every_ground_comes_first_as_often_as_another() -> None:
    rng = np.random.default_rng(1)
    first = np.bincount([BOOKING.drawn(rng).places.index(0) for _ in range(2_000)])
    assert first / 2_000 == pytest.approx(np.full(len(BOOKING.grounds), 1 / len(BOOKING.grounds)), abs=0.04)


def test_only_clauses_with_the_same_relief_stand_in_for_each_other() -> None:
    for clause, others in enumerate(BOOKING.alike()):
        assert all(ACT.grants[other].relief == ACT.grants[clause].relief for other in others)
    ids = [{ACT.grants[other].id for other in others} for others in BOOKING.alike()]
    release = ids[[grant.id for grant in ACT.grants].index("personal.women")]
    assert "less_serious.release" in release
    assert "less_serious.reduce" not in release
    assert not any(fnmatchcase(clause, "noncustodial.*") for clause in release)


def test_an_act_of_which_nothing_is_written_is_counted_in_its_own_order() -> None:
    elsewhere = Booking.of(replace(ACT, path=None))
    order = elsewhere.drawn(np.random.default_rng(1))
    assert (elsewhere.grounds, elsewhere.questions(), order.places) == ((), (), ())
    assert order.clauses == tuple(range(len(ACT.grants)))


def test_every_act_that_is_written_of_exists_and_has_a_reason() -> None:
    written = yaml.safe_load((library_path() / "population" / "az" / "booking.yaml").read_text(encoding="utf-8"))
    for act_id, row in written.items():
        assert Booking.of(load_act(act_id)).grounds
        assert len(row["reason"]) > 20
