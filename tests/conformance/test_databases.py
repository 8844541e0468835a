"""Databases and interpreter give the same answer, column by column: worked cases and random records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.determine.sql import write_query
from clemency.law.act import Act, library_acts, load_act, parse_act
from clemency.law.library import library_path
from clemency.law.vocabulary import CUSTODY_CREDIT
from clemency.records.record import known_facts, read_record
from tests.conformance.databases import Answers, by_duckdb, by_postgres, by_sqlite, columns_of, expected_of, for_sheets
from tests.conformance.generate import Generator
from tests.conformance.postgres import cluster

#: Records of an act in DuckDB, and of an act beside the interpreter; `make conformance` takes a million.
RECORDS, BESIDE = 1_000, 80
LIBRARY = library_acts()
STRESSING = [str(path) for path in sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))]
#: Acts in which two days of one case may be open that hang on a third, or numbers that hang on each other.
LEFT_OPEN = {"ages-and-days", "values-of-every-type"}
#: Acts as they stood before their last change.
EARLIER = {"uk-sds40": date(2024, 9, 15), "shares-steps-and-phases": date(2026, 1, 1)}
#: Every relief that is more than an end of a term moved: shares that come out in whole months, and some that do not.
MEASURED = """
id: measured-reliefs
title: An invented act with shares that seldom come out in whole days
dates: {in_force: 2010-06-15, later: 2012-02-29, far: 2020-08-31}
month_end: clamp
rounding: up
sources: {S: https://example.org/act}
favour: [release_point, {reduce: [rest, term, length]}, replace]
grants:
  - id: point.early
    when: recidivism = 'simple'
    relief: {release_point: {share: 33.3333%, instead_of: 5/7}}
    source: S
    confidence: high
  - id: point.later
    when: recidivism = 'dangerous'
    relief: {release_point: {share: 1/5, instead_of: 5/6}}
    from: later
    source: S
    confidence: high
  - id: served.third
    when: sex = 'female' and served 33.3333% of term <= judgment_date
    relief: {reduce: {fraction: 66.666667%, of: term}}
    source: S
    confidence: high
  - id: served.half
    when: first_conviction and served 1/2 of term > birth_date + 40 years
    relief: {reduce: {fraction: 1/2, of: term}}
    source: S
    confidence: high
  - id: served.rest
    when: suspended and served 3/4 of term > judgment_date + 1 month
    relief: {reduce: {fraction: 99.9%, of: rest}}
    from: later
    source: S
    confidence: high
  - id: steps.months
    when: punishment = 'life_imprisonment'
    relief: [{replace: {term: 7 months}}, {reduce: {fraction: 3/7, of: term}}]
    source: S
    confidence: high
  - id: steps.days
    when: stage = 'serving' and not first_conviction
    relief: [{replace: {term: 7300 days}}, {reduce: {fraction: 2/7, of: term}}]
    from: later
    source: S
    confidence: high
  - id: steps.length
    when: stage = 'trial'
    relief: [{replace: {term: 45 days}}, {reduce: 1 month}]
    source: S
    confidence: high
  - id: steps.none
    when: stage = 'investigation'
    relief: {replace: {term: 3 years}}
    source: S
    confidence: high
"""


@cache
def written(name: str, dialect: str) -> str:
    return write_query(load_act(name), dialect)


def random_records(act: Act, seed: int, count: int) -> list[dict[str, Any]]:
    return [for_sheets(record) for record in Generator(act, seed).records(count)]


def with_starts(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most records with a start of their term, from which shares are reckoned, and the end that follows from it."""
    for place, record in enumerate(records):
        if record["term_start"] is None and place % 5:
            record["term_start"] = date(2009, 1, 31) + timedelta(days=place * 97 % 4000)
            if record["punishment"] in CUSTODY_CREDIT:
                record["term_end"] = None
    return records


def worked_cases(name: str) -> list[dict[str, Any]]:
    facts = known_facts(load_act(name))
    found = []
    for path in sorted((library_path() / "acts" / name / "cases").glob("*.yaml")):
        stated = {"case_id": path.stem, **yaml.safe_load(path.read_text(encoding="utf-8"))["case"]}
        found.append(for_sheets(read_record(stated, facts).model_dump()))
    return found


def agrees(found: Answers, name: str) -> None:
    assert not found.differences, f"{len(found.differences)} differ\n" + "\n".join(found.differences[:3])
    share = 0.05 if Path(name).stem in LEFT_OPEN else 0
    assert found.unsettled <= share * found.records


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with cluster() as found:
        yield found


@pytest.fixture(scope="module")
def engines(socket: Path) -> dict[str, Callable[[Any, Act, str], Answers]]:
    return {
        "duckdb": by_duckdb,
        "postgres": lambda records, act, query: by_postgres(records, act, query, socket),
        "sqlite": by_sqlite,
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", [*LIBRARY, *STRESSING], ids=lambda name: Path(name).stem)
def test_random_records_have_one_answer_in_duckdb(name: str) -> None:
    act = load_act(name)
    found = by_duckdb(random_records(act, 31, RECORDS), act, written(name, "duckdb"), columns_of)
    assert found.records == RECORDS
    agrees(found, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dialect", "name"),
    [*(("postgres", name) for name in (*LIBRARY, *STRESSING)), *(("sqlite", name) for name in ("az-2025", *STRESSING))],
    ids=lambda value: Path(value).stem,
)
def test_random_records_have_one_answer_in_other_databases(name: str, dialect: str, engines: Any) -> None:
    act = load_act(name)
    agrees(engines[dialect](random_records(act, 37, BESIDE), act, written(name, dialect)), name)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "sqlite"])
