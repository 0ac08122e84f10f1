"""Who did what, from where, and what was refused, is written down with what was done (S46, S47)."""

from __future__ import annotations

import io
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import text

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from oms.cli.app import run
from tests.acceptance.api.serving import PASSWORD, client_of, new_key
from tests.builders import an_order

EVENTS = "/api/v1/orders/A-1001/events"
PAY = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}


def deeds(shop: Shop, **wanted: Any) -> list[tuple[str, str, str, str, str]]:
    """What was written down, the oldest first."""
    found = [line.deed for line in reversed(shop.views.deeds(**wanted))]
    return [(deed.actor, deed.what, deed.subject, deed.said, deed.outcome) for deed in found]


def test_what_is_done_is_written_down_with_who_did_it_from_where_and_under_which_id(shop: Shop, client: httpx.Client) -> None:
    client.post("/api/v1/orders", json=an_order(), headers={"X-Request-Id": "shop-17"}).raise_for_status()
    client.post(EVENTS, json=PAY).raise_for_status()
    client.patch("/api/v1/orders/A-1001", json={"reason": "typo", "customer": {"email": "j@example.com"}}).raise_for_status()
    client.get("/api/v1/orders/A-1001").raise_for_status()
    assert client.post("/api/v1/orders", json=an_order()).status_code == 200  # placed before: nothing happened now
    first, *others = client.get("/api/v1/audit").raise_for_status().json()["deeds"][::-1]
    assert first.pop("at")
    assert first == {
        "actor": "key:webshop",
        "actor_id": 1,
        "what": "placeOrder",
        "subject": "order:A-1001",
        "said": "",
        "store": "main",
        "outcome": "done",
        "address": "127.0.0.1",
        "request_id": "shop-17",
    }
    assert [(each["what"], each["said"]) for each in others] == [("letEventHappen", "pay"), ("correctOrder", "")]
    assert deeds(shop)[-1][1] == "listDeeds"  # who reads it is written down, too


def test_what_is_refused_is_written_down_and_what_only_reads_or_is_wrong_is_not(shop: Shop, address: str) -> None:
    with client_of(address, new_key(shop, "reader", scopes=["orders.read", "orders.place"])) as reader:
        assert reader.get("/api/v1/orders").status_code == 200
        assert reader.post("/api/v1/orders", json={}).status_code == 422
        assert reader.post("/api/v1/orders/A-1/hold", json={"reason": "x"}).status_code == 403
        assert reader.get("/api/v1/invoices").status_code == 403
    assert httpx.get(f"{address}/api/v1/orders").status_code == 401
    assert deeds(shop) == [("key:reader", "holdOrder", "order:A-1", "", "refused"), ("key:reader", "listInvoices", "", "", "refused")]


