"""The doorbell (rule 28): tells Procrastinate's workers to look at a job, in the transaction that makes it ready. The job's row is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy.engine import Connection

from oms.errors import StoreUnavailable
from oms.outbox import TASK, queue_of


class ProcrastinateBell:
    """`Bell`, through the connections of others: no schedule, no lock, no retry; what comes of it is no business of the bell."""

    def __init__(self) -> None:
        """Nothing is connected: the connector lends its words only."""
        self._manager = JobManager(SyncPsycopgConnector())

    def ring(self, connection: Connection, jobs: Sequence[tuple[str, str]]) -> None:
        """Let a worker look at these jobs as soon as this transaction is committed.

        Args:
            connection: Of the transaction.
            jobs: Id and name of each.

        Raises:
            StoreUnavailable: it could not be said; nothing of the transaction counts.
        """
        raw: Any = connection.connection.dbapi_connection
        rings = [Job(id=None, queue=queue_of(name), lock=None, queueing_lock=None, task_name=TASK, task_kwargs={"job": job}) for job, name in jobs]
        try:
            self._manager.batch_defer_jobs(rings, connection=raw)
        except ConnectorException as error:
            said = str(error.__cause__ or error).strip().partition("\n")[0].rstrip(".")
            raise StoreUnavailable(f"Nobody could be told of a new job: {said}. If the database is of an older form: oms db upgrade.") from error
