"""Numbers: 34 digits, rounding half to even, as in decimal128.

Source: DMN 1.5, 10.3.2.3.1; IEEE 754-2008 decimal128.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

__all__ = [
    "DECIMAL128",
    "ONE",
    "ZERO",
    "DecimalException",
    "is_whole",
    "number_text",
    "parse_number",
    "to_int",
]

DECIMAL128: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=1,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_LARGEST_PLAIN = 400


def parse_number(text: str) -> Decimal | None:
    """Read a number as decimal128, or None when the text is none or is out of range.

    >>> parse_number("1e3")
    Decimal('1E+3')
    """
    try:
        value = DECIMAL128.create_decimal(text)
    except DecimalException:
        return None
    return value if value.is_finite() else None


def is_whole(value: Decimal) -> bool:
    """Has the number no fraction?"""
    return value == value.to_integral_value()


def to_int(value: Decimal) -> int:
    """Drop the fraction."""
    return int(value)


def number_text(value: Decimal) -> str:
    """Print a number plainly: no exponent, no trailing zeros; equal numbers print alike.

    >>> number_text(Decimal("1.50")), number_text(Decimal("1E+3"))
    ('1.5', '1000')
    """
    if value == 0:
        return "0"
    value = value.normalize(DECIMAL128)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) > _LARGEST_PLAIN:
        return str(value)
    return format(value, "f")
