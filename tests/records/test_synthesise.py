"""Invented registers: the same seed gives the same file, and what is published and assumed comes out again."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from clemency.law import calendar
from clemency.law.library import library_path
from clemency.law.vocabulary import BOOLEAN, CASE_FIELDS, CUSTODY_CREDIT, FORM, GUILT, NUMBER, Kind
from clemency.records import synthesise as generator
from clemency.records.record import computed_term_end, read_record, term_imposed
from clemency.records.stock import Stock
from clemency.records.synthesise import national_size, synthesise, synthetic_frame

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
}


@pytest.fixture(scope="module")
def register() -> pl.DataFrame:
    return synthetic_frame(CASES, seed=20251220)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock.load()


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


# --- published shares ---------------------------------------------------------------------------------------------


def test_the_country_has_the_published_stocks(stock: Stock) -> None:
    assert national_size() == 22_334 + 14_178 + stock.value("groups", "pending_at_liberty")
    assert 40_000 <= national_size() <= 60_000


def test_groups_have_the_size_of_the_published_stocks(register: pl.DataFrame, prison: pl.DataFrame) -> None:
    held = register["holder"].drop_nulls().str.replace(r"-\d+$", "").value_counts(normalize=True)
    share = dict(held.iter_rows())
    total = national_size()
    assert share["penal-institution"] == pytest.approx(16_694 / total, abs=0.01)
    assert share["remand-centre"] == pytest.approx((22_334 - 16_694) / total, abs=0.01)
    assert share["probation-office"] == pytest.approx(14_178 / total, abs=0.01)
    assert prison.height / CASES == pytest.approx(16_694 / total, abs=0.03)


def test_drug_offences_are_the_published_share_of_the_sentenced(prison: pl.DataFrame) -> None:
    article = prison["offences"].list.first().struct.field("article").drop_nulls().str.extract(r"^(\d+)")
    drugs = article.is_in(["234", "235", "236", "237", "238", "239", "240"]).mean()
    assert drugs == pytest.approx(0.368, abs=0.02)


@pytest.mark.parametrize(
    ("shortest", "longest", "percent"), [(12, 35, 12.6), (36, 59, 39.6), (60, 119, 32.7), (120, 239, 13.1)]
)
def test_sentence_lengths_are_the_published_ones(
    prison: pl.DataFrame, shortest: int, longest: int, percent: float
) -> None:
    known = prison.filter(pl.col("term_months").is_not_null() | (pl.col("punishment") == "life_imprisonment"))
    within = known["term_months"].is_between(shortest, longest).fill_null(False)
    assert 100 * within.sum() / known.height == pytest.approx(percent, abs=1.5)


def test_life_women_and_foreigners_are_the_published_shares(register: pl.DataFrame, prison: pl.DataFrame) -> None:
    assert (prison["punishment"] == "life_imprisonment").mean() == pytest.approx(0.017, abs=0.004)
    assert (prison["sex"] == "female").mean() == pytest.approx(621 / 22_334, abs=0.006)
    assert (prison["citizenship"] != "AZ").mean() == pytest.approx(447 / 22_334, abs=0.005)
    assert register.filter(pl.col("punishment") == "life_imprisonment")["sex"].drop_nulls().unique().to_list() == [
        "male"
    ]


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
    for number, share in stock.assumed["offence_count"]["shares"].items():
        assert (lengths == number).mean() == pytest.approx(share[0], abs=0.01)


def test_holes_have_the_assumed_shares(register: pl.DataFrame, offences: pl.DataFrame, stock: Stock) -> None:
    unknown = stock.assumed["unknown"]
    for name in ("birth_date", "sex", "stage", "holder", "offences"):
        assert register[name].is_null().mean() == pytest.approx(unknown["fields"][name][0], abs=0.002), name
    sentenced = register.filter(pl.col("stage") == "serving")
    for name in ("suspended", "deferred", "foreign_judgment", "judgment_date", "first_conviction", "recidivism"):
        assert 0 < sentenced[name].is_null().mean() < 5 * unknown["fields"][name][0], name
    files = register.filter(pl.col("facts").is_not_null())
    assert 1 - files.height / CASES == pytest.approx(unknown["no_social_facts"]["value"], abs=0.005)
    for name in FACTS:
        hole = files["facts"].struct.field(name).is_null().mean()
        assert 0 < hole < 4 * unknown["facts"][name][0], name
    rows = register.explode("offences").filter(pl.col("offences").is_not_null()).unnest("offences")
    for name in ("article", "committed_on", "form"):
        assert rows[name].is_null().mean() == pytest.approx(unknown["each_offence"][name][0], abs=0.005), name
    fixed = offences.filter(pl.col("fixed_guilt").is_in(list(GUILT.values)))
    assert fixed["guilt"].is_null().mean() == pytest.approx(unknown["each_offence"]["guilt"][0], abs=0.005)


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


def numbers_without_a_range(found: Any, path: tuple[str, ...] = (), reason: bool = False) -> list[str]:
    """Places of assumptions.yaml where a number has no ordered range, or no reason at it or above it."""
    if isinstance(found, dict):
        reason = reason or "reason" in found
        if "value" in found:
            ordered = found["low"] <= found["value"] <= found["high"]
            return [] if ordered and reason else [".".join(path)]
        return [
            bad for name, inner in found.items() for bad in numbers_without_a_range(inner, (*path, str(name)), reason)
        ]
    if isinstance(found, list) and len(found) == 3 and all(isinstance(item, int | float) for item in found):
        return [] if found[1] <= found[0] <= found[2] and reason else [".".join(path)]
    return []


def test_every_assumed_number_has_a_range_and_a_reason(stock: Stock) -> None:
    elsewhere = ("published", "articles", "law")
    assumed = {name: entry for name, entry in stock.assumed.items() if name not in elsewhere}
    assert numbers_without_a_range(assumed) == []
    for group in stock.assumed["articles"]:
        assert group["reason"]
        assert group["range"][0] <= 1 <= group["range"][1]
        assert all(len(row) == 3 for row in group["weights"].values())
    assert all("source" in entry for entry in stock.assumed["law"].values())


def test_a_figure_that_is_no_longer_published_is_named(tmp_path: Path) -> None:
    population, codes = tmp_path / "population" / "az", tmp_path / "codes" / "az-cc"
    population.mkdir(parents=True)
    codes.mkdir(parents=True)
    library = library_path()
    (population / "population.csv").write_text("measure,breakdown,value,unit,year,source_url\n", encoding="utf-8")
    for name in ("population/az/assumptions.yaml", "codes/az-cc/articles.csv"):
        (tmp_path / name).write_bytes((library / name).read_bytes())
    with pytest.raises(ValueError, match=r"population.csv has no row for sentenced_final"):
        Stock.load(tmp_path)
