"""Compiled loops that settle rows: each row by itself, with truth tables of just the size that it needs.

A row with k open bits has 2**k completions. A clause is one bit for each of them, in as many 64-bit words as that
takes: `and`, `or` and `not` work on all completions at once, and a clause is true when its words are all ones. It
depends on an open value when turning that value's bits changes the words. The bits that several undecided grants read
come first (*common*), then those that one grant alone reads (*private*): these stand in the same places for all
grants, because functions of separate private values are independent of each other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from clemency.records.compiled import compiled, within

Ints = npt.NDArray[Any]

AND, OR, NOT, SAME, LEAF, TEST = range(6)
FALSE, TRUE, OPEN = range(3)
SLOTS = 6
IN_WORD = 6
NONE = 255

_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
_ZERO, _ONE = np.uint64(0), np.uint64(1)
LOW_PATTERNS = np.array(
    [sum(1 << place for place in range(64) if place >> bit & 1) for bit in range(IN_WORD)], np.uint64
)


class Steps(NamedTuple):
    """The clauses of an act as steps, each after those it is made of.

    Step s is of a `kind`, over `of[start[s]:start[s + 1]]`: other steps, or the number of a leaf or of a test.
    """

    kind: Ints
    start: Ints
    of: Ints


class Clauses(NamedTuple):
    """The steps of the grants' own conditions and of the exclusions, which of them limit each grant, and its rank."""

    own: Ints
    exclusions: Ints
    limits_start: Ints
    limits: Ints
    ranks: Ints


class Fields(NamedTuple):
    """What may be open: the grants that read each field, and its bits.

    A module is a part of a grant's condition that stands for itself: its grant, the number of the `or` that it stands
    in, its step, and its fields.
    """

    readers: Ints
    bits: Ints
    module_grant: Ints
    module_either: Ints
    module_step: Ints
    module_start: Ints
    module_fields: Ints


class Offences(NamedTuple):
    """The signatures of offences: which are open, or too wide for a table, and the bits and law of each open part.

    `undated` is the signature of an offence without a day, `dates` whether that leaves anything open.
    """

    is_open: Ints
    too_wide: Ints
    bits: Ints
    laws: Ints
    undated: int
    dates: int


class Rows(NamedTuple):
    """Some rows: the grants that are undecided, or asked for; the fields that are not known; the steps by Kleene.

    `first` and `counts` point to the `signature` of each offence, and to whether it is `undated`.
    """

    undecided: Ints
    null: Ints
    steps: Ints
    first: Ints
    counts: Ints
    signature: Ints
    undated: Ints


class Places(NamedTuple):
    """Where the open values of some rows begin in their tables; see `places_for`."""

    common: Ints
    private: Ints
    hard: Ints
    start: Ints
    owner: Ints
    in_module: Ints
    module_bit: Ints
    test_start: Ints
    used: Ints
    slot_signature: Ints
    slot_place: Ints
    slot_start: Ints


class Known(NamedTuple):
    """What is known of some rows before they are settled.

    Grants that are true or undecided and those whose own condition alone is asked for, hits and exclusions come from
    Kleene's rules; `leaves` and `tests` are 0 false, 1 true, 2 open.
    """

    true: Ints
    unknown: Ints
    asked: Ints
    hit: Ints
    excluded: Ints
    leaves: Ints
    tests: Ints


class Terms(NamedTuple):
    """The open values that steps read, row by row from `start` on and in the order of the steps.

    A term is a table over the values of some bits: `width` of them, at the places in `bits`, lowest first; its words
    begin at a place of `tables`. Terms of one step are joined: by `or` where `some`, else by `and`.
    """

    start: Ints
    step: Ints
    some: Ints
    width: Ints
    bits: Ints
    table: Ints
    tables: Ints


class Found(NamedTuple):
    """Exact answers for some rows, and the lists of missing things that go with them.

    List n is about row `row[n]`: the masks of the common bits that matter, and of each grant's own, and the grants that
    are open. `missing` is the number of a row's list, or -1; the lists of its improvements begin at a number, one for
    each `improved` grant.
    """

    outcome: Ints
    grant: Ints
    true: Ints
    live: Ints
    excluded: Ints
    missing: Ints
    improving_start: Ints
    improving_count: Ints
    row: Ints
    common: Ints
    private: Ints
    open_grants: Ints
    improved: Ints


