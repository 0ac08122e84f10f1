"""Workers that are killed while they work, and a server that is pulled away: nothing is lost, nothing stuck, nothing done by two."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from oms.errors import StoreUnavailable
from tests.builders import an_order
from tests.contract.test_delivery import MODES
from tests.faults.house import House, build, by_smtp, configure, ended
from tests.faults.reading import ask
from tests.postgres import Server
from tests.unit.documents.smtp_server import Script, serving
from tests.working import wait_until

WORDS = """
import os
import time
from pathlib import Path

DONE = Path(__file__).with_name("done.txt")

def pack(context):
    time.sleep(0.4)
    with DONE.open("a") as file:
        file.write(f"{context.job.id}\\n")
        file.flush()
        os.fsync(file.fileno())
    time.sleep(0.2)
    return {}

JOBS = (pack,)
"""
PACKING = """
process: prepayment
initial: placed
states:
  placed: {}
  packing: {run: pack, then: finish, on_error: give up}
  packed: {on_enter: [{mail: {template: shipped}}]}
  closed: {final: true}
  failed: {final: true}
events:
  pack: {manual: true}
  finish: {}
  give up: {}
  close: {after: 1s}
transitions:
  - {from: placed, event: pack, to: packing}
  - {from: packing, event: finish, to: packed}
  - {from: packing, event: give up, to: failed}
  - {from: packed, event: close, to: closed}
"""
EVERY = 1.5
"""Seconds between two kills, or longer where nobody works yet."""
PATIENCE = 30
"""Seconds in which somebody should be busy: a worker takes some to begin."""
LONG = pytest.param(30.0, marks=pytest.mark.slow)


_NAMES = count(1)
"""A module is imported once per process, so each yard names its own."""


class Yard:
    """A shop under load: orders come, parcels are packed, workers come and go."""

    def __init__(self, house: House) -> None:
        self.house, self.acknowledged, self.kills, self.hits = house, list[str](), 0, 0
        self.cut_off = Counter[str]()  #: how often a job was running on a worker that was killed
        self._workers: dict[int, subprocess.Popen[str]] = {}
        self._is_over = threading.Event()

    def begin(self) -> None:
        """One more worker."""
        worker = self.house.start("work")
        self._workers[worker.pid] = worker

    @contextmanager
    def load(self) -> Iterator[None]:
        """Orders come one after the other; those whose answers came are remembered."""
        thread = threading.Thread(target=self._come)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()
            for worker in self._workers.values():
                worker.terminate()
            for worker in self._workers.values():
                ended(worker)

    def _come(self) -> None:
        with open_shop(self.house.folder) as shop:
            while not self._is_over.wait(0.25):
                name = f"A-{len(self.acknowledged)}"
                try:
                    shop.place(an_order(name))
                    shop.trigger(name, "pack", key="pack")
                except StoreUnavailable:
                    continue  # nobody knows whether it happened: it is asked again, under the same key
                self.acknowledged.append(name)

    def wait_for_orders(self) -> None:
        """Until some more were acknowledged."""
        before = len(self.acknowledged)
        wait_until(lambda: len(self.acknowledged) > before + 2)

    def kill(self) -> None:
        """One worker, if it can be in the middle of a job; another one takes its place."""
        busy = self._one_that_is_busy()
        victim = busy if busy is not None else next(iter(self._workers))
        worker = self._workers.pop(victim)
        worker.kill()
        ended(worker)
        running = ask(self.house.folder, "SELECT id, worker FROM job WHERE status = 'running'")
        self.cut_off.update(job for job, name in running if int(name.split(":")[1]) == victim)
        self.kills += 1
        self.hits += busy is not None
        self.begin()

    def restart_the_oldest(self) -> None:
        """As a service manager does: SIGTERM, then a new one. What it had begun is done first."""
        worker = self._workers.pop(next(iter(self._workers)))
        worker.terminate()
        code, _, complaints = ended(worker)
        assert (code, "cut off" in complaints) == (0, False), complaints
        self.begin()

    def _one_that_is_busy(self) -> int | None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for (name,) in ask(self.house.folder, "SELECT DISTINCT worker FROM job WHERE status = 'running'"):
                pid = int(name.split(":")[1])
                if pid in self._workers:
                    return pid
            time.sleep(0.02)
        return None

    def settle(self) -> None:
        """Everything that is left is done, once every lease has ended; then the timers of that are due, too."""
        for minutes in (30, 60):
            with self.house.later(minutes=minutes) as shop:
                while shop.work():
                    pass

    def wrong(self, *, restarts: int = 0) -> list[str]:
        """What can't be. A kill may double each job that it cut off, once; a restart of the server one."""
        done = Counter((self.house.folder / "done.txt").read_text().split())
        found = self.house.wrong(doubled=self.cut_off.total() + restarts)
        found += [f"{name} is in {state!r}" for name, state in ask(self.house.folder, _STATES) if state != "closed"]
        known = {name for name, _ in ask(self.house.folder, _STATES)}
        found += [f"{name} was acknowledged and is lost" for name in self.acknowledged if name not in known]
        jobs = {job for (job,) in ask(self.house.folder, "SELECT id FROM job WHERE name = 'pack'")}
        found += [f"job {job} was never done" for job in jobs - done.keys()]
        twice = Counter({job: times - 1 for job, times in done.items()}) - self.cut_off
        if twice.total() > restarts:
            found.append(f"{twice} were done too often, {self.cut_off} were cut off")
        return found


