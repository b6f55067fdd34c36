"""The values of one column of a table, cut into segments on which no cell changes its mind.

A cell that compares its input with constants is true or false throughout a segment between
two neighbouring constants. One witness a segment therefore stands for all of its values, and
asking the compiled cell about the witness says exactly what it says about the segment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from commonweal.engines.dmn.facts import text_of
from commonweal.engines.feel import FeelSyntaxError, Scope, compile_expression
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.parser import parse_unary_tests
from commonweal.engines.feel.types import Range, Type, Value
from commonweal.engines.feel.values.temporal import (
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsMonthsDuration,
)

OTHER_TEXT = "any other text"
_ORDERED_OPERATORS = frozenset({"<", "<=", ">", ">="})


class NotCheckableError(Exception):
    """A cell that is no comparison of its input with constants; the message says why."""


# ---- constants of a cell -----------------------------------------------------------------


def constants(text: str, scope: Scope, type_: Type) -> list[Value]:
    """The constants that a cell compares its input with.

    Raises:
        NotCheckableError: The cell does anything else.
    """
    try:
        tree = parse_unary_tests(text, scope, type_)
    except FeelSyntaxError as error:
        raise NotCheckableError("it is not FEEL") from error
    found: list[Value] = []
    for test in tree.tests:
        _collect(test, text, found)
    return found


def _collect(node: s.Node, text: str, found: list[Value]) -> None:
    if isinstance(node, s.ComparisonTest):
        found.append(_ordered(constant_of(node.operand, text), node.operator))
    elif isinstance(node, s.RangeLiteral):
        found.extend(
            _ordered(constant_of(end, text), "<") for end in (node.low, node.high) if end is not None
        )
    elif isinstance(node, s.ListLiteral):
        for element in node.elements:
            _collect(element, text, found)
    elif _mentions_input(node):
        _collect_condition(node, text, found)
    else:
        _add(constant_of(node, text), found)


def _add(value: Value, found: list[Value]) -> None:
    if isinstance(value, list):
        for item in value:
            _add(item, found)
    elif isinstance(value, Range):
        found.extend(_ordered(end, "<") for end in (value.low, value.high) if end is not None)
    else:
        found.append(value)


def _collect_condition(node: s.Node, text: str, found: list[Value]) -> None:
    if isinstance(node, s.Conjunction | s.Disjunction):
        for operand in node.operands:
            _collect_condition(operand, text, found)
    elif isinstance(node, s.Invocation) and node.function == s.Name("not") and len(node.arguments) == 1:
        _collect_condition(node.arguments[0], text, found)
    elif not _is_input(node):
        _collect_comparison(node, text, found)


def _collect_comparison(node: s.Node, text: str, found: list[Value]) -> None:
    if isinstance(node, s.Binary) and node.operator in s.COMPARISONS:
        found.append(_ordered(constant_of(_other_side(node), text), node.operator))
    elif isinstance(node, s.Between) and _is_input(node.value):
        found.extend(_ordered(constant_of(end, text), "<") for end in (node.low, node.high))
    elif isinstance(node, s.In) and _is_input(node.value):
        for test in node.tests:
            _collect(test, text, found)
    else:
        raise NotCheckableError("it computes with the input")


def _other_side(node: s.Binary) -> s.Node:
    """What the input is compared with."""
    sides = [side for side in (node.left, node.right) if not _is_input(side)]
    if len(sides) != 1:
        raise NotCheckableError("it compares the input with something computed from it")
    return sides[0]


def _is_input(node: s.Node) -> bool:
    return isinstance(node, s.Name) and node.name == "?"


def _mentions_input(node: s.Node) -> bool:
    return any(map(_is_input, s.walk(node)))


def _ordered(value: Value, operator: str) -> Value:
    if operator in _ORDERED_OPERATORS and isinstance(value, str | bool):
        raise NotCheckableError("it orders texts")
    return value


def constant_of(node: s.Node, text: str) -> Value:
    """The value of a part of a text that depends on nothing.

    Raises:
        NotCheckableError: It depends on something.
    """
    called = {part.function for part in s.walk(node) if isinstance(part, s.Invocation)}
    for part in s.walk(node):
        if isinstance(part, s.Name) and part not in called:
            raise NotCheckableError(f"it depends on {part.name!r}")
    evaluation = Evaluation()
    scope = Scope({})
    expression = compile_expression(text[node.start : node.end], scope)
    value = expression.run(scope.frame(), evaluation)
    if evaluation.warnings:
        raise NotCheckableError("its value is not constant")
    return value


# ---- kinds of values ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """An ordered kind of value: numbers on a line, and the way back.

    ``step`` is the distance of neighbours, or None where between two there is always a third.
    """

    key: Callable[[Any], Decimal]
    value: Callable[[Decimal], Value]
    step: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


_NANOS_OF_DAY = Decimal(86_400_000_000_000)
LINES: dict[type, Line] = {
    Decimal: Line(lambda v: v, lambda k: k),
    Date: Line(lambda v: Decimal(v.ordinal), lambda k: Date.from_ordinal(int(k)), step=Decimal(1)),
    DateTime: Line(lambda v: Decimal(v.nanos), lambda k: DateTime.from_nanos(int(k)), step=Decimal(1)),
    Time: Line(
        lambda v: Decimal(v.nanos),
        lambda k: Time.from_nanos(int(k)),
        step=Decimal(1),
        low=Decimal(0),
        high=_NANOS_OF_DAY - 1,
    ),
    DaysDuration: Line(lambda v: Decimal(v.nanos), lambda k: DaysDuration(int(k)), step=Decimal(1)),
    YearsMonthsDuration: Line(
        lambda v: Decimal(v.months), lambda k: YearsMonthsDuration(int(k)), step=Decimal(1)
    ),
}
_OF_TYPE: dict[str, type] = {
    "number": Decimal,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "years and months duration": YearsMonthsDuration,
    "string": str,
    "boolean": bool,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Values that no cell of the column tells apart, one of them as a witness."""

    text: str
    witness: Value


