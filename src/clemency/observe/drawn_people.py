"""Whose cases an estimate counts: a country's people, invented anew in every draw, or a given register as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clemency.determine.columns import CaseByCase, Engine
from clemency.determine.plan import NotColumnar
from clemency.law import rules
from clemency.law.act import Act
from clemency.law.codes import MIXED
from clemency.law.vocabulary import OUTCOMES, SEX
from clemency.observe.booking import Booking
from clemency.observe.case_columns import CaseColumns, Column, of_layout
from clemency.observe.classes import ClassAct
from clemency.observe.holes import Holes, holes_of
from clemency.observe.tallies import Reach, Tallies
from clemency.records.assumptions import Assumptions, load_assumptions
from clemency.records.layout import Layout, lay_out
from clemency.records.quarantine import RegisterError
from clemency.records.record import known_facts
from clemency.records.register import open_register
from clemency.records.stock import Stock
from clemency.records.synthesise import national_size, synthesise_columns

Floats = NDArray[np.float64]
#: Draws cases from one setting of the assumptions.
Source = Callable[[np.random.Generator], CaseColumns]
#: How many invented cases lend what the files of a given register do not say.
_DONORS = 20_000


class EstimateError(ValueError):
    """An estimate that cannot be made, in a sentence for the person who asked."""


class People(Protocol):
    """Where the cases of a draw come from."""

    @property
    def assumed(self) -> Assumptions | None:
        """The country's assumptions at their values, where the library has them."""

    def at(self, assumed: Assumptions | None) -> Source:
        """Where cases are drawn from at one setting of the assumptions."""

    def bounds(self, tallies: Tallies) -> tuple[Floats, Floats] | None:
        """What is certain and what possible on the people as they are known; none where they are invented."""

    def told(self) -> Mapping[str, Any]:
        """Where the people come from, as plain data."""

    def notes(self) -> Iterator[str]:
        """What a reader has to know about them."""


class Country:
    """The people of a country's prisons, probation and pending cases, invented anew in every draw."""

    def __init__(self, act: Act) -> None:
        found = _assumptions(act)
        if found is None:
            raise EstimateError(
                f"{act.id}: the library has no figures of the people of {act.jurisdiction or 'its country'}; "
                "give a register with --population FILE"
            )
        self.act, self._assumed = act, found

    @cached_property
    def central(self) -> Stock:
        """The stock with every assumption at its value, from which fits at other settings start."""
        return Stock(self._assumed, self.act.in_force)

    @property
    def assumed(self) -> Assumptions:
        """The country's assumptions at their values."""
        return self._assumed

    def at(self, assumed: Assumptions | None) -> Source:
        """Registers of the country's size, with all facts known."""
        stock = Stock(assumed or self._assumed, self.act.in_force, self.central)
        mixed = mixed_guilt(self.act, stock)
        return lambda rng: synthetic_cases(stock, mixed, national_size(stock), rng)

    def bounds(self, tallies: Tallies) -> None:
        """There are none: the people are not given."""

    def told(self) -> Mapping[str, Any]:
        """Where the people come from, as plain data."""
        return {
            "source": f"invented from published figures and stated assumptions, {self.assumed.inputs.country}",
            "synthetic": True,
            "inputs_sha256": self.assumed.inputs.sha256,
        }

    def notes(self) -> Iterator[str]:
        """What a reader has to know about them."""
        yield (
            "SYNTHETIC: the people are invented in every draw, from figures published before the act and from "
            "assumptions within their stated ranges. No real person is in it."
        )
        not_drawn = sorted(set(self.act.facts) - set(self._assumed.data("unknown", "facts")))
        if not_drawn:
            yield (
                f"No figure and no assumption says how many have: {', '.join(not_drawn)}. Cases that hang on it stay "
                "undetermined and are in no other line."
            )


