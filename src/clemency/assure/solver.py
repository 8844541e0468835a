"""The solver that the proofs need: it is installed apart, and asked for only where something is to be proved."""

from __future__ import annotations

from importlib.util import find_spec


class SolverMissing(Exception):
    """The solver is not installed."""


class NotModelled(Exception):
    """A rule reads something that the proofs have no picture of."""


class Unsettled(Exception):
    """The solver could not settle a question in its time, or the interpreter confirmed none of its answers."""


def need_solver() -> None:
    """Raise SolverMissing, with what to install, where the solver is not there."""
    if find_spec("z3") is None:
        raise SolverMissing("proofs need the solver Z3, which is not installed: pip install 'clemency[prove]'")
