"""The registers that are measured: invented ones of the library's own making, kept between runs in a cache folder."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from clemency.records.stock import Stock
from clemency.records.synthesise import GENERATOR_VERSION, synthesise

SEED = 1
#: Cases of the register on which all answers are compared, and of its beginning, which slow peers answer.
AGREEMENT_CASES = 200_000
SAMPLE_CASES = 20_000


def cache_folder() -> Path:
    """Where registers and answers lie between runs: a folder for temporary files."""
    return Path(tempfile.gettempdir()) / "clemency-benchmarks"


def register_path(folder: Path, cases: int) -> Path:
    """The file of a register of so many cases."""
    return folder / f"register-{cases}.parquet"


def make(folder: Path, cases: int, ending: str = ".parquet") -> Path:
    """The register of so many cases, drawn anew where the one that lies there was drawn from other figures."""
    path = register_path(folder, cases).with_suffix(ending)
    stock = Stock.load()
    if ending != ".parquet" or not _is_current(path, stock):
        folder.mkdir(parents=True, exist_ok=True)
        synthesise(cases, SEED, path, stock=stock)
    return path


def _is_current(path: Path, stock: Stock) -> bool:
    if not path.is_file():
        return False
    marks = pq.read_metadata(path).metadata or {}
    wanted = {b"seed": str(SEED), b"generator_version": GENERATOR_VERSION, b"inputs_sha256": stock.inputs_sha256}
    return all(marks.get(name) == value.encode() for name, value in wanted.items())


def beginning_path(register: Path, cases: int) -> Path:
    """The file of the first cases of a register."""
    return register.with_name(f"{register.stem}-first-{cases}.parquet")


def beginning(register: Path, cases: int) -> Path:
    """The first cases of a register as a register of their own."""
    path = beginning_path(register, cases)
    first = next(pq.ParquetFile(register).iter_batches(cases))
    with pq.ParquetWriter(path, first.schema, compression="lz4", store_schema=False) as writer:
        writer.write_batch(first)
    return path


def main() -> int:
    """`python -m benchmarks.registers FOLDER CASES [ENDING]`: make a register, in a process of its own."""
    folder, cases = Path(sys.argv[1]), int(sys.argv[2])
    path = make(folder, cases, *sys.argv[3:])
    if cases == AGREEMENT_CASES:
        beginning(path, SAMPLE_CASES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
