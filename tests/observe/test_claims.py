"""Claims: the library's files under their schema, the tree of quantities, and files that do not fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.act import library_acts, load_act
from clemency.law.library import library_path
from clemency.law.source import SourceErrors
from clemency.observe.claims import (
    claims,
    first_told,
    history,
    last_reported,
    quantities,
    read_claims,
    read_history,
    read_quantities,
    read_scopes,
    scopes,
)
from clemency.observe.library_files import SheetErrors

FOLDER = library_path() / "claims" / "az"
BAD = Path(__file__).parent / "claims" / "bad"


# --- what the library holds


def test_every_claim_is_there_once_and_in_order() -> None:
    ids = [claim.claim_id for claim in claims()]
    assert ids == [f"c{number:03d}" for number in range(1, len(ids) + 1)]
    assert Counter(claim.act_id for claim in claims()) == {
        "az-2025": 99, "az-2021": 57, "az-2016": 5, "az-2013": 6, "az-2009": 6, "az-2007": 7, "az-first": 5,
        "az-1996-2003": 3, "az-2007-2013": 1, "az-1995-2021": 1,
    }  # fmt: skip
    assert Counter(claim.qualifier for claim in claims()) == {"exact": 132, "over": 33, "nearly": 22, "up_to": 3}


def test_every_figure_names_where_it_was_read() -> None:
    assert all(claim.source_url.startswith("http") and claim.source_name for claim in claims())
    assert all(row.source_url.startswith("http") for row in history())


def test_what_was_expected_and_what_was_carried_out_are_kept_apart_by_scope() -> None:
    for claim in claims():
        scope = scopes().by_name[claim.scope]
        assert not scope.plan or claim.planned, claim.claim_id
    reports = {claim.scope for claim in claims("az-2025", ["progress"]) if claim.quantity == "total"}
    assert len(reports) == 4


def test_the_first_announcement_and_the_latest_report() -> None:
    mine = claims("az-2025")
    announced, reported = first_told(mine, "announced", "total"), last_reported(mine, "total")
    assert announced
    assert announced.said == "over 20,000"
    assert reported
    assert (reported.value, str(reported.as_of), reported.body) == (18_355, "2026-02-19", "prosecutor")
    assert last_reported(mine, "nothing_of_the_kind") is None
    assert first_told(mine, "final", "total") is None


def test_claims_of_a_stage() -> None:
    plans = claims("az-2025", ["announced", "adopted"])
    assert plans
    assert all(claim.planned and claim.act_id == "az-2025" for claim in plans)
    assert not claims("az-2025", ["final"])


def test_history_keeps_the_words_of_its_figures() -> None:
    acts = {row.year: row for row in history() if row.record_type == "amnesty_act"}
    assert (acts["2016"].actual_total, acts["2016"].actual_total_qualifier) == (10_000, "over")
    assert acts["1996"].actual_total is None
    assert acts["1996"].actual_total_qualifier is None
    assert len(history()) == 33


# --- the tree of quantities


def test_every_clause_that_a_pattern_names_exists() -> None:
    for act_id in library_acts():
        act = load_act(act_id)
        for one in quantities().values():
            for pattern in one.grants(act_id):
                single = [grant.id for grant in act.grants if pattern in ("*", grant.id) or pattern.endswith("*")]
                assert single, f"{one.name}, {act_id}: {pattern}"
            if one.grants(act_id):
                assert one.clauses(act), f"{one.name}, {act_id}"


@pytest.mark.parametrize("act_id", ["az-2025", "az-2021", "az-2016"])
def test_every_clause_feeds_one_line_of_the_total(act_id: str) -> None:
    act = load_act(act_id)
    parts = [name for part in quantities()["total"].parts for name in quantities()[part].clauses(act)]
    assert sorted(parts) == sorted(grant.id for grant in act.grants)
    assert quantities()["total"].clauses(act) == tuple(grant.id for grant in act.grants)


def test_the_grounds_of_release_are_all_clauses_that_free_from_prison() -> None:
    act, known = load_act("az-2025"), quantities()
    grounds = [name for part in known["released_from_imprisonment"].parts for name in known[part].clauses(act)]
    assert sorted(grounds) == sorted(known["released_from_imprisonment"].clauses(act))


def test_every_quantity_has_a_title_in_every_language() -> None:
    assert all(set(one.title) == {"en", "az", "ru"} for one in quantities().values())
    assert all(set(one.title) == {"en", "az", "ru"} for one in scopes().by_name.values())


def test_the_limits_of_quantities_are_fields_and_values_of_the_record() -> None:
    from clemency.law.vocabulary import CASE_FIELDS, CATEGORIES

    for one in quantities().values():
        for name, values in {**one.where, **one.where_not}.items():
            allowed = CATEGORIES if name == "worst_category" else CASE_FIELDS[name].values
            assert set(values) <= set(allowed), one.name


def test_scopes_that_hold_others() -> None:
    assert scopes().holds("all_bodies", "justice_services")
    assert scopes().holds("all_bodies", "one_institution")
    assert not scopes().holds("justice_services", "all_bodies")
    assert not scopes().holds("all_bodies", "whole_act")


def test_scopes_are_joined_only_for_what_is_named() -> None:
    join = scopes().join_of("az-2025", "released_from_imprisonment", "justice_services")
    assert join
    assert join.reason
    assert scopes().join_of("az-2025", "women", "justice_services") is None
    assert scopes().join_of("az-2021", "released_from_imprisonment", "justice_services") is None
    assert scopes().join_of("az-2025", "released_from_imprisonment", "all_bodies") is None


def test_a_country_without_claims_is_told() -> None:
    with pytest.raises(FileNotFoundError, match="it has: az"):
        claims(jurisdiction="xx")


# --- files that do not fit


@pytest.mark.parametrize("path", sorted(BAD.glob("*.csv")), ids=lambda path: path.stem)
def test_a_bad_sheet_is_told_in_full(path: Path) -> None:
    with pytest.raises(SheetErrors) as told:
        read_claims(path, quantities(), scopes())
    assert str(told.value) == path.with_suffix(".expected.txt").read_text(encoding="utf-8").rstrip("\n")


def test_a_sheet_that_is_not_utf8_is_told(tmp_path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes("claim_id\nç\n".encode("latin-1"))
    with pytest.raises(SheetErrors, match="not UTF-8"):
        read_claims(path, quantities(), scopes())


def test_a_line_break_in_a_cell_does_not_move_the_numbers_of_later_lines(tmp_path) -> None:
    head = (FOLDER / "claims.csv").read_text(encoding="utf-8").splitlines()[0]
    row = "c001,2025-12-15,az-2025,announced,total,20000,over,,,Somebody,,https://example.org/1,whole_act,,{}"
    path = tmp_path / "claims.csv"
    path.write_text("\n".join([head, row.format('"two\nlines"'), row.replace("c001", "d2").format("")]) + "\n")
    with pytest.raises(SheetErrors, match="line 4, column claim_id"):
        read_claims(path, quantities(), scopes())


def test_history_with_a_number_and_no_qualifier_is_told(tmp_path) -> None:
    text = (FOLDER / "history.csv").read_text(encoding="utf-8").replace(",17267,exact,", ",17267,,")
    path = tmp_path / "history.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SheetErrors, match=r"column actual_total_qualifier: .*belongs to each actual_total"):
        read_history(path)


@given(
    st.sampled_from(sorted(quantities())), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
)
def test_no_value_but_a_whole_number_is_read(tmp_path_factory, quantity: str, value: str) -> None:
    head = (FOLDER / "claims.csv").read_text(encoding="utf-8").splitlines()[0]
    cell = '"' + value.replace('"', '""') + '"'
    row = f"c001,2025-12-15,az-2025,announced,{quantity},{cell},over,,,Somebody,,https://example.org/1,whole_act,,"
    path = tmp_path_factory.mktemp("claims") / "claims.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8", newline="")
    if value.strip().isascii() and value.strip().isdigit():
        return
    with pytest.raises(SheetErrors) as told:
        read_claims(path, quantities(), scopes())
    assert any(problem.column == "value" for problem in told.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "  parts: [released_from_imprisonment, term_reduced]\n",
            "  parts: [term_reducd]\n",
            "no quantity term_reducd",
        ),
        ("  within: total\n", "  within: totl\n", "no quantity totl"),
        ("  optional: [non_custodial_term_reduced]", "  optional: [women]", "women is optional and is no part"),
        ("    en: Prison term cut\n", "    english: Prison term cut\n", "unknown key english"),
        ("ground_age60:\n", "ground_age60:\n  parts: [total]\n", "total is a part of itself"),
    ],
)
def test_a_bad_tree_is_told_with_its_place(tmp_path, old: str, new: str, message: str) -> None:
    text = (FOLDER / "quantities.yaml").read_text(encoding="utf-8")
    assert old in text
    if "part of itself" in message:
        text = text.replace("  parts:\n    - released_from_imprisonment\n", "  parts:\n    - ground_age60\n", 1)
    path = tmp_path / "quantities.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceErrors, match=message) as told:
        read_quantities(path)
    assert all(problem.line > 1 for problem in told.value.problems)


def test_a_join_of_unknown_scopes_is_told(tmp_path) -> None:
    text = (FOLDER / "scopes.yaml").read_text(encoding="utf-8").replace("[justice_services, ", "[justice_service, ", 1)
    path = tmp_path / "scopes.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors, match="there is no scope justice_service"):
        read_scopes(path, quantities())
