"""How a text file is written: its encoding, what separates its values, and which row is the heading.

Each is a guess that is shown. Where two readings are as good as each other, the file is refused until the profile says.
"""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from clemency.records.imports.spelling import folded
from clemency.records.quarantine import RegisterError

_PIECE = 1 << 20
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_OLD = ("cp1251", "cp1254", "koi8-r", "cp866")
DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LATIN = frozenset("öüşçğıÖÜŞÇĞİâÂîÎû")
#: How often a letter stands in a thousand letters of Russian text.
_OFTEN = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4,
    3, 3, 1, 1), strict=True))  # fmt: skip


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its mark, as UTF-8 where it is that throughout, else by the words it would make.

    Raises RegisterError where no reading makes words, or two make as many.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        unmarked = _without_mark(head)
        if unmarked:
            return unmarked
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        read = 0
        while piece := file.read(_PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return _old_encoding(path, piece, read + error.start)
            read += len(piece)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise RegisterError(f"{path} is cut off in the middle of a letter, at byte {read:,}") from None
    return "utf-8"


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark shows by its noughts, which stand at every second place."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < len(head) // 4:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _old_encoding(path: Path, sample: bytes, place: int) -> str:
    scored = sorted(((_words(sample, name), name) for name in _OLD), reverse=True)
    (best, name), (second, other) = scored[0], scored[1]
    ask = "say `read: encoding:` in the profile, or save the file in UTF-8"
    if best < 0.6:
        raise RegisterError(f"{path} is not UTF-8 (byte {place + 1:,}), and no other encoding makes words of it; {ask}")
    if second > best * 0.8:
        raise RegisterError(f"{path} is not UTF-8, and may as well be {name} as {other}; {ask}")
    return name


def _words(sample: bytes, encoding: str) -> float:
    """How far the words with letters beyond ASCII are words, from 0 to 1."""
    decoded = sample.decode(encoding, "replace")
    words = Counter(word for word in "".join(c if c.isalpha() or c == "\ufffd" else " " for c in decoded).split())
    # A sign that a reading makes of a letter tears its word in two, so signs count against it as bad words do.
    strange = sum(1 for c in decoded if not c.isascii() and not c.isalpha() and c not in "№«»–—“”’°…\u00a0\u200b¹²³")
    good = total = 0.0
    for word, count in words.items():
        if word.isascii():
            continue
        total += count
        good += count * (_latin_word(word) if encoding == "cp1254" else _russian_word(word))
    total += strange
    return good / total if total else 0.0


def _latin_word(word: str) -> float:
    """A Turkish or Azerbaijani word: Latin letters, few of them beyond ASCII, and those of the alphabet."""
    beyond = [letter for letter in word if not letter.isascii()]
    return 1.0 if set(beyond) <= _LATIN and (len(beyond) < len(word) or len(word) <= 1) and _cased(word) else 0.0


def _russian_word(word: str) -> float:
    """A Russian word: Cyrillic letters alone, cased as words are, and with the letters that are frequent there."""
    if any(letter.isascii() or unicodedata.name(letter, "")[:8] != "CYRILLIC" for letter in word) or not _cased(word):
        return 0.0
    often = sum(_OFTEN.get(letter, 0) for letter in word.lower()) / len(word)
    return min(1.0, 0.4 + often / 90) if often >= 22 else 0.15


def _cased(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())


def delimiter_of(lines: Sequence[str], known: Collection[str], where: str) -> str:
    """What separates the values: what gives the first rows one width, and the most headings that are known."""
    scored = []
    for place, sign in enumerate(DELIMITERS):
        try:
            rows = [row for row in csv.reader(lines, delimiter=sign, strict=True) if any(row)]
        except csv.Error:
            rows = [row for row in csv.reader(lines, delimiter=sign) if any(row)]
        widths = Counter(map(len, rows))
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]))
        headed = max((sum(folded(cell) in known for cell in row) for row in rows), default=0)
        if width > 1:
            scored.append((headed, round(count / len(rows), 1), width, -place, sign))
    if not scored:
        return ","
    scored.sort(reverse=True)
    best = scored[0]
    if len(scored) > 1 and scored[1][:3] == best[:3]:
        raise RegisterError(
            f"{where}: the values may be separated by {NAMES[best[4]]} as well as by {NAMES[scored[1][4]]}; say "
            "`read: delimiter:` in the profile"
        )
    return best[4]


def header_row_of(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """The place of the heading among the first rows: the row with the most headings that are known.

    None where no row has any. Titles may stand above it.

    >>> header_row_of([["Siyahı", ""], ["İş №", "Doğum tarixi"], ["A-1", "1990"]], {"is no", "dogum tarixi"})
    1
    """
    scored = [(sum(folded(cell) in known for cell in row if cell), -place) for place, row in enumerate(rows)]
    best = max(scored, default=(0, 0))
    return -best[1] if best[0] else None
