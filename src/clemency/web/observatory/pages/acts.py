"""The acts of the library: the list, and each clause by clause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.law.act import LANGUAGES
from clemency.web.observatory.registry import Values, document, page
from clemency.web.observatory.selectors.act_maps import file_of_map
from clemency.web.observatory.selectors.acts import act_shown, acts_here, every_act
from clemency.web.observatory.selectors.carried_out import carried_out
from clemency.web.observatory.selectors.claims import acts_with_claims
from clemency.web.observatory.shown import hand_over, missing, show


def each_act() -> Iterable[Values]:
    """The id of every act."""
    return ({"act": act.id} for act in every_act())


def each_map() -> Iterable[Values]:
    """The map of every act in every language."""
    return ({"language": language, **act} for language in LANGUAGES for act in each_act())


def each_act_with_examples() -> Iterable[Values]:
    """The id of every act of which the library has worked examples."""
    return ({"act": act.id} for act in every_act() if act_shown(act.id, "en").examples)


def each_act_with_claims() -> Iterable[Values]:
    """The id of every act of which the library has figures too."""
    return ({"act": act.id} for act in every_act() if act.id in acts_with_claims())


@page("acts", "acts/")
def acts(request: Any) -> Any:
    """Every act of the library: those of the country, then those of others."""
    here = [act_shown(act.id, request.language) for act in acts_here()]
    elsewhere = [act_shown(act.id, request.language) for act in every_act() if act not in acts_here()]
    return show(request, "acts/acts.html", {"parts": [here, elsewhere]})


@page("act", "acts/<slug:act>/", each_act)
def act(request: Any, act: str) -> Any:
    """One act: a map of it, its clauses, exclusions, open questions, days and sources."""
    if act not in {one.id for one in every_act()}:
        raise missing(f"no act {act}")
    values = {"shown": act_shown(act, request.language), "has_figures": act in acts_with_claims()}
    return show(request, "acts/act.html", values, area="acts")


@document("act-map", "<language:language>/acts/<slug:act>/map.svg", each_map)
def act_map(request: Any, act: str) -> Any:
    """The map of one act as a picture of its own."""
    if act not in {one.id for one in every_act()}:
        raise missing(f"no act {act}")
    return hand_over(file_of_map(act, request.language), "image/svg+xml")


@page("act-examples", "acts/<slug:act>/examples/", each_act_with_examples)
def act_examples(request: Any, act: str) -> Any:
    """The worked examples of one act: each with the answer expected and who has signed it."""
    if act not in {values["act"] for values in each_act_with_examples()}:
        raise missing(f"no worked examples of an act {act}")
    return show(request, "acts/act-examples.html", {"shown": act_shown(act, request.language)}, area="acts")


@page("carried-out", "acts/<slug:act>/carried-out/", each_act_with_claims)
def act_carried_out(request: Any, act: str) -> Any:
    """What was announced of an act, what its rules give, what was reported, and what does not agree."""
    if act not in {values["act"] for values in each_act_with_claims()}:
        raise missing(f"no figures of an act {act}")
    return show(request, "acts/carried-out.html", {"shown": carried_out(act, request.language)}, area="acts")
