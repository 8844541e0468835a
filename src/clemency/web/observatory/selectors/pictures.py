"""Every picture that can be taken away, by its name: the charts of the acts and of history, and one for each table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from clemency.observe import typeface
from clemency.observe.data_package import Column, TableAbout
from clemency.observe.figures import Cited
from clemency.observe.pictures import ANNOUNCED, MUTED, NARROW, RULES_MID, Picture, Sheet
from clemency.observe.words import Words
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import day
from clemency.web.observatory.exports.forms import Row, Table, as_text, in_form
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.carried_out import carried_out
from clemency.web.observatory.selectors.claims import acts_with_claims
from clemency.web.observatory.selectors.history import history_shown
from clemency.web.observatory.selectors.tables import every_table, package, release
from clemency.web.observatory.selectors.watch_lists import reached_picture

#: What each ending is announced as.
ENDINGS = {
    "svg": "image/svg+xml",
    "narrow.svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
#: A picture that only counts the rows of a table comes in one form; the figures are the table itself.
ENDINGS_OF_A_TABLE = ("svg",)
_MOST = 14
_NUMBERS = {"value", "low50", "high50", "low90", "high90"}


@kept_for_the_edition
def charts(language: str) -> Mapping[str, Picture]:
    """The charts of the site by their names, such as `az-2025-relief`."""
    found: dict[str, Picture] = {}
    for act in every_act():
        if act.id in acts_with_claims():
            for name, one in carried_out(act.id, language).pictures.items():
                found[f"{act.id}-{name}"] = one.picture
    return {**found, "history": history_shown(language).picture.picture, "lists-reached": reached_picture(language)}


def act_of(name: str) -> Mapping[str, str]:
    """The title of the act that a chart shows; nothing where it shows several."""
    return next((act.title for act in every_act() if name.startswith(f"{act.id}-")), {})


@kept_for_the_edition
def of_tables(language: str) -> Mapping[str, Picture]:
    """A picture for each table that has none among the charts, by the name of the table."""
    shown = (one for one in every_table() if one.rows and picture_name(one.about, language) not in charts(language))
    return {one.name: _picture(one, language) for one in shown}


@kept_for_the_edition
def every_picture(language: str) -> Mapping[str, Picture]:
    """Charts and pictures of tables by their names."""
    return {**charts(language), **of_tables(language)}


def files_of_pictures(language: str) -> list[tuple[str, str]]:
    """Every picture with each ending that it comes in."""
    made = [(name, ending) for name in charts(language) for ending in ENDINGS]
    return made + [(name, ending) for name in of_tables(language) for ending in ENDINGS_OF_A_TABLE]


def picture_name(about: TableAbout, language: str) -> str:
    """Which picture stands beside a table: a chart where one tells it, else its own."""
    return about.picture if about.picture in charts(language) else about.name


@kept_for_the_edition
def file_of_picture(name: str, language: str, ending: str) -> bytes:
    """A picture or its figures as a file."""
    picture = every_picture(language)[name]
    made: Mapping[str, Callable[[], str | bytes]] = {
        "svg": picture.svg,
        "narrow.svg": lambda: picture.svg(NARROW),
        "png": picture.png,
        "csv": picture.csv,
        "json": picture.json,
        "parquet": lambda: in_form(_figures(picture), "parquet"),
    }
    content = made[ending]()
    return content.encode() if isinstance(content, str) else content


def _figures(picture: Picture) -> Table:
    """The figures of a picture as a table."""
    names = ["id", "label", *(one.name for one in fields(Cited) if one.name != "id")]
    kinds = {name: "number" if name in _NUMBERS else "text" for name in names} | {
        "partial": "yes_no",
        "synthetic": "yes_no",
    }
    columns = tuple(Column(name, kinds[name], "") for name in names)
    about = TableAbout(picture.name, {}, {}, "", (), columns, {}, "", "", (), "")
    rows = json.loads(picture.json())["figures"]
    return Table(about, tuple(rows))


# --- the picture of a table -----------------------------------------------------------------------------------


def _picture(shown: Table, language: str) -> Picture:
    about, words = shown.about, Words(language)
    bars = _measured(shown, language) if about.measured else _counted(shown, language)
    labels = {one.id: label for label, one in bars}
    title = words.title(about.title)
    said = "; ".join(f"{label}: {words.number(one.value or 0)}" for label, one in bars)
    note = words.title(about.about)
    return Picture(
        name=about.name,
        language=language,
        title=title,
        subtitle=title if about.measured else _word("rows", language),
        notes=(note, f"{words.title(package().title)}, {release().name}"),
        alternative=f"{title}. {said}.",
        figures=tuple(one for _, one in bars),
        labels=labels,
        body=lambda sheet: _bars(sheet, bars, words),
    )


def _counted(shown: Table, language: str) -> list[tuple[str, Cited]]:
    counts = Counter(as_text(row.get(shown.about.counted)) for row in shown.rows)
    most = counts.most_common(_MOST)
    left = sum(counts.values()) - sum(count for _, count in most)
    named = [(_word(value, language), count, value) for value, count in most]
    if left:
        named.append((_word("others", language), left, "others"))
    source = _word("source", language)
    return [
        (label, Cited(f"rows.{shown.name}.{value}", "counted", shown.name, count, unit="rows", source=source))
        for label, count, value in named
    ]


def _measured(shown: Table, language: str) -> list[tuple[str, Cited]]:
    found = []
    for place, row in enumerate(shown.rows, start=1):
        label = ", ".join(_told(row, name, language) for name in shown.about.labelled)
        value = row[shown.about.measured]
        found.append(
            (
                label,
                Cited(
                    f"{shown.name}.{place}",
                    "reported",
                    shown.about.measured,
                    float(value) if isinstance(value, int | float) else None,
                    as_of=as_text(row.get("date")),
                    source=as_text(row.get("source_name")),
                    url=as_text(row.get("source_url")),
                ),
            )
        )
    return found


def _told(row: Row, name: str, language: str) -> str:
    text = as_text(row.get(name))
    return day(text, language) if name == "date" else _word(text, language)


def _word(value: str, language: str) -> str:
    known = package().words.get(value)
    return Words(language).title(known) if known else value.replace("_", " ")


def _bars(sheet: Sheet, bars: Sequence[tuple[str, Cited]], words: Words) -> None:
    """A line for each bar: its name above, the bar, the number at its end."""
    top = max((one.value or 0 for _, one in bars), default=1) or 1
    room = sheet.width - max(typeface.width(words.number(one.value or 0), 13) for _, one in bars) - 12
    sheet.y += 14
    for label, one in bars:
        for line in typeface.wrapped(label, sheet.width, 13):
            sheet.y += 16
            sheet.text(0, sheet.y, line, 13)
        sheet.y += 14
        end = max(1.0, room * (one.value or 0) / top)
        sheet.bar(0, end, sheet.y, 10, ANNOUNCED if one.kind == "reported" else RULES_MID)
        sheet.text(end + 6, sheet.y + 4.5, words.number(one.value or 0), 13, colour=MUTED)
        sheet.y += 10
