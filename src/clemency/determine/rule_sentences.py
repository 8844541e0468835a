"""A clause as a sentence: whom it means, made from its typed tree, and what it gives, in every language of the house.

Negations are carried down to the single conditions, so that no "not" stands before something that could be read in two
ways. Conditions of one kind make a running sentence; where "and" and "or" mix, or the sentence grows too long, they
make a list with (a), (b), (i), (ii).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from clemency.determine.rule_words import Leaves, about_crime, admitted_by, phrase, share_said, share_written
from clemency.determine.wording import Wording
from clemency.law import rules
from clemency.law.act import Act, Exclusion, Grant, Reservation
from clemency.law.reliefs import Relief
from clemency.law.rules import (
    Among,
    And,
    AnyOffence,
    Compare,
    Condition,
    EveryOffence,
    IsTrue,
    LawOpen,
    Literal,
    Name,
    Not,
    Or,
    Term,
)
from clemency.law.vocabulary import CASE_FIELDS, CATEGORIES, Kind

_MOST_WORDS = 60
_CRIME_WORDS = 30
_LINE_PARTS = 3
_TURNED = {"and": "or", "or": "and"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii")


# --- sentences ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One condition of a list, by its mark, with the lines below it; `joint` is what joins it to the next."""

    mark: str
    text: str
    joint: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class RuleSentence:
    """Whom a clause means: one running sentence, or the words before a list and its lines."""

    text: str
    lines: tuple[Line, ...] = ()

    def plain(self) -> str:
        """All of it on one line, the marks of the list in brackets."""
        if not self.lines:
            return self.text
        return f"{self.text}: {_joined(self.lines)}."


def _joined(lines: Sequence[Line]) -> str:
    told = (f"({line.mark}) {line.text}" + (f": {_joined(line.lines)}" if line.lines else "") for line in lines)
    return " ".join(f"{text}{line.joint}" for text, line in zip(told, lines, strict=True))


def clause_sentence(clause: Grant | Exclusion | Reservation, act: Act, language: str) -> RuleSentence | None:
    """Whom a clause means; None where it has no condition. What is open in law is told by `open_sentence`.

    >>> from clemency.law.act import load_act
    >>> act = load_act("az-2025")
    >>> print(clause_sentence(act.clause("personal.age_60"), act, "en").plain())
    A person who is serving a sentence of imprisonment that is not suspended and who is 60 or older on the day the act \
enters into force (20 December 2025).
    """
    if clause.condition is None:
        return None
    return condition_sentence(_without_open(clause.condition, clause.id), act, language)


def condition_sentence(condition: Condition, act: Act, language: str) -> RuleSentence:
    """Whom a condition means."""
    return _Writer(act, language).sentence(condition)


def open_sentence(clause: Grant | Exclusion | Reservation, language: str) -> str:
    """That a clause, or its reach, is open in law, with the reason the act gives; empty where nothing is open."""
    if isinstance(clause, Reservation) or not clause.law_unknown:
        return ""
    say = Wording(language)
    return phrase(language, "clause_open").format(text=" ".join(say.translated(clause.law_unknown).split()))


def relief_sentence(grant: Grant, language: str) -> str:
    """What a grant gives, as a sentence of its own.

    >>> from clemency.law.act import load_act
    >>> relief_sentence(load_act("az-2025").clause("less_serious.reduce"), "en")
    'The term is cut by 6 months.'
    """
    return _Giver(language).sentence(grant)


def _without_open(condition: Condition, clause_id: str) -> Condition:
    """The condition of a clause without the open point of law that the loader adds to it."""
    if isinstance(condition, And) and LawOpen(f"clause:{clause_id}") in condition.of:
        return And(tuple(part for part in condition.of if part != LawOpen(f"clause:{clause_id}")))
    return condition


# --- the tree of conditions, negations carried down ----------------------------------------------------------------


@dataclass(frozen=True)
class _Leaf:
    """A single condition in words."""

    text: str


@dataclass(frozen=True)
class _Group:
    """Several conditions, joined by `and` or `or`; `crimes` says whether they are said of any or of every crime."""

    joiner: str
    of: tuple[_Part, ...]
    crimes: str = ""


