"""Reconciliation: the sides of each line, the gaps between them, the law behind, and what is printed of it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from clemency.law.act import load_act
from clemency.observe.claims import claims, quantities
from clemency.observe.decisions import Compared, count_decisions, read_decisions
from clemency.observe.given import Given, estimated
from clemency.observe.reconcile import (
    MAIN,
    Gap,
    ReconcileError,
    Reconciliation,
    act_with_claims,
    open_law,
    reconcile,
)
from clemency.observe.reconcile_page import blocks, item_words, markdown, print_reconciliation
from tests.observe.test_decisions import FOLDER
from tests.observe.test_given import estimate

ACT = load_act("az-2025")


def ruled(**lines: tuple[float, float]) -> Given:
    """An estimate that gives a range for each quantity named."""
    rows = [
        {"by": "quantity", "name": name, "low90": low, "high90": high, "low50": low, "high50": high, "median": low}
        for name, (low, high) in lines.items()
    ]
    return estimated(estimate(quantities=rows), "az-2025", "it")


def gap(of: Reconciliation, name: str, one: str, other: str) -> Gap:
    (found,) = [gap for gap in of.line(name).gaps if (gap.one, gap.other) == (one, other)]
    return found


@pytest.fixture(scope="module")
def bare() -> Reconciliation:
    return reconcile("az-2025", ACT)


# --- announced and reported


def test_over_five_thousand_is_met_by_5638(bare: Reconciliation) -> None:
    found = gap(bare, "released_from_imprisonment", "reported", "announced")
    assert (found.verdict, found.difference, found.as_of) == ("met", 0, date(2026, 2, 19))
    assert found.beyond


def test_a_total_below_the_announcement_with_time_left_is_no_shortfall(bare: Reconciliation) -> None:
    found = gap(bare, "total", "reported", "announced")
    assert (found.verdict, found.difference) == ("below", 18_355 - 20_001)
    assert found.unfinished
    assert not found.partial


def test_a_narrower_count_is_told_to_be_one(bare: Reconciliation) -> None:
    found = gap(bare, "term_reduced", "reported", "announced")
    assert found.partial
    assert found.scope == "justice_services_with_prosecutors_and_courts"
    (rest,) = bare.line("term_reduced").rests
    assert rest.rest
    assert rest.rest.high == 3_502


def test_a_line_with_no_announcement_of_its_own_takes_the_sum_of_its_lines(bare: Reconciliation) -> None:
    expected = bare.line("non_custodial_released").expected
    assert expected
    assert expected.added
    assert expected.said == "over 7,000 + about 4,000"
    assert (expected.literal.low, expected.literal.high) == (10_801, None)


def test_the_first_words_of_the_announcement_are_taken(bare: Reconciliation) -> None:
    expected = bare.line("total").expected
    assert expected
    assert [claim.claim_id for claim in expected.claims] == ["c001"]


def test_a_final_figure_without_a_day_is_held_against_the_announcement() -> None:
    found = reconcile("az-2021", load_act("az-2021"))
    expected = found.line("total").expected
    assert expected
    assert expected.said == "over 16,000"
    assert ("reported", "announced", "met") in {
        (one.one, one.other, one.verdict) for one in found.line("total").gaps if one.as_of is None
    }


# --- what the rules give, and decisions


def test_rules_are_held_against_both_sides() -> None:
    found = reconcile("az-2025", ACT, ruled(total=(17_000, 19_000), ground_negligence_upto_5y=(100, 500)))
    assert gap(found, "total", "rules", "announced").verdict == "below"
    assert gap(found, "total", "reported", "rules").verdict == "met"
    negligence = gap(found, "ground_negligence_upto_5y", "reported", "rules")
    assert (negligence.verdict, negligence.difference) == ("above", 581)


def decided() -> Compared:
    return count_decisions(read_decisions(FOLDER / "good" / "one-each-way.csv", ACT), ACT, quantities())


def test_an_exact_count_stands_beside_each_report() -> None:
    found = reconcile("az-2025", ACT, ruled(total=(1, 5)), decided())
    line = found.line("total")
    assert line.decided == 2
    assert [one.decided for one in line.reported] == [0, 2, 2, 2]
    assert gap(found, "total", "reported", "decided").difference == 18_353
    assert gap(found, "total", "decided", "rules").verdict == "met"


# --- the law behind


def test_the_law_behind_a_line_is_that_of_its_clauses() -> None:
    found = {one.id: one for one in open_law(ACT, quantities()["term_reduced"].clauses(ACT))}
    assert found["standing_law"].kind == "reservation"
    assert found["listed_offences_other_grounds"].kind == "list"
    assert "liability.personal" not in found
    liability = {one.id for one in open_law(ACT, quantities()["criminal_liability_lifted"].clauses(ACT))}
    assert {"liability.personal", "liability.minor"} <= liability


# --- the rest of it


def test_changes_of_scope_and_of_definition_are_told(bare: Reconciliation) -> None:
    assert bare.breaks
    (redefined,) = bare.redefined
    assert redefined.quantity == "total"
    assert len({way for _, way in redefined.ways}) == 2


def test_a_projection_is_held_against_the_announcement_only_where_there_is_one(bare: Reconciliation) -> None:
    verdicts = {one.series.quantity: one.verdict for one in bare.progress if not one.projection.refused}
    assert verdicts["released_from_imprisonment"] == "met"
    assert verdicts["term_reduced"] == "below"
    assert verdicts["ground_combatant"] is None


def test_an_act_without_rules_is_reconciled_on_its_figures() -> None:
    act_id, act = act_with_claims("az-first")
    assert act is None
    found = reconcile(act_id)
    assert found.findings == 1
    assert not found.line("total").clauses
    assert "its rules, so what the rules give is left out" in markdown(found)


def test_an_act_without_figures_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ReconcileError, match=r"did you mean az-2025\?"):
        act_with_claims("az-2052")


def test_an_act_by_its_path_is_known_by_its_id() -> None:
    assert ACT.path
    assert act_with_claims(str(ACT.path.parent))[0] == "az-2025"


def test_findings_are_counted() -> None:
    assert reconcile("az-2025", ACT).findings == 6
    assert reconcile("az-2021").findings == 5


@pytest.mark.parametrize("act_id", sorted({claim.act_id for claim in claims()}))
def test_every_act_can_be_reconciled_and_written(act_id: str) -> None:
    found = reconcile(*act_with_claims(act_id))
    plain = found.as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert {claim.quantity for claim in found.claims} <= {line.quantity.name for line in found.lines}
    assert markdown(found).startswith("# ")


@settings(max_examples=5)
@given(st.randoms())
def test_the_order_of_claims_changes_nothing(random) -> None:
    rows = list(claims("az-2021"))
    random.shuffle(rows)
    assert reconcile("az-2021", of=rows).as_json() == reconcile("az-2021").as_json()


# --- in words


def test_the_page_marks_what_is_synthetic_and_cites_every_figure() -> None:
    found = reconcile("az-2025", ACT, ruled(total=(17_000, 19_000)), decided())
    text = markdown(found)
    assert "rules give, SYNTHETIC" in text
    assert "17,000 to 19,000" in text
    for line in found.lines:
        if line.quantity.name in MAIN:
            for one in line.reported:
                assert f"{one.point.said} by " in text
    for line in found.lines:
        if line.quantity.name in MAIN:
            assert all(one.point.claim.source_url in text for one in line.reported)
    assert "no shortfall is shown" in text
    assert "Without --register" in text


def test_the_page_and_the_terminal_say_the_same(bare: Reconciliation) -> None:
    console = Console(width=120, record=True, file=None, force_terminal=False, quiet=False)
    with console.capture() as capture:
        print_reconciliation(bare, console)
    drawn = " ".join(capture.get().split())
    for sentence in ("16 of 17 sums that the figures let one check add up.", "Several scopes put into one series"):
        assert sentence in drawn
        assert sentence in markdown(bare)
    assert len(list(blocks(bare))) > 10


def test_sources_are_never_broken_over_lines(bare: Reconciliation) -> None:
    console = Console(width=60)
    with console.capture() as capture:
        print_reconciliation(bare, console)
    lines = capture.get().splitlines()
    assert all(any(url in line for line in lines) for url in {claim.source_url for claim in bare.claims[:6]})


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("fact:term_end", "term end not on record"),
        ("law:listed:listed_offences", "which offences the list listed_offences holds"),
        ("law:clause:liability.minor", "whether the clause liability.minor is in the act"),
        ("law:category:az-cc", "the category of an article part"),
        ("law:guilt:az-cc", "the form of guilt of an article part"),
    ],
)
def test_open_points_in_words(item: str, words: str) -> None:
    assert item_words(item, ACT) == words
