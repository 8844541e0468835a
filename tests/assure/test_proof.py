"""The proofs find what is wrong with small acts, and nothing more; each finding has a person who shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.assure.act_findings import KINDS, Finding
from clemency.assure.check import check_act
from clemency.determine.interpreter import determine_case
from clemency.law.act import Act, library_acts, load_act
from clemency.records.record import known_facts, read_record

FLAWED = sorted((Path(__file__).parent / "acts").glob("*.yaml"))
HEAD = {
    "id": "flawed",
    "title": "An invented act",
    "dates": {"in_force": "2025-12-20"},
    "month_end": "clamp",
    "sources": {"S": "https://example.org/act"},
}


def flawed(path: Path, folder: Path) -> tuple[Act, list[dict[str, Any]]]:
    """An act of the folder with a head around it, and the findings expected."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = json.dumps({**HEAD, **written["act"]}, indent=1, default=str)
    text = re.sub(r'"(\d{4}-\d\d-\d\d)"', r"\1", text)
    home = folder / "acts" / "flawed"
    home.mkdir(parents=True)
    (home / "act.yaml").write_text(text, encoding="utf-8")
    return load_act(home), written["expect"]


@pytest.mark.parametrize("path", FLAWED, ids=lambda path: path.stem)
def test_what_is_wrong_with_an_act_is_found_and_nothing_else(path, tmp_path) -> None:
    act, expected = flawed(path, tmp_path)
    checked = check_act(act)
    found = [(one.code, one.clauses, one.says) for one in checked.findings]
    assert found == [(one["finding"], tuple(one["clauses"]), one["says"]) for one in expected]
    assert checked.unproved == ()
    for one, wanted in zip(checked.findings, expected, strict=True):
        assert one.reason == wanted.get("acknowledged")
        assert one.as_of == wanted.get("as_of")
        assert one.places, "a finding without a place in the file"
        check_witness(act, one, wanted)


def check_witness(act: Act, one: Finding, wanted: dict[str, Any]) -> None:
    """The people of a finding run through the interpreter, say what they are said to say, and need every field."""
    if one.code == "acknowledged_in_vain":
        assert one.witness is None
        return
    assert one.witness is not None
    for record, shown in zip(one.witness.records, one.witness.shown, strict=True):
        read_record(record, known_facts(act))
        answer = determine_case(record, act).as_json()
        assert {name: answer[name] for name in shown} == shown
    assert dict(one.witness.law) == wanted.get("law", {})
    if "outcomes" in wanted:
        assert [shown["outcome"] for shown in one.witness.shown] == wanted["outcomes"]
    if "witness" in wanted:
        assert list(one.witness.records[: len(wanted["witness"])]) == wanted["witness"]


def test_every_kind_of_finding_that_a_proof_makes_is_shown() -> None:
    shown = {one["finding"] for path in FLAWED for one in yaml.safe_load(path.read_text(encoding="utf-8"))["expect"]}
    assert shown == {kind for kind in KINDS if not kind.startswith("article_")}


@pytest.mark.parametrize("name", library_acts())
def test_an_act_of_the_library_has_no_finding_that_it_does_not_acknowledge(name) -> None:
    checked = check_act(load_act(name))
    assert checked.open == ()
    assert checked.unproved == ()
    assert checked.offences is None


def test_a_finding_as_plain_data_can_be_written_and_names_its_place(tmp_path) -> None:
    act, _ = flawed(next(path for path in FLAWED if path.stem == "exactly-a-year"), tmp_path)
    plain = json.loads(json.dumps(check_act(act).as_json()))
    (gap,) = plain["findings"]
    assert gap["finding"] == "gap"
    assert [place["text"] for place in gap["places"]] == [
        '"when": "stage = \'serving\' and term_end < in_force + 12 months",',
        '"when": "stage = \'serving\' and term_end > in_force + 12 months",',
    ]
    assert gap["witness"]["cases"][0] == {"case_id": "synthetic-1", "stage": "serving", "term_end": "2026-12-20"}
