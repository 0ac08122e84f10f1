"""A million items that wait for what may never come, and what it costs to watch them.

Each stands before a transition without event whose condition does not hold, and has stood there so long that the pause between two looks has grown
to a day. The looks are spread evenly over that day, about twelve a second. `oms work` makes them; another one watches a shop where nothing is due.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.pool import Pool

from benchmarks.computing import KNOWN, computed
from benchmarks.figures import Figure, Size
from benchmarks.raw import text_of
from benchmarks.seeds import seed
from oms.bootstrap import open_shop
from oms.engine.firing import look
from oms.engine.sweep import sweep

ITEMS = 5
"""Of each order."""
DAY = timedelta(days=1).total_seconds()
POLL = 1
"""Seconds between two ticks of the worker."""
BUSY = 0.05
"""The part of a core that watching may keep busy."""

PROCESS = """
process: prepayment
initial: new
states:
  new: {expect_within: 90d}
  paid: {final: true}
events:
  pay: {}
transitions:
  - {from: new, event: pay, to: paid}
  - {from: new, if: payment_is_settled, to: paid}
"""


def measure(folder: Path, size: Size) -> list[Figure]:
    """The looks that were made of those that were due, and what the worker computed."""
    full, empty = folder / "full", folder / "empty"
    database = seed(full, PROCESS, orders=size.items // ITEMS, items=ITEMS, bare=True)
    begin = _spread(database, since=timedelta())
    _spread(seed(empty, PROCESS, orders=1, items=ITEMS, bare=True), since=timedelta(days=1))
    _require_indexes(full)
    with _Watching(full) as watching, _Watching(empty) as idle, closing(sqlite3.connect(database)) as connection:
        while _overdue(connection):  # what came due while the worker began
            time.sleep(POLL)
        windows = [_watch(size.seconds, begin, watching, idle) for _ in range(size.blocks)]
        time.sleep(POLL * 3)  # then a look that was not made is late
        looks = [_looks(connection, size.items, window) for window in windows]
    rate = sum(made for made, _ in looks) / (size.blocks * size.seconds)
    what = f"{size.items:,} items wait"
    made = Figure(
        what=f"{what}: looks made of those that were due",
        values=tuple(made / due for made, due in looks if due),
        target=0.95,
        beside=f"{rate:.1f} / s of {size.items / DAY:.1f} / s, each found by index",
    )
    return [made, _cost(what, windows)] if KNOWN else [made]


def _cost(what: str, windows: Sequence[_Window]) -> Figure:
    empty = median(window.computed[1] for window in windows)
    return Figure(
        what=f"{what}: the worker's part of a core",
        values=tuple(window.computed[0] for window in windows),
        target=BUSY,
        at_most=True,
        beside=f"{empty:.1%} where nothing is due".replace("%", " %"),
    )


class _Watching:
    """`oms work` as a process of its own, from its first tick on."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "oms", "--shop", str(folder), "work"]
        self._worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        said = next((line for line in self._worker.stderr or () if "begins" in line), "")
        assert said, "the worker has ended"
        return self

    def __exit__(self, *_error: object) -> None:
        self._worker.send_signal(signal.SIGTERM)
        self._worker.communicate()

    def computed(self) -> float:
        """Seconds so far; 0 where that can't be told."""
        return computed(self._worker.pid) if KNOWN else 0


@dataclass(frozen=True, slots=True)
class _Window:
    """A while of watching."""

    since: float  #: seconds after the first look of all
    until: float
    computed: tuple[float, ...]  #: the part of a core that each worker kept busy


def _watch(seconds: float, begin: datetime, *workers: _Watching) -> _Window:
    since, before = datetime.now(UTC), [worker.computed() for worker in workers]
    time.sleep(seconds)
    until, after = datetime.now(UTC), [worker.computed() for worker in workers]
    spent = [(now - then) / (until - since).total_seconds() for then, now in zip(before, after, strict=True)]
    return _Window((since - begin).total_seconds(), (until - begin).total_seconds(), tuple(spent))


def _looks(connection: sqlite3.Connection, items: int, window: _Window) -> tuple[int, int]:
    """Of the looks that were due in this window: those that were made, and all. Whatever was looked at is due again tomorrow."""
    first, last = (int(seconds / DAY * items) + 1 for seconds in (window.since, window.until))
    query = "SELECT coalesce(sum(look_at > ?), 0), count(*) FROM order_item WHERE id >= ? AND id < ?"
    made, due = connection.execute(query, (text_of(datetime.now(UTC) + timedelta(hours=23)), first, last)).fetchone()
    return made, due


def _overdue(connection: sqlite3.Connection) -> bool:
    late = text_of(datetime.now(UTC) - timedelta(seconds=POLL * 2))
    return connection.execute("SELECT 1 FROM order_item WHERE look_at < ? LIMIT 1", (late,)).fetchone() is not None


def _spread(database: Path, *, since: timedelta) -> datetime:
    """One look after the other over a whole day, by id. Returns when the first one is due."""
    begin = datetime.now(UTC) + since
    with closing(sqlite3.connect(database)) as connection, connection:
        (items,) = connection.execute("SELECT count(*) FROM order_item").fetchone()
        moment = "strftime('%Y-%m-%d %H:%M:%f', :begin, ((id - 1) * :pace) || ' seconds') || '000'"
        connection.execute(
            f"UPDATE order_item SET look_at = {moment}, look_pause = :day",  # noqa: S608 - from above
            {"begin": text_of(begin), "pace": DAY / items, "day": int(DAY)},
        )
    return begin


def _require_indexes(folder: Path) -> None:
    """No statement of the ticks goes through all orders, lines or items."""
    for tick in (look, sweep):
        steps = _steps(folder, tick)
        assert steps
        assert not [step for step in steps if step.startswith("SCAN order")], steps


def _steps(folder: Path, tick: Callable[..., object]) -> list[str]:
    """How SQLite goes about what a tick asks."""
    asked: list[str] = []

    def listen(connection: Any, _record: object) -> None:
        connection.set_trace_callback(asked.append)

    event.listen(Pool, "connect", listen)
    try:
        with open_shop(folder) as shop:
            tick(shop.engine)
    finally:
        event.remove(Pool, "connect", listen)
    with closing(sqlite3.connect(folder / "data" / "oms.db")) as connection:
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}") for sql in asked if sql.startswith(("SELECT", "UPDATE", "DELETE"))]
        return [step for plan in plans for *_, step in plan]
