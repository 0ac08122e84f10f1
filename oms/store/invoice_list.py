"""Issued papers as lists show them: what is still to be paid of each, and what became of its mails. A page takes two queries, however long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.engine import Connection

from oms.engine.mailing import OTHER
from oms.ports.records import Document, DocumentFile
from oms.ports.views import InvoiceFilter, InvoiceLine, InvoiceSums
from oms.store.mails import MESSAGES, RECIPIENTS
from oms.store.orders import ORDERS
from oms.store.papers import FILE_COLUMNS, FILES, INVOICE_COLUMNS, INVOICES
from oms.store.planning import Unindexed
from oms.store.printing import PRINTS
from oms.store.standing import STANDINGS, is_in, sums

_OF_CUSTOMER = (ORDERS.c.reference, ORDERS.c.customer_name, ORDERS.c.customer_email)


def listed(connection: Connection, wanted: InvoiceFilter) -> list[InvoiceLine]:
    """The papers that are wanted, newest first, at most `limit` of them."""
    query = (
        select(*INVOICE_COLUMNS, *_OF_CUSTOMER, STANDINGS.c.open_minor, STANDINGS.c.paid_minor, PRINTS.c.invoice, PRINTS.c.printed_at, *FILE_COLUMNS)
        .join(STANDINGS, STANDINGS.c.invoice == INVOICES.c.id)
        .join(ORDERS, ORDERS.c.id == INVOICES.c.order)
        .outerjoin(PRINTS, PRINTS.c.invoice == INVOICES.c.id)
        .outerjoin(FILES, (FILES.c.invoice == INVOICES.c.id) & (FILES.c.kind == "pdf"))
        .limit(wanted.limit)
    )
    query = _of_state(query, wanted) if wanted.payment_state else _of_any(query, wanted)
    rows: Sequence[Any] = connection.execute(query).all()
    width = len(INVOICE_COLUMNS)
    papers = [Document(*row[:width]) for row in rows]
    mails = _mails(connection, [paper.id for paper in papers])
    lines = []
    for row, paper in zip(rows, papers, strict=True):
        reference, name, address, open_minor, paid_minor, to_print, printed_at, *file = row[width:]
        state = _state(mails.get(paper.id, []), printing=None if to_print is None else printed_at is not None)
        pdf = DocumentFile(*file) if file[0] else None
        lines.append(InvoiceLine(paper, reference, name, address, pdf, state, open_minor, open_minor + paid_minor))
    return lines


def summed(connection: Connection, wanted: InvoiceFilter) -> list[InvoiceSums]:
    """What all invoices come to that are wanted, on whatever page, by currency."""
    return sums(connection, wanted, [*_clauses(wanted, STANDINGS.c.invoice, STANDINGS.c.kind), *_issued(wanted, STANDINGS.c.issued_on)])


def _of_state(query: Select[Any], wanted: InvoiceFilter) -> Select[Any]:
    """Found by how they stand: none is looked at that stands otherwise."""
    clauses = [is_in(wanted), *_clauses(wanted, STANDINGS.c.invoice, STANDINGS.c.kind), *_issued(wanted, Unindexed(STANDINGS.c.issued_on))]
    if wanted.store is not None:
        clauses.append(STANDINGS.c.store == wanted.store)
    if wanted.after is not None:
        clauses.append(STANDINGS.c.invoice < wanted.after)
    return query.where(*clauses).order_by(STANDINGS.c.invoice.desc())


def _of_any(query: Select[Any], wanted: InvoiceFilter) -> Select[Any]:
    """Walked from the newest, or from the newest of a period, until there are enough."""
    clauses = _clauses(wanted, INVOICES.c.id, INVOICES.c.kind)
    if wanted.issued_from or wanted.issued_to:
        period = select(func.max(INVOICES.c.id)).where(*_issued(wanted, INVOICES.c.issued_on))
        period = period if wanted.store is None else period.where(INVOICES.c.store == wanted.store)
        clauses += [INVOICES.c.id <= period.scalar_subquery(), *_issued(wanted, Unindexed(INVOICES.c.issued_on))]
    if wanted.store is not None:
        clauses.append((INVOICES.c.store if wanted.kind else Unindexed(INVOICES.c.store)) == wanted.store)
    if wanted.after is not None:
        clauses.append(INVOICES.c.id < wanted.after)
    return query.where(*clauses).order_by(INVOICES.c.id.desc())


def _clauses(wanted: InvoiceFilter, paper: ColumnElement[int], kind: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """Which papers are wanted, but for their store, their day, how they stand, and where the page begins."""
    clauses: list[ColumnElement[bool]] = []
    if wanted.reference is not None:
        of_order = select(INVOICES.c.id).join(ORDERS, ORDERS.c.id == INVOICES.c.order).where(ORDERS.c.reference == wanted.reference)
        clauses.append(paper.in_(of_order))
    if wanted.kind is not None:
        clauses.append(kind == wanted.kind)
    if wanted.to_print:
        clauses.append(paper.in_(select(PRINTS.c.invoice).where(PRINTS.c.printed_at.is_(None))))
    return clauses


def _issued(wanted: InvoiceFilter, day: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """In the period that is wanted."""
    first, last = wanted.issued_from, wanted.issued_to
    return [clause for clause in (None if first is None else day >= first, None if last is None else day <= last) if clause is not None]


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
