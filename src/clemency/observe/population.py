"""A synthetic population beside what is published: every figure, what the population gives for it, and the difference.

A figure of a past day or year is compared with the flow on that day or in that year: the same people's coming and
going that the register is drawn from. Beside it stands what the register itself holds on its own day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from clemency.law.calendar_columns import day_number
from clemency.law.library import library_path
from clemency.law.vocabulary import CATEGORIES, PUNISHMENT
from clemency.records.assumptions import Figure, Inputs, last_day
from clemency.records.flow import Flow, whole_year
from clemency.records.stock import RESTRICTION, SUSPENDED, Stock, Target
from clemency.records.synthesise import IN_CUSTODY, LIGHTER, SENTENCED, Cases, national_size, synthesise

_GROUPS = {"held": (SENTENCED, IN_CUSTODY), "sentenced": (SENTENCED,), "waiting": (IN_CUSTODY,), "lighter": (LIGHTER,)}
_PERCENT, _A_RATE = 100, 100_000


@dataclass(frozen=True)
class Line:
    """A published figure beside the synthetic one.

    `synthetic` is the flow's, on the figure's own day or in its year; `on_day` the register's, on the day of the
    register, where the figure counts people on a day. Both are None where there is nothing to compare, and `note` then
    says why. `fitted` says whether the population was fitted to this figure.
    """

    figure: Figure
    synthetic: float | None
    on_day: float | None
    fitted: bool
    note: str

    @property
    def difference(self) -> float | None:
        """By how much the synthetic figure is over the published one."""
        return None if self.synthetic is None else self.synthetic - self.figure.value

    @property
    def difference_percent(self) -> float | None:
        """The same in percent of the published figure."""
        return None if self.difference is None else _PERCENT * self.difference / self.figure.value

    def as_json(self) -> dict[str, Any]:
        """The line as data."""
        return {
            "measure": self.figure.measure,
            "breakdown": self.figure.breakdown,
            "year": self.figure.year,
            "unit": self.figure.unit,
            "published": self.figure.value,
            "synthetic": _rounded(self.synthetic),
            "difference": _rounded(self.difference),
            "difference_percent": _rounded(self.difference_percent),
            "on_day": _rounded(self.on_day),
            "fitted": self.fitted,
            "note": self.note,
            "source_url": self.figure.source_url,
        }


@dataclass(frozen=True)
class Population:
    """A synthetic register that was written, with the comparison of its population with the published figures."""

    country: str
    register: Path
    as_of: date
    seed: int
    cases: int
    national: int
    groups: Mapping[str, int]
    inputs_sha256: str
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """The population as data; it says of itself that it is synthetic."""
        return {
            "synthetic": True,
            "country": self.country,
            "register": self.register.name,
            "as_of": self.as_of.isoformat(),
            "seed": self.seed,
            "cases": self.cases,
            "national_size": self.national,
            "groups": dict(self.groups),
            "inputs_sha256": self.inputs_sha256,
            "figures": [line.as_json() for line in self.lines],
        }


def build(stock: Stock, seed: int, register: Path, cases: int | None = None, progress: Any = None) -> Population:
    """Write a synthetic register of a stock, by default of the country's size, and compare it with what is published.

    Raises ValueError for what cannot be drawn or written, see `clemency.records.synthesise`.
    """
    national = national_size(stock)
    count = cases or national
    comparison = Comparison(stock)
    synthesise(count, seed, register, progress, stock=stock, seen=comparison.see)
    return Population(
        stock.assumed.inputs.country,
        register,
        stock.as_of,
        seed,
        count,
        national,
        comparison.groups(),
        stock.inputs_sha256,
        tuple(comparison.lines(national / count)),
    )


class Comparison:
    """The figures of a country, and what the cases of a register come to; `see` is shown the cases part by part."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.told = {_key(target.figure): target for target in stock.targets}
        rules = comparison_rules(stock.assumed.inputs.country, library_path())
        self.compared = {(row["measure"], row["breakdown"], str(row["year"])): row for row in rules["compared"]}
        self.reasons = {(row["measure"], row.get("breakdown")): row["why"] for row in rules["not_compared"]}
        self.chosen: dict[tuple[str, str, str], float] = {}
        self.whole: dict[tuple[str, str, str], float] = {}
        self.in_group = np.zeros(len(stock.group_sizes), np.int64)

    def see(self, cases: Cases) -> None:
        """Count the cases of a part for every figure that counts people on a day."""
        self.in_group += np.bincount(cases.group, minlength=len(self.in_group))
        for key, row in self._rows():
            if row.get("counts") not in _GROUPS and "share" not in row:
                continue
            among, of = _counted(row, cases, self.stock)
            self.chosen[key] = self.chosen.get(key, 0.0) + float(among.sum())
            self.whole[key] = self.whole.get(key, 0.0) + float(of.sum())

    def groups(self) -> dict[str, int]:
        """How many cases of each group were seen."""
        names = ("serving_prison", "in_custody_without_final_sentence", "lighter_penalties", "pending_at_liberty")
        return {name: int(count) for name, count in zip(names, self.in_group, strict=True)}

    def lines(self, scale: float) -> Iterator[Line]:
        """Every figure that is read, in the order of the file; counts of the register times `scale`."""
        rows = dict(self._rows())
        for key, figure in self.stock.assumed.inputs.figures.items():
            row = rows.get(key)
            if row is None:
                reason = self.reasons.get((figure.measure, figure.breakdown)) or self.reasons[figure.measure, None]
                yield Line(figure, None, None, False, reason)
                continue
            target = self.told.get(key)
            on_day = self._on_day(key, figure, row, scale)
            if self._later(figure, row):
                yield Line(figure, None, on_day, False, "of a later day than the register")
                continue
            synthetic = self._fitted(figure, target) if target else self._from_flow(figure, row)
            yield Line(figure, synthetic, on_day, bool(target and target.met), "")

    def _rows(self) -> Iterator[tuple[tuple[str, str, str], Mapping[str, Any]]]:
        yield from ((key, target.what) for key, target in self.told.items())
        yield from self.compared.items()

    def _later(self, figure: Figure, row: Mapping[str, Any]) -> bool:
        day = date.fromisoformat(row["at"]) if "at" in row else last_day(figure.year)
        met = self.told.get(_key(figure))
        return day > self.stock.as_of and not (met and met.met)

    def _fitted(self, figure: Figure, target: Target) -> float:
        return self._in_unit(figure, target.what, target.flow.found(target.count))

    def _in_unit(self, figure: Figure, row: Mapping[str, Any], found: float) -> float:
        found /= self.stock.modelled(row)
        if row.get("rate"):
            return found * _A_RATE / self.stock.value("flow", "inhabitants")
        return found * _PERCENT if figure.unit.startswith("percent") else found

    def _from_flow(self, figure: Figure, row: Mapping[str, Any]) -> float:
        stock = self.stock
        if "pending" in row:
            rank = np.minimum(stock.code.category, CATEGORIES.index("serious"))
            crimes = np.bincount(rank, stock.pending_part) / stock.pending_kept
            return float(crimes[CATEGORIES.index(row["pending"])] / crimes.sum()) * self._crimes()
        if "release" in row:
            return _freed(stock.prison, row["release"])
        start, end = _span(row)
        if "share" in row:
            share = _share(stock, row["share"], start)
            return share * (_total(stock.prison, "held", start, start) if "counts" in row else _PERCENT)
        lighter = row["counts"].startswith("lighter")
        flow = stock.lighter_flow if lighter else stock.prison
        among = stock.lighter_kind == stock.kinds.index(row["kind"]) if "kind" in row else None
        found = _total(flow, row["counts"], start, end, among)
        if "per" in row:
            found /= _total(flow, row["per"], start, end)
        if "change_since" in row:
            then = day_number(date.fromisoformat(row["change_since"]))
            found = found / _total(flow, row["counts"], then, then) - 1
        return self._in_unit(figure, row, found)

    def _crimes(self) -> float:
        """All investigated crimes of the published year."""
        figures = self.stock.assumed.inputs.figures
        return sum(figures[key].value for key, row in self.compared.items() if "pending" in row)

    def _on_day(self, key: tuple[str, str, str], figure: Figure, row: Mapping[str, Any], scale: float) -> float | None:
        if key not in self.chosen or "change_since" in row:
            return None
        if row.get("percent") or "per" in row or ("share" in row and "counts" not in row):
            return _PERCENT * self.chosen[key] / max(self.whole[key], 1)
        return self._in_unit(figure, row, self.chosen[key] * scale)


