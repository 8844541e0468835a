"""The timeline of one sentence in words and as a picture: each day with the steps and the rules that lead to it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from clemency.determine.wording import Wording
from clemency.law.calendar import Duration
from clemency.law.sentences import Derived, Step
from clemency.records.sentence import WorkedOut

if TYPE_CHECKING:
    from clemency.observe.pictures import Picture, Sheet

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LABEL = 34
#: Values of steps by how they are said: as a length in months, in days, as a punishment, a category, a day of the week.
_MONTHS = ("months", "least", "most")
_DAYS = ("days", "counted")


@cache
def phrases() -> Mapping[str, Any]:
    """Every phrase of the timeline: a tree with `en`, `az` and `ru` at its leaves."""
    text = files("clemency.observe").joinpath("sentence_words.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.load(text, _LOADER)  # a safe loader
    return read


@dataclass(frozen=True)
class SentenceWords:
    """The phrases of the timeline in one language.

    >>> SentenceWords("en").step(Step("cap", {"cap": Duration(300)}, "67.3"))
    'at most 25 years (Art. 67.3)'
    """

    language: str

    @property
    def say(self) -> Wording:
        """The phrases that the whole house shares."""
        return Wording(self.language)

    def __call__(self, section: str, key: str = "", **values: object) -> str:
        """A phrase by its section and key, its places filled in."""
        node = phrases()[section]
        return str((node[key] if key else node)[self.language]).format(**values)

    def value(self, value: date | Duration | None) -> str:
        """A day or a length as the language writes it."""
        if isinstance(value, Duration):
            return self.say.length(value)
        return self.say.day(value) if value is not None else ""

    def step(self, step: Step) -> str:
        """One step of a derivation, with its article."""
        key = "record_one" if step.key == "record" and step.values["least"] == step.values["most"] else step.key
        values = {name: self._said(name, value) for name, value in step.values.items()}
        values |= {f"{name}_than": self._than(name, value) for name, value in step.values.items()}
        told = self("step", key, **values)
        return f"{told} ({self('article', article=step.article)})" if step.article else told

    def _said(self, name: str, value: Any) -> str:
        if isinstance(value, date | Duration):
            return self.value(value)
        if name in _MONTHS:
            return self.say.length(Duration(int(value)))
        if name in _DAYS:
            return self.say.days(int(value))
        if name in ("punishment", "category"):
            return self.say(f"word.{name}.{value}")
        if name in ("weekday", "why"):
            return self(name, str(value))
        return str(value)

    def _than(self, name: str, value: Any) -> str:
        """A length in the form it takes after "more than"; anything else as it is."""
        length = Duration(int(value)) if name in _MONTHS and not isinstance(value, date | Duration) else value
        return self.say.length(length, than=True) if isinstance(length, Duration) else self._said(name, value)

    def answer(self, one: Derived) -> str:
        """What was worked out, or that it is not known and what is missing, or that it does not apply."""
        if one.least is None or one.most is None:
            missing = ", ".join(self("missing", name) for name in one.missing)
            return self("state", "not_known", missing=missing) if missing else self("state", "none")
        if one.value is not None:
            return self.value(one.value)
        return self("state", "between", least=self.value(one.least), most=self.value(one.most))


def sentence_text(found: WorkedOut, width: int, language: str = "en") -> str:
    """The whole timeline as text of a given width.

    >>> from clemency.records.record import CaseRecord
    >>> from clemency.records.sentence import work_out
    >>> print(sentence_text(work_out(CaseRecord(case_id="7")), 88))
    Sentence of case 7
    ...
    Last day of the term
      not known; missing: start of the term, term imposed, ...
    """
    return "\n".join(_lines(found, max(width, 40), SentenceWords(language))) + "\n"


def _lines(found: WorkedOut, width: int, words: SentenceWords) -> Iterator[str]:
    yield words("heading", case=found.record.case_id)
    yield words("advice")
    for one in found.derived:
        yield ""
        yield words("name", one.name)
        sure = f" ({words('state', 'confidence', level=words('level', one.confidence))})" if one.least else ""
        yield from _wrapped(words.answer(one) + sure, width, "  ")
        for step in one.steps:
            yield from _wrapped(f"· {words.step(step)}", width, "    ")
        for note in one.notes:
            yield from _wrapped(f"! {words.step(note)}", width, "    ")


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent + "  " * text.startswith(("·", "!")),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


# --- the picture ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mark:
    """One line of the picture: a name, and the day or the days between which it lies."""

    name: str
    first: date
    last: date


def sentence_picture(found: WorkedOut, language: str = "en") -> Picture:
    """The days of a sentence on one line of time, each on a row of its own; a stretch where a day is not settled."""
    from clemency.observe.pictures import Picture

    words = SentenceWords(language)
    marks = list(_marks(found, words))
    title = words("picture", "title", case=found.record.case_id)
    told = "; ".join(f"{mark.name}: {_said(mark, words)}" for mark in marks)
    return Picture(
        name="sentence",
        language=language,
        title=title,
        subtitle="",
        notes=(words("advice"),),
        alternative=f"{title}. {told}.",
        figures=(),
        labels={},
        body=lambda sheet: _draw(sheet, marks, words),
    )


def _marks(found: WorkedOut, words: SentenceWords) -> Iterator[_Mark]:
    for key, day in (("judgment", found.sentence.judgment), ("start", found.sentence.start)):
        if day is not None:
            yield _Mark(words("picture", key), day, day)
    for one in sorted(
        (one for one in found.derived if isinstance(one.least, date) and isinstance(one.most, date)),
        key=lambda one: (one.least, one.most),
    ):
        if isinstance(one.least, date) and isinstance(one.most, date):
            yield _Mark(words("name", one.name), one.least, one.most)


def _said(mark: _Mark, words: SentenceWords) -> str:
    if mark.first == mark.last:
        return words.value(mark.first)
    return words("state", "between", least=words.value(mark.first), most=words.value(mark.last))


def _draw(sheet: Sheet, marks: list[_Mark], words: SentenceWords) -> None:
    from clemency.observe.pictures import GRID, MUTED, RULES_DARK, RULES_MID

    if not marks:
        return
    first, last = min(mark.first for mark in marks), max(mark.last for mark in marks)
    span = max(1, (last - first).days)
    inner = sheet.width - 24

    def across(day: date) -> float:
        return 12 + inner * (day - first).days / span

    _draw_years(sheet, first, last, across, sheet.y + _LABEL * len(marks))
    for mark in marks:
        sheet.y += _LABEL
        left, right = across(mark.first), across(mark.last)
        sheet.line(12, sheet.y, 12 + inner, sheet.y, GRID)
        if mark.first != mark.last:
            sheet.bar(left, right, sheet.y, 6, RULES_MID)
        sheet.mark(left, sheet.y, "circle", RULES_DARK, 70)
        if mark.first != mark.last:
            sheet.mark(right, sheet.y, "circle", RULES_DARK, 70)
        sheet.text(12, sheet.y - 11, mark.name, 12.5, halo=4)
        sheet.text(12 + inner, sheet.y - 11, _said(mark, words), 12, colour=MUTED, align="right", halo=4)
    sheet.y += 28


def _draw_years(sheet: Sheet, first: date, last: date, across: Callable[[date], float], bottom: float) -> None:
    """A thin line at the beginning of every year, and its number where there is room."""
    from clemency.observe.pictures import GRID, MUTED

    years = range(first.year + 1, last.year + 1)
    step = max(1, -(-len(years) // (6 if sheet.narrow else 12)))
    for year in years:
        at = across(date(year, 1, 1))
        sheet.line(at, sheet.y + 16, at, bottom + 6, GRID)
        if year in years[::step]:
            sheet.text(at, bottom + 20, str(year), 11.5, colour=MUTED, align="center")
