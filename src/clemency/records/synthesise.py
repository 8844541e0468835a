"""Invented registers: cases that nobody has, drawn from published statistics and stated assumptions.

The numbers come from `clemency.records.stock`; the code here holds the shape of the model only. A stock is drawn, not
a flow: each sentence is one that runs on the reference day, its beginning spread evenly over the time that such a
sentence is served. So the unserved rests are those of people who enter one after the other, serve and leave.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clemency.law.calendar_columns import add_months_to, day_number
from clemency.law.library import library_path
from clemency.law.vocabulary import (
    CATEGORIES,
    CUSTODY_CREDIT,
    FORM,
    GUILT,
    INSTITUTION,
    PUNISHMENT,
    RECIDIVISM,
    SEX,
    STAGE,
)
from clemency.records.files import atomic_path
from clemency.records.stock import GUILTS, Bools, Floats, Ints, Stock, cumulated

#: Raised whenever the same seed and inputs give other cases than before.
GENERATOR_VERSION = "1"
#: Cases of one part. Each part is drawn from the seed and its own number, so memory does not grow with the register.
PART_CASES = 1_000_000

Progress = Callable[[int, int], None]

_SENTENCED, _REMAND, _NONCUSTODIAL, _PENDING = range(4)
_DAYS_A_YEAR = 365.2425
_ROW_GROUP = 250_000
_JSON_SLICE = 10_000


@cache
def _library_stock(library: Path) -> Stock:
    return Stock.load(library)


def _stock(given: Stock | None) -> Stock:
    return given or _library_stock(library_path())


def national_size(stock: Stock | None = None) -> int:
    """A register of the country holds the people in prison, under lighter penalties, and pending at liberty."""
    return round(float(_stock(stock).group_sizes.sum()))


# --- Drawing one part -------------------------------------------------------------------------------------------------


def _chosen(rng: np.random.Generator, cumulated: Floats, count: int) -> Ints:
    """Places drawn by weight, from weights that were added up to one."""
    return np.minimum(np.searchsorted(cumulated, rng.random(count), side="right"), len(cumulated) - 1)


def _with_chance(rng: np.random.Generator, chance: float | Floats, count: int) -> Bools:
    drawn: Bools = rng.random(count, dtype=np.float32) < chance
    return drawn


def _draw_of(field: str, office: str) -> float:
    """A number from 0 to 1 that belongs to a field and an office for good: the same in every register."""
    return zlib.crc32(f"{field} {office}".encode()) / 2**32


def _offices_without(field: str, offices: Sequence[str], share: float) -> Iterator[str]:
    """The offices that do not keep a field: of each kind of office as many as the share of it makes, drawn once."""
    kinds: dict[str, list[str]] = {}
    for office in offices:
        kinds.setdefault(office.rpartition("-")[0], []).append(office)
    for kind, members in kinds.items():
        count = int(share * len(members) + _draw_of(field, kind))
        yield from sorted(members, key=lambda office: _draw_of(field, office))[:count]


class _Part:
    """One part of a register while it is drawn; every array has one place a case."""

    def __init__(self, stock: Stock, seed: int, part: int, first: int, count: int) -> None:
        self.m = stock
        self.rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, part])))
        self.n = count
        self.first = first
        self.reference = day_number(stock.as_of)
        self.draw_groups()
        self.draw_penalties()
        self.draw_times()
        self.draw_people()
        self.draw_offences()
        self.draw_record()

    def chance(self, *path: str) -> Bools:
        return _with_chance(self.rng, self.m.value(*path), self.n)

    def draw_groups(self) -> None:
        self.group = _chosen(self.rng, cumulated(self.m.group_sizes), self.n)
        self.at = [np.flatnonzero(self.group == g) for g in range(4)]

    def draw_penalties(self) -> None:
        """What people are charged with and what was imposed: gravest offence, penalty, term in months (-1 is none)."""
        m, rng, n = self.m, self.rng, self.n
        self.gravest = np.zeros(n, np.int64)
        self.term = np.full(n, -1)
        self.penalty = np.full(n, -1)
        self.suspended = np.zeros(n, bool)
        self.deferred = np.zeros(n, bool)
        self.female = np.zeros(n, bool)
        women = [m.published("prison_women") / m.published("prison_total")] * 2
        women += [m.value("groups", "women_noncustodial"), m.value("groups", "women_pending")]
        for rows, share in zip(self.at, women, strict=True):
            self.female[rows] = _with_chance(rng, share, len(rows))

        rows = self.at[_SENTENCED]
        cell = _chosen(rng, m.prison, len(rows))
        self.gravest[rows], self.term[rows] = m.prison_part[cell], m.prison_term[cell]
        life = self.term[rows] < 0
        self.penalty[rows] = np.where(life, PUNISHMENT.rank("life_imprisonment"), PUNISHMENT.rank("imprisonment"))
        self.female[rows[life]] = False
        for g, weights in ((_REMAND, m.custody_part), (_PENDING, m.pending_part)):
            self.gravest[self.at[g]] = _chosen(rng, cumulated(weights), len(self.at[g]))
        self._draw_lighter(self.at[_NONCUSTODIAL])

    def _draw_lighter(self, rows: Ints) -> None:
        m, rng = self.m, self.rng
        names = list(m.lighter_kinds)
        kind = _chosen(rng, cumulated(np.array([m.lighter_kinds[k]["share"][0] for k in names])), len(rows))
        put_off = self.female[rows] & _with_chance(rng, m.value("lighter_penalties", "deferred_among_women"), len(rows))
        kind[put_off] = names.index("suspended_imprisonment")
        for place, name in enumerate(names):
            here = rows[kind == place]
            if name == "suspended_imprisonment":
                cell = _chosen(rng, m.suspended, len(here))
                self.gravest[here], self.term[here] = m.suspended_part[cell], m.suspended_term[cell]
                self.penalty[here] = PUNISHMENT.rank("imprisonment")
                self.suspended[here] = True
                continue
            weights = m.lighter_military if m.lighter_kinds[name].get("military") else m.lighter_part
            self.gravest[here] = _chosen(rng, cumulated(weights), len(here))
            self.penalty[here] = PUNISHMENT.rank(name)
            terms = m.lighter_terms(name)
            if terms is not None:
                self.term[here] = terms[0][_chosen(rng, terms[1], len(here))]
        self.deferred[rows[put_off]] = True
        self.suspended[rows[put_off]] = False

    def draw_times(self) -> None:
        """Each sentence runs on the reference day: its start, custody, judgment and end, and the day of the offence."""
        m, rng, n, reference = self.m, self.rng, self.n, self.reference
        self.days = np.where((self.term > 0) & self.chance("terms", "extra_days_share"), 1, 0)
        self.days *= rng.integers(1, int(m.value("terms", "extra_days_most")) + 1, n)
        idle = self.suspended | self.deferred
        self.running = (self.term > 0) & ~idle
        life = self.penalty == PUNISHMENT.rank("life_imprisonment")

        nominal = self.term * _DAYS_A_YEAR / 12 + self.days
        served = (self._share_served() * nominal).astype(np.int64)
        served = np.clip(served, int(m.value("time", "least_days_served")), None)
        served = np.where(life, m.spread("time", "since_life_sentence").draw(rng, n), served)
        self.rate = rate = np.array([CUSTODY_CREDIT.get(kind, 0) for kind in PUNISHMENT.values])[self.penalty]
        custody = m.spread("time", "custody_before_sentence").draw(rng, n)
        free = (self.group == _NONCUSTODIAL) & self.chance("time", "noncustodial_without_custody")
        from_arrest = (self.group == _SENTENCED) & (self.chance("time", "term_counts_from_arrest") | life)
        most = (served * m.value("time", "credit_at_most_of_served") / np.maximum(rate, 1)).astype(np.int64)
        self.credit = np.where(from_arrest | free | (rate == 0), 0, np.minimum(custody, most))
        start = reference - (served - self.credit * rate)
        for _ in range(3):
            end = add_months_to(start, np.maximum(self.term, 0)) + self.days - self.credit * rate
            late = np.maximum(reference + 1 - end, 0)
            if not (late * self.running).any():
                break
            start = start + late * self.running
        self.start, self.end = start, end

        self.judgment = np.where(
            from_arrest,
            start + np.minimum(custody, reference - start),
            start - m.spread("time", "sentence_to_start").draw(rng, n),
        )
        waiting = m.spread("time", "since_suspended_sentence").draw(rng, n)
        no_course = idle | ((self.group == _NONCUSTODIAL) & ~self.running)
        self.judgment[no_course] = reference - waiting[no_course]
        arrest = np.where(from_arrest, start, self.judgment - custody)
        arrest[no_course] = self.judgment[no_course] - custody[no_course]
        for g, name in ((_REMAND, "remand_so_far"), (_PENDING, "pending_so_far")):
            rows = self.at[g]
            arrest[rows] = reference - m.spread("time", name).draw(rng, len(rows))
        self.committed = arrest - m.spread("time", "offence_to_arrest").draw(rng, n)

    def _share_served(self) -> Floats:
        """Share of the term that lies behind on the reference day, thinner beyond the point of early release."""
        law = self.m.assumed["law"]["early_release_point"]
        points = np.array([law[name][0] / law[name][1] for name in CATEGORIES])[self.m.category[self.gravest]]
        leaving = np.where(self.group == _SENTENCED, self.m.value("time", "early_release_share"), 0.0)
        along = self.rng.random(self.n) * (points + (1 - leaving) * (1 - points))
        share: Floats = np.where(along < points, along, points + (along - points) / (1 - leaving))
        return share

    def draw_people(self) -> None:
        """Age at the offence, sex and citizenship; now and then the case before belongs to the same person."""
        m, rng, n = self.m, self.rng, self.n
        bands = {tuple(map(int, k.split("-"))): v[0] for k, v in m.assumed["people"]["age_at_offence"]["years"].items()}
        lowest, highest = np.array(list(bands)).T
        band = _chosen(rng, cumulated(np.array(list(bands.values()))), n)
        age = lowest[band] + rng.random(n) * (highest[band] + 1 - lowest[band])
        adult, youngest = m.value("law", "age_of_majority"), m.value("law", "age_of_liability_listed")
        liable = np.where(m.from_14[self.gravest], youngest, m.value("law", "age_of_liability"))
        age = np.where(age < liable, age + m.value("law", "age_of_liability") - youngest, age)
        too_long = self.term > m.value("law", "longest_imprisonment_of_minors_months")
        life = self.penalty == PUNISHMENT.rank("life_imprisonment")
        too_long |= life
        age = np.where(too_long & (age < adult), age + adult - youngest, age)
        too_old = m.value("law", "no_life_sentence_from_age")
        age = np.where(life & (age >= too_old), adult + age % (too_old - adult), age)
        birth = self.committed - (age * _DAYS_A_YEAR).astype(np.int64) - 1
        birth = np.maximum(birth, self.reference - int(m.value("people", "oldest") * _DAYS_A_YEAR))

        foreign = m.published("prison_foreign_men") + m.published("prison_foreign_women")
        foreign /= m.published("prison_total")
        shares = np.array([foreign, foreign, 0.0, m.value("groups", "foreign_pending")])
        countries = m.assumed["citizenships"]["weights"]
        self.countries = ["AZ", *countries]
        abroad = 1 + _chosen(rng, cumulated(np.array([w[0] for w in countries.values()])), n)
        self.citizenship = np.where(_with_chance(rng, shares[self.group], n), abroad, 0)

        again = self.chance("people", "several_cases")
        before = np.maximum(np.arange(n) - 1, 0)
        again[:1] = False
        again[1:] &= ~again[:-1]
        again &= self.committed - birth[before] > adult * _DAYS_A_YEAR
        again &= (self.citizenship == 0) & (self.citizenship[before] == 0) & ~too_long & ~self.deferred
        self.person = np.where(again, before, np.arange(n))
        self.again = again
        self.birth = birth[self.person]
        self.female = self.female[self.person]

    def draw_offences(self) -> None:
        """The gravest offence comes first and the others are no graver, so the term stays under the gravest maximum."""
        m, rng = self.m, self.rng
        counts = m.assumed["offence_count"]["shares"]
        number = 1 + _chosen(rng, cumulated(np.array([v[0] for v in counts.values()])), self.n)
        self.offsets = np.concatenate([[0], np.cumsum(number)])
        case = np.repeat(np.arange(self.n), number)
        total = len(case)
        further = np.ones(total, bool)
        further[self.offsets[:-1]] = False
        part = self.gravest[case]
        tables = (m.custody_part, m.custody_part, m.weights[1], m.pending_part)
        for g, weights in enumerate(tables):
            rows = np.flatnonzero(further & (self.group[case] == g))
            mass = np.cumsum(weights)
            part[rows] = np.searchsorted(mass, rng.random(len(rows)) * mass[m.no_graver[part[rows]]], side="right")
        item = np.where(
            (m.items[part] > 0) & _with_chance(rng, m.value("sub_items", "share"), total),
            (rng.random(total) * m.items[part]).astype(np.int64) + 1,
            0,
        )
        self.offence_label = m.first_label[part] + item
        earlier = m.spread("time", "between_offences").draw(rng, total)
        liable = add_months_to(self.birth, 12 * int(m.value("law", "age_of_liability_listed")))
        on = np.where(further, np.maximum(self.committed[case] - earlier, liable[case]), self.committed[case])
        self.offence_on = on
        self.offence_guilt = self._guilt(m.guilt[part])
        tried = rng.random(total)
        prepared = m.value("forms", "preparation")
        attempted = prepared + m.value("forms", "attempt")
        form = np.where(tried < attempted, FORM.rank("attempt"), FORM.rank("completed"))
        form = np.where(tried < prepared, FORM.rank("preparation"), form)
        self.offence_form = np.where(m.guilt[part] == GUILTS.index("intent"), form, FORM.rank("completed"))

    def _guilt(self, by_code: Ints) -> Ints:
        """Form of guilt as the file writes it: the code's where it fixes one, else either, or nothing (-1)."""
        written = np.where(by_code < 2, by_code, -1)
        for name in ("not_fixed", "mixed"):
            rows = np.flatnonzero(by_code == GUILTS.index(name))
            shares = [self.m.value("guilt_where_open", name, form) for form in GUILT.values]
            drawn = np.searchsorted(np.cumsum(shares), self.rng.random(len(rows)), side="right")
            written[rows] = np.where(drawn < len(shares), drawn, -1)
        return written

    def draw_record(self) -> None:
        """Earlier convictions, institution, stage and holder."""
        m, rng, n = self.m, self.rng, self.n
        first = [m.value("people", "first_conviction", where) for where in ("prison", "prison", "other", "other")]
        self.first_conviction = _with_chance(rng, np.array(first)[self.group], n)
        later = np.flatnonzero(self.again)
        later = np.where(self.committed[later] > self.committed[later - 1], later, later - 1)
        self.first_conviction[later] = False
        kinds = RECIDIVISM.values[1:]
        shares = np.cumsum([m.value("people", "recidivism", kind) for kind in kinds])
        kind = np.searchsorted(shares, rng.random(n), side="right")
        guilty = m.guilt[self.gravest] != GUILTS.index("negligence")
        repeats = ~self.first_conviction & guilty & (kind < len(kinds))
        self.recidivism = np.where(repeats, kind + 1, RECIDIVISM.rank("none"))

        category = m.category[self.gravest]
        strict = (category == CATEGORIES.index("especially_serious")) | repeats
        place = np.where(strict & guilty, INSTITUTION.rank("strict"), INSTITUTION.rank("general"))
        short = self.term <= m.value("law", "settlement_institution_up_to_months")
        place = np.where(~guilty & short, INSTITUTION.rank("settlement"), place)
        place = np.where(self.recidivism == RECIDIVISM.rank("especially_dangerous"), INSTITUTION.rank("special"), place)
        place = np.where(self.penalty == PUNISHMENT.rank("life_imprisonment"), INSTITUTION.rank("prison"), place)
        self.institution = np.where(self.group == _SENTENCED, place, -1)
        self.foreign_judgment = (self.group == _SENTENCED) & self.chance("groups", "foreign_judgment")

        on_trial = [m.value("groups", name) for name in ("remand_on_trial", "pending_on_trial")]
        in_court = _with_chance(rng, np.where(self.group == _REMAND, *on_trial), n)
        pending = np.where(in_court, STAGE.rank("trial"), STAGE.rank("investigation"))
        self.sentenced = (self.group == _SENTENCED) | (self.group == _NONCUSTODIAL)
        self.stage = np.where(self.sentenced, STAGE.rank("serving"), pending)
        self._draw_holders()

    def _draw_holders(self) -> None:
        holders = {k: v for k, v in self.m.assumed["holders"].items() if k != "reason"}
        self.holders: list[str] = []
        first, count = [], []
        for entry in holders.values():
            first.append(len(self.holders))
            count.append(entry["count"][0])
            self.holders += [f"{entry['label']}-{number:02d}" for number in range(1, count[-1] + 1)]
        order = list(holders)
        at_liberty = np.where(self.stage == STAGE.rank("trial"), order.index("trial"), order.index("investigation"))
        by_group = np.array([order.index("prison"), order.index("remand"), order.index("noncustodial"), 0])
        kind = np.where(self.group == _PENDING, at_liberty, by_group[self.group])
        self.holder = np.array(first)[kind] + (self.rng.random(self.n) * np.array(count)[kind]).astype(np.int64)

    # --- as a table, with the holes and mistakes of real files ---

    def table(self) -> pa.Table:
        """The part as a table of the standard record."""
        self._draw_end_dates()
        columns = {
            "case_id": _identity("synthetic-", self.first + np.arange(self.n)),
            "person_id": _identity("synthetic-person-", self.first + self.person),
            **self._fields(),
            "offences": self._offences(),
            "facts": self._facts(),
        }
        return pa.table(columns)

    def _draw_end_dates(self) -> None:
        """Some files leave the end to be computed, a few state a wrong one; both give start, term and credit."""
        m, rng, n = self.m, self.rng, self.n
        computable = self.running & (self.rate > 0)
        self.no_end = computable & self.chance("end_dates", "left_to_compute")
        wrong = computable & ~self.no_end & self.chance("end_dates", "wrong")
        most = int(m.value("end_dates", "wrong_by_at_most_days"))
        by = rng.integers(1, most + 1, n) * np.where(_with_chance(rng, 0.5, n), 1, -1)
        self.end = self.end + by * wrong
        self.complete = self.no_end | wrong
        self.holes = {name: self.hole(name, share[0]) for name, share in m.assumed["unknown"]["fields"].items()}

    def hole(self, name: str, share: float) -> Bools:
        """Where a field is not filled: in every file of the offices that do not keep it, and in single files."""
        by_office = (
            self.m.value("unknown", "by_office") if name not in self.m.assumed["unknown"]["kept_everywhere"] else 0
        )
        lacking = np.isin(self.holders, list(_offices_without(name, self.holders, share * by_office)))[self.holder]
        return lacking | _with_chance(self.rng, share * (1 - by_office), self.n)

    def _fields(self) -> dict[str, pa.Array]:
        """The scalar fields of the record; what a case cannot have is as empty as what its file does not say."""
        hole = self.holes
        pending = ~self.sentenced
        undated = ~self.running & (self.penalty != PUNISHMENT.rank("life_imprisonment"))
        no_term = (hole["term"] & ~self.complete) | (self.term < 0)
        no_end = (hole["term_end"] & ~self.complete) | ~self.running | self.no_end
        female = np.where(self.female, SEX.rank("female"), SEX.rank("male"))
        return {
            "birth_date": _dates(self.birth, hole["birth_date"]),
            "sex": _words(female, SEX.values, hole["sex"]),
            "citizenship": _words(self.citizenship, self.countries, hole["citizenship"]),
            "stage": _words(self.stage, STAGE.values, hole["stage"]),
            "holder": _words(self.holder, self.holders, hole["holder"]),
            "punishment": _words(self.penalty, PUNISHMENT.values, hole["punishment"] | pending),
            "suspended": pa.array(self.suspended, mask=hole["suspended"] | pending),
            "deferred": pa.array(self.deferred, mask=hole["deferred"] | pending),
            "foreign_judgment": pa.array(self.foreign_judgment, mask=hole["foreign_judgment"] | pending),
            "institution_type": _words(
                self.institution, INSTITUTION.values, hole["institution_type"] | (self.institution < 0)
            ),
            "term_months": _numbers(self.term, no_term),
            "term_days": _numbers(self.days, no_term),
            "term_start": _dates(self.start, (hole["term_start"] & ~self.complete) | undated),
            "term_end": _dates(self.end, no_end),
            "credit_days": _numbers(self.credit, (hole["credit_days"] & ~self.complete) | undated),
            "judgment_date": _dates(self.judgment, hole["judgment_date"] | pending),
            "first_conviction": pa.array(self.first_conviction, mask=hole["first_conviction"]),
            "recidivism": _words(self.recidivism, RECIDIVISM.values, hole["recidivism"]),
        }

    def _offences(self) -> pa.Array:
        unknown, total = self.m.assumed["unknown"]["each_offence"], int(self.offsets[-1])
        hole = {name: _with_chance(self.rng, share[0], total) for name, share in unknown.items()}
        fields = {
            "article": _words(self.offence_label, self.m.labels, hole["article"]),
            "committed_on": _dates(self.offence_on, hole["committed_on"]),
            "guilt": _words(self.offence_guilt, GUILT.values, hole["guilt"] | (self.offence_guilt < 0)),
            "form": _words(self.offence_form, FORM.values, hole["form"]),
        }
        rows = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
        none = self.holes["offences"]
        if not none.any():
            return pa.ListArray.from_arrays(pa.array(self.offsets.astype(np.int32)), rows)
        lengths = np.diff(self.offsets)
        kept = rows.filter(pa.array(~np.repeat(none, lengths)))
        offsets = np.concatenate([[0], np.cumsum(np.where(none, 0, lengths))]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), kept, mask=pa.array(none))

    def _facts(self) -> pa.Array:
        """What acts ask: the answer belongs to the person, the hole to the file."""
        m, rng, n = self.m, self.rng, self.n
        unknown = m.assumed["unknown"]["facts"]
        answers: dict[str, Bools] = {}
        fields: dict[str, pa.Array] = {}
        for name, entry in m.assumed["facts"].items():
            share: float | Floats = entry["value"]
            if "women" in entry:
                share = np.where(self.female, entry["women"]["value"], entry["value"])
            drawn = _with_chance(rng, share, n)[self.person] & self._among(entry.get("among", {}), answers)
            if name == "cares_for_minor_or_disabled_child":
                drawn |= self.deferred
            answers[name] = drawn
            fields[name] = pa.array(drawn, mask=self.hole(name, unknown[name][0]))
        disability = m.assumed["disability_percent"]
        percents = np.array(list(disability["weights"]))
        weights = cumulated(np.array([w[0] for w in disability["weights"].values()]))
        established = _with_chance(rng, disability["established"]["value"], n)
        percent = np.where(established, percents[_chosen(rng, weights, n)], 0)[self.person]
        fields["disability_percent"] = _numbers(
            percent, self.hole("disability_percent", unknown["disability_percent"][0])
        )
        names = list(unknown)
        none = _with_chance(rng, m.value("unknown", "no_social_facts"), n)
        return pa.StructArray.from_arrays([fields[name] for name in names], names=names, mask=pa.array(none))

    def _among(self, limits: Mapping[str, Any], answers: Mapping[str, Bools]) -> Bools:
        inside = np.ones(self.n, bool)
        for limit, value in limits.items():
            match limit:
                case "born_before":
                    inside &= self.birth < day_number(date.fromisoformat(value))
                case "born_after":
                    inside &= self.birth > day_number(date.fromisoformat(value))
                case "sex":
                    inside &= self.female == (value == "female")
                case "fact":
                    inside &= answers[value]
                case _:
                    raise ValueError(
                        f"assumptions.yaml limits a fact by {limit}; known are born_before, born_after, sex and fact."
                    )
        return inside


