"""A state may call a system of the shop: the job `call_webhook`. The system is a server on loopback, which the settings allow to be called."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from oms.outbox import JobStatus
from tests.unit.engine.scene import Scene


def _telling(url: str) -> str:
    return f"""
        initial: telling
        states:
          telling: {{run: {{call_webhook: {{url: "{url}"}}}}, then: be heard, on_error: be missed}}
          heard: {{final: true}}
          missed: {{final: true}}
        events: {{be heard: {{}}, be missed: {{}}}}
        transitions:
          - {{from: telling, event: be heard, to: heard}}
          - {{from: telling, event: be missed, to: missed}}
        """


class Hook(HTTPServer):
    """Answers as it is told, and remembers what it heard."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.answers: list[int] = []
        self.retry_after: str | None = None
        self.heard: list[tuple[str, str | None, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told?by=oms"


class Listener(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        if self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


@contextmanager
def _serving(hook: Hook) -> Iterator[None]:
    thread = Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        hook.shutdown()
        thread.join()
        hook.server_close()


@pytest.fixture
def _inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_WEBHOOKS__INSIDE", "127.0.0.1")


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    with _serving(hook):
        yield hook


@pytest.mark.usefixtures("_inside")
def test_it_is_told_which_items_of_which_order_stand_where_under_the_key_of_the_job(scene: Scene, hook: Hook) -> None:  # vocabulary: call_webhook
    scene.open(_telling(hook.url))
    scene.place()

    scene.drain()

    assert hook.heard == [("/told?by=oms", scene.job("call_webhook").id, {"order": "A-1", "store": "main", "state": "telling", "items": ["1", "2"]})]
    assert scene.states() == ["heard", "heard"]
    assert scene.order().triggers[-1].payload == '{"status": 204}'


@pytest.mark.usefixtures("_inside")
@pytest.mark.parametrize("answer", [500, 503, 408, 409, 425, 429])
def test_a_server_that_is_unwell_or_busy_is_called_again_with_the_same_key(scene: Scene, hook: Hook, answer: int) -> None:
    hook.answers = [answer]
    scene.open(_telling(hook.url))
    scene.place()
    scene.drain()
    assert scene.states() == ["telling", "telling"]

    scene.wait(seconds=12)

    assert scene.states() == ["heard", "heard"]
    assert len({key for _, key, _ in hook.heard}) == 1


@pytest.mark.usefixtures("_inside")
@pytest.mark.parametrize(("said", "minutes"), [("1800", 30), ("864000", 60)], ids=["as it asks", "an hour at most"])
def test_who_asks_to_be_left_alone_is_called_no_sooner(scene: Scene, hook: Hook, said: str, minutes: int) -> None:
    hook.answers, hook.retry_after = [429], said
    scene.open(_telling(hook.url))
    scene.place()
    scene.drain()

    scene.wait(minutes=minutes - 1)
    assert len(hook.heard) == 1
    scene.wait(minutes=1 + minutes / 10)  # up to a tenth later than asked for

    assert scene.states() == ["heard", "heard"]


@pytest.mark.usefixtures("_inside")
@pytest.mark.parametrize("answer", [302, 400, 401, 404, 410])
def test_a_refusal_or_a_redirect_is_an_answer_for_good(scene: Scene, hook: Hook, answer: int) -> None:
    hook.answers = [answer]
    scene.open(_telling(hook.url))
    scene.place()

    scene.drain()

    assert scene.states() == ["missed", "missed"]
    assert len(hook.heard) == 1
    assert f"answered {answer}" in (scene.order().triggers[-1].payload or "")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:{port}/", "127.0.0.1 is an address inside the network: it is not called, unless webhooks.inside names it."),
        ("hooks.shop.example", "is no address to call"),
    ],
)
def test_a_process_is_no_way_into_the_shops_own_network(scene: Scene, hook: Hook, url: str, sentence: str) -> None:
    scene.open(_telling(url.format(port=hook.server_port)))
    scene.place()

    scene.drain()

    assert scene.states() == ["missed", "missed"]
    assert scene.job("call_webhook").status is JobStatus.DEAD
    assert sentence in (scene.job("call_webhook").error or "")
    assert hook.heard == []


@pytest.mark.usefixtures("_inside")
def test_a_server_that_is_away_is_called_again(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    scene.open(_telling(f"http://127.0.0.1:{port}/"))
    scene.place()

    scene.drain()

    assert scene.states() == ["telling", "telling"]
    assert "Connection refused" in (scene.job("call_webhook").error or "")
