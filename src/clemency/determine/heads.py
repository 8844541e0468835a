"""The heads of cases: flags, facts and answers to offence tests. What follows from them alone is worked out once."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clemency.determine.gate import Gate
from clemency.determine.key_loops import exchange
from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.plan import Plan
from clemency.determine.profiles import Profiles
from clemency.determine.value_leaves import ValueLeaves
from clemency.determine.whole_case import WholeCase
from clemency.records.layout import FACTS_KNOWN, FACTS_TRUE, FLAGS, PROFILE, Layout

Ints = npt.NDArray[Any]
HALF = np.uint64(32)


class Heads:
    """The heads met so far, and their *stems*: what of a head can matter for anything, by the number of the stem.

    Of each stem: the number of its *gist*, which is what of it can matter for the kind of a case (`gist`), and what the
    reservations about the whole case read of it (`whole_head`); masks for the words of leaves (`leaves`). Of each gist:
    class, flags, facts that hold, facts known, tests (`gists`); masks for the words of leaves (`leaves_of_gist`); and
    whether it matters what offences leave open (`reads`).
    """

    def __init__(
        self, plan: Plan, leaves: ValueLeaves, whole: WholeCase, bit_of: dict[str, int], flags: int, facts: int
    ) -> None:
        self.gate, self.whole = Gate(plan, leaves.all, bit_of), whole
        self._flags = np.uint64(flags)
        of_flags, of_facts, _ = whole.reads
        self._profiles = Profiles(flags | int(of_flags), facts | int(of_facts))
        self._tests, self._all, self._stems = WordNumbering(), WordNumbering(), WordNumbering()
        self._stem = Growing(np.int32)
        self.gists = Numbering(5)
        self.leaves_of_gist, self.reads = Growing(np.uint64, leaves.words), Growing(np.uint64)
        self.gist, self.whole_head = Growing(np.int32), Growing(np.int32)
        self.leaves = Growing(np.uint64, leaves.words)
        self._narrow = 2 * len(plan.quantifiers) <= int(HALF)
        self._one_at_a_time = threading.Lock()

    def stems(self, layout: Layout, tests: Ints, pairs: Ints) -> Ints:
        """The stem of every case; what follows from heads not met before is worked out now.

        `pairs` is room for a word a case.
        """
        if layout.profiles is not None:
            of_profile = self._profiles.number(*_packed(layout.profiles)).astype(np.uint64) << HALF
            np.take(of_profile, layout.cases.get_column(PROFILE).to_numpy(), out=pairs, mode="clip")
        else:
            pairs[:] = self._profiles.number(*_packed(layout.cases))
            pairs <<= HALF
        pairs |= tests if self._narrow else self._tests.number(tests)[0].astype(np.uint64)
        with self._one_at_a_time:
            found, fresh = self._all.number(pairs)
            if len(fresh):
                self._look_at(pairs[fresh] >> HALF, tests[fresh])
            stems = self._stem.all
        exchange(found, stems)
        return found

    def _look_at(self, profiles: Ints, tests: Ints) -> None:
        flags, true, known = self._profiles.rows[profiles].T
        read = flags & self._flags
        classes = self.gate.classes(read, tests)
        matter = self.gate.matter
        may_hold, may_be_open = matter.true.all[classes], matter.unknown.all[classes]
        gists, fresh = self.gists.number(
            classes,
            read & matter.flags.all[classes],
            true & may_hold,
            (known & may_be_open) | (may_hold & ~may_be_open),
            tests & matter.tests.all[classes],
        )
        self.leaves_of_gist.add(matter.leaves.all[classes[fresh]])
        self.reads.add(matter.offences.all[classes[fresh]])
        whole = self.whole.heads(flags, true, known, tests)
        stems, fresh = self._stems.number(gists.astype(np.uint64) << HALF | whole.astype(np.uint64))
        self.gist.add(gists[fresh])
        self.whole_head.add(whole[fresh])
        self.leaves.add(self.leaves_of_gist.all[gists[fresh]] | self.whole.leaves_of_head(whole[fresh]))
        self._stem.add(stems)


def _packed(frame: pl.DataFrame) -> tuple[Ints, Ints, Ints]:
    flags, true, known = (frame.get_column(name).to_numpy() for name in (FLAGS, FACTS_TRUE, FACTS_KNOWN))
    return flags, true, known