def _identity(prefix: str, places: Ints) -> pa.Array:
    numbers = pc.utf8_lpad(pa.array(places + 1).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(prefix, numbers, "")


def _words(places: Ints, words: Any, hole: Bools) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int16), mask=hole), pa.array(list(words), pa.string())
    )


def _dates(days: Ints, hole: Bools) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=hole).view(pa.date32())


def _numbers(values: Ints, hole: Bools) -> pa.Array:
    return pa.array(values.astype(np.int32), mask=hole)


# --- The register -----------------------------------------------------------------------------------------------------


def _part_table(cases: int, seed: int, part: int, stock: Stock) -> pa.Table:
    first = part * PART_CASES
    return _Part(stock, seed, part, first, min(PART_CASES, cases - first)).table()


def _checked(cases: int, seed: int) -> int:
    """Number of parts; a register has at least one case, and a seed is not negative."""
    if cases < 1:
        raise ValueError(f"A register needs at least one case, not {cases}.")
    if seed < 0:
        raise ValueError(f"A seed is a whole number from 0 on, not {seed}.")
    return -(-cases // PART_CASES)


def synthetic_frame(cases: int, seed: int, part: int = 0, *, stock: Stock | None = None) -> pl.DataFrame:
    """One part of an invented register as a frame, with the columns of the standard record.

    A part has a million cases, the last one the rest. It depends on `seed` and `part` only, and on the number of cases
    in it. Missing values are unknown. Raises ValueError for a part that the register does not have.

    >>> synthetic_frame(3, seed=1).get_column("case_id").to_list()
    ['synthetic-0000001', 'synthetic-0000002', 'synthetic-0000003']
    """
    parts = _checked(cases, seed)
    if not 0 <= part < parts:
        raise ValueError(f"A register of {cases} cases has the parts 0 to {parts - 1}, not {part}.")
    return _frame(_part_table(cases, seed, part, _stock(stock)))


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(table))
    return frame.cast({name: _plain(dtype) for name, dtype in frame.schema.items()})


