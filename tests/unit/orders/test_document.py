"""What an order document says, and what is understood where it is silent."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from oms.orders import (
    Address,
    Bundle,
    Customer,
    Discount,
    Exemption,
    Option,
    PaymentTerms,
    Prepayment,
    Shipping,
    order_from_json,
    order_to_json,
    parse_order,
)
from oms.orders.lines import LINES
from oms.orders.parties import countries
from tests.unit.orders.documents import ADDRESS, EXAMPLE, ITEM, defaults, parsed, with_item

FULL: dict[str, Any] = EXAMPLE | {
    "shipping_address": ADDRESS | {"city": "Wien", "country": "AT", "extra": "Hinterhaus"},
    "items": [
        ITEM | {"unit": "box", "group": "parcel 1", "ref": "first", "data": {"engraving": "J", "depth": 1.5}},
        ITEM | {"bundle": {"id": "B", "name": "Breakfast", "price": "50.00"}},
        ITEM | {"quantity": -1, "return_of": "A-0900"},
        ITEM | {"tax_rate": "0", "tax_category": "E", "options": []},
    ],
    "payments": [{"method": "gift_card", "amount": "5.00", "reference": "GC-7"}],
    "delivery_date": "2026-11-20",
    "buyer_reference": "PO-7",
    "exemption": {"code": "VATEX-EU-132", "text": "Exempt"},
    "comment": "Two lines,\nplease",
    "data": {"campaign": "autumn", "score": [1, 2.5, None]},
}


def test_the_example_of_the_documentation_is_an_order() -> None:
    order = parsed()
    assert (order.reference, order.store, order.process, order.locale, order.currency, order.prices) == (
        "A-1001",
        "main",
        "prepayment",
        "de",
        "EUR",
        "gross",
    )
    assert order.customer == Customer(name="Jana Novak", email="jana@example.com", vat_id=None)
    assert order.billing_address == Address(name="Jana Novak", extra=None, street="Marktplatz 2", postcode="80331", city="München", country="DE")
    assert order.shipping == Shipping(name="DHL", price_minor=490, tax="by_value", tax_rate=None)
    assert order.discounts == (Discount(name="WELCOME10", amount_minor=1000),)
    assert order.payment == PaymentTerms(method="prepayment", terms="14d")
    (line,) = order.lines
    assert (line.sku, line.name, line.quantity, line.unit_price_minor, line.tax_rate, line.tax_category) == (
        "CUP-4",
        "Espresso cups",
        2,
        3990,
        Decimal(19),
        "S",
    )
    assert line.options == (Option(name="Gift wrap", price_minor=200, tax_rate=Decimal(19), tax_category="S"),)


def test_everything_that_can_be_said_is_kept() -> None:
    order = parse_order(FULL, defaults=defaults)
    first, second, third, fourth = order.lines
    assert (first.unit, first.group, first.ref, first.data) == ("box", "parcel 1", "first", {"engraving": "J", "depth": 1.5})
    assert second.bundle == Bundle(id="B", name="Breakfast", price_minor=5000)
    assert (third.quantity, third.units, third.return_of) == (-1, 1, "A-0900")
    assert fourth.tax_category == "E"
    assert order.shipping_address is not None
    assert order.shipping_address.extra == "Hinterhaus"
    assert order.payments == (Prepayment(method="gift_card", amount_minor=500, reference="GC-7"),)
    assert (order.delivery_date, order.buyer_reference, order.comment) == (date(2026, 11, 20), "PO-7", "Two lines,\nplease")
    assert order.exemption == Exemption(code="VATEX-EU-132", text="Exempt")
    assert order.data == {"campaign": "autumn", "score": [1, 2.5, None]}


def test_what_is_left_out_comes_from_the_store() -> None:
    silent = {"reference", "customer", "billing_address", "items"}
    order = parse_order({key: EXAMPLE[key] for key in silent}, defaults=defaults)
    assert (order.store, order.process, order.locale, order.currency, order.prices) == ("main", "prepayment", "de_DE", "EUR", "gross")
    assert (order.shipping, order.discounts, order.payment, order.data) == (None, (), PaymentTerms(method=None, terms="30d"), {})


def test_the_payment_method_chooses_the_process_unless_the_document_does() -> None:
    payment = {"method": "invoice"}
    assert parsed(process=None, payment=payment).process == "invoice"
    assert parsed(process="marketplace", payment=payment).process == "marketplace"


def test_zero_percent_is_the_zero_rate_when_nothing_else_is_said() -> None:
    line = {key: value for key, value in ITEM.items() if key not in {"tax_category", "options"}}
    assert parsed(items=[line | {"tax_rate": "0"}]).lines[0].tax_category == "Z"


def test_an_option_has_the_items_tax_unless_it_says_another() -> None:
    options = [
        {"name": "Wrap", "price": "1.00"},
        {"name": "Book", "price": "2.00", "tax_rate": "7"},
        {"name": "Stamp", "price": "0.80", "tax_rate": "0"},
    ]
    line = with_item(options=options).lines[0]
    assert [(option.tax_rate, option.tax_category) for option in line.options] == [(Decimal(19), "S"), (Decimal(7), "S"), (Decimal(0), "Z")]
    assert [option.name for option in line.included_options] == ["Wrap"]
    assert [option.name for option in line.own_options] == ["Book", "Stamp"]


@pytest.mark.parametrize("document", [EXAMPLE, FULL], ids=["example", "full"])
def test_an_order_survives_being_stored(document: dict[str, Any]) -> None:
    order = parse_order(document, defaults=defaults)
    text = order_to_json(order)
    assert order_from_json(text) == order
    assert order_to_json(order_from_json(text)) == text


def test_the_same_content_written_in_another_way_is_the_same_text() -> None:
    one = parsed(items=[ITEM | {"unit_price": "39.90", "tax_rate": "19"}], customer={"name": "Jana Nováková"})
    other = parsed(
        items=[ITEM | {"unit_price": "39.9", "tax_rate": "19.0"}],
        customer={"name": " Jana Nova\u0301kova\u0301\u200b "},
        discounts=EXAMPLE["discounts"],
    )
    assert order_to_json(one) == order_to_json(other)
    assert order_to_json(one) != order_to_json(parsed())


def test_a_stored_order_of_a_newer_house_is_not_read() -> None:
    text = order_to_json(parsed()).replace('"schema":1', '"schema":2')
    with pytest.raises(ValueError, match="stored with schema 2, this oms reads schema 1"):
        order_from_json(text)


def test_the_stored_text_holds_no_floats_of_money() -> None:
    def floats(value: Any) -> list[float]:
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [child for child in children if isinstance(child, float)] + [found for child in children for found in floats(child)]

    assert floats(json.loads(order_to_json(parsed()))) == []


def test_2000_lines_are_an_order() -> None:
    assert len(parsed(items=[ITEM] * 2_000).lines) == LINES == 2_000


def test_a_free_order_is_an_order() -> None:
    assert parsed(items=[ITEM | {"unit_price": "0.00", "options": []}], discounts=[]).lines[0].unit_price_minor == 0


def test_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(countries()) == 249 + 1
    assert countries() >= {"DE", "GB", "US", "XK", "ZW"}
