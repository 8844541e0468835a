"""Registers as Polars frames: the one nested schema, and the screening of many rows at once.

The screen says which rows are surely in order; only the others go through `read_record`, which says what is wrong. Its
checks are those of the case record: a row that `read_record` refuses never passes the screen.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from clemency.law.calendar import EARLIEST, LATEST
from clemency.law.vocabulary import CASE_FIELDS, FORM, GUILT, IDENTITY_FIELDS, Kind, ValueType
from clemency.records.quarantine import QuarantinedRow, RegisterError, check_columns, given_twice, unknown_name
from clemency.records.record import (
    LONGEST_ARTICLE,
    LONGEST_ID,
    MOST_COUNTED,
    MOST_OFFENCES,
    NUMBER_LIMIT,
    CaseRecord,
    FieldProblem,
    RecordErrors,
    read_record,
)

#: Rows of one batch, where a file does not ask for another number.
BATCH_ROWS = 250_000
_OFFENCE = {"article": pl.String(), "committed_on": pl.Date(), "guilt": pl.String(), "form": pl.String()}
#: Text that nothing is asked of; a reader may leave these columns in the file.
_FREE = ("person_id", "citizenship", "holder")

Facts = Mapping[str, ValueType]


@dataclass(frozen=True)
class Batch:
    """Some rows of a register: those in order as a frame, with their numbers, and those put aside."""

    frame: pl.DataFrame
    first_row: int
    quarantined: list[QuarantinedRow]
    rows: pl.Series


def record_schema(facts: Facts) -> pl.Schema:
    """The nested columns of a register; `facts` is a struct of every fact that is known.

    >>> record_schema({})["offences"]
    List(Struct({'article': String, 'committed_on': Date, 'guilt': String, 'form': String}))
    """
    columns: dict[str, pl.DataType] = {name: pl.String() for name in IDENTITY_FIELDS}
    columns |= {name: _field_type(kind) for name, kind in CASE_FIELDS.items()}
    columns["offences"] = pl.List(pl.Struct(_OFFENCE))
    columns["facts"] = pl.Struct({name: _fact_type(kind) for name, kind in facts.items()})
    return pl.Schema(columns)


def _field_type(kind: ValueType) -> pl.DataType:
    return pl.Int32() if kind.kind is Kind.NUMBER else _fact_type(kind)


def _fact_type(kind: ValueType) -> pl.DataType:
    plain: dict[Kind, pl.DataType] = {Kind.BOOLEAN: pl.Boolean(), Kind.NUMBER: pl.Float64(), Kind.DATE: pl.Date()}
    return plain.get(kind.kind, pl.String())


# --- records as a frame ---------------------------------------------------------------------------------------


def frame_of(records: Sequence[CaseRecord], facts: Facts) -> pl.DataFrame:
    """Records as a frame with the columns of `record_schema`, in their order.

    >>> frame_of([CaseRecord(case_id="1", suspended=False)], {}).select("case_id", "suspended", "sex").row(0)
    ('1', False, None)
    """
    schema = record_schema(facts)
    scalars = [
        pl.Series(name, [getattr(record, name) for record in records], dtype)
        for name, dtype in schema.items()
        if name not in ("offences", "facts")
    ]
    return pl.DataFrame([*scalars, _offences_of(records), _facts_of(records, schema["facts"])])


def _offences_of(records: Sequence[CaseRecord]) -> pl.Series:
    listed = [record.offences for record in records]
    flat = [offence for offences in listed if offences for offence in offences]
    rows = [number for number, offences in enumerate(listed) if offences for _ in offences]
    columns = {
        name: pl.Series([getattr(offence, name) for offence in flat], dtype=dtype) for name, dtype in _OFFENCE.items()
    }
    grouped = (
        pl.DataFrame({"row": pl.Series(rows, dtype=pl.UInt32), **columns})
        .group_by("row", maintain_order=True)
        .agg(pl.struct(*_OFFENCE).alias("offences"))
    )
    given = pl.DataFrame(
        {
            "row": pl.Series(range(len(records)), dtype=pl.UInt32),
            "empty": pl.Series([offences is not None and not offences for offences in listed], dtype=pl.Boolean),
        }
    )
    nothing = pl.lit([], pl.List(pl.Struct(_OFFENCE)))
    joined = given.join(grouped, on="row", how="left", maintain_order="left")
    return joined.select(pl.when("empty").then(nothing).otherwise("offences").alias("offences")).to_series()


def _facts_of(records: Sequence[CaseRecord], dtype: pl.DataType) -> pl.Series:
    stated = [record.facts or {} for record in records]
    fields = dtype.fields if isinstance(dtype, pl.Struct) else []
    if not fields:
        return pl.Series("facts", [None] * len(records), dtype)
    columns = [pl.Series(field.name, [facts.get(field.name) for facts in stated], field.dtype) for field in fields]
    return pl.DataFrame(columns).to_struct("facts")


# --- the screen -----------------------------------------------------------------------------------------------


def screen(frame: pl.DataFrame, facts: Facts) -> pl.Series:
    """Whether each row is surely in order. The frame has the types of `record_schema`; columns may be absent.

    >>> from clemency.law.vocabulary import BOOLEAN
    >>> screen(pl.DataFrame({"case_id": ["1", "2"], "sex": ["male", "?"]}), {"combatant": BOOLEAN}).to_list()
    [True, False]
    """
    wrong = _wrong(frame.get_column("case_id"), _bad_identity, null_is_bad=True)
    for name, kind in CASE_FIELDS.items():
        if name in frame.columns and name not in _FREE:
            wrong |= _wrong(frame.get_column(name), _check(kind, MOST_COUNTED))
    if isinstance(frame.schema.get("facts"), pl.Struct):
        stated = frame.get_column("facts").struct
        for name in set(stated.fields) & set(facts):
            if facts[name].kind not in (Kind.BOOLEAN, Kind.TEXT):
                wrong |= _wrong(stated.field(name), _check(facts[name], None))
    if isinstance(frame.schema.get("offences"), pl.List):
        wrong |= _wrong_offences(frame.get_column("offences"))
    return (~wrong).alias("in_order")


_Check = Callable[[pl.Series], pl.Series]


def _wrong(values: pl.Series, bad: _Check | None, null_is_bad: bool = False) -> pl.Series:
    if bad is None:
        return pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    found: pl.Series = bad(values).fill_null(null_is_bad)
    return found


def _check(kind: ValueType, most: int | None) -> _Check | None:
    match kind.kind:
        case Kind.DATE:
            return _bad_day
        case Kind.NUMBER:
            return _bad_count if most else _bad_number
        case Kind.ENUMERATION:
            return functools.partial(_bad_word, words=list(kind.values))
    return None


def _bad_word(values: pl.Series, words: list[str]) -> pl.Series:
    return ~values.is_in(words)


def _bad_identity(values: pl.Series) -> pl.Series:
    length = values.str.len_chars()
    return (length < 1) | (length > LONGEST_ID)


def _bad_day(values: pl.Series) -> pl.Series:
    return _outside(values, EARLIEST, LATEST)


def _bad_count(values: pl.Series) -> pl.Series:
    return _outside(values, 0, MOST_COUNTED)


def _outside(values: pl.Series, low: Any, high: Any) -> pl.Series:
    """Two looks at the whole column spare the look at each row where nothing lies outside."""
    least, most = values.min(), values.max()
    if least is None or (least >= low and most is not None and most <= high):
        return pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    outside: pl.Series = (values < low) | (values > high)
    return outside


def _bad_number(values: pl.Series) -> pl.Series:
    return values.is_nan() | ~values.is_finite() | (values.abs() >= NUMBER_LIMIT)


def _wrong_offences(offences: pl.Series) -> pl.Series:
    lengths = offences.list.len().fill_null(0)
    flat = offences.explode(empty_as_null=False, keep_nulls=False)
    wrong = flat.is_null()
    fields = flat.struct.unnest() if isinstance(flat.dtype, pl.Struct) else pl.DataFrame()
    checks: dict[str, _Check | None] = {
        "article": lambda values: (values.str.len_chars() < 1) | (values.str.len_chars() > LONGEST_ARTICLE),
        "committed_on": _bad_day,
        "guilt": _check(GUILT, None),
        "form": _check(FORM, None),
    }
    for name, check in checks.items():
        if name in fields.columns:
            wrong |= _wrong(fields.get_column(name), check)
    many: pl.Series = lengths > MOST_OFFENCES
    if not wrong.any():
        return many
    rows = pl.select(pl.int_range(len(offences), dtype=pl.UInt32).alias("row")).to_series()
    hit = rows.gather(rows.filter(lengths > 0)).repeat_by(lengths.filter(lengths > 0)).explode().filter(wrong).unique()
    return many | rows.is_in(hit.implode())


# --- what a file brings, brought to the schema ----------------------------------------------------------------


def check_types(schema: pl.Schema, facts: Facts, where: str) -> None:
    """Refuse a file some column of which cannot hold what it should; every such column is told."""
    check_columns(schema, facts, where)
    wanted = record_schema(facts)
    problems = [p for name, dtype in schema.items() for p in _type_problems(name, dtype, wanted[name], facts)]
    if problems:
        raise RegisterError(f"{where}: " + "; ".join(problems))


def _type_problems(name: str, found: pl.DataType, wanted: pl.DataType, facts: Facts) -> Iterator[str]:
    if found == pl.Null:
        return
    if isinstance(wanted, pl.List) and isinstance(wanted.inner, pl.Struct):
        if not isinstance(found, pl.List) or not (found.inner == pl.Null or isinstance(found.inner, pl.Struct)):
            yield f"column {name} is {found}, and should be a list of offences with {', '.join(_OFFENCE)}"
        elif isinstance(found.inner, pl.Struct):
            yield from _field_problems(name, found.inner, wanted.inner, "field", facts)
    elif isinstance(wanted, pl.Struct):
        if not isinstance(found, pl.Struct):
            yield f"column {name} is {found}, and should be a struct with one field a fact"
        else:
            yield from _field_problems(name, found, wanted, "fact", facts)
    elif not _castable(found, wanted):
        yield f"column {name} is {_type_name(found)}, and should be {_type_name(wanted)}"


def _field_problems(name: str, found: pl.Struct, wanted: pl.Struct, what: str, facts: Facts) -> Iterator[str]:
    types = {field.name: field.dtype for field in wanted.fields}
    for field in found.fields:
        if field.name not in types:
            yield unknown_name(what, f"{name}.{field.name}", [f"{name}.{known}" for known in types])
        else:
            yield from _type_problems(f"{name}.{field.name}", field.dtype, types[field.name], facts)  # type: ignore[arg-type]


def _castable(found: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether values of one type may stand for another without any loss; each row is still looked at."""
    if wanted == pl.Date:
        return found in (pl.Date, pl.String) or isinstance(found, pl.Datetime)
    if wanted.is_numeric():
        return found.is_numeric() and not isinstance(found, pl.Decimal)
    if wanted == pl.String:
        return found == pl.String or isinstance(found, pl.Categorical | pl.Enum)
    return found == wanted


