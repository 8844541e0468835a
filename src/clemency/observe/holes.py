"""What is not known in a given register, drawn again and again; nobody is added to it and nothing known is changed.

A case with holes borrows what is missing from a *donor*: an invented case of the same kind, drawn from the published
figures and stated assumptions. Donors are alike in what is known of the case (stage, punishment, sex, category, length
of the term), as far as there are such; what depends on each other is borrowed from one donor, so that it fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clemency.law.codes import NOT_FIXED, OffenceCode
from clemency.law.vocabulary import CUSTODY_CREDIT, PUNISHMENT, STAGE
from clemency.observe.case_columns import Bools, CaseColumns, Column, Ints

#: What a donor should share with the case, the most important first; the last are given up first.
_ALIKE = ("stage", "punishment", "suspended", "deferred", "sex", "first_conviction", "term")
_TERM_BANDS = (12, 36, 60, 120)
_OF_A_SENTENCE = {"punishment", "suspended", "deferred", "foreign_judgment", "institution_type", "judgment_date"}
_OF_A_TERM = {"term_months", "term_days", "term_start", "term_end", "credit_days"}
_RUNNING = [PUNISHMENT.rank(name) for name in CUSTODY_CREDIT]
_IN_PRISON = [PUNISHMENT.rank(name) for name in ("imprisonment", "life_imprisonment")]
_FEW = 3


@dataclass(frozen=True)
class Holes:
    """A register with what of it matters and is not known."""

    cases: CaseColumns
    fields: tuple[str, ...]
    facts: tuple[str, ...]
    guilt_asked: bool
    code: OffenceCode | None

    @cached_property
    def rows(self) -> Ints:
        """The cases in which something that matters is not known."""
        found = self.cases.counts == 0
        for name in self.fields:
            found |= self.cases.fields[name].holes & self.can_have(name)
        for name in self.facts:
            column = self.cases.facts.get(name)
            found |= np.ones(self.cases.height, bool) if column is None else column.holes
        offences = np.zeros(len(self.cases.offences["article"].values), bool)
        for missing in (self.cases.offences["committed_on"].holes, self.unclear, self.open_guilt):
            offences |= missing
        case_of = np.repeat(np.arange(self.cases.height), self.cases.counts)
        found[case_of[offences]] = True
        return np.flatnonzero(found)

    def can_have(self, name: str) -> Bools:
        """Cases that can have a field at all: a pending case has no sentence, a fine no end, as far as is known."""
        fields = self.cases.fields
        may = np.ones(self.cases.height, bool)
        if name in _OF_A_SENTENCE or name in _OF_A_TERM:
            may &= fields["stage"].holes | (fields["stage"].values == STAGE.rank("serving"))
        if name in _OF_A_TERM:
            may &= fields["punishment"].holes | np.isin(fields["punishment"].values, _RUNNING)
            for put_off in ("suspended", "deferred"):
                may &= fields[put_off].holes | (fields[put_off].values == 0)
        if name == "institution_type":
            may &= fields["punishment"].holes | np.isin(fields["punishment"].values, _IN_PRISON)
        return may

    @cached_property
    def unclear(self) -> Bools:
        """Offences whose article is not known, or may mean several parts of the code."""
        article = self.cases.offences["article"]
        clear = np.array([self._parts(text) == 1 for text in self.cases.articles], bool)
        unclear = article.holes.copy()
        if len(clear):
            unclear[article.there] = ~clear[article.values[article.there]]
        return unclear

    def _parts(self, text: str) -> int:
        """How many parts an article may mean; one that the code does not have is left as it is."""
        return max(1, len(self.code.parts_meant(text))) if self.code else 1

    @cached_property
    def open_guilt(self) -> Bools:
        """Offences whose article leaves the form of guilt open, where the file does not state it."""
        article, guilt = self.cases.offences["article"], self.cases.offences["guilt"]
        loose = np.array([self.code is not None and _open(self.code, text) for text in self.cases.articles], bool)
        if not self.guilt_asked or not len(loose):
            return np.zeros(len(article.values), bool)
        return guilt.holes & article.there & loose[np.where(article.there, article.values, 0)]

    def filled(self, donors: CaseColumns, rng: np.random.Generator) -> CaseColumns:
        """The register with every hole filled from donors that are drawn anew each time."""
        rows = self.rows
        if not len(rows):
            return self.cases
        lender = _lenders(self.cases, rows, donors, rng)
        own = self.cases.fields
        fields = {name: _lent(column, rows, lender, donors.fields.get(name)) for name, column in own.items()}
        nothing = Column(np.zeros(self.cases.height, np.int64), np.zeros(self.cases.height, bool))
        facts = {
            name: _lent(self.cases.facts.get(name, nothing), rows, lender, donors.facts.get(name))
            for name in self.facts
        }
        facts = {**self.cases.facts, **facts}
        lent = replace(self.cases, fields=fields, facts=facts)
        return self._offences(lent, rows, lender, donors, rng)

    def _offences(
        self, cases: CaseColumns, rows: Ints, lender: Ints, donors: CaseColumns, rng: np.random.Generator
    ) -> CaseColumns:
        """Offences that are not known at all are those of the donor; single holes are its gravest offence's."""
        known = {text: place for place, text in enumerate(cases.articles)}
        articles = list(cases.articles)
        for text in donors.articles:
            if text not in known:
                known[text] = len(articles)
                articles.append(text)
        of_donor = np.array([known[text] for text in donors.articles], np.int64)
        donor_article = of_donor[donors.offences["article"].values]
        lender_of = np.full(cases.height, -1, np.int64)
        lender_of[rows] = lender
        without = cases.counts == 0
        counts = np.where(without & (lender_of >= 0), donors.counts[np.maximum(lender_of, 0)], cases.counts)
        case_of = np.repeat(np.arange(cases.height), counts)
        place = np.arange(len(case_of)) - np.repeat(np.cumsum(counts) - counts, counts)
        lent = without[case_of]
        there = np.flatnonzero(~lent)
        source = np.zeros(len(case_of), np.int64)
        source[there] = cases.first[case_of[there]] + place[there]
        gravest = donors.first[np.maximum(lender_of[case_of], 0)]
        other = np.where(lent, gravest + place, gravest)
        offences = {}
        for name in ("article", "committed_on", "guilt", "form"):
            own, donor = cases.offences[name], donors.offences[name]
            values, known_there = donor_article if name == "article" else donor.values, donor.there
            taken = Column(np.zeros(len(case_of), np.int64), np.zeros(len(case_of), bool))
            taken = taken.filled(there, own[source[there]])
            wanted = np.flatnonzero(taken.holes & (lender_of[case_of] >= 0) if name != "guilt" else lent)
            offences[name] = taken.filled(wanted, Column(values[other[wanted]], known_there[other[wanted]]))
        filled = replace(cases, counts=counts, articles=tuple(articles), offences=offences)
        return self._guilt(self._precise(filled, donors, rng), donors, rng)

    def _precise(self, cases: CaseColumns, donors: CaseColumns, rng: np.random.Generator) -> CaseColumns:
        """An article that may mean several parts is one of them, as often as donors have each."""
        if self.code is None:
            return cases
        article = cases.offences["article"]
        values = article.values.copy()
        known = {text: place for place, text in enumerate(cases.articles)}
        articles = list(cases.articles)
        for number, text in enumerate(cases.articles):
            meant = [part.key for part in self.code.parts_meant(text)]
            if len(meant) < 2:
                continue
            rows = np.flatnonzero(article.there & (article.values == number))
            if not len(rows):
                continue
            weights = np.array([_met(donors, key, self.code) for key in meant], float)
            shares = weights / weights.sum() if weights.any() else np.full(len(meant), 1 / len(meant))
            for key in meant:
                if key not in known:
                    known[key] = len(articles)
                    articles.append(key)
            values[rows] = np.array([known[key] for key in meant])[rng.choice(len(meant), len(rows), p=shares)]
        offences = {**cases.offences, "article": Column(values, article.known)}
        return replace(cases, articles=tuple(articles), offences=offences)

    def _guilt(self, cases: CaseColumns, donors: CaseColumns, rng: np.random.Generator) -> CaseColumns:
        """A form of guilt that neither article nor file states is that of a donor's offence of such an article."""
        if self.code is None or not self.guilt_asked:
            return cases
        loose = np.array([_open(self.code, text) for text in cases.articles], bool)
        article, guilt = cases.offences["article"], cases.offences["guilt"]
        wanted = np.flatnonzero(guilt.holes & article.there & loose[np.where(article.there, article.values, 0)])
        theirs = np.array([_open(self.code, text) for text in donors.articles], bool)
        lent = donors.offences["guilt"]
        pool = lent.values[lent.there & theirs[donors.offences["article"].values]]
        if not len(wanted) or not len(pool):
            return cases
        drawn = pool[rng.integers(0, len(pool), len(wanted))]
        return replace(cases, offences={**cases.offences, "guilt": guilt.filled(wanted, Column(drawn))})


