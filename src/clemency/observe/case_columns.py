"""Cases as bare columns of whole numbers: what is drawn, filled and counted a thousand times over.

A value stands as in the engine's layout: enumerations by their rank, yes or no as 1 or 0, dates by their day number.
Unknown stays unknown, beside the value and never in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clemency.law.calendar_columns import add_months_to
from clemency.law.readings import Reading
from clemency.law.vocabulary import (
    CASE_FIELDS,
    CATEGORIES,
    DATE,
    NUMBER,
    OFFENCE_FIELDS,
    Kind,
    ValueType,
)
from clemency.observe.classes import ClassAct
from clemency.records.layout import (
    COUNT,
    FACT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FIRST_DAY,
    FLAGS,
    LAST_DAY,
    OTHER_END,
    UNDATED,
    Layout,
    flag_fields,
    unpacked_columns,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AGE_BANDS = ("under 18", "18 to 24", "25 to 34", "35 to 44", "45 to 59", "60 and over")
_BAND_STARTS = (18, 25, 35, 45, 60)
_DAYS_IN_A_COUNTED_MONTH = 30
_FAR = 536870912


@dataclass(frozen=True)
class Column:
    """Values with where they are known; without `known` all of them are."""

    values: Ints
    known: Bools | None = None

    @property
    def there(self) -> Bools:
        """Where the value is known."""
        return np.ones(len(self.values), bool) if self.known is None else self.known

    @property
    def holes(self) -> Bools:
        """Where it is not."""
        return np.zeros(len(self.values), bool) if self.known is None else ~self.known

    def __getitem__(self, rows: Any) -> Column:
        return Column(self.values[rows], None if self.known is None else self.known[rows])

    def filled(self, rows: Ints, other: Column) -> Column:
        """The column with some rows taken from another, unknown where that is unknown."""
        values, known = self.values.copy(), self.there.copy()
        values[rows], known[rows] = other.values, other.there
        return Column(values, None if known.all() else known)


@dataclass(frozen=True)
class CaseColumns:
    """So many cases. `counts` are offences a case, none where they are unknown; `offences` lie in the cases' order."""

    fields: Mapping[str, Column]
    facts: Mapping[str, Column]
    counts: Ints
    articles: tuple[str, ...]
    offences: Mapping[str, Column]

    @property
    def height(self) -> int:
        """How many cases there are."""
        return len(self.counts)

    @property
    def first(self) -> Ints:
        """For each case the place of its first offence."""
        total = np.cumsum(self.counts)
        return total - self.counts

    def age_band(self, on: int) -> Ints:
        """The age band of each case on a day, by its place in `AGE_BANDS`; -1 where the birth date is unknown."""
        birth = self.fields["birth_date"]
        day = np.full(1, on, np.int32)
        latest = np.array([int(add_months_to(day, -12 * years)[0]) for years in _BAND_STARTS])
        band = len(_BAND_STARTS) - np.searchsorted(latest[::-1], birth.values, side="left")
        return np.where(birth.there, band, -1)

    def worst(self, ranks: NDArray[np.int8]) -> Ints:
        """The gravest category of each case from the rank of each article; -1 where some category is open."""
        found = np.full(self.height, -1, np.int64)
        having = np.flatnonzero(self.counts)
        if not len(having):
            return found
        article = self.offences["article"]
        rank = np.where(article.there, ranks[np.where(article.there, article.values, 0)], -1).astype(np.int64)
        first = self.first[having]
        highest, lowest = np.maximum.reduceat(rank, first), np.minimum.reduceat(rank, first)
        sure = (lowest >= 0) | (highest == len(CATEGORIES) - 1)
        found[having] = np.where(sure, highest, -1)
        return found


