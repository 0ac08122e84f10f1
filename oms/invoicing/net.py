"""The amounts of one document without tax: what its lines, vouchers and shipping come to in each tax group.

With gross prices the customer pays what the shop says, and the net amounts are found so that they sum to the group's base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from oms.invoicing.model import Carried
from oms.invoicing.shares import Group
from oms.invoicing.value import tax_minor
from oms.money import allocate


@dataclass(frozen=True, slots=True)
class Part:
    """One printed amount."""

    kind: str  #: as the share's; `extra`: a line that no order line stands behind
    group: Group
    minor: int  #: discounts are negative
    line: int = 0  #: of items and options
    option: int = 0  #: which of the line's own options, from 0
    index: int = 0  #: of items and options: which of the carried amounts, from 0
    name: str | None = None  #: of discounts, shipping, extra lines

    @property
    def is_line(self) -> bool:
        """Printed as a line; else below the lines."""
        return self.kind in {"item", "option", "extra"}


@dataclass(frozen=True, slots=True)
class Names:
    """How the amounts on a whole document are called."""

    discounts: Sequence[tuple[str | None, int]]  #: each with the size of it, by which they share
    shipping: str | None


@dataclass(frozen=True, slots=True)
class Sums:
    """A tax group of a document, or of several together."""

    base_minor: int
    tax_minor: int
    payable_minor: int  #: what the customer pays for it; differs from base and tax only with `payable_rounding`

    def __sub__(self, other: Sums) -> Sums:
        return Sums(self.base_minor - other.base_minor, self.tax_minor - other.tax_minor, self.payable_minor - other.payable_minor)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.base_minor + other.base_minor, self.tax_minor + other.tax_minor, self.payable_minor + other.payable_minor)


NOTHING = Sums(0, 0, 0)


def document_parts(carried: Sequence[Carried], names: Names) -> list[Part]:
    """What a document prints that carries these amounts, gross or net as they are: lines, then vouchers, then shipping."""
    goods: list[Part] = []
    vouchers: dict[Group, int] = {}
    shipping: dict[Group, int] = {}
    options: dict[int, int] = {}
    for index, share in enumerate(carried):
        group = Group(share.category, share.rate)
        if share.kind == "discount":
            vouchers[group] = vouchers.get(group, 0) + share.minor
        elif share.kind == "shipping":
            shipping[group] = shipping.get(group, 0) + share.minor
        else:
            option = options.get(share.line, 0)
            options[share.line] = option + (share.kind == "option")
            if share.units or share.minor:
                goods.append(Part(share.kind, group, share.minor, line=share.line, option=option, index=index))
    return [*goods, *_named(names.discounts, vouchers), *_shipped(names.shipping, shipping)]


def _shipped(name: str | None, shipping: Mapping[Group, int]) -> Iterator[Part]:
    return (Part("shipping", group, minor, name=name) for group, minor in shipping.items() if minor)


def amounts_by_group(carried: Sequence[Carried]) -> dict[Group, int]:
    """Per tax group what is carried, gross or net as the amounts are."""
    amounts: dict[Group, int] = {}
    for share in carried:
        group = Group(share.category, share.rate)
        amounts[group] = amounts.get(group, 0) + (-share.minor if share.kind == "discount" else share.minor)
    return amounts


def sums_of(prices: str, amount: int, group: Group, *, payable_rounding: bool) -> Sums:
    """Base and tax of a tax group.

    Args:
        prices: Whether the amount is gross or net.
        amount: Of everything in the group so far, so that all documents of an order sum to the order (rule 6).
        group: Whose rate counts.
        payable_rounding: With gross prices the tax is r(base * rate) as with net ones; what then lacks to the price is BT-114.
    """
    tax = tax_minor(prices, amount, group.rate)
    if prices == "net":
        return Sums(amount, tax, amount + tax)
    base = amount - tax
    return Sums(base, tax_minor("net", base, group.rate) if payable_rounding else tax, amount)


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


def _named(names: Sequence[tuple[str | None, int]], vouchers: Mapping[Group, int]) -> Iterator[Part]:
    """The vouchers by name: each has its part of what is taken off here, and no tax group gives more than it has.

    On a whole invoice each voucher has its amount; on parts the names share the rounding.
    """
    left = dict(vouchers)
    totals = allocate(sum(left.values()), [size for _, size in names] or [0])
    for (name, _), total in zip(names, totals, strict=False):
        parts = dict(zip(left, allocate(total, list(left.values())), strict=True)) if left else {}
        for group, minor in parts.items():
            left[group] -= minor
            if minor:
                yield Part("discount", group, -minor, name=name)


def _rounded(exact: Sequence[Fraction], total: int) -> list[int]:
    """Floors, then one unit each by largest remainder, so that they sum to `total`.

    It is nearly always less than one unit from their sum. Only where sales and returns change places around 0, or a last credit takes the rest
    that rounding left, it is further: then the largest one bears that.
    """
    amounts = [floor(amount) for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: amounts[index] - exact[index])
    for index in by_remainder[: max(total - sum(amounts), 0)]:
        amounts[index] += 1
    if missing := total - sum(amounts):
        amounts[max(range(len(exact)), key=lambda index: abs(exact[index]))] += missing
    return amounts
