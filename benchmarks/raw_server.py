"""The other side on a server: the same rows by psycopg alone, as good as it gets.

The same schema with its indexes and triggers, one commit for each trigger; every statement is prepared on the server at its first use. Nothing is
read that was known before, nothing is checked, and nothing is written twice.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, Self

import psycopg

TABLES = ("orders", "order_item", "trigger", "history", "history_item", "timer", "job")

_TRIGGER: LiteralString = """INSERT INTO trigger("order", key, event, actor, cause, reason, payload, request_sha256, answer, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_MOVE: LiteralString = """UPDATE order_item SET state = %s, final = %s, entered_at = %s, moves = moves + 1, seq = seq + 1,
    look_at = NULL, look_pause = NULL, attempts = 0, error = NULL WHERE id = %s AND state = %s"""
_HISTORY: LiteralString = """INSERT INTO history(trigger, hop, "order", event, source, target, at, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_HISTORY_ITEM: LiteralString = "INSERT INTO history_item(history, item, seq) VALUES (%s, %s, %s)"
_TIMER: LiteralString = 'INSERT INTO timer("order", item, moves, event, due_at, attempts, next_at, error) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)'
_JOB: LiteralString = """INSERT INTO job(id, name, "order", hop, state, items, "then", on_error, arguments, status, attempts, claims,
    next_at, lease_until, worker, result, error, rung_at, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_FIRED: LiteralString = "DELETE FROM timer WHERE id = %s"
_DUE: LiteralString = 'SELECT id, "order", item FROM timer WHERE next_at <= %s ORDER BY next_at, id LIMIT %s'
_TOUCH: LiteralString = "UPDATE orders SET last_at = %s WHERE id = %s"


class RawServer:
    """A copy of a seeded database, written by the driver alone."""

    def __init__(self, url: str) -> None:
        """Connects."""
        self.connection = psycopg.connect(url, options="-c search_path=oms", prepare_threshold=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def go(self, order: int, item: int) -> None:
        """One item, `new` to `open`: item, trigger with its answer, history, timer, job, order."""
        at = datetime.now(UTC)
        due = at + timedelta(days=14)
        trigger = self._move(order, item, at, event="go", target="open", final=False, actor="python")
        self.connection.execute(_TIMER, (order, item, 1, "expire", due, 0, due, None))
        stay, call = json.dumps([[item, 1]]), '{"url": "https://shop.example/hook"}'
        job = (uuid.uuid4().hex, "call_webhook", order, f"{trigger}:1", "open", stay, "arrive", None, call, "todo", 0, 0, at)
        self.connection.execute(_JOB, (*job, None, None, None, None, None, at))
        self.connection.commit()

    def due(self, most: int) -> list[tuple[int, int, int]]:
        """Timer, order and item of those that are overdue."""
        return self.connection.execute(_DUE, (datetime.now(UTC), most)).fetchall()

    def expire(self, timer: int, order: int, item: int) -> None:
        """One timer fires: its row goes; item, trigger, history, order."""
        self.connection.execute(_FIRED, (timer,))
        self._move(order, item, datetime.now(UTC), event="expire", target="gone", final=True, actor="timer")
        self.connection.commit()

    def _move(self, order: int, item: int, at: datetime, *, event: str, target: str, final: bool, actor: str) -> int:
        run = self.connection.execute
        answer = json.dumps([{"item": "1", "outcome": "moved", "state": target, "source": "new"}])
        trigger = _id(run(_TRIGGER, (order, uuid.uuid4().hex, event, actor, None, None, None, "0" * 64, answer, at)))
        run(_MOVE, (target, final, at, item, "new"))
        history = _id(run(_HISTORY, (trigger, 1, order, event, "new", target, at, None)))
        run(_HISTORY_ITEM, (history, item, 2))
        run(_TOUCH, (at, order))
        return trigger


def counts(url: str) -> dict[str, int]:
    """Rows of each table, and items of each state: what must be the same on both sides."""
    with psycopg.connect(url, options="-c search_path=oms") as connection:
        found = {}
        for table in TABLES:
            found[table] = _id(connection.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))))
        rows = connection.execute("SELECT state, count(*) FROM order_item GROUP BY state").fetchall()
    return found | {f"items {state}": number for state, number in rows}


def _id(cursor: psycopg.Cursor[Any]) -> int:
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
