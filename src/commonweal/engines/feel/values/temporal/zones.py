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
_DAYS_IN_CYCLE: Final = 146_097
_FIRST_DAY: Final = -719_000  # in year 1
_LAST_DAY: Final = 2_932_500  # in year 9998
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


def _within_range(ordinal: int) -> int:
    """The day that stands at the same place of the 400-year cycle, in years the standard library has."""
    if ordinal < _FIRST_DAY:
        return (ordinal - _FIRST_DAY) % _DAYS_IN_CYCLE + _FIRST_DAY
    return ordinal if ordinal < _LAST_DAY else ordinal % _DAYS_IN_CYCLE


def offset_of(zone: Zone, ordinal: int, second_of_day: int) -> int:
    """Offset in seconds of a zone at a local time.

    Years that the standard library lacks take the rules of the same year of the 400-year cycle.
    """
    if isinstance(zone, Offset):
        return zone.seconds
    return _local_offset(zone.name, _within_range(ordinal), second_of_day)


def offset_at(zone: Zone, ordinal: int, second_of_day: int) -> int:
    """Offset in seconds of a zone at a time of UTC."""
    if isinstance(zone, Offset):
        return zone.seconds
    return _instant_offset(zone.name, _within_range(ordinal), second_of_day)


@lru_cache(maxsize=4096)
def _local_offset(name: str, days: int, second_of_day: int) -> int:
    local = _EPOCH + dt.timedelta(days=days, seconds=second_of_day)
    return _seconds(local.replace(tzinfo=_known(name)))


@lru_cache(maxsize=4096)
def _instant_offset(name: str, days: int, second_of_day: int) -> int:
    instant = _EPOCH.replace(tzinfo=dt.UTC) + dt.timedelta(days=days, seconds=second_of_day)
    return _seconds(instant.astimezone(_known(name)))


def _known(name: str) -> ZoneInfo:
    info = _zone_info(name)
    if info is None:
        raise ValueError(f"there is no zone {name}")
    return info


def _seconds(moment: dt.datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
