"""Range functions: how points and ranges lie to each other.

Source: DMN 1.5, 10.3.4.9, table 78. An absent end of a range lies beyond everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import compare
from commonweal.engines.feel.types import BOOLEAN, Range, Value
from commonweal.engines.feel.unknown import Unknown

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_LOW: Final = -1
_HIGH: Final = 1

# An end of a range, or a point: value, side (of an absent end), does it belong to the range.
End = tuple[Value, int, bool]


def _low(value: Value) -> End:
    return (value.low, _LOW, value.low_closed) if isinstance(value, Range) else (value, 0, True)


def _high(value: Value) -> End:
    return (value.high, _HIGH, value.high_closed) if isinstance(value, Range) else (value, 0, True)


def _order(one: End, other: End) -> int:
    """Order of the positions of two ends, whether they belong or not."""
    one_side = one[1] if one[0] is None else 0
    other_side = other[1] if other[0] is None else 0
    if one_side or other_side:
        return (one_side > other_side) - (one_side < other_side)
    order = compare(one[0], other[0])
    if isinstance(order, Unknown):
        raise Undefined("a point is not known yet", "argument-type")
    return order


def _before(one: Value, other: Value) -> bool:
    end, start = _high(one), _low(other)
    order = _order(end, start)
    return order < 0 or (order == 0 and not (end[2] and start[2]) and _is_range(one, other))


def _is_range(one: Value, other: Value) -> bool:
    return isinstance(one, Range) or isinstance(other, Range)


def _touches(end: End, start: End) -> bool:
    """Do the end of one and the start of another reach each other?"""
    order = _order(end, start)
    return order > 0 or (order == 0 and end[2] and start[2])


def _meets(one: Range, other: Range) -> bool:
    end, start = _high(one), _low(other)
    return end[2] and start[2] and end[0] is not None and _order(end, start) == 0


def _overlaps(one: Range, other: Range) -> bool:
    return _touches(_high(one), _low(other)) and _touches(_high(other), _low(one))


def _starts_earlier(one: Range, other: Range) -> bool:
    order = _order(_low(one), _low(other))
    return order < 0 or (order == 0 and one.low_closed and not other.low_closed)


def _ends_within(one: Range, other: Range) -> bool:
    order = _order(_high(one), _high(other))
    return order < 0 or (order == 0 and (not one.high_closed or other.high_closed))


def _starts_within(one: Range, other: Range) -> bool:
    order = _order(_low(one), _low(other))
    return order > 0 or (order == 0 and (not one.low_closed or other.low_closed))


def _overlaps_before(one: Range, other: Range) -> bool:
    touching = _touches(_high(one), _low(other))
    return _starts_earlier(one, other) and touching and _ends_within(one, other)


def _includes(one: Value, other: Value) -> bool:
    """Does the range ``one`` hold the point or range ``other``?"""
    if not isinstance(one, Range):
        raise Undefined("a range is needed", "argument-type")
    if isinstance(other, Range):
        return _starts_within(other, one) and _ends_within(other, one)
    return _touches((other, 0, True), _low(one)) and _touches(_high(one), (other, 0, True))


def _same_end(one: End, other: End) -> bool:
    return one[2] == other[2] and _order(one, other) == 0


def _finishes(one: Value, other: Value) -> bool:
    if not isinstance(other, Range):
        raise Undefined("a range is needed", "argument-type")
    if not isinstance(one, Range):
        return other.high_closed and _order((one, 0, True), _high(other)) == 0
    return _same_end(_high(one), _high(other)) and _starts_within(one, other)


def _starts(one: Value, other: Value) -> bool:
    if not isinstance(other, Range):
        raise Undefined("a range is needed", "argument-type")
    if not isinstance(one, Range):
        return other.low_closed and _order((one, 0, True), _low(other)) == 0
    return _same_end(_low(one), _low(other)) and _ends_within(one, other)


def _coincides(one: Value, other: Value) -> bool:
    if isinstance(one, Range) != isinstance(other, Range):
        raise Undefined("two points or two ranges are needed", "argument-type")
    return _same_end(_low(one), _low(other)) and _same_end(_high(one), _high(other))


_Relation = Callable[..., bool]


def _declare(name: str, relation: _Relation, *parameters: str, swapped: bool = False) -> None:
    def implementation(evaluation: Evaluation, one: Value, other: Value) -> Value:
        return relation(other, one) if swapped else relation(one, other)

    for parameter in parameters:
        builtin(name, parameter, BOOLEAN)(implementation)


_POINTS: Final = "point1: any, point2: any"
_RANGES: Final = "range1: range, range2: range"
_ANY_RANGES: Final = "range1: any, range2: any"
_POINT_RANGE: Final = "point: any, range: any"
_RANGE_POINT: Final = "range: any, point: any"

_declare("before", _before, _POINTS, _POINT_RANGE, _RANGE_POINT, _ANY_RANGES)
_declare("after", _before, _POINTS, _POINT_RANGE, _RANGE_POINT, _ANY_RANGES, swapped=True)
_declare("meets", _meets, _RANGES)
_declare("met by", _meets, _RANGES, swapped=True)
_declare("overlaps", _overlaps, _RANGES)
_declare("overlaps before", _overlaps_before, _RANGES)
_declare("overlaps after", _overlaps_before, _RANGES, swapped=True)
_declare("finishes", _finishes, _POINT_RANGE, _ANY_RANGES)
_declare("finished by", _finishes, _RANGE_POINT, _ANY_RANGES, swapped=True)
_declare("includes", _includes, _RANGE_POINT, _ANY_RANGES)
_declare("during", _includes, _POINT_RANGE, _ANY_RANGES, swapped=True)
_declare("starts", _starts, _POINT_RANGE, _ANY_RANGES)
_declare("started by", _starts, _RANGE_POINT, _ANY_RANGES, swapped=True)
_declare("coincides", _coincides, _POINTS, _ANY_RANGES)
