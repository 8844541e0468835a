"""Registers on disk: JSON Lines, nested Parquet, two CSV sheets in a folder, or JSON Lines on standard input.

A register is read in two passes, the first for ids given twice, so that memory does not grow with it. A row that does
not fit is put aside with its number and every reason; a file that cannot be read as a whole is refused before anything
is answered. Frames are loaded only where many rows are wanted: one case of a text register is found without them.
"""

from __future__ import annotations

import csv
import difflib
import json
import sys
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from clemency.law.vocabulary import CASE_FIELDS, IDENTITY_FIELDS, OFFENCE_FIELDS, Kind, ValueType
from clemency.records.quarantine import QuarantinedRow, RegisterError, check_columns, given_twice, unknown_name
from clemency.records.record import (
    CaseRecord,
    FieldProblem,
    RecordErrors,
    json_object,
    read_json,
    read_record,
)

if TYPE_CHECKING:
    import polars as pl

    from clemency.records.frames import Batch

Facts = Mapping[str, ValueType]

MAX_LINE = 4_000_000
TEXT_BATCH_ROWS = 20_000
_ENDINGS = {".jsonl": "lines", ".ndjson": "lines", ".parquet": "parquet", ".pq": "parquet"}
_FORMS = "a register is JSON Lines (.jsonl), nested Parquet (.parquet), or a folder with cases.csv and offences.csv"
_NEAR_IDS = 5_000


class CaseNotFound(RegisterError):
    """No row of the register bears the id."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read: its number and the record, or why it does not fit."""

    number: int
    record: CaseRecord | None
    aside: QuarantinedRow | None = None

    @property
    def case_id(self) -> str | None:
        """The id the row states, whether it fits or not."""
        return self.record.case_id if self.record else self.aside.case_id if self.aside else None


def open_register(source: str | Path, facts: Facts) -> Register:
    """The register at a path, or on standard input for `-`. `facts` are the names that acts know, with their types.

    Raises RegisterError where there is nothing that can be read as one.
    """
    if str(source) == "-":
        return StandardInput(facts)
    path = Path(source)
    if path.is_dir():
        return CsvRegister(path, facts)
    if not path.exists():
        raise RegisterError(f"there is no register {path}{_nearest_file(path)}")
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        raise RegisterError(f"{path}: {_FORMS}{_ending_hint(path)}")
    return ParquetRegister(path, facts) if form == "parquet" else LinesRegister(path, facts)


def _nearest_file(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()][:1000]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""


def _ending_hint(path: Path) -> str:
    if path.suffix.lower() == ".csv":
        return f"; give the folder: {path.parent}"
    if path.suffix.lower() == ".json":
        return "; write one object a line and name it .jsonl"
    if path.suffix.lower() in (".gz", ".zip", ".zst", ".xz"):
        return "; unpack it first"
    return "; this ending is none of them"


class Register(ABC):
    """A register that can be read in batches, record by record, or searched for one case."""

    def __init__(self, name: str, facts: Facts) -> None:
        self.name, self.facts = name, facts

    @property
    def total(self) -> int | None:
        """The number of rows, where the file says it without being read."""
        return None

    @abstractmethod
    def batches(self, rows: int | None = None) -> Iterator[Batch]:
        """The register in frames of the one nested schema, with what was put aside. Order is kept."""

    @abstractmethod
    def records(self) -> Iterator[tuple[int, CaseRecord | RecordErrors]]:
        """Every row with its number: its record, or what does not fit. For registers of modest size."""

    @abstractmethod
    def matching(self, case_id: str) -> Iterator[Row]:
        """The rows that bear an id."""

    @abstractmethod
    def some_ids(self) -> list[str]:
        """Some ids of the register, to name the nearest one."""

    def find(self, case_id: str) -> CaseRecord:
        """The record of one case. Raises CaseNotFound, or RecordErrors where its row does not fit."""
        found = list(self.matching(case_id))
        if not found:
            close = difflib.get_close_matches(case_id, self.some_ids(), n=1, cutoff=0.75)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise CaseNotFound(f"{self.name} has no case {case_id}{hint}")
        if len(found) > 1:
            rows = ", ".join(str(row.number) for row in found[:10])
            problem = FieldProblem("case_id", case_id, f"several rows bear this id ({rows})", "keep one of them")
            raise RecordErrors(case_id, [problem])
        if found[0].aside is not None:
            raise RecordErrors(case_id, list(found[0].aside.problems))
        assert found[0].record is not None
        return found[0].record


# --- text -----------------------------------------------------------------------------------------------------


