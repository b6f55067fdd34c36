"""One symbol of two, by a condition; constants as nodes; null as any kind."""

from __future__ import annotations

from decimal import Decimal

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import (
    Closeness,
    Constant,
    Day,
    Days,
    Items,
    Members,
    Months,
    Number,
    Opaque,
    Record,
    Symbol,
    Text,
    Truth,
    feel_type,
)
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import Date, DaysDuration, YearsMonthsDuration
from commonweal.engines.feel.values.temporal.durations import NANOS_PER_DAY

__all__ = ["kind_of", "lift", "merge", "null_of"]


def lift(work: Work, symbol: Symbol) -> Symbol:
    """A constant as nodes; null and UNKNOWN stay what they are.

    Raises:
        Refusal: No node can hold it.
    """
    return _lifted(work, symbol.value) if isinstance(symbol, Constant) else symbol


def _lifted(work: Work, value: Value) -> Symbol:
    b, never = work.b, work.b.false
    if value is None or value is UNKNOWN:
        return Constant(value)
    if isinstance(value, bool):
        return Truth(b.truth(value), never)
    if isinstance(value, Decimal):
        return numbers.lifted(work, value)
    if isinstance(value, str):
        return Text(b.number(work.code(value)), never, frozenset({value}))
    if isinstance(value, Date):
        return Day(b.number(value.ordinal), never)
    if isinstance(value, YearsMonthsDuration):
        return Months(b.number(value.months), never)
    if isinstance(value, DaysDuration) and value.nanos % NANOS_PER_DAY == 0:
        return Days(b.number(value.nanos // NANOS_PER_DAY), never)
    if isinstance(value, list):
        return Items(tuple((b.true, Constant(element)) for element in value))
    if isinstance(value, dict):
        return Record({name: Constant(entry) for name, entry in value.items()})
    raise Refusal(f"a constant of type {feel_type(Constant(value))} has no column type")


def null_of(work: Work, symbol: Symbol) -> Node:
    """Where a symbol is null."""
    if isinstance(symbol, Constant):
        return work.b.truth(symbol.value is None)
    if isinstance(symbol, Number | Truth | Text | Day | Months | Days | Opaque):
        return symbol.null
    return work.b.false


def kind_of(symbol: Symbol) -> str:
    """What to call the kind of a symbol."""
    return str(feel_type(symbol))


def merge(work: Work, condition: Node, a: Symbol, b: Symbol) -> Symbol:
    """``a`` where the condition holds, else ``b``.

    Raises:
        Refusal: The two are of different kinds.
    """
    if condition.constant is not None:
        return a if condition.constant else b
    if isinstance(a, Constant) and isinstance(b, Constant) and _is_same(a.value, b.value):
        return a
    for one, other, holds in ((a, b, condition), (b, a, work.b.opposite(condition))):
        if isinstance(one, Constant) and one.value is UNKNOWN:
            work.fault(holds)
            return other
    a, b = lift(work, a), lift(work, b)
    if isinstance(a, Constant):
        return _with_null(work, b, condition)
    if isinstance(b, Constant):
        return _with_null(work, a, work.b.opposite(condition))
    return _merged(work, condition, a, b)


def _is_same(a: Value, b: Value) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, bool | str | Decimal | Date) and a == b)


def _with_null(work: Work, symbol: Symbol, also: Node) -> Symbol:
    """The symbol, null also where this holds."""
    b = work.b
    if isinstance(symbol, Number):
        null = b.either(symbol.null, also)
        return Number(symbol.node, symbol.scale, null, symbol.divisor, symbol.closeness, symbol.inexact)
    if isinstance(symbol, Truth):
        return Truth(b.both(symbol.node, b.opposite(also)), b.either(symbol.null, also))
    if isinstance(symbol, Text):
        return Text(symbol.node, b.either(symbol.null, also), symbol.values)
    if isinstance(symbol, Day | Months | Days):
        return type(symbol)(symbol.node, b.either(symbol.null, also))
    if isinstance(symbol, Opaque):
        return Opaque(b.either(symbol.null, also), symbol.type, symbol.why)
    # Null lists and contexts are rare: the row goes to the Decimal rows.
    work.fault(also)
    return symbol


