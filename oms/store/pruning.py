"""Deletes what nobody asks for any more: promises that were kept, and incidents that are over. Papers, mails and history stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, delete, func, not_, or_, select
from sqlalchemy.engine import Connection

from oms.store.endpoints import DELIVERIES, ENDPOINTS, NOTICES
from oms.store.incidents import INCIDENTS
from oms.store.mails import MESSAGES
from oms.store.payments import PAYMENTS
from oms.store.sql_store import SqlStore
from oms.store.turns import JOBS
from oms.store.workers import WORKERS

BATCH = 1_000
"""Rows in one transaction: writers wait no longer than for an order."""

_NAMED = select(PAYMENTS.c.job).where(PAYMENTS.c.job.is_not(None)).union(select(MESSAGES.c.job))
"""Jobs that say what became of a payment or a mail."""
_TOLD = select(DELIVERIES.c.id).where(DELIVERIES.c.message == NOTICES.c.id).exists()
_IS_OVER = DELIVERIES.c.status != "waiting"
_IS_TOLD = select(DELIVERIES.c.id).where(DELIVERIES.c.endpoint == ENDPOINTS.c.id).exists()


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much is over: was deleted, or would be."""

    jobs: int
    incidents: int
    workers: int
    deliveries: int  #: of webhooks; what endpoints were told goes with them


def prune(store: SqlStore, *, before: datetime, dry_run: bool) -> Pruned:
    """Delete what was over before then, batch by batch.

    Args:
        store: The database; nobody has to stop working on it.
        before: Jobs that were ordered, incidents that were closed, workers that were last seen and webhooks that were promised earlier.
        dry_run: Only count.
    """
    over = (
        (JOBS, select(JOBS.c.id).where(JOBS.c.status.in_(("done", "dropped")), JOBS.c.created_at < before, JOBS.c.id.not_in(_NAMED))),
        (INCIDENTS, select(INCIDENTS.c.id).where(INCIDENTS.c.closed_at < before)),
        (WORKERS, select(WORKERS.c.name).where(WORKERS.c.seen_at < before)),
        (
            DELIVERIES,
            select(DELIVERIES.c.id).where(DELIVERIES.c.created_at < before, or_(_IS_OVER, DELIVERIES.c.next_at < before)),
        ),
    )
    if dry_run:
        with store.connection() as connection:
            return Pruned(*(_count(connection, which) for _, which in over))
    pruned = Pruned(*(_delete(store, table, which) for table, which in over))
    _delete(store, NOTICES, select(NOTICES.c.id).where(NOTICES.c.created_at < before, not_(_TOLD)))
    _delete(store, ENDPOINTS, select(ENDPOINTS.c.id).where(ENDPOINTS.c.removed_at < before, not_(_IS_TOLD)))
    return pruned


def _count(connection: Connection, which: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(which.subquery())).scalar_one())


def _delete(store: SqlStore, table: Table, which: Select[Any]) -> int:
    deleted = 0
    while batch := _delete_some(store, table, which):
        deleted += batch
    return deleted


def _delete_some(store: SqlStore, table: Table, which: Select[Any]) -> int:
    (key,) = table.primary_key.columns
    with store.writing() as work:
        keys = work.execute(which.limit(BATCH)).scalars().all()
        if keys:
            work.execute(delete(table).where(key.in_(keys)))
    return len(keys)
