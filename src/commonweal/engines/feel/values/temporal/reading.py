"""Reading temporal values from text: XML Schema's forms, and FEEL's ``@Zone``.

Source: DMN 1.5, 10.3.4.1 (conversion functions) and 10.3.1.2 rule 62 (at literals).
"""

from __future__ import annotations

import re
from typing import Final

from commonweal.engines.feel.values.temporal.calendar import Date
from commonweal.engines.feel.values.temporal.clock import DateTime, Time
from commonweal.engines.feel.values.temporal.durations import (
    NANOS_PER_SECOND,
    DaysDuration,
    YearsMonthsDuration,
)
from commonweal.engines.feel.values.temporal.zones import UTC, Offset, Zone, zone_named

__all__ = ["parse_date", "parse_date_time", "parse_duration", "parse_temporal", "parse_time"]

_DATE: Final = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME: Final = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,100}))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+/-]{1,64}))?",
    re.ASCII,
)
_YEARS: Final = re.compile(r"(-?)P(?:([0-9]{1,30})Y)?(?:([0-9]{1,30})M)?", re.ASCII)
_DAYS: Final = re.compile(
    r"(-?)P(?:([0-9]{1,30})D)?"
    r"(T(?:([0-9]{1,30})H)?(?:([0-9]{1,30})M)?(?:([0-9]{1,30})(?:\.([0-9]{0,100}))?S)?)?",
    re.ASCII,
)

Temporal = Date | Time | DateTime | DaysDuration | YearsMonthsDuration


def _nanos(fraction: str | None) -> int:
    return int((fraction or "0")[:9].ljust(9, "0"))


def parse_date(text: str) -> Date | None:
    """Read ``YYYY-MM-DD``; years may have up to nine digits and a minus. None when it is no date.

    >>> parse_date("2024-02-29"), parse_date("2023-02-29")
    (Date(year=2024, month=2, day=29), None)
    """
    match = _DATE.fullmatch(text)
    if match is None or match[1] == "-0000":
        return None
    try:
        return Date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _zone(match: re.Match[str]) -> Zone | None:
    """The zone of a matched time; raises ValueError where there is no such zone."""
    if match[5]:
        return UTC
    if match[6]:
        hours, minutes, seconds = int(match[7]), int(match[8]), int(match[9] or 0)
        if minutes > 59 or seconds > 59:
            raise ValueError("minutes of an offset run from 0 to 59")
        total = hours * 3600 + minutes * 60 + seconds
        return Offset(-total if match[6] == "-" else total)
    if match[10]:
        zone = zone_named(match[10])
        if zone is None:
            raise ValueError(f"there is no zone {match[10]}")
        return zone
    return None


def parse_time(text: str) -> Time | None:
    """Read ``hh:mm:ss`` with optional fraction and zone. None when it is no time.

    >>> str(parse_time("23:59:00.50+02:00"))
    '23:59:00.5+02:00'
    """
    match = _TIME.fullmatch(text.removeprefix("T"))
    if match is None:
        return None
    try:
        return Time(int(match[1]), int(match[2]), int(match[3]), _nanos(match[4]), _zone(match))
    except ValueError:
        return None


def parse_date_time(text: str) -> DateTime | None:
    """Read a date, ``T`` and a time; a date alone is midnight; 24:00:00 is the next midnight."""
    head, mark, tail = text.partition("T")
    date = parse_date(head)
    if date is None:
        return None
    if not mark:
        return DateTime(date, Time(0, 0, 0))
    if tail.startswith("T"):
        return None
    next_day = tail.startswith("24:00:00")
    time = parse_time("00" + tail[2:] if next_day else tail)
    if time is None or (next_day and time.nano):
        return None
    try:
        return DateTime(date.plus_days(1) if next_day else date, time)
    except ValueError:
        return None


def parse_duration(text: str) -> DaysDuration | YearsMonthsDuration | None:
    """Read a duration of one of the two kinds. None when it is neither.

    >>> str(parse_duration("P1DT36H")), str(parse_duration("P26M")), parse_duration("P1M1D")
    ('P2DT12H', 'P2Y2M', None)
    """
    match = _YEARS.fullmatch(text)
    if match is not None and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonthsDuration(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None or not (match[2] or match[3]) or match[3] == "T":
        return None
    seconds = ((int(match[2] or 0) * 24 + int(match[4] or 0)) * 60 + int(match[5] or 0)) * 60
    nanos = (seconds + int(match[6] or 0)) * NANOS_PER_SECOND + _nanos(match[7] or None)
    return DaysDuration(-nanos if match[1] else nanos)


def parse_temporal(text: str) -> Temporal | None:
    """Read whatever an at literal may hold: date, date and time, time or duration.

    >>> parse_temporal("2026-09-15")
    Date(year=2026, month=9, day=15)
    """
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    day, mark, _ = text.partition("T")
    if mark and parse_date(day) is not None:
        return parse_date_time(text)
    # The name of a zone may hold a T of its own: `10:00:00@Asia/Tokyo`.
    return parse_date(text) or parse_time(text)
