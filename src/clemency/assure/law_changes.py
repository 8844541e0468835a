"""Changes of the law under an act: articles it names that were repealed, renumbered or moved to another category.

The window of an act runs from the first of its days to the last, as a rule from its adoption to its deadline. A change
before the end of the window touches the act, since its clauses name articles as they stood at one time. England freed
people by mistake in 2024 because an exclusion named a new provision and they were charged under the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from clemency.assure import claims
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.codes import ArticlePart, OffenceCode


@dataclass(frozen=True)
class Change:
    """One change that touches an act: its kind by code, the article as named, the clauses that name it, what is so.

    `other` is the article that came before or after it. An act that names both has seen the change.
    """

    code: str
    article: str
    clauses: tuple[str, ...]
    says: str
    other: str = ""


def law_changes(act: Act) -> tuple[Change, ...]:
    """Every change of the law that touches an article named by an act.

    >>> from clemency.law.act import load_act
    >>> law_changes(load_act("az-2025"))
    ()
    """
    if act.code is None:
        return ()
    window = (min(act.dates.values()), max(act.dates.values()))
    cited = articles_cited(act)
    return tuple(
        change
        for article in sorted(cited)
        for change in _changes(act.code, article, cited[article], window)
        if change.other not in cited
    )


def articles_cited(act: Act) -> Mapping[str, tuple[str, ...]]:
    """The articles that an act names, each with the clauses that name it."""
    cited: dict[str, list[str]] = {}
    for clause in claims.clauses(act):
        for article in sorted(rules.articles_named(clause.condition)) if clause.condition is not None else ():
            cited.setdefault(article, []).append(clause.id)
    return {article: tuple(clauses) for article, clauses in cited.items()}


def _changes(code: OffenceCode, article: str, clauses: tuple[str, ...], window: tuple[date, date]) -> Iterator[Change]:
    meant = code.parts_meant(article)
    if not meant:
        yield Change("article_without_entry", article, clauses, f"the code {code.id} has no entry for {article}")
    for part in meant:
        if not part.successors:
            yield from _repeal(article, part, clauses, window)
        yield from _descent(code, article, part, clauses, window)


def _repeal(article: str, part: ArticlePart, clauses: tuple[str, ...], window: tuple[date, date]) -> Iterator[Change]:
    """A part that nothing took the place of: in force no longer, or not yet."""
    start, end = _day(part.valid_from), _day(part.valid_to)
    if start is not None and start > window[1] and not part.predecessors:
        says = f"{part.key} is in force only from {start}, after the window of the act"
        yield Change("article_without_entry", article, clauses, says)
    if end is not None and end <= window[1]:
        when = "before the act" if end < window[0] else "within the window of the act"
        yield Change("article_repealed", article, clauses, f"{part.key} was repealed {when}: in force until {end}")
    elif end is None and part.note.startswith("repealed"):
        says = f"{part.key} was repealed; the code does not know on which day"
        yield Change("article_repealed", article, clauses, says)


def _descent(
    code: OffenceCode, article: str, part: ArticlePart, clauses: tuple[str, ...], window: tuple[date, date]
) -> Iterator[Change]:
    for other, word in (*((key, "before") for key in part.predecessors), *((key, "after") for key in part.successors)):
        changed = _day(part.valid_from) if word == "before" else _day(part.valid_to)
        if changed is not None and changed > window[1]:
            continue
        when = f" ({'from' if word == 'before' else 'until'} {changed})" if changed else ""
        says = f"{part.key} was {other} {word} it was renumbered{when}"
        yield Change("article_renumbered", article, clauses, says, other)
        relative = code.parts.get(other)
        if relative is None:
            says = f"the code {code.id} has no entry for {other}, which {part.key} was {word} it was renumbered"
            yield Change("article_without_entry", article, clauses, says, other)
        elif relative.categories != part.categories and changed is not None and changed >= window[0]:
            mine, theirs = " or ".join(part.categories), " or ".join(relative.categories)
            says = f"{part.key} is {mine}, {other} {theirs}; the change falls within the window of the act"
            yield Change("article_category_changed", article, clauses, says)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
