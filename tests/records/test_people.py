"""The case records of people in the news say what was published about them, and nothing else."""

from __future__ import annotations

import csv
import json
import re

import pytest

from clemency.law.library import library_path
from clemency.records.record import read_record

FOLDER = library_path() / "people" / "az"
STATED = {
    "case_id",
    "person_id",
    "stage",
    "punishment",
    "suspended",
    "deferred",
    "term_start",
    "credit_days",
    "term_months",
    "judgment_date",
    "offences",
}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PEOPLE = {row["person_id"]: row for row in rows("cases.csv") if row["kind"] == "person"}
RECORDS = [json.loads(line) for line in (FOLDER / "records.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_person_has_one_record_and_one_note() -> None:
    assert [record["person_id"] for record in RECORDS] == list(PEOPLE)
    notes = {row["person_id"]: row for row in rows("records-notes.csv")}
    assert list(notes) == list(PEOPLE)
    for person, note in notes.items():
        for name in ("name_en", "source_url", "source_date", "status", "status_as_of"):
            assert note[name] == PEOPLE[person][name]
        assert len(note["left_out"].split("; ")) == len(note["why"].split("; "))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["person_id"])
def test_a_record_states_only_what_was_published(record: dict) -> None:
    published = PEOPLE[record["person_id"]]
    assert read_record(record, {}).case_id == record["person_id"]
    assert set(record) <= STATED
    articles = [offence["article"] for offence in record.get("offences", [])]
    assert all(set(offence) == {"article"} for offence in record.get("offences", []))
    assert all(re.search(rf"(?<![\d.-]){re.escape(article)}(?![\d.-])", published["charges"]) for article in articles)
    assert ("stage" in record and record["stage"] == "serving") == bool(published["verdict_date"])
    if published["verdict_date"]:
        assert record["judgment_date"] == published["verdict_date"]
        assert record["term_months"] == 12 * int(published["sentence_years"]) + int(published["sentence_months"])
        assert published["status"].startswith("imprisoned")
        assert record["suspended"] is False
        assert record["deferred"] is False
        dated = len(published["arrest_date"]) == len("2023-11-20")
        assert record.get("term_start") == (published["arrest_date"] if dated else None)
        assert record.get("credit_days") == (0 if dated else None)
        assert "206.3.2" not in articles  # the first charge, which the indictment replaced
    else:
        assert set(record) <= {"case_id", "person_id", "stage", "offences"}


def test_every_event_is_about_somebody_listed() -> None:
    known = {row["person_id"] for row in rows("cases.csv")} | {""}
    assert {row["subject_id"] for row in rows("events.csv")} <= known
