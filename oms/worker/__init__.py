"""The worker: APScheduler's ticks, and nothing else that loops. Each tick asks the database what is due, so nothing is forgotten after a crash."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.triggers.interval import IntervalTrigger

from oms.bootstrap import Shop
from oms.engine.alerts import alert
from oms.engine.bulk import DRAFTED, run_bulk
from oms.engine.calling import Lines, call_due
from oms.engine.counting import EVERY, count
from oms.engine.draining import ring_for_due_jobs, run_due_jobs
from oms.engine.firing import fire_timers, look
from oms.engine.inbox import apply_due
from oms.engine.jobs import run_job
from oms.engine.repeating import KEPT
from oms.engine.sweep import sweep
from oms.engine.trigger import Engine
from oms.outbox import LEASE, REST
from oms.tracing import flush
from oms.worker.ticks import Tick, Ticker, guarded

log = logging.getLogger(__name__)

MINUTE = 60.0
GRACE = 20.0
"""Seconds in which what has begun may come to its end, once the worker is to stop."""
RESTART = 1.0
"""Seconds after which Procrastinate's worker is started again if it ended by itself."""
FORGOTTEN = timedelta(days=1)
"""So long a worker that died is remembered."""
WORK, LEASES, CALLS = "default", "leases", "calls"
"""The executors: leases are renewed whatever else is going on, and who is told by webhooks and doesn't answer keeps no other work waiting."""
CALLERS = 4
"""Endpoints that are called at once."""


class Worker:
    """Fires timers, looks at what waits, keeps promises; any number of them share one database."""

    def __init__(self, shop: Shop, *, queues: Collection[str] | None = None) -> None:
        """Nothing runs before `run`.

        Args:
            shop: Whose work.
            queues: Only jobs of these; None: all. Timers and looks are everybody's.
        """
        # Host and process id alone come again, in containers at once: a worker would renew the leases of the dead one whose name it bears.
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.shop, self._engine = shop, shop.engine
        self.is_whole, self._queues = True, queues  #: whether all that had begun came to its end
        slots, poll = shop.settings.worker.slots, shop.settings.worker.poll_seconds
        self._begun, self._ending = threading.Event(), threading.Event()
        self.ticker = Ticker(
            timezone=UTC,
            executors={WORK: ThreadPoolExecutor(slots + 5), LEASES: ThreadPoolExecutor(1), CALLS: ThreadPoolExecutor(CALLERS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add("timers", poll, self._all_due(fire_timers))
        self._add("looks", poll, self._all_due(look))
        self._add("inbox", poll, self._all_due(apply_due))
        self._add("bulk", poll, self._all_due(run_bulk))
        if queues is None or REST in queues:
            lines = Lines()
            for caller in range(CALLERS):
                self._add(f"caller {caller}", poll, self._all_due(partial(call_due, lines=lines)), executor=CALLS)
        self._delivery = shop.listen(self._look_at, name=self.name, queues=queues)
        if self._delivery is None:
            for slot in range(slots):
                self._add(f"slot {slot}", poll, self._all_due(self._jobs))
        else:
            self._add("rings", poll, self._all_due(ring_for_due_jobs))
            self._add("delivery", RESTART, self._delivery.run)
        self._add(LEASES, LEASE.total_seconds() / 3, self._renew, executor=LEASES)
        self._add("sweep", MINUTE, self._sweep)
        self._add("figures", EVERY, partial(count, self._engine))
        self._engine.wake = self.wake
        self._end = threading.Thread(target=self._finish, name="end", daemon=True)
        self.ticker.add_listener(lambda _event: self._begun.set(), EVENT_SCHEDULER_STARTED)

    def run(self) -> None:
        """Work until `stop`; what has begun is finished."""
        log.info("worker %s begins", self.name)
        self.ticker.start()
        self._end.join()
        log.info("worker %s has ended", self.name)

    def stop(self) -> None:
        """Take nothing new, finish what has begun. Returns at once, so that a signal handler may call it."""
        if not self._ending.is_set():
            self._ending.set()
            self._end.start()

    def _finish(self) -> None:
        """In a thread of its own: the main one may hold the scheduler's locks when the signal comes. Leases are renewed to the last."""
        self._begun.wait()
        for tick in self.ticker.get_jobs():
            if tick.id != LEASES:
                tick.remove()
        if self._delivery is not None:
            self._delivery.stop()
        rest = threading.Thread(target=self._end_rest, name="rest", daemon=True)
        rest.start()
        rest.join(GRACE)
        self.is_whole = not rest.is_alive()
        self.ticker.shutdown(wait=self.is_whole)
        guarded("leave", self._leave)()

    def _end_rest(self) -> None:
        """Wait for what has begun."""
        for executor in (WORK, CALLS):
            self.ticker.remove_executor(executor)

    def wake(self) -> None:
        """Something was committed that leaves something to do: don't wait for the next tick."""
        self.ticker.hurry("slot")
        self.ticker.hurry("looks")
        self.ticker.hurry("inbox")
        self.ticker.hurry("caller")

    def _add(self, name: str, seconds: float, tick: Callable[[], object], *, executor: str = WORK) -> None:
        now = datetime.now(UTC)
        trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
        if isinstance(tick, Tick):
            self.ticker.add_tick(name, tick, trigger=trigger, executor=executor, next_run_time=now)
        else:
            self.ticker.add_job(guarded(name, tick), trigger, id=name, name=name, executor=executor, next_run_time=now)

    def _all_due(self, batch: Callable[[Engine], int]) -> Tick:
        """Batch after batch, until nothing is due or the worker is to end."""
        return Tick(lambda: batch(self._engine), is_over=self._ending.is_set)

    def _jobs(self, engine: Engine) -> int:
        return run_due_jobs(engine, worker=self.name, most=1, lease=LEASE, queues=self._queues)

    def _look_at(self, job: str) -> None:
        run_job(self._engine, job, worker=self.name, lease=LEASE)

    def _renew(self) -> None:
        with self.shop.store.writing() as work:
            now = work.now()
            work.jobs.renew(self.name, lease_until=now + LEASE)
            work.workers.seen(self.name, queues=self._queues or (), at=now)

    def _leave(self) -> None:
        with self.shop.store.writing() as work:
            work.workers.leave(self.name)

    def _sweep(self) -> None:
        sweep(self._engine)
        alert(self._engine, self.shop.settings.alerts.mail, webhook=self.shop.settings.alerts.webhook)
        with self.shop.store.writing() as work:
            work.workers.forget(before=work.now() - FORGOTTEN)
            work.kept_answers.forget(before=work.now() - KEPT)
            work.bulk.forget(before=work.now() - DRAFTED)
        if self._delivery is not None:
            self._delivery.clear()


def run(shop: Shop, *, queues: Collection[str] | None = None) -> None:
    """Work until SIGTERM or SIGINT; a second one ends at once.

    Args:
        shop: Whose work.
        queues: Only jobs of these; None: all.
    """
    worker = Worker(shop, queues=queues)
    asked = threading.Event()

    def end(_number: int, _frame: Any) -> None:
        if asked.is_set():
            os._exit(130)
        asked.set()
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    worker.run()
    if not worker.is_whole:
        log.warning("what has not ended after %d s is cut off: its lease ends within %d s, then another worker has it", GRACE, LEASE.total_seconds())
        flush()
        logging.shutdown()
        os._exit(0)  # the interpreter would wait for its threads
