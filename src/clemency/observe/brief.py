"""One act on one desk: claims, history, estimate, reconciliation and a determined register, gathered once for all.

Charts, report and demo are made from a brief. It reads the library and counts; it draws and writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from clemency.law.act import Act
from clemency.observe import charts
from clemency.observe import claims as library
from clemency.observe.charts import Compared, Panel, PastAct, Stream, Together, Track
from clemency.observe.claims import Claim, HistoryRow, Join
from clemency.observe.estimate import Estimate
from clemency.observe.figures import Cited
from clemency.observe.given import estimated
from clemency.observe.pictures import Picture
from clemency.observe.reconcile import Line, Progress, Reconciliation, reconcile
from clemency.observe.words import Words

#: The lines of the comparison, by the quantity that claims and estimate call them by.
RELIEFS = (
    "total",
    "released_from_imprisonment",
    "term_reduced",
    "non_custodial_released",
    "criminal_liability_lifted",
)
FREED = "released_from_imprisonment"


#: What the estimate tells beside the quantities, by its kind of line.
PLACES, DAYS = "institution_type", "days"


@dataclass(frozen=True)
class Counted:
    """A register, determined: so many cases of each group to each answer and relief. Without a name it is invented."""

    streams: tuple[Stream, ...]
    cases: int
    seed: int
    register: str = ""


# --- claims as cited figures ----------------------------------------------------------------------------------


def cited(claim: Claim, words: Words) -> Cited:
    """A claim of the library as a figure with its source."""
    scope = library.scopes().by_name[claim.scope]
    quantity = library.quantities()[claim.quantity]
    return Cited(
        id=claim.claim_id,
        kind="announced" if claim.planned else "reported",
        quantity=claim.quantity,
        value=claim.value,
        qualifier=claim.qualifier,
        unit="percent" if quantity.unit == "percent" else "people",
        as_of=claim.as_of.isoformat() if claim.as_of else claim.date or "",
        body=words(f"body.{claim.body}") if claim.body else "",
        scope=words.title(scope.title),
        partial=not scope.plan and claim.scope != "all_bodies",
        source=claim.source_name,
        url=claim.source_url,
        note=claim.note,
    )


def _plainest(join: Join) -> Join:
    """Of the joins of the same scopes the one that leaves out least, so that one body goes by one name."""
    same = [other for other in library.scopes().joined if other.scopes == join.scopes and other.acts == join.acts]
    return min(same, key=lambda other: len(other.without))


def _track(progress: Progress, words: Words) -> Track:
    """A series of reports as it is drawn, carried on where the reports allow it."""
    one, ahead = progress.series, progress.projection
    points = tuple(cited(point.claim, words) for point in one.points)
    title = words.title(_plainest(one.join).title if one.join else library.scopes().by_name[one.scope].title)
    joined = len({point.claim.scope for point in one.points}) > 1
    if ahead.refused or ahead.until is None:
        return Track(title, points, joined)
    end = Cited(
        id=f"projection.{one.quantity}.{one.scope}",
        kind="projected",
        quantity=one.quantity,
        value=ahead.mid,
        low50=ahead.low50,
        high50=ahead.high50,
        low90=ahead.low90,
        high90=ahead.high90,
        as_of=ahead.until.isoformat(),
        scope=title,
        source=words("progress.projection_source"),
    )
    return Track(title, points, joined, end)


def ruled(estimate: Estimate, by: str, name: str, words: Words) -> Cited | None:
    """What the rules give of one line of the estimate; None where the estimate has no such line."""
    try:
        line = estimate.of(by, name)
    except KeyError:
        return None
    return Cited(
        id=f"estimate.{by}.{name}",
        kind="rules",
        quantity=name,
        value=line.median,
        low50=line.low50,
        high50=line.high50,
        low90=line.low90,
        high90=line.high90,
        unit=line.unit,
        as_of=estimate.as_of.isoformat(),
        source=words("report.stated.estimated", draws=words.number(estimate.draws), seed=estimate.seed),
        synthetic=bool(estimate.population.get("synthetic")),
    )


# --- a brief --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brief:
    """All that is known of one act, in one language. Without an estimate or a register what needs them is left out.

    `register` names the register on which the rules are counted; without a name the people are invented.
    """

    act: Act
    words: Words
    estimate: Estimate | None = None
    counted: Counted | None = None
    register: str = ""

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """The act's figures side by side, with gaps, contradictions and series."""
        found = None if self.estimate is None else estimated(self.estimate.as_json(), self.act.id, self.act.id)
        return reconcile(self.act.id, self.act, found)

    @cached_property
    def comparison(self) -> tuple[Compared, ...]:
        """Announced, given by the rules, last reported: in all and by relief."""
        return self._compared(RELIEFS, self.title)

    @cached_property
    def grounds(self) -> tuple[Compared, ...]:
        """The grounds of release from prison: given by the rules, and last reported."""
        names = library.quantities()[FREED].parts
        return self._compared(names, lambda name: self.words(f"grounds.short.{name}"))

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """The reports of all and of those freed from prison by day, each as the series they make."""
        made = []
        for name in ("total", FREED):
            found = [one for one in self.reconciliation.progress if one.series.quantity == name]
            line = self.line(name)
            if found and line is not None:
                expected = None if line.expected is None else cited(line.expected.claims[0], self.words)
                tracks = tuple(_track(one, self.words) for one in found)
                made.append(Panel(self.title(name), tracks, expected))
        return tuple(made)

    def line(self, name: str) -> Line | None:
        """Everything that is known of a quantity; None where nothing is."""
        return next((line for line in self.reconciliation.lines if line.quantity.name == name), None)

    @property
    def last_day(self) -> str:
        """The day up to which the latest report counts; without a report the day the act was adopted."""
        told = [claim.as_of for claim in self.reconciliation.claims if claim.as_of is not None]
        return max([*told, self.act.dates.get("adopted", self.act.in_force)]).isoformat()

    @property
    def subtitle(self) -> str:
        """The act by its title and day."""
        adopted = self.act.dates.get("adopted", self.act.in_force)
        return f"{self.words.title(self.act.title)}, {self.words.day(adopted.isoformat())}"

    def title(self, quantity: str) -> str:
        """What a quantity is called."""
        return self.words.title(library.quantities()[quantity].title)

    def _compared(self, names: Sequence[str], title: Callable[[str], str]) -> tuple[Compared, ...]:
        """Quantities of which something is known, each with all of it."""
        words, found = self.words, []
        for name in names:
            line = self.line(name)
            expected = () if line is None or line.expected is None else line.expected.claims
            claims = [] if line is None else [*line.undated, *(one.point.claim for one in line.reported)]
            rules = None if self.estimate is None else ruled(self.estimate, "quantity", name, words)
            last = cited(claims[-1], words) if claims else None
            compared = Compared(title(name), tuple(cited(claim, words) for claim in expected), rules, last)
            found += [compared] if compared.figures else []
        return tuple(found)

    def picture(self, name: str) -> Picture:
        """One of the five pictures. Raises LookupError where what it shows is not known of this act."""
        drawn = {
            "relief": self._relief,
            "progress": self._progress,
            "grounds": self._grounds,
            "history": self._history,
            "flow": self._flow,
        }[name]()
        if drawn is None:
            raise LookupError(f"nothing that the picture {name} shows is known of {self.act.id}")
        return drawn

    def pictures(self) -> Iterator[Picture]:
        """The pictures that can be drawn of this act."""
        for name in charts.NAMES:
            try:
                yield self.picture(name)
            except LookupError:
                continue

    def _relief(self) -> Picture | None:
        return self._comparison("relief", self.comparison) if self.comparison else None

    def _grounds(self) -> Picture | None:
        return self._comparison("grounds", self.grounds) if self.grounds else None

    def _comparison(self, name: str, lines: tuple[Compared, ...]) -> Picture:
        words, notes = self.words, []
        if self.estimate is not None:
            draws = words.number(self.estimate.draws)
            key = "relief.note_given" if self.register else "relief.note_synthetic"
            notes.append(words(key, synthetic=words("synthetic"), draws=draws, name=self.register))
            notes.append(words("relief.note_marks"))
        elif any(line.announced for line in lines):
            notes.append(words("relief.note_arrow"))
        notes += scope_notes(lines, words)
        return charts.comparison(name, words(f"{name}.title"), self.subtitle, lines, notes, words)

    def _progress(self) -> Picture | None:
        deadline = self.act.dates.get("deadline")
        if deadline is None or not self.panels:
            return None
        term = (self.act.in_force.isoformat(), deadline.isoformat())
        return charts.progress(self.subtitle, self.panels, term, self._join_notes(), self.words)

    def _join_notes(self) -> list[str]:
        """What is left out where scopes were joined."""
        found = []
        for one in self.reconciliation.series:
            if one.join and one.join.without and one.quantity == "total":
                without = self.words.listed([self.title(name) for name in one.join.without])
                found.append(self.words("progress.note_without", what=self.title(one.quantity), without=without))
        return found

    def _history(self) -> Picture:
        return charts.history(past_acts(self.words), together(self.words), (self.words("history.note"),), self.words)

    def _flow(self) -> Picture | None:
        if self.counted is None:
            return None
        words, counted = self.words, self.counted
        cases = words.number(counted.cases)
        if counted.register:
            subtitle, note = words("flow.subtitle_given", cases=cases), words("flow.note_given", name=counted.register)
        else:
            subtitle = words("flow.subtitle", cases=cases)
            note = words("flow.note", synthetic=words("synthetic"), seed=counted.seed)
        return charts.flow(f"{self.subtitle}. {subtitle}", counted.streams, (note,), words, not counted.register)


