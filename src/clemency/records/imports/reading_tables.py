"""The columns of a table as values of the record: which reader each field has, and what has to be asked first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from clemency.law.codes import OffenceCode
from clemency.law.vocabulary import CASE_FIELDS, CATEGORY, FORM, GUILT, Kind, ValueType
from clemency.records.imports.articles import article_reader
from clemency.records.imports.dates import DAY_FIRST, MONTH_FIRST, DateSettings, orders_shown, read_day, serials_among
from clemency.records.imports.mapping import MappedTable, Meaning
from clemency.records.imports.problems import Fault, Question
from clemency.records.imports.profile import Profile
from clemency.records.imports.readings import ReadColumn, Reader, Reading, read_column, read_most_as_text
from clemency.records.imports.spelling import folded
from clemency.records.imports.structure import rows_that_are_no_cases, without_rows
from clemency.records.imports.tables import DAY, NUMBER, TEXT
from clemency.records.imports.told import told_of
from clemency.records.imports.values import (
    DOUBTFUL_IDENTITY,
    any_number,
    coded,
    guarded,
    identity,
    plain_text,
    term,
    whole_number,
    years_as_months,
    yes_or_no,
)

_TERM = pl.Struct({"months": pl.Int32(), "days": pl.Int32()})
_ARTICLES = pl.List(pl.Struct({"article": pl.String(), "form": pl.String()}))
_SPLIT = re.compile(r"\s*[;\n\r]+\s*")


@dataclass
class ReadTable:
    """The columns of a table read: values by field, and for each field what there is to say of it."""

    mapped: MappedTable
    values: dict[str, pl.Series] = field(default_factory=dict)
    nested: dict[str, pl.Series] = field(default_factory=dict)
    faults: list[pl.DataFrame] = field(default_factory=list)
    notes: list[pl.DataFrame] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    guesses: dict[str, str] = field(default_factory=dict)
    no_cases: dict[int, Fault] = field(default_factory=dict)


def read_table(mapped: MappedTable, profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode) -> ReadTable:
    """Every column of a table that means something, read."""
    reading = ReadTable(mapped)
    reading.no_cases = rows_that_are_no_cases(mapped)
    places = list(reading.no_cases)
    for place, fault in reading.no_cases.items():
        reading.faults.append(told_of(pl.Series([place]), mapped, "case_id", fault))
    for meaning in mapped.columns:
        meaning = replace(meaning, column=without_rows(meaning.column, places))
        read = _read(meaning, reading, profile, facts, code)
        reading.values[meaning.field] = read.values.alias(meaning.field)
        _note(reading, meaning, read, None)
    parents = mapped.table.nested.parent if mapped.table.nested else None
    for meaning in mapped.nested:
        read = _read(meaning, reading, profile, facts, code)
        reading.nested[meaning.field] = read.values.alias(meaning.field)
        _note(reading, meaning, read, parents)
    return reading


def _note(reading: ReadTable, meaning: Meaning, read: ReadColumn, parents: pl.Series | None) -> None:
    for told, kept in ((read.faults, reading.faults), (read.notes, reading.notes)):
        if told.height:
            place = told.get_column("place")
            placed = told.with_columns(
                (parents.gather(place) if parents is not None else place).cast(pl.UInt32).alias("place"),
                pl.lit(reading.mapped.place, pl.UInt32).alias("table"),
                pl.lit(meaning.column.name).alias("column"),
                pl.lit(meaning.field).alias("field"),
            )
            kept.append(placed.select("table", "place", "column", "field", "text", "code", "what", "mend"))


def _read(
    meaning: Meaning, reading: ReadTable, profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode
) -> ReadColumn:
    if meaning.field in ("case_id", "person_id"):
        return read_most_as_text(meaning.column, identity, DOUBTFUL_IDENTITY)
    reader, dtype = _reader(meaning, reading, profile, facts, code)
    return read_column(meaning.column, reader, dtype)


def _reader(
    meaning: Meaning, reading: ReadTable, profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode
) -> tuple[Reader, pl.DataType]:
    """The reader of a field, and the type of what it reads."""
    name = meaning.field
    unknown = frozenset(folded(word) for word in profile.unknown)
    words = profile.values.get(name, {})
    if name == "offences.article":
        return guarded(article_reader(code), unknown), _ARTICLES
    if name == "offences.committed_on":
        return _listed(guarded(_dates(meaning, reading, profile), unknown)), pl.List(pl.Date())
    if name in ("offences.guilt", "offences.form"):
        values = (GUILT if name.endswith("guilt") else FORM).values
        return _listed(guarded(coded(name, words, values), unknown)), pl.List(pl.String())
    if name == "category":
        return guarded(coded(name, words, CATEGORY.values), unknown), pl.String()
    if name == "term":
        return guarded(term(_unit(meaning, reading)), unknown), _TERM
    if name == "term_years":
        return guarded(years_as_months, unknown), pl.Int32()
    kind = CASE_FIELDS.get(name) or facts[name.removeprefix("facts.")]
    return _of_kind(kind, name, meaning, reading, profile, unknown, words, whole=name in CASE_FIELDS)


def _of_kind(
    kind: ValueType,
    name: str,
    meaning: Meaning,
    reading: ReadTable,
    profile: Profile,
    unknown: frozenset[str],
    words: Mapping[str, str],
    whole: bool,
) -> tuple[Reader, pl.DataType]:
    match kind.kind:
        case Kind.DATE:
            return guarded(_dates(meaning, reading, profile), unknown), pl.Date()
        case Kind.BOOLEAN:
            _ask_about_dashes(meaning, reading, words, unknown)
            plain = dict.fromkeys(profile.unknown, "unknown")
            return yes_or_no({**plain, **words}), pl.Boolean()
        case Kind.ENUMERATION:
            return _words_before_unknown(coded(name, words, kind.values), unknown), pl.String()
        case Kind.NUMBER if whole:
            return guarded(whole_number, unknown), pl.Int32()
        case Kind.NUMBER:
            return guarded(any_number, unknown), pl.Float64()
    return guarded(plain_text, unknown), pl.String()


def _words_before_unknown(reader: Reader, unknown: frozenset[str]) -> Reader:
    """A word that a field knows, such as `yox` for no recidivism, goes before the same word for unknown."""

    def read(text: str, kind: int) -> Reading:
        found = reader(text, kind)
        return found if found.fault is None else guarded(reader, unknown)(text, kind)

    return read


def _listed(reader: Reader) -> Reader:
    """A cell with one value, or several with semicolons or new lines between them; nothing between two is unknown."""

    def read(text: str, kind: int) -> Reading:
        pieces = _SPLIT.split(text) if kind == TEXT else [text]
        pieces = pieces if pieces[-1] else pieces[:-1]
        readings = [reader(piece, kind) if piece else Reading() for piece in pieces]
        fault = next((one.fault for one in readings if one.fault), None)
        note = next((one.note for one in readings if one.note), None)
        values = [one.value for one in readings]
        known = fault is None and any(value is not None for value in values)
        return Reading(values if known else None, fault, None if fault else note)

    return read


# --- what has to be asked -------------------------------------------------------------------------------------


def _dates(meaning: Meaning, reading: ReadTable, profile: Profile) -> Reader:
    settings = _date_settings(meaning, reading, profile)
    return lambda text, kind: read_day(text, kind, settings)


def _date_settings(meaning: Meaning, reading: ReadTable, profile: Profile) -> DateSettings:
    """How the dates of a column are read; what the column leaves open is asked."""
    column, table, use = meaning.column, reading.mapped.table, meaning.use
    frame = pl.DataFrame({"text": column.text})
    kinds = column.kinds if column.kinds is not None else pl.repeat(TEXT, frame.height, dtype=pl.UInt8, eager=True)
    distinct = frame.with_columns(kinds.alias("kind")).drop_nulls("text").unique(maintain_order=True)
    texts = [piece for text, kind in distinct.iter_rows() if kind != DAY for piece in _SPLIT.split(text) if piece]
    order: str | None = use.order or profile.dates.order
    if order is None:
        order = _order_shown(meaning, reading, texts)
    century = use.two_digit_years_from or profile.dates.two_digit_years_from
    if century is None and (short := [text for text in texts if _two_digits(text)]):
        _ask(reading, "two_digit_years", f"the column {column.name} has years of two digits, such as {short[0]}",
             "dates: {two_digit_years_from: 1930}  # the first year that they may mean")  # fmt: skip
    epoch = use.serials_from or profile.dates.serials_from or table.epoch
    if epoch is None and serials_among(*_with_kinds(distinct)):
        what = f"the column {column.name} has numbers that count days, and the file does not say from which day"
        _ask(reading, "serials", what, "dates: {serials_from: 1900}  # or 1904, for old files of a Mac")
    return DateSettings(order, century, epoch)


def _with_kinds(distinct: pl.DataFrame) -> tuple[list[str], list[int]]:
    return distinct.get_column("text").to_list(), distinct.get_column("kind").to_list()


def _two_digits(text: str) -> bool:
    if text[-4:].isdigit() or text[:4].isdigit():
        return False
    read = read_day(text, TEXT, DateSettings())
    return read.fault is not None and read.fault.code == "two_digit_year"


def _order_shown(meaning: Meaning, reading: ReadTable, texts: list[str]) -> str | None:
    day, month, either = orders_shown(texts)
    name = meaning.column.name
    if day and not month:
        reading.guesses[name] = "day first, as some of its dates show"
        return DAY_FIRST
    dotted = either and any("." in text for text in texts if orders_shown([text])[1])
    if month and not day and not dotted:
        reading.guesses[name] = "month first, as some of its dates show"
        return MONTH_FIRST
    if either:
        example = next(text for text in texts if orders_shown([text])[2])
        mixed = "shows both orders" if day and month else "admits day-first and month-first"
        mixed = "has dots, and a date that can only be month-first" if month and not day else mixed
        what = f"the column {name} {mixed}: {example} may be two days"
        _ask(reading, "date_order", what, "dates: {order: day_first}  # or month_first")
    return None


def _unit(meaning: Meaning, reading: ReadTable) -> str | None:
    unit = meaning.use.unit
    if unit is None:
        column = meaning.column
        bare = column.text.filter(column.kinds == NUMBER) if column.kinds is not None else column.text
        numbers = bare.drop_nulls().filter(bare.drop_nulls().str.contains(r"^\d+([.,]\d+)?$"))
        if len(numbers):
            what = f"the column {column.name} has bare numbers, such as {numbers[0]}: years or months?"
            _ask(reading, "term_unit", what, f'columns: {{"{column.name}": {{field: term, unit: years}}}}  # or months')
    return unit


def _ask_about_dashes(meaning: Meaning, reading: ReadTable, words: Mapping[str, str], unknown: frozenset[str]) -> None:
    """Where a column has plus signs, a dash may mean no as well as unknown."""
    dashes = {"-", "–", "—"}
    seen = set(meaning.column.text.drop_nulls().unique().to_list()) if meaning.column.kinds is None else set()
    told = {word.strip() for word in words} | unknown
    if "+" in seen and (seen & dashes) - told:
        dash = sorted((seen & dashes) - told)[0]
        what = f"the column {meaning.column.name} has plus signs and dashes: a dash may mean no, or unknown"
        _ask(reading, "dash_or_no", what, f'values: {{{meaning.field}: {{"{dash}": "false"}}}}  # or unknown')


def _ask(reading: ReadTable, code: str, what: str, answer: str) -> None:
    reading.questions.append(Question(code, reading.mapped.table.where, what, answer))