def _open(code: OffenceCode, text: str) -> bool:
    part = code.part_of(text)
    return part is not None and part.guilt == NOT_FIXED


def _met(donors: CaseColumns, key: str, code: OffenceCode) -> int:
    places = [place for place, text in enumerate(donors.articles) if (part := code.part_of(text)) and part.key == key]
    return int(np.isin(donors.offences["article"].values, places).sum()) if places else 0


def _lent(own: Column, rows: Ints, lender: Ints, donor: Column | None) -> Column:
    if donor is None or own.known is None:
        return own
    wanted = np.flatnonzero(own.holes[rows])
    return own.filled(rows[wanted], donor[lender[wanted]])


def _lenders(cases: CaseColumns, rows: Ints, donors: CaseColumns, rng: np.random.Generator) -> Ints:
    """For each case a donor that is like it in as much of what is known as there are donors for."""
    mine, theirs = _likeness(cases, rows), _likeness(donors, np.arange(donors.height))
    patterns, back = np.unique(mine, axis=0, return_inverse=True)
    lender = np.zeros(len(rows), np.int64)
    for number, pattern in enumerate(patterns):
        pool = _pool(pattern, theirs)
        of = np.flatnonzero(back.reshape(-1) == number)
        lender[of] = pool[rng.integers(0, len(pool), len(of))]
    return lender


