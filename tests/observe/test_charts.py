"""The five charts: all is on the paper and legible, says what its numbers say, and joins nothing that differs."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.law.act import load_act
from clemency.observe import charts
from clemency.observe.brief import Brief, count_register, past_acts, together
from clemency.observe.charts import Compared, Panel, Stream, Track
from clemency.observe.figures import Cited
from clemency.observe.pictures import LAYOUTS, Layout, Picture, Sheet
from clemency.observe.words import Words

WORDS = Words("en")
SMALLEST = 11.5


def drawn(brief: Brief) -> dict[str, Picture]:
    return {picture.name: picture for picture in brief.pictures()}


# --- what holds for all of them


def test_there_are_five(brief: Brief) -> None:
    assert tuple(drawn(brief)) == charts.NAMES


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_text_is_on_the_paper_and_large_enough(brief: Brief, layout: Layout) -> None:
    for name, picture in drawn(brief).items():
        sheet = picture.sheet(layout)
        for said, left, top, right, bottom in sheet.boxes():
            assert left >= -1, f"{name}: {said}"
            assert right <= layout.width + 1, f"{name}: {said}"
            assert top >= 0, f"{name}: {said}"
            assert bottom <= sheet.y + layout.margin, f"{name}: {said}"
        assert min(size for size, *_ in sheet._texts) >= SMALLEST, name


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_no_text_lies_on_another(brief: Brief, layout: Layout) -> None:
    for name, picture in drawn(brief).items():
        boxes = list(picture.sheet(layout).boxes())
        for place, (said, left, top, right, bottom) in enumerate(boxes):
            for other, left2, top2, right2, bottom2 in boxes[:place]:
                apart = right <= left2 + 1 or right2 <= left + 1 or bottom <= top2 + 1 or bottom2 <= top + 1
                assert apart, f"{name}: {said!r} lies on {other!r}"


def test_the_text_alternative_has_every_number(brief: Brief) -> None:
    for picture in drawn(brief).values():
        if picture.name == "flow":
            continue  # its alternative gives the sums, see below
        for figure in picture.figures:
            if figure.value is not None and figure.kind != "projected":
                assert brief.words.number(figure.value) in picture.alternative, f"{picture.name}: {figure.id}"
            if figure.low90 is not None and figure.high90 is not None:
                for end in (figure.low90, figure.high90):
                    assert brief.words.number(end) in picture.alternative, f"{picture.name}: {figure.id}"


def test_the_data_are_those_of_the_picture(brief: Brief) -> None:
    for picture in drawn(brief).values():
        rows = list(csv.DictReader(io.StringIO(picture.csv())))
        told: list[dict[str, Any]] = json.loads(picture.json())["figures"]
        assert [row["id"] for row in rows] == [one["id"] for one in told] == [figure.id for figure in picture.figures]
        assert len({row["id"] for row in rows}) == len(rows)
        for row, one, figure in zip(rows, told, picture.figures, strict=True):
            assert row["label"] == one["label"] == picture.labels[figure.id]
            assert one["value"] == figure.value
            assert row["synthetic"] == str(figure.kind in ("rules", "counted")).lower()
            assert figure.source, f"{picture.name}: {figure.id} has no source"
            assert bool(figure.url) == (figure.kind in ("announced", "reported")), figure.id


def test_what_is_invented_says_so_on_the_picture(brief: Brief) -> None:
    for picture in drawn(brief).values():
        if any(figure.synthetic for figure in picture.figures):
            said = " ".join(text for text, *_ in picture.sheet().boxes())
            assert brief.words("synthetic") in said, picture.name


def test_a_picture_fetches_nothing_and_is_the_same_each_time(english: Brief) -> None:
    again = Brief(english.act, english.words, english.estimate, english.counted)
    for name, picture in drawn(english).items():
        svg = picture.svg()
        assert svg == again.picture(name).svg()
        assert not re.search(r"(?:href|src)=|@import|url\(|<script|<image", svg), name
        assert svg.count("<title") == svg.count("<desc") == 1


def test_without_an_estimate_there_is_still_what_was_said() -> None:
    brief = Brief(load_act("az-2025"), WORDS)
    assert [picture.name for picture in brief.pictures()] == ["relief", "progress", "grounds", "history"]
    assert all(figure.kind != "rules" for figure in brief.picture("relief").figures)
    with pytest.raises(LookupError, match="nothing that the picture flow shows is known of az-2025"):
        brief.picture("flow")


# --- announced, given, carried out


def test_a_series_that_nobody_has_is_left_out() -> None:
    line = Compared("All", (), None, Cited("c1", "reported", "total", 5, as_of="2026-02-19"))
    picture = charts.comparison("relief", "t", "s", [line], [], WORDS)
    said = [text for text, *_ in picture.sheet().boxes()]
    assert "reported carried out" in said
    assert "announced" not in said


def test_parts_announced_apart_stand_as_their_sum_and_in_their_words() -> None:
    over, about = Cited("a", "announced", "x", 7_000, "over"), Cited("b", "announced", "y", 4_000, "nearly")
    line = Compared("Other", (over, about), None, None)
    assert line.announced_in_all == 11_000
    assert line.qualifier == "nearly"
    picture = charts.comparison("relief", "t", "s", [line], [], WORDS)
    assert "over 7,000 + about 4,000" in [text for text, *_ in picture.sheet().boxes()]


def test_a_count_of_some_bodies_is_a_ring_and_not_a_disc(english: Brief) -> None:
    partly = {line.label for line in english.comparison if line.reported is not None and line.reported.partial}
    assert "Prosecution ended" in partly
    assert "People covered in all" not in partly
    assert WORDS("series.reported_partly") in [text for text, *_ in english.picture("relief").sheet().boxes()]


# --- progress


def lines_of(sheet: Sheet, width: float) -> list[list[tuple[float, float]]]:
    """The paths of a thickness that a sheet has."""
    found: dict[object, list[tuple[float, float]]] = {}
    for (mark, style), rows in sheet._layers.items():
        if mark == "line" and json.loads(style)["strokeWidth"] == width:
            for row in rows:
                found.setdefault(row["shape"], []).append((row["x"], row["y"]))
    return list(found.values())


START = date(2025, 12, 20)


@st.composite
def tracks(draw: st.DrawFn) -> tuple[Track, ...]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        days = sorted(draw(st.sets(st.integers(1, 120), min_size=1, max_size=5)))
        values = sorted(draw(st.lists(st.integers(1, 20_000), min_size=len(days), max_size=len(days))))
        points = tuple(
            Cited(f"c{number}-{day}", "reported", "total", value, as_of=(START + timedelta(days=day)).isoformat())
            for day, value in zip(days, values, strict=True)
        )
        made.append(Track(f"scope {number}", points))
    return tuple(made)


@settings(max_examples=40)
@given(tracks())
def test_no_line_joins_reports_of_different_scope(found: tuple[Track, ...]) -> None:
    panel = Panel("All", found)
    picture = charts.progress("s", [panel], ("2025-12-20", "2026-04-20"), [], WORDS)
    for layout in LAYOUTS:
        paths = lines_of(picture.sheet(layout), 1.8)
        assert sorted(map(len, paths)) == sorted(len(track.points) for track in found if len(track.points) > 1)
        assert all(path == sorted(path) for path in paths), "days go to the right"


def test_a_change_of_scope_is_marked(english: Brief) -> None:
    picture = english.picture("progress")
    assert WORDS("progress.scope_change") in [text for text, *_ in picture.sheet().boxes()]
    total = english.panels[0]
    assert [len(track.points) for track in total.tracks] == [3, 1]
    assert total.tracks[0].joined
    assert not total.tracks[1].joined
    assert total.tracks[1].projection is None, "one report makes no pace"


# --- history


def test_what_nobody_gives_is_a_gap_and_no_number() -> None:
    acts = past_acts(WORDS)
    without = [act for act in acts if not act.figures]
    assert len(without) == 7
    picture = charts.history(acts, together(WORDS), (), WORDS)
    said = " ".join(text for text, *_ in picture.sheet().boxes())
    assert "7 acts together: over 77,000 covered, 21,325 freed from prison" in said
    assert all(figure.value for figure in picture.figures)
    marks = sum(
        len(rows) for (mark, style), rows in picture.sheet()._layers.items() if mark == "point" and json.loads(style)
    )
    drawn_twice = sum(len(act.figures) for act in acts)
    assert marks == 2 * drawn_twice + 2, "one on the line, one beside the number, and the legend"


def test_every_occasion_is_translated() -> None:
    for language in ("az", "ru"):
        for act, other in zip(past_acts(Words(language)), past_acts(WORDS), strict=True):
            assert bool(act.occasion) == bool(other.occasion)
            assert not act.occasion or act.occasion == "Novruz" or act.occasion != other.occasion


# --- flow


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30_000), min_size=9, max_size=9))
def test_the_flow_loses_no_case(numbers: list[int]) -> None:
    groups, answers = ("imprisonment", "other_punishment", "pending"), ("granted", "undetermined", "excluded")
    streams = [
        Stream(group, answer, "reduce" if answer == "granted" else "", numbers[3 * row + column])
        for row, group in enumerate(groups)
        for column, answer in enumerate(answers)
    ]
    picture = charts.flow("s", streams, [], WORDS)
    assert sum(figure.value or 0 for figure in picture.figures) == sum(numbers)
    for layout in LAYOUTS:
        sheet = picture.sheet(layout)
        bands = [rows for (mark, _), rows in sheet._layers.items() if mark == "area"]
        ends = [row for rows in bands for row in rows if row["x"] == min(one["x"] for one in rows)]
        shown = {text for text, *_ in sheet.boxes()}
        for place in range(3):
            if total := sum(numbers[3 * place : 3 * place + 3]):
                assert WORDS.number(total) in shown
        assert len(ends) <= sum(1 for number in numbers if number) + 3


def test_the_flow_counts_a_given_register_and_names_it(tmp_path) -> None:
    path = tmp_path / "mine.jsonl"
    cases = [{"case_id": f"synthetic-{n}", "stage": "served"} for n in range(3)]
    path.write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    act = load_act("az-2025")
    counted = count_register(act, 1, str(path))
    assert (counted.cases, counted.register) == (3, "mine.jsonl")
    assert counted.streams == (Stream("other", "not_covered", "", 3),)
    picture = Brief(act, WORDS, None, counted).picture("flow")
    assert "SYNTHETIC" not in picture.alternative
    assert "mine.jsonl" in picture.notes[0]


def test_the_sums_of_the_flow_are_in_its_words(brief: Brief) -> None:
    picture = brief.picture("flow")
    assert brief.counted is not None
    for field in ("group", "answer"):
        sums: dict[str, int] = {}
        for stream in brief.counted.streams:
            sums[getattr(stream, field)] = sums.get(getattr(stream, field), 0) + stream.cases
        assert all(brief.words.number(number) in picture.alternative for number in sums.values())
