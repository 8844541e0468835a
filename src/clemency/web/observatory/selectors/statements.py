"""Statements in words, with the evidence for and against each and a verdict that keeps what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clemency.observe.claims import Claim
from clemency.observe.statements import Evidence, Statement, statements
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.claims import every_claim
from clemency.web.observatory.selectors.people import KINDS
from clemency.web.observatory.selectors.watch_lists import every_publisher

#: What a row of the history tells of.
HISTORY: Mapping[str, Promise] = {
    "amnesty_act": _("act of amnesty"),
    "amnesty_acts_group": _("several acts of amnesty together"),
    "pardon_order": _("order of pardon"),
    "running_count": _("count of acts or orders so far"),
}


@dataclass(frozen=True)
class Row:
    """A row of the library that evidence rests on: a claim, a clause of an act, or what else it is, with its day."""

    title: Mapping[str, str]
    url: str
    what: Promise | None = None
    day: str = ""
    claim: Claim | None = None
    clause: str = ""
    act: str = ""


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
def evidence_that_counts(act_id: str, *computed: str) -> tuple[Evidence, ...]:
    """The first evidence about an act for each computation named, in the order of the names."""
    told = [one for statement in statements_about(act_id) for one in statement.evidence]
    found = (next((one for one in told if one.compute == name), None) for name in computed)
    return tuple(one for one in found if one is not None)


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
    kind, _space, rest = name.partition(" ")
    if kind == "claim":
        claim = next((one for one in every_claim() if one.claim_id == rest), None)
        return Row({}, url, claim=claim)
    if kind == "clause":
        clause, _of, act_id = rest.partition(" of ")
        act = next(one for one in every_act() if one.id == act_id)
        return Row(act.clause(clause).title, url, clause=clause, act=act_id)
    if kind == "history":
        what, _space, day = rest.partition(" ")
        return Row({}, url, HISTORY[what], day)
    if kind == "event":
        day, _space, what = rest.partition(" ")
        return Row({}, url, KINDS[what], day)
    publisher, _space, day = rest.rpartition(" ")
    title = next(one.publisher.title for one in every_publisher() if one.publisher.name == publisher)
    return Row(title, url, day=day)
