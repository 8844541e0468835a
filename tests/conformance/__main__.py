"""`python -m tests.conformance --records N`: interpreter against columnar engine on N random records of an act.

Ends with 0 where they agree on every field of every record, with 1 where they do not.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from clemency.law.act import load_act
from tests.conformance.compare import BATCH, Comparison, compare_random


def _batch(act: str, seed: int, count: int) -> Comparison:
    return compare_random(load_act(act), seed, count)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="how many records (default 100,000)")
    parser.add_argument("--act", default="az-2025", help="id or path of the act (default az-2025)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each batch of 10,000 takes the next one")
    parser.add_argument("--show", type=int, default=5, help="how many differences to print in full")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    asked = parser.parse_args()
    found, began = Comparison(load_act(asked.act).id), time.monotonic()
    sizes = [min(BATCH, asked.records - start) for start in range(0, asked.records, BATCH)]
    with ProcessPoolExecutor(asked.workers) as pool:
        batches = [pool.submit(_batch, asked.act, asked.seed + place, size) for place, size in enumerate(sizes)]
        for done in as_completed(batches):
            found.add(done.result())
            print(
                f"\r{found.records:,} records, {len(found.differences):,} differ", end="", file=sys.stderr, flush=True
            )
    print(file=sys.stderr)
    print(found.report(asked.show))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