def places_for(rows: int, fields: int, steps: int, tests: int, parts: int) -> Places:
    """Room for the places of some rows: -1 stands for a value that is not open."""
    return Places(
        common=np.zeros(rows, np.int64),
        private=np.zeros(rows, np.int64),
        hard=np.zeros(rows, np.uint8),
        start=np.full((rows, fields), -1, np.int64),
        owner=np.full((rows, fields), -1, np.int64),
        in_module=np.zeros((rows, fields), np.uint8),
        module_bit=np.full((rows, steps), -1, np.int64),
        test_start=np.full((rows, tests), -1, np.int64),
        used=np.zeros(rows, np.int64),
        slot_signature=np.full((rows, SLOTS), -1, np.int64),
        slot_place=np.zeros((rows, SLOTS), np.int64),
        slot_start=np.zeros((rows, SLOTS, parts), np.int64),
    )


def found_for(rows: int, lists: int, grants: int) -> Found:
    """Room for the answers of some rows, and for their lists of missing things."""
    return Found(
        outcome=np.zeros(rows, np.uint8),
        grant=np.full(rows, NONE, np.uint8),
        true=np.zeros(rows, np.uint64),
        live=np.zeros(rows, np.uint64),
        excluded=np.zeros(rows, np.uint64),
        missing=np.full(rows, -1, np.int64),
        improving_start=np.zeros(rows, np.int64),
        improving_count=np.zeros(rows, np.int64),
        row=np.zeros(lists, np.int64),
        common=np.zeros(lists, np.int64),
        private=np.zeros((lists, grants), np.int64),
        open_grants=np.zeros(lists, np.uint64),
        improved=np.zeros(lists, np.int64),
    )


def told_words(fields: int) -> int:
    """The words that tell a list of missing things: fields (and offences as a whole), slots, and the open grants."""
    return (fields + 1 + 63) // 64 + SLOTS + 1


# --- Kleene's rules


@compiled
def kleene(steps: Steps, leaves: Ints, tests: Ints, found: Ints) -> None:
    """The value of every step in every row by Kleene's rules: 0 false, 1 true, 2 open (uint8 throughout)."""
    for row in range(found.shape[0]):
        for step in range(found.shape[1]):
            kind = steps.kind[step]
            first, last = steps.start[step], steps.start[step + 1]
            if kind == LEAF:
                value = leaves[row, steps.of[first]]
            elif kind == TEST:
                value = tests[row, steps.of[first]]
            elif kind == SAME:
                value = found[row, steps.of[first]]
            elif kind == NOT:
                value = found[row, steps.of[first]]
                if value != OPEN:
                    value = 1 - value
            else:
                settling = 0 if kind == AND else 1
                value = 1 - settling
                for place in range(first, last):
                    part = found[row, steps.of[place]]
                    if part == settling:
                        value = settling
                        break
                    if part == OPEN:
                        value = OPEN
            found[row, step] = value


@compiled
def masks(clauses: Clauses, steps: Ints, true: Ints, live: Ints, excluded: Ints, hit: Ints) -> None:
    """From the values of the steps: grants that are true or not false, exclusions that are true, and hits.

    A hit is a grant whose own condition and an exclusion that limits it are both true.
    """
    for row in range(len(true)):
        for clause in range(len(clauses.exclusions)):
            if steps[row, clauses.exclusions[clause]] == TRUE:
                excluded[row] |= _ONE << np.uint64(clause)
        for grant in range(len(clauses.own)):
            own = steps[row, clauses.own[grant]]
            value = own
            for place in range(clauses.limits_start[grant], clauses.limits_start[grant + 1]):
                closing = steps[row, clauses.exclusions[clauses.limits[place]]]
                if closing == TRUE:
                    value = FALSE
                    if own == TRUE:
                        hit[row] = 1
                elif closing == OPEN and value == TRUE:
                    value = OPEN
            if value == TRUE:
                true[row] |= _ONE << np.uint64(grant)
            if value != FALSE:
                live[row] |= _ONE << np.uint64(grant)


