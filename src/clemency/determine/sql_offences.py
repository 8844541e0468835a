"""Offences in a query: two tables that say, for every article text, what each offence test may turn out to be.

The interpreter is asked once for every kind of article, guilt and form. Its answers stand in the query: one row for
each way in which what is open about an offence (its part, its category or guilt in law, its place on a list) may come
out. Two offences that hang on the same open point of law name it, so that the query never answers it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from clemency.determine import diagram
from clemency.determine.interpreter import Inquiry, Open, article_readings, category_readings, under
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.rules import Condition, Listed
from clemency.law.vocabulary import CATEGORIES, FORM, GUILT, OFFENCE_FIELDS
from clemency.records.record import CaseRecord, Offence

Quantified = rules.AnyOffence | rules.EveryOffence
#: A text that no code has as an article, and that no article begins with.
_NO_ARTICLE = "?"
_OWN = "*"
GUILTS, FORMS = (None, *GUILT.values), (None, *FORM.values)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An article text: the kind of offence it stands for, that of texts below it, and the open law these hang on."""

    text: str
    kind: int
    below: int
    law: tuple[str, ...]
    law_below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which an offence may come out: each mark true or not, and the points of law answered for it."""

    kind: int
    guilt: int
    form: int
    marks: tuple[int, ...]
    answers: tuple[str, ...]


def tests_of(act: Act) -> list[Quantified]:
    """Every offence test of an act, each once, and the two that tell whether the worst category is known."""
    found: dict[Quantified, None] = {}
    for condition in act.conditions():
        for node in rules.walk(condition):
            if isinstance(node, Quantified):
                found[node] = None
            elif isinstance(node, rules.IsKnown) and node.name.name == "worst_category":
                found |= dict.fromkeys(WORST_IS_KNOWN)
    return list(found)


_CATEGORY = rules.Name("category", OFFENCE_FIELDS["category"], True)
_GRAVEST = rules.Compare("=", _CATEGORY, rules.Literal(CATEGORIES[-1], _CATEGORY.type))
#: The worst category is known where one offence is known to be of the gravest, or where the category of each is known.
WORST_IS_KNOWN: tuple[Quantified, Quantified] = (
    rules.AnyOffence(rules.And((rules.IsKnown(_CATEGORY), _GRAVEST))),
    rules.EveryOffence(rules.IsKnown(_CATEGORY)),
)


def told_by_article(node: Condition) -> bool:
    """Whether article, guilt and form of an offence tell a condition, without its day and without the case."""
    return all(
        name.of_offence and name.name != "committed_on" for atom in rules.atoms(node) for name in rules.names_read(atom)
    )


class Offences:
    """Everything that a query needs to know of offences under one act."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.tests = tests_of(act)
        self.marks = list(dict.fromkeys(mark for test in self.tests for mark in _marks(test.of)))
        read = {name.name for mark in self.marks for atom in rules.atoms(mark) for name in rules.names_read(atom)}
        self.guilts = GUILTS if "guilt" in read else GUILTS[:1]
        self.forms = FORMS if "form" in read else FORMS[:1]
        self._named = sorted(act.articles_named)
        lists = [atom for one in act.conditions() for atom in rules.atoms(one) if isinstance(atom, Listed)]
        self._uncertain = {atom.exclusion: atom.uncertain for atom in lists}
        self._kinds: dict[Any, int] = {}
        self._examples: list[str | None] = []
        self.unknown_text = self._kind(_NO_ARTICLE)
        self.no_text = self._kind(None)
        patterns = [(text, self._kind(text), self._kind(f"{text}.{_NO_ARTICLE}")) for text in self._texts()]
        found = [way for kind in range(len(self._examples)) for way in self._ways(kind)]
        self.slots = sorted({slot for _, answers in found for slot, _ in answers})
        self.ways = list(dict.fromkeys(self._placed(way, answers) for way, answers in found))
        self.law_of_unknown_text = self._law(_NO_ARTICLE)
        self.patterns = [
            Pattern(text, kind, below, self._law(text), self._law(f"{text}.{_NO_ARTICLE}"))
            for text, kind, below in patterns
        ]

    def _texts(self) -> list[str]:
        """Every text that the code or the act knows as an article, a part or the beginning of one."""
        code = self.act.code
        texts = {*self._named, *(code.parts if code else ())}
        texts |= {part.article for part in code.parts.values()} if code else set()
        texts |= {".".join(one.split(".")[:length]) for one in texts for length in range(1, one.count(".") + 1)}
        return sorted(texts) or [_NO_ARTICLE]

    def _kind(self, article: str | None) -> int:
        """The number of all articles that no rule can tell apart."""
        code = self.act.code
        readings = article_readings(article, self.act)
        precise = readings[0].article == article
        seen: Any
        if len({one.article for one in readings}) > 1 or not precise:
            seen = (False, *((one.category, one.guilt, self._under(one.article)) for one in readings))
        else:
            part = code.part_of(article) if code and article else None
            seen = (True, category_readings(article, code)[0], part.guilt if part else "", self._under(article))
        if seen not in self._kinds:
            self._kinds[seen] = len(self._examples)
            self._examples.append(article)
        return self._kinds[seen]

    def _under(self, article: str | None) -> tuple[bool, ...]:
        return tuple(under(self.act.code, article, entry) for entry in self._named)

    def _ways(self, kind: int) -> Iterator[tuple[Way, tuple[tuple[str, str], ...]]]:
        for (guilt, stated), (form, how) in product(enumerate(self.guilts), enumerate(self.forms)):
            inquiry = _inquiry(self.act, self._examples[kind], stated, how)
            diagrams = [inquiry.examine(mark, inquiry.offences[0])[0] for mark in self.marks]
            levels = sorted(frozenset().union(*map(inquiry.store.support, diagrams)))
            shared = [level for level in levels if _is_shared(inquiry.open[level])]
            for cells in product(*(range(len(inquiry.cells_of(inquiry.open[level]))) for level in levels)):
                chosen = dict(zip(levels, cells, strict=True))
                marks = tuple(2 if inquiry.store.evaluate(one, chosen) == diagram.TRUE else 0 for one in diagrams)
                answers = tuple((_slot(inquiry.open[level].key), str(chosen[level])) for level in shared)
                yield Way(kind, guilt, form, marks, ()), answers

    def _placed(self, way: Way, answers: tuple[tuple[str, str], ...]) -> Way:
        given = dict(answers)
        return Way(way.kind, way.guilt, way.form, way.marks, tuple(given.get(slot, "") for slot in self.slots))

    def _law(self, article: str) -> tuple[str, ...]:
        """For each kind of open law the point that an article hangs on; a star where it is named by the text itself."""
        return tuple(self._point(slot, article) for slot in self.slots)

    def _point(self, slot: str, article: str) -> str:
        code = self.act.code
        part = code.part_of(article) if code else None
        kind, _, exclusion = slot.partition(":")
        if kind != "listed":
            return part.key if part else _OWN
        return next((entry for entry in self._uncertain[exclusion] if under(code, article, entry)), "")


def _marks(node: Condition) -> Iterator[Condition]:
    """The largest parts of an offence test that article, guilt and form tell."""
    if told_by_article(node):
        yield node
    else:
        for child in rules.children(node):
            yield from _marks(child)


def _inquiry(act: Act, article: str | None, guilt: str | None, form: str | None) -> Inquiry:
    stated: dict[str, Any] = {"article": article, "guilt": guilt, "form": form}
    return Inquiry(CaseRecord.model_construct(case_id="", offences=[Offence.model_construct(**stated)]), act)


def _is_shared(value: Open) -> bool:
    """Whether another offence may have the very same open value: a point of law about an article."""
    return value.item.kind == "law" and "offences[" not in value.key


def _slot(key: str) -> str:
    kind, _, rest = key.partition(":")
    return f"listed:{rest.partition(':')[0]}" if kind == "listed" else kind