_Part = _Leaf | _Group
_Signed = tuple[Condition | _Leaf, bool]


def _as_group(part: _Part) -> _Group:
    return part if isinstance(part, _Group) else _Group("and", (part,))


class _Writer:
    """Puts a condition into words, as a running sentence or as a list."""

    def __init__(self, act: Act, language: str) -> None:
        self.language = language
        self.words = Leaves(act, language)

    def phrase(self, key: str, **values: str) -> str:
        return phrase(self.language, key).format(**values)

    def sentence(self, condition: Condition) -> RuleSentence:
        part = self.part(condition, True)
        if isinstance(part, _Group) and not part.of:
            return RuleSentence(self.phrase("sentence.everybody" if part.joiner == "and" else "sentence.nobody"))
        running = self.running(part)
        if running is not None and (isinstance(part, _Leaf) or len(running.split()) <= _MOST_WORDS):
            return RuleSentence(running)
        group = _as_group(part)
        lead = (
            self.phrase("sentence.person_of", lead=self.lead(group)) if group.crimes else self.phrase("sentence.person")
        )
        return RuleSentence(lead, self.lines(group, 0))

    def running(self, part: _Part) -> str | None:
        """A running sentence, if the conditions are of one kind."""
        members = part.of if isinstance(part, _Group) else (part,)
        texts = [member.text for member in members if isinstance(member, _Leaf)]
        if len(texts) < len(members) or (isinstance(part, _Group) and part.crimes):
            return None
        joiner = part.joiner if isinstance(part, _Group) else "and"
        return _capital(self.phrase("sentence.running", conditions=self.together(texts, joiner)), self.language)

    def together(self, texts: Sequence[str], joiner: str) -> str:
        if joiner == "or":
            return self.phrase("join.or_each").join(texts)
        if len(texts) < 3:
            return self.phrase("join.and_two").join(texts)
        return ", ".join(texts[:-1]) + self.phrase("join.and_last") + texts[-1]

    def lines(self, group: _Group, depth: int) -> tuple[Line, ...]:
        """The members of a group as lines, each but the last with what joins it to the next."""
        joint = self.phrase(f"join.line_{group.joiner}")
        told = []
        for place, member in enumerate(group.of):
            last = place == len(group.of) - 1
            short = self.short(member)
            if short is not None:
                told.append(Line(_mark(place, depth), short, "" if last else joint))
            elif isinstance(member, _Group):
                below = self.lines(member, depth + 1)
                told.append(Line(_mark(place, depth), self.lead(member), "" if last else joint, below))
        return tuple(told)

    def short(self, part: _Part) -> str | None:
        """What fits on one line of a list: a single condition, or a few of one kind."""
        if isinstance(part, _Leaf):
            return part.text
        texts = [member.text for member in part.of if isinstance(member, _Leaf)]
        together = self.together(texts, part.joiner)
        whole = len(texts) == len(part.of) <= _LINE_PARTS and not part.crimes
        return together if whole and len(together.split()) <= _MOST_WORDS else None

    def lead(self, group: _Group) -> str:
        """The words before the lines of a group."""
        kind = "all" if group.joiner == "and" else "one"
        return self.phrase(f"sentence.{group.crimes}_crime_{kind}" if group.crimes else f"sentence.{kind}_of")

    # reading the tree

    def part(self, node: Condition, holds: bool, of_crime: bool = False) -> _Part:
        """A condition, or its negation, with negations carried down to the leaves."""
        gravest = _gravest(node)
        if gravest is not None:
            return _Leaf(self.words.one_of("worst_category", CATEGORIES, gravest, holds))
        match node:
            case Term(_, of):
                return self.part(of, holds, of_crime)
            case Not(of):
                return self.part(of, not holds, of_crime)
            case And(of) | Or(of):
                joiner = "and" if isinstance(node, And) else "or"
                return self.group(joiner if holds else _TURNED[joiner], of, holds, of_crime)
            case AnyOffence(of) | EveryOffence(of):
                return self.crimes("any" if isinstance(node, AnyOffence) is holds else "every", of, holds)
        text = self.words.leaf(node, holds)
        if of_crime and not about_crime(node):
            text = self.phrase("sentence.crime_of", what=text)
        return _Leaf(text)

    def group(self, joiner: str, of: Sequence[Condition], holds: bool, of_crime: bool) -> _Part:
        """Conditions joined; those of the same kind below are lifted up, and what says nothing is left out."""
        conditions = list(_flat(of, joiner, holds))
        together = joiner == "and" and not of_crime
        flat: list[_Signed] = list(self.serving(conditions)) if together else [*conditions]
        members: list[_Part] = []
        for node, positive in flat:
            member = node if isinstance(node, _Leaf) else self.part(node, positive, of_crime)
            if isinstance(member, _Group) and not member.crimes and not member.of:
                if member.joiner != joiner:
                    return member
                continue
            lifted = isinstance(member, _Group) and not member.crimes and member.joiner == joiner
            members += member.of if isinstance(member, _Group) and lifted else (member,)
        members = list(dict.fromkeys(members))
        return members[0] if len(members) == 1 else _Group(joiner, tuple(members))

    def crimes(self, which: str, of: Condition, holds: bool) -> _Part:
        """What is said of any or of every crime: in the same breath where it is short and of one kind."""
        inner = self.part(of, holds, of_crime=True)
        members = inner.of if isinstance(inner, _Group) else (inner,)
        texts = [member.text for member in members if isinstance(member, _Leaf)]
        joiner = inner.joiner if isinstance(inner, _Group) else "and"
        if not texts and not members:
            return inner if isinstance(inner, _Group) else _Group(joiner, ())
        pair = len(texts) == 2 and joiner == "and" and len(" ".join(texts).split()) <= _CRIME_WORDS
        short = len(texts) == 1 or pair
        if len(texts) == len(members) and short:
            return _Leaf(self.phrase(f"sentence.{which}_crime", what=self.phrase(f"join.{joiner}").join(texts)))
        return _Group(joiner, members, crimes=which)

    def serving(self, flat: Sequence[tuple[Condition, bool]]) -> Iterator[_Signed]:
        """Conditions that all hold, with the stage of serving, the punishment and its suspension made one."""
        stage = next((one for one in flat if _values_of(one, "stage") == ("serving",)), None)
        punishment = next((one for one in flat if _values_of(one, "punishment")), None)
        suspended = next((one for one in flat if one[0] == _SUSPENDED), None)
        if stage is None or (punishment is None and (suspended is None or not suspended[1])):
            yield from self.ranges(flat)
            return
        text = self.words.serving(_values_of(punishment, "punishment"), None if suspended is None else suspended[1])
        merged = (stage, punishment, suspended)
        yield (_Leaf(text), True)
        yield from self.ranges([one for one in flat if one not in merged])

    def ranges(self, flat: Sequence[tuple[Condition, bool]]) -> Iterator[_Signed]:
        """Conditions that all hold, two of them that make a range of one number as one."""
        rest = list(flat)
        while rest:
            first, following = rest[0], rest[1] if len(rest) > 1 else None
            match first, following:
                case ((Compare(">=", Name() as left, Literal(low)), True), (Compare("<=", right, Literal(high)), True)):
                    if left == right and left.type.kind is Kind.NUMBER:
                        yield (_Leaf(self.words.between(left, low, high)), True)
                        rest = rest[2:]
                        continue
            yield first
            rest = rest[1:]


