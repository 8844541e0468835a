"""Findings: rows of a register that are in order, and yet somebody should look at.

An article that the offence code does not know leaves the category open; an end of the term that start, length and
credit do not give leaves two days possible. Neither keeps a case from being determined.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import polars as pl

from clemency.law.codes import OffenceCode
from clemency.records.frames import Batch
from clemency.records.layout import OTHER_END, lay_out


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: the row, its case, the field with its value, and why."""

    row: int
    case_id: str
    field: str
    value: str
    what: str
    kind: str

    def __str__(self) -> str:
        return f"row {self.row}, case {self.case_id}: {self.field} = {self.value!r}: {self.what}"


def findings(batch: Batch, code: OffenceCode | None) -> list[Finding]:
    """What there is to look at in one batch, row by row."""
    found = [*_unknown_articles(batch, code), *_two_ends(batch)]
    return sorted(found, key=lambda finding: finding.row)


def _unknown_articles(batch: Batch, code: OffenceCode | None) -> list[Finding]:
    if code is None or "offences" not in batch.frame.columns:
        return []
    numbered = batch.frame.select("case_id", "offences").with_columns(batch.rows.alias("row"))
    given = numbered.filter(pl.col("offences").list.len() > 0).with_columns(
        pl.int_ranges(pl.col("offences").list.len()).alias("place")
    )
    flat = given.explode("offences", "place").with_columns(pl.col("offences").struct.field("article").alias("article"))
    articles = flat.get_column("article").drop_nulls().unique()
    strange = [article for article in articles if not code.knows(article)]
    hits = flat.filter(pl.col("article").is_in(strange))
    return [
        Finding(row, case_id, f"offences.{place}.article", article, _unknown(article, code), "article not in the code")
        for row, case_id, place, article in hits.select("row", "case_id", "place", "article").iter_rows()
    ]


@cache
def _nearest(article: str, code_id: str, keys: tuple[str, ...]) -> str:
    import difflib

    close = difflib.get_close_matches(article, keys, n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def _unknown(article: str, code: OffenceCode) -> str:
    near = _nearest(article, code.id, tuple(code.parts))
    return f"the offence code {code.id} has no such article{near}"


def _two_ends(batch: Batch) -> list[Finding]:
    cases = lay_out(batch.frame, {}).cases
    apart = cases.with_columns(batch.rows.alias("row")).filter(pl.col(OTHER_END).is_not_null())
    return [
        Finding(
            row,
            case_id,
            "term_end",
            given.isoformat(),
            f"start, term and credit give {computed} ({_apart(computed - given)})",
            "two ends of the term",
        )
        for row, case_id, given, computed in apart.select("row", "case_id", "term_end", OTHER_END).iter_rows()
    ]


def _apart(between: timedelta) -> str:
    days = abs(between.days)
    return f"{days} {'day' if days == 1 else 'days'} {'later' if between.days > 0 else 'earlier'}"
