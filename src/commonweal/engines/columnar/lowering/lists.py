"""Lists: of constants, of a known length, over the members of a list column.

Loops over constants and over lists of known length are unrolled. Loops over members become nodes
in the members' space, and `sum`, `min`, `some` and their like lead back to the row.

Source: DMN 1.5, 10.3.2.5 (filter), 10.3.2.14 (for), 10.3.2.15 (quantified), 10.3.4.4 (list functions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import LIMIT, Node
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.expressions import is_number, lower, lowers, position_of
from commonweal.engines.columnar.lowering.merging import kind_of, lift, merge, null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.truths import is_unknown, ordered, ternary, truth
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import (
    Closeness,
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
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.types import Range
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import Date

__all__ = ["as_list", "count", "elements_of", "extreme", "quantify", "total"]

LONGEST_UNROLLED: Final = 256


def as_list(symbol: Symbol, work: Work) -> Items | Members:
    """A symbol as a list; a single value is a list of one.

    Raises:
        Refusal: It is a list with too many constants.
    """
    if isinstance(symbol, Members | Items):
        return symbol
    if isinstance(symbol, Constant) and isinstance(symbol.value, list):
        if len(symbol.value) > LONGEST_UNROLLED:
            raise Refusal(f"a loop over {len(symbol.value)} constants")
        return Items(tuple((work.b.true, Constant(element)) for element in symbol.value))
    return Items(((work.b.true, symbol),))


def elements_of(items: Items, work: Work) -> Iterator[tuple[Node, Symbol]]:
    """The elements, each looked at only where it is there."""
    for present, element in items.entries:
        with work.under(present):
            yield present, element


def _mapped(source: Items | Members, do: Callable[[Symbol, object], Symbol], work: Work) -> Items | Members:
    """What becomes of each element; ``do`` also gets the loop that it is in."""
    if isinstance(source, Members):
        with work.loop(source.path, source.mask) as loop:
            element = do(source.element, loop)
        return Members(source.path, source.most, source.mask, element, source.is_whole)
    return Items(tuple((present, do(element, None)) for present, element in elements_of(source, work)))


# Loops


def _source(node: s.Iteration, names: Names, work: Work) -> Items | Members:
    low = lower(node.source, names, work)
    if node.end_source is not None:
        high = lower(node.end_source, names, work)
        return _span(low, high, work)
    if isinstance(low, Constant) and isinstance(low.value, Range):
        if not (low.value.low_closed and low.value.high_closed):
            raise Refusal("a loop over an open range")
        return _span(Constant(low.value.low), Constant(low.value.high), work)
    if is_unknown(low) or (isinstance(low, Constant) and low.value is None):
        work.fault(work.b.true)
        return Items(())
    work.fault(null_of(work, low))
    return as_list(low, work)


def _span(low: Symbol, high: Symbol, work: Work) -> Items:
    """Whole steps between two constants."""
    if not isinstance(low, Constant) or not isinstance(high, Constant):
        raise Refusal("a loop over a range with ends that differ by row")
    first, last = low.value, high.value
    if not isinstance(first, Decimal) or not isinstance(last, Decimal) or first % 1 or last % 1:
        raise Refusal("a loop over a range other than of whole numbers")
    if abs(last - first) >= LONGEST_UNROLLED:
        raise Refusal(f"a loop of {abs(last - first) + 1} steps")
    step = 1 if last >= first else -1
    return Items(
        tuple((work.b.true, Constant(Decimal(i))) for i in range(int(first), int(last) + step, step))
    )


def _iterate(
    iterations: Sequence[s.Iteration], names: Names, work: Work, body: Callable[[Names], Symbol]
) -> Items | Members:
    first, *others = iterations
    source = _source(first, names, work)

    def do(element: Symbol, loop: object) -> Symbol:
        inside = Names({first.name: element}, names, loop=loop)  # type: ignore[arg-type]  # a loop or None
        return body(inside)

    if not others:
        return _mapped(source, do, work)
    if isinstance(source, Members):
        raise Refusal("a loop over members and another list at once")
    parts: list[tuple[Node, Symbol]] = []
    for present, element in elements_of(source, work):
        inner = _iterate(others, Names({first.name: element}, names), work, body)
        if isinstance(inner, Members):
            raise Refusal("a loop over members and another list at once")
        parts.extend((work.b.both(present, there), made) for there, made in inner.entries)
        if len(parts) > LONGEST_UNROLLED:
            raise Refusal("a loop with too many rounds")
    return Items(tuple(parts))


@lowers(s.For)
def _for(node: s.For, names: Names, work: Work) -> Symbol:
    if any(isinstance(part, s.Name) and part.name == "partial" for part in s.walk(node.body)):
        raise Refusal("`partial` in a loop")
    made = _iterate(node.iterations, names, work, lambda inside: lower(node.body, inside, work))
    return _constant_again(made, work)


def _constant_again(made: Items | Members, work: Work) -> Symbol:
    """A list of constants that are all there is a constant."""
    if isinstance(made, Items) and all(
        present is work.b.true and isinstance(element, Constant) for present, element in made.entries
    ):
        return Constant([element.value for _, element in made.entries if isinstance(element, Constant)])
    return made


@lowers(s.Quantified)
def _quantified(node: s.Quantified, names: Names, work: Work) -> Symbol:
    made = _iterate(node.iterations, names, work, lambda inside: lower(node.condition, inside, work))
    return quantify(made, work, decisive=node.quantifier == "some")


def quantify(made: Items | Members, work: Work, *, decisive: bool) -> Symbol:
    """``some`` or ``every`` of conditions that are there."""
    b = work.b
    if isinstance(made, Items):
        found = []
        for present, element in elements_of(made, work):
            if is_unknown(element):
                work.fault(b.true)
                continue
            one = truth(work, element)
            # What is not there has no say.
            node = b.both(present, one.node) if decisive else b.either(b.opposite(present), one.node)
            found.append(Truth(node, b.both(present, one.null)))
        answer = ternary(work, found, decisive=decisive)
        return (
            Constant(bool(answer.node.constant))
            if answer.null is b.false and answer.node.constant is not None
            else answer
        )
    if is_unknown(made.element):
        work.fault(b.true)
        return NULL
    with work.loop(made.path, made.mask):
        one = truth(work, made.element)
    decides = one.node if decisive else b.both(b.opposite(one.node), b.opposite(one.null))
    decided = b.any(made.path, b.both(made.mask, decides))
    null = b.both(b.any(made.path, b.both(made.mask, one.null)), b.opposite(decided))
    return Truth(decided if decisive else b.both(b.opposite(decided), b.opposite(null)), null)


# Filters


@lowers(s.Filter)
def _filter(node: s.Filter, names: Names, work: Work) -> Symbol:
    source = lower(node.source, names, work)
    if is_unknown(source):
        return source
    if isinstance(source, Constant) and source.value is None:
        return _filtered_null(node, names, work)
    if not _uses_item(node.condition, source):
        with_position = lower(node.condition, names, work)
        if is_unknown(with_position):
            return with_position
        if is_number(with_position):
            return _by_position(source, with_position, work)
        holds = truth(work, with_position).node
        return _kept(as_list(source, work), lambda element, loop: Truth(holds, work.b.false), work)

    def test(element: Symbol, loop: object) -> Symbol:
        visible: dict[str, Symbol] = {"item": element, **_entries(element, work)}
        inside = Names(visible, names, loop=loop)  # type: ignore[arg-type]  # a loop or None
        return lower(node.condition, inside, work)

    return _kept(as_list(source, work), test, work)


def _filtered_null(node: s.Filter, names: Names, work: Work) -> Symbol:
    position = lower(node.condition, names, work)
    return work.failed() if is_number(position) else NULL


def _entries(element: Symbol, work: Work) -> dict[str, Symbol]:
    if isinstance(element, Record):
        return element.entries
    if isinstance(element, Constant) and isinstance(element.value, dict):
        return {name: Constant(value) for name, value in element.value.items()}
    return {}


def _uses_item(condition: s.Node, source: Symbol) -> bool:
    known = _member_names(source)
    return any(
        isinstance(part, s.Name) and (part.name == "item" or part.name in known) for part in s.walk(condition)
    )


def _member_names(source: Symbol) -> set[str]:
    if isinstance(source, Members):
        return set(source.element.entries) if isinstance(source.element, Record) else set()
    if isinstance(source, Items):
        return {
            name for _, element in source.entries for name in _member_names(Items(())) | _names_in(element)
        }
    if isinstance(source, Constant) and isinstance(source.value, list):
        return {name for element in source.value if isinstance(element, dict) for name in element}
    return _names_in(source)


def _names_in(element: Symbol) -> set[str]:
    if isinstance(element, Record):
        return set(element.entries)
    return set(element.value) if isinstance(element, Constant) and isinstance(element.value, dict) else set()


def _kept(source: Items | Members, test: Callable[[Symbol, object], Symbol], work: Work) -> Symbol:
    """The elements that pass; a test that is null does not."""
    b = work.b
    answers = _mapped(source, test, work)
    if isinstance(source, Members) and isinstance(answers, Members):
        if is_unknown(answers.element):
            work.fault(b.true)
            return source
        if is_number(answers.element):
            raise Refusal("a position that differs by element")
        with work.loop(source.path, source.mask):
            passes = truth(work, answers.element).node
        return Members(source.path, source.most, b.both(source.mask, passes), source.element, is_whole=False)
    assert isinstance(source, Items)
    assert isinstance(answers, Items)
    kept = []
    for (present, element), (_, answer) in zip(source.entries, answers.entries, strict=True):
        if is_number(answer):
            raise Refusal("a position that differs by element")
        with work.under(present):
            if is_unknown(answer):
                work.fault(b.true)
                continue
            there = b.both(present, truth(work, answer).node)
        if there is not b.false:
            kept.append((there, element))
    return _constant_again(Items(tuple(kept)), work)


# Positions


def _by_position(source: Symbol, position: Symbol, work: Work) -> Symbol:
    if isinstance(source, Constant) and isinstance(source.value, list):
        return _of_constants(source.value, position, work)
    made = as_list(source, work)
    index = position_of(work, position)
    assert index is not None
    if isinstance(made, Members):
        return _of_members(made, index, work)
    return _of_items(made, index, work)


def _of_constants(values: Sequence[object], position: Symbol, work: Work) -> Symbol:
    if isinstance(position, Constant):
        place = position.value
        assert isinstance(place, Decimal)
        if place % 1 or place == 0 or abs(place) > len(values):
            return work.failed()
        return Constant(values[int(place) - 1 if place > 0 else int(place)])  # type: ignore[arg-type]  # a FEEL value
    index = position_of(work, position)
    assert index is not None
    return picked(values, _checked_index(index, work.b.number(len(values)), work), work)


def _checked_index(index: Node, length: Node, work: Work) -> Node:
    """An index from 0, of a position from 1 or, when negative, from the end; others are at fault."""
    b = work.b
    zero = b.number(0)
    outside = b.either(b.lt(length, b.magnitude(index)), b.eq(index, zero))
    work.fault(outside)
    from_end = b.add(length, index)
    return b.select(b.lt(index, zero), from_end, b.sub(index, b.number(1)))


def picked(values: Sequence[object], index: Node, work: Work) -> Symbol:
    """An element of a constant list, by an index from 0 that is in it."""
    if not values:
        return work.failed()
    kinds = {type(value) for value in values}
    never = work.b.false
    if kinds == {Decimal}:
        constants = [numbers.lifted(work, value) for value in values if isinstance(value, Decimal)]
        scale = max(number.scale for number in constants)
        table = [number.node.low * 10 ** (scale - number.scale) for number in constants]
        return Number(work.b.lookup(table, index), scale, never)
    if kinds == {bool}:
        return Truth(
            work.b.eq(work.b.lookup([int(bool(value)) for value in values], index), work.b.number(1)), never
        )
    if kinds == {str}:
        texts = [str(value) for value in values]
        return Text(work.b.lookup([work.code(text) for text in texts], index), never, frozenset(texts))
    if kinds == {Date}:
        return Day(
            work.b.lookup([value.ordinal for value in values if isinstance(value, Date)], index), never
        )
    if kinds == {dict}:
        rows = [value for value in values if isinstance(value, dict)]
        if all(row.keys() == rows[0].keys() for row in rows):
            return Record({name: picked([row[name] for row in rows], index, work) for name in rows[0]})
    if kinds == {list}:
        lists = [value for value in values if isinstance(value, list)]
        if all(len(one) == len(lists[0]) for one in lists):
            columns = zip(*lists, strict=True)
            return Items(tuple((work.b.true, picked(column, index, work)) for column in columns))
    return _of_items_by_index(Items(tuple((work.b.true, Constant(value)) for value in values)), index, work)  # type: ignore[arg-type]  # FEEL values


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

    def number(node: Node) -> Node:
        return work.b.sum(made.path, 1, work.b.select(is_it, node, work.b.number(0)))

    def holds(node: Node) -> Node:
        return work.b.any(made.path, work.b.both(is_it, node))

    def gather(symbol: Symbol) -> Symbol:
        if isinstance(symbol, Record):
            return Record({name: gather(part) for name, part in symbol.entries.items()})
        if isinstance(symbol, Truth):
            return Truth(holds(symbol.node), holds(symbol.null))
        if isinstance(symbol, Text):
            return Text(number(symbol.node), holds(symbol.null), symbol.values)
        if isinstance(symbol, Day | Months | Days):
            return type(symbol)(number(symbol.node), holds(symbol.null))
        if isinstance(symbol, Number):
            divisor = None if symbol.divisor is None else work.b.max(number(symbol.divisor), work.b.number(1))
            inexact = None if symbol.inexact is None else holds(symbol.inexact)
            return Number(
                number(symbol.node), symbol.scale, holds(symbol.null), divisor, symbol.closeness, inexact
            )
        if isinstance(symbol, Constant):
            return symbol
        raise Refusal(f"one member's {kind_of(symbol)}")

    return gather(made.element)


# Functions of lists


def count(made: Items | Members, work: Work) -> Symbol:
    """How many elements there are."""
    b = work.b
    if isinstance(made, Members):
        if made.is_whole:
            return Number(b.length(made.path, made.most), 0, b.false)
        return Number(b.sum(made.path, made.most, b.flag(made.mask)), 0, b.false)
    length = b.number(0)
    for present, _ in made.entries:
        length = b.add(length, b.flag(present))
    return Number(length, 0, b.false)


def _is_empty(made: Items | Members, work: Work) -> Node:
    length = count(made, work)
    assert isinstance(length, Number)
    return work.b.eq(length.node, work.b.number(0))


def total(made: Items | Members, work: Work) -> Symbol:
    """The sum; an empty list, or one that holds something else than numbers, is at fault.

    Raises:
        Refusal: It holds something else in every row.
    """
    b = work.b
    work.fault(_is_empty(made, work))
    if isinstance(made, Members):
        return _total_of_members(made, work)
    result: Number | None = None
    for present, element in elements_of(made, work):
        if is_unknown(element):
            return Constant(UNKNOWN)
        number = _as_number(element, "sum", work)
        if present is not b.true:
            zero = Number(b.number(0), number.scale, b.false)
            merged = merge(work, present, number, zero)
            assert isinstance(merged, Number)
            number = merged
        result = (
            number
            if result is None
            else numbers.add(
                work,
                result,
                Number(number.node, number.scale, b.false, number.divisor, number.closeness, number.inexact),
            )
        )
    return NULL if result is None else result


def _as_number(element: Symbol, what: str, work: Work) -> Number:
    lifted = lift(work, element)
    if isinstance(lifted, Constant):
        work.fault(work.b.true)
        return Number(work.b.number(0), 0, work.b.false)
    if not isinstance(lifted, Number):
        raise Refusal(f"`{what}` of values of type {kind_of(lifted)}")
    work.fault(lifted.null)
    return lifted


def _total_of_members(made: Members, work: Work) -> Symbol:
    b = work.b
    if is_unknown(made.element):
        return Constant(UNKNOWN)
    with work.loop(made.path, made.mask):
        number = _as_number(made.element, "sum", work)
    if number.divisor is not None and number.divisor.constant is None:
        raise Refusal("a sum of fractions with divisors that differ by member")
    value = b.select(made.mask, number.node, b.number(0))
    bound = LIMIT // max(made.most, 1)
    if value.low < -bound or value.high > bound:
        work.always(b.either(b.lt(value, b.number(-bound)), b.lt(b.number(bound), value)))
        value = b.max(b.min(value, b.number(bound)), b.number(-bound))
    added = b.sum(made.path, made.most, value)
    if number.closeness is Closeness.EXACT:
        return Number(added, number.scale, b.false)
    inexact = b.any(made.path, b.both(made.mask, number.inexact or b.false))
    return Number(added, number.scale, b.false, number.divisor, Closeness.LOOSE, inexact)


def extreme(made: Items | Members, work: Work, *, is_greatest: bool) -> Symbol:
    """The least or greatest; an empty list, or one without an order, is at fault.

    Raises:
        Refusal: The elements are texts or the like.
    """
    work.fault(_is_empty(made, work))
    if isinstance(made, Members):
        return _extreme_of_members(made, work, is_greatest=is_greatest)
    result: Symbol | None = None
    found = work.b.false
    for present, element in elements_of(made, work):
        if is_unknown(element):
            return Constant(UNKNOWN)
        lifted = lift(work, element)
        work.fault(null_of(work, lifted))
        if isinstance(lifted, Constant):
            continue
        result = (
            lifted
            if result is None
            else _better(work, result, lifted, present, found, is_greatest=is_greatest)
        )
        found = work.b.either(found, present)
    return NULL if result is None else result


def _better(
    work: Work, best: Symbol, other: Symbol, present: Node, found: Node, *, is_greatest: bool
) -> Symbol:
    """The better of the best so far, where one was found, and another, where it is there."""
    b = work.b
    if isinstance(best, Number) and isinstance(other, Number) and present is b.true and found is b.true:
        return numbers.extreme(work, best, other, is_greatest=is_greatest)
    with work.under(found):
        answer = ordered(work, ">" if is_greatest else "<", other, best)
        beats = truth(work, answer).node
    return merge(work, b.both(present, b.either(b.opposite(found), beats)), other, best)


def _extreme_of_members(made: Members, work: Work, *, is_greatest: bool) -> Symbol:
    b = work.b
    if is_unknown(made.element):
        return Constant(UNKNOWN)
    element = lift(work, made.element)
    if not isinstance(element, Number | Day | Months | Days):
        raise Refusal(f"`min` or `max` of values of type {kind_of(element)}")
    with work.loop(made.path, made.mask):
        work.fault(element.null)
    if isinstance(element, Number) and element.divisor is not None:
        raise Refusal("`min` or `max` of members' fractions")
    otherwise = element.node.low if is_greatest else element.node.high
    value = b.select(made.mask, element.node, b.number(otherwise))
    node = b.greatest(made.path, value, otherwise) if is_greatest else b.least(made.path, value, otherwise)
    return (
        Number(node, element.scale, b.false) if isinstance(element, Number) else type(element)(node, b.false)
    )
