"""Comparisons and ternary logic.

Source: DMN 1.5, 10.3.2.8 (ternary logic), tables 50 to 54.
"""

from __future__ import annotations

from collections.abc import Sequence

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.merging import kind_of, lift, null_of
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import (
    Constant,
    Day,
    Days,
    Months,
    Number,
    Opaque,
    Symbol,
    Text,
    Truth,
)
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import compare, equal
from commonweal.engines.feel.unknown import UNKNOWN

__all__ = ["equals", "is_unknown", "negated", "ordered", "ternary", "truth"]

Ordered = (Number, Day, Months, Days)


def is_unknown(*symbols: Symbol) -> bool:
    """Is one of them a figure that nobody knows?"""
    return any(isinstance(symbol, Constant) and symbol.value is UNKNOWN for symbol in symbols)


def truth(work: Work, symbol: Symbol) -> Truth:
    """A condition; anything but a truth counts as null, and its row is at fault."""
    lifted = lift(work, symbol)
    if isinstance(lifted, Truth):
        return lifted
    if not (isinstance(lifted, Constant) and lifted.value is None):
        if isinstance(symbol, Constant | Opaque):
            work.fault(work.b.true)
        else:
            raise Refusal(f"a condition that is a {kind_of(lifted)}")
    return Truth(work.b.false, work.b.true)


def equals(work: Work, a: Symbol, b: Symbol, *, warns: bool = True) -> Symbol:
    """``a = b``; null (and a fault where the engine warns) when they are of different kinds.

    Raises:
        Refusal: They are lists, contexts or the like.
    """
    if is_unknown(a, b):
        return Constant(UNKNOWN)
    if isinstance(a, Constant) and isinstance(b, Constant):
        answer = equal(a.value, b.value)
        if answer is None and warns:
            work.fault(work.b.true)
        return Constant(answer)
    a, b = lift(work, a), lift(work, b)
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Constant):  # null
            return Truth(null_of(work, other), work.b.false)
    left, right = null_of(work, a), null_of(work, b)
    if type(a) is not type(b):
        if isinstance(a, Opaque) or isinstance(b, Opaque):
            raise Refusal("a comparison with a text that is put together")
        mismatch = work.b.both(work.b.opposite(left), work.b.opposite(right))
        if warns:
            work.fault(mismatch)
        return Truth(work.b.both(left, right), mismatch)
    same = _same_kind_equal(work, a, b)
    neither = work.b.both(work.b.opposite(left), work.b.opposite(right))
    return Truth(work.b.either(work.b.both(left, right), work.b.both(neither, same)), work.b.false)


def _same_kind_equal(work: Work, a: Symbol, b: Symbol) -> Node:
    if isinstance(a, Number) and isinstance(b, Number):
        return work.b.eq(*numbers.compared(work, a, b))
    if isinstance(a, Truth) and isinstance(b, Truth):
        return work.b.eq(work.b.flag(a.node), work.b.flag(b.node))
    if isinstance(a, Text) and isinstance(b, Text):
        same = work.b.eq(a.node, b.node)
        if a.values is None and b.values is None:
            work.fault(work.b.both(same, work.b.lt(a.node, work.b.number(0))))
        return same
    if isinstance(a, Day | Months | Days) and isinstance(b, Day | Months | Days):
        return work.b.eq(a.node, b.node)
    raise Refusal(f"`=` of two values of type {kind_of(a)}")


def ordered(work: Work, operator: str, a: Symbol, b: Symbol, *, warns: bool = True) -> Symbol:
    """``a < b`` and its sisters; null (and a fault where the engine warns) where there is no order.

    Raises:
        Refusal: They are texts or the like.
    """
    if is_unknown(a, b):
        return Constant(UNKNOWN)
    if isinstance(a, Constant) and isinstance(b, Constant):
        return _constants_ordered(work, operator, a, b, warns=warns)
    a, b = lift(work, a), lift(work, b)
    if any(isinstance(one, Text | Opaque) for one in (a, b)):
        raise Refusal(f"`{operator}` of texts")
    if type(a) is not type(b) or not isinstance(a, Ordered):
        if warns:
            work.fault(work.b.true)
        return NULL
    null = work.b.either(null_of(work, a), null_of(work, b))
    if warns:
        work.fault(null)
    if isinstance(a, Number) and isinstance(b, Number):
        one, other = numbers.compared(work, a, b)
    else:
        assert isinstance(a, Day | Months | Days)
        assert isinstance(b, Day | Months | Days)
        one, other = a.node, b.node
    node = _decided(work, operator, one, other)
    return Truth(work.b.both(node, work.b.opposite(null)), null)


def _decided(work: Work, operator: str, one: Node, other: Node) -> Node:
    if operator == "<":
        return work.b.lt(one, other)
    if operator == "<=":
        return work.b.le(one, other)
    return work.b.lt(other, one) if operator == ">" else work.b.le(other, one)


def _constants_ordered(work: Work, operator: str, a: Constant, b: Constant, *, warns: bool) -> Symbol:
    try:
        order = compare(a.value, b.value)
    except Undefined:
        if warns:
            work.fault(work.b.true)
        return NULL
    assert isinstance(order, int)
    return Constant({"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator])


def negated(work: Work, symbol: Symbol) -> Symbol:
    """The opposite of a ternary truth."""
    if isinstance(symbol, Constant):
        return Constant(not symbol.value) if isinstance(symbol.value, bool) else symbol
    assert isinstance(symbol, Truth)
    node = work.b.both(work.b.opposite(symbol.node), work.b.opposite(symbol.null))
    return Truth(node, symbol.null)


def ternary(work: Work, operands: Sequence[Truth], *, decisive: bool) -> Truth:
    """``and`` (decided by false) or ``or`` (decided by true) of truths that are there already."""
    b = work.b
    decided, null = b.false, b.false
    for operand in operands:
        node = operand.node if decisive else b.both(b.opposite(operand.node), b.opposite(operand.null))
        decided = b.either(decided, node)
        null = b.either(null, operand.null)
    null = b.both(null, b.opposite(decided))
    return Truth(decided if decisive else b.both(b.opposite(decided), b.opposite(null)), null)
