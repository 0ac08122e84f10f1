"""Who may come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class ApiKeyRow(SQLModel, table=True):
    """A key of a program: its hash, never the key."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("uq_api_key_name", "name", unique=True, sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    store: str
    scopes: str  #: rights, a blank between two
    sha256: str = Field(unique=True)
    actor: str
    created_at: datetime = time_field()
    expires_at: datetime | None = time_field(nullable=True)
    revoked_at: datetime | None = time_field(nullable=True)
    used_at: datetime | None = time_field(nullable=True)
