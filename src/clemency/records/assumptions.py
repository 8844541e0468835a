"""What no source gives and an invented register needs: each number with its value, its range and its reason.

The numbers stand in `library/population/<country>/assumptions.yaml` and nowhere else. `names` lists them, `central`
takes each at its value, `drawn` draws each within its range, `with_value` sets one. Published figures are read beside
them from `population.csv`; those that were reported when the act was already known are left out here, so that nothing
that is built on this module can see them.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from math import erfc, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from clemency.law.library import library_path

#: Parts of the file that hold no assumption: which figures are met, and rules of the law with their source.
_NOT_ASSUMED = ("figures_before", "reference_day", "earliest_day", "published", "figures", "shares", "law", "together")
#: Weights of article parts are scaled a group at a time, so they are no assumptions one by one.
_SCALED = ("articles", "weights")
#: Parts that are about files and not about people: holes, mistakes, labels, who holds a file.
_OF_FILES = ("unknown", "end_dates", "holders", "sub_items", "files")
#: A figure that may be missed by this many times itself is met by nothing.
_ANYTHING = 100.0


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumed number: the value used, the range in which it may well lie, and why."""

    name: str
    value: float
    low: float
    high: float
    reason: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure as it stands in `population.csv`; `year` is a year, a month or a day."""

    measure: str
    breakdown: str
    year: str
    value: float
    unit: str
    source_url: str


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is read for one country: the assumptions' text, published figures, article parts, and a hash of all."""

    country: str
    tree: Mapping[str, Any]
    figures: Mapping[tuple[str, str, str], Figure]
    articles: Mapping[str, Mapping[str, str]]
    sha256: str

    @classmethod
    def of(cls, country: str, assumptions: bytes, population: bytes, articles: bytes) -> Inputs:
        """Read the three files; figures of the day named by `figures_before` and later are not taken in."""
        tree = yaml.load(assumptions, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        before = date.fromisoformat(tree["figures_before"])
        rows = [row for row in _table(population) if last_day(row["year"]) < before]
        figures = {
            (r["measure"], r["breakdown"], r["year"]): Figure(
                r["measure"], r["breakdown"], r["year"], float(r["value"]), r["unit"], r["source_url"]
            )
            for r in rows
        }
        hashed = hashlib.sha256(b"\0".join((assumptions, json.dumps(rows).encode(), articles))).hexdigest()
        return cls(country, tree, figures, {row["part"]: row for row in _table(articles)}, hashed)

    def figure(self, measure: str, breakdown: str, year: str) -> Figure:
        """A published figure; ValueError names a row that is not there, or that was reported too late to be read."""
        found = self.figures.get((measure, breakdown, year))
        if found is None:
            raise ValueError(
                f"population.csv has no row for {measure}, {breakdown}, {year} from before "
                f"{self.tree['figures_before']}, which assumptions.yaml names."
            )
        return found


class Assumptions:
    """All assumed numbers of one country at one setting; it does not change, other settings are other objects.

    >>> assumed = load_assumptions("az")
    >>> share = assumed["people.several_cases"]
    >>> share.low <= assumed.value("people", "several_cases") <= share.high
    True
    >>> assumed.with_value("people.several_cases", 0.05).value("people", "several_cases")
    0.05
    """

    def __init__(self, inputs: Inputs, ranges: Mapping[str, Assumption], values: NDArray[np.float64]) -> None:
        self.inputs = inputs
        self._ranges = ranges
        self._values = values
        self._of = dict(zip(ranges, values.tolist(), strict=True))

    def central(self) -> Assumptions:
        """Every number at its value."""
        return Assumptions(self.inputs, self._ranges, _column(self._ranges, "value"))

    def drawn(self, rng: np.random.Generator) -> Assumptions:
        """Every number drawn within its range; those that are wrong together for one reason move together.

        Below the value and above it are equally likely, and on either side every number is as likely as another: no
        source says that the middle is nearer to the truth. So the median is the value, however lopsided the range.
        """
        low, value, high = (_column(self._ranges, name) for name in ("low", "value", "high"))
        at = 2 * self._places(rng) - 1
        found = value + np.where(at < 0, value - low, high - value) * at
        return Assumptions(self.inputs, self._ranges, np.where(_whole(self._ranges), np.rint(found), found))

    def _places(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Where in its range each number lies, from 0 to 1: what numbers share, and what each has by itself."""
        names = list(self._ranges)
        heights = rng.standard_normal(len(names))
        for shared in self.inputs.tree.get("together", {}).values():
            common, share = rng.standard_normal(), shared["share"]
            for sign, part in ((1, "numbers"), (-1, "against")):
                rows = [names.index(name) for name in _matching(shared.get(part, ()), names)]
                heights[rows] = sign * sqrt(share) * common + sqrt(1 - share) * heights[rows]
        return np.array([erfc(-height / sqrt(2)) / 2 for height in heights.tolist()])

    def with_value(self, name: str, value: float) -> Assumptions:
        """The same setting with one number changed; ValueError for a name that is not among `names`."""
        values = self._values.copy()
        values[list(self._ranges).index(self[name].name)] = value
        return Assumptions(self.inputs, self._ranges, values)

    def without_figure(self, measure: str, breakdown: str, year: str) -> Assumptions:
        """The same numbers for a population that need not meet one published figure; ValueError where it never did.

        What such a population gives for the figure tells whether the ranges are honest.
        """
        named = (measure, breakdown, year)
        rows = [dict(row) for row in self.inputs.tree["figures"]]
        left_out = [row for row in rows if (row["measure"], row["breakdown"], str(row["year"])) == named]
        if not left_out:
            raise ValueError(f"assumptions.yaml meets no figure {', '.join(named)}.")
        for row in left_out:
            row["within"] = _ANYTHING
        inputs = replace(self.inputs, tree={**self.inputs.tree, "figures": rows})
        return Assumptions(inputs, self._ranges, self._values)

    def names(self) -> tuple[str, ...]:
        """Names of all assumed numbers, such as `time.early_release_share`, in the order of the file."""
        return tuple(self._ranges)

    def names_about_people(self) -> tuple[str, ...]:
        """The names without those that are about files only: holes, mistakes, labels, who holds a file."""
        return tuple(name for name in self._ranges if name.partition(".")[0] not in _OF_FILES)

    def __getitem__(self, name: str) -> Assumption:
        found = self._ranges.get(name)
        if found is None:
            near = difflib.get_close_matches(name, self._ranges, 1)
            raise ValueError(
                f"assumptions.yaml has no number {name}" + (f"; the nearest name is {near[0]}" if near else "")
            )
        return found

    def value(self, *path: str) -> float:
        """One number at this setting; rules of the law, which are not assumed, are read the same way."""
        name = ".".join(path)
        if name in self._of:
            return self._of[name]
        found = self.data(*path)
        if isinstance(found, dict) and "source" in found and "value" in found:
            return float(found["value"])
        self[name]
        raise AssertionError(name)

    def values(self, *path: str) -> dict[str, float]:
        """The numbers of a table at this setting, by their key."""
        prefix = ".".join(path)
        names = {str(key): f"{prefix}.{key}" for key in self.data(*path)}
        return {key: self._of[name] for key, name in names.items() if name in self._of}

    def data(self, *path: str) -> Any:
        """A part of the file as it is written, for what is not a number: labels, days, limits."""
        found: Any = self.inputs.tree
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                raise ValueError(f"assumptions.yaml has no part {'.'.join(path)}")
            found = found[name]
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Assumptions):
            return NotImplemented
        return self.inputs.sha256 == other.inputs.sha256 and np.array_equal(self._values, other._values)

    def __hash__(self) -> int:
        return hash((self.inputs.sha256, self._values.tobytes()))


def load_assumptions(country: str = "az", library: Path | None = None) -> Assumptions:
    """The assumptions of a country, each at its value, with the published figures and the offence code beside them.

    Raises ValueError for a country of which the library holds no population.
    """
    return _loaded(country, library or library_path())


@cache
def _loaded(country: str, library: Path) -> Assumptions:
    folder = library / "population" / country
    if not (folder / "assumptions.yaml").is_file():
        held = ", ".join(sorted(path.parent.name for path in library.glob("population/*/assumptions.yaml")))
        raise ValueError(f"The library holds no population of {country}; it holds {held or 'none'}.")
    inputs = Inputs.of(
        country,
        (folder / "assumptions.yaml").read_bytes(),
        (folder / "population.csv").read_bytes(),
        (library / "codes" / f"{country}-cc" / "articles.csv").read_bytes(),
    )
    ranges = {one.name: one for one in _numbers(inputs.tree, (), "")}
    return Assumptions(inputs, ranges, _column(ranges, "value"))


def last_day(year: str) -> date:
    """The last day that a year, a span of years, a month or a day may mean.

    >>> last_day("2019"), last_day("2022-2023"), last_day("2018-11").isoformat()
    (datetime.date(2019, 12, 31), datetime.date(2023, 12, 31), '2018-11-30')
    """
    pieces = year.split("-")
    if len(pieces) == 3:
        return date.fromisoformat(year)
    if len(pieces) == 2 and len(pieces[1]) == 2:
        number, month = int(pieces[0]), int(pieces[1])
        return date.fromordinal(date(number + month // 12, month % 12 + 1, 1).toordinal() - 1)
    return date(int(pieces[-1]), 12, 31)


def _matching(patterns: Iterable[str], names: Sequence[str]) -> Iterator[str]:
    """The names that fit some patterns; ValueError for a pattern that fits none."""
    for pattern in patterns:
        found = [name for name in names if fnmatchcase(name, pattern)]
        if not found:
            raise ValueError(f"assumptions.yaml, together: no number is called {pattern}.")
        yield from found


def _table(content: bytes) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def _column(ranges: Mapping[str, Assumption], name: str) -> NDArray[np.float64]:
    return np.array([getattr(one, name) for one in ranges.values()], float)


def _whole(ranges: Mapping[str, Assumption]) -> NDArray[np.bool_]:
    """Counts of days or institutions stay whole numbers."""
    return np.array([all(isinstance(n, int) for n in (a.value, a.low, a.high)) for a in ranges.values()])


def _numbers(found: Any, path: tuple[str, ...], reason: str) -> Iterator[Assumption]:
    """Every number with a range in a part of the file, under its dotted name, with the nearest reason above it."""
    if path and path[0] in _NOT_ASSUMED:
        return
    if isinstance(found, Mapping):
        reason = found.get("reason", reason)
        if "value" in found:
            yield _checked(Assumption(".".join(path), found["value"], found["low"], found["high"], reason))
        for name, inner in found.items():
            if (*path[:1], name) != _SCALED:
                yield from _numbers(inner, (*path, str(name)), reason)
    elif isinstance(found, list) and len(found) == 3 and all(isinstance(number, int | float) for number in found):
        value, low, high = found
        yield _checked(Assumption(".".join(path), value, low, high, reason))


def _checked(one: Assumption) -> Assumption:
    if not one.low <= one.value <= one.high:
        raise ValueError(f"assumptions.yaml, {one.name}: {one.value} is not between {one.low} and {one.high}.")
    if not one.reason:
        raise ValueError(f"assumptions.yaml, {one.name}: a range needs a reason.")
    return one
