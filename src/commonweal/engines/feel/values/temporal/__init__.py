"""Dates, times, zones and the two kinds of duration, in the ranges that the standard asks for."""

from __future__ import annotations

from commonweal.engines.feel.values.temporal.calendar import Date, days_in_month, is_leap_year
from commonweal.engines.feel.values.temporal.clock import DateTime, Time
from commonweal.engines.feel.values.temporal.durations import DaysDuration, YearsMonthsDuration
from commonweal.engines.feel.values.temporal.reading import (
    parse_date,
    parse_date_time,
    parse_duration,
    parse_temporal,
    parse_time,
)
from commonweal.engines.feel.values.temporal.zones import UTC, NamedZone, Offset, Zone

__all__ = [
    "UTC",
    "Date",
    "DateTime",
    "DaysDuration",
    "NamedZone",
    "Offset",
    "Time",
    "YearsMonthsDuration",
    "Zone",
    "days_in_month",
    "is_leap_year",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_temporal",
    "parse_time",
]