# --- where open values stand


@compiled
def place(fields: Fields, tests: Ints, offence_readers: Any, offences: Offences, rows: Rows, found: Places) -> None:
    """Give every open value of every row its bits: private ones of a grant that alone reads it, else common ones.

    `tests` are the grants that read each offence test, `offence_readers` those that read offences.
    """
    private = np.zeros(64, np.int64)
    either_bit = np.zeros(len(fields.module_either) + 1, np.int64)
    slot_law = np.zeros((SLOTS, found.slot_start.shape[2]), np.int64)
    for row in range(len(rows.undecided)):
        undecided = rows.undecided[row]
        private.fill(0)
        either_bit.fill(-1)
        slot_law.fill(-1)
        _open_fields(fields.readers, rows.null[row], undecided, found.start[row], found.owner[row])
        _modules(fields, rows.steps[row], private, either_bit, row, found)
        common = 0
        for field in range(len(fields.bits)):
            if found.start[row, field] < 0 or found.in_module[row, field]:
                continue
            owner = found.owner[row, field]
            if owner >= 0:
                found.start[row, field] = private[owner]
                private[owner] += fields.bits[field]
            else:
                found.start[row, field] = common
                common += fields.bits[field]
        most = 0
        for grant in range(len(private)):
            most = max(most, private[grant])
        found.private[row] = most
        found.common[row] = common
        if rows.counts[row] == 0:
            for test in range(len(tests)):
                if undecided & tests[test]:
                    found.test_start[row, test] = found.common[row]
                    found.common[row] += 1
        elif undecided & offence_readers:
            for offence in range(rows.counts[row]):
                at = rows.first[row] + offence
                _take_slot(offences, row, offence, rows.signature[at], slot_law, found)
                if offences.dates and rows.undated[at]:
                    _take_slot(offences, row, offence, offences.undated, slot_law, found)


@within
def _open_fields(readers: Ints, null: Ints, undecided: Any, start: Ints, owners: Ints) -> None:
    """Mark the open fields of a row (start 0), and the grant that alone reads one."""
    for field in range(len(readers)):
        reading = undecided & readers[field]
        if reading and null[field]:
            start[field] = 0
            if not reading & (reading - _ONE):
                owner = 0
                while (reading >> np.uint64(owner)) & _ONE == 0:
                    owner += 1
                owners[field] = owner


@within
def _modules(fields: Fields, steps: Ints, private: Ints, either_bit: Ints, row: int, found: Places) -> None:
    """Parts joined by `or` that stand for themselves share one private bit of their grant."""
    for module in range(len(fields.module_grant)):
        grant, step = fields.module_grant[module], fields.module_step[module]
        some, strange = False, steps[step] != OPEN
        for at in range(fields.module_start[module], fields.module_start[module + 1]):
            field = fields.module_fields[at]
            if found.start[row, field] >= 0:
                if found.owner[row, field] == grant:
                    some = True
                else:
                    strange = True
        if not some or strange:
            continue
        either = fields.module_either[module]
        if either_bit[either] < 0:
            either_bit[either] = private[grant]
            private[grant] += 1
        found.module_bit[row, step] = either_bit[either]
        for at in range(fields.module_start[module], fields.module_start[module + 1]):
            field = fields.module_fields[at]
            if found.start[row, field] >= 0:
                found.in_module[row, field] = 1
                found.start[row, field] = either_bit[either]


@within
def _take_slot(offences: Offences, row: int, offence: int, signature: int, slot_law: Ints, found: Places) -> None:
    """An open offence takes a slot; each open part has bits of its own, or those of the same point of law before it."""
    if not offences.is_open[signature]:
        return
    slot = found.used[row]
    if offences.too_wide[signature] or slot >= SLOTS:
        found.hard[row] = 1
        return
    found.slot_signature[row, slot] = signature
    found.slot_place[row, slot] = offence
    for part in range(offences.bits.shape[1]):
        law, bits = offences.laws[signature, part], offences.bits[signature, part]
        begin = found.common[row]
        again = False
        if law >= 0 and slot > 0:
            for earlier in range(slot + 1):
                for other in range(offences.bits.shape[1]):
                    if not again and slot_law[earlier, other] == law:
                        begin, again = found.slot_start[row, earlier, other], True
        found.slot_start[row, slot, part] = begin
        slot_law[slot, part] = law
        if not again:
            found.common[row] += bits
    found.used[row] += 1


