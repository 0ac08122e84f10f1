"""What is shown: queries for lists and for one order. Reads only, on connections that never wait for a writer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from oms.errors import NotFound
from oms.ports.records import Document, DocumentFile, HistoryRow, Incident, OrderHead, TriggerRow
from oms.ports.views import IncidentLine, InvoiceFilter, InvoiceLine, MailLine, Note, OrderFilter, OrderLine, OrderView
from oms.store import invoice_list
from oms.store.held import OF_ORDER, VERSIONS
from oms.store.history import HISTORY, HISTORY_ITEMS, NOTES, TRIGGER_COLUMNS, TRIGGERS
from oms.store.incidents import INCIDENT_COLUMNS, INCIDENTS
from oms.store.mails import MESSAGES, RECIPIENTS
from oms.store.order_list import listed
from oms.store.orders import ORDERS
from oms.store.papers import FILE_COLUMNS, FILES, INVOICE_COLUMNS, INVOICES, PAPER_FILE_COLUMNS, PAPER_FILES, PAPERS
from oms.store.unit_of_work import SqlUnitOfWork

_EXTRA = select(ORDERS.c.customer_name, ORDERS.c.customer_email, ORDERS.c.gross_minor, ORDERS.c.document, VERSIONS.c.name, VERSIONS.c.number).where(
    ORDERS.c.id == bindparam("wanted"), OF_ORDER
)
_NOTES = select(NOTES.c.text, NOTES.c.actor, NOTES.c.at).where(NOTES.c.order == bindparam("wanted")).order_by(NOTES.c.id)
_TRIGGERS = select(*TRIGGER_COLUMNS).where(TRIGGERS.c.order == bindparam("wanted")).order_by(TRIGGERS.c.id)
_HISTORY = (
    select(
        HISTORY.c.trigger,
        HISTORY.c.hop,
        HISTORY.c.event,
        HISTORY.c.source,
        HISTORY.c.target,
        HISTORY.c.at,
        HISTORY.c.error,
        HISTORY_ITEMS.c.item,
        HISTORY_ITEMS.c.seq,
        TRIGGERS.c.actor,
        TRIGGERS.c.reason,
    )
    .join(HISTORY_ITEMS, HISTORY_ITEMS.c.history == HISTORY.c.id)
    .join(TRIGGERS, TRIGGERS.c.id == HISTORY.c.trigger)
    .where(HISTORY.c.order == bindparam("wanted"))
    .order_by(HISTORY.c.id, HISTORY_ITEMS.c.item)
)
_FILES = select(*FILE_COLUMNS).join(INVOICES, INVOICES.c.id == FILES.c.invoice).where(INVOICES.c.order == bindparam("wanted"), FILES.c.kind == "pdf")
_PAPER_FILES = (
    select(*PAPER_FILE_COLUMNS)
    .join(PAPERS, PAPERS.c.id == PAPER_FILES.c.paper)
    .where(PAPERS.c.order == bindparam("wanted"), PAPER_FILES.c.kind == "pdf")
)
_MAILS = (
    select(MESSAGES.c.id, ORDERS.c.reference, INVOICES.c.number, MESSAGES.c.job)
    .outerjoin(ORDERS, ORDERS.c.id == MESSAGES.c.order)
    .outerjoin(INVOICES, INVOICES.c.id == MESSAGES.c.invoice)
)


class Views:
    """Lists and single orders, as they are now."""

    def __init__(self, read: Callable[[], AbstractContextManager[SqlUnitOfWork]]) -> None:
        """Nothing is read yet; `read` begins a transaction that only reads."""
        self._read = read

    def order(self, reference: str, *, store: str | None = None) -> OrderView:
        """Everything about one order.

        Raises:
            NotFound: there is none of this reference, or several stores have one.
        """
        with self._read() as work:
            head = work.orders.named(reference, store=store)
            return _order(work.connection, work, head)

    def orders(self, wanted: OrderFilter) -> list[OrderLine]:
        """Newest first."""
        with self._read() as work:
            return listed(work.connection, wanted)

    def invoices(self, **wanted: Any) -> list[InvoiceLine]:
        """Newest first, with what is open of them and what became of their mails; keywords as the fields of `InvoiceFilter`."""
        with self._read() as work:
            return invoice_list.listed(work.connection, InvoiceFilter(**wanted))

    def unsent(self) -> list[Document]:
        """Papers with an automatic mail that the customer hasn't got, oldest first; some may still be on their way."""
        waiting = select(RECIPIENTS.c.message).where(RECIPIENTS.c.role == "to", RECIPIENTS.c.status != "sent")
        mailed = select(MESSAGES.c.invoice).where(MESSAGES.c.reason == "auto", MESSAGES.c.id.in_(waiting))
        with self._read() as work:
            rows = work.connection.execute(select(*INVOICE_COLUMNS).where(INVOICES.c.id.in_(mailed)).order_by(INVOICES.c.id))
            return [Document(*row) for row in rows]

    def mails(self, *, reference: str | None = None, undelivered: bool = False, limit: int = 50) -> list[MailLine]:
        """Newest first."""
        query = _MAILS.order_by(MESSAGES.c.id.desc())
        if reference is not None:
            query = query.where(ORDERS.c.reference == reference)
        lines: list[MailLine] = []
        with self._read() as work:
            for row in work.connection.execute(query):
                line = _mail(work, row)
                if not undelivered or any(each.status != "sent" for each in line.recipients):
                    lines.append(line)
                if len(lines) == limit:
                    break
        return lines

    def mail(self, message: int) -> MailLine:
        """One mail.

        Raises:
            NotFound: there is none of this number.
        """
        with self._read() as work:
            row = work.connection.execute(_MAILS.where(MESSAGES.c.id == message)).first()
            if row is None:
                raise NotFound(f"There is no mail {message}. `oms mail list` shows what there is.")
            return _mail(work, row)

    def incidents(self, *, closed: bool = False, limit: int = 50) -> list[IncidentLine]:
        """The open ones (or all), newest first."""
        query = select(*INCIDENT_COLUMNS, ORDERS.c.reference).outerjoin(ORDERS, ORDERS.c.id == INCIDENTS.c.order)
        query = query.order_by(INCIDENTS.c.id.desc()).limit(limit)
        if not closed:
            query = query.where(INCIDENTS.c.closed_at.is_(None))
        width = len(INCIDENT_COLUMNS)
        with self._read() as work:
            return [IncidentLine(Incident(*row[:width]), row[width]) for row in work.connection.execute(query)]


