"""One case at a time, the act loaded: `python -m benchmarks.one_case REGISTER` answers a mix of cases one by one.

It prints one line of JSON with milliseconds: from a record as plain data to its determination with the full trace, and
from there to the explanation in words.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from benchmarks.peers import az_2025
from clemency import load_act
from clemency.determine.explain import explain
from clemency.determine.interpreter import determine_case, full_trace
from clemency.records.record import CaseRecord, known_facts
from clemency.records.register import open_register

MOST = 1_000


def measured(register: Path) -> dict[str, float]:
    """Milliseconds a case over every so many cases of a register: medians, and what 99 of 100 cases stay under."""
    act = load_act(az_2025.ACT)
    facts = known_facts(act)
    records = [record for _, record in open_register(register, facts).records() if isinstance(record, CaseRecord)]
    mix = records[:: max(1, len(records) // MOST)][:MOST]
    determined, explained = [], []
    for record in mix:
        given = record.model_dump(exclude_none=True)
        began = time.perf_counter()
        answer = determine_case(given, act, facts)
        full_trace(answer.trace)
        between = time.perf_counter()
        explain(answer, act, record).text()
        determined.append(1000 * (between - began))
        explained.append(1000 * (time.perf_counter() - began))
    return {
        "cases": len(mix),
        "determination": statistics.median(determined),
        "determination_99": statistics.quantiles(determined, n=100)[98],
        "explanation": statistics.median(explained),
        "explanation_99": statistics.quantiles(explained, n=100)[98],
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
