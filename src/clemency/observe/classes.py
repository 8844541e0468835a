"""The act with its open law taken out of the rules and put into the cases, so that one evaluation serves every reading.

Under one reading of the law an offence is, for the rules, nothing but its category, its form of guilt and the lists and
articles it falls under: its *class*. `ClassAct` is the same act over a code of such classes, with every clause that may
or may not exist asked as a fact. A case under a reading and its translation under the class act get the same grants,
exclusions and outcome; and since the class act is the same under all readings, what was once worked out for a kind of
case is never worked out again. The tests hold the translation to the interpreter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from clemency.determine.interpreter import under
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Fact, Grant
from clemency.law.codes import MIXED, NOT_FIXED, ArticlePart, OffenceCode
from clemency.law.readings import Reading
from clemency.law.rules import Among, Condition, Listed
from clemency.law.vocabulary import ARTICLE, BOOLEAN, CATEGORIES, GUILT

Clause = TypeVar("Clause", Grant, Exclusion)
_CODE = "classes"
#: More classes than this and the classes are no shorter than the code itself.
_MOST_CLASSES = 20_000


@dataclass(frozen=True, slots=True)
class OffenceClass:
    """What the rules see of an offence under one reading; `marks` says which lists and articles it falls under."""

    category: str
    guilt: str
    marks: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Label:
    """One article text as the law leaves it: its categories and guilt, each with the point of law that settles it."""

    categories: tuple[str, ...]
    category_item: str
    guilt: str
    guilt_item: str
    marks: tuple[bool | str, ...]

    @property
    def open(self) -> bool:
        """Whether some point of law has a say in it."""
        return len(self.categories) > 1 or self.guilt == MIXED or not all(isinstance(one, bool) for one in self.marks)


class ClassAct:
    """An act over classes of offences, and the translation of articles into classes under a reading.

    An act without an offence code knows no categories; its articles stay as they are written.
    """

    def __init__(self, act: Act) -> None:
        self.of = act
        self.tests = tuple(
            dict.fromkeys(
                atom for condition in act.conditions() for atom in rules.atoms(condition) if rules.articles_named(atom)
            )
        )
        self.clauses = tuple(
            dict.fromkeys(
                atom.item
                for condition in _conditions(act)
                for atom in rules.atoms(condition)
                if isinstance(atom, rules.LawOpen)
            )
        )
        self.classes = tuple(self._classes()) if act.code is not None else ()
        self._number = {one: number for number, one in enumerate(self.classes)}
        self.texts = tuple(str(number + 1) for number in range(len(self.classes)))
        self._labels: dict[str | None, _Label | None] = {}

    # the act

    @cached_property
    def reads_category(self) -> bool:
        """Whether some rule of the act looks at the category of an offence."""
        atoms = [atom for condition in self.of.conditions() for atom in rules.atoms(condition)]
        return any(name.name in ("category", "worst_category") for atom in atoms for name in rules.names_read(atom))

    @cached_property
    def act(self) -> Act:
        """The act over classes. It has no reservations, which never change the truth of a clause."""
        of = self.of
        facts = {self.fact(item): Fact(self.fact(item), BOOLEAN, {}, {}) for item in self.clauses}
        return replace(
            of,
            code=None if of.code is None else OffenceCode(_CODE, {part.key: part for part in self._parts()}),
            facts={**of.facts, **facts},
            terms={name: self._over_classes(condition) for name, condition in of.terms.items()},
            grants=tuple(self._clause(one) for one in of.grants),
            exclusions=tuple(self._clause(one) for one in of.exclusions),
            reservations=(),
            version=f"{of.version}/classes",
        )

    def fact(self, item: str) -> str:
        """The name under which the class act asks for a clause that may or may not exist."""
        return f"law_{self.clauses.index(item)}"

    def _clause(self, clause: Clause) -> Clause:
        return replace(clause, condition=self._over_classes(clause.condition))

    def _over_classes(self, node: Condition) -> Condition:
        match node:
            case rules.LawOpen(item):
                return rules.IsTrue(rules.Name(self.fact(item), BOOLEAN))
            case Listed(exclusion) if self.of.code is not None:
                return Listed(exclusion, self._texts_marked(node), ())
            case Among(operand) if operand.type is ARTICLE and self.of.code is not None:
                return Among(operand, self._texts_marked(node))
            case rules.And(of) | rules.Or(of):
                return replace(node, of=tuple(self._over_classes(part) for part in of))
            case rules.Not(of) | rules.AnyOffence(of) | rules.EveryOffence(of) | rules.Term(_, of):
                return replace(node, of=self._over_classes(of))
        return node

    def _texts_marked(self, test: Condition) -> tuple[str, ...]:
        if test not in self.tests:  # a list that names nothing
            return ()
        place = self.tests.index(test)
        return tuple(text for text, one in zip(self.texts, self.classes, strict=True) if one.marks[place])

    def _parts(self) -> Iterator[ArticlePart]:
        for text, one in zip(self.texts, self.classes, strict=True):
            yield ArticlePart(
                key=text,
                article=text,
                title="",
                guilt=one.guilt,
                max_imprisonment_months=None,
                categories=(one.category,),
                confidence="",
                source="",
            )

    # classes

    def _classes(self) -> Iterator[OffenceClass]:
        """Every class that some article may be of under some reading; each with either stated guilt, or none."""
        marks = dict.fromkeys(
            choice
            for article in self._articles()
            for choice in product(*(_choices(mark) for mark in self._marks(article)))
        )
        for category, guilt, choice in product(CATEGORIES, (*GUILT.values, NOT_FIXED), marks):
            yield OffenceClass(category, guilt, choice)
        if len(marks) * len(CATEGORIES) * 3 > _MOST_CLASSES:
            raise ValueError(f"{self.of.id} tells more than {_MOST_CLASSES:,} classes of offences apart")

    def _articles(self) -> Iterator[str]:
        yield from self.of.code.parts if self.of.code else ()
        yield from sorted(self.of.articles_named)

    def _marks(self, article: str) -> tuple[bool | str, ...]:
        """For each test that names articles: whether this one is named, or the point of law that says so."""
        return tuple(self._mark(article, test) for test in self.tests)

    def _mark(self, article: str, test: Condition) -> bool | str:
        code = self.of.code
        certain = test.certain if isinstance(test, Listed) else test.values if isinstance(test, Among) else ()
        if any(under(code, article, entry) for entry in certain):
            return True
        if isinstance(test, Listed):
            for entry in test.uncertain:
                if under(code, article, entry):
                    return f"listed:{test.exclusion}:{code.id if code else ''}:{entry}"
        return False

    # cases

    def labels(self, articles: Sequence[str | None]) -> Labels:
        """Some article texts, ready to be translated under one reading after the other."""
        for article in articles:
            if article not in self._labels:
                self._labels[article] = self._label(article)
        return Labels(self, tuple(self._labels[article] for article in articles))

    def _label(self, article: str | None) -> _Label | None:
        """What is known of an article; none where the code has no entry, or the text may mean several things."""
        code = self.of.code
        part = code.part_of(article) if code is not None and article is not None else None
        if part is None or article is None or code is None:
            return None
        if any(entry.startswith(f"{article}.") for entry in self.of.articles_named):
            return None
        return _Label(
            part.categories,
            f"category:{code.id}:{part.key}",
            part.guilt,
            f"guilt:{code.id}:{part.key}",
            self._marks(article),
        )

    def number(self, one: OffenceClass) -> int:
        """The number of a class."""
        return self._number[one]

    def clause_bits(self, reading: Reading, facts: Sequence[str]) -> tuple[int, int]:
        """The clauses that a reading answers, as bits of packed facts: those that are true, and those answered."""
        true = known = 0
        for item in self.clauses:
            bit = 1 << facts.index(self.fact(item))
            if item in reading:
                known |= bit
                true |= bit if reading[item] else 0
        return true, known


class Labels:
    """Article texts of a population; `under` gives the class of each, for each form of guilt that a record states."""

    def __init__(self, classes: ClassAct, labels: tuple[_Label | None, ...]) -> None:
        self.classes, self.labels = classes, labels
        self._settled: dict[tuple[object, ...], int] = {}
        self._open = [place for place, label in enumerate(labels) if label is not None and label.open]
        self._rows = np.array([self._row(label, {}) for label in labels], np.int64).reshape(-1, 3)
        self._ranks = np.array([_rank(label, {}) for label in labels], np.int8)

    def under(self, reading: Reading) -> NDArray[np.int64]:
        """Numbers of classes, shape (labels, 3): no guilt stated, intent stated, negligence stated; -1 is none."""
        rows = self._rows.copy()
        for place in self._open:
            rows[place] = self._row(self.labels[place], reading)
        return rows

    def categories(self, reading: Reading) -> NDArray[np.int8]:
        """The category of each label as its rank, -1 where it is not known."""
        ranks = self._ranks.copy()
        for place in self._open:
            ranks[place] = _rank(self.labels[place], reading)
        return ranks

    def _row(self, label: _Label | None, reading: Reading) -> list[int]:
        category = _category(label, reading)
        if label is not None and category is None and not self.classes.reads_category:
            category = label.categories[0]  # no rule looks at it, so any will do
        marks = [] if label is None else [reading.get(mark) if isinstance(mark, str) else mark for mark in label.marks]
        if label is None or category is None or None in marks:
            return [-1, -1, -1]
        of_code = reading.get(label.guilt_item, NOT_FIXED) if label.guilt == MIXED else label.guilt
        return [self._class(category, guilt, tuple(map(bool, marks))) for guilt in (str(of_code), *GUILT.values)]

    def _class(self, category: str, guilt: str, marks: tuple[bool, ...]) -> int:
        key = (category, guilt, marks)
        if key not in self._settled:
            self._settled[key] = self.classes.number(OffenceClass(category, guilt, marks))
        return self._settled[key]


def _choices(mark: bool | str) -> tuple[bool, ...]:
    """What a mark may turn out to be: a point of law may turn out either way."""
    return (mark,) if isinstance(mark, bool) else (False, True)


def _category(label: _Label | None, reading: Reading) -> str | None:
    if label is None:
        return None
    if len(label.categories) == 1:
        return label.categories[0]
    answer = reading.get(label.category_item)
    return None if answer is None else str(answer)


def _rank(label: _Label | None, reading: Reading) -> int:
    category = _category(label, reading)
    return -1 if category is None else CATEGORIES.index(category)


def _conditions(act: Act) -> Iterator[Condition]:
    yield from (grant.condition for grant in act.grants)
    yield from (exclusion.condition for exclusion in act.exclusions)


def translated_record(record: Mapping[str, object], classes: ClassAct, reading: Reading) -> dict[str, object]:
    """A case record as the class act reads it under a reading.

    >>> from clemency.law.act import load_act
    >>> classes = ClassAct(load_act("az-2025"))
    >>> translated_record({"case_id": "1", "offences": [{"article": "334.1"}]}, classes, {})["offences"]
    [{'article': '13', 'guilt': None}]
    """
    offences = record.get("offences")
    stated = record.get("facts")
    facts = dict(stated) if isinstance(stated, Mapping) else {}
    facts |= {classes.fact(item): bool(reading[item]) for item in classes.clauses if item in reading}
    translated = {**record, "facts": facts}
    if isinstance(offences, Sequence) and classes.of.code is not None:
        rows = classes.labels([offence.get("article") for offence in offences]).under(reading)
        translated["offences"] = [_offence(one, row.tolist(), classes) for one, row in zip(offences, rows, strict=True)]
    return translated


def _offence(offence: Mapping[str, object], row: Sequence[int], classes: ClassAct) -> dict[str, object]:
    """One offence as one of its class, which holds the guilt; where the class is open, so is the article."""
    guilt = offence.get("guilt")
    number = row[0 if guilt is None else 1 + GUILT.rank(str(guilt))]
    if number < 0:
        return {**offence, "article": None}
    return {**offence, "article": classes.texts[number], "guilt": None}
