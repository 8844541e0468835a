"""A reconciliation in plain words: what lies side by side, where it parts, by how much, who printed what.

The same blocks are drawn on a terminal and written as Markdown. Every figure carries the number of its source; the
sources stand at the end. What is counted on invented people is called SYNTHETIC wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clemency.law.act import Act
from clemency.observe.claims import Claim, claims, quantities
from clemency.observe.conflicts import Conflict, Impossible
from clemency.observe.decisions import DIFFERENCES
from clemency.observe.given import OpenPoint
from clemency.observe.reconcile import MAIN, Gap, Line, Progress, Reconciliation
from clemency.observe.series import Break
from clemency.observe.statements import Statement
from clemency.observe.sums import SumCheck

_SAYS = {"announced": "announced", "rules": "what the rules give", "reported": "reported", "decided": "decided"}
_STANDINGS = {
    "holds": "Holds, as far as the sources go.",
    "holds_in_part": "Holds in part.",
    "not_established": "Not established.",
    "does_not_hold": "Does not hold.",
}
_OPEN_SHOWN = 3
_FEW_COLUMNS = 4


@dataclass(frozen=True)
class Heading:
    """The title of a part."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several."""

    text: str


@dataclass(frozen=True)
class Items:
    """Points, each with those below it."""

    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Grid:
    """A table: its head, its rows, and how many of the first columns are text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Addresses:
    """Numbered sources, one a line that is never broken."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Items | Grid | Addresses


def print_reconciliation(of: Reconciliation, console: Console) -> None:
    """Draw a reconciliation on a terminal."""
    for block in blocks(of):
        if isinstance(block, Heading):
            console.print(Text(block.text, style="bold"))
            console.print()
        elif isinstance(block, Paragraph):
            console.print(Padding(Text(block.text), (0, 0, 1, 2)))
        elif isinstance(block, Items):
            for text, below in block.items:
                console.print(_hanging("- ", text, 2))
                for one in below:
                    console.print(_hanging("", one, 6))
            console.print()
        elif isinstance(block, Addresses):
            for line in block.lines:
                console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
        else:
            console.print(Padding(_table(block), (0, 0, 1, 2)))


def _hanging(mark: str, text: str, indent: int) -> Padding:
    table = Table.grid(padding=0)
    table.add_column(width=len(mark))
    table.add_column(overflow="fold")
    table.add_row(Text(mark), Text(text, style="dim" if indent > 2 else ""))
    return Padding(table, (0, 0, 0, indent))


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    narrow = 14 if len(grid.head) > _FEW_COLUMNS else 22
    for place, name in enumerate(grid.head):
        table.add_column(
            name,
            justify="right" if place else "left",
            no_wrap=place > 1,
            overflow="fold",
            min_width=len(name) if place else narrow,
        )
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def markdown(of: Reconciliation) -> str:
    """A reconciliation as a Markdown document."""
    lines: list[str] = []
    for place, block in enumerate(blocks(of)):
        if isinstance(block, Heading):
            lines += [f"{'#' if place == 0 else '##'} {block.text}", ""]
        elif isinstance(block, Paragraph):
            lines += [block.text, ""]
        elif isinstance(block, Items):
            for text, below in block.items:
                lines.append(f"- {text}")
                lines += [f"  - {one}" for one in below]
            lines.append("")
        elif isinstance(block, Addresses):
            lines += [f"- {line}" for line in block.lines]
        else:
            lines += ["| " + " | ".join(block.head) + " |", "| --- |" + " ---: |" * (len(block.head) - 1)]
            lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in block.rows]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def blocks(of: Reconciliation) -> Iterator[Block]:
    """The whole reconciliation as blocks, with the sources last."""
    yield from _Page(of).blocks()