def _type_name(dtype: pl.DataType) -> str:
    names = {pl.String: "text", pl.Boolean: "true or false", pl.Date: "a date", pl.Int32: "a whole number"}
    return names.get(type(dtype), str(dtype))


def normalised(frame: pl.DataFrame, facts: Facts) -> tuple[pl.DataFrame, pl.Series]:
    """A frame with the types of `record_schema`, and for each row whether some value was lost on the way."""
    wanted = record_schema(facts)
    lost = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    columns: list[pl.Series] = []
    for column in frame.iter_columns():
        fitted, damaged = _fitted(column, wanted[column.name])
        columns.append(fitted)
        lost = lost if damaged is None else lost | damaged
    return pl.DataFrame(columns), lost


def _fitted(values: pl.Series, wanted: pl.DataType) -> tuple[pl.Series, pl.Series | None]:
    if values.dtype == wanted:
        return values, None
    if isinstance(wanted, pl.Struct) and isinstance(values.dtype, pl.Struct):
        return _fitted_struct(values, wanted)
    if isinstance(wanted, pl.List) and isinstance(values.dtype, pl.List):
        return _fitted_list(values, wanted)
    fitted = _cast(values, wanted)
    damaged = values.is_not_null() & fitted.is_null()
    return fitted, damaged if damaged.any() else None


