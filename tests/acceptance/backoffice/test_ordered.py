"""What was ordered, on the order's page: whatever a clerk is asked about on the phone stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.builders import an_order

Person = Callable[..., Browser]
ORDER = "/stores/main/orders/A-1001"
WRAPPED: dict[str, Any] = {"options": [{"name": "Gift wrap", "price": "2.00", "tax_rate": "19"}], "discount": "5.00", "data": {"engraving": "Jana"}}
SENT: dict[str, Any] = {"shipping": {"name": "DHL", "price": "4.90"}, "discounts": [{"name": "WELCOME10", "amount": "10.00"}]}


def items(**more: Any) -> dict[str, Any]:
    """Two cups with something more, and a grinder."""
    cups, grinder = an_order()["items"]
    return {"items": [cups | more, grinder]}


def sums(browser: Browser) -> list[tuple[str, str]]:
    page = browser.open(ORDER)
    return list(zip(page.parts("#part-items dt"), page.parts("#part-items dd"), strict=True))


def test_the_page_shows_what_was_chosen_what_it_costs_and_what_was_said_beside_it(shop: Shop, person: Person) -> None:
    beside: dict[str, Any] = {"comment": "Please ring twice.", "data": {"channel": "app", "gift": True}, "delivery_date": "2026-12-24"}
    shop.place(an_order(**items(**WRAPPED), **SENT, **beside))
    clerk = person("clerk")
    page = clerk.open(ORDER)
    cups = page.part("#part-items tbody tr")
    assert "1 · CUP-4 Gift wrap · €2.00 Discount €5.00 engraving: Jana 2 €78.80" in cups
    assert page.part("#part-items .remark") == "The customer's comment Please ring twice."
    assert sums(clerk) == [("Goods", "€167.80"), ("WELCOME10", "\u2212€10.00"), ("Shipping: DHL", "€4.90"), ("Total", "€162.70")]
    assert "Delivery date Dec 24, 2026 Data of the shop channel app gift true" in page.part("[aria-labelledby=customer]")
    assert page.part("[aria-labelledby=payments] .b").startswith("prepayment")


def test_where_prices_are_net_the_tax_makes_the_total(shop: Shop, person: Person) -> None:
    shop.place(an_order(prices="net", **SENT))
    assert sums(person("clerk")) == [
        ("Goods", "€168.80"),
        ("WELCOME10", "\u2212€10.00"),
        ("Shipping: DHL", "€4.90"),
        ("VAT", "€31.10"),
        ("Total", "€194.80"),
    ]


@pytest.mark.parametrize("more", [{}, {"comment": "<b>"}])
def test_an_order_of_items_alone_has_no_sums(shop: Shop, person: Person, more: dict[str, str]) -> None:
    shop.place(an_order(**more))
    assert sums(person("clerk")) == []


def test_a_bundle_is_named_with_its_items_and_priced_once(shop: Shop, person: Person) -> None:
    cups, grinder = an_order()["items"]
    bundle: dict[str, Any] = {"bundle": {"id": "b1", "name": "Coffee set", "price": "120.00"}}
    shop.place(an_order(items=[cups | bundle, grinder | bundle, {**grinder, "sku": "SPARE"}]))
    clerk = person("clerk")
    assert clerk.open(ORDER).part("#part-items").count("Part of Coffee set") == 2
    assert sums(clerk) == [("Goods", "€89.00"), ("Coffee set", "€120.00"), ("Total", "€209.00")]
