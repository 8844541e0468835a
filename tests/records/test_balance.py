"""Weights that meet figures do so wherever the search for them starts."""

from __future__ import annotations

import numpy as np
import pytest

from clemency.records.balance import Balanced, balanced


@pytest.mark.parametrize("pull", [0.5, -5.0, 1_000.0])
def test_a_bad_start_changes_nothing(pull: float) -> None:
    rng = np.random.default_rng(6)
    features = rng.random((6, 400)) * (rng.random((6, 400)) < 0.4)
    start, within = rng.random(400), np.full(6, 1e-3)
    figures = features @ (start * rng.uniform(0.5, 2.0, 400))
    cold = balanced(start, features, figures, within)
    near = Balanced(start, pull * np.array([1.0, -1.0] * 3))
    assert features @ cold.weights == pytest.approx(figures, rel=2e-3)
    assert balanced(start, features, figures, within, near).weights == pytest.approx(cold.weights, rel=1e-4)
