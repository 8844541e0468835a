"""Template tags and filters: links, texts with the language they are in, figures and days, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clemency.web import languages
from clemency.web.links import link as link_from
from clemency.web.links import link_to
from clemency.web.observatory.selectors.texts import in_every_language

register = template.Library()


def _language() -> str:
    return (get_language() or "en").partition("-")[0]


@register.simple_tag(takes_context=True)  # type: ignore[untyped-decorator]
def link(context: Any, name: str, fragment: str = "", **values: str) -> str:
    """The link to a page or document by its name and values: `{% link "act" act=act.id %}`."""
    return link_from(context["request"], name, fragment, **values)


@register.simple_tag(takes_context=True)  # type: ignore[untyped-decorator]
def asset(context: Any, path: str) -> str:
    """The link to a file of the `static` folder: `{% asset "site.css" %}`."""
    return link_to(context["request"], settings.STATIC_URL + path)


@register.filter  # type: ignore[untyped-decorator]
def number(value: float | None) -> str:
    """A number as the language writes it; nothing stays nothing."""
    return "" if value is None else languages.number(value, _language())


@register.filter  # type: ignore[untyped-decorator]
def percent(share: float) -> str:
    """A share of one as a percentage."""
    return languages.percent(share, _language())


@register.filter  # type: ignore[untyped-decorator]
def day(text: Any) -> SafeString:
    """A day, month or year in words, with the machine's form beside it."""
    iso = "" if text is None else str(text)
    words = languages.day(iso, _language())
    if 4 <= len(iso) <= 10 and iso[:4].isdigit() and iso.count("-") == (len(iso) - 4) // 3:
        return format_html('<time datetime="{}">{}</time>', iso, words)
    return format_html("{}", words)


@register.filter  # type: ignore[untyped-decorator]
def plain_day(text: Any) -> str:
    """A day, month or year in words only, for titles and attributes."""
    return languages.day("" if text is None else str(text), _language())


@register.filter  # type: ignore[untyped-decorator]
def capital(text: str) -> str:
    """A text with a capital first letter, dotted where Azerbaijani wants it."""
    return languages.capital(str(text), _language())


@register.filter  # type: ignore[untyped-decorator]
def text(value: Mapping[str, str] | str | None) -> SafeString:
    """A text in the language of the page; where it has none, English marked as such."""
    words, language = languages.in_language(in_every_language(value), _language())
    if language == _language():
        return format_html("{}", words)
    return format_html('<span lang="{}">{}</span>', language, words)


@register.filter  # type: ignore[untyped-decorator]
def plain_text(value: Mapping[str, str] | str | None) -> str:
    """The same text without markup, for titles and attributes."""
    return languages.in_language(in_every_language(value), _language())[0]


@register.filter  # type: ignore[untyped-decorator]
def english(value: str) -> SafeString:
    """A text that the data keep in English: translated where it is ours, else marked as English on other pages."""
    return text({"en": value})


@register.filter  # type: ignore[untyped-decorator]
def in_days(count: int) -> str:
    """A number of days."""
    from clemency.determine.wording import Wording

    return Wording(_language()).days(count)


@register.filter  # type: ignore[untyped-decorator]
def said(figure: Any) -> SafeString:
    """A figure with the word its source put before it, on one line, with the row it stands in.

    Anything with `value` and `qualifier` will do, and `claim_id`, `id` or `row` for the row.
    """
    row = next(filter(None, (getattr(figure, name, "") for name in ("claim_id", "row", "id"))), "")
    words = plain_said(figure)
    return _data(figure.value, row, words)


@register.simple_tag  # type: ignore[untyped-decorator]
def fig(value: float | None, row: str) -> SafeString:
    """A number that was worked out, with the row it comes from: `{% fig 5638 "estimate.az-2025.total" %}`."""
    if value is None:
        return format_html("")
    return _data(value, row, languages.number(round(value), _language()))


def _data(value: float, row: str, words: str) -> SafeString:
    plain = f"{value:.10g}"
    return format_html('<data class="figure-said" value="{}" data-row="{}">{}</data>', plain, row, words)


@register.filter  # type: ignore[untyped-decorator]
def plain_said(figure: Any) -> str:
    """The same without markup, for titles and attributes."""
    return languages.said(figure.value, figure.qualifier, _language())


@register.filter  # type: ignore[untyped-decorator]
def named(key: str | None, of: str) -> Any:
    """The name of a stage, body, kind of source, caution or standing: `{{ claim.body|named:"BODIES" }}`."""
    from clemency.web.observatory.selectors import claim_words

    return getattr(claim_words, of).get(key or "", "")


@register.filter  # type: ignore[untyped-decorator]
def quantity_title(name: str) -> SafeString:
    """What a quantity counts, in words."""
    from clemency.observe.claims import quantities

    return text(quantities()[name].title)


@register.filter  # type: ignore[untyped-decorator]
def scope_title(name: str) -> SafeString:
    """Whom a scope counts, in words."""
    from clemency.observe.claims import scopes

    return text(scopes().by_name[name].title)


@register.filter  # type: ignore[untyped-decorator]
def table_title(name: str) -> SafeString:
    """The title of a table of the data."""
    from clemency.web.observatory.selectors.tables import package

    return text(package().tables[name].title)


@register.filter  # type: ignore[untyped-decorator]
def clause_title(clause_id: str, act: Any) -> SafeString:
    """The title of a clause of an act."""
    return text(act.clause(clause_id).title)


@register.filter  # type: ignore[untyped-decorator]
def site_of(url: str) -> str:
    """The name of the site an address is on.

    >>> site_of("https://www.report.az/en/x")
    'report.az'
    """
    return urlsplit(url).netloc.removeprefix("www.")


@register.simple_tag  # type: ignore[untyped-decorator]
def source(url: str, name: str = "") -> SafeString:
    """A link to a source outside, by its name or its site: it opens nothing by itself and sends no referrer.

    Names of sources are kept in English, and one of several words says so on a page in another language.
    """
    label = name or site_of(url)
    tongue = mark_safe(' lang="en"') if " " in label and _language() != "en" else ""
    if urlsplit(url).scheme not in ("http", "https"):
        return format_html('<span class="source"{}>{}</span>', tongue, label)
    return format_html('<a class="source" rel="external noreferrer" href="{}"{}>{}</a>', url, tongue, label)


@register.simple_tag  # type: ignore[untyped-decorator]
def confidence(level: str) -> SafeString:
    """How sure a statement is, as a word with three strokes beside it."""
    words = {"high": _("high"), "medium": _("medium"), "low": _("low")}
    known = level if level in words else "low"
    drawn = mark_safe("<i></i><i></i><i></i>")
    return format_html(
        '<span class="sure sure-{}"><span aria-hidden="true">{}</span>{}</span>', known, drawn, words[known]
    )


@register.filter  # type: ignore[untyped-decorator]
def articles(value: Mapping[str, str] | str | None) -> Any:
    """A text of the page's language in pieces, articles of the criminal code set apart so that they can be linked."""
    from clemency.web.observatory.selectors.people import pieces

    return pieces(languages.in_language(value, _language())[0])
