"""The heads of cases: flags, facts and answers to offence tests. What follows from them alone is worked out once."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine.gate import Gate
from clemency.determine.numbering import Growing, Numbering, WordNumbering
from clemency.determine.plan import Plan
from clemency.determine.value_leaves import ValueLeaves
from clemency.determine.whole_case import WholeCase
from clemency.records.layout import FACTS_KNOWN, FACTS_TRUE, FLAGS, PROFILE, Layout

Ints = npt.NDArray[Any]
_HALF = np.uint64(32)


class Heads:
    """The heads met so far, by their number.

    Of each head: the number of its *gist*, which is what of it can matter (`gist`), and what the reservations about the
    whole case read of it (`whole_head`). Of each gist: class, flags, facts that hold, facts known, tests
    (`gists`); masks for the words of leaves (`leaves`); and whether it matters what offences leave open (`reads`).
    """

    def __init__(self, plan: Plan, leaves: ValueLeaves, whole: WholeCase, bit_of: dict[str, int], flags: int) -> None:
        self.gate, self.whole = Gate(plan, leaves.all, bit_of), whole
        self._flags = np.uint64(flags)
        self._profiles, self._tests, self._all = Numbering(3), WordNumbering(), WordNumbering()
        self.gists = Numbering(5)
        self.leaves, self.reads = Growing(np.uint64, leaves.words), Growing(np.uint64)
        self.gist, self.whole_head = Growing(np.int32), Growing(np.int32)
        self._narrow = 2 * len(plan.quantifiers) <= int(_HALF)
        self._one_at_a_time = threading.Lock()

    def of(self, layout: Layout, tests: Ints, pairs: Ints) -> Ints:
        """The head of every case; what follows from heads not met before is worked out now.

        `pairs` is room for a word a case.
        """
        if layout.profiles is not None:
            of_profile = self._profiles.number(*_packed(layout.profiles))[0].astype(np.uint64) << _HALF
            np.take(of_profile, layout.cases.get_column(PROFILE).to_numpy(), out=pairs, mode="clip")
        else:
            pairs[:] = self._profiles.number(*_packed(layout.cases))[0]
            pairs <<= _HALF
        pairs |= tests if self._narrow else self._tests.number(tests)[0].astype(np.uint64)
        with self._one_at_a_time:
            heads, fresh = self._all.number(pairs)
            if len(fresh):
                self._look_at(pairs[fresh] >> _HALF, tests[fresh])
        return heads

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
        self.leaves.add(matter.leaves.all[classes[fresh]])
        self.reads.add(matter.offences.all[classes[fresh]])
        self.gist.add(gists)
        self.whole_head.add(self.whole.heads(flags, true, known, tests))


def _packed(frame: Any) -> tuple[Ints, Ints, Ints]:
    flags, true, known = (frame.get_column(name).to_numpy() for name in (FLAGS, FACTS_TRUE, FACTS_KNOWN))
    return flags, true, known