def _plain(dtype: Any) -> Any:
    """The type with words in place of word codes."""
    match dtype:
        case pl.List(inner=inner):
            return pl.List(_plain(inner))
        case pl.Struct(fields=fields):
            return pl.Struct({field.name: _plain(field.dtype) for field in fields})
        case pl.Categorical() | pl.Enum():
            return pl.String()
        case _:
            return dtype


def synthesise(
    cases: int, seed: int, path: Path, progress: Progress | None = None, *, stock: Stock | None = None
) -> None:
    """Write an invented register of so many cases; the same seed and library always give the same file.

    `path` ends in `.parquet` (any size; nested, with the columns of the standard record) or `.jsonl` (one record a
    line, for small registers). The file appears whole or not at all. `progress` is called with the cases written so
    far and their number. The Parquet metadata say `synthetic=true`, `seed`, `cases`, `generator_version`, `as_of` and
    `inputs_sha256`. Raises ValueError for another ending, no cases, or a negative seed.
    """
    path = Path(path)
    parts = _checked(cases, seed)
    if path.suffix not in _WRITERS:
        raise ValueError(f"{path.name}: an invented register is written as {' or '.join(_WRITERS)}.")
    stock = _stock(stock)
    marks = {
        "synthetic": "true",
        "seed": str(seed),
        "cases": str(cases),
        "generator_version": GENERATOR_VERSION,
        "as_of": stock.as_of.isoformat(),
        "inputs_sha256": stock.inputs_sha256,
    }
    done = 0
    with _whole_or_nothing(path) as file, _WRITERS[path.suffix](file, marks) as write:
        for table in _ahead(parts, lambda part: _part_table(cases, seed, part, stock)):
            write(table)
            done += table.num_rows
            if progress:
                progress(done, cases)


