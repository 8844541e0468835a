"""One sentence as a file: a case record, and beside it what a register has no place for but the arithmetic needs.

case: {case_id: "1", punishment: imprisonment, term_months: 40, term_start: 2024-03-01, offences: [{article: "177.2"}]}
custody: [{from: 2024-01-10, to: 2024-02-29}]
terms: [40 months]            # of each offence, in their order
earlier_rest: 14 months       # of an earlier sentence that was added
probation_months: 24
children: [2019-05-01]
amnesty_applied: 2026-01-15   # the day the decision on the person took effect
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clemency.law.calendar import Duration
from clemency.law.codes import OffenceCode, load_code
from clemency.law.sentence_rules import load_rest_days, load_sentence_rules
from clemency.law.sentences import Arithmetic, Count, Custody, Derived, Sentence, was_minor
from clemency.law.source import Source, SourceErrors, parse_source, read_source
from clemency.records.record import CaseRecord, Day, FieldProblem, RecordErrors, known_facts, read_record, term_imposed

_LENGTH = re.compile(r"(?:(\d{1,4}) years?)? ?(?:(\d{1,5}) months?)? ?(?:(\d{1,6}) days?)?")


def _duration(value: Any) -> Any:
    if isinstance(value, Duration):
        return value
    read = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) and value.strip() else None
    if read is None:
        raise ValueError("write a length as 40 months, 3 years 4 months or 20 days")
    years, months, days = (int(number or 0) for number in read.groups())
    return Duration(12 * years + months, days)


Length = Annotated[Duration, BeforeValidator(_duration)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Stretch(_Strict):
    """Custody from one day to another, both included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class SentenceFile(_Strict):
    """The schema of a sentence's file; what is not written is not known."""

    case: dict[str, Any]
    custody: tuple[Stretch, ...] | None = None
    terms: tuple[Length | None, ...] | None = None
    earlier_rest: Length | None = None
    probation_months: Annotated[int, Field(ge=0, le=600)] | None = None
    children: tuple[Day, ...] | None = None
    amnesty_applied: Day | None = None
    title: str | None = None
    synthetic: bool | None = None


@dataclass(frozen=True)
class WorkedOut:
    """A sentence with all that the rules say of it."""

    record: CaseRecord
    sentence: Sentence
    derived: tuple[Derived, ...]


def read_sentence(path: Path) -> tuple[CaseRecord, SentenceFile]:
    """Read a sentence's file, YAML or JSON. Raises SourceErrors or RecordErrors with everything that does not fit."""
    return _checked(read_source(path))


def parse_sentence(text: str) -> tuple[CaseRecord, SentenceFile]:
    """Read a sentence from text; a bare case record is a sentence of which nothing more is known."""
    return _checked(parse_source("sentence", text))


def _checked(source: Source) -> tuple[CaseRecord, SentenceFile]:
    if source.problems:
        raise SourceErrors(source.file, source.problems)
    data = source.data
    if not isinstance(data, dict):
        raise RecordErrors(None, [FieldProblem("", data, "a sentence is an object with a case: and what goes with it")])
    try:
        file = SentenceFile.model_validate(data if "case" in data else {"case": data})
    except ValidationError as error:
        raise RecordErrors(None, [_problem(one) for one in error.errors()]) from None
    record = read_record(file.case, known_facts())
    return record, _fitting(record, file)


def _fitting(record: CaseRecord, file: SentenceFile) -> SentenceFile:
    problems = []
    offences = len(record.offences or ())
    if file.terms is not None and len(file.terms) != offences:
        what = f"there are {len(file.terms)} terms and {offences} offences; write one term for each, null if not known"
        problems.append(FieldProblem("terms", len(file.terms), what))
    for number, one in enumerate(file.custody or ()):
        if one.last < one.first:
            problems.append(
                FieldProblem(f"custody.{number}", str(one.last), f"custody ends before it begins, {one.first}")
            )
    if problems:
        raise RecordErrors(record.case_id, problems)
    return file


def _problem(detail: Any) -> FieldProblem:
    name = ".".join(map(str, detail["loc"]))
    if detail["type"] == "extra_forbidden":
        return FieldProblem(
            name, detail.get("input"), "unknown field", f"there are {', '.join(SentenceFile.model_fields)}"
        )
    told = detail.get("ctx", {}).get("error")
    return FieldProblem(name, detail.get("input"), str(told) if told else detail["msg"].lower())


def work_out(record: CaseRecord, file: SentenceFile | None = None, code_id: str = "az-cc") -> WorkedOut:
    """All that the rules of a code say of one sentence.

    >>> found = work_out(CaseRecord(case_id="1"))
    >>> [one.missing for one in found.derived if one.name == "term_end"]
    [('start', 'term', 'custody_days', 'punishment')]
    """
    sentence = sentence_of(record, load_code(code_id), file)
    rules = load_sentence_rules(code_id)
    derived = Arithmetic(sentence, rules, load_rest_days(rules.calendar)).everything()
    return WorkedOut(record, sentence, derived)


def sentence_of(record: CaseRecord, code: OffenceCode, file: SentenceFile | None = None) -> Sentence:
    """A case record, with what stands beside it, as the arithmetic reads it."""
    offences = record.offences or []
    terms = file.terms if file and file.terms else (None,) * len(offences)
    counts = tuple(_count(code, one.article, one.form, term) for one, term in zip(offences, terms, strict=True))
    custody = tuple(Custody(one.first, one.last) for one in file.custody) if file and file.custody is not None else None
    return Sentence(
        punishment=record.punishment,
        suspended=record.suspended,
        deferred=record.deferred,
        term=term_imposed(record.term_months, record.term_days),
        start=record.term_start,
        stated_end=record.term_end,
        custody=custody,
        custody_days=record.credit_days,
        judgment=record.judgment_date,
        counts=counts or None,
        minor=was_minor(record.birth_date, [one.committed_on for one in offences]),
        recidivism=record.recidivism,
        earlier=file.earlier_rest if file else None,
        probation_months=file.probation_months if file else None,
        child_births=file.children if file else None,
        amnesty_applied=file.amnesty_applied if file else None,
    )


def _count(code: OffenceCode, article: str | None, form: str | None, term: Duration | None) -> Count:
    meant = code.parts_meant(article) if article else ()
    categories = tuple(dict.fromkeys(category for part in meant for category in part.categories))
    maximum = meant[0].max_imprisonment_months if len(meant) == 1 and len(meant[0].categories) == 1 else None
    return Count(article, categories, maximum, form, term)


def as_plain(value: date | Duration | None) -> Any:
    """A value worked out, as plain data."""
    if isinstance(value, Duration):
        return {"months": value.months, "days": value.days}
    return value.isoformat() if value is not None else None


def as_json(found: WorkedOut) -> dict[str, Any]:
    """A sentence worked out, as plain data."""
    return {
        "case_id": found.record.case_id,
        "derived": [
            {
                "name": one.name,
                "value": as_plain(one.value),
                "least": as_plain(one.least),
                "most": as_plain(one.most),
                "missing": list(one.missing),
                "confidence": one.confidence if one.least is not None else None,
                "steps": [_step(step) for step in one.steps],
                "notes": [_step(step) for step in one.notes],
            }
            for one in found.derived
        ],
    }


def _step(step: Any) -> dict[str, Any]:
    values = {
        name: as_plain(value) if isinstance(value, date | Duration) else value for name, value in step.values.items()
    }
    return {"step": step.key, "article": step.article, "values": values}


def plain_text(found: WorkedOut) -> str:
    """A sentence worked out, as JSON text."""
    return json.dumps(as_json(found), ensure_ascii=False, indent=1)
