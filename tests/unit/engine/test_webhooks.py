"""A state may call a system of the shop: the job `call_webhook`. The world outside is a server on loopback that a made-up name leads to."""

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

URL = "http://hooks.shop.example/told?by=oms"


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
        self.heard: list[tuple[str, str | None, dict[str, Any]]] = []

    def reached(self) -> socket.socket:
        """A connection to it, whatever address was asked for."""
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.connect(("127.0.0.1", self.server_port))
        return connection


class Listener(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "http://hooks.shop.example/elsewhere")
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
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """The name lies in the public internet, as far as anybody can see; who connects to it reaches the hook."""
    hook = Hook()
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: public)
    monkeypatch.setattr(socket, "create_connection", lambda *_arguments, **_named: hook.reached())
    with _serving(hook):
        yield hook


def test_it_is_told_which_items_of_which_order_stand_where_under_the_key_of_the_job(scene: Scene, hook: Hook) -> None:  # vocabulary: call_webhook
    scene.open(_telling(URL))
    scene.place()

    scene.drain()

    assert hook.heard == [("/told?by=oms", scene.job("call_webhook").id, {"order": "A-1", "store": "main", "state": "telling", "items": ["1", "2"]})]
    assert scene.states() == ["heard", "heard"]
    assert scene.order().triggers[-1].payload == '{"status": 204}'


@pytest.mark.parametrize("answer", [500, 503, 408, 409, 425, 429])
def test_a_server_that_is_unwell_or_busy_is_called_again_with_the_same_key(scene: Scene, hook: Hook, answer: int) -> None:
    hook.answers = [answer]
    scene.open(_telling(URL))
    scene.place()
    scene.drain()
    assert scene.states() == ["telling", "telling"]

    scene.wait(seconds=12)

    assert scene.states() == ["heard", "heard"]
    assert len({key for _, key, _ in hook.heard}) == 1


@pytest.mark.parametrize("answer", [302, 400, 401, 404, 410])
def test_a_refusal_or_a_redirect_is_an_answer_for_good(scene: Scene, hook: Hook, answer: int) -> None:
    hook.answers = [answer]
    scene.open(_telling(URL))
    scene.place()

    scene.drain()

    assert scene.states() == ["missed", "missed"]
    assert len(hook.heard) == 1
    assert f"answered {answer}" in (scene.order().triggers[-1].payload or "")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is an address inside the network"),
        ("http://[::1]/", "::1 is an address inside the network"),
        ("http://10.0.0.7/", "10.0.0.7 is an address inside the network"),
        ("http://169.254.169.254/latest", "169.254.169.254 is an address inside the network"),
        ("file:///etc/passwd", "is no address to call"),
        ("hooks.shop.example", "is no address to call"),
    ],
)
def test_a_process_is_no_way_into_the_shops_own_network(scene: Scene, url: str, sentence: str) -> None:
    scene.open(_telling(url))
    scene.place()

    scene.drain()

    assert scene.states() == ["missed", "missed"]
    assert scene.job("call_webhook").status is JobStatus.DEAD
    assert sentence in (scene.job("call_webhook").error or "")


@pytest.mark.usefixtures("hook")
def test_a_name_that_nobody_knows_may_be_known_later(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_knows(*_arguments: object, **_named: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", nobody_knows)
        scene.open(_telling(URL))
        scene.place()
        scene.drain()
    assert scene.states() == ["telling", "telling"]

    scene.wait(seconds=12)

    assert scene.states() == ["heard", "heard"]
