"""Which grants read which unknown: the measure of how decisive a missing fact or an open point of law is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from clemency.determine.determination import Missing
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition
from clemency.law.vocabulary import CASE_FIELDS, DERIVED_FIELDS, OFFENCE_FIELDS

_ARTICLE_TELLS = ("offences.article", "offences.category", "offences.guilt")


def marks_read(condition: Condition) -> set[str]:
    """Names of everything a condition reads: fields, facts, fields of offences, lists and clauses open in law."""
    return set(_marks(condition))


def _marks(node: Condition) -> Iterator[str]:
    if isinstance(node, rules.AnyOffence | rules.EveryOffence):
        yield "offences"
    elif isinstance(node, rules.Listed):
        yield "offences.article"
        yield f"listed:{node.exclusion}"
    elif isinstance(node, rules.LawOpen):
        yield node.item
    for operand in rules.operands(node):
        for name in rules.names(operand):
            yield from _read_of(name)
    for child in rules.children(node):
        yield from _marks(child)


def _read_of(name: rules.Name) -> tuple[str, ...]:
    if name.of_offence:
        return (f"offences.{name.name}",)
    if rules.served_share(name.name) is not None:
        return ("term_end", "term_start", "term_months")
    return (_mark(name),)


def _mark(name: rules.Name) -> str:
    return {"term": "term_months", "offence_count": "offences"}.get(name.name, name.name)


_SHARES: dict[str, tuple[str, ...]] = {}


def shares_served(act: Act) -> tuple[str, ...]:
    """The names of the days on which a share of the term is served, as far as rules of the act read them."""
    if act.version not in _SHARES:
        read = {
            name.name
            for condition in act.conditions()
            for atom in rules.atoms(condition)
            for name in rules.names_read(atom)
        }
        _SHARES[act.version] = tuple(sorted(name for name in read if rules.served_share(name)))
    return _SHARES[act.version]


_READERS: dict[str, Mapping[str, frozenset[str]]] = {}


def readers(act: Act) -> Mapping[str, frozenset[str]]:
    """For each mark the grants that read it, in their own condition or in an exclusion that limits them."""
    if act.version not in _READERS:
        _READERS[act.version] = _readers(act)
    return _READERS[act.version]


def _readers(act: Act) -> Mapping[str, frozenset[str]]:
    exclusions = {clause.id: marks_read(clause.condition) for clause in act.exclusions}
    found: dict[str, set[str]] = {}
    for grant in act.grants:
        marks = marks_read(grant.condition).union(*(exclusions[limit] for limit in act.limiting[grant.id]))
        for mark in marks:
            found.setdefault(mark, set()).add(grant.id)
    return {mark: frozenset(grants) for mark, grants in found.items()}


def grants_reading(item: Missing, by_mark: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The grants that can depend on something missing."""
    if item.kind == "law":
        marks = _law_marks(item.name)
    elif item.name == "offences.article":
        marks = (*_ARTICLE_TELLS, *(mark for mark in by_mark if mark.startswith("listed:")))
    else:
        marks = (item.name,)
    return frozenset().union(*(by_mark.get(mark, frozenset()) for mark in marks))


def _law_marks(name: str) -> tuple[str, ...]:
    subject, _, rest = name.partition(":")
    if subject == "listed":
        return (f"listed:{rest.partition(':')[0]}",)
    return (name,) if subject == "clause" else (f"offences.{subject}",)


_FIELD_ORDER = {name: place for place, name in enumerate([*CASE_FIELDS, *DERIVED_FIELDS])}
_OFFENCE_ORDER = {name: place for place, name in enumerate(OFFENCE_FIELDS)}


def order_of(item: Missing, act: Act) -> tuple[int, int, int, str]:
    """A fixed order of things not known, for those that decide equally much: record, facts, offences, law."""
    if item.kind == "law":
        return (3, 0, 0, item.name)
    if item.name in _FIELD_ORDER:
        return (0, _FIELD_ORDER[item.name], 0, "")
    if item.name in act.facts:
        return (1, list(act.facts).index(item.name), 0, "")
    _, _, name = item.name.partition(".")
    return (2, item.offence if item.offence is not None else -1, _OFFENCE_ORDER.get(name, -1), "")


def by_decisiveness(items: Iterable[Missing], open_grants: Collection[str], act: Act) -> tuple[Missing, ...]:
    """The most decisive first: the one that the most open grants read."""
    by_mark = readers(act)

    def place(item: Missing) -> tuple[int, tuple[int, int, int, str]]:
        return -len(grants_reading(item, by_mark).intersection(open_grants)), order_of(item, act)

    return tuple(sorted(set(items), key=place))
