"""An act as one SQL query, so that a ministry runs it inside its own database and no file leaves it.

The query answers as the interpreter does: Kleene's rules, and then an exact look at cases with open values. A case in
which an open value pulls a condition both ways is answered once for each value that the rules can tell apart (a
*world* of that case), and the answers are put together. Where a case would need too many worlds the query says that
it does not settle it, and gives no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property, partial
from itertools import product
from typing import Any

from sqlglot import exp

from clemency.determine.determination import relief_ranks
from clemency.determine.sql_dates import (
    DIALECTS,
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
    text,
    when,
)
from clemency.determine.sql_layout import CASES, OFFENCES, column_name, write_tables
from clemency.determine.sql_offences import FORMS, GUILTS, WORST_IS_KNOWN, Offences, Quantified, told_by_article
from clemency.determine.sql_reliefs import DATED, ENDED, Reliefs
from clemency.determine.sql_truth import FALSE, TRUE, UNKNOWN, NotWritten, Truth, known, negated
from clemency.determine.sql_worlds import COMMITTED, Tried, Worlds
from clemency.law import rules
from clemency.law.act import Act, Grant, Reservation
from clemency.law.calendar import Duration
from clemency.law.rules import Condition, Name
from clemency.law.vocabulary import CASE_FIELDS, CUSTODY_CREDIT, DATE, DURATION, NUMBER, Kind, ValueType

#: A case that would need more worlds than this is not settled in the database.
MOST_WORLDS = 20_000
#: So many offences of one case may be open; more are not settled in the database.
MOST_OPEN_OFFENCES = 6
#: So many offence tests are tried out where no offence is known; with more such a case is not settled.
_MOST_TESTS_TRIED = 10

#: The columns of the answer, in their order.
COLUMNS = (
    "case_id",
    "settled",
    "outcome",
    "relief",
    "grant",
    "grants",
    "grants_unknown",
    "exclusions",
    "reservations",
    "term_end_before",
    "term_end_after",
    "days_remitted",
)


def write_query(act: Act, dialect: str) -> str:
    """An act as one query over the tables `cases` and `offences`, one row a case.

    Raises NotWritten where a rule of the act has no form in SQL here.

    >>> from clemency.law.act import load_act
    >>> print(write_query(load_act("az-2021"), "postgres")[:9])
    WITH "reg
    """
    return _Query(act, Dialect(dialect)).whole().sql(dialect=dialect, pretty=True) + "\n"


_ASKED: dict[str, tuple[Worlds, Offences]] = {}


def _asked_of(act: Act) -> tuple[Worlds, Offences]:
    """What the interpreter says of open values and offences under an act, asked once for all dialects."""
    if act.version not in _ASKED:
        _ASKED[act.version] = Worlds(act), Offences(act)
    return _ASKED[act.version]


class _Query:
    """The parts of the query, each a table with a name that the next ones read."""

    def __init__(self, act: Act, dialect: Dialect) -> None:
        self.act, self.d = act, dialect
        self.worlds, self.offences = _asked_of(act)
        self.tests, self.reliefs = self.offences.tests, Reliefs(act, dialect)
        self.tables: list[tuple[str, exp.Query]] = []
        self.case_truth = Truth(dialect, self.case_column, self.worlds.open_truth)
        self.offence_truth = Truth(dialect, self.offence_column, self.worlds.open_truth)

    def without_form(self) -> list[str]:
        """Every rule of the act that has no form in SQL here."""
        found: dict[str, None] = {}
        read = {name.name for atom in self.atoms for name in rules.names_read(atom) if not name.of_offence}
        found |= {f"the value {name!r}": None for name in sorted(read - {*self.types, "worst_category"})}
        compared_here = [atom for atom in self.atoms if isinstance(atom, rules.Compare | rules.Among)]
        for atom in compared_here:
            if not told_by_article(atom):
                found |= _told(partial(self.offence_truth.leaf, atom))
        return list(found)

    @cached_property
    def atoms(self) -> list[rules.Atom]:
        return [atom for condition in self.act.conditions() for atom in rules.atoms(condition)]

    def whole(self) -> exp.Query:
        if without := self.without_form():
            raise NotWritten(*without)
        self.add("register", self.register())
        self.add("cases_read", self.cases_read())
        self.add("worlds", self.worlds_of([one for one in self.tried if one.name not in self.scenic]))
        self.add("plain parts", self.plain_parts())
        if self.tests:
            self.add("scenes", self.worlds_of([one for one in self.tried if one.name in self.scenic]))
            self.add_offences()
            self.add("scene parts", self.scene_parts())
        self.add("clauses", self.clauses())
        self.add("grants", self.grants())
        self.add("settled", self.settled())
        answer = self.answer()
        for name, query in self.tables:
            kept = self.d.keeps_tables or None
            answer = answer.with_(exp.to_identifier(name, quoted=True), as_=query, materialized=kept, copy=False)
        return answer

    def add(self, name: str, query: exp.Query) -> None:
        self.tables.append((name, query))

    # names of columns

    def name_of(self, field: str) -> str:
        return column_name(field, self.act)

    def case_column(self, name: Name) -> SQL:
        return column(self.name_of(name.name), "w")

    def offence_column(self, name: Name) -> SQL:
        return column(COMMITTED, "o") if name.of_offence else self.case_column(name)

    @cached_property
    def types(self) -> dict[str, ValueType]:
        return {
            **CASE_FIELDS,
            "term": DURATION,
            "offence_count": NUMBER,
            **dict.fromkeys(self.reliefs.served, DATE),
            **{fact.name: fact.type for fact in self.act.facts.values()},
        }

    @cached_property
    def read(self) -> list[str]:
        """The fields and facts of a case that some rule reads."""
        found = {name.name for atom in self.atoms for name in rules.names_read(atom) if not name.of_offence}
        return [name for name in self.types if name in found]

    @cached_property
    def asked_if_known(self) -> list[str]:
        """The fields and facts of a case of which a rule asks whether they are known."""
        names = {one.name.name for one in self.atoms if isinstance(one, rules.IsKnown) and not one.name.of_offence}
        return [name for name in self.types if name in names]

    # the record

    def register(self) -> exp.Query:
        """What the two sheets state of each case, every value in its own type; yes and no as truths."""
        c, picked = "c", [exp.alias_(column("case_id", "c"), "case_id", quoted=True)]
        basic = ["term_months", "term_days", "term_start", "credit_days", "punishment", "term_end"]
        reckoned_here = {"term", "offence_count", *self.reliefs.served}
        for name in [name for name in self.types if name in {*self.read, *basic} - reckoned_here]:
            stated = self.d.stated(column(self.name_of(name), c))
            if self.types[name].kind is Kind.BOOLEAN:
                yes = self.d.holds(stated)
                stated = when((is_null(stated), exp.Null()), (yes, TRUE), otherwise=FALSE)
            picked.append(exp.alias_(stated, self.name_of(name), quoted=True))
        query = exp.select(*picked)
        table = exp.Table(this=exp.to_identifier(CASES, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(c)))
        query = query.from_(table)
        count = exp.alias_(exp.Count(this=exp.Star()), "offence_count", quoted=True)
        counted = exp.select(column("case_id"), count).from_(_table(OFFENCES)).group_by(column("case_id"))
        query = query.select(exp.alias_(column("offence_count", "n"), "offence_count", quoted=True))
        return query.join(counted.subquery("n"), on=_same("case_id", "n", c), join_type="left")

    def cases_read(self) -> exp.Query:
        """The term as it is compared, and the end of the term: given, computed, or both where they differ."""
        r = "r"
        months, days = column("term_months", r), column("term_days", r)

        def or_none(value: SQL) -> SQL:
            return when((is_null(value), number(0)), otherwise=value)

        no_term = both(is_null(months), is_null(days))
        length = reckoned("+", reckoned("*", or_none(months), number(30)), or_none(days))
        rates = [
            (compared("=", column("punishment", r), text(one)), number(rate)) for one, rate in CUSTODY_CREDIT.items()
        ]
        rate = when(*rates, otherwise=number(0))
        start, credit = column("term_start", r), column("credit_days", r)
        nothing = either(
            no_term, is_null(start), is_null(credit), is_null(column("punishment", r)), compared("=", rate, number(0))
        )
        served = reckoned("-", or_none(days), reckoned("*", credit, rate))
        computed = self.d.add_days(self.d.add_months(start, or_none(months)), self.d.whole(served))
        kept = ["case_id", *(self.name_of(name) for name in self.register_columns)]
        first = exp.select(
            *[exp.alias_(column(name, r), name, quoted=True) for name in kept],
            exp.alias_(when((no_term, exp.Null()), otherwise=length), "term", quoted=True),
            exp.alias_(when((nothing, exp.Null()), otherwise=computed), "computed_end", quoted=True),
        ).from_(_table("register", r))
        self.add("terms", first)
        return self.with_ends(kept)

    def with_ends(self, kept: list[str]) -> exp.Query:
        t = "t"
        given, computed = column("term_end", t), column("computed_end", t)
        two = both(is_not_null(given), is_not_null(computed), compared("<>", given, computed))
        single = when((two, exp.Null()), (is_null(given), computed), otherwise=given)
        query = exp.select(
            *[exp.alias_(column(name, t), name, quoted=True) for name in kept if name != "term_end"],
            exp.alias_(column("term", t), "term", quoted=True),
            exp.alias_(single, "term_end", quoted=True),
            exp.alias_(when((two, given), otherwise=exp.Null()), "given_end", quoted=True),
            exp.alias_(when((two, computed), otherwise=exp.Null()), "other_end", quoted=True),
        ).from_(_table("terms", t))
        self.add(ENDED, query)
        if self.reliefs.needed:
            names = [*(name for name in kept if name != "term_end"), "term", "term_end", "given_end", "other_end"]
            for name, table in self.reliefs.tables(names, t):
                self.add(name, table)
        return self.with_room()

    @cached_property
    def register_columns(self) -> list[str]:
        basic = {"term_months", "term_days", "term_start", "credit_days", "punishment", "term_end", "offence_count"}
        stated = basic | set(self.read) - {"term", *self.reliefs.served}
        return [name for name in self.types if name in stated]

    def with_room(self) -> exp.Query:
        """Whether the open values of a case leave few enough worlds to try them all."""
        e = "e"
        parts = [
            when((self.is_open(one, e), number(len(one.values) + _most_days(one))), otherwise=number(1))
            for one in self.worlds.tried
        ]
        room: SQL = number(1)
        for part in parts:
            room = reckoned("*", room, exp.cast(part, "bigint"))
        refuse = [compared(">", room, number(MOST_WORLDS))]
        refuse += [is_null(column(self.name_of(name), e)) for name in self.worlds.compared_otherwise]
        for group in self.worlds.groups:
            opened = [
                when((self.is_open(one, e), number(1)), otherwise=number(0))
                for one in self.worlds.tried
                if one.name in group
            ]
            if len(opened) > 1:
                total = opened[0]
                for one in opened[1:]:
                    total = reckoned("+", total, one)
                refuse.append(compared(">", total, number(1)))
        if len(self.tests_tried) > _MOST_TESTS_TRIED:
            refuse.append(is_null(column("offence_count", e)))
        names = [self.name_of(name) for name in self.register_columns if name != "term_end"]
        kept = ["case_id", *names, "term", "term_end", "given_end", "other_end", *self.reliefs.columns]
        return exp.select(
            *[exp.alias_(column(name, e), name, quoted=True) for name in kept],
            exp.alias_(when((either(*refuse), number(0)), otherwise=number(1)), "room", quoted=True),
        ).from_(_table(DATED if self.reliefs.needed else ENDED, e))

    def is_open(self, one: Tried, table: str) -> SQL:
        value = is_null(column(self.name_of(one.name), table))
        return both(value, is_null(column("given_end", table))) if one.name == "term_end" else value

    # worlds of a case

    @cached_property
    def tried(self) -> list[Tried]:
        """The fields tried out; the end of a term always, since a record may give two."""
        found = list(self.worlds.tried)
        if "term_end" in self.read and "term_end" not in {one.name for one in found}:
            found.append(Tried("term_end", CASE_FIELDS["term_end"], (), ()))
        return found

    @cached_property
    def scenic(self) -> frozenset[str]:
        """The fields on which offence tests hang, and those that some leaf compares with them.

        A *scene* is a way in which these come out. The others are tried out apart: what a scene says is put together
        with what the others say only after equal answers have been made one.
        """
        found = {name.name for test in self.tests for name in _case_names(test)}
        together = [{name.name for name in rules.names_read(leaf)} for leaf in self.case_leaves]
        grown = True
        while grown:
            more = set().union(*(names for names in together if names & found and len(names) > 1)) - found
            found, grown = found | more, bool(more)
        return frozenset(found)

    def worlds_of(self, tried: list[Tried]) -> exp.Query:
        """One row for each way in which open values that pull both ways may come out; one for most cases."""
        r = "r"
        picked: dict[str, SQL] = {"case_id": column("case_id", r), "room": column("room", r)}
        for name in (*self.read, "offence_count"):
            picked[self.name_of(name)] = column(self.name_of(name), r)
        for name in self.asked_if_known:
            picked[f"known {name}"] = known(column(self.name_of(name), r))
        query = exp.select().from_(_table("cases_read", r))
        labels: list[SQL] = []
        for place, one in enumerate(tried):
            d, name = f"d{place}", self.name_of(one.name)
            if one.anchors:
                query, value, label = self.day_tried(query, one, d, r)
            else:
                query, value, label = self.value_tried(query, one, d, r)
            if one.name == "term_end":
                value = self.either_end(value, label, r)
            picked[name] = value
            labels += [text("/"), label]
        picked["world"] = self.d.joined(*labels) if labels else text("")
        return query.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()])

    def day_tried(self, query: exp.Select, one: Tried, d: str, r: str) -> tuple[exp.Select, SQL, SQL]:
        """Join the days to try for one field; two more lines for a term with two ends."""
        self.add_days(f"days {one.name}", one)
        on = both(_same("case_id", d, r), compared("=", column("room", r), number(1)))
        query = query.join(_table(f"days {one.name}", d), on=on, join_type="left")
        name, day = self.name_of(one.name), column("day", d)
        value = when((is_null(column(name, r)), day), otherwise=column(name, r))
        label = when((is_null(day), text("-")), otherwise=self.d.short_text(day))
        if one.name == "term_end":
            rows = [[number(0), text("-")], [number(2), text("given")], [number(2), text("computed")]]
            self.add("two ends", self.d.table(["kind", "label"], rows))
            kind = when((is_not_null(column("given_end", r)), number(2)), otherwise=number(0))
            query = query.join(_table("two ends", "two"), on=compared("=", column("kind", "two"), kind))
            label = when((compared("=", column("label", "two"), text("-")), label), otherwise=column("label", "two"))
        return query, value, label

    def value_tried(self, query: exp.Select, one: Tried, d: str, r: str) -> tuple[exp.Select, SQL, SQL]:
        """Join the values to try for one field."""
        self.add(f"values {one.name}", self.values_of(one))
        open_now = both(self.is_open(one, r), compared("=", column("room", r), number(1)))
        branches = [(open_now, number(1))] if one.values else []
        if one.name == "term_end":
            branches.insert(0, (is_not_null(column("given_end", r)), number(2)))
        on = compared("=", column("kind", d), when(*branches, otherwise=number(0)))
        query = query.join(_table(f"values {one.name}", d), on=on)
        stated = column(self.name_of(one.name), r)
        value = when((compared("=", column("kind", d), number(0)), stated), otherwise=column("value", d))
        return query, value, column("label", d)

    def either_end(self, value: SQL, label: SQL, r: str) -> SQL:
        """Where the given and the computed end differ, one world for each."""
        return when(
            (compared("=", label, text("given")), column("given_end", r)),
            (compared("=", label, text("computed")), column("other_end", r)),
            otherwise=value,
        )

    def values_of(self, one: Tried) -> exp.Query:
        """The values that a field may have where it is open; two lines more where two ends of a term differ."""
        blank = self.blank(one.type)
        rows = [[number(0), text("-"), blank]]
        rows += [[number(1), text(str(place)), self.coded(value, one.type)] for place, value in enumerate(one.values)]
        if one.name == "term_end":
            rows += [[number(2), text("given"), blank], [number(2), text("computed"), blank]]
        return self.d.table(["kind", "label", "value"], rows)

    def blank(self, kind: ValueType) -> SQL:
        if kind.kind is Kind.DATE:
            return self.d.day(date(2000, 1, 1))
        return text("-") if kind.kind in (Kind.TEXT, Kind.ENUMERATION) else number(0)

    def coded(self, value: Any, kind: ValueType) -> SQL:
        if kind.kind is Kind.BOOLEAN:
            return (TRUE if value else FALSE).copy()
        if kind.kind is Kind.TEXT:
            return text(str(value).replace("\0", "another text, not in any rule: "))
        return self.case_truth.literal(value)

    def add_days(self, name: str, one: Tried) -> None:
        """The days to try for an open day of a case: those of the rules, and those near other days of the case."""
        rows = [[self.case_truth.literal(value)] for value in one.values]
        self.add(f"{name}, of the rules", self.d.table(["day"], rows))
        open_here = both(self.is_open(one, "r"), compared("=", column("room", "r"), number(1)))
        parts: list[exp.Query] = [
            exp.select(
                exp.alias_(column("case_id", "r"), "case_id", quoted=True),
                exp.alias_(column("day", "v"), "day", quoted=True),
            )
            .from_(_table("cases_read", "r"))
            .join(_table(f"{name}, of the rules", "v"), on=open_here)
        ]
        for place, anchor in enumerate(one.anchors):
            low, high = anchor.steps
            self.add(
                f"{name}, steps {place}", self.d.table(["step"], [[number(step)] for step in range(low, high + 1)])
            )
            table = "f" if anchor.name == COMMITTED else "r"
            day = self.d.stated(column(self.name_of(anchor.name), table))
            moved = self.moved(day, anchor.moves)
            near = exp.select(
                exp.alias_(column("case_id", "r"), "case_id", quoted=True),
                exp.alias_(self.d.add_days(moved, column("step", "s")), "day", quoted=True),
            ).from_(_table("cases_read", "r"))
            if anchor.name == COMMITTED:
                near = near.join(_table(OFFENCES, "f"), on=_same("case_id", "f", "r"))
            near = near.join(_table(f"{name}, steps {place}", "s"), on=both(open_here, is_not_null(day)))
            parts.append(near)
        self.add(name, _union(parts, distinct=True))

    def moved(self, day: SQL, moves: tuple[Duration, ...]) -> SQL:
        """A day moved against the direction of a rule: the days first, then the months."""
        for move in moves:
            if move.days:
                day = self.d.add_days(day, number(move.days))
            if move.months:
                day = self.d.add_months(day, number(move.months))
        return day

    # offences

    @cached_property
    def tests_tried(self) -> list[Quantified]:
        return self.worlds.tests_tried(self.tests)

    def add_offences(self) -> None:
        """From offences to what each offence test says of a case in each of its worlds."""
        if self.offences.marks:
            self.add_articles()
            self.add("offence ways", self.offence_ways())
        self.add("offences read", self.offences_read())
        if self.worlds.tries_days_of_offences:
            rows = [[self.case_truth.literal(day)] for day in self.worlds.days_of_offences]
            self.add("days of offences", self.d.table(["day"], rows))
            for place, anchor in enumerate(self.worlds.anchors(COMMITTED)):
                low, high = anchor.steps
                steps = [[number(step)] for step in range(low, high + 1)]
                self.add(f"offence steps {place}", self.d.table(["step"], steps))
            self.add("offence days", self.offence_days())
        self.add("offence worlds", self.offence_worlds())
        self.add("offence counts", self.offence_counts())
        self.add("closed offences", self.closed_offences())
        self.add("open offences", self.open_offences())
        self.add("tested 0", self.tested_first())
        for step in range(1, MOST_OPEN_OFFENCES + 1):
            self.add(f"tested {step}", self.tested_next(step))
        self.add("tested", self.tested())

    def add_articles(self) -> None:
        """Which kind of offence every article text of the register stands for."""
        slots = range(len(self.offences.slots))
        names = ["head", "pattern", "kind", "below", *(f"law {i}" for i in slots), *(f"law below {i}" for i in slots)]
        rows = [
            [
                text(one.text.partition(".")[0]),
                text(one.text),
                number(one.kind),
                number(one.below),
                *map(text, (*one.law, *one.law_below)),
            ]
            for one in self.offences.patterns
        ]
        self.add("articles of the code", self.d.table(names, _without_empty_text(rows)))
        article = column("article", "f")
        dot = self.d.place(text("."), article)
        before = exp.paren(exp.Sub(this=dot.copy(), expression=number(1)))
        head = when((compared("=", dot, number(0)), article), otherwise=self.d.beginning(article, before))
        stated = is_not_null(self.d.stated(article))
        self.add(
            "articles",
            exp.select(exp.alias_(article, "article", quoted=True), exp.alias_(head, "head", quoted=True))
            .distinct()
            .from_(_table(OFFENCES, "f"))
            .where(stated),
        )
        a, k = "a", "k"
        exact = compared("=", column("article", a), column("pattern", k))
        longer = self.d.beginning(column("article", a), reckoned("+", self.d.length(column("pattern", k)), number(1)))
        within = compared("=", longer, self.d.joined(column("pattern", k), text(".")))
        order = exp.Order(expressions=[exp.Ordered(this=self.d.length(column("pattern", k)), desc=True)])
        place = exp.Window(this=exp.RowNumber(), partition_by=[column("article", a)], order=order)
        picked = [
            exp.alias_(column("article", a), "article", quoted=True),
            exp.alias_(when((exact, column("kind", k)), otherwise=column("below", k)), "kind", quoted=True),
            *[
                exp.alias_(
                    self.law_named(
                        when((exact, column(f"law {i}", k)), otherwise=column(f"law below {i}", k)),
                        column("article", a),
                    ),
                    f"law {i}",
                    quoted=True,
                )
                for i in slots
            ],
            exp.alias_(place, "place", quoted=True),
        ]
        on = both(compared("=", column("head", a), column("head", k)), either(exact, within))
        self.add(
            "articles matched",
            exp.select(*picked).from_(_table("articles", a)).join(_table("articles of the code", k), on=on),
        )

    def law_named(self, law: SQL, article: SQL) -> SQL:
        """The name of a point of law: that of the part, or of the text itself where no part is known."""
        return when((compared("=", law, text("*")), article), otherwise=law)

    def offence_ways(self) -> exp.Query:
        """Every way in which a kind of offence may come out."""
        names = ["kind", "guilt", "form", *(f"mark {i}" for i in range(len(self.offences.marks)))]
        names += [f"answer {i}" for i in range(len(self.offences.slots))]
        rows = [
            [number(one.kind), number(one.guilt), number(one.form), *map(number, one.marks), *map(text, one.answers)]
            for one in self.offences.ways
        ]
        return self.d.table(names, _without_empty_text(rows))

    def offences_read(self) -> exp.Query:
        """The offences of each case, numbered, with the kind of each."""
        f = "f"
        article, committed = self.d.stated(column("article", f)), self.d.stated(column(COMMITTED, f))
        guilt, form = self.d.stated(column("guilt", f)), self.d.stated(column("form", f))
        order = exp.Order(
            expressions=[exp.Ordered(this=column(one, f)) for one in ("article", COMMITTED, "guilt", "form")]
        )
        picked = [
            exp.alias_(column("case_id", f), "case_id", quoted=True),
            exp.alias_(
                exp.Window(this=exp.RowNumber(), partition_by=[column("case_id", f)], order=order), "n", quoted=True
            ),
            exp.alias_(committed, COMMITTED, quoted=True),
        ]
        query = exp.select().from_(_table(OFFENCES, f))
        if self.offences.marks:
            m = "m"
            on = both(_same("article", m, f), compared("=", column("place", m), number(1)))
            query = query.join(_table("articles matched", m), on=on, join_type="left")
            unmatched = number(self.offences.unknown_text)
            kind = when(
                (is_null(article), number(self.offences.no_text)),
                (is_null(column("kind", m)), unmatched),
                otherwise=column("kind", m),
            )
            picked.append(exp.alias_(kind, "kind", quoted=True))
            picked.append(
                exp.alias_(_place_in(guilt, GUILTS if len(self.offences.guilts) > 1 else ()), "guilt", quoted=True)
            )
            picked.append(
                exp.alias_(_place_in(form, FORMS if len(self.offences.forms) > 1 else ()), "form", quoted=True)
            )
            for slot, law in enumerate(self.offences.law_of_unknown_text):
                own = column("article", f) if law == "*" else text(law or "-")
                name = when(
                    (is_null(article), text("-")), (is_null(column("kind", m)), own), otherwise=column(f"law {slot}", m)
                )
                picked.append(exp.alias_(name, f"law {slot}", quoted=True))
        return query.select(*picked)

    def offence_days(self) -> exp.Query:
        """The days that the open day of an offence may have, in each world of its case."""
        committed = column(COMMITTED, "o")
        keys = [
            exp.alias_(column(name, table), name, quoted=True)
            for name, table in (("case_id", "w"), ("world", "w"), ("n", "o"))
        ]
        base = (
            exp.select(*keys)
            .from_(_table("scenes", "w"))
            .join(_table("offences read", "o"), on=_same("case_id", "o", "w"))
        )
        open_here = both(is_null(committed), compared("=", column("room", "w"), number(1)))
        parts: list[exp.Query] = [
            base.join(_table("days of offences", "v"), on=open_here).select(
                exp.alias_(column("day", "v"), COMMITTED, quoted=True)
            ),
            base.where(exp.paren(exp.Not(this=open_here))).select(exp.alias_(committed, COMMITTED, quoted=True)),
        ]
        for place, anchor in enumerate(self.worlds.anchors(COMMITTED)):
            day = column(self.name_of(anchor.name), "w")
            near = self.d.add_days(self.moved(day, anchor.moves), column("step", "s"))
            joined = base.join(_table(f"offence steps {place}", "s"), on=both(open_here, is_not_null(day)))
            parts.append(joined.select(exp.alias_(near, COMMITTED, quoted=True)))
        return _union(parts, distinct=True)

    def offence_worlds(self) -> exp.Query:
        """What each offence test says of each offence, once for each way in which it may come out."""
        slots = range(len(self.offences.slots))
        picked: dict[str, SQL] = {
            "case_id": column("case_id", "w"),
            "world": column("world", "w"),
            "n": column("n", "o"),
        }
        query = (
            exp.select()
            .distinct()
            .from_(_table("scenes", "w"))
            .join(_table("offences read", "o"), on=_same("case_id", "o", "w"))
        )
        if self.offences.marks:
            same = [compared("=", column(name, "y"), column(name, "o")) for name in ("kind", "guilt", "form")]
            query = query.join(_table("offence ways", "y"), on=both(*same))
        day = "o"
        if self.worlds.tries_days_of_offences:
            day = "t"
            same = [_same(name, "t", other) for name, other in (("case_id", "w"), ("world", "w"), ("n", "o"))]
            query = query.join(_table("offence days", "t"), on=both(*same))
        truth = Truth(
            self.d,
            lambda name: column(COMMITTED, day) if name.of_offence else self.case_column(name),
            self.worlds.open_truth,
        )
        marks = {mark: column(f"mark {place}", "y") for place, mark in enumerate(self.offences.marks)}
        for place, test in enumerate(self.tests):
            picked[f"test {place}"] = truth.of(test.of, marks, lambda leaf: self.offence_leaf(leaf, truth))
        for slot in slots:
            answered = compared("<>", column(f"answer {slot}", "y"), text("-"))
            picked[f"law {slot}"] = when((answered, column(f"law {slot}", "o")), otherwise=text("-"))
            picked[f"answer {slot}"] = column(f"answer {slot}", "y")
        return query.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()])

    def offence_leaf(self, leaf: Condition, truth: Truth) -> SQL:
        if isinstance(leaf, rules.IsKnown) and leaf.name.name == COMMITTED:
            return known(column(COMMITTED, "o"))
        if isinstance(leaf, rules.IsKnown) and not leaf.name.of_offence:
            return column(f"known {leaf.name.name}", "w")
        return truth.leaf(leaf)

    def offence_counts(self) -> exp.Query:
        """How many ways each offence has to come out."""
        kept = ["case_id", "world", "n", *self.test_names, *self.law_names]
        by = [column(name, "x") for name in ("case_id", "world", "n")]
        ways = exp.Window(this=exp.Count(this=exp.Star()), partition_by=by)
        return exp.select(
            *[exp.alias_(column(name, "x"), name, quoted=True) for name in kept], exp.alias_(ways, "ways", quoted=True)
        ).from_(_table("offence worlds", "x"))

    @property
    def test_names(self) -> list[str]:
        return [f"test {place}" for place in range(len(self.tests))]

    @property
    def law_names(self) -> list[str]:
        slots = range(len(self.offences.slots))
        return [f"{what} {slot}" for slot in slots for what in ("law", "answer")]

    def together(self, place: int, values: list[SQL]) -> SQL:
        """`any offence` is true where one is, `every offence` where all are."""
        some = isinstance(self.tests[place], rules.AnyOffence)
        return self.d.greatest(*values) if some else self.d.least(*values)

    def closed_offences(self) -> exp.Query:
        """Offences that come out in one way, put together for each world."""
        joined = [
            exp.alias_(
                (exp.Max if isinstance(test, rules.AnyOffence) else exp.Min)(this=column(f"test {place}")),
                f"test {place}",
                quoted=True,
            )
            for place, test in enumerate(self.tests)
        ]
        keys = [column("case_id"), column("world")]
        closed = compared("=", column("ways"), number(1))
        return (
            exp.select(*keys, *joined)
            .from_(_table("offence counts"))
            .where(closed)
            .group_by(*[key.copy() for key in keys])
        )

    def open_offences(self) -> exp.Query:
        """Offences that may come out in several ways, numbered within each world."""
        x = "x"
        kept = ["case_id", "world", *self.test_names, *self.law_names]
        order = exp.Order(expressions=[exp.Ordered(this=column("n", x))])
        place = exp.Window(
            this=exp.Anonymous(this="DENSE_RANK"), partition_by=[column("case_id", x), column("world", x)], order=order
        )
        return (
            exp.select(
                *[exp.alias_(column(name, x), name, quoted=True) for name in kept],
                exp.alias_(place, "place", quoted=True),
            )
            .from_(_table("offence counts", x))
            .where(compared(">", column("ways", x), number(1)))
        )

    def neutral(self, place: int) -> SQL:
        return (FALSE if isinstance(self.tests[place], rules.AnyOffence) else TRUE).copy()

    def tested_first(self) -> exp.Query:
        """The worlds that have open offences, with what the other offences say."""
        o, c = "o", "c"
        tests = [
            exp.alias_(
                when((is_null(column(f"test {place}", c)), self.neutral(place)), otherwise=column(f"test {place}", c)),
                f"test {place}",
                quoted=True,
            )
            for place in range(len(self.tests))
        ]
        same = both(_same("case_id", c, o), _same("world", c, o))
        return (
            exp.select(
                exp.alias_(column("case_id", o), "case_id", quoted=True),
                exp.alias_(column("world", o), "world", quoted=True),
                *tests,
                exp.alias_(exp.cast(text("|"), "varchar(4000)"), "answers", quoted=True),
            )
            .distinct()
            .from_(_table("open offences", o))
            .join(_table("closed offences", c), on=same, join_type="left")
        )

    def tested_next(self, step: int) -> exp.Query:
        """One more open offence, in each way that fits the points of law already answered."""
        s, o = "s", "o"
        slots = range(len(self.offences.slots))
        fits: list[SQL] = []
        said: SQL = column("answers", s)
        for slot in slots:
            law, answer = column(f"law {slot}", o), column(f"answer {slot}", o)
            key = self.d.joined(text(f"|{slot} "), law, text("="))
            whole = self.d.joined(text(f"|{slot} "), law, text("="), answer, text("|"))
            new = compared("=", self.d.place(key, column("answers", s)), number(0))
            same = compared(">", self.d.place(whole, column("answers", s)), number(0))
            none = compared("=", law, text("-"))
            fits.append(either(none, new, same))
            grown = self.d.joined(said, text(f"{slot} "), law, text("="), answer, text("|"))
            said = when((either(is_null(law), none, same), said), otherwise=grown)
        on = both(_same("case_id", o, s), _same("world", o, s), compared("=", column("place", o), number(step)), *fits)
        tests = []
        for place in range(len(self.tests)):
            before, added = column(f"test {place}", s), column(f"test {place}", o)
            value = when((is_null(added), before), otherwise=self.together(place, [before, added]))
            tests.append(exp.alias_(value, f"test {place}", quoted=True))
        return (
            exp.select(
                exp.alias_(column("case_id", s), "case_id", quoted=True),
                exp.alias_(column("world", s), "world", quoted=True),
                *tests,
                exp.alias_(said, "answers", quoted=True),
            )
            .distinct()
            .from_(_table(f"tested {step - 1}", s))
            .join(_table("open offences", o), on=on, join_type="left")
        )

    def tested(self) -> exp.Query:
        """What the offence tests say in every world: offences known, some of them open, or none known at all."""
        names = ["case_id", "world", *self.test_names]

        def of(table: str, alias: str) -> exp.Select:
            picked = [exp.alias_(column(name, alias), name, quoted=True) for name in names]
            return exp.select(*picked).from_(_table(table, alias))

        keys = exp.select(column("case_id"), column("world")).distinct().from_(_table("open offences"))
        same = both(_same("case_id", "p", "c"), _same("world", "p", "c"))
        closed = (
            of("closed offences", "c")
            .join(keys.subquery("p"), on=same, join_type="left")
            .where(is_null(column("case_id", "p")))
        )
        opened = of(f"tested {MOST_OPEN_OFFENCES}", "s").distinct()
        tried = self.tests_tried if len(self.tests_tried) <= _MOST_TESTS_TRIED else []
        rows = []
        for chosen in product((0, 2), repeat=len(tried)):
            given = dict(zip(tried, chosen, strict=True))
            rows.append([number(given.get(test, 1)) for test in self.tests])
        self.add("tests without offences", self.d.table(self.test_names, rows))
        picked = [exp.alias_(column(name, "w"), name, quoted=True) for name in ("case_id", "world")]
        picked += [exp.alias_(column(name, "u"), name, quoted=True) for name in self.test_names]
        none = (
            exp.select(*picked)
            .from_(_table("scenes", "w"))
            .join(_table("cases_read", "z"), on=both(_same("case_id", "z", "w"), is_null(column("offence_count", "z"))))
            .join(_table("tests without offences", "u"), join_type="cross")
        )
        return _union([closed, opened, none], distinct=False)

    # clauses

    @cached_property
    def case_leaves(self) -> list[Condition]:
        """The distinct leaves over a case, outside offence tests."""
        found: dict[Condition, None] = {}
        for condition in self.act.conditions():
            found.update(dict.fromkeys(self._outer(condition)))
        return list(found)

    def _outer(self, node: Condition) -> Iterator[Condition]:
        if isinstance(node, rules.ATOMS):
            if not isinstance(node, rules.LawOpen):
                yield node
        elif not isinstance(node, Quantified):
            for child in rules.children(node):
                yield from self._outer(child)

    def parts(self, kind: str) -> list[Condition]:
        """The largest parts of rules that hang on scenes alone (`scene`), or on the rest of a case alone (`plain`)."""
        found: dict[Condition, None] = {}
        for condition in (*self.act.conditions(), *self.reserved_leaves):
            found.update(dict.fromkeys(self._parts(condition, kind)))
        return list(found)

    def _parts(self, node: Condition, kind: str) -> Iterator[Condition]:
        here = self.hangs_on(node)
        if here == {kind}:
            yield node
        elif not isinstance(node, Quantified) and kind in here:
            for child in rules.children(node):
                yield from self._parts(child, kind)

    def hangs_on(self, node: Condition) -> set[str]:
        """What a condition hangs on: offences, scenes, or the rest of the case."""
        if isinstance(node, Quantified) or (isinstance(node, rules.IsKnown) and node.name.name == "worst_category"):
            return {"offences"}
        if isinstance(node, rules.ATOMS):
            return {
                "scene" if self.tests and any(one.name in self.scenic for one in rules.names_read(node)) else "plain"
            }
        return set().union(*map(self.hangs_on, rules.children(node))) or {"plain"}

    def columns_of(self, kind: str) -> list[SQL]:
        """The truth of each such part, as columns."""
        truths = [self.case_truth.of(part, {}, self.case_leaf) for part in self.parts(kind)]
        return [exp.alias_(truth, f"{kind} {place}", quoted=True) for place, truth in enumerate(truths)]

    def plain_parts(self) -> exp.Query:
        """What the rules say of a case in each world, equal worlds made one."""
        keys = [exp.alias_(column(name, "w"), name, quoted=True) for name in ("case_id", "room")]
        return exp.select(*keys, *self.columns_of("plain")).distinct().from_(_table("worlds", "w"))

    def scene_parts(self) -> exp.Query:
        """What the rules and offence tests say of a case in each scene, equal scenes made one."""
        picked = [exp.alias_(column("case_id", "w"), "case_id", quoted=True), *self.columns_of("scene")]
        picked += [exp.alias_(column(name, "q"), name, quoted=True) for name in self.test_names]
        counted = exp.alias_(column("offence_count", "w"), "offence_count", quoted=True)
        on = both(_same("case_id", "q", "w"), _same("world", "q", "w"))
        return exp.select(*picked, counted).distinct().from_(_table("scenes", "w")).join(_table("tested", "q"), on=on)

    def case_leaf(self, leaf: Condition) -> SQL:
        if isinstance(leaf, rules.IsKnown) and leaf.name.name == "worst_category":
            some, each = (column(f"test {self.tests.index(test)}", "q") for test in WORST_IS_KNOWN)
            return when((is_null(column("offence_count", "q")), FALSE), otherwise=self.d.greatest(some, each))
        if isinstance(leaf, rules.IsKnown):
            return column(f"known {leaf.name.name}", "w")
        return self.case_truth.leaf(leaf)

    def clauses(self) -> exp.Query:
        """Every grant's own condition and every exclusion, for each world with each scene."""
        v, q = "v", "q"
        stored: dict[Condition, SQL] = {
            one: column(f"plain {place}", v) for place, one in enumerate(self.parts("plain"))
        }
        stored |= {one: column(f"scene {place}", q) for place, one in enumerate(self.parts("scene")) if self.tests}
        stored |= {test: column(f"test {place}", q) for place, test in enumerate(self.tests)}

        def of(condition: Condition) -> SQL:
            return self.case_truth.of(condition, stored, self.case_leaf)

        picked = [exp.alias_(column(name, v), name, quoted=True) for name in ("case_id", "room")]
        picked += [exp.alias_(of(one.condition), f"own {one.id}", quoted=True) for one in self.act.grants]
        picked += [exp.alias_(of(one.condition), f"exclusion {one.id}", quoted=True) for one in self.act.exclusions]
        picked += [exp.alias_(of(leaf), name, quoted=True) for leaf, name in self.reserved_leaves.items()]
        query = exp.select(*picked).distinct().from_(_table("plain parts", v))
        return query.join(_table("scene parts", q), on=_same("case_id", q, v)) if self.tests else query

    @cached_property
    def reserved_leaves(self) -> dict[Condition, str]:
        """The leaves and offence tests that reservations read."""
        found: dict[Condition, str] = {}
        for one in self.act.reservations:
            for leaf in _units(one.condition):
                found.setdefault(leaf, f"reserved {len(found)}")
        return found

    def grants(self) -> exp.Query:
        """Every grant with the exclusions that limit it, in every world."""
        k = "k"
        kept = ["case_id", "room", *(f"own {one.id}" for one in self.act.grants)]
        kept += [*(f"exclusion {one.id}" for one in self.act.exclusions), *self.reserved_leaves.values()]
        picked = [exp.alias_(column(name, k), name, quoted=True) for name in kept]
        for grant in self.act.grants:
            parts = [column(f"own {grant.id}", k)]
            parts += [negated(column(f"exclusion {limit}", k)) for limit in self.act.limiting[grant.id]]
            picked.append(exp.alias_(self.d.least(*parts), f"grant {grant.id}", quoted=True))
        return exp.select(*picked).from_(_table("clauses", k))

    @cached_property
    def by_rank(self) -> list[tuple[list[Grant], list[Grant]]]:
        """For each place in the order of favour, the grants that stand there, and all up to there."""
        ranks = relief_ranks(self.act)
        return [
            (
                [one for one in self.act.grants if ranks[one.id] == rank],
                [one for one in self.act.grants if ranks[one.id] <= rank],
            )
            for rank in sorted(set(ranks.values()))
        ]

    def settled(self) -> exp.Query:
        """All worlds of a case put together: the least and the most that a clause may be."""
        g = "g"
        picked: dict[str, SQL] = {"case_id": column("case_id", g), "room": exp.Min(this=column("room", g))}
        for grant in self.act.grants:
            picked[f"least own {grant.id}"] = exp.Min(this=column(f"own {grant.id}", g))
            picked[f"least {grant.id}"] = exp.Min(this=column(f"grant {grant.id}", g))
            picked[f"most {grant.id}"] = exp.Max(this=column(f"grant {grant.id}", g))
        for one in self.act.exclusions:
            picked[f"least exclusion {one.id}"] = exp.Min(this=column(f"exclusion {one.id}", g))
        for name in self.reserved_leaves.values():
            picked[f"least {name}"] = exp.Min(this=column(name, g))
            picked[f"most {name}"] = exp.Max(this=column(name, g))
        for place, (_, upto) in enumerate(self.by_rank):
            picked[f"certain {place}"] = exp.Min(this=self.d.greatest(*[column(f"grant {one.id}", g) for one in upto]))
        picked["possible"] = exp.Max(this=self.d.greatest(*[column(f"grant {one.id}", g) for one in self.act.grants]))
        query = exp.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()])
        return query.from_(_table("grants", g)).group_by(column("case_id", g))

    # the answer

    def answer(self) -> exp.Query:
        a, r = "a", "r"
        self.add("answered", self.answered())
        settled = compared("=", column("settled", a), number(1))
        before = column("term_end", r)
        granted = compared("=", column("outcome", a), text("granted"))
        picked: dict[str, SQL] = {name: column(name, a) for name in COLUMNS[:9]}
        picked["term_end_before"] = before
        picked["term_end_after"] = after = self.term_end_after(settled, granted, a, r)
        picked["days_remitted"] = self.d.days_between(after, self.counted_from(a, r))
        query = exp.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()])
        return query.from_(_table("answered", a)).join(_table("cases_read", r), on=_same("case_id", r, a))

    def answered(self) -> exp.Query:
        """Outcome, relief, counted grant and lists of clauses."""
        s = "s"
        act = self.act
        picked: dict[str, SQL] = {"case_id": column("case_id", s)}
        room: SQL = compared("=", column("room", s), number(1))
        if self.tests:
            most = (
                exp.select(column("case_id"), exp.alias_(exp.Max(this=column("place")), "open", quoted=True))
                .from_(_table("open offences"))
                .group_by(column("case_id"))
            )
            self.add("offences left open", most)
            few = either(is_null(column("open", "m")), compared("<=", column("open", "m"), number(MOST_OPEN_OFFENCES)))
            room = both(room, few)
        last = len(self.by_rank) - 1
        certain = compared("=", column(f"certain {last}", s), number(2))
        hit = [
            both(
                compared("=", column(f"least own {grant.id}", s), number(2)),
                either(
                    *(compared("=", column(f"least exclusion {one}", s), number(2)) for one in act.limiting[grant.id])
                ),
            )
            for grant in act.grants
            if act.limiting[grant.id]
        ]
        branches = [(certain, text("granted")), (compared(">", column("possible", s), number(0)), text("undetermined"))]
        branches += [(either(*hit), text("excluded"))] if hit else []
        outcome = when(*branches, otherwise=text("not_covered"))
        no: SQL = exp.Null()
        picked["settled"] = when((room, number(1)), otherwise=number(0))

        def told(value: SQL) -> SQL:
            return when((room, value), otherwise=no)

        picked["outcome"] = told(outcome)
        kinds = {grant.id: grant.relief.kind for grant in act.grants}
        booked = self.booked(s)
        picked["relief"] = told(when(*[(condition, text(kinds[grant])) for condition, grant in booked], otherwise=no))
        picked["grant"] = told(when(*[(condition, text(grant)) for condition, grant in booked], otherwise=no))
        true = [(compared("=", column(f"least {one.id}", s), number(2)), one.id) for one in act.grants]
        unknown = [
            (
                both(
                    compared("<", column(f"least {one.id}", s), number(2)),
                    compared(">", column(f"most {one.id}", s), number(0)),
                ),
                one.id,
            )
            for one in act.grants
        ]
        barred = [(compared("=", column(f"least exclusion {one.id}", s), number(2)), one.id) for one in act.exclusions]
        picked["grants"] = told(self.listed(true))
        picked["grants_unknown"] = told(self.listed(unknown))
        picked["exclusions"] = told(self.listed(barred))
        picked["reservations"] = told(self.listed([(self.reserved(one, s), one.id) for one in act.reservations]))
        query = exp.select(*[exp.alias_(value, name, quoted=True) for name, value in picked.items()]).from_(
            _table("settled", s)
        )
        if self.tests:
            query = query.join(_table("offences left open", "m"), on=_same("case_id", "m", s), join_type="left")
        return query

    def booked(self, s: str) -> list[tuple[SQL, str]]:
        """The most favourable relief that is certain; of its grants the first that is true, else the first possible."""
        found: list[tuple[SQL, str]] = []
        for place, (here, _) in enumerate(self.by_rank):
            certain = compared("=", column(f"certain {place}", s), number(2))
            found += [(both(certain, compared("=", column(f"least {one.id}", s), number(2))), one.id) for one in here]
            found += [(both(certain, compared(">", column(f"most {one.id}", s), number(0))), one.id) for one in here]
        return found

    def listed(self, clauses: list[tuple[SQL, str]]) -> SQL:
        """The ids of clauses, joined by `; `."""
        if not clauses:
            return text("")
        parts = [when((condition, text(f"; {name}")), otherwise=text("")) for condition, name in clauses]
        return self.d.without_beginning(self.d.joined(*parts), 2)

    def reserved(self, one: Reservation, s: str) -> SQL:
        """A reservation is listed where it limits a live grant or all grants, and its condition is not false."""
        everywhere = one.condition is not None and len(one.limits) == len(self.act.grants)
        live = either(*(compared(">", column(f"most {grant}", s), number(0)) for grant in one.limits))
        if one.condition is None:
            return live
        place: dict[Condition, SQL] = {}
        for leaf in _units(one.condition):
            name = self.reserved_leaves[leaf]
            least, most = column(f"least {name}", s), column(f"most {name}", s)
            place[leaf] = when((compared("=", least, most), least), otherwise=UNKNOWN)
        possible = compared(">", self.case_truth.of(one.condition, place, self.case_leaf), number(0))
        return possible if everywhere else both(live, possible)

    def term_end_after(self, settled: SQL, granted: SQL, a: str, r: str) -> SQL:
        """The new last day, for the grant that is counted; null where its relief moves no end."""
        before = column("term_end", r)
        moving: list[tuple[SQL, SQL]] = []
        giving: list[tuple[SQL, SQL]] = []
        for one in self.act.grants:
            day = self.new_end(one, r)
            if day is not None:
                counted = compared("=", column("grant", a), text(one.id))
                (moving if one.relief.term is None else giving).append((counted, day))
        branches = []
        if giving:
            given = either(*(counted for counted, _ in giving))
            branches.append((both(settled, granted, given), when(*giving, otherwise=exp.Null())))
        after = when(*moving, otherwise=exp.Null()) if moving else exp.Null()
        branches.append((both(both(settled, is_not_null(before)), granted), after))
        return when(*branches, otherwise=exp.Null())

    def counted_from(self, a: str, r: str) -> SQL:
        """The day from which remitted days are counted: the end of the term, or the release day until now."""
        before, branches = column("term_end", r), []
        for one in self.act.grants:
            if one.relief.kind == "release_point":
                measured = self.reliefs.of(one.relief)
                assert measured is not None
                branches.append((compared("=", column("grant", a), text(one.id)), column(measured.old, r)))
        return when(*branches, otherwise=before) if branches else before

    def new_end(self, grant: Grant, r: str) -> SQL | None:
        """The day to which the relief of a grant leads; None where it moves no end."""
        relief, before = grant.relief, column("term_end", r)
        measured = self.reliefs.of(relief)
        if measured is not None:
            return column(measured.new, r)
        first = self.d.day(relief.since or self.act.in_force)
        if relief.kind == "release":
            return self.d.least(before, first)
        if relief.by is not None:
            return self.d.least(before, self.d.greatest(first, self.d.add(before, -relief.by)))
        return None


