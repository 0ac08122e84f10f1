"""Overdue timers: how fast they fire, against one raw transaction each, and what triggers feel of it meanwhile.

Each order has one item and one timer that was due two weeks ago. The raw code reads what is due in batches as large as ours and writes the same rows.
Then triggers come at the pace of an API, one after the other, while a thread of the same process fires, and as often while nothing fires.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles

from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.raw import Raw, counts, text_of
from benchmarks.seeds import reference, seed
from oms.bootstrap import Shop, open_shop
from oms.engine.firing import BATCH, fire_timers

THINKING = 0.005
"""Seconds between two triggers: an API that is busy, but not only with this."""

A_SECOND = 1000
"""Timers that must fire; a disk on which the raw code fires less than twice as many is too slow for saying so."""

PROCESS = """
process: prepayment
initial: new
states:
  new: {}
  open: {final: true}
  gone: {final: true}
events:
  go: {}
  expire: {after: 14d}
transitions:
  - {from: new, event: go, to: open}
  - {from: new, event: expire, to: gone}
"""


def measure(folder: Path, size: Size) -> list[Figure]:
    """Timers a second and beside the raw code, and how much longer a trigger takes meanwhile."""
    batches = -(-size.timers // BATCH)
    return [*_fired(folder / "fired", size.blocks, batches), _felt(folder / "felt", size.blocks, batches)]


def _fired(folder: Path, blocks: int, batches: int) -> list[Figure]:
    database = seed(folder, PROCESS, orders=(blocks * batches + 1) * BATCH)
    with Raw(database) as raw, open_shop(folder) as shop:

        def ours(_turn: int) -> float:
            began = time.perf_counter()
            assert fire_timers(shop.engine) == BATCH
            return time.perf_counter() - began

        def theirs(_turn: int) -> float:
            began = time.perf_counter()
            for due in raw.due(BATCH):
                raw.expire(*due)
            return time.perf_counter() - began

        ours(0)
        theirs(0)
        pairs = interleave(blocks, batches, ours=ours, theirs=theirs)
    assert counts(database) == counts(database.with_name("raw.db"))
    fired = batches * BATCH
    return [
        ratio("overdue timers, one scheduler: beside raw", pairs, work=fired, target=0.45),
        Figure(
            what=f"overdue timers, one scheduler: {blocks * fired:,} of them",
            values=tuple(fired / seconds for seconds, _ in pairs),
            target=A_SECOND,
            unit="/ s",
            in_reach=fired / median(seconds for _, seconds in pairs) >= A_SECOND * 2,
        ),
    ]


def _felt(folder: Path, blocks: int, batches: int) -> Figure:
    fired = blocks * batches * BATCH
    most = batches * BATCH // 2  # triggers of a side in one block
    database = seed(folder, PROCESS, orders=fired + 1 + 2 * blocks * most)
    _not_yet(database, after=fired)
    orders = count(fired + 1)
    with open_shop(folder) as shop, ThreadPoolExecutor(1) as scheduler:
        shop.trigger(reference(next(orders)), "go")
        pairs = []
        for _ in range(blocks):
            firing = scheduler.submit(_fire, shop, batches)
            busy = list(islice(_waits(shop, orders, while_running=firing), most))
            firing.result()
            pairs.append((_p99(busy), _p99(list(_waits(shop, orders, times=len(busy))))))
    assert counts(database)["items gone"] == fired
    busy_ms, idle_ms = (median(pair[side] for pair in pairs) * 1000 for side in (0, 1))
    values = tuple(busy / idle for busy, idle in pairs)
    beside = f"{busy_ms:.1f} ms against {idle_ms:.1f} ms"
    return Figure(what="p99 of triggers while timers fire, one process", values=values, target=3, unit="x", at_most=True, beside=beside)


def _not_yet(database: Path, *, after: int) -> None:
    """The orders that triggers are for have timers that aren't due."""
    due = text_of(datetime.now(UTC) + timedelta(days=1))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute('UPDATE timer SET due_at = ?, next_at = ? WHERE "order" > ?', (due, due, after))


def _fire(shop: Shop, batches: int) -> None:
    for _ in range(batches):
        assert fire_timers(shop.engine) == BATCH


def _waits(shop: Shop, orders: Iterator[int], *, while_running: Future[None] | None = None, times: int = 0) -> Iterator[float]:
    """Seconds of one trigger after the other: so many, or as long as something runs, but two at least."""
    for done in count():
        if done >= max(times, 2) and (while_running is None or while_running.done()):
            return
        began = time.perf_counter()
        shop.trigger(reference(next(orders)), "go")
        yield time.perf_counter() - began
        time.sleep(THINKING)


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[98]
