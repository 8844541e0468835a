"""Cases alike: what an act treats alike is determined once, and told apart only in the words of the answer.

Two things are alike to an act. *Facts*, where exchanging two of them, with the grants that each alone decides, leaves
the act as it is: eleven personal groups that are all released under the same conditions. Of the facts of such a group
that hold, and of those that are not known, one each decides all that any number of them would. *Articles*, where all
that a rule leaves open about them is whether a list names them: doubts about one list are one doubt.

So a case has a core, in which one fact and one article stand for all of their kind; the core is determined, and
its answer is put into the words of each case: the grants, the missing things and their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from clemency.determine import words_loops as loops
from clemency.determine.determination import UNKNOWN, Missing
from clemency.determine.gate import Truth, general, kleene_of
from clemency.determine.items import Items, Reasons, bits
from clemency.determine.kinds import OFFENCE_BITS, OFFENCES
from clemency.determine.numbering import Growing, Numbering
from clemency.determine.plan import Plan, signed_leaves
from clemency.determine.signatures import Signature, Signatures
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition, IsTrue

Ints = npt.NDArray[Any]
_MASK_BITS = 64
_ALL = (1 << _MASK_BITS) - 1
_PLACE_BITS = loops.PLACE_BITS
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
        #: Of each signature: its shape, as a bit if others share it or as a number, its article, the tests it affects.
        self._told = Growing(np.uint64, loops.TOLD_OF_SIGNATURE)
        self.doubts: list[dict[str, Missing]] = []
        self.fits = True

    def update(self) -> None:
        """Look at signatures that have come since."""
        for one in self.signatures.all[self._told.count :]:
            self._told.add([self._of(one)])

    def _of(self, one: Signature) -> tuple[int, int, int, int]:
        deciding = range(self.plan.deciding)
        unknown = [index for index in deciding if one.values[index] == UNKNOWN]
        lists = {part.key: _doubted_list(part.key) for part in one.parts}
        kept = tuple((lists[part.key] or part.key, lists[part.key] is None, part.bits) for part in one.parts)
        wide = self._told.count if one.too_wide else None  # its tables are not made, so that it is like no other
        shape = (kept, tuple((index, one.tables[index]) for index in unknown), wide)
        apart = any(not part.shared for part in one.parts)
        shared = 1 << self._shared.setdefault(shape, len(self._shared)) if one.parts and not apart else 0
        own = self._own.setdefault(shape, len(self._own)) + 1 if apart else 0
        doubts = {name: part.item for part in one.parts if (name := lists[part.key]) is not None}
        article = 1 << len(self.doubts) if doubts else 0
        if doubts:
            self.doubts.append(doubts)
        self.fits = max(len(self._shared), len(self.doubts)) <= _MASK_BITS and len(self._own) < 1 << (OFFENCE_BITS - 1)
        if not self.fits:
            return 0, 0, 0, 0
        return shared, own, article, sum(1 << (2 * index) for index in unknown)

    def cores(self, offences: Ints, tests: Ints) -> OffenceCores | None:
        """The cores of the offences of some rows, as their keys tell them; none where there are too many shapes."""
        self.update()
        if not self.fits:
            return None
        found = np.zeros((loops.TOLD_OF_OFFENCES, len(offences)), np.uint64)
        loops.offence_cores(offences, tests, self._told.all, self.signatures.undated, OFFENCE_BITS, OFFENCES, found)
        return OffenceCores(*found)


# --- answers --------------------------------------------------------------------------------------------------


class Wording(NamedTuple):
    """Missing things as far as all cases of a core have them: groups of facts, lists and offences stand for more.

    Groups and lists are masks. Of an offence there is a row of the items about the offence at each place, and its slot.
    """

    items: tuple[int, ...]
    groups: int
    lists: int
    slots: tuple[tuple[int, int], ...]


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


Chain = tuple[tuple[int, tuple[Missing, ...]], ...]


class Alike:
    """What an act treats alike, and how the answer of a core reads for each of its cases."""

    def __init__(self, plan: Plan, signatures: Signatures, facts: tuple[str, ...], items: Items) -> None:
        self.plan, self.items = plan, items
        self.bit_of = {name: 1 << place for place, name in enumerate(facts)}
        self.groups = fact_groups(plan.act, plan, facts)
        self.shapes = Shapes(plan, signatures)
        self.masks = [sum(self.bit_of[fact] for fact in group.facts) for group in self.groups]
        self.grouped = sum(self.masks)
        self.wordings: list[Wording] = []
        self._own = sum(1 << grant for group in self.groups for grant in group.grants if grant is not None)
        self._members = [
            [
                (self.bit_of[fact], grant, self.items.number(Missing("fact", fact)))
                for fact, grant in zip(group.facts, group.grants, strict=True)
            ]
            for group in self.groups
        ]
        self._group_of = {members[1][2]: place for place, members in enumerate(self._members)}
        self._limited: dict[int, int] = {}
        self._list_numbers: dict[str, int] = {}
        self._lists_of: dict[int, dict[int, int]] = {}
        self._of_offence = Growing(np.int64, _PLACE + 1)
        self._offence_rows: dict[tuple[str, str], int] = {}
        self._wordings: dict[Wording, int] = {}
        self._told = _ToldWordings()
        self._chains: dict[Any, int] = {}
        self._conditions: list[tuple[int, Condition]] = []
        self._note_reservations()
        self._by_state = Numbering(2)
        self._states = Growing(np.uint64)

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
        if not self._conditions:
            return np.zeros(len(holding), np.uint64)
        states, fresh = self._by_state.number(holding, unknown)
        self._states.add(self._asked(holding[fresh], unknown[fresh]))
        return self._states.all[states]

    def _asked(self, holding: Ints, unknown: Ints) -> Ints:
        def truth(node: Condition) -> Truth | None:
            bit = self.bit_of.get(node.name.name) if isinstance(node, IsTrue) else None
            if bit is None:
                return None
            holds = (holding & np.uint64(bit)) != 0
            return holds, holds | ((unknown & np.uint64(bit)) != 0)

        found = np.zeros(len(holding), np.uint64)
        for number, condition in self._conditions:
            _, possible = kleene_of(condition, truth)
            found |= possible.astype(np.uint64) << np.uint64(number)
        return found

    # from a core to its template

    def limiting(self, listed: Ints, asked: Ints) -> Ints:
        """Of the reservations asked for in some cores with some grants, those that any of their cases may have.

        Those that ask for grouped facts are left out: they are told case by case.
        """
        reached, found = self._reached(listed), np.zeros(len(listed), np.uint64)
        for number, limited in self._limited.items():
            found |= ((reached & np.uint64(limited)) != 0).astype(np.uint64) << np.uint64(number)
        return asked & found & ~np.uint64(self._by_facts)

    def _reached(self, listed: Ints) -> Ints:
        """The grants that any case of a core with some grants may have: with one of a group, all of it."""
        for group in self.groups:
            own = np.uint64(sum(1 << grant for grant in group.grants if grant is not None))
            listed = listed | (((listed & own) != 0) * own)
        return listed

    def wording(self, items: tuple[int, ...], articles: int, places: int) -> int:
        """The number of the wording of a core's missing things, its own words taken out."""
        apart, doubted, every = Told(0, 0, 0, articles, places), self._doubted(articles), self.items.all
        plain: list[int] = []
        groups = lists = 0
        slots: list[tuple[int, int]] = []
        for item in items:
            if item in self._group_of:
                groups |= 1 << self._group_of[item]
            elif item in doubted:
                lists |= 1 << doubted[item]
            elif (offence := every[item].offence) is not None:
                slots.append((self._offence_row(every[item]), apart.slot(offence)))
            else:
                plain.append(item)
        found = Wording(tuple(plain), groups, lists, tuple(slots))
        number = self._wordings.setdefault(found, len(self.wordings))
        if number == len(self.wordings):
            self.wordings.append(found)
        return number

    def _offence_row(self, item: Missing) -> int:
        """The row of the items that say of the offence at each place what an item says of one."""
        row = self._offence_rows.get((item.kind, item.name))
        if row is None:
            row = self._offence_rows[item.kind, item.name] = len(self._offence_rows)
            self._of_offence.add(
                [[self.items.number(Missing(item.kind, item.name, place)) for place in range(_PLACE + 1)]]
            )
        return row

    def _doubted(self, articles: int) -> Mapping[int, int]:
        """By what is missing, the number of the list on which one of some articles may or may not be."""
        found = self._lists_of.get(articles)
        if found is None:
            doubts = [self.shapes.doubts[place] for place in bits(articles)]
            found = {self.items.number(item): self._list_number(name) for one in doubts for name, item in one.items()}
            self._lists_of[articles] = found
        return found

    def _list_number(self, name: str) -> int:
        return self._list_numbers.setdefault(name, len(self._list_numbers))

    def names(self, listed: Ints, wordings: Ints, others: Mapping[int, list[int]]) -> Ints:
        """What the words of some templates name, as masks over what is told, a column each: see `Told`.

        `listed` are their grants that are true or live, `wordings` the numbers of their lists of missing things (-1
        where nothing is missing), `others` those of the improvements of a few of them.
        """
        self._told.update(self.wordings)
        named = self._told.names.all
        in_words = named[wordings + 1]
        for row, numbers in others.items():
            in_words[row] |= np.bitwise_or.reduce(named[np.array(numbers) + 1])
        groups, articles, places = in_words.T
        holding, unknown, asked = (np.zeros(len(listed), np.uint64) for _ in range(3))
        for place, (group, mask) in enumerate(zip(self.groups, self.masks, strict=True)):
            first, second = (np.uint64(0 if grant is None else 1 << grant) for grant in group.grants[:2])
            holding |= ((listed & first) != 0) * np.uint64(mask)
            unknown |= (((groups >> np.uint64(place)) & np.uint64(1)) | ((listed & second) != 0)) * np.uint64(mask)
        reached = self._reached(listed)
        for number, _ in self._conditions:
            asked |= ((reached & np.uint64(self._limited[number])) != 0).astype(np.uint64) << np.uint64(number)
        return np.stack([holding, unknown, asked, articles, places], axis=1)

    # what the loops are told

    def words(self) -> loops.Words:
        """What words are made of, as far as it is known by now."""
        self.shapes.update()
        known = [(article, name, item) for article, one in enumerate(self.shapes.doubts) for name, item in one.items()]
        numbered = [(article, self._list_number(name), self.items.number(item)) for article, name, item in known]
        doubts = np.full((len(self.shapes.doubts), len(self._list_numbers)), -1, np.int64)
        for article, name, item in numbered:
            doubts[article, name] = item
        first, bit, grant, member, limited, ranks = self._always
        weighed = self.items.weighed()
        own = np.uint64(self._own)
        return loops.Words(first, bit, grant, member, doubts, self._of_offence.all, *weighed, limited, ranks, own)

    @cached_property
    def _always(self) -> tuple[Ints, ...]:
        """What never changes of this: the members of groups, the grants of reservations, and the ranks of grants."""
        members = [member for group in self._members for member in group]
        limited = np.zeros(_MASK_BITS, np.uint64)
        for number, grants in self._limited.items():
            limited[number] = grants
        return (
            np.cumsum([0, *(len(group) for group in self._members)]),
            np.array([bit for bit, _, _ in members], np.uint64),
            np.array([-1 if grant is None else grant for _, grant, _ in members], np.int64),
            np.array([item for _, _, item in members], np.int64),
            limited,
            np.array(self.plan.ranks, np.int64),
        )

    def worded(self) -> loops.Wordings:
        """The wordings met so far."""
        return self._told.update(self.wordings)

    # the improvements of a case

    def improving(self, of: tuple[tuple[int, int], ...], told: Told, reasons: Reasons) -> int:
        """The number of the improvements of a case, from those of its core: grants, and the wordings of their needs."""
        chain = tuple(
            sorted(
                (member, self.items.ordered(self.spelled(self.wordings[needs], told, fact), 1 << member))
                for index, needs in of
                for member, fact in self.owners(index, told)
            )
        )
        number = self._chains.get(chain)
        if number is None:
            number = self._chains[chain] = reasons.number(chain)
        return number

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
        for place in bits(of.groups):
            members = self._members[place]
            if alone is not None and any(item == alone for _, _, item in members):
                found.append(alone)
            else:
                found += [item for bit, _, item in members if told.unknown & bit]
        if of.lists:
            found += [item for item, number in self._doubted(told.articles).items() if of.lists >> number & 1]
        return found + [int(self._of_offence.all[row, told.place(slot)]) for row, slot in of.slots]


