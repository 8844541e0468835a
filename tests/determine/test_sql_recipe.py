"""The recipe of the page works: two sheets, a real PostgreSQL and psql give what `clemency determine` gives."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conformance.postgres import cluster, programme

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = ("outcome", "relief", "grant", "grants", "exclusions", "reservations", "term_end_after", "days_remitted")


def recipe() -> str:
    page = (REPOSITORY / "docs" / "sql.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```sh[^\n]*\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return str(found)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_recipe_gives_the_answers_of_determine(tmp_path: Path) -> None:
    for sheet in ("cases.csv", "offences.csv"):
        shutil.copy(REPOSITORY / "docs" / "examples" / "register" / sheet, tmp_path / sheet)
    path = os.pathsep.join([str(Path(sys.executable).parent), str(programme("psql").parent), os.environ["PATH"]])
    with cluster() as socket:
        server = {"PGHOST": str(socket), "PGUSER": "tester", "PGDATABASE": "postgres"}
        script = f"{recipe()}\nclemency determine . --act az-2025 -o told.csv"
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={**os.environ, **server, "PATH": path},
            check=True,
            stdin=subprocess.DEVNULL,
        )
    answers = {row["case_id"]: row for row in rows_of(tmp_path / "answers.csv")}
    told = rows_of(tmp_path / "told.csv")
    assert len(told) == len(answers) > 5
    for row in told:
        answer = answers[row["case_id"]]
        assert answer["settled"] == "1"
        assert {name: answer[name] for name in SHARED} == {name: row[name] for name in SHARED}, row["case_id"]
