"""What only a server can get wrong: its schema, its clock, its locks, and that it goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Executable, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from oms.errors import StoreUnavailable
from oms.ports.drafts import NewTimer
from oms.store import postgres
from oms.store.guards import APPEND_ONLY, KEEPS, NEVER_DELETED, guards
from oms.store.opening import open_store
from oms.store.postgres import PostgresStore
from oms.store.schema import newest, upgrade_server
from oms.store.tables import METADATA
from oms.store.unit_of_work import SqlUnitOfWork
from tests.builders import an_order, open_test_shop
from tests.postgres import Server

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LATER = datetime(2040, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(on_server: str) -> Iterator[PostgresStore]:
    opened = PostgresStore(on_server, busy_seconds=0.2)
    yield opened
    opened.close()


@pytest.fixture
def placed(tmp_path: Path, store: PostgresStore, on_server: str) -> PostgresStore:
    with open_test_shop(tmp_path, database=on_server) as shop:
        shop.place(an_order("A"))
    return store


def hold(work: SqlUnitOfWork, subject: str = "mail") -> None:
    work.holds.hold(subject, reason="try", actor="test", at=NOW)


# ---- Schema ----


def test_the_migrations_lead_from_an_empty_database_to_the_tables_of_the_code(store: PostgresStore) -> None:
    ours = {"compare_type": True, "include_name": lambda name, _kind, _parents: not (name or "").startswith("procrastinate")}
    with store.connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), METADATA) == []


def test_the_migrations_make_each_index_as_the_code_says(server: Server, on_server: str) -> None:
    """Alembic doesn't compare the conditions of indexes."""
    other = server.new_database(empty=True)
    made = postgres.engine(postgres.address_of(other))
    with made.begin() as connection:
        connection.execute(text("CREATE SCHEMA oms"))
        METADATA.create_all(connection)
    made.dispose()
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'oms' AND tablename <> 'alembic_version' ORDER BY 1"
    names = [url.rpartition("/")[2] for url in (on_server, other)]
    assert server.sql(indexes, names[0]) == server.sql(indexes, names[1])


def test_an_upgrade_says_from_where_to_where_and_a_second_one_changes_nothing(server: Server) -> None:
    url = server.new_database(empty=True)
    assert upgrade_server(url) == (None, newest())
    assert upgrade_server(url) == (newest(), newest())


