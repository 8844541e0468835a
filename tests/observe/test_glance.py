"""The comparison at a glance: which claim is taken, what the people's answers turn on, and that the parts add up."""

from __future__ import annotations

from clemency.determine.interpreter import determine_case
from clemency.law.act import load_act
from clemency.law.library import library_path
from clemency.observe.glance import (
    PARTS,
    _first,
    _latest,
    _only,
    deciding,
    glance,
    missing_first,
    people_in_the_news,
    read_claims,
)

ACT = load_act("az-2025")
CLAIMS = read_claims(library_path() / "claims" / "az" / "claims.csv")


def test_the_first_announcement_and_the_latest_report_are_taken() -> None:
    announced, reported = _first(CLAIMS, "announced", "total"), _latest(CLAIMS, "total")
    assert announced
    assert (announced.value, announced.qualifier, announced.as_of) == (20_000, "over", "2025-12-15")
    assert reported
    assert (reported.value, reported.as_of, reported.body) == (18_355, "2026-02-19", "prosecutor")
    ended = _latest(CLAIMS, "criminal_liability_lifted")
    assert ended
    assert "only cases investigated by the justice bodies" in ended.note
    assert _latest(CLAIMS, "nothing_of_the_kind") is None


def test_every_grant_belongs_to_one_part_besides_the_whole() -> None:
    kept = [grant.id for part in PARTS[1:] for grant in _only(ACT, part).grants]
    assert sorted(kept) == sorted(grant.id for grant in ACT.grants)
    assert _only(ACT, PARTS[0]) is ACT


def test_certain_figures_of_the_parts_add_up_to_the_whole(tmp_path) -> None:
    view = glance(tmp_path)
    whole, *parts = view.lines
    assert whole.certain == sum(line.certain for line in parts) == view.outcomes["granted"]
    assert whole.possible == view.outcomes["granted"] + view.outcomes["undetermined"]
    assert all(line.certain <= line.possible <= whole.possible for line in parts)
    assert sum(view.outcomes.values()) == view.cases


def test_every_published_person_has_a_name_a_source_and_an_answer() -> None:
    people = list(people_in_the_news(ACT))
    assert len(people) == 36
    assert all(person.name and person.organisation and person.url.startswith("http") for person in people)
    assert all(
        bool(missing_first(one.determination)) == (one.determination.outcome == "undetermined") for one in people
    )


def test_what_an_answer_turns_on() -> None:
    def turns_on(**record: object) -> str:
        return deciding(determine_case({"case_id": "1", **record}, ACT), ACT)

    prison = {"stage": "serving", "punishment": "imprisonment", "suspended": False}
    assert turns_on(**prison, sex="female", offences=[{"article": "178.2"}]) == "clause personal.women"
    assert turns_on(stage="served") == "no clause has its condition met"
    assert turns_on(stage="trial", offences=[{"article": "206.3.2"}]) == (
        "not covered by clause liability.personal, which is closed by: serious"
    )
    assert turns_on().startswith("open: clause personal.combatant and ")