class _TextRegister(Register):
    """Registers read row by row as text."""

    @abstractmethod
    def _rows(self) -> Iterator[Row]:
        """Every row, ids given twice not yet told."""

    @abstractmethod
    def _ids(self) -> Iterator[list[str]]:
        """The ids of all rows, some at a time."""

    def batches(self, rows: int | None = None) -> Iterator[Batch]:
        """Rows gathered into frames."""
        from clemency.records.frames import duplicate_ids

        self._check()
        twice = duplicate_ids(self._id_series)
        size, gathered = rows or TEXT_BATCH_ROWS, list[Row]()
        for row in self._rows():
            gathered.append(_without_twins(row, twice))
            if len(gathered) >= size:
                yield self._batch(gathered)
                gathered = []
        if gathered:
            yield self._batch(gathered)

    def _id_series(self) -> Iterator[pl.Series]:
        import polars as pl

        return (pl.Series("case_id", ids, pl.String) for ids in self._ids())

    def _batch(self, gathered: list[Row]) -> Batch:
        import polars as pl

        from clemency.records.frames import Batch, frame_of

        fine = [(row.number, row.record) for row in gathered if row.record is not None]
        frame = frame_of([record for _, record in fine], self.facts)
        numbers = pl.Series("row", [number for number, _ in fine], pl.Int64)
        return Batch(frame, gathered[0].number, [row.aside for row in gathered if row.aside], numbers)

    def records(self) -> Iterator[tuple[int, CaseRecord | RecordErrors]]:
        """Row by row, without frames."""
        self._check()
        counted = Counter(case_id for ids in self._ids() for case_id in ids)
        twice = frozenset(case_id for case_id, count in counted.items() if count > 1)
        for row in self._rows():
            row = _without_twins(row, twice)
            if row.record is not None:
                yield row.number, row.record
            elif row.aside is not None:
                yield row.number, RecordErrors(row.aside.case_id, list(row.aside.problems))

    def some_ids(self) -> list[str]:
        """The first ids of the register."""
        found: list[str] = []
        for ids in self._ids():
            found += ids
            if len(found) >= _NEAR_IDS:
                break
        return found[:_NEAR_IDS]

    def _check(self) -> None:
        """Refuse a register that cannot be read as a whole."""


def _without_twins(row: Row, twice: frozenset[str]) -> Row:
    case_id = row.case_id
    if case_id is None or case_id not in twice:
        return row
    problem = given_twice(case_id)
    if row.aside is not None:
        aside = row.aside
        problems = (*aside.problems, problem)
        return Row(row.number, None, QuarantinedRow(aside.row, case_id, problems, aside.given, aside.file))
    assert row.record is not None
    given = row.record.model_dump(mode="json", exclude_unset=True)
    return Row(row.number, None, QuarantinedRow(row.number, case_id, (problem,), given))


class LinesRegister(_TextRegister):
    """JSON Lines: one case record a line, in UTF-8."""

    def __init__(self, path: Path, facts: Facts) -> None:
        super().__init__(str(path), facts)
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        with _reading(self.name), self.path.open("rb") as file:
            yield file

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._open() as file:
            yield from ((number, line) for number, raw in _lines(file, self.name) if (line := raw.strip()))

    def _check(self) -> None:
        first = next((line for _, line in self._lines()), None)
        if first is None:
            raise RegisterError(f"{self.name} is empty: there is no case in it")
        if first.startswith(b"["):
            raise RegisterError(f"{self.name} begins with a list; write one object a line, and no brackets around them")

    def _rows(self) -> Iterator[Row]:
        for number, line in self._lines():
            yield _line_row(number, line, self.facts)

    def _ids(self) -> Iterator[list[str]]:
        return map(_ids_of, self._gathered())

    def _id_series(self) -> Iterator[pl.Series]:
        return map(_id_series_of, self._gathered())

    def _gathered(self) -> Iterator[list[bytes]]:
        gathered: list[bytes] = []
        for _, line in self._lines():
            gathered.append(line)
            if len(gathered) >= TEXT_BATCH_ROWS:
                yield gathered
                gathered = []
        yield gathered

    def matching(self, case_id: str) -> Iterator[Row]:
        """Lines that hold the id somewhere are read; where none does, lines with escaped letters are."""
        self._check()
        spellings = {json.dumps(case_id)[1:-1].encode(), json.dumps(case_id, ensure_ascii=False)[1:-1].encode()}
        for number, line in self._lines():
            if any(spelling in line for spelling in spellings) or b"\\" in line:
                row = _line_row(number, line, self.facts)
                if row.case_id == case_id:
                    yield row


