"""What an order's documents say so far, and what the next one carries: value(so far + this) - what is documented, so that parts sum to the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oms.invoicing.model import Carried, Invoice
from oms.invoicing.net import NOTHING, Sums, amounts_by_group, sums_of
from oms.invoicing.rest import between
from oms.invoicing.shares import Group, LineShares
from oms.invoicing.value import Units, cumulated
from oms.orders import Order


@dataclass(frozen=True, slots=True)
class Documented:
    """What stands on earlier documents: from here the next one goes on."""

    units: Units  #: per line
    amounts: Mapping[int, Sequence[int]]  #: line to the amounts of its shares, in their order
    sums: Mapping[Group, Sums]


def documented_by(invoices: Sequence[Invoice], shares: LineShares) -> Documented:
    """What these invoices say themselves: their amounts are not reckoned again, whatever settings and program made them."""
    units = Counter[int]()
    amounts = {number: [0] * len(line) for number, line in shares.items()}
    sums: dict[Group, Sums] = {}
    for invoice in invoices:
        place = Counter[int]()
        for share in invoice.carried:
            if not place[share.line]:
                units[share.line] += share.units
            amounts[share.line][place[share.line]] += share.minor
            place[share.line] += 1
        for group, each in sums_by_group(invoice).items():
            sums[group] = sums.get(group, NOTHING) + each
    return Documented(units, amounts, sums)


def sums_by_group(invoice: Invoice) -> dict[Group, Sums]:
    """What a document says of each tax group."""
    amounts = amounts_by_group(invoice.carried)
    return {
        group: Sums(each.base_minor, each.tax_minor, amounts[group] if invoice.prices == "gross" else each.base_minor + each.tax_minor)
        for each in invoice.tax_groups
        for group in [Group(each.category, each.rate)]
    }


def carried_on(order: Order, shares: LineShares, before: Documented, take: Units) -> list[Carried]:
    """What a document carries that bills `take` more."""
    billed = {number: take[number] for number in shares if take.get(number)}
    amounts: dict[int, list[int]] = {}
    for number, units in billed.items():
        ends = cumulated(shares[number], before.units.get(number, 0) + units, of=order.lines[number - 1].units)
        wholes = [share.minor for share in shares[number]]
        amounts[number] = [
            # after one of several was cancelled to be billed anew, rounding may have given more than `ends` already
            between(end - start, 0, whole - start)
            for end, start, whole in zip(ends, before.amounts[number], wholes, strict=True)
        ]
    return _carried({number: shares[number] for number in billed}, billed, amounts)


def sums_on(carried: Sequence[Carried], before: Documented, *, prices: str, payable_rounding: bool) -> dict[Group, Sums]:
    """Base and tax of each group of a document, so that with what is documented they are those of all together.

    What costs nothing has no tax. It would not have any, but for what remains of an order when a part is cancelled to be billed anew.
    """
    sums: dict[Group, Sums] = {}
    for group, amount in amounts_by_group(carried).items():
        start = before.sums.get(group, NOTHING)
        so_far = start.payable_minor if prices == "gross" else start.base_minor
        sums[group] = sums_of(prices, so_far + amount, group, payable_rounding=payable_rounding) - start if amount else NOTHING
    return sums


def _carried(shares: LineShares, units: Units, amounts: Mapping[int, Sequence[int]]) -> list[Carried]:
    return [
        Carried(line=number, units=units.get(number, 0), kind=share.kind, category=share.group.category, rate=share.group.rate, minor=minor)
        for number, line in shares.items()
        for share, minor in zip(line, amounts[number], strict=True)
    ]
