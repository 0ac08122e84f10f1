"""How the tests of this folder come to orders and invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from oms.invoicing import Invoice, LineShares, Seller, allocate_order, compose_invoice, documented_by, due_date
from oms.orders import Order, OrderDefaults, parse_order

ISSUED_ON = date(2026, 11, 24)

SELLER = {
    "name": "Kaffeehaus Muster GmbH",
    "street": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "vat_id": "DE123456788",
    "managers": ["Erika Mustermann", "Max Mustermann"],
    "small_business": False,
}
ADDRESS = {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"}


def defaults(_store: str | None) -> OrderDefaults:
    return OrderDefaults(store="main", locale="de_DE", currency="EUR", prices="gross", terms="14d", process_of=lambda method: method or "prepayment")


def item(quantity: int = 1, unit_price: str = "10.00", tax_rate: str = "19", **more: Any) -> dict[str, Any]:
    return {"sku": "CUP", "name": "Cup", "quantity": quantity, "unit_price": unit_price, "tax_rate": tax_rate, **more}


def placed(*items: Mapping[str, Any], **more: Any) -> Order:
    document = {"reference": "A-1", "customer": {"name": "Jana Novak"}, "billing_address": ADDRESS, "items": list(items)}
    return parse_order(document | more, defaults=defaults)


def all_units(order: Order) -> dict[int, int]:
    return {number: line.units for number, line in enumerate(order.lines, start=1)}


def billed(
    order: Order,
    *,
    shares: LineShares | None = None,
    before: Mapping[int, int] | Sequence[Invoice] | None = None,
    take: Mapping[int, int] | None = None,
    paid_minor: int = 0,
    payable_rounding: bool = False,
    seller: Mapping[str, object] | None = None,
) -> Invoice:
    """The invoice over `take`.

    `before` is what was billed already: invoices, or units per line, that one invoice then billed.
    """
    shares = shares or allocate_order(order)
    if isinstance(before, Mapping):
        units = {line: count for line, count in before.items() if count}
        before = [billed(order, shares=shares, take=units, payable_rounding=payable_rounding, seller=seller)] if units else []
    return compose_invoice(
        order,
        shares,
        seller=Seller.from_mapping(seller or SELLER),
        number="RE-2026-00001",
        issued_on=ISSUED_ON,
        due_on=due_date(order.payment.terms, ISSUED_ON),
        supply_on=order.delivery_date,
        before=documented_by(before or [], shares),
        take=all_units(order) if take is None else take,
        paid_minor=paid_minor,
        payable_rounding=payable_rounding,
    )
