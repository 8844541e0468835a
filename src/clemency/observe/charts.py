"""The five charts of an amnesty: relief, progress, grounds, history, and the flow from register to outcome.

Each function takes figures and gives a picture. One language of marks holds for all of them: what was announced is an
open diamond, what the rules give is a band with a stroke, what was reported carried out is a disc, or a ring where only
some bodies were counted. Shape and place carry the meaning; colour only helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, log10

from clemency.observe import typeface
from clemency.observe.figures import Cited
from clemency.observe.pictures import (
    ANNOUNCED,
    GRID,
    INK,
    MUTED,
    PAPER,
    REPORTED,
    RULE,
    RULES_DARK,
    RULES_LIGHT,
    RULES_MID,
    Picture,
    Sheet,
)
from clemency.observe.words import Words, from_ending

NAMES = ("relief", "progress", "grounds", "history", "flow")
_DIAMOND, _DISC = 190, 62  # so that a disc on the same number stands inside the diamond
_EDGE = 9


# --- what the charts share ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """Numbers laid along a line: from nought to `top` between two places of the sheet."""

    top: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a number."""
        return self.start + (self.end - self.start) * value / self.top

    def ticks(self, most: int) -> list[int]:
        """Round numbers along the line, `most` of them at the most beside nought."""
        step = next(step for step in _round_steps() if self.top / step <= most)
        return list(range(0, int(self.top) + 1, step))


def _round_steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _top(values: Iterable[float | None]) -> float:
    """A round number a little above the largest."""
    largest = max((value for value in values if value is not None), default=1) or 1
    step = 10 ** (ceil(log10(largest)) - 1) / 2
    return ceil(largest * 1.02 / step) * step


def _spread(figure: Cited | None) -> list[float | None]:
    return [] if figure is None else [figure.value, figure.high90]


def _announced_mark(sheet: Sheet, x: float, y: float, qualifier: str = "exact", size: float = _DIAMOND) -> None:
    """An open diamond; an arrow says that it was worded as over or up to."""
    side = {"over": 1, "up_to": -1}.get(qualifier, 0)
    if side:
        tip = x + side * 22
        sheet.line(x, y, tip, y, ANNOUNCED, 1.6)
        sheet.path([(tip - side * 4, y - 3.5), (tip, y), (tip - side * 4, y + 3.5)], ANNOUNCED, 1.6)
    sheet.mark(x, y, "diamond", ANNOUNCED, size, PAPER)


def _rules_mark(sheet: Sheet, figure: Cited, scale: Scale, y: float, height: float = 14) -> None:
    """A pale band for nine draws in ten, a dark one for every second, a stroke for the median."""
    if figure.value is None:
        return
    if figure.low90 is not None and figure.high90 is not None:
        sheet.bar(scale(figure.low90), scale(figure.high90), y, height, RULES_LIGHT)
    if figure.low50 is not None and figure.high50 is not None:
        sheet.bar(scale(figure.low50), scale(figure.high50), y, height, RULES_MID)
    sheet.bar(scale(figure.value) - 1.5, scale(figure.value) + 1.5, y, height + 6, RULES_DARK)


def _reported_mark(sheet: Sheet, x: float, y: float, partial: bool = False, size: float = _DISC) -> None:
    """A disc; a ring where only some of the bodies are counted."""
    sheet.mark(x, y, "circle", REPORTED, size, PAPER if partial else "")


@dataclass(frozen=True)
class _Chip:
    """A small mark with a text beside it, in a legend or in a line of figures."""

    kind: str
    text: str
    partial: bool = False

    size = 13.0

    @property
    def lead(self) -> float:
        """The room that the mark takes."""
        return 30 if self.kind == "rules" else 18

    @property
    def width(self) -> float:
        """The room that mark and text take."""
        return self.lead + typeface.width(self.text, self.size)

    def draw(self, sheet: Sheet, x: float, y: float) -> None:
        """Mark and text, the text's baseline at `y`."""
        middle = y - 4.5
        if self.kind == "rules":
            sheet.bar(x, x + 22, middle, 10, RULES_LIGHT)
            sheet.bar(x + 6, x + 16, middle, 10, RULES_MID)
            sheet.bar(x + 10, x + 12.4, middle, 14, RULES_DARK)
        elif self.kind == "announced":
            _announced_mark(sheet, x + 6, middle, size=90)
        elif self.kind == "reported":
            _reported_mark(sheet, x + 6, middle, self.partial)
        colour = {"rules": RULES_DARK, "announced": ANNOUNCED, "reported": REPORTED}.get(self.kind, MUTED)
        sheet.text(x + self.lead, y, self.text, self.size, colour=colour)


