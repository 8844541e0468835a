"""What an act says of a person, written as one condition: met, given, granted, excluded, relieved in some way.

A claim is a tree of the rule language itself. So the solver and the interpreter read the very same claim, and neither
has words of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from clemency.determine.determination import relief_ranks
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.law.rules import And, Condition, Not, Or, Term

Clause = Grant | Exclusion | Reservation
#: A named condition whose name begins so is a clause's own condition.
CLAUSE = "clause "


def clauses(act: Act) -> list[Clause]:
    """Every clause of an act, in its order."""
    return [*act.grants, *act.exclusions, *act.reservations]


def met(clause: Clause) -> Condition:
    """A clause's own condition; a question that is always asked has none and is always met."""
    return Term(CLAUSE + clause.id, clause.condition if clause.condition is not None else And(()))


def limiting(act: Act, grant: Grant) -> list[Exclusion]:
    """The exclusions that take a grant away."""
    return [exclusion for exclusion in act.exclusions if exclusion.id in act.limiting[grant.id]]


def given(act: Act, grant: Grant) -> Condition:
    """A grant holds: its own condition is met, and no exclusion that limits it is."""
    return And((met(grant), *(Not(met(exclusion)) for exclusion in limiting(act, grant))))


def closed(act: Act, grant: Grant, by: Exclusion) -> Condition:
    """An exclusion takes a grant away that nothing else takes away."""
    others = [Not(met(one)) for one in limiting(act, grant) if one.id != by.id]
    return And((met(grant), met(by), *others))


def granted(act: Act) -> Condition:
    """Some grant holds."""
    return Or(tuple(given(act, grant) for grant in act.grants))


def excluded(act: Act) -> Condition:
    """No grant holds, and some grant's own condition is met while an exclusion that limits it is."""
    barred = [
        And((met(grant), Or(tuple(met(one) for one in limiting(act, grant)))))
        for grant in act.grants
        if act.limiting[grant.id]
    ]
    return And((Not(granted(act)), Or(tuple(barred))))


def not_covered(act: Act) -> Condition:
    """No grant holds, and none is taken away by an exclusion."""
    return And((Not(granted(act)), Not(excluded(act))))


def outcome(act: Act, name: str) -> Condition:
    """An outcome by its name."""
    return {"granted": granted, "excluded": excluded, "not_covered": not_covered}[name](act)


def relieved(act: Act, kinds: Collection[str]) -> Condition:
    """The relief stated is of one of some kinds: such a grant holds, and none with a more favourable relief."""
    ranks = relief_ranks(act)
    each = []
    for grant in act.grants:
        if grant.relief.kind in kinds:
            better = [Not(given(act, one)) for one in act.grants if ranks[one.id] < ranks[grant.id]]
            each.append(And((given(act, grant), *better)))
    return Or(tuple(each))


def parts(condition: Condition) -> Iterator[tuple[Condition, Condition]]:
    """The conditions that all have to hold, through named conditions; each with what stands for it in the rule."""
    if isinstance(condition, And) and condition.of:
        for part in condition.of:
            yield from parts(part)
    elif isinstance(condition, Term) and isinstance(condition.of, And | Term):
        for part, at in parts(condition.of):
            yield part, at if condition.name.startswith(CLAUSE) else condition
    else:
        yield condition, condition
