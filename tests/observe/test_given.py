"""What the rules give: read from an estimate, counted on a register, limited to the cases a quantity means."""

from __future__ import annotations

import json

import pytest

from clemency.determine.interpreter import determine_case
from clemency.law.act import load_act
from clemency.observe.claims import quantities
from clemency.observe.given import (
    EstimateFileError,
    Given,
    case_columns,
    chosen,
    counted,
    estimated,
    only,
    open_item,
    read_estimate,
)
from clemency.observe.qualifiers import Range
from clemency.records.frames import frame_of
from clemency.records.quarantine import QuarantineLog
from clemency.records.record import known_facts, read_record
from clemency.records.register import open_register

ACT = load_act("az-2025")
PRISON = {"stage": "serving", "punishment": "imprisonment", "suspended": False, "deferred": False}
LIGHT = {"stage": "serving", "suspended": False, "deferred": False}
CASES = [
    {"case_id": "woman", **PRISON, "sex": "female", "term_end": "2027-08-31", "offences": [{"article": "178.2"}]},
    {"case_id": "short-rest", **PRISON, "sex": "male", "term_end": "2026-06-30", "offences": [{"article": "178.2"}]},
    {"case_id": "long-rest", **PRISON, "sex": "male", "term_end": "2028-06-30", "offences": [{"article": "178.2"}]},
    {"case_id": "rest-open", **PRISON, "sex": "male", "offences": [{"article": "178.2"}]},
    {"case_id": "restricted", **LIGHT, "punishment": "restriction_of_liberty", "offences": [{"article": "178.1"}]},
    {"case_id": "works", **LIGHT, "punishment": "correctional_works", "offences": [{"article": "178.1"}]},
    {"case_id": "penalty-open", **LIGHT, "offences": [{"article": "178.1"}]},
    {"case_id": "served", "stage": "served"},
]
#: Facts that would open the personal groups are answered, so that the cases turn on what their name says.
NO_GROUP = {name: False for name, fact in ACT.facts.items() if fact.type.kind.name == "BOOLEAN"} | {
    "disability_percent": 0
}


