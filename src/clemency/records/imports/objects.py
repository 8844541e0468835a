"""Tables of objects: JSON, JSON Lines and Parquet, flat or with the offences inside their case."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from clemency.records.imports.detection import encoding_of
from clemency.records.imports.limits import Limits, check_columns_count, check_rows
from clemency.records.imports.problems import Fault
from clemency.records.imports.tables import (
    BOOLEAN,
    DAY,
    NUMBER,
    TEXT,
    BrokenRow,
    Column,
    Nested,
    Table,
    cleaned,
    without_ours,
)
from clemency.records.quarantine import RegisterError
from clemency.records.record import RecordErrors, json_object

_GATHERED = 20_000
_LONGEST = 4_000_000
#: What the rows of a quarantine file hold; the row as it was given is read out of them.
_PUT_ASIDE = {"row", "problems", "given"}


def read_lines(path: Path, encoding: str | None, limits: Limits) -> Table:
    """The table of a file with one JSON object a line; a line that is broken is kept apart."""
    found = encoding or encoding_of(path)
    gathering = _Gathering(path, limits)
    with path.open("r", encoding=found, newline="\n") as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    gathering.read(number, line.strip())
        except UnicodeError as error:
            raise RegisterError(f"{path.name} is not written in {found}: {error}") from None
    return gathering.table({"encoding": found})


def read_json(path: Path, encoding: str | None, limits: Limits) -> Table:
    """The table of a JSON file: a list of objects, or an object with one such list in it."""
    found = encoding or encoding_of(path)
    try:
        read = json_object(path.read_text(encoding=found).encode())
    except RecordErrors as errors:
        raise RegisterError(f"{path.name}: {errors.problems[0].what}") from None
    except UnicodeError as error:
        raise RegisterError(f"{path.name} is not written in {found}: {error}") from None
    lists = [value for value in read.values() if isinstance(value, list)] if isinstance(read, dict) else [read]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise RegisterError(f"{path.name} holds no list of cases; write one list of objects, or one object a line")
    gathering = _Gathering(path, limits)
    for number, one in enumerate(lists[0], 1):
        gathering.add(number, one)
    return gathering.table({"encoding": found})


class _Gathering:
    """Gathers objects into columns."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.numbers: list[int] = []
        self.values: dict[str, list[Any]] = {}
        self.nested: dict[str, list[Any]] = {}
        self.parents: list[int] = []
        self.nested_name = ""
        self.broken: list[BrokenRow] = []

    def read(self, number: int, line: str) -> None:
        """One line of JSON."""
        if len(line) > _LONGEST:
            self._apart(number, f"the line has over {_LONGEST:,} letters", line[:200])
            return
        try:
            self.add(number, json_object(line.encode("utf-8", "surrogatepass")))
        except RecordErrors as errors:
            self._apart(number, "; ".join(_said(problem) for problem in errors.problems), line[:2000])

    def _apart(self, number: int, what: str, given: Any) -> None:
        self.broken.append(BrokenRow(number, Fault("broken_row", what), given))

    def add(self, number: int, given: Any) -> None:
        """One object."""
        if isinstance(given, dict) and given.keys() >= _PUT_ASIDE and isinstance(given["given"], dict):
            given = given["given"]
        if not isinstance(given, dict):
            self._apart(number, "a row is an object with fields such as case_id", given)
            return
        place = len(self.numbers)
        check_rows(place + 1, self.path.name, self.limits)
        self.numbers.append(number)
        for name, value in _flat(given):
            if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                self._inside(place, name, value)
                value = json.dumps(value, ensure_ascii=False)
            elif isinstance(value, list):
                value = "; ".join(map(str, value)) if value else None
            _put(self.values, name, place, value)
        check_columns_count(len(self.values), self.path.name, self.limits)

    def _inside(self, place: int, name: str, offences: list[dict[str, Any]]) -> None:
        if self.nested_name not in ("", name):
            raise RegisterError(
                f"{self.path.name} has two lists of objects, {self.nested_name} and {name}; keep the offences"
            )
        self.nested_name = name
        for offence in offences:
            row = len(self.parents)
            self.parents.append(place)
            for inner, value in _flat(offence):
                _put(self.nested, inner, row, value)

    def table(self, reading: dict[str, Any]) -> Table:
        """The whole table."""
        if not self.numbers and not self.broken:
            raise RegisterError(f"{self.path.name} is empty: there is no case in it")
        nested = None
        if self.nested_name:
            columns = [
                Column(f"{self.nested_name}.{one.name}", one.text, one.kinds)
                for one in _made(self.nested, len(self.parents))
            ]
            nested = Nested(pl.Series("place", self.parents, pl.UInt32), columns)
        columns = without_ours(_made(self.values, len(self.numbers)))
        rows = pl.Series("row", self.numbers, pl.Int64)
        return Table(self.path, "", "objects", rows, columns, nested, self.broken, reading)


