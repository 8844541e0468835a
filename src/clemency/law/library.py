"""Where the library of acts, offence codes and figures lies on disk."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def library_path() -> Path:
    """The library is the folder named by CLEMENCY_LIBRARY, else the one shipped with this copy of the software.

    >>> library_path().joinpath("acts").is_dir()
    True
    """
    named = os.environ.get("CLEMENCY_LIBRARY")
    if named:
        return Path(named)
    shipped = _PACKAGE / "_library"
    return shipped if shipped.is_dir() else _PACKAGE.parents[1] / "library"
