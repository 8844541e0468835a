"""A Parquet register in parts, each laid out for the engine: from its row groups where all is as expected.

Whatever is not as expected in a part - one row that does not fit is enough - sends the part the general way, through
`frames` and `layout`, which says what is wrong with which row. The answers are the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clemency.law.vocabulary import CASE_FIELDS, Kind, ValueType
from clemency.records.arrow_layout import is_plain, lay_out_tables
from clemency.records.frames import duplicate_ids, parquet_ids, parquet_part, parquet_rows, refuse_unfit
from clemency.records.layout import Layout, lay_out
from clemency.records.quarantine import QuarantinedRow, RegisterError

#: A row group with more rows than this is read in ranges of rows.
_LARGEST = 1_000_000
#: Writers may cut a bound of an id that is this long, in bytes.
_CUT = 32
#: Ids of at most this share of the rows are read to find out whether groups share any.
_FEW = 0.1


@dataclass(frozen=True)
class Part:
    """Some rows of a register in a row, and the row groups that they are, if they are whole groups."""

    first: int
    rows: int
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest id of a row group, as its file states them."""

    low: bytes
    high: bytes

    def hold(self, low: str, high: str) -> bool:
        """Whether ids from one to another lie between them."""
        return self.low <= low.encode() and high.encode() <= self.high


@dataclass(frozen=True)
class PlainParts:
    """The parts of a Parquet register that has no index.

    `bounds` are those of each row group, where the file states them and no id can stand in two groups; else `twice`
    are the ids that several rows bear.
    """

    path: Path
    facts: Mapping[str, ValueType]
    wanted: Collection[str] | None
    rows: int
    metadata: pq.FileMetaData | None
    parts: tuple[Part, ...]
    bounds: tuple[Bounds | None, ...] | None
    twice: frozenset[str]

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self.parts)

    def read(self, number: int) -> tuple[Layout, list[QuarantinedRow]]:
        """One part in the engine's layout, with the rows that were put aside. Several threads may read."""
        part = self.parts[number]
        layout = self._laid_out(part)
        ids = self._ids(part) if layout is None else layout.case_ids()
        twice = self.twice if self.bounds is None else self._twice_within(part, ids)
        if layout is not None and not (twice and pl.Series(ids).is_in(list(twice)).any()):
            return layout, []
        batch = parquet_part(self.path, part.first, part.rows, self.facts, twice)
        return lay_out(batch.frame, self.facts), batch.quarantined

    def _laid_out(self, part: Part) -> Layout | None:
        if not part.groups or self.metadata is None:
            return None
        columns = _columns(self.wanted)
        try:
            with _opened(self.path, self.metadata) as file:
                tables = [file.read_row_group(group, columns=columns, use_threads=False) for group in part.groups]
        except (pa.ArrowException, OSError):
            return None
        return lay_out_tables(tables, self.facts, self.wanted)

    def _ids(self, part: Part) -> pa.Array:
        ids = next(parquet_ids(self.path, part.first, part.first + part.rows, part.rows))
        return ids.to_arrow(compat_level=pl.CompatLevel.oldest())

    # ids given twice

    def _twice_within(self, part: Part, ids: pa.Array) -> frozenset[str]:
        """The ids that several rows of a part bear; no other part has them, if the file is right about its ids."""
        steps = pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))
        rising = not ids.null_count and bool(pc.all(steps, min_count=0).as_py())
        if not self._within_bounds(part, ids, rising):
            return self._searched
        if rising:
            return frozenset()
        return duplicate_ids(lambda: [pl.Series(ids)])

    def _within_bounds(self, part: Part, ids: pa.Array, rising: bool) -> bool:
        assert self.metadata is not None
        assert self.bounds is not None
        first = 0
        for group in part.groups:
            rows = self.metadata.row_group(group).num_rows
            known, bounds = ids.slice(first, rows).drop_null(), self.bounds[group]
            first += rows
            if len(known):
                ends = {"min": known[0], "max": known[-1]} if rising else pc.min_max(known)
                low, high = ends["min"].as_py(), ends["max"].as_py()
                if bounds is None or not bounds.hold(low, high):
                    return False
        return True

    @cached_property
    def _searched(self) -> frozenset[str]:
        """No id at all: a file that is wrong about its ids is searched as a whole, and refused if one stands twice."""
        if _search(self.path, self.rows, self.rows):
            raise RegisterError(
                f"{self.path} is damaged: its table of contents says other case ids than its rows; write it anew"
            )
        return frozenset()


def plain_parts(
    path: Path, facts: Mapping[str, ValueType], rows: int, wanted: Collection[str] | None = None
) -> PlainParts:
    """The parts of a Parquet register, of about so many rows; one that cannot be read as a whole is refused here.

    Texts that no screen looks at are read where they are wanted; None wants all.
    """
    refuse_unfit(path, facts)
    total = parquet_rows(path)
    metadata = _plain_metadata(path, facts, wanted)
    if metadata is None:
        twice = _search(path, total, rows)
        return PlainParts(path, facts, wanted, total, None, _ranges(0, total, rows), None, twice)
    bounds = _bounds_apart(path, metadata)
    twice = _search(path, total, rows) if bounds is None else frozenset()
    return PlainParts(path, facts, wanted, total, metadata, _parts(metadata, rows), bounds, twice)


