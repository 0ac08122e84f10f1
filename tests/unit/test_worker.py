"""Ticks that are woken: nobody's word is lost, whenever it comes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.triggers.interval import IntervalTrigger

from oms.worker.ticks import Tick, Ticker
from tests.working import wait_until

PATIENCE = 60


class Looking:
    """A batch that has read that nothing is due, and does not say so before it may."""

    def __init__(self) -> None:
        self.looks, self.has_looked, self.may_end = 0, threading.Event(), threading.Event()

    def __call__(self) -> int:
        self.looks += 1
        self.has_looked.set()
        assert self.may_end.wait(PATIENCE)
        return 0


def test_a_tick_that_is_woken_after_it_has_read_what_is_due_looks_once_more() -> None:
    looking = Looking()
    tick = Tick(looking, is_over=lambda: False)
    thread = threading.Thread(target=tick)
    thread.start()
    looking.has_looked.wait(PATIENCE)
    tick.wake()
    looking.may_end.set()
    thread.join(PATIENCE)
    assert (looking.looks, tick.is_busy) == (2, False)


def test_a_tick_that_is_woken_between_its_last_look_and_its_end_runs_again() -> None:
    looks, is_back, may_go = list[int](), threading.Event(), threading.Event()

    class Lingering(Tick):
        def __call__(self) -> None:
            super().__call__()
            is_back.set()
            assert may_go.wait(PATIENCE)

    tick = Lingering(lambda: looks.append(1), is_over=lambda: False)
    ticker = Ticker(timezone=UTC, executors={"default": ThreadPoolExecutor(2)}, job_defaults={"coalesce": True, "misfire_grace_time": None})
    refused = threading.Event()
    ticker.add_listener(lambda _event: refused.set(), EVENT_JOB_MAX_INSTANCES)
    ticker.add_tick("slot", tick, trigger=IntervalTrigger(hours=1, timezone=UTC), next_run_time=datetime.now(UTC))
    running = threading.Thread(target=ticker.start)
    running.start()
    try:
        assert is_back.wait(PATIENCE)  # it has looked, and its thread is not back in the pool yet
        ticker.hurry("slot")
        assert refused.wait(PATIENCE)
        may_go.set()
        wait_until(lambda: len(looks) == 2)
    finally:
        may_go.set()
        ticker.shutdown()
        running.join(PATIENCE)


def test_a_tick_begins_nothing_new_once_the_worker_is_to_end() -> None:
    looks = list[int]()
    tick = Tick(lambda: looks.append(1), is_over=lambda: True)
    tick.wake()
    tick()
    assert (looks, tick.is_busy) == ([], False)
