"""Procrastinate's worker: brings the jobs that were rung for, as many at once as there are slots (rule 28).

It only says "look at this one": whose it is, retries, dead jobs and schedules are in our own table. A ring that is lost or doubled does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.app import WorkerOptions
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg import OperationalError

from oms.errors import StoreUnavailable
from oms.outbox import TASK

log = logging.getLogger(__name__)

MOST_POLLED = 5.0
"""Seconds between two looks at what the notification of a ring may have missed; more, if the shop polls less often."""
ANSWER = 5.0
"""Seconds for what is asked of the worker from outside its loop."""


class Delivery:
    """Runs in the thread that calls `run`; may be run again when it ended because the database went away."""

    def __init__(
        self, look_at: Callable[[str], object], *, connect: dict[str, Any], name: str, slots: int, queues: Collection[str] | None, poll_seconds: float
    ) -> None:
        """Nothing is connected yet.

        Args:
            look_at: Does a job of this id, if it is to be done.
            connect: What psycopg is called with.
            name: Of this worker, for Procrastinate's own table.
            slots: Jobs at once.
            queues: Which; None: all.
            poll_seconds: As the shop says it.
        """
        self._look_at, self._connect, self._name, self._slots, self._queues = look_at, connect, name, slots, queues
        self._poll = max(poll_seconds, MOST_POLLED)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: asyncio.Task[None] | None = None
        self._app: App | None = None
        self._is_ending = False

    def run(self, *, wait: bool = True) -> None:
        """Until `stop`, or until the database can't be reached: then call it again.

        Args:
            wait: False: only what is there.

        Raises:
            StoreUnavailable: the database didn't answer.
        """
        if self._is_ending:
            return
        try:
            asyncio.run(self._run(wait=wait))
        except (ConnectorException, OperationalError) as error:
            said = str(error.__cause__ or error).strip().partition("\n")[0].rstrip(".")
            raise StoreUnavailable(f"The database didn't answer who brings jobs: {said}.") from error

    def stop(self) -> None:
        """Take nothing new; `run` returns when what has begun is done. From any thread."""
        self._is_ending = True
        if self._loop is not None and self._worker is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._worker.cancel)

    def clear(self) -> None:
        """Delete rings that died with their worker: whoever had the job, the tick rings for it again."""
        if self._loop is not None and self._app is not None and self._loop.is_running():
            with suppress(TimeoutError):  # its loop ends just now: next time
                asyncio.run_coroutine_threadsafe(_clear(self._app), self._loop).result(ANSWER)

    async def _run(self, *, wait: bool) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._slots, thread_name_prefix="job"))
        app = App(connector=PsycopgConnector(kwargs=self._connect, min_size=1, max_size=self._slots + 2))
        app.task(name=TASK)(self._deliver)
        async with app.open_async():
            worker = loop.create_task(self._work(app, wait=wait))
            self._loop, self._worker, self._app = loop, worker, app
            if self._is_ending:  # meanwhile
                worker.cancel()
            try:
                with suppress(asyncio.CancelledError):
                    await worker
            finally:
                self._loop = self._worker = self._app = None

    async def _work(self, app: App, *, wait: bool) -> None:
        options: WorkerOptions = {
            "name": self._name,
            "concurrency": self._slots,
            "wait": wait,
            "fetch_job_polling_interval": self._poll,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
        }
        if self._queues:
            options["queues"] = list(self._queues)
        await app.run_worker_async(**options)

    def _deliver(self, job: str) -> None:
        """The task: it always succeeds, for what comes of a job stands in the job's own row."""
        try:
            self._look_at(job)
        except StoreUnavailable as error:
            log.warning("job %s: %s", job, error)
        except Exception:
            log.exception("job %s failed", job)


async def _clear(app: App) -> None:
    for ring in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(ring, status=Status.FAILED, delete_job=True)
