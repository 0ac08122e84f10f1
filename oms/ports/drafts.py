"""What is given to a port to be written: frozen rows that have no id yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be stored."""

    store: str
    reference: str
    version: int
    locale: str
    currency: str
    customer_name: str
    customer_email: str | None
    gross_minor: int
    document: str
    at: datetime
    lines: tuple[tuple[str, int, str], ...]  #: (sku, quantity, JSON text of its shares), line 1 first


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to be stored."""

    order: int
    line: int
    quantity: int
    state: str
    final: bool
    entered_at: datetime
    look_at: datetime | None
    ref: str | None


@dataclass(frozen=True, slots=True)
class NewHistory:
    """One hop of a group of items that came from one state."""

    trigger: int
    hop: int
    order: int
    event: str | None
    source: str | None
    target: str
    at: datetime
    items: tuple[tuple[int, int], ...]  #: (item, seq)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class NewTimer:
    """A timer to be armed."""

    order: int
    item: int
    moves: int
    event: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money to be booked."""

    order: int
    provider: str
    reference: str
    kind: str
    amount_minor: int
    currency: str
    at: datetime
    job: str | None = None
    message: int | None = None  #: of the inbox, that reported it
    paid_on: date | None = None  #: the day of the money, where it is not that of `at`


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper to be issued."""

    order: int
    store: str
    seller: str
    kind: str
    cause: str
    series: str
    seq: int
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    rounding_minor: int
    paid_minor: int
    parent: str
    reopens: bool
    snapshot: str
    sha256: str
    previous_sha256: str | None
    created_at: datetime
    billed: tuple[tuple[int, int, int], ...]  #: (line, item, quantity): what an invoice bills, or a credit note takes back


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper without number and money, to be made."""

    order: int
    store: str
    template: str
    cause: str
    snapshot: str
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A mail to be promised."""

    key: str
    order: int | None
    document: int | None
    template: str
    locale: str
    store: str
    message_id: str
    reason: str
    actor: str
    job: str
    context: str
    created_at: datetime
    recipients: tuple[tuple[str, str], ...]  #: (address, role)
