"""Figures that statements in words rest on, each worked out from the library by a named rule, never typed.

A computation gives its figures and whether what a verdict makes of them still holds. When a claim, a list or a clause
changes, the figures change with it; when the verdict no longer follows, `holds` says so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from clemency.determine.interpreter import determine_case
from clemency.law.act import Act, load_act
from clemency.law.library import library_path
from clemency.observe.claims import (
    REPORTED,
    Claim,
    HistoryRow,
    Quantity,
    claims,
    history,
    last_reported,
    quantities,
)
from clemency.observe.library_files import Address, Cells, Count, Day, DayOrMonth, Row, Words, read_sheet
from clemency.observe.qualifiers import Qualifier, Worded, tolerances, whole
from clemency.records.record import known_facts, read_record


class WatchList(Row):
    """One row of `lists.csv`: how many names a group's list had on a day."""

    organisation: Words
    date: DayOrMonth
    names: Count
    source_name: Words
    source_url: Address
    note: str | None


class Coverage(Row):
    """One row of `coverage.csv`: how many people on a list an act or order covered, as far as somebody counted.

    `list_counted` says whether the list is that before the act or what remained on it after.
    """

    record_type: Words
    date_adopted: Day
    as_of: Day | None
    covered_low: Count
    covered_high: Count
    list_names: Count
    list_qualifier: Qualifier
    list_counted: Literal["before", "after"] | None
    organisation: str | None
    list_date: DayOrMonth | None
    said_by: str | None
    who: str | None
    source_name: Words
    source_url: Address
    note: str | None

    @property
    def percent(self) -> tuple[float, float]:
        """The share of the list that was covered, at the least and at the most, in percent."""
        least = self.list_names + (self.covered_low if self.list_counted == "after" else 0)
        most = self.list_names + (self.covered_high if self.list_counted == "after" else 0)
        return 100 * self.covered_low / least, 100 * self.covered_high / most


@dataclass(frozen=True)
class Material:
    """What computations read: the claims, history, lists, coverage, population and published cases of a country."""

    jurisdiction: str = "az"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim."""
        return claims(jurisdiction=self.jurisdiction)

    @property
    def history(self) -> tuple[HistoryRow, ...]:
        """Acts and orders."""
        return history(self.jurisdiction)

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """What is counted."""
        return quantities(self.jurisdiction)

    @cached_property
    def lists(self) -> tuple[WatchList, ...]:
        """Lists of watch groups by day."""
        return read_sheet(self._claims / "lists.csv", WatchList)

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Who of a list was covered by which act or order."""

        def check(_: Cells, row: Coverage | None) -> Iterable[tuple[str, str]]:
            if row is not None and row.covered_low > row.covered_high:
                yield "covered_high", "is less than covered_low"

        return read_sheet(self._claims / "coverage.csv", Coverage, check)

    @property
    def _claims(self) -> Path:
        return library_path() / "claims" / self.jurisdiction

    @cached_property
    def population(self) -> tuple[Mapping[str, str], ...]:
        """Published figures on prisons and courts, one row a figure."""
        return _table(library_path() / "population" / self.jurisdiction / "population.csv")

    @cached_property
    def people(self) -> tuple[Mapping[str, str], ...]:
        """People and organisations in the news."""
        return _table(library_path() / "people" / self.jurisdiction / "cases.csv")

    @cached_property
    def events(self) -> tuple[Mapping[str, str], ...]:
        """Dated events of their cases."""
        return _table(library_path() / "people" / self.jurisdiction / "events.csv")

    def claim(self, claim_id: str) -> Claim:
        """A claim by its id."""
        return next(one for one in self.claims if one.claim_id == claim_id)

    def statistic(self, measure: str, breakdown: str, day: str) -> int | float:
        """A published figure by what it measures and its day."""
        wanted = (measure, breakdown, day)
        row = next(one for one in self.population if (one["measure"], one["breakdown"], one["year"]) == wanted)
        value = float(row["value"])
        return int(value) if value.is_integer() else value


