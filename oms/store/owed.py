"""What is still to be paid of an invoice. Derived, never stored."""

from __future__ import annotations

from oms.engine.ledger import open_amounts
from oms.ports.records import Document
from oms.ports.store import UnitOfWork


def open_minor(work: UnitOfWork, invoice: Document) -> int:
    """In minor units; nothing of a credit note."""
    signs = {"payment": 1, "refund": -1}
    payments = [each for each in work.payments.of(invoice.order) if each.currency == invoice.currency]
    paid = sum(signs[each.kind] * each.amount_minor for each in payments)
    return open_amounts(work.documents.of(invoice.order), paid).get(invoice.id, 0)
