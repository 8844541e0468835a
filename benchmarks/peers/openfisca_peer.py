"""The act as OpenFisca would hold it: a variable for every condition, grant and exclusion, over whole arrays.

OpenFisca has no unknown. Here a condition is a whole number, 1 true, -1 false, 0 unknown: `and` is the least, `or` the
greatest, `not` changes the sign, and the default of a variable is then unknown. Days not known are `NaT`, words not
known the first member of their enumeration. A case without offences gets one of which nothing is known.

Offences are the persons of its model and cases their groups. A register is read in parts, because every variable of a
simulation stays in memory.
"""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.entities import build_entity
    from openfisca_core.indexed_enums import Enum, EnumArray
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

from benchmarks.peers import az_2025 as act

Ints = Any
PERIOD = "2025"
PART_CASES = 100_000

TRUE, UNKNOWN, FALSE = 1, 0, -1

_OFFENCE = build_entity(key="offence", plural="offences", label="An offence", is_person=True)
_CASE = build_entity(
    key="case", plural="cases", label="A case", roles=[{"key": "charged", "plural": "charges", "label": "Its offences"}]
)


class Stage(Enum):
    unknown = "not known"
    investigation = "investigation"
    trial = "trial"
    serving = "serving"
    served = "served"


class Punishment(Enum):
    unknown = "not known"
    imprisonment = "imprisonment"
    life_imprisonment = "life imprisonment"
    disciplinary_unit = "disciplinary unit"
    restriction_of_liberty = "restriction of liberty"
    correctional_works = "correctional works"
    public_works = "public works"
    military_restriction = "military restriction"
    fine = "fine"
    loss_of_post = "loss of post"


class Sex(Enum):
    unknown = "not known"
    female = "female"
    male = "male"


class Recidivism(Enum):
    unknown = "not known"
    none = "none"
    simple = "simple"
    dangerous = "dangerous"
    especially_dangerous = "especially dangerous"


class Guilt(Enum):
    unknown = "not known"
    intent = "intent"
    negligence = "negligence"


_WORDS = {"stage": Stage, "punishment": Punishment, "sex": Sex, "recidivism": Recidivism}
_TRUTHS = ("suspended", "deferred", "foreign_judgment", "first_conviction")
_DAYS = ("birth_date", "term_start", "term_end")
_NUMBERS = ("term_months", "term_days", "credit_days")  # -1 is not known
_NO_DAY = np.datetime64("NaT")


# --- three values -------------------------------------------------------------------------------------------------


def truth(met: Ints, known: Ints) -> Ints:
    """A condition as a number: unknown where what it reads is not known."""
    return np.where(known, np.where(met, TRUE, FALSE), UNKNOWN).astype(np.int32)


def every(*parts: Ints) -> Ints:
    return reduce(np.minimum, parts)


def either(*parts: Ints) -> Ints:
    return reduce(np.maximum, parts)


def no(part: Ints) -> Ints:
    return -part


def of_any(case: Any, values: Ints) -> Ints:
    """Whether some offence of each case meets a condition."""
    some, perhaps = case.any(values == TRUE), case.any(values == UNKNOWN)
    return np.where(some, TRUE, np.where(perhaps, UNKNOWN, FALSE)).astype(np.int32)


