"""A worker in a thread of this process, whose ticks can be waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from apscheduler.events import EVENT_JOB_EXECUTED
from sqlalchemy import text

from oms.bootstrap import Shop
from oms.worker import Worker

DELIVERY = "delivery"
"""The tick that ends with the worker."""


class Running:
    """A worker that has begun."""

    def __init__(self, shop: Shop, *, queues: Collection[str] | None = None) -> None:
        self.shop, self.worker, self._ran = shop, Worker(shop, queues=queues), list[str]()
        self.worker.ticker.add_listener(lambda event: self._ran.append(event.job_id), EVENT_JOB_EXECUTED)
        self.thread = threading.Thread(target=self.worker.run)

    def tick(self, name: str) -> None:
        """Let one tick run now."""
        before = self._ran.count(name)
        self.worker.ticker.hurry(name)
        wait_until(lambda: self._ran.count(name) > before)

    def wait_for_all(self) -> None:
        """Until each has run once, and whoever is to be rung for listens."""
        names = {tick.id for tick in self.worker.ticker.get_jobs()}
        wait_until(lambda: set(self._ran) >= names - {DELIVERY})
        if DELIVERY in names:
            wait_until(self._listens)

    def _listens(self) -> bool:
        with self.shop.store.connection() as connection:
            listening = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
            return bool(connection.execute(listening).scalar_one())


@contextmanager
def working(shop: Shop, *, queues: Collection[str] | None = None) -> Iterator[Running]:
    """Each of its ticks has run once; it ends with the block."""
    running = Running(shop, queues=queues)
    running.thread.start()
    try:
        running.wait_for_all()
        yield running
    finally:
        running.worker.stop()
        running.thread.join(60)
        assert not running.thread.is_alive()


def wait_until(happened: Callable[[], object], *, seconds: float = 60) -> None:
    """Until it has, however slow this machine is."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
