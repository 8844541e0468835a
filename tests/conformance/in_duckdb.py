"""`python -m tests.conformance.in_duckdb --records N`: the SQL of an act in DuckDB against the interpreter.

Ends with 0 where they agree on every column of every record, with 1 where they do not.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from clemency.determine.sql import write_query
from clemency.law.act import load_act
from tests.conformance.compare import BATCH
from tests.conformance.databases import Answers, by_duckdb, for_sheets
from tests.conformance.generate import Generator


def _batch(name: str, query: str, seed: int, count: int) -> Answers:
    act = load_act(name)
    return by_duckdb([for_sheets(record) for record in Generator(act, seed).records(count)], act, query)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.in_duckdb", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="how many records (default 100,000)")
    parser.add_argument("--act", default="az-2025", help="id or path of the act (default az-2025)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each batch of 10,000 takes the next one")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    asked = parser.parse_args()
    found, began = Answers(), time.monotonic()
    query = write_query(load_act(asked.act), "duckdb")
    sizes = [min(BATCH, asked.records - start) for start in range(0, asked.records, BATCH)]
    with ProcessPoolExecutor(asked.workers) as pool:
        batches = [pool.submit(_batch, asked.act, query, asked.seed + at, size) for at, size in enumerate(sizes)]
        for done in as_completed(batches):
            found.add(done.result())
            counted = f"{found.records:,} records, {len(found.differences):,} differ, {found.unsettled:,} not settled"
            print(f"\r{counted}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{asked.act} in DuckDB: {counted}; {dict(found.outcomes)}; {time.monotonic() - began:.0f} s")
    print("\n".join(found.differences[:3]))
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
