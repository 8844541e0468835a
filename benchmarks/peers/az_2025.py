"""What every peer knows of az-2025: the order of its clauses, its days, its offence list, and the offence code.

It is copied by hand from the act and holds no rule; the rules stand in each peer in that peer's own language. A test
compares the copy with the act, and the agreement check compares the answers.

Peers answer with masks: bit `n` of `grants_true` is the n-th grant of the act. `missing` has a bit for everything that
may not be known; it is set where something not known is read by a grant that is not decided.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

ACT = "az-2025"
#: How everybody packs the answers that are written.
COMPRESSION: Final = "snappy"

GRANTS = (
    "personal.combatant",
    "personal.relative_of_fallen",
    "personal.award",
    "personal.provocation_disabled",
    "personal.relative_of_provocation_killed",
    "personal.khojaly",
    "personal.deported",
    "personal.displaced",
    "personal.january_1990",
    "personal.repression",
    "personal.peacekeeper_or_chernobyl",
    "personal.women",
    "personal.minor_at_crime",
    "personal.age_60",
    "personal.disability",
    "personal.child_carer",
    "personal.ww2_or_ussr",
    "minor.release",
    "negligence.release",
    "less_serious.release",
    "less_serious.reduce",
    "negligence.serious_release",
    "negligence.serious_reduce",
    "serious_first.release",
    "suspended.release",
    "noncustodial.release",
    "noncustodial.other",
    "noncustodial.reduce",
    "deferred.release",
    "liability.personal",
    "liability.minor",
)
EXCLUSIONS = (
    "serious",
    "especially_serious",
    "serious_other_grounds",
    "award_stripped",
    "listed_offences",
    "listed_offences_other_grounds",
)
RESERVATIONS = (
    "standing_law",
    "list_open_ended",
    "list_serious",
    "unreported_bars",
    "mixed_sentence",
    "foreign_judgment",
    "after_act",
    "entry_day",
    "noncustodial_limits",
    "close_relative",
    "years_of_displacement",
    "child_in_care",
)
#: Facts that make a personal group by themselves, and the grant of that group.
GROUP_FACTS = {
    "combatant": "personal.combatant",
    "relative_of_fallen": "personal.relative_of_fallen",
    "award_holder": "personal.award",
    "provocation_disabled": "personal.provocation_disabled",
    "relative_of_provocation_killed": "personal.relative_of_provocation_killed",
    "khojaly_victim": "personal.khojaly",
    "deported_from_armenia": "personal.deported",
    "displaced": "personal.displaced",
    "january_1990_victim": "personal.january_1990",
    "repression_victim": "personal.repression",
    "peacekeeper_or_chernobyl": "personal.peacekeeper_or_chernobyl",
    "disability_percent": "personal.disability",
    "cares_for_minor_or_disabled_child": "personal.child_carer",
    "ww2_or_ussr_service": "personal.ww2_or_ussr",
}
FACTS = (*GROUP_FACTS, "award_stripped")

OUTCOMES = ("granted", "undetermined", "excluded", "not_covered")
RELIEFS = ("release", "reduce")

# Days. The act counts from its entry into force; a reduction cuts six months.
IN_FORCE = date(2025, 12, 20)
IN_6_MONTHS, IN_6_MONTHS_LATE = date(2026, 6, 20), date(2026, 6, 22)
IN_12_MONTHS, IN_12_MONTHS_LATE = date(2026, 12, 20), date(2026, 12, 22)
BORN_60_YEARS_BEFORE, BORN_60_YEARS_BEFORE_LATE = date(1965, 12, 20), date(1965, 12, 22)
MAJORITY_MONTHS = 18 * 12
CUT_MONTHS = 6
FIVE_YEARS = 5 * 12 * 30  # a term counts thirty days a month where it is compared

#: Days of the punishment that one day of custody counts for.
CREDIT = {
    "imprisonment": 1,
    "disciplinary_unit": 1,
    "restriction_of_liberty": 2,
    "correctional_works": 4,
    "military_restriction": 4,
}
RELEASED_PENALTIES = ("disciplinary_unit", "restriction_of_liberty", "public_works", "correctional_works")
OTHER_PENALTIES = ("fine", "loss_of_post", "military_restriction")
REDUCED_PENALTIES = (
    "disciplinary_unit",
    "restriction_of_liberty",
    "correctional_works",
    "military_restriction",
    "loss_of_post",
)

#: Offences that may or may not be on the list of exclusions: reported in words, without numbers.
LISTED = frozenset(
    """115.1 119.1 122.1 122.2 124.1 124.2 125 133.1 133.2 151 152.1 152.2 152.3 153.1 153.2 153.3 186.1 186.2 193-1.1
    234.1 234.2 234.3 234.5 235.1 235.2 236.1 237.1 238.1 239 240.1 240.1-1 240.2 240.4 244-1.1 244-1.2 244-1.3
    284-2.1""".split()  # noqa: SIM905 - a list of numbers reads better so
)


def grants(*names: str) -> int:
    """The mask of some grants; `personal.*` names every personal one.

    >>> grants("personal.combatant", "personal.award")
    5
    """
    wanted = [name.removesuffix("*") for name in names]
    exact = [name for name in names if not name.endswith("*")]
    return sum(
        1 << place
        for place, grant in enumerate(GRANTS)
        if grant in exact or any(grant.startswith(name) for name in wanted if name.endswith("."))
    )


EVERY_GRANT = (1 << len(GRANTS)) - 1
PERSONAL = grants("personal.*")
PRISON = PERSONAL | grants("minor.*", "negligence.*", "less_serious.*", "serious_first.*")
OTHER_GROUNDS = grants("suspended.*", "noncustodial.*", "deferred.*")
BY_FIRST_LIST = grants("personal.*", "minor.*", "liability.*")
BY_SECOND_LIST = grants("negligence.*", "less_serious.*") | OTHER_GROUNDS
REDUCES = grants("less_serious.reduce", "negligence.serious_reduce", "noncustodial.reduce")
RELEASES = EVERY_GRANT & ~REDUCES & ~grants("liability.*")
#: Reports leave open whether these clauses exist, so their conditions are never certain.
LAW_UNKNOWN = grants(
    "personal.ww2_or_ussr", "noncustodial.other", "noncustodial.reduce", "deferred.release", "liability.*"
)
GUILT_READERS = grants("negligence.*")

#: Grants that a reservation limits; what limits every grant is asked of every case, and what cuts a term is `REDUCES`.
SERIOUS_GROUNDS = grants("serious_first.release", "negligence.serious_release", "negligence.serious_reduce")
LIGHT_RELEASE = grants("noncustodial.release")
OF_RELATIVES = grants(
    "personal.relative_of_fallen",
    "personal.relative_of_provocation_killed",
    "personal.khojaly",
    "personal.january_1990",
    "liability.personal",
)
OF_DISPLACEMENT = grants("personal.deported", "personal.displaced", "liability.personal")
OF_CARE = grants("personal.child_carer", "liability.personal")

#: What may be missing, in the order of the bits of `missing`, with the grants that read it.
MISSING: dict[str, int] = {
    "stage": EVERY_GRANT,
    "punishment": PRISON | grants("noncustodial.*"),
    "suspended": PRISON | grants("suspended.*", "noncustodial.*"),
    "deferred": grants("deferred.*"),
    "sex": grants("personal.women", "liability.personal"),
    "birth_date": grants("personal.minor_at_crime", "personal.age_60", "liability.personal"),
    "term_end": grants("less_serious.*", "negligence.serious_release", "negligence.serious_reduce", "serious_first.*"),
    "term_months": grants("negligence.*"),
    "first_conviction": grants("serious_first.*"),
    **{fact: grants(grant, "liability.personal") for fact, grant in GROUP_FACTS.items()},
    "award_stripped": grants("personal.award", "liability.personal"),
    "offences": EVERY_GRANT,
    "offences.article": EVERY_GRANT,
    "offences.committed_on": grants("personal.minor_at_crime", "liability.personal"),
    "offences.guilt": GUILT_READERS,
    "law:category": EVERY_GRANT,
    "law:guilt": GUILT_READERS,
    "law:listed_offences": BY_FIRST_LIST,
    "law:listed_offences_other_grounds": BY_SECOND_LIST,
    "law:serious_other_grounds": OTHER_GROUNDS,
    "law:personal.ww2_or_ussr": grants("personal.ww2_or_ussr"),
    "law:noncustodial.other": grants("noncustodial.other"),
    "law:noncustodial.reduce": grants("noncustodial.reduce"),
    "law:deferred.release": grants("deferred.release"),
    "law:liability.personal": grants("liability.personal"),
    "law:liability.minor": grants("liability.minor"),
}

# --- the offence code ---------------------------------------------------------------------------------------------

CATEGORIES = ("no_great_public_danger", "less_serious", "serious", "especially_serious")
INTENT, NEGLIGENCE, NOT_FIXED, MIXED = range(4)
_GUILT = {"intent": INTENT, "negligence": NEGLIGENCE, "not_fixed": NOT_FIXED, "mixed": MIXED}
_SUB_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One article part: the lowest and the highest category its sources leave open, its guilt, whether it is listed."""

    lowest: int
    highest: int
    guilt: int
    listed: bool


def articles(code: Path) -> dict[str, Part]:
    """Every article part of the code, and its numbered sub-items, by the text that a record states."""
    found: dict[str, Part] = {}
    with code.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            ranks = [CATEGORIES.index(name) for name in row["category"].split("|") if name]
            guilt = _GUILT[row["guilt"]]
            found[row["part"]] = Part(min(ranks, default=0), max(ranks, default=3), guilt, row["part"] in LISTED)
    items = {f"{part}.{item}": found[part] for part in found for item in range(1, _SUB_ITEMS + 1)}
    return {**items, **found}


def code_path() -> Path:
    """The table of the offence code in the library."""
    return Path(__file__).resolve().parents[2] / "library" / "codes" / "az-cc" / "articles.csv"


#: Columns of a register that the act reads, and no others.
READ = (
    "case_id",
    "birth_date",
    "sex",
    "stage",
    "punishment",
    "suspended",
    "deferred",
    "foreign_judgment",
    "term_months",
    "term_days",
    "term_start",
    "term_end",
    "credit_days",
    "first_conviction",
    "recidivism",
    "offences",
    "facts",
)
