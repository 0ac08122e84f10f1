"""Money in minor units (cents): reading, writing, rounding, dividing. No floats, and one rounding: half up, away from zero.

Amounts are `int`, rates and quantities `Decimal` or `Fraction`. How many decimals a currency has is what CLDR says (JPY 0, EUR 2, KWD 3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

LIMIT_MINOR = 10**13
"""No amount, and no sum of an order, is larger than this many minor units."""

_AMOUNT = re.compile(r"(-?)(\d{1,14})(?:\.(\d{1,3}))?", re.ASCII)


@cache
def currencies() -> frozenset[str]:
    """The ISO 4217 codes that are legal tender somewhere now: no funds, metals or test codes, no Deutsche Mark."""
    territories = get_global("territory_currencies").values()
    return frozenset(code for entries in territories for code, _since, until, tender in entries if tender and until is None)


def is_currency(code: str) -> bool:
    """Whether this is a currency one can pay with, as ISO 4217 writes it: `EUR`."""
    return code in currencies()


@cache
def decimals_of(currency: str) -> int:
    """How many decimals the currency has."""
    return get_currency_precision(currency)


def parse_minor(text: str, currency: str) -> int:
    """`"12.50"` → 1250: plain decimal text with at most as many decimals as the currency has.

    Raises:
        ValueError: it is something else, or larger than `LIMIT_MINOR`. Its text is a sentence for the person who wrote it.
    """
    decimals = decimals_of(currency)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"write the amount with a dot and without signs of thousands, like {format_minor(123450, currency)}.")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > decimals:
        raise ValueError(f"has {len(fraction)} decimals, {currency} has {decimals or 'none'}: like {format_minor(123450, currency)}.")
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > LIMIT_MINOR:
        raise ValueError(f"is more than {format_minor(LIMIT_MINOR, currency)} {currency}, the largest amount.")
    return -minor if sign else minor


def format_minor(minor: int, currency: str) -> str:
    """1250 → `"12.50"`: what `parse_minor` reads, for programs; people's formats are the templates' business."""
    decimals = decimals_of(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if minor < 0 else text


def round_half_up(number: Decimal | Fraction | int) -> int:
    """The nearest whole number, halves away from zero: 2.5 → 3, -2.5 → -3."""
    exact = Fraction(number)
    rounded = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -rounded if exact < 0 else rounded


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divides `total` in proportion to the weights, so that the shares sum to it and none is more than one unit from its exact size.

    Each gets its floor, then the largest remainders get one unit each, of equal ones those that come first. All weights zero: equal
    shares (rule 6). A negative total is divided as its opposite, so no share has another sign than the total.

    Raises:
        ValueError: there is nobody to get a share, or a weight is negative.
    """
    if not weights or min(weights) < 0:
        raise ValueError(f"can't divide {total} by the weights {list(weights)[:10]}.")
    sign, size = (-1, -total) if total < 0 else (1, total)
    weight_sum = sum(weights)
    if weight_sum == 0:
        weights, weight_sum = [1] * len(weights), len(weights)
    exact = [divmod(size * weight, weight_sum) for weight in weights]
    shares = [floor for floor, _ in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: -exact[index][1])
    for index in by_remainder[: size - sum(shares)]:
        shares[index] += 1
    return [sign * share for share in shares]
