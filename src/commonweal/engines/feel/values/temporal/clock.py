"""Times of day, and dates with a time; local, with an offset, or in a zone.

Source: DMN 1.5, 10.3.2.3.4 and 10.3.2.3.6.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from commonweal.engines.feel.values.temporal.calendar import Date
from commonweal.engines.feel.values.temporal.durations import (
    NANOS_PER_DAY,
    NANOS_PER_SECOND,
    fraction_text,
)
from commonweal.engines.feel.values.temporal.zones import UTC, NamedZone, Offset, Zone, offset_at, offset_of

__all__ = ["DateTime", "Time"]


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day. ``==`` compares parts; ``nanos_utc`` compares instants.

    Raises:
        ValueError: There is no such time.

    >>> str(Time(13, 20, 0, 500_000_000, Offset(3600)))
    '13:20:00.5+01:00'
    """

    hour: int
    minute: int
    second: int
    nano: int = 0
    zone: Zone | None = None

    def __post_init__(self) -> None:
        in_range = 0 <= self.hour <= 23 and 0 <= self.minute <= 59 and 0 <= self.second <= 59
        if not in_range or not 0 <= self.nano < NANOS_PER_SECOND:
            raise ValueError(f"there is no time {self.hour}:{self.minute}:{self.second}")

    def __str__(self) -> str:
        zone = "" if self.zone is None else str(self.zone)
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction_text(self.nano)}{zone}"

    @classmethod
    def from_nanos(cls, nanos: int, zone: Zone | None = None) -> Time:
        """Build the time that lies ``nanos`` after midnight; whole days are dropped."""
        total, nano = divmod(nanos % NANOS_PER_DAY, NANOS_PER_SECOND)
        minutes, second = divmod(total, 60)
        return cls(minutes // 60, minutes % 60, second, nano, zone)

    @classmethod
    def from_python(cls, value: dt.time) -> Time:
        """Take a time of the standard library, with the zone it carries."""
        return cls(value.hour, value.minute, value.second, value.microsecond * 1000, _python_zone(value))

    @property
    def second_of_day(self) -> int:
        """Whole seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def nanos(self) -> int:
        """Nanoseconds since midnight, by the clock on the wall."""
        return self.second_of_day * NANOS_PER_SECOND + self.nano

    @property
    def offset_seconds(self) -> int | None:
        """Distance from UTC; a named zone answers for 1970-01-01, having no date to ask about."""
        return None if self.zone is None else offset_of(self.zone, 0, self.second_of_day)

    @property
    def nanos_utc(self) -> int:
        """Nanoseconds since midnight UTC; a local time counts as UTC."""
        return self.nanos - (self.offset_seconds or 0) * NANOS_PER_SECOND


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time. ``==`` compares parts; ``nanos_utc`` compares instants.

    >>> str(DateTime(Date(2026, 9, 15), Time(8, 0, 0, 0, NamedZone("America/Los_Angeles"))))
    '2026-09-15T08:00:00@America/Los_Angeles'
    """

    date: Date
    time: Time

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    @classmethod
    def from_nanos(cls, nanos: int, zone: Zone | None = None) -> DateTime:
        """Build the date and time that lies ``nanos`` after 1970-01-01T00:00:00, by the wall clock."""
        days, rest = divmod(nanos, NANOS_PER_DAY)
        return cls(Date.from_ordinal(days), Time.from_nanos(rest, zone))

    @classmethod
    def from_date(cls, date: Date) -> DateTime:
        """Midnight UTC of a day, as the implicit conversion has it."""
        return cls(date, Time(0, 0, 0, 0, UTC))

    @classmethod
    def from_python(cls, value: dt.datetime) -> DateTime:
        """Take a date-time of the standard library, with the zone it carries."""
        zone = _python_zone(value)
        time = Time(value.hour, value.minute, value.second, value.microsecond * 1000, zone)
        return cls(Date.from_python(value), time)

    @property
    def zone(self) -> Zone | None:
        """Offset or zone, None for a local time."""
        return self.time.zone

    @property
    def nanos(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00, by the clock on the wall."""
        return self.date.ordinal * NANOS_PER_DAY + self.time.nanos

    @property
    def offset_seconds(self) -> int | None:
        """Distance from UTC on that day and hour, None for a local time."""
        zone = self.time.zone
        if zone is None:
            return None
        return offset_of(zone, self.date.ordinal, self.time.second_of_day)

    @property
    def nanos_utc(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; a local time counts as UTC."""
        return self.nanos - (self.offset_seconds or 0) * NANOS_PER_SECOND

    def plus_nanos(self, nanos: int) -> DateTime:
        """Go ``nanos`` later; offset or zone stay. In a named zone true time passes, summer time or not."""
        zone = self.zone
        if not isinstance(zone, NamedZone):
            return DateTime.from_nanos(self.nanos + nanos, zone)
        instant = self.nanos_utc + nanos
        days, rest = divmod(instant, NANOS_PER_DAY)
        offset = offset_at(zone, days, rest // NANOS_PER_SECOND)
        return DateTime.from_nanos(instant + offset * NANOS_PER_SECOND, zone)

    def plus_months(self, months: int) -> DateTime:
        """Go ``months`` later; time and zone stay."""
        return DateTime(self.date.plus_months(months), self.time)


def _python_zone(value: dt.datetime | dt.time) -> Zone | None:
    if value.tzinfo is None:
        return None
    key = getattr(value.tzinfo, "key", None)
    if isinstance(key, str):
        return UTC if key == "UTC" else NamedZone(key)
    offset = value.utcoffset()
    return None if offset is None else Offset(int(offset.total_seconds()))
