"""The arithmetic of one sentence: when a term ends, when a person is let go, what may be asked for before, and when the
record ends; each day with the steps that lead to it, and what is missing where it cannot be said.

Source: Criminal Code of Azerbaijan Arts 52-1 to 92, Code on the Execution of Punishments Art. 168.2. The numbers stand
in the offence code's `sentences.yaml`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from clemency.law.calendar import Duration, add, add_months, age_on
from clemency.law.sentence_rules import RestDays, SentenceRules
from clemency.law.vocabulary import CATEGORIES

_DAYS_OF_A_PART_MONTH = 30
_PRISON = ("imprisonment", "life_imprisonment")
_LOWER = CATEGORIES[:2]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation: what was done, with which values, by which article."""

    key: str
    values: Mapping[str, Any]
    article: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """Something worked out: a day or a length, or the two between which it lies, or what is missing for it.

    `least` and `most` are equal where the value is settled; both are none where it cannot be said.
    """

    name: str
    least: date | Duration | None
    most: date | Duration | None
    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()
    confidence: str = "high"
    notes: tuple[Step, ...] = ()

    @property
    def value(self) -> date | Duration | None:
        """The value where it is settled."""
        return self.least if self.least == self.most else None


@dataclass(frozen=True, slots=True)
class Custody:
    """A stretch of custody before the sentence was final, first and last day included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Count:
    """One crime of a sentence: its categories as far as the sources tell, its maximum, its own term if known."""

    article: str | None
    categories: tuple[str, ...]
    maximum: int | None
    form: str | None = None
    term: Duration | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is known of one sentence. None is unknown, in every field.

    `custody_days` may be given instead of `custody`. `minor` is whether the person was under 18 at the crime, `earlier`
    the rest of an earlier sentence that was added, `child_births` the birthdays of children that a deferral looks to.
    """

    punishment: str | None = None
    suspended: bool | None = None
    deferred: bool | None = None
    term: Duration | None = None
    start: date | None = None
    stated_end: date | None = None
    custody: tuple[Custody, ...] | None = None
    custody_days: int | None = None
    judgment: date | None = None
    counts: tuple[Count, ...] | None = None
    minor: bool | None = None
    recidivism: str | None = None
    earlier: Duration | None = None
    probation_months: int | None = None
    child_births: tuple[date, ...] | None = None
    amnesty_applied: date | None = None


def custody_days(stretches: Iterable[Custody]) -> int:
    """Days of custody are counted once each, first and last day included, however the stretches overlap.

    >>> custody_days([Custody(date(2024, 1, 1), date(2024, 1, 10)), Custody(date(2024, 1, 10), date(2024, 1, 12))])
    12
    """
    total, reached = 0, date.min
    for one in sorted(stretches, key=lambda stretch: stretch.first):
        first = max(one.first, reached + timedelta(days=1))
        total += max(0, (one.last - first).days + 1)
        reached = max(reached, one.last)
    return total


def converted(days: int, to: str, rules: SentenceRules) -> Fraction:
    """Days of imprisonment as units of another punishment: days, or hours of work (Arts 68 and 69.3).

    Raises KeyError for a punishment against which nothing is counted, such as a fine.

    >>> from clemency.law.sentence_rules import load_sentence_rules
    >>> converted(10, "public_works", load_sentence_rules("az-cc"))
    Fraction(80, 1)
    """
    rates = rules.one_day_of_imprisonment
    return Fraction(days * (rates.units | rates.hours)[to])


def exchanged(amount: int, of: str, to: str, rules: SentenceRules) -> Fraction:
    """Units of one punishment as units of another, over the day of imprisonment that both are measured by (Art. 68).

    >>> from clemency.law.sentence_rules import load_sentence_rules
    >>> exchanged(2, "correctional_works", "public_works", load_sentence_rules("az-cc"))
    Fraction(4, 1)
    """
    rates = rules.one_day_of_imprisonment
    of_all = rates.units | rates.hours
    return Fraction(amount * of_all[to], of_all[of])


def share_of(term: Duration, share: Fraction) -> Duration:
    """A share of a term: whole calendar months, and the part of a month as days of thirty, rounded up.

    >>> share_of(Duration(40), Fraction(2, 3)), share_of(Duration(36), Fraction(1, 2))
    (Duration(months=26, days=20), Duration(months=18, days=0))
    """
    months = term.months * share
    whole = math.floor(months)
    days = (months - whole) * _DAYS_OF_A_PART_MONTH + term.days * share
    return Duration(whole, math.ceil(days))


