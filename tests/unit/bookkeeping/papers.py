"""Papers as the books have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oms.bookkeeping.period import Entry
from oms.invoicing import Invoice, Seller, Wanted, compose_credit
from oms.orders import Order
from oms.ports.records import Document
from tests.unit.invoicing.papers import ISSUED_ON, SELLER


def entry(said: Invoice, *, number: str | None = None) -> Entry:
    """As it is read from the database."""
    said = replace(said, number=number or said.number)
    known: dict[str, Any] = dict.fromkeys(Document.__slots__, "") | {
        "store": said.store,
        "kind": said.kind,
        "number": said.number,
        "currency": said.currency,
        "gross_minor": said.totals.gross_minor,
        "rounding_minor": said.totals.rounding_minor,
        "parent": "1" if said.parent else "",
    }
    return Entry(Document(**known), said)


def credited(order: Order, invoice: Invoice, wanted: Wanted) -> Invoice:
    """The credit note of some of it."""
    about: dict[str, Any] = {"order": order, "seller": Seller.from_mapping(SELLER), "number": "RK-2026-00001"}
    return compose_credit(invoice, [], wanted=wanted, issued_on=ISSUED_ON, reason="Rücksendung", **about)
