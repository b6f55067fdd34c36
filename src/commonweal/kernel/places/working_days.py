"""Which days count, as ``jurisdiction.yaml`` declares them.

The day of the event itself never counts. A year without declared holidays is unknown, and asking for it is
an error: a deadline is never guessed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from commonweal.kernel.base.jurisdiction import OtherDays, current
from commonweal.kernel.places.errors import CalendarUnknown

SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8)
def _years(days: OtherDays) -> frozenset[int]:
    return frozenset(
        year for each in days.breaks for year in range(each.first_on.year, each.last_on.year + 1)
    )


def is_working_day(day: date) -> bool:
    """Whether offices are open: Monday to Friday, and no holiday.

    Raises:
        CalendarUnknown: The year's holidays are not declared.
    """
    calendar = current().calendar
    if day.year not in calendar.known_years:
        raise CalendarUnknown(year=day.year)
    return day.weekday() < SATURDAY and day not in calendar.closed_on


def counts(day: date, other_days: str) -> bool:
    """Whether a day counts where the law counts other days than working days: a working day that lies in no break.

    Args:
        day: The day.
        other_days: Key of one of the jurisdiction's ``other_days``; empty for working days.

    Raises:
        CalendarUnknown: The year's holidays or breaks are not declared.
        KeyError: The jurisdiction declares no such days.
    """
    if not other_days:
        return is_working_day(day)
    found = next((each for each in current().other_days if each.key == other_days), None)
    if found is None:
        raise KeyError(other_days)
    if day.year not in _years(found):
        raise CalendarUnknown(year=day.year)
    in_break = any(each.first_on <= day <= each.last_on for each in found.breaks)
    return is_working_day(day) and not in_break


def next_working_day(day: date) -> date:
    """Return the day itself if it is a working day, else the first one after it.

    Raises:
        CalendarUnknown: The search reaches a year whose holidays are not declared.
    """
    while not is_working_day(day):
        day += _ONE_DAY
    return day


def add_working_days(day: date, count: int, *, other_days: str = "") -> date:
    """Return the day on which a period of working days ends.

    Args:
        day: The day of the event; it does not count.
        count: How many working days, 0 or more; after 0 the period ends on the day itself.
        other_days: Key of the jurisdiction's days that count instead, for example school days.

    Raises:
        CalendarUnknown: The period reaches a year whose holidays are not declared.
        KeyError: The jurisdiction declares no such days.
        ValueError: The count is negative.
    """
    if count < 0:
        raise ValueError("A period of working days cannot be negative.")
    for _ in range(count):
        day += _ONE_DAY
        while not counts(day, other_days):
            day += _ONE_DAY
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


def objection_until(
    sent_on: date, calendar_days: int = 0, *, working_days: int | None = None, other_days: str = ""
) -> date:
    """Return the last day for objecting to a letter: the days count from the one on which it counts as served.

    Args:
        sent_on: The day on which it was put into the mailbox.
        calendar_days: How long one may object, 0 or more.
        working_days: The same in working days, where the law counts them so.
        other_days: Key of the jurisdiction's days that count instead of working days.

    Raises:
        CalendarUnknown: The period ends in a year whose holidays are not declared.
        ValueError: The count is negative.
    """
    served_on = sent_on + timedelta(days=current().calendar.served_after_days)
    if working_days is not None:
        return add_working_days(served_on, working_days, other_days=other_days)
    return deadline(served_on, calendar_days)


def as_in_mailbox(posted_on: date) -> date:
    """Return the day on which a letter would have to be put into the mailbox to count as served with one posted on a day.

    Args:
        posted_on: The day on which a letter on paper is posted.
    """
    calendar = current().calendar
    by_post = calendar.served_by_post_after_days
    more = 0 if by_post is None else by_post - calendar.served_after_days
    return posted_on + timedelta(days=more)


def working_days_between(first: date, last: date) -> int:
    """Return how many working days lie after the first day, up to and with the last one; none if it is not later.

    Raises:
        CalendarUnknown: A day in between lies in a year whose holidays are not declared.
    """
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=offset)) for offset in range(1, days + 1))
