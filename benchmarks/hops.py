"""One item per transaction, and orders of five items, against one raw transaction per item.

The hop writes all that a hop can: item, trigger, history, a timer, a job. Both sides begin with the same database and end with the same rows; of an
order of five items we write one trigger, one history row and one job where the raw code, which knows items only, writes five.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.raw import Raw, counts
from benchmarks.seeds import reference, seed
from oms.bootstrap import open_shop

A_TURN = 10
"""Items."""
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
    turns = -(-size.hops // A_TURN)
    return [
        ratio("one item per transaction: history, timer, job", _pairs(folder / "one", size.blocks, turns, 1), work=turns * A_TURN, target=0.45),
        ratio(
            "orders of five: item transitions against one per transaction",
            _pairs(folder / "five", size.blocks, turns, 5),
            work=turns * A_TURN,
            target=1.0,
        ),
    ]


def _pairs(folder: Path, blocks: int, turns: int, items: int) -> list[tuple[float, float]]:
    a_turn = A_TURN // items
    orders = blocks * turns * a_turn + 1
    database = seed(folder, PROCESS, orders=orders, items=items)
    with Raw(database) as raw, open_shop(folder) as shop:

        def ours(orders: range) -> float:
            began = time.perf_counter()
            for order in orders:
                shop.trigger(reference(order), "go")
            return time.perf_counter() - began

        def theirs(orders: range) -> float:
            began = time.perf_counter()
            for order in orders:
                for item in range((order - 1) * items + 1, order * items + 1):
                    raw.go(order, item)
            return time.perf_counter() - began

        def of_turn(turn: int) -> range:
            return range(2 + turn * a_turn, 2 + (turn + 1) * a_turn)

        first = range(1, 2)  # loads and compiles; not measured
        ours(first)
        theirs(first)
        pairs = interleave(blocks, turns, ours=lambda turn: ours(of_turn(turn)), theirs=lambda turn: theirs(of_turn(turn)))
    _compare(database, items=items, orders=orders)
    return pairs


def _compare(database: Path, *, items: int, orders: int) -> None:
    ours, theirs = counts(database), counts(database.with_name("raw.db"))
    assert ours["items open"] == items * orders
    for table in PER_ORDER:
        theirs[table] -= (items - 1) * orders
    assert ours == theirs
