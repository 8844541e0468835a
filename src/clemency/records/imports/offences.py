"""The offences of a table: packed in one cell, on rows of their own, or inside their case; each becomes one row here.

Several articles and as many dates pair in their order. One date beside several articles may be the date of all or of
one, so the profile has to say which.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from clemency.records.imports.problems import Fault, Question
from clemency.records.imports.profile import Profile
from clemency.records.imports.reading_tables import ReadTable
from clemency.records.imports.told import told_of

_PARTS = {"committed_on": pl.Date(), "guilt": pl.String(), "form": pl.String()}
_ARTICLES = pl.List(pl.Struct({"article": pl.String(), "form": pl.String()}))
SCHEMA = {
    "table": pl.UInt32(),
    "place": pl.UInt32(),
    "case_id": pl.String(),
    "article": pl.String(),
    **_PARTS,
}


@dataclass
class OffenceRows:
    """One row an offence, with the table and place it came from and the case it belongs to."""

    rows: pl.DataFrame
    faults: list[pl.DataFrame] = field(default_factory=list)
    notes: list[pl.DataFrame] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def offence_rows(read: ReadTable, profile: Profile) -> OffenceRows:
    """The offences of one table."""
    place = read.mapped.place
    height = read.mapped.table.height
    case_ids = read.values.get("case_id", pl.Series("case_id", [None] * height, pl.String))
    own = pl.DataFrame({"place": _counted(height), "case_id": case_ids})
    found = OffenceRows(pl.DataFrame(schema=SCHEMA))
    gathered = [_paired(own, read.values, read, profile, found)]
    nested = read.mapped.table.nested
    if nested is not None and read.nested:
        inside = own[nested.parent.cast(pl.Int64)]
        gathered.append(_paired(inside, read.nested, read, profile, found))
    rows = pl.concat(gathered).with_columns(pl.lit(place, pl.UInt32).alias("table"))
    found.rows = rows.select(list(SCHEMA))
    return found


def _counted(height: int) -> pl.Series:
    return pl.select(pl.int_range(height, dtype=pl.UInt32).alias("place")).to_series()


def _paired(
    own: pl.DataFrame, values: dict[str, pl.Series], read: ReadTable, profile: Profile, found: OffenceRows
) -> pl.DataFrame:
    """Articles with the dates, guilt and form beside them; a row whose numbers of values differ is told."""
    lists = {"article": values.get("offences.article")} | {name: values.get(f"offences.{name}") for name in _PARTS}
    if all(series is None for series in lists.values()):
        return pl.DataFrame(schema={name: SCHEMA[name] for name in ("place", "case_id", "article", *_PARTS)})
    types = {"article": _ARTICLES, **{name: pl.List(dtype) for name, dtype in _PARTS.items()}}
    frame = own.with_columns(
        pl.lit(None, types[name]).alias(name) if series is None else series.alias(name)
        for name, series in lists.items()
    )
    frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in lists))
    articles = pl.col("article").list.len().fill_null(1)
    frame = frame.with_columns(articles.alias("count"))
    for name in _PARTS:
        frame = _matched(frame, name, read, profile, found)
    flat = frame.with_columns(pl.int_ranges(pl.col("count").cast(pl.Int64)).alias("nth")).explode("nth")
    named = pl.col("article").list.get(pl.col("nth"), null_on_oob=True)
    flat = flat.with_columns(
        named.struct.field("article").alias("text"),
        named.struct.field("form").alias("said"),
        *(pl.col(name).list.get(pl.col("nth"), null_on_oob=True).alias(name) for name in _PARTS),
    )
    apart = flat.filter(
        pl.col("said").is_not_null() & pl.col("form").is_not_null() & (pl.col("said") != pl.col("form"))
    )
    if apart.height:
        fault = Fault("lists_do_not_pair", "the article says attempt or preparation, and the form says otherwise")
        found.faults.append(_told(apart, "offences.form", fault, read))
    return flat.select("place", "case_id", pl.col("text").alias("article"), "committed_on", "guilt",
                       pl.coalesce("form", "said").alias("form"))  # fmt: skip


def _matched(frame: pl.DataFrame, name: str, read: ReadTable, profile: Profile, found: OffenceRows) -> pl.DataFrame:
    """The values of one part brought to as many as there are articles."""
    length = pl.col(name).list.len()
    wrong = frame.filter(length.is_not_null() & (length != pl.col("count")) & (length != 1))
    if wrong.height:
        fault = Fault("lists_do_not_pair", "there are more or fewer values here than articles")
        found.faults.append(_told(wrong, f"offences.{name}", fault, read))
    alone = frame.filter((length == 1) & (pl.col("count") > 1))
    if not alone.height:
        return frame
    heading = read.mapped.heading(f"offences.{name}")
    if profile.one_for_all is None:
        rows = "1 row" if alone.height == 1 else f"{alone.height:,} rows"
        what = f"in {rows} the column {heading} has one value beside several articles"
        answer = "one_for_all: use  # or unknown, where it is not known which offence it belongs to"
        found.questions.append(Question("one_for_all", read.mapped.table.where, what, answer))
        return frame
    said = "it is taken for all" if profile.one_for_all == "use" else "it is taken as unknown"
    note = Fault("one_for_all", f"one value stands beside several articles, and {said}")
    found.notes.append(_told(alone, f"offences.{name}", note, read))
    here = (length == 1) & (pl.col("count") > 1)
    empty = pl.lit(None, pl.List(_PARTS[name]))
    spread = pl.col(name).list.first().repeat_by("count") if profile.one_for_all == "use" else empty
    return frame.with_columns(pl.when(here).then(spread).otherwise(pl.col(name)).alias(name))


def _told(frame: pl.DataFrame, name: str, fault: Fault, read: ReadTable) -> pl.DataFrame:
    return told_of(frame.get_column("place"), read.mapped, name, fault)