def _ahead(parts: int, make: Callable[[int], pa.Table]) -> Iterator[pa.Table]:
    """Parts in order, the next one drawn while this one is written."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = worker.submit(make, 0)
        for part in range(parts):
            table = coming.result()
            if part + 1 < parts:
                coming = worker.submit(make, part + 1)
            yield table


@contextmanager
def _parquet(file: BinaryIO, marks: Mapping[str, str]) -> Iterator[Callable[[pa.Table], None]]:
    writer: pq.ParquetWriter | None = None

    def write(table: pa.Table) -> None:
        nonlocal writer
        if writer is None:  # the schema is known with the first part
            writer = pq.ParquetWriter(file, table.schema, compression="zstd", compression_level=1, store_schema=False)
            writer.add_key_value_metadata(dict(marks))
        writer.write_table(table, row_group_size=_ROW_GROUP)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


@contextmanager
def _json_lines(file: BinaryIO, marks: Mapping[str, str]) -> Iterator[Callable[[pa.Table], None]]:
    def write(table: pa.Table) -> None:
        for start in range(0, table.num_rows, _JSON_SLICE):
            for record in _frame(table.slice(start, _JSON_SLICE)).iter_rows(named=True):
                file.write(json.dumps(_known(record), default=date.isoformat, ensure_ascii=False).encode() + b"\n")

    yield write


def _known(value: Any) -> Any:
    """A record without its unknowns: an absent key means the same."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return value


_WRITERS = {".parquet": _parquet, ".jsonl": _json_lines}


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[BinaryIO]:
    """A file takes its name only when it is complete and on the disk; what stood there before stays until then."""
    with atomic_path(path) as partial, partial.open("xb") as file:
        yield file
