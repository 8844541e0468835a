"""A register written in any form that people use comes in as it was, whatever its values."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clemency.law.codes import load_code
from clemency.records.imports.giving_back import give_back
from clemency.records.imports.importing import prepare, write_prepared
from clemency.records.imports.profile import Profile, parse_profile, written
from clemency.records.record import CaseRecord, known_facts
from clemency.records.register import open_register
from tests.records.imports.beasts import DAY, write_ods, write_xls, write_xlsx

FACTS = known_facts()
ARTICLES = sorted(load_code("az-cc").parts)[::7]
LETTERS = "abcxyzəğıİöüşçƏĞÖÜŞÇабвгджщыюяЖЁ0123456789=+-@'\"«»,;. /"
texts = st.text(alphabet=LETTERS, min_size=1, max_size=12).map(str.strip).filter(
    lambda text: text and not text.startswith(("#", "-", "…", "."))
    and text.lower() not in ("yox", "н", "f", "t", "x", "?")
)  # fmt: skip
days = st.dates(date(1901, 1, 1), date(2099, 12, 31))
offences = st.fixed_dictionaries(
    {"article": st.sampled_from(ARTICLES)},
    optional={"committed_on": days, "form": st.sampled_from(["attempt", "completed"])},
)
cases = st.fixed_dictionaries(
    {},
    optional={
        "birth_date": days,
        "sex": st.sampled_from(["female", "male"]),
        "stage": st.sampled_from(["investigation", "trial", "serving", "served"]),
        "holder": texts.map(lambda text: f"Şəki {text}"),
        "suspended": st.booleans(),
        "term_months": st.integers(0, 600),
        "term_end": days,
        "recidivism": st.sampled_from(["none", "simple", "dangerous"]),
        "offences": st.lists(offences, min_size=1, max_size=3),
        "facts": st.fixed_dictionaries(
            {}, optional={"combatant": st.booleans(), "disability_percent": st.integers(0, 100).map(float)}
        ),
    },
)
registers = st.lists(cases, min_size=1, max_size=6)
COLUMNS = ["case_id", "birth_date", "sex", "stage", "holder", "suspended", "term_months", "term_end", "recidivism"]
COLUMNS += ["facts.combatant", "facts.disability_percent"]


def numbered(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"case_id": f"synthetic-Ş{place}", **case} for place, case in enumerate(drawn)]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def flat(case: dict[str, Any]) -> list[Any]:
    stated = {f"facts.{name}": value for name, value in case.get("facts", {}).items()}
    return [(case | stated).get(name) for name in COLUMNS]


def packed(case: dict[str, Any], name: str) -> str | None:
    values = [offence.get(name) for offence in case.get("offences", [])]
    if not any(value is not None for value in values):
        return None
    return "; ".join("?" if value is None else str(value) for value in values)


def table(drawn: list[dict[str, Any]]) -> list[list[Any]]:
    """One row a case, with the offences packed in cells."""
    parts = ["article", "committed_on", "form"]
    heading = [*COLUMNS, *(f"offences.{name}" for name in parts)]
    return [heading, *([*flat(case), *(packed(case, name) for name in parts)] for case in drawn)]


def as_text(cell: Any) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


def write_csv(folder: Path, drawn: list[dict[str, Any]], encoding: str = "utf-8", sign: str = ",") -> list[Path]:
    path = folder / "siyahı.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=sign).writerows([as_text(cell) for cell in row] for row in table(drawn))
    return [path]


def write_two_files(folder: Path, drawn: list[dict[str, Any]]) -> list[Path]:
    first, second = folder / "işlər.csv", folder / "maddələr.csv"
    with first.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([as_text(cell) for cell in row] for row in [COLUMNS, *map(flat, drawn)])
    with second.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["case_id", "article", "committed_on", "form of the offence"])
        for case in drawn:
            for offence in case.get("offences", []):
                values = [offence.get(name) for name in ("article", "committed_on", "form")]
                writer.writerow([case["case_id"], *map(as_text, values)])
    return [first, second]


def write_workbook(writer: Callable[[Path, dict[str, Any]], None], ending: str) -> Callable[..., list[Path]]:
    def write(folder: Path, drawn: list[dict[str, Any]]) -> list[Path]:
        path = folder / f"siyahı.{ending}"
        rows = table(drawn)
        if ending == "xls":  # this small writer knows text and numbers
            rows = [[as_text(cell) or None if not isinstance(cell, float) else cell for cell in row] for row in rows]
        writer(path, {"sheets": [{"name": "Siyahı", "rows": rows}]})
        return [path]

    return write


def write_lines(folder: Path, drawn: list[dict[str, Any]]) -> list[Path]:
    path = folder / "register.jsonl"
    path.write_text("".join(json.dumps(plain(case), ensure_ascii=False) + "\n" for case in drawn), encoding="utf-8")
    return [path]


def write_json(folder: Path, drawn: list[dict[str, Any]]) -> list[Path]:
    path = folder / "register.json"
    path.write_text(json.dumps({"işlər": [plain(case) for case in drawn]}, ensure_ascii=False), encoding="utf-16")
    return [path]


def write_parquet(folder: Path, drawn: list[dict[str, Any]]) -> list[Path]:
    from clemency.records.frames import frame_of

    path = folder / "register.parquet"
    frame_of([CaseRecord.model_validate(case) for case in drawn], FACTS).write_parquet(path)
    return [path]


FORMS: dict[str, Callable[..., list[Path]]] = {
    "csv": write_csv,
    "csv in utf-16 with tabs": lambda folder, drawn: write_csv(folder, drawn, "utf-16", "\t"),
    "csv with a mark and semicolons": lambda folder, drawn: write_csv(folder, drawn, "utf-8-sig", ";"),
    "two files": write_two_files,
    "xlsx": write_workbook(write_xlsx, "xlsx"),
    "xls": write_workbook(write_xls, "xls"),
    "ods": write_workbook(write_ods, "ods"),
    "json lines": write_lines,
    "json": write_json,
    "parquet": write_parquet,
}


def records(path: Path) -> list[dict[str, Any]]:
    read = [record for _, record in open_register(path, FACTS).records()]
    return [said(record) for record in read if isinstance(record, CaseRecord)]


def said(record: CaseRecord) -> dict[str, Any]:
    """What a record says; no fact said and no facts are the same."""
    return {name: value for name, value in record.model_dump(exclude_none=True).items() if value != {}}


def expected(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [said(CaseRecord.model_validate(case)) for case in drawn]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=registers.map(numbered))
def test_what_goes_out_comes_in(form: str, drawn: list[dict[str, Any]]) -> None:
    profile = Profile(read={"header_row": 1}) if "json" not in form and form != "parquet" else Profile()
    with tempfile.TemporaryDirectory() as folder:
        files = FORMS[form](Path(folder), drawn)
        register = Path(folder) / "imported.parquet"
        prepared = prepare(files, profile, FACTS, register)
        report = write_prepared(prepared, register, DAY)
        assert report.put_aside == 0, report.text()
        assert records(register) == expected(drawn)
        again = write_prepared(prepare(files, profile, FACTS, register), register, DAY)
        assert again.sequence is None
        assert again.counts()["unchanged"] == len(drawn)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json lines", "parquet"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=registers.map(numbered), bad=st.integers(0, 5))
def test_a_file_given_back_and_mended_comes_in_whole(form: str, drawn: list[dict[str, Any]], bad: int) -> None:
    """What is given back holds every row with its values, and says what is wrong only where something is."""
    place = bad % len(drawn)
    spoiled = [dict(case) for case in drawn]
    with tempfile.TemporaryDirectory() as folder:
        files = FORMS[form](Path(folder), spoiled)
        prepared = prepare(files, Profile(), FACTS)
        row = prepared.tables[0].rows[place]
        problem = dict.fromkeys(prepared.report.problems.columns, "") | {"file": files[0].name, "row": row}
        told = {**problem, "sheet": prepared.tables[0].sheet, "column": "case_id", "code": "no_case_id", "what": "=x"}
        problems = pl.DataFrame([told], schema=prepared.report.problems.schema)
        (back,) = give_back(prepared.tables, problems, Path(folder) / "back")
        again = prepare([back], Profile(), FACTS)
        assert again.cases.equals(prepared.cases)
        assert again.report.put_aside == 0


@settings(max_examples=40, deadline=None)
@given(
    columns=st.dictionaries(texts, st.sampled_from(["case_id", "birth_date", "sex", "offences.article"]), max_size=4),
    leave_out=st.lists(texts.map(lambda text: f"x {text}"), max_size=3),
    rows=st.sampled_from([None, "case", "offence"]),
    words=st.dictionaries(texts, st.sampled_from(["female", "male", "unknown"]), max_size=3),
)
def test_a_profile_that_is_written_reads_as_it_was(columns, leave_out, rows, words) -> None:
    profile = Profile(columns=columns, leave_out=leave_out, rows=rows, values={"sex": words} if words else {})
    assert parse_profile(written(profile), FACTS) == profile
