"""An office's own decisions: what people decided, case by case, beside what the rules determine.

A decisions file has one row a decision: CSV, JSON Lines or Parquet. A case may stand in it several times, since history
is written by new rows; the decision of the latest day counts. A file with anything wrong in it is refused as a whole,
with every problem, because a count that leaves rows out would not be exact.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clemency.law.act import Act
from clemency.law.vocabulary import RELIEFS
from clemency.observe.claims import Quantity
from clemency.observe.given import case_columns, chosen
from clemency.observe.library_files import nearest
from clemency.records.quarantine import QuarantineLog
from clemency.records.register import Register

if TYPE_CHECKING:
    import polars as pl

#: `returned`: sent back without a decision. `withdrawn`: an earlier decision no longer stands.
DECISIONS = ("granted", "refused", "returned", "withdrawn")
COLUMNS = {
    "case_id": "the case, as the register names it",
    "decided_on": "day of the decision",
    "decision": "one of: " + ", ".join(DECISIONS),
    "relief": "relief that was granted, one of: " + ", ".join(RELIEFS),
    "grant": "clause of the act under which it was granted; may be left empty",
    "body": "who decided; may be left empty",
    "note": "anything else; may be left empty",
}
NEEDED = ("case_id", "decided_on", "decision", "relief")
_FORMS = "a decisions file is CSV (.csv), JSON Lines (.jsonl) or Parquet (.parquet)"
_SHOWN = 20
_EXAMPLES = 5


@dataclass(frozen=True, slots=True, order=True)
class DecisionProblem:
    """One value of a decisions file that does not fit: its row, its column, why, and how to mend it."""

    row: int
    column: str
    what: str
    value: str | None = None
    mend: str = ""

    def __str__(self) -> str:
        value = "" if self.value is None else f"{self.value[:60]!r}: "
        mend = f" ({self.mend})" if self.mend else ""
        column = f", column {self.column}" if self.column else ""
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}{column}: {value}{self.what}{mend}"


class DecisionErrors(ValueError):
    """Everything that does not fit in a decisions file."""

    def __init__(self, file: str, problems: Iterable[DecisionProblem]) -> None:
        self.file = file
        self.problems = sorted(set(problems), key=lambda one: (one.row, one.column, one.what))
        shown = [f"{file}: {problem}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"{file}: … and {len(self.problems) - _SHOWN:,} more problems")
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Decisions:
    """The decision that stands in each case, one row a case, with how many rows the file had."""

    file: str
    frame: pl.DataFrame
    rows: int

    @property
    def granted(self) -> pl.DataFrame:
        """The cases in which a relief was granted and stands."""
        return self.frame.filter(self.frame.get_column("decision") == "granted")

    @property
    def last_day(self) -> date | None:
        """The latest day on which something was decided."""
        day = self.frame.get_column("decided_on").max()
        return day if isinstance(day, date) else None


# --- reading --------------------------------------------------------------------------------------------------


def read_decisions(path: Path, act: Act) -> Decisions:
    """The decisions of a file, checked against an act. Raises DecisionErrors with every problem at once."""
    import polars as pl

    if not path.is_file():
        raise DecisionErrors(str(path), [DecisionProblem(0, "", "there is no such file")])
    columns, rows = _columns(path)
    problems = list(_head_problems(columns))
    if problems:
        raise DecisionErrors(str(path), problems)
    texts = {name: columns.get(name, [None] * len(rows)) for name in COLUMNS}
    problems = list(_problems(texts, rows, act))
    if problems:
        raise DecisionErrors(str(path), problems)
    frame = pl.DataFrame({name: pl.Series(name, values, pl.String) for name, values in texts.items()}).with_columns(
        pl.col("decided_on").str.to_date("%Y-%m-%d")
    )
    standing = frame.sort("decided_on", maintain_order=True).unique("case_id", keep="last", maintain_order=True)
    return Decisions(str(path), standing, frame.height)


Texts = dict[str, list[str | None]]


def _columns(path: Path) -> tuple[Texts, list[int]]:
    """Each column as text, and the number by which each row is known: its line, or its place in a Parquet file."""
    ending = path.suffix.lower()
    if ending == ".parquet":
        return _from_parquet(path)
    if ending not in (".csv", ".jsonl", ".ndjson"):
        raise DecisionErrors(str(path), [DecisionProblem(0, "", _FORMS)])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DecisionErrors(str(path), [DecisionProblem(0, "", "is not UTF-8 text")]) from None
    return _from_csv(path, text) if ending == ".csv" else _from_lines(path, text)


def _from_csv(path: Path, text: str) -> tuple[Texts, list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, numbers, problems = list[list[str]](), list[int](), list[DecisionProblem]()
    try:
        head = [name.strip() for name in next(reader, [])]
        end = reader.line_num
        for cells in reader:
            line, end = end + 1, reader.line_num
            if cells and len(cells) != len(head):
                problems.append(DecisionProblem(line, "", f"has {len(cells)} cells and the head {len(head)}"))
            elif cells:
                rows.append(cells)
                numbers.append(line)
    except csv.Error as error:
        problems.append(DecisionProblem(reader.line_num, "", f"is no CSV: {error}"))
    if len(set(head)) < len(head):
        problems.append(DecisionProblem(1, "", "a column stands twice"))
    if problems:
        raise DecisionErrors(str(path), problems)
    return {name: [row[place].strip() or None for row in rows] for place, name in enumerate(head)}, numbers


def _from_lines(path: Path, text: str) -> tuple[Texts, list[int]]:
    objects, numbers, problems = list[dict[str, Any]](), list[int](), list[DecisionProblem]()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read = json.loads(line)
        except json.JSONDecodeError as error:
            problems.append(DecisionProblem(number, "", f"is no JSON: {error.msg}"))
            continue
        if not isinstance(read, dict):
            problems.append(DecisionProblem(number, "", "is no object with fields such as case_id"))
            continue
        for name, value in read.items():
            if value is not None and not isinstance(value, str):
                problems.append(DecisionProblem(number, name, "is no text", json.dumps(value), "put it in quotes"))
        objects.append(read)
        numbers.append(number)
    if problems:
        raise DecisionErrors(str(path), problems)
    names = dict.fromkeys(name for one in objects for name in one)
    return {name: [one.get(name) for one in objects] for name in names}, numbers


def _from_parquet(path: Path) -> tuple[Texts, list[int]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DecisionErrors(str(path), [DecisionProblem(0, "", f"is no Parquet file: {error}")]) from None
    texts = {name: frame.get_column(name).cast(pl.String, strict=False).to_list() for name in frame.columns}
    return texts, list(range(1, frame.height + 1))


def _head_problems(columns: Mapping[str, object]) -> Iterator[DecisionProblem]:
    for name in NEEDED:
        if name not in columns:
            yield DecisionProblem(0, name, "the column is missing")
    for name in columns:
        if name not in COLUMNS:
            yield DecisionProblem(0, name, "unknown column", mend=nearest(name, COLUMNS))


def _problems(texts: Texts, rows: Sequence[int], act: Act) -> Iterator[DecisionProblem]:
    grants = {grant.id: grant.relief.kind for grant in act.grants}
    known = {"decision": DECISIONS, "relief": RELIEFS, "grant": tuple(grants)}
    for place, row in enumerate(rows):
        value = {name: texts[name][place] for name in COLUMNS}
        for name in ("case_id", "decided_on", "decision"):
            if value[name] is None:
                yield DecisionProblem(row, name, "is empty")
        for name, words in known.items():
            if value[name] is not None and value[name] not in words:
                what = f"{act.id} has no such clause" if name == "grant" else f"is none of: {', '.join(words)}"
                yield DecisionProblem(row, name, what, value[name], nearest(value[name] or "", words))
        if value["decided_on"] is not None and not _is_day(value["decided_on"]):
            yield DecisionProblem(row, "decided_on", "is no day; write it as 2026-01-14", value["decided_on"])
        yield from _relief_problems(row, value, grants)
    yield from _twice(texts, rows)


def _relief_problems(row: int, value: Mapping[str, str | None], grants: Mapping[str, str]) -> Iterator[DecisionProblem]:
    decision, relief, grant = value["decision"], value["relief"], value["grant"]
    if decision == "granted":
        if relief is None:
            yield DecisionProblem(row, "relief", "is empty", mend="a decision that grants says which relief")
        elif grant is not None and relief in RELIEFS and grants.get(grant, relief) != relief:
            yield DecisionProblem(row, "relief", f"clause {grant} gives {grants[grant]}", relief)
    elif decision in DECISIONS:
        for name in ("relief", "grant"):
            if value[name] is not None:
                what = f"nothing is granted where the decision is {decision}"
                yield DecisionProblem(row, name, what, value[name])


def _twice(texts: Texts, rows: Sequence[int]) -> Iterator[DecisionProblem]:
    """Two decisions in one case on one day leave open which of them stands."""
    seen: dict[tuple[str | None, str | None], int] = {}
    for row, case, day in zip(rows, texts["case_id"], texts["decided_on"], strict=True):
        if case is None or day is None:
            continue
        if (case, day) in seen:
            what = f"case {case} has two decisions of this day; the other is row {seen[case, day]}"
            yield DecisionProblem(row, "decided_on", what, day, "keep the one that stands")
        seen.setdefault((case, day), row)


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# --- counted and compared -------------------------------------------------------------------------------------

#: Where a decision and the determination of the same case part, and what each is called.
DIFFERENCES = {
    "granted_not_covered": "granted, and by the rules the act does not cover the case or an exclusion closes it",
    "granted_undetermined": "granted, and the record leaves the rules open",
    "refused_granted": "refused, and by the rules the act covers the case",
    "refused_undetermined": "refused, and the record leaves the rules open",
    "other_relief": "granted, with another relief than the rules give",
    "other_clause": "granted with the same relief, under another clause than the rules count it",
    "not_decided": "no decision, and by the rules the act covers the case",
    "not_in_register": "decided, and the register has no such case",
}


@dataclass
class Compared:
    """Decisions counted exactly, by quantity and day, and where they differ from the determinations.

    `by_day` holds for each quantity the number granted on each day. `unplaced` were granted without a clause, in cases
    where the rules give no clause of that relief: they are in the total and under no line of it.
    """

    file: str
    rows: int
    cases: int
    outcomes: Counter[str]
    last_day: date | None
    by_day: dict[str, Counter[date]] = field(default_factory=dict)
    unplaced: int = 0
    agree: int = 0
    reserved: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    register: str | None = None

    def by(self, quantity: str, day: date | None = None) -> int | None:
        """How many were granted of a quantity, up to a day if one is named; None where that cannot be told."""
        if quantity not in self.by_day:
            return None
        return sum(count for when, count in self.by_day[quantity].items() if day is None or when <= day)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "file": self.file,
            "rows": self.rows,
            "cases": self.cases,
            "decisions": dict(self.outcomes),
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "granted": {name: self.by(name) for name in self.by_day},
            "unplaced": self.unplaced,
            "register": self.register,
            "agree": self.agree if self.register else None,
            "granted_with_open_reservations": self.reserved if self.register else None,
            "differences": {
                name: {
                    "what": DIFFERENCES[name],
                    "cases": self.differences[name],
                    "examples": self.examples.get(name, []),
                }
                for name in DIFFERENCES
            }
            if self.register
            else {},
        }


def count_decisions(decided: Decisions, act: Act, known: Mapping[str, Quantity]) -> Compared:
    """Decisions counted on their own: by quantity where the clause they name tells it, and no more."""
    import polars as pl

    granted = decided.granted
    compared = _bare(decided)
    compared.unplaced = granted.get_column("grant").null_count()
    for name, one in known.items():
        if one.clauses(act) and not one.where and not one.where_not:
            wanted = granted if _everybody(one, act) else granted.filter(pl.col("grant").is_in(list(one.clauses(act))))
            compared.by_day[name] = _days(wanted)
    return compared


def compare_decisions(
    decided: Decisions,
    register: Register,
    act: Act,
    known: Mapping[str, Quantity],
    log: QuarantineLog,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Compared:
    """Decisions beside the determinations of a register, case by case; rows that do not fit go to the log."""
    import polars as pl

    from clemency.determine.columns import determine_frame

    compared, asked = _bare(decided), {name: one for name, one in known.items() if one.clauses(act)}
    compared.register = register.name
    compared.by_day = {name: Counter() for name in asked}
    seen: list[pl.Series] = []
    done = 0
    for batch in register.batches():
        log.add(batch.quarantined)
        answers = determine_frame(batch.frame, act)
        joined = _joined(case_columns(batch.frame, act), answers, decided)
        seen.append(joined.get_column("case_id").filter(joined.get_column("decision").is_not_null()))
        _count_batch(joined, act, asked, compared)
        done += batch.frame.height + len(batch.quarantined)
        progress(done, register.total)
    found = pl.concat(seen) if seen else pl.Series("case_id", [], pl.String)
    strangers = decided.frame.filter(~pl.col("case_id").is_in(found.implode()))
    _tell(compared, "not_in_register", strangers)
    _count_strangers(strangers, act, asked, compared)
    return compared


def _bare(decided: Decisions) -> Compared:
    outcomes = Counter(dict(decided.frame.get_column("decision").value_counts().iter_rows()))
    return Compared(decided.file, decided.rows, decided.frame.height, outcomes, decided.last_day)


def _joined(columns: pl.DataFrame, answers: pl.DataFrame, decided: Decisions) -> pl.DataFrame:
    """The cases of a batch with what the rules say (`rule_...`) and what was decided, if anything."""
    import polars as pl

    said = answers.select(
        pl.col("outcome").cast(pl.String).alias("rule_outcome"),
        pl.col("relief").cast(pl.String).alias("rule_relief"),
        pl.col("grant").cast(pl.String).alias("rule_grant"),
        (pl.col("reservations").cast(pl.String).fill_null("") != "").alias("rule_reserved"),
    )
    mine = decided.frame.select("case_id", "decided_on", "decision", "relief", "grant")
    joined = pl.concat([columns, said], how="horizontal").join(mine, on="case_id", how="left", maintain_order="left")
    placed = pl.when(pl.col("rule_relief") == pl.col("relief")).then(pl.col("rule_grant"))
    return joined.with_columns(
        pl.when(pl.col("decision") == "granted").then(pl.coalesce("grant", placed)).alias("placed")
    )


def _count_batch(joined: pl.DataFrame, act: Act, asked: Mapping[str, Quantity], compared: Compared) -> None:
    import polars as pl

    granted = (joined.get_column("decision") == "granted").fill_null(False)
    for name, one in asked.items():
        sure, _ = chosen(joined, one)
        fits = granted & sure
        if not _everybody(one, act):
            fits &= joined.get_column("placed").is_in(list(one.clauses(act))).fill_null(False)
        compared.by_day[name] += _days(joined.filter(fits))
    compared.unplaced += int((granted & joined.get_column("placed").is_null()).sum())
    compared.reserved += int((granted & joined.get_column("rule_reserved")).sum())
    rule, decision = pl.col("rule_outcome"), pl.col("decision")
    apart = {
        "granted_not_covered": (decision == "granted") & rule.is_in(["excluded", "not_covered"]),
        "granted_undetermined": (decision == "granted") & (rule == "undetermined"),
        "refused_granted": (decision == "refused") & (rule == "granted"),
        "refused_undetermined": (decision == "refused") & (rule == "undetermined"),
        "other_relief": (decision == "granted") & (rule == "granted") & (pl.col("relief") != pl.col("rule_relief")),
        "other_clause": (decision == "granted")
        & (rule == "granted")
        & (pl.col("relief") == pl.col("rule_relief"))
        & (pl.col("grant") != pl.col("rule_grant")),
        "not_decided": (rule == "granted") & (decision.is_null() | decision.is_in(["returned", "withdrawn"])),
    }
    for name, condition in apart.items():
        _tell(compared, name, joined.filter(condition))
    same = ((decision == "granted") & (rule == "granted") & (pl.col("relief") == pl.col("rule_relief"))) | (
        (decision == "refused") & rule.is_in(["excluded", "not_covered"])
    )
    compared.agree += joined.filter(same).height


def _count_strangers(strangers: pl.DataFrame, act: Act, asked: Mapping[str, Quantity], compared: Compared) -> None:
    """Decisions in cases that the register does not have count where their clause tells it, and else in the total."""
    import polars as pl

    granted = strangers.filter(pl.col("decision") == "granted")
    compared.unplaced += granted.get_column("grant").null_count()
    for name, one in asked.items():
        if one.where or one.where_not:
            continue
        fits = granted if _everybody(one, act) else granted.filter(pl.col("grant").is_in(list(one.clauses(act))))
        compared.by_day[name] += _days(fits)


def _tell(compared: Compared, name: str, cases: pl.DataFrame) -> None:
    compared.differences[name] += cases.height
    told = compared.examples.setdefault(name, [])
    told += cases.get_column("case_id").head(max(0, _EXAMPLES - len(told))).to_list()


def _days(cases: pl.DataFrame) -> Counter[date]:
    return Counter(dict(cases.get_column("decided_on").value_counts().iter_rows()))


def _everybody(one: Quantity, act: Act) -> bool:
    """Whether every clause of the act feeds the quantity, so that a grant without a clause belongs to it as well."""
    return len(one.clauses(act)) == len(act.grants)
