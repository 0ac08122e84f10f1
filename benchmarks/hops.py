"""One item per transaction, and orders of five items, against one raw transaction per item.

The hop writes all that a hop can: item, trigger, history, a timer, a job. Both sides begin with the same database and end with the same rows; of an
order of five items we write one trigger, one history row and one job where the raw code, which knows items only, writes five.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.raw import Raw, counts
from benchmarks.seeds import open_now, reference, seed

FIVE = 5
PER_ORDER = ("trigger", "history", "job")

PROCESS = """
process: prepayment
initial: new
states:
  new: {}
  open:
    run: {call_webhook: {url: "https://shop.example/hook"}}
    then: arrive
  gone: {final: true}
events:
  go: {}
  arrive: {}
  expire: {after: 14d}
transitions:
  - {from: new, event: go, to: open}
  - {from: open, event: arrive, to: gone}
  - {from: open, event: expire, to: gone}
"""


def measure(folder: Path, size: Size) -> list[Figure]:
    """Two ratios."""
    return [
        ratio("one item per transaction: history, timer, job", _pairs(folder / "one", size, items=1), target=0.45),
        ratio("orders of five: item transitions against one per transaction", _pairs(folder / "five", size, items=FIVE), target=1.0),
    ]


def _pairs(folder: Path, size: Size, *, items: int) -> list[tuple[float, float]]:
    a_block = -(-size.hops // items)
    database = seed(folder, PROCESS, orders=a_block * size.blocks + 1, items=items)
    with Raw(database) as raw, open_now(folder) as shop:

        def ours(block: int) -> float:
            began = time.perf_counter()
            for order in _orders(block, a_block):
                shop.trigger(reference(order), "go")
            return a_block * items / (time.perf_counter() - began)

        def theirs(block: int) -> float:
            began = time.perf_counter()
            for order in _orders(block, a_block):
                for item in range((order - 1) * items + 1, order * items + 1):
                    raw.go(order, item)
            return a_block * items / (time.perf_counter() - began)

        shop.trigger(reference(1), "go")  # the first one loads and compiles; not measured
        for item in range(1, items + 1):
            raw.go(1, item)
        pairs = interleave(size.blocks, ours, theirs)
    _compare(database, items=items, orders=a_block * size.blocks + 1)
    return pairs


def _orders(block: int, a_block: int) -> range:
    return range(2 + block * a_block, 2 + (block + 1) * a_block)


def _compare(database: Path, *, items: int, orders: int) -> None:
    ours, theirs = counts(database), counts(database.with_name("raw.db"))
    assert ours["items open"] == items * orders
    for table in PER_ORDER:
        theirs[table] -= (items - 1) * orders
    assert ours == theirs
