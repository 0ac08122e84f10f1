"""A request has an id, and a trace if its caller says one: both lead from the order's history and from calls that went out back to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx2 as httpx

from oms.bootstrap import Shop, open_shop
from tests.acceptance.api.serving import answering, client_of, new_key, telling_shop
from tests.builders import an_order

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Hook(HTTPServer):
    """Remembers by which request it was called."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard: list[tuple[str | None, str | None]] = []


class Listener(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.heard.append((self.headers["X-Request-Id"], self.headers["traceparent"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()
    thread = Thread(target=hook.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        hook.shutdown()
        thread.join()
        hook.server_close()


def test_a_call_that_goes_out_and_all_that_follows_it_bear_the_id_and_the_trace_of_the_request_behind(tmp_path: Path) -> None:
    with listening() as hook:
        telling_shop(tmp_path, f"http://127.0.0.1:{hook.server_port}/")
        with open_shop(tmp_path) as shop, answering(shop) as address, client_of(address, new_key(shop)) as client:
            client.post("/api/v1/orders", json=an_order(), headers={"X-Request-Id": "placed-1"})
            went = client.post("/api/v1/orders/A-1001/events", json={"event": "go"}, headers={"X-Request-Id": "went-1", "traceparent": TRACE})
            assert went.status_code == 200
            shop.work()
            assert hook.heard == [("went-1", TRACE), ("went-1", TRACE)]
            history = client.get("/api/v1/orders/A-1001").json()["history"]
            assert [(hop["to"], hop["request_id"]) for hop in history if hop["item"] == "1"] == [
                ("new", "placed-1"),
                *(("telling", "went-1"), ("heard", "went-1"), ("closed", "went-1")),
            ]
            assert {row.traceparent for row in shop.views.order("A-1001").triggers} == {None, TRACE}


def test_a_request_that_says_nothing_sane_is_given_an_id_which_its_problem_bears(address: str) -> None:
    for said in ("a b", "x" * 65, ""):
        answer = httpx.get(f"{address}/nothing", headers={"X-Request-Id": said})
        assert answer.headers["X-Request-Id"] == answer.json()["request_id"] != said
        assert len(answer.json()["request_id"]) == 32


def test_what_happened_by_itself_comes_from_no_request(shop: Shop) -> None:
    shop.place(an_order())
    assert {row.request_id for row in shop.views.order("A-1001").triggers} == {None}
