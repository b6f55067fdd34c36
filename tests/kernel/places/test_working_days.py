from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from commonweal.kernel.base.jurisdiction import Break
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import (
    add_working_days,
    counts,
    deadline,
    is_working_day,
    next_working_day,
    objection_until,
    working_days_between,
)

days = st.dates(date(2026, 1, 1), date(2027, 6, 30))


# The four worked examples of the municipal code's general part (PAMC 1.16.010, 1.16.015).
def test_twenty_working_days_over_thanksgiving() -> None:
    assert add_working_days(date(2026, 11, 20), 20) == date(2026, 12, 22)


def test_thirty_days_that_end_on_christmas_end_on_the_monday_after() -> None:
    assert deadline(date(2026, 11, 25), 30) == date(2026, 12, 28)


def test_appeal_runs_from_the_third_day_after_the_notice() -> None:
    served = date(2026, 11, 20) + timedelta(days=3)

    assert deadline(served, 30) == date(2026, 12, 23)


def test_ten_working_days_over_new_year() -> None:
    assert add_working_days(date(2026, 12, 18), 10) == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), False),
        (date(2026, 11, 28), False),
        (date(2026, 11, 29), False),
        (date(2026, 7, 3), False),
        (date(2027, 12, 31), False),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(day: date, is_open: bool) -> None:
    assert is_working_day(day) is is_open


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2028, 1, 3)])
def test_a_year_without_declared_holidays_is_an_error(day: date) -> None:
    with pytest.raises(CalendarUnknown, match=str(day.year)):
        is_working_day(day)


def test_a_period_that_reaches_an_undeclared_year_is_an_error() -> None:
    with pytest.raises(CalendarUnknown, match="2028"):
        add_working_days(date(2027, 12, 30), 1)
    with pytest.raises(CalendarUnknown, match="2028"):
        deadline(date(2027, 12, 30), 5)


def test_negative_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 1, 5), -1)
    with pytest.raises(ValueError, match="negative"):
        deadline(date(2026, 1, 5), -1)


@given(days, st.integers(1, 60))
def test_a_period_ends_on_a_working_day_and_holds_as_many(day: date, count: int) -> None:
    end = add_working_days(day, count)

    assert is_working_day(end)
    assert working_days_between(day, end) == count
    assert working_days_between(day, end - timedelta(days=1)) == count - 1


@given(days, st.integers(0, 120))
def test_a_deadline_is_the_first_working_day_from_the_last_day_on(day: date, count: int) -> None:
    end, last = deadline(day, count), day + timedelta(days=count)

    assert end == next_working_day(last) >= last
    assert working_days_between(last - timedelta(days=1), end) == 1


def test_no_working_days_lie_before_the_first_day() -> None:
    assert working_days_between(date(2026, 3, 3), date(2026, 3, 2)) == 0
    assert add_working_days(date(2026, 3, 1), 0) == date(2026, 3, 1)


# PAMC 20.12.090: an appeal about a school is made within 20 school days.
def test_school_days_leave_out_the_holidays_of_the_schools() -> None:
    offered = date(2027, 6, 1)

    assert add_working_days(offered, 20) == date(2027, 6, 30)
    assert add_working_days(offered, 20, other_days="school-days") == date(2027, 9, 13)
    assert objection_until(date(2027, 4, 16), working_days=20, other_days="school-days") == date(2027, 5, 17)


def test_days_that_nobody_declared_are_an_error() -> None:
    with pytest.raises(KeyError, match="market-days"):
        counts(date(2027, 6, 1), "market-days")


def test_a_year_without_declared_breaks_is_an_error() -> None:
    with pytest.raises(CalendarUnknown, match="2024"):
        counts(date(2024, 6, 3), "school-days")


def test_a_break_ends_no_earlier_than_it_begins() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        Break(first_on=date(2027, 6, 2), last_on=date(2027, 6, 1), name="Nothing")
