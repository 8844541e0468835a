"""Cases alike: what an act treats alike is determined once, and told apart only in the words of the answer.

Two things are alike to an act. *Facts*, where exchanging two of them, with the grants that each alone decides, leaves
the act as it is: eleven personal groups that are all released under the same conditions. Of the facts of such a group
that hold, and of those that are not known, one each decides all that any number of them would. *Articles*, where all
that a rule leaves open about them is whether a list names them: doubts about one list are one doubt.

So a case has a core, in which one fact and one article stand for all of their kind; the core is determined, and
its answer is put into the words of each case: the grants, the missing things and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine.determination import UNKNOWN, Missing
from clemency.determine.kinds import OFFENCE_BITS, OFFENCES, general, possible_value
from clemency.determine.plan import Plan, signed_leaves
from clemency.determine.settle import Reasons
from clemency.determine.signatures import Signature, Signatures
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition, IsTrue

Ints = npt.NDArray[Any]
_MASK_BITS = 64
_ALL = (1 << _MASK_BITS) - 1
_NONE = 255
_PLACE_BITS = 4
_PLACE = (1 << _PLACE_BITS) - 1


@dataclass(frozen=True)
class FactGroup:
    """Facts that an act treats alike, in its order, and for each the grant that it alone decides (or none)."""

    facts: tuple[str, ...]
    grants: tuple[int | None, ...]


def fact_groups(act: Act, plan: Plan, facts: Iterable[str]) -> list[FactGroup]:
    """The groups of two facts or more that an act treats alike.

    A fact belongs to a group where every clause that reads it is a grant, and names it once: as one of the conditions
    that must all be met, or as one of several any of which will do. The rest of the clauses must be the same for all.
    """
    packed, apart = set(facts), _read_otherwise(act)
    while True:
        groups = _groups(act, plan, [fact for fact in act.facts if fact in packed - apart])
        grouped = {fact for group in groups for fact in group.facts}
        asked = [_names_in(one.condition) for one in act.reservations if one.condition and not general(one, act)]
        mixed = {fact for names in asked if names & grouped and not names <= grouped for fact in names}
        if not mixed:
            return groups
        apart |= mixed


def _groups(act: Act, plan: Plan, facts: list[str]) -> list[FactGroup]:
    alike: dict[Any, list[tuple[str, int | None]]] = {}
    for fact in facts:
        found = _stands(act, plan, fact)
        if found is not None:
            alike.setdefault(found[0], []).append((fact, found[1]))
    return [
        FactGroup(tuple(fact for fact, _ in members), tuple(grant for _, grant in members))
        for members in alike.values()
        if len(members) > 1
    ]


def _read_otherwise(act: Act) -> set[str]:
    """Facts read by exclusions, by offence tests, or by reservations that read anything else beside facts."""
    found: set[str] = set()
    for clause in act.exclusions:
        found |= _names_in(clause.condition)
    for grant in act.grants:
        for leaf, _ in signed_leaves(grant.condition):
            if not isinstance(leaf, IsTrue):
                found |= _names_in(leaf)
    for reservation in act.reservations:
        if (
            reservation.condition is not None
            and not general(reservation, act)
            and not only_facts(reservation.condition)
        ):
            found |= _names_in(reservation.condition)
    return found


def only_facts(condition: Condition) -> bool:
    """Whether a condition reads nothing but whether some facts hold."""
    return all(isinstance(leaf, IsTrue) for leaf, _ in signed_leaves(condition))


def _names_in(condition: Condition) -> set[str]:
    return {
        name.name
        for leaf in rules.atoms(condition)
        for operand in rules.operands(leaf)
        for name in rules.names(operand)
    }


def _stands(act: Act, plan: Plan, fact: str) -> tuple[Any, int | None] | None:
    """Where a fact stands in the grants, the fact itself left out, and the grant that it alone decides."""
    alone: int | None = None
    beside: Any = None
    either: set[tuple[int, tuple[int, ...]]] = set()
    for index, grant in enumerate(act.grants):
        places = list(_places(grant.condition, fact, (), None))
        if not places:
            continue
        if len(places) > 1:
            return None
        kind, path = places[0]
        if kind == "or":
            either.add((index, path))
        elif kind == "and" and alone is None:
            alone = index
            others = frozenset(part for part in _conjuncts(grant.condition) if not _is_fact(part, fact))
            beside = (others, frozenset(plan.limits[index]), plan.ranks[index], repr(grant.relief))
        else:
            return None
    if alone is None and not either:
        return None
    return (beside, frozenset(either)), alone


def _places(
    node: Condition, fact: str, path: tuple[int, ...], parent: str | None
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Where a condition names a fact: among the outermost conditions that must all be met, in an `or`, or elsewhere."""
    match node:
        case rules.Term(_, of):
            yield from _places(of, fact, path, parent)
        case rules.And(of):
            here = "and" if parent in (None, "and") else "inner"
            for place, part in enumerate(of):
                # the place of a direct part of an `and` does not matter, only what stands beside it
                yield from _places(part, fact, (*path, place), here)
        case rules.Or(of):
            for place, part in enumerate(of):
                direct = _is_fact(part, fact)
                yield from ([("or", path)] if direct else _places(part, fact, (*path, place), "inner"))
        case rules.Not(of):
            yield from _places(of, fact, (*path, 0), "inner")
        case _:
            if _is_fact(node, fact):
                yield ("and" if parent in (None, "and") else "elsewhere"), path


