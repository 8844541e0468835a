"""Counts and comparisons as tables for a terminal; in a pipe they come out as plain text without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clemency.determine.conditions import Conditions
from clemency.determine.results import Summary
from clemency.determine.wording import Wording
from clemency.law.act import Act
from clemency.observe.figures import Cited
from clemency.observe.people import PersonInTheNews, deciding, missing_first
from clemency.observe.words import Words
from clemency.records.record import CaseRecord

if TYPE_CHECKING:
    from clemency.observe.brief import Brief

OUTCOME_STYLES = {"granted": "green", "undetermined": "yellow", "excluded": "red", "not_covered": "dim"}
_MISSING_SHOWN = 10


def summary_tables(summary: Summary, act: Act) -> Iterable[Table]:
    """Outcomes, reliefs by clause, and what is missing most."""
    yield _outcomes(summary, act)
    if summary.grants:
        yield _grants(summary, act)
    if summary.exclusions:
        yield _counted("Excluded by", summary.exclusions, act)
    if summary.missing:
        yield _missing(summary.missing, act)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        right = column in ("cases", "share")
        table.add_column(column, justify="right" if right else "left", header_style="dim", no_wrap=right)
    return table


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else ""


def _outcomes(summary: Summary, act: Act) -> Table:
    table = _table(f"{summary.cases:,} cases under {act.id}", "cases", "share", "outcome")
    for outcome, style in OUTCOME_STYLES.items():
        count = summary.outcomes[outcome]
        words = outcome.replace("_", " ")
        if outcome == "granted" and summary.improvable:
            words += f"  ({summary.improvable:,} of them may still get a better relief)"
        table.add_row(f"{count:,}", _share(count, summary.cases), Text(words, style=style))
    return table


def _grants(summary: Summary, act: Act) -> Table:
    table = _table("Granted, by relief and clause", "cases", "share", "relief", "clause", "")
    by_relief: dict[str, list[str]] = {}
    for grant in act.grants:
        if summary.grants[grant.id]:
            by_relief.setdefault(grant.relief.kind, []).append(grant.id)
    for relief, ids in sorted(by_relief.items(), key=lambda pair: -summary.reliefs[pair[0]]):
        total = summary.reliefs[relief]
        table.add_row(f"{total:,}", _share(total, summary.cases), Text(relief.replace("_", " "), style="bold"), "", "")
        for name in sorted(ids, key=lambda name: -summary.grants[name]):
            count = summary.grants[name]
            table.add_row(f"{count:,}", _share(count, summary.cases), "", name, _title(act, name))
    return table


def _counted(title: str, counts: Counter[str], act: Act) -> Table:
    table = _table(title, "cases", "", "")
    for name, count in counts.most_common():
        table.add_row(f"{count:,}", name, _title(act, name))
    return table


def _title(act: Act, name: str) -> Text:
    return Text(act.clause(name).title.get("en", ""), style="dim", overflow="ellipsis", no_wrap=True)


def _missing(counts: Counter[str], act: Act) -> Table:
    table = _table("Missing most, in undetermined cases", "cases", "", "what would settle it")
    words = Conditions({}, act, CaseRecord(case_id="-"), Wording("en"))
    for name, count in counts.most_common(_MISSING_SHOWN):
        kind, _, item = name.partition(":")
        table.add_row(
            f"{count:,}", Text(kind, style="cyan" if kind == "law" else ""), _question(kind, item, words, act)
        )
    if len(counts) > _MISSING_SHOWN:
        table.add_row("", "", Text(f"and {len(counts) - _MISSING_SHOWN} more", style="dim"))
    return table


def _question(kind: str, item: str, words: Conditions, act: Act) -> str:
    if kind == "law":
        return words.law_text(item)
    say = words.say
    if item in act.facts:
        return f"{item}: {say.translated(act.facts[item].ask)}"
    return f"{item}: {say(f'ask.{item}')}" if say.has(f"ask.{item}") else item


# --- at a glance ----------------------------------------------------------------------------------------------


class _Notes:
    """Sources under a table, numbered in the order in which they are first named; one address, one number."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}

    def number(self, url: str, *texts: str) -> int:
        told = self.texts.setdefault(url, [])
        told += [text for text in texts if text and text not in told]
        return list(self.texts).index(url) + 1

    def print(self, console: Console) -> None:
        for number, (url, texts) in enumerate(self.texts.items(), start=1):
            mark = f"[{number}] "
            if texts:
                console.print(Padding(Text(f"{mark}{'; '.join(texts)}", style="dim"), (0, 0, 0, 2)))
                mark = " " * len(mark)
            console.print(Text(f"  {mark}{url}", style="dim"), soft_wrap=True)


