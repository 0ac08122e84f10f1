"""What is shown: queries for lists and for one order. Reads only, on connections that never wait for a writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, true

from oms.errors import NotFound
from oms.outbox import REPLACED
from oms.ports.deeds import DeedFilter, DeedLine
from oms.ports.past import PastFilter, PastLine
from oms.ports.records import Document, Incident, Recipient
from oms.ports.views import (
    IncidentLine,
    InvoiceFilter,
    InvoiceLine,
    InvoiceSums,
    MailLine,
    OrderFilter,
    OrderLine,
    OrderView,
    Overview,
    PostLine,
    Work,
)
from oms.store import invoice_list
from oms.store.incidents import INCIDENT_COLUMNS, INCIDENTS
from oms.store.mails import MESSAGES, RECIPIENT_COLUMNS, RECIPIENTS, UNSENT
from oms.store.order_list import filtered, listed, placed_on
from oms.store.order_signs import signs_of
from oms.store.order_view import order_again, order_view
from oms.store.orders import ORDERS
from oms.store.papers import INVOICE_COLUMNS, INVOICES
from oms.store.past_list import past
from oms.store.planning import Unindexed
from oms.store.reservations import reserved
from oms.store.unit_of_work import SqlUnitOfWork
from oms.store.work_list import open_incidents, work_of

_MAILS = (
    select(MESSAGES.c.id, ORDERS.c.reference, INVOICES.c.number, MESSAGES.c.job)
    .outerjoin(ORDERS, ORDERS.c.id == MESSAGES.c.order)
    .outerjoin(INVOICES, INVOICES.c.id == MESSAGES.c.invoice)
)

_POST = (
    select(MESSAGES.c.id, MESSAGES.c.template, ORDERS.c.reference, INVOICES.c.number, MESSAGES.c.created_at)
    .join(ORDERS, ORDERS.c.id == MESSAGES.c.order)
    .outerjoin(INVOICES, INVOICES.c.id == MESSAGES.c.invoice)
)
_REACHED_NOT_ALL = MESSAGES.c.id.in_(select(RECIPIENTS.c.message).where(UNSENT))
_NEWEST = 200
"""Incidents that an overview looks at."""


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
        with self.whole(reference, store=store) as (_work, view):
            return view

    @contextmanager
    def whole(self, reference: str, *, store: str | None = None) -> Iterator[tuple[SqlUnitOfWork, OrderView]]:
        """The same, with the transaction that read it: what is asked of this order in it costs no query.

        Raises:
            NotFound: there is none of this reference, or several stores have one.
        """
        with self._read() as work:
            yield work, order_view(work, work.orders.named(reference, store=store))

    @contextmanager
    def again(self, order: int) -> Iterator[tuple[SqlUnitOfWork, OrderView]]:
        """An order that was looked up before, as it is now: one question.

        Raises:
            NotFound: it is gone.
        """
        with self._read() as work:
            yield work, order_again(work, order)

    def signs(self, reference: str, *, store: str) -> tuple[int, ...]:
        """`OrderView.signs` of an order as it is now: one question.

        Raises:
            NotFound: there is none.
        """
        with self._read() as work:
            found = signs_of(work.connection, reference, store=store)
            return found or order_view(work, work.orders.named(reference, store=store)).signs

    def snapshots(self, order: int) -> dict[int, str]:
        """Invoice or credit note to what stands on it, of all of an order: one question."""
        with self._read() as work:
            rows = work.connection.execute(select(INVOICES.c.id, INVOICES.c.snapshot).where(INVOICES.c.order == order))
            return {row.id: row.snapshot for row in rows}

    def orders(self, wanted: OrderFilter) -> list[OrderLine]:
        """Newest first."""
        with self._read() as work:
            return listed(work.connection, wanted)

    def order_ids(self, wanted: OrderFilter) -> list[int]:
        """The same orders by their ids alone: one question."""
        with self._read() as work:
            return [row.id for row in work.connection.execute(filtered(wanted))]

    def has_orders(self, store: str) -> bool:
        """Whether a store has had any."""
        with self._read() as work:
            return work.connection.execute(select(ORDERS.c.id).where(ORDERS.c.store == store).limit(1)).first() is not None

    def reserved(self, states: Mapping[int, Sequence[str]], *, store: str | None, sku: str | None, after: str, limit: int) -> dict[str, int]:
        """Article to its reserved units; see `oms.store.reservations`."""
        with self._read() as work:
            return reserved(work.connection, states, store=store, sku=sku, after=after, limit=limit)

    def invoices(self, **wanted: Any) -> list[InvoiceLine]:
        """Newest first, with what is open of them and what became of their mails; keywords as the fields of `InvoiceFilter`."""
        with self._read() as work:
            return invoice_list.listed(work.connection, InvoiceFilter(**wanted))

    def invoice_sums(self, **wanted: Any) -> list[InvoiceSums]:
        """What all of them come to, by currency, whatever the page; keywords as the fields of `InvoiceFilter`."""
        with self._read() as work:
            return invoice_list.summed(work.connection, InvoiceFilter(**wanted))

    def unsent(self) -> list[Document]:
        """Papers with an automatic mail that the customer hasn't got, oldest first; some may still be on their way."""
        waiting = select(RECIPIENTS.c.message).where(RECIPIENTS.c.role == "to", UNSENT)
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
                if not undelivered or any(each.status != "sent" and each.code != REPLACED for each in line.recipients):
                    lines.append(line)
                if len(lines) == limit:
                    break
        return lines

    def post(self, store: str, *, undelivered: bool, after: int | None, limit: int) -> list[PostLine]:
        """The mails of a store's orders, newest first: two questions."""
        query = _POST.where(Unindexed(ORDERS.c.store) == store).order_by(MESSAGES.c.id.desc()).limit(limit)
        if undelivered:
            query = query.where(_REACHED_NOT_ALL)
        if after is not None:
            query = query.where(MESSAGES.c.id < after)
        with self._read() as work:
            rows = work.connection.execute(query).all()
            wanted = select(*RECIPIENT_COLUMNS).where(RECIPIENTS.c.message.in_([row.id for row in rows])).order_by(RECIPIENTS.c.address)
            found = [Recipient(*row) for row in work.connection.execute(wanted)]
        return [PostLine(*row, tuple(each for each in found if each.message == row.id)) for row in rows]

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

    def deeds(self, **wanted: Any) -> list[DeedLine]:
        """Who did what, the newest first; keywords as the fields of `DeedFilter`."""
        with self._read() as work:
            return work.deeds.list(DeedFilter(**wanted))

    def overview(self, store: str, *, today: date) -> Overview:
        """How a store stands: four questions. The day is one in UTC, as that of `OrderFilter.placed_from`."""
        attention = select(ORDERS.c.store, func.count().label("number")).where(ORDERS.c.attention.is_(true())).group_by(ORDERS.c.store)
        with self._read() as work:
            troubled: dict[str, int] = {row.store: row.number for row in work.connection.execute(attention)}
            numbers = select(placed_on(store, today).scalar_subquery(), _unsent(store).scalar_subquery())
            placed, unsent = work.connection.execute(numbers).one()
            incidents = open_incidents(work.connection, store, limit=_NEWEST)
            return Overview(tuple(work.counts.of(store)), troubled, placed, unsent, incidents)

    def work(self, store: str) -> Work:
        """What failed there and what waits for a worker: three questions."""
        with self._read() as work:
            return work_of(work.connection, store)

    def past(self, wanted: PastFilter) -> list[PastLine]:
        """What happened to all orders of a store, the newest first: two questions."""
        with self._read() as work:
            return past(work.connection, wanted)

    def incidents(self, *, closed: bool = False, limit: int = 50) -> list[IncidentLine]:
        """The open ones (or all), newest first."""
        query = select(*INCIDENT_COLUMNS, ORDERS.c.reference).outerjoin(ORDERS, ORDERS.c.id == INCIDENTS.c.order)
        query = query.order_by(INCIDENTS.c.id.desc()).limit(limit)
        if not closed:
            query = query.where(INCIDENTS.c.closed_at.is_(None))
        width = len(INCIDENT_COLUMNS)
        with self._read() as work:
            return [IncidentLine(Incident(*row[:width]), row[width]) for row in work.connection.execute(query)]


def _unsent(store: str) -> Select[int]:
    """The query for how many mails the outbox shows as undelivered."""
    return select(func.count()).select_from(MESSAGES).where(_REACHED_NOT_ALL, MESSAGES.c.store == store, MESSAGES.c.order.is_not(None))


def _mail(work: SqlUnitOfWork, row: Any) -> MailLine:
    return MailLine(work.mails.get(row.id), row.reference, row.number, tuple(work.mails.recipients(row.id)), work.jobs.get(row.job))
