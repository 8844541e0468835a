"""The solver's picture of a person says of every clause what the interpreter says of the same record."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.assure import claims
from clemency.assure.articles import article_classes
from clemency.assure.model import LAW_IS_READ, PersonModel, offences_needed
from clemency.assure.witnesses import Confirmation, law_of, record_of
from clemency.law import rules
from clemency.law.act import Act, load_act
from clemency.law.calendar import EARLIEST, LATEST, Duration, add, share_served_on
from clemency.law.rules import Not
from clemency.law.vocabulary import Kind
from clemency.records.record import known_facts

GOOD = sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))
ACTS = [*map(str, GOOD), "az-2016", "az-2021", "az-2025"]


@cache
def pictured(name: str) -> tuple[Act, PersonModel, z3.Solver, list[tuple[str, Any, Any]]]:
    """An act, a person under it, a solver that knows what holds of everybody, and the truth of every clause."""
    act = load_act(name)
    person = PersonModel(act, 2)
    found = [(clause.id, claims.met(clause), person.truth(claims.met(clause))) for clause in claims.clauses(act)]
    solver = z3.Solver()
    solver.add(*person.invariants, LAW_IS_READ)
    return act, person, solver, found


def wishes(person: PersonModel, draw: Any) -> list[Any]:
    """Wishes for single values near what the act compares with; the solver fulfils as many as go together."""
    in_force = person.act.in_force
    near = [
        add(in_force, Duration(months, days)) for months in (-720, -216, -12, -6, 0, 6, 12, 18) for days in (-1, 0, 1)
    ]
    near += [date(2008, 2, 29), date(2024, 2, 29), date(2025, 8, 31), date(2026, 2, 28), date(2006, 1, 31)]
    days = st.sampled_from([day.toordinal() for day in near])
    wanted = []
    for name, variable in person.fields.items():
        kind = person.types[name].kind if name in person.types else Kind.NUMBER
        if kind is Kind.BOOLEAN:
            wanted.append(variable == draw(st.booleans()))
        elif kind is Kind.DATE:
            wanted.append(variable == draw(days))
        elif kind is Kind.NUMBER:
            wanted.append(variable == draw(st.sampled_from([0, 1, 2, 3, 12, 18, 60, 61, 100, 500, 1001])))
        else:
            wanted.append(variable == draw(st.integers(0, 5)))
    for one in person.offences:
        wanted.append(one.kind == draw(st.integers(0, len(person.classes) - 1)))
        wanted.append(one.committed_on == draw(days))
        wanted += [one.guilt == draw(st.integers(0, 1)), one.form == draw(st.integers(0, 2))]
    return wanted


@pytest.mark.parametrize("name", ACTS, ids=lambda name: Path(name).stem)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_solver_and_interpreter_agree_on_every_clause(name, data) -> None:
    act, person, solver, found = pictured(name)
    solver.push()
    for wish in data.draw(st.permutations(wishes(person, data.draw))):
        if solver.check(wish) == z3.sat:
            solver.add(wish)
    assert solver.check() == z3.sat
    model = solver.model()
    solver.pop()
    record, law = record_of(person, model), law_of(person, model)
    for clause, own, truth in found:
        yes, no = (z3.is_true(model.eval(formula, model_completion=True)) for formula in truth)
        says = Confirmation(act, [own], known_facts(act)).holds([record], law)
        denies = Confirmation(act, [Not(own)], known_facts(act)).holds([record], law)
        assert (yes, no) == (says, denies), f"{clause} of {record} where {law}"


days_of_calendar = st.dates(EARLIEST, LATEST)


@settings(max_examples=20, deadline=None)
@given(day=days_of_calendar, months=st.integers(-300, 300), days=st.integers(-40, 40))
def test_a_day_moves_as_it_does_in_the_calendar(day, months, days) -> None:
    solver, variable, moved = moving(months, days)
    expected = add(day, Duration(months, days)).toordinal() if months else (day + timedelta(days=days)).toordinal()
    assert solver.check(variable == day.toordinal(), moved == expected) == z3.sat
    assert solver.check(variable == day.toordinal(), moved != expected) == z3.unsat


def moving(months: int, days: int) -> tuple[z3.Solver, Any, Any]:
    """A day that varies, and the day it becomes when it is moved."""
    person = PersonModel(load_act(str(GOOD[0])), 1)
    person.invariants.clear()
    variable = z3.Int("some day")
    moved = person.moved(variable, Duration(months, days))
    solver = z3.Solver()
    solver.add(*person.invariants)
    return solver, variable, moved


@settings(max_examples=10, deadline=None)
@given(
    start=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    months=st.integers(0, 300),
    days=st.integers(0, 60),
    lived=st.integers(0, 400),
    share=st.sampled_from(["served 1/2 of term", "served 1/3 of term", "served 2/5 of term", "served 2/3 of term"]),
)
def test_a_share_is_served_on_the_day_of_the_calendar(start, months, days, lived, share) -> None:
    person = PersonModel(load_act(str(next(path for path in GOOD if path.stem == "served-shares"))), 1)
    fraction = rules.served_share(share)
    assert fraction is not None
    end = start + timedelta(days=lived)
    day = person.term(rules.served_name(fraction), None)
    solver = z3.Solver()
    solver.add(*person.invariants)
    fields = person.fields
    solver.add(fields["term_start"] == start.toordinal(), fields["term_end"] == end.toordinal())
    solver.add(fields["term_months"] == months, fields["term_days"] == days)
    expected = share_served_on(start, Duration(months, days), end, fraction).toordinal()
    assert solver.check(day == expected) == z3.sat
    assert solver.check(day != expected) == z3.unsat


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("stage = 'serving'", 1),
        ("worst_category = 'serious'", 1),
        ("worst_category >= 'serious' and worst_category <= 'serious'", 1),
        ("any offence (guilt = 'intent') and any offence (guilt = 'negligence')", 2),
        ("worst_category >= 'serious' and every offence (form = 'attempt') and any offence (article = '120.1')", 3),
    ],
)
def test_as_many_offences_are_told_apart_as_the_rules_can(text, needed) -> None:
    act = load_act("az-2025")
    assert offences_needed([rules.parse(text, rules.Scope(code=act.code))]) == needed


@pytest.mark.parametrize("name", ["az-2016", "az-2021", "az-2025"])
def test_articles_of_a_class_are_alike_to_every_rule(name) -> None:
    act = load_act(name)
    for kind in article_classes(act):
        for article in kind.members:
            assert act.code is not None
            part = act.code.part_of(article)
            assert part is not None
            assert part.categories == kind.categories
            assert kind.guilt is None or part.guilt == kind.guilt
