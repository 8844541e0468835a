"""Rows that do not fit: put aside with their number, what is wrong and how to mend it. Nothing is dropped."""

from __future__ import annotations

import difflib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from clemency.law.vocabulary import CASE_FIELDS, IDENTITY_FIELDS
from clemency.records.files import atomic_path
from clemency.records.record import FieldProblem

_EXAMPLES = 20


class RegisterError(ValueError):
    """A register that cannot be read as a whole: what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row of a register that does not fit.

    `row` is the line of a text file, counted from 1, or the row of a Parquet file, counted from 1; `given` is the row
    as it was given; `file` names the sheet where a register has several.
    """

    row: int
    case_id: str | None
    problems: tuple[FieldProblem, ...]
    given: Any = None
    file: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data, as it stands in a quarantine file."""
        plain: dict[str, Any] = {"file": self.file} if self.file else {}
        return plain | {
            "row": self.row,
            "case_id": self.case_id,
            "problems": [
                {"field": one.field, "value": _writable(one.value), "what": one.what, "mend": one.mend}
                for one in self.problems
            ],
            "given": _writable(self.given),
        }

    def lines(self) -> list[str]:
        """One line a problem, for a person."""
        place = f"{self.file} line {self.row}" if self.file else f"row {self.row}"
        who = f", case {shown(self.case_id)}" if self.case_id else ""
        return [f"{place}{who}: {_told(problem)}" for problem in self.problems]


def shown(text: str) -> str:
    """Text from a file with its control characters made visible, so that it cannot drive a terminal.

    >>> shown("A-1"), shown("A" + chr(27) + "[2J")
    ('A-1', 'A\\\\x1b[2J')
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _told(problem: FieldProblem) -> str:
    mend = f" ({problem.mend})" if problem.mend else ""
    if problem.field and problem.value is not None:
        return shown(str(problem))
    if problem.field:
        return shown(f"{problem.field}: {problem.what}{mend}")
    row = str(problem.value)
    begins = f"; the row begins {row[:40]}" if problem.value is not None and problem.value != "" else ""
    return shown(f"{problem.what}{begins}{mend}")


def _writable(value: Any) -> Any:
    """A value as JSON can hold it; what it cannot hold is written as text."""
    if isinstance(value, dict):
        return {str(name): _writable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def check_columns(found: Iterable[str], facts: Iterable[str], where: str, fact_prefix: str = "") -> None:
    """A register has a column of case ids and no column that nobody knows; all such columns are told at once."""
    names = list(found)
    known = [*IDENTITY_FIELDS, *CASE_FIELDS]
    known += [fact_prefix + name for name in facts] if fact_prefix else ["offences", "facts"]
    problems = [unknown_name("column", name, known) for name in names if name not in known]
    if "case_id" not in names:
        problems.insert(0, "the column case_id is missing")
    if problems:
        raise RegisterError(f"{where}: " + "; ".join(problems))


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """An unknown name, with the nearest one that is known."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"unknown {what} {name}" + (f" (did you mean {close[0]}?)" if close else "")


def given_twice(case_id: str | None) -> FieldProblem:
    """An id that several rows bear: nobody can say which of them is right, so none is used."""
    return FieldProblem("case_id", case_id, "several rows bear this id", "keep one row, or give each case its own id")


def write_quarantine(path: Path, rows: Iterable[QuarantinedRow]) -> int:
    """Write the rows that were put aside, one JSON object a line, and say how many; whole or not at all."""
    with quarantine_log(path) as log:
        log.add(rows)
    return log.count


@dataclass
class QuarantineLog:
    """What was put aside so far: how many rows, of what kinds, the first few; each row also goes to `file`, if any."""

    count: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[QuarantinedRow] = field(default_factory=list)
    file: TextIO | None = None

    def add(self, rows: Iterable[QuarantinedRow]) -> None:
        """Put rows aside."""
        for row in rows:
            self.count += 1
            self.kinds.update({_kind(problem) for problem in row.problems})
            if len(self.examples) < _EXAMPLES:
                self.examples.append(row)
            if self.file is not None:
                self.file.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")


def _kind(problem: FieldProblem) -> tuple[str, str]:
    """A problem without its place in a list, so that like problems are counted together."""
    return ".".join(step for step in problem.field.split(".") if not step.isdigit()), problem.what


@contextmanager
def quarantine_log(path: Path | None) -> Iterator[QuarantineLog]:
    """A log of rows put aside; with a path it is also written there, whole or not at all."""
    if path is None:
        yield QuarantineLog()
        return
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        yield QuarantineLog(file=file)
