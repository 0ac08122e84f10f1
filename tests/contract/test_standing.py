"""How invoices stand: what SQL says of all of them is what the pure ledger says of each (rule 9), on every kind of database."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from oms.bootstrap import Shop
from oms.engine.counting import MONEY, count_money
from oms.engine.ledger import asked_amounts, open_amounts, payment_state
from oms.lookup.money import counted_sums
from oms.ports.records import Document
from oms.store.orders import ORDERS
from oms.store.papers import INVOICE_COLUMNS, INVOICES
from oms.store.payments import PAYMENTS
from oms.store.reckoning import reckoned
from oms.store.standing import STANDINGS
from tests.builders import an_order, open_test_shop

TODAY = date(2026, 11, 25)
DAYS = {"main": TODAY, "": TODAY}
NUMBERS = count(1)

invoice = st.tuples(st.integers(-300, 1_000), st.integers(-2, 2), st.sampled_from([None, date(2026, 11, 24), TODAY, date(2026, 11, 26)]))
credit = st.tuples(st.integers(0, 5), st.integers(0, 1_000))
money = st.tuples(st.sampled_from(["payment", "payment", "refund", "authorization"]), st.integers(1, 1_500), st.sampled_from(["EUR", "EUR", "USD"]))
an_account = st.tuples(st.lists(invoice, min_size=1, max_size=4), st.lists(credit, max_size=3), st.lists(money, max_size=4))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    database = request.getfixturevalue("server").new_database() if request.param == "postgres" else None
    with open_test_shop(tmp_path_factory.mktemp("standing") / "shop", database=database) as opened:
        opened.place(an_order())
        yield opened


def _paper(order: int, kind: str, *, parent: str = "", gross: int, rounding: int = 0, due: date | None = None) -> dict[str, Any]:
    number = next(NUMBERS)
    words = {"store": "main", "seller": "s", "kind": kind, "cause": f"c{number}", "parent": parent, "series": "t", "number": f"T-{number}"}
    money = {"net_minor": 0, "tax_minor": 0, "gross_minor": gross, "rounding_minor": rounding, "paid_minor": 0, "currency": "EUR"}
    rest = {"order": order, "seq": number, "issued_on": TODAY, "due_on": due, "reopens": False, "snapshot": "{}", "sha256": "x"}
    return words | money | rest | {"created_at": datetime(2026, 11, 25, tzinfo=UTC)}


def _written(shop: Shop, account: Any) -> int:
    """A new order with these papers and this money."""
    invoices, credits_, moneys = account
    with shop.store.writing() as work:
        connection = work.connection
        row = dict(connection.execute(select(ORDERS)).mappings().first() or {})
        row.pop("id")
        order = connection.execute(insert(ORDERS).values(row | {"reference": f"P-{next(NUMBERS)}"}).returning(ORDERS.c.id)).scalar_one()
        ids = []
        for gross, rounding, due in invoices:
            values = _paper(order, "invoice", gross=gross, rounding=rounding, due=due)
            ids.append(connection.execute(insert(INVOICES).values(values).returning(INVOICES.c.id)).scalar_one())
        for which, gross in credits_:
            connection.execute(insert(INVOICES).values(_paper(order, "credit_note", parent=str(ids[which % len(ids)]), gross=gross)))
        for kind, amount, currency in moneys:
            about = {"order": order, "provider": "t", "reference": f"{next(NUMBERS)}", "at": datetime(2026, 11, 25, tzinfo=UTC)}
            connection.execute(insert(PAYMENTS).values(about | {"kind": kind, "amount_minor": amount, "currency": currency}))
        work.wire.unsettled.add(order)
    return int(order)


def _by_the_ledger(shop: Shop, order: int, moneys: Any) -> dict[int, tuple[int, int, str]]:
    """Invoice to what is open and paid of it, and how it stands."""
    with shop.store.reading() as work:
        papers = [
            Document(*row) for row in work.connection.execute(select(*INVOICE_COLUMNS).where(INVOICES.c.order == order).order_by(INVOICES.c.id))
        ]
    signs = {"payment": 1, "refund": -1, "authorization": 0}  # a bank's promise pays nothing
    paid = sum(signs[kind] * amount for kind, amount, currency in moneys if currency == "EUR")
    asked, still_open = asked_amounts(papers), open_amounts(papers, paid)
    return {
        paper.id: (
            still_open[paper.id],
            max(asked[paper.id], 0) - still_open[paper.id],
            payment_state(paper, open_minor=still_open[paper.id], asked_minor=asked[paper.id], today=TODAY),
        )
        for paper in papers
        if paper.kind == "invoice"
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(account=an_account)
def test_sql_says_of_each_invoice_what_the_ledger_says(shop: Shop, account: Any) -> None:
    order = _written(shop, account)
    told = _by_the_ledger(shop, order, account[2])
    _the_filter_and_the_sums_agree(shop, order, told)
    with shop.store.reading() as work:
        kept = set(work.connection.execute(select(*STANDINGS.c)))
        assert kept == set(work.connection.execute(select(*reckoned().c)))
    assert {row.invoice: (row.open_minor, row.paid_minor) for row in kept if row.invoice in told} == {
        paper: (still_open, paid) for paper, (still_open, paid, _) in told.items()
    }


def test_what_a_worker_counts_is_what_is_added_up_now(shop: Shop) -> None:
    _written(shop, ([(500, 1, None), (300, 0, date(2026, 11, 24))], [(0, 100)], [("payment", 450, "EUR")]))
    assert count_money(shop.engine, again=True)
    assert not count_money(shop.engine)
    with shop.store.writing() as work:
        work.figures.keep(MONEY, '{"took": 0}', at=work.now() + timedelta(days=3))  # by a program with another clock
    assert count_money(shop.engine)
    found = set()
    for state in ("", "open", "partly paid", "paid", "overdue", "credited"):
        counted = counted_sums(shop, "main", state=state)
        assert counted is not None
        assert counted[0] == shop.views.invoice_sums(store="main", payment_state=state or None, today=shop.days())
        found |= {state} if counted[0] else set()
    assert found >= {"", "paid", "overdue"}


def _the_filter_and_the_sums_agree(shop: Shop, order: int, told: dict[int, tuple[int, int, str]]) -> None:
    with shop.store.reading() as work:
        reference = work.orders.get(order).reference
    of_state = defaultdict(list)
    for paper, (_, _, state) in told.items():
        of_state[state].append(paper)
    for state in ("open", "partly paid", "paid", "overdue", "credited"):
        asked: dict[str, Any] = {"reference": reference, "payment_state": state, "kind": "invoice", "today": DAYS}
        assert sorted(line.document.id for line in shop.views.invoices(**asked, limit=100)) == sorted(of_state[state])
        summed = [(each.invoices, each.open_minor, each.paid_minor) for each in shop.views.invoice_sums(**asked)]
        papers = [told[paper] for paper in of_state[state]]
        assert summed == ([(len(papers), sum(each[0] for each in papers), sum(each[1] for each in papers))] if papers else [])
