"""Reliefs in a query: the day to which a share of the term, a release point or a term given instead leads.

These are the rules of `determination.relief_days`. They are worked out for every case in three tables, each reading the
one before, because engines limit how deep a reckoning may nest; the answer then picks the day of the grant counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from sqlglot import exp

from clemency.determine.reading import shares_served
from clemency.determine.sql_dates import (
    SQL,
    Dialect,
    both,
    column,
    compared,
    either,
    is_not_null,
    is_null,
    number,
    reckoned,
    when,
)
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.calendar import Duration, whole_share
from clemency.law.reliefs import Relief

#: The table that all of this reads, and the last table that is made of it.
ENDED, DATED = "ended", "days of reliefs"
_SHARED, _PARTED, _LAST = "shares of terms", "parts of terms", "last day"


@dataclass(frozen=True, slots=True)
class Measured:
    """A relief whose new day takes more than the end of the term, and the columns that hold its old and new day."""

    relief: Relief
    old: str
    new: str


class Reliefs:
    """What the reliefs and rules of an act need beside the end of a term; `t` is the table that is read."""

    def __init__(self, act: Act, dialect: Dialect) -> None:
        self.act, self.d = act, dialect
        self.served = shares_served(act)

    @cached_property
    def measured(self) -> list[Measured]:
        """Each different relief by a share, a release point or a term given instead."""
        found: list[Relief] = []
        for relief in (grant.relief for grant in self.act.grants):
            if _takes_more(relief) and relief not in found:
                found.append(relief)
        return [
            Measured(one, f"old day {place}" if one.kind == "release_point" else "term_end", f"new day {place}")
            for place, one in enumerate(found)
        ]

    def of(self, relief: Relief) -> Measured | None:
        """The columns of a relief, or None for one that the end of the term is enough for."""
        return next((one for one in self.measured if one.relief == relief), None)

    @property
    def needed(self) -> bool:
        """Whether there is anything to work out beside the end of the term."""
        return bool(self.measured or self.served)

    @property
    def columns(self) -> list[str]:
        """What is added to a case: days on which shares are served, and days of reliefs."""
        days = (name for one in self.measured for name in (one.old, one.new) if name != "term_end")
        return [*self.served, *days]

    @cached_property
    def _shares(self) -> list[Fraction]:
        """The shares of terms as they were imposed."""
        cut = (one.relief.fraction for one in self.measured if one.relief.of == "term")
        return list(dict.fromkeys([*self._shares_to_serve, *(share for share in cut if share is not None)]))

    @cached_property
    def _shares_to_serve(self) -> list[Fraction]:
        """The shares of terms of which it is asked when they are served."""
        points = [one.relief for one in self.measured if one.relief.kind == "release_point"]
        read = [rules.served_share(name) for name in self.served]
        read += [share for one in points for share in (one.fraction, one.instead_of)]
        return list(dict.fromkeys(share for share in read if share is not None))

    @cached_property
    def _terms(self) -> list[Duration]:
        """The terms that replaced punishments get."""
        return list(dict.fromkeys(one.relief.term for one in self.measured if one.relief.term is not None))

    # the tables

    def tables(self, kept: list[str], t: str) -> Iterator[tuple[str, exp.Query]]:
        """The tables from `ended` to the days of reliefs; `kept` are columns that each of them keeps."""
        shared = self._shared(t)
        yield _SHARED, _with(kept, shared, ENDED, t)
        if self._shares_to_serve:
            yield _PARTED, _with([*kept, *shared], self._parted(t), _SHARED, t)
        yield DATED, _with(kept, self._dated(t), _PARTED if self._shares_to_serve else _SHARED, t)

    def _shared(self, t: str) -> dict[str, SQL]:
        """The last day of each term without credit, its shares in whole months and days, and terms given instead."""
        start = column("term_start", t)
        unknown = either(is_null(start), is_null(column("term", t)))
        months, days = _or_none(column("term_months", t)), _or_none(column("term_days", t))
        last = self.d.add_days(self.d.add_months(start, months), days)
        picked = {_LAST: when((unknown, exp.Null()), otherwise=last)}
        for share in self._shares:
            fits = [
                compared("=", self.d.remainder(_times(length, share), share.denominator), number(0))
                for length in (months, days)
            ]
            whole = both(is_not_null(column("term", t)), *fits)
            for unit, length in (("months", months), ("days", days)):
                part = self.d.whole(self.d.quotient(_times(length, share), share.denominator))
                picked[f"{unit} of {share}"] = when((whole, part), otherwise=exp.Null())
        for term in self._terms:
            picked[f"start and {term}"] = when((is_null(start), exp.Null()), otherwise=self.d.add(start, term))
        return picked

    def _parted(self, t: str) -> dict[str, SQL]:
        """The day on which each share of a term that comes out in whole months and days is served, without credit."""
        picked: dict[str, SQL] = {}
        for share in self._shares_to_serve:
            months, days = (column(f"{unit} of {share}", t) for unit in ("months", "days"))
            unknown = either(is_null(column(_LAST, t)), is_null(months))
            part = self.d.add_days(self.d.add_months(column("term_start", t), months), days)
            picked[f"start and {share}"] = when((unknown, exp.Null()), otherwise=part)
        return picked

    def _dated(self, t: str) -> dict[str, SQL]:
        """The days on which shares of the term are served, and the days to which reliefs lead."""
        picked: dict[str, SQL] = {}
        for name in self.served:
            share = rules.served_share(name)
            assert share is not None
            picked[name] = self._where_dated(self._served_on(share, "down", t), t)
        for one in self.measured:
            if one.relief.instead_of is not None:
                old = self._served_on(one.relief.instead_of, one.relief.rounding, t)
                picked[one.old] = self._where_dated(old, t)
            picked[one.new] = self._new_day(one.relief, t)
        return picked

    # days

    def _new_day(self, relief: Relief, t: str) -> SQL:
        """The new last day, or release day; null where something that it takes is unknown."""
        first, end = self.d.day(relief.since or self.act.in_force), column("term_end", t)
        if relief.term is not None:
            return self._term_given(relief, relief.term, first, t)
        assert relief.fraction is not None
        if relief.instead_of is not None:
            old, new = (self._served_on(share, relief.rounding, t) for share in (relief.instead_of, relief.fraction))
            return self._where_dated(self.d.least(old, self.d.greatest(first, new)), t)
        if relief.of == "rest":
            rest = self.d.greatest(self.d.days_between(first, end), number(0))
            cut = self._earlier(end, self._share_of_days(rest, relief.fraction, relief.rounding))
            return when((is_null(end), exp.Null()), otherwise=self.d.least(end, self.d.greatest(first, cut)))
        months, days = (column(f"{unit} of {relief.fraction}", t) for unit in ("months", "days"))
        back = self.d.add_months(end, _less(months))
        moved = self._earlier(when((compared("=", months, number(0)), end), otherwise=back), days)
        length = self.d.days_between(column("term_start", t), column(_LAST, t))
        counted = self._earlier(end, self._share_of_days(length, relief.fraction, relief.rounding))
        return when(
            (either(is_null(end), both(is_null(months), is_null(column(_LAST, t)))), exp.Null()),
            (is_not_null(months), self.d.least(end, self.d.greatest(first, moved))),
            otherwise=self.d.least(end, self.d.greatest(first, counted)),
        )

    def _term_given(self, relief: Relief, term: Duration, first: SQL, t: str) -> SQL:
        """The end of a term given instead: from the start, less credit, cut by the next step, no later than the old."""
        end, credit, start = column("term_end", t), column("credit_days", t), column("term_start", t)
        last = column(f"start and {term}", t)
        given = self._earlier(last, credit)
        if relief.then is not None:
            given = self.d.least(given, self._cut(relief.then, term, given, self.d.days_between(start, last)))
        new = self.d.greatest(first, given)
        return when(
            (either(is_null(start), is_null(credit)), exp.Null()),
            (is_null(end), new),
            otherwise=self.d.least(end, new),
        )

    def _cut(self, step: Relief, term: Duration, end: SQL, length: SQL) -> SQL:
        """A term given instead after its cut; `length` is its length in days."""
        by = step.by or (whole_share(term, step.fraction) if step.fraction is not None else None)
        if by is not None:
            return self.d.add(end, -by)
        assert step.fraction is not None
        return self._earlier(end, self._share_of_days(length, step.fraction, step.rounding))

    def _where_dated(self, day: SQL, t: str) -> SQL:
        """A day that is reckoned from both ends of the term, where they are known."""
        unknown = either(is_null(column("term_end", t)), is_null(column(_LAST, t)))
        return when((unknown, exp.Null()), otherwise=day)

    def _served_on(self, share: Fraction, rounding: str, t: str) -> SQL:
        """The day on which a share of the term is served: as many days before its end as are left without credit."""
        last, part = column(_LAST, t), column(f"start and {share}", t)
        counted = self._share_of_days(self.d.days_between(column("term_start", t), last), 1 - share, rounding)
        left = when((is_not_null(part), self.d.days_between(part, last)), otherwise=counted)
        return self._earlier(column("term_end", t), left)

    def _share_of_days(self, days: SQL, share: Fraction, rounding: str) -> SQL:
        """A share of some days; a part of a day is left out, or counts as a day."""
        counted = _times(days, share)
        if rounding == "up":
            counted = reckoned("+", counted, number(share.denominator - 1))
        return self.d.quotient(counted, share.denominator)

    def _earlier(self, day: SQL, days: SQL) -> SQL:
        return self.d.add_days(day, self.d.whole(_less(days)))


def _takes_more(relief: Relief) -> bool:
    return relief.fraction is not None or relief.term is not None


def _with(kept: list[str], added: dict[str, SQL], table: str, t: str) -> exp.Query:
    """The kept columns of a table, and more."""
    picked = {**{name: column(name, t) for name in kept}, **added}
    query = exp.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()])
    name = exp.to_identifier(table, quoted=True)
    return query.from_(exp.Table(this=name, alias=exp.TableAlias(this=exp.to_identifier(t))))


def _or_none(length: SQL) -> SQL:
    return when((is_null(length), number(0)), otherwise=length)


def _times(count: SQL, share: Fraction) -> SQL:
    """A count times the upper number of a share, in a type that holds it."""
    return reckoned("*", exp.cast(count.copy(), "bigint"), number(share.numerator))


def _less(count: SQL) -> SQL:
    return reckoned("-", number(0), count)


__all__ = ["DATED", "ENDED", "Measured", "Reliefs"]
