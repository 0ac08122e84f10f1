"""What every store promises: transactions, locks, claims and numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from oms.errors import StoreUnavailable
from oms.outbox import Job, JobStatus
from oms.ports.drafts import NewItem, NewOrder, NewTimer
from oms.ports.records import Item
from oms.ports.versions import Content
from oms.store.opening import open_store
from oms.store.sql_store import SqlStore
from oms.store.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def other(database_url: str) -> Iterator[SqlStore]:
    """The same database, opened as by another process."""
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def items(store: SqlStore) -> list[Item]:
    """Three items of one order, in "new"."""
    with store.writing() as work:
        version, _ = work.versions.deploy("p", Content("s", "{}", "s", ()), actor="test", at=NOW)
        lines = (("A", 1, "{}"), ("B", 1, "{}"), ("C", 1, "{}"))
        order = work.orders.add(NewOrder("main", "A-1", version.id, "de_DE", "EUR", "Jana", None, 1, "{}", NOW, lines))
        assert order is not None
        return work.items.add([NewItem(order.id, line, 1, "new", False, NOW, NOW, None) for line in (1, 2, 3)])


def held(store: SqlStore) -> str | None:
    with store.reading() as work:
        return work.holds.reason("mail")


def hold(work: SqlUnitOfWork, reason: str) -> None:
    work.holds.hold("mail", reason=reason, actor="test", at=NOW)


# ---- Transactions ----


def test_what_was_written_in_a_savepoint_goes_with_the_transaction(store: SqlStore) -> None:
    """Savepoint first, then the outer rollback: with a driver's own BEGIN the savepoint's rows survive (rule 39)."""

    def fail_after_a_savepoint(work: SqlUnitOfWork) -> None:
        with work.savepoint():
            hold(work, "in the savepoint")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing() as work:
        fail_after_a_savepoint(work)
    assert held(store) is None


def test_an_exception_undoes_its_savepoint_and_nothing_else(store: SqlStore) -> None:
    def fail(work: SqlUnitOfWork) -> None:
        hold(work, "inside")
        raise ZeroDivisionError

    with store.writing() as work:
        hold(work, "before")
        with pytest.raises(ZeroDivisionError), work.savepoint():
            fail(work)
    assert held(store) == "before"


def test_a_read_during_an_open_write_returns_at_once_and_sees_what_was_committed(store: SqlStore) -> None:
    with store.writing() as work:
        hold(work, "not committed yet")
        assert held(store) is None
    assert held(store) == "not committed yet"


def test_a_read_sees_one_state_of_the_database(store: SqlStore) -> None:
    with store.reading() as work:
        assert work.holds.reason("mail") is None
        with store.writing() as other:
            hold(other, "meanwhile")
        assert work.holds.reason("mail") is None
    assert held(store) == "meanwhile"


def test_a_reader_cannot_write(store: SqlStore) -> None:
    with pytest.raises(StoreUnavailable), store.reading() as work:
        hold(work, "by a reader")
    assert held(store) is None


def test_of_two_processes_that_ask_where_an_item_stands_only_one_moves_it(store: SqlStore, other: SqlStore, items: list[Item]) -> None:
    """Check, then act: the second waits for the first and sees what it did (rules learnt, 2)."""
    moved: list[int] = []

    def trigger(where: SqlStore) -> None:
        together.wait()
        with where.writing() as work:
            head = work.orders.lock("A-1")
            stands = [item for item in work.items.of(head.id) if item.state == "new"]
            moved.append(work.items.move(stands, target="paid", final=False, at=NOW, look_at=None) if stands else 0)

    together = threading.Barrier(2)
    threads = [threading.Thread(target=trigger, args=(where,)) for where in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == [0, len(items)]


def test_an_item_that_no_longer_stands_there_is_not_moved(store: SqlStore, items: list[Item]) -> None:
    with store.writing() as work:
        assert work.items.move(items[:1], target="paid", final=False, at=NOW, look_at=None) == 1
        assert work.items.move(items, target="cancelled", final=False, at=NOW, look_at=None) == 2


def test_a_refused_row_leaves_the_transaction_usable(store: SqlStore, items: list[Item]) -> None:
    with store.writing() as work:
        hold(work, "before")
        with pytest.raises(IntegrityError) as caught, work.savepoint():
            work.timers.add([NewTimer(items[0].order, 4711, 0, "remind", NOW)])
        assert (work.lost(caught.value), work.usable(caught.value)) == (False, True)
    assert held(store) == "before"


# ---- Times ----


def test_times_come_back_aware_and_in_utc(store: SqlStore, items: list[Item]) -> None:
    elsewhere = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+09:00").tzinfo)
    with store.writing() as work:
        work.timers.add([NewTimer(items[0].order, items[0].id, 0, "remind", elsewhere)])
    with store.reading() as work:
        (timer,) = work.timers.of(items[0].order)
    assert (timer.due_at, timer.due_at.utcoffset()) == (NOW, timedelta(0))


def test_a_time_without_zone_is_refused(store: SqlStore, items: list[Item]) -> None:
    with pytest.raises(ValueError, match="naive"), store.writing() as work:
        work.timers.add([NewTimer(items[0].order, items[0].id, 0, "remind", NOW.replace(tzinfo=None))])


# ---- Claims ----


@pytest.fixture
def job(store: SqlStore) -> str:
    with store.writing() as work:
        work.jobs.add(Job("j1", "render_invoice", None, None, None, (), None, None, next_at=NOW, created_at=NOW))
    return "j1"


def claim(store: SqlStore, job: str, *, at: datetime, worker: str = "one") -> Job | None:
    with store.writing() as work:
        return work.jobs.claim(job, worker=worker, now=at, lease_until=at + timedelta(minutes=1))


def test_a_job_is_claimed_once_while_its_lease_lasts(store: SqlStore, job: str) -> None:
    first = claim(store, job, at=NOW)
    assert first is not None
    assert (first.status, first.attempts, first.claims) == (JobStatus.RUNNING, 1, 1)
    assert claim(store, job, at=NOW + timedelta(seconds=60), worker="two") is None
    with store.reading() as work:
        assert work.jobs.due(NOW + timedelta(seconds=60), limit=9) == []


def test_a_job_whose_lease_ended_is_claimed_by_another_and_the_first_is_fenced_off(store: SqlStore, job: str) -> None:
    first, after = claim(store, job, at=NOW), NOW + timedelta(seconds=61)
    with store.reading() as work:
        assert work.jobs.due(after, limit=9) == [job]
    second = claim(store, job, at=after, worker="two")
    assert first is not None
    assert second is not None
    with store.writing() as work:
        assert not work.jobs.settle(first, status=JobStatus.DONE, result="{}")
        assert work.jobs.settle(second, status=JobStatus.DONE, result="{}")
    assert claim(store, job, at=after) is None


def test_a_renewed_lease_is_the_workers_own(store: SqlStore, job: str) -> None:
    claim(store, job, at=NOW)
    with store.writing() as work:
        assert work.jobs.renew("two", lease_until=NOW + timedelta(minutes=5)) == 0
        assert work.jobs.renew("one", lease_until=NOW + timedelta(minutes=5)) == 1
    assert claim(store, job, at=NOW + timedelta(minutes=4), worker="two") is None


def test_a_job_is_not_due_before_its_time(store: SqlStore, job: str) -> None:
    assert claim(store, job, at=NOW - timedelta(microseconds=1)) is None


@pytest.mark.parametrize(("status", "kept"), [(JobStatus.DONE, None), (JobStatus.DEAD, '{"refunded": "1"}')])
def test_a_job_that_is_tried_again_is_done_anew_unless_only_its_end_failed(store: SqlStore, job: str, status: JobStatus, kept: str | None) -> None:
    claimed = claim(store, job, at=NOW)
    assert claimed is not None
    with store.writing() as work:
        work.jobs.settle(claimed, status=status, result='{"refunded": "1"}')
        assert work.jobs.revive(job, at=NOW)
    again = claim(store, job, at=NOW)
    assert again is not None
    assert (again.result, again.attempts, again.claims) == (kept, 1, 2)


def test_a_job_that_a_worker_has_is_not_tried_again_by_another(store: SqlStore, job: str) -> None:
    claim(store, job, at=NOW)
    with store.writing() as work:
        assert not work.jobs.revive(job, at=NOW)


def test_a_timer_is_claimed_once_and_comes_again_if_its_worker_dies(store: SqlStore, items: list[Item]) -> None:
    again = NOW + timedelta(seconds=10)
    with store.writing() as work:
        work.timers.add([NewTimer(items[0].order, items[0].id, 0, "remind", NOW)])
        (due,) = work.timers.due(NOW, limit=9)
        ids = [due.timer.id]
        assert work.timers.claim(ids, now=NOW, again=again) == set(ids)
        assert work.timers.claim(ids, now=NOW, again=again) == set()
        assert work.timers.due(NOW, limit=9) == []
        (once_more,) = work.timers.due(again, limit=9)
    assert (once_more.timer.attempts, once_more.timer.due_at) == (1, NOW)


def test_a_look_is_claimed_once_and_comes_again_if_its_worker_dies(store: SqlStore, items: list[Item]) -> None:
    ids, again = [item.id for item in items], NOW + timedelta(seconds=10)
    with store.writing() as work:
        assert [due.item.id for due in work.looks.due(NOW, limit=9)] == ids
        assert work.looks.claim(ids[:2], now=NOW, again=again) == set(ids[:2])
        assert work.looks.claim(ids, now=NOW, again=again) == {ids[2]}
        assert work.looks.due(NOW, limit=9) == []
        assert [due.item.attempts for due in work.looks.due(again, limit=9)] == [1, 1, 1]


def _claimed(work: SqlUnitOfWork, item: Item, *, now: datetime = NOW) -> Item:
    (due,) = [each.item for each in work.looks.due(now, limit=9) if each.item.id == item.id]
    again = now + timedelta(seconds=10)
    assert work.looks.claim([item.id], now=now, again=again) == {item.id}
    return replace(due, attempts=due.attempts + 1, look_at=again)


def _looks(work: SqlUnitOfWork, item: Item) -> tuple[datetime | None, int | None, int]:
    (stands,) = [each for each in work.items.of(item.order) if each.id == item.id]
    return stands.look_at, stands.look_pause, stands.attempts


def test_a_look_that_finds_nothing_says_when_to_look_again(store: SqlStore, items: list[Item]) -> None:  # rule 17
    with store.writing() as work:
        mine = _claimed(work, items[0])
        work.looks.found_nothing([(mine, NOW + timedelta(hours=1), 3600)], at=NOW)
        assert _looks(work, items[0]) == (NOW + timedelta(hours=1), 3600, 0)


def test_an_order_that_is_woken_during_a_look_is_looked_at_again_at_once(store: SqlStore, items: list[Item]) -> None:  # rule 17
    with store.writing() as work:
        mine = _claimed(work, items[0])
        work.looks.wake(mine.order, at=NOW)
        assert _looks(work, items[0])[::2] == (mine.look_at, 1)  # not before the look has ended: its attempts count
        work.looks.found_nothing([(mine, NOW + timedelta(hours=1), 3600)], at=NOW)
        assert _looks(work, items[0]) == (NOW, None, 0)


def test_a_look_that_took_longer_than_its_claim_changes_nothing(store: SqlStore, items: list[Item]) -> None:  # rule 15
    later = NOW + timedelta(seconds=20)
    with store.writing() as work:
        slow = _claimed(work, items[0])
        quick = _claimed(work, items[0], now=later)
        work.looks.found_nothing([(quick, later, 60)], at=later)
        third = _claimed(work, items[0], now=later)  # claimed once, as the slow one was
        work.looks.found_nothing([(slow, NOW + timedelta(hours=1), 3600)], at=NOW)
        assert _looks(work, items[0]) == (third.look_at, 60, 1)


def test_what_failed_or_was_given_up_is_not_woken(store: SqlStore, items: list[Item]) -> None:  # rule 15
    again = NOW + timedelta(minutes=5)
    with store.writing() as work:
        work.items.look([items[0].id], at=again, attempts=3, error="rust")
        work.items.look([items[1].id], at=None, attempts=8, error="rust")
        work.looks.wake(items[0].order, at=NOW)
        assert _looks(work, items[0])[::2] == (again, 3)
        assert _looks(work, items[1])[::2] == (None, 8)


def test_whole_orders_are_due_however_few_are_asked_for(store: SqlStore, items: list[Item]) -> None:
    with store.writing() as work:
        work.timers.add([NewTimer(item.order, item.id, 0, "remind", NOW) for item in items])
        assert len(work.timers.due(NOW, limit=1)) == 3
        assert len(work.looks.due(NOW, limit=1)) == 3


def test_what_is_held_is_not_due(store: SqlStore, items: list[Item]) -> None:
    order = items[0].order
    with store.writing() as work:
        work.timers.add([NewTimer(order, items[0].id, 0, "remind", NOW)])
        work.jobs.add(Job("j2", "render_invoice", order, None, None, (), None, None, next_at=NOW, created_at=NOW))
        for subject in ("process:p", "order"):
            if subject == "order":
                work.orders.hold(order, reason="wait")
            else:
                work.holds.hold(subject, reason="wait", actor="test", at=NOW)
            assert (work.timers.due(NOW, limit=9), work.looks.due(NOW, limit=9), work.jobs.due(NOW, limit=9)) == ([], [], [])
            work.holds.release(subject)
        work.orders.hold(order, reason=None)
        assert work.jobs.due(NOW, limit=9) == ["j2"]


# ---- Numbers, incidents ----


def test_numbers_have_no_gap_and_their_days_never_go_back(store: SqlStore) -> None:
    days = [date(2026, 11, 25), date(2026, 11, 24), date(2026, 11, 26)]
    with store.writing() as work:
        drawn = [work.documents.draw("main:invoice:2026", day=day) for day in days]
        assert work.documents.draw("other:invoice:2026", day=days[0]) == (1, days[0])
    assert drawn == [(1, days[0]), (2, days[0]), (3, days[2])]


def test_a_number_that_was_rolled_back_is_drawn_again(store: SqlStore) -> None:
    def fail(work: SqlUnitOfWork) -> None:
        assert work.documents.draw("main:invoice:2026", day=NOW.date())[0] == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing() as work:
        fail(work)
    with store.writing() as work:
        assert work.documents.draw("main:invoice:2026", day=NOW.date())[0] == 1


def test_an_incident_is_open_once_and_may_come_again(store: SqlStore) -> None:
    with store.writing() as work:
        assert work.incidents.open("late", "item:1", text="one", at=NOW)
        assert not work.incidents.open("late", "item:1", text="two", at=NOW)
        assert [incident.text for incident in work.incidents.untold()] == ["two"]
        assert work.incidents.close("late", "item:1", by="test", at=NOW)
        assert not work.incidents.close("late", "item:1", by="test", at=NOW)
        assert work.incidents.open("late", "item:1", text="three", at=NOW)


def test_a_transaction_that_is_over_answers_nobody(store: SqlStore) -> None:
    """Its connection may be another's by then, or closed: what was forgotten would be asked there."""
    for begun in (store.reading, store.writing):
        with begun() as work:
            work.holds.reason("mail")
        with pytest.raises(RuntimeError, match="This transaction is over"):
            work.holds.reason("mail")
