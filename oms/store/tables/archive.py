"""Files of the archive, where the database keeps them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class ArchiveRow(SQLModel, table=True):
    """One file: never changed, never deleted (database triggers)."""

    __tablename__ = "archive_file"

    key: str = Field(primary_key=True)
    sha256: str
    size: int
    data: bytes
    created_at: datetime = time_field()
