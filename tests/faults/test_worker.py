"""The worker: ticks that bear clocks, databases that go away and signals."""

from __future__ import annotations

import json
import logging
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.triggers.interval import IntervalTrigger

from oms.bootstrap import open_shop
from oms.outbox import LEASE
from oms.worker import Worker
from oms.worker.ticks import Ticker
from tests.builders import MovedClock, an_order
from tests.faults.house import House, build, by_smtp, ended
from tests.faults.reading import ask
from tests.faults.slow import Slow
from tests.working import wait_until, working


def lease(folder: Path) -> str:
    return str(ask(folder, "SELECT max(lease_until) FROM job WHERE status = 'running'")[0][0])


def statuses(folder: Path) -> dict[str, int]:
    return dict(ask(folder, "SELECT status, count(*) FROM job GROUP BY 1"))


def test_a_clock_that_is_set_back_stops_no_tick() -> None:
    ticks: list[datetime] = []
    ticker = Ticker(timezone=UTC, executors={"default": ThreadPoolExecutor(1)}, job_defaults={"misfire_grace_time": None})
    ticker.add_job(lambda: ticks.append(datetime.now(UTC)), IntervalTrigger(seconds=0.05, timezone=UTC))
    thread = threading.Thread(target=ticker.start)
    thread.start()
    try:
        wait_until(lambda: len(ticks) > 2)
        with time_machine.travel(datetime.now(UTC) - timedelta(hours=2)):
            before = len(ticks)
            wait_until(lambda: len(ticks) > before + 2)
    finally:
        ticker.shutdown()
        thread.join()
    assert ticks[-1] < ticks[0]


def test_a_commit_pulls_the_next_tick_forward(tmp_path: Path) -> None:
    build(tmp_path, poll=60)
    with open_shop(tmp_path) as shop, working(shop):
        shop.place(an_order())
        wait_until(lambda: statuses(tmp_path) == {"done": 1}, seconds=30)


def test_a_tick_that_fails_comes_again(tmp_path: Path) -> None:
    """The whole database is away for a while; nothing is made in its place."""
    build(tmp_path, poll=0.05)
    data, away = tmp_path / "data", tmp_path / "away"
    warned = _Ear()
    logging.getLogger("oms.worker").addHandler(warned)
    with open_shop(tmp_path) as shop, working(shop):
        data.rename(away)
        wait_until(lambda: any("There is no database" in sentence for sentence in warned.heard))
        assert not data.exists()
        away.rename(data)
        shop.place(an_order())
        wait_until(lambda: statuses(tmp_path) == {"done": 1})
    logging.getLogger("oms.worker").removeHandler(warned)


def test_what_a_dead_worker_of_the_same_process_id_left_is_taken_over(tmp_path: Path) -> None:
    """A container's process has the same host name and the id 1 each time: under the same name it would renew the lease of the dead for ever."""
    build(tmp_path, poll=60)
    clock = MovedClock()
    with open_shop(tmp_path, clock=clock) as shop:
        dead = Worker(shop)
        with working(shop) as running:
            shop.engine.wake = lambda: None
            shop.place(an_order())
            with shop.store.writing() as work:
                (job,) = work.jobs.due(clock(), limit=1)
                work.jobs.claim(job, worker=dead.name, now=clock(), lease_until=clock() + LEASE)
            clock.move(seconds=50)
            running.tick("leases")
            clock.move(seconds=11)
            running.tick("slot 0")
            assert statuses(tmp_path) == {"done": 1}


@pytest.mark.parametrize("ending", ["working on", "ending"])
def test_leases_are_renewed_while_a_mail_server_thinks_and_while_the_worker_ends(tmp_path: Path, slow: Slow, ending: str) -> None:
    clock = MovedClock()
    build(tmp_path, mail=by_smtp(slow.port))
    with open_shop(tmp_path, clock=clock) as shop, slow.letting_go(), working(shop) as running:
        shop.place(an_order())
        wait_until(lambda: slow.accepted)
        before = lease(tmp_path)
        if ending == "ending":
            running.worker.stop()
        clock.move(seconds=50)
        running.tick("leases")
        assert lease(tmp_path) > before
        slow.answers.set()
    assert statuses(tmp_path) == {"done": 1}
    assert len(slow.accepted) == 1


def test_sigterm_lets_what_has_begun_come_to_its_end_and_begins_nothing_new(tmp_path: Path, slow: Slow) -> None:
    house = build(tmp_path, mail=by_smtp(slow.port), poll=0.05)
    place(house, 4)
    process = house.start("work")
    wait_until(lambda: slow.accepted and statuses(tmp_path) == {"running": 2, "todo": 2})
    process.send_signal(signal.SIGTERM)
    slow.answers.set()
    code, _, complaints = ended(process)
    assert code == 0, complaints
    lines = [json.loads(line) for line in complaints.splitlines()]
    assert {line["level"] for line in lines} == {"info"}, "it complains of nothing"
    assert [lines[place]["event"].split()[-1] for place in (0, -1)] == ["begins", "ended"]
    assert statuses(tmp_path) == {"done": 2, "todo": 2}
    assert len(slow.accepted) == 2


def test_a_second_signal_ends_at_once_and_the_mail_goes_out_again_with_the_same_bytes(tmp_path: Path, slow: Slow) -> None:
    house = replace(build(tmp_path, mail=by_smtp(slow.port), poll=0.05), server=slow)
    place(house, 1)
    process = house.start("work")
    wait_until(lambda: slow.accepted)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    code, _, complaints = ended(process)
    slow.answers.set()
    assert code == 130, complaints
    assert statuses(tmp_path) == {"running": 1}
    with house.later() as shop:
        shop.work()
    assert len(slow.accepted) == 2
    assert house.wrong(doubled=1) == []


def place(house: House, orders: int) -> None:
    with open_shop(house.folder) as shop:
        for number in range(orders):
            shop.place(an_order(f"A-{number}"))


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())
