"""One DuckDB query, as a good analyst would write it by hand for this act: SQL from Parquet to Parquet.

Unknown is NULL, and SQL's `AND`, `OR`, `NOT` follow Kleene's rules. What the offences of a case say together is worked
out inside their list, over a packed number for each offence: that takes no longer than unnesting, grouping and joining
back, and its memory does not grow with the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.peers import az_2025 as act

# Bits of one offence, joined by `or` over the offences of a case; the worst category is the highest bit set.
_LISTED, _NO_ARTICLE, _CATEGORY_OPEN = 256, 512, 1024
_INTENT, _GUILT_UNKNOWN, _GUILT_OPEN = 2048, 4096, 8192
_OF_CATEGORY, _EVERY_BIT = 2047, 16383
_UNKNOWN_ARTICLE = 1 | 128 | _LISTED | _NO_ARTICLE | _GUILT_UNKNOWN


@dataclass(frozen=True)
class Prepared:
    """A connection that knows the article texts as an enumeration, and their bits in its order."""

    connection: duckdb.DuckDBPyConnection


def prepare() -> Prepared:
    """Open a database in memory and read the offence code into it."""
    code = act.articles(act.code_path())
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE TYPE article AS ENUM ({', '.join(map(quoted, code))})")
    connection.execute("SET VARIABLE bits = ?", [[_bits(part) for part in code.values()]])
    return Prepared(connection)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _bits(part: act.Part) -> int:
    guilt = {act.INTENT: _INTENT, act.NEGLIGENCE: 0, act.NOT_FIXED: _GUILT_UNKNOWN, act.MIXED: _GUILT_OPEN}[part.guilt]
    open_category = _CATEGORY_OPEN * (part.lowest != part.highest)
    return 1 << part.lowest | 16 << part.highest | _LISTED * part.listed | open_category | guilt


def determine(prepared: Prepared, register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a register."""
    source, target = quoted(str(register)), quoted(str(out))
    prepared.connection.execute(f"COPY ({query(source)}) TO {target} (FORMAT parquet, COMPRESSION {act.COMPRESSION})")
    return {}


def mask(conditions: Iterable[str], kind: str = "INTEGER", first: int = 0) -> str:
    """Conditions that are true or false as one whole number, the first at its lowest bit."""
    return "(" + " | ".join(f"(({one})::{kind} << {place})" for place, one in enumerate(conditions, first)) + ")"


def true_mask(conditions: Iterable[str], first: int = 0) -> str:
    return mask((f"({one}) IS TRUE" for one in conditions), first=first)


def unknown_mask(conditions: Iterable[str], first: int = 0) -> str:
    return mask((f"({one}) IS NULL" for one in conditions), first=first)


def limited(state: str) -> str:
    """The mask of the grants that exclusions in some state limit."""
    return " | ".join(f"CASE WHEN {state.format(name)} THEN {grants} ELSE 0 END" for name, grants in LIMITS)


def date(day: object) -> str:
    return f"DATE '{day}'"


def ends_by(day: object) -> str:
    """Whether the term ends by a day; not known where one possible end lies before it and one after."""
    return f"CASE WHEN latest_end <= {date(day)} THEN true WHEN earliest_end > {date(day)} THEN false END"


def words(options: Iterable[str]) -> str:
    return "(" + ", ".join(map(quoted, options)) + ")"


