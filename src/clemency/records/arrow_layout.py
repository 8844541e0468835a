"""The engine's layout straight from the arrays of a Parquet register, screened on the way.

It is for registers in which everything is as expected. Whatever is not - a word outside the vocabulary, a date too
far away, another type - gives None, and `frames` and `layout` look at the rows one by one. Words are looked up once
for each distinct text, not row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from clemency.law.calendar_columns import FIRST, LAST, calendar_tables
from clemency.law.vocabulary import CASE_FIELDS, CUSTODY_CREDIT, DATE, FORM, GUILT, PUNISHMENT, TEXT, Kind, ValueType
from clemency.records import layout_loops as loops
from clemency.records.layout import (
    COUNT,
    FACT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FAR,
    FIRST_DAY,
    FLAGS,
    LAST_DAY,
    OFFENCE,
    OTHER_END,
    UNDATED,
    Layout,
    as_arrow,
    flag_fields,
    offence_code,
    packed_facts,
)
from clemency.records.record import LONGEST_ARTICLE, LONGEST_ID, MOST_COUNTED, NUMBER_LIMIT

Ints = npt.NDArray[Any]
_FACT_TYPES = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.ENUMERATION: pa.uint8(),
    Kind.NUMBER: pa.float64(),
    Kind.TEXT: pa.large_string(),
}
_RATES = np.array([0, *(CUSTODY_CREDIT.get(kind, 0) for kind in PUNISHMENT.values)], np.int32)


class _Unexpected(Exception):
    """Something that only a look at the rows can judge."""


def lay_out_tables(
    tables: Sequence[pa.Table], facts: Mapping[str, ValueType], wanted: Collection[str] | None = None
) -> Layout | None:
    """Lay out some row groups; None where anything in them is not surely in order.

    Texts that no screen looks at, and facts that the file does not have, are laid out where they are wanted; None
    wants all.
    """
    if not is_plain(tables[0].schema, facts):
        return None
    try:
        return _Part(tables, facts).layout(wanted)
    except (_Unexpected, pa.ArrowException, UnicodeDecodeError):
        return None


def is_plain(schema: pa.Schema, facts: Mapping[str, ValueType]) -> bool:
    """Whether columns have the types that can be laid out, all texts but the ids as their distinct texts."""
    return all(_is_plain_column(field, facts) for field in schema)


def _is_plain_column(field: pa.Field, facts: Mapping[str, ValueType]) -> bool:
    name, dtype = field.name, field.type
    if pa.types.is_null(dtype):
        return name != "case_id"
    if name == "case_id":
        return _is_text(dtype)
    if name == "facts":
        return pa.types.is_struct(dtype) and all(
            _holds(one, facts.get(one.name)) or _is_fraction(one, facts.get(one.name)) for one in dtype
        )
    if name == "offences":
        inner = dtype.value_type if pa.types.is_list(dtype) or pa.types.is_large_list(dtype) else None
        fields = {"article": TEXT, "committed_on": DATE, "guilt": GUILT, "form": FORM}
        return (
            inner is not None and pa.types.is_struct(inner) and all(_holds(one, fields.get(one.name)) for one in inner)
        )
    return _holds(field, CASE_FIELDS.get(name))


def _holds(field: pa.Field, kind: ValueType | None) -> bool:
    """Whether a column can hold values of a kind without a loss."""
    dtype = field.type
    if kind is None or pa.types.is_null(dtype):
        return kind is not None
    if kind.kind is Kind.BOOLEAN:
        return pa.types.is_boolean(dtype)
    if kind.kind is Kind.DATE:
        return pa.types.is_date32(dtype)
    if kind.kind is Kind.NUMBER:
        return pa.types.is_integer(dtype)
    return pa.types.is_dictionary(dtype) and _is_text(dtype.value_type)


def _is_fraction(field: pa.Field, kind: ValueType | None) -> bool:
    """Whether a column holds numbers with decimals, as a fact may be."""
    return kind is not None and kind.kind is Kind.NUMBER and pa.types.is_floating(field.type)


@dataclass(frozen=True)
class _Bits:
    """One bit a row, lowest first, and how many bits stand before the first; no bits at all: every one is set."""

    of: Ints
    skipped: int


def _frozen(values: Ints) -> Ints:
    """The same array, so that the loops meet one type only."""
    values.flags.writeable = False
    return values


_ALL = _Bits(_frozen(np.zeros(0, np.uint8)), 0)


def _filled(size: int, dtype: Any, value: int = 0) -> Ints:
    """An array in memory that the file's own arrays lay in before, which spares asking for new memory part by part."""
    room = np.frombuffer(pa.allocate_buffer(size * np.dtype(dtype).itemsize), dtype)
    room[:] = value
    return room


