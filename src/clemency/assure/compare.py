"""Two acts on one register: two drafts, two versions of one file, two days of entry into force, two readings.

A side is an act with what is supposed of it: a day on which it takes effect, a day as of which it is read, and answers
to points of law that it leaves open. `compared_on` puts two sides to every case of a register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from clemency.determine.columns import determine_frame
from clemency.determine.moves import Comparison, compared
from clemency.law.act import Act, load_act, load_act_taking_effect
from clemency.law.readings import Answer, ReadingError, law_items, load_questions, read_aloud, under_reading
from clemency.law.vocabulary import ValueType
from clemency.records.quarantine import QuarantineLog
from clemency.records.record import known_facts
from clemency.records.register import Register

Progress = Callable[[int, int | None], None]
_WORDS: dict[str, Answer] = {"yes": True, "no": False}
_SAID: dict[Answer, str] = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Supposed:
    """An act by its id or path, and what is supposed of it; `reading` holds answers such as `listed:*=yes`."""

    act: str
    in_force: date | None = None
    as_of: date | None = None
    reading: tuple[str, ...] = ()

    def name(self) -> str:
        """The act with what is supposed of it, in words; of a path only the last part, or the folder of an act.yaml."""
        path = Path(self.act)
        act = path.resolve().parent.name if path.name == "act.yaml" else path.name
        told = [
            *([f"in force on {self.in_force}"] if self.in_force else []),
            *([f"as of {self.as_of}"] if self.as_of else []),
            *([f"read with {', '.join(self.reading)}"] if self.reading else []),
        ]
        return f"{act} ({'; '.join(told)})" if told else act

    def load(self) -> Act:
        """The act as supposed. Raises ReadingError, NotInForce or ValueError where it cannot be."""
        act = load_act(self.act) if self.in_force is None else load_act_taking_effect(self.act, self.in_force)
        if self.as_of is not None:
            act = act.as_of(self.as_of)
        return under_reading(act, reading_of(act, self.reading)) if self.reading else act


def reading_of(act: Act, answers: tuple[str, ...]) -> dict[str, Answer]:
    """The reading that answers make: each a point of law, a pattern of them or a question, and what is answered.

    A pattern answers those of its points that can be answered so. Later answers go before earlier ones. All that does
    not fit is told at once.

    >>> from clemency.law.act import load_act
    >>> reading_of(load_act("az-2025"), ("clause:noncustodial.*=no",))["clause:noncustodial.other"]
    False
    """
    points = {item.name: item.answers for item in law_items(act)}
    questions = {question.id: question for question in load_questions(act) if question.as_list is None}
    found: dict[str, Answer] = {}
    problems = []
    for written in answers:
        name, said, word = written.rpartition("=")
        answer: Answer = _WORDS.get(word.strip(), word.strip())
        meant = [point for point in points if fnmatchcase(point, name.strip())]
        if not said:
            problems.append(f"{written!r} answers nothing; write POINT=yes, POINT=no or POINT=ANSWER")
        elif name.strip() in questions:
            found |= read_aloud([questions[name.strip()]], {name.strip(): answer})
        elif not meant:
            problems.append(f"{act.id} leaves no point of law {name.strip()} open, and has no such question")
        elif fitting := [point for point in meant if answer in points[point]]:
            found |= dict.fromkeys(fitting, answer)
        else:
            answers_known = ", ".join(str(_SAID.get(one, one)) for one in points[meant[0]])
            problems.append(f"{name.strip()} cannot be answered {word.strip()!r}; its answers are {answers_known}")
    if problems:
        raise ReadingError("; ".join(problems))
    return found


def compared_on(
    register: Register, acts: tuple[Act, Act], names: tuple[str, str], log: QuarantineLog, progress: Progress
) -> Comparison:
    """Both acts on every case of a register, part by part; rows that do not fit are put aside in the log."""
    return compared(_tables(register, acts, log, progress), acts, names)


def facts_of(acts: tuple[Act, Act]) -> dict[str, ValueType]:
    """Every fact that either act asks, with its type. Raises ValueError where one name means two types."""
    theirs = [{name: fact.type for name, fact in act.facts.items()} for act in acts]
    apart = [name for name, kind in theirs[0].items() if theirs[1].get(name, kind) != kind]
    if apart:
        raise ValueError(f"the two acts ask {', '.join(apart)} with different types; rename the fact in one of them")
    return {**known_facts(acts[0]), **known_facts(acts[1])}


def _tables(
    register: Register, acts: tuple[Act, Act], log: QuarantineLog, progress: Progress
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    done = 0
    for batch in register.batches():
        log.add(batch.quarantined)
        done += batch.frame.height
        yield determine_frame(batch.frame, acts[0]), determine_frame(batch.frame, acts[1])
        progress(done, register.total)
