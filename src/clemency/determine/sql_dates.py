"""Days and months in the SQL of each database: our own arithmetic, spelled out, because engines differ in theirs.

`DATE - DATE` is a number in one engine and an interval in another, months end differently in two of them, and a
division of whole numbers is whole in some. So a month is added here by counting months and clamping the day, as
`clemency.law.calendar` does it, from six small functions that every engine has in some form.
"""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from clemency.law.calendar import EARLIEST, LATEST, Duration

DIALECTS = ("duckdb", "postgres", "spark", "sqlite", "mysql", "tsql", "oracle")
#: Engines that have a type for true and false in a column; the others hold 1 and 0.
_WITH_BOOLEANS = ("duckdb", "postgres", "spark")
_FIRST_MONTH, _LAST_MONTH = EARLIEST.year * 12, LATEST.year * 12 + 11

SQL = exp.Expr


def _own(value: SQL) -> SQL:
    """A part as it is where no other stands around it yet, else a copy: copying each time took half of the writing."""
    return value if value.parent is None else value.copy()


def number(value: int | float) -> SQL:
    """A number written in the query; a negative one stands in parentheses."""
    literal = exp.Literal.number(abs(value))
    return exp.paren(exp.Neg(this=literal), copy=False) if value < 0 else literal


def text(value: str) -> SQL:
    """Text written in the query."""
    return exp.Literal.string(value)


def column(name: str, table: str = "") -> SQL:
    """A column, always quoted: ours are named as in the record, and `grant` is a word of SQL."""
    return exp.column(name, table=table or None, quoted=True)


def call(name: str, *arguments: SQL) -> SQL:
    """A function of the engine that is written just so."""
    return exp.Anonymous(this=name, expressions=[_own(one) for one in arguments])


def when(*branches: tuple[SQL, SQL], otherwise: SQL) -> SQL:
    """The first branch whose condition holds, or the value of `otherwise`."""
    ifs = [exp.If(this=_own(condition), true=_own(value)) for condition, value in branches]
    return exp.Case(ifs=ifs, default=_own(otherwise))


def both(*conditions: SQL) -> SQL:
    """All conditions, in parentheses."""
    return exp.paren(exp.and_(*[_own(one) for one in conditions], wrap=False, copy=False), copy=False)


def either(*conditions: SQL) -> SQL:
    """At least one condition, in parentheses."""
    return exp.paren(exp.or_(*[_own(one) for one in conditions], wrap=False, copy=False), copy=False)


def is_null(value: SQL) -> SQL:
    """Whether a value is not known."""
    return exp.paren(exp.Is(this=_own(value), expression=exp.Null()), copy=False)


def is_not_null(value: SQL) -> SQL:
    """Whether a value is known."""
    return exp.paren(exp.Not(this=exp.Is(this=_own(value), expression=exp.Null())), copy=False)


_COMPARISONS = {"=": exp.EQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "<>": exp.NEQ}
_ARITHMETIC = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


def compared(op: str, left: SQL, right: SQL) -> SQL:
    """A comparison in parentheses."""
    return exp.paren(_COMPARISONS[op](this=_own(left), expression=_own(right)), copy=False)


def reckoned(op: str, left: SQL, right: SQL) -> SQL:
    """A sum, difference or product in parentheses."""
    return exp.paren(_ARITHMETIC[op](this=_own(left), expression=_own(right)), copy=False)


