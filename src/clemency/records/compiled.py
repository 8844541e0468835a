"""Loops over whole columns, compiled to machine code the first time they run, and kept on disk for the next process.

A loop that looks at each row once, with all that is asked of it, spares the passes and the copies that whole-column
operations need. Modules that hold such loops are imported only where many rows are worked on: loading the compiler
takes longer than answering one case.
"""

from __future__ import annotations

from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])
_compiler: Any = njit  # its options are not all in its types


def compiled(loop: Loop) -> Loop:
    """A function over arrays and numbers as machine code; it lets other threads work while it runs.

    Where no folder can be written to, it is compiled anew in each process.

    >>> import numpy as np
    >>> @compiled
    ... def total(values):
    ...     found = 0
    ...     for value in values:
    ...         found += value
    ...     return found
    >>> int(total(np.array([1, 2, 3])))
    6
    """
    try:
        made = _compiler(cache=True, nogil=True)(loop)
    except RuntimeError:
        return cast(Loop, _compiler(nogil=True)(loop))
    _forget_unreadable(made)
    return cast(Loop, made)


def _forget_unreadable(made: Any) -> None:
    """What an older version of this package left on disk may name things that are gone; it is compiled anew."""
    try:
        made._cache._cache_file._load_index()
    except (AttributeError, ImportError, EOFError, UnpicklingError):
        made._cache.flush()


def within(loop: Loop) -> Loop:
    """A function that other loops call, and nothing else: compiled into them, without a way in from outside."""
    return cast(Loop, _compiler(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(loop))
