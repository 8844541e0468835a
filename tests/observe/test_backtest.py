"""Back-tests: which figures a prediction is held against, how it is judged, and what is said of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.law.act import library_acts, load_act
from clemency.law.library import library_path
from clemency.observe.backtest import (
    Backtest,
    BacktestError,
    acts_with_claims,
    explanations,
    held_against_claims,
)
from clemency.observe.backtest_page import BEGIN, END, block, line_rows, write_block
from clemency.observe.claims import claims, quantities

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "backtest.md"
GROUNDS = {
    "ground_social_groups": 572,
    "crime_category_minor_released": 96,
    "ground_negligence_upto_5y": 1_081,
    "ground_less_serious_under_1y_left": 3_386,
    "ground_serious_first_time_under_6m_left": 503,
}


def predicted(act: str, medians: dict[str, float], spread: float = 0.1) -> dict[str, Any]:
    """An estimate in the shape that `clemency estimate --json` writes, with intervals in proportion to the medians."""
    rows = [
        {
            "by": "quantity",
            "name": name,
            "unit": "cases",
            "mean": median,
            "median": median,
            "low50": median * (1 - spread),
            "high50": median * (1 + spread),
            "low90": median * (1 - 3 * spread),
            "high90": median * (1 + 3 * spread),
        }
        for name, median in medians.items()
    ]
    other = {**rows[0], "by": "relief"}
    return {"act": act, "draws": 10, "seed": 1, "quantities": [other, *rows]}


def of_2025(**medians: float) -> Backtest:
    return held_against_claims(load_act("az-2025"), predicted("az-2025", medians))


def line(test: Backtest, name: str) -> dict[str, Any]:
    return next(one.as_json() for one in test.lines if one.quantity.name == name)


# --- which figures


def test_the_five_grounds_of_2025_are_shown_and_scored() -> None:
    test = of_2025(total=18_000, **{name: value * 1.5 for name, value in GROUNDS.items()})
    assert {one.quantity.name: one.reported.claim.value for one in test.grounds if one.reported} == GROUNDS
    assert all(one.scored for one in test.grounds)
    assert test.grounds_coverage.as_json()["figures"] == 5
    freed = line(of_2025(released_from_imprisonment=1), "released_from_imprisonment")
    assert sum(GROUNDS.values()) == freed["reported"]["value"]


def test_the_presidency_is_heard_before_those_who_repeat_it_and_all_bodies_before_one() -> None:
    found = line(of_2025(total=18_000), "total")
    assert (found["announced"]["value"], found["announced"]["qualifier"], found["announced"]["body"]) == (
        20_000,
        "over",
        "presidency",
    )
    assert (found["reported"]["value"], found["reported"]["scope"]) == (18_355, "all_bodies")
    assert (found["standing"], found["scored"]) == ("day 61 of 121", True)


def test_a_count_of_one_ministry_is_shown_and_not_scored() -> None:
    found = line(of_2025(total=18_000, term_reduced=3_000), "term_reduced")
    assert found["reported"]["value"] == 1_045
    assert not found["scored"]
    assert "day 50 of 121" in found["standing"]
    assert found["reported_share"] == pytest.approx(1_045 / 15_119, abs=1e-4)
    assert found["predicted_share"] == pytest.approx(3_000 / 18_000, abs=1e-4)


def test_a_count_of_the_first_weeks_is_not_scored_even_of_all_bodies() -> None:
    test = held_against_claims(
        load_act("az-2021"), predicted("az-2021", {"total": 17_000, "released_from_imprisonment": 3_000})
    )
    found = line(test, "released_from_imprisonment")
    assert (found["reported"]["value"], found["reported"]["scope"]) == (1_921, "all_bodies")
    assert not found["scored"]
    total = line(test, "total")
    assert (total["reported"]["value"], total["standing"], total["scored"]) == (17_267, "final", True)


def test_a_misread_figure_is_held_against_nobody() -> None:
    for act in acts_with_claims():
        names = {name: 100.0 for name in quantities() if quantities()[name].clauses(load_act(act))}
        test = held_against_claims(load_act(act), predicted(act, names))
        used = {one["claim"] for row in test.as_json()["lines"] for one in (row["announced"], row["reported"]) if one}
        assert (
            not {claim.claim_id for claim in claims(act) if claim.caution in ("misread", "misprint", "reworded")} & used
        )
        assert used


def test_words_are_met_as_they_are_usually_meant() -> None:
    act = load_act("az-2016")
    test = held_against_claims(act, predicted("az-2016", {"total": 10_900, "released_from_imprisonment": 2_000}))
    total = line(test, "total")
    assert (total["reported"]["qualifier"], total["reported"]["value"]) == ("over", 10_000)
    assert total["reported"]["error"] == 0
    assert line(test, "released_from_imprisonment")["reported"]["error"] < 0


# --- what is refused


def test_an_estimate_of_another_act_is_refused() -> None:
    with pytest.raises(BacktestError, match="the estimate is of 'az-2021' and the back-test of 'az-2025'"):
        held_against_claims(load_act("az-2025"), predicted("az-2021", {"total": 1}))


def test_an_act_without_figures_is_refused() -> None:
    act = load_act(REPOSITORY / "docs" / "examples" / "six-lines")
    with pytest.raises(BacktestError, match="no figure was announced or reported"):
        held_against_claims(act, predicted(act.id, {"total": 1}))


# --- what is said


def test_the_paragraphs_say_the_counts_the_misses_and_why() -> None:
    test = of_2025(
        total=18_355, ground_negligence_upto_5y=300, ground_less_serious_under_1y_left=3_400, ground_social_groups=900
    )
    said = "\n".join(test.paragraphs())
    assert said.startswith(
        "Of 4 reported figures scored, the 50 % interval holds 2 and the 90 % interval 2; "
        "2 medians are too high and 1 too low. About 4 should lie in the 90 % interval"
    )
    assert "term of up to five years: 300 predicted, 1,081 reported (0.28 times), outside the 90 % interval." in said
    why = explanations(test.act)
    assert (why["ground_negligence_upto_5y"].below or "").strip() in said
    assert (why["ground_negligence_upto_5y"].above or "").strip() not in said
    assert (why["ground_social_groups"].above or "").strip() in said
    assert (why["ground_less_serious_under_1y_left"].above or "").strip() not in said
    widest, next_widest = said.index("300 predicted"), said.index("900 predicted")
    assert widest < next_widest


def test_the_coverage_of_everything_right_is_everything() -> None:
    test = of_2025(**GROUNDS, total=18_355, released_from_imprisonment=5_638)
    assert test.coverage.as_json() == {
        "figures": 7,
        "inside_50": 7,
        "inside_90": 7,
        "mean_score": test.coverage.as_json()["mean_score"],
    }
    assert len(test.paragraphs()) == 1
    assert "should lie" not in test.paragraphs()[0]


def test_nothing_scored_is_said_and_nothing_is_divided_by_it() -> None:
    test = of_2025(term_reduced=3_000)
    assert test.paragraphs()[0].startswith("No report counts everybody, so nothing is scored.")
    assert test.as_json()["coverage"]["reported"]["mean_score"] is None


def test_every_explanation_is_of_a_quantity_that_the_act_feeds_and_that_is_scored() -> None:
    written = yaml.safe_load((library_path() / "claims" / "az" / "misses.yaml").read_text(encoding="utf-8"))
    assert set(written) == set(acts_with_claims()) <= set(library_acts())
    for name, reasons in written.items():
        act = load_act(name)
        medians = {one: 100.0 for one, quantity in quantities().items() if quantity.clauses(act)}
        scored = {one.quantity.name for one in held_against_claims(act, predicted(name, medians)).lines if one.scored}
        assert set(reasons) == scored
        assert all(reason["above"].strip() and reason["below"].strip() for reason in reasons.values())


def test_explanations_name_no_unknown_quantity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clemency.law.source import SourceErrors

    shutil.copytree(library_path() / "claims", tmp_path / "claims")
    (tmp_path / "claims" / "az" / "misses.yaml").write_text("az-2025:\n  totl: {above: x}\n", encoding="utf-8")
    act = load_act("az-2025")
    monkeypatch.setenv("CLEMENCY_LIBRARY", str(tmp_path))
    with pytest.raises(SourceErrors, match=r"(?s)misses\.yaml:2:3: there is no quantity totl.*did you mean total"):
        explanations(act)


# --- the page


def test_the_block_goes_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    page, test = tmp_path / "page.md", of_2025(total=18_000)
    page.write_text(f"before\n\n{BEGIN}\nthe one before\n{END}\n\nafter\n", encoding="utf-8")
    write_block(page, [test])
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nafter\n")
    assert "the one before" not in text
    write_block(page, [test])
    assert page.read_text(encoding="utf-8") == text
    assert "| People covered in all | over 20,000 | 18,000 |" in text


def test_a_page_without_the_marks_is_refused_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(BacktestError, match="has no place for it"):
        write_block(page, [of_2025(total=18_000)])
    assert page.read_text(encoding="utf-8") == "nothing\n"


def shown_on_the_page() -> dict[str, list[list[str]]]:
    """The rows of the first table of each act in the documentation, as cells."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    sections = re.split(r"^### (\S+), as of .*$", text, flags=re.MULTILINE)[1:]
    found = {}
    for act, section in zip(sections[::2], sections[1::2], strict=True):
        table = next(part for part in section.split("\n\n") if part.startswith("| "))
        found[act] = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    return found


