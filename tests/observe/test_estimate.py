"""Estimates: what they read and what they must not, that parts make wholes, and that bounds and draws agree."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from clemency import cli
from clemency.determine.columns import determine_frame
from clemency.law.act import Act, load_act
from clemency.law.library import library_path
from clemency.law.readings import law_items, load_questions, read_aloud, under_reading
from clemency.law.vocabulary import CATEGORIES, OUTCOMES
from clemency.observe import draws as drawing
from clemency.observe.booking import Booking, Order
from clemency.observe.claims import quantities
from clemency.observe.drawn_people import Country, EstimateError, GivenRegister
from clemency.observe.draws import PER_SETTING, Asked, Worker, all_draws
from clemency.observe.estimate import Estimate, estimate
from clemency.observe.tallies import Tallies
from clemency.records.frames import frame_of
from clemency.records.record import known_facts, read_record
from clemency.records.synthesise import synthesise
from tests.observe.test_holes import one

ACT = load_act("az-2025")


@pytest.fixture(scope="module")
def found() -> Estimate:
    """A few draws of the whole country."""
    return estimate("az-2025", draws=PER_SETTING, seed=3)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small invented register with the holes of real files."""
    path = tmp_path_factory.mktemp("register") / "synthetic.parquet"
    synthesise(150, 5, path)
    return path


@pytest.fixture(scope="module")
def given(register: Path) -> Estimate:
    return estimate("az-2025", register, draws=4, seed=3)


def written(folder: Path, records: list[dict[str, Any]]) -> Path:
    path = folder / "register.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Three people, one of whom lacks a date of birth."""
    return written(tmp_path, [one(), one(case_id="synthetic-2", sex="female"), one(case_id="3", birth_date=None)])


# --- what is read ---------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library that is read in its place."""
    library = tmp_path / "library"
    shutil.copytree(library_path(), library)
    monkeypatch.setenv("CLEMENCY_LIBRARY", str(library))
    return library


