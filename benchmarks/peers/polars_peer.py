"""One Polars query, as a good analyst would write it by hand for this act: lazy, streaming, Parquet to Parquet.

Unknown is null, and `&`, `|`, `~` follow Kleene's rules. What the offences of a case say together is worked out inside
their list, so nothing is exploded, grouped or joined, and memory stays small.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from pathlib import Path

import polars as pl

from benchmarks.peers import az_2025 as act

E = pl.Expr

# Bits of one offence, joined by `or` over the offences of a case. Categories have one bit each, so that the worst is
# the highest bit set.
_LOWEST, _HIGHEST = 1 << 0, 1 << 4
_LISTED, _NO_ARTICLE, _CATEGORY_OPEN = 1 << 8, 1 << 9, 1 << 10
_INTENT, _GUILT_UNKNOWN, _GUILT_OPEN = 1 << 11, 1 << 12, 1 << 13
_OF_GUILT = _INTENT | _GUILT_UNKNOWN | _GUILT_OPEN
_UNKNOWN_ARTICLE = _LOWEST | _HIGHEST << 3 | _LISTED | _NO_ARTICLE | _GUILT_UNKNOWN


@dataclass(frozen=True)
class Prepared:
    """Article texts and their bits."""

    texts: list[str]
    bits: list[int]


def prepare() -> Prepared:
    """Read the offence code."""
    code = act.articles(act.code_path())
    return Prepared(list(code), [_bits(part) for part in code.values()])


def _bits(part: act.Part) -> int:
    guilt = {act.INTENT: _INTENT, act.NEGLIGENCE: 0, act.NOT_FIXED: _GUILT_UNKNOWN, act.MIXED: _GUILT_OPEN}[part.guilt]
    open_category = _CATEGORY_OPEN * (part.lowest != part.highest)
    return _LOWEST << part.lowest | _HIGHEST << part.highest | _LISTED * part.listed | open_category | guilt


def determine(prepared: Prepared, register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a register."""
    answers = query(prepared, pl.scan_parquet(register))
    answers.sink_parquet(out, compression=act.COMPRESSION, statistics=False, engine="streaming")
    return {}


def query(prepared: Prepared, register: pl.LazyFrame) -> pl.LazyFrame:
    """The whole act as one query over nested records."""
    facts = [pl.col("facts").struct.field(name).alias(name) for name in act.FACTS]
    cases = register.select(pl.exclude("facts", "offences"), *facts, *offences(prepared))
    cases = cases.with_columns(term()).with_columns(counted_end())
    cases = cases.with_columns(ends())
    cases = cases.with_columns(conditions())
    cases = cases.with_columns(*grant_masks(), *exclusion_masks())
    cases = cases.with_columns(relief=relief())
    return cases.select(
        "case_id",
        outcome().cast(pl.Enum(act.OUTCOMES)),
        pl.col("relief").cast(pl.Enum(act.RELIEFS)),
        grant(),
        pl.col("true").alias("grants_true"),
        pl.col("unknown").alias("grants_unknown"),
        "exclusions_true",
        "exclusions_unknown",
        reservations(),
        missing(),
        pl.col("end").alias("term_end_before"),
        after().alias("term_end_after"),
        (pl.col("end") - after()).dt.total_days().cast(pl.Int32).alias("days_remitted"),
    )


# --- offences and dates -------------------------------------------------------------------------------------------


def offences(prepared: Prepared) -> list[E]:
    """What the offences of a case say together; all null where none are known."""
    article, guilt, day = (pl.element().struct.field(name) for name in ("article", "guilt", "committed_on"))
    bits = article.replace_strict(prepared.texts, prepared.bits, default=_UNKNOWN_ARTICLE, return_dtype=pl.UInt16)
    stated = (bits & ~_OF_GUILT & 0xFFFF) + (guilt == "intent").cast(pl.UInt16) * _INTENT
    bits = pl.when(guilt.is_null()).then(bits).otherwise(stated)
    of_case = pl.col("offences").list
    return [
        of_case.agg(bits.bitwise_or()).alias("offence"),
        of_case.agg(day.min()).alias("first"),
        of_case.agg(day.max()).alias("last"),
        (of_case.agg(day.null_count()) > 0).alias("undated"),
        of_case.len().alias("count"),
    ]


def term() -> E:
    """The length of the term for comparison; one that is written in months alone has no days."""
    months, days = pl.col("term_months"), pl.col("term_days")
    length = months.fill_null(0) * 30 + days.fill_null(0)
    return pl.when(months.is_not_null() | days.is_not_null()).then(length).alias("term")