# --- words


@within
def _spread(words: Ints, at: int, size: int, terms: Terms, term: int, of_code: Ints) -> None:
    """Join to some words those of a term, which follow from its table over the values of its bits.

    `of_code` is room for what the bits within a word say, for each value of those beyond it.
    """
    width, some = terms.width[term], terms.some[term]
    low = 0
    for bit in range(width):
        if terms.bits[term, bit] < IN_WORD:
            low |= 1 << bit
    for whole in range(1 << width):
        of_code[whole] = _ZERO
    for whole in range(1 << width):
        if (terms.tables[terms.table[term] + (whole >> IN_WORD)] >> np.uint64(whole & 63)) & _ONE:
            part = _ONES
            for bit in range(width):
                if low >> bit & 1:
                    pattern = LOW_PATTERNS[terms.bits[term, bit]]
                    part &= pattern if whole >> bit & 1 else ~pattern
            of_code[whole & ~low] |= part
    for word in range(size):
        high = 0
        for bit in range(width):
            beyond = terms.bits[term, bit] - IN_WORD
            if beyond >= 0:
                high |= ((word >> beyond) & 1) << bit
        if some:
            words[at + word] |= of_code[high]
        else:
            words[at + word] &= of_code[high]


@within
def _bit(words: Ints, at: int, size: int, bit: int) -> None:
    """Write the words that are one where an open bit is one."""
    for word in range(size):
        if bit < IN_WORD:
            words[at + word] = LOW_PATTERNS[bit]
        else:
            words[at + word] = _ONES if (word >> (bit - IN_WORD)) & 1 else _ZERO


@within
def _alike(words: Ints, at: int, size: int, value: Any) -> bool:
    word = 0
    while word < size and words[at + word] == value:
        word += 1
    return word == size


@within
def _size(bits: int) -> int:
    """How many words a table over some bits takes: so many that the highest of them has its place."""
    size: Any = np.int64(1)
    beyond = bits >> IN_WORD
    while beyond:
        size <<= 1
        beyond >>= 1
    return size


@compiled
def for_all(words: Ints, at: int, size: int, common: int, into: Ints) -> None:
    """Add to some words over the common bits where others hold whatever their private values are."""
    if common >= IN_WORD:
        kept = 1 << (common - IN_WORD)
        for word in range(kept):
            value = _ONES
            for other in range(word & (size - 1), size, kept):
                value &= words[at + other]
            into[word] |= value
        return
    value = _ONES
    for word in range(size):
        value &= words[at + word]
    for bit in range(common, IN_WORD):
        turn = np.uint64(1 << bit)
        low = (value & ~LOW_PATTERNS[bit]) & ((value & LOW_PATTERNS[bit]) >> turn)
        value = low | (low << turn)
    into[0] |= value


@compiled
def support(words: Ints, at: int, size: int, common: int, bits: int, settled: Ints) -> int:
    """Of some bits, those on which some words depend, leaving out completions in which the answer is settled anyway.

    `settled` are words over the common bits. A common value is left out only where it is settled on both sides.
    """
    found: Any = np.int64(0)
    bit: Any = np.int64(0)
    last, kept = size - 1, 1 << max(0, common - IN_WORD)
    while bits >> bit:
        if (bits >> bit) & 1:
            step = 1 << max(0, bit - IN_WORD)
            for word in range(max(size, kept)):
                value, other = words[at + (word & last)], settled[word & (kept - 1)]
                if bit < IN_WORD:
                    turn = np.uint64(1 << bit)
                    changed = ((value >> turn) ^ value) & ~LOW_PATTERNS[bit]
                    closed = other & (other >> turn) if bit < common else other
                else:
                    changed = words[at + ((word ^ step) & last)] ^ value
                    closed = other & settled[(word ^ step) & (kept - 1)] if bit < common else other
                if changed & ~closed:
                    found |= 1 << bit
                    break
        bit += 1
    return found


