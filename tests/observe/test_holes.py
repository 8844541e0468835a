"""Filling what a register does not say: nothing known changes, nobody is added, and what is lent fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.law.act import load_act
from clemency.law.vocabulary import STAGE
from clemency.observe.case_columns import CaseColumns, of_layout
from clemency.observe.drawn_people import fields_read, mixed_guilt, synthetic_cases
from clemency.observe.holes import Holes, holes_of
from clemency.records.assumptions import load_assumptions
from clemency.records.frames import frame_of
from clemency.records.layout import lay_out
from clemency.records.record import known_facts, read_record
from clemency.records.stock import Stock
from tests.conformance.generate import Generator, Record

ACT = load_act("az-2025")
FACTS = known_facts(ACT)


@pytest.fixture(scope="module")
def donors() -> CaseColumns:
    stock = Stock(load_assumptions("az"), ACT.in_force)
    return synthetic_cases(stock, mixed_guilt(ACT, stock), 4_000, np.random.default_rng(1))


def holes(records: list[Record]) -> Holes:
    layout = lay_out(frame_of([read_record(record, FACTS) for record in records], FACTS), FACTS)
    read = fields_read(ACT)
    return holes_of(of_layout(layout, FACTS), sorted(read), ACT.facts, ACT.code, "guilt" in read)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_nothing_known_is_changed_and_nobody_is_added(donors: CaseColumns, seed: int) -> None:
    given_ = holes(list(Generator(ACT, seed).records(40)))
    before, after = given_.cases, given_.filled(donors, np.random.default_rng(seed))
    assert after.height == before.height
    for kind in ("fields", "facts"):
        for name, column in getattr(before, kind).items():
            filled = getattr(after, kind)[name]
            assert (filled.there | ~column.there).all(), name
            assert (filled.values == column.values)[column.there].all(), name
    having = before.counts > 0
    assert (after.counts == before.counts)[having].all()
    for case in np.flatnonzero(having).tolist():
        for place in range(int(before.counts[case])):
            old, new = int(before.first[case]) + place, int(after.first[case]) + place
            for name in ("committed_on", "guilt", "form"):
                if before.offences[name].there[old]:
                    assert after.offences[name].values[new] == before.offences[name].values[old]
            if before.offences["article"].there[old]:
                text = before.articles[int(before.offences["article"].values[old])]
                found = after.articles[int(after.offences["article"].values[new])]
                assert found == text or found.startswith(f"{text}."), (text, found)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=10, deadline=None)
def test_what_a_casecan_have_is_known_after_filling(donors: CaseColumns, seed: int) -> None:
    given_ = holes(list(Generator(ACT, seed).records(40)))
    after = given_.filled(donors, np.random.default_rng(seed))
    for name in ("birth_date", "sex", "stage", "first_conviction"):
        assert after.fields[name].there.all(), name
    for name in ACT.facts:
        assert after.facts[name].there.all(), name
    serving = after.fields["stage"].values == STAGE.rank("serving")
    known = (given_.cases.fields["stage"].there) & serving
    assert after.fields["punishment"].there[known].all()
    assert (after.counts > 0).all()


def one(**fields: Any) -> Record:
    """A man who serves a known sentence, every fact of his known, but for what is named."""
    record: Record = {
        "case_id": "synthetic-1",
        "birth_date": "1980-01-01",
        "sex": "male",
        "stage": "serving",
        "punishment": "imprisonment",
        "suspended": False,
        "deferred": False,
        "foreign_judgment": False,
        "institution_type": "general",
        "term_months": 48,
        "term_days": 0,
        "term_start": "2023-08-31",
        "term_end": "2027-08-31",
        "credit_days": 0,
        "judgment_date": "2023-08-01",
        "first_conviction": True,
        "recidivism": "none",
        "offences": [{"article": "178.2", "committed_on": "2023-05-10", "guilt": "intent", "form": "completed"}],
        "facts": {name: 0 if name == "disability_percent" else False for name in ACT.facts},
    }
    return {**record, **fields}


def test_a_case_without_holes_has_none() -> None:
    assert not len(holes([one()]).rows)


@pytest.mark.parametrize(
    "fields",
    [
        {"stage": "investigation", "punishment": None, "suspended": None, "deferred": None, "foreign_judgment": None}
        | {"institution_type": None, "term_months": None, "term_days": None, "term_end": None, "credit_days": None}
        | {"term_start": None, "judgment_date": None},
        {"punishment": "fine", "institution_type": None, "term_months": None, "term_end": None, "term_start": None},
        {"suspended": True, "institution_type": None, "term_end": None, "term_start": None, "credit_days": None},
    ],
    ids=["a pending case has no sentence", "a fine has no end", "a suspended sentence has no end"],
)
def test_what_a_case_cannot_have_is_no_hole(fields: dict[str, Any]) -> None:
    assert "term_end" not in [
        name for name in holes([one(**fields)]).fields if holes([one(**fields)]).can_have(name).any()
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"sex": None},
        {"term_end": None, "term_start": None},
        {"first_conviction": None},
        {"offences": None},
        {"offences": [{"article": "178", "committed_on": "2023-05-10"}]},
        {"facts": {}},
        {"stage": None},
    ],
    ids=["sex", "end", "first conviction", "offences", "article without its part", "facts", "stage"],
)
def test_what_matters_and_is_missing_is_a_hole(fields: dict[str, Any]) -> None:
    assert holes([one(**fields)]).rows.tolist() == [0]


def test_an_article_without_its_part_becomes_one_of_its_parts(donors: CaseColumns) -> None:
    records = [
        one(case_id=f"synthetic-{number}", offences=[{"article": "178", "committed_on": "2023-05-10"}])
        for number in range(300)
    ]
    after = holes(records).filled(donors, np.random.default_rng(3))
    found = {after.articles[place] for place in after.offences["article"].values.tolist()}
    assert len(found) > 1
    assert found <= {part.key for part in ACT.code.parts_meant("178")}  # type: ignore[union-attr]


def test_what_is_lent_follows_the_figures_it_is_lent_from(donors: CaseColumns) -> None:
    records = [one(case_id=f"synthetic-{number}", sex=None) for number in range(3_000)]
    after = holes(records).filled(donors, np.random.default_rng(5))
    prison = (donors.fields["stage"].values == STAGE.rank("serving")) & (donors.fields["punishment"].values == 0)
    there = prison & (donors.fields["suspended"].values == 0) & (donors.fields["deferred"].values == 0)
    there &= donors.fields["first_conviction"].values == 1
    there &= np.digitize(donors.fields["term_months"].values, (12, 36, 60, 120)) == 2
    share = (donors.fields["sex"].values == 0)[there].mean()
    assert (after.fields["sex"].values == 0).mean() == pytest.approx(share, abs=0.02)
