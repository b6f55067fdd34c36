"""What a FEEL value is while a decision is compiled: a constant, or nodes that compute it.

Every symbol that may be null carries the truth that it is; where that holds, its value means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from commonweal.engines.columnar.ir import Node, Path
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DAYS_TIME_DURATION,
    NOTHING,
    NUMBER,
    STRING,
    YEARS_MONTHS_DURATION,
    ContextType,
    FunctionType,
    ListType,
    Type,
    Value,
    join,
    type_of,
)
from commonweal.engines.feel.unknown import contains_unknown

__all__ = [
    "Closeness",
    "Closure",
    "Constant",
    "Day",
    "Days",
    "Items",
    "Members",
    "Months",
    "Number",
    "Opaque",
    "Record",
    "Symbol",
    "Text",
    "Truth",
    "feel_type",
]


class Closeness(IntEnum):
    """How near decimal128's value is to the exact one that the nodes hold.

    Exact: it is the same. Fresh: it is the exact one, rounded to 34 digits, as a division leaves it.
    Moved: exact numbers were added to a fresh one, or it was multiplied by a number without a common factor
    with its divisor, so that it lies on a decimal fraction only where it is one. Loose: anything else; where the
    exact value lies just on a boundary, decimal128's may lie beside it, and the row is given to the Decimal rows.
    """

    EXACT = 0
    FRESH = 1
    MOVED = 2
    LOOSE = 3


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known now."""

    value: Value


@dataclass(frozen=True, slots=True)
class Number:
    """``node / (divisor * 10**scale)``.

    Attributes:
        node: The numerator.
        scale: Digits after the point.
        null: Is it null?
        divisor: A positive number, None for 1.
        closeness: See `Closeness`.
        inexact: May decimal128's value differ from the exact one, in this row?
    """

    node: Node
    scale: int
    null: Node
    divisor: Node | None = None
    closeness: Closeness = Closeness.EXACT
    inexact: Node | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false or null; ``node`` is false where it is null."""

    node: Node
    null: Node


@dataclass(frozen=True, slots=True)
class Text:
    """One of the texts of the program's table, or (where ``values`` is None) another one, as -1."""

    node: Node
    null: Node
    values: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Day:
    """A date, in days since 1970-01-01."""

    node: Node
    null: Node


@dataclass(frozen=True, slots=True)
class Months:
    """A duration of years and months, in months."""

    node: Node
    null: Node


@dataclass(frozen=True, slots=True)
class Days:
    """A duration of whole days."""

    node: Node
    null: Node


@dataclass(frozen=True, slots=True)
class Record:
    """A context; never null."""

    entries: dict[str, Symbol]


@dataclass(frozen=True, slots=True)
class Items:
    """A list with a known greatest length: each element may be there or not."""

    entries: tuple[tuple[Node, Symbol], ...]


@dataclass(frozen=True, slots=True)
class Members:
    """A list over the members of a list column: those where ``mask`` holds."""

    path: Path
    most: int
    mask: Node
    element: Symbol
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Closure:
    """A function: what to do with its arguments."""

    name: str
    parameters: tuple[str, ...]
    types: tuple[Type, ...]
    call: Callable[[Sequence[Symbol]], Symbol]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that no column can hold, such as a text put together: harmless unless something asks for it."""

    null: Node
    type: Type
    why: str


Symbol = Constant | Number | Truth | Text | Day | Months | Days | Record | Items | Members | Closure | Opaque

_SIMPLE: dict[type, Type] = {
    Number: NUMBER,
    Truth: BOOLEAN,
    Text: STRING,
    Day: DATE,
    Months: YEARS_MONTHS_DURATION,
    Days: DAYS_TIME_DURATION,
}


def feel_type(symbol: Symbol) -> Type:
    """FEEL's type of a symbol, as far as names need it."""
    simple = _SIMPLE.get(type(symbol))
    if simple is not None:
        return simple
    if isinstance(symbol, Constant):
        return _constant_type(symbol.value)
    if isinstance(symbol, Record):
        return ContextType(tuple((name, feel_type(entry)) for name, entry in symbol.entries.items()))
    if isinstance(symbol, Members):
        return ListType(feel_type(symbol.element))
    if isinstance(symbol, Items):
        return ListType(_joined(symbol))
    if isinstance(symbol, Closure):
        return FunctionType(symbol.types, ANY)
    return symbol.type if isinstance(symbol, Opaque) else ANY


def _constant_type(value: Value) -> Type:
    return ANY if contains_unknown(value) and not isinstance(value, dict) else type_of(value)


def _joined(items: Items) -> Type:
    element: Type = NOTHING if items.entries else ANY
    for _, entry in items.entries:
        element = join(element, feel_type(entry))
    return element
