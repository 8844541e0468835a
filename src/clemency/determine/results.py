"""Determinations of many cases: a table that can be read, counted, passed on and looked at.

`determine` is the door of the library: one record, many records, or a frame of nested records in any library that
speaks the Arrow interchange (Polars, PyArrow, pandas).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from clemency.determine.determination import Determination
from clemency.law.act import Act, load_act
from clemency.law.vocabulary import OUTCOMES
from clemency.records.quarantine import QuarantinedRow, RegisterError
from clemency.records.record import CaseRecord, FieldProblem, RecordErrors, known_facts, read_record

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 10
_FACTS = "facts."
_OUTCOME_COLOURS = {"granted": "#2a7f62", "undetermined": "#b7791f", "excluded": "#8a4b4b", "not_covered": "#7a7f87"}


@overload
def determine(cases: Mapping[str, Any] | CaseRecord, act: Act | str | Path) -> Determination:
    """One case."""


@overload
def determine(cases: Iterable[Mapping[str, Any] | CaseRecord] | Any, act: Act | str | Path) -> Determinations:
    """Many cases."""


def determine(cases: Any, act: Act | str | Path) -> Determination | Determinations:
    """What an act says for one case, or for many.

    One record gives one determination, and raises RecordErrors where it does not fit. Many records, or a frame, give
    `Determinations`; rows that do not fit stand in their `quarantined`.

    >>> determine({"case_id": "1", "stage": "served"}, "az-2025").outcome
    'not_covered'
    >>> many = determine([{"case_id": "1"}, {"case_id": "2", "sex": "?"}], "az-2025")
    >>> [answer["outcome"] for answer in many], many.quarantined[0].case_id
    (['undetermined'], '2')
    """
    act = act if isinstance(act, Act) else load_act(act)
    if isinstance(cases, Mapping | CaseRecord):
        from clemency.determine.interpreter import determine_case

        return determine_case(cases, act)
    if isinstance(cases, str | bytes | Path):
        raise TypeError("give records or a frame; a register on disk is opened with clemency.records.register")
    if hasattr(cases, "__arrow_c_stream__") or type(cases).__name__ == "LazyFrame":
        return _of_frame(cases, act)
    return _of_records(cases, act)


def _of_records(cases: Iterable[Any], act: Act) -> Determinations:
    from clemency.determine.columns import determine_frame
    from clemency.records.frames import frame_of

    facts = known_facts(act)
    fine: list[CaseRecord] = []
    aside: list[QuarantinedRow] = []
    given = list(cases)
    counted = Counter(case_id for case in given if isinstance(case_id := _stated_id(case), str))
    for row, case in enumerate(given, start=1):
        case_id = _stated_id(case)
        problems: list[FieldProblem] = []
        record = None
        try:
            record = read_record(case, facts)
        except RecordErrors as errors:
            problems = errors.problems
        if isinstance(case_id, str) and counted[case_id] > 1:
            problems = [*problems, FieldProblem("case_id", case_id, "several records bear this id")]
        if record is not None and not problems:
            fine.append(record)
        else:
            aside.append(QuarantinedRow(row, case_id if isinstance(case_id, str) else None, tuple(problems), case))
    return Determinations(determine_frame(frame_of(fine, facts), act), act, aside)


def _stated_id(case: Any) -> Any:
    return case.case_id if isinstance(case, CaseRecord) else case.get("case_id") if isinstance(case, Mapping) else None


def _of_frame(frame: Any, act: Act) -> Determinations:
    import polars as pl

    from clemency.determine.columns import determine_frame
    from clemency.records.frames import check_types, duplicate_ids, screened

    facts = known_facts(act)
    taken = frame.collect() if isinstance(frame, pl.LazyFrame) else pl.DataFrame(frame)
    nested = _nested(taken)
    check_types(nested.schema, facts, "the frame")
    twice = duplicate_ids(lambda: [nested.get_column("case_id").cast(pl.String)])
    batch = screened(nested, 1, facts, twice)
    return Determinations(determine_frame(batch.frame, act), act, batch.quarantined)


def _nested(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose facts stand in columns `facts.<name>` gets them as one struct."""
    import polars as pl

    flat = [name for name in frame.columns if name.startswith(_FACTS)]
    if not flat:
        return frame
    if "facts" in frame.columns:
        raise RegisterError("the frame: facts stand both in a struct and in columns of their own; use one of them")
    facts = pl.struct(pl.col(name).alias(name.removeprefix(_FACTS)) for name in flat)
    return frame.select(pl.exclude(flat), facts.alias("facts"))


# --- counted --------------------------------------------------------------------------------------------------


@dataclass
class Summary:
    """How many cases got which answer. Two summaries of different cases can be added."""

    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reliefs: Counter[str] = field(default_factory=Counter)
    grants: Counter[str] = field(default_factory=Counter)
    exclusions: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    improvable: int = 0
    contradictions: int = 0
    quarantined: int = 0

    @staticmethod
    def of(result: pl.DataFrame) -> Summary:
        """Count a table of determinations. `missing` counts cases, `exclusions` those of excluded cases."""
        import polars as pl

        closed = result.filter(pl.col("outcome") == "excluded")
        return Summary(
            cases=result.height,
            outcomes=_counts(result, "outcome"),
            reliefs=_counts(result, "relief"),
            grants=_counts(result, "grant"),
            exclusions=_each(_counts(closed, "exclusions")),
            missing=_each(_counts(result, "missing")),
            improvable=int((result.get_column("could_improve").fill_null("") != "").sum()),
            contradictions=result.height - result.get_column("contradiction").null_count(),
        )

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            self.cases + other.cases,
            self.outcomes + other.outcomes,
            self.reliefs + other.reliefs,
            self.grants + other.grants,
            self.exclusions + other.exclusions,
            self.missing + other.missing,
            self.improvable + other.improvable,
            self.contradictions + other.contradictions,
            self.quarantined + other.quarantined,
        )