# --- answers


@compiled
def settle(steps: Steps, clauses: Clauses, known: Known, at: Places, terms: Terms, found: Found) -> int:
    """Answer rows that are not `hard` exactly; gives how many lists of missing things there are to tell."""
    most = 0
    for row in range(len(known.unknown)):
        if not at.hard[row]:
            most = max(most, at.common[row] + at.private[row])
    room = 1 << max(0, most - IN_WORD)
    total, grants = len(steps.kind), len(clauses.own)
    words, full = np.empty(total * room, np.uint64), np.empty(grants * room, np.uint64)
    certain, of_code = np.empty(room, np.uint64), np.empty(1 << terms.bits.shape[1], np.uint64)
    state, full_state = np.zeros(total, np.int64), np.zeros(grants, np.int64)
    reads, full_reads = np.zeros(total, np.int64), np.zeros(grants, np.int64)
    nowhere = np.zeros(1, np.uint64)
    no_bits: Any = np.int64(0)  # a plain 0 would be compiled apart
    lists = 0
    for row in range(len(known.unknown)):
        if at.hard[row]:
            continue
        common = at.common[row]
        bits = common + at.private[row]
        size = 1 << max(0, bits - IN_WORD)
        unknown = known.unknown[row]
        _need(steps, clauses, unknown, known.asked[row], at.module_bit[row], state)
        leaves, tests, modules = known.leaves[row], known.tests[row], at.module_bit[row]
        _work_out(steps, leaves, tests, modules, common, terms, row, state, reads, words, size, of_code)
        true, live = known.true[row], known.true[row] | unknown
        hit, excluded = known.hit[row] != 0, known.excluded[row]
        for grant in range(grants):
            full_state[grant] = FALSE
            bit = _ONE << np.uint64(grant)
            if not (unknown | known.asked[row]) & bit:
                continue
            own_certain = _certain(state, reads, words, clauses.own[grant], size)
            if not unknown & bit:
                hit = hit or own_certain
                continue
            full_state[grant] = _full(clauses, grant, state, reads, words, full, full_reads, size)
            if full_state[grant] == TRUE:
                true |= bit
            elif full_state[grant] == FALSE:
                live &= ~bit
            for place_ in range(clauses.limits_start[grant], clauses.limits_start[grant + 1]):
                limit = clauses.limits[place_]
                if _certain(state, reads, words, clauses.exclusions[limit], size):
                    excluded |= _ONE << np.uint64(limit)
                    hit = hit or own_certain
        reached, possible = _together(clauses.ranks, true, full_state, full, full_reads, common, size, certain)
        outcome = 0 if reached < NONE else 3 if possible else 1 if hit else 2
        found.outcome[row], found.true[row], found.live[row], found.excluded[row] = outcome, true, live, excluded
        for mask in (live, true):
            for grant in range(grants - 1, -1, -1):
                if clauses.ranks[grant] == reached and (mask >> np.uint64(grant)) & _ONE:
                    found.grant[row] = grant
        if outcome == 3:
            found.missing[row] = lists
            found.row[lists], found.open_grants[lists] = row, live & ~true
        elif outcome != 0:
            continue
        found.improving_start[row] = lists
        for grant in range(grants):
            if full_state[grant] == OPEN and (outcome == 3 or reached > clauses.ranks[grant]):
                settled, over = (certain, common) if outcome == 3 else (nowhere, no_bits)
                touched = support(full, grant * size, _size(full_reads[grant]), over, full_reads[grant], settled)
                found.common[lists] |= touched & ((1 << common) - 1)
                found.private[lists, grant] = touched >> common
                if outcome == 0:
                    found.row[lists], found.open_grants[lists] = row, _ONE << np.uint64(grant)
                    found.improved[lists] = grant
                    lists += 1
        if outcome == 3:
            lists += 1
        else:
            found.improving_count[row] = lists - found.improving_start[row]
    return lists


