"""What a driver's error means, and what it knows of the transaction (rule 14): the one place that tells SQLite's from PostgreSQL's."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError

_GONE = (OperationalError, InterfaceError, InternalError)

MOVED = "this shop has moved to"
"""How the sentence begins with which a file refuses changes whose shop is on a server now."""
ABORTED = "25P02"
"""PostgreSQL does nothing more in a transaction after an error that somebody swallowed."""
_FULL = " The disk is full: make room, then go on. Nothing is lost."
_DAMAGED = " Stop the workers and put a backup in its place."
_ADVICE = {
    sqlite3.SQLITE_BUSY: " Another process keeps it for itself: try again, or look which one it is.",
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""By SQLite's codes, extended or primary."""
IN_TRANSACTION = 2
"""psycopg's `TransactionStatus.INTRANS`: open, and no error in it."""


def lost(error: BaseException) -> bool:
    """Whether nobody knows after this error what the transaction holds. A damaged file is a bare DatabaseError.

    A wrong statement of a shop's own command (no such table, a typo) harms nothing but its hop, though SQLite calls it an OperationalError, too.
    """
    if not isinstance(error, DBAPIError):
        return False
    if MOVED in str(error.orig):
        return True
    code, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    if state == ABORTED or (code is not None and code & 0xFF == sqlite3.SQLITE_ERROR):
        return False
    return isinstance(error, _GONE) or type(error) is DatabaseError or error.connection_invalidated


def advice(error: BaseException) -> str:
    """What to do about a database that didn't answer, if that is known. A full disk and a damaged file call for opposite deeds."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return "" if code is None else _ADVICE.get(code) or _ADVICE.get(code & 0xFF, "")


def usable(connection: Connection) -> bool:
    """Whether the transaction of this connection is open and takes more statements."""
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        return raw.in_transaction
    return bool(raw.info.transaction_status == IN_TRANSACTION)
