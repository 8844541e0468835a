"""The meaning of a determination, sentence by sentence, on acts of a few lines.

Section 4 of the design in tests: outcomes, grants and exclusions, what is missing, what could improve, and the dates.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clemency.determine.determination import Determination
from clemency.determine.interpreter import determine_case, full_trace
from clemency.law.act import Act, load_act, parse_act
from clemency.records.record import RecordErrors

HEAD = """
id: small
title: A small act
offence_code: az-cc
dates: {in_force: 2025-12-20, adopted: 2025-12-01}
month_end: clamp
sources: {S: https://example.org/act}
facts:
  combatant: {type: boolean}
  carer: {type: boolean}
  stripped: {type: boolean}
  percent: {type: number}
  other_percent: {type: number}
  town: {type: text}
  conduct: {type: enumeration, values: [bad, fair, good], ordered: true}
"""


def act(*clauses: str, head: str = HEAD) -> Act:
    """An act from lines such as `grant a: combatant -> release` and `exclusion x [a]: stripped`."""
    grants, exclusions = [], []
    for clause in clauses:
        kind, name, rest = clause.split(" ", 2)
        name = name.rstrip(":")
        if kind == "grant":
            rule, _, relief = rest.partition("->")
            relief, _, more = relief.partition(";")
            grants += [f"  - id: {name}", f"    when: {_block(rule)}", f"    relief: {relief.strip() or 'release'}"]
            grants += [f"    {more.strip()}"] * bool(more) + ["    source: S", "    confidence: high"]
        else:
            limits, _, body = rest.partition(":")
            exclusions += [f"  - id: {name}", f"    limits: {limits.strip()}"]
            key, _, value = body.strip().partition(" ")
            if key in ("offences", "uncertain", "review"):
                exclusions += [f"    {key}: {value}"]
            else:
                rule, _, more = body.partition(";")
                exclusions += [f"    when: {_block(rule)}"] + [f"    {more.strip()}"] * bool(more)
            exclusions += ["    source: S", "    confidence: high"]
    return parse_act("\n".join([head, "grants:", *grants, *(["exclusions:", *exclusions] if exclusions else []), ""]))


def _block(rule: str) -> str:
    return f">-\n      {rule.strip()}"


def answer(law: Act, **record: Any) -> Determination:
    return determine_case({"case_id": "1", **record}, law)


def missing(found: Determination) -> list[str]:
    return [item.name if item.offence is None else f"{item.name}[{item.offence}]" for item in found.missing]


FACTS = {"combatant": False, "carer": False, "stripped": False}


def facts(**known: Any) -> dict[str, Any]:
    return {**FACTS, **known}


# outcomes


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        (facts(combatant=True), "granted"),
        (facts(combatant=True, stripped=True), "excluded"),
        (facts(combatant=False), "not_covered"),
        (facts(combatant=False, stripped=True), "not_covered"),
        (facts(combatant=None), "undetermined"),
        (facts(combatant=True, stripped=None), "undetermined"),
        (facts(combatant=None, stripped=None), "undetermined"),
        (facts(combatant=None, stripped=True), "not_covered"),
        (facts(combatant=False, stripped=None), "not_covered"),
        ({}, "undetermined"),
        (None, "undetermined"),
    ],
)
def test_each_outcome(known: dict[str, Any] | None, outcome: str) -> None:
    law = act("grant a: combatant", "exclusion x [a]: stripped")
    assert answer(law, facts=known).outcome == outcome


def test_a_grant_that_an_exclusion_leaves_alone_still_counts() -> None:
    law = act("grant a: combatant", "grant b: carer", "exclusion x [a]: stripped")
    found = answer(law, facts=facts(combatant=True, carer=True, stripped=True))
    assert (found.outcome, found.grant, found.grants, found.exclusions) == ("granted", "b", ("b",), ("x",))


def test_excluded_is_only_who_meets_a_grant_that_is_limited() -> None:
    law = act("grant a: combatant", "grant b: carer", "exclusion x [a]: stripped")
    assert answer(law, facts=facts(carer=False, combatant=False, stripped=True)).outcome == "not_covered"
    assert answer(law, facts=facts(carer=False, combatant=True, stripped=True)).outcome == "excluded"
    found = answer(law, facts=facts(carer=None, combatant=True, stripped=True))
    assert (found.outcome, missing(found)) == ("undetermined", ["carer"])


def test_all_grants_that_are_met_are_listed_and_the_first_is_booked() -> None:
    law = act("grant c: combatant", "grant a: carer", "grant b: true")
    found = answer(law, facts=facts(combatant=True, carer=True))
    assert (found.grants, found.grant) == (("c", "a", "b"), "c")
    assert answer(law, facts=facts(carer=True)).grant == "a"


def test_exclusions_are_listed_wherever_they_are_true() -> None:
    law = act(
        "grant a: combatant",
        "exclusion x all: stripped",
        "exclusion y all: carer",
        "exclusion z all: carer and stripped",
    )
    assert answer(law, facts=facts(stripped=True)).exclusions == ("x",)
    assert answer(law, facts=facts(stripped=True, carer=True)).exclusions == ("x", "y", "z")
    assert answer(law, facts=facts(stripped=None, carer=True)).exclusions == ("y",)


# reliefs


def test_the_best_relief_is_stated_and_within_it_the_first_is_booked() -> None:
    law = act(
        "grant a: true -> {reduce: 3 months}",
        "grant b: combatant -> {reduce: 6 months}",
        "grant c: carer -> {reduce: 180 days}",
        "grant d: stripped -> release",
    )
    assert answer(law, facts=facts()).grant == "a"
    assert answer(law, facts=facts(combatant=True)).grant == "b"
    assert answer(law, facts=facts(combatant=True, carer=True)).grant == "b"
    assert answer(law, facts=facts(carer=True, stripped=True)).grant == "d"


def test_an_act_may_order_the_reliefs_otherwise() -> None:
    clauses = ("grant a: true -> release", "grant b: true -> {reduce: 1 month}")
    assert answer(act(*clauses)).grant == "a"
    assert answer(act(*clauses, head=HEAD + "favour: [reduce, release]\n")).grant == "b"


def test_the_relief_stated_is_the_least_favourable_that_is_certain() -> None:
    law = act("grant a: combatant -> release", "grant b: true -> {reduce: 6 months}")
    found = answer(law, term_end=date(2027, 8, 31))
    assert (found.outcome, found.relief.kind, found.grant, found.grants) == ("granted", "reduce", "b", ("b",))
    assert [
        (better.grant, better.relief.kind, [item.name for item in better.missing]) for better in found.could_improve
    ] == [("a", "release", ["combatant"])]


def test_only_a_better_relief_could_improve() -> None:
    law = act(
        "grant a: combatant -> {reduce: 1 month}",
        "grant b: true -> {reduce: 6 months}",
        "grant c: carer -> {reduce: 6 months}",
        "grant d: stripped and combatant -> {reduce: 7 months}",
        "grant e: carer -> release",
    )
    found = answer(law, facts={"stripped": False})
    assert [better.grant for better in found.could_improve] == ["e"]
    found = answer(law)
    assert [better.grant for better in found.could_improve] == ["d", "e"]
    assert {item.name for item in found.could_improve[0].missing} == {"stripped", "combatant"}


def test_what_could_improve_is_said_only_of_who_is_granted() -> None:
    law = act("grant a: combatant -> release", "grant b: carer -> {reduce: 6 months}")
    assert answer(law).could_improve == ()


# conditions that complete each other


@pytest.mark.parametrize(
    ("short", "long", "record"),
    [
        ("term_end <= in_force + 12 months", "term_end > in_force + 12 months", {}),
        ("age on in_force >= 60", "age on in_force < 60", {}),
        ("percent >= 61", "percent < 61", {}),
        ("percent = 61", "percent != 61", {}),
        ("term <= 5 years", "term > 5 years", {}),
        ("town = 'Gəncə'", "town != 'Gəncə'", {}),
        ("conduct >= 'fair'", "conduct < 'fair'", {}),
        ("stage = 'serving'", "stage in ('investigation', 'trial', 'served')", {}),
        (
            "worst_category = 'no_great_public_danger'",
            "worst_category = 'less_serious'",
            {"offences": [{"article": "177.1"}]},
        ),
        (
            "any offence (committed_on < adopted)",
            "every offence (committed_on >= adopted)",
            {"offences": [{"article": "178.2"}]},
        ),
        ("every offence (guilt = 'intent')", "any offence (guilt = 'negligence')", {"offences": [{"article": "337"}]}),
        (
            "every offence (guilt = 'intent')",
            "any offence (guilt = 'negligence')",
            {"offences": [{"article": "226.2"}]},
        ),
        ("percent > other_percent", "percent <= other_percent", {"facts": {"other_percent": 50}}),
        ("percent > other_percent", "percent <= other_percent", {}),
    ],
)
def test_conditions_that_complete_each_other_cover_whoever_it_is(short: str, long: str, record: dict[str, Any]) -> None:
    law = act(f"grant a: {short} -> release", f"grant b: {long} -> {{reduce: 6 months}}")
    found = answer(law, **record)
    assert (found.outcome, found.relief.kind, found.grant, found.grants) == ("granted", "reduce", "b", ())
    assert [better.grant for better in found.could_improve] == ["a"]
    alone = answer(act(f"grant a: {short}"), **record)
    assert alone.outcome == "undetermined"
    assert len(alone.missing) >= 1


def test_thresholds_that_leave_a_gap_do_not_complete_each_other() -> None:
    law = act("grant a: term_end <= in_force + 12 months", "grant b: term_end > in_force + 12 months + 1 day")
    assert answer(law).outcome == "undetermined"
    law = act("grant a: percent < 61", "grant b: percent > 61")
    assert answer(law).outcome == "undetermined"


def test_a_month_and_thirty_days_are_two_thresholds() -> None:
    law = act(
        "grant a: term_end <= in_force + 360 days", "grant b: term_end <= in_force + 12 months -> {reduce: 6 months}"
    )
    found = answer(law)
    assert (found.outcome, missing(found)) == ("undetermined", ["term_end"])
    assert answer(law, term_end=date(2026, 12, 17)).grant == "b"


def test_conditions_that_shut_each_other_out_never_hold() -> None:
    law = act("grant a: term_end <= in_force and term_end > in_force + 1 month")
    assert answer(law).outcome == "not_covered"
    law = act("grant a: combatant", "exclusion x all: combatant and carer", "exclusion y all: combatant and not carer")
    assert answer(law, facts={"combatant": True}).outcome == "not_covered"


# the three kinds of not knowing


def test_law_that_is_not_known_is_missing_law() -> None:
    law = act("grant a: combatant -> release; law_unknown: {en: Whether this clause exists is not known.}")
    found = answer(law, facts=facts(combatant=True))
    assert [(item.kind, item.name) for item in found.missing] == [("law", "clause:a")]
    assert answer(law, facts=facts(combatant=False)).outcome == "not_covered"


def test_an_exclusion_that_may_not_exist_leaves_the_grant_open() -> None:
    law = act(
        "grant a: combatant", "exclusion x all: stripped; law_unknown: {en: Whether this bar exists is not known.}"
    )
    found = answer(law, facts=facts(combatant=True, stripped=True))
    assert [(item.kind, item.name) for item in found.missing] == [("law", "clause:x")]
    assert answer(law, facts=facts(combatant=True)).outcome == "granted"


def test_an_offence_that_may_be_on_the_list_is_a_question_of_law() -> None:
    law = act("grant a: true", "exclusion x all: uncertain [az-cc:124.1, az-cc:178]")
    found = answer(law, offences=[{"article": "178.2.1"}])
    assert [(item.kind, item.name, item.offence) for item in found.missing] == [("law", "listed:x:az-cc:178", None)]
    assert answer(law, offences=[{"article": "320.1"}]).outcome == "granted"
    two = answer(law, offences=[{"article": "178.2"}, {"article": "178.3"}])
    assert missing(two) == ["listed:x:az-cc:178"]


def test_an_offence_on_the_list_excludes_whatever_else_is_doubtful() -> None:
    law = act("grant a: true", "exclusion x all: offences [az-cc:234]", "exclusion y all: uncertain [az-cc:178.2]")
    found = answer(law, offences=[{"article": "178.2"}, {"article": "234.4-1"}])
    assert (found.outcome, found.exclusions) == ("excluded", ("x",))


def test_a_category_with_two_readings_is_a_question_of_law() -> None:
    law = act("grant a: worst_category = 'no_great_public_danger'")
    found = answer(law, offences=[{"article": "177.1"}])
    assert [(item.kind, item.name) for item in found.missing] == [("law", "category:az-cc:177.1")]
    assert answer(law, offences=[{"article": "177.1"}, {"article": "178.2"}]).outcome == "not_covered"


def test_an_article_the_code_does_not_know_has_a_category_nobody_knows() -> None:
    law = act("grant a: worst_category <= 'serious'")
    found = answer(law, offences=[{"article": "9999"}])
    assert [(item.kind, item.name) for item in found.missing] == [("law", "category:az-cc:9999")]


def test_mixed_guilt_is_law_and_guilt_not_fixed_is_fact() -> None:
    law = act("grant a: every offence (guilt = 'negligence')")
    assert missing(answer(law, offences=[{"article": "226.2"}])) == ["guilt:az-cc:226.2"]
    assert missing(answer(law, offences=[{"article": "124.1"}, {"article": "337"}])) == ["offences.guilt[1]"]
    assert answer(law, offences=[{"article": "226.2", "guilt": "negligence"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "226.2", "guilt": "intent"}]).outcome == "not_covered"
    assert answer(law, offences=[{"article": "124.1"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "177.2"}]).outcome == "not_covered"


def test_the_same_open_law_is_one_question_for_all_offences() -> None:
    law = act("grant a: any offence (guilt = 'negligence')", "grant b: any offence (guilt = 'intent')")
    assert answer(law, offences=[{"article": "226.2"}, {"article": "226.2"}]).outcome == "granted"


def test_a_reservation_never_changes_the_truth() -> None:
    plain = act("grant a: combatant", "exclusion x all: stripped")
    asking = act(
        "grant a: combatant", "exclusion x all: stripped", "exclusion r all: review Does another law bar this?"
    )
    for combatant in (True, False, None):
        for stripped in (True, False, None):
            known = facts(combatant=combatant, stripped=stripped)
            one, two = answer(plain, facts=known), answer(asking, facts=known)
            assert (one.outcome, one.relief, one.missing, one.exclusions) == (
                two.outcome,
                two.relief,
                two.missing,
                two.exclusions,
            )


def test_a_reservation_travels_with_what_it_touches() -> None:
    law = act(
        "grant a: combatant",
        "grant b: carer -> {reduce: 6 months}",
        "exclusion r [b]: review Does another law bar the cut?",
    )
    assert answer(law, facts=facts(combatant=True)).reservations == ()
    assert answer(law, facts=facts(combatant=True, carer=True)).reservations == ("r",)
    assert answer(law, facts=facts(carer=None)).reservations == ("r",)


def test_a_reservation_with_a_condition_is_listed_unless_that_is_false() -> None:
    text = (
        HEAD
        + """
grants:
  - {id: a, when: "true", relief: release, source: S, confidence: high}
exclusions:
  - {id: r, limits: all, review: "Is it so?", when: stripped, source: S, confidence: high}
"""
    )
    law = parse_act(text)
    assert answer(law, facts=facts(stripped=True)).reservations == ("r",)
    assert answer(law, facts=facts(stripped=None)).reservations == ("r",)
    assert answer(law, facts=facts(stripped=False)).reservations == ()


# what is missing


def test_what_cannot_change_the_answer_is_not_missing() -> None:
    law = act(
        "grant a: combatant and carer", "grant b: combatant and not carer and percent > 5", "exclusion x all: stripped"
    )
    assert set(missing(answer(law, facts={"combatant": True, "stripped": False}))) == {"carer", "percent"}
    assert missing(answer(law, facts={"combatant": True, "carer": True})) == ["stripped"]
    assert missing(answer(law, facts={"combatant": False})) == []


def test_the_most_decisive_comes_first_and_then_the_order_of_the_record() -> None:
    law = act(
        "grant a: stage = 'serving' and combatant",
        "grant b: stage = 'serving' and carer and sex = 'female'",
        "grant c: stage = 'serving' and age on in_force >= 60",
    )
    assert missing(answer(law)) == ["stage", "birth_date", "sex", "combatant", "carer"]


def test_nothing_is_missing_where_the_answer_is_settled() -> None:
    law = act("grant a: combatant", "grant b: true")
    assert answer(law).missing == ()


# offences not known


@pytest.mark.parametrize("offences", [None, []])
def test_without_offences_nothing_about_them_is_known(offences: list[Any] | None) -> None:
    law = act("grant a: every offence (category <= 'less_serious')")
    found = answer(law, offences=offences)
    assert (found.outcome, missing(found)) == ("undetermined", ["offences"])
    law = act("grant a: combatant", "exclusion x all: offences [az-cc:234]")
    assert missing(answer(law, offences=offences, facts=facts(combatant=True))) == ["offences"]


def test_a_case_has_at_least_one_offence() -> None:
    law = act("grant a: offence_count >= 1")
    assert answer(law).outcome == "granted"
    law = act("grant a: offence_count > 1")
    assert missing(answer(law)) == ["offences"]
    assert answer(law, offences=[{}]).outcome == "not_covered"
    assert answer(law, offences=[{}, {}]).outcome == "granted"


def test_an_article_that_is_not_known_may_be_any() -> None:
    law = act("grant a: true", "exclusion x all: offences [az-cc:234]")
    assert missing(answer(law, offences=[{}])) == ["offences.article[0]"]
    assert answer(law, offences=[{}, {"article": "234.1"}]).outcome == "excluded"


def test_an_article_without_its_part_may_be_each_of_them() -> None:
    law = act("grant a: true", "exclusion x all: offences [az-cc:177.2]")
    assert missing(answer(law, offences=[{"article": "177"}])) == ["offences.article[0]"]
    assert answer(law, offences=[{"article": "178"}]).outcome == "granted"
    whole = act("grant a: true", "exclusion x all: offences [az-cc:177]")
    assert answer(whole, offences=[{"article": "177"}]).outcome == "excluded"


def test_whichever_part_is_meant_the_rules_may_see_the_same() -> None:
    law = act("grant a: worst_category = 'less_serious'", "exclusion x all: offences [az-cc:122.1, az-cc:122.2]")
    found = answer(law, offences=[{"article": "122"}])
    assert (found.outcome, found.exclusions) == ("excluded", ("x",))
    doubtful = act("grant a: worst_category = 'less_serious'", "exclusion x all: uncertain [az-cc:122.1, az-cc:122.2]")
    assert [(item.kind, item.name) for item in answer(doubtful, offences=[{"article": "122"}]).missing] == [
        ("law", "listed:x")
    ]


def test_a_part_of_which_a_rule_names_an_item_leaves_it_open() -> None:
    law = act("grant a: any offence (article = '177.2.3')")
    assert missing(answer(law, offences=[{"article": "177.2"}])) == ["offences.article[0]"]
    assert answer(law, offences=[{"article": "177.2.3"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "177.2.4"}]).outcome == "not_covered"


def test_an_article_with_one_part_means_that_part() -> None:
    law = act("grant a: any offence (article = '111.0')")
    assert answer(law, offences=[{"article": "111"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "111.0"}]).outcome == "granted"


def test_without_an_offence_code_an_unknown_article_is_still_unknown() -> None:
    head = HEAD.replace("offence_code: az-cc\n", "")
    law = act("grant a: any offence (article = '10')", head=head)
    assert missing(answer(law, offences=[{}])) == ["offences.article[0]"]
    assert answer(law, offences=[{"article": "10.2"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "100"}]).outcome == "not_covered"


def test_without_an_offence_code_an_unknown_article_has_any_category() -> None:
    head = HEAD.replace("offence_code: az-cc\n", "")
    law = act("grant a: worst_category <= 'serious'", head=head)
    assert missing(answer(law, offences=[{}])) == ["offences.article[0]"]
    assert answer(law, offences=[{}]).outcome == "undetermined"


# any, every


@pytest.mark.parametrize(
    ("articles", "some", "every"),
    [
        (["177.2"], "granted", "granted"),
        (["178.2"], "not_covered", "not_covered"),
        (["177.2", "178.2"], "granted", "not_covered"),
        (["177.2", None], "granted", "undetermined"),
        (["178.2", None], "undetermined", "not_covered"),
        ([None, None], "undetermined", "undetermined"),
    ],
)
def test_any_and_every_offence(articles: list[str | None], some: str, every: str) -> None:
    offences = [{"article": article} for article in articles]
    assert answer(act("grant a: any offence (article = '177')"), offences=offences).outcome == some
    assert answer(act("grant a: every offence (article = '177')"), offences=offences).outcome == every


def test_one_offence_must_meet_the_whole_condition() -> None:
    law = act("grant a: any offence (article = '177' and form = 'attempt')")
    apart = [{"article": "177.2", "form": "completed"}, {"article": "178.2", "form": "attempt"}]
    assert answer(law, offences=apart).outcome == "not_covered"
    assert answer(law, offences=[{"article": "177.2", "form": "attempt"}]).outcome == "granted"


@pytest.mark.parametrize(
    ("articles", "outcome"),
    [
        (["320.1"], "not_covered"),
        (["178.2"], "granted"),
        (["320.1", "178.2"], "granted"),
        (["178.2", "178.3"], "not_covered"),
        (["178.2", "9999"], "undetermined"),
        (["120.1", "9999"], "not_covered"),
    ],
)
def test_the_worst_category_decides(articles: list[str], outcome: str) -> None:
    law = act("grant a: worst_category = 'less_serious'")
    assert answer(law, offences=[{"article": article} for article in articles]).outcome == outcome


# is known


def test_is_known_asks_what_the_record_states() -> None:
    law = act("grant a: birth_date is known", "grant b: birth_date is not known -> {reduce: 6 months}")
    assert answer(law, birth_date=date(1980, 1, 1)).grants == ("a",)
    assert answer(law).grants == ("b",)
    law = act("grant a: combatant is known")
    assert answer(law, facts={"combatant": False}).outcome == "granted"
    assert answer(law, facts={"combatant": None}).outcome == "not_covered"


def test_the_worst_category_is_known_where_the_offences_say_it() -> None:
    law = act("grant a: worst_category is known")
    assert answer(law).outcome == "not_covered"
    assert answer(law, offences=[{"article": "178.2"}]).outcome == "granted"
    assert answer(law, offences=[{"article": "177.1"}]).outcome == "not_covered"
    assert answer(law, offences=[{"article": "177.1"}, {"article": "120.1"}]).outcome == "granted"


# dates: computed ends, custody, contradictions


@pytest.mark.parametrize(
    ("punishment", "end"),
    [
        ("imprisonment", date(2025, 8, 21)),
        ("disciplinary_unit", date(2025, 8, 21)),
        ("restriction_of_liberty", date(2025, 8, 11)),
        ("correctional_works", date(2025, 7, 22)),
        ("military_restriction", date(2025, 7, 22)),
        ("public_works", None),
        ("fine", None),
        ("loss_of_post", None),
        ("life_imprisonment", None),
        (None, None),
    ],
)
def test_custody_counts_by_the_kind_of_punishment(punishment: str | None, end: date | None) -> None:
    found = answer(
        act("grant a: true"),
        term_start=date(2023, 8, 31),
        term_months=24,
        term_days=0,
        credit_days=10,
        punishment=punishment,
    )
    assert found.term_end_before == end


@pytest.mark.parametrize("unknown", ["term_start", "term_months", "credit_days", "punishment"])
def test_an_end_is_computed_only_from_what_is_known(unknown: str) -> None:
    record = {"term_start": date(2024, 8, 31), "term_months": 6, "credit_days": 0, "punishment": "imprisonment"}
    assert answer(act("grant a: true"), **record).term_end_before == date(2025, 2, 28)
    found = answer(act("grant a: term_end <= in_force"), **{**record, unknown: None})
    assert (found.term_end_before, missing(found)) == (None, ["term_end"])


def test_a_contradiction_is_told_and_neither_end_preferred() -> None:
    record = {
        "term_start": date(2024, 12, 20),
        "term_months": 24,
        "credit_days": 0,
        "punishment": "imprisonment",
        "term_end": date(2026, 12, 21),
    }
    law = act(
        "grant a: term_end <= in_force + 12 months", "grant b: term_end > in_force + 12 months -> {reduce: 6 months}"
    )
    found = answer(law, **record)
    assert found.contradictions == ({"field": "term_end", "given": "2026-12-21", "computed": "2026-12-20"},)
    assert (found.outcome, found.grant, found.grants) == ("granted", "b", ())
    assert (found.term_end_before, found.term_end_after, found.days_remitted) == (None, None, None)
    assert missing(answer(act("grant a: term_end <= in_force + 12 months"), **record)) == ["term_end"]
    agreed = answer(law, **{**record, "term_end": date(2026, 12, 20)})
    assert (agreed.contradictions, agreed.grant) == ((), "a")


def test_two_ends_that_no_rule_tells_apart_decide_alike() -> None:
    record = {
        "term_start": date(2024, 1, 1),
        "term_months": 12,
        "credit_days": 0,
        "punishment": "imprisonment",
        "term_end": date(2025, 1, 2),
    }
    found = answer(act("grant a: term_end <= in_force"), **record)
    assert (found.outcome, found.grants) == ("granted", ("a",))
    assert len(found.contradictions) == 1


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        (date(2027, 8, 31), date(2027, 2, 28), 184),
        (date(2028, 8, 31), date(2028, 2, 29), 184),
        (date(2027, 8, 28), date(2027, 2, 28), 181),
        (date(2028, 2, 29), date(2027, 8, 29), 184),
        (date(2026, 6, 20), date(2025, 12, 20), 182),
        (date(2026, 6, 19), date(2025, 12, 20), 181),
        (date(2025, 12, 25), date(2025, 12, 20), 5),
        (date(2025, 12, 20), date(2025, 12, 20), 0),
        (date(2025, 11, 1), date(2025, 11, 1), 0),
        (None, None, None),
    ],
)
def test_a_cut_counts_months_back_and_not_before_the_act(
    before: date | None, after: date | None, days: int | None
) -> None:
    found = answer(act("grant a: true -> {reduce: 6 months}"), term_end=before)
    assert (found.term_end_before, found.term_end_after, found.days_remitted) == (before, after, days)


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        (date(2027, 8, 31), date(2025, 12, 20), 619),
        (date(2025, 12, 20), date(2025, 12, 20), 0),
        (date(2025, 12, 1), date(2025, 12, 1), 0),
        (None, None, None),
    ],
)
def test_a_release_ends_the_term_when_the_act_takes_effect(
    before: date | None, after: date | None, days: int | None
) -> None:
    found = answer(act("grant a: true"), term_end=before)
    assert (found.term_end_after, found.days_remitted) == (after, days)


@pytest.mark.parametrize("relief", ["end_prosecution", "lift_record", "lift_additional", "{replace: fine}"])
def test_a_relief_that_leaves_the_term_alone_gives_no_new_day(relief: str) -> None:
    found = answer(act(f"grant a: true -> {relief}"), term_end=date(2027, 1, 1))
    assert (found.term_end_before, found.term_end_after, found.days_remitted) == (date(2027, 1, 1), None, None)


# the edges of days


@pytest.mark.parametrize(
    ("in_force", "edge"),
    [
        ("2025-12-20", date(2026, 12, 20)),
        ("2024-02-29", date(2025, 2, 28)),
        ("2025-02-28", date(2026, 2, 28)),
        ("2025-08-31", date(2026, 8, 31)),
    ],
)
def test_twelve_months_are_reached_on_the_last_day(in_force: str, edge: date) -> None:
    law = act("grant a: term_end <= in_force + 12 months", head=HEAD.replace("2025-12-20", in_force))
    assert answer(law, term_end=edge).outcome == "granted"
    assert answer(law, term_end=date.fromordinal(edge.toordinal() + 1)).outcome == "not_covered"


def test_six_months_from_the_end_of_august_end_in_february() -> None:
    law = act("grant a: term_end <= in_force + 6 months", head=HEAD.replace("2025-12-20", "2025-08-31"))
    assert answer(law, term_end=date(2026, 2, 28)).outcome == "granted"
    assert answer(law, term_end=date(2026, 3, 1)).outcome == "not_covered"


@pytest.mark.parametrize(
    ("birth", "outcome"),
    [
        (date(1965, 12, 19), "granted"),
        (date(1965, 12, 20), "granted"),
        (date(1965, 12, 21), "not_covered"),
        (None, "undetermined"),
    ],
)
def test_sixty_is_reached_on_the_birthday(birth: date | None, outcome: str) -> None:
    assert answer(act("grant a: age on in_force >= 60"), birth_date=birth).outcome == outcome


@pytest.mark.parametrize(
    ("committed_on", "outcome"),
    [(date(2022, 2, 27), "granted"), (date(2022, 2, 28), "not_covered"), (date(2022, 3, 1), "not_covered")],
)
def test_who_is_born_on_29_february_is_eighteen_on_the_28th(committed_on: date, outcome: str) -> None:
    law = act("grant a: any offence (age on committed_on < 18)")
    found = answer(law, birth_date=date(2004, 2, 29), offences=[{"article": "178.2", "committed_on": committed_on}])
    assert found.outcome == outcome


# two days that are both open


def test_a_birth_and_a_day_of_crime_that_are_both_open() -> None:
    law = act("grant a: any offence (age on committed_on < 18)")
    found = answer(law, offences=[{"article": "178.2"}])
    assert set(missing(found)) == {"birth_date", "offences.committed_on[0]"}
    both = act("grant a: any offence (age on committed_on < 18)", "grant b: every offence (age on committed_on >= 18)")
    assert answer(both, offences=[{"article": "178.2"}, {"article": "320.1"}]).outcome == "granted"


def test_other_rules_narrow_two_open_days_together() -> None:
    law = act("grant a: any offence (age on committed_on < 18 and committed_on <= adopted) and age on in_force >= 60")
    assert set(missing(answer(law, offences=[{"article": "178.2"}]))) == {"birth_date", "offences.committed_on[0]"}
    never = act("grant a: any offence (age on committed_on < 18 and committed_on > adopted) and age on in_force >= 60")
    assert answer(never, offences=[{"article": "178.2"}]).outcome == "not_covered"


def test_a_chain_of_open_days_with_gaps_between_them() -> None:
    law = act("grant a: judgment_date + 6 months < term_start and term_start + 6 months < term_end")
    assert set(missing(answer(law))) == {"judgment_date", "term_start", "term_end"}
    assert answer(law, judgment_date=date(2020, 1, 1), term_end=date(2020, 12, 1)).outcome == "not_covered"
    assert missing(answer(law, judgment_date=date(2020, 1, 1), term_end=date(2022, 12, 1))) == ["term_start"]
    never = act("grant a: judgment_date < term_start and term_start < term_end and term_end < judgment_date")
    assert answer(never).outcome == "not_covered"


def test_an_open_day_beside_an_end_that_contradicts_itself() -> None:
    record = {
        "term_start": date(2024, 1, 1),
        "term_months": 12,
        "credit_days": 0,
        "punishment": "imprisonment",
        "term_end": date(2026, 1, 1),
    }
    found = answer(act("grant a: judgment_date < term_end"), **record)
    assert set(missing(found)) == {"judgment_date", "term_end"}


# numbers and text beside others that are open


def test_a_number_beside_one_that_is_known() -> None:
    law = act("grant a: percent > other_percent")
    assert missing(answer(law, facts={"other_percent": 50})) == ["percent"]
    assert missing(answer(law, facts={"percent": 50})) == ["other_percent"]
    assert missing(answer(law)) == ["percent", "other_percent"]
    assert answer(law, facts={"percent": 51, "other_percent": 50}).outcome == "granted"


def test_an_age_beside_a_number_that_is_open() -> None:
    law = act("grant a: age on in_force >= percent")
    assert missing(answer(law, birth_date=date(1980, 1, 1))) == ["percent"]
    assert set(missing(answer(law))) == {"birth_date", "percent"}


def test_text_beside_text_that_is_open() -> None:
    law = act("grant a: citizenship = town")
    assert missing(answer(law, citizenship="AZE")) == ["town"]
    assert missing(answer(law)) == ["citizenship", "town"]


# records that cannot be, and very long terms


def test_a_term_beyond_the_calendar_breaks_nothing() -> None:
    law = act(
        "grant a: term_end <= in_force + 12 months", "grant b: term_end > in_force + 12 months -> {reduce: 6 months}"
    )
    found = answer(law, term_start=date(2250, 12, 31), term_months=100_000, credit_days=0, punishment="imprisonment")
    assert found.grant == "b"
    found = answer(
        law, term_start=date(1850, 1, 1), term_months=0, credit_days=100_000, punishment="correctional_works"
    )
    assert found.grant == "a"


def test_a_rule_may_name_a_day_beyond_the_calendar() -> None:
    assert answer(act("grant a: term_end <= in_force + 9000 years"), term_end=date(2030, 1, 1)).outcome == "granted"


def test_a_record_that_does_not_fit_is_refused_with_every_reason() -> None:
    with pytest.raises(RecordErrors) as caught:
        answer(act("grant a: combatant"), sexx="male", term_months=-1, facts={"combatent": True, "percent": "much"})
    assert [problem.field for problem in caught.value.problems] == [
        "term_months",
        "sexx",
        "facts.combatent",
        "facts.percent",
    ]


# the determination as a value


def test_the_plain_data_has_the_fields_of_every_engine() -> None:
    found = answer(
        act("grant a: combatant -> {reduce: 6 months}; consent: accused"), facts=facts(combatant=True)
    ).as_json()
    assert list(found) == [
        "case_id",
        "act",
        "outcome",
        "relief",
        "grant",
        "grants",
        "exclusions",
        "reservations",
        "missing",
        "could_improve",
        "relief_terms",
        "term_end_before",
        "term_end_after",
        "days_remitted",
        "rules_version",
        "contradictions",
        "trace",
    ]
    assert (found["relief"], found["relief_terms"]) == ("reduce", {"months": 6, "consent": "accused"})


def test_the_trace_holds_every_clause_with_what_was_read() -> None:
    law = act("grant a: stage = 'serving' and combatant", "exclusion x all: stripped")
    found = answer(law, stage="serving", facts=facts(combatant=None))
    trace = full_trace(found.trace)
    assert trace["grants"]["a"]["own"] == "unknown"
    assert trace["grants"]["a"]["condition"] == {
        "rule": "stage = 'serving' and combatant",
        "value": "unknown",
        "of": [
            {"rule": "stage = 'serving'", "value": "true", "read": {"stage": "serving"}},
            {"rule": "combatant", "value": "unknown", "read": {"combatant": None}},
        ],
    }
    assert trace["exclusions"]["x"] == {
        "own": "false",
        "value": "false",
        "condition": {"rule": "stripped", "value": "false", "read": {"stripped": False}},
    }


def test_many_offences_of_which_nothing_is_known_take_no_longer_than_a_moment() -> None:
    offences = [{"article": "178.2"} for _ in range(12)]
    found = answer(load_act("az-2025"), stage="serving", punishment="imprisonment", suspended=False, offences=offences)
    assert found.outcome == "granted"
