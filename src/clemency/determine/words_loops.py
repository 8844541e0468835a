"""Compiled loops that put the answer of a core into the words of each of its cases (see `alike` and `cores`)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from clemency.records.compiled import compiled, within

Ints = npt.NDArray[Any]

NONE = 255
PLACE_BITS = 4
_PLACE = np.uint64((1 << PLACE_BITS) - 1)
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_ORDER_BITS = 24
#: What is told of a signature: the bit of its shape, or the number; its article; the tests that it leaves open.
TOLD_OF_SIGNATURE = 4
#: What is told of the offences of a case: shapes that are shared, those that are not; articles; places.
TOLD_OF_OFFENCES = 4


@compiled
def offence_cores(
    offences: Ints, tests: Ints, told: Ints, undated: int, code_bits: int, most: int, found: Ints
) -> None:
    """What some cases leave open about their offences: what decides, and what only names it.

    `offences` are the open ones of each case, a code each: the signature (and one), and whether it has no day. `tests`
    are what the offence tests say. `told` is about each signature, `found` about each case: see above.
    """
    shared, own, articles, places = found[0], found[1], found[2], found[3]
    for row in range(len(offences)):
        is_open = (tests[row] >> _ONE) & ~tests[row]
        slot = np.uint64(0)
        for place in range(most):
            code = (offences[row] >> np.uint64(place * code_bits)) & np.uint64((1 << code_bits) - 1)
            mine = _ONE if code & _ONE and told[undated, 3] & is_open else _ZERO
            signature = np.int64(code >> _ONE) - 1
            if signature >= 0 and told[signature, 3] & is_open:
                shared[row] |= told[signature, 0]
                mine |= told[signature, 1] << _ONE
                articles[row] |= told[signature, 2]
            if mine:
                own[row] |= mine << (slot * np.uint64(code_bits))
                places[row] |= np.uint64(place) << (slot * np.uint64(PLACE_BITS))
                slot += _ONE


class Templates(NamedTuple):
    """Answers without their words: the grant counted, grants true and live, reservations asked for, and a wording."""

    grant: Ints
    true: Ints
    live: Ints
    asked: Ints
    missing: Ints


class Wordings(NamedTuple):
    """Missing things without their words: items from a place on, masks of groups and of lists, and those of offences.

    An item of an offence is the number of a row in `Words.of_offence`, with the slot of the offence.
    """

    start: Ints
    items: Ints
    groups: Ints
    lists: Ints
    slot_start: Ints
    slot_item: Ints
    slot: Ints


class Words(NamedTuple):
    """What the words are made of.

    `first_member` points to the members of each group: the bit of a fact, the grant that it alone decides (or -1), and
    its item. `doubts` are the items of the doubt whether an article is on a list (or -1), `of_offence` those about the
    offence at a place. Every item has the grants that read it, and its place in a fixed order. `limited` are the grants
    of each reservation, `own` those that single facts decide.
    """

    first_member: Ints
    member_bit: Ints
    member_grant: Ints
    member_item: Ints
    doubts: Ints
    of_offence: Ints
    weight: Ints
    order: Ints
    limited: Ints
    ranks: Ints
    own: np.uint64


class Told(NamedTuple):
    """Some cases: the template of each, and what tells it from others of its core (see `alike.Told`)."""

    template: Ints
    holding: Ints
    unknown: Ints
    asked: Ints
    articles: Ints
    places: Ints


class Worded(NamedTuple):
    """Their answers: the grant counted, masks of grants and reservations; items (each plus one) and how many."""

    grant: Ints
    true: Ints
    live: Ints
    reserved: Ints
    items: Ints
    length: Ints


def worded_for(rows: int, width: int) -> Worded:
    """Room for the answers of some cases with lists of a number of items."""
    return Worded(
        np.full(rows, NONE, np.uint8),
        np.zeros(rows, np.uint64),
        np.zeros(rows, np.uint64),
        np.zeros(rows, np.uint64),
        np.zeros((rows, width), np.uint32),
        np.zeros(rows, np.int64),
    )


@compiled
def word(templates: Templates, wordings: Wordings, words: Words, told: Told, found: Worded) -> int:
    """Put answers into words; gives the items of the longest list: where `found` has no room for so many, ask again."""
    room = len(words.weight) + 1
    keys = np.zeros(room, np.int64)
    longest = 0
    for row in range(len(told.template)):
        one = told.template[row]
        holding, unknown = told.holding[row], told.unknown[row]
        true = members(words, templates.true[one], holding, unknown)
        live = members(words, templates.live[one], holding, unknown)
        found.true[row], found.live[row] = true, live
        if templates.grant[one] != NONE:
            found.grant[row] = _counted(words.ranks, words.ranks[templates.grant[one]], true, live)
        asked = templates.asked[one] | told.asked[row]
        for clause in range(len(words.limited)):
            if (asked >> np.uint64(clause)) & _ONE and words.limited[clause] & live:
                found.reserved[row] |= _ONE << np.uint64(clause)
        wording = templates.missing[one]
        if wording >= 0:
            count = _spelled(wordings, words, wording, told, row, live & ~true, keys)
            longest = max(longest, count)
            found.length[row] = count
            if count <= found.items.shape[1]:
                for place in range(count):
                    found.items[row, place] = (keys[place] & ((1 << _ORDER_BITS) - 1)) + 1
    return longest


@within
def members(words: Words, mask: Any, holding: Any, unknown: Any) -> Any:
    """A mask of grants with the grants of a case in the place of those of its core."""
    if not mask & words.own:
        return mask
    found = mask & ~words.own
    for group in range(len(words.first_member) - 1):
        first = words.first_member[group]
        for which in range(2):
            grant = words.member_grant[first + which]
            present = holding if which == 0 else unknown
            if grant < 0 or not (mask >> np.uint64(grant)) & _ONE:
                continue
            for member in range(first, words.first_member[group + 1]):
                if words.member_grant[member] >= 0 and present & words.member_bit[member]:
                    found |= _ONE << np.uint64(words.member_grant[member])
    return found


@within
def _counted(ranks: Ints, level: int, true: Any, live: Any) -> int:
    """The first of the true grants with a rank, else the first of the live ones."""
    for mask in (true, live):
        for grant in range(len(ranks)):
            if ranks[grant] == level and (mask >> np.uint64(grant)) & _ONE:
                return grant
    return NONE


@within
def _ones(mask: Any) -> int:
    """How many bits of a mask are one."""
    found = 0
    while mask:
        mask &= mask - _ONE
        found += 1
    return found


@within
def _keep(words: Words, item: int, open_grants: Any, keys: Ints, count: int) -> int:
    """Put an item in its place among those kept, the most decisive first, each once; gives how many are kept."""
    decided = 64 - _ones(words.weight[item] & open_grants)
    key = (((decided << _ORDER_BITS) | words.order[item]) << _ORDER_BITS) | item
    place = count
    while place > 0 and keys[place - 1] > key:
        place -= 1
    if place > 0 and keys[place - 1] == key:
        return count
    for later in range(count, place, -1):
        keys[later] = keys[later - 1]
    keys[place] = key
    return count + 1


@within
def _spelled(wordings: Wordings, words: Words, wording: int, told: Told, row: int, open_grants: Any, keys: Ints) -> int:
    """The missing things of a case in order, as keys that end in the number of the item; gives how many."""
    count: Any = np.int64(0)  # a plain 0 would be compiled apart
    for place in range(wordings.start[wording], wordings.start[wording + 1]):
        count = _keep(words, wordings.items[place], open_grants, keys, count)
    for group in range(len(words.first_member) - 1):
        if (wordings.groups[wording] >> np.uint64(group)) & _ONE:
            for member in range(words.first_member[group], words.first_member[group + 1]):
                if told.unknown[row] & words.member_bit[member]:
                    count = _keep(words, words.member_item[member], open_grants, keys, count)
    lists = wordings.lists[wording]
    if lists:
        articles, article = told.articles[row], 0
        while articles:
            if articles & _ONE:
                for name in range(words.doubts.shape[1]):
                    if (lists >> np.uint64(name)) & _ONE and words.doubts[article, name] >= 0:
                        count = _keep(words, words.doubts[article, name], open_grants, keys, count)
            articles >>= _ONE
            article += 1
    for place in range(wordings.slot_start[wording], wordings.slot_start[wording + 1]):
        at = (told.places[row] >> np.uint64(wordings.slot[place] * PLACE_BITS)) & _PLACE
        count = _keep(words, words.of_offence[wordings.slot_item[place], np.int64(at)], open_grants, keys, count)
    return count
