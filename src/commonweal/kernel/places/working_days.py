"""Which days count, as ``jurisdiction.yaml`` declares them.

The day of the event itself never counts. A year without declared holidays is unknown, and asking for it is
an error: a deadline is never guessed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from commonweal.kernel.base.jurisdiction import Calendar, current
from commonweal.kernel.places.errors import CalendarUnknown

SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8)
def _closed(calendar: Calendar) -> tuple[frozenset[date], frozenset[int]]:
    days = frozenset(holiday.on for holiday in calendar.holidays)
    return days, frozenset(day.year for day in days)


def is_working_day(day: date) -> bool:
    """Whether offices are open: Monday to Friday, and no holiday.

    Raises:
        CalendarUnknown: The year's holidays are not declared.
    """
    holidays, years = _closed(current().calendar)
    if day.year not in years:
        raise CalendarUnknown(year=day.year)
    return day.weekday() < SATURDAY and day not in holidays


def next_working_day(day: date) -> date:
    """Return the day itself if it is a working day, else the first one after it.

    Raises:
        CalendarUnknown: The search reaches a year whose holidays are not declared.
    """
    while not is_working_day(day):
        day += _ONE_DAY
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the day on which a period of working days ends.

    Args:
        day: The day of the event; it does not count.
        count: How many working days, 0 or more; after 0 the period ends on the day itself.

    Raises:
        CalendarUnknown: The period reaches a year whose holidays are not declared.
        ValueError: The count is negative.
    """
    if count < 0:
        raise ValueError("A period of working days cannot be negative.")
    for _ in range(count):
        day = next_working_day(day + _ONE_DAY)
    return day


def deadline(day: date, calendar_days: int) -> date:
    """Return the last day of a period of calendar days, moved to a working day if it ends on none.

    Args:
        day: The day of the event; it does not count.
        calendar_days: How many days, 0 or more.

    Raises:
        CalendarUnknown: The period ends in a year whose holidays are not declared.
        ValueError: The count is negative.
    """
    if calendar_days < 0:
        raise ValueError("A period of days cannot be negative.")
    return next_working_day(day + timedelta(days=calendar_days))


def objection_until(sent_on: date, calendar_days: int = 0, *, working_days: int | None = None) -> date:
    """Return the last day for objecting to a letter: the days count from the one on which it counts as served.

    Args:
        sent_on: The day on which it was put into the mailbox.
        calendar_days: How long one may object, 0 or more.
        working_days: The same in working days, where the law counts them so.

    Raises:
        CalendarUnknown: The period ends in a year whose holidays are not declared.
        ValueError: The count is negative.
    """
    served_on = sent_on + timedelta(days=current().calendar.served_after_days)
    if working_days is not None:
        return add_working_days(served_on, working_days)
    return deadline(served_on, calendar_days)


def working_days_between(first: date, last: date) -> int:
    """Return how many working days lie after the first day, up to and with the last one; none if it is not later.

    Raises:
        CalendarUnknown: A day in between lies in a year whose holidays are not declared.
    """
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=offset)) for offset in range(1, days + 1))
