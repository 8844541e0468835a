"""Random case records, realistic and nasty, drawn for one act from a seed. No clock: the same seed, the same people.

Dates fall on and around every day that a rule of the act names; articles come whole, by part, by sub-item, not at all
and with numbers no code has; anything may be unknown, and some terms contradict themselves. Nobody here is real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import Duration, add, add_months
from clemency.law.rules import AgeOn, Literal, Shifted
from clemency.law.vocabulary import CASE_FIELDS, CUSTODY_CREDIT, FORM, GUILT, PUNISHMENT, Kind, ValueType
from clemency.records.record import computed_term_end

Record = dict[str, Any]
_SPREAD = 4096


@dataclass(frozen=True)
class Marks:
    """What the rules of an act name, so that values can be drawn on both sides of it."""

    days: tuple[date, ...]
    shifts: tuple[Duration, ...]
    ages: tuple[int, ...]
    numbers: Mapping[str, tuple[float, ...]]
    lengths: tuple[Duration, ...]
    texts: Mapping[str, tuple[str, ...]]
    articles: tuple[str, ...]


def marks_of(act: Act) -> Marks:
    """Every day, shift, age, number, length, text and article that a rule of the act names."""
    days, shifts, ages = set(act.dates.values()), {Duration()}, {18}
    numbers: dict[str, set[float]] = {}
    texts: dict[str, set[str]] = {}
    lengths: set[Duration] = {Duration(60)}
    for condition in act.conditions():
        for atom in rules.atoms(condition):
            values = list(atom.values) if isinstance(atom, rules.Among) else []
            for operand in rules.operands(atom):
                inner = operand
                while isinstance(inner, Shifted | AgeOn):
                    if isinstance(inner, Shifted):
                        shifts |= {inner.by, -inner.by}
                    inner = inner.base if isinstance(inner, Shifted) else inner.day
                if isinstance(inner, Literal):
                    values.append(inner.value)
            aged = any(isinstance(operand, AgeOn) for operand in rules.operands(atom))
            named = [name.name for operand in rules.operands(atom) for name in rules.names(operand)]
            for value in values:
                if isinstance(value, date):
                    days.add(value)
                elif isinstance(value, Duration):
                    lengths.add(value)
                elif aged and isinstance(value, int):
                    ages.add(value)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    for name in named:
                        numbers.setdefault(name, set()).add(value)
                elif isinstance(value, str):
                    for name in named:
                        texts.setdefault(name, set()).add(value)
    return Marks(
        tuple(sorted(days)),
        tuple(sorted(shifts, key=lambda shift: (shift.months, shift.days))),
        tuple(sorted(ages)),
        {name: tuple(sorted(found)) for name, found in numbers.items()},
        tuple(sorted(lengths, key=Duration.key)),
        {name: tuple(sorted(found)) for name, found in texts.items()},
        tuple(sorted(act.articles_named)),
    )


class Generator:
    """Draws records for one act from one seed."""

    def __init__(self, act: Act, seed: int) -> None:
        self.act, self.marks = act, marks_of(act)
        self.random = np.random.default_rng(seed)
        self.seed = seed
        self._pool = np.empty(0)
        self._at = 0

    def records(self, count: int) -> Iterator[Record]:
        """So many records, one after the other."""
        for number in range(count):
            yield self.record(f"{self.seed}-{number}")

    # chance, drawn in blocks because single draws are slow

    def chance(self) -> float:
        """A number from 0 up to 1."""
        if self._at >= len(self._pool):
            self._pool, self._at = self.random.random(_SPREAD).tolist(), 0  # type: ignore[assignment]
        self._at += 1
        return self._pool[self._at - 1]

    def below(self, limit: int) -> int:
        return int(self.chance() * limit)

    def one_of(self, values: Sequence[Any]) -> Any:
        return values[int(self.chance() * len(values))]

    # values

    def day(self) -> date:
        """A day on or about one that the act's rules turn on, or any day of forty years."""
        if self.chance() < 0.25:
            return date(2026, 12, 31) - timedelta(days=self.below(15000))
        found = add(self.one_of(self.marks.days), self.one_of(self.marks.shifts))
        draw = self.chance()
        if draw < 0.6:
            return found + timedelta(days=self.below(7) - 3)
        if draw < 0.7:
            return self.one_of(self._awkward_days)
        return found + timedelta(days=self.below(800) - 400)

    @cached_property
    def _awkward_days(self) -> list[date]:
        days = [
            date(2024, 2, 29),
            date(2025, 2, 28),
            date(2024, 2, 28),
            date(2025, 3, 1),
            date(2025, 8, 31),
            date(2026, 8, 31),
        ]
        return [*days, date(2025, 12, 31), date(2028, 2, 29), date(2026, 2, 28), date(2025, 8, 29), date(2025, 8, 30)]

    def birth(self) -> date:
        if self.chance() < 0.35:
            return date(2008, 1, 1) - timedelta(days=self.below(24000))
        day = add_months(self.day(), -12 * self.one_of(self.marks.ages))
        return day + timedelta(days=self.below(3) - 1) if self.chance() < 0.8 else date(1964, 2, 29)

    def length(self) -> Duration:
        draw = self.chance()
        if draw < 0.5:
            mark = self.one_of(self.marks.lengths)
            return Duration(mark.months, max(0, mark.days + self.one_of((0, 0, 1, -1, 30))))
        return Duration(self.below(180), 0 if draw < 0.8 else self.below(40))

    def number(self, name: str) -> int:
        marks = self.marks.numbers.get(name)
        if marks and self.chance() < 0.7:
            return max(0, int(self.one_of(marks)) + self.below(3) - 1)
        return self.below(150)

    def value(self, name: str, kind: ValueType) -> Any:
        match kind.kind:
            case Kind.BOOLEAN:
                return self.chance() < 0.25
            case Kind.ENUMERATION:
                return self.one_of(kind.values)
            case Kind.DATE:
                return self.day()
            case Kind.NUMBER:
                marks = self.marks.numbers.get(name, (0.0,))
                return (
                    self.one_of(marks) + self.one_of((0, 0, 1, -1, 0.5, -0.5))
                    if self.chance() < 0.7
                    else self.below(1500)
                )
        return self.one_of((*self.marks.texts.get(name, ()), "Sumqayıt", ""))

    # a record

    def record(self, case_id: str) -> Record:
        """One record; how much of it is unknown differs from one to the next."""
        unknown = 0.9 if self.chance() < 0.02 else self.one_of((0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.02, 0.05, 0.1, 0.3))
        likely = self.chance() < 0.75  # a person who serves a term of imprisonment
        record: Record = {"case_id": case_id, "person_id": None}
        record["birth_date"] = self.birth()
        record["sex"] = "female" if self.chance() < 0.1 else "male"
        record["citizenship"] = self.value("citizenship", CASE_FIELDS["citizenship"]) if self.chance() < 0.5 else "AZE"
        record["stage"] = "serving" if likely else self.one_of(CASE_FIELDS["stage"].values)
        record["holder"] = None
        record["punishment"] = "imprisonment" if likely and self.chance() < 0.8 else self.one_of(PUNISHMENT.values)
        record["suspended"] = self.chance() < (0.05 if likely else 0.3)
        record["deferred"] = self.chance() < 0.05
        record["foreign_judgment"] = self.chance() < 0.05
        record["institution_type"] = self.one_of(CASE_FIELDS["institution_type"].values)
        record["judgment_date"] = self.day()
        record["first_conviction"] = self.chance() < 0.6
        record["recidivism"] = "none" if self.chance() < 0.7 else self.one_of(CASE_FIELDS["recidivism"].values)
        self._put_term(record)
        record["offences"] = self.offences(unknown)
        facts = {name: self.value(name, fact.type) for name, fact in self.act.facts.items()}
        if self.chance() < 0.6:  # most people are in no special group
            facts = {
                name: False if fact.type.kind is Kind.BOOLEAN else facts[name] for name, fact in self.act.facts.items()
            }
        if unknown:
            for part in (record, facts):
                for name in part:
                    if name != "case_id" and self.chance() < unknown:
                        part[name] = None
        record["facts"] = facts if self.chance() < 0.98 else None
        return record

    def _put_term(self, record: Record) -> None:
        term = self.length()
        record["term_months"] = term.months
        record["term_days"] = term.days if self.chance() < 0.7 else None
        record["credit_days"] = 0 if self.chance() < 0.5 else self.number("credit_days")
        record["term_start"] = record["term_end"] = None
        end, draw = self.day(), self.chance()
        if draw < 0.6:
            record["term_end"] = end
        else:
            rate = CUSTODY_CREDIT.get(record["punishment"], 1)
            start = add_months(end - timedelta(days=term.days - record["credit_days"] * rate), -term.months)
            record["term_start"] = start + timedelta(days=self.below(2))
            if draw < 0.85:
                computed = computed_term_end(record["term_start"], term, record["credit_days"], record["punishment"])
                record["term_end"] = computed if self.chance() < 0.6 else end

    def offences(self, unknown: float) -> list[Record] | None:
        draw = self.chance()
        if draw < 0.03:
            return [] if draw < 0.01 else None
        count = 1 if draw < 0.7 else 2 if draw < 0.93 else 3 if draw < 0.99 else 5
        return [self.offence(unknown) for _ in range(count)]

    def offence(self, unknown: float) -> Record:
        offence: Record = {
            "article": self.article(),
            "committed_on": self.day(),
            "guilt": self.one_of(GUILT.values) if self.chance() < 0.3 else None,
            "form": self.one_of(FORM.values) if self.chance() < 0.8 else None,
        }
        if unknown:
            for name in offence:
                if self.chance() < unknown:
                    offence[name] = None
        return offence

    def article(self) -> str | None:
        draw = self.chance()
        if draw < 0.25 and self.marks.articles:
            article = self.one_of(self.marks.articles)
            return article if draw < 0.15 else f"{article}.{self.below(4) + 1}"
        if draw < 0.35:
            return self.one_of(("177.1", "131.1", "226.2", "126.3", "124.1", "337", "263.2", "320.1", "111", "111.0"))
        if draw < 0.41:
            return self.one_of(("177", "178", "234", "124", "206", "193", "193-1", "226", "263"))
        if draw < 0.43:
            return self.one_of(("9999", "177.99", "abc", "177.", "99.1.2"))
        if draw < 0.44:
            return None
        part = self.one_of(self._parts)
        return part if draw < 0.85 else f"{part}.{self.below(5) + 1}"

    @cached_property
    def _parts(self) -> list[str]:
        return sorted(self.act.code.parts) if self.act.code else ["1.1", "1.2", "2", "3.1"]


def plain(record: Any) -> Any:
    """A record as JSON would hold it."""
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, dict):
        return {name: plain(value) for name, value in record.items()}
    return [plain(one) for one in record] if isinstance(record, list) else record


__all__ = ["Generator", "Marks", "Record", "marks_of", "plain"]
