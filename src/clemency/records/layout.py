"""The engine's layout of a register: one flat row a case, offences beside it, values coded, terms worked out once.

Nothing here depends on an act. Yes-or-no facts and coded fields are packed into a few whole numbers, articles become
numbers into a list of texts, `term_end` is computed where it is absent, and the first and last day of an offence are
kept a case. Unknown stays unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from clemency.law.calendar_columns import add_months_to
from clemency.law.vocabulary import CASE_FIELDS, CUSTODY_CREDIT, FORM, GUILT, PUNISHMENT, Kind, ValueType
from clemency.records.record import CaseRecord, Offence

FACT = "facts."
OTHER_END = "term_end_other"
COUNT = "offence_count"
FLAGS, FACTS_TRUE, FACTS_KNOWN = "flags", "facts_true", "facts_known"
PROFILE, LIST, OFFENCE = "profile", "list", "offence"
FIRST_DAY, LAST_DAY, UNDATED = "first_offence_on", "last_offence_on", "undated_offences"
DAYS_IN_A_COUNTED_MONTH = 30
#: Stands for no day, where a first or a last day is looked for.
FAR = 1 << 29
#: Yes-or-no facts that fit into one number; further ones stand in columns of their own.
_MOST_PACKED = 64
_GUILTS, _FORMS = len(GUILT.values) + 1, len(FORM.values) + 1
#: The codes of offences that name one article, which stand side by side; those of offences that name none are first.
CODES_PER_ARTICLE = _GUILTS * _FORMS
Ints = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Flag:
    """Where a coded field stands among the packed flags: 0 is unknown, then the values in their order."""

    start: int
    bits: int
    kind: ValueType

    @property
    def mask(self) -> int:
        """The bits of the field."""
        return ((1 << self.bits) - 1) << self.start


@cache
def flag_fields() -> dict[str, Flag]:
    """The fields of the record that are packed: true-or-false ones (unknown, false, true) and enumerations."""
    flags: dict[str, Flag] = {}
    start = 0
    for name, kind in CASE_FIELDS.items():
        values = 2 if kind.kind is Kind.BOOLEAN else len(kind.values) if kind.kind is Kind.ENUMERATION else 0
        if values:
            flags[name] = Flag(start, values.bit_length(), kind)
            start += values.bit_length()
    return flags


@dataclass(frozen=True)
class Lists:
    """Lists of offences as their codes: list `n` stands in `codes` from `starts[n]` to `starts[n + 1]`."""

    starts: Ints
    codes: Ints

    @property
    def counts(self) -> Ints:
        """How many offences each list has."""
        return np.diff(self.starts)

    def together(self, lists: Ints) -> Ints:
        """The codes of some lists, one after the other."""
        counts = self.counts[lists]
        ends = np.cumsum(counts, dtype=np.int64)
        return self.codes[
            np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[lists] - ends + counts, counts)
        ]


@dataclass(frozen=True)
class Layout:
    """A part of a register laid out for the engine.

    `cases` has one row a case, whose ids stand in `ids` where they have no column; `offences` the offences of all cases
    in order, `cases[offence_count]` of them a case (0 where none are known); `articles` the texts that
    `offences["article"]` counts into; `facts` the names of the packed facts, bit by bit.

    A layout that an index keeps is *coded*: flags and facts are one number a case (`profile`) that counts into
    `profiles`; article, guilt and form are one code an offence, and the codes of all offences of a case one number
    (`list`) that counts into `lists`. A layout may have the codes in a column of its offences, too. `chosen` spells
    everything out.
    """

    cases: pl.DataFrame
    offences: pl.DataFrame
    articles: tuple[str, ...]
    facts: tuple[str, ...]
    profiles: pl.DataFrame | None = None
    lists: Lists | None = None
    ids: pa.Array | None = None

    def case_ids(self) -> pa.Array:
        """The ids of the cases as large texts."""
        if self.ids is not None:
            return self.ids
        return self.cases.get_column("case_id").to_arrow(compat_level=pl.CompatLevel.oldest())

    def facts_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The packed facts of some rows: those that hold, and those that are known."""
        if self.profiles is not None:
            rows, frame = self.cases.get_column(PROFILE).to_numpy()[rows], self.profiles
        else:
            frame = self.cases
        return frame.get_column(FACTS_TRUE).to_numpy()[rows], frame.get_column(FACTS_KNOWN).to_numpy()[rows]

    def offence_codes(self) -> Ints:
        """Article, guilt and form of every offence as one number."""
        if self.lists is not None:
            return self.lists.together(self.cases.get_column(LIST).to_numpy())
        if OFFENCE in self.offences.columns:
            return self.offences.get_column(OFFENCE).to_numpy()
        article, guilt, form = (
            (self.offences.get_column(name).cast(pl.Int32) + 1).fill_null(0).to_numpy()
            for name in ("article", "guilt", "form")
        )
        return offence_code(article, guilt, form)

    def _spelled_out(self, cases: pl.DataFrame, offences: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        if self.profiles is not None:
            cases = pl.concat([cases, self.profiles[cases.get_column(PROFILE)]], how="horizontal")
        if self.lists is not None:
            codes = self.lists.together(cases.get_column(LIST).to_numpy())
            offences = offences.with_columns(pl.Series(OFFENCE, codes, pl.UInt32))
        if OFFENCE in offences.columns:
            code = pl.col(OFFENCE)
            parts = {"article": code // (_GUILTS * _FORMS), "guilt": code // _FORMS % _GUILTS, "form": code % _FORMS}
            offences = offences.with_columns(
                pl.when(part > 0).then(part - 1).cast(pl.UInt32 if name == "article" else pl.UInt8).alias(name)
                for name, part in parts.items()
            )
        return cases, offences

    def first_offence(self) -> Ints:
        """For each case the place of its first offence."""
        counts = self.cases.get_column(COUNT).to_numpy().astype(np.int64)
        return np.cumsum(counts) - counts

    def chosen(
        self,
        rows: Ints,
        first: Ints,
        facts: tuple[Ints, Ints] | None = None,
        wanted: frozenset[str] | None = None,
    ) -> Layout:
        """Some rows with their offences, every field (or those wanted) in a column of its own.

        They have other packed facts, if given. Ids are left out: they are texts, and no rule reads them.
        """
        cases = self.cases.drop("case_id", strict=False)[rows]
        counts = cases.get_column(COUNT).to_numpy().astype(np.int64)
        starts = np.repeat(first[rows] - (np.cumsum(counts) - counts), counts)
        cases, offences = self._spelled_out(cases, self.offences[np.arange(counts.sum()) + starts])
        if facts is not None:
            cases = cases.with_columns(pl.Series(FACTS_TRUE, facts[0]), pl.Series(FACTS_KNOWN, facts[1]))
        return Layout(cases.with_columns_seq(_unpacked(self.facts, wanted)), offences, self.articles, self.facts)

    def record(self, row: int, first_offence: int, facts: Mapping[str, ValueType]) -> CaseRecord:
        """One row of an unpacked layout as the case record it stands for, as far as any rule can tell."""
        values = self.cases.row(row, named=True)
        offences = [
            self._offence(one) for one in self.offences.slice(first_offence, values[COUNT]).iter_rows(named=True)
        ]
        fields = {name: values[name] for name in CASE_FIELDS if name in values and name != "term_end"}
        for name, kind in CASE_FIELDS.items():
            if kind.kind is Kind.ENUMERATION and fields.get(name) is not None:
                fields[name] = kind.values[fields[name]]
        stated = {name: values[FACT + name] for name in facts if values.get(FACT + name) is not None}
        for name, kind in facts.items():
            if kind.kind is Kind.ENUMERATION and name in stated:
                stated[name] = kind.values[stated[name]]
        return CaseRecord.model_construct(
            case_id="", term_end=values["term_end"], offences=offences or None, facts=stated, **fields
        )

    def _offence(self, values: Mapping[str, Any]) -> Offence:
        article, guilt, form = values["article"], values["guilt"], values["form"]
        return Offence.model_construct(
            article=None if article is None else self.articles[article],
            committed_on=values["committed_on"],
            guilt=None if guilt is None else GUILT.values[guilt],
            form=None if form is None else FORM.values[form],
        )


def offence_code(article: Any, guilt: Any, form: Any) -> Any:
    """Article, guilt and form as one number: each counted from 1, 0 where it is unknown.

    >>> article_of(offence_code(3, 0, 1))
    (2, 0, 1)
    """
    return (article * _GUILTS + guilt) * _FORMS + form


def article_of(code: int) -> tuple[int | None, int, int]:
    """The place of the article, the guilt and the form (0 unknown, then in the order of the vocabulary) of a code."""
    rest, form = divmod(code, _FORMS)
    article, guilt = divmod(rest, _GUILTS)
    return article - 1 if article else None, guilt, form


def distinct(values: Ints) -> tuple[Ints, Ints]:
    """For each row the number of its value, and the distinct values in the order of their first appearance."""
    coded = as_arrow(values).dictionary_encode()
    return _held(coded.indices, np.int32), _held(coded.dictionary, values.dtype)


def _held(array: pa.Array, dtype: Any) -> Ints:
    """The values of an array without holes; PyArrow's own way would load pandas first, which takes long."""
    return np.frombuffer(array.buffers()[1] or b"", dtype, len(array))


def as_arrow(values: Ints) -> pa.Array:
    """Numbers without holes as an array of Arrow, where they lie already; `pa.array` would load pandas first."""
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, held])


