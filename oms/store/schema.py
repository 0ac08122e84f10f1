"""The schema: brings a database to the newest form (Alembic), in one transaction."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateSchema

from oms.errors import StoreUnavailable
from oms.store import postgres
from oms.store.guards import guard
from oms.store.revision import revision
from oms.store.sql_store import first_line
from oms.store.sqlite import writer_engine
from oms.store.standing import restate_all

_ALONE = select(func.pg_advisory_xact_lock(7_267_001))
"""Hosts that upgrade a PostgreSQL database at once wait for each other."""


def upgrade(path: Path) -> tuple[str | None, str]:
    """Bring a file to the newest form; a missing one is made. Returns its revision before and after.

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
            raise _refused(str(path), error) from error
        finally:
            engine.dispose()


def upgrade_server(url: str, *, password: str | None = None) -> tuple[str | None, str]:
    """Bring a database on a server to the newest form; its tables lie in a schema of their own. Returns its revision before and after.

    Hosts that upgrade at once wait for each other. Each migration says which locks it takes; they are held until its end.

    Raises:
        StoreUnavailable: the server isn't reached, this account may not make tables, or the database was made by a newer oms.
    """
    address = postgres.address_of(url, password=password)
    engine = postgres.engine(address)
    try:
        from oms.store.delivery import upgrade_delivery  # noqa: PLC0415 - a file needs none, and it may not be installed
    except ModuleNotFoundError as error:
        raise StoreUnavailable("PostgreSQL needs Procrastinate: pip install 'ordermill[postgres]'.") from error
    try:
        with postgres.reached(address), engine.begin() as connection:
            connection.execute(_ALONE)
            connection.execute(CreateSchema(postgres.SCHEMA, if_not_exists=True))
            before = _upgrade(connection)
        upgrade_delivery(engine, alone=_ALONE)
    except DatabaseError as error:
        raise _refused(postgres.name_of(address), error) from error
    finally:
        engine.dispose()
    return before, newest()


def newest() -> str:
    """The revision that this oms works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _upgrade(connection: Connection) -> str | None:
    """All of it in the one transaction: a crash leaves the database as it was."""
    before = revision(connection)
    _refuse_newer(before)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    guard(connection)
    restate_all(connection)
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


def _refused(name: str, error: DatabaseError) -> StoreUnavailable:
    return StoreUnavailable(f"The database {name} can't be brought to its newest form: {first_line(error)}. Nothing was changed.")


def _refuse_newer(before: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if before is not None and before not in known:
        raise StoreUnavailable(f"The database is of revision {before}, which this oms doesn't know: it was made by a newer one. Install that again.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
