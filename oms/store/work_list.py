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
_store_of_job, _order_of_job = (
    select(column).where(ORDERS.c.id == JOBS.c.order).correlate(JOBS).scalar_subquery() for column in (ORDERS.c.store, ORDERS.c.reference)
)
"""Asked for row by row: in a join, a planner that knows no numbers begins with all orders of the store."""
_COLUMNS = (JOBS.c.id, JOBS.c.name, _order_of_job, JOBS.c.status, JOBS.c.attempts, JOBS.c.next_at, JOBS.c.error, JOBS.c.created_at)
_ALSO = INCIDENTS.alias()
_OPEN = select(_ALSO.c.id).where(_ALSO.c.closed_at.is_(None))
_store_of_incident, _order_of_incident = (
    select(column).where(ORDERS.c.id == INCIDENTS.c.order).correlate(INCIDENTS).scalar_subquery() for column in (ORDERS.c.store, ORDERS.c.reference)
)


def work_of(connection: Connection, store: str) -> Work:
    """The open incidents of its orders, and their jobs that are neither done nor dead nor dropped."""
    jobs = [*_jobs(connection, store, JOBS.c.status == _RUNNING), *_jobs(connection, store, JOBS.c.status.in_([_TODO, _LANDING]))]
    return Work(open_incidents(connection, store, limit=MOST), tuple(jobs[:MOST]))


def open_incidents(connection: Connection, store: str, *, limit: int) -> tuple[IncidentLine, ...]:
    """Those of its orders, the newest first."""
    width = len(INCIDENT_COLUMNS)
    query = select(*INCIDENT_COLUMNS, _order_of_incident).where(INCIDENTS.c.id.in_(_OPEN), _store_of_incident == store)
    rows = connection.execute(query.order_by(INCIDENTS.c.id.desc()).limit(limit))
    return tuple(IncidentLine(Incident(*row[:width]), row[width]) for row in rows)


def _jobs(connection: Connection, store: str, which: ColumnElement[bool]) -> list[JobLine]:
    """The statuses stand in the statement itself: only so is a partial index used."""
    query = select(*_COLUMNS).where(which, _store_of_job == store)
    rows: Any = connection.execute(query.order_by(JOBS.c.next_at, JOBS.c.id).limit(MOST))
    return [JobLine(number, name, order, JobStatus(status), *rest) for number, name, order, status, *rest in rows]
