"""The amounts of one document without tax: what its lines, vouchers and shipping come to in each tax group.

With gross prices the customer pays what the shop says, and the net amounts are found so that they sum to the group's base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from oms.invoicing.shares import Group, LineShares
from oms.invoicing.value import Units, cumulated, group_amounts, tax_minor
from oms.money import allocate
from oms.orders import Order


@dataclass(frozen=True, slots=True)
class Part:
    """One printed amount."""

    kind: str  #: as the share's
    group: Group
    minor: int  #: discounts are negative
    line: int = 0  #: of items and options
    option: int = 0  #: which of the line's own options, from 0
    name: str | None = None  #: of discounts and shipping


@dataclass(frozen=True, slots=True)
class Sums:
    """A tax group of a document."""

    base_minor: int
    tax_minor: int
    payable_minor: int  #: what the customer pays for it; differs from base and tax only with `payable_rounding`


def document_parts(order: Order, shares: LineShares, *, before: Units, after: Units) -> list[Part]:
    """What a document with the units between `before` and `after` prints, gross or net as the order's prices are."""
    goods: list[Part] = []
    vouchers: dict[Group, int] = {}
    shipping: dict[Group, int] = {}
    for number, line in shares.items():
        if after.get(number, 0) == before.get(number, 0):
            continue
        of, option = order.lines[number - 1].units, 0
        amounts = zip(line, cumulated(line, after[number], of=of), cumulated(line, before.get(number, 0), of=of), strict=True)
        for share, end, start in amounts:
            if share.kind == "discount":
                vouchers[share.group] = vouchers.get(share.group, 0) + end - start
            elif share.kind == "shipping":
                shipping[share.group] = shipping.get(share.group, 0) + end - start
            else:
                goods.append(Part(share.kind, share.group, end - start, line=number, option=option))
                option += share.kind == "option"
    name = order.shipping.name if order.shipping else None
    return [*goods, *_named(order, vouchers), *(Part("shipping", group, minor, name=name) for group, minor in shipping.items())]


def _named(order: Order, vouchers: Mapping[Group, int]) -> Iterator[Part]:
    """The vouchers by name: each has its part of what is taken off here, and no tax group gives more than it has.

    On a whole invoice each voucher has its amount; on parts the names share the rounding.
    """
    left = dict(vouchers)
    totals = allocate(sum(left.values()), [discount.amount_minor for discount in order.discounts] or [0])
    for discount, total in zip(order.discounts, totals, strict=False):
        parts = dict(zip(left, allocate(total, list(left.values())), strict=True)) if left else {}
        for group, minor in parts.items():
            left[group] -= minor
            if minor:
                yield Part("discount", group, -minor, name=discount.name)


def document_sums(order: Order, shares: LineShares, *, before: Units, after: Units, payable_rounding: bool) -> dict[Group, Sums]:
    """Base and tax of each group: cumulated, so that all documents of an order sum to the order (rule 6).

    Args:
        order: Whose prices are gross or net.
        shares: As they were allocated.
        before: Units billed so far.
        after: Units billed with this document.
        payable_rounding: With gross prices the tax is r(base * rate) as with net ones; what then lacks to the price is BT-114.
    """
    ends, starts = group_amounts(order, shares, after), group_amounts(order, shares, before)
    return {group: _sums(order.prices, starts.get(group, 0), end, group=group, payable_rounding=payable_rounding) for group, end in ends.items()}


def _sums(prices: str, start: int, end: int, *, group: Group, payable_rounding: bool) -> Sums:
    tax = tax_minor(prices, end, group.rate) - tax_minor(prices, start, group.rate)
    if prices == "net":
        return Sums(end - start, tax, end - start + tax)
    base = end - start - tax
    if payable_rounding:
        base_start = start - tax_minor(prices, start, group.rate)
        tax = tax_minor("net", base_start + base, group.rate) - tax_minor("net", base_start, group.rate)
    return Sums(base, tax, end - start)


def net_amounts(parts: Sequence[Part], sums: Mapping[Group, Sums], *, prices: str) -> list[int]:
    """Each part without tax, in the same order; those of a group sum to its base."""
    if prices == "net":
        return [part.minor for part in parts]
    net = [0] * len(parts)
    for group, total in sums.items():
        indexes = [index for index, part in enumerate(parts) if part.group == group and part.minor]
        exact = [parts[index].minor * 100 / (100 + Fraction(group.rate)) for index in indexes]
        for index, amount in zip(indexes, _rounded(exact, total.base_minor), strict=True):
            net[index] = amount
    return net


def _rounded(exact: Sequence[Fraction], total: int) -> list[int]:
    """Floors, then one unit each by largest remainder, so that they sum to `total`, which is not further from their sum than one unit."""
    amounts = [floor(amount) for amount in exact]
    missing = total - sum(amounts)
    by_remainder = sorted(range(len(exact)), key=lambda index: amounts[index] - exact[index])
    for index in by_remainder[: max(missing, 0)]:
        amounts[index] += 1
    if missing < 0:  # only where sales and returns of an order change places around 0
        amounts[max(range(len(exact)), key=lambda index: abs(exact[index]))] += missing
    return amounts