def _order(connection: Connection, work: SqlUnitOfWork, head: OrderHead) -> OrderView:
    wanted = {"wanted": head.id}
    extra = connection.execute(_EXTRA, wanted).one()
    files = {row.invoice: DocumentFile(*row) for row in connection.execute(_FILES, wanted)}
    paper_files = {row.paper: DocumentFile(*row) for row in connection.execute(_PAPER_FILES, wanted)}
    return OrderView(
        head=head,
        customer_name=extra.customer_name,
        customer_email=extra.customer_email,
        gross_minor=extra.gross_minor,
        document=extra.document,
        process=extra.name,
        process_number=extra.number,
        process_held=work.holds.reason(f"process:{extra.name}"),
        items=tuple(work.items.of(head.id)),
        timers=tuple(work.timers.of(head.id)),
        jobs=tuple(work.jobs.of(head.id)),
        payments=tuple(work.payments.of(head.id)),
        invoices=tuple((paper, files.get(paper.id)) for paper in work.documents.of(head.id)),
        printing=tuple(found for paper in work.documents.of(head.id) if (found := work.prints.find(paper.id)) is not None),
        papers=tuple((paper, paper_files.get(paper.id)) for paper in work.papers.of(head.id)),
        mails=tuple((message, tuple(work.mails.recipients(message.id))) for message in work.mails.of(head.id)),
        incidents=tuple(work.incidents.of(head.id)),
        notes=tuple(Note(*row) for row in connection.execute(_NOTES, wanted)),
        history=tuple(HistoryRow(*row) for row in connection.execute(_HISTORY, wanted)),
        triggers=tuple(TriggerRow(*row) for row in connection.execute(_TRIGGERS, wanted)),
    )


def _mail(work: SqlUnitOfWork, row: Any) -> MailLine:
    return MailLine(work.mails.get(row.id), row.reference, row.number, tuple(work.mails.recipients(row.id)), work.jobs.get(row.job))
