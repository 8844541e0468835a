"""An act that amends another: clauses added, replaced and repealed, and dates moved, from the day it takes effect.

The amended act is compiled from the first act with the changes written into it. Whatever is wrong is told at its place
in the amending file, since the first act has been found right by itself.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from clemency.law.source import Source, SourceErrors, read_source

Steps = tuple[str | int, ...]
_ACTIONS = ("add_grant", "add_exclusion", "replace", "repeal", "date")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ChangeFile(_Strict):
    """One change: a clause added, replaced or repealed, or days moved; with its source where no clause carries one."""

    add_grant: dict[str, Any] | None = None
    add_exclusion: dict[str, Any] | None = None
    replace: dict[str, Any] | None = None
    repeal: str | None = None
    date: dict[str, Any] | None = None
    before: str | None = None
    source: str | list[str] | None = None
    confidence: Literal["high", "medium", "low"] | None = None
    note: str | dict[str, str] | None = None


class AmendingFile(_Strict):
    """The schema of an act file that amends another act."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str | dict[str, str]
    amends: str
    dates: dict[str, Any]
    sources: dict[str, str] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    terms: dict[str, Any] = Field(default_factory=dict)
    notes: list[dict[str, Any]] = Field(default_factory=list)
    changes: list[ChangeFile] = Field(min_length=1)


@dataclass(frozen=True)
class Amending:
    """An amending act as it was read: its id, title, the act it amends and the day from which its changes stand."""

    id: str
    title: str | dict[str, str]
    amends: str
    day: date
    source: Source
    changes: tuple[ChangeFile, ...]


def amends(path: Path) -> str | None:
    """The id of the act that a file amends, by a look at its text; None where it amends none."""
    return written_key(path, "amends")


def written_key(path: Path, key: str) -> str | None:
    """A short text under a key at the top of a file, by a look at its text."""
    return _written(path, path.stat().st_mtime_ns).get(key)


@cache
def _written(path: Path, _changed: int) -> dict[str, str]:
    with path.open(encoding="utf-8", errors="replace") as text:
        found = (re.match(r"(id|amends):\s*['\"]?([a-z0-9][a-z0-9-]*)", line) for line in text)
        return {match[1]: match[2] for match in found if match}


def beside(path: Path) -> Iterator[Path]:
    """The act files that lie beside an act: in the folders next to its own, or in its own where it has none."""
    found = path.parent.parent.glob("*/act.yaml") if path.name == "act.yaml" else path.parent.glob("*.yaml")
    return (other for other in sorted(found) if other != path)


def read_amending(path: Path) -> Amending:
    """Read an act that amends another. Raises SourceErrors with everything that is wrong with its form."""
    source = read_source(path)
    model = None
    try:
        model = AmendingFile.model_validate(source.data)
    except ValidationError as error:
        for detail in error.errors():
            _form_problem(source, detail)
    data = source.data if isinstance(source.data, dict) else {}
    written = data.get("dates")
    day = written.get("in_force") if isinstance(written, dict) else None
    day = day.get("date") if isinstance(day, dict) else day
    if isinstance(written, dict) and not isinstance(day, date):
        source.problem(("dates",), "an amending act says when it takes effect", "write dates: {in_force: 2026-01-31}")
    for place, change in enumerate(data["changes"] if isinstance(data.get("changes"), list) else ()):
        try:
            _check_change(source, place, ChangeFile.model_validate(change))
        except ValidationError:  # told with the form of the file
            continue
    if source.problems or model is None or not isinstance(day, date):
        raise SourceErrors(source.file, source.problems)
    return Amending(model.id, model.title, model.amends, day, source, tuple(model.changes))


def _form_problem(source: Source, detail: Any) -> None:
    path, kind = tuple(detail["loc"]), detail["type"]
    known = ChangeFile if path[:1] == ("changes",) and len(path) > 1 else AmendingFile
    last = str(path[-1]) if path else "this"
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(last, list(known.model_fields), n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}? " if close else ""
        keys = ", ".join(known.model_fields)
        source.problem(path, f"unknown key {last}", f"{hint}keys here: {keys}", at_key=True)
    elif kind == "missing":
        source.problem(path[:-1], f"the key {last} is missing")
    elif kind == "too_short":
        source.problem(path, f"{last} holds nothing", "write at least one")
    else:
        source.problem(path, f"{last}: {detail['msg'].lower()}")


def _check_change(source: Source, place: int, change: ChangeFile) -> None:
    path: Steps = ("changes", place)
    said = [name for name in _ACTIONS if getattr(change, name) is not None]
    if len(said) != 1:
        what = "this change says nothing" if not said else f"this change says {' and '.join(said)}"
        source.problem(path, what, f"give it one of: {', '.join(_ACTIONS)}")
        return
    if said[0] in ("repeal", "date"):
        for key in ("source", "confidence"):
            if getattr(change, key) is None:
                source.problem(path, f"the key {key} is missing", "a repeal and a moved day say where they stand")
    elif change.source or change.confidence:
        source.problem(path, "source and confidence stand in the clause here", f"write them under {said[0]}:")
    if change.before is not None and not said[0].startswith("add_"):
        source.problem((*path, "before"), "only a clause that is added has a place", "leave before: out")


# --- the amended act ------------------------------------------------------------------------------------------


def merged(base: dict[str, Any], amending: Amending, changed: dict[str, str]) -> Source:
    """The first act's data with the changes of an amending act written in, as a source that points at the changes.

    `changed` holds the clauses that acts of the same day have changed already, by the act that did; those of this act
    are added to it. Problems stand in the source that is given back.
    """
    return _Merging(base, amending, changed).source