def _chips(sheet: Sheet, y: float, chips: Sequence[_Chip], gap: float = 20, leading: float = 20) -> float:
    """Chips one after another, in as many lines as they need; gives the baseline of the last line."""
    x = 0.0
    for chip in chips:
        if x and x + chip.width > sheet.width:
            x, y = 0.0, y + leading
        chip.draw(sheet, x, y)
        x += chip.width + gap
    return y


def _axis(sheet: Sheet, scale: Scale, y: float, words: Words) -> None:
    """The numbers of a scale, on one line."""
    for value in scale.ticks(4 if sheet.narrow else 8):
        x = scale(value)
        align = "left" if value == 0 else "right" if x > scale.end - 14 else "center"
        sheet.text(scale.start if value == 0 else x, y, words.number(value), 11.5, colour=MUTED, align=align)


def _lane(sheet: Sheet, scale: Scale, y: float, height: float = 26) -> None:
    """The ground on which the marks of one line stand: a thin line, and a short one at each round number."""
    sheet.line(scale.start, y, scale.end, y, GRID)
    for value in scale.ticks(4 if sheet.narrow else 8):
        sheet.line(scale(value), y - height / 2, scale(value), y + height / 2, GRID)


# --- announced, given by the rules, carried out ---------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One line of a comparison. Several announced figures are parts announced apart, and stand as their sum."""

    label: str
    announced: tuple[Cited, ...]
    rules: Cited | None
    reported: Cited | None

    @property
    def figures(self) -> tuple[Cited, ...]:
        """Every figure of the line."""
        return (*self.announced, *(one for one in (self.rules, self.reported) if one is not None))

    @property
    def announced_in_all(self) -> float | None:
        """What was announced, its parts added up."""
        known = [figure.value for figure in self.announced if figure.value is not None]
        return sum(known) if known else None

    @property
    def qualifier(self) -> str:
        """How the announcement was worded, where its parts agree on it; otherwise only nearly so."""
        found = {figure.qualifier for figure in self.announced}
        return found.pop() if len(found) == 1 else "nearly"


def comparison(
    name: str, title: str, subtitle: str, lines: Sequence[Compared], notes: Sequence[str], words: Words
) -> Picture:
    """Announced, given by the rules and reported carried out, one line each; a series nobody has is left out."""
    kinds = [
        kind
        for kind, present in (
            ("announced", any(line.announced for line in lines)),
            ("rules", any(line.rules for line in lines)),
            ("reported", any(line.reported for line in lines)),
        )
        if present
    ]
    top = _top(
        value for line in lines for value in (*_spread(line.rules), *_spread(line.reported), line.announced_in_all)
    )

    def body(sheet: Sheet) -> None:
        legend = {"announced": "series.announced", "rules": "series.rules_how", "reported": "series.reported"}
        heads = [_Chip(kind, words(legend[kind])) for kind in kinds]
        if any(line.reported is not None and line.reported.partial for line in lines):
            heads.append(_Chip("reported", words("series.reported_partly"), partial=True))
        sheet.y = _chips(sheet, sheet.y + 24, heads) + 12
        scale = Scale(top, _EDGE, sheet.width - _EDGE)
        columns = _columns(sheet, lines, kinds, words)
        for line in lines:
            _compared(sheet, line, kinds, scale, columns, words)
        _axis(sheet, scale, sheet.y + 12, words)
        sheet.y += 16

    told = " ".join(f"{line.label}: {_said(line, words)}." for line in lines)
    figures = tuple(figure for line in lines for figure in line.figures)
    labels = {figure.id: line.label for line in lines for figure in line.figures}
    alternative = f"{title}. {subtitle}. {told}"
    return Picture(name, words.language, title, subtitle, tuple(notes), alternative, figures, labels, body)


def _columns(sheet: Sheet, lines: Sequence[Compared], kinds: Sequence[str], words: Words) -> list[float]:
    """Where the figures of each series begin, set from the right edge; nowhere on a narrow sheet."""
    if sheet.narrow:
        return []
    places: list[float] = []
    x = float(sheet.width)
    for kind in reversed(kinds):
        x -= max(_Chip(kind, _told(line, words)[kind]).width for line in lines)
        places.insert(0, x)
        x -= 24
    return places


