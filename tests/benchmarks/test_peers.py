"""The peers of the benchmarks answer as this engine does, and an answer that differs is found.

OpenFisca stands in the lock of the benchmarks alone; there it is compared before anything is measured.
"""

from __future__ import annotations

import doctest
from pathlib import Path

import polars as pl
import pytest

from benchmarks import report, run
from benchmarks.agreement import compare, engine_answers, peer_answers
from benchmarks.measure import PEERS, answer
from benchmarks.peers import az_2025, python_peer
from benchmarks.registers import beginning
from clemency import load_act
from clemency.law import rules
from clemency.law.calendar import Duration, add
from clemency.law.codes import load_code
from clemency.records.synthesise import synthesise

CASES = 5_000
ENGINE = "clemency-plain"
HERE = ("polars", "duckdb", "python")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The answers of everybody who is installed here, on one small register."""
    folder = tmp_path_factory.mktemp("peers")
    register = folder / "register.parquet"
    synthesise(CASES, seed=7, path=register)
    outs = {name: folder / f"{name}.parquet" for name in (ENGINE, *HERE)}
    for name, out in outs.items():
        answer(PEERS[name], register, out)
    return outs


@pytest.fixture(scope="module")
def engine(answers: dict[str, Path]) -> pl.DataFrame:
    return engine_answers(answers[ENGINE])


# --- everybody agrees


@pytest.mark.parametrize("name", HERE)
def test_a_peer_agrees_on_every_case(name: str, answers: dict[str, Path], engine: pl.DataFrame) -> None:
    found = compare(name, engine, peer_answers(answers[name]))
    assert found.holds, str(found)
    assert (found.rows, found.exact_says_more) == (CASES, 0)


def test_the_register_of_the_comparison_has_every_outcome_and_relief(engine: pl.DataFrame) -> None:
    assert set(engine.get_column("outcome")) == set(az_2025.OUTCOMES)
    assert set(engine.get_column("relief").drop_nulls()) == set(az_2025.RELIEFS)
    covered_either_way = engine.filter((pl.col("outcome") == "granted") & (pl.col("grants") == ""))
    assert covered_either_way.height > 10, "cases that only the exact check grants"


# --- a difference is found


def planted(peer: pl.DataFrame, **values: pl.Expr) -> pl.DataFrame:
    """The answers of a peer with other values in one granted case."""
    granted = peer.with_row_index("row").filter(pl.col("outcome") == "granted").item(0, "row")
    here = pl.int_range(pl.len()) == granted
    return peer.with_columns(
        pl.when(here).then(value).otherwise(name).cast(peer.schema[name]).alias(name) for name, value in values.items()
    )


DIFFERENCES = {
    "outcome": pl.lit("excluded"),
    "relief": pl.lit("lift_record"),
    "grant": pl.lit("liability.minor"),
    "grants": pl.col("grants") + "; liability.minor",
    "exclusions": pl.lit("award_stripped; listed_offences"),
    "reservations": pl.lit("no such reservation"),
    "term_end_before": pl.lit(az_2025.IN_12_MONTHS_LATE),
    "term_end_after": pl.lit(az_2025.IN_12_MONTHS_LATE),
    "days_remitted": pl.lit(-1),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_planted_difference_is_found(name: str, answers: dict[str, Path], engine: pl.DataFrame) -> None:
    peer = peer_answers(answers["polars"])
    found = compare("polars", engine, planted(peer, **{name: DIFFERENCES[name]}))
    assert not found.holds
    assert (found.differing, found.fields) == (1, {name: 1})
    assert "1 DIFFER" in str(found)


def test_a_missing_fact_that_a_peer_does_not_name_is_found(answers: dict[str, Path], engine: pl.DataFrame) -> None:
    peer = peer_answers(answers["polars"]).with_columns(pl.lit(0, pl.UInt64).alias("perhaps_missing"))
    found = compare("polars", engine, peer)
    assert not found.holds
    assert found.fields == {"missing": engine.filter(pl.col("outcome") == "undetermined").height}


def test_what_only_the_exact_check_decides_is_counted(answers: dict[str, Path], engine: pl.DataFrame) -> None:
    open_case = {name: pl.lit(None) for name in ("relief", "grant", "term_end_after", "days_remitted")}
    open_case |= {"outcome": pl.lit("undetermined"), "grants": pl.lit("")}
    peer = peer_answers(answers["polars"])
    held_open = planted(peer, **open_case, possible=pl.col("grants") + "; " + pl.col("grant"))
    found = compare("polars", engine, held_open)
    assert found.holds, str(found)
    assert found.exact_says_more == 1

    elsewhere = compare("polars", engine, planted(peer, **open_case, possible=pl.lit("liability.minor")))
    assert not elsewhere.holds
    assert elsewhere.fields == {"grant that is covered either way": 1}


def test_an_answer_too_few_or_too_many_is_found(answers: dict[str, Path], engine: pl.DataFrame) -> None:
    peer = peer_answers(answers["polars"])
    assert not compare("polars", engine, peer.head(0)).holds
    assert not compare("polars", engine, pl.concat([peer, peer.head(1)])).holds
    assert not compare("polars", engine.head(CASES - 1), peer).holds


# --- what the peers copied from the act


def test_the_clauses_stand_in_the_order_of_the_act() -> None:
    act = load_act(az_2025.ACT)
    assert tuple(grant.id for grant in act.grants) == az_2025.GRANTS
    assert tuple(clause.id for clause in act.exclusions) == az_2025.EXCLUSIONS
    assert tuple(clause.id for clause in act.reservations) == az_2025.RESERVATIONS
    assert set(act.facts) == set(az_2025.FACTS)


def test_the_masks_are_those_of_the_act() -> None:
    act = load_act(az_2025.ACT)
    limited = {clause.id: az_2025.grants(*clause.limits) for clause in (*act.exclusions, *act.reservations)}
    assert limited == {
        "serious": az_2025.PERSONAL | az_2025.grants("liability.personal"),
        "especially_serious": az_2025.EVERY_GRANT,
        "serious_other_grounds": az_2025.OTHER_GROUNDS,
        "award_stripped": az_2025.grants("personal.award"),
        "listed_offences": az_2025.BY_FIRST_LIST,
        "listed_offences_other_grounds": az_2025.BY_SECOND_LIST,
        "standing_law": az_2025.REDUCES,
        "list_open_ended": az_2025.BY_FIRST_LIST,
        "list_serious": az_2025.SERIOUS_GROUNDS,
        "noncustodial_limits": az_2025.LIGHT_RELEASE,
        "close_relative": az_2025.OF_RELATIVES,
        "years_of_displacement": az_2025.OF_DISPLACEMENT,
        "child_in_care": az_2025.OF_CARE,
        **dict.fromkeys(
            ("unreported_bars", "mixed_sentence", "foreign_judgment", "after_act", "entry_day"), az_2025.EVERY_GRANT
        ),
    }
    reliefs = {grant.id: grant.relief.kind for grant in act.grants}
    for relief, mask in (("release", az_2025.RELEASES), ("reduce", az_2025.REDUCES)):
        assert mask == az_2025.grants(*(grant for grant, kind in reliefs.items() if kind == relief))


def test_the_days_and_the_offence_list_are_those_of_the_act() -> None:
    act = load_act(az_2025.ACT)
    assert act.in_force == az_2025.IN_FORCE
    assert add(act.in_force, Duration(12)) == az_2025.IN_12_MONTHS
    assert add(act.in_force, Duration(6, 2)) == az_2025.IN_6_MONTHS_LATE
    (listed,) = (clause.condition for clause in act.exclusions if clause.id == "listed_offences")
    (entries,) = (atom for atom in rules.atoms(listed) if isinstance(atom, rules.Listed))
    assert (set(entries.uncertain), set(entries.certain)) == (az_2025.LISTED, set())


def test_article_texts_are_read_as_the_offence_code_reads_them() -> None:
    code, copied = load_code("az-cc"), az_2025.articles(az_2025.code_path())
    for text, part in copied.items():
        meant = code.part_of(text)
        assert meant is not None
        ranks = [az_2025.CATEGORIES.index(name) for name in meant.categories]
        assert (part.lowest, part.highest) == (min(ranks), max(ranks)), text


# --- the run and the page


@pytest.mark.parametrize("module", [az_2025, python_peer, report])
def test_the_examples_of_the_benchmarks_hold(module: object) -> None:
    tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried.attempted > 0
    assert tried.failed == 0


def test_a_package_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        run.chosen(["openfisca"])
    assert "openfisca_core is not installed here" in capsys.readouterr().err


def test_a_register_has_cases(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run.arguments().parse_args(["--sizes", "0"])
    assert "0 is no whole number from 1 on" in capsys.readouterr().err


def test_this_engine_is_always_measured() -> None:
    assert list(run.chosen(["polars"])) == ["clemency-plain", "clemency-indexed", "polars"]


def test_the_first_cases_of_a_register_are_a_register(tmp_path: Path) -> None:
    whole = tmp_path / "register.parquet"
    synthesise(30, seed=1, path=whole)
    assert pl.read_parquet(beginning(whole, 10)).equals(pl.read_parquet(whole).head(10))


def measured(name: str, cases: int, seconds: float, memory: int = 200_000_000) -> list[dict[str, object]]:
    parts = {"loading": 1.5, "calculation": seconds / 2, "reading": seconds / 2, "memory": memory}
    return [{"peer": name, "cases": cases, "seconds": seconds, **parts}] * 3


def results(plain_seconds: float = 0.3) -> dict[str, object]:
    sizes = {
        str(cases): {
            "bytes": 19_000_000,
            "index": {"seconds": 1.0, "bytes": 20_000_000, "memory": 300_000_000},
            "runs": {
                "clemency-plain": measured("clemency-plain", cases, plain_seconds * cases / 1e6),
                "clemency-indexed": measured("clemency-indexed", cases, 0.15 * cases / 1e6),
                "polars": measured("polars", cases, 0.7 * cases / 1e6),
                "openfisca": measured("openfisca", cases, 2.5 * cases / 1e6),
                "limit": measured("limit", cases, 0.25 * cases / 1e6),
            },
        }
        for cases in (1_000_000, 10_000_000)
    }
    return {
        "date": "2026-01-02",
        "rounds": 3,
        "machine": {"cpu": "A processor", "cores": 2, "memory": 16 << 30, "system": "Linux", "load": 0.1},
        "versions": {"Python": "3.11.1", "polars": "2.1.0"},
        "agreement": ["polars: 200,000 cases, agree"],
        "bulk": sizes,
        "sampled": {"python": measured("python", 20_000, 1.0)},
        "one_case": dict.fromkeys(("determination", "determination_99", "explanation", "explanation_99"), 1.5)
        | {"cases": 1000},
        "explain": {
            "lines": {"cases": 1000, "seconds": [0.4] * 10},
            "parquet": {"cases": 1_000_000, "seconds": [1.2] * 10},
        },
    }


def test_the_page_says_what_is_met_and_what_is_not() -> None:
    said = report.page(results())
    assert "| Plain register, on 10 million cases | at least 2.50 million cases/s | 3.33 million | met |" in said
    assert (
        "Plain register beside OpenFisca, on 1 million cases | at least 4 times OpenFisca | 8.3 times | met |" in said
    )
    assert "1,000 cases | under 1 s | 0.40 s | met |" in said
    assert "1 million cases | under 1 s | 1.20 s | **not met** |" in said
    assert "A processor, 2 cores, 16 GiB of memory" in said
    assert "Polars query by hand: 200,000 cases, agree" in said


def test_a_slow_run_meets_nothing() -> None:
    met = {one.what: one.met for one in report.targets(results(plain_seconds=5.0))}
    assert not met["Plain register, on 1 million cases"]
    assert not met["Plain register beside OpenFisca, on 10 million cases"]
    assert not met["Plain register beside the Polars query, on 10 million cases"]
    assert met["Memory, plain register, 10 million cases beside 1 million"]
