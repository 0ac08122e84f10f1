"""Which database an address means: `sqlite:///data/oms.db` is a file, `postgresql://…` a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from oms.errors import StoreUnavailable
from oms.store.postgres import PostgresStore
from oms.store.rings import Bell
from oms.store.sqlite import SqliteStore

SQLITE = "sqlite:///"


def open_store(
    url: str, *, password: str | None = None, clock: Callable[[], datetime] | None = None, rings: bool = False
) -> SqliteStore | PostgresStore:
    """The database of this address. Nothing is connected yet.

    Args:
        url: Its address.
        password: Of the account on a server.
        clock: Another clock than the database's, for trying things.
        rings: Whether Procrastinate's workers are told of jobs that are ready: on a server only.

    Raises:
        StoreUnavailable: what a server needs is not installed.
    """
    path = path_of(url)
    if path is not None:
        return SqliteStore(path, clock=clock)
    return PostgresStore(url, password=password, clock=clock, bell=_bell() if rings else None)


def _bell() -> Bell:
    try:
        from oms.store.bell import ProcrastinateBell  # noqa: PLC0415 - takes time to load, and a file has none
    except ModuleNotFoundError as error:
        raise StoreUnavailable("PostgreSQL needs Procrastinate: pip install 'ordermill[postgres]'.") from error
    return ProcrastinateBell()


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
