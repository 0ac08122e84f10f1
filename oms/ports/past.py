"""What happened to all orders of a store, as a list shows it: who let what happen, and the hops that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastHop:
    """Items that went one way together; some may have tried and failed."""

    source: str | None
    target: str
    error: str | None


@dataclass(frozen=True, slots=True)
class PastLine:
    """One trigger with what came of it."""

    id: int
    at: datetime
    event: str  #: empty: what goes on by itself
    actor: str
    reason: str | None
    reference: str  #: of the order
    version: int  #: of its process
    hops: tuple[PastHop, ...]  #: in their order, each once


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFilter:
    """Which of them, the newest first; None = all."""

    store: str
    event: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None  #: before then
    before: int | None = None  #: those that come after this one in the list
    limit: int = 50
