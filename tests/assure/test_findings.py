"""Findings in a register before anyone is released: each kind planted in cases that are otherwise in order."""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.assure.doubles import plain
from clemency.assure.findings import KINDS, Findings, findings
from clemency.assure.findings_files import write_findings
from clemency.assure.near_misses import as_written, near_misses
from clemency.cli import run
from clemency.determine.columns import determine_frame
from clemency.law import rules
from clemency.law.act import Act, load_act, parse_act
from clemency.law.codes import ArticlePart, OffenceCode, load_code
from clemency.records.frames import frame_of
from clemency.records.record import CaseRecord, known_facts, read_record

FACTS = known_facts()
IN_ORDER: dict[str, Any] = {
    "person_id": "Əliyev İsa",
    "birth_date": "1980-05-01",
    "sex": "male",
    "stage": "serving",
    "punishment": "imprisonment",
    "suspended": False,
    "term_months": 36,
    "term_start": "2024-03-01",
    "term_end": "2027-03-01",
    "credit_days": 0,
    "judgment_date": "2024-03-01",
    "offences": [{"article": "178.2", "committed_on": "2023-11-01", "guilt": "intent", "form": "completed"}],
}


@pytest.fixture(scope="module")
def act() -> Act:
    return load_act("az-2025")


def register(*cases: dict[str, Any]) -> pl.DataFrame:
    """Cases that are in order but for what is said of each; each is another person unless it says who it is."""
    records = []
    for number, case in enumerate(cases):
        own = {"case_id": f"c{number}", "person_id": f"P-{number:06}", "judgment_date": f"2024-02-{number + 1:02}"}
        records.append(read_record(IN_ORDER | own | case, FACTS))
    return frame_of(records, FACTS)


def codes(found: Findings) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.cases) for one in found.found]


def offence(**changes: Any) -> list[dict[str, Any]]:
    return [IN_ORDER["offences"][0] | changes]


PLANTED: dict[str, list[tuple[dict[str, Any], ...]]] = {
    "end_given_later": [({"term_end": "2027-03-02"},)],
    "end_given_earlier": [({"term_end": "2027-02-28"},)],
    "release_overdue": [({"term_months": 12, "term_end": "2025-03-01"},)],
    "above_the_maximum": [
        ({"term_months": 96, "term_end": "2032-03-01"},),
        ({"term_months": 60, "term_end": "2029-03-01", "offences": offence(form="preparation")},),
    ],
    "above_the_cap": [
        (
            {
                "term_months": 200,
                "term_end": "2040-11-01",
                "offences": [*offence(), *offence(article="177.2.3")],
            },
        )
    ],
    "dates_out_of_order": [({"offences": offence(committed_on="2024-03-02")},)],
    "age_impossible": [
        ({"birth_date": "2010-01-01"},),
        ({"birth_date": "1900-01-01"},),
    ],
    "same_case_twice": [({"judgment_date": "2024-02-01"}, {"judgment_date": "2024-02-01"})],
    "same_person_twice": [
        ({"person_id": "A-1"}, {"person_id": "A-1", "birth_date": "1980-01-05", "stage": "served"}),
        ({"person_id": "Əliyev İsa"}, {"person_id": "ƏLIYEV, İSA"}),
        ({"person_id": "Məmmədov Rəşad"}, {"person_id": "Memmedov Reşadd"}),
        ({"person_id": "Cəfərova Şəhla"}, {"person_id": "Джафарова Шахла"}),
        ({"person_id": "Xudiyev Çingiz"}, {"person_id": "Khudiev Chingiz"}),
    ],
    "sentences_overlap": [({"person_id": "A-1"}, {"person_id": "A-1", "term_months": 40, "term_end": "2027-07-01"})],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "cases"),
    [(code, cases) for code, planted in PLANTED.items() for cases in planted],
    ids=[f"{code}-{n}" for code, planted in PLANTED.items() for n in range(len(planted))],
)
def test_what_is_planted_is_found_with_its_cases(code: str, cases: tuple[dict[str, Any], ...], act: Act) -> None:
    found = [one for one in findings(register(*cases), act).found if one.code == code]
    assert len(found) == 1
    assert set(found[0].cases) == {f"c{number}" for number in range(len(cases))}
    assert found[0].seen
    assert found[0].kind.to_do


def test_a_register_in_order_has_no_finding(act: Act) -> None:
    assert codes(findings(register({}, {}, {}), act)) == []


