"""A plain Python loop over records, as one would write it without a rules engine; `None` is what is not known.

Records come from Parquet as dictionaries, batch by batch. Each condition is true, false or None, put together by
Kleene's rules; `answer` reads like the act.
"""

from __future__ import annotations

import time
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers import az_2025 as act

Truth = bool | None
BATCH = 20_000

SCHEMA = pa.schema(
    [
        ("case_id", pa.string()),
        ("outcome", pa.string()),
        ("relief", pa.string()),
        ("grant", pa.string()),
        ("grants_true", pa.uint32()),
        ("grants_unknown", pa.uint32()),
        ("exclusions_true", pa.uint8()),
        ("exclusions_unknown", pa.uint8()),
        ("reservations", pa.uint16()),
        ("missing", pa.uint64()),
        ("term_end_before", pa.date32()),
        ("term_end_after", pa.date32()),
        ("days_remitted", pa.int32()),
    ]
)


def prepare() -> dict[str, act.Part]:
    """Read the offence code."""
    return act.articles(act.code_path())


def determine(code: dict[str, act.Part], register: Path, out: Path) -> dict[str, float]:
    """Answer every case of a register; gives the seconds of the loop itself."""
    loop = 0.0
    with pq.ParquetWriter(out, SCHEMA, compression=act.COMPRESSION) as writer:
        for records in batches(register):
            began = time.perf_counter()
            answers = [answer(record, code) for record in records]
            loop += time.perf_counter() - began
            writer.write_table(pa.Table.from_pylist(answers, SCHEMA))
    return {"calculation": loop}


def batches(register: Path) -> Iterator[list[dict[str, Any]]]:
    for batch in pq.ParquetFile(register).iter_batches(BATCH, columns=list(act.READ)):
        yield batch.to_pylist()


# --- three values -------------------------------------------------------------------------------------------------


def every(*parts: Truth) -> Truth:
    """True when all are true, false when one is false.

    >>> every(True, None), every(False, None)
    (None, False)
    """
    return False if False in parts else None if None in parts else True


def either(*parts: Truth) -> Truth:
    """True when one is true, false when all are false."""
    return True if True in parts else None if None in parts else False


def no(part: Truth) -> Truth:
    """The contrary; of what is not known it is not known either."""
    return None if part is None else not part


def among(value: Any, options: tuple[Any, ...]) -> Truth:
    return None if value is None else value in options


# --- offences -----------------------------------------------------------------------------------------------------


class Offences:
    """What the offences of one case say together."""

    def __init__(self, listed: list[dict[str, Any]] | None, code: dict[str, act.Part]) -> None:
        self.known = bool(listed)
        self.count = len(listed or ())
        self.lowest, self.highest = (0, 0) if listed else (0, 3)  # bounds of the worst category
        self.listed_perhaps = not listed
        self.article_unknown = self.category_open = self.guilt_unknown = self.guilt_open = False
        self.intent = False
        self.first: date | None = None
        self.last: date | None = None
        self.undated = not listed
        for offence in listed or ():
            self.add(offence, code.get(offence["article"] or ""))

    def add(self, offence: dict[str, Any], part: act.Part | None) -> None:
        guilt, day = offence["guilt"], offence["committed_on"]
        if part is None:
            self.article_unknown = self.listed_perhaps = True
            self.highest = 3
        else:
            self.lowest, self.highest = max(self.lowest, part.lowest), max(self.highest, part.highest)
            self.category_open |= part.lowest != part.highest
            self.listed_perhaps |= part.listed
        if guilt is None and part is not None and part.guilt in (act.INTENT, act.NEGLIGENCE):
            self.intent |= part.guilt == act.INTENT
        elif guilt is None:
            self.guilt_open |= part is not None and part.guilt == act.MIXED
            self.guilt_unknown |= part is not None and part.guilt == act.NOT_FIXED
            self.guilt_unknown |= part is None
        else:
            self.intent |= guilt == "intent"
        if day is None:
            self.undated = True
        else:
            self.first = day if self.first is None else min(self.first, day)
            self.last = day if self.last is None else max(self.last, day)

    def worst_at_least(self, category: int) -> Truth:
        if self.known and self.lowest >= category:
            return True
        return None if not self.known or self.highest >= category else False

    def worst_at_most(self, category: int) -> Truth:
        return None if not self.known else no(self.worst_at_least(category + 1))

    def worst_is(self, category: int) -> Truth:
        return every(self.worst_at_most(category), self.worst_at_least(category))

    def all_negligent(self) -> Truth:
        if not self.known:
            return None
        return False if self.intent else None if self.guilt_open or self.guilt_unknown else True

    def minor_at_crime(self, birth: date | None) -> Truth:
        if birth is None or not self.known:
            return None
        adult = add_months(birth, act.MAJORITY_MONTHS)
        if self.first is not None and self.first < adult:
            return True
        return None if self.undated else False

    def after(self, day: date) -> Truth:
        return True if self.last is not None and self.last > day else None if self.undated else False