@dataclass(slots=True)
class Dimension:
    """One input of a table, cut into segments."""

    name: str
    segments: list[Segment] = field(default_factory=list)

    @property
    def everything(self) -> int:
        """The set of all segments, a bit for each."""
        return (1 << len(self.segments)) - 1


def cut(name: str, type_name: str, points: Iterable[Value]) -> Dimension:
    """Cut the values of a type at constants.

    Raises:
        NotCheckableError: The constants are of several kinds, or of one that has no order.
    """
    known = [point for point in points if point is not None]
    kind = _kind(type_name, known)
    if kind is bool:
        return Dimension(name, [Segment("true", True), Segment("false", False)])
    if kind is str:
        return Dimension(name, _texts(sorted({point for point in known if isinstance(point, str)})))
    if any(getattr(point, "zone", None) is not None for point in known):
        raise NotCheckableError("its times have time zones")
    return Dimension(name, _segments(LINES[kind], sorted({LINES[kind].key(point) for point in known})))


def _kind(type_name: str, known: Sequence[Value]) -> type:
    kinds = {type(point) for point in known}
    kind = _OF_TYPE.get(type_name) or (next(iter(kinds)) if len(kinds) == 1 else None)
    if kind is None or not kinds <= {kind}:
        raise NotCheckableError("its cells hold values of different kinds")
    if kind not in LINES and kind not in {bool, str}:
        raise NotCheckableError("its values have no order")
    return kind


def _texts(known: Sequence[str]) -> list[Segment]:
    other = OTHER_TEXT
    while other in known:
        other += "!"
    return [Segment(text_of(text), text) for text in known] + [Segment(OTHER_TEXT, other)]


def _segments(line: Line, points: list[Decimal]) -> list[Segment]:
    if not points:
        start = line.low if line.low is not None else Decimal(0)
        return [Segment("anything", line.value(start))]
    parts: list[Segment] = []
    below: Decimal | None = line.low - 1 if line.low is not None else None
    for point in points:
        parts.extend(_between(line, below, point))
        parts.append(Segment(text_of(line.value(point)), line.value(point)))
        below = point
    parts.extend(_between(line, below, line.high + 1 if line.high is not None else None))
    return parts


def _between(line: Line, low: Decimal | None, high: Decimal | None) -> list[Segment]:
    """The open interval between two points, where it holds a value."""
    key = _inside(line, low, high)
    if key is None:
        return []
    if low is None or (line.low is not None and low < line.low):
        text = f"< {text_of(line.value(high))}" if high is not None else "anything"
    elif high is None or (line.high is not None and high > line.high):
        text = f"> {text_of(line.value(low))}"
    else:
        text = f"({text_of(line.value(low))}..{text_of(line.value(high))})"
    try:
        return [Segment(text, line.value(key))]
    except (ValueError, OverflowError):
        return []


def _inside(line: Line, low: Decimal | None, high: Decimal | None) -> Decimal | None:
    if low is None:
        return high - 1 if high is not None else Decimal(0)
    if high is None:
        return low + 1
    if line.step is not None:
        return low + line.step if low + line.step < high else None
    whole = low.to_integral_value(rounding="ROUND_FLOOR") + 1
    return whole if whole < high else (low + high) / 2
