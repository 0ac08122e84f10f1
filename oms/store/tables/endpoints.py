"""Who is told what happened, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class EndpointRow(SQLModel, table=True):
    """An address that is told. One that was removed stays as long as something refers to it."""

    __tablename__ = "webhook_endpoint"

    id: int | None = Field(default=None, primary_key=True)
    store: str
    url: str
    types: str  #: a blank between two
    secret: str
    old_secrets: str  #: a blank between two
    old_until: datetime | None = time_field(nullable=True)
    created_at: datetime = time_field()
    created_by: str
    failing_since: datetime | None = time_field(nullable=True)
    rests_until: datetime | None = time_field(nullable=True)
    disabled_at: datetime | None = time_field(nullable=True)
    disabled_why: str | None = None
    removed_at: datetime | None = time_field(nullable=True)


class NoticeRow(SQLModel, table=True):
    """What is told: the same text for everybody."""

    __tablename__ = "webhook_message"

    id: str = Field(primary_key=True)
    store: str
    type: str
    body: str  #: JSON text, as it is signed
    created_at: datetime = time_field()
    request_id: str | None = None  #: of the call from which it came
    traceparent: str | None = None


class DeliveryRow(SQLModel, table=True):
    """A message for one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("message", "endpoint"),
        Index("ix_webhook_delivery_due", "endpoint", "next_at", sqlite_where=text("status = 'waiting'"), postgresql_where=text("status = 'waiting'")),
        Index("ix_webhook_delivery_endpoint", "endpoint", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    message: str = Field(foreign_key="webhook_message.id")
    endpoint: int = Field(foreign_key="webhook_endpoint.id")
    status: str
    attempts: int
    claims: int
    next_at: datetime | None = time_field(nullable=True)
    tried_at: datetime | None = time_field(nullable=True)
    code: int | None = None
    said: str | None = None
    created_at: datetime = time_field()
