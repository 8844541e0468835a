"""The case record: one person's one sentence, or one pending prosecution, with its offences.

It is the only shape of data in the house. A field that is missing or null is unknown; nothing is filled in.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from clemency.law.act import Act, library_acts, load_act
from clemency.law.calendar import EARLIEST, LATEST, Duration, add
from clemency.law.source import SourceErrors
from clemency.law.vocabulary import CUSTODY_CREDIT, Kind, ValueType

#: More offences in one sentence than this are taken for a mistake of the file.
MOST_OFFENCES = 200
#: What a record holds at most: a count of the case, the letters of an id and of an article; a number as a fact is less.
MOST_COUNTED, LONGEST_ID, LONGEST_ARTICLE, NUMBER_LIMIT = 100_000, 200, 40, 1e12


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else value
        except ValueError:
            raise ValueError("this is no day of the calendar; write it as 2025-12-20") from None
    if isinstance(value, str):
        raise ValueError("a date is written as 2025-12-20")
    if type(value) is date and not EARLIEST <= value <= LATEST:
        raise ValueError(f"the date lies outside {EARLIEST.year} to {LATEST.year}")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Offence(_Strict):
    """One offence of a case; `article` is text such as `177.2.3`, and is kept as it was typed.

    >>> Offence(article="177.2.3").guilt is None
    True
    """

    article: Annotated[str, Field(min_length=1, max_length=LONGEST_ARTICLE)] | None = None
    committed_on: Day | None = None
    guilt: Literal["intent", "negligence"] | None = None
    form: Literal["completed", "attempt", "preparation"] | None = None


class CaseRecord(_Strict):
    """A case as its register states it. Missing or null is unknown, in every field.

    >>> CaseRecord(case_id="1").sex is None
    True
    """

    case_id: Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
    person_id: str | None = None
    birth_date: Day | None = None
    sex: Literal["female", "male"] | None = None
    citizenship: str | None = None
    stage: Literal["investigation", "trial", "serving", "served"] | None = None
    holder: str | None = None
    punishment: (
        Literal[
            "imprisonment",
            "life_imprisonment",
            "disciplinary_unit",
            "restriction_of_liberty",
            "correctional_works",
            "public_works",
            "military_restriction",
            "fine",
            "loss_of_post",
        ]
        | None
    ) = None
    suspended: bool | None = None
    deferred: bool | None = None
    foreign_judgment: bool | None = None
    institution_type: Literal["settlement", "general", "strict", "special", "prison"] | None = None
    term_months: Count | None = None
    term_days: Count | None = None
    term_start: Day | None = None
    term_end: Day | None = None
    credit_days: Count | None = None
    judgment_date: Day | None = None
    first_conviction: bool | None = None
    recidivism: Literal["none", "simple", "dangerous", "especially_dangerous"] | None = None
    offences: Annotated[list[Offence], Field(max_length=MOST_OFFENCES)] | None = None
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One value of a record that does not fit: which field, what value, why, and how to mend it."""

    field: str
    value: Any
    what: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" ({self.mend})" if self.mend else ""
        return f"{self.field} = {_shown(self.value)}: {self.what}{mend}"


class RecordErrors(ValueError):
    """Everything that does not fit in one record."""

    def __init__(self, case_id: str | None, problems: list[FieldProblem]) -> None:
        self.case_id, self.problems = case_id, problems
        super().__init__("; ".join(map(str, problems)))


_RECORD = TypeAdapter(CaseRecord)


def read_record(data: Mapping[str, Any] | CaseRecord, facts: Mapping[str, ValueType]) -> CaseRecord:
    """A record as it was given, checked field by field; everything that does not fit is told at once.

    `facts` are the names that some act knows, with their types.

    >>> read_record({"case_id": "1", "sexx": "male"}, {})
    Traceback (most recent call last):
    clemency.records.record.RecordErrors: sexx = 'male': unknown field (did you mean sex?)
    """
    if isinstance(data, CaseRecord):
        return data
    if not isinstance(data, Mapping):
        raise RecordErrors(None, [FieldProblem("", data, "a record is an object with fields such as case_id")])
    problems: list[FieldProblem] = []
    record = None
    try:
        record = _RECORD.validate_python(dict(data))
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors()]
    stated = data.get("facts")
    if isinstance(stated, Mapping):
        stated, wrong = _facts(stated, facts)
        problems += wrong
    if record is None or problems:
        case_id = data.get("case_id")
        raise RecordErrors(case_id if isinstance(case_id, str) else None, problems)
    return record if stated == record.facts else record.model_copy(update={"facts": stated})


def read_json(text: bytes, facts: Mapping[str, ValueType]) -> CaseRecord:
    """A record written as one JSON object; a name given twice in it, and NaN, do not fit.

    >>> read_json(b'{"case_id": "1", "sex": null}', {}).case_id
    '1'
    >>> read_json(b'{"case_id": "1", "sex": "male", "sex": "female"}', {})
    Traceback (most recent call last):
    clemency.records.record.RecordErrors: sex = 'female': the name stands twice in one object
    """
    try:
        record = _RECORD.validate_json(text)
    except (ValidationError, ValueError):
        return read_record(json_object(text), facts)
    stated, wrong = _facts(record.facts or {}, facts)
    if wrong or _names_given(record) != text.count(b'":'):
        return read_record(json_object(text), facts)
    return record if record.facts is None or stated == record.facts else record.model_copy(update={"facts": stated})


def _names_given(record: CaseRecord) -> int:
    within = sum(len(offence.model_fields_set) for offence in record.offences or ())
    return len(record.model_fields_set) + within + len(record.facts or ())


