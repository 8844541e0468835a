"""People: each statement is that of its row with its source and day, and answers are those of the core."""

from __future__ import annotations

import csv
import json
import re
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from clemency.determine.interpreter import determine_case
from clemency.law.act import LANGUAGES, load_act
from clemency.law.codes import load_code
from clemency.law.library import library_path
from clemency.observe.cases import PublishedCases
from clemency.records.record import known_facts, read_record
from clemency.web.languages import day, in_language
from clemency.web.static_site import start
from tests.web.pages import Address, elements

ATOM = "{http://www.w3.org/2005/Atom}"
CASES = PublishedCases()
ACT = load_act("az-2025")


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    start()


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def shown(text: str | None, language: str) -> str:
    return CASES.texts[text][language] if text else ""


def pages_of(trees: dict[Address, Any], page: str) -> dict[tuple[str, str], Any]:
    """The pages of one kind, by language and the last part of their address."""
    return {
        (one.language, one.address.rstrip("/").rpartition("/")[2]): tree
        for one, tree in trees.items()
        if one.page == page
    }


@pytest.fixture(scope="module")
def people(trees) -> dict[tuple[str, str], Any]:
    return pages_of(trees, "person")


def test_everybody_has_a_page_in_every_language(people, trees) -> None:
    assert people.keys() == {(language, one.person_id) for language in LANGUAGES for one in CASES.people}
    assert pages_of(trees, "organisation").keys() == {
        (language, one.person_id) for language in LANGUAGES for one in CASES.organisations
    }
    assert {name for _, name in pages_of(trees, "group")} == {one.case_group for one in CASES.people}


def test_the_facts_of_a_person_are_those_of_the_row(people) -> None:
    for (language, name), tree in people.items():
        case = next(one for one in CASES.people if one.person_id == name)
        facts = next(one for one in elements(tree, "dl") if one.get("data-row") == f"case.{name}")
        told = text_of(facts).lower()
        for text in (case.charges, case.court, case.status, case.clemency, case.note):
            assert shown(text, language).lower() in told, (name, language, text)
        for part in (case.name_az, case.name_en, case.name_ru or "", *case.variants):
            assert part.lower() in told
        links = {link.get("href") for link in elements(facts, "a")}
        assert case.source_url in links
        days = {time.get("datetime") for time in elements(facts, "time")}
        assert {case.status_as_of.isoformat(), case.source_date.isoformat()} <= days
        if case.verdict_date:
            assert case.verdict_date.isoformat() in days
            assert f"{case.sentence_years} " in text_of(facts)
        if case.arrest_date:
            assert case.arrest_date in days


def test_the_last_report_stands_on_every_page(people, trees) -> None:
    for (language, name), tree in people.items():
        case = next(one for one in CASES.people if one.person_id == name)
        named = [one.date for one in CASES.events if case in CASES.named_in(one)]
        last = max([case.status_as_of.isoformat(), case.source_date.isoformat(), *named])
        line = next(one for one in elements(tree, "p") if one.get("class") == "last-report")
        assert [time.get("datetime") for time in elements(line, "time")] == [last], (language, name)


def events_by_row() -> dict[str, Any]:
    from clemency.web.observatory.selectors.people import every_group, of_the_country

    moments = [*of_the_country(), *(one for group in every_group() for one in group.moments)]
    found = {one.row: one for one in moments}
    assert len([one for one in found if one.startswith("event.")]) == len(CASES.events)
    return found


def test_each_event_is_that_of_its_row_with_its_day_and_source(trees) -> None:
    moments, seen = events_by_row(), set()
    events = {(one.date, one.kind, one.detail, one.source_url) for one in CASES.events}
    for one, tree in trees.items():
        for row in elements(tree, "tr"):
            name = row.get("data-row") or ""
            if not name.startswith(("event.", "case.")) or "moments" not in _classes_above(tree, row):
                continue
            moment = moments[name]
            seen.add(name)
            assert [time.get("datetime") for time in elements(row, "time")][:1] == [moment.date]
            assert moment.source_url in {link.get("href") for link in elements(row, "a")}
            words = in_language(moment.text, one.language)[0]
            assert words in text_of(row)
            if name.startswith("event."):
                assert (moment.date, moment.kind, _original(words, one.language), moment.source_url) in events
    assert seen == moments.keys()


def _classes_above(tree: Any, row: Any) -> str:
    for table in elements(tree, "table"):
        if row in list(table.iter()):
            return str(table.get("class"))
    return ""


def _original(words: str, language: str) -> str:
    return next(text for text, kept in CASES.texts.items() if kept[language] == words)


def test_a_month_is_never_sharpened_to_a_day(people) -> None:
    months = {one.person_id: one.arrest_date for one in CASES.people if len(one.arrest_date or "") == 7}
    assert len(months) >= 8
    for (language, name), tree in people.items():
        if name in months:
            times = [time for time in elements(tree, "time") if (time.get("datetime") or "").startswith(months[name])]
            words = [text_of(time) for time in times if time.get("datetime") == months[name]]
            assert words
            assert set(words) == {day(months[name], language)}


