"""Which small changes of an act its own cases notice: a change that none notices needs an example, or changes nothing.

A change is noticed where some case would no longer get the answer that it expects. Of one that no case notices the
solver looks for a person whose answer it changes: that person is the example that is missing. Where there is none the
change is proved to change no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clemency.assure.coverage import describe
from clemency.assure.examples import Cases, Generator, Say, as_yaml, editions
from clemency.assure.variations import Variation
from clemency.law.act import Act


@dataclass(frozen=True)
class Survivor:
    """A change that no case notices, and the person who would show it."""

    change: Variation
    worked: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": self.change.kind,
            "place": self.change.place,
            "change": self.change.says,
            "example": as_yaml(self.worked),
        }


@dataclass
class Mutation:
    """What the cases of an act notice of all its small changes."""

    act: str
    changes: int
    noticed: int = 0
    survivors: list[Survivor] = field(default_factory=list)
    without_effect: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "act": self.act,
            "changes": self.changes,
            "noticed": self.noticed,
            "not_noticed": [one.as_json() for one in self.survivors],
            "without_effect": self.without_effect,
            "undecided": self.undecided,
        }


def mutate(act: Act, cases: Cases, say: Say = lambda _: None, every: int = 1, first: int = 0) -> Mutation:
    """Change an act in every small way (or every so-many-th, from the first given), and see what its cases notice.

    >>> from clemency.law.act import load_act
    >>> found = mutate(load_act("uk-sds40"), {}, every=50)
    >>> found.noticed, len(found.survivors) > 0
    (0, True)
    """
    found = Mutation(act.id, 0)
    for edition in editions(act, cases):
        generator = Generator(edition, say)
        chosen = generator.of.variations[first::every]
        generator.covering.wanted = chosen
        generator.take_given()
        for one in chosen:
            found.changes += 1
            say(f"change {found.changes}")
            _held_against(one, generator, found)
    return found


def _held_against(one: Variation, generator: Generator, found: Mutation) -> None:
    if one in generator.fixed:
        found.noticed += 1
        return
    generator.show(one)
    if one in generator.covering.met:
        _, name = generator.covering.met[one]
        found.survivors.append(Survivor(one, next(each.worked for each in generator.made if each.name == name)))
    elif one in generator.unproved:
        found.undecided.append(told(one))
    else:
        found.without_effect.append(told(one))


def told(one: Variation) -> str:
    """A change in a line: where, and what stands there instead."""
    return f"{describe(one).partition(': ')[0]}: {one.says}"
