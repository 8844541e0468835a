"""The people whom an invented register stands for: how many, charged with what, for how long.

Figures that sources publish come from `library/population/az/population.csv`, every other number from
`assumptions.yaml` beside it, and article parts with their maxima, categories and guilt from the offence code.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from clemency.law.library import library_path
from clemency.law.vocabulary import CATEGORIES

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Forms of guilt of an article part in the offence code; the first two are forms that a file can state.
GUILTS = ("intent", "negligence", "not_fixed", "mixed")

_POPULATION, _CODE = "az", "az-cc"


@dataclass(frozen=True, slots=True)
class Spread:
    """A spread of days as points of its cumulated share."""

    shares: Floats
    days: Floats

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        drawn: Ints = np.interp(rng.random(count), self.shares, self.days).astype(np.int64)
        return drawn


class Stock:
    """The people on the reference day, as published figures, assumptions and article parts ready to draw from.

    It is made from the bytes of the three input files; their hash is written into every register.
    """

    def __init__(self, population: bytes, assumptions: bytes, articles: bytes) -> None:
        self.inputs_sha256 = hashlib.sha256(b"\0".join((population, assumptions, articles))).hexdigest()
        self.assumed: dict[str, Any] = yaml.safe_load(assumptions)
        self._rows = {(r["measure"], r["breakdown"], r["year"]): float(r["value"]) for r in _table(population)}
        self.as_of = date.fromisoformat(self.assumed["reference_day"]["value"])
        self._read_articles({row["part"]: row for row in _table(articles)})
        self._weigh_groups()
        self._weigh_prison()
        self._weigh_lighter()
        self._weigh_pending()

    @classmethod
    def load(cls, library: Path | None = None) -> Stock:
        """The stock of the library, or of another folder laid out like it."""
        root = library or library_path()
        folder = root / "population" / _POPULATION
        return cls(
            (folder / "population.csv").read_bytes(),
            (folder / "assumptions.yaml").read_bytes(),
            (root / "codes" / _CODE / "articles.csv").read_bytes(),
        )

    def published(self, name: str) -> float:
        """A published figure, by the name that assumptions.yaml gives to its row of population.csv."""
        row = self.assumed["published"][name]
        return self._row(row["measure"], row["breakdown"], row["year"])

    def spread(self, *path: str) -> Spread:
        """An assumed spread of days."""
        table = self._at(*path)
        shares, days = zip(*table["days"], strict=True)
        return Spread(np.array(shares, float), np.array(days, float) * table["times"][0])

    def value(self, *path: str) -> float:
        """One assumed number; in tables it is the first of value, low and high."""
        found = self._at(*path)
        if isinstance(found, list):
            return float(found[0])
        return float(found["value"])

    def _at(self, *path: str) -> Any:
        found: Any = self.assumed
        for name in path:
            found = found[name]
        return found

    def _row(self, measure: str, breakdown: str, year: str) -> float:
        key = (measure, breakdown, year)
        if key not in self._rows:
            raise ValueError(
                f"population.csv has no row for {measure}, {breakdown}, {year}, which assumptions.yaml names."
            )
        return self._rows[key]

    def _read_articles(self, code: Mapping[str, Mapping[str, str]]) -> None:
        """Article parts that are drawn from, gravest last, so that `up to this gravity` is a prefix of the list."""
        groups = self.assumed["articles"]
        weights = {part: (row, bool(g.get("military"))) for g in groups for part, row in g["weights"].items()}
        life = self.assumed["life_articles"]["weights"]
        for part in life:
            weights.setdefault(part, ([0, 0, 0], False))
        for part in weights:
            if part not in code:
                raise ValueError(
                    f"assumptions.yaml weighs article {part}, which the offence code {_CODE} does not have."
                )
        limit = {part: int(code[part]["max_imprisonment_months"].split("|")[0] or 0) for part in weights}
        self.parts = sorted(weights, key=lambda part: (limit[part], part))
        self.maximum: Ints = np.array([limit[p] for p in self.parts])
        self.category: Ints = np.array([CATEGORIES.index(code[p]["category"].split("|")[0]) for p in self.parts])
        self.guilt: Ints = np.array([GUILTS.index(code[p]["guilt"]) for p in self.parts])
        self.weights: Floats = np.array([weights[p][0] for p in self.parts], float).T
        self.military: Bools = np.array([weights[p][1] for p in self.parts])
        self.life_weights: Floats = np.array([life[p][0] if p in life else 0 for p in self.parts], float)
        heads = [code[p]["article"] for p in self.parts]
        self.drug: Bools = np.isin(heads, self.assumed["drug_articles"])
        self.from_14: Bools = np.isin(heads, self.assumed["law"]["listed_from_14"]["articles"])
        self.no_graver: Ints = np.searchsorted(self.maximum, self.maximum, side="right") - 1
        labels = self.assumed["sub_items"]["labels"]
        self.items: Ints = np.array([labels.get(p, 0) for p in self.parts])
        self.labels: list[str] = []
        first_label = []
        for part, items in zip(self.parts, self.items, strict=True):
            first_label.append(len(self.labels))
            self.labels += [part, *(f"{part}.{item}" for item in range(1, items + 1))]
        self.first_label: Ints = np.array(first_label)

    def _weigh_groups(self) -> None:
        sentenced = self.published("prison_sentenced")
        remand = self.published("prison_total") - sentenced
        pending = self.value("groups", "pending_at_liberty")
        self.group_sizes: Floats = np.array([sentenced, remand, self.published("noncustodial_total"), pending])

    def _terms(self, part: int, shortest: int, longest: int) -> tuple[Ints, Floats]:
        """Terms of one article part in months, with weights: a curve under its maximum, round numbers preferred."""
        top = int(min(self.maximum[part], longest))
        months = np.arange(shortest, top + 1)
        share = (months - 0.5) / self.maximum[part]
        shape = self.assumed["terms"]["shape"]
        rise, fall = shape["towards_maximum"][0], shape["away_from_maximum"][0]
        return months, share ** (rise - 1) * (1 - share) ** (fall - 1) * self._roundness(months)

    def _roundness(self, months: Ints) -> Floats:
        preference = self.assumed["terms"]["round_numbers"]
        steps = ((12, "years"), (6, "half_years"), (3, "quarters"))
        return np.select(
            [months % n == 0 for n, _ in steps], [preference[k][0] for _, k in steps], preference["other"][0]
        )

    def _cells(self, weights: Floats, longest: int) -> tuple[Ints, Ints, Floats]:
        """All pairs of article part and prison term, with weights that add up to the part's weight."""
        shortest = int(self.value("law", "shortest_imprisonment_months"))
        parts, terms, masses = [], [], []
        for part in np.flatnonzero((weights > 0) & (self.maximum >= shortest)):
            months, mass = self._terms(int(part), shortest, longest)
            parts.append(np.full(len(months), part))
            terms.append(months)
            masses.append(weights[part] * mass / mass.sum())
        return np.concatenate(parts), np.concatenate(terms), np.concatenate(masses)

    def _weigh_prison(self) -> None:
        """Pairs of article and term are corrected until they meet the published sentence lengths and drug share."""
        life = self.published("life_share") / 100
        bands = self.assumed["sentence_lengths"]
        parts, terms, mass = self._cells(self.weights[0], max(b["months"][1] for b in bands))
        percents = [
            b["percent"]["value"] if "percent" in b else self._row("sentence_length_share", b["breakdown"], b["year"])
            for b in bands
        ]
        shares = np.array(percents) / sum(percents) * (1 - life)
        band = np.select([(terms >= b["months"][0]) & (terms <= b["months"][1]) for b in bands], np.arange(len(bands)))
        drugs = self.published("drug_share") / 100
        drug = self.drug[parts].astype(np.int64)
        mass = _raked(mass, ((band, shares), (drug, np.array([1 - life - drugs, drugs]))))
        lifers = np.flatnonzero(self.life_weights)
        life_mass = life * self.life_weights[lifers] / self.life_weights.sum()
        self.prison_part: Ints = np.concatenate([parts, lifers])
        self.prison_term: Ints = np.concatenate([terms, np.full(len(lifers), -1)])
        mass = np.concatenate([mass, life_mass])
        self.prison = cumulated(mass)
        self.custody_part: Floats = np.bincount(self.prison_part, mass, len(self.parts)).astype(float)

    def _weigh_lighter(self) -> None:
        longest = int(self.value("terms", "longest_suspended_months"))
        self.suspended_part, self.suspended_term, mass = self._cells(self.weights[1], longest)
        self.suspended = cumulated(mass)
        lower = self.category <= CATEGORIES.index("less_serious")
        self.lighter_part: Floats = self.weights[1] * lower
        self.lighter_military: Floats = self.lighter_part * self.military
        self.lighter_kinds: dict[str, dict[str, Any]] = self.assumed["lighter_penalties"]["kinds"]

    def lighter_terms(self, kind: str) -> tuple[Ints, Floats] | None:
        """Terms of a lighter penalty that is measured in months, longer ones met more often on a given day."""
        span = self.lighter_kinds[kind].get("months")
        if span is None:
            return None
        months = np.arange(span[0], span[1] + 1)
        return months, cumulated(self._roundness(months) * months)

    def _weigh_pending(self) -> None:
        """Pending cases follow the published categories of registered crimes."""
        rank = np.minimum(self.category, CATEGORIES.index("serious"))
        names = ("crimes_no_great_public_danger", "crimes_less_serious", "crimes_serious")
        crimes = np.array([self.published(name) for name in names])
        self.pending_part = _raked(self.weights[2], ((rank, crimes / crimes.sum()),))


def _table(content: bytes) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def cumulated(mass: Floats) -> Floats:
    """Weights added up one after the other, the last sum being one."""
    total: Floats = np.cumsum(mass)
    return total / float(total[-1])


def _raked(mass: Floats, margins: tuple[tuple[Ints, Floats], ...], rounds: int = 500) -> Floats:
    """Weights scaled in turn to each published margin, until all of them hold."""
    for _ in range(rounds):
        before = mass
        for index, target in margins:
            held = np.bincount(index, mass, len(target))
            mass = mass * np.divide(target, held, out=np.zeros(len(target)), where=held > 0)[index]
        if np.abs(mass - before).max() < 1e-12:
            break
    return mass