def _said(problem: Any) -> str:
    return f"{problem.field}: {problem.what}" if problem.field else str(problem.what)


def _flat(given: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names with their values; an object inside gives its names after its own, with a dot."""
    for name, value in given.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _put(columns: dict[str, list[Any]], name: str, place: int, value: Any) -> None:
    column = columns.setdefault(name, [])
    column.extend([None] * (place - len(column)))
    column.append(value)


def _made(columns: dict[str, list[Any]], height: int) -> list[Column]:
    return [_column(name, [*values, *[None] * (height - len(values))]) for name, values in columns.items()]


def _column(name: str, values: Iterable[Any]) -> Column:
    values = list(values)
    kinds = pl.Series("", [_kind(value) for value in values], pl.UInt8)
    text = cleaned(pl.Series("", [_text(value) for value in values], pl.String))
    return Column(name, text, None if (kinds == TEXT).all() else kinds)


def _kind(value: Any) -> int:
    return BOOLEAN if isinstance(value, bool) else NUMBER if isinstance(value, int | float) else TEXT


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value if value is None else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# --- Parquet --------------------------------------------------------------------------------------------------


def read_parquet(path: Path, limits: Limits) -> Table:
    """The table of a Parquet file, flat or nested."""
    from clemency.records.frames import parquet_rows, parquet_schema

    schema = parquet_schema(path)
    check_rows(parquet_rows(path), path.name, limits)
    frame = pl.read_parquet(path)
    while any(isinstance(dtype, pl.Struct) for dtype in frame.schema.values()):
        frame = _unnested(frame)
    check_columns_count(frame.width, path.name, limits)
    columns: list[Column] = []
    nested = None
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
            if nested is not None:
                raise RegisterError(f"{path.name} has two lists of objects; keep the offences")
            nested = _inside(name, frame.get_column(name))
            columns.append(Column(name, _as_json(frame.get_column(name))))
        else:
            columns.append(_plain(name, frame.get_column(name), path))
    rows = pl.select(pl.int_range(1, frame.height + 1, dtype=pl.Int64).alias("row")).to_series()
    reading = {"columns": len(schema)}
    return Table(path, "", "objects", rows, without_ours(columns), nested, [], reading)


def _unnested(frame: pl.DataFrame) -> pl.DataFrame:
    columns: list[pl.Series] = []
    for column in frame.iter_columns():
        if isinstance(column.dtype, pl.Struct):
            columns += [one.alias(f"{column.name}.{one.name}") for one in column.struct.unnest().iter_columns()]
        else:
            columns.append(column)
    return pl.DataFrame(columns)


def _inside(name: str, lists: pl.Series) -> Nested:
    given = lists.list.len().fill_null(0) > 0
    places = pl.select(pl.int_range(len(lists), dtype=pl.UInt32).alias("place")).to_series()
    lengths = lists.filter(given).list.len()
    flat = lists.filter(given).list.explode()
    parent = places.filter(given).repeat_by(lengths).list.explode().alias("place")
    columns = [_plain(f"{name}.{one.name}", one, Path(name)) for one in flat.struct.unnest().iter_columns()]
    return Nested(parent, columns)


def _as_json(lists: pl.Series) -> pl.Series:
    wrapped = lists.alias("offences").to_frame().select(pl.struct("offences").struct.json_encode()).to_series()
    return wrapped.str.slice(len('{"offences":')).str.head(-1).set(lists.is_null(), None)


def _plain(name: str, values: pl.Series, path: Path) -> Column:
    dtype = values.dtype
    kind = BOOLEAN if dtype == pl.Boolean else NUMBER if dtype.is_numeric() else DAY if dtype == pl.Date else TEXT
    if dtype == pl.Binary:
        raise RegisterError(f"{path.name}: column {name} holds binary data, which is no text")
    if isinstance(dtype, pl.List):
        text = values.list.eval(pl.element().cast(pl.String)).list.join("; ")
    elif isinstance(dtype, pl.Datetime):
        kind = TEXT if dtype.time_zone else DAY
        text = values.dt.to_string("%Y-%m-%d %H:%M:%S" + ("%:z" if dtype.time_zone else "")).str.replace(
            " 00:00:00$", ""
        )
    elif dtype.is_float():
        whole = values.is_finite() & (values == values.floor()) & (values.abs() < 1e15)
        text = values.cast(pl.String)
        short = values.set(~whole.fill_null(False), None).cast(pl.Int64, strict=False).cast(pl.String)
        text = pl.DataFrame({"a": short, "b": text}).select(pl.coalesce("a", "b")).to_series()
    else:
        text = values.cast(pl.String)
    kinds = pl.repeat(kind, len(values), dtype=pl.UInt8, eager=True) if kind != TEXT else None
    return Column(name, cleaned(text.alias("")), kinds)
