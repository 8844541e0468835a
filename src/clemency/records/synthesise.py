"""Invented registers: cases that nobody has, drawn from published statistics and stated assumptions.

The numbers come from `clemency.records.stock`; the code here holds the shape of the model only. Who is there on the day
is drawn from the flow of people who come in, serve and leave; `synthesise_columns` gives their cases with every fact
known, `with_holes` what their files say. A register on disk is the second.
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
from clemency.records.stock import (
    DAYS_A_YEAR,
    GUILTS,
    LIFE,
    NOT_IMPRISONED,
    SUSPENDED,
    Bools,
    Floats,
    Ints,
    Stock,
    cumulated,
)

#: Raised whenever the same seed and inputs give other cases than before.
GENERATOR_VERSION = "3"
#: Cases of one part. Each part is drawn from the seed and its own number, so memory does not grow with the register.
PART_CASES = 1_000_000

Progress = Callable[[int, int], None]

#: The groups of a register, in the order of `Stock.group_sizes`.
SENTENCED, IN_CUSTODY, LIGHTER, AT_LIBERTY = range(4)
_ROW_GROUP = 250_000
_JSON_SLICE = 10_000
_IDS = ("case_id", "person_id")


@cache
def _library_stock(library: Path) -> Stock:
    return Stock.load(library)


def _stock(given: Stock | None) -> Stock:
    return given or _library_stock(library_path())


def national_size(stock: Stock | None = None) -> int:
    """A register of the country holds the people in prison, under lighter penalties, and pending at liberty."""
    return round(float(_stock(stock).group_sizes.sum()))


# --- Drawing cases ----------------------------------------------------------------------------------------------------


def _chosen(rng: np.random.Generator, cumulated: Floats, count: int) -> Ints:
    """Places drawn by weight, from weights that were added up to one."""
    return np.minimum(np.searchsorted(cumulated, rng.random(count), side="right"), len(cumulated) - 1)


def _with_chance(rng: np.random.Generator, chance: float | Floats, count: int) -> Bools:
    drawn: Bools = rng.random(count, dtype=np.float32) < chance
    return drawn


class Cases:
    """Cases of people who do not exist, every fact of them known; each array has one place a case.

    `first` is the number of the first case. `table` and `frame` give the columns of the standard record.
    """

    def __init__(self, stock: Stock, count: int, rng: np.random.Generator, first: int = 0) -> None:
        self.m, self.a = stock, stock.assumed
        self.rng = rng
        self.n = count
        self.first = first
        self.reference = stock.day
        self._draw_groups()
        self._draw_penalties()
        self._draw_times()
        self._draw_people()
        self._draw_offences()
        self._draw_record()
        self._draw_facts()

    def _chance(self, *path: str) -> Bools:
        return _with_chance(self.rng, self.m.value(*path), self.n)

    def _draw_groups(self) -> None:
        self.group = _chosen(self.rng, cumulated(self.m.group_sizes), self.n)
        self.at = [np.flatnonzero(self.group == g) for g in range(4)]
        self.sentenced = (self.group == SENTENCED) | (self.group == LIGHTER)

    def _draw_penalties(self) -> None:
        """What people are charged with, what was imposed (term in months, -1 is none), and how long ago it began."""
        n = self.n
        self.gravest = np.zeros(n, np.int64)
        self.term = np.full(n, -1)
        self.penalty = np.full(n, -1)
        self.suspended = np.zeros(n, bool)
        self.deferred = np.zeros(n, bool)
        self.female = np.zeros(n, bool)
        self.since = np.zeros(n)
        self.custody = np.zeros(n)
        women = [self.m.share_on("women_prison", self.reference)] * 2
        women += [self.m.value("groups", "women_noncustodial"), self.m.value("groups", "women_pending")]
        for rows, share in zip(self.at, women, strict=True):
            self.female[rows] = _with_chance(self.rng, share, len(rows))
        self._draw_prison()
        self._draw_remand()
        self._draw_lighter(self.at[LIGHTER])
        rows = self.at[AT_LIBERTY]
        self.gravest[rows] = _chosen(self.rng, cumulated(self.m.pending_part), len(rows))
        self.since[rows] = self.m.spread("time", "pending_so_far").draw(self.rng, len(rows))

    def _draw_prison(self) -> None:
        m, rng, rows = self.m, self.rng, self.at[SENTENCED]
        way, day = m.serving.draw(m.prison, rng, len(rows))
        life = m.way_cell[way] == LIFE
        pair = self._pairs(m.way_cell[way])
        self.gravest[rows] = np.where(life, self._life_parts(len(rows)), m.code.pair_part[pair])
        self.term[rows] = np.where(life, -1, m.code.pair_months[pair])
        self.penalty[rows] = np.where(life, PUNISHMENT.rank("life_imprisonment"), PUNISHMENT.rank("imprisonment"))
        self.female[rows[life]] = False
        # Months within a cell of the flow are served in proportion.
        share = np.where(life, 1.0, m.code.pair_months[pair] / np.maximum(m.way_months[way], 1))
        self.since[rows] = np.maximum((self.reference - day) * share, m.value("time", "least_days_served"))
        step = m.way_step[way]
        steps = len(m.custody)
        along = (np.maximum(step, 1) - 1 + rng.random(len(rows))) / steps
        self.custody[rows] = np.where(step == 0, 0.0, m.spread("time", "custody_before_sentence").at(along))

    def _draw_remand(self) -> None:
        m, rng, rows = self.m, self.rng, self.at[IN_CUSTODY]
        way, day = m.waiting.draw(m.prison, rng, len(rows))
        cell = m.way_cell[way]
        pair = self._pairs(cell)
        anything = _chosen(rng, m.pair_added / m.pair_added[-1], len(rows))
        pair = np.where(cell == NOT_IMPRISONED, anything, pair)
        self.gravest[rows] = np.where(cell == LIFE, self._life_parts(len(rows)), m.code.pair_part[pair])
        self.since[rows] = self.reference - day

    def _pairs(self, cell: Ints) -> Ints:
        """Pairs of article part and term from cells of the flow."""
        m = self.m
        first, last = m.pair_bounds
        within = first[cell] + self.rng.random(len(cell)) * (last[cell] - first[cell])
        return np.minimum(np.searchsorted(m.pair_added, within, side="right"), len(m.pair_added) - 1)

    def _life_parts(self, count: int) -> Ints:
        weights = np.array(list(self.a.values("life_articles", "weights").values()))
        return self.m.code.life[_chosen(self.rng, cumulated(weights), count)]

    def _draw_lighter(self, rows: Ints) -> None:
        m, rng = self.m, self.rng
        table = self.a.data("lighter_penalties", "kinds")
        way, day = m.lighter.draw(m.lighter_flow, rng, len(rows))
        kind = m.lighter_kind[way].copy()
        put_off = self.female[rows] & _with_chance(rng, m.value("lighter_penalties", "deferred_among_women"), len(rows))
        kind[put_off] = m.kinds.index(SUSPENDED)
        self.since[rows] = np.maximum(self.reference - day, m.value("time", "least_days_served"))
        for place, name in enumerate(m.kinds):
            here = kind == place
            chosen = rows[here]
            if name == SUSPENDED:
                pair = _chosen(rng, m.suspended, len(chosen))
                self.gravest[chosen], self.term[chosen] = m.code.pair_part[pair], m.code.pair_months[pair]
                self.penalty[chosen] = PUNISHMENT.rank("imprisonment")
                self.suspended[chosen] = True
                continue
            weights = m.lighter_military if table[name].get("military") else m.lighter_part
            self.gravest[chosen] = _chosen(rng, cumulated(weights), len(chosen))
            self.penalty[chosen] = PUNISHMENT.rank(name)
            if not table[name].get("no_term"):
                self.term[chosen] = m.lighter_months[way[here]]
        self.deferred[rows[put_off]] = True
        self.suspended[rows[put_off]] = False

    def _draw_times(self) -> None:
        """Each sentence runs on the day: its start, custody, judgment and end, and the day of the offence."""
        m, rng, n, reference = self.m, self.rng, self.n, self.reference
        self.days = np.where((self.term > 0) & self._chance("terms", "extra_days_share"), 1, 0)
        self.days *= rng.integers(1, int(m.value("terms", "extra_days_most")) + 1, n)
        self.days *= self.term < m.code.maximum[self.gravest]
        idle = self.suspended | self.deferred
        self.running = (self.term > 0) & ~idle
        self.life = self.penalty == PUNISHMENT.rank("life_imprisonment")
        self.rate = rate = np.array([CUSTODY_CREDIT.get(kind, 0) for kind in PUNISHMENT.values])[self.penalty]
        since = self.since.astype(np.int64)
        prison = self.group == SENTENCED
        lighter = self.group == LIGHTER

        held = self.custody.astype(np.int64)
        rows = self.at[LIGHTER]
        held[rows] = m.spread("time", "custody_before_sentence").draw(rng, len(rows))
        free = lighter & self._chance("time", "noncustodial_without_custody")
        held[free] = 0
        most = (since * m.value("time", "lighter_credit_at_most_of_served") / np.maximum(rate, 1)).astype(np.int64)
        final = np.minimum(held + m.spread("time", "sentence_to_start").draw(rng, n) * prison, since - 1)
        from_arrest = prison & (self._chance("time", "term_counts_from_arrest") | self.life | (held == 0))
        self.credit = np.select([prison & ~from_arrest, lighter & (rate > 0)], [final, np.minimum(held, most)], 0)
        start = reference - (since - self.credit * rate)
        for _ in range(3):
            end = add_months_to(start, np.maximum(self.term, 0)) + self.days - self.credit * rate
            late = np.maximum(reference + 1 - end, 0)
            if not (late * self.running).any():
                break
            start = start + late * self.running
        self.start, self.end = start, end

        arrest = np.where(prison, np.minimum(reference - since, start), reference - since - held * lighter)
        self.judgment = np.where(prison, np.minimum(arrest + np.minimum(held, final), start), reference - since)
        self.judgment = np.where(lighter & self.running, start, self.judgment)
        arrest = np.minimum(arrest, self.judgment)
        self.committed = arrest - m.spread("time", "offence_to_arrest").draw(rng, n)

    def _draw_people(self) -> None:
        """Age at the offence, sex and citizenship; now and then the case before belongs to the same person."""
        m, rng, n = self.m, self.rng, self.n
        years = self.a.values("people", "age_at_offence", "years")
        bands = {tuple(map(int, name.split("-"))): share for name, share in years.items()}
        lowest, highest = np.array(list(bands)).T
        band = _chosen(rng, cumulated(np.array(list(bands.values()))), n)
        age = lowest[band] + rng.random(n) * (highest[band] + 1 - lowest[band])
        adult, youngest = m.value("law", "age_of_majority"), m.value("law", "age_of_liability_listed")
        liable = np.where(m.code.from_14[self.gravest], youngest, m.value("law", "age_of_liability"))
        age = np.where(age < liable, age + m.value("law", "age_of_liability") - youngest, age)
        too_long = self.term + (self.days > 0) > m.value("law", "longest_imprisonment_of_minors_months")
        life = self.life
        too_long |= life
        age = np.where(too_long & (age < adult), age + adult - youngest, age)
        too_old = m.value("law", "no_life_sentence_from_age")
        age = np.where(life & (age >= too_old), adult + age % (too_old - adult), age)
        birth = self.committed - (age * DAYS_A_YEAR).astype(np.int64) - 1
        birth = np.maximum(birth, self.reference - int(m.value("people", "oldest") * DAYS_A_YEAR))

        foreign = m.share_on("foreign_prison", self.reference)
        shares = np.array([foreign, foreign, 0.0, m.value("groups", "foreign_pending")])
        countries = self.a.values("citizenships", "weights")
        self.countries = ["AZ", *countries]
        abroad = 1 + _chosen(rng, cumulated(np.array(list(countries.values()))), n)
        self.citizenship = np.where(_with_chance(rng, shares[self.group], n), abroad, 0)

        again = self._chance("people", "several_cases")
        before = np.maximum(np.arange(n) - 1, 0)
        again[:1] = False
        again[1:] &= ~again[:-1]
        again &= self.committed - birth[before] > adult * DAYS_A_YEAR
        again &= (self.citizenship == 0) & (self.citizenship[before] == 0) & ~too_long & ~self.deferred
        self.person = np.where(again, before, np.arange(n))
        self.again = again
        self.birth = birth[self.person]
        self.female = self.female[self.person]

    def _draw_offences(self) -> None:
        """The gravest offence comes first and the others are no graver, so the term stays under the gravest maximum."""
        m, rng = self.m, self.rng
        counts = self.a.values("offence_count", "shares")
        number = 1 + _chosen(rng, cumulated(np.array(list(counts.values()))), self.n)
        self.offsets = np.concatenate([[0], np.cumsum(number)])
        case = np.repeat(np.arange(self.n), number)
        total = len(case)
        further = np.ones(total, bool)
        further[self.offsets[:-1]] = False
        part = self.gravest[case]
        tables = (m.weights[0], m.weights[0], m.weights[1], m.pending_part)
        for g, weights in enumerate(tables):
            rows = np.flatnonzero(further & (self.group[case] == g))
            mass = np.cumsum(weights)
            part[rows] = np.searchsorted(mass, rng.random(len(rows)) * mass[m.code.no_graver[part[rows]]], side="right")
        item = np.where(
            (m.code.items[part] > 0) & _with_chance(rng, m.value("sub_items", "share"), total),
            (rng.random(total) * m.code.items[part]).astype(np.int64) + 1,
            0,
        )
        self.offence_label = m.code.first_label[part] + item
        earlier = m.spread("time", "between_offences").draw(rng, total)
        liable = add_months_to(self.birth, 12 * int(m.value("law", "age_of_liability_listed")))
        on = np.where(further, np.maximum(self.committed[case] - earlier, liable[case]), self.committed[case])
        self.offence_on = on
        self.offence_guilt = self._guilt(m.code.guilt[part])
        tried = rng.random(total)
        prepared = m.value("forms", "preparation")
        attempted = prepared + m.value("forms", "attempt")
        form = np.where(tried < attempted, FORM.rank("attempt"), FORM.rank("completed"))
        form = np.where(tried < prepared, FORM.rank("preparation"), form)
        form[self.offsets[:-1]] = self._form_allowed(form[self.offsets[:-1]])
        self.offence_form = np.where(m.code.guilt[part] == GUILTS.index("intent"), form, FORM.rank("completed"))

    def _guilt(self, by_code: Ints) -> Ints:
        """Form of guilt: the code's where it fixes one, else either; files may leave the latter open."""
        guilt = by_code.copy()
        self.offence_open = np.full(len(by_code), 0.0)
        for name in ("not_fixed", "mixed"):
            rows = np.flatnonzero(by_code == GUILTS.index(name))
            shares = np.array([self.m.value("guilt_where_open", name, form) for form in GUILT.values])
            guilt[rows] = _chosen(self.rng, cumulated(shares), len(rows))
            self.offence_open[rows] = max(0.0, 1 - float(shares.sum()))
        return guilt

    def _form_allowed(self, form: Ints) -> Ints:
        """The form of the gravest offence: completed where the term is over what an unfinished one may carry."""
        m = self.m
        imprisoned = self.sentenced & (self.penalty == PUNISHMENT.rank("imprisonment"))
        term = np.where(imprisoned, self.term + (self.days > 0), 0)
        over = self.life.copy()
        for name in ("attempt", "preparation"):
            most = np.floor(m.code.maximum[self.gravest] * m.value("law", f"{name}_of_maximum"))
            over |= (form == FORM.rank(name)) & (term > most)
        return np.where(over, FORM.rank("completed"), form)

    def _draw_record(self) -> None:
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
        guilty = m.code.guilt[self.gravest] != GUILTS.index("negligence")
        repeats = ~self.first_conviction & guilty & (kind < len(kinds))
        self.recidivism = np.where(repeats, kind + 1, RECIDIVISM.rank("none"))

        category = m.code.category[self.gravest]
        strict = (category == CATEGORIES.index("especially_serious")) | repeats
        place = np.where(strict & guilty, INSTITUTION.rank("strict"), INSTITUTION.rank("general"))
        short = self.term <= m.value("law", "settlement_institution_up_to_months")
        place = np.where(~guilty & short, INSTITUTION.rank("settlement"), place)
        place = np.where(self.recidivism == RECIDIVISM.rank("especially_dangerous"), INSTITUTION.rank("special"), place)
        place = np.where(self.penalty == PUNISHMENT.rank("life_imprisonment"), INSTITUTION.rank("prison"), place)
        self.institution = np.where(self.group == SENTENCED, place, -1)
        self.foreign_judgment = (self.group == SENTENCED) & self._chance("groups", "foreign_judgment")

        on_trial = [m.value("groups", name) for name in ("remand_on_trial", "pending_on_trial")]
        in_court = _with_chance(rng, np.where(self.group == IN_CUSTODY, *on_trial), n)
        pending = np.where(in_court, STAGE.rank("trial"), STAGE.rank("investigation"))
        self.stage = np.where(self.sentenced, STAGE.rank("serving"), pending)
        self._draw_holders()

    def _draw_holders(self) -> None:
        holders = {k: v for k, v in self.a.data("holders").items() if k != "reason"}
        self.holders: list[str] = []
        first, count = [], []
        for name, entry in holders.items():
            first.append(len(self.holders))
            count.append(int(self.m.value("holders", name, "count")))
            self.holders += [f"{entry['label']}-{number:02d}" for number in range(1, count[-1] + 1)]
        order = list(holders)
        at_liberty = np.where(self.stage == STAGE.rank("trial"), order.index("trial"), order.index("investigation"))
        by_group = np.array([order.index("prison"), order.index("remand"), order.index("noncustodial"), 0])
        kind = np.where(self.group == AT_LIBERTY, at_liberty, by_group[self.group])
        self.holder = np.array(first)[kind] + (self.rng.random(self.n) * np.array(count)[kind]).astype(np.int64)

    def _draw_facts(self) -> None:
        """What acts ask: the answer belongs to the person, so it is the same in all of the person's cases."""
        rng, n = self.rng, self.n
        self.facts: dict[str, Bools] = {}
        for name, entry in self.a.data("facts").items():
            share: float | Floats = self.m.value("facts", name)
            if "women" in entry:
                share = np.where(self.female, self.m.value("facts", name, "women"), share)
            drawn = _with_chance(rng, share, n)[self.person] & self._among(entry.get("among", {}))
            if name == "cares_for_minor_or_disabled_child":
                drawn |= self.deferred
            self.facts[name] = drawn
        weights = self.a.values("disability_percent", "weights")
        percents = np.array([int(percent) for percent in weights])
        drawn = percents[_chosen(rng, cumulated(np.array(list(weights.values()))), n)]
        established = self._chance("disability_percent", "established")
        self.disability_percent = np.where(established, drawn, 0)[self.person]
        self.facts["disabled"] = self.disability_percent > 0

    def _among(self, limits: Mapping[str, Any]) -> Bools:
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
                    inside &= self.facts[value]
                case _:
                    raise ValueError(
                        f"assumptions.yaml limits a fact by {limit}; known are born_before, born_after, sex and fact."
                    )
        return inside

    # --- as a table ---

    def table(self, files: Files | None = None) -> pa.Table:
        """The cases as a table of the standard record, with what their files lack where files are given."""
        files = files or Files.complete(self)
        return pa.table(
            {
                "case_id": _identity("synthetic-", self.first + np.arange(self.n)),
                "person_id": _identity("synthetic-person-", self.first + self.person),
                **self._fields(files),
                "offences": self._offences(files),
                "facts": self._facts(files),
            }
        )

    def frame(self) -> pl.DataFrame:
        """The cases as a frame of the standard record."""
        return _frame(self.table())

    def _fields(self, files: Files) -> dict[str, pa.Array]:
        """The scalar fields of the record; what a case cannot have is as empty as what its file does not say."""
        hole = files.lacking
        pending = ~self.sentenced
        undated = ~self.running & ~self.life
        female = np.where(self.female, SEX.rank("female"), SEX.rank("male"))
        no_place = self.institution < 0
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
            "institution_type": _words(self.institution, INSTITUTION.values, hole["institution_type"] | no_place),
            "term_months": _numbers(self.term, hole["term"] | (self.term < 0)),
            "term_days": _numbers(self.days, hole["term"] | (self.term < 0)),
            "term_start": _dates(self.start, hole["term_start"] | undated),
            "term_end": _dates(files.end, hole["term_end"] | ~self.running),
            "credit_days": _numbers(self.credit, hole["credit_days"] | undated),
            "judgment_date": _dates(self.judgment, hole["judgment_date"] | pending),
            "first_conviction": pa.array(self.first_conviction, mask=hole["first_conviction"]),
            "recidivism": _words(self.recidivism, RECIDIVISM.values, hole["recidivism"]),
        }

    def _offences(self, files: Files) -> pa.Array:
        hole = files.offence_lacking
        fields = {
            "article": _words(self.offence_label, self.m.code.labels, hole["article"]),
            "committed_on": _dates(self.offence_on, hole["committed_on"]),
            "guilt": _words(self.offence_guilt, GUILT.values, hole["guilt"]),
            "form": _words(self.offence_form, FORM.values, hole["form"]),
        }
        rows = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
        none = files.lacking["offences"]
        if not none.any():
            return pa.ListArray.from_arrays(pa.array(self.offsets.astype(np.int32)), rows)
        lengths = np.diff(self.offsets)
        kept = rows.filter(pa.array(~np.repeat(none, lengths)))
        offsets = np.concatenate([[0], np.cumsum(np.where(none, 0, lengths))]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), kept, mask=pa.array(none))

    def _facts(self, files: Files) -> pa.Array:
        fields = {name: pa.array(held, mask=files.lacking[name]) for name, held in self.facts.items()}
        fields["disability_percent"] = _numbers(self.disability_percent, files.lacking["disability_percent"])
        names = list(self.a.data("unknown", "facts"))
        none = pa.array(files.lacking["facts"])
        return pa.StructArray.from_arrays([fields[name] for name in names], names=names, mask=none)