#: What the grants out of prison ask beside imprisonment, in the order of the act.
OUT_OF_PRISON = (
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
    "ww2_or_ussr_service AND NULL::BOOLEAN",
    "lightest",
    "negligent AND short",
    "less_serious AND within_12",
    "less_serious AND NOT within_12",
    "serious_only AND negligent AND NOT short AND within_6",
    "serious_only AND negligent AND NOT short AND NOT within_6",
    "serious_only AND first_conviction AND within_6",
)
#: The grants after them. A clause that may or may not exist is never more than unknown.
OTHERS = (
    "serving AND suspended",
    f"light AND punishment IN {words(act.RELEASED_PENALTIES)}",
    f"light AND punishment IN {words(act.OTHER_PENALTIES)} AND NULL::BOOLEAN",
    f"light AND punishment IN {words(act.REDUCED_PENALTIES)} AND NULL::BOOLEAN",
    "serving AND deferred AND NULL::BOOLEAN",
    "in_proceedings AND personal_group AND NULL::BOOLEAN",
    "in_proceedings AND lightest AND NULL::BOOLEAN",
)
#: Exclusions, and the grants that each limits.
LIMITS = (
    ("serious", act.PERSONAL | act.grants("liability.personal")),
    ("especially_serious", act.EVERY_GRANT),
    ("serious AND NULL::BOOLEAN", act.OTHER_GROUNDS),
    ("award_stripped", act.grants("personal.award")),
    ("listed", act.BY_FIRST_LIST),
    ("listed", act.BY_SECOND_LIST),
)

_GROUPS = (
    "combatant",
    "relative_of_fallen",
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
)

_OPEN = (
    *("stage", "punishment", "suspended", "deferred", "sex", "birth_date", "ended", "term", "first_conviction"),
    *act.FACTS,
    "offence",
)
_BITS_OPEN = (
    f"known_bits & {_NO_ARTICLE} != 0",
    "undated IS TRUE",
    f"known_bits & {_GUILT_UNKNOWN} != 0",
    f"known_bits & {_CATEGORY_OPEN} != 0",
    f"known_bits & {_GUILT_OPEN} != 0",
    f"known_bits & {_LISTED} != 0",
    f"known_bits & {_LISTED} != 0",
    "serious IS NOT FALSE",
    *("true",) * 6,
)


def missing() -> str:
    """What is not known and read by a grant that is not decided."""
    is_open = [*(f"{name} IS NULL" for name in _OPEN), *_BITS_OPEN]
    readers = act.MISSING.values()
    return mask((f"{one} AND unknown & {read} != 0" for one, read in zip(is_open, readers, strict=True)), "BIGINT")


def rates() -> str:
    cases = " ".join(f"WHEN {quoted(kind)} THEN {rate}" for kind, rate in act.CREDIT.items())
    return f"CASE punishment {cases} END"


