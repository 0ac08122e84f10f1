"""What only SQLite does to us: one writer, files that go away, disks that are full. Each time one sentence, and nothing half done."""

from __future__ import annotations

import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from oms.bootstrap import Shop, open_shop
from oms.engine.draining import run_due_jobs
from oms.errors import StoreUnavailable
from oms.ports.store import Store, UnitOfWork
from oms.store.health import faults
from oms.store.locks import Turnstile
from oms.store.schema import upgrade
from oms.store.sqlite import SqliteStore
from tests.builders import an_order, open_test_shop
from tests.faults.audit import audit
from tests.working import wait_until

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    upgrade(tmp_path / "oms.db")
    return tmp_path / "oms.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path, busy_seconds=0.05)
    yield opened
    opened.close()


def hold(store: Store) -> None:
    with store.writing() as work:
        work.holds.hold("mail", reason="held", actor="test", at=NOW)


def held(store: Store) -> str | None:
    with store.reading() as work:
        return work.holds.reason("mail")


# ---- Turns ----


def test_threads_write_in_the_order_in_which_they_came() -> None:
    turnstile, served = Turnstile(), list[int]()

    def write(number: int) -> None:
        with turnstile:
            served.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    with turnstile:
        for number, thread in enumerate(threads):
            thread.start()
            wait_until(partial(_waits, turnstile, number + 1))
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def _waits(turnstile: Turnstile, number: int) -> bool:
    return len(turnstile._waiting) == number


def test_a_wait_that_is_interrupted_leaves_its_turn_to_others() -> None:
    turnstile, ended = Turnstile(), threading.Event()
    main = threading.main_thread().ident or 0

    def hold_and_interrupt() -> None:
        with turnstile:
            began.set()
            wait_until(lambda: turnstile._waiting)
            signal.pthread_kill(main, signal.SIGINT)
            ended.wait()

    began = threading.Event()
    thread = threading.Thread(target=hold_and_interrupt)
    thread.start()
    began.wait()
    with pytest.raises(KeyboardInterrupt), turnstile:
        pass
    ended.set()
    thread.join()
    with turnstile:
        pass


# ---- Other processes ----


@contextmanager
def another_process_writes(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def test_a_database_that_another_process_locks_is_said_to_be_busy_and_serves_readers_meanwhile(path: Path, store: SqliteStore) -> None:
    with another_process_writes(path):
        with pytest.raises(
            StoreUnavailable, match=r"The database .*oms\.db didn't answer: database is locked\. Another process keeps it for itself: try again"
        ):
            hold(store)
        assert held(store) is None
    hold(store)
    assert held(store) == "held"


@dataclass
class Counting:
    """A store that counts how often somebody wanted to write."""

    store: SqliteStore
    tries: int = 0

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        return self.store.reading()

    def now(self) -> datetime:
        return self.store.now()

    def scrub(self) -> None:
        self.store.scrub()

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        self.tries += 1
        return self.store.writing()


@contextmanager
def a_process_that_keeps_the_lock(path: Path) -> Iterator[None]:
    program = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute('BEGIN EXCLUSIVE'); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Shop, Counting]]:
    """A shop whose database another process keeps locked."""
    with open_test_shop(tmp_path) as shop:
        store = Counting(SqliteStore(tmp_path / "data" / "oms.db", busy_seconds=0.02))
        shop.engine.store = store
        with a_process_that_keeps_the_lock(tmp_path / "data" / "oms.db"):
            yield shop, store
        store.store.close()


@pytest.mark.parametrize(("patience", "tries"), [(60, 5), (0, 1)])
def test_a_command_tries_a_locked_database_again_only_as_long_as_a_person_bears(
    locked: tuple[Shop, Counting], *, patience: float, tries: int
) -> None:
    shop, store = locked
    shop.engine.patience = patience
    with pytest.raises(StoreUnavailable, match="database is locked"):
        shop.place(an_order())
    assert store.tries == tries
    with pytest.raises(StoreUnavailable, match="database is locked"):
        shop.trigger("A-1001", "pay")
    assert store.tries == 2 * tries


def test_what_happened_outside_is_tried_to_be_written_down_to_the_last(locked: tuple[Shop, Counting]) -> None:
    shop, store = locked
    shop.engine.patience = 0
    with pytest.raises(StoreUnavailable):
        shop.engine.persist(lambda: hold(store))
    assert store.tries == 5


def test_a_worker_looks_again_once_the_database_is_free(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())
        before = shop.engine.store
        shop.engine.store, shop.engine.patience = Counting(SqliteStore(tmp_path / "data" / "oms.db", busy_seconds=0.02)), 0
        with a_process_that_keeps_the_lock(tmp_path / "data" / "oms.db"), pytest.raises(StoreUnavailable):
            run_due_jobs(shop.engine)
        assert run_due_jobs(shop.engine) == 1
        shop.engine.store = before


def test_a_writer_waits_for_another_process(path: Path) -> None:
    store, begun, free = SqliteStore(path), threading.Event(), threading.Event()

    def other() -> None:
        with another_process_writes(path):
            begun.set()
            free.wait()

    def write() -> None:
        hold(store)

    busy, waits = threading.Thread(target=other), threading.Thread(target=write)
    busy.start()
    begun.wait()
    waits.start()
    wait_until(lambda: store._turnstile._busy)
    assert held(store) is None
    free.set()
    for thread in (busy, waits):
        thread.join()
    assert held(store) == "held"
    store.close()


