"""What is still to be done, and what needs attention."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class TimerTable(SQLModel, table=True):
    """A pending timer; the row goes when it is used up or its stay ends."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_next", "next_at", "id", sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_timer_order", "order", "item"),
    )

    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="orders.id")
    item: int = Field(foreign_key="order_item.id")
    moves: int
    event: str
    due_at: datetime = time_field()
    attempts: int = 0
    next_at: datetime | None = time_field(nullable=True)
    error: str | None = None


class JobRow(SQLModel, table=True):
    """A promise (`oms.outbox.Job`)."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_next", "next_at", sqlite_where=text("status IN ('todo', 'landing')"), postgresql_where=text("status IN ('todo', 'landing')")),
        Index("ix_job_lease", "lease_until", sqlite_where=text("status = 'running'"), postgresql_where=text("status = 'running'")),
        Index("ix_job_order", "order"),
    )

    id: str = Field(primary_key=True)
    name: str
    order: int | None = Field(default=None, foreign_key="orders.id")
    hop: str | None = None
    state: str | None = None
    items: str  #: JSON text: [[item, moves], …]
    then: str | None = None
    on_error: str | None = None
    arguments: str  #: JSON text
    status: str = "todo"
    attempts: int = 0
    claims: int = 0
    next_at: datetime | None = time_field(nullable=True)
    lease_until: datetime | None = time_field(nullable=True)
    worker: str | None = None
    result: str | None = None
    error: str | None = None
    rung_at: datetime | None = time_field(nullable=True)
    created_at: datetime = time_field()
    lane: str | None = None
    request_id: str | None = None  #: of the call from which it came
    traceparent: str | None = None


class PaceRow(SQLModel, table=True):
    """How many mails a server was offered in the minute that began then."""

    __tablename__ = "mail_pace"

    lane: str = Field(primary_key=True)
    minute_at: datetime = time_field()
    offered: int = 0


class IncidentRow(SQLModel, table=True):
    """Needs attention: one open row per (kind, subject)."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("uq_incident_open", "kind", "subject", unique=True, sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
        Index("ix_incident_order", "order"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    order: int | None = Field(default=None, foreign_key="orders.id")
    item: int | None = None
    opened_at: datetime = time_field()
    closed_at: datetime | None = time_field(nullable=True)
    closed_by: str | None = None
    told_at: datetime | None = time_field(nullable=True)
    text: str


class WorkerRow(SQLModel, table=True):
    """A worker, as long as it lives and a day longer if it died."""

    __tablename__ = "worker"

    name: str = Field(primary_key=True)  #: `host:pid:…`
    queues: str  #: that it does, with commas; empty: all
    started_at: datetime = time_field()
    seen_at: datetime = time_field()


class HoldRow(SQLModel, table=True):
    """A process (`process:prepayment`) or the mail lane (`mail`) that waits for a person (rule 30). Orders keep theirs in `orders.held`."""

    __tablename__ = "hold"

    subject: str = Field(primary_key=True)
    reason: str
    actor: str
    at: datetime = time_field()


class StateCountRow(SQLModel, table=True):
    """So many open items of a process stand in a state, by how long: counted now and then."""

    __tablename__ = "state_count"
    __table_args__ = (PrimaryKeyConstraint("store", "process", "state", "band"),)

    store: str
    process: str
    state: str
    band: int
    items: int
    oldest_at: datetime = time_field()
    counted_at: datetime = time_field()
