"""Every number in a table leads to its row: the row is in the library, and says what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from clemency.observe.claims import claims, history
from clemency.observe.estimate import Estimate
from clemency.web.languages import number, said
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.carried_out import estimate_of
from tests.web.pages import Address, elements
from tests.web.test_lists import rows_of_lists


def text_of(element: Any) -> str:
    return "".join(element.itertext())


def classes(element: Any) -> list[str]:
    return (element.get("class") or "").split()


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[float, str]]:
    """The claims and the figures of the history by the names that pages call them by."""
    found = {claim.claim_id: (claim.value, claim.qualifier) for claim in claims()}
    for row in history():
        for name in ("planned_total", "planned_released", "actual_total", "actual_released"):
            value = getattr(row, name)
            if value is not None:
                place = f"{row.date_adopted or row.year}.{name}"
                qualifier = getattr(row, f"{name}_qualifier") or "exact"
                found[f"history.{row.record_type}.{place}"] = (value, qualifier)
                found.setdefault(f"history.{place}", (value, qualifier))
    return found | rows_of_lists()


def figures(trees: dict[Address, Any]) -> Iterator[tuple[Address, Any]]:
    for one, tree in trees.items():
        yield from ((one, element) for element in elements(tree, "data"))


def told_by(row: str, value: float, estimates: list[Estimate]) -> bool:
    """Whether some estimate of the library has the value on the line; ends are rounded outwards to whole cases."""
    _, by, name = row.split(".", 2)
    lines = [line for kept in estimates for line in kept.quantities if (line.by, line.name) == (by, name)]
    return any(abs(value - number) <= 1 for line in lines for number in (line.median, line.low90, line.high90))


def test_each_figure_is_that_of_its_row(trees, rows) -> None:
    estimates = [kept for act in every_act() if (kept := estimate_of(act.id))]
    breaches, seen = [], 0
    for one, element in figures(trees):
        row, value, words = element.get("data-row"), float(element.get("value")), text_of(element)
        seen += 1
        if row in rows:
            expected = rows[row]
            if value != expected[0] or words != said(*expected, one.language):
                breaches.append(f"{one}: {row} is shown as {words}")
        elif row.startswith("estimate."):
            if not told_by(row, value, estimates):
                breaches.append(f"{one}: {row} is shown as {words}")
        elif row.startswith("projection.") or row == "claims.count":
            if words != number(round(value), one.language):
                breaches.append(f"{one}: {row} is shown as {words}")
        else:
            breaches.append(f"{one}: {words} names the row {row!r}, which the library does not have")
    assert seen > 1000
    assert not breaches, "\n".join(breaches[:20])


def test_no_number_stands_in_a_table_without_its_row(trees) -> None:
    breaches = []
    for one, tree in trees.items():
        for cell in elements(tree, "td"):
            if "n" not in classes(cell) or "days" in classes(cell):
                continue
            held = "".join(text_of(data) for data in elements(cell, "data"))
            told = "".join(text_of(each) for each in elements(cell, "time"))
            loose = re.sub(r"\d+([.,]\d)?\s?%", "", text_of(cell))
            if len(re.findall(r"\d", loose)) > len(re.findall(r"\d", held)) + len(re.findall(r"\d", told)):
                breaches.append(f"{one}: {' '.join(text_of(cell).split())}")
    assert not breaches, "\n".join(breaches[:20])


def test_an_announced_figure_leads_to_its_claim(trees) -> None:
    """On the first page each of the promised numbers is a link to the page of its claim."""
    first = next(tree for one, tree in trees.items() if one.page == "front")
    linked = {}
    for link in elements(first, "a"):
        for data in elements(link, "data"):
            linked[data.get("data-row")] = link.get("href")
    assert {"c001", "c002", "c003", "c004", "c005", "c006"} <= set(linked)
    assert all(href.endswith(f"claims/az-2025/{row}/index.html") for row, href in linked.items())
