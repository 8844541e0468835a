"""The comparison: each record through the interpreter and the columnar engine, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clemency.determine.columns import determine_frame, json_rows
from clemency.determine.interpreter import determine_case
from clemency.law.act import Act
from clemency.records.frames import frame_of
from clemency.records.record import CaseRecord, known_facts, read_record
from tests.conformance.generate import Generator, plain

BATCH = 10_000
#: The trace tells how an answer came about; a table of millions does not carry it.
LEFT_OUT = ("trace",)


@dataclass
class Difference:
    """One record on which two engines part."""

    record: Mapping[str, Any]
    fields: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        stated = {name: value for name, value in self.record.items() if value is not None}
        parts = [f"  {name}: interpreter {one!r}, columns {other!r}" for name, (one, other) in self.fields.items()]
        return "\n".join([f"case {self.record['case_id']}", *parts, f"  record: {plain(stated)}"])


@dataclass
class Comparison:
    """How many records were compared, and where the engines part."""

    act: str
    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        self.records += other.records
        self.outcomes += other.outcomes
        self.fields += other.fields
        self.differences += other.differences

    def report(self, first: int = 5) -> str:
        """What was compared, and the first differences in full."""
        counted = ", ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.most_common())
        lines = [f"{self.act}: {self.records:,} records ({counted}); {len(self.differences):,} differ"]
        if self.fields:
            lines.append(
                "fields that differ: " + ", ".join(f"{name} {count:,}" for name, count in self.fields.most_common())
            )
        return "\n".join([*lines, *map(str, self.differences[:first])])


def compare(records: Iterable[Mapping[str, Any]], act: Act) -> Comparison:
    """Answer every record with both engines and hold the answers side by side."""
    facts = known_facts(act)
    stated = list(records)
    read: Sequence[CaseRecord] = [read_record(record, facts) for record in stated]
    result = determine_frame(frame_of(read, facts), act)
    found = Comparison(act.id, len(read))
    for record, case, columns in zip(stated, read, json_rows(result, act), strict=True):
        answer = determine_case(case, act, facts).as_json()
        found.outcomes[answer["outcome"]] += 1
        fields = {
            name: (answer[name], columns.get(name))
            for name in answer
            if name not in LEFT_OUT and answer[name] != columns.get(name)
        }
        if fields or set(answer) != set(columns):
            found.fields.update(list(fields))
            found.differences.append(Difference(record, fields))
    return found


def compare_random(act: Act, seed: int, count: int) -> Comparison:
    """Compare so many random records of one seed."""
    return compare(Generator(act, seed).records(count), act)
