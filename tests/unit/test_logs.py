"""A line of the log says what is known, one line for one event, and shows no secret (S45, S48)."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from oms.logs import Lines, hidden
from oms.tracing import following

FORGED = 'Jana\r\n2026-11-30T09:00:00Z error all is lost\x1b[2J\u2028{"level": "error"}\u202e\udcff'


def written(*, is_json: bool, message: str = "placed for %s", value: object = FORGED, **extra: Any) -> str:
    record = logging.LogRecord("oms.try", logging.INFO, __file__, 1, message, (value,), None)
    vars(record).update(extra)
    return Lines(is_json=is_json).format(record)


def failed(*, is_json: bool) -> str:
    try:
        int(FORGED)
    except ValueError:
        told = sys.exc_info()
    else:
        told = (None, None, None)
    return Lines(is_json=is_json).format(logging.LogRecord("oms.try", logging.ERROR, __file__, 1, "it failed", (), told))


def test_an_event_is_one_line_of_json_that_says_when_how_bad_and_what() -> None:
    with following(request_id="r-1", order="A-1001", job="j1"):
        line = written(is_json=True, attempt=2)
    assert line.isascii()
    assert line.isprintable()
    said = json.loads(line)
    assert list(said)[:3] == ["time", "level", "event"]
    assert (said["level"], said["event"], said["logger"], said["attempt"]) == ("info", f"placed for {FORGED}", "oms.try", 2)
    assert (said["request_id"], said["order"], said["job"]) == ("r-1", "A-1001", "j1")
    assert said["time"].endswith("Z")


def test_a_trace_is_part_of_its_line() -> None:
    line = failed(is_json=True)
    assert line.isprintable()
    assert "ValueError" in json.loads(line)["exception"]


def test_in_a_terminal_nothing_looks_like_a_line_or_steers_it() -> None:
    assert written(is_json=False).isprintable()
    first, *others = failed(is_json=False).split("\n")
    assert first.endswith(" error it failed")
    assert others
    assert all(line.startswith("    ") and line.isprintable() for line in others)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("sent to jana.novak+tea@mail.example.com, ok", "sent to j***@mail.example.com, ok"),
        ("<jörg@bücher.example>", "<j***@bücher.example>"),
        ("key oms_abcdefghijklmnopqrstuvwxyz0123456789", "key oms_***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://oms:geheim@db.example/oms", "postgresql://***@db.example/oms"),
        ('{"password": "geheim"}', '{"password": "***"}'),
        ("GET /x?token=geheim&a=1", "GET /x?token=***&a=1"),
        ("whsec_MfKQ9r8GKYqrTwjU", "whsec_***"),
        ("order A-1001 is paid", "order A-1001 is paid"),
    ],
)
def test_secrets_and_most_of_an_address_are_hidden(said: str, shown: str) -> None:
    assert hidden(said) == shown
    assert json.loads(written(is_json=True, message="%s", value=said, also=said))["also"] == shown


def test_a_long_text_is_cut_and_takes_no_time() -> None:
    assert len(hidden("a" * 1_000_000)) == 20_001
    assert len(hidden("a." * 500_000 + "@")) == 20_001
