"""`oms serve` over real sockets: orders that are placed, and the page that lists them, beside the best of server and disk, on both databases.

The server is a process of its own, without worker. The clients are threads of this process; their connections stay open and cost both sides alike.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.raw import PRAGMAS
from benchmarks.raw_orders import RawOrders
from oms.accounts.people import create_account
from oms.backoffice.news import PAGE
from oms.bootstrap import open_shop
from oms.store.tables import METADATA
from tests.acceptance.api.serving import Served, key_for, served
from tests.acceptance.backoffice.browsing import PASSWORD, Browser
from tests.builders import an_order
from tests.faults.house import build
from tests.postgres import Server

CLIENTS = 4
LIST, CLERK = "/stores/main/orders", "clerk@shop.example"
LOAD = 0.7
"""Of the rate at which orders are placed when nobody waits."""
ITEMS = [{"sku": f"CUP-{number}", "name": "Cups", "quantity": 1, "unit_price": "39.90", "tax_rate": "19"} for number in range(3)]


def measure(folder: Path, size: Size) -> list[Figure]:
    """Rates, and how long an order takes when the server is busy but not full."""
    with _raw_file(folder / "raw file") as raw:
        figures = _database(folder / "file", size, "SQLite", database=None, raw=raw)
    server = Server(fsync="on")
    try:
        with _raw_server(folder / "raw server", server.new_database()) as raw:
            figures += _database(folder / "server", size, "PostgreSQL", database=server.new_database(), raw=raw)
    finally:
        server.remove()
    return figures


def _database(folder: Path, size: Size, name: str, *, database: str | None, raw: RawOrders) -> list[Figure]:
    build(folder, database=database)
    with open_shop(folder) as shop:
        create_account(shop.store, CLERK, name="Jana", roles=["clerk"], password=PASSWORD, stores=list(shop.settings.stores))
    work = max(size.hops // 4, CLIENTS)
    with served(folder, "--no-work") as server, clients(server.address, key_for(folder), _session(server)) as shoppers:
        shoppers.place(PAGE)
        pages = interleave(size.blocks, 2, ours=lambda _turn: shoppers.get(LIST, work), theirs=lambda _turn: shoppers.get("/healthz", work))
        health = interleave(size.blocks, 2, ours=lambda _turn: shoppers.place(work), theirs=lambda _turn: shoppers.get("/healthz", work))
        commits = interleave(size.blocks, 2, ours=lambda _turn: shoppers.place(work), theirs=lambda _turn: raw.commit(work))
        rate = 2 * work / median(ours for ours, _ in commits)
        tails = [shoppers.tail(LOAD * rate, seconds=size.seconds / 4) for _ in range(size.blocks)]
    what = "orders of three items placed over HTTP"
    beside = f"{LOAD * rate:.0f} / s, median {median(p50 for p50, _ in tails) * 1000:.0f} ms"
    return [
        ratio(f"{name}, {what}, beside /healthz", health, work=2 * work, target=0.1),
        ratio(f"{name}, {what}, beside their rows written raw", commits, work=2 * work, target=0.1),
        ratio(f"{name}, the page with a list of {PAGE} orders, beside /healthz", pages, work=2 * work, target=0.1),
        Figure(
            what=f"{name}, the slowest hundredth beside the median, at {LOAD:.0%} load",
            values=tuple(p99 / p50 for p50, p99 in tails),
            target=10,
            unit="x",
            at_most=True,
            beside=beside,
        ),
    ]


class Shoppers:
    """Some clients, each with a connection of its own."""

    def __init__(self, address: str, key: str, cookie: str, pool: ThreadPoolExecutor) -> None:
        self._host, self._pool = address.removeprefix("http://"), pool
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._of_person = {"Cookie": cookie}
        self._mine, self._numbers = threading.local(), itertools.count()

    def get(self, path: str, times: int) -> float:
        """Seconds for so many GETs."""
        return self._all(lambda: self._ask("GET", path, None), times)

    def place(self, times: int) -> float:
        """Seconds for so many new orders."""
        return self._all(self._order, times)

    def tail(self, rate: float, *, seconds: float) -> tuple[float, float]:
        """Median and 99th percentile of the seconds that an order takes from the moment it was to be sent, so many a second."""
        began = time.perf_counter()

        def one(number: int) -> float:
            due = began + number / rate
            time.sleep(max(due - time.perf_counter(), 0))
            self._order()
            return time.perf_counter() - due

        waited = list(self._pool.map(one, range(max(int(rate * seconds), 100))))
        return median(waited), quantiles(waited, n=100)[98]

    def _all(self, one: Callable[[], None], times: int) -> float:
        began = time.perf_counter()
        for done in [self._pool.submit(one) for _ in range(times)]:
            done.result()
        return time.perf_counter() - began

    def _order(self) -> None:
        self._ask("POST", "/api/v1/orders", json.dumps(an_order(f"S-{next(self._numbers)}", items=ITEMS)))

    def _ask(self, method: str, path: str, body: str | None) -> None:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = http.client.HTTPConnection(self._host)
        headers = self._of_person if path == LIST else self._headers
        self._mine.connection.request(method, path, body=body, headers=headers)
        answer = self._mine.connection.getresponse()
        told = answer.read()
        assert answer.status in {200, 201}, told


@contextmanager
def clients(address: str, key: str, cookie: str) -> Iterator[Shoppers]:
    """Until the block ends."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield Shoppers(address, key, cookie, pool)


def _session(server: Served) -> str:
    """The cookie of a person who has logged in."""
    with server.client() as client:
        Browser(client).log_in(CLERK)
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


@contextmanager
def _raw_file(folder: Path) -> Iterator[RawOrders]:
    """On a file of its own."""
    build(folder)
    with closing(sqlite3.connect(folder / "data" / "oms.db", isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        yield _raw(folder, connection.cursor(), mark="?")


@contextmanager
def _raw_server(folder: Path, url: str) -> Iterator[RawOrders]:
    """In a database of its own."""
    build(folder, database=url)
    with psycopg.connect(url, autocommit=True, options="-c search_path=oms", prepare_threshold=0) as connection:
        yield _raw(folder, connection.cursor(), mark="%s")


def _raw(folder: Path, cursor: Any, *, mark: str) -> RawOrders:
    """Our order is placed once, and all that it left is copied."""

    def rows() -> Counter[str]:
        found: Counter[str] = Counter()
        for table in METADATA.tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - our own names
            found[table] = cursor.fetchone()[0]
        return found

    with open_shop(folder) as shop:
        before = rows()
        shop.place(an_order("S", items=ITEMS))
        grown = rows() - before
    raw = RawOrders(cursor, mark=mark)
    assert raw.counts() == grown
    return raw
