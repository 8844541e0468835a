"""Words, face and paper of the pictures: every letter is there, every phrase is whole, colours can be told apart."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.law.act import LANGUAGES
from clemency.observe import claims as library
from clemency.observe import pictures, typeface
from clemency.observe.figures import Cited, write_csv
from clemency.observe.pictures import NARROW, WIDE, Picture, Sheet, write_picture
from clemency.observe.words import Words, from_ending, phrases


def leaves(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    if all(isinstance(value, str) for value in node.values()):
        yield path, node
        return
    for key, value in node.items():
        yield from leaves(value, f"{path}.{key}" if path else str(key))


PHRASES = dict(leaves(phrases()))


@pytest.mark.parametrize("key", PHRASES)
def test_every_phrase_is_there_in_every_language_with_the_same_places(key: str) -> None:
    texts = PHRASES[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    needed = {
        language: {name for _, name, _, _ in string.Formatter().parse(texts[language]) if name} for language in texts
    }
    needed = {language: names - {"ending"} for language, names in needed.items()}  # only Azerbaijani has endings
    assert needed["az"] == needed["ru"] == needed["en"]


def test_the_face_has_every_letter_that_is_drawn() -> None:
    drawn = [text for texts in PHRASES.values() for text in texts.values()]
    drawn += [title for entry in library.quantities().values() for title in entry.title.values()]
    drawn += [title for scope in library.scopes().by_name.values() for title in scope.title.values()]
    drawn += [text for one in library.claims() for text in (one.source_name, one.note)]
    drawn.append("ƏəĞğİıÖöŞşÇçÜü" + "".join(map(chr, range(0x410, 0x450))) + "Ёё0123456789\u00a0")
    assert not set().union(*map(typeface.missing, drawn))


def test_figures_are_of_one_width() -> None:
    for weight in typeface.WEIGHTS:
        assert len({round(typeface.width(digit, 10, weight), 6) for digit in "0123456789"}) == 1


@given(st.lists(st.text(alphabet="abcəşğ", min_size=1, max_size=12), max_size=30), st.floats(20, 400))
def test_lines_keep_every_word_and_fit_unless_a_word_is_too_long(given_words: list[str], room: float) -> None:
    lines = typeface.wrapped(" ".join(given_words), room, 13)
    assert " ".join(lines).split() == given_words
    assert all(typeface.width(line, 13) <= room or " " not in line for line in lines)


@given(st.integers(1, 10**7))
def test_an_ending_follows_the_last_word_of_a_number(number: int) -> None:
    last_word = next((10**power * (number // 10**power % 10) for power in range(7) if number // 10**power % 10), 0)
    back = last_word in {6, 9, 10, 30, 40, 60, 90, 1_000_000}
    if last_word < 100:
        assert from_ending(number) == ("dan" if back else "dən")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as the web's accessibility guidelines count it."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_can_be_read_on_the_paper_and_bands_be_told_apart_in_grey() -> None:
    for colour in (pictures.INK, pictures.MUTED, pictures.ANNOUNCED, pictures.REPORTED, pictures.RULES_DARK):
        assert contrast(colour, pictures.PAPER) >= 4.5
    steps = (pictures.PAPER, pictures.RULES_LIGHT, pictures.RULES_MID, pictures.RULES_DARK)
    assert all(contrast(one, other) >= 1.5 for one, other in pairwise(steps))


def picture(body: Any = lambda sheet: None) -> Picture:
    figure = Cited("c1", "announced", "total", 20_000, "over")
    return Picture("test", "en", "A & b", "under", ("note",), "In words <x>", (figure,), {"c1": "All"}, body)


def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    svg = picture().svg()
    assert 'role="img"' in svg
    assert ">A &amp; b</title>" in svg
    assert ">In words &lt;x&gt;</desc>" in svg
    assert "aria-roledescription" not in svg


def test_the_same_picture_gives_the_same_bytes_and_its_files(tmp_path) -> None:
    def body(sheet: Sheet) -> None:
        sheet.bar(0, 100, sheet.y + 20, 10, pictures.RULES_MID)
        sheet.mark(50, sheet.y + 20, "diamond", pictures.ANNOUNCED, 190, pictures.PAPER)
        sheet.y += 40

    one = {path.name: path.read_bytes() for path in write_picture(picture(body), tmp_path)}
    (tmp_path / "again").mkdir()
    two = {path.name: path.read_bytes() for path in write_picture(picture(body), tmp_path / "again")}
    assert one == two
    assert set(one) == {f"test.{ending}" for ending in pictures.FILES}
    assert one["test.svg"] != one["test.narrow.svg"]
    for name, layout in (("test.png", WIDE), ("test.narrow.png", NARROW)):
        assert one[name].startswith(b"\x89PNG")
        assert int.from_bytes(one[name][16:20], "big") == 3 * (layout.width + 2 * layout.margin)


def test_a_figure_without_a_number_is_empty_and_not_nought() -> None:
    text = write_csv([Cited("a", "reported", "total", None), Cited("b", "reported", "total", 0)], {"a": "x"})
    rows = [line.split(",") for line in text.splitlines()]
    assert rows[1][rows[0].index("value")] == ""
    assert rows[2][rows[0].index("value")] == "0"
    assert rows[1][:2] == ["a", "x"]


def test_a_figure_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="figure a: kind 'guessed'"):
        Cited("a", "guessed", "total", 1)


def test_numbers_and_days_are_those_of_the_language() -> None:
    told = {language: Words(language) for language in LANGUAGES}
    figure = Cited("c1", "announced", "total", 20_000, "over")
    assert [words.figure(figure) for words in told.values()] == [
        "over 20,000",
        "20\u00a0000-dən çox",
        "более 20\u00a0000",
    ]
    assert [words.short("1995-05") for words in told.values()] == ["May\u00a01995", "may\u00a01995", "май\u00a01995"]
    assert told["en"].short("2004-2005") == "2004-2005"
