"""Offences as the columnar engine sees them: one signature for all offences that no rule can tell apart.

The interpreter is asked once for all offences of which the rules see the same (category, guilt, form, what each leaf
makes of the article): it answers for each offence test of the act true, false, or a small truth table over what is open
(the article itself, its category or guilt in law, its place on a list, its date).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine import diagram
from clemency.determine.determination import TRUE, UNKNOWN, Missing
from clemency.determine.interpreter import Inquiry, OffenceFacts, Open, status
from clemency.determine.numbering import Growing
from clemency.determine.plan import Plan, Quantified
from clemency.law import rules
from clemency.law.vocabulary import FORM, GUILT, OFFENCE_FIELDS
from clemency.records.layout import CODES_PER_ARTICLE, Layout, article_of, offence_code
from clemency.records.record import CaseRecord, Offence

MAX_BITS = 6
_GUILTS, _FORMS = (None, *GUILT.values), (None, *FORM.values)
_ANY_DAY = date(2000, 1, 1)
View = tuple[OffenceFacts, tuple[bool | Open, ...]]


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


def _reads_article(leaf: rules.Condition) -> bool:
    """Whether a leaf asks which article an offence falls under."""
    return isinstance(leaf, rules.Listed) or any(name.name == "article" for name in rules.names_read(leaf))


def mixed(test: Quantified) -> bool:
    """Whether an offence test is answered neither by what an offence is nor by its day alone."""
    return not by_signature(test) and not dated_alone(test)


class Signatures:
    """All signatures of an act met so far.

    Articles of which every rule says the same share a row, which holds a signature for each guilt and form.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.all: list[Signature] = []
        self._numbers: dict[Signature, int] = {}
        self._one_at_a_time = threading.Lock()
        self._by_signature = [by_signature(test) for test in plan.quantifiers]
        self._by_day = [dated_alone(test) for test in plan.quantifiers]
        self._packed = np.zeros(0, np.uint64)
        self._open_codes = np.zeros(0, np.uint64)
        self._row_of: dict[str | None, int] = {}
        self._row_of_view: dict[View, int] = {}
        self._known: dict[View, int] = {}
        self._articles: list[str | None] = []
        self._of_row = Growing(np.int32, CODES_PER_ARTICLE)
        self._leaves: list[rules.Condition] = [
            leaf
            for test in plan.quantifiers
            if mixed(test)
            for leaf in rules.atoms(test.of)
            if all(name.of_offence and name.name != "committed_on" for name in rules.names_read(leaf))
        ]
        #: A case without anything, asked what single leaves make of an article.
        self._empty = Inquiry(CaseRecord.model_construct(case_id=""), plan.act)
        self._naming = [leaf for test in plan.quantifiers for leaf in rules.atoms(test.of) if _reads_article(leaf)]
        self._read_as = self._codes_as_read()
        self.undated = self._add(self.signature(None, 0, 0, dated=False))

    def _codes_as_read(self) -> npt.NDArray[np.int64]:
        """For each code of guilt and form the code as far as the act reads it: 0 stands for what no rule reads."""
        read = {name.name for test in self.plan.quantifiers for name in _names(test)}
        stated = (article_of(code) for code in range(CODES_PER_ARTICLE))
        return np.array(
            [offence_code(0, guilt * ("guilt" in read), form * ("form" in read)) for _, guilt, form in stated]
        )

    def _add(self, signature: Signature) -> int:
        """Offences that no rule can tell apart share a number."""
        number = self._numbers.setdefault(signature, len(self.all))
        if number == len(self.all):
            self.all.append(signature)
        return number

    def of_layout(self, layout: Layout) -> npt.NDArray[np.int32]:
        """The signature of every offence of a layout."""
        return self.of_codes(layout)[layout.offence_codes()]

    def of_codes(self, layout: Layout) -> npt.NDArray[np.int32]:
        """The signature of every code that stands for an offence in a layout; -1 for a code that none has had so far.

        Two threads may ask; signatures are numbered by one at a time.
        """
        present = np.flatnonzero(np.bincount(layout.offence_codes(), minlength=1))
        with self._one_at_a_time:
            rows = self._rows(layout.articles)
            found = self._of_row.all[rows].reshape(-1)
            unmet = present[found[present] < 0]
            if not len(unmet):
                return found
            article, rest = np.divmod(unmet, CODES_PER_ARTICLE)
            for code in np.unique(rows[article] * CODES_PER_ARTICLE + self._read_as[rest]).tolist():
                self._ask(*divmod(code, CODES_PER_ARTICLE))
            return self._of_row.all[rows].reshape(-1)

    def met_codes(self, layout: Layout) -> npt.NDArray[np.int32]:
        """As `of_codes`, without asking about codes not met before."""
        with self._one_at_a_time:
            rows = self._rows(layout.articles)
            return self._of_row.all[rows].reshape(-1)

    def _rows(self, articles: tuple[str, ...]) -> npt.NDArray[np.int64]:
        """The row of no article, and of each of some articles."""
        known = self._row_of
        return np.array([known[one] if one in known else self._new_row(one) for one in (None, *articles)])

    def _new_row(self, article: str | None) -> int:
        view = self._view(article, 0, 0)
        row = self._row_of[article] = self._row_of_view.setdefault(view, len(self._articles))
        if row == len(self._articles):
            self._articles.append(article)
            self._of_row.add(np.full((1, CODES_PER_ARTICLE), -1, np.int32))
        return row

    def _ask(self, row: int, code: int) -> None:
        """Ask for the signature of a guilt and form with one article of a row."""
        _, guilt, form = article_of(code)
        article = self._articles[row]
        view = self._view(article, guilt, form)
        if view not in self._known:
            self._known[view] = self._add(self.signature(article, guilt, form))
        self._of_row.all[row, self._read_as == code] = self._known[view]

    def _view(self, article: str | None, guilt: int, form: int) -> View:
        """All that the rules can see of an offence: in the place of its article stands what each leaf makes of it."""
        offence = self._empty.offence_facts(0, _offence(article, guilt, form))
        named = tuple(self._empty.holds(leaf, offence, {}) for leaf in self._naming)
        return replace(offence, article=None), named

    def inquiry(self, article: str | None, guilt: int, form: int, dated: bool = True) -> Inquiry:
        """A case with one such offence, of which nothing else but a date of birth is known."""
        offence = _offence(article, guilt, form, _ANY_DAY if dated else None)
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


def _offence(article: str | None, guilt: int, form: int, day: date | None = None) -> Offence:
    stated: dict[str, Any] = {"article": article, "guilt": _GUILTS[guilt], "form": _FORMS[form]}
    return Offence.model_construct(**stated, committed_on=day)


def _pack(value: str, some: bool) -> int:
    """Two bits that may be joined by `or` over a case: certainly settles the test, possibly settles it.

    `any offence` is settled by one that meets the condition, `every offence` by one that does not.
    """
    settles = value == TRUE if some else value not in (TRUE, UNKNOWN)
    return (1 if settles else 0) | (2 if settles or value == UNKNOWN else 0)


def _table(store: diagram.Diagrams, found: int, places: dict[int, tuple[int, int, int]], width: int) -> int:
    if found in (diagram.FALSE, diagram.TRUE):
        return found * ((1 << (1 << width)) - 1)
    table = 0
    for code in range(1 << width):
        cells = {
            level: min(code >> start & ((1 << bits) - 1), count - 1) for level, (start, bits, count) in places.items()
        }
        table |= store.evaluate(found, cells) << code
    return table