def _pool(pattern: NDArray[np.int64], theirs: NDArray[np.int64]) -> Ints:
    """Donors that share the known values of a pattern; the least important are given up until there are a few."""
    asked = np.flatnonzero(pattern >= 0)
    for length in range(len(asked), -1, -1):
        kept = asked[:length]
        found = np.flatnonzero((theirs[:, kept] == pattern[kept]).all(axis=1))
        if len(found) >= _FEW or not length:
            return found
    raise AssertionError("no donors")  # pragma: no cover


def _likeness(cases: CaseColumns, rows: Ints) -> NDArray[np.int64]:
    """What makes cases alike, one column each; -1 where it is not known."""
    columns = []
    for name in _ALIKE:
        column = cases.fields["term_months" if name == "term" else name][rows]
        values = np.digitize(column.values, _TERM_BANDS) if name == "term" else column.values
        columns.append(np.where(column.there, values, -1))
    return np.stack(columns, axis=1).astype(np.int64)


def holes_of(
    cases: CaseColumns, read: Sequence[str], facts: Mapping[str, object], code: OffenceCode | None, guilt_asked: bool
) -> Holes:
    """The holes of a register that matter for an act: fields and facts that it reads, and all of its offences."""
    fields = tuple(name for name in cases.fields if name in read)
    asked = tuple(name for name in facts if name in read)
    return Holes(cases, fields, asked, guilt_asked, code)
