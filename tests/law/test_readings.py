"""One reading of the open law: the act that comes out, and the questions with their probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clemency.determine.columns import Engine
from clemency.determine.diagram import FALSE, TRUE
from clemency.determine.interpreter import Inquiry, determine_case
from clemency.law import rules
from clemency.law.act import Act, library_acts, load_act
from clemency.law.readings import (
    Answer,
    ReadingError,
    law_items,
    load_questions,
    read_aloud,
    states_probabilities,
    under_reading,
)
from clemency.law.source import SourceErrors
from clemency.records.frames import frame_of
from clemency.records.layout import lay_out
from clemency.records.record import known_facts, read_record
from tests.conformance.generate import Generator, Record, plain

GOOD = Path(__file__).parents[1] / "acts" / "good"
LOADED = {path.stem: load_act(path) for path in sorted(GOOD.glob("*.yaml"))}
#: Every act at hand whose law is open somewhere.
OPEN = {"az-2025": load_act("az-2025")} | {name: act for name, act in LOADED.items() if law_items(act)}
ACT = OPEN["az-2025"]
seeds = st.integers(0, 2**31)


@st.composite
def readings(draw: st.DrawFn, act: Act) -> dict[str, Answer]:
    """Some, none or all of the open points of an act, each with one of its answers."""
    items = [item for item in law_items(act) if not _within_another(item.name, act)]
    share = draw(st.sampled_from((0.0, 0.3, 1.0, 1.0)))
    chance = draw(st.randoms(use_true_random=False))
    return {item.name: chance.choice(item.answers) for item in items if chance.random() < share}


def _within_another(name: str, act: Act) -> bool:
    """Whether an entry of a list lies within another: such a pair is answered together or not at all."""
    names = [item.name for item in law_items(act)]
    return any(one != name and (name.startswith(one + ".") or one.startswith(name + ".")) for one in names)


def after_the_fact(record: Record, act: Act, reading: dict[str, Answer]) -> dict[str, str]:
    """What every clause comes to when a case is examined with its law open, and the open points are answered then."""
    inquiry = Inquiry(read_record(record, known_facts(act)), act)
    store = inquiry.store
    own = {one.id: inquiry.examine(one.condition)[0] for one in (*act.grants, *act.exclusions)}
    values = {one.id: own[one.id] for one in act.exclusions} | {
        grant.id: store.both(own[grant.id], store.every([store.negate(own[limit]) for limit in act.limiting[grant.id]]))
        for grant in act.grants
    }
    answered = TRUE
    for level, one in enumerate(inquiry.open):
        if one.key in reading:
            cells = inquiry.cells_of(one)
            chosen = tuple(TRUE if cell == reading[one.key] else FALSE for cell in cells)
            answered = store.both(answered, store.choice(level, chosen))
    return {
        name: "true"
        if store.both(answered, store.negate(value)) == FALSE
        else "false"
        if store.both(answered, value) == FALSE
        else "unknown"
        for name, value in values.items()
    }


def clauses(answer: Any) -> dict[str, str]:
    trace = answer.trace
    return {name: values["value"] for kind in ("exclusions", "grants") for name, values in trace[kind].items()}


def precise(record: Record, act: Act) -> bool:
    """Whether every article of a record is one part of the code, with nothing below it that the act names."""
    articles = [offence["article"] for offence in record["offences"] or ()]
    if act.code is None or not all(article and act.code.part_of(article) for article in articles):
        return False
    return not any(entry.startswith(f"{article}.") for article in articles for entry in act.articles_named)


# --- the act under a reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OPEN))
@given(data=st.data(), seed=seeds)
@settings(max_examples=60, deadline=None)
def test_a_case_under_a_reading_is_the_open_case_with_its_law_answered(
    name: str, data: st.DataObject, seed: int
) -> None:
    act = OPEN[name]
    reading = data.draw(readings(act))
    read = under_reading(act, reading)
    for record in Generator(act, seed).records(5):
        expected, found = after_the_fact(record, act, reading), clauses(determine_case(record, read))
        if precise(record, act) or not record["offences"]:
            assert found == expected, plain(record)
        else:  # an article left open is read within the answered law, so the answer may be sharper and never another
            assert all(found[one] == value for one, value in expected.items() if value != "unknown"), plain(record)


@given(data=st.data(), seed=seeds)
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_the_columns_and_the_interpreter_agree_under_a_reading(data: st.DataObject, seed: int) -> None:
    read = under_reading(ACT, data.draw(readings(ACT)))
    records = list(Generator(ACT, seed).records(60))
    facts = known_facts(read)
    frame = (
        Engine(read).determine(lay_out(frame_of([read_record(one, facts) for one in records], facts), facts)).frame()
    )
    for record, row in zip(records, frame.iter_rows(named=True), strict=True):
        answer = determine_case(record, read)
        expected = (answer.outcome, answer.grant, "; ".join(answer.grants), "; ".join(answer.exclusions))
        assert (row["outcome"], row["grant"], row["grants"], row["exclusions"]) == expected, plain(record)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_reading_answers_what_it_names_and_nothing_else(data: st.DataObject) -> None:
    reading = data.draw(readings(ACT))
    left = {item.name for item in law_items(under_reading(ACT, reading))}
    assert left == {item.name for item in law_items(ACT)} - reading.keys()


def test_two_readings_are_two_versions_and_none_is_the_act_itself() -> None:
    item = law_items(ACT)[0].name
    on, off = under_reading(ACT, {item: True}), under_reading(ACT, {item: False})
    assert len({ACT.version, on.version, off.version}) == 3
    assert under_reading(ACT, {}).version == ACT.version
    assert under_reading(ACT, {}).grants == ACT.grants


def test_a_clause_that_does_not_exist_grants_nobody_anything() -> None:
    record = {"case_id": "1", "stage": "serving", "punishment": "fine", "suspended": False, "deferred": False}
    record["offences"] = [{"article": "177.2"}]
    others = {item.name: item.answers[0] for item in law_items(ACT)}
    assert determine_case(record, ACT).outcome == "undetermined"
    assert determine_case(record, under_reading(ACT, others)).outcome == "not_covered"
    there = under_reading(ACT, {**others, "clause:noncustodial.other": True})
    assert determine_case(record, there).grant == "noncustodial.other"
    assert there.clause("noncustodial.other").law_unknown == {}  # type: ignore[union-attr]


def test_what_does_not_fit_a_reading_is_told_all_at_once() -> None:
    with pytest.raises(ReadingError) as told:
        under_reading(
            ACT, {"clause:nowhere": True, "category:az-cc:177.1": "serious", "clause:deferred.release": "yes"}
        )
    assert str(told.value) == (
        "clause:nowhere is no point of law that az-2025 leaves open; "
        "category:az-cc:177.1 cannot be 'serious'; it is one of: no_great_public_danger, less_serious; "
        "clause:deferred.release cannot be 'yes'; it is one of: false, true"
    )


# --- questions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", library_acts())
def test_the_questions_of_a_library_act_settle_every_open_point_once(name: str) -> None:
    act = load_act(name)
    questions = load_questions(act)
    items = [item for question in questions for item in question.items]
    assert sorted(items) == sorted(item.name for item in law_items(act))
    for question in questions:
        assert sum(question.probabilities) == pytest.approx(1)
        assert question.reason.endswith(".")


def test_every_question_about_the_act_of_2025_states_its_probability_and_why() -> None:
    assert states_probabilities(ACT)
    assert all(one.ask["en"].endswith("?") and len(one.reason) > 30 for one in load_questions(ACT))


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_answers_to_all_questions_leave_no_law_open(data: st.DataObject) -> None:
    questions = load_questions(ACT)
    reading = read_aloud(questions, {one.id: data.draw(st.sampled_from(one.answers)) for one in questions})
    read = under_reading(ACT, reading)
    assert law_items(read) == ()
    first, second = (
        next(atom for atom in rules.atoms(read.clause(name).condition) if isinstance(atom, rules.Listed))  # type: ignore[arg-type]
        for name in ("listed_offences", "listed_offences_other_grounds")
    )
    assert second.certain in ((), first.certain)


def test_an_act_without_stated_probabilities_counts_every_answer_the_same() -> None:
    act = next(act for name, act in OPEN.items() if name != "az-2025")
    assert not states_probabilities(act)
    for question in load_questions(act):
        assert set(question.probabilities) == {1 / len(question.answers)}


_ACT = """\
id: small
title: Small
dates: {in_force: 2025-12-20}
offence_code: az-cc
sources: {A: https://example.org}
grants:
  - {id: one, when: deferred, relief: release, source: A, confidence: low, law_unknown: Perhaps.}
exclusions:
  - {id: list, limits: all, uncertain: ["az-cc:125", "az-cc:151"], source: A, confidence: low}
"""


@pytest.mark.parametrize(
    ("questions", "told"),
    [
        (
            "questions:\n  - {id: a, ask: A?, items: ['clause:*', 'listed:*:125'], yes: 0.5, reason: R.}\n",
            ["no question of readings.yaml settles listed:list:az-cc:151"],
        ),
        (
            "questions:\n  - {id: a, ask: A?, items: ['*'], yes: 0.5, reason: R.}\n"
            "  - {id: b, ask: B?, items: ['clause:two', 'clause:one'], yes: 0.5, reason: R.}\n",
            ["small leaves no point of law clause:two open", "clause:one is settled by a already"],
        ),
        (
            "questions:\n  - {id: a, ask: A?, items: ['*'], reason: R.}\n",
            ["a needs one of: yes, answers"],
        ),
        (
            "questions:\n  - {id: a, ask: A?, items: ['*'], yes: 2, reason: R., why: no}\n",
            ["yes: input should be less than or equal to 1", "why: extra inputs are not permitted"],
        ),
        (
            "questions:\n  - {id: a, ask: A?, items: ['*'], answers: {maybe: 0.5}, reason: R.}\n",
            ["'maybe' is no answer to it", "its probabilities do not add up to one"],
        ),
    ],
)
def test_questions_that_do_not_fit_are_told_with_their_place(questions: str, told: list[str], tmp_path: Path) -> None:
    (tmp_path / "act.yaml").write_text(_ACT, encoding="utf-8")
    (tmp_path / "readings.yaml").write_text(questions, encoding="utf-8")
    with pytest.raises(SourceErrors) as found:
        load_questions(load_act(tmp_path))
    assert "readings.yaml:" in str(found.value)
    for line in told:
        assert line in str(found.value)
