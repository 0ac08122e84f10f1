"""Which form of the tables this oms works with. Known without Alembic, whose loading would cost every command time."""

from __future__ import annotations

from sqlalchemy import String, column, inspect, select, table
from sqlalchemy.engine import Connection

from oms.errors import StoreUnavailable

NEWEST = "0029"
"""The last migration."""

_REVISION = select(column("version_num", String)).select_from(table("alembic_version"))


def revision(connection: Connection) -> str | None:
    """The revision of a database; None: it has no tables of ours."""
    return connection.execute(_REVISION).scalar() if inspect(connection).has_table("alembic_version") else None


def require_newest(connection: Connection, name: str) -> None:
    """A database of another form isn't touched: older tables lack what is written, and what newer ones mean is unknown.

    Raises:
        StoreUnavailable: it is of another revision, or holds no tables of ours.
    """
    found = revision(connection)
    if found != NEWEST:
        raise StoreUnavailable(f"The database {name} is of revision {found or 'none'}, this oms works with {NEWEST}. Bring it there: oms db upgrade.")
