"""Money, papers and mails."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field

STANDING = ("order", "id", "parent", "kind", "currency", "gross_minor", "rounding_minor", "due_on", "store", "issued_on")
"""All that says how invoices stand (`oms.store.standing`): the wide rows with their snapshots are not read for it."""

PAID = ("order", "currency", "kind", "amount_minor", "job")
"""And all that says what was paid of them."""


SUMMED = ("kind", "currency", "state", "due_on", "open_minor", "paid_minor")
"""And all that is added up of how they stand."""


class PaymentRow(SQLModel, table=True):
    """Money that came (`payment`), was ordered to go back (`refund`), or may be fetched (`authorization`). A reference is booked once."""

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("provider", "reference", "kind"), Index("ix_payment_standing", *PAID))

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id")
    provider: str
    reference: str
    kind: str
    amount_minor: int
    currency: str
    job: str | None = Field(default=None, index=True)  #: of a refund: the job that carries it out
    message: int | None = Field(default=None, index=True)  #: of the inbox, that reported it
    at: datetime = time_field()
    paid_on: date | None = None  #: the day of the money, where somebody said it


class NumberSeriesRow(SQLModel, table=True):
    """The last number drawn, per store, kind and year."""

    __tablename__ = "number_series"

    key: str = Field(primary_key=True)
    last: int = 0
    last_date: date


class InvoiceRow(SQLModel, table=True):
    """An issued paper: never updated, never deleted (database triggers)."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series", "seq"),
        UniqueConstraint("store", "number"),
        UniqueConstraint("order", "seller", "kind", "cause", "parent"),
        Index("ix_invoice_store_issued_on", "store", "issued_on"),
        Index("ix_invoice_store_kind", "store", "kind"),
        Index("ix_invoice_number", "number"),
        Index("ix_invoice_standing", *STANDING),
    )

    id: int | None = Field(default=None, primary_key=True)
    store: str
    kind: str
    order: int = Field(foreign_key="orders.id")
    seller: str
    cause: str
    parent: str = ""
    series: str
    seq: int
    number: str
    issued_on: date
    due_on: date | None = None
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    rounding_minor: int = 0
    paid_minor: int
    reopens: bool = False
    snapshot: str  #: canonical JSON text
    sha256: str
    previous_sha256: str | None = None
    created_at: datetime = time_field()


class StandingRow(SQLModel, table=True):
    """How a paper stands, by all papers and money of its order: said anew whenever those change, so that lists find it by index."""

    __tablename__ = "invoice_standing"
    __table_args__ = (
        Index("ix_invoice_standing_state", "store", "state", "invoice", "kind", "due_on", "paid_minor"),
        Index("ix_invoice_standing_sums", "store", "issued_on", *SUMMED),
    )

    invoice: int = Field(primary_key=True, foreign_key="invoice.id")
    store: str
    kind: str
    currency: str
    issued_on: date
    due_on: date | None = None
    state: str  #: `owing`, `paid` or `credited`, as every credit note is; what is overdue depends on the day
    open_minor: int
    paid_minor: int


class BillingRow(SQLModel, table=True):
    """The ledger: which units of which order line stand on which document (rule 5)."""

    __tablename__ = "invoice_line"
    __table_args__ = (PrimaryKeyConstraint("invoice", "line", "item"),)

    invoice: int = Field(foreign_key="invoice.id")
    order: int = Field(foreign_key="orders.id", index=True)
    line: int
    item: int
    quantity: int


class InvoiceFileRow(SQLModel, table=True):
    """A rendered file; the bytes lie in the archive under `key`."""

    __tablename__ = "invoice_file"
    __table_args__ = (PrimaryKeyConstraint("invoice", "kind"),)

    invoice: int = Field(foreign_key="invoice.id")
    kind: str
    sha256: str
    size: int
    key: str
    engine: str
    made_with: str | None = None  #: key of the templates, fonts and programs, in the archive
    created_at: datetime = time_field()


class LinkRevocationRow(SQLModel, table=True):
    """From here on no link to a document counts that was given away before: only added to."""

    __tablename__ = "link_revocation"

    id: int | None = Field(default=None, primary_key=True)
    invoice: int = Field(foreign_key="invoice.id", index=True)
    actor: str
    at: datetime = time_field()


class PaperRow(SQLModel, table=True):
    """Any other paper: never updated, never deleted (database triggers). A hop wants each template once for the same items."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("cause", "template"),)

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id", index=True)
    store: str
    template: str
    cause: str
    snapshot: str  #: canonical JSON text
    sha256: str
    created_at: datetime = time_field()


class PaperFileRow(SQLModel, table=True):
    """A rendered file of a paper; the bytes lie in the archive under `key`."""

    __tablename__ = "paper_file"
    __table_args__ = (PrimaryKeyConstraint("paper", "kind"),)

    paper: int = Field(foreign_key="paper.id")
    kind: str
    sha256: str
    size: int
    key: str
    engine: str
    made_with: str | None = None  #: key of the templates, fonts and programs, in the archive
    created_at: datetime = time_field()


class MailMessageRow(SQLModel, table=True):
    """A promised mail; its bytes are stored before the first try (rule 33)."""

    __tablename__ = "mail_message"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    order: int | None = Field(default=None, foreign_key="orders.id", index=True)
    invoice: int | None = Field(default=None, foreign_key="invoice.id", index=True)
    template: str
    locale: str
    store: str
    message_id: str = Field(unique=True)
    reason: str
    actor: str
    job: str
    context: str  #: JSON text
    eml_key: str | None = None
    eml_sha256: str | None = None
    created_at: datetime = time_field()


class MailRecipientRow(SQLModel, table=True):
    """One envelope address and what became of it."""

    __tablename__ = "mail_recipient"
    __table_args__ = (
        PrimaryKeyConstraint("message", "address"),
        Index("ix_mail_recipient_unsent", "message", sqlite_where=text("status != 'sent'"), postgresql_where=text("status != 'sent'")),
    )

    message: int = Field(foreign_key="mail_message.id")
    address: str
    role: str
    status: str = "pending"
    code: str | None = None
    text: str | None = None
    sent_at: datetime | None = time_field(nullable=True)


class PrintRow(SQLModel, table=True):
    """A paper that no mail carries, for the customer has no address; off the list once somebody says that it was printed."""

    __tablename__ = "print_list"
    __table_args__ = (
        Index("ix_print_list_waiting", "invoice", sqlite_where=text("printed_at IS NULL"), postgresql_where=text("printed_at IS NULL")),
    )

    invoice: int = Field(primary_key=True, foreign_key="invoice.id")
    at: datetime = time_field()
    printed_at: datetime | None = time_field(nullable=True)
    printed_by: str | None = None
