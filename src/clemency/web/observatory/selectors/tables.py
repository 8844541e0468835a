"""Every table of the Observatory with its rows: sheets of the library, and what is worked out from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from clemency.law.act import Exclusion, Grant, Reservation
from clemency.observe import data_package
from clemency.observe.claims import quantities, scopes
from clemency.observe.corrections import corrections
from clemency.observe.data_package import DataPackage, Value
from clemency.observe.people import people_in_the_news
from clemency.web.edition import edition, kept_for_the_edition
from clemency.web.observatory.exports.forms import Row, Table, in_form
from clemency.web.observatory.selectors.acts import acts_here, every_act
from clemency.web.observatory.selectors.carried_out import estimate_of, reconciliation_of
from clemency.web.observatory.selectors.claims import acts_with_claims
from clemency.web.observatory.selectors.statements import every_statement


@dataclass(frozen=True)
class Release:
    """Which data these are: the version that people cite, and the edition that names the content."""

    version: str
    edition: str

    @property
    def name(self) -> str:
        """Both in one: a version with the edition as its build."""
        return f"{self.version}+{self.edition}"


@kept_for_the_edition
def package() -> DataPackage:
    """What the package says of itself and of its tables."""
    return data_package.data_package()


@kept_for_the_edition
def release() -> Release:
    """The version and edition of the data."""
    return Release(package().version, edition())


@kept_for_the_edition
def text_of(name: str) -> str:
    """A text that travels with the package: `CHANGES.md`, `LICENCE.txt`."""
    return (data_package.folder() / name).read_text(encoding="utf-8")


@kept_for_the_edition
def every_table() -> tuple[Table, ...]:
    """The tables that have rows to show, in the order of the package; the log of corrections also when it is empty."""
    found = (table(name) for name in package().tables)
    return tuple(one for one in found if one.rows or one.name == "corrections")


@kept_for_the_edition
def table(name: str) -> Table:
    """One table. Raises KeyError where there is none by the name."""
    about = package().tables[name]
    if name == "corrections":
        corrections()
    rows = data_package.sheet_rows(about) if about.file else tuple(_WORKED_OUT[name]())
    return Table(about, tuple(rows))


@kept_for_the_edition
def file_of_table(name: str, ending: str) -> bytes:
    """A table as a file."""
    return in_form(table(name), ending)


def _quantities() -> Iterator[Row]:
    for name, one in quantities().items():
        row = {"quantity": name, "unit": one.unit, "within": one.within, "parts": list(one.parts)}
        yield {**row, **_in_columns("title", one.title)}


def _scopes() -> Iterator[Row]:
    for name, one in scopes().by_name.items():
        yield {"scope": name, "plan": one.plan, "within": one.within, **_in_columns("title", one.title)}


def _statements() -> Iterator[Row]:
    for one in every_statement():
        yield {
            "statement": one.id,
            "act_id": one.act,
            "quoted": one.quoted,
            "speaker": one.speaker,
            "date": one.date.isoformat() if one.date else None,
            "source_name": one.source_name,
            "source_url": one.source_url,
            "standing": one.standing,
            **_in_columns("said", one.said),
            **_in_columns("verdict", one.verdict),
        }


def _clauses() -> Iterator[Row]:
    for act in every_act():
        clauses: Iterable[Grant | Exclusion | Reservation] = (*act.grants, *act.exclusions, *act.reservations)
        for one in clauses:
            yield {
                "act_id": act.id,
                "clause": one.id,
                "kind": type(one).__name__.lower(),
                "rule": one.rule or None,
                "relief": one.relief.kind if isinstance(one, Grant) else None,
                "limits": [] if isinstance(one, Grant) else list(one.limits),
                "law_unknown_en": None if isinstance(one, Reservation) else one.law_unknown.get("en"),
                "confidence": one.confidence,
                "sources": [act.sources.get(key, key) for key in one.sources],
                **_in_columns("title", one.title),
            }


def _estimates() -> Iterator[Row]:
    for act in every_act():
        kept = estimate_of(act.id)
        for line in kept.quantities if kept else ():
            yield {
                "act_id": act.id,
                "as_of": kept.as_of.isoformat() if kept else None,
                **{name: getattr(line, name) for name in ("by", "name", "unit", "median")},
                **{name: getattr(line, name) for name in ("low50", "high50", "low90", "high90")},
            }


def _reconciliation() -> Iterator[Row]:
    for act_id in acts_with_claims():
        for line in reconciliation_of(act_id).lines:
            expected, given = line.expected, line.given
            told = [*line.undated, *(one.point.claim for one in line.reported)]
            last = told[-1] if told else None
            yield {
                "act_id": act_id,
                "quantity": line.quantity.name,
                "announced": expected.value if expected else None,
                "announced_said": expected.said if expected else None,
                "announced_claims": [claim.claim_id for claim in expected.claims] if expected else [],
                "rules": given.middle if given else None,
                "rules_low90": given.outer.low if given else None,
                "rules_high90": given.outer.high if given else None,
                "reported": last.value if last else None,
                "reported_qualifier": last.qualifier if last else None,
                "reported_as_of": last.as_of.isoformat() if last and last.as_of else None,
                "reported_scope": last.scope if last else None,
                "reported_claim": last.claim_id if last else None,
            }


def _answers() -> Iterator[Row]:
    """Of the latest act only: for an earlier one the records hold too much that came later."""
    act = acts_here()[0]
    for one in people_in_the_news(act):
        yield {
            "person_id": one.record.case_id,
            "act_id": act.id,
            "outcome": one.determination.outcome,
            "turn": one.turn.kind,
            "clauses": list(one.turn.clauses),
            "exclusions": list(one.turn.exclusions),
            "missing": list(dict.fromkeys(item.name for item in one.determination.missing)),
            "last_report": one.last_report,
            "source_url": one.url,
        }


def _in_columns(name: str, texts: Mapping[str, str]) -> dict[str, Value]:
    return {f"{name}_{language}": texts.get(language) for language in ("en", "az", "ru")}


_WORKED_OUT: Mapping[str, Callable[[], Iterator[Row]]] = {
    "quantities": _quantities,
    "scopes": _scopes,
    "statements": _statements,
    "clauses": _clauses,
    "estimates": _estimates,
    "reconciliation": _reconciliation,
    "answers": _answers,
}
