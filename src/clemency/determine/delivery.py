"""A register of any form in, its determinations out in any form: in the order of the register, in little memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from clemency.determine.results import Summary
from clemency.law.act import Act
from clemency.records.files import OutputError, atomic_path
from clemency.records.quarantine import QuarantinedRow, QuarantineLog
from clemency.records.record import RecordErrors
from clemency.records.register import ParquetRegister, Register

if TYPE_CHECKING:
    import polars as pl

Write = Callable[["pl.DataFrame"], None]
#: Called with the rows done so far and their number, where that is known.
Progress = Callable[[int, int | None], None]


def results(
    register: Register, act: Act, log: QuarantineLog, progress: Progress | None = None
) -> Iterator[pl.DataFrame]:
    """The determinations of a register as tables, batch by batch; rows that do not fit go to the log."""
    done, total = 0, register.total
    for result in _tables(register, act, log):
        yield result
        done += result.height
        if progress:
            progress(done + log.count, total)


def _tables(register: Register, act: Act, log: QuarantineLog) -> Iterator[pl.DataFrame]:
    from clemency.determine.columns import determine_frame, engine_for

    if isinstance(register, ParquetRegister):
        from clemency.determine.stream import layouts

        yield from (engine_for(act).determine(layout).frame() for layout in layouts(register.path, act, log))
        return
    for batch in register.batches():
        log.add(batch.quarantined)
        yield determine_frame(batch.frame, act)


def determine_register(
    register: Register, act: Act, out: Path | None, log: QuarantineLog, progress: Progress | None = None
) -> Summary:
    """Determine every case of a register, write the determinations to `out` if one is named, and count them.

    `out` ends in .parquet, .csv or .jsonl, and appears whole or not at all. From Parquet to Parquet only the cases are
    counted.
    """
    if out is not None and out.suffix == ".parquet" and isinstance(register, ParquetRegister):
        return _straight_through(register, act, out, log, progress)
    summary = Summary()
    with _writing(out, act) as write:
        for result in results(register, act, log, progress):
            write(result)
            summary += Summary.of(result)
    summary.quarantined = log.count
    return summary


def _straight_through(
    register: ParquetRegister, act: Act, out: Path, log: QuarantineLog, progress: Progress | None
) -> Summary:
    from clemency.determine.stream import determine_parquet

    total, summary = register.total, Summary()

    def counted(done: int, _: int | None) -> None:
        summary.cases = done
        if progress:
            progress(done + log.count, total)

    determine_parquet(register.path, act, out, counted, log=log)
    summary.quarantined = log.count
    return summary


def traced_rows(register: Register, act: Act, log: QuarantineLog) -> Iterator[dict[str, Any]]:
    """Determinations with their full trace, one by one, by the interpreter."""
    from clemency.determine.interpreter import determine_case, full_trace

    for row, record in register.records():
        if isinstance(record, RecordErrors):
            log.add([QuarantinedRow(row, record.case_id, tuple(record.problems))])
            continue
        answer = determine_case(record, act, register.facts)
        yield {**answer.as_json(), "trace": full_trace(answer.trace)}


def check_output(path: Path) -> None:
    """An output is Parquet, CSV or JSON Lines, by the ending of its name."""
    if path.suffix not in _WRITERS:
        raise OutputError(f"{path.name}: the ending decides the form; write one of {', '.join(_WRITERS)}")


def _writing(out: Path | None, act: Act) -> AbstractContextManager[Write]:
    if out is None:
        return _nothing()
    check_output(out)
    return _WRITERS[out.suffix](out, act)


@contextmanager
def _nothing() -> Iterator[Write]:
    yield lambda _: None


@contextmanager
def _parquet(out: Path, act: Act) -> Iterator[Write]:
    import pyarrow.parquet as pq

    from clemency.determine.coded import RESULT_SCHEMA

    writer: list[Any] = []

    def write(result: pl.DataFrame) -> None:
        table = result.to_arrow()
        if not writer:
            writer.append(pq.ParquetWriter(partial, table.schema, compression="zstd", compression_level=1))
            writer[0].add_key_value_metadata({"act": act.id, "rules_version": act.version})
        writer[0].write_table(table)

    with atomic_path(out) as partial:
        try:
            yield write
            if not writer:
                write(RESULT_SCHEMA.to_frame())
        finally:
            if writer:
                writer[0].close()


@contextmanager
def _csv(out: Path, act: Act) -> Iterator[Write]:
    with atomic_path(out) as partial, partial.open("wb") as file:
        begun: list[bool] = []

        def write(result: pl.DataFrame) -> None:
            result.write_csv(file, include_header=not begun)
            begun.append(True)

        yield write


@contextmanager
def _json_lines(out: Path, act: Act) -> Iterator[Write]:
    with atomic_path(out) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        yield lambda result: write_json(result, act, file)


def write_json(result: pl.DataFrame, act: Act, file: TextIO) -> None:
    """Determinations as JSON Lines."""
    from clemency.determine.columns import json_rows

    for row in json_rows(result, act):
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


_WRITERS: dict[str, Callable[[Path, Act], AbstractContextManager[Write]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _json_lines,
}
