"""One table in every form: CSV, JSON, Parquet. The same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clemency.observe.data_package import Column, TableAbout, Value

Row = Mapping[str, Value]
BETWEEN = "; "
ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_DTYPES: Mapping[str, Any] = {
    "day": pl.Date,
    "whole": pl.Int64,
    "number": pl.Float64,
    "yes_no": pl.Boolean,
    "list": pl.List(pl.String),
}


@dataclass(frozen=True)
class Table:
    """A table with its rows."""

    about: TableAbout
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Its name, which is also that of its files."""
        return self.about.name


def in_form(table: Table, ending: str) -> bytes:
    """The table as a file."""
    return _FORMS[ending](table.about.columns, table.rows)


def as_text(value: Value) -> str:
    """A value as a cell of a sheet; what is not known is empty.

    >>> as_text(None), as_text(True), as_text(["a", "b"]), as_text(3.0), as_text(0)
    ('', 'true', 'a; b', '3', '0')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return BETWEEN.join(value)
        case float():
            return f"{value:.10g}"
        case _:
            return str(value)


def _csv(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([as_text(row.get(column.name)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _json(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    lines = (json.dumps({one.name: row.get(one.name) for one in columns}, ensure_ascii=False) for row in rows)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def _parquet(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    schema = {one.name: _DTYPES.get(one.kind, pl.String) for one in columns}
    cells = {one.name: [_typed(row.get(one.name), one.kind) for row in rows] for one in columns}
    content = io.BytesIO()
    pl.DataFrame(cells, schema=schema).write_parquet(content, compression="zstd", statistics=False)
    return content.getvalue()


def _typed(value: Value, kind: str) -> Any:
    if value is not None and kind == "day":
        return date.fromisoformat(str(value))
    return float(value) if kind == "number" and isinstance(value, int | float) else value


_FORMS = {"csv": _csv, "json": _json, "parquet": _parquet}
