"""An office's decisions: files that do not fit, exact counts by line and day, and where people and rules part."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.act import load_act
from clemency.observe.claims import quantities
from clemency.observe.decisions import (
    DECISIONS,
    DecisionErrors,
    compare_decisions,
    count_decisions,
    read_decisions,
)
from clemency.records.quarantine import QuarantineLog
from clemency.records.record import known_facts
from clemency.records.register import open_register
from tests.observe.test_given import register

ACT, KNOWN = load_act("az-2025"), quantities()
FOLDER = Path(__file__).parent / "decisions"
HEAD = "case_id,decided_on,decision,relief,grant\n"


def written(folder: Path, *rows: str, name: str = "decisions.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def compared(folder: Path, *rows: str):
    decided = read_decisions(written(folder, *rows), ACT)
    return compare_decisions(decided, open_register(register(folder), known_facts(ACT)), ACT, KNOWN, QuarantineLog())


# --- files


@pytest.mark.parametrize(
    "path", sorted(path for path in (FOLDER / "bad").iterdir() if path.suffix != ".txt"), ids=lambda path: path.name
)
def test_a_bad_file_is_told_in_full(path: Path) -> None:
    with pytest.raises(DecisionErrors) as told:
        read_decisions(path, ACT)
    expected = path.with_name(path.name + ".expected.txt").read_text(encoding="utf-8").rstrip("\n")
    assert str(told.value).replace(str(path), path.name) == expected


def test_a_file_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(DecisionErrors, match="there is no such file"):
        read_decisions(tmp_path / "none.csv", ACT)
    (tmp_path / "broken.parquet").write_text("no", encoding="utf-8")
    with pytest.raises(DecisionErrors, match="is no Parquet file"):
        read_decisions(tmp_path / "broken.parquet", ACT)


def test_only_the_first_problems_are_printed_and_all_are_counted(tmp_path) -> None:
    path = written(tmp_path, *(f"A-{number},2026-01-01,allowed,," for number in range(50)))
    with pytest.raises(DecisionErrors) as told:
        read_decisions(path, ACT)
    assert len(told.value.problems) == 50
    assert str(told.value).endswith("and 30 more problems")


def test_the_three_forms_say_the_same(tmp_path) -> None:
    sheet = read_decisions(FOLDER / "good" / "one-each-way.csv", ACT)
    rows = [
        {name: None if value is None else str(value) for name, value in row.items()}
        for row in sheet.frame.iter_rows(named=True)
    ]
    lines = tmp_path / "decisions.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    columns = tmp_path / "decisions.parquet"
    sheet.frame.write_parquet(columns)
    for path in (lines, columns):
        assert read_decisions(path, ACT).frame.equals(sheet.frame)


def test_the_latest_decision_of_a_case_stands() -> None:
    found = read_decisions(FOLDER / "good" / "granted-then-withdrawn.csv", ACT)
    assert found.rows == 2
    assert found.frame.height == 1
    assert found.granted.is_empty()
    assert found.last_day == date(2026, 2, 2)


# --- counted without a register


def test_a_named_clause_tells_the_line_and_no_clause_tells_the_total_alone() -> None:
    found = count_decisions(read_decisions(FOLDER / "good" / "one-each-way.csv", ACT), ACT, KNOWN)
    assert found.by("total") == 2
    assert found.by("ground_social_groups") == 1
    assert found.by("term_reduced") == 0
    assert found.unplaced == 1
    assert found.by("women") is None
    assert found.register is None


# --- compared with determinations


def test_every_way_in_which_people_and_rules_part(tmp_path) -> None:
    found = compared(
        tmp_path,
        "woman,2026-01-10,granted,release,personal.women",
        "short-rest,2026-01-11,granted,release,",
        "long-rest,2026-01-12,granted,release,",
        "rest-open,2026-01-13,granted,reduce,less_serious.reduce",
        "restricted,2026-01-14,refused,,",
        "served,2026-01-15,granted,release,",
        "penalty-open,2026-01-16,refused,,",
        "stranger,2026-01-17,granted,release,minor.release",
    )
    assert found.agree == 3
    assert {name: count for name, count in found.differences.items() if count} == {
        "other_relief": 1,
        "granted_not_covered": 1,
        "refused_granted": 1,
        "refused_undetermined": 1,
        "not_decided": 1,
        "not_in_register": 1,
    }
    assert found.examples["not_decided"] == ["works"]
    assert found.examples["refused_granted"] == ["restricted"]


def test_a_grant_without_a_clause_is_placed_by_the_determination_of_its_case(tmp_path) -> None:
    found = compared(
        tmp_path,
        "short-rest,2026-01-11,granted,release,",
        "long-rest,2026-01-12,granted,release,",
        "restricted,2026-01-14,granted,release,",
    )
    assert found.by("ground_less_serious_under_1y_left") == 1
    assert found.by("restriction_of_liberty_released") == 1
    assert found.unplaced == 1
    assert found.by("total") == 3


def test_counts_up_to_a_day(tmp_path) -> None:
    found = compared(tmp_path, "woman,2026-01-10,granted,release,personal.women", "works,2026-02-10,granted,release,")
    assert found.by("total", date(2026, 1, 9)) == 0
    assert found.by("total", date(2026, 1, 10)) == 1
    assert found.by("total") == 2
    assert found.by("women") == 1
    assert found.by("nothing_of_the_kind") is None


def test_another_clause_with_the_same_relief_is_told_as_such(tmp_path) -> None:
    found = compared(tmp_path, "woman,2026-01-10,granted,release,personal.age_60")
    assert found.differences["other_clause"] == 1
    assert found.agree == 1


def test_decisions_as_plain_data_name_every_difference(tmp_path) -> None:
    plain = compared(tmp_path, "woman,2026-01-10,granted,release,personal.women").as_json()
    assert plain["differences"]["not_decided"]["cases"] == 5
    assert json.loads(json.dumps(plain)) == plain


# --- laws

ids = st.sampled_from(["woman", "short-rest", "long-rest", "rest-open", "restricted", "works", "served", "x", "y"])
days = st.dates(date(2025, 12, 22), date(2026, 4, 20))
grants = st.sampled_from([None, *(grant.id for grant in ACT.grants)])


@st.composite
def decisions(draw) -> list[dict[str, str | None]]:
    rows = []
    for case, day in draw(st.lists(st.tuples(ids, days), unique=True, max_size=12)):
        decision = draw(st.sampled_from(DECISIONS))
        grant = draw(grants) if decision == "granted" else None
        relief = next((one.relief.kind for one in ACT.grants if one.id == grant), "release")
        rows.append(
            {
                "case_id": case,
                "decided_on": day.isoformat(),
                "decision": decision,
                "relief": relief if decision == "granted" else None,
                "grant": grant,
            }
        )
    return rows


@given(decisions(), st.randoms())
def test_the_order_of_rows_changes_nothing_and_no_case_counts_twice(tmp_path_factory, rows, random) -> None:
    folder = tmp_path_factory.mktemp("decisions")
    shuffled = list(rows)
    random.shuffle(shuffled)
    found = []
    for number, some in enumerate((rows, shuffled)):
        schema = dict.fromkeys(HEAD.strip().split(","), pl.String)
        path = folder / f"{number}.parquet"
        pl.DataFrame(some, schema).write_parquet(path)
        found.append(count_decisions(read_decisions(path, ACT), ACT, KNOWN))
    one, other = found
    assert {name: one.by(name) for name in one.by_day} == {name: other.by(name) for name in other.by_day}
    assert one.outcomes == other.outcomes
    assert sum(one.outcomes.values()) == len({row["case_id"] for row in rows})
    lines = [one.by(part) or 0 for part in KNOWN["total"].parts if part in one.by_day]
    assert one.by("total") == sum(lines) + one.unplaced