_STATES = 'SELECT o.reference, i.state FROM orders o JOIN order_item i ON i."order" = o.id'


@pytest.fixture(params=MODES)
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    database = request.getfixturevalue("on_server") if request.param.startswith("postgres") else None
    with made(tmp_path, database, None if database is None else request.param.rpartition("-")[2]) as one:
        configure(tmp_path, r"slots = \d+", "slots = 1")  # a kill cuts off one job, not one for each slot
        yield one


@contextmanager
def made(folder: Path, database: str | None, delivery: str | None) -> Iterator[Yard]:
    """A yard whose mails go to a server on loopback."""
    words = f"storm_words_{next(_NAMES)}"
    (folder / f"{words}.py").write_text(WORDS, encoding="utf-8")
    (folder / "done.txt").touch()
    with serving(Script()) as server:
        processes = {"prepayment.yaml": PACKING}
        house = build(folder, processes=processes, mail=by_smtp(server.port), poll=0.2, extension=words, database=database, delivery=delivery)
        yield Yard(replace(house, server=server))


@pytest.mark.parametrize("seconds", [5.0, LONG])
def test_workers_that_are_killed_lose_nothing_and_double_no_more_than_they_were_killed(yard: Yard, seconds: float) -> None:  # F3
    for _ in range(2):
        yard.begin()
    wait_until(lambda: len(ask(yard.house.folder, "SELECT name FROM worker")) == 2)
    with yard.load():
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(EVERY)
            yard.kill()
    yard.settle()

    assert yard.acknowledged
    assert yard.hits * 2 >= yard.kills
    assert yard.cut_off.total() <= yard.kills
    assert yard.wrong() == []


@pytest.fixture
def of_its_own() -> Iterator[Server]:
    """A server that a test may restart."""
    server = Server(fsync="on")
    yield server
    server.remove()


@pytest.mark.parametrize("restarts", [2, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("delivery", [pytest.param("local", marks=pytest.mark.slow), "procrastinate"])
def test_a_server_that_is_restarted_under_load_loses_nothing(of_its_own: Server, tmp_path: Path, delivery: str, restarts: int) -> None:  # F16
    chance = random.Random(1)  # noqa: S311 - can be repeated
    with made(tmp_path, of_its_own.new_database(), delivery) as yard:
        for _ in range(2):
            yard.begin()
        with yard.load():
            for number in range(restarts):
                yard.wait_for_orders()
                time.sleep(chance.uniform(0, 1))
                of_its_own.restart("immediate" if number % 2 else "fast")
            yard.wait_for_orders()
        yard.settle()

        assert yard.wrong(restarts=restarts) == []


@pytest.mark.slow
def test_workers_are_restarted_one_after_the_other_with_a_migration_in_between(server: Server, tmp_path: Path, on_server: str) -> None:
    """As a new version is rolled out: the tables first, then host by host; orders come all the while."""
    with made(tmp_path, on_server, "procrastinate") as yard:
        for _ in range(3):
            yard.begin()
        wait_until(lambda: len(ask(tmp_path, "SELECT name FROM worker")) == 3)
        with yard.load():
            yard.wait_for_orders()
            server.sql("ALTER TABLE oms.job ADD COLUMN colour text", on_server.rpartition("/")[2])
            for _ in range(3):
                yard.restart_the_oldest()
                yard.wait_for_orders()
        yard.settle()

        assert yard.wrong() == []