def test_the_page_shows_every_act_with_the_figures_that_are_in_the_claims() -> None:
    """Any prediction gives the lines, announced and reported figures of the page; the predicted numbers are its own."""
    shown = shown_on_the_page()
    assert list(shown) == acts_with_claims()
    for name, rows in shown.items():
        act = load_act(name)
        medians = {one: 100.0 for one, quantity in quantities().items() if quantity.clauses(act)}
        again = list(line_rows(held_against_claims(act, predicted(name, medians))))
        assert [(row[0], row[1], row[5], row[6]) for row in rows] == [(row[0], row[1], row[5], row[6]) for row in again]


def test_the_paragraphs_on_the_page_fit_the_tables_beside_them() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, rows in shown_on_the_page().items():
        scored = [row for row in rows if row[8]]
        inside = [sum(row[8] in held for row in scored) for held in (["50 %"], ["50 %", "90 %"])]
        words = f"{inside[0]} of {len(scored)} in the 50 % interval, {inside[1]} of {len(scored)} in the 90 % interval"
        assert f"Scored reports: {words}" in text, name


# --- the real thing


@pytest.mark.parametrize("name", acts_with_claims())
def test_a_prediction_opens_no_file_of_claims(name: str) -> None:
    """What was reported later is no input: of the folder of claims an estimate reads the names of quantities alone."""
    program = f"""
import sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
from clemency.observe.estimate import estimate
estimate({name!r}, draws=2)
print("\\n".join(sorted(path for path in opened if "claims" in path and not path.endswith((".py", ".pyc")))))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {Path(path).name for path in done.stdout.split()} <= {"quantities.yaml"}


def test_the_command_writes_the_page_that_is_checked_in(tmp_path: Path) -> None:
    """Fewer draws than on the page, the same shape: everything but the predicted numbers stands as it does there."""
    from clemency.observe.backtest import backtest

    tests = [backtest(name, draws=3) for name in acts_with_claims()]
    heads = re.compile(r"^(### .*|\| +\| .*|\| [A-Z][^|]*\|)", re.MULTILINE)
    rows = heads.findall(block(tests))
    page = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    tables = heads.findall(page)
    assert rows == tables
    again = backtest("az-2025", draws=3)
    assert again.as_json() == tests[0].as_json()
