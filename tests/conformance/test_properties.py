"""What must hold for every case and every act: the oracle's definition, and the properties of the design.

Counter-examples are searched among random records; a failure prints the record.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clemency.determine.columns import determine_frame, json_rows
from clemency.determine.determination import Determination
from clemency.determine.interpreter import determine_case
from clemency.law.act import Act, load_act
from clemency.law.vocabulary import CASE_FIELDS
from clemency.records.frames import frame_of
from clemency.records.record import known_facts, read_record
from tests.conformance.brute import Guess, Oracle, TooMany
from tests.conformance.generate import Generator, Record, plain

ACTS = Path(__file__).parents[1] / "acts" / "good"
NAMES = ["az-2025", *sorted(path.stem for path in ACTS.glob("*.yaml"))]
#: Where a rule asks whether something is known, knowing more may well change the answer.
MONOTONE = [name for name in NAMES if name not in ("known-and-not-known", "facts-denied")]
#: How many records an act takes, and how many completions each: ages and days have many.
ORACLE = {
    "az-2025": (250, 1_000),
    "ages-and-days": (200, 4_000),
    "month-ends": (250, 4_000),
    "served-shares": (250, 4_000),
    "values-of-every-type": (250, 2_000),
}


def act_named(name: str) -> Act:
    return load_act(name if name == "az-2025" else ACTS / f"{name}.yaml")


def items(missing: list[dict[str, Any]]) -> set[tuple[str, str, int | None]]:
    return {(item["kind"], item["name"], item.get("offence")) for item in missing}


def rank(found: Determination, act: Act) -> tuple[int, int]:
    assert found.relief is not None
    return act.favour_rank(found.relief)


# the definition


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_the_interpreter_says_what_every_completion_says(name: str, chunk: int) -> None:
    act = act_named(name)
    oracle = Oracle(act)
    count, most = ORACLE.get(name, (400, 2_000))
    checked = 0
    for record in Generator(act, 100 + chunk).records(count):
        try:
            expected = oracle.answer(record, most)
        except TooMany:
            continue
        checked += 1
        found = determine_case(record, act).as_json()
        shown = plain(record)
        assert {field: found[field] for field in ("outcome", "grant", "grants", "exclusions")} == {
            field: expected[field] for field in ("outcome", "grant", "grants", "exclusions")
        }, shown
        assert items(found["missing"]) == expected["missing"], shown
        assert {better["grant"]: items(better["missing"]) for better in found["could_improve"]} == expected[
            "could_improve"
        ], shown
    assert checked > count / 2


def completed(record: Record, chosen: Mapping[str, Any]) -> Record:
    """The record with one completion's facts written into it; points of law stay open."""
    record = deepcopy(record)
    record["facts"] = dict(record["facts"] or {})
    for key, value in chosen.items():
        name, _, index = key.partition(" ")
        if isinstance(value, Guess):
            offence = record["offences"][int(index)]
            offence["article"] = value.article
        elif name in ("committed_on", "guilt", "form") and index:
            record["offences"][int(index)][name] = value
        elif name == "term":
            record["term_months"], record["term_days"] = value.months, value.days
        elif name in CASE_FIELDS:
            record[name] = value
            if name == "term_end":
                record["term_start"] = None
        elif name in record["facts"]:
            record["facts"][name] = value
    return record


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in MONOTONE if name not in ("ages-and-days", "month-ends", "served-shares")]
)
def test_every_completion_agrees_with_the_bounds(name: str) -> None:
    act = act_named(name)
    oracle, tried = Oracle(act), 0
    for record in Generator(act, 21).records(100):
        before = determine_case(record, act)
        try:
            completions = oracle.answer(record, 200)["completions"]
        except TooMany:
            continue
        for chosen, _, _ in completions[:: max(1, len(completions) // 12)]:
            after = determine_case(completed(record, chosen), act)
            tried += 1
            for section in ("grants", "exclusions"):
                for clause, values in before.trace[section].items():
                    for value in ("own", "value"):
                        assert values[value] in ("unknown", after.trace[section][clause][value]), (
                            clause,
                            plain(record),
                            chosen,
                        )
            if before.outcome == "granted":
                better = {one.grant for one in before.could_improve}
                assert after.outcome == "granted", (plain(record), chosen)
                assert rank(after, act) <= rank(before, act), (plain(record), chosen)
                assert rank(after, act) == rank(before, act) or after.grant in better, (plain(record), chosen)
            elif before.outcome in ("excluded", "not_covered"):
                assert after.outcome in ("excluded", "not_covered"), (plain(record), chosen)
    assert tried > 100


# knowing more


def fillings(record: Record, full: Record, act: Act) -> Iterator[Record]:
    """The record with one more thing known, taken from a full one, and then with all of them known."""
    everything = deepcopy(record)
    for name in CASE_FIELDS:
        if name in ("term_months", "term_days") and (
            record["term_months"] is not None or record["term_days"] is not None
        ):
            continue  # a term written in one of the two is known
        if record[name] is None and full[name] is not None:
            everything[name] = full[name]
            yield {**deepcopy(record), name: full[name]}
    facts, other = record["facts"] or {}, full["facts"] or {}
    for name, value in other.items():
        if facts.get(name) is None and value is not None:
            everything["facts"] = {**(everything["facts"] or {}), name: value}
            yield {**deepcopy(record), "facts": {**facts, name: value}}
    for index, offence in enumerate(record["offences"] or []):
        drawn = (full["offences"] or [{}])[0]
        meant = act.code.parts_meant(offence["article"]) if act.code and offence["article"] else ()
        fixed = not offence["article"] or any(part.guilt in ("intent", "negligence") for part in meant)
        for name, value in drawn.items():
            if name == "guilt" and fixed:
                continue  # the code says it, or the article that is not known will
            if offence[name] is None and value is not None:
                filled = deepcopy(record)
                filled["offences"][index][name] = value
                everything["offences"][index][name] = value
                yield filled
    if not record["offences"] and full["offences"]:
        yield {**deepcopy(record), "offences": full["offences"]}
    yield everything


@pytest.mark.slow
@pytest.mark.parametrize("name", MONOTONE)
def test_a_fact_more_never_opens_what_was_decided(name: str) -> None:
    act = act_named(name)
    generator, tried = Generator(act, 31), 0
    for record in generator.records(700 if name == "az-2025" else 400):
        before = determine_case(record, act)
        if before.outcome == "undetermined":
            continue
        for filled in fillings(record, generator.record("full"), act):
            after = determine_case(filled, act)
            if len(after.contradictions) > len(before.contradictions):
                continue  # what contradicts is not one fact more
            tried += 1
            if before.outcome == "granted":
                assert after.outcome == "granted", (plain(record), plain(filled))
                assert rank(after, act) <= rank(before, act), (plain(record), plain(filled))
            else:
                assert after.outcome in ("excluded", "not_covered"), (plain(record), plain(filled))
    assert tried > 50


def test_an_article_named_more_precisely_never_opens_what_was_decided() -> None:
    act = act_named("az-2025")
    assert act.code is not None
    tried = 0
    for record in Generator(act, 37).records(1_500):
        for index, offence in enumerate(record["offences"] or []):
            meant = act.code.parts_meant(offence["article"]) if offence["article"] else ()
            if len(meant) < 2:
                continue
            before = determine_case(record, act)
            for part in meant[:4]:
                filled = deepcopy(record)
                filled["offences"][index]["article"] = part.key
                after = determine_case(filled, act)
                tried += 1
                if before.outcome == "granted":
                    assert after.outcome == "granted", (plain(record), part.key)
                elif before.outcome != "undetermined":
                    assert after.outcome in ("excluded", "not_covered"), (plain(record), part.key)
    assert tried > 100


# acts changed


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if act_named(name).exclusions])
def test_an_exclusion_never_adds_relief(name: str) -> None:
    act = act_named(name)
    records = list(Generator(act, 41).records(60 if name == "az-2025" else 200))
    answers = [determine_case(record, act) for record in records]
    for dropped in act.exclusions:
        without = replace(
            act,
            exclusions=tuple(one for one in act.exclusions if one is not dropped),
            limiting={
                grant: tuple(one for one in limits if one != dropped.id) for grant, limits in act.limiting.items()
            },
            version=f"{act.version} without {dropped.id}",
        )
        for record, kept in zip(records, answers, strict=True):
            freed = determine_case(record, without)
            assert set(kept.grants) <= set(freed.grants), (dropped.id, plain(record))
            if kept.outcome == "granted":
                assert freed.outcome == "granted", (dropped.id, plain(record))
                assert rank(freed, act) <= rank(kept, act), (dropped.id, plain(record))
            if kept.outcome == "undetermined":
                assert freed.outcome in ("granted", "undetermined"), (dropped.id, plain(record))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_clauses_changes_only_the_booking(name: str) -> None:
    act = act_named(name)
    turned = replace(
        act,
        grants=act.grants[::-1],
        exclusions=act.exclusions[::-1],
        reservations=act.reservations[::-1],
        limiting={grant: limits[::-1] for grant, limits in act.limiting.items()},
        version=f"{act.version} turned",
    )
    for record in Generator(act, 43).records(200):
        one, two = determine_case(record, act), determine_case(record, turned)
        assert one.outcome == two.outcome, plain(record)
        assert one.relief == two.relief, plain(record)
        assert (one.term_end_before, one.term_end_after) == (two.term_end_before, two.term_end_after), plain(record)
        for field in ("grants", "exclusions", "reservations", "missing"):
            assert set(getattr(one, field)) == set(getattr(two, field)), (field, plain(record))
        assert {(better.grant, frozenset(better.missing)) for better in one.could_improve} == {
            (better.grant, frozenset(better.missing)) for better in two.could_improve
        }, plain(record)


