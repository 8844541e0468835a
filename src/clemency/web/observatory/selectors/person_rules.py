"""What the rules of an act say of published charges and a sentence: counted by the core, told clause by clause.

The record holds what is public and nothing else. What comes out is no decision and no finding of guilt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clemency.determine.explain import explain
from clemency.determine.explanation import ClauseText, Explanation, Line
from clemency.determine.wording import Wording
from clemency.law.act import Act
from clemency.law.calendar import Duration
from clemency.observe.people import PersonInTheNews, people_in_the_news
from clemency.records.record import CaseRecord
from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.selectors.acts import acts_here, every_act
from clemency.web.observatory.selectors.people import Text, published, shown_text


@dataclass(frozen=True)
class Field:
    """A field of the record with its value in words; `articles` where it holds articles."""

    name: str
    label: str
    value: str
    articles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClauseShown:
    """A clause with what it comes to here, and what decides that."""

    clause: ClauseText
    state: str
    why: tuple[Line, ...]
    closed_by: tuple[tuple[str, Text], ...]
    may_close: tuple[tuple[str, Text], ...]

    @property
    def open(self) -> bool:
        """Whether it applies or still may."""
        return self.clause.state in ("applies", "possible", "bars", "may_bar")


@dataclass(frozen=True)
class RulesShown:
    """What the rules of one act give for one record."""

    act: Act
    outcome: str
    explanation: Explanation
    fields: tuple[Field, ...]
    left_out: tuple[tuple[Text, Text], ...]
    clauses: tuple[ClauseShown, ...]
    exclusions: tuple[ClauseShown, ...]

    @property
    def incomplete(self) -> bool:
        """Whether the sources tell of charges that the record cannot hold."""
        return any("incomplete" in why.get("en", "") for _, why in self.left_out)


@kept_for_the_edition
def answers(act_id: str) -> Mapping[str, PersonInTheNews]:
    """The answer of an act for each person arrested before it came into force.

    Where no day of an arrest is published, only the latest act is asked: the case is of its time.
    """
    act = next(one for one in every_act() if one.id == act_id)
    dated = {one.person_id for one in published().people if one.arrest_date}
    latest = act == acts_here()[0]
    return {one.record.case_id: one for one in people_in_the_news(act) if latest or one.record.case_id in dated}


def acts_asked() -> list[Act]:
    """Acts that came into force after somebody's arrest."""
    return [act for act in acts_here() if answers(act.id)]


@kept_for_the_edition
def rules_for(person_id: str, language: str) -> tuple[RulesShown, ...]:
    """What each act says of one person's record."""
    found = ((act, answers(act.id).get(person_id)) for act in acts_asked())
    return tuple(_rules(act, one, language) for act, one in found if one is not None)


def _rules(act: Act, person: PersonInTheNews, language: str) -> RulesShown:
    told = explain(person.determination, act, person.record, language)
    note = published().notes[person.record.case_id]
    return RulesShown(
        act,
        person.determination.outcome,
        told,
        tuple(_fields(person.record, Wording(language))),
        tuple((shown_text(what), shown_text(why)) for what, why in note.reasons),
        tuple(_clause(one, act, language) for one in told.grants),
        tuple(_clause(one, act, language) for one in told.exclusions),
    )


def _clause(clause: ClauseText, act: Act, language: str) -> ClauseShown:
    top = [line for line in clause.lines if line.depth == 0]
    if clause.state == "out":
        why = [line for line in top if line.state == "not_met"]
    elif clause.state in ("possible", "may_bar"):
        why = [line for line in top if line.state == "not_known"]
    else:
        why = top if clause.state in ("bars", "applies") else []
    closed = _titles(clause.closed_by, act) if clause.state in ("closed", "shut") else ()
    return ClauseShown(
        clause, Wording(language)(f"state.{clause.state}"), tuple(why), closed, _titles(clause.may_be_closed_by, act)
    )


def _titles(named: tuple[str, ...], act: Act) -> tuple[tuple[str, Text], ...]:
    """Exclusions by their ids, with their titles; an explanation names each as `id (title)`."""
    ids = [text.partition(" ")[0] for text in named]
    return tuple((name, act.clause(name).title) for name in ids)


def _fields(record: CaseRecord, say: Wording) -> Iterator[Field]:
    """What the record holds, in words."""
    if record.offences is not None:
        articles = tuple(one.article for one in record.offences if one.article)
        yield Field("offences", say("field.article"), ", ".join(articles), articles)
    if record.stage:
        yield Field("stage", say("field.stage"), say(f"word.stage.{record.stage}"))
    if record.punishment:
        yield Field("punishment", say("field.punishment"), say(f"word.punishment.{record.punishment}"))
    for name in ("suspended", "deferred"):
        value = getattr(record, name)
        if value is not None:
            yield Field(name, say(f"field.{name}"), say(f"value.{'yes' if value else 'no'}"))
    if record.term_months is not None:
        yield Field("term_months", say("field.term"), say.length(Duration(record.term_months, record.term_days or 0)))
    if record.credit_days is not None:
        yield Field("credit_days", say("field.credit_days"), say.days(record.credit_days))
    for name in ("term_start", "judgment_date"):
        value = getattr(record, name)
        if value is not None:
            yield Field(name, say(f"field.{name}"), say.day(value))
