"""Days and months in SQL: month ends, 29 February and the rim of the calendar, as our own calendar has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import duckdb
import psycopg
import pytest
from sqlglot import exp

from clemency.determine.sql_dates import DIALECTS, SQL, Dialect, column, number
from clemency.law.calendar import EARLIEST, LATEST, Duration, add, add_months
from tests.conformance.postgres import cluster

Ask = Callable[[SQL, list[date]], list[Any]]
AWKWARD = [
    EARLIEST,
    LATEST,
    *(date(2024, 2, 27) + timedelta(days=step) for step in range(5)),
    *(date(2025, 2, 27) + timedelta(days=step) for step in range(4)),
    *(date(1900, 2, 27) + timedelta(days=step) for step in range(4)),
    date(2000, 2, 29),
    date(2025, 1, 31),
    date(2025, 8, 31),
    date(2025, 11, 30),
    date(2025, 12, 31),
]
MONTHS = (-5000, -25, -12, -11, -6, -1, 0, 1, 2, 6, 12, 13, 48, 5000)


def _query(value: SQL, dialect: str) -> str:
    made = exp.select(value).from_(exp.Table(this=exp.to_identifier("days", quoted=True)))
    return made.order_by(column("n")).sql(dialect=dialect)


@pytest.fixture(scope="module", params=["duckdb", "postgres", "sqlite"])
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[Dialect, Ask]]:
    dialect = Dialect(request.param)

    def rows(execute: Any, fetch: Any, days: list[date], mark: str) -> None:
        execute('DROP TABLE IF EXISTS "days"')
        execute('CREATE TABLE "days" ("n" INTEGER, "day" DATE)')
        for place, day in enumerate(days):
            execute(f'INSERT INTO "days" VALUES ({mark}, {mark})', (place, day.isoformat()))

    def ask(connection: Any, mark: str) -> Ask:
        def asked(value: SQL, days: list[date]) -> list[Any]:
            rows(connection.execute, None, days, mark)
            return [row[0] for row in connection.execute(_query(value, dialect.name)).fetchall()]

        return asked

    if dialect.name == "postgres":
        with cluster() as socket, psycopg.connect(f"host={socket} user=tester dbname=postgres") as connection:
            yield dialect, ask(connection, "%s")
    elif dialect.name == "duckdb":
        with duckdb.connect() as connection:
            yield dialect, ask(connection, "?")
    else:
        connection = sqlite3.connect(":memory:")
        yield dialect, ask(connection, "?")
        connection.close()


def _days(found: list[Any]) -> list[date]:
    return [date.fromisoformat(one) if isinstance(one, str) else one for one in found]


def test_months_are_added_as_our_calendar_adds_them(engine: tuple[Dialect, Ask]) -> None:
    dialect, ask = engine
    for months in MONTHS:
        found = _days(ask(dialect.add_months(column("day"), number(months)), AWKWARD))
        assert found == [add_months(day, months) for day in AWKWARD], months


def test_months_come_before_days(engine: tuple[Dialect, Ask]) -> None:
    dialect, ask = engine
    for months, days in product((-6, 0, 1), (-1, 1, 30)):
        by = Duration(months, days)
        inner = [day for day in AWKWARD if EARLIEST < day < LATEST]
        assert _days(ask(dialect.add(column("day"), by), inner)) == [add(day, by) for day in inner], by


def test_days_between_are_a_number(engine: tuple[Dialect, Ask]) -> None:
    dialect, ask = engine
    start = date(2024, 2, 29)
    assert ask(dialect.days_between(dialect.day(start), column("day")), AWKWARD) == [
        (day - start).days for day in AWKWARD
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_engine_has_a_form_for_every_step(dialect: str) -> None:
    engine = Dialect(dialect)
    moved = engine.add(column("day"), Duration(-6, 3))
    written = engine.days_between(column("day"), moved).sql(dialect=dialect)
    assert "INTERVAL" not in written or dialect == "mysql"
    assert written.count("(") == written.count(")")
