"""The figures of a document: its lines, vouchers, shipping, tax groups and sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from oms.invoicing.model import Amount, HomeTax, InvoiceLine, TaxGroup, Totals
from oms.invoicing.net import Part, Sums, net_amounts
from oms.invoicing.shares import Group
from oms.money import decimals_of, round_half_up
from oms.orders import Order, OrderLine

_TAKES_BACK: Mapping[str, str] = MappingProxyType({"de": "Rücknahme aus", "en": "returned from", "fr": "retour de"})
"""What stands before the order that a line takes back."""
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


def reckon(
    parts: Sequence[Part],
    sums: Mapping[Group, Sums],
    *,
    prices: str,
    paid_minor: int,
    line_of: Callable[[Part, int], InvoiceLine],
    group_of: Callable[[Group, Sums], TaxGroup],
) -> Figures:
    """The figures of a document.

    Args:
        parts: What it prints, gross or net.
        sums: Base and tax of each of its groups.
        prices: Whether the parts are gross or net.
        paid_minor: What is paid and not printed as paid elsewhere.
        line_of: A line as it is printed, from its part and its amount without tax.
        group_of: A tax group as it is printed.
    """
    net = list(zip(parts, net_amounts(parts, sums, prices=prices), strict=True))
    return Figures(
        lines=tuple(line_of(part, amount) for part, amount in net if part.is_line),
        allowances=tuple(_amount(part, -amount) for part, amount in net if part.kind == "discount"),
        charges=tuple(_amount(part, amount) for part, amount in net if part.kind == "shipping"),
        tax_groups=tuple(group_of(group, sums[group]) for group in dict.fromkeys(part.group for part in parts)),
        totals=_totals(net, sums, paid_minor),
    )


def order_line(order: Order, part: Part, net_minor: int, *, units: int) -> InvoiceLine:
    """A line of an order on an invoice that bills so many units of it."""
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
        note=None if option else _note(line, order.locale),
        quantity=quantity,
        unit=line.unit,
        unit_price=price_of(Fraction(net_minor, quantity) if derived else list_price, order.currency, units=units),
        discount_minor=abs(round_half_up(list_price * quantity) - net_minor) if discounted else 0,
        tax_rate=part.group.rate,
        tax_category=part.group.category,
        net_minor=net_minor,
        place=f"{part.line}.{part.option + 1}" if option else f"{part.line}",
    )


def price_of(minor: Fraction, currency: str, *, units: int) -> Decimal:
    """A price in major units, fine enough for so many units."""
    decimals = decimals_of(currency)
    needed = decimals if minor.denominator == 1 else max(PRICE_DECIMALS, decimals + len(str(units)))
    return Decimal(round_half_up(minor * 10 ** (needed - decimals))).scaleb(-needed)


def home_tax_of(tax_minor: int, before_minor: int, *, currency: str, home: str, exchange_rate: Decimal) -> HomeTax:
    """The tax in the seller's currency.

    Args:
        tax_minor: On this document.
        before_minor: On earlier ones, so that those of an order sum to the tax of the whole.
        currency: Of both.
        home: The seller's.
        exchange_rate: Units of `currency` for one of `home`.
    """
    scale = Fraction(10) ** (decimals_of(home) - decimals_of(currency)) / Fraction(exchange_rate)
    tax = round_half_up((before_minor + tax_minor) * scale) - round_half_up(before_minor * scale)
    return HomeTax(currency=home, exchange_rate=exchange_rate, tax_minor=tax)


def _list_minor(line: OrderLine) -> int:
    """A unit's price with the options that belong to it."""
    return line.unit_price_minor + sum(option.price_minor for option in line.included_options)


def _exact_price(order: Order, part: Part, minor: int) -> Fraction:
    """A unit's price without tax, in minor units."""
    return Fraction(minor) if order.prices == "net" else minor * 100 / (100 + Fraction(part.group.rate))


def _note(line: OrderLine, locale: str) -> str | None:
    """What else belongs to the line: its bundle, its options, what it takes back."""
    parts = [line.bundle.name] if line.bundle else []
    parts += [option.name for option in line.included_options]
    if line.return_of:
        parts.append(f"{_TAKES_BACK.get(locale[:2], _TAKES_BACK['en'])} {line.return_of}")
    return ", ".join(parts) or None


def _amount(part: Part, minor: int) -> Amount:
    return Amount(name=part.name, amount_minor=minor, tax_rate=part.group.rate, tax_category=part.group.category)


def _totals(net: Sequence[tuple[Part, int]], sums: Mapping[Group, Sums], paid: int) -> Totals:
    lines = sum(amount for part, amount in net if part.is_line)
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
