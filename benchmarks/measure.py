"""One peer, one register, one run, in a process of its own: `python -m benchmarks.measure PEER REGISTER OUT`.

It prints one line of JSON: the cases, the seconds from the register on disk to the answers on disk, the parts of that
time which the peer tells apart, and the peak of the memory of this process. Loading the libraries and the act comes
before and is not counted.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Peer:
    """Who answers: its name on the command line and in tables, the module that holds it and the function that runs."""

    name: str
    title: str
    module: str
    function: str = "determine"
    #: Slow peers answer the first cases of the register of the comparison; the others every register.
    sampled: bool = False
    #: A package that not every environment has.
    needs: str | None = None


PEERS = {
    peer.name: peer
    for peer in (
        Peer("clemency-plain", "Clemency, plain register", "engine", "plain"),
        Peer("clemency-indexed", "Clemency, indexed register", "engine", "indexed"),
        Peer("polars", "Polars query by hand", "polars_peer"),
        Peer("duckdb", "DuckDB query by hand", "duckdb_peer", needs="duckdb"),
        Peer("openfisca", "OpenFisca", "openfisca_peer", needs="openfisca_core"),
        Peer("limit", "only reading and writing", "limit"),
        Peer("python", "Python loop by hand", "python_peer", sampled=True),
        Peer("interpreter", "Clemency's interpreter", "engine", "interpreter", sampled=True),
    )
}
INDEX = Peer("index", "making the index", "engine", "index")


def answer(peer: Peer, register: Path, out: Path) -> dict[str, float]:
    """Let a peer answer a register; gives the seconds, those of loading before, and the parts that the peer tells."""
    loading = time.perf_counter()
    module = importlib.import_module(f"benchmarks.peers.{peer.module}")
    prepared = module.prepare()
    began = time.perf_counter()
    parts = getattr(module, peer.function)(prepared, register, out)
    return {"loading": began - loading, "seconds": time.perf_counter() - began, **parts}


def peak_memory() -> int:
    """The most memory that this process has held at once, in bytes.

    Linux counts it for the program itself; elsewhere the count may begin with the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def counts(out: Path) -> dict[str, int]:
    """How many cases got which outcome and relief, so that runs on the large registers can be held side by side."""
    import polars as pl

    named = pl.concat_str(pl.col("outcome", "relief").cast(pl.String), separator=" ", ignore_nulls=True)
    counted = pl.scan_parquet(out).group_by(named.alias("answer")).len().collect(engine="streaming")
    return dict(sorted(counted.iter_rows()))


def main() -> int:
    name, register, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    peer = {**PEERS, INDEX.name: INDEX}[name]
    found: dict[str, Any] = {"peer": name, "cases": pq.ParquetFile(register).metadata.num_rows}
    found |= answer(peer, register, out)
    found["memory"] = peak_memory()
    if peer is not INDEX:
        found |= {"answers": counts(out), "bytes": out.stat().st_size}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
