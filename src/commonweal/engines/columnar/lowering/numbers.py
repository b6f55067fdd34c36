"""Numbers: fixed point, with a divisor where a division did not come out even.

`+` and `-` align the scales, `*` adds them, `/` by a constant of twos and fives moves the point, and any
other `/` leaves a fraction that stays exact until a comparison or a rounding decides on it.

Decimal128 rounds such a fraction to 34 digits. A boundary (what it is compared with, a multiple of
what it is rounded to) is a fraction with a divisor below 2**62, and so is the exact value: the two are
either equal or further apart than that rounding can reach. Only where they are equal can it matter,
and `Closeness` tells where.

Source: DMN 1.5, 10.3.2.3.1 and 10.3.4.5; IEEE 754-2008 decimal128.
"""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import Closeness, Number
from commonweal.engines.feel.values.numbers import DECIMAL128

__all__ = ["ROUNDINGS", "absolute", "add", "common", "compared", "divide", "extreme", "lifted", "modulo", "multiply",
           "negative", "rounded", "whole"]  # fmt: skip

EXACT, FRESH, MOVED, LOOSE = Closeness.EXACT, Closeness.FRESH, Closeness.MOVED, Closeness.LOOSE


def lifted(work: Work, value: Decimal) -> Number:
    """A constant."""
    sign, digits, exponent = value.normalize(DECIMAL128).as_tuple()
    assert isinstance(exponent, int)
    if exponent > 18 or exponent < -18:
        raise Refusal(f"the number {value} has too many digits")
    whole = int("".join(map(str, digits))) * (-1 if sign else 1) * 10 ** max(exponent, 0)
    return Number(work.b.number(whole), max(-exponent, 0), work.b.false)


def _needed(work: Work, *numbers: Number) -> None:
    for number in numbers:
        work.fault(number.null)


def _inexact(work: Work, number: Number) -> Node:
    return number.inexact if number.inexact is not None else work.b.false


def _divisor(work: Work, number: Number) -> Node:
    return number.divisor if number.divisor is not None else work.b.number(1)


