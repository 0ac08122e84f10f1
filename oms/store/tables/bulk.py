"""What is done to many orders at once, and views of lists that people keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class BulkRunRow(SQLModel, table=True):
    """One event for many orders."""

    __tablename__ = "bulk_run"
    __table_args__ = (
        Index("ix_bulk_run_store", "store", "id"),
        Index("ix_bulk_run_running", "id", sqlite_where=text("status = 'running'"), postgresql_where=text("status = 'running'")),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    store: str
    event: str
    query: str
    actor: str
    roles: str  #: a blank between two
    reason: str | None = None
    payload: str | None = None  #: JSON text
    status: str
    created_at: datetime = time_field()
    started_at: datetime | None = time_field(nullable=True)
    ended_at: datetime | None = time_field(nullable=True)
    ended_by: str | None = None


class BulkOrderRow(SQLModel, table=True):
    """An order of a run, and what came of it."""

    __tablename__ = "bulk_order"
    __table_args__ = (
        PrimaryKeyConstraint("run", "order"),
        Index("ix_bulk_order_todo", "run", "order", sqlite_where=text("outcome = 'todo'"), postgresql_where=text("outcome = 'todo'")),
    )

    run: int = Field(foreign_key="bulk_run.id")
    order: int = Field(foreign_key="orders.id")
    outcome: str
    attempts: int = 0
    next_at: datetime = time_field()
    trigger: int | None = None
    state: str | None = None
    said: str | None = None


class SavedViewRow(SQLModel, table=True):
    """A list that somebody kept under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("account", "store", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    account: int = Field(foreign_key="account.id")
    store: str
    name: str
    query: str
    created_at: datetime = time_field()
