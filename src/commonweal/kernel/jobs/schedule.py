"""Reads a line of a cron table and says when it last came due.

Source: POSIX crontab(1), with steps (``*/5``) as in Vixie cron. Where day of the month and day of the week are both
limited, either suffices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_YEARS_BACK = 8
"""29 February can be eight years ago (1896 to 1904)."""


@dataclass(frozen=True)
class Schedule:
    """When something comes due.

    Attributes:
        text: As written.
        minutes: Of the hour, ascending.
        hours: Of the day, ascending.
        days: Of the month.
        months: From 1.
        weekdays: Sunday is 0.
        is_any_day: Whether the day of the month is not limited.
        is_any_weekday: Whether the day of the week is not limited.
        is_any_hour: Whether the hour is not limited.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_any_day: bool
    is_any_weekday: bool
    is_any_hour: bool

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read five fields.

        Example:
            >>> Schedule.parse("*/20 6-8 * * 1,7").minutes
            (0, 20, 40)

        Raises:
            ValueError: The text is no such line; the message says which field.
        """
        parts = text.split()
        if len(parts) != len(_FIELDS):
            raise ValueError(f"'{text}' needs five fields: minute, hour, day, month, weekday.")
        minutes, hours, days, months, weekdays = (
            _field(part, name, low, high) for part, (name, low, high) in zip(parts, _FIELDS, strict=True)
        )
        return cls(
            text,
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            frozenset(days),
            frozenset(months),
            frozenset(day % 7 for day in weekdays),
            parts[2] == "*",
            parts[4] == "*",
            parts[1].startswith("*"),
        )

    def last(self, at: datetime, zone: ZoneInfo | timezone) -> datetime | None:
        """Return the latest time, in UTC, at which this came due, up to and including ``at``; None if never yet.

        When clocks go forward, what falls into the hour left out comes due an hour later. When they go back, what has a
        fixed hour comes due once, what runs every hour does so in both.
        """
        today = at.astimezone(zone).date()
        for back in range(-1, _YEARS_BACK * 366):
            day = today - timedelta(days=back)
            if self._fits(day):
                found = [tick for tick in self._ticks(day, zone) if tick <= at]
                if found:
                    return max(found)
        return None

    def _fits(self, day: date) -> bool:
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        either = not self.is_any_day and not self.is_any_weekday
        return day.month in self.months and (by_date or by_weekday if either else by_date and by_weekday)

    def _ticks(self, day: date, zone: ZoneInfo | timezone) -> list[datetime]:
        folds = (0, 1) if self.is_any_hour else (0,)
        return [
            datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=zone).astimezone(UTC)
            for hour in self.hours
            for minute in self.minutes
            for fold in folds
        ]


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        numbers = (first, last or first, step or "1")
        if not all(number.isascii() and number.isdigit() for number in numbers):
            raise ValueError(f"'{text}' is no {name}.")
        begin, end, stride = map(int, numbers)
        if not low <= begin <= end <= high or stride < 1 or (step and not last):
            raise ValueError(f"'{text}' is no {name}: it lies between {low} and {high}.")
        values |= set(range(begin, end + 1, stride))
    return values
