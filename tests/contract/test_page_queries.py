"""What every page of the back office asks of a database with many orders: six questions at most, and no table that grows is read from end to end.

A plan that begins at an index may still walk all of it. So it is counted, too, how much the database does: but for searches it is the same in a shop
of 2,000 orders and in one of 100,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, true, update

from oms.accounts.people import create_account
from oms.backoffice.invoices import STATES, VIEWS
from oms.backoffice.search import QUALIFIERS
from oms.bootstrap import Shop, open_shop
from oms.engine.counting import count_money, count_open
from oms.ports.versions import Content
from oms.store.deeds import DEEDS
from oms.store.items import ITEMS
from oms.store.mails import MESSAGES, RECIPIENTS
from oms.store.orders import ORDERS
from oms.store.papers import BILLING, FILES, INVOICES
from oms.store.payments import PAYMENTS
from oms.store.standing import STANDINGS
from oms.store.turns import JOBS
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser
from tests.acceptance.backoffice.everywhere import PAGES, STORE, begin_things, unvisited
from tests.builders import an_order, open_test_shop
from tests.contract.efforts import costly
from tests.contract.test_queries import COPIED, PAY, SCANNED, multiply, planned, questions, recording

PAPERS = {
    JOBS: "id order",
    INVOICES: "id order seq number",
    BILLING: "invoice order item",
    FILES: "invoice",
    STANDINGS: "invoice",
    PAYMENTS: "id order reference",
    MESSAGES: "id key order invoice message_id job",
    RECIPIENTS: "message",
    DEEDS: "id",
}
"""What an order that was paid has besides."""
OF_ALL = r"invoice USING COVERING INDEX \w+"
"""Gaps in the numbers are of all papers: read from an index that holds all that it needs, no paper is opened."""
OF_FEW = r"(job|mail_recipient|print_list) USING (COVERING )?INDEX ix_(job_lease|job_next|mail_recipient_unsent|print_list_waiting)"
"""Indexes in which only that stands which waits."""
IN_ORDER = "trigger USING INDEX ix_trigger_at"
"""Walked from the newest until a page is full."""
NEWEST_FIRST = "(invoice|mail_message)$"
"""The same by their numbers, of what is no search; that it ends early is seen by `MOST`."""
HARMLESS = re.compile(f"SCAN ({OF_ALL}|{OF_FEW}|{IN_ORDER}|{NEWEST_FIRST})")
SEEN = re.compile(r'UPDATE "?session"? SET')
"""That somebody is still there is written down once a minute, whatever page it is."""
CURSOR = "cursor=YWZ0ZXI6MTAwMA"
"""After the thousandth."""
SEARCHES = (
    "jana+x-2",
    "mail:jana",
    "state:paid",
    "state:shipped+state:paid",
    "state:closed",
    'state:"payment+pending"+-state:paid',
    "process:prepayment",
    "sku:CUP-4",
    "flag:cancellable",
    "age:>3d",
    "age:<1h",
    "age:>1d+age:<7d+state:paid",
    "placed:2026-11-25",
    "placed:<2026-11-25",
    "is:failed",
    "total:<10",
    "total:>1000",
    "nobody",
)
MORE = (
    *(f"{STORE}/orders?q={search}" for search in SEARCHES),
    f"{STORE}/orders?sort=oldest",
    f"{STORE}/orders?sort=oldest&{CURSOR}",
    f"{STORE}/orders?{CURSOR}",
    f"{STORE}/orders?q=X-7",
    f"{STORE}/orders/X-7",
    f"{STORE}/orders/A-1001?history=all",
    *(f"{STORE}/invoices?view={view}" for view in VIEWS),
    *(f"{STORE}/invoices?state={state.replace(' ', '+')}" for state in STATES),
    f"{STORE}/invoices?from=2026-11-01&to=2026-11-30",
    f"{STORE}/invoices?{CURSOR}",
    f"{STORE}/mails?{CURSOR}",
    f"{STORE}/mails?view=undelivered&{CURSOR}",
    f"{STORE}/history",
    f"{STORE}/history?event=pay",
    f"{STORE}/history?actor=nobody",
    f"{STORE}/history?day=2026-11-24",
    f"{STORE}/history?{CURSOR}",
    f"{STORE}/trail",
    f"{STORE}/trail?order=A-1001",
    f"{STORE}/trail?{CURSOR}",
    f"{STORE}/orders/A-1001/changes?seen=1&since=1",
    f"{STORE}/bulk/1/progress",
)
"""Beside an address for each kind of page: every qualifier of the search, every view of the invoices, and further pages of lists.

Not here: the button of the first steps that looks at everything, for that is what it is for.
"""


SEEKS = re.compile(r"orders\?q=|invoices\?from=|invoices/numbers|history\?(event|actor)=")
"""Pages that look for something, and so at more the more there is: searches, sums of a period, gaps in numbers, what happened or who did it."""


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    """With the clock of its database: to ask it what time it is, is a question, too."""
    with open_test_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url):
        pass
    with open_shop(tmp_path / "shop") as opened:
        yield opened


@pytest.mark.parametrize("orders", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_every_page_of_many_orders_takes_six_questions_and_reads_no_table_from_end_to_end(shop: Shop, orders: int) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["admin"], password=PASSWORD, stores=["main"])
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload=PAY)
    shop.work()
    with answering(shop, pages=True) as address, client_of(address) as client:
        browser = Browser(client)
        browser.log_in("jana@shop.example", f"{STORE}/trail")
        multiply(shop, orders, copied={**COPIED, **PAPERS})
        grow_old(shop)
        begin_things(shop, "A-1001", actor="jana@shop.example")
        count_open(shop.engine, again=True)
        count_money(shop.engine, again=True)
        letter = browser.open(f"{STORE}/mailbox").tree.cssselect("[data-row]")[0].get("href")
        addresses = (*PAGES, *MORE, letter)
        assert unvisited(addresses) == set()
        for path in addresses:
            with recording(shop) as asked:
                client.get(path)
                del asked[:]
                answer = client.get(path, follow_redirects=False)
                found = [each for each in questions(asked) if not SEEN.match(each[0])]
            assert answer.status_code in {200, 286, 303}, path
            assert len(found) <= 6, (path, found)
            plans = [plan for each in found for plan in planned(shop, each) if not HARMLESS.search(plan)]
            assert [plan for plan in plans if SCANNED.search(plan)] == [], path
            assert SEEKS.search(path) or costly(shop, found) == [], path
    assert all(any(f"{name}:" in address for address in addresses) for name in QUALIFIERS)


def grow_old(shop: Shop) -> None:
    """All orders but the first were placed long ago, and those that are closed follow a version of which none is open."""
    with shop.store.writing() as work:
        known, at = work.versions.deployed("prepayment"), work.now()
        assert known is not None
        older, _ = work.versions.deploy("prepayment", Content("0" * 64, known.graph, "0" * 64, ()), actor="jana", at=at)
        work.versions.deploy("prepayment", Content(known.sha256, known.graph, known.source_sha256, ()), actor="jana", at=at)
        closed = select(ITEMS.c.order).where(ITEMS.c.final == true())
        work.execute(update(ORDERS).where(ORDERS.c.id.in_(closed)).values(version=older.id))
        work.execute(update(ORDERS).where(ORDERS.c.reference != "A-1001").values(placed_at=at - timedelta(days=30)))
        if work.connection.dialect.name == "postgresql":
            work.execute(text("ANALYZE"))
