"""Changes of the law under an act: what was repealed, renumbered, moved or never there is told with the clauses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clemency.assure.check import check_act
from clemency.assure.law_changes import articles_cited, law_changes
from clemency.law.act import Act, parse_act
from clemency.law.codes import ArticlePart, load_code

ACT = """
id: changing
title: An invented act
offence_code: az-cc
dates: {adopted: 2025-12-01, in_force: 2025-12-20, deadline: 2026-04-20}
sources: {S: https://example.org/act}
grants:
  - {id: all.release, when: "stage = 'serving'", relief: release, source: S, confidence: high}
exclusions:
  - {id: listed, limits: all, offences: [LISTED], source: S, confidence: high}
"""


def act(listed: str, **changed: ArticlePart) -> Act:
    """An act whose list names some parts, under a code in which some parts were changed."""
    read = parse_act(ACT.replace("LISTED", listed))
    assert read.code is not None
    return replace(read, code=read.code.with_parts({part.key: part for part in changed.values()}))


def part(key: str, **changes: object) -> ArticlePart:
    """A part of the code with some of its entries changed."""
    return replace(load_code("az-cc").parts[key], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        (
            {"valid_to": "2026-02-01"},
            [("article_repealed", "178.2 was repealed within the window of the act: in force until 2026-02-01")],
        ),
        (
            {"valid_to": "2019-01-01"},
            [("article_repealed", "178.2 was repealed before the act: in force until 2019-01-01")],
        ),
        ({"valid_to": "2027-01-01"}, []),
        ({"note": "repealed part"}, [("article_repealed", "178.2 was repealed; the code does not know on which day")]),
        (
            {"valid_from": "2026-06-01"},
            [
                (
                    "article_without_entry",
                    "178.2 is in force only from 2026-06-01, after the window of the act",
                )
            ],
        ),
        (
            {"predecessors": ("179.2",), "valid_from": "2020-01-01"},
            [("article_renumbered", "178.2 was 179.2 before it was renumbered (from 2020-01-01)")],
        ),
        (
            {"successors": ("999.9",), "valid_to": "2026-01-01"},
            [
                ("article_renumbered", "178.2 was 999.9 after it was renumbered (until 2026-01-01)"),
                (
                    "article_without_entry",
                    "the code az-cc has no entry for 999.9, which 178.2 was after it was renumbered",
                ),
            ],
        ),
        (
            {"successors": ("178.1",), "valid_to": "2026-01-01"},
            [
                ("article_renumbered", "178.2 was 178.1 after it was renumbered (until 2026-01-01)"),
                (
                    "article_category_changed",
                    "178.2 is less_serious, 178.1 no_great_public_danger; "
                    "the change falls within the window of the act",
                ),
            ],
        ),
        ({"successors": ("178.1",), "valid_to": "2027-01-01"}, []),
    ],
)
def test_a_change_of_an_article_is_told(changed, expected) -> None:
    changes = law_changes(act("az-cc:178.2", one=part("178.2", **changed)))
    assert [(change.code, change.says) for change in changes] == expected
    assert {change.clauses for change in changes} <= {("listed",)}


def test_an_act_that_names_both_numbers_has_seen_the_renumbering() -> None:
    old = part("178.2", successors=("179.2",), valid_to="2024-01-01")
    assert law_changes(act("az-cc:178.2, az-cc:179.2", old=old)) == ()


def test_an_article_named_whole_stands_for_all_its_parts() -> None:
    (change,) = law_changes(act("az-cc:178", one=part("178.2", valid_to="2026-02-01")))
    assert (change.article, change.code) == ("178", "article_repealed")


def test_an_act_without_a_code_names_no_article() -> None:
    assert law_changes(replace(act("az-cc:178.2"), code=None)) == ()
    assert articles_cited(act("az-cc:178.2")) == {"178.2": ("listed",)}


def test_the_check_of_an_act_tells_changes_of_law() -> None:
    checked = check_act(act("az-cc:178.2", one=part("178.2", valid_to="2026-02-01")))
    assert [(one.code, one.clauses) for one in checked.open] == [("article_repealed", ("listed",))]
