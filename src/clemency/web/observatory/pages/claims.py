"""Claims: the acts they speak of, all claims about one act, and one claim with what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clemency.web.observatory.registry import Values, page
from clemency.web.observatory.selectors import claim_words
from clemency.web.observatory.selectors.claims import act_claims, acts_with_claims, claim_shown, every_claim
from clemency.web.observatory.selectors.statements import every_statement, statement_shown
from clemency.web.observatory.shown import missing, show


def each_act() -> Iterable[Values]:
    """The id of every act that some claim speaks of."""
    return ({"act": act} for act in acts_with_claims())


def each_claim() -> Iterable[Values]:
    """The act and the id of every claim."""
    return ({"act": claim.act_id, "claim": claim.claim_id} for claim in every_claim())


def each_statement() -> Iterable[Values]:
    """The id of every judged statement."""
    return ({"statement": one.id} for one in every_statement())


@page("claims", "claims/")
def claims(request: Any) -> Any:
    """Statements judged, and figures by act."""
    acts = [act_claims(act) for act in acts_with_claims()]
    return show(
        request, "claims/claims.html", {"acts": acts, "count": len(every_claim()), "statements": every_statement()}
    )


@page("statement", "claims/statements/<slug:statement>/", each_statement)
def statement(request: Any, statement: str) -> Any:
    """One statement in words, judged."""
    if statement not in {one.id for one in every_statement()}:
        raise missing(f"no statement {statement}")
    return show(request, "claims/statement.html", {"shown": statement_shown(statement)}, area="claims")


@page("act-claims", "claims/<slug:act>/", each_act)
def claims_of_an_act(request: Any, act: str) -> Any:
    """Every figure about one act, what does not add up, and who repeats whom."""
    if act not in acts_with_claims():
        raise missing(f"no claim about {act}")
    return show(request, "claims/act-claims.html", {"shown": act_claims(act)}, area="claims")


@page("claim", "claims/<slug:act>/<slug:claim>/", each_claim)
def claim(request: Any, act: str, claim: str) -> Any:
    """One figure: who said it, whom it counts, where it was read, what agrees and disagrees."""
    if (act, claim) not in {(one.act_id, one.claim_id) for one in every_claim()}:
        raise missing(f"no claim {claim} about {act}")
    shown = claim_shown(claim)
    words = {
        "stage": claim_words.STAGES[shown.claim.stage],
        "body": claim_words.BODIES.get(shown.claim.body or "", ""),
        "source_type": claim_words.SOURCE_TYPES.get(shown.claim.source_type or "", ""),
        "caution": claim_words.CAUTIONS.get(shown.claim.caution or "", ""),
    }
    return show(request, "claims/claim.html", {"shown": shown, "words": words}, area="claims")
