"""How long a large file takes to come in and to be looked through, and how much memory, seen from outside.

    python benchmarks/importing.py                    a million rows as CSV, twice: first new, then unchanged; findings
    python benchmarks/importing.py --rows 200000 --form xlsx

The file is invented, in the words of an Azerbaijani office: headings and coded words in Azerbaijani, days as
25.03.1990, articles as m.177.2.3, several in one cell.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

REPOSITORY = Path(__file__).resolve().parents[1]
AIM_SECONDS, AIM_BYTES = 60, 2_000_000_000
_WORDS = {
    "sex": {"female": "qadın", "male": "kişi"},
    "stage": {"investigation": "istintaq", "trial": "məhkəmədə", "serving": "çəkir", "served": "çəkib"},
    "recidivism": {
        "none": "yoxdur", "simple": "sadə", "dangerous": "təhlükəli", "especially_dangerous": "xüsusilə təhlükəli",
    },
}  # fmt: skip
_HEADINGS = {
    "case_id": "İşin nömrəsi",
    "person_id": "FİN",
    "birth_date": "Doğum tarixi",
    "sex": "Cinsi",
    "stage": "İşin mərhələsi",
    "punishment": "Cəzanın növü",
    "suspended": "Şərti məhkumetmə",
    "institution_type": "Müəssisənin rejimi",
    "term_months": "Cəza müddəti (ay)",
    "term_days": "Müddət, gün",
    "term_start": "Müddətin başlanğıcı",
    "term_end": "Müddətin sonu",
    "credit_days": "Hesablanmış günlər",
    "judgment_date": "Hökmün tarixi",
    "first_conviction": "İlk dəfə",
    "recidivism": "Residiv",
}


def write_file(rows: int, form: str, folder: Path) -> Path:
    """An invented register as an office would send it; every thousandth row has a mistake."""
    from clemency.records.synthesise import synthesise

    plain = folder / "plain.parquet"
    synthesise(rows, 1, plain, lambda done, total: None)
    frame = pl.read_parquet(plain)
    article = (pl.lit("m.") + pl.element().struct.field("article")).fill_null("?")
    offences = pl.col("offences").list.eval(article).list.join("; ")
    day = pl.element().struct.field("committed_on").dt.strftime("%d.%m.%Y").fill_null("?")
    days = pl.col("offences").list.eval(day).list.join("; ")
    columns = [offences.alias("Maddə"), days.alias("Cinayətin tarixi")]
    for name, heading in _HEADINGS.items():
        if name not in frame.columns:
            continue
        column = pl.col(name)
        if frame.schema[name] == pl.Date:
            column = column.dt.strftime("%d.%m.%Y")
        elif frame.schema[name] == pl.Boolean:
            column = pl.when(column).then(pl.lit("bəli")).when(~column).then(pl.lit("xeyr"))
        elif name in _WORDS:
            column = column.replace(_WORDS[name])
        columns.append(column.alias(heading))
    table = frame.select(columns).with_row_index("s/s", offset=1)
    wrong = pl.when(pl.col("s/s") % 1000 == 0).then(pl.lit("31.02.1980")).otherwise(pl.col("Doğum tarixi"))
    table = table.with_columns(wrong.alias("Doğum tarixi"))
    path = folder / f"reyestr.{form}"
    if form == "csv":
        table.write_csv(path, separator=";", include_bom=True)
    elif form == "jsonl":
        table.write_ndjson(path)
    elif form == "parquet":
        table.write_parquet(path)
    else:
        _write_workbook(table, path)
    return path


def _write_workbook(table: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("Siyahı")
    sheet.write_row(0, 0, table.columns)
    for number, row in enumerate(table.iter_rows(), 1):
        sheet.write_row(number, 0, row)
    book.close()


def measured(*arguments: str) -> tuple[bool, str]:
    """Whether a command in a process of its own stayed within the aim; its time and its memory in words."""
    command = [sys.executable, "-c", "from clemency.cli import main; main()", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    took, busy, memory = time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(said)
    fits = took <= AIM_SECONDS and memory <= AIM_BYTES
    told = f"{took:.1f} s ({busy:.1f} s of the processor), {memory / 1e9:.2f} GB"
    return fits, told


def main() -> int:
    """Measure, and say whether the aim is met."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/importing.py", description="How long a large file takes to come in."
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--form", choices=["csv", "jsonl", "parquet", "xlsx"], default="csv")
    asked = parser.parse_args()
    met = True
    with tempfile.TemporaryDirectory(prefix="clemency-") as folder:
        path = write_file(asked.rows, asked.form, Path(folder))
        print(f"{path.name}: {asked.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        register, report = Path(folder) / "register.parquet", Path(folder) / "report.json"
        written = ("-o", str(register), "--report", str(report), "--day", "2025-12-20")
        for time_of in ("first", "again"):
            fits, told = measured("register", "import", str(path), *written)
            met &= fits
            counts = json.loads(report.read_text(encoding="utf-8"))["counts"]
            counted = ", ".join(f"{counts[name]:,} {name}" for name in ("new", "unchanged", "quarantined"))
            print(f"{time_of}: {told}; {counted}")
        _, told = measured("register", "findings", str(register), "--act", "az-2025")
        print(f"findings: {told}")
    print(f"aim: {AIM_SECONDS} s and {AIM_BYTES / 1e9:.0f} GB on two cores; {'met' if met else 'NOT MET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
