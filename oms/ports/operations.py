"""Who works, what was deployed when, how many items stand where, and what else there is to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from oms.tally import Key


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


@dataclass(frozen=True, slots=True)
class Counted:
    """What a tick counted, and when."""

    at: datetime
    told: str  #: JSON text


@dataclass(frozen=True, slots=True)
class StandingCount:
    """What the invoices of a store come to that stand alike, in minor units, their credit notes taken off."""

    store: str
    currency: str
    state: str  #: a `PaymentState`
    invoices: int
    open_minor: int
    paid_minor: int


class Figures(Protocol):
    """What those read who watch over the shop."""

    def add(self, counts: Mapping[Key, float]) -> None:
        """Happened so many times, by this process, since it said so last."""
        ...

    def sums(self) -> dict[Key, float]:
        """Of all processes, since there is this database."""
        ...

    def keep(self, name: str, told: str, *, at: datetime) -> None:
        """Instead of what was counted before under this name."""
        ...

    def kept(self, name: str) -> Counted | None:
        """What was counted last; None: nobody has counted yet."""
        ...

    def open_jobs(self) -> list[tuple[str, str, int]]:
        """Name, status and how many, of those that are neither done nor dead nor dropped. Count now."""
        ...

    def invoices(self, days: Mapping[str, date]) -> list[StandingCount]:
        """How all invoices stand. Count now; `days` as those of `oms.ports.views.InvoiceFilter.today`."""
        ...

    def open_incidents(self) -> list[tuple[str, int]]:
        """Kind and how many. Count now."""
        ...

    def oldest_message(self) -> datetime | None:
        """When the oldest message of a provider came that still waits; None: none does."""
        ...


BANDS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""Where one age in a state ends and the next begins; the last band has no end."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """So many open items of a process stand in a state."""

    store: str
    process: str
    state: str
    band: int  #: how long: before `BANDS[band]`
    items: int
    oldest_at: datetime  #: since when the oldest of them does
    counted_at: datetime


class Counts(Protocol):
    """How many open items stand where: counted now and then."""

    def taken(self, now: datetime) -> list[StateCount]:
        """Count now. Takes seconds where half a million are open."""
        ...

    def keep(self, counts: Sequence[StateCount], *, at: datetime) -> None:
        """Instead of what was counted before."""
        ...

    def of(self, store: str) -> list[StateCount]:
        """As they were counted last."""
        ...