def _cast(values: pl.Series, wanted: pl.DataType) -> pl.Series:
    found = values.dtype
    if wanted == pl.Date and found == pl.String:
        days = values.str.to_date("%Y-%m-%d", strict=False)
        return days.set(values.str.len_bytes() != 10, None)
    if wanted == pl.Date and isinstance(found, pl.Datetime):
        days = values.dt.date()
        return days.set(days.cast(found) != values, None)
    if wanted == pl.Int32 and found.is_float():
        return values.set(values.is_nan() | (values.floor() != values), None).cast(pl.Int32, strict=False)
    return values.cast(wanted, strict=False)


def _fitted_struct(values: pl.Series, wanted: pl.Struct) -> tuple[pl.Series, pl.Series | None]:
    found = values.struct.unnest()
    lost: pl.Series | None = None
    columns: list[pl.Series] = []
    for field in wanted.fields:
        if field.name not in found.columns:
            columns.append(pl.Series(field.name, [None], field.dtype).new_from_index(0, len(values)))
            continue
        fitted, damaged = _fitted(found.get_column(field.name), field.dtype)  # type: ignore[arg-type]
        columns.append(fitted.alias(field.name))
        lost = damaged if lost is None else lost if damaged is None else lost | damaged
    if not columns:
        return pl.Series(values.name, [None] * len(values), wanted), lost
    fitted = pl.DataFrame(columns).to_struct(values.name)
    return (fitted.set(values.is_null(), None) if values.null_count() else fitted), lost