# --- the term -----------------------------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of a later or earlier month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ends_of_term(case: dict[str, Any], term: int | None) -> tuple[date, ...]:
    """The last day of the term: none where it is not known, two where the given day and the counted one differ."""
    given, start, credit = case["term_end"], case["term_start"], case["credit_days"]
    rate = act.CREDIT.get(case["punishment"])
    if term is None or start is None or credit is None or rate is None:
        return () if given is None else (given,)
    counted = add_months(start, case["term_months"] or 0) + timedelta(days=(case["term_days"] or 0) - credit * rate)
    return (counted,) if given is None or given == counted else (given, counted)


def ends_by(ends: tuple[date, ...], day: date) -> Truth:
    """Whether the term ends by a day; not known where one possible end lies before it and one after."""
    found = {end <= day for end in ends}
    return found.pop() if len(found) == 1 else None


# --- the act ------------------------------------------------------------------------------------------------------


def answer(case: dict[str, Any], code: dict[str, act.Part]) -> dict[str, Any]:
    """What the act says of one case."""
    facts = case["facts"] or dict.fromkeys(act.FACTS)
    offences = Offences(case["offences"], code)
    stage, punishment, suspended = case["stage"], case["punishment"], case["suspended"]
    birth, months, days = case["birth_date"], case["term_months"], case["term_days"]
    term = None if months is None and days is None else (months or 0) * 30 + (days or 0)
    ends = ends_of_term(case, term)

    # named conditions
    serving = among(stage, ("serving",))
    prison = every(serving, among(punishment, ("imprisonment",)), no(suspended))
    in_proceedings = among(stage, ("investigation", "trial"))
    female = among(case["sex"], ("female",))
    aged_60 = None if birth is None else birth <= act.BORN_60_YEARS_BEFORE
    minor = offences.minor_at_crime(birth)
    percent = facts["disability_percent"]
    disabled = None if percent is None else 61 <= percent <= 100
    award_kept = every(facts["award_holder"], no(facts["award_stripped"]))
    negligent = offences.all_negligent()
    short = None if term is None else term <= act.FIVE_YEARS
    lightest, less_serious, serious = (offences.worst_is(category) for category in (0, 1, 2))
    within_6, within_12 = ends_by(ends, act.IN_6_MONTHS), ends_by(ends, act.IN_12_MONTHS)

    # exclusions
    is_serious, is_worst = offences.worst_at_least(2), offences.worst_at_least(3)
    stripped = facts["award_stripped"]
    perhaps = None if offences.listed_perhaps else False
    exclusions = (is_serious, is_worst, every(is_serious, None), stripped, perhaps, perhaps)

    # grants: the condition of each, then what is left after the exclusions that limit it
    groups = [facts[name] for name in _GROUPS_BY_ONE_FACT]
    groups += [female, minor, aged_60, disabled, facts["cares_for_minor_or_disabled_child"]]
    veteran = facts["ww2_or_ussr_service"]
    any_group = either(*groups[:2], award_kept, *groups[3:], veteran)
    light = every(serving, no(suspended))
    own = (
        *(every(prison, group) for group in groups),
        every(prison, veteran, None),
        every(prison, lightest),
        every(prison, negligent, short),
        every(prison, less_serious, within_12),
        every(prison, less_serious, no(within_12)),
        every(prison, serious, negligent, no(short), within_6),
        every(prison, serious, negligent, no(short), no(within_6)),
        every(prison, serious, case["first_conviction"], within_6),
        every(serving, suspended),
        every(light, among(punishment, act.RELEASED_PENALTIES)),
        every(light, among(punishment, act.OTHER_PENALTIES), None),
        every(light, among(punishment, act.REDUCED_PENALTIES), None),
        every(serving, case["deferred"], None),
        every(in_proceedings, any_group, None),
        every(in_proceedings, lightest, None),
    )
    true = unknown = 0
    hit = False
    for place, condition in enumerate(own):
        bit = 1 << place
        limits = [is_worst]
        if bit & act.BY_FIRST_LIST:
            limits.append(perhaps)
        if bit & act.BY_SECOND_LIST:
            limits.append(perhaps)
        if bit & (act.PERSONAL | _LIABILITY_PERSONAL):
            limits.append(is_serious)
        if bit & act.OTHER_GROUNDS:
            limits.append(exclusions[2])
        if bit == _AWARD:
            limits.append(stripped)
        value = every(condition, no(either(*limits)))
        true |= bit * (value is True)
        unknown |= bit * (value is None)
        hit |= condition is True and True in limits

    # the answer
    live = true | unknown
    outcome = "granted" if true else "undetermined" if unknown else "excluded" if hit else "not_covered"
    relief, grant = None, None
    if true:
        relief = "release" if true & act.RELEASES else "reduce"
        grant = _first(true & (act.RELEASES if true & act.RELEASES else act.REDUCES))
    elif unknown:
        surely = [*groups[:2], award_kept, *groups[3:]]
        relief = covered_either_way(offences, prison, serving, punishment, suspended, surely, negligent, short, ends)
        if relief:
            outcome = "granted"
            grant = _first(unknown & (act.RELEASES if relief == "release" else act.REDUCES))
    before = ends[0] if len(ends) == 1 else None
    after = None
    if before and relief:
        cut = act.IN_FORCE if relief == "release" else max(act.IN_FORCE, add_months(before, -act.CUT_MONTHS))
        after = min(before, cut)

    asked = (
        bool(live & act.REDUCES),
        bool(live & act.BY_FIRST_LIST),
        bool(live & act.SERIOUS_GROUNDS),
        among(case["recidivism"], ("none",)) is not True,
        not offences.known or offences.count > 1,
        case["foreign_judgment"] is not False,
        offences.after(act.IN_FORCE) is not False,
        entry_day_matters(prison, less_serious, serious, ends, birth) is not False,
        bool(live & act.LIGHT_RELEASE),
        bool(live & act.OF_RELATIVES) and either(*(facts[name] for name in _RELATIVES)) is not False,
        bool(live & act.OF_DISPLACEMENT) and either(facts["deported_from_armenia"], facts["displaced"]) is not False,
        bool(live & act.OF_CARE) and facts["cares_for_minor_or_disabled_child"] is not False,
    )
    return {
        "case_id": case["case_id"],
        "outcome": outcome,
        "relief": relief,
        "grant": grant,
        "grants_true": true,
        "grants_unknown": unknown,
        "exclusions_true": sum(1 << place for place, value in enumerate(exclusions) if value is True),
        "exclusions_unknown": sum(1 << place for place, value in enumerate(exclusions) if value is None),
        "reservations": sum(1 << place for place, value in enumerate(asked) if value),
        "missing": missing(case, facts, offences, ends, term, unknown),
        "term_end_before": before,
        "term_end_after": after,
        "days_remitted": (before - after).days if before and after else None,
    }


