"""Acts that amend another, and acts in time: the text of an act on a day, and what is wrong with a change.

`tests/acts/amending/first.yaml` is amended by `change.yaml`; what is wrong with the acts in `bad/` stands beside them.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from clemency.law.act import Act, NotInForce, days_of_change, library_acts, load_act
from clemency.law.source import SourceErrors

ACTS = Path(__file__).parents[1] / "acts"
AMENDING = ACTS / "amending"
BAD = sorted((AMENDING / "bad").glob("*.yaml"))


def beside_the_first(amending: Path, folder: Path) -> Path:
    """The amending act in a folder of its own, beside the first one."""
    shutil.copy(AMENDING / "first.yaml", folder / "first.yaml")
    return Path(shutil.copy(amending, folder / amending.name))


@pytest.fixture
def first(tmp_path: Path) -> Act:
    beside_the_first(AMENDING / "change.yaml", tmp_path)
    return load_act(tmp_path / "first.yaml")


def ids(act: Act) -> list[str]:
    return [clause.id for clause in (*act.grants, *act.exclusions, *act.reservations)]


def test_an_act_stands_as_it_was_amended_last(first: Act) -> None:
    assert ids(first) == ["c.orphan", "b.ill", "serious", "look"]
    assert first.dates["deadline"] == date(2026, 6, 20)
    assert first.date_notes["deadline"].source == "T"
    assert set(first.sources) == {"S", "T"}
    assert [(one.id, one.day) for one in first.amendments] == [("change", date(2026, 2, 1))]
    assert first.version.endswith(":2026-02-01")
    assert first.clause("serious").limits == ("c.orphan", "b.ill")  # type: ignore[union-attr]


def test_before_the_change_the_first_act_stands_as_it_was(first: Act) -> None:
    before = first.as_of(date(2026, 1, 31))
    assert ids(before) == ["a.women", "b.ill", "serious", "look"]
    assert before.dates["deadline"] == date(2026, 4, 20)
    assert before.amendments == ()
    assert before.as_of(date(2026, 2, 1)).version == first.version
    assert days_of_change(first) == (date(2025, 12, 20), date(2026, 2, 1))


def test_the_amending_act_stands_for_the_first_one_from_its_day(tmp_path: Path) -> None:
    path = beside_the_first(AMENDING / "change.yaml", tmp_path)
    act = load_act(path)
    assert act.id == "first"
    assert act.version == load_act(tmp_path / "first.yaml").version


def test_an_act_in_a_folder_is_amended_by_those_in_folders_beside_it(tmp_path: Path) -> None:
    for name in ("first", "change"):
        (tmp_path / name).mkdir()
        shutil.copy(AMENDING / f"{name}.yaml", tmp_path / name / "act.yaml")
    assert ids(load_act(tmp_path / "first")) == ["c.orphan", "b.ill", "serious", "look"]


def test_the_version_changes_with_the_amending_text(first: Act, tmp_path: Path) -> None:
    path = tmp_path / "change.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("orphan and", "orphan or"), encoding="utf-8")
    assert load_act(tmp_path / "first.yaml").version != first.version


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_change_is_told_everything_that_is_wrong(path: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceErrors) as caught:
        load_act(beside_the_first(path, tmp_path))
    told = "\n".join(problem.show(path.name) for problem in caught.value.problems) + "\n"
    assert told == path.with_suffix(".expected.txt").read_text(encoding="utf-8")
    assert Path(caught.value.file).name == path.name


def test_two_acts_of_one_day_do_not_change_the_same_clause(tmp_path: Path) -> None:
    beside_the_first(AMENDING / "change.yaml", tmp_path)
    second = (AMENDING / "bad" / "one-clause-changed-twice.yaml").read_text(encoding="utf-8")
    (tmp_path / "second.yaml").write_text(second.replace("b.ill", "a.women").replace("id: change", "id: second"))
    with pytest.raises(SourceErrors, match=r"change changes a.women on 2026-02-01 already"):
        load_act(tmp_path / "first.yaml")


def test_acts_that_only_amend_are_not_listed_as_acts() -> None:
    assert "change" not in library_acts()
    assert "az-2025" in library_acts()


# clauses in effect from and until a day


@pytest.fixture
def phased() -> Act:
    return load_act(ACTS / "good" / "shares-steps-and-phases.yaml")


@pytest.mark.parametrize(
    ("day", "there", "gone"),
    [
        (date(2025, 12, 20), {"h.early", "d.point"}, {"d.point_later", "f.old"}),
        (date(2026, 2, 27), {"h.early"}, {"d.point_later", "f.old"}),
        (date(2026, 2, 28), {"h.early", "d.point_later", "f.old"}, set()),
        (date(2026, 8, 31), {"h.early", "dangerous"}, set()),
        (date(2026, 9, 1), {"d.point_later"}, {"h.early", "dangerous"}),
        (date(2040, 1, 1), {"d.point_later"}, {"h.early", "dangerous"}),
    ],
)
def test_a_clause_is_in_effect_from_its_first_day_to_its_last(
    phased: Act, day: date, there: set[str], gone: set[str]
) -> None:
    found = set(ids(phased.as_of(day)))
    assert there <= found
    assert not gone & found


def test_within_a_phase_the_version_is_one_and_names_its_first_day(phased: Act) -> None:
    versions = [phased.as_of(date(2026, 3, day)).version for day in (1, 15, 31)]
    assert len(set(versions)) == 1
    assert versions[0].endswith(":2026-02-28")
    assert phased.version == phased.as_of(date(2026, 9, 1)).version


def test_exclusions_limit_only_grants_that_are_in_effect(phased: Act) -> None:
    first = phased.as_of(date(2025, 12, 20))
    there = {grant.id for grant in first.grants}
    assert set(first.limiting) == there
    for clause in (*first.exclusions, *first.reservations):
        assert set(clause.limits) <= there


def test_before_it_takes_effect_an_act_says_nothing(phased: Act) -> None:
    with pytest.raises(NotInForce, match="takes effect on 2025-12-20"):
        phased.as_of(date(2025, 12, 19))
    assert load_act("az-2025").as_of(date(2025, 12, 20)).version == load_act("az-2025").version