class Arithmetic:
    """Works out one sentence by the rules of one code."""

    def __init__(self, sentence: Sentence, rules: SentenceRules, rest_days: RestDays) -> None:
        self.sentence, self.rules, self.rest_days = sentence, rules, rest_days

    def everything(self) -> tuple[Derived, ...]:
        """All that the rules say of the sentence, in the order of time."""
        sentence = self.sentence
        found = [self.credit(), self.total(), self.term_end(), self.release_day()]
        if sentence.punishment in (None, "imprisonment") and not sentence.suspended:
            found += [self.replacement(), self.early_release()]
        if sentence.suspended:
            found += [self.probation_end(), self.probation_lifted()]
        if sentence.deferred:
            found.append(self.deferral_end())
        found.append(self.record_end())
        return tuple(found)

    # custody and the end of the term

    def credit(self) -> Derived:
        """Custody before the sentence is final is counted, day for day, at the rate of the punishment (Art. 69.3)."""
        days = self._custody()
        rates, punishment = self.rules.one_day_of_imprisonment, self.sentence.punishment
        missing = [] if days is not None else ["custody_days"]
        if punishment is None:
            missing.append("punishment")
        elif punishment not in rates.units | rates.hours:
            return Derived("credit", None, None, (Step("no_credit", {"punishment": punishment}, "69.4"),))
        if days is None or punishment is None:
            return Derived("credit", None, None, (), tuple(missing))
        steps = [Step("custody", {"days": days}, "69.3")]
        if punishment in rates.hours:
            hours = int(converted(days, punishment, self.rules))
            return Derived("credit", None, None, (*steps, Step("credit_hours", {"hours": hours}, rates.article)))
        counted = int(converted(days, punishment, self.rules))
        if counted != days:
            steps.append(Step("credit_rate", {"days": days, "counted": counted, "punishment": punishment}, "69.3"))
        return Derived("credit", Duration(0, counted), Duration(0, counted), tuple(steps))

    def _custody(self) -> int | None:
        if self.sentence.custody is not None:
            return custody_days(self.sentence.custody)
        return self.sentence.custody_days

    def term_end(self) -> Derived:
        """A term ends after its calendar months and days, counted from its start, less the custody that counts.

        Where a day is given as well and differs, both stand as possible: neither is silently preferred.
        """
        sentence, credit = self.sentence, self.credit()
        if sentence.punishment == "life_imprisonment":
            return Derived("term_end", None, None, (Step("life", {}, "57"),))
        if sentence.punishment in ("fine", "public_works"):
            return Derived("term_end", None, None, (Step("no_term", {"punishment": sentence.punishment}, "69.1"),))
        counted = credit.value
        computed = None
        steps: tuple[Step, ...] = ()
        if sentence.start is not None and sentence.term is not None and isinstance(counted, Duration):
            full = add(sentence.start, sentence.term)
            computed = full - timedelta(days=counted.days)
            begun = Step("term_counted", {"start": sentence.start, "term": sentence.term, "end": full}, "69.1")
            less = Step("credit_taken", {"days": counted.days, "end": computed}, "69.3")
            steps = (begun, *credit.steps, less) if counted.days else (begun,)
        return self._joined_end(computed, steps, credit)

    def _joined_end(self, computed: date | None, steps: tuple[Step, ...], credit: Derived) -> Derived:
        sentence, stated = self.sentence, self.sentence.stated_end
        if computed is None and stated is None:
            missing = [name for name in ("start", "term") if getattr(sentence, name) is None]
            return Derived("term_end", None, None, (), (*missing, *credit.missing))
        if stated is None:
            return Derived("term_end", computed, computed, steps)
        given = Step("end_given", {"end": stated}, "")
        if computed is None:
            return Derived("term_end", stated, stated, (given,), confidence="medium")
        if computed == stated:
            return Derived("term_end", stated, stated, (*steps, Step("end_agrees", {"end": stated})))
        differs = Step("end_differs", {"given": stated, "computed": computed, "days": abs((stated - computed).days)})
        return Derived(
            "term_end",
            min(stated, computed),
            max(stated, computed),
            (*steps, given),
            confidence="low",
            notes=(differs,),
        )

    def release_day(self) -> Derived:
        """Release is in the first half of the last day; on the working day before where that is a rest day."""
        end, article = self.term_end(), self.rules.release.article
        if not isinstance(end.least, date) or not isinstance(end.most, date):
            return Derived("release_day", None, None, end.steps if not end.missing else (), end.missing)
        if self.sentence.suspended:
            return Derived("release_day", None, None, (Step("suspended_no_release", {}, "70"),))
        steps: list[Step] = []
        confidence, notes, days = end.confidence, list(end.notes), []
        for last in dict.fromkeys((end.least, end.most)):
            day, passed = self.rest_days.working_day_by(last)
            days.append(day)
            steps.append(Step("last_day", {"day": last, "weekday": last.weekday()}, article))
            steps += [Step("rest_day", {"day": one, "why": why}, article) for one, why, _ in passed]
            confidence = _least_sure(confidence, *(sure for *_, sure in passed))
            if passed:
                steps.append(Step("moved_before", {"day": day}, article))
            if not self.rest_days.holds(last):
                confidence = _least_sure(confidence, "medium")
                notes.append(Step("table_ends", {"last": self.rest_days.last}, article))
        return Derived("release_day", min(days), max(days), tuple(steps), (), confidence, tuple(notes))

    # several crimes, several sentences

    def total(self) -> Derived:
        """The total for several crimes or sentences lies between what absorbing and what adding them gives."""
        sentence = self.sentence
        if sentence.earlier is not None:
            return self.with_earlier()
        if sentence.counts is None:
            return Derived("total", None, None, (), ("offences",))
        if len(sentence.counts) < 2:
            return self.single()
        terms = [count.term for count in sentence.counts]
        if any(term is None for term in terms):
            return Derived("total", None, None, (), ("term of each offence",), notes=(Step("split_silent", {}, "66"),))
        return self.of_crimes([term for term in terms if term is not None])

    def single(self) -> Derived:
        """The term for one crime lies within its article and within the limits of the punishment."""
        if not self.sentence.counts:
            return Derived("total", None, None, (), ("offences",))
        most, steps = self.most_for(self.sentence.counts[0])
        limits = self._limits()
        least = Duration(limits.least) if limits and limits.least else None
        if most is None or self.sentence.punishment != "imprisonment":
            return Derived("total", None, None, tuple(steps), ("maximum of the article",) if most is None else ())
        return Derived("total", least or Duration(), Duration(most), tuple(steps), notes=self._beyond(Duration(most)))

    def most_for(self, count: Count) -> tuple[int | None, list[Step]]:
        """The most months that one crime may carry: its maximum, less for an unfinished crime and for a minor."""
        if count.maximum is None:
            return None, []
        most = count.maximum
        steps = [Step("maximum", {"article": count.article, "months": most}, count.article or "")]
        unfinished = self.rules.unfinished
        shares = {"attempt": unfinished.attempt, "preparation": unfinished.preparation}
        if count.form in shares:
            most = math.floor(most * shares[count.form])
            steps.append(Step(count.form, {"share": str(shares[count.form]), "months": most}, unfinished.article))
        limits = self._limits()
        if limits and limits.most is not None and limits.most < most:
            most = limits.most
            steps.append(Step("limit", {"months": most}, limits.article))
        return most, steps

    def _limits(self) -> Any:
        table = self.rules.minors if self.sentence.minor else self.rules.terms
        return table.get(self.sentence.punishment or "")

    def of_crimes(self, terms: Sequence[Duration]) -> Derived:
        """Crimes judged together: with lower categories alone absorbed or added, with a graver one added (Art. 66)."""
        graver = self._graver()
        longest, added = max(terms), sum(terms, Duration())
        if graver is None:
            return Derived("total", longest, added, (), ("category",), notes=(Step("split_silent", {}, "66"),))
        rule = self.rules.crimes_together.graver if graver else self.rules.crimes_together.lower
        cap = Duration(self._cap(graver))
        key = "crimes_graver" if graver else "crimes_lower"
        steps = (
            Step(key, {"longest": longest, "added": added}, rule.article),
            Step("cap", {"cap": cap}, rule.article),
        )
        most = max(longest, min(added, cap))
        return Derived("total", longest, most, steps, notes=(*self._beyond(most), Step("split_silent", {}, "66")))

    def _graver(self) -> bool | None:
        counts = self.sentence.counts or ()
        if any(set(count.categories).isdisjoint(_LOWER) for count in counts):
            return True
        return False if all(set(count.categories) <= set(_LOWER) for count in counts) else None

    def _cap(self, graver: bool) -> int:
        together = self.rules.crimes_together
        if graver:
            return together.graver.cap
        categories = {category for count in self.sentence.counts or () for category in count.categories}
        return max(together.lower.caps[category] for category in categories)

    def with_earlier(self) -> Derived:
        """A new sentence before the earlier one is served: longer than either, at most both together (Art. 67)."""
        rest, rule = self.sentence.earlier or Duration(), self.rules.sentences_together
        terms = [count.term for count in self.sentence.counts or () if count.term is not None]
        if len(terms) != 1 or len(self.sentence.counts or ()) != 1:
            return Derived("total", None, None, (), ("term of the new sentence",))
        least = max(rest, terms[0])
        most = max(least, min(rest + terms[0], Duration(rule.cap)))
        steps = (
            Step("sentences", {"rest": rest, "new": terms[0]}, "67"),
            Step("cap", {"cap": Duration(rule.cap)}, rule.article),
        )
        return Derived("total", least, most, steps, notes=self._beyond(most))

    def _beyond(self, most: Duration) -> tuple[Step, ...]:
        term = self.sentence.term
        return (Step("term_beyond", {"term": term, "most": most}),) if term is not None and term > most else ()

    # what may be asked for before the end

    def early_release(self) -> Derived:
        """Conditional early release may be asked for after a share of the term, never before six months (Art. 76)."""
        rule = self.rules.early_release
        shares = rule.minor_shares if self.sentence.minor else rule.shares
        found = self._after_shares("early_release", shares, rule.article)
        if self.sentence.recidivism not in (None, "none") and not self.sentence.minor:
            later = self._day_after(rule.recidivist)
            if isinstance(found.most, date) and later is not None:
                step = Step("recidivist", {"share": str(rule.recidivist), "day": later}, rule.article)
                found = replace(found, most=max(found.most, later), steps=(*found.steps, step))
        return self._not_before(found, rule.at_least_served, rule.article)

    def _not_before(self, found: Derived, months: int, article: str) -> Derived:
        start, days = self.sentence.start, self._custody()
        if start is None or days is None or not isinstance(found.least, date) or not isinstance(found.most, date):
            return found
        with_custody = add_months(start, months) - timedelta(days=days)
        without = add_months(start, months)
        if found.least >= without:
            return found
        step = Step("six_months", {"months": months, "first": with_custody, "last": without}, article)
        notes = (*found.notes, Step("custody_served_silent", {}, article)) if days else found.notes
        return replace(
            found,
            least=max(found.least, with_custody),
            most=max(found.most, without),
            steps=(*found.steps, step),
            notes=notes,
        )

    def replacement(self) -> Derived:
        """The rest may be replaced by a milder punishment after a share, in the two lower categories (Art. 77)."""
        rule = self.rules.replacement
        shares = rule.minor_shares if self.sentence.minor else rule.shares
        if self._graver():
            return Derived("replacement", None, None, (Step("not_for_graver", {}, rule.article),))
        return self._after_shares("replacement", shares, rule.article)

    def _after_shares(self, name: str, shares: Mapping[str, Fraction], article: str) -> Derived:
        categories = self._worst_categories()
        known = [shares[category] for category in categories if category in shares]
        days = [self._day_after(share) for share in known]
        missing = [*([] if known else ["category"]), *self.term_end_missing()]
        if missing or not days or any(day is None for day in days):
            return Derived(name, None, None, (), tuple(dict.fromkeys(missing or ["term_end"])))
        settled = [day for day in days if day is not None]
        steps = tuple(
            Step("share", {"share": str(share), "category": category, "day": day}, article)
            for share, category, day in zip(known, [one for one in categories if one in shares], settled, strict=True)
        )
        part = any((self.sentence.term or Duration()).months * share % 1 for share in known)
        notes = (Step("part_month", {}, "69.2"),) if part else ()
        return Derived(name, min(settled), max(settled), steps, (), "medium" if part else "high", notes)

    def term_end_missing(self) -> list[str]:
        """What is missing to count a term from its start."""
        sentence = self.sentence
        missing = [name for name in ("start", "term") if getattr(sentence, name) is None]
        return missing if self._custody() is not None else [*missing, "custody_days"]

    def _day_after(self, share: Fraction) -> date | None:
        term, start, days = self.sentence.term, self.sentence.start, self._custody()
        if term is None or start is None or days is None:
            return None
        return max(start, add(start, share_of(term, share)) - timedelta(days=days))

    def _worst_categories(self) -> list[str]:
        """The worst category of the crimes, in every reading that the sources leave open."""
        counts = self.sentence.counts
        if not counts or any(not count.categories for count in counts):
            return []
        ranks = [[CATEGORIES.index(category) for category in count.categories] for count in counts]
        lowest, highest = max(map(min, ranks)), max(map(max, ranks))
        possible = {rank for of_count in ranks for rank in of_count if lowest <= rank <= highest}
        return [CATEGORIES[rank] for rank in sorted(possible)]

    # suspended, put off, on record

    def probation_end(self) -> Derived:
        """The time of probation of a suspended sentence runs from the judgment (Art. 70)."""
        rule, months, judged = self.rules.suspended, self.sentence.probation_months, self.sentence.judgment
        if judged is None:
            return Derived("probation_end", None, None, (), ("judgment_date",))
        if months is None:
            least, most = add_months(judged, rule.least), add_months(judged, rule.most)
            step = Step("probation_limits", {"least": rule.least, "most": rule.most}, rule.article)
            return Derived("probation_end", least, most, (step,), ("probation_months",))
        end = add_months(judged, months)
        return Derived("probation_end", end, end, (Step("probation", {"day": judged, "months": months}, rule.article),))

    def probation_lifted(self) -> Derived:
        """The court may lift a suspended sentence after half of the time of probation (Art. 71)."""
        rule, months, judged = self.rules.suspended, self.sentence.probation_months, self.sentence.judgment
        if judged is None or months is None:
            missing = [name for name, one in (("judgment_date", judged), ("probation_months", months)) if one is None]
            return Derived("probation_lifted", None, None, (), tuple(missing))
        day = add(judged, share_of(Duration(months), rule.lifted_after))
        step = Step("half_probation", {"share": str(rule.lifted_after), "day": day}, rule.article)
        return Derived("probation_lifted", day, day, (step,))

    def deferral_end(self) -> Derived:
        """A sentence is put off until the child is fourteen (Art. 79)."""
        rule, births = self.rules.deferral, self.sentence.child_births
        if not births:
            return Derived("deferral_end", None, None, (), ("child_births",))
        youngest = max(births)
        end = add_months(youngest, 12 * rule.until_age)
        step = Step("child", {"birth": youngest, "age": rule.until_age, "day": end}, rule.article)
        return Derived("deferral_end", end, end, (step,))

    def record_end(self) -> Derived:
        """A record ends some time after the punishment; after an amnesty it runs from the decision on the person."""
        rule, sentence = self.rules.record, self.sentence
        if sentence.suspended:
            return replace(self.probation_end(), name="record_end")
        begins = self._record_begins()
        if not isinstance(begins.least, date) or not isinstance(begins.most, date):
            return Derived("record_end", None, None, begins.steps if not begins.missing else (), begins.missing)
        periods = self._record_periods()
        if not periods:
            return Derived("record_end", None, None, (), ("category",))
        least, most = add_months(begins.least, min(periods)), add_months(begins.most, max(periods))
        step = Step("record", {"least": min(periods), "most": max(periods)}, rule.article)
        confidence = "medium" if sentence.minor else begins.confidence
        return Derived("record_end", least, most, (*begins.steps[-1:], step), (), confidence)

    def _record_begins(self) -> Derived:
        decided = self.sentence.amnesty_applied
        if decided is not None:
            return Derived("record_begins", decided, decided, (Step("record_from_decision", {"day": decided}, "83.4"),))
        end = self.term_end()
        steps = (Step("record_from_end", {"day": end.least}, "83"),) if isinstance(end.least, date) else end.steps
        return replace(end, steps=steps)

    def _record_periods(self) -> list[int]:
        rule, punishment = self.rules.record, self.sentence.punishment
        if punishment is None:
            return []
        if punishment not in _PRISON:
            return [rule.minor["lighter_penalty"] if self.sentence.minor else rule.lighter_penalty]
        table = rule.minor if self.sentence.minor else rule.imprisonment
        return [table[category] for category in self._worst_categories()]


def was_minor(birth: date | None, committed: Iterable[date | None]) -> bool | None:
    """Whether a person was under 18 at every crime of a sentence; unknown where a day is, or where they differ.

    >>> was_minor(date(2008, 1, 1), [date(2025, 12, 31)]), was_minor(None, [date(2025, 12, 31)])
    (True, None)
    """
    days = list(committed)
    if birth is None or not days or any(day is None for day in days):
        return None
    young = {age_on(birth, day) < 18 for day in days if day is not None}
    return young.pop() if len(young) == 1 else None


def _least_sure(*confidences: str) -> str:
    order = ("high", "medium", "low")
    return order[max(map(order.index, confidences))]
