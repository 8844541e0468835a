"""Comparing two acts through the command: drafts, days of entry into force, readings, files and refusals."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clemency.assure.compare import Supposed, facts_of, reading_of
from clemency.cli import run
from clemency.law.act import load_act, parse_act
from clemency.law.readings import ReadingError

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
DRAFTS = [str(EXAMPLES / "compare" / name) for name in ("first.yaml", "second.yaml", "people.jsonl")]
PHASES = Path(__file__).resolve().parents[1] / "acts" / "good" / "shares-steps-and-phases.yaml"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["compare", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_two_drafts_on_five_people(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, *DRAFTS)
    assert found["synthetic"] is True
    shown = ("direction", "harm", "a_clause", "b_clause", "examples")
    assert [tuple(one[name] for name in shown) for one in found["moves"]] == [
        ("more", "freed by mistake", "others.reduce", "short_rest.release", ["synthetic-2"]),
        ("less", "held by mistake", "care.release", "repeat", ["synthetic-3"]),
        ("opened", "cannot be said", "care.release", "", ["synthetic-5"]),
    ]  # fmt: skip


def test_every_file_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("all.json", "moved.csv", "moved.parquet", "report.html", "picture.svg", "picture.png", "report.pdf")
    written = [argument for name in names for argument in ("-o", str(tmp_path / name))]
    assert run(["compare", *DRAFTS, *written]) == 0
    assert capsys.readouterr().out == ""
    whole = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    moved = pl.read_parquet(tmp_path / "moved.parquet")
    assert moved.get_column("case_id").to_list() == ["synthetic-2", "synthetic-3", "synthetic-5"]
    assert pl.read_csv(tmp_path / "moved.csv").height == whole["moved"] == moved.height
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" in page
    assert all(one in page for one in ("others.reduce", "short_rest.release", "synthetic-3", "<svg"))
    assert "https://" not in page
    assert str(tmp_path) not in page
    assert str(EXAMPLES) not in page
    assert (tmp_path / "picture.svg").read_text(encoding="utf-8").count("<title") == 1
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("lang", "word"), [("az", "SİNTETİK"), ("ru", "СИНТЕТИЧЕСКИЕ")])
def test_the_report_speaks_the_languages_of_the_house(tmp_path: Path, lang: str, word: str) -> None:
    out = tmp_path / "report.html"
    assert run(["compare", *DRAFTS, "-o", str(out), "--lang", lang]) == 0
    page = out.read_text(encoding="utf-8")
    assert word in page
    assert "cannot be said" not in page


def test_a_later_day_of_entry_frees_later_and_lets_more_rests_run_short(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "az-2025", "az-2025", str(EXAMPLES / "register.jsonl"), "--in-force-b", "2026-03-01")
    assert found["b"]["name"] == "az-2025 (in force on 2026-03-01)"
    assert found["a"]["version"] != found["b"]["version"]
    assert sum(one["cases"] for one in found["flow"]) == 6


def test_an_act_with_phases_is_compared_with_itself_on_two_days(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act = load_act(PHASES)
    people = tmp_path / "people.jsonl"
    people.write_text('{"case_id": "synthetic-1"}\n', encoding="utf-8")
    found = told(capsys, str(PHASES), str(PHASES), str(people), "--as-of-a", act.in_force.isoformat())
    assert found["a"]["version"] != found["b"]["version"]
    assert found["a"]["name"].endswith(f"(as of {act.in_force})")


def test_answers_name_points_patterns_and_questions() -> None:
    act = load_act("az-2025")
    assert (
        reading_of(act, ("clause:noncustodial.*=no", "clause:noncustodial.other=yes"))["clause:noncustodial.other"]
        is True
    )
    assert set(reading_of(act, ("listed:*=yes",)).values()) == {True}
    assert set(reading_of(act, ("*=negligence",)).values()) == {"negligence"}
    assert reading_of(act, ("listed.war_crimes=yes",))
    supposed = Supposed("az-2025", in_force=date(2026, 3, 1), reading=("listed:*=no",))
    assert supposed.name() == "az-2025 (in force on 2026-03-01; read with listed:*=no)"


def test_all_that_is_wrong_with_a_reading_is_told_at_once() -> None:
    with pytest.raises(ReadingError) as error:
        reading_of(load_act("az-2025"), ("listed:*", "nothing=yes", "clause:*=perhaps"))
    assert "answers nothing" in str(error.value)
    assert "no point of law nothing open" in str(error.value)
    assert "its answers are no, yes" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--in-force-b", "2026-13-01"], "--in-force-b"),
        (["--as-of-b", "2001-01-01"], "not in force"),
        (["--reading-a", "nothing=yes"], "no point of law"),
        (["-o", "moved.doc"], "ends in none of"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "az-2025", "az-2025", str(EXAMPLES / "register.jsonl"), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_one_name_of_two_types_is_refused() -> None:
    text = (EXAMPLES / "compare" / "first.yaml").read_text(encoding="utf-8")
    other = text.replace("type: boolean", "type: number").replace("and cares_for_child", "and cares_for_child >= 1")
    with pytest.raises(ValueError, match="cares_for_child with different types"):
        facts_of((parse_act(text), parse_act(other)))


def test_rows_that_do_not_fit_are_put_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people, aside = tmp_path / "people.jsonl", tmp_path / "aside.jsonl"
    people.write_text('{"case_id": "synthetic-1"}\n{"case_id": "synthetic-2", "sex": "?"}\n', encoding="utf-8")
    assert run(["compare", *DRAFTS[:2], str(people), "--quarantine", str(aside)]) == 1
    assert "0 of 1 cases move" in capsys.readouterr().out
    assert "synthetic-2" in aside.read_text(encoding="utf-8")