def test_every_kind_of_finding_is_planted_somewhere() -> None:
    assert set(KINDS) == {*PLANTED, "near_miss", "before_the_article", "after_the_repeal", "category_differs"}


def test_a_category_that_the_source_states_is_held_against_the_code(act: Act) -> None:
    """Article 178.2 is less serious. A case of which nothing is stated, or whose article is open, is no finding."""
    cases = register({}, {}, {"offences": [*offence(), *offence(article="178")]}, {}, {"offences": []})
    said = ["serious", "less_serious", "serious", None, "serious"]
    stated = pl.DataFrame({"case_id": [f"c{place}" for place in range(5)], "category": said}).drop_nulls()
    found = findings(cases, act, stated).found
    assert [(one.code, one.cases) for one in found] == [("category_differs", ("c0",))]
    assert found[0].seen == "the source says serious, the code says less serious (178.2)"


def test_the_category_of_an_import_is_held_against_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the file stated is kept with the versions; a later file that mends it takes the finding away."""
    source, into = tmp_path / "list.csv", tmp_path / "register.parquet"
    for category, codes_found in (("ağır", ["category_differs"]), ("az ağır", [])):
        source.write_text(f"İşin nömrəsi;Maddə;Kateqoriya\nsynthetic-1;178.2;{category}\n", encoding="utf-8")
        run(["register", "import", str(source), "-o", str(into)])
        capsys.readouterr()
        run(["register", "findings", str(into), "--act", "az-2025", "--json"])
        told = json.loads(capsys.readouterr().out)
        assert [one["code"] for one in told["findings"]] == codes_found


def test_what_is_not_known_is_no_finding(act: Act) -> None:
    bare = frame_of([CaseRecord(case_id="1"), CaseRecord(case_id="2", offences=[])], FACTS)
    assert codes(findings(bare, act)) == []


def test_neighbouring_numbers_are_not_one_person(act: Act) -> None:
    found = findings(register({"person_id": "AZ 000123"}, {"person_id": "AZ 000124"}), act)
    assert codes(found) == []
    found = findings(register({"person_id": "AZ-000123"}, {"person_id": "az000123"}), act)
    assert [code for code, _ in codes(found)] == ["same_person_twice"]


@settings(max_examples=24)
@given(st.permutations(range(4)))
def test_the_order_of_the_rows_changes_no_finding(order: list[int]) -> None:
    cases = [
        {"case_id": "a", "term_end": "2027-03-02"},
        {"case_id": "b", "person_id": "Q"},
        {"case_id": "c", "person_id": "Q"},
        {"case_id": "d", "birth_date": "2012-01-01", "judgment_date": "2024-03-01"},
    ]
    act, first = load_act("az-2025"), register(*cases)
    moved = first[order]
    told = {(code, tuple(sorted(ids))) for code, ids in codes(findings(first, act))}
    assert {(code, tuple(sorted(ids))) for code, ids in codes(findings(moved, act))} == told


# --- law that changed -----------------------------------------------------------------------------------------


def descended() -> OffenceCode:
    """A code in which 500.1 took the place of 400.1 on 1 January 2023."""
    theft = replace(load_code("az-cc").parts["178.2"])
    old = replace(theft, key="400.1", article="400", valid_to="2022-12-31", successors=("500.1",))
    new = replace(theft, key="500.1", article="500", valid_from="2023-01-01", predecessors=("400.1",))
    parts: dict[str, ArticlePart] = {"400.1": old, "500.1": new}
    return OffenceCode("descended", parts, {"400": (old,), "500": (new,)})


ACT = """
id: descended
title: An act whose list names the new article only
dates: {in_force: 2025-12-20}
month_end: clamp
sources: {S: "https://example.org"}
offence_code: az-cc
grants:
  - {id: all.release, title: All, when: stage = 'serving', relief: release, source: [S], confidence: high}
exclusions:
  - {id: listed, limits: all, offences: ["az-cc:178.2"], source: [S], confidence: high}
