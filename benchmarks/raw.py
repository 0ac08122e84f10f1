"""The other side: the same rows by the sqlite3 driver alone, as good as it gets.

The same schema with its indexes and triggers, the same pragmas, one commit for each trigger; statements are prepared once (sqlite3 keeps them).
Nothing is read that was known before, nothing is checked, and nothing is written twice.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from oms.ports.drafts import NewDocument

PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=FULL")
TABLES = (
    "orders",
    "order_item",
    "trigger",
    "history",
    "history_item",
    "timer",
    "job",
    "number_series",
    "invoice",
    "invoice_line",
    "invoice_standing",
    "incident",
)

_TRIGGER = 'INSERT INTO trigger("order", key, event, actor, cause, reason, payload, request_sha256, answer, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
_MOVE = """UPDATE order_item SET state = ?, final = ?, entered_at = ?, moves = moves + 1, seq = seq + 1,
    look_at = NULL, look_pause = NULL, attempts = 0, error = NULL WHERE id = ? AND state = ?"""
_HISTORY = 'INSERT INTO history(trigger, hop, "order", event, source, target, at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
_HISTORY_ITEM = "INSERT INTO history_item(history, item, seq) VALUES (?, ?, ?)"
_TIMER = 'INSERT INTO timer("order", item, moves, event, due_at, attempts, next_at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
_JOB = """INSERT INTO job(id, name, "order", hop, state, items, "then", on_error, arguments, status, attempts, claims,
    next_at, lease_until, worker, result, error, rung_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_TOUCH = "UPDATE orders SET last_at = ? WHERE id = ?"
_FIRED = "DELETE FROM timer WHERE id = ?"
_DUE = 'SELECT id, "order", item FROM timer WHERE next_at <= ? ORDER BY next_at, id LIMIT ?'
_DRAW = "UPDATE number_series SET last = last + 1, last_date = max(last_date, ?) WHERE key = ? RETURNING last, last_date"
_PREVIOUS = "SELECT sha256 FROM invoice WHERE series = ? ORDER BY seq DESC LIMIT 1"
_INVOICE = """INSERT INTO invoice(store, kind, "order", seller, cause, parent, series, seq, number, issued_on, due_on, currency,
    net_minor, tax_minor, gross_minor, rounding_minor, paid_minor, reopens, snapshot, sha256, previous_sha256, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_STANDING = "INSERT INTO invoice_standing VALUES (?, ?, ?, ?, ?, ?, 'owing', ?, 0)"
_INVOICE_LINE = 'INSERT INTO invoice_line(invoice, "order", line, item, quantity) VALUES (?, ?, ?, ?, ?)'


class Raw:
    """A copy of a seeded database, written by the driver alone."""

    def __init__(self, database: Path) -> None:
        """Copies the database; nobody may have it open."""
        copy = database.with_name("raw.db")
        shutil.copyfile(database, copy)
        self.connection = sqlite3.connect(copy, isolation_level=None)
        for pragma in PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}")
        self._run = self.connection.execute

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def go(self, order: int, item: int) -> None:
        """One item, `new` to `open`: item, trigger with its answer, history, timer, job, order."""
        run, now = self._run, datetime.now(UTC)
        at, due = text_of(now), text_of(now + timedelta(days=14))
        run("BEGIN IMMEDIATE")
        trigger = self._move(order, item, at, event="go", target="open", final=0, actor="python")
        run(_TIMER, (order, item, 1, "expire", due, 0, due, None))
        stay, call = json.dumps([[item, 1]]), '{"url": "https://shop.example/hook"}'
        job = (uuid.uuid4().hex, "call_webhook", order, f"{trigger}:1", "open", stay, "arrive", None, call, "todo", 0, 0, at)
        run(_JOB, (*job, None, None, None, None, None, at))
        run("COMMIT")

    def due(self, most: int) -> list[tuple[int, int, int]]:
        """Timer, order and item of those that are overdue."""
        return self._run(_DUE, (text_of(datetime.now(UTC)), most)).fetchall()

    def expire(self, timer: int, order: int, item: int) -> None:
        """One timer fires: its row goes; item, trigger, history, order."""
        self._run("BEGIN IMMEDIATE")
        self._run(_FIRED, (timer,))
        self._move(order, item, text_of(datetime.now(UTC)), event="expire", target="gone", final=1, actor="timer")
        self._run("COMMIT")

    def issue(self, draft: NewDocument) -> None:
        """The next number and the invoice that bears it, with its line of the ledger and how it stands."""
        run = self._run
        run("BEGIN IMMEDIATE")
        seq, issued_on = run(_DRAW, (draft.issued_on.isoformat(), draft.series)).fetchone()
        previous = run(_PREVIOUS, (draft.series,)).fetchone()
        of = (draft.store, draft.kind, draft.order, draft.seller, draft.cause, "", draft.series, seq, f"RE-{issued_on[:4]}-{seq:05d}")
        amounts = (draft.currency, draft.net_minor, draft.tax_minor, draft.gross_minor, draft.rounding_minor, draft.paid_minor, draft.reopens)
        hashed = (draft.snapshot, draft.sha256, previous[0] if previous else None)
        invoice = run(_INVOICE, (*of, issued_on, issued_on, *amounts, *hashed, text_of(datetime.now(UTC)))).lastrowid
        run(_INVOICE_LINE, (invoice, draft.order, 1, draft.order, 1))
        run(_STANDING, (invoice, draft.store, draft.kind, draft.currency, issued_on, issued_on, draft.gross_minor))
        run("COMMIT")

    def _move(self, order: int, item: int, at: str, *, event: str, target: str, final: int, actor: str) -> int:
        run = self._run
        answer = json.dumps([{"item": "1", "outcome": "moved", "state": target, "source": "new"}])
        trigger = run(_TRIGGER, (order, uuid.uuid4().hex, event, actor, None, None, None, "0" * 64, answer, at)).lastrowid
        run(_MOVE, (target, final, at, item, "new"))
        history = run(_HISTORY, (trigger, 1, order, event, "new", target, at, None)).lastrowid
        run(_HISTORY_ITEM, (history, item, 2))
        run(_TOUCH, (at, order))
        return int(trigger or 0)


def text_of(at: datetime) -> str:
    """A time as the store writes it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def counts(database: Path) -> dict[str, int]:
    """Rows of each table, and items of each state: what must be the same on both sides."""
    connection = sqlite3.connect(database)
    try:
        found = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in TABLES}  # noqa: S608 - names from above
        return found | {f"items {state}": number for state, number in connection.execute("SELECT state, count(*) FROM order_item GROUP BY state")}
    finally:
        connection.close()