def unpacked_columns(facts: tuple[str, ...], wanted: Collection[str] | None = None) -> list[pl.Expr]:
    """Packed fields and facts as columns of their own, null where unknown; all of them, or those wanted."""
    columns = []
    for name, flag in flag_fields().items():
        if wanted is None or name in wanted:
            code = pl.col(FLAGS) & flag.mask
            boolean = flag.kind.kind is Kind.BOOLEAN
            value = code == 2 << flag.start if boolean else (code // (1 << flag.start)).cast(pl.UInt8) - 1
            columns.append(pl.when(code > 0).then(value).alias(name))
    for place, name in enumerate(facts):
        if wanted is None or FACT + name in wanted:
            bit = pl.lit(1 << place, pl.UInt64)
            known, true = ((pl.col(packed) & bit) != 0 for packed in (FACTS_KNOWN, FACTS_TRUE))
            columns.append(pl.when(known).then(true).alias(FACT + name))
    return columns


@cache
def _unpacked(facts: tuple[str, ...], wanted: frozenset[str] | None) -> list[pl.Expr]:
    return unpacked_columns(facts, wanted)


def packed_facts(facts: Mapping[str, ValueType]) -> list[str]:
    """The yes-or-no facts that are packed, bit by bit."""
    return [name for name, kind in facts.items() if kind.kind is Kind.BOOLEAN][:_MOST_PACKED]


def lay_out(frame: pl.DataFrame, facts: Mapping[str, ValueType]) -> Layout:
    """Lay out nested records for the engine; the frame has passed the screening of `register`."""
    packed = packed_facts(facts)
    counts, offences, articles = _offences(frame)
    true, known = _packed_facts(frame, packed)
    columns: list[pl.Series] = [
        frame.get_column("case_id"),
        pl.Series(FLAGS, _flags(frame)),
        pl.Series(FACTS_TRUE, true),
        pl.Series(FACTS_KNOWN, known),
        pl.Series(COUNT, counts),
        *_plain_fields(frame),
        *_plain_facts(frame, {name: kind for name, kind in facts.items() if name not in packed}),
        *_offence_days(offences, counts),
        *_term_columns(frame),
    ]
    return Layout(pl.DataFrame(columns), offences, articles, tuple(packed))


def _field(frame: pl.DataFrame, name: str) -> pl.Series:
    if name in frame.columns:
        return frame.get_column(name)
    return pl.Series(name, [None], _dtype(CASE_FIELDS[name])).new_from_index(0, frame.height)


def _dtype(kind: ValueType) -> Any:
    return {Kind.BOOLEAN: pl.Boolean, Kind.DATE: pl.Date, Kind.NUMBER: pl.Int32}.get(kind.kind, pl.String)


def _codes(column: pl.Series, kind: ValueType) -> Ints:
    """Codes from 1 in the order of the vocabulary, 0 where unknown."""
    if column.null_count() == column.len():
        return np.zeros(column.len(), np.uint32)
    if kind.kind is Kind.BOOLEAN:
        return (column.cast(pl.UInt8) + 1).fill_null(0).to_numpy().astype(np.uint32)
    if column.dtype != pl.UInt8:
        column = column.cast(pl.Enum(kind.values)).to_physical()
    return (column.cast(pl.UInt8) + 1).fill_null(0).to_numpy().astype(np.uint32)


def _flags(frame: pl.DataFrame) -> Ints:
    flags = np.zeros(frame.height, np.uint32)
    for name, flag in flag_fields().items():
        if name in frame.columns:
            flags |= _codes(frame.get_column(name), flag.kind) << np.uint32(flag.start)
    return flags


def _packed_facts(frame: pl.DataFrame, names: list[str]) -> tuple[Ints, Ints]:
    true, known = np.zeros(frame.height, np.uint64), np.zeros(frame.height, np.uint64)
    stated = _stated_facts(frame)
    for place, name in enumerate(names):
        column = stated.get(name)
        if column is not None and column.null_count() < column.len():
            bit = np.uint64(1 << place)
            rows = column.arg_true().to_numpy()
            true[rows] |= bit
            if column.null_count():
                known[column.is_not_null().to_numpy()] |= bit
            else:
                known |= bit
    return true, known


def _stated_facts(frame: pl.DataFrame) -> dict[str, pl.Series]:
    if not isinstance(frame.schema.get("facts"), pl.Struct):
        return {}
    facts = frame.get_column("facts")
    unnested = facts.struct.unnest()
    return {name: unnested.get_column(name) for name in unnested.columns}


def _plain_fields(frame: pl.DataFrame) -> list[pl.Series]:
    packed = flag_fields()
    return [_field(frame, name).alias(name) for name in CASE_FIELDS if name not in packed and name != "term_end"]


def _plain_facts(frame: pl.DataFrame, facts: Mapping[str, ValueType]) -> list[pl.Series]:
    stated = _stated_facts(frame)
    columns = []
    for name, kind in facts.items():
        column = stated.get(name)
        if column is None:
            dtype = pl.Float64() if kind.kind is Kind.NUMBER else _dtype(kind)
            column = pl.Series(name, [None], dtype).new_from_index(0, frame.height)
        if kind.kind is Kind.ENUMERATION:
            column = column.cast(pl.Enum(kind.values)).to_physical().cast(pl.UInt8)
        columns.append(column.alias(FACT + name))
    return columns


def _offences(frame: pl.DataFrame) -> tuple[Ints, pl.DataFrame, tuple[str, ...]]:
    empty = pl.DataFrame(schema={"article": pl.UInt32, "committed_on": pl.Date, "guilt": pl.UInt8, "form": pl.UInt8})
    if not isinstance(frame.schema.get("offences"), pl.List):
        return np.zeros(frame.height, np.uint16), empty, ()
    nested = frame.get_column("offences")
    lengths = nested.list.len().fill_null(0)
    counts = lengths.to_numpy().astype(np.uint16)
    flat = nested.explode(empty_as_null=False, keep_nulls=False)
    if not isinstance(flat.dtype, pl.Struct):
        return counts, empty, ()
    stated = flat.struct.unnest()
    article = _column(stated, "article", pl.String())
    texts = article.drop_nulls().unique().cast(pl.String).sort()
    offences = pl.DataFrame(
        {
            "article": article.cast(pl.Enum(texts)).to_physical().cast(pl.UInt32),
            "committed_on": _column(stated, "committed_on", pl.Date()),
            "guilt": _coded(_column(stated, "guilt", pl.String()), GUILT),
            "form": _coded(_column(stated, "form", pl.String()), FORM),
        }
    )
    return counts, offences, tuple(texts)


def _column(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Series:
    return frame.get_column(name) if name in frame.columns else pl.Series(name, [None] * frame.height, dtype)


def _coded(column: pl.Series, kind: ValueType) -> pl.Series:
    return column.cast(pl.Enum(kind.values)).to_physical().cast(pl.UInt8)


def _offence_days(offences: pl.DataFrame, counts: Ints) -> list[pl.Series]:
    """The first and last known day of an offence, and whether some offence has none."""
    having = np.flatnonzero(counts)
    first, last = np.full(len(counts), FAR, np.int32), np.full(len(counts), -FAR, np.int32)
    undated = np.zeros(len(counts), bool)
    if len(having):
        total = np.cumsum(counts, dtype=np.int64)
        starts = (total - counts)[having]
        days = offences.get_column("committed_on").to_physical()
        missing = days.is_null().to_numpy()
        first[having] = np.minimum.reduceat(days.fill_null(FAR).to_numpy(), starts)
        last[having] = np.maximum.reduceat(days.fill_null(-FAR).to_numpy(), starts)
        undated[having] = np.logical_or.reduceat(missing, starts)
    return [pl.Series(FIRST_DAY, first), pl.Series(LAST_DAY, last), pl.Series(UNDATED, undated)]


def _term_columns(frame: pl.DataFrame) -> list[pl.Series]:
    """The length of the term for comparison, and its end; where given and computed differ both are kept."""
    months, days = _field(frame, "term_months"), _field(frame, "term_days")
    unknown = (months.is_null() & days.is_null()).to_numpy()
    month_count = months.fill_null(0).to_numpy().astype(np.int32)
    day_count = days.fill_null(0).to_numpy().astype(np.int32)
    length = pl.Series("term", month_count * DAYS_IN_A_COUNTED_MONTH + day_count)
    start, credit, rate = _field(frame, "term_start"), _field(frame, "credit_days"), _credit_rate(frame)
    known = ~unknown & start.is_not_null().to_numpy() & credit.is_not_null().to_numpy() & (rate > 0)
    first = start.to_physical().fill_null(0).to_numpy()
    end = add_months_to(first, month_count) + day_count - credit.fill_null(0).to_numpy().astype(np.int32) * rate
    given = _field(frame, "term_end")
    given_days, stated = given.to_physical().fill_null(0).to_numpy(), given.is_not_null().to_numpy()
    differ = stated & known & (given_days != end)
    joined = pl.Series("term_end", np.where(stated, given_days, end).astype(np.int32))
    return [
        _with_nulls(length, unknown),
        _with_nulls(joined, ~(stated | known)).cast(pl.Date),
        _with_nulls(pl.Series(OTHER_END, end.astype(np.int32)), ~differ).cast(pl.Date),
    ]


def _with_nulls(column: pl.Series, unknown: npt.NDArray[np.bool_]) -> pl.Series:
    return column.set(pl.Series(unknown), None) if unknown.any() else column


def _credit_rate(frame: pl.DataFrame) -> Ints:
    rates = np.array([0, *(CUSTODY_CREDIT.get(kind, 0) for kind in PUNISHMENT.values)], np.int32)
    return rates[_codes(_field(frame, "punishment"), PUNISHMENT)]
