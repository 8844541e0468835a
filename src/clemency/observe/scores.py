"""How well an interval met what came: error, ratio, coverage, and the interval score.

The weighted interval score of a median and central intervals is small where the prediction was both near and sure of
itself for a good reason: a wide interval costs its width, a miss costs twice its distance over the interval's level.
It has the unit of what is counted, and for a median alone it is the absolute error. (Bracher and others, "Evaluating
epidemic forecasts in an interval format", PLOS Computational Biology 17(2), 2021; Gneiting and Raftery, 2007.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Central intervals by what they hold, in percent, with the probability that lies outside.
LEVELS = {50: 0.5, 90: 0.1}


@dataclass(frozen=True, slots=True)
class Predicted:
    """A predicted number: its median, and the intervals that should hold the truth in 50 and 90 of 100 cases."""

    median: float
    low50: float
    high50: float
    low90: float
    high90: float

    def __post_init__(self) -> None:
        if not self.low90 <= self.low50 <= self.median <= self.high50 <= self.high90:
            raise ValueError(f"the ends of a prediction do not stand in order: {self}")

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Predicted:
        """A prediction from a row of `clemency estimate --json`."""
        return cls(*(float(row[name]) for name in ("median", "low50", "high50", "low90", "high90")))

    def interval(self, level: int) -> tuple[float, float]:
        """The central interval of a level, 50 or 90."""
        return (self.low50, self.high50) if level == 50 else (self.low90, self.high90)

    def holds(self, level: int, low: float, high: float | None) -> bool:
        """Whether the interval of a level meets a range of numbers; a range without `high` has no upper end.

        >>> one = Predicted(100, 80, 120, 50, 200)
        >>> one.holds(50, 130, 130), one.holds(90, 130, 130), one.holds(50, 110, None)
        (False, True, True)
        """
        lowest, highest = self.interval(level)
        return lowest <= (highest if high is None else high) and low <= highest

    def as_json(self) -> dict[str, float]:
        """The five numbers."""
        return {name: getattr(self, name) for name in ("median", "low50", "high50", "low90", "high90")}


def interval_score(low: float, high: float, outside: float, came: float) -> float:
    """The width of an interval, and twice the distance over its level where the number that came lies outside.

    >>> interval_score(10, 20, 0.1, 15), interval_score(10, 20, 0.1, 21)
    (10, 30.0)
    """
    if came < low:
        return high - low + 2 / outside * (low - came)
    if came > high:
        return high - low + 2 / outside * (came - high)
    return high - low


def weighted_interval_score(predicted: Predicted, came: float) -> float:
    """The score of a median with its two intervals; 0 only for a certain prediction that came true.

    >>> weighted_interval_score(Predicted(7, 7, 7, 7, 7), 7), weighted_interval_score(Predicted(7, 7, 7, 7, 7), 9)
    (0.0, 2.0)
    """
    total = abs(came - predicted.median) / 2
    for level, outside in LEVELS.items():
        total += outside / 2 * interval_score(*predicted.interval(level), outside, came)
    return total / (len(LEVELS) + 0.5)


@dataclass(frozen=True, slots=True)
class Met:
    """How a prediction met a figure: `error` and `ratio` are of its median, `score` is in the unit counted.

    A worded figure such as "over 5,000" stands for a range. The error is then counted from the nearest number of the
    range, and an interval holds the figure where it meets the range. The ratio is to the figure as it was said.
    """

    came: float
    error: float
    ratio: float | None
    inside: Mapping[int, bool]
    score: float

    @classmethod
    def of(cls, predicted: Predicted, said: float, low: float, high: float | None) -> Met:
        """A prediction beside a figure that was `said`, and that stands for the numbers from `low` to `high`.

        >>> Met.of(Predicted(5_200, 5_000, 5_400, 4_000, 7_000), 5_000, 5_001, 5_500).error == 0
        True
        """
        came = max(low, predicted.median if high is None else min(predicted.median, high))
        return cls(
            came=came,
            error=predicted.median - came,
            ratio=predicted.median / said if said else None,
            inside={level: predicted.holds(level, low, high) for level in LEVELS},
            score=weighted_interval_score(predicted, came),
        )

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "error": round(self.error, 1),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "inside_50": self.inside[50],
            "inside_90": self.inside[90],
            "score": round(self.score, 1),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many figures each interval held how many, and their mean score."""

    figures: int
    inside: Mapping[int, int]
    score: float | None

    @classmethod
    def of(cls, met: Iterable[Met]) -> Coverage:
        """Coverage over some figures.

        >>> Coverage.of([]).score is None
        True
        """
        all_met = list(met)
        inside = {level: sum(one.inside[level] for one in all_met) for level in LEVELS}
        score = sum(one.score for one in all_met) / len(all_met) if all_met else None
        return cls(len(all_met), inside, score)

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "figures": self.figures,
            "inside_50": self.inside[50],
            "inside_90": self.inside[90],
            "mean_score": None if self.score is None else round(self.score, 1),
        }
