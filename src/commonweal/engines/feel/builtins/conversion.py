"""Conversion functions.

Source: DMN 1.5, 10.3.4.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import compare, kind_name
from commonweal.engines.feel.text import value_text
from commonweal.engines.feel.types import ANY, DATE, DATE_TIME, NUMBER, STRING, TIME, Range, RangeType, Value
from commonweal.engines.feel.values.numbers import is_whole, parse_number
from commonweal.engines.feel.values.temporal import (
    UTC,
    Date,
    DateTime,
    DaysDuration,
    NamedZone,
    Offset,
    Time,
    YearsMonthsDuration,
    Zone,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_temporal,
    parse_time,
)
from commonweal.engines.feel.values.temporal.durations import NANOS_PER_SECOND
from commonweal.engines.feel.values.temporal.zones import zone_named

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?", re.ASCII)
_RANGE: Final = re.compile(r"\s*([\[\](])(.*)\.\.(.*)([\])\[])\s*", re.DOTALL)
_CALL: Final = re.compile(r'(date and time|date|time|duration)\s*\(\s*"([^"]*)"\s*\)')


def _single(value: Value) -> Value:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _misfit(value: Value, what: str) -> Undefined:
    shown = f'"{value[:60]}"' if isinstance(value, str) else f"a {kind_name(value)}"
    return Undefined(f"{shown} is no {what}", "conversion")


def _parsed(value: str, parse: Callable[[str], Value], what: str) -> Value:
    result = parse(value)
    if result is None:
        raise _misfit(value, what)
    return result


def _whole(value: Decimal, what: str) -> int:
    if not is_whole(value) or abs(value) > 10**12:
        raise Undefined(f"`{what}` must be a whole number", "argument-range")
    return int(value)


# Dates and times


@builtin("date", "from: any", DATE)
def _date(evaluation: Evaluation, value: Value) -> Value:
    value = _single(value)
    if isinstance(value, str):
        return _parsed(value, parse_date, "date")
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    raise _misfit(value, "date")


@builtin("date", "year: number, month: number, day: number", DATE)
def _date_of_parts(evaluation: Evaluation, year: Decimal, month: Decimal, day: Decimal) -> Value:
    return Date(_whole(year, "year"), _whole(month, "month"), _whole(day, "day"))


@builtin("date and time", "from: any", DATE_TIME)
def _date_and_time(evaluation: Evaluation, value: Value) -> Value:
    value = _single(value)
    if isinstance(value, str):
        return _parsed(value, parse_date_time, "date and time")
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return DateTime.from_date(value)
    raise _misfit(value, "date and time")


@builtin("date and time", "date: any, time: any", DATE_TIME)
def _date_with_time(evaluation: Evaluation, date: Value, time: Value) -> Value:
    date, time = _single(date), _single(time)
    if isinstance(date, DateTime):
        date = date.date
    if isinstance(date, Date) and isinstance(time, Time):
        return DateTime(date, time)
    raise Undefined("a date and a time are needed", "argument-type")


_PARTS: Final = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin("date and time", _PARTS, DATE_TIME)
@builtin("date and time", f"{_PARTS}, offset: any?", DATE_TIME)
@builtin("date and time", f"{_PARTS}, timezone: any?", DATE_TIME)
def _date_and_time_of_parts(evaluation: Evaluation, *parts: Decimal) -> Value:
    year, month, day, hour, minute, second, *zone = parts
    date = _date_of_parts(evaluation, year, month, day)
    assert isinstance(date, Date)
    return DateTime(date, _time_of(hour, minute, second, zone[0] if zone else None))


@builtin("time", "from: any", TIME)
def _time(evaluation: Evaluation, value: Value) -> Value:
    value = _single(value)
    if isinstance(value, str):
        return _parsed(value, parse_time, "time")
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return Time(0, 0, 0, 0, UTC)
    if isinstance(value, Time):
        return value
    raise _misfit(value, "time")


@builtin("time", "hour: number, minute: number, second: number, offset?: any?", TIME)
def _time_of_parts(
    evaluation: Evaluation, hour: Decimal, minute: Decimal, second: Decimal, offset: Value = None
) -> Value:
    return _time_of(hour, minute, second, offset)


def _time_of(hour: Decimal, minute: Decimal, second: Decimal, zone: Value) -> Time:
    whole = int(second) if abs(second) < 10**6 else -1
    nanos = int((second - whole) * NANOS_PER_SECOND) if whole >= 0 else 0
    return Time(_whole(hour, "hour"), _whole(minute, "minute"), whole, nanos, _zone(_single(zone)))


def _zone(value: Value) -> Zone | None:
    if value is None:
        return None
    if isinstance(value, DaysDuration):
        return Offset(value.nanos // NANOS_PER_SECOND)
    zone: NamedZone | None = zone_named(value) if isinstance(value, str) else None
    if zone is None:
        raise _misfit(value, "offset or time zone")
    return zone


@builtin("duration", "from: any", ANY)
def _duration(evaluation: Evaluation, value: Value) -> Value:
    value = _single(value)
    if isinstance(value, str):
        return _parsed(value, parse_duration, "duration")
    if isinstance(value, DaysDuration | YearsMonthsDuration):
        return value
    raise _misfit(value, "duration")


# Numbers and strings


@builtin("number", "from: any, grouping separator?: string?, decimal separator?: string?", NUMBER)
def _number(
    evaluation: Evaluation, value: Value, grouping: str | None = None, point: str | None = None
) -> Value:
    value = _single(value)
    if isinstance(value, Decimal) and grouping is None and point is None:
        return value
    if not isinstance(value, str):
        raise _misfit(value, "number")
    if grouping not in {None, " ", ",", "."} or point not in {None, ",", "."}:
        raise Undefined("separators are a blank, `,` or `.`", "argument-range")
    if grouping is not None and grouping == point:
        raise Undefined("the separators must differ", "argument-range")
    text = value.replace(grouping, "") if grouping else value
    if point == ",":
        text = text if "." not in text else "?"
        text = text.replace(",", ".")
    number = parse_number(text) if _NUMBER.fullmatch(text) else None
    if number is None:
        raise _misfit(value, "number")
    return number


@builtin("string", "from: any?", STRING)
def _string(evaluation: Evaluation, value: Value) -> Value:
    if value is None:
        return None
    text = value_text(value)
    evaluation.check_size(len(text))
    evaluation.spend(len(text) >> 5)
    return text


# Ranges


def _end(text: str) -> Value:
    text = text.strip()
    if not text:
        return None
    call = _CALL.fullmatch(text)
    if call is not None:
        parse: Callable[[str], Value] = _PARSERS[call[1]]
        return _parsed(call[2], parse, call[1])
    if text.startswith('@"') and text.endswith('"'):
        return _parsed(text[2:-1], parse_temporal, "date, time or duration")
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        return text[1:-1]
    number = parse_number(text) if _NUMBER.fullmatch(text) else None
    if number is None:
        raise _misfit(text, "end of a range")
    return number


_PARSERS: Final[dict[str, Callable[[str], Value]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


@builtin("range", "from: string", RangeType(ANY))
def _range(evaluation: Evaluation, text: str) -> Value:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise _misfit(text, "range")
    result = Range(_end(match[2]), _end(match[3]), match[1] == "[", match[4] == "]")
    if not _is_sound(result):
        raise _misfit(text, "range")
    return result


def _is_sound(range_: Range) -> bool:
    """Has the range an end, is an absent end open, do the ends stand in order?"""
    if range_.low is None or range_.high is None:
        absent_is_open = not (range_.low_closed if range_.low is None else range_.high_closed)
        return absent_is_open and not (range_.low is None and range_.high is None)
    order = compare(range_.low, range_.high)
    return isinstance(order, int) and order <= 0
