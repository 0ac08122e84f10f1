"""An invoice's snapshot as canonical text: what is hashed, kept for ever and given to the templates."""

from __future__ import annotations

from oms.invoicing.model import Invoice
from oms.orders.canonical import from_text, to_text

SCHEMA = 1
"""Counts up when a snapshot of before can't be read as it is."""


def invoice_to_json(invoice: Invoice) -> str:
    """The snapshot's text: sorted keys, rates and prices as texts, dates ISO, `schema` beside them."""
    return to_text(invoice, schema=SCHEMA)


def invoice_from_json(text: str) -> Invoice:
    """The invoice that `invoice_to_json` wrote.

    Raises:
        ValueError: a newer oms wrote it.
    """
    return from_text(Invoice, text, schema=SCHEMA)
