"""Mending who is billed and where it goes (rule 38)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oms.errors import InvalidOrder
from oms.orders import Address, corrected
from tests.unit.orders.documents import ADDRESS, ITEM, parsed


def test_what_is_named_changes_and_nothing_else() -> None:
    order = parsed()
    mended = corrected(order, {"customer": {"email": "new@example.com", "vat_id": "ATU12345678"}, "billing_address": {"street": "Ring 1"}})
    assert mended == replace(
        order,
        customer=replace(order.customer, email="new@example.com", vat_id="ATU12345678"),
        billing_address=replace(order.billing_address, street="Ring 1"),
    )


def test_a_shipping_address_is_added_mended_and_taken_away() -> None:
    order = corrected(parsed(), {"shipping_address": ADDRESS | {"city": "Wien", "country": "AT"}})
    assert order.shipping_address == Address(**ADDRESS | {"city": "Wien", "country": "AT", "extra": None})  # type: ignore[arg-type]
    assert corrected(order, {"shipping_address": {"city": "Graz"}}).shipping_address == replace(order.shipping_address, city="Graz")
    assert corrected(order, {"customer": {"name": "J"}}).shipping_address == order.shipping_address
    assert corrected(order, {"shipping_address": None}).shipping_address is None


def test_a_buyer_reference_is_added_and_taken_away() -> None:
    order = corrected(parsed(), {"buyer_reference": "04011000-12345-03"})
    assert order == replace(parsed(), buyer_reference="04011000-12345-03")
    assert corrected(order, {"customer": {"name": "J"}}).buyer_reference == "04011000-12345-03"
    assert corrected(order, {"buyer_reference": None}).buyer_reference is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"items": []}, ""),
        ({"currency": "USD"}, ""),
        ({"buyer_reference": ""}, "/buyer_reference"),
        ({"customer": {"email": "x"}}, "/customer/email"),
        ({"customer": {"name": None}}, "/customer/name"),
        ({"customer": "Jana"}, "/customer"),
        ({"customer": {"phone": "1"}}, "/customer"),
        ({"billing_address": {"country": "UK"}}, "/billing_address/country"),
        ({"shipping_address": {"city": "Graz"}}, "/shipping_address/name"),
        ({"shipping_address": []}, "/shipping_address"),
    ],
)
def test_what_a_document_could_not_say_a_correction_can_not_either(changes: dict[str, object], where: str) -> None:
    with pytest.raises(InvalidOrder) as caught:
        corrected(parsed(), changes)
    assert caught.value.problems[0].where == where


def test_reverse_charge_keeps_its_vat_id() -> None:
    item = ITEM | {"tax_rate": "0", "tax_category": "AE", "options": []}
    order = parsed(items=[item], exemption={"text": "Reverse charge"}, customer={"name": "Jana", "vat_id": "FR12345678901"})
    with pytest.raises(InvalidOrder, match="/customer/vat_id: is missing"):
        corrected(order, {"customer": {"vat_id": None}})
