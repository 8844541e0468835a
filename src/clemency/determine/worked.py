"""Worked cases: invented people beside an act, each with the answer that a lawyer expects of it.

A worked case is a YAML file in `cases/` beside `act.yaml`: a `title` that says what it shows, the ids it `shows`, the
`case` as a record, and what to `expect`: any of the fields of a determination. Of `missing` the names are compared, by
kind; of `could_improve` the ids of the grants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clemency.determine.interpreter import determine_case
from clemency.law.act import Act
from clemency.law.source import SourceErrors, read_source
from clemency.records.record import RecordErrors, known_facts

_KEYS = {"title", "shows", "synthetic", "case", "expect", "source", "note"}


@dataclass(frozen=True)
class WorkedCases:
    """What running the worked cases of an act showed."""

    count: int
    problems: tuple[str, ...]
    not_shown: tuple[str, ...]


def run_worked_cases(act: Act) -> WorkedCases:
    """Run every worked case of an act through the interpreter; each one that disagrees is told with its file."""
    folder = act.path.parent / "cases" if act.path else None
    paths = sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []
    problems: list[str] = []
    shown: set[str] = set()
    for path in paths:
        try:
            worked = read_worked_case(path)
            problems += [f"{path.name}: {problem}" for problem in disagreements(worked, act)]
            shown |= set(map(str, worked.get("shows") or ()))
        except (SourceErrors, RecordErrors) as error:
            problems.append(f"{path.name}: {error}")
    ids = [grant.id for grant in act.grants]
    ids += [clause.id for clause in act.exclusions] + [clause.id for clause in act.reservations]
    return WorkedCases(len(paths), tuple(problems), tuple(clause for clause in ids if clause not in shown))


def read_worked_case(path: Path) -> Mapping[str, Any]:
    """One worked case as plain data. Raises SourceErrors with line and column."""
    source = read_source(path)
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("case"), dict) or not isinstance(data.get("expect"), dict):
        source.problem((), "a worked case has a case and what to expect", "write title:, case: and expect:")
        raise SourceErrors(source.file, source.problems)
    for key in data.keys() - _KEYS:
        source.problem((key,), f"unknown key {key}", f"keys here: {', '.join(sorted(_KEYS))}", at_key=True)
    if source.problems:
        raise SourceErrors(source.file, source.problems)
    return data


def disagreements(worked: Mapping[str, Any], act: Act) -> list[str]:
    """Where the interpreter's answer differs from the one expected, field by field."""
    record = {"case_id": "worked", **worked["case"]}
    answer = determine_case(record, act, known_facts(act)).as_json()
    problems: list[str] = []
    for name, expected in worked["expect"].items():
        if name not in answer:
            problems.append(f"expect has {name}, and a determination has no such field")
            continue
        found = _comparable(name, answer[name])
        wanted = _comparable(name, expected)
        if found != wanted:
            problems.append(f"{name} is {found}, expected {wanted}")
    return problems


def _comparable(name: str, value: Any) -> Any:
    if name == "missing":
        if isinstance(value, Mapping):
            return {kind: sorted(set(value.get(kind) or ())) for kind in ("fact", "law")}
        return {kind: sorted({item["name"] for item in value if item["kind"] == kind}) for kind in ("fact", "law")}
    if name == "could_improve":
        return [item["grant"] if isinstance(item, Mapping) else item for item in value or ()]
    return value.isoformat() if isinstance(value, date) else value
