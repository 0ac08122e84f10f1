"""Snapshots and contexts as the invoicing part and the commands make them."""

from __future__ import annotations

from typing import Any

SELLER: dict[str, Any] = {
    "name": "Kontor & Küche GmbH",
    "street": "Speicherstraße 12",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
    "vat_id": "DE287654321",
    "tax_number": "27/123/45678",
    "email": "rechnung@kontor-kueche.example",
    "phone": "+49 40 555 0123",
    "website": "kontor-kueche.example",
    "iban": "DE02120300000000202051",
    "bic": "BYLADEM1001",
    "bank": "DKB Berlin",
    "register": "Amtsgericht Hamburg, HRB 123456",
    "managers": "Mira Hansen, Jonas Weber",
}


def mail_context(**changes: Any) -> dict[str, Any]:
    """What a mail command freezes."""
    context: dict[str, Any] = {
        "order": {
            "reference": "A-1001",
            "placed_on": "2026-11-24",
            "items": [{"name": "Espresso cups", "sku": "CUP-4", "quantity": 2, "total_minor": 7980}],
            "shipping": {"name": "DHL", "total_minor": 490},
            "total_minor": 8470,
            "paid_minor": 0,
            "open_minor": 8470,
            "currency": "EUR",
            "payment_method": "invoice",
        },
        "items": [{"name": "Espresso cups", "sku": "CUP-4", "quantity": 1, "total_minor": 3990}],
        "invoices": [],
        "customer": {"name": "Jana Nováková", "email": "jana@example.com"},
        "seller": SELLER,
        "store": {"name": "main"},
    }
    return context | changes


MAILED_INVOICE = {
    "link": None,
    "number": "R2026-000381",
    "issued_on": "2026-11-24",
    "due_on": "2026-12-08",
    "late": False,
    "gross_minor": 8470,
    "open_minor": 8470,
}

MAILED_CREDIT_NOTE = {
    "link": None,
    "number": "RK2026-000017",
    "issued_on": "2026-12-01",
    "gross_minor": 3990,
    "invoice": "R2026-000381",
    "invoice_issued_on": "2026-11-24",
}
