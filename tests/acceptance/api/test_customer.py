"""What customers see of their order, and may do; and what orders hold of the stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.bootstrap import Shop
from oms.errors import NotAllowed
from oms.lookup.orders import processes_in_use, reservations
from tests.builders import an_order, open_test_shop

PROCESS = """
process: prepayment
initial: placed
states:
  placed: {title: {en: Placed}, customer: {en: We have your order, de: Wir haben Ihre Bestellung}, flags: [cancellable, reserved]}
  checked: {title: {en: Checked for fraud}, flags: [hidden from customer, cancellable, reserved]}
  packed: {flags: [reserved]}
  sent: {final: true}
  cancelled: {final: true}
events:
  check: {manual: true}
  pack: {manual: true}
  send: {manual: true}
  cancel: {title: {en: Cancel my order}, roles: [customer, clerk], manual: true}
transitions:
  - {from: placed, event: check, to: checked}
  - {from: placed, event: pack, to: packed}
  - {from: checked, event: pack, to: packed}
  - {from: packed, event: send, to: sent, happy: true}
  - {from: placed, event: cancel, to: cancelled}
  - {from: checked, event: cancel, to: cancelled}
"""
PAGE = "/api/v1/customer/orders/A-1001"


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    database = None if database_url.startswith("sqlite") else database_url
    with open_test_shop(tmp_path / "shop", processes={"prepayment.yaml": PROCESS}, database=database) as opened:
        yield opened


def test_a_customer_reads_the_titles_that_are_meant_for_customers(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order(locale="de"))
    assert {item["state"] for item in client.get(PAGE).json()["items"]} == {"Wir haben Ihre Bestellung"}
    assert {item["state"] for item in client.get(PAGE, params={"locale": "fr"}).json()["items"]} == {"We have your order"}


def test_nothing_that_is_hidden_is_shown(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "check", items=[("1", None)])
    assert [item["name"] for item in client.get(PAGE).json()["items"]] == ["Coffee grinder"]


def test_a_customer_may_cancel_while_every_item_may_still_be_cancelled(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    assert client.get(PAGE).json()["events"] == [{"event": "cancel", "title": "Cancel my order"}]
    shop.trigger("A-1001", "pack", items=[("1", None)])
    assert client.get(PAGE).json()["events"] == []
    late = client.post(f"{PAGE}/events", json={"event": "cancel"})
    assert (late.status_code, late.json()["code"]) == (403, "not-allowed")


def test_what_the_customer_lets_happen_stands_in_the_history_as_the_customers(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    assert client.post(f"{PAGE}/events", json={"event": "cancel"}).status_code == 200
    assert client.post(f"{PAGE}/events", json={"event": "pack"}).status_code == 403
    assert shop.views.order("A-1001").triggers[-1].actor == "customer"


def test_a_customer_who_asks_again_under_the_same_key_is_answered_as_the_first_time(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    answers = [client.post(f"{PAGE}/events", json={"event": "cancel"}, headers={"Idempotency-Key": "click-1"}) for _ in range(2)]
    assert [(answer.status_code, answer.json().get("repeated")) for answer in answers] == [(200, False), (200, True)]
    assert client.post(f"{PAGE}/events", json={"event": "cancel"}, headers={"Idempotency-Key": "click-2"}).status_code == 403


def test_what_the_customer_may_is_asked_of_the_order_as_it_is_locked(shop: Shop) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pack", items=[("1", None)])  # since the customer's page was drawn
    with pytest.raises(NotAllowed, match=r'A customer can\'t let "cancel" happen to this order now. Possible: nothing'):
        shop.trigger("A-1001", "cancel", roles=["customer"])
    assert {item.label: item.state for item in shop.views.order("A-1001").items} == {"1": "packed", "2": "placed"}


def test_goods_are_reserved_until_they_leave(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    shop.place(an_order("A-1002"))
    assert client.get("/api/v1/stock").json() == {"reservations": [{"sku": "CUP-4", "reserved": 4}, {"sku": "GRINDER", "reserved": 2}], "next": None}
    assert client.get("/api/v1/stock", params={"limit": 1}).json()["next"] == "CUP-4"
    shop.trigger("A-1001", "cancel")
    assert client.get("/api/v1/stock/CUP-4").json() == {"sku": "CUP-4", "reserved": 2}
    assert client.get("/api/v1/stock/NOBODYS").json() == {"sku": "NOBODYS", "reserved": 0}


LINES = st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(1, 5)), min_size=1, max_size=4)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["check", "pack", "send", "cancel"]), st.integers(1, 5)), max_size=6)


@given(orders=st.lists(st.tuples(LINES, STEPS), min_size=1, max_size=3))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_reserved_is_what_a_slow_count_says(
    tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[list[tuple[str, int]], list[tuple[int, str, int]]]]
) -> None:
    with open_test_shop(tmp_path_factory.mktemp("shop"), processes={"prepayment.yaml": PROCESS}) as shop:
        slow: Counter[str] = Counter()
        for number, (lines, steps) in enumerate(orders):
            items = [{"sku": sku, "name": sku, "quantity": units, "unit_price": "1.00", "tax_rate": "19"} for sku, units in lines]
            shop.place(an_order(f"A-{number}", items=items))
            for item, event, units in steps:
                _let(shop, f"A-{number}", event, item, units)
            view = shop.views.order(f"A-{number}")
            for each in view.items:
                if "reserved" in processes_in_use(shop)[view.head.version].states[each.state].flags:
                    slow[lines[each.line - 1][0]] += each.quantity
        assert reservations(shop, store=None, limit=100) == {sku: units for sku, units in sorted(slow.items()) if units}


def _let(shop: Shop, reference: str, event: str, item: int, units: int) -> None:
    """Whatever is possible of it."""
    items = shop.views.order(reference).items
    meant = items[item % len(items)]
    ways = {"placed": {"check", "pack", "cancel"}, "checked": {"pack", "cancel"}, "packed": {"send"}}
    if event in ways.get(meant.state, set()):
        shop.trigger(reference, event, items=[(meant.label, min(units, meant.quantity))])
