"""What an act may be expected to do, with the interval that the known and the unknown leave.

A draw takes each assumption somewhere within its range, draws the people anew, and reads every open point of law one
way; then each case is determined and counted. A thousand draws give the expected numbers and their intervals. Nothing
that was reported of the carrying out is read here: the population reads figures from before the act, the law its own
file. With a given register nobody is invented: only what its files do not say and what the law leaves open is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clemency.law.act import Act, load_act
from clemency.law.readings import load_questions, states_probabilities
from clemency.observe.booking import Booking
from clemency.observe.drawn_people import Country, EstimateError, GivenRegister
from clemency.observe.draws import PER_SETTING, Asked, Draw, Progress, all_draws
from clemency.observe.swings import Swing, moved_by, swings
from clemency.observe.tallies import Tallies, Tally

Floats = NDArray[np.float64]

DRAWS, SEED = 1000, 1
#: Quantities that the swings are worked out for; the first ones are those that the announcement named.
MAIN = (
    "total",
    "released_from_imprisonment",
    "term_reduced",
    "non_custodial_released",
    "criminal_liability_lifted",
    "ground_social_groups",
    "crime_category_minor_released",
    "ground_negligence_upto_5y",
    "ground_less_serious_under_1y_left",
    "ground_serious_first_time_under_6m_left",
)
_QUANTILES = (0.5, 0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of an estimate. `certain` and `possible` are bounds on a given register, and null without one."""

    by: str
    name: str
    unit: str
    mean: float
    median: float
    low50: float
    high50: float
    low90: float
    high90: float
    certain: int | None = None
    possible: int | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How much of the spread of a line each source of it makes when it alone is drawn again, in cases or days.

    `assumptions`, `people` and `law` are standard deviations; what they do together stands in `all`.
    """

    by: str
    name: str
    assumptions: float
    people: float
    law: float
    all: float


@dataclass(frozen=True, slots=True)
class LawReading:
    """One question about the open law: how likely each answer was held to be, and what the answer moves."""

    item: str
    text: str
    answers: Mapping[str, float]
    probability: float
    points: tuple[str, ...]
    reason: str
    moves: Mapping[str, float]


@dataclass(frozen=True)
class Estimate:
    """An estimate for one act: every line with its intervals, and what moves it.

    `settings` is how many settings of the assumptions the draws were made at; `cases` how many cases a draw has on the
    average.
    """

    act: str
    as_of: date
    draws: int
    settings: int
    seed: int
    cases: float
    population: Mapping[str, Any]
    quantities: tuple[Interval, ...]
    swings: tuple[Swing, ...]
    readings: tuple[LawReading, ...]
    spreads: tuple[Spread, ...]
    notes: tuple[str, ...]

    @cached_property
    def _lines(self) -> Mapping[tuple[str, str], Interval]:
        return {(line.by, line.name): line for line in self.quantities}

    def of(self, by: str, name: str) -> Interval:
        """The line for one thing that is counted, such as `of("quantity", "total")`."""
        found = self._lines.get((by, name))
        if found is None:
            known = ", ".join(line.name for line in self.quantities if line.by == by)
            raise KeyError(f"no estimate of {by} {name}; there are: {known or 'none of that kind'}")
        return found

    def as_json(self) -> dict[str, Any]:
        """The estimate as plain data."""
        return {
            "act": self.act,
            "as_of": self.as_of.isoformat(),
            "draws": self.draws,
            "settings": self.settings,
            "seed": self.seed,
            "cases": self.cases,
            "population": dict(self.population),
            "quantities": [asdict(line) for line in self.quantities],
            "swings": [asdict(swing) for swing in self.swings],
            "readings": [asdict(reading) for reading in self.readings],
            "spreads": [asdict(spread) for spread in self.spreads],
            "notes": list(self.notes),
        }

    def to_polars(self) -> pl.DataFrame:
        """The lines as a table, one row each."""
        return pl.DataFrame([asdict(line) for line in self.quantities], infer_schema_length=None)


def estimate(
    act: Act | str,
    population: Path | str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Progress = lambda done, total: None,
) -> Estimate:
    """What an act does to the country's invented people, or to a given register, with intervals.

    The same act, library, draws and seed always give the same estimate, however many processors there are. Raises
    EstimateError where it cannot be made.

    >>> few = estimate("az-2025", draws=2)
    >>> few.of("quantity", "total").low90 <= few.of("quantity", "total").high90
    True
    """
    if draws < 2:
        raise EstimateError(f"an interval needs at least 2 draws, not {draws}")
    if seed < 0:
        raise EstimateError(f"a seed is a whole number from 0 on, not {seed}")
    the_act = act if isinstance(act, Act) else load_act(act)
    people = Country(the_act) if population is None else GivenRegister(the_act, population)
    names = people.assumed.names_about_people() if people.assumed else ()
    asked = Asked(the_act, people, load_questions(the_act), Tallies(the_act), names, draws, seed)
    return _Made(asked, all_draws(asked, progress)).estimate()


class _Made:
    """Draws that are made, and what is told of them."""

    def __init__(self, asked: Asked, draws: Sequence[Draw]) -> None:
        self.asked, self.draws = asked, draws
        self.lines = asked.tallies.lines
        self.counts = np.stack([one.counts for one in draws])
        self.questions = (*asked.questions, *Booking.of(asked.act).questions())
        self.answers = np.stack([np.array([*one.answers, *one.booked], np.int64) for one in draws])
        self.main = [place for place, line in enumerate(self.lines) if self.is_main(line)]

    def estimate(self) -> Estimate:
        """Everything that is told."""
        asked = self.asked
        return Estimate(
            act=asked.act.id,
            as_of=asked.act.in_force,
            draws=len(self.draws),
            settings=-(-len(self.draws) // PER_SETTING) if asked.names else 0,
            seed=asked.seed,
            cases=round(float(np.mean([one.cases for one in self.draws])), 1),
            population=asked.people.told(),
            quantities=tuple(self.intervals()),
            swings=self.swings(),
            readings=tuple(self.law_readings()),
            spreads=tuple(self.spreads()),
            notes=tuple(self.notes()),
        )

    def is_main(self, line: Tally) -> bool:
        """The quantities that swings are told for; for an act without quantities, its reliefs. And the days."""
        if line.by == "days":
            return line.name == "imprisonment"
        if any(one.by == "quantity" for one in self.lines):
            return line.by == "quantity" and line.name in MAIN
        return line.by == "relief"

    def intervals(self) -> Iterator[Interval]:
        quantiles = np.round(np.quantile(self.counts, _QUANTILES, axis=0), 1)
        bounds = self.asked.people.bounds(self.asked.tallies)
        for place, line in enumerate(self.lines):
            median, low50, high50, low90, high90 = quantiles[:, place].tolist()
            mean = round(float(self.counts[:, place].mean()), 1)
            certain = possible = None
            if bounds is not None and not np.isnan(bounds[0][place]):
                certain, possible = int(bounds[0][place]), int(bounds[1][place])
            yield Interval(line.by, line.name, line.unit, mean, median, low50, high50, low90, high90, certain, possible)

    def swings(self) -> tuple[Swing, ...]:
        assumed, names = self.asked.people.assumed, self.asked.names
        ranges = [assumed[name] for name in names] if assumed else []
        settings = np.stack([one.setting for one in self.draws[::PER_SETTING]])
        setting_of = np.arange(len(self.draws)) // PER_SETTING
        named = {self.lines[place].name: place for place in self.main}
        return swings(self.counts, settings, setting_of, self.answers, ranges, self.questions, named)

    def law_readings(self) -> Iterator[LawReading]:
        moves = moved_by(self.counts[:, self.main], self.answers)
        for number, question in enumerate(self.questions):
            told = {
                self.lines[place].name: round(float(moves[number, column]), 1)
                for column, place in enumerate(self.main)
                if not np.isnan(moves[number, column])
            }
            shares = zip(question.answers, question.probabilities, strict=True)
            answers = {str(answer).lower(): round(share, 9) for answer, share in shares}
            likely = question.probabilities[-1]
            yield LawReading(question.id, question.ask["en"], answers, likely, question.items, question.reason, told)

    def spreads(self) -> Iterator[Spread]:
        """Standard deviations that each source makes: law among the same people, people under the same law."""
        if len(self.draws) < PER_SETTING:
            return
        whole = len(self.draws) // PER_SETTING
        alike = self.counts[: whole * PER_SETTING].reshape(whole, PER_SETTING, -1)
        law = alike.var(axis=1, ddof=1).mean(axis=0)
        again = [(number, one.elsewhere) for number, one in enumerate(self.draws) if one.elsewhere is not None]
        people = np.mean([(self.counts[number] - found) ** 2 for number, found in again], axis=0) / 2
        every = self.counts.var(axis=0, ddof=1)
        assumptions = np.maximum(every - law - people, 0)
        for place, line in enumerate(self.lines):
            parts = (round(float(np.sqrt(part[place])), 1) for part in (assumptions, people, law, every))
            yield Spread(line.by, line.name, *parts)

    def notes(self) -> Iterator[str]:
        act = self.asked.act
        yield from self.asked.people.notes()
        yield (
            "An interval holds the stated share of the draws. It says what follows from the assumptions, their ranges "
            "and the probabilities of readings; it does not cover what none of them thought of."
        )
        yield "Cases are counted, not people: a person with two cases counts twice."
        if self.asked.questions and not states_probabilities(act):
            yield "Nobody has stated how likely the readings of this act's open law are; each counts the same."
        if len(self.questions) > len(self.asked.questions):
            yield (
                "On which of several grounds a person is counted is not known for this act; every draw counts in "
                "another order. It moves people between grounds and changes no total."
            )
        if act.reservations:
            yield (
                f"{len(act.reservations)} reservations of the act are questions for a person. They are taken not to "
                "stand against anybody, so that the true numbers are rather lower where one does."
            )


__all__ = [
    "DRAWS",
    "MAIN",
    "SEED",
    "Estimate",
    "EstimateError",
    "Interval",
    "LawReading",
    "Spread",
    "Swing",
    "estimate",
]
