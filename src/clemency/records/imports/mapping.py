"""What each column of the files means: by the profile, else by its heading; what neither says is asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from clemency.records.imports.columns import given_twice, holds_offences_alone, left_out_words, near_field, proposed
from clemency.records.imports.problems import Question
from clemency.records.imports.profile import ColumnUse, Profile
from clemency.records.imports.spelling import folded
from clemency.records.imports.tables import Column, Table


@dataclass(frozen=True)
class Meaning:
    """One column of one table: what it means, and whether the profile or the heading says so."""

    column: Column
    use: ColumnUse
    said_by: str

    @property
    def field(self) -> str:
        """The field that it means."""
        return self.use.field


@dataclass
class MappedTable:
    """A table with the meaning of its columns; what is left out is named."""

    table: Table
    place: int
    columns: list[Meaning] = field(default_factory=list)
    nested: list[Meaning] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    offences_alone: bool = False

    def heading(self, name: str) -> str:
        """The heading of the column that means a field."""
        return next((one.column.name for one in (*self.columns, *self.nested) if one.field == name), "")

    def as_json(self) -> dict[str, Any]:
        """How the table was read, as plain data."""
        table = self.table
        return {
            "file": table.file,
            "sheet": table.sheet,
            "rows": table.height + len(table.broken),
            **table.reading,
            "columns": {
                one.column.name: {"field": one.field, "said_by": one.said_by} for one in (*self.columns, *self.nested)
            },
            "left_out": self.left_out,
        }


def map_table(table: Table, place: int, profile: Profile, facts: Collection[str]) -> tuple[MappedTable, list[Question]]:
    """The meaning of each column of a table, and what has to be asked."""
    mapped = MappedTable(table, place)
    questions: list[Question] = []
    inside = _name_inside(table)
    for column in table.columns:
        if inside and column.name == inside:
            continue
        meaning = _meaning(column, profile, facts, "")
        if meaning is not None:
            mapped.columns.append(meaning)
        elif _may_be_left_out(column, profile):
            mapped.left_out.append(column.name)
        else:
            questions.append(_unknown_column(table, column, facts))
    for column in table.nested.columns if table.nested else []:
        meaning = _meaning(column, profile, facts, inside)
        if meaning is not None and meaning.field.startswith("offences."):
            mapped.nested.append(meaning)
        elif _may_be_left_out(column, profile):
            mapped.left_out.append(column.name)
        else:
            questions.append(_unknown_column(table, column, facts))
    mapped.offences_alone = holds_offences_alone(table, {one.column.name: one.field for one in mapped.columns})
    questions += _doubled(mapped)
    if "case_id" not in {one.field for one in mapped.columns}:
        questions.append(
            Question(
                "no_case_column", table.where, "no column is the number of the case", "columns: {YOUR HEADING: case_id}"
            )
        )
    return mapped, questions


def _name_inside(table: Table) -> str:
    if table.nested is None or not table.nested.columns:
        return ""
    names = [column.name for column in table.columns]
    prefixes = [name for name in names if all(inner.name.startswith(f"{name}.") for inner in table.nested.columns)]
    return prefixes[0] if prefixes else ""


def _meaning(column: Column, profile: Profile, facts: Collection[str], nested: str) -> Meaning | None:
    said = profile.use(column.name)
    if said is not None:
        return Meaning(column, said, "profile")
    if column.name in profile.leave_out:
        return None
    guess = proposed(column.name, facts, nested)
    return None if guess is None else Meaning(column, ColumnUse(field=guess), "heading")


def _may_be_left_out(column: Column, profile: Profile) -> bool:
    """Left out without a question: what the profile says, what the library says, and a column without any value."""
    return (
        column.name in profile.leave_out
        or folded(re.sub(r" \(\d+\)$", "", column.name)) in left_out_words()
        or bool(column.text.is_null().all())
    )


def _unknown_column(table: Table, column: Column, facts: Collection[str]) -> Question:
    near = near_field(column.name, facts)
    hint = f"; it is like the headings of {near}" if near else ""
    shown = [str(value) for value in column.text.drop_nulls().unique(maintain_order=True).head(3)]
    what = f"the column {column.name} ({', '.join(shown)}) is in no list of headings{hint}"
    answer = f"columns: {{{_quoted(column.name)}: {near or 'FIELD'}}}, or leave_out: [{_quoted(column.name)}]"
    return Question("unknown_column", table.where, what, answer)


def _quoted(name: str) -> str:
    return f'"{name}"' if any(sign in name for sign in ":{}[],#&*!|>'\"%@`") else name


def _doubled(mapped: MappedTable) -> list[Question]:
    asked = []
    for name in given_twice(one.field for one in (*mapped.columns, *mapped.nested)):
        headings = [one.column.name for one in (*mapped.columns, *mapped.nested) if one.field == name]
        what = f"the columns {' and '.join(headings)} both mean {name}"
        answer = f"leave_out: [{', '.join(map(_quoted, headings[1:]))}]"
        asked.append(Question("one_field_twice", mapped.table.where, what, answer))
    return asked