def rewritten(path: Path, change: Any) -> int:
    """Change the rows of a sheet; gives how many were changed or left out."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        names, rows = list(reader.fieldnames or ()), list(reader)
    after = [row for row in (change(dict(row)) for row in rows) if row is not None]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names)
        writer.writeheader()
        writer.writerows(after)
    return len(rows) - sum(row in rows for row in after)


def reported_later(row: dict[str, str]) -> bool:
    return row.get("stage") in ("progress", "final") or row.get("measure") == "amnestied_2025_composition"


def left_out(row: dict[str, str]) -> dict[str, str] | None:
    return None if reported_later(row) else row


def tenfold(row: dict[str, str]) -> dict[str, str] | None:
    return {**row, "value": str(10 * float(row["value"]))} if reported_later(row) else row


@pytest.mark.parametrize("change", [left_out, tenfold], ids=["without them", "with other numbers"])
def test_results_that_were_reported_later_change_nothing(change: Any, copied: Path, found: Estimate) -> None:
    claims = rewritten(copied / "claims" / "az" / "claims.csv", change)
    composition = rewritten(copied / "population" / "az" / "population.csv", change)
    assert claims > 50
    assert composition >= 6
    assert estimate("az-2025", draws=found.draws, seed=found.seed).as_json() == found.as_json()


def test_claims_and_history_are_not_even_opened(copied: Path, found: Estimate) -> None:
    for name in ("claims.csv", "history.csv"):
        path = copied / "claims" / "az" / name
        path.unlink()
        path.mkdir()  # whoever opens it fails
        with pytest.raises(IsADirectoryError):
            path.open()
    assert estimate("az-2025", draws=found.draws, seed=found.seed).as_json() == found.as_json()


def test_the_people_read_no_figure_of_the_carrying_out() -> None:
    figures = Country(ACT).assumed.inputs.figures
    assert figures
    assert not [key for key in figures if key[0] == "amnestied_2025_composition"]


# --- wholes and parts -----------------------------------------------------------------------------------------


def means(found: Estimate, by: str) -> dict[str, float]:
    return {line.name: line.mean for line in found.quantities if line.by == by}


@pytest.mark.parametrize("name", ["found", "given"])
def test_parts_make_wholes(name: str, request: pytest.FixtureRequest) -> None:
    made: Estimate = request.getfixturevalue(name)
    told = means(made, "quantity")
    close = lambda value: pytest.approx(value, abs=0.6)  # noqa: E731 - each line is rounded to a tenth
    assert sum(means(made, "outcome").values()) == close(made.cases)
    granted = means(made, "outcome")["granted"]
    for by in ("relief", "clause"):
        assert sum(means(made, by).values()) == close(granted)
    for by in ("category", "sex", "age"):
        assert sum(means(made, by).values()) == close(granted)
    assert told["total"] == close(granted)
    for name, quantity in quantities("az").items():
        parts = [part for part in quantity.parts if part in told]
        if name in told and parts and set(quantity.parts) - set(parts) <= _UNCOUNTED:
            assert sum(told[part] for part in parts) == close(told[name]), name
    days = means(made, "days")
    assert days["imprisonment, released"] + days["imprisonment, term cut"] == close(days["imprisonment"])
    places = sum(means(made, "institution_type").values())
    freed = told["released_from_imprisonment"]
    assert 0.95 * freed < places <= freed + 0.3  # each mean is rounded to a tenth


#: Parts that no clause of the act feeds.
_UNCOUNTED = {"sent_for_treatment_then_release"}


def test_an_interval_is_in_order(found: Estimate) -> None:
    for line in found.quantities:
        assert line.low90 <= line.low50 <= line.median <= line.high50 <= line.high90
        assert line.low90 >= 0
        assert line.unit == {"days": "days", "institution_type": "places"}.get(line.by, "cases")


def test_every_way_of_counting_is_there(found: Estimate) -> None:
    assert {line.by for line in found.quantities} == {
        "quantity", "relief", "clause", "outcome", "category", "sex", "age", "institution_type", "days",
    }  # fmt: skip
    assert set(means(found, "clause")) == {grant.id for grant in ACT.grants}
    assert set(means(found, "category")) == set(CATEGORIES)
    assert set(means(found, "outcome")) == set(OUTCOMES)
    assert found.of("quantity", "term_reduced").mean > 0
    with pytest.raises(KeyError, match="no estimate of relief pardon; there are: "):
        found.of("relief", "pardon")


def test_nothing_is_left_open_in_the_country(found: Estimate) -> None:
    assert found.of("outcome", "undetermined").mean <= found.cases / 1_000


# --- draws ----------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_estimate_and_another_another(few: Path) -> None:
    first, again, other = (estimate("az-2025", few, draws=4, seed=seed).as_json() for seed in (1, 1, 2))
    assert first == again
    assert first["quantities"] != other["quantities"]


def test_a_draw_is_the_same_whoever_makes_it_and_however_many_there_are(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = GivenRegister(ACT, register)
    names = people.assumed.names_about_people() if people.assumed else ()
    asked = Asked(ACT, people, load_questions(ACT), Tallies(ACT), names, 10, 3)
    monkeypatch.setattr(drawing, "_WORTH_A_PROCESS", 5)
    monkeypatch.setattr(drawing, "cpu_count", lambda: 2)
    shared_out = all_draws(asked, lambda done, total: None)
    monkeypatch.setattr(drawing, "cpu_count", lambda: 1)
    told: list[int] = []
    alone = all_draws(asked, lambda done, total: told.append(done))
    some = Worker(replace(asked, draws=200)).draws(range(5, 7))
    assert told[-1] == 10
    for left, right in zip([*shared_out, *shared_out[5:7]], [*alone, *some], strict=True):
        assert (left.counts == right.counts).all()
        assert (left.answers == right.answers).all()
        assert (left.setting == right.setting).all()


def test_a_process_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, register: Path, capfd: Any) -> None:
    monkeypatch.setattr(drawing, "_WORTH_A_PROCESS", 2)
    monkeypatch.setattr(drawing, "cpu_count", lambda: 2)
    monkeypatch.setattr(drawing.sys, "executable", shutil.which("false"))
    with pytest.raises(EstimateError, match="stopped with code 1"):
        estimate("az-2025", register, draws=8)


def test_assumptions_are_shared_by_a_few_draws_and_every_draw_reads_the_law_for_itself(register: Path) -> None:
    people = GivenRegister(ACT, register)
    assert people.assumed
    asked = Asked(ACT, people, load_questions(ACT), Tallies(ACT), people.assumed.names_about_people(), 8, 3)
    made = all_draws(asked, lambda done, total: None)
    for first in range(0, 8, PER_SETTING):
        same = made[first : first + PER_SETTING]
        assert all((one.setting == same[0].setting).all() for one in same)
    assert (made[0].setting != made[PER_SETTING].setting).any()
    assert len({one.answers.tobytes() for one in made}) == 8
    assert [one.elsewhere is not None for one in made] == [number % PER_SETTING == 0 for number in range(8)]


# --- a given register -----------------------------------------------------------------------------------------


def test_nobody_is_added_to_a_given_register(given: Estimate) -> None:
    assert given.cases == 150
    assert given.population["cases"] == 150
    assert 0 < given.population["with_holes"] < 150
    assert given.population["synthetic"] is True


def test_every_draw_lies_between_what_is_certain_and_what_is_possible(register: Path) -> None:
    people, tallies = GivenRegister(ACT, register), Tallies(ACT)
    certain, possible = people.bounds(tallies)
    names = people.assumed.names_about_people() if people.assumed else ()
    asked = Asked(ACT, people, load_questions(ACT), tallies, names, 8, 3)
    counts = np.stack([one.counts for one in all_draws(asked, lambda done, total: None)])
    for place, line in enumerate(tallies.lines):
        if not np.isnan(certain[place]):
            assert certain[place] <= counts[:, place].min(), line
            assert counts[:, place].max() <= possible[place], line


def test_the_bounds_are_those_of_the_determination(register: Path) -> None:
    frame = pl.read_parquet(register)
    answers = determine_frame(frame, ACT)
    people, tallies = GivenRegister(ACT, register), Tallies(ACT)
    certain, possible = people.bounds(tallies)
    outcome = answers.get_column("outcome").cast(pl.String).value_counts()
    counted = dict(outcome.iter_rows())
    for place, line in enumerate(tallies.lines):
        if (line.by, line.name) == ("outcome", "granted"):
            assert certain[place] == counted["granted"]
        if line.by == "quantity" and line.name == "total":
            assert certain[place] == counted["granted"]
            assert possible[place] == counted["granted"] + counted["undetermined"]


def test_where_nothing_is_open_the_estimate_is_the_count(tmp_path: Path) -> None:
    act = settled()
    ends = ("2026-03-01", "2026-12-20", "2026-12-21", "2027-08-31")
    records = [one(case_id=f"synthetic-{number}", term_end=end, term_start=None) for number, end in enumerate(ends)]
    records.append(one(case_id="synthetic-9", sex="female"))
    made = estimate(act, written(tmp_path, records), draws=4)
    facts = known_facts(act)
    frame = frame_of([read_record(record, facts) for record in records], facts)
    counted = dict(determine_frame(frame, act).get_column("grant").value_counts().iter_rows())
    for line in made.quantities:
        assert line.low90 == line.high90 == line.mean
        if line.certain is not None:
            assert line.certain == line.possible == line.mean, line
        if line.by == "clause":
            assert line.mean == counted.get(line.name, 0)
    assert counted == {"less_serious.release": 2, "less_serious.reduce": 2, "personal.women": 1}
    # 20 December to 1 March, to 20 December, the whole rest of the woman; two cuts of six months.
    assert made.of("days", "imprisonment, released").mean == 71 + 365 + 619
    assert made.of("days", "imprisonment, term cut").mean == 183 + 184
    assert made.of("institution_type", "general").mean == 3
    assert made.swings == ()
    assert made.settings == 0 or made.draws == 4


def settled() -> Act:
    """The act of 2025 under one reading, its file's questions out of sight."""
    read = under_reading(ACT, {item.name: item.answers[0] for item in law_items(ACT)})
    return replace(read, path=None)


