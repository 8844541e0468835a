"""The explanation of one determination, in words: every clause with its condition, the fact and whether it is met.

It reads the trace that was stored when the case was determined, and decides nothing. What stands in the trace as a rule
is put into words with the act's own tree; where the act has changed since, the rule is shown as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from clemency.determine.conditions import Conditions
from clemency.determine.determination import FALSE, TRUE, UNKNOWN, Determination
from clemency.determine.explanation import BetterRelief, ClauseText, Explanation, Question
from clemency.determine.interpreter import full_trace
from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.law.calendar import Duration, add
from clemency.law.vocabulary import CUSTODY_CREDIT
from clemency.records.record import CaseRecord, computed_term_end, term_imposed


def explain(
    determination: Determination | Mapping[str, Any], act: Act, record: CaseRecord, lang: str = "en"
) -> Explanation:
    """Put a determination into words. A stored one, as plain data, has to hold its full trace.

    >>> from clemency import load_act
    >>> from clemency.determine.interpreter import determine_case
    >>> act, record = load_act("az-2025"), CaseRecord(case_id="1", stage="served")
    >>> explain(determine_case(record, act), act, record).headline
    'No clause of the act covers this case.'
    """
    return _Explainer(_stored(determination), act, record, Wording(lang)).explanation()


def _stored(determination: Determination | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(determination, Determination):
        return {**determination.as_json(), "trace": full_trace(determination.trace)}
    clauses = determination.get("trace", {}).get("grants", {})
    if not clauses or any("condition" not in clause for clause in clauses.values()):
        raise ValueError(
            "this determination was stored without its full trace; determine the case again with the trace"
        )
    return determination


# --- the whole ------------------------------------------------------------------------------------------------


class _Explainer:
    """Puts one stored determination into words."""

    def __init__(self, stored: Mapping[str, Any], act: Act, record: CaseRecord, say: Wording) -> None:
        self.stored, self.act, self.record, self.say = stored, act, record, say
        self.words = Conditions(stored, act, record, say)
        self.trace = stored["trace"]

    def explanation(self) -> Explanation:
        stored = self.stored
        grants = tuple(self.grant(clause) for clause in self.act.grants if clause.id in self.trace["grants"])
        live = {grant.id for grant in grants if grant.state not in ("out", "shut")}
        shut = {grant.id for grant in grants if grant.state == "shut"}
        exclusions = tuple(
            self.exclusion(clause)
            for clause in self.act.exclusions
            if (values := self.trace["exclusions"].get(clause.id))
            and (live & set(clause.limits) or (values["value"] == TRUE and shut & set(clause.limits)))
        )
        return Explanation(
            language=self.say.language,
            case_id=stored["case_id"],
            act=stored["act"],
            title=self.say.translated(self.act.title),
            outcome=stored["outcome"],
            headline=self.headline(),
            grants=grants,
            exclusions=exclusions,
            dates=tuple(self.dates(live)),
            reservations=tuple(self.reservations()),
            missing=tuple(self.question(item) for item in stored["missing"]),
            could_improve=tuple(self.better(item) for item in stored["could_improve"]),
            change=self.change(),
            contradictions=tuple(self.contradictions()),
            sources=self.sources([*grants, *exclusions]),
            about=tuple(self.about()),
        )

    def headline(self) -> str:
        stored, say = self.stored, self.say
        match stored["outcome"]:
            case "granted":
                joint = "" if stored["grant"] in stored["grants"] else "_jointly"
                relief = self.relief(stored["relief"], stored["relief_terms"])
                grant = stored["grant"]
                return say(f"outcome.granted{joint}", grant=grant, title=self.title(grant), relief=relief)
            case "undetermined":
                counts = Counter(item["kind"] for item in stored["missing"])
                parts = [say.count(f"missing_count.{kind}", counts[kind]) for kind in ("fact", "law") if counts[kind]]
                both = say("outcome.and", first=parts[0], second=parts[1]) if len(parts) > 1 else "".join(parts)
                return say("outcome.undetermined", missing=both)
            case "excluded":
                grant, closing = self.closed_grant()
                return say(
                    "outcome.excluded", grant=grant.id, title=say.translated(grant.title), exclusion=", ".join(closing)
                )
        return say("outcome.not_covered")

    def title(self, clause_id: str) -> str:
        clause = self.words.clause(clause_id)
        return self.say.translated(clause.title) if clause else clause_id

    def closed_grant(self) -> tuple[Grant, list[str]]:
        """The first grant whose own condition is true, with what closes it."""
        for grant in self.act.grants:
            if self.trace["grants"].get(grant.id, {}).get("own") == TRUE:
                return grant, [self.named(closing) for closing in self.limiting(grant, TRUE)]
        raise AssertionError("an excluded case has a grant that is closed")  # pragma: no cover

    def limiting(self, grant: Grant, value: str) -> Iterator[Exclusion]:
        for clause in self.act.exclusions:
            if grant.id in clause.limits and self.trace["exclusions"].get(clause.id, {}).get("value") == value:
                yield clause

    def named(self, clause: Grant | Exclusion) -> str:
        return f"{clause.id} ({self.say.translated(clause.title)})"

    def grant(self, clause: Grant) -> ClauseText:
        values = self.trace["grants"][clause.id]
        state = {TRUE: "applies", UNKNOWN: "possible"}.get(values["value"]) or {
            TRUE: "closed",
            UNKNOWN: "shut",
            FALSE: "out",
        }[values["own"]]
        closed = tuple(self.named(one) for one in self.limiting(clause, TRUE))
        open_ = tuple(self.named(one) for one in self.limiting(clause, UNKNOWN))
        relief = self.relief(clause.relief.kind, clause.relief.terms())
        return self.clause_text(clause, state, relief, closed, () if closed else open_, values)

    def exclusion(self, clause: Exclusion) -> ClauseText:
        values = self.trace["exclusions"][clause.id]
        state = {TRUE: "bars", UNKNOWN: "may_bar", FALSE: "no_bar"}[values["value"]]
        return self.clause_text(clause, state, "", (), (), values)

    def clause_text(
        self,
        clause: Grant | Exclusion,
        state: str,
        relief: str,
        closed: tuple[str, ...],
        may: tuple[str, ...],
        values: Mapping[str, Any],
    ) -> ClauseText:
        lines = tuple(self.words.lines(clause.condition, values["condition"]))
        title, confidence = self.say.translated(clause.title), self.say(f"confidence.{clause.confidence}")
        return ClauseText(clause.id, title, state, relief, lines, closed, may, clause.sources, confidence)

    def relief(self, kind: str, terms: Mapping[str, Any]) -> str:
        say = self.say
        text = say.relief(kind, terms)
        if "after" in terms:
            text += ", " + say("relief.after", what=say.translated(terms["after"]))
        return text

    # dates

    def dates(self, live: set[str]) -> Iterator[str]:
        say, stored = self.say, self.stored
        yield from self.end_of_term()
        before, after = _day(stored["term_end_before"]), _day(stored["term_end_after"])
        in_force = self.act.in_force
        if before and before >= in_force:
            rest = say.days((before - in_force).days)
            yield say("dates.unserved", day=say.day(in_force), rest=rest, end=say.day(before))
        yield from dict.fromkeys(self.thresholds(live))
        if after:
            yield from self.new_end(before, after)
        elif self.record.stage == "serving" and stored["relief"] in ("reduce", "release_point"):
            yield say("dates.new_end_unknown")
        for name, point in self.act.date_notes.items():
            if name == "in_force" and point.confidence != "high":
                note = point.note
                text = note if isinstance(note, str) and say.language == "en" else getattr(note, say.language, None)
                label = say(f"day_name.{name}")
                yield say("dates.uncertain", name=_capital(label), day=say.day(point.date), note=text or "").rstrip()

    def end_of_term(self) -> Iterator[str]:
        record, say = self.record, self.say
        term = term_imposed(record.term_months, record.term_days)
        end = computed_term_end(record.term_start, term, record.credit_days, record.punishment)
        if end and record.term_start and term and record.credit_days is not None:
            rate = CUSTODY_CREDIT[record.punishment or ""]
            credit = say.days(record.credit_days * rate)
            if rate > 1 and record.credit_days:
                yield say("dates.credit", days=say.days(record.credit_days), rate=rate, credit=credit)
            start, length = say.day(record.term_start), say.length(term)
            yield say("dates.computed", start=start, term=length, credit=credit, end=say.day(end))
        if record.term_end:
            yield say("dates.given", end=say.day(record.term_end))
        elif not end and record.stage == "serving" and not record.suspended:
            yield say("dates.no_end")

    def thresholds(self, live: set[str]) -> Iterator[str]:
        """The days that clauses in question count to, with their arithmetic."""
        for grant in self.act.grants:
            if grant.id not in live:
                continue
            for atom in rules.atoms(grant.condition):
                for operand in rules.operands(atom):
                    match operand:
                        case rules.Shifted(rules.Literal(value, _, label), by) if isinstance(value, date):
                            key = "dates.threshold_back" if by.key() < 0 else "dates.threshold"
                            base = _capital(self.words.day_named(value, label, plain=True))
                            yield self.say(key, base=base, by=self.say.length(by), day=self.say.day(add(value, by)))

    def new_end(self, before: date | None, after: date) -> Iterator[str]:
        say, terms, relief = self.say, self.stored["relief_terms"], self.stored["relief"]
        if before is None or relief == "replace":
            yield say("dates.new_end", after=say.day(after))
        elif relief == "release_point":
            yield say("dates.release_point", after=say.day(after))
        elif relief == "reduce" and "fraction" in terms:
            yield say("dates.cut_to", before=say.day(before), after=say.day(after))
        elif relief == "reduce":
            by = Duration(terms.get("months", 0), terms.get("days", 0))
            if add(before, -by) == after:
                yield say("dates.cut", before=say.day(before), by=say.length(by), after=say.day(after))
            else:
                yield say("dates.cut_stopped", after=say.day(after))
        elif after != before:
            yield say("dates.release", before=say.day(before), after=say.day(after))
        if self.stored["days_remitted"] is not None:
            yield say("dates.remitted", days=say.days(self.stored["days_remitted"]))

    # what is open

    def reservations(self) -> Iterator[Question]:
        for name in self.stored["reservations"]:
            clause = self.words.clause(name)
            if isinstance(clause, Reservation):
                text = self.say.translated(clause.review)
                yield Question(name, text, self.say.translated(clause.title))

    def question(self, item: Mapping[str, Any]) -> Question:
        name, say = item["name"], self.say
        if item["kind"] == "law":
            return Question(name, say("missing.law", text=self.words.law_text(name)))
        fact = self.act.facts.get(name)
        if fact is not None:
            evidence = say.translated(fact.evidence)
            asked = say.translated(fact.ask) or say("ask.other", name=name)
            return Question(name, asked, say("missing.evidence", evidence=evidence) if evidence else "")
        asked = say(f"ask.{name}") if say.has(f"ask.{name}") else say("ask.other", name=name)
        if "offence" in item:
            asked = say("missing.of_crime", crime=_capital(self.words.crime(item["offence"])), question=asked)
        return Question(name, asked)

    def better(self, item: Mapping[str, Any]) -> BetterRelief:
        relief = self.relief(item["relief"], item["relief_terms"])
        text = self.say("missing.under", relief=relief, grant=item["grant"], title=self.title(item["grant"]))
        return BetterRelief(item["grant"], _capital(text), tuple(self.question(need) for need in item["missing"]))

    def change(self) -> str:
        stored = self.stored
        if stored["missing"] or stored["could_improve"]:
            return ""
        return self.say("missing.excluded_change" if stored["outcome"] == "excluded" else "missing.nothing")

    def contradictions(self) -> Iterator[str]:
        for found in self.stored.get("contradictions", []):
            given, computed = (self.say.day(date.fromisoformat(found[key])) for key in ("given", "computed"))
            key = "contradiction.term_end" if found["field"] == "term_end" else "contradiction.other"
            yield self.say(key, field=found["field"], given=given, computed=computed)

    def sources(self, clauses: Sequence[ClauseText]) -> dict[str, str]:
        shown = {key for clause in clauses if clause.state not in ("out", "shut", "no_bar") for key in clause.sources}
        for name in self.stored["reservations"]:
            clause = self.words.clause(name)
            shown |= set(clause.sources) if clause else set()
        return {key: url for key, url in self.act.sources.items() if key in shown}

    def about(self) -> Iterator[str]:
        say, version = self.say, self.stored["rules_version"]
        yield say("about.advice")
        yield say("about.counted", day=say.day(self.act.in_force), version=version)
        if version != self.act.version:
            yield say("about.other_version", version=self.act.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _capital(text: str) -> str:
    """A sentence begins with a capital letter; an Azerbaijani i keeps its dot."""
    return ("İ" if text[:1] == "i" and any(letter in text for letter in "əığ") else text[:1].upper()) + text[1:]
