"""Cores of cases, each determined once, and the answers of their cases in their own words, each written once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clemency.determine import words_loops as loops
from clemency.determine.alike import Alike, Told
from clemency.determine.items import Items, Reasons
from clemency.determine.kinds import Answers, KindKeys
from clemency.determine.numbering import Growing, Numbering
from clemency.determine.plan import Plan
from clemency.determine.signatures import Signatures

Ints = npt.NDArray[Any]
_TOLD = ("holding", "unknown", "asked", "articles", "places")
_ROOM = 16  # the missing things for which a list has room at first


@dataclass(frozen=True)
class Seen:
    """Some rows: the key of their core, and what tells cases of one core apart (see `Told`)."""

    core: list[Ints]
    told: dict[str, Ints]


@dataclass(frozen=True)
class Templates:
    """Answers of cores, their own words taken out; each stands for all cores that have it.

    `missing` is the number of a wording or -1, `improving` that of a list of grants with the wordings of their needs;
    `names` are the masks of what the words of a case name.
    """

    outcome: Ints
    grant: Ints
    true: Ints
    live: Ints
    exclusions: Ints
    asked: Ints
    missing: Ints
    improving: Ints
    names: Ints

    def with_more(self, more: Templates) -> Templates:
        """These and others after them."""
        both = zip(vars(self).values(), vars(more).values(), strict=True)
        return Templates(*(np.concatenate([known, new]) for known, new in both))


class Cores:
    """The cores met so far, with their answers."""

    def __init__(self, plan: Plan, signatures: Signatures, facts: tuple[str, ...], items: Items) -> None:
        self.alike = Alike(plan, signatures, facts, items)
        whole, mask = np.zeros(0, np.int64), np.zeros(0, np.uint64)
        names = np.zeros((0, len(_TOLD)), np.uint64)
        self.templates = Templates(whole, whole, mask, mask, mask, mask, whole, whole, names)
        self._template = Growing(np.int64)
        self._by_key: Numbering | None = None
        self._by_answer, self._by_told, self._by_missing = Numbering(8), Numbering(1 + len(_TOLD)), Numbering(3)
        self._by_items, self._longest = Numbering(_ROOM // 2), _ROOM  # two items in a whole number
        self._kind, self._wording, self._reason = (Growing(np.int64) for _ in range(3))
        self._improving: dict[tuple[tuple[int, int], ...], int] = {(): 0}
        self._chains: list[tuple[tuple[int, int], ...]] = [()]

    @property
    def count(self) -> int:
        """How many cores have been determined."""
        return self._template.count

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
        if self._by_key is None:
            self._by_key = Numbering(len(seen.core))
        return self._by_key.number(*seen.core)

    def add(self, answers: Answers, reasons: Reasons, seen: Seen, rows: Ints) -> None:
        """Keep the answers of new cores, which are those of some rows."""
        articles, places = (seen.told[name][rows] for name in ("articles", "places"))
        missing = self._worded_missing(answers.missing, articles, places, reasons)
        improving = self._worded_improving(answers.improving, articles, places, reasons)
        asked = self.alike.limiting(answers.true | answers.live, answers.asked)
        exact = (answers.outcome, answers.grant, answers.true, answers.live, answers.exclusions)
        template, fresh = self._by_answer.number(*exact, asked, missing + 1, improving)
        self._template.add(template)
        outcome, grant, true, live, exclusions = (column[fresh] for column in exact)
        asked, missing, improving = asked[fresh], missing[fresh], improving[fresh]
        better = np.flatnonzero(improving).tolist()
        others = {row: [needs for _, needs in self._chains[improving[row]]] for row in better}
        names = self.alike.names(true | live, missing, others)
        new = Templates(outcome, grant, true, live, exclusions, asked, missing, improving, names)
        self.templates = self.templates.with_more(new)

    def _worded_missing(self, missing: Ints, articles: Ints, places: Ints, reasons: Reasons) -> Ints:
        """The wording of the missing things of every row, -1 where nothing is missing."""
        found = np.full(len(missing), -1, np.int64)
        rows = np.flatnonzero(missing)
        told = [column[rows] for column in (missing, articles, places)]
        number, fresh = self._by_missing.number(*told)
        new = [
            self.alike.wording(reasons.of[listed], *apart)
            for listed, *apart in zip(*(column[fresh].tolist() for column in told), strict=True)
        ]
        self._wording.add(new)
        found[rows] = self._wording.all[number]
        return found

    def _worded_improving(self, improving: Ints, articles: Ints, places: Ints, reasons: Reasons) -> Ints:
        """The number of the improvements of every row in wordings, 0 where nothing better is open."""
        found = np.zeros(len(improving), np.int64)
        for row in np.flatnonzero(improving).tolist():
            apart = int(articles[row]), int(places[row])
            chain = tuple((grant, self.alike.wording(needs, *apart)) for grant, needs in reasons.of[improving[row]])
            found[row] = self._improving.setdefault(chain, len(self._chains))
            if found[row] == len(self._chains):
                self._chains.append(chain)
        return found

    def worded(self, core: Ints, seen: Seen, start: int, reasons: Reasons) -> tuple[Ints, Answers | None]:
        """The kind of every row, and the answers in words not met before, which are kinds from a number on."""
        template = self._template.all[core]
        names = self.templates.names[template]
        told = [template, *(seen.told[name] & names[:, place] for place, name in enumerate(_TOLD))]
        number, fresh = self._by_told.number(*told)
        self._kind.add(np.arange(start, start + len(fresh)))
        answers = self.answers(loops.Told(*(column[fresh] for column in told)), reasons) if len(fresh) else None
        return self._kind.all[number], answers

    def answers(self, told: loops.Told, reasons: Reasons) -> Answers:
        """The answers of some templates, each in the words of one of its cases."""
        templates, rows = self.templates, len(told.template)
        of = loops.Templates(templates.grant, templates.true, templates.live, templates.asked, templates.missing)
        wordings = self.alike.worded()
        words = self.alike.words()
        found = loops.worded_for(rows, self._longest)
        longest = loops.word(of, wordings, words, told, found)
        if longest > self._longest:
            self._make_room(longest)
            found = loops.worded_for(rows, self._longest)
            loops.word(of, wordings, words, told, found)
        chosen = told.template
        return Answers(
            templates.outcome[chosen].astype(np.uint8),
            found.grant,
            found.true,
            found.live,
            templates.exclusions[chosen],
            found.reserved,
            self._listed(found, reasons),
            self._improved(told, reasons),
            np.zeros(rows, np.uint64),
        )

    def _make_room(self, longest: int) -> None:
        """Room for longer lists: those known so far keep their numbers."""
        known, self._longest = self._by_items.rows, 2 * longest
        self._by_items = Numbering(longest)
        self._by_items.number(*np.pad(known, ((0, 0), (0, longest - known.shape[1]))).T)

    def _listed(self, found: loops.Worded, reasons: Reasons) -> Ints:
        """The number of the list of missing things of every case."""
        number, fresh = self._by_items.number(*found.items.view(np.uint64).T)
        lists = zip((found.items[fresh].astype(np.int64) - 1).tolist(), found.length[fresh].tolist(), strict=True)
        self._reason.add([reasons.add(tuple(items[:count])) if count else 0 for items, count in lists])
        return self._reason.all[number]

    def _improved(self, told: loops.Told, reasons: Reasons) -> Ints:
        """The number of the improvements of every case."""
        improving = self.templates.improving[told.template]
        found = np.zeros(len(improving), np.int64)
        for row in np.flatnonzero(improving).tolist():
            apart = Told(*(int(column[row]) for column in told[1:]))
            found[row] = self.alike.improving(self._chains[improving[row]], apart, reasons)
        return found
