"""What a shop may expect of its workers, whoever brings them their jobs: one suite for every mode (rules 26 to 28, 30)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from oms.bootstrap import Shop, open_shop
from oms.engine.care import hold, release
from oms.outbox import LEASE, RING_AGAIN, Job
from tests.builders import MovedClock, an_order, make_shop
from tests.faults.house import configure
from tests.working import Running, wait_until, working

WORDS = """
import threading

DONE, FAIL, GO_ON = [], [], threading.Event()
GO_ON.set()

def pack(context):
    GO_ON.wait()
    DONE.append(context.job.attempts)
    if FAIL:
        raise OSError(FAIL.pop())
    return {"parcel": len(DONE)}

JOBS = (pack,)
"""
PACKING = """
process: prepayment
initial: placed
states:
  placed:
  packing: {run: pack, then: finish, on_error: give up}
  packed: {final: true}
  failed: {final: true}
events:
  pack: {manual: true}
  finish: {}
  give up: {}
transitions:
  - {from: placed, event: pack, to: packing}
  - {from: packing, event: finish, to: packed}
  - {from: packing, event: give up, to: failed}
"""
MODES = ["sqlite-local", "postgres-local", "postgres-procrastinate"]
NAMES = iter(range(1_000))


class Yard:
    """A shop that packs parcels, in one of the modes, under a clock that is moved by hand. Its worker looks for work once an hour."""

    def __init__(self, folder: Path, mode: str, database: str | None) -> None:
        self.folder, self.mode, self.clock = folder, mode, MovedClock()
        self.is_rung = mode.endswith("procrastinate")
        make_shop(folder, processes={"prepayment.yaml": PACKING}, database=database)
        module = f"yard_words_{next(NAMES)}"
        (folder / f"{module}.py").write_text(WORDS, encoding="utf-8")
        configure(folder, r"modules = \[\] ", f'modules = ["{module}"] ')
        configure(folder, r"poll_seconds = 1 ", "poll_seconds = 3600 ")
        if database is not None:
            configure(folder, r"# delivery = .local. ", f'delivery = "{mode.rpartition("-")[2]}" ')
        self.shop = self.open()
        self.shop.deploy()
        self.words: Any = __import__(module)

    def open(self) -> Shop:
        """As another host would."""
        return open_shop(self.folder, clock=self.clock)

    def pack(self, reference: str, *, by: Shop | None = None) -> None:
        """Order a parcel and have it packed."""
        shop = by or self.shop
        shop.place(an_order(reference))
        shop.trigger(reference, "pack")

    def state(self, reference: str) -> str:
        (state,) = {item.state for item in self.shop.views.order(reference).items}
        return state

    def look_for_work(self, running: Running) -> None:
        """The tick that finds what nobody was told of."""
        running.tick("rings" if self.is_rung else "slot 0")

    def run(self, statement: str) -> None:
        with self.shop.store.writing() as work:
            work.execute(text(statement))


@pytest.fixture(params=MODES)
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    database = request.getfixturevalue("on_server") if request.param.startswith("postgres") else None
    made = Yard(tmp_path, request.param, database)
    yield made
    made.words.GO_ON.set()
    made.shop.close()


def test_a_job_is_done_at_once_though_nobody_looks_for_work_for_an_hour(yard: Yard) -> None:
    with working(yard.shop):
        yard.pack("A-1")
        wait_until(lambda: yard.state("A-1") == "packed")
    assert yard.words.DONE == [1]


def test_what_another_host_promised_is_done_and_at_once_where_a_bell_rings(yard: Yard) -> None:
    with working(yard.shop) as running, yard.open() as other:
        yard.pack("A-1", by=other)
        if not yard.is_rung:
            yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")
    assert yard.words.DONE == [1]


def test_what_was_rolled_back_is_promised_to_nobody(yard: Yard) -> None:
    with suppress(_Undone), yard.shop.store.writing() as work:
        work.jobs.add(_a_job("lost", yard))
        raise _Undone
    with yard.shop.store.writing() as work:
        with suppress(_Undone), work.savepoint():
            work.jobs.add(_a_job("undone", yard))
            raise _Undone
        with work.savepoint():
            work.jobs.add(_a_job("kept", yard))
    if yard.is_rung:
        assert _rings(yard) == ["kept"]
    with working(yard.shop):
        wait_until(lambda: yard.words.DONE == [1])


def test_a_ring_that_was_lost_is_found_by_the_next_look(yard: Yard) -> None:
    yard.pack("A-1")
    if yard.is_rung:
        yard.run("DELETE FROM procrastinate_jobs")
    with working(yard.shop) as running:
        yard.look_for_work(running)  # too early: it was rung for a moment ago
        assert ([] if yard.is_rung else [1]) == yard.words.DONE
        yard.clock.move(seconds=RING_AGAIN.total_seconds() + 1)
        yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")
    assert yard.words.DONE == [1]


def test_a_job_that_is_brought_twice_is_done_once(yard: Yard) -> None:
    if yard.is_rung:
        yard.pack("A-1")
        yard.run("UPDATE job SET rung_at = NULL")
    with working(yard.shop) as running:
        if not yard.is_rung:
            yard.pack("A-1")
        yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")
        if yard.is_rung:
            wait_until(lambda: _rings(yard) == [])
    assert yard.words.DONE == [1]


def test_what_another_worker_does_is_left_to_it_until_its_lease_ends(yard: Yard) -> None:
    yard.pack("A-1")
    (job,) = [job.id for job in yard.shop.views.order("A-1").jobs]
    with yard.shop.store.writing() as work:
        work.jobs.claim(job, worker="dead", now=yard.clock(), lease_until=yard.clock() + LEASE)
    with working(yard.shop) as running:
        yard.look_for_work(running)
        assert yard.words.DONE == []
        yard.clock.move(seconds=LEASE.total_seconds() + 1)
        yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")
    assert yard.words.DONE == [2], "the first try was the dead one's"


def test_a_job_that_failed_is_tried_again_after_its_pause(yard: Yard) -> None:
    yard.words.FAIL.append("no tape")
    with working(yard.shop) as running:
        yard.pack("A-1")
        wait_until(lambda: [job.error for job in yard.shop.views.order("A-1").jobs] == ["OSError: no tape"])
        yard.clock.move(minutes=1)
        yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")
    assert yard.words.DONE == [1, 2]


def test_nobody_is_brought_what_is_held(yard: Yard) -> None:  # rule 30
    hold(yard.shop.engine, "process:prepayment", reason="no tape", actor="jana")
    with working(yard.shop) as running:
        yard.pack("A-1")
        yard.look_for_work(running)
        yard.look_for_work(running)
        assert (yard.state("A-1"), yard.words.DONE) == ("packing", [])
        release(yard.shop.engine, "process:prepayment")
        yard.clock.move(seconds=RING_AGAIN.total_seconds() + 1)
        yard.look_for_work(running)
        wait_until(lambda: yard.state("A-1") == "packed")


def test_a_worker_does_the_jobs_of_its_queues(yard: Yard) -> None:
    with working(yard.shop, queues=("pdf", "mail")) as running:
        yard.pack("A-1")
        yard.look_for_work(running)
    assert yard.state("A-1") == "packing"
    with working(yard.shop, queues=("other",)):
        wait_until(lambda: yard.state("A-1") == "packed")


def test_what_has_begun_comes_to_its_end_before_the_worker_does(yard: Yard) -> None:
    yard.words.GO_ON.clear()
    with working(yard.shop) as running:
        yard.pack("A-1")
        wait_until(lambda: [str(job.status) for job in yard.shop.views.order("A-1").jobs] == ["running"])
        running.worker.stop()
        yard.pack("A-2")
        yard.words.GO_ON.set()
    assert running.worker.is_whole
    assert (yard.state("A-1"), yard.state("A-2")) == ("packed", "packing")


def test_a_worker_is_seen_as_long_as_it_works(yard: Yard) -> None:
    def workers() -> list[tuple[str, tuple[str, ...]]]:
        with yard.shop.store.reading() as work:
            return [(each.name, each.queues) for each in work.workers.all()]

    with working(yard.shop, queues=("pdf",)) as running:
        assert workers() == [(running.worker.name, ("pdf",))]
        with yard.shop.store.reading() as work:
            first = work.workers.all()[0].seen_at
        yard.clock.move(seconds=20)
        running.tick("leases")
        with yard.shop.store.reading() as work:
            assert work.workers.all()[0].seen_at == first + timedelta(seconds=20)
    assert workers() == []


class _Undone(Exception):
    """Rolls back."""


def _a_job(name: str, yard: Yard) -> Job:
    now = yard.clock()
    return Job(id=name, name="pack", order=None, hop=None, state=None, items=(), then=None, on_error=None, next_at=now, created_at=now)


def _rings(yard: Yard) -> list[str]:
    with yard.shop.store.connection() as connection:
        return [str(row[0]) for row in connection.execute(text("SELECT args ->> 'job' FROM procrastinate_jobs ORDER BY id"))]
