"""What lists and pages ask of the database: few questions, each answered from an index, on every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psycopg
import pytest
from sqlalchemy import Table, event, insert, select, text
from sqlalchemy.pool import Pool

from oms.bootstrap import Shop
from oms.ports.past import PastFilter
from oms.store.history import HISTORY, HISTORY_ITEMS, TRIGGERS
from oms.store.items import ITEMS
from oms.store.order_view import EVERYTHING
from oms.store.orders import LINES, ORDERS, WORDS
from oms.store.timers import TIMERS
from tests.acceptance.api.serving import answering, client_of, new_key
from tests.builders import BEGINNING, an_order, open_test_shop
from tests.contract.efforts import costly

Asked = tuple[str, Any]
"""A query and its values; None: they stand in it."""
PAY = {"amount": "168.80", "reference": "tx_1"}


class Recording(psycopg.Cursor[Any]):
    """Writes down what is asked."""

    asked: list[Asked]

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        """As psycopg."""
        self.asked.append((str(query), params))
        return super().execute(query, params, **how)


@contextmanager
def recording(shop: Shop) -> Iterator[list[Asked]]:
    """What this process asks its databases, on connections that are opened from now on."""
    asked: list[Asked] = []

    def listen(connection: Any, _record: object) -> None:
        if isinstance(connection, psycopg.Connection):
            connection.cursor_factory = type("Mine", (Recording,), {"asked": asked})
        else:
            connection.set_trace_callback(lambda said: asked.append((said, None)))

    shop.store.close()
    event.listen(Pool, "connect", listen)
    try:
        yield asked
    finally:
        event.remove(Pool, "connect", listen)
        shop.store.close()


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url) as opened:
        yield opened


def questions(asked: list[Asked]) -> list[Asked]:
    """Without what begins and ends transactions."""
    return [each for each in asked if each[0].lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "INSERT", "DELETE"))]


def walked(shop: Shop) -> None:
    """An order with something of everything: papers, mails, payments, history."""
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload=PAY)
    shop.work()
    shop.trigger("A-1001", "ship", payload={"tracking": "1"})
    shop.work()


def test_what_is_read_ahead_is_what_each_statement_says(shop: Shop) -> None:
    walked(shop)
    with shop.views.whole("A-1001") as (work, view):
        known = dict(work.wire.known)
        work.wire.known.clear()
        for statement in EVERYTHING:
            asked = [tuple(row) for row in work.connection.execute(statement, {"wanted": view.head.id})]
            assert [tuple(row) for row in known[statement, view.head.id]] == asked
        assert sum(len(rows) for rows in known.values()) > 30


def asked_for(shop: Shop, client: httpx.Client, path: str) -> list[Asked]:
    """What a request asks that is not the first of its kind."""
    with recording(shop) as asked:
        client.get(f"/api/v1/{path}").raise_for_status()
        del asked[:]
        client.get(f"/api/v1/{path}").raise_for_status()
        return questions(asked)


@pytest.fixture
def client(shop: Shop) -> Iterator[httpx.Client]:
    with answering(shop) as address, client_of(address, new_key(shop)) as speaking:
        speaking.get("/api/v1/orders").raise_for_status()  # that a key came in for the first time is written down
        yield speaking


def test_a_list_and_an_order_take_six_questions_at_most(shop: Shop, client: httpx.Client) -> None:
    walked(shop)
    for path in ("orders", "orders?state=paid&flag=cancellable&search=jana&sku=CUP-4", "orders/A-1001", "customer/orders/A-1001", "stock", LATE):
        asked = asked_for(shop, client, path)
        assert 2 <= len(asked) <= 6, asked


LATE = "invoices?payment_state=overdue&kind=invoice&issued_from=2026-01-01"
NEWEST = "invoices?limit=50"
"""Walked by their numbers until there are fifty."""
PATHS = [
    "orders",
    "orders?sort=oldest",
    "orders?cursor=YWZ0ZXI6MTAwMA",
    "orders?state=payment pending&not_state=paid",
    "orders?state=closed",
    "orders?flag=cancellable",
    "orders?process=prepayment",
    "orders?search=jana x-2",
    "orders?sku=CUP-4",
    "orders?attention=true",
    "orders?placed_from=2026-11-25&placed_to=2026-11-25",
    "orders?unmoved_since=2026-11-25T08:59:59Z",
    "orders/X-7",
    "customer/orders/X-7",
    "orders/X-7/history",
    "stock",
    "stock/CUP-4",
    NEWEST,
    "invoices?order=X-7&payment_state=overdue",
    "orders/X-7/payments",
    "audit",
    "audit?who=key:webshop",
    "audit?what=placeOrder",
    "audit?order=X-7",
    "audit?since=2026-11-25T08:59:59Z",
]
GROW = (
    "orders|order_line|order_item|order_word|trigger|history|history_item|timer|job|payment|invoice|invoice_line|invoice_file|paper|paper_file|"
    "mail_message|mail_recipient|print_list|incident|note|deed"
)
"""Tables that get longer with every order."""
SCANNED = re.compile(rf"(Seq Scan on|SCAN) ({GROW})\b(?! USING (COVERING )?INDEX (ix_orders_store|ix_orders_attention|ix_deed_at))")


@pytest.mark.parametrize("orders", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_no_table_that_grows_is_read_from_end_to_end(shop: Shop, client: httpx.Client, orders: int) -> None:
    shop.place(an_order("A-1"))
    multiply(shop, orders)
    for path in PATHS:
        asked = asked_for(shop, client, path)
        plans = [plan for each in asked for plan in planned(shop, each)]
        assert plans
        if path == NEWEST:
            assert costly(shop, asked) == []
        else:
            assert [plan for plan in plans if SCANNED.search(plan)] == [], path


def planned(shop: Shop, asked: Asked) -> list[str]:
    """How the database goes about it. A server is told to read from end to end only where no index serves: small tables it would read whole."""
    query, values = asked
    with shop.store.connection() as connection:
        raw: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":
            return [step for *_, step in raw.execute(f"EXPLAIN QUERY PLAN {query}")]
        with raw.transaction():
            raw.execute("SET LOCAL enable_seqscan = off")
            return [row[0] for row in raw.execute(f"EXPLAIN {query}", values)]


def test_what_is_told_of_all_orders_begins_at_an_index_of_its_own(tmp_path: Path) -> None:
    """SQLite counts nothing: in a plain join it would begin with all orders of the store."""
    with open_test_shop(tmp_path / "shop") as shop:
        shop.place(an_order("A-1"))
        multiply(shop, 2_000)
        with recording(shop) as asked:
            shop.views.past(PastFilter(store="main", before=900))
            shop.views.past(PastFilter(store="main", since=BEGINNING, actor="nobody"))
            shop.views.work("main")
            shop.views.overview("main", today=BEGINNING.date())
            plans = [plan for each in questions(asked) for plan in planned(shop, each)]
    wanted = {"ix_trigger_at", "ix_job_next", "ix_job_lease", "uq_incident_open", "ix_orders_attention", "ix_orders_placed"}
    assert {index for index in wanted if any(index in plan for plan in plans)} == wanted
    assert [plan for plan in plans if "ix_orders_store" in plan] == []


COPIED = {
    ORDERS: "id",
    LINES: "order",
    ITEMS: "id order",
    TRIGGERS: "id order",
    HISTORY: "id order trigger",
    HISTORY_ITEMS: "history item",
    TIMERS: "id order item",
    WORDS: "order",
}
"""Table to what is another number, or another text, in each copy."""
STEP = 100
"""Between the numbers of two copies."""


def multiply(shop: Shop, orders: int, *, copied: Mapping[Table, str] = COPIED) -> None:
    """So many orders more like the one that is there, X-1 and so on, two of three closed."""
    with shop.store.writing() as work:
        for table, names in copied.items():
            rows = [dict(row._mapping) for row in work.execute(select(table))]
            for first in range(1, orders + 1 if rows else 0, 10_000):
                copies = range(first, min(first + 10_000, orders + 1))
                work.execute(insert(table), [_copy(row, names.split(), number) for number in copies for row in rows])
        if work.connection.dialect.name == "postgresql":
            work.execute(text("ANALYZE"))


def _copy(row: Mapping[str, Any], names: list[str], number: int) -> dict[str, Any]:
    copy = dict(row)
    for name in names:
        if copy[name] is not None:
            copy[name] = copy[name] + STEP * number if isinstance(copy[name], int) else f"{copy[name]}~{number}"
    if "placed_document" in copy:
        copy["reference"] = f"X-{number}"
    if copy.get("word", "").startswith("a-1"):
        copy["word"] = f"x-{number}"
    if "look_at" in copy and number % 3:
        copy |= {"state": "closed", "final": True}
    return copy
