"""Catalogues hold every string in every language; numbers, days, plurals and order are as each language has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from clemency.observe.cases import PublishedCases
from clemency.web.languages import capital, day, in_order, lower, number, percent, said, upper
from clemency.web.messages import TRANSLATED, Message, catalogue, compiled, messages, path_of
from clemency.web.static_site import start


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    start()


def forms(entry: Any) -> list[str]:
    """What a string is in another language: one form, or as many as its plural has."""
    plural = entry.msgstr_plural
    if not entry.msgid_plural:
        return [entry.msgstr]
    return list(plural.values()) if isinstance(plural, dict) else list(plural) or [""]


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_what_the_pages_say_and_nothing_else(language) -> None:
    kept = {Message(entry.msgid, entry.msgid_plural) for entry in catalogue(language) if not entry.obsolete}
    assert kept == set(messages()), "run python -m clemency.web.messages, then translate"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_string_is_missing_or_fuzzy(language) -> None:
    entries = catalogue(language)
    assert not [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete]
    assert not [entry.msgid for entry in entries if not all(forms(entry))]


@pytest.mark.parametrize("language", TRANSLATED)
def test_places_in_a_string_are_the_same_in_every_language(language) -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s", text))

    breaches = [
        f"{entry.msgid} / {form}"
        for entry in catalogue(language)
        for form in forms(entry)
        if places(form) != places(entry.msgid)
    ]
    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_text(language) -> None:
    assert path_of(language).with_suffix(".mo").read_bytes() == compiled(language)


CLAUSES = {
    "en": "0 clauses|1 clause|2 clauses|5 clauses|11 clauses|21 clauses|22 clauses|101 clauses",
    "az": "0 bənd|1 bənd|2 bənd|5 bənd|11 bənd|21 bənd|22 bənd|101 bənd",
    "ru": "0 пунктов|1 пункт|2 пункта|5 пунктов|11 пунктов|21 пункт|22 пункта|101 пункт",
}


@pytest.mark.parametrize("language", CLAUSES)
def test_plurals(language) -> None:
    with translation.override(language):
        told = [
            ngettext("%(n)s clause", "%(n)s clauses", count) % {"n": count} for count in (0, 1, 2, 5, 11, 21, 22, 101)
        ]
    assert "|".join(told) == CLAUSES[language]


@pytest.mark.parametrize(
    ("given", "en", "az", "ru"),
    [
        ("2026-02-19", "19 February 2026", "19 fevral 2026-cı il", "19 февраля 2026 года"),
        ("2025-12-01", "1 December 2025", "1 dekabr 2025-ci il", "1 декабря 2025 года"),
        ("2013-05", "May 2013", "2013-cü il, may", "май 2013 г."),
        ("2006", "2006", "2006-cı il", "2006 г."),
        ("1996-2003", "1996–2003", "1996–2003", "1996–2003"),
        ("", "day not given", "gün göstərilməyib", "день не указан"),
    ],
)
def test_days_are_as_precise_as_they_are_given(given, en, az, ru) -> None:
    told = [day(given, language).replace("\N{NO-BREAK SPACE}", " ") for language in ("en", "az", "ru")]
    assert told == [en, az, ru]


@pytest.mark.parametrize(
    ("value", "qualifier", "en", "az", "ru"),
    [
        (20000, "over", "over 20,000", "20 000-dən çox", "более 20 000"),
        (36, "over", "over 36", "36-dan çox", "более 36"),
        (20000, "up_to", "up to 20,000", "ən çoxu 20 000", "до 20 000"),
        (4000, "nearly", "about 4,000", "təxminən 4 000", "около 4 000"),
        (5638, "exact", "5,638", "5 638", "5 638"),
        (0, "exact", "0", "0", "0"),
    ],
)
def test_figures_keep_their_words(value, qualifier, en, az, ru) -> None:
    told = [said(value, qualifier, language).replace("\N{NO-BREAK SPACE}", " ") for language in ("en", "az", "ru")]
    assert told == [en, az, ru]


def test_fractions() -> None:
    assert [number(13.25, language) for language in ("en", "az", "ru")] == ["13.2", "13,2", "13,2"]
    assert [percent(0.5, language).replace("\N{NO-BREAK SPACE}", " ") for language in ("en", "ru")] == ["50%", "50 %"]


def test_capitals_of_azerbaijani() -> None:
    assert upper("iıüöğşçə", "az") == "İIÜÖĞŞÇƏ"
    assert lower("İIÜÖĞŞÇƏ", "az") == "iıüöğşçə"
    assert (capital("istisna", "az"), capital("ışıq", "az"), capital("item", "en")) == ("İstisna", "Işıq", "Item")


LETTERS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
#: A word for every letter of the alphabet, in its order.
WORDS = (
    "ad, Bakı, cəza, çap, dəmir, el, Əli, fikir, Gəncə, ğ, həbs, xəbər, ıslaq, İlham, jurnal, kitab, qərar, Lənkəran, "
    "məhkəmə, Naxçıvan, oğul, öz, pay, rəqəm, siyahı, şah, Tərtər, uşaq, üz, vaxt, yaz, zal"
)


def test_words_stand_in_the_order_of_the_alphabet() -> None:
    words = WORDS.split(", ")
    assert len(words) == 32
    assert sorted(sorted(words), key=lambda word: in_order(word, "az")) == words


@pytest.mark.parametrize("language", LETTERS)
def test_order_is_that_of_icu(browser, language) -> None:
    """Every two letters beside each other, and the names of everybody, against the collation of the browser's ICU.

    The browser carries no rules for Azerbaijani: there the words above stand for the alphabet.
    """
    cases = PublishedCases()
    names = [one.names.get(language, one.name_en) for one in (*cases.people, *cases.organisations)]
    words = [*map("".join, product(LETTERS[language], repeat=2)), *dict.fromkeys(names)]
    page = browser.new_page()
    expected = page.evaluate(
        "([words, language]) => words.sort(new Intl.Collator(language).compare)", [sorted(words), language]
    )
    page.close()
    assert sorted(sorted(words), key=lambda word: in_order(word, language)) == expected


#: Words that English cannot do without and that stand in no other language of the site.
ENGLISH = re.compile(r"\b(?:the|of|and|with|for|from|that|this|were|was|are|who|which|only)\b", re.IGNORECASE)
#: Acts of other countries, whose facts have values in the words of their own law.
OF_OTHERS = re.compile(r"/acts/(?!az-)\w")
#: Attributes that are read out or shown.
READ = ("aria-label", "title", "alt", "placeholder")


def unmarked(element: Any, language: str) -> Iterator[str]:
    """The texts of an element and of what is in it that stand in a language, without addresses of pages."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "script"
    language = element.get("lang", language) if name != "script" else "en"
    if language != "en" and name != "style":
        content = element.get("content") if element.get("name") == "description" else None
        yield from filter(None, (element.text, content, *(element.get(name) for name in READ)))
    for each in element:
        yield from unmarked(each, language)
        if language != "en" and each.tail:
            yield each.tail


def test_pages_in_another_language_hold_no_english_that_is_not_marked(trees) -> None:
    """What we say is translated; sources, their names and rules stay as they are and say that they are English."""
    breaches = [
        f"{one}: {' '.join(text.split())[:90]}"
        for one, tree in trees.items()
        if one.language != "en" and not OF_OTHERS.search(one.address)
        for text in unmarked(tree, one.language)
        if ENGLISH.search(re.sub(r"https?://\S+", "", text))
    ]
    assert not breaches, "\n".join(breaches[:20])