def _fitted_list(values: pl.Series, wanted: pl.List) -> tuple[pl.Series, pl.Series | None]:
    lengths = values.list.len()
    given = lengths.fill_null(0) > 0
    flat = values.filter(given).list.explode()
    if not len(flat):
        empty = pl.Series(values.name, [[]], wanted).new_from_index(0, len(values))
        return empty.set(values.is_null(), None), None
    rows = pl.select(pl.int_range(len(values), dtype=pl.UInt32).alias("row")).to_series()
    owner = rows.filter(given).repeat_by(lengths.filter(given)).list.explode()
    fitted, damaged = _fitted(flat, wanted.inner)  # type: ignore[arg-type]
    frame = pl.DataFrame({"row": owner, "value": fitted}).group_by("row", maintain_order=True).agg("value")
    joined = pl.DataFrame({"row": rows}).join(frame, on="row", how="left", maintain_order="left").get_column("value")
    if lengths.eq(0).any():
        joined = joined.to_frame().select(
            pl.when(lengths == 0).then(pl.lit([], wanted)).otherwise("value").alias("value")
        )["value"]
    lost = None if damaged is None else rows.is_in(owner.filter(damaged).unique().implode())
    return joined.alias(values.name), lost


# --- Parquet --------------------------------------------------------------------------------------------------


def parquet_schema(path: Path) -> pl.Schema:
    """The columns of a Parquet file; a file that is damaged or no Parquet at all is refused with the reason."""
    _check_magic(path)
    with _refusing(path):
        return pl.read_parquet_schema(path)  # type: ignore[return-value]


