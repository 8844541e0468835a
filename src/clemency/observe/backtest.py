"""Back-tests: what the model says of an act that is over, beside what was announced of it and what was reported.

The prediction is made without the figures it is held against: it knows the act, the figures published before it, and
stated assumptions. Reported figures are read here and nowhere below (`clemency.observe.estimate` and what it stands on
never open the claims).

A report is scored where it counts everybody: the final figure of an act, or one of all bodies when at least half of the
time for applying the act had passed. Other reports are shown and not scored, since a part is no test of a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from clemency.law.act import Act, library_acts, load_act
from clemency.law.library import library_path
from clemency.law.source import SourceErrors
from clemency.observe.claims import PLANNED, REPORTED, Claim, Quantity, claims, quantities, scopes
from clemency.observe.library_files import Document, nearest, read_document
from clemency.observe.qualifiers import Worded, tolerances
from clemency.observe.scores import Coverage, Met, Predicted

#: The share of the time for applying an act after which a count of all bodies is held to test the prediction.
ENOUGH = 0.5
#: Cautions under which a printed figure is not the quantity it is printed under.
_NOT_THE_FIGURE = ("misread", "misprint", "own_arithmetic", "reworded", "act_uncertain")
_WIDEST = ("all_bodies", "not_stated")
_WHOLE = "total"
_FREED = "released_from_imprisonment"


class BacktestError(ValueError):
    """A back-test that cannot be made."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reported figure is of the whole: final, or so far on a day; `whom` it counts unless that is everybody."""

    when: str
    whom: str
    scored: bool

    @property
    def words(self) -> str:
        """Both in one."""
        return f"{self.when}, {self.whom}" if self.whom else self.when


