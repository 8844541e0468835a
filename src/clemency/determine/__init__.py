"""Determinations: what an act says for a case, computed together with its reasons and its missing facts.

The package can be called: `clemency.determine(cases, act)` is the door described in `clemency.determine.results`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Door(ModuleType):
    """A package that is also the function of its name, since `from clemency import determine` may mean either."""

    def __call__(self, cases: Any, act: Any) -> Any:
        from clemency.determine.results import determine

        return determine(cases, act)


sys.modules[__name__].__class__ = _Door
