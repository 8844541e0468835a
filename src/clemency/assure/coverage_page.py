"""Coverage and small changes of an act, as text for a reader."""

from __future__ import annotations

from collections.abc import Iterable

from clemency.assure.coverage import Coverage, Row, percent
from clemency.assure.mutation import Mutation


def coverage_line(found: Coverage) -> str:
    """The coverage of an act in one sentence."""
    told = f"{found.act}: {found.cases} cases show {found.met} of {found.possible} things that can be shown"
    told += f" ({percent(found.met, found.possible)}); in {found.turns_outcome} of them the outcome itself turns"
    told += f"; {len(found.impossible)} nobody can show (proved)"
    if found.unproved:
        told += f"; of {len(found.unproved)} no person was found whose answer turns"
    return told


def coverage_text(found: Coverage, rows: Iterable[Row]) -> str:
    """The coverage of each clause or line, what is not shown, and of what nobody was found who shows it."""
    lines = [f"{percent(row.met, row.possible):>6}  {row.met:>4} of {row.possible:<4}  {row.name}" for row in rows]
    lines += [f"not shown: {one}" for one in found.unmet]
    lines += [f"nobody found who shows it: {one}" for one in found.unproved]
    return "\n".join([*lines, coverage_line(found)]) + "\n"


def mutation_text(found: Mutation) -> str:
    """Each change that no case notices, with the person who would show it, and how many there are of each sort."""
    lines = []
    for survivor in found.survivors:
        case = survivor.worked["case"]
        person = {name: value for name, value in case.items() if name != "case_id"}
        lines += [f"not noticed: {survivor.change.place}: {survivor.change.says}", f"    an example: {person}"]
    lines += [f"nobody found whose answer it turns: {one}" for one in found.undecided]
    told = f"{found.act}: {found.changes} small changes; {found.noticed} noticed, {len(found.survivors)} not"
    told += f"; {len(found.without_effect)} turn no answer (proved)"
    if found.undecided:
        told += f"; of {len(found.undecided)} nobody was found whose answer they turn"
    return "\n".join([*lines, told]) + "\n"
