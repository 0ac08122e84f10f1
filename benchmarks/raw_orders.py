"""The other side of placing an order: the rows of one, written again and again by the driver alone, one commit for each.

The same schema with its indexes and triggers. The rows are those that the engine left of an order; a copy differs in its ids, in what points to them,
and in what must be unique. Nothing is read, checked or decided, and what the engine writes first and changes then is written once, as it ended.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.seeds import MADE_OF

ROWS: Mapping[str, Mapping[str, str]] = {
    **MADE_OF,
    "job": {"id": "job", "order": "orders"},
    "mail_message": {"id": "mail_message", "order": "orders"},
    "mail_recipient": {"message": "mail_message"},
    "order_word": {"order": "orders"},
}
"""All that an order leaves when it is placed: tables and their columns that hold the id of a row, and of which table."""
_UNIQUE = {("orders", "reference"), ("trigger", "key"), ("mail_message", "message_id"), ("mail_message", "key")}


class RawOrders:
    """Copies of the only order of a database that nobody else has open."""

    def __init__(self, cursor: Any, *, mark: str) -> None:
        """Reads the order.

        Args:
            cursor: Of a driver's connection that begins no transaction by itself.
            mark: What stands for a value in a statement.
        """
        self._cursor, self._mark = cursor, mark
        self._rows = {table: list(self._rows_of(table)) for table in ROWS}
        self._inserts = {table: self._insert(table, list(rows[0])) for table, rows in self._rows.items()}
        self._copies = itertools.count(1)

    def commit(self, times: int) -> float:
        """Seconds for so many more orders."""
        began = time.perf_counter()
        for copy in itertools.islice(self._copies, times):
            ids = dict(self._ids(copy))
            self._cursor.execute("BEGIN")
            for table, rows in self._rows.items():
                self._cursor.executemany(self._inserts[table], [self._copied(table, row, ids, copy) for row in rows])
            self._cursor.execute("COMMIT")
        return time.perf_counter() - began

    def counts(self) -> dict[str, int]:
        """Rows of each table for each order: what must be the same on both sides."""
        return {table: len(rows) for table, rows in self._rows.items()}

    def _ids(self, copy: int) -> Iterator[tuple[tuple[str, Any], Any]]:
        """Numbers begin with 1 and have no gaps, so those of a copy lie so many times as many rows further on."""
        for table, rows in self._rows.items():
            for row in rows:
                if "id" in row:
                    yield (table, row["id"]), row["id"] + copy * len(rows) if isinstance(row["id"], int) else uuid.uuid4().hex

    def _copied(self, table: str, row: dict[str, Any], ids: dict[tuple[str, Any], Any], copy: int) -> list[Any]:
        points = ROWS[table]
        return [
            ids[points[column], value] if column in points else f"{value}-{copy}" if (table, column) in _UNIQUE else value
            for column, value in row.items()
        ]

    def _rows_of(self, table: str) -> Iterator[dict[str, Any]]:
        self._cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from above
        names = [each[0] for each in self._cursor.description]
        yield from (dict(zip(names, row, strict=True)) for row in self._cursor.fetchall())

    def _insert(self, table: str, columns: list[str]) -> str:
        names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join([self._mark] * len(columns))
        return f'INSERT INTO "{table}"({names}) VALUES ({marks})'  # noqa: S608 - the same
