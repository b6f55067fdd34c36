"""Elements by their position: of law tables, of lists of a known length, of members.

Source: DMN 1.5, 10.3.2.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.merging import kind_of, lift, merge, null_of
from commonweal.engines.columnar.lowering.sequences import as_list
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import (
    Constant,
    Day,
    Days,
    Items,
    Members,
    Months,
    Number,
    Record,
    Symbol,
    Text,
    Truth,
)
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.values.temporal import Date

__all__ = ["by_position"]


def by_position(source: Symbol, position: Symbol, work: Work) -> Symbol:
    """``source[position]``; a row in which there is no such element is at fault.

    Raises:
        Refusal: It cannot be compiled.
    """
    if isinstance(source, Constant) and isinstance(source.value, list):
        return _of_constants(source.value, position, work)
    work.fault(null_of(work, source))
    made = as_list(source, work)
    index = _whole(position, work)
    assert index is not None
    if isinstance(made, Members):
        return _of_members(made, index, work)
    return _of_items(made, index, work)


def _of_constants(values: Sequence[Value], position: Symbol, work: Work) -> Symbol:
    if isinstance(position, Constant):
        place = position.value
        assert isinstance(place, Decimal)
        if place % 1 or place == 0 or abs(place) > len(values):
            return work.failed()
        return Constant(values[int(place) - 1 if place > 0 else int(place)])
    index = _whole(position, work)
    assert index is not None
    return _picked(values, _checked_index(index, work.b.number(len(values)), work), work)


def _checked_index(index: Node, length: Node, work: Work) -> Node:
    """An index from 0, of a position from 1 or, when negative, from the end; others are at fault."""
    b = work.b
    zero = b.number(0)
    outside = b.either(b.lt(length, b.magnitude(index)), b.eq(index, zero))
    work.fault(outside)
    from_end = b.add(length, index)
    return b.select(b.lt(index, zero), from_end, b.sub(index, b.number(1)))


def _whole(position: Symbol, work: Work) -> Node:
    lifted = lift(work, position)
    assert isinstance(lifted, Number)
    return numbers.whole(work, lifted)


def _picked(values: Sequence[Value], index: Node, work: Work) -> Symbol:
    """An element of a constant list, by an index from 0 that is in it."""
    if not values:
        return work.failed()
    kinds = {type(value) for value in values}
    pick = _PICKS.get(kinds.pop()) if len(kinds) == 1 else None
    found = pick(values, index, work) if pick else None
    if found is not None:
        return found
    return _of_items_by_index(Items(tuple((work.b.true, Constant(value)) for value in values)), index, work)


def _picked_number(values: Sequence[Any], index: Node, work: Work) -> Symbol:
    constants = [numbers.lifted(work, value) for value in values]
    scale = max(number.scale for number in constants)
    table = [number.node.low * 10 ** (scale - number.scale) for number in constants]
    return Number(work.b.lookup(table, index), scale, work.b.false)


def _picked_truth(values: Sequence[Any], index: Node, work: Work) -> Symbol:
    found = work.b.lookup([int(value) for value in values], index)
    return Truth(work.b.eq(found, work.b.number(1)), work.b.false)


def _picked_text(values: Sequence[Any], index: Node, work: Work) -> Symbol:
    found = work.b.lookup([work.code(text) for text in values], index)
    return Text(found, work.b.false, frozenset(values))


def _picked_day(values: Sequence[Any], index: Node, work: Work) -> Symbol:
    return Day(work.b.lookup([value.ordinal for value in values], index), work.b.false)


def _picked_record(values: Sequence[Any], index: Node, work: Work) -> Symbol | None:
    if any(row.keys() != values[0].keys() for row in values):
        return None
    return Record({name: _picked([row[name] for row in values], index, work) for name in values[0]})


def _picked_list(values: Sequence[Any], index: Node, work: Work) -> Symbol | None:
    if any(len(one) != len(values[0]) for one in values):
        return None
    columns = zip(*values, strict=True)
    return Items(tuple((work.b.true, _picked(column, index, work)) for column in columns))


_PICKS: Final[dict[type, Callable[[Sequence[Any], Node, Work], Symbol | None]]] = {
    Decimal: _picked_number,
    bool: _picked_truth,
    str: _picked_text,
    Date: _picked_day,
    dict: _picked_record,
    list: _picked_list,
}


def _of_items(made: Items, index: Node, work: Work) -> Symbol:
    b = work.b
    if all(present is b.true for present, _ in made.entries):
        if not made.entries:
            return work.failed()
        place = _checked_index(index, b.number(len(made.entries)), work)
        return _of_items_by_index(made, place, work)
    length = b.number(0)
    ranks = []
    for present, _ in made.entries:
        ranks.append(length)
        length = b.add(length, b.flag(present))
    place = _checked_index(index, length, work)
    result: Symbol | None = None
    for (present, element), rank in zip(made.entries, ranks, strict=True):
        is_it = b.both(present, b.eq(rank, place))
        result = element if result is None else merge(work, is_it, element, result)
    assert result is not None
    return result


def _of_items_by_index(made: Items, place: Node, work: Work) -> Symbol:
    result: Symbol = made.entries[-1][1]
    for at, (_, element) in enumerate(made.entries[:-1]):
        result = merge(work, work.b.eq(place, work.b.number(at)), element, result)
    return result


def _of_members(made: Members, index: Node, work: Work) -> Symbol:
    b = work.b
    position = b.position(made.path, made.most)
    if made.is_whole:
        length = b.length(made.path, made.most)
        wanted = b.add(_checked_index(index, length, work), b.number(1))
        return _gathered(made, b.eq(position, wanted), work)
    if index.constant == 1:
        first = b.least(made.path, b.select(made.mask, position, b.number(made.most + 1)), made.most + 1)
        work.fault(b.eq(first, b.number(made.most + 1)))
        return _gathered(made, b.both(made.mask, b.eq(position, first)), work)
    if index.constant == -1:
        last = b.greatest(made.path, b.select(made.mask, position, b.number(0)), 0)
        work.fault(b.eq(last, b.number(0)))
        return _gathered(made, b.both(made.mask, b.eq(position, last)), work)
    raise Refusal("a position other than the first or last of members that were filtered")


def _gathered(made: Members, is_it: Node, work: Work) -> Symbol:
    """The one member of which the condition holds, as a value of the row."""
    return _Gathering(made, is_it, work).gather(made.element)


class _Gathering:
    def __init__(self, made: Members, is_it: Node, work: Work) -> None:
        self._path, self._is_it, self._b = made.path, is_it, work.b

    def _number(self, node: Node) -> Node:
        return self._b.sum(self._path, 1, self._b.select(self._is_it, node, self._b.number(0)))

    def _truth(self, node: Node) -> Node:
        return self._b.any(self._path, self._b.both(self._is_it, node))

    def gather(self, symbol: Symbol) -> Symbol:
        """The symbol of the one member."""
        if isinstance(symbol, Constant):
            return symbol
        if isinstance(symbol, Record):
            return Record({name: self.gather(part) for name, part in symbol.entries.items()})
        if isinstance(symbol, Truth):
            return Truth(self._truth(symbol.node), self._truth(symbol.null))
        if isinstance(symbol, Text):
            return Text(self._number(symbol.node), self._truth(symbol.null), symbol.values)
        if isinstance(symbol, Day | Months | Days):
            return type(symbol)(self._number(symbol.node), self._truth(symbol.null))
        if isinstance(symbol, Number):
            return self._gather_number(symbol)
        raise Refusal(f"one member's {kind_of(symbol)}")

    def _gather_number(self, symbol: Number) -> Number:
        divisor = symbol.divisor
        if divisor is not None:
            divisor = self._b.max(self._number(divisor), self._b.number(1))
        inexact = None if symbol.inexact is None else self._truth(symbol.inexact)
        null = self._truth(symbol.null)
        return Number(self._number(symbol.node), symbol.scale, null, divisor, symbol.closeness, inexact)
