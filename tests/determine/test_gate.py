"""What can matter for a case: grants that flags and offence tests leave possible, found for many rows at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.determine.columns import Engine, engine_for
from clemency.determine.gate import Gate
from clemency.determine.plan import plan_for
from clemency.law import rules
from clemency.law.act import Act, load_act
from clemency.law.vocabulary import Kind
from clemency.records.layout import flag_fields

NAMED: list[str | Path] = ["az-2025", *sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))]
ACTS = [act for act in map(load_act, NAMED) if isinstance(engine_for(act), Engine)]
FLAGS = st.builds(
    lambda codes: sum(code << flag.start for code, flag in zip(codes, flag_fields().values(), strict=True)),
    st.tuples(
        *(
            st.integers(0, 2 if flag.kind.kind is Kind.BOOLEAN else len(flag.kind.values))
            for flag in flag_fields().values()
        )
    ),
)


def possible_value(node: rules.Condition, values: dict[Any, Any]) -> bool | None:
    """Kleene's value of a condition of which only some leaves or offence tests are known, in one row."""
    match node:
        case rules.AnyOffence() | rules.EveryOffence():
            return values.get(node)
        case rules.And(of):
            parts = [possible_value(part, values) for part in of]
            return False if False in parts else None if None in parts else True
        case rules.Or(of):
            parts = [possible_value(part, values) for part in of]
            return True if True in parts else None if None in parts else False
        case rules.Not(of):
            inner = possible_value(of, values)
            return None if inner is None else not inner
        case rules.Term(_, of):
            return possible_value(of, values)
        case rules.IsTrue(rules.Name(name)):
            return values.get(name)
        case rules.Among(rules.Name(name, kind), options) if kind.kind is Kind.ENUMERATION:
            return None if values.get(name) is None else values[name] in options
        case rules.Compare("=", rules.Name(name, kind), rules.Literal(wanted)) if kind.kind is Kind.ENUMERATION:
            return None if values.get(name) is None else values[name] == wanted
    return None


def flag_values(flags: int) -> dict[Any, Any]:
    """The values of the packed fields; none where unknown."""
    values: dict[Any, Any] = {}
    for name, flag in flag_fields().items():
        code = flags >> flag.start & ((1 << flag.bits) - 1)
        values[name] = None if not code else code == 2 if flag.kind.kind is Kind.BOOLEAN else flag.kind.values[code - 1]
    return values


def answers(act: Act, tests: int) -> dict[Any, Any]:
    """What offence tests say, as far as it is settled."""
    found: dict[Any, Any] = {}
    for index, test in enumerate(plan_for(act).quantifiers):
        settled, perhaps = tests >> (2 * index) & 1, tests >> (2 * index + 1) & 1
        some = isinstance(test, rules.AnyOffence)
        found[test] = some if settled else None if perhaps else not some
    return found


def possible(act: Act, values: dict[Any, Any]) -> int:
    """The grants whose own condition is not false by these values."""
    found = (possible_value(grant.condition, values) is not False for grant in act.grants)
    return sum(1 << index for index, one in enumerate(found) if one)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
@given(flags=st.lists(FLAGS, min_size=1, max_size=8), tests=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=8))
@settings(max_examples=12)
def test_many_rows_leave_possible_what_each_does_alone(act: Act, flags: list[int], tests: list[int]) -> None:
    gate = Gate(plan_for(act), [], {})
    found = gate.possible_by_flags(np.array(flags, np.uint64)).tolist()
    assert found == [possible(act, flag_values(one)) for one in flags]
    found = gate.possible_by_tests(np.array(tests, np.uint64)).tolist()
    assert found == [possible(act, answers(act, one)) for one in tests]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=8))
@settings(max_examples=12)
def test_a_grant_is_closed_by_an_exclusion_that_is_one_offence_test_and_true(act: Act, tests: list[int]) -> None:
    gate = Gate(plan_for(act), [], {})
    closing = [
        sum(1 << index for index, grant in enumerate(act.grants) if clause.id in act.limiting[grant.id])
        for clause in act.exclusions
    ]
    for one, found in zip(tests, gate.closed(np.array(tests, np.uint64)).tolist(), strict=True):
        said = answers(act, one)
        closed = [
            limited
            for clause, limited in zip(act.exclusions, closing, strict=True)
            if isinstance(clause.condition, rules.AnyOffence) and said[clause.condition]
        ]
        assert found == int(np.bitwise_or.reduce([0, *closed]))
