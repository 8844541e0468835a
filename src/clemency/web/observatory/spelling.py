"""One key for all spellings of a word: Azerbaijani with or without marks or in Cyrillic, Russian, English.

ICU turns one script into another, one spelling at a time: it makes Həsənli of neither Гасанли nor Hasanli, and its
rules cannot travel with a page. So there is one small table here, which the page without a server reads too. It folds
letters that the spellings mix (g, q, ğ, h, x and k; c, ç and j; a, e and ə) into one. That finds too much rather than
too little; a word that is written as it was asked for comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Capitals of which a plain lower case makes two letters or the wrong one.
_CAPITALS = str.maketrans({"İ": "i", "I": "i"})
#: Letters that take no part: apostrophes within a word, the soft and the hard sign.
SILENT = "'’ʼ`´ʻьъ"

#: What each letter, or group of letters, becomes; the longer groups come first. Applied once, from left to right.
GROUPS: dict[str, str] = {
    "dzh": "j", "tch": "j", "sch": "s", "shch": "s", "дж": "j",
    "kh": "h", "gh": "h", "zh": "j", "ch": "j", "sh": "s", "dj": "j", "ph": "f", "ts": "s", "ck": "h",
    "ə": "a", "e": "a", "э": "a", "е": "a", "ё": "io", "а": "a", "ә": "a", "є": "a",
    "ı": "i", "y": "i", "ы": "i", "и": "i", "й": "i", "і": "i", "ј": "i",
    "o": "o", "ö": "o", "о": "o", "ө": "o",
    "ü": "u", "у": "u", "ү": "u", "ю": "iu", "я": "ia",
    "g": "h", "ğ": "h", "q": "h", "k": "h", "x": "h", "г": "h", "ғ": "h", "к": "h", "ҝ": "h", "х": "h", "һ": "h",
    "c": "j", "ç": "j", "ч": "j", "ҹ": "j", "ж": "j",
    "ş": "s", "ш": "s", "щ": "s", "с": "s", "ц": "s",
    "б": "b", "в": "v", "w": "v", "д": "d", "з": "z", "л": "l", "м": "m", "н": "n", "п": "p", "р": "r",
    "т": "t", "ф": "f",
}  # fmt: skip
_GROUP = re.compile("|".join(sorted(map(re.escape, GROUPS), key=lambda group: (-len(group), group))))
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}(?!\d))")
_WORD = re.compile(r"\d+(?:[-.]\d+)*|[^\W\d_]+")


def plain(text: str) -> str:
    """A text in small letters without marks on them; letters keep their script.

    >>> plain("İlham Əliyev"), plain("QARABAĞ"), plain("Çingiz"), plain("Эльнара")
    ('ilham əliyev', 'qarabag', 'cingiz', 'элнара')
    """
    small = unicodedata.normalize("NFC", text).translate(_CAPITALS).lower()
    bare = "".join(letter for letter in small if letter not in SILENT)
    return "".join(_bare(letter) for letter in bare)


def _bare(letter: str) -> str:
    """A letter without its mark; й is a letter of its own."""
    if letter in "йё":
        return letter
    if letter == "ı":
        return "i"
    return "".join(one for one in unicodedata.normalize("NFD", letter) if not unicodedata.combining(one))


def sound(word: str) -> str:
    """The key that every spelling of a word shares.

    >>> {sound(plain(name)) for name in ("Həsənli", "Hesenli", "Hasanli", "Гасанли", "Һәсәнли")}
    {'hasanli'}
    >>> {sound(plain(name)) for name in ("Vaqifqızı", "Vagifgizi", "Vagifgyzy", "Вагифгызы")}
    {'vahifhizi'}
    >>> {sound(plain(name)) for name in ("Sevinc", "Sevinj", "Севиндж", "Севинҹ")}
    {'savinj'}
    """
    key = _GROUP.sub(lambda found: GROUPS[found[0]], word)
    return re.sub(r"(.)\1+", r"\1", key) if not word[:1].isdigit() else key


def words(text: str) -> Iterator[str]:
    """The words of a text, plain; numbers and numbers of articles stay whole, without signs between thousands.

    >>> list(words("Maddə 206.3.2, 18,355 nəfər"))
    ['maddə', '206.3.2', '18355', 'nəfər']
    """
    yield from _WORD.findall(plain(_THOUSANDS.sub("", text)))