@pytest.mark.parametrize("name", ["az-2025", "offences-one-by-one", "exclusions-of-every-kind"])
def test_the_order_of_offences_changes_nothing(name: str) -> None:
    act = act_named(name)
    for record in Generator(act, 47).records(300):
        if len(record["offences"] or []) < 2:
            continue
        one = determine_case(record, act)
        two = determine_case({**record, "offences": record["offences"][::-1]}, act)
        last = len(record["offences"]) - 1
        assert (one.outcome, one.relief, one.grants, one.exclusions) == (
            two.outcome,
            two.relief,
            two.grants,
            two.exclusions,
        )
        assert {(item.name, item.offence) for item in one.missing} == {
            (item.name, None if item.offence is None else last - item.offence) for item in two.missing
        }, plain(record)


# other people, other days


def test_other_cases_of_the_same_person_change_nothing() -> None:
    act = act_named("az-2025")
    facts = known_facts(act)
    records = [read_record({**record, "person_id": "the same"}, facts) for record in Generator(act, 53).records(250)]
    together = list(json_rows(determine_frame(frame_of(records, facts), act), act))
    for record, among_others in zip(records[::5], together[::5], strict=True):
        alone = next(iter(json_rows(determine_frame(frame_of([record], facts), act), act)))
        assert alone == among_others


