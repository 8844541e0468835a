"""Everything that can be found, with the keys under which it is found; the same index answers here and in the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clemency.law.codes import load_code
from clemency.observe.claims import history, quantities
from clemency.web import languages
from clemency.web.edition import kept_for_the_edition
from clemency.web.links import address
from clemency.web.observatory.selectors import people, pictures, tables
from clemency.web.observatory.selectors.acts import Clause, act_shown, day_of, every_act
from clemency.web.observatory.selectors.claims import act_title, every_claim
from clemency.web.observatory.selectors.offences import title_of
from clemency.web.observatory.selectors.statements import every_statement
from clemency.web.observatory.selectors.table_pages import anchor
from clemency.web.observatory.selectors.texts import in_every_language
from clemency.web.observatory.selectors.watch_lists import every_publisher
from clemency.web.observatory.spelling import sound, words

Text = Mapping[str, str]

#: Kinds of what is found, in the order in which equals stand.
KINDS: Mapping[str, Promise] = {
    "person": _("person"),
    "organisation": _("organisation"),
    "group": _("case"),
    "act": _("act"),
    "statement": _("statement"),
    "list": _("watch list"),
    "clause": _("clause"),
    "claim": _("figure"),
    "history": _("history"),
    "article": _("article of the Criminal Code"),
    "chart": _("chart"),
    "table": _("table"),
}
#: Kinds of which there are too many for a list on the page.
MANY = ("claim", "article")
#: A word shorter than this is found only whole.
LEAST = 3
#: What a word is worth: as it stands in the title, as its beginning; by its sound; by its sound elsewhere.
WORTH = {"same": 8, "begins": 6, "sounds": 5, "sounds_begin": 4, "elsewhere": 2, "elsewhere_begins": 1}


@dataclass(frozen=True)
class Entry:
    """Something that can be found: its kind, title and note, where it is, and the sounds of what else is said of it."""

    kind: str
    title: str
    note: str
    language: str
    place: str
    written: tuple[str, ...]
    sounds: tuple[str, ...]
    others: tuple[str, ...]


@kept_for_the_edition
def index(language: str) -> tuple[Entry, ...]:
    """Everything there is, in a language: kinds in their order, and in each the order of the alphabet."""
    with translation.override(language):
        found = list(_Collector(language).everything())
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda one: (order[one.kind], languages.in_order(one.title, language), one.place)))


@kept_for_the_edition
def entries_by_kind(language: str) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The entries of each kind that a page has room for."""
    return tuple(
        (kind, tuple(one for one in index(language) if one.kind == kind)) for kind in KINDS if kind not in MANY
    )


def find(query: str, language: str) -> list[Entry]:
    """What holds every word that is asked for, in any spelling; what is written as asked comes first."""
    asked = list(dict.fromkeys(words(query)))
    if not asked:
        return []
    found = [(worth, place, one) for place, one in enumerate(index(language)) if (worth := _worth(one, asked))]
    return [one for _worth_of_it, _place, one in sorted(found, key=lambda each: (-each[0], each[1]))]


def _worth(one: Entry, asked: Sequence[str]) -> int:
    """Every word must be there; a little word such as `of` may be missing, if another one is there."""
    total = 0
    for word in asked:
        worth = _worth_of_word(one, word, sound(word))
        if not worth and not _is_little(word):
            return 0
        total += worth
    return total


def _is_little(word: str) -> bool:
    return len(word) < LEAST and not word[:1].isdigit()


def _worth_of_word(one: Entry, word: str, key: str) -> int:
    for name, among, wanted in (
        ("same", one.written, word),
        ("begins", one.written, word),
        ("sounds", one.sounds, key),
        ("sounds_begin", one.sounds, key),
        ("elsewhere", one.others, key),
        ("elsewhere_begins", one.others, key),
    ):
        begins = name.endswith(("begins", "begin"))
        if any(_begins(each, wanted) if begins else each == wanted for each in among):
            return WORTH[name]
    return 0


def _begins(text: str, start: str) -> bool:
    """Whether a word begins so; a number goes on only after a dot or a dash.

    >>> _begins("206.3.2", "206"), _begins("20600", "206"), _begins("hasanli", "has"), _begins("hasanli", "ha")
    (True, False, True, False)
    """
    if start[:1].isdigit():
        return text.startswith((f"{start}.", f"{start}-"))
    return len(start) >= LEAST and text.startswith(start)


def for_the_page(language: str) -> dict[str, Any]:
    """The index as the script of the page reads it."""
    kinds = list(KINDS)
    with translation.override(language):
        labels = [str(label) for label in KINDS.values()]
    return {
        "kinds": labels,
        "worth": list(WORTH.values()),
        "least": LEAST,
        "entries": [
            [kinds.index(one.kind), one.title, one.note, one.language, one.place, " ".join(one.others)]
            for one in index(language)
        ],
    }


