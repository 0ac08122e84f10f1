"""What holds for the tables: migrations and models agree, and what is issued or has happened is never changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Executable
from sqlalchemy.exc import DatabaseError

from oms.bootstrap import open_shop
from oms.errors import StoreUnavailable
from oms.ports.deeds import Deed
from oms.store import revision
from oms.store.archive import DatabaseArchive
from oms.store.guards import APPEND_ONLY, KEEPS, KEPT, NEVER_DELETED, guards
from oms.store.schema import newest, upgrade
from oms.store.sqlite import SqliteStore, reader_engine
from oms.store.tables import METADATA
from tests.architecture.sources import ROOT
from tests.builders import an_order, open_test_shop


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "oms.db"
    upgrade(path)
    return path


def script(path: Path) -> list[tuple[str, str]]:
    """Everything the file defines."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()


def test_the_migrations_lead_from_an_empty_file_to_the_tables_of_the_code(database: Path) -> None:
    engine = reader_engine(database)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_migrations_make_each_index_and_constraint_as_the_code_says(database: Path, tmp_path: Path) -> None:
    """Alembic doesn't compare the conditions of indexes."""
    other = tmp_path / "other.db"
    other.touch()
    with SqliteStore(other)._writer.begin() as connection:
        METADATA.create_all(connection)
    indexes = {sql.replace('"', "") for _, sql in script(database) if sql.startswith(("CREATE INDEX", "CREATE UNIQUE"))}
    assert indexes == {sql.replace('"', "") for _, sql in script(other) if sql.startswith(("CREATE INDEX", "CREATE UNIQUE"))}


def test_the_revision_that_is_required_is_the_newest_migration() -> None:
    assert newest() == revision.NEWEST


def test_a_second_upgrade_changes_nothing(database: Path) -> None:
    before = script(database)
    assert upgrade(database) == (newest(), newest())
    assert script(database) == before


def test_an_upgrade_says_from_where_to_where(tmp_path: Path) -> None:
    assert upgrade(tmp_path / "oms.db") == (None, newest())


def test_the_database_is_for_its_owner_only(database: Path) -> None:
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700


def test_two_upgrades_at_once_make_one_database(tmp_path: Path) -> None:
    path, failed = tmp_path / "oms.db", list[BaseException]()

    def run() -> None:
        try:
            upgrade(path)
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {each.name for each in guards("sqlite")} <= {name for name, _ in script(path)}


def test_every_guard_is_in_the_file_as_it_stands_in_the_list(database: Path) -> None:
    assert {name: sql for name, sql in script(database) if sql.startswith("CREATE TRIGGER")} == {
        each.name: each.sql("sqlite") for each in guards("sqlite")
    }


