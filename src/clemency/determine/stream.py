"""A Parquet register to a Parquet file of determinations, part by part, in memory that does not grow with the register.

Some parts are under way at a time: one or two are read and keyed, one is determined, one written. What is learnt about
kinds of cases stays in one place, so that each kind is determined once.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clemency.determine.columns import Keyed, columns_read, engine_for
from clemency.law.act import Act
from clemency.records.files import atomic_path, settle
from clemency.records.index import Index, find_index
from clemency.records.layout import Layout
from clemency.records.quarantine import QuarantinedRow, QuarantineLog
from clemency.records.record import known_facts
from clemency.records.row_groups import PlainParts, plain_parts

Progress = Callable[[int, int | None], None]
PLAIN_ROWS = 250_000
_TURN = 0.0005
#: How many values are encoded at a time: more than usual, because they are quickly encoded.
_BATCH = 1 << 16
#: Columns that packing makes hardly smaller and slower to write; days remitted differ little from row to row.
_NOT_PACKED = ("grants", "exclusions", "reservations", "term_end_before", "days_remitted")
_ENCODING = {"days_remitted": "DELTA_BINARY_PACKED"}


@dataclass(frozen=True)
class Parts:
    """The parts of a Parquet register: of its index if one fits, else of the register itself."""

    act: Act
    source: Index | PlainParts

    @property
    def count(self) -> int:
        """How many parts there are."""
        return self.source.parts if isinstance(self.source, Index) else self.source.count

    @property
    def readers(self) -> int:
        """How many parts are read at a time: an index is quickly read, and each part under way takes memory."""
        return 1 if isinstance(self.source, Index) else 2

    def read(self, number: int) -> tuple[Layout, list[QuarantinedRow]]:
        """One part in the engine's layout, with the rows that were put aside."""
        if isinstance(self.source, PlainParts):
            return self.source.read(number)
        aside = self.source.quarantined() if number == 0 else []
        return self.source.part(number, columns_read(engine_for(self.act))), aside


def parts_of(source: Path, act: Act, index: bool = True) -> Parts:
    """The parts of a register; one that cannot be read as a whole is refused here."""
    facts = known_facts(act)
    found = find_index(source, facts) if index else None
    return Parts(act, found or plain_parts(source, facts, PLAIN_ROWS, columns_read(engine_for(act))))


def layouts(source: Path, act: Act, log: QuarantineLog, index: bool = True) -> Iterator[Layout]:
    """The parts of a Parquet register in the engine's layout, in their order."""
    parts = parts_of(source, act, index)
    for number in range(parts.count):
        layout, aside = parts.read(number)
        log.add(aside)
        yield layout


def determine_parquet(
    source: Path,
    act: Act,
    out: Path,
    progress: Progress | None = None,
    index: bool = True,
    log: QuarantineLog | None = None,
) -> QuarantineLog:
    """Determine a Parquet register into a Parquet file, which appears whole or not at all.

    Repeated texts are written once a part. Gives the rows that were put aside.
    """
    log, done = log or QuarantineLog(), 0
    parts = parts_of(source, act, index)
    engine = engine_for(act)
    with (
        _undisturbed(),
        atomic_path(out) as partial,
        ThreadPoolExecutor(1) as settling,
        ThreadPoolExecutor(1) as writing,
        _writing(partial, act, settling) as write,
    ):
        written: Future[None] | None = None
        for keyed, aside in _ahead(parts):
            log.add(aside)
            table = engine.answer(keyed).arrow()
            if written is not None:
                written.result()
            written = writing.submit(write, table)
            done += table.num_rows
            if progress:
                progress(done, None)
        if written is not None:
            written.result()
    return log


def _ahead(parts: Parts) -> Iterator[tuple[Keyed, list[QuarantinedRow]]]:
    """Read and key the next parts while this one is worked on."""
    engine = engine_for(parts.act)

    def keyed(number: int) -> tuple[Keyed, list[QuarantinedRow]]:
        layout, aside = parts.read(number)
        return engine.key(layout), aside

    numbers = iter(range(parts.count))
    with ThreadPoolExecutor(parts.readers) as pool:
        following = deque(pool.submit(keyed, number) for number in islice(numbers, parts.readers))
        while following:
            part = following.popleft().result()
            following.extend(pool.submit(keyed, number) for number in islice(numbers, 1))
            yield part


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Threads take turns often, so that compiled loops wait little for plain Python; nothing is tidied up meanwhile.

    The work leaves no cycles behind, and looking for some among all that was learnt takes time again and again. Memory
    for the columns of files comes from the system, because the pool that PyArrow prefers gives it back too eagerly.
    """
    interval, collects, pool = sys.getswitchinterval(), gc.isenabled(), pa.default_memory_pool()
    sys.setswitchinterval(_TURN)
    gc.disable()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
        sys.setswitchinterval(interval)
        if collects:
            gc.enable()


@contextmanager
def _writing(partial: Path, act: Act, settling: ThreadPoolExecutor) -> Iterator[Callable[[pa.Table], None]]:
    """Write tables to a file; what is written goes to the disk meanwhile, so that little is left for the end."""
    writer: list[pq.ParquetWriter] = []
    settled: Future[None] | None = None

    def write(table: pa.Table) -> None:
        nonlocal settled
        if not writer:
            texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            packing = {name: "none" if name in _NOT_PACKED else "snappy" for name in table.column_names}
            options = {"compression": packing, "column_encoding": _ENCODING, "write_statistics": False}
            options |= {"use_dictionary": texts, "write_batch_size": _BATCH}
            writer.append(pq.ParquetWriter(partial, table.schema, **options))
            writer[0].add_key_value_metadata({"act": act.id, "rules_version": act.version})
        writer[0].write_table(table)
        if settled is None or settled.done():
            _told(settled)
            settled = settling.submit(settle, partial)

    try:
        yield write
        _told(settled)
    finally:
        if writer:
            writer[0].close()


def _told(settled: Future[None] | None) -> None:
    """Raise what went wrong on the disk: it is told once, and not again when the file is complete."""
    if settled is not None:
        settled.result()
