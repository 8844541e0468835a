"""What moves a number is found where it does, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from clemency.law.readings import Question
from clemency.observe.swings import Swing, moved_by, swings
from clemency.records.assumptions import Assumption

RANGES = [Assumption(f"a{number}", 1.0, 0.0, 2.0, "A range.") for number in range(40)]
QUESTIONS = [
    Question("list", {"en": "On the list?"}, ("x",), (False, True), (0.5, 0.5), "A reason."),
    Question("category", {"en": "Which?"}, ("y",), ("less_serious", "serious"), (0.5, 0.5), "Another."),
]


def drawn(settings: int = 250) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts that follow two assumptions and one question, with noise; four draws a setting."""
    rng = np.random.default_rng(7)
    values, setting_of = rng.random((settings, len(RANGES))) * 2, np.repeat(np.arange(settings), 4)
    draws = len(setting_of)
    answers = rng.integers(0, 2, (draws, len(QUESTIONS)))
    of_setting = (200 * values[:, 3] - 50 * values[:, 10] + rng.normal(0, 5, settings))[setting_of]
    counts = 1000 + of_setting + 300 * answers[:, 0] + rng.normal(0, 20, draws)
    noise = rng.normal(500, 40, settings)[setting_of] + rng.normal(0, 2, draws)
    return np.stack([counts, noise], axis=1), values, setting_of, answers


def test_what_moves_a_number_is_told_with_the_number_at_either_end() -> None:
    counts, *drawn_with = drawn()
    found = swings(counts, *drawn_with, RANGES, QUESTIONS, {"total": 0, "noise": 1})
    assert [(one.assumption, one.kind, one.quantity) for one in found] == [
        ("a3", "assumption", "total"),
        ("list", "law", "total"),
        ("a10", "assumption", "total"),
    ]
    first, law, last = found
    assert (first.low, first.high, law.low, law.high) == (0.0, 2.0, "no", "yes")
    assert first.at_high - first.at_low == pytest.approx(400, abs=15)
    assert law.at_high - law.at_low == pytest.approx(300, abs=10)
    assert last.at_high - last.at_low == pytest.approx(-100, abs=15)
    assert first.at_low == pytest.approx(counts[:, 0].mean() - 200, abs=15)


def test_draws_at_one_setting_are_no_witnesses_of_each_other() -> None:
    counts, values, setting_of, answers = drawn(60)
    found = swings(counts, values, setting_of, answers, RANGES, QUESTIONS, {"total": 0, "noise": 1})
    assert [one.assumption for one in found] == ["list"]


def test_too_few_draws_tell_nothing() -> None:
    counts, *drawn_with = drawn(24)
    assert swings(counts, *drawn_with, RANGES, QUESTIONS, {"total": 0}) == ()
    assert np.isnan(moved_by(counts, drawn_with[-1])).all()


def test_a_question_moves_what_it_moves() -> None:
    counts, _, _, answers = drawn()
    moves = moved_by(counts, answers)
    assert moves[0, 0] == pytest.approx(300, abs=40)
    assert np.isnan(moves[0, 1])
    assert np.isnan(moves[1]).all()


def test_a_number_that_never_changes_is_moved_by_nothing() -> None:
    counts, *drawn_with = drawn()
    counts[:, 1] = 12
    assert swings(counts, *drawn_with, RANGES, QUESTIONS, {"constant": 1}) == ()


def test_a_question_that_is_always_answered_the_same_moves_nothing() -> None:
    counts, *drawn_with = drawn()
    drawn_with[-1][:, 1] = 1
    found = swings(counts, *drawn_with, RANGES, QUESTIONS, {"total": 0})
    assert all(isinstance(one, Swing) and one.assumption != "category" for one in found)