def _known(array: pa.Array) -> _Bits:
    validity = array.buffers()[0]
    if not array.null_count or validity is None:
        return _ALL
    return _Bits(_frozen(np.frombuffer(validity, np.uint8)), array.offset)


def _bits(array: pa.Array) -> _Bits:
    values = array.buffers()[1]
    if values is None:
        return _Bits(_frozen(np.zeros(len(array) // 8 + 1, np.uint8)), 0)
    return _Bits(_frozen(np.frombuffer(values, np.uint8)), array.offset)


def _numbers(array: pa.Array, dtype: Any) -> Ints:
    values = array.buffers()[1]
    if values is None or not len(array):
        return _frozen(np.zeros(len(array), dtype))
    return _frozen(np.frombuffer(values, dtype)[array.offset : array.offset + len(array)])


def _series(name: str, array: pa.Array) -> pl.Series:
    found = pl.from_arrow(array)
    assert isinstance(found, pl.Series)
    return found.alias(name)


def _values(name: str, values: Ints) -> pl.Series:
    """A column without holes."""
    return _series(name, as_arrow(values))


def _expect(fine: Any) -> None:
    if not fine:
        raise _Unexpected


def _words(array: pa.Array) -> list[str]:
    """The distinct texts of a column that was read by them."""
    _expect(not array.dictionary.null_count)
    return array.dictionary.to_pylist()


def _is_text(dtype: pa.DataType) -> bool:
    return pa.types.is_string(dtype) or pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype)


class _Part:
    """Some row groups, column by column."""

    def __init__(self, tables: Sequence[pa.Table], facts: Mapping[str, ValueType]) -> None:
        self.facts = facts
        self.height = sum(table.num_rows for table in tables)
        self.columns: dict[str, list[pa.Array]] = {}
        for name in tables[0].column_names:
            chunks = [chunk for table in tables for chunk in table.column(name).chunks if len(chunk)]
            if not all(pa.types.is_null(chunk.type) for chunk in chunks):
                self.columns[name] = chunks

    def layout(self, wanted: Collection[str] | None) -> Layout:
        """All of it as the engine's layout."""
        packed = packed_facts(self.facts)
        flags = self.flags()
        counts, days, offences, articles = self.offences()
        true, known, beside = self.stated(packed, wanted)
        fields = {name: self.field(name) for name, kind in CASE_FIELDS.items() if kind.kind in (Kind.DATE, Kind.NUMBER)}
        frame: list[pl.Series] = [
            _values(FLAGS, flags),
            _values(FACTS_TRUE, true),
            _values(FACTS_KNOWN, known),
            _values(COUNT, counts),
        ]
        for name, kind in CASE_FIELDS.items():
            if kind.kind is Kind.TEXT and (wanted is None or name in wanted):
                frame.append(self.text(name, self.columns.get(name)))
            elif name in fields and name != "term_end":
                frame.append(_series(name, fields[name]))
        frame += [*beside, *days, *self.terms(flags, fields)]
        return Layout(pl.DataFrame(frame), offences, articles, tuple(packed), ids=self.ids())

    def chunks(self, name: str) -> list[tuple[int, pa.Array]]:
        """The pieces of a column, each with its first row; none where the file does not have the column."""
        return _with_first_rows(self.columns.get(name, []))

    # the columns of a case

    def ids(self) -> pa.Array:
        """The ids, every one of a length that may be. Only texts of plain letters are sure to be well written."""
        ids = pa.concat_arrays(self.columns["case_id"]).cast(pa.large_string())
        _expect(not ids.null_count)
        letters = np.frombuffer(ids.buffers()[2] or b"", np.uint8)
        if letters.max(initial=0) > 127:
            ids.validate(full=True)
        lengths = np.diff(np.frombuffer(ids.buffers()[1], np.int64)[ids.offset :][: len(ids) + 1])
        _expect(lengths.min() >= 1 and lengths.max() <= LONGEST_ID)
        return ids

    def flags(self) -> Ints:
        """All coded fields in one number a case."""
        flags = _filled(self.height, np.uint32)
        planes: list[tuple[Ints, int]] = []
        for name, flag in flag_fields().items():
            if flag.kind.kind is not Kind.BOOLEAN:
                for at, chunk in self.chunks(name):
                    _add_words(chunk, flags[at : at + len(chunk)], _codes(chunk, flag.kind.values, flag.start))
            elif name in self.columns:
                holds, known = _planes(self.columns[name])
                planes += [(holds ^ known, 1 << flag.start), (holds, 2 << flag.start)]
        _add_planes(flags, planes)
        return flags

    def field(self, name: str) -> pa.Array:
        """A date or a count of the case, all of it within bounds."""
        date = CASE_FIELDS[name].kind is Kind.DATE
        wanted = pa.date32() if date else pa.int32()
        if name not in self.columns:
            return pa.nulls(self.height, wanted)
        array = pa.concat_arrays(self.columns[name])
        array = array if array.type == wanted else array.cast(wanted)
        _expect(_lies_within(array, *((FIRST, LAST) if date else (0, MOST_COUNTED))))
        return array

    def text(self, name: str, chunks: list[pa.Array] | None) -> pl.Series:
        """A column of texts that no screen looks at."""
        if not chunks:
            return pl.Series(name, [None], pl.String).new_from_index(0, self.height)
        for chunk in chunks:
            _words(chunk)
        return _series(name, pa.concat_arrays([chunk.dictionary_decode() for chunk in chunks])).cast(pl.String)

    def terms(self, flags: Ints, fields: Mapping[str, pa.Array]) -> list[pl.Series]:
        """The length of each term and its end; where given and computed differ both are kept."""
        given = [fields[name] for name in ("term_months", "term_days", "term_start", "credit_days", "term_end")]
        values = tuple(_numbers(array, np.int32) for array in given)
        known = tuple(_frozen(_aligned(_known(array), self.height)) for array in given)
        found = tuple(_filled(self.height, np.int32) for _ in range(3))
        states = tuple(_filled(-(-self.height // 8), np.uint8) for _ in range(3))
        punishment = flag_fields()["punishment"]
        mask = punishment.mask >> punishment.start
        loops.terms(flags, punishment.start, mask, _RATES, values, known, FIRST, calendar_tables(), found, states)
        kinds = {"term": pa.int32(), "term_end": pa.date32(), OTHER_END: pa.date32()}
        return [
            _series(name, pa.Array.from_buffers(kind, self.height, [pa.py_buffer(there), pa.py_buffer(column)]))
            for (name, kind), column, there in zip(kinds.items(), found, states, strict=True)
        ]

    # facts

    def stated(self, packed: Sequence[str], wanted: Collection[str] | None) -> tuple[Ints, Ints, list[pl.Series]]:
        """The packed facts, and a column for every other fact."""
        given: dict[str, list[pa.Array]] = {}
        for _, chunk in self.chunks("facts"):
            for field, values in zip(chunk.type, chunk.flatten(), strict=True):
                if not pa.types.is_null(values.type):
                    given.setdefault(field.name, []).append(values)
        planes = [(*_planes(given[name]), 1 << place) for place, name in enumerate(packed) if name in given]
        true, known = _filled(self.height, np.uint64), _filled(self.height, np.uint64)
        _add_planes(true, [(holds, number) for holds, _, number in planes])
        _add_planes(known, [(stated, number) for _, stated, number in planes])
        beside = {name: kind for name, kind in self.facts.items() if name not in packed}
        columns = [
            self.fact(FACT + name, kind, given.get(name))
            for name, kind in beside.items()
            if name in given or wanted is None or FACT + name in wanted
        ]
        return true, known, columns

    def fact(self, name: str, kind: ValueType, chunks: list[pa.Array] | None) -> pl.Series:
        """A fact that is not packed."""
        if chunks is None:
            return _series(name, pa.nulls(self.height, _FACT_TYPES[kind.kind]))
        if kind.kind is Kind.TEXT:
            return self.text(name, chunks)
        if kind.kind is Kind.ENUMERATION:
            return self.enumeration(name, kind, chunks)
        array = pa.concat_arrays(chunks)
        if kind.kind is Kind.NUMBER:
            array = array.cast(pa.float64(), safe=False)
            _expect(_is_bounded(array))
        if kind.kind is Kind.DATE:
            _expect(_lies_within(array, FIRST, LAST))
        return _series(name, array)

    def enumeration(self, name: str, kind: ValueType, chunks: list[pa.Array]) -> pl.Series:
        """A fact that is one of some words, as its place among them."""
        codes = _filled(self.height, np.uint32)
        for at, chunk in _with_first_rows(chunks):
            _add_words(chunk, codes[at : at + len(chunk)], _codes(chunk, kind.values, 0))
        return pl.Series(name, (codes - 1).astype(np.uint8)).set(pl.Series(codes == 0), None)

    # offences

    def offences(self) -> tuple[Ints, list[pl.Series], pl.DataFrame, tuple[str, ...]]:
        """The number of offences a case, their first and last days, the offences themselves coded, and the articles."""
        counts, undated = _filled(self.height, np.uint16), _filled(self.height, np.bool_)
        first, last = _filled(self.height, np.int32, FAR), _filled(self.height, np.int32, -FAR)
        chunks = [(at, chunk, _Offences(chunk)) for at, chunk in self.chunks("offences")]
        codes = _filled(sum(offences.height for _, _, offences in chunks), np.uint32)
        articles: dict[str, int] = {}
        coded = 0
        for at, chunk, offences in chunks:
            rows = slice(at, at + len(chunk))
            known, dated = _known(chunk), _known(offences.days)
            fine = loops.add_offences(
                offences.ends,
                known.of,
                known.skipped,
                _numbers(offences.days, np.int32),
                dated.of,
                dated.skipped,
                counts[rows],
                first[rows],
                last[rows],
                undated[rows],
            )
            _expect(fine)
            offences.add_codes(codes[coded : coded + offences.height], articles)
            coded += offences.height
        _expect(first.min(initial=FIRST) >= FIRST and last.max(initial=LAST) <= LAST)
        days = pa.concat_arrays([offences.days for _, _, offences in chunks]) if chunks else pa.nulls(0, pa.date32())
        frame = pl.DataFrame([_values(OFFENCE, codes), _series("committed_on", days)])
        columns = [_values(FIRST_DAY, first), _values(LAST_DAY, last), pl.Series(UNDATED, undated)]
        return counts, columns, frame, tuple(articles)


class _Offences:
    """The offences of a list column, one after the other."""

    def __init__(self, lists: pa.Array) -> None:
        ends = _numbers(lists.offsets, np.int64 if pa.types.is_large_list(lists.type) else np.int32)
        self.ends = _frozen(ends.astype(np.int32, copy=False))
        _expect(len(ends) == len(lists) + 1 and ends[-1] < FAR)
        flat = lists.values.slice(int(ends[0]), int(ends[-1] - ends[0]))
        _expect(not flat.null_count)
        self.height = len(flat)
        self.fields = {field.name: values for field, values in zip(flat.type, flat.flatten(), strict=True)}

    @property
    def days(self) -> pa.Array:
        """The day of each offence."""
        days = self.fields.get("committed_on")
        if days is None or pa.types.is_null(days.type):
            return pa.nulls(self.height, pa.date32())
        return days

    def add_codes(self, codes: Ints, articles: dict[str, int]) -> None:
        """Article, guilt and form of each offence as one number; articles not met before get the next number."""
        texts = self.fields.get("article")
        if texts is not None and not pa.types.is_null(texts.type):
            words = _words(texts)
            _expect(all(1 <= len(word) <= LONGEST_ARTICLE for word in words))
            _add_words(
                texts, codes, [offence_code(articles.setdefault(word, len(articles)) + 1, 0, 0) for word in words]
            )
        for name, kind, one in (("guilt", GUILT, offence_code(0, 1, 0)), ("form", FORM, offence_code(0, 0, 1))):
            array = self.fields.get(name)
            if array is not None and not pa.types.is_null(array.type):
                _add_words(array, codes, [place * one for place in _codes(array, kind.values, 0)])


def _with_first_rows(chunks: Sequence[pa.Array]) -> list[tuple[int, pa.Array]]:
    at, found = 0, []
    for chunk in chunks:
        found.append((at, chunk))
        at += len(chunk)
    return found


def _lies_within(array: pa.Array, low: int, high: int) -> bool:
    """Whether all known values lie within bounds; what stands where a value is unknown is looked at only if need be."""
    values = _numbers(array, np.int32)
    if values.min(initial=low) >= low and values.max(initial=high) <= high:
        return True
    bounds = pc.min_max(array.view(pa.int32())).as_py()
    return bounds["min"] is None or (low <= bounds["min"] and bounds["max"] <= high)


def _is_bounded(array: pa.Array) -> bool:
    """Whether all known numbers are numbers, and none is too large."""
    known = np.unpackbits(_aligned(_known(array), len(array)), count=len(array), bitorder="little")
    return bool((np.abs(_numbers(array, np.float64)) < NUMBER_LIMIT)[known == 1].all())


def _codes(array: pa.Array, values: Sequence[str], start: int) -> list[int]:
    """The code of each distinct word of a column: its place in a vocabulary, counted from 1, from a bit on."""
    words = _words(array)
    _expect(set(words) <= set(values))
    return [values.index(word) + 1 << start for word in words]


def _add_words(array: pa.Array, into: Ints, codes: Sequence[int]) -> None:
    """Add to each row the code of its word."""
    places = array.indices.cast(pa.int32())
    known = _known(places)
    loops.add_words(
        into, _numbers(places, np.int32), known.of, known.skipped, _frozen(np.array([*codes, 0], np.uint32))
    )


def _planes(chunks: Sequence[pa.Array]) -> tuple[Ints, Ints]:
    """One bit a row: where a yes-or-no column holds, and where it is known."""
    array = pa.concat_arrays(chunks)
    known = _aligned(_known(array), len(array))
    return _aligned(_bits(array), len(array)) & known, known


def _aligned(bits: _Bits, rows: int) -> Ints:
    """So many bits from the first row on."""
    size = -(-rows // 8)
    if not len(bits.of):
        return np.full(size, 255, np.uint8)
    if bits.skipped % 8 == 0:
        return bits.of[bits.skipped // 8 :][:size]
    apart = np.unpackbits(bits.of, bitorder="little")[bits.skipped :][:rows]
    return np.packbits(apart, bitorder="little")


def _add_planes(into: Ints, planes: Sequence[tuple[Ints, int]]) -> None:
    """Add to each row the numbers of those planes in which its bit is set."""
    groups = -(-len(planes) // 8)
    size = -(-len(into) // 8)
    together = _filled(8 * groups * size, np.uint8).reshape(8 * groups, size)
    numbers = np.zeros((groups, 8), into.dtype)
    for place, (plane, number) in enumerate(planes):
        together[place] = plane
        numbers[place // 8, place % 8] = number
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    tables = np.bitwise_or.reduce(np.where(bits, numbers[:, None, :], into.dtype.type(0)), axis=2)
    loops.add_planes(into, together, np.ascontiguousarray(tables))
