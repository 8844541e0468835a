"""The compiled loops that settle rows give what plain enumeration of all completions gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.determine import settle_loops as loops
from clemency.determine.settle_loops import FALSE, OPEN, TRUE

Tree = tuple[Any, ...]
RANDOM = st.randoms(use_true_random=False)
MOST_BITS = 10


@dataclass
class Case:
    """An invented row under an invented act: trees of leaves, and what each leaf says for each completion."""

    common: int
    private: list[int]
    own: list[Tree]
    exclusions: list[Tree]
    limits: list[list[int]]
    ranks: list[int]
    leaves: list[int] = field(default_factory=list)
    terms: dict[int, tuple[list[int], int]] = field(default_factory=dict)


def tree(draw: Random, leaves: list[int], depth: int) -> Tree:
    if depth == 0 or draw.random() < 0.3:
        return ("leaf", draw.choice(leaves))
    kind = draw.choice(["and", "or", "not", "same"])
    count = 1 if kind in ("not", "same") else draw.randint(1, 3)
    return (kind, *(tree(draw, leaves, depth - 1) for _ in range(count)))


def invented(draw: Random) -> Case:
    grants, common = draw.randint(1, 3), draw.choice([0, 1, 2, 3, 5, 6, 6, 7])
    private = [draw.randint(0, min(2, (MOST_BITS - common) // grants)) for _ in range(grants)]
    case = Case(common, private, [], [], [], [draw.randint(0, 2) for _ in range(grants)])

    def leaf(bits: list[int]) -> int:
        case.leaves.append(draw.choice([FALSE, TRUE]))
        width = min(len(bits), draw.choice([0, 1, 1, 2, 3]))
        if width:
            case.leaves[-1] = OPEN
            case.terms[len(case.leaves) - 1] = draw.sample(bits, width), draw.getrandbits(1 << width)
        return len(case.leaves) - 1

    shared = [leaf(list(range(common))) for _ in range(draw.randint(2, 5))]
    case.exclusions = [tree(draw, shared, 2) for _ in range(draw.randint(0, 2))]
    for grant in range(grants):
        alone = [leaf(list(range(common, common + private[grant]))) for _ in range(2)]
        case.own.append(tree(draw, [*shared, *alone], 3))
        case.limits.append([limit for limit in range(len(case.exclusions)) if draw.random() < 0.5])
    return case


def numbered(trees: list[Tree], leaves: int) -> tuple[loops.Steps, list[int]]:
    """Trees as steps, the leaves first; and the step of each tree."""
    kinds, parts = [loops.LEAF] * leaves, [[leaf] for leaf in range(leaves)]

    def step(one: Tree) -> int:
        if one[0] == "leaf":
            return int(one[1])
        below = [step(part) for part in one[1:]]
        kinds.append({"and": loops.AND, "or": loops.OR, "not": loops.NOT, "same": loops.SAME}[one[0]])
        parts.append(below)
        return len(kinds) - 1

    roots = [step(one) for one in trees]
    start = np.cumsum([0, *map(len, parts)])
    return loops.Steps(np.array(kinds), start, np.array([one for part in parts for one in part])), roots


def holds(case: Case, one: Tree, completion: tuple[int, ...]) -> bool:
    """A tree under one completion of the common bits and of those of one grant."""
    match one:
        case ("leaf", leaf):
            if leaf not in case.terms:
                return case.leaves[leaf] == TRUE
            bits, table = case.terms[leaf]
            return bool(table >> sum(completion[bit] << place for place, bit in enumerate(bits)) & 1)
        case ("and", *parts):
            return all(holds(case, part, completion) for part in parts)
        case ("or", *parts):
            return any(holds(case, part, completion) for part in parts)
        case ("not", part):
            return not holds(case, part, completion)
    return holds(case, one[1], completion)


def support(table: dict[tuple[int, ...], bool]) -> set[int]:
    """The bits that change the value of a table somewhere."""
    found = set()
    for completion, value in table.items():
        for bit in range(len(completion)):
            turned = (*completion[:bit], 1 - completion[bit], *completion[bit + 1 :])
            if table[turned] != value:
                found.add(bit)
    return found


def settled(case: Case, true: int, unknown: int, asked: int) -> loops.Found:
    steps, roots = numbered([*case.own, *case.exclusions], len(case.leaves))
    grants = len(case.own)
    limits = [limit for of in case.limits for limit in of]
    clauses = loops.Clauses(
        np.array(roots[:grants]),
        np.array(roots[grants:], np.int64),
        np.cumsum([0, *map(len, case.limits)]),
        np.array(limits, np.int64),
        np.array(case.ranks),
    )
    at = loops.places_for(1, 0, len(steps.kind), 0, 1)
    at.common[0], at.private[0] = case.common, max(case.private)
    leaves = sorted(case.terms)
    bits = np.zeros((len(leaves), 6), np.int64)
    for place, leaf in enumerate(leaves):
        bits[place, : len(case.terms[leaf][0])] = case.terms[leaf][0]
    terms = loops.Terms(
        np.array([0, len(leaves)]),
        np.array(leaves, np.int64),
        np.ones(len(leaves), np.int64),
        np.array([len(case.terms[leaf][0]) for leaf in leaves], np.int64),
        bits,
        np.arange(len(leaves)),
        np.array([case.terms[leaf][1] for leaf in leaves], np.uint64),
    )
    known = loops.Known(
        np.array([true], np.uint64),
        np.array([unknown], np.uint64),
        np.array([asked], np.uint64),
        np.zeros(1, np.uint8),
        np.zeros(1, np.uint64),
        np.array([case.leaves], np.uint8),
        np.zeros((1, 0), np.uint8),
    )
    found = loops.found_for(1, grants + 1, grants)
    loops.settle(steps, clauses, known, at, terms, found)
    return found


@settings(max_examples=250, deadline=None)
@given(RANDOM)
def test_a_row_is_settled_as_by_all_of_its_completions(draw: Random) -> None:
    case = invented(draw)
    grants = range(len(case.own))
    of = [draw.choice(["unknown", "unknown", "true", "asked", "none"]) for _ in grants]
    true, unknown, asked = (
        sum(1 << grant for grant in grants if of[grant] == name) for name in ("true", "unknown", "asked")
    )
    found = settled(case, true, unknown, asked)

    mine = [list(product((0, 1), repeat=case.common + case.private[grant])) for grant in grants]
    closing = [[all(holds(case, one, c) for c in mine[grant]) for one in case.exclusions] for grant in grants]
    own = [all(holds(case, case.own[grant], completion) for completion in mine[grant]) for grant in grants]
    full = [
        {
            c: holds(case, case.own[grant], c)
            and not any(holds(case, case.exclusions[one], c) for one in case.limits[grant])
            for c in mine[grant]
        }
        for grant in grants
    ]
    decided = {grant: of[grant] == "true" for grant in grants if of[grant] != "unknown"}
    starts = np.cumsum([case.common, *case.private]).tolist()

    def value(grant: int, whole: tuple[int, ...]) -> bool:
        if grant in decided:
            return decided[grant]
        return full[grant][(*whole[: case.common], *whole[starts[grant] : starts[grant + 1]])]

    every = list(product((0, 1), repeat=starts[-1]))
    levels = [
        level for level in range(3) if all(any(value(g, c) for g in grants if case.ranks[g] <= level) for c in every)
    ]
    certain = [grant for grant in grants if all(value(grant, completion) for completion in every)]
    possible = [grant for grant in grants if any(value(grant, completion) for completion in every)]
    closed = {limit for g in grants if of[g] == "unknown" for limit in case.limits[g] if closing[g][limit]}
    hit = any(
        own[g] and (of[g] == "asked" or any(closing[g][one] for one in case.limits[g]))
        for g in grants
        if of[g] in ("asked", "unknown")
    )
    outcome = 0 if levels else 3 if possible else 1 if hit else 2
    assert found.outcome[0] == outcome
    assert found.true[0] == sum(1 << grant for grant in certain)
    assert found.live[0] == sum(1 << grant for grant in possible)
    assert found.excluded[0] == sum(1 << limit for limit in closed)
    if outcome == 0:
        counted = [grant for of_ in (certain, possible) for grant in of_ if case.ranks[grant] == levels[0]]
        assert found.grant[0] == counted[0]
        better = [g for g in possible if case.ranks[g] < levels[0]]
        count = found.improving_count[0]
        assert found.improved[:count].tolist() == better
        for number, grant in enumerate(better):
            assert told(case, found, number, [grant]) == {
                (grant, bit) if bit >= case.common else bit for bit in support(full[grant])
            }
    if outcome == 3:
        covered = {completion: any(value(grant, completion) for grant in grants) for completion in every}
        owner = {bit: grant for grant in grants for bit in range(starts[grant], starts[grant + 1])}
        needed = {
            (owner[bit], bit - starts[owner[bit]] + case.common) if bit in owner else bit for bit in support(covered)
        }
        assert told(case, found, int(found.missing[0]), list(grants)) == needed


def told(case: Case, found: loops.Found, number: int, grants: list[int]) -> set[Any]:
    """The bits of a list: common ones, and those of each grant with it."""
    common = {bit for bit in range(case.common) if found.common[number] >> bit & 1}
    return common | {
        (grant, case.common + bit)
        for grant in grants
        for bit in range(case.private[grant])
        if found.private[number, grant] >> bit & 1
    }


def drawn_table(draw: Random, bits: int, like: list[int] | None = None) -> tuple[list[int], Any]:
    """A table over some bits with few turns, as a list of its values and as words; perhaps nearly like another."""
    size = 1 << bits
    turning = draw.choice([0, *(1 << bit for bit in range(bits))])
    start = draw.randint(0, 1)
    table = list(like) if like else [start ^ bool(place & turning) for place in range(size)]
    for _ in range(draw.randint(0, 3)):
        table[draw.randrange(size)] ^= 1
    spread = [sum(table[(64 * word + bit) % size] << bit for bit in range(64)) for word in range(max(1, size >> 6))]
    return table, np.array(spread, np.uint64)


@settings(max_examples=200, deadline=None)
@given(RANDOM)
def test_what_holds_for_all_private_values_is_found(draw: Random) -> None:
    common, private = draw.randint(0, 9), draw.randint(-2, 3)
    width = max(0, common + private)  # where it is less than the common bits, the higher ones are not read
    half = [draw.randint(0, 1) for _ in range(1 << min(common, width))]
    table, words = drawn_table(draw, width, half * (1 << max(0, private)))
    found = np.zeros(1 << max(0, common - 6), np.uint64)
    loops.for_all(words, 0, len(words), common, found)
    for completion in range(1 << common):
        value = int(found[completion >> 6]) >> (completion & 63) & 1
        ends = [completion | other << common for other in range(1 << max(0, private))]
        assert value == all(table[end & (1 << width) - 1] for end in ends)


@settings(max_examples=200, deadline=None)
@given(RANDOM)
def test_bits_that_matter_are_found_where_nothing_is_settled(draw: Random) -> None:
    common, private = draw.randint(0, 9), draw.randint(-2, 3)
    width = max(0, common + private)  # where it is less than the common bits, the higher ones are not read
    table, words = drawn_table(draw, width)
    settled_, over = drawn_table(draw, common)
    asked = draw.getrandbits(width) if draw.random() < 0.3 else (1 << width) - 1
    found = loops.support(words, 0, len(words), common, asked, over)
    mask, read = (1 << common) - 1, (1 << width) - 1
    expected = 0
    for one, bit in product(range(1 << max(common, width)), range(width)):
        other = one ^ 1 << bit
        if table[one & read] != table[other & read] and not (settled_[one & mask] and settled_[other & mask]):
            expected |= 1 << bit
    assert found == expected & asked


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_steps_follow_the_rules_of_kleene(draw: Random) -> None:
    case = invented(draw)
    steps, roots = numbered([*case.own, *case.exclusions], len(case.leaves))
    found = np.zeros((1, len(steps.kind)), np.uint8)
    loops.kleene(steps, np.array([case.leaves], np.uint8), np.zeros((1, 0), np.uint8), found)

    def plain(one: Tree) -> int:
        match one:
            case ("leaf", leaf):
                return case.leaves[leaf]
            case ("not", part):
                return {TRUE: FALSE, FALSE: TRUE}.get(plain(part), OPEN)
            case ("same", part):
                return plain(part)
        settling, other = (FALSE, TRUE) if one[0] == "and" else (TRUE, FALSE)
        values = [plain(part) for part in one[1:]]
        return settling if settling in values else OPEN if OPEN in values else other

    values = [plain(one) for one in (*case.own, *case.exclusions)]
    assert found[0, roots].tolist() == values

    grants = len(case.own)
    clauses = loops.Clauses(
        np.array(roots[:grants]),
        np.array(roots[grants:], np.int64),
        np.cumsum([0, *map(len, case.limits)]),
        np.array([limit for of in case.limits for limit in of], np.int64),
        np.array(case.ranks),
    )
    true, live, excluded = (np.zeros(1, np.uint64) for _ in range(3))
    hit = np.zeros(1, np.uint8)
    loops.masks(clauses, found, true, live, excluded, hit)
    closing = values[grants:]
    for grant, own in enumerate(values[:grants]):
        limits = [closing[limit] for limit in case.limits[grant]]
        assert bool(true[0] >> np.uint64(grant) & np.uint64(1)) == (own == TRUE and all(one == FALSE for one in limits))
        assert bool(live[0] >> np.uint64(grant) & np.uint64(1)) == (own != FALSE and all(one != TRUE for one in limits))
    assert excluded[0] == sum(1 << place for place, one in enumerate(closing) if one == TRUE)
    hits = [own == TRUE and TRUE in [closing[one] for one in case.limits[g]] for g, own in enumerate(values[:grants])]
    assert bool(hit[0]) == any(hits)


# --- places


@settings(max_examples=100, deadline=None)
@given(RANDOM)
def test_open_values_take_bits_of_their_own(draw: Random) -> None:
    """A plain account of who reads what: bits of one grant alone where it alone reads a field, else common ones."""
    count, parts = draw.randint(1, 6), 2
    readers = [draw.getrandbits(3) for _ in range(count)]
    bits = [draw.randint(1, 3) for _ in range(count)]
    undecided, null = draw.getrandbits(3), [draw.randint(0, 1) for _ in range(count)]
    module = draw.randrange(count)
    fields = loops.Fields(
        np.array(readers, np.uint64),
        np.array(bits),
        np.array([draw.randrange(3)]),
        np.array([0]),
        np.array([0]),
        np.array([0, 1]),
        np.array([module]),
    )
    signatures = [(draw.randint(0, 1), draw.randint(0, 9) == 0) for _ in range(3)]
    widths = np.array([[draw.randint(0, 2) for _ in range(parts)] for _ in signatures])
    laws = np.array([[draw.choice([-1, 0, 1]) for _ in range(parts)] for _ in signatures])
    is_open, wide = (np.array([one[which] for one in signatures], np.uint8) for which in (0, 1))
    offences = loops.Offences(is_open, wide, widths, laws, 0, draw.randint(0, 1))
    crimes = [draw.randrange(3) for _ in range(draw.choice([0, 1, 2, 3, 8]))]
    undated = [draw.randint(0, 1) for _ in crimes]
    tests, reading = [draw.getrandbits(3) for _ in range(2)], draw.getrandbits(3)
    is_module_open = draw.randint(0, 2)
    rows = loops.Rows(
        np.array([undecided], np.uint64),
        np.array([null], np.uint8),
        np.array([[is_module_open]], np.uint8),
        np.zeros(1, np.int64),
        np.array([len(crimes)]),
        np.array(crimes, np.int64),
        np.array(undated, bool),
    )
    found = loops.places_for(1, count, 1, 2, parts)
    loops.place(fields, np.array(tests, np.uint64), np.uint64(reading), offences, rows, found)

    private, common = [0, 0, 0], 0
    read_by = [[grant for grant in range(3) if undecided & readers[one] & 1 << grant] for one in range(count)]
    opened = [bool(by) and bool(null[one]) for one, by in enumerate(read_by)]
    grant = int(fields.module_grant[0])
    as_one = is_module_open == OPEN and opened[module] and read_by[module] == [grant]
    if as_one:
        private[grant] = 1
        assert found.module_bit[0, 0] == 0
    assert (found.module_bit[0, 0] >= 0) == as_one
    for one in range(count):
        if not opened[one]:
            assert found.start[0, one] == -1
        elif as_one and one == module:
            assert found.in_module[0, one]
            assert found.start[0, one] == 0
        elif len(read_by[one]) == 1:
            assert (found.owner[0, one], found.start[0, one]) == (read_by[one][0], private[read_by[one][0]])
            private[read_by[one][0]] += bits[one]
        else:
            assert (found.owner[0, one], found.start[0, one]) == (-1, common)
            common += bits[one]
    for test, readers_ in enumerate(tests):
        bare = not crimes and bool(undecided & readers_)
        assert found.test_start[0, test] == (common if bare else -1)
        common += bare
    taken: list[tuple[int, int]] = []
    hard = False
    for place, (signature, day) in enumerate(zip(crimes, undated, strict=True)):
        for one in [signature, *([0] if day and offences.dates else [])]:
            if undecided & reading and is_open[one]:
                if wide[one] or len(taken) == loops.SLOTS:
                    hard = True
                else:
                    taken.append((one, place))
    law_at: dict[int, int] = {}
    for slot, (one, place) in enumerate(taken):
        assert (found.slot_signature[0, slot], found.slot_place[0, slot]) == (one, place)
        for part in range(parts):
            law = int(laws[one, part])
            if slot and law in law_at:
                assert found.slot_start[0, slot, part] == law_at[law]
            else:
                assert found.slot_start[0, slot, part] == common
                common += int(widths[one, part])
            if law >= 0:
                law_at.setdefault(law, int(found.slot_start[0, slot, part]))
    assert (found.used[0], bool(found.hard[0])) == (len(taken), hard)
    assert (found.common[0], found.private[0]) == (common, max(private))


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_what_matters_is_told_by_fields_offences_and_grants(draw: Random) -> None:
    count, slots = draw.choice([1, 5, 70]), draw.randint(0, 3)
    at = loops.places_for(1, count, 0, 2, 2)
    at.start[0] = [draw.choice([-1, 0, 2]) for _ in range(count)]
    at.owner[0] = [draw.choice([-1, 0, 1]) for _ in range(count)]
    at.in_module[0] = [draw.randint(0, 1) for _ in range(count)]
    at.test_start[0] = [draw.choice([-1, 1]) for _ in range(2)]
    at.used[0] = slots
    for slot in range(slots):
        at.slot_signature[0, slot], at.slot_place[0, slot] = draw.randrange(2), draw.randrange(9)
        at.slot_start[0, slot] = [draw.randrange(4) for _ in range(2)]
    bits, parts = np.array([draw.randint(1, 3) for _ in range(count)]), np.array([[1, 2], [2, 0]])
    found = loops.found_for(1, 1, 2)
    found.common[0], found.private[0] = draw.getrandbits(6), [draw.getrandbits(5) for _ in range(2)]
    found.open_grants[0] = draw.getrandbits(64)
    words = loops.told_words(count)
    told = np.zeros((1, words), np.uint64)
    loops.tell(bits, parts, at, found, 1, told)

    def touched(mask: int, start: int, width: int) -> bool:
        return any(mask >> bit & 1 for bit in range(start, start + width))

    masks = [int(found.common[0]), *found.private[0].tolist()]
    fields = {
        one
        for one in range(count)
        if at.start[0, one] >= 0
        and touched(masks[at.owner[0, one] + 1], int(at.start[0, one]), 1 if at.in_module[0, one] else int(bits[one]))
    }
    if any(start >= 0 and touched(masks[0], int(start), 1) for start in at.test_start[0]):
        fields.add(count)
    said = {
        64 * word + bit for word in range(words - loops.SLOTS - 1) for bit in range(64) if int(told[0, word]) >> bit & 1
    }
    assert said == fields
    assert told[0, -1] == found.open_grants[0]
    for slot in range(loops.SLOTS):
        packed = int(told[0, words - loops.SLOTS - 1 + slot])
        inner = set()
        if slot < slots:
            one = int(at.slot_signature[0, slot])
            inner = {p for p in range(2) if touched(masks[0], int(at.slot_start[0, slot, p]), int(parts[one, p]))}
        if inner:
            assert packed >> 16 == at.slot_signature[0, slot] + 1
            assert packed >> 8 & 0xFF == at.slot_place[0, slot]
        assert packed & 0xFF == sum(1 << part for part in inner)