def common(work: Work, a: Number, b: Number) -> tuple[Node, Node, Node | None, int]:
    """The numerators of two numbers over one divisor and scale."""
    scale = max(a.scale, b.scale)
    one, other = work.times(a.node, 10 ** (scale - a.scale)), work.times(b.node, 10 ** (scale - b.scale))
    if a.divisor is b.divisor:
        return one, other, a.divisor, scale
    left, right = _divisor(work, a), _divisor(work, b)
    if left.constant is not None and right.constant is not None:
        shared = gcd(left.constant, right.constant)
        one = work.times(one, right.constant // shared)
        other = work.times(other, left.constant // shared)
        return one, other, work.b.number(left.constant // shared * right.constant), scale
    return work.mul(one, right), work.mul(other, left), work.mul(left, right), scale


def add(work: Work, a: Number, b: Number) -> Number:
    """``a + b``."""
    _needed(work, a, b)
    one, other, divisor, scale = common(work, a, b)
    near, inexact = _mixed(work, a, b)
    return Number(work.add(one, other), scale, work.b.false, divisor, near, inexact)


def negative(work: Work, a: Number) -> Number:
    """``-a``."""
    _needed(work, a)
    return Number(work.b.negative(a.node), a.scale, work.b.false, a.divisor, a.closeness, a.inexact)


def _mixed(work: Work, a: Number, b: Number) -> tuple[Closeness, Node | None]:
    """What a sum is like."""
    if a.closeness is EXACT and b.closeness is EXACT:
        return EXACT, None
    inexact = work.b.either(_inexact(work, a), _inexact(work, b))
    if EXACT in {a.closeness, b.closeness}:
        return max(a.closeness, b.closeness, MOVED), inexact
    return LOOSE, inexact


def multiply(work: Work, a: Number, b: Number) -> Number:
    """``a * b``."""
    _needed(work, a, b)
    divisor = _product_of_divisors(work, a, b)
    near = LOOSE
    if a.closeness is EXACT and b.closeness is EXACT:
        near = EXACT
    elif a.closeness is EXACT or b.closeness is EXACT:
        exact, other = (a, b) if a.closeness is EXACT else (b, a)
        near = max(other.closeness, MOVED) if _is_coprime(exact.node, other.divisor) else LOOSE
    inexact = None if near is EXACT else work.b.either(_inexact(work, a), _inexact(work, b))
    return Number(work.mul(a.node, b.node), a.scale + b.scale, work.b.false, divisor, near, inexact)


def _product_of_divisors(work: Work, a: Number, b: Number) -> Node | None:
    if a.divisor is None or b.divisor is None:
        return a.divisor or b.divisor
    return work.mul(a.divisor, b.divisor)


def _is_coprime(factor: Node, divisor: Node | None) -> bool:
    if factor.constant is None or divisor is None or divisor.constant is None or factor.constant == 0:
        return False
    return gcd(factor.constant, divisor.constant) == 1


def divide(work: Work, a: Number, b: Number) -> Number:
    """``a / b``; a row in which ``b`` is zero is at fault."""
    _needed(work, a, b)
    work.fault(work.b.eq(b.node, work.b.number(0)))
    if b.node.constant is not None and b.divisor is None:
        return _divide_by_constant(work, a, b.node.constant, b.scale)
    top = a.node if b.divisor is None else work.mul(a.node, b.divisor)
    scale = a.scale - b.scale
    if scale < 0:
        top, scale = work.times(top, 10**-scale), 0
    below = work.b.max(work.b.magnitude(b.node), work.b.number(1))
    top = work.b.select(work.b.lt(b.node, work.b.number(0)), work.b.negative(top), top)
    divisor = below if a.divisor is None else work.mul(below, a.divisor)
    return _fraction(work, a, b, top, scale, divisor)


def _fraction(work: Work, a: Number, b: Number | None, top: Node, scale: int, divisor: Node) -> Number:  # noqa: PLR0917 - parts of one fraction
    uneven = work.b.opposite(work.b.eq(work.b.rest(top, divisor), work.b.number(0)))
    of_b = _inexact(work, b) if b is not None else work.b.false
    inexact = work.b.either(uneven, work.b.either(_inexact(work, a), of_b))
    is_fresh = a.closeness is EXACT and (b is None or b.closeness is EXACT)
    return Number(top, scale, work.b.false, divisor, FRESH if is_fresh else LOOSE, inexact)


def _divide_by_constant(work: Work, a: Number, by: int, scale: int) -> Number:
    if by == 0:
        return Number(work.b.number(0), 0, work.b.false)
    rest, twos, fives = abs(by), 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    factor = 2 ** (places - twos) * 5 ** (places - fives) * (-1 if by < 0 else 1)
    moved = a.scale + places - scale
    top = work.times(a.node, factor * 10 ** max(-moved, 0))
    if rest == 1:
        near = a.closeness if a.closeness is EXACT else max(a.closeness, MOVED)
        return Number(top, max(moved, 0), work.b.false, a.divisor, near, a.inexact)
    divisor = work.b.number(rest) if a.divisor is None else work.times(a.divisor, rest)
    return _fraction(work, a, None, top, max(moved, 0), divisor)


def modulo(work: Work, a: Number, b: Number) -> Number:
    """``modulo(a, b)``, with the sign of ``b``.

    Raises:
        Refusal: One of them is a fraction.
    """
    _needed(work, a, b)
    if a.closeness is not EXACT or b.closeness is not EXACT:
        raise Refusal("`modulo` of a fraction that no rounding follows")
    one, other, _, scale = common(work, a, b)
    zero = work.b.number(0)
    work.fault(work.b.eq(other, zero))
    size = work.b.max(work.b.magnitude(other), work.b.number(1))
    is_negative = work.b.lt(other, zero)
    rest = work.b.rest(work.b.select(is_negative, work.b.negative(one), one), size)
    return Number(work.b.select(is_negative, work.b.negative(rest), rest), scale, work.b.false)


def absolute(work: Work, a: Number) -> Number:
    """``abs(a)``."""
    _needed(work, a)
    return Number(work.b.magnitude(a.node), a.scale, work.b.false, a.divisor, a.closeness, a.inexact)


# Deciding on a number


def compared(work: Work, a: Number, b: Number) -> tuple[Node, Node]:
    """Two nodes that stand to each other as the numbers do; null is for the caller."""
    one, other, _, _ = common(work, a, b)
    closeness = {a.closeness, b.closeness}
    if LOOSE in closeness or (EXACT not in closeness and closeness != {FRESH}):
        beside = work.b.either(_inexact(work, a), _inexact(work, b))
        work.fault(work.b.both(work.b.eq(one, other), beside))
    return one, other


def extreme(work: Work, a: Number, b: Number, *, is_greatest: bool) -> Number:
    """The greater or the lesser of two."""
    _needed(work, a, b)
    one, other = compared(work, a, b)
    _, _, divisor, scale = common(work, a, b)
    if a.closeness is EXACT and b.closeness is EXACT:
        node = work.b.max(one, other) if is_greatest else work.b.min(one, other)
        return Number(node, scale, work.b.false)
    takes_first = work.b.lt(other, one) if is_greatest else work.b.lt(one, other)
    inexact = work.b.select(takes_first, _inexact(work, a), _inexact(work, b))
    node = work.b.max(one, other) if is_greatest else work.b.min(one, other)
    return Number(node, scale, work.b.false, divisor, max(a.closeness, b.closeness), inexact)


ROUNDINGS: Final = {
    "decimal": "half even",
    "floor": "floor",
    "ceiling": "ceiling",
    "round up": "up",
    "round down": "down",
    "round half up": "half up",
    "round half down": "half down",
}
"""How each function rounds."""


def rounded(work: Work, a: Number, digits: int, how: str) -> Number:
    """A number with so many digits after the point; fewer than none are tens, hundreds and so on."""
    _needed(work, a)
    if a.divisor is None and a.scale <= digits:
        return a
    top = work.times(a.node, 10 ** max(digits - a.scale, 0))
    unit = work.times(_divisor(work, a), 10 ** max(a.scale - digits, 0))
    if a.closeness is LOOSE:
        _fault_on_boundary(work, top, unit, how, _inexact(work, a))
    node = _HALVES[how](work, top, unit) if how in _HALVES else _toward(work, top, unit, how)
    return Number(work.times(node, 10 ** max(-digits, 0)), max(digits, 0), work.b.false)


def _fault_on_boundary(work: Work, top: Node, unit: Node, how: str, inexact: Node) -> None:
    if how.startswith("half"):
        top, unit = work.add(work.times(top, 2), unit), work.times(unit, 2)
    on_boundary = work.b.eq(work.b.rest(top, unit), work.b.number(0))
    work.fault(work.b.both(inexact, on_boundary))


def _toward(work: Work, top: Node, unit: Node, how: str) -> Node:
    b = work.b
    if how == "up":
        how = "ceiling" if top.low >= 0 else "floor" if top.high <= 0 else how
    if how == "down":
        how = "floor" if top.low >= 0 else "ceiling" if top.high <= 0 else how
    if how == "floor":
        return b.div(top, unit)
    if how == "ceiling":
        return b.negative(b.div(b.negative(top), unit))
    size = b.magnitude(top)
    if how == "up":
        size = work.add(size, b.sub(unit, b.number(1)))
    return _signed(work, top, b.div(size, unit))


def _signed(work: Work, like: Node, size: Node) -> Node:
    if like.low >= 0:
        return size
    return work.b.select(work.b.lt(like, work.b.number(0)), work.b.negative(size), size)


def _half_up(work: Work, top: Node, unit: Node) -> Node:
    b = work.b
    half = b.div(unit, b.number(2))
    return _signed(work, top, b.div(work.add(b.magnitude(top), half), unit))


def _half_down(work: Work, top: Node, unit: Node) -> Node:
    b = work.b
    half = b.div(b.sub(unit, b.number(1)), b.number(2))
    return _signed(work, top, b.div(work.add(b.magnitude(top), half), unit))


def _half_even(work: Work, top: Node, unit: Node) -> Node:
    b = work.b
    half = b.div(unit, b.number(2))
    size = b.magnitude(top)
    nearest = b.div(work.add(size, half), unit)
    is_even_unit = b.eq(b.rest(unit, b.number(2)), b.number(0))
    on_half = b.both(is_even_unit, b.eq(b.rest(size, unit), half))
    is_odd = b.eq(b.rest(nearest, b.number(2)), b.number(1))
    return _signed(work, top, b.select(b.both(on_half, is_odd), b.sub(nearest, b.number(1)), nearest))


_HALVES: Final = {"half up": _half_up, "half down": _half_down, "half even": _half_even}


def whole(work: Work, a: Number) -> Node:
    """The number as a whole one; a row in which it has a fraction is at fault.

    Raises:
        Refusal: It is a fraction.
    """
    _needed(work, a)
    if a.divisor is not None:
        raise Refusal("a position that is a fraction")
    if a.scale == 0:
        return a.node
    unit = work.b.number(10**a.scale)
    work.fault(work.b.opposite(work.b.eq(work.b.rest(a.node, unit), work.b.number(0))))
    return work.b.div(a.node, unit)