def add_months(days: Ints, months: Ints | int) -> Ints:
    """The same day of another month, or that month's last day."""
    month = days.astype("datetime64[M]")
    moved = month + months
    last = (moved + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.minimum(moved.astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last)


# --- variables ----------------------------------------------------------------------------------------------------

Formula = Callable[[Any, Any], Ints]


def variable(name: str, formula: Formula | None = None, kind: Any = int, entity: Any = _CASE, **more: Any) -> Any:
    """A variable of the model: what is read, or what a formula works out."""
    body: dict[str, Any] = {"value_type": kind, "entity": entity, "definition_period": DateUnit.YEAR, **more}
    if formula is not None:
        body["formula"] = formula
    return type(name, (Variable,), body)


def word(name: str, words: Any, entity: Any = _CASE) -> Any:
    """A variable with a word as its value."""
    return variable(name, None, Enum, entity, possible_values=words, default_value=words.unknown)


def _inputs() -> list[Any]:
    return [
        *(word(name, words) for name, words in _WORDS.items()),
        *(variable(name) for name in (*_TRUTHS, *_NUMBERS, "offence_count", "offences_known")),
        *(variable(name) for name in act.FACTS),
        *(variable(name, kind=date) for name in _DAYS),
        *(variable(name, entity=_OFFENCE) for name in ("lowest", "highest", "listed", "code_guilt", "article_known")),
        variable("committed_on", kind=date, entity=_OFFENCE),
        word("guilt", Guilt, _OFFENCE),
    ]


def _at_least(category: int) -> Formula:
    return lambda offence, period: np.where(
        offence("lowest", period) >= category, TRUE, np.where(offence("highest", period) >= category, UNKNOWN, FALSE)
    )


def _over_offences(name: str) -> Formula:
    return lambda case, period: of_any(case, case.members(name, period))


def _intent(offence: Any, period: Any) -> Ints:
    stated, code = offence("guilt", period), offence("code_guilt", period)
    by_code = np.where(code == act.INTENT, TRUE, np.where(code == act.NEGLIGENCE, FALSE, UNKNOWN))
    return np.where(stated == Guilt.unknown, by_code, np.where(stated == Guilt.intent, TRUE, FALSE))


def _under_age(offence: Any, period: Any) -> Ints:
    adult, day = offence.case("adult_from", period), offence("committed_on", period)
    return truth(day < adult, ~np.isnat(day) & ~np.isnat(adult))


def _after_act(offence: Any, period: Any) -> Ints:
    day = offence("committed_on", period)
    return truth(day > np.datetime64(act.IN_FORCE), ~np.isnat(day))


def _term(case: Any, period: Any) -> Ints:
    months, days = case("term_months", period), case("term_days", period)
    length = np.maximum(months, 0) * 30 + np.maximum(days, 0)
    return np.where((months >= 0) | (days >= 0), length, -1)


_RATES = np.array([act.CREDIT.get(word.name, 0) for word in Punishment], np.int32)


def _counted_end(case: Any, period: Any) -> Ints:
    rate = _RATES[np.asarray(case("punishment", period))]
    start, credit = case("term_start", period), case("credit_days", period)
    days = np.maximum(case("term_days", period), 0) - credit * rate
    end = add_months(start, np.maximum(case("term_months", period), 0)) + days
    return np.where((case("term", period) >= 0) & (credit >= 0) & (rate > 0), end, _NO_DAY)


def _ends(join: Any) -> Formula:
    return lambda case, period: join(case("term_end", period), case("counted_end", period))


def _ends_by(day: Any) -> Formula:
    """Whether the term ends by a day; not known where one possible end lies before it and one after."""
    limit = np.datetime64(day)
    return lambda case, period: np.where(
        case("latest_end", period) <= limit, TRUE, np.where(case("earliest_end", period) > limit, FALSE, UNKNOWN)
    )


def _is(name: str, *words: Any) -> Formula:
    def formula(case: Any, period: Any) -> Ints:
        stated = case(name, period)
        met = reduce(np.logical_or, (stated == word for word in words))
        return truth(met, stated != type(words[0]).unknown)

    return formula


def _all_of(*names: str) -> Formula:
    """All conditions named; `not` before a name takes its contrary, `law unknown` is never more than unknown."""

    def formula(case: Any, period: Any) -> Ints:
        return every(*(_one(case, period, name) for name in names))

    return formula


def _any_of(*names: str) -> Formula:
    return lambda case, period: either(*(_one(case, period, name) for name in names))


def _one(case: Any, period: Any, name: str) -> Ints:
    if name == "law unknown":
        return np.int32(UNKNOWN)
    bare = name.removeprefix("not ")
    return case(bare, period) if bare == name else no(case(bare, period))


def _born_by(day: Any) -> Formula:
    def formula(case: Any, period: Any) -> Ints:
        birth = case("birth_date", period)
        return truth(birth <= np.datetime64(day), ~np.isnat(birth))

    return formula


def _severe_disability(case: Any, period: Any) -> Ints:
    percent = case("disability_percent", period)
    return truth((percent >= 61) & (percent <= 100), percent >= 0)


def _short(case: Any, period: Any) -> Ints:
    term = case("term", period)
    return truth(term <= act.FIVE_YEARS, term >= 0)


_GROUPS = (
    "combatant",
    "relative_of_fallen",
    "award_holder",
    "provocation_disabled",
    "relative_of_provocation_killed",
    "khojaly_victim",
    "deported_from_armenia",
    "displaced",
    "january_1990_victim",
    "repression_victim",
    "peacekeeper_or_chernobyl",
    "female",
    "minor_at_crime",
    "aged_60",
    "severe_disability",
    "cares_for_minor_or_disabled_child",
    "ww2_or_ussr_service",
)

CONDITIONS: dict[str, Formula] = {
    "is_serving": _is("stage", Stage.serving),
    "in_proceedings": _is("stage", Stage.investigation, Stage.trial),
    "imprisoned": _is("punishment", Punishment.imprisonment),
    "released_penalty": _is("punishment", *(Punishment[name] for name in act.RELEASED_PENALTIES)),
    "other_penalty": _is("punishment", *(Punishment[name] for name in act.OTHER_PENALTIES)),
    "reduced_penalty": _is("punishment", *(Punishment[name] for name in act.REDUCED_PENALTIES)),
    "female": _is("sex", Sex.female),
    "no_recidivist": _is("recidivism", Recidivism.none),
    "prison": _all_of("is_serving", "imprisoned", "not suspended"),
    "light": _all_of("is_serving", "not suspended"),
    "minor_at_crime": _over_offences("under_age"),
    "aged_60": _born_by(act.BORN_60_YEARS_BEFORE),
    "aged_60_in_two_days": _born_by(act.BORN_60_YEARS_BEFORE_LATE),
    "severe_disability": _severe_disability,
    "award_kept": _all_of("award_holder", "not award_stripped"),
    "some_intent": _over_offences("intent"),
    "short": _short,
    "at_least_less_serious": _over_offences("offence_at_least_less_serious"),
    "serious": _over_offences("offence_at_least_serious"),
    "especially_serious": _over_offences("offence_especially_serious"),
    "less_serious": _all_of("not serious", "at_least_less_serious"),
    "serious_only": _all_of("not especially_serious", "serious"),
    "serious_other_grounds": _all_of("serious", "law unknown"),
    "on_the_list": _over_offences("listed"),
    "committed_after": _over_offences("after_act"),
    "within_6": _ends_by(act.IN_6_MONTHS),
    "within_12": _ends_by(act.IN_12_MONTHS),
    "within_6_late": _ends_by(act.IN_6_MONTHS_LATE),
    "within_12_late": _ends_by(act.IN_12_MONTHS_LATE),
    "personal_group": _any_of(*("award_kept" if name == "award_holder" else name for name in _GROUPS)),
    "turns_60": _all_of("not aged_60", "aged_60_in_two_days"),
    "entry_day_less_serious": _all_of("less_serious", "not within_12", "within_12_late"),
    "entry_day_serious": _all_of("serious_only", "not within_6", "within_6_late"),
    "entry_day_open": _any_of("entry_day_less_serious", "entry_day_serious", "turns_60"),
    "entry_day": _all_of("prison", "entry_day_open"),
    "of_relatives": _any_of(
        "relative_of_fallen", "relative_of_provocation_killed", "khojaly_victim", "january_1990_victim"
    ),
    "of_displacement": _any_of("deported_from_armenia", "displaced"),
}
OF_OFFENCES: dict[str, Formula] = {
    "offence_at_least_less_serious": _at_least(1),
    "offence_at_least_serious": _at_least(2),
    "offence_especially_serious": _at_least(3),
    "intent": _intent,
    "under_age": _under_age,
    "after_act": _after_act,
}
DATES: dict[str, Formula] = {
    "adult_from": lambda case, period: add_months(case("birth_date", period), act.MAJORITY_MONTHS),
    "counted_end": _counted_end,
    "earliest_end": _ends(np.fmin),
    "latest_end": _ends(np.fmax),
}

EXCLUSIONS = ("serious", "especially_serious", "serious_other_grounds", "award_stripped", "on_the_list", "on_the_list")
_OWN: dict[str, tuple[str, ...]] = {
    **{act.GRANTS[place]: ("prison", name) for place, name in enumerate(_GROUPS)},
    "personal.ww2_or_ussr": ("prison", "ww2_or_ussr_service", "law unknown"),
    "minor.release": ("prison", "not at_least_less_serious"),
    "negligence.release": ("prison", "not some_intent", "short"),
    "less_serious.release": ("prison", "less_serious", "within_12"),
    "less_serious.reduce": ("prison", "less_serious", "not within_12"),
    "negligence.serious_release": ("prison", "serious_only", "not some_intent", "not short", "within_6"),
    "negligence.serious_reduce": ("prison", "serious_only", "not some_intent", "not short", "not within_6"),
    "serious_first.release": ("prison", "serious_only", "first_conviction", "within_6"),
    "suspended.release": ("is_serving", "suspended"),
    "noncustodial.release": ("light", "released_penalty"),
    "noncustodial.other": ("light", "other_penalty", "law unknown"),
    "noncustodial.reduce": ("light", "reduced_penalty", "law unknown"),
    "deferred.release": ("is_serving", "deferred", "law unknown"),
    "liability.personal": ("in_proceedings", "personal_group", "law unknown"),
    "liability.minor": ("in_proceedings", "not at_least_less_serious", "law unknown"),
}


def _limits(grant: str) -> list[str]:
    bit = act.grants(grant)
    found = ["especially_serious"]
    found += ["serious"] if bit & (act.PERSONAL | act.grants("liability.personal")) else []
    found += ["serious_other_grounds"] if bit & act.OTHER_GROUNDS else []
    found += ["award_stripped"] if bit == act.grants("personal.award") else []
    found += ["on_the_list"] if bit & (act.BY_FIRST_LIST | act.BY_SECOND_LIST) else []
    return found


def _grants() -> list[Any]:
    """For each grant its own condition, the exclusions that limit it, and what is left of it."""
    found = []
    for grant in act.GRANTS:
        name = grant.replace(".", "_")
        found += [
            variable(f"own_{name}", _all_of(*_OWN[grant])),
            variable(f"limit_{name}", _any_of(*_limits(grant))),
            variable(f"grant_{name}", _all_of(f"own_{name}", f"not limit_{name}")),
        ]
    return found


def system() -> TaxBenefitSystem:
    """The act as a tax-benefit system."""
    found = TaxBenefitSystem([_OFFENCE, _CASE])
    variables = [
        *_inputs(),
        *(variable(name, formula) for name, formula in CONDITIONS.items()),
        *(variable(name, formula, entity=_OFFENCE) for name, formula in OF_OFFENCES.items()),
        *(variable(name, formula, kind=date) for name, formula in DATES.items()),
        variable("term", _term),
        *_grants(),
    ]
    for one in variables:
        found.add_variable(one)
    return found


# --- running it ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """The tax-benefit system, and the offence code: article texts, and what is known of each as arrays."""

    system: TaxBenefitSystem
    texts: pl.Series
    parts: dict[str, Ints]


def prepare() -> Prepared:
    """Build the system and read the offence code."""
    code = act.articles(act.code_path())
    parts = [*code.values(), act.Part(0, 3, act.NOT_FIXED, True)]  # the last one stands for an article not known
    columns = {
        "lowest": [part.lowest for part in parts],
        "highest": [part.highest for part in parts],
        "listed": [UNKNOWN if part.listed else FALSE for part in parts],
        "code_guilt": [part.guilt for part in parts],
        "article_known": [TRUE] * len(code) + [FALSE],
    }
    return Prepared(system(), pl.Series(list(code)), {name: np.array(of, np.int32) for name, of in columns.items()})


def determine(prepared: Prepared, register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a register; `calculation` is the time within the simulations."""
    calculation = 0.0
    writer = None
    rows = pq.ParquetFile(register).metadata.num_rows
    gc.freeze()  # what is loaded stays; so looking for finished simulations is quick
    for first in range(0, rows, PART_CASES):
        cases = pl.scan_parquet(register).slice(first, PART_CASES).select(act.READ).collect()
        arrays, offences = read(cases, prepared)
        began = time.perf_counter()
        answers = calculate(prepared.system, arrays, offences)
        calculation += time.perf_counter() - began
        table = written(cases, answers).to_arrow()
        writer = writer or pq.ParquetWriter(out, table.schema, compression=act.COMPRESSION, write_statistics=False)
        writer.write_table(table)
        gc.collect()  # a simulation refers to itself and so would stay
    if writer is not None:
        writer.close()
    return {"calculation": calculation}


def read(cases: pl.DataFrame, prepared: Prepared) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """Columns of a register as the arrays of the model: those of cases, and those of offences."""
    facts = cases.select(pl.col("facts").struct.field(name) for name in act.FACTS)
    arrays: dict[str, Ints] = {}
    for name, words in _WORDS.items():
        order = pl.Enum([word.name for word in words])
        arrays[name] = EnumArray(_codes(cases.get_column(name), order), words)
    for name in _TRUTHS:
        arrays[name] = _truths(cases.get_column(name))
    for name in act.FACTS:
        arrays[name] = _numbers(facts[name]) if name == "disability_percent" else _truths(facts[name])
    for name in _NUMBERS:
        arrays[name] = _numbers(cases[name])
    for name in _DAYS:
        arrays[name] = _days(cases.get_column(name))
    listed = cases.get_column("offences")
    count = listed.list.len().fill_null(0).cast(pl.Int32).to_numpy()
    known = count > 0
    arrays["offences_known"], arrays["offence_count"] = known.astype(np.int32), count
    flat = listed.explode(empty_as_null=True, keep_nulls=True).struct.unnest()
    article = flat.get_column("article")
    texts = prepared.texts
    places = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    place = article.replace_strict(texts, places, default=len(texts), return_dtype=pl.UInt32).to_numpy()
    return arrays, {
        "case": np.repeat(np.arange(len(count)), np.maximum(count, 1)),
        **{name: of[place] for name, of in prepared.parts.items()},
        "committed_on": _days(flat.get_column("committed_on")),
        "guilt": EnumArray(_codes(flat.get_column("guilt"), pl.Enum([word.name for word in Guilt])), Guilt),
    }


def _codes(column: pl.Series, order: pl.Enum) -> Ints:
    return column.fill_null("unknown").cast(order).to_physical().cast(pl.UInt8).to_numpy()


def _truths(column: pl.Series) -> Ints:
    return (column.cast(pl.Int32) * 2 - 1).fill_null(UNKNOWN).to_numpy()


def _numbers(column: pl.Series) -> Ints:
    return column.cast(pl.Int32).fill_null(-1).to_numpy()


def _days(column: pl.Series) -> Ints:
    return column.to_numpy().astype("datetime64[D]")


def calculate(model: TaxBenefitSystem, arrays: dict[str, Ints], offences: dict[str, Ints]) -> dict[str, Ints]:
    """One simulation over a part of a register."""
    builder = SimulationBuilder()
    builder.create_entities(model)
    of_case = offences.pop("case")
    cases = len(arrays["stage"])
    builder.declare_person_entity("offence", np.arange(len(of_case)))
    population = builder.declare_entity("case", np.arange(cases))
    builder.join_with_persons(population, of_case, np.full(len(of_case), "charged"))
    simulation = builder.build(model)
    for name, values in (*arrays.items(), *offences.items()):
        simulation.set_input(name, PERIOD, values)
    return _Answers(simulation, cases).columns()


class _Answers:
    """What a simulation says of each case, put together as masks and words."""

    def __init__(self, simulation: Any, cases: int) -> None:
        self.simulation, self.cases = simulation, cases

    def of(self, name: str) -> Ints:
        return self.simulation.calculate(name, PERIOD)

    def is_true(self, name: str) -> Ints:
        return self.of(name) == TRUE

    def columns(self) -> dict[str, Ints]:
        true, unknown = self.masks([f"grant_{grant.replace('.', '_')}" for grant in act.GRANTS], np.uint32)
        exclusions_true, exclusions_unknown = self.masks(list(EXCLUSIONS), np.uint8)
        hit = np.zeros(self.cases, bool)
        for grant in act.GRANTS:
            name = grant.replace(".", "_")
            hit |= self.is_true(f"own_{name}") & self.is_true(f"limit_{name}")
        relief = self.relief(true, unknown)
        outcome = np.where(relief > 0, 0, np.where(unknown != 0, 1, np.where(hit, 2, 3))).astype(np.uint8)
        giving = np.where(relief == 1, np.uint32(act.RELEASES), np.uint32(act.REDUCES))
        possible = np.where(true != 0, true, unknown) & giving
        lowest = np.where(relief > 0, possible & (~possible + np.uint32(1)), 1)
        counted = np.where(relief > 0, np.log2(lowest), len(act.GRANTS)).astype(np.uint32)
        earliest, latest = self.of("earliest_end"), self.of("latest_end")
        end = np.where(earliest == latest, earliest, _NO_DAY)
        in_force = np.datetime64(act.IN_FORCE)
        cut = np.maximum(add_months(end, -act.CUT_MONTHS), in_force)
        new = np.where(relief == 1, in_force, np.where(relief == 2, cut, _NO_DAY))
        return {
            "outcome": outcome,
            "relief": relief,
            "grant": counted,
            "grants_true": true,
            "grants_unknown": unknown,
            "exclusions_true": exclusions_true,
            "exclusions_unknown": exclusions_unknown,
            "reservations": self.reservations(true | unknown),
            "missing": self.missing(unknown, end),
            "term_end_before": end,
            "term_end_after": np.minimum(end, new),
        }

    def masks(self, names: list[str], kind: Any) -> tuple[Ints, Ints]:
        true, unknown = np.zeros(self.cases, kind), np.zeros(self.cases, kind)
        for place, name in enumerate(names):
            value = self.of(name)
            true |= (value == TRUE).astype(kind) << kind(place)
            unknown |= (value == UNKNOWN).astype(kind) << kind(place)
        return true, unknown

    def relief(self, true: Ints, unknown: Ints) -> Ints:
        """0 none, 1 release, 2 a reduction: of the grants that are true, or of cases that are covered either way.

        Clauses complete each other. A less serious crime gives release or a reduction whatever the end of the term;
        theft under 177.1 falls into one of the two lowest categories; a serious crime by negligence gives one of three
        reliefs; and a sentence that may be suspended is either suspended, and so released from, or it is not.
        """
        is_open = (true == 0) & (unknown != 0)
        is_open &= self.is_true("is_serving") & (self.of("on_the_list") == FALSE) & (self.of("suspended") != TRUE)
        light_crime = self.of("serious") == FALSE
        certain = (self.of("at_least_less_serious") == FALSE) | self.is_true("within_12")
        for group in _GROUPS[:-1]:
            certain |= self.is_true("award_kept" if group == "award_holder" else group)
        negligent = self.of("some_intent") == FALSE
        certain |= negligent & self.is_true("short")
        released = is_open & light_crime & self.is_true("released_penalty")
        by_degree = is_open & light_crime & self.is_true("imprisoned")
        by_negligence = is_open & self.is_true("prison") & negligent & self.is_true("serious_only")
        soon = self.is_true("short") | self.is_true("within_6")
        release = (true & act.RELEASES) != 0
        release |= released | (by_degree & certain) | (by_negligence & soon)
        reduce_ = ((true & act.REDUCES) != 0) | by_degree | by_negligence
        return np.where(release, 1, np.where(reduce_, 2, 0)).astype(np.uint8)

    def reservations(self, live: Ints) -> Ints:
        asked = (
            (live & act.REDUCES) != 0,
            (live & act.BY_FIRST_LIST) != 0,
            (live & act.SERIOUS_GROUNDS) != 0,
            ~self.is_true("no_recidivist"),
            self.of("offence_count") != 1,
            self.of("foreign_judgment") != FALSE,
            self.of("committed_after") != FALSE,
            self.of("entry_day") != FALSE,
            (live & act.LIGHT_RELEASE) != 0,
            (self.of("of_relatives") != FALSE) & ((live & act.OF_RELATIVES) != 0),
            (self.of("of_displacement") != FALSE) & ((live & act.OF_DISPLACEMENT) != 0),
            (self.of("cares_for_minor_or_disabled_child") != FALSE) & ((live & act.OF_CARE) != 0),
        )
        return sum(one.astype(np.uint16) << place for place, one in enumerate(asked)).astype(np.uint16)

    def missing(self, unknown: Ints, end: Ints) -> Ints:
        """What is not known and read by a grant that is not decided."""
        case, members = self.simulation.populations["case"], self.simulation.populations["offence"]
        known = self.of("offences_known") == 1
        no_guilt = (members("guilt", PERIOD) == Guilt.unknown) & (members("article_known", PERIOD) == TRUE)
        code_guilt = members("code_guilt", PERIOD)
        precise = members("article_known", PERIOD) == TRUE
        open_category = members("lowest", PERIOD) != members("highest", PERIOD)
        unknown_guilt = (members("guilt", PERIOD) == Guilt.unknown) & ~precise
        listed = self.of("on_the_list") == UNKNOWN
        is_open = (
            *(self.of(name) == _WORDS[name].unknown for name in ("stage", "punishment")),
            *(self.of(name) == UNKNOWN for name in ("suspended", "deferred", "female")),
            np.isnat(self.of("birth_date")),
            np.isnat(end),
            self.of("term") < 0,
            self.of("first_conviction") == UNKNOWN,
            *(self.of(name) == (-1 if name == "disability_percent" else UNKNOWN) for name in act.FACTS),
            ~known,
            known & case.any(~precise),
            known & case.any(np.isnat(members("committed_on", PERIOD))),
            known & case.any((no_guilt & (code_guilt == act.NOT_FIXED)) | unknown_guilt),
            known & case.any(precise & open_category),
            known & case.any(no_guilt & (code_guilt == act.MIXED)),
            known & listed,
            known & listed,
            self.of("serious") != FALSE,
            *(np.ones(self.cases, bool),) * 6,
        )
        found = np.zeros(self.cases, np.uint64)
        for place, (one, readers) in enumerate(zip(is_open, act.MISSING.values(), strict=True)):
            found |= (one & ((unknown & readers) != 0)).astype(np.uint64) << np.uint64(place)
        return found


def written(cases: pl.DataFrame, answers: dict[str, Ints]) -> pl.DataFrame:
    """The answers as a table, codes as words."""
    words = {
        "outcome": pl.Series(act.OUTCOMES, dtype=pl.Enum(act.OUTCOMES)),
        "relief": pl.Series([None, *act.RELIEFS], dtype=pl.Enum(act.RELIEFS)),
        "grant": pl.Series([*act.GRANTS, None], dtype=pl.Enum(act.GRANTS)),
    }
    columns = {
        name: words[name].gather(pl.Series(values)) if name in words else pl.Series(values)
        for name, values in answers.items()
    }
    table = pl.DataFrame({"case_id": cases.get_column("case_id"), **columns})
    remitted = (pl.col("term_end_before") - pl.col("term_end_after")).dt.total_days().cast(pl.Int32)
    return table.with_columns(remitted.alias("days_remitted"))
