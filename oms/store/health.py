"""How a database is: whole and of the newest form? And what was done in it so far, what is due next. Reads only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from oms.errors import StoreUnavailable
from oms.store import driver
from oms.store.history import HISTORY_ITEMS
from oms.store.incidents import INCIDENTS
from oms.store.items import ITEMS
from oms.store.mails import RECIPIENTS
from oms.store.papers import FILES, INVOICES, PAPER_FILES
from oms.store.revision import NEWEST, revision
from oms.store.sql_store import SqlStore
from oms.store.sqlite import SqliteStore, reader_engine, require
from oms.store.timers import TIMERS
from oms.store.turns import JOBS


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of everything that work makes."""

    hops: int  #: of single items
    invoices: int
    pdfs: int
    mails: int  #: that somebody has: accepted by the server, or filed
    incidents: int  #: that are open


_TOTALS = (
    select(func.count()).select_from(HISTORY_ITEMS),
    select(func.count()).select_from(INVOICES),
    select(select(func.count()).where(FILES.c.kind == "pdf").scalar_subquery() + select(func.count()).select_from(PAPER_FILES).scalar_subquery()),
    select(func.count(RECIPIENTS.c.message.distinct())).where(or_(RECIPIENTS.c.status == "sent", RECIPIENTS.c.code == "redirected")),
    select(func.count()).where(INCIDENTS.c.closed_at.is_(None)),
)
_NEXT = (
    select(func.min(TIMERS.c.next_at)),
    select(func.min(ITEMS.c.look_at)),
    select(func.min(JOBS.c.next_at)).where(JOBS.c.status.in_(("todo", "landing"))),
)


def totals(connection: Connection) -> Totals:
    """What there is."""
    return Totals(*(int(connection.execute(query).scalar_one()) for query in _TOTALS))


def next_due(connection: Connection) -> datetime | None:
    """When there is something to do next: a timer, a look or a job. What is held counts, too."""
    return min((at for query in _NEXT if (at := connection.execute(query).scalar_one()) is not None), default=None)


def faults(store: SqlStore, *, thorough: bool) -> list[str]:
    """Why a shop can't work with this database, each with what mends it. Nothing: it can.

    Args:
        store: The database.
        thorough: Every page of a file is read, which takes seconds for each gigabyte.
    """
    return _of_file(store.path, thorough=thorough) if isinstance(store, SqliteStore) else _of_server(store)


def _of_server(store: SqlStore) -> list[str]:
    try:
        with store.connection() as connection:
            found, is_copy = _of_form(revision(connection)), bool(connection.execute(select(func.pg_is_in_recovery())).scalar_one())
    except StoreUnavailable as error:
        return [str(error)]
    return [*found, f"The database {store.name} is a standby: it can only be read. Name the primary as database.url."] if is_copy else found


def _of_file(path: Path, *, thorough: bool) -> list[str]:
    try:
        require(path)
    except StoreUnavailable as error:
        return [str(error)]
    engine = reader_engine(path)
    try:
        with engine.begin() as connection:
            found = [*_of_form(revision(connection))]
            damage = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(3)")] if thorough else ["ok"]
    except DatabaseError as error:
        return [f"The database {path} can't be read: {error.orig}.{driver.advice(error) or ' Look at its disk, and who may read it.'}"]
    finally:
        engine.dispose()
    if damage != ["ok"]:
        found.append(f"The database {path} is damaged: {'; '.join(damage)}. Stop the workers and put a backup in its place.")
    if not os.access(path, os.W_OK):
        found.append(f"The database {path} can't be written to by this account: chown or chmod it.")
    return found


def _of_form(now: str | None) -> list[str]:
    if now == NEWEST:
        return []
    return [f"The database is of revision {now or 'none'}, this oms works with {NEWEST}: oms db upgrade"]
