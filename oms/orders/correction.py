"""Mending who is billed and where it goes (rule 38). What was ordered never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from oms.errors import InvalidOrder, Problem
from oms.orders.agreement import disagreements
from oms.orders.model import Address, Customer, Order
from oms.orders.parties import read_address, read_customer
from oms.orders.raw import check_raw
from oms.orders.section import Section


def corrected(order: Order, changes: Mapping[str, object]) -> Order:
    """The order with another name, mail address, VAT id, addresses or buyer reference; issued documents keep what they print.

    Args:
        order: As it stands.
        changes: Part of an order document: `customer`, `billing_address`, `shipping_address`, each with the keys that change.
            `"shipping_address": null` is: ship to the billing address. And `buyer_reference`; null takes it away.

    Raises:
        InvalidOrder: with all problems that were found.
    """
    check_raw(changes)
    problems: list[Problem] = []
    section = Section(changes, "", problems)
    customer, billing, shipping = (section.get(key) for key in ("customer", "billing_address", "shipping_address"))
    buyer_reference = section.optional_text("buyer_reference") if "buyer_reference" in changes else order.buyer_reference
    section.close()
    merged = Section({"customer": _merged(order.customer, customer)}, "", problems)
    mended = replace(
        order,
        customer=read_customer(merged),
        billing_address=read_address(Section(_merged(order.billing_address, billing), "/billing_address", problems)),
        shipping_address=_shipping(order.shipping_address, shipping, problems) if "shipping_address" in changes else order.shipping_address,
        buyer_reference=buyer_reference,
    )
    problems += [] if problems else disagreements(mended)
    if problems:
        raise InvalidOrder(problems)
    return mended


def _shipping(now: Address | None, change: object, problems: list[Problem]) -> Address | None:
    return None if change is None else read_address(Section(_merged(now, change), "/shipping_address", problems))


def _merged(now: Customer | Address | None, change: object) -> object:
    """What stands, overlaid by what changes; anything but an object is left for the reader to refuse."""
    kept = asdict(now) if now else {}
    return {**kept, **(change or {})} if change is None or isinstance(change, Mapping) else change
