"""What may be taken from a caller for the log, and what is known where."""

from __future__ import annotations

import pytest

from oms.trail import following, known, request_id, sane_request_id, sane_traceparent, traceparent

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
