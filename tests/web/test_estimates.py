"""The estimates that pages show are those of the library as it is: the same inputs, numbers a new run would give."""

from __future__ import annotations

import pytest

from clemency.law.library import library_path
from clemency.observe.estimate import estimate
from clemency.records.assumptions import load_assumptions
from clemency.web.observatory.selectors.carried_out import estimate_of

KEPT = sorted(path.stem for path in (library_path() / "estimates").glob("*.json"))
MAKE = "make it anew: clemency estimate {act} --json > library/estimates/{act}.json"


def test_the_latest_act_has_one() -> None:
    assert "az-2025" in KEPT


@pytest.mark.parametrize("act", KEPT)
def test_a_kept_estimate_is_of_the_inputs_of_today(act) -> None:
    kept = estimate_of(act)
    assert kept.draws >= 1000
    assert kept.population["synthetic"] is True
    assert kept.population["inputs_sha256"] == load_assumptions("az").inputs.sha256, MAKE.format(act=act)


@pytest.mark.parametrize("act", KEPT)
def test_a_few_new_draws_lie_where_the_kept_ones_do(act) -> None:
    kept, few = estimate_of(act), estimate(act, draws=24, seed=7)
    for name in ("total", "released_from_imprisonment", "term_reduced", "non_custodial_released"):
        line = kept.of("quantity", name)
        assert line.low90 <= few.of("quantity", name).median <= line.high90, MAKE.format(act=act)
