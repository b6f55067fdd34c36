"""Facts from plain Python and JSON into FEEL values, and back.

JSON has no dates and no decimals, so the type of the input says how a text is read: the
text ``"2026-09-15"`` is a date where the model asks for a date, and a text elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from commonweal.engines.dmn.errors import FactError
from commonweal.engines.feel.types import (
    ANY,
    DATE,
    DATE_TIME,
    DAYS_TIME_DURATION,
    NUMBER,
    TIME,
    YEARS_MONTHS_DURATION,
    ContextType,
    Function,
    ListType,
    Range,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.numbers import number_text, parse_number
from commonweal.engines.feel.values.temporal import (
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsMonthsDuration,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

MAX_DEPTH = 100
_LEAST, _MOST = Decimal(-(2**63)), Decimal(2**63)
_READERS: dict[Type, tuple[Callable[[str], Any], str]] = {
    NUMBER: (parse_number, "a number"),
    DATE: (parse_date, "a date such as 2026-09-15"),
    TIME: (parse_time, "a time such as 08:30:00"),
    DATE_TIME: (parse_date_time, "a date and time such as 2026-09-15T08:30:00"),
    DAYS_TIME_DURATION: (parse_duration, "a duration such as P3DT4H"),
    YEARS_MONTHS_DURATION: (parse_duration, "a duration such as P1Y6M"),
}
_FEEL = (Date, Time, DateTime, DaysDuration, YearsMonthsDuration, Range, Function)


def value_of(fact: object, type_: Type = ANY, path: str = "", depth: int = 0) -> Value:
    """A plain Python or JSON value as a FEEL value of a type.

    Whole and decimal numbers become decimals (a float by its shortest text), texts are
    read as the type says, Python dates and times become FEEL's. A value of another type
    than asked for is kept: deciding turns it into null, with a warning.

    Raises:
        FactError: A text cannot be read as the type, or the value is of no use to FEEL.

    Example:
        >>> value_of("2026-09-15", DATE)
        Date(year=2026, month=9, day=15)
    """
    if fact is None or fact is UNKNOWN or isinstance(fact, (bool, Decimal)):
        return fact
    if isinstance(fact, str):
        return _text(fact, type_, path)
    if isinstance(fact, (int, float)):
        return _number(fact, path)
    if depth > MAX_DEPTH:
        raise FactError(f"{path}: values lie more than {MAX_DEPTH} deep")
    if isinstance(fact, (list, tuple)):
        base = base_of(type_)
        element = base.element if isinstance(base, ListType) else base
        return [value_of(item, element, f"{path}[{i}]", depth + 1) for i, item in enumerate(fact, 1)]
    if isinstance(fact, (dict, Mapping)):  # a dict is known without asking the abstract class
        return _context(fact, type_, path, depth)
    return _other(fact, path)


def _number(fact: float, path: str) -> Value:
    number = Decimal(repr(fact)) if type(fact) is float else Decimal(fact)
    if not number.is_finite():
        raise FactError(f"{path}: {fact} is not a number that FEEL knows")
    return number


def _text(fact: str, type_: Type, path: str) -> Value:
    base = base_of(type_)
    if isinstance(base, ListType):
        base = base_of(base.element)
    reader = _READERS.get(base)
    if reader is None:
        return fact
    read, wanted = reader
    value: Value = read(fact.strip())
    if value is None:
        raise FactError(f"{path or 'value'}: {fact!r} is not {wanted}")
    return value


def _context(fact: Mapping[Any, object], type_: Type, path: str, depth: int) -> Value:
    base = base_of(type_)
    if isinstance(base, ListType):
        base = base_of(base.element)
    members = dict(base.members) if isinstance(base, ContextType) else {}
    result: dict[str, Value] = {}
    for key, item in fact.items():
        name = key if type(key) is str and key.isidentifier() else " ".join(str(key).split())
        result[name] = value_of(item, members.get(name, ANY), f"{path}.{name}" if path else name, depth + 1)
    return result


def _other(fact: object, path: str) -> Value:
    if isinstance(fact, _FEEL):
        return fact
    if isinstance(fact, dt.datetime):
        return DateTime.from_python(fact)
    if isinstance(fact, dt.date):
        return Date.from_python(fact)
    if isinstance(fact, dt.time):
        return Time.from_python(fact)
    if isinstance(fact, dt.timedelta):
        return DaysDuration.from_python(fact)
    raise FactError(f"{path or 'value'}: a {type(fact).__name__} is no FEEL value")


def fill_unknown(value: Value, type_: Type, depth: int = 0) -> Value:
    """A value with UNKNOWN for every component that its type names and nobody gave."""
    base = base_of(type_)
    if depth > MAX_DEPTH:
        return value
    if isinstance(base, ListType) and isinstance(value, list):
        return [fill_unknown(item, base.element, depth + 1) for item in value]
    if isinstance(base, ContextType) and isinstance(value, dict):
        filled = dict(value)
        for name, member in base.members:
            filled[name] = (
                fill_unknown(value[name], member, depth + 1) if name in value else blank(member, depth + 1)
            )
        return filled
    return value


def blank(type_: Type, depth: int = 0) -> Value:
    """What stands for a fact nobody gave: UNKNOWN, or a context of UNKNOWNs."""
    base = base_of(type_)
    if isinstance(base, ContextType) and base.members and depth <= MAX_DEPTH:
        return {name: blank(member, depth + 1) for name, member in base.members}
    return UNKNOWN


def to_json(value: Value) -> Any:
    """A FEEL value as JSON-able data.

    Numbers become int or float where that is exact, else text; dates, times, durations,
    ranges and functions become their text; UNKNOWN becomes ``{"@unknown": true}``.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if value is UNKNOWN:
        return {"@unknown": True}
    return text_of(value)


def _json_number(value: Decimal) -> Any:
    if value == value.to_integral_value() and _LEAST < value < _MOST:
        return int(value)
    nearest = float(value)
    return nearest if Decimal(repr(nearest)) == value else number_text(value)


def text_of(value: Value) -> str:
    """A value in a sentence: FEEL's literals without the ceremony."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {text_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        low, high = text_of(value.low), text_of(value.high)
        return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
    if isinstance(value, Function):
        return f"function {value.name}({', '.join(value.parameters)})"
    return "unknown" if value is UNKNOWN else str(value)