def test_hosts_that_upgrade_at_once_make_one_schema(server: Server) -> None:
    url, said = server.new_database(empty=True), list[tuple[str | None, str]]()
    threads = [threading.Thread(target=lambda: said.append(upgrade_server(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said, key=str) == [(newest(), newest())] * 3 + [(None, newest())]


def test_every_guard_of_the_list_is_in_the_database(server: Server, on_server: str) -> None:
    ours = "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = 'oms'::regnamespace"
    found = server.sql(ours, on_server.rpartition("/")[2])
    assert {name for (name,) in found} == {each.name for each in guards("postgresql")}


def test_a_database_that_has_no_tables_of_ours_or_newer_ones_is_refused(server: Server, on_server: str) -> None:
    empty = PostgresStore(server.new_database(empty=True))
    with pytest.raises(StoreUnavailable, match=r"is of revision none, this oms works with .* oms db upgrade"), empty.reading():
        pass
    empty.close()
    server.sql("UPDATE oms.alembic_version SET version_num = '9999'", on_server.rpartition("/")[2])
    with pytest.raises(StoreUnavailable, match="revision 9999, which this oms doesn't know: it was made by a newer one"):
        upgrade_server(on_server)


def test_what_procrastinate_needs_is_made_with_it_and_missed_where_only_our_schema_was_restored(server: Server, on_server: str) -> None:
    database = on_server.rpartition("/")[2]
    server.sql("DROP SCHEMA procrastinate CASCADE", database)
    store = open_store(on_server, rings=True)
    with (
        pytest.raises(StoreUnavailable, match=r"has no tables of Procrastinate's, as after a restore\. Make them: oms db upgrade\."),
        store.reading(),
    ):
        pass
    assert upgrade_server(on_server) == (newest(), newest())
    with store.reading():
        pass
    store.close()


def test_what_a_newer_procrastinate_changed_is_brought_up_to_date(server: Server, on_server: str) -> None:
    url = server.new_database(empty=True)
    old, other = url.rpartition("/")[2], on_server.rpartition("/")[2]
    migrations = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    applied = [each for each in migrations if each.stem < "03.02"]
    with psycopg.connect(url, options="-c search_path=procrastinate", autocommit=True) as connection:
        connection.execute("CREATE SCHEMA procrastinate")
        for each in applied:
            connection.execute(each.read_text())
        connection.execute(f"COMMENT ON SCHEMA procrastinate IS '{applied[-1].stem}'")

    upgrade_server(url)

    for what in (
        "SELECT proname, pg_get_function_arguments(oid) FROM pg_proc WHERE pronamespace = 'procrastinate'::regnamespace ORDER BY 1, 2",
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'procrastinate' ORDER BY 1, 2",
        "SELECT obj_description('procrastinate'::regnamespace)",
    ):
        assert server.sql(what, old) == server.sql(what, other)


def test_the_tables_keep_out_of_the_way_of_others(server: Server, on_server: str) -> None:
    found = server.sql("SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT LIKE 'pg_%'", on_server.rpartition("/")[2])
    assert {name for (name,) in found} - {"information_schema"} == {"oms", "procrastinate"}


# ---- What is kept for ever ----


@pytest.fixture(scope="module")
def busy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with a row in every guarded table."""
    url = server.new_database()
    with open_test_shop(tmp_path_factory.mktemp("busy"), database=url) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.place(an_order("M-1", payment={"method": "marketplace"}))
        shop.trigger("M-1", "pay", payload={"amount": "168.80", "reference": "tx_2"})
        shop.trigger("M-1", "ship")
        shop.work()
        with shop.store.writing() as work:
            work.documents.revoke(1, actor="petra", at=work.now())
            work.erasures.begin(None, actor="petra", reason="request 4711", at=work.now())
            work.erasures.doom(["00/a"], at=work.now())
    yield url
    server.drop(url)


def _refuses(url: str, statement: Executable, sentence: str) -> None:
    """Whoever catches it in a savepoint goes on."""
    with closing(PostgresStore(url)) as store, store.writing() as work:
        with pytest.raises(DatabaseError, match=sentence) as caught, work.savepoint():
            work.execute(statement)
        assert (work.lost(caught.value), work.usable(caught.value)) == (False, True)


@pytest.mark.parametrize("table", [*APPEND_ONLY, *NEVER_DELETED])
def test_rows_that_are_kept_cannot_be_deleted(busy: str, table: str) -> None:
    _refuses(busy, METADATA.tables[table].delete(), f"rows of {table} are kept as they are: delete refused")
    _refuses(busy, text(f'TRUNCATE "{table}" CASCADE'), "are kept as they are: truncate refused")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rows_that_are_only_added_cannot_be_changed(busy: str, table: str) -> None:
    rows = METADATA.tables[table]
    _refuses(busy, rows.update().values({column: column for column in rows.columns}), f"rows of {table} are kept as they are: update refused")


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, columns in KEEPS.items() for column in columns])
def test_who_did_what_and_when_cannot_be_changed(busy: str, table: str, column: str) -> None:
    rows = METADATA.tables[table]
    _refuses(busy, rows.update().values({column: rows.c[column]}), f"rows of {table} are kept as they are: update refused")


def test_papers_and_errors_go_with_their_order_and_not_before(busy: str) -> None:
    papers, hops = METADATA.tables["paper_file"], METADATA.tables["history"]
    _refuses(busy, hops.update().values(error=None), "rows of history are kept as they are: update refused")
    with closing(PostgresStore(busy)) as store, suppress(_Undone), store.writing() as work:
        for order in work.execute(select(METADATA.tables["orders"].c.id)).scalars().all():
            work.erasures.begin(order, actor="petra", reason="request 4711", at=work.now())
        assert work.execute(papers.delete()).rowcount
        assert work.execute(hops.update().values(error=None)).rowcount
        raise _Undone


class _Undone(Exception):
    """Leaves the database as it was for the other tests."""


def test_whole_numbers_have_sixty_four_bits(server: Server, on_server: str) -> None:
    wanted = "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'oms' AND numeric_scale = 0"
    assert server.sql(wanted, on_server.rpartition("/")[2]) == [("bigint",)]


# ---- Clock (rule 21) ----


def test_the_clock_is_the_servers(store: PostgresStore, server: Server) -> None:
    times = [server.sql("SELECT clock_timestamp()")[0][0]]
    for _ in range(2):
        with store.writing() as work:
            times.append(work.now())
            assert work.now() == times[-1]  # a transaction has one time
    times.append(server.sql("SELECT clock_timestamp()")[0][0])
    assert sorted(set(times)) == times
    assert times[1].utcoffset() == timedelta(0)


def test_the_time_of_a_transaction_is_that_at_which_it_got_its_order(placed: PostgresStore, on_server: str) -> None:
    """Who waited for an order must not be earlier than the one it waited for."""
    patient, waits, theirs = PostgresStore(on_server), threading.Event(), list[datetime]()

    def follow() -> None:
        with patient.writing() as work:
            waits.set()
            work.orders.lock("A")
            theirs.append(work.now())

    follower = threading.Thread(target=follow)
    with placed.writing() as work:
        work.orders.lock("A")
        follower.start()
        waits.wait()
        time.sleep(0.2)  # until it stands before the row
        ours = placed.now()
    follower.join()
    patient.close()
    assert theirs[0] > ours


def test_who_begins_a_series_waits_for_whoever_draws_from_it(store: PostgresStore, on_server: str) -> None:
    patient, seen = PostgresStore(on_server), list[int]()

    def begin() -> None:
        with patient.writing() as work:
            seen.append(work.documents.lock_series("main:invoice:2026", day=NOW.date()).last)

    with store.writing() as work:
        work.documents.draw("main:invoice:2026", day=NOW.date())
    beginner = threading.Thread(target=begin)
    with store.writing() as work:
        work.documents.draw("main:invoice:2026", day=NOW.date())
        beginner.start()
        time.sleep(0.2)  # until it stands before the row
        assert seen == []
    beginner.join()
    patient.close()
    assert seen == [2]


# ---- What waits for the next statement ----


def test_what_was_said_before_is_there_for_whoever_looks(placed: PostgresStore) -> None:
    with placed.writing() as work:
        head = work.orders.lock("A")
        work.orders.touch(head.id, at=LATER)
        assert work.execute(text("SELECT last_at FROM orders")).scalar_one() == LATER
        work.orders.touch(head.id, at=LATER + timedelta(1))
        assert work.orders.get(head.id).last_at == LATER + timedelta(1)
        work.orders.touch(head.id, at=LATER + timedelta(2))
    with placed.reading() as work:
        assert work.orders.named("A").last_at == LATER + timedelta(2)


def test_what_was_said_before_a_savepoint_outlives_it_and_what_was_said_inside_does_not(placed: PostgresStore) -> None:
    with placed.writing() as work:
        head = work.orders.lock("A")
        work.orders.touch(head.id, at=LATER)
        with suppress(KeyError), work.savepoint():
            work.orders.touch(head.id, at=LATER + timedelta(1))
            raise KeyError
    with placed.reading() as work:
        assert work.orders.named("A").last_at == LATER


def test_what_the_server_refuses_of_it_is_told_by_the_statement_that_follows_or_at_the_end(placed: PostgresStore) -> None:
    def wrong(work: SqlUnitOfWork) -> int:
        head = work.orders.lock("A")
        work.timers.add([NewTimer(head.id, item=-1, moves=0, event="go", due_at=LATER)])
        work.orders.touch(head.id, at=LATER)
        return head.id

    with placed.writing() as work:
        order = wrong(work)
        with pytest.raises(IntegrityError, match="timer"):
            work.orders.get(order)
        assert not work.usable(KeyError())
    with placed.writing() as work, pytest.raises(IntegrityError, match="timer"), work.savepoint():
        wrong(work)
    with pytest.raises(IntegrityError, match="timer"), placed.writing() as work:
        wrong(work)
    with placed.reading() as work:
        assert work.orders.named("A").last_at < LATER


# ---- Locks and errors (rule 14) ----


def test_who_waits_for_an_order_for_too_long_is_told(store: PostgresStore, on_server: str) -> None:
    other = PostgresStore(on_server)
    with store.writing() as work:
        hold(work)
    with other.writing() as work:
        hold(work)
        with pytest.raises(StoreUnavailable, match=r"didn't answer: canceling statement due to lock timeout\.$"), store.writing() as waiting:
            hold(waiting)
    other.close()


def test_of_two_that_wait_for_each_other_one_goes_on_and_the_other_is_told_to_try_again(on_server: str) -> None:
    patient = PostgresStore(on_server)
    with patient.writing() as work:
        hold(work, "a")
        hold(work, "b")
    together, told = threading.Barrier(2), list[BaseException]()

    def write(*subjects: str) -> None:
        try:
            with patient.writing() as work:
                hold(work, subjects[0])
                together.wait()
                hold(work, subjects[1])
        except StoreUnavailable as error:
            told.append(error)

    threads = [threading.Thread(target=write, args=subjects) for subjects in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(error).partition("answer: ")[2] for error in told] == ["deadlock detected."]
    patient.close()


def test_a_transaction_inside_a_transaction_of_the_same_thread_is_refused(store: PostgresStore) -> None:
    with store.writing(), pytest.raises(RuntimeError, match=r"context\.later"), store.writing():
        pass
    with store.writing() as work:
        hold(work)


def test_a_wrong_statement_harms_its_savepoint_only(store: PostgresStore) -> None:
    with store.writing() as work:
        hold(work)
        with pytest.raises(ProgrammingError) as caught, work.savepoint():
            work.execute(text("SELECT nonsense"))
        assert (work.lost(caught.value), work.usable(caught.value)) == (False, True)
        with pytest.raises(ProgrammingError) as caught:
            work.execute(text("SELECT nonsense"))
        assert (work.lost(caught.value), work.usable(caught.value)) == (False, False)


# ---- A server that goes away (F16) ----


@pytest.fixture
def own_server() -> Iterator[Server]:
    started = Server()
    yield started
    started.remove()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_server_between_two_transactions_is_not_noticed(own_server: Server, mode: str) -> None:
    store = PostgresStore(own_server.new_database())
    for _ in range(3):
        with store.writing() as work, store.reading() as other:
            assert work.now() <= other.now()
    own_server.restart("fast" if mode == "fast" else "immediate")
    with store.writing() as work:
        hold(work)
    with store.reading() as work:
        assert work.holds.reason("mail") == "try"
    store.close()


def test_a_server_that_is_not_there_is_told_with_its_address_and_without_the_password() -> None:
    store = PostgresStore("postgresql://oms@127.0.0.1:1/shop", password="hidden-words")
    with (
        pytest.raises(StoreUnavailable, match=r"^The database shop on 127\.0\.0\.1:1 can't be reached: .* Look at database\.url") as caught,
        store.reading(),
    ):
        pass
    assert "hidden-words" not in str(caught.value)
