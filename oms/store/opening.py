"""Which database an address means: `sqlite:///data/oms.db` is a file, `postgresql://…` a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from oms.store.postgres import PostgresStore
from oms.store.sqlite import SqliteStore

SQLITE = "sqlite:///"


def open_store(url: str, *, password: str | None = None, clock: Callable[[], datetime] | None = None) -> SqliteStore | PostgresStore:
    """The database of this address. Nothing is connected yet.

    Args:
        url: Its address.
        password: Of the account on a server.
        clock: Another clock than the database's, for trying things.
    """
    path = path_of(url)
    return PostgresStore(url, password=password, clock=clock) if path is None else SqliteStore(path, clock=clock)


def bring_up(url: str, *, password: str | None = None) -> tuple[str | None, str]:
    """Bring it to the newest form; a missing file is made. Returns its revision before and after.

    Raises:
        StoreUnavailable: it can't be; nothing was changed.
    """
    from oms.store.schema import upgrade, upgrade_server  # noqa: PLC0415 - Alembic takes time to load, and nobody else needs it

    path = path_of(url)
    return upgrade_server(url, password=password) if path is None else upgrade(path)


def path_of(url: str) -> Path | None:
    """The file; None: it is on a server."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
