"""Words, numbers and terms as registers write them. A word in no list is never guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from clemency.records.imports.problems import Fault
from clemency.records.imports.readings import Reader, Reading
from clemency.records.imports.spelling import all_words, folded, imports_file
from clemency.records.imports.tables import BOOLEAN, DAY, ERROR, NUMBER

_IN_ERROR = Reading(fault=Fault("spreadsheet_error", "the spreadsheet shows an error here"))
_ERROR_WORDS = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|Н/Д|ССЫЛКА!|ЗНАЧ!|ДЕЛ/0!|ИМЯ\?|ERROR)", re.IGNORECASE
)
Words = Mapping[str, str]


@cache
def unknown_words() -> frozenset[str]:
    """What stands in a cell to say that nothing is known."""
    return all_words(imports_file("values")["unknown"])


@cache
def known_words(field: str) -> dict[str, str]:
    """The words of a coded field, as they are compared, with the value that each means."""
    listed = imports_file("values")["fields"].get(field, {})
    return {word: value for value, words in listed.items() for word in all_words(words)} | {
        folded(value): value for value in listed
    }


@cache
def _yes_and_no() -> dict[str, bool]:
    listed = imports_file("values")["yes_or_no"]
    return {word: value == "true" for value, words in listed.items() for word in all_words(words)}


def guarded(reader: Reader, unknown: frozenset[str] = frozenset()) -> Reader:
    """A reader before which words for unknown, cells in error and lost letters are seen."""

    every = unknown | unknown_words()
    longest = max(map(len, every)) + 4
    with_digits = any(word[0].isdigit() for word in every)

    def read(text: str, kind: int) -> Reading:
        if kind == ERROR or (text.startswith("#") and _ERROR_WORDS.fullmatch(text)):
            return _IN_ERROR
        # The few words for unknown are looked for where one of them can stand: this is done for every value.
        if len(text) <= longest and (with_digits or not text[0].isdigit()) and folded(text) in every:
            return Reading()
        if "\0" in text:
            return Reading(fault=Fault("null_byte", "a null byte stands in the value"))
        if "\ufffd" in text:
            return Reading(fault=Fault("lost_letters", "a letter was lost when the file was saved"))
        return reader(text, kind)

    return read


def coded(field: str, given: Words, values: tuple[str, ...] = ()) -> Reader:
    """A coded word: one of the profile's, else one of the library's, else a value of the field itself."""
    words = known_words(field) | {folded(value): value for value in values} | {folded(w): v for w, v in given.items()}

    def read(text: str, kind: int) -> Reading:
        value = words.get(folded(text))
        if value is not None:
            return Reading(None if value == "unknown" else value)
        close = difflib.get_close_matches(folded(text), words, n=1, cutoff=0.75)
        mend = (
            f"did you mean {words[close[0]]}? Write it, or add the word to `values: {field}` in the profile"
            if close
            else ""
        )
        return Reading(fault=Fault("unknown_word", "no list has this word", mend))

    return read


def yes_or_no(given: Words) -> Reader:
    """Yes or no, by the words of the profile and of the library.

    >>> [yes_or_no({})(text, 0).value for text in ("Bəli", "нет", "—")]
    [True, False, None]
    """
    words = _yes_and_no() | {folded(word): value == "true" for word, value in given.items() if value != "unknown"}
    unknown = frozenset(folded(word) for word, value in given.items() if value == "unknown")

    def read(text: str, kind: int) -> Reading:
        word = folded(text)
        if word in words and word not in unknown:
            return Reading(words[word])
        if word in unknown or word in unknown_words():
            return Reading()
        if kind == NUMBER:
            return Reading(
                fault=Fault("unknown_word", "a number stands where yes or no is expected", "write yes or no")
            )
        return Reading(fault=Fault("unknown_word", "this is neither yes nor no"))

    return read


def plain_text(text: str, kind: int) -> Reading:
    """Text as it stands."""
    return Reading(text)


#: What of a column of numbers of cases has to be looked at.
DOUBTFUL_IDENTITY = r"[eE]\+?\d+$|\x00|\x{FFFD}|^#"


def identity(text: str, kind: int) -> Reading:
    """A case or person number as it stands; a number of so many digits that the spreadsheet cut some is told."""
    if kind == NUMBER and len(re.sub(r"\D", "", text)) > 15:
        return Reading(fault=Fault("lost_digits", "the spreadsheet keeps 15 digits of a number, and this has more"))
    if re.fullmatch(r"\d+[.,]?\d*[eE]\+?\d+", text):
        return Reading(fault=Fault("lost_digits", "the spreadsheet cut the number when it wrote it so"))
    if kind == DAY:
        return Reading(fault=Fault("lost_digits", "the spreadsheet made a date of the number"))
    if kind == ERROR or _ERROR_WORDS.fullmatch(text):
        return _IN_ERROR
    if "\0" in text:
        return Reading(fault=Fault("null_byte", "a null byte stands in the value"))
    if "\ufffd" in text:
        return Reading(fault=Fault("lost_letters", "a letter was lost when the file was saved"))
    return Reading(text)


# --- numbers --------------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?")


def number_of(text: str, kind: int) -> float | Fault:
    """A number with a decimal point or comma.

    >>> number_of("65,5", 0), number_of("1 234", 0), number_of("1,234", 0).code
    (65.5, 1234.0, 'dot_or_thousands')
    """
    bare = text.strip()
    if kind in (BOOLEAN, DAY):
        return Fault("no_number", "this is no number")
    if kind == NUMBER:
        return float(bare)
    if _GROUPED.fullmatch(bare):
        bare = re.sub(r"[ \u00a0\u202f'’]", "", bare)
    if not _PLAIN.fullmatch(bare):
        return Fault("no_number", "this is no number")
    whole, _, rest = bare.replace(",", ".").partition(".")
    if len(rest) == 3 and whole.strip("+-") != "0":
        return Fault("dot_or_thousands", "this may be a number with three decimals, or with a separator of thousands")
    return float(bare.replace(",", "."))


def whole_number(text: str, kind: int) -> Reading:
    """A number without a fraction."""
    read = number_of(text, kind)
    if isinstance(read, Fault):
        return Reading(fault=read)
    if not read.is_integer():
        return Reading(fault=Fault("not_whole", "a whole number is expected"))
    if not 0 <= read <= 100_000:
        return Reading(fault=Fault("does_not_fit", "a number lies between 0 and 100,000", "mend the number"))
    return Reading(int(read))


def any_number(text: str, kind: int) -> Reading:
    """A number, with a percent sign where there is one."""
    read = number_of(text.removesuffix("%").strip() if kind != NUMBER else text, kind)
    return Reading(fault=read) if isinstance(read, Fault) else Reading(read)


# --- terms ----------------------------------------------------------------------------------------------------


@cache
def _units() -> dict[str, str]:
    listed: Mapping[str, Any] = imports_file("calendar")["units"]
    return {word: unit for unit, words in listed.items() for word in all_words(words)}


def years_as_months(text: str, kind: int) -> Reading:
    """A term in years, as calendar months; half a year is six months, a third of one is refused."""
    read = number_of(text, kind)
    if isinstance(read, Fault):
        return Reading(fault=read)
    if not (read * 12).is_integer() or not 0 <= read <= 1000:
        return Reading(fault=Fault("not_whole", "so many years are no whole number of months"))
    return Reading(int(read * 12))


def term(unit: str | None) -> Reader:
    """A term in words, such as `3 il 6 ay`, as months and days; a bare number counts in the unit that the profile says.

    >>> term(None)("3 il 6 ay 10 gün", 0).value, term("years")("5", 0).value
    ({'months': 42, 'days': 10}, {'months': 60, 'days': 0})
    """

    def read(text: str, kind: int) -> Reading:
        if kind == DAY:
            return Reading(fault=Fault("no_term", "the spreadsheet made a date of the term"))
        if kind == NUMBER or _PLAIN.fullmatch(text):
            if unit is None:
                return Reading(fault=Fault("no_term", "the number does not say whether it counts years or months"))
            reading = whole_number(text, kind) if unit != "years" else years_as_months(text, kind)
            if reading.fault:
                return reading
            return Reading(
                {"months": 0 if unit == "days" else reading.value, "days": reading.value if unit == "days" else 0}
            )
        return _spoken_term(text)

    return read


def _spoken_term(text: str) -> Reading:
    """Years, months and days in words, each at most once and in this order."""
    pieces = re.findall(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?", re.sub(r"\([^)]*\)", " ", text))
    rest = re.sub(r"\d+(?:[.,]\d+)?\s*[^\W\d_]+\.?|\([^)]*\)", " ", text)
    units = [_units().get(folded(word)) for _, word in pieces]
    order = [unit for unit in ("years", "months", "days") if unit in units]
    strange = [word for word in folded(rest).split() if word not in ("ve", "и", "and", ",", ";")]
    if not pieces or None in units or units != order or strange:
        return Reading(fault=Fault("no_term", "this is no term that can be read"))
    found = dict.fromkeys(("years", "months", "days"), 0.0)
    for (digits, _), unit in zip(pieces, units, strict=True):
        found[str(unit)] = float(digits.replace(",", "."))
    months = found["years"] * 12 + found["months"]
    if not months.is_integer() or not found["days"].is_integer() or not found["months"].is_integer():
        return Reading(fault=Fault("no_term", "the term is no whole number of months and days"))
    return Reading({"months": int(months), "days": int(found["days"])})
