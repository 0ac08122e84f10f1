"""Bad orders and bad events over HTTP: each is refused with its place, and nothing is written. Numbers are those of the bad-input tables.

What is wrong with a request before it is a document stands in `test_wire.py`, bad lists in `test_orders.py`, webhooks in `test_webhooks_in.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import func, literal, select, union_all
from sqlmodel import SQLModel

from oms.bootstrap import Shop
from tests.acceptance.api.serving import answering, client_of, new_key
from tests.builders import an_order, open_test_shop
from tests.postgres import Server

ORDERS, EVENTS = "/api/v1/orders", "/api/v1/orders/A-1/events"
ADDRESS, ITEM = an_order()["billing_address"], an_order()["items"][0]
Change = dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all of these: nothing is ever written. It has the orders A-1 and A-2."""
    server: Server | None = request.getfixturevalue("server") if request.param == "postgres" else None
    url = server.new_database() if server else None
    with open_test_shop(tmp_path_factory.mktemp("shop") / "shop", database=url) as opened:
        opened.place(an_order("A-1"))
        opened.place(an_order("A-2", items=[ITEM] * 3))
        yield opened
    if server and url:
        server.drop(url)


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[httpx.Client]:
    with answering(shop) as address, client_of(address, new_key(shop)) as speaking:
        yield speaking


@pytest.fixture
def unwritten(shop: Shop) -> Iterator[None]:
    """After the test every table has the rows that it had, and the order stands where it stood."""
    before = written(shop)
    yield
    assert written(shop) == before


def written(shop: Shop) -> tuple[dict[str, int], object]:
    counts = union_all(
        *(select(literal(table.name).label("name"), func.count().label("rows")).select_from(table) for table in SQLModel.metadata.tables.values())
    )
    view = shop.views.order("A-1")
    with shop.store.connection() as connection:
        return {row.name: row.rows for row in connection.execute(counts)}, (view.head, view.items, view.timers)


def item(**changes: object) -> Change:
    return {"items": [ITEM | changes]}


def address(**changes: object) -> Change:
    return {"billing_address": ADDRESS | changes}


def customer(**changes: object) -> Change:
    return {"customer": {"name": "Jana Novak", "email": "jana@example.com"} | changes}


def each(pointer: str, *changes: Change) -> list[tuple[Change, str]]:
    return [(change, pointer) for change in changes]


BAD_ORDERS: dict[int, list[tuple[Change, str]]] = {
    55: [({"state": "done"}, ""), (item(state="done"), "/items/0"), (customer(mail="x"), "/customer")],
    56: each("/items", {"items": None}, {"items": []}, {"items": {}}, {"items": "CUP"}),
    58: [({"items": [ITEM | {"ref": "a"}, ITEM | {"ref": "a"}]}, "/items/1/ref")],
    75: each("/items/0/quantity", *(item(quantity=value) for value in (0, -5, 1.5, True, 1.0, "1", "1_0", 1e3, 1_000_001, None, [1]))),
    76: each("/items/0/unit_price", *(item(unit_price=value) for value in ("NaN", "Infinity", "1e999", "-Infinity"))),
    78: each(
        "/items/0/unit_price",
        *(item(unit_price=value) for value in ("1,50", "1_000", " 1 ", "1e5", "١٢٣", "+1", "--1", "", 39.9, 39, True, None, "-1.00")),
    ),
    80: each("/items/0/unit_price", item(unit_price="1.005"), item(unit_price="1.0000")),
    82: each("/items/0/unit_price", item(unit_price="999999999999.00"), item(unit_price="9" * 400), item(unit_price="1" + "0" * 30)),
    83: each("/items", item(unit_price="99999999999.00")),
    84: each("/currency", *({"currency": value} for value in ("EURO", "eur", "XXX", "€", "", 978))),
    88: each("/items/0/tax_rate", *(item(tax_rate=value) for value in (19, 1900, "-7", "101", "1900", "19%", None, "", True, "1e1"))),
    89: [({"total_tax": "1.00"}, "")],
    91: [({"total": "1.00"}, ""), (item(total="1.00"), "/items/0")],
    94: [
        (customer(name="Jana\0Novak"), "/customer/name"),
        (address(city="M\0nchen"), "/billing_address/city"),
        (item(name="Cup\0"), "/items/0/name"),
        ({"reference": "A\0"}, "/reference"),
        ({"comment": "\0"}, "/comment"),
    ],
    96: [
        (customer(name="Jana\r\nBcc: evil@x.example"), "/customer/name"),
        ({"reference": "A-9\r\n"[:4] + "x"}, "/reference"),
        (item(name="Cup\nCup"), "/items/0/name"),
    ],
    97: each("/customer/name", *(customer(name=f"Jana{mark}Novak") for mark in ("\u2028", "\u2029", "\u0085", "\u202e"))),
    98: each("/customer/name", customer(name="Jana" + "\u0301" * 12), customer(name="a" + "\u0300" * 1_000)),
    100: each("/customer/name", *(customer(name=value) for value in ("x" * 201, "", "   ", "\u200b", None, 7))),
    102: each("/billing_address/country", *(address(country=value) for value in (None, "UK", "XX", "de", "DEU", "", 49))),
    104: each(
        "/customer/email",
        *(
            customer(email=value)
            for value in ("a@b.de,evil@x.de", "a@b.de\r\nBcc: e@x.example", "Name <a@b.de>", "a@b.de ", "a b@c.de", "@", "a@", "é@b.de\u2028", 7)
        ),
    ),
}
"""Row to what is wrong with an order, and the place that is told."""


