"""Data to take away: whole, described, checked, the same twice, and the same in every form."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
import yaml

from clemency.law.library import library_path
from clemency.observe import corrections as log
from clemency.observe.data_package import data_package, undescribed
from clemency.observe.library_files import SheetErrors
from clemency.web import edition
from clemency.web.observatory.exports.database import database
from clemency.web.observatory.exports.entities import entities
from clemency.web.observatory.exports.forms import as_text, in_form
from clemency.web.observatory.exports.package import packed
from clemency.web.static_site import start
from tests.web.pages import addresses, elements

SCHEMATA = Path(__file__).parent / "followthemoney"


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    start()
    from clemency.web.observatory.selectors.tables import every_table

    return {one.name: one for one in every_table()}


@pytest.fixture(scope="module")
def files(tables) -> Mapping[str, bytes]:
    from clemency.web.observatory.selectors.package import files

    return files()


# --- tables -----------------------------------------------------------------------------------------------------


def test_every_column_of_every_sheet_is_described() -> None:
    breaches = {name: undescribed(one) for name, one in data_package().tables.items() if one.file and undescribed(one)}
    assert not breaches


#: A sheet that holds no statement of a source: days on which nobody works.
LEFT_OUT = {"calendars/az/rest-days.csv"}


def test_every_sheet_of_the_library_is_handed_on() -> None:
    there = {path.relative_to(library_path()).as_posix() for path in library_path().rglob("*.csv")}
    told = {one.file for one in data_package().tables.values() if one.file}
    texts = {path for path in there if path.endswith("/texts.csv")}
    codes_of_others = {path for path in there if path.startswith("codes/") and not path.startswith("codes/az-")}
    assert there - told - texts - codes_of_others == LEFT_OUT


def test_a_table_says_the_same_in_every_form(tables) -> None:
    for table in tables.values():
        names = [column.name for column in table.about.columns]
        rows = [[as_text(row.get(name)) for name in names] for row in table.rows]
        head, *read = csv.reader(io.StringIO(in_form(table, "csv").decode()))
        assert (head, read) == (names, rows), table.name
        told = json.loads(in_form(table, "json"))
        assert [[as_text(one[name]) for name in names] for one in told] == rows, table.name
        frame = pl.read_parquet(in_form(table, "parquet"))
        kept = [[as_text(str(v) if hasattr(v, "isoformat") else v) for v in row] for row in frame.iter_rows()]
        assert frame.columns == names
        assert kept == rows, table.name


def test_a_sheet_is_handed_on_as_it_stands(tables) -> None:
    for name in ("claims", "history", "cases", "events", "lists", "coverage"):
        path = library_path() / tables[name].about.file
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [{key: cell.strip() for key, cell in row.items()} for row in csv.DictReader(lines)]
        read = csv.DictReader(io.StringIO(in_form(tables[name], "csv").decode()))
        assert list(read) == rows, name


def test_unknown_is_never_zero(tables) -> None:
    rows = [row for row in tables["history"].rows if row["record_type"] == "amnesty_act" and row["year"] == "1996"]
    assert [row["actual_total"] for row in rows] == [None]
    assert b"1996-05-22,,Heydar Aliyev,,,,,,,,,,Modern.az" in in_form(tables["history"], "csv")


def test_the_reconciliation_names_the_claims_it_takes_its_figures_from(tables) -> None:
    claims = {row["claim_id"]: row for row in tables["claims"].rows}
    for row in tables["reconciliation"].rows:
        if row["reported"] is not None:
            told = claims[row["reported_claim"]]
            assert (told["value"], told["quantity"]) == (row["reported"], row["quantity"])
        if row["announced"] is not None:
            assert row["announced"] == sum(claims[name]["value"] for name in row["announced_claims"])


# --- the package ------------------------------------------------------------------------------------------------


def test_the_package_is_a_data_package_and_its_rows_fit(files, tmp_path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    told = [(task.name, [error.message for error in task.errors]) for task in report.tasks if not task.valid]
    assert report.valid, (told, [error.message for error in report.errors])


def test_a_row_that_does_not_fit_is_seen(files, tmp_path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    spoilt = files["claims.csv"].replace(b",whole_act,", b",no_such_scope,", 1)
    (tmp_path / "claims.csv").write_bytes(spoilt)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    errors = {error.type for task in report.tasks for error in task.errors}
    assert {"hash-count", "foreign-key"} & errors


def test_the_description_names_size_and_checksum_of_every_file(files) -> None:
    told = json.loads(files["datapackage.json"])
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}", told["version"])
    assert told["version"].endswith(edition.edition())
    for one in told["resources"]:
        content = files[one["path"]]
        assert (one["bytes"], one["hash"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())
    paths = {one["path"] for one in told["resources"]}
    beside = {"README.md", "CHANGES.md", "LICENCE.txt", "SHA256SUMS", "datapackage.json", "datasette.json"}
    assert paths | beside == set(files)


def test_checksums_are_of_all_other_files(files) -> None:
    lines = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert lines == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "SHA256SUMS"
    }


def test_the_version_heads_the_change_log(files) -> None:
    first = re.search(r"^## (\S+)$", files["CHANGES.md"].decode(), re.MULTILINE)
    assert first is not None
    assert first[1] == data_package().version


def test_the_package_is_made_the_same_twice(files) -> None:
    from clemency.web.observatory.selectors import package

    first = (dict(files), package.archive())
    edition._shelf.kept.clear()
    assert (dict(package.files()), package.archive()) == first


def test_the_archive_holds_every_file(files) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(files))) as archive:
        assert archive.testzip() is None
        kept = {name.removeprefix("clemency-observatory/"): archive.read(name) for name in archive.namelist()}
    assert kept == dict(files)


def test_the_database_holds_the_tables(tables, files) -> None:
    with closing(sqlite3.connect(":memory:")) as made:
        made.deserialize(files["observatory.db"])
        assert made.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert made.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in tables.values():
            kept = made.execute(f'SELECT * FROM "{table.name}"').fetchall()
            assert len(kept) == len(table.rows), table.name
        asked = "SELECT value, qualifier FROM claims WHERE claim_id = 'c001'"
        assert made.execute(asked).fetchone() == (20000, "over")


def test_the_database_says_nothing_of_when_or_with_what_it_was_made(tables) -> None:
    first, second = (database(tables.values(), {"version": "1"}) for _ in range(2))
    assert first == second
    assert first[96:100] == b"\0\0\0\0"


# --- people and organisations ------------------------------------------------------------------------------------


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((SCHEMATA / f"{name}.yaml").read_text(encoding="utf-8"))[name]
    return read


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for parent in schema(name).get("extends", []):
        found |= properties(parent)
    return found | schema(name).get("properties", {})


def required(name: str) -> set[str]:
    return set(schema(name).get("required", [])).union(*(required(one) for one in schema(name).get("extends", [])))


def kinds(name: str) -> set[str]:
    return {name}.union(*(kinds(one) for one in schema(name).get("extends", [])))


def test_entities_fit_their_schemata(files) -> None:
    found = [json.loads(line) for line in files["entities.ftm.json"].decode().splitlines()]
    by_id = {one["id"]: one for one in found}
    assert len(by_id) == len(found)
    for one in found:
        known = properties(one["schema"])
        assert set(one["properties"]) <= set(known), one
        assert required(one["schema"]) <= set(one["properties"]), one
        for name, values in one["properties"].items():
            assert values, one
            assert all(isinstance(value, str) and value for value in values), one
            match known[name].get("type"):
                case "entity":
                    wanted = known[name].get("range", "Thing")
                    assert all(wanted in kinds(by_id[value]["schema"]) for value in values), one
                case "date":
                    assert all(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value) for value in values), one
                case "url":
                    assert all(value.startswith("http") for value in values), one
                case "country":
                    assert values == ["az"], one


def test_entities_are_those_of_the_tables_and_nobody_bears_a_topic(tables, files) -> None:
    found = [json.loads(line) for line in files["entities.ftm.json"].decode().splitlines()]
    named = {one["id"].removeprefix("clemency-") for one in found if one["schema"] in ("Person", "Organization")}
    assert named == {row["person_id"] for row in tables["cases"].rows}
    assert sum(one["schema"] == "Event" for one in found) == len(tables["events"].rows)
    assert not [one for one in found if "topics" in one["properties"]]
    assert all(one["properties"]["sourceUrl"] for one in found)


def test_an_event_of_a_month_stays_a_month() -> None:
    row = dict.fromkeys(("subject_id", "place_or_court", "source_name"))
    event = {
        **row,
        "date": "2024-05",
        "kind": "hearing",
        "person_or_org": "A",
        "detail": "b",
        "source_url": "https://x",
    }
    assert next(entities([], [event]))["properties"]["date"] == ["2024-05"]


# --- corrections -------------------------------------------------------------------------------------------------


HEAD = "correction,date,version,table,row,column,before,after,reason,note,source_url\n"


@pytest.fixture
def library_with_log(tmp_path, monkeypatch):
    (tmp_path / "corrections").mkdir()
    monkeypatch.setenv("CLEMENCY_LIBRARY", str(tmp_path))
    return tmp_path / "corrections" / "log.csv"


def test_a_correction_is_read(library_with_log) -> None:
    library_with_log.write_text(
        HEAD + "k001,2026-03-01,0.1.1,claims,c002,value,5000,5001,misread,,https://example.org/a\n"
    )
    (one,) = log.corrections()
    assert (one.table, one.row, one.before, one.after) == ("claims", "c002", "5000", "5001")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("k001,2026-03-01,0.1.1,claims,c002,value,5000,5000,misread,,https://example.org/a", "what stood there before"),
        ("k001,2026-03-01,0.1.1,claims,c002,value,5000,5001,misread,,", "needs no page"),
        ("k001,2026-03,0.1.1,claims,c002,value,5000,5001,misread,,https://example.org/a", "is no day"),
        ("k001,2026-03-01,0.1.1,claims,c002,value,5000,5001,whim,,https://example.org/a", "is none of"),
    ],
)
def test_a_correction_that_does_not_fit_is_refused(library_with_log, row, told) -> None:
    library_with_log.write_text(f"{HEAD}{row}\n")
    with pytest.raises(SheetErrors, match=told):
        log.corrections()


def test_the_page_says_that_nothing_was_corrected_or_shows_each_row(trees) -> None:
    for one, tree in trees.items():
        if one.page == "corrections":
            rows = [row for body in elements(tree, "tbody") for row in elements(body, "tr")]
            assert len(rows) == len(log.corrections())


# --- addresses, pictures, metadata --------------------------------------------------------------------------------


def test_every_picture_of_a_page_has_its_data_beside_it(trees) -> None:
    breaches, seen = [], 0
    for one, tree in trees.items():
        for figure in elements(tree, "figure"):
            endings = {link.get("href", "").rpartition(".")[2] for link in elements(figure, "a")}
            missing = {"csv", "json", "parquet"} - endings
            breaches += [f"{one}: no {ending}" for ending in missing]
            seen += 1
    assert seen > 100
    assert not breaches, "\n".join(breaches[:20])


def test_every_table_and_chart_has_its_files_beside_it(site, tables) -> None:
    start()
    from clemency.web.observatory.selectors.pictures import charts, every_picture, picture_name

    for table in tables.values():
        for ending in ("csv", "json", "parquet"):
            assert (site / "data" / f"{table.name}.{ending}").read_bytes() == in_form(table, ending)
        for language in ("en", "az", "ru"):
            name = picture_name(table.about, language)
            if name in every_picture(language):
                assert (site / language / "data" / "pictures" / f"{name}.svg").is_file()
            else:
                assert not table.rows
    for language in ("en", "az", "ru"):
        for name, picture in charts(language).items():
            folder = site / language / "data" / "pictures"
            assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
            assert (folder / f"{name}.csv").read_text(encoding="utf-8") == picture.csv()
            kept = pl.read_parquet(folder / f"{name}.parquet")
            assert kept["id"].to_list() == [one.id for one in picture.figures]
            assert kept["value"].to_list() == [one.value for one in picture.figures]


def test_a_picture_of_a_table_counts_its_rows(tables) -> None:
    from clemency.web.observatory.selectors.pictures import of_tables

    for language in ("en", "az", "ru"):
        for name, picture in of_tables(language).items():
            if tables[name].about.counted:
                assert sum(one.value or 0 for one in picture.figures) == len(tables[name].rows), name


def test_each_picture_on_a_page_names_its_files(trees) -> None:
    bare = []
    for one, tree in trees.items():
        for figure in elements(tree, "figure"):
            drawings = [each for each in elements(figure, "div") if "drawing" in (each.get("class") or "").split()]
            files = [each for each in elements(figure, "a") if (each.get("href") or "").endswith(".parquet")]
            if drawings and not files:
                bare.append(str(one))
    assert not bare


def test_metadata_is_json_and_its_addresses_lead_somewhere(site, trees) -> None:
    seen: dict[str, set[str]] = {}
    for one, tree in trees.items():
        for script in elements(tree, "script"):
            if script.get("type") != "application/ld+json":
                continue
            told = json.loads(script.text)
            assert told["@context"] == "https://schema.org"
            seen.setdefault(one.page, set()).add(told["@type"])
            for target in _addresses(told):
                assert (site / one.file).parent.joinpath(target).resolve().is_file(), (one, target)
    expected = {"front": {"WebSite"}, "data": {"Dataset"}, "table": {"Dataset"}, "act": {"Legislation"}}
    expected |= {"person": {"Person"}, "organisation": {"Organization"}, "claim": {"Claim"}}
    assert expected.items() <= seen.items()


def _addresses(told: Any) -> list[str]:
    if isinstance(told, list):
        return [one for each in told for one in _addresses(each)]
    if not isinstance(told, dict):
        return []
    own = [value for key, value in told.items() if key in ("contentUrl", "url", "image") and isinstance(value, str)]
    return [one for one in own if not one.startswith("http")] + [
        one for value in told.values() for one in _addresses(value)
    ]


def test_metadata_says_of_a_person_no_more_than_names_and_the_page(trees) -> None:
    for one, tree in trees.items():
        if one.page == "person":
            (script,) = [each for each in elements(tree, "script") if each.get("type") == "application/ld+json"]
            told = json.loads(script.text)
            allowed = {"@context", "@type", "inLanguage", "identifier", "name", "alternateName", "subjectOf"}
            assert set(told) <= allowed


def test_articles_all_have_a_place_on_their_page(trees, tables) -> None:
    one = next(tree for address, tree in trees.items() if address.address == "/en/data/tables/articles/")
    ids = {row.get("id") for row in elements(one, "tr")}
    assert len(ids - {None}) == len(tables["articles"].rows)


def test_there_is_no_file_by_another_name() -> None:
    start()
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    for address in ("/data/secrets.csv", "/en/data/tables/none/", "/en/data/charts/none/", "/en/data/pictures/x.svg"):
        assert client.get(address).status_code == 404
    assert client.get("/data/claims.csv").headers["Access-Control-Allow-Origin"] == "*"
    assert addresses()
