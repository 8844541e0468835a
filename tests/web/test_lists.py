"""Watch lists: every figure is that of its row, never without the list's name and date; shares are worked out right."""

from __future__ import annotations

import csv
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from clemency.law.act import LANGUAGES
from clemency.law.library import library_path
from clemency.observe.watch_lists import WatchLists, chance_of_none
from clemency.web.languages import percent
from clemency.web.static_site import start
from tests.web.pages import Address, elements

LISTS = WatchLists()
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    start()


def table(*path: str) -> list[dict[str, str]]:
    with library_path().joinpath(*path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rows_of_lists() -> dict[str, tuple[float, str]]:
    """The figures about lists by the names that pages call them by, read from the files themselves."""
    ids = {one.name: one.id for one in LISTS.publishers}
    found = {}
    for row in table("claims", "az", "lists.csv"):
        found[f"list.{ids[row['organisation']]}.{row['date']}"] = (int(row["names"]), "exact")
    for row in table("lists", "az", "groups.csv"):
        place = f"list.{ids[row['organisation']]}.{row['list_date']}.{row['group']}"
        found[place] = (int(row["names"]), row["qualifier"])
    for row in table("claims", "az", "coverage.csv"):
        key = f"coverage.{row['date_adopted']}.{row['as_of'] or 'whole'}"
        found[f"{key}.low"] = (int(row["covered_low"]), "exact")
        found[f"{key}.high"] = (int(row["covered_high"]), "exact")
        found[f"{key}.names"] = (int(row["list_names"]), row["list_qualifier"])
        low, high, names = (int(row[name]) for name in ("covered_low", "covered_high", "list_names"))
        ends = {"share": low} if low == high else {"share_low": low, "share_high": high}
        for end, reached in ends.items() if row["organisation"] in ids else ():
            of = names + (reached if row["list_counted"] == "after" else 0)
            found[f"{key}.{end}"] = (round(100 * reached / of, 1), "exact")
    for row in table("lists", "az", "reached.csv"):
        found[f"coverage.{row['date_adopted']}.{row['as_of'] or 'whole'}.{row['group']}"] = (
            int(row["reached"]),
            "exact",
        )
    return found


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def rows_on(trees: dict[Address, Any], page: str) -> list[tuple[Address, Any]]:
    return [
        (one, row)
        for one, tree in trees.items()
        if one.page == page
        for row in elements(tree, "tr")
        if row.get("data-row")
    ]


def test_every_list_and_count_is_shown_in_every_language(trees) -> None:
    shown: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for one, tree in trees.items():
        if one.page in ("lists", "list"):
            shown[one.language] |= {str(data.get("data-row")) for data in elements(tree, "data")}
    same_twice = {name for name, (value, _) in rows_of_lists().items() if name.endswith(".high")}
    for language in LANGUAGES:
        assert rows_of_lists().keys() - same_twice <= shown[language]


def test_a_list_row_leads_to_its_source(trees) -> None:
    urls = {
        f"list.{next(p.id for p in LISTS.publishers if p.name == one.organisation)}.{one.date}": one.source_url
        for one in LISTS.lists
    }
    urls |= {f"coverage.{one.date_adopted}.{one.as_of or 'whole'}": one.source_url for one in LISTS.coverage}
    seen = set()
    for _, row in [*rows_on(trees, "lists"), *rows_on(trees, "list")]:
        links = {link.get("href") for link in elements(row, "a")}
        assert urls[row.get("data-row")] in links
        seen.add(row.get("data-row"))
    assert seen == urls.keys()


def test_a_share_stands_only_with_the_name_and_date_of_its_list(trees) -> None:
    by_key = {f"coverage.{one.date_adopted}.{one.as_of or 'whole'}": one for one in LISTS.coverage}
    seen = 0
    for one, row in rows_on(trees, "lists"):
        count = by_key[row.get("data-row")]
        told = text_of(row)
        if count.organisation is None:
            assert "%" not in told
            continue
        publisher = next(each for each in LISTS.publishers if each.name == count.organisation)
        assert publisher.title[one.language] in told
        times = {time.get("datetime") for time in elements(row, "time")}
        assert count.list_date in times
        assert percent(count.percent[0] / 100, one.language).replace("\xa0", " ") in told.replace("\xa0", " ")
        seen += 1
    assert seen == 5 * len(LANGUAGES)


def test_shares_are_worked_out_from_the_whole_list() -> None:
    by_day = {(str(one.date_adopted), str(one.as_of)): one.percent for one in LISTS.coverage}
    assert by_day["2025-12-19", "2026-01-05"] == pytest.approx((100 * 52 / 392,) * 2)
    assert by_day["2021-03-18", "None"] == pytest.approx((100 * 38 / (111 + 38),) * 2)
    assert by_day["2023-05-08", "None"] == pytest.approx((100 * 2 / 182, 100 * 8 / 182))


def test_groups_reached_are_groups_of_the_list_and_fit_its_count() -> None:
    for count in LISTS.coverage:
        parts = [
            one.reached
            for one in LISTS.reached
            if (one.record_type, one.date_adopted, one.as_of) == (count.record_type, count.date_adopted, count.as_of)
        ]
        assert not parts or sum(parts) == count.covered_high
    for group in LISTS.groups:
        names = next(
            one.names for one in LISTS.lists if (one.organisation, one.date) == (group.organisation, group.list_date)
        )
        assert group.names <= names


def test_how_often_nobody_would_be_reached() -> None:
    from clemency.web.observatory.selectors.watch_lists import nobody_by_chance

    chance = nobody_by_chance()
    assert (chance.reached, chance.names, chance.people) == (52, 392, 20)
    assert chance.percent == pytest.approx(100 * (1 - 52 / 392) ** 20)
    assert chance_of_none(0.0, 20) == 1
    assert chance_of_none(1.0, 20) == 0


def test_lists_of_one_season_are_named_with_their_sizes() -> None:
    from clemency.web.observatory.selectors.watch_lists import same_season

    small, large = same_season()
    assert (small.list.names, small.list.date, large.list.names, large.list.date) == (
        38,
        "2021-11-03",
        122,
        "2021-12-10",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_feed_of_a_list_has_each_list_and_each_count(site, language) -> None:
    feed = ElementTree.parse(site / language / "feeds" / "lists" / "union.atom").getroot()
    ids = [str(entry.findtext(f"{ATOM}id")) for entry in feed.iter(f"{ATOM}entry")]
    union = [one for one in LISTS.lists if one.organisation.startswith("Union")]
    counts = [one for one in LISTS.coverage if (one.organisation or "").startswith("Union")]
    assert len(ids) == len(set(ids)) == len(union) + len(counts)
    assert all(one.startswith("tag:clemency.invalid,2026:az/list/union/") for one in ids)
    assert feed.findtext(f"{ATOM}updated") == "2026-01-05T00:00:00Z"
    told = json.loads((site / language / "feeds" / "lists" / "union.json").read_text(encoding="utf-8"))
    assert [item["id"] for item in told["items"]] == ids
    assert told["language"] == language


@pytest.mark.parametrize("text", [text for row in table("lists", "az", "texts.csv") for text in [row["text"]]])
def test_every_note_is_used_and_in_three_languages(text) -> None:
    used = {one.note for one in (*LISTS.lists, *LISTS.coverage, *LISTS.groups)}
    used |= {said for one in LISTS.coverage for said in (one.who, one.said_by)}
    assert text in used
    assert set(LISTS.texts[text]) == set(LANGUAGES)


def test_no_note_is_left_in_one_language() -> None:
    notes = {one.note for one in (*LISTS.lists, *LISTS.coverage, *LISTS.groups)}
    notes |= {said for one in LISTS.coverage for said in (one.who, one.said_by)}
    assert {note for note in notes if note} <= LISTS.texts.keys()
