"""Articles that no rule of an act can tell apart: one class of them stands for all in a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from clemency.determine.interpreter import category_readings, under
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.codes import OffenceCode
from clemency.law.rules import Among, Condition, Listed
from clemency.law.vocabulary import GUILT, Kind

_OTHER = "1"
#: What the rules see of an article: its categories, its guilt where it is fixed, and what each test says of it.
_Seen = tuple[tuple[str, ...], str | None, tuple[bool | None, ...]]


@dataclass(frozen=True)
class ArticleClass:
    """Articles alike to every rule: their categories, their guilt where it is fixed, and which tests name them.

    A test that neither certainly names them nor certainly does not is `None`: the list is open there. `members` are
    articles that stand for the class; of an open class those that hang on different points of law.
    """

    categories: tuple[str, ...]
    guilt: str | None
    named: Mapping[Condition, bool | None]
    members: tuple[str, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Whether some point of law about these articles is open."""
        return len(self.categories) > 1 or None in self.named.values()

    def member(self, place: int) -> str:
        """An article of the class for the offence at a place; different ones as long as there are."""
        return self.members[min(place, len(self.members) - 1)]


@cache
def _classes(version: str, act: _Held) -> tuple[ArticleClass, ...]:
    return tuple(_found(act.act))


@dataclass(frozen=True)
class _Held:
    """An act as a key of the cache: two of one version are one."""

    version: str
    act: Act = field(compare=False, repr=False)


def article_classes(act: Act) -> tuple[ArticleClass, ...]:
    """The classes of articles of an act's offence code.

    >>> from clemency.law.act import load_act
    >>> classes = article_classes(load_act("az-2016"))
    >>> len(classes) < 40, sum(one.open for one in classes) > 0
    (True, True)
    """
    return _classes(act.version, _Held(act.version, act))


def _found(act: Act) -> Iterator[ArticleClass]:
    tests = article_tests(act)
    grouped: dict[_Seen, list[tuple[str, frozenset[str]]]] = {}
    for article in _precise_articles(act):
        categories, category_key = category_readings(article, act.code)
        told = [_told(act.code, article, test) for test in tests]
        law = {f"{number}:{entry}" for number, (_, entry) in enumerate(told) if entry}
        law |= {category_key} if len(categories) > 1 else set()
        key = (categories, _guilt(act.code, article), tuple(value for value, _ in told))
        grouped.setdefault(key, []).append((article, frozenset(law)))
    for (categories, guilt, named), found in grouped.items():
        yield ArticleClass(categories, guilt, dict(zip(tests, named, strict=True)), tuple(_independent(found)))


def article_tests(act: Act) -> list[Condition]:
    """Every leaf of the act that names articles, once."""
    found = {
        atom: None
        for condition in act.conditions()
        for atom in rules.atoms(condition)
        if isinstance(atom, Listed) or (isinstance(atom, Among) and atom.operand.type.kind is Kind.ARTICLE)
    }
    return list(found)


def _precise_articles(act: Act) -> Iterator[str]:
    """Articles that mean one thing to the act: parts, the items below them that it names, and one it does not."""
    named, code = act.articles_named, act.code
    candidates = [*code.parts, *sorted(named)] if code else [*sorted(named), _OTHER]
    for article in dict.fromkeys(candidates):
        if code is not None and len(code.parts_meant(article)) != 1:
            continue
        if not any(entry.startswith(article + ".") for entry in named):
            yield article
        else:
            number = next(n for n in range(1, 1000) if f"{article}.{n}" not in named)
            yield f"{article}.{number}"


def _told(code: OffenceCode | None, article: str, test: Condition) -> tuple[bool | None, str]:
    """Whether a test names an article; where that is open, the entry on which it hangs."""
    certain = test.certain if isinstance(test, Listed) else test.values if isinstance(test, Among) else ()
    if any(under(code, article, entry) for entry in certain):
        return True, ""
    uncertain = test.uncertain if isinstance(test, Listed) else ()
    entry = next((entry for entry in uncertain if under(code, article, entry)), "")
    return (None, entry) if entry else (False, "")


def _guilt(code: OffenceCode | None, article: str) -> str | None:
    part = code.part_of(article) if code else None
    return part.guilt if part and part.guilt in GUILT.values else None


def _independent(found: list[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """Articles of which no two hang on the same point of law."""
    used: set[str] = set()
    for article, law in found:
        if not law & used:
            used |= law
            yield article