class GivenRegister:
    """The cases of a register as they are, with what is not known of them drawn from the country's figures."""

    def __init__(self, act: Act, source: Path | str) -> None:
        self.act, self._assumed = act, _assumptions(act)
        facts = known_facts(act)
        frames, self.aside = [], 0
        for batch in open_register(source, facts).batches():
            frames.append(batch.frame)
            self.aside += len(batch.quarantined)
        if not frames or not sum(frame.height for frame in frames):
            raise RegisterError(f"{source}: there is no case in it to estimate from")
        frame = pl.concat(frames)
        self.name = Path(source).name
        self.synthetic = bool(frame.get_column("case_id").str.starts_with("synthetic-").all())
        self.layout = lay_out(frame, facts)
        self.cases = of_layout(self.layout, facts)
        read = fields_read(act)
        guilt = "guilt" in read
        self.holes: Holes = holes_of(self.cases, sorted(read), act.facts, act.code, guilt)

    @property
    def assumed(self) -> Assumptions | None:
        """The assumptions of the act's country at their values; none for a country that the library does not know."""
        return self._assumed

    def at(self, assumed: Assumptions | None) -> Source:
        """The register with its holes filled; where the country's figures are not known they stay holes."""
        if assumed is None or not len(self.holes.rows):
            return lambda rng: self.cases
        stock = Stock(assumed, self.act.in_force)
        mixed = mixed_guilt(self.act, stock)
        return lambda rng: self.holes.filled(synthetic_cases(stock, mixed, _DONORS, rng), rng)

    def bounds(self, tallies: Tallies) -> tuple[Floats, Floats] | None:
        """What is certain on the files as they are and the law as it is known, and what is possible at the most.

        None for an act with a rule that has no column form.
        """
        engine = engine_of(self.act)
        if isinstance(engine, CaseByCase):
            return None
        ranks = ClassAct(self.act).labels(self.cases.articles).categories({})
        return tallies.bounds(_reach(self.layout, engine), self.cases, ranks)

    def told(self) -> Mapping[str, Any]:
        """Where the people come from, as plain data."""
        return {
            "source": self.name,
            "synthetic": self.synthetic,
            "cases": self.cases.height,
            "with_holes": len(self.holes.rows),
            "put_aside": self.aside,
        }

    def notes(self) -> Iterator[str]:
        """What a reader has to know about them."""
        kind = "an invented register (SYNTHETIC)" if self.synthetic else "a given register"
        yield (
            f"The people are those of {kind}, {self.name}: {self.cases.height:,} cases. None is added. In "
            f"{len(self.holes.rows):,} of them something that matters is not known; it is drawn from the country's "
            "published figures and assumptions, and never counts as known."
        )
        if self.aside:
            yield f"{self.aside:,} rows did not fit and are not in the estimate; `clemency register check` tells why."
        yield (
            "`certain` counts cases whose record as it is leaves no other answer; `possible` adds those that a missing "
            "fact or open law could bring in at the most."
        )


def _assumptions(act: Act) -> Assumptions | None:
    try:
        return load_assumptions(act.jurisdiction) if act.jurisdiction else None
    except FileNotFoundError:
        return None


