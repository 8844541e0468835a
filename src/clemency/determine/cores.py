"""Cores of cases, each determined once, and the answers of their cases in their own words, each written once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.alike import Alike, Template, Told, Weight
from clemency.determine.kinds import Answers, KindKeys
from clemency.determine.plan import Plan
from clemency.determine.settle import Reasons
from clemency.determine.signatures import Signatures

Ints = npt.NDArray[Any]
_TOLD = ("holding", "unknown", "asked", "articles", "places")


@dataclass(frozen=True)
class Seen:
    """Some rows: the key of their core, and what tells cases of one core apart (see `Told`)."""

    core: list[Ints]
    told: dict[str, Ints]


class Cores:
    """The cores met so far, with their answers."""

    def __init__(self, plan: Plan, signatures: Signatures, facts: tuple[str, ...], weight: Weight) -> None:
        self.alike = Alike(plan, signatures, facts, weight)
        self.templates: dict[Template, int] = {}
        self._all: list[Template] = []
        self._names: list[tuple[int, ...]] = []
        self._template = np.zeros(0, np.int64)
        self._known: pl.DataFrame | None = None
        self._words: pl.DataFrame | None = None

    @property
    def count(self) -> int:
        """How many cores have been determined."""
        return len(self._template)

    def seen(self, keys: KindKeys, columns: list[Ints], matters: Ints) -> Seen | None:
        """Take some keys apart; `matters` are the facts that can matter for each.

        None where the offences that an act tells apart have too many shapes.
        """
        offences = self.alike.shapes.cores(keys.field(columns, "offences"), keys.field(columns, "tests"))
        if offences is None:
            return None
        grouped = np.uint64(self.alike.grouped)
        holding, known = keys.field(columns, "holding"), keys.field(columns, "known")
        mine, unknown = holding & grouped, matters & ~known & grouped
        holding, known = self.alike.represented(holding, known, mine, unknown)
        core = list(columns)
        for name, values in (("holding", holding), ("known", known), ("offences", offences.shared)):
            keys.fields[name].put(core, values)
        told = (mine, unknown, self.alike.asked(mine, unknown), offences.articles, offences.places)
        return Seen([*core, offences.own], dict(zip(_TOLD, told, strict=True)))

    def numbered(self, seen: Seen) -> tuple[Ints, Ints]:
        """The core of every row, and the first row of each core not met before, in the order of their numbers."""
        frame = pl.DataFrame({f"k{place}": column for place, column in enumerate(seen.core)})
        core, first, self._known = _numbered(frame, self._known, self.count)
        return core, first

    def add(self, answers: Answers, reasons: Reasons, seen: Seen, rows: Ints) -> None:
        """Keep the answers of new cores, which are those of some rows."""
        masks = (answers.outcome, answers.grant, answers.true, answers.live, answers.exclusions)
        reasoned = (answers.missing, answers.improving, answers.asked)
        told = (seen.told[name][rows] for name in ("articles", "places"))
        found = np.zeros(len(rows), np.int64)
        for row, values in enumerate(zip(*(column.tolist() for column in (*masks, *reasoned, *told)), strict=True)):
            *answer, missing, improving, asked, articles, places = values
            apart = Told(0, 0, asked, articles, places)
            one = self.alike.template(tuple(answer), reasons.of[missing], reasons.of[improving], apart)
            number = self.templates.setdefault(one, len(self._all))
            if number == len(self._all):
                self._all.append(one)
                self._names.append(self.alike.names(one))
            found[row] = number
        self._template = np.concatenate([self._template, found])

    def worded(self, core: Ints, seen: Seen, start: int, reasons: Reasons) -> tuple[Ints, Answers | None]:
        """The kind of every row, and the answers in words not met before, which are kinds from a number on."""
        template = self._template[core]
        names = np.array(self._names, np.uint64)[template]
        told = {name: seen.told[name] & names[:, place] for place, name in enumerate(_TOLD)}
        frame = pl.DataFrame({"template": template, **told})
        kind, first, self._words = _numbered(frame, self._words, start)
        return kind, self.answers(frame[first], reasons) if len(first) else None

    def answers(self, rows: pl.DataFrame, reasons: Reasons) -> Answers:
        """The answers of some templates, each in the words of one of its cases."""
        templates = [self._all[number] for number in rows.get_column("template").to_list()]
        told = (Told(*values) for values in rows.select(_TOLD).iter_rows())
        words = [self.alike.words(one, apart, reasons) for one, apart in zip(templates, told, strict=True)]
        grant, true, live, reserved, missing, improving = zip(*words, strict=True)
        return Answers(
            np.array([one.outcome for one in templates], np.uint8),
            np.array(grant, np.uint8),
            np.array(true, np.uint64),
            np.array(live, np.uint64),
            np.array([one.exclusions for one in templates], np.uint64),
            np.array(reserved, np.uint64),
            np.array(missing, np.int64),
            np.array(improving, np.int64),
            np.zeros(len(templates), np.uint64),
        )


def _numbered(frame: pl.DataFrame, known: pl.DataFrame | None, start: int) -> tuple[Ints, Ints, pl.DataFrame]:
    """The number of every row, the first row of each number given out now, and all that are known."""
    names = frame.columns
    distinct = frame.with_row_index("row").unique(subset=names, keep="first", maintain_order=True)
    if known is not None:
        distinct = distinct.join(known, on=names, how="anti", maintain_order="left")
    fresh = distinct.select(*names, pl.int_range(start, start + distinct.height, dtype=pl.Int64).alias("number"))
    known = fresh if known is None else pl.concat([known, fresh])
    number = frame.join(known, on=names, how="left", maintain_order="left").get_column("number").to_numpy()
    return number, distinct.get_column("row").to_numpy().astype(np.int64), known
