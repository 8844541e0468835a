"""What a worded figure says: "over 5,000" is met by 5,638 and not refuted by it; "nearly 4,000" has a stated tolerance.

A figure with its qualifier stands for two ranges of whole numbers. The `literal` range holds every number of which the
words are true: above the figure for `over`, not above it for `up_to`. The `usual` range holds the numbers that a
speaker ordinarily means by it; how far it reaches is an assumption, stated with its reason in `tolerances.yaml`.
`nearly` (about, some, almost) has no literal edge, so its tolerance is both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from clemency.law.library import library_path
from clemency.law.source import SourceErrors
from clemency.observe.library_files import Document, read_document

Qualifier = Literal["exact", "over", "nearly", "up_to"]
QUALIFIERS: tuple[Qualifier, ...] = ("exact", "over", "nearly", "up_to")
_SAID = {"exact": "", "over": "over ", "nearly": "about ", "up_to": "up to "}

#: `met`: the words are true of it. `open`: they are true of some of the range and not of the rest. `below`, `above`:
#: they are true of none of it.
Verdict = Literal["met", "open", "below", "above"]


class Assumed(Document):
    """A number that no source gives: the value used, the range in which it may as well lie, and why."""

    value: float
    low: float
    high: float
    reason: str


class ProjectionRules(Document):
    """How a count may go on: the fewest reports, and how the pace of the days left compares with the latest pace."""

    points: int
    pace: Assumed
    at_most: float


class QualifierRules(Document):
    """The tolerance of each qualifier in percent of the figure."""

    over: Assumed
    nearly: Assumed
    up_to: Assumed


class Tolerances(Document):
    """The schema of `tolerances.yaml`."""

    qualifiers: QualifierRules
    projection: ProjectionRules

    def percent(self, qualifier: Qualifier) -> float:
        """How far a qualifier reaches, in percent of the figure."""
        return 0.0 if qualifier == "exact" else getattr(self.qualifiers, qualifier).value


@cache
def _read(path: Path) -> Tolerances:
    read: Tolerances
    read, source = read_document(path, Tolerances)
    places: Mapping[tuple[str, ...], Assumed] = {
        **{("qualifiers", name): getattr(read.qualifiers, name) for name in ("over", "nearly", "up_to")},
        ("projection", "pace"): read.projection.pace,
    }
    for place, assumed in places.items():
        if not 0 <= assumed.low <= assumed.value <= assumed.high:
            source.problem(place, "the value lies outside its range, or the range below nothing")
    if source.problems:
        raise SourceErrors(path.name, source.problems)
    return read


def tolerances(jurisdiction: str = "az") -> Tolerances:
    """The stated tolerances of a country's claims.

    >>> tolerances().percent("exact"), tolerances().percent("nearly") > 0
    (0.0, True)
    """
    return _read(library_path() / "claims" / jurisdiction / "tolerances.yaml")


# --- ranges ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from `low` to `high`, both included; without `high` there is no upper end.

    >>> Range(3, 5) + Range(1, None)
    Range(low=4, high=None)
    """

    low: int
    high: int | None

    def __post_init__(self) -> None:
        if self.high is not None and self.high < self.low:
            raise ValueError(f"a range from {self.low} to {self.high} holds nothing")

    def __add__(self, other: Range) -> Range:
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(self.low + other.low, high)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number and (self.high is None or number <= self.high)

    def within(self, other: Range) -> bool:
        """Whether every number of this range is in the other."""
        if other.high is not None and (self.high is None or self.high > other.high):
            return False
        return self.low >= other.low

    def meets(self, other: Range) -> bool:
        """Whether some number is in both."""
        return self.apart(other) == 0

    def apart(self, other: Range) -> int:
        """How much must be added to the other range's numbers to reach this one, 0 where they meet.

        >>> Range(10, 12).apart(Range(1, 4)), Range(1, 4).apart(Range(10, None)), Range(1, 4).apart(Range(2, 2))
        (6, -6, 0)
        """
        if other.high is not None and other.high < self.low:
            return self.low - other.high
        if self.high is not None and self.high < other.low:
            return self.high - other.low
        return 0

    def as_json(self) -> list[int | None]:
        """The two ends."""
        return [self.low, self.high]

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low:,} or more"
        return f"{self.low:,}" if self.low == self.high else f"{self.low:,} to {self.high:,}"


def whole(ranges: Iterable[Range]) -> Range:
    """The range of a sum.

    >>> whole([Range(1, 2), Range(3, 3)])
    Range(low=4, high=5)
    """
    total = Range(0, 0)
    for one in ranges:
        total += one
    return total


def literal(value: int, qualifier: Qualifier, percent: float) -> Range:
    """Every number of which the words are true; `percent` is asked only for `nearly`, which has no edge of its own.

    >>> 5_638 in literal(5_000, "over", 10), 5_000 in literal(5_000, "over", 10)
    (True, False)
    """
    if qualifier == "over":
        return Range(value + 1, None)
    if qualifier == "up_to":
        return Range(0, value)
    return usual(value, qualifier, percent)


def usual(value: int, qualifier: Qualifier, percent: float) -> Range:
    """The numbers that are ordinarily meant by the words; a part of the literal range, and never empty.

    >>> usual(4_000, "nearly", 5), usual(5_000, "over", 10)
    (Range(low=3800, high=4200), Range(low=5001, high=5500))
    """
    reach = int(value * percent / 100)
    if qualifier == "exact":
        return Range(value, value)
    if qualifier == "over":
        return Range(value + 1, value + max(reach, 1))
    if qualifier == "up_to":
        return Range(max(value - reach, 0), value)
    return Range(max(value - reach, 0), value + reach)


def judged(count: Range, true_of: Range) -> Verdict:
    """Whether a range lies in the numbers of which some words are true.

    >>> judged(Range(1, 2), Range(0, 5)), judged(Range(4, 9), Range(0, 5)), judged(Range(6, 9), Range(0, 5))
    ('met', 'open', 'above')
    """
    apart = count.apart(true_of)
    if apart:
        return "above" if apart > 0 else "below"
    return "met" if count.within(true_of) else "open"


@dataclass(frozen=True, slots=True)
class Worded:
    """A worded figure with the ranges it stands for."""

    value: int
    qualifier: Qualifier
    literal: Range
    usual: Range

    @staticmethod
    def of(value: int, qualifier: Qualifier, allowed: Tolerances) -> Worded:
        """A figure under stated tolerances."""
        percent = allowed.percent(qualifier)
        return Worded(value, qualifier, literal(value, qualifier, percent), usual(value, qualifier, percent))

    def judged(self, count: Range) -> Verdict:
        """Whether the words are true of a count, or of a range in which it lies.

        >>> figure = Worded.of(5_000, "over", tolerances())
        >>> figure.judged(Range(5_638, 5_638)), figure.judged(Range(5_000, 5_000)), figure.judged(Range(4_000, 6_000))
        ('met', 'below', 'open')
        """
        return judged(count, self.literal)

    def __str__(self) -> str:
        return said(self.value, self.qualifier)


def said(value: int, qualifier: Qualifier) -> str:
    """A figure in words.

    >>> said(20_000, "over"), said(3_846, "exact"), said(8_000, "nearly")
    ('over 20,000', '3,846', 'about 8,000')
    """
    return f"{_SAID[qualifier]}{value:,}"