# ---- Files (F24, F25) ----


def test_a_missing_database_is_said_and_never_made(tmp_path: Path) -> None:
    path = tmp_path / "oms.db"
    with (
        pytest.raises(StoreUnavailable, match=r"There is no database at .*oms\.db\. A new shop gets one by `oms db upgrade`"),
        SqliteStore(path).reading(),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "oms.db").touch()
    with pytest.raises(StoreUnavailable, match="There is no database"), SqliteStore(tmp_path / "oms.db").writing():
        pass
    assert (tmp_path / "oms.db").stat().st_size == 0


def test_a_database_that_is_moved_away_is_missed_at_once_and_found_again(path: Path, store: SqliteStore) -> None:
    hold(store)
    path.rename(path.with_name("away.db"))
    for use in (hold, held):
        with pytest.raises(StoreUnavailable, match="There is no database"):
            use(store)
    assert not path.exists()
    path.with_name("away.db").rename(path)
    assert held(store) == "held"


def test_nothing_is_written_once_the_database_was_replaced_by_another(path: Path, store: SqliteStore) -> None:
    """The old file is still open: what is written to it would be lost with it."""
    held(store)
    upgrade(path.with_name("new.db"))
    path.with_name("new.db").rename(path)
    for use in (hold, held):
        with pytest.raises(StoreUnavailable, match=r"was replaced by another file while oms was running\. Stop oms, then start it again"):
            use(store)
    fresh = SqliteStore(path)
    assert held(fresh) is None
    fresh.close()


def test_a_database_that_can_only_be_read_is_refused_with_a_sentence_and_can_be_read(path: Path) -> None:
    """By its own header, for root may write to every file."""
    with path.open("r+b") as file:
        file.seek(18)  # the format's write version: one that is unknown makes it read-only
        file.write(b"\x03")
    store = SqliteStore(path)
    with pytest.raises(StoreUnavailable, match="didn't answer: attempt to write a readonly database"):
        hold(store)
    assert held(store) is None
    store.close()


def test_a_damaged_page_is_said(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())
    path = tmp_path / "data" / "oms.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with open_shop(tmp_path) as shop, pytest.raises(StoreUnavailable, match=r"didn't answer: database disk image is malformed"):
        shop.trigger("A-1001", "pay", payload={"amount": "1", "reference": "tx_1"})


# ---- Disks (F21, F22) ----


@contextmanager
def full(path: Path) -> Iterator[None]:
    """No file may grow beyond the size of this one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FULL = r"The disk is full: make room, then go on\. Nothing is lost\.$"


def test_a_full_disk_is_said_and_nobody_is_told_to_put_a_backup_in_the_place_of_a_whole_database(tmp_path: Path) -> None:
    with open_test_shop(tmp_path):
        pass
    (tmp_path / "small").write_bytes(b"x" * 100)
    with open_shop(tmp_path) as shop, full(tmp_path / "small"):  # nothing runs: SQLite needs 32 KB beside the file
        (fault,) = faults(shop.store, thorough=True)
        with pytest.raises(StoreUnavailable, match=FULL):
            shop.views.order("A-1")
    assert re.search(rf"oms\.db can't be read: disk I/O error\. {FULL}", fault)
    with open_shop(tmp_path) as shop:
        assert faults(shop.store, thorough=True) == []


def test_a_shop_with_a_running_worker_can_be_read_on_a_full_disk(tmp_path: Path) -> None:  # F21
    with open_test_shop(tmp_path) as worker:
        worker.place(an_order())
        (tmp_path / "small").write_bytes(b"x" * 100)
        with open_shop(tmp_path) as shop, full(tmp_path / "small"):
            assert shop.views.order("A-1001").head.reference == "A-1001"


def test_a_file_that_is_no_database_is_replaced_by_a_backup(tmp_path: Path) -> None:
    (tmp_path / "oms.db").write_bytes(b"a letter " * 1000)
    (fault,) = faults(SqliteStore(tmp_path / "oms.db"), thorough=True)
    assert fault.endswith("file is not a database. Stop the workers and put a backup in its place.")


def test_a_full_disk_keeps_what_was_answered_and_nothing_else_and_is_forgotten_when_there_is_room(tmp_path: Path) -> None:
    answered: list[str] = []

    def place(shop: Shop, *numbers: int) -> None:
        for number in numbers:
            shop.place(an_order(f"A-{number}"))
            answered.append(f"A-{number}")

    with open_test_shop(tmp_path) as shop:
        place(shop, 1)
        with (
            full(tmp_path / "data" / "oms.db-wal"),
            pytest.raises(StoreUnavailable, match=r"didn't answer: (database or disk is full|disk I/O error)"),
        ):
            place(shop, *range(2, 1000))
        place(shop, 1000)
    with closing(sqlite3.connect(tmp_path / "data" / "oms.db")) as connection:
        assert connection.execute("SELECT reference FROM orders ORDER BY id").fetchall() == [(reference,) for reference in answered]
    assert audit(tmp_path, quiet=False) == []
