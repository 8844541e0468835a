"""Numbers, days, order and capitals as each language writes them.

Order and capitals of Azerbaijani follow ICU's rules for `az`: its alphabet has ç after c, ə after e, ğ after g, x after
h, ı before i, q after k, ö after o, ş after s, ü after u; and i and İ, ı and I are two pairs of letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache

from clemency.determine.wording import Wording, year_suffix
from clemency.observe.words import from_ending

NAMES = {"en": "English", "az": "Azərbaycanca", "ru": "Русский"}
_GROUP = {"en": ",", "az": "\N{NO-BREAK SPACE}", "ru": "\N{NO-BREAK SPACE}"}
_POINT = {"en": ".", "az": ",", "ru": ","}

_AZERBAIJANI = "abcçdeəfgğhxıijkqlmnoöprsştuüvyz"
_PLACE = {letter: place for place, letter in enumerate(_AZERBAIJANI, start=1)}
#: w is no letter of the alphabet; it stands where v ends.
_BESIDE = {"w": ("v", 1)}

_MONTHS_IN_ORDER = {
    "en": "January February March April May June July August September October November December",
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
}
_MONTHS = {language: names.split() for language, names in _MONTHS_IN_ORDER.items()}
_A_MONTH = {"en": "{month} {year}", "az": "{year}-{suffix} il, {month}", "ru": "{month} {year} г."}
_A_YEAR = {"en": "{year}", "az": "{year}-{suffix} il", "ru": "{year} г."}
_NOT_GIVEN = {"en": "day not given", "az": "gün göstərilməyib", "ru": "день не указан"}
_TIGHT = "\N{NO-BREAK SPACE}"


def number(value: float, language: str) -> str:
    """A number with its thousands set apart, and a decimal point or comma where it has a fraction.

    >>> number(18355, "en"), number(18355, "ru").replace("\\xa0", "_"), number(13.25, "az")
    ('18,355', '18_355', '13,2')
    """
    if isinstance(value, float) and not value.is_integer():
        text = f"{value:,.1f}"
        return text.replace(",", "\0").replace(".", _POINT[language]).replace("\0", _GROUP[language])
    return f"{int(value):,}".replace(",", _GROUP[language])


def percent(share: float, language: str) -> str:
    """A share of one as a percentage.

    >>> percent(0.133, "en"), percent(0.133, "ru").replace("\\xa0", "_")
    ('13.3%', '13,3_%')
    """
    text = number(round(100 * share, 1), language)
    return f"{text}%" if language != "ru" else f"{text}{_TIGHT}%"


def day(text: str, language: str) -> str:
    """A day, a month or a year in words, as precise as it is given and no more.

    >>> day("2026-02-19", "en"), day("2026-02", "en"), day("2013-05", "az"), day("", "en")
    ('19\\xa0February 2026', 'February 2026', '2013-cü il, may', 'day not given')
    >>> day("2026-02", "ru"), day("2025", "az"), day("1996-2003", "en")
    ('февраль 2026 г.', '2025-ci il', '1996–2003')
    """
    if not text:
        return _NOT_GIVEN[language]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return Wording(language).day(date.fromisoformat(text)).replace(" ", _TIGHT, 1)
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        year, month = int(text[:4]), _MONTHS[language][int(text[5:]) - 1]
        return _A_MONTH[language].format(year=year, month=month, suffix=year_suffix(year))
    if re.fullmatch(r"\d{4}", text):
        return _A_YEAR[language].format(year=text, suffix=year_suffix(int(text)))
    return text.replace("-", "–")


# --- how a source words a figure --------------------------------------------------------------------------------

_SAID_OVER = {"en": "over {n}", "ru": "более {n}"}
_SAID = {
    "up_to": {"en": "up to {n}", "az": "ən çoxu {n}", "ru": "до {n}"},
    "nearly": {"en": "about {n}", "az": "təxminən {n}", "ru": "около {n}"},
    "at_least": {"en": "at least {n}", "az": "ən azı {n}", "ru": "не менее {n}"},
}


def said(value: float, qualifier: str, language: str) -> str:
    """A figure with the word its source put before it.

    >>> said(20000, "over", "en"), said(4000, "nearly", "en"), said(5638, "exact", "en")
    ('over\\xa020,000', 'about\\xa04,000', '5,638')
    """
    figure = number(value, language)
    if qualifier == "over":
        if language == "az":
            return f"{figure}-{from_ending(int(value))}{_TIGHT}çox"
        return _SAID_OVER[language].format(n=figure).replace(" ", _TIGHT)
    pattern = _SAID.get(qualifier)
    return pattern[language].format(n=figure).replace(" ", _TIGHT) if pattern else figure


# --- order and capitals -----------------------------------------------------------------------------------------


def upper(text: str, language: str) -> str:
    """Capitals: in Azerbaijani i has a dotted capital and ı an undotted one.

    >>> upper("Bakı şəhəri", "az"), upper("Ilham", "en")
    ('BAKI ŞƏHƏRİ', 'ILHAM')
    """
    return (text.replace("i", "İ") if language == "az" else text).upper()


def lower(text: str, language: str) -> str:
    """Small letters: in Azerbaijani I becomes ı and İ becomes i, one letter each.

    >>> lower("İLHAM QARIŞIQ", "az")
    'ilham qarışıq'
    """
    return (text.replace("İ", "i").replace("I", "ı") if language == "az" else text).lower()


def capital(text: str, language: str) -> str:
    """A text with a capital first letter.

    >>> capital("istisnalar", "az"), capital("exclusions", "en")
    ('İstisnalar', 'Exclusions')
    """
    return upper(text[:1], language) + text[1:]


def in_order(text: str, language: str) -> tuple[object, ...]:
    """What to sort a text by: the alphabet of the language first, then accents, then small before capital letters.

    >>> sorted(["Zaur", "Şəbnəm", "Sevinc", "Əli", "Elnarə", "Xədicə", "Həsən", "İlham", "Ira"],
    ...        key=lambda name: in_order(name, "az"))
    ['Elnarə', 'Əli', 'Həsən', 'Xədicə', 'Ira', 'İlham', 'Sevinc', 'Şəbnəm', 'Zaur']
    """
    small = lower(text, language)
    place = {"az": _azerbaijani, "ru": _russian}.get(language, _plain)
    return (tuple(map(place, small)), small, text.swapcase())


@cache
def _azerbaijani(letter: str) -> tuple[int, int, str]:
    if letter in _PLACE:
        return (2, _PLACE[letter], "")
    if letter in _BESIDE:
        after, step = _BESIDE[letter]
        return (2, _PLACE[after], str(step))
    base = unicodedata.normalize("NFD", letter)[0]
    if base in _PLACE:
        return (2, _PLACE[base], letter)
    return _plain(letter)


@cache
def _russian(letter: str) -> tuple[int, int, str]:
    """Russian puts its own letters before those of others; й is one of its own, ё stands with е."""
    kind, place, rest = _plain(letter)
    if letter > "\u0400":
        return (2, place, letter if letter == "й" else rest)
    return (min(2 * kind, 3), place, rest)


@cache
def _plain(letter: str) -> tuple[int, int, str]:
    if letter.isalpha():
        return (3 if letter > "\u0400" else 2, ord(unicodedata.normalize("NFD", letter)[0]) + 1000, "")
    return (0 if letter.isspace() or not letter.isalnum() else 1, ord(letter), "")


def in_language(text: Mapping[str, str] | str | None, language: str) -> tuple[str, str]:
    """A text with the language it really is in: the one asked for, else English, else the first there is.

    >>> in_language({"en": "Women", "az": "Qadınlar"}, "az"), in_language({"en": "Women"}, "ru")
    (('Qadınlar', 'az'), ('Women', 'en'))
    """
    if not text:
        return "", language
    if isinstance(text, str):
        return text, "en"
    for choice in (language, "en", *text):
        if text.get(choice):
            return text[choice], choice
    return "", language
