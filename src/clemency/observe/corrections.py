"""The public log of corrections: what stood in an entry, what stands there now, why, and where it can be checked.

Who asked for a correction is never written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import StringConstraints

from clemency.law.library import library_path
from clemency.observe.library_files import Address, Cells, Day, Row, Words, read_sheet

Reason = Literal["misread", "misprint", "source_changed", "source_added", "source_gone", "asked_by_the_person"]


class Correction(Row):
    """One row of `log.csv`: an entry that was changed after it had been published."""

    correction: Annotated[str, StringConstraints(pattern=r"^k\d{3,}$")]
    date: Day
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    table: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    row: Words
    column: str | None
    before: str | None
    after: str | None
    reason: Reason
    note: str | None
    source_url: Address | None


def corrections() -> tuple[Correction, ...]:
    """Every correction, in the order of the log. Raises SheetErrors."""
    seen: set[str | None] = set()

    def check(cells: Cells, row: Correction | None) -> Iterator[tuple[str, str]]:
        if cells["correction"] in seen:
            yield "correction", "this id is borne by an earlier row"
        seen.add(cells["correction"])
        if row is not None and row.before == row.after:
            yield "after", "is what stood there before"
        if row is not None and row.source_url is None and row.reason != "asked_by_the_person":
            yield "source_url", "is empty; only what the person concerned asked for needs no page"

    return read_sheet(library_path() / "corrections" / "log.csv", Correction, check)
