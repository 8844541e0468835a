"""A register and its former versions: nothing is lost, nothing is half, whoever ends the import and when."""

from __future__ import annotations

import fcntl
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clemency.records.imports.importing import prepare, write_prepared
from clemency.records.imports.profile import Profile
from clemency.records.imports.report import Report
from clemency.records.imports.versions import history, only_writer, read_former, settle_pending, versions_folder
from clemency.records.quarantine import RegisterError
from clemency.records.record import known_facts
from tests.records.imports.killed import ENDED

REPOSITORY = Path(__file__).resolve().parents[3]
FACTS = known_facts()
FIRST = "case id,sex,article,holder\nsynthetic-1,male,m.177.2.3,Şəki\nsynthetic-2,female,320.1,Bakı\n"
SECOND = "case id,sex,article,holder\nsynthetic-1,male,m.177.2.3,Şəki\nsynthetic-2,female,ст. 234 ч. 4,Bakı\n"


def brought(folder: Path, text: str, profile: Profile | None = None, name: str = "siyahı.csv") -> Report:
    path, register = folder / name, folder / "register.parquet"
    path.write_text(text, encoding="utf-8")
    return write_prepared(prepare([path], profile or Profile(), FACTS, register), register, "2025-12-20")


def rows(folder: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / "register.parquet").to_dicts()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_file_twice_changes_not_a_byte(tmp_path: Path) -> None:
    brought(tmp_path, FIRST + "synthetic-3,gişi,320.1,\n")
    before = tree(tmp_path)
    again = brought(tmp_path, FIRST + "synthetic-3,gişi,320.1,\n")
    assert again.sequence is None
    assert tree(tmp_path) == before


def test_a_changed_row_is_a_new_version_and_the_old_one_is_kept(tmp_path: Path) -> None:
    brought(tmp_path, FIRST)
    report = brought(tmp_path, SECOND)
    assert report.counts() | {"rows": 2} == {
        "rows": 2, "rows_in_order": 2, "new": 0, "changed": 1, "unchanged": 1, "quarantined": 0, "gone": 0, "held": 0,
    }  # fmt: skip
    versions = history(tmp_path / "register.parquet", "synthetic-2")
    assert [(one["version"], one["change"], one["import"]) for one in versions] == [(1, "new", 1), (2, "changed", 2)]
    assert [one["record"]["offences"] for one in versions] == [[{"article": "320.1"}], [{"article": "234.4"}]]
    assert versions[1]["as_typed"][0]["article"] == "ст. 234 ч. 4"
    assert versions[1]["rows"] == [3]
    third = brought(tmp_path, FIRST)
    assert third.comparison is not None
    assert third.comparison.fields == {"offences": 1}
    assert [one["version"] for one in history(tmp_path / "register.parquet", "synthetic-2")] == [1, 2, 3]


def test_a_case_that_is_gone_stays_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    brought(tmp_path, FIRST)
    kept = brought(tmp_path, "case id,sex\nsynthetic-1,male\n")
    assert kept.counts()["gone"] == 1
    assert {row["case_id"] for row in rows(tmp_path)} == {"synthetic-1", "synthetic-2"}
    removed = brought(tmp_path, "case id,sex\nsynthetic-1,male\n", Profile(gone="remove"))
    assert removed.sequence == 3
    assert [row["case_id"] for row in rows(tmp_path)] == ["synthetic-1"]
    last = history(tmp_path / "register.parquet", "synthetic-2")[-1]
    assert (last["change"], last["record"]["holder"]) == ("gone", "Bakı")
    brought(tmp_path, FIRST, Profile(gone="remove"))
    assert [one["change"] for one in history(tmp_path / "register.parquet", "synthetic-2")] == ["new", "gone", "back"]


def test_nobody_leaves_the_register_while_some_row_cannot_be_named(tmp_path: Path) -> None:
    brought(tmp_path, FIRST)
    report = brought(tmp_path, "case id,sex\nsynthetic-1,male\n,female\n", Profile(gone="remove"))
    assert {row["case_id"] for row in rows(tmp_path)} == {"synthetic-1", "synthetic-2"}
    assert "cases that are gone stay this time" in report.text()


