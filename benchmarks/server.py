"""The same on PostgreSQL: hops beside psycopg, timers, two workers that make PDFs, and young orders in a database that is full.

The server is the tests' own, with `fsync` on. Shops are seeded as files and moved there by `oms db copy`'s own code. Workers look for jobs here: what
ringing for them costs is measured in `delivery`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, islice
from pathlib import Path
from statistics import median

import psycopg

from benchmarks import hops, papers, timers
from benchmarks.bare import Bare
from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.numbers import BILLING
from benchmarks.raw_server import RawServer, counts
from benchmarks.seeds import CUP, reference, seed
from benchmarks.worker import Worker
from oms.bootstrap import Shop, open_shop
from oms.engine.firing import BATCH, fire_timers
from oms.store.moving import move
from oms.store.sqlite import SqliteStore
from tests.builders import an_order
from tests.faults.house import configure
from tests.postgres import Server

PER_ORDER = ("trigger", "history", "job")
YOUNG = 5
"""Orders in a turn."""


def measure(folder: Path, size: Size) -> list[Figure]:
    """The rows of the design that speak of PostgreSQL."""
    server = Server(fsync="on", shared_buffers="512MB")
    try:
        return [
            _hops(server, folder / "one", size, items=1),
            _hops(server, folder / "five", size, items=5),
            *_fired(server, folder / "fired", size),
            _two_workers(server, folder / "papers", size),
            _young(server, folder, size),
        ]
    finally:
        server.remove()


def moved(server: Server, folder: Path, process: str, *, orders: int, items: int = 1) -> str:
    """A shop with so many orders on the server. Returns its database's address."""
    database = seed(folder, process, orders=orders, items=items)
    url = server.new_database(empty=True)
    move(SqliteStore(database), None, url, password=None, tell=lambda _what, _done: None)
    configure(folder, r'url = "sqlite:///[^"]*"', f'url = "{url}"')
    configure(folder, r"# delivery = .local. ", 'delivery = "local" ')
    return url