_DIGEST = """
import hashlib, json
from clemency.law.act import load_act
from clemency.determine.interpreter import determine_case, full_trace
from tests.conformance.generate import Generator
act, digest = load_act("az-2025"), hashlib.sha256()
for record in Generator(act, 59).records(200):
    found = determine_case(record, act)
    digest.update(json.dumps({**found.as_json(), "trace": full_trace(found.trace)}, default=str).encode())
print(digest.hexdigest())
"""


def test_the_same_case_has_the_same_answer_in_every_run() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


# the oracle itself, so that two mistakes do not agree


def test_the_oracle_reads_a_case_that_a_person_can_check() -> None:
    act = act_named("exclusions-of-every-kind")
    record = {
        "sex": None,
        "suspended": False,
        "offences": [{"article": "178.2"}],
        "facts": {"combatant": None, "award_stripped": False, "debt": 0},
    }
    found = Oracle(act).answer(record)
    assert found["outcome"] == "undetermined"
    assert found["missing"] == {
        ("fact", "sex", None),
        ("fact", "combatant", None),
        ("law", "listed:listed_too:az-cc:178.2", None),
    }


def test_the_oracle_knows_days_on_both_sides_of_what_a_rule_names() -> None:
    days = Oracle(act_named("month-ends")).days({date(2024, 2, 29)})
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2025, 8, 31), date(2024, 8, 29), date(2025, 8, 29)):
        assert day in days
