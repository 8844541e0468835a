"""Claims as pages show them: figures gathered by what they say, who printed each, what agrees and what does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clemency.law.act import Translated
from clemency.observe.claims import Claim, Quantity, Scope, claims, quantities, scopes
from clemency.observe.conflicts import Conflict, Impossible
from clemency.observe.qualifiers import Worded, tolerances
from clemency.observe.sums import SumCheck
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.selectors.acts import every_act
from clemency.web.observatory.selectors.carried_out import reconciliation_of

_RELAY = re.compile(r"^(?P<outlet>.+?) (?P<how>citing|quoting|via) (?P<origin>.+)$")


@dataclass(frozen=True)
class Chain:
    """Where a printed figure says it comes from: the outlet, and the release, agency or person it names."""

    outlet: str
    origin: str


@dataclass(frozen=True)
class Print:
    """One place where a figure was read."""

    claim: Claim
    chain: Chain


@dataclass(frozen=True)
class Told:
    """One wording of one figure, with everybody who prints it; the first is the one that names its origin."""

    value: int
    qualifier: str
    prints: tuple[Print, ...]

    @property
    def row(self) -> str:
        """The claim that stands for the wording."""
        return self.prints[0].claim.claim_id


@dataclass(frozen=True)
class Line:
    """One quantity with all the ways in which it was told of one group of reports."""

    quantity: Quantity
    told: tuple[Told, ...]
    conflict: str

    @property
    def rows(self) -> int:
        """How many lines it takes."""
        return len(self.told)


@dataclass(frozen=True)
class Report:
    """Figures that speak of one thing: what was expected; or what one body counted up to one day in one scope."""

    id: str
    planned: bool
    final: bool
    as_of: str
    body: str
    scope: Scope | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class SumShown:
    """A sum that does not close, or closes only when words are stretched."""

    check: SumCheck
    quantity: Quantity


@dataclass(frozen=True)
class ImpossibleShown:
    """Two counts that cannot both be right."""

    clash: Impossible
    one: Quantity
    other: Quantity


@dataclass(frozen=True)
class Relay:
    """One release, agency or person, with the outlets that print its figures and how many of them each prints."""

    origin: str
    body: str
    day: str
    outlets: tuple[tuple[str, str, int, Claim], ...]

    @property
    def figures(self) -> int:
        """The most figures that any outlet prints of it."""
        return max(count for _, _, count, _ in self.outlets)


@dataclass(frozen=True)
class ActClaims:
    """All claims about one act."""

    act_id: str
    title: Mapping[str, str]
    in_library: bool
    reports: tuple[Report, ...]
    sums: tuple[SumShown, ...]
    impossible: tuple[ImpossibleShown, ...]
    relays: tuple[Relay, ...]
    count: int
    by_source: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Beside:
    """Another claim on the same quantity of the same act, and how the two stand to each other."""

    claim: Claim
    standing: str


@dataclass(frozen=True)
class ClaimShown:
    """One claim with what it counts, where it comes from, and what agrees with it."""

    claim: Claim
    quantity: Quantity
    scope: Scope
    chain: Chain
    title: Mapping[str, str]
    in_library: bool
    beside: tuple[Beside, ...]
    sums: tuple[SumShown, ...]


#: Acts that claims speak of and that the library has no text of.
OTHER_ACTS: Mapping[str, Mapping[str, str]] = {
    name: Translated(**texts).model_dump()
    for name, texts in {
        "az-2013": {"en": "The act of 2013", "az": "2013-cü il aktı", "ru": "Акт 2013 года"},
        "az-2009": {"en": "The act of 2009", "az": "2009-cu il aktı", "ru": "Акт 2009 года"},
        "az-2007": {"en": "The act of 2007", "az": "2007-ci il aktı", "ru": "Акт 2007 года"},
        "az-first": {
            "en": "The first act of the series, of an uncertain year",
            "az": "Sıranın ilk aktı, ili dəqiq deyil",
            "ru": "Первый акт ряда, год точно не известен",
        },
        "az-1996-2003": {
            "en": "The acts of 1996 to 2003 together",
            "az": "1996–2003-cü illərin aktları birlikdə",
            "ru": "Акты 1996–2003 годов вместе",
        },
        "az-2007-2013": {
            "en": "The acts of 2007, 2009 and 2013 together",
            "az": "2007, 2009 və 2013-cü illərin aktları birlikdə",
            "ru": "Акты 2007, 2009 и 2013 годов вместе",
        },
        "az-1995-2021": {
            "en": "The acts before that of 2021 together",
            "az": "2021-ci ildən əvvəlki aktlar birlikdə",
            "ru": "Акты до 2021 года вместе",
        },
    }.items()
}


@kept_for_the_edition
def every_claim() -> tuple[Claim, ...]:
    """Every claim of the library."""
    return claims()


@kept_for_the_edition
def acts_with_claims() -> tuple[str, ...]:
    """The ids of acts that some claim speaks of, in the order of the claims."""
    return tuple(dict.fromkeys(claim.act_id for claim in every_claim()))


@kept_for_the_edition
def act_claims(act_id: str) -> ActClaims:
    """The claims about an act, gathered."""
    of = tuple(claim for claim in every_claim() if claim.act_id == act_id)
    known, found = quantities(), reconciliation_of(act_id)
    checks = [check for check in found.sums if check.verdict in ("apart", "stretched")]
    types = dict.fromkeys(claim.source_type or "" for claim in of)
    return ActClaims(
        act_id,
        act_title(act_id),
        is_in_library(act_id),
        tuple(_reports(of, found.conflicts)),
        tuple(SumShown(check, known[check.quantity]) for check in checks),
        tuple(ImpossibleShown(one, known[one.one.quantity], known[one.other.quantity]) for one in found.impossible),
        tuple(_relays(of)),
        len(of),
        tuple((name, sum((claim.source_type or "") == name for claim in of)) for name in types),
    )


@kept_for_the_edition
def claim_shown(claim_id: str) -> ClaimShown:
    """One claim with its surroundings."""
    claim = next(one for one in every_claim() if one.claim_id == claim_id)
    of = [one for one in every_claim() if one.act_id == claim.act_id]
    known, checks = quantities(), reconciliation_of(claim.act_id).sums
    sums = [SumShown(one, known[one.quantity]) for one in checks if claim in (one.total, *one.parts)]
    beside = [Beside(one, _standing(claim, one)) for one in of if one.quantity == claim.quantity and one != claim]
    return ClaimShown(
        claim,
        known[claim.quantity],
        scopes().by_name[claim.scope],
        chain_of(claim),
        act_title(claim.act_id),
        is_in_library(claim.act_id),
        tuple(beside),
        tuple(sums),
    )


def act_title(act_id: str) -> Mapping[str, str]:
    """The title of an act; of one that the library has no text of, what it is called here."""
    for act in every_act():
        if act.id == act_id:
            return act.title
    return OTHER_ACTS.get(act_id, {"en": act_id})


def is_in_library(act_id: str) -> bool:
    """Whether the library has the act itself."""
    return act_id in {act.id for act in every_act()}


def chain_of(claim: Claim) -> Chain:
    """The outlet of a claim and the origin it names.

    >>> from types import SimpleNamespace
    >>> chain_of(SimpleNamespace(source_name="News.Az citing AZERTAC"))
    Chain(outlet='News.Az', origin='AZERTAC')
    >>> chain_of(SimpleNamespace(source_name="AzerNews via MENAFN"))
    Chain(outlet='MENAFN', origin='AzerNews')
    """
    found = _RELAY.match(claim.source_name)
    if found is None:
        return Chain(claim.source_name, "")
    if found["how"] == "via":
        return Chain(found["origin"], found["outlet"])
    return Chain(found["outlet"], found["origin"])


def _reports(of: Sequence[Claim], found: Iterable[Conflict]) -> Iterable[Report]:
    sharp = {(one.quantity, one.planned, one.as_of, one.scope): one.kind for one in found}
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in of:
        key = ("planned",) if claim.planned else (claim.stage, claim.as_of, claim.body, claim.scope)
        groups.setdefault(key, []).append(claim)
    order = sorted(groups.values(), key=lambda group: (not group[0].planned, group[0].as_of or date.max))
    for place, group in enumerate(order, start=1):
        first = group[0]
        lines = []
        for name in dict.fromkeys(claim.quantity for claim in group):
            day, counted = (None, None) if first.planned else (first.as_of, first.scope)
            told = tuple(_told(claim for claim in group if claim.quantity == name))
            kind = sharp.get((name, first.planned, day, counted), "") if len(told) > 1 else ""
            lines.append(Line(quantities()[name], told, kind))
        scope = None if first.planned else scopes().by_name[first.scope]
        as_of = first.as_of.isoformat() if first.as_of and not first.planned else ""
        yield Report(
            f"report-{place}", first.planned, first.stage == "final", as_of, first.body or "", scope, tuple(lines)
        )


def _told(group: Iterable[Claim]) -> Iterable[Told]:
    printed: dict[tuple[int, str], list[Print]] = {}
    for claim in group:
        printed.setdefault((claim.value, claim.qualifier), []).append(Print(claim, chain_of(claim)))
    for (value, qualifier), prints in printed.items():
        yield Told(value, qualifier, tuple(prints))


def _relays(of: Sequence[Claim]) -> Iterable[Relay]:
    """Releases that more than one outlet prints, the widest spread first."""
    releases: dict[tuple[str, str, str], dict[str, list[Claim]]] = {}
    for claim in of:
        day = claim.as_of.isoformat() if claim.as_of else (claim.date or "")
        if claim.body:
            outlets = releases.setdefault((claim.body, day, claim.scope), {})
            outlets.setdefault(claim.source_name, []).append(claim)
    wide = sorted(releases.items(), key=lambda one: -len(one[1]))
    for (body, day, _scope), outlets in wide:
        if len(outlets) > 1:
            chains = {name: chain_of(found[0]) for name, found in outlets.items()}
            origins = dict.fromkeys(chain.origin for chain in chains.values() if chain.origin)
            shown = tuple(
                (chains[name].outlet, chains[name].origin, len(found), found[0]) for name, found in outlets.items()
            )
            yield Relay(", ".join(origins), body, day, shown)


def _standing(claim: Claim, other: Claim) -> str:
    """`same`, `agrees`, `differs`; or `expected`, `reported`, `elsewhere`, which are not compared.

    An expectation and a report are two things; so are reports of different days or of different people.
    """
    if claim.planned != other.planned:
        return "expected" if other.planned else "reported"
    if not claim.planned and (claim.scope, claim.as_of) != (other.scope, other.as_of):
        return "elsewhere"
    if (claim.value, claim.qualifier) == (other.value, other.qualifier):
        return "same"
    allowed = tolerances()
    one, two = (Worded.of(each.value, each.qualifier, allowed).literal for each in (claim, other))
    return "agrees" if one.meets(two) else "differs"
