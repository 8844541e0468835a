"""Calendar arithmetic: laws that hold for every day, and the days on which they are easily broken."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clemency.law.calendar import EARLIEST, LATEST, Duration, add, add_months, age_on, latest_birth_for_age
from clemency.law.calendar_columns import add_months_to, ages_on, day_number

days = st.dates(EARLIEST, LATEST)
inner_days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
months = st.integers(-1200, 1200)
durations = st.builds(Duration, st.integers(-600, 600), st.integers(-1000, 1000))


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        (date(2025, 8, 31), -6, date(2025, 2, 28)),
        (date(2024, 8, 31), -6, date(2024, 2, 29)),
        (date(2025, 8, 29), -6, date(2025, 2, 28)),
        (date(2025, 8, 28), -6, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 20), 12, date(2026, 12, 20)),
        (date(2025, 12, 20), -12, date(2024, 12, 20)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 20), 0, date(2025, 12, 20)),
    ],
)
def test_months_end_where_the_month_ends(day: date, by: int, expected: date) -> None:
    assert add_months(day, by) == expected


@given(inner_days, months)
def test_months_are_counted_and_the_day_is_kept_or_clamped(day: date, by: int) -> None:
    result = add_months(day, by)
    assert (result.year * 12 + result.month) - (day.year * 12 + day.month) == by
    assert result.day == min(day.day, calendar.monthrange(result.year, result.month)[1])


@given(inner_days, months)
def test_months_and_back_lose_only_the_days_a_short_month_lacks(day: date, by: int) -> None:
    back = add_months(add_months(day, by), -by)
    assert timedelta(0) <= day - back <= timedelta(3)
    assert day.day > 28 or back == day


@given(inner_days, inner_days, months)
def test_adding_months_keeps_the_order_of_days(first: date, second: date, by: int) -> None:
    first, second = sorted((first, second))
    assert add_months(first, by) <= add_months(second, by)


@given(days, st.integers(-2_000_000, 2_000_000))
def test_beyond_the_calendar_its_first_and_last_month_count(day: date, by: int) -> None:
    result = add_months(day, by)
    assert EARLIEST <= result <= LATEST
    assert result.year not in (EARLIEST.year, LATEST.year) or abs(by) > 0 or result == day


def test_a_term_of_thousands_of_years_ends_with_the_calendar() -> None:
    assert add_months(date(2020, 5, 31), 100_000) == date(2250, 12, 31)
    assert add_months(date(2020, 5, 31), -100_000) == date(1850, 1, 31)
    assert add(date(2250, 12, 31), Duration(0, 10)) == date(2251, 1, 10)


@given(st.lists(days, min_size=1, max_size=20), st.integers(-5000, 5000))
def test_whole_columns_count_months_as_single_days_do(some: list[date], by: int) -> None:
    columns = add_months_to(np.array([day_number(day) for day in some], np.int32), by)
    assert columns.tolist() == [day_number(add_months(day, by)) for day in some]


@given(st.lists(st.tuples(days, days), min_size=1, max_size=20))
def test_whole_columns_count_ages_as_single_days_do(some: list[tuple[date, date]]) -> None:
    births, on = (np.array([day_number(day) for day in side], np.int32) for side in zip(*some, strict=True))
    assert ages_on(births, on).tolist() == [age_on(birth, day) for birth, day in some]


@given(days, durations)
def test_a_duration_is_months_first_then_days(day: date, by: Duration) -> None:
    assert add(day, by) == add_months(day, by.months) + timedelta(days=by.days)


@given(durations, durations, durations)
def test_durations_are_in_one_total_order(one: Duration, two: Duration, three: Duration) -> None:
    assert (one < two) + (one == two) + (one > two) == 1
    assert not (one <= two <= three) or one <= three
    assert one != two or hash(one) == hash(two)


@given(durations, durations)
def test_durations_add_and_cancel(one: Duration, two: Duration) -> None:
    assert (one + two).months == one.months + two.months
    assert (one + two).days == one.days + two.days
    assert one + -one == Duration()


@given(st.integers(1, 400), st.integers(1, 29))
def test_a_few_days_more_make_a_longer_term(count: int, more: int) -> None:
    assert Duration(count) < Duration(count, more) < Duration(count + 1)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration(), "0 months"),
        (Duration(1), "1 month"),
        (Duration(0, 1), "1 day"),
        (Duration(18, 10), "18 months 10 days"),
        (Duration(12, 1), "12 months 1 day"),
    ],
)
def test_a_duration_reads_as_words(duration: Duration, text: str) -> None:
    assert str(duration) == text


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1965, 12, 20), date(2025, 12, 20), 60),
        (date(1965, 12, 21), date(2025, 12, 20), 59),
        (date(1964, 2, 29), date(2025, 2, 27), 60),
        (date(1964, 2, 29), date(2025, 2, 28), 61),
        (date(1964, 2, 29), date(2024, 2, 28), 59),
        (date(1964, 2, 29), date(2024, 2, 29), 60),
        (date(2007, 5, 10), date(2025, 5, 9), 17),
        (date(2007, 5, 10), date(2025, 5, 10), 18),
        (date(2025, 12, 20), date(2025, 12, 20), 0),
        (date(2025, 12, 21), date(2025, 12, 20), -1),
    ],
)
def test_a_birthday_is_reached_on_the_day_itself(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(days, days)
@example(date(1964, 2, 29), date(2025, 2, 28))
def test_age_is_the_number_of_birthdays_reached(birth: date, day: date) -> None:
    age = age_on(birth, day)
    assert add_months(birth, 12 * age) <= day < add_months(birth, 12 * (age + 1))


@given(days, days, days)
def test_age_never_falls_and_the_younger_is_never_older(birth: date, later_birth: date, day: date) -> None:
    birth, later_birth = sorted((birth, later_birth))
    assert age_on(birth, day) >= age_on(later_birth, day)
    assert age_on(birth, day + timedelta(days=1)) >= age_on(birth, day)


@given(st.integers(0, 120), st.dates(date(1980, 1, 1), date(2060, 12, 31)))
@example(61, date(2025, 2, 28))
@example(60, date(2024, 2, 28))
@example(60, date(2024, 2, 29))
@example(18, date(2025, 3, 1))
def test_latest_birth_is_the_last_one_of_that_age(age: int, day: date) -> None:
    latest = latest_birth_for_age(age, day)
    assert age_on(latest, day) >= age
    assert age_on(latest + timedelta(days=1), day) < age


@given(st.integers(0, 120), days, st.dates(date(1980, 1, 1), date(2060, 12, 31)))
def test_an_age_is_reached_exactly_by_those_born_by_the_latest_birth(age: int, birth: date, day: date) -> None:
    assert (age_on(birth, day) >= age) == (birth <= latest_birth_for_age(age, day))