def json_object(text: bytes) -> Any:
    """JSON text as plain data. Raises RecordErrors that say where it is broken."""
    twice: list[FieldProblem] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, value in pairs:
            if name in read:
                twice.append(FieldProblem(name, value, "the name stands twice in one object"))
            read[name] = value
        return read

    def no_number(word: str) -> Any:
        raise ValueError(f"{word} is no JSON value; write null where a number is not known")

    try:
        read = json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        what = f"broken JSON: {error.msg.lower()} at column {error.colno}"
        raise RecordErrors(None, [FieldProblem("", _beginning(text), what)]) from None
    except (ValueError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise RecordErrors(None, [FieldProblem("", _beginning(text), reason)]) from None
    if twice:
        case_id = read.get("case_id") if isinstance(read, dict) else None
        raise RecordErrors(case_id if isinstance(case_id, str) else None, twice)
    return read


def _beginning(text: bytes) -> str:
    return text[:200].decode("utf-8", "backslashreplace")


def _facts(stated: Mapping[str, Any], known: Mapping[str, ValueType]) -> tuple[dict[str, Any], list[FieldProblem]]:
    read: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in stated.items():
        if name not in known:
            mend = _nearest(name, known)
            problems.append(FieldProblem(f"facts.{name}", value, "no act of the library knows this fact", mend))
        elif value is not None:
            fitted, what = _fact(value, known[name])
            read[name] = fitted
            if what:
                problems.append(FieldProblem(f"facts.{name}", value, what))
    return read, problems


def _fact(value: Any, kind: ValueType) -> tuple[Any, str]:
    match kind.kind:
        case Kind.BOOLEAN:
            return value, "" if isinstance(value, bool) else "write true, false or null"
        case Kind.NUMBER:
            right = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < NUMBER_LIMIT
            return value, "" if right else "write a number"
        case Kind.DATE:
            try:
                day = _day(value)
            except ValueError as error:
                return value, str(error)
            return day, "" if type(day) is date else "a date is written as 2025-12-20"
        case Kind.ENUMERATION:
            return value, "" if value in kind.values else f"it is one of: {', '.join(kind.values)}"
    return value, "" if isinstance(value, str) else "write text"


def _problem(detail: Any) -> FieldProblem:
    path = [str(step) for step in detail["loc"]]
    name, kind, value = ".".join(path), detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        fields = Offence.model_fields if path[0] == "offences" else CaseRecord.model_fields
        return FieldProblem(name, value, "unknown field", _nearest(path[-1], fields))
    if kind == "missing":
        return FieldProblem(name, None, "the field is missing", "every case needs its own case_id")
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return FieldProblem(name, value, f"it is one of: {expected}")
    if kind == "value_error":
        return FieldProblem(name, value, str(detail["ctx"]["error"]))
    return FieldProblem(name, value, detail["msg"].lower().replace("input should be", "it should be"))


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def known_facts(act: Act | None = None) -> dict[str, ValueType]:
    """Every fact that an act of the library asks, with its type; with an act, that act's facts as well."""
    facts = dict(_library_facts(tuple(library_acts())))
    if act is not None:
        facts |= {name: fact.type for name, fact in act.facts.items()}
    return facts


def record_json_schema() -> dict[str, Any]:
    """The JSON Schema of a case record, with every fact that an act of the library asks."""
    schema = CaseRecord.model_json_schema()
    properties: dict[str, Any] = {}
    for name, kind in known_facts().items():
        simple = {Kind.BOOLEAN: "boolean", Kind.NUMBER: "number"}.get(kind.kind, "string")
        properties[name] = {"type": [simple, "null"]}
        if kind.kind is Kind.ENUMERATION:
            properties[name] = {"enum": [*kind.values, None]}
        elif kind.kind is Kind.DATE:
            properties[name]["format"] = "date"
    facts = {"type": "object", "properties": properties, "additionalProperties": False}
    schema["properties"]["facts"] = {"anyOf": [facts, {"type": "null"}], "default": None, "title": "Facts"}
    return schema


@cache
def _library_facts(acts: tuple[str, ...]) -> dict[str, ValueType]:
    facts: dict[str, ValueType] = {}
    for act_id in acts:
        try:
            facts |= {name: fact.type for name, fact in load_act(act_id).facts.items()}
        except SourceErrors:  # an act that does not load is reported where it is used
            continue
    return facts


# --- worked out from the record -------------------------------------------------------------------------------


def term_imposed(months: int | None, days: int | None) -> Duration | None:
    """The term imposed; a term written in months alone has no days, one written in neither is unknown.

    >>> term_imposed(60, None), term_imposed(None, None)
    (Duration(months=60, days=0), None)
    """
    if months is None and days is None:
        return None
    return Duration(months or 0, days or 0)


def computed_term_end(
    start: date | None, term: Duration | None, credit_days: int | None, punishment: str | None
) -> date | None:
    """The last day of a term: its start plus its calendar months and days, less custody at the punishment's rate.

    Source: Criminal Code of Azerbaijan Art. 69.3. Unknown when any part is unknown, or the punishment runs no term.

    >>> computed_term_end(date(2024, 8, 31), Duration(6), 10, "imprisonment")
    datetime.date(2025, 2, 18)
    >>> computed_term_end(date(2024, 8, 31), Duration(6), None, "imprisonment") is None
    True
    """
    rate = CUSTODY_CREDIT.get(punishment or "")
    if start is None or term is None or credit_days is None or rate is None:
        return None
    return add(start, term) - timedelta(days=credit_days * rate)
