"""What is going on in this thread, told along: which request it comes from, which order, event, trigger or job it is about.

Lines of the log say it, triggers and jobs are written with it. Knows no log and no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

REQUEST, TRACE = "request_id", "traceparent"
"""What leads from a line of the log to the request that began it, here and in other systems (W3C Trace Context)."""

_SAID: ContextVar[Mapping[str, str]] = ContextVar("trail", default=MappingProxyType({}))
_REQUEST = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<ids>(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?:-.*)?", re.ASCII)
_LONGEST = 512  # characters of a header: later versions of the standard may add to it


@contextmanager
def following(**said: object) -> Iterator[None]:
    """Inside, everything knows this, too; what is None stays as it was known before."""
    token = _SAID.set({**_SAID.get(), **{name: str(value) for name, value in said.items() if value is not None}})
    try:
        yield
    finally:
        _SAID.reset(token)


def known() -> Mapping[str, str]:
    """All that is known here."""
    return _SAID.get()


def request_id() -> str | None:
    """Of the request that this comes from."""
    return _SAID.get().get(REQUEST)


def traceparent() -> str | None:
    """The trace that this belongs to, as the header of that name."""
    return _SAID.get().get(TRACE)


def sane_request_id(said: str) -> str | None:
    """What a caller calls its request, if that can stand in a log."""
    return said if _REQUEST.fullmatch(said) else None


def sane_traceparent(said: str) -> str | None:
    """What a caller says of its trace, as version 00 writes it; None: it is none, and the standard says to go on as if nothing had been said."""
    found = _TRACE.fullmatch(said) if len(said) <= _LONGEST else None
    if found is None or (said.startswith("00-") and len(said) != len(f"00-{found['ids']}-00")):
        return None
    return f"00-{found['ids']}-{found['flags']}"
