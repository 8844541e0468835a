"""Sums: which close, which do not and by how much, and that neither order nor repetition of rows changes a verdict."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.observe.claims import Claim, claims, quantities
from clemency.observe.qualifiers import Range, tolerances
from clemency.observe.sums import SumCheck, check_sums

KNOWN, ALLOWED = quantities(), tolerances()


def claim(number: int, quantity: str, value: int, qualifier: str = "exact", **more: object) -> Claim:
    given = {
        "claim_id": f"c{number:03d}",
        "date": "2026-01-08",
        "act_id": "az-2025",
        "stage": "progress",
        "quantity": quantity,
        "value": value,
        "qualifier": qualifier,
        "as_of": date(2026, 1, 7),
        "body": "ministry",
        "source_name": "Somebody",
        "source_type": None,
        "source_url": "https://example.org/1",
        "scope": "justice_services",
        "caution": None,
        **more,
    }
    return Claim.model_validate(given)


def checks(*of: Claim) -> dict[tuple[str, str], SumCheck]:
    return {(check.quantity, check.sum.id): check for check in check_sums(of, KNOWN, ALLOWED)}


# --- the library's own sums


def verdicts(act_id: str) -> dict[tuple[str, str, str | None], tuple[str, int]]:
    return {
        (check.quantity, check.sum.id, str(check.total.as_of) if not check.total.planned else None): (
            check.verdict,
            check.difference,
        )
        for check in check_sums(claims(act_id), KNOWN, ALLOWED)
    }


def test_the_reports_of_2026_add_up() -> None:
    found = verdicts("az-2025")
    for day in ("2026-01-07", "2026-01-26", "2026-02-08"):
        assert found["total", "by relief", day] == ("closes", 0)
        assert found["total", "by category of crime", day] == ("closes", 0)
    assert found["released_from_imprisonment", "by relief", "2026-02-19"] == ("closes", 0)
    assert found["total", "by relief", "2026-02-19"] == ("rest", 0)


def test_the_announcement_adds_up_in_its_own_words() -> None:
    assert verdicts("az-2025")["total", "by line of the announcement", None] == ("closes", 0)


def test_what_the_report_of_19_february_does_not_break_down() -> None:
    (rest,) = [check for check in check_sums(claims("az-2025"), KNOWN, ALLOWED) if check.verdict == "rest"]
    assert rest.rest == Range(3_502, 3_502)
    assert set(rest.missing) >= {"term_reduced", "criminal_liability_lifted"}


def test_the_prison_report_of_december_2021_is_27_off() -> None:
    assert verdicts("az-2021")["total", "by relief", "2021-12-01"] == ("apart", 27)


def test_the_first_act_is_a_thousand_short() -> None:
    assert verdicts("az-first")["total", "by line of the first act", "None"] == ("apart", -1_000)


def test_minors_stand_apart_on_7_january_and_among_men_afterwards() -> None:
    found = verdicts("az-2025")
    assert ("total", "by sex, minors apart", "2026-01-07") in found
    assert ("total", "by sex, minors among them", "2026-01-07") not in found
    assert ("total", "by sex, minors among them", "2026-01-26") in found


# --- small cases


def test_over_plus_over_meets_over() -> None:
    found = checks(
        claim(1, "penitentiary_total", 8_000, "nearly"),
        claim(2, "released_from_imprisonment", 5_000, "over"),
        claim(3, "term_reduced", 3_000, "over"),
    )
    assert found["penitentiary_total", "by relief"].verdict == "closes"


def test_words_may_be_stretched_and_are_told_to_be() -> None:
    found = checks(
        claim(1, "penitentiary_total", 12_000),
        claim(2, "released_from_imprisonment", 5_000, "over"),
        claim(3, "term_reduced", 3_000),
    )
    check = found["penitentiary_total", "by relief"]
    assert (check.verdict, check.difference) == ("stretched", 0)


def test_parts_of_two_sources_are_added_only_where_no_source_has_all() -> None:
    other = {"source_url": "https://example.org/2"}
    split = checks(
        claim(1, "penitentiary_total", 10),
        claim(2, "released_from_imprisonment", 6),
        claim(3, "term_reduced", 4, **other),
    )
    assert split["penitentiary_total", "by relief"].verdict == "closes"
    assert len(split["penitentiary_total", "by relief"].sources) == 2
    whole = checks(
        claim(1, "penitentiary_total", 10),
        claim(2, "released_from_imprisonment", 6),
        claim(3, "term_reduced", 4),
        claim(4, "term_reduced", 5, **other),
    )
    assert len(whole["penitentiary_total", "by relief"].sources) == 1


def test_what_was_misread_is_in_no_sum() -> None:
    found = checks(
        claim(1, "penitentiary_total", 10),
        claim(2, "released_from_imprisonment", 6),
        claim(3, "term_reduced", 5, caution="misread"),
    )
    assert not found


def test_named_places_may_leave_a_rest_and_may_not_be_more() -> None:
    less = checks(claim(1, "region_other", 1_541), *(claim(n, name, 100) for n, name in enumerate(_PLACES, 2)))
    assert less["region_other", "places named"].verdict == "closes"
    more = checks(claim(1, "region_other", 1_541), *(claim(n, name, 200) for n, name in enumerate(_PLACES, 2)))
    assert (more["region_other", "places named"].verdict, more["region_other", "places named"].difference) == (
        "apart",
        259,
    )


_PLACES = [one for one in KNOWN if one.startswith("region_") and one not in ("region_baku", "region_other")]


# --- laws

counts = st.integers(0, 50_000)


@given(counts, counts, counts)
def test_exact_figures_close_where_they_add_up_and_else_the_difference_is_told(one: int, other: int, off: int) -> None:
    check = checks(
        claim(1, "penitentiary_total", one + other + off),
        claim(2, "released_from_imprisonment", one),
        claim(3, "term_reduced", other),
    )["penitentiary_total", "by relief"]
    assert (check.verdict, check.difference) == (("apart", -off) if off else ("closes", 0))


sizeable = st.integers(100, 50_000)
rounded = st.sampled_from(["over", "nearly", "up_to"])


@given(sizeable, sizeable, rounded, rounded)
def test_figures_that_add_up_exactly_never_stand_apart_in_rounder_words(
    one: int, other: int, first: str, second: str
) -> None:
    """If the parts taken bare make the whole, then words on the parts cannot turn that into a contradiction."""
    check = checks(
        claim(1, "penitentiary_total", one + other, "nearly"),
        claim(2, "released_from_imprisonment", one, first),
        claim(3, "term_reduced", other, second),
    )["penitentiary_total", "by relief"]
    assert check.verdict != "apart"


@given(st.randoms(), st.sampled_from(["az-2025", "az-2021", "az-first", "az-2007"]))
@settings(max_examples=15)
def test_the_order_of_rows_changes_no_verdict(random, act_id: str) -> None:
    rows = list(claims(act_id))
    shuffled = list(rows)
    random.shuffle(shuffled)

    def verdicts_of(of: list[Claim]) -> set[tuple[str, str, str, str, int]]:
        found = check_sums(sorted(of, key=lambda one: one.claim_id), KNOWN, ALLOWED)
        return {(c.quantity, c.sum.id, str(c.total.as_of), c.verdict, c.difference) for c in found}

    assert verdicts_of(rows) == verdicts_of(shuffled)


@pytest.mark.parametrize("act_id", ["az-2025", "az-2021"])
def test_telling_a_report_twice_adds_no_sum(act_id: str) -> None:
    rows = claims(act_id)
    again = [row.model_copy(update={"claim_id": f"c9{row.claim_id[1:]}"}) for row in rows]
    assert len(check_sums([*rows, *again], KNOWN, ALLOWED)) == len(check_sums(rows, KNOWN, ALLOWED))
