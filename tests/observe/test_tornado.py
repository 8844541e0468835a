"""What moves an estimate, as a picture: its bars are the swings, in every language, and too few draws are refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from clemency.cli import run
from clemency.law.library import library_path
from clemency.observe.pictures import LAYOUTS
from clemency.observe.tornado import tornado_picture
from clemency.observe.words import Words


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((library_path() / "estimates" / "az-2025.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("language", ["en", "az", "ru"])
def test_every_bar_has_its_two_numbers(kept: dict[str, Any], language: str) -> None:
    words = Words(language)
    picture = tornado_picture(kept, words)
    assert len(picture.figures) % 2 == 0
    assert {figure.value for figure in picture.figures} <= {
        one[side] for one in kept["swings"] for side in ("at_low", "at_high")
    }
    svg = picture.svg()
    shown = re.sub(r"<[^>]+>", "\n", svg)
    assert all(words.number(figure.value or 0) in shown for figure in picture.figures)
    assert words("synthetic") in shown


def test_the_widest_stands_first_and_the_left_end_is_named_first(kept: dict[str, Any]) -> None:
    picture = tornado_picture(kept, Words("en"))
    widths = [abs(one["at_high"] - one["at_low"]) for one in kept["swings"] if one["quantity"] == "total"]
    assert widths == sorted(widths, reverse=True)
    for layout in LAYOUTS:
        boxes = list(picture.sheet(layout).boxes())
        assert all(left >= -1 and right <= layout.width + 1 for _, left, _, right, _ in boxes)
        texts = [text for text, *_ in boxes]
        first = next(one for one in kept["swings"] if one["quantity"] == "total")
        turned = first["at_low"] > first["at_high"]
        ends = (first["high"], first["low"]) if turned else (first["low"], first["high"])
        assert any(f"{ends[0]:g} → {ends[1]:g}" in text for text in texts)


def test_an_estimate_of_few_draws_has_no_such_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "moves.svg"
    assert run(["estimate", "az-2025", "--draws", "2", "-o", str(out)]) == 2
    assert "too few draws" in capsys.readouterr().err
    assert not out.exists()
