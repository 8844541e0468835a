"""The command as a user runs it: what it prints, where, with which exit code, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from clemency.law.act import library_acts
from clemency.law.library import library_path

ACT = ("--act", "az-2025")
PEOPLE = library_path() / "people" / "az" / "records.jsonl"
GOOD = {
    "case_id": "A-1",
    "stage": "serving",
    "punishment": "imprisonment",
    "suspended": False,
    "sex": "female",
    "term_end": "2027-08-31",
    "offences": [{"article": "178.2"}],
}


def command(*arguments: object, **options: object) -> list[str]:
    return [sys.executable, "-m", "clemency.cli", *map(str, arguments)]


def run(*arguments: object, stdin: str | bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        command(*arguments),
        input=given,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )
    result = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.stderr, result.stderr
    return result


def register(folder: Path, *rows: object, name: str = "register.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


# --- determine


def test_determine_sums_up_on_the_terminal(tmp_path) -> None:
    done = run("determine", register(tmp_path, GOOD, {"case_id": "A-2", "stage": "served"}, {"case_id": "A-3"}), *ACT)
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("3 cases under az-2025", "granted", "personal.women", "Missing most", "1  33.3 %"):
        assert " ".join(words.split()) in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout
    assert not any(line.endswith(" ") for line in done.stdout.splitlines())


def test_json_is_one_determination_a_line_in_the_order_given(tmp_path) -> None:
    path = register(tmp_path, {"case_id": "B"}, GOOD, {"case_id": "A"})
    done = run("determine", path, *ACT, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["case_id"] for row in rows] == ["B", "A-1", "A"]
    assert (rows[1]["outcome"], rows[1]["relief"], rows[1]["grant"]) == ("granted", "release", "personal.women")
    traced = [json.loads(line) for line in run("determine", path, *ACT, "--json", "--trace").stdout.splitlines()]
    assert traced[1]["trace"]["grants"]["personal.women"]["condition"]["value"] == "true"
    assert [{**row, "trace": {}} for row in traced] == [{**row, "trace": {}} for row in rows]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_output_goes_to_a_file_by_its_ending(tmp_path, ending) -> None:
    out = tmp_path / f"answers{ending}"
    done = run("determine", register(tmp_path, GOOD, {"case_id": "A-2"}), *ACT, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{out}: 2 determinations under az-2025\n"
    read = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".jsonl": pl.read_ndjson}[ending]
    assert read(out).get_column("outcome").cast(pl.String).to_list() == ["granted", "undetermined"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, "register.jsonl"])


def test_the_same_answers_come_from_lines_sheets_parquet_and_standard_input(tmp_path) -> None:
    path = register(tmp_path, GOOD, {"case_id": "A-2"})
    folder = tmp_path / "sheets"
    folder.mkdir()
    (folder / "cases.csv").write_text(
        "case_id,stage,punishment,suspended,sex,term_end\nA-1,serving,imprisonment,false,female,2027-08-31\nA-2,,,,,\n",
        encoding="utf-8",
    )
    (folder / "offences.csv").write_text("case_id,article\nA-1,178.2\n", encoding="utf-8")
    pl.read_ndjson(path).write_parquet(tmp_path / "register.parquet")
    expected = run("determine", path, *ACT, "--json").stdout
    assert len(expected.splitlines()) == 2
    for given in (folder, tmp_path / "register.parquet"):
        assert run("determine", given, *ACT, "--json").stdout == expected
    assert run("determine", "-", *ACT, "--json", stdin=path.read_bytes()).stdout == expected


def test_rows_that_do_not_fit_are_told_kept_and_nothing_else_is_lost(tmp_path) -> None:
    path = register(
        tmp_path, GOOD, '{"case_id": "B"', {"case_id": "C", "sexx": "male"}, {"case_id": "D"}, {"case_id": "D"}
    )
    out, aside = tmp_path / "answers.jsonl", tmp_path / "aside.jsonl"
    done = run("determine", path, *ACT, "-o", out, "--quarantine", aside)
    assert done.returncode == 1
    assert "row 2: " in done.stderr
    assert "broken JSON" in done.stderr
    assert "row 3, case C: sexx = 'male': unknown field (did you mean sex?)" in done.stderr
    assert done.stderr.count("several rows bear this id") == 2
    assert done.stderr.endswith(f"4 rows did not fit and were put aside; all of them are in {aside}\n")
    assert [json.loads(line)["case_id"] for line in out.read_text().splitlines()] == ["A-1"]
    assert [json.loads(line)["row"] for line in aside.read_text().splitlines()] == [2, 3, 4, 5]


def test_control_characters_of_a_register_do_not_reach_the_terminal(tmp_path) -> None:
    done = run("determine", register(tmp_path, {"case_id": "A\u001b[2J", "sex": "\u001b]0;x\u0007"}), *ACT)
    assert "\x1b" not in done.stdout + done.stderr
    assert "\\x1b[2J" in done.stderr


# --- what cannot be done


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("determine", "nowhere.jsonl", *ACT), "there is no register nowhere.jsonl"),
        (("determine", PEOPLE, "--act", "az-2052"), "no act 'az-2052': did you mean az-2025?"),
        (("determine", PEOPLE), "Missing option '--act'"),
        (("determine", PEOPLE, *ACT, "-o", "answers.xlsx"), "write one of .parquet, .csv, .jsonl"),
        (("determine", PEOPLE, *ACT, "-o", "no/such/answers.csv"), "the folder no/such does not exist"),
        (("determine", PEOPLE, *ACT, "-o", PEOPLE), "is the register itself"),
        (("determine", PEOPLE, *ACT, "--quarantine", PEOPLE), "is the register itself"),
        (("determine", PEOPLE, *ACT, "--json", "-o", "answers.csv"), "--json writes to standard output"),
        (("determine", PEOPLE, *ACT, "--trace"), "--trace goes with --json"),
        (("explain", PEOPLE, "--case", "ulvi-hasanly", *ACT), "did you mean ulvi-hasanli?"),
        (("explain", PEOPLE, "--case", "ulvi-hasanli", *ACT, "--lang", "de"), "Invalid value for '--lang'"),
        (("act", "show", "az-2052"), "did you mean az-2025?"),
        (("act", "check", "nowhere.yaml"), "no act 'nowhere.yaml'"),
        (("register", "check", "nowhere"), "there is no register nowhere"),
        (("register", "synthesise", "--cases", "0", "--seed", "1", "-o", "x.parquet"), "Invalid value for '--cases'"),
        (("register", "synthesise", "--cases", "1", "--seed", "1", "-o", "x.csv"), "is written as .parquet or .jsonl"),
        (("conquer",), "No such command 'conquer'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, monkeypatch, arguments, words) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("cyrillic.jsonl", '{"case_id": "Петров"}\n'.encode("cp1251"), "line 1, byte 14"),
        ("wide.jsonl", '{"case_id": "A"}\n'.encode("utf-16"), "UTF-16"),
        ("cut.parquet", b"PAR1\0\0\0\0\0\0\0\0\0", "is cut off"),
        ("text.parquet", b"case_id\nA\n", "is no Parquet file"),
        ("register.json", b"[]", "write one object a line and name it .jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_no_output(tmp_path, name, content, words) -> None:
    (tmp_path / name).write_bytes(content)
    for rest in (("-o", tmp_path / "answers.parquet", "--quarantine", tmp_path / "aside.jsonl"), ("--json",)):
        done = run("determine", tmp_path / name, *ACT, *rest)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_found_bad_midway_leaves_what_stood_there_before(tmp_path) -> None:
    path = register(tmp_path, *({"case_id": f"A-{number}"} for number in range(100)))
    path.write_bytes(path.read_bytes() + b'{"case_id": "\xff"}\n')
    out = tmp_path / "answers.csv"
    out.write_text("before")
    done = run("determine", path, *ACT, "-o", out)
    assert (done.returncode, out.read_text()) == (2, "before")
    assert "line 101" in done.stderr
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_nothing_behind(tmp_path, number, code) -> None:
    path = register(tmp_path, *({**GOOD, "case_id": f"A-{row}"} for row in range(60_000)))
    running = subprocess.Popen(command("determine", path, *ACT, "-o", tmp_path / "answers.csv"), stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2:
        assert running.poll() is None, "the run was over before it could be stopped"
        assert time.monotonic() < deadline, "the run wrote nothing"
        time.sleep(0.01)
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (code, b"")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_reader_that_leaves_early_is_no_error(tmp_path) -> None:
    path = register(tmp_path, *({"case_id": f"A-{row}"} for row in range(5_000)))
    running = subprocess.Popen(
        command("determine", path, *ACT, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert json.loads(running.stdout.readline())["case_id"] == "A-0"
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(timeout=60) == 141


# --- explain


def test_explain_in_three_languages_and_as_json() -> None:
    asked = ("explain", PEOPLE, "--case", "elnara-gasimova", *ACT)
    text = run(*asked)
    assert (text.returncode, text.stderr) == (0, "")
    assert "Whether the act covers this case cannot be said yet." in text.stdout
    assert "\x1b" not in text.stdout
    assert "Пока нельзя сказать" in run(*asked, "--lang", "ru").stdout
    assert "Aktın bu işi əhatə edib-etmədiyini hələ demək olmur." in run(*asked, "--lang", "az").stdout
    assert len(run(*asked, "--all").stdout) > len(text.stdout)
    told = json.loads(run(*asked, "--json").stdout)
    assert (told["outcome"], told["determination"]["case_id"]) == ("undetermined", "elnara-gasimova")
    assert told["determination"]["trace"]["grants"]["personal.women"]["condition"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_explain_keeps_to_the_width(width) -> None:
    text = run("explain", PEOPLE, "--case", "ulvi-hasanli", *ACT, COLUMNS=str(width)).stdout
    assert all(len(line) <= width or "http" in line or " " not in line.strip() for line in text.splitlines())


def test_a_case_whose_row_does_not_fit_is_told(tmp_path) -> None:
    done = run("explain", register(tmp_path, {"case_id": "A", "sex": "man"}), "--case", "A", *ACT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "case A: sex = 'man': it is one of: female, male\n"


def test_output_is_utf_8_whatever_the_locale_says() -> None:
    done = run("explain", PEOPLE, "--case", "ulvi-hasanli", *ACT, "--lang", "az", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert "əhatə" in done.stdout


# --- acts


def test_acts_are_listed_shown_and_checked() -> None:
    assert [line.split()[0] for line in run("act", "list").stdout.splitlines()] == library_acts()
    shown = run("act", "show", "az-2025", COLUMNS="80").stdout
    for words in ("personal.combatant", "offences that may or may not be on it", "confidence low", "standing_law"):
        assert words in shown
    done = run("act", "check")
    assert done.returncode == 0
    assert re.search(r"(\d+) of \1 worked cases agree", done.stdout)
    schema = json.loads(run("act", "schema").stdout)
    assert "except" in schema["$defs"]["ExclusionFile"]["properties"]


def test_an_act_of_several_phases_is_asked_for_a_day(tmp_path) -> None:
    act = Path(__file__).parent / "acts" / "good" / "shares-steps-and-phases.yaml"
    case = {"case_id": "synthetic-1", "stage": "serving", "punishment": "imprisonment", "suspended": False}
    case |= {"birth_date": "1950-01-01", "sex": "male", "recidivism": "none", "term_end": "2027-01-01"}
    case |= {"first_conviction": False, "facts": {"ill": False, "conduct_class": "none"}}
    people = register(tmp_path, case)
    answers = {}
    for day in ("2026-01-15", "2026-03-15"):
        done = run("determine", people, "--act", act, "--json", "--as-of", day)
        assert done.returncode == 0, done.stderr
        answers[day] = json.loads(done.stdout)
    assert answers["2026-01-15"]["outcome"] == "not_covered"
    assert answers["2026-03-15"]["outcome"] == "granted"
    assert answers["2026-03-15"]["term_end_after"] == "2026-02-28"
    assert answers["2026-03-15"]["rules_version"].endswith(":2026-02-28")
    explained = run("explain", people, "--case", "synthetic-1", "--act", act, "--as-of", "2026-03-15").stdout
    assert "from 28 February 2026" in explained
    assert "f.old" not in run("act", "show", act, "--as-of", "2026-01-15").stdout
    assert "in effect: from 28 February 2026" in run("act", "show", act, "--as-of", "2026-03-15").stdout
    done = run("act", "show", act, "--as-of", "2025-01-15")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not in force on 2025-01-15; it takes effect on 2025-12-20" in done.stderr
    assert "is no day" in run("act", "show", act, "--as-of", "soon").stderr


def test_the_schema_of_an_amending_act_is_printed() -> None:
    schema = json.loads(run("act", "schema", "--amending").stdout)
    assert {"amends", "changes"} <= set(schema["required"])


def test_an_act_that_does_not_load_is_told_with_all_its_problems(tmp_path) -> None:
    path = tmp_path / "act.yaml"
    path.write_text("id: x\ntitel: X\ndates: {in_force: 2025-01-01}\ngrants: []\n", encoding="utf-8")
    done = run("act", "check", path)
    assert done.returncode == 1
    assert f"{path}:2:1: unknown key titel" in done.stderr
    assert "problems\n" in done.stderr
    done = run("determine", PEOPLE, "--act", path)
    assert done.returncode == 2
    assert "unknown key titel" in done.stderr


def test_a_worked_case_that_disagrees_is_a_finding(tmp_path) -> None:
    (tmp_path / "act.yaml").write_text(
        "id: small\ntitle: Small\ndates: {in_force: 2025-01-01}\nsources: {A: https://example.org}\n"
        "grants:\n  - {id: one, when: suspended, relief: release, source: A, confidence: high}\n",
        encoding="utf-8",
    )
    (tmp_path / "cases").mkdir()
    worked = "title: X\ncase: {suspended: true}\nexpect: {outcome: not_covered, grants: [one]}\n"
    (tmp_path / "cases" / "suspended.yaml").write_text(worked, encoding="utf-8")
    done = run("act", "check", tmp_path)
    assert done.returncode == 1
    assert done.stderr == "small: suspended.yaml: outcome is granted, expected not_covered\n"
    assert "0 of 1 worked case agree; no worked case shows one" in done.stdout


FLAWED = Path(__file__).resolve().parents[1] / "docs" / "examples" / "flawed-draft"


def test_what_can_be_proved_wrong_with_an_act_is_a_finding() -> None:
    done = run("act", "check", FLAWED)
    assert done.returncode == 1
    assert "gap: rest.release, rest.reduce" in done.stdout
    assert "acknowledged: always_covered" in done.stdout
    done = run("act", "check", FLAWED, "--json")
    (act,) = json.loads(done.stdout)
    assert [one["finding"] for one in act["findings"] if one["acknowledged"] is None] == [
        "never_applies",
        "never_bites",
        "gap",
    ]
    done = run("act", "check", FLAWED, "--no-proof")
    assert (done.returncode, "gap" in done.stdout) == (0, False)


def test_a_question_is_proved_refuted_or_not_read() -> None:
    done = run("act", "prove", FLAWED, "never pending and worst_category >= 'serious' and granted")
    assert (done.returncode, done.stdout.partition(";")[0]) == (0, "true of everybody")
    done = run("act", "prove", FLAWED, "in_prison and recidivism = 'none' implies granted", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["counter_example"]["term_end"] == "2030-06-01"
    done = run("act", "prove", FLAWED, "grnted")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean granted?" in done.stderr


# --- registers


def test_a_register_is_checked_by_row_field_and_value(tmp_path) -> None:
    rows = [
        {**GOOD, "offences": [{"article": "178.2"}, {"article": "999.1"}]},
        {**GOOD, "case_id": "A-2", "term_months": 36, "term_days": 0, "term_start": "2024-08-31", "credit_days": 10},
        {"case_id": "A-3", "sex": "man"},
    ]
    aside = tmp_path / "aside.jsonl"
    done = run("register", "check", register(tmp_path, *rows), "--quarantine", aside)
    assert done.returncode == 1
    assert "row 1, case A-1: offences.1.article = '999.1': the offence code az-cc has no such article" in done.stdout
    assert (
        "row 2, case A-2: term_end = '2027-08-31': start, term and credit give 2027-08-21 (10 days earlier)"
        in done.stdout
    )
    assert "3 rows, 2 in order, 1 put aside, 2 to look at" in done.stdout
    assert "row 3, case A-3: sex = 'man': it is one of: female, male" in done.stderr
    assert json.loads(aside.read_text())["case_id"] == "A-3"
    done = run("register", "check", register(tmp_path, GOOD))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 row, 1 in order, 0 put aside, 0 to look at" in done.stdout


def test_an_invented_register_is_the_same_for_the_same_seed_and_can_be_determined(tmp_path) -> None:
    for name in ("one.parquet", "two.parquet", "three.jsonl"):
        done = run("register", "synthesise", "--cases", 300, "--seed", 7, "-o", tmp_path / name)
        assert done.returncode == 0
        assert "SYNTHETIC" in done.stdout
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    answers = [run("determine", tmp_path / name, *ACT, "--json").stdout for name in ("one.parquet", "three.jsonl")]
    assert answers[0] == answers[1]
    assert len(answers[0].splitlines()) == 300


def test_an_index_gives_the_same_answers(tmp_path) -> None:
    path = tmp_path / "register.parquet"
    rows = [GOOD, {"case_id": "B", "sex": "man"}, {"case_id": "A-2", "facts": {"displaced": True}}]
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    before = run("determine", path, *ACT, "--json")
    done = run("register", "index", path)
    assert done.returncode == 1
    assert "2 cases laid out in 1 part" in done.stdout
    assert "row 2, case B: sex = 'man'" in done.stderr
    after = run("determine", path, *ACT, "--json")
    assert (after.returncode, after.stdout, after.stderr) == (before.returncode, before.stdout, before.stderr)
    assert run("register", "index", register(tmp_path, GOOD)).returncode == 2


def test_the_schema_of_a_record_names_fields_and_facts() -> None:
    schema = json.loads(run("register", "schema").stdout)
    assert "case_id" in schema["properties"]
    assert "combatant" in schema["properties"]["facts"]["anyOf"][0]["properties"]


# --- the whole


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("clemency ")
    assert run("--help").returncode == 0
    for group in ("act", "register"):
        assert run(group, "--help").returncode == 0


def test_the_package_run_as_a_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clemency", "act", "show", "nowhere-1900"], capture_output=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nowhere-1900" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_demonstration_shows_what_it_promises(tmp_path: Path) -> None:
    done = run("demo", "--draws", "4", "--output", str(tmp_path / "shown"), COLUMNS="100")
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("SYNTHETIC", "over 20,000", "18,355 by 19 Feb 2026", "Ulvi Hasanli", "What to try next", "--lang az"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    assert str(tmp_path / "shown" / "report.pdf") in done.stdout
    for name in ("relief.svg", "flow.narrow.png", "history.csv", "report.html", "report.pdf"):
        assert (tmp_path / "shown" / name).stat().st_size > 1000


def test_one_explanation_starts_quickly() -> None:
    """No library of tables is loaded to explain one case of a text register."""
    program = (
        "import sys; from clemency.cli import run\n"
        f"assert run(['explain', {str(PEOPLE)!r}, '--case', 'ulvi-hasanli', '--act', 'az-2025']) == 0\n"
        "assert not {'polars', 'pyarrow', 'numpy'} & set(sys.modules), 'a library of tables was loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)