def synthetic_cases(stock: Stock, mixed: NDArray[np.bool_], count: int, rng: np.random.Generator) -> CaseColumns:
    """Invented cases on the day of the stock, all facts known.

    Where the code mixes an intended act with a negligent result (`mixed`, by article label) no form of guilt is stated:
    how such a crime counts is a question of law, and the reading of a draw answers it for all.
    """
    cases = synthesise_columns(stock, count, rng)
    sentenced, life = cases.sentenced, cases.life
    dated, imposed = cases.running | life, cases.term >= 0
    fields = {
        "birth_date": Column(cases.birth),
        "sex": Column(np.where(cases.female, SEX.rank("female"), SEX.rank("male"))),
        "stage": Column(cases.stage),
        "punishment": Column(cases.penalty, sentenced),
        "suspended": Column(cases.suspended.astype(np.int64), sentenced),
        "deferred": Column(cases.deferred.astype(np.int64), sentenced),
        "foreign_judgment": Column(cases.foreign_judgment.astype(np.int64), sentenced),
        "institution_type": Column(cases.institution, cases.institution >= 0),
        "term_months": Column(cases.term, imposed),
        "term_days": Column(cases.days, imposed),
        "term_start": Column(cases.start, dated),
        "term_end": Column(cases.end, cases.running),
        "credit_days": Column(cases.credit, dated),
        "judgment_date": Column(cases.judgment, sentenced),
        "first_conviction": Column(cases.first_conviction.astype(np.int64)),
        "recidivism": Column(cases.recidivism),
    }
    facts = {name: Column(held.astype(np.int64)) for name, held in cases.facts.items()}
    facts["disability_percent"] = Column(cases.disability_percent)
    offences = {
        "article": Column(cases.offence_label),
        "committed_on": Column(cases.offence_on),
        "guilt": Column(cases.offence_guilt, ~mixed[cases.offence_label]),
        "form": Column(cases.offence_form),
    }
    return CaseColumns(fields, facts, np.diff(cases.offsets), tuple(stock.code.labels), offences)


def mixed_guilt(act: Act, stock: Stock) -> NDArray[np.bool_]:
    """For each article label of a stock whether the code mixes intent and negligence in it."""
    parts = [act.code.part_of(label) if act.code else None for label in stock.code.labels]
    return np.array([part is not None and part.guilt == MIXED for part in parts], bool)


def fields_read(act: Act) -> set[str]:
    """What the clauses and the count read of a record: fields, facts, and fields of an offence."""
    conditions = [*(one.condition for one in act.grants), *(one.condition for one in act.exclusions)]
    read = {name.name for condition in conditions for atom in rules.atoms(condition) for name in rules.names_read(atom)}
    if "term" in read:
        read |= {"term_months"}
    return read | {"birth_date", "sex", "institution_type", "term_end", "punishment", "stage", "suspended"}


def _reach(layout: Layout, engine: Engine) -> Reach:
    """For each case of a register as it is the grants it may be booked under, whatever is still open.

    Where a case is granted, these are the live grants with a better relief, and of its own relief those up to the first
    that is certain, or all that may be counted in its place; where it is undetermined, all live ones. Kleene's rules
    tell what is live, so the reach is rather too wide than too narrow.
    """
    answers = engine.determine(layout)
    outcome = answers.outcome.astype(np.int64)
    _, rows, back = np.unique(answers.kind, return_index=True, return_inverse=True)
    kinds = engine.kleene(engine.part(layout.chosen(rows, layout.first_offence())))
    live, true = kinds.live[back], kinds.true[back]
    covered = outcome == OUTCOMES.index("granted")
    stated = np.where(covered, answers.grant, 0)
    relief = np.array(engine.plan.ranks)
    reach = np.where(outcome == OUTCOMES.index("undetermined"), live, np.uint64(0))
    for level in set(engine.plan.ranks):
        here = covered & (relief[stated] == level)
        settled = np.zeros(len(live), bool)
        for place in np.argsort(relief, kind="stable").tolist():
            bit = np.uint64(1 << place)
            if relief[place] < level:
                reach[here] |= live[here] & bit
            elif relief[place] == level:
                reach[here & ~settled] |= live[here & ~settled] & bit
                settled |= (true & bit) != 0
    in_place = [sum(1 << other for other in others) for others in Booking.of(engine.act).alike()]
    instead = np.array([*in_place, *([0] * (256 - len(in_place)))], np.uint64)
    reach[covered] |= live[covered] & instead[stated[covered]]
    reach[covered] |= np.uint64(1) << stated[covered].astype(np.uint64)
    return Reach(outcome, covered, reach)


def engine_of(act: Act) -> Engine | CaseByCase:
    """An engine of the act's own, which no other thread shares."""
    try:
        return Engine(act)
    except NotColumnar:
        return CaseByCase(act)
