"""What is shown of orders: read in one go, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from oms.outbox import Job, JobStatus
from oms.ports.operations import StateCount
from oms.ports.printing import Printing
from oms.ports.records import Document, DocumentFile, HistoryRow, Incident, Item, Message, OrderHead, Paper, Payment, Recipient, TimerRow, TriggerRow

PaymentState = Literal["open", "partly paid", "paid", "overdue", "credited"]
"""How an invoice stands: derived, never stored."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark."""

    text: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything about one order."""

    head: OrderHead
    customer_name: str
    customer_email: str | None
    gross_minor: int
    document: str  #: JSON text
    process: str
    process_number: int
    process_held: str | None
    items: tuple[Item, ...]
    timers: tuple[TimerRow, ...]
    jobs: tuple[Job, ...]
    payments: tuple[Payment, ...]
    invoices: tuple[tuple[Document, DocumentFile | None], ...]
    printing: tuple[Printing, ...]  #: of the invoices that no mail carries
    papers: tuple[tuple[Paper, DocumentFile | None], ...]
    mails: tuple[tuple[Message, tuple[Recipient, ...]], ...]
    incidents: tuple[Incident, ...]
    notes: tuple[Note, ...]
    history: tuple[HistoryRow, ...]
    triggers: tuple[TriggerRow, ...]
    erased_at: datetime | None = None  #: when its customer was erased last

    @property
    def signs(self) -> tuple[int, ...]:
        """Others as soon as what is shown has changed: the last trigger, mails on their way, PDFs, notes, incidents, jobs."""
        return (
            self.triggers[-1].id,
            sum(each.status == "pending" for _, recipients in self.mails for each in recipients),
            sum(file is not None for _, file in self.invoices),
            sum(file is not None for _, file in self.papers),
            len(self.notes),
            len(self.incidents),
            sum(job.claims for job in self.jobs),
            sum(job.error is not None for job in self.jobs),
        )


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order in a list."""

    store: str
    reference: str
    customer_name: str
    gross_minor: int
    currency: str
    process: str
    placed_at: datetime
    states: Mapping[str, int]  #: state to the number of items in it
    since: datetime  #: the longest time that an open item has been where it is
    attention: bool
    held: str | None
    id: int = 0  #: where a list goes on


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One paper in a list."""

    document: Document
    reference: str
    customer_name: str
    customer_email: str | None
    file: DocumentFile | None
    mail: str  #: `sent`, `partly sent`, `queued`, `failed`, `to print`, `printed`, `none`
    open_minor: int  #: what is still to be paid of it
    asked_minor: int = 0  #: what it asks for, its credit notes taken off


@dataclass(frozen=True, slots=True)
class InvoiceSums:
    """What invoices of one currency come to together, in minor units, their credit notes taken off."""

    currency: str
    invoices: int
    open_minor: int  #: what is still to be paid, the overdue part of it included
    overdue_minor: int
    paid_minor: int


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail in a list."""

    message: Message
    reference: str | None
    number: str | None
    recipients: tuple[Recipient, ...]
    job: Job


@dataclass(frozen=True, slots=True)
class PostLine:
    """One mail of a store in a list."""

    id: int
    template: str
    reference: str  #: of the order
    number: str | None  #: of the invoice that it carries
    created_at: datetime
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """How a store stands."""

    counts: tuple[StateCount, ...]  #: of open items, as they were counted last
    attention: Mapping[str, int]  #: orders that need it, by store: of the others, too
    placed: int  #: orders of the day that was asked for
    unsent: int  #: mails that not everybody has got
    incidents: tuple[IncidentLine, ...]  #: open ones, the newest first


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in a list."""

    incident: Incident
    reference: str | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job in a list."""

    id: str
    name: str
    reference: str  #: of the order
    status: JobStatus
    attempts: int
    next_at: datetime | None
    error: str | None  #: of the last try
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What failed in a store, and what still waits for a worker."""

    incidents: tuple[IncidentLine, ...]  #: open ones of its orders, the newest first
    jobs: tuple[JobLine, ...]  #: what runs, then what is due first


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a list shows; None = all."""

    store: str | None = None
    process: str | None = None
    states: tuple[str, ...] = ()  #: some item is in one of them
    states_are_open: bool = False  #: none of these states is final, in any version: then only what is open is read
    without_states: tuple[str, ...] = ()  #: no item is in one of them
    flagged: Mapping[int, tuple[str, ...]] | None = None  #: version to states; some item is in one of those of its version
    search: str | None = None  #: what words of reference, customer's name and e-mail begin with
    sku: str | None = None  #: some line is of it
    attention: bool | None = None
    placed_from: date | None = None  #: that day in UTC, or later
    placed_to: date | None = None  #: that day in UTC, or earlier
    older_than: datetime | None = None  #: some open item has been where it is since before
    newer_than: datetime | None = None  #: the same item has been there since then, or later
    least_minor: int | None = None  #: the least that an order comes to, in minor units
    most_minor: int | None = None  #: the most
    currency: str | None = None  #: of these amounts
    open_states: tuple[str, ...] = ()  #: all in which items can be open: what `older_than` looks through
    after: int | None = None  #: the id of the last one that was shown
    oldest_first: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which papers a list shows; None = all."""

    store: str | None = None
    reference: str | None = None  #: of the order
    kind: str | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    to_print: bool = False
    payment_state: PaymentState | None = None
    today: Mapping[str, date] = field(default_factory=dict)  #: store to the day that it is there; "" for any other: what is overdue
    after: int | None = None  #: the id of the last one that was shown
    limit: int = 50
