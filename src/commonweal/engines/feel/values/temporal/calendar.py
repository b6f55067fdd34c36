"""Dates of the proleptic Gregorian calendar, years -999,999,999 to 999,999,999.

Source: DMN 1.5, 10.3.2.3.5; the day count follows Howard Hinnant's public description of
civil-date algorithms (days counted from 1970-01-01).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

__all__ = ["LARGEST_YEAR", "Date", "days_in_month", "is_leap_year", "year_text"]

LARGEST_YEAR: Final = 999_999_999
_DAYS_BEFORE: Final = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_LENGTHS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_IN_ERA: Final = 146_097  # 400 years


def is_leap_year(year: int) -> bool:
    """Has the year a 29 February?"""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """How many days the month has, 28 to 31."""
    return 29 if month == 2 and is_leap_year(year) else _LENGTHS[month]


def year_text(year: int) -> str:
    """Print a year with at least four digits, a minus before those before year 0."""
    return f"-{-year:04d}" if year < 0 else f"{year:04d}"


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day.

    Raises:
        ValueError: There is no such day.

    >>> str(Date(2024, 1, 31).plus_months(1))
    '2024-02-29'
    >>> Date(2024, 1, 1).weekday  # 1 is Monday
    1
    """

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not -LARGEST_YEAR <= self.year <= LARGEST_YEAR:
            raise ValueError(f"year {self.year} is out of range")
        if not 1 <= self.month <= 12 or not 1 <= self.day <= days_in_month(self.year, self.month):
            raise ValueError(f"there is no day {self.year}-{self.month}-{self.day}")

    def __str__(self) -> str:
        return f"{year_text(self.year)}-{self.month:02d}-{self.day:02d}"

    @property
    def ordinal(self) -> int:
        """Days since 1970-01-01."""
        year = self.year - 1
        before = year * 365 + year // 4 - year // 100 + year // 400
        leap = 1 if self.month > 2 and is_leap_year(self.year) else 0
        return before + _DAYS_BEFORE[self.month] + leap + self.day - 719_163

    @property
    def weekday(self) -> int:
        """Day of the week: 1 is Monday, 7 is Sunday."""
        return (self.ordinal + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        """Number of the day in its year, from 1."""
        return self.ordinal - Date(self.year, 1, 1).ordinal + 1

    @property
    def week_of_year(self) -> int:
        """ISO 8601 week of the date, 1 to 53."""
        week = (self.day_of_year - self.weekday + 10) // 7
        if week == 0:
            # Belongs to the last week of the year before; ask that year's 31 December by arithmetic.
            length = 366 if is_leap_year(self.year - 1) else 365
            return (self.day_of_year + length - self.weekday + 10) // 7
        length = 366 if is_leap_year(self.year) else 365
        if week == 53 and length - self.day_of_year + self.weekday < 4:
            return 1
        return week

    @classmethod
    def from_ordinal(cls, ordinal: int) -> Date:
        """Build the date that lies ``ordinal`` days after 1970-01-01."""
        days = ordinal + 719_468  # since 0000-03-01
        era, day_of_era = divmod(days, _DAYS_IN_ERA)
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted = (5 * day_of_year + 2) // 153
        month = shifted + 3 if shifted < 10 else shifted - 9
        year = year_of_era + era * 400 + (1 if month <= 2 else 0)
        return cls(year, month, day_of_year - (153 * shifted + 2) // 5 + 1)

    @classmethod
    def from_python(cls, value: dt.date) -> Date:
        """Take a date of the standard library."""
        return cls(value.year, value.month, value.day)

    def plus_days(self, days: int) -> Date:
        """Go ``days`` later (or earlier, when negative)."""
        return Date.from_ordinal(self.ordinal + days)

    def plus_months(self, months: int) -> Date:
        """Go ``months`` later; a day that the month lacks becomes its last day."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))
