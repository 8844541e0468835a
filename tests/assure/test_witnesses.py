"""People whom the solver names: none is shown unless the interpreter confirms it, and none says more than is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clemency.assure import claims, witnesses
from clemency.assure.solver import NotModelled, Unsettled
from clemency.assure.witnesses import Confirmation, Search
from clemency.law import rules
from clemency.law.act import load_act
from clemency.law.rules import And, Compare, Literal, Name, Not
from clemency.law.vocabulary import NUMBER

GOOD = sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))


def smaller(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A record with one thing left out, in every way; an offence keeps its article."""
    for name in record:
        if name not in ("case_id", "facts"):
            yield {key: value for key, value in record.items() if key != name}
    for name in record.get("facts", {}):
        yield {**record, "facts": {key: value for key, value in record["facts"].items() if key != name}}
    offences = record.get("offences", [])
    for place, offence in enumerate(offences):
        if len(offences) > 1:
            yield {**record, "offences": [one for number, one in enumerate(offences) if number != place]}
        for name in offence:
            if name != "article":
                less = {key: value for key, value in offence.items() if key != name}
                yield {**record, "offences": [less if number == place else one for number, one in enumerate(offences)]}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_person_shown_needs_every_field(path) -> None:
    act = load_act(path)
    search = Search(act)
    for grant in act.grants:
        claim = claims.given(act, grant)
        found = search.find(claim)
        assert found is not None
        confirmation = Confirmation(act, [claim], search.facts)
        (record,) = found.records
        assert confirmation.holds([record], found.law)
        decided = confirmation.decides(record)
        for less in smaller(record):
            still = confirmation.holds([less], found.law) and (confirmation.decides(less) or not decided)
            assert not still, f"{grant.id}: {record} says no more than {less}"


class _Stubborn(Confirmation):
    """An interpreter that denies the first people it is asked about, whoever they are."""

    denials = 0

    def holds(self, records: Any, law: Any) -> bool:
        type(self).denials -= 1
        return type(self).denials < 0 and super().holds(records, law)


def test_a_person_whom_the_interpreter_denies_is_not_shown(monkeypatch) -> None:
    act = load_act("az-2016")
    claim = claims.given(act, act.grants[0])
    monkeypatch.setattr(witnesses, "Confirmation", _Stubborn)
    monkeypatch.setattr(_Stubborn, "denials", 5)
    found = Search(act).find(claim)
    assert found is not None
    assert Confirmation(act, [claim], {}).holds(found.records, found.law)
    monkeypatch.setattr(_Stubborn, "denials", 1_000_000)
    with pytest.raises(Unsettled, match="confirmed by the interpreter"):
        Search(act).find(claim)


def test_nobody_is_found_where_nobody_can_be() -> None:
    act = load_act("az-2016")
    own = claims.met(act.grants[0])
    assert Search(act).find(And((own, Not(own)))) is None


def test_a_question_beyond_the_effort_of_the_solver_is_not_answered(monkeypatch) -> None:
    monkeypatch.setattr(witnesses, "_EFFORT", 1)
    act = load_act("az-2025")
    with pytest.raises(Unsettled, match="gave up"):
        Search(act).find(claims.granted(act))


def test_a_rule_about_what_there_is_no_picture_of_is_refused() -> None:
    act = load_act("az-2016")
    strange = Compare("<", Name("shoe_size", NUMBER), Literal(40, NUMBER))
    with pytest.raises(NotModelled, match="shoe_size"):
        Search(act).find(strange)
    assert rules.show(strange) == "shoe_size < 40"