def _compared(
    sheet: Sheet, line: Compared, kinds: Sequence[str], scale: Scale, columns: Sequence[float], words: Words
) -> None:
    partial = line.reported is not None and line.reported.partial
    chips = [_Chip(kind, _told(line, words)[kind], partial) for kind in kinds]
    y = sheet.y + 24
    room = columns[0] - 24 if columns else sheet.width
    heading = typeface.wrapped(line.label, room, 14.5, 600)
    below = sheet.lines(0, y, heading, 14.5, 18, weight=600)
    for chip, x in zip(chips, columns, strict=False):
        chip.draw(sheet, x, y)
    y = below - 18 if columns else _chips(sheet, below + 1, chips, gap=14)
    middle = y + 22
    _lane(sheet, scale, middle)
    if line.rules is not None:
        _rules_mark(sheet, line.rules, scale, middle)
    if line.announced_in_all is not None:
        _announced_mark(sheet, scale(line.announced_in_all), middle, line.qualifier)
    if line.reported is not None and line.reported.value is not None:
        _reported_mark(sheet, scale(line.reported.value), middle, partial)
    sheet.y = middle + 20


def _told(line: Compared, words: Words) -> dict[str, str]:
    announced = " + ".join(map(words.figure, line.announced)) or words("relief.none_announced")
    rules = words.estimate(line.rules) if line.rules is not None else words("no_figure")
    reported = words.figure(line.reported) if line.reported is not None else words("relief.none_reported")
    return {"announced": announced, "rules": rules, "reported": reported}


def _said(line: Compared, words: Words) -> str:
    parts = []
    if line.announced:
        parts.append(words("relief.said_announced", figure=" + ".join(map(words.figure, line.announced))))
    if line.rules is not None and line.rules.value is not None:
        low, high = (words.number(one) for one in (line.rules.low90 or 0, line.rules.high90 or 0))
        parts.append(words("relief.said_rules", median=words.number(line.rules.value), low=low, high=high))
    if line.reported is not None:
        told, day = words.figure(line.reported), words.day(line.reported.as_of)
        parts.append(words("relief.said_reported", figure=told, day=day))
    return "; ".join(parts) or words("no_figure")


# --- progress -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Track:
    """Reports that count the same people, by day. `joined` says that their scopes differ and were put together with a
    stated reason; the projection carries the track on to the deadline.
    """

    title: str
    points: tuple[Cited, ...]
    joined: bool = False
    projection: Cited | None = None


@dataclass(frozen=True)
class Panel:
    """The reports of one quantity: its tracks, between which no line is drawn, and what was announced of it."""

    label: str
    tracks: tuple[Track, ...]
    announced: Cited | None = None

    @property
    def figures(self) -> tuple[Cited, ...]:
        """Every figure of the panel."""
        ends = [track.projection for track in self.tracks if track.projection is not None]
        points = [point for track in self.tracks for point in track.points]
        return (*([self.announced] if self.announced is not None else []), *points, *ends)


@dataclass(frozen=True)
class _Field:
    """The ground of a panel: days across, numbers up."""

    begin: date
    finish: date
    left: float
    right: float
    rise: Scale

    def across(self, day: str) -> float:
        """The place of a day."""
        share = (date.fromisoformat(day) - self.begin).days / (self.finish - self.begin).days
        return self.left + (self.right - self.left) * share

    def place(self, figure: Cited) -> tuple[float, float]:
        """The place of a figure."""
        return self.across(figure.as_of), self.rise(figure.value or 0)


_SHAPES = ("circle", "square", "triangle-up", "triangle-down", "cross")


def progress(
    subtitle: str, panels: Sequence[Panel], term: tuple[str, str], notes: Sequence[str], words: Words
) -> Picture:
    """Reports by day up to the deadline. Only reports that count the same people are joined by a line.

    `term` is the day on which the act came into force, and the day by which it has to be carried out.
    """
    titles = list(dict.fromkeys(track.title for panel in panels for track in panel.tracks))
    shapes = {title: _SHAPES[place % len(_SHAPES)] for place, title in enumerate(titles)}

    def body(sheet: Sheet) -> None:
        _progress_legend(sheet, panels, shapes, words)
        columns = 1 if sheet.narrow else len(panels)
        wide = (sheet.width - 36 * (columns - 1)) / columns
        top = sheet.y
        for number, panel in enumerate(panels):
            left = (wide + 36) * (number % columns)
            sheet.y = top if number % columns == 0 or columns > 1 else sheet.y
            _panel(sheet, panel, (left, left + wide), term, shapes, words)
            top = top if columns > 1 else sheet.y + 16

    title = words("progress.title")
    told = [words("progress.said_deadline", day=words.day(term[1]))]
    for panel in panels:
        said = [words("progress.said_announced", figure=words.figure(panel.announced))] if panel.announced else []
        for track in panel.tracks:
            reports = [
                words("progress.said_report", day=words.day(one.as_of), figure=words.figure(one))
                for one in track.points
            ]
            said.append(f"{track.title}: {'; '.join(reports)}.")
            if track.projection is not None:
                said.append(_projection_said(track.projection, words) + ".")
        told.append(f"{panel.label}: {' '.join(said)}")
    figures = tuple(figure for panel in panels for figure in panel.figures)
    labels = {figure.id: panel.label for panel in panels for figure in panel.figures}
    alternative = f"{title}. {subtitle}. {' '.join(told)}"
    return Picture("progress", words.language, title, subtitle, tuple(notes), alternative, figures, labels, body)


