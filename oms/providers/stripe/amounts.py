"""Stripe's smallest units (https://docs.stripe.com/currencies): for some currencies they are not those of CLDR, which are ours."""

from __future__ import annotations

from oms.money import decimals_of

_NONE = frozenset(["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"])
_THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def to_stripe(minor: int, currency: str) -> int:
    """Our minor units as Stripe writes them: 5 ISK are 500."""
    factor, divisor = _factors(currency)
    return minor * factor // divisor


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in our minor units.

    Raises:
        ValueError: it has a fraction that the currency doesn't have.
    """
    factor, divisor = _factors(currency)
    minor, rest = divmod(amount * divisor, factor)
    if rest:
        raise ValueError(f"has a fraction, {currency} has none.")
    return minor


def _factors(currency: str) -> tuple[int, int]:
    theirs = 0 if currency in _NONE else 3 if currency in _THREE else 2
    more = theirs - decimals_of(currency)
    return 10 ** max(more, 0), 10 ** max(-more, 0)