def _check_magic(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise RegisterError(f"{path} is empty: there is no case in it")
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if head == b"PARE":
        raise RegisterError(f"{path} is an encrypted Parquet file; decrypt it first")
    if head != b"PAR1":
        raise RegisterError(f"{path} is no Parquet file, whatever its name says")
    if tail != b"PAR1" or size < 12:
        raise RegisterError(f"{path} is cut off: a Parquet file ends with its table of contents, and that is missing")


class _refusing:
    """What Polars cannot read is refused in our words."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, pl.exceptions.PolarsError | OSError):
            reason = " ".join(str(error).split("\n")[0].split())
            raise RegisterError(f"{self.path} is damaged and cannot be read: {reason}") from None


def parquet_rows(path: Path) -> int:
    """The number of rows, from the table of contents."""
    parquet_schema(path)
    with _refusing(path):
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def parquet_batches(path: Path, columns: Iterable[str] | None, facts: Facts, rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """A nested Parquet register in batches, screened; rows that do not fit and ids given twice are put aside.

    `columns` are the columns wanted; what the screen has to look at is read with them. None reads everything.
    """
    refuse_unfit(path, facts)
    total = parquet_rows(path)
    twice = duplicate_ids(lambda: parquet_ids(path, 0, total, rows))
    for first in range(0, total, rows):
        yield parquet_part(path, first, rows, facts, twice, columns)


def refuse_unfit(path: Path, facts: Facts) -> None:
    """Refuse a Parquet file that is no register as a whole: damaged, with wrong columns or types, or without a row."""
    check_types(parquet_schema(path), facts, str(path))
    if not parquet_rows(path):
        raise RegisterError(f"{path} has no row: there is no case in it")


def parquet_part(
    path: Path, first: int, rows: int, facts: Facts, twice: frozenset[str], columns: Iterable[str] | None = None
) -> Batch:
    """Some rows of a Parquet register, screened."""
    left_out = set() if columns is None else set(_FREE) - set(columns)
    with _refusing(path):
        wanted = [name for name in parquet_schema(path) if name not in left_out]
        frame = pl.scan_parquet(path).slice(first, rows).select(wanted).collect()
    return screened(frame, first + 1, facts, twice)


def parquet_ids(path: Path, start: int, end: int, rows: int) -> Iterator[pl.Series]:
    """The ids of some rows of a Parquet register, range by range."""
    for first in range(start, end, rows):
        with _refusing(path):
            column = pl.scan_parquet(path).slice(first, min(rows, end - first)).select("case_id").collect().to_series()
        yield column.cast(pl.String)


def screened(frame: pl.DataFrame, first_row: int, facts: Facts, twice: frozenset[str]) -> Batch:
    """One batch brought to the schema, with the rows that do not fit put aside."""
    fitted, lost = normalised(frame, facts)
    fine = screen(fitted, facts) & ~lost
    if twice:
        fine &= ~fitted.get_column("case_id").is_in(list(twice)).fill_null(False)
    numbers = pl.select(pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64).alias("row")).to_series()
    if fine.all():
        return Batch(fitted, first_row, [], numbers)
    aside: list[QuarantinedRow] = []
    kept = fine.to_list()
    for place in (~fine).arg_true():
        row = _row_problem(first_row + place, frame.row(place, named=True), facts, twice)
        if row is None:  # the screen is stricter than the record where it is not sure
            kept[place] = True
        else:
            aside.append(row)
    mask = pl.Series(kept, dtype=pl.Boolean)
    return Batch(fitted.filter(mask), first_row, aside, numbers.filter(mask))


def _row_problem(number: int, given: dict[str, Any], facts: Facts, twice: frozenset[str]) -> QuarantinedRow | None:
    plain = {name: _plain(value) for name, value in given.items() if value is not None}
    case_id = plain.get("case_id")
    problems: list[FieldProblem] = []
    try:
        read_record(plain, facts)
    except RecordErrors as errors:
        problems += errors.problems
    if case_id in twice:
        problems.append(given_twice(case_id))
    return QuarantinedRow(number, case_id, tuple(problems), plain) if problems else None


def _plain(value: Any) -> Any:
    """A value of a Parquet row as a record would state it: no midnight beside a day, no nulls in a struct."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


# --- ids given twice ------------------------------------------------------------------------------------------


def duplicate_ids(batches: Callable[[], Iterable[pl.Series]]) -> frozenset[str]:
    """The ids that more than one row bears.

    Ids in rising order cannot repeat without standing side by side. Otherwise 64 bits a row find the suspects in little
    memory, and a second reading confirms them by the whole id.
    """
    last, rising = "", True
    hashes: list[pl.Series] = []
    for ids in batches():
        known = ids.drop_nulls()
        if not len(known):
            continue
        rising = rising and last < known[0] and bool((known > known.shift(1)).fill_null(True).all())
        last = known[-1]
        hashes.append(known.hash())
    if rising or not hashes:
        return frozenset()
    whole = pl.concat(hashes)
    if whole.n_unique() == len(whole):
        return frozenset()
    suspects = whole.filter(whole.is_duplicated()).unique()
    seen = [_suspected(ids.drop_nulls(), suspects) for ids in batches()]
    found = pl.concat(seen)
    return frozenset(found.filter(found.is_duplicated()).unique().to_list())


def _suspected(ids: pl.Series, suspects: pl.Series) -> pl.Series:
    return ids.filter(ids.hash().is_in(suspects.implode()))
