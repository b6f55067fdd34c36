"""Count, sum, least and greatest of a list.

Source: DMN 1.5, 10.3.4.4.
"""

from __future__ import annotations

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import LIMIT, Node
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.merging import kind_of, lift, merge, null_of
from commonweal.engines.columnar.lowering.sequences import elements_of
from commonweal.engines.columnar.lowering.truths import is_unknown, ordered, truth
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
    Symbol,
)
from commonweal.engines.feel.unknown import UNKNOWN

__all__ = ["count", "extreme", "total"]


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
