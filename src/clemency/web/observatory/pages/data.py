"""Data to take away: tables and charts in every form, the package that describes them, corrections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.law.act import LANGUAGES
from clemency.observe.corrections import corrections as every_correction
from clemency.web.observatory.drawing import drawn
from clemency.web.observatory.exports.package import media_type
from clemency.web.observatory.registry import Values, document, page
from clemency.web.observatory.selectors import package, pictures, tables
from clemency.web.observatory.selectors.table_pages import table_shown
from clemency.web.observatory.shown import hand_over, missing, show


def each_table() -> Iterable[Values]:
    """The name of every table."""
    return ({"table": one.name} for one in tables.every_table())


def each_chart() -> Iterable[Values]:
    """The name of every chart."""
    return ({"chart": name} for name in pictures.charts("en"))


def each_file() -> Iterable[Values]:
    """Every file of the package, and the one that holds them all."""
    return ({"file": name} for name in (*package.files(), package.ARCHIVE))


def each_picture() -> Iterable[Values]:
    """Every picture in every language and form."""
    for language in LANGUAGES:
        for name, ending in pictures.files_of_pictures(language):
            yield {"language": language, "picture": name, "ending": ending}


@page("data", "data/")
def data(request: Any) -> Any:
    """What there is to take away."""
    files = package.files()
    values = {
        "package": tables.package(),
        "release": tables.release(),
        "tables": [table_shown(one.name, request.language) for one in tables.every_table()],
        "charts": [(name, one, pictures.act_of(name)) for name, one in pictures.charts(request.language).items()],
        "archive": package.ARCHIVE,
        "archive_size": len(package.archive()),
        "database_size": len(files["observatory.db"]),
        "corrected": len(every_correction()),
    }
    return show(request, "data/data.html", values)


@page("table", "data/tables/<slug:table>/", each_table)
def table(request: Any, table: str) -> Any:
    """One table: what its columns mean, its files, its first rows."""
    if table not in {one.name for one in tables.every_table()}:
        raise missing(f"no table {table}")
    values = {"shown": table_shown(table, request.language), "release": tables.release()}
    return show(request, "data/table.html", values, area="data")


@page("chart", "data/charts/<slug:chart>/", each_chart)
def chart(request: Any, chart: str) -> Any:
    """One chart with its files."""
    picture = pictures.charts(request.language).get(chart)
    if picture is None:
        raise missing(f"no chart {chart}")
    values = {"drawing": drawn(picture), "chart": chart, "release": tables.release()}
    return show(request, "data/chart.html", values, area="data")


@page("corrections", "data/corrections/")
def corrections(request: Any) -> Any:
    """How to correct an entry, and every correction so far."""
    return show(request, "data/corrections.html", {"corrections": every_correction()}, area="data")


@document("package-file", "data/<str:file>", each_file)
def package_file(request: Any, file: str) -> Any:
    """One file of the package."""
    content = package.archive() if file == package.ARCHIVE else package.files().get(file)
    if content is None:
        raise missing(f"no file {file}")
    return hand_over(content, media_type(file), name=file)


@document("picture", "<language:language>/data/pictures/<slug:picture>.<str:ending>", each_picture)
def picture(request: Any, picture: str, ending: str) -> Any:
    """A picture or its figures as a file."""
    if (picture, ending) not in pictures.files_of_pictures(request.language):
        raise missing(f"no picture {picture}.{ending}")
    content = pictures.file_of_picture(picture, request.language, ending)
    name = "" if ending.endswith("svg") else f"{picture}-{request.language}.{ending}"
    return hand_over(content, pictures.ENDINGS[ending], name=name)