@within
def _need(steps: Steps, clauses: Clauses, unknown: Any, asked: Any, module_bit: Ints, state: Ints) -> None:
    """Mark (1) the steps that the undecided grants of a row ask for, and their own conditions where only these are."""
    for step in range(len(state)):
        state[step] = 0
    for grant in range(len(clauses.own)):
        if ((unknown | asked) >> np.uint64(grant)) & _ONE:
            state[clauses.own[grant]] = 1
        if (unknown >> np.uint64(grant)) & _ONE:
            for place_ in range(clauses.limits_start[grant], clauses.limits_start[grant + 1]):
                state[clauses.exclusions[clauses.limits[place_]]] = 1
    for step in range(len(state) - 1, -1, -1):
        if state[step] and steps.kind[step] <= SAME and module_bit[step] < 0:
            for place_ in range(steps.start[step], steps.start[step + 1]):
                state[steps.of[place_]] = 1


@within
def _work_out(
    steps: Steps,
    leaves: Ints,
    tests: Ints,
    module_bit: Ints,
    common: int,
    terms: Terms,
    row: int,
    state: Ints,
    reads: Ints,
    words: Ints,
    room: int,
    of_code: Ints,
) -> None:
    """Work out the steps that are marked: each false, true, or open, with the bits that it reads and its words."""
    term, last = terms.start[row], terms.start[row + 1]
    for step in range(len(state)):
        if not state[step]:
            continue
        kind, to, value = steps.kind[step], step * room, FALSE
        while term < last and terms.step[term] < step:
            term += 1
        if module_bit[step] >= 0:
            bit = module_bit[step] + common
            reads[step] = 1 << bit
            _bit(words, to, _size(reads[step]), bit)
            value = OPEN
        elif kind < LEAF:
            value = _put_together(steps, step, state, reads, words, room)
        else:
            value = tests[steps.of[steps.start[step]]] if kind == TEST else leaves[steps.of[steps.start[step]]]
            if term < last and terms.step[term] == step and (kind == LEAF or value == OPEN):
                reads[step] = _read(terms, term, last)
                size = _size(reads[step])
                for word in range(to, to + size):
                    words[word] = _ZERO if terms.some[term] else _ONES
                while term < last and terms.step[term] == step:
                    _spread(words, to, size, terms, term, of_code)
                    term += 1
                value = OPEN
            elif value == OPEN:
                value = FALSE
        state[step] = value


@within
def _read(terms: Terms, first: int, last: int) -> int:
    """The bits that the terms of one step read."""
    found: Any = np.int64(0)
    term = first
    while term < last and terms.step[term] == terms.step[first]:
        for bit in range(terms.width[term]):
            found |= 1 << terms.bits[term, bit]
        term += 1
    return found


@within
def _put_together(steps: Steps, step: int, state: Ints, reads: Ints, words: Ints, room: int) -> int:
    """The value of an `and`, an `or` or a `not` of steps; where it is open, what it reads and its words."""
    kind, to = steps.kind[step], step * room
    settling = TRUE if kind == OR else FALSE
    reads[step] = 0
    some_open = False
    for place_ in range(steps.start[step], steps.start[step + 1]):
        part = steps.of[place_]
        if state[part] == OPEN:
            some_open = True
            reads[step] |= reads[part]
        elif kind == NOT:
            return TRUE - state[part]
        elif state[part] == settling:
            return settling
    if not some_open:
        return TRUE - settling
    size = _size(reads[step])
    for word in range(to, to + size):
        words[word] = _ZERO if kind == OR else _ONES
    for place_ in range(steps.start[step], steps.start[step + 1]):
        part = steps.of[place_]
        if state[part] == OPEN:
            at, last = part * room, _size(reads[part]) - 1
            for word in range(size):
                if kind == OR:
                    words[to + word] |= words[at + (word & last)]
                elif kind == NOT:
                    words[to + word] = ~words[at + (word & last)]
                else:
                    words[to + word] &= words[at + (word & last)]
    return OPEN


@within
def _certain(state: Ints, reads: Ints, words: Ints, step: int, room: int) -> bool:
    """Whether a step is true under every completion."""
    return state[step] == TRUE or (state[step] == OPEN and _alike(words, step * room, _size(reads[step]), _ONES))


