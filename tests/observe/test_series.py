"""Series: reports of different scope stay apart, and only three reports of one series are carried on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.law.act import load_act
from clemency.observe.claims import Claim, claims, scopes
from clemency.observe.qualifiers import tolerances
from clemency.observe.series import Projection, Series, breaks, project, series
from tests.observe.test_sums import claim

ALLOWED, COUNTED = tolerances(), scopes()
START = date(2026, 1, 1)
DEADLINE = load_act("az-2025").dates["deadline"]


def of(act_id: str, quantity: str) -> list[Series]:
    return [one for one in series(claims(act_id), COUNTED) if one.quantity == quantity]


def made(*values: int, step: int = 10, quantity: str = "released_from_imprisonment", **more: object) -> Series:
    rows = [
        claim(place, quantity, value, as_of=START + timedelta(step * place), date="2026-12-31", **more)
        for place, value in enumerate(values, 1)
    ]
    (one,) = series(rows, COUNTED)
    return one


# --- the library's own


def test_the_prosecutors_count_never_carries_on_the_ministrys() -> None:
    for name in ("total", "released_from_imprisonment", "non_custodial_released"):
        ministry, prosecutors = sorted(of("az-2025", name), key=lambda one: one.last.as_of)
        assert [point.claim.scope for point in prosecutors.points] == ["all_bodies"]
        assert "all_bodies" not in {point.claim.scope for point in ministry.points}
        assert len(ministry.points) == 3


def test_the_ministrys_totals_are_joined_without_the_prosecutions_that_came_in_between() -> None:
    ministry = of("az-2025", "total")[0]
    assert [point.value for point in ministry.points] == [3_846, 12_336 - 12, 15_119 - 12]
    assert [point.taken_out for point in ministry.points] == [0, 12, 12]
    assert ministry.join
    assert ministry.join.reason


def test_what_no_join_names_stays_apart() -> None:
    assert [len(one.points) for one in of("az-2025", "women")] == [1, 1, 1]


def test_every_change_of_scope_is_told() -> None:
    found = [one for one in breaks(series(claims("az-2025"), COUNTED)) if one.quantity == "total"]
    assert [(str(one.before.as_of), str(one.after.as_of)) for one in found] == [("2026-02-08", "2026-02-19")]
    women = [one for one in breaks(series(claims("az-2025"), COUNTED)) if one.quantity == "women"]
    assert len(women) == 2


def test_what_was_misread_stands_in_no_series() -> None:
    points = [point for row in of("az-2021", "released_from_imprisonment") for point in row.points]
    assert all("c153" not in {one.claim_id for one in point.claims} for point in points)


def test_repeats_of_a_report_are_one_point() -> None:
    point = of("az-2025", "total")[0].points[0]
    assert [one.claim_id for one in point.claims] == ["c042", "c055", "c056"]


def test_releases_from_prison_are_carried_on_with_a_range_and_a_trial() -> None:
    found = project(of("az-2025", "released_from_imprisonment")[0], DEADLINE, ALLOWED)
    assert not found.refused
    assert 5_148 < found.low90 < found.low50 < found.mid < found.high50 < found.high90
    (trial,) = found.trials
    assert (trial.reported, trial.inside) == (5_148, True)


@pytest.mark.parametrize(
    ("act_id", "quantity", "reason"),
    [
        ("az-2025", "women", "1 report of one scope; 3 are needed"),
        ("az-2021", "total", "2 reports of one scope; 3 are needed"),
    ],
)
def test_too_few_reports_are_not_carried_on(act_id: str, quantity: str, reason: str) -> None:
    row = max(of(act_id, quantity), key=lambda one: len(one.points))
    assert project(row, DEADLINE, ALLOWED).refused == reason


# --- small cases


def test_refusals_say_why() -> None:
    assert "not known" in project(made(1, 2, 3), None, ALLOWED).refused
    assert "did not grow" in project(made(1, 2, 2), DEADLINE, ALLOWED).refused
    assert "no exact counts" in project(made(1, 2, 3, qualifier="nearly"), DEADLINE, ALLOWED).refused
    assert "counts up to the deadline" in project(made(1, 2, 3), START + timedelta(30), ALLOWED).refused
    assert project(made(1, 2, 3), None, ALLOWED).as_json().keys() == {"refused"}


def test_a_steady_pace_is_carried_on_by_half_of_it() -> None:
    found = project(made(100, 200, 300), START + timedelta(40), ALLOWED)
    assert (found.mid, found.pace) == (350, 10)
    assert (found.low90, found.high90) == (305, 395)
    assert (found.low50, found.high50) == (325, 375)


def test_a_rising_pace_raises_the_upper_end_within_its_limit() -> None:
    steady = project(made(100, 200, 300), START + timedelta(40), ALLOWED)
    rising = project(made(150, 200, 300), START + timedelta(40), ALLOWED)
    leaping = project(made(199, 200, 300), START + timedelta(40), ALLOWED)
    assert steady.high90 < rising.high90 == leaping.high90 <= 300 + 2 * 100


# --- laws


@given(st.lists(st.integers(1, 5_000), min_size=3, max_size=6), st.integers(1, 200))
def test_a_projection_never_falls_below_the_last_report_and_its_ranges_nest(growth: list[int], days: int) -> None:
    values = [sum(growth[: place + 1]) for place in range(len(growth))]
    row = made(*values)
    found = project(row, row.last.as_of + timedelta(days), ALLOWED)
    assert row.last.value <= found.low90 <= found.low50 <= found.mid <= found.high50 <= found.high90
    assert len(found.trials) == len(values) - 2
    assert all(trial.low90 <= trial.high90 for trial in found.trials)


@given(st.lists(st.integers(1, 5_000), min_size=3, max_size=5), st.integers(1, 100), st.integers(1, 100))
def test_a_later_day_never_narrows_the_range(growth: list[int], days: int, more: int) -> None:
    row = made(*(sum(growth[: place + 1]) for place in range(len(growth))))
    soon, later = (project(row, row.last.as_of + timedelta(one), ALLOWED) for one in (days, days + more))
    assert width(soon) <= width(later) + 1
    assert soon.low90 <= later.low90
    assert soon.high90 <= later.high90


def width(found: Projection) -> int:
    return found.high90 - found.low90


@given(st.randoms())
@settings(max_examples=15)
def test_the_order_of_rows_changes_no_series(random) -> None:
    rows: list[Claim] = list(claims("az-2025"))
    random.shuffle(rows)
    assert [one.as_json() for one in series(rows, COUNTED)] == [
        one.as_json() for one in series(claims("az-2025"), COUNTED)
    ]
