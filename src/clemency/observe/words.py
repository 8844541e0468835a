"""The words of charts and report in the languages of the house; numbers and days as each language writes them.

The phrases stand in `words.yaml` beside this file. Every phrase is there in every language; none falls back.
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

from clemency.determine.wording import Wording
from clemency.law.act import LANGUAGES
from clemency.observe.figures import Cited

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_BREAK = "\u00a0"
_LAST_WORD_BACK = {6, 9, 10, 30, 40, 60, 90}  # altı, doqquz, on, otuz, qırx, altmış, doxsan take -dan


@cache
def phrases() -> Mapping[str, Any]:
    """Every phrase of charts and report: a tree with `en`, `az` and `ru` at its leaves."""
    text = files("clemency.observe").joinpath("words.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.load(text, _LOADER)  # a safe loader
    return read


def from_ending(number: int) -> str:
    """The ending of an Azerbaijani number in "more than", after the last word of the number as it is said.

    >>> [f"{number}-{from_ending(number)}" for number in (20_000, 2_800, 36, 40, 5_638)]
    ['20000-dən', '2800-dən', '36-dan', '40-dan', '5638-dən']
    """
    last = number % 10 or number % 100
    return "dan" if last in _LAST_WORD_BACK else "dən"


@dataclass(frozen=True)
class Words:
    """The phrases in one language.

    >>> Words("en").number(18355), Words("ru").number(18355), Words("en").short("2026-02-19")
    ('18,355', '18\\xa0355', '19\\xa0Feb\\xa02026')
    """

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"no language {self.language!r}; there are {', '.join(LANGUAGES)}")

    def __call__(self, key: str, /, **values: object) -> str:
        """A phrase by its dotted key, its places filled in."""
        return self._leaf(key).format(**values)

    def raw(self, key: str) -> str:
        """A phrase with its places as they are."""
        return self._leaf(key)

    def has(self, key: str) -> bool:
        """Whether there is a phrase by this key."""
        try:
            self._leaf(key)
        except (KeyError, TypeError):
            return False
        return True

    def _leaf(self, key: str) -> str:
        node: Any = phrases()
        for step in key.split("."):
            node = node[step]
        text: str = node[self.language]
        return text

    def title(self, texts: Mapping[str, str]) -> str:
        """A text of the library in this language; English where it has no other."""
        return texts.get(self.language) or texts.get("en") or next(iter(texts.values()), "")

    def number(self, number: float) -> str:
        """A whole number, its thousands set apart as the language does."""
        grouped = f"{round(number):,}"
        return grouped if self.language == "en" else grouped.replace(",", _NO_BREAK)

    def percent(self, share: float) -> str:
        """A share of one in percent."""
        return f"{round(100 * share)}{_NO_BREAK}%"

    def figure(self, figure: Cited) -> str:
        """A figure as it was worded: over, up to, about, or the number alone; a dash where there is none."""
        if figure.value is None:
            return "–"
        number = self.number(figure.value)
        return self(f"qualifier.{figure.qualifier}", n=number, ending=from_ending(round(figure.value)))

    def interval(self, figure: Cited) -> str:
        """From where to where nine draws in ten lie."""
        if figure.low90 is None or figure.high90 is None:
            return self.figure(figure)
        return f"{self.number(figure.low90)}–{self.number(figure.high90)}"

    def estimate(self, figure: Cited) -> str:
        """The median, with where nine draws in ten lie."""
        if figure.low90 is None:
            return self.figure(figure)
        return f"{self.figure(figure)} ({self.interval(figure)})"

    def day(self, day: str) -> str:
        """A day in full; what is no full day is left as it is."""
        read = _read(day)
        return day if read is None else Wording(self.language).day(read)

    def short(self, day: str) -> str:
        """A day or a month, its name cut short; anything else is left as it is."""
        read = _read(day)
        if read is None and re.fullmatch(r"\d{4}-\d{2}", day):
            number = int(day[5:])
            key = "month_alone" if self.has(f"month_alone.{number}") else "month"
            return f"{self(f'{key}.{number}')}{_NO_BREAK}{day[:4]}"
        return day if read is None else f"{read.day} {self(f'month.{read.month}')} {read.year}".replace(" ", _NO_BREAK)

    def day_and_month(self, day: str) -> str:
        """A day without its year, the month cut short, where the year stands nearby."""
        read = _read(day)
        return day if read is None else f"{read.day}{_NO_BREAK}{self(f'month.{read.month}')}"

    def listed(self, items: list[str]) -> str:
        """Items as a list in a sentence.

        >>> Words("en").listed(["a", "b", "c"])
        'a, b and c'
        """
        if len(items) < 2:
            return "".join(items)
        return self("and", first=", ".join(items[:-1]), last=items[-1])


def _read(day: str) -> date | None:
    try:
        return date.fromisoformat(day) if len(day) == len("2026-02-19") else None
    except ValueError:
        return None
