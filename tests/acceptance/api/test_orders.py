"""Orders over HTTP: lists, one order, events, and what people do besides."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from oms.bootstrap import Shop
from tests.acceptance.api.serving import client_of, new_key
from tests.builders import an_order

ORDERS = "/api/v1/orders"
PAY = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}


def placed(client: httpx.Client, *references: str) -> None:
    for reference in references:
        assert client.post(ORDERS, json=an_order(reference)).status_code == 201


def listed(client: httpx.Client, **asked: object) -> list[str]:
    answer = client.get(ORDERS, params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [order["reference"] for order in answer.json()["orders"]]


def test_a_list_goes_on_where_its_cursor_says_and_nothing_is_told_twice(client: httpx.Client) -> None:
    placed(client, *(f"A-{number}" for number in range(5)))
    first = client.get(ORDERS, params={"limit": 2}).json()
    assert [order["reference"] for order in first["orders"]] == ["A-4", "A-3"]
    placed(client, "B-1")
    second = client.get(ORDERS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [order["reference"] for order in second["orders"]] == ["A-2", "A-1"]
    last = client.get(ORDERS, params={"limit": 2, "cursor": second["next"]}).json()
    assert ([order["reference"] for order in last["orders"]], last["next"]) == (["A-0"], None)


def test_orders_are_found_by_state_words_article_and_day(client: httpx.Client) -> None:
    placed(client, "A-1", "A-2")
    client.post(ORDERS, json=an_order("C-7", customer={"name": "Zoë Müller", "email": "zoe@tea.example"}))
    client.post(f"{ORDERS}/A-2/events", json=PAY)
    assert listed(client, state="payment pending") == ["C-7", "A-1"]
    assert listed(client, not_state="payment pending") == ["A-2"]
    assert listed(client, search="mull") == listed(client, search="ZOE müller") == listed(client, search="tea.ex") == ["C-7"]
    assert listed(client, search="uller") == []
    assert listed(client, search="a-") == ["A-2", "A-1"]
    assert listed(client, sku="CUP-4", sort="oldest") == ["A-1", "A-2", "C-7"]
    assert listed(client, placed_from="2026-11-25", placed_to="2026-11-25") == ["C-7", "A-2", "A-1"]
    assert listed(client, placed_from="2026-11-26") == []
    assert listed(client, unmoved_since="2026-11-25T08:59:59Z") == []
    assert listed(client, attention="true") == []


def test_orders_are_found_by_the_flag_of_a_state(client: httpx.Client) -> None:
    placed(client, "A-1", "A-2")
    client.post(f"{ORDERS}/A-2/events", json={"event": "cancel", "reason": "changed her mind"})
    assert listed(client, flag="exclude from invoice") == ["A-2"]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"limit": "0"}, "/query/limit"),
        ({"limit": "1e9"}, "/query/limit"),
        ({"cursor": "garbage"}, "/query/cursor"),
        ({"cursor": "é"}, "/query/cursor"),
        ({"cursor": "YWZ0ZXI6LTE"}, "/query/cursor"),
        ({"sort": "state;drop table"}, "/query/sort"),
        ({"placed_from": "2025-02-30"}, "/query/placed_from"),
        ({"placed_from": "yesterday"}, "/query/placed_from"),
        ({"placed_to": "0000-01-01"}, "/query/placed_to"),
        ({"unmoved_since": "2026-11-25T09:00:00"}, "/query/unmoved_since"),
        ({"unmoved_since": "1e18"}, "/query/unmoved_since"),
    ],
)
def test_a_list_that_is_asked_for_wrongly_says_where(client: httpx.Client, asked: dict[str, str], where: str) -> None:
    answer = client.get(ORDERS, params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, where)


def test_an_order_says_what_can_happen_to_it_and_what_that_asks_for(client: httpx.Client) -> None:
    placed(client, "A-1")
    order = client.get(f"{ORDERS}/A-1", params={"locale": "de"}).json()
    events = {event["event"]: event for event in order["available_events"]}
    assert list(events) == ["pay", "remind", "expire", "cancel"]
    assert events["pay"]["items"] == ["1", "2"]
    assert [field["name"] for field in events["pay"]["fields"]] == ["amount", "currency", "reference"]
    assert order["items"][0]["waiting"]["kind"] == "engine"  # a look is due, until a worker comes


def test_who_acts_on_what_has_changed_since_is_told_so(client: httpx.Client) -> None:
    placed(client, "A-1")
    tag = client.get(f"{ORDERS}/A-1").headers["ETag"]
    assert client.post(f"{ORDERS}/A-1/events", json=PAY, headers={"If-Match": tag}).status_code == 200
    late = client.post(f"{ORDERS}/A-1/events", json={"event": "ship", "payload": {"tracking": "1"}}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "changed")


def test_who_expects_another_state_reads_where_the_items_are_and_what_is_possible(client: httpx.Client) -> None:
    placed(client, "A-1")
    answer = client.post(f"{ORDERS}/A-1/events", json={**PAY, "expect_state": "paid"})
    assert (answer.status_code, answer.json()["code"], answer.json()["states"]) == (409, "elsewhere", ["payment pending"])
    assert "pay" in answer.json()["possible"]


def test_an_event_that_is_not_possible_says_what_is(client: httpx.Client) -> None:
    placed(client, "A-1")
    answer = client.post(f"{ORDERS}/A-1/events", json={"event": "ship", "payload": {"tracking": "1"}})
    told = answer.json()
    assert (answer.status_code, told["code"], told["states"]) == (409, "not-possible", ["payment pending"])
    assert "pay" in told["possible"]


def test_a_key_that_comes_with_another_body_is_refused(client: httpx.Client) -> None:
    placed(client, "A-1")
    headers = {"Idempotency-Key": "k1"}
    client.post(f"{ORDERS}/A-1/events", json=PAY, headers=headers)
    answer = client.post(f"{ORDERS}/A-1/events", json={"event": "pay", "payload": {"amount": "1.00", "reference": "tx_2"}}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")


def test_a_timer_can_be_run_now(client: httpx.Client) -> None:
    placed(client, "A-1")
    timers = client.get(f"{ORDERS}/A-1/timers").json()["timers"]
    assert {timer["event"] for timer in timers} == {"remind", "expire"}
    answer = client.post(f"{ORDERS}/A-1/timers/expire/run")
    assert (answer.status_code, {result["state"] for result in answer.json()["results"]}) == (200, {"cancelled"})
    assert client.post(f"{ORDERS}/A-1/timers/expire/run").status_code == 409


def test_who_may_run_timers_lets_nothing_else_happen_by_it(shop: Shop, address: str, client: httpx.Client) -> None:
    placed(client, "A-1")
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    with client_of(address, new_key(shop, "timers", scopes=["orders.retry"])) as program:
        for key in ({}, {"Idempotency-Key": "k"}):
            refused = program.post(f"{ORDERS}/A-1/timers/ship/run", headers=key)
            assert (refused.status_code, refused.json()["code"]) == (409, "not-possible")
    assert {item.state for item in shop.views.order("A-1").items} == {"invoiced"}


def test_a_wrong_address_is_mended_and_the_history_says_by_whom(client: httpx.Client) -> None:
    placed(client, "A-1")
    mended = client.patch(f"{ORDERS}/A-1", json={"reason": "typing error", "customer": {"email": "jana.novak@example.com"}})
    assert mended.status_code == 200
    assert client.get(f"{ORDERS}/A-1").json()["customer"]["email"] == "jana.novak@example.com"
    assert listed(client, search="jana.novak@") == ["A-1"]
    assert listed(client, search="jana@") == []
    assert client.get(f"{ORDERS}/A-1/comments").json()["comments"][0]["actor"] == "key:webshop"
    wrong = client.patch(f"{ORDERS}/A-1", json={"reason": "typing error", "customer": {"email": "a@b.de,evil@x.de"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/customer/email")
    assert client.patch(f"{ORDERS}/A-1", json={"customer": {"email": "a@b.de"}}).json()["errors"][0]["pointer"] == "/reason"


def test_an_order_is_held_and_released_with_a_reason(client: httpx.Client) -> None:
    placed(client, "A-1")
    assert client.post(f"{ORDERS}/A-1/hold", json={"reason": "wait"}).json()["held"] == "wait"
    assert client.get(f"{ORDERS}/A-1").json()["items"][0]["waiting"]["kind"] == "held"
    assert client.post(f"{ORDERS}/A-1/release", json={"reason": "go on"}).json()["changed"]
    assert not client.post(f"{ORDERS}/A-1/release", json={"reason": "go on"}).json()["changed"]


def test_comments_are_written_and_read(client: httpx.Client) -> None:
    placed(client, "A-1")
    assert client.post(f"{ORDERS}/A-1/comments", json={"text": "called\nback"}).status_code == 201
    assert [each["text"] for each in client.get(f"{ORDERS}/A-1/comments").json()["comments"]] == ["called\nback"]
    refused = client.post(f"{ORDERS}/A-1/comments", json={"text": "\u202e"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/text")


def test_nothing_failed_nothing_is_tried_again(client: httpx.Client) -> None:
    placed(client, "A-1")
    assert client.post(f"{ORDERS}/A-1/retry").json() == {"items": 0, "timers": 0, "jobs": 0}
    assert client.post(f"{ORDERS}/A-1/skip", json={"reason": "done by hand"}).status_code == 409


def test_who_has_the_order_as_it_is_is_told_so_and_no_more(client: httpx.Client) -> None:
    placed(client, "A-1")
    tag = client.get(f"{ORDERS}/A-1").headers["ETag"]
    again = client.get(f"{ORDERS}/A-1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    client.post(f"{ORDERS}/A-1/comments", json={"text": "called back"})
    assert client.get(f"{ORDERS}/A-1", headers={"If-None-Match": tag}).status_code == 200
    assert client.post(f"{ORDERS}/A-1/events", json=PAY, headers={"If-Match": tag}).status_code == 200, "a comment changes nothing that matters to it"


def test_whoever_matches_anything_may_act_on_what_there_is(client: httpx.Client) -> None:
    placed(client, "A-1")
    assert client.post(f"{ORDERS}/A-1/events", json=PAY, headers={"If-Match": "*"}).status_code == 200


def test_a_history_goes_on_where_its_cursor_says(client: httpx.Client) -> None:
    placed(client, "A-1")
    client.post(f"{ORDERS}/A-1/events", json=PAY)
    whole = client.get(f"{ORDERS}/A-1/history").json()
    first = client.get(f"{ORDERS}/A-1/history", params={"limit": 3}).json()
    rest = client.get(f"{ORDERS}/A-1/history", params={"cursor": first["next"]}).json()
    assert (len(first["history"]), first["history"] + rest["history"], rest["next"], whole["next"]) == (3, whole["history"], None, None)
    assert client.get(f"{ORDERS}/A-1/history", params={"cursor": "x"}).json()["errors"][0]["pointer"] == "/query/cursor"
