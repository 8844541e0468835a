"""What a grant gives: release, a cut by a length or a share, a milder punishment, an earlier release point, steps.

A relief is read from the act file as plain data and checked here; what does not fit is told with its place in it. A
table by class is spread out into one plain relief a row before anything else sees it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from clemency.law.calendar import Duration
from clemency.law.vocabulary import GRAVEST_FIRST, MEASURES, PUNISHMENT, RELIEFS

Path = tuple[str | int, ...]
_PLAIN = ("release", "end_prosecution", "lift_additional", "lift_record")
_ROW = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Relief:
    """What a grant gives: a kind of the closed list, with its measure.

    `by` is a length, `fraction` a share of the term or of the rest (`of`) or, for a release point, of the term that is
    served; `instead_of` is the share that was served until now. `term` is the term that a replaced punishment gets,
    `then` the step that follows, `since` the day from which the relief is given where that is not the day the act takes
    effect. `rounding` says which way a part of a day goes.
    """

    kind: str
    by: Duration | None = None
    to: str | None = None
    consent: str | None = None
    after: Mapping[str, str] | None = None
    fraction: Fraction | None = None
    of: str | None = None
    instead_of: Fraction | None = None
    term: Duration | None = None
    then: Relief | None = None
    since: date | None = None
    rounding: str = "down"

    @property
    def measure(self) -> str:
        """What a cut is measured by: a share of the term, a share of the rest, or a length."""
        return self.of or "length"

    def steps(self) -> Iterator[Relief]:
        """The relief and the steps that follow it, in their order."""
        yield self
        if self.then is not None:
            yield from self.then.steps()

    def terms(self) -> dict[str, Any]:
        """The measure as plain data, such as `{"months": 6}` or `{"fraction": "1/2", "of": "term"}`.

        >>> Relief("release_point", fraction=Fraction(2, 5), instead_of=Fraction(1, 2)).terms()
        {'share': '40%', 'instead_of': '50%'}
        """
        terms: dict[str, Any] = {}
        if self.by is not None:
            terms |= _length(self.by)
        if self.fraction is not None and self.instead_of is not None:
            terms |= {"share": percent(self.fraction), "instead_of": percent(self.instead_of)}
        elif self.fraction is not None:
            terms |= {"fraction": str(self.fraction), "of": self.of}
        if self.to is not None:
            terms["to"] = self.to
        if self.term is not None:
            terms["term"] = _length(self.term)
        if self.then is not None:
            terms["then"] = [
                {"relief": step.kind, "relief_terms": replace(step, then=None).terms()} for step in self.then.steps()
            ]
        if self.since is not None:
            terms["from"] = self.since.isoformat()
        if self.consent is not None:
            terms["consent"] = self.consent
        if self.after is not None:
            terms["after"] = dict(self.after)
        return terms

    def favour(self, measures: tuple[str, ...]) -> tuple[Any, ...]:
        """Place among the reliefs of its kind, the most favourable first; only equal measures stand at one place."""
        mine: tuple[Any, ...] = (0, 0)
        if self.kind == "reduce":
            mine = (measures.index(self.measure), -(self.by.key() if self.by else self.fraction or 0))
        elif self.kind == "release_point":
            mine = (self.fraction, -(self.instead_of or 0))
        elif self.kind == "replace":
            mine = (-GRAVEST_FIRST.index(self.to or ""), self._term_left())
        following = () if self.then is None else self.then.favour(measures)
        return (*mine, self.since.toordinal() if self.since else 0, len(following), *following)

    def _term_left(self) -> Fraction | int:
        """How long a term is that replaces another punishment, after the cut that follows; none where none is given."""
        if self.term is None:
            return 0
        left, cut = self.term.key(), self.then
        if cut is None:
            return left
        return left - cut.by.key() if cut.by else left * (1 - (cut.fraction or 0))


def _length(duration: Duration) -> dict[str, int]:
    return {unit: count for unit, count in (("months", duration.months), ("days", duration.days)) if count}


def percent(share: Fraction) -> str:
    """A share in hundredths where they are whole, as a fraction otherwise.

    >>> percent(Fraction(2, 5)), percent(Fraction(1, 3))
    ('40%', '1/3')
    """
    hundredths = share * 100
    return f"{hundredths}%" if hundredths.denominator == 1 else str(share)


def read_share(written: Any) -> Fraction | None:
    """A share written as `1/2` or `40%`, above nothing and below the whole; None where it is none.

    >>> read_share("1/2"), read_share("40%"), read_share("3/2"), read_share(0.5)
    (Fraction(1, 2), Fraction(2, 5), None, None)
    """
    if not isinstance(written, str):
        return None
    hundredths = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)%", written)
    parts = re.fullmatch(r"(\d{1,6})/([1-9]\d{0,5})", written)
    if hundredths is None and parts is None:
        return None
    share = Fraction(hundredths[1]) / 100 if hundredths else Fraction(written)
    return share if 0 < share < 1 else None


# --- reading --------------------------------------------------------------------------------------------------


class Unfit(ValueError):
    """A relief that does not fit: where in it, what, and what to write instead."""

    def __init__(self, path: Path, what: str, write: str = "") -> None:
        self.path, self.what, self.write = path, what, write
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the value it stands for, where it stands in the relief, and the relief it gives."""

    value: str | None
    path: Path
    written: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A relief as its rows: `by` names the field or fact whose value decides, and is None where there is no table."""

    by: str | None
    path: Path
    rows: tuple[Row, ...]


def table_of(written: Any) -> Table:
    """Spread a relief out into its rows; a relief without a table has the one row that it is."""
    if isinstance(written, list):
        for place, step in enumerate(written):
            table = table_of(step)
            if table.by is not None:
                before, after = written[:place], written[place + 1 :]
                spread = (Row(row.value, (place, *row.path), [*before, row.written, *after]) for row in table.rows)
                return Table(table.by, (place, *table.path), tuple(spread))
    measure = written.get("reduce") if isinstance(written, dict) and len(written) == 1 else None
    if not isinstance(measure, dict) or "table" not in measure:
        return Table(None, (), (Row(None, (), written),))
    strange = [key for key in measure if key not in ("by", "table", "of")]
    table, by = measure["table"], measure.get("by")
    if strange or not isinstance(by, str) or not isinstance(table, dict) or not table:
        at = ("reduce", strange[0]) if strange else ("reduce",)
        raise Unfit(at, "this is no table of reliefs", _TABLE)
    rows = []
    for value, share in table.items():
        path = ("reduce", "table", value)
        if not _ROW.fullmatch(value):
            raise Unfit(path, f"{value} cannot name a row", "a row is named with small letters, digits, _ and -")
        given = {"fraction": share, "of": measure["of"]} if "of" in measure else share
        rows.append(Row(value, path, {"reduce": given}))
    return Table(by, ("reduce", "by"), tuple(rows))


def read_relief(written: Any, duration: Callable[[Any], Duration | None]) -> Relief:
    """A relief without tables, from plain data; raises `Unfit` with the place in it that does not fit."""
    if isinstance(written, list):
        return _steps(written, duration)
    if isinstance(written, str) and written in _PLAIN:
        return Relief(written)
    if isinstance(written, dict) and len(written) == 1:
        kind, measure = next(iter(written.items()))
        if kind == "reduce":
            return _reduce(measure, written, duration)
        if kind == "replace":
            return _replace(measure, written, duration)
        if kind == "release_point":
            return _release_point(measure)
    raise Unfit((), f"no relief fits {shown(written)}", relief_hint(written))


def _steps(written: list[Any], duration: Callable[[Any], Duration | None]) -> Relief:
    read = []
    for place, step in enumerate(written):
        try:
            read.append(read_relief(step, duration))
        except Unfit as unfit:
            raise Unfit((place, *unfit.path), unfit.what, unfit.write) from None
    if len(read) != 2 or read[0].term is None or read[1].kind != "reduce" or read[1].of == "rest":
        raise Unfit((), "these steps do not follow each other", _STEPS)
    return replace(read[0], then=read[1])


def _reduce(measure: Any, written: Any, duration: Callable[[Any], Duration | None]) -> Relief:
    if isinstance(measure, dict):
        strange = [key for key in measure if key not in ("fraction", "of")]
        if strange or "fraction" not in measure:
            raise Unfit(("reduce",), f"no relief fits {shown(written)}", _REDUCE)
        if measure.get("of") not in ("term", "rest"):
            raise Unfit(
                ("reduce", "of"),
                "a cut by a share says of what",
                "write of: term (as imposed) or of: rest (what is unserved)",
            )
        return Relief("reduce", fraction=_share(measure["fraction"], ("reduce", "fraction")), of=measure["of"])
    if read_share(measure) is not None:
        raise Unfit(("reduce",), f"{measure} of what?", "write {reduce: {fraction: 1/2, of: term}}, or of: rest")
    by = duration(measure)
    if by is None:
        raise Unfit((), f"no relief fits {shown(written)}", _REDUCE)
    return Relief("reduce", by=by)


def _replace(measure: Any, written: Any, duration: Callable[[Any], Duration | None]) -> Relief:
    if isinstance(measure, dict) and list(measure) == ["term"]:
        term = duration(measure["term"])
        if term is None:
            raise Unfit(("replace", "term"), f"{measure['term']} is no term", "write {replace: {term: 50 years}}")
        return Relief("replace", to="imprisonment", term=term)
    if isinstance(measure, str) and measure in PUNISHMENT.values:
        return Relief("replace", to=measure)
    raise Unfit((), f"no relief fits {shown(written)}", relief_hint(written))


def _release_point(measure: Any) -> Relief:
    if not isinstance(measure, dict) or set(measure) != {"share", "instead_of"}:
        raise Unfit(("release_point",), "a release point names two shares of the term", _POINT)
    share = _share(measure["share"], ("release_point", "share"))
    before = _share(measure["instead_of"], ("release_point", "instead_of"))
    if share >= before:
        what = f"a release point at {percent(share)} is no earlier than one at {percent(before)}"
        raise Unfit(("release_point", "share"), what, _POINT)
    return Relief("release_point", fraction=share, instead_of=before)


def _share(written: Any, path: Path) -> Fraction:
    share = read_share(written)
    if share is None:
        what = f"{shown(written)} is no share between nothing and the whole"
        raise Unfit(path, what, "write a fraction such as 1/2, or hundredths such as 40%")
    return share


def shown(written: Any) -> str:
    """A relief as it was written, for a message."""
    if isinstance(written, dict):
        return "{" + ", ".join(f"{key}: {_inner(value)}" for key, value in written.items()) + "}"
    return "nothing" if written is None else repr(written)


def _inner(value: Any) -> str:
    return shown(value) if isinstance(value, dict) else str(value)


_REDUCE = "write {reduce: 6 months}, {reduce: 90 days} or {reduce: {fraction: 1/2, of: term}}"
_POINT = "write {release_point: {share: 40%, instead_of: 50%}}"
_STEPS = "write two: first {replace: {term: 50 years}}, then a cut such as {reduce: {fraction: 1/2, of: term}}"
_TABLE = "write {reduce: {by: conduct_class, table: {excellent: 1/2, good: 1/4}, of: term}}"


def relief_hint(written: Any) -> str:
    """What to write instead of a relief that does not fit."""
    word = next(iter(written), "") if isinstance(written, dict) else str(written)
    if word == "reduce":
        return _REDUCE
    if word == "replace":
        return f"write {{replace: ...}} with {{term: 50 years}} or one of: {', '.join(PUNISHMENT.values)}"
    if word == "release_point":
        return _POINT
    close = difflib.get_close_matches(str(word), RELIEFS, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    return hint + "write release, end_prosecution, lift_record, lift_additional, {reduce: 6 months} or {replace: fine}"


__all__ = ["MEASURES", "Relief", "Row", "Table", "Unfit", "read_relief", "read_share", "relief_hint", "table_of"]
