"""Between Python's own values and FEEL's.

Source: DMN 1.5, 10.3.2.2; JSON has no dates, so ``to_json`` writes them as text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from commonweal.engines.feel.errors import FeelError
from commonweal.engines.feel.text import value_text
from commonweal.engines.feel.types import Function, Range, Value, check_weight
from commonweal.engines.feel.unknown import UNKNOWN, Unknown
from commonweal.engines.feel.values.numbers import DECIMAL128, DecimalException, is_whole, number_text
from commonweal.engines.feel.values.temporal import Date, DateTime, DaysDuration, Time, YearsMonthsDuration

__all__ = ["to_json", "to_value"]

_DEEPEST: Final = 200
_AS_THEY_ARE: Final = (
    str,
    bool,
    Date,
    Time,
    DateTime,
    DaysDuration,
    YearsMonthsDuration,
    Range,
    Function,
    Unknown,
)
_TYPES_AS_THEY_ARE: Final = frozenset({type(None), *_AS_THEY_ARE})


def to_value(value: object, *, depth: int = 0) -> Value:
    """Convert a Python value: numbers, dates, times, lists, mappings; FEEL values stay.

    Raises:
        FeelError: There is no FEEL value for it.

    >>> to_value({"a": [1, 2.5]})
    {'a': [Decimal('1'), Decimal('2.5')]}
    """
    if type(value) in _TYPES_AS_THEY_ARE or isinstance(value, _AS_THEY_ARE):
        return value  # type: ignore[return-value]  # None among them
    if depth > _DEEPEST:
        raise FeelError("the value is nested too deeply")
    if isinstance(value, (Decimal, int, float)):
        return _number(value)
    if isinstance(value, (dict, Mapping)):  # a dict is known without asking the abstract class
        return {str(key): to_value(inner, depth=depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_value(inner, depth=depth + 1) for inner in value]
    return _temporal(value)


def _number(value: Decimal | float) -> Value:
    try:
        number = DECIMAL128.create_decimal(repr(value) if isinstance(value, float) else value)
    except DecimalException as error:
        raise FeelError(f"{value!r} is no number of FEEL") from error
    if not number.is_finite():
        raise FeelError(f"{value!r} is no number of FEEL")
    return number


def _temporal(value: object) -> Value:
    if isinstance(value, dt.datetime):
        return DateTime.from_python(value)
    if isinstance(value, dt.date):
        return Date.from_python(value)
    if isinstance(value, dt.time):
        return Time.from_python(value)
    if isinstance(value, dt.timedelta):
        return DaysDuration.from_python(value)
    raise FeelError(f"a {type(value).__name__} is no value of FEEL")


def to_json(value: Value) -> object:
    """Turn a value into what ``json.dumps`` takes; UNKNOWN becomes ``{"unknown": true}``.

    Numbers become int or, with a fraction, their exact text; dates, durations, ranges text.

    >>> to_json([Decimal("1"), Decimal("1.10"), Date(2026, 9, 15)])
    [1, '1.1', '2026-09-15']
    """
    check_weight(value)
    return _json(value)


def _json(value: Value) -> object:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Decimal):
        return int(value) if is_whole(value) and abs(value) < 2**53 else number_text(value)
    if value is UNKNOWN:
        return {"unknown": True}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    return value_text(value)
