"""A system of the shop that is told by webhooks: a server on loopback that remembers each call, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True)
class Call:
    """What came."""

    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def type(self) -> str:
        return str(self.told["type"])

    def is_signed_by(self, secret: str) -> bool:
        """By the library of the standard; what it says of the time is left out, for tests move the clock."""
        return Webhook(secret).sign(self.id, self.at, self.body) in self.headers["webhook-signature"].split()


class Receiver(ThreadingHTTPServer):
    """Answers 204, or what it is told for the next calls."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.answers: list[int] = []
        self.retry_after: str | None = None
        self.calls: list[Call] = []
        self.heard, self.answering = Event(), Event()
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told"

    @property
    def types(self) -> list[str]:
        return [call.type for call in self.calls]

    def handle_error(self, *_arguments: object) -> None:
        """Who called has left; nothing is printed."""


class _Listener(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.calls.append(Call({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.heard.set()
        self.server.answering.wait(60)
        code = self.server.answers.pop(0) if self.server.answers else 204
        said = b"" if code < 300 else b"no, thank you\x1b[31m"
        self.send_response(code)
        if self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Until the block ends."""
    receiver = Receiver()
    thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answering.set()
        receiver.shutdown()
        thread.join()
        receiver.server_close()
