"""What is reserved: units of items that stand in states with the flag `reserved`, by article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.engine import Connection

from oms.store.items import ITEMS
from oms.store.orders import LINES, ORDERS


def reserved(
    connection: Connection, states: Mapping[int, Sequence[str]], *, store: str | None, sku: str | None, after: str, limit: int
) -> dict[str, int]:
    """Article to its reserved units, in the order of the articles.

    Args:
        connection: Reads only.
        states: Version of a process to its states that reserve; none of them is final.
        store: Only orders of this one; None: of all.
        sku: Only this article; None: all of which something is reserved.
        after: Only articles that come after this one.
        limit: So many at most.
    """
    every = sorted({state for names in states.values() for state in names})
    here: ColumnElement[bool] = or_(false(), *((ORDERS.c.version == version) & ITEMS.c.state.in_(names) for version, names in states.items()))
    query = (
        select(LINES.c.sku, func.sum(ITEMS.c.quantity))
        .join(LINES, (LINES.c.order == ITEMS.c.order) & (LINES.c.line == ITEMS.c.line))
        .join(ORDERS, ORDERS.c.id == ITEMS.c.order)
        .where(ITEMS.c.final == false(), ITEMS.c.state.in_(every), here, LINES.c.quantity > 0, LINES.c.sku > after)
        .group_by(LINES.c.sku)
        .order_by(LINES.c.sku)
        .limit(limit)
    )
    if store is not None:
        query = query.where(ORDERS.c.store == store)
    if sku is not None:
        query = query.where(LINES.c.sku == sku)
    return {article: int(units) for article, units in connection.execute(query)}
