"""The stored order: its canonical text, the same for the same content however it was written."""

from __future__ import annotations

from oms.orders.canonical import from_text, to_text
from oms.orders.model import Order

SCHEMA = 1
"""Counts up when a text of before can't be read as it is."""


def order_to_json(order: Order) -> str:
    """What is stored, compared and hashed. Two documents that say the same (`9.9` and `9.90`, NFC and NFD) have the same text."""
    return to_text(order, schema=SCHEMA)


def order_from_json(text: str) -> Order:
    """The order that `order_to_json` wrote; nothing is checked again.

    Raises:
        ValueError: a newer oms wrote it.
    """
    return from_text(Order, text, schema=SCHEMA)
