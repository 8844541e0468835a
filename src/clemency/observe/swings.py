"""Which assumption, and which reading of the law, moves an expected number most.

The draws themselves tell: they are made with other values of all assumptions and other answers to all questions. A
linear fit of a number on what was drawn says how far it moves, on the average over all else, when one assumption goes
from the low to the high end of its range. Questions are fitted over the draws, and what they leave over the settings of
the assumptions, since draws at one setting are no witnesses of each other. Only what stands out from noise is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clemency.law.readings import Question
from clemency.records.assumptions import Assumption

Floats = NDArray[np.float64]

#: A fit takes no more than this many predictors, and no more than a tenth of what it is fitted over.
_MOST = 25
_TENTH = 10
#: How many standard errors a movement must stand out to be told.
_STANDS_OUT = 4.5
#: Over fewer draws, or settings, nothing stands out that could be trusted.
_FEWEST = 100


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one thing that is not known moves a number: the number at the one end and at the other.

    `kind` is `assumption` or `law`; for the law `low` and `high` are two answers to a question.
    """

    assumption: str
    kind: str
    quantity: str
    low: float | str
    high: float | str
    at_low: float
    at_high: float
    reason: str


def swings(
    counts: Floats,
    settings: Floats,
    setting_of: NDArray[np.int64],
    answers: NDArray[np.int64],
    assumed: Sequence[Assumption],
    questions: Sequence[Question],
    quantities: Mapping[str, int],
) -> tuple[Swing, ...]:
    """For each of some quantities what moves it, the widest first; nothing where there are too few draws to tell.

    `counts` and `answers` have a row a draw, `settings` a row a setting of the assumptions, and `setting_of` says which
    belongs to each draw. `quantities` names columns of the counts.
    """
    found: list[Swing] = []
    for name, column in quantities.items():
        number = counts[:, column]
        mean = float(number.mean())
        by_law = _Fit(answers.astype(np.float64), number)
        told = []
        for place, slope in by_law.slopes.items():
            low, high = _words(questions[place])
            ends = by_law.ends(place, mean, 0, len(questions[place].answers) - 1)
            told.append(Swing(questions[place].id, "law", name, low, high, *ends, questions[place].reason))
            number = number - slope * (answers[:, place] - by_law.middle[place])
        of_setting = np.bincount(setting_of, number) / np.bincount(setting_of)
        by_setting = _Fit(settings, of_setting)
        for place in by_setting.slopes:
            one = assumed[place]
            ends = by_setting.ends(place, mean, one.low, one.high)
            told.append(Swing(one.name, "assumption", name, one.low, one.high, *ends, one.reason))
        found += sorted(told, key=lambda swing: -abs(swing.at_high - swing.at_low))
    return tuple(found)


def moved_by(counts: Floats, answers: NDArray[np.int64]) -> Floats:
    """How much more there is of each column where a question has its last answer rather than its first.

    Fitted over all questions together; not a number where there are too few draws, or where it does not stand out.
    """
    draws, asked = answers.shape
    moves = np.full((asked, counts.shape[1]), np.nan)
    varying = np.flatnonzero(answers.std(axis=0) > 0)
    if draws < max(_FEWEST, 3 * len(varying)):
        return moves
    design = np.hstack([np.ones((draws, 1)), answers[:, varying].astype(float)])
    slopes, errors = _least_squares(design, counts)
    clear = np.abs(slopes[1:]) > _STANDS_OUT * errors[1:]
    moves[varying] = np.where(clear, slopes[1:] * np.maximum(answers[:, varying].max(axis=0), 1)[:, None], np.nan)
    return moves


class _Fit:
    """A linear fit on the few predictors that stand out, taken in one after the other."""

    def __init__(self, predictors: Floats, counts: Floats) -> None:
        self.predictors, self.counts = predictors, counts
        self.middle = predictors.mean(axis=0)
        spread = predictors.std(axis=0)
        usable = np.flatnonzero(spread > 0)
        scaled = (predictors[:, usable] - self.middle[usable]) / spread[usable]
        chosen: list[int] = []
        left = counts - counts.mean()
        most = min(_MOST, len(counts) // _TENTH, len(usable)) if len(counts) >= _FEWEST else 0
        for _ in range(most):
            if not left.std() > 0:
                break
            related = np.abs(scaled.T @ left) / (len(left) * left.std())
            related[chosen] = 0
            best = int(related.argmax())
            if related[best] * np.sqrt(len(left)) < _STANDS_OUT:
                break
            chosen.append(best)
            design = np.hstack([np.ones((len(left), 1)), scaled[:, chosen]])
            left = counts - design @ np.linalg.lstsq(design, counts, rcond=None)[0]
        self.slopes = self._slopes(usable[chosen])

    def _slopes(self, chosen: NDArray[np.int64]) -> dict[int, float]:
        if not len(chosen):
            return {}
        design = np.hstack([np.ones((len(self.counts), 1)), self.predictors[:, chosen] - self.middle[chosen]])
        slopes, errors = _least_squares(design, self.counts[:, None])
        return {
            int(place): float(slope)
            for place, slope, error in zip(chosen, slopes[1:, 0], errors[1:, 0], strict=True)
            if abs(slope) > _STANDS_OUT * error
        }

    def ends(self, place: int, mean: float, low: float, high: float) -> tuple[float, float]:
        """The expected number with one predictor at either end, all else as it was drawn."""
        first, last = (mean + self.slopes[place] * (end - float(self.middle[place])) for end in (low, high))
        return round(max(first, 0.0), 1), round(max(last, 0.0), 1)


def _least_squares(design: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Slopes and their standard errors, a column each of `counts`."""
    slopes: Floats = np.linalg.lstsq(design, counts, rcond=None)[0].astype(np.float64)
    left = counts - design @ slopes
    freedom = max(len(design) - design.shape[1], 1)
    variance = (left**2).sum(axis=0) / freedom
    inverse = np.linalg.pinv(design.T @ design)
    errors: Floats = np.sqrt(np.outer(np.maximum(np.diag(inverse), 0), variance))
    return slopes, errors


def _words(question: Question) -> tuple[str, str]:
    first, last = question.answers[0], question.answers[-1]
    return ("no", "yes") if isinstance(first, bool) else (str(first), str(last))
