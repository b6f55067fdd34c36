"""The two kinds of duration: days and time, and years and months. They never mix.

Source: DMN 1.5, 10.3.2.3.7 and 10.3.2.3.8; XML Schema 1.1 dayTimeDuration, yearMonthDuration.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

__all__ = ["NANOS_PER_DAY", "NANOS_PER_SECOND", "DaysDuration", "YearsMonthsDuration", "fraction_text"]

NANOS_PER_SECOND: Final = 1_000_000_000
NANOS_PER_DAY: Final = 86_400 * NANOS_PER_SECOND


def fraction_text(nanos: int) -> str:
    """Print a fraction of a second with its point, or nothing when it is zero."""
    return f".{nanos:09d}".rstrip("0") if nanos else ""


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A span of days and time, counted in nanoseconds.

    >>> str(DaysDuration.of(days=1, hours=25)), str(DaysDuration(0))
    ('P2DT1H', 'PT0S')
    """

    nanos: int

    @classmethod
    def of(cls, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> DaysDuration:
        """Build a duration of whole parts."""
        return cls(((days * 24 + hours) * 60 + minutes) * 60 * NANOS_PER_SECOND + seconds * NANOS_PER_SECOND)

    @classmethod
    def from_python(cls, value: dt.timedelta) -> DaysDuration:
        """Take a duration of the standard library."""
        return cls((value.days * 86_400 + value.seconds) * NANOS_PER_SECOND + value.microseconds * 1000)

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds, each with the sign of the whole."""
        sign = -1 if self.nanos < 0 else 1
        total, nanos = divmod(abs(self.nanos), NANOS_PER_SECOND)
        minutes, seconds = divmod(total, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return sign * days, sign * hours, sign * minutes, sign * seconds, sign * nanos

    def __str__(self) -> str:
        if self.nanos == 0:
            return "PT0S"
        days, hours, minutes, seconds, nanos = (abs(part) for part in self.parts)
        time = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
        if seconds or nanos:
            time += f"{seconds}{fraction_text(nanos)}S"
        sign = "-" if self.nanos < 0 else ""
        return f"{sign}P" + f"{days}D" * bool(days) + (f"T{time}" if time else "")


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A span of years and months, counted in months.

    >>> str(YearsMonthsDuration(-14)), str(YearsMonthsDuration(0))
    ('-P1Y2M', 'P0M')
    """

    months: int

    @property
    def parts(self) -> tuple[int, int]:
        """Years and months, each with the sign of the whole."""
        years, months = divmod(abs(self.months), 12)
        return (years, months) if self.months >= 0 else (-years, -months)

    def __str__(self) -> str:
        if self.months == 0:
            return "P0M"
        years, months = (abs(part) for part in self.parts)
        return f"{'-' if self.months < 0 else ''}P" + f"{years}Y" * bool(years) + f"{months}M" * bool(months)
