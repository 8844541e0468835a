"""One value of a file read, or the reason why it cannot be: each distinct value of a column is read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from clemency.records.imports.problems import Fault
from clemency.records.imports.tables import TEXT, Column


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says: its value (None is unknown), what keeps it from being read, and what is to be noted."""

    value: Any = None
    fault: Fault | None = None
    note: Fault | None = None


Reader = Callable[[str, int], Reading]
_FAULTS = {"code": pl.String(), "what": pl.String(), "mend": pl.String()}


@dataclass(frozen=True)
class ReadColumn:
    """A column as values; with the places, texts and reasons of those that could not be read or are to be noted."""

    values: pl.Series
    faults: pl.DataFrame
    notes: pl.DataFrame


def read_column(column: Column, reader: Reader, dtype: pl.DataType) -> ReadColumn:
    """Read every distinct value of a column once, and set it in each of its places.

    >>> from clemency.records.imports.values import yes_or_no
    >>> read_column(Column("Qadın", pl.Series(["Bəli", None, "xeyr"])), yes_or_no({}), pl.Boolean()).values.to_list()
    [True, None, False]
    """
    frame = pl.DataFrame({"text": column.text})
    keys = ["text"]
    if column.kinds is not None:
        frame = frame.with_columns(column.kinds.alias("kind"))
        keys.append("kind")
    distinct = frame.unique(maintain_order=True).filter(pl.col("text").is_not_null())
    read = [reader(pair[0], pair[1] if len(pair) > 1 else TEXT) for pair in distinct.iter_rows()]
    values = _series([one.value for one in read], dtype)
    known = distinct.with_columns(values)
    joined = frame.join(known, on=keys, how="left", maintain_order="left").get_column("value")
    return ReadColumn(
        joined,
        _told(frame, distinct, keys, [one.fault for one in read]),
        _told(frame, distinct, keys, [one.note for one in read]),
    )


def read_most_as_text(column: Column, reader: Reader, doubtful: str) -> ReadColumn:
    """A column of text that stands as it is, but for the values that match a pattern: those are read."""
    if column.kinds is not None:
        return read_column(column, reader, pl.String())
    places = column.text.str.contains(doubtful).fill_null(False)
    read = read_column(Column(column.name, column.text.set(~places, None)), reader, pl.String())
    return ReadColumn(column.text.set(places, None), read.faults, read.notes)


def _series(values: list[Any], dtype: pl.DataType) -> pl.Series:
    """Values as a column; nested ones by way of Arrow, which builds them many times as fast."""
    if not dtype.is_nested():
        return pl.Series("value", values, dtype)
    import pyarrow

    return pl.Series("value", pl.from_arrow(pyarrow.array(values, arrow_type(dtype)))).cast(dtype)


def arrow_type(dtype: Any) -> Any:
    """The Arrow type of a list or struct of text, numbers and days."""
    import pyarrow

    if isinstance(dtype, pl.List):
        return pyarrow.list_(arrow_type(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pyarrow.struct([(one.name, arrow_type(one.dtype)) for one in dtype.fields])
    plain = {"String": pyarrow.string(), "Int32": pyarrow.int32(), "Date": pyarrow.date32()}
    return plain[str(dtype)]


def _told(frame: pl.DataFrame, distinct: pl.DataFrame, keys: list[str], faults: list[Fault | None]) -> pl.DataFrame:
    """Where the values stand that there is something to say of."""
    hit = [place for place, fault in enumerate(faults) if fault is not None]
    schema = {"place": pl.UInt32(), "text": pl.String(), **_FAULTS}
    if not hit:
        return pl.DataFrame(schema=schema)
    said = [fault for fault in faults if fault is not None]
    reasons = distinct[hit].with_columns(
        pl.Series("code", [fault.code for fault in said], pl.String),
        pl.Series("what", [fault.what for fault in said], pl.String),
        pl.Series("mend", [fault.remedy for fault in said], pl.String),
    )
    placed = frame.with_row_index("place").join(reasons, on=keys, how="inner", maintain_order="left")
    return placed.select(list(schema))
