"""Bringing files into a register: read, map, compare, and only then write. A dry run is all of it but the last step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from clemency.law.codes import OffenceCode, load_code
from clemency.law.vocabulary import ValueType
from clemency.records.imports.assembling import Assembled, assemble
from clemency.records.imports.columns import known_headings
from clemency.records.imports.comparing import Comparison, compare, merged
from clemency.records.imports.limits import Limits
from clemency.records.imports.mapping import MappedTable, map_table
from clemency.records.imports.problems import Question
from clemency.records.imports.profile import ColumnUse, Profile, written
from clemency.records.imports.reading_tables import ReadTable, read_table
from clemency.records.imports.report import COLUMNS, Report, placed
from clemency.records.imports.sources import Sources, read_sources
from clemency.records.imports.tables import BrokenRow, Table
from clemency.records.imports.versions import (
    Former,
    last_versions,
    only_writer,
    read_cases,
    read_former,
    stated_categories,
    write_import,
)
from clemency.records.quarantine import RegisterError

_SLICE = 100_000
_STOPPING = {"no_case_column", "one_field_twice"}


class Unanswered(ValueError):
    """Questions about the files that the profile does not answer. Nothing was written.

    `report` tells how the files were read so far; `profile` is the guess as a profile, with the questions in it.
    """

    def __init__(self, questions: list[Question], report: Report, profile: str) -> None:
        self.questions, self.report, self.profile = questions, report, profile
        super().__init__("\n".join(map(str, questions)))


@dataclass
class Prepared:
    """An import ready to be written: the cases that came in, the former register, and the report."""

    tables: list[Table]
    assembled: Assembled
    former: Former
    former_cases: pl.DataFrame | None
    comparison: Comparison
    report: Report
    profile: Profile
    proposal: str
    broken: list[tuple[Table, BrokenRow]] = field(default_factory=list)

    @property
    def cases(self) -> pl.DataFrame:
        """The cases that came in and are in order."""
        return self.assembled.cases

    def put_aside(self) -> Iterator[str]:
        """The rows put aside as lines of JSON: place, problems, and the row as it was given."""
        problems = self.report.problems
        if not problems.height:
            return
        given = self._given()
        told = problems.group_by(["file", "sheet", "row"], maintain_order=True)
        for (file, sheet, row), lines in told:
            plain: dict[str, Any] = {"file": file, "sheet": sheet} if sheet else {"file": file}
            plain |= {"row": row, "case_id": lines["case_id"][0]}
            columns = ["column", "field", "value", "code", "what", "mend"]
            plain |= {"problems": lines.select(columns).to_dicts(), "given": given.get((file, sheet, row))}
            yield json.dumps(plain, ensure_ascii=False) + "\n"

    def _given(self) -> dict[tuple[Any, Any, Any], Any]:
        found: dict[tuple[Any, Any, Any], Any] = {}
        aside = self.assembled.rows.filter("aside")
        for place, table in enumerate(self.tables):
            rows = aside.filter(pl.col("table") == place).get_column("place")
            frame = pl.DataFrame([one.text.gather(rows).alias(one.name) for one in table.columns])
            for number, given in zip(table.rows.gather(rows), frame.iter_rows(named=True), strict=True):
                found[(table.file, table.sheet, number)] = {k: v for k, v in given.items() if v is not None}
        found |= {(table.file, table.sheet, one.row): one.given for table, one in self.broken}
        return found


def prepare(
    paths: list[Path],
    profile: Profile,
    facts: Mapping[str, ValueType],
    register: Path | None = None,
    sheets: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> Prepared:
    """Read files, and compare them with the register that they would go into. Nothing is written.

    Raises Unanswered where only a person can say how a file is meant, and RegisterError where one cannot be read.
    """
    code = load_code(profile.code)
    known = known_headings(facts, [*profile.columns, *profile.leave_out])
    sources = read_sources(paths, profile.read_settings(sheets), known, limits or Limits())
    former = read_former(register) if register is not None else Former(False, 0, False, {})
    read, questions = _read_all(sources, profile, facts, code)
    report = _first_report(register, profile, read, sources)
    proposal = _proposal(profile, [one.mapped for one in read], questions)
    if any(question.code in _STOPPING for question in questions) or not read:
        raise Unanswered(questions, report, proposal)
    assembled = assemble(read, profile, facts, code)
    questions = [*questions, *(one for one in assembled.questions if one not in questions)]
    if questions:
        raise Unanswered(questions, report, _proposal(profile, [one.mapped for one in read], questions))
    broken = [(table, one) for table in sources.tables for one in table.broken]
    aside = assembled.rows.filter("aside").get_column("case_id")
    cases = read_cases(register, facts) if register is not None and former.there else None
    comparison = compare(*_with_stated(assembled, register, cases), aside)
    report.problems = placed(assembled.faults, assembled.rows, sources.tables, broken)
    report.notes = placed(assembled.notes, assembled.rows, sources.tables, [])
    report.comparison, report.kind_of_rows = comparison, assembled.kind_of_rows
    report.remarks += _remarks(profile, comparison, report)
    _check_all_told(report, assembled, broken)
    return Prepared(sources.tables, assembled, former, cases, comparison, report, profile, proposal, broken)


def _read_all(
    sources: Sources, profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode
) -> tuple[list[ReadTable], list[Question]]:
    read: list[ReadTable] = []
    questions = [
        Question(
            "sheet_left",
            f"{path.name}, sheet {sheet.name}",
            f"the sheet has {sheet.rows:,} rows and was not read: {sheet.why}",
            f"read: {{sheets: [{sheet.name}]}}, or leave_out_sheets: [{sheet.name}]",
        )
        for path, sheet in sources.left
    ]
    mapping = [
        map_table(_filled_down(table, profile), place, profile, list(facts))
        for place, table in enumerate(sources.tables)
    ]
    only_offences = all(mapped.offences_alone for mapped, _ in mapping)
    for mapped, asked in mapping:
        # Case numbers and articles alone are a table of cases, unless another table holds the cases.
        mapped.offences_alone = mapped.offences_alone and not only_offences
        questions += asked
        one = read_table(mapped, profile, facts, code)
        questions += one.questions
        read.append(one)
    missing = _columns_missing(sources, profile)
    return read, [*questions, *missing]


def _filled_down(table: Table, profile: Profile) -> Table:
    """Columns in which an empty cell means the one above it, where the profile says so."""
    from dataclasses import replace

    filled = [
        replace(
            one,
            text=one.text.forward_fill(),
            kinds=None if one.kinds is None else one.kinds.set(one.text.is_null(), None).forward_fill().fill_null(0),
        )
        if one.name in profile.fill_down
        else one
        for one in table.columns
    ]
    return replace(table, columns=filled)


def _columns_missing(sources: Sources, profile: Profile) -> list[Question]:
    """A column that the profile names and no file has is asked about: it may have been renamed."""
    there = {column.name for table in sources.tables for column in table.columns}
    there |= {column.name for table in sources.tables if table.nested for column in table.nested.columns}
    gone = [name for name in profile.columns if name not in there]
    return [
        Question("column_missing", "the files", f"no file has the column {name}, which the profile names",
                 "take the column out of `columns`, or write the heading that the file has")
        for name in gone
    ]  # fmt: skip


def _first_report(register: Path | None, profile: Profile, read: list[ReadTable], sources: Sources) -> Report:
    files = [{**one.mapped.as_json(), "guesses": one.guesses} for one in read]
    rows = sum(table.height + len(table.broken) for table in sources.tables)
    empty = sum(int(table.reading.get("empty_rows", 0)) for table in sources.tables)
    nothing = pl.DataFrame(schema={name: pl.Int64 if name == "row" else pl.String for name in COLUMNS})
    return Report(str(register or ""), True, files, rows, empty, nothing, nothing, profile=profile.digest())


def _proposal(profile: Profile, mapped: list[MappedTable], questions: list[Question]) -> str:
    """The guess as a profile, with what is asked as comments above it."""
    columns: dict[str, str | ColumnUse] = {}
    for table in mapped:
        for one in (*table.columns, *table.nested):
            said = profile.columns.get(one.column.name)
            columns[one.column.name] = said if said is not None else one.field
    left = [name for table in mapped for name in table.left_out]
    whole = profile.model_copy(
        update={"columns": columns, "leave_out": list(dict.fromkeys([*profile.leave_out, *left]))}
    )
    asked = {
        f"{number}. {question.where}": f"{question.what}\n   {question.answer}"
        for number, question in enumerate(questions, 1)
    }
    return written(whole, asked)


def _remarks(profile: Profile, found: Comparison, report: Report) -> list[str]:
    if not len(found.gone):
        return []
    if profile.gone == "keep":
        return ["cases that are gone from the file stay in the register"]
    if _unnamed(report):
        return ["cases that are gone stay this time: rows without a readable case number were put aside"]
    return ["cases that are gone leave the register; their versions are kept"]


def _unnamed(report: Report) -> bool:
    return bool(report.problems.get_column("case_id").is_null().any())


def _check_all_told(report: Report, assembled: Assembled, broken: list[tuple[Table, BrokenRow]]) -> None:
    """Every row of every file is in a case or is put aside with a reason; else this program is mistaken."""
    aside = int(assembled.rows.get_column("aside").sum()) + len(broken)
    if report.put_aside != aside or assembled.rows.height + len(broken) != report.rows:
        raise AssertionError(f"{aside} rows were put aside and {report.put_aside} are told of {report.rows}")


def _with_stated(
    assembled: Assembled, register: Path | None, former: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """New and former cases with the category that their files stated; a file that states none takes none away."""
    if former is None or register is None or assembled.stated.is_empty():
        return assembled.cases, former
    before = stated_categories(register)
    now = pl.concat([before, assembled.stated.unique("case_id", keep="first")]).unique("case_id", keep="last")
    incoming = assembled.cases.join(now, on="case_id", how="left", maintain_order="left")
    return incoming, former.join(before, on="case_id", how="left", maintain_order="left")


# --- writing --------------------------------------------------------------------------------------------------


def write_prepared(prepared: Prepared, register: Path, day: str) -> Report:
    """Write an import that was prepared: the register in its new form, with the former versions beside it.

    Where nothing would change, nothing is written. `day` is the day of the import, as 2025-12-20. Raises RegisterError
    where the register has changed since it was prepared.
    """
    report = prepared.report
    report.dry_run = False
    with only_writer(register):
        now = read_former(register)
        if now != prepared.former:
            raise RegisterError(f"{register} was changed by another import meanwhile; import again")
        if _nothing_to_write(prepared):
            return report
        removing = prepared.profile.gone == "remove" and not _unnamed(report)
        cases = merged(prepared.cases, prepared.former_cases, prepared.comparison, removing)
        versions = _versions(prepared, register, removing)
        told = {"day": day, "profile": prepared.profile.model_dump(mode="json", exclude_defaults=True),
                "counts": report.counts(), "files": [_about(path) for path in _paths(prepared)]}  # fmt: skip
        report.sequence = write_import(register, prepared.former, cases, versions, prepared.put_aside(), told)
    return report


def _paths(prepared: Prepared) -> list[Path]:
    return list(dict.fromkeys(table.path for table in prepared.tables))


def _about(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": digest}


def _nothing_to_write(prepared: Prepared) -> bool:
    found = prepared.comparison
    if not prepared.former.there:
        return False
    leaving = prepared.profile.gone == "remove" and len(found.gone) and not _unnamed(prepared.report)
    if len(found.new) or len(found.changed) or leaving:
        return False
    digest = hashlib.sha256()
    for line in prepared.put_aside():
        digest.update(line.encode())
    last = prepared.former.last.get("sha256", {}).get("put-aside.jsonl", hashlib.sha256().hexdigest())
    return bool(digest.hexdigest() == last)


def _versions(prepared: Prepared, register: Path, removing: bool) -> Iterator[pl.DataFrame]:
    """What is new about each case, some thousand cases at a time: its record, what was typed, and where it stood."""
    found, former = prepared.comparison, prepared.former
    if former.adopted and prepared.former_cases is not None:
        yield from _slices(prepared.former_cases, "found", {}, 1, None, register.name)
    touched = pl.concat([found.new, found.changed, found.gone if removing else found.gone.clear()])
    before = last_versions(register, touched) if former.sequence else {}
    first = 2 if former.adopted else 1
    for ids, change, base in ((found.new, "new", 1), (found.changed, "changed", first)):
        rows = prepared.cases.filter(pl.col("case_id").is_in(ids.implode()))
        yield from _slices(rows, change, before, base, prepared, "")
    if removing and prepared.former_cases is not None:
        rows = prepared.former_cases.filter(pl.col("case_id").is_in(found.gone.implode()))
        yield from _slices(rows, "gone", before, first, None, "")


def _slices(
    rows: pl.DataFrame, change: str, before: dict[str, int], base: int, prepared: Prepared | None, file: str
) -> Iterator[pl.DataFrame]:
    for start in range(0, rows.height, _SLICE):
        piece = rows.slice(start, _SLICE)
        ids = piece.get_column("case_id")
        numbers = [before.get(one, base - 1) + 1 for one in ids] if before else [base] * len(ids)
        back = (
            [change if change != "new" or one not in before else "back" for one in ids]
            if before
            else [change] * len(ids)
        )
        about = pl.DataFrame(
            {"version": pl.Series(numbers, dtype=pl.Int32), "change": pl.Series(back, dtype=pl.String)}
        )
        yield pl.concat([piece, about, _typed(ids, prepared, file)], how="horizontal")


_TYPED = {
    "as_typed": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "rows": pl.List(pl.Int64()),
    "category": pl.String(),
}


def _typed(ids: pl.Series, prepared: Prepared | None, file: str) -> pl.DataFrame:
    """What was typed for each case, as a list of objects by heading, with the file and the rows where it stood."""
    frame = ids.to_frame()
    if prepared is None:
        empty = {name: pl.lit(None, dtype) for name, dtype in _TYPED.items()} | {
            "file": pl.lit(file or None, pl.String)
        }
        return (
            frame.select(**empty).select(list(_TYPED))
            if not len(ids)
            else frame.with_columns(**empty).select(list(_TYPED))
        )
    rows = prepared.assembled.rows.filter(pl.col("case_id").is_in(ids.implode()) & ~pl.col("aside"))
    pieces = []
    for place, table in enumerate(prepared.tables):
        own = rows.filter(pl.col("table") == place)
        if own.height:
            places = own.get_column("place")
            cells = pl.DataFrame([one.text.gather(places).alias(one.name) for one in table.columns])
            typed = cells.select(pl.struct(pl.all()).struct.json_encode().alias("as_typed")).to_series()
            said = (typed, pl.lit(table.file).alias("file"), pl.lit(table.sheet).alias("sheet"))
            pieces.append(own.select("case_id", "row").with_columns(*said))
    whole = (
        pl.concat(pieces)
        .group_by("case_id", maintain_order=True)
        .agg(
            pl.format("[{}]", pl.col("as_typed").str.join(", ")).alias("as_typed"),
            pl.col("file").first(),
            pl.col("sheet").first(),
            pl.col("row").alias("rows"),
        )
    )
    stated = prepared.assembled.stated.unique("case_id", keep="first")
    joined = frame.join(whole, on="case_id", how="left", maintain_order="left")
    return joined.join(stated, on="case_id", how="left", maintain_order="left").select(list(_TYPED))
