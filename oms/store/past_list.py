"""What happened to all orders of a store, the newest first: two questions, of which the first walks an index and stops."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.engine import Connection

from oms.ports.past import PastFilter, PastHop, PastLine
from oms.store.history import HISTORY, TRIGGERS
from oms.store.orders import ORDERS

_store_of, _reference_of, _version_of = (
    select(column).where(ORDERS.c.id == TRIGGERS.c.order).correlate(TRIGGERS).scalar_subquery()
    for column in (ORDERS.c.store, ORDERS.c.reference, ORDERS.c.version)
)
"""Asked for row by row: in a join, a planner that knows no numbers begins with all orders of the store, and sorts what happened to them."""
_COLUMNS = (TRIGGERS.c.id, TRIGGERS.c.at, TRIGGERS.c.event, TRIGGERS.c.actor, TRIGGERS.c.reason, _reference_of, _version_of)
_LAST = TRIGGERS.alias()


def past(connection: Connection, wanted: PastFilter) -> list[PastLine]:
    """The triggers that are wanted, at most `limit` of them, with their hops."""
    query = select(*_COLUMNS).where(*_clauses(wanted)).order_by(TRIGGERS.c.at.desc(), TRIGGERS.c.id.desc())
    rows = connection.execute(query.limit(wanted.limit)).all()
    hops: dict[int, dict[PastHop, None]] = defaultdict(dict)
    found = select(HISTORY.c.trigger, HISTORY.c.source, HISTORY.c.target, HISTORY.c.error).where(HISTORY.c.trigger.in_([row.id for row in rows]))
    for trigger, *hop in connection.execute(found.order_by(HISTORY.c.id)):
        hops[trigger][PastHop(*hop)] = None
    return [PastLine(*row, tuple(hops[row.id])) for row in rows]


def _clauses(wanted: PastFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [_store_of == wanted.store]
    if wanted.event is not None:
        clauses.append(TRIGGERS.c.event == wanted.event)
    if wanted.actor is not None:
        clauses.append(TRIGGERS.c.actor == wanted.actor)
    if wanted.since is not None:
        clauses.append(TRIGGERS.c.at >= wanted.since)
    if wanted.until is not None:
        clauses.append(TRIGGERS.c.at < wanted.until)
    if wanted.before is not None:
        last_at = select(_LAST.c.at).where(_LAST.c.id == wanted.before).scalar_subquery()
        clauses.append(tuple_(TRIGGERS.c.at, TRIGGERS.c.id) < tuple_(last_at, wanted.before))
    return clauses
