"""The articles that published charges name, as the offence code has them: title, maximum, category, what is open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clemency.law.codes import ArticlePart, load_code
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.selectors.people import PersonShown, cited_articles, everybody
from clemency.web.observatory.selectors.texts import Text, in_every_language

CODE = "az-cc"
CATEGORIES: Mapping[str, Promise] = {
    "no_great_public_danger": _("crime of no great public danger"),
    "less_serious": _("less serious crime"),
    "serious": _("serious crime"),
    "especially_serious": _("especially serious crime"),
}
GUILT: Mapping[str, Promise] = {
    "intent": _("intent"),
    "negligence": _("negligence"),
    "mixed": _("intent as to the act, negligence as to the result"),
    "not_fixed": _("not fixed by the article"),
}
_REMARK = re.compile(r"\s*\[life imprisonment also possible\]")


@dataclass(frozen=True)
class PartShown:
    """A part of an article."""

    part: ArticlePart
    categories: tuple[str | Promise, ...]
    guilt: str | Promise
    life: bool

    @property
    def years(self) -> int | None:
        """The maximum of imprisonment in whole years, where it is whole years."""
        months = self.part.max_imprisonment_months
        return months // 12 if months is not None and months % 12 == 0 else None


@dataclass(frozen=True)
class OffenceShown:
    """An article as charges name it, with the parts of the code that it may mean and who is charged under it."""

    article: str
    title: Text
    parts: tuple[PartShown, ...]
    people: tuple[PersonShown, ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"article-{self.article}"

    @property
    def precise(self) -> bool:
        """Whether it names one part."""
        return len(self.parts) == 1

    @property
    def sub_item(self) -> bool:
        """Whether it names an item below a part."""
        return self.precise and self.parts[0].part.key != self.article


@kept_for_the_edition
def cited() -> tuple[OffenceShown, ...]:
    """Every article that a published charge or note names, in the order of the code."""
    people: dict[str, list[PersonShown]] = {article: [] for article in cited_articles()}
    for person in everybody():
        for article in person.case.articles:
            people[article].append(person)
    return tuple(_shown(article, tuple(people[article])) for article in sorted(people, key=_place))


def _place(article: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", article.replace("-", ".0."))]


def _shown(article: str, people: tuple[PersonShown, ...]) -> OffenceShown:
    parts = tuple(_part(part) for part in load_code(CODE).parts_meant(article))
    return OffenceShown(article, title_of(parts[0].part) if parts else {}, parts, people)


def title_of(part: ArticlePart) -> Text:
    """The title of an article in each language; a remark on the penalty is no part of it."""
    return in_every_language(_REMARK.sub("", part.title))


def _part(part: ArticlePart) -> PartShown:
    return PartShown(
        part,
        tuple(CATEGORIES[one] for one in part.categories),
        GUILT[part.guilt],
        bool(_REMARK.search(part.title)),
    )
