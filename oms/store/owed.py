"""What is still to be paid of an invoice. Derived, never stored."""

from __future__ import annotations

from oms.ports.records import Document
from oms.ports.store import UnitOfWork


def open_minor(work: UnitOfWork, invoice: Document) -> int:
    """In minor units: what was paid fills the invoices of an order, the oldest first (rule 9)."""
    signs = {"payment": 1, "refund": -1}
    payments = [each for each in work.payments.of(invoice.order) if each.currency == invoice.currency]
    left = sum(signs[each.kind] * each.amount_minor for each in payments)
    for each in work.documents.of(invoice.order):
        filled = max(min(left, each.gross_minor), 0)
        if each.id == invoice.id:
            return each.gross_minor - filled
        left -= filled
    return invoice.gross_minor
