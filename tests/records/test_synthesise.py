"""Invented registers: the same seed gives the same file, and what is published and assumed comes out again."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from clemency.law import calendar
from clemency.law.library import library_path
from clemency.law.vocabulary import BOOLEAN, CASE_FIELDS, CUSTODY_CREDIT, FORM, GUILT, NUMBER, PUNISHMENT, Kind
from clemency.records import synthesise as generator
from clemency.records.assumptions import load_assumptions
from clemency.records.flow import WITHOUT_END
from clemency.records.record import computed_term_end, read_record, term_imposed
from clemency.records.stock import Stock
from clemency.records.synthesise import (
    LIGHTER,
    SENTENCED,
    Cases,
    national_size,
    synthesise,
    synthesise_columns,
    synthetic_frame,
    with_holes,
)

CASES = 60_000
REFERENCE = date(2025, 12, 20)
FACTS = {
    "combatant",
    "relative_of_fallen",
    "award_holder",
    "award_stripped",
    "provocation_disabled",
    "relative_of_provocation_killed",
    "khojaly_victim",
    "deported_from_armenia",
    "displaced",
    "january_1990_victim",
    "repression_victim",
    "peacekeeper_or_chernobyl",
    "disability_percent",
    "cares_for_minor_or_disabled_child",
    "ww2_or_ussr_service",
    "disabled",
}


@pytest.fixture(scope="module")
def register() -> pl.DataFrame:
    return synthetic_frame(CASES, seed=20251220)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock.load()


@pytest.fixture(scope="module")
def published_day() -> Cases:
    """Cases of the day for which lengths of sentences are published."""
    stock = Stock.load(as_of=date(2022, 1, 31))
    return synthesise_columns(stock, CASES, np.random.default_rng(31))


@pytest.fixture(scope="module")
def code() -> dict[str, dict[str, str]]:
    with (library_path() / "codes" / "az-cc" / "articles.csv").open(encoding="utf-8", newline="") as file:
        return {row["part"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def offences(register: pl.DataFrame, code: dict[str, dict[str, str]]) -> pl.DataFrame:
    """One row an offence with a known article, with the part of the code that it falls under."""
    rows = register.select("case_id", "birth_date", "punishment", "suspended", "deferred", "term_months", "offences")
    rows = rows.explode("offences").unnest("offences").filter(pl.col("article").is_not_null())
    article = pl.col("article")
    part = pl.when(article.is_in(list(code))).then(article).otherwise(article.str.replace(r"\.\d+$", ""))
    limits = {name: int(row["max_imprisonment_months"].split("|")[0] or 0) for name, row in code.items()}
    rows = rows.with_columns(part=part)
    return rows.with_columns(
        maximum=pl.col("part").replace_strict(limits, default=None),
        fixed_guilt=pl.col("part").replace_strict({name: row["guilt"] for name, row in code.items()}, default=None),
    )


@pytest.fixture(scope="module")
def prison(register: pl.DataFrame) -> pl.DataFrame:
    """Sentenced prisoners, as far as their files say that they are."""
    served = pl.col("punishment").is_in(["imprisonment", "life_imprisonment"])
    return register.filter(served & ~pl.col("suspended") & ~pl.col("deferred"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- the file -----------------------------------------------------------------------------------------------------


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthesise(3_000, seed, tmp_path / f"{name}.parquet")
    assert digest(tmp_path / "a.parquet") == digest(tmp_path / "b.parquet")
    assert digest(tmp_path / "a.parquet") != digest(tmp_path / "c.parquet")


def test_each_part_is_drawn_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "PART_CASES", 1_000)
    seen: list[tuple[int, int]] = []
    synthesise(2_500, 5, tmp_path / "r.parquet", lambda done, cases: seen.append((done, cases)))
    assert seen == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]
    whole = pl.read_parquet(tmp_path / "r.parquet")
    assert whole.equals(pl.concat([synthetic_frame(2_500, 5, part) for part in range(3)]))
    assert whole["case_id"].to_list() == [f"synthetic-{number:07d}" for number in range(1, 2_501)]
    assert whole.head(2_000).equals(pl.concat([synthetic_frame(9_000, 5, part) for part in range(2)]))


def test_a_failure_leaves_nothing_behind_and_keeps_what_was_there(tmp_path: Path) -> None:
    def stop(done: int, cases: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(100, 1, tmp_path / "r.parquet", stop)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "r.parquet").write_bytes(b"earlier")
    with pytest.raises(KeyboardInterrupt):
        synthesise(100, 1, tmp_path / "r.parquet", stop)
    assert [file.name for file in tmp_path.iterdir()] == ["r.parquet"]
    assert (tmp_path / "r.parquet").read_bytes() == b"earlier"


def test_the_file_says_that_it_is_invented(tmp_path: Path) -> None:
    synthesise(100, 7, tmp_path / "r.parquet")
    marks = {name.decode(): value.decode() for name, value in pq.read_metadata(tmp_path / "r.parquet").metadata.items()}
    assert marks["synthetic"] == "true"
    assert (marks["seed"], marks["cases"], marks["as_of"]) == ("7", "100", "2025-12-20")
    assert marks["generator_version"] == generator.GENERATOR_VERSION
    assert marks["inputs_sha256"] == Stock.load().inputs_sha256


def test_json_lines_hold_the_same_cases_without_the_unknowns(tmp_path: Path) -> None:
    synthesise(300, 3, tmp_path / "r.jsonl")
    records = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    frame = synthetic_frame(300, 3)
    assert [record["case_id"] for record in records] == frame["case_id"].to_list()
    for record, row in zip(records, frame.iter_rows(named=True), strict=True):
        assert set(record) == {name for name, value in row.items() if value is not None}
        assert record.get("birth_date") == (row["birth_date"] and row["birth_date"].isoformat())
        assert None not in record.get("facts", {}).values()


@pytest.mark.parametrize(
    ("cases", "seed", "name", "message"),
    [
        (0, 1, "r.parquet", "at least one case"),
        (10, -1, "r.parquet", "whole number from 0"),
        (10, 1, "r.xlsx", r"r.xlsx: .*\.parquet or \.jsonl"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    tmp_path: Path, cases: int, seed: int, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        synthesise(cases, seed, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_the_register_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="parts 0 to 0, not 1"):
        synthetic_frame(10, 1, part=1)


# --- the record ---------------------------------------------------------------------------------------------------


def test_columns_are_those_of_the_standard_record(register: pl.DataFrame) -> None:
    assert register.columns == ["case_id", "person_id", *CASE_FIELDS, "offences", "facts"]
    plain = {
        Kind.DATE: pl.Date(),
        Kind.NUMBER: pl.Int32(),
        Kind.BOOLEAN: pl.Boolean(),
        Kind.ENUMERATION: pl.String(),
        Kind.TEXT: pl.String(),
    }
    for name, kind in CASE_FIELDS.items():
        assert register.schema[name] == plain[kind.kind], name
    text = pl.String()
    offence = pl.Struct({"article": text, "committed_on": pl.Date(), "guilt": text, "form": text})
    assert register.schema["offences"] == pl.List(offence)
    facts = {field.name: field.dtype for field in register.schema["facts"].fields}  # type: ignore[attr-defined]
    assert set(facts) == FACTS
    assert facts.pop("disability_percent") == pl.Int32()
    assert set(facts.values()) == {pl.Boolean()}


def test_every_record_passes_the_checks_of_the_standard_record(register: pl.DataFrame) -> None:
    facts = {name: NUMBER if name == "disability_percent" else BOOLEAN for name in FACTS}
    for row in register.head(3_000).iter_rows(named=True):
        assert read_record(row, facts).case_id == row["case_id"]


def test_every_word_is_in_its_vocabulary_and_every_word_occurs(register: pl.DataFrame, offences: pl.DataFrame) -> None:
    for name, kind in CASE_FIELDS.items():
        if kind.kind is Kind.ENUMERATION:
            expected = set(kind.values) - ({"served"} if name == "stage" else set())
            assert set(register[name].drop_nulls().unique()) == expected, name
    assert set(offences["guilt"].drop_nulls().unique()) == set(GUILT.values)
    assert set(offences["form"].drop_nulls().unique()) == set(FORM.values)


def test_every_article_is_in_the_code_and_sub_items_occur(offences: pl.DataFrame) -> None:
    assert offences.filter(pl.col("maximum").is_null())["article"].to_list() == []
    assert 0.05 < (offences["article"] != offences["part"]).mean() < 0.5
    assert "177.2.3" in set(offences["article"])


def test_no_prison_term_is_over_the_maximum_of_the_gravest_offence(
    register: pl.DataFrame, offences: pl.DataFrame
) -> None:
    # A case with an offence or article that its file does not say may have lost the gravest one.
    holes = register.explode("offences").filter(pl.col("offences").struct.field("article").is_null())["case_id"]
    terms = offences.filter((pl.col("punishment") == "imprisonment") & ~pl.col("case_id").is_in(holes.to_list()))
    worst = terms.group_by("case_id").agg(pl.col("maximum").max(), pl.col("term_months").first()).drop_nulls()
    assert worst.height > 10_000
    assert worst.filter(pl.col("term_months") > pl.col("maximum")).height == 0
    assert worst["term_months"].min() >= 3  # type: ignore[operator]


def test_no_term_is_over_what_an_unfinished_crime_may_carry(published_day: Cases) -> None:
    """Art. 63: three quarters of the maximum for an attempt, half of it for preparation."""
    shares = {"completed": 1.0, "attempt": 0.75, "preparation": 0.5}
    most = {}
    form = published_day.offence_form[published_day.offsets[:-1]]
    imprisoned = published_day.sentenced & (published_day.penalty == PUNISHMENT.rank("imprisonment"))
    for name, share in shares.items():
        rows = imprisoned & (form == FORM.rank(name))
        limit = np.floor(share * published_day.m.code.maximum[published_day.gravest[rows]])
        assert (published_day.term[rows] + (published_day.days[rows] > 0) <= limit).all(), name
        most[name] = rows.sum()
    assert min(most.values()) > 20
    assert not (form[published_day.life] != FORM.rank("completed")).any()


def test_guilt_follows_the_code_where_it_fixes_one(offences: pl.DataFrame) -> None:
    fixed = offences.filter(pl.col("fixed_guilt").is_in(list(GUILT.values)) & pl.col("guilt").is_not_null())
    assert fixed.filter(pl.col("guilt") != pl.col("fixed_guilt")).height == 0
    assert fixed.filter((pl.col("guilt") == "negligence") & (pl.col("form") != "completed")).height == 0


def test_every_offence_lies_before_the_reference_day_and_after_the_age_of_fourteen(offences: pl.DataFrame) -> None:
    known = offences.drop_nulls(["birth_date", "committed_on"])
    assert known["committed_on"].max() <= REFERENCE  # type: ignore[operator]
    ages = [calendar.age_on(*pair) for pair in known.select("birth_date", "committed_on").iter_rows()]
    assert min(ages) >= 14
    assert 0.002 < sum(age < 18 for age in ages) / len(ages) < 0.03


def test_a_person_with_two_cases_has_one_birth_date_and_one_sex(register: pl.DataFrame) -> None:
    several = register.filter(pl.col("person_id").is_duplicated())
    assert 0.03 < several.height / CASES < 0.08
    per_person = several.group_by("person_id").agg(
        pl.col("birth_date", "sex").drop_nulls().n_unique(), cases=pl.len(), first=pl.col("first_conviction").sum()
    )
    assert per_person.select(pl.col("birth_date", "sex", "first").max()).row(0) == (1, 1, 1)
    assert per_person["cases"].max() == 2


# --- dates --------------------------------------------------------------------------------------------------------


def computed_end(row: dict[str, Any]) -> date:
    term = term_imposed(row["term_months"], row["term_days"])
    end = computed_term_end(row["term_start"], term, row["credit_days"], row["punishment"])
    assert end is not None, row
    return end


def test_ends_are_start_and_term_less_credit_but_for_a_few_wrong_files(register: pl.DataFrame, stock: Stock) -> None:
    dated = register.drop_nulls(["term_start", "term_end", "term_months", "credit_days", "punishment"])
    dated = dated.filter(pl.col("punishment").is_in(list(CUSTODY_CREDIT)))
    wrong = [row for row in dated.iter_rows(named=True) if computed_end(row) != row["term_end"]]
    share = stock.value("end_dates", "wrong")
    assert 0.5 * share < len(wrong) / dated.height < 2 * share
    assert all(computed_end(row) > REFERENCE for row in dated.iter_rows(named=True))


def test_an_end_that_is_left_out_can_be_worked_out(register: pl.DataFrame, stock: Stock) -> None:
    running = pl.col("term_start").is_not_null() & pl.col("term_months").is_not_null()
    ends = register.filter(running & pl.col("punishment").is_in(list(CUSTODY_CREDIT)))
    left_out = ends.filter(pl.col("term_end").is_null())
    share = stock.value("end_dates", "left_to_compute")
    assert share < left_out.height / ends.height < share + 0.02
    complete = left_out.drop_nulls("credit_days")
    assert complete.height / left_out.height > 0.95
    assert all(computed_end(row) > REFERENCE for row in complete.iter_rows(named=True))


def test_sentences_begin_before_the_reference_day_and_after_the_offence(register: pl.DataFrame) -> None:
    assert register["term_start"].max() <= REFERENCE  # type: ignore[operator]
    assert register["judgment_date"].max() <= REFERENCE  # type: ignore[operator]
    first = register.with_columns(committed=pl.col("offences").list.first().struct.field("committed_on"))
    assert first.filter(pl.col("committed") > pl.col("judgment_date")).height == 0
    assert first.filter(pl.col("committed") > pl.col("term_start")).height == 0


def test_awkward_days_occur(register: pl.DataFrame, offences: pl.DataFrame) -> None:
    days = [*(register[name] for name in ("birth_date", "term_start", "term_end")), offences["committed_on"]]
    for column in days:
        column = column.drop_nulls()
        assert ((column.dt.month() == 2) & (column.dt.day() == 29)).any(), column.name
        assert (column.dt.day() == 31).any(), column.name


def test_unserved_rests_are_those_of_a_stock(prison: pl.DataFrame) -> None:
    """Short rests are common, and nobody has more left than the longest term."""
    days = (prison["term_end"].drop_nulls() - pl.Series([REFERENCE])).dt.total_days()
    assert 0.15 < (days <= 365).mean() < 0.35  # type: ignore[operator]
    assert days.max() < 20 * 366  # type: ignore[operator]


# --- the stock that is drawn from -----------------------------------------------------------------------------------


def test_the_country_is_as_large_as_its_stock(stock: Stock) -> None:
    assert national_size() == round(stock.group_sizes.sum())
    assert 40_000 <= national_size() <= 60_000


def test_groups_have_the_sizes_of_the_stock(register: pl.DataFrame, prison: pl.DataFrame, stock: Stock) -> None:
    held = register["holder"].drop_nulls().str.replace(r"-\d+$", "").value_counts(normalize=True)
    share = dict(held.iter_rows())
    sentenced, waiting, lighter, _ = stock.group_sizes / stock.group_sizes.sum()
    assert share["penal-institution"] == pytest.approx(sentenced, abs=0.01)
    assert share["remand-centre"] == pytest.approx(waiting, abs=0.01)
    assert share["probation-office"] == pytest.approx(lighter, abs=0.01)
    assert prison.height / CASES == pytest.approx(sentenced, abs=0.03)


def test_offences_and_terms_are_drawn_as_the_flow_has_them(stock: Stock) -> None:
    cases = synthesise_columns(stock, CASES, np.random.default_rng(4))
    there = (stock.prison.entered(stock.prison.serving(stock.day)).sum(axis=1) * stock.prison.weights).sum(axis=0)
    there /= there.sum()
    fixed = stock.way_cell >= 0
    prison = cases.group == SENTENCED
    assert cases.life[prison].mean() == pytest.approx(there[~fixed].sum(), abs=0.004)
    drugs = stock.code.drug[cases.gravest] & ~cases.life
    assert drugs[prison].mean() == pytest.approx(there[fixed & stock.code.cell_drug[stock.way_cell]].sum(), abs=0.012)
    for first, last in ((1, 11), (12, 35), (36, 59), (60, 119), (120, 240)):
        drawn = ((cases.term >= first) & (cases.term <= last))[prison].mean()
        expected = there[fixed & (stock.way_months >= first) & (stock.way_months < last + 1)].sum()
        assert drawn == pytest.approx(expected, abs=0.012), (first, last)


def test_the_unserved_rest_is_that_of_people_who_come_in_serve_and_leave(stock: Stock) -> None:
    """The flow is lived through: people of known ways enter day by day, and those still there are counted."""
    rng = np.random.default_rng(8)
    flow, ways = stock.prison, stock.prison.ways
    rests, served = [], []
    for period, (line,) in enumerate(flow.lines):
        expected = flow.weights[period] * line.entries[-1]
        count = rng.poisson(expected)
        way = np.repeat(np.arange(len(count)), count)
        way = way[(ways.leave[way] < WITHOUT_END) & ways.sentenced[way]]
        entry = line.day(rng.random(len(way)) * line.entries[-1])
        there = (entry + np.minimum(ways.final, ways.leave)[way] <= stock.day) & (entry + ways.leave[way] > stock.day)
        there &= (entry + ways.early[way] > stock.day) | (rng.random(len(way)) >= flow.early_share)
        for release, hazard in zip(flow.releases, flow.hazards, strict=True):
            reached = (entry + ways.final[way] <= release.on) & (
                entry + ways.leave[way] <= release.on + release.rest_days
            )
            reached &= (ways.category[way] <= release.category) & (release.on + release.rest_days > stock.day)
            there &= ~reached | (rng.random(len(way)) >= hazard)
        rests.append((entry + ways.leave[way] - stock.day)[there])
        served.append((stock.day - entry)[there])
    lived = np.concatenate(rests)
    assert len(lived) == pytest.approx(stock.group_sizes[0] * (1 - 0.016), rel=0.02)
    cases = synthesise_columns(stock, CASES, rng)
    drawn = (cases.end - stock.day)[(cases.group == SENTENCED) & ~cases.life]
    for share in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.quantile(drawn, share) == pytest.approx(np.quantile(lived, share), rel=0.06, abs=15), share
    lengths = np.concatenate(served)
    assert (cases.since[(cases.group == SENTENCED) & ~cases.life]).mean() == pytest.approx(lengths.mean(), rel=0.03)


@pytest.mark.parametrize(
    ("first", "last", "percent"), [(12, 35, 12.6), (36, 59, 39.6), (60, 119, 32.7), (120, 240, 13.1)]
)
def test_on_the_day_of_the_published_lengths_the_stock_has_them(
    published_day: Cases, first: int, last: int, percent: float
) -> None:
    prison = published_day.group == SENTENCED
    within = (published_day.term >= first) & (published_day.term <= last)
    assert 100 * within[prison].mean() == pytest.approx(percent, abs=1.0)


def test_on_that_day_totals_drugs_life_women_and_foreigners_are_the_published_ones(published_day: Cases) -> None:
    stock, cases = published_day.m, published_day
    assert stock.group_sizes[0] == pytest.approx(16_694, rel=0.01)
    assert stock.group_sizes[:2].sum() == pytest.approx(22_334, rel=0.01)
    prison, held = cases.group == SENTENCED, cases.group < LIGHTER
    assert (stock.code.drug[cases.gravest] & ~cases.life)[prison].mean() == pytest.approx(0.368, abs=0.012)
    assert cases.life[prison].mean() == pytest.approx(0.017, abs=0.004)
    assert cases.female[held].mean() == pytest.approx(621 / 22_334, abs=0.005)
    assert (cases.citizenship[held] > 0).mean() == pytest.approx(447 / 22_334, abs=0.004)
    assert not cases.female[cases.life].any()


def test_lighter_penalties_are_for_the_two_lower_categories(
    offences: pl.DataFrame, code: dict[str, dict[str, str]]
) -> None:
    lighter = offences.filter(~pl.col("punishment").is_in(["imprisonment", "life_imprisonment"]))
    categories = {name: row["category"] for name, row in code.items()}
    serious = lighter["part"].replace_strict(categories).is_in(["serious", "especially_serious"])
    assert serious.sum() == 0
    assert lighter["term_months"].max() == 60


# --- what is assumed ----------------------------------------------------------------------------------------------


def test_offence_counts_are_the_assumed_ones(register: pl.DataFrame, stock: Stock) -> None:
    lengths = register["offences"].list.len().drop_nulls()
    for number, share in stock.assumed.values("offence_count", "shares").items():
        assert (lengths == int(number)).mean() == pytest.approx(share, abs=0.01)


def test_holes_have_the_assumed_shares(register: pl.DataFrame, offences: pl.DataFrame, stock: Stock) -> None:
    unknown = {part: stock.assumed.values("unknown", part) for part in ("fields", "facts", "each_offence")}
    for name in ("birth_date", "sex", "stage", "holder", "offences"):
        assert register[name].is_null().mean() == pytest.approx(unknown["fields"][name], abs=0.002), name
    sentenced = register.filter(pl.col("stage") == "serving")
    for name in ("suspended", "deferred", "foreign_judgment", "judgment_date", "first_conviction", "recidivism"):
        assert 0 < sentenced[name].is_null().mean() < 5 * unknown["fields"][name], name
    files = register.filter(pl.col("facts").is_not_null())
    assert 1 - files.height / CASES == pytest.approx(stock.value("unknown", "no_social_facts"), abs=0.005)
    for name in FACTS:
        hole = files["facts"].struct.field(name).is_null().mean()
        assert 0 < hole < 4 * unknown["facts"][name], name
    rows = register.explode("offences").filter(pl.col("offences").is_not_null()).unnest("offences")
    for name in ("article", "committed_on", "form"):
        assert rows[name].is_null().mean() == pytest.approx(unknown["each_offence"][name], abs=0.005), name
    fixed = offences.filter(pl.col("fixed_guilt").is_in(list(GUILT.values)))
    assert fixed["guilt"].is_null().mean() == pytest.approx(unknown["each_offence"]["guilt"], abs=0.005)


def test_most_holes_are_those_of_offices(register: pl.DataFrame) -> None:
    facts = register.filter(pl.col("facts").is_not_null()).select("holder", pl.col("facts").struct.unnest())
    of_office = facts.drop_nulls("holder").group_by("holder").agg(pl.col(name).is_null().mean() for name in FACTS)
    whole = sum((of_office[name] > 0.99).sum() for name in FACTS)
    partly = sum(of_office[name].is_between(0.3, 0.99).sum() for name in FACTS)
    assert whole > 20
    assert partly == 0


def test_facts_hold_for_few_and_fit_the_person(register: pl.DataFrame, stock: Stock) -> None:
    facts = register.select("birth_date", "sex", "facts").unnest("facts")
    for name in FACTS - {"disability_percent"}:
        assert 0 < facts[name].mean() < 0.15, name  # type: ignore[operator]
    assert facts.filter(pl.col("combatant") & (pl.col("sex") == "female")).height == 0
    assert facts.filter(pl.col("award_stripped") & ~pl.col("award_holder")).height == 0
    assert facts.filter(pl.col("january_1990_victim") & (pl.col("birth_date") > date(1990, 1, 20))).height == 0
    percent = facts["disability_percent"].drop_nulls()
    established = stock.value("disability_percent", "established")
    assert (percent > 0).mean() == pytest.approx(established, abs=0.005)
    assert {60, 61} <= set(percent.unique())
    assert percent.max() == 100


def test_latent_cases_have_no_holes_and_their_files_have(stock: Stock) -> None:
    cases = synthesise_columns(stock, 5_000, np.random.default_rng(6))
    frame, files = cases.frame(), pl.DataFrame(pl.from_arrow(with_holes(cases, np.random.default_rng(7))))
    everywhere = ("birth_date", "sex", "citizenship", "stage", "holder", "first_conviction", "recidivism", "offences")
    assert frame.select(pl.col(everywhere).null_count().sum()).sum_horizontal().item() == 0
    assert frame["facts"].struct.unnest().null_count().sum_horizontal().item() == 0
    assert frame["offences"].explode().struct.unnest().null_count().sum_horizontal().item() == 0
    serving = frame.filter(stage="serving")
    assert (
        serving.select("punishment", "suspended", "deferred", "judgment_date").null_count().sum_horizontal().item() == 0
    )
    running = frame.filter(pl.col("institution_type").is_not_null() & (pl.col("punishment") == "imprisonment"))
    times = ("term_months", "term_days", "term_start", "term_end", "credit_days")
    assert running.select(times).null_count().sum_horizontal().item() == 0
    assert files["case_id"].equals(frame["case_id"])
    assert files.null_count().sum_horizontal().item() > frame.null_count().sum_horizontal().item()


def test_every_penalty_and_group_is_drawn_for_every_setting() -> None:
    assumed = load_assumptions()
    for seed in range(8):
        drawn = Stock(assumed.drawn(np.random.default_rng(seed)))
        cases = synthesise_columns(drawn, 3_000, np.random.default_rng(seed))
        assert np.isfinite(drawn.group_sizes).all()
        assert (drawn.group_sizes > 0).all()
        assert (cases.end > drawn.day)[cases.running].all()
        assert (cases.start < drawn.day)[cases.running].all()


def test_a_figure_that_is_no_longer_published_is_named(tmp_path: Path) -> None:
    population, codes = tmp_path / "population" / "az", tmp_path / "codes" / "az-cc"
    population.mkdir(parents=True)
    codes.mkdir(parents=True)
    library = library_path()
    (population / "population.csv").write_text("measure,breakdown,value,unit,year,source_url\n", encoding="utf-8")
    for name in ("population/az/assumptions.yaml", "codes/az-cc/articles.csv"):
        (tmp_path / name).write_bytes((library / name).read_bytes())
    with pytest.raises(ValueError, match=r"population.csv has no row for imprisoned_in_year, life, 2014"):
        Stock.load(tmp_path)