def _ids_of(lines: list[bytes]) -> list[str]:
    """The ids of lines of JSON; a line that is broken has none."""
    found = []
    for line in lines:
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(read, dict) and isinstance(read.get("case_id"), str):
            found.append(read["case_id"])
    return found


def _id_series_of(lines: list[bytes]) -> pl.Series:
    """The same, quickly where all lines are whole."""
    import polars as pl

    try:
        return pl.read_ndjson(b"\n".join(lines), schema={"case_id": pl.String}).to_series()
    except pl.exceptions.PolarsError:
        return pl.Series("case_id", _ids_of(lines), pl.String)


def _line_row(number: int, line: bytes, facts: Facts) -> Row:
    if len(line) > MAX_LINE:
        what = f"the line has over {MAX_LINE:,} bytes"
        problem = FieldProblem("", None, what, "one record a line; a record has a few hundred")
        return Row(number, None, QuarantinedRow(number, None, (problem,), line[:200].decode("utf-8", "replace")))
    try:
        return Row(number, read_json(line, facts))
    except RecordErrors as errors:
        return Row(number, None, QuarantinedRow(number, errors.case_id, tuple(errors.problems), _given(line)))


def _given(line: bytes) -> Any:
    try:
        return json_object(line)
    except RecordErrors:
        return line.decode("utf-8", "backslashreplace")


class StandardInput(LinesRegister):
    """JSON Lines on standard input, kept in an unnamed file because they are read twice."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(Path("-"), facts)
        self.name = "standard input"

    @cached_property
    def _kept(self) -> BinaryIO:
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the register
        for piece in iter(lambda: sys.stdin.buffer.read(1 << 20), b""):
            kept.write(piece)
        kept.flush()
        return kept

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        with open(self._kept.fileno(), "rb", closefd=False) as file:
            file.seek(0)
            yield file


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RegisterError(f"{name} cannot be read: {error.strerror or error}") from None


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; of a line that is too long only the beginning is kept."""
    number = offset = 0
    while line := file.readline(MAX_LINE + 2):
        number += 1
        if number == 1:
            line = _without_mark(line, name)
        whole = len(line)
        while len(line) > MAX_LINE and not line.endswith(b"\n") and (rest := file.readline(MAX_LINE)):
            whole += len(rest)
            if rest.endswith(b"\n"):
                break
        if whole == len(line):
            _check_utf8(line, name, number, offset)
        offset += whole
        yield number, line.rstrip(b"\r\n")


