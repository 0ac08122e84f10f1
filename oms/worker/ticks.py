"""Ticks: what APScheduler runs again and again, and how one is woken so that nobody's word is lost. What they do is the worker's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler

from oms.errors import StoreUnavailable

log = logging.getLogger(__name__)

LONGEST_SLEEP = 1.0
"""Seconds. The clock may be set while the scheduler sleeps."""


class Tick:
    """Batch after batch until nothing is due, and once more when somebody said meanwhile that there is: it may just have looked."""

    def __init__(self, batch: Callable[[], object], *, is_over: Callable[[], bool]) -> None:
        """Nothing runs yet.

        Args:
            batch: Does some of what is due; says whether there was any.
            is_over: Nothing new is to be begun.
        """
        self._batch, self._is_over = batch, is_over
        self._gate, self._woken, self.is_busy = threading.Lock(), 0, False

    def wake(self) -> None:
        """Something is due."""
        with self._gate:
            self._woken += 1

    def __call__(self) -> None:
        """Run until nothing is left."""
        seen: int | None = self._begin()
        try:
            while seen is not None:
                while not self._is_over() and self._batch():
                    pass
                seen = self._go_on(seen)
        finally:
            self.is_busy = False

    def _begin(self) -> int:
        with self._gate:
            self.is_busy = True
            return self._woken

    def _go_on(self, seen: int) -> int | None:
        """Compared and ended in one: whoever wakes later finds it idle, and lets it run anew."""
        with self._gate:
            self.is_busy = self._woken != seen and not self._is_over()
            return self._woken if self.is_busy else None


class Ticker(BlockingScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Bears a clock that is set back: APScheduler would wait until it has caught up (rule 43). And wakes no tick in vain."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._ticks: dict[str, Tick] = {}
        self.add_listener(self._refused, EVENT_JOB_MAX_INSTANCES)

    def add_tick(self, name: str, tick: Tick, **settings: Any) -> None:
        """One that `hurry` wakes while it runs, too."""
        self._ticks[name] = tick
        self.add_job(guarded(name, tick), id=name, name=name, **settings)

    def _refused(self, event: Any) -> None:
        """It was to run while it did. If it has looked for the last time and only its thread isn't back yet, it must run once more."""
        tick = self._ticks.get(event.job_id)
        if tick is not None and not tick.is_busy:
            self.hurry(event.job_id)

    def _process_jobs(self) -> float:
        now = datetime.now(UTC)
        with self._jobstores_lock:
            for job in self.get_jobs():
                if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval:
                    job.modify(next_run_time=now)
        wait = super()._process_jobs()
        return LONGEST_SLEEP if wait is None else min(wait, LONGEST_SLEEP)

    def hurry(self, prefix: str) -> None:
        """Let ticks run now instead of at their next time; those that run look once more."""
        for name, tick in self._ticks.items():
            if name.startswith(prefix):
                tick.wake()
        if self.running:
            for job in self.get_jobs():
                if job.id.startswith(prefix):
                    with suppress(JobLookupError):  # removed meanwhile: the worker ends
                        job.modify(next_run_time=datetime.now(UTC))


def guarded(name: str, tick: Callable[[], object]) -> Callable[[], None]:
    """A tick that fails comes again: the database may be away for a while."""

    def run_tick() -> None:
        try:
            tick()
        except StoreUnavailable as error:
            log.warning("%s: %s", name, error)
        except Exception:
            log.exception("%s failed", name)

    return run_tick
