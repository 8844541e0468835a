"""Questions about an act, answered by proof: true of everybody, with the clauses it follows from, or a counter-example.

A question is written in the rule language of acts, with words for what the act answers, and joined by `implies`,
`equivalent` or `never`:

    sex = 'female' and worst_category = 'less_serious' implies granted
    never granted and worst_category = 'especially_serious'
    grant personal.women equivalent grant personal.women and not exclusion serious
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clemency.assure import claims
from clemency.assure.solver import need_solver
from clemency.law import rules
from clemency.law.act import Act, Reservation
from clemency.law.rules import And, Compare, Condition, Literal, Name, Not, Or, RuleErrors, RuleProblem, Scope, Span
from clemency.law.vocabulary import RELIEFS, Kind, ValueType

OUTCOMES = ("granted", "excluded", "not_covered")
_ANSWERS = {
    "outcome": ValueType(Kind.ENUMERATION, OUTCOMES),
    "relief": ValueType(Kind.ENUMERATION, RELIEFS),
}
_CLAUSE = re.compile(r"\b(grant|meets|exclusion)\s+([a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*)")
_JOINED = re.compile(r"\b(implies|equivalent)\b|\bequivalent\s+to\b")
_NEVER = re.compile(r"\s*never\b")


class QuestionError(ValueError):
    """A question that cannot be read: what, where in it, and what to write instead."""

    def __init__(self, text: str, problems: list[RuleProblem]) -> None:
        self.text, self.problems = text, problems
        super().__init__("\n".join(["the question cannot be read", *(_shown(text, problem) for problem in problems)]))


@dataclass(frozen=True)
class Question:
    """A question as it was read: whoever meets `denial` would refute it."""

    text: str
    denial: Condition


@dataclass(frozen=True)
class Answer:
    """True of everybody, with the clauses it follows from; or a person of whom it is not true.

    `law` are the readings of open law that the counter-example takes; where there are any, the question is true as long
    as the law reads otherwise. `offences` is how many of one case were told apart, none for any number.
    """

    question: str
    act: str
    true: bool
    clauses: tuple[str, ...] = ()
    cases: tuple[Mapping[str, Any], ...] = ()
    law: Mapping[str, Any] = field(default_factory=dict)
    determinations: tuple[Mapping[str, Any], ...] = ()
    offences: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "question": self.question,
            "act": self.act,
            "true": self.true,
            "follows_from": list(self.clauses),
            "counter_example": dict(self.cases[0]) if self.cases else None,
            "law": dict(self.law),
            "determination": dict(self.determinations[0]) if self.determinations else None,
            "offences": self.offences,
        }


def prove(act: Act, text: str) -> Answer:
    """Answer a question about an act. Raises QuestionError where it cannot be read, SolverMissing without a solver.

    >>> from clemency.law.act import load_act
    >>> act = load_act("az-2025")
    >>> prove(act, "worst_category = 'especially_serious' implies not granted").clauses
    ('especially_serious',)
    >>> prove(act, "sex = 'female' and stage = 'serving' implies granted").true
    False
    """
    question = read_question(act, text)
    need_solver()
    from clemency.assure.model import MOST_MODELLED
    from clemency.assure.witnesses import Search

    asked = _with_question(act, question)
    search = Search(asked)
    bound = None if search.exact else MOST_MODELLED
    found = search.find(question.denial)
    if found is not None:
        return Answer(text, act.id, False, (), found.records, found.law, found.shown, bound)
    return Answer(text, act.id, True, search.clauses_behind(question.denial), offences=bound)


def _with_question(act: Act, question: Question) -> Act:
    """The act with the question beside it, so that its thresholds and articles are told apart as the act's own are."""
    beside = Reservation("question", {"en": question.text}, {}, question.denial, (), (), "high", {}, question.text)
    return replace(act, reservations=(*act.reservations, beside), version=f"{act.version}?{question.text}")


# --- reading --------------------------------------------------------------------------------------------------


def read_question(act: Act, text: str) -> Question:
    """Read a question about an act.

    >>> from clemency.law.act import load_act
    >>> read_question(load_act("az-2025"), "suspended implies grnted")
    Traceback (most recent call last):
    clemency.assure.prove.QuestionError: the question cannot be read
    suspended implies grnted
                      ^^^^^^
        unknown fact grnted: did you mean granted? ...
    """
    return Question(text, _Reader(act, text).denial())