def counted_end() -> E:
    """The end of the term, counted from its start: calendar months and days, less custody at the penalty's rate."""
    rate = pl.col("punishment").replace_strict(act.CREDIT, default=None, return_dtype=pl.Int32)
    end = pl.col("term_start").dt.offset_by(pl.format("{}mo", pl.col("term_months").fill_null(0)))
    days = pl.col("term_days").fill_null(0) - pl.col("credit_days") * rate
    counted = end + pl.duration(days=days)
    return pl.when(pl.col("term").is_not_null()).then(counted).alias("counted")


def ends() -> list[E]:
    """The end of the term: unknown where the given day and the counted one differ, as both are possible."""
    given, counted = pl.col("term_end"), pl.col("counted")
    end = pl.coalesce(given, counted)
    return [
        pl.when(given.ne(counted).fill_null(False)).then(None).otherwise(end).alias("end"),
        pl.min_horizontal(given, counted).alias("earliest_end"),
        pl.max_horizontal(given, counted).alias("latest_end"),
    ]


def ends_by(day: date) -> E:
    """Whether the term ends by a day; not known where one possible end lies before it and one after."""
    return pl.when(pl.col("latest_end") <= day).then(True).when(pl.col("earliest_end") > day).then(False)


def worst_at_least(category: int) -> E:
    lowest = (pl.col("offence") & 15) >= _LOWEST << category
    highest = (pl.col("offence") & 240) >= _HIGHEST << category
    return pl.when(lowest).then(True).when(~highest).then(False)


# --- conditions ---------------------------------------------------------------------------------------------------


def offence_has(bit: int) -> E:
    return (pl.col("offence") & bit) != 0


def conditions() -> list[E]:
    """The named conditions of the act."""
    serving = pl.col("stage") == "serving"
    negligent = pl.when(offence_has(_INTENT)).then(False).when(~offence_has(_GUILT_UNKNOWN | _GUILT_OPEN)).then(True)
    adult = pl.col("birth_date").dt.offset_by(f"{act.MAJORITY_MONTHS}mo")
    grown = ~pl.col("undated") & (pl.col("first") >= adult)
    young = pl.when(pl.col("first") < adult).then(True).when(grown).then(False)
    serious, worst = worst_at_least(2), worst_at_least(3)
    return [
        serving.alias("serving"),
        (serving & (pl.col("punishment") == "imprisonment") & ~pl.col("suspended")).alias("prison"),
        (serving & ~pl.col("suspended")).alias("light"),
        pl.col("stage").is_in(["investigation", "trial"]).alias("in_proceedings"),
        (pl.col("sex") == "female").alias("female"),
        (pl.col("birth_date") <= act.BORN_60_YEARS_BEFORE).alias("aged_60"),
        young.alias("minor_at_crime"),
        pl.col("disability_percent").is_between(61, 100).alias("severe_disability"),
        negligent.alias("negligent"),
        (pl.col("term") <= act.FIVE_YEARS).alias("short"),
        (~worst_at_least(1)).alias("lightest"),
        (~serious & worst_at_least(1)).alias("less_serious"),
        (~worst & serious).alias("serious_only"),
        serious.alias("serious"),
        worst.alias("especially_serious"),
        pl.when(~offence_has(_LISTED)).then(False).alias("listed"),
        ends_by(act.IN_6_MONTHS).alias("within_6"),
        ends_by(act.IN_12_MONTHS).alias("within_12"),
    ]


def every(*names: str | E) -> E:
    return reduce(and_, (pl.col(name) if isinstance(name, str) else name for name in names))