@within
def _full(
    clauses: Clauses, grant: int, state: Ints, reads: Ints, words: Ints, full: Ints, full_reads: Ints, room: int
) -> int:
    """A grant's own condition less the exclusions that limit it: certain, impossible, or open with its words."""
    own, to = clauses.own[grant], grant * room
    if state[own] == FALSE:
        return FALSE
    full_reads[grant] = reads[own] if state[own] == OPEN else 0
    for place_ in range(clauses.limits_start[grant], clauses.limits_start[grant + 1]):
        step = clauses.exclusions[clauses.limits[place_]]
        if state[step] == TRUE:
            return FALSE
        if state[step] == OPEN:
            full_reads[grant] |= reads[step]
    size, last = _size(full_reads[grant]), _size(reads[own]) - 1
    for word in range(size):
        full[to + word] = words[own * room + (word & last)] if state[own] == OPEN else _ONES
    for place_ in range(clauses.limits_start[grant], clauses.limits_start[grant + 1]):
        step = clauses.exclusions[clauses.limits[place_]]
        if state[step] == OPEN:
            last = _size(reads[step]) - 1
            for word in range(size):
                full[to + word] &= ~words[step * room + (word & last)]
    if _alike(full, to, size, _ONES):
        return TRUE
    return FALSE if _alike(full, to, size, _ZERO) else OPEN


@within
def _together(
    ranks: Ints, true: Any, full_state: Ints, full: Ints, reads: Ints, common: int, room: int, certain: Ints
) -> tuple[int, bool]:
    """The best relief that is certain, and whether any is possible.

    Writes in which completions of the common values some grant is certain.
    """
    kept = 1 << max(0, common - IN_WORD)
    for word in range(kept):
        certain[word] = _ZERO
    reached, possible = NONE, False
    start: Any = np.int64(0)  # a plain 0 would be compiled apart
    for level in range(NONE):
        later = False
        for grant in range(len(ranks)):
            if ranks[grant] > level:
                later = True
            if ranks[grant] != level:
                continue
            if (true >> np.uint64(grant)) & _ONE:
                for word in range(kept):
                    certain[word] = _ONES
                possible = True
            elif full_state[grant] == OPEN:
                for_all(full, grant * room, _size(reads[grant]), common, certain)
                possible = True
        if reached == NONE and _alike(certain, start, kept, _ONES):
            reached = level
        if not later:
            break
    return reached, possible


# --- what has to be told


@compiled
def tell(bits: Ints, parts: Ints, at: Places, found: Found, count: int, told: Ints) -> None:
    """Write what matters in each list of missing things: fields, parts of offences, and the grants that are open.

    `bits` are those of each field, `parts` those of each open part of a signature. The fields are bits of the first
    words (one more stands for offences as a whole); then comes a word for each slot with the signature (and one), the
    place of the offence and a bit for each part; the last word are the grants.
    """
    fields = len(bits)
    first = told.shape[1] - 1 - SLOTS
    for number in range(count):
        row, common = found.row[number], found.common[number]
        for field in range(fields):
            start = at.start[row, field]
            if start >= 0:
                owner = at.owner[row, field]
                mask = found.private[number, owner] if owner >= 0 else common
                width = 1 if at.in_module[row, field] else bits[field]
                if (mask >> start) & ((1 << width) - 1):
                    told[number, field >> 6] |= _ONE << np.uint64(field & 63)
        for test in range(at.test_start.shape[1]):
            start = at.test_start[row, test]
            if start >= 0 and (common >> start) & 1:
                told[number, fields >> 6] |= _ONE << np.uint64(fields & 63)
        for slot in range(at.used[row]):
            signature = at.slot_signature[row, slot]
            inner = 0
            for part in range(parts.shape[1]):
                if (common >> at.slot_start[row, slot, part]) & ((1 << parts[signature, part]) - 1):
                    inner |= 1 << part
            if inner:
                told[number, first + slot] = ((signature + 1) << 16) | (at.slot_place[row, slot] << 8) | inner
        told[number, first + SLOTS] = found.open_grants[number]
