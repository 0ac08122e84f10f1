"""A database: transactions that write, and transactions that only read. What differs from one kind to another stands in `sqlite` and `postgres`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from oms.errors import StoreUnavailable
from oms.ports.deeds import visitor
from oms.store import driver
from oms.store.rings import Bell
from oms.store.unit_of_work import SqlUnitOfWork
from oms.store.wire import Wire


class SqlStore(ABC):
    """`oms.ports.store.Store` on SQL: two pools of connections, one of which can't write."""

    def __init__(self, name: str, *, writer: Engine, reader: Engine, clock: Callable[[], datetime] | None, bell: Bell | None = None) -> None:
        """Nothing is opened yet.

        Args:
            name: What sentences call this database; no password in it.
            writer: Makes connections whose transactions write.
            reader: Makes connections that see one state and can't write.
            clock: Another clock than the database's, for trying things.
            bell: Whom to tell of jobs that are ready; None: nobody listens.
        """
        self.name, self._writer, self._reader, self._other_clock, self._bell = name, writer, reader, clock, bell

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """A transaction that is committed at the end, and rolled back by an exception; who it is for is written down in it."""
        who = visitor()
        with self._turn(), self._answering(), self._begun() as connection:
            work = SqlUnitOfWork(connection, self._read_clock, bell=self._bell)
            yield work
            deed = who.to_keep if work.wire.has_changed else None
            if deed is not None:
                work.write_down(deed)
            work.standings.restate()
            work.rings.ring()
            work.wire.commit()
            work.wire.end()
        if deed is not None:
            who.kept()

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A transaction that never waits for a writer."""
        with self.connection() as connection:
            work = SqlUnitOfWork(connection, self._read_clock)
            try:
                yield work
            finally:
                work.wire.end()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for views: as `reading`, but bare."""
        with self._answering(), self._reader.begin() as connection:
            yield connection

    def now(self) -> datetime:
        """The clock of this database, for whoever has no transaction open."""
        with self.connection() as connection:
            return self._read_clock(Wire(connection))

    def scrub(self) -> None:
        """Forget what was deleted."""
        with self._turn(), self._answering():
            self._scrub()

    def close(self) -> None:
        """Give the connections back."""
        self._writer.dispose()
        self._reader.dispose()

    def _begun(self) -> AbstractContextManager[Connection]:
        """A transaction that writes, on a connection of the pool."""
        return self._writer.begin()

    def _read_clock(self, wire: Wire) -> datetime:
        return self._clock(wire) if self._other_clock is None else self._other_clock()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raises StoreUnavailable instead of whatever the driver says."""
        try:
            self._require()
            yield
        except DBAPIError as error:
            if not driver.lost(error):
                raise
            raise StoreUnavailable(f"The database {self.name} didn't answer: {first_line(error)}.{driver.advice(error)}") from error

    @abstractmethod
    def _turn(self) -> AbstractContextManager[None]:
        """Whose turn it is to write; refuses a transaction inside a transaction."""

    @abstractmethod
    def _require(self) -> None:
        """The database is there, and of the form that this oms works with."""

    @abstractmethod
    def _scrub(self) -> None:
        """Make free pages and old versions of rows empty, outside of a transaction."""

    @abstractmethod
    def _clock(self, wire: Wire) -> datetime:
        """Aware UTC now."""


def first_line(error: DBAPIError) -> str:
    """PostgreSQL adds where and why in lines of their own."""
    return str(error.orig).strip().partition("\n")[0].rstrip(".")