@pytest.mark.usefixtures("unwritten")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [pytest.param(*case, id=f"{row}-{number}") for row, cases in BAD_ORDERS.items() for number, case in enumerate(cases)],
)
def test_a_bad_order_is_refused_with_its_place_and_nothing_is_written(client: httpx.Client, change: Change, pointer: str) -> None:
    answer = client.post(ORDERS, content=json.dumps(an_order("A-9") | change))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert len(answer.content) < 1_500, "what came is not sent back"


AMOUNT, REFERENCE = {"amount": "168.80"}, {"reference": "tx_1"}
BAD_EVENTS: dict[int, list[tuple[object, int, str | None]]] = {
    48: [(None, 422, ""), ([], 422, ""), ("pay", 422, ""), ({}, 422, "/event"), (7, 422, "")],
    55: [({"event": "cancel", "state": "done"}, 422, "/state"), ({"event": "cancel", "items": [{"id": "1", "state": "x"}]}, 422, "/items/0/state")],
    64: [({"event": "ship", "payload": {"tracking": "1"}}, 409, None), ({"event": "close"}, 409, None)],
    65: [({"event": "payy"}, 422, "/event"), ({"event": ""}, 422, "/event"), ({"event": 7}, 422, "/event"), ({"event": "__place__"}, 422, "/event")],
    66: [
        ({"event": "cancel", "reason": "x", "items": [{"id": "3"}]}, 404, None),
        ({"event": "cancel", "reason": "x", "items": [{"id": "é"}]}, 404, None),
    ],
    75: [
        *(({"event": "cancel", "reason": "x", "items": [{"id": "1", "quantity": units}]}, 422, "/items/0/quantity") for units in (0, -1, True, 1.0)),
        ({"event": "cancel", "reason": "x", "items": [{"id": "2"}, {"id": "1", "quantity": 3}]}, 422, "/items/1/quantity"),
    ],
    78: [
        ({"event": "pay", "payload": REFERENCE | {"amount": value}}, 422, "/payload/amount")
        for value in ("1,50", "1e5", "NaN", "Infinity", "-1.00", "+1", "", None, 168.8, True, "9" * 400, "168.800000")
    ],
    94: [
        ({"event": "pay", "payload": AMOUNT | {"reference": "tx\0"}}, 422, "/payload/reference"),
        ({"event": "cancel", "reason": "no\0"}, 422, "/reason"),
    ],
    96: [({"event": "pay", "payload": AMOUNT | {"reference": "tx\r\nX: y"}}, 422, "/payload/reference")],
    97: [({"event": "cancel", "reason": "\u202eno"}, 422, "/reason")],
    100: [
        ({"event": "cancel", "reason": "x" * 1_001}, 422, "/reason"),
        ({"event": "cancel", "reason": "  "}, 422, "/reason"),
        ({"event": "cancel"}, 422, "/reason"),
        ({"event": "x" * 201}, 422, "/event"),
        ({"event": "cancel", "reason": "x", "items": []}, 422, "/items"),
        ({"event": "cancel", "reason": "x", "items": [{"id": "1"}, {"id": "1"}]}, 422, "/items/1"),
    ],
}
"""Row to what is wrong with an event, its status, and the place that is told."""


