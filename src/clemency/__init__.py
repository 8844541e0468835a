"""Clemency runs, simulates and watches an amnesty.

>>> from clemency import determine, load_act
>>> determine({"case_id": "1", "stage": "served"}, load_act("az-2025")).outcome
'not_covered'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clemency.determine.determination import Determination
    from clemency.determine.results import Determinations, Summary
    from clemency.determine.results import determine as determine
    from clemency.law.act import Act, load_act

__version__ = "0.1.0"
__all__ = ["Act", "Determination", "Determinations", "Summary", "determine", "load_act"]

_HOMES = {
    "Act": "clemency.law.act",
    "load_act": "clemency.law.act",
    "Determination": "clemency.determine.determination",
    "Determinations": "clemency.determine.results",
    "Summary": "clemency.determine.results",
}


def __getattr__(name: str) -> Any:
    """Parts are loaded when they are first asked for, which keeps the command quick to start."""
    if name == "determine":
        return import_module("clemency.determine")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
