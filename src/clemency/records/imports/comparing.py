"""What an import changes in a register: cases that are new, changed, unchanged, or gone from the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clemency.law.vocabulary import ValueType
from clemency.records.frames import record_schema
from clemency.records.imports.spelling import LOOK_ALIKE

#: Cases compared at a time, so that memory does not grow with the register.
_SLICE = 100_000


@dataclass(frozen=True)
class Comparison:
    """The case numbers of each kind, and for changed cases which fields changed.

    `held` are cases of the former register whose row in the file was put aside; they stay as they were.
    """

    new: pl.Series
    changed: pl.Series
    unchanged: pl.Series
    gone: pl.Series
    held: pl.Series
    fields: dict[str, int]
    look_alikes: list[tuple[str, str]]


def compare(incoming: pl.DataFrame, former: pl.DataFrame | None, aside: pl.Series) -> Comparison:
    """Cases that came in beside those of the former register, by case number; equal in every field is unchanged.

    >>> was = pl.DataFrame({"case_id": ["1", "2"], "sex": ["male", None]})
    >>> now = pl.DataFrame({"case_id": ["2", "3"], "sex": ["female", None]})
    >>> found = compare(now, was, pl.Series([], dtype=pl.String))
    >>> found.new.to_list(), found.changed.to_list(), found.gone.to_list(), found.fields
    (['3'], ['2'], ['1'], {'sex': 1})
    """
    ids = incoming.get_column("case_id")
    none = pl.Series("case_id", [], pl.String)
    if former is None:
        return Comparison(ids, none, none, none, none, {}, [])
    was = former.get_column("case_id")
    new = ids.filter(~ids.is_in(was.implode()))
    places = former.select("case_id").with_row_index("place")
    both = (
        incoming.select("case_id").with_row_index("now").join(places, on="case_id", how="inner", maintain_order="left")
    )
    pieces = [_differences(incoming, former, both.slice(start, _SLICE)) for start in range(0, both.height or 1, _SLICE)]
    differs = pl.concat(pieces)
    changed_rows = differs.select(pl.any_horizontal(pl.all())).to_series() if differs.width else both["now"] < 0
    held = was.filter(was.is_in(aside.drop_nulls().unique().implode()))
    missing = was.filter(~was.is_in(ids.implode()) & ~was.is_in(held.implode()))
    counted = {name: int(differs.get_column(name).sum()) for name in differs.columns}
    same = both.get_column("case_id")
    return Comparison(
        new,
        same.filter(changed_rows),
        same.filter(~changed_rows),
        missing,
        held,
        {name: count for name, count in counted.items() if count},
        _look_alikes(new, missing),
    )


def _differences(incoming: pl.DataFrame, former: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """For each field whether it differs; unknown differs from known, and equals unknown. One field at a time."""
    found: list[pl.Series] = []
    for name in incoming.columns:
        if name == "case_id":
            continue
        now, was = incoming.get_column(name).gather(both["now"]), former.get_column(name).gather(both["place"])
        if isinstance(now.dtype, pl.Struct):
            inner = now.struct.unnest()
            before = was.struct.unnest()
            found += [_differ(inner[one], before[one]).alias(f"{name}.{one}") for one in inner.columns]
        elif isinstance(now.dtype, pl.List):
            found.append(_lists_differ(now, was).alias(name))
        else:
            found.append(_differ(now, was).alias(name))
    return pl.DataFrame(found)


def _differ(now: pl.Series, was: pl.Series) -> pl.Series:
    return now.ne_missing(was)


def _lists_differ(now: pl.Series, was: pl.Series) -> pl.Series:
    """Lists of offences, offence by offence in their order. An empty list says as little as none."""
    count, before = now.list.len().fill_null(0), was.list.len().fill_null(0)
    rows = pl.select(pl.int_range(len(now), dtype=pl.UInt32).alias("row")).to_series()
    alike = (count == before) & (count > 0)
    if not alike.any():
        return count != before
    first, second = now.filter(alike).list.explode().struct.unnest(), was.filter(alike).list.explode().struct.unnest()
    apart = pl.DataFrame([_differ(first[name], second[name]) for name in first.columns])
    owner = rows.filter(alike).repeat_by(count.filter(alike)).list.explode()
    hit = owner.filter(apart.select(pl.any_horizontal(pl.all())).to_series()).unique()
    return (count != before) | rows.is_in(hit.implode())


def _look_alikes(new: pl.Series, gone: pl.Series) -> list[tuple[str, str]]:
    """New case numbers that differ from a gone one only in letters that look the same."""
    if not len(new) or not len(gone):
        return []
    letters, latin = list(LOOK_ALIKE), list(LOOK_ALIKE.values())
    first = pl.DataFrame({"new": new, "key": new.str.replace_many(letters, latin)})
    second = pl.DataFrame({"gone": gone, "key": gone.str.replace_many(letters, latin)})
    return list(first.join(second, on="key", how="inner").select("gone", "new").iter_rows())


def merged(incoming: pl.DataFrame, former: pl.DataFrame | None, found: Comparison, remove: bool) -> pl.DataFrame:
    """The register after the import: former cases in their order, changed ones as they are now, new ones at the end."""
    if former is None:
        return incoming
    kept = former.filter(~pl.col("case_id").is_in(found.changed.implode()))
    if remove:
        kept = kept.filter(~pl.col("case_id").is_in(found.gone.implode()))
    fresh = incoming.filter(~pl.col("case_id").is_in(found.unchanged.implode()))
    order = former.select("case_id").with_row_index("order")
    whole = pl.concat([kept, fresh]).join(order, on="case_id", how="left", maintain_order="left")
    return whole.sort("order", nulls_last=True, maintain_order=True).drop("order")


def fitted(frame: pl.DataFrame, facts: Mapping[str, ValueType]) -> pl.DataFrame:
    """A former register with every column of the record, so that it can stand beside what came in."""
    schema = record_schema(facts)
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None, dtype).alias(name) for name, dtype in schema.items()
    )
