"""Offences as the columnar engine sees them: one signature for all offences that no rule can tell apart.

The interpreter is asked once for every distinct (article, guilt, form) of a register what each offence test of the act
says of it: true, false, or a small truth table over what is open (the article itself, its category or guilt in law,
its place on a list, its date).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine import diagram
from clemency.determine.determination import TRUE, UNKNOWN, Missing
from clemency.determine.interpreter import Inquiry, status
from clemency.determine.numbering import Growing
from clemency.determine.plan import Plan, Quantified
from clemency.law import rules
from clemency.law.vocabulary import FORM, GUILT, OFFENCE_FIELDS
from clemency.records.layout import CODES_PER_ARTICLE, Layout, article_of
from clemency.records.record import CaseRecord, Offence

MAX_BITS = 6
_GUILTS, _FORMS = (None, *GUILT.values), (None, *FORM.values)
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One open value of an offence: what would settle it, and the bits that number its cells."""

    key: str
    item: Missing
    bits: int

    @property
    def shared(self) -> bool:
        """Whether another offence may have the very same open value: a point of law about an article."""
        return "offences[" not in self.key


@dataclass(frozen=True, slots=True)
class Signature:
    """What every offence test says of one kind of offence: values, and truth tables over its open parts."""

    values: tuple[str, ...]
    parts: tuple[OpenPart, ...]
    tables: tuple[int, ...]
    bits: int
    leaves: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether anything about the offence that decides a grant or exclusion is open."""
        return bool(self.parts)

    @property
    def too_wide(self) -> bool:
        """Whether the open parts have too many cells for a table."""
        return self.bits > MAX_BITS


def reads_dates(test: Quantified) -> bool:
    """Whether an offence test reads the date of the offence."""
    return any(name.name == "committed_on" for name in _names(test))


def reads_case(test: Quantified) -> bool:
    """Whether an offence test reads a field of the case beside those of the offence."""
    return any(not name.of_offence for name in _names(test))


def _names(test: Quantified) -> list[rules.Name]:
    return [name for atom in rules.atoms(test.of) for operand in rules.operands(atom) for name in rules.names(operand)]


def by_signature(test: Quantified) -> bool:
    """Whether the signature alone answers an offence test."""
    return not reads_dates(test) and not reads_case(test)


def age_test(test: Quantified) -> bool:
    """Whether an offence test is a single comparison of the age on the day of the offence with a number."""
    body = test.of
    return (
        isinstance(body, rules.Compare)
        and isinstance(body.left, rules.AgeOn)
        and body.op in ("<", "<=", ">", ">=")
        and body.left.day == rules.Name("committed_on", OFFENCE_FIELDS["committed_on"], True)
        and isinstance(body.right, rules.Literal)
        and isinstance(body.right.value, int)
    )


def dated_alone(test: Quantified) -> bool:
    """Whether an offence test is one comparison of the day of the offence, or of the age on it, with a constant."""
    body = test.of
    if age_test(test):
        return True
    return (
        isinstance(body, rules.Compare)
        and body.op in ("<", "<=", ">", ">=")
        and isinstance(body.right, rules.Literal | rules.Shifted)
        and not list(rules.names(body.right))
        and [name.name for name in rules.names(body.left)] == ["committed_on"]
        and not isinstance(body.left, rules.AgeOn)
    )


def mixed(test: Quantified) -> bool:
    """Whether an offence test is answered neither by what an offence is nor by its day alone."""
    return not by_signature(test) and not dated_alone(test)


class Signatures:
    """All signatures of an act met so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known: dict[tuple[str | None, int, int], int] = {}
        self.all: list[Signature] = []
        self._numbers: dict[Signature, int] = {}
        self._one_at_a_time = threading.Lock()
        self._by_signature = [by_signature(test) for test in plan.quantifiers]
        self._by_day = [dated_alone(test) for test in plan.quantifiers]
        self._packed = np.zeros(0, np.uint64)
        self._open_codes = np.zeros(0, np.uint64)
        self._articles: dict[str | None, int] = {}
        self._of_article = Growing(np.int32, CODES_PER_ARTICLE)
        self._keys: list[tuple[str | None, int, int]] = []
        self._leaves: list[rules.Condition] = [
            leaf
            for test in plan.quantifiers
            if mixed(test)
            for leaf in rules.atoms(test.of)
            if all(name.of_offence and name.name != "committed_on" for name in rules.names_read(leaf))
        ]
        self._read = {name.name for test in plan.quantifiers for name in _names(test)}
        named = plan.act.articles_named
        self._named_below = {entry.rpartition(".")[0] for entry in named} | {
            ".".join(entry.split(".")[:length]) for entry in named for length in range(1, entry.count(".") + 1)
        }
        self.undated = self._add(self.signature(None, 0, 0, dated=False), (None, 0, 0))

    def _add(self, signature: Signature, key: tuple[str | None, int, int]) -> int:
        """Offences that no rule can tell apart share a number."""
        if signature not in self._numbers:
            self._numbers[signature] = len(self.all)
            self.all.append(signature)
            self._keys.append(key)
        return self._numbers[signature]

    def of_layout(self, layout: Layout) -> npt.NDArray[np.int32]:
        """The signature of every offence of a layout."""
        return self.of_codes(layout)[layout.offence_codes()]

    def of_codes(self, layout: Layout) -> npt.NDArray[np.int32]:
        """The signature of every code that stands for an offence in a layout; -1 for a code that none has had so far.

        Two threads may ask; signatures are numbered by one at a time.
        """
        present = np.flatnonzero(np.bincount(layout.offence_codes(), minlength=1))
        with self._one_at_a_time:
            found = self._numbers_of(layout.articles)
            for code in present[found[present] < 0].tolist():
                found[code] = self.number(layout, code)
        return found

    def met_codes(self, layout: Layout) -> npt.NDArray[np.int32]:
        """As `of_codes`, without asking about codes not met before."""
        with self._one_at_a_time:
            return self._numbers_of(layout.articles)

    def _numbers_of(self, articles: tuple[str, ...]) -> npt.NDArray[np.int32]:
        places = [self._place(article) for article in (None, *articles)]
        return self._of_article.all[places].reshape(-1)

    def _place(self, article: str | None) -> int:
        place = self._articles.setdefault(article, len(self._articles))
        if place == self._of_article.count:
            self._of_article.add(np.full((1, CODES_PER_ARTICLE), -1, np.int32))
            self._note(article)
        return place

    def _note(self, article: str | None) -> None:
        """Note the signatures of offences of an article that no rule can tell from one met before."""
        named = self.as_far_as_named(article)
        found = [self.known.get((named, *self._as_far_as_read(rest)), -1) for rest in range(CODES_PER_ARTICLE)]
        self._of_article.all[self._articles[article]] = found

    def _as_far_as_read(self, code: int) -> tuple[int, int]:
        """Guilt and form of a code, 0 where no rule reads them."""
        _, guilt, form = article_of(code)
        return guilt if "guilt" in self._read else 0, form if "form" in self._read else 0

    def number(self, layout: Layout, code: int) -> int:
        """The signature of a code that stands for an offence in a layout."""
        place, _, _ = article_of(code)
        article = None if place is None else layout.articles[place]
        row, rest = self._place(article), code % CODES_PER_ARTICLE
        if self._of_article.all[row, rest] < 0:
            key = (self.as_far_as_named(article), *self._as_far_as_read(code))
            if key not in self.known:
                self.known[key] = self._add(self.signature(*key), key)
            self._note(article)
        return int(self._of_article.all[row, rest])

    def as_far_as_named(self, article: str | None) -> str | None:
        """An article as far as the act can tell it: its part, where no rule names anything below the part."""
        part = self.plan.act.code.part_of(article) if self.plan.act.code and article else None
        if part is None or part.key in self._named_below:
            return article
        return part.key

    def inquiry(self, article: str | None, guilt: int, form: int, dated: bool = True) -> Inquiry:
        """A case with one such offence, of which nothing else but a date of birth is known."""
        stated: dict[str, Any] = {"article": article, "guilt": _GUILTS[guilt], "form": _FORMS[form]}
        offence = Offence.model_construct(**stated, committed_on=_ANY_DAY if dated else None)
        record = CaseRecord.model_construct(case_id="", birth_date=_ANY_DAY, offences=[offence])
        return Inquiry(record, self.plan.act)

    def signature(self, article: str | None, guilt: int, form: int, dated: bool = True) -> Signature:
        """Ask the interpreter what every offence test says of such an offence.

        The day of the offence is looked at apart: the signature of an offence without one answers only the tests that
        read nothing but that day and the age on it.
        """
        inquiry = self.inquiry(article, guilt, form, dated)
        tests = self.plan.quantifiers
        readable = self._by_signature if dated else self._by_day
        diagrams = [
            inquiry.examine(test.of, inquiry.offences[0])[0] if right else diagram.FALSE
            for test, right in zip(tests, readable, strict=True)
        ]
        deciding = set().union(*(inquiry.store.support(found) for found in diagrams[: self.plan.deciding]))
        parts, places, width = [], {}, 0
        for level in sorted(deciding):
            cells = len(inquiry.cells_of(inquiry.open[level]))
            bits = max(1, (cells - 1).bit_length())
            parts.append(OpenPart(inquiry.open[level].key, inquiry.open[level].item, bits))
            places[level] = (width, bits, cells)
            width += bits
        tables = tuple(
            _table(inquiry.store, found, places, width) if width <= MAX_BITS and index < self.plan.deciding else 0
            for index, found in enumerate(diagrams)
        )
        leaves = tuple(status(inquiry.examine(leaf, inquiry.offences[0])[0]) for leaf in self._leaves)
        return Signature(tuple(status(found) for found in diagrams), tuple(parts), tables, width, leaves)

    def leaf_values(self, atom: rules.Condition) -> list[str]:
        """What one leaf inside a mixed offence test says of every signature."""
        place = self._leaves.index(atom)
        return [one.leaves[place] for one in self.all]

    def packed(self) -> npt.NDArray[np.uint64]:
        """For each signature its answers to all tests in one word, ready to be joined over a case."""
        packed = self._packed
        added = self.all[len(packed) :]
        if added:
            self._packed = packed = np.concatenate([packed, np.array([self._pack(one) for one in added], np.uint64)])
        return packed

    def open_codes(self) -> npt.NDArray[np.uint64]:
        """For each signature a code of what it leaves open, to stand in a key: 0 for nothing, else an even number."""
        codes = self._open_codes
        added = self.all[len(codes) :]
        if added:
            more = [2 * (number + 1) if one.open else 0 for number, one in enumerate(added, len(codes))]
            self._open_codes = codes = np.concatenate([codes, np.array(more, np.uint64)])
        return codes

    def _pack(self, signature: Signature) -> int:
        word = 0
        for index, test in enumerate(self.plan.quantifiers):
            if self._by_signature[index]:
                word |= _pack(signature.values[index], isinstance(test, rules.AnyOffence)) << (2 * index)
        return word


def _pack(value: str, some: bool) -> int:
    """Two bits that may be joined by `or` over a case: certainly settles the test, possibly settles it.

    `any offence` is settled by one that meets the condition, `every offence` by one that does not.
    """
    settles = value == TRUE if some else value not in (TRUE, UNKNOWN)
    return (1 if settles else 0) | (2 if settles or value == UNKNOWN else 0)


def _table(store: diagram.Diagrams, found: int, places: dict[int, tuple[int, int, int]], width: int) -> int:
    table = 0
    for code in range(1 << width):
        cells = {
            level: min(code >> start & ((1 << bits) - 1), count - 1) for level, (start, bits, count) in places.items()
        }
        table |= store.evaluate(found, cells) << code
    return table
