"""One transaction's way to its database: text and values, by the driver, in the order in which they were said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

Said = tuple[str, Sequence[Any], bool]
"""A statement, its values, and whether they are a list of values for one execution each."""

_COMMIT: Said = ("COMMIT", (), False)


class Wire:
    """To a server each statement is a journey. Writes whose outcome nobody asks for wait here for the next one that must go anyway."""

    __slots__ = ("_cursor", "_is_over", "_waiting", "connection", "has_changed", "is_far", "known", "now", "unsettled")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_far = connection.dialect.name == "postgresql"
        self.now: datetime | None = None  #: by the server's clock, once it was read
        self.has_changed = False  #: some row was written: a transaction in which nothing was is nobody's deed
        self.known: dict[tuple[object, object], Sequence[Any]] = {}  #: rows that were read ahead, by statement and `wanted`
        self.unsettled: set[int] = set()  #: orders whose papers or money were changed: their invoices may stand otherwise now
        self._cursor: DBAPICursor | None = None
        self._waiting: list[Said] = []
        self._is_over = False

    def end(self) -> None:
        """The transaction is over. Its connection is somebody else's now, so that nobody may ask by this wire what they forgot to ask in time."""
        self._is_over = True

    def send(self, sql: str, values: Sequence[Any] = (), *, many: bool = False) -> DBAPICursor:
        """Execute, for `many` once with each of the values, after all that waits. Returns the driver's cursor, to be read before the next one.

        Raises:
            DBAPIError: as SQLAlchemy would; of what waited, too.
            RuntimeError: the transaction is over: a fault of the program.
        """
        if self._is_over:
            raise RuntimeError("This transaction is over: what is asked of it has to be asked before it ends.")
        if self._waiting:
            said, self._waiting = [*self._waiting, (sql, values, many)], []
            return self._together(said)
        try:
            self._cursor = self._execute(sql, values, many=many, cursor=self._cursor)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._translated(sql, error) from error
        return self._cursor

    def send_later(self, sql: str, values: Sequence[Any], *, many: bool = False) -> None:
        """Execute before whatever follows, or at the end of the transaction at the latest. What the driver can't take it says then."""
        if self.is_far:
            self._waiting.append((sql, values, many))
        else:
            self.send(sql, values, many=many)

    def flush(self) -> None:
        """Nothing waits any more.

        Raises:
            DBAPIError: as `send`.
        """
        if self._waiting:
            said, self._waiting = self._waiting, []
            self._together(said)

    def commit(self) -> None:
        """Nothing waits any more, and a server has committed in the same journey; a file is left to whoever began.

        Raises:
            DBAPIError: as `send`.
        """
        if self.is_far:
            said, self._waiting = [*self._waiting, _COMMIT], []
            self._together(said)

    def forget(self) -> None:
        """What waits was rolled back."""
        self._waiting.clear()

    def _together(self, said: Sequence[Said]) -> DBAPICursor:
        """One journey for all. Returns the cursor of the last one."""
        raw: Any = self.connection.connection.dbapi_connection
        try:
            with raw.pipeline():
                return [self._execute(sql, values, many=many) for sql, values, many in said][-1]
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._translated("; ".join(sql for sql, _, _ in said), error) from error

    def _execute(self, sql: str, values: Sequence[Any], *, many: bool, cursor: DBAPICursor | None = None) -> DBAPICursor:
        cursor = cursor or self.connection.connection.cursor()
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
        return cursor

    def _translated(self, sql: str, error: Exception) -> BaseException:
        dialect = self.connection.dialect
        return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
