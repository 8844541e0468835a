"""`clemency reconcile` as a user runs it: what it prints, with which exit code, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clemency.cli import DONE, FAILED, FINDINGS, run
from tests.observe.test_decisions import written
from tests.observe.test_given import estimate, register


def command(capsys, *arguments: object) -> tuple[int, str, str]:
    code = run(["reconcile", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_findings_are_results_and_no_failure(capsys) -> None:
    code, out, err = command(capsys, "az-2021", "--draws", "0")
    assert code == DONE
    assert "27 more than 1,787" in out
    assert not err


def test_with_a_register_and_decisions(tmp_path, capsys) -> None:
    decisions = written(tmp_path, "woman,2026-01-10,granted,release,personal.women", "served,2026-01-10,refused,,")
    code, out, _ = command(capsys, "az-2025", "--register", register(tmp_path), "--decisions", decisions, "--json")
    assert code == DONE
    found = json.loads(out)
    total = next(one for one in found["quantities"] if one["name"] == "total")
    assert (total["rules"], total["decided"]) == ({"low": 6, "high": 7}, 1)
    assert found["decisions"]["agree"] == 2
    assert found["decisions"]["differences"]["not_decided"]["cases"] == 5
    assert found["rules"]["synthetic"] is False


def test_with_an_estimate_written_before(tmp_path, capsys) -> None:
    path = tmp_path / "estimate.json"
    path.write_text(json.dumps(estimate()), encoding="utf-8")
    code, out, _ = command(capsys, "az-2025", "--estimate", path)
    assert code == DONE
    assert "18,000 to 24,001" in out
    assert "SYNTHETIC" in out
    assert "share.x (0.1: 19,000; 0.3: 23,000)" in out


def test_an_estimate_is_drawn_where_nothing_is_given(capsys) -> None:
    code, out, _ = command(capsys, "az-2025", "--draws", "2", "--json")
    assert code == DONE
    found = json.loads(out)
    assert found["rules"]["source"] == "estimate"
    assert found["rules"]["synthetic"] is True
    assert all(one["rules"] for one in found["quantities"] if one["name"] == "total")


@pytest.mark.parametrize("ending", ["md", "json"])
def test_a_file_is_written_whole(tmp_path, capsys, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    code, out, _ = command(capsys, "az-2025", "--draws", "0", "-o", path)
    assert (code, out) == (DONE, f"{path}: az-2025, 29 lines, 6 findings\n")
    text = path.read_text(encoding="utf-8")
    assert json.loads(text)["act"] == "az-2025" if ending == "json" else text.startswith("# Announced")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_rows_of_the_register_that_do_not_fit_are_told(tmp_path, capsys) -> None:
    path = register(tmp_path, [{"case_id": "1", "stage": "served"}, {"case_id": "2", "sex": "?"}])
    code, out, err = command(capsys, "az-2025", "--register", path)
    assert code == FINDINGS
    assert "did not fit and are not counted: 1." in out
    assert "1 row did not fit and was put aside" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("az-2052",), "did you mean az-2025?"),
        (("az-2025", "--register", "a", "--estimate", "b"), "leave out one of them"),
        (("az-2025", "--register", "none.jsonl"), "there is no register none.jsonl"),
        (("az-2025", "--draws", "0", "--decisions", "none.csv"), "none.csv: the file: there is no such file"),
        (("az-2025", "--register", "-", "--decisions", "none.csv"), "standard input is read once"),
        (("az-2013", "--decisions", "none.csv"), "nothing can be held against them"),
        (("az-2025", "--draws", "0", "-o", "out.pdf"), "a .md or .json file"),
        (("az-2025", "--draws", "0", "-o", "out.md", "--json"), "leave out either --json or -o"),
        (("az-2025", "--draws", "0", "-o", "no-such-folder/out.md"), "no-such-folder"),
    ],
)
def test_what_cannot_be_done_says_why(tmp_path, monkeypatch, capsys, arguments, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = command(capsys, *arguments)
    assert code == FAILED
    assert message in err
    assert not out
    assert not list(Path().iterdir())


def test_the_output_is_not_an_input(tmp_path, capsys) -> None:
    path = tmp_path / "estimate.json"
    path.write_text(json.dumps(estimate()), encoding="utf-8")
    code, _, err = command(capsys, "az-2025", "--estimate", path, "-o", path)
    assert code == FAILED
    assert "name another file" in err
    assert json.loads(path.read_text(encoding="utf-8"))["act"] == "az-2025"
