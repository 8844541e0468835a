"""Articles as people write them, brought to one form: `177.2.3`, `m.177.2.3`, `ст. 234 ч. 4`, `193¹` (`193-1`).

What is typed is kept beside it. A text that may mean two things is put aside, and never settled by what is likely.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from clemency.law.codes import OffenceCode
from clemency.records.imports.problems import Fault
from clemency.records.imports.readings import Reader, Reading
from clemency.records.imports.spelling import all_words, folded, imports_file
from clemency.records.imports.tables import BOOLEAN, DAY, NUMBER
from clemency.records.imports.values import unknown_words

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DASHES = re.compile("[\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d]")
_CANONICAL = re.compile(r"\d{1,3}(?:-\d{1,2})?(?:\.\d{1,2}(?:-\d{1,2})?)*")
#: An article of a kind that needs no thought: a number with dots, with at most one word before it.
_PLAIN = re.compile(r"([^\W\d_]+\.?\s*)?(\d{3})(?:\.\d{1,2})*")
_MOST_LETTERS = 2_000


@dataclass(frozen=True)
class ArticleWords:
    """The words that stand around the numbers of an article, for one offence code."""

    roles: Mapping[str, str]
    other_codes: frozenset[str]
    ordinals: frozenset[str]
    forms: Mapping[str, str]
    general_part_ends: int


@cache
def article_words(code_id: str) -> ArticleWords:
    """The words of an offence code, from the library."""
    told: Mapping[str, Any] = imports_file("articles").get(code_id, {})
    roles = {word: role for role in ("article", "part", "item", "code") for word in all_words(told.get(role, {}))}
    return ArticleWords(
        roles,
        all_words(told.get("other_codes", {})),
        all_words(told.get("ordinal", {})),
        told.get("forms", {}),
        int(told.get("general_part_ends", 0)),
    )


@dataclass
class _Reading:
    """Offences found so far in one cell, and what is still waiting for its article."""

    offences: list[dict[str, str | None]] = field(default_factory=list)
    form: str | None = None
    left_out: list[str] = field(default_factory=list)


class _Doubt(Exception):
    def __init__(self, code: str, what: str) -> None:
        self.fault = Fault(code, what)


def article_reader(code: OffenceCode) -> Reader:
    """Reads a cell as offences: each an article in its one form, with attempt or preparation where that is said.

    >>> from clemency.law.codes import load_code
    >>> read = article_reader(load_code("az-cc"))
    >>> [[one["article"] for one in read(text, 0).value] for text in ("m.177.2.3; 320.1", "ст. 234 ч. 4", "193¹.3.1")]
    [['177.2.3', '320.1'], ['234.4'], ['193-1.3.1']]
    >>> read("177.2.1-177.2.3", 0).fault.code
    'article_range'
    """
    words = article_words(code.id)

    def read(text: str, kind: int) -> Reading:
        try:
            found = _cell(text, kind, code, words)
        except _Doubt as doubt:
            return Reading(fault=doubt.fault)
        note = None
        if found.left_out:
            note = Fault("general_part_left_out", f"{', '.join(found.left_out)} of the General Part names no offence")
        if not found.offences:
            return Reading(fault=Fault("no_article", "no article of an offence stands here"))
        return Reading(found.offences, note=note)

    return read


def _cell(text: str, kind: int, code: OffenceCode, words: ArticleWords) -> _Reading:
    if kind == DAY:
        raise _Doubt("article_became_a_date", "a date stands where an article is expected")
    if kind == BOOLEAN:
        raise _Doubt("no_article", "this is no article")
    if kind == NUMBER:
        _check_number(text, code)
    if len(text) > _MOST_LETTERS:
        raise _Doubt("no_article", f"over {_MOST_LETTERS:,} letters stand here")
    found = _Reading()
    for piece in re.split(r"[;\n\r]+|\s+(?:və|ve|и|and)\s+", _evened(text)):
        if bare := piece.strip():
            plain = _PLAIN.fullmatch(bare)
            if plain is None and folded(bare) in unknown_words():
                found.offences.append({"article": None, "form": None})
            elif plain and int(plain[2]) > words.general_part_ends and folded(plain[1] or "m") in words.roles:
                _add(bare[len(plain[1] or "") :].lstrip(" ."), found, code, words)
            else:
                _piece(bare, found, code, words)
    if found.form:
        raise _Doubt("article_in_doubt", "attempt or preparation is said, and no article after it")
    return found


def _check_number(text: str, code: OffenceCode) -> None:
    """A number of a spreadsheet has lost the noughts at its end: 177.10 comes as 177.1."""
    if re.fullmatch(r"\d+\.\d", text) and code.knows(text + "0"):
        raise _Doubt("article_became_a_number", f"the number may have been {text}0 before the spreadsheet read it")
    if re.search(r"[eE]|\.\d{5,}", text):
        raise _Doubt("article_became_a_number", "the spreadsheet has made another number of the article")


def _evened(text: str) -> str:
    """Raised digits as `-1`, one kind of dash, marks of quotation and blanks left out."""
    text = re.sub(r"(?<=\d)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda raised: "-" + raised[1].translate(_RAISED), text)
    text = unicodedata.normalize("NFC", _DASHES.sub("-", text))
    text = re.sub(r"(?<=\d)\s*\^\s*(?=\d)", "-", text)
    text = re.sub(r"[«»“”„\"'’‘()\[\]]", " ", text)
    return re.sub(r"(?<=\d)\s*-\s*(?=\d)", "-", text)


def _piece(text: str, found: _Reading, code: OffenceCode, words: ArticleWords) -> None:
    """One piece between semicolons: an article, several between commas, or words that name article, part and item."""
    spoken = f" {folded(text)} "
    if any(f" {other} " in spoken for other in words.other_codes):
        raise _Doubt("other_code", "this is an article of another state's code")
    tokens = _tokens(text, words)
    if any(role in ("part", "item") for role, _ in tokens):
        for group in _groups(tokens):
            _named(group, found, code, words)
        return
    bare = "".join(value if role == "number" else " " if role != "sign" else value for role, value in tokens)
    bare = re.sub(r"\s*([.,/])\s*", r"\1", bare).strip(" .,/-")
    if not bare:
        raise _Doubt("no_article", "no number of an article stands here")
    _numbers(bare, found, code, words)


def _groups(tokens: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Tokens between commas, where each group names an article of its own; else all of them together."""
    groups: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token == ("sign", ","):
            groups.append([])
        else:
            groups[-1].append(token)
    complete = all({"article", "number"} <= {role for role, _ in group} for group in groups)
    return groups if complete else [tokens]