def _is_fact(node: Condition, fact: str) -> bool:
    while isinstance(node, rules.Term):
        node = node.of
    return isinstance(node, IsTrue) and node.name.name == fact


def _conjuncts(node: Condition) -> Iterator[Condition]:
    while isinstance(node, rules.Term):
        node = node.of
    if isinstance(node, rules.And):
        for part in node.of:
            yield from _conjuncts(part)
    else:
        yield node


# --- offences -------------------------------------------------------------------------------------------------


def _doubted_list(key: str) -> str | None:
    """The list on which an article may or may not be, from the key of an open part that asks just that."""
    subject, _, rest = key.partition(":")
    return rest.partition(":")[0] if subject == "listed" and "offences[" not in key else None


@dataclass
class OffenceCores:
    """What some rows leave open about their offences: what decides, and what only names it."""

    shared: Ints
    own: Ints
    articles: Ints
    places: Ints


class Shapes:
    """For each signature what it leaves open, the article itself left out where only a list is in doubt."""

    def __init__(self, plan: Plan, signatures: Signatures) -> None:
        self.plan, self.signatures = plan, signatures
        self._shared: dict[Any, int] = {}
        self._own: dict[Any, int] = {}
        self._made = 0
        self.shared: list[int] = []
        self.own: list[int] = []
        self.article: list[int] = []
        self.affected: list[int] = []
        self.doubts: list[dict[str, Missing]] = []
        self.fits = True

    def update(self) -> None:
        """Look at signatures that have come since."""
        for one in self.signatures.all[self._made :]:
            self._add(one)
        self._made = len(self.shared)

    def _add(self, one: Signature) -> None:
        deciding = range(self.plan.deciding)
        unknown = [index for index in deciding if one.values[index] == UNKNOWN]
        lists = {part.key: _doubted_list(part.key) for part in one.parts}
        kept = tuple((lists[part.key] or part.key, lists[part.key] is None, part.bits) for part in one.parts)
        wide = len(self.shared) if one.too_wide else None  # its tables are not made, so that it is like no other
        shape = (kept, tuple((index, one.tables[index]) for index in unknown), wide)
        own = any(not part.shared for part in one.parts)
        self.affected.append(sum(1 << (2 * index) for index in unknown))
        shared = self._shared.setdefault(shape, len(self._shared)) if one.parts and not own else None
        self.shared.append(0 if shared is None else 1 << shared)
        self.own.append(self._own.setdefault(shape, len(self._own)) + 1 if own else 0)
        doubts = {name: part.item for part in one.parts if (name := lists[part.key]) is not None}
        self.article.append(1 << len(self.doubts) if doubts else 0)
        if doubts:
            self.doubts.append(doubts)
        self.fits = max(len(self._shared), len(self.doubts)) <= _MASK_BITS and len(self._own) < 1 << (OFFENCE_BITS - 1)

    def cores(self, offences: Ints, tests: Ints) -> OffenceCores | None:
        """The cores of the offences of some rows, as their keys tell them; none where there are too many shapes."""
        self.update()
        if not self.fits:
            return None
        shape_shared, shape_own, article, affected = (
            np.array(of, np.uint64) for of in (self.shared, self.own, self.article, self.affected)
        )
        undated_affects = affected[self.signatures.undated]
        zero = np.zeros(len(offences), np.uint64)
        shared, own, articles, places, slot = (zero.copy() for _ in range(5))
        is_open = (tests >> np.uint64(1)) & ~tests
        for place in range(OFFENCES):
            code = (offences >> np.uint64(place * OFFENCE_BITS)) & np.uint64((1 << OFFENCE_BITS) - 1)
            rows = np.flatnonzero(code)
            if not len(rows):
                continue
            code, open_tests = code[rows], is_open[rows]
            signature = (code >> np.uint64(1)).astype(np.int64) - 1
            there = (signature >= 0) & ((affected[signature] & open_tests) != 0)
            undated = ((code & np.uint64(1)) != 0) & ((undated_affects & open_tests) != 0)
            shared[rows] |= np.where(there, shape_shared[signature], np.uint64(0))
            articles[rows] |= np.where(there, article[signature], np.uint64(0))
            mine = np.where(there, shape_own[signature], np.uint64(0)) * np.uint64(2) + undated
            kept = np.flatnonzero(mine)
            at = rows[kept]
            own[at] |= mine[kept] << (slot[at] * np.uint64(OFFENCE_BITS))
            places[at] |= np.uint64(place) << (slot[at] * np.uint64(_PLACE_BITS))
            slot[at] += np.uint64(1)
        return OffenceCores(shared, own, articles, places)


