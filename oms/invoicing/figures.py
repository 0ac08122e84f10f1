"""The figures of a document: its lines, vouchers, shipping, tax groups and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from oms.invoicing.model import Amount, InvoiceLine, TaxGroup, Totals
from oms.invoicing.net import Part, Sums, document_parts, document_sums, net_amounts
from oms.invoicing.shares import Group, LineShares
from oms.invoicing.value import Units
from oms.money import decimals_of, round_half_up
from oms.orders import Order, OrderLine

PRICE_DECIMALS = 6
"""Where a net price is no whole number of cents; more for large quantities, so that quantity * price is exact to half a cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything on a document that was reckoned. Fields as in `Invoice`."""

    lines: tuple[InvoiceLine, ...]
    allowances: tuple[Amount, ...]
    charges: tuple[Amount, ...]
    tax_groups: tuple[TaxGroup, ...]
    totals: Totals


def reckon(order: Order, shares: LineShares, *, before: Units, take: Units, paid_minor: int, payable_rounding: bool) -> Figures:
    """The figures of a document that bills `take` after `before` was billed; see `compose_invoice`."""
    after = {line: before.get(line, 0) + take.get(line, 0) for line in shares}
    sums = document_sums(order, shares, before=before, after=after, payable_rounding=payable_rounding)
    parts = document_parts(order, shares, before=before, after=after)
    net = list(zip(parts, net_amounts(parts, sums, prices=order.prices), strict=True))
    return Figures(
        lines=tuple(_line(order, part, amount, units=take[part.line]) for part, amount in net if part.line),
        allowances=tuple(_amount(part, -amount) for part, amount in net if part.kind == "discount"),
        charges=tuple(_amount(part, amount) for part, amount in net if part.kind == "shipping"),
        tax_groups=tuple(_tax_group(group, sums[group]) for group in dict.fromkeys(part.group for part in parts)),
        totals=_totals(net, sums, paid_minor),
    )


def _tax_group(group: Group, sums: Sums) -> TaxGroup:
    return TaxGroup(category=group.category, rate=group.rate, base_minor=sums.base_minor, tax_minor=sums.tax_minor)


def _line(order: Order, part: Part, net: int, *, units: int) -> InvoiceLine:
    line = order.lines[part.line - 1]
    option = line.own_options[part.option] if part.kind == "option" else None
    quantity = -units if line.quantity < 0 else units
    list_price = _exact_price(order, part, option.price_minor if option else _list_minor(line))
    derived = option is None and (line.bundle is not None or line.discount_minor > 0)
    discounted = option is None and line.discount_minor > 0
    return InvoiceLine(
        line=part.line,
        name=option.name if option else line.name,
        sku=None if option else line.sku,
        note=None if option else _note(line),
        quantity=quantity,
        unit=line.unit,
        unit_price=_price(Fraction(net, quantity) if derived else list_price, order.currency, units=units),
        discount_minor=abs(round_half_up(list_price * quantity) - net) if discounted else 0,
        tax_rate=part.group.rate,
        tax_category=part.group.category,
        net_minor=net,
    )


def _list_minor(line: OrderLine) -> int:
    """A unit's price with the options that belong to it."""
    return line.unit_price_minor + sum(option.price_minor for option in line.included_options)


def _exact_price(order: Order, part: Part, minor: int) -> Fraction:
    """A unit's price without tax, in minor units."""
    return Fraction(minor) if order.prices == "net" else minor * 100 / (100 + Fraction(part.group.rate))


def _price(minor: Fraction, currency: str, *, units: int) -> Decimal:
    """A price in major units."""
    decimals = decimals_of(currency)
    needed = decimals if minor.denominator == 1 else max(PRICE_DECIMALS, decimals + len(str(units)))
    return Decimal(round_half_up(minor * 10 ** (needed - decimals))).scaleb(-needed)


def _note(line: OrderLine) -> str | None:
    """What else belongs to the line: its bundle, its options, what it takes back."""
    parts = [line.bundle.name] if line.bundle else []
    parts += [option.name for option in line.included_options]
    parts += [line.return_of] if line.return_of else []
    return ", ".join(parts) or None


def _amount(part: Part, minor: int) -> Amount:
    return Amount(name=part.name, amount_minor=minor, tax_rate=part.group.rate, tax_category=part.group.category)


def _totals(net: Sequence[tuple[Part, int]], sums: Mapping[Group, Sums], paid: int) -> Totals:
    lines = sum(amount for part, amount in net if part.line)
    allowances = -sum(amount for part, amount in net if part.kind == "discount")
    charges = sum(amount for part, amount in net if part.kind == "shipping")
    tax = sum(group.tax_minor for group in sums.values())
    payable = sum(group.payable_minor for group in sums.values())
    base = lines - allowances + charges
    printed = max(0, min(payable, paid))
    return Totals(
        lines_minor=lines,
        allowances_minor=allowances,
        charges_minor=charges,
        net_minor=base,
        tax_minor=tax,
        gross_minor=base + tax,
        paid_minor=printed,
        rounding_minor=payable - base - tax,
        due_minor=payable - printed,
    )
