"""What may be taken from a caller for the log, and what is known where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from oms.tracing import (
    Fact,
    Kind,
    fail,
    flush,
    following,
    known,
    note,
    recording,
    request_id,
    sane_request_id,
    sane_traceparent,
    span,
    traceparent,
)

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("said", ["", "a b", "a\nb", "ü", "x" * 65, "a\r\nlevel: error", '"'])
def test_an_id_that_could_forge_a_line_of_the_log_is_none(said: str) -> None:
    assert sane_request_id(said) is None


def test_a_trace_is_taken_as_the_standard_writes_it() -> None:
    assert sane_traceparent(TRACE) == TRACE
    assert sane_traceparent(f"cc{TRACE[2:]}-what-the-next-version-adds") == TRACE


@pytest.mark.parametrize(
    "said",
    [
        *("", TRACE.upper(), TRACE[:-1], f"{TRACE}-more", f"{TRACE}\n", f"ff{TRACE[2:]}", f"{TRACE}-{'x' * 512}"),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ],
)
def test_what_is_no_trace_is_as_if_nothing_had_been_said(said: str) -> None:
    assert sane_traceparent(said) is None


def test_what_is_known_ends_with_its_block() -> None:
    with following(request_id="r-1", order="A-1"):
        with following(request_id=None, traceparent=TRACE, order="A-2"):
            assert (request_id(), traceparent(), known()["order"]) == ("r-1", TRACE, "A-2")
        assert (request_id(), traceparent(), known()["order"]) == ("r-1", None, "A-1")
    assert known() == {}


class Book:
    """Records spans as lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def begin(self, name: str, facts: Mapping[str, Fact], *, kind: Kind, parent: str | None) -> Iterator[Page]:
        self.lines.append(f"{kind} {name} of {parent}: {dict(facts)}")
        yield Page(self, name, TRACE.replace("b7-", f"{len(self.lines)}0-"))

    def flush(self) -> None:
        self.lines.append("flushed")


@dataclass
class Page:
    book: Book
    name: str
    traceparent: str

    def note(self, facts: Mapping[str, Fact], *, name: str | None) -> None:
        self.name = name or self.name
        self.book.lines.append(f"{self.name} {dict(facts)}")

    def fail(self, kind: str) -> None:
        self.book.lines.append(f"{self.name} failed: {kind}")


def test_nothing_is_kept_of_a_span_that_nobody_records() -> None:
    with following(traceparent=TRACE), span("trigger") as kept:
        note({"oms.hops": 1}, name="trigger pay")
        fail("some error")
        flush()
        assert (kept, traceparent()) == (None, TRACE)
    assert span("one") is span("another")


def test_a_span_belongs_to_the_one_around_it_and_tells_no_sentence_of_an_error() -> None:
    book = Book()
    with recording(book), following(request_id="r-1", traceparent=TRACE):
        with span("outer", {"a": 1}, kind=Kind.ANSWERING):
            outer = traceparent()
            with suppress(ValueError), span("inner"):
                assert traceparent() not in {outer, TRACE}
                note({"b": 2}, name="named")
                raise ValueError("jana@example.com")
            assert traceparent() == outer
        assert traceparent() == TRACE
        flush()
    with span("later"):
        pass
    assert book.lines == [
        f"answering outer of {TRACE}: {{'a': 1, 'oms.request_id': 'r-1'}}",
        f"inside inner of {outer}: {{'oms.request_id': 'r-1'}}",
        "named {'b': 2}",
        "named failed: ValueError",
        "flushed",
    ]
