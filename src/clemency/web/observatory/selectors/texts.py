"""Texts that the data keep in English, in every language of the site."""

from __future__ import annotations

from collections.abc import Mapping

from clemency.observe import texts
from clemency.web.edition import kept_for_the_edition

Text = Mapping[str, str]


@kept_for_the_edition
def _every_text() -> Mapping[str, Text]:
    return texts.every_text()


def in_every_language(value: Text | str | None) -> Text:
    """A text with its translations; one that nobody translated stays as it is.

    >>> in_every_language("retrospective")["az"], in_every_language({"en": "Trend"})
    ('sonradan deyilib', {'en': 'Trend'})
    """
    if not value:
        return {}
    given = {"en": value} if isinstance(value, str) else value
    return {**_every_text().get(given.get("en", ""), {}), **given}