def of_layout(layout: Layout, facts: Mapping[str, ValueType]) -> CaseColumns:
    """A laid-out register as bare columns. Texts are left out; of two ends that contradict the given one is kept."""
    cases = layout.cases.with_columns(unpacked_columns(layout.facts))
    fields = {
        name: _column(cases.get_column(name))
        for name, kind in CASE_FIELDS.items()
        if name in cases.columns and kind.kind is not Kind.TEXT
    }
    asked = {
        name: _column(cases.get_column(FACT + name))
        for name, kind in facts.items()
        if FACT + name in cases.columns and kind.kind is not Kind.TEXT
    }
    offences = {
        name: _column(layout.offences.get_column(name)) for name in ("article", "committed_on", "guilt", "form")
    }
    counts = cases.get_column(COUNT).to_numpy().astype(np.int64)
    return CaseColumns(fields, asked, counts, layout.articles, offences)


def _column(series: pl.Series) -> Column:
    physical = series.to_physical() if series.dtype == pl.Date else series
    numbers = physical.cast(pl.Float64) if series.dtype.is_float() else physical.cast(pl.Int64)
    values = numbers.fill_null(0).to_numpy()
    return Column(values, None if not series.null_count() else series.is_not_null().to_numpy())


class Prepared:
    """Cases laid out for the engine of a class act, but for what a reading of the law says of them."""

    def __init__(self, cases: CaseColumns, classes: ClassAct) -> None:
        self.cases, self.classes = cases, classes
        self.labels = classes.labels(cases.articles)
        kinds = {fact.name: fact.type for fact in classes.act.facts.values()}
        self.packed = tuple(name for name, kind in kinds.items() if kind.kind is Kind.BOOLEAN)
        self.true, self.known = self._facts()
        self.plain = pl.DataFrame(
            [
                pl.Series("case_id", [""]).new_from_index(0, cases.height),
                pl.Series(FLAGS, self._flags()),
                pl.Series(COUNT, cases.counts.astype(np.uint16)),
                *self._plain_fields(),
                *self._plain_facts(kinds),
                *self._offence_days(),
                *self._terms(),
            ]
        )
        guilt, article = cases.offences["guilt"], cases.offences["article"]
        self.article = np.where(article.there, article.values, len(cases.articles))
        self.guilt = np.where(guilt.there, guilt.values + 1, 0)
        self.dated = _series("committed_on", cases.offences["committed_on"], DATE)
        self.form = _series("form", cases.offences["form"], OFFENCE_FIELDS["form"])

    def under(self, reading: Reading) -> Layout:
        """The layout under a reading: each offence as one of its class, each clause that may exist as a fact."""
        number, open_guilt = self._classes(reading)
        true, known = self.classes.clause_bits(reading, self.packed)
        offences = pl.DataFrame(
            [
                _with_nulls("article", number, pl.UInt32()),
                self.dated,
                _with_nulls("guilt", open_guilt, pl.UInt8()),
                self.form,
            ]
        )
        cases = self.plain.with_columns(
            pl.Series(FACTS_TRUE, self.true | np.uint64(true)), pl.Series(FACTS_KNOWN, self.known | np.uint64(known))
        )
        articles = self.cases.articles if self.classes.of.code is None else self.classes.texts
        return Layout(cases, offences, articles, self.packed)

    def _classes(self, reading: Reading) -> tuple[Ints, Ints]:
        """The class of each offence, which holds its guilt; where there is none, the guilt that the file states."""
        stated = self.guilt - 1
        if self.classes.of.code is None:
            return np.where(self.article < len(self.cases.articles), self.article, -1), stated
        table = np.vstack([self.labels.under(reading), [[-1, -1, -1]]])
        number = table[self.article, self.guilt]
        return number, np.where(number < 0, stated, -1)

    def _flags(self) -> NDArray[np.uint32]:
        flags = np.zeros(self.cases.height, np.uint32)
        for name, flag in flag_fields().items():
            column = self.cases.fields.get(name)
            if column is not None:
                codes = np.where(column.there, column.values + 1, 0)
                flags |= codes.astype(np.uint32) << np.uint32(flag.start)
        return flags

    def _facts(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        true, known = np.zeros(self.cases.height, np.uint64), np.zeros(self.cases.height, np.uint64)
        for place, name in enumerate(self.packed):
            column = self.cases.facts.get(name)
            if column is not None:
                true |= (column.there & (column.values > 0)).astype(np.uint64) << np.uint64(place)
                known |= column.there.astype(np.uint64) << np.uint64(place)
        return true, known

    def _plain_fields(self) -> list[pl.Series]:
        apart = {*flag_fields(), "term_end"}
        return [
            _series(name, column, CASE_FIELDS[name]) for name, column in self.cases.fields.items() if name not in apart
        ]

    def _plain_facts(self, kinds: Mapping[str, ValueType]) -> list[pl.Series]:
        asked = [name for name, kind in kinds.items() if kind.kind is not Kind.BOOLEAN]
        nothing = Column(np.zeros(self.cases.height, np.int64), np.zeros(self.cases.height, bool))
        return [_series(FACT + name, self.cases.facts.get(name, nothing), kinds[name]) for name in asked]

    def _offence_days(self) -> list[pl.Series]:
        cases, days = self.cases, self.cases.offences["committed_on"]
        first, last = np.full(cases.height, _FAR, np.int32), np.full(cases.height, -_FAR, np.int32)
        undated = np.zeros(cases.height, bool)
        having = np.flatnonzero(cases.counts)
        if len(having):
            starts = cases.first[having]
            first[having] = np.minimum.reduceat(np.where(days.there, days.values, _FAR), starts)
            last[having] = np.maximum.reduceat(np.where(days.there, days.values, -_FAR), starts)
            undated[having] = np.logical_or.reduceat(days.holes, starts)
        return [pl.Series(FIRST_DAY, first), pl.Series(LAST_DAY, last), pl.Series(UNDATED, undated)]

    def _terms(self) -> list[pl.Series]:
        fields, height = self.cases.fields, self.cases.height
        months, days = fields["term_months"], fields["term_days"]
        length = np.where(months.there, months.values, 0) * _DAYS_IN_A_COUNTED_MONTH
        term = Column(length + np.where(days.there, days.values, 0), months.there | days.there)
        none = pl.Series(OTHER_END, [None], pl.Date).new_from_index(0, height)
        return [_series("term", term, NUMBER), _series("term_end", fields["term_end"], DATE), none]


def _series(name: str, column: Column, kind: ValueType) -> pl.Series:
    dtype = {Kind.DATE: pl.Date(), Kind.BOOLEAN: pl.Boolean(), Kind.ENUMERATION: pl.UInt8()}.get(
        kind.kind, pl.Float64() if column.values.dtype.kind == "f" else pl.Int32()
    )
    physical: Any = {Kind.DATE: np.int32, Kind.ENUMERATION: np.uint8, Kind.BOOLEAN: bool}.get(
        kind.kind, np.float64 if column.values.dtype.kind == "f" else np.int32
    )
    values = np.where(column.there, column.values, 0) if column.known is not None else column.values
    found = pl.Series(name, values.astype(physical)).cast(dtype)
    return found if column.known is None else found.set(pl.Series(column.holes), None)


def _with_nulls(name: str, numbers: Ints, dtype: Any) -> pl.Series:
    missing = numbers < 0
    found = pl.Series(name, np.where(missing, 0, numbers)).cast(dtype)
    return found.set(pl.Series(missing), None) if missing.any() else found


def joined(layouts: Sequence[Layout]) -> Layout:
    """Layouts over the same articles, one below the other."""
    if len(layouts) == 1:
        return layouts[0]
    if len({one.articles for one in layouts}) > 1:
        raise ValueError("layouts over different articles cannot be joined")
    cases, offences = (
        pl.concat(frames) for frames in zip(*((one.cases, one.offences) for one in layouts), strict=True)
    )
    return Layout(cases.rechunk(), offences.rechunk(), layouts[0].articles, layouts[0].facts)
