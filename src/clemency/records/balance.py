"""Fitting weights to published figures by entropy balancing.

Of all weights that meet the figures, those nearest to the weights one starts from are taken, nearness being relative
entropy. Each figure may be missed by a small part of itself, so a solution always exists and there is one only; where
figures contradict each other, the ones that are allowed less give way less. The problem is solved in its convex dual,
which has one unknown a figure, by Newton's method, and by SciPy's trust-region method where that does not arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]
Curvature = Callable[[Floats], Floats]

_LARGEST_EXPONENT = 60.0
_PRECISION = 1e-7
_STEPS = 40
_FALL, _SHORTEST = 1e-4, 1e-6
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

    nothing = np.zeros(len(figures))
    solved = _newton(objective, curvature, nothing if near is None else near.multipliers)
    if solved is None:
        solved = _trusted(objective, curvature, nothing)
    return Balanced(weights(solved).ravel()[: len(start)], solved)


def _newton(objective: Objective, curvature: Curvature, at: Floats) -> Floats | None:
    """The lowest point by Newton's steps, each halved until it leads down; None where that does not arrive soon.

    Near to the solution of a like problem two or three steps do.
    """
    value, slope = objective(at)
    for _ in range(_STEPS):
        if np.linalg.norm(slope) < _PRECISION:
            return at
        try:
            step = np.linalg.solve(curvature(at), -slope)
        except np.linalg.LinAlgError:
            return None
        falls, length = float(slope @ step), 1.0
        while True:
            there = at + length * step
            reached, next_slope = objective(there)
            if reached <= value + _FALL * length * falls:
                break
            length /= 2
            if length < _SHORTEST:
                return None
        at, value, slope = there, reached, next_slope
    return None


def _trusted(objective: Objective, curvature: Curvature, at: Floats) -> Floats:
    """The lowest point by SciPy's trust-region method, slower and at home far from the solution too."""
    from scipy.optimize import minimize

    found = minimize(objective, at, jac=True, hess=curvature, method="trust-exact", options={"gtol": _PRECISION})
    lowest: Floats = found.x
    return lowest


def _blocks(rows: Floats, width: int) -> Floats:
    """A table cut into narrow ones, so that products stay below the size at which threads are set to work.

    A fit takes milliseconds; threads that wait for each other on a busy machine would make it seconds.
    """
    count = -(-rows.shape[1] // width)
    padded = np.pad(rows, ((0, 0), (0, count * width - rows.shape[1])))
    return np.ascontiguousarray(padded.reshape(len(rows), count, width).transpose(1, 0, 2))
