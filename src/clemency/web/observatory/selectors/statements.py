"""Statements in words, with the evidence for and against each and a verdict that keeps what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clemency.observe.claims import Claim
from clemency.observe.statements import Evidence, Statement, statements
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.claims import every_claim

_BEARINGS = ("for", "against", "context")


@dataclass(frozen=True)
class Row:
    """A row of the library that evidence rests on: a claim, a clause of an act, or a row by its name and address."""

    name: str
    url: str
    claim: Claim | None = None
    clause: str = ""
    act: str = ""
    title: Mapping[str, str] | None = None


@dataclass(frozen=True)
class EvidenceShown:
    """One piece of evidence with the rows it rests on."""

    text: Mapping[str, str]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class StatementShown:
    """A statement with its evidence by how it bears."""

    statement: Statement
    pro: tuple[EvidenceShown, ...]
    contra: tuple[EvidenceShown, ...]
    beside: tuple[EvidenceShown, ...]


@kept_for_the_edition
def every_statement() -> tuple[Statement, ...]:
    """Every judged statement."""
    return statements()


@kept_for_the_edition
def statements_about(act_id: str) -> tuple[Statement, ...]:
    """The judged statements about one act."""
    return statements(act_id)


@kept_for_the_edition
def statement_shown(statement_id: str) -> StatementShown:
    """One statement."""
    one = next(found for found in every_statement() if found.id == statement_id)
    by = {
        name: tuple(_shown(each) for each in one.evidence if each.bears == name)
        for name in ("for", "against", "context")
    }
    return StatementShown(one, by["for"], by["against"], by["context"])


def _shown(evidence: Evidence) -> EvidenceShown:
    return EvidenceShown(evidence.text, tuple(_row(name, url) for name, url in evidence.rests_on))


def _row(name: str, url: str) -> Row:
    kind, _, rest = name.partition(" ")
    if kind == "claim":
        return Row(name, url, claim=next((one for one in every_claim() if one.claim_id == rest), None))
    if kind == "clause":
        clause, _, act_id = rest.partition(" of ")
        act = next((one for one in every_act() if one.id == act_id), None)
        if act is not None:
            return Row(name, url, clause=clause, act=act_id, title=act.clause(clause).title)
    return Row(name.replace("_", " "), url)
