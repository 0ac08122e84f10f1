"""What so many units of an order are worth. Everything is cumulated: a part is worth value(so far + this) - value(so far), so parts sum to the whole.

Per line, each share counts r(amount * units / all units). Only where a line whose price does not divide by its units carries a voucher as
well, its price follows from voucher and rest, so that no part of it is ever worth less than nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from oms.invoicing.shares import Group, LineShares, Share
from oms.money import round_half_up
from oms.orders import Order

Units = Mapping[int, int]
"""Line number to a number of its units; a line that is not named has none."""


def value_minor(order: Order, shares: LineShares, quantities: Units) -> int:
    """What is to be paid for these units with their shares of vouchers and shipping, tax included.

    Args:
        order: Whose prices are gross or net.
        shares: As they were allocated when it was placed.
        quantities: Units per line, of 0 to all. For due(order) of rule 1: all that are billed and all that are open.
    """
    amounts = group_amounts(order, shares, quantities)
    return sum(payable(order.prices, amount, group.rate) for group, amount in amounts.items())


def order_total_minor(order: Order, shares: LineShares) -> int:
    """What the whole order costs, tax included."""
    return value_minor(order, shares, {number: line.units for number, line in enumerate(order.lines, start=1)})


def group_amounts(order: Order, shares: LineShares, quantities: Units) -> dict[Group, int]:
    """Per tax group what these units cost with their shares; gross or net as the order's prices are."""
    amounts: dict[Group, int] = {}
    for number, units in quantities.items():
        line = shares[number]
        for share, minor in zip(line, cumulated(line, units, of=order.lines[number - 1].units), strict=True):
            signed = -minor if share.kind == "discount" else minor
            amounts[share.group] = amounts.get(share.group, 0) + signed
    return amounts


def cumulated(line: tuple[Share, ...], units: int, *, of: int) -> list[int]:
    """Each share's amount for so many of a line's units."""
    vouchers = {share.group: share.minor for share in line if share.kind == "discount"}
    return [_cumulated(share.minor, vouchers.get(share.group, 0) if share.kind == "item" else 0, units, of) for share in line]


def _cumulated(minor: int, voucher: int, units: int, of: int) -> int:
    if not voucher:
        return round_half_up(Fraction(minor * units, of))
    rest = (minor - voucher) * units
    half_down = -((of - 2 * rest) // (2 * of))
    return round_half_up(Fraction(voucher * units, of)) + half_down


def tax_minor(prices: str, amount: int, rate: Decimal) -> int:
    """The tax in (gross) or on (net) the sum of a tax group. The only place where tax is reckoned."""
    percent = Fraction(rate)
    return round_half_up(amount * percent / (100 + percent if prices == "gross" else 100))


def payable(prices: str, amount: int, rate: Decimal) -> int:
    """The sum of a tax group with its tax."""
    return amount if prices == "gross" else amount + tax_minor(prices, amount, rate)
