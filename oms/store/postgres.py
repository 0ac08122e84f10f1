"""PostgreSQL: one database that any number of hosts share. Its row locks order the writers, its clock is everybody's (rules 21 and 40)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from select import POLLIN, poll
from threading import local
from typing import Any

from sqlalchemy import URL, Engine, String, create_engine, func, make_url, select
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import ArgumentError, DBAPIError

from oms.errors import StoreUnavailable
from oms.store.revision import require_newest
from oms.store.rings import Bell
from oms.store.sql_store import SqlStore, first_line
from oms.store.wire import Wire

SCHEMA, DELIVERY = "oms", "procrastinate"
"""The schemas: our tables, and Procrastinate's."""
BUSY_SECONDS = 10
"""How long a statement waits for a row that another transaction has."""
ERASED_FROM = (
    *("orders", "order_word", "order_item", "trigger", "history", "note", "job", "timer", "incident"),
    *("mail_message", "mail_recipient", "inbox", "kept_answer", "paper", "paper_file", "archive_file"),
)
"""Tables whose old row versions may hold somebody who was erased."""
IDLE_SECONDS = 60
"""How long a transaction may hold its rows while its process does nothing: one that froze must not stop the others."""

_CLOCK = select(func.clock_timestamp())
_RINGS = select(func.to_regclass(f"{DELIVERY}.procrastinate_jobs").cast(String))


class PostgresStore(SqlStore):
    """A database on a server. Who writes to an order has its row; other orders go on meanwhile."""

    def __init__(
        self,
        url: str,
        *,
        password: str | None = None,
        busy_seconds: float = BUSY_SECONDS,
        clock: Callable[[], datetime] | None = None,
        bell: Bell | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: `postgresql://user@host:port/database`.
            password: Of the user; None: as libpq finds it, or none is needed.
            busy_seconds: How long a statement waits for a row before the database counts as not answering.
            clock: Another clock than the server's, for trying things.
            bell: Whom to tell of jobs that are ready; None: nobody listens.
        """
        address = address_of(url, password=password)
        writer = engine(address, f"lock_timeout={busy_seconds * 1000:.0f}")
        reader = engine(address, "default_transaction_read_only=on", r"default_transaction_isolation=repeatable\ read")
        super().__init__(name_of(address), writer=writer, reader=reader, clock=clock, bell=bell)
        self.address, self._thread, self._is_newest = address, local(), False

    @property
    def connect_arguments(self) -> dict[str, Any]:
        """What psycopg is called with to connect as this store does: for those who bring a pool of their own."""
        _, named = self.address.get_dialect()().create_connect_args(self.address)
        return {**named, **_session()}

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The rows are the locks; but a thread that waited for a row of its own transaction would wait for ever."""
        if getattr(self._thread, "writes", False):
            raise RuntimeError("This thread is writing already. A command can't trigger an event: it asks for it by context.later(reference, event).")
        self._thread.writes = True
        try:
            yield
        finally:
            self._thread.writes = False

    def _require(self) -> None:
        if not self._is_newest:
            with reached(self.address), self._reader.begin() as connection:
                require_newest(connection, self.name)
                if self._bell is not None and connection.execute(_RINGS).scalar_one() is None:
                    said = f"The database {self.name} has no tables of Procrastinate's, as after a restore."
                    raise StoreUnavailable(f"{said} Make them: oms db upgrade.")
            self._is_newest = True

    def _scrub(self) -> None:
        """Row versions that nobody can see any more are taken out of the tables that erasing writes; the server goes on meanwhile."""
        with self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ERASED_FROM:
                connection.exec_driver_sql(f'VACUUM "{table}"')

    def _clock(self, wire: Wire) -> datetime:
        """A transaction has one time: of the moment when it got its order, or first asked."""
        if wire.now is None:
            wire.now = wire.connection.execute(_CLOCK).scalar_one()
        return wire.now


class Listening(PGDialect_psycopg):
    """Asks a connection from the pool whether it lives only when there is something to hear: a server that went away has hung up."""

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: Any) -> bool:
        """A look at the socket is no journey; whatever lies there is read by a true ping."""
        silent = not dbapi_connection.closed and not is_readable(dbapi_connection.pgconn.socket)
        return silent or bool(super().do_ping(dbapi_connection))  # type: ignore[no-untyped-call]  # SQLAlchemy's


registry.register("postgresql.oms", __name__, Listening.__name__)


def is_readable(socket: int) -> bool:
    """Whether something has come, or the end."""
    watched = poll()
    watched.register(socket, POLLIN)
    return bool(watched.poll(0))


def address_of(url: str, *, password: str | None = None) -> URL:
    """The address as SQLAlchemy takes it.

    Raises:
        StoreUnavailable: it is none.
    """
    try:
        return make_url(url).set(drivername="postgresql+oms", password=password)
    except ArgumentError as error:
        raise StoreUnavailable("The address of the database can't be read: write postgresql://user@host/database.") from error


def name_of(address: URL) -> str:
    """What sentences call it: no password."""
    return f"{address.database} on {address.host or 'the local socket'}{f':{address.port}' if address.port else ''}"


def engine(address: URL, *settings: str) -> Engine:
    """Makes connections whose statements have their parameters by place, as `oms.store.prepared` wants them.

    Args:
        address: Where.
        settings: Of each session, `name=value`.

    Raises:
        StoreUnavailable: the driver is not installed.
    """
    settings = (*settings, f"idle_in_transaction_session_timeout={IDLE_SECONDS}s")
    try:
        return create_engine(address, paramstyle="format", connect_args=_session(*settings), pool_size=5, max_overflow=60, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreUnavailable("PostgreSQL needs its driver: pip install 'ordermill[postgres]'.") from error


def _session(*settings: str) -> dict[str, Any]:
    fixed = (f"search_path={SCHEMA},{DELIVERY}", "timezone=UTC")
    options = " ".join(f"-c {setting}" for setting in (*fixed, *settings))
    return {"options": options, "connect_timeout": BUSY_SECONDS, "application_name": "oms"}


@contextmanager
def reached(address: URL) -> Iterator[None]:
    """Raises StoreUnavailable, with what to do, when there is no way to the server."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) is not None:
            raise
        said = f"The database {name_of(address)} can't be reached: {first_line(error)}."
        raise StoreUnavailable(f"{said} Look at database.url, and whether the server runs.") from error