def _projection_said(figure: Cited, words: Words) -> str:
    low, high = words.number(figure.low90 or 0), words.number(figure.high90 or 0)
    return words("progress.said_projection", day=words.day(figure.as_of), low=low, high=high)


def _progress_legend(sheet: Sheet, panels: Sequence[Panel], shapes: Mapping[str, str], words: Words) -> None:
    tracks = [track for panel in panels for track in panel.tracks]
    y = sheet.y + 22
    for title, shape in shapes.items():
        sheet.mark(7, y - 4.5, shape, REPORTED, 80)
        y = _legend_text(sheet, y, title, INK)
    if any(panel.announced is not None for panel in panels):
        sheet.line(0, y - 4.5, 15, y - 4.5, ANNOUNCED, 1.4, strokeDash=[5, 4])
        y = _legend_text(sheet, y, words("series.announced"), ANNOUNCED)
    if any(track.joined for track in tracks):
        sheet.line(0, y - 4.5, 15, y - 4.5, REPORTED, 1.8, strokeDash=[4, 3])
        y = _legend_text(sheet, y, words("progress.joined"), INK)
    if any(len(panel.tracks) > 1 for panel in panels):
        sheet.line(7, y - 11, 7, y + 2, RULE, 1.4, strokeDash=[2, 3])
        y = _legend_text(sheet, y, words("progress.scope_change"), MUTED)
    if any(track.projection is not None for track in tracks):
        sheet.bar(0, 15, y - 5, 12, RULES_LIGHT)
        y = _legend_text(sheet, y, words("progress.projection_how"), RULES_DARK)
    sheet.y = y


def _legend_text(sheet: Sheet, y: float, text: str, colour: str) -> float:
    return sheet.lines(22, y, typeface.wrapped(text, sheet.width - 22, 13), 13, 17, colour=colour) + 3


def _panel(
    sheet: Sheet,
    panel: Panel,
    sides: tuple[float, float],
    term: tuple[str, str],
    shapes: Mapping[str, str],
    words: Words,
) -> None:
    heading = typeface.wrapped(panel.label, sides[1] - sides[0], 14.5, 600)
    high = sheet.lines(sides[0], sheet.y + 16, heading, 14.5, 18, weight=600) + 8
    low = high + 250
    top = _top(value for figure in panel.figures for value in _spread(figure))
    begin, finish = date.fromisoformat(term[0]), date.fromisoformat(term[1])
    ground = _Field(begin, finish, sides[0] + 46, sides[1] - 10, Scale(top, low, high))
    for value in ground.rise.ticks(6):
        sheet.line(ground.left, ground.rise(value), ground.right, ground.rise(value), GRID if value else RULE)
        sheet.text(ground.left - 8, ground.rise(value) + 4, words.number(value), 11.5, colour=MUTED, align="right")
    for first in _firsts(begin, finish):
        x = ground.across(first.isoformat())
        sheet.line(x, low, x, low + 5, RULE)
        sheet.text(x, low + 18, words(f"month.{first.month}"), 11.5, colour=MUTED, align="center")
    sheet.line(ground.right, high - 6, ground.right, low, INK, 1.4)
    deadline = words("progress.deadline", day=words.short(term[1]))
    sheet.text(ground.right, low + 34, deadline, 12, 600, align="right")
    sheet.text(ground.left, low + 34, words.short(term[0]), 12, colour=MUTED)
    taken: list[_Box] = []
    if panel.announced is not None and panel.announced.value is not None:
        level = ground.rise(panel.announced.value)
        sheet.line(ground.left, level, ground.right, level, ANNOUNCED, 1.4, strokeDash=[5, 4])
        told = words.figure(panel.announced)
        sheet.text(ground.left + 4, level - 6, told, 12.5, colour=ANNOUNCED, halo=3)
        taken.append(_box(ground.left + 4, level - 6, told, 12.5, "left"))
    _tracks(sheet, panel.tracks, ground, shapes, taken, words)
    sheet.y = low + 38


_Box = tuple[float, float, float, float]


def _box(x: float, y: float, text: str, size: float, align: str, weight: int = 400) -> _Box:
    """The room that a line of text takes: left, top, right, bottom."""
    wide = typeface.width(text, size, weight)
    left = x - (wide if align == "right" else 0)
    return left, y - 0.75 * size, left + wide, y + 0.25 * size