def register(folder, cases=CASES, name="register.jsonl"):
    path = folder / name
    born = {"birth_date": "1985-03-14", "facts": NO_GROUP, "first_conviction": True}
    lines = []
    for case in cases:
        offences = [{"committed_on": "2023-05-10", "guilt": "intent", **one} for one in case.get("offences", [])]
        lines.append(json.dumps({**born, **case, **({"offences": offences} if offences else {})}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Given:
    path = register(tmp_path_factory.mktemp("register"))
    return counted(open_register(path, known_facts(ACT)), ACT, quantities(), QuarantineLog())


# --- counted on a register


def test_each_case_is_counted_under_its_line(told: Given) -> None:
    assert told.cases == len(CASES)
    assert not told.synthetic
    assert told.figures["ground_social_groups"].outer == Range(1, 2)
    assert told.figures["ground_less_serious_under_1y_left"].outer == Range(1, 2)
    assert told.figures["term_reduced"].outer == Range(1, 2)
    assert told.figures["restriction_of_liberty_released"].outer == Range(1, 2)
    assert told.figures["correctional_work_released"].outer == Range(1, 2)


def test_an_open_limit_makes_a_case_possible_and_never_certain(told: Given) -> None:
    assert told.figures["women"].outer == Range(1, 4)
    assert told.figures["men"].outer == Range(3, 6)
    assert told.figures["fine_released"].outer == Range(0, 1)


def test_a_case_that_may_get_a_better_relief_is_certain_in_the_total_and_in_no_line(told: Given) -> None:
    assert told.figures["term_reduced"].outer == Range(1, 2)
    assert told.figures["penitentiary_total"].outer == Range(4, 5)
    assert told.figures["total"].outer == Range(6, 7)
    assert {point.item for point in told.open["term_reduced"]} == {"fact:term_end"}


def test_the_parts_reach_the_whole_and_are_certain_of_no_more(told: Given) -> None:
    parts = [told.figures[part].outer for part in quantities()["total"].parts if part in told.figures]
    whole = told.figures["total"].outer
    assert sum(part.low for part in parts) <= whole.low
    assert whole.high is not None
    assert whole.high <= sum(part.high or 0 for part in parts)


def test_what_keeps_a_case_open_is_told(told: Given) -> None:
    points = {point.item: point.cases for point in told.open["ground_less_serious_under_1y_left"]}
    assert points == {"fact:term_end": 1}


def test_certain_cases_are_those_the_interpreter_books(told: Given, tmp_path) -> None:
    facts = known_facts(ACT)
    for name in ("released_from_imprisonment", "term_reduced", "non_custodial_released", "criminal_liability_lifted"):
        clauses = quantities()[name].clauses(ACT)
        with register(tmp_path).open(encoding="utf-8") as lines:
            answers = [determine_case(read_record(json.loads(line), facts), ACT, facts) for line in lines]
        settled = [answer for answer in answers if all(better.grant in clauses for better in answer.could_improve)]
        assert told.figures[name].outer.low == sum(answer.grant in clauses for answer in settled)


def test_an_invented_register_is_told_by_its_cases(tmp_path) -> None:
    path = register(tmp_path, [{"case_id": "synthetic-1", "stage": "served"}])
    found = counted(open_register(path, known_facts(ACT)), ACT, quantities(), QuarantineLog())
    assert found.synthetic
    assert found.figures["total"].outer == Range(0, 0)


def test_rows_that_do_not_fit_are_put_aside_and_not_counted(tmp_path) -> None:
    path = register(tmp_path, [{"case_id": "1", "stage": "served"}, {"case_id": "2", "sex": "?"}])
    log = QuarantineLog()
    assert counted(open_register(path, known_facts(ACT)), ACT, quantities(), log).cases == 1
    assert log.count == 1


def test_the_worst_category_of_a_case_is_unknown_where_an_offence_leaves_it_open() -> None:
    facts = known_facts(ACT)
    cases = [
        {"case_id": "1", "offences": [{"article": "178.1"}, {"article": "178.3"}]},
        {"case_id": "2", "offences": [{"article": "178.3"}, {"article": "no-such"}]},
        {"case_id": "3"},
        {"case_id": "4", "offences": []},
    ]
    frame = frame_of([read_record(case, facts) for case in cases], facts)
    assert case_columns(frame, ACT).get_column("worst_category").to_list() == ["serious", None, None, None]


def test_limits_let_an_unknown_value_through_as_possible_only() -> None:
    facts = known_facts(ACT)
    cases = [
        {"case_id": "1", "punishment": "fine"},
        {"case_id": "2", "punishment": "restriction_of_liberty"},
        {"case_id": "3"},
    ]
    columns = case_columns(frame_of([read_record(case, facts) for case in cases], facts), ACT)
    with_it, without = quantities()["restriction_of_liberty_released"], quantities()["other_noncustodial_released"]
    assert [mask.to_list() for mask in chosen(columns, with_it)] == [[False, True, False], [False, True, True]]
    assert [mask.to_list() for mask in chosen(columns, without)] == [[True, False, False], [True, False, True]]


def test_an_act_with_some_of_its_clauses_alone() -> None:
    part = only(ACT, ["minor.release"], "minor")
    assert [grant.id for grant in part.grants] == ["minor.release"]
    assert all("minor.release" in clause.limits for clause in part.exclusions)
    assert part.version != ACT.version
    assert only(ACT, [grant.id for grant in ACT.grants], "all") is ACT


@pytest.mark.parametrize(
    ("item", "short"),
    [
        ("law:clause:liability.minor", "law:clause:liability.minor"),
        ("law:category:az-cc:177.1", "law:category:az-cc"),
        ("fact:combatant", "fact:combatant"),
    ],
)
def test_open_points_without_their_place(item: str, short: str) -> None:
    assert open_item(item) == short


# --- from an estimate


def estimate(**changes: object) -> dict[str, object]:
    line = {"by": "quantity", "name": "total", "unit": "cases", "mean": 21_000.5, "median": 20_990.0, "low50": 20_000.2,
            "high50": 22_000.4, "low90": 18_000.6, "high90": 24_000.1}  # fmt: skip
    swing = {"assumption": "share.x", "kind": "assumption", "quantity": "total", "low": 0.1, "high": 0.3,
             "at_low": 19_000.0, "at_high": 23_000.0, "reason": "no source gives the share"}  # fmt: skip
    other = {**line, "by": "sex", "name": "female"}
    return {"act": "az-2025", "as_of": "2025-12-20", "draws": 100, "seed": 1, "cases": 50_000.0,
            "population": {"synthetic": True}, "quantities": [line, other], "swings": [swing], "readings": [],
            "notes": [], **changes}  # fmt: skip


def test_an_estimate_is_rounded_outwards_and_never_inwards() -> None:
    found = estimated(estimate(), "az-2025", "it")
    assert found.figures.keys() == {"total"}
    assert found.figures["total"].outer == Range(18_000, 24_001)
    assert found.figures["total"].inner == Range(20_000, 22_001)
    assert found.synthetic
    (point,) = found.open["total"]
    assert (point.text, point.low, point.high, point.weight) == ("share.x", "0.1", "0.3", 4_000)


def test_a_question_of_law_is_told_in_its_words_and_answers() -> None:
    swing = {"assumption": "listed", "quantity": "total", "low": "false", "high": True, "at_low": 9.0, "at_high": 7.0}
    found = estimated(
        estimate(swings=[swing], readings=[{"item": "listed", "text": "Is it on the list?"}]), "az-2025", "it"
    )
    (point,) = found.open["total"]
    assert (point.text, point.low, point.high) == ("Is it on the list?", "no", "yes")
    assert "reason" not in point.as_json()


def test_an_estimate_of_another_act_is_refused() -> None:
    with pytest.raises(EstimateFileError, match="an estimate of az-2021, not of az-2025"):
        estimated(estimate(act="az-2021"), "az-2025", "it")


def test_what_is_no_estimate_is_told_in_full(tmp_path) -> None:
    path = tmp_path / "estimate.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(EstimateFileError, match="is no JSON"):
        read_estimate(path, "az-2025")
    path.write_text(json.dumps({"act": "az-2025", "draws": "many"}), encoding="utf-8")
    with pytest.raises(EstimateFileError, match=r"draws: .*quantities: field required") as told:
        read_estimate(path, "az-2025")
    assert "clemency estimate" in str(told.value)
