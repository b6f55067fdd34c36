"""The syntax tree: frozen nodes that know where in the text they stand.

Positions do not take part in comparison, so ``parse(unparse(node)) == node``.

Source: DMN 1.5, 10.3.1.2 (grammar rules 1 to 66).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from commonweal.engines.feel.types import Type

__all__ = [
    "AtLiteral",
    "Between",
    "Binary",
    "BooleanLiteral",
    "ComparisonTest",
    "Conjunction",
    "ContextLiteral",
    "Disjunction",
    "Filter",
    "For",
    "FunctionLiteral",
    "If",
    "In",
    "InstanceOf",
    "Invocation",
    "Iteration",
    "ListLiteral",
    "Name",
    "Negation",
    "Node",
    "NullLiteral",
    "NumberLiteral",
    "Parameter",
    "Path",
    "Quantified",
    "RangeLiteral",
    "StringLiteral",
    "TypeName",
    "UnaryTestsNode",
    "children",
    "walk",
]

ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "**"})
COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything in the tree.

    Attributes:
        start: Offset of the first character in the text.
        end: Offset after the last character.
    """

    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    """A number, such as ``1.5``."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class StringLiteral(Node):
    """A text in double quotes; the value is unescaped."""

    value: str


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class NullLiteral(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """A temporal literal, ``@"2026-09-15"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, a function or ``?``; blanks in it are single."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``source.name``."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic or a comparison; ``operator`` is one of ``+ - * / ** = != < <= > >=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """``a and b and …``, flat."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """``a or b or …``, flat."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class ComparisonTest(Node):
    """A unary test with an operator, such as ``< 5``."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, …)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type as written; ``type`` is None when the scope knows no type of that name."""

    text: str
    type: Type | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """``[low..high]``; an absent end is None, as in ``(>=5)``."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """``{name: value, …}``."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter, with its type where one is written."""

    name: str
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """``function(a: number): number body``; an external body is a context."""

    parameters: tuple[Parameter, ...]
    result: TypeName | None
    body: Node
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """``function(a, b)`` or ``function(name: a)``; ``names`` is empty for positional arguments."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``source[condition]``; the condition may be a position."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """``name in source`` or ``name in source..end`` of an iteration."""

    name: str
    source: Node
    end_source: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for … return body``."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some … satisfies condition`` or ``every …``; ``quantifier`` is ``some`` or ``every``."""

    quantifier: str
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then consequence else alternative``."""

    condition: Node
    consequence: Node
    alternative: Node


@dataclass(frozen=True, slots=True)
class UnaryTestsNode(Node):
    """The tests of a cell: ``-`` (no tests), ``a, b`` or ``not(a, b)``."""

    tests: tuple[Node, ...]
    is_negated: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, in the order of the text."""
    for attribute in fields(node):
        value = getattr(node, attribute.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple) and isinstance(item[-1], Node):
                    yield item[-1]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(children(current))))