def _free(box: _Box, taken: Sequence[_Box], ground: _Field) -> bool:
    if box[0] < ground.left - 2 or box[2] > ground.right:
        return False
    return not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )


def _tracks(
    sheet: Sheet,
    tracks: Sequence[Track],
    ground: _Field,
    shapes: Mapping[str, str],
    taken: list[_Box],
    words: Words,
) -> None:
    for track in tracks:
        _projected(sheet, track, ground, taken, words)
        dash = {"strokeDash": [4, 3]} if track.joined else {}
        if len(track.points) > 1:
            sheet.path([ground.place(point) for point in track.points], REPORTED, 1.8, **dash)
    ordered = sorted(((point, track) for track in tracks for point in track.points), key=lambda one: one[0].as_of)
    for (before, one), (after, other) in pairwise(ordered):
        if one is not other:
            x = (ground.across(before.as_of) + ground.across(after.as_of)) / 2
            sheet.line(x, ground.rise(ground.rise.top), x, ground.rise(0), RULE, 1.4, strokeDash=[2, 3])
    for point, track in ordered:
        x, y = ground.place(point)
        sheet.mark(x, y, shapes[track.title], REPORTED, 100)
        taken.append((x - 7, y - 7, x + 7, y + 7))
    for point, _ in ordered:
        _point_label(sheet, point, ground, taken, words)


def _point_label(sheet: Sheet, point: Cited, ground: _Field, taken: list[_Box], words: Words) -> None:
    """The figure and its day beside a point, on the first side where nothing else stands."""
    number, day = words.figure(point), words.day_and_month(point.as_of)
    wide = typeface.width(number, 13.5, 600) + 6 + typeface.width(day, 11.5)
    x, y = ground.place(point)
    sides = [(x + dx if dx > 0 else x + dx - wide, y + dy) for dy in (4, 17, -9, 30, -22) for dx in (11, -11)]
    sides += [(x - wide / 2, y + dy) for dy in (22, -14, 36, -28)]
    boxes = [(left, low - 11, left + wide, low + 4) for left, low in sides]
    box = next((box for box in boxes if _free(box, taken, ground)), boxes[0])
    taken.append(box)
    left, low = box[0], box[3] - 4
    sheet.text(left, low, number, 13.5, 600, halo=4)
    sheet.text(left + typeface.width(number, 13.5, 600) + 6, low, day, 11.5, colour=MUTED, halo=4)


def _projected(sheet: Sheet, track: Track, ground: _Field, taken: list[_Box], words: Words) -> None:
    """From the last report to the deadline: where nine in ten of the stated paces lead, and the middle one."""
    figure = track.projection
    if figure is None or figure.low90 is None or figure.high90 is None or figure.value is None:
        return
    x, y = ground.place(track.points[-1])
    end = ground.across(figure.as_of)
    sheet.band([(x, y, y), (end, ground.rise(figure.high90), ground.rise(figure.low90))], RULES_LIGHT, 0.8)
    sheet.path([(x, y), (end, ground.rise(figure.value))], RULES_DARK, 1.2)
    told = f"{words.number(figure.low90)}–{words.number(figure.high90)}"
    low = ground.rise(figure.low90) + 18
    sheet.text(end - 6, low, told, 12.5, colour=RULES_DARK, align="right", halo=4)
    taken.append(_box(end - 6, low, told, 12.5, "right"))


def _firsts(begin: date, finish: date) -> Iterator[date]:
    day = date(begin.year, begin.month, 1)
    while day <= finish:
        if day >= begin:
            yield day
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


# --- history --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PastAct:
    """One amnesty act: its day, its occasion, and what was announced and reported, as far as anybody gives it."""

    day: str
    occasion: str
    planned_total: Cited | None
    actual_total: Cited | None
    planned_released: Cited | None
    actual_released: Cited | None

    @property
    def figures(self) -> tuple[Cited, ...]:
        """The figures that are known."""
        found = (self.planned_total, self.actual_total, self.planned_released, self.actual_released)
        return tuple(figure for figure in found if figure is not None and figure.known)


@dataclass(frozen=True)
class Together:
    """Several acts for which only figures together are known."""

    first: str
    last: str
    count: int
    total: Cited
    released: Cited


