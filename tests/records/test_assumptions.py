"""Assumptions: every number has a range and a reason, draws stay within it, and no result of the act is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from clemency.law.library import library_path
from clemency.records.assumptions import Assumptions, Inputs, last_day, load_assumptions
from clemency.records.stock import Stock

ASSUMED = load_assumptions("az")
FILES = ("population/az/assumptions.yaml", "population/az/population.csv", "codes/az-cc/articles.csv")


def test_every_number_has_an_ordered_range_and_a_reason() -> None:
    for name in ASSUMED.names():
        one = ASSUMED[name]
        assert one.low <= one.value <= one.high, name
        assert len(one.reason) > 5, name
    assert all("source" in rule for rule in ASSUMED.data("law").values())


def test_article_weights_are_scaled_a_group_at_a_time() -> None:
    groups = ASSUMED.data("articles")
    assert {f"articles.{group}.prison" for group in groups} <= set(ASSUMED.names())
    assert not [name for name in ASSUMED.names() if ".weights." in name and name.startswith("articles")]
    for group in groups.values():
        assert all(len(row) == 3 and min(row) >= 0 for row in group["weights"].values())


@given(st.integers(0, 2**32 - 1))
def test_a_draw_stays_within_its_range_and_whole_numbers_stay_whole(seed: int) -> None:
    drawn = ASSUMED.drawn(np.random.default_rng(seed))
    for name in ASSUMED.names():
        one, value = ASSUMED[name], drawn.value(*name.split(".")) if name.count(".") == 1 else None
        if value is not None:
            assert one.low <= value <= one.high, name
    assert drawn.value("terms", "extra_days_most") == int(drawn.value("terms", "extra_days_most"))


def drawn(count: int, *names: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    settings = [ASSUMED.drawn(rng) for _ in range(count)]
    return np.array([[one.value(*name.split(".")) for name in names] for one in settings])


def test_half_of_the_draws_lie_below_the_value_and_on_either_side_all_of_the_range_is_alike() -> None:
    one = ASSUMED["facts.combatant"]
    found = drawn(4_000, one.name)[:, 0]
    assert (found < one.value).mean() == pytest.approx(0.5, abs=0.03)
    assert (found > one.value + 0.9 * (one.high - one.value)).mean() == pytest.approx(0.05, abs=0.015)
    assert (found < one.low + 0.1 * (one.value - one.low)).mean() == pytest.approx(0.05, abs=0.015)


def test_numbers_that_are_wrong_together_move_together_and_others_do_not() -> None:
    rise, fall, other = drawn(
        2_000, "terms.shape.towards_maximum", "terms.shape.away_from_maximum", "time.early_release_share"
    ).T
    assert np.corrcoef(rise, fall)[0, 1] < -0.5
    assert abs(np.corrcoef(rise, other)[0, 1]) < 0.1
    child, displaced = drawn(2_000, "facts.cares_for_minor_or_disabled_child", "facts.displaced").T
    assert np.corrcoef(child, displaced)[0, 1] > 0.3


def test_what_moves_together_has_a_reason_and_names_numbers_that_exist() -> None:
    for shared in ASSUMED.data("together").values():
        assert len(shared["reason"]) > 20
        assert 0 < shared["share"] < 1
    tree = {**ASSUMED.inputs.tree, "together": {"x": {"reason": "", "share": 0.5, "numbers": ["people.height"]}}}
    strange = Assumptions(
        replace(ASSUMED.inputs, tree=tree), {n: ASSUMED[n] for n in ASSUMED.names()}, np.zeros(len(ASSUMED.names()))
    )
    with pytest.raises(ValueError, match=r"together: no number is called people\.height"):
        strange.drawn(np.random.default_rng(1))


def test_a_population_without_a_figure_is_free_of_it() -> None:
    key = ("prison_flow", "entries during the year", "2019")
    by_hand = ASSUMED.without_figure(*key)
    found = [
        next(one for one in Stock(assumed).targets if one.figure.year == "2019" and one.what["counts"] == "entered")
        for assumed in (ASSUMED, by_hand)
    ]
    met, missed = (abs(one.flow.found(one.count) / one.count.value - 1) for one in found)
    assert met < 0.02 < missed
    with pytest.raises(ValueError, match="meets no figure prison_population, total, 1822"):
        ASSUMED.without_figure("prison_population", "total", "1822")


def test_the_same_seed_gives_the_same_setting_and_one_number_can_be_set() -> None:
    first, second = (ASSUMED.drawn(np.random.default_rng(5)) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != ASSUMED
    assert first.central() == ASSUMED
    other = ASSUMED.with_value("people.several_cases", 0.06)
    assert other.value("people", "several_cases") == 0.06
    assert ASSUMED.value("people", "several_cases") != 0.06
    with pytest.raises(ValueError, match=r"no number people.several_case; the nearest name is people.several_cases"):
        ASSUMED.with_value("people.several_case", 1)


def test_numbers_about_files_are_told_apart() -> None:
    about_people = set(ASSUMED.names_about_people())
    assert "time.early_release_share" in about_people
    assert {name.partition(".")[0] for name in set(ASSUMED.names()) - about_people} == {
        "end_dates",
        "holders",
        "sub_items",
        "unknown",
    }


def inputs(population: bytes) -> Inputs:
    assumptions, _, articles = ((library_path() / name).read_bytes() for name in FILES)
    return Inputs.of("az", assumptions, population, articles)


def test_no_figure_from_the_day_of_the_act_on_is_read() -> None:
    content = (library_path() / FILES[1]).read_bytes()
    found = inputs(content)
    adopted = date(2025, 12, 19)
    assert found.figures
    assert all(last_day(figure.year) < adopted for figure in found.figures.values())
    assert not [figure for figure in found.figures.values() if figure.measure == "amnestied_2025_composition"]
    assert b"amnestied_2025_composition" in content
    with pytest.raises(ValueError, match="amnestied_2025_composition"):
        found.figure("amnestied_2025_composition", "women", "2026-02-08")


def test_results_of_the_act_change_nothing_not_even_the_mark_of_the_inputs() -> None:
    content = (library_path() / FILES[1]).read_bytes()
    kept = b"".join(line for line in content.splitlines(keepends=True) if b"amnestied_2025" not in line)
    tenfold = content.replace(
        b"crime not posing great public danger,1216", b"crime not posing great public danger,12160"
    )
    assert tenfold != content
    assert inputs(kept).sha256 == inputs(tenfold).sha256 == inputs(content).sha256


@pytest.mark.parametrize("module", ["assumptions", "balance", "flow", "stock", "synthesise"])
def test_the_population_reads_no_claims(module: str) -> None:
    text = Path(__import__(f"clemency.records.{module}", fromlist=["x"]).__file__).read_text(encoding="utf-8")
    assert "claims" not in text


def test_a_country_without_a_population_is_named() -> None:
    with pytest.raises(ValueError, match="no population of ge; it holds az"):
        load_assumptions("ge")


def test_a_day_before_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="2010-01-01 is before it"):
        Stock(ASSUMED, date(2010, 1, 1))
