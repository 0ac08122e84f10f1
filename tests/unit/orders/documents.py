"""The order document that the tests of this folder bend."""

from __future__ import annotations

from typing import Any

import pytest

from oms.errors import InvalidOrder, NotFound
from oms.orders import Order, OrderDefaults, parse_order

ADDRESS = {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"}

#: What back-office-and-api shows: every usual key once.
EXAMPLE: dict[str, Any] = {
    "reference": "A-1001",
    "store": "main",
    "process": "prepayment",
    "locale": "de",
    "currency": "EUR",
    "prices": "gross",
    "customer": {"name": "Jana Novak", "email": "jana@example.com", "vat_id": None},
    "billing_address": ADDRESS,
    "shipping_address": None,
    "items": [
        {
            "sku": "CUP-4",
            "name": "Espresso cups",
            "quantity": 2,
            "unit_price": "39.90",
            "tax_rate": "19",
            "tax_category": "S",
            "discount": "0.00",
            "options": [{"name": "Gift wrap", "price": "2.00", "tax_rate": "19"}],
            "bundle": None,
        }
    ],
    "shipping": {"name": "DHL", "price": "4.90", "tax": "by_value"},
    "discounts": [{"name": "WELCOME10", "amount": "10.00"}],
    "payment": {"method": "prepayment", "terms": "14d"},
    "comment": None,
}
ITEM: dict[str, Any] = EXAMPLE["items"][0]
PROCESSES = {"invoice": "invoice"}


def defaults(store: str | None) -> OrderDefaults:
    if store not in {None, "main", "tokyo", "kuwait"}:
        raise NotFound("There is no such store. There are: main.")
    currency = {"tokyo": "JPY", "kuwait": "KWD"}.get(store or "main", "EUR")
    return OrderDefaults(
        store=store or "main",
        locale="de_DE",
        currency=currency,
        prices="gross",
        terms="30d",
        process_of=lambda method: PROCESSES.get(method or "", "prepayment"),
    )


def parsed(**changes: Any) -> Order:
    return parse_order(EXAMPLE | changes, defaults=defaults)


def with_item(**changes: Any) -> Order:
    return parsed(items=[ITEM | changes])


def complaints(document: object) -> dict[str, str]:
    """What is wrong with a document: pointer → sentence."""
    with pytest.raises(InvalidOrder) as caught:
        parse_order(document, defaults=defaults)
    return {problem.where: problem.sentence for problem in caught.value.problems}


def complaint(**changes: Any) -> tuple[str, str]:
    """The one thing that is wrong with the example after these changes."""
    found = complaints(EXAMPLE | changes)
    assert len(found) == 1, found
    return next(iter(found.items()))


def item_complaint(**changes: Any) -> tuple[str, str]:
    return complaint(items=[ITEM | changes])