def test_answers_are_those_of_the_core_on_the_published_record(people) -> None:
    facts = known_facts(ACT)
    with (library_path() / "people" / "az" / "records.jsonl").open(encoding="utf-8") as lines:
        records = {record.case_id: record for record in (read_record(json.loads(line), facts) for line in lines)}
    for (_, name), tree in people.items():
        answer = determine_case(records[name], ACT, facts)
        line = next(one for one in elements(tree, "p") if one.get("data-outcome"))
        assert line.get("data-row") == f"determination.az-2025.{name}"
        assert line.get("data-outcome") == answer.outcome
        clauses = [row.get("data-clause") for row in elements(tree, "tr") if row.get("data-clause")]
        assert clauses[: len(ACT.grants)] == [grant.id for grant in ACT.grants]
        states = {
            row.get("data-clause"): row.get("data-state") for row in elements(tree, "tr") if row.get("data-clause")
        }
        for grant, values in answer.trace["grants"].items():
            expected = {"true": {"applies"}, "unknown": {"possible"}}.get(values["value"], {"closed", "shut", "out"})
            assert states[grant] in expected
        held = {one.get("data-field") for one in elements(tree, "dd") if one.get("data-field")}
        assert held == set(records[name].model_dump(exclude_none=True)) - {"case_id", "person_id"}


def test_charges_lead_to_the_offence_code(trees, people) -> None:
    code = load_code("az-cc")
    for language in LANGUAGES:
        page = pages_of(trees, "offences")[language, "offences"]
        ids = {one.get("id") for one in elements(page) if (one.get("id") or "").startswith("article-")}
        charged = {article for one in CASES.people for article in one.articles}
        assert {f"article-{article}" for article in charged} <= ids
        assert all(code.knows(name.removeprefix("article-")) for name in ids)
    for (_, name), tree in people.items():
        case = next(one for one in CASES.people if one.person_id == name)
        linked = {(link.get("href") or "").partition("#article-")[2] for link in elements(tree, "a")}
        assert set(case.articles) <= linked


def test_reports_that_differ_stand_side_by_side(trees) -> None:
    wanted: dict[str, list[Any]] = {}
    for report in CASES.reports:
        wanted.setdefault(report.report_id, []).append(report)
    for (language, name), tree in pages_of(trees, "person").items():
        found = {
            one.get("data-row"): one
            for one in elements(tree, "li")
            if (one.get("data-row") or "").startswith("reports.")
        }
        mine = {key: reports for key, reports in wanted.items() if reports[0].subject_id == name}
        assert found.keys() == {f"reports.{key}" for key in mine}
        for key, reports in mine.items():
            told = text_of(found[f"reports.{key}"])
            links = {link.get("href") for link in elements(found[f"reports.{key}"], "a")}
            for report in reports:
                assert report.text[language] in told
                assert (report.source_name or "") in told
                assert report.source_url is None or report.source_url in links


def test_a_listing_is_told_with_who_lists(people) -> None:
    for (_, name), tree in people.items():
        case = next(one for one in CASES.people if one.person_id == name)
        told = text_of(next(one for one in elements(tree, "dl") if one.get("data-row") == f"case.{name}"))
        assert ("CPJ" in told) == ("CPJ" in case.listers)
        assert ("Front Line Defenders" in told) == ("Front Line Defenders" in case.listers)


#: Words by which the house itself would judge; a list's own name may hold them.
JUDGING = re.compile(r"\b(?:is|was|are|were) (?:a )?political prisoners?\b|\bguilty\b|\bcriminals\b|\bregime\b", re.I)


def test_pages_use_neutral_words(people) -> None:
    for (language, name), tree in people.items():
        if language == "en":
            assert not JUDGING.search(text_of(next(elements(tree, "main")))), name


def texts_of_the_files() -> set[str]:
    folder, found = library_path() / "people" / "az", set()
    for file, columns in (
        ("cases.csv", ("organisation", "role", "charges", "court", "status", "clemency", "note")),
        ("events.csv", ("place_or_court", "detail")),
    ):
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            found |= {row[column] for row in csv.DictReader(lines) for column in columns if row[column]}
    for note in CASES.notes.values():
        found |= {text for pair in note.reasons for text in pair}
    return found


def test_every_text_of_the_data_is_in_three_languages() -> None:
    assert not texts_of_the_files() - CASES.texts.keys()
    spoken = {event.person_or_org for event in CASES.events} | {"and others"}
    assert not CASES.texts.keys() - texts_of_the_files() - spoken