def test_a_case_whose_new_row_is_put_aside_stays_as_it_was(tmp_path: Path) -> None:
    brought(tmp_path, FIRST)
    report = brought(tmp_path, FIRST.replace("female", "qaadın"), Profile(gone="remove"))
    assert report.counts()["held"] == 1
    assert rows(tmp_path)[1]["sex"] == "female"
    folder = versions_folder(tmp_path / "register.parquet") / "000002"
    (aside,) = [json.loads(line) for line in (folder / "put-aside.jsonl").read_text(encoding="utf-8").splitlines()]
    assert aside["given"] == {"case id": "synthetic-2", "sex": "qaadın", "article": "320.1", "holder": "Bakı"}
    assert aside["problems"][0]["code"] == "unknown_word"


def test_what_was_put_aside_comes_in_once_it_is_mended(tmp_path: Path) -> None:
    brought(tmp_path, FIRST.replace("female", "qaadın"))
    aside = versions_folder(tmp_path / "register.parquet") / "000001" / "put-aside.jsonl"
    mended = tmp_path / "mended.jsonl"
    mended.write_text(aside.read_text(encoding="utf-8").replace("qaadın", "qadın"), encoding="utf-8")
    register = tmp_path / "register.parquet"
    report = write_prepared(prepare([mended], Profile(), FACTS, register), register, "2025-12-21")
    assert report.counts()["new"] == 1
    assert [row["case_id"] for row in rows(tmp_path)] == ["synthetic-1", "synthetic-2"]


def test_a_register_that_was_there_before_is_taken_over_with_its_cases(tmp_path: Path) -> None:
    pl.DataFrame({"case_id": ["synthetic-2", "synthetic-7"], "sex": ["male", "male"]}).write_parquet(
        tmp_path / "register.parquet"
    )
    report = brought(tmp_path, FIRST)
    assert (report.counts()["new"], report.counts()["changed"], report.counts()["gone"]) == (1, 1, 1)
    assert [row["case_id"] for row in rows(tmp_path)] == ["synthetic-2", "synthetic-7", "synthetic-1"]
    versions = history(tmp_path / "register.parquet", "synthetic-2")
    assert [(one["version"], one["change"]) for one in versions] == [(1, "found"), (2, "changed")]
    assert versions[0]["record"]["sex"] == "male"


def test_file_and_folder_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    register = tmp_path / "register.parquet"
    brought(tmp_path, FIRST)
    older = register.read_bytes()
    brought(tmp_path, SECOND)
    newer = register.read_bytes()
    register.write_bytes(older)
    with pytest.raises(RegisterError, match="holds import 2, and"):
        brought(tmp_path, FIRST)
    register.unlink()
    with pytest.raises(RegisterError, match="is missing, and"):
        brought(tmp_path, FIRST)
    pl.DataFrame({"case_id": ["synthetic-1"]}).write_parquet(register)
    with pytest.raises(RegisterError, match="written by another program"):
        brought(tmp_path, FIRST)
    register.write_bytes(newer)
    (versions_folder(register) / "000002" / "import.json").write_text("{}")
    with pytest.raises(RegisterError, match="does not hold it"):
        brought(tmp_path, FIRST)


def test_one_import_at_a_time(tmp_path: Path) -> None:
    register = tmp_path / "register.parquet"
    with only_writer(register):
        handle = os.open(versions_folder(register) / ".lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        with pytest.raises(RegisterError, match="another import into"):
            brought(tmp_path, FIRST)
    assert brought(tmp_path, FIRST).sequence == 1


def test_a_register_that_changed_since_it_was_looked_at_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FIRST, encoding="utf-8")
    prepared = prepare([tmp_path / "a.csv"], Profile(), FACTS, tmp_path / "register.parquet")
    brought(tmp_path, SECOND)
    before = tree(tmp_path)
    with pytest.raises(RegisterError, match="changed by another import"):
        write_prepared(prepared, tmp_path / "register.parquet", "2025-12-20")
    assert tree(tmp_path) == before


