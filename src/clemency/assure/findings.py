"""Findings in a register before anyone is released: what would free or hold somebody by mistake.

Each finding has a code, how grave it is, in which direction it would harm, the cases, and what to do. A finding is a
question for a person; it changes no determination.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from clemency.assure import doubles, near_misses, questions
from clemency.assure.plausible import OLDEST, ORDER, YOUNGEST
from clemency.law.act import Act
from clemency.law.calendar import Duration
from clemency.law.codes import OffenceCode
from clemency.law.sentence_rules import SentenceRules, counts_sentences, load_rest_days, load_sentence_rules
from clemency.law.sentences import Arithmetic, Sentence
from clemency.law.vocabulary import CATEGORIES
from clemency.records.layout import OTHER_END, lay_out
from clemency.records.record import CaseRecord
from clemency.records.sentence import sentence_of

Severity = Literal["high", "medium", "low"]
Harm = Literal["freed by mistake", "held by mistake", "either"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding: how grave it is, in which direction it harms, what it is and what to do."""

    severity: Severity
    harm: Harm
    what: str
    to_do: str


KINDS: dict[str, Kind] = {
    "near_miss": Kind(
        "high",
        "freed by mistake",
        "an exclusion reaches the offence only through an article that came before or after it",
        "read the exclusion list beside the article charged; the numbers tell whom the list as written would free",
    ),
    "before_the_article": Kind(
        "high",
        "either",
        "the offence was committed before its article existed",
        "look up the article that was in force on that day",
    ),
    "after_the_repeal": Kind(
        "high",
        "freed by mistake",
        "the offence was committed after its article was repealed",
        "look up the article that took its place; an exclusion list may name that one",
    ),
    "end_given_later": Kind(
        "high",
        "held by mistake",
        "the end of the term that is given lies after the one computed",
        "count the term again from the judgment and the days of custody",
    ),
    "end_given_earlier": Kind(
        "high",
        "freed by mistake",
        "the end of the term that is given lies before the one computed",
        "count the term again from the judgment and the days of custody",
    ),
    "release_overdue": Kind(
        "high",
        "held by mistake",
        "the term ended before the act entered into force, and the case is still being served",
        "find out today whether the person is held without a term",
    ),
    "above_the_maximum": Kind(
        "medium",
        "held by mistake",
        "the term is longer than the article, the form of the crime or the age allows",
        "compare the judgment with the article; a wrong part of an article is the usual cause",
    ),
    "above_the_cap": Kind(
        "medium",
        "held by mistake",
        "the term is longer than any total of several crimes may be",
        "look for sentences that were added up by hand",
    ),
    "category_differs": Kind(
        "high",
        "either",
        "the category that the source states is not the one that the code gives the offences",
        "one of the two is wrong; look the category up in the judgment and in the code",
    ),
    "dates_out_of_order": Kind("medium", "either", "two dates cannot both be right", "compare both with the judgment"),
    "age_impossible": Kind(
        "medium",
        "either",
        "the age at the crime or today cannot be",
        "compare the date of birth with an identity paper",
    ),
    "same_case_twice": Kind(
        "medium",
        "either",
        "two cases are alike in everything but their id",
        "find out whether one of them is a copy, and keep one",
    ),
    "same_person_twice": Kind(
        "medium",
        "either",
        "one person may stand under two spellings or two birth dates",
        "compare both files; link them only on more than a name",
    ),
    "sentences_overlap": Kind(
        "medium",
        "freed by mistake",
        "one person has several sentences whose terms run into each other",
        "before releasing from one, find out whether the other still holds the person",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its kind by code, the cases it is about, and what was seen in them."""

    code: str
    cases: tuple[str, ...]
    seen: str

    @property
    def kind(self) -> Kind:
        """The kind of the finding."""
        return KINDS[self.code]


@dataclass(frozen=True)
class Findings:
    """All findings of a register under an act, and the questions that would settle most cases."""

    act: str
    cases: int
    found: tuple[Finding, ...]
    near_misses: tuple[near_misses.NearMiss, ...]
    questions: tuple[questions.Question, ...]

    def by_code(self) -> list[tuple[str, Kind, list[Finding]]]:
        """The findings of each kind, gravest first, in the order of the table of kinds."""
        grouped = {code: [one for one in self.found if one.code == code] for code in KINDS}
        return [(code, KINDS[code], found) for code, found in grouped.items() if found]

    def as_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "act": self.act,
            "cases": self.cases,
            "findings": [
                {
                    "code": code,
                    "severity": kind.severity,
                    "harm": kind.harm,
                    "what": kind.what,
                    "to_do": kind.to_do,
                    "count": len(found),
                    "cases": [{"cases": list(one.cases), "seen": one.seen} for one in found],
                }
                for code, kind, found in self.by_code()
            ],
            "near_misses": [one.as_json() for one in self.near_misses],
            "questions": [one.as_json() for one in self.questions],
        }


def findings(frame: pl.DataFrame, act: Act, stated: pl.DataFrame | None = None) -> Findings:
    """Everything to look at in a register, as a nested frame, before an act is applied to it.

    `stated` has the category that the source gave a case, in the columns case_id and category.

    >>> from clemency.law.act import load_act
    >>> from clemency.records.frames import frame_of
    >>> from clemency.records.record import CaseRecord, known_facts
    >>> case = CaseRecord(case_id="1", stage="serving", term_end="2025-01-01")
    >>> [one.code for one in findings(frame_of([case], known_facts()), load_act("az-2025")).found]
    ['release_overdue']
    """
    offences = _offences(frame)
    missed = near_misses.near_misses(frame, act)
    found = [
        *_missed(missed),
        *_outside_validity(offences, act.code),
        *_two_ends(frame),
        *_overdue(frame, act),
        *_too_long(frame, act),
        *_other_category(offences, act.code, stated),
        *_out_of_order(frame, offences),
        *_impossible_ages(frame, offences, act),
        *(Finding("same_case_twice", cases, seen) for cases, seen in doubles.same_cases(frame)),
        *(Finding("same_person_twice", cases, seen) for cases, seen in doubles.same_persons(frame)),
        *(Finding("sentences_overlap", cases, seen) for cases, seen in doubles.overlapping(frame)),
    ]
    return Findings(act.id, frame.height, tuple(found), tuple(missed), tuple(questions.questions(frame, act)))


def _missed(missed: Iterable[near_misses.NearMiss]) -> Iterator[Finding]:
    for one in missed:
        for case, article in one.cases:
            yield Finding("near_miss", (case,), f"{article} falls under {one.entry} of {one.exclusion} only by descent")


def _offences(frame: pl.DataFrame) -> pl.DataFrame:
    """One row an offence, with the case it belongs to."""
    return (
        frame.select("case_id", "offences")
        .filter(pl.col("offences").list.len() > 0)
        .explode("offences")
        .unnest("offences")
    )


def _outside_validity(offences: pl.DataFrame, code: OffenceCode | None) -> Iterator[Finding]:
    if code is None:
        return
    bounds = {
        article: (part.valid_from, part.valid_to)
        for article in offences.get_column("article").drop_nulls().unique()
        if (part := code.part_of(article)) is not None and (part.valid_from or part.valid_to)
    }
    hits = offences.filter(pl.col("article").is_in(list(bounds)) & pl.col("committed_on").is_not_null())
    for case, article, day in hits.select("case_id", "article", "committed_on").iter_rows():
        first, last = bounds[article]
        if first and day.isoformat() < first:
            yield Finding("before_the_article", (case,), f"{article} is in force from {first}; committed on {day}")
        if last and day.isoformat() > last:
            yield Finding("after_the_repeal", (case,), f"{article} was in force until {last}; committed on {day}")


def _two_ends(frame: pl.DataFrame) -> Iterator[Finding]:
    apart = lay_out(frame, {}).cases.filter(pl.col(OTHER_END).is_not_null())
    for case, given, computed in apart.select("case_id", "term_end", OTHER_END).iter_rows():
        code = "end_given_later" if given > computed else "end_given_earlier"
        yield Finding(code, (case,), f"given {given}, computed {computed}, {abs((given - computed).days)} days apart")


def _overdue(frame: pl.DataFrame, act: Act) -> Iterator[Finding]:
    late = frame.filter(
        (pl.col("stage") == "serving") & (pl.col("term_end") < act.in_force) & ~pl.col("suspended").fill_null(False)
    )
    for case, end in late.select("case_id", "term_end").iter_rows():
        yield Finding("release_overdue", (case,), f"the term ended on {end}, the act is in force from {act.in_force}")


# --- terms ----------------------------------------------------------------------------------------------------


def _too_long(frame: pl.DataFrame, act: Act) -> Iterator[Finding]:
    """Terms beyond what the rules of the code allow; only those that reach the longest maximum are worked out."""
    code = act.code
    if code is None or not counts_sentences(code.id):
        return
    rules = load_sentence_rules(code.id)
    prison = frame.filter((pl.col("punishment") == "imprisonment") & pl.col("term_months").is_not_null())
    flat = _offences(prison).join(prison.select("case_id", "term_months"), on="case_id")
    if flat.is_empty():
        return
    most = {
        article: min((part.max_imprisonment_months or 0 for part in code.parts_meant(article)), default=0)
        for article in flat.get_column("article").drop_nulls().unique()
    }
    shares = {"attempt": float(rules.unfinished.attempt), "preparation": float(rules.unfinished.preparation)}
    flat = flat.with_columns(
        most=pl.col("article").replace_strict(most, default=None, return_dtype=pl.Float64)
        * pl.col("form").replace_strict(shares, default=1.0, return_dtype=pl.Float64)
    )
    by_case = flat.group_by("case_id", maintain_order=True).agg(pl.col("most").max(), pl.col("term_months").first())
    of_minors = rules.minors["imprisonment"].most or 0
    doubtful = by_case.filter((pl.col("term_months") >= pl.col("most")) | (pl.col("term_months") >= of_minors))
    chosen = prison.join(doubtful.select("case_id"), on="case_id", how="semi", maintain_order="left")
    for row in chosen.iter_rows(named=True):
        yield from _beyond(_sentence(row, code), row["case_id"], rules)


def _sentence(row: dict[str, Any], code: OffenceCode) -> Sentence:
    kept = {name: value for name, value in row.items() if name in CaseRecord.model_fields and name != "facts"}
    return sentence_of(CaseRecord.model_validate(kept), code)


def _beyond(sentence: Sentence, case: str, rules: SentenceRules) -> Iterator[Finding]:
    if sentence.term is None or not sentence.counts:
        return
    arithmetic = Arithmetic(sentence, rules, load_rest_days(rules.calendar))
    mosts = [arithmetic.most_for(count)[0] for count in sentence.counts]
    known = [most for most in mosts if most is not None]
    if len(known) != len(mosts):
        return
    if len(known) == 1 and sentence.term > Duration(known[0]):
        seen = f"{sentence.term}, at most {known[0]} months for {sentence.counts[0].article}"
        yield Finding("above_the_maximum", (case,), seen)
    elif len(known) > 1:
        total = arithmetic.of_crimes([Duration(most) for most in known])
        if isinstance(total.most, Duration) and sentence.term > total.most:
            articles = ", ".join(str(count.article) for count in sentence.counts)
            yield Finding("above_the_cap", (case,), f"{sentence.term}, at most {total.most} for {articles}")


def _other_category(offences: pl.DataFrame, code: OffenceCode | None, stated: pl.DataFrame | None) -> Iterator[Finding]:
    """Where the source's category is not the worst that the code gives; an open article may be any, and is left."""
    if code is None or stated is None or stated.is_empty():
        return
    given = offences.join(stated, on="case_id", how="inner", maintain_order="left")
    ranks = {
        article: CATEGORIES.index(category)
        for article in given.get_column("article").drop_nulls().unique()
        if (category := code.category_of(article)) is not None
    }
    rank = pl.col("article").replace_strict(ranks, default=None, return_dtype=pl.Int8)
    by_case = given.group_by("case_id", maintain_order=True).agg(
        rank.max().alias("worst"), rank.is_null().any().alias("open"), pl.col("category", "article").first()
    )
    for case, worst, category, article in (
        by_case.filter(~pl.col("open")).select("case_id", "worst", "category", "article").iter_rows()
    ):
        if CATEGORIES[worst] != category:
            said, coded = (name.replace("_", " ") for name in (category, CATEGORIES[worst]))
            yield Finding("category_differs", (case,), f"the source says {said}, the code says {coded} ({article})")


# --- dates ----------------------------------------------------------------------------------------------------


def _out_of_order(frame: pl.DataFrame, offences: pl.DataFrame) -> Iterator[Finding]:
    for first, second in ORDER:
        for case, one, other in (
            frame.filter(pl.col(first) > pl.col(second)).select("case_id", first, second).iter_rows()
        ):
            yield Finding("dates_out_of_order", (case,), f"{first} {one} lies after {second} {other}")
    dated = offences.join(frame.select("case_id", "judgment_date"), on="case_id", maintain_order="left")
    late = dated.filter(pl.col("committed_on") > pl.col("judgment_date"))
    for case, one, other in late.select("case_id", "committed_on", "judgment_date").iter_rows():
        yield Finding("dates_out_of_order", (case,), f"committed_on {one} lies after judgment_date {other}")


def _impossible_ages(frame: pl.DataFrame, offences: pl.DataFrame, act: Act) -> Iterator[Finding]:
    dated = offences.join(frame.select("case_id", "birth_date"), on="case_id", maintain_order="left")
    young = dated.filter(pl.col("birth_date").dt.offset_by(f"{YOUNGEST}y") > pl.col("committed_on"))
    for case, born, day in (
        young.unique("case_id", maintain_order=True).select("case_id", "birth_date", "committed_on").iter_rows()
    ):
        yield Finding("age_impossible", (case,), f"born {born}, under {YOUNGEST} at the crime of {day}")
    old = frame.filter(pl.col("birth_date").dt.offset_by(f"{OLDEST}y") < act.in_force)
    for case, born in old.select("case_id", "birth_date").iter_rows():
        yield Finding("age_impossible", (case,), f"born {born}, over {OLDEST} on {act.in_force}")
