"""Offsets from UTC and zones of the IANA database.

Source: DMN 1.5, 10.3.2.3.4; the data come from the ``tzdata`` package or the system.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["LARGEST_OFFSET", "UTC", "NamedZone", "Offset", "Zone", "zone_named"]

LARGEST_OFFSET: Final = 18 * 3600
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a local time, the zone is asked about it


@dataclass(frozen=True, slots=True)
class Offset:
    """A fixed distance from UTC in seconds, at most 18 hours either way.

    >>> str(Offset(-5 * 3600)), str(Offset(0))
    ('-05:00', 'Z')
    """

    seconds: int

    def __post_init__(self) -> None:
        if abs(self.seconds) > LARGEST_OFFSET:
            raise ValueError(f"an offset of {self.seconds} seconds is out of range")

    def __str__(self) -> str:
        if self.seconds == 0:
            return "Z"
        minutes, seconds = divmod(abs(self.seconds), 60)
        tail = f":{seconds:02d}" if seconds else ""
        return f"{'-' if self.seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}{tail}"


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone of the IANA database, such as ``Europe/Paris``."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


Zone = Offset | NamedZone
UTC: Final = Offset(0)


@lru_cache(maxsize=1024)
def _zone_info(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None


def zone_named(name: str) -> NamedZone | None:
    """Find a zone by its name; None when there is none.

    >>> zone_named("Europe/Paris"), zone_named("Europe/Atlantis")
    (NamedZone(name='Europe/Paris'), None)
    """
    if len(name) > 64 or not name.isascii():
        return None
    return NamedZone(name) if _zone_info(name) is not None else None


def offset_of(zone: Zone, year: int, ordinal: int, second_of_day: int) -> int:
    """Offset in seconds of a zone at a local time.

    Years outside 1 to 9999 take the rules of the same year of the 400-year cycle.
    """
    if isinstance(zone, Offset):
        return zone.seconds
    days = ordinal
    if not 2 <= year <= 9998:
        cycle = 400 * (1 + (2000 - year) // 400) if year < 2 else -400 * (1 + (year - 9600) // 400)
        days += cycle // 400 * 146_097
    return _named_offset(zone.name, days, second_of_day)


@lru_cache(maxsize=4096)
def _named_offset(name: str, days: int, second_of_day: int) -> int:
    info = _zone_info(name)
    if info is None:
        raise ValueError(f"there is no zone {name}")
    offset = (_EPOCH + dt.timedelta(days=days, seconds=second_of_day)).replace(tzinfo=info).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
