"""The layout of a register coded as an index keeps it: one number for flags and facts, and one for all offences.

Few profiles and lists of offences make up the cases of a part, so that what follows from them is worked out once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.records.layout import (
    COUNT,
    FACTS_KNOWN,
    FACTS_TRUE,
    FLAGS,
    LIST,
    PROFILE,
    Layout,
    Lists,
    distinct,
)
from clemency.records.layout_loops import number_lists

Ints = npt.NDArray[Any]


def coded(layout: Layout) -> Layout:
    """A layout with its profiles and lists of offences numbered, and its ids apart."""
    of_profile, profiles = _profiles(layout)
    of_list, lists = _lists(layout)
    cases = layout.cases.drop("case_id", FLAGS, FACTS_TRUE, FACTS_KNOWN, strict=False).with_columns(
        pl.Series(PROFILE, of_profile, pl.UInt32), pl.Series(LIST, of_list, pl.UInt32)
    )
    offences = layout.offences.select("committed_on")
    return Layout(cases, offences, layout.articles, layout.facts, profiles, lists, layout.case_ids())


def _profiles(layout: Layout) -> tuple[Ints, pl.DataFrame]:
    """The number of each case's profile, and the profiles: all flags and facts that some case has."""
    flags, true, known = (layout.cases.get_column(name) for name in (FLAGS, FACTS_TRUE, FACTS_KNOWN))
    number, values = _distinct_pairs(true.to_numpy(), known.to_numpy())
    number, places = _distinct_pairs(flags.to_numpy(), number)
    stated = values[places[:, 1].astype(np.int64)]
    columns = {FLAGS: places[:, 0].astype(np.uint32), FACTS_TRUE: stated[:, 0], FACTS_KNOWN: stated[:, 1]}
    return number, pl.DataFrame(columns)


def _distinct_pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """For each row the number of its pair of values, and the distinct pairs as rows of two."""
    of_left, lefts = distinct(left)
    of_right, rights = distinct(right)
    size = max(len(rights), 1)
    of_row, codes = distinct(of_left.astype(np.int64) * size + of_right)
    return of_row, np.stack([lefts[codes // size].astype(np.uint64), rights[codes % size].astype(np.uint64)], axis=1)


def _lists(layout: Layout) -> tuple[Ints, Lists]:
    """The number of each case's list of offences, and the lists in the order of their first appearance."""
    counts = layout.cases.get_column(COUNT).to_numpy().astype(np.int32)
    codes = np.ascontiguousarray(layout.offence_codes(), np.uint32)
    numbers, rows = np.empty(len(counts), np.uint32), np.empty(len(counts), np.int32)
    slots = np.full(1 << max(2 * len(counts), 1).bit_length(), -1, np.int32)
    rows = rows[: number_lists(counts, codes, slots, rows, numbers)]
    starts = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(counts[rows], out=starts[1:])
    places = np.arange(starts[-1]) + np.repeat(layout.first_offence()[rows] - starts[:-1], counts[rows])
    return numbers, Lists(starts, codes[places])
