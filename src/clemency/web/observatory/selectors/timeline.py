"""A timeline as a picture: a lane for each kind of event or each person, on one scale for all pages.

Places are given in percent, so that the picture takes the width there is. A month without a day is as wide as a month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import day
from clemency.web.observatory.selectors.acts import acts_here
from clemency.web.observatory.selectors.people import (
    KINDS,
    GroupShown,
    Moment,
    PersonShown,
    of_the_country,
    published,
)

_TOP, _LANE, _BELOW = 52, 42, 12
#: What a mark looks like, drawn around its place.
SHAPES = {
    "arrest": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z",
    "charge": "M0,-7L7,0L0,7L-7,0z",
    "extension": "M-1.5,-7h3v14h-3z",
    "hearing": "M-3.5,0a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0z",
    "verdict": "M-6,-6h12v12h-12z",
    "appeal": "M0,-7L7,5H-7z",
    "transfer": "M-5,-6L7,0L-5,6z",
    "listed": "M-1.5,-7h3v5.5h5.5v3h-5.5v5.5h-3v-5.5h-5.5v-3h5.5z",
    "pardon": "M0,7L7,-5H-7z",
    "release": "M0,7L7,-5H-7z",
    "amnesty_decision": "M0,7L7,-5H-7z",
}


@dataclass(frozen=True)
class Mark:
    """An event in its place: a shape on a day, a block over a month. `whole`: it speaks of the case as a whole."""

    x: str
    width: str
    shape: str
    whole: bool
    told: str


@dataclass(frozen=True)
class Lane:
    """A line of the picture with its name, a band of custody if there is one, and its marks."""

    y: int
    label: str
    band: tuple[str, str] | None
    marks: tuple[Mark, ...]

    @property
    def line(self) -> int:
        """Where its line lies."""
        return self.y + 24


@dataclass(frozen=True)
class Line:
    """An upright line: the first day of a year, or the day of an act."""

    x: str
    label: str
    y: int
    anchor: str


@dataclass(frozen=True)
class Key:
    """A shape and what it stands for."""

    shape: str
    label: str | Promise


@dataclass(frozen=True)
class Timeline:
    """The whole picture."""

    title: str
    description: str
    height: int
    lanes: tuple[Lane, ...]
    years: tuple[Line, ...]
    acts: tuple[Line, ...]
    keys: tuple[Key, ...]
    custody: bool
    wholes: bool

    @property
    def bottom(self) -> int:
        """Where upright lines end."""
        return self.height - _BELOW


@kept_for_the_edition
def scale() -> tuple[date, date]:
    """The months from the first published event to the last report, the same for every picture."""
    cases = published()
    days = [one.date for one in cases.events] + [one.last_report for one in cases.people]
    first, last = min(days), max(days)
    start = date(int(first[:4]), int(first[5:7]), 1)
    return start, _month_end(last)


def of_person(person: PersonShown, language: str) -> Timeline:
    """The events of one person, a lane for each kind; first how long custody was reported."""
    moments = _shown(person.moments)
    band = _band(person, language)
    lanes = []
    if band is not None:
        lanes.append(Lane(0, _("in custody, as reported"), band, ()))
    for kind, title in KINDS.items():
        marks = tuple(_mark(one, language, person) for one in moments if one.kind == kind)
        if marks:
            lanes.append(Lane(0, str(title), None, marks))
    name = person.case.names.get(language, person.case.name_en)
    return _timeline(_("Timeline: %(name)s") % {"name": name}, lanes, moments, language, keyed=False)


def of_group(group: GroupShown, people: Iterable[PersonShown], language: str) -> Timeline:
    """A lane for each person, with those events that name the person; last the case as a whole."""
    lanes = []
    for person in people:
        own = tuple(_mark(one, language, None) for one in _shown(person.own))
        lanes.append(Lane(0, person.case.names.get(language, person.case.name_en), _band(person, language), own))
    whole = [one for one in _shown(group.moments) if one.whole]
    if whole:
        marks = tuple(_mark(one, language, None) for one in whole)
        lanes.append(Lane(0, _("the case as a whole"), None, marks))
    told = _shown(group.moments)
    return _timeline(_("Timeline: %(name)s") % {"name": str(group.title)}, lanes, told, language, keyed=True)


def _shown(moments: Iterable[Moment]) -> list[Moment]:
    return [one for one in moments if one.date]


def _timeline(title: str, lanes: list[Lane], moments: list[Moment], language: str, keyed: bool) -> Timeline:
    placed = tuple(Lane(_TOP + _LANE * place, one.label, one.band, one.marks) for place, one in enumerate(lanes))
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in moments)]
    first, last = (moments[0].date, moments[-1].date) if moments else ("", "")
    described = _("Events from %(first)s to %(last)s: %(count)s. Each stands in the table below.") % {
        "count": len(moments),
        "first": day(first, language),
        "last": day(last, language),
    }
    return Timeline(
        title=title,
        description=described,
        height=_TOP + _LANE * len(placed) + _BELOW,
        lanes=placed,
        years=tuple(_years()),
        acts=tuple(_acts(language)),
        keys=tuple(Key(SHAPES[kind], KINDS[kind]) for kind in kinds) if keyed else (),
        custody=any(one.band for one in placed),
        wholes=any(mark.whole for lane in placed for mark in lane.marks),
    )


def _years() -> Iterable[Line]:
    start, end = scale()
    for year in range(start.year + 1, end.year + 1):
        yield Line(_at(date(year, 1, 1)), str(year), 46, "start")


def _acts(language: str) -> Iterable[Line]:
    """The pardon and the act that fall into the time shown."""
    start, end = scale()
    for one in of_the_country():
        if one.kind == "pardon":
            said = _("pardon of %(day)s") % {"day": day(one.date, language)}
            yield Line(_at(date.fromisoformat(one.date)), said, 12, "start")
    for act in acts_here():
        if start <= act.in_force <= end:
            yield Line(_at(act.in_force), _("amnesty in force"), 28, "end")


def _band(person: PersonShown, language: str) -> tuple[str, str] | None:
    """From the reported arrest to the last report that had the person in custody."""
    case = person.case
    if not case.in_custody or not case.arrest_date:
        return None
    start = date.fromisoformat(case.arrest_date) if len(case.arrest_date) == 10 else _month_end(case.arrest_date)
    return _at(start), _wide(start, case.status_as_of)


def _mark(moment: Moment, language: str, person: PersonShown | None) -> Mark:
    told = f"{day(moment.date, language)}: {moment.title}"
    whole = person is not None and person.case not in moment.named
    if len(moment.date) == 7:
        start, end = date.fromisoformat(moment.date + "-01"), _month_end(moment.date)
        return Mark(_at(start), _wide(start, end), SHAPES[moment.kind], whole, told)
    return Mark(_at(date.fromisoformat(moment.date)), "", SHAPES[moment.kind], whole, told)


def _month_end(text: str) -> date:
    year, month = int(text[:4]), int(text[5:7])
    return date(year, month, monthrange(year, month)[1])


def _at(when: date) -> str:
    start, end = scale()
    return f"{1 + 98 * (when - start) / (end - start):.2f}%"


def _wide(since: date, until: date) -> str:
    start, end = scale()
    return f"{98 * max(until - since, timedelta(days=2)) / (end - start):.2f}%"
