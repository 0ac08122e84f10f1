"""Which orders a list shows: one query that walks an index and stops, whatever is asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.engine import Connection

from oms.orders.words import wanted_words
from oms.ports.views import OrderFilter, OrderLine
from oms.store.held import OF_ORDER, VERSIONS
from oms.store.items import ITEMS
from oms.store.orders import LINES, ORDERS, WORDS
from oms.store.planning import Unindexed

_COLUMNS = (
    ORDERS.c.id,
    ORDERS.c.store,
    ORDERS.c.reference,
    ORDERS.c.customer_name,
    ORDERS.c.gross_minor,
    ORDERS.c.currency,
    VERSIONS.c.name,
    ORDERS.c.placed_at,
    ORDERS.c.attention,
    ORDERS.c.held,
)
_LAST = "\U0010ffff"
"""No character comes after it: a word and what begins with it lie between the word and the word with this behind it."""


def listed(connection: Connection, wanted: OrderFilter) -> list[OrderLine]:
    """The orders that are wanted, at most `limit` of them: two queries."""
    rows: Sequence[Any] = connection.execute(filtered(wanted)).all()
    states: dict[int, Counter[str]] = defaultdict(Counter)
    since: dict[int, datetime] = {}
    ids = [row.id for row in rows]
    for order, state, entered_at in connection.execute(select(ITEMS.c.order, ITEMS.c.state, ITEMS.c.entered_at).where(ITEMS.c.order.in_(ids))):
        states[order][state] += 1
        since[order] = min(since.get(order, entered_at), entered_at)
    return [
        OrderLine(store, reference, name, total, currency, process, at, dict(states[order]), since[order], attention, held, id=order)
        for order, store, reference, name, total, currency, process, at, attention, held in rows
    ]


def placed_on(store: str, day: date) -> Select[int]:
    """The query for how many orders of a store were placed on a day in UTC."""
    since = _midnight(day)
    placed = (ORDERS.c.placed_at >= since, ORDERS.c.placed_at < since + timedelta(days=1))
    return select(func.count()).select_from(ORDERS).where(*placed, Unindexed(ORDERS.c.store) == store)


def filtered(wanted: OrderFilter) -> Select[tuple[object, ...]]:
    """The query for the orders themselves."""
    number = ORDERS.c.id
    query = select(*_COLUMNS).join(VERSIONS, OF_ORDER).order_by(number.asc() if wanted.oldest_first else number.desc()).limit(wanted.limit)
    return query.where(*_of_order(wanted), *_of_amounts(wanted), *_of_items(wanted), *_of_words(wanted))


def _of_order(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.store is not None:
        clauses.append(ORDERS.c.store == wanted.store)
    if wanted.process is not None:
        clauses.append(VERSIONS.c.name == wanted.process)
    if wanted.attention is not None:
        clauses.append(ORDERS.c.attention.is_(wanted.attention))
    if wanted.placed_from is not None:
        clauses.append(ORDERS.c.placed_at >= _midnight(wanted.placed_from))
    if wanted.placed_to is not None:
        clauses.append(ORDERS.c.placed_at < _midnight(wanted.placed_to) + timedelta(days=1))
    if wanted.after is not None:
        clauses.append(ORDERS.c.id > wanted.after if wanted.oldest_first else ORDERS.c.id < wanted.after)
    return clauses


def _of_amounts(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.currency is not None:
        clauses.append(ORDERS.c.currency == wanted.currency)
    if wanted.least_minor is not None:
        clauses.append(ORDERS.c.gross_minor >= wanted.least_minor)
    if wanted.most_minor is not None:
        clauses.append(ORDERS.c.gross_minor <= wanted.most_minor)
    return clauses


def _of_items(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    open_orders = select(ITEMS.c.order).where(ITEMS.c.final == false())
    here = select(ITEMS.c.order).where(ITEMS.c.order == ORDERS.c.id)
    if wanted.states:
        stands = ITEMS.c.state.in_(wanted.states)
        clauses.append(ORDERS.c.id.in_(open_orders.where(stands)) if wanted.states_are_open else here.where(stands).exists())
    if wanted.without_states:
        clauses.append(~here.where(ITEMS.c.state.in_(wanted.without_states)).exists())
    if wanted.flagged is not None:
        flagged: ColumnElement[bool] = or_(
            false(), *((ORDERS.c.version == version) & ITEMS.c.state.in_(states) for version, states in wanted.flagged.items())
        )
        clauses.append(here.where(flagged).exists())
    if wanted.older_than is not None or wanted.newer_than is not None:
        aged = open_orders.where(ITEMS.c.state.in_(wanted.states or wanted.open_states))
        aged = aged if wanted.older_than is None else aged.where(ITEMS.c.entered_at < wanted.older_than)
        clauses.append(ORDERS.c.id.in_(aged if wanted.newer_than is None else aged.where(ITEMS.c.entered_at >= wanted.newer_than)))
    return clauses


def _of_words(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [
        ORDERS.c.id.in_(select(WORDS.c.order).where(WORDS.c.word >= word, WORDS.c.word < word + _LAST)) for word in wanted_words(wanted.search or "")
    ]
    if wanted.sku is not None:
        clauses.append(ORDERS.c.id.in_(select(LINES.c.order).where(LINES.c.sku == wanted.sku)))
    return clauses


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), UTC)