def test_the_law_alone_is_drawn_as_often_as_its_probability_says(tmp_path: Path) -> None:
    """One woman for whom nothing is open but whether her offence is on the list."""
    offences = [{"article": "234.1", "committed_on": "2023-05-10", "guilt": "intent", "form": "completed"}]
    path = written(tmp_path, [one(sex="female", offences=offences)])
    made = estimate("az-2025", path, draws=400, seed=2)
    question = next(one_ for one_ in load_questions(ACT) if one_.id == "listed.drugs_for_own_use")
    yes = question.probabilities[-1]
    assert made.of("clause", "personal.women").mean == pytest.approx(1 - yes, abs=0.08)
    assert (made.of("clause", "personal.women").certain, made.of("clause", "personal.women").possible) == (0, 1)
    moves = {reading.item: reading.moves for reading in made.readings}
    assert moves["listed.drugs_for_own_use"]["ground_social_groups"] == pytest.approx(-1, abs=0.01)
    assert "ground_social_groups" not in moves["listed.gambling"]
    spread = next(one_ for one_ in made.spreads if (one_.by, one_.name) == ("clause", "personal.women"))
    assert spread.people == 0
    assert spread.law == pytest.approx((yes * (1 - yes)) ** 0.5, abs=0.1)


def test_each_draw_is_the_count_of_the_register_under_its_reading(tmp_path: Path) -> None:
    articles = ("177.1", "234.1", "234.2", "133.1", "186.1", "178.2", "126.3", "263.2")
    records = [
        one(case_id=f"synthetic-{number}-{sex}", sex=sex, offences=[{"article": article, "committed_on": "2023-05-10"}])
        for number, article in enumerate(articles)
        for sex in ("female", "male")
    ]
    for record in records:
        record["offences"][0]["guilt"] = None
    people = GivenRegister(ACT, written(tmp_path, records))
    questions, tallies = load_questions(ACT), Tallies(ACT)
    asked = Asked(ACT, people, questions, tallies, (), 6, 9)
    facts = known_facts(ACT)
    frame = frame_of([read_record(record, facts) for record in records], facts)
    worker = Worker(asked)
    for number, draw in enumerate(all_draws(asked, lambda done, total: None)):
        answers = {one_.id: one_.answers[place] for one_, place in zip(questions, draw.answers, strict=True)}
        expected = determine_frame(frame, under_reading(ACT, read_aloud(questions, answers)))
        counted = Counter(counted_on(expected, worker.order(number)))
        for place, line in enumerate(tallies.lines):
            if line.by == "clause":
                assert draw.counts[place] == counted[line.name], line


