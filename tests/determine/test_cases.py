"""Worked cases: invented people beside each act, with the answer a lawyer expects.

Each runs, and every clause is shown where it applies and where it does not.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.determine.determination import Determination
from clemency.determine.interpreter import determine_case
from clemency.determine.worked import disagreements, read_worked_case
from clemency.law.act import Act, library_acts, load_act
from clemency.law.library import library_path

CASES = [
    pytest.param(name, path, id=f"{name}-{path.stem}")
    for name in library_acts()
    for path in sorted((library_path() / "acts" / name / "cases").glob("*.yaml"))
]
KEYS = {"title", "shows", "synthetic", "as_of", "case", "each_article", "expect", "note", "source"}
KEYS |= {"signed_by", "signed_on", "verdict", "comment"}
ANSWERS = {
    "outcome",
    "relief",
    "relief_terms",
    "grant",
    "grants",
    "exclusions",
    "reservations",
    "missing",
    "could_improve",
    "term_end_after",
    "days_remitted",
    "contradictions",
}
#: Acts in which whoever certainly gets something gets the best that can be had at that stage: release, or the end of
#: the prosecution. Their cuts are of unknown reach, or there are none, so no certain answer can improve.
NOTHING_BETTER = {"az-2016", "az-2021", "ru-2015"}


@cache
def worked(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def act_of(name: str, path: Path) -> Act:
    """The act as it stands on the day that the case names, else after its last change."""
    act = load_act(name)
    return act.as_of(worked(path)["as_of"]) if "as_of" in worked(path) else act


@cache
def answer(name: str, path: Path) -> Determination:
    return determine_case({"case_id": path.stem, **worked(path)["case"]}, act_of(name, path))


def stated(found: Determination, field: str) -> Any:
    """A field of a determination as the worked cases write it: lists without an order, missing things by kind."""
    plain = found.as_json()[field]
    if field == "missing":
        return {kind: {item["name"] for item in plain if item["kind"] == kind} for kind in ("fact", "law")}
    if field == "could_improve":
        return {better["grant"] for better in plain}
    if field == "contradictions":
        return {one["field"] for one in plain}
    return set(plain) if isinstance(plain, list) else plain


def expected(value: Any, field: str) -> Any:
    if field == "missing":
        return {kind: set(value.get(kind, ())) for kind in ("fact", "law")}
    if isinstance(value, list):
        return set(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize(("name", "path"), CASES)
def test_the_answer_is_the_one_expected(name: str, path: Path) -> None:
    if "each_article" in worked(path):
        assert disagreements(read_worked_case(path), load_act(name)) == []
        return
    expect = worked(path)["expect"]
    found = answer(name, path)
    assert {field: stated(found, field) for field in expect} == {
        field: expected(value, field) for field, value in expect.items()
    }


@pytest.mark.parametrize(("name", "path"), CASES)
def test_a_worked_case_says_what_it_shows_and_is_nobody_real(name: str, path: Path) -> None:
    case = worked(path)
    act = act_of(name, path)
    assert set(case) <= KEYS
    assert set(case["expect"]) <= ANSWERS
    assert {"outcome", "relief"} <= set(case["expect"])
    assert case["title"].strip()
    assert case["shows"]
    clauses = {clause.id for clause in (*act.grants, *act.exclusions, *act.reservations)}
    assert set(case["shows"]) <= clauses
    assert case["synthetic"] is True
    nothing_known = set(case["case"]) <= {"case_id"}
    assert case["expect"]["outcome"] != "undetermined" or nothing_known or case["expect"].get("missing"), (
        "say what is missing"
    )


@pytest.mark.parametrize("name", library_acts())
def test_no_two_cases_have_one_title(name: str) -> None:
    titles = defaultdict(list)
    for path in sorted((library_path() / "acts" / name / "cases").glob("*.yaml")):
        titles[worked(path)["title"]].append(path.stem)
    assert not [stems for stems in titles.values() if len(stems) > 1]


def sides(act: Act, name: str) -> dict[str, set[str]]:
    """For each clause the values it has: where it applies only in the cases that say they show it, else in any case."""
    seen: dict[str, set[str]] = defaultdict(set)
    for path in sorted((library_path() / "acts" / name / "cases").glob("*.yaml")):
        found = answer(name, path)
        values = {
            one: traced["value"] for section in ("grants", "exclusions") for one, traced in found.trace[section].items()
        }
        values |= {one.id: "true" if one.id in found.reservations else "false" for one in act.reservations}
        for clause, value in values.items():
            if value == "false" or clause in worked(path)["shows"]:
                seen[clause].add(value)
    return seen


@pytest.mark.parametrize("name", library_acts())
def test_every_clause_is_shown_where_it_applies_and_where_it_does_not(name: str) -> None:
    act = load_act(name)
    seen = sides(act, name)
    lacking = []
    for clause in (*act.grants, *act.exclusions, *act.reservations):
        # a clause whose very existence is open, and a list of which every entry is in doubt, never hold for certain
        open_law = getattr(clause, "law_unknown", None) or not _can_be_true(clause)
        wanted = {"unknown" if open_law else "true", "false"}
        if not wanted <= seen[clause.id]:
            lacking.append(f"{clause.id}: no case shows it {', '.join(sorted(wanted - seen[clause.id]))}")
    assert not lacking


def _can_be_true(clause: Any) -> bool:
    from clemency.law import rules

    listed = (
        [atom for atom in rules.atoms(clause.condition) if isinstance(atom, rules.Listed)] if clause.condition else []
    )
    return not listed or any(atom.certain for atom in listed)


@pytest.mark.parametrize("name", library_acts())
def test_every_outcome_and_every_kind_of_not_knowing_is_shown(name: str) -> None:
    answers = [answer(name, param.values[1]) for param in CASES if param.values[0] == name]
    assert {found.outcome for found in answers} == {"granted", "excluded", "not_covered", "undetermined"}
    assert {item.kind for found in answers for item in found.missing} == {"fact", "law"}
    assert any(found.reservations for found in answers)
    assert any(found.could_improve for found in answers) is (name not in NOTHING_BETTER)
    assert any(found.contradictions for found in answers)
