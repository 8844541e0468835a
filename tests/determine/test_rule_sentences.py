"""Clauses as sentences: golden sentences of the library's acts, and laws that hold for every tree a rule can have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clemency.determine.rule_sentences import (
    Line,
    RuleSentence,
    clause_sentence,
    condition_sentence,
    open_sentence,
    relief_sentence,
)
from clemency.determine.rule_words import fact_phrases, phrases
from clemency.law import rules
from clemency.law.act import LANGUAGES, Act, Exclusion, Grant, Reservation, library_acts, load_act
from clemency.law.calendar import Duration
from clemency.law.reliefs import Relief
from clemency.law.rules import And, AnyOffence, Condition, EveryOffence, Not, Or, Scope, Term
from clemency.law.vocabulary import BOOLEAN, CATEGORIES, DATE, NUMBER, TEXT, Kind, ValueType

GOLDEN = Path(__file__).with_name("rule_sentences.yaml")


@cache
def golden() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    return read


def said_of(act: Act) -> dict[str, dict[str, str]]:
    """Everything said of each clause in each language: whom it means, what it gives, what is open."""
    return {clause.id: {lang: told(clause, act, lang) for lang in LANGUAGES} for clause in act.every_clause()}


def told(clause: Grant | Exclusion | Reservation, act: Act, language: str) -> str:
    sentence = clause_sentence(clause, act, language)
    parts = [sentence.plain()] if sentence else []
    parts += [relief_sentence(clause, language)] if isinstance(clause, Grant) else []
    return " ".join([*parts, *filter(None, [open_sentence(clause, language)])])


# --- the library ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", library_acts())
def test_the_clauses_of_the_library_read_as_they_were_approved(name: str) -> None:
    assert said_of(load_act(name)) == golden()[name], "read the new sentences, then approve: see the end of this file"


@pytest.mark.parametrize("name", library_acts())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_of_every_act_is_well_formed(name: str, language: str) -> None:
    act = load_act(name)
    for clause in act.every_clause():
        sentence = clause_sentence(clause, act, language)
        assert sentence is None or not faults(sentence), (clause.id, faults(sentence))


@pytest.mark.parametrize("name", library_acts())
def test_phrases_of_an_act_are_for_its_facts_and_in_every_language(name: str) -> None:
    act = load_act(name)
    found = fact_phrases(act)
    assert found.keys() <= act.facts.keys()
    for fact, phrase in found.items():
        kind = act.facts[fact].type.kind
        place = {Kind.NUMBER: "value", Kind.DATE: "when", Kind.ENUMERATION: "values", Kind.TEXT: "values"}.get(kind)
        by_value = {"values", "only", "all_but"}
        assert phrase.keys() <= ({"yes", "no"} if kind is Kind.BOOLEAN else {"is", "is_not", *by_value}), fact
        for key, texts in phrase.items():
            for text in texts.values() if key in by_value else [texts]:
                assert text.keys() == set(LANGUAGES), fact
                wanted = {place} if place and key not in by_value else set()
                assert all(places(one) == wanted for one in text.values()), fact


# --- the phrases ----------------------------------------------------------------------------------------------


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if set(node) == set(LANGUAGES):
        yield path, node
        return
    for key, below in node.items():
        assert isinstance(below, dict), f"{path}.{key} is not in three languages"
        yield from leaves(below, f"{path}.{key}")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


#: Places that another language says with another form of the same number or length.
SAME = {"than": "length", "n_from": "n", "years_than": "n", "years": "n", "of": "since", "on": "since"}


def test_every_phrase_has_the_same_places_in_every_language() -> None:
    found = list(leaves(phrases()))
    assert len(found) > 200
    for path, texts in found:
        by_language = [{SAME.get(name, name) for name in places(text)} for text in texts.values()]
        assert all(one == by_language[0] for one in by_language), path


# --- every tree -----------------------------------------------------------------------------------------------

DAYS = {"in_force": date(2025, 12, 20), "cut_off": date(2024, 7, 1), "deadline": date(2026, 4, 20)}
GRADE = ValueType(Kind.ENUMERATION, ("first_grade", "second_grade", "third_grade"), ordered=True)
FACTS = {
    "took_part": BOOLEAN,
    "loss_percent": NUMBER,
    "arrived_on": DATE,
    "place_of_birth": TEXT,
    "conduct_grade": GRADE,
}
SCOPE = Scope(facts=FACTS, dates=DAYS, code=None)

PERSON = (
    "stage = 'serving'",
    "stage in ('investigation', 'trial')",
    "stage != 'served'",
    "punishment = 'imprisonment'",
    "punishment in ('fine', 'public_works', 'loss_of_post')",
    "punishment != 'life_imprisonment'",
    "institution_type = 'settlement'",
    "sex = 'female'",
    "recidivism != 'none'",
    "recidivism = 'none'",
    "recidivism >= 'dangerous'",
    "suspended",
    "deferred",
    "foreign_judgment",
    "first_conviction",
    "took_part",
    "citizenship = 'AZ'",
    "citizenship not in ('AZ', 'GE')",
    "place_of_birth = 'Ganja'",
    "conduct_grade = 'first_grade'",
    "conduct_grade >= 'second_grade'",
    "conduct_grade in ('first_grade', 'third_grade')",
    "loss_percent between 61 and 100",
    "loss_percent > 60.5",
    "loss_percent in (20, 40)",
    "arrived_on < cut_off",
    "arrived_on + 2 years >= in_force",
    "term_months >= 60",
    "term_days != 0",
    "credit_days <= 20",
    "offence_count > 1",
    "offence_count = 3",
    "term <= 5 years",
    "term > 5 years",
    "term != 18 months",
    "term_months < loss_percent",
    "birth_date < 1960-01-01",
    "age on in_force >= 60",
    "age on in_force + 2 days < 60",
    "age on judgment_date = 21",
    "age on cut_off > 17.5",
    "age on in_force > loss_percent",
    "term_start >= 2020-02-29",
    "term_end <= in_force + 12 months",
    "term_end > in_force + 12 months + 2 days",
    "term_end < in_force + 1 month - 3 days",
    "term_end >= judgment_date - 30 days",
    "term_end = in_force + 6 months",
    "judgment_date != deadline",
    "judgment_date <= arrived_on",
    "served 1/2 of term <= in_force",
    "served 40% of term > cut_off + 1 year",
    "term_end > served 2/3 of term",
    "term_end is known",
    "took_part is not known",
    "worst_category = 'less_serious'",
    "worst_category >= 'serious'",
    "worst_category < 'serious'",
    "worst_category in ('serious', 'less_serious')",
)
CRIME = (
    "article = '178.2'",
    "article in ('125', '133.1', '133.2', '240.1-1')",
    "committed_on < cut_off",
    "committed_on > in_force + 1 month",
    "committed_on != judgment_date",
    "guilt = 'negligence'",
    "guilt != 'intent'",
    "form in ('attempt', 'preparation')",
    "category <= 'less_serious'",
    "category = 'serious'",
    "age on committed_on < 18",
    "age on committed_on >= 16",
    "age on committed_on + 1 year = 18",
    "guilt is known",
    "sex = 'male'",
)


def tree(text: str) -> Condition:
    return rules.parse(text, SCOPE)


def inside(text: str) -> Condition:
    quantified = tree(f"any offence ({text})")
    assert isinstance(quantified, AnyOffence)
    return quantified.of


def grown(leaf: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def more(below: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(below, min_size=0, max_size=4).map(tuple)
        return st.one_of(below.map(Not), several.map(And), several.map(Or), below.map(lambda of: Term("some_name", of)))

    return st.recursive(leaf, more, max_leaves=8)


of_crime = grown(st.sampled_from([inside(text) for text in CRIME]))
of_person = st.sampled_from([tree(text) for text in PERSON])
crimes = st.one_of(of_crime.map(AnyOffence), of_crime.map(EveryOffence))
conditions = grown(st.one_of(of_person, of_person, crimes))
languages = st.sampled_from(LANGUAGES)


@cache
def invented_act() -> Act:
    """An act whose facts have no phrases and no questions, so that everything has to be said from the tree."""
    return rules_act("phases-of-nothing")


def rules_act(name: str) -> Act:
    return replace(load_act("az-2025"), id=name, facts={}, path=None, date_notes={}, dates=DAYS)


def lines_of(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from lines_of(line.lines)


def faults(sentence: RuleSentence) -> list[str]:
    """What is wrong with the form of a sentence."""
    plain, found = sentence.plain(), []
    found += ["an underscore"] if "_" in plain else []
    found += ["a place left open"] if re.search(r"[{}]|None", plain) else []
    found += ["blanks"] if re.search(r"\s\s|\s[,.;:)]|\(\s|^\s|\s$", plain) else []
    found += ["no end"] if not plain.endswith(".") or plain.endswith("..") else []
    found += ["no capital letter"] if not (plain[0].isupper() or plain[0].isdigit() or plain[0] == "“") else []
    for left, right in ("()", "“”", "«»"):
        depth = 0
        for one in plain:
            depth += (one == left) - (one == right)
            found += [f"{right} before {left}"] if depth < 0 else []
        found += [f"{left} left open"] if depth else []
    found += ["too long for one sentence"] if not sentence.lines and len(plain.split()) > 60 else []
    found += ["a list of one"] if len(sentence.lines) == 1 and not sentence.lines[0].lines else []
    for group in (sentence.lines, *(line.lines for line in lines_of(sentence.lines))):
        joints = {line.joint for line in group[:-1]}
        found += ["two ways of joining in one list"] if len(joints) > 1 or "" in joints else []
        found += ["a joint at the end of a list"] if group and group[-1].joint else []
        marks = [line.mark for line in group]
        found += ["a mark twice"] if len(set(marks)) < len(marks) else []
    found += ["“və ya” from two words"] if re.search(r"\bvə ya\b[^.;]*, ya da\b", plain) else []
    return found


@settings(max_examples=150, deadline=None)
@given(conditions, languages)
def test_every_tree_gives_a_well_formed_sentence(condition: Condition, language: str) -> None:
    sentence = condition_sentence(condition, invented_act(), language)
    assert not faults(sentence), (sentence.plain(), faults(sentence))


@settings(max_examples=100, deadline=None)
@given(conditions, conditions, languages)
def test_a_negation_means_the_same_wherever_it_stands(one: Condition, other: Condition, language: str) -> None:
    def said(condition: Condition) -> str:
        return condition_sentence(condition, invented_act(), language).plain()

    assert said(Not(Not(one))) == said(one)
    assert said(Not(And((one, other)))) == said(Or((Not(one), Not(other))))
    assert said(Not(Or((one, other)))) == said(And((Not(one), Not(other))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_condition_reads_like_another_or_like_its_negation(language: str) -> None:
    """Conditions that differ in meaning differ in words, so that no operator and no "not" is lost on the way."""
    singles = [tree(text) for text in PERSON]
    singles += [AnyOffence(inside(text)) for text in CRIME if text != "guilt != 'intent'"]
    said = [condition_sentence(one, invented_act(), language).plain() for one in singles]
    assert len(set(said)) == len(said)
    negated = [condition_sentence(Not(one), invented_act(), language).plain() for one in singles]
    assert not [one for one, other in zip(said, negated, strict=True) if one == other]


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "=", "!="])
@pytest.mark.parametrize(
    "pattern",
    [
        "term_end {} in_force + 6 months",
        "term_end {} in_force - 6 months",
        "term_end {} in_force",
        "birth_date {} 1990-05-01",
        "any offence (committed_on {} in_force)",
        "age on in_force {} 60",
        "any offence (age on committed_on {} 18)",
        "term {} 5 years",
        "loss_percent {} 61",
        "offence_count {} 4",
        "term_months {} credit_days",
        "served 1/2 of term {} in_force",
        "conduct_grade {} 'second_grade'",
    ],
)
def test_every_comparison_is_said_in_its_own_words(pattern: str, op: str) -> None:
    others = [one for one in ("<", "<=", ">", ">=", "=", "!=") if one != op]
    for language in LANGUAGES:
        mine, *rest = (
            condition_sentence(tree(pattern.format(one)), invented_act(), language).plain() for one in (op, *others)
        )
        assert mine not in rest


# --- structure ------------------------------------------------------------------------------------------------


def test_and_within_or_is_a_list_and_its_end_is_seen() -> None:
    condition = tree("took_part or (suspended and (sex = 'female' or first_conviction))")
    sentence = condition_sentence(condition, invented_act(), "en")
    assert sentence.text == "A person"
    assert [(line.mark, line.joint) for line in sentence.lines] == [("a", "; or"), ("b", "")]
    assert sentence.lines[1].text == "all of these"
    assert [line.text for line in sentence.lines[1].lines] == [
        "whose sentence is suspended",
        "who is a woman, or who is convicted for the first time",
    ]


def test_a_fact_without_a_phrase_is_told_by_its_question_in_quotation_marks() -> None:
    act = replace(load_act("az-2025"), path=None)
    sentence = clause_sentence(act.clause("personal.repression"), act, "ru")
    assert sentence is not None
    assert sentence.plain().endswith(
        "для которого ответ на вопрос «Признан ли человек жертвой политических репрессий?» — «да»."
    )


def test_conditions_that_hold_for_everybody_or_nobody_say_so() -> None:
    assert condition_sentence(And(()), invented_act(), "en").plain() == "Every person."
    assert condition_sentence(Not(And(())), invented_act(), "en").plain() == "No person."
    assert condition_sentence(And((tree("suspended"), And(()))), invented_act(), "en").plain() == (
        "A person whose sentence is suspended."
    )


@pytest.mark.parametrize("value", CATEGORIES)
def test_the_gravest_crime_is_told_as_one_condition_and_not_crime_by_crime(value: str) -> None:
    for op in ("=", "<=", ">=", "!="):
        sentence = condition_sentence(tree(f"worst_category {op} '{value}'"), invented_act(), "en")
        assert sentence.plain().startswith("A person whose gravest crime is ") or "nobody" in sentence.plain()


# --- reliefs --------------------------------------------------------------------------------------------------

HALF = Fraction(1, 2)
RELIEFS = (
    Relief("release"),
    Relief("end_prosecution", consent="accused"),
    Relief("lift_additional"),
    Relief("lift_record", after={"en": "the damage is paid", "az": "ziyan ödənilib", "ru": "ущерб возмещён"}),
    Relief("reduce", by=Duration(6)),
    Relief("reduce", fraction=HALF, of="term"),
    Relief("reduce", fraction=HALF, of="rest", since=date(2024, 10, 22)),
    Relief("reduce", fraction=Fraction(2, 7), of="rest"),
    Relief("release_point", fraction=Fraction(2, 5), instead_of=HALF),
    Relief("replace", to="fine"),
    Relief("replace", to="imprisonment", term=Duration(600), then=Relief("reduce", fraction=HALF, of="term")),
)


def said_of_reliefs(language: str) -> list[str]:
    grant = load_act("az-2025").grants[0]
    return [relief_sentence(replace(grant, relief=relief), language) for relief in RELIEFS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_relief_is_a_sentence_of_its_own(language: str) -> None:
    said = said_of_reliefs(language)
    assert said == golden()["reliefs"][language]
    assert len(set(said)) == len(RELIEFS)
    assert not any(faults(RuleSentence(one)) for one in said)


def approve() -> None:
    """Write down the sentences as they are now, after each was read: run this file as a program."""
    said: dict[str, Any] = {name: said_of(load_act(name)) for name in library_acts()}
    said["reliefs"] = {language: said_of_reliefs(language) for language in LANGUAGES}
    head = "# The clauses of the library's acts as sentences, each read and approved in the three languages.\n"
    GOLDEN.write_text(head + yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=118), encoding="utf-8")


if __name__ == "__main__":
    approve()
