"""Traces by OpenTelemetry: the spans of `oms.tracing`, sent to a collector by OTLP over HTTP. Needs the extra `telemetry`.

The process's own tracer provider is left alone. A collector that is slow or away keeps nobody waiting: what it doesn't take in time is lost,
and the log says so once.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from oms import __version__
from oms.tracing import TRACE, Fact, Kind

log = logging.getLogger(__name__)

SECONDS = 5.0
"""For one delivery, its repetitions included."""
FAREWELL = 3.0
"""Seconds that the end of a process waits for the collector at most."""
WAITING = 2048
"""Spans that wait to be delivered at most; more are lost."""
_PATH = "/v1/traces"
_KINDS = {
    Kind.INSIDE: trace.SpanKind.INTERNAL,
    Kind.ANSWERING: trace.SpanKind.SERVER,
    Kind.ASKING: trace.SpanKind.CLIENT,
    Kind.KEEPING: trace.SpanKind.CONSUMER,
}
_CONTEXT = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class TracedSpan:
    """`oms.tracing.Span` over one of OpenTelemetry."""

    span: trace.Span

    @property
    def traceparent(self) -> str:
        """As the header of that name."""
        carrier: dict[str, str] = {}
        _CONTEXT.inject(carrier, trace.set_span_in_context(self.span, Context()))
        return carrier.get(TRACE, "")

    def note(self, facts: Mapping[str, Fact], *, name: str | None) -> None:
        """See `oms.tracing.Span`."""
        self.span.set_attributes(facts)
        if name is not None:
            self.span.update_name(name)

    def fail(self, kind: str) -> None:
        """See `oms.tracing.Span`."""
        self.span.set_attribute("error.type", kind)
        self.span.set_status(trace.StatusCode.ERROR)


class Traces:
    """`oms.tracing.Recorder`: a queue with an end, which a thread of its own empties."""

    def __init__(
        self, endpoint: str, *, service: str, headers: Mapping[str, str], pause: float = 5.0, seconds: float = SECONDS, farewell: float = FAREWELL
    ) -> None:
        """Nothing is sent before there is something to tell.

        Args:
            endpoint: Of the collector; `/v1/traces` is added unless it stands there.
            service: As what this process is known there.
            headers: What is sent along.
            pause: Seconds between two deliveries.
            seconds: For one delivery, its repetitions included.
            farewell: Seconds that the end waits for the collector at most.
        """
        self._farewell = farewell
        url = endpoint if endpoint.endswith(_PATH) else f"{endpoint.rstrip('/')}{_PATH}"
        self._exporter = _Patient(url, headers, seconds=seconds)
        about = {"service.name": service, "service.version": __version__, "service.instance.id": str(uuid.uuid4()), "host.name": socket.gethostname()}
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter, max_queue_size=WAITING, schedule_delay_millis=pause * 1000))
        self._tracer = self._provider.get_tracer("oms", __version__)

    @contextmanager
    def begin(self, name: str, facts: Mapping[str, Fact], *, kind: Kind, parent: str | None) -> Iterator[TracedSpan]:
        """See `oms.tracing.Recorder`."""
        here = trace.get_current_span()
        context = None if parent and TracedSpan(here).traceparent == parent else _CONTEXT.extract({TRACE: parent or ""}, Context())
        with self._tracer.start_as_current_span(
            name, context, kind=_KINDS[kind], attributes=facts, record_exception=False, set_status_on_exception=False
        ) as span:
            yield TracedSpan(span)

    def try_out(self) -> str | None:
        """Deliver nothing. Returns why that isn't taken; None: it is."""
        return self._exporter.deliver(())

    def flush(self) -> None:
        """See `oms.tracing.Recorder`."""
        _within(self._farewell, self._provider.force_flush)

    def close(self) -> None:
        """Hand over what has ended, as long as somebody takes it."""
        _within(self._farewell, self._provider.shutdown)
        self._exporter.shutdown()


class _Patient(SpanExporter):
    """OpenTelemetry's exporter, whose many words about a collector that is away become one line."""

    def __init__(self, url: str, headers: Mapping[str, str], *, seconds: float) -> None:
        self._url, self._is_away, self._is_over = url, False, False
        self._words = _Words()
        self._exporter = OTLPSpanExporter(url, headers=headers, timeout=seconds)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """In the thread of the queue."""
        fault = self.deliver(spans)
        if fault is not None and not self._is_away:
            log.warning("%s takes no traces, and what happens meanwhile is missing there: %s", self._url, fault)
        elif fault is None and self._is_away:
            log.warning("%s takes traces again", self._url)
        self._is_away = fault is not None
        return SpanExportResult.SUCCESS if fault is None else SpanExportResult.FAILURE

    def deliver(self, spans: Sequence[ReadableSpan]) -> str | None:
        """Returns why they are not taken; None: they are."""
        self._words.forget()
        return None if self._exporter.export(spans) is SpanExportResult.SUCCESS else self._words.first or "it said nothing"

    def shutdown(self) -> None:
        """Whatever it waits for."""
        if not self._is_over:
            self._is_over = True
            self._exporter.shutdown()  # type: ignore[no-untyped-call]
            self._words.close()


class _Words(logging.Handler):
    """What OpenTelemetry says of its trouble; it goes no further."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first = ""
        self._logger = logging.getLogger("opentelemetry")
        self._logger.propagate = False
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first: those that follow tell of trying again and of giving up."""
        if not record.name.startswith("opentelemetry.exporter"):
            return  # the queue is full, say, which comes from it
        reason = record.getMessage().removeprefix("Transient error ").partition(" encountered while ")[0]
        self.first = self.first or reason[:300]

    def forget(self) -> None:
        """The next trouble is another one."""
        self.first = ""

    def close(self) -> None:
        """Let them through again."""
        self._logger.removeHandler(self)
        self._logger.propagate = not self._logger.handlers
        super().close()


def _within(seconds: float, act: Callable[[], object]) -> None:
    """Wait for it so long, and no longer."""
    thread = Thread(target=act, name="traces", daemon=True)
    thread.start()
    thread.join(seconds)