def _hops(server: Server, folder: Path, size: Size, *, items: int) -> Figure:
    turns = -(-size.hops // hops.A_TURN)
    a_turn = hops.A_TURN // items
    orders = size.blocks * turns * a_turn + 1
    url = moved(server, folder, hops.PROCESS, orders=orders, items=items)
    other = server.copy(url)
    with RawServer(other) as raw, open_shop(folder) as shop:

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

        ours(range(1, 2))
        theirs(range(1, 2))
        pairs = interleave(size.blocks, turns, ours=lambda turn: ours(of_turn(turn)), theirs=lambda turn: theirs(of_turn(turn)))
    mine, its = counts(url), counts(other)
    for table in PER_ORDER:
        its[table] -= (items - 1) * orders
    assert mine == its
    what = "one item per transaction" if items == 1 else "orders of five against one per transaction"
    return ratio(f"PostgreSQL, {what}: history, timer, job", pairs, work=turns * hops.A_TURN, target=0.5 if items == 1 else 1.0)


def _fired(server: Server, folder: Path, size: Size) -> list[Figure]:
    batches = -(-size.timers // BATCH)
    url = moved(server, folder, timers.PROCESS, orders=(size.blocks * batches + 1) * BATCH)
    other = server.copy(url)
    with RawServer(other) as raw, open_shop(folder) as shop:

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
        pairs = interleave(size.blocks, batches, ours=ours, theirs=theirs)
    assert counts(url) == counts(other)
    fired = batches * BATCH
    rates = tuple(fired / seconds for seconds, _ in pairs)
    in_reach = fired / median(seconds for _, seconds in pairs) >= timers.A_SECOND * 2
    return [
        ratio("PostgreSQL, overdue timers, one scheduler: beside raw", pairs, work=fired, target=0.45),
        Figure(what="PostgreSQL, overdue timers, one scheduler", values=rates, target=timers.A_SECOND, unit="/ s", in_reach=in_reach),
    ]


def _two_workers(server: Server, folder: Path, size: Size) -> Figure:
    number = size.papers * size.blocks * 2 + 1
    moved(server, folder, BILLING, orders=number, items=papers.LINES)
    with ExitStack() as stack:
        shop = stack.enter_context(open_shop(folder))
        orders = iter(range(1, number + 1))
        papers.print_one(shop, next(orders))
        html = papers.html_of(shop, 1)
        bares = [stack.enter_context(Bare(folder)) for _ in range(2)]
        workers = [stack.enter_context(Worker(folder)) for _ in range(2)]
        gains, reach = [], []
        for _ in range(size.blocks):
            one, two = (papers.worked(shop, some, list(islice(orders, size.papers))) for some in (workers[:1], workers))
            gains.append(one / two)
            reach.append(papers.rendered(bares[:1], html, size.papers) / papers.rendered(bares, html, size.papers))
    beside = f"two bare processes beside one: {median(reach):.1f} x"
    what = "PostgreSQL, two workers that make PDFs beside one"
    return Figure(what=what, values=tuple(gains), target=papers.GAIN, unit="x", in_reach=median(reach) >= papers.GAIN, beside=beside)


def _young(server: Server, folder: Path, size: Size) -> Figure:
    """New orders are placed and go on, in a database of so many items and in one of none."""
    full = moved(server, folder / "full", hops.PROCESS, orders=1)
    moved(server, folder / "empty", hops.PROCESS, orders=1)
    orders = size.items // 5
    _multiply(full, orders)
    numbers = count(1)
    turns = -(-size.hops // (YOUNG * 4))
    with open_shop(folder / "full") as large, open_shop(folder / "empty") as small:
        pairs = interleave(size.blocks, turns, ours=lambda _turn: _live(large, numbers), theirs=lambda _turn: _live(small, numbers))
    items = f"{orders * 5:,} items"
    return ratio(f"PostgreSQL, young orders beside {items}, against an empty database", pairs, work=turns * YOUNG, target=0.9)


def _live(shop: Shop, numbers: Iterator[int]) -> float:
    began = time.perf_counter()
    for number in islice(numbers, YOUNG):
        shop.place(an_order(f"Y-{number}", items=[CUP]))
        shop.trigger(f"Y-{number}", "go")
    return time.perf_counter() - began


def _multiply(url: str, orders: int) -> None:
    """Copies of the one order, each with five items that wait for a timer in a far future, and the history of having been placed."""
    with psycopg.connect(url, options="-c search_path=oms -c synchronous_commit=off", autocommit=True) as connection:
        for statement in _COPIES:
            connection.execute(statement, {"orders": orders})  # written here
        connection.execute("ANALYZE")


_COPIES = (
    """INSERT INTO orders SELECT (json_populate_record(o, json_build_object('id', 1000 + n, 'reference', 'O-' || n))).*
        FROM orders o, generate_series(1, %(orders)s) n WHERE o.id = 1""",
    """INSERT INTO order_item
        SELECT (json_populate_record(i, json_build_object('id', 1000 + n * 5 + k, 'order', 1000 + n, 'line', k + 1))).*
        FROM order_item i, generate_series(1, %(orders)s) n, generate_series(0, 4) k WHERE i.id = 1""",
    """INSERT INTO trigger SELECT (json_populate_record(t, json_build_object('id', 1000 + n, 'order', 1000 + n))).*
        FROM trigger t, generate_series(1, %(orders)s) n WHERE t.id = 1""",
    """INSERT INTO history SELECT (json_populate_record(h, json_build_object('id', 1000 + n, 'trigger', 1000 + n, 'order', 1000 + n))).*
        FROM history h, generate_series(1, %(orders)s) n WHERE h.id = 1""",
    """INSERT INTO history_item(history, item, seq)
       SELECT 1000 + n, 1000 + n * 5 + k, 1 FROM generate_series(1, %(orders)s) n, generate_series(0, 4) k""",
    """SELECT setval(pg_get_serial_sequence(t, 'id'), 100000000)
       FROM unnest(ARRAY['orders', 'order_item', 'trigger', 'history']) t""",
)
