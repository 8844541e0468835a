"""The report on one act: a document that a newsroom could print, every number with its source, day and counting unit.

It lays side by side what was announced, what the rules give and what was reported carried out; it says what does not
agree, and where every number was read. The same library, draws and seed give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from clemency.observe import claims as library
from clemency.observe.brief import DAYS, FREED, PLACES, RELIEFS, Brief, cited, past_acts, ruled, together
from clemency.observe.charts import Compared
from clemency.observe.claims import Claim
from clemency.observe.document import Cell, Document, Run, code, html, label, link, pdf, quoted, strong, text
from clemency.observe.figures import Cited
from clemency.observe.people import PersonInTheNews, people_in_the_news
from clemency.observe.reconcile import Redefined
from clemency.observe.statements import Statement
from clemency.observe.words import Words
from clemency.records.files import atomic_path

ENDINGS = (".html", ".pdf")
_SWINGS_SHOWN = 8


def report(brief: Brief) -> Document:
    """The whole report, part by part."""
    words, act = brief.words, brief.act
    adopted = act.dates.get("adopted", act.in_force).isoformat()
    title = words("report.title", day=words.day(adopted))
    document = Document(title, words.title(act.title), words, brief.last_day)
    for part in _PARTS:
        part(document, brief)
    _rows(document)
    return document


def write_report(brief: Brief, path: Path) -> None:
    """Write the report as HTML or PDF, by the ending of the path."""
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path} ends in neither {' nor '.join(ENDINGS)}")
    document = report(brief)
    content = html(document).encode() if path.suffix == ".html" else pdf(document)
    with atomic_path(path) as partial:
        partial.write_bytes(content)


# --- parts ----------------------------------------------------------------------------------------------------


def _opening(document: Document, brief: Brief) -> None:
    words, act = document.words, brief.act
    document.note(
        *document.phrase(
            "report.stated.upto",
            day=document.day_run(brief.last_day),
            act=code(act.id),
            version=code(act.version),
            software=code(f"clemency {version('clemency')}"),
        )
    )
    if brief.estimate is not None:
        draws = _count("run.draws", brief.estimate.draws, "draws", words("report.stated.this_report"))
        document.box(
            *document.phrase(
                "report.stated.given" if brief.register else "report.stated.synthetic",
                synthetic=strong(words("synthetic")),
                name=code(brief.register),
                draws=document.number(draws, words("report.stated.draws")),
                seed=code(str(brief.estimate.seed)),
            )
        )
    document.note(text(words("report.not_advice")))


def _short(document: Document, brief: Brief) -> None:
    document.heading(document.words("report.part.short"), id="short")
    if not brief.comparison:
        return
    document.bullets([_comparison_told(document, line) for line in brief.comparison])
    document.picture(brief.picture("relief"))
    _comparison_table(document, document.words("relief.title"), brief.comparison)
    _gaps_table(document, brief)
    _clauses_table(document, brief)


def _comparison_told(document: Document, line: Compared) -> Cell:
    words, nothing = document.words, _nothing(document)
    announced: Cell = _joined([_cited(document, one, line.label) for one in line.announced], " + ") or nothing
    reported = nothing
    if line.reported is not None:
        figure, day = document.number(line.reported, line.label), document.day_run(line.reported.as_of)
        reported = document.phrase("report.stated.reported", figure=figure, day=day)
    if line.rules is None or line.rules.low90 is None or line.rules.high90 is None:
        return document.phrase(
            "report.stated.comparison_bare", what=strong(line.label), announced=announced, reported=reported
        )
    low, high = (document.number(line.rules, line.label, words.number(one)) for one in _ends(line.rules))
    return document.phrase(
        "report.stated.comparison",
        what=strong(line.label),
        announced=announced,
        rules=document.number(line.rules, line.label),
        low=low,
        high=high,
        reported=reported,
    )


def _comparison_table(document: Document, caption: str, lines: Sequence[Compared]) -> None:
    words = document.words
    with_rules = any(line.rules is not None for line in lines)
    with_announced = any(line.announced for line in lines)
    heads = ["what", *(["announced"] if with_announced else []), *(["rules"] if with_rules else [])]
    heads += ["reported", "upto", "scope"]
    rows = []
    for line in lines:
        row: list[Cell] = [(label(line.label),)]
        if with_announced:
            row.append(_joined([_cited(document, one, line.label) for one in line.announced], " + ") or _dash())
        if with_rules:
            row.append(_interval(document, line.rules, line.label))
        if line.reported is None:
            row += [_dash(), _dash(), _dash()]
        else:
            figure = document.number(line.reported, line.label)
            row += [(figure,), (document.day_run(line.reported.as_of),), (label(line.reported.scope),)]
        rows.append(row)
    share = {"what": 2.6, "announced": 1.6, "rules": 2.2, "reported": 1.3, "upto": 1.3, "scope": 3}
    right = range(1, len(heads) - 2)
    widths = [share[head] for head in heads]
    document.table(caption, [words(f"report.head.{head}") for head in heads], rows, tuple(right), widths)


def _gaps_table(document: Document, brief: Brief) -> None:
    """Each figure held against each other: whether the words of one are true of the other, and how far it lies off."""
    words, rows = document.words, []
    for name in RELIEFS:
        line = brief.line(name)
        for gap in () if line is None else line.gaps:
            pair = words(f"gap.{gap.one}_{gap.other}")
            told: list[Run] = [text(words(f"gap.{gap.verdict}"))]
            if gap.difference:
                figure = Cited(
                    f"worked.gap.{name}.{gap.one}.{gap.other}",
                    "counted",
                    name,
                    gap.difference,
                    as_of=gap.as_of.isoformat() if gap.as_of else "",
                    source=words("report.stated.worked"),
                )
                number = document.number(figure, f"{brief.title(name)}: {pair}", _off(gap.difference, words))
                told += [text(" "), *document.phrase("gap.by", n=number)]
            cautions = [kind for kind in ("beyond", "partial", "unfinished") if getattr(gap, kind)]
            told += [text(f"; {words(f'gap.{kind}')}") for kind in cautions]
            rows.append([(label(brief.title(name)),), (text(pair),), tuple(told)])
    heads = [words("report.head.what"), words("report.head.held"), words("report.head.verdict")]
    if rows:
        document.table(words("report.stated.gaps_table"), heads, rows, widths=(2, 2.2, 3.4))


def _off(difference: int, words: Words) -> str:
    return words.number(abs(difference))


def _clauses_table(document: Document, brief: Brief) -> None:
    """The clauses that feed each line, and what is open in them."""
    words, rows = document.words, []
    for name in RELIEFS[1:]:
        line = brief.line(name)
        if line is None or not line.clauses:
            continue
        open_law = ", ".join(dict.fromkeys(one.id for one in line.open_law)) or "–"
        rows.append([(label(brief.title(name)),), (code(", ".join(line.clauses)),), (code(open_law),)])
    heads = [words("report.head.what"), words("report.head.clauses"), words("report.head.open")]
    if rows:
        document.table(words("report.stated.clauses_table"), heads, rows, widths=(2, 3, 3))


def _rules(document: Document, brief: Brief) -> None:
    words, estimate = document.words, brief.estimate
    if estimate is None:
        return
    document.heading(words("report.part.rules"), id="rules")
    document.paragraph(text(words("report.stated.rules")))
    names = [*RELIEFS, *library.quantities()[FREED].parts]
    lines = [(brief.title(name), ruled(estimate, "quantity", name, words)) for name in names]
    _estimate_table(document, words("report.stated.rules_table"), lines)
    more = [line for line in estimate.quantities if line.by in (PLACES, DAYS)]
    named = [(_place(line.by, line.name, document), ruled(estimate, line.by, line.name, words)) for line in more]
    _estimate_table(document, words("report.stated.places_table"), named)
    _swings_table(document, brief)
    for note in estimate.notes:
        document.note(quoted(note))
    if brief.counted is not None:
        document.picture(brief.picture("flow"))


def _place(by: str, name: str, document: Document) -> str:
    key = f"estimate.{by}.{name.replace(', ', '_').replace(' ', '_')}"
    return document.words(key) if document.words.has(key) else name


def _estimate_table(document: Document, caption: str, lines: Sequence[tuple[str, Cited | None]]) -> None:
    words = document.words
    heads = [words(f"report.head.{head}") for head in ("what", "median", "half", "ninety", "unit")]
    rows = []
    for name, figure in lines:
        if figure is None:
            continue
        half = f"{words.number(figure.low50 or 0)}–{words.number(figure.high50 or 0)}"
        rows.append(
            [
                (label(name),),
                (document.number(figure, name),),
                (document.number(figure, name, half),),
                (document.number(figure, name, words.interval(figure)),),
                (text(words(f"unit.{figure.unit}")),),
            ]
        )
    if rows:
        document.table(caption, heads, rows, (1, 2, 3), (3.4, 1, 1.5, 1.5, 0.8))


def _swings_table(document: Document, brief: Brief) -> None:
    words, estimate = document.words, brief.estimate
    swings = [] if estimate is None else [one for one in estimate.swings if one.quantity == FREED][:_SWINGS_SHOWN]
    rows = []
    for one in swings:
        name = f"{brief.title(FREED)}: {one.assumption}"
        ends = []
        for side, value in (("low", one.at_low), ("high", one.at_high)):
            figure = Cited(
                f"swing.{one.assumption}.{side}", "rules", FREED, value, unit="cases", synthetic=True, note=one.reason
            )
            ends.append(document.number(figure, f"{name}, {words(f'report.head.{side}')}"))
        rows.append([(code(one.assumption),), (ends[0],), (ends[1],), (quoted(one.reason),)])
    if rows:
        heads = [words(f"report.head.{head}") for head in ("assumption", "low", "high", "why")]
        document.table(words("report.stated.swings_table"), heads, rows, (1, 2), (2.4, 1, 1, 4))


def _progress(document: Document, brief: Brief) -> None:
    words, deadline = document.words, brief.act.dates.get("deadline")
    if deadline is None or not brief.panels:
        return
    document.heading(words("report.part.progress"), id="progress")
    day = document.day_run(deadline.isoformat())
    document.paragraph(*document.phrase("report.stated.progress", deadline=day))
    document.picture(brief.picture("progress"))
    rows = []
    for panel in brief.panels:
        for track in panel.tracks:
            for point in track.points:
                figure = document.number(point, panel.label)
                source = link(point.source, point.url)
                rows.append(
                    [
                        (label(panel.label),),
                        (figure,),
                        (document.day_run(point.as_of),),
                        (label(point.scope),),
                        (source,),
                    ]
                )
    heads = [words(f"report.head.{head}") for head in ("what", "figure", "upto", "scope", "source")]
    document.table(words("report.stated.progress_table"), heads, rows, (1,), (2, 1, 1.3, 3.6, 2.2))
    document.bullets(list(_projections(document, brief)))


def _projections(document: Document, brief: Brief) -> Iterator[Cell]:
    for panel in brief.panels:
        for track in panel.tracks:
            if track.projection is not None:
                low, high = _ends(track.projection)
                yield document.phrase(
                    "report.stated.projection",
                    what=strong(panel.label),
                    scope=label(track.title),
                    low=document.number(track.projection, panel.label, document.words.number(low)),
                    high=document.number(track.projection, panel.label, document.words.number(high)),
                    deadline=document.day_run(track.projection.as_of),
                )


def _grounds(document: Document, brief: Brief) -> None:
    words = document.words
    reported = next((line.reported for line in brief.grounds if line.reported is not None), None)
    if not brief.grounds:
        return
    document.heading(words("report.part.grounds"), id="grounds")
    if reported is not None:
        who, day = label(reported.body), document.day_run(reported.as_of)
        document.paragraph(*document.phrase("report.stated.grounds", who=who, day=day))
    document.picture(brief.picture("grounds"))
    _comparison_table(document, words("report.stated.grounds_table"), brief.grounds)


# --- what does not agree --------------------------------------------------------------------------------------


def _disagreements(document: Document, brief: Brief) -> None:
    words, found = document.words, brief.reconciliation
    if not found.claims:
        return
    document.heading(words("report.part.disagreements"), id="disagreements")
    document.paragraph(text(words("report.stated.disagreements")))
    _conflicts_table(document, brief)
    _sums_table(document, brief)
    _impossible_table(document, brief)
    _narrowed_table(document, brief)
    document.bullets([_redefined_told(document, brief, one) for one in found.redefined])


def _redefined_told(document: Document, brief: Brief, one: Redefined) -> Cell:
    """A line that reports count in more than one way."""
    ways: list[Cell] = []
    for day, name in one.ways:
        ways.append((*((document.day_run(day.isoformat()), text(": ")) if day else ()), quoted(name)))
    return document.phrase("report.stated.redefined", what=strong(brief.title(one.quantity)), ways=_joined(ways, "; "))


def _conflicts_table(document: Document, brief: Brief) -> None:
    words, rows = document.words, []
    for conflict in brief.reconciliation.conflicts:
        if conflict.kind == "loose":
            continue
        name = brief.title(conflict.quantity)
        for telling in conflict.tellings:
            first = telling.claims[0]
            figure = document.number(cited(first, words), name)
            by = _joined([(link(one.source_name, one.source_url),) for one in telling.claims], "; ")
            rows.append([(label(name),), (figure,), _day(document, first), by])
    heads = [words(f"report.head.{head}") for head in ("what", "said", "day", "by")]
    _table_or_none(document, words("report.stated.conflicts_table"), heads, rows, (1,), (2.2, 1.3, 1.2, 5))


def _sums_table(document: Document, brief: Brief) -> None:
    words, rows = document.words, []
    for check in brief.reconciliation.sums:
        if check.verdict not in ("apart", "stretched"):
            continue
        name = brief.title(check.quantity)
        parts = _joined(
            [(document.number(cited(part, words), brief.title(part.quantity)),) for part in check.parts], " + "
        )
        total = document.number(cited(check.total, words), name)
        worked = Cited(
            f"worked.sum.{check.total.claim_id}.{'-'.join(part.claim_id for part in check.parts)}",
            "counted",
            check.quantity,
            check.difference,
            as_of=check.total.as_of.isoformat() if check.total.as_of else "",
            source=words("report.stated.worked"),
            url=check.total.source_url,
        )
        difference = document.number(worked, f"{name}: {words('report.head.difference')}", _signed(check.difference))
        rows.append([(label(name),), (total,), parts, (difference,), _day(document, check.total), _source(check.total)])
    heads = [words(f"report.head.{head}") for head in ("what", "whole", "parts", "difference", "day", "source")]
    _table_or_none(document, words("report.stated.sums_table"), heads, rows, (1, 3), (2.2, 1.2, 2.6, 1, 1.2, 2))


def _signed(difference: int) -> str:
    return f"+{difference:,}" if difference > 0 else f"−{-difference:,}" if difference < 0 else "0"


def _impossible_table(document: Document, brief: Brief) -> None:
    words, rows = document.words, []
    for clash in brief.reconciliation.impossible:
        for claim in (clash.one, clash.other):
            name = brief.title(claim.quantity)
            figure = document.number(cited(claim, words), name)
            scope = words.title(library.scopes().by_name[claim.scope].title)
            rows.append([(label(name),), (figure,), _day(document, claim), (label(scope),), _source(claim)])
    heads = [words(f"report.head.{head}") for head in ("what", "figure", "day", "scope", "source")]
    if rows:
        document.table(words("report.stated.impossible_table"), heads, rows, (1,), (2, 1, 1.3, 3, 2.4))


def _narrowed_table(document: Document, brief: Brief) -> None:
    words, rows = document.words, []
    for one in brief.reconciliation.narrowed:
        name = brief.title(one.wider.quantity)
        for claim in one.narrower:
            figure = document.number(cited(claim, words), brief.title(claim.quantity))
            rows.append([(label(name),), (label(brief.title(claim.quantity)),), (figure,), _source(claim)])
    heads = [words("report.head.what"), words("report.stated.printed_as"), words("report.head.figure")]
    if rows:
        document.table(
            words("report.stated.narrowed_table"), [*heads, words("report.head.source")], rows, (2,), (3, 3, 1.4, 2)
        )


def _table_or_none(
    document: Document,
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    right: Sequence[int],
    widths: Sequence[float],
) -> None:
    if rows:
        document.table(caption, heads, rows, right, widths)
    else:
        document.paragraph(strong(caption), text(": "), text(document.words("report.stated.none")))


# --- statements -----------------------------------------------------------------------------------------------


def _statements(document: Document, brief: Brief) -> None:
    words, found = document.words, brief.reconciliation.statements
    if not found:
        return
    document.heading(words("report.part.statements"), id="statements")
    document.paragraph(text(words("report.stated.statements")))
    for one in found:
        _statement(document, one)


def _statement(document: Document, one: Statement) -> None:
    words = document.words
    document.heading(words.title(one.said), level=3)
    standing = strong(words(f"report.standing.{one.standing}"))
    worked = _worked_figures(one, words)
    every = [figure for figures in worked.values() for figure in figures.values()]
    document.paragraph(standing, text(". "), *_worked_text(document, one.verdict, every))
    if one.read_again:
        document.box(text(words("report.stated.again")))
    items: list[Cell] = []
    for bears in ("for", "against", "context"):
        for evidence in one.evidence:
            if evidence.bears == bears:
                head = strong(words(f"report.bears.{bears}"))
                figures = worked.get(evidence.compute or "", {}).values()
                told = _worked_text(document, evidence.text, figures)
                sources = {url: what for what, url in evidence.rests_on if url}
                cites = _joined([(link(what, url),) for url, what in sources.items()], ", ")
                closing = (text(" ["), *cites, text("]")) if cites else ()
                items.append((head, text(". "), *told, *closing))
    document.bullets(items)
    speaker = document.phrase("report.stated.said_by", speaker=quoted(one.speaker))
    when = (text(" "), document.day_run(one.date.isoformat())) if one.date else ()
    document.note(*speaker, text(" "), link(one.source_name, one.source_url), *when)


_TOKEN = re.compile(r"\d[\d,.\u00a0]*\d|\d")


def _worked_figures(one: Statement, words: Words) -> Mapping[str, Mapping[str, Cited]]:
    """For each computation of a statement its figures, with the rows they were worked out from."""
    found: dict[str, dict[str, Cited]] = {}
    for evidence in one.evidence:
        for name, value in evidence.figures.items():
            if evidence.compute is None or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            figure = Cited(
                f"worked.{one.id}.{evidence.compute}.{name}",
                "counted",
                name,
                value,
                unit="percent" if "percent" in name else "people",
                source=words("report.stated.worked"),
                url=next((url for _, url in evidence.rests_on if url), ""),
                note=", ".join(what for what, _ in evidence.rests_on),
            )
            found.setdefault(evidence.compute, {}).setdefault(name, figure)
    return found


def _worked_text(document: Document, texts: Mapping[str, str], figures: Iterable[Cited]) -> Cell:
    """A text of the library whose numbers lead to the figures they were worked out from; other digits are names."""
    told, known = document.words.title(texts), dict[str, Cited]()
    foreign = document.language not in texts
    for figure in figures:
        for written in (f"{figure.value:g}", f"{figure.value:.1f}"):
            known.setdefault(_bare(written), figure)
    runs: list[Run] = []
    end = 0
    for match in _TOKEN.finditer(told):
        found = known.get(_bare(match[0]))
        runs.append(_words_of(told[end : match.start()], foreign))
        year = len(match[0]) == len("2025") and match[0][:2] in ("19", "20")
        name = found.note if found else ""
        runs.append(document.number(found, name, match[0]) if found and not year else label(match[0]))
        end = match.end()
    runs.append(_words_of(told[end:], foreign))
    return tuple(run for run in runs if run.text)


def _words_of(said: str, foreign: bool) -> Run:
    return quoted(said) if foreign else text(said)


def _bare(number: str) -> str:
    """A number without the marks that set thousands apart, and with a point before its decimals."""
    plain = re.sub(r"[\u00a0,](?=\d{3}(?!\d))", "", number)
    return plain.replace(",", ".").rstrip("0").rstrip(".") if "." in plain.replace(",", ".") else plain


# --- history, people, method ----------------------------------------------------------------------------------


def _history(document: Document, brief: Brief) -> None:
    words = document.words
    document.heading(words("report.part.history"), id="history")
    document.paragraph(text(words("report.stated.history")))
    document.picture(brief.picture("history"))
    rows: list[list[Cell]] = []
    for act in past_acts(words):
        name = words.short(act.day)
        totals = [(act.planned_total, act.actual_total), (act.planned_released, act.actual_released)]
        cells = [
            (document.number(figure, f"{name}: {words(key)}"),) if figure is not None else _dash()
            for pair, key in zip(totals, ("report.head.covered", "report.head.freed"), strict=True)
            for figure in pair
        ]
        source = next((figure for figure in act.figures), None)
        cite: Cell = (link(source.source, source.url),) if source else (text(words("history.no_figure")),)
        rows.append([(Run("day", name, value=act.day), label(f" {act.occasion}")), *cells, cite])
    for group in together(words):
        name = f"{group.first}–{group.last}"
        total, freed = (document.number(one, name) for one in (group.total, group.released))
        cite = (link(group.total.source, group.total.url),)
        rows.append([(label(name),), _dash(), (total,), _dash(), (freed,), cite])
    covered, freed_head = words("report.head.covered"), words("report.head.freed")
    said, done = words("series.announced"), words("report.head.reported")
    heads = [words("report.head.act"), f"{covered}, {said}", f"{covered}, {done}", f"{freed_head}, {said}"]
    heads += [f"{freed_head}, {done}", words("report.head.source")]
    document.table(words("history.title"), heads, rows, (1, 2, 3, 4), (3, 1.3, 1.3, 1.3, 1.3, 2))


def _people(document: Document, brief: Brief) -> None:
    words, people = document.words, list(people_in_the_news(brief.act))
    if not people:
        return
    document.heading(words("report.part.people"), id="people")
    document.paragraph(text(words("report.stated.people")))
    rows = [
        [
            (label(words.title(one.names)),),
            (label(one.organisation),),
            _answered(document, one),
            (*((document.day_run(one.last_report), text(" "))), link(_host(one.url), one.url)),
        ]
        for one in people
    ]
    count = _count("count.people", len(people), "rows", "library/people/az")
    document.paragraph(
        *document.phrase("report.stated.people_table", n=document.number(count, words("report.stated.persons_listed")))
    )
    heads = [words(f"report.head.{head}") for head in ("name", "organisation", "answer", "last")]
    document.table(words("report.part.people"), heads, rows, widths=(2, 2.4, 3, 2.4))


def _host(url: str) -> str:
    return url.split("/")[2].removeprefix("www.")


def _answered(document: Document, one: PersonInTheNews) -> Cell:
    """The answer and the clause it turns on."""
    words, turn = document.words, one.turn
    named = turn.exclusions or turn.clauses[:2]
    more = " …" if turn.kind == "open" and len(turn.clauses) > len(named) else ""
    told = text(words(f"report.turn.{turn.kind}"))
    return (told, text(" "), code(", ".join(named) + more)) if named else (told,)


def _method(document: Document, brief: Brief) -> None:
    words = document.words
    document.heading(words("report.part.method"), id="method")
    kept = ["act", *(["before"] if brief.estimate is not None else []), "unit", "words", "again"]
    document.bullets([(text(words(f"report.method.{name}")),) for name in kept])
    command = f"clemency report {brief.act.id} --lang {words.language}"
    if brief.estimate is not None:
        command += f" --draws {brief.estimate.draws} --seed {brief.estimate.seed}"
    document.paragraph(text(f"{words('report.method.command')} "), code(command))


def _rows(document: Document) -> None:
    """Every figure of the document as a row: what, how many, in which unit, up to which day, by whom, where read."""
    words = document.words
    document.heading(words("report.part.rows"), id="rows")
    document.paragraph(text(words("report.stated.rows")))
    figure_rows(document)


def figure_rows(document: Document) -> None:
    """A table of all figures that the document's numbers lead to."""
    words = document.words
    rows, ids = [], []
    for figure in sorted(document.figures.values(), key=_row_order):
        value = words.figure(figure)
        if figure.low90 is not None:
            value += f" ({words.interval(figure)})"
        who = "; ".join(part for part in (figure.body, figure.scope) if part)
        day: Cell = (document.day_run(figure.as_of),) if figure.as_of else ()
        mark = f" {words('synthetic')}" if figure.synthetic else ""
        source: Cell = (link(figure.source, figure.url),) if figure.url else (label(figure.source + mark),)
        rows.append(
            [
                (code(figure.id),),
                (label(document.labels[figure.id]),),
                (document.number(figure, "", value),),
                (text(words(f"unit.{figure.unit}")),),
                day,
                (label(who),) if who else (),
                source,
            ]
        )
        ids.append(figure.id)
    heads = [words(f"report.head.{head}") for head in ("id", "what", "figure", "unit", "upto", "scope", "source")]
    document.table(words("report.stated.rows_table"), heads, rows, (2,), (1.5, 2.6, 1.5, 0.7, 1, 2.6, 2.2), ids)


