"""The conversions that DMN makes silently when a value meets a type.

Source: DMN 1.5, 10.3.2.9.4.
"""

from __future__ import annotations

from commonweal.engines.feel.types import (
    ANY,
    DATE_TIME,
    ConstrainedType,
    ContextType,
    Function,
    FunctionType,
    ListType,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import Date, DateTime

__all__ = ["coerce", "coerces"]


def coerces(value: Value, type_: Type) -> bool:
    """Does ``coerce`` keep the value (maybe converted), rather than turn it into null?"""
    return value is None or coerce(value, type_) is not None


def coerce(value: Value, type_: Type) -> Value:
    """Convert a value silently where DMN says so; null when it does not conform.

    A single value becomes a list of one, a list of one its single value, a date midnight UTC
    where a date and time is asked for. UNKNOWN stays, also inside lists and contexts.

    >>> from decimal import Decimal
    >>> from commonweal.engines.feel.types import NUMBER
    >>> coerce(Decimal(1), ListType(NUMBER)), coerce([Decimal(1)], NUMBER), coerce("x", NUMBER)
    ([Decimal('1')], Decimal('1'), None)
    >>> str(coerce(Date(2026, 9, 15), DATE_TIME))
    '2026-09-15T00:00:00Z'

    Source: DMN 1.5, 10.3.2.9.4.
    """
    if value is None or value is UNKNOWN or type_ is ANY:
        return value
    if type_.contains(value):
        return value
    converted = _coerce_to_base(value, base_of(type_))
    if converted is None or converted is UNKNOWN or not isinstance(type_, ConstrainedType):
        return converted
    return converted if type_.contains(converted) else None


def _coerce_to_base(value: Value, base: Type) -> Value:
    if isinstance(base, ListType):
        return _coerce_list(value, base)
    if isinstance(value, list):
        return value[0] if len(value) == 1 and base.contains(value[0]) else None
    if base == DATE_TIME and isinstance(value, Date):
        return DateTime.from_date(value)
    if isinstance(base, ContextType) and isinstance(value, dict):
        return _coerce_context(value, base)
    if isinstance(base, FunctionType) and isinstance(value, Function):
        return value if len(value.parameters) == len(base.parameters) else None
    return None


def _coerce_list(value: Value, base: ListType) -> Value:
    elements = value if isinstance(value, list) else [value]
    converted = [coerce(element, base.element) for element in elements]
    lost = any(new is None and old is not None for new, old in zip(converted, elements, strict=True))
    return None if lost else converted


def _coerce_context(value: dict[str, Value], base: ContextType) -> Value:
    if any(name not in value for name, _ in base.members):
        return None
    converted = dict(value)
    for name, type_ in base.members:
        old = value[name]
        new = coerce(old, type_)
        if new is None and old is not None:
            return None
        converted[name] = new
    return converted
