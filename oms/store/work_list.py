"""What failed and what still waits for a worker, of one store: three questions, each answered from a partial index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.engine import Connection

from oms.outbox import JobStatus
from oms.ports.records import Incident
from oms.ports.views import IncidentLine, JobLine, Work
from oms.store.incidents import INCIDENT_COLUMNS, INCIDENTS
from oms.store.orders import ORDERS
from oms.store.turns import JOBS

MOST = 500
"""Of each that are looked at: the newest of what failed, of jobs those that are due first."""
_TODO: ColumnElement[str] = literal_column("'todo'")
_LANDING: ColumnElement[str] = literal_column("'landing'")
_RUNNING: ColumnElement[str] = literal_column("'running'")
_COLUMNS = (JOBS.c.id, JOBS.c.name, ORDERS.c.reference, JOBS.c.status, JOBS.c.attempts, JOBS.c.next_at, JOBS.c.error, JOBS.c.created_at)


def work_of(connection: Connection, store: str) -> Work:
    """The open incidents of its orders, and their jobs that are neither done nor dead nor dropped."""
    width = len(INCIDENT_COLUMNS)
    query = select(*INCIDENT_COLUMNS, ORDERS.c.reference).join(ORDERS, ORDERS.c.id == INCIDENTS.c.order)
    query = query.where(INCIDENTS.c.closed_at.is_(None), ORDERS.c.store == store).order_by(INCIDENTS.c.id.desc()).limit(MOST)
    incidents = tuple(IncidentLine(Incident(*row[:width]), row[width]) for row in connection.execute(query))
    jobs = [*_jobs(connection, store, JOBS.c.status == _RUNNING), *_jobs(connection, store, JOBS.c.status.in_([_TODO, _LANDING]))]
    return Work(incidents, tuple(jobs[:MOST]))


def _jobs(connection: Connection, store: str, which: ColumnElement[bool]) -> list[JobLine]:
    """The statuses stand in the statement itself: only so is a partial index used."""
    query = select(*_COLUMNS).join(ORDERS, ORDERS.c.id == JOBS.c.order).where(which, ORDERS.c.store == store)
    rows: Any = connection.execute(query.order_by(JOBS.c.next_at, JOBS.c.id).limit(MOST))
    return [JobLine(number, name, order, JobStatus(status), *rest) for number, name, order, status, *rest in rows]
