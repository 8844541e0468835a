"""Catalogues hold every string in every language; numbers, days, plurals and order are as each language has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from clemency.web.languages import capital, day, in_order, lower, number, percent, said, upper
from clemency.web.messages import TRANSLATED, Message, catalogue, compiled, messages, path_of
from clemency.web.static_site import start
from tests.web.pages import elements


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


#: What ICU gives for the locale az, written down once; a letter that the alphabet lacks stands beside its like.
IN_ORDER = {
    "az": "abad, ağac, cəza, çap, dəmir, elm, Əbil, fikir, gül, ğ, həb, xəbər, ıraq, il, jurnal, kitab, qala, lalə, "
    "oğul, öz, sədr, şah, tarix, uşaq, üz, vaxt, wiki, yaz, zal",
    "ru": "абзац, ёж, еж, жук, йод, язь",
}


@pytest.mark.parametrize("language", IN_ORDER)
def test_order(language) -> None:
    words = IN_ORDER[language].split(", ")
    if language == "ru":  # ё stands with е
        assert [word[0] for word in sorted(words, key=lambda word: in_order(word, language))] == list("аеёжйя")
    else:
        assert sorted(words, key=lambda word: in_order(word, language)) == words


def test_pages_in_another_language_hold_no_english_of_ours(trees) -> None:
    """English stands only where it is marked as English: notes, names and rules that are kept in it."""
    english = {message.text for message in messages() if len(message.text) > 24 and "%(" not in message.text}
    breaches = []
    for one, tree in trees.items():
        if one.language == "en":
            continue
        for element in elements(tree):
            if element.get("lang") != "en" and (element.text or "").strip() in english:
                breaches.append(f"{one}: {element.text.strip()[:80]}")
    assert not breaches, "\n".join(breaches[:20])
