"""Acts of other countries, and England in September 2024: a release in error, told from invented people beforehand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from clemency.assure.findings import findings
from clemency.assure.near_misses import near_misses
from clemency.determine.columns import determine_frame
from clemency.law.act import Act, load_act
from clemency.records.frames import frame_of
from clemency.records.record import known_facts, read_record

FIRST_DAY, AMENDED = date(2024, 9, 10), date(2024, 12, 16)
IN_ORDER: dict[str, Any] = {
    "birth_date": "1990-05-01",
    "stage": "serving",
    "punishment": "imprisonment",
    "suspended": False,
    "term_months": 24,
    "term_days": 0,
    "term_start": "2024-03-01",
    "term_end": "2026-03-01",
    "credit_days": 0,
    "judgment_date": "2024-03-01",
    "facts": {
        "sentence_kind": "standard_determinate",
        "out_on_licence": False,
        "sexual_offence": False,
        "terrorism_offence": False,
        "national_security_offence": False,
        "violent_offence": False,
        "other_sentences": False,
    },
}
#: Five invented people: two stand charged under the repealed section, the others do not.
CHARGED = {
    "synthetic-1": "pha1997-5.5",
    "synthetic-2": "sa2020-363",
    "synthetic-3": "ta1968-1",
    "synthetic-4": "pha1997-5",
    "synthetic-5": "pha1997-2A",
}


def prison() -> pl.DataFrame:
    facts = known_facts()
    records = [
        IN_ORDER
        | {"case_id": case, "person_id": f"person of {case}"}
        | {"offences": [{"article": article, "committed_on": "2023-11-01"}]}
        for case, article in CHARGED.items()
    ]
    return frame_of([read_record(record, facts) for record in records], facts)


@pytest.fixture(scope="module")
def order() -> Act:
    return load_act("uk-sds40")


def test_read_as_first_made_the_order_would_free_two_and_the_finding_names_the_repealed_section(order: Act) -> None:
    (missed,) = near_misses(prison(), order.as_of(FIRST_DAY))
    assert (missed.exclusion, missed.entry) == ("scheduled", "sa2020-363")
    assert set(missed.cases) == {("synthetic-1", "pha1997-5.5"), ("synthetic-4", "pha1997-5")}
    assert missed.freed == 2


def test_the_order_as_it_is_read_frees_neither_on_the_first_day(order: Act) -> None:
    answers = determine_frame(prison(), order.as_of(FIRST_DAY))
    granted = answers.filter(pl.col("outcome") == "granted").get_column("case_id").to_list()
    assert granted == ["synthetic-3"]


def test_both_are_told_before_release_with_the_repeal_of_their_section(order: Act) -> None:
    found = {(one.code, case) for one in findings(prison(), order.as_of(FIRST_DAY)).found for case in one.cases}
    for case in ("synthetic-1", "synthetic-4"):
        assert {("near_miss", case), ("after_the_repeal", case)} <= found
    for case in ("synthetic-2", "synthetic-3", "synthetic-5"):
        assert ("near_miss", case) not in found


def test_the_order_as_amended_names_the_repealed_section_and_would_free_nobody(order: Act) -> None:
    assert all(missed.freed == 0 for missed in near_misses(prison(), order.as_of(AMENDED)))
    assert "scheduled_added" not in {one.id for one in order.as_of(FIRST_DAY).exclusions}
    assert "scheduled_added" in {one.id for one in order.as_of(AMENDED).exclusions}