def _table(path: Path) -> tuple[Mapping[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@dataclass(frozen=True)
class WorkedOut:
    """The figures of one computation, by name, and whether what rests on it holds."""

    figures: SimpleNamespace
    holds: bool

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: _plain(value) for name, value in vars(self.figures).items()} | {"holds": self.holds}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


Computation = Callable[[Material], WorkedOut]
_COMPUTATIONS: dict[str, Computation] = {}


def _computation(rule: Computation) -> Computation:
    _COMPUTATIONS[rule.__name__.removeprefix("_")] = rule
    return rule


def computations() -> Mapping[str, Computation]:
    """Every computation by its name.

    >>> "largest_reported" in computations()
    True
    """
    return _COMPUTATIONS


def _worked(holds: bool, **figures: Any) -> WorkedOut:
    return WorkedOut(SimpleNamespace(**figures), holds)


# --- acts by size ---------------------------------------------------------------------------------------------


def _single_acts(of: Material, figure: str) -> dict[str, int]:
    """Acts with a figure of their own, by year; a later act of one year is told by its day."""
    found: dict[str, int] = {}
    for row in of.history:
        value = getattr(row, figure)
        if row.record_type == "amnesty_act" and value is not None:
            found[row.year if row.year not in found else str(row.date_adopted)] = value
    return found


def _next_largest(of: Material, figure: str, year: str) -> tuple[str, int]:
    others = {name: value for name, value in _single_acts(of, figure).items() if name != year}
    name = max(others, key=lambda name: others[name])
    return name, others[name]


@_computation
def _largest_reported(of: Material) -> WorkedOut:
    """The act of 2025 by its latest total, beside the largest other act with a figure of its own."""
    latest = last_reported((one for one in of.claims if one.act_id == "az-2025"), "total")
    assert latest is not None
    year, total = _next_largest(of, "actual_total", "2025")
    return _worked(
        latest.value > total,
        total=latest.value,
        as_of=latest.as_of,
        next_year=year,
        next_total=total,
        margin=latest.value - total,
    )


@_computation
def _largest_planned(of: Material) -> WorkedOut:
    """What was announced for the act of 2025, beside the largest announcement for another act."""
    mine = next(row for row in of.history if row.record_type == "amnesty_act" and row.year == "2025")
    assert mine.planned_total is not None
    year, total = _next_largest(of, "planned_total", "2025")
    return _worked(mine.planned_total > total, total=mine.planned_total, next_year=year, next_total=total)


@_computation
def _unsized_acts(of: Material) -> WorkedOut:
    """Acts that are known only together: what is left for the others if one of them was larger than that of 2025."""
    group = next(row for row in of.history if row.record_type == "amnesty_acts_group")
    first, last = group.year.split("-")
    unsized = [
        row
        for row in of.history
        if row.record_type == "amnesty_act" and first <= row.year <= last and row.actual_total is None
    ]
    largest = _largest_reported(of).figures.total
    together = group.actual_total or 0
    left = (together - largest) // (len(unsized) - 1)
    return _worked(
        bool(unsized) and left > 0,
        count=len(unsized),
        first=first,
        last=last,
        together=together,
        average=round(together / len(unsized)),
        others=len(unsized) - 1,
        left=left,
    )


@_computation
def _largest_released(of: Material) -> WorkedOut:
    """People freed from prison by the act of 2025, beside the largest other act with a figure."""
    latest = last_reported((one for one in of.claims if one.act_id == "az-2025"), "released_from_imprisonment")
    assert latest is not None
    year, released = _next_largest(of, "actual_released", "2025")
    return _worked(latest.value > released, released=latest.value, next_year=year, next_released=released)


@_computation
def _acts_before(of: Material) -> WorkedOut:
    """Acts before that of 2025: those with a day of adoption, and with them the one of 1995, whose date is doubtful."""
    acts = [row for row in of.history if row.record_type == "amnesty_act" and row.year < "2025"]
    sure = [row for row in acts if row.date_adopted and len(row.date_adopted) == 10]
    counted = next(row.actual_total for row in of.history if row.record_type == "running_count" and row.year == "2025")
    return _worked(
        len(acts) == counted == len(sure) + 1,
        sure=len(sure),
        with_doubtful=len(acts),
        first_year=sure[0].year,
        last_year=sure[-1].year,
    )


@_computation
def _groups_added(of: Material) -> WorkedOut:
    """The totals of three groups of acts added, with the range that their words allow, beside the sum that was told."""
    parts = [of.claim(claim_id) for claim_id in ("c180", "c183", "c157")]
    told, other = of.claim("c182"), of.claim("c179")
    allowed = tolerances(of.jurisdiction)
    ranges = whole(Worded.of(part.value, part.qualifier, allowed).usual for part in parts)
    together = sum(part.value for part in parts)
    return _worked(
        together == told.value,
        early=parts[0].value,
        middle=parts[1].value,
        last=parts[2].value,
        together=together,
        low=ranges.low,
        high=ranges.high,
        other=other.value,
    )


@_computation
def _victory_anniversary(of: Material) -> WorkedOut:
    """Which anniversary of 1945 falls in which year, beside the row that keeps the act of uncertain date."""
    kept = next(row for row in of.history if row.record_type == "amnesty_act" and (row.date_adopted or "") == "1995-05")
    figures = {"of_2003": 2003 - 1945, "year_of_48th": 1945 + 48, "year_of_50th": 1945 + 50}
    return _worked(figures["of_2003"] != 48 and kept.year == str(figures["year_of_50th"]), **figures)


# --- pardons --------------------------------------------------------------------------------------------------


@_computation
def _largest_pardon(of: Material) -> WorkedOut:
    """The pardon of 2023 by number, beside the next largest, and how many orders have no figure."""
    sized = {
        str(row.date_adopted): row.actual_total
        for row in of.history
        if row.record_type == "pardon_order" and row.actual_total is not None
    }
    counts = [
        row.actual_total or 0
        for row in of.history
        if row.record_type == "running_count" and row.occasion == "pardon orders so far"
    ]
    mine = sized.pop("2023-05-08")
    day = max(sized, key=lambda name: sized[name])
    return _worked(
        mine > sized[day],
        total=mine,
        next_day=date.fromisoformat(day),
        next_total=sized[day],
        sized=len(sized) + 1,
        counted=max(counts),
        unknown=max(counts) - len(sized) - 1,
    )


def _latest_counts(of: Material) -> list[Coverage]:
    """For each act or order its latest count of listed people, in the order of their days."""
    latest: dict[tuple[str, date], Coverage] = {}
    for row in of.coverage:
        latest[row.record_type, row.date_adopted] = row
    return sorted(latest.values(), key=lambda row: row.date_adopted)


@_computation
def _nobody_in_2024(of: Material) -> WorkedOut:
    """Orders before that of May 2024 that have a count of listed people, each of which covered somebody."""
    orders = [row for row in _latest_counts(of) if row.record_type == "pardon_order"]
    mine = next(row for row in orders if row.date_adopted == date(2024, 5, 25))
    before = [row for row in orders if row.date_adopted < mine.date_adopted]
    return _worked(
        mine.covered_high == 0 and all(row.covered_low > 0 for row in before),
        before=len(before),
        first_day=before[0].date_adopted,
    )


# --- people on lists ------------------------------------------------------------------------------------------


@_computation
def _listed_covered(of: Material) -> WorkedOut:
    """People on a list whom the act of 2025 covered, by the last count, beside the last list before it."""
    mine = next(row for row in reversed(_latest_counts(of)) if row.record_type == "amnesty_act")
    last = [row for row in of.lists if row.organisation == mine.organisation and row.date == mine.list_date]
    counted = [one for one in of.claims if one.quantity == "political_prisoners_covered"]
    agree = max(one.value for one in counted) == mine.covered_high and last[0].names == mine.list_names
    return _worked(
        agree and 0 < mine.covered_low < mine.list_names,
        covered=mine.covered_low,
        names=mine.list_names,
        percent=mine.percent[0],
        as_of=mine.as_of,
        list_day=date.fromisoformat(str(mine.list_date)),
    )


@_computation
def _listed_beside_all(of: Material) -> WorkedOut:
    """Listed people who were freed, in percent of the list, beside all who were freed, in percent of prisoners."""
    listed = _listed_covered(of).figures
    freed = [
        one
        for one in of.claims
        if one.act_id == "az-2025" and one.quantity == "released_from_imprisonment" and one.stage in REPORTED
    ]
    first, last = min(freed, key=lambda one: str(one.as_of)), max(freed, key=lambda one: str(one.as_of))
    day = "2022-01-31"
    prisoners = int(of.statistic("prison_population", "total", day))
    percent = 100 * first.value / prisoners
    return _worked(
        listed.percent >= percent,
        released=first.value,
        all_as_of=first.as_of,
        prisoners=prisoners,
        counted_on=date.fromisoformat(day),
        all_percent=percent,
        later=last.value,
    )


@_computation
def _reached_orders(of: Material) -> WorkedOut:
    """Acts and orders with a count, how many covered somebody on a list, and the shares."""
    counts = _latest_counts(of)
    shares = [share for row in counts for share in row.percent]
    some = [row for row in counts if row.covered_low > 0]
    return _worked(bool(some), orders=len(counts), some=len(some), low_percent=min(shares), high_percent=max(shares))


@_computation
def _reached_nobody(of: Material) -> WorkedOut:
    """Acts and orders that covered nobody on a list, and those that covered fewer than one in ten."""
    counts = _latest_counts(of)
    nobody = [row for row in counts if row.covered_high == 0]
    few = [row for row in counts if 0 < row.percent[1] < 10]
    days = tuple(row.date_adopted for row in nobody)
    return _worked(bool(nobody), orders=len(nobody), days=days, few=len(few))


@_computation
def _named_cases(of: Material) -> WorkedOut:
    """People in the news: how many were reported covered, and what the rules say on what is public."""
    act = load_act("az-2025")
    people = [row for row in of.people if row["kind"] == "person"]
    reported = [row for row in people if not row["clemency"].startswith("none reported")]
    outcomes = _outcomes(act, library_path() / "people" / of.jurisdiction / "records.jsonl")
    last = max(max(row["status_as_of"], row["source_date"]) for row in people)
    return _worked(
        not reported,
        people=len(people),
        granted=outcomes.get("granted", 0),
        undetermined=outcomes.get("undetermined", 0),
        not_covered=outcomes.get("not_covered", 0) + outcomes.get("excluded", 0),
        last_report=date.fromisoformat(last),
    )


def _outcomes(act: Act, path: Path) -> dict[str, int]:
    facts, counts = known_facts(act), dict[str, int]()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            outcome = determine_case(read_record(json.loads(line), facts), act, facts).outcome
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


# --- the law and who is in prison -----------------------------------------------------------------------------


@_computation
def _deadline(of: Material) -> WorkedOut:
    """The days of the act of 2025: four months from entry into force, as the reports of its adoption say."""
    act = load_act("az-2025")
    sources = act.date_notes["deadline"].source
    months = (act.dates["deadline"].year - act.in_force.year) * 12 + act.dates["deadline"].month - act.in_force.month
    return _worked(
        months == 4,
        day=act.dates["deadline"],
        in_force=act.in_force,
        sources=len(sources) if isinstance(sources, list) else 1,
    )


@_computation
def _serious_clauses(_: Material) -> WorkedOut:
    """Clauses of the act of 2025 that free from prison, and how many of them are closed to serious crimes."""
    act = load_act("az-2025")
    clauses = quantities()["released_from_imprisonment"].clauses(act)
    barred = next(clause for clause in act.exclusions if clause.id == "serious").limits
    lower = {"minor.release", "less_serious.release"}
    closed = [name for name in clauses if name in barred or name in lower]
    return _worked(len(closed) > len(clauses) / 2, all=len(clauses), closed=len(closed))


@_computation
def _reported_serious(of: Material) -> WorkedOut:
    """People with a serious crime among those reported covered, in the last report that tells categories."""
    rows = [one for one in of.claims if one.act_id == "az-2025"]
    serious = last_reported(rows, "crime_category_serious")
    assert serious is not None
    total = next(
        one for one in rows if one.quantity == "total" and (one.as_of, one.scope) == (serious.as_of, serious.scope)
    )
    percent = 100 * serious.value / total.value
    return _worked(percent < 10, serious=serious.value, total=total.value, percent=percent, as_of=serious.as_of)


@_computation
def _long_terms(of: Material) -> WorkedOut:
    """Sentenced prisoners with terms of five years or more."""
    day = "2022-01-31"
    lengths = ("5 to under 10 years", "10 to under 20 years", "life")
    percent = sum(of.statistic("sentence_length_share", one, day) for one in lengths)
    return _worked(percent < 50, percent=percent, counted_on=date.fromisoformat(day))


@_computation
def _crimes_by_category(of: Material) -> WorkedOut:
    """Grave and especially grave crimes among those investigated in a year."""
    year = "2020"
    counts = {
        row["breakdown"].partition(": ")[2]: int(row["value"])
        for row in of.population
        if row["measure"] == "registered_crimes" and row["year"] == year and "investigated" in row["breakdown"]
    }
    percent = 100 * counts["grave and especially grave"] / sum(counts.values())
    return _worked(percent < 50, year=year, percent=percent)


@_computation
def _third_of_prisoners(of: Material) -> WorkedOut:
    """What was announced in 2013, beside the prisoners that a later number and its change imply."""
    covered, released = of.claim("c159"), of.claim("c160")
    day = "2022-01-31"
    change = of.statistic("prison_population_change", "2012 to 2022", day)
    prisoners = round(of.statistic("prison_population", "total", day) / (1 + change / 100), -2)
    percent, freed = 100 * covered.value / prisoners, 100 * released.value / prisoners
    return _worked(
        30 < percent < 45 and freed < 15,
        covered=covered.value,
        released=released.value,
        prisoners=int(prisoners),
        percent=percent,
        released_percent=freed,
        counted_on=date.fromisoformat(day),
    )


@_computation
def _negligence_freed(of: Material) -> WorkedOut:
    """People freed for negligent crimes with a term of up to five years, while the list that may close it is open."""
    freed = last_reported((one for one in of.claims if one.act_id == "az-2025"), "ground_negligence_upto_5y")
    act = load_act("az-2025")
    listed = {clause.id for clause in act.exclusions if "negligence.release" in clause.limits}
    murder = act.code.part_of("120.1") if act.code else None
    assert freed is not None
    assert murder is not None
    return _worked(
        "listed_offences_other_grounds" in listed and murder.categories == ("especially_serious",),
        negligence=freed.value,
    )