@dataclass
class _Page:
    of: Reconciliation
    sources: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    joins: dict[str, int] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        yield from self.opening()
        yield from self.side_by_side()
        yield from self.gaps()
        yield from self.decisions()
        yield from self.progress()
        yield from self.scope_changes()
        yield from self.sums()
        yield from self.conflicts()
        yield from self.statements()
        yield from self.tolerances()
        yield Heading("Sources")
        yield Addresses(tuple(f"[{place}] {name}: {url}" for place, (url, name) in enumerate(self.sources.items(), 1)))

    # --- figures and marks

    def cited(self, claim: Claim) -> str:
        """The number of a claim's source."""
        self.sources.setdefault(claim.source_url, claim.source_name)
        return f"[{list(self.sources).index(claim.source_url) + 1}]"

    def address(self, name: str, url: str) -> str:
        """The number of an address; a claim is told by its source."""
        known = next((claim.source_name for claim in claims() if claim.source_url == url), name)
        self.sources.setdefault(url, known)
        return f"[{list(self.sources).index(url) + 1}]"

    def mark(self, scope: str) -> str:
        """The letter of a scope, in the order in which scopes are first met."""
        return self.marks.setdefault(scope, chr(ord("a") + len(self.marks)))

    def scope(self, name: str) -> str:
        return self.of.scopes.by_name[name].title["en"]

    def title(self, name: str) -> str:
        return quantities()[name].title["en"]

    # --- parts

    def opening(self) -> Iterator[Block]:
        act = self.of.act
        yield Heading(f"Announced, ruled, carried out: {act.title['en'] if act else self.of.act_id}")
        if act and "deadline" in act.dates:
            adopted = f"adopted on {_day(act.dates['adopted'])}, " if "adopted" in act.dates else ""
            in_force, deadline = _day(act.in_force), _day(act.dates["deadline"])
            sure = act.date_notes["deadline"].confidence
            yield Paragraph(
                f"{self.of.act_id}: {adopted}counted from {in_force}, to be applied by {deadline} (confidence in that "
                f"day: {sure})."
            )
        given = self.of.given
        if given is None:
            yield Paragraph(
                "What the rules give is left out: name a register with --register or an estimate with --estimate."
                if act
                else "The library has figures of this act and not its rules, so what the rules give is left out."
            )
        elif given.source == "register":
            invented = "SYNTHETIC: it is an invented register, and no real person is in it. " if given.synthetic else ""
            aside = f"Rows that did not fit and are not counted: {given.put_aside:,}. " if given.put_aside else ""
            yield Paragraph(
                f"What the rules give is counted on {given.of}, {given.cases:,} cases. {aside}{invented}The first "
                "figure is certain on what each record says; the second adds the cases that a missing fact or an "
                "open point of law could still bring in."
            )
        else:
            invented = " SYNTHETIC: no real person is in it." if given.synthetic else ""
            yield Paragraph(
                f"What the rules give is an estimate ({given.of}).{invented} The range holds 90 percent of the draws, "
                "over what is assumed and what of the law is not known."
            )

    def side_by_side(self) -> Iterator[Block]:
        main = [line for name in MAIN for line in self.of.lines if line.quantity.name == name]
        more = [line for line in self.of.lines if line.quantity.name not in MAIN and line.sides > 1]
        yield self.grid(main)
        if more:
            yield Paragraph("Other lines of the announcement and of the reports:")
            yield self.grid(more)
        if self.marks:
            told = "; ".join(f"({mark}) {self.scope(scope)}" for scope, mark in self.marks.items())
            yield Paragraph(f"Counted: {told}. Reports with different letters count different people, or may.")
        if self.of.given:
            yield Paragraph(
                "Announced and reported figures count people; the rules count cases. They lie side by side and are "
                "not added up across columns."
            )

    def grid(self, lines: Sequence[Line]) -> Grid:
        head = ["", "announced"]
        if self.of.given:
            head.append("rules give, SYNTHETIC" if self.of.given.synthetic else "rules give")
        head.append("reported carried out")
        head += ["decided"] if self.of.decided else []
        return Grid(tuple(head), tuple(self.row(line) for line in lines))

    def row(self, line: Line) -> tuple[str, ...]:
        cells = [line.quantity.title["en"]]
        if line.expected:
            numbers = "".join(dict.fromkeys(self.cited(claim) for claim in line.expected.claims))
            cells.append(f"{line.expected.said} {numbers}")
        else:
            cells.append("not told")
        if self.of.given:
            cells.append(str(line.given.outer) if line.given else "cannot be told")
        reports = [
            f"{one.point.said} by {_short(one.point.as_of)} ({self.mark(one.point.claim.scope)}) "
            f"{self.cited(one.point.claim)}"
            for one in line.reported
        ]
        reports += [
            f"{claim.said}, day not given ({self.mark(claim.scope)}) {self.cited(claim)}" for claim in line.undated
        ]
        cells.append("\n".join(reports) if reports else "not reported")
        if self.of.decided:
            cells.append("cannot be told" if line.decided is None else f"{line.decided:,}")
        return tuple(cells)

    def gaps(self) -> Iterator[Block]:
        found = [(line, words) for line in self.of.lines if (words := tuple(self.gap_words(line)))]
        found.sort(key=lambda one: MAIN.index(one[0].quantity.name) if one[0].quantity.name in MAIN else len(MAIN))
        if not found:
            return
        yield Heading("Gaps, and the clauses behind them")
        yield Items(
            tuple(
                (f"{line.quantity.title['en']}. {' '.join(words)}", tuple(self.behind(line))) for line, words in found
            )
        )

    def gap_words(self, line: Line) -> Iterator[str]:
        for gap in line.gaps:
            yield self.told_gap(gap, line)
        for rest in line.rests:
            if rest.rest is not None and line.expected:
                others = [self.title(name) for name in rest.missing if name != line.quantity.name]
                yield (
                    f"The report up to {_day(rest.total.as_of)} ({self.scope(rest.total.scope)}) does not break it "
                    f"down: it leaves {rest.rest} for this line together with: {'; '.join(others)}."
                )

    def told_gap(self, gap: Gap, line: Line) -> str:
        first = _capital(self.side(gap.one, line, gap))
        second = self.side(gap.other, line, gap)
        size = f"{abs(gap.difference):,}"
        if gap.verdict == "met":
            beyond = "; it is further away than the words usually mean, and they are true of it" if gap.beyond else ""
            fits = "meets" if gap.other == "announced" else "lies within"
            return f"{first} {fits} {second}{beyond}."
        if gap.verdict == "open":
            return f"{first} may or may not fit {second}."
        if gap.verdict == "above":
            return f"{first} is {size} above {second}."
        own = self.of.given is not None and self.of.given.source == "register"
        if gap.one == "decided" or (gap.one == "rules" and own):
            return f"{first} is {size} below {second}; a shortfall only if it holds every case that the act covers."
        why = []
        if gap.partial:
            why.append("it does not count everybody whom the act covers")
        if gap.unfinished:
            why.append("there was time left")
        caution = f"; no shortfall is shown, because {' and '.join(why)}" if why and gap.other != "decided" else ""
        return f"{first} is {size} below {second}{caution}."

    def side(self, side: str, line: Line, gap: Gap) -> str:
        if side == "announced" and line.expected:
            return f"what was announced ({line.expected.said})"
        if side == "rules" and line.given:
            made_up = ", SYNTHETIC" if self.of.given and self.of.given.synthetic else ""
            return f"what the rules give ({line.given.outer}{made_up})"
        if side == "decided":
            by = next((one.decided for one in line.reported if one.point.as_of == gap.as_of), None)
            return f"the office's own count ({line.decided if by is None else by:,})"
        report = next((one for one in line.reported if one.point.as_of == gap.as_of), None)
        if report is None:
            return f"what was reported ({', '.join(claim.said for claim in line.undated)}, day not given)"
        return f"what was reported by {_day(gap.as_of)} ({report.point.said})"

    def behind(self, line: Line) -> Iterator[str]:
        """The clauses that feed a quantity, and what is open of them, the weightiest first."""
        if not line.clauses or self.of.act is None:
            return
        few = len(line.clauses) < len(self.of.act.grants)
        yield f"Clauses: {', '.join(_gathered(line.clauses)) if few else 'all of the act'}."
        points = self.of.given.open.get(line.quantity.name, ()) if self.of.given else ()
        if points:
            told = [point_words(point, self.of.act) for point in points if point.weight][:_OPEN_SHOWN]
            yield f"What moves it most: {'; '.join(told)}."
        law = [one for one in line.open_law if one.kind != "reservation"]
        if law and few:
            yield "Law not known here: " + "; ".join(f"{one.title.lower()} ({one.id})" for one in law) + "."
        asked = [
            one.id for one in line.open_law if one.kind == "reservation" and len(one.limits) < len(self.of.act.grants)
        ]
        narrow = [name for name in asked if not self.general(name)]
        if narrow and few:
            yield f"Questions for a person before a decision: {', '.join(narrow)}."

    def general(self, reservation: str) -> bool:
        assert self.of.act is not None
        clause = self.of.act.clause(reservation)
        return len(getattr(clause, "limits", ())) == len(self.of.act.grants)

    def decisions(self) -> Iterator[Block]:
        decided = self.of.decided
        if decided is None:
            return
        yield Heading("The office's own decisions")
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(decided.outcomes.items()))
        until = f", the last of {_day(decided.last_day)}" if decided.last_day else ""
        yield Paragraph(f"{decided.file}: {decided.rows:,} rows, {decided.cases:,} cases ({counts}){until}.")
        if decided.unplaced:
            grants = "1 grant names" if decided.unplaced == 1 else f"{decided.unplaced:,} grants name"
            yield Paragraph(f"{grants} no clause that tells a line: counted in the total and in no line of it.")
        if decided.register is None:
            yield Paragraph("Without --register, decisions cannot be held against determinations.")
            return
        rows = [
            (f"{DIFFERENCES[name]}: {decided.differences[name]:,}", _examples(decided.examples.get(name, [])))
            for name in DIFFERENCES
            if decided.differences[name]
        ]
        yield Paragraph(
            f"{decided.agree:,} decisions agree with the determination of their case; {decided.reserved:,} grants "
            "stand in cases with a question that a person had to answer first. Where they differ, neither is shown "
            "to be right: an office may know more than the register says."
        )
        if rows:
            yield Items(tuple(rows))

    def progress(self) -> Iterator[Block]:
        found = [one for one in self.of.progress if one.series.quantity in MAIN and one.expected]
        found.sort(key=lambda one: (MAIN.index(one.series.quantity), one.series.last.as_of))
        if not found:
            return
        yield Heading("Progress against the deadline")
        yield Items(tuple((self.progress_words(one), tuple(self.projection_words(one))) for one in found))
        for reason, number in self.joins.items():
            yield Paragraph(f"{number}. {reason}")
        pace = self.of.tolerances.projection.pace
        yield Paragraph(
            "How a series is carried on: the pace between its last two reports, times the days left, times a share "
            f"between {pace.low:g} and {pace.high:g}, every share equally likely (the upper end is raised where the "
            "pace was still rising). It knows nothing of the rules or of how many people are left, so it may go "
            "beyond what is possible."
        )

    def progress_words(self, one: Progress) -> str:
        last, expected = one.series.last, one.expected
        assert expected is not None
        share = (
            f"{100 * one.share:.0f} percent of the bare number announced ({expected.said})" if one.share else "nothing"
        )
        time = ""
        if one.days_gone is not None and one.days_in_all:
            time = f" after {one.days_gone} of {one.days_in_all} days"
        taken = f", with {last.taken_out:,} taken out" if last.taken_out else ""
        return (
            f"{self.title(one.series.quantity)}, {one.series.title}: {last.value:,} by "
            f"{_day(last.as_of)}{time}{taken}; "
            f"that is {share}{', which speaks of more people' if one.partial else ''}."
        )

    def projection_words(self, one: Progress) -> Iterator[str]:
        found = one.projection
        if found.refused:
            yield f"Not projected: {found.refused}."
            return
        against = ""
        if one.expected and one.verdict:
            against = {
                "met": f"; all of it meets {one.expected.said}",
                "open": f"; some of it meets {one.expected.said} and some does not",
                "below": f"; none of it reaches {one.expected.said}",
                "above": f"; all of it is above {one.expected.said}",
            }[one.verdict]
        yield (
            f"Projected to {_day(found.until)}: about {found.mid:,}; {found.low50:,} to {found.high50:,} (50 percent), "
            f"{found.low90:,} to {found.high90:,} (90 percent){against}."
        )
        for trial in found.trials:
            held = "inside" if trial.inside else "outside"
            yield (
                f"Tried on the report up to {_day(trial.as_of)}: {trial.low90:,} to {trial.high90:,} (90 percent) "
                f"against {trial.reported:,} reported, {held}."
            )
        join = one.series.join
        if join and len({point.claim.scope for point in one.series.points}) > 1:
            number = self.joins.setdefault(join.reason, len(self.joins) + 1)
            yield f"Several scopes put into one series: see {number} below (confidence {join.confidence})."

    def scope_changes(self) -> Iterator[Block]:
        groups: dict[tuple[date, date, str, str], list[Break]] = {}
        for one in self.of.breaks:
            key = (one.before.as_of, one.after.as_of, one.before.claim.scope, one.after.claim.scope)
            groups.setdefault(key, []).append(one)
        if not groups and not self.of.redefined:
            return
        yield Heading("Where no line is drawn")
        items: list[tuple[str, tuple[str, ...]]] = []
        for (before, after, scope, other), found in sorted(groups.items()):
            names = "; ".join(self.title(one.quantity) for one in found)
            items.append(
                (
                    f"Between {_day(before)} ({self.scope(scope)}) and {_day(after)} ({self.scope(other)}): the "
                    "reports count different people, or may, so their difference is no growth.",
                    (names,),
                )
            )
        for line in self.of.redefined:
            ways = "; ".join(f"{_day(day)}: {name}" for day, name in line.ways)
            items.append((f"{self.title(line.quantity)} divides in two ways, so the parts do not compare: {ways}.", ()))
        yield Items(tuple(items))

    def sums(self) -> Iterator[Block]:
        checks = self.of.sums
        if not checks:
            return
        yield Heading("Sums")
        closed = [check for check in checks if check.verdict == "closes"]
        yield Paragraph(f"{len(closed)} of {len(checks)} sums that the figures let one check add up.")
        items = [(self.sum_words(check), ()) for check in checks if check.verdict != "closes"]
        if items:
            yield Items(tuple(items))

    def sum_words(self, check: SumCheck) -> str:
        parts = " + ".join(f"{claim.said} ({self.title(claim.quantity).lower()})" for claim in check.parts)
        cited = "".join(dict.fromkeys(self.cited(claim) for claim in (check.total, *check.parts)))
        when = f"up to {_day(check.total.as_of)}" if not check.total.planned else check.total.stage
        head = f"{self.title(check.quantity)}, {when} {cited}: "
        if check.verdict == "rest":
            lines = "; ".join(self.title(name).lower() for name in check.missing)
            return f"{head}{check.total.said} less {parts} leaves {check.rest}, not broken down into {lines}."
        if check.verdict == "stretched":
            return f"{head}{parts} reaches {check.total.said} only if the words mean more than they usually do."
        more = "more" if check.difference > 0 else "less"
        return f"{head}{parts} is {abs(check.difference):,} {more} than {check.total.said}."

    def conflicts(self) -> Iterator[Block]:
        of = self.of
        if not (of.conflicts or of.narrowed or of.impossible):
            return
        yield Heading("Figures that contradict each other, and who printed which")
        items = [self.impossible_words(one) for one in of.impossible]
        for narrowed in of.narrowed:
            wider = narrowed.wider
            items.append(
                (
                    f"{self.title(wider.quantity)}: {wider.said} {self.cited(wider)} is one line; its number is also "
                    "printed for a part of it alone.",
                    tuple(
                        f"{claim.source_name} {self.cited(claim)}: {claim.said}, {self.title(claim.quantity).lower()}"
                        for claim in narrowed.narrower
                    ),
                )
            )
        items += [self.conflict_words(one) for one in of.conflicts]
        yield Items(tuple(items))

    def conflict_words(self, one: Conflict) -> tuple[str, tuple[str, ...]]:
        kinds = {
            "figures": "figures that cannot all be true",
            "words": "one number in words that cannot all be true",
            "loose": "told in different ways that may all be true",
        }
        when = "expected" if one.planned else f"reported up to {_day(one.as_of)}"
        below = []
        for telling in one.tellings:
            names: dict[str, str] = {}
            for claim in telling.claims:
                told = claim.stage if one.planned else ""
                names.setdefault(f"{claim.source_name} {self.cited(claim)}", told)
            by = ", ".join(f"{name} ({told})" if told else name for name, told in names.items())
            below.append(f"{telling.said}: {by}")
        return f"{self.title(one.quantity)}, {when}: {kinds[one.kind]}.", tuple(below)

    def impossible_words(self, one: Impossible) -> tuple[str, tuple[str, ...]]:
        first, second = one.one, one.other
        what = (
            f"{self.title(second.quantity)}: the count falls by {one.by:,}, and what was carried out cannot fall."
            if one.kind == "fell"
            else f"{self.title(second.quantity)}: a part is {one.by:,} more than what holds it."
        )
        return what, tuple(
            f"{claim.said} up to {_day(claim.as_of)}, {self.scope(claim.scope)}, {claim.source_name} "
            f"{self.cited(claim)}" + (f" (marked as {claim.caution}: {claim.note})" if claim.caution else "")
            for claim in (first, second)
        )

    def statements(self) -> Iterator[Block]:
        if not self.of.statements:
            return
        yield Heading("Claims in words, judged")
        yield Items(tuple((self.statement_words(one), tuple(self.evidence(one))) for one in self.of.statements))

    def statement_words(self, one: Statement) -> str:
        when = f", {_day(one.date)}" if one.date else ""
        said = f"“{one.said['en']}”" if one.quoted else one.said["en"]
        again = " (its figures have changed: this verdict must be read again)" if one.read_again else ""
        place = self.address(one.source_name, one.source_url)
        return f"{said} ({one.speaker}{when} {place}) {_STANDINGS[one.standing]}{again} {one.verdict['en']}"

    def evidence(self, one: Statement) -> Iterator[str]:
        for piece in one.evidence:
            rows = [f"{what} {self.address(what, url)}" if url else what for what, url in piece.rests_on]
            rest = f" [{', '.join(rows)}]" if rows else ""
            yield f"{piece.bears}: {piece.text['en'].strip()}{rest}"

    def tolerances(self) -> Iterator[Block]:
        words = self.of.tolerances.qualifiers
        yield Heading("How words are read")
        yield Items(
            (
                (
                    f"“over X” is true of every number above X; up to {words.over.value:g} percent above it is what "
                    f"the words usually mean ({words.over.low:g} to {words.over.high:g}).",
                    (),
                ),
                (
                    f"“about X” (also nearly, almost, some) reaches {words.nearly.value:g} percent both ways "
                    f"({words.nearly.low:g} to {words.nearly.high:g}).",
                    (),
                ),
                (
                    f"“up to X” is true of every number not above X; down to {words.up_to.value:g} percent below it "
                    f"is what the words usually mean ({words.up_to.low:g} to {words.up_to.high:g}).",
                    (),
                ),
            )
        )


