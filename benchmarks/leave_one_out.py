"""Whether the ranges of the assumptions are honest: `python benchmarks/leave_one_out.py` writes it into the page.

Each published count that the population is fitted to is left out once, and foretold by the other figures and by
assumptions drawn within their ranges. If the ranges say what is not known, half of the figures lie in the middle half
of what is foretold, and nine of ten in its middle nine tenths. All figures are from before the act of 2025.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clemency.records.assumptions import Assumptions, load_assumptions
from clemency.records.stock import Stock

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "population.md"
BEGIN, END = "<!-- measured: python benchmarks/leave_one_out.py -->", "<!-- end of what was measured -->"
SETTINGS, SEED = 60, 1
QUANTILES = (0.5, 0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True)
class Foretold:
    """A published figure, and what the other figures make of it: the median and the ends of both intervals."""

    breakdown: str
    year: str
    published: float
    quantiles: tuple[float, ...]

    def inside(self, low: int, high: int) -> bool:
        """Whether it lies between two of the quantiles."""
        return self.quantiles[low] <= self.published <= self.quantiles[high]


def main() -> int:
    """Measure, print, and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--settings", type=int, default=SETTINGS)
    chosen = asked.parse_args()
    assumed = load_assumptions("az")
    rows = [row for row in assumed.data("figures") if not row.get("percent") and not row.get("life")]
    text = "\n".join(page([foretold(assumed, row, chosen.settings) for row in rows], chosen.settings))
    print(text)
    if chosen.settings == SETTINGS:
        write(text)
    return 0


def foretold(assumed: Assumptions, row: Mapping[str, Any], settings: int) -> Foretold:
    """What populations that do not meet a figure give for it."""
    key = (row["measure"], row["breakdown"], str(row["year"]))
    without = assumed.without_figure(*key)
    near, rng = Stock(without), np.random.default_rng(SEED)
    found = []
    for _ in range(settings):
        stock = Stock(without.drawn(rng), near=near)
        target = next(one for one in stock.targets if one.what["counts"] == row["counts"] and _key(one.figure) == key)
        scale = target.count.value / target.figure.value  # a rate as a count; "more than" as what it is taken for
        found.append(target.flow.found(target.count) / scale)
    quantiles = tuple(float(one) for one in np.quantile(found, QUANTILES))
    return Foretold(f"{row['measure']}: {row['breakdown']}", str(row["year"]), target.figure.value, quantiles)


def _key(figure: Any) -> tuple[str, str, str]:
    return figure.measure, figure.breakdown, figure.year


def page(figures: Sequence[Foretold], settings: int) -> Iterator[str]:
    """The table as lines of Markdown."""
    half, most = sum(one.inside(1, 2) for one in figures), sum(one.inside(3, 4) for one in figures)
    yield (
        f"Of {len(figures)} published counts, each left out once and foretold by the others at {settings} settings of "
        f"the assumptions, {half} lie in the middle half of what is foretold ({half / len(figures):.0%}; honest: 50 %) "
        f"and {most} in the middle nine tenths ({most / len(figures):.0%}; honest: 90 %)."
    )
    yield ""
    yield "| figure left out | of | published | foretold | half | nine in ten | inside |"
    yield "| --- | --- | --: | --: | --: | --: | --- |"
    for one in figures:
        median, low50, high50, low90, high90 = (f"{value:,.0f}" for value in one.quantiles)
        inside = "50 %" if one.inside(1, 2) else "90 %" if one.inside(3, 4) else "no"
        yield (
            f"| {one.breakdown} | {one.year} | {one.published:,.0f} | {median} | {low50} to {high50} | "
            f"{low90} to {high90} | {inside} |"
        )


def write(text: str) -> None:
    """Put the lines between the marks of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
