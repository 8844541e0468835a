"""Watch lists: publishers, sizes by date, and how many on a list each act or pardon reached, as somebody counted.

A figure stands only with the name and the date of its list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clemency.observe import typeface
from clemency.observe.figures import Cited
from clemency.observe.pictures import MUTED, RULE, RULES_DARK, RULES_LIGHT, Picture, Sheet
from clemency.observe.watch_lists import GroupOnList, GroupReached, Publisher, WatchLists, chance_of_none
from clemency.observe.worked_out import Coverage, WatchList
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import day, in_language, percent
from clemency.web.observatory.selectors.acts import acts_here
from clemency.web.observatory.selectors.people import Text

#: Groups of people on lists, by the name that the data uses.
GROUPS: Mapping[str, Promise] = {
    "journalists": _("journalists and bloggers"),
    "rights_defenders": _("rights defenders"),
    "opposition": _("opposition members"),
    "activists": _("activists"),
    "deported": _("people deported from Germany"),
    "believers": _("believers"),
    "terter": _("the Terter case"),
    "ganja": _("the Ganja case"),
    "life": _("life prisoners"),
}
ORDERS: Mapping[str, Promise] = {"amnesty_act": _("amnesty"), "pardon_order": _("pardon")}


def share(*percents: float) -> str:
    """A share in percent in the language of the page, or the two it lies between."""
    language = (get_language() or "en").partition("-")[0]
    return "–".join(dict.fromkeys(percent(one / 100, language) for one in percents))


@dataclass(frozen=True)
class Said:
    """A figure as it is said, with the row it stands in."""

    value: int
    qualifier: str
    row: str


@dataclass(frozen=True)
class ListShown:
    """One list of one day; `bar` is its length beside the longest, in percent."""

    list: WatchList
    publisher_title: Text
    names: Said
    note: Text
    bar: str
    groups: tuple[tuple[str | Promise, Said, GroupOnList], ...]


@dataclass(frozen=True)
class GroupShown:
    """How many of a group were reached, and how many of it the list had, where that is told."""

    title: str | Promise
    reached: Said
    of: Said | None
    percent: float | None
    source: GroupReached

    @property
    def share(self) -> str:
        """The share of the group, where its size is told."""
        return "" if self.percent is None else share(self.percent)


@dataclass(frozen=True)
class CoverageShown:
    """How many people on a list an act or a pardon reached, as one source counts."""

    row: Coverage
    key: str
    what: str | Promise
    act: str
    publisher: Publisher | None
    low: Said
    high: Said
    names: Said
    percent: tuple[float, float]
    who: Text
    said_by: Text
    note: Text
    groups: tuple[GroupShown, ...]

    @property
    def day(self) -> str:
        """The day of the act or order."""
        return self.row.date_adopted.isoformat()

    @property
    def share(self) -> str:
        """The share of the list, at the least and at the most; none of a list that is not named."""
        return share(*self.percent) if self.publisher else ""


@dataclass(frozen=True)
class PublisherShown:
    """A publisher with its lists, the latest first, and what was counted against them."""

    publisher: Publisher
    lists: tuple[ListShown, ...]
    coverage: tuple[CoverageShown, ...]
    last_report: str

    @property
    def last(self) -> ListShown:
        """Its latest list."""
        return self.lists[0]


@dataclass(frozen=True)
class Chance:
    """A group reached by nobody, beside what chance alone would do."""

    reached: int
    names: int
    list_date: str
    people: int
    group_date: str
    percent: float

    @property
    def share(self) -> str:
        """How often, in percent."""
        return share(self.percent)


@kept_for_the_edition
def every_publisher() -> tuple[PublisherShown, ...]:
    """Every publisher, the one with the latest list first."""
    shown = [_publisher(one) for one in WatchLists().publishers]
    return tuple(sorted(shown, key=lambda one: one.last.list.date, reverse=True))


@kept_for_the_edition
def every_coverage() -> tuple[CoverageShown, ...]:
    """Every count of listed people whom an act or a pardon reached, the latest first."""
    return tuple(_coverage(one) for one in reversed(WatchLists().coverage))


@kept_for_the_edition
def reached_picture(language: str) -> Picture:
    """The share of each count of a named list as a bar, the latest first; each stands against a list of its own."""
    counts = [one for one in every_coverage() if one.publisher]
    with translation.override(language):
        labels = {one.key: _label(one, language) for one in counts}
        shares = {one.key: one.share for one in counts}
        kinds = {"share_low": _("at the least"), "share_high": _("at the most")}
        figures = [figure for one in counts for figure in _cited(one, language)]
        named = {
            one.id: f"{labels[key]}, {kinds[end]}" if end in kinds else labels[key]
            for one in figures
            for key, _dot, end in (one.id.rpartition("."),)
        }
        title = str(_("Share of a list that was reached"))
        return Picture(
            name="lists-reached",
            language=language,
            title=title,
            subtitle=str(_("In percent of the names of the list of each count")),
            notes=(
                str(_("Each bar has a list of its own: the bars are no series. Pale: counts differ.")),
                str(_("Counts against a list that is not named have no share and are not drawn.")),
            ),
            alternative=f"{title}. " + " ".join(f"{labels[key]}: {share}." for key, share in shares.items()),
            figures=tuple(figures),
            labels=named,
            body=lambda sheet: _bars(sheet, [(labels[one.key], shares[one.key], one.percent) for one in counts]),
        )


def _label(one: CoverageShown, language: str) -> str:
    until = f" ({day(one.row.as_of.isoformat(), language)})" if one.row.as_of else ""
    return f"{day(one.day, language)}: {one.what}{until}"


def _cited(one: CoverageShown, language: str) -> list[Cited]:
    """The share of a count, or its two ends where counts differ, with the list it stands against."""
    low, high = (round(each, 1) for each in one.percent)
    ends = {"share": low} if low == high else {"share_low": low, "share_high": high}
    title = in_language(one.publisher.title, language)[0] if one.publisher else ""
    return [
        Cited(
            f"{one.key}.{end}",
            "reported",
            "share_of_list",
            value,
            unit="percent",
            as_of=str(one.row.as_of or one.row.date_adopted),
            scope=f"{title}, {one.row.list_date}",
            source=one.row.source_name,
            url=one.row.source_url,
        )
        for end, value in ends.items()
    ]


def _bars(sheet: Sheet, bars: list[tuple[str, str, tuple[float, float]]]) -> None:
    """A line for each bar: its name above, the bar with what is not agreed in a pale colour, the share at its end."""
    room = sheet.width - max(typeface.width(share, 13) for _label, share, _ends in bars) - 8
    scale = room / max(high for _label, _share, (_low, high) in bars)
    sheet.y += 4
    for label, share, (low, high) in bars:
        sheet.y += 14
        sheet.text(0, sheet.y, label, 13)
        sheet.y += 13
        sheet.bar(0, scale * low, sheet.y, 12, RULES_DARK)
        if high > low:
            sheet.bar(scale * low, scale * high, sheet.y, 12, RULES_LIGHT)
        sheet.line(0, sheet.y - 6, 0, sheet.y + 6, RULE)
        sheet.text(scale * high + 6, sheet.y + 4.5, share, 13, colour=MUTED)
        sheet.y += 18


@kept_for_the_edition
def same_season() -> tuple[ListShown, ListShown]:
    """The two lists of different publishers, at most two months apart, that differ most in size."""
    pairs = [
        (small, large)
        for one in every_publisher()
        for other in every_publisher()
        if one.publisher.id != other.publisher.id
        for small in one.lists
        for large in other.lists
        if abs((_first(small.list.date) - _first(large.list.date)).days) <= 62
    ]
    return max(pairs, key=lambda pair: pair[1].list.names / pair[0].list.names)


@kept_for_the_edition
def nobody_by_chance() -> Chance:
    """Journalists: how often none of so many would be reached if everybody on the list had the same chance."""
    latest = every_coverage()[0]
    group = next(one for one in WatchLists().groups if one.group == "journalists")
    share = latest.row.covered_high / latest.row.list_names
    return Chance(
        latest.row.covered_high,
        latest.row.list_names,
        latest.row.list_date or "",
        group.names,
        group.list_date,
        100 * chance_of_none(share, group.names),
    )


def _text(text: str | None) -> Text:
    return WatchLists().texts.get(text, {"en": text}) if text else {}


def _first(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def _publisher(publisher: Publisher) -> PublisherShown:
    lists = tuple(_list(one, publisher) for one in reversed(WatchLists().lists) if one.organisation == publisher.name)
    coverage = tuple(one for one in every_coverage() if one.publisher == publisher)
    days = [one.list.date for one in lists] + [str(one.row.as_of or one.row.date_adopted) for one in coverage]
    return PublisherShown(publisher, lists, coverage, max(days))


def _list(one: WatchList, publisher: Publisher) -> ListShown:
    longest = max(other.names for other in WatchLists().lists)
    groups = tuple(
        (
            GROUPS.get(group.group, group.group),
            Said(group.names, group.qualifier, f"list.{publisher.id}.{one.date}.{group.group}"),
            group,
        )
        for group in WatchLists().groups
        if (group.organisation, group.list_date) == (one.organisation, one.date)
    )
    said = Said(one.names, "exact", f"list.{publisher.id}.{one.date}")
    return ListShown(one, publisher.title, said, _text(one.note), f"{100 * one.names / longest:.2f}%", groups)


def _coverage(row: Coverage) -> CoverageShown:
    key = f"coverage.{row.date_adopted}.{row.as_of or 'whole'}"
    publisher = next((one for one in WatchLists().publishers if one.name == row.organisation), None)
    act = next((one.id for one in acts_here() if one.dates.get("adopted") == row.date_adopted), "")
    return CoverageShown(
        row,
        key,
        ORDERS[row.record_type],
        act if row.record_type == "amnesty_act" else "",
        publisher,
        Said(row.covered_low, "exact", f"{key}.low"),
        Said(row.covered_high, "exact", f"{key}.high"),
        Said(row.list_names, row.list_qualifier, f"{key}.names"),
        row.percent,
        _text(row.who),
        _text(row.said_by),
        _text(row.note),
        tuple(_reached(one, key) for one in WatchLists().reached if _same(one, row)),
    )


def _same(one: GroupReached, row: Coverage) -> bool:
    return (one.record_type, one.date_adopted, one.as_of) == (row.record_type, row.date_adopted, row.as_of)


def _reached(one: GroupReached, key: str) -> GroupShown:
    of = next(
        (
            group
            for group in WatchLists().groups
            if (group.organisation, group.list_date, group.group) == (one.organisation, one.list_date, one.group)
        ),
        None,
    )
    publisher = next((each for each in WatchLists().publishers if each.name == one.organisation), None)
    place = f"list.{publisher.id if publisher else ''}.{one.list_date}.{one.group}"
    return GroupShown(
        GROUPS.get(one.group, one.group),
        Said(one.reached, "exact", f"{key}.{one.group}"),
        Said(of.names, of.qualifier, place) if of else None,
        100 * one.reached / of.names if of else None,
        one,
    )
