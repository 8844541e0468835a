"""An act as one query: written for every database, read back, and the same text each time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from clemency.cli import DONE, FAILED, run
from clemency.determine import sql
from clemency.determine.sql import COLUMNS, DIALECTS, NotWritten, write_query, write_tables
from clemency.law.act import Act, library_acts, load_act, parse_act

ACTS = Path(__file__).parents[1] / "acts" / "good"
GOLDEN = Path(__file__).parent / "sql"


def act_with(when: str) -> Act:
    return parse_act(
        "id: small\ntitle: S\noffence_code: az-cc\nmonth_end: clamp\ndates: {in_force: 2025-12-20}\n"
        "sources: {S: https://example.org/act}\nfacts: {asked: {type: number}}\ngrants:\n"
        f'  - {{id: one, when: "{when}", relief: release, source: S, confidence: high}}\n'
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_small_act_is_written_as_it_was(dialect: str) -> None:
    act = load_act(ACTS / "six-lines.yaml")
    written = write_tables(act, dialect) + "\n" + write_query(act, dialect)
    assert written == (GOLDEN / f"six-lines.{dialect}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        *(("reliefs-of-every-kind", dialect) for dialect in DIALECTS),
        *(("served-shares", dialect) for dialect in DIALECTS),
        ("ages-and-days", "spark"),
        ("ages-and-days", "tsql"),
        ("shares-steps-and-phases", "mysql"),
        ("shares-steps-and-phases", "oracle"),
    ],
)
def test_a_query_reads_back_in_its_own_dialect(name: str, dialect: str) -> None:
    act = load_act(ACTS / f"{name}.yaml")
    (query,) = sqlglot.parse(write_query(act, dialect), dialect=dialect)
    assert isinstance(query, exp.Select)
    assert tuple(one.alias_or_name for one in query.selects) == COLUMNS
    named = {one.alias for one in query.ctes}
    read = {table.name for table in query.find_all(exp.Table)}
    assert read - named - {"dual"} == {"cases", "offences"}


@pytest.mark.parametrize(("name", "dialect"), [("uk-sds40", "spark"), ("az-2021", "oracle")])
def test_an_act_of_the_library_reads_back(name: str, dialect: str) -> None:
    (query,) = sqlglot.parse(write_query(load_act(name), dialect), dialect=dialect)
    assert tuple(one.alias_or_name for one in query.selects) == COLUMNS


@pytest.mark.parametrize("name", library_acts())
def test_the_tables_have_a_column_for_every_fact(name: str) -> None:
    act = load_act(name)
    cases, offences = (one for one in sqlglot.parse(write_tables(act, "postgres"), dialect="postgres") if one)
    columns = {one.name for one in cases.find_all(exp.ColumnDef)}
    assert {f"facts.{fact}" for fact in act.facts} | {"case_id", "term_end", "recidivism"} <= columns
    assert [one.name for one in offences.find_all(exp.ColumnDef)] == [
        "case_id",
        "article",
        "committed_on",
        "guilt",
        "form",
    ]


def test_the_same_act_gives_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    act = load_act(ACTS / "exclusions-of-every-kind.yaml")
    first = write_query(act, "postgres")
    monkeypatch.setattr(sql, "_ASKED", {})
    assert write_query(act, "postgres") == first


def test_no_truth_is_left_to_the_null_of_an_engine() -> None:
    """Conditions join what is known alone: a comparison stands behind a test for null, and none uses IS DISTINCT."""
    written = write_query(load_act(ACTS / "exclusions-of-every-kind.yaml"), "postgres")
    assert "DISTINCT FROM" not in written
    assert "INTERVAL" not in written


def test_what_has_no_form_is_told_and_not_written() -> None:
    with pytest.raises(NotWritten, match="an age compared with a field") as refused:
        write_query(act_with("age on in_force >= asked"), "duckdb")
    assert "clemency determine" in str(refused.value)


def test_a_day_on_which_a_share_is_served_is_worked_out_from_the_term() -> None:
    """No table has such a column; the query makes it."""
    act = load_act(ACTS / "served-shares.yaml")
    assert "served 1/2" not in write_tables(act, "duckdb")
    (query,) = sqlglot.parse(write_query(act, "duckdb"), dialect="duckdb")
    (made,) = [one for one in query.ctes if one.alias == "days of reliefs"]
    assert {"served 1/2 of term", "served 1/3 of term"} <= {one.alias_or_name for one in made.this.selects}


def test_the_command_writes_an_act_as_it_stood_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["act", "sql", "uk-sds40", "--dialect", "postgres"]
    assert run([*command, "--as-of", "2024-10-21"]) == DONE
    first = capsys.readouterr().out
    assert first == write_query(load_act("uk-sds40").as_of(date(2024, 10, 21)), "postgres")
    assert "phase_two.longer" not in first
    assert run([*command, "--as-of", "2024-09-09"]) == FAILED
    assert "takes effect on 2024-09-10" in capsys.readouterr().err


def test_a_dialect_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="it is one of: duckdb, postgres"):
        write_query(act_with("suspended"), "cobol")
