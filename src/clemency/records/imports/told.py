"""What there is to say of a value, with its place: one shape for what puts a row aside and for what is only noted."""

from __future__ import annotations

import polars as pl

from clemency.records.imports.mapping import MappedTable
from clemency.records.imports.problems import Fault

TOLD = {
    "table": pl.UInt32(),
    "place": pl.UInt32(),
    "column": pl.String(),
    "field": pl.String(),
    "text": pl.String(),
    "code": pl.String(),
    "what": pl.String(),
    "mend": pl.String(),
}


def told_of(
    places: pl.Series, mapped: MappedTable, name: str, fault: Fault, texts: pl.Series | None = None
) -> pl.DataFrame:
    """One fault at several places of a table, in the columns of `TOLD`."""
    heading = mapped.heading(name)
    if texts is None:
        column = next((one.column.text for one in mapped.columns if one.field == name), None)
        texts = pl.Series([None] * len(places), dtype=pl.String) if column is None else column.gather(places)
    return pl.DataFrame(
        {
            "table": pl.repeat(mapped.place, len(places), dtype=pl.UInt32, eager=True),
            "place": places.cast(pl.UInt32),
            "column": pl.repeat(heading, len(places), dtype=pl.String, eager=True),
            "field": pl.repeat(name, len(places), dtype=pl.String, eager=True),
            "text": texts.cast(pl.String),
            "code": pl.repeat(fault.code, len(places), dtype=pl.String, eager=True),
            "what": pl.repeat(fault.what, len(places), dtype=pl.String, eager=True),
            "mend": pl.repeat(fault.remedy, len(places), dtype=pl.String, eager=True),
        },
        schema=TOLD,
    )
