"""Who may come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field
from oms.store.types import UTCDateTime


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


class KeptAnswerRow(SQLModel, table=True):
    """What a request was answered that may be repeated. No status: it is still at it, or its process died."""

    __tablename__ = "kept_answer"

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_sha256: str
    begun_at: datetime = Field(default=None, sa_type=UTCDateTime, nullable=False, index=True)
    status: int | None = None
    headers: str | None = None  #: JSON text
    body: str | None = None
    path: str | None = None  #: of the request, without its host
