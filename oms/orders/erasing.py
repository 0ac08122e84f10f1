"""An order document without the person: what was bought, and for how much, stays; names, addresses and free texts go."""

from __future__ import annotations

from dataclasses import replace

from oms.orders.model import Address, Customer, Exemption, Option, Order, OrderLine, Prepayment, Shipping

ERASED = "erased"
"""Stands where a text must be."""


def erased(order: Order) -> Order:
    """The same order, of nobody. Amounts, taxes, quantities, countries and SKUs are as they were, so sums and stock are, too.

    Street, postcode and city are empty: nothing is issued for it (`refuse_an_incomplete_address`) until somebody writes in to whom.
    """
    return replace(
        order,
        customer=Customer(name=ERASED, email=None, vat_id=None),
        billing_address=_nobody(order.billing_address),
        shipping_address=_nobody(order.shipping_address) if order.shipping_address else None,
        lines=tuple(map(_line, order.lines)),
        shipping=_shipping(order.shipping),
        discounts=tuple(replace(discount, name=None) for discount in order.discounts),
        payments=tuple(Prepayment(method=gift.method, amount_minor=gift.amount_minor, reference=ERASED) for gift in order.payments),
        buyer_reference=None,
        exemption=Exemption(code=order.exemption.code, text=ERASED) if order.exemption else None,
        comment=None,
        data={},
    )


def _nobody(address: Address) -> Address:
    return Address(name="", extra=None, street="", postcode="", city="", country=address.country)


def _line(line: OrderLine) -> OrderLine:
    """What is engraved on a cup may be a name, so only the SKU says what it was."""
    options = tuple(_option(option) for option in line.options)
    bundle = replace(line.bundle, name=line.bundle.id) if line.bundle else None
    return replace(line, name=line.sku, options=options, bundle=bundle, group=None, ref=None, return_of=None, data={})


def _option(option: Option) -> Option:
    return replace(option, name=ERASED)


def _shipping(shipping: Shipping | None) -> Shipping | None:
    return replace(shipping, name=None) if shipping else None