# --- answers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """Missing things as far as all cases of a core have them: groups of facts, lists and offences stand for more."""

    items: tuple[int, ...]
    groups: tuple[int, ...]
    lists: tuple[str, ...]
    slots: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The answer of cores, as masks over clauses, before it is put into the words of a case."""

    outcome: int
    grant: int
    true: int
    live: int
    exclusions: int
    asked: int
    missing: Wording
    improving: tuple[tuple[int, Wording], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What tells cases of one template apart: facts that hold or are not known, reservations, articles, places."""

    holding: int
    unknown: int
    asked: int
    articles: int
    places: int

    def place(self, slot: int) -> int:
        """The place in the case of the offence in a slot."""
        return self.places >> (slot * _PLACE_BITS) & _PLACE

    def slot(self, offence: int) -> int:
        """The slot of the offence at a place."""
        return next(slot for slot in range(OFFENCES) if self.place(slot) == offence)


Weight = Callable[[Missing], tuple[int, Any]]
Chain = tuple[tuple[int, tuple[Missing, ...]], ...]


class Items:
    """Missing things by number, and lists of them: the most decisive first."""

    def __init__(self, weight: Weight) -> None:
        self._weight = weight
        self._numbers: dict[Missing, int] = {}
        self.all: list[Missing] = []
        self._masks: list[int] = []
        self._orders: list[Any] = []

    def number(self, item: Missing) -> int:
        """The number of a missing thing."""
        found = self._numbers.setdefault(item, len(self.all))
        if found == len(self.all):
            mask, order = self._weight(item)
            self.all.append(item)
            self._masks.append(mask)
            self._orders.append(order)
        return found

    def ordered(self, items: Iterable[int], open_grants: int) -> tuple[int, ...]:
        """Distinct items, the most decisive first; the grants that are open as a mask."""
        distinct = set(items)
        if len(distinct) < 2:
            return tuple(distinct)
        masks, orders = self._masks, self._orders
        return tuple(sorted(distinct, key=lambda item: (-(masks[item] & open_grants).bit_count(), orders[item])))

    def told(self, items: Iterable[int]) -> tuple[Missing, ...]:
        """The items themselves."""
        return tuple(self.all[item] for item in items)