def test_numbers_are_the_same_in_every_language() -> None:
    """A figure, a day of the month or an article that one language has, all have."""
    for text, kept in CASES.texts.items():
        numbers = [sorted(re.findall(r"\d+", kept[language].replace("\xa0", ""))) for language in ("az", "ru")]
        assert numbers[0] == numbers[1] or {"12", "12-ci"} & set(re.findall(r"\S+", kept["az"])), text


def test_who_is_named_in_an_event() -> None:
    def named(source: str) -> list[str]:
        return [one.person_id for event in CASES.events if source in event.detail for one in CASES.named_in(event)]

    assert named("remand extended to 13 June 2024") == ["nargiz-absalamova", "hafiz-babali"]
    assert named("all sentences upheld") == []
    assert {
        one.person_id for event in CASES.events if event.subject_id is None for one in CASES.named_in(event)
    } == set()


def test_the_picture_has_a_mark_for_every_event_with_a_day(people) -> None:
    for (_, name), tree in people.items():
        drawings = [one for one in elements(tree) if one.tag.endswith("}svg") and one.get("role") == "img"]
        rows = [row for row in elements(tree, "tr") if (row.get("data-row") or "").startswith(("event.", "case."))]
        if not rows:
            assert not drawings
            continue
        assert len(drawings) == 1
        marks = [one for one in drawings[0].iter() if "mark" in (one.get("class") or "").split()]
        assert len(marks) == len(rows), name


@pytest.mark.parametrize("kind", ["people", "groups", "organisations"])
def test_feeds_have_stable_ids_and_the_day_of_the_last_report(site, kind) -> None:
    ids: dict[str, dict[str, list[str]]] = {}
    for language in LANGUAGES:
        for path in sorted((site / language / "feeds" / kind).glob("*.atom")):
            feed = ElementTree.parse(path).getroot()
            assert (feed.findtext(f"{ATOM}id") or "").startswith("tag:clemency.invalid,2026:az/")
            entries = list(feed.iter(f"{ATOM}entry"))
            found = [str(entry.findtext(f"{ATOM}id")) for entry in entries]
            assert len(set(found)) == len(found)
            updated = str(feed.findtext(f"{ATOM}updated"))
            assert all(str(entry.findtext(f"{ATOM}updated")) <= updated for entry in entries)
            ids.setdefault(path.stem, {})[language] = sorted(found)
            told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            assert told["language"] == language
            assert sorted(item["id"] for item in told["items"]) == sorted(found)
            assert all(item["external_url"].startswith("http") for item in told["items"])
    assert ids
    assert all(found["en"] == found["az"] == found["ru"] for found in ids.values())


def test_a_feed_gives_no_day_where_the_source_gives_a_month(site) -> None:
    told = json.loads((site / "en" / "feeds" / "people" / "ulviyya-ali.json").read_text(encoding="utf-8"))
    arrest = next(item for item in told["items"] if "/arrest/" in item["id"])
    assert "date_published" not in arrest
    assert arrest["title"].startswith("May 2025: arrest")


# --- timelines to take away -------------------------------------------------------------------------------------


SVG = "{http://www.w3.org/2000/svg}"


def told_by_marks(tree: Any) -> list[str]:
    """What the marks of a picture say when they are pointed at; those of its key say nothing."""
    marks = (one for one in tree.iter() if "mark" in (one.get("class") or "").split())
    return [said for one in marks if (said := one.findtext(f"{SVG}title"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_timeline_comes_as_a_picture_and_as_data(site, trees, language) -> None:
    people, groups = pages_of(trees, "person"), pages_of(trees, "group")
    drawn = {("people", name): tree for (tongue, name), tree in people.items() if tongue == language}
    drawn |= {("groups", name): tree for (tongue, name), tree in groups.items() if tongue == language}
    seen = 0
    for (kind, name), tree in drawn.items():
        table = next((one for one in elements(tree, "table") if one.get("class") == "moments"), None)
        rows = [] if table is None else [row.get("data-row") for row in elements(table, "tr") if row.get("data-row")]
        if not rows:
            continue
        place = site / language / "data" / "timelines" / kind / name
        picture = ElementTree.parse(f"{place}.svg").getroot()
        assert picture.findtext(f"{SVG}title")
        assert picture.findtext(f"{SVG}desc")
        assert told_by_marks(picture)
        assert told_by_marks(picture) == told_by_marks(tree)
        told = json.loads(place.with_name(f"{name}.json").read_text(encoding="utf-8"))
        assert [one["row"] for one in told] == rows
        with place.with_name(f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            assert [(one["row"], one["date"]) for one in csv.DictReader(lines)] == [
                (one["row"], one["date"]) for one in told
            ]
        assert pl.read_parquet(f"{place}.parquet")["row"].to_list() == rows
        links = {link.get("href", "").rpartition("/")[2] for link in elements(tree, "a")}
        assert {f"{name}.{ending}" for ending in ("svg", "csv", "json", "parquet")} <= links
        seen += 1
    assert seen > 30