def _without_mark(line: bytes, name: str) -> bytes:
    for mark, encoding in ((b"\xff\xfe\0\0", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if line.startswith(mark):
            raise RegisterError(f"{name} is written in {encoding}; save it in UTF-8")
    if len(line) > 3 and line[:4].count(0) >= 1 and line.count(0) * 3 >= min(len(line), 64):
        raise RegisterError(f"{name} looks like UTF-16 without a mark; save it in UTF-8")
    return line.removeprefix(b"\xef\xbb\xbf")


def _check_utf8(line: bytes, name: str, number: int, offset: int) -> None:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"line {number}, byte {error.start + 1} of the line (byte {offset + error.start + 1} of the file)"
        likely = _likely_encoding(line)
        raise RegisterError(f"{name} is not UTF-8: {place}{likely}; save it in UTF-8") from None


def _likely_encoding(line: bytes) -> str:
    high = [byte for byte in line if byte >= 0x80]
    if sum(byte >= 0xC0 or byte in (0xA8, 0xB8) for byte in high) * 10 >= len(high) * 9:
        return ", probably Windows-1251 (Cyrillic) or Windows-1254 (Turkish, Azerbaijani)"
    return ""


# --- two sheets -----------------------------------------------------------------------------------------------

_CASES, _OFFENCES = "cases.csv", "offences.csv"
_BOOLEANS = {"true": True, "false": False}


class CsvRegister(_TextRegister):
    """A folder with `cases.csv` (facts as columns `facts.<name>`) and `offences.csv`, joined by `case_id`."""

    def __init__(self, folder: Path, facts: Facts) -> None:
        super().__init__(str(folder), facts)
        self.folder = folder
        missing = [name for name in (_CASES, _OFFENCES) if not (folder / name).is_file()]
        if _CASES in missing:
            raise RegisterError(f"the folder {folder} has no {_CASES}; {_FORMS}")
        if missing:
            hint = "add it, with its header alone if no offence is known"
            raise RegisterError(f"the folder {folder} has no {_OFFENCES}; {hint}")

    def _check(self) -> None:
        check_columns(_Sheet(self.folder / _CASES).header, self.facts, str(self.folder / _CASES), "facts.")
        self._check_offences()
        if next(iter(_Sheet(self.folder / _CASES)), None) is None:
            raise RegisterError(f"{self.folder / _CASES} is empty: there is no case in it")

    def _check_offences(self) -> None:
        sheet = _Sheet(self.folder / _OFFENCES)
        known = ("case_id", *(name for name in OFFENCE_FIELDS if name != "category"))
        problems = [unknown_name("column", name, known) for name in sheet.header if name not in known]
        if "case_id" not in sheet.header:
            problems.insert(0, "the column case_id is missing")
        if problems:
            raise RegisterError(f"{sheet.path}: " + "; ".join(problems))

    def _rows(self) -> Iterator[Row]:
        offences = self._offences_by_case(None)
        for line in _Sheet(self.folder / _CASES):
            yield self._row(line, offences.pop(line.values.get("case_id", ""), []))
        for case_id, orphans in offences.items():
            yield from (_orphan(case_id, line) for line in orphans)

    def _row(self, line: _Line, offences: list[_Line]) -> Row:
        given = _record_of(line.values, self.facts)
        if offences:
            given["offences"] = [_offence_of(offence.values) for offence in offences]
        problems = [*line.problems, *(problem for offence in offences for problem in offence.problems)]
        record = None
        try:
            record = read_record(given, self.facts)
        except RecordErrors as errors:
            problems += [_with_line(problem, offences) for problem in errors.problems]
        if record is not None and not problems:
            return Row(line.number, record)
        case_id = given.get("case_id")
        return Row(line.number, None, QuarantinedRow(line.number, case_id, tuple(problems), given, _CASES))

    def _offences_by_case(self, case_id: str | None) -> dict[str, list[_Line]]:
        by_case: dict[str, list[_Line]] = {}
        for line in _Sheet(self.folder / _OFFENCES):
            of_case = line.values.get("case_id", "")
            if case_id is None or of_case == case_id:
                by_case.setdefault(of_case, []).append(line)
        return by_case

    def _ids(self) -> Iterator[list[str]]:
        gathered: list[str] = []
        for line in _Sheet(self.folder / _CASES):
            if case_id := line.values.get("case_id"):
                gathered.append(case_id)
            if len(gathered) >= TEXT_BATCH_ROWS:
                yield gathered
                gathered = []
        yield gathered

    def matching(self, case_id: str) -> Iterator[Row]:
        """Lines of the case sheet with the id, each with the offences of that id."""
        self._check()
        offences = self._offences_by_case(case_id).get(case_id, [])
        for line in _Sheet(self.folder / _CASES):
            if line.values.get("case_id") == case_id:
                yield self._row(line, offences)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a sheet: its number, its values by column (empty ones left out), and what is wrong with its form."""

    number: int
    values: dict[str, str]
    problems: tuple[FieldProblem, ...] = ()


class _Sheet:
    """A CSV sheet in UTF-8, its values separated by commas, semicolons or tabs as its header shows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with _reading(str(path)), path.open("rb") as file:
            first = next((line for _, line in _lines(file, str(path))), b"")
        if not first.strip():
            raise RegisterError(f"{path} is empty: not even a header is in it")
        head = first.decode("utf-8")
        self.separator = max(",;\t", key=head.count)
        self.header = [name.strip() for name in next(csv.reader([head], delimiter=self.separator))]
        repeated = [name for name, count in Counter(self.header).items() if count > 1]
        if repeated:
            raise RegisterError(f"{path}: the column {repeated[0]} stands twice")

    def __iter__(self) -> Iterator[_Line]:
        with _reading(str(self.path)), self.path.open("rb") as file:
            text = (line.decode("utf-8") + "\n" for _, line in _lines(file, str(self.path)))
            reader = csv.reader(text, delimiter=self.separator, strict=True)
            number = 1
            try:
                for values in reader:
                    if number > 1 and any(values):
                        yield self._line(number, values)
                    number = reader.line_num + 1
            except csv.Error as error:
                where = f"{self.path}, from line {number}"
                raise RegisterError(f"{where}: {error}; look for a quotation mark that is not closed") from None

    def _line(self, number: int, values: list[str]) -> _Line:
        problems: list[FieldProblem] = []
        if len(values) != len(self.header):
            what = f"the line has {len(values)} values, the header has {len(self.header)}"
            problems.append(FieldProblem("", None, what, "look for a separator inside a value; put it in quotes"))
        named = {name: value.strip() for name, value in zip(self.header, values, strict=False) if value.strip()}
        problems += [
            FieldProblem(name, value, "a null byte stands in the value", "remove it")
            for name, value in named.items()
            if "\0" in value
        ]
        return _Line(number, named, tuple(problems))


def _record_of(values: Mapping[str, str], facts: Facts) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, text in values.items():
        if name.startswith("facts."):
            fact = name.removeprefix("facts.")
            record.setdefault("facts", {})[fact] = _value(text, facts.get(fact))
        else:
            record[name] = text if name in IDENTITY_FIELDS else _value(text, CASE_FIELDS.get(name))
    return record


def _value(text: str, kind: ValueType | None) -> Any:
    """The value that a text of a sheet stands for; where it stands for none, the text, which is then refused."""
    if kind is not None and kind.kind is Kind.BOOLEAN:
        return _BOOLEANS.get(text.lower(), text)
    if kind is not None and kind.kind is Kind.NUMBER:
        for read in (int, float):
            try:
                return read(text)
            except ValueError:
                continue
    return text


def _offence_of(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: text for name, text in values.items() if name != "case_id"}


def _with_line(problem: FieldProblem, offences: list[_Line]) -> FieldProblem:
    """A problem of an offence says on which line of its own sheet it stands."""
    section, _, rest = problem.field.partition(".")
    index = rest.partition(".")[0]
    if section != "offences" or not index.isdigit() or int(index) >= len(offences):
        return problem
    line = offences[int(index)].number
    return FieldProblem(problem.field, problem.value, f"{problem.what} ({_OFFENCES} line {line})", problem.mend)


def _orphan(case_id: str, line: _Line) -> Row:
    what = f"the offence belongs to no case of {_CASES}" if case_id else "the offence names no case"
    problem = FieldProblem("case_id", case_id or None, what, f"add the case to {_CASES}, or mend the id")
    aside = QuarantinedRow(line.number, None, (problem, *line.problems), dict(line.values), _OFFENCES)
    return Row(line.number, None, aside)


# --- Parquet --------------------------------------------------------------------------------------------------


class ParquetRegister(Register):
    """Nested Parquet: one row a case, with a list of offences and a struct of facts."""

    def __init__(self, path: Path, facts: Facts) -> None:
        super().__init__(str(path), facts)
        self.path = path

    @property
    def total(self) -> int | None:
        """The number of rows, from the table of contents."""
        from clemency.records.frames import parquet_rows

        return parquet_rows(self.path)

    def batches(self, rows: int | None = None) -> Iterator[Batch]:
        """Row ranges of the file, screened as a whole."""
        from clemency.records.frames import BATCH_ROWS, parquet_batches

        return parquet_batches(self.path, None, self.facts, rows or BATCH_ROWS)

    def records(self) -> Iterator[tuple[int, CaseRecord | RecordErrors]]:
        """Row by row, out of the batches."""
        for batch in self.batches(TEXT_BATCH_ROWS):
            found: list[tuple[int, CaseRecord | RecordErrors]] = [
                (row.row, RecordErrors(row.case_id, list(row.problems))) for row in batch.quarantined
            ]
            fine = _plain_rows(batch.frame, batch.rows)
            found += [(number, read_record(given, self.facts)) for number, given in fine]
            yield from sorted(found, key=lambda pair: pair[0])

    def matching(self, case_id: str) -> Iterator[Row]:
        """Rows with the id, found without reading the others."""
        import polars as pl

        from clemency.records.frames import parquet_schema, screened

        schema = parquet_schema(self.path)
        if "case_id" not in schema:
            raise RegisterError(f"{self.path}: the column case_id is missing")
        rows = pl.scan_parquet(self.path).with_row_index("row number", offset=1)
        found = rows.filter(pl.col("case_id").cast(pl.String) == case_id).collect()
        numbers = found.get_column("row number").to_list()
        for place, number in enumerate(numbers):
            batch = screened(found.slice(place, 1).drop("row number"), number, self.facts, frozenset())
            for aside in batch.quarantined:
                yield Row(number, None, aside)
            for _, given in _plain_rows(batch.frame, batch.rows):
                yield Row(number, read_record(given, self.facts))

    def some_ids(self) -> list[str]:
        """The first ids of the file."""
        import polars as pl

        ids = pl.scan_parquet(self.path).select(pl.col("case_id").cast(pl.String)).head(_NEAR_IDS).collect()
        return ids.to_series().drop_nulls().to_list()


def _plain_rows(frame: pl.DataFrame, numbers: pl.Series) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a frame as records state them: without nulls."""
    for number, given in zip(numbers, frame.iter_rows(named=True), strict=True):
        yield number, _known(given)


def _known(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: _known(value) for name, value in given.items() if value is not None}
    if isinstance(given, list):
        return [_known(value) for value in given]
    return given


__all__ = ["CaseNotFound", "Register", "RegisterError", "open_register"]
