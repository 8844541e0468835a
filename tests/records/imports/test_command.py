"""`clemency register import` as it is typed: exit codes, outputs, and nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import python_calamine

GOOD = "case id;sex;holder\nsynthetic-1;kişi;Şəki\n"
BAD = GOOD + "synthetic-2;gişi;=1+1\n"


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clemency.cli", "register", *map(str, arguments)]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    result = subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.stderr, result.stderr
    return result


def wrote(folder: Path, text: str, name: str = "siyahı.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_all_in_order_leaves_with_0(tmp_path: Path) -> None:
    done = run(tmp_path, "import", wrote(tmp_path, GOOD), "-o", "r.parquet")
    assert (done.returncode, done.stderr) == (0, "")
    assert "r.parquet: 1 new, 0 changed, 0 unchanged, 0 gone; 0 rows put aside" in done.stdout
    assert pl.read_parquet(tmp_path / "r.parquet")["holder"].to_list() == ["Şəki"]


def test_rows_put_aside_leave_with_1_and_are_in_every_output(tmp_path: Path) -> None:
    file = wrote(tmp_path, BAD)
    outputs = ("--report", "report.json", "--quarantine", "aside.jsonl", "--give-back", "back", "--json")
    done = run(tmp_path, "import", file, "-o", "r.parquet", *outputs)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (problem,) = report["problems"]
    assert problem == {
        "file": "siyahı.csv", "sheet": "", "row": 3, "case_id": "synthetic-2", "column": "sex", "field": "sex",
        "value": "gişi", "code": "unknown_word", "what": "no list has this word",
        "mend": "did you mean male? Write it, or add the word to `values: sex` in the profile",
    }  # fmt: skip
    assert report["groups"][0]["count"] == 1
    (aside,) = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text(encoding="utf-8").splitlines()]
    assert aside["given"] == {"case id": "synthetic-2", "sex": "gişi", "holder": "=1+1"}
    back = (tmp_path / "back" / "siyahı.given-back.csv").read_text(encoding="utf-8-sig")
    assert back.splitlines()[2].startswith("synthetic-2;gişi;'=1+1;unknown_word;")


def test_questions_leave_with_2_and_nothing_is_written_but_the_guess(tmp_path: Path) -> None:
    file = wrote(tmp_path, "case id,Qeydiyyat,date of birth\nsynthetic-1,Ə,01.02.1990\n")
    done = run(tmp_path, "import", file, "-o", "r.parquet", "--propose", "p.yaml")
    assert done.returncode == 2
    assert "2 questions about the files, and nothing was written" in done.stderr
    assert names(tmp_path) == {"siyahı.csv", "p.yaml"}
    guess = (tmp_path / "p.yaml").read_text(encoding="utf-8")
    answered = guess + "dates: {order: day_first}\nleave_out: [Qeydiyyat]\n"
    done = run(tmp_path, "import", file, "-o", "r.parquet", "--profile", wrote(tmp_path, answered, "p.yaml"))
    assert done.returncode == 0, done.stderr


def test_a_dry_run_writes_no_register(tmp_path: Path) -> None:
    done = run(tmp_path, "import", wrote(tmp_path, GOOD), "-o", "r.parquet", "--dry-run")
    assert (done.returncode, names(tmp_path)) == (0, {"siyahı.csv"})
    assert "r.parquet: would be 1 new" in done.stdout


def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = wrote(tmp_path, GOOD)
    for arguments, said in (
        ([file], "say where the register goes with -o"),
        (["yox.csv", "-o", "r.parquet"], "there is no file yox.csv"),
        ([file, "-o", "r.csv"], "is kept as .parquet"),
        ([file, "-o", "r.parquet", "--quarantine", file], "is one of the files that are read"),
        ([file, "-o", "r.parquet", "--report", "x", "--quarantine", "x"], "two of the outputs are the same file"),
        ([file, "-o", "r.parquet", "--profile", "yox.yaml"], "there is no profile yox.yaml"),
        ([file, "-o", "yox/r.parquet"], "the folder yox does not exist"),
    ):
        done = run(tmp_path, "import", *arguments)
        assert done.returncode == 2, arguments
        assert said in done.stderr, done.stderr
        assert names(tmp_path) == {"siyahı.csv"}


def test_a_workbook_comes_back_with_its_types_and_no_formula(tmp_path: Path) -> None:
    from tests.records.imports.beasts import write_xlsx

    rows = [["case id", "holder", "term months", "suspended"], ["synthetic-1", "=1+1 => 2", 12.5, True]]
    write_xlsx(tmp_path / "a.xlsx", {"sheets": [{"name": "Siyahı", "rows": rows}]})
    assert run(tmp_path, "import", "a.xlsx", "-o", "r.parquet", "--give-back", "back").returncode == 1
    back = tmp_path / "back" / "a.given-back.xlsx"
    sheet = python_calamine.CalamineWorkbook.from_path(str(back)).get_sheet_by_name("Siyahı").to_python()
    assert sheet[1][:5] == ["synthetic-1", "2", 12.5, True, "not_whole"]
    with zipfile.ZipFile(back) as package:
        assert b"<f" not in package.read("xl/worksheets/sheet1.xml")


def test_history_tells_every_version(tmp_path: Path) -> None:
    run(tmp_path, "import", wrote(tmp_path, GOOD), "-o", "r.parquet")
    run(tmp_path, "import", wrote(tmp_path, GOOD.replace("Şəki", "Gəncə")), "-o", "r.parquet")
    done = run(tmp_path, "history", "r.parquet", "--case", "synthetic-1", "--json")
    assert [one["record"]["holder"] for one in json.loads(done.stdout)] == ["Şəki", "Gəncə"]
    assert run(tmp_path, "history", "r.parquet", "--case", "synthetic-9").returncode == 2


def test_the_published_schema_is_that_of_the_record() -> None:
    from clemency.law.vocabulary import CASE_FIELDS, IDENTITY_FIELDS
    from clemency.records.published_schema import data_package
    from clemency.records.record import known_facts

    cases, offences = [resource["schema"] for resource in data_package()["resources"]]
    facts = [f"facts.{name}" for name in known_facts()]
    assert [field["name"] for field in cases["fields"]] == [*IDENTITY_FIELDS, *CASE_FIELDS, *facts]
    assert [field["name"] for field in offences["fields"]] == ["case_id", "article", "committed_on", "guilt", "form"]
    assert offences["foreignKeys"][0]["reference"] == {"resource": "cases", "fields": ["case_id"]}
    assert next(field for field in cases["fields"] if field["name"] == "sex")["constraints"] == {
        "enum": ["female", "male"]
    }
    assert json.loads(run(Path.cwd(), "schema", "--frictionless").stdout) == data_package()


def test_the_page_names_every_code_and_every_key_of_a_profile() -> None:
    from clemency.records.imports.problems import ASIDE, LOOK
    from clemency.records.imports.profile import Profile

    page = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    for code, mend in (ASIDE | LOOK).items():
        assert f"| `{code}` | {mend} |" in page
    for key in Profile.model_fields:
        assert f"| `{key}` |" in page or key in ("profile", "title")
