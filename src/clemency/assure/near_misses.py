"""Near misses of an exclusion: offences that its list reaches only through an article that came before or after.

In September 2024 England released 37 people by mistake: its list named a new provision, and they stood charged under
the one it had repealed. The list as written is compared here with the list as it is read, case by case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from clemency.law import rules
from clemency.law.act import Act
from clemency.law.codes import OffenceCode


@dataclass(frozen=True)
class NearMiss:
    """An entry of an exclusion's list that reaches offences only by descent: the cases, and whom it would free."""

    exclusion: str
    entry: str
    cases: tuple[tuple[str, str], ...]
    freed: int

    def as_json(self) -> dict[str, Any]:
        """The near miss as plain data."""
        return {
            "exclusion": self.exclusion,
            "entry": self.entry,
            "cases": [{"case": case, "article": article} for case, article in self.cases],
            "freed_if_read_as_written": self.freed,
        }


def near_misses(frame: pl.DataFrame, act: Act) -> list[NearMiss]:
    """The near misses of every exclusion of an act in a register, with the number of people each would free."""
    code = act.code
    if code is None:
        return []
    written = as_written(code)
    flat = frame.select("case_id", "offences").explode("offences").unnest("offences").drop_nulls("article")
    present = flat.get_column("article").unique().to_list()
    found = []
    for exclusion, entry in _entries(act):
        articles = [
            article
            for article in present
            if code.falls_under(article, entry) and not written.falls_under(article, entry)
        ]
        if articles:
            hits = (
                flat.filter(pl.col("article").is_in(articles)).select("case_id", "article").unique(maintain_order=True)
            )
            cases = tuple((str(case), str(article)) for case, article in hits.iter_rows())
            found.append(NearMiss(exclusion, entry, cases, _freed(frame, act, written, [case for case, _ in cases])))
    return found


def as_written(code: OffenceCode) -> OffenceCode:
    """The code as if no article had come before or after another."""
    parts = {key: replace(part, predecessors=(), successors=()) for key, part in code.parts.items()}
    by_article: dict[str, tuple[Any, ...]] = {}
    for part in parts.values():
        by_article[part.article] = (*by_article.get(part.article, ()), part)
    return OffenceCode(f"{code.id} as written", parts, by_article)


def _entries(act: Act) -> Iterator[tuple[str, str]]:
    for clause in act.exclusions:
        for atom in rules.atoms(clause.condition):
            if isinstance(atom, rules.Listed):
                for entry in (*atom.certain, *atom.uncertain):
                    yield clause.id, entry


def _freed(frame: pl.DataFrame, act: Act, written: OffenceCode, cases: list[str]) -> int:
    """How many more people the act would grant something, were its lists read as written."""
    from clemency.determine.columns import determine_frame

    some = frame.filter(pl.col("case_id").is_in(cases))
    literal = replace(act, code=written, version=f"{act.version} as written")
    now = determine_frame(some, act).get_column("outcome") == "granted"
    then = determine_frame(some, literal).get_column("outcome") == "granted"
    return int((then & ~now).sum())
