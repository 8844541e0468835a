"""Determinations of many cases, coded: the kind of every row, and what follows from it, as tables of texts and dates.

All cases of one kind have the same answer but for the dates, which differ from row to row. So each text is put
together once a kind, and a table holds its number in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from clemency.determine.coded_loops import NO_GRANT, as_they_appear, clauses_of, looked_up, moved_ends
from clemency.determine.days import pieces
from clemency.determine.relief_columns import relief_columns, term_columns
from clemency.law.act import Act
from clemency.law.calendar import Duration
from clemency.law.calendar_columns import add_to, day_number
from clemency.law.reliefs import Relief
from clemency.law.vocabulary import OUTCOMES, RELIEFS
from clemency.records.layout import OTHER_END, Layout, distinct

Ints = npt.NDArray[Any]
Told = TypeVar("Told")
_NONE = NO_GRANT
#: The first number of a duration by which an end of a term is cut; lower ones stand for not at all and to the day.
_CUT = 2
#: Reliefs that may move the last day of a term, and the one of them that does so with a term of its own only.
_MOVING, _NO_TERM = ("release", "reduce", "release_point", "replace"), ("replace", None)

RESULT_SCHEMA = pl.Schema(
    {
        "case_id": pl.String(),
        "outcome": pl.Enum(OUTCOMES),
        "relief": pl.Enum(RELIEFS),
        "grant": pl.String(),
        "grants": pl.String(),
        "exclusions": pl.String(),
        "reservations": pl.String(),
        "missing": pl.String(),
        "could_improve": pl.String(),
        "term_end_before": pl.Date(),
        "term_end_after": pl.Date(),
        "days_remitted": pl.Int32(),
        "contradiction": pl.String(),
    }
)
#: Columns that hold a text in every row, if only an empty one.
_ALWAYS = ("case_id", "outcome", "grants", "exclusions", "reservations", "missing", "could_improve")


class KindsKnown(Protocol):
    """The answers of all kinds met so far, by the number of the kind."""

    outcome: Ints
    grant: Ints
    reservations: Ints
    codes: dict[str, Ints]
    texts: dict[str, list[str]]


class Answering(Protocol):
    """Who gives the kinds: an engine of one act."""

    act: Act

    @property
    def kinds(self) -> KindsKnown:
        """The kinds met so far."""


class Coded:
    """Determinations of one part: the kind of every row, and the dates, which differ within a kind.

    `listed` is, row by row, the place among `listings` of the reservations about the case as a whole; those are masks
    over the reservations of the act.
    """

    def __init__(self, engine: Answering, layout: Layout, kind: Ints, listed: Ints, listings: Ints) -> None:
        self.engine, self.layout = engine, layout
        self.kind = np.ascontiguousarray(kind, np.int32)
        self.listed, self.listings = listed, listings
        kinds = engine.kinds
        self._of_kind = kinds.outcome, kinds.grant, kinds.reservations, dict(kinds.codes)

    @cached_property
    def outcome(self) -> Ints:
        """The outcome of every row, as its place in the list of outcomes."""
        return self._of_kind[0][self.kind]

    @cached_property
    def grant(self) -> Ints:
        """The counted grant of every row, 255 for none."""
        return self._of_kind[1][self.kind]

    def ends(self) -> tuple[pl.Series, pl.Series, pl.Series]:
        """The end of the term before and after, and the days between; unknown stays unknown."""
        cases, act, size = self.layout.cases, self.engine.act, len(self.kind)
        before = cases.get_column("term_end")
        if cases.get_column(OTHER_END).null_count() < cases.height:
            before = cases.select(pl.when(pl.col(OTHER_END).is_null()).then("term_end")).to_series()
        cuts = list(dict.fromkeys(relief.by for relief in _reliefs(act) if relief.by and relief.since is None))
        moves, in_force = self._moves(cuts)[self._of_kind[1]], day_number(act.in_force)
        after, remitted, rows = (np.empty(size, np.int32) for _ in range(3))
        bits, known, noted = np.zeros(-(-size // 8), np.uint8), 0, 0
        for piece in pieces(before):
            told = self.kind, piece.start, moves, piece.values, piece.known, in_force
            more, noted = moved_ends(*told, after, remitted, bits, rows, noted)
            known += more
        rows = rows[:noted]
        code = moves[self.kind[rows]]
        for number, by in enumerate(cuts, _CUT):
            cut = rows[code == number]
            days = after[cut]
            after[cut] = np.minimum(days, np.maximum(add_to(days, -by), np.int32(in_force)))
            remitted[cut] = days - after[cut]
        there = pa.py_buffer(bits), size - known
        return self.counted_apart(before, _series(pa.date32(), after, there), _series(pa.int32(), remitted, there))

    def _moves(self, cuts: list[Duration]) -> Ints:
        """How each grant moves the end of a term: not (0), to the day in force (1), or by one of some durations."""
        moves = np.zeros(256, np.uint8)
        for index, relief in enumerate(_reliefs(self.engine.act)):
            if relief.kind in ("release", "reduce"):
                moves[index] = _CUT + cuts.index(relief.by) if relief.by and relief.since is None else 1
        return moves

    def counted_apart(
        self, before: pl.Series, after: pl.Series, remitted: pl.Series
    ) -> tuple[pl.Series, pl.Series, pl.Series]:
        """The same, with the reliefs that count with more than the end of the term, or from another day."""
        act = self.engine.act
        for index, grant in enumerate(act.grants):
            relief = grant.relief
            plain = relief.kind == "release" or relief.by is not None
            if (plain and relief.since is None) or relief.kind not in _MOVING or (relief.kind, relief.term) == _NO_TERM:
                continue
            rows = np.flatnonzero(self.grant == index)
            terms = term_columns(self.layout.cases, before, rows)
            day, known, fewer, counted = relief_columns(relief, terms, act.in_force)
            places = pl.Series(rows, dtype=pl.UInt32)
            after = after.scatter(places, pl.Series(day).set(pl.Series(~known), None).cast(pl.Date))
            remitted = remitted.scatter(places, pl.Series(fewer).set(pl.Series(~counted), None))
        return before, after, remitted

    def texts(self) -> dict[str, tuple[Ints, list[str]]]:
        """For each column of ids the code of every row, and the texts that the codes stand for.

        The texts stand in the order in which the rows bring them up, whatever was met in parts before.
        """
        known = self.engine.kinds.texts
        found = {
            name: self._appearing(self.kind, of_kind.astype(np.int32), known[name])
            for name, of_kind in self._of_kind[3].items()
        }
        found["reservations"] = self._reserved()
        return {name: found[name] for name in ("grants", "exclusions", "reservations", "missing", "could_improve")}

    def _appearing(self, numbers: Ints, table: Ints, told: Sequence[Told]) -> tuple[Ints, list[Told]]:
        """The code of every row and what the codes tell, from a number a row and what each number of a table tells."""
        found = np.empty(len(numbers), np.int32)
        place, used = np.full(len(told), -1, np.int32), np.empty(len(told), np.int32)
        count = as_they_appear(numbers, table, place, used, found)
        return found, [told[number] for number in used[:count].tolist()]

    def _reserved(self) -> tuple[Ints, list[str]]:
        """The reservations of every row: those of its kind, and those about the case as a whole."""
        own, of_kind = distinct(self._of_kind[2])
        pair = self._of((own * len(self.listings)).astype(np.int32)) + self.listed
        masks = (of_kind[:, None] | self.listings[None, :]).ravel()
        of_pair, alike = distinct(masks)
        codes, listed = self._appearing(pair, of_pair.astype(np.int32), alike.tolist())
        ids = [clause.id for clause in self.engine.act.reservations]
        return codes, [ids_of(mask, ids) for mask in listed]

    def contradictions(self) -> tuple[Ints, list[str]]:
        """The rows in which the record contradicts itself, and what does, as texts that read back."""
        other = self.layout.cases.get_column(OTHER_END)
        rows = other.is_not_null().arg_true()
        both = self.layout.cases.select("term_end", OTHER_END)[rows].cast(pl.String)
        told = both.select(pl.format("term_end {} computed {}", "term_end", OTHER_END)).to_series()
        return rows.to_numpy(), told.to_list()

    def arrow(self) -> pa.Table:
        """The determinations as a table with every repeated text written once."""
        before, after, remitted = self.ends()
        outcome, relief, grant, there = self._clauses()
        columns: dict[str, Any] = {
            "case_id": self.layout.case_ids(),
            "outcome": _dictionary(outcome, OUTCOMES),
            "relief": _dictionary(relief, RELIEFS, there),
            "grant": _dictionary(grant, [one.id for one in self.engine.act.grants], there),
        }
        columns |= {name: _dictionary(codes, texts) for name, (codes, texts) in self.texts().items()}
        columns |= {
            "term_end_before": before.to_arrow(),
            "term_end_after": after.to_arrow(),
            "days_remitted": remitted.cast(pl.Int32).to_arrow(),
            "contradiction": self._contradiction(),
        }
        fields = [pa.field(name, column.type, nullable=name not in _ALWAYS) for name, column in columns.items()]
        return pa.table(list(columns.values()), pa.schema(fields))

    def _of(self, table: Ints) -> Ints:
        """A number in every row, from that of its kind."""
        found = np.empty(len(self.kind), np.int32)
        looked_up(self.kind, table, found)
        return found

    def _clauses(self) -> tuple[Ints, Ints, Ints, tuple[Any, int]]:
        """Outcome, relief and counted grant of every row; which rows have a grant, and how many have none."""
        outcomes, grants, _, _ = self._of_kind
        kinds = [RELIEFS.index(one.kind) for one in _reliefs(self.engine.act)]
        reliefs = np.zeros(256, np.uint32)
        reliefs[: len(kinds)] = kinds
        told = outcomes | reliefs[grants] << np.uint32(8) | grants.astype(np.uint32) << np.uint32(16)
        outcome, relief, grant = (np.empty(len(self.kind), np.int32) for _ in range(3))
        bits = np.zeros(-(-len(self.kind) // 8), np.uint8)
        granted = clauses_of(self.kind, told, outcome, relief, grant, bits)
        return outcome, relief, grant, (pa.py_buffer(bits), len(self.kind) - granted)

    def _contradiction(self) -> pa.DictionaryArray:
        rows, texts = self.contradictions()
        codes, bits = np.zeros(len(self.kind), np.int32), np.zeros(len(self.kind), np.uint8)
        codes[rows], bits[rows] = np.arange(len(rows)), 1
        known = pa.py_buffer(np.packbits(bits, bitorder="little"))
        return _dictionary(codes, texts, (known, len(codes) - len(rows)))

    def frame(self) -> pl.DataFrame:
        """The determinations as a table of texts and dates."""
        before, after, remitted = self.ends()
        grants = self.engine.act.grants
        reliefs = np.full(256, _NONE, np.uint8)
        reliefs[: len(grants)] = [RELIEFS.index(one.relief.kind) for one in grants]
        texts = {name: pl.Series(of, dtype=pl.String).gather(codes) for name, (codes, of) in self.texts().items()}
        return pl.DataFrame(
            {
                "case_id": pl.Series(self.layout.case_ids()),
                "outcome": _enum(self.outcome, OUTCOMES, RESULT_SCHEMA["outcome"]),
                "relief": _enum(reliefs[self.grant], RELIEFS, RESULT_SCHEMA["relief"]),
                "grant": _enum(self.grant, [one.id for one in grants], pl.String()),
                **texts,
                "term_end_before": before,
                "term_end_after": after,
                "days_remitted": remitted,
                "contradiction": self._told(),
            }
        )

    def _told(self) -> pl.Series:
        rows, texts = self.contradictions()
        none = pl.Series("contradiction", [None], pl.String).new_from_index(0, len(self.kind))
        return none.scatter(rows, texts) if len(rows) else none


def _reliefs(act: Act) -> list[Relief]:
    """The reliefs of the grants, in their order."""
    return [grant.relief for grant in act.grants]


def _series(kind: Any, numbers: Ints, there: tuple[Any, int]) -> pl.Series:
    """Whole numbers or days as a column; `there` is the bitmap of known values and how many are not."""
    known, unknown = there
    buffers = [known if unknown else None, pa.py_buffer(numbers)]
    return pl.Series(pa.Array.from_buffers(kind, len(numbers), buffers, unknown))


def _enum(codes: Ints, values: Any, kind: Any) -> pl.Series:
    order = pl.Series(values, dtype=pl.String).cast(kind)
    place = pl.Series(codes.astype(np.uint32))
    return order.gather(place.set(pl.Series(codes == _NONE), None))


def _dictionary(codes: Ints, values: Any, there: tuple[Any, int] = (None, 0)) -> pa.DictionaryArray:
    """Codes and the texts they stand for as a column; `there` is the bitmap of known values and how many are not."""
    known, unknown = there
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [known if unknown else None, pa.py_buffer(codes)], unknown)
    texts = pl.Series(values, dtype=pl.String).to_arrow().cast(pa.string())  # `pa.array` would load pandas first
    return pa.DictionaryArray.from_arrays(indices, texts, safe=False)


def ids_of(mask: int, ids: list[str]) -> str:
    """The ids of the clauses of a mask as text that reads back."""
    return "; ".join(name for index, name in enumerate(ids) if mask >> index & 1)
