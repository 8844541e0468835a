"""The report of an import: how each file was read, what changes, and every value that does not fit, with its place."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from clemency.records.imports.comparing import Comparison
from clemency.records.imports.problems import LOOK, Question
from clemency.records.imports.tables import BrokenRow, Table
from clemency.records.quarantine import shown

_EXAMPLES = 3
COLUMNS = ("file", "sheet", "row", "case_id", "column", "field", "value", "code", "what", "mend")


@dataclass
class Report:
    """All there is to say of one import. `problems` puts rows aside, `notes` does not.

    Both have the columns of `COLUMNS`, one row a value, in the order of the files.
    """

    register: str
    dry_run: bool
    files: list[dict[str, Any]]
    rows: int
    empty_rows: int
    problems: pl.DataFrame
    notes: pl.DataFrame
    comparison: Comparison | None = None
    questions: list[Question] = field(default_factory=list)
    kind_of_rows: str = "case"
    profile: str = ""
    remarks: list[str] = field(default_factory=list)
    sequence: int | None = None

    @property
    def put_aside(self) -> int:
        """How many rows were put aside."""
        return self.problems.select("file", "sheet", "row").n_unique() if self.problems.height else 0

    @property
    def to_look_at(self) -> int:
        """How many values somebody should look at."""
        return int(self.notes.get_column("code").is_in(list(LOOK)).sum()) + len(self._alike())

    def _alike(self) -> list[tuple[str, str]]:
        return self.comparison.look_alikes if self.comparison else []

    def counts(self) -> dict[str, int]:
        """The numbers of the import; rows are of the files, the others are cases."""
        found = self.comparison
        sizes = {
            "new": len(found.new) if found else 0,
            "changed": len(found.changed) if found else 0,
            "unchanged": len(found.unchanged) if found else 0,
            "quarantined": self.put_aside,
            "gone": len(found.gone) if found else 0,
        }
        held = len(found.held) if found else 0
        return {"rows": self.rows, "rows_in_order": self.rows - self.put_aside, **sizes, "held": held}

    def groups(self) -> list[dict[str, Any]]:
        """Problems of one kind in one column counted together, the most frequent first."""
        return _grouped(self.problems)

    def noted(self) -> list[dict[str, Any]]:
        """Notes, counted in the same way."""
        return _grouped(self.notes)

    def as_json(self) -> dict[str, Any]:
        """The whole report as plain data."""
        found = self.comparison
        plain: dict[str, Any] = {
            "register": self.register,
            "dry_run": self.dry_run,
            "profile": self.profile,
            "import": self.sequence,
            "files": self.files,
            "rows_are": self.kind_of_rows,
            "counts": self.counts(),
            "questions": [question.as_json() for question in self.questions],
            "remarks": self.remarks,
            "changed_fields": found.fields if found else {},
            "gone": found.gone.to_list() if found else [],
            "held": found.held.to_list() if found else [],
            "look_alikes": [{"gone": gone, "new": new} for gone, new in self._alike()],
            "groups": self.groups(),
            "problems": self.problems.to_dicts(),
            "notes": self.noted(),
        }
        return plain

    def text(self, width: int = 100) -> str:
        """The report for a terminal."""
        lines = [*self.readings(width), ""] if self.files else []
        lines += self._summary()
        for heading, groups in (
            ("Put aside", self.groups()),
            ("To look at", self._told(True)),
            ("Noted", self._told(False)),
        ):
            if groups:
                lines += ["", heading, *_table(groups, width)]
        for gone, new in self._alike():
            lines.append(
                f"{shown(gone)} is gone and {shown(new)} is new: they differ only in letters that look the same"
            )
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def readings(self, width: int = 100) -> list[str]:
        """How each file was read, line by line."""
        return [line for file in self.files for line in _file_lines(file, width)]

    def _told(self, look: bool) -> list[dict[str, Any]]:
        return [group for group in self.noted() if (group["code"] in LOOK) is look]

    def _summary(self) -> list[str]:
        counts = self.counts()
        found = self.comparison
        tense = "would be " if self.dry_run else ""
        name = self.register or "the register"
        cases = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("new", "changed", "unchanged", "gone"))
        lines = [f"{self.rows:,} rows, each row {'a case' if self.kind_of_rows == 'case' else 'an offence of a case'}"]
        lines.append(
            f"{shown(name)}: {tense}{cases}; {counts['quarantined']:,} {_rows(counts['quarantined'])} put aside"
        )
        if found and found.fields:
            changed = ", ".join(f"{name} in {count:,}" for name, count in found.fields.items())
            lines.append(f"changed fields: {changed}")
        if found and len(found.held):
            lines.append(f"{len(found.held):,} cases stay as they were, because their new row was put aside")
        return lines + self.remarks


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _grouped(told: pl.DataFrame) -> list[dict[str, Any]]:
    if not told.height:
        return []
    keys = ["file", "sheet", "column", "field", "code", "what", "mend"]
    grouped = told.group_by(keys, maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("value").drop_nulls().unique(maintain_order=True).head(_EXAMPLES).alias("values"),
        pl.col("row").head(_EXAMPLES).alias("rows"),
    )
    return grouped.sort("count", descending=True, maintain_order=True).to_dicts()


def _file_lines(file: dict[str, Any], width: int) -> Iterator[str]:
    name = file["file"] + (f", sheet {file['sheet']}" if file["sheet"] else "")
    how = [f"{file['rows']:,} {_rows(file['rows'])}"]
    how += [file[key] for key in ("encoding", "delimiter") if key in file]
    if "header_row" in file:
        how.append(f"heading in row {file['header_row']}")
    if file.get("empty_rows"):
        how.append(f"{file['empty_rows']:,} empty {_rows(file['empty_rows'])}")
    if file.get("formulas"):
        formulas = "1 formula" if file["formulas"] == 1 else f"{file['formulas']:,} formulas"
        how.append(f"{formulas}, read with the values that were stored")
    yield shown(f"{name}: {', '.join(how)}")
    guesses = file.get("guesses", {})
    for heading, said in file["columns"].items():
        told = f"; {guesses[heading]}" if heading in guesses else ""
        by = "" if said["said_by"] == "profile" else " (guessed by its heading)"
        yield from _wrapped(f"{heading} → {said['field']}{by}{told}", "  ", width)
    if file["left_out"]:
        yield from _wrapped(f"left out: {', '.join(file['left_out'])}", "  ", width)


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(shown(text), width, initial_indent=indent, subsequent_indent=indent + "  ") or [indent]


def _table(groups: list[dict[str, Any]], width: int) -> Iterator[str]:
    """One group a paragraph: how many, where, which values, why, and how to mend it."""
    for group in groups:
        where = group["column"] or group["field"] or "the row"
        values = ", ".join(repr(value) if len(value) < 40 else repr(value[:36] + "…") for value in group["values"])
        rows = ", ".join(str(row) for row in group["rows"]) + (" …" if group["count"] > len(group["rows"]) else "")
        said = f"{where}{': ' + values if values else ''}: {group['what']} ({group['file']}, row {rows})"
        lead = f"{group['count']:>7,}  "
        yield from textwrap.wrap(shown(said), width, initial_indent=lead, subsequent_indent=" " * 9)
        yield from textwrap.wrap(shown(group["mend"]), width, initial_indent=" " * 9 + "→ ", subsequent_indent=" " * 11)
        yield f"{' ' * 9}{group['code']}"


def placed(
    told: pl.DataFrame, rows: pl.DataFrame, tables: list[Table], broken: list[tuple[Table, BrokenRow]]
) -> pl.DataFrame:
    """What is to be said, with file, sheet and row number in place of table and place."""
    names = pl.DataFrame(
        {
            "table": pl.Series(range(len(tables)), dtype=pl.UInt32),
            "file": pl.Series([table.file for table in tables], dtype=pl.String),
            "sheet": pl.Series([table.sheet for table in tables], dtype=pl.String),
        }
    )
    joined = told.join(
        rows.select("table", "place", "row", "case_id"), on=["table", "place"], how="left", maintain_order="left"
    )
    joined = joined.join(names, on="table", how="left", maintain_order="left").rename({"text": "value"})
    found = joined.sort("table", "row", maintain_order=True).select(COLUMNS).unique(maintain_order=True)
    if not broken:
        return found
    apart = pl.DataFrame(
        [
            (
                table.file,
                table.sheet,
                one.row,
                None,
                "",
                "",
                _one_line(one.given),
                one.fault.code,
                one.fault.what,
                one.fault.remedy,
            )
            for table, one in broken
        ],
        schema=found.schema,
        orient="row",
    )
    return pl.concat([found, apart])


def _one_line(given: Any) -> str:
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return text[:200]