def test_a_guard_that_was_dropped_is_there_again_after_the_next_upgrade(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TRIGGER invoice_no_update")
    upgrade(database)
    assert "invoice_no_update" in {name for name, _ in script(database)}


def test_an_upgrade_keeps_what_is_in_the_database(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())
    upgrade(tmp_path / "data" / "oms.db")
    with open_shop(tmp_path) as shop:
        assert [item.state for item in shop.views.order("A-1001").items] == ["payment pending", "payment pending"]


def write(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_database_of_a_newer_oms_is_refused_and_left_as_it_is(database: Path) -> None:
    write(database, "UPDATE alembic_version SET version_num = '9999'")
    before = script(database)
    with pytest.raises(StoreUnavailable, match=r"revision 9999, which this oms doesn't know: it was made by a newer one"):
        upgrade(database)
    with pytest.raises(StoreUnavailable, match="revision 9999, this oms works with"), SqliteStore(database).reading():
        pass
    assert script(database) == before


def test_a_database_of_an_older_oms_is_refused_until_it_is_brought_up_to_date(database: Path) -> None:
    write(database, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreUnavailable, match=r"revision 0001, this oms works with .* oms db upgrade"), SqliteStore(database).writing():
        pass


def test_a_database_without_tables_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    write(path, "CREATE TABLE strangers (id)")
    with pytest.raises(StoreUnavailable, match="revision none"), SqliteStore(path).reading():
        pass


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "oms.db"
    path.write_text("This is a letter, and a long one, so that it can't be taken for an empty file. " * 20, encoding="utf-8")
    with pytest.raises(StoreUnavailable, match=r"can't be brought to its newest form: file is not a database\. Nothing was changed"):
        upgrade(path)
    with pytest.raises(StoreUnavailable, match="file is not a database"), SqliteStore(path).reading():
        pass


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a row in every guarded table."""
    folder = tmp_path_factory.mktemp("busy")
    with open_test_shop(folder) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.place(an_order("M-1", payment={"method": "marketplace"}))
        shop.trigger("M-1", "pay", payload={"amount": "168.80", "reference": "tx_2"})
        shop.trigger("M-1", "ship")
        shop.work()
        DatabaseArchive(shop.store).put(b"a paper", suffix=".pdf")
        with shop.store.writing() as work:
            work.documents.revoke(1, actor="petra", at=work.now())
            work.erasures.begin(None, actor="petra", reason="request 4711", at=work.now())
            work.erasures.doom(["00/a"], at=work.now())
            work.deeds.add(Deed(what="logIn", actor="petra@shop.example"), at=datetime.now(UTC))
    return folder / "data" / "oms.db"


@pytest.mark.parametrize("table", [*APPEND_ONLY, *NEVER_DELETED, *KEPT])
def test_rows_that_are_kept_cannot_be_deleted(busy: Path, tmp_path: Path, table: str) -> None:
    _refuses(Path(shutil.copy(busy, tmp_path)), METADATA.tables[table].delete(), f"rows of {table} are kept as they are: delete refused")


@pytest.mark.parametrize("table", [*APPEND_ONLY, *KEPT])
def test_rows_that_are_only_added_cannot_be_changed(busy: Path, tmp_path: Path, table: str) -> None:
    rows = METADATA.tables[table]
    changed = rows.update().values({column: column for column in rows.columns})
    _refuses(Path(shutil.copy(busy, tmp_path)), changed, f"rows of {table} are kept as they are: update refused")


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, columns in KEEPS.items() for column in columns])
def test_who_did_what_and_when_cannot_be_changed(busy: Path, tmp_path: Path, table: str, column: str) -> None:
    rows = METADATA.tables[table]
    sentence = f"rows of {table} are kept as they are: update refused"
    _refuses(Path(shutil.copy(busy, tmp_path)), rows.update().values({column: rows.c[column]}), sentence)


def test_the_error_of_a_hop_can_be_erased_with_its_order_and_not_before(busy: Path, tmp_path: Path) -> None:
    database, rows = Path(shutil.copy(busy, tmp_path)), METADATA.tables["history"]
    _refuses(database, rows.update().values(error=None), "rows of history are kept as they are: update refused")
    write(database, "INSERT INTO erasure (\"order\", actor, reason, at) SELECT id, 'petra', 'request', placed_at FROM orders")
    write(database, "UPDATE history SET error = NULL")


def test_papers_go_with_their_order_and_invoices_never(busy: Path, tmp_path: Path) -> None:
    database = Path(shutil.copy(busy, tmp_path))
    write(database, "INSERT INTO erasure (\"order\", actor, reason, at) SELECT id, 'petra', 'request', placed_at FROM orders")
    write(database, "DELETE FROM paper_file")
    write(database, "DELETE FROM paper")
    for table in ("invoice_line", "invoice_file", "invoice", "payment"):
        _refuses(database, METADATA.tables[table].delete(), f"rows of {table} are kept as they are: delete refused")


def test_what_a_trigger_says_of_people_can_be_erased(busy: Path, tmp_path: Path) -> None:
    database = Path(shutil.copy(busy, tmp_path))
    write(database, 'UPDATE "trigger" SET payload = NULL, reason = NULL')
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute('SELECT DISTINCT payload FROM "trigger"').fetchall() == [(None,)]


def _refuses(database: Path, statement: Executable, sentence: str) -> None:
    """And the transaction goes on (rule 14): what was written before is kept."""
    store = SqliteStore(database)
    with store.writing() as work:
        work.holds.hold("mail", reason="try", actor="test", at=work.orders.lock_id(1).placed_at)
        with pytest.raises(DatabaseError, match=sentence) as caught:
            work.execute(statement)
        assert work.usable(caught.value)
    with store.reading() as work:
        assert work.holds.reason("mail") == "try"
    store.close()


def test_a_column_that_only_the_code_has_becomes_a_migration_that_an_upgrade_takes(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    for name in ("oms", "scripts"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    tables = clone / "oms" / "store" / "tables" / "work.py"
    tables.write_text(
        tables.read_text(encoding="utf-8").replace("    actor: str\n", "    actor: str\n    colour: str | None = None\n"), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    told = subprocess.run(
        [sys.executable, "scripts/new_migration.py", "Give holds a colour"], cwd=clone, env=environment, capture_output=True, text=True, check=True
    )
    (made,) = (clone / "oms" / "store" / "migrations" / "versions").glob("*_give_holds_a_colour.py")
    assert f'NEWEST = "{made.name[:4]}"' in told.stdout
    assert 'batch_op.add_column(sa.Column("colour", sa.String(), nullable=True))' in made.read_text(encoding="utf-8").replace("'", '"')
    upgrading = "from pathlib import Path; from oms.store.schema import upgrade; print(upgrade(Path('data/oms.db')))"
    said = subprocess.run([sys.executable, "-c", upgrading], cwd=clone, env=environment, capture_output=True, text=True, check=True).stdout
    assert said == f"(None, '{made.name[:4]}')\n"
    assert "colour" in dict(script(clone / "data" / "oms.db"))["hold"]
