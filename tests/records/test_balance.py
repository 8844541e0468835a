"""Weights that meet figures do so wherever the search for them starts."""

from __future__ import annotations

import numpy as np
import pytest

from clemency.records.balance import Balanced, balanced


@pytest.mark.parametrize("pull", [0.5, -40.0, 55.0])
def test_a_bad_start_changes_nothing(pull: float) -> None:
    rng = np.random.default_rng(4)
    features = rng.random((6, 400)) * (rng.random((6, 400)) < 0.4)
    start, within = rng.random(400), np.full(6, 1e-3)
    figures = features @ (start * rng.uniform(0.5, 2.0, 400))
    cold = balanced(start, features, figures, within)
    warm = balanced(start, features, figures, within, Balanced(start, np.full(6, pull)))
    assert features @ cold.weights == pytest.approx(figures, rel=2e-3)
    assert warm.weights == pytest.approx(cold.weights, rel=1e-4)
