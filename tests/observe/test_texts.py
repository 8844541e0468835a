"""Every text of the data that a page shows has its translations, and a translation says the same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clemency.law import rules
from clemency.law.act import LANGUAGES, Act, library_acts, load_act, translated
from clemency.law.library import library_path
from clemency.observe.claims import claims, history, scopes
from clemency.observe.data_package import data_package
from clemency.observe.statements import statements
from clemency.observe.texts import every_text, shown_texts

#: The acts of the country that the site watches; notes on others may stand in English, marked as such.
ACTS = [act for act in map(load_act, library_acts()) if act.jurisdiction == "az"]
SHEETS = sorted(library_path().rglob("texts.csv"))
#: What is a name in every language.
NAMES = {"Modern.az", "Podrobnosti", "OC Media"}


def of_claims() -> Iterator[str]:
    yield from (one.note for one in claims())
    yield from (one.note for one in scopes().by_name.values())
    yield from (one.speaker for one in statements())
    for row in history():
        yield from (row.note or "", row.political_prisoners_included or "")
        if row.record_type == "running_count":
            yield row.occasion or ""


def of_act(act: Act) -> Iterator[str]:
    clauses = (*act.grants, *act.exclusions, *act.reservations)
    files = [*(one.note for one in act.date_notes.values()), *(one.text for one in act.notes)]
    for note in (*(one.note for one in clauses), *map(translated, filter(None, files))):
        if note and set(note) < set(LANGUAGES):
            yield note["en"]


def of_titles(act: Act) -> Iterator[str]:
    listed = (atom for one in act.exclusions for atom in rules.atoms(one.condition) if isinstance(atom, rules.Listed))
    for atom in listed:
        for article in (*atom.certain, *atom.uncertain):
            yield from (part.title for part in act.code.parts_meant(article.rpartition(":")[2])[:1])


def shown() -> dict[str, set[str]]:
    """The texts that pages show, by the folder of the library that they are of."""
    found = {"claims/az": set(of_claims())}
    found["package"] = {column.about for one in data_package().tables.values() for column in one.columns}
    for act in ACTS:
        found[f"acts/{act.id}"] = set(of_act(act))
    return {name: {text for text in texts - NAMES if re.search("[a-z]", text)} for name, texts in found.items()}


@pytest.mark.parametrize("name", shown())
def test_no_translation_is_missing_and_none_is_left_over(name) -> None:
    assert set(shown_texts(library_path() / name / "texts.csv")) == shown()[name]


def test_every_article_that_an_act_names_has_its_title() -> None:
    titles = {title for act in ACTS for title in of_titles(act)}
    assert titles
    assert not titles - set(every_text())


def test_every_piece_of_evidence_is_told_in_every_language() -> None:
    told = [one.text for statement in statements() for one in statement.evidence]
    assert told
    assert not [text["en"] for text in told if set(text) != set(LANGUAGES)]


def numbers(text: str) -> list[str]:
    """The numbers of a text without what sets their thousands apart, and a decimal point for a comma.

    >>> numbers("over 10,000 and 5.6"), numbers("10\\xa0000-dən çox, 5,6")
    (['10000', '5.6'], ['10000', '5.6'])
    """
    together = re.sub(r"(?<=\d)[,\u00a0 ](?=\d{3}\b)", "", text)
    return sorted(re.findall(r"\d+(?:\.\d+)*", re.sub(r"(?<=\d),(?=\d)", ".", together)))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.parent.relative_to(library_path()).as_posix())
def test_a_translation_has_the_numbers_of_its_text(path: Path) -> None:
    breaches = [
        f"{text}: {told[language]}"
        for text, told in shown_texts(path).items()
        for language in ("az", "ru")
        if numbers(told[language]) != numbers(told["en"])
    ]
    assert not breaches, "\n".join(breaches)


def test_evidence_has_the_same_numbers_in_every_language() -> None:
    breaches = [
        one.text
        for statement in statements()
        for one in statement.evidence
        if len({tuple(numbers(text)) for text in one.text.values()}) > 1
    ]
    assert not breaches, "\n".join(map(str, breaches))
