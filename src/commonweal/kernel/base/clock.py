"""What time it is: read at the outer edge only (views, jobs, commands), then passed in as ``at``.

The practice city's clock starts on a date of its own (``COMMONWEAL_CLOCK_START``) and runs on from there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from commonweal.kernel.base.jurisdiction import current


@cache
def _offset(start: datetime | None, boot: datetime) -> timedelta:
    return start - boot if start else timedelta()


def now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC) + _offset(settings.COMMONWEAL_CLOCK_START, settings.COMMONWEAL_BOOTED_AT)


def today() -> date:
    """Return the date now in the jurisdiction's zone."""
    return local(now()).date()


def years_before(at: datetime, years: int) -> datetime:
    """Return the same moment some years ago; of 29 February, the 28th where there is none."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)


def local(at: datetime) -> datetime:
    """Return a time as the jurisdiction's clocks show it."""
    return at.astimezone(ZoneInfo(current().time_zone))


def start_of(day: date) -> datetime:
    """Return the moment at which a day begins in the jurisdiction's zone."""
    return datetime.combine(day, time(), ZoneInfo(current().time_zone))
