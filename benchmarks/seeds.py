"""Shops with many orders: one is placed by the engine, the others are copies of its rows, which takes seconds instead of hours."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oms.bootstrap import open_shop
from tests.builders import MovedClock, an_order, make_shop

CUP: Mapping[str, Any] = {"sku": "CUP-4", "name": "Espresso cups", "quantity": 1, "unit_price": "39.90", "tax_rate": "19"}
PLACED = timedelta(days=30)
"""So long ago the orders were placed: shorter timers are overdue."""

MADE_OF: Mapping[str, Mapping[str, str]] = {
    "orders": {"id": "orders"},
    "order_line": {"order": "orders"},
    "order_item": {"id": "order_item", "order": "orders"},
    "timer": {"id": "timer", "order": "orders", "item": "order_item"},
    "trigger": {"id": "trigger", "order": "orders"},
    "history": {"id": "history", "trigger": "trigger", "order": "orders"},
    "history_item": {"history": "history", "item": "order_item"},
}
"""Table to its columns that hold the id of a row, and of which table."""


def seed(folder: Path, process: str, *, orders: int, items: int = 1, bare: bool = False) -> Path:
    """A shop's folder with so many orders in the initial state of a process; order `n` is `A-n`, the first one `A`. Returns its database.

    Args:
        folder: A new one.
        process: YAML; its name is prepayment.
        orders: How many.
        items: Of each order.
        bare: Copy no history: it plays no part.
    """
    make_shop(folder, processes={"prepayment.yaml": process})
    with open_shop(folder, clock=MovedClock(datetime.now(UTC) - PLACED)) as shop:
        shop.deploy()
        shop.place(an_order("A", items=[CUP] * items))
    database = folder / "data" / "oms.db"
    with closing(sqlite3.connect(database)) as connection:
        _multiply(connection, orders, bare=bare)
    return database


def reference(number: int) -> str:
    """Of the order with this id."""
    return "A" if number == 1 else f"A-{number}"


def _multiply(connection: sqlite3.Connection, orders: int, *, bare: bool) -> None:
    """The ids of the only order begin with 1 and have no gaps, so those of copy `n` lie `n` times as many rows further on."""
    connection.execute("PRAGMA synchronous = OFF")
    tables = [table for table in MADE_OF if not bare or table not in {"trigger", "history", "history_item"}]
    rows = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608 - names from above
    for table in tables:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        values = [_shifted(column, MADE_OF[table].get(column), rows) for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        connection.execute(
            f"""WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < :last)
            INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} FROM copy CROSS JOIN (SELECT * FROM "{table}")""",  # noqa: S608 - the same
            {"last": orders - 1},
        )
    connection.commit()


def _shifted(column: str, table: str | None, rows: Mapping[str, int]) -> str:
    if column == "reference":
        return "'A-' || (n + 1)"
    return f'"{column}"' if table is None else f'"{column}" + n * {rows[table]}'
