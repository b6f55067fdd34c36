"""Values as text: what the function ``string`` answers.

Source: DMN 1.5, 10.3.4.1 (string).
"""

from __future__ import annotations

from decimal import Decimal

from commonweal.engines.feel.types import Function, Range, Value, check_weight
from commonweal.engines.feel.values.numbers import number_text

__all__ = ["value_text"]


def value_text(value: Value) -> str:
    """A value as text; strings inside of lists and contexts are quoted.

    >>> value_text([Decimal("1.50"), "a", {"b": None}])
    '[1.5, "a", {b: null}]'
    """
    check_weight(value)
    return value if isinstance(value, str) else _inner(value)


def _inner(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_inner(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, Range):
        return _range(value)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return str(value)


def _range(value: Range) -> str:
    opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    low = "" if value.low is None else _inner(value.low)
    high = "" if value.high is None else _inner(value.high)
    return f"{opening}{low}..{high}{closing}"