_SUSPENDED = IsTrue(Name("suspended", CASE_FIELDS["suspended"]))


def _flat(of: Sequence[Condition], joiner: str, holds: bool) -> Iterator[tuple[Condition, bool]]:
    """The conditions of a group with their signs; groups of the same kind below, and names, are opened."""
    for part in of:
        node, sign = part, holds
        while isinstance(node, Term | Not):
            sign = sign if isinstance(node, Term) else not sign
            node = node.of
        kind = "and" if isinstance(node, And) else "or" if isinstance(node, Or) else ""
        if kind and _gravest(node) is None and (kind if sign else _TURNED[kind]) == joiner:
            yield from _flat(rules.children(node), joiner, sign)
        else:
            yield node, sign


def _values_of(signed: tuple[Condition, bool] | None, field: str) -> tuple[str, ...]:
    """The values of a field that a condition admits by naming them; nothing where it names none."""
    match signed:
        case (Compare("=", Name(name, _, False), Literal(value)), True) if name == field:
            return (value,)
        case (Among(Name(name, _, False), values), True) if name == field:
            return values
    return ()


def _gravest(node: Condition) -> tuple[str, ...] | None:
    """The categories that a test of the gravest crime admits; the loader spells such a test out crime by crime."""
    match node:
        case AnyOffence(Compare(">" | ">=" as op, Name("category"), Literal(value))):
            return admitted_by(op, value, CATEGORIES)
        case EveryOffence(Compare("<" | "<=" as op, Name("category"), Literal(value))):
            return admitted_by(op, value, CATEGORIES)
        case And(
            (EveryOffence(Compare("<=", Name("category"), low)), AnyOffence(Compare(">=", Name("category"), high)))
        ):
            return (low.value,) if isinstance(low, Literal) and low == high else None
        case Or(of) if of and all(isinstance(part, And) and _gravest(part) for part in of):
            return tuple(value for part in of for value in _gravest(part) or ())
    return None


