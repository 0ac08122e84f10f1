"""What crosses the ports: frozen rows without behaviour. Times are aware UTC, money is in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OrderHead:
    """The row that is the lock of an order. The document itself is loaded on demand."""

    id: int
    store: str
    reference: str
    version: int  #: the process version it began with
    currency: str
    locale: str
    placed_at: datetime
    last_at: datetime  #: time of its last change; a trigger's clock is never before it
    held: str | None  #: why it is on hold
    attention: bool  #: an incident may be open


@dataclass(frozen=True, slots=True)
class Item:
    """Where a line of an order, or a part of it, stands."""

    id: int
    order: int
    line: int
    part: int  #: 0 = the line's first item; after a split 1, 2, …
    quantity: int
    state: str
    entered_at: datetime
    moves: int  #: counts the stays
    seq: int  #: counts the history rows
    look_at: datetime | None
    look_pause: int | None  #: seconds; 0: woken while it was looked at
    attempts: int
    error: str | None
    ref: str | None
    split_from: int | None

    @property
    def label(self) -> str:
        """How people address it: `2`, after a split `2.1`."""
        return f"{self.line}.{self.part}" if self.part else str(self.line)


@dataclass(frozen=True, slots=True)
class TimerRow:
    """An event that waits for its time."""

    id: int
    order: int
    item: int
    moves: int
    event: str
    due_at: datetime
    attempts: int
    next_at: datetime | None  #: None: given up, an incident is open
    error: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came, was ordered to go back, or is promised by the customer's bank."""

    id: int
    order: int
    provider: str
    reference: str
    kind: str  #: `payment`, `refund`, or `authorization`, which counts as nothing paid
    amount_minor: int
    currency: str
    at: datetime  #: when it was booked
    paid_on: date | None  #: the day of the money, where somebody said it


@dataclass(frozen=True, slots=True)
class Billed:
    """One entry of the billing ledger: so many units of an order line stand on a document."""

    document: int
    line: int
    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Document:
    """An issued paper. The snapshot is loaded on demand."""

    id: int
    order: int
    store: str
    kind: str  #: `invoice` or `credit_note`
    number: str
    cause: str
    issued_on: date
    due_on: date | None
    currency: str
    gross_minor: int
    rounding_minor: int  #: BT-114, what the customer pays beside it
    paid_minor: int  #: printed as paid (rule 9)
    parent: str  #: of a credit note: the id of the invoice that it takes back; else empty
    reopens: bool  #: of a credit note: what the invoice billed is to be billed anew
    sha256: str
    created_at: datetime

    @property
    def payable_minor(self) -> int:
        """What it asks for, or gives back."""
        return self.gross_minor + self.rounding_minor

    @property
    def signed_minor(self) -> int:
        """The same, less than nothing when it is given back."""
        return -self.payable_minor if self.parent else self.payable_minor


@dataclass(frozen=True, slots=True)
class Paper:
    """Any other paper of an order, a delivery note, say. The snapshot is loaded on demand."""

    id: int
    order: int
    store: str
    template: str
    cause: str  #: the hop that wanted it; `3:1.2`: the second of this hop, with other items
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A rendered file of a document or of another paper, stored once."""

    document: int
    kind: str
    sha256: str
    size: int
    key: str
    made_with: str | None = None  #: key of what it was made of; None: it was not kept


@dataclass(frozen=True, slots=True)
class Message:
    """A mail that was promised. `eml_key` is set once its bytes are stored."""

    id: int
    key: str
    order: int | None
    document: int | None
    template: str
    locale: str
    store: str
    message_id: str
    reason: str  #: `auto`, `resend`, `force`; `other`: to somebody else than the customer
    actor: str  #: who asked for it; of an automatic one: who let the event happen
    job: str  #: delivers it
    context: str  #: JSON text, frozen by the command
    eml_key: str | None
    eml_sha256: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """One envelope address of a message and what became of it."""

    message: int
    address: str
    role: str  #: `to` or `bcc`
    status: str  #: `pending`, `sent`, `refused`, `gave_up`
    code: str | None
    text: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A trigger that happened, with its answer (rule 11)."""

    id: int
    order: int
    key: str
    event: str
    actor: str
    cause: str | None
    reason: str | None
    payload: str | None
    request_sha256: str
    answer: str | None
    at: datetime
    request_id: str | None = None  #: of the call that asked for it, `X-Request-Id`
    traceparent: str | None = None  #: the trace to which that belongs (W3C)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One hop of one item, as it is shown."""

    trigger: int
    hop: int
    event: str
    source: str | None
    target: str
    at: datetime
    error: str | None
    item: int
    seq: int
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs attention."""

    id: int
    kind: str
    subject: str
    order: int | None
    item: int | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """A deployed (or once deployed) content of a process file."""

    id: int
    name: str
    number: int
    sha256: str
    graph: str  #: canonical JSON text
    source_sha256: str
    created_at: datetime
