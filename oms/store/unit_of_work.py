"""One database transaction, and the database it belongs to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError

from oms.errors import StoreUnavailable
from oms.store import sqlite
from oms.store.held import Holds
from oms.store.history import History, Notes, Triggers
from oms.store.incidents import Incidents
from oms.store.items import Items
from oms.store.jobs import Jobs
from oms.store.locks import Turnstile
from oms.store.mails import Mails
from oms.store.orders import Orders
from oms.store.papers import Documents
from oms.store.payments import Payments
from oms.store.revision import require_newest
from oms.store.timers import Looks, Timers
from oms.store.versions import Versions

_GONE = (OperationalError, InterfaceError, InternalError)


def _gone(error: BaseException) -> bool:
    """Whether nobody knows after this error what the transaction holds (rule 14). A damaged file is a bare DatabaseError.

    A wrong statement of a shop's own command (no such table, a typo) is an OperationalError, too, and harms nothing but its hop.
    """
    if _code(error) == sqlite3.SQLITE_ERROR:
        return False
    return isinstance(error, DBAPIError) and (isinstance(error, _GONE) or type(error) is DatabaseError or error.connection_invalidated)


def _code(error: BaseException) -> int | None:
    """SQLite's primary result code."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


class SqlUnitOfWork:
    """`oms.ports.store.UnitOfWork` on SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.orders = Orders(connection)
        self.items = Items(connection)
        self.triggers = Triggers(connection)
        self.history = History(connection)
        self.timers = Timers(connection)
        self.looks = Looks(connection)
        self.jobs = Jobs(connection)
        self.incidents = Incidents(connection)
        self.holds = Holds(connection)
        self.payments = Payments(connection)
        self.documents = Documents(connection)
        self.mails = Mails(connection)
        self.notes = Notes(connection)
        self.versions = Versions(connection)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone by an exception, and nothing else."""
        with self._connection.begin_nested():
            yield

    def usable(self, error: BaseException) -> bool:
        """Whether the transaction survived this error (rule 14)."""
        if _gone(error):
            return False
        raw: Any = self._connection.connection.dbapi_connection
        return bool(raw.in_transaction)

    def execute(self, statement: Any, parameters: dict[str, Any] | Sequence[dict[str, Any]] | None = None) -> Any:
        """Run a statement of a shop's own command on this transaction's connection."""
        return self._connection.execute(statement, parameters)


class SqliteStore:
    """`oms.ports.store.Store` on one file. Threads of this process write in the order in which they came, other processes wait for the file."""

    def __init__(self, path: Path, *, busy_seconds: float = sqlite.BUSY_SECONDS) -> None:
        """Nothing is opened yet.

        Args:
            path: The file.
            busy_seconds: How long another process may keep the file for itself before it counts as not answering.
        """
        self.path = path
        self._writer = sqlite.writer_engine(path, busy_seconds=busy_seconds)
        self._reader = sqlite.reader_engine(path, busy_seconds=busy_seconds)
        self._turnstile = Turnstile()
        self._file: tuple[int, int] | None = None

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """A transaction that is committed at the end, and rolled back by an exception."""
        with self._turnstile, self._answering(), self._writer.begin() as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A transaction that never waits for a writer."""
        with self._answering(), self._reader.begin() as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for views: as `reading`, but bare."""
        with self._answering(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give the file back."""
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raises StoreUnavailable instead of whatever the driver says."""
        try:
            self._require()
            yield
        except DBAPIError as error:
            if not _gone(error):
                raise
            mend = " Another process keeps it for itself: try again, or look which one it is." if _code(error) == sqlite3.SQLITE_BUSY else ""
            raise StoreUnavailable(f"The database {self.path} didn't answer: {error.orig}.{mend}") from error

    def _require(self) -> None:
        """The file that was there at first is still there: what is written into one that was moved away would be lost with it (F24)."""
        file = sqlite.require(self.path)
        if self._file is None:
            with self._reader.begin() as connection:
                require_newest(connection, self.path)
            self._file = file
        if file != self._file:
            raise StoreUnavailable(f"The database {self.path} was replaced by another file while oms was running. Stop oms, then start it again.")
