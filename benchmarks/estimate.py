"""How long a thousand draws take and what they give: `python benchmarks/estimate.py` writes it into the page.

The estimate is made twice, with two seeds, each time in a process of its own as the command makes it; the difference
shows how much of a number is the chance of the draws.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "estimate.md"
BEGIN, END = "<!-- measured: python benchmarks/estimate.py -->", "<!-- end of what was measured -->"
ACT, DRAWS, SEEDS = "az-2025", 1_000, (1, 2)
LIMIT = 60
SHOWN = (
    "total",
    "released_from_imprisonment",
    "ground_social_groups",
    "crime_category_minor_released",
    "ground_negligence_upto_5y",
    "ground_less_serious_under_1y_left",
    "ground_serious_first_time_under_6m_left",
    "term_reduced",
    "non_custodial_released",
    "criminal_liability_lifted",
)
MOVED = ("total", "released_from_imprisonment", "term_reduced", "non_custodial_released", "criminal_liability_lifted")
MOVERS = 4


def main() -> int:
    """Measure, print, and write the page; ends with 1 where the estimate takes longer than it may."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=DRAWS)
    asked.add_argument("--write-docs", action=argparse.BooleanOptionalAction, default=None)
    chosen = asked.parse_args()
    runs = [made(chosen.draws, seed) for seed in SEEDS]
    text = "\n".join(page(runs))
    print(text)
    if chosen.write_docs if chosen.write_docs is not None else chosen.draws == DRAWS:
        write(text)
    return int(max(run.seconds for run in runs) > LIMIT)


@dataclass(frozen=True)
class Run:
    """One estimate as the command makes it: seconds from start to end, processor seconds, and what it says."""

    seconds: float
    worked: float
    found: Mapping[str, Any]


def made(draws: int, seed: int) -> Run:
    """Make one estimate in a process of its own, which starts its own workers."""
    options = ["--draws", str(draws), "--seed", str(seed), "--json"]
    command = [sys.executable, "-m", "clemency.cli", "estimate", ACT, *options]
    began, before = time.perf_counter(), _worked()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Run(time.perf_counter() - began, _worked() - before, json.loads(done.stdout))


def _worked() -> float:
    """Processor seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def page(runs: Sequence[Run]) -> Iterator[str]:
    """What stands on the page between its marks."""
    found, other = (run.found for run in runs)
    lines, others = (
        {line["name"]: line for line in one["quantities"] if line["by"] == "quantity"} for one in (found, other)
    )
    took = " and ".join(f"{run.seconds:.0f} s" for run in runs)
    worked = " and ".join(f"{run.worked:.0f}" for run in runs)
    machine = f"{os.cpu_count()} processors ({platform.machine()}, Python {platform.python_version()})"
    yield f"{found['draws']:,} draws over {found['cases']:,.0f} cases took {took} (two seeds) on {machine}."
    yield f"Processors worked {worked} s in it. To reach: under {LIMIT} s. All people are SYNTHETIC."
    yield ""
    yield "| what | expected | half of the draws | nine in ten | expected with the other seed |"
    yield "| --- | --: | --: | --: | --: |"
    for name in SHOWN:
        line = lines[name]
        yield (
            f"| {name.replace('_', ' ')} | {line['mean']:,.0f} | {line['low50']:,.0f} to {line['high50']:,.0f} "
            f"| {line['low90']:,.0f} to {line['high90']:,.0f} | {others[name]['mean']:,.0f} |"
        )
    yield ""
    yield "What moves the main numbers most, each from one end of its range to the other, all else as drawn:"
    yield ""
    yield "| what | moved by | from | to | the number goes from | to |"
    yield "| --- | --- | --: | --: | --: | --: |"
    for name in MOVED:
        for swing in [one for one in found["swings"] if one["quantity"] == name][:MOVERS]:
            ends = " | ".join(str(swing[end]) for end in ("low", "high"))
            numbers = " | ".join(f"{swing[end]:,.0f}" for end in ("at_low", "at_high"))
            yield f"| {name.replace('_', ' ')} | `{swing['assumption']}` | {ends} | {numbers} |"
    yield ""
    yield "Where the spread comes from, as standard deviations:"
    yield ""
    yield "| what | assumptions | people drawn | open law | all |"
    yield "| --- | --: | --: | --: | --: |"
    spreads = {one["name"]: one for one in found["spreads"] if one["by"] == "quantity"}
    for name in SHOWN:
        figures = " | ".join(f"{spreads[name][part]:,.0f}" for part in ("assumptions", "people", "law", "all"))
        yield f"| {name.replace('_', ' ')} | {figures} |"


def write(text: str) -> None:
    """Put what was measured between the marks of the page."""
    whole = PAGE.read_text(encoding="utf-8")
    before, _, rest = whole.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
