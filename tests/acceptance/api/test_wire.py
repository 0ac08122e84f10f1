"""What every answer says to browsers, and what happens to requests that are none (S13, S21 to S24, S33, S34, S36, S49, S50; row 74)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from sqlalchemy import select

from oms.api import make_app
from oms.api.app import the_interface
from oms.api.requests import LARGEST_HEAD, PROTECTING
from oms.bootstrap import Shop
from oms.server import listening_at
from oms.store.tables import METADATA
from tests.acceptance.api.routes import address_of, routes
from tests.acceptance.api.serving import client_of, new_key, running
from tests.builders import an_order

ORDERS = "/api/v1/orders"
PDF = "/api/v1/invoices/RE-2026-00001.pdf"


@pytest.fixture
def broken(shop: Shop) -> Iterator[str]:
    """An interface with an address at which something goes wrong that nobody foresaw."""
    app = make_app(shop)

    @app.get("/broken")
    def break_down() -> None:
        raise RuntimeError("the password is geheim")

    with running(app) as where:
        yield where


@pytest.fixture
def billed(shop: Shop, client: httpx.Client) -> httpx.Client:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    return client


def assert_protected(answer: httpx.Response) -> None:
    assert {name: answer.headers.get(name) for name in PROTECTING} == PROTECTING
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
    assert "server" not in answer.headers


def test_every_answer_protects_whoever_shows_it(address: str, billed: httpx.Client) -> None:
    wanted = {"": 404, "/healthz": 200, ORDERS: 200, f"{ORDERS}/B-1": 404, f"{ORDERS}?limit=0": 422, PDF: 200, "/api/v1/docs": 200}
    for path, status in wanted.items():
        answer = billed.get(path)
        assert (path, answer.status_code) == (path, status)
        assert_protected(answer)
    assert_protected(httpx.get(f"{address}{ORDERS}"))
    assert_protected(billed.put(ORDERS))
    assert_protected(billed.get(PDF, headers={"If-None-Match": billed.get(PDF).headers["ETag"]}))


def test_so_does_one_that_tells_of_a_fault_of_ours_and_nothing_else(broken: str) -> None:
    answer = httpx.get(f"{broken}/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert_protected(answer)
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert "geheim" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_no_other_site_may_read_an_answer(client: httpx.Client, origin: str) -> None:
    assert_protected(client.get(ORDERS, headers={"Origin": origin}))
    asked = client.options(ORDERS, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert (asked.status_code, asked.headers["Allow"]) == (405, "GET, POST")
    assert_protected(asked)


@pytest.mark.parametrize("method", ["TRACE", "HEAD", "PUT", "DELETE", "BREW"])
def test_methods_that_an_address_does_not_know_are_refused_and_not_overridden(client: httpx.Client, method: str) -> None:
    assert client.request(method, f"{ORDERS}/A-1001/comments").status_code == 405
    override = {"X-HTTP-Method-Override": method, "X-Method-Override": method}
    assert client.get(f"{ORDERS}?_method={method}", headers=override).json() == {"orders": [], "next": None}


def contents(shop: Shop) -> dict[str, list[str]]:
    """Every row of every table, but for what tells of reading itself: when a key was used, and who read personal things."""
    with shop.store.connection() as connection:
        tables = [table for table in METADATA.sorted_tables if table.name not in {"api_key", "deed"}]
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}


def test_asking_for_any_address_changes_nothing(shop: Shop, billed: httpx.Client) -> None:
    """Also for those that change something when they are told to by another method."""
    named = {"{reference}": "A-1001", "{number:paper}": "RE-2026-00001", "{name:process}": "prepayment", "{sku}": "CUP-4", "{event}": "close"}
    before, statuses = contents(shop), set()
    for _, path, _ in routes(the_interface()):
        for name, value in named.items():
            path = path.replace(name, value)  # noqa: PLW2901 - one after the other
        statuses.add(billed.get(address_of(path)).status_code)
    assert statuses == {200, 401, 404, 405, 422, 503}
    assert contents(shop) == before


def test_ten_thousand_ranges_get_the_whole_file(billed: httpx.Client) -> None:
    """Whoever asks for parts gets all of it: nobody reckons with ranges (CVE-2025-62727)."""
    whole = billed.get(PDF).content
    for ranges in ("bytes=0-1", f"bytes={','.join(f'{start}-' for start in range(10_000))}"):
        answer = billed.get(PDF, headers={"Range": ranges})
        assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize(
    "number",
    ["..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%2fetc%2fpasswd", "RE-2026-00001%00", "C:%5Cwindows", "RE-2026-00001%2f.."],
)
def test_no_address_names_a_file(billed: httpx.Client, number: str) -> None:
    for suffix in (".pdf", ".xml", ""):
        answer = billed.get(f"/api/v1/invoices/{number}{suffix}")
        assert answer.status_code in {400, 404}
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"x"', 422),
        (b"{}", 422),
        (b"{", 400),
        (b"\xff\xfe{", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 21 + b"1" + b"}" * 21, 400),
        (b'{"reference": NaN}', 400),
        (b'{"reference": 1e999}', 422),
        (b'{"reference": "\\ud800"}', 422),
        (b'{"reference": ' + b"9" * 400 + b"}", 422),
        (b'{"reference": "a", "reference": "b"}', 400),
        (b'{"reference": "' + b"a" * 300_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_order_is_refused_and_not_echoed(client: httpx.Client, body: bytes, status: int) -> None:
    answer = client.post(ORDERS, content=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert len(answer.content) < 3_000
    assert b"a" * 81 not in answer.content
    assert client.get(ORDERS).json()["orders"] == []


def said(address: str, *parts: bytes) -> bytes:
    """What a server answers to these very bytes, until it hangs up or has answered."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""


