"""The rule language: what is read, as what, and what is said about a rule that cannot be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.law import rules
from clemency.law.calendar import Duration
from clemency.law.codes import load_code
from clemency.law.rules import (
    AgeOn,
    Among,
    And,
    AnyOffence,
    Compare,
    Condition,
    EveryOffence,
    IsKnown,
    IsTrue,
    Literal,
    Name,
    Not,
    Or,
    RuleErrors,
    Scope,
    Shifted,
    Term,
    parse,
    show,
)
from clemency.law.vocabulary import (
    ARTICLE,
    BOOLEAN,
    CATEGORY,
    DATE,
    DURATION,
    GUILT,
    NUMBER,
    SEX,
    STAGE,
    TEXT,
    Kind,
    ValueType,
)

IN_FORCE = date(2025, 12, 20)
CONDUCT = ValueType(Kind.ENUMERATION, ("bad", "fair", "good"), True)
COLOUR = ValueType(Kind.ENUMERATION, ("red", "blue"))
FACTS = {
    "combatant": BOOLEAN,
    "percent": NUMBER,
    "other_percent": NUMBER,
    "town": TEXT,
    "born": DATE,
    "conduct": CONDUCT,
    "colour": COLOUR,
    "order_holder": BOOLEAN,
}
PLAIN = Scope(FACTS, {"in_force": IN_FORCE}, {}, load_code("az-cc"))
TERMS = {
    "serving": parse("stage = 'serving'", PLAIN),
    "all_negligent": parse("every offence (guilt = 'negligence')", PLAIN),
}
SCOPE = Scope(FACTS, {"in_force": IN_FORCE}, TERMS, PLAIN.code)

DAY = Literal(IN_FORCE, DATE, "in_force")
END = Name("term_end", DATE)
COMBATANT = IsTrue(Name("combatant", BOOLEAN))
WORSE = Name("category", CATEGORY, True)


def article(*values: str) -> Among:
    return Among(Name("article", ARTICLE, True), values)


GOOD: list[tuple[str, Condition, str]] = [
    ("combatant", COMBATANT, "combatant"),
    ("combatant = true", COMBATANT, "combatant"),
    ("combatant = false", Not(COMBATANT), "not combatant"),
    ("combatant != true", Not(COMBATANT), "not combatant"),
    ("order_holder", IsTrue(Name("order_holder", BOOLEAN)), "order_holder"),
    ("true", And(()), "true"),
    ("false", Or(()), "false"),
    ("combatant and false", And((COMBATANT, Or(()))), "combatant and false"),
    ("not not combatant", Not(Not(COMBATANT)), "not not combatant"),
    ("stage = 'serving'", Compare("=", Name("stage", STAGE), Literal("serving", STAGE)), "stage = 'serving'"),
    ("'serving' = stage", Compare("=", Name("stage", STAGE), Literal("serving", STAGE)), "stage = 'serving'"),
    ("sex != 'male'", Not(Compare("=", Name("sex", SEX), Literal("male", SEX))), "not sex = 'male'"),
    ("sex in ('male')", Among(Name("sex", SEX), ("male",)), "sex in ('male')"),
    (
        "served 40% of term <= in_force + 1 month",
        Compare("<=", Name("served 2/5 of term", DATE), Shifted(DAY, Duration(1))),
        "served 2/5 of term <= in_force + 1 month",
    ),
    (
        "stage not in ('trial','served')",
        Not(Among(Name("stage", STAGE), ("trial", "served"))),
        "not stage in ('trial', 'served')",
    ),
    ("town = 'Gəncə'", Compare("=", Name("town", TEXT), Literal("Gəncə", TEXT)), "town = 'Gəncə'"),
    ("percent >= 61.5", Compare(">=", Name("percent", NUMBER), Literal(61.5, NUMBER)), "percent >= 61.5"),
    ("61 < percent", Compare(">", Name("percent", NUMBER), Literal(61, NUMBER)), "percent > 61"),
    (
        "percent between 61 and 100",
        And(
            (
                Compare(">=", Name("percent", NUMBER), Literal(61, NUMBER)),
                Compare("<=", Name("percent", NUMBER), Literal(100, NUMBER)),
            )
        ),
        "percent >= 61 and percent <= 100",
    ),
    ("percent in (1, 2.5)", Among(Name("percent", NUMBER), (1, 2.5)), "percent in (1, 2.5)"),
    ("conduct >= 'fair'", Compare(">=", Name("conduct", CONDUCT), Literal("fair", CONDUCT)), "conduct >= 'fair'"),
    ("term_end <= 2025-12-20", Compare("<=", END, Literal(IN_FORCE, DATE)), "term_end <= 2025-12-20"),
    (
        "term_end in (2025-12-20, 2026-01-01)",
        Among(END, (IN_FORCE, date(2026, 1, 1))),
        "term_end in (2025-12-20, 2026-01-01)",
    ),
    (
        "term_end <= in_force + 1 year",
        Compare("<=", END, Shifted(DAY, Duration(12))),
        "term_end <= in_force + 12 months",
    ),
    (
        "term_end <= in_force + 12 months + 2 days",
        Compare("<=", END, Shifted(DAY, Duration(12, 2))),
        "term_end <= in_force + 12 months + 2 days",
    ),
    (
        "term_end > in_force + 12 months - 2 days",
        Compare(">", END, Shifted(DAY, Duration(12, -2))),
        "term_end > in_force + 12 months - 2 days",
    ),
    (
        "term_end - 6 months <= in_force",
        Compare("<=", Shifted(END, Duration(-6)), DAY),
        "term_end - 6 months <= in_force",
    ),
    ("term <= 5 years", Compare("<=", Name("term", DURATION), Literal(Duration(60), DURATION)), "term <= 60 months"),
    (
        "term > 5 years + 1 day",
        Compare(">", Name("term", DURATION), Literal(Duration(60, 1), DURATION)),
        "term > 60 months + 1 day",
    ),
    (
        "term > 2 months - 3 months",
        Compare(">", Name("term", DURATION), Literal(Duration(-1), DURATION)),
        "term > 0 months - 1 month",
    ),
    (
        "term in (12 months, 10 days)",
        Among(Name("term", DURATION), (Duration(12), Duration(0, 10))),
        "term in (12 months, 10 days)",
    ),
    (
        "age on in_force >= 60",
        Compare(">=", AgeOn(DAY), Literal(60, NUMBER)),
        "age on in_force >= 60",
    ),
    (
        "age on in_force + 2 days < 60",
        Compare("<", AgeOn(Shifted(DAY, Duration(0, 2))), Literal(60, NUMBER)),
        "age on in_force + 2 days < 60",
    ),
    (
        "any offence (age on committed_on < 18)",
        AnyOffence(Compare("<", AgeOn(Name("committed_on", DATE, True)), Literal(18, NUMBER))),
        "any offence (age on committed_on < 18)",
    ),
    ("term_end is known", IsKnown(END), "term_end is known"),
    ("born is not known", Not(IsKnown(Name("born", DATE))), "not born is known"),
    ("worst_category is known", IsKnown(Name("worst_category", CATEGORY)), "worst_category is known"),
    ("any offence (article = '177.2')", AnyOffence(article("177.2")), "any offence (article = '177.2')"),
    ("any offence (article = 'az-cc:177.2')", AnyOffence(article("177.2")), "any offence (article = '177.2')"),
    (
        "every offence (article in ('177', '178.2.1'))",
        EveryOffence(article("177", "178.2.1")),
        "every offence (article in ('177', '178.2.1'))",
    ),
    (
        "every offence (guilt = 'negligence' and combatant)",
        EveryOffence(And((Compare("=", Name("guilt", GUILT, True), Literal("negligence", GUILT)), COMBATANT))),
        "every offence (guilt = 'negligence' and combatant)",
    ),
    (
        "worst_category >= 'serious'",
        AnyOffence(Compare(">=", WORSE, Literal("serious", CATEGORY))),
        "any offence (category >= 'serious')",
    ),
    (
        "'serious' >= worst_category",
        EveryOffence(Compare("<=", WORSE, Literal("serious", CATEGORY))),
        "every offence (category <= 'serious')",
    ),
    (
        "worst_category = 'less_serious'",
        And(
            (
                EveryOffence(Compare("<=", WORSE, Literal("less_serious", CATEGORY))),
                AnyOffence(Compare(">=", WORSE, Literal("less_serious", CATEGORY))),
            )
        ),
        "every offence (category <= 'less_serious') and any offence (category >= 'less_serious')",
    ),
    (
        "worst_category in ('especially_serious')",
        AnyOffence(Compare(">=", WORSE, Literal("especially_serious", CATEGORY))),
        "any offence (category >= 'especially_serious')",
    ),
    (
        "worst_category != 'no_great_public_danger'",
        Not(EveryOffence(Compare("<=", WORSE, Literal("no_great_public_danger", CATEGORY)))),
        "not every offence (category <= 'no_great_public_danger')",
    ),
    (
        "worst_category between 'less_serious' and 'serious'",
        And(
            (
                AnyOffence(Compare(">=", WORSE, Literal("less_serious", CATEGORY))),
                EveryOffence(Compare("<=", WORSE, Literal("serious", CATEGORY))),
            )
        ),
        "any offence (category >= 'less_serious') and every offence (category <= 'serious')",
    ),
    ("serving and combatant", And((Term("serving", TERMS["serving"]), COMBATANT)), "serving and combatant"),
    (
        "all_negligent or not (serving and combatant)",
        Or(
            (
                Term("all_negligent", TERMS["all_negligent"]),
                Not(And((Term("serving", TERMS["serving"]), COMBATANT))),
            )
        ),
        "all_negligent or not (serving and combatant)",
    ),
    (
        "combatant or combatant and not combatant",
        Or((COMBATANT, And((COMBATANT, Not(COMBATANT))))),
        "combatant or (combatant and not combatant)",
    ),
    (
        "offence_count > 1",
        Compare(">", Name("offence_count", NUMBER), Literal(1, NUMBER)),
        "offence_count > 1",
    ),
    ("  combatant\n   or\n  combatant ", Or((COMBATANT, COMBATANT)), "combatant or combatant"),
]


@pytest.mark.parametrize(("text", "tree", "shown"), GOOD, ids=[text for text, _, _ in GOOD])
def test_a_good_rule_is_read_as_meant_and_shown_in_words(text: str, tree: Condition, shown: str) -> None:
    read = parse(text, SCOPE)
    assert read == tree
    assert show(read) == shown


@pytest.mark.parametrize("text", [text for text, _, _ in GOOD])
def test_a_rule_shown_reads_back_as_itself(text: str) -> None:
    read = parse(text, SCOPE)
    assert parse(show(read), SCOPE) == read


ATOMS = st.sampled_from(
    [
        *(text for text, tree, _ in GOOD if isinstance(tree, Compare | Among | IsTrue | IsKnown | Not)),
        "term_end > in_force - 18 months - 3 days",
        "age on born + 6 months >= 18",
    ]
)
OFFENCE_ATOMS = st.sampled_from(
    [
        "article = '177.2'",
        "article not in ('177', '193-1.3')",
        "committed_on < in_force",
        "guilt = 'intent'",
        "form in ('attempt', 'preparation')",
        "category >= 'serious'",
        "age on committed_on < 18",
        "combatant",
    ]
)


def combined(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms,
        lambda below: st.one_of(
            below.map(lambda one: f"not ({one})"),
            st.lists(below, min_size=2, max_size=3).map(lambda some: " and ".join(f"({one})" for one in some)),
            st.lists(below, min_size=2, max_size=3).map(lambda some: " or ".join(f"({one})" for one in some)),
        ),
        max_leaves=8,
    )


RULES = combined(
    st.one_of(
        ATOMS,
        combined(OFFENCE_ATOMS).map(lambda one: f"any offence ({one})"),
        combined(OFFENCE_ATOMS).map(lambda one: f"every offence ({one})"),
    )
)


@given(RULES)
def test_every_rule_shown_reads_back_as_itself(text: str) -> None:
    read = parse(text, SCOPE)
    assert parse(show(read), SCOPE) == read
    assert show(parse(show(read), SCOPE)) == show(read)


NOT_SEEN = "see the rule language in docs/write-an-act.md"
BAD: list[tuple[str, str, str, str]] = [
    # rule, the part under the caret, message, what to write instead
    (
        "combatnt",
        "combatnt",
        "unknown fact combatnt",
        "did you mean combatant? declare it under facts: if the act asks for it",
    ),
    ("zzz", "zzz", "unknown fact zzz", "declare it under facts: if the act asks for it"),
    ("combatant and zzz = 1", "zzz", "unknown fact zzz", "declare it under facts: if the act asks for it"),
    ("case_id = 'x'", "case_id", "unknown fact case_id", "declare it under facts: if the act asks for it"),
    ("percent", "percent", "percent is a number, not a condition", "compare it with something, or ask is known"),
    ("term_end", "term_end", "term_end is a date, not a condition", "compare it with something, or ask is known"),
    ("in_force", "in_force", "in_force is a date, not a condition", "compare it with something, or ask is known"),
    (
        "term_end <= 12",
        "term_end <= 12",
        "term_end is a date and 12 is a number: they cannot be compared",
        "compare a date with a date, such as in_force + 12 months",
    ),
    (
        "term_end <= 12 months",
        "term_end <= 12 months",
        "term_end is a date and 12 months is a calendar duration: they cannot be compared",
        "add the duration to a date: in_force + 12 months",
    ),
    (
        "term <= 5",
        "term <= 5",
        "term is a calendar duration and 5 is a number: they cannot be compared",
        "a number has no unit; term is a duration, term_months a number",
    ),
    (
        "percent = 'high'",
        "percent = 'high'",
        "percent is a number and 'high' is text: they cannot be compared",
        "write text and articles in quotes",
    ),
    (
        "any offence (article = 177)",
        "article = 177",
        "article is an article and 177 is a number: they cannot be compared",
        "write text and articles in quotes",
    ),
    ("combatant = 1", "combatant = 1", "combatant is true or false and 1 is a number: they cannot be compared", ""),
    ("sex = colour", "sex = colour", "sex is one of a list and colour is one of a list: they cannot be compared", ""),
    ("sex = 'men'", "'men'", "sex is never 'men'", "it is one of: female, male"),
    (
        "served 3/2 of term <= in_force",
        "served 3/2 of term",
        "3/2 is no share between nothing and the whole",
        "write served 1/2 of term",
    ),
    ("stage in ('serving', 'x')", "'x'", "stage is never 'x'", "it is one of: investigation, trial, serving, served"),
    (
        "worst_category >= 'seriuos'",
        "'seriuos'",
        "worst_category is never 'seriuos'",
        "did you mean serious? it is one of: no_great_public_danger, less_serious, serious, especially_serious",
    ),
    (
        "any offence (category = worst_category)",
        "category = worst_category",
        "worst_category is compared with a category written in quotes only",
        "",
    ),
    (
        "any offence (worst_category = 'serious')",
        "any offence (worst_category = 'serious')",
        "worst_category and named conditions about offences cannot stand inside an offence test",
        "inside it, write category",
    ),
    (
        "any offence (all_negligent)",
        "any offence (all_negligent)",
        "worst_category and named conditions about offences cannot stand inside an offence test",
        "inside it, write category",
    ),
    (
        "any offence (any offence (combatant))",
        "any offence (combatant)",
        "'any offence' stands inside another one",
        "test one offence at a time",
    ),
    ("sex < 'male'", "sex < 'male'", "sex has no order, so < says nothing", "use = or != or in (...)"),
    ("town > 'A'", "town > 'A'", "town has no order, so > says nothing", "use = or != or in (...)"),
    ("combatant > false", "combatant > false", "combatant has no order, so > says nothing", "use = or != or in (...)"),
    (
        "combatant = order_holder",
        "combatant = order_holder",
        "two facts cannot be compared with each other",
        "write them with and, or, not",
    ),
    ("1 < 2", "1 < 2", "1 < 2 compares two written values", "name a field or a fact"),
    (
        "in_force < 2026-01-01",
        "in_force < 2026-01-01",
        "in_force < 2026-01-01 compares two written values",
        "name a field or a fact",
    ),
    ("term_end = 2025-02-30", "2025-02-30", "2025-02-30 is no day of the calendar", ""),
    ("term < 0.5 years", "0.5 years", "0.5 years: calendar units are counted whole", "write 6 months, not 0.5 years"),
    (
        "term_end < in_force + 6",
        "in_force + 6",
        "only a calendar duration can be added or taken away, and 6 is a number",
        "write in_force + 12 months",
    ),
    ("percent + 2 days = 3", "percent + 2 days", "percent is a number; a duration is added to a date", ""),
    (
        "age on percent > 3",
        "age on percent",
        "percent is a number, not a date",
        "write age on a date, such as in_force",
    ),
    (
        "committed_on < in_force",
        "committed_on",
        "committed_on belongs to an offence",
        "write any offence (committed_on ...) or every offence (...)",
    ),
    ("serving = 'x'", "serving", "serving is a named condition, not a value", ""),
    (
        "any offence (article = '9999')",
        "'9999'",
        "the offence code az-cc has no article 9999",
        "did you mean '299'?",
    ),
    (
        "any offence (article in ('177.2', '193-1.33'))",
        "'193-1.33'",
        "the offence code az-cc has no article 193-1.33",
        "did you mean '193-1.3'?",
    ),
    (
        "percent in (1, combatant)",
        "combatant",
        "combatant in the list is not a written value",
        "write each case with or",
    ),
    (
        "percent in (1, 'x')",
        "'x'",
        "percent is a number and 'x' is text: they cannot be compared",
        "write text and articles in quotes",
    ),
    (
        "combatant in (true)",
        "combatant in (true)",
        "combatant is true or false, not one of a list",
        "name it alone, or with not",
    ),
    ("12 is known", "12 is known", "12 is not a field or a fact", "ask whether a single field is known"),
    ("stage == 'serving'", "==", "'==' was not expected here", "write = for equality"),
    ("percent =< 5", "=<", "'=<' was not expected here", "write <="),
    ("percent > -5", "-", "'-' was not expected here", NOT_SEEN),
    ("percent ! 5", "!", "'!' cannot stand here", NOT_SEEN),
    ('sex = "male"', '"', "'\"' cannot stand here", "write text in straight single quotes, such as 'serving'"),
    ("sex = ‘male’", "‘", "'‘' cannot stand here", "write text in straight single quotes, such as 'serving'"),
    ("Combatant", "C", "'C' cannot stand here", "names are written in small letters"),
    ("__import__('os')", "_", "'_' cannot stand here", NOT_SEEN),
    ("combatant; combatant", ";", "';' cannot stand here", NOT_SEEN),
    ("any (combatant)", "(", "'(' was not expected here", NOT_SEEN),
    ("combatant combatant", "combatant", "'combatant' was not expected here", NOT_SEEN),
    ("", "", "the rule ends too early", "finish the condition"),
    ("combatant and", "", "the rule ends too early", "finish the condition"),
    ("(combatant", "", "the rule ends too early", "finish the condition"),
    ("not", "", "the rule ends too early", "finish the condition"),
]


@pytest.mark.parametrize(("text", "under", "message", "hint"), BAD, ids=[text or "(empty)" for text, *_ in BAD])
def test_a_bad_rule_is_told_what_where_and_what_to_write(text: str, under: str, message: str, hint: str) -> None:
    with pytest.raises(RuleErrors) as caught:
        parse(text, SCOPE)
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert problem.message == message
    assert problem.hint == hint
    assert text[slice(*problem.span)] == under
    assert problem.span[0] in ((text.index(under), text.rindex(under)) if under else (len(text),))


def test_all_problems_of_a_rule_are_told_at_once() -> None:
    text = "combatnt and term_end <= 12 or any offence (article = '9999' and guilt = 'accident')"
    with pytest.raises(RuleErrors) as caught:
        parse(text, SCOPE)
    assert [text[slice(*problem.span)] for problem in caught.value.problems] == [
        "combatnt",
        "term_end <= 12",
        "'9999'",
        "'accident'",
    ]


@given(st.text(alphabet="abn ()='<>0123456789+-.,offencetrmdysixkw_\n", max_size=60))
def test_any_text_is_either_a_rule_or_told_why_not(text: str) -> None:
    problems = []
    try:
        parse(text, SCOPE)
    except RuleErrors as errors:
        problems = errors.problems or [None]
    for problem in problems:
        assert problem.message
        assert 0 <= problem.span[0] < problem.span[1] <= len(text) + 1


def test_a_rule_knows_what_it_reads() -> None:
    read = parse(
        "combatant and (age on in_force > 60 or any offence (article in ('177', '178.2') and committed_on < in_force))",
        SCOPE,
    )
    named = [
        name.name for atom in rules.atoms(read) for operand in rules.operands(atom) for name in rules.names(operand)
    ]
    assert named == ["combatant", "birth_date", "article", "committed_on"]
    assert rules.articles_named(read) == {"177", "178.2"}


def test_without_an_offence_code_an_article_is_taken_as_written() -> None:
    read = parse("any offence (article = 'xx.1')", Scope())
    assert read == AnyOffence(article("xx.1"))