"""


@pytest.fixture(scope="module")
def new_article_listed() -> Act:
    act = parse_act(ACT, "act.yaml")
    code = descended()
    listed = rules.Listed(certain=("500.1",), uncertain=(), exclusion="listed")
    exclusion = replace(act.exclusions[0], condition=rules.AnyOffence(listed))
    return replace(act, code=code, exclusions=(exclusion,), version="descended@1")


def test_the_accident_of_2024_is_found_before_it_happens(new_article_listed: Act) -> None:
    cases = register(
        {"offences": offence(article="400.1", committed_on="2022-05-01")},
        {"offences": offence(article="500.1", committed_on="2023-05-01")},
    )
    assert determine_frame(cases, new_article_listed).get_column("outcome").to_list() == ["excluded", "excluded"]
    missed = near_misses(cases, new_article_listed)
    assert [(one.entry, one.cases, one.freed) for one in missed] == [("500.1", (("c0", "400.1"),), 1)]
    assert ("near_miss", ("c0",)) in codes(findings(cases, new_article_listed))


def test_an_offence_outside_the_time_of_its_article_is_found(new_article_listed: Act) -> None:
    cases = register(
        {"offences": offence(article="400.1", committed_on="2023-01-01")},
        {"offences": offence(article="500.1", committed_on="2022-12-31")},
        {"offences": offence(article="400.1", committed_on="2022-12-31")},
    )
    found = [one for one in codes(findings(cases, new_article_listed)) if one[0] != "near_miss"]
    assert found == [("after_the_repeal", ("c0",)), ("before_the_article", ("c1",))]


def test_a_code_as_written_has_no_descent() -> None:
    code = descended()
    assert code.falls_under("400.1", "500.1")
    assert not as_written(code).falls_under("400.1", "500.1")
    assert as_written(code).falls_under("500.1", "500.1")


# --- questions ------------------------------------------------------------------------------------------------


def test_the_questions_are_ranked_by_what_each_alone_settles(act: Act) -> None:
    cases = register(*({"term_end": None, "credit_days": None} for _ in range(3)), {"stage": None})
    asked = findings(cases, act).questions
    answers = determine_frame(cases, act).filter(pl.col("outcome") == "undetermined")
    assert asked
    assert [one.settles for one in asked] == sorted((one.settles for one in asked), reverse=True)
    assert max(one.open_in for one in asked) <= answers.height
    assert all(one.ask for one in asked)
    whom = {one.name: one.whom for one in asked}
    assert whom["stage"] == "the judgment and the file of the case"
    assert whom["combatant"] == act.facts["combatant"].evidence["en"]
    assert {one.whom for one in asked if one.kind == "law"} <= {"those who answer for the act"}


# --- files ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nasty(act: Act) -> Findings:
    late = {"term_end": "2027-03-02"}
    return findings(register({"case_id": "=1+1", **late}, {"case_id": 'ş;"ə', **late}), act)


def test_excel_holds_every_finding_as_text(tmp_path: Path, nasty: Findings) -> None:
    path = tmp_path / "findings.xlsx"
    write_findings(nasty, path)
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name("findings").to_python()
    assert [row[4] for row in sheet[1:]] == ["=1+1", 'ş;"ə']


def test_csv_escapes_what_a_spreadsheet_would_take_for_a_formula(tmp_path: Path, nasty: Findings) -> None:
    path = tmp_path / "findings.csv"
    write_findings(nasty, path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        assert [row["cases"] for row in csv.DictReader(lines)] == ["'=1+1", 'ş;"ə']


def test_the_command_tells_writes_and_gives_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "register.parquet", tmp_path / "findings.json"
    register({"term_end": "2027-03-02"}).write_parquet(path)
    assert run(["register", "findings", str(path), "--act", "az-2025"]) == 1
    assert "held by mistake" in capsys.readouterr().out
    assert run(["register", "findings", str(path), "--act", "az-2025", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in told["findings"]] == ["end_given_later"]
    assert run(["register", "findings", str(path), "--act", "az-2025", "-o", str(out)]) == 1
    assert json.loads(out.read_text(encoding="utf-8")) == told
    assert run(["register", "findings", str(path), "--act", "az-2025", "-o", str(tmp_path / "x.pdf")]) == 2
    register({}).write_parquet(path)
    assert run(["register", "findings", str(path), "--act", "az-2025"]) == 0


@given(st.text(max_size=12), st.sampled_from([" ", ",", "-", "’", "ь", "ъ"]))
def test_blanks_stops_and_signs_are_not_heard(text: str, sign: str) -> None:
    heard = plain(text)
    assert plain(f"{sign}{text}{sign}") == heard
    assert all(one.isdigit() or one != other for one, other in itertools.pairwise(heard))
