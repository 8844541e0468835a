"""The map of an act as a picture of its own: clauses down, exclusions across, and what each clause gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clemency.observe import typeface
from clemency.web.edition import kept_for_the_edition
from clemency.web.languages import in_language
from clemency.web.observatory.selectors.acts import ActShown, Closing, GrantShown, act_shown

WIDTH, MARGIN = 840, 24
_SIZE, _LEADING, _COLUMN = 13, 17, 28
_TITLES = 330
#: Another face than the one measured may be wider by about so much.
_SPARE = 0.88


@dataclass(frozen=True)
class Line:
    """A line of text at its place; `kind` is its look, and `language` what it is written in."""

    x: int
    y: int
    text: str
    kind: str = ""
    language: str = ""


@dataclass(frozen=True)
class Mark:
    """Where an exclusion meets a clause: a filled disc where it closes it, a ring where it only may."""

    x: int
    y: int
    certain: bool
    told: str


@dataclass(frozen=True)
class ActMap:
    """Everything on the picture, from above to below."""

    title: str
    description: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    rules: tuple[int, ...]
    height: int


@kept_for_the_edition
def file_of_map(act_id: str, language: str) -> bytes:
    """The map of an act as an SVG file in a language."""
    with translation.override(language):
        drawn = _Drawing(act_shown(act_id, language), language).drawn()
        values = {"map": drawn, "language": language, "width": WIDTH, "right": WIDTH - MARGIN}
        return render_to_string("acts/map.svg", values).encode()


class _Drawing:
    def __init__(self, shown: ActShown, language: str) -> None:
        self.shown, self.language = shown, language
        self.y = MARGIN
        self.lines: list[Line] = []
        self.marks: list[Mark] = []
        self.rules: list[int] = []
        self.first_mark = MARGIN + _TITLES + _COLUMN // 2
        self.gives = MARGIN + _TITLES + _COLUMN * len(shown.exclusions) + 10

    def drawn(self) -> ActMap:
        title = in_language(self.shown.act.title, self.language)[0]
        self.written(typeface.wrapped(title, (WIDTH - 2 * MARGIN) * _SPARE, 20, 600), "name", leading=26)
        self.written([_("What each clause gives, and which exclusion closes it")], "quiet")
        self.head()
        for family in self.shown.families:
            self.y += 10
            self.written([str(family.title)], "family")
            for grant in family.grants:
                self.clause(grant)
        self.key()
        return ActMap(
            title,
            " ".join(self.description()),
            tuple(self.lines),
            tuple(self.marks),
            tuple(self.rules),
            self.y + MARGIN // 2,
        )

    def written(self, texts: Sequence[str], kind: str, x: int = MARGIN, leading: int = _LEADING) -> None:
        """Lines one below another, from where the picture has been filled to."""
        for text in texts:
            self.y += leading
            self.lines.append(Line(x, self.y - 4, text, kind))

    def head(self) -> None:
        self.y += _LEADING + 8
        self.lines.append(Line(MARGIN, self.y - 4, _("Clause"), "quiet"))
        for place, one in enumerate(self.shown.exclusions):
            self.lines.append(Line(self.first_mark + _COLUMN * place, self.y - 4, one.letter, "letter"))
        self.lines.append(Line(self.gives, self.y - 4, _("gives"), "quiet"))

    def clause(self, one: GrantShown) -> None:
        """A row: the title of the clause, a mark for each exclusion that limits it, what it gives."""
        self.rules.append(self.y + 2)
        title, language = in_language(one.grant.title, self.language)
        if one.grant.law_unknown:
            title += f" ({_('not certain')})"
        titles = typeface.wrapped(title, (_TITLES - 14) * _SPARE, _SIZE)
        gives = typeface.wrapped(one.gives, (WIDTH - MARGIN - self.gives) * _SPARE, _SIZE)
        for place, text in enumerate(titles):
            self.lines.append(Line(MARGIN, self.y + _LEADING * (place + 1), text, "", self.marked(language)))
        for place, text in enumerate(gives):
            self.lines.append(Line(self.gives, self.y + _LEADING * (place + 1), text, "quiet"))
        for place, closing in enumerate(one.closings):
            if closing is not None:
                told = f"{title}; {closing.letter}: {_meaning(closing)}"
                self.marks.append(Mark(self.first_mark + _COLUMN * place, self.y + 13, closing.certain, told))
        self.y += _LEADING * max(len(titles), len(gives)) + 5

    def key(self) -> None:
        """What the marks mean, which exclusion each letter is, and which rules the picture shows."""
        self.rules.append(self.y + 2)
        self.y += 12
        for certain, text in (
            (True, _("closes the clause")),
            (False, _("may close it: the law is not known")),
        ):
            self.marks.append(Mark(MARGIN + 6, self.y + 9, certain, ""))
            self.written([text], "quiet", MARGIN + 24)
        self.written([_("blank: leaves it alone")], "quiet", MARGIN + 24)
        self.y += 8
        for one in self.shown.exclusions:
            title, language = in_language(one.exclusion.title, self.language)
            self.lines.append(Line(MARGIN + 6, self.y + _LEADING - 4, one.letter, "letter"))
            for text in typeface.wrapped(title, (WIDTH - 2 * MARGIN - 24) * _SPARE, _SIZE):
                self.y += _LEADING
                self.lines.append(Line(MARGIN + 24, self.y - 4, text, "", self.marked(language)))
        self.y += 6
        self.written([_("Rules %(v)s.") % {"v": self.shown.act.version}], "quiet")

    def marked(self, language: str) -> str:
        """The language of a text where it is not that of the picture."""
        return "" if language == self.language else language

    def description(self) -> Iterator[str]:
        """The whole map in words: what each letter stands for, then each clause with what closes it."""
        for one in self.shown.exclusions:
            yield f"{one.letter}: {in_language(one.exclusion.title, self.language)[0]}."
        for family in self.shown.families:
            for grant in family.grants:
                title = in_language(grant.grant.title, self.language)[0]
                closed = "".join(f"; {closing.letter}: {_meaning(closing)}" for closing in grant.closed_by)
                yield f"{title}: {grant.gives}{closed}."


def _meaning(closing: Closing) -> str:
    return _("closes") if closing.certain else _("may close")
