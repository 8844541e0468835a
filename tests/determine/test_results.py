"""The library's door: one record, many records, frames of any library; and what comes back."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pandas as pd
import polars as pl
import pytest

import clemency
from clemency import Determinations, Summary, determine, load_act
from clemency.determine.determination import Determination
from clemency.records.quarantine import RegisterError
from clemency.records.record import RecordErrors

ACT = load_act("az-2025")
RECORDS = [
    {"case_id": "B", "stage": "serving", "punishment": "imprisonment", "suspended": False, "sex": "female"},
    {"case_id": "A", "stage": "served"},
    {
        "case_id": "C",
        "stage": "serving",
        "suspended": True,
        "offences": [{"article": "178.2"}],
        "facts": {"displaced": True},
    },
]


def test_one_record_gives_one_determination() -> None:
    assert isinstance(determine(RECORDS[0], ACT), Determination)
    assert determine(RECORDS[1], "az-2025").outcome == "not_covered"
    with pytest.raises(RecordErrors, match="did you mean sex"):
        determine({"case_id": "A", "sexx": "male"}, ACT)


def test_many_records_and_frames_of_any_library_give_the_same() -> None:
    answers = determine(RECORDS, ACT)
    assert isinstance(answers, Determinations)
    frame = pl.DataFrame(RECORDS)
    for given in (
        iter(RECORDS),
        frame,
        frame.lazy(),
        frame.to_arrow(),
        pd.DataFrame(RECORDS),
    ):
        assert determine(given, ACT).to_polars().equals(answers.to_polars())
    assert [answer["case_id"] for answer in answers] == ["B", "A", "C"]
    single = [determine(record, ACT).as_json() | {"trace": {}} for record in RECORDS]
    assert [answer | {"trace": {}} for answer in answers] == single


def test_flat_facts_of_a_spreadsheet_are_gathered() -> None:
    frame = pd.DataFrame({"case_id": ["A", "B"], "stage": ["serving"] * 2, "facts.displaced": [True, None]})
    nested = [{"case_id": "A", "stage": "serving", "facts": {"displaced": True}}, {"case_id": "B", "stage": "serving"}]
    assert determine(frame, ACT).to_polars().equals(determine(nested, ACT).to_polars())
    with pytest.raises(RegisterError, match="use one of them"):
        determine(pl.DataFrame({"case_id": ["A"], "facts": [{"displaced": True}], "facts.displaced": [True]}), ACT)


def test_what_does_not_fit_is_kept_aside() -> None:
    given = [RECORDS[0], {"case_id": "X", "sex": "man"}, {"case_id": "Y"}, {"case_id": "Y"}, "nonsense"]
    answers = determine(given, ACT)
    assert [answer["case_id"] for answer in answers] == ["B"]
    assert [(row.row, row.case_id) for row in answers.quarantined] == [(2, "X"), (3, "Y"), (4, "Y"), (5, None)]
    assert answers.summary().quarantined == 4
    assert [row.row for row in determine(pl.DataFrame(given[:4], infer_schema_length=None), ACT).quarantined] == [
        2,
        3,
        4,
    ]
    with pytest.raises(RegisterError, match="unknown column case"):
        determine(pl.DataFrame({"case": ["A"]}), ACT)
    with pytest.raises(TypeError, match="a register on disk"):
        determine("register.jsonl", ACT)


def test_a_table_can_be_counted_passed_on_and_looked_at() -> None:
    answers = determine(RECORDS, ACT)
    summary = answers.summary()
    assert (summary.cases, summary.outcomes["not_covered"], sum(summary.outcomes.values())) == (3, 1, 3)
    assert (summary + summary).outcomes["not_covered"] == 2
    assert Summary() + summary == summary
    assert "law:listed:" not in summary.missing or all("@" not in name for name in summary.missing)
    assert pl.DataFrame(answers).equals(answers.to_polars())
    assert answers.to_arrow().num_rows == len(answers.to_pandas()) == len(answers) == 3
    assert answers[-1]["case_id"] == "C"
    assert len(answers[:2]) == 2
    with pytest.raises(IndexError):
        answers[3]
    assert repr(answers).startswith("<3 determinations under az-2025:")


def test_the_picture_of_a_notebook_holds_no_script_and_nothing_foreign() -> None:
    picture = determine([{"case_id": "<script>alert(1)</script>"}], ACT)._repr_html_()
    assert "<script" not in picture
    assert "http" not in picture
    assert "&lt;script&gt;" in picture
    assert determine([], ACT)._repr_html_()


def test_the_package_and_the_function_of_one_name_live_together() -> None:
    assert callable(clemency.determine)
    assert importlib.import_module("clemency.determine.interpreter").determine_case
    assert clemency.determine(RECORDS[1], ACT).outcome == "not_covered"
    with pytest.raises(AttributeError, match="no attribute 'undetermine'"):
        _ = clemency.undetermine


def test_the_front_door_opens_quickly() -> None:
    program = "import sys, clemency; assert not {'pydantic', 'lark', 'polars'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
