"""A table as its page shows it: its columns, its files, and its rows as far as a page holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clemency.law.act import LANGUAGES
from clemency.observe.data_package import Column
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.exports.forms import ENDINGS, Table, as_text
from clemency.web.observatory.selectors import pictures
from clemency.web.observatory.selectors.tables import package, table

_FIRST = 8
_LONG = 160
#: Tables of which a page has every row, with the columns it shows.
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "articles": ("part", "title_en", "max_imprisonment_months", "category"),
}


@dataclass(frozen=True)
class Cell:
    """A cell as text, with the language of a text column that says which it is."""

    text: str
    language: str
    address: bool

    @property
    def in_words(self) -> bool:
        """Whether it holds words of a language."""
        return not self.address and any(letter.isalpha() for letter in self.text)


@dataclass(frozen=True)
class TableShown:
    """Everything that the page of a table shows."""

    table: Table
    picture: str
    is_chart: bool
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    refers: tuple[tuple[str, str, Mapping[str, str]], ...]

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    @property
    def whole(self) -> bool:
        """Whether every row is on the page."""
        return len(self.rows) == len(self.table.rows)

    @property
    def files(self) -> list[tuple[str, str]]:
        """Its files, each with the name of its form."""
        return [(f"{self.name}.{ending}", ending.upper() if ending != "parquet" else "Parquet") for ending in ENDINGS]


def anchor(part: str) -> str:
    """The place of an article's part on the page of the articles.

    >>> anchor("193-1.3")
    'part-193-1_3'
    """
    return "part-" + part.replace(".", "_")


@kept_for_the_edition
def table_shown(name: str, language: str) -> TableShown:
    """The page of a table."""
    found = table(name)
    wanted = _WHOLE.get(name)
    columns = tuple(one for one in found.about.columns if wanted is None or one.name in wanted)
    rows = found.rows if wanted else found.rows[:_FIRST]
    picture = pictures.picture_name(found.about, language)
    there = picture in pictures.every_picture(language)
    refers = tuple((column, other, package().tables[other].title) for column, other in found.about.refers.items())
    return TableShown(
        found,
        picture if there else "",
        picture in pictures.charts(language),
        columns,
        tuple(
            (
                anchor(as_text(row["part"])) if name == "articles" else "",
                tuple(_cell(as_text(row.get(one.name)), one) for one in columns),
            )
            for row in rows
        ),
        refers,
    )


def _cell(text: str, column: Column) -> Cell:
    language = next((one for one in LANGUAGES if column.name == one or column.name.endswith(f"_{one}")), "en")
    address = column.kind == "address" and bool(text)
    return Cell(text if address or len(text) <= _LONG else text[: _LONG - 1] + "…", language, address)
