"""Decision diagrams against truth tables: every law of logic, and exactly the levels that matter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from clemency.determine.diagram import FALSE, TRUE, Diagrams

#: Cells of each level; three and more as for a date or a list of categories.
CELLS = (2, 3, 2, 4, 3)
ROWS = list(product(*map(range, CELLS)))
Formula = tuple[object, ...]

literals = st.integers(0, len(CELLS) - 1).flatmap(
    lambda level: st.tuples(
        st.just("level"),
        st.just(level),
        st.lists(st.booleans(), min_size=CELLS[level], max_size=CELLS[level]).map(tuple),
    )
)
formulas = st.recursive(
    literals | st.sampled_from([("true",), ("false",)]),
    lambda below: st.one_of(
        st.tuples(st.just("not"), below),
        st.tuples(st.just("and"), below, below),
        st.tuples(st.just("or"), below, below, below),
        st.integers(0, len(CELLS) - 1).flatmap(
            lambda level: st.tuples(st.just("select"), st.just(level), st.tuples(*[below] * CELLS[level]))
        ),
    ),
    max_leaves=10,
)


def built(store: Diagrams, formula: Formula) -> int:
    match formula:
        case ("true",):
            return TRUE
        case ("false",):
            return FALSE
        case ("level", int(level), tuple(row)):
            return store.choice(level, tuple(TRUE if value else FALSE for value in row))
        case ("not", tuple(one)):
            return store.negate(built(store, one))
        case ("and", *parts):
            return store.every([built(store, part) for part in parts])
        case ("or", *parts):
            return store.either([built(store, part) for part in parts])
        case ("select", int(level), tuple(parts)):
            return store.select(level, CELLS[level], tuple(built(store, part) for part in parts))
    raise AssertionError(formula)


def true_in(formula: Formula, row: tuple[int, ...]) -> bool:
    match formula:
        case ("true",):
            return True
        case ("false",):
            return False
        case ("level", int(level), tuple(values)):
            return bool(values[row[level]])
        case ("not", tuple(one)):
            return not true_in(one, row)
        case ("and", *parts):
            return all(true_in(part, row) for part in parts)
        case ("or", *parts):
            return any(true_in(part, row) for part in parts)
        case ("select", int(level), tuple(parts)):
            return true_in(parts[row[level]], row)
    raise AssertionError(formula)


def table(truth: Callable[[tuple[int, ...]], bool]) -> tuple[bool, ...]:
    return tuple(truth(row) for row in ROWS)


def levels_that_matter(truths: tuple[bool, ...]) -> frozenset[int]:
    by_row = dict(zip(ROWS, truths, strict=True))
    return frozenset(
        level
        for level, cells in enumerate(CELLS)
        if any(by_row[row] != by_row[(*row[:level], cell, *row[level + 1 :])] for row in ROWS for cell in range(cells))
    )


@given(formulas)
def test_a_diagram_is_constant_exactly_when_the_truth_table_is(formula: Formula) -> None:
    truths, diagram = table(lambda row: true_in(formula, row)), built(Diagrams(), formula)
    assert (diagram == TRUE) == all(truths)
    assert (diagram == FALSE) == (not any(truths))


@given(formulas)
def test_the_support_is_exactly_the_levels_that_matter(formula: Formula) -> None:
    store = Diagrams()
    assert store.support(built(store, formula)) == levels_that_matter(table(lambda row: true_in(formula, row)))


@given(formulas, formulas)
def test_two_formulas_are_one_diagram_exactly_when_they_agree(one: Formula, two: Formula) -> None:
    store = Diagrams()
    agree = table(lambda row: true_in(one, row)) == table(lambda row: true_in(two, row))
    assert (built(store, one) == built(store, two)) == agree


@given(formulas, formulas, formulas)
def test_the_laws_of_logic_hold(one: Formula, two: Formula, three: Formula) -> None:
    store = Diagrams()
    a, b, c = (built(store, formula) for formula in (one, two, three))
    both, either, negate = store.both, lambda *parts: store.either(parts), store.negate
    assert both(a, b) == both(b, a)
    assert either(a, b) == either(b, a)
    assert both(a, both(b, c)) == both(both(a, b), c)
    assert both(a, either(b, c)) == either(both(a, b), both(a, c))
    assert either(a, both(b, c)) == both(either(a, b), either(a, c))
    assert negate(both(a, b)) == either(negate(a), negate(b))
    assert negate(negate(a)) == a
    assert both(a, negate(a)) == FALSE
    assert either(a, negate(a)) == TRUE
    assert both(a, a) == a == either(a, a)
    assert either(a, both(a, b)) == a
    assert (both(a, TRUE), both(a, FALSE), either(a, FALSE), either(a, TRUE)) == (a, FALSE, a, TRUE)


def test_of_nothing_all_hold_and_none_does() -> None:
    store = Diagrams()
    assert store.every([]) == TRUE
    assert store.either([]) == FALSE


def test_conditions_that_complete_each_other_are_certain_together() -> None:
    store = Diagrams()
    short = store.choice(0, (TRUE, FALSE, FALSE))
    middle = store.choice(0, (FALSE, TRUE, FALSE))
    long = store.choice(0, (FALSE, FALSE, TRUE))
    assert store.either([short, middle, long]) == TRUE
    assert store.support(store.either([short, long])) == {0}
    assert store.support(store.either([short, middle, long])) == frozenset()