def _told(write: Callable[[], object]) -> dict[str, None]:
    """What cannot be written, in words; nothing where it can."""
    try:
        write()
    except NotWritten as error:
        return dict.fromkeys(error.what)
    return {}


def _units(node: Condition | None) -> Iterator[Condition]:
    """The leaves and offence tests of a condition; what is open in law has no column."""
    if node is None or isinstance(node, rules.LawOpen):
        return
    if isinstance(node, (*rules.ATOMS, rules.AnyOffence, rules.EveryOffence)):
        yield node
    else:
        for child in rules.children(node):
            yield from _units(child)


def _case_names(test: Quantified) -> list[Name]:
    return [name for atom in rules.atoms(test.of) for name in rules.names_read(atom) if not name.of_offence]


def _most_days(one: Tried) -> int:
    return sum(12 for _ in one.anchors)


def _place_in(value: SQL, options: tuple[str | None, ...]) -> SQL:
    branches = [
        (compared("=", value, text(one)), number(place)) for place, one in enumerate(options) if one is not None
    ]
    return when(*branches, otherwise=number(0)) if branches else number(0)


def _without_empty_text(rows: list[list[SQL]]) -> list[list[SQL]]:
    """Oracle takes empty text for null: a dash stands for it."""
    return [[text("-") if one.is_string and one.name == "" else one for one in row] for row in rows]


def _table(name: str, alias: str = "") -> exp.Table:
    known_as = exp.TableAlias(this=exp.to_identifier(alias)) if alias else None
    return exp.Table(this=exp.to_identifier(name, quoted=True), alias=known_as)


def _same(name: str, table: str, other: str) -> SQL:
    return compared("=", column(name, table), column(name, other))


def _union(parts: list[exp.Query], distinct: bool) -> exp.Query:
    return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=distinct)


__all__ = ["COLUMNS", "DIALECTS", "NotWritten", "write_query", "write_tables"]
