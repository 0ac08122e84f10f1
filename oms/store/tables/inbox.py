"""What payment providers said."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class InboxRow(SQLModel, table=True):
    """A message, kept once per (provider, event)."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_inbox_next", "next_at", sqlite_where=text("status = 'waiting'"), postgresql_where=text("status = 'waiting'")),
        Index("ix_inbox_order", "order", sqlite_where=text("status = 'waiting'"), postgresql_where=text("status = 'waiting'")),
    )

    id: int | None = Field(default=None, primary_key=True)
    provider: str
    event_id: str
    type: str
    about: str
    event: str | None = None
    order: str | None = None  #: a reference: the order may not be there yet
    store: str | None = None
    reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    paid_on: date | None = None
    body: str  #: as it came
    received_at: datetime = time_field()
    status: str
    attempts: int = 0
    next_at: datetime | None = time_field(nullable=True)
    error: str | None = None
    actor: str | None = None
    reason: str | None = None
