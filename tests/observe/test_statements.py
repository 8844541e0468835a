"""Claims in words: each verdict rests on rows that exist and figures that are worked out, never typed."""

from __future__ import annotations

import re

import pytest

from clemency.law.library import library_path
from clemency.law.source import SourceErrors
from clemency.observe.statements import read_statements, statements
from clemency.observe.worked_out import Material, computations

PATH = library_path() / "claims" / "az" / "statements.yaml"
TEXT = PATH.read_text(encoding="utf-8")


def changed(folder, old: str, new: str):
    assert old in TEXT
    path = folder / "statements.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return read_statements(path, Material())


# --- the library's own


def test_every_verdict_still_rests_on_what_it_names() -> None:
    assert not [one.id for one in statements() if one.read_again]


def test_every_statement_has_evidence_and_a_verdict_in_every_language() -> None:
    for one in statements():
        assert set(one.said) == set(one.verdict) == {"en", "az", "ru"}, one.id
        assert one.evidence, one.id
        assert one.source_url.startswith("http"), one.id
        assert not any("{" in text for text in one.verdict.values()), one.id
        assert {piece.bears for piece in one.evidence} - {"context"}, one.id


def test_numbers_of_verdicts_and_evidence_are_worked_out_and_not_typed() -> None:
    """Four digits and more in a text are a year, or stand in braces."""
    for line in TEXT.splitlines():
        if re.match(r"\s*(-|id|source_url|claims|history|lists|events|date|speaker|#)", line):
            continue
        bare = re.sub(r"\{[^}]*\}", "", line)
        for number in re.findall(r"\d(?:[\d.]|[,\s](?=\d{3}\b))*\d{3}", bare):
            digits = re.sub(r"\D", "", number)
            said = line.strip().startswith(("en: The 11", "az: 2021", "ru: 11"))
            assert said or (len(digits) == 4 and 1900 <= int(digits) <= 2030), line


def test_the_largest_in_history_is_not_established() -> None:
    (one,) = [one for one in statements("az-2025") if one.id == "largest"]
    assert one.standing == "not_established"
    assert "18,355" in one.verdict["en"]
    assert "1,088 more" in one.verdict["en"]
    assert "18\u00a0355" in one.verdict["ru"]
    assert "19 fevral 2026" in one.verdict["az"]
    assert {piece.bears for piece in one.evidence} == {"for", "against"}


def test_very_rarely_on_the_lists_holds_in_part() -> None:
    (one,) = [one for one in statements("az-2025") if one.id == "rarely-listed"]
    assert one.standing == "holds_in_part"
    assert "52 of 392" in one.verdict["en"]
    assert {url for piece in one.evidence for _, url in piece.rests_on if url}


def test_what_the_computations_give() -> None:
    material = Material()
    found = {name: rule(material) for name, rule in computations().items()}
    assert found["largest_reported"].figures.margin == 18_355 - 17_267
    assert found["unsized_acts"].figures.left == (77_000 - 18_355) // 6
    assert found["groups_added"].figures.together == 117_000
    assert found["acts_before"].figures.with_doubtful == 13
    assert round(found["listed_covered"].figures.percent, 1) == 13.3
    assert found["listed_beside_all"].figures.all_percent < found["listed_covered"].figures.percent
    assert found["victory_anniversary"].figures.of_2003 == 58
    assert all(one.holds for one in found.values())


def test_every_computation_is_used_and_says_its_rule() -> None:
    named = set(re.findall(r"compute: (\w+)", TEXT))
    assert named == set(computations())
    assert all(rule.__doc__ for rule in computations().values())


def test_statements_of_one_act() -> None:
    assert {one.act for one in statements("az-2013")} == {"az-2013"}
    assert not statements("az-1999")


# --- files that do not fit, and figures that change


def test_a_verdict_whose_figures_no_longer_hold_must_be_read_again(monkeypatch) -> None:
    from clemency.observe import worked_out

    fewer = tuple(
        one.model_copy(update={"value": 15_000}) if one.claim_id == "c090" else one for one in Material().claims
    )
    monkeypatch.setattr(worked_out.Material, "claims", property(lambda _: fewer))
    found = {one.id: one for one in read_statements(PATH, Material())}
    assert found["largest"].read_again == ("largest_reported",)
    assert not found["four-years"].read_again


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("compute: largest_reported", "compute: largest_reprted", "no computation largest_reprted"),
        ("claims: [c090, c154]", "claims: [c999]", "no claims row c999"),
        ("history: [amnesty_acts_group 1996-2003]", "history: [amnesty_act 1896]", "no history row amnesty_act 1896"),
        ("clauses: [serious, especially_serious]", "clauses: [serous]", "no clauses row serous"),
        ("{largest_reported.margin:,}", "{largest_reported.gap:,}", "names a figure that is not worked out"),
        ("standing: not_established", "standing: probably", "holds_in_part"),
        ("  quoted: false\n", "  quote: false\n", "quoted is missing"),
        ("- id: rarely-listed", "- id: largest", "two statements bear one id"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path, old: str, new: str, message: str) -> None:
    with pytest.raises(SourceErrors, match=message) as told:
        changed(tmp_path, old, new)
    assert all(problem.line for problem in told.value.problems)