class _ToldWordings:
    """Wordings as the loops are told of them, and what each names: groups, articles and places; none names nothing."""

    def __init__(self) -> None:
        self.names = Growing(np.uint64, 3)
        self.names.add([(0, 0, 0)])
        self._start, self._slot_start = Growing(np.int64), Growing(np.int64)
        self._items, self._slot_item, self._slot = (Growing(np.int64) for _ in range(3))
        self._groups, self._lists = Growing(np.uint64), Growing(np.uint64)
        for start in (self._start, self._slot_start):
            start.add([0])

    def update(self, wordings: list[Wording]) -> loops.Wordings:
        """Look at wordings that have come since; gives all."""
        new = wordings[self._groups.count :]
        self.names.add(np.array([_named(one) for one in new], np.uint64).reshape(-1, 3))
        self._start.add(self._items.count + np.cumsum([len(one.items) for one in new], dtype=np.int64))
        self._items.add([item for one in new for item in one.items])
        self._groups.add([one.groups for one in new])
        self._lists.add([one.lists for one in new])
        slots = [slot for one in new for slot in one.slots]
        self._slot_start.add(self._slot.count + np.cumsum([len(one.slots) for one in new], dtype=np.int64))
        self._slot_item.add([row for row, _ in slots])
        self._slot.add([slot for _, slot in slots])
        told = (self._start, self._items, self._groups, self._lists, self._slot_start, self._slot_item, self._slot)
        return loops.Wordings(*(one.all for one in told))


def _named(one: Wording) -> tuple[int, int, int]:
    """The groups that a wording names, all articles where it names a list, and the places of its offences."""
    slots = {slot for _, slot in one.slots}
    return one.groups, _ALL if one.lists else 0, sum(_PLACE << (slot * _PLACE_BITS) for slot in slots)
