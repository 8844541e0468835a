"""What a reader needs beside a clause: the worked cases that show it, who signed them, and how many it is expected for.

The expected numbers are those of the estimate that the library keeps of the act, counted on an invented register.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clemency.determine.worked import read_worked_case
from clemency.law.act import Act
from clemency.law.library import library_path


@dataclass(frozen=True)
class Example:
    """A worked case: its file, what it shows in words, the answer expected, and by whom and when it was signed."""

    file: str
    title: str
    outcome: str
    grant: str
    signed_by: str = ""
    signed_on: date | None = None
    verdict: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Expected:
    """How many cases a clause is expected to be booked for: the mean, and the range of nine draws in ten."""

    mean: float
    low: float
    high: float
    day: date


def examples_by_clause(act: Act) -> Mapping[str, Sequence[Example]]:
    """The worked cases of every clause, by its id; those that name no clause under the empty name."""
    found: dict[str, list[Example]] = defaultdict(list)
    folder = act.path.parent / "cases" if act.path else None
    for path in sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []:
        case = read_worked_case(path)
        expect = case["expect"]
        example = Example(
            path.name,
            " ".join(str(case.get("title") or path.stem).split()),
            str(expect.get("outcome") or ""),
            str(expect.get("grant") or ""),
            str(case.get("signed_by") or ""),
            case.get("signed_on"),
            str(case.get("verdict") or ""),
            " ".join(str(case.get("comment") or "").split()),
        )
        for clause in case.get("shows") or ("",):
            found[str(clause)].append(example)
    return found


def expected_by_clause(act: Act) -> Mapping[str, Expected]:
    """The estimate's number of every grant, by its id; empty where the library keeps no estimate of the act."""
    path = library_path() / "estimates" / f"{act.id}.json"
    if not path.is_file():
        return {}
    estimate = json.loads(path.read_text(encoding="utf-8"))
    day = date.fromisoformat(estimate["as_of"])
    return {
        line["name"]: Expected(line["mean"], line["low90"], line["high90"], day)
        for line in estimate["quantities"]
        if line["by"] == "clause"
    }