# --- What files lack --------------------------------------------------------------------------------------------------


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


class Files:
    """What the files of cases lack, field by field, and the end of the term that they state."""

    def __init__(self, lacking: Mapping[str, Bools], offence_lacking: Mapping[str, Bools], end: Ints) -> None:
        self.lacking = lacking
        self.offence_lacking = offence_lacking
        self.end = end

    @classmethod
    def complete(cls, cases: Cases) -> Files:
        """Files that lack nothing."""
        unknown = cases.a.data("unknown")
        none, no_offence = np.zeros(cases.n, bool), np.zeros(int(cases.offsets[-1]), bool)
        names = (*unknown["fields"], *unknown["facts"], "facts")
        return cls(dict.fromkeys(names, none), dict.fromkeys(unknown["each_offence"], no_offence), cases.end)

    @classmethod
    def drawn(cls, cases: Cases, rng: np.random.Generator) -> Files:
        """Holes and mistakes as the assumptions have them: most by office, the rest file by file."""
        m, n = cases.m, cases.n
        computable = cases.running & (cases.rate > 0)
        no_end = computable & _with_chance(rng, m.value("end_dates", "left_to_compute"), n)
        wrong = computable & ~no_end & _with_chance(rng, m.value("end_dates", "wrong"), n)
        most = int(m.value("end_dates", "wrong_by_at_most_days"))
        by = rng.integers(1, most + 1, n) * np.where(_with_chance(rng, 0.5, n), 1, -1)
        lacking = {
            name: cls._hole(cases, rng, name, share)
            for part in ("fields", "facts")
            for name, share in cases.a.values("unknown", part).items()
        }
        for name in ("term", "term_start", "term_end", "credit_days"):  # what a missing or wrong end is seen by
            lacking[name] &= ~(no_end | wrong)
        lacking["term_end"] |= no_end
        lacking["facts"] = _with_chance(rng, m.value("unknown", "no_social_facts"), n)
        total = int(cases.offsets[-1])
        each = cases.a.values("unknown", "each_offence")
        offence_lacking = {name: _with_chance(rng, share, total) for name, share in each.items()}
        offence_lacking["guilt"] |= _with_chance(rng, cases.offence_open, total)
        return cls(lacking, offence_lacking, cases.end + by * wrong)

    @staticmethod
    def _hole(cases: Cases, rng: np.random.Generator, name: str, share: float) -> Bools:
        """Where a field is not filled: in every file of the offices that do not keep it, and in single files."""
        everywhere = name in cases.a.data("unknown", "kept_everywhere")
        by_office = 0.0 if everywhere else cases.m.value("unknown", "by_office")
        lacking = np.isin(cases.holders, list(_offices_without(name, cases.holders, share * by_office)))[cases.holder]
        return lacking | _with_chance(rng, share * (1 - by_office), cases.n)


