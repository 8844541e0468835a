"""The comparison of a synthetic population with the published figures."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from clemency.cli import run
from clemency.observe.population import Line, Population, build, uncompared
from clemency.observe.population_table import print_population
from clemency.records.assumptions import Inputs, load_assumptions
from clemency.records.stock import Stock
from clemency.records.synthesise import synthetic_frame

DAY = date(2025, 12, 20)
ASSUMED = load_assumptions("az")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Population:
    return build(Stock(ASSUMED, DAY), 3, tmp_path_factory.mktemp("population") / "register.parquet")


@pytest.fixture(scope="module")
def lines(built: Population) -> dict[tuple[str, str, str], Line]:
    return {(line.figure.measure, line.figure.breakdown, line.figure.year): line for line in built.lines}


def test_every_figure_that_is_read_has_one_line_and_a_number_or_a_reason(built: Population) -> None:
    assert [line.figure for line in built.lines] == list(ASSUMED.inputs.figures.values())
    assert uncompared(ASSUMED.inputs) == []
    for line in built.lines:
        assert (line.synthetic is None) == (line.note != ""), line
    assert sum(line.synthetic is not None for line in built.lines) > 55
    assert sum(line.fitted for line in built.lines) > 30


def test_a_figure_without_comparison_or_reason_is_told() -> None:
    inputs = ASSUMED.inputs
    row = next(iter(inputs.figures.values()))
    figures = {**inputs.figures, ("prison_staff", "officers", "2020"): row}
    extended = Inputs(inputs.country, inputs.tree, figures, inputs.articles, inputs.sha256)
    assert uncompared(extended) == [("prison_staff", "officers", "2020")]


@pytest.mark.parametrize(
    ("measure", "breakdown", "year", "percent"),
    [
        ("prison_flow", "entries during the year", "2019", 0.5),
        ("prison_flow", "exits during the year", "2019", 0.5),
        ("prison_population", "women", "2022-01-31", 1),
        ("imprisoned_in_year", "up to 2 years", "2014", 0.5),
        ("sentence_length_share", "3 to under 5 years", "2022-01-31", 1),
        ("probation_population", "persons serving non-custodial penalties (SPACE II)", "2020-01-31", 0.5),
        ("probation_registered", "left the register in the year", "2019", 0.5),
        ("registered_crimes", "investigated (24,566): minor (less serious)", "2020", 0.5),
    ],
)
def test_figures_are_met(
    lines: dict[tuple[str, str, str], Line], measure: str, breakdown: str, year: str, percent: float
) -> None:
    off = lines[measure, breakdown, year].difference_percent
    assert off is not None
    assert abs(off) < percent


def test_contradictions_of_the_sources_stay_visible(lines: dict[tuple[str, str, str], Line]) -> None:
    registered = lines["probation_registered", "convicts registered during the year, about", "2019"]
    assert registered.difference is not None
    assert 300 < registered.difference < 1_500  # 14,178 a month later and 9,727 gone leave more than "about 23,000"
    convicts = lines["convict_count_statement", "more than, per parliament committee chair", "2024-03-18"]
    assert convicts.difference is not None
    assert convicts.difference > 0


def test_the_column_of_the_day_is_counted_in_the_register(
    built: Population, lines: dict[tuple[str, str, str], Line]
) -> None:
    held = lines["prison_population", "total", "2022-01-31"].on_day
    assert held == built.groups["serving_prison"] + built.groups["in_custody_without_final_sentence"]
    register = pl.read_parquet(built.register)
    assert register.height == built.cases == sum(built.groups.values())
    life = lines["sentence_length_share", "life", "2022-01-31"].on_day
    assert life is not None
    counted = (register["punishment"] == "life_imprisonment").sum()
    assert life * built.groups["serving_prison"] / 100 == pytest.approx(counted, rel=0.05)
    shares = [line.on_day or 0 for key, line in lines.items() if key[0] == "sentence_length_share"]
    assert sum(shares) == pytest.approx(99.7, abs=0.5)


def test_the_register_is_that_of_the_generator_and_says_that_it_is_synthetic(built: Population) -> None:
    marks = pq.read_metadata(built.register).metadata
    assert (marks[b"synthetic"], marks[b"as_of"], marks[b"seed"]) == (b"true", b"2025-12-20", b"3")
    assert pl.read_parquet(built.register).equals(synthetic_frame(built.cases, 3))
    told = built.as_json()
    assert told["synthetic"] is True
    assert len(told["figures"]) == len(built.lines)
    assert str(built.register.parent) not in str(told)


def test_a_smaller_register_is_scaled_to_the_country(tmp_path: Path) -> None:
    built = build(Stock(ASSUMED, DAY), 3, tmp_path / "small.parquet", cases=5_000)
    held = next(line for line in built.lines if line.figure.breakdown == "total")
    assert held.on_day == pytest.approx(held.synthetic, rel=0.5)
    assert held.on_day is not None
    assert held.on_day > 5_000


def test_figures_of_later_days_are_not_compared(tmp_path: Path) -> None:
    built = build(Stock(ASSUMED, date(2021, 11, 5)), 1, tmp_path / "earlier.parquet", cases=2_000)
    later = [line for line in built.lines if line.note == "of a later day than the register"]
    assert {line.figure.measure for line in later} >= {"sentence_length_share", "prison_population_rate"}
    assert not [line for line in later if line.fitted or line.synthetic is not None]


def test_the_table_shows_published_synthetic_and_difference(built: Population) -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    print_population(built, console)
    text = console.export_text()
    assert "SYNTHETIC" in text
    row = next(line for line in text.splitlines() if "entries during the year" in line)
    assert "7,670*" in row
    assert row.rstrip().endswith("%")
    assert "places are not modelled" in text


def test_the_command_writes_the_register_and_prints_the_table_or_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["population", "build", "az", "--as-of", "2025-12-20", "--seed", "2", "--cases", "500", "-o"]
    assert run([*arguments, "one.parquet"]) == 0
    assert "Published figures beside the synthetic ones" in capsys.readouterr().out
    assert run([*arguments, "two.parquet", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], told["seed"], told["synthetic"]) == (500, 2, True)
    assert Path("one.parquet").read_bytes() == Path("two.parquet").read_bytes()
    assert run(["register", "synthesise", "--cases", "500", "--seed", "2", "-o", "three.parquet"]) == 0
    assert Path("three.parquet").read_bytes() == Path("one.parquet").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ge", "-o", "x.parquet"), "holds no population of ge; it holds az"),
        (("az", "--as-of", "2025-13-20", "-o", "x.parquet"), "--as-of 2025-13-20 is no day"),
        (("az", "--as-of", "2010-01-01", "-o", "x.parquet"), "2010-01-01 is before it"),
        (("az", "-o", "x.xlsx"), "is written as .parquet or .jsonl"),
        (("az", "-o", "no/x.parquet"), "the folder no does not exist"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["population", "build", *arguments, "--seed", "1"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in " ".join(told.err.split())
    assert list(tmp_path.iterdir()) == []