def counted_on(answers: pl.DataFrame, order: Order) -> Iterator[str | None]:
    """The clause on which each determination is counted in an order: the first that is true and gives the relief."""
    grants = {grant.id: grant for grant in ACT.grants}
    ordered = [ACT.grants[place].id for place in order.clauses]
    among = {ACT.grants[place].id for ground in Booking.of(ACT).grounds for place in ground.clauses}
    for stated, true in answers.select("grant", "grants").iter_rows():
        if stated not in among:
            yield stated
            continue
        alike = (one for one in ordered if one in true and one in among)
        yield next(one for one in alike if grants[one].relief == grants[stated].relief)


def test_an_act_of_a_country_without_figures_needs_a_register(tmp_path: Path) -> None:
    act = load_act(Path(__file__).parents[2] / "docs" / "examples" / "six-lines")
    with pytest.raises(EstimateError, match="give a register with --population FILE"):
        estimate(act, draws=2)
    path = written(tmp_path, [{"case_id": "1"}, {"case_id": "2", "stage": "served"}])
    made = estimate(act, path, draws=2)
    assert made.cases == 2
    assert made.population["synthetic"] is False
    assert made.of("outcome", "undetermined").mean + made.of("outcome", "granted").mean <= 2


@pytest.mark.parametrize(("draws", "seed", "told"), [(1, 1, "at least 2 draws, not 1"), (2, -1, "not -1")])
def test_what_cannot_be_drawn_is_told(draws: int, seed: int, told: str) -> None:
    with pytest.raises(EstimateError, match=told):
        estimate("az-2025", draws=draws, seed=seed)


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("COLUMNS", "110")

    def command(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["estimate", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_the_command_prints_tables(run: Any, few: Path) -> None:
    code, out, err = run("az-2025", "--population", str(few), "--draws", "2")
    assert (code, err) == (0, "")
    assert "3 cases, 2 draws, seed 1" in out
    for words in ("People covered in all", "By relief", "Places freed, by type of institution", "Days remitted"):
        assert words in out
    assert "certain to possible" in out


def test_the_command_writes_json_and_files(run: Any, few: Path, tmp_path: Path) -> None:
    asked = ("az-2025", "--population", str(few), "--draws", "2")
    code, out, _ = run(*asked, "--json")
    told = json.loads(out)
    assert code == 0
    assert set(told) >= {"act", "as_of", "draws", "seed", "cases", "population", "quantities", "swings", "readings"}
    for ending, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet)):
        path = tmp_path / f"estimate{ending}"
        code, out, _ = run(*asked, "-o", str(path))
        assert code == 0
        assert out.startswith(f"{path}: {len(told['quantities'])} lines for az-2025")
        assert read(path).select("by", "name", "mean").rows() == [
            (line["by"], line["name"], line["mean"]) for line in told["quantities"]
        ]
    code, _, _ = run(*asked, "-o", str(tmp_path / "estimate.json"))
    assert json.loads((tmp_path / "estimate.json").read_text(encoding="utf-8")) == told


def test_what_cannot_be_done_ends_with_two(run: Any, few: Path, tmp_path: Path) -> None:
    for arguments, told in (
        (("az-2052",), "did you mean az-2025?"),
        (("az-2025", "--population", "nowhere.parquet"), "there is no register nowhere.parquet"),
        (("az-2025", "-o", str(tmp_path / "estimate.xlsx")), "an estimate is written as .csv, .json, .parquet"),
        (("az-2025", "--json", "-o", "x.csv"), "--json writes to standard output"),
        (("az-2025", "--population", str(few), "-o", str(few)), "is the register itself"),
        (("az-2025", "--draws", "1"), "--draws"),
    ):
        code, _, err = run(*arguments)
        assert code == 2, arguments
        assert told in err
