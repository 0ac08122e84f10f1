"""What every store promises of mail lanes: one probe of a server that is down, and a pace that all workers keep together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from oms.outbox import DELIVER, LANE_DOWN, promised
from oms.store.opening import open_store
from oms.store.sql_store import SqlStore

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=1)
WORKERS = 6


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = open_store(database_url)
    yield opened
    opened.close()


def promise(store: SqlStore, lane: str, count: int) -> list[str]:
    jobs = [promised(DELIVER, {"message": number}, order=None, hop=None, at=NOW, lane=lane) for number in range(count)]
    with store.writing() as work:
        for job in jobs:
            work.jobs.add(job)
    return [job.id for job in jobs]


def claimed_at_once(store: SqlStore, jobs: list[str]) -> int:
    """How many of those mails are begun when each is claimed by a worker of its own, all at the same moment."""
    start = threading.Barrier(len(jobs))

    def claim(job: str) -> bool:
        start.wait()
        with store.writing() as work:
            return work.jobs.claim(job, worker=job, now=NOW, lease_until=LEASE) is not None

    with ThreadPoolExecutor(len(jobs)) as workers:
        return sum(workers.map(claim, jobs))


def test_of_workers_that_claim_at_once_one_probes_a_server_that_is_down(store: SqlStore) -> None:
    for each in range(10):
        jobs = promise(store, f"mail:{each}", WORKERS)
        with store.writing() as work:
            work.incidents.open(LANE_DOWN, f"mail:{each}", text="It is away.", at=NOW)
        assert claimed_at_once(store, jobs) == 1


def test_a_server_that_is_down_keeps_no_other_lane_from_its_work(store: SqlStore) -> None:
    promise(store, "mail:tea", 3)
    others = promise(store, "mail", WORKERS)
    with store.writing() as work:
        work.incidents.open(LANE_DOWN, "mail:tea", text="It is away.", at=NOW)
    assert claimed_at_once(store, others) == WORKERS


def test_workers_keep_one_pace_together(store: SqlStore) -> None:
    def offer(_number: int) -> datetime | None:
        with store.writing() as work:
            return work.mails.pace("mail", most=7, now=NOW)

    with ThreadPoolExecutor(WORKERS) as workers:
        answers = list(workers.map(offer, range(20)))
    assert answers.count(None) == 7
    assert set(answers) == {None, NOW + timedelta(minutes=1)}
