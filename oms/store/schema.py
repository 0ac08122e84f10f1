"""The schema: brings a database to the newest form (Alembic) and guards what never changes (database triggers, one list)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from oms.errors import StoreUnavailable
from oms.store.sqlite import writer_engine

APPEND_ONLY = ("deployment", "history", "history_item", "invoice", "invoice_file", "invoice_line", "order_line", "payment", "process_version")
"""Tables whose rows are added and never changed."""
NEVER_DELETED = ("mail_message", "number_series", "orders", "trigger")
"""Tables whose rows may change, but stay."""
TRIGGER_KEEPS = ("id", "order", "key", "event", "actor", "cause", "request_sha256", "at")
"""What a trigger says for ever. Its payload and reason may be personal, and be erased."""


def upgrade(path: Path) -> tuple[str | None, str]:
    """Bring the database to the newest form; a missing one is made. Returns its revision before and after.

    Raises:
        StoreUnavailable: the database was made by a newer oms, can't be written to, or is no database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(path.parent):
        path.touch(mode=0o600)
        engine = writer_engine(path)
        try:
            with engine.begin() as connection:
                return _upgrade(connection), newest()
        except DatabaseError as error:
            raise StoreUnavailable(f"The database {path} can't be brought to its newest form: {error.orig}. Nothing was changed.") from error
        finally:
            engine.dispose()


def _upgrade(connection: Connection) -> str | None:
    """All of it in the one transaction: a crash leaves the database as it was."""
    before = _revision(connection)
    _refuse_newer(before)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    guard(connection)
    return before


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time: two that turn a new file to WAL at once lock each other out, and SQLite waits for neither."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def revision(connection: Connection) -> str | None:
    """The revision of a database; None: it has no tables of ours."""
    return _revision(connection)


def newest() -> str:
    """The revision that this oms works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def guard(connection: Connection) -> None:
    """Make the triggers that refuse changes, again: altering a table may have dropped them (rule 41)."""
    for name, statement in guards():
        connection.execute(text(f'DROP TRIGGER IF EXISTS "{name}"'))
        connection.execute(text(statement))


def guards() -> Iterator[tuple[str, str]]:
    """Name and SQL of each. RAISE(ABORT) leaves the transaction usable (rule 14)."""
    for table in APPEND_ONLY:
        yield _guard(table, "update")
    yield _guard("trigger", "update", " OF " + ", ".join(f'"{column}"' for column in TRIGGER_KEEPS))
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        yield _guard(table, "delete")


def _guard(table: str, what: str, columns: str = "") -> tuple[str, str]:
    name = f"{table}_no_{what}"
    sentence = f"rows of {table} are kept as they are: {what} refused"
    return name, f'CREATE TRIGGER "{name}" BEFORE {what.upper()}{columns} ON "{table}" BEGIN SELECT RAISE(ABORT, \'{sentence}\'); END'


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(before: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if before is not None and before not in known:
        raise StoreUnavailable(f"The database is of revision {before}, which this oms doesn't know: it was made by a newer one. Install that again.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