def query(source: str) -> str:
    """The whole act as one query over nested records."""
    limits = [name for name, _ in LIMITS]
    live = '("true" | unknown)'
    entry_day = f"""prison AND (
        (less_serious AND NOT within_12 AND {ends_by(act.IN_12_MONTHS_LATE)})
        OR (serious_only AND NOT within_6 AND {ends_by(act.IN_6_MONTHS_LATE)})
        OR (birth_date > {date(act.BORN_60_YEARS_BEFORE)} AND birth_date <= {date(act.BORN_60_YEARS_BEFORE_LATE)}))"""
    asked = (
        f"{live} & {act.REDUCES} != 0",
        f"{live} & {act.BY_FIRST_LIST} != 0",
        f"{live} & {act.SERIOUS_GROUNDS} != 0",
        "(recidivism != 'none') IS NOT FALSE",
        "(offence_count > 1) IS NOT FALSE",
        "foreign_judgment IS NOT FALSE",
        f"(CASE WHEN last_on > {date(act.IN_FORCE)} THEN true WHEN NOT undated THEN false END) IS NOT FALSE",
        f"({entry_day}) IS NOT FALSE",
        f"{live} & {act.LIGHT_RELEASE} != 0",
        f"{live} & {act.OF_RELATIVES} != 0 AND (relative_of_fallen OR relative_of_provocation_killed OR khojaly_victim"
        " OR january_1990_victim) IS NOT FALSE",
        f"{live} & {act.OF_DISPLACEMENT} != 0 AND (deported_from_armenia OR displaced) IS NOT FALSE",
        f"{live} & {act.OF_CARE} != 0 AND cares_for_minor_or_disabled_child IS NOT FALSE",
    )
    return f"""
    WITH offences AS (
        SELECT
            * EXCLUDE (facts, offences),
            {", ".join(f"facts.{fact} AS {fact}" for fact in act.FACTS)},
            list_bit_or(list_transform(offences, lambda o: {_bits_of_offence()})) AS offence,
            list_transform(offences, lambda o: o.committed_on) AS days,
            nullif(len(offences), 0) AS offence_count,
            CASE WHEN term_months IS NOT NULL OR term_days IS NOT NULL
                THEN coalesce(term_months, 0) * 30 + coalesce(term_days, 0) END AS term,
            CASE WHEN term_months IS NOT NULL OR term_days IS NOT NULL THEN
                (term_start + to_months(coalesce(term_months, 0)))::DATE + coalesce(term_days, 0)
                - credit_days * {rates()} END AS counted
        FROM (SELECT {", ".join(act.READ)} FROM {source})
    ), dates AS (
        SELECT
            *,
            list_min(days) AS first_on,
            list_max(days) AS last_on,
            list_count(days) < offence_count AS undated,
            CASE WHEN term_end IS DISTINCT FROM counted AND term_end IS NOT NULL AND counted IS NOT NULL THEN NULL
                ELSE coalesce(term_end, counted) END AS ended,
            least(term_end, counted) AS earliest_end,
            greatest(term_end, counted) AS latest_end
        FROM offences
    ), worst AS (
        SELECT
            *,
            CASE WHEN offence & 15 >= 2 THEN true WHEN offence & 240 < 32 THEN false END AS at_least_less_serious,
            CASE WHEN offence & 15 >= 4 THEN true WHEN offence & 240 < 64 THEN false END AS serious,
            CASE WHEN offence & 15 >= 8 THEN true WHEN offence & 240 < 128 THEN false END AS especially_serious
        FROM dates
    ), conditions AS (
        SELECT
            *,
            stage = 'serving' AS serving,
            stage = 'serving' AND punishment = 'imprisonment' AND NOT suspended AS prison,
            stage = 'serving' AND NOT suspended AS light,
            stage IN ('investigation', 'trial') AS in_proceedings,
            sex = 'female' AS female,
            birth_date <= {date(act.BORN_60_YEARS_BEFORE)} AS aged_60,
            CASE WHEN first_on < birth_date + to_months({act.MAJORITY_MONTHS}) THEN true
                WHEN NOT undated AND first_on >= birth_date + to_months({act.MAJORITY_MONTHS}) THEN false
                END AS minor_at_crime,
            disability_percent BETWEEN 61 AND 100 AS severe_disability,
            award_holder AND NOT award_stripped AS award_kept,
            CASE WHEN offence & {_INTENT} != 0 THEN false
                WHEN offence & {_GUILT_UNKNOWN | _GUILT_OPEN} = 0 THEN true END AS negligent,
            term <= {act.FIVE_YEARS} AS short,
            NOT at_least_less_serious AS lightest,
            NOT serious AND at_least_less_serious AS less_serious,
            NOT especially_serious AND serious AS serious_only,
            CASE WHEN offence & {_LISTED} = 0 THEN false END AS listed,
            {ends_by(act.IN_6_MONTHS)} AS within_6,
            {ends_by(act.IN_12_MONTHS)} AS within_12
        FROM worst
    ), groups AS (
        SELECT
            *,
            {" OR ".join(_GROUPS)} OR award_kept OR ww2_or_ussr_service AS personal_group,
            {" OR ".join(f"{name} IS TRUE" for name in (*_GROUPS, "award_kept"))} AS surely_in_a_group
        FROM conditions
    ), own AS (
        SELECT
            *,
            coalesce(offence, 0) AS known_bits,
            CASE WHEN prison IS FALSE THEN 0 ELSE {true_mask(OUT_OF_PRISON)} END AS out_true,
            CASE WHEN prison IS FALSE THEN 0 ELSE {unknown_mask(OUT_OF_PRISON)} END AS out_unknown,
            {true_mask(OTHERS, len(OUT_OF_PRISON))} AS others_true,
            {unknown_mask(OTHERS, len(OUT_OF_PRISON))} AS others_unknown,
            {limited("({}) IS TRUE")} AS barred,
            {limited("({}) IS NULL")} AS perhaps_barred
        FROM groups
    ), conditions_met AS (
        SELECT
            *,
            CASE WHEN prison THEN out_true ELSE 0 END | others_true AS own_true,
            CASE WHEN prison THEN out_unknown ELSE out_true | out_unknown END | others_unknown AS own_unknown
        FROM own
    ), masks AS (
        SELECT
            *,
            own_true & ~barred & ~perhaps_barred AS "true",
            (own_unknown | (own_true & perhaps_barred)) & ~barred AS unknown,
            own_true & barred != 0 AS hit
        FROM conditions_met
    ), reliefs AS (
        -- Where no grant is true and some is not known, clauses may still complete each other: a less serious crime
        -- gives release or a reduction whatever the end of the term; theft under 177.1 falls into one of the two lowest
        -- categories; a serious crime by negligence gives one of three reliefs; and a sentence that may be suspended is
        -- either suspended, and so released from, or it is not.
        SELECT
            *,
            CASE
                WHEN "true" & {act.RELEASES} != 0 THEN 'release'
                WHEN "true" & {act.REDUCES} != 0 THEN 'reduce'
                WHEN unknown = 0 OR serving IS NOT TRUE OR listed IS NOT FALSE OR suspended IS TRUE THEN NULL
                WHEN serious IS FALSE AND punishment IN {words(act.RELEASED_PENALTIES)} THEN 'release'
                WHEN serious IS FALSE AND punishment = 'imprisonment' THEN CASE
                    WHEN lightest OR surely_in_a_group OR (negligent AND short) OR within_12 THEN 'release'
                    ELSE 'reduce' END
                WHEN prison AND negligent AND serious_only THEN CASE
                    WHEN short OR within_6 THEN 'release' ELSE 'reduce' END
            END AS relief
        FROM masks
    ), answers AS (
        SELECT
            *,
            CASE WHEN relief IS NULL THEN NULL ELSE
                (CASE WHEN "true" != 0 THEN "true" ELSE unknown END)
                & (CASE relief WHEN 'release' THEN {act.RELEASES} ELSE {act.REDUCES} END) END AS giving,
            CASE relief WHEN 'release' THEN least(ended, {date(act.IN_FORCE)})
                WHEN 'reduce' THEN least(ended,
                    greatest((ended - to_months({act.CUT_MONTHS}))::DATE, {date(act.IN_FORCE)})) END AS ended_after
        FROM reliefs
    )
    SELECT
        case_id,
        CASE WHEN relief IS NOT NULL THEN 'granted' WHEN unknown != 0 THEN 'undetermined' WHEN hit THEN 'excluded'
            ELSE 'not_covered' END AS outcome,
        relief,
        [{", ".join(map(quoted, act.GRANTS))}][bit_count((giving & -giving) - 1) + 1] AS "grant",
        "true"::UINTEGER AS grants_true,
        unknown::UINTEGER AS grants_unknown,
        {true_mask(limits)}::UTINYINT AS exclusions_true,
        {unknown_mask(limits)}::UTINYINT AS exclusions_unknown,
        {mask(asked)}::USMALLINT AS reservations,
        {missing()}::UBIGINT AS missing,
        ended AS term_end_before,
        CASE WHEN ended IS NOT NULL THEN ended_after END AS term_end_after,
        (CASE WHEN ended IS NOT NULL THEN ended - ended_after END)::INTEGER AS days_remitted
    FROM answers
    """


def _bits_of_offence() -> str:
    """The bits of the article; a guilt that the record states takes the place of the code's."""
    listed = "getvariable('bits')[enum_code(try_cast(o.article AS article)) + 1]"
    kept = f"CASE WHEN o.guilt IS NULL THEN {_EVERY_BIT} ELSE {_OF_CATEGORY} END"
    stated = f"CASE WHEN o.guilt = 'intent' THEN {_INTENT} ELSE 0 END"
    return f"coalesce({listed}, {_UNKNOWN_ARTICLE}) & {kept} | {stated}"