def _row_order(figure: Cited) -> tuple[int, str]:
    claim = re.fullmatch(r"c\d+", figure.id)
    return (0 if claim else 1, figure.id)


_PARTS = (
    _opening,
    _short,
    _rules,
    _progress,
    _grounds,
    _disagreements,
    _statements,
    _history,
    _people,
    _method,
)


# --- cells ----------------------------------------------------------------------------------------------------


def _cited(document: Document, figure: Cited, name: str) -> Cell:
    return (document.number(figure, name),)


def _ends(figure: Cited) -> tuple[float, float]:
    return figure.low90 or 0, figure.high90 or 0


def _interval(document: Document, figure: Cited | None, name: str) -> Cell:
    if figure is None:
        return _dash()
    return (document.number(figure, name, document.words.estimate(figure)),)


def _joined(cells: Sequence[Cell], between: str) -> Cell:
    found: list[Run] = []
    for cell in cells:
        found += [text(between), *cell] if found else cell
    return tuple(found)


def _day(document: Document, claim: Claim) -> Cell:
    return (document.day_run(claim.as_of.isoformat()),) if claim.as_of else _dash()


def _source(claim: Claim) -> Cell:
    return (link(claim.source_name, claim.source_url),)


def _nothing(document: Document) -> Cell:
    return (text(document.words("report.stated.nothing")),)


def _dash() -> Cell:
    return (text("–"),)


def _count(name: str, number: int, unit: str, source: str) -> Cited:
    return Cited(name, "counted", name, number, unit=unit, source=source)
