"""Back-tests as a reader sees them: tables in a terminal, and the block of `docs/backtest.md` that a command writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from clemency.observe.backtest import Backtest, BacktestError, Held, Line
from clemency.observe.scores import LEVELS, Coverage
from clemency.records.files import atomic_path

BEGIN, END = "<!-- written by clemency backtest: begin -->", "<!-- written by clemency backtest: end -->"
_HEAD = ("", "announced", "median", "50 %", "90 %", "reported", "counted", "times", "inside", "score")
#: What a terminal has room for.
_NARROW = ("", "announced", "median", "90 %", "reported", "counted", "times", "inside")
_SHARES = ("", "predicted", "reported", "of the report")
_RIGHT = ("median", "reported", "announced", "times", "score", "predicted")


# --- rows that both show --------------------------------------------------------------------------------------


def line_rows(test: Backtest) -> Iterator[tuple[str, ...]]:
    """One row a quantity: what was announced, predicted and reported, and how the prediction met the report."""
    marks = {whom: mark for mark, whom in scope_marks(test)}
    for line in test.lines:
        yield (
            line.quantity.title["en"],
            line.announced.claim.said if line.announced else "",
            f"{line.predicted.median:,.0f}",
            _interval(line, 50),
            _interval(line, 90),
            line.reported.claim.said if line.reported else "",
            _counted(line, marks),
            *(_met(line.reported) if line.reported and line.scored else ("", "", "")),
        )


def share_rows(test: Backtest) -> Iterator[tuple[str, ...]]:
    """For each report that is not scored: its share of the total on its own page, and the predicted share."""
    marks = {whom: mark for mark, whom in scope_marks(test)}
    for line in test.lines:
        if line.scored or line.reported is None or line.predicted_share is None or line.reported_share in (None, 1.0):
            continue
        assert line.reported_share is not None
        yield (
            line.quantity.title["en"],
            _percent(line.predicted_share),
            _percent(line.reported_share),
            _counted(line, marks),
        )


def scope_marks(test: Backtest) -> list[tuple[str, str]]:
    """A mark for each way of counting that is not of everybody."""
    narrower = dict.fromkeys(line.standing.whom for line in test.lines if line.standing and line.standing.whom)
    return [(f"[{number}]", whom) for number, whom in enumerate(narrower, 1)]


def scope_notes(test: Backtest) -> Iterator[str]:
    """What the marks stand for."""
    for mark, whom in scope_marks(test):
        yield f"{mark} counts {whom}; shown and not scored"


def _counted(line: Line, marks: Mapping[str, str]) -> str:
    if line.standing is None:
        return ""
    return f"{line.standing.when} {marks.get(line.standing.whom, '')}".rstrip()


def coverage_words(test: Backtest) -> Iterator[str]:
    """Coverage and mean score in a sentence each."""
    for name, coverage in (
        ("Scored reports", test.coverage),
        ("Grounds of release", test.grounds_coverage),
        ("Announced figures", test.announced_coverage),
    ):
        if coverage.figures:
            yield f"{name}: {_covered(coverage)}"


def _covered(coverage: Coverage) -> str:
    return (
        f"{coverage.inside[50]} of {coverage.figures} in the 50 % interval, {coverage.inside[90]} of "
        f"{coverage.figures} in the 90 % interval, mean interval score {coverage.score:,.0f}"
    )


def _interval(line: Line, level: int) -> str:
    low, high = line.predicted.interval(level)
    return f"{low:,.0f} to {high:,.0f}"


def _met(held: Held) -> tuple[str, str, str]:
    """The ratio, the narrowest interval that holds the figure, and the score."""
    met = held.met
    times = "" if met.ratio is None else f"{met.ratio:.2f}"
    inside = next((f"{level} %" for level in LEVELS if met.inside[level]), "no")
    return times, inside, f"{met.score:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


# --- in a terminal --------------------------------------------------------------------------------------------


def backtest_tables(test: Backtest) -> Iterable[Table]:
    """The tables of one back-test for a terminal."""
    day = f"{test.act.in_force.day} {test.act.in_force:%B %Y}"
    title = f"{test.act.id}, predicted as of {day}, {test.draws:,} draws, SYNTHETIC people"
    places = [_HEAD.index(column) for column in _NARROW]
    yield _table(title, _NARROW, ([row[place] for place in places] for row in line_rows(test)))
    shares = list(share_rows(test))
    if shares:
        yield _table("Shares of a report's own total (not scored)", _SHARES, shares)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in head:
        table.add_column(
            column, justify="right" if column in _RIGHT else "left", header_style="dim", no_wrap=bool(column)
        )
    for row in rows:
        table.add_row(*row)
    return table


# --- in the documentation -------------------------------------------------------------------------------------


def block(tests: Sequence[Backtest]) -> str:
    """The back-tests as the documentation shows them, between the marks."""
    parts = [BEGIN]
    for test in tests:
        day = f"{test.act.in_force.day} {test.act.in_force:%B %Y}"
        parts += [
            f"### {test.act.id}, as of {day}",
            f"{test.draws:,} draws, seed {test.seed}. The people are invented.",
        ]
        parts.append(_markdown(_HEAD, line_rows(test)))
        parts += [f"- {words}" for words in (*scope_notes(test), *coverage_words(test))]
        summary, *misses = test.paragraphs()
        parts.append(_wrapped(summary))
        parts += [_wrapped(f"- {told}", "  ") for told in misses]
        shares = list(share_rows(test))
        if shares:
            parts += ["Shares of a report's own total, not scored:", _markdown(_SHARES, shares)]
    parts.append(END)
    return _joined(parts)


def write_block(page: Path, tests: Sequence[Backtest]) -> None:
    """Put the back-tests between the marks of a page; raises BacktestError where the page has no such place."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BacktestError(f"{page} has no place for it; put these two lines where it belongs:\n{BEGIN}\n{END}")
    with atomic_path(page) as partial:
        partial.write_text(before + block(tests) + after, encoding="utf-8")


def _joined(parts: Sequence[str]) -> str:
    """Paragraphs with a blank line between them, items of one list without."""
    text = ""
    for place, part in enumerate(parts):
        gap = "\n" if place and part.startswith("- ") and parts[place - 1].startswith("- ") else "\n\n"
        text += (gap if place else "") + part
    return text


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    sides = ["---:" if column in _RIGHT else "---" for column in head]
    return "\n".join([row(head), row(sides), *map(row, rows)])


def _wrapped(text: str, indent: str = "") -> str:
    import textwrap

    lines = textwrap.wrap(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)
