"""What is shown of orders: read in one go, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from oms.outbox import Job
from oms.ports.records import (
    Document,
    DocumentFile,
    HistoryRow,
    Incident,
    Item,
    Message,
    OrderHead,
    Paper,
    Payment,
    Printing,
    Recipient,
    TimerRow,
    TriggerRow,
)


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


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail in a list."""

    message: Message
    reference: str | None
    number: str | None
    recipients: tuple[Recipient, ...]
    job: Job


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in a list."""

    incident: Incident
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a list shows; None = all."""

    store: str | None = None
    process: str | None = None
    state: str | None = None
    search: str | None = None  #: part of reference, customer's name or e-mail
    attention: bool | None = None
    placed_from: date | None = None
    older_than: datetime | None = None  #: some open item has been where it is since before
    limit: int = 50
