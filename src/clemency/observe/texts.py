"""Texts of the data in every language: a `texts.csv` beside the data says how each of its texts is shown.

The key is the text as it stands in the data, so that the data stay as they were read and a translation never loses
what it translates. Names of outlets and titles of sources are not translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from clemency.law.act import LANGUAGES
from clemency.law.library import library_path
from clemency.observe.library_files import Row, Words, read_sheet


class ShownText(Row):
    """One row of a `texts.csv`: a text as it stands in the data, and how it is shown in each language.

    `en` is empty where English shows it as it stands.
    """

    text: Words
    en: Words | None
    az: Words
    ru: Words


def shown_texts(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The texts of a `texts.csv` by how they stand in the data."""
    rows = read_sheet(path, ShownText)
    return {row.text: {language: getattr(row, language) or row.text for language in LANGUAGES} for row in rows}


def every_text() -> Mapping[str, Mapping[str, str]]:
    """The texts of the whole library.

    >>> every_text()["Theft"]["az"]
    'Oğurluq'
    """
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(library_path().rglob("texts.csv")):
        found |= shown_texts(path)
    return found
