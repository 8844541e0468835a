"""A zoo of nasty files: each import says exactly what its beast expects, and every row is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from clemency.records.imports.problems import ASIDE
from tests.records.imports.beasts import beasts, read_beast, told

BEASTS = {path.stem: path for path in beasts()}


def test_the_zoo_is_large_and_every_beast_says_what_it_shows() -> None:
    assert len(BEASTS) >= 60
    for name, path in BEASTS.items():
        beast = read_beast(path)
        assert beast["fact"].endswith("."), name
        assert beast["expected"], name


@pytest.mark.parametrize("name", BEASTS)
def test_beast(name: str, tmp_path: Path) -> None:
    beast = read_beast(BEASTS[name])
    found = told(beast, tmp_path)
    assert found == beast["expected"]
    if "counts" in found:
        counts = found["counts"]
        assert counts["rows"] == counts["rows_in_order"] + counts["quarantined"]


def test_almost_every_reason_to_put_a_row_aside_has_a_beast() -> None:
    shown = " ".join(path.read_text(encoding="utf-8").replace("\n    ", " ") for path in BEASTS.values())
    missing = [code for code in ASIDE if f": {code}: " not in shown]
    assert missing == ["two_digit_year"], "the years of two digits are asked about before any row is read"


def test_the_letters_of_three_alphabets_are_in_the_zoo() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in BEASTS.values())
    assert set("əğıİöüşç") <= set(texts)
    assert set("жщыэю") <= set(texts)
