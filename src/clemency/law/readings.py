"""The act under one reading of its open law: every point that the sources leave open, answered one way.

A point of law is open where an offence may or may not be on a list, where a clause may or may not exist, where an
article part may be of several categories, and where the code does not say whether a part is committed with intent or
through negligence. `law_items` lists the points, `under_reading` gives the act in which some or all of them are
answered, and `readings.yaml` beside the act says how likely each answer is held to be, and why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Text, translated
from clemency.law.codes import MIXED, ArticlePart, OffenceCode
from clemency.law.rules import Condition, Listed
from clemency.law.source import Problem, Source, SourceErrors, read_source
from clemency.law.vocabulary import GUILT

Answer = bool | str
Clause = TypeVar("Clause", Grant, Exclusion)
#: An answer for each point of law that is answered, by its name.
Reading = Mapping[str, Answer]

FILE = "readings.yaml"
_EVEN = "No probability is stated for this act; every answer counts the same."


class ReadingError(ValueError):
    """A reading that does not fit the act."""


@dataclass(frozen=True, slots=True)
class LawItem:
    """One point of law that is open: its name, as determinations give it, and the answers it may have."""

    name: str
    answers: tuple[Answer, ...]


def law_items(act: Act) -> tuple[LawItem, ...]:
    """Every point of law that an act and its offence code leave open, lists first, then clauses, then article parts.

    >>> from clemency.law.act import load_act
    >>> [item.name for item in law_items(load_act("az-2025"))][0]
    'listed:listed_offences:az-cc:115.1'
    """
    return tuple(LawItem(name, answers) for name, answers in dict(_items(act)).items())


def _items(act: Act) -> Iterator[tuple[str, tuple[Answer, ...]]]:
    code_id = act.code.id if act.code else ""
    atoms = [atom for condition in act.conditions() for atom in rules.atoms(condition)]
    for atom in atoms:
        if isinstance(atom, Listed):
            yield from ((f"listed:{atom.exclusion}:{code_id}:{entry}", (False, True)) for entry in atom.uncertain)
    for atom in atoms:
        if isinstance(atom, rules.LawOpen):
            yield atom.item, (False, True)
    read = {name.name for atom in atoms for name in rules.names_read(atom) if name.of_offence}
    parts = list(act.code.parts.values()) if act.code else []
    if "category" in read:
        yield from ((f"category:{code_id}:{part.key}", part.categories) for part in parts if len(part.categories) > 1)
    if "guilt" in read:
        yield from ((f"guilt:{code_id}:{part.key}", GUILT.values) for part in parts if part.guilt == MIXED)


def under_reading(act: Act, reading: Reading) -> Act:
    """The act in which the points of law that a reading answers are settled that way; the others stay open.

    A listed offence is on the list or is not, a clause exists or does not, an article part has one category and one
    form of guilt. A guilt that a record states still goes before that of the code. Raises ReadingError for a point
    that is not open in the act, and for an answer it cannot have.

    >>> from clemency.law.act import load_act
    >>> act = load_act("az-2025")
    >>> read = under_reading(act, {item.name: item.answers[0] for item in law_items(act)})
    >>> law_items(read)
    ()
    """
    _check(act, reading)
    code = _code_under(act.code, reading)
    grants = tuple(_clause_under(grant, act, reading) for grant in act.grants)
    exclusions = tuple(_clause_under(exclusion, act, reading) for exclusion in act.exclusions)
    reservations = tuple(
        one if one.condition is None else replace(one, condition=_settled(one.condition, act, reading))
        for one in act.reservations
    )
    terms = {name: _settled(condition, act, reading) for name, condition in act.terms.items()}
    digest = hashlib.sha256(repr(sorted(reading.items())).encode()).hexdigest()[:12]
    return replace(
        act,
        code=code,
        grants=grants,
        exclusions=exclusions,
        reservations=reservations,
        terms=terms,
        version=f"{act.version}+{digest}" if reading else act.version,
    )


def _check(act: Act, reading: Reading) -> None:
    known = {item.name: item for item in law_items(act)}
    problems = []
    for name, answer in reading.items():
        if name not in known:
            problems.append(f"{name} is no point of law that {act.id} leaves open")
        elif not any(answer is one or (isinstance(one, str) and answer == one) for one in known[name].answers):
            answers = ", ".join(str(one).lower() for one in known[name].answers)
            problems.append(f"{name} cannot be {answer!r}; it is one of: {answers}")
    problems += _split_entries(act, reading)
    if problems:
        raise ReadingError("; ".join(problems))


def _split_entries(act: Act, reading: Reading) -> Iterator[str]:
    """An entry within another of the same list is on the list where the other is: the two cannot be read apart."""
    code_id = act.code.id if act.code else ""
    for atom in {atom for condition in act.conditions() for atom in rules.atoms(condition) if isinstance(atom, Listed)}:
        for inner in atom.uncertain:
            for outer in atom.uncertain:
                if inner.startswith(outer + "."):
                    names = [f"listed:{atom.exclusion}:{code_id}:{entry}" for entry in (inner, outer)]
                    if reading.get(names[0]) is not reading.get(names[1]):
                        yield f"{names[0]} lies within {names[1]}; give both the same answer"


def _clause_under(clause: Clause, act: Act, reading: Reading) -> Clause:
    condition = _settled(clause.condition, act, reading)
    if condition is clause.condition:
        return clause
    answered = f"clause:{clause.id}" in reading
    return replace(clause, condition=condition, law_unknown={} if answered else clause.law_unknown)


def _settled(node: Condition, act: Act, reading: Reading) -> Condition:
    """A condition with its open points answered; what the reading does not touch stays the very same object."""
    match node:
        case rules.LawOpen(item) if item in reading:
            return rules.And(()) if reading[item] else rules.Or(())
        case Listed(exclusion, certain, uncertain):
            code_id = act.code.id if act.code else ""
            answers = {entry: reading.get(f"listed:{exclusion}:{code_id}:{entry}") for entry in uncertain}
            if all(answer is None for answer in answers.values()):
                return node
            on = tuple(entry for entry in uncertain if answers[entry] is True)
            still = tuple(entry for entry in uncertain if answers[entry] is None)
            return Listed(exclusion, (*certain, *on), still, node.span)
        case rules.And(of) | rules.Or(of):
            parts = tuple(_settled(part, act, reading) for part in of)
            return node if all(new is old for new, old in zip(parts, of, strict=True)) else replace(node, of=parts)
        case rules.Not(of) | rules.AnyOffence(of) | rules.EveryOffence(of) | rules.Term(_, of):
            inner = _settled(of, act, reading)
            return node if inner is of else replace(node, of=inner)
    return node


def _code_under(code: OffenceCode | None, reading: Reading) -> OffenceCode | None:
    if code is None:
        return None
    changed: dict[str, ArticlePart] = {}
    for name, answer in reading.items():
        kind, _, key = name.partition(f":{code.id}:")
        part = changed.get(key, code.parts.get(key))
        if part is not None and kind == "category":
            changed[key] = replace(part, categories=(str(answer),))
        elif part is not None and kind == "guilt":
            changed[key] = replace(part, guilt=str(answer))
    return code.with_parts(changed) if changed else code


# --- how likely each answer is held to be ---------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QuestionFile(_Strict):
    """One question about the open law, answered once for everybody: the points it settles, and how likely, and why.

    `yes` is the probability that its points are true; `answers` gives a probability for each of several words. With
    `as_list` the points, where the answer is yes, are read as the same entries of another list, and are false where
    it is no.
    """

    id: str
    ask: Text
    items: list[str] = Field(min_length=1)
    yes: float | None = Field(default=None, ge=0, le=1)
    answers: dict[str, float] | None = None
    as_list: str | None = None
    reason: str = Field(min_length=1)
    source: str | list[str] | None = None


class QuestionsFile(_Strict):
    """The schema of `readings.yaml`."""

    questions: list[QuestionFile] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the open law: the names of the points it settles, its answers and their probabilities."""

    id: str
    ask: Mapping[str, str]
    items: tuple[str, ...]
    answers: tuple[Answer, ...]
    probabilities: tuple[float, ...]
    reason: str
    as_list: str | None = None