def history(acts: Sequence[PastAct], groups: Sequence[Together], notes: Sequence[str], words: Words) -> Picture:
    """Amnesties since 1995, announced and reported. A figure that nobody gives is a gap and is told as one."""
    ordered = sorted(acts, key=lambda act: act.day)
    totals = _top(f.value for act in ordered for f in (act.planned_total, act.actual_total) if f is not None)
    freed = _top(f.value for act in ordered for f in (act.planned_released, act.actual_released) if f is not None)

    def body(sheet: Sheet) -> None:
        chips = [_Chip("announced", words("series.announced")), _Chip("reported", words("series.reported"))]
        sheet.y = _chips(sheet, sheet.y + 24, chips) + 8
        covered_scale, freed_scale = _history_scales(sheet, totals, freed)
        _history_heads(sheet, covered_scale, freed_scale, words)
        waiting = list(groups)
        bracketed: dict[int, tuple[float, float]] = {}
        for act in ordered:
            inside = next((n for n, group in enumerate(waiting) if group.first <= act.day[:4] <= group.last), None)
            if act.figures:
                _past_act(sheet, act, covered_scale, freed_scale, words)
                continue
            top = sheet.y
            label = _act_label(act, words)
            sheet.text(0, top + 17, label, 13.5, 600)
            if inside is None:
                sheet.text(_gap_x(sheet), top + 17, words("history.no_figure"), 12.5, colour=MUTED)
            else:
                start = bracketed.get(inside, (top, top))[0]
                bracketed[inside] = (start, top + 24)
            sheet.y = top + 24
        for number, (start, end) in bracketed.items():
            _bracket(sheet, waiting[number], start, end, words)
        sheet.y += 10

    told = [words("history.said_act", day=_act_label(act, words), told=_past_told(act, words)) for act in ordered]
    told += [f"{group.first}–{group.last}: {_together(group, words)}." for group in groups]
    title, subtitle = words("history.title"), words("history.subtitle")
    grouped = [figure for group in groups for figure in (group.total, group.released)]
    figures = (*(figure for act in ordered for figure in act.figures), *grouped)
    labels = {figure.id: _act_label(act, words) for act in ordered for figure in act.figures}
    labels |= {figure.id: f"{group.first}–{group.last}" for group in groups for figure in (group.total, group.released)}
    alternative = f"{title}. {subtitle}. {' '.join(told)}"
    return Picture("history", words.language, title, subtitle, tuple(notes), alternative, figures, labels, body)


def _history_scales(sheet: Sheet, totals: float, freed: float) -> tuple[Scale, Scale]:
    if sheet.narrow:
        return Scale(totals, _EDGE, 205), Scale(freed, 235, sheet.width - _EDGE)
    return Scale(totals, 260, 530), Scale(freed, 590, sheet.width - _EDGE)


def _gap_x(sheet: Sheet) -> float:
    return 110 if sheet.narrow else 260


def _history_heads(sheet: Sheet, covered: Scale, freed: Scale, words: Words) -> None:
    top = sheet.y + 14
    for scale, key in ((covered, "history.covered"), (freed, "history.freed")):
        lines = typeface.wrapped(words(key), scale.end - scale.start + _EDGE, 12.5, 600)
        below = sheet.lines(scale.start, top, lines, 12.5, 15, weight=600, colour=MUTED)
        sheet.y = max(sheet.y, below - 6)


def _act_label(act: PastAct, words: Words) -> str:
    return words.short(act.day)


def _past_act(sheet: Sheet, act: PastAct, covered: Scale, freed: Scale, words: Words) -> None:
    top = sheet.y
    sheet.text(0, top + 17, _act_label(act, words), 13.5, 600)
    if sheet.narrow:
        x = typeface.width(_act_label(act, words), 13.5, 600) + 8
        occasion = typeface.wrapped(act.occasion, sheet.width - x, 12) if act.occasion else []
        bottom = sheet.lines(x, top + 17, occasion, 12, 15, colour=MUTED) if occasion else top + 32
        numbers = bottom + 2
    else:
        for place, line in enumerate(typeface.wrapped(act.occasion, 235, 12) if act.occasion else []):
            sheet.text(0, top + 33 + 15 * place, line, 12, colour=MUTED)
        numbers = top + 16
    pairs = (
        (covered, act.planned_total, act.actual_total),
        (freed, act.planned_released, act.actual_released),
    )
    stacked = any(_needed(planned, actual, words) > scale.end + _EDGE - scale.start for scale, planned, actual in pairs)
    lane = numbers + (32 if stacked else 16)
    for scale, planned, actual in pairs:
        _pair(sheet, scale, planned, actual, (numbers, lane), stacked, words)
    sheet.y = lane + 17


def _needed(planned: Cited | None, actual: Cited | None, words: Words) -> float:
    """The room that two figures need side by side."""
    told = [words.figure(figure) for figure in (planned, actual) if figure is not None and figure.known]
    return sum(22 + typeface.width(text, 12) for text in told) - 10


