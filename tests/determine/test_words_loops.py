"""The compiled loop that words answers gives what a plain account of the same gives."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.determine import words_loops as loops

GRANTS, ITEMS, PLACES = 6, 12, 16


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_answers_are_put_into_the_words_of_a_case(draw: Random) -> None:
    weight, order = [draw.getrandbits(GRANTS) for _ in range(ITEMS)], draw.sample(range(ITEMS), ITEMS)
    ranks = [draw.randrange(3) for _ in range(GRANTS)]
    alone: list[int | None] = [0, 1, 2] if draw.random() < 0.7 else [None, None, None]
    groups: list[list[tuple[int, int | None, int]]] = [
        [(1, alone[0], 0), (2, alone[1], 1), (4, alone[2], 2)],
        [(8, None, 3), (16, None, 4)],
    ]
    doubts = [[draw.choice([-1, 5, 6, 7]) for _ in range(2)] for _ in range(3)]
    of_offence = [[8 + (row + place) % 4 for place in range(PLACES)] for row in range(2)]
    limited = [draw.getrandbits(GRANTS) for _ in range(3)]
    own = sum(1 << grant for grant in alone if grant is not None)
    plain = draw.sample(range(ITEMS), draw.randint(0, 4))
    of_groups = [group for group in range(2) if draw.random() < 0.4]
    of_lists = [name for name in range(2) if draw.random() < 0.4]
    slots = [(draw.randrange(2), draw.randrange(3)) for _ in range(draw.randint(0, 2))]
    shown = {0, 1, *range(3, GRANTS)} if own else set(range(GRANTS))
    true, live = (sum(1 << grant for grant in shown if draw.random() < 0.4) for _ in range(2))
    live |= true
    holding, unknown = draw.getrandbits(5), draw.getrandbits(5)
    asked, apart, articles = draw.getrandbits(3), draw.getrandbits(3), draw.getrandbits(3)
    places = [draw.randrange(PLACES) for _ in range(3)]
    grant = draw.choice([loops.NONE, *(one for one in range(GRANTS) if live >> one & 1)])

    members = [member for group in groups for member in group]
    words = loops.Words(
        np.cumsum([0, *map(len, groups)]),
        np.array([bit for bit, _, _ in members], np.uint64),
        np.array([-1 if one is None else one for _, one, _ in members]),
        np.array([item for _, _, item in members]),
        np.array(doubts),
        np.array(of_offence),
        np.array(weight, np.uint64),
        np.array(order),
        np.array(limited, np.uint64),
        np.array(ranks),
        np.uint64(own),
    )
    wordings = loops.Wordings(
        np.array([0, len(plain)]),
        np.array(plain, np.int64),
        np.array([sum(1 << one for one in of_groups)], np.uint64),
        np.array([sum(1 << one for one in of_lists)], np.uint64),
        np.array([0, len(slots)]),
        np.array([item for item, _ in slots], np.int64),
        np.array([slot for _, slot in slots], np.int64),
    )
    missing = draw.choice([-1, 0])
    certain_, possible_, asked_ = (np.array([mask], np.uint64) for mask in (true, live, asked))
    templates = loops.Templates(np.array([grant]), certain_, possible_, asked_, np.array([missing]))
    packed = sum(place << (slot * loops.PLACE_BITS) for slot, place in enumerate(places))
    told = loops.Told(
        np.zeros(1, np.int64), *(np.array([one], np.uint64) for one in (holding, unknown, apart, articles, packed))
    )
    found = loops.worded_for(1, ITEMS)
    longest = loops.word(templates, wordings, words, told, found)

    def of_case(mask: int) -> set[int]:
        grants = {one for one in range(GRANTS) if mask >> one & 1}
        if not own:
            return grants
        stated = grants - {0, 1, 2}
        for stands, present in ((0, holding), (1, unknown)):
            if stands in grants:
                stated |= {one for bit, one, _ in groups[0] if present & bit and one is not None}
        return stated

    certain, possible = of_case(true), of_case(live)
    assert found.true[0] == sum(1 << one for one in certain)
    assert found.live[0] == sum(1 << one for one in possible)
    if grant == loops.NONE:
        assert found.grant[0] == loops.NONE
    else:
        level = [[one for one in sorted(of) if ranks[one] == ranks[grant]] for of in (certain, possible)]
        assert found.grant[0] == next((of[0] for of in level if of), loops.NONE)
    listed = {
        one
        for one in range(3)
        if (asked | apart) >> one & 1 and possible & {g for g in range(GRANTS) if limited[one] >> g & 1}
    }
    assert found.reserved[0] == sum(1 << one for one in listed)
    items = set(plain)
    items |= {item for group in of_groups for bit, _, item in groups[group] if unknown & bit}
    items |= {doubts[article][name] for article in range(3) if articles >> article & 1 for name in of_lists} - {-1}
    items |= {of_offence[item][places[slot]] for item, slot in slots}
    decided = sum(1 << one for one in possible - certain)
    expected = sorted(items, key=lambda item: (-(weight[item] & decided).bit_count(), order[item]))
    if missing < 0:
        expected = []
    assert found.items[0, : len(expected)].tolist() == [item + 1 for item in expected]
    assert not found.items[0, len(expected) :].any()
    assert (found.length[0], longest) == (len(expected), len(expected))


def test_a_list_that_is_too_long_for_the_room_is_asked_for_again() -> None:
    words = loops.Words(
        np.zeros(1, np.int64),
        np.zeros(0, np.uint64),
        np.zeros(0, np.int64),
        np.zeros(0, np.int64),
        np.zeros((0, 0), np.int64),
        np.zeros((0, PLACES), np.int64),
        np.zeros(5, np.uint64),
        np.arange(5),
        np.zeros(1, np.uint64),
        np.zeros(1, np.int64),
        np.uint64(0),
    )
    none = np.zeros(0, np.int64)
    wordings = loops.Wordings(
        np.array([0, 5]),
        np.array([4, 3, 2, 1, 0]),
        np.zeros(1, np.uint64),
        np.zeros(1, np.uint64),
        np.zeros(2, np.int64),
        none,
        none,
    )
    mask = np.zeros(1, np.uint64)
    templates = loops.Templates(np.array([loops.NONE]), mask, mask, mask, np.zeros(1, np.int64))
    told = loops.Told(np.zeros(1, np.int64), mask, mask, mask, mask, mask)
    short, enough = loops.worded_for(1, 4), loops.worded_for(1, 6)
    assert loops.word(templates, wordings, words, told, short) == 5
    assert not short.items.any()
    assert loops.word(templates, wordings, words, told, enough) == 5
    assert enough.items.tolist() == [[1, 2, 3, 4, 5, 0]]


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_offences_are_told_by_what_they_leave_open(draw: Random) -> None:
    count, bits, most = 5, 10, 6
    about = [
        [1 << draw.randrange(3), draw.randint(0, 2), draw.getrandbits(3), draw.choice([0, 1, 4, 5])]
        for _ in range(count)
    ]
    codes = [draw.choice([0, draw.randrange(2 * count + 2)]) for _ in range(most)]
    settled, possible = draw.getrandbits(2), draw.getrandbits(2)
    tests = sum((settled >> test & 1) << 2 * test | (possible >> test & 1) << (2 * test + 1) for test in range(2))
    is_open = sum(1 << (2 * test) for test in range(2) if (possible & ~settled) >> test & 1)
    undated = draw.randrange(count)
    found = np.zeros((loops.TOLD_OF_OFFENCES, 1), np.uint64)
    packed = np.array([sum(code << (place * bits) for place, code in enumerate(codes))], np.uint64)
    loops.offence_cores(packed, np.array([tests], np.uint64), np.array(about, np.uint64), undated, bits, most, found)

    shared = articles = own = places = slot = 0
    for place, code in enumerate(codes):
        mine = code & 1 if about[undated][3] & is_open else 0
        if code > 1 and about[code // 2 - 1][3] & is_open:
            shape, number, article, _ = about[code // 2 - 1]
            shared, articles, mine = shared | shape, articles | article, mine + 2 * number
        if mine:
            own, places = own | mine << (slot * bits), places | place << (slot * loops.PLACE_BITS)
            slot += 1
    assert found[:, 0].tolist() == [shared, own, articles, places]
