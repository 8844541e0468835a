"""The flow behind a stock: it meets what is published, and sees nothing that lies after its day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.records.assumptions import load_assumptions
from clemency.records.balance import balanced
from clemency.records.flow import Flow, Pieces, TimeLine, Ways
from clemency.records.stock import Stock

ASSUMED = load_assumptions("az")
#: Figures that contradict each other or themselves, with how far the fit may be off.
CONTRADICTED = {("life", "1998"): 0.35, ("life", "2000"): 0.6, ("total", "2016"): 0.04}


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock(ASSUMED, date(2025, 12, 20))


def test_stocks_and_flows_are_met_together(stock: Stock) -> None:
    assert len(stock.targets) > 30
    assert {target.count.counts for target in stock.targets} >= {"held", "sentenced", "entered", "left", "judged"}
    for target in stock.targets:
        assert target.met
        key = (target.figure.breakdown, target.figure.year)
        off = target.flow.found(target.count) / target.count.value - 1
        assert abs(off) < CONTRADICTED.get(key, 0.015), (key, off)


def test_nothing_is_fitted_to_a_figure_after_the_day() -> None:
    earlier = Stock(ASSUMED, date(2021, 11, 5))
    met = [target for target in earlier.targets if target.met and not target.count.counts.startswith("lighter")]
    assert met
    assert max(target.count.end for target in met) <= earlier.day
    assert not [one for one in met if one.figure.measure == "sentence_length_share"]
    assert [release.name for release in earlier.prison.releases][-1] == "pardon_2021"


@pytest.mark.parametrize(
    "day", [date(2016, 5, 20), date(2019, 6, 1), date(2021, 11, 5), date(2024, 6, 1), date(2027, 1, 1)]
)
def test_a_population_can_be_had_for_other_days(day: date) -> None:
    sizes = Stock(ASSUMED, day).group_sizes
    assert 19_000 < sizes[:2].sum() < 33_000
    assert 7_000 < sizes[2] < 20_000


def test_the_total_is_carried_forward_by_the_assumed_entries() -> None:
    sizes = [
        Stock(ASSUMED.with_value("flow.entries_after_last_figure", value)).group_sizes[:2].sum()
        for value in (0.8, 0.95, 1.1)
    ]
    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[2] / sizes[0] > 1.05


def people(leave: float, final: float = 0.0, early_share: float = 0.0) -> Flow:
    """One way and ten entries a day for a thousand days."""
    one = np.ones(1)
    ways = Ways(final * one, leave / 2 * one, leave * one, np.zeros(1, np.int64), np.ones(1, bool))
    line = TimeLine.of([0, 1000], [3652.425])
    return Flow(ways, [[line]], np.zeros(1, np.int64), early_share, [], np.ones((1, 1)))


@given(st.floats(1, 900), st.floats(0, 1))
def test_a_steady_stock_is_entries_times_the_time_that_they_stay(leave: float, early: float) -> None:
    flow = people(leave, early_share=early)
    held = float(flow.people("held", 1000, 1000).sum())
    assert held == pytest.approx(10 * (leave / 2 + (1 - early) * leave / 2))


@given(st.integers(0, 900), st.floats(1, 400), st.floats(0, 200))
def test_who_comes_in_leaves_or_is_there(start: int, leave: float, final: float) -> None:
    flow = people(leave, final)
    end = start + 100
    before, after = (float(flow.people("held", day, day).sum()) for day in (start, end))
    came, left = (float(flow.people(counts, start, end).sum()) for counts in ("entered", "left"))
    assert before + came - left == pytest.approx(after)
    assert left >= -1e-6


def test_spans_that_nobody_entered_hold_nobody() -> None:
    flow = people(10)
    empty = Pieces(np.full((1, 1), 2000.0), np.full((1, 1), 2100.0), np.ones((1, 1)))
    assert flow.entered(empty).sum() == 0


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4), st.floats(0.5, 5), st.floats(0.2, 0.8))
def test_balanced_weights_meet_the_figures_and_keep_the_rest_in_proportion(
    start: list[float], total: float, share: float
) -> None:
    rows = np.array([[1.0, 1, 1, 1], [1, 1, 0, 0]])
    figures = np.array([total, total * share])
    found = balanced(np.array(start), rows, figures, np.full(2, 1e-4)).weights
    assert rows @ found == pytest.approx(figures, rel=1e-3)
    assert found[0] / found[1] == pytest.approx(start[0] / start[1], rel=1e-6)
    assert found[2] / found[3] == pytest.approx(start[2] / start[3], rel=1e-6)


def test_figures_that_contradict_each_other_give_way_by_what_each_is_allowed() -> None:
    rows = np.array([[1.0], [1.0]])
    found = balanced(np.ones(1), rows, np.array([1.0, 2.0]), np.array([0.01, 0.1])).weights
    assert 1.0 < found[0] < 1.1