def head(key: str, path: bytes = b"/api/v1/orders", *, method: bytes = b"GET", more: bytes = b"") -> bytes:
    return method + b" " + path + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key.encode() + b"\r\nConnection: close\r\n" + more + b"\r\n"


def test_requests_that_are_none_are_refused_before_anybody_reads_them(shop: Shop, address: str) -> None:
    key = new_key(shop)
    refused = {
        "ten megabytes of address": said(address, head(key, b"/api/v1/orders?x=" + b"a" * 10_000_000)),
        "a thousand long headers": said(address, head(key, more=b"".join(b"X-%d: %s\r\n" % (number, b"b" * 90) for number in range(1_000)))),
        "a line feed in a header": said(address, head(key, more=b"X-A: b\nX-C\x00: d\r\n")),
        "two lengths": said(address, head(key, method=b"POST", more=b"Content-Length: 1\r\nContent-Length: 2\r\n")),
        "length and chunks": said(address, head(key, method=b"POST", more=b"Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n")),
        "no HTTP": said(address, b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"),
    }
    statuses = {what: answer.split(b" ", 2)[1] for what, answer in refused.items() if answer}  # who still sends may only see that nobody listens
    assert set(statuses.values()) <= {b"400", b"431"}
    assert {"a line feed in a header", "two lengths", "no HTTP"} <= set(statuses)
    assert LARGEST_HEAD == 64 * 1024
    with client_of(address, key) as client:
        assert client.get(ORDERS).status_code == 200
        many = client.get(ORDERS, headers={f"X-{number}": "b" for number in range(1_000)})
        assert (many.status_code, many.json()["code"]) == (431, "head-too-large")


def test_what_a_header_says_ends_in_no_other_header(client: httpx.Client) -> None:
    answer = client.get(ORDERS, headers={"X-Request-Id": "a b"})
    assert answer.headers["X-Request-Id"] != "a b"
    assert client.get(f"{ORDERS}/x%0d%0aSet-Cookie:%20a=b").status_code == 400


def test_a_body_that_never_ends_is_read_to_its_limit_only(shop: Shop, address: str) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    answer = said(address, head(new_key(shop), method=b"POST", more=b"Transfer-Encoding: chunked\r\n"), *[chunk] * 6)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert said(address, head(new_key(shop, "b"), method=b"POST", more=b"Content-Length: 99999999999\r\n")).split(b" ")[1] == b"413"


def test_no_piece_of_an_answer_waits_for_the_piece_before_to_be_acknowledged() -> None:
    with listening_at("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