def print_comparison(brief: Brief, console: Console) -> None:
    """Announced beside what the rules give beside what was reported, with every source."""
    notes, words = _Notes(), brief.words
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", ratio=5)
    table.add_column("announced", justify="right", ratio=3)
    table.add_column("the rules give, SYNTHETIC", justify="right", ratio=4)
    table.add_column("reported carried out", justify="right", ratio=4)
    for line in brief.comparison:
        first = line is brief.comparison[0]
        table.add_row(
            Text(line.label, style="bold" if first else ""),
            _told(line.announced, notes, words) or "no figure",
            words.interval(line.rules) if line.rules else "no figure",
            _last(line.reported, notes, words),
            end_section=first,
        )
    console.print(table)
    console.print()
    for text in _cautions(brief):
        console.print(Padding(Text(text), (0, 0, 0, 2)))
    console.print()
    notes.print(console)


def _cautions(brief: Brief) -> Iterator[str]:
    if brief.estimate is not None:
        yield (
            f"SYNTHETIC: the middle column is counted on invented people, drawn {brief.estimate.draws:,} times (seed "
            f"{brief.estimate.seed}) from figures published before the act and from stated assumptions. No real person "
            "is in it. Nine draws in ten lie within the two ends."
        )
    yield (
        "Announced and reported figures count people, by different bodies and up to different days; the rules count "
        "cases. They lie side by side and do not add up across columns."
    )


def _day(day: str) -> str:
    """A day with plain blanks, as a terminal and a search in it want them."""
    return Words("en").short(day).replace("\u00a0", " ")


def _told(figures: Sequence[Cited], notes: _Notes, words: Words) -> str:
    numbers = dict.fromkeys(f"[{_noted(figure, notes, words)}]" for figure in figures)
    return f"{' + '.join(map(words.figure, figures))} {''.join(numbers)}" if figures else ""


def _last(figure: Cited | None, notes: _Notes, words: Words) -> str:
    if figure is None:
        return "no report read"
    return f"{words.figure(figure)} by {_day(figure.as_of)} [{_noted(figure, notes, words)}]"


def _noted(figure: Cited, notes: _Notes, words: Words) -> int:
    scope = f"{words.figure(figure)} counts {figure.scope}" if figure.partial else ""
    who = figure.body or figure.source
    return notes.number(figure.url, f"{who}, {_day(figure.as_of)}, read at {figure.source}", scope)


def print_people(people: Sequence[PersonInTheNews], console: Console) -> None:
    """The published cases, gathered by answer, one a row, each with its source."""
    notes = _Notes()
    groups: dict[tuple[str, str, str], list[PersonInTheNews]] = {}
    for person in people:
        key = (person.determination.outcome, deciding(person.turn), missing_first(person.determination))
        groups.setdefault(key, []).append(person)
    for (outcome, turn, missing), members in groups.items():
        words = outcome.replace("_", " ")
        rest = turn.removeprefix(words).removeprefix(" ")
        joint = " " if turn.startswith(words) else ": "
        answer = Text.assemble((words, f"bold {OUTCOME_STYLES[outcome]}"), joint, rest)
        if missing:
            answer.append(f"; missing first: {missing}")
        console.print(answer)
        console.print(_people(members, notes))
        console.print()
    notes.print(console)


def _people(members: Sequence[PersonInTheNews], notes: _Notes) -> Padding:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("name", width=20)
    table.add_column("organisation", width=34, overflow="fold")
    table.add_column("last report")
    for person in members:
        when = f"{_day(person.last_report)} [{notes.number(person.url)}]"
        table.add_row(Text(person.name), Text(person.organisation, style="dim"), Text(when))
    return Padding(table, (0, 0, 0, 2))
