"""The people whom an invented register stands for: how many, charged with what, for how long, since when.

Published figures come from `library/population/az/population.csv`, every other number from `assumptions.yaml` beside
it, and article parts with their maxima, categories and guilt from the offence code. People come in, serve and leave
(`clemency.records.flow`); the stock is who is there on a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clemency.law.calendar_columns import day_number
from clemency.law.vocabulary import CATEGORIES
from clemency.records.assumptions import Assumptions, Figure, Inputs, last_day, load_assumptions
from clemency.records.balance import balanced
from clemency.records.flow import WITHOUT_END, Count, Flow, Present, Release, TimeLine, Ways, whole_year

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Forms of guilt of an article part in the offence code; the first two are forms that a file can state.
GUILTS = ("intent", "negligence", "not_fixed", "mixed")
DAYS_A_YEAR = 365.2425
DAYS_A_MONTH = DAYS_A_YEAR / 12
#: What a way into prison ends in, beside the cells of category, drugs and term.
LIFE, NOT_IMPRISONED = -1, -2
RESTRICTION, SUSPENDED = "restriction_of_liberty", "suspended_imprisonment"

_PRISON, _LIGHTER, _PENDING = range(3)
_COLUMNS = ("prison", "lighter", "pending")
_CUSTODY_STEPS = 4
_POINTS_A_STEP = 16
_A_DAY = 1
_EPOCH = date(1970, 1, 1).toordinal()
_NEARLY_EXACT = 1e-3


@dataclass(frozen=True)
class Target:
    """A published figure that the flow is asked for; `met` says whether it was fitted to this one."""

    figure: Figure
    count: Count
    flow: Flow
    met: bool
    what: Mapping[str, Any]


@dataclass(frozen=True)
class Spread:
    """A spread of days as points of its cumulated share."""

    shares: Floats
    days: Floats

    def at(self, share: Floats) -> Floats:
        """The days at or below which a share of the cases lies."""
        return np.interp(share, self.shares, self.days)

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """So many numbers of days, drawn."""
        return self.at(rng.random(count)).astype(np.int64)

    def mean(self) -> float:
        """The mean number of days."""
        return float(np.trapezoid(self.days, self.shares))


class Code:
    """Article parts that are drawn from, gravest last, so that `up to this gravity` is a prefix of the list.

    `pair_part` and `pair_months` are all pairs of a part and a prison term that it allows; `pair_cell` puts them into
    cells of category, drugs and length, in which the flow weighs them: each half-year a cell of its own, and one for
    the months between two.
    """

    def __init__(self, inputs: Inputs) -> None:
        tree, code = inputs.tree, inputs.articles
        groups = {part: name for name, group in tree["articles"].items() for part in group["weights"]}
        life = tree["life_articles"]["weights"]
        named = [*groups, *(part for part in life if part not in groups)]
        for part in named:
            if part not in code:
                raise ValueError(f"assumptions.yaml weighs article {part}, which the offence code does not have.")
        limit = {part: int(code[part]["max_imprisonment_months"].split("|")[0] or 0) for part in named}
        self.parts = sorted(named, key=lambda part: (limit[part], part))
        self.maximum: Ints = np.array([limit[p] for p in self.parts])
        self.category: Ints = np.array([CATEGORIES.index(code[p]["category"].split("|")[0]) for p in self.parts])
        self.guilt: Ints = np.array([GUILTS.index(code[p]["guilt"]) for p in self.parts])
        self.groups = list(tree["articles"])
        self.group: Ints = np.array([self.groups.index(groups[p]) if p in groups else 0 for p in self.parts])
        self.weights: Floats = np.array(
            [tree["articles"][groups[p]]["weights"][p] if p in groups else [0, 0, 0] for p in self.parts], float
        ).T
        military = {name for name, group in tree["articles"].items() if group.get("military")}
        self.military: Bools = np.array([groups.get(p) in military for p in self.parts])
        heads = [code[p]["article"] for p in self.parts]
        self.drug: Bools = np.isin(heads, tree["drug_articles"])
        self.from_14: Bools = np.isin(heads, tree["law"]["listed_from_14"]["articles"])
        self.no_graver: Ints = np.searchsorted(self.maximum, self.maximum, side="right") - 1
        self.life: Ints = np.array([self.parts.index(part) for part in life])
        self._label(tree["sub_items"]["labels"])
        self._pair(int(tree["law"]["shortest_imprisonment_months"]["value"]))

    def _label(self, labels: Mapping[str, int]) -> None:
        self.items: Ints = np.array([labels.get(p, 0) for p in self.parts])
        self.labels: list[str] = []
        first = []
        for part, items in zip(self.parts, self.items, strict=True):
            first.append(len(self.labels))
            self.labels += [part, *(f"{part}.{item}" for item in range(1, items + 1))]
        self.first_label: Ints = np.array(first)

    def _pair(self, shortest: int) -> None:
        spans = [np.arange(shortest, top + 1) for top in self.maximum]
        part = np.repeat(np.arange(len(self.parts)), [len(span) for span in spans])
        months = np.concatenate(spans)
        half_years = months // 6 * 2 + (months % 6 > 0)
        key = (self.category[part] * 2 + self.drug[part]) * (half_years.max() + 1) + half_years
        cells, cell = np.unique(key, return_inverse=True)
        order = np.argsort(cell, kind="stable")
        self.pair_part, self.pair_months, self.pair_cell = part[order], months[order], cell[order]
        self.cell_first: Ints = np.searchsorted(self.pair_cell, np.arange(len(cells)))
        self.cell_category: Ints = self.category[self.pair_part[self.cell_first]]
        self.cell_drug: Bools = self.drug[self.pair_part[self.cell_first]]
        self.pair_rising = (self.pair_months - 0.5) / self.maximum[self.pair_part]
        self.pair_round: Ints = _roundness(self.pair_months)


@cache
def _code(inputs: Inputs) -> Code:
    return Code(inputs)


_ROUND = ("years", "half_years", "quarters", "other")


def _roundness(months: Ints) -> Ints:
    return np.select([months % 12 == 0, months % 6 == 0, months % 3 == 0], [0, 1, 2], 3)


class Stock:
    """The people on a day, as a flow fitted to what was published up to that day, ready to draw from.

    `group_sizes` are the people serving a final prison sentence, in custody without one, under lighter penalties, and
    under investigation or on trial at liberty. Raises ValueError for a day before the flow can be told, and for
    figures or articles that the assumptions name and that are not there. A stock of the same day that is `near`, fitted
    at another setting, only saves time.
    """

    def __init__(self, assumptions: Assumptions, as_of: date | None = None, near: Stock | None = None) -> None:
        self.assumed = assumptions
        self.inputs_sha256 = assumptions.inputs.sha256
        self.as_of = as_of or date.fromisoformat(assumptions.data("reference_day"))
        self.day = day_number(self.as_of)
        self.periods = [day_number(date.fromisoformat(day)) for day in assumptions.data("flow", "periods")]
        earliest = date.fromisoformat(str(assumptions.data("earliest_day")))
        if self.as_of < earliest:
            raise ValueError(f"Nothing published reaches back beyond {earliest}; {self.as_of} is before it.")
        self.code = _code(assumptions.inputs)
        factors = [[assumptions.value("articles", g, column) for g in self.code.groups] for column in _COLUMNS]
        mix = np.ones((len(_COLUMNS), len(CATEGORIES)))
        for column in (_PRISON, _LIGHTER):
            mix[column] = [assumptions.value("categories", _COLUMNS[column], name) for name in CATEGORIES]
        self.weights: Floats = self.code.weights * np.array(factors)[:, self.code.group] * mix[:, self.code.category]
        self.targets: list[Target] = []
        self._let_serve(near)
        self._let_serve_lighter(near)
        self._weigh_pending()
        pending = self.value("groups", "pending_at_liberty")
        sizes = [self.serving.people, self.waiting.people, self.lighter.people, pending]
        self.group_sizes: Floats = np.array(sizes)

    @classmethod
    def load(cls, library: Path | None = None, as_of: date | None = None) -> Stock:
        """The stock of the library, or of another folder laid out like it, every assumption at its value."""
        return cls(load_assumptions("az", library), as_of)

    def published(self, name: str) -> float:
        """A published figure, by the name that assumptions.yaml gives to its row of population.csv."""
        row = self.assumed.data("published", name)
        return self.assumed.inputs.figure(row["measure"], row["breakdown"], row["year"]).value

    def share_on(self, name: str, day: int) -> float:
        """The share of women or foreigners among prisoners on a day: as published, afterwards as assumed."""
        rows = self.assumed.data("shares", name)
        days = [day_number(date.fromisoformat(row["day"])) for row in rows]
        if day > days[-1]:
            return self.value("groups", name)
        return float(np.interp(day, days, [self._published_share(row) for row in rows]))

    def _published_share(self, row: Mapping[str, Any]) -> float:
        def value(one: Mapping[str, str]) -> float:
            return self.assumed.inputs.figure(one["measure"], one["breakdown"], one["year"]).value

        return value(row["percent"]) / 100 if "percent" in row else sum(map(value, row["count"])) / value(row["of"])

    def modelled(self, row: Mapping[str, Any]) -> float:
        """The part of a published count that is modelled: all of it, but for whom the row sets aside (`less`)."""
        return 1 - self.value(*row["less"].split(".")) if "less" in row else 1.0

    def spread(self, *path: str) -> Spread:
        """An assumed spread of days."""
        shares, days = zip(*self.assumed.data(*path, "days"), strict=True)
        return Spread(np.array(shares, float), np.array(days, float) * self.assumed.value(*path, "times"))

    def value(self, *path: str) -> float:
        """One assumed number at its setting."""
        return self.assumed.value(*path)

    # --- prison ---

    def _let_serve(self, near: Stock | None) -> None:
        """The flow through custody and prison, and who is there on the day."""
        self._pair_masses()
        self._custody_steps()
        ways, start = self._prison_ways()
        used = [self._target(row) for row in self.assumed.data("figures") if not row["counts"].startswith("lighter")]
        lines = self._prison_lines(max((one.end for one in used if one.end <= self.day), default=self.day))
        releases = [one for one in self._releases() if one.on <= self.day]
        none = np.zeros(len(ways.final), np.int64)
        weights = np.tile(start, (len(lines), 1))
        early = self.value("time", "early_release_share")
        most = self.value("flow", "most_freed_share")
        self.prison = Flow(ways, lines, none, early, releases, weights, most)
        composed = self._composition(used)
        stages = [(first, last) for first, last in self.assumed.data("flow", "fitted_together")]
        self._fit(
            self.prison,
            used,
            composed,
            self.periods,
            stages,
            [1.0] * len(lines),
            "prison",
            near.prison if near else None,
        )
        self.serving = Present.of(self.prison, self.prison.serving(self.day))
        self.waiting = Present.of(self.prison, self.prison.waiting(self.day))

    def _early_point(self, category: Ints, months: Floats) -> Floats:
        """The day of the term from which somebody may be released early, by the category of the crime."""
        law = self.assumed.data("law", "early_release_point")
        share = np.array([law[name][0] / law[name][1] for name in CATEGORIES])[category]
        least = self.value("law", "early_release_least_months")
        return np.minimum(np.maximum(months * share, least), months) * DAYS_A_MONTH

    def _pair_masses(self) -> None:
        """How often each pair of part and term is imposed, so that the parts have their weights in the stock."""
        code, assumed = self.code, self.assumed
        rise, fall = (self.value("terms", "shape", name) for name in ("towards_maximum", "away_from_maximum"))
        self.preference: Floats = np.array([assumed.value("terms", "round_numbers", name) for name in _ROUND])
        curve = code.pair_rising ** (rise - 1) * (1 - code.pair_rising) ** (fall - 1)
        self.pair_curve: Floats = curve * self.preference[code.pair_round]
        days = code.pair_months * DAYS_A_MONTH
        early = self._early_point(code.category[code.pair_part], code.pair_months.astype(float))
        held = self.spread("time", "custody_before_sentence").mean()
        stay = np.maximum(days - held, 0) - self.value("time", "early_release_share") * np.maximum(days - early, 0)
        parts = len(code.parts)
        stays = np.bincount(code.pair_part, self.pair_curve * np.maximum(stay, _A_DAY), parts)
        mass = np.divide(self.weights[_PRISON], stays, out=np.zeros(parts), where=stays > 0)
        self.pair_mass: Floats = mass[code.pair_part] * self.pair_curve
        self.pair_held: Floats = self.pair_mass * np.maximum(stay, _A_DAY)
        self.pair_added: Floats = np.cumsum(self.pair_mass)
        ends = np.append(code.cell_first[1:], len(code.pair_cell)) - 1
        before = np.concatenate([[0.0], self.pair_added])[code.cell_first]
        self.pair_bounds = before, self.pair_added[ends]

    def _custody_steps(self) -> None:
        """Custody before the final sentence, in steps of equal share, with its mean length in each."""
        spread = self.spread("time", "custody_before_sentence")
        points = (np.arange(_CUSTODY_STEPS * _POINTS_A_STEP) + 0.5) / (_CUSTODY_STEPS * _POINTS_A_STEP)
        means = spread.at(points).reshape(_CUSTODY_STEPS, -1).mean(axis=1)
        self.custody: Floats = means + self.spread("time", "sentence_to_start").mean()

    def _prison_ways(self) -> tuple[Ways, Floats]:
        """Ways into custody: cells of the code, life, and no prison in the end; each by length of custody."""
        code = self.code
        cells = len(code.cell_first)
        mass = np.bincount(code.pair_cell, self.pair_mass, cells)
        months = np.bincount(code.pair_cell, self.pair_mass * code.pair_months, cells)
        months = np.divide(months, mass, out=code.pair_months[code.cell_first].astype(float), where=mass > 0)
        no_prison = self.value("flow", "not_imprisoned_in_the_end")
        at_sentence = self.value("flow", "first_held_at_the_sentence")
        life = self._life_share()
        steps = np.concatenate([[0.0], self.custody])
        shares = np.concatenate([[at_sentence], np.full(_CUSTODY_STEPS, (1 - at_sentence) / _CUSTODY_STEPS)])
        held = np.full(_CUSTODY_STEPS, 1 / _CUSTODY_STEPS)
        self.way_cell: Ints = np.concatenate(
            [
                np.repeat(np.arange(cells), len(steps)),
                np.full(_CUSTODY_STEPS, LIFE),
                np.full(_CUSTODY_STEPS, NOT_IMPRISONED),
            ]
        )
        self.way_step: Ints = np.concatenate([np.tile(np.arange(len(steps)), cells), *[np.arange(1, len(steps))] * 2])
        start = np.concatenate(
            [
                np.outer(mass / mass.sum() * (1 - life), shares).ravel() * (1 - no_prison),
                held * life * (1 - no_prison),
                held * no_prison,
            ]
        )
        in_cell = self.way_cell >= 0
        # A cell of one month has that month, whatever the rounding of the mean: it may stand at the edge of a band.
        self.way_months: Floats = np.where(in_cell, np.round(months[self.way_cell], 6), 0.0)
        gravest = len(CATEGORIES) - 1
        category = np.where(in_cell, code.cell_category[self.way_cell], gravest)
        leave = np.where(in_cell, self.way_months * DAYS_A_MONTH, WITHOUT_END)
        early = np.where(in_cell, self._early_point(category, self.way_months), WITHOUT_END)
        ways = Ways(steps[self.way_step], early, leave, category, self.way_cell != NOT_IMPRISONED)
        return ways, start

    def _composition(self, asked: Sequence[_Asked]) -> list[Count]:
        """Shares of categories, terms and drugs among the sentenced that the fit keeps near to, on some days."""
        days = [day_number(date.fromisoformat(day)) for day in self.assumed.data("flow", "composition", "at")]
        shares = [one for one in asked if one.row["counts"] == "sentenced" and one.row.get("percent")]
        found = []
        for day in (day for day in days if day <= self.day):
            told = [one for one in shares if one.end <= self.day and one.start < day + DAYS_A_YEAR]
            told = [one for one in told if one.start == max(one.start for one in told)]
            terms = [one for one in told if not one.row.get("life")]
            fixed = 1 - sum(one.value for one in told if one.row.get("life"))
            if max(one.start for one in told) < day:  # what was published for an earlier day is carried forward
                found += self._carried(terms, fixed, day)
            for category, share in enumerate(self._categories(terms, fixed)):
                found.append(
                    self._kept(self.code.cell_category[self.way_cell] == category, float(share), day, "within")
                )
        return found

    def _carried(self, terms: Sequence[_Asked], fixed: float, day: int) -> list[Count]:
        """Published shares of those with a fixed term, for a later day; what they leave over are the shortest terms."""
        bands = [one.row["months"][0] for one in terms if "months" in one.row]
        found = []
        for one in terms:
            among = self._among(one.row, "prison")
            assert among is not None
            found.append(self._kept(among, one.value / fixed, day, "within"))
        rest = fixed - sum(one.value for one in terms if "months" in one.row)
        if bands and rest > 0:
            found.append(self._kept(self.way_months < min(bands), rest / fixed, day, "rest_within"))
        return found

    def _kept(self, among: Bools, share: float, day: int, within: str) -> Count:
        fixed = self.way_cell >= 0
        slack = self.value("flow", "composition", within)
        return Count("sentenced", day, day, share, slack, among & fixed, True, fixed)

    def _categories(self, terms: Sequence[_Asked], fixed: float) -> Floats:
        """Shares of the categories in the stock by the articles' weights, corrected to the published terms."""
        held = self.pair_held / self.pair_held.sum()
        rows = np.array([*(self._pairs_among(one.row) for one in terms), np.ones(len(held))])
        figures = np.array([*(one.value for one in terms), fixed])
        held = balanced(held, rows, figures, np.full(len(figures), _NEARLY_EXACT)).weights
        return np.bincount(self.code.category[self.code.pair_part], held, len(CATEGORIES)) / held.sum()

    def _life_share(self) -> float:
        """Life sentences among prison sentences, as the figures of 2014 have them, where the fit starts."""
        inputs = self.assumed.inputs
        life, total = (inputs.figure("imprisoned_in_year", name, "2014").value for name in ("life", "total"))
        return life / total

    def _prison_lines(self, last_figure: int) -> list[list[TimeLine]]:
        """The time lines of entries: the published course in each period, carried on after the last figure."""
        rows = [
            self.assumed.inputs.figure(row["measure"], row["breakdown"], row["year"])
            for row in self.assumed.data("flow", "course")
        ]
        rows = [row for row in rows if last_day(row.year) <= self.as_of]
        years, values = [int(row.year) + 0.5 for row in rows], [row.value for row in rows]
        after = self.value("flow", "entries_after_last_figure")
        end = max(self.day, last_figure) + 1
        starts = [one for one in self.periods if one < end]
        first_days = [whole_year(year)[0] for year in range(int(years[0]), self.as_of.year + 2)]
        lines = []
        for start, stop in zip(starts, [*starts[1:], end], strict=True):
            bounds = sorted({start, stop, *(day for day in [*first_days, last_figure] if start < day < stop)})
            middle = (np.array(bounds[1:]) + np.array(bounds[:-1])) / 2
            level = np.interp(1970 + middle / DAYS_A_YEAR, years, values) * self._of_years(middle)
            lines.append([TimeLine.of(bounds, level * np.where(middle > last_figure, after, 1.0))])
        return lines

    def _of_years(self, days: Floats) -> Floats:
        """How far the entries of the years in which some days lie are from the published course."""
        by_year = self.assumed.values("flow", "year_by_year")
        found: Floats = np.array([by_year.get(f"y{date.fromordinal(_EPOCH + int(day)).year}", 1.0) for day in days])
        return found

    def _releases(self) -> list[Release]:
        named = {name: row for name, row in self.assumed.data("flow", "releases").items() if name != "reason"}
        return [
            Release(
                name,
                day_number(date.fromisoformat(row["at"])),
                CATEGORIES.index(row["category"]),
                row["rest_months"] * DAYS_A_MONTH,
                self.value("flow", "releases", name, "freed"),
            )
            for name, row in named.items()
        ]

    # --- figures ---

    def _target(self, row: Mapping[str, Any]) -> _Asked:
        figure = self.assumed.inputs.figure(row["measure"], row["breakdown"], row["year"])
        if "at" in row:
            start = end = day_number(date.fromisoformat(row["at"]))
        else:
            start, end = whole_year(row["in"])
        value = figure.value * (1 + self.value(*row["more"].split(".")) if "more" in row else 1)
        if row.get("rate"):
            value *= self.value("flow", "inhabitants") / 100_000
        value *= self.modelled(row)
        if row.get("percent"):
            value /= 100
        return _Asked(figure, row, start, end, value)

    def _fit(
        self,
        flow: Flow,
        asked: Sequence[_Asked],
        assumed: Sequence[Count],
        bounds: Sequence[int],
        stages: Sequence[tuple[int, int]],
        levels: Sequence[Floats | float],
        where: str,
        near: Flow | None,
    ) -> None:
        """Fit a flow to the figures that count up to the day, or, where there is none, to all."""
        known = [one for one in asked if one.end <= self.day] or list(asked)
        counts = {id(one): one.count(self._among(one.row, where)) for one in asked}
        flow.fit([*(counts[id(one)] for one in known), *assumed], bounds, stages, levels, near)
        self.targets += [Target(one.figure, counts[id(one)], flow, one in known, one.row) for one in asked]

    def _among(self, row: Mapping[str, Any], where: str) -> Bools | None:
        """The ways that a figure counts."""
        if where == "lighter":
            return self.lighter_kind == self.kinds.index(row["kind"]) if "kind" in row else None
        if row.get("life"):
            return self.way_cell == LIFE
        if row.get("drugs"):
            return (self.way_cell >= 0) & self.code.cell_drug[self.way_cell]
        if "months" in row:
            return (self.way_months >= row["months"][0]) & (self.way_months < row["months"][1] + 1)
        return None

    def _pairs_among(self, row: Mapping[str, Any]) -> Floats:
        if row.get("drugs"):
            return self.code.drug[self.code.pair_part].astype(float)
        months = self.code.pair_months
        return ((months >= row["months"][0]) & (months <= row["months"][1])).astype(float)

    # --- lighter penalties ---

    def _let_serve_lighter(self, near: Stock | None) -> None:
        """The flow through lighter penalties, and who is there on the day."""
        assumed, code = self.assumed, self.code
        table = assumed.data("lighter_penalties", "kinds")
        self.kinds = list(table)
        spans = [np.arange(row["months"][0], row["months"][1] + 1) for row in table.values()]
        self.lighter_kind: Ints = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        self.lighter_months: Ints = np.concatenate(spans)
        fade = self.value("lighter_penalties", "shorter_terms")
        mass = self.preference[_roundness(self.lighter_months)] * np.exp(-fade * self.lighter_months)
        mass /= np.bincount(self.lighter_kind, mass)[self.lighter_kind]
        others = [name for name in self.kinds if name != RESTRICTION]
        shares = {name: self.value("lighter_penalties", "kinds", name, "share") for name in others}
        weight = np.array([shares[name] / sum(shares.values()) if name in shares else 1.0 for name in self.kinds])
        days = self.lighter_months * DAYS_A_MONTH
        none: Floats = np.zeros(len(days))
        lifted = days * self.value("law", "lighter_penalty_lifted_from_share")
        ways = Ways(none, lifted.astype(float), days.astype(float), none.astype(np.int64), np.ones(len(days), bool))
        restriction = self.lighter_kind == self.kinds.index(RESTRICTION)
        used = [self._target(row) for row in assumed.data("figures") if row["counts"].startswith("lighter")]
        bounds, lines = self._lighter_lines(max(one.end for one in used))
        level = np.where(restriction, 1.0, self.value("flow", "other_lighter_since_2020"))
        early = self.value("lighter_penalties", "ended_early")
        start = np.tile(mass * weight[self.lighter_kind], (len(lines), 1))
        self.lighter_flow = Flow(ways, lines, restriction.astype(np.int64), early, [], start)
        self._fit(
            self.lighter_flow,
            used,
            [],
            bounds,
            ((0, 0), (1, 1)),
            [1.0, level],
            "lighter",
            near.lighter_flow if near else None,
        )
        self.lighter = Present.of(self.lighter_flow, self.lighter_flow.serving(self.day))
        longest = self.value("terms", "longest_suspended_months")
        allowed = self.pair_curve * (code.pair_months <= longest)
        held = np.bincount(code.pair_part, allowed, len(code.parts))
        per_part = np.divide(self.weights[_LIGHTER], held, out=np.zeros(len(held)), where=held > 0)
        self.suspended: Floats = cumulated(per_part[code.pair_part] * allowed)
        lower = code.category <= CATEGORIES.index(assumed.data("lighter_penalties", "gravest_category"))
        self.lighter_part: Floats = self.weights[_LIGHTER] * lower
        self.lighter_military: Floats = self.lighter_part * code.military

    def _lighter_lines(self, last_figure: int) -> tuple[list[int], list[list[TimeLine]]]:
        """Time lines of lighter penalties: a level course, and restriction of liberty from its beginning on."""
        inputs = self.assumed.inputs
        bounds = [day_number(date.fromisoformat(day)) for day in self.assumed.data("flow", "lighter_periods")]
        a_year = inputs.figure("probation_registered", "left the register in the year", "2019").value
        first = inputs.figure("electronic_monitoring", "bracelets applied", "2018").value
        later = inputs.figure("electronic_monitoring", "bracelets applied, more than", "2019").value
        began = day_number(date.fromisoformat(self.assumed.data("flow", "restriction_began")))
        after = later * self.value("flow", "restriction_after_last_figure")
        end = max(self.day, last_figure) + 1
        began_fully = began + int(DAYS_A_YEAR)
        early = [bounds[0], began, began_fully, bounds[1]]
        late = [bounds[1], last_figure, end]
        return bounds, [
            [TimeLine.of([bounds[0], bounds[1]], [a_year]), TimeLine.of(early, [0.0, first, later])],
            [TimeLine.of([bounds[1], end], [a_year]), TimeLine.of(late, [later, after])],
        ]

    # --- pending cases ---

    def _weigh_pending(self) -> None:
        """Pending cases at liberty follow the published categories of registered crimes, less those that end early."""
        rank = np.minimum(self.code.category, CATEGORIES.index("serious"))
        names = ("crimes_no_great_public_danger", "crimes_less_serious", "crimes_serious")
        self.pending_kept: Floats = np.array([self.value("categories", "pending", name) for name in CATEGORIES[:3]])
        crimes = np.array([self.published(name) for name in names]) * self.pending_kept
        kept = self.weights[_PENDING] / self.weights[_PENDING].sum()
        rows = (rank == np.arange(len(crimes))[:, None]).astype(float)
        within = np.full(len(crimes), _NEARLY_EXACT)
        self.pending_part: Floats = balanced(kept, rows, crimes / crimes.sum(), within).weights


@dataclass(frozen=True, eq=False)
class _Asked:
    """A row of `figures` that was read, before it is known which ways it counts."""

    figure: Figure
    row: Mapping[str, Any]
    start: int
    end: int
    value: float

    def count(self, among: Bools | None) -> Count:
        share = bool(self.row.get("percent"))
        return Count(self.row["counts"], self.start, self.end, self.value, self.row["within"], among, share)


def cumulated(mass: Floats) -> Floats:
    """Weights added up one after the other, the last sum being one."""
    total: Floats = np.cumsum(mass)
    return total / float(total[-1])
