"""Registers on disk: what is in order comes out in order, what is not is put aside with row, field and value."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from clemency.law.vocabulary import BOOLEAN, DATE, NUMBER, TEXT, Kind, ValueType
from clemency.records import frames
from clemency.records.files import OutputError, atomic_path
from clemency.records.frames import duplicate_ids, frame_of, parquet_batches, record_schema, screen
from clemency.records.quarantine import QuarantinedRow, RegisterError, shown, write_quarantine
from clemency.records.record import FieldProblem, RecordErrors, read_json, read_record
from clemency.records.register import CaseNotFound, open_register

FACTS = {
    "combatant": BOOLEAN,
    "disability_percent": NUMBER,
    "since": DATE,
    "unit": TEXT,
    "grade": ValueType(Kind.ENUMERATION, ("low", "high"), True),
}

FULL = {
    "case_id": "A-1",
    "person_id": "P-1",
    "birth_date": "1964-02-29",
    "sex": "female",
    "citizenship": "AZ",
    "stage": "serving",
    "holder": "prison 4",
    "punishment": "imprisonment",
    "suspended": False,
    "deferred": False,
    "foreign_judgment": False,
    "institution_type": "general",
    "term_months": 60,
    "term_days": 0,
    "term_start": "2024-08-31",
    "term_end": "2029-08-31",
    "credit_days": 0,
    "judgment_date": "2024-08-01",
    "first_conviction": True,
    "recidivism": "none",
    "offences": [
        {"article": "177.2.3", "committed_on": "2023-05-10", "guilt": "intent", "form": "completed"},
        {"article": "320.1"},
    ],
    "facts": {"combatant": True, "disability_percent": 61.5, "since": "1990-01-20", "unit": "əsgər", "grade": "high"},
}


def jsonl(folder: Path, *rows: object, name: str = "register.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def parquet(folder: Path, frame: pl.DataFrame, name: str = "register.parquet") -> Path:
    path = folder / name
    frame.write_parquet(path)
    return path


def read(path: Path | str) -> tuple[pl.DataFrame, list[QuarantinedRow]]:
    batches = list(open_register(path, FACTS).batches())
    return pl.concat([batch.frame for batch in batches]), [row for batch in batches for row in batch.quarantined]


def problems(rows: list[QuarantinedRow]) -> list[tuple[int, str | None, str, str]]:
    return [(row.row, row.case_id, problem.field, problem.what) for row in rows for problem in row.problems]


def known(value: object) -> object:
    if isinstance(value, dict):
        return {name: known(inner) for name, inner in value.items() if inner is not None}
    return [known(inner) for inner in value] if isinstance(value, list) else value


# --- one content, three forms


def sheets(folder: Path) -> Path:
    folder = folder / "sheets"
    folder.mkdir()
    scalars = {name: value for name, value in FULL.items() if name not in ("offences", "facts")}
    scalars |= {f"facts.{name}": value for name, value in FULL["facts"].items()}
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in scalars.values()]
    (folder / "cases.csv").write_text(
        ",".join(scalars) + "\n" + ",".join(values) + "\nA-2" + "," * (len(values) - 1) + "\n", encoding="utf-8"
    )
    (folder / "offences.csv").write_text(
        "case_id,article,committed_on,guilt,form\nA-1,177.2.3,2023-05-10,intent,completed\nA-1,320.1,,,\n",
        encoding="utf-8",
    )
    return folder


def test_the_three_forms_say_the_same(tmp_path) -> None:
    expected = frame_of([read_record(FULL, FACTS), read_record({"case_id": "A-2"}, FACTS)], FACTS)
    assert expected.schema == record_schema(FACTS)
    assert expected.row(0, named=True)["offences"][0]["committed_on"] == date(2023, 5, 10)
    for register in (
        jsonl(tmp_path, FULL, {"case_id": "A-2"}),
        sheets(tmp_path),
        parquet(tmp_path, expected),
    ):
        frame, aside = read(register)
        assert aside == []
        assert_frame_equal(frame, expected)
        record = open_register(register, FACTS).find("A-1")
        assert record == read_record(FULL, FACTS)
        assert [number for number, _ in open_register(register, FACTS).records()] in ([1, 2], [2, 3])


def test_a_frame_gives_back_its_records(tmp_path) -> None:
    rows = [FULL, {"case_id": "A-2", "offences": []}, {"case_id": "A-3", "facts": {}}, {"case_id": "A-4"}]
    records = [read_record(row, FACTS) for row in rows]
    register = open_register(parquet(tmp_path, frame_of(records, FACTS)), FACTS)
    for record, (_, found) in zip(records, register.records(), strict=True):
        assert known(found.model_dump()) == known({**record.model_dump(), "facts": record.facts or {}})


def test_batches_keep_order_and_row_numbers(tmp_path) -> None:
    path = jsonl(tmp_path, *({"case_id": f"A-{number}"} for number in range(7)))
    batches = list(open_register(path, FACTS).batches(rows=3))
    assert [batch.first_row for batch in batches] == [1, 4, 7]
    assert [number for batch in batches for number in batch.rows] == [1, 2, 3, 4, 5, 6, 7]
    path = parquet(tmp_path, pl.concat([batch.frame for batch in batches]))
    batches = list(open_register(path, FACTS).batches(rows=3))
    assert [number for batch in batches for number in batch.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert open_register(path, FACTS).total == 7


# --- rows that do not fit

BAD_VALUES = [
    ("sex", "man", "it is one of: female, male"),
    ("stage", "Serving", "it is one of: investigation, trial, serving, served"),
    ("term_months", -1, "greater than or equal to 0"),
    ("term_months", 100_001, "less than or equal to 100000"),
    ("birth_date", "1690-01-01", "the date lies outside"),
    ("term_end", "2026-02-30", "no day of the calendar"),
    ("term_end", "20.12.2026", "write it as 2025-12-20"),
    ("term_end", "2026-12-20 00:00", "a date is written as 2025-12-20"),
    ("case_id", "", "at least 1 character"),
    ("case_id", "x" * 201, "at most 200 characters"),
]


@pytest.mark.parametrize(("field", "value", "what"), BAD_VALUES)
def test_a_value_that_does_not_fit_is_named_with_its_row(tmp_path, field, value, what) -> None:
    rows = [{"case_id": "A-1"}, {"case_id": "A-2"} | {field: value}, {"case_id": "A-3"}]
    folder = tmp_path / "sheets"
    folder.mkdir()
    (folder / "cases.csv").write_text(f"case_id,{field}\n" if field != "case_id" else "case_id,sex\n", encoding="utf-8")
    with (folder / "cases.csv").open("a", encoding="utf-8") as file:
        for row in rows:
            file.write(f"{row['case_id']},{row.get(field, '') if field != 'case_id' else 'male'}\n")
    (folder / "offences.csv").write_text("case_id,article\n", encoding="utf-8")
    frame = pl.DataFrame(rows, infer_schema_length=None)
    for register, row in ((jsonl(tmp_path, *rows), 2), (parquet(tmp_path, frame), 2), (folder, 3)):
        fine, aside = read(register)
        assert fine.get_column("case_id").to_list() == ["A-1", "A-3"]
        assert [(one.row, one.problems[0].field) for one in aside] == [(row, field)]
        assert what in aside[0].problems[0].what or (field == "case_id" and not value)


def test_bad_offences_and_facts_are_named_by_their_place(tmp_path) -> None:
    bad = {
        "case_id": "A-1",
        "offences": [{"article": "177.1"}, {"article": "x" * 41, "guilt": "none"}],
        "facts": {"grade": "middle", "since": "1690-01-01", "disability_percent": 1e13},
    }
    expected = {"offences.1.article", "offences.1.guilt", "facts.grade", "facts.since", "facts.disability_percent"}
    frame = pl.DataFrame([bad, {"case_id": "A-2"}], infer_schema_length=None)
    for register in (jsonl(tmp_path, bad, {"case_id": "A-2"}), parquet(tmp_path, frame)):
        fine, aside = read(register)
        assert fine.get_column("case_id").to_list() == ["A-2"]
        assert {problem.field for problem in aside[0].problems} == expected


BAD_LINES = [
    ('{"case_id": "B", "sex": "male"', "broken JSON"),
    ("{'case_id': 'B'}", "broken JSON"),
    ('{"case_id": "B", "term_months": NaN}', "NaN is no JSON value"),
    ('{"case_id": "B", "suspended": true, "suspended": false}', "the name stands twice in one object"),
    ('{"case_id": "B", "facts": {"combatant": true, "combatant": false}}', "the name stands twice in one object"),
    ('{"case_id": "B", "term_months": 12.0}', "it should be a valid integer"),
    ('{"case_id": "B", "suspended": 1}', "it should be a valid boolean"),
    ('{"case_id": 7}', "it should be a valid string"),
    ('{"sex": "male"}', "the field is missing"),
    ('["B"]', "a record is an object"),
    ('"B"', "a record is an object"),
    ('{"case_id": "B\ud800"}'.encode("utf-8", "replace").decode().replace("?", "\\ud800"), "string"),
    ('{"case_id": "B", "sexx": "male"}', "unknown field"),
    ('{"case_id": "B", "facts": {"combattant": true}}', "no act of the library knows this fact"),
    ('{"case_id": "B", "sex": "ma\0le"}', "broken JSON"),
    ("[" * 100_000, "broken JSON"),
]


@pytest.mark.parametrize(("line", "what"), BAD_LINES)
def test_a_broken_line_is_put_aside_as_it_stands(tmp_path, line, what) -> None:
    frame, aside = read(jsonl(tmp_path, {"case_id": "A"}, "", line, {"case_id": "C"}))
    assert frame.get_column("case_id").to_list() == ["A", "C"]
    assert [row.row for row in aside] == [3]
    assert any(what in problem.what for problem in aside[0].problems) or "deeply" in aside[0].problems[0].what
    assert json.dumps(aside[0].as_json())


def test_an_unknown_field_or_fact_comes_with_the_nearest_name(tmp_path) -> None:
    line = {"case_id": "B", "sexx": "male", "facts": {"combattant": True}, "offences": [{"artikle": "1"}]}
    _, aside = read(jsonl(tmp_path, line))
    assert {problem.mend for problem in aside[0].problems} == {
        "did you mean sex?",
        "did you mean article?",
        "did you mean combatant?",
    }


def test_a_line_that_never_ends_is_put_aside_and_the_next_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("clemency.records.register.MAX_LINE", 1000)
    long = json.dumps({"case_id": "B", "holder": "ə" * 5000}, ensure_ascii=False)
    frame, aside = read(jsonl(tmp_path, {"case_id": "A"}, long, {"case_id": "C"}))
    assert frame.get_column("case_id").to_list() == ["A", "C"]
    assert problems(aside) == [(2, None, "", "the line has over 1,000 bytes")]


# --- ids given twice


def test_every_row_of_an_id_given_twice_is_put_aside(tmp_path) -> None:
    rows = [{"case_id": "A"}, {"case_id": "B", "sex": "male"}, {"case_id": "C"}, {"case_id": "B", "sex": "man"}]
    for path in (jsonl(tmp_path, *rows), parquet(tmp_path, pl.DataFrame(rows, infer_schema_length=None))):
        frame, aside = read(path)
        assert frame.get_column("case_id").to_list() == ["A", "C"]
        assert [(row.row, row.case_id, len(row.problems)) for row in aside] == [(2, "B", 1), (4, "B", 2)]
        assert aside[0].problems[0].what == "several rows bear this id"
        with pytest.raises(RecordErrors, match="several rows bear this id"):
            open_register(path, FACTS).find("B")
    outcomes = [type(found).__name__ for _, found in open_register(jsonl(tmp_path, *rows), FACTS).records()]
    assert outcomes == ["CaseRecord", "RecordErrors", "CaseRecord", "RecordErrors"]


def test_ids_given_twice_are_found_across_batches() -> None:
    batches = [pl.Series(["b", "a", None]), pl.Series(["c", "a"]), pl.Series(["d"])]
    assert duplicate_ids(lambda: batches) == {"a"}
    assert duplicate_ids(lambda: [pl.Series(["a", "b"]), pl.Series(["b", "c"])]) == {"b"}
    assert duplicate_ids(lambda: [pl.Series(["b", "a"]), pl.Series(["c"])]) == frozenset()
    assert duplicate_ids(lambda: [pl.Series(["a", "a"])]) == {"a"}
    assert duplicate_ids(lambda: [pl.Series([None, None], dtype=pl.String)]) == frozenset()


def test_two_ids_of_one_hash_are_not_taken_for_one(monkeypatch) -> None:
    monkeypatch.setattr(pl.Series, "hash", lambda self: pl.Series([1] * len(self), dtype=pl.UInt64))
    assert duplicate_ids(lambda: [pl.Series(["b", "a"]), pl.Series(["c", "b"])]) == {"b"}
    assert duplicate_ids(lambda: [pl.Series(["b", "a"])]) == frozenset()


# --- files that are refused

REFUSED = [
    (b"", "is empty"),
    (b"\n \n", "is empty"),
    (b"[\n{}\n]", "write one object a line"),
    ('{"case_id": "A"}\n'.encode("utf-16"), "UTF-16"),
    ('{"case_id": "A"}\n'.encode("utf-16-le"), "UTF-16"),
    ('{"case_id": "A"}\n{"case_id": "Петров"}\n'.encode("cp1251"), "line 2, byte 14 of the line (byte 31 of the file)"),
    ('{"case_id": "Петров"}\n'.encode("cp1251"), "probably Windows-1251"),
    (b'{"case_id": "A"}\n{"case_id": "B\xff"}\n', "line 2, byte 15 of the line"),
]


@pytest.mark.parametrize(("content", "why"), REFUSED)
def test_a_file_that_is_no_text_register_is_refused(tmp_path, content, why) -> None:
    path = tmp_path / "register.jsonl"
    path.write_bytes(content)
    with pytest.raises(RegisterError) as refusal:
        read(path)
    assert why in str(refusal.value)


def test_a_byte_order_mark_and_other_line_ends_are_let_be(tmp_path) -> None:
    path = tmp_path / "register.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"case_id": "A"}\r\n\r\n  {"case_id": "B"}  ')
    frame, aside = read(path)
    assert (frame.get_column("case_id").to_list(), aside) == (["A", "B"], [])


@pytest.mark.parametrize("name", ["register.json", "register.csv", "register.jsonl.gz", "register.xlsx", "register"])
def test_another_form_is_refused_with_the_forms_there_are(tmp_path, name) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(RegisterError, match="a register is JSON Lines"):
        open_register(tmp_path / name, FACTS)


def test_a_register_that_is_not_there_brings_the_nearest_name(tmp_path) -> None:
    jsonl(tmp_path, {"case_id": "A"})
    with pytest.raises(RegisterError, match=r"did you mean .*register\.jsonl"):
        open_register(tmp_path / "registre.jsonl", FACTS)


# --- Parquet


def test_types_that_lose_nothing_are_taken(tmp_path) -> None:
    frame = pl.DataFrame(
        {
            "case_id": pl.Series(["A", "B"], dtype=pl.Categorical),
            "sex": pl.Series(["female", None], dtype=pl.Enum(["female", "male"])),
            "term_months": pl.Series([60.0, None], dtype=pl.Float64),
            "credit_days": pl.Series([3, 4], dtype=pl.Int64),
            "term_end": ["2026-12-20", None],
            "term_start": [datetime(2024, 1, 20), None],
            "suspended": pl.Series([None, None], dtype=pl.Null),
            "offences": [[{"article": "177.1", "committed_on": "2023-05-10"}], []],
            "facts": [{"combatant": True, "disability_percent": 65}, None],
        }
    )
    fine, aside = read(parquet(tmp_path, frame))
    assert aside == []
    row = fine.row(0, named=True)
    assert (row["term_months"], row["credit_days"], row["sex"]) == (60, 3, "female")
    assert (row["term_end"], row["term_start"]) == (date(2026, 12, 20), date(2024, 1, 20))
    assert row["offences"] == [{"article": "177.1", "committed_on": date(2023, 5, 10), "guilt": None, "form": None}]
    assert row["facts"]["disability_percent"] == 65
    assert fine.row(1, named=True)["offences"] == []
    assert open_register(tmp_path / "register.parquet", FACTS).find("A").term_months == 60


def test_values_that_would_lose_something_are_put_aside(tmp_path) -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["A", "B", "C", "D", None],
            "term_months": [60.5, float("nan"), 1e12, 1.0, 2.0],
            "term_end": ["2026-12-20", "2026-1-2", "soon", None, None],
            "term_start": [datetime(2024, 1, 20, 10), None, None, None, None],
        }
    )
    fine, aside = read(parquet(tmp_path, frame))
    assert fine.get_column("case_id").to_list() == ["D"]
    assert {(row.row, problem.field) for row in aside for problem in row.problems} == {
        (1, "term_months"),
        (1, "term_start"),
        (2, "term_months"),
        (2, "term_end"),
        (3, "term_months"),
        (3, "term_end"),
        (5, "case_id"),
    }


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"case": ["A"]}, "the column case_id is missing; unknown column case (did you mean case_id?)"),
        ({"case_id": ["A"], "sexx": ["male"]}, "unknown column sexx (did you mean sex?)"),
        ({"case_id": [1]}, "column case_id is Int64, and should be text"),
        ({"case_id": ["A"], "term_months": ["60"]}, "column term_months is text, and should be a whole number"),
        ({"case_id": ["A"], "suspended": [1]}, "column suspended is Int64, and should be true or false"),
        ({"case_id": ["A"], "facts": ["x"]}, "column facts is String, and should be a struct with one field a fact"),
        (
            {"case_id": ["A"], "facts": [{"combattant": True}]},
            "unknown fact facts.combattant (did you mean facts.combatant?)",
        ),
        ({"case_id": ["A"], "offences": ["177.1"]}, "column offences is String, and should be a list of offences"),
        (
            {"case_id": ["A"], "offences": [[{"artikle": "1"}]]},
            "unknown field offences.artikle (did you mean offences.article?)",
        ),
    ],
)
def test_a_parquet_file_of_another_shape_is_refused(tmp_path, columns, why) -> None:
    with pytest.raises(RegisterError) as refusal:
        read(parquet(tmp_path, pl.DataFrame(columns)))
    assert why in str(refusal.value)


def test_a_damaged_parquet_file_is_refused(tmp_path) -> None:
    whole = parquet(tmp_path, frame_of([read_record(FULL, FACTS)] * 50, FACTS)).read_bytes()
    for content, why in (
        (b"", "is empty"),
        (whole[: len(whole) // 2], "is cut off"),
        (b"case_id,sex\nA,male\n", "is no Parquet file"),
        (whole[:200] + b"\0" * 400 + whole[600:-8] + whole[-8:], "damaged"),
        (b"PARE" + whole[4:], "encrypted"),
        (whole[:-8] + b"\xff\xff\xff\x7fPAR1", "damaged"),
    ):
        path = tmp_path / "bad.parquet"
        path.write_bytes(content)
        with pytest.raises(RegisterError) as refusal:
            read(path)
        assert why in str(refusal.value)
    with pytest.raises(RegisterError, match="no row"):
        read(parquet(tmp_path, frame_of([], FACTS)))


def test_the_screen_lets_nothing_pass_that_a_record_refuses(tmp_path) -> None:
    """Every bad value of this file, as a frame: the screen agrees with `read_record` on each."""
    rows = [{"case_id": "A"} | {field: value} for field, value, _ in BAD_VALUES] + [FULL, {"case_id": "A"}]
    frame, lost = frames.normalised(pl.DataFrame(rows, infer_schema_length=None), FACTS)
    fine = (screen(frame, FACTS) & ~lost).to_list()
    for row, passed in zip(rows, fine, strict=True):
        try:
            read_record(row, FACTS)
        except RecordErrors:
            assert not passed
        else:
            assert passed


def test_columns_nobody_asked_for_are_left_in_the_file(tmp_path) -> None:
    path = parquet(tmp_path, frame_of([read_record(FULL, FACTS)], FACTS))
    batch = next(iter(parquet_batches(path, ["citizenship"], FACTS)))
    assert "holder" not in batch.frame.columns
    assert {"citizenship", "case_id", "offences", "facts"} <= set(batch.frame.columns)


# --- two sheets


def written(folder: Path, cases: str, offences: str | None = "case_id,article\n") -> Path:
    folder = folder / "sheets"
    folder.mkdir(exist_ok=True)
    (folder / "cases.csv").write_text(cases, encoding="utf-8")
    if offences is not None:
        (folder / "offences.csv").write_text(offences, encoding="utf-8")
    return folder


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_sheets_may_be_separated_as_the_country_does_it(tmp_path, separator) -> None:
    cases = "case_id,sex,suspended,facts.combatant,term_months\nA,female,TRUE,false,12\nB,,,,\n".replace(",", separator)
    frame, aside = read(written(tmp_path, "\ufeff" + cases, "case_id,article\nA,177.10\n".replace(",", separator)))
    assert aside == []
    row = frame.row(0, named=True)
    assert (row["suspended"], row["facts"]["combatant"], row["term_months"]) == (True, False, 12)
    assert row["offences"][0]["article"] == "177.10"
    assert frame.row(1, named=True)["offences"] is None


def test_an_offence_of_no_case_is_put_aside(tmp_path) -> None:
    _, aside = read(written(tmp_path, "case_id\nA\n", "case_id,article\nA,177.1\nB,178.1\n,179.1\n"))
    assert [(row.file, row.row, row.problems[0].what) for row in aside] == [
        ("offences.csv", 3, "the offence belongs to no case of cases.csv"),
        ("offences.csv", 4, "the offence names no case"),
    ]


def test_lines_of_another_length_and_bad_offences_are_told_with_their_line(tmp_path) -> None:
    cases = 'case_id,sex,holder\nA,male\nB,male,prison, number 4\nC,male,"prison\nnumber 4"\nD,male,x\n'
    frame, aside = read(written(tmp_path, cases, "case_id,article,guilt\nD,177.1,none\n"))
    assert frame.get_column("holder").to_list() == ["prison\nnumber 4"]
    assert problems(aside)[:2] == [
        (2, "A", "", "the line has 2 values, the header has 3"),
        (3, "B", "", "the line has 4 values, the header has 3"),
    ]
    assert (aside[2].row, aside[2].problems[0].what) == (6, "it is one of: intent, negligence (offences.csv line 2)")


@pytest.mark.parametrize(
    ("cases", "offences", "why"),
    [
        ("", "case_id\n", "is empty: not even a header is in it"),
        ("case_id\n", "case_id\n", "there is no case in it"),
        ("case,sex\nA,male\n", "case_id\n", "the column case_id is missing"),
        ("case_id,sexx\nA,male\n", "case_id\n", "unknown column sexx (did you mean sex?)"),
        (
            "case_id,facts.combattant\nA,true\n",
            "case_id\n",
            "unknown column facts.combattant (did you mean facts.combatant?)",
        ),
        ("case_id,sex,sex\nA,male,male\n", "case_id\n", "the column sex stands twice"),
        ("case_id\nA\n", None, "has no offences.csv"),
        ("case_id\nA\n", "case_id,artikle\n", "unknown column artikle (did you mean article?)"),
        ('case_id,sex\nA,"male\n', "case_id\n", "quotation mark that is not closed"),
    ],
)
def test_sheets_of_another_shape_are_refused(tmp_path, cases, offences, why) -> None:
    with pytest.raises(RegisterError) as refusal:
        read(written(tmp_path, cases, offences))
    assert why in str(refusal.value)


def test_a_folder_without_cases_is_refused(tmp_path) -> None:
    with pytest.raises(RegisterError, match=r"has no cases\.csv"):
        open_register(tmp_path, FACTS)


# --- finding one case


def test_a_case_is_found_by_its_whole_id(tmp_path) -> None:
    rows = [
        {"case_id": "A-1", "holder": "A-12"},
        {"case_id": "A-12"},
        '{"case_id": "\\u0041-7"}',
        {"case_id": "A-3", "sex": "x"},
    ]
    register = open_register(jsonl(tmp_path, *rows), FACTS)
    assert register.find("A-12").holder is None
    assert register.find("A-7").case_id == "A-7"
    with pytest.raises(CaseNotFound, match="did you mean A-12"):
        register.find("A-122")
    with pytest.raises(RecordErrors, match="it is one of: female, male"):
        register.find("A-3")


def test_one_case_of_a_text_register_needs_no_frames(tmp_path) -> None:
    program = (
        "import sys; from clemency.records.register import open_register\n"
        "for path in sys.argv[1:]: assert open_register(path, {}).find('A').case_id == 'A'\n"
        "assert 'polars' not in sys.modules"
    )
    lines, folder = jsonl(tmp_path, {"case_id": "A"}), written(tmp_path, "case_id\nA\n")
    subprocess.run([sys.executable, "-c", program, str(lines), str(folder)], check=True)


# --- what is written


def test_a_quarantine_file_holds_the_row_as_it_was_given(tmp_path) -> None:
    _, aside = read(jsonl(tmp_path, {"case_id": "B", "sex": "man", "term_end": "2026-02-30"}, '{"case_id": "C'))
    assert write_quarantine(tmp_path / "aside.jsonl", aside) == 2
    first, second = map(json.loads, (tmp_path / "aside.jsonl").read_text(encoding="utf-8").splitlines())
    assert first["row"] == 1
    assert first["given"] == {"case_id": "B", "sex": "man", "term_end": "2026-02-30"}
    assert first["problems"][0] == {"field": "sex", "value": "man", "what": "it is one of: female, male", "mend": ""}
    assert second["given"] == '{"case_id": "C'


def test_a_file_appears_whole_or_not_at_all(tmp_path) -> None:
    path = tmp_path / "answers.txt"
    path.write_text("before")

    def interrupted() -> None:
        with atomic_path(path) as partial:
            partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["answers.txt"]
    with pytest.raises(OutputError, match="does not exist"), atomic_path(tmp_path / "no" / "file"):
        pass
    with pytest.raises(OutputError, match="is a folder"), atomic_path(tmp_path):
        pass


def test_what_could_drive_a_terminal_is_made_visible() -> None:
    row = QuarantinedRow(1, "A\x1b[2J", (FieldProblem("sex", "\x1b]0;x\x07", "it is one of: female, male"),))
    assert "\x1b" not in "".join(row.lines())
    assert shown("Ülvi Həsənli") == "Ülvi Həsənli"


def test_a_record_of_json_is_read_as_strictly_as_any() -> None:
    assert read_json(json.dumps(FULL).encode(), FACTS) == read_record(FULL, FACTS)
    assert read_json(b'{"case_id" : "A\\":", "holder": "x\\":y"}', FACTS).holder == 'x":y'


def test_a_killed_writer_leaves_nothing_for_long(tmp_path: Path) -> None:
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys\nfrom pathlib import Path\nfrom clemency.records.files import atomic_path\n"
            "with atomic_path(Path(sys.argv[1])) as partial:\n"
            "    partial.write_text('half of it')\n    os.kill(os.getpid(), signal.SIGKILL)\n",
            str(tmp_path / "out.txt"),
        ],
        check=False,
    )
    assert killed.returncode == -9
    assert [path.name.endswith(".partial") for path in tmp_path.iterdir()] == [True]
    with atomic_path(tmp_path / "out.txt") as partial:
        partial.write_text("all of it")
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
