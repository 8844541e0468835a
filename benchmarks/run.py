"""The bulk engine beside its peers and beside the limit of the machine, in one command.

    python benchmarks/run.py                        everything, and the page and picture of it
    python benchmarks/run.py --sizes 200000         one small register, nothing written
    python benchmarks/run.py --peers polars limit   this engine beside some of the others

Registers are invented, and kept in a folder for temporary files. First every peer answers one register and all answers
are compared: where they part in a way that is not told beforehand, nothing is measured and the command ends with 1.
Then each register is answered by each peer in a process of its own, round after round.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path[0] = str(REPOSITORY)

from benchmarks import registers, report  # noqa: E402
from benchmarks.measure import INDEX, PEERS, Peer  # noqa: E402

SIZES = [1_000_000, 10_000_000]
ROUNDS = 3
OURS = ("clemency-plain", "clemency-indexed")
EXPLAINED = 10
_LIBRARIES = ("clemency", "polars", "duckdb", "openfisca-core", "pyarrow", "numpy", "numba")
_EXPLAIN_FROM = 1_000


class Failed(Exception):
    """Something of the run that cannot be measured, in words for the terminal."""


def main() -> int:
    asked = arguments().parse_args()
    peers = chosen(asked.peers)
    complete = asked.sizes == SIZES and list(peers) == list(PEERS)
    try:
        results = run(peers, asked.sizes, asked.rounds, asked.cache, asked.date)
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    (asked.cache / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(report.terminal(results))
    if asked.write_docs if asked.write_docs is not None else complete:
        for path in report.write(results, REPOSITORY / "docs"):
            say(f"written: {path.relative_to(REPOSITORY)}")
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=count, nargs="+", default=SIZES, metavar="CASES", help="cases of each register")
    parser.add_argument("--rounds", type=count, default=ROUNDS, help="runs of each peer on each register")
    named = f"whom to measure beside this engine: {', '.join(name for name in PEERS if name not in OURS)}"
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), metavar="PEER", help=named)
    parser.add_argument("--date", default=date.today().isoformat(), help="the day that the page names")
    parser.add_argument("--cache", type=Path, default=registers.cache_folder(), help="where registers and answers lie")
    parser.add_argument(
        "--write-docs",
        action=argparse.BooleanOptionalAction,
        help="write docs/speed.md and its picture (without a word: where everything was measured)",
    )
    return parser


def count(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 on")
    return int(text)


def chosen(names: Sequence[str] | None) -> dict[str, Peer]:
    """The peers asked for, this engine always among them."""
    found = {name: peer for name, peer in PEERS.items() if names is None or name in names or name in OURS}
    for peer in found.values():
        if peer.needs and find_spec(peer.needs) is None:
            say(f"{peer.title}: {peer.needs} is not installed here. Run `make bench`, or name --peers without it.")
            sys.exit(2)
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def python(*arguments: str | Path) -> str:
    """Run one of our modules in a process of its own; gives the last line that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(map(str, arguments[:2]))} ended with {done.returncode}\n{done.stdout}")
    return done.stdout.rstrip().rpartition("\n")[2]


def measure(peer: Peer, register: Path, out: Path) -> dict[str, Any]:
    """One run; what others have written is on the disk before, and nothing stands where the answers come to stand."""
    out.unlink(missing_ok=True)
    os.sync()
    found: dict[str, Any] = json.loads(python("benchmarks.measure", peer.name, register, out))
    return found


# --- the run ------------------------------------------------------------------------------------------------------


def run(peers: dict[str, Peer], sizes: list[int], rounds: int, cache: Path, day: str) -> dict[str, Any]:
    """Everything, as plain data."""
    results: dict[str, Any] = {"date": day, "rounds": rounds, "machine": machine(), "versions": versions()}
    answers = cache / "answers"
    answers.mkdir(parents=True, exist_ok=True)
    say(f"{results['machine']['cpu']}, {results['machine']['cores']} cores; load {results['machine']['load']:.2f}")
    results["agreement"] = agreement(peers, cache, answers)
    results["bulk"] = {str(cases): bulk(peers, cases, rounds, cache, answers) for cases in sizes}
    results["sampled"] = sampled(peers, rounds, cache, answers)
    say("one case at a time")
    results["one_case"] = json.loads(python("benchmarks.one_case", sample_path(cache)))
    results["explain"] = explained(cache, sizes)
    return results


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        cpu = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": cpu, "cores": cores, "memory": memory, "system": platform.system(), "load": os.getloadavg()[0]}


def versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def register(cache: Path, cases: int) -> Path:
    """A register of so many cases, made where it does not lie there yet, and read once so that no disk is measured."""
    python("benchmarks.registers", cache, str(cases))
    path = registers.register_path(cache, cases)
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
    return path


def sample_path(cache: Path) -> Path:
    whole = registers.register_path(cache, registers.AGREEMENT_CASES)
    return registers.beginning_path(whole, registers.SAMPLE_CASES)


def agreement(peers: dict[str, Peer], cache: Path, answers: Path) -> list[str]:
    """Every peer answers one register, and all agree; the lines that say so."""
    say(f"comparing the answers on {registers.AGREEMENT_CASES:,} cases")
    whole = register(cache, registers.AGREEMENT_CASES)
    measure(INDEX, whole, answers / "none")
    outs: dict[str, Path] = {}
    for peer in peers.values():
        if peer.name != "limit":
            outs[peer.name] = answers / f"{peer.name}.parquet"
            measure(peer, sample_path(cache) if peer.sampled else whole, outs[peer.name])
            say(f"  {peer.title} has answered")
    engine = outs.pop(OURS[0])
    pairs = [f"{name}={path}" for name, path in outs.items()]
    compared = subprocess.run(
        [sys.executable, "-m", "benchmarks.agreement", str(engine), *pairs],
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        check=False,
    )
    if compared.returncode:
        raise Failed(f"The answers differ, so nothing is measured.\n{compared.stdout}")
    lines = compared.stdout.splitlines()
    for line in lines:
        say(f"  {line}")
    return lines


def bulk(peers: dict[str, Peer], cases: int, rounds: int, cache: Path, answers: Path) -> dict[str, Any]:
    """One register, answered by each fast peer in each round; every second round goes through them backwards."""
    say(f"{cases:,} cases")
    path = register(cache, cases)
    made = measure(INDEX, path, answers / "none")
    folder = path.with_name(path.name + ".index")
    made["bytes"] = sum(file.stat().st_size for file in folder.iterdir())
    say(f"  {INDEX.title}: {made['seconds']:.2f} s")
    fast = [peer for peer in peers.values() if not peer.sampled]
    runs: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in fast}
    for number in range(rounds):
        for peer in fast if number % 2 == 0 else fast[::-1]:
            out = answers / f"{peer.name}.parquet"
            found = measure(peer, path, out)
            runs[peer.name].append(found)
            say(f"  round {number + 1}  {peer.title:28} {found['seconds']:8.2f} s  {found['memory'] / 1e6:8,.0f} MB")
            if found["answers"] != runs[OURS[0]][0]["answers"]:
                raise Failed(f"{peer.title} counts {found['answers']}, and this engine {runs[OURS[0]][0]['answers']}.")
            if peer.name != OURS[0]:
                out.unlink()
    return {"bytes": path.stat().st_size, "index": made, "runs": runs}


def sampled(peers: dict[str, Peer], rounds: int, cache: Path, answers: Path) -> dict[str, Any]:
    """The slow peers, on the beginning of the register of the comparison."""
    say(f"{registers.SAMPLE_CASES:,} cases")
    slow = [peer for peer in peers.values() if peer.sampled]
    runs: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in slow}
    for number in range(rounds):
        for peer in slow:
            found = measure(peer, sample_path(cache), answers / f"{peer.name}.parquet")
            runs[peer.name].append(found)
            say(f"  round {number + 1}  {peer.title:28} {found['seconds']:8.2f} s")
    return runs


def explained(cache: Path, sizes: list[int]) -> dict[str, Any]:
    """The command `clemency explain` as a whole process, again and again, on text and on Parquet."""
    say("clemency explain, cold")
    lines = cache / f"register-{_EXPLAIN_FROM}.jsonl"
    python("benchmarks.registers", cache, str(_EXPLAIN_FROM), lines.suffix)
    parquet = registers.register_path(cache, min(sizes))
    return {
        "lines": {"cases": _EXPLAIN_FROM, "seconds": list(_cold(lines))},
        "parquet": {"cases": min(sizes), "seconds": list(_cold(parquet))},
    }


def _cold(path: Path) -> Iterator[float]:
    command = str(Path(sys.executable).with_name("clemency"))
    for number in range(EXPLAINED):
        case = f"synthetic-{_EXPLAIN_FROM // EXPLAINED * number + 1:07}"
        asked = [command, "explain", str(path), "--case", case, "--act", "az-2025"]
        began = time.perf_counter()
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if done.returncode or case not in done.stdout:
            raise Failed(f"clemency explain --case {case} ended with {done.returncode}\n{done.stderr}")
        yield seconds


if __name__ == "__main__":
    sys.exit(main())
