"""The closed vocabularies of the house: fields of the case record, kinds of punishment, reliefs, outcomes.

A field's type decides what the rule language lets one compare it with. Source: design of the case record; kinds of
punishment after Criminal Code of Azerbaijan Art. 42, reliefs after Art. 81.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Types of values in the rule language."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    ENUMERATION = "enumeration"
    DATE = "date"
    DURATION = "duration"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type, with the values of an enumeration in their order (`ordered` says whether that order means something)."""

    kind: Kind
    values: tuple[str, ...] = ()
    ordered: bool = False

    def rank(self, value: str) -> int:
        """Place of a value in the enumeration's order, from 0."""
        return self.values.index(value)


def _enumeration(*values: str, ordered: bool = False) -> ValueType:
    return ValueType(Kind.ENUMERATION, values, ordered)


BOOLEAN = ValueType(Kind.BOOLEAN)
NUMBER = ValueType(Kind.NUMBER)
TEXT = ValueType(Kind.TEXT)
DATE = ValueType(Kind.DATE)
DURATION = ValueType(Kind.DURATION)
ARTICLE = ValueType(Kind.ARTICLE)

CATEGORIES = ("no_great_public_danger", "less_serious", "serious", "especially_serious")
CATEGORY = _enumeration(*CATEGORIES, ordered=True)
SEX = _enumeration("female", "male")
STAGE = _enumeration("investigation", "trial", "serving", "served")
PUNISHMENT = _enumeration(
    "imprisonment",
    "life_imprisonment",
    "disciplinary_unit",
    "restriction_of_liberty",
    "correctional_works",
    "public_works",
    "military_restriction",
    "fine",
    "loss_of_post",
)
INSTITUTION = _enumeration("settlement", "general", "strict", "special", "prison")
RECIDIVISM = _enumeration("none", "simple", "dangerous", "especially_dangerous", ordered=True)
GUILT = _enumeration("intent", "negligence")
FORM = _enumeration("completed", "attempt", "preparation")

#: Scalar fields of the case record that a rule may name, in the order of the record.
CASE_FIELDS: dict[str, ValueType] = {
    "birth_date": DATE,
    "sex": SEX,
    "citizenship": TEXT,
    "stage": STAGE,
    "holder": TEXT,
    "punishment": PUNISHMENT,
    "suspended": BOOLEAN,
    "deferred": BOOLEAN,
    "foreign_judgment": BOOLEAN,
    "institution_type": INSTITUTION,
    "term_months": NUMBER,
    "term_days": NUMBER,
    "term_start": DATE,
    "term_end": DATE,
    "credit_days": NUMBER,
    "judgment_date": DATE,
    "first_conviction": BOOLEAN,
    "recidivism": RECIDIVISM,
}

#: Worked out from the record: the length imposed, the worst category among the offences and their number.
DERIVED_FIELDS: dict[str, ValueType] = {"term": DURATION, "worst_category": CATEGORY, "offence_count": NUMBER}

#: Fields of one offence, inside `any offence (...)` and `every offence (...)`.
OFFENCE_FIELDS: dict[str, ValueType] = {
    "article": ARTICLE,
    "committed_on": DATE,
    "guilt": GUILT,
    "form": FORM,
    "category": CATEGORY,
}

IDENTITY_FIELDS = ("case_id", "person_id")

#: Days of the main punishment that one day of custody before the sentence counts for (Criminal Code Art. 69.3).
#: Public works are counted in hours and have no end date; a fine and loss of a post run no term against custody.
CUSTODY_CREDIT = {
    "imprisonment": 1,
    "disciplinary_unit": 1,
    "restriction_of_liberty": 2,
    "correctional_works": 4,
    "military_restriction": 4,
}

#: The kinds of punishment from the gravest to the mildest (Criminal Code Art. 42, read from its end).
GRAVEST_FIRST = ("life_imprisonment", *(kind for kind in PUNISHMENT.values if kind != "life_imprisonment"))

RELIEFS = ("end_prosecution", "release", "reduce", "replace", "lift_additional", "lift_record", "release_point")
#: What a cut is measured by: a share of the term, a share of the rest, a length.
MEASURES = ("term", "rest", "length")
OUTCOMES = ("granted", "excluded", "not_covered", "undetermined")
CONFIDENCES = ("high", "medium", "low")