# --- small words ----------------------------------------------------------------------------------------------


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "a day not given"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _examples(ids: Sequence[str]) -> tuple[str, ...]:
    return (f"for example {', '.join(ids)}",) if ids else ()


def _gathered(clauses: Iterable[str]) -> Iterator[str]:
    """Clauses of one family under one name, where there are several."""
    families: dict[str, list[str]] = {}
    for name in clauses:
        families.setdefault(name.partition(".")[0], []).append(name)
    for family, names in families.items():
        yield names[0] if len(names) == 1 else f"{family}.* ({len(names)})" if len(names) > 2 else ", ".join(names)


def point_words(point: OpenPoint, act: Act) -> str:
    """An open point in words, with how much it moves.

    >>> from clemency.law.act import load_act
    >>> point_words(OpenPoint("law:clause:liability.minor", "", cases=12), load_act("az-2025"))
    'whether the clause liability.minor is in the act (12 cases)'
    """
    if point.cases is None:
        return f"{point.text} ({point.low}: {point.at_low or 0:,.0f}; {point.high}: {point.at_high or 0:,.0f})"
    return f"{item_words(point.item, act)} ({point.cases:,} {'case' if point.cases == 1 else 'cases'})"


def item_words(item: str, act: Act) -> str:
    """What an open point asks, in short."""
    kind, _, rest = item.partition(":")
    if kind == "fact":
        name = rest.removeprefix("offences.").replace("_", " ")
        return f"{name} not on record"
    sort, _, name = rest.partition(":")
    asked: Mapping[str, str] = {
        "clause": f"whether the clause {name} is in the act",
        "listed": f"which offences the list {name} holds",
        "category": "the category of an article part",
        "guilt": "the form of guilt of an article part",
    }
    return asked.get(sort, rest)
