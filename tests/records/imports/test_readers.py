"""Laws of the readers: what they promise for every value, not for the ones somebody thought of."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clemency.law.codes import load_code
from clemency.records.imports.articles import article_reader
from clemency.records.imports.columns import left_out_words, synonyms, targets
from clemency.records.imports.dates import DateSettings, orders_shown, read_day
from clemency.records.imports.giving_back import escaped
from clemency.records.imports.readings import Reading, read_column
from clemency.records.imports.spelling import all_words, folded, imports_file
from clemency.records.imports.tables import Column, headings
from clemency.records.imports.values import known_words, term
from clemency.records.record import known_facts

CODE = load_code("az-cc")
READ = article_reader(CODE)
ARTICLES = sorted(CODE.parts)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
AZ = ["yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avqust", "sentyabr", "oktyabr", "noyabr", "dekabr"]
RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def articles_of(reading: Reading) -> list[str] | None:
    return None if reading.value is None else [one["article"] for one in reading.value]


@given(st.sampled_from(ARTICLES))
def test_an_article_in_its_one_form_is_read_as_it_stands(article: str) -> None:
    assert articles_of(READ(article, 0)) == [article]


@given(st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=4), st.sampled_from(["; ", ";", "\n", " və ", " и "]))
def test_several_articles_are_read_in_their_order(articles: list[str], between: str) -> None:
    assert articles_of(READ(between.join(articles), 0)) == articles


@given(st.text(alphabet="0123456789.,;-/ mstчcпМ¹²ğəüci", max_size=20))
def test_what_is_read_is_in_its_one_form_and_reads_as_itself(text: str) -> None:
    for article in filter(None, articles_of(READ(text, 0)) or []):
        assert articles_of(READ(article, 0)) == [article]


@given(
    days,
    st.sampled_from(["{d:02}.{m:02}.{y}", "{d}/{m}/{y}", "{y}-{m:02}-{d:02}", "{d} {az} {y}-ci il", "{d} {ru} {y} г."]),
)
def test_a_day_reads_as_it_was_written(day: date, form: str) -> None:
    text = form.format(d=day.day, m=day.month, y=day.year, az=AZ[day.month - 1], ru=RU[day.month - 1])
    assert read_day(text, 0, DateSettings(order="day_first")).value == day


@given(days)
def test_a_day_in_digits_shows_its_order_or_admits_both(day: date) -> None:
    shown = orders_shown([f"{day.day}.{day.month}.{day.year}"])
    if day.day == day.month:
        assert shown == (0, 0, 0)
    else:
        assert shown == ((1, 0, 0) if day.day > 12 else (0, 0, 1))


@given(st.text(max_size=30))
def test_no_text_makes_a_date_reader_fail(text: str) -> None:
    reading = read_day(text, 0, DateSettings())
    assert (reading.value is None) is (reading.fault is not None)


@given(st.integers(0, 40), st.integers(0, 11), st.integers(0, 29))
def test_a_term_in_words_is_its_parts(years: int, months: int, days: int) -> None:
    reading = term(None)(f"{years} il {months} ay {days} gün", 0)
    assert reading.value == {"months": 12 * years + months, "days": days}


@given(st.lists(st.sampled_from(["x", " ", "", "A", "X"]), max_size=6))
def test_headings_are_distinct(given: list[str]) -> None:
    named = headings(given)
    assert len(set(named)) == len(named) == len(given)


@given(st.text(max_size=20))
def test_escaped_text_begins_no_formula_and_comes_back(text: str) -> None:
    import polars as pl

    from clemency.records.imports.tables import without_ours

    safe = escaped(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    ours = Column("clemency_code", pl.Series([None], dtype=pl.String))
    (column,) = without_ours([Column("holder", pl.Series([safe])), ours])
    assert column.text[0] == text


@given(st.lists(st.sampled_from(["1", "2", None, "x"]), max_size=8))
def test_each_place_of_a_column_gets_the_reading_of_its_value(texts: list[str | None]) -> None:
    import polars as pl

    from clemency.records.imports.values import whole_number

    read = read_column(Column("n", pl.Series(texts, dtype=pl.String)), whole_number, pl.Int32())
    assert read.values.to_list() == [int(one) if one in ("1", "2") else None for one in texts]
    assert read.faults["place"].to_list() == [place for place, one in enumerate(texts) if one == "x"]


# --- the library


def test_a_heading_means_one_thing() -> None:
    listed = imports_file("columns")["fields"]
    seen: dict[str, str] = {}
    for field, words in listed.items():
        assert field in targets(known_facts()), field
        for word in all_words(words):
            assert seen.setdefault(word, field) == field, word
    assert not synonyms().keys() & left_out_words()


def test_a_word_of_a_field_means_one_value() -> None:
    for field, values in imports_file("values")["fields"].items():
        seen: dict[str, str] = {}
        for value, words in values.items():
            for word in all_words(words):
                assert seen.setdefault(word, value) == value, (field, word)
        assert known_words(field)


def test_a_word_of_yes_or_no_means_one_of_them() -> None:
    listed = imports_file("values")["yes_or_no"]
    assert not all_words(listed["true"]) & all_words(listed["false"])


def test_letters_of_one_word_fold_to_one() -> None:
    assert folded("QADIN") == folded("qadın") == folded("QADİN")
    assert folded("İŞİN NÖMRƏSİ") == folded("işin nömrəsi") == folded("ISIN NOMRESI")
    assert folded("учёт") == folded("УЧЕТ")