def _tokens(text: str, words: ArticleWords) -> list[tuple[str, str]]:
    """The text as numbers, words with their role, and signs. A word without a role is refused."""
    plain = re.sub(
        rf"(?<=\d)\s*-?\s*({'|'.join(_ordinal_spellings(words))})(?![^\W\d_])", " ", text, flags=re.IGNORECASE
    )
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(plain):
        number = re.compile(r"\d+(?:[-.]\d+)*").match(plain, place)
        word = re.compile(r"[^\W\d_]+(?:[\s.]+[^\W\d_]+)*\.?").match(plain, place)
        if number:
            tokens.append(("number", number[0]))
            place = number.end()
        elif word:
            tokens += _roles(word[0], words)
            place = word.end()
        else:
            if plain[place] not in " \t.,/-:№#\u00a0":
                raise _Doubt("no_article", f"the sign {plain[place]} has no place in an article")
            if plain[place] not in ":№#":
                tokens.append(("sign", plain[place]))
            place += 1
    return tokens


@cache
def _spellings(code_words: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(code_words, key=len, reverse=True))


def _ordinal_spellings(words: ArticleWords) -> tuple[str, ...]:
    return (*_spellings(words.ordinals), "cı", "cü", "ci", "cu")


def _roles(text: str, words: ArticleWords) -> list[tuple[str, str]]:
    """The longest runs of words that have a role; a word without one is refused."""
    parts = folded(text).split()
    found: list[tuple[str, str]] = []
    while parts:
        for length in range(len(parts), 0, -1):
            role = words.roles.get(" ".join(parts[:length]))
            if role:
                found.append((role, " ".join(parts[:length])))
                parts = parts[length:]
                break
        else:
            raise _Doubt("no_article", f"the word {parts[0]} has no place in an article")
    return found