class _Reader:
    """Reads one question: the words of the act's answers become conditions on its clauses."""

    def __init__(self, act: Act, text: str) -> None:
        self.act, self.text = act, text
        self.named: dict[str, Condition] = {}
        self.problems: list[RuleProblem] = []

    def denial(self) -> Condition:
        never = _NEVER.match(self.text)
        joined = [found for found in _JOINED.finditer(self.text) if not _quoted(self.text, found.start())]
        for extra in joined[1:]:
            self.problems.append(
                RuleProblem("a question joins two conditions, not more", extra.span(), "ask the parts one by one")
            )
        if never and joined:
            problem = RuleProblem(f"never and {joined[0][1] or 'equivalent'} do not go together", never.span())
            self.problems.append(problem)
        if self.problems:
            raise QuestionError(self.text, self.problems)
        if not joined:
            asked = self.condition(never.end() if never else 0, len(self.text))
            return self.done(asked if never else Not(asked))
        word = joined[0]
        left, right = self.condition(0, word.start()), self.condition(word.end(), len(self.text))
        one_way = And((left, Not(right)))
        return self.done(one_way if word[0] == "implies" else Or((one_way, And((right, Not(left))))))

    def done(self, denial: Condition) -> Condition:
        if self.problems:
            raise QuestionError(self.text, self.problems)
        return denial

    def condition(self, start: int, end: int) -> Condition:
        """One side of the question, read in its place so that problems show where they stand."""
        written = self.text[start:end]
        readable = _CLAUSE.sub(lambda found: self.clause(found, start), written)
        try:
            return self.answered(rules.parse(readable, self.scope()))
        except RuleErrors as errors:
            for problem in errors.problems:
                place = (problem.span[0] + start, problem.span[1] + start)
                self.problems.append(replace(problem, span=place))
        return Or(())

    def scope(self) -> Scope:
        act = self.act
        facts = {**_ANSWERS, **{fact.name: fact.type for fact in act.facts.values()}}
        outcomes = {name: claims.outcome(act, name) for name in OUTCOMES}
        return Scope(facts, act.dates, {**outcomes, **act.terms, **self.named}, act.code)

    def clause(self, found: re.Match[str], start: int) -> str:
        """A clause named in a question, as a named condition of the same length."""
        word, clause_id = found[1], found[2]
        name = re.sub(r"[^a-z0-9_]", "_", found[0])
        place = (found.start(2) + start, found.end(2) + start)
        try:
            clause = self.act.clause(clause_id)
        except KeyError:
            known = [one.id for one in claims.clauses(self.act)]
            close = difflib.get_close_matches(clause_id, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else ""
            self.problems.append(RuleProblem(f"the act has no clause {clause_id}", place, hint))
            self.named[name] = Or(())
            return name
        grants = {grant.id: grant for grant in self.act.grants}
        if word == "grant" and clause_id not in grants:
            what = f"{clause_id} is no grant"
            self.problems.append(RuleProblem(what, place, f"write exclusion {clause_id} or meets {clause_id}"))
            self.named[name] = Or(())
        elif word == "grant":
            self.named[name] = claims.given(self.act, grants[clause_id])
        else:
            self.named[name] = claims.met(clause)
        return name

    def answered(self, node: Condition) -> Condition:
        """The tree with every comparison of the outcome or the relief put as a condition on clauses."""
        match node:
            case rules.And(of) | rules.Or(of):
                return replace(node, of=tuple(self.answered(part) for part in of))
            case rules.Not(of) | rules.AnyOffence(of) | rules.EveryOffence(of):
                return replace(node, of=self.answered(of))
            case Compare("=", Name(name), Literal(value)) if name in _ANSWERS:
                return self.answer_is(name, (value,))
            case rules.Among(Name(name), values) if name in _ANSWERS:
                return self.answer_is(name, values)
        asked = [one for one in rules.names_read(node) if one.name in _ANSWERS]
        for one in asked:
            self.problems.append(RuleProblem(f"{one.name} is compared with = or in (...) only", node.span))
        return Or(()) if asked else node

    def answer_is(self, name: str, values: tuple[Any, ...]) -> Condition:
        if name == "relief":
            return claims.relieved(self.act, values)
        return Or(tuple(claims.outcome(self.act, value) for value in values))


def _quoted(text: str, place: int) -> bool:
    return text.count("'", 0, place) % 2 == 1


def _shown(text: str, problem: RuleProblem) -> str:
    """A problem under the question, with a caret at its place."""
    start, end = _within(text, problem.span)
    hint = f": {problem.hint}" if problem.hint else ""
    return f"{text}\n{' ' * start}{'^' * (end - start)}\n    {problem.message}{hint}"


def _within(text: str, span: Span) -> Span:
    start = min(span[0], len(text))
    return start, max(start + 1, min(span[1], len(text)))
