"""Who did what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class DeedRow(SQLModel, table=True):
    """What somebody did, or was not allowed to do."""

    __tablename__ = "deed"
    __table_args__ = (
        Index("ix_deed_actor", "actor", "at", "id"),
        Index("ix_deed_what", "what", "at", "id"),
        Index("ix_deed_subject", "subject", "at", "id"),
        Index("ix_deed_at", "at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = time_field()
    actor: str
    actor_id: int | None = None
    what: str
    subject: str
    said: str
    store: str | None = None
    outcome: str
    address: str
    request_id: str
