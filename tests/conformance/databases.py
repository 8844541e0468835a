"""Random records in a database: the two sheets as CSV, the query of an act, its rows beside the interpreter."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from clemency.determine.columns import determine_frame
from clemency.determine.interpreter import determine_case
from clemency.determine.sql import COLUMNS
from clemency.determine.sql_layout import FACT, write_tables
from clemency.law.act import Act
from clemency.law.vocabulary import CASE_FIELDS, OFFENCE_FIELDS
from clemency.records.frames import frame_of
from clemency.records.record import known_facts, read_record

_OFFENCE = ["case_id", *(name for name in OFFENCE_FIELDS if name != "category")]


def write_sheets(records: Iterable[Mapping[str, Any]], act: Act, folder: Path) -> tuple[Path, Path]:
    """The flat sheets of some records, `cases.csv` and `offences.csv`; an empty cell is unknown."""
    cases, offences = folder / "cases.csv", folder / "offences.csv"
    with (
        cases.open("w", encoding="utf-8", newline="") as one,
        offences.open("w", encoding="utf-8", newline="") as other,
    ):
        case_sheet, offence_sheet = csv.writer(one), csv.writer(other)
        names = ["case_id", "person_id", *CASE_FIELDS]
        case_sheet.writerow([*names, *(FACT + fact for fact in act.facts)])
        offence_sheet.writerow(_OFFENCE)
        for record in records:
            facts = record.get("facts") or {}
            row = [record.get(name) for name in names] + [facts.get(name) for name in act.facts]
            case_sheet.writerow(map(_cell, row))
            for offence in record.get("offences") or []:
                given = {"case_id": record["case_id"], **offence}
                offence_sheet.writerow(_cell(given.get(name)) for name in _OFFENCE)
    return cases, offences


def for_sheets(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as flat sheets can hold it: they have no text that is empty."""

    def held(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: held(one) for name, one in value.items()}
        return [held(one) for one in value] if isinstance(value, list) else None if value == "" else value

    return {name: held(value) for name, value in record.items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def expected(record: Mapping[str, Any], act: Act) -> dict[str, Any]:
    """What the interpreter says of a record, in the columns of the query."""
    found = determine_case(record, act, known_facts(act))
    unknown = [name for name, values in found.trace["grants"].items() if values["value"] == "unknown"]
    return {
        "case_id": found.case_id,
        "settled": 1,
        "outcome": found.outcome,
        "relief": found.relief.kind if found.relief else None,
        "grant": found.grant,
        "grants": "; ".join(found.grants),
        "grants_unknown": "; ".join(unknown),
        "exclusions": "; ".join(found.exclusions),
        "reservations": "; ".join(found.reservations),
        "term_end_before": found.term_end_before,
        "term_end_after": found.term_end_after,
        "days_remitted": found.days_remitted,
    }


def expected_of(records: Sequence[Mapping[str, Any]], act: Act) -> dict[str, dict[str, Any]]:
    """What the interpreter says of each record."""
    return {record["case_id"]: expected(record, act) for record in records}


def columns_of(records: Sequence[Mapping[str, Any]], act: Act) -> dict[str, dict[str, Any]]:
    """The same from the columnar engine, which is held to the interpreter elsewhere; it has no `grants_unknown`."""
    facts = known_facts(act)
    frame = determine_frame(frame_of([read_record(record, facts) for record in records], facts), act)
    kept = [name for name in COLUMNS if name in frame.columns]
    return {row["case_id"]: {"settled": 1, **row} for row in frame.select(kept).iter_rows(named=True)}


Expect = Callable[[Sequence[Mapping[str, Any]], Act], dict[str, dict[str, Any]]]


@dataclass
class Answers:
    """How many records a database answered, how many it left unsettled, and where it parts from the interpreter."""

    records: int = 0
    unsettled: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: Answers) -> None:
        self.records += other.records
        self.unsettled += other.unsettled
        self.outcomes += other.outcomes
        self.differences += other.differences


def hold_beside(
    records: Sequence[Mapping[str, Any]], rows: Iterable[Sequence[Any]], act: Act, expect: Expect = expected_of
) -> Answers:
    """Hold the rows of a query beside the interpreter's answers, column by column."""
    found, by_case = Answers(len(records)), expect(records, act)
    answers = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}
    if len(answers) != len(records):
        found.differences.append(f"{len(answers)} rows for {len(records)} records")
    for record in records:
        wanted, got = by_case[record["case_id"]], answers.get(record["case_id"])
        if got is None:
            found.differences.append(f"case {record['case_id']} has no row")
            continue
        if not got["settled"]:
            found.unsettled += 1
            wanted = {"case_id": wanted["case_id"], "term_end_before": wanted["term_end_before"]}
            wanted = {name: wanted.get(name) for name in COLUMNS} | {"settled": 0}
        else:
            found.outcomes[got["outcome"]] += 1
        parts = [
            f"{name}: {value!r}, database {_day(got[name])!r}"
            for name, value in wanted.items()
            if _day(got[name]) != value
        ]
        if parts:
            stated = {name: value for name, value in record.items() if value is not None}
            found.differences.append(f"case {record['case_id']}\n  " + "\n  ".join(parts) + f"\n  {stated}")
    return found


def _day(value: Any) -> Any:
    """SQLite has days as text."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    return value


# --- engines --------------------------------------------------------------------------------------------------


def statements(script: str) -> list[str]:
    """The single statements of a script."""
    return [one for one in script.split(";\n") if one.strip()]


def by_duckdb(records: Sequence[Mapping[str, Any]], act: Act, query: str, expect: Expect = expected_of) -> Answers:
    """Answer records with DuckDB, from the two sheets."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        for statement in statements(write_tables(act, "duckdb")):
            connection.execute(statement)
        for sheet in write_sheets(records, act, Path(folder)):
            connection.execute(f"COPY \"{sheet.stem}\" FROM '{sheet}' (HEADER, NULLSTR '')")
        return hold_beside(records, connection.execute(query).fetchall(), act, expect)


def by_postgres(records: Sequence[Mapping[str, Any]], act: Act, query: str, socket: Path) -> Answers:
    """Answer records with PostgreSQL, from the two sheets."""
    from tests.conformance.postgres import database

    with tempfile.TemporaryDirectory() as folder, database(socket) as connection:
        for statement in statements(write_tables(act, "postgres")):
            connection.execute(statement)
        for sheet in write_sheets(records, act, Path(folder)):
            with connection.cursor().copy(f'COPY "{sheet.stem}" FROM STDIN (FORMAT csv, HEADER)') as copy:
                copy.write(sheet.read_bytes())
        connection.execute("ANALYZE")
        connection.execute("SET jit = off; SET enable_nestloop = off")
        return hold_beside(records, connection.execute(query).fetchall(), act)


def by_sqlite(records: Sequence[Mapping[str, Any]], act: Act, query: str) -> Answers:
    """Answer records with SQLite, every cell put in as its import does: as text, empty where it is unknown."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(write_tables(act, "sqlite"))
        for sheet in write_sheets(records, act, Path(folder)):
            with sheet.open(encoding="utf-8", newline="") as lines:
                heads, *rows = csv.reader(lines)
            marks = ", ".join("?" for _ in heads)
            connection.executemany(f'INSERT INTO "{sheet.stem}" VALUES ({marks})', rows)
        return hold_beside(records, connection.execute(query).fetchall(), act)
