"""What an act treats alike: groups of facts, shapes of offences, and answers that share a core in their own words."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from clemency.determine.alike import fact_groups
from clemency.determine.columns import Engine, engine_for
from clemency.law.act import Act, load_act
from clemency.records.frames import frame_of
from clemency.records.layout import lay_out
from clemency.records.record import known_facts, read_record
from tests.conformance.compare import compare

ACT = load_act("az-2025")
ALIKE = (
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
    "cares_for_minor_or_disabled_child",
)
LISTED = ("234.1", "234.2", "186.2", "122.1", "240.1")
ARTICLES = (*LISTED, "177.1", "126.3", "338.1", "222.3", "120.1", None)


def engine(act: Act) -> Engine:
    found = engine_for(act)
    assert isinstance(found, Engine)
    return found


def test_the_personal_groups_that_differ_in_name_alone_are_alike() -> None:
    (group,) = fact_groups(ACT, engine(ACT).plan, ACT.facts)
    ids = [grant.id for grant in ACT.grants]
    assert group.facts == ALIKE
    assert [ids[grant] for grant in group.grants if grant is not None][:2] == [
        "personal.combatant",
        "personal.relative_of_fallen",
    ]


def test_facts_of_which_an_exclusion_or_the_law_asks_more_stand_alone() -> None:
    (group,) = fact_groups(ACT, engine(ACT).plan, ACT.facts)
    assert not {"award_holder", "award_stripped", "ww2_or_ussr_service", "disability_percent"} & set(group.facts)


def test_only_facts_that_the_layout_packs_are_grouped() -> None:
    plan = engine(ACT).plan
    (group,) = fact_groups(ACT, plan, ("combatant", "deported_from_armenia", "displaced"))
    assert group.facts == ("combatant", "deported_from_armenia", "displaced")
    assert not fact_groups(ACT, plan, ("combatant",))


def test_a_reservation_that_asks_for_a_fact_outside_the_group_keeps_its_facts_out() -> None:
    (group,) = fact_groups(ACT, engine(ACT).plan, ("combatant", "repression_victim", "relative_of_fallen"))
    assert group.facts == ("combatant", "repression_victim"), "of close relatives the other facts are not packed"


BASES: tuple[dict[str, Any], ...] = (
    {"stage": "serving", "punishment": "imprisonment", "suspended": False},
    {"stage": "serving", "punishment": "imprisonment", "suspended": None},
    {"stage": "trial"},
    {"stage": None, "punishment": "imprisonment", "suspended": False},
    {"stage": "serving", "punishment": "fine", "suspended": False},
)


def variants(base: dict[str, Any], seed: int, count: int) -> list[dict[str, Any]]:
    """Cases that differ in grouped facts and in their offences, and in little else."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        facts: dict[str, Any] = {name: False for name, fact in ACT.facts.items() if fact.type.kind.value == "boolean"}
        facts |= {"disability_percent": draw.choice([0, 0, 70, None])}
        for name in draw.sample(ALIKE, draw.choice([0, 1, 2, 4])):
            facts[name] = draw.choice([True, None, None])
        facts["award_holder"] = draw.choice([False, False, None])
        offences = [
            {
                "article": draw.choice(ARTICLES),
                "committed_on": draw.choice([date(2023, 5, 1), date(2023, 5, 1), None]),
                "guilt": draw.choice([None, "intent", "negligence"]),
                "form": "completed",
            }
            for _ in range(draw.choice([1, 1, 2, 3, 7]))
        ]
        found.append(
            {
                "case_id": str(number),
                "birth_date": draw.choice([date(1980, 1, 1), None]),
                "sex": "male",
                "deferred": False,
                "foreign_judgment": False,
                "recidivism": "none",
                "first_conviction": draw.choice([True, None]),
                "term_months": draw.choice([48, 72]),
                "term_end": draw.choice([date(2026, 3, 1), date(2027, 6, 1), None]),
                "offences": offences,
                "facts": facts,
                **base,
            }
        )
    return found


@pytest.mark.parametrize("base", range(len(BASES)))
def test_cases_that_share_a_core_have_the_answers_of_the_interpreter(base: int) -> None:
    found = compare(variants(BASES[base], 100 + base, 120), ACT)
    assert not found.differences, found.report()


def test_cases_that_differ_in_grouped_facts_alone_share_a_core() -> None:
    fresh, facts = Engine(ACT), known_facts(ACT)
    base = variants(BASES[0], 1, 1)[0] | {"offences": [{"article": "222.3", "committed_on": date(2023, 5, 1)}]}
    nothing = dict.fromkeys(ALIKE, False)
    records = [
        read_record(base | {"facts": base["facts"] | nothing | {name: value}}, facts)
        for name in ALIKE
        for value in (True, None)
    ]
    answers = fresh.determine(lay_out(frame_of(records, facts), facts))
    assert fresh.cores is not None
    assert fresh.cores.count == 2
    assert len(set(answers.kind.tolist())) == len(records)