def _mark(place: int, depth: int) -> str:
    if depth == 1 and place < len(_ROMAN):
        return _ROMAN[place]
    if depth in (0, 2):
        letter = _LETTERS[place % 26] * (place // 26 + 1)
        return letter if depth == 0 else letter.upper()
    return str(place + 1)


def _capital(text: str, language: str) -> str:
    """A sentence begins with a capital letter; an Azerbaijani i keeps its dot."""
    return ("İ" if language == "az" and text[:1] == "i" else text[:1].upper()) + text[1:]


# --- reliefs --------------------------------------------------------------------------------------------------


class _Giver:
    """What a grant gives, in a sentence."""

    def __init__(self, language: str) -> None:
        self.language, self.say = language, Wording(language)

    def phrase(self, key: str, **values: str) -> str:
        return phrase(self.language, f"relief.{key}").format(**values)

    def sentence(self, grant: Grant) -> str:
        relief = grant.relief
        what = self.given(replace(relief, then=None))
        if relief.then is not None:
            what = self.phrase("then", first=what, following=self.following(relief.then))
        if relief.since is not None:
            what = self.phrase("since", what=what, day=self.say.day(relief.since))
        if relief.consent is not None:
            what = self.phrase(f"consent.{relief.consent}", what=what)
        if relief.after is not None:
            text = " ".join(self.say.translated(relief.after).split())
            what = self.phrase("after", what=what, text=text)
        return what.rstrip(".") + "."

    def following(self, relief: Relief) -> str:
        """What the step after a replacement gives: a cut of the new term."""
        if relief.by is not None:
            return self.phrase("then_reduce", length=self.say.length(relief.by))
        if relief.fraction is None:
            return self.phrase("then_reduce_unknown")
        return self.phrase("then_reduce_share", share=share_said(relief.fraction, self.language))

    def given(self, relief: Relief) -> str:
        """What one step gives."""
        terms = relief.terms()
        if relief.kind == "reduce":
            if relief.by is not None:
                return self.phrase("reduce", length=self.say.length(relief.by))
            if relief.fraction is None:
                return self.phrase("reduce_unknown")
            return self.phrase(f"reduce_{relief.of}", share=share_said(relief.fraction, self.language))
        if relief.kind == "replace":
            if relief.term is not None:
                return self.phrase("replace_term", length=self.say.length(relief.term))
            return self.phrase("replace", punishment=self.say(f"word.punishment.{relief.to}"))
        if relief.kind == "release_point":
            shares = {"share": terms["share"], "before": terms["instead_of"]}
            return self.phrase(
                "release_point", **{name: share_written(one, self.language) for name, one in shares.items()}
            )
        return self.phrase(relief.kind)