def _pair(
    sheet: Sheet,
    scale: Scale,
    planned: Cited | None,
    actual: Cited | None,
    lines: tuple[float, float],
    stacked: bool,
    words: Words,
) -> None:
    """Announced and reported on one line, joined where both are known; the figures stand above it."""
    numbers, lane = lines
    known = [figure for figure in (planned, actual) if figure is not None and figure.value is not None]
    if not known:
        sheet.text(scale.start, lane + 4, words("history.no_figure"), 12, colour=MUTED)
        return
    sheet.line(scale.start, lane, scale.end, lane, GRID)
    sheet.line(scale.start, lane - 6, scale.start, lane + 6, RULE)
    if len(known) == 2:
        sheet.line(scale(known[0].value or 0), lane, scale(known[1].value or 0), lane, RULE, 2)
    x = scale.start
    if planned is not None and planned.value is not None:
        _announced_mark(sheet, scale(planned.value), lane, planned.qualifier)
        x = _small(sheet, x, numbers, words.figure(planned), ANNOUNCED)
    if actual is not None and actual.value is not None:
        _reported_mark(sheet, scale(actual.value), lane)
        below = stacked and x > scale.start
        _small(sheet, scale.start if below else x, numbers + 16 * below, words.figure(actual), REPORTED)


def _small(sheet: Sheet, x: float, y: float, text: str, colour: str) -> float:
    if colour == ANNOUNCED:
        _announced_mark(sheet, x + 4, y - 4, size=50)
    else:
        _reported_mark(sheet, x + 4, y - 4, size=34)
    sheet.text(x + 12, y, text, 12, colour=colour)
    return x + 12 + typeface.width(text, 12) + 10


def _bracket(sheet: Sheet, group: Together, start: float, end: float, words: Words) -> None:
    """The acts that are known only together, held by a bracket with what is known of them."""
    x = _gap_x(sheet)
    sheet.path([(x - 6, start + 6), (x, start + 6), (x, end - 4), (x - 6, end - 4)], RULE, 1.4)
    lines = typeface.wrapped(_together(group, words), sheet.width - x - 14, 12.5)
    y = (start + end) / 2 - 8 * len(lines) + 12
    sheet.lines(x + 12, y, lines, 12.5, 16, colour=MUTED)


def _together(group: Together, words: Words) -> str:
    total, freed = words.number(group.total.value or 0), words.number(group.released.value or 0)
    ending = from_ending(round(group.total.value or 0))
    return words("history.together", n=group.count, total=total, freed=freed, ending=ending)


def _past_told(act: PastAct, words: Words) -> str:
    if not act.figures:
        return words("history.no_figure")
    told = []
    for key, planned, actual in (
        ("history.covered", act.planned_total, act.actual_total),
        ("history.freed", act.planned_released, act.actual_released),
    ):
        said = [words("no_figure") if one is None or not one.known else words.figure(one) for one in (planned, actual)]
        told.append(words("history.said_pair", what=words(key), planned=said[0], actual=said[1]))
    return "; ".join(told)


# --- flow -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stream:
    """So many cases of one group of the register that went to one answer and, where covered, to one relief."""

    group: str
    answer: str
    relief: str
    cases: int


@dataclass
class Node:
    """One box of a flow: where it stands, and how much of it has been joined on either side."""

    label: str
    cases: int
    top: float
    height: float
    joined: float = 0.0
    left: float = 0.0


_ANSWER_COLOURS = {"granted": RULES_MID, "undetermined": "#e3b04b", "excluded": "#8c96a0", "not_covered": "#c6ccd2"}
_NODE, _GAP = 9.0, 20.0


def flow(
    subtitle: str, streams: Sequence[Stream], notes: Sequence[str], words: Words, synthetic: bool = True
) -> Picture:
    """From the groups of a register to the four answers, and from those covered to the reliefs; widths are cases."""
    total = sum(stream.cases for stream in streams) or 1
    groups = _sums(streams, lambda one: one.group, ("imprisonment", "other_punishment", "pending", "other"))
    answers = _sums(streams, lambda one: one.answer, tuple(_ANSWER_COLOURS))
    covered = [stream for stream in streams if stream.answer == "granted"]
    reliefs = _sums(covered, lambda one: one.relief, ("release_prison", "reduce", "release_other", "end_prosecution"))

    def body(sheet: Sheet) -> None:
        _flow_body(sheet, streams, (groups, answers, reliefs), total, words)

    title = words("flow.title")

    def items(counts: Mapping[str, int], part: str, of: int) -> str:
        told = [
            words("flow.said", what=words(f"flow.{part}.{key}"), n=words.number(n), share=words.percent(n / of))
            for key, n in counts.items()
        ]
        return words.listed(told)

    told = [
        words("flow.said_register", items=items(groups, "group", total)),
        words("flow.said_outcome", items=items(answers, "answer", total)),
        words("flow.said_relief", items=items(reliefs, "given", max(1, sum(reliefs.values())))),
    ]
    figures = tuple(
        Cited(_stream_id(one), "counted", "cases", one.cases, unit="cases", source=" ".join(notes), synthetic=synthetic)
        for one in streams
    )
    labels = {_stream_id(one): _stream_label(one, words) for one in streams}
    alternative = f"{title}. {subtitle}. {' '.join(told)}"
    return Picture("flow", words.language, title, subtitle, tuple(notes), alternative, figures, labels, body)