@cache
def comparison_rules(country: str, library: Path) -> Mapping[str, Any]:
    """How figures that the population is not fitted to are compared, or why they are not."""
    text = (library / "population" / country / "comparison.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def uncompared(inputs: Inputs) -> list[tuple[str, str, str]]:
    """Figures that are read and of which neither a comparison nor a reason against one is given."""
    rules = comparison_rules(inputs.country, library_path())
    fitted = {(row["measure"], row["breakdown"], str(row["year"])) for row in inputs.tree["figures"]}
    compared = {(row["measure"], row["breakdown"], str(row["year"])) for row in rules["compared"]}
    reasons = {(row["measure"], row.get("breakdown")) for row in rules["not_compared"]}
    return [
        key
        for key in inputs.figures
        if key not in fitted | compared and not reasons & {(key[0], key[1]), (key[0], None)}
    ]


def _key(figure: Figure) -> tuple[str, str, str]:
    return figure.measure, figure.breakdown, figure.year


def _span(row: Mapping[str, Any]) -> tuple[int, int]:
    if "in" in row:
        return whole_year(row["in"])
    day = day_number(date.fromisoformat(row["at"]))
    return day, day


def _total(flow: Flow, counts: str, start: int, end: int, among: NDArray[np.bool_] | None = None) -> float:
    people = flow.people(counts, start, end) * flow.weights
    return float(people.sum() if among is None else people[:, among].sum())


def _share(stock: Stock, name: str, day: int) -> float:
    if name == "men":
        return 1 - stock.share_on("women_prison", day)
    return stock.share_on(name, day)


def _freed(flow: Flow, name: str) -> float:
    """How many a release frees: its hazard of those whom it reaches."""
    places = [place for place, one in enumerate(flow.releases) if one.name == name]
    return sum(flow.freed[place] for place in places)


def _counted(row: Mapping[str, Any], cases: Cases, stock: Stock) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The cases that a figure counts, and those of which it is a share."""
    of = np.isin(cases.group, _GROUPS[row.get("per") or row.get("counts") or "held"])
    among = of & np.isin(cases.group, _GROUPS[row.get("counts") or "held"])
    if row.get("life"):
        among = among & cases.life
    elif row.get("drugs"):
        among = among & stock.code.drug[cases.gravest] & ~cases.life
    elif "months" in row:
        among = among & (cases.term >= row["months"][0]) & (cases.term <= row["months"][1])
    match row.get("kind"), row.get("share"):
        case None, "men":
            among = among & ~cases.female
        case None, "women_prison":
            among = among & cases.female
        case None, "foreign_prison":
            among = among & (cases.citizenship > 0)
        case str(kind), _:
            among = among & (cases.penalty == PUNISHMENT.rank(RESTRICTION if kind == SUSPENDED else kind))
    return among, of


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
