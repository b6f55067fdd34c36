"""Components of temporal values and ranges, reached with a dot.

Source: DMN 1.5, 10.3.2.13, table 65.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS_DURATION,
    Range,
    RangeType,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.values.temporal import (
    Date,
    DateTime,
    DaysDuration,
    NamedZone,
    Time,
    YearsMonthsDuration,
)

__all__ = ["property_of", "property_type"]


def _seconds(whole: int, nanos: int) -> Decimal:
    return Decimal(whole) + Decimal(nanos).scaleb(-9) if nanos else Decimal(whole)


def _offset(value: Time | DateTime) -> Value:
    seconds = value.offset_seconds
    return None if seconds is None else DaysDuration.of(seconds=seconds)


def _zone_name(value: Time | DateTime) -> Value:
    return value.zone.name if isinstance(value.zone, NamedZone) else None


_Reader = Callable[[Any], Value]
_DATE: Final[Mapping[str, _Reader]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: Final[Mapping[str, _Reader]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: _seconds(time.second, time.nano),
    "time offset": _offset,
    "timezone": _zone_name,
}


def _of_part(part: str, read: _Reader) -> _Reader:
    return lambda value: read(getattr(value, part))


_DATE_TIME: Final[Mapping[str, _Reader]] = {
    **{name: _of_part("date", read) for name, read in _DATE.items()},
    **{name: _of_part("time", read) for name, read in _TIME.items()},
    "time offset": _offset,
}
_DAYS: Final[Mapping[str, _Reader]] = {
    "days": lambda duration: Decimal(duration.parts[0]),
    "hours": lambda duration: Decimal(duration.parts[1]),
    "minutes": lambda duration: Decimal(duration.parts[2]),
    "seconds": lambda duration: _seconds(duration.parts[3], duration.parts[4]),
}
_MONTHS: Final[Mapping[str, _Reader]] = {
    "years": lambda duration: Decimal(duration.parts[0]),
    "months": lambda duration: Decimal(duration.parts[1]),
}
_RANGE: Final[Mapping[str, _Reader]] = {
    "start": lambda range_: range_.low,
    "end": lambda range_: range_.high,
    "start included": lambda range_: range_.low_closed,
    "end included": lambda range_: range_.high_closed,
}
_BY_CLASS: Final[Mapping[type, Mapping[str, _Reader]]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: _DATE_TIME,
    DaysDuration: _DAYS,
    YearsMonthsDuration: _MONTHS,
    Range: _RANGE,
}
_BY_TYPE: Final[Mapping[Type, Mapping[str, _Reader]]] = {
    DATE: _DATE,
    TIME: _TIME,
    DATE_TIME: _DATE_TIME,
    DAYS_TIME_DURATION: _DAYS,
    YEARS_MONTHS_DURATION: _MONTHS,
}
_SPECIAL: Final[Mapping[str, Type]] = {
    "time offset": DAYS_TIME_DURATION,
    "timezone": STRING,
    "start included": BOOLEAN,
    "end included": BOOLEAN,
}


def property_of(value: Value, name: str) -> tuple[bool, Value]:
    """Read a component; the first item says whether the value has such a component.

    >>> property_of(Date(2026, 9, 15), "month"), property_of("text", "month")
    ((True, Decimal('9')), (False, None))
    """
    read = _BY_CLASS.get(type(value), {}).get(name)
    return (False, None) if read is None else (True, read(value))


def property_type(type_: Type, name: str) -> Type | None:
    """Type of a component; None when values of the type have none of that name."""
    base = base_of(type_)
    if isinstance(base, RangeType):
        return _SPECIAL.get(name, base.element) if name in _RANGE else None
    if name not in _BY_TYPE.get(base, {}):
        return ANY if base == ANY else None
    return _SPECIAL.get(name, NUMBER)