#: Pictures that need an estimate, and those that need a determined register.
_ESTIMATED, _COUNTED = {"relief", "grounds"}, {"flow"}


def gather(
    act: Act,
    language: str,
    draws: int,
    seed: int,
    register: str | None = None,
    names: Sequence[str] = charts.NAMES,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Brief:
    """All that some pictures, or the report, need to know of an act; nothing is estimated that is not shown."""
    from clemency.observe.estimate import estimate

    found = counted = None
    if _ESTIMATED & set(names):
        found = estimate(act, register, draws, seed, progress)
    if _COUNTED & set(names):
        counted = count_register(act, seed, register)
    return Brief(act, Words(language), found, counted, "" if register is None else Path(register).name)


# --- history --------------------------------------------------------------------------------------------------


def past_acts(words: Words) -> tuple[PastAct, ...]:
    """The amnesty acts of the library's history; what no source gives is missing."""
    return tuple(
        PastAct(
            row.date_adopted or row.year,
            _occasion(row, words),
            _past(row, "planned_total"),
            _past(row, "actual_total"),
            _past(row, "planned_released"),
            _past(row, "actual_released"),
        )
        for row in library.history()
        if row.record_type == "amnesty_act"
    )


def together(words: Words) -> tuple[Together, ...]:
    """Acts of which only figures together are known."""
    found = []
    for row in library.history():
        total, released = _past(row, "actual_total"), _past(row, "actual_released")
        if row.record_type == "amnesty_acts_group" and total is not None and released is not None:
            first, _, last = row.year.partition("-")
            inside = [act for act in past_acts(words) if first <= act.day[:4] <= last and not act.figures]
            found.append(Together(first, last, len(inside), total, released))
    return tuple(found)


def _occasion(row: HistoryRow, words: Words) -> str:
    key = f"history.occasion.{row.date_adopted}"
    return words(key) if words.has(key) else row.occasion or ""


def _past(row: HistoryRow, name: str) -> Cited | None:
    value = getattr(row, name)
    if value is None:
        return None
    return Cited(
        id=f"history.{row.date_adopted or row.year}.{name}",
        kind="announced" if name.startswith("planned") else "reported",
        quantity="total" if name.endswith("total") else FREED,
        value=value,
        qualifier=getattr(row, f"{name}_qualifier"),
        source=row.source_name,
        url=row.source_url,
        note=row.note or "",
    )


# --- a register, determined -----------------------------------------------------------------------------------


def count_register(act: Act, seed: int, register: str | None = None) -> Counted:
    """A register determined case by case: a given one, or an invented one of the country's size."""
    from clemency.determine.columns import determine_frame

    counts: Counter[tuple[str, str, str]] = Counter()
    for frame in _frames(act, seed, register):
        answers = determine_frame(frame, act)
        keys = frame.select(_group().alias("group")).with_columns(
            answers.get_column("outcome").cast(pl.String), answers.get_column("relief").cast(pl.String).fill_null("")
        )
        for group, outcome, relief, number in keys.group_by("group", "outcome", "relief").len().iter_rows():
            counts[group, outcome, _relief(group, relief)] += number
    streams = tuple(Stream(*key, number) for key, number in sorted(counts.items()))
    return Counted(streams, counts.total(), seed, "" if register is None else Path(register).name)


def _frames(act: Act, seed: int, register: str | None) -> Iterator[pl.DataFrame]:
    if register is None:
        from clemency.records.synthesise import national_size, synthetic_frame

        yield synthetic_frame(national_size(), seed)
        return
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    for batch in open_register(register, known_facts(act)).batches():
        yield batch.frame


def _relief(group: str, relief: str) -> str:
    """A release from prison and one from a lighter penalty are told apart."""
    return f"release_{'prison' if group == 'imprisonment' else 'other'}" if relief == "release" else relief


def _group() -> pl.Expr:
    """Where a case stands in the register, on what its record says."""
    prison = (pl.col("punishment") == "imprisonment") & ~pl.col("suspended")
    other = (pl.col("punishment") != "imprisonment") | pl.col("suspended")
    return (
        pl.when(pl.col("stage").is_in(["investigation", "trial"]))
        .then(pl.lit("pending"))
        .when((pl.col("stage") == "serving") & prison)
        .then(pl.lit("imprisonment"))
        .when((pl.col("stage") == "serving") & other)
        .then(pl.lit("other_punishment"))
        .otherwise(pl.lit("other"))
    )


def scope_notes(lines: Sequence[Compared], words: Words) -> Iterator[str]:
    """Who reported what of a comparison, up to which day and counting whom, one sentence a report."""
    by_report: dict[tuple[str, str, str], list[str]] = {}
    for line in lines:
        if line.reported is not None:
            key = (line.reported.body, line.reported.scope, line.reported.as_of)
            by_report.setdefault(key, []).append(line.label)
    for (body, scope, day), labels in by_report.items():
        yield words("relief.note_reported", who=body, scope=scope, day=words.day(day), what="; ".join(labels))
