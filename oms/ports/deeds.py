"""Who did what, from where: what is written down of everybody who changes something or is given something. And who stands at the door just now.

A door says who has come (`visit`) and what they mean to do (`Visit.means`); the first transaction that is committed for them holds the deed, too
(`Store.writing`), so that nothing is done that isn't written down, and nothing is written down that wasn't done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

Outcome = Literal["done", "failed", "refused"]
"""It was committed or handed out; the same, but what was asked for failed; it wasn't allowed."""
_FORBIDDEN, _FAULTY = 403, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did, or was not allowed to do."""

    what: str  #: operation of the API (`correctOrder`) or command (`oms key create`)
    actor: str  #: `jana@shop.example`, `key:webshop`, `cli:jana`
    actor_id: int | None = None  #: of the account or the key: names may be given anew
    subject: str = ""  #: on what: `order:A-1001`, `paper:RE-2026-00001`, `key:webshop`, `person:tom@shop.example`
    said: str = ""  #: more exactly: the event, the roles
    store: str | None = None  #: None: of all of them
    outcome: Outcome = "done"
    address: str = ""  #: where it came from
    request_id: str = ""  #: under which answer and log know it


@dataclass(frozen=True, slots=True)
class DeedLine:
    """One that was written down."""

    id: int
    at: datetime
    deed: Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedFilter:
    """Which deeds a list shows, the newest first; None = all."""

    actor: str | None = None
    what: str | None = None
    subjects: tuple[str, ...] | None = None
    store: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  #: those that come after this one in the list
    limit: int = 50


class Deeds(Protocol):
    """What was done. Rows are added, never changed."""

    def add(self, deed: Deed, *, at: datetime) -> None:
        """Write it down."""
        ...

    def list(self, wanted: DeedFilter) -> list[DeedLine]:
        """The newest first."""
        ...


class Visit:
    """Somebody at a door, from their coming to their answer. What is known of them grows meanwhile."""

    __slots__ = ("_address", "_counts", "_deed", "_gives", "_is_kept", "_request_id")

    def __init__(self, *, address: str, request_id: str) -> None:
        self._address, self._request_id = address, request_id
        self._deed: Deed | None = None
        self._counts = self._gives = self._is_kept = False

    def means(self, deed: Deed, *, counts: bool) -> None:
        """What they want. It is written down when something is committed, if it `counts`; and when it isn't allowed, in any case."""
        self._deed, self._counts = self.sign(deed), counts

    def is_given(self) -> None:
        """Their answer hands out what is personal or secret: it is written down, whether anything is committed or not."""
        self._counts = self._gives = True

    def is_about(self, *, subject: str | None, said: str | None) -> None:
        """The same, more exactly."""
        if self._deed is not None:
            subject, said = self._deed.subject if subject is None else subject, self._deed.said if said is None else said
            self._deed = replace(self._deed, subject=subject, said=said)

    def sign(self, deed: Deed) -> Deed:
        """Another deed of the same visit."""
        return replace(deed, address=self._address, request_id=self._request_id)

    @property
    def to_keep(self) -> Deed | None:
        """What is to be written down with the next thing that is committed."""
        return self._deed if self._counts and not self._is_kept else None

    def kept(self) -> None:
        """It is written down."""
        self._is_kept = True

    def at_end(self, status: int) -> Deed | None:
        """What is still to be written down before an answer of this HTTP status leaves."""
        if self._deed is None or status < _FAULTY:
            return self.to_keep if self._gives else None
        if status == _FORBIDDEN:
            return replace(self._deed, outcome="refused")
        return replace(self._deed, outcome="failed") if self._is_kept else None


_VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)


@contextmanager
def visit(*, address: str = "", request_id: str = "") -> Iterator[Visit]:
    """Somebody comes; until the block ends, what is committed is committed for them."""
    token = _VISIT.set(Visit(address=address, request_id=request_id))
    try:
        yield visitor()
    finally:
        _VISIT.reset(token)


def visitor() -> Visit:
    """Who stands at the door; nobody known, if there is no door: a worker, Python."""
    return _VISIT.get() or Visit(address="", request_id="")


def about(subject: str | None = None, *, said: str | None = None) -> None:
    """Say more exactly what the visit is about: on what, and what was said. Before the transaction in which it is done ends."""
    visitor().is_about(subject=subject, said=said)
