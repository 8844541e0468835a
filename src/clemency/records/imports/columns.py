"""Headings of a file and the fields that they mean, as the synonyms of the library propose them."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache

from clemency.law.vocabulary import CASE_FIELDS, IDENTITY_FIELDS
from clemency.records.imports.spelling import all_words, folded, imports_file
from clemency.records.imports.tables import Table

#: What a column may mean beside a field of the record: a term in words or in years, and the category stated.
COMPOSITE = ("term", "term_years", "category")
OFFENCE_TARGETS = ("offences.article", "offences.committed_on", "offences.guilt", "offences.form")


def targets(facts: Iterable[str]) -> list[str]:
    """Everything that a column may mean."""
    fields = [*IDENTITY_FIELDS, *CASE_FIELDS, *COMPOSITE, *OFFENCE_TARGETS]
    return fields + [f"facts.{name}" for name in facts]


@cache
def synonyms() -> dict[str, str]:
    """Headings as they are compared, with the field that each means."""
    listed = imports_file("columns")["fields"]
    return {word: field for field, words in listed.items() for word in all_words(words)}


@cache
def left_out_words() -> frozenset[str]:
    """Headings of what the record has no field for."""
    return all_words(imports_file("columns")["left_out"])


def known_headings(facts: Iterable[str], more: Iterable[str] = ()) -> frozenset[str]:
    """Every heading that would be recognised; it is by these that the row of the heading is found."""
    own = {folded(name) for name in targets(facts)} | {folded(name) for name in more}
    return frozenset(own | set(synonyms()) | left_out_words())


def proposed(heading: str, facts: Collection[str], nested: str = "") -> str | None:
    """The field that a heading means, or None.

    >>> proposed("İşin nömrəsi", []), proposed("дата рождения:", []), proposed("Tarix", [])
    ('case_id', 'birth_date', None)
    """
    if nested and heading.startswith(f"{nested}."):
        inner = heading.removeprefix(f"{nested}.")
        own = f"offences.{inner}"
        if own in OFFENCE_TARGETS:
            return own
        found = synonyms().get(folded(inner))
        return found if found in OFFENCE_TARGETS else None
    if heading in targets(facts):
        return heading
    bare = folded(heading)
    for name in (bare.replace(" ", "_"), *(f"facts.{fact}" for fact in facts if folded(fact) == bare)):
        if name in targets(facts):
            return name
    return synonyms().get(bare)


def near_field(heading: str, facts: Collection[str]) -> str | None:
    """The field whose synonym is most like a heading that none of them matches; for a hint, never for use."""
    known = {**synonyms(), **{folded(name): name for name in targets(facts)}}
    close = difflib.get_close_matches(folded(heading), known, n=1, cutoff=0.7)
    return known[close[0]] if close else None


def given_twice(fields: Iterable[str]) -> list[str]:
    """Fields that more than one column of a table means."""
    return [field for field, count in Counter(fields).items() if count > 1]


def holds_offences_alone(table: Table, mapping: dict[str, str]) -> bool:
    """Whether a table is a sheet of offences: case number and article, and no other field of a case."""
    fields = set(mapping.values())
    return "offences.article" in fields and fields <= {"case_id", "category", *OFFENCE_TARGETS} and table.nested is None
