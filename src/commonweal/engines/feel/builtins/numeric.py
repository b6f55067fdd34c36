"""Numeric functions.

Source: DMN 1.5, 10.3.4.5.
"""

from __future__ import annotations

import decimal
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import kind_name
from commonweal.engines.feel.types import ANY, BOOLEAN, NUMBER, Value
from commonweal.engines.feel.values.numbers import DECIMAL128, ZERO, is_whole
from commonweal.engines.feel.values.temporal import DaysDuration, YearsMonthsDuration

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_SMALLEST_SCALE: Final = -6111
_LARGEST_SCALE: Final = 6176
_WIDE: Final = Context(prec=13_000, Emin=-20_000, Emax=20_000)


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    if not _SMALLEST_SCALE <= scale <= _LARGEST_SCALE:
        raise Undefined(f"`scale` must be between {_SMALLEST_SCALE} and {_LARGEST_SCALE}", "argument-range")
    digits = int(scale)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent <= digits:
        return number
    return DECIMAL128.plus(
        number.quantize(Decimal(1).scaleb(-digits, _WIDE), rounding=rounding, context=_WIDE)
    )


@builtin("decimal", "n: number, scale: number", NUMBER)
def _decimal(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Value:
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: number", NUMBER)
def _floor(evaluation: Evaluation, n: Decimal, scale: Decimal = ZERO) -> Value:
    return _rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: number", NUMBER)
def _ceiling(evaluation: Evaluation, n: Decimal, scale: Decimal = ZERO) -> Value:
    return _rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round up", "n: number, scale: number", NUMBER)
def _round_up(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Value:
    return _rounded(n, scale, decimal.ROUND_UP)


@builtin("round down", "n: number, scale: number", NUMBER)
def _round_down(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Value:
    return _rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale: number", NUMBER)
def _round_half_up(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Value:
    return _rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number", NUMBER)
def _round_half_down(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Value:
    return _rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n: any", ANY)
def _abs(evaluation: Evaluation, n: Value) -> Value:
    if isinstance(n, list) and len(n) == 1:
        n = n[0]
    if isinstance(n, Decimal):
        return DECIMAL128.abs(n)
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanos))
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    raise Undefined(f"`abs` is not defined for {kind_name(n)}", "argument-type")


@builtin("modulo", "dividend: number, divisor: number", NUMBER)
def _modulo(evaluation: Evaluation, dividend: Decimal, divisor: Decimal) -> Value:
    if divisor == 0:
        raise Undefined("division by zero", "arithmetic")
    rest = _WIDE.remainder(dividend, divisor)
    if rest != 0 and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return DECIMAL128.plus(rest)


@builtin("sqrt", "number: number", NUMBER)
def _sqrt(evaluation: Evaluation, number: Decimal) -> Value:
    if number < 0:
        raise Undefined("a negative number has no square root", "arithmetic")
    return DECIMAL128.sqrt(number)


@builtin("log", "number: number", NUMBER)
def _log(evaluation: Evaluation, number: Decimal) -> Value:
    if number <= 0:
        raise Undefined("only positive numbers have a logarithm", "arithmetic")
    return DECIMAL128.ln(number)


@builtin("exp", "number: number", NUMBER)
def _exp(evaluation: Evaluation, number: Decimal) -> Value:
    return DECIMAL128.exp(number)


@builtin("odd", "number: number", BOOLEAN)
def _odd(evaluation: Evaluation, number: Decimal) -> Value:
    return is_whole(number) and _WIDE.remainder(number, Decimal(2)) != 0


@builtin("even", "number: number", BOOLEAN)
def _even(evaluation: Evaluation, number: Decimal) -> Value:
    return is_whole(number) and _WIDE.remainder(number, Decimal(2)) == 0
