"""This engine on the plain register, on the indexed one, the making of the index, and the reference interpreter."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.peers import az_2025
from clemency import load_act
from clemency.determine import columns
from clemency.determine.columns import engine_for
from clemency.determine.interpreter import determine_case
from clemency.determine.stream import determine_parquet
from clemency.law.act import Act
from clemency.records.index import find_index, write_index
from clemency.records.record import known_facts
from clemency.records.register import open_register
from clemency.records.synthesise import synthesise


def prepare() -> Act:
    """Load the act and what is compiled; nothing is learnt of any case before the clock runs."""
    act = load_act(az_2025.ACT)
    with tempfile.TemporaryDirectory() as folder:
        one, out = Path(folder) / "one.parquet", Path(folder) / "out.parquet"
        synthesise(1, 1, one)
        determine_parquet(one, act, out, index=False)
        write_index(one, known_facts(act))
        determine_parquet(one, act, out)
    columns.forget(act)
    engine_for(act)
    return act


def plain(act: Act, register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a plain register."""
    determine_parquet(register, act, out, index=False)
    return {}


def indexed(act: Act, register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a register that has its index."""
    if find_index(register, known_facts(act)) is None:
        raise SystemExit(f"{register} has no index; it is made first")
    determine_parquet(register, act, out, index=True)
    return {}


def index(act: Act, register: Path, out: Path) -> dict[str, float]:
    """Make the index of a register."""
    write_index(register, known_facts(act))
    return {}


def interpreter(act: Act, register: Path, out: Path) -> dict[str, float]:
    """Answer a register case by case; the loop alone does not read or write."""
    facts = known_facts(act)
    records = [record for _, record in open_register(register, facts).records()]
    began = time.perf_counter()
    rows = [_row(determine_case(record, act, facts).as_json()) for record in records]  # type: ignore[arg-type]
    calculation = time.perf_counter() - began
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(out, compression=az_2025.COMPRESSION)
    return {"calculation": calculation}


def _row(answer: dict[str, Any]) -> dict[str, Any]:
    """A determination as the bulk engine writes it: lists as texts."""
    joined = {name: "; ".join(answer[name]) for name in ("grants", "exclusions", "reservations")}
    better = " | ".join(f"{one['grant']}: {_missing(one['missing'])}" for one in answer["could_improve"])
    names = ("case_id", "outcome", "relief", "grant", "term_end_before", "term_end_after", "days_remitted")
    kept = {name: answer[name] for name in names}
    return {**kept, **joined, "missing": _missing(answer["missing"]), "could_improve": better}


def _missing(items: list[dict[str, Any]]) -> str:
    places = (f"@{item['offence']}" if "offence" in item else "" for item in items)
    return "; ".join(f"{item['kind']}:{item['name']}{place}" for item, place in zip(items, places, strict=True))
