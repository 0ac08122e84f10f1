"""Who works, what was deployed when, and how many items stand where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker, and when it last said that it is there."""

    name: str
    queues: tuple[str, ...]  #: that it does; none: all
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """From then on new orders took that version."""

    process: str
    number: int
    at: datetime
    actor: str


BANDS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""Where one age in a state ends and the next begins; the last band has no end."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """So many open items of a process stand in a state."""

    process: str
    state: str
    band: int  #: how long: before `BANDS[band]`
    items: int
    oldest_at: datetime  #: since when the oldest of them does
    counted_at: datetime


class Counts(Protocol):
    """How many open items stand where: counted now and then."""

    def refresh(self, now: datetime, *, every: timedelta) -> bool:
        """Count anew. False: it was done not long ago."""
        ...

    def of(self, store: str) -> list[StateCount]:
        """As they were counted last."""
        ...