def test_reliefs_by_a_share_lead_to_one_day(dialect: str, engines: Any) -> None:
    act = parse_act(MEASURED)
    records = with_starts(random_records(act, 43, 400))
    told = [one for one in expected_of(records, act).values() if one["days_remitted"]]
    assert {one["grant"] for one in told} == {grant.id for grant in act.grants}
    found = engines[dialect](records, act, write_query(act, dialect))
    assert (found.differences, found.unsettled) == ([], 0)


@pytest.mark.parametrize("name", EARLIER)
def test_an_act_before_its_last_change_has_one_answer(name: str) -> None:
    path = next((path for path in STRESSING if Path(path).stem == name), name)
    act = load_act(path).as_of(EARLIER[name])
    assert {one.id for one in act.grants} < {one.id for one in load_act(path).every_clause()}
    agrees(by_duckdb(random_records(act, 47, 300), act, write_query(act, "duckdb")), name)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("name", LIBRARY)
def test_every_worked_case_has_one_answer_in_every_database(name: str, dialect: str, engines: Any) -> None:
    records = worked_cases(name)
    found = engines[dialect](records, load_act(name), written(name, dialect))
    assert found.records == len(records) > 10
    agrees(found, name)


def test_random_records_reach_every_outcome() -> None:
    """The comparison is worth something only where the records go everywhere."""
    act = load_act("az-2025")
    found = by_duckdb(random_records(act, 41, 600), act, written("az-2025", "duckdb"))
    assert set(found.outcomes) == {"granted", "excluded", "not_covered", "undetermined"}


def test_a_case_of_which_nothing_is_known_is_settled_all_the_same() -> None:
    for name in LIBRARY:
        act = load_act(name)
        found = by_duckdb([{"case_id": "synthetic-1"}], act, written(name, "duckdb"))
        agrees(found, name)
        assert found.outcomes == {"undetermined": 1}


def test_points_of_law_that_two_offences_share_are_answered_once() -> None:
    """Two offences of one open part are of the same category, whichever that is; two of unlike parts need not be."""
    name = str(Path(__file__).parents[1] / "acts" / "good" / "offences-one-by-one.yaml")
    act = load_act(name)
    records = []
    for first in ("9999", "9999.1", "177.1", "226.2", None):
        for second in ("9999", "177.1", "8888", "226.2.1", None):
            offences = [{"article": one, "form": "attempt", "guilt": "negligence"} for one in (first, second)]
            records.append({"case_id": f"{first}/{second}", "offences": offences, "term_months": 12})
    agrees(by_duckdb(records, act, written(name, "duckdb")), name)


def test_more_open_offences_than_are_tried_leave_the_case_unsettled() -> None:
    act = load_act("az-2025")
    offences = [{"article": None} for _ in range(9)]
    found = by_duckdb([{"case_id": "synthetic-1", "offences": offences}], act, written("az-2025", "duckdb"))
    assert (found.unsettled, found.differences) == (1, [])
