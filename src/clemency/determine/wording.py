"""Words of the house in its languages: phrases, plural forms, dates, durations.

The phrases stand in `phrases.yaml` beside this file. Every phrase is there in every language; none falls back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from clemency.law.act import LANGUAGES
from clemency.law.calendar import Duration

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MONTHS_A_YEAR = 12
_SAID_IN_YEARS = 2


@cache
def phrases() -> Mapping[str, Any]:
    """Every phrase of the house: a tree with `en`, `az` and `ru` at its leaves."""
    text = files("clemency.determine").joinpath("phrases.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.load(text, _LOADER)  # a safe loader
    return read


def plural(language: str, count: int) -> str:
    """The plural form that a whole number takes: Russian has one, few and many; the others one and other.

    >>> [plural("ru", count) for count in (1, 2, 5, 11, 21, 22, 112)]
    ['one', 'few', 'many', 'many', 'one', 'few', 'many']
    """
    if language != "ru":
        return "one" if count == 1 else "other"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return "few"
    return "many"


def year_suffix(year: int) -> str:
    """The ending of an Azerbaijani ordinal year, after the last word of the number as it is said.

    >>> [f"{year}-{year_suffix(year)}" for year in (2023, 2025, 2026, 2029, 2030, 2000, 1900)]
    ['2023-cü', '2025-ci', '2026-cı', '2029-cu', '2030-cu', '2000-ci', '1900-cü']
    """
    units = {1: "ci", 2: "ci", 3: "cü", 4: "cü", 5: "ci", 6: "cı", 7: "ci", 8: "ci", 9: "cu"}
    tens = {10: "cu", 20: "ci", 30: "cu", 40: "cı", 50: "ci", 60: "cı", 70: "ci", 80: "ci", 90: "cı"}
    if year % 10:
        return units[year % 10]
    if year % 100:
        return tens[year % 100]
    return "cü" if year % 1000 else "ci"


@dataclass(frozen=True)
class Wording:
    """The phrases in one language.

    >>> Wording("en").day(date(2025, 12, 20)), Wording("en").length(Duration(18, 1))
    ('20 December 2025', '18 months 1 day')
    """

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"no language {self.language!r}; there are {', '.join(LANGUAGES)}")

    def __call__(self, key: str, /, **values: object) -> str:
        """A phrase by its dotted key, its places filled in."""
        return str(self._leaf(key)).format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a phrase by this key."""
        try:
            self._leaf(key)
        except KeyError:
            return False
        return True

    def _leaf(self, key: str) -> Any:
        node: Any = phrases()
        section, _, rest = key.partition(".")
        for step in (section, rest) if section == "ask" else key.split("."):
            node = node[step]
        return node[self.language]

    def count(self, key: str, number: int) -> str:
        """A counted thing, in the plural form that the number takes."""
        return str(self._leaf(key)[plural(self.language, number)]).format(n=number)

    def translated(self, text: Mapping[str, str]) -> str:
        """A text of the act in this language; English where it has no other."""
        return text.get(self.language) or text.get("en") or next(iter(text.values()), "")

    def day(self, day: date) -> str:
        """A day as it is written in the language."""
        month = self(f"date.months.{day.month}")
        return self("date.pattern", day=day.day, month=month, year=day.year, suffix=year_suffix(day.year))

    def length(self, duration: Duration, than: bool = False) -> str:
        """A duration in years, months and days, under two years in months; `than` gives the form after "more than"."""
        years, months = divmod(abs(duration.months), _MONTHS_A_YEAR)
        if years < _SAID_IN_YEARS:
            years, months = 0, abs(duration.months)
        parts = [("year", years), ("month", months), ("day", abs(duration.days))]
        given = [(unit, number) for unit, number in parts if number] or [("day", 0)]
        words = []
        for place, (unit, number) in enumerate(given):
            changed = than and (self.language != "az" or place == len(given) - 1)
            words.append(self.count(f"{'unit_than' if changed else 'unit'}.{unit}", number))
        return " ".join(words)

    def relief(self, kind: str, terms: Mapping[str, Any]) -> str:
        """What a relief gives, in words: its measure, what follows it, whose word it needs, what it waits for.

        >>> Wording("en").relief("reduce", {"fraction": "1/2", "of": "term"})
        'the term is cut by 1/2 of its length'
        """
        text = self._given(kind, terms)
        for step in terms.get("then", ()):
            text = self("relief.then", first=text, following=self._given(step["relief"], step["relief_terms"]))
        if "from" in terms:
            text += ", " + self("relief.since", day=self.day(date.fromisoformat(terms["from"])))
        if "consent" in terms:
            text += ", " + self(f"relief.consent.{terms['consent']}")
        return text

    def _given(self, kind: str, terms: Mapping[str, Any]) -> str:
        if kind == "release_point" and "share" in terms:
            return self("relief.release_point_at", share=terms["share"], before=terms["instead_of"])
        if "fraction" in terms:
            return self(f"relief.reduce_{terms['of']}", share=terms["fraction"])
        if "term" in terms:
            return self("relief.replace_term", term=self.length(_duration(terms["term"])))
        to = self(f"word.punishment.{terms['to']}") if "to" in terms else ""
        return self(f"relief.{kind}", by=self.length(_duration(terms)), to=to)

    def days(self, number: int) -> str:
        """A number of days."""
        return self.count("unit.day", number)


def _duration(terms: Mapping[str, Any]) -> Duration:
    return Duration(terms.get("months", 0), terms.get("days", 0))


def read_duration(text: str) -> Duration:
    """A duration as a trace writes it.

    >>> read_duration("18 months 10 days")
    Duration(months=18, days=10)
    """
    numbers = {unit: int(number) for number, unit in re.findall(r"(-?\d+) (month|day)", text)}
    return Duration(numbers.get("month", 0), numbers.get("day", 0))