def test_a_dry_run_writes_nothing_at_all(tmp_path: Path) -> None:
    brought(tmp_path, FIRST)
    before = tree(tmp_path)
    (tmp_path / "siyahı.csv").write_text(SECOND, encoding="utf-8")
    report = prepare([tmp_path / "siyahı.csv"], Profile(), FACTS, tmp_path / "register.parquet").report
    assert (report.dry_run, report.counts()["changed"]) == (True, 1)
    assert tree(tmp_path) == before | {"siyahı.csv": SECOND.encode()}


# --- ended in the middle --------------------------------------------------------------------------------------


def started(file: Path, register: Path, step: str = "") -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tests.records.imports.killed",
        str(file),
        str(register),
        *([step] if step else []),
    ]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_whole(register: Path, before: list[dict[str, Any]] | None, after: list[dict[str, Any]]) -> None:
    """The register is the former or the new one, and its folder tells how it came about."""
    former = read_former(register)
    if not former.there:
        assert before is None
        return
    found = pl.read_parquet(register).to_dicts()
    assert found in (before, after)
    ids = {row["case_id"] for row in found}
    assert all(history(register, case_id) for case_id in sorted(ids)[:1])


@pytest.mark.parametrize("step", range(1, 7))
@pytest.mark.parametrize("first", [True, False])
def test_ended_before_any_step_the_register_is_the_former_or_the_new_one(
    tmp_path: Path, step: int, first: bool
) -> None:
    register, file = tmp_path / "register.parquet", tmp_path / "second.csv"
    file.write_text(SECOND, encoding="utf-8")
    before = None
    if not first:
        brought(tmp_path, FIRST)
        before = rows(tmp_path)
    ended = started(file, register, str(step))
    _, said = ended.communicate()
    assert ended.returncode in (ENDED, 0), said.decode()
    reference = tmp_path / "reference"
    reference.mkdir()
    if not first:
        brought(reference, FIRST)
    brought(reference, SECOND)
    is_whole(register, before, rows(reference))
    brought(tmp_path, SECOND)
    assert rows(tmp_path) == rows(reference)
    assert not [path for path in tmp_path.rglob("*") if "pending" in path.name or "partial" in path.name]


def large(rows_wanted: int, seed: int) -> str:
    draw = random.Random(seed)
    lines = [
        f"synthetic-Ğ{n},{draw.choice(['male', 'female'])},177.2.{n % 3 + 1},Gəncə {n % 50}" for n in range(rows_wanted)
    ]
    return "case id,sex,article,holder\n" + "\n".join(lines) + "\n"


def test_killed_at_any_moment_the_register_is_the_former_or_the_new_one(tmp_path: Path) -> None:
    """`make kills` does this 200 times; CLEMENCY_KILLS says how often."""
    kills = int(os.environ.get("CLEMENCY_KILLS", "6"))
    register = tmp_path / "register.parquet"
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for seed, file in enumerate(files):
        file.write_text(large(20_000, seed), encoding="utf-8")
    contents = []
    for file in files:
        write_prepared(prepare([file], Profile(), FACTS, register), register, "2025-12-20")
        contents.append(pl.read_parquet(register).to_dicts())
    began = time.monotonic()
    whole = started(files[0], register)
    assert whole.stdout is not None
    whole.stdout.readline()
    began = time.monotonic()
    whole.communicate()
    took = time.monotonic() - began
    draw = random.Random(20251220)
    killed = 0
    for turn in range(kills):
        file = files[(turn + 1) % 2]
        running = started(file, register)
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(draw.uniform(0, took))
        running.kill()
        running.communicate()
        killed += running.returncode == -9
        is_whole(register, contents[0], contents[1])
    assert killed >= kills // 3
    with only_writer(register):
        settle_pending(register)
    write_prepared(prepare([files[0]], Profile(), FACTS, register), register, "2025-12-20")
    assert pl.read_parquet(register).to_dicts() == contents[0]
    sequence = read_former(register).sequence
    assert sorted(int(one.name) for one in versions_folder(register).iterdir() if one.name.isdigit()) == list(
        range(1, sequence + 1)
    )