_GROUPS_BY_ONE_FACT = (
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
)
_AWARD = act.grants("personal.award")
_LIABILITY_PERSONAL = act.grants("liability.personal")
_RELATIVES = ("relative_of_fallen", "relative_of_provocation_killed", "khojaly_victim", "january_1990_victim")


def _first(mask: int) -> str:
    return act.GRANTS[(mask & -mask).bit_length() - 1]


def covered_either_way(
    offences: Offences,
    prison: Truth,
    serving: Truth,
    punishment: str | None,
    suspended: Truth,
    groups: list[Truth],
    negligent: Truth,
    short: Truth,
    ends: tuple[date, ...],
) -> str | None:
    """Cases that some clause covers whatever the open facts are: the relief that is certain, or none.

    Clauses complete each other. A less serious crime gives release or a reduction whatever the end of the term; theft
    under 177.1 falls into one of the two lowest categories; a serious crime by negligence gives one of three reliefs;
    and a sentence that may be suspended is either suspended, and so released from, or it is not.
    """
    if not offences.known or offences.listed_perhaps or not serving or suspended:
        return None
    if punishment in act.RELEASED_PENALTIES:
        return "release" if offences.highest <= 1 else None
    if punishment != "imprisonment":
        return None
    if offences.highest <= 1:
        certain = offences.highest == 0 or True in groups or (negligent and short) or ends_by(ends, act.IN_12_MONTHS)
        return "release" if certain else "reduce"
    if prison and negligent and offences.lowest == offences.highest == 2:
        return "release" if short or ends_by(ends, act.IN_6_MONTHS) else "reduce"
    return None


def entry_day_matters(
    prison: Truth, less_serious: Truth, serious: Truth, ends: tuple[date, ...], birth: date | None
) -> Truth:
    """Whether a later entry into force, by two days at most, would change the answer."""
    turning_60 = None if birth is None else act.BORN_60_YEARS_BEFORE < birth <= act.BORN_60_YEARS_BEFORE_LATE
    return every(
        prison,
        either(
            every(less_serious, no(ends_by(ends, act.IN_12_MONTHS)), ends_by(ends, act.IN_12_MONTHS_LATE)),
            every(serious, no(ends_by(ends, act.IN_6_MONTHS)), ends_by(ends, act.IN_6_MONTHS_LATE)),
            turning_60,
        ),
    )


def missing(
    case: dict[str, Any],
    facts: dict[str, Any],
    offences: Offences,
    ends: tuple[date, ...],
    term: int | None,
    unknown: int,
) -> int:
    """What is not known and read by a grant that is not decided."""
    if not unknown:
        return 0
    of_record = ("stage", "punishment", "suspended", "deferred", "sex", "birth_date")
    is_open = (
        *(case[name] is None for name in of_record),
        len(ends) != 1,
        term is None,
        case["first_conviction"] is None,
        *(facts[name] is None for name in act.FACTS),
        not offences.known,
        offences.article_unknown,
        offences.known and offences.undated,
        offences.guilt_unknown,
        offences.category_open,
        offences.guilt_open,
        offences.known and offences.listed_perhaps,
        offences.known and offences.listed_perhaps,
        offences.highest >= 2,
        *(True,) * 6,
    )
    read = (gap and unknown & readers for gap, readers in zip(is_open, act.MISSING.values(), strict=True))
    return sum(1 << place for place, matters in enumerate(read) if matters)