def test_an_event_that_is_for_another_role_is_refused_and_one_that_fails_has_both_lines(shop: Shop, address: str, client: httpx.Client) -> None:
    client.post("/api/v1/orders", json=an_order()).raise_for_status()
    client.post(EVENTS, json=PAY).raise_for_status()
    create_account(shop.store, "ada@shop.example", name="Ada", roles=["accountant"], password=PASSWORD, stores=["main"])
    with client_of(address) as ada:
        ada.headers["Sec-Fetch-Site"] = "same-origin"
        ada.post("/api/v1/session", json={"email": "ada@shop.example", "password": PASSWORD}).raise_for_status()
        assert ada.post(EVENTS, json={"event": "ship", "payload": {"tracking": "1"}}).status_code == 403
        assert ada.post(EVENTS, json={"event": "ship"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert deeds(shop, actor="ada@shop.example") == [
        ("ada@shop.example", "logIn", "person:ada@shop.example", "", "done"),
        ("ada@shop.example", "letEventHappen", "order:A-1001", "ship", "refused"),
        ("ada@shop.example", "letEventHappen", "order:A-1001", "", "refused"),
    ]


def test_logins_are_written_down_also_those_that_fail_and_no_password_that_was_typed_as_a_name(shop: Shop, address: str) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password=PASSWORD, stores=["main"])
    with client_of(address) as jana:
        jana.headers["Sec-Fetch-Site"] = "same-origin"
        for email, password in (("jana@shop.example", "wrong"), (PASSWORD, "jana@shop.example"), ("jana@shop.example", PASSWORD)):
            jana.post("/api/v1/session", json={"email": email, "password": password})
        jana.delete("/api/v1/session").raise_for_status()
    assert [(actor, what, outcome) for actor, what, _, _, outcome in deeds(shop)] == [
        ("jana@shop.example", "logIn", "refused"),
        ("", "logIn", "refused"),
        ("jana@shop.example", "logIn", "done"),
        ("jana@shop.example", "logOut", "done"),
    ]


def test_nothing_is_done_that_cannot_be_written_down(shop: Shop, client: httpx.Client) -> None:
    client.post("/api/v1/orders", json=an_order()).raise_for_status()
    client.post(EVENTS, json=PAY).raise_for_status()
    shop.work()
    number = client.get("/api/v1/invoices").json()["invoices"][0]["number"]
    with shop.store.writing() as work:
        work.execute(text("ALTER TABLE deed RENAME TO gone"))
    assert client.post("/api/v1/orders", json=an_order("A-2")).status_code >= 500
    answer = client.post(f"/api/v1/invoices/{number}/links", json={})  # which changes nothing, but opens a paper to whoever has it
    assert answer.status_code >= 500
    assert "documents/" not in answer.text
    with shop.store.writing() as work:
        work.execute(text("ALTER TABLE gone RENAME TO deed"))
    assert client.get("/api/v1/orders/A-2").status_code == 404
    assert client.post(f"/api/v1/invoices/{number}/links", json={}).status_code == 201
    assert deeds(shop)[-1][1:3] == ("makeLink", f"paper:{number}")


def test_the_list_is_read_page_by_page_and_found_by_who_what_order_and_time(shop: Shop, client: httpx.Client) -> None:
    for number in range(1, 4):
        client.post("/api/v1/orders", json=an_order(f"A-{number}")).raise_for_status()
        client.post(f"/api/v1/orders/A-{number}/events", json=PAY | {"payload": {"amount": "168.80", "reference": f"tx_{number}"}}).raise_for_status()
    first = client.get("/api/v1/audit?limit=4").json()
    second = client.get(f"/api/v1/audit?limit=4&what=placeOrder&cursor={first['next']}").json()
    assert [each["subject"] for each in first["deeds"]] == ["order:A-3", "order:A-3", "order:A-2", "order:A-2"]
    assert ([each["subject"] for each in second["deeds"]], second["next"]) == (["order:A-1"], None)
    shop.work()
    number = client.get("/api/v1/invoices?order=A-2").json()["invoices"][0]["number"]
    client.post(f"/api/v1/invoices/{number}/cancellation", json={"reason": "came back"}).raise_for_status()
    assert [each["what"] for each in client.get("/api/v1/audit?order=A-2").json()["deeds"]] == ["cancelInvoice", "letEventHappen", "placeOrder"]
    assert client.get("/api/v1/audit?who=nobody").json()["deeds"] == []
    assert client.get("/api/v1/audit?until=2026-11-25T08:00:00Z").json()["deeds"] == []
    assert len(client.get("/api/v1/audit?since=2026-11-25T08:00:00Z&what=placeOrder").json()["deeds"]) == 3
    assert client.get("/api/v1/audit?order=NONE").status_code == 404


def test_commands_are_written_down_too_unless_they_only_read(shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def oms(*words: str) -> str:
        assert run(["--shop", str(shop.settings.processes.folder.parent), *words]) == 0
        return capsys.readouterr().out

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    monkeypatch.setattr("getpass.getuser", lambda: "jana")
    oms("key", "create", "webshop", "--scope", "orders.read")
    oms("key", "list")
    oms("user", "create", "tom@shop.example", "--name", "Tom", "--role", "clerk", "--stdin")
    shop.place(an_order())  # by Python: nobody stands at a door
    assert deeds(shop) == [
        ("cli:jana", "oms key create", "key:webshop", "orders.read", "done"),
        ("cli:jana", "oms user create", "person:tom@shop.example", "clerk", "done"),
    ]
    assert "person:tom@shop.example" in oms("trail", "--who", "cli:jana", "--within", "1d")
