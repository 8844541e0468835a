"""Offence codes: which part an article text means, and what falls under what."""

from __future__ import annotations

from pathlib import Path

import pytest

from clemency.law.codes import MIXED, CodeError, OffenceCode, load_code, read_code
from clemency.law.vocabulary import CATEGORIES

HEADER = (
    "part,article,number_of_part,title_en,guilt,max_imprisonment_months,category,confidence,source,"
    "valid_from,valid_to,predecessors,successors,note\n"
)


@pytest.fixture(scope="module")
def code() -> OffenceCode:
    return load_code("az-cc")


@pytest.mark.parametrize(
    ("article", "part"),
    [
        ("177.2", "177.2"),
        ("177.2.3", "177.2"),
        ("177.2.3.1", "177.2"),
        ("206.3.2", "206.3"),
        ("193-1.3", "193-1.3"),
        ("193-1.3.1", "193-1.3"),
        ("234.4-1", "234.4-1"),
        ("125", "125"),
        ("125.1", "125"),
        ("111", "111.0"),
        ("111.0", "111.0"),
        ("177", None),
        ("193", None),
        ("177.9", None),
        ("9999", None),
        ("", None),
        ("177.", None),
        (".177", None),
        ("177.20", None),
        ("1772", None),
    ],
)
def test_an_article_falls_under_its_part(code: OffenceCode, article: str, part: str | None) -> None:
    found = code.part_of(article)
    assert (found.key if found else None) == part


def test_an_article_without_its_part_may_mean_any_of_them(code: OffenceCode) -> None:
    meant = [part.key for part in code.parts_meant("177")]
    assert meant[:2] == ["177.1", "177.2"]
    assert len(meant) > 2
    assert [part.key for part in code.parts_meant("111")] == ["111.0"]
    assert code.parts_meant("193") != code.parts_meant("193-1")


@pytest.mark.parametrize(
    ("article", "entry", "under"),
    [
        ("177.2.3", "177.2", True),
        ("177.2.3", "177", True),
        ("177.2", "177.2.3", False),
        ("177", "177.2", False),
        ("177.22", "177.2", False),
        ("193-1.3", "193", False),
        ("193-1.3", "193-1", True),
        ("193-1.3", "193-1.3", True),
        ("193.1", "193-1", False),
        ("234.4-1", "234.4", False),
        ("234.4-1", "234", True),
        ("111", "111.0", True),
        ("111.0", "111", True),
        ("9999.1", "9999", True),
        ("9999", "177", False),
    ],
)
def test_what_falls_under_an_entry(code: OffenceCode, article: str, entry: str, under: bool) -> None:
    assert code.falls_under(article, entry) is under


def test_every_article_known_under_its_own_name(code: OffenceCode) -> None:
    for key, part in code.parts.items():
        assert code.part_of(key) is part
        assert code.falls_under(key, key)
        assert code.falls_under(key, part.article)
        assert code.falls_under(f"{key}.1", key) or f"{key}.1" in code.parts


@pytest.mark.parametrize("article", ["177.1", "177", "111", "193-1.3.1", "234.4-1"])
def test_the_code_knows_its_articles(code: OffenceCode, article: str) -> None:
    assert code.knows(article)


@pytest.mark.parametrize("article", ["9999", "177.99", "", "177.0", "az-cc:177.1"])
def test_the_code_does_not_know_others(code: OffenceCode, article: str) -> None:
    assert not code.knows(article)


def test_a_mistyped_article_has_a_nearest_one(code: OffenceCode) -> None:
    assert code.nearest("193-1.33") == "193-1.3"
    assert code.nearest("zzzzzz") is None


def test_two_readings_stay_two(code: OffenceCode) -> None:
    assert code.parts["177.1"].categories == ("no_great_public_danger", "less_serious")
    assert code.parts["131.1"].categories == CATEGORIES
    assert code.parts["226.2"].guilt == MIXED


def test_every_category_agrees_with_the_maximum(code: OffenceCode) -> None:
    for part in code.parts.values():
        assert set(part.categories) <= set(CATEGORIES)
        assert part.guilt in ("intent", "negligence", "mixed", "not_fixed")
        if part.max_imprisonment_months is not None and part.max_imprisonment_months > 180:
            assert part.categories == ("especially_serious",)


def test_a_renumbered_article_is_found_by_its_old_and_new_number(tmp_path: Path) -> None:
    table = tmp_path / "articles.csv"
    table.write_text(
        HEADER
        + "10.1,10,1,Old,intent,60,less_serious,high,S,,2024-12-31,,20.1,\n"
        + "20.1,20,1,New,intent,60,less_serious,high,S,2025-01-01,,10.1,,\n",
        encoding="utf-8",
    )
    code = read_code("x", table)
    assert code.falls_under("20.1", "10.1")
    assert code.falls_under("20.1.4", "10")
    assert code.falls_under("10.1", "20.1")
    assert code.falls_under("10.1", "20")
    assert not code.falls_under("10.1", "20.1.4")


def test_a_category_nobody_knows_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "articles.csv"
    table.write_text(HEADER + "10.1,10,1,Old,intent,60,grave,high,S,,,,,\n", encoding="utf-8")
    with pytest.raises(CodeError, match=r"articles\.csv: part 10\.1: unknown category 'grave'"):
        read_code("x", table)


def test_a_code_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(CodeError, match=r"no offence code 'xx-cc' in the library; it has: az-cc"):
        load_code("xx-cc")