@pytest.mark.usefixtures("unwritten")
@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [pytest.param(*case, id=f"{row}-{number}") for row, cases in BAD_EVENTS.items() for number, case in enumerate(cases)],
)
def test_a_bad_event_is_refused_and_nothing_happens(client: httpx.Client, body: object, status: int, pointer: str | None) -> None:
    answer = client.post(EVENTS, content=json.dumps(body))
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    assert [fault["pointer"] for fault in answer.json().get("errors", [])] == ([] if pointer is None else [pointer])
    assert len(answer.content) < 1_500, "what came is not sent back"


@pytest.mark.usefixtures("unwritten")
def test_59_60_a_reference_that_is_repeated_answers_alike_or_is_a_conflict(client: httpx.Client) -> None:
    again = client.post(ORDERS, json=an_order("A-1"))
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    other = client.post(ORDERS, json=an_order("A-1", comment="gift"))
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


@pytest.mark.usefixtures("unwritten")
@pytest.mark.parametrize("key", [b"", b"x" * 256, b"a\tb", b"\xe9"])
def test_61_a_key_that_is_none_is_refused(client: httpx.Client, key: bytes) -> None:
    headers = {b"Idempotency-Key": key}
    for path, body in ((EVENTS, {"event": "cancel", "reason": "x"}), (f"{ORDERS}/A-1/comments", {"text": "x"})):
        assert client.post(path, json=body, headers=headers).status_code == 400


@pytest.mark.usefixtures("unwritten")
@pytest.mark.parametrize("text", ["", "  ", "\0", "\u2029", "x" * 2_001, 7, None])
def test_a_comment_that_is_none_is_refused(client: httpx.Client, text: object) -> None:
    answer = client.post(f"{ORDERS}/A-1/comments", content=json.dumps({"text": text}))
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, ["/text"])


@pytest.mark.usefixtures("unwritten")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (customer(email="a@b.de,evil@x.de"), "/customer/email"),
        (customer(name="Jana\0"), "/customer/name"),
        (address(country="UK"), "/billing_address/country"),
        ({"items": []}, "/items"),
        ({"customer": "Jana"}, "/customer"),
    ],
)
def test_a_bad_correction_is_refused(client: httpx.Client, change: Change, pointer: str) -> None:
    answer = client.patch(f"{ORDERS}/A-1", content=json.dumps({"reason": "typing error"} | change))
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])


GOOD = ["👩‍👩‍👧‍👦 Novák", "محمد ١٢", "שלום 123", "山田太郎", "Jana" + "\u0301" * 10, "é" * 200]


@pytest.mark.parametrize(("number", "name"), list(enumerate(GOOD)))
def test_93_98_101_what_is_unusual_but_right_is_taken(client: httpx.Client, number: int, name: str) -> None:
    free = an_order(f"G-{number}", items=[ITEM | {"unit_price": "0.00"}], customer={"name": name})
    assert client.post(ORDERS, json=free).status_code == 201
    found = client.get(ORDERS, params={"search": name.rsplit(maxsplit=1)[-1]}).json()["orders"]
    assert f"G-{number}" in [order["reference"] for order in found]


def test_101_a_name_is_found_however_its_letters_are_put_together(client: httpx.Client) -> None:
    client.post(ORDERS, json=an_order("N-1", customer={"name": "Zoe\u0308 Kova\u0301r"}))
    for wanted in ("zo\u00eb", "zoe\u0308", "KOV\u00c1R"):
        assert [order["reference"] for order in client.get(ORDERS, params={"search": wanted}).json()["orders"]] == ["N-1"]
