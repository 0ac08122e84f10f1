"""Orders, their lines and items, and what happened to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field
from oms.store.types import BYTEWISE


class OrderRow(SQLModel, table=True):
    """The row is the lock of the order."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("reference", "store"),  # in this order: a trigger may name the reference alone
        Index("ix_orders_store", "store", "id"),
        Index("ix_orders_placed", "placed_at"),
        Index("ix_orders_attention", "store", "id", sqlite_where=text("attention IS 1"), postgresql_where=text("attention IS true")),
    )

    id: int | None = Field(default=None, primary_key=True)
    store: str
    reference: str
    version: int = Field(foreign_key="process_version.id", index=True)
    locale: str
    currency: str
    customer_name: str  #: copies for searching; the document holds the truth
    customer_email: str | None
    gross_minor: int
    document: str  #: canonical JSON text: what is hashed or compared is TEXT, never JSON (rule 45)
    placed_document: str  #: as it was placed: a repeated reference is compared with it
    placed_at: datetime = time_field()
    last_at: datetime = time_field()
    held: str | None = None
    attention: bool = False


class LineRow(SQLModel, table=True):
    """What was ordered, with its share of order-level amounts. Never changes: money stays here when items are split (rule 18)."""

    __tablename__ = "order_line"
    __table_args__ = (PrimaryKeyConstraint("order", "line"),)

    order: int = Field(foreign_key="orders.id")
    line: int
    sku: str = Field(index=True)
    quantity: int
    shares: str  #: JSON text, allocated once (rule 6)


class ItemRow(SQLModel, table=True):
    """Where a line, or a part of it, stands."""

    __tablename__ = "order_item"
    __table_args__ = (
        UniqueConstraint("order", "line", "part"),
        Index("ix_order_item_look", "look_at", "id", sqlite_where=text("look_at IS NOT NULL"), postgresql_where=text("look_at IS NOT NULL")),
        Index("ix_order_item_open", "state", "entered_at", sqlite_where=text("final = 0"), postgresql_where=text("NOT final")),
    )

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id")
    line: int
    part: int = 0
    quantity: int
    state: str
    final: bool = False
    entered_at: datetime = time_field()
    moves: int = 0
    seq: int = 0
    look_at: datetime | None = time_field(nullable=True)
    look_pause: int | None = None
    attempts: int = 0
    error: str | None = None
    ref: str | None = None
    split_from: int | None = Field(default=None, foreign_key="order_item.id")


class TriggerTable(SQLModel, table=True):
    """Who let what happen, with the answer. Payload and reason may be erased; nothing else changes."""

    __tablename__ = "trigger"
    __table_args__ = (UniqueConstraint("order", "key"), Index("ix_trigger_at", "at", "id"))

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id")
    key: str
    event: str
    actor: str
    cause: str | None = None
    reason: str | None = None
    payload: str | None = None
    request_sha256: str
    answer: str | None = None
    at: datetime = time_field()
    request_id: str | None = None  #: of the call that asked for it
    traceparent: str | None = None


class HistoryTable(SQLModel, table=True):
    """One row per hop and source state; append-only by database trigger, nothing personal in it."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_order", "order", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    trigger: int = Field(foreign_key="trigger.id", index=True)
    hop: int
    order: int
    event: str | None
    source: str | None
    target: str
    at: datetime = time_field()
    error: str | None = None


class HistoryItemRow(SQLModel, table=True):
    """Which items took the hop; `seq` counts the rows of an item."""

    __tablename__ = "history_item"
    __table_args__ = (PrimaryKeyConstraint("history", "item"),)

    history: int = Field(foreign_key="history.id")
    item: int = Field(index=True)
    seq: int


class NoteRow(SQLModel, table=True):
    """A remark on an order, by a person or a `note` command."""

    __tablename__ = "note"

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id", index=True)
    text: str
    actor: str
    hop: str | None = None
    at: datetime = time_field()


class OrderWordRow(SQLModel, table=True):
    """A word by which an order is found (`oms.orders.words`), ordered by its bytes, so that a beginning is a range."""

    __tablename__ = "order_word"
    __table_args__ = (PrimaryKeyConstraint("word", "order"), Index("ix_order_word_order", "order"))

    word: str = Field(sa_type=BYTEWISE)
    order: int = Field(foreign_key="orders.id")