def _search(path: Path, total: int, rows: int) -> frozenset[str]:
    return duplicate_ids(lambda: parquet_ids(path, 0, total, rows))


def _ranges(first: int, end: int, rows: int) -> tuple[Part, ...]:
    return tuple(Part(start, min(rows, end - start)) for start in range(first, end, rows))


def _parts(metadata: pq.FileMetaData, rows: int) -> tuple[Part, ...]:
    """Row groups put together to parts of at most so many rows; large groups stand alone, very large ones are cut.

    The first part has at most half as many, so that what comes after reading begins sooner.
    """
    parts: list[Part] = []
    first = 0
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).num_rows
        last = parts[-1] if parts else None
        room = rows if len(parts) > 1 else rows // 2
        if size > _LARGEST:
            parts += _ranges(first, first + size, rows)
        elif last is not None and last.groups and last.rows + size <= room:
            parts[-1] = Part(last.first, last.rows + size, (*last.groups, group))
        elif size:
            parts.append(Part(first, size, (group,)))
        first += size
    return tuple(parts)


# --- how the file is read -------------------------------------------------------------------------------------


def _plain_metadata(
    path: Path, facts: Mapping[str, ValueType], wanted: Collection[str] | None
) -> pq.FileMetaData | None:
    """The table of contents of a file whose columns are those of the record, type by type."""
    try:
        metadata = pq.read_metadata(path)
        with _opened(path, metadata) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError):
        return None
    columns = _columns(wanted)
    return metadata if is_plain(pa.schema([field for field in schema if field.name in columns]), facts) else None


def _opened(path: Path, metadata: pq.FileMetaData) -> pq.ParquetFile:
    """The file with every text but the ids read as its distinct texts and their places."""
    schema = metadata.schema
    leaves = [schema.column(number) for number in range(len(schema))]
    repeated = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.path != "case_id"]
    return pq.ParquetFile(path, metadata=metadata, read_dictionary=repeated)


def _columns(wanted: Collection[str] | None) -> list[str]:
    fields = [
        name for name, kind in CASE_FIELDS.items() if kind.kind is not Kind.TEXT or wanted is None or name in wanted
    ]
    return ["case_id", *fields, "offences", "facts"]


# --- which row groups can share an id -------------------------------------------------------------------------


def _bounds_apart(path: Path, metadata: pq.FileMetaData) -> tuple[Bounds | None, ...] | None:
    """The bounds of the ids of each row group (none where it has no id), if no id can stand in two of them.

    Groups whose bounds do not overlap share no id. Of a few others the ids are read.
    """
    bounds = _bounds(metadata)
    if bounds is None:
        return None
    apart: list[Bounds] = []
    others: list[int] = []
    for group, found in sorted(enumerate(bounds), key=lambda one: (one[1].high, one[1].low) if one[1] else (b"", b"")):
        if found is not None and (not apart or apart[-1].high < found.low):
            apart.append(found)
        elif found is not None:
            others.append(group)
    return bounds if not others or _none_shared(path, metadata, apart, others) else None


def _bounds(metadata: pq.FileMetaData) -> tuple[Bounds | None, ...] | None:
    paths = [metadata.schema.column(number).path for number in range(len(metadata.schema))]
    place = paths.index("case_id")
    found: list[Bounds | None] = []
    for group in range(metadata.num_row_groups):
        column = metadata.row_group(group).column(place)
        stated = column.statistics
        if stated is not None and stated.has_min_max:
            cut = len(stated.max_raw) >= _CUT
            found.append(Bounds(stated.min_raw, stated.max_raw + b"\xff" if cut else stated.max_raw))
        elif not column.num_values or (stated is not None and stated.null_count == column.num_values):
            found.append(None)
        else:
            return None
    return tuple(found)


def _none_shared(path: Path, metadata: pq.FileMetaData, apart: list[Bounds], others: list[int]) -> bool:
    """Whether the ids of a few groups lie between the bounds of all the rest, and each stands once."""
    few = sum(metadata.row_group(group).num_rows for group in others) <= _FEW * metadata.num_rows
    if not few or any(one.high.endswith(b"\xff") for one in apart):
        return False
    try:
        with _opened(path, metadata) as file:
            table = file.read_row_groups(others, columns=["case_id"], use_threads=False)
        table.validate(full=True)
        lows = pl.Series([one.low.decode() for one in apart])
        highs = pl.Series([one.high.decode() for one in apart])
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return False
    ids = pl.Series(table.column("case_id")).cast(pl.String).drop_nulls()
    after = lows.search_sorted(ids, side="right")
    before = highs.search_sorted(ids, side="left")
    return bool((after == before).all()) and ids.n_unique() == len(ids)