class _Merging:
    def __init__(self, base: dict[str, Any], amending: Amending, changed: dict[str, str]) -> None:
        self.amending, self.changed, self.mine = amending, changed, amending.source
        self.data = copy.deepcopy(base)
        self.data.setdefault("exclusions", [])
        #: Where in the amending file each clause that it brings stands, by the clause.
        self.brought: dict[int, Steps] = {}
        self.repealed: dict[str, Steps] = {}
        for section in ("sources", "facts", "terms"):
            self.further(section)
        self.data["notes"] = [*(self.data.get("notes") or []), *(self.mine.data.get("notes") or [])]
        for place, change in enumerate(amending.changes):
            self.change(("changes", place), change)
        self.check_limits()
        self.source = self.pointing()

    def further(self, section: str) -> None:
        there = self.data.setdefault(section, {})
        for name, value in (self.mine.data.get(section) or {}).items():
            if name in there and there[name] != value:
                what = f"{self.amending.amends} has another {name} under {section} already"
                self.mine.problem((section, name), what, "give it another name", at_key=True)
            there.setdefault(name, value)

    def change(self, path: Steps, change: ChangeFile) -> None:
        written = self.mine.data["changes"][path[1]]
        if change.date is not None:
            self.move_days((*path, "date"), written)
        elif change.add_grant is not None or change.add_exclusion is not None:
            key = "add_grant" if change.add_grant is not None else "add_exclusion"
            self.add((*path, key), "grants" if key == "add_grant" else "exclusions", written[key], change.before)
        elif change.repeal is not None:
            found = self.find(change.repeal, (*path, "repeal"))
            if found is not None and self.first(change.repeal, (*path, "repeal")):
                section, place = found
                self.data[section].pop(place)
                self.repealed[change.repeal] = (*path, "repeal")
        else:
            clause = written["replace"]
            name = clause.get("id")
            found = self.find(name, (*path, "replace", "id"))
            if found is not None and self.first(name, (*path, "replace", "id")):
                section, place = found
                self.data[section][place] = clause
                self.brought[id(clause)] = (*path, "replace")

    def add(self, path: Steps, section: str, clause: dict[str, Any], before: str | None) -> None:
        place = len(self.data[section])
        if before is not None:
            found = self.find(before, (*path[:-1], "before"))
            if found is not None and found[0] != section:
                self.mine.problem((*path[:-1], "before"), f"{before} is not one of the {section}")
            elif found is not None:
                place = found[1]
        name = clause.get("id")
        if isinstance(name, str) and self.first(name, (*path, "id")):
            self.data[section].insert(place, clause)
            self.brought[id(clause)] = path

    def move_days(self, path: Steps, written: dict[str, Any]) -> None:
        dates = self.data["dates"]
        for name, day in written["date"].items():
            if name == "in_force":
                what = "the day the first act took effect stays as it is"
                self.mine.problem((*path, name), what, "the changes apply from the in_force of this act", at_key=True)
            elif name not in dates:
                close = difflib.get_close_matches(name, list(dates), n=1, cutoff=0.5)
                hint = f"did you mean {close[0]}?" if close else ""
                self.mine.problem((*path, name), f"{self.amending.amends} names no day {name}", hint, at_key=True)
            elif self.first(f"the day {name}", (*path, name)):
                stated: dict[str, Any] = {"date": day}
                stated |= {key: written[key] for key in ("source", "confidence", "note") if key in written}
                dates[name] = stated if isinstance(day, date) else day

    def check_limits(self) -> None:
        """Lists that name a repealed clause name only the others from now on; an exclusion has to limit something."""
        for exclusion in self.data["exclusions"]:
            for key in ("limits", "except"):
                named = exclusion.get(key)
                if not isinstance(named, list) or id(exclusion) in self.brought:
                    continue
                left = [name for name in named if name not in self.repealed]
                if named and not left and key == "limits":
                    what = f"{exclusion['id']} limits {', '.join(named)} and nothing else"
                    self.mine.problem(self.repealed[named[0]], what, f"repeal or replace {exclusion['id']} as well")
                exclusion[key] = left
        meant = self.data.get("acknowledged") or []
        for one in meant:
            one["clauses"] = [clause for clause in one["clauses"] if clause not in self.repealed]
        self.data["acknowledged"] = [one for one in meant if one["clauses"]]

    def find(self, name: Any, path: Steps) -> tuple[str, int] | None:
        known = []
        for section in ("grants", "exclusions"):
            for place, clause in enumerate(self.data[section]):
                if clause.get("id") == name:
                    return section, place
                known.append(str(clause.get("id")))
        if name in self.changed:
            self.first(name, path)
            return None
        close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}?" if close else ""
        self.mine.problem(path, f"{self.amending.amends} has no clause {name}", hint)
        return None

    def first(self, name: str, path: Steps) -> bool:
        """Whether this is the first change of a clause on its day; a second one is a problem."""
        if name in self.changed:
            by = "this act" if self.changed[name] == self.amending.id else self.changed[name]
            self.mine.problem(path, f"{by} changes {name} on {self.amending.day} already", "make it one change")
            return False
        self.changed[name] = self.amending.id
        return True

    def pointing(self) -> Source:
        """The amended data, with the places of what the amending file brings; all else points at its changes."""
        mine = self.mine
        found = Source(mine.file, mine.text, self.data, mine.problems)
        moved: list[tuple[Steps, Steps]] = []
        for section in ("grants", "exclusions"):
            for place, clause in enumerate(self.data[section]):
                if id(clause) in self.brought:
                    moved.append((self.brought[id(clause)], (section, place)))
        moved += [
            ((section, name), (section, name))
            for section in ("sources", "facts", "terms")
            for name in mine.data.get(section) or {}
        ]
        found.point(mine, moved, ("changes",))
        return found
