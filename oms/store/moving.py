"""Moves a shop from a file to a server: with orders, timers and jobs in flight, and the papers of its archive.

The file is frozen first, for whoever has it open. Then everything is copied, batch after batch, so that an interrupted copy goes on where it was, and
both sides are compared. Only then the server's database may be used: until that it bears a revision that no oms knows.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from oms.errors import Conflict, StoreUnavailable
from oms.failpoints import reach
from oms.outbox import LEASE
from oms.ports.outside import Archive
from oms.store import postgres
from oms.store.archive import ARCHIVE
from oms.store.backup import STORED
from oms.store.copying import Tell, copy_tables, differences, set_counters, tables
from oms.store.freezing import Move, freeze, move_of, thaw
from oms.store.revision import NEWEST, revision
from oms.store.schema import upgrade_server
from oms.store.sqlite import SqliteStore, writer_engine

COPYING = "copying"
"""The revision of a database that is not whole yet."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What is on the server now."""

    target: str
    rows: Mapping[str, int]  #: by table
    files: int  #: of the archive


def move(source: SqliteStore, archive: Archive | None, url: str, *, password: str | None, tell: Tell) -> Moved:
    """Copy a shop to a server; the file is frozen from the first moment on, and stays so.

    Args:
        source: The file.
        archive: Where its papers are; None: in the file itself.
        url: `postgresql://…`: an empty database, or one in which a copy of this file was interrupted.
        password: Of that account.
        tell: Is told how far it is.

    Raises:
        Conflict: somebody works still, the file moves elsewhere, or the database holds another shop.
        StoreUnavailable: a database doesn't answer; called again, it goes on.
    """
    address = postgres.address_of(url, password=password)
    name = postgres.name_of(address)
    _require_rest(source)
    here, there = writer_engine(source.path), postgres.engine(address)
    try:
        with postgres.reached(address):
            wanted = _wanted(here, name)
            _prepare(there, url, password=password, copy=wanted.copy)
            with here.begin() as connection:
                if move_of(connection) is None:
                    freeze(connection, wanted)
            reach("copy.after_freeze")
            rows = copy_tables(here, there, tell=tell)
            files = _copy_files(here, there, archive, tell)
            _compare(here, there, archive)
            _open(there, wanted.copy)
    finally:
        here.dispose()
        there.dispose()
    return Moved(name, rows, files)


def move_back(source: SqliteStore) -> str:
    """The shop goes on in the file, whatever was copied. Returns where it had moved.

    Raises:
        Conflict: it hasn't moved.
    """
    engine = writer_engine(source.path)
    try:
        with engine.begin() as connection:
            moved = move_of(connection)
            if moved is None:
                raise Conflict(f"The shop is in {source.path}: it has not moved.")
            thaw(connection)
            return moved.target
    finally:
        engine.dispose()


def _require_rest(source: SqliteStore) -> None:
    with source.reading() as work:
        now = work.now()
        busy = [worker.name for worker in work.workers.all() if now - worker.seen_at <= LEASE]
    if busy:
        raise Conflict(f"Workers are at it: {', '.join(busy)}. Stop them; one that was killed is forgotten after a minute.")


def _wanted(here: Engine, name: str) -> Move:
    with here.begin() as connection:
        known = move_of(connection)
    if known is not None and known.target != name:
        raise Conflict(f"The shop moves to {known.target} already. To give that up: oms db copy --undo.")
    return known or Move(uuid.uuid4().hex, name)


_BEARS = select(func.obj_description(func.to_regnamespace(postgres.SCHEMA), "pg_namespace"))


def _prepare(there: Engine, url: str, *, password: str | None, copy: str) -> None:
    """A database of the newest form that bears the name of this copy, and that nobody else uses."""
    with there.connect() as connection:
        bears = connection.execute(_BEARS).scalar_one()
        if bears == copy and revision(connection) != COPYING:
            raise Conflict(f"The shop is in {connection.engine.url.database} already, whole: name that as database.url.")
    if bears == copy:
        return
    upgrade_server(url, password=password)
    with there.begin() as connection:
        filled = [table.name for table in tables() if connection.execute(select(table).limit(1)).first() is not None]
        if filled:
            raise Conflict(f"The database {connection.engine.url.database} holds a shop already ({', '.join(filled[:3])} …): name an empty one.")
        connection.execute(text(f"COMMENT ON SCHEMA {postgres.SCHEMA} IS '{copy}'"))
        connection.execute(text("UPDATE alembic_version SET version_num = :copying"), {"copying": COPYING})


def _copy_files(here: Engine, there: Engine, archive: Archive | None, tell: Tell) -> int:
    """Papers of a folder become rows; each is checked as it is read."""
    keys = _keys(here) if archive is not None else []
    with there.connect() as connection:
        known = set(connection.execute(select(ARCHIVE.c.key)).scalars())
    for number, key in enumerate(keys, start=1):
        if key not in known and archive is not None:
            data = archive.get(key)
            row = {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "data": data, "created_at": func.clock_timestamp()}
            with there.begin() as connection:
                connection.execute(insert_or_ignore(ARCHIVE).values(row).on_conflict_do_nothing())
            tell("files", number)
            reach("copy.after_file")
    return len(keys)


def _keys(here: Engine) -> list[str]:
    with here.connect() as connection:
        return sorted(row.key for row in connection.execute(STORED))


def _compare(here: Engine, there: Engine, archive: Archive | None) -> None:
    wrong = list(differences(here, there, besides=() if archive is None else (ARCHIVE.name,)))
    with there.connect() as connection:
        for key in _keys(here) if archive is not None else []:
            data = connection.execute(select(ARCHIVE.c.data).where(ARCHIVE.c.key == key)).scalar()
            if data is None or hashlib.sha256(data).hexdigest() not in key:
                wrong.append(f"{key} is not there as it was stored.")
    if wrong:
        raise StoreUnavailable(f"The copy is not what was copied: {' '.join(wrong[:5])} Empty the database there, and copy again.")


def _open(there: Engine, copy: str) -> None:
    """From now on it may be used."""
    with there.begin() as connection:
        set_counters(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": NEWEST})
        connection.execute(text(f"COMMENT ON SCHEMA {postgres.SCHEMA} IS '{copy}'"))
