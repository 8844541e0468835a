"""Watch lists: who publishes them, how many names they had on which day, and how many an act or a pardon reached.

A figure about a list is only ever told with the list's name and date. Sizes and reach stand with the claims, publishers
and groups in `lists`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field

from clemency.law.act import Translated, translated
from clemency.law.library import library_path
from clemency.observe.library_files import (
    Address,
    Count,
    Day,
    DayOrMonth,
    Document,
    Row,
    Words,
    read_document,
    read_sheet,
)
from clemency.observe.qualifiers import Qualifier
from clemency.observe.texts import shown_texts
from clemency.observe.worked_out import Coverage, Material, WatchList


class GroupOnList(Row):
    """One row of `groups.csv`: how many of one group were on a list of a day."""

    organisation: Words
    list_date: DayOrMonth
    group: Words
    names: Count
    qualifier: Qualifier
    source_name: Words
    source_url: Address
    note: str | None


class GroupReached(Row):
    """One row of `reached.csv`: how many of one group an act or a pardon reached, as a source counts."""

    record_type: Words
    date_adopted: Day
    as_of: Day | None
    organisation: Words
    list_date: DayOrMonth
    group: Words
    reached: Count
    source_name: Words
    source_url: Address


class PublisherFile(Document):
    """One entry of `publishers.yaml`."""

    name: str = Field(min_length=1)
    title: Translated
    about: Translated


@dataclass(frozen=True)
class Publisher:
    """A group that publishes lists."""

    id: str
    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]


@dataclass(frozen=True)
class WatchLists:
    """The watch lists of a country."""

    jurisdiction: str = "az"

    @cached_property
    def publishers(self) -> tuple[Publisher, ...]:
        """Who publishes lists."""
        read: dict[str, PublisherFile]
        read, _ = read_document(self._folder / "publishers.yaml", dict[str, PublisherFile])
        return tuple(
            Publisher(name, one.name, translated(one.title), translated(one.about)) for name, one in read.items()
        )

    @cached_property
    def lists(self) -> tuple[WatchList, ...]:
        """Lists with their sizes, the earliest first."""
        return tuple(sorted(self._material.lists, key=lambda one: one.date))

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """How many on a list each act or order reached, in their order."""
        return tuple(sorted(self._material.coverage, key=lambda one: (one.date_adopted, str(one.as_of))))

    @cached_property
    def groups(self) -> tuple[GroupOnList, ...]:
        """Groups on lists."""
        return read_sheet(self._folder / "groups.csv", GroupOnList)

    @cached_property
    def reached(self) -> tuple[GroupReached, ...]:
        """Groups reached."""
        return read_sheet(self._folder / "reached.csv", GroupReached)

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """Notes of the files, in each language."""
        return shown_texts(self._folder / "texts.csv")

    @property
    def _material(self) -> Material:
        return Material(self.jurisdiction)

    @property
    def _folder(self) -> Path:
        return library_path() / "lists" / self.jurisdiction


def chance_of_none(share: float, people: int) -> float:
    """How often nobody of so many would be reached if each had the same chance, apart from all others.

    >>> round(chance_of_none(52 / 392, 20), 3)
    0.058
    """
    return float((1 - share) ** people)
