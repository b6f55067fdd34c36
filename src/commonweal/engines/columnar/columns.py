"""The columns that a model reads: one leaf for every number, text, date or truth among its facts.

A number has a scale (digits after the point) and a range; both come from the item definitions'
allowed values, from what the caller declares, or from a default. A value outside of its range is
no error: its row is computed by the Decimal rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from commonweal.engines.columnar.errors import ColumnarError
from commonweal.engines.dmn.item_types import constraint_texts
from commonweal.engines.feel.errors import FeelSyntaxError
from commonweal.engines.feel.parser import parse_unary_tests
from commonweal.engines.feel.scope import Scope
from commonweal.engines.feel.syntax import (
    ComparisonTest,
    Negation,
    Node,
    NumberLiteral,
    RangeLiteral,
    StringLiteral,
)
from commonweal.engines.feel.types import BOOLEAN, DATE, NUMBER, STRING, ContextType, ListType, Type, base_of

__all__ = ["FIRST_DAY", "LAST_DAY", "LONGEST_LIST", "Branch", "Column", "Leaf", "Many", "columns_of"]

LONGEST_LIST: Final = 1000
"""Members of one list; a row with more is computed by the Decimal rows."""
FIRST_DAY: Final = -719_162
"""0001-01-01, in days since 1970-01-01."""
LAST_DAY: Final = 2_932_896
"""9999-12-31, likewise."""
_SCALE: Final = 2
_LARGEST: Final = 10**9
_KINDS: Final = {NUMBER: "number", STRING: "text", BOOLEAN: "truth", DATE: "date"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of plain values.

    Attributes:
        path: Names from the input data down.
        kind: ``number``, ``text``, ``truth``, ``date``, or ``other`` where only Decimal rows can read it.
        scale: Of a number: digits after the point.
        low: Of a number: least value, times ten to the scale.
        high: Of a number: greatest value, likewise.
        texts: Of a text: the values allowed; empty where any is.
        type: FEEL's type.
    """

    path: tuple[str, ...]
    kind: str
    type: Type
    scale: int = 0
    low: int = 0
    high: int = 0
    texts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Branch:
    """A context: columns within a struct."""

    path: tuple[str, ...]
    members: tuple[tuple[str, Column], ...]
    type: Type

    @property
    def name(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Many:
    """A list, with at most ``longest`` elements in one row."""

    path: tuple[str, ...]
    element: Column
    longest: int
    type: Type

    @property
    def name(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)


Column = Leaf | Branch | Many
Ranges = Mapping[str, Sequence[object]]


def columns_of(inputs: Mapping[str, Type], ranges: Ranges) -> dict[str, Column]:
    """The columns of each input, by its name.

    Args:
        inputs: Types of the input data.
        ranges: By path: (low, high) or (low, high, scale) of a number, (fewest, most) of a list.

    Raises:
        ColumnarError: A range names no column, or is none.
    """
    columns = {name: _column((name,), type_, ranges) for name, type_ in inputs.items()}
    known = {column.name for root in columns.values() for column in every_column(root)}
    lost = sorted(set(ranges) - known)
    if lost:
        raise ColumnarError(
            f"ranges name no column: {', '.join(lost)}; there are: {', '.join(sorted(known))}"
        )
    return columns


def every_column(column: Column) -> Iterator[Column]:
    """A column and everything below it."""
    yield column
    if isinstance(column, Branch):
        for _, member in column.members:
            yield from every_column(member)
    elif isinstance(column, Many):
        yield from every_column(column.element)


def _column(path: tuple[str, ...], type_: Type, ranges: Ranges) -> Column:
    base = base_of(type_)
    if isinstance(base, ContextType) and base.members:
        members = tuple((name, _column((*path, name), member, ranges)) for name, member in base.members)
        return Branch(path, members, type_)
    if isinstance(base, ListType):
        declared = ranges.get(".".join(path))
        longest = _whole(declared[1], path) if declared is not None and not _is_leaf(base.element) else None
        element = _column(path, base.element, ranges)
        return Many(path, element, LONGEST_LIST if longest is None else longest, type_)
    kind = _KINDS.get(base, "other")
    if kind == "number":
        return _number(path, type_, ranges.get(".".join(path)))
    texts = _texts(constraint_texts(type_)) if kind == "text" else ()
    return Leaf(path, kind, type_, texts=texts)


def _is_leaf(type_: Type) -> bool:
    return base_of(type_) in _KINDS


def _whole(value: object, path: tuple[str, ...]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ColumnarError(f"{'.'.join(path)}: a list's range is two whole numbers, fewest and most")
    return value


def _number(path: tuple[str, ...], type_: Type, declared: Sequence[object] | None) -> Leaf:
    low, high = _allowed_range(constraint_texts(type_))
    scale = _SCALE
    if declared is not None:
        low, high, scale = _declared(declared, path)
    shift = Decimal(10) ** scale
    least = -_LARGEST if low is None else low
    most = _LARGEST if high is None else high
    return Leaf(
        path,
        "number",
        type_,
        scale,
        int((least * shift).to_integral_value(ROUND_CEILING)),
        int((most * shift).to_integral_value(ROUND_FLOOR)),
    )


def _declared(declared: Sequence[object], path: tuple[str, ...]) -> tuple[Decimal, Decimal, int]:
    if len(declared) not in {2, 3}:
        raise ColumnarError(f"{'.'.join(path)}: a range is (low, high) or (low, high, scale)")
    low, high = Decimal(str(declared[0])), Decimal(str(declared[1]))
    scale = declared[2] if len(declared) == 3 else _SCALE
    if not isinstance(scale, int) or not 0 <= scale <= 15 or low > high:
        raise ColumnarError(f"{'.'.join(path)}: {tuple(declared)} is no range with a scale from 0 to 15")
    if max(abs(low), abs(high)) * 10**scale >= 2**62:
        raise ColumnarError(f"{'.'.join(path)}: {tuple(declared)} does not fit into 62 bits")
    return low, high, scale


# What allowed values say


def _tests(text: str) -> tuple[Node, ...]:
    try:
        tests = parse_unary_tests(text, Scope({}))
    except FeelSyntaxError:
        return ()
    return () if tests.is_negated else tests.tests


def _texts(constraints: Sequence[str]) -> tuple[str, ...]:
    for text in constraints:
        tests = _tests(text)
        values = [test.value for test in tests if isinstance(test, StringLiteral)]
        if values and len(values) == len(tests):
            return tuple(values)
    return ()


def _allowed_range(constraints: Sequence[str]) -> tuple[Decimal | None, Decimal | None]:
    """The ends between which every allowed value lies; None where there is none.

    The ends count as belonging to the range: a little too wide is never wrong.
    """
    low: Decimal | None = None
    high: Decimal | None = None
    for text in constraints:
        spans = [_span(test) for test in _tests(text)]
        if spans:
            least, most = _hull(spans)
            low = _tighter(low, least, max)
            high = _tighter(high, most, min)
    return low, high


_End = Decimal | None


def _hull(spans: Sequence[tuple[_End, _End]]) -> tuple[_End, _End]:
    """The ends of all spans together."""
    lows, highs = (
        [low for low, _ in spans if low is not None],
        [high for _, high in spans if high is not None],
    )
    return min(lows) if len(lows) == len(spans) else None, max(highs) if len(highs) == len(spans) else None


def _tighter(one: _End, other: _End, choose: Callable[[Decimal, Decimal], Decimal]) -> _End:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)


def _span(test: Node) -> tuple[Decimal | None, Decimal | None]:
    if isinstance(test, RangeLiteral):
        return _literal(test.low), _literal(test.high)
    if isinstance(test, ComparisonTest):
        bound = _literal(test.operand)
        if test.operator in {"<", "<="}:
            return None, bound
        if test.operator in {">", ">="}:
            return bound, None
        return (bound, bound) if test.operator == "=" else (None, None)
    value = _literal(test)
    return value, value


def _literal(node: Node | None) -> Decimal | None:
    if isinstance(node, NumberLiteral):
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, NumberLiteral):
        return -node.operand.value
    return None
