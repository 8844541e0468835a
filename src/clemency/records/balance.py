"""Fitting weights to published figures by entropy balancing.

Of all weights that meet the figures, those nearest to the weights one starts from are taken, nearness being relative
entropy. Each figure may be missed by a small part of itself, so a solution always exists and there is one only; where
figures contradict each other, the ones that are allowed less give way less. The problem is solved in its convex dual,
which has one unknown a figure, by SciPy's trust-region Newton method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LARGEST_EXPONENT = 60.0
_PRECISION = 1e-7
_BLOCK = 7_000


@dataclass(frozen=True)
class Balanced:
    """Fitted weights, and the multiplier of each figure: how hard it pulls, and where to start a like problem."""

    weights: Floats
    multipliers: Floats


def balanced(
    start: Floats, features: Floats, figures: Floats, within: Floats, near: Balanced | None = None
) -> Balanced:
    """Weights nearest to `start` with `features @ weights` equal to `figures`, each up to `within` of it.

    `features` has a row a figure and a column a weight. A figure of zero is met in the scale of its row's own sum at
    the start. `near` is the solution of a like problem and only saves time.

    >>> rows = np.array([[1.0, 1.0], [1.0, 0.0]])
    >>> fitted = balanced(np.array([1.0, 1.0]), rows, np.array([3.0, 1.0]), np.array([1e-4, 1e-4]))
    >>> [round(weight, 3) for weight in fitted.weights.tolist()]
    [1.0, 2.0]
    """
    from scipy.optimize import minimize

    scale = np.where(figures != 0, np.abs(figures), np.abs(features) @ start)
    wanted, slack = figures / scale, within**2
    width = max(_BLOCK // len(figures), 1)
    rows, first = _blocks(features / scale[:, None], width), _blocks(start[None], width)[:, 0]

    def weights(dual: Floats) -> Floats:
        found: Floats = first * np.exp(np.minimum(dual @ rows, _LARGEST_EXPONENT))
        return found

    def objective(dual: Floats) -> tuple[float, Floats]:
        found = weights(dual)
        value = found.sum() - dual @ wanted + (slack * dual**2).sum() / 2
        return float(value), (rows @ found[:, :, None]).sum(axis=0)[:, 0] - wanted + slack * dual

    def curvature(dual: Floats) -> Floats:
        found: Floats = ((rows * weights(dual)[:, None]) @ rows.transpose(0, 2, 1)).sum(axis=0)
        return found + np.diag(slack)

    def solved_from(at: Floats) -> Any:
        return minimize(objective, at, jac=True, hess=curvature, method="trust-exact", options={"gtol": _PRECISION})

    nothing = np.zeros(len(figures))
    solved = solved_from(nothing if near is None else near.multipliers)
    if near is not None and not solved.success:  # what is near need not be a good start
        solved = solved_from(nothing)
    return Balanced(weights(solved.x).ravel()[: len(start)], solved.x)


def _blocks(rows: Floats, width: int) -> Floats:
    """A table cut into narrow ones, so that products stay below the size at which threads are set to work.

    A fit takes milliseconds; threads that wait for each other on a busy machine would make it seconds.
    """
    count = -(-rows.shape[1] // width)
    padded = np.pad(rows, ((0, 0), (0, count * width - rows.shape[1])))
    return np.ascontiguousarray(padded.reshape(len(rows), count, width).transpose(1, 0, 2))
