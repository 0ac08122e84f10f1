"""SQLite, two engines on one file (rule 39): a writer that takes the write lock at once, readers that never wait for it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

from oms.errors import StoreUnavailable
from oms.store.locks import Turnstile
from oms.store.revision import require_newest
from oms.store.sql_store import SqlStore
from oms.store.wire import Wire

BUSY_SECONDS = 10
"""How long a statement waits for another process that writes."""


class SqliteStore(SqlStore):
    """One file. Threads of this process write in the order in which they came, other processes wait for the file."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS, clock: Callable[[], datetime] | None = None) -> None:
        """Nothing is opened yet.

        Args:
            path: The file.
            busy_seconds: How long another process may keep the file for itself before it counts as not answering.
            clock: Another clock than the host's, for trying things.
        """
        writer, reader = writer_engine(path, busy_seconds=busy_seconds), reader_engine(path, busy_seconds=busy_seconds)
        super().__init__(str(path), writer=writer, reader=reader, clock=clock)
        self.path = path
        self._turnstile = Turnstile()
        self._file: tuple[int, int] | None = None
        self._kept: Connection | None = None

    def close(self) -> None:
        """Give the connections back."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
        super().close()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """Threads write in turn, so one connection is enough. Kept, since the pool takes longer than a statement."""
        connection, self._kept = self._kept or self._writer.connect(), None
        try:
            with connection.begin():
                yield connection
        except BaseException:
            connection.close()
            raise
        self._kept = connection

    def _turn(self) -> Turnstile:
        return self._turnstile

    def _require(self) -> None:
        """The file that was there at first is still there: what is written into one that was moved away would be lost with it (F24)."""
        file = require(self.path)
        if self._file is None:
            with self._reader.begin() as connection:
                require_newest(connection, self.name)
            self._file = file
        if file != self._file:
            raise StoreUnavailable(f"The database {self.path} was replaced by another file while oms was running. Stop oms, then start it again.")

    def _scrub(self) -> None:
        """VACUUM writes the file anew, without what was deleted; then the journal is emptied into it, which waits for those who read."""
        connection = self._writer.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            (is_busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise self._not_scrubbed(str(error)) from error
        finally:
            connection.close()
        if is_busy:
            raise self._not_scrubbed("somebody reads it")

    def _not_scrubbed(self, why: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"What was deleted could not be taken out of {self.name} for good ({why}). Erase again in a moment: it goes on there."
        )

    def _clock(self, _wire: Wire) -> datetime:
        return datetime.now(UTC)


class Reading(SQLiteDialect_pysqlite):
    """Says itself how a transaction begins: SQLAlchemy's event for it is joined anew for each connection, which takes longer than the statement."""

    supports_statement_cache = True
    begin = "BEGIN"

    def do_begin(self, dbapi_connection: DBAPIConnection) -> None:
        """The driver says nothing by itself (`isolation_level`)."""
        dbapi_connection.cursor().execute(self.begin)


class Writing(Reading):
    """Its transactions take the write lock at once."""

    supports_statement_cache = True
    begin = "BEGIN IMMEDIATE"


registry.register("sqlite.oms_reading", __name__, Reading.__name__)
registry.register("sqlite.oms_writing", __name__, Writing.__name__)


def writer_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Connections whose transactions begin with the write lock: two triggers at once would otherwise both move an item."""
    return _engine("sqlite+oms_writing", path, "synchronous=FULL", busy_seconds=busy_seconds)


def reader_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Connections that see one state of the database and can't write."""
    return _engine("sqlite+oms_reading", path, "query_only=ON", busy_seconds=busy_seconds)


def require(path: Path) -> tuple[int, int]:
    """An empty database is never made over a path that should hold one. Returns what tells the file from any other: device and inode.

    Raises:
        StoreUnavailable: there is no database.
    """
    try:
        file = path.stat()
    except OSError:
        file = None
    if file is None or not stat.S_ISREG(file.st_mode) or file.st_size == 0:
        raise StoreUnavailable(f"There is no database at {path}. A new shop gets one by `oms db upgrade`; a lost one comes back from a backup.")
    return file.st_dev, file.st_ino


def _engine(dialect: str, path: Path, *pragmas: str, busy_seconds: float) -> Engine:
    engine = create_engine(
        URL.create(dialect, database=str(path)),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=60,
        # rw: opening never creates a file.  isolation_level None: pysqlite's own BEGIN would come too late and outlive savepoints.
        creator=lambda: sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=busy_seconds, check_same_thread=False
        ),
    )

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={busy_seconds * 1000:.0f}", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    return engine
