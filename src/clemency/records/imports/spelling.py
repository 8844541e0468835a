"""Words compared as a person would: without regard to capitals, marks and the dots of letters.

Azerbaijani I and ı, İ and i are one here, and so are ə and e, ё and е: a heading or a coded word is recognised however
the keyboard was set. What is recognised is only compared so; what was typed is kept as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from clemency.law.library import library_path

_ALIKE = str.maketrans(
    {"ı": "i", "ə": "e", "ә": "e", "ö": "o", "ü": "u", "ğ": "g", "ş": "s", "ç": "c", "ё": "е", "ѐ": "е"}
)
#: Cyrillic and Greek letters that look like Latin ones, for ids that only look alike.
LOOK_ALIKE = {
    "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "Х": "X",
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "І": "I", "і": "i", "Ѕ": "S", "Ү": "Y",
}  # fmt: skip
#: What is cut from the ends of a cell: blanks of every kind, and marks that nobody sees.
UNSEEN = (
    " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d"
    + ("\u2028\u2029\u202f\u205f\u2060\u3000\ufeff")
)


def folded(text: str) -> str:
    """A word as it is compared.

    >>> folded("  Doğum Tarixi: "), folded("İŞİN №-si"), folded("Учёт"), folded(" — ")
    ('dogum tarixi', 'isin no si', 'учет', '—')
    """
    plain = unicodedata.normalize("NFKC", text).strip(UNSEEN)
    small = unicodedata.normalize("NFC", plain.lower().replace("i\u0307", "i")).translate(_ALIKE)
    words = "".join(letter if letter.isalnum() or letter in "%+#" else " " for letter in small)
    return " ".join(words.split()) or plain


@cache
def imports_file(name: str) -> Mapping[str, Any]:
    """A file of the library about how registers are written."""
    text = (library_path() / "imports" / f"{name}.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.safe_load(text)
    return read


def all_words(by_language: Mapping[str, list[Any]]) -> frozenset[str]:
    """The words of every language, as they are compared.

    >>> sorted(all_words({"az": ["Hə"], "en": ["yes"]}))
    ['he', 'yes']
    """
    return frozenset(folded(str(word)) for words in by_language.values() for word in words)
