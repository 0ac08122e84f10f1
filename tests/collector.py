"""A collector of traces: a server on loopback that reads OTLP over HTTP and remembers each span."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True, slots=True)
class Seen:
    """One span, as it came."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    facts: dict[str, Any]
    failed: bool
    about: dict[str, Any]  #: the process that told it


class Collector(ThreadingHTTPServer):
    """Answers 200, or what it is told for the next deliveries; not before `answering` is set."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Listener)
        self.answers: list[int] = []
        self.spans: list[Seen] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.heard, self.answering = Event(), Event()
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def config(self) -> str:
        """The table that names it."""
        return f'[telemetry]\nendpoint = "{self.url}"\n'

    def named(self, name: str) -> list[Seen]:
        return [span for span in self.spans if span.name == name]

    def way_to(self, span: Seen) -> list[str]:
        """The names of those it belongs to, the outermost one first, and its own."""
        above = next((each for each in self.spans if each.id == span.parent), None)
        return [*(self.way_to(above) if above else []), span.name]

    def handle_error(self, *_arguments: object) -> None:
        """Who called has left; nothing is printed."""


class _Listener(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.set()
        self.server.answering.wait(60)
        code = self.server.answers.pop(0) if self.server.answers else 200
        if code == 200 and self.path == "/v1/traces":
            self.server.bodies.append(body)
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.server.spans += _read(body)
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


def _read(body: bytes) -> Iterator[Seen]:
    for of_process in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = _facts(of_process.resource.attributes)
        for of_scope in of_process.scope_spans:
            for span in of_scope.spans:
                kind = Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                failed = span.status.code == Status.STATUS_CODE_ERROR
                yield Seen(span.name, kind, *ids, _facts(span.attributes), failed, about)


def _facts(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """Until the block ends."""
    collector = Collector(port)
    thread = Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield collector
    finally:
        collector.answering.set()
        collector.shutdown()
        thread.join()
        collector.server_close()
