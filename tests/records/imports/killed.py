"""An import that ends in the middle, for the tests: `python -m tests.records.imports.killed FILE REGISTER [STEP]`.

With a step, the process ends without a word just before its so many-th change of a name on the disk. Without one, it
says that it is ready and imports until somebody kills it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from clemency.records.imports.importing import prepare, write_prepared
from clemency.records.imports.profile import Profile
from clemency.records.record import known_facts

ENDED = 9


def end_before(step: int) -> None:
    """From now on count what changes names on the disk, and end before one of them."""
    count = 0

    def counted(change: Any) -> Any:
        def changing(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                os._exit(ENDED)
            return change(*arguments, **named)

        return changing

    for name in ("rename", "replace", "mkdir", "unlink"):
        setattr(Path, name, counted(getattr(Path, name)))


def main(file: str, register: str, step: str = "") -> int:
    """Import one file, and perhaps end on the way."""
    facts = known_facts()
    print("ready", flush=True)
    if step:
        end_before(int(step))
    prepared = prepare([Path(file)], Profile(), facts, Path(register))
    write_prepared(prepared, Path(register), "2025-12-20")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
