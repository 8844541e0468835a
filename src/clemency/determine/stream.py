"""A Parquet register to a Parquet file of determinations, part by part, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clemency.determine.columns import Coded, columns_read, engine_for
from clemency.law.act import Act
from clemency.records.files import atomic_path
from clemency.records.frames import parquet_batches
from clemency.records.index import find_index
from clemency.records.layout import Layout, lay_out
from clemency.records.quarantine import QuarantineLog
from clemency.records.record import known_facts

Progress = Callable[[int, int | None], None]
_PLAIN_ROWS = 500_000


def layouts(source: Path, act: Act, log: QuarantineLog, index: bool = True) -> Iterator[Layout]:
    """The parts of a Parquet register in the engine's layout: from its index if one fits, else worked out now."""
    facts = known_facts(act)
    found = find_index(source, facts) if index else None
    if found is not None:
        log.add(found.quarantined())
        columns = columns_read(engine_for(act))
        yield from _ahead(lambda number: found.part(number, columns), found.parts)
        return
    for batch in parquet_batches(source, None, facts, _PLAIN_ROWS):
        log.add(batch.quarantined)
        yield lay_out(batch.frame, facts)


def _ahead(read: Callable[[int], Layout], parts: int) -> Iterator[Layout]:
    """Read the next part while this one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(read, 0) if parts else None
        for number in range(parts):
            assert following is not None
            part = following.result()
            following = pool.submit(read, number + 1) if number + 1 < parts else None
            yield part


def determine_parquet(
    source: Path,
    act: Act,
    out: Path,
    progress: Progress | None = None,
    index: bool = True,
    log: QuarantineLog | None = None,
) -> QuarantineLog:
    """Determine a Parquet register into a Parquet file, which appears whole or not at all.

    Repeated texts are written once a row group. Gives the rows that were put aside.
    """
    engine, log, done = engine_for(act), log or QuarantineLog(), 0
    with atomic_path(out) as partial, ThreadPoolExecutor(1) as pool:
        writer: pq.ParquetWriter | None = None
        writing = None
        try:
            for layout in layouts(source, act, log, index):
                coded = engine.determine(layout)
                if writing is not None:
                    writer = writing.result()
                writing = pool.submit(_write, coded, writer, partial, act)
                done += layout.cases.height
                if progress:
                    progress(done, None)
            if writing is not None:
                writer = writing.result()
        finally:
            if writer is not None:
                writer.close()
    return log


def _write(coded: Coded, writer: pq.ParquetWriter | None, partial: Path, act: Act) -> pq.ParquetWriter:
    table: pa.Table = coded.arrow()
    if writer is None:
        texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        writer = pq.ParquetWriter(
            partial, table.schema, compression="lz4", write_statistics=False, use_dictionary=texts
        )
        writer.add_key_value_metadata({"act": act.id, "rules_version": act.version})
    writer.write_table(table)
    return writer
