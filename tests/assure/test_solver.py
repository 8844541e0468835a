"""Where the solver is missing, what to install is said, and nothing else is asked of it."""

from __future__ import annotations

import pytest

from clemency.assure import solver
from clemency.assure.check import check_act
from clemency.assure.prove import prove
from clemency.assure.solver import SolverMissing
from clemency.law.act import load_act


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "find_spec", lambda name: None)


@pytest.mark.usefixtures("missing")
def test_a_missing_solver_is_told_with_what_to_install() -> None:
    act = load_act("az-2016")
    for asked in (lambda: check_act(act), lambda: prove(act, "never granted")):
        with pytest.raises(SolverMissing, match=r"pip install 'clemency\[prove\]'"):
            asked()