#: The personal groups, in the order of their grants.
GROUPS = (
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
_OPEN = pl.lit(None, pl.Boolean)


def grants() -> dict[str, tuple[E, E]]:
    """Each grant: its own condition, and the exclusions that limit it."""
    prison, serving, light = pl.col("prison"), pl.col("serving"), pl.col("light")
    listed, worst = pl.col("listed"), pl.col("especially_serious")
    personal = pl.col("serious") | listed
    other = worst | (pl.col("serious") & _OPEN) | listed
    award_kept = pl.col("award_holder") & ~pl.col("award_stripped")
    group = reduce(or_, (award_kept if name == "award_holder" else pl.col(name) for name in GROUPS))
    found = {act.GRANTS[place]: (prison & pl.col(name), personal) for place, name in enumerate(GROUPS)}
    found["personal.award"] = (prison & pl.col("award_holder"), personal | pl.col("award_stripped"))
    found["personal.ww2_or_ussr"] = (prison & pl.col("ww2_or_ussr_service") & _OPEN, personal)
    punished = pl.col("punishment").is_in
    return found | {
        "minor.release": (prison & pl.col("lightest"), worst | listed),
        "negligence.release": (every("prison", "negligent", "short"), worst | listed),
        "less_serious.release": (every("prison", "less_serious", "within_12"), worst | listed),
        "less_serious.reduce": (every("prison", "less_serious", ~pl.col("within_12")), worst | listed),
        "negligence.serious_release": (
            every("prison", "serious_only", "negligent", ~pl.col("short"), "within_6"),
            worst | listed,
        ),
        "negligence.serious_reduce": (
            every("prison", "serious_only", "negligent", ~pl.col("short"), ~pl.col("within_6")),
            worst | listed,
        ),
        "serious_first.release": (every("prison", "serious_only", "first_conviction", "within_6"), worst),
        "suspended.release": (serving & pl.col("suspended"), other),
        "noncustodial.release": (light & punished(act.RELEASED_PENALTIES), other),
        "noncustodial.other": (light & punished(act.OTHER_PENALTIES) & _OPEN, other),
        "noncustodial.reduce": (light & punished(act.REDUCED_PENALTIES) & _OPEN, other),
        "deferred.release": (serving & pl.col("deferred") & _OPEN, other),
        "liability.personal": (pl.col("in_proceedings") & group & _OPEN, personal),
        "liability.minor": (every("in_proceedings", "lightest") & _OPEN, worst | listed),
    }


def mask(bits: list[E], dtype: type[pl.DataType]) -> E:
    """Conditions as one whole number, the first at its lowest bit; what is not known counts as not met."""
    return reduce(or_, (bit.fill_null(False).cast(dtype) * (1 << place) for place, bit in enumerate(bits)))


def grant_masks() -> list[E]:
    """Grants that are true, grants that are not known, and whether a true exclusion stands against a true condition."""
    clauses = grants()
    full = [clauses[name][0] & ~clauses[name][1] for name in act.GRANTS]
    hit = reduce(or_, (own & limit for name in act.GRANTS for own, limit in [clauses[name]]))
    return [
        mask(full, pl.UInt32).alias("true"),
        mask([value.is_null() for value in full], pl.UInt32).alias("unknown"),
        hit.fill_null(False).alias("hit"),
    ]


def exclusion_masks() -> list[E]:
    names = ("serious", "especially_serious", "serious_other_grounds", "award_stripped", "listed", "listed")
    of = [pl.col("serious") & _OPEN if name == "serious_other_grounds" else pl.col(name) for name in names]
    return [
        mask(of, pl.UInt8).alias("exclusions_true"),
        mask([one.is_null() for one in of], pl.UInt8).alias("exclusions_unknown"),
    ]


# --- the answer ---------------------------------------------------------------------------------------------------


def has(mask_name: str, grants_asked: int) -> E:
    return (pl.col(mask_name) & grants_asked) != 0


def covered_either_way() -> E:
    """Cases that some clause covers whatever the open facts are: the relief that is certain.

    Clauses complete each other. A less serious crime gives release or a reduction whatever the end of the term; theft
    under 177.1 falls into one of the two lowest categories; a serious crime by negligence gives one of three reliefs;
    and a sentence that may be suspended is either suspended, and so released from, or it is not.
    """
    open_case = every("serving", ~pl.col("listed"), pl.col("suspended").fill_null(False).not_()).fill_null(False)
    imprisoned = pl.col("punishment") == "imprisonment"
    award_kept = pl.col("award_holder") & ~pl.col("award_stripped")
    groups = (award_kept if name == "award_holder" else pl.col(name) for name in GROUPS[:-1])
    group = reduce(or_, (one.fill_null(False) for one in groups))
    within_12, within_6, short = (pl.col(name).fill_null(False) for name in ("within_12", "within_6", "short"))
    negligent = pl.col("negligent").fill_null(False)
    certain = pl.col("lightest").fill_null(False) | group | (negligent & short) | within_12
    light_crime = (~pl.col("serious")).fill_null(False)
    by_negligence = every("prison", "negligent", "serious_only").fill_null(False)
    return (
        pl.when(open_case & light_crime & pl.col("punishment").is_in(act.RELEASED_PENALTIES))
        .then(pl.lit("release"))
        .when(open_case & light_crime & imprisoned)
        .then(pl.when(certain).then(pl.lit("release")).otherwise(pl.lit("reduce")))
        .when(open_case & by_negligence)
        .then(pl.when(short | within_6).then(pl.lit("release")).otherwise(pl.lit("reduce")))
    )


def relief() -> E:
    """The relief that is certain: the most favourable of the grants that are true, or of those covered either way."""
    return (
        pl.when(has("true", act.RELEASES))
        .then(pl.lit("release"))
        .when(has("true", act.REDUCES))
        .then(pl.lit("reduce"))
        .when(pl.col("unknown") != 0)
        .then(covered_either_way())
    )


def outcome() -> E:
    return (
        pl.when(pl.col("relief").is_not_null())
        .then(pl.lit("granted"))
        .when(pl.col("unknown") != 0)
        .then(pl.lit("undetermined"))
        .when("hit")
        .then(pl.lit("excluded"))
        .otherwise(pl.lit("not_covered"))
        .alias("outcome")
    )


def grant() -> E:
    """The grant that is counted: the first in the order of the act that gives the relief."""
    possible = pl.when(pl.col("true") != 0).then("true").otherwise("unknown")
    giving = pl.when(pl.col("relief") == "release").then(possible & act.RELEASES).otherwise(possible & act.REDUCES)
    names = pl.Series(act.GRANTS, dtype=pl.Enum(act.GRANTS))
    place = giving.bitwise_trailing_zeros()
    return pl.when(pl.col("relief").is_not_null()).then(pl.lit(names).gather(place, null_on_oob=True)).alias("grant")


def after() -> E:
    """The new end of the term: the entry into force for a release, six months earlier for a reduction."""
    end, in_force = pl.col("end"), pl.lit(act.IN_FORCE)
    cut = pl.max_horizontal(end.dt.offset_by(f"-{act.CUT_MONTHS}mo"), in_force)
    new = pl.when(pl.col("relief") == "release").then(in_force).when(pl.col("relief") == "reduce").then(cut)
    return pl.when(end.is_not_null() & pl.col("relief").is_not_null()).then(pl.min_horizontal(end, new))


def reservations() -> E:
    """The questions that a person must answer: listed unless their condition is false."""
    live = pl.col("true") | pl.col("unknown")
    relatives = ("relative_of_fallen", "relative_of_provocation_killed", "khojaly_victim", "january_1990_victim")
    turning = ~pl.col("aged_60") & (pl.col("birth_date") <= act.BORN_60_YEARS_BEFORE_LATE)
    entry_day = pl.col("prison") & (
        every("less_serious", ~pl.col("within_12"), ends_by(act.IN_12_MONTHS_LATE))
        | every("serious_only", ~pl.col("within_6"), ends_by(act.IN_6_MONTHS_LATE))
        | turning
    )
    committed_after = pl.when(pl.col("last") > act.IN_FORCE).then(True).when(~pl.col("undated")).then(False)
    asked = [
        (live & act.REDUCES) != 0,
        (live & act.BY_FIRST_LIST) != 0,
        (live & act.SERIOUS_GROUNDS) != 0,
        pl.col("recidivism") != "none",
        pl.col("count") > 1,
        pl.col("foreign_judgment"),
        committed_after,
        entry_day,
        (live & act.LIGHT_RELEASE) != 0,
        reduce(or_, map(pl.col, relatives)) & ((live & act.OF_RELATIVES) != 0),
        (pl.col("deported_from_armenia") | pl.col("displaced")) & ((live & act.OF_DISPLACEMENT) != 0),
        pl.col("cares_for_minor_or_disabled_child") & ((live & act.OF_CARE) != 0),
    ]
    return mask([one.fill_null(True) for one in asked], pl.UInt16).alias("reservations")


def missing() -> E:
    """What is not known and read by a grant that is not decided."""
    of_record = ("stage", "punishment", "suspended", "deferred", "sex", "birth_date", "end", "term", "first_conviction")
    listed = offence_has(_LISTED)
    is_open = [
        *(pl.col(name).is_null() for name in (*of_record, *act.FACTS)),
        pl.col("offence").is_null(),
        offence_has(_NO_ARTICLE),
        pl.col("undated"),
        offence_has(_GUILT_UNKNOWN),
        offence_has(_CATEGORY_OPEN),
        offence_has(_GUILT_OPEN),
        listed,
        listed,
        pl.col("serious").fill_null(True),
        *(pl.lit(True) for _ in range(6)),
    ]
    readers = act.MISSING.values()
    asked = [one & has("unknown", read) for one, read in zip(is_open, readers, strict=True)]
    return mask(asked, pl.UInt64).alias("missing")
