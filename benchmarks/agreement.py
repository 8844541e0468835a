"""All answers held side by side: nobody's time counts before everybody agrees.

This engine's answers are the measure. A peer puts its conditions together by Kleene's rules alone and so may call a
case undetermined that the exact check over open facts decides. Such rows are counted, and they are the only ones that
may differ: on every other row each field is the same. For az-2025 the peers hold the special cases by hand, so that
there are none left.

`python -m benchmarks.agreement ENGINE NAME=ANSWERS ...` compares files and ends with 1 where they part.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from benchmarks.peers import az_2025 as act

#: Fields that are the same on every row on which a peer decides as much as the exact check.
FIELDS = (
    "outcome",
    "relief",
    "grant",
    "grants",
    "exclusions",
    "reservations",
    "term_end_before",
    "term_end_after",
    "days_remitted",
)
_SHOWN = 5


@dataclass
class Agreement:
    """One peer beside this engine: the rows compared, those on which the exact check decides more, and differences."""

    peer: str
    rows: int = 0
    exact_says_more: int = 0
    differing: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing differs that may not."""
        return self.rows > 0 and not self.differing and not self.problems

    def __str__(self) -> str:
        more = f"; the exact check decides {self.exact_says_more:,} more" if self.exact_says_more else ""
        verdict = "agree" if self.holds else f"{self.differing:,} DIFFER"
        lines = [f"{self.peer}: {self.rows:,} cases, {verdict}{more}"]
        lines += [f"  {name}: {count:,} rows" for name, count in self.fields.items()]
        return "\n".join([*lines, *(f"  {line}" for line in (*self.problems, *self.examples))])


def engine_answers(path: Path) -> pl.DataFrame:
    """Answers as this engine writes them, lists as texts, in the order of their ids."""
    return _in_order(pl.read_parquet(path))


def peer_answers(path: Path) -> pl.DataFrame:
    """Answers of a peer in the same form: masks become the texts that they stand for."""
    frame = pl.read_parquet(path)
    if "grants_true" not in frame.columns:  # the interpreter, and the engine on an index, write what the engine writes
        return _in_order(frame).with_columns(possible=pl.lit(""))
    return _in_order(
        frame.rename({"missing": "perhaps_missing"}).with_columns(
            _names("grants_true", act.GRANTS).alias("grants"),
            _names("grants_unknown", act.GRANTS).alias("possible"),
            _names("exclusions_true", act.EXCLUSIONS).alias("exclusions"),
            _names("reservations", act.RESERVATIONS).alias("reservations"),
        )
    )


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    words = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Categorical | pl.Enum)]
    days = [name for name in ("term_end_before", "term_end_after") if frame.schema[name] == pl.String]
    return frame.with_columns(
        pl.col(words).cast(pl.String), pl.col(days).str.to_date(), pl.col("days_remitted").cast(pl.Int64)
    ).sort("case_id")


def _names(mask: str, order: tuple[str, ...]) -> pl.Expr:
    parts = [pl.when(pl.col(mask) & (1 << place) != 0).then(pl.lit(name)) for place, name in enumerate(order)]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def compare(peer: str, engine: pl.DataFrame, other: pl.DataFrame) -> Agreement:
    """Hold a peer's answers beside this engine's; a peer that answers fewer cases is compared on those."""
    found = Agreement(peer, other.height)
    if other.height == 0 or other.get_column("case_id").is_duplicated().any():
        found.problems.append("no answers, or two of one case")
        return found
    both = engine.join(other, on="case_id", how="inner", suffix=" peer", maintain_order="left")
    if both.height != other.height:
        found.problems.append(f"{other.height - both.height:,} answers are of cases that this engine did not answer")
    undetermined = pl.col("outcome peer") == "undetermined"
    more = undetermined & (pl.col("outcome") != "undetermined")
    found.exact_says_more = both.filter(more).height
    differs = {name: pl.col(name).ne_missing(pl.col(f"{name} peer")) & ~more for name in FIELDS}
    differs["grant that is covered either way"] = more & ~_is_possible()
    differs["missing"] = ~_missing_is_known(both, undetermined)
    marked = both.with_columns(expression.alias(f"differs {name}") for name, expression in differs.items())
    wrong = marked.filter(pl.any_horizontal(pl.col("^differs .*$")))
    found.differing = wrong.height
    for name in differs:
        count = int(wrong.get_column(f"differs {name}").sum())
        if count:
            found.fields[name] = count
    for row in wrong.head(_SHOWN).iter_rows(named=True):
        parts = [name for name in differs if row[f"differs {name}"]]
        values = ", ".join(f"{name} {row.get(name)!r} not {row.get(f'{name} peer')!r}" for name in parts)
        found.examples.append(f"{row['case_id']}: {values}")
    return found


def _is_possible() -> pl.Expr:
    """Where only the exact check grants, what it grants is among what the peer leaves open."""
    granted = pl.col("outcome") == "granted"
    return ~granted | ("; " + pl.col("possible") + "; ").str.contains("; " + pl.col("grant") + "; ", literal=True)


def _missing_is_known(both: pl.DataFrame, undetermined: pl.Expr) -> pl.Expr:
    """What the engine says is missing is among what a peer says is: a peer does not know which of it can matter."""
    if "missing peer" in both.columns:
        return pl.col("missing").eq_missing(pl.col("missing peer"))
    texts = both.get_column("missing").unique()
    bits = pl.Series([_bits(text or "") for text in texts], dtype=pl.UInt64)
    asked = pl.col("missing").replace_strict(texts, bits, return_dtype=pl.UInt64)
    return ~undetermined | (asked & ~pl.col("perhaps_missing") == 0)


def _bits(missing: str) -> int:
    """The bits of a text such as `fact:sex; fact:offences.guilt@1; law:category:az-cc:177.1`."""
    order = list(act.MISSING)
    found = 0
    for item in filter(None, missing.split("; ")):
        kind, _, name = item.partition("@")[0].partition(":")
        if kind == "law":
            subject, _, rest = name.partition(":")
            name = "law:" + {"listed": rest.partition(":")[0], "clause": rest}.get(subject, subject)
        found |= 1 << order.index(name)
    return found


def compare_files(engine: Path, others: dict[str, Path]) -> list[Agreement]:
    """Compare the answers of each peer with this engine's."""
    measure = engine_answers(engine)
    return [compare(name, measure, peer_answers(path)) for name, path in others.items()]


def main() -> int:
    others = dict(argument.split("=", 1) for argument in sys.argv[2:])
    found = compare_files(Path(sys.argv[1]), {name: Path(path) for name, path in others.items()})
    print("\n".join(map(str, found)))
    return 0 if found and all(one.holds for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