@dataclass(frozen=True, slots=True)
class Held:
    """A figure that the prediction is held against, with how the prediction met it."""

    claim: Claim
    met: Met

    def as_json(self) -> dict[str, Any]:
        """The figure with its source, and the errors."""
        claim = self.claim
        return {
            "claim": claim.claim_id,
            "value": claim.value,
            "qualifier": claim.qualifier,
            "as_of": claim.as_of.isoformat() if claim.as_of else None,
            "scope": claim.scope,
            "body": claim.body,
            "source": claim.source_url,
            **self.met.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity of an act: predicted, announced, reported."""

    quantity: Quantity
    predicted: Predicted
    announced: Held | None
    reported: Held | None
    standing: Standing | None
    predicted_share: float | None
    reported_share: float | None

    @property
    def scored(self) -> bool:
        """Whether its report counts as a test."""
        return self.standing is not None and self.standing.scored

    def as_json(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "quantity": self.quantity.name,
            "title": self.quantity.title["en"],
            "predicted": {name: round(value, 1) for name, value in self.predicted.as_json().items()},
            "announced": self.announced.as_json() if self.announced else None,
            "reported": self.reported.as_json() if self.reported else None,
            "standing": self.standing.words if self.standing else None,
            "scored": self.scored,
            "predicted_share": _rounded(self.predicted_share),
            "reported_share": _rounded(self.reported_share),
        }


@dataclass(frozen=True)
class Backtest:
    """An act's back-test."""

    act: Act
    draws: int
    seed: int
    lines: tuple[Line, ...]
    why: Mapping[str, WhyFile]

    @property
    def grounds(self) -> tuple[Line, ...]:
        """The lines of the grounds on which people were freed from prison, where the reports of the act tell them."""
        parts = quantities()[_FREED].parts
        return tuple(line for line in self.lines if line.quantity.name in parts and line.reported)

    @property
    def coverage(self) -> Coverage:
        """How the scored reports were met."""
        return Coverage.of(line.reported.met for line in self.lines if line.scored and line.reported)

    @property
    def announced_coverage(self) -> Coverage:
        """How the announced figures were met."""
        return Coverage.of(line.announced.met for line in self.lines if line.announced)

    @property
    def grounds_coverage(self) -> Coverage:
        """How the reports of single grounds were met."""
        return Coverage.of(line.reported.met for line in self.grounds if line.reported)

    def paragraphs(self) -> tuple[str, ...]:
        """In plain words: how many figures were met, then each miss with what explains it, the widest off first."""
        return (" ".join(_summary(self)), *(_told(line, self.why) for line in _misses(self)))

    def as_json(self) -> dict[str, Any]:
        """The back-test as plain data."""
        return {
            "act": self.act.id,
            "as_of": self.act.in_force.isoformat(),
            "draws": self.draws,
            "seed": self.seed,
            "synthetic": True,
            "lines": [line.as_json() for line in self.lines],
            "coverage": {
                "reported": self.coverage.as_json(),
                "grounds": self.grounds_coverage.as_json(),
                "announced": self.announced_coverage.as_json(),
            },
            "told": list(self.paragraphs()),
        }


# --- making one -----------------------------------------------------------------------------------------------


def backtest(act: str | Act, draws: int = 1000, seed: int = 1) -> Backtest:
    """Predict an act as of its day, and hold the prediction against what was announced and reported."""
    from clemency.observe.estimate import estimate

    the_act = load_act(act) if isinstance(act, str) else act
    return held_against_claims(the_act, estimate(the_act, draws=draws, seed=seed).as_json())


def held_against_claims(act: Act, estimated: Mapping[str, Any]) -> Backtest:
    """Hold a prediction, as `clemency estimate --json` writes it, against the claims about its act."""
    if estimated.get("act") != act.id:
        raise BacktestError(f"the estimate is of {estimated.get('act')!r} and the back-test of {act.id!r}")
    predicted = {str(row["name"]): Predicted.read(row) for row in estimated["quantities"] if row["by"] == "quantity"}
    lines = tuple(_lines(act, predicted))
    if not lines:
        raise BacktestError(f"no figure was announced or reported for {act.id} that the estimate has too")
    return Backtest(act, int(estimated["draws"]), int(estimated["seed"]), lines, explanations(act))


def acts_with_claims() -> list[str]:
    """The acts of the library about which there are figures, the latest first.

    >>> acts_with_claims()
    ['az-2025', 'az-2021', 'az-2016']
    """
    told = {claim.act_id for claim in claims()}
    return sorted((name for name in library_acts() if name in told), reverse=True)


def _lines(act: Act, predicted: Mapping[str, Predicted]) -> Iterator[Line]:
    told = [claim for claim in claims(act.id) if claim.caution not in _NOT_THE_FIGURE]
    for name, quantity in quantities().items():
        if name not in predicted or quantity.unit != "persons" or not quantity.clauses(act):
            continue
        announced = _announced(told, name)
        reported = _reported(told, name)
        if announced is None and reported is None:
            continue
        yield Line(
            quantity,
            predicted[name],
            _held(announced, predicted[name], act),
            _held(reported, predicted[name], act),
            _standing(reported, act) if reported else None,
            _share(predicted[name].median, predicted[_WHOLE].median if _WHOLE in predicted else None),
            _share_of_its_report(reported, told) if reported else None,
        )


def _held(claim: Claim | None, predicted: Predicted, act: Act) -> Held | None:
    if claim is None:
        return None
    usual = Worded.of(claim.value, claim.qualifier, tolerances()).usual
    return Held(claim, Met.of(predicted, claim.value, usual.low, usual.high))


def _announced(told: list[Claim], quantity: str) -> Claim | None:
    """What was expected of the whole act: as the initiator said it, else whoever said it first."""
    plans = [claim for claim in told if claim.quantity == quantity and claim.stage in PLANNED]
    return min(plans, key=lambda claim: (claim.stage != "announced", claim.body != "presidency"), default=None)


def _reported(told: list[Claim], quantity: str) -> Claim | None:
    """The final figure, else the latest of the widest scope; of several for one day the first."""
    reports = [claim for claim in told if claim.quantity == quantity and claim.stage in REPORTED]

    def order(claim: Claim) -> tuple[bool, bool, date]:
        return (claim.stage == "final", claim.scope in _WIDEST, claim.as_of or date.min)

    return max(reports, key=order, default=None)


def _standing(claim: Claim, act: Act) -> Standing:
    if claim.stage == "final":
        return Standing("final", "", True)
    whom = "" if claim.scope == "all_bodies" else scopes().by_name[claim.scope].title["en"]
    if claim.as_of is None or "deadline" not in act.dates:
        return Standing("so far", whom, False)
    gone, whole = (claim.as_of - act.in_force).days, (act.dates["deadline"] - act.in_force).days
    return Standing(f"day {gone} of {whole}", whom, not whom and gone >= ENOUGH * whole)


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _share_of_its_report(claim: Claim, told: list[Claim]) -> float | None:
    """A figure as a share of the total that the same page gives for the same day and scope."""
    whole = [
        one.value
        for one in told
        if (one.quantity, one.stage, one.source_url, one.as_of, one.scope)
        == (_WHOLE, claim.stage, claim.source_url, claim.as_of, claim.scope)
    ]
    return claim.value / whole[0] if whole else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


# --- what explains a miss -------------------------------------------------------------------------------------


class WhyFile(Document):
    """Why a prediction of one quantity may have come out above or below what was reported."""

    above: str | None = None
    below: str | None = None


@cache
def _read_why(path: Path) -> Mapping[str, Mapping[str, WhyFile]]:
    read: dict[str, dict[str, WhyFile]]
    read, source = read_document(path, dict[str, dict[str, WhyFile]])
    known = quantities(path.parent.name)
    for act_id, reasons in read.items():
        for name in reasons:
            if name not in known:
                source.problem((act_id, name), f"there is no quantity {name}", nearest(name, known), at_key=True)
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return read


def explanations(act: Act) -> Mapping[str, WhyFile]:
    """What explains the misses of an act, by quantity; data of the library, each with its reason.

    >>> explanations(load_act("az-2025"))["ground_negligence_upto_5y"].above is not None
    True
    """
    return _read_why(library_path() / "claims" / "az" / "misses.yaml").get(act.id, {})


def _summary(test: Backtest) -> Iterator[str]:
    covered, grounds, announced = test.coverage, test.grounds_coverage, test.announced_coverage
    if covered.figures:
        held = [line.reported.met for line in test.lines if line.scored and line.reported]
        yield (
            f"Of {_count(covered.figures, 'reported figure')} scored, the 50 % interval holds {covered.inside[50]} and "
            f"the 90 % interval {covered.inside[90]}; {sum(met.error > 0 for met in held)} medians are too high and "
            f"{sum(met.error < 0 for met in held)} too low."
        )
        wanted = round(0.9 * covered.figures)
        if covered.inside[90] < wanted - 1:
            yield (
                f"About {wanted} should lie in the 90 % interval: the model is surer than it should be, and what "
                "it does not know is more than its stated ranges."
            )
        elif covered.inside[50] < round(0.5 * covered.figures) - 1:
            yield (
                f"About {round(0.5 * covered.figures)} should lie in the 50 % interval: the ends of the ranges hold, "
                "and the medians are farther off than the middle half says."
            )
    else:
        yield "No report counts everybody, so nothing is scored."
    if grounds.figures:
        yield (
            f"Of the {grounds.figures} grounds of release from prison, the 50 % interval holds {grounds.inside[50]} "
            f"and the 90 % interval {grounds.inside[90]}."
        )
    if announced.figures:
        yield (
            f"Of {_count(announced.figures, 'announced figure')}, taken as their words are usually meant, the 50 % "
            f"interval meets {announced.inside[50]} and the 90 % interval {announced.inside[90]}."
        )


def _misses(test: Backtest) -> list[Line]:
    """Scored reports outside the 50 % interval, the widest off first."""
    missed = [line for line in test.lines if line.scored and line.reported and not line.reported.met.inside[50]]
    return sorted(missed, key=_off, reverse=True)


def _off(line: Line) -> float:
    """How far off a median is, as a ratio either way."""
    assert line.reported is not None
    return abs(math.log((line.predicted.median + 1) / (line.reported.claim.value + 1)))


def _told(line: Line, why: Mapping[str, WhyFile]) -> str:
    assert line.reported is not None
    met, claim = line.reported.met, line.reported.claim
    within = "within the 90 % interval" if met.inside[90] else "outside the 90 % interval"
    times = "" if met.ratio is None else f" ({met.ratio:.2f} times)"
    reason = why.get(line.quantity.name, WhyFile())
    words = (reason.above if met.error > 0 else reason.below) or "Nothing is written on why."
    title = line.quantity.title["en"]
    return f"{title}: {line.predicted.median:,.0f} predicted, {claim.said} reported{times}, {within}. {words.strip()}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
