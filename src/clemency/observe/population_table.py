"""The comparison of a synthetic population with the published figures, as a table for a terminal."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clemency.observe.population import Line, Population

_UNITS = {"percent": " %", "per 100000": " per 100,000", "per 100": " per 100"}


def print_population(population: Population, console: Console) -> None:
    """Print every published figure beside the synthetic one, then the figures that cannot be compared, with why."""
    day = f"{population.as_of.day} {population.as_of:%b %Y}"
    console.print(
        f"SYNTHETIC: {population.cases:,} invented cases for {day}, seed {population.seed}; "
        f"the country has {population.national:,}. No real person is in them."
    )
    for name, count in population.groups.items():
        console.print(f"{count:>10,}  {name.replace('_', ' ')}")
    console.print()
    console.print(_compared(population, day))
    console.print()
    reasons = Counter(line.note for line in population.lines if line.synthetic is None)
    if reasons:
        console.print(Text("Published and not compared", style="bold"))
        for reason, count in reasons.most_common():
            console.print(f"{count:>4}  {reason}")


def _compared(population: Population, day: str) -> Table:
    title = "Published figures beside the synthetic ones (* the population is fitted to it)"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("figure", header_style="dim", overflow="fold")
    for head in ("of", "published", "synthetic", "difference", f"on {day}"):
        table.add_column(head, justify="right", header_style="dim", no_wrap=True)
    measure = ""
    compared = [line for line in population.lines if line.synthetic is not None]
    order = list(dict.fromkeys(line.figure.measure for line in compared))
    for line in sorted(compared, key=lambda one: order.index(one.figure.measure)):
        if line.figure.measure != measure:
            measure = line.figure.measure
            table.add_row(Text(measure.replace("_", " "), style="bold"))
        table.add_row(*_row(line))
    return table


def _row(line: Line) -> tuple[str, ...]:
    unit = next((shown for name, shown in _UNITS.items() if line.figure.unit.startswith(name)), "")
    percent = line.difference_percent
    return (
        f"  {line.figure.breakdown}",
        line.figure.year,
        f"{_number(line.figure.value, unit)}{'*' if line.fitted else ' '}",
        _number(line.synthetic, unit),
        "" if percent is None else f"{percent:+.1f} %",
        _number(line.on_day, unit),
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" + (unit if unit == " %" else "") if unit else f"{value:,.0f}"
