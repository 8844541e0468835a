"""A profile: how the files of one office are read. A small YAML file that a person edits and uses again.

All that is wrong in a profile is told at once, each with its line. What a profile does not say is guessed and shown, or
asked where a guess could be wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clemency.law.source import Source, SourceErrors, parse_source, read_source
from clemency.law.vocabulary import CASE_FIELDS, CATEGORY, FORM, GUILT, Kind, ValueType
from clemency.records.imports.columns import near_field, targets
from clemency.records.imports.sources import ReadSettings

_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", ",": ",", ";": ";", "\t": "\t", "|": "|"}
Century = Annotated[int, Field(ge=1850, le=2150)]
Order = Literal["day_first", "month_first"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(_Part):
    """How the files are written."""

    encoding: str | None = None
    delimiter: Literal["comma", "semicolon", "tab", "bar", ",", ";", "\t", "|"] | None = None
    header_row: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    sheets: list[str] = []
    leave_out_sheets: list[str] = []


class Dates(_Part):
    """How dates are read."""

    order: Order | None = None
    two_digit_years_from: Century | None = None
    serials_from: Literal[1900, 1904] | None = None


class ColumnUse(_Part):
    """What one column means, with what holds for it alone."""

    field: str
    order: Order | None = None
    two_digit_years_from: Century | None = None
    serials_from: Literal[1900, 1904] | None = None
    unit: Literal["years", "months", "days"] | None = None


class Profile(_Part):
    """A profile as a whole; every part may be left out."""

    profile: Literal[1] = 1
    title: str = ""
    read: Reading = Reading()
    rows: Literal["case", "offence"] | None = None
    columns: dict[str, str | ColumnUse] = {}
    leave_out: list[str] = []
    fill_down: list[str] = []
    dates: Dates = Dates()
    values: dict[str, dict[str, str]] = {}
    unknown: list[str] = []
    one_for_all: Literal["use", "unknown"] | None = None
    gone: Literal["keep", "remove"] = "keep"
    code: str = "az-cc"

    def use(self, column: str) -> ColumnUse | None:
        """What the profile says about a column."""
        said = self.columns.get(column)
        return ColumnUse(field=said) if isinstance(said, str) else said

    def read_settings(self, sheets: Collection[str] = ()) -> ReadSettings:
        """What it says about reading; sheets named in the command go before its own."""
        read = self.read
        sign = _SIGNS[read.delimiter] if read.delimiter else None
        chosen = tuple(sheets) or tuple(read.sheets)
        return ReadSettings(read.encoding, sign, read.header_row, chosen, tuple(read.leave_out_sheets))

    def digest(self) -> str:
        """A short name for exactly this profile."""
        plain = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]


def load_profile(path: Path, facts: dict[str, ValueType]) -> Profile:
    """The profile in a file. Raises SourceErrors with everything that is wrong in it."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no profile {path}")
    return _checked(read_source(path), facts)


def parse_profile(text: str, facts: dict[str, ValueType], file: str = "profile") -> Profile:
    """The profile in a text.

    >>> parse_profile("profile: 1\\ncolumns: {Tarix: birth_date}", {}).use("Tarix").field
    'birth_date'
    """
    return _checked(parse_source(file, text), facts)


def _checked(source: Source, facts: dict[str, ValueType]) -> Profile:
    profile = None
    if not isinstance(source.data, dict):
        source.problem((), "a profile is a list of keys", "begin with profile: 1")
    else:
        try:
            profile = Profile.model_validate(source.data)
        except ValidationError as error:
            for detail in error.errors():
                _told(source, detail)
    if profile is not None:
        _check_fields(source, profile, facts)
        _check_values(source, profile, facts)
    if profile is None or source.problems:
        raise SourceErrors(source.file, source.problems)
    return profile


def _told(source: Source, detail: Any) -> None:
    path = tuple(step for step in detail["loc"] if step not in ("str", "ColumnUse"))
    if detail["type"] == "extra_forbidden":
        fields = Profile.model_fields if len(path) == 1 else _PARTS.get(str(path[0]), Profile).model_fields
        source.problem(path, f"unknown key {path[-1]}", f"known are: {', '.join(fields)}", at_key=True)
    elif detail["type"] == "literal_error":
        source.problem(path, f"{detail['input']!r} is none of the choices", f"write {detail['ctx']['expected']}")
    elif "ColumnUse" in detail["loc"] or "str" not in detail["loc"]:
        source.problem(path, detail["msg"].lower().replace("input should be", "this should be"))


_PARTS: dict[str, type[BaseModel]] = {"read": Reading, "dates": Dates, "columns": ColumnUse}


def _check_fields(source: Source, profile: Profile, facts: dict[str, ValueType]) -> None:
    known = set(targets(facts))
    for name, said in profile.columns.items():
        field = said if isinstance(said, str) else said.field
        if field not in known:
            near = near_field(field, list(facts))
            source.problem(("columns", name), f"no field is called {field}", f"did you mean {near}?" if near else "")
        if name in profile.leave_out:
            source.problem(("columns", name), f"the column {name} is read and left out", "keep one of the two")
    for place, name in enumerate(profile.fill_down):
        if name in profile.leave_out:
            source.problem(("fill_down", place), f"the column {name} is left out", "take it out of one of the lists")


def _check_values(source: Source, profile: Profile, facts: dict[str, ValueType]) -> None:
    for field, words in profile.values.items():
        allowed = allowed_values(field, facts)
        if allowed is None:
            source.problem(("values", field), f"the field {field} has no coded values", at_key=True)
            continue
        for word, value in words.items():
            if value not in (*allowed, "unknown"):
                source.problem(
                    ("values", field, word), f"{value} is no value of {field}", f"write {', '.join(allowed)}"
                )


def allowed_values(field: str, facts: dict[str, ValueType]) -> tuple[str, ...] | None:
    """The values that a coded field may have; None for a field that is not coded.

    >>> allowed_values("sex", {}), allowed_values("suspended", {}), allowed_values("birth_date", {})
    (('female', 'male'), ('true', 'false'), None)
    """
    kinds = {"offences.guilt": GUILT, "offences.form": FORM, "category": CATEGORY, **CASE_FIELDS}
    kind = kinds.get(field) or facts.get(field.removeprefix("facts."))
    if kind is None:
        return None
    if kind.kind is Kind.BOOLEAN:
        return ("true", "false")
    return kind.values if kind.kind is Kind.ENUMERATION else None


def written(profile: Profile, comments: dict[str, str] | None = None) -> str:
    """A profile as YAML that a person edits; what it leaves to the guess is left out.

    >>> print(written(Profile(columns={"İş №": "case_id"})), end="")
    profile: 1
    columns:
      İş №: case_id
    """
    import yaml

    plain = profile.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    text = yaml.safe_dump({"profile": 1, **plain}, allow_unicode=True, sort_keys=False, width=120)
    notes = [f"# {line}" for key, lines in (comments or {}).items() for line in f"{key}: {lines}".splitlines()]
    return "\n".join([*notes, text]) if notes else text
