"""Equality, order and arithmetic of values, apart from the closures that call them.

Each function gets two values of any kind and either answers or raises ``Undefined``. UNKNOWN goes
through: what depends on it is UNKNOWN.

Source: DMN 1.5, 10.3.2.3 (semantic domains), tables 50 to 60 (equality, comparison, arithmetic).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import Function, Range, Value, check_weight, type_of
from commonweal.engines.feel.unknown import UNKNOWN, Unknown
from commonweal.engines.feel.values.numbers import DECIMAL128, DecimalException
from commonweal.engines.feel.values.temporal import Date, DateTime, DaysDuration, Time, YearsMonthsDuration
from commonweal.engines.feel.values.temporal.durations import NANOS_PER_DAY

__all__ = [
    "Ternary",
    "add",
    "all_of",
    "compare",
    "divide",
    "equal",
    "in_range",
    "is_same",
    "kind_name",
    "matches",
    "multiply",
    "negate",
    "power",
    "subtract",
]

Ternary = bool | None | Unknown

_LARGEST_EXPONENT: Final = 1_000_000


def kind_name(value: Value) -> str:
    """What to call the kind of a value in a message.

    >>> kind_name("a"), kind_name([]), kind_name(None)
    ('string', 'list', 'null')
    """
    if value is None:
        return "null"
    if value is UNKNOWN:
        return "unknown"
    return type_of(value).name if not isinstance(value, (list, dict)) else _container(value)


def _container(value: list[Value] | dict[str, Value]) -> str:
    return "list" if isinstance(value, list) else "context"


def all_of(answers: list[Ternary]) -> Ternary:
    """Conjunction: false wins, then UNKNOWN, then null."""
    if any(answer is False for answer in answers):
        return False
    if any(answer is UNKNOWN for answer in answers):
        return UNKNOWN
    return None if any(answer is None for answer in answers) else True


# Equality


def equal(left: Value, right: Value) -> Ternary:
    """Are two values equal? Null when they are of different kinds.

    >>> equal(Decimal(1), Decimal("1.0")), equal(None, None), equal(Decimal(1), "1")
    (True, True, None)
    """
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None
    if isinstance(left, (Decimal, str, bool, Date, DaysDuration, YearsMonthsDuration)):
        return left == right
    if isinstance(left, (Time, DateTime)) and isinstance(right, (Time, DateTime)):
        return (left.zone is None) == (right.zone is None) and left.nanos_utc == right.nanos_utc
    if isinstance(left, Function):
        return left is right
    check_weight(left, right)
    return _equal_parts(left, right)


def _equal_parts(left: Value, right: Value) -> Ternary:
    """Equality of two lists, contexts or ranges: part by part."""
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        return all_of([equal(one, other) for one, other in zip(left, right, strict=True)])
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return all_of([equal(value, right[key]) for key, value in left.items()])
    assert isinstance(left, Range)
    assert isinstance(right, Range)
    if (left.low_closed, left.high_closed) != (right.low_closed, right.high_closed):
        return False
    return all_of([equal(left.low, right.low), equal(left.high, right.high)])


def is_same(left: Value, right: Value) -> bool:
    """Are two values of one type the same element of its domain (the function ``is``)?

    Times must agree in their zones: 10:00Z is not 11:00+01:00, though the two are equal.
    """
    if isinstance(left, (Time, DateTime)) and type(left) is type(right):
        return left == right
    return equal(left, right) is True


# Order


def _temporal_key(left: Time | DateTime, right: Time | DateTime) -> tuple[int, int]:
    if (left.zone is None) != (right.zone is None):
        raise Undefined("a local time cannot be compared with one in a zone", "operand-type")
    return left.nanos_utc, right.nanos_utc


def compare(left: Value, right: Value) -> int | Unknown:
    """Order of two values: negative, zero or positive.

    Raises:
        Undefined: They have no order: of different kinds, null, booleans, lists, …
    """
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if type(left) is type(right):
        if isinstance(left, (Time, DateTime)) and isinstance(right, (Time, DateTime)):
            one, other = _temporal_key(left, right)
            return (one > other) - (one < other)
        if isinstance(left, (Decimal, str, Date, DaysDuration, YearsMonthsDuration)):
            return (left > right) - (left < right)  # type: ignore[operator]  # both are of the one type
    if isinstance(left, Date) and isinstance(right, DateTime):
        return compare(DateTime.from_date(left), right)
    if isinstance(left, DateTime) and isinstance(right, Date):
        return compare(left, DateTime.from_date(right))
    raise Undefined(f"{kind_name(left)} and {kind_name(right)} have no order", "operand-type")


def in_range(value: Value, range_: Range) -> Ternary:
    """Does a value lie in a range? Null where they cannot be compared.

    >>> in_range(Decimal(2), Range(Decimal(1), Decimal(2), True, False))
    False
    """
    answers: list[Ternary] = []
    try:
        if range_.low is not None:
            answers.append(_beyond(compare(value, range_.low), range_.low_closed))
        if range_.high is not None:
            order = compare(range_.high, value)
            answers.append(_beyond(order, range_.high_closed))
    except Undefined:
        return None
    return all_of(answers) if answers else None


def _beyond(order: int | Unknown, closed: bool) -> Ternary:  # noqa: FBT001 - an end is open or closed
    if isinstance(order, Unknown):
        return UNKNOWN
    return order >= 0 if closed else order > 0


def matches(value: Value, test: Value) -> Ternary:
    """``value in test``: equal to it, inside of the range, or matching an element of the list.

    >>> matches(Decimal(5), [Decimal(1), Range(Decimal(4), Decimal(6))])
    True
    """
    if isinstance(test, Range):
        return UNKNOWN if value is UNKNOWN else in_range(value, test)
    return _matches_element(value, test) if isinstance(test, list) else equal(value, test)


def _matches_element(value: Value, tests: list[Value]) -> Ternary:
    if isinstance(value, list) and equal(value, tests) is True:
        return True
    answers = [matches(value, element) for element in tests]
    if any(answer is True for answer in answers):
        return True
    return UNKNOWN if any(answer is UNKNOWN for answer in answers) else False


# Arithmetic

Operation = Callable[[Value, Value], Value]


def _undefined(operator: str, left: Value, right: Value) -> Undefined:
    return Undefined(
        f"`{operator}` is not defined for {kind_name(left)} and {kind_name(right)}", "operand-type"
    )


def _whole(value: Decimal) -> int:
    """Drop the fraction of a count of months or nanoseconds."""
    if value.adjusted() > 40:
        raise Undefined("the duration is too long", "overflow")
    return int(value)


def _numbers(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException as error:
        reason = "division by zero" if right == 0 else "the number is out of range"
        raise Undefined(reason, "arithmetic") from error


def _shift(moment: Value, duration: Value) -> Value:
    """Moment plus duration; NotImplemented's place is taken by UNKNOWN never: None means no rule."""
    try:
        if isinstance(duration, DaysDuration):
            if isinstance(moment, Date):
                # A date counts as midnight UTC; the time of the result is dropped.
                return Date.from_ordinal(moment.ordinal + duration.nanos // NANOS_PER_DAY)
            if isinstance(moment, DateTime):
                return moment.plus_nanos(duration.nanos)
            if isinstance(moment, Time):
                return Time.from_nanos(moment.nanos + duration.nanos, moment.zone)
        elif isinstance(duration, YearsMonthsDuration) and isinstance(moment, (Date, DateTime)):
            return moment.plus_months(duration.months)
    except ValueError as error:
        raise Undefined(str(error), "overflow") from error
    return None


def add(left: Value, right: Value) -> Value:
    """``left + right``: numbers, strings, durations, a moment and a duration."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(DECIMAL128.add, left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, DaysDuration) and isinstance(right, DaysDuration):
        return DaysDuration(left.nanos + right.nanos)
    if isinstance(left, YearsMonthsDuration) and isinstance(right, YearsMonthsDuration):
        return YearsMonthsDuration(left.months + right.months)
    shifted = _shift(left, right)
    if shifted is None:
        shifted = _shift(right, left)
    if shifted is None:
        raise _undefined("+", left, right)
    return shifted


def subtract(left: Value, right: Value) -> Value:
    """``left - right``: numbers, durations, two moments, a moment and a duration."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(DECIMAL128.subtract, left, right)
    if isinstance(right, (DaysDuration, YearsMonthsDuration)):
        difference = None if isinstance(left, (Decimal, str)) else _minus_duration(left, right)
    else:
        difference = _distance(left, right)
    if difference is None:
        raise _undefined("-", left, right)
    return difference


def _minus_duration(left: Value, right: DaysDuration | YearsMonthsDuration) -> Value:
    opposite = negate(right)
    if isinstance(left, (DaysDuration, YearsMonthsDuration)):
        return add(left, opposite)
    return _shift(left, opposite)


def _distance(left: Value, right: Value) -> Value:
    if isinstance(left, Time) and isinstance(right, Time):
        one, other = _temporal_key(left, right)
        return DaysDuration(one - other)
    moments = [DateTime.from_date(value) if isinstance(value, Date) else value for value in (left, right)]
    if isinstance(moments[0], DateTime) and isinstance(moments[1], DateTime):
        one, other = _temporal_key(moments[0], moments[1])
        return DaysDuration(one - other)
    return None


def multiply(left: Value, right: Value) -> Value:
    """``left * right``: numbers, a number and a duration."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(DECIMAL128.multiply, left, right)
    if isinstance(left, Decimal):
        left, right = right, left
    if isinstance(right, Decimal):
        scaled = _scaled(left, right, DECIMAL128.multiply)
        if scaled is not None:
            return scaled
    raise _undefined("*", left, right)


def _scaled(duration: Value, by: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> Value:
    if isinstance(duration, DaysDuration):
        return DaysDuration(_whole(_numbers(operation, Decimal(duration.nanos), by)))
    if isinstance(duration, YearsMonthsDuration):
        return YearsMonthsDuration(_whole(_numbers(operation, Decimal(duration.months), by)))
    return None


def divide(left: Value, right: Value) -> Value:
    """``left / right``: numbers, a duration by a number, two durations of one kind."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _numbers(DECIMAL128.divide, left, right)
    if isinstance(right, Decimal):
        scaled = _scaled(left, right, DECIMAL128.divide)
        if scaled is not None:
            return scaled
    if isinstance(left, DaysDuration) and isinstance(right, DaysDuration):
        return _numbers(DECIMAL128.divide, Decimal(left.nanos), Decimal(right.nanos))
    if isinstance(left, YearsMonthsDuration) and isinstance(right, YearsMonthsDuration):
        return _numbers(DECIMAL128.divide, Decimal(left.months), Decimal(right.months))
    raise _undefined("/", left, right)


def power(left: Value, right: Value) -> Value:
    """``left ** right`` for numbers."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if abs(right) > _LARGEST_EXPONENT:
            raise Undefined("the exponent is out of range", "arithmetic")
        if left == 0 and right == 0:
            return Decimal(1)
        if left == 0 and right < 0:
            raise Undefined("division by zero", "arithmetic")
        return _numbers(DECIMAL128.power, left, right)
    raise _undefined("**", left, right)


def negate(value: Value) -> Value:
    """``-value`` for numbers and durations."""
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Decimal):
        return DECIMAL128.minus(value)
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    if isinstance(value, YearsMonthsDuration):
        return YearsMonthsDuration(-value.months)
    raise Undefined(f"`-` is not defined for {kind_name(value)}", "operand-type")