class Dialect:
    """How one engine writes what engines write differently."""

    def __init__(self, name: str) -> None:
        if name not in DIALECTS:
            raise ValueError(f"no dialect {name!r}; it is one of: {', '.join(DIALECTS)}")
        self.name = name

    @property
    def keeps_tables(self) -> bool:
        """Whether the engine can be told to work out a named table once, and not again for everyone who reads it."""
        return self.name in ("duckdb", "postgres", "sqlite")

    # numbers

    def least(self, *values: SQL) -> SQL:
        """The smallest of values that are all known."""
        return self._extreme("MIN" if self.name == "sqlite" else "LEAST", values)

    def greatest(self, *values: SQL) -> SQL:
        """The largest of values that are all known."""
        return self._extreme("MAX" if self.name == "sqlite" else "GREATEST", values)

    def _extreme(self, function: str, values: tuple[SQL, ...]) -> SQL:
        return _own(values[0]) if len(values) == 1 else call(function, *values)

    def quotient(self, value: SQL, by: int) -> SQL:
        """How often a number goes into another; neither is negative."""
        if self.name in ("duckdb", "spark", "mysql"):
            return exp.paren(exp.IntDiv(this=_own(value), expression=number(by)), copy=False)
        if self.name == "oracle":
            return call("TRUNC", exp.Div(this=_own(value), expression=number(by)))
        return exp.paren(exp.Div(this=_own(value), expression=number(by), typed=True, safe=False), copy=False)

    def remainder(self, value: SQL, by: int) -> SQL:
        """What is left then."""
        return exp.paren(exp.Mod(this=_own(value), expression=number(by)), copy=False)

    def whole(self, value: SQL) -> SQL:
        """A value as a whole number."""
        return exp.cast(_own(value), "int", copy=False)

    # text

    def joined(self, *parts: SQL) -> SQL:
        """Texts, none of them unknown, one after the other."""
        made = _own(parts[0])
        for part in parts[1:]:
            made = exp.DPipe(this=made, expression=_own(part), safe=True)
        return exp.paren(made, copy=False)

    def short_text(self, value: SQL) -> SQL:
        """A day or number as text."""
        return exp.cast(_own(value), "varchar(40)", copy=False)

    def length(self, value: SQL) -> SQL:
        """How many letters a text has; no text here ends with a blank."""
        return exp.func("LENGTH", _own(value))

    def beginning(self, value: SQL, letters: SQL) -> SQL:
        """The first letters of a text."""
        return exp.Substring(this=_own(value), start=number(1), length=_own(letters))

    def without_beginning(self, value: SQL, letters: int) -> SQL:
        """A text without its first letters."""
        return exp.Substring(this=_own(value), start=number(letters + 1), length=number(4000))

    def place(self, part: SQL, value: SQL) -> SQL:
        """Where a text stands in another, from 1; 0 where it does not."""
        return exp.StrPosition(this=_own(value), substr=_own(part))

    # values of the two tables

    def stated(self, value: SQL) -> SQL:
        """A cell as the table has it; SQLite's import leaves empty text where a cell is empty."""
        return exp.func("NULLIF", _own(value), text("")) if self.name == "sqlite" else _own(value)

    def holds(self, value: SQL) -> SQL:
        """Whether a yes-or-no column says yes."""
        if self.name in _WITH_BOOLEANS:
            return exp.paren(exp.EQ(this=_own(value), expression=exp.true()), copy=False)
        if self.name == "sqlite":
            return exp.paren(exp.In(this=_own(value), expressions=[number(1), text("1"), text("true")]), copy=False)
        return compared("=", value, number(1))

    # days

    def day(self, value: date) -> SQL:
        """A day written in the query."""
        if self.name == "sqlite":
            return text(value.isoformat())
        if self.name == "oracle":
            return call("TO_DATE", text(value.isoformat()), text("YYYY-MM-DD"))
        return exp.cast(text(value.isoformat()), "date", copy=False)

    def part(self, unit: str, day: SQL) -> SQL:
        """The year, month or day of a day, as a whole number."""
        if self.name == "sqlite":
            sign = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d"}[unit]
            return exp.cast(call("STRFTIME", text(sign), day), "int", copy=False)
        return self.whole(exp.Extract(this=exp.var(unit), expression=_own(day)))

    def day_from(self, year: SQL, month: SQL, day: SQL) -> SQL:
        """The day with a year, month and day number."""
        if self.name == "sqlite":
            return call("PRINTF", text("%04d-%02d-%02d"), year, month, day)
        if self.name in ("mysql", "oracle"):
            months = reckoned("+", reckoned("*", year, number(10_000)), reckoned("*", month, number(100)))
            digits = reckoned("+", months, day)
            if self.name == "oracle":
                return call("TO_DATE", call("TO_CHAR", digits), text("YYYYMMDD"))
            return exp.cast(exp.cast(digits, "char", copy=False), "date", copy=False)
        return call({"tsql": "DATEFROMPARTS"}.get(self.name, "MAKE_DATE"), year, month, day)

    def add_days(self, day: SQL, count: SQL) -> SQL:
        """A day so many days later."""
        match self.name:
            case "spark":
                return call("DATE_ADD", day, count)
            case "sqlite":
                return call("DATE", day, self.joined(count, text(" days")))
            case "mysql":
                return exp.DateAdd(this=_own(day), expression=_own(count), unit=exp.var("DAY"))
            case "tsql":
                return call("DATEADD", exp.var("DAY"), count, day)
        return reckoned("+", day, count)

    def days_between(self, earlier: SQL, later: SQL) -> SQL:
        """How many days lie between two days."""
        match self.name:
            case "duckdb":
                return call("DATE_DIFF", text("day"), earlier, later)
            case "spark" | "mysql":
                return call("DATEDIFF", later, earlier)
            case "tsql":
                return call("DATEDIFF", exp.var("DAY"), earlier, later)
            case "sqlite":
                return self.whole(reckoned("-", call("JULIANDAY", later), call("JULIANDAY", earlier)))
        return reckoned("-", later, earlier)

    def add_months(self, day: SQL, months: SQL) -> SQL:
        """A day so many months later, held at the month's end, within the calendar of 1850 to 2250."""
        held = self.least(self.greatest(day, self.day(EARLIEST)), self.day(LATEST))
        here = reckoned("+", reckoned("*", self.part("YEAR", held), number(12)), self.part("MONTH", held))
        there = reckoned("+", reckoned("-", here, number(1)), months)
        index = self.least(self.greatest(there, number(_FIRST_MONTH)), number(_LAST_MONTH))
        year, month = self.quotient(index, 12), reckoned("+", self.remainder(index, 12), number(1))
        return self.day_from(year, month, self.least(self.part("DAY", held), self._days_in(year, month)))

    def _days_in(self, year: SQL, month: SQL) -> SQL:
        """How many days a month has."""

        def divisible(by: int) -> SQL:
            return compared("=", self.remainder(year, by), number(0))

        leap = either(both(divisible(4), exp.paren(exp.Not(this=divisible(100)), copy=False)), divisible(400))
        short = exp.paren(exp.In(this=_own(month), expressions=[number(one) for one in (4, 6, 9, 11)]), copy=False)
        february = compared("=", month, number(2))
        return when(
            (both(february, leap), number(29)), (february, number(28)), (short, number(30)), otherwise=number(31)
        )

    def add(self, day: SQL, by: Duration) -> SQL:
        """A day plus a calendar duration: first the months, then the days."""
        moved = self.add_months(day, number(by.months)) if by.months else _own(day)
        return self.add_days(moved, number(by.days)) if by.days else moved

    # tables written in the query

    def table(self, names: list[str], rows: list[list[SQL]]) -> exp.Query:
        """A table whose rows stand in the query itself."""
        if self.name in ("mysql", "oracle"):
            return self._rows_joined(names, rows)
        tuples = [exp.Tuple(expressions=row) for row in rows]
        if self.name == "sqlite":
            values = exp.Values(expressions=tuples, alias=exp.TableAlias(this=exp.to_identifier("v")))
            picked = [
                exp.alias_(exp.column(f"column{place}"), name, quoted=True) for place, name in enumerate(names, 1)
            ]
            return exp.select(*picked).from_(values)
        names_of = [exp.to_identifier(name, quoted=True) for name in names]
        alias = exp.TableAlias(this=exp.to_identifier("v"), columns=names_of)
        return exp.select(*[column(name) for name in names]).from_(exp.Values(expressions=tuples, alias=alias))

    def _rows_joined(self, names: list[str], rows: list[list[SQL]]) -> exp.Query:
        dual = {"from_": exp.From(this=exp.Table(this=exp.to_identifier("dual")))} if self.name == "oracle" else {}
        first = [
            exp.Alias(this=one, alias=exp.to_identifier(name, quoted=True))
            for name, one in zip(names, rows[0], strict=True)
        ]
        picks = [first, *rows[1:]]
        selects: list[exp.Query] = [
            exp.Select(expressions=row, **{name: _own(one) for name, one in dual.items()}) for row in picks
        ]
        # A balanced tree: joined one after the other, a thousand rows nest too deep for a writer that recurses.
        while len(selects) > 1:
            selects = [
                exp.union(*selects[at : at + 2], distinct=False, copy=False) if at + 1 < len(selects) else selects[at]
                for at in range(0, len(selects), 2)
            ]
        return exp.select("*").from_(selects[0].subquery("v")) if len(rows) > 1 else selects[0]