class _Collector:
    """Goes through everything there is, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def everything(self) -> Iterator[Entry]:
        yield from self.people()
        yield from self.acts()
        yield from self.claims()
        yield from self.lists()
        yield from self.history()
        yield from self.articles()
        yield from self.wares()

    def entry(self, kind: str, title: Text | str, note: str, target: str, *others: Any) -> Entry:
        shown, language = languages.in_language(title, self.language)
        if isinstance(title, str):
            language = self.language
        written = tuple(dict.fromkeys(words(shown)))
        heard = tuple(dict.fromkeys(sound(word) for word in written))
        said = [text for one in (title, note, str(KINDS[kind]), *others) for text in self.texts(one)]
        keys = dict.fromkeys(sound(word) for text in said for word in words(text))
        rest = tuple(key for key in keys if key not in heard and len(key) > 1)
        place = target.removeprefix(f"/{self.language}/")
        return Entry(kind, shown, note, "" if language == self.language else language, place, written, heard, rest)

    def texts(self, one: Any) -> Iterator[str]:
        if isinstance(one, Mapping):
            yield from (str(text) for text in one.values())
        elif one:
            yield str(one)

    def at(self, page: str, **values: str) -> str:
        return address(page, language=self.language, **values)

    def told(self, text: Any) -> str:
        return languages.in_language(text, self.language)[0] if isinstance(text, Mapping) else str(text)

    def day(self, text: str) -> str:
        return languages.day(text, self.language)

    def people(self) -> Iterator[Entry]:
        for person in people.everybody():
            case = person.case
            note = f"{self.told(person.organisation)}, {person.group}"
            yield self.entry(
                "person",
                self.name(case),
                note,
                self.at("person", person=case.person_id),
                *(case.name_en, case.name_az, case.name_ru, case.name_en_variants, case.charges, case.court),
                *(person.organisation, person.role),
            )
        for one in people.every_organisation():
            names = (one.case.name_en, one.case.name_az, one.case.name_ru, one.case.name_en_variants)
            target = self.at("organisation", organisation=one.case.person_id)
            yield self.entry("organisation", self.name(one.case), "", target, *names)
        for group in people.every_group():
            yield self.entry("group", str(group.title), "", self.at("group", group=group.id), group.id)

    def name(self, case: Any) -> str:
        name: str = getattr(case, f"name_{self.language}") or case.name_en
        return name

    def acts(self) -> Iterator[Entry]:
        for act in every_act():
            target = self.at("act", act=act.id)
            title = self.told(act.title)
            yield self.entry("act", act.title, self.day(day_of(act).isoformat()), target, act.id)
            shown = act_shown(act.id, self.language)
            clauses: list[Clause] = [one.grant for family in shown.families for one in family.grants]
            for clause in (*clauses, *(one.exclusion for one in shown.exclusions)):
                place = f"{target}#{clause.id}"
                yield self.entry("clause", clause.title, title, place, clause.id, clause.note, act.id)
        for one in every_statement():
            note = f"{self.told(in_every_language(one.speaker))}, {self.day(one.date.isoformat() if one.date else '')}"
            target = self.at("statement", statement=one.id)
            yield self.entry("statement", one.said, note, target, one.source_name)

    def claims(self) -> Iterator[Entry]:
        for one in every_claim():
            quantity = quantities()[one.quantity].title
            figure = languages.said(one.value, one.qualifier, self.language)
            note = f"{self.told(act_title(one.act_id))}; {one.source_name}, {self.day(one.date or '')}"
            target = self.at("claim", act=one.act_id, claim=one.claim_id)
            title = {language: f"{text}: {figure}" for language, text in quantity.items()}
            yield self.entry("claim", title, note, target, one.claim_id, one.act_id, one.value, act_title(one.act_id))

    def lists(self) -> Iterator[Entry]:
        for one in every_publisher():
            target = self.at("list", list=one.publisher.id)
            yield self.entry("list", one.publisher.title, "", target, one.publisher.name)

    def history(self) -> Iterator[Entry]:
        for row in history():
            day = self.day(row.date_adopted or row.year)
            kind = tables.package().words.get(row.record_type)
            if kind is not None:
                title = {language: f"{text}, {day}" for language, text in kind.items()}
                yield self.entry("history", title, "", self.at("history"), row.occasion, row.initiator, row.year)

    def articles(self) -> Iterator[Entry]:
        target = self.at("table", table="articles")
        seen: dict[str, list[Any]] = {}
        for part in load_code("az-cc").parts.values():
            seen.setdefault(part.article, []).append(part)
        for article, parts in seen.items():
            title = {language: f"{article}. {text}" for language, text in title_of(parts[0]).items()}
            yield self.entry("article", title, "", f"{target}#{anchor(parts[0].key)}", *(one.title for one in parts))

    def wares(self) -> Iterator[Entry]:
        for one in tables.every_table():
            yield self.entry("table", one.about.title, "", self.at("table", table=one.name), one.name)
        for name, picture in pictures.charts(self.language).items():
            yield self.entry("chart", picture.title, name, self.at("chart", chart=name), name)
