"""What is read and should be looked at: articles that the code does not have, categories that it gives otherwise."""

from __future__ import annotations

import polars as pl

from clemency.law.codes import OffenceCode
from clemency.law.vocabulary import CATEGORIES
from clemency.records.imports.problems import Fault
from clemency.records.imports.reading_tables import ReadTable
from clemency.records.imports.told import told_of


def articles_to_look_at(offences: pl.DataFrame, read: list[ReadTable], code: OffenceCode) -> list[pl.DataFrame]:
    """Notes on the articles of offences; `offences` has the columns table, place and article."""
    return [*_not_in_code(offences, read, code), *_other_category(offences, read, code)]


def _not_in_code(offences: pl.DataFrame, read: list[ReadTable], code: OffenceCode) -> list[pl.DataFrame]:
    distinct = offences.get_column("article").drop_nulls().unique()
    strange = [article for article in distinct if not code.knows(article)]
    if not strange:
        return []
    hits = offences.filter(pl.col("article").is_in(strange))
    found = []
    for (table, article), rows in hits.group_by(["table", "article"], maintain_order=True):
        near = code.nearest(str(article))
        fault = Fault("article_not_in_code", f"the offence code {code.id} has no article {article}", _hint(near))
        mapped = next(one.mapped for one in read if one.mapped.place == table)
        found.append(told_of(rows.get_column("place"), mapped, "offences.article", fault))
    return found


def _hint(near: str | None) -> str:
    return f"look the article up in the file; did you mean {near}?" if near else ""


def _other_category(offences: pl.DataFrame, read: list[ReadTable], code: OffenceCode) -> list[pl.DataFrame]:
    """Where the category that a row states is not the worst one that the code gives its articles."""
    if not any("category" in table.values for table in read):
        return []
    distinct = offences.get_column("article").drop_nulls().unique()
    ranks = [_rank(article, code) for article in distinct]
    rank = pl.DataFrame({"article": distinct, "rank": pl.Series(ranks, dtype=pl.Int8)})
    worst = (
        offences.join(rank, on="article", how="left")
        .group_by("table", "place", maintain_order=True)
        .agg(pl.col("rank").max(), pl.col("rank").is_null().any().alias("open"))
        .filter(~pl.col("open"))
    )
    found = []
    for table in read:
        stated = table.values.get("category")
        if stated is None:
            continue
        here = worst.filter(pl.col("table") == table.mapped.place)
        said = stated.gather(here.get_column("place"))
        given = here.get_column("rank").replace_strict(dict(enumerate(CATEGORIES)), return_dtype=pl.String)
        apart = (said != given).fill_null(False)
        for category in given.filter(apart).unique(maintain_order=True):
            fault = Fault("category_differs", f"the code makes it {category.replace('_', ' ')}")
            places = here.get_column("place").filter(apart & (given == category))
            found.append(told_of(places, table.mapped, "category", fault))
    return found


def _rank(article: str, code: OffenceCode) -> int | None:
    category = code.category_of(article)
    return None if category is None else CATEGORIES.index(category)
