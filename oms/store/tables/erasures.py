"""Who was erased, and which files of theirs are to go."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field
from oms.store.types import UTCDateTime


class ErasureRow(SQLModel, table=True):
    """What was kept of a customer with this order was erased. Never deleted; only `done_at` changes (database triggers)."""

    __tablename__ = "erasure"

    id: int | None = Field(default=None, primary_key=True)
    order: int | None = Field(default=None, foreign_key="orders.id", index=True)  #: None: of an address, beside orders
    actor: str
    reason: str
    at: datetime = time_field()
    done_at: datetime | None = time_field(nullable=True)  #: files, and what the database had left of it, are gone, too


class ErasedFileRow(SQLModel, table=True):
    """A file of the archive that nobody names any more. Only what stands here may be deleted there."""

    __tablename__ = "erased_file"

    key: str = Field(primary_key=True)
    at: datetime = time_field()
    gone_at: datetime | None = Field(default=None, sa_type=UTCDateTime, nullable=True)
