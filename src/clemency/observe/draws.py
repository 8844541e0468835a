"""Draws: assumptions within their ranges, people drawn anew, the open law read one way; then determined and counted.

A draw depends on the seed and its own number only. What an engine learns about kinds of cases is kept from one draw to
the next, so that each kind is worked out once. Draws are shared out over processes, each with an engine of its own.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from clemency.law.act import Act
from clemency.law.readings import Question, Reading, read_aloud
from clemency.observe.booking import Booking, Books, Order
from clemency.observe.case_columns import CaseColumns, Prepared, joined
from clemency.observe.classes import ClassAct
from clemency.observe.drawn_people import EstimateError, People, Source, engine_of
from clemency.observe.tallies import Answers, Tallies
from clemency.records.layout import Layout

Floats = NDArray[np.float64]
Progress = Callable[[int, int | None], None]
#: So many draws share one setting of the assumptions, whose fit to the published figures takes as long as they do, and
#: the people drawn at it. Every draw has a reading of the law and an order of counting of its own.
PER_SETTING = 4
#: About so many draws are also made with other people, to tell how much the drawing of people spreads the numbers.
_COMPARED = 100
#: Draws that are determined together: fewer calls of the engine, and still little memory.
_TOGETHER = 2 * PER_SETTING
#: Fewer draws than this are quicker made than another process is started.
_WORTH_A_PROCESS = 40
_MOST_PROCESSES = 8
#: One process has one processor: libraries that would start threads of their own only get in each other's way.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


@dataclass(frozen=True)
class Asked:
    """What an estimate asks of every draw."""

    act: Act
    people: People
    questions: tuple[Question, ...]
    tallies: Tallies
    names: tuple[str, ...]
    draws: int
    seed: int

    def compared(self, number: int) -> bool:
        """Whether a draw, the first of its setting, is also made with other people of that setting."""
        return number % (PER_SETTING * max(1, self.draws // PER_SETTING // _COMPARED)) == 0


@dataclass(frozen=True)
class Draw:
    """What one draw gave: its counts, the setting and the answers it was made with.

    `booked` says at which place each ground was counted. `elsewhere` is what other people of its setting give under the
    same law and the same order of counting, where that was worked out.
    """

    counts: Floats
    setting: Floats
    answers: NDArray[np.int64]
    booked: tuple[int, ...]
    cases: int
    elsewhere: Floats | None = None


def all_draws(asked: Asked, progress: Progress) -> list[Draw]:
    """All draws in their order, shared out over as many processes as there are processors."""
    workers = min(cpu_count() or 1, _MOST_PROCESSES, asked.draws // _WORTH_A_PROCESS)
    if workers < 2:
        return list(_made(asked, range(asked.draws), lambda done: progress(done, asked.draws)))
    each = PER_SETTING * -(-asked.draws // (PER_SETTING * workers))
    shares = [range(share * each, min((share + 1) * each, asked.draws)) for share in range(workers)]
    done = [0] * workers

    def of_share(place: int) -> list[Draw]:
        def tell(so_far: int) -> None:
            done[place] = so_far
            progress(sum(done), asked.draws)

        return _made_elsewhere(asked, shares[place], tell)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return [draw for found in pool.map(of_share, range(workers)) for draw in found]


def _made(asked: Asked, numbers: range, tell: Callable[[int], None]) -> Iterator[Draw]:
    worker = Worker(asked)
    for first in range(numbers.start, numbers.stop, _TOGETHER):
        yield from worker.draws(range(first, min(first + _TOGETHER, numbers.stop)))
        tell(min(first + _TOGETHER, numbers.stop) - numbers.start)


def _made_elsewhere(asked: Asked, numbers: range, tell: Callable[[int], None]) -> list[Draw]:
    """Draws of another process: it reads what is asked from its input and writes one draw after the other."""
    command = [sys.executable, "-c", "from clemency.observe.draws import main; main()"]
    found: list[Draw] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **_ONE_THREAD}
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with process.stdin as file:
                pickle.dump((asked, numbers), file)
            while len(found) < len(numbers):
                found.append(pickle.load(process.stdout))
                tell(len(found))
        except (EOFError, BrokenPipeError):
            process.wait()
            raise EstimateError(
                f"a process that made draws stopped with code {process.returncode}; what it said stands above"
            ) from None
        except BaseException:
            process.kill()
            raise
    return found


def main() -> None:
    """Make the draws that are asked on standard input, and write them to standard output."""
    asked, numbers = pickle.load(sys.stdin.buffer)
    for draw in _made(asked, numbers, lambda done: None):
        pickle.dump(draw, sys.stdout.buffer)
        sys.stdout.buffer.flush()


@dataclass(frozen=True)
class _Sheet:
    """Cases under one reading of the law and one order of counting, ready to be determined and counted."""

    prepared: Prepared
    reading: Reading
    order: Order
    layout: Layout


class Worker:
    """Makes draws; what it learns about kinds of cases is kept between them."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.classes = ClassAct(asked.act)
        self.engine = engine_of(self.classes.act)
        self.booking = Booking.of(asked.act)
        self.books = Books(self.booking)
        self._prepared: tuple[CaseColumns, Prepared] | None = None
        self._people: tuple[int, Prepared] | None = None
        self._setting: tuple[int, NDArray[np.float64], Source] | None = None

    def draws(self, numbers: Sequence[int]) -> list[Draw]:
        """Some draws, determined together. Each depends on the seed and its number only."""
        made, sheets = [], []
        for number in numbers:
            draw, of_draw = self.begun(number)
            made.append((draw, len(of_draw)))
            sheets += of_draw
        counts = self.counted(sheets)
        found = []
        for draw, size in made:
            mine, counts = counts[:size], counts[size:]
            if size > 1:
                draw = replace(draw, elsewhere=mine[1])
            found.append(replace(draw, counts=mine[0]))
        return found

    def begun(self, number: int) -> tuple[Draw, list[_Sheet]]:
        """What a draw is made with, and its cases; some draws are also made under the law of another."""
        number_of_setting = number // PER_SETTING
        answers, order = self.law(number), self.order(number)
        sheets = [self.sheet(self.people(number_of_setting), answers, order)]
        if self.asked.compared(number):
            _, source = self.setting(number_of_setting)
            others = self.prepared(source(self.chance(4, number_of_setting)))
            sheets.append(self.sheet(others, answers, order))
        setting, _ = self.setting(number_of_setting)
        height = sheets[0].prepared.cases.height
        return Draw(np.zeros(0), setting, answers, order.places, height), sheets

    def law(self, number: int) -> NDArray[np.int64]:
        """One answer to each question, by its place among the answers."""
        rng = self.chance(2, number)
        ends = [np.cumsum(one.probabilities)[:-1] for one in self.asked.questions]
        at = rng.random(len(ends))
        return np.array([np.searchsorted(end, one, side="right") for end, one in zip(ends, at, strict=True)], np.int64)

    def order(self, number: int) -> Order:
        """In which order the grounds are counted that a person may meet several of."""
        return self.booking.drawn(self.chance(3, number))

    def people(self, number: int) -> Prepared:
        """People drawn at their setting; the last ones are kept."""
        if self._people is None or self._people[0] != number:
            _, source = self.setting(number)
            self._people = (number, self.prepared(source(self.chance(1, number))))
        return self._people[1]

    def setting(self, number: int) -> tuple[Floats, Source]:
        """One setting of the assumptions, with where its cases are drawn from; the last one is kept."""
        if self._setting is None or self._setting[0] != number:
            asked, central = self.asked, self.asked.people.assumed
            assumed = central.drawn(self.chance(0, number)) if central else None
            values = np.array([assumed.value(name) for name in asked.names] if assumed else [], float)
            self._setting = (number, values, asked.people.at(assumed))
        return self._setting[1:]

    def chance(self, of: int, number: int) -> np.random.Generator:
        """Chance that belongs to the seed, to one kind of thing and to its number."""
        return np.random.default_rng(np.random.SeedSequence([self.asked.seed, of, number]))

    def prepared(self, cases: CaseColumns) -> Prepared:
        """Cases laid out; those of a register without holes only once."""
        if self._prepared is None or self._prepared[0] is not cases:
            self._prepared = (cases, Prepared(cases, self.classes))
        return self._prepared[1]

    def sheet(self, prepared: Prepared, answers: NDArray[np.int64], order: Order) -> _Sheet:
        """Cases under one answer to every question and one order of counting."""
        questions = self.asked.questions
        reading = read_aloud(
            questions, {one.id: one.answers[place] for one, place in zip(questions, answers, strict=True)}
        )
        return _Sheet(prepared, reading, order, prepared.under(reading))

    def counted(self, sheets: Sequence[_Sheet]) -> list[Floats]:
        """Determine the cases of all sheets at once, each kind of case once and for all, and count each sheet."""
        found: list[Floats] = []
        for _, alike in groupby(sheets, lambda sheet: sheet.layout.articles):
            found += self.counted_alike(list(alike))
        return found

    def counted_alike(self, sheets: Sequence[_Sheet]) -> list[Floats]:
        """Sheets over the same articles are determined in one go."""
        coded = self.engine.determine(joined([sheet.layout for sheet in sheets]))
        answers = Answers.of(coded)
        found, start = [], 0
        for sheet in sheets:
            cases = sheet.prepared.cases
            ranks = sheet.prepared.labels.categories(sheet.reading)
            rows = slice(start, start + cases.height)
            mine = replace(answers[rows], grant=self.books.booked(coded, sheet.order, rows))
            found.append(self.asked.tallies.count(mine, cases, ranks))
            start += cases.height
        return found