def load_questions(act: Act) -> tuple[Question, ...]:
    """The questions about an act's open law from the `readings.yaml` beside it; together they settle every point.

    An act without that file gets a question for each open point, every answer held equally likely. Raises
    SourceErrors with everything that does not fit.

    >>> from clemency.law.act import load_act
    >>> load_questions(load_act("az-2025"))[0].id
    'listed.war_crimes'
    """
    path = act.path.parent / FILE if act.path else None
    if path is None or not path.is_file():
        return tuple(_even(item) for item in law_items(act))
    return _read_questions(read_source(path), act)


def states_probabilities(act: Act) -> bool:
    """Whether somebody has stated how likely the readings of an act are."""
    return act.path is not None and (act.path.parent / FILE).is_file()


def read_aloud(questions: Iterable[Question], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The reading that some answers make, by question: every point that the questions settle.

    A question that follows another list comes after the questions about that list.
    """
    reading: dict[str, Answer] = {}
    for question in questions:
        answer = answers[question.id]
        for item in question.items:
            if question.as_list is None:
                reading[item] = answer
            else:
                reading[item] = bool(answer) and reading[_same_entry(item, question.as_list)]
    return reading


def _even(item: LawItem) -> Question:
    share = 1 / len(item.answers)
    return Question(item.name, {"en": item.name}, (item.name,), item.answers, (share,) * len(item.answers), _EVEN)


def _same_entry(item: str, other: str) -> str:
    kind, _, entry = item.split(":", 2)
    return f"{kind}:{other}:{entry}"


def _read_questions(source: Source, act: Act) -> tuple[Question, ...]:
    file = Path(source.file).name
    try:
        model = QuestionsFile.model_validate(source.data)
    except ValidationError as error:
        for detail in error.errors():
            source.problem(tuple(detail["loc"]), f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].lower()}")
        raise SourceErrors(source.file, source.problems) from None
    open_points = {item.name: item for item in law_items(act)}
    settled: dict[str, str] = {}
    found = []
    for place, question in enumerate(model.questions):
        names = [name for pattern in question.items for name in open_points if fnmatchcase(name, pattern)]
        path = ("questions", place)
        for pattern in question.items:
            if not any(fnmatchcase(name, pattern) for name in open_points):
                source.problem(path, f"{question.id}: {act.id} leaves no point of law {pattern} open")
        for name in names:
            if name in settled:
                source.problem(path, f"{question.id}: {name} is settled by {settled[name]} already")
            if question.as_list and _same_entry(name, question.as_list) not in settled:
                source.problem(path, f"{question.id}: {name} follows {question.as_list}, which is not settled above it")
            settled[name] = question.id
        answers, probabilities = _answers(question, [open_points[name] for name in names], source, path)
        ask = translated(question.ask)
        found.append(
            Question(question.id, ask, tuple(names), answers, probabilities, question.reason, question.as_list)
        )
    if len({question.id for question in found}) < len(found):
        source.problem((), "two questions bear one id")
    for name in open_points.keys() - settled.keys():
        source.problems.append(Problem(1, 1, f"no question of {file} settles {name}", "add it to the items of one"))
    if source.problems:
        raise SourceErrors(source.file, source.problems)
    return tuple(found)


def _answers(
    question: QuestionFile, items: list[LawItem], source: Source, path: tuple[str | int, ...]
) -> tuple[tuple[Answer, ...], tuple[float, ...]]:
    if (question.yes is None) == (question.answers is None):
        source.problem(path, f"{question.id} needs one of: yes, answers")
        return (), ()
    if question.yes is not None:
        if any(item.answers != (False, True) for item in items):
            source.problem(path, f"{question.id} settles a point that is no yes or no", "give it answers:")
        return (False, True), (1 - question.yes, question.yes)
    given = question.answers or {}
    strange = [word for item in items for word in given if word not in item.answers]
    if strange:
        source.problem(path, f"{question.id}: {strange[0]!r} is no answer to it")
    if abs(sum(given.values()) - 1) > 1e-9 or any(share < 0 for share in given.values()):
        source.problem(path, f"{question.id}: its probabilities do not add up to one")
    return tuple(given), tuple(given.values())
