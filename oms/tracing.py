"""What is going on in this thread, told along: which request it comes from, which order, event, trigger or job it is about.

Lines of the log say it, triggers and jobs are written with it. Stretches of work (`span`) are told to whoever records them;
unless somebody does, nothing is kept of them. Knows no log, no database and no system that records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

REQUEST, TRACE = "request_id", "traceparent"
"""What leads from a line of the log to the request that began it, here and in other systems (W3C Trace Context)."""

Fact = str | int | float
"""What is said of a span, under a name with dots. Nothing of a customer, and no order's reference: the request's id and the hop lead to the log."""


class Kind(StrEnum):
    """Which part a span plays between systems."""

    #: work of this process alone
    INSIDE = "inside"
    #: it answers somebody
    ANSWERING = "answering"
    #: it asks somebody, and waits for the answer
    ASKING = "asking"
    #: it keeps a promise that was made earlier, elsewhere perhaps
    KEEPING = "keeping"


class Span(Protocol):
    """A stretch of work that is being recorded."""

    @property
    def traceparent(self) -> str:
        """By which others say that they belong to it; empty: they can't."""
        ...

    def note(self, facts: Mapping[str, Fact], *, name: str | None) -> None:
        """Something more is known of it; `name`: what it is called from now on."""
        ...

    def fail(self, kind: str) -> None:
        """It came to nothing, by this kind of error."""
        ...


class Recorder(Protocol):
    """Who is told of spans. It neither raises nor keeps anybody waiting."""

    def begin(self, name: str, facts: Mapping[str, Fact], *, kind: Kind, parent: str | None) -> AbstractContextManager[Span]:
        """A span that ends with the `with`; `parent`: the traceparent to which it belongs."""
        ...

    def flush(self) -> None:
        """Hand over what has ended; not for longer than a few seconds."""
        ...


_RECORDERS: list[Recorder] = []
_NOTHING = nullcontext()
_HERE: ContextVar[Span | None] = ContextVar("span", default=None)
_SAID: ContextVar[Mapping[str, str]] = ContextVar("known", default=MappingProxyType({}))
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


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Inside, and in all threads, it is told of every span that begins."""
    _RECORDERS.append(recorder)
    try:
        yield
    finally:
        _RECORDERS.remove(recorder)


def span(name: str, facts: Mapping[str, Fact] = MappingProxyType({}), *, kind: Kind = Kind.INSIDE) -> AbstractContextManager[None]:
    """A stretch of work. Inside, `traceparent` is its own, so that jobs and calls that come from it belong to it.

    Args:
        name: What such work is called, whichever order it is about.
        facts: What is known at its beginning.
        kind: Its part between systems.
    """
    return _recorded(_RECORDERS[-1], name, facts, kind) if _RECORDERS else _NOTHING


def note(facts: Mapping[str, Fact], *, name: str | None = None) -> None:
    """Say something more of the innermost span, if there is one."""
    if (here := _HERE.get()) is not None:
        here.note(facts, name=name)


def fail(error: BaseException | str) -> None:
    """The innermost span, if there is one, came to nothing. Of an error only its kind is told: its sentence may name somebody."""
    if (here := _HERE.get()) is not None:
        here.fail(error if isinstance(error, str) else type(error).__name__)


def flush() -> None:
    """Before the process is cut off: hand over what has ended."""
    for recorder in _RECORDERS:
        recorder.flush()


@contextmanager
def _recorded(recorder: Recorder, name: str, facts: Mapping[str, Fact], kind: Kind) -> Iterator[None]:
    of_request = {"oms.request_id": said} if (said := request_id()) else {}
    with recorder.begin(name, {**facts, **of_request}, kind=kind, parent=traceparent()) as begun, following(traceparent=begun.traceparent or None):
        token = _HERE.set(begun)
        try:
            yield
        except BaseException as error:
            fail(error)
            raise
        finally:
            _HERE.reset(token)