class Alike:
    """What an act treats alike, and how the answer of a core reads for each of its cases."""

    def __init__(self, plan: Plan, signatures: Signatures, facts: tuple[str, ...], weight: Weight) -> None:
        self.plan, self.items = plan, Items(weight)
        self.bit_of = {name: 1 << place for place, name in enumerate(facts)}
        self.groups = fact_groups(plan.act, plan, facts)
        self.shapes = Shapes(plan, signatures)
        self.masks = [sum(self.bit_of[fact] for fact in group.facts) for group in self.groups]
        self.grouped = sum(self.masks)
        self._own = sum(1 << grant for group in self.groups for grant in group.grants if grant is not None)
        self._group_of = {group.facts[1]: place for place, group in enumerate(self.groups)}
        self._members = [
            [
                (self.bit_of[fact], grant, self.items.number(Missing("fact", fact)))
                for fact, grant in zip(group.facts, group.grants, strict=True)
            ]
            for group in self.groups
        ]
        self._limited: dict[int, int] = {}
        self._limiting: dict[int, int] = {}
        self._lists: dict[int, dict[str, list[int]]] = {}
        self._reasons: dict[Any, int] = {}
        self._conditions: list[tuple[int, Condition]] = []
        self._note_reservations()
        self._states: dict[tuple[int, int], int] = {}

    def _note_reservations(self) -> None:
        """Reservations that limit some grants only: those grants, and the conditions that read grouped facts."""
        place = {grant.id: 1 << index for index, grant in enumerate(self.plan.act.grants)}
        for number, one in enumerate(self.plan.act.reservations):
            if not general(one, self.plan.act):
                self._limited[number] = sum(place[grant] for grant in one.limits)
                if one.condition and any(self.bit_of.get(name, 0) & self.grouped for name in _names_in(one.condition)):
                    self._conditions.append((number, one.condition))
        self._by_facts = sum(1 << number for number, _ in self._conditions)

    def represented(self, true: Ints, known: Ints, holding: Ints, unknown: Ints) -> tuple[Ints, Ints]:
        """Facts with one of each group that holds, and one of those not known, in the place of all."""
        for group, mask in zip(self.groups, self.masks, strict=True):
            first, second = (np.uint64(self.bit_of[fact]) for fact in group.facts[:2])
            true = (true & ~np.uint64(mask)) | ((holding & np.uint64(mask)) != 0) * first
            known = (known | np.uint64(mask)) & ~(((unknown & np.uint64(mask)) != 0) * second)
        return true, known

    def asked(self, holding: Ints, unknown: Ints) -> Ints:
        """The reservations about grouped facts whose condition is not false, in each of some rows."""
        found = np.zeros(len(holding), np.uint64)
        if self._conditions:
            for row, state in enumerate(zip(holding.tolist(), unknown.tolist(), strict=True)):
                if state not in self._states:
                    self._states[state] = self._asked(*state)
                found[row] = self._states[state]
        return found

    def _asked(self, holding: int, unknown: int) -> int:
        states = {
            name: True if holding & bit else None if unknown & bit else False for name, bit in self.bit_of.items()
        }
        return sum(1 << number for number, one in self._conditions if possible_value(one, states) is not False)

    # from a core to its template

    def template(self, answer: tuple[int, ...], missing: tuple[Missing, ...], improving: Chain, told: Told) -> Template:
        """The answer of a core (outcome, grant, true and live grants, exclusions), its own words taken out."""
        outcome, grant, true, live, exclusions = answer
        limiting = self._limiting.get(true | live)
        if limiting is None:
            reached = self._reached(true | live)
            limiting = sum(1 << number for number, limited in self._limited.items() if limited & reached)
            self._limiting[true | live] = limiting
        return Template(
            outcome,
            grant,
            true,
            live,
            exclusions,
            told.asked & limiting & ~self._by_facts,
            self._wording(missing, told),
            tuple((index, self._wording(needs, told)) for index, needs in improving),
        )

    def _reached(self, listed: int) -> int:
        """The grants that any case of a core with some grants may have: with one of a group, all of it."""
        for group in self.groups:
            own = sum(1 << grant for grant in group.grants if grant is not None)
            if listed & own:
                listed |= own
        return listed

    def _wording(self, items: tuple[Missing, ...], told: Told) -> Wording:
        if not items:
            return _NOTHING
        doubted = {item: name for one in self._doubts(told.articles) for name, item in one.items()}
        groups = {self._group_of[item.name] for item in items if item.kind == "fact" and item.name in self._group_of}
        return Wording(
            tuple(
                self.items.number(item)
                for item in items
                if item.offence is None
                and item not in doubted
                and (item.kind == "law" or item.name not in self._group_of)
            ),
            tuple(sorted(groups)),
            tuple(sorted({doubted[item] for item in items if item in doubted})),
            tuple((item.kind, item.name, told.slot(item.offence)) for item in items if item.offence is not None),
        )

    def _doubts(self, articles: int) -> list[dict[str, Missing]]:
        return [self.shapes.doubts[place] for place in _bits(articles)]

    def names(self, one: Template) -> tuple[int, int, int, int, int]:
        """What the words of a template name, as masks over what is told: see `Told`."""
        holding, unknown = 0, 0
        wordings = [one.missing, *(needs for _, needs in one.improving)]
        listed = one.true | one.live
        for place, (group, mask) in enumerate(zip(self.groups, self.masks, strict=True)):
            first, second = (None if grant is None else 1 << grant for grant in group.grants[:2])
            if first is not None and listed & first:
                holding |= mask
            if any(place in of.groups for of in wordings) or (second is not None and listed & second):
                unknown |= mask
        reached = self._reached(listed)
        asked = sum(1 << number for number, _ in self._conditions if self._limited[number] & reached)
        articles = _ALL if any(of.lists for of in wordings) else 0
        slots = {slot for of in wordings for _, _, slot in of.slots}
        return holding, unknown, asked, articles, sum(_PLACE << (slot * _PLACE_BITS) for slot in slots)

    # the words of a case

    def words(self, one: Template, told: Told, reasons: Reasons) -> tuple[int, int, int, int, int, int]:
        """The grant counted, grants true and live, reservations, and the numbers of missing things and improvements."""
        true, live = self.members(one.true, told), self.members(one.live, told)
        grant = one.grant
        if grant != _NONE:
            level = self.plan.ranks[grant]
            grant = next(index for mask in (true, live) for index in _bits(mask) if self.plan.ranks[index] == level)
        missing = 0
        if one.missing is not _NOTHING:
            found = self.items.ordered(self.spelled(one.missing, told), live & ~true)
            missing = self._number(found, reasons)
        improving = 0
        if one.improving:
            chain = sorted(
                (member, self.items.ordered(self.spelled(needs, told, fact), 1 << member))
                for index, needs in one.improving
                for member, fact in self.owners(index, told)
            )
            improving = self._chain(tuple(chain), reasons)
        reserved = 0
        for number in _bits(one.asked | told.asked):
            if self._limited[number] & live:
                reserved |= 1 << number
        return grant, true, live, reserved, missing, improving

    def _number(self, items: tuple[int, ...], reasons: Reasons) -> int:
        number = self._reasons.get(items)
        if number is None:
            number = self._reasons[items] = reasons.number(self.items.told(items))
        return number

    def _chain(self, chain: tuple[tuple[int, tuple[int, ...]], ...], reasons: Reasons) -> int:
        number = self._reasons.get(("chain", chain))
        if number is None:
            stated = tuple((index, self.items.told(needs)) for index, needs in chain)
            number = self._reasons["chain", chain] = reasons.number(stated)
        return number

    def members(self, mask: int, told: Told) -> int:
        """A mask of grants with the grants of a case in the place of those of its core."""
        if not mask & self._own:
            return mask
        found = mask & ~self._own
        for members in self._members:
            for (_, first, _), present in zip(members[:2], (told.holding, told.unknown), strict=True):
                if first is not None and mask >> first & 1:
                    for bit, grant, _ in members:
                        if present & bit and grant is not None:
                            found |= 1 << grant
        return found

    def owners(self, index: int, told: Told) -> list[tuple[int, int | None]]:
        """The grants of a case for one of its core, and the item of the fact not known that each alone asks for."""
        if not self._own >> index & 1:
            return [(index, None)]
        for members in self._members:
            if index == members[0][1]:
                return [(grant, None) for bit, grant, _ in members if told.holding & bit and grant is not None]
            if index == members[1][1]:
                return [(grant, item) for bit, grant, item in members if told.unknown & bit and grant is not None]
        return []  # pragma: no cover - only the first two of a group stand in a core

    def spelled(self, of: Wording, told: Told, alone: int | None = None) -> list[int]:
        """Missing things in the words of a case; `alone` is the item of its group that a grant alone asks for."""
        found = list(of.items)
        for place in of.groups:
            members = self._members[place]
            if alone is not None and any(item == alone for _, _, item in members):
                found.append(alone)
            else:
                found += [item for bit, _, item in members if told.unknown & bit]
        if of.lists:
            doubts = self._listed(told.articles)
            for name in of.lists:
                found += doubts.get(name, ())
        for kind, name, slot in of.slots:
            found.append(self.items.number(Missing(kind, name, told.place(slot))))
        return found

    def _listed(self, articles: int) -> dict[str, list[int]]:
        """The doubts about lists of some articles, by list."""
        found = self._lists.get(articles)
        if found is None:
            found = self._lists[articles] = {}
            for one in self._doubts(articles):
                for name, item in one.items():
                    found.setdefault(name, []).append(self.items.number(item))
        return found


_NOTHING = Wording((), (), (), ())


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
