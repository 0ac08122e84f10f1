"""How much a database does for a question: a plan that begins at an index may still walk all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from oms.bootstrap import Shop

MOST = {"sqlite": 10_000, "postgresql": 1_000}
"""What one question may cost: instructions of SQLite, of which an order that is passed by takes seven or more; rows that PostgreSQL looks at."""


def costly(shop: Shop, asked: Iterable[tuple[str, Any]]) -> list[tuple[int, str]]:
    """What reads more than `MOST` allows, and how much."""
    with shop.store.connection() as connection:
        most = MOST[connection.dialect.name]
    reads = [each for each in asked if each[0].lstrip().startswith("SELECT")]
    return [(spent, each[0]) for each in reads if (spent := effort(shop, each)) > most]


def effort(shop: Shop, asked: tuple[str, Any]) -> int:
    """What a question costs, as `MOST` counts it."""
    query, values = asked
    with shop.store.connection() as connection:
        raw: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "postgresql":
            with raw.transaction():
                raw.execute("SET LOCAL enable_seqscan = off")  # as `planned`
                return rows_of(raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values).fetchone()[0][0]["Plan"])
        hundreds = count()
        raw.set_progress_handler(lambda: next(hundreds) < 0, 100)  # anything but false would stop it
        raw.execute(query).fetchall()
        raw.set_progress_handler(None, 0)
        return next(hundreds) * 100


def rows_of(plan: Mapping[str, Any]) -> int:
    """All rows that the steps of a plan gave and threw away."""
    seen = sum(
        plan.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")
    )
    return int(seen * plan["Actual Loops"]) + sum(rows_of(each) for each in plan.get("Plans", ()))
