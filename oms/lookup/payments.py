"""The money of an order, as it is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from oms.money import format_minor
from oms.ports.records import Payment


def payments_data(payments: Iterable[Payment]) -> list[dict[str, Any]]:
    """Payments and refunds, in their order."""
    return [
        {
            "kind": each.kind,
            "amount": format_minor(each.amount_minor, each.currency),
            "currency": each.currency,
            "provider": each.provider,
            "reference": each.reference,
            "at": each.at,
            "paid_on": each.paid_on,
        }
        for each in payments
    ]