def synthesise_columns(stock: Stock, count: int, rng: np.random.Generator) -> Cases:
    """So many cases of the stock with every fact known, drawn at random: what an estimate needs, many times over.

    >>> cases = synthesise_columns(Stock.load(), 3, np.random.default_rng(1))
    >>> cases.frame().get_column("case_id").to_list()
    ['synthetic-0000001', 'synthetic-0000002', 'synthetic-0000003']
    """
    return Cases(stock, count, rng)


def with_holes(cases: Cases, rng: np.random.Generator) -> pa.Table:
    """The cases as their files have them: with holes, ends left to be computed, and a few wrong ends."""
    return cases.table(Files.drawn(cases, rng))


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


def _part(cases: int, seed: int, part: int, stock: Stock) -> tuple[Cases, pa.Table]:
    first = part * PART_CASES
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, part])))
    drawn = Cases(stock, min(PART_CASES, cases - first), rng, first)
    return drawn, with_holes(drawn, rng)


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
    return _frame(_part(cases, seed, part, _stock(stock))[1])


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
    cases: int,
    seed: int,
    path: Path,
    progress: Progress | None = None,
    *,
    stock: Stock | None = None,
    seen: Callable[[Cases], None] | None = None,
) -> None:
    """Write an invented register of so many cases; the same seed and library always give the same file.

    `path` ends in `.parquet` (any size; nested, with the columns of the standard record) or `.jsonl` (one record a
    line, for small registers). The file appears whole or not at all. `progress` is called with the cases written so
    far and their number, `seen` with the cases of each part before holes are made in their files. The Parquet metadata
    say `synthetic=true`, `seed`, `cases`, `generator_version`, `as_of` and `inputs_sha256`. Raises ValueError for
    another ending, no cases, or a negative seed.
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

        def made(part: int) -> pa.Table:
            drawn, table = _part(cases, seed, part, stock)
            if seen:
                seen(drawn)
            return table

        for table in _ahead(parts, made):
            write(table)
            done += table.num_rows
            del table  # the next part is drawn while this one is written; a third would be too many
            if progress:
                progress(done, cases)


def _ahead(parts: int, make: Callable[[int], pa.Table]) -> Iterator[pa.Table]:
    """Parts in order, the next one drawn while this one is written."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = [worker.submit(make, 0)]
        for part in range(parts):
            table = coming.pop().result()
            if part + 1 < parts:
                coming.append(worker.submit(make, part + 1))
            yield table
            del table


@contextmanager
def _parquet(file: BinaryIO, marks: Mapping[str, str]) -> Iterator[Callable[[pa.Table], None]]:
    writer: pq.ParquetWriter | None = None

    def write(table: pa.Table) -> None:
        nonlocal writer
        if writer is None:  # the schema is known with the first part
            options = {"compression": "lz4", "use_dictionary": _repeated(table.schema), "store_schema": False}
            writer = pq.ParquetWriter(file, table.schema, **options)
            writer.add_key_value_metadata(dict(marks))
        writer.write_table(table, row_group_size=_ROW_GROUP)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def _repeated(schema: pa.Schema) -> list[str]:
    """The columns whose values come again and again, by their paths: all but the ids."""
    return [path for field in schema if field.name not in _IDS for path in _paths(field.name, field.type)]


def _paths(path: str, dtype: pa.DataType) -> Iterator[str]:
    """The paths of the columns that a column is made of in a file."""
    if pa.types.is_struct(dtype):
        for field in dtype:
            yield from _paths(f"{path}.{field.name}", field.type)
    elif pa.types.is_list(dtype) or pa.types.is_large_list(dtype):
        yield from _paths(f"{path}.list.element", dtype.value_type)
    else:
        yield path


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
