"""An estimate for a terminal and as files: the numbers with their intervals, what moves them, and what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clemency.law.act import Act
from clemency.observe.claims import Quantity, quantities
from clemency.observe.estimate import MAIN, Estimate, Interval
from clemency.observe.swings import Swing
from clemency.records.files import OutputError, atomic_path

#: Titles of the tables after that of the quantities, in their order.
_TABLES = {
    "relief": "By relief",
    "clause": "By clause",
    "outcome": "By outcome, all cases",
    "category": "Covered, by the gravest crime",
    "sex": "Covered, by sex",
    "age": "Covered, by age on the day the act takes effect",
    "institution_type": "Places freed, by type of institution",
    "days": "Days remitted",
}
_ENDINGS = (".csv", ".json", ".parquet")
_SWINGS_SHOWN = 5
#: Quantities whose swings are shown; files have those of the grounds as well.
_MOVED = (*MAIN[:5], "imprisonment")
_BAR = 24
_SMALLEST = 0.5


def print_estimate(found: Estimate, act: Act, console: Console) -> None:
    """Everything of an estimate, as tables."""
    marked = "SYNTHETIC " if found.population.get("synthetic") else ""
    console.print(Text(act.title["en"], style="bold"))
    console.print(f"{marked}{found.cases:,.0f} cases, {found.draws:,} draws, seed {found.seed}\n")
    for table in estimate_tables(found, act):
        console.print(table)
        console.print()
    for swings in _by_quantity(found.swings):
        console.print(_tornado(swings))
        console.print()
    if found.swings:
        console.print(_spreads(found))
        console.print()
    for note in found.notes:
        console.print(Padding(Text(note, style="dim"), (0, 0, 0, 2)))


def estimate_tables(found: Estimate, act: Act) -> Iterator[Table]:
    """The numbers with their intervals: quantities as a tree, then each other way of counting."""
    named = [line for line in found.quantities if line.by == "quantity"]
    if named:
        titles = quantities(act.jurisdiction)
        yield _table("Expected", [(_title(name, depth, titles), line) for name, depth, line in _tree(named, titles)])
    for by, title in _TABLES.items():
        lines = [line for line in found.quantities if line.by == by and _shown(line)]
        if lines:
            yield _table(title, [(_name(line, act), line) for line in lines])


def _table(title: str, rows: Sequence[tuple[str, Interval]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", ratio=5)
    table.add_column("expected", justify="right", header_style="dim", no_wrap=True)
    table.add_column("half of the draws", justify="right", header_style="dim", no_wrap=True)
    table.add_column("nine in ten draws", justify="right", header_style="dim", no_wrap=True)
    given = any(line.certain is not None for _, line in rows)
    if given:
        table.add_column("certain to possible", justify="right", header_style="dim", no_wrap=True)
    for name, line in rows:
        cells = [name, _number(line.mean), _range(line.low50, line.high50), _range(line.low90, line.high90)]
        if given:
            known = line.certain is not None and line.possible is not None
            cells.append(_range(float(line.certain or 0), float(line.possible or 0)) if known else "")
        table.add_row(*cells)
    return table


def _tree(lines: Sequence[Interval], titles: Mapping[str, Quantity]) -> Iterator[tuple[str, int, Interval]]:
    """Quantities from the total down, each with its depth; those outside the tree follow."""
    by_name = {line.name: line for line in lines}
    told: set[str] = set()

    def below(name: str, depth: int) -> Iterator[tuple[str, int, Interval]]:
        if name in by_name and name not in told:
            told.add(name)
            yield name, depth, by_name[name]
            for part in titles[name].parts:
                yield from below(part, depth + 1)

    yield from below("total", 0)
    for name in by_name:
        yield from below(name, 0)


def _title(name: str, depth: int, titles: Mapping[str, Quantity]) -> str:
    return "  " * depth + titles[name].title["en"]


def _name(line: Interval, act: Act) -> str:
    if line.by == "clause":
        return f"{line.name}: {act.clause(line.name).title['en']}"
    return line.name.replace("_", " ")


def _shown(line: Interval) -> bool:
    return line.high90 >= _SMALLEST or line.mean >= _SMALLEST or bool(line.possible)


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _range(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}"


# --- what moves it --------------------------------------------------------------------------------------------


def _by_quantity(swings: Iterable[Swing]) -> list[list[Swing]]:
    groups: dict[str, list[Swing]] = {}
    for swing in swings:
        groups.setdefault(swing.quantity, []).append(swing)
    wanted = [name for name in groups if name in _MOVED or not groups.keys() & set(_MOVED)]
    return [groups[name][:_SWINGS_SHOWN] for name in wanted]


def _tornado(swings: Sequence[Swing]) -> Table:
    """What moves one quantity, the widest first, each as a bar between the number at either end."""
    name = swings[0].quantity
    table = Table(
        title=f"What moves {name.replace('_', ' ')} most",
        title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    table.add_column("", ratio=5)
    table.add_column("from", justify="right", header_style="dim", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("to", justify="left", header_style="dim", no_wrap=True)
    least = min(min(one.at_low, one.at_high) for one in swings)
    most = max(max(one.at_low, one.at_high) for one in swings)
    for one in swings:
        low, high = sorted((one.at_low, one.at_high))
        wide = max(most - least, 1e-9)
        start, end = round(_BAR * (low - least) / wide), round(_BAR * (high - least) / wide)
        bar = " " * start + "█" * max(end - start, 1)
        turned = one.at_low > one.at_high
        first, last = (one.high, one.low) if turned else (one.low, one.high)
        ends = f"{one.assumption} ({_end(first)} to {_end(last)})"
        table.add_row(ends, _number(low), Text(bar.ljust(_BAR)), _number(high))
    return table


def _end(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _spreads(found: Estimate) -> Table:
    """How much of the spread comes from where."""
    table = Table(
        title="Where the spread comes from (standard deviations)",
        title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    table.add_column("", ratio=5)
    for column in ("assumptions", "people drawn", "open law", "all"):
        table.add_column(column, justify="right", header_style="dim", no_wrap=True)
    told = {swing.quantity for swing in found.swings}
    for one in found.spreads:
        if one.name in told:
            figures = (one.assumptions, one.people, one.law, one.all)
            table.add_row(one.name.replace("_", " "), *map(_number, figures))
    return table


# --- files ----------------------------------------------------------------------------------------------------


def check_ending(path: Path) -> None:
    """An estimate is written as a table or as one JSON object; raises OutputError for another ending."""
    if path.suffix not in _ENDINGS:
        raise OutputError(f"{path}: an estimate is written as {', '.join(_ENDINGS)}")


def write_estimate(found: Estimate, path: Path) -> None:
    """Write the lines of an estimate as CSV or Parquet, or all of it as JSON; the file appears whole or not at all."""
    check_ending(path)
    with atomic_path(path) as partial:
        if path.suffix == ".json":
            partial.write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        elif path.suffix == ".csv":
            found.to_polars().write_csv(partial)
        else:
            found.to_polars().write_parquet(partial)
