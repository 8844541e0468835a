"""The words of the pages in az and ru: collected from templates and code, kept in `locale`, compiled without gettext.

`python -m clemency.web.messages` brings the catalogues up to date: new strings come in empty, strings that are used no
more go out, and what is there is compiled.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LOCALE = HERE / "locale"
TRANSLATED = ("az", "ru")
#: Azerbaijani has one form for 1 and one for the rest; Russian one for 1 and 21, one for 2 and 22, one for 5 and 11.
PLURAL_FORMS = {
    "az": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}
_CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
_CALL = re.compile(r"\b(_|gettext|ngettext)\(")


@dataclass(frozen=True, order=True)
class Message:
    """A string to translate, with its plural where it counts something."""

    text: str
    plural: str = ""


def messages(folder: Path = HERE) -> dict[Message, list[str]]:
    """Every string of the pages, with the files it stands in."""
    found: dict[Message, list[str]] = {}
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.py")]):
        read = _of_template if path.suffix == ".html" else _of_code
        for message in read(path.read_text(encoding="utf-8")):
            places = found.setdefault(message, [])
            name = path.relative_to(folder).as_posix()
            if name not in places:
                places.append(name)
    return dict(sorted(found.items()))


def _of_code(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            texts = [one.value for one in node.args[: _CALLS[node.func.id]] if isinstance(one, ast.Constant)]
            if texts and all(isinstance(one, str) for one in texts):
                yield Message(*map(str, texts))


def _of_template(source: str) -> Iterator[Message]:
    """Django turns a template into something like code; the calls in it are read as code is."""
    from django.utils.translation.template import templatize

    like_code = templatize(source)
    for call in _CALL.finditer(like_code):
        texts = []
        place = call.end()
        for _each in range(_CALLS[call[1]]):
            literal = re.compile(r"\s*,?\s*u?((['\"]).*?(?<!\\)(?:\\\\)*\2)", re.DOTALL).match(like_code, place)
            if literal is None:
                break
            texts.append(str(ast.literal_eval(literal[1])))
            place = literal.end()
        if texts:
            yield Message(*texts)


def catalogue(language: str) -> Any:
    """The catalogue of a language as it is kept."""
    import polib

    return polib.pofile(str(path_of(language)))


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def update(language: str) -> int:
    """Bring a catalogue up to date; the number of strings that still need a translation."""
    import polib

    path = path_of(language)
    kept = {}
    if path.is_file():
        kept = {Message(one.msgid, one.msgid_plural): one for one in polib.pofile(str(path)) if not one.obsolete}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURAL_FORMS[language],
    }
    forms = int(PLURAL_FORMS[language][len("nplurals=")])
    for message, places in messages().items():
        before = kept.get(message)
        entry = polib.POEntry(msgid=message.text, comment="", occurrences=[(place, "") for place in places])
        if message.plural:
            entry.msgid_plural = message.plural
            given = dict(before.msgstr_plural) if before else {}
            entry.msgstr_plural = {form: given.get(form, "") for form in range(forms)}
        else:
            entry.msgstr = before.msgstr if before else ""
        fresh.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path), newline="\n")
    return len(fresh.untranslated_entries())


def compiled(language: str) -> bytes:
    """A catalogue as the machine reads it."""
    made: bytes = catalogue(language).to_binary()
    return made


def main() -> None:
    """Bring all catalogues up to date and compile them."""
    for language in TRANSLATED:
        left = update(language)
        path_of(language).with_suffix(".mo").write_bytes(compiled(language))
        print(f"{path_of(language).relative_to(HERE)}: {left} to translate")


if __name__ == "__main__":
    main()
