"""What happened to all orders of a store, the newest first: two questions, of which the first walks an index and stops."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, select
from sqlalchemy.engine import Connection

from oms.ports.past import PastFilter, PastHop, PastLine
from oms.store.history import HISTORY, TRIGGERS
from oms.store.orders import ORDERS

_COLUMNS = (TRIGGERS.c.id, TRIGGERS.c.at, TRIGGERS.c.event, TRIGGERS.c.actor, TRIGGERS.c.reason, ORDERS.c.reference, ORDERS.c.version)


def past(connection: Connection, wanted: PastFilter) -> list[PastLine]:
    """The triggers that are wanted, at most `limit` of them, with their hops."""
    query = (
        select(*_COLUMNS).join(ORDERS, ORDERS.c.id == TRIGGERS.c.order).where(*_clauses(wanted)).order_by(TRIGGERS.c.id.desc()).limit(wanted.limit)
    )
    rows = connection.execute(query).all()
    hops: dict[int, dict[PastHop, None]] = defaultdict(dict)
    found = select(HISTORY.c.trigger, HISTORY.c.source, HISTORY.c.target, HISTORY.c.error).where(HISTORY.c.trigger.in_([row.id for row in rows]))
    for trigger, *hop in connection.execute(found.order_by(HISTORY.c.id)):
        hops[trigger][PastHop(*hop)] = None
    return [PastLine(*row, tuple(hops[row.id])) for row in rows]


def _clauses(wanted: PastFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [ORDERS.c.store == wanted.store]
    if wanted.event is not None:
        clauses.append(TRIGGERS.c.event == wanted.event)
    if wanted.actor is not None:
        clauses.append(TRIGGERS.c.actor == wanted.actor)
    if wanted.since is not None:
        clauses.append(TRIGGERS.c.at >= wanted.since)
    if wanted.until is not None:
        clauses.append(TRIGGERS.c.at < wanted.until)
    if wanted.before is not None:
        clauses.append(TRIGGERS.c.id < wanted.before)
    return clauses