def _counts(result: pl.DataFrame, column: str) -> Counter[str]:
    import polars as pl

    counted = result.get_column(column).cast(pl.String).drop_nulls().value_counts()
    return Counter(dict(counted.iter_rows()))


def _each(texts: Counter[str]) -> Counter[str]:
    """Items of joined texts, each counted once a case; in which offence something is missing does not matter."""
    counted: Counter[str] = Counter()
    for text, cases in texts.items():
        for item in {item.partition("@")[0] for item in text.split("; ") if item}:
            counted[item] += cases
    return counted


# --- the table ------------------------------------------------------------------------------------------------


class Determinations:
    """The determinations of many cases, in the order of the cases, with the rows that were put aside.

    Iterating gives each as plain data; `to_polars`, `to_arrow`, `to_pandas` and the Arrow interchange give the table.
    """

    def __init__(self, frame: pl.DataFrame, act: Act, quarantined: list[QuarantinedRow] | None = None) -> None:
        self._frame, self.act = frame, act
        self.quarantined = quarantined or []

    def __len__(self) -> int:
        return self._frame.height

    def __iter__(self) -> Iterator[dict[str, Any]]:
        from clemency.determine.columns import json_rows

        return json_rows(self._frame, self.act)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Determinations: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Determinations:
        if isinstance(place, slice):
            return Determinations(self._frame[place], self.act)
        if not -len(self) <= place < len(self):
            raise IndexError(f"there are {len(self)} determinations")
        return next(iter(self[place % len(self) : place % len(self) + 1]))

    def to_polars(self) -> pl.DataFrame:
        """The table, one row a case."""
        return self._frame

    def to_arrow(self) -> Any:
        """The table for PyArrow."""
        return self._frame.to_arrow()

    def to_pandas(self) -> Any:
        """The table for pandas, its types those of Arrow so that unknown stays unknown."""
        import pandas as pd

        return self.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)

    @cached_property
    def _counted(self) -> Summary:
        summary = Summary.of(self._frame)
        summary.quarantined = len(self.quarantined)
        return summary

    def summary(self) -> Summary:
        """How many cases got which answer."""
        return self._counted

    def __repr__(self) -> str:
        counted = self._counted.outcomes
        parts = [f"{counted[outcome]:,} {outcome}" for outcome in OUTCOMES if counted[outcome]]
        aside = f"; {len(self.quarantined):,} put aside" if self.quarantined else ""
        return f"<{len(self):,} determinations under {self.act.id}: {', '.join(parts) or 'none'}{aside}>"

    def _repr_html_(self) -> str:
        """A picture for a notebook: a bar an outcome, and the first cases. It holds no script and loads nothing."""
        title = escape(self.act.title.get("en", self.act.id))
        aside = f"<p>{len(self.quarantined):,} rows were put aside.</p>" if self.quarantined else ""
        return (
            '<div style="font-family:sans-serif;max-width:60em;color:#222">'
            f'<p style="margin:0 0 .6em"><b>{len(self):,} cases</b> under {title} ({escape(self.act.id)})</p>'
            f"{self._bars()}{self._table()}{aside}</div>"
        )

    def _bars(self) -> str:
        total = max(len(self), 1)
        bars = []
        for outcome in sorted(OUTCOMES, key=lambda name: -self._counted.outcomes[name]):
            count = self._counted.outcomes[outcome]
            bars.append(
                '<tr style="background:none"><td style="text-align:left;padding:2px 12px 2px 0">'
                f'{outcome.replace("_", " ")}</td><td style="text-align:right;padding:2px 12px">{count:,}</td>'
                '<td style="width:24em;padding:2px 0"><div style="height:.9em;'
                f'width:{100 * count / total:.1f}%;background:{_OUTCOME_COLOURS[outcome]}"></div></td></tr>'
            )
        return f'<table style="border-collapse:collapse;margin:0 0 .8em">{"".join(bars)}</table>'

    def _table(self) -> str:
        columns = ("case_id", "outcome", "relief", "grant", "missing", "term_end_after")
        head = "".join(f'<th style="text-align:left;padding:2px 10px 2px 0">{name}</th>' for name in columns)
        rows = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left;padding:2px 10px 2px 0">{_cell(v)}</td>' for v in row)
            + "</tr>"
            for row in self._frame.select(columns).head(_SHOWN).iter_rows()
        )
        more = f"<p>… and {len(self) - _SHOWN:,} more</p>" if len(self) > _SHOWN else ""
        return f'<table style="border-collapse:collapse;font-size:90%"><tr>{head}</tr>{rows}</table>{more}'


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return escape(text if len(text) <= 60 else text[:57] + "…")
