"""One person or one case that may stand twice in a register, and sentences of one person that run into each other.

Nothing is linked here: two files that look alike are shown to somebody who compares them.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import polars as pl

Pair = tuple[tuple[str, ...], str]
_ALIKE = 0.85
#: A day on which more people than this were born is a placeholder, such as 1 January.
_MOST_OF_A_DAY = 200
_CASE = ("birth_date", "sex", "judgment_date", "term_months", "term_start", "punishment")
#: Letters that stand for one sound in Azerbaijani, Russian and English spellings of a name, and the one they become.
_SOUNDS = {
    "a": "eəаеәэяё", "b": "б", "v": "вw", "k": "qgğгғҝк", "d": "д", "c": "çjчжҹ", "z": "з", "i": "ıиы", "l": "л",
    "m": "м", "n": "н", "o": "öоө", "p": "п", "r": "р", "s": "şсшщц", "t": "т", "u": "üуүю", "f": "ф", "h": "xхһ",
    "": "yйјьъ",
}  # fmt: skip
_PLAIN = str.maketrans({letter: sound for sound, letters in _SOUNDS.items() for letter in letters})
#: Sounds that some alphabets write with several letters, the longest first.
_SEVERAL = (
    ("dzh", "c"),
    ("дж", "c"),
    ("ts", "s"),
    ("dj", "c"),
    ("sh", "s"),
    ("ch", "c"),
    ("kh", "h"),
    ("gh", "k"),
    ("zh", "c"),
)


def same_cases(frame: pl.DataFrame) -> Iterator[Pair]:
    """Cases that are alike in person, offences, judgment and term, all of it known, under different ids."""
    known = frame.drop_nulls([*_CASE[:4], "offences"]).filter(pl.col("offences").list.len() > 0)
    if known.is_empty():
        return
    alike = known.with_columns(
        articles=pl.col("offences").list.eval(pl.element().struct.field("article")).list.sort().list.join(", ")
    )
    grouped = (
        alike.group_by([*_CASE, "articles"], maintain_order=True)
        .agg("case_id")
        .filter(pl.col("case_id").list.len() > 1)
    )
    for row in grouped.iter_rows(named=True):
        born, judged, months = row["birth_date"], row["judgment_date"], row["term_months"]
        yield tuple(row["case_id"]), f"born {born}, judged on {judged}, {months} months for {row['articles']}"


def same_persons(frame: pl.DataFrame) -> Iterator[Pair]:
    """One id with two birth dates, or two ids that are one spelling apart with the same birth date."""
    known = frame.select("case_id", "person_id", "birth_date").drop_nulls("person_id")
    yield from _two_birth_dates(known)
    yield from _two_spellings(known.drop_nulls("birth_date"))


def _two_birth_dates(known: pl.DataFrame) -> Iterator[Pair]:
    grouped = (
        known.drop_nulls("birth_date")
        .group_by("person_id", maintain_order=True)
        .agg("case_id", pl.col("birth_date").unique(maintain_order=True))
        .filter(pl.col("birth_date").list.len() > 1)
    )
    for person, cases, births in grouped.iter_rows():
        yield tuple(cases), f"person {person} is born on {' and on '.join(map(str, births))}"


def _two_spellings(known: pl.DataFrame) -> Iterator[Pair]:
    """Ids that are the same but for case, marks and stops; and names, without figures, that are nearly the same.

    Two numbers are never a spelling of each other: neighbours in a list differ by one figure.
    """
    persons = known.get_column("person_id").unique(maintain_order=True)
    spellings = pl.Series("plain", [plain(person) for person in persons], pl.String)
    spelt = pl.DataFrame([persons, spellings])
    once = known.unique(["person_id", "birth_date"], maintain_order=True).join(
        spelt, on="person_id", maintain_order="left"
    )
    same = once.group_by("birth_date", "plain", maintain_order=True).agg("person_id", "case_id")
    for birth, _, of_spelling, cases in same.filter(pl.col("person_id").list.len() > 1).iter_rows():
        yield tuple(cases), f"persons {' and '.join(of_spelling)} are born on {birth}"
    names = once.filter(~pl.col("plain").str.contains(r"\d"))
    near = names.group_by("birth_date", maintain_order=True).agg("person_id", "case_id", "plain")
    near = near.filter(pl.col("person_id").list.len().is_between(2, _MOST_OF_A_DAY))
    for birth, of_day, cases, spelt_so in near.iter_rows():
        for one, other in combinations(range(len(of_day)), 2):
            if spelt_so[one] != spelt_so[other] and _nearly(spelt_so[one], spelt_so[other]):
                yield (cases[one], cases[other]), f"persons {of_day[one]} and {of_day[other]} are born on {birth}"


def _nearly(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, one, other)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def plain(text: str) -> str:
    """A name as it sounds, in small Latin letters: the same for its Azerbaijani, Russian and English spelling.

    >>> plain("Əliyev, İsa"), plain("ALIYEV ISA"), plain("Алиев Иса"), plain("Cəfərov"), plain("Джафаров")
    ('aliavisa', 'aliavisa', 'aliavisa', 'cafarov', 'cafarov')
    """
    lower = unicodedata.normalize("NFKC", text).replace("İ", "i").lower()
    for written, sound in _SEVERAL:
        if written in lower:
            lower = lower.replace(written, sound)
    letters = unicodedata.normalize("NFKD", lower.translate(_PLAIN))
    heard = [one for one in letters if one.isalnum()]
    return "".join(one for place, one in enumerate(heard) if one.isdigit() or heard[place - 1 : place] != [one])


def overlapping(frame: pl.DataFrame) -> Iterator[Pair]:
    """Sentences of one person that are being served and whose terms share a day or follow without a gap."""
    serving = frame.filter((pl.col("stage") == "serving") & ~pl.col("suspended").fill_null(False)).drop_nulls(
        ["person_id", "term_start", "term_end"]
    )
    several = serving.filter(pl.col("person_id").is_duplicated()).sort("person_id", "term_start", "case_id")
    of_person: dict[str, list[Any]] = defaultdict(list)
    for person, case, start, end in several.select("person_id", "case_id", "term_start", "term_end").iter_rows():
        of_person[person].append((case, start, end))
    for person, terms in of_person.items():
        for (one, _, end), (other, start, _) in combinations(terms, 2):
            if (start - end).days <= 1:
                yield (one, other), f"person {person}: one term ends on {end}, the other begins on {start}"