def _merged(work: Work, condition: Node, a: Symbol, b: Symbol) -> Symbol:
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        opaque = a if isinstance(a, Opaque) else b
        assert isinstance(opaque, Opaque)
        null = work.b.select(condition, null_of(work, a), null_of(work, b))
        return Opaque(null, opaque.type, opaque.why)
    if isinstance(a, Number) and isinstance(b, Number):
        return _number(work, condition, a, b)
    if isinstance(a, Record) and isinstance(b, Record):
        return _record(work, condition, a, b)
    if isinstance(a, Items | Members) and isinstance(b, Items | Members):
        return _list(work, condition, a, b)
    if type(a) is type(b):
        return _plain(work, condition, a, b)
    raise Refusal(f"a {kind_of(a)} or a {kind_of(b)}, by a condition")


def _plain(work: Work, condition: Node, a: Symbol, b: Symbol) -> Symbol:
    select = work.b.select
    if isinstance(a, Text) and isinstance(b, Text):
        values = None if a.values is None or b.values is None else a.values | b.values
        return Text(select(condition, a.node, b.node), select(condition, a.null, b.null), values)
    if isinstance(a, Truth | Day | Months | Days) and isinstance(b, Truth | Day | Months | Days):
        return type(a)(select(condition, a.node, b.node), select(condition, a.null, b.null))
    raise Refusal(f"one of two values of type {kind_of(a)}, by a condition")


def _number(work: Work, condition: Node, a: Number, b: Number) -> Number:
    null = work.b.select(condition, a.null, b.null)
    near = max(a.closeness, b.closeness)
    if near is Closeness.EXACT:
        one, other, _, scale = numbers.common(work, a, b)
        return Number(work.b.select(condition, one, other), scale, null)
    scale = max(a.scale, b.scale)
    one, other = (work.times(n.node, 10 ** (scale - n.scale)) for n in (a, b))
    left, right = (work.b.number(1) if n.divisor is None else n.divisor for n in (a, b))
    inexact = work.b.select(condition, a.inexact or work.b.false, b.inexact or work.b.false)
    divisor = work.b.select(condition, left, right)
    return Number(work.b.select(condition, one, other), scale, null, divisor, near, inexact)


def _record(work: Work, condition: Node, a: Record, b: Record) -> Record:
    if a.entries.keys() != b.entries.keys():
        raise Refusal("two contexts with different entries, by a condition")
    return Record({name: merge(work, condition, entry, b.entries[name]) for name, entry in a.entries.items()})


def _list(work: Work, condition: Node, a: Items | Members, b: Items | Members) -> Symbol:
    against = work.b.opposite(condition)
    if isinstance(a, Items) and isinstance(b, Items):
        first = tuple((work.b.both(condition, present), entry) for present, entry in a.entries)
        return Items((*first, *((work.b.both(against, present), entry) for present, entry in b.entries)))
    if isinstance(a, Members) and isinstance(b, Members) and a.path == b.path:
        if a.element is b.element or a.element == b.element:
            mask = work.b.select(condition, a.mask, b.mask)
            return Members(a.path, a.most, mask, a.element, is_whole=False)
        with work.loop(a.path, work.b.true):
            element = merge(work, condition, a.element, b.element)
        mask = work.b.select(condition, a.mask, b.mask)
        return Members(a.path, a.most, mask, element, is_whole=a.is_whole and b.is_whole)
    members, items = (a, b) if isinstance(a, Members) else (b, a)
    if isinstance(members, Members) and isinstance(items, Items) and not items.entries:
        holds = condition if members is a else against
        return Members(
            members.path, members.most, work.b.both(holds, members.mask), members.element, is_whole=False
        )
    raise Refusal("two different lists, by a condition")
