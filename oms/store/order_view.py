"""Everything about one order, in one question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, bindparam, literal, select

from oms.ports.printing import Printing
from oms.ports.records import DocumentFile, HistoryRow, OrderHead, Recipient, TriggerRow
from oms.ports.views import Note, OrderView
from oms.store.ahead import read_ahead
from oms.store.erasures import LAST_ERASED
from oms.store.held import HOLDS, OF_ORDER, VERSIONS
from oms.store.history import HISTORY, HISTORY_ITEMS, NOTES, TRIGGER_COLUMNS, TRIGGERS
from oms.store.incidents import INCIDENTS_OF
from oms.store.items import ITEMS_OF
from oms.store.jobs import JOBS_OF
from oms.store.mails import MESSAGES, MESSAGES_OF, RECIPIENT_COLUMNS, RECIPIENTS
from oms.store.orders import DOCUMENT_OF, HEAD_OF, ORDERS, SHARES_OF
from oms.store.papers import BILLED_OF, DOCUMENTS_OF, FILE_COLUMNS, FILES, INVOICES, PAPER_FILE_COLUMNS, PAPER_FILES, PAPERS, PAPERS_OF, SAID_OF
from oms.store.payments import PAYMENTS_OF
from oms.store.printing import PRINT_COLUMNS, PRINTS
from oms.store.timers import TIMERS_OF
from oms.store.unit_of_work import SqlUnitOfWork

_WANTED: BindParameter[int] = bindparam("wanted")
_HELD = select(HOLDS.c.reason).where(HOLDS.c.subject == literal("process:") + VERSIONS.c.name).scalar_subquery()
_EXTRA = select(
    ORDERS.c.customer_name,
    ORDERS.c.customer_email,
    ORDERS.c.gross_minor,
    ORDERS.c.document,
    VERSIONS.c.name,
    VERSIONS.c.number,
    _HELD.label("held"),
    LAST_ERASED.label("erased_at"),
).where(ORDERS.c.id == _WANTED, OF_ORDER)
_NOTES = select(NOTES.c.text, NOTES.c.actor, NOTES.c.at).where(NOTES.c.order == _WANTED).order_by(NOTES.c.id)
_TRIGGERS = select(*TRIGGER_COLUMNS).where(TRIGGERS.c.order == _WANTED).order_by(TRIGGERS.c.id)
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
    .where(HISTORY.c.order == _WANTED)
    .order_by(HISTORY.c.id, HISTORY_ITEMS.c.item)
)
_FILES = select(*FILE_COLUMNS).join(INVOICES, INVOICES.c.id == FILES.c.invoice).where(INVOICES.c.order == _WANTED, FILES.c.kind == "pdf")
_PAPER_FILES = (
    select(*PAPER_FILE_COLUMNS).join(PAPERS, PAPERS.c.id == PAPER_FILES.c.paper).where(PAPERS.c.order == _WANTED, PAPER_FILES.c.kind == "pdf")
)
_PRINTING = select(*PRINT_COLUMNS).join(INVOICES, INVOICES.c.id == PRINTS.c.invoice).where(INVOICES.c.order == _WANTED).order_by(PRINTS.c.invoice)
_RECIPIENTS = (
    select(*RECIPIENT_COLUMNS)
    .join(MESSAGES, MESSAGES.c.id == RECIPIENTS.c.message)
    .where(MESSAGES.c.order == _WANTED)
    .order_by(RECIPIENTS.c.message, RECIPIENTS.c.role.desc(), RECIPIENTS.c.address)
)
_OWN = (_EXTRA, _FILES, _PAPER_FILES, _PRINTING, _RECIPIENTS, _NOTES, _HISTORY, _TRIGGERS)
EVERYTHING = (
    *_OWN,
    HEAD_OF,
    DOCUMENT_OF,
    SHARES_OF,
    ITEMS_OF,
    TIMERS_OF,
    JOBS_OF,
    PAYMENTS_OF,
    DOCUMENTS_OF,
    BILLED_OF,
    PAPERS_OF,
    SAID_OF,
    MESSAGES_OF,
    INCIDENTS_OF,
)
"""What is read ahead: the view itself, and what is reckoned of an order."""


def order_again(work: SqlUnitOfWork, order: int) -> OrderView:
    """The same of an order whose id is known, its head read along with the rest."""
    read_ahead(work.wire, EVERYTHING, order)
    return _view(work, work.orders.get(order))


def order_view(work: SqlUnitOfWork, head: OrderHead) -> OrderView:
    """Everything about one order. What repositories are asked of it afterwards costs no query."""
    read_ahead(work.wire, EVERYTHING, head.id)
    return _view(work, head)


def _view(work: SqlUnitOfWork, head: OrderHead) -> OrderView:
    (extra,), stored, made, printing, addressed, notes, history, triggers = (work.wire.known[statement, head.id] for statement in _OWN)
    files, paper_files = _by_paper(stored), _by_paper(made)
    recipients: dict[int, list[Recipient]] = defaultdict(list)
    for row in addressed:
        recipients[row.message].append(Recipient(*row))
    return OrderView(
        head=head,
        customer_name=extra.customer_name,
        customer_email=extra.customer_email,
        gross_minor=extra.gross_minor,
        document=extra.document,
        process=extra.name,
        process_number=extra.number,
        process_held=extra.held,
        items=tuple(work.items.of(head.id)),
        timers=tuple(work.timers.of(head.id)),
        jobs=tuple(work.jobs.of(head.id)),
        payments=tuple(work.payments.of(head.id)),
        invoices=tuple((paper, files.get(paper.id)) for paper in work.documents.of(head.id)),
        printing=tuple(Printing(*row) for row in printing),
        papers=tuple((paper, paper_files.get(paper.id)) for paper in work.papers.of(head.id)),
        mails=tuple((message, tuple(recipients[message.id])) for message in work.mails.of(head.id)),
        incidents=tuple(work.incidents.of(head.id)),
        notes=tuple(Note(*row) for row in notes),
        history=tuple(HistoryRow(*row) for row in history),
        triggers=tuple(TriggerRow(*row) for row in triggers),
        erased_at=extra.erased_at,
    )


def _by_paper(rows: Iterable[Any]) -> dict[int, DocumentFile]:
    return {row[0]: DocumentFile(*row) for row in rows}