def _named(tokens: list[tuple[str, str]], found: _Reading, code: OffenceCode, words: ArticleWords) -> None:
    """Article, part and item in words, before numbers (`ст. 234 ч. 4`) or after (`234-cü maddənin 4-cü hissəsi`)."""
    meaning = [(role, value) for role, value in tokens if role not in ("sign", "code")]
    signs = [value for role, value in tokens if role == "sign" and value in ",/"]
    roles = [role for role, _ in meaning]
    if signs and roles.count("number") > len([role for role in roles if role != "number"]):
        raise _Doubt("article_in_doubt", "the commas may separate articles, parts or items")
    named: dict[str, str] = {}
    first_is_number = roles[:1] == ["number"]
    for place, (role, value) in enumerate(meaning):
        if role != "number":
            continue
        beside = meaning[place + 1] if first_is_number and place + 1 < len(meaning) else None
        before = meaning[place - 1] if not first_is_number and place else None
        owner = (beside or before or ("", ""))[0]
        if owner in ("", "number") or owner in named:
            raise _Doubt("article_in_doubt", "the numbers cannot be told apart as article, part and item")
        named[owner] = value
    if "article" not in named or len(named) < len([role for role in roles if role != "number"]):
        raise _Doubt("article_in_doubt", "the numbers cannot be told apart as article, part and item")
    if "item" in named and "part" not in named and "." not in named["article"]:
        raise _Doubt("article_in_doubt", "an item is named, and not its part")
    article = ".".join(named[role] for role in ("article", "part", "item") if role in named)
    _add(article, found, code, words)


def _numbers(text: str, found: _Reading, code: OffenceCode, words: ArticleWords) -> None:
    """Numbers without words between them: one article, or several."""
    pieces = [piece for piece in re.split(r"\s+|/", text) if piece]
    for place, piece in enumerate(pieces):
        if place and not _special(piece, words) and piece not in words.forms:
            raise _Doubt("article_in_doubt", "blanks may separate articles, or article, part and item")
        for one in _between_commas(piece, code, words):
            _dashed(one, found, code, words)


def _between_commas(text: str, code: OffenceCode, words: ArticleWords) -> list[str]:
    """A comma before three digits separates articles, because no part has so many; another one may stand for a dot."""
    pieces = [piece for piece in text.split(",") if piece]
    if len(pieces) == 1:
        return pieces
    one = ".".join(pieces)
    apart = all(
        _special(piece, words) or _form_before(pieces[:place], words) for place, piece in enumerate(pieces[1:], 1)
    )
    together = code.knows(one) and all("." not in piece for piece in pieces)
    if apart == together:
        raise _Doubt("article_in_doubt", "the comma may separate articles, or stand for a dot")
    return pieces if apart else [one]


def _special(text: str, words: ArticleWords) -> bool:
    """Whether a number is an article beyond the General Part."""
    head = re.match(r"\d+", text)
    return head is not None and int(head[0]) > words.general_part_ends


def _form_before(pieces: list[str], words: ArticleWords) -> bool:
    """Whether all numbers before are articles of the General Part, so that another of them may follow."""
    return all(not _special(piece, words) for piece in pieces)


def _dashed(text: str, found: _Reading, code: OffenceCode, words: ArticleWords) -> None:
    """A dash binds an inserted article (`193-1`), stands between attempt and article (`29-120.1`), or makes a range."""
    general = re.fullmatch(r"(\d{1,2})(?:\.\d+)?-(\d{3}.*)", text)
    if general and general[1] in words.forms:
        _add(general[1], found, code, words)
        _dashed(general[2], found, code, words)
        return
    if re.search(r"-\d{3}", text):
        raise _Doubt("article_range", "this is a range of articles")
    span = re.fullmatch(r"(\d+(?:\.\d+)+)-(\d+)", text)
    if span and not code.knows(text) and code.knows(span[1]):
        raise _Doubt("article_range", "this may be a range of parts or items")
    _add(text, found, code, words)


def _add(text: str, found: _Reading, code: OffenceCode, words: ArticleWords) -> None:
    """Add one article in its one form, or remember what the General Part says of the next."""
    article = ".".join(_without_noughts(part) for part in text.strip(".").split("."))
    if not _CANONICAL.fullmatch(article) or len(article) > 40:
        raise _Doubt("no_article", "this is no number of an article")
    number = article.partition(".")[0].partition("-")[0]
    if int(number) <= words.general_part_ends and not code.knows(article):
        if number in words.forms:
            if found.form:
                raise _Doubt("article_in_doubt", "attempt or preparation is said twice")
            found.form = words.forms[number]
        else:
            found.left_out.append(article)
        return
    found.offences.append({"article": article, "form": found.form})
    found.form = None


def _without_noughts(part: str) -> str:
    return re.sub(r"\b0+(?=\d)", "", part)