def _stream_id(one: Stream) -> str:
    return ".".join(part for part in ("flow", one.group, one.answer, one.relief) if part)


def _stream_label(one: Stream, words: Words) -> str:
    steps = [words(f"flow.group.{one.group}"), words(f"flow.answer.{one.answer}")]
    return " → ".join([*steps, *([words(f"flow.given.{one.relief}")] if one.relief else [])])


def _sums(streams: Sequence[Stream], key: object, order: Sequence[str]) -> dict[str, int]:
    assert callable(key)
    counts: dict[str, int] = {}
    for stream in streams:
        counts[key(stream)] = counts.get(key(stream), 0) + stream.cases
    known = [name for name in order if counts.get(name)]
    return {name: counts[name] for name in (*known, *sorted(set(counts) - set(order)))}


def _flow_body(
    sheet: Sheet, streams: Sequence[Stream], columns: Sequence[Mapping[str, int]], total: int, words: Words
) -> None:
    room = 430.0 if sheet.narrow else 400.0
    top = sheet.y + 34
    scale = (room - _GAP * (max(map(len, columns)) - 1)) / total
    heads = ("register", "outcome", "relief")
    xs = (0.0, sheet.width * (0.40 if sheet.narrow else 0.44), sheet.width - _NODE)
    parts = ("group", "answer", "given")
    nodes: list[dict[str, Node]] = []
    for counts, part in zip(columns, parts, strict=True):
        y, column = top, {}
        for key, cases in counts.items():
            height = max(cases * scale, 1.5)
            column[key] = Node(words(f"flow.{part}.{key}"), cases, y, height)
            y += max(height, 16 if sheet.narrow else 14) + _GAP
        nodes.append(column)
    for start, group_node in nodes[0].items():
        for answer, answer_node in nodes[1].items():
            cases = sum(one.cases for one in streams if (one.group, one.answer) == (start, answer))
            join(sheet, group_node, answer_node, cases * scale, (xs[0] + _NODE, xs[1]), _ANSWER_COLOURS[answer])
    granted = nodes[1].get("granted")
    if granted is not None:
        for relief, node in nodes[2].items():
            cases = sum(one.cases for one in streams if (one.answer, one.relief) == ("granted", relief))
            join(sheet, granted, node, cases * scale, (xs[1] + _NODE, xs[2]), _ANSWER_COLOURS["granted"])
    for place, (head, x, column) in enumerate(zip(heads, xs, nodes, strict=True)):
        align = "right" if place == 2 else "left"
        sheet.text(x + (_NODE if place == 2 else 0), top - 12, words(f"flow.{head}"), 12.5, 600, MUTED, align)
        for key, node in column.items():
            colour = _ANSWER_COLOURS.get(key, INK) if place == 1 else INK
            sheet.bar(x, x + _NODE, node.top + node.height / 2, node.height, colour)
            edge = x - 7 if place == 2 else x + _NODE + 7
            middle = node.top + max(node.height, 14) / 2
            sheet.text(edge, middle - 1, node.label, 13, 600, INK, align, halo=3)
            sheet.text(edge, middle + 14, words.number(node.cases), 12.5, 400, INK, align, halo=3)
    ends = (node.top + max(node.height, 14) for column in nodes for node in column.values())
    sheet.y = max(ends, default=top) + 12


def join(sheet: Sheet, left: Node, right: Node, thick: float, xs: tuple[float, float], colour: str) -> None:
    """A band from a box to another that leaves and arrives level."""
    if thick <= 0:
        return
    upper = left.top + left.left
    lower = right.top + right.joined
    points = []
    for step in range(25):
        share = step / 24
        eased = share * share * (3 - 2 * share)
        y = upper + (lower - upper) * eased
        points.append((xs[0] + (xs[1] - xs[0]) * share, y, y + max(thick, 0.8)))
    sheet.band(points, colour, 0.45)
    left.left += thick
    right.joined += thick
