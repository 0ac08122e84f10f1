"""Issued papers as lists show them: what is still to be paid of each, and what became of its mails. A page takes three queries, however long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from oms.engine.ledger import asked_amounts, open_amounts
from oms.engine.mailing import OTHER
from oms.ports.records import Document, DocumentFile
from oms.ports.views import InvoiceFilter, InvoiceLine, InvoiceSums
from oms.store.mails import MESSAGES, RECIPIENTS
from oms.store.orders import ORDERS
from oms.store.papers import FILE_COLUMNS, FILES, INVOICE_COLUMNS, INVOICES
from oms.store.planning import Unindexed
from oms.store.printing import PRINTS
from oms.store.standing import in_state, paid_of, sums

_OF_CUSTOMER = (ORDERS.c.reference, ORDERS.c.customer_name, ORDERS.c.customer_email)


def listed(connection: Connection, wanted: InvoiceFilter) -> list[InvoiceLine]:
    """The papers that are wanted, newest first, at most `limit` of them."""
    query = (
        select(*INVOICE_COLUMNS, *_OF_CUSTOMER, PRINTS.c.invoice, PRINTS.c.printed_at, *FILE_COLUMNS)
        .join(ORDERS, ORDERS.c.id == INVOICES.c.order)
        .outerjoin(PRINTS, PRINTS.c.invoice == INVOICES.c.id)
        .outerjoin(FILES, (FILES.c.invoice == INVOICES.c.id) & (FILES.c.kind == "pdf"))
        .order_by(INVOICES.c.id.desc())
        .limit(wanted.limit)
    )
    clauses = _clauses(wanted)
    query = query.where(*clauses)
    if wanted.store is not None:
        is_narrow = wanted.kind or wanted.issued_from or wanted.issued_to or wanted.payment_state
        query = query.where((INVOICES.c.store if is_narrow else Unindexed(INVOICES.c.store)) == wanted.store)
    if wanted.payment_state is not None:
        query = query.where(in_state(wanted, clauses))
    if wanted.after is not None:
        query = query.where(INVOICES.c.id < wanted.after)
    rows: Sequence[Any] = connection.execute(query).all()
    width = len(INVOICE_COLUMNS)
    papers = [Document(*row[:width]) for row in rows]
    still_open = _open(connection, {paper.order for paper in papers})
    mails = _mails(connection, [paper.id for paper in papers])
    lines = []
    for row, paper in zip(rows, papers, strict=True):
        reference, name, address, to_print, printed_at, *file = row[width:]
        state = _state(mails.get(paper.id, []), printing=None if to_print is None else printed_at is not None)
        pdf = DocumentFile(*file) if file[0] else None
        lines.append(InvoiceLine(paper, reference, name, address, pdf, state, *still_open.get(paper.id, (0, 0))))
    return lines


def summed(connection: Connection, wanted: InvoiceFilter) -> list[InvoiceSums]:
    """What all invoices come to that are wanted, on whatever page, by currency."""
    return sums(connection, wanted, _clauses(wanted))


def _clauses(wanted: InvoiceFilter) -> list[Any]:
    """Which papers are wanted, but for the store, how they stand, and where the page begins."""
    clauses: list[Any] = []
    if wanted.reference is not None:
        clauses.append(INVOICES.c.order.in_(select(ORDERS.c.id).where(ORDERS.c.reference == wanted.reference)))
    if wanted.kind is not None:
        clauses.append(INVOICES.c.kind == wanted.kind)
    if wanted.issued_from is not None:
        clauses.append(INVOICES.c.issued_on >= wanted.issued_from)
    if wanted.issued_to is not None:
        clauses.append(INVOICES.c.issued_on <= wanted.issued_to)
    if wanted.to_print:
        clauses.append(INVOICES.c.id.in_(select(PRINTS.c.invoice).where(PRINTS.c.printed_at.is_(None))))
    return clauses


def _open(connection: Connection, orders: Collection[int]) -> dict[int, tuple[int, int]]:
    """Invoice to what is still to be paid of it, and what it asks for, of these orders."""
    known = paid_of(orders)
    of_order = (known.c.order == INVOICES.c.order) & (known.c.currency == INVOICES.c.currency)
    query = select(*INVOICE_COLUMNS, func.coalesce(known.c.paid, 0)).outerjoin(known, of_order).where(INVOICES.c.order.in_(orders))
    papers: dict[int, list[Document]] = defaultdict(list)
    paid: dict[tuple[int, str], int] = {}
    for *row, paid_minor in connection.execute(query.order_by(INVOICES.c.id)):
        paper = Document(*row)
        papers[paper.order].append(paper)
        paid[paper.order, paper.currency] = int(paid_minor)
    found: dict[int, tuple[int, int]] = {}
    for order, of in papers.items():
        asked = asked_amounts(of)
        found |= {invoice: (minor, asked[invoice]) for invoice, minor in open_amounts(of, paid[order, of[0].currency]).items()}
    return found


def _mails(connection: Connection, invoices: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Invoice to (status, role) of everybody who was to get it."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    query = select(MESSAGES.c.invoice, RECIPIENTS.c.status, RECIPIENTS.c.role).join(RECIPIENTS, RECIPIENTS.c.message == MESSAGES.c.id)
    for invoice, status, role in connection.execute(query.where(MESSAGES.c.invoice.in_(invoices), MESSAGES.c.reason != OTHER)):
        found[invoice].append((status, role))
    return found


def _state(recipients: Sequence[tuple[str, str]], *, printing: bool | None) -> str:
    """Derived from the customer's and the copies' recipients; `printing`: whether it was printed, None: it need not be."""
    if printing is not None:
        return "printed" if printing else "to print"
    if not recipients:
        return "none"
    if all(status == "sent" for status, _ in recipients):
        return "sent"
    if any(status == "pending" for status, _ in recipients):
        return "queued"
    reached = any(status == "sent" and role != "bcc" for status, role in recipients)  # the shop's own copy reaches nobody
    return "partly sent" if reached else "failed"
